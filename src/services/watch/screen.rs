//! What is on the screen: before its rows are queried, the ledger is asked what it knows of them, so that a page of
//! settled or fresh rows costs no request.

use std::time::Duration;

use crate::ledger::{LastSeen, LedgerError};
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::Runner;
use crate::services::watch::schedule::{KnownBefore, Schedule};

/// The screen that the schedule is to follow.
#[derive(Debug, Default)]
pub(super) struct ScreenRows {
    /// The latest one, until it is read.
    wanted: Option<Vec<ObjectId>>,
    /// The ledger is being read; the next reading follows it.
    reading: bool,
}

impl ScreenRows {
    /// The screen shows these now. Returns them if the ledger need not be read for them.
    pub(super) fn turn_to(&mut self, visible: Vec<ObjectId>, schedule: &Schedule) -> Option<Vec<ObjectId>> {
        if self.reading || !visible.iter().all(|id| schedule.is_known(id)) {
            self.wanted = Some(visible);
            return None;
        }
        self.wanted = None;
        Some(visible)
    }

    /// Objects to read from the ledger now.
    pub(super) fn next(&mut self) -> Option<Vec<ObjectId>> {
        let next = if self.reading { None } else { self.wanted.take() };
        self.reading |= next.is_some();
        next
    }

    /// They have been read. True if the screen still shows them.
    pub(super) fn has_read(&mut self) -> bool {
        self.reading = false;
        self.wanted.is_none()
    }
}

/// Reads what the ledger knows of a screen's objects.
pub(super) async fn read_last_seen(
    runner: Runner,
    visible: Vec<ObjectId>,
) -> (Vec<ObjectId>, Result<Vec<(ObjectId, LastSeen)>, LedgerError>) {
    let (profile, ids) = (runner.actor.key.clone(), visible.clone());
    let seen = runner.ledger.run(move |ledger| ledger.last_seen(&profile, &ids)).await;
    (visible, seen)
}

/// The same as the schedule counts it: in times from now.
pub(super) fn known_before(seen: &LastSeen, wall: Timestamp) -> KnownBefore {
    let from = |earlier: Timestamp, later: Timestamp| Duration::try_from(later - earlier).unwrap_or_default();
    KnownBefore {
        age: from(seen.verified_at, wall),
        quiet: seen.changed_at.map(|changed_at| from(changed_at, seen.verified_at)),
        is_final: seen.is_final,
    }
}
