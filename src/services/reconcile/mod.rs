//! Reconciliation: loads the sides, compares them, and holds over what is open.

mod bills;
mod compare;
mod kept;
mod known;
mod orders;
mod sources;
mod workbook;

use std::path::PathBuf;

use time::OffsetDateTime;

use crate::ledger::{DifferenceClosing, HeldChanges, HeldDifference, Ledger, LedgerError, NotHeld};
use crate::model::action::is_reason;
use crate::model::reconcile::{BookSide, ColumnMap, Period, Reconciliation, Unbalanced};
use crate::model::time::Date;
use crate::services::bills::BillFailure;
use crate::services::{Lookup, Runner, Stopped};

pub use bills::FeeRate;
pub use kept::KeptReconcile;
pub use orders::{OrdersError, OrdersSummary};

use compare::{Comparing, compare};
use known::object_of;
use sources::Wanted;

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
        let read = self.bills.iter().all(|bill| bill.bad == 0) && self.orders.as_ref().is_none_or(|orders| orders.bad == 0);
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

impl Runner {
    /// How the orders of this profile are read, and its rate, as they are kept.
    pub fn kept_reconcile(&self) -> KeptReconcile {
        KeptReconcile::read(self.bills().folder())
    }

    /// Reconciles. `progress` is called with the number of bytes received of a bill that is downloaded.
    pub async fn reconcile(
        &self,
        request: ReconcileRequest,
        progress: &mut (dyn FnMut(u64) + Send),
    ) -> Result<Reconciled, ReconcileError> {
        let mut kept = self.kept_reconcile();
        if let Some(map) = &request.map {
            kept.map = map.clone();
        }
        if let Some(rate) = &request.rate {
            FeeRate::parse(rate).ok_or_else(|| ReconcileError::Rate(rate.clone()))?;
            kept.rate = Some(rate.clone());
        }
        let wanted = Wanted {
            period: request.period,
            offline: request.offline || !request.bills.is_empty(),
            given: request.bills.clone(),
        };
        let (trade, flow) = match wanted.given.is_empty() {
            true => {
                let trade = self.bills_of(BookSide::Trade, &wanted, progress).await?;
                (trade, self.bills_of(BookSide::Flow, &wanted, progress).await?)
            }
            false => Default::default(),
        };
        let comparing = Comparing {
            ledger: self.ledger.clone(),
            profile: self.actor.key.clone(),
            wanted,
            trade,
            flow,
            against: request.against.clone(),
            map: kept.map.clone(),
            rate: kept.rate.as_deref().and_then(FeeRate::parse),
        };
        let mut reconciled = run(comparing.clone()).await?;
        if request.resolve {
            let asked = self.resolve_differences(&reconciled.result).await?;
            if asked > 0 {
                reconciled = run(comparing).await?;
            }
            reconciled.queried = asked;
        }
        // Only what has worked is kept.
        if request.map.is_some() || request.rate.is_some() {
            kept.write(self.bills().folder()).map_err(ReconcileError::Kept)?;
        }
        Ok(reconciled)
    }

    /// Queries the objects that differ, within the request budget. Returns how many.
    async fn resolve_differences(&self, result: &Reconciliation) -> Result<usize, ReconcileError> {
        let mut wanted: Vec<Lookup> = Vec::new();
        for difference in result.differences().take(MOST_HELD) {
            let order = difference.order.as_deref().and_then(|order| object_of(crate::model::reconcile::Movement::Payment, order));
            let own = object_of(difference.movement, &difference.number);
            wanted.extend(own.into_iter().chain(order).map(Lookup::Object));
        }
        let mut seen = std::collections::HashSet::new();
        wanted.retain(|wanted| seen.insert(wanted.clone()));
        let asked = wanted.len();
        self.query_all(wanted, |_, _| ()).await?;
        Ok(asked)
    }

    /// The differences that are held over; `open`: these alone.
    pub async fn held_differences(&self, open: bool) -> Result<Vec<HeldDifference>, LedgerError> {
        let profile = self.actor.key.clone();
        self.ledger.run(move |ledger| ledger.held(&profile, open, MOST_HELD)).await
    }

    /// Closes a difference for the operator, with a reason that goes into the journal. Nothing is sent, so that this is
    /// possible in a read-only profile, too. Returns the number of the journal entry.
    pub async fn close_difference(&self, id: i64, reason: &str) -> Result<i64, DifferenceNotClosed> {
        if !is_reason(reason) {
            return Err(DifferenceNotClosed::NoReason);
        }
        let closing = DifferenceClosing {
            at: OffsetDateTime::now_utc(),
            operator: self.actor.operator.clone(),
            mchid: self.client.mchid().as_str().to_owned(),
            reason: reason.trim().to_owned(),
        };
        let profile = self.actor.key.clone();
        let closed = self.ledger.run(move |ledger| ledger.close_difference(&profile, id, &closing)).await?;
        closed.map_err(DifferenceNotClosed::Held)
    }
}

/// Compares files of bills with a file of orders, without the network. It blocks.
pub fn compare_files(
    ledger: &Ledger,
    profile: &str,
    request: &ReconcileRequest,
) -> Result<Reconciled, ReconcileError> {
    compare(&Comparing {
        ledger: ledger.clone(),
        profile: profile.to_owned(),
        wanted: Wanted { period: request.period, offline: true, given: request.bills.clone() },
        trade: Default::default(),
        flow: Default::default(),
        against: request.against.clone(),
        map: request.map.clone().unwrap_or_default(),
        rate: request.rate.as_deref().and_then(FeeRate::parse),
    })
}

async fn run(comparing: Comparing) -> Result<Reconciled, ReconcileError> {
    tokio::task::spawn_blocking(move || compare(&comparing)).await.map_err(|_| ReconcileError::Thread)?
}
