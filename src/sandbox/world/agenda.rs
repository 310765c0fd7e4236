//! Changes that come with time alone: unconfirmed orders and sign plans expire, coupon stocks end, unpaid transactions
//! close, refunds arrive (PayScore reference §9.6, transactions reference §4, §6, coupons reference §1).

use super::World;
use crate::model::time::Timestamp;

/// A change that comes due at a time. Whether it still applies to the object is checked then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A sign plan's `plan_over_time`.
    SignPlanOver(String),
    /// Thirty days after an order was created.
    OrderUnconfirmed(String),
    /// The end of a deduction, in success or failure.
    Deduction(String),
    /// Seven days after a transaction was placed.
    TransactionUnpaid(String),
    /// A stock's `available_end_time`.
    StockOver(String),
    /// The end of a refund's processing.
    Refund(String),
}

impl World {
    /// Adds to the agenda.
    pub(super) fn schedule(&mut self, at: Timestamp, due: Due) {
        self.agenda.insert((at, due));
    }

    /// When something is due next.
    pub(in crate::sandbox) fn next_due(&self) -> Option<Timestamp> {
        let here = self.agenda.first().map(|(at, _)| *at);
        [here, self.global.next_due()].into_iter().flatten().min()
    }

    /// Applies everything that was due by `now`, in order.
    pub(in crate::sandbox) fn advance(&mut self, now: Timestamp) {
        self.with_global(|global| global.advance(now));
        while let Some((at, _)) = self.agenda.first()
            && *at <= now
            && let Some((at, due)) = self.agenda.pop_first()
        {
            match due {
                Due::SignPlanOver(number) => self.expire_sign_plan(&number),
                Due::OrderUnconfirmed(number) => self.expire_order(&number),
                Due::Deduction(number) => self.settle_deduction(&number, at),
                Due::TransactionUnpaid(number) => self.expire_transaction(&number),
                Due::StockOver(number) => self.end_stock(&number, at),
                Due::Refund(number) => self.settle_refund(&number, at),
            }
        }
    }
}
