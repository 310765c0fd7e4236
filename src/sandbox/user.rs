//! Plays the users by hand: what happens on a phone, on demand.

use super::gateway::Shared;
use super::world::{End, Global, RefundStatus, UserError, World};
use crate::model::time::{Duration, Timestamp};

/// The merchant's users, in the hands of a test or of a developer.
#[derive(Clone, Copy, Debug)]
pub struct User<'a>(pub(super) &'a Shared);

impl User<'_> {
    /// Signs a sign plan, if its link is alive and its plan not stopped.
    pub fn sign(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.sign(sign_plan, now))
    }

    /// Cancels a signed plan.
    pub fn cancel_sign(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.cancel_sign(sign_plan, now))
    }

    /// Revokes the service, which cancels all sign plans of the sign plan's user.
    pub fn revoke_service(&self, sign_plan: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.revoke_service(sign_plan, now))
    }

    /// Closes the service: the user of a sign plan, of an authorization code, or one named by their openid.
    pub fn close_service(&self, number_or_openid: &str) -> Result<(), UserError> {
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

    /// Lets an order's deduction fail: it stays outstanding.
    pub fn fail_order(&self, order: &str) -> Result<(), UserError> {
        self.0.with_world(|world, _| world.deduction_failed(order))
    }

    /// Puts a deduction in flight for so long; the order cannot be changed meanwhile.
    pub fn begin_deduction(&self, order: &str, lasts: Duration) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.begin_deduction(order, now + lasts))
    }

    /// Pays what a number stands for: an order or a transaction, on the mainland or abroad.
    pub fn pay(&self, number: &str) -> Result<(), UserError> {
        self.wherever(|world, now| world.pay(number, now), |global, now| global.pay(number, now))
    }

    /// Lets the payment of an order or a transaction fail.
    pub fn fail(&self, number: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.fail(number, now))
    }

    /// Pays transactions together with an order of another merchant: a combined order, of which the merchant is told as one.
    pub fn pay_together(&self, transactions: &[&str]) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.pay_together(transactions, now))
    }

    /// Uses a coupon, named by its own number or with its user's openid: its user pays the least it takes off from.
    pub fn use_coupon(&self, coupon: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.use_coupon(coupon, now))
    }

    /// Lets the time of one object run out: of a signed sign plan, of an order that waits for its confirmation, of a
    /// transaction that waits for its payment.
    pub fn expire(&self, number: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.expire(number, now))
    }

    /// Ends a refund as SUCCESS: the money has arrived.
    pub fn succeed_refund(&self, refund: &str) -> Result<(), UserError> {
        self.wherever(
            |world, now| world.end_refund(refund, RefundStatus::Success, now),
            |global, now| global.end_refund(refund, End::Success, now),
        )
    }

    /// Ends a refund as ABNORMAL: the user's account cannot be reached.
    pub fn fail_refund(&self, refund: &str) -> Result<(), UserError> {
        self.wherever(
            |world, now| world.end_refund(refund, RefundStatus::Abnormal, now),
            |global, now| global.end_refund(refund, End::Abnormal, now),
        )
    }

    /// Ends a refund as CLOSED: no money moves.
    pub fn close_refund(&self, refund: &str) -> Result<(), UserError> {
        self.wherever(
            |world, now| world.end_refund(refund, RefundStatus::Closed, now),
            |global, now| global.end_refund(refund, End::Closed, now),
        )
    }

    /// Pays a transaction.
    pub fn pay_transaction(&self, transaction: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.transaction_paid(transaction, now))
    }

    /// Fails to pay a transaction.
    pub fn fail_transaction(&self, transaction: &str) -> Result<(), UserError> {
        self.0.with_world(|world, _| world.transaction_failed(transaction))
    }

    /// Authorises the service, which orders without confirmation need: under an authorization code, or, for an openid,
    /// under a code that the shop makes.
    pub fn authorise(&self, code_or_openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.authorise(code_or_openid, now))
    }

    /// Authorises under a code as a certain user.
    pub fn authorise_as(&self, code: &str, openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.authorise_as(code, openid, now))
    }

    /// Takes the permission back, which cancels all sign plans of the user.
    pub fn revoke(&self, openid: &str) -> Result<(), UserError> {
        self.0.with_world(|world, now| world.revoke(openid, now))
    }

    /// Makes the risk assessment refuse a user from now on.
    pub fn refuse_risk(&self, openid: &str) {
        self.0.with_world(|world, _| world.refuse_risk(openid));
    }

    /// Makes a user's account abnormal: no coupon can be sent to them from now on, and no money given back.
    pub fn make_abnormal(&self, openid: &str) {
        self.0.with_world(|world, _| world.make_abnormal(openid));
    }

    /// Empties the account that refunds are paid from, or fills it again.
    pub fn set_short_of_money(&self, short: bool) {
        self.0.with_world(|world, _| world.set_short_of_money(short));
    }

    /// Lets a stock that was just created not be started for so long, as happens while its rules are synchronised.
    pub fn delay_stock_start(&self, delay: Duration) {
        self.0.with_world(|world, _| world.delay_stock_start(delay));
    }

    /// Sets what the merchant has for prefunded stocks, in fen.
    pub fn set_balance(&self, fen: i64) {
        self.0.with_world(|world, _| world.set_balance(fen));
    }

    /// Empties the Global merchants' accounts, or fills them again: without money nothing is refunded.
    pub fn set_short_of_money_abroad(&self, short: bool) {
        self.0.with_world(|world, _| world.abroad(|global| global.set_short_of_money(short)));
    }

    /// On the mainland, or abroad if nothing there has the number.
    fn wherever(
        &self,
        here: impl FnOnce(&mut World, Timestamp) -> Result<(), UserError>,
        abroad: impl FnOnce(&mut Global, Timestamp) -> Result<(), UserError>,
    ) -> Result<(), UserError> {
        self.0.with_world(|world, now| match here(world, now) {
            Err(UserError::Unknown(_)) => world.abroad(|global| abroad(global, now)),
            told => told,
        })
    }

    /// Lets time pass in the world (not on the wire): links run out, orders expire, stocks end.
    pub fn let_time_pass(&self, time: Duration) {
        self.0.let_time_pass(time);
    }
}
