//! Which objects are watched, and when that is reported.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::Watched;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::watch::schedule::Schedule;
use crate::services::watch::{Watch, Watching};

/// Reported at most this often.
const REPORT_EVERY: Duration = Duration::from_secs(1);
/// If only the times change, reports of many objects are rarer: this much longer for each object.
const FOR_EACH: Duration = Duration::from_micros(500);

/// A change of the ledger's watches. Changes run one after the other, so that the last one stands.
#[derive(Debug)]
pub(super) enum WatchUpdate {
    Read,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
}

#[derive(Debug, Default)]
pub(super) struct WatchSet {
    pub objects: HashMap<ObjectId, Watch>,
    pub paused: Option<Timestamp>,
    updates: VecDeque<WatchUpdate>,
    updating: bool,
    /// No longer watched according to the ledger, but being queried: it may be final, which is to be reported.
    doubted: HashSet<ObjectId>,
    /// What has changed since the last report: which objects, or only their times.
    changed: bool,
    times_changed: bool,
    reported_at: Option<Instant>,
}

impl WatchSet {
    pub(super) fn queue(&mut self, update: WatchUpdate) {
        self.updates.push_back(update);
    }

    /// The next update, unless one is in progress.
    pub(super) fn next_update(&mut self) -> Option<WatchUpdate> {
        if self.updating {
            return None;
        }
        let update = self.updates.pop_front();
        self.updating = update.is_some();
        update
    }

    pub(super) fn updated(&mut self) {
        self.updating = false;
    }

    /// Updates from the ledger's list of watched objects. New ones wait for their turn in the schedule.
    pub(super) fn take_in(&mut self, watched: Vec<Watched>, schedule: &mut Schedule, now: Instant, wall: Timestamp) {
        let listed: HashSet<&ObjectId> = watched.iter().map(|one| &one.row.id).collect();
        let gone: Vec<ObjectId> = self.objects.keys().filter(|id| !listed.contains(id)).cloned().collect();
        self.doubted.retain(|id| !listed.contains(id));
        for id in gone {
            if schedule.is_being_asked(&id) {
                self.doubted.insert(id);
            } else {
                self.end(&id, schedule);
            }
        }
        for Watched { row, why, since, changed_at } in watched {
            // The list may be from before it ended.
            if self.objects.contains_key(&row.id) || schedule.is_final(&row.id) {
                continue;
            }
            let quiet = changed_at.and_then(|at| Duration::try_from(wall - at).ok()).unwrap_or_default();
            schedule.watch(&row.id, quiet, now);
            self.objects.insert(row.id, Watch { why, since, changed_at, due: wall });
            self.changed = true;
        }
    }

    /// Requests a report.
    pub(super) fn change(&mut self) {
        self.changed = true;
    }

    /// A watched object was queried.
    pub(super) fn answered(&mut self, id: &ObjectId, changed_at: Option<Timestamp>, schedule: &mut Schedule) {
        let Some(watch) = self.objects.get_mut(id) else { return };
        watch.changed_at = changed_at.or(watch.changed_at);
        self.times_changed = true;
        if self.doubted.remove(id) {
            self.end(id, schedule);
        }
    }

    /// Stops watching it. False if it was not watched.
    pub(super) fn end(&mut self, id: &ObjectId, schedule: &mut Schedule) -> bool {
        schedule.unwatch(id);
        self.doubted.remove(id);
        let ended = self.objects.remove(id).is_some();
        self.changed |= ended;
        ended
    }

    /// What is watched, if it is to be reported now; and when to check again.
    pub(super) fn report(&mut self, schedule: &Schedule, now: Instant) -> (Option<Watching>, Option<Instant>) {
        if !self.changed && !self.times_changed {
            return (None, None);
        }
        let each = FOR_EACH.saturating_mul(u32::try_from(self.objects.len()).unwrap_or(u32::MAX));
        let pause = if self.changed { REPORT_EVERY } else { REPORT_EVERY + each };
        if let Some(next) = self.reported_at.map(|at| at + pause).filter(|next| *next > now) {
            return (None, Some(next));
        }
        (self.changed, self.times_changed, self.reported_at) = (false, false, Some(now));
        let wall = Timestamp::now_utc();
        let at = |due: Instant| match due.checked_duration_since(now) {
            Some(ahead) => wall + ahead,
            None => wall - (now - due),
        };
        for (id, watch) in &mut self.objects {
            watch.due = schedule.due(id).map_or(wall, at);
        }
        let next = schedule.next_watched().map(|(id, due)| (id.clone(), at(due)));
        (Some(Watching { objects: self.objects.clone(), next, paused: self.paused }), None)
    }
}
