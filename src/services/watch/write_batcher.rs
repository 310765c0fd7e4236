//! Answers on their way into the ledger: those that come together share a commit.

use std::time::Duration;

use tokio::time::Instant;

use crate::ledger::{Again, Answers, Fresh};
use crate::model::ObjectId;
use crate::model::time::Timestamp;

/// Answers that say nothing new wait so long for others. Lost, they are asked for again.
const LINGER: Duration = Duration::from_millis(250);
/// And no more of them than this.
const MOST: usize = 512;

/// What is told of an answer once it is kept.
#[derive(Debug)]
pub struct Tidings {
    pub fresh: Fresh,
    pub at: Timestamp,
    /// True if it is the end of a watch.
    pub ends: bool,
    /// True if the ledger had no document that said the same.
    pub news: bool,
}

#[derive(Debug, Default)]
pub struct Keeper {
    answers: Answers,
    tidings: Vec<Tidings>,
    /// When the oldest of them came.
    since: Option<Instant>,
    /// A commit is under way; the next follows it.
    pub writing: bool,
}

impl Keeper {
    /// Keeps a document that says something new; it is told when it is kept.
    pub fn news(&mut self, tidings: Tidings, now: Instant) {
        self.answers.fresh.push(tidings.fresh.clone());
        self.tidings.push(tidings);
        self.since.get_or_insert(now);
    }

    /// Keeps a document that says nothing new.
    pub fn fresh(&mut self, fresh: Fresh, now: Instant) {
        self.answers.fresh.push(fresh);
        self.since.get_or_insert(now);
    }

    /// Notes that a document was verified again.
    pub fn again(&mut self, again: Again, now: Instant) {
        self.answers.again.push(again);
        self.since.get_or_insert(now);
    }

    pub fn postpone(&mut self, id: ObjectId, until: Timestamp, now: Instant) {
        self.answers.postponed.push((id, until));
        self.since.get_or_insert(now);
    }

    /// True if something new is not told yet.
    pub fn has_news(&self) -> bool {
        self.writing || !self.tidings.is_empty()
    }

    /// What is to be committed now, or when there will be something.
    pub fn take(&mut self, now: Instant) -> Result<(Answers, Vec<Tidings>), Option<Instant>> {
        let Some(due) = self.since.map(|since| since + LINGER).filter(|_| !self.writing) else { return Err(None) };
        if self.tidings.is_empty() && self.answers.len() < MOST && due > now {
            return Err(Some(due));
        }
        self.since = None;
        self.writing = true;
        Ok((std::mem::take(&mut self.answers), std::mem::take(&mut self.tidings)))
    }
}
