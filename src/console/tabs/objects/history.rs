//! The history of the object that the screen shows: asked of the ledger once, again when its document is a later one,
//! and what of the object has just changed.

use crate::console::app::effect::Effect;
use crate::console::widgets::highlight::Highlight;
use crate::model::time::Timestamp;
use crate::model::{Object, ObjectId};
use crate::services::{Fresh, ObjectHistory, ReadRequest};

/// What the ledger is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HistoryQuery {
    pub of: ObjectId,
    /// When the document in its row was verified.
    pub verified_at: Option<Timestamp>,
    /// Along the whole chain from plan to cash.
    pub chain: bool,
}

/// The history of one object at a time.
#[derive(Clone, Debug, Default)]
pub struct History {
    shown: Option<(ObjectId, ObjectHistory)>,
    /// What the object was before its latest change while it was shown, and when that change was seen.
    before: Option<(Object, Timestamp)>,
    asked: Option<HistoryQuery>,
    /// The ledger has not answered yet.
    pending: bool,
    /// Something was learned since that may be part of it.
    stale: bool,
}

impl History {
    /// The history of an object, if it is at hand.
    pub fn of(&self, id: &ObjectId) -> Option<&ObjectHistory> {
        self.shown.as_ref().filter(|(of, _)| of == id).map(|(_, story)| story)
    }

    /// True while the ledger is being asked, also again because the document is a later one.
    pub fn is_pending(&self) -> bool {
        self.pending
    }

    /// Has it read again.
    pub fn mark_stale(&mut self) {
        self.stale = true;
    }

    /// What is to be asked of the ledger, for the screen to show this subject.
    pub fn ask(&mut self, subject: Option<HistoryQuery>) -> Option<Effect> {
        let subject = subject?;
        let again = self.stale && !self.pending;
        // Asking for the chain asks for the object, too.
        let is_known = self.asked.as_ref().is_some_and(|asked| {
            (&asked.of, asked.verified_at) == (&subject.of, subject.verified_at) && (asked.chain || !subject.chain)
        });
        if is_known && !again {
            return None;
        }
        self.stale = false;
        (self.pending, self.asked) = (true, Some(subject.clone()));
        Some(ReadRequest::Story { of: subject.of, chain: subject.chain }.into())
    }

    /// The ledger has answered.
    pub fn take(&mut self, id: ObjectId, mut story: ObjectHistory, now: Timestamp) {
        let Some(asked) = self.asked.as_ref().filter(|asked| asked.of == id) else { return };
        if asked.chain && story.chain.is_none() {
            // It was asked for before the chain was; the other answer follows.
            return;
        }
        self.pending = false;
        // What was fetched meanwhile, or could not be kept, is newer than the ledger.
        let at = |fresh: &Option<Fresh>| fresh.as_ref().map(|fresh| fresh.verified_at);
        match self.shown.take().filter(|(of, _)| *of == id) {
            Some((_, before)) if at(&before.fresh) > at(&story.fresh) => story.fresh = before.fresh,
            Some((_, before)) => self.note_change(before.fresh, story.fresh.as_ref(), now),
            None => self.before = None,
        }
        self.shown = Some((id, story));
    }

    /// A query of an object was answered: the object itself, or one near the `subject`.
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

    /// Remembers what the object was, so that what has changed stands out.
    fn note_change(&mut self, before: Option<Fresh>, after: Option<&Fresh>, now: Timestamp) {
        if let (Some(before), Some(after)) = (before, after)
            && before.object.raw != after.object.raw
        {
            self.before = Some((before.object, Highlight::born(now)));
        }
    }

    /// What an object was before it changed, and how far that has faded, while it is to be seen.
    pub fn before(&self, id: &ObjectId, now: Timestamp) -> Option<(&Object, Highlight)> {
        let (before, born) = self.before.as_ref().filter(|(before, _)| before.id == *id)?;
        Some((before, Highlight::of(*born, now)?))
    }

    /// Drops a change that has faded; says when the next step of fading is due.
    pub fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        let next = self.before.as_ref().and_then(|(_, born)| Highlight::next(*born, now));
        if next.is_none() {
            self.before = None;
        }
        next
    }
}
