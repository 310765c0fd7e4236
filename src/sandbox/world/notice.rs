//! What the platform has to tell the merchant: events that become notifications (protocol reference §9). The world
//! only says what happened; the gateway signs, encrypts and delivers.

use serde_json::Value;

use super::World;
use crate::model::time::Timestamp;

/// One event for the merchant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// Where it is to be sent: what the object's creation said.
    pub(crate) url: String,
    pub(crate) at: Timestamp,
    /// `TRANSACTION.SUCCESS`, …
    pub(crate) event_type: &'static str,
    /// `transaction`, `refund`, `payscore`, …: also the associated data of the encryption.
    pub(crate) original_type: &'static str,
    pub(crate) summary: &'static str,
    /// What is encrypted.
    pub(crate) resource: Value,
}

impl World {
    /// Notes an event for the merchant.
    pub(super) fn announce(&mut self, notice: Notice) {
        // Nobody listens to an address that was never given.
        if !notice.url.is_empty() {
            self.notices.push(notice);
        }
    }

    /// What happened since the last call, oldest first.
    pub(in crate::sandbox) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices)
    }
}
