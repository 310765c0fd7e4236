//! What can be requested of the bills, and the events that answer it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::{HeldDifference, LedgerError};
use crate::model::Kind;
use crate::model::bill::{BillError, BillId};
use crate::model::time::Date;
use crate::services::bills::{BillFailure, BillPage, BillPageRequest, BillRecord, Unclaimed};
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
    /// Records the numbers that a bill names, and what it claims about them.
    Note(BillId, PathBuf),
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
    /// How many numbers were recorded, and of which kinds.
    Noted {
        id: BillId,
        result: Result<(usize, Vec<Kind>), NotNoted>,
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

/// Why a bill's numbers were not recorded.
#[derive(Clone, Debug)]
pub enum NotNoted {
    Bill(Arc<BillFailure>),
    Ledger(Arc<LedgerError>),
    /// The file is no longer the one that was verified.
    Altered(PathBuf),
}

impl From<Unclaimed> for NotNoted {
    fn from(why: Unclaimed) -> Self {
        match why {
            Unclaimed::Bill(failure) => Self::Bill(Arc::new(failure)),
            Unclaimed::Ledger(error) => Self::Ledger(Arc::new(error)),
            Unclaimed::Altered { path, .. } => Self::Altered(path),
        }
    }
}
