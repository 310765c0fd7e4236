//! A gateway that behaves as WeChat Pay's APIv3 does, over HTTP on loopback. WeChat Pay has no sandbox; this is one,
//! for Paydeck and for any other SDK.
//!
//! A request arrives on a [`connection`], must pass the [`gate`] (signature, clock, replay, form), and becomes a call to
//! the [`world`], which answers by its rules; the [`platform`] signs the answer, unless an injected fault ([`faults`])
//! says otherwise. The [`identity`] is the folder with which a client gets access. Between requests the merchant's users
//! and its back end act on their own, by the world's own [`clock`]. Events are sent to the merchant ([`notify`]). With
//! the identity's folder, the users and the platform can be driven by hand ([`control`]).

mod answer;
mod behaviour;
mod clock;
mod connection;
pub mod control;
mod faults;
mod fields;
mod gate;
mod gateway;
mod identity;
mod log;
mod notice;
mod notify;
mod platform;
mod reply;
mod shared;
mod temporary;
#[cfg(test)]
mod tests;
mod user;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::model::time::Timestamp;

pub use clock::MOST_SPEED;
pub use faults::{Fault, FaultMatcher, Faults};
pub use gateway::{Gateway, start};
pub use log::RequestRecord;
pub use notify::{DeliveryAttempt, DeliveryResult, DeliveryState, NotificationRecord};
pub use temporary::Temporary;
pub use user::User;
pub use world::{AUTHORISED_USER, Reason, UserError};

/// How to start a gateway.
#[derive(Clone, Debug)]
pub struct Options {
    /// The address to listen on; port 0 takes a free one.
    pub bind: SocketAddr,
    /// About how many objects the merchant has; 0 for none.
    pub objects: usize,
    /// The same seed gives the same merchant.
    pub seed: u64,
    /// The folder of the identity, created if it is missing.
    pub identity: PathBuf,
    /// Whether users and the shop act on their own.
    pub users_act: bool,
    /// Where events of the shop's own objects are sent; `None` to send none.
    pub notify_url: Option<String>,
    /// Whether those of the Global merchants are sent there, too: a receiver serves one merchant.
    pub notify_global: bool,
    /// Seconds of the world per second. At 0 its clock stands still until it is moved.
    pub speed: u32,
    /// The world's time at the start; by default the current time.
    pub start: Option<Timestamp>,
    /// How long a receiver of notifications may take to answer.
    pub patience: Duration,
}

impl Options {
    pub fn new(identity: impl Into<PathBuf>) -> Self {
        Self {
            bind: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
            objects: 1000,
            seed: 1,
            identity: identity.into(),
            users_act: true,
            notify_url: None,
            notify_global: true,
            speed: 1,
            start: None,
            patience: Duration::from_secs(5),
        }
    }
}

/// Why a gateway did not start.
#[derive(Debug, thiserror::Error)]
pub enum SandboxError {
    #[error("cannot listen on {address}")]
    Bind {
        address: SocketAddr,
        #[source]
        source: std::io::Error,
    },
    #[error("cannot read or write {}", path.display())]
    File {
        path: PathBuf,
        #[source]
        source: std::io::Error,
    },
    #[error("a key of the identity cannot be used")]
    Key(#[from] crate::crypto::KeyError),
    #[error("a certificate of the identity cannot be used")]
    Certificate(#[from] crate::crypto::CertificateError),
    #[error("the identity's APIv3 key cannot be used")]
    ApiV3Key(#[from] crate::crypto::AeadError),
    #[error("{0} is no address for notifications: an http or https URL of at most 255 characters without a query")]
    NotifyUrl(String),
    #[error("the sandbox could not be made ready")]
    Task(#[from] tokio::task::JoinError),
}
