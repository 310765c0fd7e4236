//! Answers on their way into the ledger: those that arrive together share a commit.

use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::{Answers, Fresh, Unchanged};
use crate::model::ObjectId;
use crate::model::time::Timestamp;

/// Answers without changes wait this long for others. If they are lost, they are queried again.
const LINGER: Duration = Duration::from_secs(1);
/// At most this many wait.
const MOST: usize = 512;

/// What is reported about an answer once it is kept.
#[derive(Debug)]
pub(super) struct Stored {
    pub fresh: Fresh,
    pub at: Timestamp,
    /// True if it is the end of a watch.
    pub ends: bool,
    /// True if the ledger had no document with the same content.
    pub news: bool,
}

#[derive(Debug, Default)]
pub(super) struct WriteBatch {
    answers: Answers,
    stored: Vec<Stored>,
    /// When the oldest of them arrived.
    since: Option<Instant>,
    /// A commit is in progress; the next follows it.
    pub writing: bool,
}

impl WriteBatch {
    /// Keeps a document with new content; it is reported when it is kept.
    pub(super) fn news(&mut self, stored: Stored, now: Instant) {
        self.answers.fresh.push(stored.fresh.clone());
        self.stored.push(stored);
        self.since.get_or_insert(now);
    }

    /// Keeps a document without new content.
    pub(super) fn fresh(&mut self, fresh: Fresh, now: Instant) {
        self.answers.fresh.push(fresh);
        self.since.get_or_insert(now);
    }

    /// Notes that a document was verified again.
    pub(super) fn again(&mut self, again: Unchanged, now: Instant) {
        self.answers.again.push(again);
        self.since.get_or_insert(now);
    }

    pub(super) fn postpone(&mut self, id: ObjectId, until: Timestamp, now: Instant) {
        self.answers.postponed.push((id, until));
        self.since.get_or_insert(now);
    }

    /// True if something new is not reported yet.
    pub(super) fn has_news(&self) -> bool {
        self.writing || !self.stored.is_empty()
    }

    /// What is to be committed now, or when there will be something.
    pub(super) fn take(&mut self, now: Instant) -> Result<(Answers, Vec<Stored>), Option<Instant>> {
        let Some(due) = self.since.map(|since| since + LINGER).filter(|_| !self.writing) else { return Err(None) };
        if self.stored.is_empty() && self.answers.len() < MOST && due > now {
            return Err(Some(due));
        }
        self.since = None;
        self.writing = true;
        Ok((std::mem::take(&mut self.answers), std::mem::take(&mut self.stored)))
    }
}
