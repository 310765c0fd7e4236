//! What time alone brings: orders nobody confirmed expire, sign plans run out, coupon stocks end, unpaid
//! transactions close, refunds arrive (PayScore reference §9.6, transactions reference §4, §6, coupons reference §1).

use super::order::Step;
use super::sign_plan::SignState;
use super::transaction::TradeState;
use super::{Reason, UserError, World};
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
    pub(super) fn schedule(&mut self, at: Timestamp, due: Due) {
        self.agenda.insert((at, due));
    }

    /// When something is due next.
    pub(in crate::sandbox) fn next_due(&self) -> Option<Timestamp> {
        let here = self.agenda.first().map(|(at, _)| *at);
        [here, self.global.next_due()].into_iter().flatten().min()
    }

    /// Lets everything happen that was due by `now`, in order.
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

    /// Lets the time of one object run out now. Nothing is told of it (PayScore reference §6).
    pub(in crate::sandbox) fn expire(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        if let Some(sign_plan) = self.sign_plans.get_mut(number) {
            if sign_plan.state != SignState::Signed {
                return Err(UserError::NotNow(Reason::NotSigned));
            }
            sign_plan.over_at = now;
            self.expire_sign_plan(number);
        } else if let Some(order) = self.orders.get(number) {
            if order.step != Step::Created {
                return Err(UserError::NotNow(Reason::OrderNotWaiting));
            }
            self.expire_order(number);
        } else if let Some(transaction) = self.transactions.get(number) {
            if transaction.state != TradeState::NotPay {
                return Err(UserError::NotNow(Reason::NotWaitingForPayment));
            }
            self.expire_transaction(number);
        } else {
            return Err(UserError::Unknown(number.to_owned()));
        }
        Ok(())
    }
}
