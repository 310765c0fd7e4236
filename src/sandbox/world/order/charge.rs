//! Charges orders: completion (O3), a lower amount (O4), collection on request (O7), and the results of deductions
//! (PayScore reference §4.5, §4.6, §4.9).

use rand::RngExt;

use super::super::agenda::Due;
use super::super::{CEILING, Call, Reason, UserError, World};
use super::terms::{self, Lines};
use super::{Named, Order, Paid, Payment, Step, unknown};
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};

const COMPLETED: &[&str] = &[
    "appid",
    "mchid",
    "out_order_no",
    "service_id",
    "service_introduction",
    "state",
    "state_description",
    "total_amount",
    "post_payments",
    "post_discounts",
    "risk_fund",
    "time_range",
    "location",
    "order_id",
    "need_collection",
];
const NAMED: &[&str] = &["appid", "mchid", "out_order_no", "service_id", "order_id"];

/// How long a deduction takes that the merchant requested.
const DEDUCTION: Duration = Duration::seconds(2);
/// How long the merchant must wait before the next request.
const BETWEEN_PUSHES: Duration = Duration::minutes(1);

/// 先免 orders are bounded by their own risk amount, all others by the service's ceiling.
fn ceiling(order: &Order) -> i64 {
    let fund = order.risk_fund.as_ref();
    let named = fund.and_then(|f| f["name"].as_str()).is_some_and(|name| name != "ESTIMATE_ORDER_COST");
    fund.and_then(|f| f["amount"].as_i64()).filter(|_| named).unwrap_or(CEILING)
}

impl World {
    pub(in super::super) fn complete_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let named = Named::read(&fields)?;
        let lines = Lines::final_of(&fields)?;
        let total = lines.total(&fields)?;
        if let Some(location) = fields.object_if_given("location")? {
            location.text_if_given("start_location", 1..=50)?;
            location.text_if_given("end_location", 1..=50)?;
        }
        fields.boolean_if_given("profit_sharing")?;
        fields.text_if_given("goods_tag", 1..=32)?;
        let order = self.orders.get_mut(call.parameter("out_order_no")).ok_or_else(unknown)?;
        named.check(order)?;
        let replay = order.replays.complete.as_ref() == Some(&call.content());
        match order.step {
            Step::Running => {}
            Step::Charging | Step::Done if replay => {
                return Ok(Answer::Document(order.subset(&self.merchant.mchid, COMPLETED)));
            }
            other => return Err(other.refusal()),
        }
        let time_range = terms::range_of_completion(&fields, &order.time_range, order.created, now)?;
        if total > ceiling(order) {
            return Err(terms::above(ceiling(order)));
        }
        lines.check_ceiling(CEILING)?;
        order.time_range = time_range;
        if let Some(location) = fields.echo("location") {
            order.location = Some(location);
        }
        order.post_payments = lines.payments;
        order.post_discounts = lines.discounts;
        order.total = Some(total);
        order.since = now;
        order.replays.complete = Some(call.content());
        order.step = if total > 0 { Step::Charging } else { Step::Done };
        let number = order.number.clone();
        self.settle_detail_if_done(&number, now);
        self.answer_of(&number, Some(COMPLETED))
    }

    pub(in super::super) fn modify_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let named = Named::read(&fields)?;
        let lines = Lines::final_of(&fields)?;
        let total = lines.total(&fields)?;
        fields.text("reason", 1..=50)?;
        let order = self.orders.get_mut(call.parameter("out_order_no")).ok_or_else(unknown)?;
        named.check(order)?;
        match order.step {
            Step::Charging => {}
            Step::Running => return Err(order.step.refusal().tail(271_316_657)),
            other => return Err(other.refusal()),
        }
        if order.replays.modify.as_ref() == Some(&call.content()) {
            return Ok(Answer::Document(order.document(&self.merchant.mchid)));
        }
        if order.total.is_some_and(|current| total >= current) {
            return Err(fields.wrong(
                "total_amount",
                "修改后的金额必须小于当前订单金额",
                "not below the current total",
            ));
        }
        order.check_in_flight(now)?;
        order.post_payments = lines.payments;
        order.post_discounts = lines.discounts;
        order.total = Some(total);
        order.replays.modify = Some(call.content());
        if total == 0 {
            order.step = Step::Done;
        }
        let number = order.number.clone();
        self.settle_detail_if_done(&number, now);
        self.answer_of(&number, None)
    }

    pub(in super::super) fn push_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let named = Named::read(&fields)?;
        let order = self.orders.get_mut(call.parameter("out_order_no")).ok_or_else(unknown)?;
        named.check(order)?;
        if matches!(order.step, Step::Done | Step::Revoked) {
            return Err(order.step.refusal());
        }
        if order.step != Step::Charging {
            return Err(SandboxRefusal::new(
                Code::InvalidOrderState,
                "仅服务订单支付状态为待支付时，才可使用此能力",
                "only while payment is outstanding",
            )
            .tail(271_316_657));
        }
        if order.pushed.is_some_and(|at| now < at + BETWEEN_PUSHES) {
            return Err(SandboxRefusal::new(Code::FrequencyLimited, "操作过于频繁", "too frequent").tail(268_435_472));
        }
        order.pushed = Some(now);
        let number = order.number.clone();
        if self.users_act && self.begin_deduction(&number, now + DEDUCTION).is_err() {
            tracing::debug!(number, "a deduction runs already");
        }
        self.answer_of(&number, Some(NAMED))
    }

    fn answer_of(&self, number: &str, members: Option<&[&str]>) -> SandboxOutcome {
        let order = self.orders.get(number).ok_or_else(unknown)?;
        let mchid = &self.merchant.mchid;
        Ok(Answer::Document(members.map_or_else(|| order.document(mchid), |names| order.subset(mchid, names))))
    }

    /// Updates the sign plan when the order of its detail is done.
    pub(super) fn settle_detail_if_done(&mut self, number: &str, now: Timestamp) {
        let Some(order) = self.orders.get(number).filter(|order| order.step == Step::Done) else { return };
        let total = order.total.unwrap_or(0);
        if let Some(origin) = order.origin.clone() {
            self.detail_settled(&origin.sign_plan, origin.place, total, now);
        }
    }

    /// Starts a deduction; until it ends the order cannot be changed.
    pub(in crate::sandbox) fn begin_deduction(&mut self, number: &str, until: Timestamp) -> Result<(), UserError> {
        let order = self.orders.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if order.step != Step::Charging {
            return Err(UserError::NotNow(Reason::NothingOutstanding));
        }
        if order.in_flight.is_some() {
            return Err(UserError::NotNow(Reason::DeductionRunning));
        }
        order.in_flight = Some(until);
        self.schedule(until, Due::Deduction(number.to_owned()));
        Ok(())
    }

    /// Ends a running deduction: most succeed. If users do not act on their own it fails, and is left to be decided by
    /// hand.
    pub(in super::super) fn settle_deduction(&mut self, number: &str, at: Timestamp) {
        // It may have been ended early by hand.
        if self.orders.get(number).and_then(|order| order.in_flight) != Some(at) {
            return;
        }
        let succeeds = self.users_act && self.rng.random_bool(0.7);
        let outcome = if succeeds { self.order_paid(number, at) } else { self.deduction_failed(number) };
        if let Err(reason) = outcome {
            tracing::debug!(number, %reason, "a deduction could not be completed");
        }
    }

    /// A deduction failed: the order stays outstanding and is tried again.
    pub(in crate::sandbox) fn deduction_failed(&mut self, number: &str) -> Result<(), UserError> {
        let order = self.orders.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if order.step != Step::Charging {
            return Err(UserError::NotNow(Reason::NothingOutstanding));
        }
        order.in_flight = None;
        Ok(())
    }

    /// The deduction succeeded, or the user paid on the order's page.
    pub(in crate::sandbox) fn order_paid(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        let order = self.orders.get(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        let (Step::Charging, Some(amount)) = (order.step, order.total) else {
            return Err(UserError::NotNow(Reason::NothingOutstanding));
        };
        let attach = format!("wxzff|{}|{}", order.order_id, order.number);
        let (openid, introduction) = (order.openid.clone(), order.introduction.clone());
        let paid = self.deducted_transaction(openid, introduction, attach, amount, now);
        if let Some(order) = self.orders.get_mut(number) {
            let how = Payment::PayScore { transaction_id: paid.0, promotions: paid.1 };
            order.paid = Some(Paid { how, amount, at: now });
            order.step = Step::Done;
            order.in_flight = None;
        }
        self.settle_detail_if_done(number, now);
        self.announce_order(number, "PAYSCORE.USER_PAID", "支付成功", now);
        Ok(())
    }
}
