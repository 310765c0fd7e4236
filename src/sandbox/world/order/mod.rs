//! Service orders (支付分服务订单), of a sign plan's detail or on their own (PayScore reference §4, §9.4). `terms` has the
//! rules of amounts and times, `creation` creates orders, `charge` charges them, `ending` ends them without a charge.

mod charge;
mod creation;
mod ending;
mod terms;
#[cfg(test)]
mod tests;

use serde_json::{Map, Value, json};

use super::{Call, World};
use crate::model::time::{Timestamp, compact};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::{Fields, UrlQuery, drop_nulls};
use crate::sandbox::notice::Notice;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// CREATED: waits for the user.
    Created,
    /// DOING, USER_CONFIRM: the service runs.
    Running,
    /// DOING, MCH_COMPLETE, USER_PAYING: money is outstanding.
    Charging,
    Done,
    Revoked,
    Expired,
}

impl Step {
    const fn words(self) -> (&'static str, Option<&'static str>) {
        match self {
            Self::Created => ("CREATED", None),
            Self::Running => ("DOING", Some("USER_CONFIRM")),
            Self::Charging => ("DOING", Some("MCH_COMPLETE")),
            Self::Done => ("DONE", None),
            Self::Revoked => ("REVOKED", None),
            Self::Expired => ("EXPIRED", None),
        }
    }

    /// Why an action that needs another state is refused in this one.
    fn refusal(self) -> SandboxRefusal {
        match self {
            Self::Done => SandboxRefusal::new(Code::OrderDone, "订单已完成", "the order is finished"),
            Self::Revoked => SandboxRefusal::new(Code::OrderCanceled, "订单已取消", "the order is cancelled"),
            Self::Created => SandboxRefusal::new(
                Code::InvalidOrderState,
                "当前订单状态不合法",
                "the user has not confirmed the order",
            )
            .tail(271_302_332),
            Self::Running | Self::Charging | Self::Expired => SandboxRefusal::new(
                Code::InvalidOrderState,
                "当前订单状态不合法",
                "the order's state does not allow this action",
            ),
        }
    }
}

/// How an order was paid.
#[derive(Debug)]
enum Payment {
    /// Through Pay Score, as this transaction, with these coupons.
    PayScore { transaction_id: String, promotions: Vec<Value> },
    /// Through the merchant's own channel, as reported by the merchant.
    Merchant,
}

#[derive(Debug)]
struct Paid {
    how: Payment,
    amount: i64,
    at: Timestamp,
}

/// The sign plan and the place of the detail that an order belongs to.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) sign_plan: String,
    pub(super) place: usize,
}

/// The bodies of the calls that changed an order, to recognise replays.
#[derive(Debug, Default)]
struct Replays {
    create: Value,
    complete: Option<Value>,
    modify: Option<Value>,
    cancel: Option<Value>,
    sync: Option<Value>,
}

#[derive(Debug)]
pub(super) struct Order {
    pub(super) number: String,
    pub(super) order_id: String,
    service_id: String,
    appid: String,
    pub(super) openid: Option<String>,
    introduction: String,
    pub(super) step: Step,
    pub(super) post_payments: Value,
    pub(super) post_discounts: Option<Value>,
    risk_fund: Option<Value>,
    pub(super) total: Option<i64>,
    paid: Option<Paid>,
    time_range: Map<String, Value>,
    location: Option<Value>,
    attach: Option<String>,
    notify_url: String,
    device: Option<Value>,
    pub(super) created: Timestamp,
    /// When the running or charging step began.
    pub(super) since: Timestamp,
    /// Until when the link to the confirmation page is valid.
    pub(super) package_until: Timestamp,
    pub(super) origin: Option<Origin>,
    /// Until when a deduction runs, during which the order cannot be changed.
    pub(super) in_flight: Option<Timestamp>,
    /// When the merchant last requested collection.
    pushed: Option<Timestamp>,
    pub(super) by_shop: bool,
    /// The shop has completed it on its own, not an operator.
    pub(super) charged_by_shop: bool,
    replays: Replays,
}

impl Order {
    pub(super) fn document(&self, mchid: &str) -> Value {
        let (state, state_description) = self.step.words();
        let mut document = json!({
            "out_order_no": self.number,
            "service_id": self.service_id,
            "appid": self.appid,
            "mchid": mchid,
            "service_introduction": self.introduction,
            "state": state,
            "state_description": state_description,
            "post_payments": self.post_payments,
            "post_discounts": self.post_discounts,
            "risk_fund": self.risk_fund,
            "total_amount": self.total,
            "need_collection": self.total.map(|total| total > 0),
            "collection": self.collection(),
            "time_range": self.time_range,
            "location": self.location,
            "attach": self.attach,
            "notify_url": self.notify_url,
            "order_id": self.order_id,
            "openid": self.openid,
            "device": self.device,
        });
        drop_nulls(&mut document);
        document
    }

    /// Whether it is an unfinished order of this user and service.
    pub(super) fn is_unfinished_for(&self, openid: &str, service_id: &str) -> bool {
        let unfinished = matches!(self.step, Step::Created | Step::Running | Step::Charging);
        unfinished && self.service_id == service_id && self.openid.as_deref() == Some(openid)
    }

    /// The outstanding and the received amounts. A cancelled order collects nothing.
    fn collection(&self) -> Option<Value> {
        let total = self.total.filter(|total| *total > 0 && self.step != Step::Revoked)?;
        let Some(paid) = &self.paid else {
            let collection =
                json!({ "state": "USER_PAYING", "total_amount": total, "paying_amount": total, "paid_amount": 0 });
            return Some(collection);
        };
        let mut line = json!({ "seq": 1, "amount": paid.amount });
        match &paid.how {
            Payment::PayScore { transaction_id, promotions } => {
                line["paid_type"] = "NEWTON".into();
                line["paid_time"] = compact(paid.at).into();
                line["transaction_id"] = transaction_id.as_str().into();
                if !promotions.is_empty() {
                    line["promotion_detail"] = promotions.clone().into();
                }
            }
            Payment::Merchant => {
                line["paid_type"] = "MCH".into();
                line["paid_time"] = compact(paid.at).into();
            }
        }
        Some(json!({
            "state": "USER_PAID", "total_amount": total, "paying_amount": 0, "paid_amount": paid.amount,
            "details": [line],
        }))
    }

    /// The answer of calls that return only some members.
    fn subset(&self, mchid: &str, names: &[&str]) -> Value {
        let document = self.document(mchid);
        let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), document.get(name)?.clone())));
        Value::Object(kept.collect())
    }

    /// Refuses changes while a deduction runs.
    fn check_in_flight(&self, now: Timestamp) -> Result<(), SandboxRefusal> {
        match self.in_flight {
            Some(until) if now < until => Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "单据正在扣款中，请稍后重试",
                "a deduction is running, try again later",
            )
            .tail(271_316_754)),
            _ => Ok(()),
        }
    }
}

/// The resource of an order's events (PayScore reference §6).
const NOTIFIED: &[&str] = &[
    "appid",
    "mchid",
    "service_id",
    "out_order_no",
    "order_id",
    "openid",
    "state",
    "state_description",
    "service_introduction",
    "total_amount",
    "post_payments",
    "post_discounts",
    "risk_fund",
    "time_range",
    "location",
    "attach",
    "need_collection",
    "collection",
];

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::OrderNotExist, "订单不存在", "there is no such order").tail(271_317_510)
}

/// The service and the appid that every call about an order must name.
struct Named<'a> {
    service_id: &'a str,
    appid: &'a str,
}

impl<'a> Named<'a> {
    fn read(fields: &Fields<'a>) -> Result<Self, SandboxRefusal> {
        Ok(Self { service_id: fields.text("service_id", 1..=32)?, appid: fields.text("appid", 1..=32)? })
    }

    /// Finds the order and refuses another service or appid than those of its creation.
    fn check(&self, order: &Order) -> Result<(), SandboxRefusal> {
        if order.service_id == self.service_id && order.appid == self.appid {
            Ok(())
        } else {
            Err(SandboxRefusal::new(
                Code::NoAuth,
                "服务或AppID与创建订单时不一致",
                "not the service_id and appid the order was created with",
            ))
        }
    }
}

impl World {
    /// Announces what the user did to an order.
    fn announce_order(&mut self, number: &str, event_type: &'static str, summary: &'static str, at: Timestamp) {
        let Some(order) = self.orders.get(number).filter(|order| self.is_announced(&order.notify_url)) else { return };
        let resource = order.subset(&self.merchant.mchid, NOTIFIED);
        let (url, original_type) = (order.notify_url.clone(), "payscore");
        self.announce(Notice { url, at, event_type, original_type, summary, resource });
    }

    pub(super) fn query_order(&self, call: &Call) -> SandboxOutcome {
        let query = call.query();
        let named = Named { service_id: query.text("service_id", 32)?, appid: query.text("appid", 32)? };
        let order = match (query.text_if_given("out_order_no", 32)?, query.text_if_given("query_id", 512)?) {
            (Some(number), None) => self.orders.get(number),
            // The front end gets the link's token back; here that is the order's own number.
            (None, Some(query_id)) => self.orders.iter().find(|o| o.order_id == query_id),
            _ => {
                return Err(UrlQuery::wrong(
                    "out_order_no",
                    "out_order_no与query_id必须且只能填写一个",
                    "exactly one of out_order_no and query_id is needed",
                ));
            }
        };
        let order = order.ok_or_else(unknown)?;
        named.check(order)?;
        Ok(Answer::Document(order.document(&self.merchant.mchid)))
    }
}
