//! The merchant's past: weeks of plans, orders, payments and coupons, created call by call at times before the start. So
//! every state is reached by the rules, and all amounts add up.

#[cfg(test)]
mod tests;

use rand::RngExt;

use super::order::Step;
use super::plan::PlanState;
use super::trade_type::TradeType;
use super::transaction::{TradeState, Transaction};
use super::{SandboxMerchant, World};
use crate::model::time::{Duration, Timestamp, beijing_day, compact, midnight};
use crate::model::{EndpointId, Kind};
use crate::sandbox::world::numbers::NumberSource as _;
use serde_json::{Value, json};

/// A user who has authorised the service in every sandbox, an empty one too.
pub const AUTHORISED_USER: &str = "oPaydeckSandboxRegular000001";

/// The final state of a seeded sign plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SignOutcome {
    JustOffered,
    NeverSigned,
    Signed,
    Running,
    Charging,
    Between,
    DetailCancelled,
    CancelledByUser,
    CancelledByMerchant,
    Revoked,
    Complete,
    Expired,
}

const SIGN_OUTCOMES: [SignOutcome; 20] = {
    use SignOutcome::*;
    [
        Between,
        Running,
        JustOffered,
        Charging,
        Signed,
        CancelledByUser,
        Running,
        Complete,
        DetailCancelled,
        Expired,
        NeverSigned,
        Between,
        CancelledByMerchant,
        Running,
        Charging,
        JustOffered,
        Signed,
        Revoked,
        Between,
        NeverSigned,
    ]
};

/// The final state of a seeded order without a sign plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OrderOutcome {
    Waiting,
    Forgotten,
    Expired,
    Running,
    Charging,
    Paid,
    PaidElsewhere,
    Cancelled,
}

const ORDER_OUTCOMES: [OrderOutcome; 12] = {
    use OrderOutcome::*;
    [Paid, Running, Waiting, Charging, Paid, Cancelled, Expired, Running, PaidElsewhere, Paid, Forgotten, Charging]
};

/// The final states of seeded transactions.
const TRADE_OUTCOMES: [TradeState; 16] = {
    use TradeState::*;
    [
        Success, NotPay, Success, Refund, Success, Closed, NotPay, Success, Revoked, Success, UserPaying, NotPay,
        Refund, PayError, Success, Closed,
    ]
};

/// How a seeded transaction was refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum RefundOutcome {
    /// Twice, in part.
    Parts,
    Whole,
    /// Being processed, because the merchant is short of money.
    Processing,
    Abnormal,
    /// Closed for lack of money, and then refunded under another number.
    ClosedThenWhole,
}

const REFUND_OUTCOMES: [RefundOutcome; 5] = {
    use RefundOutcome::*;
    [Parts, Abnormal, ClosedThenWhole, Processing, Whole]
};

/// The final state of a seeded coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum CouponOutcome {
    ClockHold,
    Used,
    /// Used for a payment that was refunded in part or completely.
    PartBack,
    WholeBack,
    Forgotten,
}

const COUPON_OUTCOMES: [CouponOutcome; 8] = {
    use CouponOutcome::*;
    [ClockHold, Used, Forgotten, Used, ClockHold, WholeBack, Used, PartBack]
};
/// The number of days before the start that each have a sale.
const LAST_DAYS: i64 = 7;

impl World {
    /// A merchant with about `objects` objects at `start`. The same seed gives the same merchant.
    pub(in crate::sandbox) fn seeded(
        merchant: SandboxMerchant,
        seed: u64,
        objects: usize,
        users_act: bool,
        start: Timestamp,
    ) -> Self {
        let mut world = Self::empty(merchant, seed, false);
        world.silent = true;
        let opened = start - Duration::days(80);
        world.permit(AUTHORISED_USER, opened);
        if objects > 0 {
            for _ in 0..(objects / 5).clamp(8, 2000) {
                let openid = format!("o{}", world.rng.token(27));
                world.permit(&openid, opened);
                world.publish_permission_number(&openid);
                world.people.push(openid);
            }
            let share = |per_mille: usize| (objects * per_mille).div_ceil(1000);
            world.seed_stocks(share(24), start);
            world.seed_plans(share(36), start);
            for i in 0..share(290) {
                world.seed_sign_plan(SIGN_OUTCOMES[i % SIGN_OUTCOMES.len()], start);
            }
            let mut i = 0;
            while world.orders.len() < share(330) || i < ORDER_OUTCOMES.len().min(objects / 20) {
                world.seed_order(ORDER_OUTCOMES[i % ORDER_OUTCOMES.len()], i, start);
                i += 1;
            }
            let mut i = 0;
            while world.transactions.len() < share(320) || i < TRADE_OUTCOMES.len().min(objects / 20) {
                world.seed_transaction(TRADE_OUTCOMES[i % TRADE_OUTCOMES.len()], i, start);
                i += 1;
            }
            world.last_days(start);
            world.stop_old_plans(start);
            world.with_global(|global| global.seed(start));
            world.advance(start);
            world.seed_permissions(share(8), start);
            for i in 0..share(48) {
                world.seed_coupon(COUPON_OUTCOMES[i % COUPON_OUTCOMES.len()], i, start);
            }
            world.advance(start);
        }
        // Events before the start are not announced.
        world.notices.clear();
        world.bound = world.len() * 2;
        world.users_act = users_act;
        world.silent = false;
        world
    }

    fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let (least, most) = (least.whole_seconds(), most.whole_seconds());
        Duration::seconds(self.rng.random_range(least..=most.max(least)))
    }

    fn days_ago(&mut self, start: Timestamp, least: i64, most: i64) -> Timestamp {
        start - self.between(Duration::days(least), Duration::days(most))
    }

    fn seed_plans(&mut self, count: usize, start: Timestamp) {
        for i in 0..count {
            let at = self.days_ago(start, 61, 75);
            self.offer_plan(i, at);
        }
    }

    /// Every sixth plan is stopped twelve days before the start.
    fn is_discontinued(place: usize) -> bool {
        place % 6 == 5
    }

    fn stop_old_plans(&mut self, start: Timestamp) {
        let old = self.plans.iter().enumerate().filter(|(i, _)| Self::is_discontinued(*i));
        let numbers: Vec<String> = old.map(|(_, plan)| plan.number.clone()).collect();
        for number in numbers {
            self.ask(EndpointId::PlanStop, &number, Value::Null, start - Duration::days(12));
        }
    }

    /// A plan that fits the outcome: of the right length, and still on sale at the time.
    fn plan_for(&mut self, outcome: SignOutcome, recent: bool) -> Option<(String, i64)> {
        for _ in 0..200 {
            let place = self.rng.random_range(0..self.plans.len());
            let plan = self.plans.at(place);
            let fits = match outcome {
                SignOutcome::Complete => plan.details.len() <= 4,
                SignOutcome::Expired => plan.duration_days <= 45,
                _ => plan.duration_days > 30,
            };
            let on_sale = plan.state == PlanState::Normal && !(recent && Self::is_discontinued(place));
            if fits && on_sale {
                return Some((plan.number.clone(), plan.duration_days));
            }
        }
        None
    }

    fn seed_sign_plan(&mut self, outcome: SignOutcome, start: Timestamp) -> Option<()> {
        let recent = matches!(outcome, SignOutcome::JustOffered);
        let (plan, duration) = self.plan_for(outcome, recent)?;
        let age = match outcome {
            SignOutcome::JustOffered => self.between(Duration::minutes(3), Duration::minutes(100)),
            SignOutcome::Expired => self.between(Duration::days(duration + 3), Duration::days(duration + 14)),
            _ => self.between(Duration::days(13), Duration::days((duration - 3).clamp(14, 45))),
        };
        let mut now = start - age;
        let number = self.sell_plan(&plan, now)?;
        if matches!(outcome, SignOutcome::JustOffered | SignOutcome::NeverSigned) {
            return Some(());
        }
        now += self.between(Duration::minutes(1), Duration::minutes(50));
        self.sign(&number, now).ok()?;
        let all = self.sign_plans.get(&number)?.details.len();
        let before = match outcome {
            SignOutcome::Complete => all,
            SignOutcome::Signed => 0,
            SignOutcome::Between => self.rng.random_range(1..=(all - 1).clamp(1, 2)),
            SignOutcome::Running | SignOutcome::Charging => self.rng.random_range(0..=1.min(all - 1)),
            _ => self.rng.random_range(0..=1),
        };
        // The finished details fit between the signature and the last two days.
        let room = (start - Duration::days(3) - now).min(Duration::days(25)) / (before.max(1) as i32 + 1);
        for _ in 0..before {
            now += self.between(room / 2, room);
            self.finish_detail(&number, now);
        }
        let late = start - self.between(Duration::minutes(10), Duration::hours(40));
        match outcome {
            SignOutcome::Running => self.begin_next_detail(&number, late).map(|_| ()),
            SignOutcome::Charging => {
                let order = self.begin_next_detail(&number, late)?;
                self.charge(&order, late + Duration::minutes(8))
            }
            SignOutcome::DetailCancelled => {
                let order = self.begin_next_detail(&number, late)?;
                self.cancel_by_shop(&order, "用户请假", late + Duration::minutes(5)).map(|_| ())
            }
            SignOutcome::CancelledByUser => self.cancel_sign(&number, late).ok(),
            SignOutcome::Revoked => self.revoke_service(&number, late).ok(),
            SignOutcome::CancelledByMerchant => {
                let body = json!({ "stop_reason": "门店搬迁，课程停办" });
                self.ask(EndpointId::SignPlanCancel, &number, body, late).map(|_| ())
            }
            _ => Some(()),
        }
    }

    /// Creates the order of a detail, charges it and pays it.
    fn finish_detail(&mut self, sign_plan: &str, now: Timestamp) -> Option<()> {
        let order = self.begin_next_detail(sign_plan, now)?;
        self.charge(&order, now + Duration::minutes(90))?;
        if self.orders.get(&order)?.step == Step::Charging {
            self.order_paid(&order, now + Duration::minutes(92)).ok()?;
        }
        Some(())
    }

    fn seed_order(&mut self, outcome: OrderOutcome, place: usize, start: Timestamp) -> Option<()> {
        // Only services with confirmation can wait for it: parking, camping gear, cameras.
        let place = match outcome {
            OrderOutcome::Waiting | OrderOutcome::Forgotten | OrderOutcome::Expired => [2, 4, 7][place % 3],
            _ => place,
        };
        let mut now = match outcome {
            OrderOutcome::Waiting => start - self.between(Duration::minutes(1), Duration::minutes(25)),
            OrderOutcome::Forgotten => self.days_ago(start, 1, 20),
            OrderOutcome::Expired => self.days_ago(start, 31, 50),
            OrderOutcome::Running => start - self.between(Duration::minutes(10), Duration::hours(5)),
            OrderOutcome::Charging => start - self.between(Duration::hours(2), Duration::hours(60)),
            _ => self.days_ago(start, 1, 40),
        };
        let number = self.begin_service(place, now)?;
        if matches!(outcome, OrderOutcome::Waiting | OrderOutcome::Forgotten | OrderOutcome::Expired) {
            return Some(());
        }
        if self.orders.get(&number)?.step == Step::Created {
            now += Duration::minutes(2);
            let openid = self.random_user();
            self.confirm(&number, &openid, now).ok()?;
        }
        if outcome == OrderOutcome::Running {
            return Some(());
        }
        now += self.between(Duration::minutes(12), Duration::minutes(75));
        if outcome == OrderOutcome::Cancelled {
            return self.cancel_by_shop(&number, "设备故障", now).map(|_| ());
        }
        self.charge(&number, now)?;
        now += self.between(Duration::seconds(20), Duration::minutes(20));
        match outcome {
            OrderOutcome::Paid => self.order_paid(&number, now).ok(),
            OrderOutcome::PaidElsewhere => {
                let body = json!({
                    "appid": self.merchant.appid, "service_id": self.merchant.service_id, "type": "Order_Paid",
                    "detail": { "paid_time": compact(now - Duration::MINUTE) },
                });
                self.ask(EndpointId::OrderSync, &number, body, now).map(|_| ())
            }
            _ => Some(()),
        }
    }

    fn seed_transaction(&mut self, outcome: TradeState, place: usize, start: Timestamp) -> Option<()> {
        let mut now = match outcome {
            TradeState::NotPay if place.is_multiple_of(2) => {
                start - self.between(Duration::minutes(2), Duration::minutes(100))
            }
            TradeState::NotPay => self.days_ago(start, 0, 6),
            TradeState::UserPaying => start - self.between(Duration::seconds(10), Duration::seconds(60)),
            TradeState::Refund => self.days_ago(start, 10, 45),
            _ => self.days_ago(start, 1, 45),
        };
        if matches!(outcome, TradeState::Revoked | TradeState::UserPaying | TradeState::PayError) {
            let number = self.rng.digits("88", 22);
            let total = self.rng.random_range(8..400) * 100;
            self.add_transaction(Transaction::unplaced(number, TradeType::Micropay, outcome, total, now));
            return Some(());
        }
        let number = self.sell_goods(place, now)?;
        now += self.between(Duration::seconds(8), Duration::minutes(4));
        match outcome {
            TradeState::Closed => {
                let body = json!({ "mchid": self.merchant.mchid });
                self.ask(EndpointId::TransactionClose, &number, body, now + Duration::minutes(30)).map(|_| ())
            }
            TradeState::Success => self.transaction_paid(&number, now).ok(),
            TradeState::Refund => {
                self.transaction_paid(&number, now).ok()?;
                // Two of sixteen transactions are refunded.
                self.seed_refund(REFUND_OUTCOMES[place / 8 % REFUND_OUTCOMES.len()], &number, start)
            }
            _ => Some(()),
        }
    }

    /// On each of the last days something was sold, and on the last one something was refunded and a service order paid,
    /// so that their bills always have rows of every kind.
    fn last_days(&mut self, start: Timestamp) {
        let mut sold = Vec::new();
        for back in (1..=LAST_DAYS).rev() {
            let opening = midnight(beijing_day(start)) - Duration::days(back) + Duration::hours(9);
            for i in 0..2 {
                let place = (back * 2 + i) as usize;
                let now = opening + self.between(Duration::hours(5 * i), Duration::hours(5 * i + 5));
                if let Some(number) = self.sell_goods(place, now)
                    && self.transaction_paid(&number, now + Duration::MINUTE).is_ok()
                {
                    sold.push(number);
                }
            }
        }
        let yesterday = midnight(beijing_day(start)) - Duration::hours(3);
        if let Some(number) = sold.first() {
            self.give_back(number, None, yesterday);
        }
        // A bicycle, which needs no confirmation.
        if let Some(number) = self.begin_service(0, yesterday - Duration::HOUR) {
            self.charge(&number, yesterday);
            let _ = self.order_paid(&number, yesterday + Duration::minutes(5));
        }
    }

    fn seed_refund(&mut self, outcome: RefundOutcome, trade: &str, start: Timestamp) -> Option<()> {
        let total = self.transactions.get(trade)?.total;
        let late = start - self.between(Duration::hours(3), Duration::days(2));
        let part = |per_cent: i64| Some((total * per_cent / 100).max(1));
        match outcome {
            RefundOutcome::Parts => {
                self.give_back(trade, part(30), late)?;
                self.give_back(trade, part(25), late + Duration::hours(1)).map(|_| ())
            }
            RefundOutcome::Whole => self.give_back(trade, None, late).map(|_| ()),
            RefundOutcome::Processing => {
                let number = self.give_back(trade, part(50), late)?;
                self.leave_refund_unfunded(&number);
                Some(())
            }
            RefundOutcome::Abnormal => {
                let number = self.give_back(trade, part(60), late)?;
                self.fail_refund(&number, late + Duration::MINUTE);
                Some(())
            }
            RefundOutcome::ClosedThenWhole => {
                let number = self.give_back(trade, None, start - Duration::days(9))?;
                self.leave_refund_unfunded(&number);
                self.give_back(trade, None, late).map(|_| ())
            }
        }
    }

    /// Adds the number of a permission that no call created to the numbers file.
    fn publish_permission_number(&mut self, openid: &str) {
        let key = (openid.to_owned(), self.merchant.service_id.clone());
        self.new_numbers.extend(self.permission_codes.get(&key).map(|code| (Kind::Permission, code.clone())));
    }

    /// Permissions that wait for their users, and some that were revoked.
    fn seed_permissions(&mut self, count: usize, start: Timestamp) {
        for i in 0..count {
            let asked = match i % 4 {
                0 => start - self.between(Duration::minutes(2), Duration::minutes(40)),
                _ => self.days_ago(start, 2, 50),
            };
            let Some(code) = self.ask_permission(asked) else { continue };
            if i % 2 == 1 {
                let openid = format!("o{}", self.rng.token(27));
                if self.authorise_as(&code, &openid, asked + Duration::minutes(3)).is_ok() {
                    let changed_mind = start - self.between(Duration::HOUR, Duration::days(1));
                    if let Err(reason) = self.revoke(&openid, changed_mind) {
                        tracing::debug!(openid, %reason, "a user could not revoke");
                    }
                }
            }
        }
    }

    fn seed_coupon(&mut self, outcome: CouponOutcome, place: usize, start: Timestamp) -> Option<()> {
        if outcome == CouponOutcome::Forgotten {
            return self.forget_coupon(place);
        }
        let openid = self.random_user();
        let sent = start - self.between(Duration::hours(12), Duration::hours(20));
        let (minimum, begins) = self.hand_coupon(&openid, place, sent)?;
        if outcome == CouponOutcome::ClockHold {
            return Some(());
        }
        let bought = begins.max(sent) + self.between(Duration::minutes(20), Duration::hours(3));
        let total = minimum + self.rng.random_range(0..40) * 100;
        let number = self.sell_to(&openid, total, bought)?;
        self.transaction_paid(&number, bought + Duration::MINUTE).ok()?;
        match outcome {
            CouponOutcome::WholeBack => self.give_back(&number, None, bought + Duration::HOUR).map(|_| ()),
            CouponOutcome::PartBack => self.give_back(&number, Some(total / 3), bought + Duration::HOUR).map(|_| ()),
            _ => Some(()),
        }
    }

    fn seed_stocks(&mut self, count: usize, start: Timestamp) {
        for i in 0..count {
            let (age, days) = match i % 8 {
                0 => (40..55, 30),
                1 | 4 => (1..5, 60),
                2 => (1..3, 30),
                _ => (8..40, 80),
            };
            let at = self.days_ago(start, age.start, age.end);
            if let Some(id) = self.make_stock(i, days, at) {
                self.seed_stock(i, &id, at, start);
            }
        }
    }

    /// Leaves a stock ended, not started, under review, paused, or running with part of its budget used.
    fn seed_stock(&mut self, place: usize, id: &str, made: Timestamp, start: Timestamp) {
        match place % 8 {
            1 => return,
            2 => return self.review_stock(id),
            _ => {}
        }
        let body = json!({ "stock_creator_mchid": self.merchant.mchid });
        self.ask(EndpointId::StockStart, id, body.clone(), made + Duration::minutes(10));
        let most = self.stocks.get(id).map_or(0, |stock| stock.max_coupons);
        let share = self.rng.random_range(5..95);
        self.distributed_before(id, most * share / 100);
        if place % 8 == 3 {
            self.ask(EndpointId::StockPause, id, body, start - Duration::hours(30));
        }
    }
}
