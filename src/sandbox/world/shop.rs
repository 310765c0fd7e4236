//! The merchant's own back end. It uses the same calls that an operator makes, so that every object of the world obeys
//! the rules.

use rand::RngExt;
use serde_json::{Map, Value, json};

use super::catalogue::{COUPONS, GOODS, PLANS, PlanOffer, REASONS, SERVICES};
use super::order::Step;
use super::{Call, Caller, World};
use crate::model::EndpointId;
use crate::model::time::{Duration, Timestamp, compact, rfc3339};
use crate::sandbox::answer::Answer;
use crate::sandbox::world::numbers::NumberSource as _;

/// Another merchant of the brand, which accepts some of the coupons.
const PARTNER: &str = "1900067890";

/// The shop's own number of an article.
fn goods_id(place: usize) -> String {
    format!("SKU{:03}", place % GOODS.len() + 1)
}

impl World {
    /// Calls as the shop. A refusal is ignored: an operator may have been faster.
    pub(super) fn ask(&mut self, endpoint: EndpointId, number: &str, body: Value, now: Timestamp) -> Option<Value> {
        let name = endpoint.endpoint().path.split_once('{').and_then(|(_, rest)| rest.split_once('}'));
        let call = Call {
            caller: Caller::Mainland,
            endpoint,
            parameters: name.map(|(name, _)| (name, number.to_owned())).into_iter().collect(),
            query: Vec::new(),
            body: match body {
                Value::Object(map) => map,
                _ => Map::new(),
            },
        };
        match self.handle(&call, now) {
            Ok(Answer::Document(document)) => Some(document),
            Ok(Answer::Nothing | Answer::File { .. } | Answer::Statement(_)) => Some(Value::Null),
            Err(refusal) => {
                tracing::debug!(?endpoint, number, code = refusal.code.as_str(), "the shop was refused");
                None
            }
        }
    }

    pub(super) fn next_number(&mut self, prefix: &str) -> String {
        self.serial += 1;
        format!("{prefix}{:06}", self.serial)
    }

    /// One of the shop's regular customers, or a new user if it has none.
    pub(super) fn random_user(&mut self) -> String {
        if self.people.is_empty() {
            return format!("o{}", self.rng.token(27));
        }
        self.people[self.rng.random_range(0..self.people.len())].clone()
    }

    /// Puts a plan on sale. `place` chooses from the catalogue.
    pub(super) fn offer_plan(&mut self, place: usize, now: Timestamp) -> Option<String> {
        let PlanOffer { name, unit, charges, price, step, days, last_free } = PLANS[place % PLANS.len()];
        let number = self.next_number("PLN");
        let details: Vec<Value> = (0..charges)
            .map(|i| {
                let free = last_free && i == charges - 1;
                let actual = if free { 0 } else { price - step * i };
                let mut detail = json!({
                    "plan_detail_name": format!("第{}{unit}", i + 1), "original_price": price, "actual_price": actual,
                });
                if free {
                    detail["plan_discount_description"] = "免费".into();
                } else if actual < price {
                    detail["plan_discount_description"] = format!("立减{}元", (price - actual) / 100).into();
                }
                detail
            })
            .collect();
        let actual_total: i64 = details.iter().filter_map(|d| d["actual_price"].as_i64()).sum();
        let body = json!({
            "service_id": self.merchant.service_id, "appid": self.merchant.appid, "merchant_plan_no": number,
            "plan_name": name, "plan_duration": days, "deduction_quantity": charges,
            "total_original_price": price * charges, "total_actual_price": actual_total, "plan_detail_list": details,
        });
        self.ask(EndpointId::PlanCreate, "", body, now)?;
        Some(number)
    }

    /// Sells a plan to a user, who has yet to sign.
    pub(super) fn sell_plan(&mut self, plan: &str, now: Timestamp) -> Option<String> {
        let openid = self.random_user();
        let number = self.next_number("SGN");
        let plan = self.plans.get(plan)?;
        let details = (1..=plan.details.len())
            .map(|n| json!({ "plan_detail_no": n, "merchant_plan_detail_no": format!("{number}-{n:02}") }));
        let body = json!({
            "service_id": plan.service_id, "plan_id": plan.plan_id, "appid": plan.appid, "openid": openid,
            "merchant_sign_plan_no": number, "notify_url": self.merchant.notify_url,
            "sign_plan_detail": details.collect::<Vec<_>>(),
        });
        self.ask(EndpointId::SignPlanCreate, "", body, now)?;
        self.sign_plans.get_mut(&number)?.by_shop = true;
        Some(number)
    }

    /// Creates the order of a sign plan's next detail, if that is possible now.
    pub(super) fn begin_next_detail(&mut self, sign_plan: &str, now: Timestamp) -> Option<String> {
        let sign_plan = self.sign_plans.get(sign_plan)?;
        let place = sign_plan.next_detail()?;
        let number = sign_plan.details[place].number.clone();
        let body = json!({
            "service_id": sign_plan.service_id, "sign_plan_id": sign_plan.sign_plan_id, "plan_detail_no": place + 1,
            "appid": self.merchant.appid, "openid": sign_plan.openid, "notify_url": self.merchant.notify_url,
            "service_introduction": sign_plan.plan_name, "time_range": { "start_time": "OnAccept" },
            "out_trade_no": number,
        });
        self.ask(EndpointId::SignPlanOrderCreate, "", body, now)?;
        self.orders.get_mut(&number)?.by_shop = true;
        Some(number)
    }

    /// A user rents a bicycle, a power bank, a parking space.
    pub(super) fn begin_service(&mut self, place: usize, now: Timestamp) -> Option<String> {
        let offer = &SERVICES[place % SERVICES.len()];
        let number = self.next_number("SO");
        let mut body = json!({
            "out_order_no": number, "appid": self.merchant.appid, "service_id": self.merchant.service_id,
            "service_introduction": offer.name, "time_range": { "start_time": "OnAccept" },
            "post_payments": [{ "name": offer.line, "description": offer.reckoning }],
            "risk_fund": { "name": offer.risk_fund.0, "amount": offer.risk_fund.1 },
            "location": { "start_location": offer.place }, "notify_url": self.merchant.notify_url,
            "need_user_confirm": offer.confirm,
        });
        if !offer.confirm {
            body["openid"] = self.random_user().into();
        }
        self.ask(EndpointId::OrderCreate, "", body, now)?;
        self.orders.get_mut(&number)?.by_shop = true;
        Some(number)
    }

    /// Asks a user to authorise the service. Returns the code.
    pub(super) fn ask_permission(&mut self, now: Timestamp) -> Option<String> {
        let code = self.next_number("PMS");
        let body = json!({
            "service_id": self.merchant.service_id, "appid": self.merchant.appid, "authorization_code": code,
            "notify_url": self.merchant.notify_url,
        });
        self.ask(EndpointId::PermissionCreate, "", body, now)?;
        Some(code)
    }

    /// Charges for a running order: a detail's own lines, or what the service usually costs.
    pub(super) fn charge(&mut self, number: &str, now: Timestamp) -> Option<()> {
        let uses = self.rng.random_range(1..=3);
        let voucher = self.rng.random_bool(0.2);
        let order = self.orders.get(number).filter(|order| order.step == Step::Running)?;
        let document = order.document(&self.merchant.mchid);
        let mut payments = order.post_payments.clone();
        let mut discounts = order.post_discounts.clone();
        if order.origin.is_none() {
            let offer = SERVICES.iter().find(|o| document["service_introduction"] == o.name)?;
            payments[0]["amount"] = (offer.price * uses).into();
            if voucher {
                discounts = Some(json!([{ "name": "会员优惠", "description": "会员立减", "amount": offer.price / 4 }]));
            }
        }
        let sum = |lines: &Value| -> i64 {
            lines.as_array().into_iter().flatten().filter_map(|line| line["amount"].as_i64()).sum()
        };
        let total = sum(&payments) - discounts.as_ref().map_or(0, sum);
        let mut body = json!({
            "appid": document["appid"], "service_id": document["service_id"], "post_payments": payments,
            "total_amount": total, "time_range": { "end_time": compact(now - Duration::SECOND) },
        });
        if let Some(discounts) = discounts {
            body["post_discounts"] = discounts;
        }
        self.ask(EndpointId::OrderComplete, number, body, now)?;
        self.orders.get_mut(number)?.charged_by_shop = true;
        Some(())
    }

    /// The shop cancels an order, for this reason.
    pub(super) fn cancel_by_shop(&mut self, number: &str, reason: &str, now: Timestamp) -> Option<Value> {
        let body = json!({
            "appid": self.merchant.appid, "service_id": self.merchant.service_id, "reason": reason,
        });
        self.ask(EndpointId::OrderCancel, number, body, now)
    }

    /// Sells something for an ordinary payment. `place` chooses what, and how it is to be paid.
    pub(super) fn sell_goods(&mut self, place: usize, now: Timestamp) -> Option<String> {
        let (description, price) = GOODS[place % GOODS.len()];
        let number = self.next_number("PAY");
        let quantity = if price < 5000 { self.rng.random_range(1..=3) } else { 1 };
        let mut body = json!({
            "appid": self.merchant.appid, "mchid": self.merchant.mchid, "description": description,
            "out_trade_no": number, "notify_url": self.merchant.notify_url, "attach": format!("desk={}", place % 30 + 1),
            "amount": { "total": price * quantity, "currency": "CNY" },
            "detail": { "goods_detail": [{
                "merchant_goods_id": goods_id(place), "goods_name": description, "quantity": quantity,
                "unit_price": price,
            }] },
        });
        let endpoint = match place % 7 {
            0..3 => {
                body["payer"] = json!({ "openid": self.random_user() });
                EndpointId::TransactionJsapi
            }
            3 | 4 => EndpointId::TransactionNative,
            5 => EndpointId::TransactionApp,
            _ => {
                body["scene_info"] = json!({ "payer_client_ip": "203.0.113.7", "h5_info": { "type": "Wap" } });
                EndpointId::TransactionH5
            }
        };
        self.ask(endpoint, "", body, now)?;
        Some(number)
    }

    /// Sells something to this user.
    pub(super) fn sell_to(&mut self, openid: &str, total: i64, now: Timestamp) -> Option<String> {
        let number = self.next_number("PAY");
        let body = json!({
            "appid": self.merchant.appid, "mchid": self.merchant.mchid, "description": "门店消费",
            "out_trade_no": number, "notify_url": self.merchant.notify_url, "payer": { "openid": openid },
            "amount": { "total": total, "currency": "CNY" },
        });
        self.ask(EndpointId::TransactionJsapi, "", body, now)?;
        Some(number)
    }

    /// Refunds a part of a payment, or all that is left of it.
    pub(super) fn give_back(&mut self, trade: &str, part: Option<i64>, now: Timestamp) -> Option<String> {
        // Amounts of refunds that are closed by now can be refunded again.
        self.advance(now);
        let total = self.transactions.get(trade)?.total;
        let refund = part.unwrap_or_else(|| self.refundable(trade));
        let number = self.next_number("RFD");
        let reason = REASONS[self.rng.random_range(0..REASONS.len())];
        let body = json!({
            "out_trade_no": trade, "out_refund_no": number, "reason": reason, "notify_url": self.merchant.notify_url,
            "amount": { "refund": refund, "total": total, "currency": "CNY" },
        });
        self.ask(EndpointId::RefundCreate, "", body, now)?;
        Some(number)
    }

    /// Creates a coupon stock, usable in an hour and for `days` days.
    pub(super) fn make_stock(&mut self, place: usize, days: i64, now: Timestamp) -> Option<String> {
        let (name, off, minimum) = COUPONS[place % COUPONS.len()];
        let count = [200, 500, 1000, 5000][place % 4];
        let request = self.next_number("STK");
        let mut body = json!({
            "stock_name": name, "belong_merchant": self.merchant.mchid,
            "available_begin_time": rfc3339(now + Duration::HOUR),
            "available_end_time": rfc3339(now + Duration::HOUR + Duration::days(days)),
            "stock_use_rule": {
                "max_coupons": count, "max_amount": count * off, "max_coupons_per_user": place % 5 + 1,
                "natural_person_limit": place.is_multiple_of(2), "prevent_api_abuse": true,
            },
            "pattern_info": { "description": format!("满{}元减{}元", minimum / 100, off / 100) },
            "coupon_use_rule": {
                "fixed_normal_coupon": { "coupon_amount": off, "transaction_minimum": minimum },
                "available_merchants": [self.merchant.mchid], "combine_use": place.is_multiple_of(3),
            },
            "no_cash": place % 4 != 3, "stock_type": "NORMAL", "out_request_no": request,
        });
        let usage = &mut body["coupon_use_rule"];
        if place % 6 == 5 {
            usage["available_items"] = (0..3).map(|n| goods_id(place + n)).collect::<Vec<_>>().into();
        }
        if place.is_multiple_of(2) {
            usage["available_merchants"] = json!([self.merchant.mchid, PARTNER]);
        }
        if place % 3 == 1 {
            body["stock_use_rule"]["max_amount_by_day"] = (count * off / 10).into();
        }
        let made = self.ask(EndpointId::StockCreate, "", body, now)?;
        made["stock_id"].as_str().map(str::to_owned)
    }
}
