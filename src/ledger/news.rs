//! Changes that other processes made to the same ledger.

use std::collections::BTreeSet;

use crate::model::{Kind, ObjectId};

/// How far a reader has read the changes, in the engine's numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mark {
    /// Changes whenever another process has committed.
    pub(super) commits: i64,
    /// The highest numbers assigned to objects, versions and events.
    pub(super) object: i64,
    pub(super) version: i64,
    pub(super) event: i64,
    /// The highest number assigned to deliveries.
    pub(super) delivery: i64,
    /// The number of watches, and a hash of the watched objects.
    pub(super) watches: (i64, i64),
}

/// The changes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct News {
    /// The kinds with new numbers or documents.
    pub kinds: BTreeSet<Kind>,
    /// The objects with new documents.
    pub changed: Vec<ObjectId>,
    /// The objects named by new notifications.
    pub named: Vec<ObjectId>,
    /// True if the inbox has changed.
    pub inbox: bool,
    /// True if the set of watched objects has changed.
    pub watches: bool,
}
