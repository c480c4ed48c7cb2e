//! The functions of EQL: one line each in [`ALL`], one small file a family.

use super::ast::Case;

/// A function: its name, what it takes, and what it gives.
#[derive(Debug)]
pub struct Function {
    /// The canonical spelling; queries may write it in any case.
    pub name: &'static str,
    /// Fewest and most arguments; `usize::MAX` for no limit.
    pub arity: (usize, usize),
    /// Whether there is a `~` form.
    pub folds: bool,
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

/// All functions, by name.
pub static ALL: [Function; 16] = [
    Function { name: "add", arity: (2, 2), folds: false },
    Function { name: "between", arity: (3, 4), folds: true },
    Function { name: "cidrMatch", arity: (2, usize::MAX), folds: false },
    Function { name: "concat", arity: (1, usize::MAX), folds: false },
    Function { name: "divide", arity: (2, 2), folds: false },
    Function { name: "endsWith", arity: (2, 2), folds: true },
    Function { name: "indexOf", arity: (2, 3), folds: true },
    Function { name: "length", arity: (1, 1), folds: false },
    Function { name: "modulo", arity: (2, 2), folds: false },
    Function { name: "multiply", arity: (2, 2), folds: false },
    Function { name: "number", arity: (1, 2), folds: false },
    Function { name: "startsWith", arity: (2, 2), folds: true },
    Function { name: "string", arity: (1, 1), folds: false },
    Function { name: "stringContains", arity: (2, 2), folds: true },
    Function { name: "substring", arity: (2, 3), folds: false },
    Function { name: "subtract", arity: (2, 2), folds: false },
];

/// The function of that name, in any case.
#[must_use]
pub fn find(name: &str) -> Option<&'static Function> {
    ALL.iter().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// The function whose name is nearest to `name`, if any is near.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static Function> {
    let distance =
        |function: &&Function| edit_distance(&function.name.to_ascii_lowercase(), &name.to_ascii_lowercase());
    let found = ALL.iter().min_by_key(distance)?;
    (distance(&found) <= found.name.len().div_ceil(3)).then_some(found)
}

fn edit_distance(a: &str, b: &str) -> usize {
    // A name much longer than any function's is near to none; the text is not worth the work.
    if b.len() > 32 {
        return usize::MAX;
    }
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, y) in b.bytes().enumerate() {
            let replaced = corner + usize::from(x != y);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// How a call of `function` is written, for messages.
#[must_use]
pub fn spelling(function: &Function, case: Case) -> String {
    format!("{}{}", function.name, if case == Case::Insensitive { "~" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_any_case_and_near_misses_named() {
        assert_eq!(find("CIDRMATCH").unwrap().name, "cidrMatch");
        assert_eq!(nearest("startWith").unwrap().name, "startsWith");
        assert_eq!(nearest("lenght").unwrap().name, "length");
        assert!(nearest("geoDistance").is_none());
        assert!(nearest(&"x".repeat(100_000)).is_none());
    }
}
