//! What is asked of a reconciliation, and its result.

use std::path::PathBuf;

use super::OrdersError;
use super::orders::OrdersSummary;
use crate::ledger::{HeldChanges, HeldDifference, LedgerError, NotHeld};
use crate::model::reconcile::{BookSide, ColumnMap, Period, Reconciliation, Unbalanced};
use crate::model::time::Date;
use crate::services::Stopped;
use crate::services::bills::BillFailure;

/// What to reconcile.
#[derive(Clone, Debug)]
pub struct ReconcileRequest {
    pub period: Period,
    /// The merchant's own orders.
    pub against: Option<PathBuf>,
    /// How they are read; `None`: as it is kept, or by known names. What is given is kept.
    pub map: Option<ColumnMap>,
    /// The agreed rate: `0.60%`. What is given is kept.
    pub rate: Option<String>,
    /// Files of bills, in place of downloaded ones.
    pub bills: Vec<PathBuf>,
    /// Downloads nothing.
    pub offline: bool,
    /// Queries what differs, within the request budget, and compares again.
    pub resolve: bool,
}

impl ReconcileRequest {
    pub fn new(period: Period) -> Self {
        let (against, map, rate, bills) = (None, None, None, Vec::new());
        Self { period, against, map, rate, bills, offline: false, resolve: false }
    }
}

/// A file of bills that took part.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillUsed {
    /// By what it is; a given file may be either.
    pub side: BookSide,
    pub file: PathBuf,
    /// `None`: its rows are each of their own day.
    pub day: Option<Date>,
    pub rows: u64,
    /// Lines that could not be read, and the first of them: the sums are not the bill's while there are any.
    pub bad: u64,
    pub first_bad: Option<u64>,
}

/// The result.
#[derive(Debug)]
pub struct Reconciled {
    pub result: Reconciliation,
    pub bills: Vec<BillUsed>,
    pub orders: Option<OrdersSummary>,
    /// Days of which a side has no bill.
    pub missing: Vec<(BookSide, Date)>,
    pub held: HeldChanges,
    /// All differences of the profile that are open now, the oldest first.
    pub open: Vec<HeldDifference>,
    /// There were too many to hold over: probably the wrong file or column.
    pub too_many: bool,
    /// How many objects were queried.
    pub queried: usize,
}

impl Reconciled {
    /// Nothing differs, everything could be read, and nothing is open from earlier days.
    pub fn agrees(&self) -> bool {
        let read =
            self.bills.iter().all(|bill| bill.bad == 0) && self.orders.as_ref().is_none_or(|orders| orders.bad == 0);
        read && self.open.is_empty() && !self.too_many && self.found_open() == 0
    }

    /// How many of the differences nobody has closed.
    pub fn found_open(&self) -> usize {
        let closed = |key: String| self.held.closed.contains(&key);
        self.result.differences().filter(|difference| !closed(difference.key())).take(MOST_HELD).count()
    }
}

/// More differences are no differences, but a wrong file.
pub(crate) const MOST_HELD: usize = 100_000;

/// Why there is no result.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileError {
    #[error(transparent)]
    Bill(#[from] BillFailure),
    /// A file that cannot be read as bills.
    #[error("{}", path.display())]
    NotABill { path: PathBuf, source: crate::model::bill::BillError },
    /// The file is no longer the one that was verified.
    #[error("{} is not what it was", path.display())]
    Altered { path: PathBuf, was: String, is: String },
    #[error("{}", path.display())]
    Orders { path: PathBuf, source: OrdersError },
    /// The trade bill of a day is not here, and may not be downloaded.
    #[error("there is no bill of {}", crate::model::time::day(*.0))]
    NoBill(Date),
    #[error("there is only one side")]
    NothingToCompare,
    #[error("the agreed rate is no rate: {0}")]
    Rate(String),
    #[error("there are too many rows")]
    TooMany,
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    #[error(transparent)]
    Stopped(#[from] Stopped),
    #[error("what is kept cannot be written")]
    Kept(std::io::Error),
    #[error("its thread ended")]
    Thread,
}

/// Why a difference was not closed.
#[derive(Debug, thiserror::Error)]
pub enum DifferenceNotClosed {
    #[error("a reason is missing")]
    NoReason,
    #[error("it is not held over")]
    Held(NotHeld),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}
