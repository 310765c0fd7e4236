//! Marks of what is in progress for an object, beside its data from the ledger.

use std::sync::Arc;

use crate::api::ApiError;
use crate::model::time::Timestamp;

/// The marks of one object.
#[derive(Clone, Debug, Default)]
pub struct Marks {
    /// A refresh was requested and has not been answered.
    pub asked: bool,
    /// When the latest query failed, if it did.
    pub failed: Option<(Timestamp, Arc<ApiError>)>,
    /// An action on it is in progress.
    pub in_flight: bool,
    /// The outcome of an action on it is unknown and is being determined.
    pub unresolved: bool,
}

impl Marks {
    /// Nothing is in progress.
    pub const NONE: Self = Self { asked: false, failed: None, in_flight: false, unresolved: false };
}
