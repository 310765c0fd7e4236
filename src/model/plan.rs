//! PayScore plans (支付分计划; PayScore reference §2).

use super::state::states;
use super::{DatedEvent, DatedFact, Document, Fact, Money, Properties, State, Tone};
use crate::model::time::Timestamp;

states! {
    /// `plan_state`.
    PlanState {
        /// May be signed.
        Normal = "NORMAL",
        /// No new signings; existing sign plans continue. Cannot be undone.
        Stop = "STOP",
    }
}

/// One step of a plan.
#[derive(Clone, Debug, PartialEq)]
pub struct PlanDetail {
    /// From 1, in the order of submission.
    pub number: Option<i64>,
    pub name: Option<String>,
    pub original_price: Option<Money>,
    pub actual_price: Option<Money>,
    pub discount_description: Option<String>,
}

/// A plan that users may sign.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    pub plan_id: Option<String>,
    pub name: Option<String>,
    pub state: PlanState,
    pub appid: Option<String>,
    pub service_id: Option<String>,
    /// Days, counted from the day a user signs.
    pub duration: Option<i64>,
    pub total_original_price: Option<Money>,
    pub total_actual_price: Option<Money>,
    pub deduction_quantity: Option<i64>,
    pub details: Vec<PlanDetail>,
    pub stop_mchid: Option<String>,
    pub stop_time: Option<Timestamp>,
}

impl Properties for Plan {
    fn read(doc: Document<'_>) -> Self {
        Self {
            plan_id: doc.text("plan_id"),
            name: doc.text("plan_name"),
            state: PlanState::parse(&doc.text("plan_state").unwrap_or_default()),
            appid: doc.text("appid"),
            service_id: doc.text("service_id"),
            duration: doc.int("plan_duration"),
            total_original_price: doc.fen("total_original_price"),
            total_actual_price: doc.fen("total_actual_price"),
            deduction_quantity: doc.int("deduction_quantity"),
            details: doc
                .list("plan_detail_list")
                .into_iter()
                .map(|detail| PlanDetail {
                    number: detail.int("plan_detail_no"),
                    name: detail.text("plan_detail_name"),
                    original_price: detail.fen("original_price"),
                    actual_price: detail.fen("actual_price"),
                    discount_description: detail.text("plan_discount_description"),
                })
                .collect(),
            stop_mchid: doc.text("stop_mchid"),
            stop_time: doc.time("stop_time"),
        }
    }

    fn state(&self) -> State {
        Self::state_of(self.state.code())
    }

    fn state_codes() -> &'static [&'static str] {
        PlanState::CODES
    }

    fn state_of(code: &str) -> State {
        match PlanState::parse(code) {
            PlanState::Normal => State::known(code, "state-plan-normal", Tone::Running, false)
                .waits("wants-plan-normal", &["state-plan-stop"]),
            PlanState::Stop => State::known(code, "state-plan-stop", Tone::Stopped, true),
            PlanState::Unknown(_) => State::unknown(code),
        }
    }

    fn since(&self) -> Option<Timestamp> {
        self.stop_time.filter(|_| self.state == PlanState::Stop)
    }

    fn title(&self) -> Option<&str> {
        self.name.as_deref()
    }

    fn time(&self) -> Option<Timestamp> {
        self.stop_time
    }

    fn platform_number(&self) -> Option<&str> {
        self.plan_id.as_deref()
    }

    fn amount(&self) -> Option<Money> {
        self.total_actual_price
    }

    fn quantity(&self) -> Option<i64> {
        self.deduction_quantity
    }

    fn days(&self) -> Option<i64> {
        self.duration
    }

    fn dated(&self) -> Vec<DatedEvent> {
        DatedEvent::all([(self.stop_time, DatedFact::PlanStopped)])
    }

    fn agrees(&self, _fact: Fact) -> bool {
        false
    }
}
