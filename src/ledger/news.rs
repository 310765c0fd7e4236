//! What other processes have written to the same ledger.

use std::collections::BTreeSet;

use crate::model::{Kind, ObjectId};

/// How far a reader of news has read, in numbers of the engine.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Changes whenever another process has committed.
    pub(super) commits: i64,
    /// The highest numbers the ledger has given to objects, versions and events.
    pub(super) object: i64,
    pub(super) version: i64,
    pub(super) event: i64,
    /// The same of what came to the inbox.
    pub(super) delivery: i64,
    /// How many watches there are, and of which objects.
    pub(super) watches: (i64, i64),
}

/// What is new.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The kinds of which numbers or documents are new.
    pub kinds: BTreeSet<Kind>,
    /// The objects whose documents are.
    pub changed: Vec<ObjectId>,
    /// The objects that new notifications name.
    pub named: Vec<ObjectId>,
    /// True if something came to the inbox.
    pub told: bool,
    /// True if something else is watched.
    pub watches: bool,
}
