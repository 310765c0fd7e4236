//! Background services: they keep the ledger fresh, bring numbers in, and send actions through the gate. The console
//! sends [`Request`]s to a [`Session`] and receives [`Event`]s; it never uses the network itself.

pub(crate) mod bills;
mod hub;
pub(crate) mod ingest;
mod ledger_changes;
pub(crate) mod read;
pub mod reconcile;
mod request;
mod session;
pub(crate) mod watch;
pub(crate) mod webhook;
mod word_index;
pub(crate) mod write;

use std::sync::Arc;

use crate::api::ApiError;
use crate::ledger::LedgerError;
use crate::model::action::{Illegal, RuleBroken};
use crate::model::time::Timestamp;
use crate::model::{Handover, Money, ObjectId};

pub use crate::ledger::{Fresh, Known, Source};
pub use bills::{
    BillEvent, BillFailure, BillFlow, BillInLedger, BillPage, BillPageRequest, BillRecord, BillRequest, BillStore,
    BooksEvent, Destination, FileIntake, Intake, IntakeProgress, NotTaken, OnIntake,
};
pub use ingest::coupons::{list_coupons, list_stocks, list_usable};
pub use ingest::global::{Saved, Unsaved, all_settlements, save_statement, statement_rows};
pub use ingest::import::Import;
pub use ingest::lookup::{Lookup, LookupAttempt, LookupQuery, Search, Stopped};
pub use ingest::number_tail::NumberTail;
pub use ingest::numbers::{Malformed, NumberFile, read_numbers};
pub use read::across::{
    AcrossAnchor, AcrossKey, AcrossPage, AcrossPageRequest, AcrossRow, AcrossSelection, AcrossSums,
};
pub use read::history::{
    EntryKind, PollGap, Records, RelatedHistory, SourceAgreement, TimelineEntry, timeline_entries,
};
pub use read::inbox::{
    ANSWER_WITHIN, Disputes, InboxFilter, InboxPage, InboxPageRequest, NotReplayable, OVERDUE_AFTER, Replay,
    ReplayError, Replayed, event_message, event_vocabulary, is_whole,
};
pub use read::journal::{JournalFilter, JournalPage, JournalPageRequest, journal_vocabulary};
pub use read::log::{LogAnchor, LogPage, LogPageRequest, NEWER, Newer};
pub use read::reader::{
    DaySums, LedgerReader, ObjectHistory, Selection, Sums, TablePageRequest, TableWindow, state_words,
};
pub use request::{Event, ReadRequest, Request, Searched, TabAnswer, Ticket};
pub use session::{Session, SessionOptions};
pub use watch::{ForegroundWatch, Gap, GapReason, Watch, Watching};
pub(crate) use webhook::refusal::RefusalCode;
pub use webhook::{
    Bind, EventSink, ForwardTo, ListenError, ListenOptions, ListenerEvent, Listening, NewNotification, Receiver,
    Unusable,
};
pub use write::bulk::{
    BulkCommand, BulkControl, BulkEvent, BulkRequest, BulkRun, LeftOut, Prepared, Rate, Surprise, WhyLeftOut,
};
pub use write::closing::{Unclosed, close_entry};
pub use write::earlier::{Became, Earlier};
pub use write::pending_journal::PendingConclusion;
pub use write::resolver::{Resolved, Unresolved};
pub use write::runner::{Actor, Runner};

/// How an action ended.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// It took effect. `found_by_query`: no usable answer arrived, but the object shows it.
    Done { request_id: Option<String>, journal: i64, found_by_query: bool, made: Option<Box<Made>> },
    /// WeChat Pay refused it, or the request was never sent. A read has no journal entry.
    Refused { error: Arc<ApiError>, journal: Option<i64> },
    /// No usable answer arrived, and the object shows that it had no effect and will have none.
    NoEffect { error: Arc<ApiError>, journal: i64 },
    /// The outcome is unknown so far. The journal entry stays open.
    Unknown { error: Arc<ApiError>, journal: i64 },
    /// Stopped here, before anything was sent.
    Denied(Denial),
}

impl Outcome {
    /// The machine-readable word for it.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Done { .. } => "done",
            Self::Refused { .. } | Self::NoEffect { .. } => "refused",
            Self::Unknown { .. } => "unknown",
            Self::Denied(_) => "denied",
        }
    }

    /// The object that the action made.
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

/// Why the gate rejected an action.
#[derive(Clone, Debug)]
pub enum Denial {
    /// The profile, or the whole run, is read-only.
    ReadOnly,
    /// A rule of this profile forbids it.
    Rule { broken: RuleBroken, profile: String },
    /// Money is real here, and it was confirmed by a plain yes.
    NotTyped,
    /// The object has changed since the preview, and the action is no longer legal.
    Illegal(Illegal),
    /// Another action on the same object is under way or unresolved; its journal entry.
    Busy { journal: i64 },
    /// The very same raw request is under way or unresolved; its journal entry.
    SameRequest { journal: i64 },
    /// It would be done a second time, or it was done before, as far as is known.
    Repeated(Box<Earlier>),
    /// The number already stands for something else: what that is, how much, and of what.
    NumberTaken { is: ObjectId, amount: Option<Money>, of: Option<String> },
    /// The journal could not be written, and without it nothing is sent.
    Journal(Arc<LedgerError>),
}

/// What an action made, as far as its answer or a query shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    pub id: ObjectId,
    /// What its front end needs; only the answer contains it.
    pub handover: Option<Handover>,
}

/// The state of the connection.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Health {
    /// When an answer last verified.
    pub last_success: Option<Timestamp>,
    /// Set while the gateway cannot be reached or trusted: when it began, and the latest error.
    pub trouble: Option<ConnectionTrouble>,
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

/// Consecutive failures.
#[derive(Clone, Debug)]
pub struct ConnectionTrouble {
    pub since: Timestamp,
    pub error: Arc<ApiError>,
    /// When it is tried again, unless a user's request comes first.
    pub again: Option<Timestamp>,
}

impl PartialEq for ConnectionTrouble {
    fn eq(&self, other: &Self) -> bool {
        (self.since, self.again) == (other.since, other.again) && Arc::ptr_eq(&self.error, &other.error)
    }
}
