//! Creates service orders: on their own (O1) and for a sign plan's detail (S4). PayScore reference §3.6, §4.3.

use serde_json::{Value, json};

use super::super::agenda::Due;
use super::super::sign_plan::SignState;
use super::super::{CEILING, Call, Reason, UserError, World};
use super::terms::{self, Lines};
use super::{Order, Origin, Replays, Step};
use crate::model::Kind;
use crate::model::time::{Duration, Timestamp};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::Fields;
use crate::sandbox::world::numbers::NumberSource as _;

/// The life of the link to the confirmation page.
const PACKAGE_LIFE: Duration = Duration::hours(1);
/// An unconfirmed order expires after this long.
const UNCONFIRMED_LIFE: Duration = Duration::days(30);

const CREATED: &[&str] = &[
    "appid",
    "mchid",
    "out_order_no",
    "service_id",
    "service_introduction",
    "state",
    "state_description",
    "post_payments",
    "post_discounts",
    "risk_fund",
    "time_range",
    "location",
    "attach",
    "notify_url",
    "order_id",
];

fn location(fields: &Fields<'_>) -> Result<Option<Value>, SandboxRefusal> {
    let Some(location) = fields.object_if_given("location")? else { return Ok(None) };
    let start = location.text_if_given("start_location", 1..=50)?;
    if location.text_if_given("end_location", 1..=50)?.is_some() && start.is_none() {
        return Err(location.wrong("end_location", "填写结束地点时开始地点必填", "without a start_location"));
    }
    Ok(fields.echo("location"))
}

impl World {
    pub(in super::super) fn create_order(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let number = fields.number("out_order_no", 1..=32)?;
        let service_id = fields.text("service_id", 1..=32)?;
        let appid = fields.text("appid", 1..=32)?;
        let introduction = fields.text("service_introduction", 1..=20)?;
        let lines = Lines::of_creation(&fields)?;
        let confirm = fields.boolean_if_given("need_user_confirm")?.unwrap_or(true);
        let risk_amount = terms::risk_fund(&fields, confirm)?;
        let attach = fields.text_if_given("attach", 0..=256)?;
        let notify_url = fields.notify_url("notify_url", 1..=256)?;
        let location = location(&fields)?;
        let device = fields.object_if_given("device")?.and(fields.echo("device"));
        let openid = if confirm {
            if fields.has("openid") {
                return Err(fields.wrong("openid", "需确认模式不能填写openid", "not with need_user_confirm"));
            }
            None
        } else {
            Some(fields.text("openid", 1..=128)?)
        };
        let replayed = self.orders.get(number).map(|known| known.replays.create == call.content());
        // In a replay the start has passed, so it is checked only in a first request.
        let time_range = match replayed {
            None => terms::range_of_creation(&fields, now)?,
            Some(_) => Default::default(),
        };
        let service = self.service(service_id)?;
        if !(if confirm { service.confirm } else { service.no_confirm }) {
            return Err(SandboxRefusal::new(
                Code::NoAuth,
                "商户暂无权限使用此服务",
                "need_user_confirm is not as the service has it",
            ));
        }
        self.check_appid(appid)?;
        match replayed {
            Some(true) => return Ok(self.created_answer(number, now)),
            Some(false) => return Err(SandboxRefusal::reentry()),
            // The number is reserved for a sign plan's detail.
            None if self.detail_numbers.contains(number) => return Err(SandboxRefusal::reentry()),
            None => {}
        }
        if let Some(openid) = openid {
            if !self.may_charge(openid, service_id) {
                return Err(SandboxRefusal::new(
                    Code::NoAuth,
                    "用户未授权服务",
                    "the user has not authorised the service",
                ));
            }
            if self.risky.contains(openid) {
                return Err(SandboxRefusal::new(Code::InvalidRequest, "综合评估不通过", "the risk assessment refused")
                    .tail(271_300_099));
            }
        }
        if risk_amount > CEILING {
            return Err(terms::above(CEILING));
        }
        lines.check_ceiling(CEILING)?;
        let mut order = Order {
            number: number.to_owned(),
            order_id: self.rng.digits("1000", 28),
            service_id: service_id.to_owned(),
            appid: appid.to_owned(),
            openid: openid.map(str::to_owned),
            introduction: introduction.to_owned(),
            step: if confirm { Step::Created } else { Step::Running },
            post_payments: lines.payments,
            post_discounts: lines.discounts,
            risk_fund: fields.echo("risk_fund"),
            total: None,
            paid: None,
            time_range,
            location,
            attach: attach.map(str::to_owned),
            notify_url: notify_url.to_owned(),
            device,
            created: now,
            since: now,
            package_until: now,
            origin: None,
            in_flight: None,
            pushed: None,
            by_shop: false,
            charged_by_shop: false,
            replays: Replays { create: call.content(), ..Replays::default() },
        };
        if confirm {
            self.schedule(now + UNCONFIRMED_LIFE, Due::OrderUnconfirmed(number.to_owned()));
        } else {
            terms::begin(&mut order.time_range, now);
        }
        self.new_numbers.push((Kind::ServiceOrder, number.to_owned()));
        self.orders.add(number.to_owned(), order);
        Ok(self.created_answer(number, now))
    }

    /// The answer to the creation, with a new link while the user still has to confirm.
    fn created_answer(&mut self, number: &str, now: Timestamp) -> Answer {
        let package = self.rng.token(48);
        let mchid = self.merchant.mchid.clone();
        let Some(order) = self.orders.get_mut(number) else { return Answer::Nothing };
        let mut document = order.subset(&mchid, CREATED);
        if order.step == Step::Created {
            order.package_until = now + PACKAGE_LIFE;
            document["package"] = package.into();
        }
        Answer::Document(document)
    }

    pub(in super::super) fn create_order_of_detail(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let service_id = fields.text("service_id", 1..=32)?;
        let sign_plan_id = fields.text("sign_plan_id", 1..=32)?;
        let detail_no = fields.integer("plan_detail_no", 1..=100)?;
        let appid = fields.text("appid", 1..=32)?;
        let openid = fields.text("openid", 1..=128)?;
        let notify_url = fields.notify_url("notify_url", 1..=256)?;
        let introduction = fields.text_if_given("service_introduction", 1..=20)?;
        let attach = fields.text_if_given("attach", 0..=256)?;
        let location = location(&fields)?;
        // The guide's prose and the API page say out_trade_no, the guide's sample says out_order_no.
        let name =
            if fields.has("out_order_no") && !fields.has("out_trade_no") { "out_order_no" } else { "out_trade_no" };
        let number = fields.number(name, 1..=32)?;
        let unknown = || SandboxRefusal::new(Code::ResourceNotExists, "签约计划不存在", "there is no such sign plan");
        let sign_plan =
            self.sign_plan_ids.get(sign_plan_id).and_then(|n| self.sign_plans.get(n)).ok_or_else(unknown)?;
        let place = usize::try_from(detail_no - 1).unwrap_or_default();
        let Some(detail) = sign_plan.details.get(place) else {
            return Err(fields.wrong("plan_detail_no", "计划详情序号不存在", "the plan has no such detail"));
        };
        if detail.number != number {
            return Err(fields.wrong(name, "与签约计划的商户计划详情号不一致", "not the detail's number"));
        }
        let replayed = self.orders.get(number).map(|known| known.replays.create == call.content());
        let mut time_range = match replayed {
            None => terms::range_of_creation(&fields, now)?,
            Some(_) => Default::default(),
        };
        self.service(service_id)?;
        self.check_appid(appid)?;
        match replayed {
            Some(true) => return Ok(self.created_answer(number, now)),
            Some(false) => return Err(SandboxRefusal::reentry()),
            None => {}
        }
        let refuse = |chinese: &'static str, english: &'static str| {
            Err(SandboxRefusal::new(Code::InvalidRequest, chinese, english))
        };
        if sign_plan.service_id != service_id {
            return refuse("服务与签约计划不一致", "the sign plan is of another service");
        }
        if sign_plan.openid != openid {
            return refuse("openid与签约用户不一致", "not the user who signed");
        }
        if sign_plan.state != SignState::Signed {
            return refuse("签约计划状态不合法", "the sign plan is not signed and in force");
        }
        if sign_plan.next_detail() != Some(place) {
            return refuse("请按顺序使用计划详情", "an earlier detail is not finished, or this one is");
        }
        terms::begin(&mut time_range, now);
        let off = detail.plan.original_price - detail.plan.actual_price;
        let discount = detail.plan.discount.clone().unwrap_or_else(|| "计划优惠".to_owned());
        let order = Order {
            number: number.to_owned(),
            order_id: String::new(),
            service_id: service_id.to_owned(),
            appid: appid.to_owned(),
            openid: Some(openid.to_owned()),
            introduction: introduction.unwrap_or(&sign_plan.plan_name).to_owned(),
            step: Step::Running,
            post_payments: json!([{
                "name": sign_plan.plan_name, "amount": detail.plan.original_price, "description": detail.plan.name,
            }]),
            post_discounts: (off > 0)
                .then(|| json!([{ "name": discount, "description": detail.plan.name, "amount": off }])),
            risk_fund: Some(json!({ "name": "ESTIMATE_ORDER_COST", "amount": CEILING })),
            total: None,
            paid: None,
            time_range,
            location,
            attach: attach.map(str::to_owned),
            notify_url: notify_url.to_owned(),
            device: None,
            created: now,
            since: now,
            package_until: now,
            origin: Some(Origin { sign_plan: sign_plan.number.clone(), place }),
            in_flight: None,
            pushed: None,
            by_shop: false,
            charged_by_shop: false,
            replays: Replays { create: call.content(), ..Replays::default() },
        };
        let sign_plan = sign_plan.number.clone();
        let order_id = self.rng.digits("1000", 28);
        self.detail_started(&sign_plan, place, &order_id, now);
        self.new_numbers.push((Kind::ServiceOrder, number.to_owned()));
        self.orders.add(number.to_owned(), Order { order_id, ..order });
        Ok(self.created_answer(number, now))
    }

    /// The user confirms on the page behind the link.
    pub(in crate::sandbox) fn confirm(&mut self, number: &str, openid: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let order = self.orders.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if order.step != Step::Created {
            return Err(UserError::NotNow(Reason::OrderNotWaiting));
        }
        if now >= order.package_until {
            return Err(UserError::NotNow(Reason::LinkExpired));
        }
        order.step = Step::Running;
        order.openid = Some(openid.to_owned());
        order.since = now;
        terms::begin(&mut order.time_range, now);
        self.announce_order(number, "PAYSCORE.USER_CONFIRM", "用户确认订单", now);
        Ok(())
    }
}
