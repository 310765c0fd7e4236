//! What can be requested of the bills, and the events that answer it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::{HeldDifference, LedgerError};
use crate::model::bill::{BillError, BillId};
use crate::model::time::Date;
use crate::services::bills::{BillFailure, BillPage, BillPageRequest, BillRecord, Intake, IntakeProgress, NotTaken};
use crate::services::reconcile::{DifferenceNotClosed, ReconcileError, Reconciled};

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
    /// Reconciles a day ([`BooksEvent::Reconciled`]); `resolve`: queries what differs, and compares again.
    Reconcile { day: Date, against: Option<PathBuf>, resolve: bool },
    /// Lists what is held over.
    Held,
    /// Closes a difference.
    CloseDifference { id: i64, reason: String },
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

/// The answer to a request about a reconciliation.
#[derive(Clone, Debug)]
pub enum BooksEvent {
    Reconciled {
        day: Date,
        result: Result<Arc<Reconciled>, Arc<ReconcileError>>,
    },
    /// What is held over, the oldest first.
    Held(Result<Arc<Vec<HeldDifference>>, Arc<LedgerError>>),
    /// The number of the journal entry.
    Closed {
        id: i64,
        result: Result<i64, Arc<DifferenceNotClosed>>,
    },
}
