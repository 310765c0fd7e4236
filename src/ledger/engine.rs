//! What a store must do to be a ledger. The embedded one is SQLite. Another implements these traits in a folder of its
//! own, is opened by a variant of [`super::Store`], and runs the tests of `ledger/contract`; no caller changes. All
//! calls block; asynchronous code makes them through [`super::Ledger::run`].
//!
//! `profile` is the key under which a profile's objects and entries are kept. Everything that a call has written when it
//! returns is one transaction: all of it is there, or nothing. Several processes may have the same ledger open.

use std::collections::HashSet;
use std::path::Path;

use futures_util::stream::BoxStream;

use super::inbox::{
    Claim, Disagreement, EventRow, InboxSearch, NewDelivery, Refused, StoreResult, Verdict, WholeEvent,
};
use super::{
    Anchor, Answers, BillStep, BillsTaken, Broken, Checkup, Conclusion, DifferenceClosing, Ending, Forward,
    ForwardAttempt, ForwardMode, Fresh, Group, HeldChanges, HeldDifference, HoldOver, HourGroup, IntendError, Intent,
    JournalEntry, KeptBillRow, Known, LastSeen, LedgerError, Mark, News, NotHeld, Noted, Once, OpenIntent, Query,
    Related, Source, Stop, TablePage, TakenBill, Version, WatchReason, Watched,
};
use crate::model::action::Intention;
use crate::model::filter::Condition;
use crate::model::time::Timestamp;
use crate::model::{Kind, Link, Number, Object, ObjectId, State};

/// A store of objects and of the journal, shared by all processes that open it.
pub trait Engine:
    Objects
    + Tables
    + Relations
    + Journal
    + Watches
    + Inbox
    + Forwards
    + Claims
    + Bills
    + HeldOver
    + Others
    + Upkeep
    + Send
    + Sync
{
}

/// The objects: one row for each number, and every version of its document.
pub trait Objects {
    /// Stores numbers whose objects have not been fetched; they are due at once. Known ones stay as they are.
    fn note(&self, profile: &str, ids: &[ObjectId], origin: Source) -> Result<(), LedgerError>;

    /// Stores verified documents. One that differs from the latest is a new version; an older one takes its place
    /// among the versions and never replaces a newer one. Objects they name by their own number are noted.
    fn put(&self, profile: &str, objects: &[Fresh]) -> Result<(), LedgerError>;

    /// Stores the results of queries in one commit. Returns those of [`Answers::again`] whose latest document has been
    /// replaced meanwhile: they are unchanged and must be queried again.
    fn take_in(&self, profile: &str, answers: &Answers) -> Result<Vec<ObjectId>, LedgerError>;

    /// The latest document of an object.
    fn object(&self, profile: &str, id: &ObjectId) -> Result<Option<Fresh>, LedgerError>;

    /// All objects with this number: a number of any kind, or WeChat Pay's own.
    fn find(&self, profile: &str, text: &str) -> Result<Vec<Known>, LedgerError>;

    /// The given objects whose documents were verified at `since` or later. Reads no document.
    fn verified_since(
        &self,
        profile: &str,
        ids: &[ObjectId],
        since: Timestamp,
    ) -> Result<HashSet<ObjectId>, LedgerError>;

    /// The objects of a kind that may still change and were not verified since then, in the order they became known.
    fn stale(&self, profile: &str, kind: Kind, since: Timestamp) -> Result<Vec<ObjectId>, LedgerError>;

    /// The latest documents of a kind in the order their numbers became known, `limit` at a time: `after` is what
    /// the call before returned as its second part, 0 at first.
    fn documents(&self, profile: &str, kind: Kind, after: i64, limit: usize) -> Result<(Vec<Known>, i64), LedgerError>;

    /// The objects that are due to be queried and are not watched, the longest due first; and when the next one is due.
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

/// The rows and sums of tables. Reads no document.
pub trait Tables {
    /// The rows around a place in the order: at most `before` rows ahead of it and `after` from it on. The row `kept`
    /// is included even if it does not meet the conditions.
    fn window(
        &self,
        profile: &str,
        query: &Query,
        anchor: &Anchor,
        reach: (usize, usize),
        kept: Option<&ObjectId>,
        stop: &Stop,
    ) -> Result<TablePage, LedgerError>;

    /// The sums of the rows that meet the conditions, by state and currency. Without conditions, or with conditions on
    /// states alone, no row is read.
    fn totals(
        &self,
        profile: &str,
        kind: Kind,
        conditions: &[Condition],
        stop: &Stop,
    ) -> Result<Vec<Group>, LedgerError>;

    /// The sums of the rows that meet the conditions, by hour and currency, for this many hours from a time on. Only
    /// the rows of these hours are read.
    fn by_hour(
        &self,
        profile: &str,
        kind: Kind,
        conditions: &[Condition],
        hours: (Timestamp, usize),
        stop: &Stop,
    ) -> Result<Vec<HourGroup>, LedgerError>;

    /// The states that objects of a kind are in.
    fn states(&self, profile: &str, kind: Kind) -> Result<Vec<State>, LedgerError>;
}

/// Links between objects.
pub trait Relations {
    /// The objects that an object's document names and those that name it, as far as known, at most `limit` of each.
    fn related(&self, profile: &str, id: &ObjectId, limit: usize) -> Result<Vec<Related>, LedgerError>;

    /// The objects that name an object, by kind and state: for sums, without a limit.
    fn dependents(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Kind, Group)>, LedgerError>;

    /// Links by WeChat Pay's number to objects of a kind that are not known yet and are due to be followed.
    fn unfollowed(&self, profile: &str, kind: Kind, now: Timestamp, limit: usize) -> Result<Vec<Number>, LedgerError>;

    /// Sets when a link is next due to be followed; `None`: never again.
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

    /// The watched objects, the longest watched first. The commit that makes an object final ends its watch.
    fn watched(&self, profile: &str) -> Result<Vec<Watched>, LedgerError>;

    /// When the latest documents of these objects were verified and changed; objects without one are left out. Reads no
    /// document.
    fn last_seen(&self, profile: &str, ids: &[ObjectId]) -> Result<Vec<(ObjectId, LastSeen)>, LedgerError>;
}

/// Notifications, and requests to the receiver that were rejected.
pub trait Inbox {
    /// Commits notifications to the disk, each once however often it is delivered, and returns how each was classified.
    /// Nothing may be acknowledged before this returns. A new one becomes a claim about its object, which is due at
    /// once; `onward` is committed with it. `answered`: how many microseconds the answers to earlier deliveries took.
    fn receive(
        &self,
        profile: &str,
        arrivals: &[NewDelivery],
        answered: &[(i64, u64)],
        onward: ForwardMode,
    ) -> Result<Vec<StoreResult>, LedgerError>;

    /// Counts rejected requests, on one line for each reason and hour. `others`: how many more were rejected without
    /// their contents being kept, and when the last of them came.
    fn tally(
        &self,
        profile: &str,
        refused: &[Refused],
        others: &[(Verdict, Timestamp, u64)],
    ) -> Result<(), LedgerError>;

    /// Lines of the inbox, newest first.
    fn inbox(&self, profile: &str, search: &InboxSearch) -> Result<Vec<EventRow>, LedgerError>;

    /// The types of the notifications that were received.
    fn event_types(&self, profile: &str) -> Result<Vec<String>, LedgerError>;

    /// One line with everything that is kept of it.
    fn event(&self, profile: &str, id: i64) -> Result<Option<WholeEvent>, LedgerError>;

    /// The notifications about an object, newest first.
    fn events_of(&self, profile: &str, object: &ObjectId, limit: usize) -> Result<Vec<EventRow>, LedgerError>;

    /// This process listens for notifications from now on: those that are due and do not arrive are reported as
    /// overdue.
    fn listen(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError>;

    /// The listener of this process that began at that time has stopped. One that began later continues.
    fn stop_listening(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError>;
}

/// Notifications that are forwarded to an existing back end.
pub trait Forwards {
    /// The deliveries that are due to be forwarded, the longest due first; and when the next one is due.
    fn to_forward(
        &self,
        profile: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Forward>, Option<Timestamp>), LedgerError>;

    /// Records the results of attempts.
    fn forwarded(&self, attempts: &[ForwardAttempt]) -> Result<(), LedgerError>;

    /// Whether the back end accepted an event.
    fn is_accepted(&self, event: i64) -> Result<bool, LedgerError>;
}

/// What notifications and bills claim about objects.
pub trait Claims {
    /// Records claims, each once; numbers that are not known are noted.
    fn claim(&self, profile: &str, claims: &[(ObjectId, Claim)]) -> Result<(), LedgerError>;

    /// The claims about an object, newest first, each with whether its latest document does not confirm it.
    fn claims(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Claim, bool)>, LedgerError>;

    /// Claims that the latest documents do not confirm, and notifications that were due before `overdue` and have not
    /// arrived; newest first.
    fn disagreements(&self, profile: &str, overdue: Timestamp, limit: usize) -> Result<Vec<Disagreement>, LedgerError>;

    /// When the next notification after `after` is due.
    fn next_awaited(&self, profile: &str, after: Timestamp) -> Result<Option<Timestamp>, LedgerError>;

    /// Stops awaiting the notifications about an object: it was queried.
    fn await_no_more(&self, profile: &str, id: &ObjectId) -> Result<(), LedgerError>;
}

/// The rows of bills, as facts about objects.
///
/// An object of which no document was verified is as its bills say: [`super::Seen::source`] is [`Source::Bill`], and
/// [`super::Seen::verified_at`] the end of the latest of their days. It has no document, is not final, and is not due:
/// nothing takes it for queried. The first document takes the place of all that bills say; what bills say of an object
/// with a document is compared with that, as a claim.
pub trait Bills {
    /// Takes the bills of a file in, all of them in one commit. `next` returns the steps in their order; if it ends
    /// without [`BillStep::Verified`], nothing has changed, and this returns `None`.
    fn take_bills(
        &self,
        profile: &str,
        next: &mut dyn FnMut() -> Option<BillStep>,
    ) -> Result<Option<BillsTaken>, LedgerError>;

    /// The bills whose rows are here, the latest day first.
    fn taken_bills(&self, profile: &str) -> Result<Vec<TakenBill>, LedgerError>;

    /// The rows about an object, the latest day first.
    fn bill_rows(&self, profile: &str, id: &ObjectId) -> Result<Vec<KeptBillRow>, LedgerError>;
}

/// Differences between bills and the merchant's books.
pub trait HeldOver {
    /// Records what a reconciliation found, in one commit: new differences are open, known ones are found again, and
    /// those that a person has closed stay closed. An open one of its days that is not found any more has ended, if it
    /// was found with no other sides than were compared now.
    fn hold_over(&self, profile: &str, run: &HoldOver) -> Result<HeldChanges, LedgerError>;

    /// The differences of a profile, the open ones first and the oldest of them first; `open`: these alone.
    fn held(&self, profile: &str, open: bool, limit: usize) -> Result<Vec<HeldDifference>, LedgerError>;

    /// Ends a difference by a person's decision, with its record in the journal in the same commit. Returns the number
    /// of the entry.
    fn close_difference(
        &self,
        profile: &str,
        id: i64,
        closing: &DifferenceClosing,
    ) -> Result<Result<i64, NotHeld>, LedgerError>;
}

/// Changes by other processes.
pub trait Others {
    /// The changes since the mark, which advances to now. There are none unless another process has written.
    fn news(&self, profile: &str, mark: &mut Mark) -> Result<News, LedgerError>;

    /// A mark at the current end of the ledger.
    fn mark(&self) -> Result<Mark, LedgerError>;

    /// Yields after other processes may have written, from this call on; [`Others::news`] returns what changed. It may
    /// yield without a change, and once for several commits. It never ends. Polled within a Tokio runtime.
    fn changes(&self) -> BoxStream<'static, ()>;
}

/// Checks, repairs and copies of the ledger.
pub trait Upkeep {
    /// Fails if the ledger is not sound enough to send something: verified once per process, and again from time to
    /// time. [`LedgerError::Unsound`] if not.
    fn ensure_sound(&self) -> Result<(), LedgerError>;

    /// Checks everything now, and recounts wrong sums.
    fn check(&self) -> Result<Checkup, LedgerError>;

    /// Writes a consistent copy to a new file, and verifies it. Returns how many records its journal has.
    fn backup(&self, file: &Path) -> Result<i64, LedgerError>;

    /// Adds the words of at most `limit` objects to what makes searching them fast. Returns whether there are more.
    /// Searches are complete without it.
    fn index_words(&self, limit: usize) -> Result<bool, LedgerError>;
}

/// The journal. An entry is an intent with its conclusions; its number counts the intents from 1, in the order in which
/// they were made, and is the only name by which callers know it.
pub trait Journal {
    /// Commits an intent to the disk and returns its number. Nothing may be sent before this returns. Only one intent
    /// on an object of a merchant may be open, across all processes and profiles on this ledger, and no entry about the
    /// object may be later than the confirmed preview.
    fn intend(&self, intent: &Intent) -> Result<i64, IntendError>;

    /// Adds the outcome of an intent. An intent ends once: returns the conclusion in force, which another process may
    /// have written before.
    fn conclude(&self, intent: i64, at: Timestamp, conclusion: &Conclusion) -> Result<Ending, LedgerError>;

    /// The latest record about an object, an intent or an outcome, as [`Intent::seen`] compares it: records are counted
    /// together, so this is not the number of an entry. 0 if there is none.
    fn latest_entry(&self, profile: &str, object: &ObjectId) -> Result<i64, LedgerError>;

    /// The latest entry on an object (for a creation, on any object of its kind) with the same intended effect that had
    /// it or may have had it; or one that was sent under the same number.
    fn repeated(
        &self,
        mchid: &str,
        object: &ObjectId,
        meant: (&Intention, &ObjectId),
        once: &Once,
    ) -> Result<Option<i64>, LedgerError>;

    /// Records that an open intent is about to be sent again unchanged, and the platform's time if known. False if it
    /// has ended meanwhile.
    fn send_again(&self, intent: i64, at: Timestamp, platform_at: Option<Timestamp>) -> Result<bool, LedgerError>;

    /// Whether an intent may still be being sent: by another living process, or by another part of this one.
    fn is_under_way(&self, open: &OpenIntent) -> bool;

    /// The open intents of a profile's merchant, oldest first, including those of other profiles of the merchant.
    fn open_intents(&self, profile: &str) -> Result<Vec<OpenIntent>, LedgerError>;

    /// Intents with their conclusions, newest first; of one profile or of all, of one object or of all, containing
    /// a text (in any letter case) or not, older than entry number `before`, newer than entry number `after`.
    fn journal_entries(&self, search: &JournalSearch<'_>) -> Result<Vec<JournalEntry>, LedgerError>;

    /// One intent with its conclusions, by its number.
    fn journal_entry(&self, number: i64) -> Result<Option<JournalEntry>, LedgerError>;

    /// Calls `each` with the hash and the text of every record, oldest first, until it returns false.
    fn export_journal(&self, each: &mut dyn FnMut(&str, &str) -> bool) -> Result<(), LedgerError>;

    /// Checks the whole chain and the numbers of its intents. Returns how many records there are, or the first thing
    /// that is wrong.
    fn verify_journal(&self) -> Result<Result<i64, Broken>, LedgerError>;
}

/// Which entries of the journal to return.
#[derive(Clone, Copy, Debug, Default)]
pub struct JournalSearch<'a> {
    pub profile: Option<&'a str>,
    pub object: Option<&'a ObjectId>,
    pub conditions: &'a [Condition],
    pub before: Option<i64>,
    /// Only entries newer than this one; the nearest `limit` of them.
    pub after: Option<i64>,
    pub limit: usize,
}
