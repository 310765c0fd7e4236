//! Users' sign plans (用户签约计划) and their details: create, query, cancel, and the user's actions
//! (PayScore reference §3, §9.2, §9.3).

#[cfg(test)]
pub(super) mod tests;

use std::collections::HashSet;

use serde_json::{Value, json};

use super::agenda::Due;
use super::plan::{PlanDetail, PlanState};
use super::{Call, Reason, UserError, World};
use crate::model::Kind;
use crate::model::time::{BEIJING, Duration, Timestamp, rfc3339};
use crate::sandbox::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use crate::sandbox::fields::drop_nulls;
use crate::sandbox::notice::Notice;
use crate::sandbox::world::numbers::NumberSource as _;

const CANCELLED: &str = "PAYSCORE.USER_CANCEL_SIGN_PLAN";

/// The life of the link to the signing page.
pub(super) const PACKAGE_LIFE: Duration = Duration::hours(2);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SignState {
    Unsigned,
    Signed,
    Cancelled(CancelledBy),
    Complete,
    Expired,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CancelledBy {
    User,
    Merchant,
    /// The user revoked the whole service.
    Revocation,
}

impl SignState {
    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Unsigned => ("UNSIGNED", "NOT_CANCEL"),
            Self::Signed => ("SIGNED", "NOT_CANCEL"),
            Self::Cancelled(CancelledBy::User) => ("SIGN_PLAN_CANCEL", "USER"),
            Self::Cancelled(CancelledBy::Merchant) => ("SIGN_PLAN_CANCEL", "MERCHANT"),
            Self::Cancelled(CancelledBy::Revocation) => ("SIGN_PLAN_CANCEL", "REVOKE_SERVICE"),
            Self::Complete => ("COMPLETE", "NOT_CANCEL"),
            Self::Expired => ("EXPIRE", "NOT_CANCEL"),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum DetailState {
    NotUsed,
    Using,
    Used,
    Cancelled,
}

#[derive(Debug)]
pub(super) struct SignedDetail {
    pub(super) plan: PlanDetail,
    /// Becomes the `out_order_no` of the detail's order.
    pub(super) number: String,
    pub(super) state: DetailState,
    order_id: Option<String>,
    paid: Option<i64>,
    used_at: Option<Timestamp>,
    completed_at: Option<Timestamp>,
    cancelled_at: Option<Timestamp>,
}

#[derive(Debug)]
pub(super) struct SignPlan {
    pub(super) number: String,
    pub(super) sign_plan_id: String,
    pub(super) openid: String,
    pub(super) service_id: String,
    appid: String,
    callback_url: String,
    plan_id: String,
    pub(super) plan_number: String,
    pub(super) plan_name: String,
    duration_days: i64,
    pub(super) state: SignState,
    going: usize,
    signed_at: Option<Timestamp>,
    pub(super) over_at: Timestamp,
    cancelled_at: Option<Timestamp>,
    cancel_reason: Option<String>,
    pub(super) details: Vec<SignedDetail>,
    pub(super) package_until: Timestamp,
    /// Created by the shop's own back end, which also continues it.
    pub(super) by_shop: bool,
    request: Value,
}

impl SignPlan {
    pub(super) fn document(&self, mchid: &str) -> Value {
        let (sign_state, cancel_sign_type) = self.state.words();
        let details = self.details.iter().enumerate().map(|(i, detail)| {
            let mut entry = json!({
                "plan_detail_no": i + 1,
                "plan_detail_name": detail.plan.name,
                "original_price": detail.plan.original_price,
                "plan_discount_description": detail.plan.discount,
                "actual_price": detail.plan.actual_price,
                "plan_detail_state": match detail.state {
                    DetailState::NotUsed => "NOT_USED",
                    DetailState::Using => "USING",
                    DetailState::Used => "USED",
                    DetailState::Cancelled => "SIGN_PLAN_DETAIL_CANCEL",
                },
                "order_id": detail.order_id,
                "merchant_plan_detail_no": detail.number,
                "actual_pay_price": detail.paid,
                "use_time": detail.used_at.map(rfc3339),
                "complete_time": detail.completed_at.map(rfc3339),
                "cancel_time": detail.cancelled_at.map(rfc3339),
            });
            drop_nulls(&mut entry);
            entry
        });
        let mut document = json!({
            "sign_plan_id": self.sign_plan_id,
            "openid": self.openid,
            "service_id": self.service_id,
            "mchid": mchid,
            "appid": self.appid,
            "merchant_sign_plan_no": self.number,
            "merchant_callback_url": self.callback_url,
            "plan_id": self.plan_id,
            "going_detail_no": self.going,
            "sign_state": sign_state,
            "cancel_sign_time": self.cancelled_at.map(rfc3339),
            "cancel_sign_type": cancel_sign_type,
            "cancel_reason": self.cancel_reason,
            "plan_name": self.plan_name,
            "plan_over_time": rfc3339(self.over_at),
            "total_origin_price": self.details.iter().map(|d| d.plan.original_price).sum::<i64>(),
            "deduction_quantity": self.details.len(),
            "total_actual_price": self.details.iter().map(|d| d.plan.actual_price).sum::<i64>(),
            "signed_detail_list": details.collect::<Vec<_>>(),
            "sign_time": self.signed_at.map(rfc3339),
        });
        drop_nulls(&mut document);
        document
    }

    /// The place of the detail whose order may be created now: in order, one at a time.
    pub(super) fn next_detail(&self) -> Option<usize> {
        let place = self.details.iter().position(|d| !matches!(d.state, DetailState::Used | DetailState::Cancelled))?;
        (self.details[place].state == DetailState::NotUsed).then_some(place)
    }

    /// Cancels it for the user, who gives no reason.
    fn cancel(&mut self, by: CancelledBy, now: Timestamp) {
        self.state = SignState::Cancelled(by);
        self.cancelled_at = Some(now);
        self.cancel_reason = Some(String::new());
    }

    fn complete_if_finished(&mut self) {
        let finished = self.details.iter().all(|d| matches!(d.state, DetailState::Used | DetailState::Cancelled));
        if self.state == SignState::Signed && finished {
            self.state = SignState::Complete;
        }
    }
}

/// The end of the last valid day: midnight in Beijing, `days` + 1 days on.
fn over_time(from: Timestamp, days: i64) -> Timestamp {
    let day = from.to_offset(BEIJING).date().midnight().assume_offset(BEIJING);
    day + Duration::days(days + 1)
}

fn unknown() -> SandboxRefusal {
    SandboxRefusal::new(Code::ResourceNotExists, "签约计划不存在", "there is no such sign plan")
}

impl World {
    pub(super) fn create_sign_plan(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let fields = call.fields();
        let number = fields.number("merchant_sign_plan_no", 1..=32)?;
        let service_id = fields.text("service_id", 1..=32)?;
        let plan_id = fields.text("plan_id", 1..=32)?;
        let appid = fields.text("appid", 1..=32)?;
        let openid = fields.text("openid", 1..=128)?;
        let callback_url = fields.notify_url("notify_url", 1..=1024)?;
        let list = fields.list("sign_plan_detail", 100)?;
        let mut named = Vec::with_capacity(list.len());
        for item in &list {
            named.push((item.integer("plan_detail_no", 1..=100)?, item.number("merchant_plan_detail_no", 1..=32)?));
        }
        super::Fields::distinct(&list, "merchant_plan_detail_no")?;
        let unknown_plan = || SandboxRefusal::new(Code::ResourceNotExists, "计划不存在", "there is no such plan");
        let plan = self.plan_ids.get(plan_id).and_then(|n| self.plans.get(n)).ok_or_else(unknown_plan)?;
        let numbers: HashSet<i64> = named.iter().map(|(n, _)| *n).collect();
        if named.len() != plan.details.len() || !(1..=plan.details.len() as i64).all(|n| numbers.contains(&n)) {
            return Err(fields.wrong(
                "sign_plan_detail",
                "签约计划详情与计划详情不一致",
                "not exactly one element for each detail of the plan",
            ));
        }
        if !self.service(service_id)?.plans {
            return Err(SandboxRefusal::new(Code::NoAuth, "服务未开通按计划确认", "the service has no plans"));
        }
        self.check_appid(appid)?;
        if let Some(known) = self.sign_plans.get(number) {
            if known.request != call.content() {
                return Err(SandboxRefusal::reentry());
            }
            return Ok(self.with_package(number, now));
        }
        if let Some(taken) = list.iter().zip(&named).find(|(_, (_, n))| self.detail_numbers.contains(*n)) {
            return Err(taken.0.wrong("merchant_plan_detail_no", "商户计划详情号已使用", "already in use"));
        }
        if plan.service_id != service_id {
            return Err(SandboxRefusal::new(
                Code::InvalidRequest,
                "服务与计划不一致",
                "the plan is of another service",
            ));
        }
        if plan.state == PlanState::Stop {
            return Err(SandboxRefusal::new(Code::InvalidRequest, "计划已停止，不可签约", "the plan is stopped"));
        }
        named.sort_unstable();
        let details = plan.details.iter().zip(&named).map(|(detail, (_, number))| SignedDetail {
            plan: detail.clone(),
            number: (*number).to_owned(),
            state: DetailState::NotUsed,
            order_id: None,
            paid: None,
            used_at: None,
            completed_at: None,
            cancelled_at: None,
        });
        let mut sign_plan = SignPlan {
            number: number.to_owned(),
            sign_plan_id: String::new(),
            openid: openid.to_owned(),
            service_id: service_id.to_owned(),
            appid: appid.to_owned(),
            callback_url: callback_url.to_owned(),
            plan_id: plan_id.to_owned(),
            plan_number: plan.number.clone(),
            plan_name: plan.name.clone(),
            duration_days: plan.duration_days,
            state: SignState::Unsigned,
            going: 0,
            signed_at: None,
            over_at: over_time(now, plan.duration_days),
            cancelled_at: None,
            cancel_reason: None,
            details: details.collect(),
            package_until: now,
            by_shop: false,
            request: call.content(),
        };
        sign_plan.sign_plan_id = self.rng.digits("01", 32);
        self.sign_plan_ids.insert(sign_plan.sign_plan_id.clone(), number.to_owned());
        self.detail_numbers.extend(named.iter().map(|(_, n)| (*n).to_owned()));
        self.new_numbers.push((Kind::SignPlan, number.to_owned()));
        self.sign_plans.add(number.to_owned(), sign_plan);
        Ok(self.with_package(number, now))
    }

    /// The sign plan with a new link to its signing page: how an operator renews an expired one.
    fn with_package(&mut self, number: &str, now: Timestamp) -> Answer {
        let package = self.rng.token(64);
        let mchid = self.merchant.mchid.clone();
        let document = self.sign_plans.get_mut(number).map(|sign_plan| {
            sign_plan.package_until = now + PACKAGE_LIFE;
            sign_plan.document(&mchid)
        });
        Answer::Document(json!({ "sign_plan": document, "package": package }))
    }

    pub(super) fn query_sign_plan(&self, call: &Call) -> SandboxOutcome {
        let sign_plan = self.sign_plans.get(call.parameter("merchant_sign_plan_no")).ok_or_else(unknown)?;
        Ok(Answer::Document(sign_plan.document(&self.merchant.mchid)))
    }

    pub(super) fn cancel_sign_plan(&mut self, call: &Call, now: Timestamp) -> SandboxOutcome {
        let reason = call.fields().text("stop_reason", 1..=128)?;
        let sign_plan = self.sign_plans.get_mut(call.parameter("merchant_sign_plan_no")).ok_or_else(unknown)?;
        match sign_plan.state {
            SignState::Unsigned | SignState::Signed => {
                sign_plan.state = SignState::Cancelled(CancelledBy::Merchant);
                sign_plan.cancelled_at = Some(now);
                sign_plan.cancel_reason = Some(reason.to_owned());
            }
            SignState::Cancelled(CancelledBy::Merchant) if sign_plan.cancel_reason.as_deref() == Some(reason) => {}
            _ => {
                return Err(SandboxRefusal::new(
                    Code::InvalidRequest,
                    "当前签约状态不可取消",
                    "the sign plan is no longer in force",
                ));
            }
        }
        Ok(Answer::Document(sign_plan.document(&self.merchant.mchid)))
    }

    /// The user signs on the page behind the link.
    pub(in crate::sandbox) fn sign(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let sign_plan = self.sign_plans.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        let plan = self.plans.get(&sign_plan.plan_number);
        match sign_plan.state {
            SignState::Unsigned if now >= sign_plan.package_until => Err(UserError::NotNow(Reason::LinkExpired)),
            SignState::Unsigned if plan.is_none_or(|p| p.state == PlanState::Stop) => {
                Err(UserError::NotNow(Reason::PlanStopped))
            }
            SignState::Unsigned => {
                sign_plan.state = SignState::Signed;
                sign_plan.signed_at = Some(now);
                sign_plan.over_at = over_time(now, sign_plan.duration_days);
                let due = (sign_plan.over_at, Due::SignPlanOver(number.to_owned()));
                self.agenda.insert(due);
                self.announce_sign_plan(number, "PAYSCORE.USER_SIGN_PLAN", "用户签约计划", now);
                Ok(())
            }
            _ => Err(UserError::NotNow(Reason::NotWaitingForSignature)),
        }
    }

    /// The user cancels.
    pub(in crate::sandbox) fn cancel_sign(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let sign_plan = self.sign_plans.get_mut(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if sign_plan.state != SignState::Signed {
            return Err(UserError::NotNow(Reason::NotSigned));
        }
        sign_plan.cancel(CancelledBy::User, now);
        self.announce_sign_plan(number, CANCELLED, "用户取消签约计划", now);
        Ok(())
    }

    /// Announces what the user did to a sign plan.
    fn announce_sign_plan(&mut self, number: &str, event_type: &'static str, summary: &'static str, at: Timestamp) {
        let Some(sign_plan) = self.sign_plans.get(number).filter(|s| self.is_announced(&s.callback_url)) else {
            return;
        };
        let resource = sign_plan.document(&self.merchant.mchid);
        let (url, original_type) = (sign_plan.callback_url.clone(), "payscore");
        self.announce(Notice { url, at, event_type, original_type, summary, resource });
    }

    /// The user of a sign plan revokes the whole service: all their sign plans are cancelled, and orders without
    /// confirmation are refused from now on. Refused while an order of theirs is unfinished (PayScore reference §9.5).
    pub(in crate::sandbox) fn revoke_service(&mut self, number: &str, now: Timestamp) -> Result<(), UserError> {
        self.advance(now);
        let sign_plan = self.sign_plans.get(number).ok_or_else(|| UserError::Unknown(number.to_owned()))?;
        if sign_plan.state != SignState::Signed {
            return Err(UserError::NotNow(Reason::NotSigned));
        }
        let (openid, service_id) = (sign_plan.openid.clone(), sign_plan.service_id.clone());
        self.close_service(&openid, &service_id, now)
    }

    /// The permission for a service ended, and with it the user's sign plans.
    pub(super) fn revoke_sign_plans(&mut self, openid: &str, service_id: &str, now: Timestamp) {
        let theirs = |s: &&mut SignPlan| s.openid == openid && s.service_id == service_id;
        let mut cancelled = Vec::new();
        for sign_plan in self.sign_plans.iter_mut().filter(theirs) {
            if sign_plan.state == SignState::Signed {
                sign_plan.cancel(CancelledBy::Revocation, now);
                cancelled.push(sign_plan.number.clone());
            }
        }
        for number in cancelled {
            self.announce_sign_plan(&number, CANCELLED, "用户取消签约计划", now);
        }
    }

    pub(super) fn expire_sign_plan(&mut self, number: &str) {
        if let Some(sign_plan) = self.sign_plans.get_mut(number)
            && sign_plan.state == SignState::Signed
        {
            sign_plan.state = SignState::Expired;
        }
    }

    /// The order of a detail was created.
    pub(super) fn detail_started(&mut self, sign_plan: &str, place: usize, order_id: &str, now: Timestamp) {
        if let Some(sign_plan) = self.sign_plans.get_mut(sign_plan) {
            sign_plan.going = place + 1;
            let detail = &mut sign_plan.details[place];
            detail.state = DetailState::Using;
            detail.order_id = Some(order_id.to_owned());
            detail.used_at = Some(now);
        }
    }

    /// The order of a detail was paid, here or elsewhere, or there was nothing to pay.
    pub(super) fn detail_settled(&mut self, sign_plan: &str, place: usize, total: i64, now: Timestamp) {
        if let Some(sign_plan) = self.sign_plans.get_mut(sign_plan) {
            let detail = &mut sign_plan.details[place];
            detail.state = DetailState::Used;
            detail.paid = Some(total);
            detail.completed_at = Some(now);
            sign_plan.complete_if_finished();
        }
    }

    /// The order of a detail was cancelled; the next detail becomes available.
    pub(super) fn detail_cancelled(&mut self, sign_plan: &str, place: usize, now: Timestamp) {
        if let Some(sign_plan) = self.sign_plans.get_mut(sign_plan) {
            let detail = &mut sign_plan.details[place];
            detail.state = DetailState::Cancelled;
            detail.cancelled_at = Some(now);
            sign_plan.complete_if_finished();
        }
    }
}
