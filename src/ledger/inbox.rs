//! Notifications, and requests that were refused in their place.

use super::{Forwarded, Source};
use crate::model::time::Timestamp;
use crate::model::{Fact, Money, ObjectId, Told};

/// A request to the receiver, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub at: Timestamp,
    /// From which address.
    pub peer: String,
    /// Path and query.
    pub target: String,
    /// Lines of names and values in their order, each ended by CRLF.
    pub headers: Vec<u8>,
    pub body: Vec<u8>,
}

/// A genuine notification that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    pub delivery: Delivery,
    /// The hash of the signature, which covers everything. WeChat Pay makes a new signature each time it sends.
    pub stamp: [u8; 32],
    /// The status it is answered with once it is in the ledger.
    pub status: u16,
    /// The same each time it is sent again.
    pub notice: String,
    pub event_type: String,
    /// When it happened.
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    /// What was encrypted.
    pub resource: String,
    pub told: Told,
}

/// What an arrival was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Receipt {
    /// The first of its notification.
    New { event: i64, delivery: i64 },
    /// Its notification is known: nothing changes but the count.
    Again { event: i64, delivery: i64 },
    /// The very bytes came before. It is not in the ledger.
    Replayed,
}

/// What came and was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub delivery: Delivery,
    pub verdict: Verdict,
    pub status: u16,
    /// What was wrong with it, for an investigation. No secrets.
    pub detail: String,
}

/// How much of the headers and of the body of a refused request is kept, so that no sender can fill the disk.
pub const KEPT_OF_REFUSED: usize = 4096;

/// The result of checking a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Verdict {
    Genuine,
    /// Wrong on purpose: WeChat Pay looks whether signatures are judged (protocol reference §9.4).
    Probe,
    /// No signature, or not all of its headers.
    Unsigned,
    /// Signed under a key that is not trusted.
    UnknownKey,
    /// Signed too long ago, or in the future.
    Stale,
    /// The signature is not the key's over these bytes.
    Forged,
    /// The very bytes came before.
    Replayed,
    /// Genuine, but the APIv3 key does not open it.
    Sealed,
    /// Genuine or not, it is no notification.
    Malformed,
    Oversized,
    /// Not to the path of the receiver, or not a POST.
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

    /// Reads what [`Verdict::word`] wrote; a word of a later version is nothing that was accepted.
    pub fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|verdict| verdict.word() == word).unwrap_or(Self::Malformed)
    }
}

/// A line of the inbox: a notification however often it came, or an hour of refusals for one reason.
#[derive(Clone, Debug, PartialEq)]
pub struct EventRow {
    pub id: i64,
    pub verdict: Verdict,
    /// WeChat Pay's id of the notification.
    pub notice: Option<String>,
    pub first_at: Timestamp,
    pub last_at: Timestamp,
    /// How often it came.
    pub attempts: u64,
    pub event_type: Option<String>,
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    pub subject: Option<ObjectId>,
    pub fact: Option<Fact>,
    /// How long the slowest of its answers took, in microseconds.
    pub slowest: Option<u64>,
    /// From where the latest that is kept came.
    pub peer: Option<String>,
}

/// All that is kept of a line of the inbox.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeEvent {
    pub row: EventRow,
    /// What was encrypted.
    pub resource: Option<String>,
    /// Oldest first; of refusals only the first few.
    pub deliveries: Vec<Kept>,
}

/// A delivery that is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    pub id: i64,
    pub delivery: Delivery,
    pub status: u16,
    /// Microseconds until the answer left, if it is known to have.
    pub took: Option<u64>,
    pub detail: Option<String>,
    /// What became of these bytes at the back end they are passed on to, if they are.
    pub forwarded: Option<Forwarded>,
}

/// Which lines of the inbox are wanted, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InboxSearch {
    /// Words, folded, that must all be found; empty: all lines.
    pub words: Vec<String>,
    pub only: Option<InboxPart>,
    /// One of these; empty: whatever was thought of it.
    pub verdicts: Vec<Verdict>,
    /// In lower case, of which the type of event must contain one; empty: whatever its type.
    pub types: Vec<String>,
    pub before: Option<i64>,
    /// Only lines newer than this one: those nearest to it, if there are more than `limit`.
    pub after: Option<i64>,
    pub limit: usize,
}

/// A part of the inbox.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InboxPart {
    Genuine,
    Refused,
}

/// What a notification or a bill says of an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// [`Source::Notification`] or [`Source::Bill`].
    pub source: Source,
    /// Which: the event's number, or the bill and the row in it.
    pub reference: String,
    pub fact: Fact,
    pub amount: Option<Money>,
    /// Since when it is so, as they say.
    pub said_at: Timestamp,
    pub heard_at: Timestamp,
}

/// Sources that say different things of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Disagreement {
    pub row: super::Listed,
    pub dispute: Dispute,
}

impl Disagreement {
    /// When it came to be known that they may.
    pub fn heard_at(&self) -> Timestamp {
        match &self.dispute {
            Dispute::Claimed(claim) => claim.heard_at,
            Dispute::Missing { since, .. } => *since,
        }
    }
}

/// What they disagree about.
#[derive(Clone, Debug, PartialEq)]
pub enum Dispute {
    /// The latest document does not say what this claim does.
    Claimed(Claim),
    /// The document says it, and the notification about it has not come.
    Missing { event_type: String, since: Timestamp },
}
