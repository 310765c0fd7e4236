//! A user's signing of a plan (用户签约计划; PayScore reference §3).

use super::state::states;
use super::{
    Currency, DatedEvent, DatedFact, Document, Fact, Kind, Link, Money, Progress, Properties, State, StepChange, Sum,
    Tone,
};
use crate::model::time::Timestamp;

states! {
    /// `sign_state`.
    SignState {
        Unsigned = "UNSIGNED",
        Signed = "SIGNED",
        Cancelled = "SIGN_PLAN_CANCEL",
        Complete = "COMPLETE",
        Expired = "EXPIRE",
    }
}

states! {
    /// `cancel_sign_type`: who ended it.
    CancelSignType {
        NotCancelled = "NOT_CANCEL",
        User = "USER",
        Merchant = "MERCHANT",
        /// The user revoked the service's permission, which ends all sign plans of it.
        RevokeService = "REVOKE_SERVICE",
    }
}

states! {
    /// `plan_detail_state`.
    DetailState {
        NotUsed = "NOT_USED",
        /// It has a live order.
        Using = "USING",
        /// Its order was paid.
        Used = "USED",
        /// Its order was cancelled.
        Cancelled = "SIGN_PLAN_DETAIL_CANCEL",
    }
}

/// One step of a signed plan.
#[derive(Clone, Debug, PartialEq)]
pub struct SignedDetail {
    pub number: Option<i64>,
    pub name: Option<String>,
    pub state: DetailState,
    pub original_price: Option<Money>,
    pub actual_price: Option<Money>,
    /// The amount charged in the end.
    pub actual_pay_price: Option<Money>,
    /// The `out_order_no` its service order has or will have.
    pub order_number: Option<String>,
    pub use_time: Option<Timestamp>,
    pub complete_time: Option<Timestamp>,
    pub cancel_time: Option<Timestamp>,
}

impl SignedDetail {
    /// How the step ended. If it has not begun, its times mean nothing.
    fn dated(&self) -> Vec<DatedEvent> {
        let step = |change: StepChange| {
            let paid = self.actual_pay_price.filter(|_| change == StepChange::Paid);
            let (name, order) = (self.name.clone(), self.order_number.clone());
            DatedFact::Step { number: self.number, name, change, order, price: paid.or(self.actual_price) }
        };
        let begun = |at: Option<Timestamp>| at.filter(|_| self.state != DetailState::NotUsed);
        DatedEvent::all([
            (begun(self.use_time), step(StepChange::Begun)),
            (begun(self.complete_time), step(StepChange::Paid)),
            (begun(self.cancel_time), step(StepChange::Cancelled)),
        ])
    }
}

/// A user's signing of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct SignPlan {
    pub sign_plan_id: Option<String>,
    pub plan_id: Option<String>,
    pub plan_name: Option<String>,
    pub openid: Option<String>,
    pub state: SignState,
    pub cancel_type: CancelSignType,
    pub cancel_reason: Option<String>,
    pub appid: Option<String>,
    pub service_id: Option<String>,
    /// The detail the user has progressed to; 0 before the first.
    pub going_detail: Option<i64>,
    pub total_original_price: Option<Money>,
    pub total_actual_price: Option<Money>,
    pub deduction_quantity: Option<i64>,
    pub details: Vec<SignedDetail>,
    pub sign_time: Option<Timestamp>,
    pub plan_over_time: Option<Timestamp>,
    pub cancel_time: Option<Timestamp>,
}

impl Properties for SignPlan {
    fn read(doc: Document<'_>) -> Self {
        Self {
            sign_plan_id: doc.text("sign_plan_id"),
            plan_id: doc.text("plan_id"),
            plan_name: doc.text("plan_name"),
            openid: doc.text("openid"),
            state: SignState::parse(&doc.text("sign_state").unwrap_or_default()),
            cancel_type: CancelSignType::parse(&doc.text("cancel_sign_type").unwrap_or_default()),
            cancel_reason: doc.text("cancel_reason"),
            appid: doc.text("appid"),
            service_id: doc.text("service_id"),
            going_detail: doc.int("going_detail_no"),
            // A sign plan writes `total_origin_price`, a plan `total_original_price`.
            total_original_price: doc.fen("total_origin_price").or_else(|| doc.fen("total_original_price")),
            total_actual_price: doc.fen("total_actual_price"),
            deduction_quantity: doc.int("deduction_quantity"),
            details: doc
                .list("signed_detail_list")
                .into_iter()
                .map(|detail| SignedDetail {
                    number: detail.int("plan_detail_no"),
                    name: detail.text("plan_detail_name"),
                    state: DetailState::parse(&detail.text("plan_detail_state").unwrap_or_default()),
                    original_price: detail.fen("original_price"),
                    actual_price: detail.fen("actual_price"),
                    actual_pay_price: detail.fen("actual_pay_price"),
                    order_number: detail.text("merchant_plan_detail_no"),
                    use_time: detail.time("use_time"),
                    complete_time: detail.time("complete_time"),
                    cancel_time: detail.time("cancel_time"),
                })
                .collect(),
            sign_time: doc.time("sign_time"),
            plan_over_time: doc.time("plan_over_time"),
            cancel_time: doc.time("cancel_sign_time"),
        }
    }

    /// `sign_state`, and for a cancelled one who cancelled: `SIGN_PLAN_CANCEL/USER`.
    fn state(&self) -> State {
        let by = (self.state == SignState::Cancelled && self.cancel_type != CancelSignType::NotCancelled)
            .then(|| self.cancel_type.code())
            .filter(|code| !code.is_empty());
        let code = self.state.code();
        let state = Self::state_of(&by.map_or_else(|| code.to_owned(), |by| format!("{code}/{by}")));
        // A detail that was in use when the sign plan ended may still be charged.
        State { is_final: state.is_final && self.in_use().is_none(), ..state }
    }

    fn state_codes() -> &'static [&'static str] {
        &[
            "UNSIGNED",
            "SIGNED",
            "COMPLETE",
            "SIGN_PLAN_CANCEL/USER",
            "SIGN_PLAN_CANCEL/MERCHANT",
            "SIGN_PLAN_CANCEL/REVOKE_SERVICE",
            "EXPIRE",
        ]
    }

    fn state_of(code: &str) -> State {
        let (state, by) = code.split_once('/').unwrap_or((code, ""));
        match SignState::parse(state) {
            SignState::Unsigned => State::known(code, "state-sign-unsigned", Tone::Waiting, false)
                .waits("wants-sign-unsigned", &["state-sign-signed", "state-sign-expired"]),
            SignState::Signed => State::known(code, "state-sign-signed", Tone::Running, false)
                .waits("wants-sign-signed", &["state-sign-complete", "state-sign-cancel"]),
            SignState::Cancelled => {
                let meaning = match CancelSignType::parse(by) {
                    CancelSignType::User => "state-sign-cancel-user",
                    CancelSignType::Merchant => "state-sign-cancel-merchant",
                    CancelSignType::RevokeService => "state-sign-cancel-revoked",
                    _ => "state-sign-cancel",
                };
                State::known(code, meaning, Tone::Stopped, true).waits("wants-sign-last-order", &[])
            }
            // It has ended, but an order of it may still be charged.
            SignState::Complete => {
                State::known(code, "state-sign-complete", Tone::Done, true).waits("wants-sign-last-order", &[])
            }
            SignState::Expired => {
                State::known(code, "state-sign-expired", Tone::Failed, true).waits("wants-sign-last-order", &[])
            }
            SignState::Unknown(_) => State::unknown(code),
        }
    }

    /// The second part of a code names who cancelled.
    fn knows_state(name: &str) -> bool {
        Self::state_of(name).meaning.is_some() || !matches!(CancelSignType::parse(name), CancelSignType::Unknown(_))
    }

    /// How many details are over, and how many there are.
    fn progress(&self) -> Option<Progress> {
        let total = u64::try_from(self.deduction_quantity?).ok()?;
        let over = |d: &&SignedDetail| matches!(d.state, DetailState::Used | DetailState::Cancelled);
        Some(Progress { done: self.details.iter().filter(over).count() as u64, total })
    }

    /// The latest time in the document: the document changes with each step that begins or ends.
    fn since(&self) -> Option<Timestamp> {
        match self.state {
            SignState::Signed | SignState::Complete => {
                let steps = self.details.iter().flat_map(|step| [step.use_time, step.complete_time, step.cancel_time]);
                steps.flatten().chain(self.sign_time).max()
            }
            SignState::Cancelled => self.cancel_time,
            SignState::Unsigned | SignState::Expired | SignState::Unknown(_) => None,
        }
    }

    fn title(&self) -> Option<&str> {
        self.plan_name.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.cancel_time.or(self.sign_time)
    }

    fn user(&self) -> Option<&str> {
        self.openid.as_deref()
    }

    fn platform_number(&self) -> Option<&str> {
        self.sign_plan_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        self.total_actual_price
    }

    fn dated(&self) -> Vec<DatedEvent> {
        let mut dated =
            DatedEvent::all([(self.sign_time, DatedFact::Signed), (self.cancel_time, DatedFact::SigningCancelled)]);
        dated.extend(self.details.iter().flat_map(SignedDetail::dated));
        dated
    }

    fn links(&self) -> Vec<Link> {
        let plan = Link::platform(Kind::Plan, self.plan_id.as_deref());
        // A detail that has not begun has a number, but no order yet.
        let begun = self.details.iter().filter(|detail| detail.state != DetailState::NotUsed);
        let orders = begun.filter_map(|detail| Link::own(Kind::ServiceOrder, detail.order_number.as_deref()));
        plan.into_iter().chain(orders).collect()
    }

    fn agrees(&self, fact: Fact) -> bool {
        match (fact, &self.state) {
            (_, SignState::Unknown(_)) => true,
            (Fact::Signed, state) => *state != SignState::Unsigned,
            // Some samples have UNSIGNED for a plan whose signing was cancelled (PayScore reference §6).
            (Fact::SigningCancelled, state) => matches!(state, SignState::Cancelled | SignState::Unsigned),
            _ => false,
        }
    }

    fn due(&self) -> Option<(Fact, Option<Timestamp>)> {
        let by_user = self.cancel_type == CancelSignType::User && self.agrees(Fact::SigningCancelled);
        let fact = if by_user { Some(Fact::SigningCancelled) } else { None };
        let signed = (self.state == SignState::Signed).then_some(Fact::Signed);
        Some((fact.or(signed)?, self.time()))
    }

    fn reported(fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
        let member = if fact == Fact::Signed { "sign_time" } else { "cancel_sign_time" };
        (None, resource.time(member))
    }
}

impl SignPlan {
    /// The detail with a live order, if any.
    pub(crate) fn in_use(&self) -> Option<&SignedDetail> {
        self.details.iter().find(|detail| detail.state == DetailState::Using)
    }

    /// How many details have not begun, and the sum they would have charged.
    pub fn unused(&self) -> (usize, Sum) {
        let unused = self.details.iter().filter(|detail| detail.state == DetailState::NotUsed);
        let worth = Money::sums(unused.clone().filter_map(|detail| detail.actual_price)).pop();
        (unused.count(), worth.unwrap_or(Sum { minor: 0, currency: Currency::CNY }))
    }
}

#[cfg(test)]
mod tests {
    use crate::model::{Entity, Kind, Object};

    #[test]
    fn what_is_unused_is_added_up_exactly() {
        let document = include_str!("../../tests/cases/limits/min-sign-plan-sum.json");
        let sign_plan = Object::parse(Kind::SignPlan, document).unwrap();
        let Entity::SignPlan(sign_plan) = &*sign_plan.entity else { panic!() };
        let (count, worth) = sign_plan.unused();
        assert_eq!((count, worth.to_string().as_str()), (2, "¥184,467,440,737,095,516.14"));
    }
}
