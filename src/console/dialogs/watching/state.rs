//! The state of watching on the screen: the watched objects, those that have ended and are still to be reported, and the
//! gaps during which nothing was observed.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use crate::ledger::Listed;
use crate::model::time::{Duration, Timestamp};
use crate::model::{ObjectId, State};
use crate::services::{Fresh, Gap, Watch, Watching};

/// The number of gaps that are kept.
const GAPS: usize = 5;
/// Ends within this time are reported together.
const TOGETHER: Duration = Duration::milliseconds(500);
/// Ends are reported at most this often.
const APART: Duration = Duration::seconds(5);
/// Rows read on either side of the selected one.
const REACH: usize = 80;

/// The state of watching.
#[derive(Clone, Debug, Default)]
pub struct WatchState {
    latest: Arc<Watching>,
    /// Latest first.
    gaps: VecDeque<Missed>,
    /// The objects that have ended since the last report, and when the first of them did.
    ended: Vec<(ObjectId, State)>,
    ended_at: Option<Timestamp>,
    rang_at: Option<Timestamp>,
}

/// A gap in which nothing was observed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Missed {
    pub gap: Gap,
    /// How many objects had changed, once all were queried again.
    pub changed: Option<usize>,
}

impl WatchState {
    pub fn set(&mut self, latest: Arc<Watching>) {
        self.latest = latest;
    }

    pub fn latest(&self) -> &Watching {
        &self.latest
    }

    pub fn of(&self, id: &ObjectId) -> Option<&Watch> {
        self.latest.objects.get(id)
    }

    /// A watched object has become final.
    pub fn end(&mut self, fresh: &Fresh, now: Timestamp) {
        self.ended.push((fresh.object.id.clone(), fresh.object.entity.state()));
        self.ended_at.get_or_insert(now);
    }

    /// When the ended objects are to be reported.
    pub fn due(&self) -> Option<Timestamp> {
        let soon = self.ended_at? + TOGETHER;
        Some(self.rang_at.map_or(soon, |rang| soon.max(rang + APART)))
    }

    /// Takes the ended objects, if it is time to report them.
    pub(crate) fn take_ended(&mut self, now: Timestamp) -> Vec<(ObjectId, State)> {
        if self.due().is_none_or(|due| due > now) {
            return Vec::new();
        }
        (self.ended_at, self.rang_at) = (None, Some(now));
        std::mem::take(&mut self.ended)
    }

    pub(crate) fn miss(&mut self, gap: Gap) {
        self.gaps.push_front(Missed { gap, changed: None });
        self.gaps.truncate(GAPS);
    }

    pub(crate) fn catch_up(&mut self, gap: Gap, changed: usize) {
        match self.gaps.iter_mut().find(|missed| missed.gap == gap) {
            Some(missed) => missed.changed = Some(changed),
            None => {
                self.miss(gap);
                self.gaps[0].changed = Some(changed);
            }
        }
    }

    /// The latest gaps, newest first.
    pub(crate) fn gaps(&self) -> impl ExactSizeIterator<Item = &Missed> {
        self.gaps.iter()
    }

    /// The latest gap, until everything was queried again.
    pub(crate) fn open_gap(&self) -> Option<&Gap> {
        self.gaps.front().filter(|missed| missed.changed.is_none()).map(|missed| &missed.gap)
    }
}

/// The list of watched objects, the next due first. Only rows near the screen are read from the ledger.
#[derive(Clone, Debug)]
pub struct WatchList {
    order: Vec<ObjectId>,
    /// The object under the cursor; `None` for the first line until the cursor was moved.
    selected: Option<ObjectId>,
    rows: HashMap<ObjectId, Option<Listed>>,
}

impl WatchList {
    pub fn new(watching: &Watching) -> Self {
        let mut list = Self { order: Vec::new(), selected: None, rows: HashMap::new() };
        list.sort(watching);
        list
    }

    /// Sorts the objects by when they are due. The cursor stays on its object; if that is gone, on the line in its
    /// place.
    pub fn sort(&mut self, watching: &Watching) {
        let place = self.position();
        let mut order: Vec<(Timestamp, &ObjectId)> =
            watching.objects.iter().map(|(id, watch)| (watch.due, id)).collect();
        order.sort_unstable();
        self.order = order.into_iter().map(|(_, id)| id.clone()).collect();
        if self.selected.as_ref().is_some_and(|selected| !watching.objects.contains_key(selected)) {
            self.selected = self.order.get(place.min(self.order.len().saturating_sub(1))).cloned();
        }
        self.rows.retain(|id, _| watching.objects.contains_key(id));
    }

    pub fn order(&self) -> &[ObjectId] {
        &self.order
    }

    /// The position of the cursor.
    pub fn position(&self) -> usize {
        let place = |id: &ObjectId| self.order.iter().position(|other| other == id);
        self.selected.as_ref().and_then(place).unwrap_or(0)
    }

    pub fn selected(&self) -> Option<&ObjectId> {
        self.order.get(self.position())
    }

    pub(crate) fn move_to(&mut self, line: usize) {
        self.selected = self.order.get(line.min(self.order.len().saturating_sub(1))).cloned();
    }

    /// The row of an object, once the ledger has read it.
    pub fn row(&self, id: &ObjectId) -> Option<&Listed> {
        self.rows.get(id)?.as_ref()
    }

    /// The objects whose rows are to be read from the ledger.
    pub fn ask(&mut self) -> Vec<ObjectId> {
        let first = self.position().saturating_sub(REACH);
        let near = self.order.iter().skip(first).take(2 * REACH);
        let missing: Vec<ObjectId> = near.filter(|id| !self.rows.contains_key(*id)).cloned().collect();
        self.rows.extend(missing.iter().map(|id| (id.clone(), None)));
        missing
    }

    /// Stores newer rows of objects in the list.
    pub fn show(&mut self, rows: impl IntoIterator<Item = Listed>) {
        for row in rows {
            if let Some(known) = self.rows.get_mut(&row.id) {
                let newer = known.as_ref().is_none_or(|known| known.verified_at() <= row.verified_at());
                if newer {
                    *known = Some(row);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::fixture::{NOW, PAID, fresh, id, order};
    use crate::ledger::WatchReason;
    use crate::model::Kind;
    use crate::services::GapReason;

    fn watching(count: i64) -> Watching {
        let number = |i: i64| id(Kind::ServiceOrder, &format!("SO{i:05}"));
        let watch = |i: i64| Watch {
            why: WatchReason::Marked,
            since: NOW,
            changed_at: None,
            due: NOW + Duration::seconds(i * 7919 % count),
        };
        Watching { objects: (0..count).map(|i| (number(i), watch(i))).collect(), next: None, paused: None }
    }

    #[test]
    fn ends_that_come_together_are_reported_together_and_others_not_at_once() {
        let mut watched = WatchState::default();
        let ended = |number: &str| fresh(Kind::ServiceOrder, order(number, PAID, 100), 0);
        watched.end(&ended("A"), NOW);
        assert_eq!(watched.take_ended(NOW), vec![]);
        watched.end(&ended("B"), NOW + Duration::milliseconds(400));
        let due = watched.due().unwrap();
        assert_eq!((due - NOW, watched.take_ended(due).len()), (TOGETHER, 2));
        assert_eq!((watched.due(), watched.take_ended(due + APART)), (None, vec![]));
        watched.end(&ended("C"), due + Duration::SECOND);
        assert_eq!(watched.due(), Some(due + APART));
    }

    #[test]
    fn ten_thousand_are_in_the_order_of_their_turns_and_few_are_read() {
        let (all, mut fewer) = (watching(10_000), watching(10_000));
        let mut list = WatchList::new(&all);
        assert!(list.order().is_sorted_by_key(|id| all.objects[id].due));
        assert_eq!(list.ask().len(), 2 * REACH);
        assert_eq!(list.ask(), vec![], "what was asked for is not asked for again");
        list.move_to(5000);
        let selected = list.selected().cloned().unwrap();
        fewer.objects.remove(&list.order()[0].clone());
        list.sort(&fewer);
        assert_eq!((list.selected(), list.position()), (Some(&selected), 4999));
        fewer.objects.remove(&selected);
        list.sort(&fewer);
        assert_eq!(list.position(), 4999, "the next stands in its place");
        list.sort(&Watching::default());
        assert_eq!(list.selected(), None);
    }

    #[test]
    fn the_latest_gaps_are_kept_and_what_was_found_afterwards() {
        let mut watched = WatchState::default();
        let gap = |minute| Gap { from: NOW, to: NOW + Duration::minutes(minute), why: GapReason::Asleep, objects: 3 };
        (1..=7).for_each(|minute| watched.miss(gap(minute)));
        assert_eq!((watched.gaps().len(), watched.open_gap()), (GAPS, Some(&gap(7))));
        watched.catch_up(gap(7), 2);
        assert_eq!((watched.open_gap(), watched.gaps().next().unwrap().changed), (None, Some(2)));
    }
}
