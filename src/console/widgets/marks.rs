//! What is under way with an object, beside what the ledger says of it.

use std::sync::Arc;

use crate::api::ApiError;
use crate::model::time::Timestamp;

/// The marks of one object.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// A refresh was asked for and has not been answered.
    pub asked: bool,
    /// The last query failed, and when.
    pub failed: Option<(Timestamp, Arc<ApiError>)>,
    /// An action on it is under way.
    pub in_flight: bool,
    /// An action on it ended in nobody knows what, and is being looked into.
    pub unresolved: bool,
}

impl Marks {
    /// Nothing is under way.
    pub const NONE: Self = Self { asked: false, failed: None, in_flight: false, unresolved: false };
}
