//! Watched objects.

use super::Listed;
use crate::model::time::Timestamp;

/// Why an object is watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum WatchReason {
    /// The user chose it.
    Marked,
    /// It was created here and is not final yet.
    Made,
}

impl WatchReason {
    const ALL: [Self; 2] = [Self::Marked, Self::Made];

    /// The word in the ledger, and the stem of its message (`watch-…`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Marked => "marked",
            Self::Made => "made",
        }
    }

    /// Reads what [`WatchReason::name`] wrote; a word of a later version counts as the user's choice.
    pub(crate) fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|why| why.name() == name).unwrap_or(Self::Marked)
    }
}

/// What the latest document of an object says about when to query it again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastSeen {
    pub verified_at: Timestamp,
    /// When it last changed; `None` if no change was seen and the document does not say since when it is as it is: its
    /// age is unknown then.
    pub changed_at: Option<Timestamp>,
    pub is_final: bool,
}

/// An object that is queried until it is final.
#[derive(Clone, Debug, PartialEq)]
pub struct Watched {
    pub row: Listed,
    pub why: WatchReason,
    pub since: Timestamp,
    /// When its document last changed; of one that was seen once, since when it is as it is by WeChat Pay's clock, or
    /// when it was seen.
    pub changed_at: Option<Timestamp>,
}
