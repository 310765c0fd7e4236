//! Refunds: create, query one by one and by order, and how they end (Global reference §6–8).

use rand::RngExt;
use serde_json::{Value, json};

use super::creation::notify_url;
use super::order::{GlobalOrder, GlobalPayment, exchange_rate, not_now};
use super::{Due, Global, Party};
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::model::{BETWEEN_REFUNDS, Kind, MOST_REFUNDS, Money, REFUND_WITHIN};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{Fields, UrlQuery, drop_nulls};
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;
use crate::sandbox::world::transaction::TradeState;
use crate::sandbox::world::{Call, Reason, UserError};

/// Rows on a page of the list.
const PAGE: u64 = 20;
const MEMBERS: [&str; 13] = [
    "sp_mchid",
    "sub_mchid",
    "sp_appid",
    "sub_appid",
    "mchid",
    "appid",
    "transaction_id",
    "out_trade_no",
    "out_refund_no",
    "reason",
    "amount",
    "source",
    "notify_url",
];
const SOURCES: [&str; 2] = ["REFUND_SOURCE_UNSETTLED_FUNDS", "REFUND_SOURCE_RECHARGE_FUNDS"];

/// How a refund that is being processed ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sandbox) enum End {
    Success,
    Closed,
    Abnormal,
}

impl End {
    const fn words(self) -> (&'static str, &'static str, &'static str) {
        match self {
            Self::Success => ("SUCCESS", "REFUND.SUCCESS", "退款成功"),
            Self::Closed => ("REFUNDCLOSE", "REFUND.CLOSED", "退款关闭"),
            Self::Abnormal => ("ABNORMAL", "REFUND.ABNORMAL", "退款异常"),
        }
    }
}

#[derive(Debug)]
pub(super) struct GlobalRefund {
    pub(super) number: String,
    pub(super) refund_id: String,
    pub(super) order: String,
    pub(super) amount: Money,
    pub(super) payer_refund: Money,
    rate: i64,
    promotions: Vec<Value>,
    source: &'static str,
    account: String,
    notify_url: String,
    pub(super) created: Timestamp,
    /// How it ended, and when.
    pub(super) ended: Option<(End, Timestamp)>,
    /// The planned end, and its time.
    ends: (End, Timestamp),
    request: Value,
}

impl GlobalRefund {
    /// Whether its amount is refunded or being refunded.
    pub(super) fn counts(&self) -> bool {
        !matches!(self.ended, Some((End::Closed, _)))
    }

    pub(super) fn status(&self) -> &'static str {
        self.ended.map_or("PROCESSING", |(end, _)| end.words().0)
    }

    fn succeeded(&self) -> Option<String> {
        self.ended.filter(|(end, _)| *end == End::Success).map(|(_, at)| rfc3339(at))
    }

    fn amount(&self) -> Value {
        json!({
            "refund": self.amount.minor, "currency": self.amount.currency.code(),
            "payer_refund": self.payer_refund.minor, "payer_currency": self.payer_refund.currency.code(),
            "exchange_rate": exchange_rate(self.rate),
        })
    }

    /// The row in the list of an order's refunds.
    fn row(&self) -> Value {
        let mut row = json!({
            "id": self.refund_id, "out_refund_no": self.number, "channel": "ORIGINAL", "recv_account": self.account,
            "fund_source": self.source, "success_time": self.succeeded(), "create_time": rfc3339(self.created),
            "status": self.status(), "amount": self.amount(),
        });
        drop_nulls(&mut row);
        row
    }

    pub(super) fn document(&self, order: &GlobalOrder) -> Value {
        let mut document = self.row();
        document["out_trade_no"] = self.order.clone().into();
        document["transaction_id"] = order.transaction_id.clone().into();
        if !self.promotions.is_empty() {
            document["promotion_detail"] = self.promotions.clone().into();
        }
        document
    }

    /// The resource of the notification of its end.
    fn notice(&self, party: Party, order: &GlobalOrder, end: End, at: Timestamp) -> Notice {
        let (status, event_type, summary) = end.words();
        let paid = order.payment.as_ref();
        let mut resource = party.ids(false);
        let mut amount = self.amount();
        amount["total"] = order.total.minor.into();
        amount["payer_total"] = paid.map(|paid| paid.total.minor).into();
        let rest = json!({
            "transaction_id": order.transaction_id, "out_trade_no": self.order,
            "refund_id": self.refund_id, "out_refund_no": self.number, "refund_status": status,
            "success_time": self.succeeded(), "recv_account": self.account, "fund_source": self.source,
            "amount": amount,
        });
        if let Value::Object(rest) = rest {
            resource.extend(rest);
        }
        let mut resource = Value::Object(resource);
        drop_nulls(&mut resource);
        let url = if self.notify_url.is_empty() { &order.notify_url } else { &self.notify_url };
        Notice { url: url.clone(), at, event_type, original_type: "refund", summary, resource }
    }
}

/// Reads a request, member by member.
struct ReversalRequest<'a> {
    transaction_id: Option<&'a str>,
    order: Option<&'a str>,
    number: &'a str,
    refund: i64,
    total: i64,
    currency: &'a str,
    source: &'static str,
    notify_url: &'a str,
}

impl<'a> ReversalRequest<'a> {
    fn read(fields: &Fields<'a>, party: Party) -> Result<Self, SandboxRefusal> {
        fields.only(&MEMBERS)?;
        party.check(fields, true)?;
        let order = fields.text_if_given("out_trade_no", 1..=32)?;
        let transaction_id = match order {
            Some(_) => fields.text_if_given("transaction_id", 1..=32)?,
            None => Some(fields.text("transaction_id", 1..=32)?),
        };
        let number = fields.number_with("out_refund_no", 1..=64, "_-|*@")?;
        fields.text_if_given("reason", 1..=80)?;
        let source = if fields.has("source") { fields.one_of("source", &SOURCES)? } else { SOURCES[0] };
        let notify_url = notify_url(fields)?.unwrap_or_default();
        let amount = fields.object("amount")?;
        amount.only(&["refund", "total", "currency", "from"])?;
        let refund = amount.integer("refund", 1..=10_000_000_000)?;
        let total = amount.integer("total", 1..=10_000_000_000)?;
        let currency = amount.text("currency", 3..=3)?;
        Ok(Self { transaction_id, order, number, refund, total, currency, source, notify_url })
    }
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "退款单不存在", "there is no such refund")
}

fn unknown_order() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "订单不存在", "there is no such order")
}

impl Global {
    pub(in crate::sandbox::world) fn give_back(&mut self, party: Party, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let wanted = ReversalRequest::read(&fields, party)?;
        let books = self.books(party);
        if let Some(known) = books.refunds.get(wanted.number) {
            return match known.request == call.content() {
                true => Ok(Answer::Document(accepted(known))),
                false => Err(not_now(
                    "订单金额或退款金额与之前请求不一致，请核实后再试",
                    "the order or the amounts differ from those of the first request under this number",
                )
                .tail(268_498_688)),
            };
        }
        let by_id = wanted.transaction_id.map(|id| books.transaction_ids.get(id).map(String::as_str));
        let number = by_id.unwrap_or(wanted.order).ok_or_else(unknown_order)?;
        if wanted.order.is_some_and(|order| order != number) {
            return Err(not_now("商户订单号与微信支付订单号不匹配", "the two numbers are not of one order"));
        }
        let order = books.orders.get(number).ok_or_else(unknown_order)?;
        let paid = matches!(order.state, TradeState::Success | TradeState::Refund);
        let payment = order.payment.as_ref().filter(|_| paid);
        let payment = payment.ok_or_else(|| not_now("订单未支付，不能退款", "the order is not paid"))?;
        self.check_limits(party, &wanted, order, payment, now)?;
        let refund = self.make_refund(party, &wanted, order, payment, call.content(), now);
        Ok(Answer::Document(self.add_refund(party, refund, now)))
    }

    /// The rules that depend on the payment and the other refunds.
    fn check_limits(
        &self,
        party: Party,
        wanted: &ReversalRequest<'_>,
        order: &GlobalOrder,
        payment: &GlobalPayment,
        now: Timestamp,
    ) -> Result<(), SandboxRefusal> {
        if (wanted.total, wanted.currency) != (order.total.minor, order.total.currency.code()) {
            return Err(not_now("订单金额或币种与原交易不一致", "total or currency are not the order's"));
        }
        if now - payment.at > REFUND_WITHIN {
            return Err(SandboxRefusal::new(
                Code::GlobalTradeOverdue,
                "订单已超过退款期限",
                "paid more than 365 days ago",
            ));
        }
        let others: Vec<&GlobalRefund> =
            self.refunds_of(party, &order.number).filter(|refund| refund.counts()).collect();
        if others.len() >= MOST_REFUNDS {
            return Err(not_now("退款次数超过上限", "an order can be refunded 50 times"));
        }
        if others.iter().any(|refund| now - refund.created < BETWEEN_REFUNDS) {
            return Err(not_now("同一订单的退款请求过于频繁，请间隔1分钟", "refunds of one order lie a minute apart"));
        }
        if wanted.refund > self.remainder(party, &order.number) {
            return Err(not_now("退款金额大于剩余可退金额", "more than is left to refund"));
        }
        if self.short_of_money {
            return Err(SandboxRefusal::new(
                Code::GlobalNotEnough,
                "账户余额不足",
                "the merchant's account is short of money",
            ));
        }
        Ok(())
    }

    /// The user's share of what they paid. The shares add up to the whole when the order is refunded completely.
    fn make_refund(
        &self,
        party: Party,
        wanted: &ReversalRequest<'_>,
        order: &GlobalOrder,
        payment: &GlobalPayment,
        request: Value,
        now: Timestamp,
    ) -> GlobalRefund {
        let others: Vec<&GlobalRefund> =
            self.refunds_of(party, &order.number).filter(|refund| refund.counts()).collect();
        let so_far = i128::from(others.iter().map(|refund| refund.amount.minor).sum::<i64>() + wanted.refund);
        let before: i64 = others.iter().map(|refund| refund.payer_refund.minor).sum();
        let (total, paid) = (i128::from(order.total.minor), i128::from(payment.total.minor));
        let share = i64::try_from((2 * so_far * paid + total) / (2 * total)).unwrap_or(0) - before;
        let promotion = |p: &Value| {
            let of = i128::from(p["amount"].as_i64().unwrap_or(0)) * i128::from(wanted.refund) / total;
            json!({
                "promotion_id": p["promotion_id"], "scope": p["scope"], "type": p["type"], "amount": p["amount"],
                "refund_amount": i64::try_from(of).unwrap_or(0), "currency": p["currency"],
            })
        };
        GlobalRefund {
            number: wanted.number.to_owned(),
            refund_id: String::new(),
            order: order.number.clone(),
            amount: Money { minor: wanted.refund, ..order.total },
            payer_refund: Money { minor: share, ..payment.total },
            rate: payment.rate,
            promotions: payment.promotions.iter().map(promotion).collect(),
            source: wanted.source,
            account: account(order, payment),
            notify_url: wanted.notify_url.to_owned(),
            created: now,
            ended: None,
            ends: (End::Success, now),
            request,
        }
    }

    /// Adds a refund and plans its end. Returns the answer to the request.
    fn add_refund(&mut self, party: Party, mut refund: GlobalRefund, now: Timestamp) -> Value {
        refund.refund_id = self.rng.digits("50200", 29);
        let answer = accepted(&refund);
        let to_card = refund.account != CHANGE;
        let takes = if to_card { self.rng.random_range(20..150) } else { self.rng.random_range(6..30) };
        let fails = to_card && self.rng.random_bool(0.1);
        let end = if fails { End::Abnormal } else { End::Success };
        let (number, order) = (refund.number.clone(), refund.order.clone());
        let books = self.books_mut(party);
        books.new_numbers.push((Kind::Refund, number.clone()));
        books.refund_ids.insert(refund.refund_id.clone(), number.clone());
        books.refunds_by_order.entry(order.clone()).or_default().push(number.clone());
        books.refunds.add(number.clone(), refund);
        if let Some(order) = books.orders.get_mut(&order) {
            order.state = TradeState::Refund;
        }
        self.schedule_end(party, &number, end, now + Duration::seconds(takes));
        answer
    }

    /// Plans the end of a refund that is being processed.
    pub(super) fn schedule_end(&mut self, party: Party, number: &str, end: End, at: Timestamp) {
        if let Some(refund) = self.books_mut(party).refunds.get_mut(number) {
            refund.ends = (end, at);
            self.schedule(at, party, Due::Refund(number.to_owned()));
        }
    }

    /// Ends a refund now.
    pub(in crate::sandbox) fn end_refund(&mut self, number: &str, end: End, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let party = self.party_of(number, |books| &books.refunds)?;
        if self.books(party).refunds.get(number).is_some_and(|refund| refund.ended.is_some()) {
            return Err(UserError::NotNow(Reason::RefundNotProcessing));
        }
        self.schedule_end(party, number, end, now);
        self.advance(now);
        Ok(())
    }

    pub(super) fn settle_refund(&mut self, party: Party, number: &str, at: Timestamp) {
        let books = self.books_mut(party);
        let Some(refund) = books.refunds.get_mut(number).filter(|r| r.ended.is_none() && r.ends.1 == at) else {
            return;
        };
        refund.ended = Some(refund.ends);
        let (refund, end) = (&*refund, refund.ends.0);
        let notice = books.orders.get(&refund.order).map(|order| refund.notice(party, order, end, at));
        self.notices.extend(notice);
    }

    pub(in crate::sandbox::world) fn query_refund(&self, party: Party, call: &Call) -> SandboxOutcome {
        party.check_query(&call.query(), false)?;
        let books = self.books(party);
        let number = match call.parameter("refund_id") {
            "" => call.parameter("out_refund_no"),
            id => books.refund_ids.get(id).ok_or_else(unknown)?,
        };
        let refund = books.refunds.get(number).ok_or_else(unknown)?;
        let order = books.orders.get(&refund.order).ok_or_else(unknown)?;
        Ok(Answer::Document(refund.document(order)))
    }

    pub(in crate::sandbox::world) fn list_refunds(&self, party: Party, call: &Call) -> SandboxOutcome {
        let query = call.query();
        party.check_query(&query, false)?;
        let (offset, count) = (query.integer("offset")?, query.integer("count")?);
        if !(1..=PAGE).contains(&count) {
            return Err(UrlQuery::wrong("count", "每页最多20条", "1 to 20"));
        }
        let books = self.books(party);
        let number = match query.text_if_given("transaction_id", 32)? {
            Some(id) => books.transaction_ids.get(id).ok_or_else(unknown_order)?,
            None => query.text("out_trade_no", 32)?,
        };
        let order = books.orders.get(number).ok_or_else(unknown_order)?;
        let all: Vec<&GlobalRefund> = self.refunds_of(party, number).collect();
        let (offset, count) = (usize::try_from(offset).unwrap_or(usize::MAX), usize::try_from(count).unwrap_or(0));
        let page: Vec<Value> = all.iter().skip(offset).take(count).map(|refund| refund.row()).collect();
        let mut document = party.ids(false);
        let paid = order.payment.as_ref();
        let mut amount = json!({
            "total": order.total.minor, "currency": order.total.currency.code(),
            "payer_total": paid.map(|paid| paid.total.minor),
            "payer_currency": paid.map(|paid| paid.total.currency.code()),
        });
        drop_nulls(&mut amount);
        let rest = json!({
            "id": order.transaction_id, "out_trade_no": number, "amount": amount,
            "total_num": all.len(), "current_total_num": page.len(), "data": page,
        });
        if let Value::Object(rest) = rest {
            document.extend(rest);
        }
        let mut document = Value::Object(document);
        drop_nulls(&mut document);
        Ok(Answer::Document(document))
    }

    fn refunds_of(&self, party: Party, order: &str) -> impl Iterator<Item = &GlobalRefund> {
        let books = self.books(party);
        let numbers = books.refunds_by_order.get(order).into_iter().flatten();
        numbers.filter_map(|number| books.refunds.get(number))
    }

    /// The amount of an order that can still be refunded.
    pub(super) fn remainder(&self, party: Party, order: &str) -> i64 {
        let total = self.books(party).orders.get(order).map_or(0, |order| order.total.minor);
        let refunded = self.refunds_of(party, order).filter(|refund| refund.counts());
        total - refunded.map(|refund| refund.amount.minor).sum::<i64>()
    }
}

/// The answer to an accepted refund, which does not contain its state.
fn accepted(refund: &GlobalRefund) -> Value {
    let mut document = json!({
        "id": refund.refund_id, "out_refund_no": refund.number, "create_time": rfc3339(refund.created),
        "amount": refund.amount(),
    });
    if !refund.promotions.is_empty() {
        document["promotion_detail"] = refund.promotions.clone().into();
    }
    document
}

const CHANGE: &str = "支付用户零钱";

/// The account that the money returns to, as the platform words it.
fn account(order: &GlobalOrder, payment: &GlobalPayment) -> String {
    let name = match payment.bank.split('_').next() {
        Some("CMC") => "招商银行借记卡",
        Some("ICBC") => "工商银行信用卡",
        Some("CCB") => "建设银行借记卡",
        _ => return CHANGE.to_owned(),
    };
    let id = &order.transaction_id;
    format!("{name}{}", &id[id.len().saturating_sub(4)..])
}
