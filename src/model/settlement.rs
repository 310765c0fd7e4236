//! Settlements of a Global merchant (资金结算明细): what is paid out, and what is not yet (Global reference §11). They
//! have no number to query them by, so they are read on request and not kept.

use super::{Document, Money};

/// The requested settlements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Paid out from one day to another, as `20261121`.
    Between(String, String),
    NotYet,
}

/// The settlements of one payout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub batch_id: Option<String>,
    /// Days as `20261121`.
    pub settlement_date: Option<String>,
    pub trade_start_date: Option<String>,
    pub trade_end_date: Option<String>,
    /// `CHINA_MAINLAND`, `CHINA_HONGKONG`: an open set.
    pub wallet_region: Option<String>,
    pub settled: Option<Money>,
    pub unsettled: Option<Money>,
    pub pay: Option<Money>,
    pub refund: Option<Money>,
    /// Payments less refunds.
    pub net: Option<Money>,
    pub fee: Option<Money>,
}

impl Settlement {
    pub fn read(doc: Document<'_>) -> Self {
        let amount = doc.object("amount");
        let money = |name: &str| amount.money(name, "currency");
        Self {
            batch_id: doc.text("batch_id"),
            settlement_date: doc.text("settlement_date"),
            trade_start_date: doc.text("trade_start_date"),
            trade_end_date: doc.text("trade_end_date"),
            wallet_region: doc.text("wallet_region"),
            settled: money("settled"),
            unsettled: money("unsettle"),
            pay: money("pay"),
            refund: money("refund"),
            net: money("net"),
            fee: money("fee"),
        }
    }
}
