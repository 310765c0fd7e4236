//! Forwarding of notifications to an existing back end.

use super::Delivery;
use crate::model::time::Timestamp;

/// Whether and when received notifications are forwarded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ForwardMode {
    #[default]
    Nowhere,
    /// After the acknowledgement, repeated until the back end accepts it.
    Queued,
    /// Before the acknowledgement, by the listener. Not retried here: WeChat Pay sends the notification again.
    AtOnce,
}

/// A delivery that is due to be forwarded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Forward {
    pub event: i64,
    /// The delivery that these bytes belong to.
    pub delivery: i64,
    pub bytes: Delivery,
    /// When it first arrived.
    pub since: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// The object it is about: notifications of one object are not forwarded in parallel.
    pub object: Option<String>,
}

/// A finished attempt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForwardAttempt {
    pub event: i64,
    pub delivery: i64,
    pub at: Timestamp,
    pub end: AttemptEnd,
    /// The status returned to WeChat Pay because of it, if WeChat Pay waited.
    pub answered: Option<u16>,
}

/// Its result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Answered with this success status.
    Accepted(u16),
    /// Answered with another status, or not at all. `next`: when it is retried, unless newer bytes arrive before.
    Failed { status: Option<u16>, error: Option<String>, next: Option<Timestamp> },
}
