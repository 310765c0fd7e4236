//! What goes on beside the screen: the ledger is kept fresh, numbers come in, actions pass the gate. The console and
//! the command line speak to a [`Session`] and hear [`Event`]s; neither speaks to the network itself.

pub mod bills;
pub(crate) mod ingest;
mod others;
pub(crate) mod read;
mod session;
mod tidings;
pub(crate) mod watch;
pub(crate) mod webhook;
pub(crate) mod write;

use std::sync::Arc;

use crate::api::{ApiError, Usable};
use crate::ledger::{Claim, LedgerError, Listed, WholeEvent, Window};
use crate::model::action::{ActionId, Illegal, Operation, RuleBroken};
use crate::model::diff::Difference;
use crate::model::time::Timestamp;
use crate::model::{Handover, Kind, Money, Number, ObjectId, Settlement};

pub use crate::ledger::{Fresh, Known, Source};
pub use bills::{
    BillEvent, BillFailure, BillGlance, BillRecord, BillWindow, BillWish, Bills, Destination, Flow, NotNoted,
};
pub use ingest::coupons::{list_coupons, list_stocks, list_usable};
pub use ingest::global::{Saved, Unsaved, all_settlements, save_statement, statement_rows};
pub use ingest::import::Import;
pub use ingest::lookup::{Question, Search, Tried, Wanted};
pub use ingest::number_tail::Feed;
pub use ingest::numbers::{Malformed, Numbers, read_numbers};
pub use ingest::query_all::Stopped;
pub use read::history::{Accord, Chain, Moment, Silence, Strand, What, moments};
pub use read::inbox::{
    ANSWER_WITHIN, Disputes, InboxFilter, InboxFilterError, InboxGlance, InboxWindow, NotReplayable, OVERDUE_AFTER,
    Replay, ReplayError, Replayed, event_message, is_whole,
};
pub use read::log::{LogAnchor, LogGlance, LogWindow};
pub use read::reader::{Browser, Glance, JournalFilter, JournalGlance, JournalWindow, Selection, Story, Sums};
pub use session::{Session, SessionOptions};
pub use watch::{Gap, GapReason, Vigil, Watch, Watching};
pub use webhook::{Bind, Came, ForwardTo, Heard, Hearer, ListenError, ListenOptions, Listening, Receiver, Unusable};
pub use write::bulk::{BulkEvent, BulkRequest, BulkRun, LeftOut, Prepared, Rate, Reins, Surprise, WhyLeftOut, Wish};
pub use write::closing::{Unclosed, close_entry};
pub use write::earlier::{Became, Earlier};
pub use write::pending_journal::Unwritten;
pub use write::resolver::{Resolved, Unresolved};
pub use write::runner::{Actor, Runner};

/// Something happened beside the screen.
#[derive(Clone, Debug)]
pub enum Event {
    /// The ledger learned something about a kind beyond what [`Event::Fetched`] tells.
    Learned(Kind),
    /// A stretch of a table, as it was asked for; the last asked for comes last.
    Window {
        glance: Arc<Glance>,
        window: Arc<Window>,
    },
    /// What a table adds up to.
    Sums {
        selection: Arc<Selection>,
        sums: Arc<Sums>,
    },
    /// A stretch of the journal, as it was asked for.
    Journal {
        glance: Arc<JournalGlance>,
        window: Arc<JournalWindow>,
    },
    /// All that is known of one object.
    Story {
        id: ObjectId,
        story: Arc<Story>,
    },
    /// What differs between two versions of an object, as it was asked for; without the earlier, everything. None if
    /// a document cannot be read.
    Compared {
        id: ObjectId,
        before: Option<i64>,
        after: i64,
        differences: Option<Arc<Vec<Difference>>>,
    },
    /// A query came back.
    Fetched {
        id: ObjectId,
        at: Timestamp,
        result: Result<Fresh, Arc<ApiError>>,
    },
    /// What an operation would repeat, as it was asked for.
    Earlier {
        operation: Box<Operation>,
        earlier: Option<Box<Earlier>>,
    },
    /// An entry of the journal was closed by the operator, or why not.
    EntryClosed {
        journal: i64,
        result: Result<(), Arc<Unclosed>>,
    },
    /// An action came to an end; or its outcome is unknown so far, and another such event is to follow.
    Settled {
        ticket: Ticket,
        outcome: Outcome,
    },
    /// The journal entries whose outcome is unknown, from this run and earlier ones: all of them, whenever they
    /// change. Nothing new is allowed on their objects.
    Unresolved(Vec<Unresolved>),
    /// An entry of the journal that was open has ended: the object told, or what was known could be written at last.
    Resolved(Resolved),
    /// What became of an action is known, but could not be written to the journal: its entry stays open.
    Unwritten {
        object: ObjectId,
        unwritten: Unwritten,
    },
    /// What is fetched is shown, but cannot be kept in the ledger. Told once, until it can again.
    Unkept(Arc<LedgerError>),
    /// The ledger is damaged: everything can be read, and nothing is sent.
    Unsound(Arc<LedgerError>),
    /// The ledger cannot be read, so there is nothing to show.
    Unreadable(Arc<LedgerError>),
    /// Which objects pass a filter, in the order of their table, with their amounts. `more`: not all of them.
    Matching {
        selection: Arc<Selection>,
        rows: Arc<Vec<(ObjectId, Option<Money>)>>,
        more: bool,
    },
    /// On how many of these objects each action is legal.
    Surveyed {
        ids: Arc<Vec<ObjectId>>,
        counts: Vec<(ActionId, usize)>,
    },
    /// A bulk action is being prepared: of so many objects that must be asked about, so many have been.
    BulkReading {
        ticket: Ticket,
        done: usize,
        total: usize,
    },
    BulkPrepared {
        ticket: Ticket,
        result: Result<Arc<Prepared>, Arc<Stopped>>,
    },
    /// How the bulk action goes on.
    Bulk(BulkEvent),
    /// A search for a number came to an end.
    Searched(Searched),
    /// A user's coupons were listed, so many, and are in the ledger.
    CouponsListed {
        openid: Number,
        result: Result<usize, Arc<ApiError>>,
    },
    /// Where a stock's coupons can be used, or for what.
    UsableListed {
        stock: ObjectId,
        what: Usable,
        result: Result<Arc<Vec<String>>, Arc<ApiError>>,
    },
    /// How many refunds WeChat Pay Global lists of an order.
    RefundsListed {
        order: ObjectId,
        result: Result<usize, Arc<Stopped>>,
    },
    /// A day's statement was written, or why not.
    StatementSaved {
        day: String,
        result: Result<Saved, Arc<Unsaved>>,
    },
    /// A page of settlements, and how many there are in all.
    Settlements {
        ticket: Ticket,
        result: Result<(Vec<Settlement>, usize), Arc<ApiError>>,
    },
    /// Something about bills.
    Bill(BillEvent),
    /// A stretch of the inbox, as it was asked for.
    Inbox {
        glance: Arc<InboxGlance>,
        window: Arc<InboxWindow>,
    },
    /// One line of the inbox with all that is kept of it, as it was asked for. None if there is no such line.
    Opened {
        id: i64,
        event: Option<Arc<WholeEvent>>,
    },
    /// Where sources contradict each other.
    Disputes(Arc<Disputes>),
    /// An object was asked, and what its document still does not say.
    Reconciled {
        id: ObjectId,
        standing: Arc<Vec<Claim>>,
    },
    /// What the other side said to a line of the inbox that was sent to it again.
    Replayed {
        event: i64,
        url: String,
        result: Result<Replayed, Arc<ReplayError>>,
    },
    /// The inbox has changed: something came, or was refused.
    Told,
    /// How receiving notifications goes, whenever that changes.
    Listening(Listening),
    /// What the ledger knows of objects, as it was asked for; those it does not know are not among them.
    Rows(Arc<Vec<Listed>>),
    /// What is watched, whenever that changes or what is due does.
    Watching(Arc<Watching>),
    /// A watched object has come to its end, and is not watched any more.
    Final(Fresh),
    /// For a while nothing could be seen. What is watched or on the screen is being asked about again.
    Gap(Gap),
    /// All of it has been asked about since; so many objects had changed.
    CaughtUp {
        gap: Gap,
        changed: usize,
    },
    Health(Health),
}

/// What a search for a number came to.
#[derive(Clone, Debug)]
pub struct Searched {
    pub number: Number,
    /// More than one if the merchant has used the number for several kinds.
    pub found: Vec<Fresh>,
    /// What was asked and brought nothing.
    pub tried: Arc<Vec<Tried>>,
    /// Why asking came to an early end.
    pub stopped: Option<Arc<Stopped>>,
}

/// Names one confirmed operation between the console and the runner.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Ticket(pub u64);

/// How an action ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It took effect. `found_by_query`: no usable answer came, but the object tells.
    Done { request_id: Option<String>, journal: i64, found_by_query: bool, made: Option<Box<Made>> },
    /// WeChat Pay said no, or the request never left. A read has no journal entry.
    Refused { error: Arc<ApiError>, journal: Option<i64> },
    /// No usable answer came, and the object tells that it had no effect, nor will have.
    NoEffect { error: Arc<ApiError>, journal: i64 },
    /// Nobody knows yet. The journal entry stays open.
    Unknown { error: Arc<ApiError>, journal: i64 },
    /// Stopped here, before anything was sent.
    Denied(Denial),
}

impl Outcome {
    /// The word for it where programs read it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Refused { .. } | Self::NoEffect { .. } => "refused",
            Self::Unknown { .. } => "unknown",
            Self::Denied(_) => "denied",
        }
    }

    /// What it made.
    pub fn made(&self) -> Option<&Made> {
        match self {
            Self::Done { made, .. } => made.as_deref(),
            _ => None,
        }
    }

    /// WeChat Pay's name for the request.
    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Done { request_id, .. } => request_id.as_deref(),
            Self::Refused { error, .. } | Self::NoEffect { error, .. } | Self::Unknown { error, .. } => {
                error.request_id()
            }
            Self::Denied(_) => None,
        }
    }

    /// The journal entry of what was sent.
    pub fn journal(&self) -> Option<i64> {
        match self {
            Self::Done { journal, .. } | Self::NoEffect { journal, .. } | Self::Unknown { journal, .. } => {
                Some(*journal)
            }
            Self::Refused { journal, .. } => *journal,
            Self::Denied(_) => None,
        }
    }
}

/// Why the gate let an action not pass.
#[derive(Clone, Debug)]
pub enum Denial {
    /// The profile, or the whole run, is read-only.
    ReadOnly,
    /// A rule of this profile forbids it.
    Rule { broken: RuleBroken, profile: String },
    /// The object has changed since the preview, and the action is no longer legal.
    Illegal(Illegal),
    /// Another action on the same object is under way or unresolved; its journal entry.
    Busy { journal: i64 },
    /// The very same raw request is under way or unresolved; its journal entry.
    SameRequest { journal: i64 },
    /// It would be done a second time, or it was done before, as far as is known.
    Repeated(Box<Earlier>),
    /// The number stands for something else already: what that is, how much, and of what.
    NumberTaken { is: ObjectId, amount: Option<Money>, of: Option<String> },
    /// The journal could not be written, and without it nothing is sent.
    Journal(Arc<LedgerError>),
}

/// What an action made, as far as its answer or a query told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub id: ObjectId,
    /// What its front end needs; only the answer tells it.
    pub handover: Option<Handover>,
}

/// How the connection does.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// When an answer last verified.
    pub last_success: Option<Timestamp>,
    /// Set while the gateway cannot be reached or trusted: when it began, and the latest error.
    pub trouble: Option<Trouble>,
    /// Round trips of the latest queries in milliseconds, oldest first.
    pub latency_ms: Vec<u64>,
    /// Requests sent in the last second, and how many may be.
    pub requests_last_second: u32,
    pub requests_per_second: u32,
    /// Queries waiting for their turn.
    pub queued: usize,
    /// When the first of the merchant's or platform's certificates expires.
    pub certificate_expires: Option<Timestamp>,
}

/// An unbroken row of failures.
#[derive(Clone, Debug)]
pub struct Trouble {
    pub since: Timestamp,
    pub error: Arc<ApiError>,
    /// When it is tried again, unless somebody asks before.
    pub again: Option<Timestamp>,
}

impl PartialEq for Trouble {
    fn eq(&self, other: &Self) -> bool {
        (self.since, self.again) == (other.since, other.again) && Arc::ptr_eq(&self.error, &other.error)
    }
}
