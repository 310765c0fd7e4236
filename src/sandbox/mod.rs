//! A gateway that behaves as WeChat Pay's APIv3 does, over HTTP on loopback. WeChat Pay has no sandbox; this is one,
//! for Paydeck and for any other SDK.
//!
//! A request comes in by a [`wire`], must pass the [`gate`] (signature, clock, replay, form), and becomes a call on
//! the [`world`], which answers by its rules; the [`platform`] signs what goes out, unless one of the [`faults`] is
//! to befall it. The [`identity`] is the folder that lets a client in. While nobody calls, the merchant's users and
//! its back end live on their own, by the world's own [`clock`]. What happens is told to the merchant ([`notify`]);
//! whoever has the identity's folder plays the users and the platform by hand ([`control`]).

mod answer;
mod clock;
pub mod control;
mod faults;
mod fields;
mod gate;
mod gateway;
mod identity;
mod log;
mod manners;
mod notify;
mod platform;
mod reply;
mod temporary;
#[cfg(test)]
mod tests;
mod user;
mod wire;
mod world;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use crate::model::time::Timestamp;

pub use clock::MOST_SPEED;
pub use faults::{Fault, Faults, Matcher};
pub use gateway::{Gateway, start};
pub use log::RequestRecord;
pub use notify::{Answer, Notification, Sending, Standing};
pub use temporary::Temporary;
pub use user::User;
pub use world::UserError;

/// A user who has authorised the service in every sandbox, for orders without confirmation.
pub const AUTHORISED_USER: &str = world::REGULAR;

/// How a gateway is started.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where it listens; port 0 takes a free one.
    pub bind: SocketAddr,
    /// About how many objects the merchant has. 0 is a merchant with nothing.
    pub objects: usize,
    /// The same seed gives the same merchant.
    pub seed: u64,
    /// The folder of the identity, made if it is missing.
    pub identity: PathBuf,
    /// Whether users and the shop act on their own.
    pub users_act: bool,
    /// Where the events of the shop's own objects are sent, if they are to be sent at all.
    pub notify_url: Option<String>,
    /// Whether those of the shops abroad are sent there, too: whoever receives does so for one merchant.
    pub tells_abroad: bool,
    /// How many seconds of the world pass in a second. At 0 its clock stands still until it is moved.
    pub speed: u32,
    /// What the world's clock shows at the start; by default the time it is.
    pub start: Option<Timestamp>,
    /// How long a receiver of notifications may take.
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
            tells_abroad: true,
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
