//! Receives WeChat Pay's notifications: verified, opened, committed to the ledger, and only then acknowledged.
//!
//! The [`receiver`] is the HTTP server, [`delivery`] answers one request, [`verify`] verifies, the [`committer`] writes everything queued in one
//! transaction, and [`forward`] sends notifications to an existing back end, and [`refusal`] says why a request is refused. [`keys`] fetches the platform's keys
//! before they are needed. The caller is informed by [`ListenerEvent`] events.

mod committer;
mod delivery;
mod forward;
pub(crate) mod forward_headers;
mod keys;
mod line;
mod options;
mod receiver;
pub(crate) mod refusal;
mod rejection_counts;
pub(crate) mod session_listener;
mod verify;

use std::sync::Arc;

use crate::api::ApiError;
use crate::ledger::{LedgerError, Verdict};
use crate::model::NotificationFact;
use crate::model::time::Timestamp;

pub use crate::services::webhook::options::{Bind, ForwardTo, ListenOptions, Unusable};
pub use crate::services::webhook::receiver::{ListenError, Receiver};

/// The state of the receiver.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// Where notifications are received: `http://127.0.0.1:8443/notify`. `None` while this process receives none.
    pub url: Option<String>,
    pub since: Option<Timestamp>,
    /// Genuine notifications since then, repeated ones included.
    pub received: u64,
    /// Requests refused since then.
    pub refused: u64,
    /// Why nothing is received although it should be, in words for a log; the console explains it.
    pub trouble: Option<String>,
}

/// An event of a receiver.
#[derive(Clone, Debug)]
pub enum ListenerEvent {
    /// Notifications that are new, and committed.
    Received(Vec<NewNotification>),
    /// The times of the latest answers, also those to repeated notifications, are in the ledger.
    Answered,
    /// Requests refused since the last such event, by reason.
    Refused(Vec<(Verdict, u64)>),
    /// Notifications cannot be committed, and are not acknowledged. Reported once, until they can be again.
    Stuck(Arc<LedgerError>),
    Unstuck,
    /// The platform's keys could not be fetched, so that nothing can be verified. Reported once, until they are there.
    NoKeys(Arc<ApiError>),
    KeysInHand,
    /// The back end does not accept what is forwarded, and why. Reported once, until it accepts again.
    NotForwarded(String),
    ForwardedAgain,
    /// The state of the receiver, whenever it changes.
    Status(Listening),
}

/// A notification received for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewNotification {
    /// Its number in the inbox.
    pub event: i64,
    pub at: Timestamp,
    pub notice: String,
    pub event_type: String,
    pub content: NotificationFact,
}

/// The callback for a receiver's events. It must not block.
pub type EventSink = Arc<dyn Fn(ListenerEvent) + Send + Sync>;
