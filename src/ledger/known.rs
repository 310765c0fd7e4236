//! What is known of an object: its document, how old it is, where it came from.

use crate::model::time::Timestamp;
use crate::model::{Object, ObjectId};

/// An object with its age and origin.
#[derive(Clone, Debug)]
pub struct Fresh {
    pub object: Object,
    /// When the document was last verified.
    pub verified_at: Timestamp,
    pub source: Source,
}

impl Fresh {
    /// What was verified just now.
    pub fn now(object: Object, source: Source) -> Self {
        Self { object, verified_at: Timestamp::now_utc(), source }
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
}

impl Source {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Query => "query",
            Self::List => "list",
            Self::Action => "action",
        }
    }

    /// Reads what [`Source::name`] wrote; a word of a later version counts as a query.
    pub fn from_name(name: &str) -> Self {
        [Self::List, Self::Action].into_iter().find(|source| source.name() == name).unwrap_or(Self::Query)
    }
}

/// A number Paydeck knows, with its object once that was fetched.
#[derive(Clone, Debug)]
pub struct Known {
    pub id: ObjectId,
    pub fresh: Option<Fresh>,
}
