//! An event for the merchant, which becomes a notification (protocol reference §9).

use serde_json::Value;

use crate::model::time::Timestamp;

/// One event for the merchant.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Notice {
    /// Where it is to be sent: what the object's creation said.
    pub(super) url: String,
    pub(super) at: Timestamp,
    /// `TRANSACTION.SUCCESS`, …
    pub(super) event_type: &'static str,
    /// `transaction`, `refund`, `payscore`, …: also the associated data of the encryption.
    pub(super) original_type: &'static str,
    pub(super) summary: &'static str,
    /// What is encrypted.
    pub(super) resource: Value,
}
