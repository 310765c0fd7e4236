//! Outcomes that could not be written to the journal: kept as long as the process lives, and written as soon as that is
//! possible. If the process ends before, the entry is still open in the next one, which queries the object.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use time::OffsetDateTime;

use crate::ledger::{Conclusion, LedgerError};
use crate::sync::lock;

/// An outcome that is known here and not in the journal.
#[derive(Clone, Debug)]
pub struct PendingConclusion {
    pub journal: i64,
    pub at: OffsetDateTime,
    pub conclusion: Conclusion,
    pub error: Arc<LedgerError>,
}

/// All of them, by their entries.
#[derive(Clone, Debug, Default)]
pub(crate) struct PendingConclusions(Arc<Mutex<BTreeMap<i64, PendingConclusion>>>);

impl PendingConclusions {
    /// Keeps the latest outcome of an entry.
    pub(crate) fn keep(&self, unwritten: PendingConclusion) {
        self.map().insert(unwritten.journal, unwritten);
    }

    pub(crate) fn forget(&self, journal: i64) {
        self.map().remove(&journal);
    }

    pub(crate) fn get(&self, journal: i64) -> Option<PendingConclusion> {
        self.map().get(&journal).cloned()
    }

    pub(crate) fn all(&self) -> Vec<PendingConclusion> {
        self.map().values().cloned().collect()
    }

    fn map(&self) -> MutexGuard<'_, BTreeMap<i64, PendingConclusion>> {
        lock(&self.0)
    }
}
