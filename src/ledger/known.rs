//! What is known about an object: its document, its age, and its source.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::time::{Date, Duration, Timestamp, beijing_day};
use crate::model::{Money, Object, ObjectId, State, Summary};

/// An object with its age and origin.
#[derive(Clone, Debug)]
pub struct Fresh {
    pub object: Object,
    /// When the verified document was requested.
    pub verified_at: Timestamp,
    pub source: Source,
}

impl Fresh {
    /// The answer to a query sent at that time. The time of the query counts: any later query is newer. Rounded to the
    /// ledger's milliseconds.
    pub fn asked(object: Object, source: Source, at: Timestamp) -> Self {
        Self { object, verified_at: to_the_millisecond(at), source }
    }
}

/// As stored in the ledger.
pub fn to_the_millisecond(at: Timestamp) -> Timestamp {
    at.replace_millisecond(at.millisecond()).unwrap_or(at)
}

/// Equal for equal documents, ignoring the order of members and white space.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DocumentHash(pub(super) [u8; 16]);

impl DocumentHash {
    pub fn of(document: &str) -> Self {
        let canonical = serde_json::from_str::<Value>(document).map(|mut value| {
            value.sort_all_objects();
            value.to_string()
        });
        let hash = Sha256::digest(canonical.as_deref().unwrap_or(document).as_bytes());
        let mut digest = [0; 16];
        digest.copy_from_slice(&hash[..16]);
        Self(digest)
    }
}

/// An object that was verified again with an unchanged document.
#[derive(Clone, Debug)]
pub struct Unchanged {
    pub id: ObjectId,
    /// The hash of that document.
    pub digest: DocumentHash,
    pub verified_at: Timestamp,
    pub source: Source,
}

/// The results of queries for some objects.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub fresh: Vec<Fresh>,
    pub again: Vec<Unchanged>,
    /// Objects whose query failed, and when each is due again.
    pub postponed: Vec<(ObjectId, Timestamp)>,
}

impl Answers {
    pub fn len(&self) -> usize {
        self.fresh.len() + self.again.len() + self.postponed.len()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// The source of what is known about an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A query by its number.
    Query,
    /// A row of a list call.
    List,
    /// The reply to an action.
    Action,
    /// A number that the user looked up.
    Opened,
    /// A number in an imported file.
    Import,
    /// A number in the file to which the merchant's back end appends.
    Feed,
    /// Named by another object.
    Followed,
    /// A row of a bill.
    Bill,
    /// Named by a notification.
    Notification,
}

impl Source {
    const ALL: [Self; 9] = [
        Self::Query,
        Self::List,
        Self::Action,
        Self::Opened,
        Self::Import,
        Self::Feed,
        Self::Followed,
        Self::Bill,
        Self::Notification,
    ];

    /// The word in the ledger, and the stem of its message (`source-…`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::List => "list",
            Self::Action => "action",
            Self::Opened => "opened",
            Self::Import => "import",
            Self::Feed => "feed",
            Self::Followed => "followed",
            Self::Bill => "bill",
            Self::Notification => "notification",
        }
    }

    /// Reads what [`Source::name`] wrote; a word of a later version counts as a query.
    pub(crate) fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|source| source.name() == name).unwrap_or(Self::Query)
    }
}

/// A known number, with its object once that was fetched.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: ObjectId,
    pub fresh: Option<Fresh>,
    /// What bills say of it as long as no document was verified.
    pub billed: Option<Seen>,
}

/// A row of a list: a number and a summary of its object, without the document.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub id: ObjectId,
    /// How the number became known.
    pub origin: Source,
    /// `None` until a document was verified, or a bill listed it: see [`Seen::source`].
    pub seen: Option<Seen>,
}

/// The row's data from its latest document, or from the rows of bills: then `source` is [`Source::Bill`], and
/// `verified_at` the end of the latest bill's day.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub summary: Summary,
    pub verified_at: Timestamp,
    pub source: Source,
}

impl Seen {
    /// The day of the bill that says this; `None` if a document does.
    pub fn billed_on(&self) -> Option<Date> {
        // What a bill says holds at the end of its day.
        (self.source == Source::Bill).then(|| beijing_day(self.verified_at - Duration::MILLISECOND))
    }
}

impl Listed {
    /// The day of the bill whose row says all that is known of it: it was never queried.
    pub fn billed_on(&self) -> Option<Date> {
        self.seen.as_ref().and_then(Seen::billed_on)
    }

    /// When its document was last verified.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.seen.as_ref().map(|seen| seen.verified_at)
    }

    /// A summary of the document, as far as it is known.
    pub fn amount(&self) -> Option<Money> {
        self.seen.as_ref().and_then(|seen| seen.summary.amount)
    }

    /// The row of a verified object.
    pub fn of(fresh: &Fresh) -> Self {
        let seen =
            Seen { summary: Summary::of(&fresh.object.entity), verified_at: fresh.verified_at, source: fresh.source };
        Self { id: fresh.object.id.clone(), origin: fresh.source, seen: Some(seen) }
    }
}

/// How and when a number became known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Noted {
    pub origin: Source,
    pub at: Timestamp,
}

/// One version of an object's document, between two different ones.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The ledger's number of the version.
    pub id: i64,
    /// When it was first seen.
    pub seen_at: Timestamp,
    pub source: Source,
    pub state: State,
    /// Since when it is in its state by WeChat Pay's clock, where the document contains it.
    pub since: Option<Timestamp>,
    /// When it was last verified; unknown for the latest version and for one that was inserted late.
    pub last_at: Option<Timestamp>,
}

/// An object that a document names, or whose document names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// True if this object's document names the other one, false if the other's document names this one.
    pub named: bool,
    pub row: Listed,
}

/// Bounds of the interval between queries of an object that may still change and is not on the screen.
const PAUSE: (Duration, Duration) = (Duration::MINUTE, Duration::minutes(10));

/// When to query an object again although it is not on the screen: soon after a change, then at growing intervals;
/// never once it is final.
pub(super) fn refresh_due(verified_at: Timestamp, changed_at: Timestamp, is_final: bool) -> Option<Timestamp> {
    let quiet: Duration = (verified_at - changed_at) / 8;
    (!is_final).then(|| verified_at.saturating_add(quiet.clamp(PAUSE.0, PAUSE.1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_source_is_read_back_from_its_word() {
        for source in Source::ALL {
            assert_eq!(Source::from_name(source.name()), source);
        }
        assert_eq!(Source::from_name("telepathy"), Source::Query);
    }

    #[test]
    fn what_changed_long_ago_is_asked_about_more_slowly_and_what_is_final_never() {
        let at = Timestamp::UNIX_EPOCH + Duration::days(10_000);
        let pause = |quiet: Duration| refresh_due(at, at - quiet, false).map(|due| due - at);
        assert_eq!(pause(Duration::ZERO), Some(Duration::MINUTE));
        assert_eq!(pause(Duration::minutes(16)), Some(Duration::minutes(2)));
        assert_eq!(pause(Duration::days(9)), Some(Duration::minutes(10)));
        assert_eq!(refresh_due(at, at, true), None);
    }
}
