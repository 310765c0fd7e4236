//! What can be requested of the bills, and the events that answer it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::model::bill::{BillError, BillId};
use crate::services::bills::{BillFailure, BillPage, BillPageRequest, BillRecord, Intake, IntakeProgress, NotTaken};

/// A request about bills.
#[derive(Clone, Debug, PartialEq)]
pub enum BillRequest {
    /// Lists those that were downloaded.
    List,
    /// Downloads one.
    Fetch(BillId),
    /// Reads some rows.
    Read(BillPageRequest),
    /// Takes the rows of a bill into the ledger.
    Take(BillId, PathBuf),
}

/// The answer to a request about bills.
#[derive(Clone, Debug)]
pub enum BillEvent {
    Listed(Result<Arc<Vec<BillRecord>>, Arc<BillFailure>>),
    /// The download has progressed to this many bytes.
    Coming {
        id: BillId,
        bytes: u64,
    },
    Fetched {
        id: BillId,
        result: Result<Arc<BillRecord>, Arc<BillFailure>>,
    },
    Rows {
        request: Arc<BillPageRequest>,
        result: Result<Arc<BillPage>, Arc<BillError>>,
    },
    /// The rows are on their way into the ledger.
    Taking {
        id: BillId,
        progress: IntakeProgress,
    },
    /// What came of that.
    Taken {
        id: BillId,
        result: Result<Arc<Intake>, Arc<NotTaken>>,
    },
}
