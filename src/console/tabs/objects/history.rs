//! The history of the object on the screen: read from the ledger once, and again when its document is newer; and what
//! of the object has just changed.

use crate::console::app::effect::Effect;
use crate::console::widgets::highlight::Highlight;
use crate::model::time::{Duration, Timestamp};
use crate::model::{Object, ObjectId};
use crate::services::{Fresh, ObjectHistory, ReadRequest};

/// A query of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    pub of: ObjectId,
    /// When the document of its row was verified.
    pub verified_at: Option<Timestamp>,
    /// Along the whole chain from plan to cash.
    pub chain: bool,
}

/// A cursor that moves on within this time is being held down: the ledger is asked once it rests.
const HELD: Duration = Duration::milliseconds(60);

/// The history of one object at a time.
#[derive(Clone, Debug, Default)]
pub struct History {
    shown: Option<(ObjectId, ObjectHistory)>,
    /// The object before its latest change while it was shown, and when that change was seen.
    before: Option<(Object, Timestamp)>,
    asked: Option<HistoryQuery>,
    /// The ledger has not answered yet.
    pending: bool,
    /// The history may have changed since it was read.
    stale: bool,
    /// The object that the cursor came to last, and when.
    moved: Option<(ObjectId, Timestamp)>,
    /// When the ledger is to be asked, while the cursor is held down.
    due: Option<Timestamp>,
}

impl History {
    /// The history of an object, if it has been read.
    pub fn of(&self, id: &ObjectId) -> Option<&ObjectHistory> {
        self.shown.as_ref().filter(|(of, _)| of == id).map(|(_, story)| story)
    }

    /// True while the history is being read, the first time or again.
    pub(crate) fn is_pending(&self) -> bool {
        self.pending
    }

    /// Has the history read again.
    pub(crate) fn mark_stale(&mut self) {
        self.stale = true;
    }

    /// The query to send, so that the screen can show this subject.
    pub fn ask(&mut self, subject: Option<HistoryQuery>, now: Timestamp) -> Option<Effect> {
        let subject = subject?;
        let again = self.stale && !self.pending;
        // The history of the chain includes that of the object.
        let is_known = self.asked.as_ref().is_some_and(|asked| {
            (&asked.of, asked.verified_at) == (&subject.of, subject.verified_at) && (asked.chain || !subject.chain)
        });
        if is_known && !again {
            self.due = None;
            return None;
        }
        if self.moved.as_ref().is_none_or(|(of, _)| *of != subject.of) {
            let before = self.moved.replace((subject.of.clone(), now));
            let is_held = before.is_some_and(|(_, at)| now > at && now - at < HELD);
            self.due = is_held.then(|| now + HELD);
        }
        if self.due.is_some_and(|due| now < due) {
            return None;
        }
        (self.stale, self.due) = (false, None);
        (self.pending, self.asked) = (true, Some(subject.clone()));
        Some(ReadRequest::Story { of: subject.of, chain: subject.chain }.into())
    }

    /// Stores the ledger's answer.
    pub fn take(&mut self, id: ObjectId, mut story: ObjectHistory, now: Timestamp) {
        let Some(asked) = self.asked.as_ref().filter(|asked| asked.of == id) else { return };
        if asked.chain && story.chain.is_none() {
            // This query was sent before that of the chain, whose answer follows.
            return;
        }
        self.pending = false;
        // A document that was fetched meanwhile, or could not be stored, is newer than the ledger's.
        let at = |fresh: &Option<Fresh>| fresh.as_ref().map(|fresh| fresh.verified_at);
        match self.shown.take().filter(|(of, _)| *of == id) {
            Some((_, before)) if at(&before.fresh) > at(&story.fresh) => story.fresh = before.fresh,
            Some((_, before)) => self.note_change(before.fresh, story.fresh.as_ref(), now),
            None => self.before = None,
        }
        self.shown = Some((id, story));
    }

    /// Handles the answer to a query: a document of the subject, or of an object related to it.
    pub fn fetched(&mut self, fresh: &Fresh, subject: Option<&ObjectId>, now: Timestamp) {
        let id = &fresh.object.id;
        let is_near = |story: &ObjectHistory| {
            let mut near = story.related.iter().map(|related| &related.row).chain(&story.further);
            let in_chain = story.chain.iter().flat_map(|chain| &chain.others).any(|(of, _)| of == id);
            in_chain
                || near.any(|row| row.id == *id)
                || story.related_state.related.iter().any(|related| related.id == *id)
        };
        self.stale |= subject.and_then(|subject| self.of(subject)).is_some_and(is_near);
        if let Some((_, story)) = self.shown.as_mut().filter(|(of, _)| of == id) {
            let before = story.fresh.replace(fresh.clone());
            self.note_change(before, Some(fresh), now);
        }
    }

    /// Remembers the former object, so that the change is highlighted.
    fn note_change(&mut self, before: Option<Fresh>, after: Option<&Fresh>, now: Timestamp) {
        if let (Some(before), Some(after)) = (before, after)
            && before.object.raw != after.object.raw
        {
            self.before = Some((before.object, Highlight::born(now)));
        }
    }

    /// The object before its change, and how far the highlight has faded, while it is visible.
    pub fn before(&self, id: &ObjectId, now: Timestamp) -> Option<(&Object, Highlight)> {
        let (before, born) = self.before.as_ref().filter(|(before, _)| before.id == *id)?;
        Some((before, Highlight::of(*born, now)?))
    }

    /// Drops a change whose highlight has faded; returns when the next step of fading is due, or the next query.
    pub(crate) fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        let next = self.before.as_ref().and_then(|(_, born)| Highlight::next(*born, now));
        if next.is_none() {
            self.before = None;
        }
        next.into_iter().chain(self.due).min()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Number};

    #[test]
    fn a_held_cursor_asks_for_the_first_object_and_for_the_one_where_it_rests() {
        let mut history = History::default();
        let start = Timestamp::UNIX_EPOCH;
        let at = |milliseconds: i64| start + Duration::milliseconds(milliseconds);
        let query = |nth: u32| {
            let number = Number::parse(&format!("SO{nth}")).expect("a number");
            Some(HistoryQuery { of: ObjectId::new(Kind::ServiceOrder, number), verified_at: None, chain: false })
        };
        assert!(history.ask(query(0), at(0)).is_some());
        for nth in 1..20 {
            assert!(history.ask(query(nth), at(30 * i64::from(nth))).is_none(), "{nth}");
        }
        let due = history.fade(at(570)).expect("it is still to be asked");
        assert_eq!(due, at(630));
        assert!(history.ask(query(19), at(600)).is_none());
        assert!(history.ask(query(19), due).is_some());
        assert_eq!(history.fade(due), None);
        // One key after a pause is no held key.
        assert!(history.ask(query(20), at(2000)).is_some());
    }
}
