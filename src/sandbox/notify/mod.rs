//! Sends the merchant signed, encrypted notifications and repeats each, on the schedule of its kind, until it is
//! acknowledged (protocol reference §9).
//!
//! The [`queue`] knows what is due and when; a [`message`] is one notification, the [`sender`] sends it, only to
//! addresses of this machine ([`address`]). [`delivery`] brings queue and clock together: as time passes, or step by
//! step when the clock is moved by hand.

pub(super) mod address;
pub(super) mod delivery;
mod message;
pub(super) mod outbox;
mod queue;
mod schedule;
mod sender;

pub use message::{DeliveryAttempt, DeliveryState, NotificationRecord};
pub(super) use queue::Treatment;
pub use sender::DeliveryResult;
