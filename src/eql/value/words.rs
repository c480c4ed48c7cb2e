//! Lists of strings, looked up by length and then by halving.

use std::cmp::Ordering;

use crate::eql::ast::Case;

/// So many are compared one by one: most differ in their first byte.
const FEW: usize = 8;

/// A sorted list of strings.
#[derive(Clone, Debug)]
pub(in crate::eql) struct Words {
    words: Box<[Box<str>]>,
    case: Case,
}

impl Words {
    pub(in crate::eql) fn new<'w>(words: impl Iterator<Item = &'w str>, case: Case) -> Self {
        let mut words: Vec<Box<str>> = words.map(Box::from).collect();
        words.sort_unstable_by(|a, b| compare(a, b, case));
        words.dedup_by(|a, b| compare(a, b, case) == Ordering::Equal);
        Self { words: words.into(), case }
    }

    pub(in crate::eql) fn is_empty(&self) -> bool {
        self.words.is_empty()
    }

    pub(in crate::eql) fn iter(&self) -> impl Iterator<Item = &str> {
        self.words.iter().map(AsRef::as_ref)
    }

    pub(in crate::eql) fn contains(&self, text: &str) -> bool {
        let longer = &self.words[self.words.partition_point(|word| word.len() < text.len())..];
        let alike = &longer[..longer.partition_point(|word| word.len() == text.len())];
        match self.case {
            Case::Insensitive if alike.len() <= FEW => {
                alike.iter().any(|word| word.eq_ignore_ascii_case(text))
            }
            case => alike.binary_search_by(|word| compare(word, text, case)).is_ok(),
        }
    }
}

/// Most texts are told apart by their length alone.
fn compare(a: &str, b: &str, case: Case) -> Ordering {
    a.len().cmp(&b.len()).then_with(|| match case {
        Case::Sensitive => a.cmp(b),
        Case::Insensitive => a
            .bytes()
            .map(|byte| byte.to_ascii_lowercase())
            .cmp(b.bytes().map(|byte| byte.to_ascii_lowercase())),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn case_is_folded_in_ascii_only() {
        let words = Words::new(["Cmd.EXE", "\u{c4}rger", "k"].into_iter(), Case::Insensitive);
        assert!(words.contains("cmd.exe") && words.contains("\u{c4}RGER"));
        assert!(!words.contains("\u{e4}rger") && !words.contains("\u{212a}"));
        assert!(!Words::new(["Cmd.exe"].into_iter(), Case::Sensitive).contains("cmd.exe"));
    }
}
