//! Objects in the order in which they are due.

use std::collections::BTreeMap;

use tokio::time::Instant;

use crate::model::ObjectId;

/// The earliest first; of those due at the same time the older entry.
#[derive(Debug, Default)]
pub(super) struct WaitingLine(BTreeMap<(Instant, u64), ObjectId>);

impl WaitingLine {
    pub(super) fn insert(&mut self, due: Instant, key: u64, id: ObjectId) {
        self.0.insert((due, key), id);
    }

    pub(super) fn remove(&mut self, due: Instant, key: u64) {
        self.0.remove(&(due, key));
    }

    pub(super) fn first(&self) -> Option<(&ObjectId, Instant)> {
        self.0.first_key_value().map(|((due, _), id)| (id, *due))
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.first().is_some_and(|(_, due)| due <= now)
    }

    /// How many are due.
    pub(super) fn due(&self, now: Instant) -> usize {
        self.0.range(..=(now, u64::MAX)).count()
    }

    pub(super) fn pop(&mut self) -> Option<ObjectId> {
        self.0.pop_first().map(|(_, id)| id)
    }
}
