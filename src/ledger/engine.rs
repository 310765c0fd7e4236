//! What a store must do to be a ledger. The embedded one is SQLite. Another implements these traits in a folder of its
//! own, is opened by a variant of [`super::Store`], and runs the tests of `ledger/contract`; no caller changes. All calls
//! block; asynchronous code makes them through [`super::Ledger::run`].
//!
//! `profile` is the key under which a profile's objects and entries are kept. Everything that a call has written when it
//! returns is one transaction: all of it is there, or nothing. Several processes may have the same ledger open.

use std::collections::HashSet;
use std::path::Path;

use futures_util::stream::BoxStream;

use super::inbox::{Arrival, Claim, Disagreement, EventRow, InboxSearch, Receipt, Refused, Verdict, WholeEvent};
use super::{
    Anchor, Answers, Attempt, Broken, Checkup, Conclusion, Ending, Forward, Fresh, Group, IntendError, Intent,
    JournalEntry, Known, LedgerError, Mark, News, Noted, Once, Onward, Open, Query, Related, Source, Stop, Version,
    WatchReason, Watched, Window,
};
use crate::model::action::Intention;
use crate::model::filter::Condition;
use crate::model::time::Timestamp;
use crate::model::{Kind, Link, Number, Object, ObjectId, State};

/// A store of objects and of the journal, shared by all processes that open it.
pub trait Engine:
    Objects + Tables + Relations + Journal + Watches + Inbox + Forwards + Claims + Others + Upkeep + Send + Sync
{
}

/// The objects: one row for each number, and every version of its document.
pub trait Objects {
    /// Remembers numbers whose objects have not been fetched; they are due at once. Known ones stay as they are.
    fn note(&self, profile: &str, ids: &[ObjectId], origin: Source) -> Result<(), LedgerError>;

    /// Stores verified documents. One that differs from the latest is a new version; an older one takes its place
    /// among the versions and never replaces a newer one. Objects they name by their own number are noted.
    fn put(&self, profile: &str, objects: &[Fresh]) -> Result<(), LedgerError>;

    /// Stores the results of queries in one commit. Returns those of [`Answers::again`] whose latest document is another
    /// by now: they are unchanged, and to be queried once more.
    fn take_in(&self, profile: &str, answers: &Answers) -> Result<Vec<ObjectId>, LedgerError>;

    /// The latest document of an object.
    fn object(&self, profile: &str, id: &ObjectId) -> Result<Option<Fresh>, LedgerError>;

    /// Everything known under a text: the number of any kind, or WeChat Pay's own.
    fn find(&self, profile: &str, text: &str) -> Result<Vec<Known>, LedgerError>;

    /// Those of the objects whose documents were verified at that time or later. No document is read for it.
    fn verified_since(
        &self,
        profile: &str,
        ids: &[ObjectId],
        since: Timestamp,
    ) -> Result<HashSet<ObjectId>, LedgerError>;

    /// Those of a kind that may still change and were not verified since, in the order they became known.
    fn stale(&self, profile: &str, kind: Kind, since: Timestamp) -> Result<Vec<ObjectId>, LedgerError>;

    /// The latest documents of a kind in the order their numbers became known, `limit` at a time: `after` is what
    /// the call before returned as its second part, 0 at first.
    fn documents(&self, profile: &str, kind: Kind, after: i64, limit: usize) -> Result<(Vec<Known>, i64), LedgerError>;

    /// The objects that are due to be queried and are not watched, the longest due first, and when the next after them
    /// is due.
    fn due(
        &self,
        profile: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<ObjectId>, Option<Timestamp>), LedgerError>;

    /// How and when a number became known.
    fn noted(&self, profile: &str, id: &ObjectId) -> Result<Option<Noted>, LedgerError>;

    /// All versions of an object, newest first.
    fn versions(&self, profile: &str, id: &ObjectId) -> Result<Vec<Version>, LedgerError>;

    /// The document of a version.
    fn version(&self, profile: &str, id: &ObjectId, version: i64) -> Result<Option<Object>, LedgerError>;
}

/// The rows and sums of tables. No document is read for them.
pub trait Tables {
    /// The rows around a place in the order: at most `before` rows ahead of it and `after` from it on. A row
    /// `kept` is there even if it does not meet the conditions.
    fn window(
        &self,
        profile: &str,
        query: &Query,
        anchor: &Anchor,
        reach: (usize, usize),
        kept: Option<&ObjectId>,
        stop: &Stop,
    ) -> Result<Window, LedgerError>;

    /// What the rows that meet the conditions add up to, by state and currency. Without conditions, or with
    /// conditions on states alone, no row is read for it.
    fn totals(
        &self,
        profile: &str,
        kind: Kind,
        conditions: &[Condition],
        stop: &Stop,
    ) -> Result<Vec<Group>, LedgerError>;

    /// The states that occur in a kind.
    fn states(&self, profile: &str, kind: Kind) -> Result<Vec<State>, LedgerError>;
}

/// What objects name each other.
pub trait Relations {
    /// What an object's document names and what names it, as far as it is known, at most `limit` of either.
    fn related(&self, profile: &str, id: &ObjectId, limit: usize) -> Result<Vec<Related>, LedgerError>;

    /// What names an object, by kind and state: for sums, without a limit.
    fn dependents(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Kind, Group)>, LedgerError>;

    /// Links by WeChat Pay's number to objects of a kind that are not known yet and are due to be followed.
    fn unfollowed(&self, profile: &str, kind: Kind, now: Timestamp, limit: usize) -> Result<Vec<Number>, LedgerError>;

    /// Changes when a link is due to be followed; `None`: not again.
    fn postpone_link(&self, profile: &str, link: &Link, until: Option<Timestamp>) -> Result<(), LedgerError>;
}

/// What is watched.
pub trait Watches {
    /// Watches objects from now on; numbers that are not known are noted. What is final is not watched. Returns those
    /// that were not watched before.
    fn watch(
        &self,
        profile: &str,
        ids: &[ObjectId],
        why: WatchReason,
        since: Timestamp,
    ) -> Result<Vec<ObjectId>, LedgerError>;

    fn unwatch(&self, profile: &str, ids: &[ObjectId]) -> Result<(), LedgerError>;

    /// What is watched, the longest first. The commit that makes an object final ends its watch.
    fn watched(&self, profile: &str) -> Result<Vec<Watched>, LedgerError>;
}

/// Notifications, and requests that were refused in their place.
pub trait Inbox {
    /// Commits notifications to the disk, each once however often it comes, and returns what each was. Nothing may be
    /// acknowledged before this returns. A new one becomes a claim about its object, which is due at once; `onward` is
    /// committed with it. `answered`: how many microseconds the answers to earlier deliveries took.
    fn receive(
        &self,
        profile: &str,
        arrivals: &[Arrival],
        answered: &[(i64, u64)],
        onward: Onward,
    ) -> Result<Vec<Receipt>, LedgerError>;

    /// Counts refused requests, on one line for each reason and hour. `others`: how many more were refused of which
    /// nothing is kept, and when the last of them came.
    fn tally(
        &self,
        profile: &str,
        refused: &[Refused],
        others: &[(Verdict, Timestamp, u64)],
    ) -> Result<(), LedgerError>;

    /// Lines of the inbox, newest first.
    fn inbox(&self, profile: &str, search: &InboxSearch) -> Result<Vec<EventRow>, LedgerError>;

    /// One line with everything that is kept of it.
    fn event(&self, profile: &str, id: i64) -> Result<Option<WholeEvent>, LedgerError>;

    /// The notifications about an object, newest first.
    fn events_of(&self, profile: &str, object: &ObjectId, limit: usize) -> Result<Vec<EventRow>, LedgerError>;

    /// The number of the latest line, 0 if there is none.
    fn latest_event(&self, profile: &str) -> Result<i64, LedgerError>;

    /// This process listens for notifications from now on: those that are due and do not come are missed.
    fn listen(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError>;

    /// The listener of this process that began at that time has stopped. One that began later goes on.
    fn stop_listening(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError>;
}

/// What is passed on to an existing back end.
pub trait Forwards {
    /// What is due to be passed on, the longest due first, and when the next after them is due.
    fn to_forward(
        &self,
        profile: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Forward>, Option<Timestamp>), LedgerError>;

    /// Notes the results of attempts.
    fn forwarded(&self, attempts: &[Attempt]) -> Result<(), LedgerError>;

    /// Whether an event was accepted where it was passed on to.
    fn is_accepted(&self, event: i64) -> Result<bool, LedgerError>;
}

/// What notifications and bills claim about objects.
pub trait Claims {
    /// Notes claims, each once; numbers that are not known are noted.
    fn claim(&self, profile: &str, claims: &[(ObjectId, Claim)]) -> Result<(), LedgerError>;

    /// The claims about an object, newest first, each with whether its latest document does not confirm it.
    fn claims(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Claim, bool)>, LedgerError>;

    /// Claims that the latest documents do not confirm, and notifications that were due before `overdue` and have not
    /// come; the newest first.
    fn disagreements(&self, profile: &str, overdue: Timestamp, limit: usize) -> Result<Vec<Disagreement>, LedgerError>;

    /// When the next notification after `after` is due.
    fn next_awaited(&self, profile: &str, after: Timestamp) -> Result<Option<Timestamp>, LedgerError>;

    /// The notifications about an object are not waited for any more: it was queried.
    fn await_no_more(&self, profile: &str, id: &ObjectId) -> Result<(), LedgerError>;
}

/// What other processes write.
pub trait Others {
    /// What is new since the mark, which moves on to now. Nothing is, unless another process has written.
    fn news(&self, profile: &str, mark: &mut Mark) -> Result<News, LedgerError>;

    /// The present end of what has been written: news are counted from here.
    fn mark(&self) -> Result<Mark, LedgerError>;

    /// Yields after others may have written, from this call on; [`Others::news`] says what. It may yield without
    /// anything new, and once for several commits. It never ends. Polled within a Tokio runtime.
    fn changes(&self) -> BoxStream<'static, ()>;
}

/// What keeps the ledger itself whole.
pub trait Upkeep {
    /// Whether the ledger may be relied on to send something: verified once in a process, and again from time to time.
    /// [`LedgerError::Unsound`] if not.
    fn ensure_sound(&self) -> Result<(), LedgerError>;

    /// Checks everything now, and counts again what was counted wrong.
    fn check(&self) -> Result<Checkup, LedgerError>;

    /// Makes a copy as of one moment in a new file, and verifies it. Returns how many entries its journal has.
    fn backup(&self, file: &Path) -> Result<i64, LedgerError>;
}

/// The journal.
pub trait Journal {
    /// Commits an intent to the disk and gives its number. Nothing may be sent before this returns. Of one object of a
    /// merchant only one intent may be open, across all processes and profiles on this ledger, and nothing may have been
    /// written about it since whoever confirmed looked.
    fn intend(&self, intent: &Intent) -> Result<i64, IntendError>;

    /// Adds what became of an intent. An intent ends once: returns the end that stands, which another process may have
    /// written before.
    fn settle(&self, intent: i64, at: Timestamp, conclusion: &Conclusion) -> Result<Ending, LedgerError>;

    /// The number of the latest entry about an object, whether an intent or what became of one; 0 if there is none.
    fn latest_entry(&self, profile: &str, object: &ObjectId) -> Result<i64, LedgerError>;

    /// The latest entry on an object (of what is made out of nothing, on any of its kind) that was meant to bring about
    /// the same, and did or may have; or that was sent under the same number.
    fn repeated(
        &self,
        mchid: &str,
        object: &ObjectId,
        meant: (&Intention, &ObjectId),
        once: &Once,
    ) -> Result<Option<i64>, LedgerError>;

    /// Notes that an open intent is about to be sent once more, exactly as it was, and when that is by the platform's
    /// clock if that is known. False if it has ended meanwhile.
    fn send_again(&self, intent: i64, at: Timestamp, platform_at: Option<Timestamp>) -> Result<bool, LedgerError>;

    /// Whether whoever wrote an intent may still be sending it: another process that lives, or another part of this
    /// one.
    fn is_under_way(&self, open: &Open) -> bool;

    /// The latest outcome of an intent; `None` while it is under way.
    fn outcome(&self, intent: i64) -> Result<Option<String>, LedgerError>;

    /// The intents of a profile's merchant that have not ended, oldest first, whatever the profile was called.
    fn open_intents(&self, profile: &str) -> Result<Vec<Open>, LedgerError>;

    /// Intents with their settlements, newest first; of one profile or of all, of one object or of all, containing
    /// a text (in any letter case) or not, older than entry `before`, newer than entry `after`.
    fn journal_entries(&self, search: &JournalSearch<'_>) -> Result<Vec<JournalEntry>, LedgerError>;

    /// One intent with its settlements.
    fn journal_entry(&self, id: i64) -> Result<Option<JournalEntry>, LedgerError>;

    /// Calls `each` with the hash and the text of every entry, oldest first, until it returns false.
    fn export_journal(&self, each: &mut dyn FnMut(&str, &str) -> bool) -> Result<(), LedgerError>;

    /// Checks the whole chain. Returns how many entries there are, or the first thing that is wrong.
    fn verify_journal(&self) -> Result<Result<i64, Broken>, LedgerError>;
}

/// Which entries of the journal are wanted.
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalSearch<'a> {
    pub profile: Option<&'a str>,
    pub object: Option<&'a ObjectId>,
    pub text: Option<&'a str>,
    pub before: Option<i64>,
    /// Only entries newer than this one: those nearest to it, if there are more than `limit`.
    pub after: Option<i64>,
    pub limit: usize,
}
