//! Coupon stocks (代金券批次): listed, queried, started, paused and started again, and what is given out of them
//! (coupons reference §1, §3). `creation` holds the many rules of a new one.

mod creation;

use rand::RngExt;
use serde_json::{Value, json};

use super::order::drop_nulls;
use super::{Call, World};
use crate::model::time::{Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, Outcome, Refusal};
use crate::sandbox::fields::Query;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StockStatus {
    Unactivated,
    Audit,
    Running,
    Stoped,
    Paused,
}

impl StockStatus {
    const ALL: [Self; 5] = [Self::Unactivated, Self::Audit, Self::Running, Self::Stoped, Self::Paused];

    /// `stoped` has one p.
    const fn word(self) -> &'static str {
        match self {
            Self::Unactivated => "unactivated",
            Self::Audit => "audit",
            Self::Running => "running",
            Self::Stoped => "stoped",
            Self::Paused => "paused",
        }
    }
}

#[derive(Debug)]
pub(super) struct Stock {
    pub(super) id: String,
    name: String,
    pub(super) status: StockStatus,
    description: String,
    pub(super) max_coupons: i64,
    max_amount: i64,
    max_amount_by_day: Option<i64>,
    max_coupons_per_user: i64,
    coupon_amount: i64,
    transaction_minimum: i64,
    trade_type: Option<Value>,
    combine_use: bool,
    single_item: bool,
    no_cash: bool,
    created: Timestamp,
    begins: Timestamp,
    pub(super) ends: Timestamp,
    pub(super) distributed: i64,
    started: Option<Timestamp>,
    paused: Option<Timestamp>,
    restarted: Option<Timestamp>,
    stopped: Option<Timestamp>,
    request: Value,
}

impl Stock {
    pub(super) fn document(&self, mchid: &str) -> Value {
        let mut rule = json!({
            "max_coupons": self.max_coupons,
            "max_amount": self.max_amount,
            "max_amount_by_day": self.max_amount_by_day,
            "fixed_normal_coupon": {
                "coupon_amount": self.coupon_amount, "transaction_minimum": self.transaction_minimum,
            },
            "max_coupons_per_user": self.max_coupons_per_user,
            "coupon_type": "NORMAL",
            "trade_type": self.trade_type,
            "combine_use": self.combine_use,
        });
        drop_nulls(&mut rule);
        let mut document = json!({
            "stock_id": self.id,
            "stock_creator_mchid": mchid,
            "stock_name": self.name,
            "status": self.status.word(),
            "create_time": rfc3339(self.created),
            "description": self.description,
            "stock_use_rule": rule,
            "available_begin_time": rfc3339(self.begins),
            "available_end_time": rfc3339(self.ends),
            "distributed_coupons": self.distributed,
            "no_cash": self.no_cash,
            "start_time": self.started.map(rfc3339),
            "stop_time": self.stopped.map(rfc3339),
            "singleitem": self.single_item,
            "stock_type": "NORMAL",
        });
        drop_nulls(&mut document);
        document
    }
}

fn unknown() -> Refusal {
    Refusal::new(Code::ResourceNotExists, "批次不存在", "there is no such stock").tail(270_079_488)
}

fn wrong_status() -> Refusal {
    Refusal::new(Code::ParamError, "非法的批次状态", "the stock's status does not allow this")
}

impl World {
    fn check_creator(&self, mchid: &str) -> Result<(), Refusal> {
        if mchid == self.merchant.mchid {
            Ok(())
        } else {
            Err(Refusal::new(Code::InvalidRequest, "非法的商户号", "not the creator of the stock"))
        }
    }

    /// Pages are counted from 0, newest stocks first.
    pub(super) fn list_stocks(&self, call: &Call) -> Outcome {
        let query = call.query();
        let (page, limit) = (query.integer("offset")?, query.integer("limit")?);
        if limit > 10 {
            return Err(Query::wrong("limit", "页大小超过阈值", "above 10"));
        }
        if limit == 0 {
            return Err(Query::wrong("limit", "页大小必须大于0", "below 1"));
        }
        let creator = query.text("stock_creator_mchid", 20)?;
        let after = query.time_if_given("create_start_time")?;
        let before = query.time_if_given("create_end_time")?;
        let status = match query.text_if_given("status", 20)? {
            Some(word) => Some(
                StockStatus::ALL
                    .into_iter()
                    .find(|s| s.word() == word)
                    .ok_or_else(|| Query::wrong("status", "非法的批次状态", "not a status"))?,
            ),
            None => None,
        };
        self.check_creator(creator)?;
        let chosen = |stock: &&Stock| {
            status.is_none_or(|s| s == stock.status)
                && after.is_none_or(|at| stock.created >= at)
                && before.is_none_or(|at| stock.created <= at)
        };
        let mut found: Vec<&Stock> = self.stocks.iter().filter(chosen).collect();
        found.sort_by_key(|stock| std::cmp::Reverse(stock.created));
        let first = usize::try_from(page.saturating_mul(limit)).unwrap_or(usize::MAX);
        let rows = found.iter().skip(first).take(limit as usize).map(|s| s.document(&self.merchant.mchid));
        Ok(Answer::Document(json!({
            "total_count": found.len(), "data": rows.collect::<Vec<_>>(), "limit": limit, "offset": page,
        })))
    }

    pub(super) fn query_stock(&self, call: &Call) -> Outcome {
        let creator = call.query().text("stock_creator_mchid", 20)?;
        let stock = self.stocks.get(call.parameter("stock_id")).ok_or_else(unknown)?;
        self.check_creator(creator)?;
        Ok(Answer::Document(stock.document(&self.merchant.mchid)))
    }

    /// The stock that start, pause and restart name.
    fn stock_to_change(&mut self, call: &Call) -> Result<&mut Stock, Refusal> {
        let creator = call.fields().text("stock_creator_mchid", 1..=20)?;
        let known = self.stocks.get(call.parameter("stock_id")).is_some();
        if !known {
            return Err(unknown());
        }
        self.check_creator(creator)?;
        self.stocks.get_mut(call.parameter("stock_id")).ok_or_else(unknown)
    }

    /// Re-entry is answered with the time of the first start.
    pub(super) fn start_stock(&mut self, call: &Call, now: Timestamp) -> Outcome {
        let stock = self.stock_to_change(call)?;
        match stock.status {
            StockStatus::Unactivated => {
                stock.status = StockStatus::Running;
                stock.started = Some(now);
            }
            StockStatus::Running => {}
            StockStatus::Audit | StockStatus::Paused | StockStatus::Stoped => return Err(wrong_status()),
        }
        let at = stock.started.unwrap_or(now);
        Ok(Answer::Document(json!({ "start_time": rfc3339(at), "stock_id": stock.id })))
    }

    pub(super) fn pause_stock(&mut self, call: &Call, now: Timestamp) -> Outcome {
        let stock = self.stock_to_change(call)?;
        match stock.status {
            StockStatus::Running => {
                stock.status = StockStatus::Paused;
                stock.paused = Some(now);
            }
            StockStatus::Paused => {}
            StockStatus::Unactivated | StockStatus::Audit | StockStatus::Stoped => return Err(wrong_status()),
        }
        let at = stock.paused.unwrap_or(now);
        Ok(Answer::Document(json!({ "pause_time": rfc3339(at), "stock_id": stock.id })))
    }

    pub(super) fn restart_stock(&mut self, call: &Call, now: Timestamp) -> Outcome {
        let stock = self.stock_to_change(call)?;
        match stock.status {
            StockStatus::Paused => {
                stock.status = StockStatus::Running;
                stock.restarted = Some(now);
            }
            StockStatus::Running => {}
            StockStatus::Unactivated | StockStatus::Audit | StockStatus::Stoped => return Err(wrong_status()),
        }
        let at = stock.restarted.or(stock.started).unwrap_or(now);
        Ok(Answer::Document(json!({ "restart_time": rfc3339(at), "stock_id": stock.id })))
    }

    pub(super) fn end_stock(&mut self, id: &str, at: Timestamp) {
        if let Some(stock) = self.stocks.get_mut(id)
            && stock.status != StockStatus::Stoped
        {
            stock.status = StockStatus::Stoped;
            stock.stopped = Some(at);
        }
    }

    /// Puts a stock that was just created under review, which no call of a merchant's does.
    pub(super) fn review_stock(&mut self, id: &str) {
        if let Some(stock) = self.stocks.get_mut(id)
            && stock.status == StockStatus::Unactivated
        {
            stock.status = StockStatus::Audit;
        }
    }

    /// Users receive coupons: only of a running stock, and only while there are any.
    pub(super) fn distribute(&mut self, id: &str, coupons: i64) -> bool {
        let Some(stock) = self.stocks.get_mut(id).filter(|stock| stock.status == StockStatus::Running) else {
            return false;
        };
        let given = coupons.min(stock.max_coupons - stock.distributed);
        stock.distributed += given;
        given > 0
    }

    /// A coupon that a payment of `total` may use, as its `promotion_detail`.
    pub(super) fn coupon_for(&mut self, total: i64) -> Vec<Value> {
        if self.stocks.len() == 0 {
            return Vec::new();
        }
        let place = self.rng.random_range(0..self.stocks.len());
        let coupon_id = self.digits("8000", 14);
        let stock = self.stocks.at(place);
        if stock.distributed == 0 || stock.transaction_minimum > total {
            return Vec::new();
        }
        let (kind, platform, merchant) =
            if stock.no_cash { ("NOCASH", 0, stock.coupon_amount) } else { ("CASH", stock.coupon_amount, 0) };
        vec![json!({
            "coupon_id": coupon_id, "name": stock.name, "scope": if stock.single_item { "SINGLE" } else { "GLOBAL" },
            "type": kind, "amount": stock.coupon_amount, "stock_id": stock.id, "wechatpay_contribute": platform,
            "merchant_contribute": merchant, "other_contribute": 0, "currency": "CNY",
        })]
    }
}

#[cfg(test)]
pub(in crate::sandbox) mod tests {
    use super::super::testing::*;
    use super::creation::tests::creation;
    use super::*;
    use crate::model::EndpointId;

    fn created(status: StockStatus) -> (World, String) {
        let mut world = world();
        let stock = call(&mut world, EndpointId::StockCreate, "", creation("R-1"), at(0)).unwrap();
        let id = stock["stock_id"].as_str().unwrap().to_owned();
        world.stocks.get_mut(&id).unwrap().status = status;
        (world, id)
    }

    #[test]
    fn every_status_has_its_answer_to_every_action() {
        use EndpointId::{StockPause, StockRestart, StockStart};
        use StockStatus::*;
        let table = [
            (Unactivated, StockStart, Some(Running)),
            (Unactivated, StockPause, None),
            (Unactivated, StockRestart, None),
            (Audit, StockStart, None),
            (Audit, StockPause, None),
            (Audit, StockRestart, None),
            (Running, StockStart, Some(Running)),
            (Running, StockPause, Some(Paused)),
            (Running, StockRestart, Some(Running)),
            (Paused, StockStart, None),
            (Paused, StockPause, Some(Paused)),
            (Paused, StockRestart, Some(Running)),
            (Stoped, StockStart, None),
            (Stoped, StockPause, None),
            (Stoped, StockRestart, None),
        ];
        for (status, action, expected) in table {
            let (mut world, id) = created(status);
            let body = json!({ "stock_creator_mchid": MCHID });
            let outcome = call(&mut world, action, &id, body, at(60));
            match expected {
                None => assert_eq!(code(&outcome), "PARAM_ERROR", "{status:?} {action:?}"),
                Some(_) => assert!(outcome.is_ok(), "{status:?} {action:?}"),
            }
            assert_eq!(world.stocks.get(&id).unwrap().status, expected.unwrap_or(status), "{status:?} {action:?}");
        }
    }

    #[test]
    fn a_stock_is_changed_by_its_creator_only() {
        let (mut world, id) = created(StockStatus::Running);
        let pause = |world: &mut World, id: &str, body| call(world, EndpointId::StockPause, id, body, at(1));
        assert_eq!(code(&pause(&mut world, &id, json!({}))), "PARAM_ERROR");
        assert_eq!(code(&pause(&mut world, &id, json!({ "stock_creator_mchid": "1" }))), "INVALID_REQUEST");
        assert_eq!(code(&pause(&mut world, "1", json!({ "stock_creator_mchid": MCHID }))), "RESOURCE_NOT_EXISTS");
        let query = format!("{id}?stock_creator_mchid={MCHID}");
        let stock = call(&mut world, EndpointId::StockQuery, &query, Value::Null, at(1)).unwrap();
        assert_eq!(stock["stock_use_rule"]["max_coupons"], 200);
    }

    #[test]
    fn pages_are_counted_from_nought_and_filters_filter() {
        let mut world = world();
        for i in 0..23 {
            call(&mut world, EndpointId::StockCreate, "", creation(&format!("R-{i}")), at(i)).unwrap();
        }
        let list = |world: &mut World, query: &str| {
            call(world, EndpointId::StockList, &format!("?stock_creator_mchid={MCHID}&{query}"), Value::Null, at(99))
        };
        let page = list(&mut world, "offset=2&limit=10").unwrap();
        assert_eq!((page["total_count"].as_u64(), page["data"].as_array().map(Vec::len)), (Some(23), Some(3)));
        let newest = list(&mut world, "offset=0&limit=1").unwrap();
        assert_eq!(newest["data"][0]["create_time"], rfc3339(at(22)));
        assert_eq!(list(&mut world, "offset=0&limit=10&status=running").unwrap()["total_count"], 0);
        let time = rfc3339(at(20));
        let late = list(&mut world, &format!("offset=0&limit=10&create_start_time={time}")).unwrap();
        assert_eq!(late["total_count"], 3);
        for wrong in [
            "offset=0&limit=11",
            "offset=0&limit=0",
            "offset=-1&limit=5",
            "limit=5",
            "offset=0&limit=5&status=stopped",
            "offset=0&limit=5&create_end_time=x",
        ] {
            assert_eq!(code(&list(&mut world, wrong)), "PARAM_ERROR", "{wrong}");
        }
    }

    #[test]
    fn only_a_running_stock_gives_and_never_more_than_it_has() {
        let (mut world, id) = created(StockStatus::Paused);
        assert!(!world.distribute(&id, 1));
        world.stocks.get_mut(&id).unwrap().status = StockStatus::Running;
        assert!(world.distribute(&id, 1000));
        assert_eq!(world.stocks.get(&id).unwrap().distributed, 200);
        assert!(!world.distribute(&id, 1));
        world.advance(at(100 * 86_400));
        assert_eq!(world.stocks.get(&id).unwrap().status, StockStatus::Stoped);
    }
}
