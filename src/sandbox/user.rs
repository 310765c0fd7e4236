//! Drives the users by hand: what happens on a phone, on demand.

use super::shared::Shared;
use super::world::{End, Global, RefundStatus, UserError, World};
use crate::model::time::{Duration, Timestamp};

/// The merchant's users, driven by a test or a developer.
#[derive(Clone, Copy, Debug)]
pub struct User<'a>(pub(super) &'a Shared);

impl User<'_> {
    /// Signs a sign plan, if its link is alive and its plan not stopped.
    pub fn sign(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.sign(sign_plan, now))
    }

    /// Cancels a signed plan.
    pub(crate) fn cancel_sign(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.cancel_sign(sign_plan, now))
    }

    /// Revokes the service, which cancels all sign plans of the sign plan's user.
    pub fn revoke_service(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.revoke_service(sign_plan, now))
    }

    /// Closes the service for the user of a sign plan or an authorization code, or for an openid.
    pub(crate) fn close_service(&self, number_or_openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.close_service_of(number_or_openid, now))
    }

    /// Confirms an order of the confirm mode.
    pub fn confirm(&self, order: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.confirm(order, super::AUTHORISED_USER, now))
    }

    /// Pays an order's outstanding amount.
    pub fn pay_order(&self, order: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.order_paid(order, now))
    }

    /// Starts a deduction that takes this long; meanwhile the order cannot be changed.
    pub fn begin_deduction(&self, order: &str, lasts: Duration) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.begin_deduction(order, now + lasts))
    }

    /// Pays the order or transaction with this number, mainland or Global.
    pub fn pay(&self, number: &str) -> Result<(), UserError> {
        self.in_either_world(|world, now| world.pay(number, now), |global, now| global.pay(number, now))
    }

    /// Makes the payment of an order or a transaction fail.
    pub fn fail(&self, number: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.fail(number, now))
    }

    /// Pays transactions together with an order of another merchant: a combined order, with one notification.
    pub fn pay_together(&self, transactions: &[&str]) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.pay_together(transactions, now))
    }

    /// Uses a coupon, given by its number with or without its user's openid: the user pays its minimum amount.
    pub(crate) fn use_coupon(&self, coupon: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.use_coupon(coupon, now))
    }

    /// Makes one object expire: a signed sign plan, an order that waits for confirmation, or a transaction that waits
    /// for payment.
    pub fn expire(&self, number: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.expire(number, now))
    }

    /// Ends a refund as SUCCESS: the money has arrived.
    pub fn succeed_refund(&self, refund: &str) -> Result<(), UserError> {
        self.in_either_world(
            |world, now| world.end_refund(refund, RefundStatus::Success, now),
            |global, now| global.end_refund(refund, End::Success, now),
        )
    }

    /// Ends a refund as ABNORMAL: the user's account cannot be reached.
    pub fn fail_refund(&self, refund: &str) -> Result<(), UserError> {
        self.in_either_world(
            |world, now| world.end_refund(refund, RefundStatus::Abnormal, now),
            |global, now| global.end_refund(refund, End::Abnormal, now),
        )
    }

    /// Ends a refund as CLOSED: no money moves.
    pub(crate) fn close_refund(&self, refund: &str) -> Result<(), UserError> {
        self.in_either_world(
            |world, now| world.end_refund(refund, RefundStatus::Closed, now),
            |global, now| global.end_refund(refund, End::Closed, now),
        )
    }

    /// Pays a transaction.
    pub fn pay_transaction(&self, transaction: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.transaction_paid(transaction, now))
    }

    /// Authorises the service, which orders without confirmation need: under an authorization code, or, for an openid,
    /// under a code that the shop creates.
    pub fn authorise(&self, code_or_openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.authorise(code_or_openid, now))
    }

    /// Authorises under a code as this user.
    pub fn authorise_as(&self, code: &str, openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.authorise_as(code, openid, now))
    }

    /// Revokes the permission, which cancels all sign plans of the user.
    pub fn revoke(&self, openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.revoke(openid, now))
    }

    /// Makes the risk assessment refuse a user from now on.
    pub(crate) fn refuse_risk(&self, openid: &str) {
        self.0.with_world(|world, _| world.refuse_risk(openid));
    }

    /// Makes a user's account abnormal: from now on it receives neither coupons nor refunds.
    pub fn make_abnormal(&self, openid: &str) {
        self.0.with_world(|world, _| world.make_abnormal(openid));
    }

    /// Empties or refills the account that refunds are paid from.
    pub fn set_short_of_money(&self, short: bool) {
        self.0.with_world(|world, _| world.set_short_of_money(short));
    }

    /// Makes new stocks impossible to start for this long, as while their rules are synchronised.
    pub fn delay_stock_start(&self, delay: Duration) {
        self.0.with_world(|world, _| world.delay_stock_start(delay));
    }

    /// Sets the merchant's balance for prefunded stocks, in fen.
    pub fn set_balance(&self, fen: i64) {
        self.0.with_world(|world, _| world.set_balance(fen));
    }

    /// Empties or refills the Global merchants' accounts, from which refunds are paid.
    pub fn set_short_of_money_global(&self, short: bool) {
        self.0.with_world(|world, _| world.with_global(|global| global.set_short_of_money(short)));
    }

    /// Acts in the mainland's world, or in the Global one if nothing in the former has the number.
    fn in_either_world(
        &self,
        here: impl FnOnce(&mut World, Timestamp) -> Result<(), UserError>,
        with_global: impl FnOnce(&mut Global, Timestamp) -> Result<(), UserError>,
    ) -> Result<(), UserError> {
        self.0.with_world(|world, now| match here(world, now) {
            Err(UserError::Unknown(_)) => world.with_global(|global| with_global(global, now)),
            result => result,
        })
    }

    /// Lets time pass in the world, but not for signatures: links expire, orders expire, stocks end.
    pub fn let_time_pass(&self, time: Duration) {
        self.0.let_time_pass(time);
    }
}
