//! `| head n | tail n`.

use super::ast::Pipe;

/// The pipes of a query, in the order written. Elasticsearch returns ten results if there are none;
/// offline there is no such limit.
#[derive(Clone, Debug, Default)]
pub struct Pipes(Vec<Pipe>);

impl Pipes {
    pub(super) fn new(pipes: impl Iterator<Item = Pipe>) -> Self {
        Self(pipes.collect())
    }

    /// Whether everything is kept.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What is kept of `results`, which are in order.
    #[must_use]
    pub fn apply<T>(&self, mut results: Vec<T>) -> Vec<T> {
        for pipe in &self.0 {
            match *pipe {
                Pipe::Head(count) => results.truncate(usize::try_from(count).unwrap_or(usize::MAX)),
                Pipe::Tail(count) => {
                    let kept = usize::try_from(count).unwrap_or(usize::MAX);
                    results.drain(..results.len().saturating_sub(kept));
                }
            }
        }
        results
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pipes_apply_one_after_the_other() {
        let pipes = Pipes::new([Pipe::Head(4), Pipe::Tail(2)].into_iter());
        assert_eq!(pipes.apply((1..10).collect()), [3, 4]);
        assert_eq!(Pipes::new([Pipe::Tail(u64::MAX)].into_iter()).apply(vec![1]), [1]);
    }
}
