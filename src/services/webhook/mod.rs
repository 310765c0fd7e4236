//! Receives WeChat Pay's notifications: verified, opened, committed to the ledger, and only then acknowledged.
//!
//! The [`receiver`] speaks HTTP, the [`judge`] says what came, the [`committer`] writes all that waits in one
//! transaction, and what is to be passed on goes to an existing back end ([`forward`]). [`keys`] has the platform's keys
//! at hand before they are needed. What happens is [`Heard`] by whoever runs it.

mod committer;
mod forward;
pub(crate) mod forward_headers;
mod judge;
mod keys;
mod line;
mod options;
mod receiver;
pub(crate) mod session_listener;
mod tally;

use std::sync::Arc;

use crate::api::ApiError;
use crate::ledger::{LedgerError, Verdict};
use crate::model::Told;
use crate::model::time::Timestamp;

pub use crate::services::webhook::options::{Bind, ForwardTo, ListenOptions, Unusable};
pub use crate::services::webhook::receiver::{ListenError, Receiver};

/// How receiving goes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listening {
    /// Where notifications are received: `http://127.0.0.1:8443/notify`. None while nobody here receives any.
    pub url: Option<String>,
    pub since: Option<Timestamp>,
    /// Genuine ones since then, those that came again included.
    pub received: u64,
    /// Requests that were refused since then.
    pub refused: u64,
    /// Why nothing is received although it should be, in words for a log; the console explains it.
    pub trouble: Option<String>,
}

/// What a receiver tells.
#[derive(Clone, Debug)]
pub enum Heard {
    /// Notifications that are new, and in the ledger.
    Came(Vec<Came>),
    /// It is in the ledger how long the latest answers took, also those to what came again.
    Answered,
    /// What was refused since this was told last, by reason.
    Refused(Vec<(Verdict, u64)>),
    /// Notifications cannot be committed, and are not acknowledged. Told once, until they can again.
    Stuck(Arc<LedgerError>),
    Unstuck,
    /// The platform's keys could not be fetched, so that nothing can be judged. Told once, until they are there.
    NoKeys(Arc<ApiError>),
    KeysInHand,
    /// The back end does not take what is passed on to it, and why. Told once, until it does again.
    NotForwarded(String),
    ForwardedAgain,
    /// How receiving goes, whenever that has changed.
    Status(Listening),
}

/// A notification that came for the first time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Came {
    /// Its number in the inbox.
    pub event: i64,
    pub at: Timestamp,
    pub notice: String,
    pub event_type: String,
    pub told: Told,
}

/// Who hears what a receiver tells. It must not block.
pub type Hearer = Arc<dyn Fn(Heard) + Send + Sync>;
