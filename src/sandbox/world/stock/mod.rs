//! Coupon stocks (代金券批次): list, query, start, pause, restart, and their distribution (coupons reference §1, §3).
//! `creation` has the rules of a new stock, `coupon` the users' coupons, `spending` their use, `flow` the files that list
//! it, `callback` the address that is notified of it.

mod callback;
mod coupon;
mod creation;
mod flow;
mod spending;
#[cfg(test)]
mod tests;

use serde_json::{Value, json};
use time::Date;

use super::{Call, World};
use crate::model::EndpointId;
use crate::model::time::{BEIJING, Duration, Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{UrlQuery, drop_nulls};

pub(super) use callback::Callback;
pub(super) use coupon::Coupon;
pub(super) use spending::{Goods, Purchase};

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
    /// The merchants that accept its coupons.
    merchants: Vec<String>,
    /// The articles they can be used for; empty for all.
    items: Vec<String>,
    no_cash: bool,
    created: Timestamp,
    begins: Timestamp,
    pub(super) ends: Timestamp,
    pub(super) distributed: i64,
    /// How many of those distributed belong to known users; the rest was received elsewhere.
    known: i64,
    /// The latest day of distribution, and how many were distributed on it.
    today: Option<(Date, i64)>,
    /// The merchant's money that is reserved for unused coupons.
    frozen: i64,
    used: Vec<flow::Row>,
    refunded: Vec<flow::Row>,
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
            "singleitem": self.single_item(),
            "stock_type": "NORMAL",
        });
        drop_nulls(&mut document);
        document
    }

    fn single_item(&self) -> bool {
        !self.items.is_empty()
    }

    /// How many coupons may still be distributed today.
    pub(super) fn left(&self, now: Timestamp) -> i64 {
        let given = self.today.filter(|(day, _)| *day == now.to_offset(BEIJING).date()).map_or(0, |(_, given)| given);
        let today = self.max_amount_by_day.map(|amount| amount / self.coupon_amount.max(1) - given);
        let all = self.max_coupons - self.distributed;
        today.map_or(all, |today| today.min(all)).max(0)
    }

    fn give(&mut self, coupons: i64, now: Timestamp) {
        let day = now.to_offset(BEIJING).date();
        let given = self.today.filter(|(of, _)| *of == day).map_or(0, |(_, given)| given);
        self.today = Some((day, given + coupons));
        self.distributed += coupons;
    }

    /// The platform pays the merchant for a coupon that was used.
    fn spend_frozen(&mut self, amount: i64) {
        if !self.no_cash {
            self.frozen -= amount;
        }
    }

    /// A coupon came back unused. Returns the amount that is released, if the stock has ended.
    fn take_back(&mut self) -> i64 {
        match (self.no_cash, self.status) {
            (true, _) => 0,
            (false, StockStatus::Stoped) => self.coupon_amount,
            (false, _) => {
                self.frozen += self.coupon_amount;
                0
            }
        }
    }
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "批次不存在", "there is no such stock").tail(270_079_488)
}

fn foreign() -> SandboxRefusal {
    SandboxRefusal::new(Code::InvalidRequest, "非法的商户号", "not the creator of the stock")
}

/// A page of a list. WeChat Pay omits `data` if there are no rows.
fn page(data: Value, total: usize, page: u64, limit: u64) -> Answer {
    let mut document = json!({ "total_count": total, "data": data, "limit": limit, "offset": page });
    if document["data"].as_array().is_some_and(Vec::is_empty) {
        document["data"] = Value::Null;
    }
    drop_nulls(&mut document);
    Answer::Document(document)
}

fn wrong_status() -> SandboxRefusal {
    SandboxRefusal::new(Code::ParamError, "非法的批次状态", "the stock's status does not allow this")
}

impl World {
    fn check_creator(&self, mchid: &str) -> Result<(), SandboxRefusal> {
        if mchid == self.merchant.mchid { Ok(()) } else { Err(foreign()) }
    }

    /// Pages are counted from 0, newest stocks first.
    pub(super) fn list_stocks(&self, call: &Call) -> SandboxOutcome {
        let query = call.query();
        let (page, limit) = (query.integer("offset")?, query.integer("limit")?);
        if limit > 10 {
            return Err(UrlQuery::wrong("limit", "页大小超过阈值", "above 10"));
        }
        if limit == 0 {
            return Err(UrlQuery::wrong("limit", "页大小必须大于0", "below 1"));
        }
        let creator = query.text("stock_creator_mchid", 20)?;
        let after = query.time_if_given("create_start_time")?;
        let before = query.time_if_given("create_end_time")?;
        let status = match query.text_if_given("status", 20)? {
            Some(word) => Some(
                StockStatus::ALL
                    .into_iter()
                    .find(|s| s.word() == word)
                    .ok_or_else(|| UrlQuery::wrong("status", "非法的批次状态", "not a status"))?,
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
        Ok(self::page(rows.collect(), found.len(), page, limit))
    }

    /// The merchants or articles that a stock's coupons can be used for. Pages are counted from 0.
    pub(super) fn list_usable(&self, call: &Call) -> SandboxOutcome {
        let query = call.query();
        let (page, limit) = (query.integer("offset")?, query.integer("limit")?);
        let creator = query.text("stock_creator_mchid", 20)?;
        let merchants = call.endpoint == EndpointId::StockMerchants;
        let (most_pages, most) = if merchants { (1000, 50) } else { (500, 100) };
        if limit > most {
            return Err(UrlQuery::wrong("limit", "页大小超过阈值", "above the largest page"));
        }
        if limit == 0 {
            return Err(UrlQuery::wrong("limit", "页大小必须大于0", "below 1"));
        }
        if page > most_pages {
            return Err(UrlQuery::wrong("offset", "分页页码超过阈值", "above the last page"));
        }
        self.check_creator(creator)?;
        let stock = self.stocks.get(call.parameter("stock_id")).ok_or_else(unknown)?;
        let all = if merchants { &stock.merchants } else { &stock.items };
        let first = usize::try_from(page.saturating_mul(limit)).unwrap_or(usize::MAX);
        let rows = all.iter().skip(first).take(limit as usize).map(String::as_str);
        let Answer::Document(mut document) = self::page(rows.collect(), all.len(), page, limit) else {
            return Ok(Answer::Nothing);
        };
        document["stock_id"] = stock.id.as_str().into();
        Ok(Answer::Document(document))
    }

    pub(super) fn query_stock(&self, call: &Call) -> SandboxOutcome {
        let creator = call.query().text("stock_creator_mchid", 20)?;
        self.check_creator(creator)?;
        let stock = self.stocks.get(call.parameter("stock_id")).ok_or_else(unknown)?;
        Ok(Answer::Document(stock.document(&self.merchant.mchid)))
    }

    /// The stock that start, pause and restart name.
    fn stock_to_change(&mut self, call: &Call) -> Result<&mut Stock, SandboxRefusal> {
        let creator = call.fields().text("stock_creator_mchid", 1..=20)?;
        self.check_creator(creator)?;
        self.stocks.get_mut(call.parameter("stock_id")).ok_or_else(unknown)
    }

    /// A repeated call is answered with the time of the first start.
    pub(super) fn start_stock(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let (balance, synchronised_after) = (self.balance, self.stock_delay);
        let stock = self.stock_to_change(call)?;
        let mut held = 0;
        match stock.status {
            StockStatus::Unactivated if now < stock.created + synchronised_after => {
                return Err(SandboxRefusal::new(
                    Code::SystemError,
                    "批次规则同步中，请稍后重试",
                    "the stock's rules are not synchronised yet, try again later",
                ));
            }
            StockStatus::Unactivated => {
                // A prefunded stock reserves its whole budget from now on.
                held = if stock.no_cash { 0 } else { stock.max_amount };
                if held > balance {
                    return Err(SandboxRefusal::new(
                        Code::NotEnough,
                        "激活失败：账户余额不足，请充值",
                        "the balance is below the stock's budget",
                    ));
                }
                stock.frozen = held;
                stock.status = StockStatus::Running;
                stock.started = Some(now);
            }
            StockStatus::Running => {}
            StockStatus::Stoped if stock.started.is_none() && now >= stock.ends => {
                return Err(SandboxRefusal::new(
                    Code::RequestBlocked,
                    "活动未开始或已结束",
                    "the stock's time is over",
                ));
            }
            StockStatus::Audit | StockStatus::Paused | StockStatus::Stoped => return Err(wrong_status()),
        }
        let at = stock.started.unwrap_or(now);
        let answer = json!({ "start_time": rfc3339(at), "stock_id": stock.id });
        self.balance -= held;
        Ok(Answer::Document(answer))
    }

    pub(super) fn pause_stock(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
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

    pub(super) fn restart_stock(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
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
            self.balance += std::mem::take(&mut stock.frozen);
        }
    }

    /// Sets how long a new stock cannot be started.
    pub(in crate::sandbox) fn delay_stock_start(&mut self, delay: Duration) {
        self.stock_delay = delay;
    }

    /// Sets the merchant's balance for prefunded stocks, in fen.
    pub(in crate::sandbox) fn set_balance(&mut self, fen: i64) {
        self.balance = fen;
    }

    /// Puts a new stock under review, which no call of a merchant can do.
    pub(super) fn review_stock(&mut self, id: &str) {
        if let Some(stock) = self.stocks.get_mut(id)
            && stock.status == StockStatus::Unactivated
        {
            stock.status = StockStatus::Audit;
        }
    }

    /// Users receive coupons elsewhere: only of a running stock, and only while any are left.
    pub(super) fn distribute(&mut self, id: &str, coupons: i64, now: Timestamp) -> bool {
        let Some(stock) = self.stocks.get_mut(id).filter(|stock| stock.status == StockStatus::Running) else {
            return false;
        };
        let given = coupons.min(stock.left(now));
        stock.give(given, now);
        given > 0
    }

    /// Adds coupons that were received before the latest days.
    pub(super) fn distributed_before(&mut self, id: &str, coupons: i64) {
        if let Some(stock) = self.stocks.get_mut(id) {
            stock.distributed = (stock.distributed + coupons).min(stock.max_coupons);
        }
    }
}
