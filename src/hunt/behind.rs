//! Lets go of the pages that lie behind the hunt.
//!
//! Units end within pages, and a unit's reading brings pages of its neighbours to memory. So no unit can let go of all
//! that it read; but what lies behind the one at the front of the line is read by none.

use std::ops::Range;
use std::sync::Arc;

use super::unit::Source;

/// How many bytes may lie behind before they are let go of: a call to the kernel for each unit would cost more.
const MOST: usize = 4 << 20;

/// Bytes of a source that lie behind.
#[derive(Default)]
pub(super) struct Behind {
    pages: Option<(Arc<Source>, Range<usize>)>,
}

impl Behind {
    /// All units were folded up to this one, which covers `range` of `source`.
    pub(super) fn add(&mut self, source: Arc<Source>, range: Range<usize>) {
        let range = match self.pages.take() {
            // What lies between two units was skipped over.
            Some((last, pages)) if last.index == source.index && pages.start <= range.start => {
                pages.start..pages.end.max(range.end)
            }
            last => {
                last.iter().for_each(release);
                range
            }
        };
        let pages = (source, range);
        if pages.1.len() < MOST {
            self.pages = Some(pages);
        } else {
            release(&pages);
        }
    }
}

fn release((source, range): &(Arc<Source>, Range<usize>)) {
    if let Some(mapping) = &source.mapping {
        mapping.release(range.clone());
    }
}
