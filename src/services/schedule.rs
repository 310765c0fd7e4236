//! When each object is asked about next: pure, with the time given. Objects that changed lately are asked about
//! often, old ones ever more slowly, those on the screen first; final ones rest.

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

use crate::model::{Object, ObjectId};

/// What came of a query, as far as the schedule cares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It was fetched; `changed` if the document is another.
    Fetched { changed: bool, is_final: bool },
    /// It was refused (an unknown number, a missing permission): asking soon again is of no use.
    Refused,
    /// Nobody could be asked. It stays due.
    Failed,
}

#[derive(Debug)]
struct Entry {
    object: Option<Object>,
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
    /// Known, never fetched, in the order they became known.
    unfetched: VecDeque<ObjectId>,
    in_flight: usize,
}

/// Bounds of the pause between two queries of one object that may still change.
const VISIBLE: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(15));
const HIDDEN: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));
/// A final object on the screen is looked at now and then: a paid transaction may be refunded.
const FINAL_VISIBLE: Duration = Duration::from_secs(120);
/// After a failure the others have their turn before this one has another.
const FAILED: Duration = Duration::from_secs(2);
const REFUSED: Duration = Duration::from_secs(120);

impl Schedule {
    /// Adds an object. A document at hand (from an earlier run) does not count as an answer: it is due at once, if
    /// it may still change.
    pub fn add(&mut self, id: ObjectId, object: Option<Object>, now: Instant) {
        if self.entries.contains_key(&id) {
            return;
        }
        let is_final = object.as_ref().is_some_and(|o| o.entity.state().is_final);
        if object.is_none() {
            self.unfetched.push_back(id.clone());
        }
        let entry = Entry {
            object,
            added: now,
            asked: None,
            changed: None,
            is_final,
            refused: false,
            in_flight: false,
            not_before: None,
        };
        self.entries.insert(id, entry);
    }

    pub fn look(&mut self, visible: Vec<ObjectId>) {
        self.visible_set = visible.iter().cloned().collect();
        self.visible = visible;
    }

    pub fn hurry(&mut self, ids: Vec<ObjectId>, now: Instant) {
        for id in ids {
            self.add(id.clone(), None, now);
            if !self.urgent.contains(&id) {
                self.urgent.push_back(id);
            }
        }
    }

    /// What is known of an object, to help asking.
    pub fn object(&self, id: &ObjectId) -> Option<Object> {
        self.entries.get(id)?.object.clone()
    }

    pub fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// How many are waiting for their first answer or were asked for by hand.
    pub fn queued(&self) -> usize {
        self.urgent.len() + self.unfetched.len()
    }

    /// The next object to ask about, marked as in flight; or when to come back. One query at a time for each object.
    pub fn next(&mut self, now: Instant) -> Result<ObjectId, Option<Instant>> {
        if let Some(at) = self.urgent.iter().position(|id| self.entries.get(id).is_some_and(|e| !e.in_flight))
            && let Some(id) = self.urgent.remove(at)
        {
            return Ok(self.take(id));
        }
        // Rows on the screen, the never fetched ones first, then the one that has waited longest.
        let waiting = |id: &&ObjectId| self.entries.get(*id).is_some_and(|e| !e.in_flight);
        let due = |id: &ObjectId| Some((self.entries.get(id)?.due(true)?, id.clone()));
        let visible = self.visible.iter().filter(waiting).filter_map(due).min_by_key(|(due, _)| *due);
        let visible_due = visible.as_ref().map(|(due, _)| *due);
        if let Some((_, id)) = visible.filter(|(due, _)| *due <= now) {
            return Ok(self.take(id));
        }
        while let Some(id) = self.unfetched.pop_front() {
            if self.entries.get(&id).is_some_and(|e| e.asked.is_none() && !e.in_flight) {
                return Ok(self.take(id));
            }
        }
        let hidden = self
            .entries
            .iter()
            .filter(|(id, entry)| !entry.in_flight && !self.visible_set.contains(*id))
            .filter_map(|(id, entry)| Some((entry.due(false)?, id)))
            .min_by_key(|(due, _)| *due);
        match hidden {
            Some((due, id)) if due <= now => {
                let id = id.clone();
                Ok(self.take(id))
            }
            other => Err([other.map(|(due, _)| due), visible_due].into_iter().flatten().min()),
        }
    }

    fn take(&mut self, id: ObjectId) -> ObjectId {
        if let Some(entry) = self.entries.get_mut(&id) {
            entry.in_flight = true;
            self.in_flight += 1;
        }
        id
    }

    /// Takes an answer in.
    pub fn answered(&mut self, id: &ObjectId, now: Instant, object: Option<Object>, answer: Answer) {
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
                entry.object = object.or(entry.object.take());
            }
            Answer::Refused => {
                entry.asked = Some(now);
                entry.refused = true;
            }
            Answer::Failed if entry.object.is_none() && entry.asked.is_none() => self.unfetched.push_back(id.clone()),
            Answer::Failed => {}
        }
    }
}

impl Entry {
    /// When it is to be asked about again; `None` if never on its own.
    fn due(&self, visible: bool) -> Option<Instant> {
        let due = self.due_by_age(visible);
        due.map(|due| self.not_before.map_or(due, |at| at.max(due)))
    }

    fn due_by_age(&self, visible: bool) -> Option<Instant> {
        let Some(asked) = self.asked else {
            // Never asked in this run: with a document from an earlier one, now; without, in its turn.
            let waits_in_line = self.object.is_none() && !visible;
            return (!waits_in_line && (visible || !self.is_final)).then_some(self.added);
        };
        if self.refused {
            return visible.then_some(asked + REFUSED);
        }
        if self.is_final {
            return visible.then_some(asked + FINAL_VISIBLE);
        }
        let (least, most) = if visible { VISIBLE } else { HIDDEN };
        let quiet = self.changed.map_or(Duration::ZERO, |changed| asked.saturating_duration_since(changed));
        Some(asked + (quiet / 8).clamp(least, most))
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
    fn what_is_asked_for_by_hand_goes_first_then_what_is_seen_then_the_rest() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        (0..10).for_each(|n| schedule.add(id(n), None, now));
        schedule.look(vec![id(7), id(8)]);
        schedule.hurry(vec![id(9)], now);
        let order: Vec<_> = (0..10).map(|_| schedule.next(now).unwrap()).collect();
        assert_eq!(order[..3], [id(9), id(7), id(8)]);
        assert_eq!(order[3..], (0..7).map(id).collect::<Vec<_>>()[..]);
        assert_eq!(schedule.next(now), Err(None), "one query in flight for each object");
    }

    #[test]
    fn final_objects_rest_and_old_ones_are_asked_ever_more_slowly() {
        let mut schedule = Schedule::default();
        let start = Instant::now();
        schedule.add(id(1), None, start);
        schedule.add(id(2), None, start);
        schedule.look(vec![id(1)]);
        for n in [1, 2] {
            assert_eq!(schedule.next(start), Ok(id(n)));
            schedule.answered(&id(n), start, None, fetched(n == 2));
        }
        assert_eq!(schedule.next(start), Err(Some(start + VISIBLE.0)));
        let mut pauses = Vec::new();
        let mut now = start;
        for _ in 0..40 {
            let due = schedule.next(now).unwrap_err().unwrap();
            pauses.push(due - now);
            now = due;
            assert_eq!(schedule.next(now), Ok(id(1)), "the final one is never asked about on its own");
            schedule.answered(&id(1), now, None, fetched(false));
        }
        assert!(pauses.is_sorted());
        assert_eq!((pauses[0], *pauses.last().unwrap()), VISIBLE);
    }

    #[test]
    fn a_failure_leaves_an_object_due() {
        let mut schedule = Schedule::default();
        let now = Instant::now();
        schedule.add(id(1), None, now);
        assert_eq!(schedule.next(now), Ok(id(1)));
        schedule.answered(&id(1), now, None, Answer::Failed);
        assert_eq!(schedule.next(now), Ok(id(1)));
        schedule.look(vec![id(1)]);
        schedule.answered(&id(1), now, None, Answer::Failed);
        // On the screen, too, it does not stand in the way of the others.
        schedule.add(id(2), None, now);
        assert_eq!(schedule.next(now), Ok(id(1)), "it is the first in line");
        assert_eq!(schedule.next(now), Ok(id(2)));
        schedule.look(Vec::new());
        [1, 2].into_iter().for_each(|n| schedule.answered(&id(n), now, None, Answer::Refused));
        assert_eq!(schedule.next(now), Err(None));
    }
}
