//! Coupon stocks (代金券批次; coupons reference §1, §3.6).

use super::query::Asking;
use super::state::states;
use super::{DatedEvent, Document, EndpointId, Entity, Fact, MissingSetting, Money, Progress, Properties, State, Tone};
use crate::model::time::Timestamp;

states! {
    /// `status`. The platform writes `stoped` with one p; the other spelling is accepted.
    StockStatus {
        Unactivated = "unactivated",
        Audit = "audit",
        Running = "running",
        Stopped = "stoped" | "stopped",
        Paused = "paused",
    }
}

/// A coupon campaign.
#[derive(Clone, Debug, PartialEq)]
pub struct Stock {
    pub name: Option<String>,
    pub creator_mchid: Option<String>,
    pub status: StockStatus,
    pub description: Option<String>,
    /// `NORMAL`, `DISCOUNT_CUT`, `OTHER`.
    pub stock_type: Option<String>,
    pub max_coupons: Option<i64>,
    pub max_amount: Option<Money>,
    pub max_amount_by_day: Option<Money>,
    pub max_coupons_per_user: Option<i64>,
    /// Face value of one coupon.
    pub coupon_amount: Option<Money>,
    /// The least amount of an order for which a coupon can be used.
    pub transaction_minimum: Option<Money>,
    pub distributed_coupons: Option<i64>,
    /// True: not prefunded, the discount just reduces what the merchant receives. Unknown in old samples.
    pub no_cash: Option<bool>,
    pub create_time: Option<Timestamp>,
    pub begin_time: Option<Timestamp>,
    pub end_time: Option<Timestamp>,
    pub start_time: Option<Timestamp>,
    pub stop_time: Option<Timestamp>,
}

impl Properties for Stock {
    fn read(doc: Document<'_>) -> Self {
        let rule = doc.object("stock_use_rule");
        let coupon = rule.object("fixed_normal_coupon");
        Self {
            name: doc.text("stock_name"),
            creator_mchid: doc.text("stock_creator_mchid"),
            status: StockStatus::parse(&doc.text("status").unwrap_or_default()),
            description: doc.text("description"),
            stock_type: doc.text("stock_type"),
            max_coupons: rule.int("max_coupons"),
            max_amount: rule.fen("max_amount"),
            max_amount_by_day: rule.fen("max_amount_by_day"),
            max_coupons_per_user: rule.int("max_coupons_per_user"),
            coupon_amount: coupon.fen("coupon_amount"),
            transaction_minimum: coupon.fen("transaction_minimum"),
            distributed_coupons: doc.int("distributed_coupons"),
            no_cash: doc.flag("no_cash"),
            create_time: doc.time("create_time"),
            begin_time: doc.time("available_begin_time"),
            end_time: doc.time("available_end_time"),
            start_time: doc.time("start_time"),
            stop_time: doc.time("stop_time"),
        }
    }

    fn state(&self) -> State {
        Self::state_of(self.status.code())
    }

    fn state_codes() -> &'static [&'static str] {
        StockStatus::CODES
    }

    fn state_of(code: &str) -> State {
        match StockStatus::parse(code) {
            StockStatus::Unactivated => State::known(code, "state-stock-unactivated", Tone::Waiting, false)
                .waits("wants-stock-unactivated", &["state-stock-running"]),
            StockStatus::Audit => State::known(code, "state-stock-audit", Tone::Waiting, false)
                .waits("wants-stock-audit", &["state-stock-unactivated", "state-stock-running"]),
            StockStatus::Running => State::known(code, "state-stock-running", Tone::Running, false)
                .waits("wants-stock-running", &["state-stock-stopped", "state-stock-paused"]),
            StockStatus::Paused => State::known(code, "state-stock-paused", Tone::Stopped, false)
                .waits("wants-stock-paused", &["state-stock-running", "state-stock-stopped"]),
            StockStatus::Stopped => State::known(code, "state-stock-stopped", Tone::Stopped, true),
            StockStatus::Unknown(_) => State::unknown(code),
        }
    }

    /// Coupons issued, and how many may be.
    fn progress(&self) -> Option<Progress> {
        let count = |n: Option<i64>| n.and_then(|n| u64::try_from(n).ok());
        Some(Progress { done: count(self.distributed_coupons)?, total: count(self.max_coupons)? })
    }

    fn since(&self) -> Option<Timestamp> {
        None
    }

    fn title(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.create_time
    }

    fn amount(&self) -> Option<Money> {
        self.max_amount
    }

    fn second(&self) -> Option<Money> {
        self.coupon_amount
    }

    fn ends(&self) -> Option<Timestamp> {
        self.end_time
    }

    fn dated(&self) -> Vec<DatedEvent> {
        Vec::new()
    }

    fn agrees(&self, _fact: Fact) -> bool {
        false
    }

    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
        let creator = match asking.known {
            Some(Entity::Stock(stock)) => stock.creator_mchid.as_deref(),
            _ => None,
        };
        let creator = creator.unwrap_or(asking.merchant.mchid.as_str());
        Ok(asking.by_number(&[("stock_creator_mchid", creator)]))
    }
}

impl Stock {
    /// The maximum cost of the issued coupons, if the face value is known.
    pub(crate) fn distributed_amount(&self) -> Option<Money> {
        let each = self.coupon_amount?;
        Some(Money { minor: each.minor.checked_mul(self.distributed_coupons?)?, ..each })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Entity, Kind, Object};

    fn stock(raw: &str) -> Stock {
        match &*Object::parse(Kind::Stock, raw).unwrap().entity {
            Entity::Stock(stock) => stock.clone(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn either_spelling_of_stopped_is_read_and_one_is_written() {
        for word in ["stoped", "stopped"] {
            let state = stock(&format!(r#"{{"stock_id":"1","status":"{word}"}}"#)).state();
            assert_eq!(
                (state.code.as_str(), state.meaning, state.is_final),
                ("stoped", Some("state-stock-stopped"), true)
            );
        }
        let other = stock(r#"{"stock_id":"1","status":"EXPIRED"}"#).state();
        assert_eq!((other.code.as_str(), other.meaning, other.is_final), ("EXPIRED", None, false));
    }

    #[test]
    fn numbers_and_flags_in_text_are_read_and_nulls_are_unknown() {
        let read = stock(
            r#"{"stock_id":"1","status":"running","distributed_coupons":"37","no_cash":"false",
            "stock_use_rule":{"max_coupons":"200","max_amount":100000,"max_coupons_per_user":null,
            "fixed_normal_coupon":{"coupon_amount":"500"},"trade_type":"MICROAPP"}}"#,
        );
        assert_eq!((read.no_cash, read.max_coupons_per_user), (Some(false), None));
        assert_eq!(read.progress(), Some(Progress { done: 37, total: 200 }));
        assert_eq!(read.distributed_amount(), Some(Money::cny(18_500)));
        let old = stock(r#"{"stock_id":"1","no_cash":null,"stock_use_rule":[]}"#);
        assert_eq!((old.no_cash, old.progress(), old.distributed_amount()), (None, None, None));
    }
}
