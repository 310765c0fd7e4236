//! The latest requests, to see what a client really sends.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};

use crate::model::EndpointId;
use crate::sync::lock;

/// How many requests are kept.
const LOG: usize = 16_384;
/// How many bytes of a body are kept.
pub(super) const LOGGED_BODY: usize = 64 * 1024;

/// A request that arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RequestRecord {
    pub method: String,
    /// Path and query as on the wire.
    pub target: String,
    pub endpoint: Option<EndpointId>,
    /// The first 64 KiB of the body.
    pub body: Vec<u8>,
    /// The status answered; `None` if no answer was given.
    pub status: Option<u16>,
    /// The timestamp of the `Authorization` header, if it could be read.
    pub timestamp: Option<i64>,
}

/// The log.
#[derive(Debug, Default)]
pub(super) struct RequestLog(Mutex<Entries>);

/// The latest requests, and the number of all so far.
#[derive(Debug, Default)]
struct Entries {
    records: VecDeque<RequestRecord>,
    arrived: u64,
}

impl RequestLog {
    fn entries(&self) -> MutexGuard<'_, Entries> {
        lock(&self.0)
    }

    /// The requests, oldest first.
    pub(super) fn records(&self) -> Vec<RequestRecord> {
        self.entries().records.iter().cloned().collect()
    }

    /// Records a request when it arrives, so that clients that hang up early are listed, too.
    pub(super) fn record(&self, record: RequestRecord) -> u64 {
        let mut log = self.entries();
        if log.records.len() == LOG {
            log.records.pop_front();
        }
        log.records.push_back(record);
        log.arrived += 1;
        log.arrived
    }

    /// Adds the status of the answer to the request that was the `arrival`th.
    pub(super) fn answered(&self, arrival: u64, status: Option<u16>) {
        let mut log = self.entries();
        let from_the_end = usize::try_from(log.arrived - arrival).unwrap_or(usize::MAX);
        if let Some(at) = log.records.len().checked_sub(from_the_end.saturating_add(1)) {
            log.records[at].status = status;
        }
    }
}
