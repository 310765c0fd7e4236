//! Notifications on their way to an existing back end.

use super::Delivery;
use crate::model::time::Timestamp;

/// Whether what is received is passed on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Onward {
    #[default]
    Nowhere,
    /// Once it is acknowledged, until it is accepted there.
    Queued,
    /// Before it is acknowledged, by its listener. Nothing is repeated here: WeChat Pay sends again.
    AtOnce,
}

/// One that is due to be passed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    pub event: i64,
    /// Whose bytes they are.
    pub delivery: i64,
    pub bytes: Delivery,
    /// When it came first.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// The object it is about: the notifications of one object are not passed on in parallel.
    pub object: Option<String>,
}

/// An attempt that has ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub event: i64,
    pub delivery: i64,
    pub at: Timestamp,
    pub end: AttemptEnd,
    /// What WeChat Pay was answered because of it, if it waited.
    pub answered: Option<u16>,
}

/// How it ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// With this status, which is one of success.
    Accepted(u16),
    /// With another status, or without an answer. `next`: when it is tried again, unless newer bytes have come since.
    Failed { status: Option<u16>, error: Option<String>, next: Option<Timestamp> },
}

/// How passing on goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forwarded {
    pub accepted: bool,
    pub attempts: u32,
    /// When it was last tried, with which status it was answered, or why it was not.
    pub tried_at: Option<Timestamp>,
    pub status: Option<u16>,
    pub error: Option<String>,
    /// When it is tried next.
    pub next: Option<Timestamp>,
}
