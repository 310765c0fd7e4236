//! When each object is asked about next: pure, with the time given. What is on the screen comes first and often, what
//! was asked for by hand before everything; the rest comes from the ledger, which knows what is due.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::ObjectId;

/// What came of a query, as far as the schedule cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was fetched; `changed` if the document is another.
    Fetched { changed: bool, is_final: bool },
    /// It was refused (an unknown number, a missing permission): asking soon again is of no use.
    Refused,
    /// Nobody could be asked.
    Failed,
}

/// What to do next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Ask about this one, which now counts as in flight.
    Ask(ObjectId),
    /// Ask the ledger what is due, and [`Schedule::refill`].
    Refill,
    /// Nothing before this time; `None`: nothing until something is told.
    Rest(Option<Instant>),
}

/// What is remembered of an object that was asked about or is on the screen.
#[derive(Debug)]
struct Entry {
    added: Instant,
    asked: Option<Instant>,
    /// When the document last changed under our eyes.
    changed: Option<Instant>,
    is_final: bool,
    refused: bool,
    in_flight: bool,
    /// After a failure: others go first.
    not_before: Option<Instant>,
}

/// The objects of a session and their turns.
#[derive(Debug, Default)]
pub struct Schedule {
    entries: HashMap<ObjectId, Entry>,
    /// Asked for by the user, or after an action: before everything else, whatever their age.
    urgent: VecDeque<ObjectId>,
    visible: Vec<ObjectId>,
    visible_set: HashSet<ObjectId>,
    /// What the ledger said is due.
    batch: VecDeque<ObjectId>,
    /// When the ledger is to be asked again; at once, if it never was.
    refill_at: Option<Instant>,
    refilling: bool,
    /// Numbers became known while the ledger was being asked: its answer may be from before.
    learned_since: bool,
    in_flight: usize,
}

/// Bounds of the pause between two queries of one object on the screen that may still change.
const VISIBLE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));
/// A final object on the screen is looked at now and then: a paid transaction may be refunded.
const FINAL_VISIBLE: Duration = Duration::from_secs(120);
/// After a failure the others have their turn before this one has another.
const FAILED: Duration = Duration::from_secs(2);
const REFUSED: Duration = Duration::from_secs(120);
/// The ledger is asked at least so often: another process may have put numbers in.
const REFILL: Duration = Duration::from_secs(60);
/// The least pause between two looks at the ledger that find nothing new.
const AGAIN: Duration = Duration::from_secs(1);
/// Entries remembered of objects that are neither seen nor in flight.
const REMEMBERED: usize = 10_000;

impl Schedule {
    pub fn look(&mut self, visible: Vec<ObjectId>, now: Instant) {
        self.visible_set = visible.iter().cloned().collect();
        visible.iter().for_each(|id| self.add(id, now));
        self.visible = visible;
    }

    pub fn hurry(&mut self, ids: Vec<ObjectId>, now: Instant) {
        for id in ids {
            self.add(&id, now);
            if !self.urgent.contains(&id) {
                self.urgent.push_back(id);
            }
        }
    }

    /// Numbers became known: the ledger is to be asked what is due.
    pub fn learned(&mut self) {
        self.refill_at = None;
        self.learned_since = self.refilling;
    }

    /// Takes in what the ledger says is due, and when more is. Nothing due and nothing to come: it is asked again
    /// after a while.
    pub fn refill(&mut self, due: Vec<ObjectId>, next: Option<Instant>, now: Instant) {
        self.refilling = false;
        let latest = now + REFILL;
        let waiting = |id: &ObjectId| {
            let in_flight = self.entries.get(id).is_some_and(|entry| entry.in_flight);
            !in_flight && !self.visible_set.contains(id)
        };
        let found = due.len();
        self.batch = due.into_iter().filter(waiting).collect();
        // What is due but asked about already says the same again until its answer is in.
        let least = if found > 0 && self.batch.is_empty() { now + AGAIN } else { now };
        self.refill_at = Some(next.map_or(latest, |next| next.clamp(least, latest)));
        if std::mem::take(&mut self.learned_since) {
            self.refill_at = Some(least);
        }
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many were asked for by hand or are due.
    pub fn queued(&self) -> usize {
        self.urgent.len() + self.batch.len()
    }

    fn add(&mut self, id: &ObjectId, now: Instant) {
        if !self.entries.contains_key(id) {
            let entry = Entry {
                added: now,
                asked: None,
                changed: None,
                is_final: false,
                refused: false,
                in_flight: false,
                not_before: None,
            };
            self.entries.insert(id.clone(), entry);
        }
    }

    /// Whose turn it is. One query at a time for each object.
    pub fn next(&mut self, now: Instant) -> Turn {
        if let Some(at) = self.urgent.iter().position(|id| self.entries.get(id).is_some_and(|e| !e.in_flight))
            && let Some(id) = self.urgent.remove(at)
        {
            return self.take(id, now);
        }
        // Of the rows on the screen the one that has waited longest.
        let waiting = |id: &&ObjectId| self.entries.get(*id).is_some_and(|e| !e.in_flight);
        let due = |id: &ObjectId| Some((self.entries.get(id)?.due()?, id.clone()));
        let visible = self.visible.iter().filter(waiting).filter_map(due).min_by_key(|(due, _)| *due);
        let visible_due = visible.as_ref().map(|(due, _)| *due);
        if let Some((_, id)) = visible.filter(|(due, _)| *due <= now) {
            return self.take(id, now);
        }
        while let Some(id) = self.batch.pop_front() {
            // The screen has its own pace, which is quicker.
            if !self.visible_set.contains(&id) && !self.entries.get(&id).is_some_and(|entry| entry.in_flight) {
                return self.take(id, now);
            }
        }
        if self.refilling {
            return Turn::Rest(visible_due);
        }
        match self.refill_at {
            Some(at) if at > now => Turn::Rest([Some(at), visible_due].into_iter().flatten().min()),
            _ => {
                self.refilling = true;
                Turn::Refill
            }
        }
    }

    fn take(&mut self, id: ObjectId, now: Instant) -> Turn {
        if self.entries.len() > REMEMBERED + self.visible.len() {
            let (seen, urgent) = (&self.visible_set, &self.urgent);
            self.entries.retain(|id, entry| entry.in_flight || seen.contains(id) || urgent.contains(id));
        }
        self.add(&id, now);
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.in_flight = true;
            self.in_flight += 1;
        }
        Turn::Ask(id)
    }

    /// Takes an answer in. `postponed` if the ledger was told when to name the object again.
    pub fn answered(&mut self, id: &ObjectId, now: Instant, answer: Answer, postponed: bool) {
        let Some(entry) = self.entries.get_mut(id) else { return };
        if std::mem::take(&mut entry.in_flight) {
            self.in_flight -= 1;
        }
        entry.not_before = (answer == Answer::Failed).then(|| now + FAILED);
        match answer {
            Answer::Fetched { changed, is_final } => {
                entry.asked = Some(now);
                entry.refused = false;
                entry.is_final = is_final;
                if changed || entry.changed.is_none() {
                    entry.changed = Some(now);
                }
            }
            Answer::Refused => {
                entry.asked = Some(now);
                entry.refused = true;
            }
            Answer::Failed if postponed || self.visible_set.contains(id) => {}
            Answer::Failed => self.batch.push_back(id.clone()),
        }
    }
}

impl Entry {
    /// When it is to be asked about again while it is on the screen.
    fn due(&self) -> Option<Instant> {
        let due = match self.asked {
            // Not yet in this run.
            None => self.added,
            Some(asked) if self.refused => asked + REFUSED,
            Some(asked) if self.is_final => asked + FINAL_VISIBLE,
            Some(asked) => {
                let quiet = self.changed.map_or(Duration::ZERO, |changed| asked.saturating_duration_since(changed));
                asked + (quiet / 8).clamp(VISIBLE.0, VISIBLE.1)
            }
        };
        Some(self.not_before.map_or(due, |at| at.max(due)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Number};

    fn id(n: usize) -> ObjectId {
        ObjectId::new(Kind::Plan, Number::parse(&format!("P-{n}")).unwrap())
    }

    fn fetched(is_final: bool) -> Answer {
        Answer::Fetched { changed: false, is_final }
    }

    #[test]
    fn what_is_asked_for_by_hand_goes_first_then_what_is_seen_then_what_is_due() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        assert_eq!(schedule.next(now), Turn::Refill);
        assert_eq!(schedule.next(now), Turn::Rest(None), "the ledger is asked once at a time");
        schedule.refill((0..10).map(id).collect(), None, now);
        schedule.look(vec![id(7), id(8)], now);
        schedule.hurry(vec![id(9)], now);
        let order: Vec<_> = (0..10).map(|_| schedule.next(now)).collect();
        let expected: Vec<_> = [9, 7, 8, 0, 1, 2, 3, 4, 5, 6].into_iter().map(|n| Turn::Ask(id(n))).collect();
        assert_eq!(order, expected);
        assert_eq!(schedule.in_flight(), 10);
        assert_eq!(schedule.next(now), Turn::Rest(Some(now + REFILL)), "one query in flight for each object");
    }

    #[test]
    fn the_ledger_is_asked_when_the_next_is_due_or_numbers_became_known() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        schedule.next(now);
        let soon = now + Duration::from_secs(5);
        schedule.refill(Vec::new(), Some(soon), now);
        assert_eq!(schedule.next(now), Turn::Rest(Some(soon)));
        assert_eq!(schedule.next(soon), Turn::Refill);
        schedule.refill(Vec::new(), None, soon);
        assert_eq!(schedule.next(soon), Turn::Rest(Some(soon + REFILL)));
        schedule.learned();
        assert_eq!(schedule.next(soon), Turn::Refill);
        schedule.learned();
        schedule.refill(Vec::new(), None, soon);
        assert_eq!(schedule.next(soon), Turn::Refill, "what it said may be from before the numbers became known");
        // What it says is due is on the screen, and much more is due.
        schedule.look(vec![id(1)], soon);
        assert_eq!(schedule.next(soon), Turn::Ask(id(1)));
        schedule.refill(vec![id(1)], Some(soon), soon);
        assert_eq!(schedule.next(soon), Turn::Rest(Some(soon + AGAIN)), "it is not asked over and over");
    }

    #[test]
    fn what_is_seen_is_asked_about_ever_more_slowly_while_nothing_changes() {
        let mut schedule = Schedule::default();
        let mut now = Instant::now();
        schedule.look(vec![id(1)], now);
        assert_eq!(schedule.next(now), Turn::Ask(id(1)));
        schedule.answered(&id(1), now, fetched(false), false);
        schedule.next(now);
        let mut pauses = Vec::new();
        for _ in 0..40 {
            schedule.refill(Vec::new(), None, now);
            let Turn::Rest(Some(due)) = schedule.next(now) else { panic!("it is not due yet") };
            pauses.push(due - now);
            now = due;
            assert_eq!(schedule.next(now), Turn::Ask(id(1)));
            schedule.answered(&id(1), now, fetched(false), false);
        }
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], *pauses.last().unwrap()), VISIBLE);
        schedule.answered(&id(1), now, fetched(true), false);
        schedule.refill(Vec::new(), None, now);
        assert_eq!(schedule.next(now), Turn::Rest(Some(now + REFILL)), "a final one only now and then");
        assert_eq!(schedule.next(now + FINAL_VISIBLE), Turn::Ask(id(1)));
    }

    #[test]
    fn what_fails_stands_in_nobodys_way() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        schedule.next(now);
        schedule.refill(vec![id(1), id(2)], None, now);
        assert_eq!(schedule.next(now), Turn::Ask(id(1)));
        schedule.answered(&id(1), now, Answer::Failed, true);
        assert_eq!(schedule.next(now), Turn::Ask(id(2)));
        schedule.answered(&id(2), now, Answer::Refused, true);
        assert_eq!(schedule.next(now), Turn::Rest(Some(now + REFILL)), "both wait until the ledger names them");
        schedule.look(vec![id(1)], now);
        assert_eq!(schedule.next(now), Turn::Rest(Some(now + FAILED)));
        assert_eq!(schedule.next(now + FAILED), Turn::Ask(id(1)), "on the screen it is tried again soon");
        schedule.look(Vec::new(), now);
        schedule.answered(&id(1), now, Answer::Failed, false);
        assert_eq!(schedule.next(now), Turn::Ask(id(1)), "where nobody answers, one is as good as another");
    }
}
