//! The commands of a session to its refresher.

use crate::ledger::News;
use crate::model::ObjectId;

/// A command to the refresher.
#[derive(Debug)]
pub(crate) enum RefresherCommand {
    /// These objects are on the screen now.
    Look(Vec<ObjectId>),
    /// Query these now.
    RefreshNow(Vec<ObjectId>),
    /// Notifications name these: they are queried first, but while WeChat Pay is in trouble, no sooner than its next
    /// attempt.
    Notified(Vec<ObjectId>),
    /// The ledger has new numbers.
    NumbersAdded,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
    /// The ledger's list of watched objects has changed.
    WatchesChanged,
    /// Other processes have written to the ledger.
    LedgerChanged(News),
    /// Query nothing by itself, or continue.
    Pause(bool),
}
