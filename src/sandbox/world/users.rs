//! Simulates the users and the shop at a slow pace: they sign and cancel, order and pay, let payments fail. They follow
//! the same rules as all callers: a stopped plan is not signed, a closed transaction is not paid and a paused stock
//! distributes nothing.

use rand::RngExt;
use rand::rngs::StdRng;

use super::order::Step;
use super::permission::AuthorizationState;
use super::plan::PlanState;
use super::sign_plan::SignState;
use super::stock::StockStatus;
use super::store::ObjectStore;
use super::trade_type::TradeType;
use super::transaction::TradeState;
use super::{Reason, UserError, World};
use crate::model::time::{Duration, Timestamp};

/// Something that users or the shop do on their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum UserEvent {
    Sign,
    CancelSign,
    BeginDetail,
    Charge,
    Deduct,
    Confirm,
    Authorise,
    Pay,
    SellPlan,
    SellGoods,
    GiveBack,
    BeginService,
    Distribute,
    SendCoupon,
}

/// Each event as often as its weight.
const EVENTS: [UserEvent; 27] = [
    UserEvent::Sign,
    UserEvent::Sign,
    UserEvent::Sign,
    UserEvent::CancelSign,
    UserEvent::BeginDetail,
    UserEvent::BeginDetail,
    UserEvent::Charge,
    UserEvent::Charge,
    UserEvent::Charge,
    UserEvent::Deduct,
    UserEvent::Deduct,
    UserEvent::Deduct,
    UserEvent::Deduct,
    UserEvent::Confirm,
    UserEvent::Confirm,
    UserEvent::Authorise,
    UserEvent::Pay,
    UserEvent::Pay,
    UserEvent::Pay,
    UserEvent::SellPlan,
    UserEvent::SellGoods,
    UserEvent::SellGoods,
    UserEvent::GiveBack,
    UserEvent::BeginService,
    UserEvent::Distribute,
    UserEvent::Distribute,
    UserEvent::SendCoupon,
];

/// The least time that a user takes for anything.
const PATIENCE: Duration = Duration::seconds(4);

impl World {
    /// One step of the simulation; in three out of ten something happens. True if it did.
    pub(in crate::sandbox) fn tick(&mut self, now: Timestamp) -> bool {
        self.advance(now);
        if self.users_act {
            self.with_global(|global| global.tick(now));
        }
        if !self.users_act || !self.rng.random_bool(0.3) {
            return false;
        }
        // Not every event is possible now, so several are tried.
        (0..6).any(|_| {
            let event = EVENTS[self.rng.random_range(0..EVENTS.len())];
            let happened = self.happen(event, now).is_some();
            if happened {
                tracing::debug!(?event, "users or the shop acted");
            }
            happened
        })
    }

    /// Whether users and shop act on their own.
    pub(in crate::sandbox) fn users_act(&self) -> bool {
        self.users_act
    }

    pub(in crate::sandbox) fn set_users_act(&mut self, act: bool) {
        self.users_act = act;
    }

    /// The user pays the order's outstanding amount, or the transaction, with this number.
    pub(in crate::sandbox) fn pay(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        match self.orders.get(number) {
            Some(_) => self.order_paid(number, now),
            None => self.transaction_paid(number, now),
        }
    }

    /// The user's payment fails: an order's amount stays outstanding, a transaction unpaid.
    pub(in crate::sandbox) fn fail(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        match self.orders.get(number) {
            Some(_) => self.deduction_failed(number),
            None => self.transaction_failed(number),
        }
    }

    /// Makes one object expire now, which is not announced (PayScore reference §6).
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

    fn happen(&mut self, event: UserEvent, now: Timestamp) -> Option<()> {
        let early = now - PATIENCE;
        match event {
            UserEvent::Sign => {
                let ready = |s: &super::SignPlan| s.state == SignState::Unsigned && now < s.package_until;
                let number = pick(&mut self.rng, &self.sign_plans, ready)?.number.clone();
                self.sign(&number, now).ok()
            }
            UserEvent::CancelSign => {
                let ready =
                    |s: &super::SignPlan| s.by_shop && s.state == SignState::Signed && s.next_detail().is_some();
                let number = pick(&mut self.rng, &self.sign_plans, ready)?.number.clone();
                // Few users cancel, fewer revoke the whole service.
                match self.rng.random_range(0..30) {
                    0 => self.revoke_service(&number, now).ok(),
                    1..=9 => self.cancel_sign(&number, now).ok(),
                    _ => None,
                }
            }
            UserEvent::BeginDetail => {
                let ready =
                    |s: &super::SignPlan| s.by_shop && s.state == SignState::Signed && s.next_detail().is_some();
                let number = pick(&mut self.rng, &self.sign_plans, ready)?.number.clone();
                self.has_room().then(|| self.begin_next_detail(&number, now)).flatten().map(|_| ())
            }
            UserEvent::Charge => {
                let ready = |o: &super::Order| o.by_shop && o.step == Step::Running && o.since < early;
                let number = pick(&mut self.rng, &self.orders, ready)?.number.clone();
                self.charge(&number, now)
            }
            UserEvent::Deduct => {
                let ready = |o: &super::Order| o.step == Step::Charging && o.in_flight.is_none() && o.since < early;
                // An operator waits for this one: it comes before the many of the shop.
                let awaited = self.orders.iter().find(|order| !order.charged_by_shop && ready(order));
                let order = awaited.or_else(|| pick(&mut self.rng, &self.orders, ready))?;
                let number = order.number.clone();
                let takes = Duration::seconds(self.rng.random_range(2..8));
                self.begin_deduction(&number, now + takes).ok()
            }
            UserEvent::Confirm => {
                let ready = |o: &super::Order| o.step == Step::Created && o.created < early && now < o.package_until;
                let number = pick(&mut self.rng, &self.orders, ready)?.number.clone();
                let openid = self.random_user();
                self.confirm(&number, &openid, now).ok()
            }
            UserEvent::Authorise => {
                let ready = |p: &super::Permission| p.state == AuthorizationState::Unbound && now < p.token_until;
                let code = pick(&mut self.rng, &self.permissions, ready)?.code.clone();
                self.authorise(&code, now).ok()
            }
            UserEvent::Pay => {
                let ready = |t: &super::Transaction| match t.state {
                    TradeState::NotPay => t.placed < early && now < t.placed + Duration::hours(2),
                    TradeState::UserPaying => t.kind == TradeType::Micropay,
                    _ => false,
                };
                let number = pick(&mut self.rng, &self.transactions, ready)?.number.clone();
                if self.rng.random_bool(0.1) {
                    self.transaction_failed(&number).ok()
                } else {
                    self.transaction_paid(&number, now).ok()
                }
            }
            UserEvent::SellPlan if self.has_room() => {
                let number = pick(&mut self.rng, &self.plans, |p| p.state == PlanState::Normal)?.number.clone();
                self.sell_plan(&number, now).map(|_| ())
            }
            UserEvent::SellGoods if self.has_room() => {
                let place = self.rng.random_range(0..10_000);
                self.sell_goods(place, now).map(|_| ())
            }
            UserEvent::GiveBack if self.has_room() => {
                let ready = |t: &super::Transaction| t.state == TradeState::Success;
                let transaction = pick(&mut self.rng, &self.transactions, ready)?;
                let (number, total) = (transaction.number.clone(), transaction.total);
                let part = self.rng.random_bool(0.5).then(|| self.rng.random_range(1..=total));
                self.give_back(&number, part, now).map(|_| ())
            }
            UserEvent::BeginService if self.has_room() => {
                let place = self.rng.random_range(0..10_000);
                self.begin_service(place, now).map(|_| ())
            }
            UserEvent::Distribute => {
                let ready = |s: &super::Stock| s.status == StockStatus::Running && s.left(now) > 0;
                let id = pick(&mut self.rng, &self.stocks, ready)?.id.clone();
                let coupons = self.rng.random_range(1..=5);
                self.distribute(&id, coupons, now).then_some(())
            }
            // Coupons lead to little else, so most of the room is kept for other objects.
            UserEvent::SendCoupon if self.has_room() && self.coupons.len() < self.bound / 10 => {
                let (openid, place) = (self.random_user(), self.rng.random_range(0..10_000));
                self.hand_coupon(&openid, place, now).map(|_| ())
            }
            UserEvent::SellPlan
            | UserEvent::SellGoods
            | UserEvent::GiveBack
            | UserEvent::BeginService
            | UserEvent::SendCoupon => None,
        }
    }

    /// Whether the shop may still create something.
    fn has_room(&self) -> bool {
        self.len() < self.bound
    }
}

/// A random object that fits, by a few tries: half of them among the newest, which an operator is looking at.
fn pick<'a, T>(rng: &mut StdRng, store: &'a ObjectStore<T>, fits: impl Fn(&T) -> bool) -> Option<&'a T> {
    let all = store.len();
    if all == 0 {
        return None;
    }
    (0..48)
        .map(|_| {
            let oldest = if rng.random_bool(0.5) { all.saturating_sub(40) } else { 0 };
            store.at(rng.random_range(oldest..all))
        })
        .find(|item| fits(item))
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, merchant};
    use super::*;

    #[test]
    fn an_hour_of_life_changes_much_but_keeps_its_bound() {
        let mut world = World::seeded(merchant(), 3, 300, true, at(0));
        let before = world.len();
        let events = (0..9000).filter(|i| world.tick(at(i * 2 / 5))).count();
        // 9000 ticks of 400 ms: one event in about three seconds, the fewer the more coupons the day has seen.
        assert!((1000..3500).contains(&events), "{events}");
        assert!(world.len() > before);
        // The payment of an order adds a transaction beyond the bound.
        assert!(world.len() <= world.bound + world.orders.len(), "{} of {}", world.len(), world.bound);
    }

    #[test]
    fn the_user_of_an_order_that_an_operator_completes_pays_before_the_others() {
        for seed in 0..8 {
            let mut world = World::seeded(merchant(), seed, 1000, true, at(0));
            let number = world.orders.iter().find(|order| order.step == Step::Running).unwrap().number.clone();
            let body = serde_json::json!({
                "appid": world.merchant.appid, "service_id": world.merchant.service_id, "total_amount": 800,
                "post_payments": [{ "name": "租借费", "amount": 800, "description": "2元/12小时" }],
                "time_range": { "end_time": crate::model::time::compact(at(0)) },
            });
            world.ask(crate::model::EndpointId::OrderComplete, &number, body, at(1)).unwrap();
            let is_done = |i: &i64| {
                world.tick(at(i * 2 / 5));
                world.orders.get(&number).unwrap().step == Step::Done
            };
            let ticks = (3..).find(is_done).unwrap();
            assert!(ticks * 2 / 5 < 120, "{seed}: {} s", ticks * 2 / 5);
        }
    }

    #[test]
    fn what_an_operator_ended_stays_ended() {
        let mut world = World::seeded(merchant(), 3, 300, true, at(0));
        let stops: Vec<String> = world.plans.iter().map(|p| p.number.clone()).collect();
        for number in stops {
            world.ask(crate::model::EndpointId::PlanStop, &number, serde_json::Value::Null, at(0)).unwrap();
        }
        let body = serde_json::json!({ "stock_creator_mchid": world.merchant.mchid });
        let stocks: Vec<String> = world.stocks.iter().map(|s| s.id.clone()).collect();
        for id in stocks {
            world.ask(crate::model::EndpointId::StockPause, &id, body.clone(), at(0));
        }
        let unsigned = |w: &World| w.sign_plans.iter().filter(|s| s.state == SignState::Unsigned).count();
        let given = |w: &World| w.stocks.iter().map(|s| s.distributed).sum::<i64>();
        let closed = |w: &World| w.transactions.iter().filter(|t| t.state == TradeState::Closed).count();
        let before = (unsigned(&world), given(&world), closed(&world));
        for i in 0..3000 {
            world.tick(at(i * 2 / 5));
        }
        assert_eq!((unsigned(&world), given(&world)), (before.0, before.1));
        assert!(closed(&world) >= before.2);
    }
}
