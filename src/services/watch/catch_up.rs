//! After a time during which nothing could be seen, everything that somebody waits for is asked about again.

use std::collections::HashSet;

use crate::model::ObjectId;
use crate::services::watch::Gap;

/// What is still to be asked about because of a gap.
#[derive(Debug)]
pub struct CatchUp {
    gap: Gap,
    left: HashSet<ObjectId>,
    changed: usize,
}

impl CatchUp {
    pub fn new(gap: Gap, left: HashSet<ObjectId>) -> Self {
        Self { gap, left, changed: 0 }
    }

    /// An object was asked about.
    pub fn heard(&mut self, id: &ObjectId, changed: bool) {
        let waited_for = self.left.remove(id);
        self.changed += usize::from(waited_for && changed);
    }

    /// Lets go of what nobody waits for any more.
    pub fn retain(&mut self, wanted: impl Fn(&ObjectId) -> bool) {
        self.left.retain(wanted);
    }

    /// The gap and how many objects had changed, once all have been asked about.
    pub fn done(&self) -> Option<(Gap, usize)> {
        self.left.is_empty().then_some((self.gap, self.changed))
    }
}
