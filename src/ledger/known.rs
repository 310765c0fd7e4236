//! What is known of an object: its document, how old it is, where it came from.

use serde_json::Value;
use sha2::{Digest as _, Sha256};

use crate::model::time::{Duration, Timestamp};
use crate::model::{Money, Object, ObjectId, State, Summary};

/// An object with its age and origin.
#[derive(Clone, Debug)]
pub struct Fresh {
    pub object: Object,
    /// When the verified document was asked for.
    pub verified_at: Timestamp,
    pub source: Source,
}

impl Fresh {
    /// The answer to what was asked at that time. It is no younger than the question: whatever was asked later says
    /// more. To the millisecond, for the ledger keeps no more.
    pub fn asked(object: Object, source: Source, at: Timestamp) -> Self {
        Self { object, verified_at: to_the_millisecond(at), source }
    }
}

/// As the ledger keeps it.
pub fn to_the_millisecond(at: Timestamp) -> Timestamp {
    at.replace_millisecond(at.millisecond()).unwrap_or(at)
}

/// The same for documents that say the same, whatever the order of their members and the blanks between them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(pub(super) [u8; 16]);

impl Digest {
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

/// An object that was verified again, and its document said what it had said before.
#[derive(Clone, Debug)]
pub struct Again {
    pub id: ObjectId,
    /// Of that document.
    pub digest: Digest,
    pub verified_at: Timestamp,
    pub source: Source,
}

/// What came of asking about some objects.
#[derive(Clone, Debug, Default)]
pub struct Answers {
    pub fresh: Vec<Fresh>,
    pub again: Vec<Again>,
    /// Objects whose state could not be learned, and when each is due again.
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

/// Where knowledge of an object came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// Asked for by its number.
    Query,
    /// A row of a list call.
    List,
    /// The reply to an action.
    Action,
    /// A number that the user asked about.
    Opened,
    /// A number in a file that was imported.
    Import,
    /// A number in the file that the merchant's back end appends to.
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
    pub fn from_name(name: &str) -> Self {
        Self::ALL.into_iter().find(|source| source.name() == name).unwrap_or(Self::Query)
    }
}

/// A number Paydeck knows, with its object once that was fetched.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: ObjectId,
    pub fresh: Option<Fresh>,
}

/// A row of a list: a number and what is known of its object, without the document.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    pub id: ObjectId,
    /// How the number became known.
    pub origin: Source,
    /// None until a document was verified.
    pub seen: Option<Seen>,
}

/// What the latest document of a row says.
#[derive(Clone, Debug, PartialEq)]
pub struct Seen {
    pub summary: Summary,
    pub verified_at: Timestamp,
    pub source: Source,
}

impl Listed {
    /// When its document was last verified.
    pub fn verified_at(&self) -> Option<Timestamp> {
        self.seen.as_ref().map(|seen| seen.verified_at)
    }

    /// What it is about, as far as that is known.
    pub fn amount(&self) -> Option<Money> {
        self.seen.as_ref().and_then(|seen| seen.summary.amount)
    }

    /// The row of an object that was verified.
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

/// One version of an object's document: another was seen before and after it.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The ledger's own number for it.
    pub id: i64,
    /// When it was first seen.
    pub seen_at: Timestamp,
    pub source: Source,
    pub state: State,
    /// Since when it is in its state by WeChat Pay's own clock, where the document says so.
    pub since: Option<Timestamp>,
    /// When it was last verified; not known of the latest, nor of one that came late.
    pub last_at: Option<Timestamp>,
}

/// An object that a document names, or whose document names it.
#[derive(Clone, Debug, PartialEq)]
pub struct Related {
    /// True if the other one is named by this one's document, false if it names this one.
    pub named: bool,
    pub row: Listed,
}

/// Bounds of the pause between two queries of an object that may still change and is not on the screen.
const PAUSE: (Duration, Duration) = (Duration::MINUTE, Duration::minutes(10));

/// When an object is to be asked about again although it is not on the screen: soon after a change, ever more slowly
/// afterwards; never once it is final.
pub fn refresh_due(verified_at: Timestamp, changed_at: Timestamp, is_final: bool) -> Option<Timestamp> {
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
