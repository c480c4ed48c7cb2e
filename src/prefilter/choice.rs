//! Chooses what to look for.

use super::Needle;
use crate::eql::Requirement;

/// A clause with more alternatives than this is not worth its scan.
const MOST_ALTERNATIVES: usize = 4096;

/// Needles of which every matching record contains at least one, chosen so that as few other records as
/// possible do; `None` when the requirement names none.
#[must_use]
pub fn best_clause(requirement: &Requirement) -> Option<Vec<Needle>> {
    match requirement {
        Requirement::Nothing => None,
        Requirement::Text(text) => Needle::of(text).map(|needle| vec![needle]),
        Requirement::All(parts) => {
            parts.iter().filter_map(best_clause).min_by(|a, b| cost(a).total_cmp(&cost(b)))
        }
        Requirement::Any(parts) => {
            let clauses: Option<Vec<_>> = parts.iter().map(best_clause).collect();
            let clause = clauses?.concat();
            (clause.len() <= MOST_ALTERNATIVES).then_some(clause)
        }
    }
}

fn cost(clause: &[Needle]) -> f64 {
    clause.iter().map(Needle::share).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rarest_clause_is_chosen_and_an_open_alternative_leaves_none() {
        let text = |text: &str| Requirement::Text(text.to_owned());
        let both = Requirement::All(vec![text("exe"), text("ScreenConnect.Service.exe"), text("event")]);
        assert_eq!(best_clause(&both), Some(vec![Needle::of("screenconnect.service.exe").unwrap()]));
        assert_eq!(best_clause(&Requirement::Any(vec![text("abc"), text("\\")])), None);
    }
}
