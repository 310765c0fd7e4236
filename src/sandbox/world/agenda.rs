//! What time alone brings: orders nobody confirmed expire, sign plans run out, coupon stocks end, unpaid
//! transactions close, refunds arrive (PayScore reference §9.6, transactions reference §4, §6, coupons reference §1).

use super::World;
use crate::model::time::Timestamp;

/// Something that comes due at a time. What has happened to the object meanwhile is looked at then.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Due {
    /// A sign plan's `plan_over_time`.
    SignPlanOver(String),
    /// Thirty days after an order was created.
    OrderUnconfirmed(String),
    /// The end of a deduction in flight: it succeeds or it does not.
    Deduction(String),
    /// Seven days after a transaction was placed.
    TransactionUnpaid(String),
    /// A stock's `available_end_time`.
    StockOver(String),
    /// The end of a refund's way.
    Refund(String),
}

impl World {
    /// Notes what comes due.
    pub(super) fn remember(&mut self, at: Timestamp, due: Due) {
        self.agenda.insert((at, due));
    }

    /// When something is due next.
    pub(in crate::sandbox) fn next_due(&self) -> Option<Timestamp> {
        let here = self.agenda.first().map(|(at, _)| *at);
        [here, self.global.next_due()].into_iter().flatten().min()
    }

    /// Lets everything happen that was due by `now`, in order.
    pub(in crate::sandbox) fn advance(&mut self, now: Timestamp) {
        self.abroad(|global| global.advance(now));
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
