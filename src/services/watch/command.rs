//! What a session asks of its refresher.

use crate::ledger::News;
use crate::model::ObjectId;

/// What the refresher is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// What is on the screen now.
    Look(Vec<ObjectId>),
    /// Ask about these now.
    Hurry(Vec<ObjectId>),
    /// Notifications name these: they come first, but WeChat Pay is not tried sooner for them while it is in trouble.
    Named(Vec<ObjectId>),
    /// Numbers became known.
    Learned,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
    /// The ledger watches something else now.
    Watched,
    /// Others have written to the ledger.
    Stirred(News),
    /// Ask nothing by itself, or go on.
    Pause(bool),
}
