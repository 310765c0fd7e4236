//! An event for the merchant, which becomes a notification (protocol reference §9).

use serde_json::Value;

use crate::model::time::Timestamp;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Notice {
    /// The address given at the object's creation.
    pub(super) url: String,
    pub(super) at: Timestamp,
    /// `TRANSACTION.SUCCESS`, …
    pub(super) event_type: &'static str,
    /// `transaction`, `refund`, `payscore`, …; also the associated data of the encryption.
    pub(super) original_type: &'static str,
    pub(super) summary: &'static str,
    /// What is encrypted.
    pub(super) resource: Value,
}
