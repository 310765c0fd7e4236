//! When each object is queried next: pure, with the time as an argument. Objects that a user requested, an action
//! touched or a notification names come first, then those on the screen, then those watched, then those that the ledger
//! lists as due. An object that is passed over for long has a turn in any case, so that none starves.

mod entry;
mod line;
#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::ObjectId;
use crate::services::watch::schedule::entry::ScheduleEntry;
use crate::services::watch::schedule::line::WaitingLine;

pub(super) use crate::services::watch::schedule::entry::{KnownBefore, QueryResult};

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Query this one, which now counts as in flight.
    Ask(ObjectId),
    /// Ask the ledger what is due, and call [`Schedule::refill`].
    Refill,
    /// Nothing before this time; `None`: nothing until the schedule is changed.
    Rest(Option<Instant>),
}

/// What [`Schedule::next`] would return.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NextDue {
    Ask,
    Refill,
    Rest(Option<Instant>),
}

/// The classes of objects, the most urgent first.
const URGENT: usize = 0;
const VISIBLE: usize = 1;
const WATCHED: usize = 2;
const DUE: usize = 3;

/// How many turns a class with waiting objects yields to others: it has one turn of four; objects that are only due,
/// one of sixteen.
const PATIENCE: [u32; 4] = [0, 3, 3, 15];

/// The objects of a session and their turns.
#[derive(Debug, Default)]
pub(super) struct Schedule {
    entries: HashMap<ObjectId, ScheduleEntry>,
    /// Numbers the entries: equal times are served in the order in which the objects became known here.
    keys: u64,
    urgent: VecDeque<ObjectId>,
    visible: HashSet<ObjectId>,
    on_screen: WaitingLine,
    watched: WaitingLine,
    watches: usize,
    /// What the ledger listed as due.
    batch: VecDeque<ObjectId>,
    refill: Refill,
    /// Turns that each class has yielded.
    passed: [u32; 4],
    in_flight: usize,
    paused: bool,
}

/// When the ledger is to be asked what is due.
#[derive(Debug, Default)]
enum Refill {
    /// Never: only objects that are named here are queried.
    Off,
    #[default]
    Now,
    /// It is being read; true if numbers became known meanwhile: its answer may be from before.
    Asked(bool),
    At(Instant),
    /// When numbers become known.
    OnNews,
}

/// An answer this recent may not be in the ledger yet.
const JUST: Duration = Duration::from_secs(2);
/// The shortest pause between two reads of the ledger that find nothing new.
const AGAIN: Duration = Duration::from_secs(1);
/// Entries kept for objects neither watched nor on the screen: an object that was queried in this run and is final is
/// not queried again only because it comes on the screen.
const REMEMBERED: usize = 10_000;

impl Schedule {
    /// A schedule that queries only the objects it is given to watch.
    pub(super) fn without_ledger() -> Self {
        Self { refill: Refill::Off, ..Self::default() }
    }

    /// What is on the screen now.
    pub(super) fn look(&mut self, visible: Vec<ObjectId>, now: Instant) {
        let visible: HashSet<ObjectId> = visible.into_iter().collect();
        let before = std::mem::replace(&mut self.visible, visible.clone());
        for id in before.difference(&visible) {
            self.change(id, |entry| entry.visible = false);
        }
        for id in visible.difference(&before) {
            self.add(id, now);
            self.change(id, |entry| entry.visible = true);
        }
    }

    /// True if it was queried in this run, or what the ledger knows of it was taken in.
    pub(super) fn is_known(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(ScheduleEntry::is_known)
    }

    /// Takes what the ledger knows of an object that comes on the screen.
    pub(super) fn know(&mut self, id: &ObjectId, known: KnownBefore, now: Instant) {
        self.add(id, now);
        self.change(id, |entry| entry.know(known, now));
    }

    /// An object is seen for the first time; it says that it has been as it is for this long.
    pub(super) fn first_seen(&mut self, id: &ObjectId, quiet: Duration, now: Instant) {
        self.change(id, |entry| entry.be_quiet(quiet, now));
    }

    /// True if something urgent waits.
    pub(super) fn is_urgent(&self) -> bool {
        !self.urgent.is_empty()
    }

    /// Queries these before everything else; one in flight once more.
    pub(super) fn prioritise(&mut self, ids: impl IntoIterator<Item = ObjectId>, now: Instant) {
        for id in ids {
            self.add(&id, now);
            let waits = self.entries.get(&id).is_some_and(|entry| entry.urgent || entry.in_flight);
            self.change(&id, |entry| entry.urgent = true);
            if !waits {
                self.urgent.push_back(id);
            }
        }
    }

    /// Watches an object whose document has been the same for this time; it is queried in its class's next turn.
    pub(super) fn watch(&mut self, id: &ObjectId, quiet: Duration, now: Instant) {
        self.add(id, now);
        let new = self.entries.get(id).is_some_and(|entry| !entry.watched);
        self.watches += usize::from(new);
        self.change(id, |entry| {
            entry.watched = true;
            entry.be_quiet(quiet, now);
            entry.recheck(now);
        });
    }

    pub(super) fn unwatch(&mut self, id: &ObjectId) {
        let old = self.entries.get(id).is_some_and(|entry| entry.watched);
        self.watches -= usize::from(old);
        self.change(id, |entry| entry.watched = false);
    }

    /// Queries everything watched or on the screen that may still change, except one. Returns which these are.
    pub(super) fn recheck(&mut self, now: Instant, but: Option<&ObjectId>) -> HashSet<ObjectId> {
        let open = |(id, entry): (&ObjectId, &ScheduleEntry)| entry.is_open().then(|| id.clone());
        let ids: HashSet<ObjectId> = self.entries.iter().filter_map(open).collect();
        for id in ids.iter().filter(|id| but != Some(id)) {
            self.change(id, |entry| entry.recheck(now));
        }
        ids
    }

    /// True if it is watched or on the screen, and may still change.
    pub(super) fn is_open(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(ScheduleEntry::is_open)
    }

    /// True if each answer is to be reported: the object is on the screen, was requested, or failed before.
    pub(super) fn is_reported(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.visible || entry.asked_for || entry.has_failed())
    }

    /// True if it is watched or on the screen.
    pub(super) fn is_waited_for(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.visible || entry.watched)
    }

    /// How many are watched or on the screen, at most.
    pub(super) fn waited_for(&self) -> usize {
        self.watches + self.visible.len()
    }

    /// True if its last answer in this run was final.
    pub(super) fn is_final(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(ScheduleEntry::is_final)
    }

    /// True if a query is in flight, or an urgent one waits.
    pub(super) fn is_being_asked(&self, id: &ObjectId) -> bool {
        self.entries.get(id).is_some_and(|entry| entry.in_flight || entry.urgent)
    }

    /// When a watched object is due. One that is in flight, or final, has no time.
    pub(super) fn due(&self, id: &ObjectId) -> Option<Instant> {
        self.entries.get(id).and_then(ScheduleEntry::due)
    }

    /// Which watched object is queried next.
    pub(super) fn next_watched(&self) -> Option<(&ObjectId, Instant)> {
        let seen = self.visible.iter().filter_map(|id| {
            let entry = self.entries.get(id).filter(|entry| entry.watched && !entry.in_flight)?;
            Some((id, entry.due()?))
        });
        seen.chain(self.watched.first()).min_by_key(|(_, due)| *due)
    }

    pub(super) fn watches(&self) -> usize {
        self.watches
    }

    /// Nothing is queried by itself while paused; urgent objects are.
    pub(super) fn pause(&mut self, paused: bool) {
        self.paused = paused;
    }

    /// Numbers became known: the ledger is read again for what is due.
    pub(super) fn learned(&mut self) {
        self.refill = match self.refill {
            Refill::Off => Refill::Off,
            Refill::Asked(_) => Refill::Asked(true),
            _ => Refill::Now,
        };
    }

    /// Takes the ledger's list of what is due, and when more is.
    pub(super) fn refill(&mut self, due: Vec<ObjectId>, next: Option<Instant>, now: Instant) {
        let known_since = matches!(self.refill, Refill::Asked(true));
        let waiting = |id: &ObjectId| {
            let others = |entry: &ScheduleEntry| {
                entry.in_flight || entry.visible || entry.watched || entry.was_answered(JUST, now)
            };
            !self.entries.get(id).is_some_and(others)
        };
        let found = due.len();
        self.batch = due.into_iter().filter(waiting).collect();
        // Objects that were queried already are listed again until their answer is in the ledger.
        let nothing_new = found > 0 && self.batch.is_empty();
        let least = if nothing_new { now + AGAIN } else { now };
        self.refill = match next {
            _ if known_since || nothing_new => Refill::At(least),
            Some(next) => Refill::At(next.max(least)),
            // More may be due than was read at once.
            None if found > 0 => Refill::At(least),
            None => Refill::OnNews,
        };
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many are due and wait for their turn.
    pub(super) fn queued(&self, now: Instant) -> usize {
        self.urgent.len() + self.on_screen.due(now) + self.watched.due(now) + self.batch.len()
    }

    /// Whether an object could be queried now, without choosing it.
    pub(super) fn peek(&mut self, now: Instant) -> NextDue {
        if !self.paused && self.batch.is_empty() && self.is_refill_due(now) {
            return NextDue::Refill;
        }
        if self.due_classes(now).contains(&true) { NextDue::Ask } else { NextDue::Rest(self.wake()) }
    }

    /// The next object. One query at a time for each object.
    pub(super) fn next(&mut self, now: Instant) -> Slot {
        match self.peek(now) {
            NextDue::Refill => {
                self.refill = Refill::Asked(false);
                return Slot::Refill;
            }
            NextDue::Rest(until) => return Slot::Rest(until),
            NextDue::Ask => {}
        }
        let due = self.due_classes(now);
        let id = match self.pick(due) {
            Some(URGENT) => self.urgent.pop_front(),
            Some(VISIBLE) => self.on_screen.pop(),
            Some(WATCHED) => self.watched.pop(),
            Some(_) => self.batch.pop_front(),
            None => None,
        };
        id.map_or(Slot::Rest(None), |id| self.take(id, now))
    }

    fn due_classes(&mut self, now: Instant) -> [bool; 4] {
        let awake = !self.paused;
        [
            !self.urgent.is_empty(),
            awake && self.on_screen.is_due(now),
            awake && self.watched.is_due(now),
            awake && self.has_batch(),
        ]
    }

    /// The first class that is due, unless another has been passed over for long enough.
    fn pick(&mut self, due: [bool; 4]) -> Option<usize> {
        let first = due.iter().position(|due| *due)?;
        let overdue = |class: &usize| due[*class] && self.passed[*class] >= PATIENCE[*class];
        let class = (first + 1..=DUE).find(overdue).unwrap_or(first);
        for (other, passed) in self.passed.iter_mut().enumerate() {
            *passed = if other == class || !due[other] { 0 } else { *passed + 1 };
        }
        Some(class)
    }

    fn is_refill_due(&self, now: Instant) -> bool {
        match self.refill {
            Refill::Now => true,
            Refill::At(at) => at <= now,
            Refill::Off | Refill::Asked(_) | Refill::OnNews => false,
        }
    }

    /// Removes from the batch what is in another class by now.
    fn has_batch(&mut self) -> bool {
        while let Some(id) = self.batch.front() {
            let entry = self.entries.get(id);
            if entry.is_none_or(|entry| !entry.in_flight && !entry.visible && !entry.watched && !entry.urgent) {
                return true;
            }
            self.batch.pop_front();
        }
        false
    }

    /// When there is something to query that is not queried now.
    fn wake(&self) -> Option<Instant> {
        if self.paused {
            return None;
        }
        let refill = match self.refill {
            Refill::At(at) if self.batch.is_empty() => Some(at),
            _ => None,
        };
        let first = |line: &WaitingLine| line.first().map(|(_, due)| due);
        [refill, first(&self.on_screen), first(&self.watched)].into_iter().flatten().min()
    }

    fn take(&mut self, id: ObjectId, now: Instant) -> Slot {
        self.add(&id, now);
        self.change(&id, ScheduleEntry::take);
        self.in_flight += 1;
        Slot::Ask(id)
    }

    /// Takes an answer. `postponed` if the ledger knows when to list the object again.
    pub(super) fn answered(&mut self, id: &ObjectId, now: Instant, answer: QueryResult, postponed: bool) {
        let Some(entry) = self.entries.get(id) else { return };
        let (in_flight, urgent) = (entry.in_flight, entry.urgent);
        self.in_flight -= usize::from(in_flight);
        self.change(id, |entry| entry.answered(now, answer));
        if urgent {
            self.urgent.push_back(id.clone());
        }
        let not_needed = self.entries.get(id).is_some_and(|entry| !entry.visible && !entry.watched);
        if answer == QueryResult::Unanswered && !postponed && not_needed {
            self.batch.push_back(id.clone());
        }
    }

    fn add(&mut self, id: &ObjectId, now: Instant) {
        if self.entries.contains_key(id) {
            return;
        }
        // Entries that cannot be dropped are not searched each time that another is added.
        if self.entries.len() > REMEMBERED + self.waited_for() + self.urgent.len() {
            self.entries.retain(|_, entry| entry.in_flight || entry.visible || entry.watched || entry.urgent);
        }
        self.entries.insert(id.clone(), ScheduleEntry::new(self.keys, now));
        self.keys += 1;
    }

    /// Changes an entry, and moves it to its place.
    fn change(&mut self, id: &ObjectId, change: impl FnOnce(&mut ScheduleEntry)) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if let Some(at) = entry.queued.take() {
            self.on_screen.remove(at, entry.key);
            self.watched.remove(at, entry.key);
        }
        change(entry);
        if entry.in_flight || entry.urgent {
            return;
        }
        let line = match (entry.visible, entry.watched) {
            (true, _) => &mut self.on_screen,
            (false, true) => &mut self.watched,
            (false, false) => return,
        };
        if let Some(due) = entry.due() {
            line.insert(due, entry.key, id.clone());
            entry.queued = Some(due);
        }
    }
}
