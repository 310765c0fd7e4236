//! Notifications, and requests to the receiver that were rejected.

use super::Source;
use crate::model::filter::Condition;
use crate::model::time::Timestamp;
use crate::model::{Fact, Money, NotificationFact, ObjectId};

/// A request to the receiver, as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub at: Timestamp,
    /// The sender's address.
    pub peer: String,
    /// Path and query.
    pub target: String,
    /// Lines of names and values in received order, each ended by CRLF.
    pub headers: Vec<u8>,
    pub body: Vec<u8>,
}

/// A genuine notification as received.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDelivery {
    pub delivery: Delivery,
    /// The hash of the signature, which covers the whole delivery. WeChat Pay signs each delivery separately.
    pub signature_hash: [u8; 32],
    /// The status to answer with once it is in the ledger.
    pub status: u16,
    /// The same each time it is sent again.
    pub notice: String,
    pub event_type: String,
    /// When it happened.
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    /// What was encrypted.
    pub resource: String,
    pub content: NotificationFact,
}

/// How an arrival was classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StoreResult {
    /// The first delivery of its notification.
    New { event: i64, delivery: i64 },
    /// Another delivery of a known notification: only the count changes.
    Again { event: i64, delivery: i64 },
    /// The same bytes came before. It is not in the ledger.
    Replayed,
}

/// A rejected request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub delivery: Delivery,
    pub verdict: Verdict,
    pub status: u16,
    /// Why it was rejected: a code with what was found. No secrets.
    pub detail: String,
}

/// Bytes of the headers and of the body of a rejected request that are kept, so that no sender can fill the disk.
pub const KEPT_OF_REFUSED: usize = 4096;

/// The result of checking a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Genuine,
    /// Deliberately wrong: WeChat Pay checks that signatures are verified (protocol reference §9.4).
    Probe,
    /// No signature, or some of its headers are missing.
    Unsigned,
    /// Signed with a key that is not trusted.
    UnknownKey,
    /// The timestamp is too old or in the future.
    Stale,
    /// The signature does not match these bytes.
    Forged,
    /// The same bytes came before.
    Replayed,
    /// Genuine, but it cannot be decrypted with the APIv3 key.
    Sealed,
    /// Not a notification, whether genuine or not.
    Malformed,
    Oversized,
    /// Not for the path of the receiver, or not a POST.
    Stray,
}

impl Verdict {
    pub const ALL: [Self; 11] = [
        Self::Genuine,
        Self::Probe,
        Self::Unsigned,
        Self::UnknownKey,
        Self::Stale,
        Self::Forged,
        Self::Replayed,
        Self::Sealed,
        Self::Malformed,
        Self::Oversized,
        Self::Stray,
    ];

    /// The word in the ledger, and the stem of its message (`verdict-…`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Genuine => "genuine",
            Self::Probe => "probe",
            Self::Unsigned => "unsigned",
            Self::UnknownKey => "unknown-key",
            Self::Stale => "stale",
            Self::Forged => "forged",
            Self::Replayed => "replayed",
            Self::Sealed => "sealed",
            Self::Malformed => "malformed",
            Self::Oversized => "oversized",
            Self::Stray => "stray",
        }
    }

    /// WeChat Pay's own probes and stray requests are harmless.
    pub(crate) const fn is_problem(self) -> bool {
        !matches!(self, Self::Genuine | Self::Probe | Self::Stray)
    }

    /// Reads what [`Verdict::word`] wrote; a word of a later version does not count as accepted.
    pub(crate) fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word).unwrap_or(Self::Malformed)
    }
}

/// A line of the inbox: a notification with all its deliveries, or the rejections of one hour for one reason.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub id: i64,
    pub verdict: Verdict,
    /// WeChat Pay's id of the notification.
    pub notice: Option<String>,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// The number of deliveries.
    pub attempts: u64,
    pub event_type: Option<String>,
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    pub subject: Option<ObjectId>,
    pub fact: Option<Fact>,
    /// The time of its slowest answer, in microseconds.
    pub slowest: Option<u64>,
    /// The sender of the latest delivery that is kept.
    pub peer: Option<String>,
}

/// Everything kept of a line of the inbox.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeEvent {
    pub row: EventRow,
    /// What was encrypted.
    pub resource: Option<String>,
    /// Oldest first; of rejections only the first few.
    pub deliveries: Vec<StoredDelivery>,
}

/// A stored delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredDelivery {
    pub id: i64,
    pub delivery: Delivery,
    pub status: u16,
    /// Microseconds until the answer left, if it is known to have left.
    pub took: Option<u64>,
    /// Why it was rejected, as in [`Refused`]; rows of earlier versions have free text.
    pub detail: Option<String>,
    /// The state of forwarding these bytes, if they are forwarded.
    pub forwarded: Option<Forwarded>,
}

/// The state of forwarding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    pub accepted: bool,
    pub attempts: u32,
    /// The latest attempt: its time, and the status of the answer or why there was none.
    pub tried_at: Option<Timestamp>,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// When it is retried.
    pub next: Option<Timestamp>,
}

/// Which lines of the inbox to return, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxSearch {
    pub conditions: Vec<Condition>,
    pub only: Option<InboxPart>,
    pub before: Option<i64>,
    /// Only lines newer than this one; the nearest `limit` of them.
    pub after: Option<i64>,
    pub limit: usize,
}

/// A part of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxPart {
    Genuine,
    Refused,
}

/// What a notification or a bill states about an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// [`Source::Notification`] or [`Source::Bill`].
    pub source: Source,
    /// The event's number, or the bill and its row.
    pub reference: String,
    pub fact: Fact,
    pub amount: Option<Money>,
    /// Since when it holds, as stated by the source.
    pub said_at: Timestamp,
    pub received_at: Timestamp,
}

/// Sources that contradict each other about an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    pub row: super::Listed,
    pub dispute: Dispute,
}

impl Disagreement {
    /// When the possible contradiction became known.
    pub fn received_at(&self) -> Timestamp {
        match &self.dispute {
            Dispute::Claimed(claim) => claim.received_at,
            Dispute::Missing { since, .. } => *since,
        }
    }
}

/// What is contradictory.
#[derive(Clone, Debug, PartialEq)]
pub enum Dispute {
    /// The latest document does not confirm this claim.
    Claimed(Claim),
    /// The document shows it, and the notification about it has not arrived.
    Missing { event_type: String, since: Timestamp },
}
