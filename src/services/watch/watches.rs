//! Which objects are watched, and what is told of that.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::Watched;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::watch::schedule::Schedule;
use crate::services::watch::{Watch, Watching};

/// Told at most this often.
const TOLD_EVERY: Duration = Duration::from_secs(1);
/// While only the times change, of many objects more rarely: so much longer for each of them.
const FOR_EACH: Duration = Duration::from_micros(500);

/// Something to be done with the ledger's watches. One after the other, so that the last wish stands.
#[derive(Debug)]
pub enum Wish {
    Read,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
}

#[derive(Debug, Default)]
pub struct Watches {
    pub objects: HashMap<ObjectId, Watch>,
    pub paused: Option<Timestamp>,
    wishes: VecDeque<Wish>,
    granting: bool,
    /// Not watched any more as the ledger says, but being asked about: it may have ended, which is to be told.
    doubted: HashSet<ObjectId>,
    /// What has changed since it was told: which objects, or only their times.
    changed: bool,
    stirred: bool,
    told_at: Option<Instant>,
}

impl Watches {
    pub fn wish(&mut self, wish: Wish) {
        self.wishes.push_back(wish);
    }

    /// The next wish, unless one is being granted.
    pub fn next_wish(&mut self) -> Option<Wish> {
        if self.granting {
            return None;
        }
        let wish = self.wishes.pop_front();
        self.granting = wish.is_some();
        wish
    }

    pub fn granted(&mut self) {
        self.granting = false;
    }

    /// Takes in what the ledger says is watched. Those that are new wait for their turn in the schedule.
    pub fn take_in(&mut self, watched: Vec<Watched>, schedule: &mut Schedule, now: Instant, wall: Timestamp) {
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

    /// Notes that it is to be told, whatever it is.
    pub fn change(&mut self) {
        self.changed = true;
    }

    /// A watched object was asked about.
    pub fn heard(&mut self, id: &ObjectId, changed_at: Option<Timestamp>, schedule: &mut Schedule) {
        let Some(watch) = self.objects.get_mut(id) else { return };
        watch.changed_at = changed_at.or(watch.changed_at);
        self.stirred = true;
        if self.doubted.remove(id) {
            self.end(id, schedule);
        }
    }

    /// It is not watched any more. False if it was not.
    pub fn end(&mut self, id: &ObjectId, schedule: &mut Schedule) -> bool {
        schedule.unwatch(id);
        self.doubted.remove(id);
        let ended = self.objects.remove(id).is_some();
        self.changed |= ended;
        ended
    }

    /// What is watched, if it is to be told now; and when to look again.
    pub fn tell(&mut self, schedule: &Schedule, now: Instant) -> (Option<Watching>, Option<Instant>) {
        if !self.changed && !self.stirred {
            return (None, None);
        }
        let each = FOR_EACH.saturating_mul(u32::try_from(self.objects.len()).unwrap_or(u32::MAX));
        let pause = if self.changed { TOLD_EVERY } else { TOLD_EVERY + each };
        if let Some(next) = self.told_at.map(|at| at + pause).filter(|next| *next > now) {
            return (None, Some(next));
        }
        (self.changed, self.stirred, self.told_at) = (false, false, Some(now));
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
