//! Refunds of a transaction (退款; transactions reference §6).

use super::state::states;
use super::{
    DatedEvent, DatedFact, Document, Entity, ExchangeRate, Fact, Kind, Link, Money, Object, Promotion, Properties,
    State, Sum, Tone, Transaction,
};
use crate::model::time::{Duration, Timestamp};

states! {
    /// `status`.
    RefundStatus {
        Processing = "PROCESSING",
        Success = "SUCCESS",
        /// No money moved; another attempt needs a new number.
        Closed = "CLOSED" | "REFUNDCLOSE",
        /// The money could not reach the user's account. It is held until an operator acts.
        Abnormal = "ABNORMAL",
    }
}

/// A refund, whole or in part.
#[derive(Clone, Debug, PartialEq)]
pub struct Refund {
    /// WeChat Pay's own number.
    pub refund_id: Option<String>,
    pub transaction_id: Option<String>,
    pub out_trade_no: Option<String>,
    /// Queries do not return it; shown where a document has it.
    pub reason: Option<String>,
    pub status: RefundStatus,
    /// `ORIGINAL`, `BALANCE`, `OTHER_BALANCE`, `OTHER_BANKCARD`: an open set.
    pub channel: Option<String>,
    /// The account the money goes to, in words.
    pub user_received_account: Option<String>,
    /// Where the money is taken from: `UNSETTLED`, `AVAILABLE`, … an open set.
    pub funds_account: Option<String>,
    pub create_time: Option<Timestamp>,
    pub success_time: Option<Timestamp>,
    /// The order's amount.
    pub total: Option<Money>,
    pub refund: Option<Money>,
    pub payer_total: Option<Money>,
    /// What the user receives: coupons are not paid out.
    pub payer_refund: Option<Money>,
    pub settlement_total: Option<Money>,
    pub settlement_refund: Option<Money>,
    pub discount_refund: Option<Money>,
    pub rate: Option<ExchangeRate>,
    /// The reductions that were reversed with it.
    pub promotions: Vec<Promotion>,
}

impl Properties for Refund {
    fn read(doc: Document<'_>) -> Self {
        let amount = doc.object("amount");
        let money = |name: &str| amount.money(name, "currency");
        let paid = |name: &str| amount.money_in(name, &["payer_currency", "currency"]);
        let settled = |name: &str| amount.money_in(name, &["settlement_currency", "currency"]);
        Self {
            // Global documents name it `id` (Global reference §7).
            refund_id: doc.text("refund_id").or_else(|| doc.text("id")),
            transaction_id: doc.text("transaction_id"),
            out_trade_no: doc.text("out_trade_no"),
            reason: doc.text("reason"),
            status: RefundStatus::parse(&doc.text("status").unwrap_or_default()),
            channel: doc.text("channel"),
            user_received_account: doc.text("user_received_account").or_else(|| doc.text("recv_account")),
            funds_account: doc.text("funds_account").or_else(|| doc.text("fund_source")),
            create_time: doc.time("create_time"),
            success_time: doc.time("success_time"),
            total: money("total"),
            refund: money("refund"),
            payer_total: paid("payer_total"),
            payer_refund: paid("payer_refund"),
            settlement_total: settled("settlement_total"),
            settlement_refund: settled("settlement_refund"),
            discount_refund: money("discount_refund"),
            rate: ExchangeRate::read(amount.object("exchange_rate")),
            promotions: Promotion::read_all(doc),
        }
    }

    fn state(&self) -> State {
        Self::state_of(self.status.code())
    }

    fn state_codes() -> &'static [&'static str] {
        RefundStatus::CODES
    }

    fn state_of(code: &str) -> State {
        match RefundStatus::parse(code) {
            RefundStatus::Processing => State::known(code, "state-refund-processing", Tone::Busy, false).waits(
                "wants-refund-processing",
                &["state-refund-success", "state-refund-abnormal", "state-refund-closed"],
            ),
            RefundStatus::Success => State::known(code, "state-refund-success", Tone::Done, true),
            RefundStatus::Closed => State::known(code, "state-refund-closed", Tone::Stopped, true),
            RefundStatus::Abnormal => State::known(code, "state-refund-abnormal", Tone::Failed, false)
                .waits("wants-refund-abnormal", &["state-refund-success", "state-refund-closed"]),
            RefundStatus::Unknown(_) => State::unknown(code),
        }
    }

    /// The reason of the refund, or else where its money goes: support needs either.
    fn title(&self) -> Option<&str> {
        self.reason.as_deref().or(self.user_received_account.as_deref()).or(self.channel.as_deref())
    }

    fn since(&self) -> Option<Timestamp> {
        match self.status {
            RefundStatus::Processing => self.create_time,
            RefundStatus::Success => self.success_time,
            RefundStatus::Closed | RefundStatus::Abnormal | RefundStatus::Unknown(_) => None,
        }
    }

    fn time(&self) -> Option<Timestamp> {
        self.success_time.or(self.create_time)
    }

    fn platform_number(&self) -> Option<&str> {
        self.refund_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        self.refund
    }

    fn second(&self) -> Option<Money> {
        self.total
    }

    fn label(&self) -> Option<&str> {
        self.out_trade_no.as_deref().or(self.transaction_id.as_deref())
    }

    fn dated(&self) -> Vec<DatedEvent> {
        DatedEvent::all([(self.create_time, DatedFact::RefundCreated)])
    }

    fn links(&self) -> Vec<Link> {
        let own = Link::own(Kind::Transaction, self.out_trade_no.as_deref());
        own.or_else(|| Link::platform(Kind::Transaction, self.transaction_id.as_deref())).into_iter().collect()
    }

    fn agrees(&self, fact: Fact) -> bool {
        match (fact, &self.status) {
            (_, RefundStatus::Unknown(_)) | (Fact::Refunding, _) => true,
            (Fact::Refunded, status) => *status == RefundStatus::Success,
            (Fact::RefundClosed, status) => *status == RefundStatus::Closed,
            // An abnormal refund is handled by hand, and may still succeed or be closed.
            (Fact::RefundAbnormal, status) => *status != RefundStatus::Processing,
            _ => false,
        }
    }

    /// A refund that succeeded in the end is notified as that, not by its earlier state.
    fn due(&self) -> Option<(Fact, Option<Timestamp>)> {
        let fact = match self.status {
            RefundStatus::Success => Fact::Refunded,
            RefundStatus::Closed => Fact::RefundClosed,
            RefundStatus::Abnormal => Fact::RefundAbnormal,
            RefundStatus::Processing | RefundStatus::Unknown(_) => return None,
        };
        Some((fact, self.since()))
    }

    fn reported(_fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        (resource.object("amount").money("refund", "currency"), resource.time("success_time"))
    }
}

/// How long after its payment a transaction can be refunded, how often, and the least time between two refunds
/// (transactions reference §6.3).
pub const REFUND_WITHIN: Duration = Duration::days(365);
pub const MOST_REFUNDS: usize = 50;
pub const BETWEEN_REFUNDS: Duration = Duration::MINUTE;

/// How far a transaction is refunded, by the refunds that are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refundable {
    pub total: Money,
    pub refunded: Sum,
    /// What is left. Unknown refunds may reduce it further.
    pub remainder: Money,
    /// How many refunds count.
    pub count: usize,
}

impl Transaction {
    /// What is left to refund. In `related`, other objects, refunds of other transactions and closed refunds are
    /// skipped. `None` if the transaction's amount is unknown.
    pub(crate) fn refundable(&self, related: &[Object]) -> Option<Refundable> {
        let total = self.total?;
        let refunds = related.iter().filter_map(|object| match &*object.entity {
            Entity::Refund(refund) => Some(refund),
            _ => None,
        });
        let other = |refund: &Refund| {
            let ids = refund.transaction_id.as_ref().zip(self.transaction_id.as_ref());
            ids.is_some_and(|(of, this)| of != this)
        };
        let known: Vec<&Refund> =
            refunds.filter(|refund| !other(refund) && refund.status != RefundStatus::Closed).collect();
        let amounts = known.iter().filter_map(|refund| refund.refund).map(|amount| i128::from(amount.minor.max(0)));
        let refunded: i128 = amounts.fold(0, i128::saturating_add);
        let remainder = i128::from(total.minor).saturating_sub(refunded).max(0);
        Some(Refundable {
            total,
            refunded: Sum { minor: refunded, currency: total.currency },
            // At most the total, which is in range.
            remainder: Money { minor: i64::try_from(remainder).unwrap_or(0), ..total },
            count: known.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn object(kind: Kind, document: &Value) -> Object {
        Object::parse(kind, &document.to_string()).unwrap()
    }

    fn refund(status: &str, fen: i64) -> Object {
        let document = json!({
            "out_refund_no": "R-1", "transaction_id": "4200001", "status": status, "amount": {"refund": fen},
            "create_time": "2025-10-09T16:53:20+08:00"});
        object(Kind::Refund, &document)
    }

    fn transaction(total: i64) -> Transaction {
        let document = json!({"out_trade_no": "T-00001", "transaction_id": "4200001", "amount": {"total": total}});
        match &*object(Kind::Transaction, &document).entity {
            Entity::Transaction(transaction) => transaction.clone(),
            _ => unreachable!(),
        }
    }

    #[test]
    fn the_documented_answer_is_read_whole() {
        let document = json!({"refund_id":"50300009999202510090000000001","out_refund_no":"TUIR20251009-0001",
            "transaction_id":"4200009999202510090000000001","out_trade_no":"TUI20251009-0001","channel":"ORIGINAL",
            "user_received_account":"支付用户零钱","create_time":"2025-10-09T17:20:01+08:00","status":"PROCESSING",
            "funds_account":"UNSETTLED","amount":{"total":2880,"refund":880,"payer_total":2680,"payer_refund":819,
            "settlement_total":2680,"settlement_refund":819,"discount_refund":61,"currency":"CNY"}});
        let read = object(Kind::Refund, &document);
        let Entity::Refund(refund) = &*read.entity else { panic!() };
        assert_eq!(refund.discount_refund, Some(Money::cny(61)));
        assert_eq!((refund.settlement_total, refund.payer_refund), (Some(Money::cny(2680)), Some(Money::cny(819))));
        assert_eq!((read.entity.title(), read.entity.user()), (Some("支付用户零钱"), None));
        assert_eq!(read.entity.amount(), Some(Money::cny(880)));
        assert_eq!(read.entity.platform_number(), Some("50300009999202510090000000001"));
        assert_eq!(read.entity.time(), refund.create_time, "until it has succeeded");
    }

    #[test]
    fn a_global_refund_is_read_in_both_currencies() {
        let document = json!({"id":"50200207182018070300011301001","out_refund_no":"R-1","transaction_id":"1008450740",
            "out_trade_no":"G-1","channel":"ORIGINAL","recv_account":"招商銀行信用卡0403",
            "fund_source":"REFUND_SOURCE_REchARGE_FUNDS","create_time":"2026-11-21T17:20:01+08:00",
            "status":"REFUNDCLOSE","amount":{"refund":1280,"currency":"JPY","payer_refund":6157,"payer_currency":"CNY",
            "exchange_rate":{"type":"SETTLEMENT_RATE","rate":4810000}},
            "promotion_detail":[{"promotion_id":"109519","scope":"SINGLE","amount":100,"refund_amount":10,"currency":"JPY"}]});
        let read = object(Kind::Refund, &document);
        let Entity::Refund(refund) = &*read.entity else { panic!() };
        assert_eq!(refund.status, RefundStatus::Closed);
        assert_eq!(read.entity.platform_number(), Some("50200207182018070300011301001"));
        assert_eq!(refund.refund.unwrap().to_string(), "JP¥1,280");
        assert_eq!((refund.payer_refund, read.entity.title()), (Some(Money::cny(6157)), Some("招商銀行信用卡0403")));
        assert_eq!(refund.rate.as_ref().unwrap().to_string(), "0.0481");
        assert_eq!(refund.promotions[0].amount.unwrap().to_string(), "JP¥100");
        let unknown = json!({"out_refund_no":"R-1","amount":{"refund":1280,"currency":"¥¥"}});
        assert_eq!(object(Kind::Refund, &unknown).entity.amount(), None, "no yuan are made of what is not known");
    }

    #[test]
    fn an_abnormal_refund_is_not_over_and_an_unknown_status_is_kept() {
        let state = |status: &str| refund(status, 1).entity.state();
        let over: Vec<bool> =
            ["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL", "CHANGE"].map(|status| state(status).is_final).into();
        assert_eq!(over, [false, true, true, false, false]);
        assert_eq!((state("ABNORMAL").tone, state("CHANGE").code.as_str()), (Tone::Failed, "CHANGE"));
        assert_eq!(state("CHANGE").meaning, None);
    }

    #[test]
    fn what_is_left_counts_every_refund_that_was_not_closed() {
        let known = [refund("SUCCESS", 100), refund("PROCESSING", 20), refund("ABNORMAL", 3), refund("CLOSED", 500)];
        let refundable = transaction(1000).refundable(&known).unwrap();
        assert_eq!((refundable.refunded, refundable.remainder), (Money::cny(123).into(), Money::cny(877)));
        assert_eq!(refundable.count, 3);
        assert_eq!(transaction(1000).refundable(&[refund("CHANGE", 400)]).unwrap().remainder, Money::cny(600));
        let other =
            json!({"out_refund_no": "R-2", "transaction_id": "4200002", "status": "SUCCESS", "amount": {"refund": 9}});
        let others = [object(Kind::Refund, &other), object(Kind::Stock, &json!({"stock_id": "1"}))];
        assert_eq!(transaction(1000).refundable(&others).unwrap().remainder, Money::cny(1000));
        assert_eq!(transaction(1000).refundable(&[refund("SUCCESS", 2000)]).unwrap().remainder, Money::cny(0));
    }

    proptest! {
        #[test]
        fn the_remainder_is_never_negative_nor_more_than_the_total(
            total in 0i64..=i64::MAX, parts in proptest::collection::vec(any::<i64>(), 0..6),
        ) {
            let known: Vec<Object> = parts.into_iter().map(|fen| refund("SUCCESS", fen)).collect();
            let refundable = transaction(total).refundable(&known).unwrap();
            prop_assert!((0..=total).contains(&refundable.remainder.minor));
        }
    }
}
