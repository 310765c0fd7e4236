//! The related objects that an action on an object affects.

use crate::model::{Currency, Kind, Object, ObjectId, State, Sum};

/// The objects related to an object or dependent on it, as far as they are known here.
#[derive(Clone, Debug, Default)]
pub struct RelatedState {
    /// Objects that belong to it: a transaction's refunds, the orders of a sign plan, the sign plan of an order.
    pub related: Vec<Object>,
    /// Dependent objects in groups, because they may be many: the sign plans of a plan.
    pub dependents: Vec<Dependents>,
    /// The id of the latest journal entry about it; 0 if there is none.
    pub journal: i64,
}

/// The dependent objects of one kind and state.
#[derive(Clone, Debug, PartialEq)]
pub struct Dependents {
    pub kind: Kind,
    /// `None` for those that were never fetched.
    pub state: Option<State>,
    pub count: u64,
    pub amount: Option<Sum>,
}

impl RelatedState {
    /// If nothing is known.
    pub const NONE: &'static Self = &Self { related: Vec::new(), dependents: Vec::new(), journal: 0 };

    /// Those that may have changed since they were last queried: they are queried again before an action.
    pub fn unsettled(&self) -> Vec<ObjectId> {
        let open = self.related.iter().filter(|object| !object.entity.state().is_final);
        open.map(|object| object.id.clone()).collect()
    }

    /// How many objects of a kind are in matching states, and their total amount.
    pub(super) fn count(&self, kind: Kind, holds: impl Fn(&State) -> bool) -> (u64, Sum) {
        let those =
            self.dependents.iter().filter(|group| group.kind == kind && group.state.as_ref().is_some_and(&holds));
        those.fold((0, Sum { minor: 0, currency: Currency::CNY }), |(count, worth), group| {
            let more = group.amount.filter(|amount| amount.currency == worth.currency).map_or(0, |amount| amount.minor);
            (count + group.count, Sum { minor: worth.minor.saturating_add(more), ..worth })
        })
    }

    /// The related object with that number and kind.
    pub(super) fn object(&self, kind: Kind, number: &str) -> Option<&Object> {
        self.related.iter().find(|object| object.id.kind == kind && object.id.number.as_str() == number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::{ActionId, Operation, prepare};
    use crate::model::{MchId, Merchant};
    use serde_json::{Value, json};

    fn prepared(action: ActionId, document: &Value, related_state: &RelatedState) -> Operation {
        let object = Object::parse(action.action().kind, &document.to_string()).unwrap();
        let merchant = Merchant {
            appid: Some(crate::model::AppId::new("wx1")),
            service_id: Some(crate::model::ServiceId::new("1")),
            ..Merchant::new(MchId::new("1900000001"))
        };
        let now = crate::model::time::Timestamp::now_utc();
        let mut values = action.action().defaults(&object, related_state, &merchant, now);
        values.insert("reason", "test".into());
        prepare(action.action(), &object, related_state, &merchant, &values, now).unwrap()
    }

    fn fact(operation: &Operation, label: &str) -> Option<String> {
        operation.preview.iter().find(|fact| fact.label == label).map(|fact| fact.value.clone())
    }

    #[test]
    fn stopping_a_plan_shows_how_many_signings_continue_and_their_worth() {
        let group = |code: &str, count, fen| Dependents {
            kind: Kind::SignPlan,
            state: Some(Kind::SignPlan.state(code)),
            count,
            amount: Some(crate::model::Money::cny(fen).into()),
        };
        let never_fetched = Dependents { kind: Kind::SignPlan, state: None, count: 9, amount: None };
        let dependents =
            vec![group("SIGNED", 3, 4500), group("UNSIGNED", 2, 3000), group("COMPLETE", 7, 9), never_fetched];
        let related_state = RelatedState { dependents, ..RelatedState::default() };
        let plan = json!({"merchant_plan_no": "P-0001", "plan_state": "NORMAL"});
        let operation = prepared(ActionId::PlanStop, &plan, &related_state);
        assert_eq!(fact(&operation, "fact-running-sign-plans").as_deref(), Some("3 · ¥45.00"));
        assert_eq!(fact(&operation, "fact-unsigned-sign-plans").as_deref(), Some("2"));
        let alone = prepared(ActionId::PlanStop, &plan, RelatedState::NONE);
        assert_eq!(fact(&alone, "fact-running-sign-plans").as_deref(), Some("0 · ¥0.00"));
    }

    #[test]
    fn cancelling_a_signing_shows_the_order_in_use_and_an_order_shows_its_signing() {
        let order = json!({"out_order_no": "S-1-02", "state": "DOING", "state_description": "USER_CONFIRM", "total_amount": 800});
        let sign_plan = json!({"merchant_sign_plan_no": "S-1", "sign_state": "SIGNED", "signed_detail_list": [
            {"plan_detail_state": "USING", "merchant_plan_detail_no": "S-1-02"}]});
        let related_state = |kind, document: &Value| RelatedState {
            related: vec![Object::parse(kind, &document.to_string()).unwrap()],
            ..RelatedState::default()
        };
        let in_use = related_state(Kind::ServiceOrder, &order);
        assert_eq!(in_use.unsettled().len(), 1);
        let cancel = prepared(ActionId::SignPlanCancel, &sign_plan, &in_use);
        let line = fact(&cancel, "fact-detail-in-use");
        assert_eq!(line.as_deref(), Some("S-1-02 · ¥8.00 · DOING/USER_CONFIRM"));
        let cancel = prepared(ActionId::OrderCancel, &order, &related_state(Kind::SignPlan, &sign_plan));
        assert_eq!(fact(&cancel, "fact-step-of").as_deref(), Some("S-1"));
    }
}
