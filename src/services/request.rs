//! What the console asks of a session, the events that answer it, and how the ledger answers a [`ReadRequest`]. Requests
//! and answers are not paired: an answer repeats what was asked for, and some events come without a request.

use std::path::PathBuf;
use std::sync::Arc;

use crate::api::{ApiError, Usable};
use crate::ledger::{Claim, LedgerError, Listed, Stop, WholeEvent};
use crate::model::action::{ActionId, Confirmed, Operation};
use crate::model::diff::Difference;
use crate::model::time::Timestamp;
use crate::model::{Kind, Money, Number, ObjectId, Settled, Settlement};
use crate::services::{
    AcrossPage, AcrossPageRequest, AcrossSelection, AcrossSums, BillEvent, BillRequest, BooksEvent, BulkCommand,
    BulkEvent, BulkRequest, BulkRun, Disputes, Earlier, Fresh, Gap, Health, InboxPage, InboxPageRequest, JournalPage,
    JournalPageRequest, LedgerReader, Listening, Lookup, LookupAttempt, ObjectHistory, Outcome, PendingConclusion,
    Prepared, Replay, ReplayError, Replayed, Resolved, Saved, Selection, Stopped, Sums, TablePageRequest, TableWindow,
    Unclosed, Unresolved, Unsaved, Watching,
};

/// A request to a session. Each names the event that answers it.
#[derive(Clone, Debug, PartialEq)]
pub enum Request {
    /// Reads from the ledger.
    Read(ReadRequest),
    /// These objects are on the screen now: they are queried first and most often.
    Look(Vec<ObjectId>),
    /// Queries these objects now ([`Event::Fetched`]).
    Refresh(Vec<ObjectId>),
    /// Watches objects until they are final ([`Event::Watching`]).
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
    /// Stops querying anything by itself, or continues.
    Pause(bool),
    /// Looks a number up ([`Event::Searched`]).
    Find(Number),
    /// The same, but an object that the ledger has is not queried.
    Follow(Lookup),
    /// Lists a user's coupons and keeps them ([`Event::CouponsListed`]).
    ListCoupons(Number),
    /// Lists where a stock's coupons can be used, or for which goods ([`Event::UsableListed`]).
    ListUsable(ObjectId, Usable),
    /// Lists an order's refunds at WeChat Pay Global ([`Event::RefundsListed`]).
    ListRefunds(ObjectId),
    /// Reads a page of settlements, from this row on ([`Event::Settlements`]).
    Settlements(Ticket, Settled, usize),
    /// Writes the statement of a day, `20261120`, to a new file ([`Event::StatementSaved`]).
    SaveStatement {
        day: String,
        path: PathBuf,
    },
    /// Sends a line of the inbox to a back end again ([`TabAnswer::Replayed`]).
    Replay(i64, Box<Replay>),
    /// Lists, downloads, reads or records bills ([`TabAnswer::Bill`]).
    Bill(BillRequest),
    /// Finds what an operation that is being previewed would repeat ([`Event::Earlier`]).
    Earlier(Box<Operation>),
    /// Reads the setting that an operation would replace ([`Event::Replaced`]).
    Replaced(Box<Operation>),
    /// Closes an open entry of the journal, for this reason ([`TabAnswer::EntryClosed`]).
    CloseEntry(i64, String),
    /// Sends a confirmed operation through the gate ([`Event::Concluded`], twice if the outcome is unknown at first).
    Perform(Ticket, Box<Confirmed>),
    /// Counts on how many of these objects each action is legal ([`Event::ActionsCounted`]).
    CountActions(Kind, Vec<ObjectId>),
    /// Prepares a bulk action ([`Event::BulkReading`], [`Event::BulkPrepared`]).
    PrepareBulk(Ticket, Box<BulkRequest>),
    /// Performs a confirmed bulk action, each operation through the gate ([`Event::Bulk`] for each step).
    RunBulk(Box<BulkRun>),
    /// Pauses the bulk action that is running, continues it, or stops it.
    ControlBulk(BulkCommand),
}

/// A request that the ledger alone answers.
#[derive(Clone, Debug, PartialEq)]
pub enum ReadRequest {
    /// Rows of a table ([`TabAnswer::TablePage`]). A newer request for the same kind cancels it.
    TablePage(TablePageRequest),
    /// The sums of a table ([`TabAnswer::Sums`]). A newer request for the same kind cancels it.
    Sums(Selection),
    /// Rows of the table over all profiles ([`TabAnswer::AcrossPage`]). A newer request cancels it.
    AcrossPage(AcrossPageRequest),
    /// The sums of that table ([`TabAnswer::AcrossSums`]). A newer request cancels it.
    AcrossSums(AcrossSelection),
    /// The objects that pass a filter, at most so many ([`Event::Matching`]).
    Matching(Selection, usize),
    /// What the ledger knows of these objects ([`Event::Rows`]).
    Rows(Vec<ObjectId>),
    /// The objects with these words in their numbers, names or users ([`Event::ObjectsFound`]). A newer request
    /// cancels it.
    Objects(String),
    /// Lines of the journal ([`TabAnswer::JournalPage`]).
    JournalPage(JournalPageRequest),
    /// Lines of the inbox ([`TabAnswer::InboxPage`]).
    InboxPage(InboxPageRequest),
    /// One line of the inbox with everything that is kept of it ([`TabAnswer::InboxEvent`]).
    InboxEvent(i64),
    /// Where sources contradict each other ([`TabAnswer::Disputes`]).
    Disputes,
    /// An object has been queried: which claims does its document still not confirm ([`TabAnswer::Reconciled`])?
    Reconcile(ObjectId),
    /// Everything known about an object; with `chain`, also about the objects along its chain ([`Event::Story`]).
    Story { of: ObjectId, chain: bool },
    /// The differences between two versions of an object; without the earlier one, all of the later version.
    Compare { of: ObjectId, before: Option<i64>, after: i64 },
    /// The differences between the latest documents of two objects.
    CompareObjects { before: ObjectId, after: ObjectId },
}

impl LedgerReader {
    /// The event that answers a request. `stop` cancels the reading of a table. Blocking.
    pub fn answer(&self, request: ReadRequest, now: Timestamp, stop: &Stop) -> Result<Event, LedgerError> {
        Ok(match request {
            ReadRequest::TablePage(request) => {
                let page = Arc::new(self.window(&request, now, stop)?);
                TabAnswer::TablePage { request: Arc::new(request), page }.into()
            }
            ReadRequest::Sums(selection) => {
                let sums = Arc::new(self.sums(&selection, now, stop)?);
                TabAnswer::Sums { selection: Arc::new(selection), sums }.into()
            }
            ReadRequest::AcrossPage(request) => {
                let page = Arc::new(self.across(&request, now, stop)?);
                TabAnswer::AcrossPage { request: Arc::new(request), page }.into()
            }
            ReadRequest::AcrossSums(selection) => {
                let sums = Arc::new(self.across_sums(&selection, now, stop)?);
                TabAnswer::AcrossSums { selection: Arc::new(selection), sums }.into()
            }
            ReadRequest::Matching(selection, limit) => self.matching(selection, limit, now)?,
            ReadRequest::Rows(ids) => Event::Rows(Arc::new(self.rows(&ids)?)),
            ReadRequest::Objects(text) => {
                let rows = Arc::new(self.objects_called(&text, now, stop)?);
                Event::ObjectsFound { text, rows }
            }
            ReadRequest::JournalPage(request) => {
                let page = Arc::new(self.journal(&request, now)?);
                TabAnswer::JournalPage { request: Arc::new(request), page }.into()
            }
            ReadRequest::InboxPage(request) => {
                let page = Arc::new(self.inbox(&request, now)?);
                TabAnswer::InboxPage { request: Arc::new(request), page }.into()
            }
            ReadRequest::InboxEvent(id) => TabAnswer::InboxEvent { id, event: self.event(id)?.map(Arc::new) }.into(),
            ReadRequest::Disputes => TabAnswer::Disputes(Arc::new(self.disputes(now)?)).into(),
            ReadRequest::Reconcile(id) => {
                let standing = Arc::new(self.reconcile(&id)?);
                TabAnswer::Reconciled { id, standing }.into()
            }
            ReadRequest::Story { of: id, chain } => {
                let story = if chain { self.whole_story(&id)? } else { self.story(&id)? };
                Event::Story { id, story: Arc::new(story) }
            }
            ReadRequest::Compare { of: id, before, after } => {
                let differences = self.compare(&id, before, after)?.map(Arc::new);
                TabAnswer::Compared { id, before, after, differences }.into()
            }
            ReadRequest::CompareObjects { before, after } => {
                let differences = self.compare_objects(&before, &after)?.map(Arc::new);
                TabAnswer::ObjectsCompared { before, after, differences }.into()
            }
        })
    }

    fn matching(&self, selection: Selection, limit: usize, now: Timestamp) -> Result<Event, LedgerError> {
        let (mut rows, mut more) = (Vec::new(), false);
        self.each(&selection, now, |found| {
            let room = limit - rows.len();
            more = found.len() > room;
            rows.extend(found.iter().take(room).map(|row| (row.id.clone(), row.amount())));
            !more
        })?;
        Ok(Event::Matching { selection: Arc::new(selection), rows: Arc::new(rows), more })
    }
}

impl From<ReadRequest> for Request {
    fn from(request: ReadRequest) -> Self {
        Self::Read(request)
    }
}

/// An event of a session: the answer to a request, or a change of something.
#[derive(Clone, Debug)]
pub enum Event {
    /// The answer to a request that a tab makes.
    Tab(TabAnswer),
    /// The ledger has something new about a kind, beyond what [`Event::Fetched`] reports.
    KindChanged(Kind),
    /// Another process has written about this kind for another profile.
    OtherProfileChanged(Kind),
    /// Everything known about one object.
    Story {
        id: ObjectId,
        story: Arc<ObjectHistory>,
    },
    /// A query was answered.
    Fetched {
        id: ObjectId,
        at: Timestamp,
        result: Result<Fresh, Arc<ApiError>>,
    },
    /// What an operation would repeat, with the operation.
    Earlier {
        operation: Box<Operation>,
        earlier: Option<Box<Earlier>>,
    },
    /// The address that an operation would replace, with the operation; `None` if none was ever set.
    Replaced {
        operation: Box<Operation>,
        result: Result<Option<String>, Arc<ApiError>>,
    },
    /// An action has ended; or its outcome is unknown so far, and another such event follows.
    Concluded {
        ticket: Ticket,
        outcome: Outcome,
    },
    /// The journal entries whose outcome is unknown, from this run and earlier ones: all of them, whenever they
    /// change. Nothing new is allowed on their objects.
    Unresolved(Vec<Unresolved>),
    /// An open entry of the journal has ended: the object shows the outcome, or a known outcome could be written at
    /// last.
    Resolved(Resolved),
    /// The outcome of an action is known, but could not be written to the journal: its entry stays open.
    Unwritten {
        object: ObjectId,
        unwritten: PendingConclusion,
    },
    /// What is fetched is shown, but cannot be kept in the ledger. Reported once, until it can be kept again.
    NotStored(Arc<LedgerError>),
    /// The ledger is damaged: everything can be read, and nothing is sent.
    Unsound(Arc<LedgerError>),
    /// The ledger cannot be read, so there is nothing to show.
    Unreadable(Arc<LedgerError>),
    /// The objects that pass a filter, in the order of their table, with their amounts. `more`: there are others.
    Matching {
        selection: Arc<Selection>,
        rows: Arc<Vec<(ObjectId, Option<Money>)>>,
        more: bool,
    },
    /// On how many of these objects each action is legal.
    ActionsCounted {
        ids: Arc<Vec<ObjectId>>,
        counts: Vec<(ActionId, usize)>,
    },
    /// A bulk action is being prepared: of `total` objects to query, `done` have been queried.
    BulkReading {
        ticket: Ticket,
        done: usize,
        total: usize,
    },
    BulkPrepared {
        ticket: Ticket,
        result: Result<Arc<Prepared>, Arc<Stopped>>,
    },
    /// A step of the bulk action.
    Bulk(BulkEvent),
    /// A search for a number has ended.
    Searched(Searched),
    /// A user's coupons were listed and kept; how many there are.
    CouponsListed {
        openid: Number,
        result: Result<usize, Arc<ApiError>>,
    },
    /// Where a stock's coupons can be used, or for which goods.
    UsableListed {
        stock: ObjectId,
        what: Usable,
        result: Result<Arc<Vec<String>>, Arc<ApiError>>,
    },
    /// How many refunds of an order WeChat Pay Global lists.
    RefundsListed {
        order: ObjectId,
        result: Result<usize, Arc<Stopped>>,
    },
    /// A day's statement was written, or why it was not.
    StatementSaved {
        day: String,
        result: Result<Saved, Arc<Unsaved>>,
    },
    /// A page of settlements, and the total number of them.
    Settlements {
        ticket: Ticket,
        result: Result<(Vec<Settlement>, usize), Arc<ApiError>>,
    },
    /// The inbox has changed: something was received or refused.
    InboxChanged,
    /// The state of receiving notifications, whenever it changes.
    Listening(Listening),
    /// What the ledger knows of the requested objects; unknown ones are left out.
    Rows(Arc<Vec<Listed>>),
    /// The objects with these words, some of each kind, newest first; one with this very number before the others.
    ObjectsFound {
        text: String,
        rows: Arc<Vec<Listed>>,
    },
    /// What is watched, whenever that changes or what is due does.
    Watching(Arc<Watching>),
    /// A watched object is final, and no longer watched.
    Final(Fresh),
    /// For a while nothing could be queried. What is watched or on the screen is being queried again.
    Gap(Gap),
    /// Everything has been queried since the gap; `changed` objects had changed.
    CaughtUp {
        gap: Gap,
        changed: usize,
    },
    Health(Health),
}

/// An answer that one tab of the console takes: the one that sent the request.
#[derive(Clone, Debug)]
pub enum TabAnswer {
    /// Rows of a table, with the request; the answer to the latest request comes last.
    TablePage { request: Arc<TablePageRequest>, page: Arc<TableWindow> },
    /// The sums of a table.
    Sums { selection: Arc<Selection>, sums: Arc<Sums> },
    /// Rows of the table over all profiles, with the request.
    AcrossPage { request: Arc<AcrossPageRequest>, page: Arc<AcrossPage> },
    /// The sums of that table, by profile.
    AcrossSums { selection: Arc<AcrossSelection>, sums: Arc<AcrossSums> },
    /// Lines of the journal, with the request.
    JournalPage { request: Arc<JournalPageRequest>, page: Arc<JournalPage> },
    /// The differences between two versions of an object, as requested. `None` if a document cannot be read.
    Compared { id: ObjectId, before: Option<i64>, after: i64, differences: Option<Arc<Vec<Difference>>> },
    /// The differences between the latest documents of two objects, as requested. `None` if there is no document of one
    /// of them that can be read.
    ObjectsCompared { before: ObjectId, after: ObjectId, differences: Option<Arc<Vec<Difference>>> },
    /// An entry of the journal was closed by the operator, or why it was not.
    EntryClosed { journal: i64, result: Result<(), Arc<Unclosed>> },
    /// The answer to a request about bills.
    Bill(BillEvent),
    /// About a reconciliation.
    Books(BooksEvent),
    /// Lines of the inbox, with the request.
    InboxPage { request: Arc<InboxPageRequest>, page: Arc<InboxPage> },
    /// One line of the inbox with everything that is kept of it. `None` if there is no such line.
    InboxEvent { id: i64, event: Option<Arc<WholeEvent>> },
    /// Where sources contradict each other.
    Disputes(Arc<Disputes>),
    /// An object was queried; the claims that its document still does not confirm.
    Reconciled { id: ObjectId, standing: Arc<Vec<Claim>> },
    /// A back end's answer to a line of the inbox that was sent to it again.
    Replayed { event: i64, url: String, result: Result<Replayed, Arc<ReplayError>> },
}

impl From<TabAnswer> for Event {
    fn from(answer: TabAnswer) -> Self {
        Self::Tab(answer)
    }
}

/// The result of a search for a number.
#[derive(Clone, Debug)]
pub struct Searched {
    pub number: Number,
    /// More than one if the merchant has used the number for several kinds.
    pub found: Vec<Fresh>,
    /// The questions that found nothing.
    pub tried: Arc<Vec<LookupAttempt>>,
    /// Why the search stopped early.
    pub stopped: Option<Arc<Stopped>>,
}

/// Names one confirmed operation between the console and the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);
