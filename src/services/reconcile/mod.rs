//! Reconciliation: loads the sides, compares them, and holds over what is open.

mod bills;
mod compare;
mod kept;
mod known;
mod orders;
mod result;
mod sources;
mod workbook;

use time::OffsetDateTime;

use crate::ledger::{DifferenceClosing, HeldDifference, Ledger, LedgerError};
use crate::model::action::is_reason;
use crate::model::reconcile::{BookSide, Movement, Reconciliation};
use crate::services::{Lookup, Runner};

pub use bills::FeeRate;
pub use kept::KeptReconcile;
pub use orders::{OrdersError, OrdersSummary};
pub(crate) use result::MOST_HELD;
pub use result::{BillUsed, DifferenceNotClosed, ReconcileError, ReconcileRequest, Reconciled};

use compare::{Comparing, compare};
use known::object_of;
use sources::Wanted;

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
            let order = difference.order.as_deref().and_then(|order| object_of(Movement::Payment, order));
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
pub fn compare_files(ledger: &Ledger, profile: &str, request: &ReconcileRequest) -> Result<Reconciled, ReconcileError> {
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
