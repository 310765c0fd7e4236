//! Keeps objects fresh, and watches some until they are final: [`schedule`] chooses the next object, [`refresher`]
//! queries it.

mod asker;
mod catch_up;
mod clock;
mod command;
mod connection;
mod foreground;
mod pace;
mod refresher;
mod schedule;
mod screen;
#[cfg(test)]
mod tests;
mod thread;
mod watches;
mod write_batcher;

use std::collections::HashMap;

use crate::ledger::WatchReason;
use crate::model::ObjectId;
use crate::model::time::Timestamp;

pub(crate) use crate::services::watch::asker::ask;
pub(crate) use crate::services::watch::command::RefresherCommand;
pub(crate) use crate::services::watch::connection::ConnectionHealth;
pub use crate::services::watch::foreground::ForegroundWatch;
pub(crate) use crate::services::watch::refresher::Refresher;
pub(crate) use crate::services::watch::thread::on_its_own_thread;

/// What is watched, and how watching goes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Watching {
    pub objects: HashMap<ObjectId, Watch>,
    /// Which of them is queried next, and when.
    pub next: Option<(ObjectId, Timestamp)>,
    /// Set while querying is paused by the user.
    pub paused: Option<Timestamp>,
}

/// One watched object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Watch {
    pub why: WatchReason,
    pub since: Timestamp,
    /// When its document last changed.
    pub changed_at: Option<Timestamp>,
    /// When it is queried next; in the past while it waits for its turn.
    pub due: Timestamp,
}

/// A time during which nothing could be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    pub from: Timestamp,
    pub to: Timestamp,
    pub why: GapReason,
    /// How many objects are queried again because of it.
    pub objects: usize,
}

/// Why nothing could be queried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GapReason {
    /// The machine slept, or this process was stopped.
    Asleep,
    /// WeChat Pay could not be reached or trusted.
    Offline,
    /// Watching was paused.
    Paused,
    /// Paydeck was not running.
    Away,
}

impl GapReason {
    /// The stem of its message (`gap-…`).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Asleep => "asleep",
            Self::Offline => "offline",
            Self::Paused => "paused",
            Self::Away => "away",
        }
    }
}
