//! Payment transactions (支付交易; transactions reference §3, Global reference §3).

use std::fmt;

use super::query::Asking;
use super::state::states;
use super::{DatedEvent, DatedFact, Document, EndpointId, Fact, MissingSetting, Money, Properties, State, Tone};
use crate::model::time::Timestamp;

states! {
    /// `trade_state`.
    TradeState {
        NotPaid = "NOTPAY",
        Success = "SUCCESS",
        /// Refunded in whole or in part; the amounts come from refund queries.
        Refund = "REFUND",
        Closed = "CLOSED",
        Revoked = "REVOKED",
        UserPaying = "USERPAYING",
        PayError = "PAYERROR",
        Accepted = "ACCEPT",
    }
}

/// A transaction. Most members exist only after payment.
#[derive(Clone, Debug, PartialEq)]
pub struct Transaction {
    pub transaction_id: Option<String>,
    pub mchid: Option<String>,
    pub appid: Option<String>,
    pub openid: Option<String>,
    pub state: TradeState,
    pub state_text: Option<String>,
    /// `JSAPI`, `NATIVE`, `APP`, `MWEB`, … an open set.
    pub trade_type: Option<String>,
    pub bank_type: Option<String>,
    pub attach: Option<String>,
    pub success_time: Option<Timestamp>,
    pub total: Option<Money>,
    /// What the user paid after coupons, in their own currency.
    pub payer_total: Option<Money>,
    pub rate: Option<ExchangeRate>,
    pub promotions: Vec<Promotion>,
}

/// The exchange rate of two currencies. It is only shown, and no money is ever computed from it: the samples in the
/// documents disagree (Global reference §0).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExchangeRate {
    /// The ratio ×10⁸.
    scaled: i64,
    /// `SETTLEMENT_RATE`, `USERPAYMENT_RATE`: an open set.
    pub kind: Option<String>,
}

impl ExchangeRate {
    pub(super) fn read(doc: Document<'_>) -> Option<Self> {
        Some(Self { scaled: doc.int("rate").filter(|rate| *rate >= 0)?, kind: doc.text("type") })
    }
}

impl fmt::Display for ExchangeRate {
    /// `0.92`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{}.{:08}", self.scaled / 100_000_000, self.scaled % 100_000_000);
        f.pad(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

/// A reduction of what the user pays: a coupon or a discount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promotion {
    pub id: Option<String>,
    pub name: Option<String>,
    /// `CASH`, `NOCASH`, `COUPON`, `DISCOUNT`: an open set.
    pub kind: Option<String>,
    pub amount: Option<Money>,
}

impl Promotion {
    pub(super) fn read_all(doc: Document<'_>) -> Vec<Self> {
        let read = |one: Document<'_>| Self {
            id: one.text("promotion_id").or_else(|| one.text("coupon_id")),
            name: one.text("name"),
            kind: one.text("type"),
            amount: one.money("amount", "currency"),
        };
        doc.list("promotion_detail").into_iter().map(read).collect()
    }
}

impl Properties for Transaction {
    fn read(doc: Document<'_>) -> Self {
        let amount = doc.object("amount");
        Self {
            // Global documents name it `id`.
            transaction_id: doc.text("transaction_id").or_else(|| doc.text("id")),
            mchid: doc.text("mchid").or_else(|| doc.text("sub_mchid")),
            appid: doc.text("appid").or_else(|| doc.text("sp_appid")),
            openid: ["openid", "sub_openid", "sp_openid"].into_iter().find_map(|name| doc.object("payer").text(name)),
            state: TradeState::parse(&doc.text("trade_state").unwrap_or_default()),
            state_text: doc.text("trade_state_desc"),
            trade_type: doc.text("trade_type"),
            bank_type: doc.text("bank_type"),
            attach: doc.text("attach"),
            success_time: doc.time("success_time"),
            total: amount.money("total", "currency"),
            payer_total: amount.money_in("payer_total", &["payer_currency", "currency"]),
            rate: ExchangeRate::read(amount.object("exchange_rate")),
            promotions: Promotion::read_all(doc),
        }
    }

    fn state(&self) -> State {
        Self::state_of(self.state.code())
    }

    fn state_codes() -> &'static [&'static str] {
        TradeState::CODES
    }

    fn state_of(code: &str) -> State {
        match TradeState::parse(code) {
            TradeState::NotPaid => State::known(code, "state-trade-notpay", Tone::Waiting, false)
                .waits("wants-trade-notpay", &["state-trade-success", "state-trade-closed"]),
            TradeState::UserPaying => State::known(code, "state-trade-userpaying", Tone::Busy, false)
                .waits("wants-trade-userpaying", &["state-trade-success", "state-trade-payerror"]),
            TradeState::Accepted => State::known(code, "state-trade-accept", Tone::Busy, false)
                .waits("wants-trade-accept", &["state-trade-success", "state-trade-payerror"]),
            // Watching ends when it is paid; a refund is a new event.
            TradeState::Success => State::known(code, "state-trade-success", Tone::Done, true),
            TradeState::Refund => State::known(code, "state-trade-refund", Tone::Stopped, true),
            TradeState::Closed => State::known(code, "state-trade-closed", Tone::Stopped, true),
            TradeState::Revoked => State::known(code, "state-trade-revoked", Tone::Stopped, true),
            TradeState::PayError => State::known(code, "state-trade-payerror", Tone::Failed, true),
            TradeState::Unknown(_) => State::unknown(code),
        }
    }

    fn since(&self) -> Option<Timestamp> {
        self.success_time.filter(|_| self.state == TradeState::Success)
    }

    fn title(&self) -> Option<&str> {
        self.attach.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.success_time
    }

    fn user(&self) -> Option<&str> {
        self.openid.as_deref()
    }

    fn platform_number(&self) -> Option<&str> {
        self.transaction_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        self.total
    }

    fn second(&self) -> Option<Money> {
        self.payer_total
    }

    fn label(&self) -> Option<&str> {
        self.trade_type.as_deref()
    }

    fn dated(&self) -> Vec<DatedEvent> {
        DatedEvent::all([(self.success_time, DatedFact::Paid)])
    }

    fn agrees(&self, fact: Fact) -> bool {
        match (fact, &self.state) {
            (_, TradeState::Unknown(_)) => true,
            (Fact::Paid, state) => matches!(state, TradeState::Success | TradeState::Refund | TradeState::Revoked),
            (Fact::Revoked, state) => *state == TradeState::Revoked,
            _ => false,
        }
    }

    /// A deduction for a service order is notified as the order's event; a micropayment is answered directly.
    fn due(&self) -> Option<(Fact, Option<Timestamp>)> {
        let is_notified = matches!(self.trade_type.as_deref(), Some("JSAPI" | "NATIVE" | "APP" | "MWEB"));
        let is_paid = self.agrees(Fact::Paid) && self.state != TradeState::Revoked;
        (is_notified && is_paid).then(|| (Fact::Paid, self.time()))
    }

    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
        Ok(asking.by_number(&[("mchid", asking.merchant.mchid.as_str())]))
    }

    fn reported(_fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        (resource.object("amount").money("total", "currency"), resource.time("success_time"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Object};

    #[test]
    fn a_global_order_is_read_with_its_rate_and_reductions() {
        let raw = r#"{"id":"4200001122202611210001234567","sp_mchid":"1610000001","sub_mchid":"1610000088",
            "sp_appid":"wxa1","out_trade_no":"HK-7","trade_type":"NATIVE","trade_state":"SUCCESS","bank_type":"CMC",
            "success_time":"2026-11-21T09:15:42+08:00","payer":{"sp_openid":"oAbC123example"},
            "amount":{"total":6800,"currency":"HKD","payer_total":6256,"payer_currency":"CNY",
                "exchange_rate":{"type":"SETTLEMENT_RATE","rate":92000000}},
            "promotion_detail":[{"promotion_id":"109519","name":"單品惠-6","type":"DISCOUNT","amount":1,"currency":"HKD"}]}"#;
        let read = Object::parse(Kind::Transaction, raw).unwrap();
        let crate::model::Entity::Transaction(order) = &*read.entity else { panic!() };
        assert_eq!(read.entity.platform_number(), Some("4200001122202611210001234567"));
        assert_eq!((order.openid.as_deref(), order.mchid.as_deref()), (Some("oAbC123example"), Some("1610000088")));
        assert_eq!(order.total.unwrap().to_string(), "HK$68.00");
        assert_eq!(
            (order.payer_total, order.rate.as_ref().unwrap().to_string()),
            (Some(Money::cny(6256)), "0.92".into())
        );
        assert_eq!(order.promotions[0].name.as_deref(), Some("單品惠-6"));
    }

    #[test]
    fn a_rate_is_shown_as_a_ratio_to_its_last_digit() {
        let shown = |scaled| ExchangeRate { scaled, kind: None }.to_string();
        assert_eq!(
            [shown(100_000_000), shown(8_000_000), shown(712_600_001), shown(0)],
            ["1", "0.08", "7.12600001", "0"]
        );
    }
}
