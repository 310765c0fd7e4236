//! Payment transactions (支付交易; transactions reference §3).

use super::state::states;
use super::{Document, Money, State, Tone};
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
    /// What the user paid after coupons.
    pub payer_total: Option<Money>,
}

impl Transaction {
    pub(super) fn read(doc: Document<'_>) -> Self {
        let amount = doc.object("amount");
        Self {
            transaction_id: doc.text("transaction_id"),
            mchid: doc.text("mchid"),
            appid: doc.text("appid"),
            openid: doc.object("payer").text("openid"),
            state: TradeState::parse(&doc.text("trade_state").unwrap_or_default()),
            state_text: doc.text("trade_state_desc"),
            trade_type: doc.text("trade_type"),
            bank_type: doc.text("bank_type"),
            attach: doc.text("attach"),
            success_time: doc.time("success_time"),
            total: amount.money("total", "currency"),
            payer_total: amount.money("payer_total", "payer_currency"),
        }
    }

    pub(super) fn state(&self) -> State {
        Self::state_of(self.state.code())
    }

    /// What a code of [`Transaction::state`] says.
    pub(super) fn state_of(code: &str) -> State {
        match TradeState::parse(code) {
            TradeState::NotPaid => State::known(code, "state-trade-notpay", Tone::Waiting, false),
            TradeState::UserPaying => State::known(code, "state-trade-userpaying", Tone::Busy, false),
            TradeState::Accepted => State::known(code, "state-trade-accept", Tone::Busy, false),
            // Paid is where watching ends; a refund is a new fact about it.
            TradeState::Success => State::known(code, "state-trade-success", Tone::Done, true),
            TradeState::Refund => State::known(code, "state-trade-refund", Tone::Stopped, true),
            TradeState::Closed => State::known(code, "state-trade-closed", Tone::Stopped, true),
            TradeState::Revoked => State::known(code, "state-trade-revoked", Tone::Stopped, true),
            TradeState::PayError => State::known(code, "state-trade-payerror", Tone::Failed, true),
            TradeState::Unknown(_) => State::unknown(code),
        }
    }
}
