//! The order of the `version` field type: Semantic Versioning, with any number of parts.

use std::cmp::Ordering;

/// A version. What is none sorts behind all that are, as text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::eql) enum Version {
    Valid { numbers: Vec<String>, prerelease: Vec<Part>, text: String },
    Other(String),
}

/// An identifier of a pre-release; numbers come before words.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::eql) enum Part {
    /// Length first, so that digits of any length compare as numbers.
    Number(usize, String),
    Word(String),
}

impl Version {
    pub(in crate::eql) fn parse(text: &str) -> Self {
        let release = text.split_once('+').map_or(text, |(release, _build)| release);
        let (numbers, prerelease) = match release.split_once('-') {
            Some((numbers, prerelease)) => (numbers, Some(prerelease)),
            None => (release, None),
        };
        let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
        if !numbers.split('.').all(is_number) {
            return Version::Other(text.to_owned());
        }
        let plain = |part: &str| part.trim_start_matches('0').to_owned();
        let part = |part: &str| {
            if is_number(part) {
                Part::Number(plain(part).len(), plain(part))
            } else {
                Part::Word(part.to_owned())
            }
        };
        Version::Valid {
            numbers: numbers.split('.').map(plain).collect(),
            prerelease: prerelease.into_iter().flat_map(|rest| rest.split('.')).map(part).collect(),
            text: text.to_owned(),
        }
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (
                Version::Valid { numbers: a, prerelease: p, text: s },
                Version::Valid { numbers: b, prerelease: q, text: t },
            ) => {
                // Without leading zeros the longer number is the greater one.
                let sized = |number: &String| (number.len(), number.clone());
                a.iter()
                    .map(sized)
                    .cmp(b.iter().map(sized))
                    // A release comes behind its pre-releases.
                    .then_with(|| p.is_empty().cmp(&q.is_empty()))
                    .then_with(|| p.cmp(q))
                    .then_with(|| s.cmp(t))
            }
            (Version::Valid { .. }, Version::Other(_)) => Ordering::Less,
            (Version::Other(_), Version::Valid { .. }) => Ordering::Greater,
            (Version::Other(a), Version::Other(b)) => a.cmp(b),
        }
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_sort_as_elasticsearch_sorts_them() {
        let sorted = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.b",
            "1.0.0",
            "1.2.3",
            "1.10",
            "2.0.0",
            "20.2.0",
            "20.10.0",
            "x.y",
        ];
        for pair in sorted.windows(2) {
            assert!(Version::parse(pair[0]) < Version::parse(pair[1]), "{pair:?}");
        }
    }
}
