//! Which rules a hunt runs.

use std::path::PathBuf;

use clap::Parser;

use super::message;
use super::report::Colouring;
use crate::event::Documents;
use crate::hunt::{BadQuery, Engine, Filtering};
use crate::rule::{Rule, RuleSet};

/// The options that choose rules.
#[derive(Debug, Clone, Parser)]
pub(super) struct Selection {
    /// Elastic rule files, and folders of them [default: the bundled ScreenConnect rules].
    #[arg(short, long, num_args = 1.., value_name = "FILE|FOLDER")]
    rules: Vec<PathBuf>,

    /// Hunt with this EQL query.
    #[arg(long, value_name = "EQL")]
    query: Option<String>,
}

impl Selection {
    /// Loads the rules; `None` when one of them is wrong, and then it has been said what and where.
    pub(super) fn load(&self, colouring: Colouring) -> Option<RuleSet> {
        if self.rules.is_empty() && self.query.is_none() {
            return Some(RuleSet::bundled());
        }
        let (set, mut errors) = RuleSet::load(&self.rules);
        let (set, doubles) =
            RuleSet::new(set.rules.into_iter().chain(self.query.as_deref().map(Rule::from_query)).collect());
        errors.extend(doubles);
        for error in &errors {
            message::show(&error.draw(colouring.stderr));
        }
        errors.is_empty().then_some(set)
    }
}

/// Compiles the rules; `None` when a query is wrong, and then it has been said what and where.
pub(super) fn compile(
    set: &RuleSet,
    filtering: Filtering,
    documents: Documents,
    colouring: Colouring,
) -> Option<Engine> {
    match Engine::new(set, filtering, documents) {
        Ok(engine) => Some(engine),
        Err(bad) => {
            bad.iter().for_each(|bad| draw(set, bad, colouring));
            None
        }
    }
}

fn draw(set: &RuleSet, bad: &BadQuery, colouring: Colouring) {
    let rule = &set.rules[bad.rule];
    for diagnostic in &bad.diagnostics {
        let excerpt = rule.excerpt(diagnostic.span.range());
        let help = diagnostic.help.as_deref().unwrap_or_default();
        message::show(&excerpt.draw(&diagnostic.message, help, colouring.stderr));
    }
}
