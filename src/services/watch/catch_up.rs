//! After a gap, everything watched or on the screen is queried again.

use std::collections::HashSet;

use crate::model::ObjectId;
use crate::services::watch::Gap;

/// What is still to be queried because of a gap.
#[derive(Debug)]
pub(super) struct CatchUp {
    gap: Gap,
    left: HashSet<ObjectId>,
    changed: usize,
}

impl CatchUp {
    pub(super) fn new(gap: Gap, left: HashSet<ObjectId>) -> Self {
        Self { gap, left, changed: 0 }
    }

    /// An object was queried.
    pub(super) fn answered(&mut self, id: &ObjectId, changed: bool) {
        let waited_for = self.left.remove(id);
        self.changed += usize::from(waited_for && changed);
    }

    /// Drops what is no longer watched or on the screen.
    pub(super) fn retain(&mut self, wanted: impl Fn(&ObjectId) -> bool) {
        self.left.retain(wanted);
    }

    /// The gap and how many objects had changed, once all have been queried.
    pub(super) fn done(&self) -> Option<(Gap, usize)> {
        self.left.is_empty().then_some((self.gap, self.changed))
    }
}
