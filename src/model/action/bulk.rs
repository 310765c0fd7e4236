//! The same action on several objects, confirmed together: each is an operation of its own, and all of them are values,
//! so that exactly what the preview showed is sent.

use std::collections::HashSet;

use super::{ActionId, Confirmation, Confirmed, ConfirmedBy, NotConfirmed, Operation};
use crate::model::{Environment, MchId, Money, ObjectId, Sum};

/// A bulk action, ready to be confirmed.
#[derive(Clone, Debug, PartialEq)]
pub struct Bulk {
    action: ActionId,
    /// The end of the merchant's number.
    merchant: String,
    operations: Vec<Operation>,
    touched: HashSet<ObjectId>,
}

/// Why an operation cannot join a bulk action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPlace {
    /// It has another action.
    Another,
    /// An operation of the bulk action already affects one of its objects.
    Twice,
}

impl Bulk {
    pub fn new(action: ActionId, mchid: &MchId) -> Self {
        Self { action, merchant: mchid.tail().to_owned(), operations: Vec::new(), touched: HashSet::new() }
    }

    /// Adds an operation, if it has this action and no two of them affect one object.
    pub fn add(&mut self, operation: Operation) -> Result<(), NoPlace> {
        if operation.action != self.action {
            return Err(NoPlace::Another);
        }
        let touched = operation.touched();
        if touched.iter().any(|id| self.touched.contains(id)) {
            return Err(NoPlace::Twice);
        }
        self.touched.extend(touched);
        self.operations.push(operation);
        Ok(())
    }

    pub fn action(&self) -> ActionId {
        self.action
    }

    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    pub fn len(&self) -> usize {
        self.operations.len()
    }

    pub fn is_empty(&self) -> bool {
        self.operations.is_empty()
    }

    /// The total that moves or is given up, per currency.
    pub fn totals(&self) -> Vec<Sum> {
        Money::sums(self.operations.iter().filter_map(|operation| operation.amount))
    }

    /// The reason for the journal, if no form asked for it.
    pub(crate) fn with_reason(mut self, reason: Option<&str>) -> Self {
        for operation in self.operations.iter_mut().filter(|operation| operation.reason.is_none()) {
            operation.reason = reason.map(str::to_owned);
        }
        self
    }

    /// What must be typed to confirm it: if it is irreversible, and where money is real.
    pub(crate) fn typed_confirmation(&self, environment: Environment) -> Option<String> {
        let typed = self.is_typed() || environment == Environment::Production;
        typed.then(|| self.word())
    }

    fn is_typed(&self) -> bool {
        self.action.action().risk.is_typed()
    }

    /// How many objects it has, and whose they are: the count alone may be one digit.
    fn word(&self) -> String {
        format!("{}-{}", self.operations.len(), self.merchant)
    }

    /// Confirms by the number of objects and the end of the merchant's, typed; by a plain yes, if that is enough for its risk.
    pub fn confirm(self, confirmation: Confirmation) -> Result<Vec<Confirmed>, NotConfirmed> {
        if self.operations.is_empty() {
            return Err(NotConfirmed::Nothing);
        }
        let by = match confirmation {
            Confirmation::Flag => ConfirmedBy::Flag,
            Confirmation::Yes if self.is_typed() => return Err(NotConfirmed::Plain),
            Confirmation::Yes => ConfirmedBy::Yes,
            Confirmation::Count(typed) if typed.trim() == self.word() => ConfirmedBy::Count,
            Confirmation::Count(_) | Confirmation::Typed(_) => return Err(NotConfirmed::Mismatch),
        };
        Ok(Confirmed::all(self.operations, by))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::RelatedState;
    use crate::model::action::{Values, prepare};
    use crate::model::time::parse_compact;
    use crate::model::{Kind, Merchant, Object};
    use serde_json::json;

    fn operation(action: ActionId, number: &str, fen: i64) -> Operation {
        let document = match action.action().kind {
            Kind::Plan => {
                json!({"merchant_plan_no": number, "plan_state": "NORMAL", "total_actual_price": fen})
            }
            _ => json!({"stock_id": number, "status": "running"}),
        };
        let object = Object::parse(action.action().kind, &document.to_string()).unwrap();
        let merchant = Merchant::new(MchId::new("1900000001"));
        let now = parse_compact("20251009165320").unwrap();
        prepare(action.action(), &object, RelatedState::NONE, &merchant, &Values::new(), now).unwrap()
    }

    fn plans(count: usize) -> Bulk {
        let mut bulk = Bulk::new(ActionId::PlanStop, &MchId::new("1900000001"));
        (0..count).for_each(|i| bulk.add(operation(ActionId::PlanStop, &format!("P-{i}"), 100)).unwrap());
        bulk
    }

    #[test]
    fn a_bulk_action_that_cannot_be_taken_back_is_confirmed_by_its_exact_count_and_merchant_and_nothing_else() {
        let count = |text: &str| plans(17).confirm(Confirmation::Count(text.into()));
        let confirmed = count(" 17-0001 ").unwrap();
        assert_eq!(confirmed.len(), 17);
        assert!(confirmed.iter().all(|one| one.objects() == 17 && one.by() == ConfirmedBy::Count));
        for wrong in ["", "1", "17", "0001", "17-", "17-000", "17 0001", "170001", "16-0001", "18-0001", "P-16", "y"] {
            assert_eq!(count(wrong), Err(NotConfirmed::Mismatch), "{wrong}");
        }
        assert_eq!(plans(17).confirm(Confirmation::Typed("17-0001".into())), Err(NotConfirmed::Mismatch));
        assert_eq!(plans(17).confirm(Confirmation::Yes), Err(NotConfirmed::Plain));
        assert_eq!(plans(0).confirm(Confirmation::Flag), Err(NotConfirmed::Nothing));
        assert!(plans(3).confirm(Confirmation::Flag).unwrap().iter().all(|one| one.by() == ConfirmedBy::Flag));
    }

    #[test]
    fn a_bulk_action_that_can_be_taken_back_is_confirmed_by_a_plain_yes_unless_money_is_real() {
        let mut bulk = Bulk::new(ActionId::StockPause, &MchId::new("1900000001"));
        bulk.add(operation(ActionId::StockPause, "1", 0)).unwrap();
        bulk.add(operation(ActionId::StockPause, "2", 0)).unwrap();
        assert_eq!(bulk.typed_confirmation(Environment::Sandbox), None);
        assert_eq!(bulk.typed_confirmation(Environment::Production).as_deref(), Some("2-0001"));
        assert_eq!(bulk.clone().confirm(Confirmation::Count("3-0001".into())), Err(NotConfirmed::Mismatch));
        let counted = bulk.clone().confirm(Confirmation::Count("2-0001".into())).unwrap();
        assert!(counted.iter().all(|one| one.by() == ConfirmedBy::Count));
        assert_eq!(bulk.confirm(Confirmation::Yes).unwrap().len(), 2);
    }

    #[test]
    fn a_count_confirms_no_single_operation() {
        let one = operation(ActionId::PlanStop, "P-1", 100);
        assert_eq!(one.confirm(Confirmation::Count("1".into())), Err(NotConfirmed::Mismatch));
    }

    #[test]
    fn no_two_operations_of_a_bulk_action_touch_one_object_and_all_are_one_action() {
        let mut bulk = plans(2);
        assert_eq!(bulk.add(operation(ActionId::PlanStop, "P-1", 5)), Err(NoPlace::Twice));
        assert_eq!(bulk.add(operation(ActionId::StockPause, "1", 5)), Err(NoPlace::Another));
        assert_eq!((bulk.len(), bulk.totals()), (2, vec![Money::cny(200).into()]));
    }
}
