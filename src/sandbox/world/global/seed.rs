//! The Global shops: orders of the days before the start, and users who go on paying. All objects are created by the
//! same calls that an operator's program makes.

use rand::RngExt;
use serde_json::{Map, Value, json};

use super::market::GOODS;
use super::refund::End;
use super::{Call, Global, Party};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Currency, EndpointId, Kind, Money};
use crate::sandbox::answer::{Answer, SandboxOutcome};
use crate::sandbox::world::Caller;
use crate::sandbox::world::numbers::NumberSource as _;
use crate::sandbox::world::transaction::TradeState;

/// How many orders each merchant has at the start.
const ORDERS: [(Party, usize); 2] = [(Party::Institution, 54), (Party::Direct, 18)];
/// The number of past days they are spread over.
const DAYS: i64 = 12;

/// The final state of a seeded order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum OrderOutcome {
    Waiting,
    Forgotten,
    Closed,
    Paid,
    Refunded,
    /// Refunded in two parts.
    Parts,
    Abnormal,
    /// Its refund was closed.
    RefundClosed,
    Reversed,
}

const ORDER_OUTCOMES: [OrderOutcome; 18] = {
    use OrderOutcome::*;
    [
        Paid,
        Waiting,
        Paid,
        Parts,
        Paid,
        Closed,
        Refunded,
        Paid,
        Waiting,
        Paid,
        Abnormal,
        Paid,
        Forgotten,
        Paid,
        RefundClosed,
        Paid,
        Reversed,
        Paid,
    ]
};

/// The rule of an endpoint.
type Rule = fn(&mut Global, Party, &Call, Timestamp) -> SandboxOutcome;

impl Global {
    /// Creates the past of the two merchants.
    pub(in crate::sandbox::world) fn seed(&mut self, start: Timestamp) {
        for (party, orders) in ORDERS {
            for place in 0..orders {
                self.seed_order(party, place, start);
            }
        }
        self.advance(start);
        // Events before the start are not announced.
        self.notices.clear();
        self.bound = self.len() * 2;
    }

    fn between(&mut self, least: Duration, most: Duration) -> Duration {
        Duration::seconds(self.rng.random_range(least.whole_seconds()..=most.whole_seconds()))
    }

    fn seed_order(&mut self, party: Party, place: usize, start: Timestamp) -> Option<()> {
        let outcome = ORDER_OUTCOMES[place % ORDER_OUTCOMES.len()];
        let mut now = match outcome {
            OrderOutcome::Waiting => start - self.between(Duration::minutes(2), Duration::minutes(80)),
            // Spread so that every day has some.
            _ => start - Duration::days(place as i64 % DAYS) - self.between(Duration::hours(5), Duration::hours(24)),
        };
        if outcome == OrderOutcome::Reversed {
            let number = self.next_number("GTILL");
            let total = Money { minor: 3_400, currency: Currency::parse("HKD")? };
            self.place_at_till(party, number, total, now);
            return Some(());
        }
        let number = self.sell(party, place, now)?;
        now += self.between(Duration::seconds(10), Duration::minutes(9));
        match outcome {
            OrderOutcome::Waiting | OrderOutcome::Forgotten | OrderOutcome::Reversed => return Some(()),
            OrderOutcome::Closed => {
                let body = Value::Object(party.ids(false));
                return self
                    .ask(party, (EndpointId::GlobalClose, Self::close), &number, body, now + Duration::minutes(20))
                    .map(|_| ());
            }
            _ => self.pay(&number, now).ok()?,
        }
        let later = (now + self.between(Duration::minutes(20), Duration::hours(30))).min(start - Duration::minutes(90));
        let total = self.books(party).orders.get(&number)?.total.minor;
        match outcome {
            OrderOutcome::Refunded => self.refund(party, &number, total, later).map(|_| ()),
            OrderOutcome::Parts => {
                self.refund(party, &number, (total * 3 / 10).max(1), later)?;
                self.refund(party, &number, (total / 4).max(1), later + Duration::minutes(40)).map(|_| ())
            }
            OrderOutcome::Abnormal | OrderOutcome::RefundClosed => {
                let refund = self.refund(party, &number, (total / 2).max(1), later)?;
                let end = if outcome == OrderOutcome::Abnormal { End::Abnormal } else { End::Closed };
                self.schedule_end(party, &refund, end, later + Duration::MINUTE);
                Some(())
            }
            _ => Some(()),
        }
    }

    fn next_number(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}{:05}", self.serial)
    }

    /// Calls as the shop. A refusal is ignored: an operator may have been faster.
    fn ask(
        &mut self,
        party: Party,
        (endpoint, rule): (EndpointId, Rule),
        number: &str,
        body: Value,
        now: Timestamp,
    ) -> Option<Value> {
        self.advance(now);
        let name = endpoint.endpoint().path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let call = Call {
            caller: Caller::Global(party),
            endpoint,
            parameters: name.map(|(name, _)| (name, number.to_owned())).into_iter().collect(),
            query: Vec::new(),
            body: if let Value::Object(map) = body { map } else { Map::new() },
        };
        match rule(self, party, &call, now) {
            Ok(Answer::Document(document)) => Some(document),
            Ok(_) => Some(Value::Null),
            Err(refusal) => {
                tracing::debug!(?endpoint, number, code = refusal.code.as_str(), "a Global shop was refused");
                None
            }
        }
    }

    /// Places an order; `place` chooses what is sold, and how it is to be paid.
    fn sell(&mut self, party: Party, place: usize, now: Timestamp) -> Option<String> {
        let (description, category, currency, price) = GOODS[place % GOODS.len()];
        let number = self.next_number("GTX");
        let quantity = if price < 10_000 { self.rng.random_range(1..=3) } else { 1 };
        let mut body = Value::Object(party.ids(true));
        body["out_trade_no"] = number.clone().into();
        body["description"] = description.into();
        body["attach"] = format!("till={}", place % 9 + 1).into();
        body["notify_url"] = self.notify_url.clone().into();
        body["merchant_category_code"] = category.into();
        body["amount"] = json!({ "total": price * quantity, "currency": currency });
        let (endpoint, word) = match place % 5 {
            0 | 1 => (EndpointId::GlobalNative, "NATIVE"),
            2 => (EndpointId::GlobalApp, "APP"),
            3 => (EndpointId::GlobalH5, "MWEB"),
            _ => (EndpointId::GlobalJsapi, "JSAPI"),
        };
        body["trade_type"] = word.into();
        if endpoint == EndpointId::GlobalH5 {
            body["scene_info"] = json!({ "payer_client_ip": "203.0.113.7", "store_info": { "id": "HC01" } });
        }
        if endpoint == EndpointId::GlobalJsapi {
            let name = if party == Party::Direct { "openid" } else { "sp_openid" };
            body["payer"] = json!({ name: format!("o{}", self.rng.token(27)) });
        }
        self.ask(party, (endpoint, Self::place), "", body, now)?;
        Some(number)
    }

    fn refund(&mut self, party: Party, order: &str, part: i64, now: Timestamp) -> Option<String> {
        self.advance(now);
        let number = self.next_number("GRF");
        let total = self.books(party).orders.get(order)?.total;
        let mut body = Value::Object(party.ids(true));
        body["out_trade_no"] = order.into();
        body["out_refund_no"] = number.clone().into();
        body["amount"] = json!({ "refund": part, "total": total.minor, "currency": total.currency.code() });
        self.ask(party, (EndpointId::GlobalRefundCreate, Self::give_back), "", body, now)?;
        Some(number)
    }

    /// One step of the simulated users; sometimes one of them acts.
    pub(in crate::sandbox::world) fn tick(&mut self, now: Timestamp) {
        if self.bound == 0 || !self.rng.random_bool(0.06) {
            return;
        }
        let party = if self.rng.random_bool(0.8) { Party::Institution } else { Party::Direct };
        let some = |orders: &super::ObjectStore<super::GlobalOrder>, state: TradeState| -> Vec<String> {
            orders.iter().filter(|order| order.state == state).map(|order| order.number.clone()).collect()
        };
        let (state, happens) = match self.rng.random_range(0..10) {
            0..4 => (TradeState::NotPay, Kind::Transaction),
            4 | 5 => (TradeState::Success, Kind::Refund),
            _ => {
                if self.len() < self.bound {
                    let place = self.rng.random_range(0..1_000);
                    self.sell(party, place, now);
                }
                return;
            }
        };
        let numbers = some(&self.books(party).orders, state);
        if numbers.is_empty() {
            return;
        }
        let number = &numbers[self.rng.random_range(0..numbers.len())];
        match happens {
            Kind::Refund if self.len() < self.bound => {
                let left = self.remainder(party, number);
                let part = self.rng.random_range(1..=left.max(1));
                self.refund(party, number, part, now);
            }
            Kind::Transaction => {
                let _ = self.pay(number, now);
            }
            _ => {}
        }
    }
}
