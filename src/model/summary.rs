//! What a list shows of an object: everything but its document.

use super::time::Timestamp;
use super::{
    Coupon, Entity, Kind, Money, Permission, Plan, Progress, Refund, ServiceOrder, SignPlan, State, Stock, Transaction,
    filter,
};

/// The facts of an object that its kind's table shows, sorts and filters by.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub state: State,
    pub platform_number: Option<String>,
    pub title: Option<String>,
    pub user: Option<String>,
    pub amount: Option<Money>,
    /// A second amount: what the payer paid of a transaction, a stock's face value, the order's of a refund.
    pub second: Option<Money>,
    pub progress: Option<Progress>,
    pub time: Option<Timestamp>,
    /// When a stock's coupons end.
    pub ends: Option<Timestamp>,
    /// A transaction's trade type, the transaction of a refund.
    pub label: Option<String>,
    /// A plan's deductions.
    pub quantity: Option<i64>,
    /// A plan's duration.
    pub days: Option<i64>,
}

impl Summary {
    pub fn of(entity: &Entity) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        let mut summary = Self {
            state: entity.state(),
            platform_number: owned(entity.platform_number()),
            title: owned(entity.title()),
            user: owned(entity.user()),
            amount: entity.amount(),
            second: None,
            progress: entity.progress(),
            time: entity.time(),
            ends: None,
            label: None,
            quantity: None,
            days: None,
        };
        match entity {
            Entity::Plan(plan) => (summary.quantity, summary.days) = (plan.deduction_quantity, plan.duration),
            Entity::Transaction(transaction) => {
                summary.second = transaction.payer_total;
                summary.label.clone_from(&transaction.trade_type);
            }
            Entity::Stock(stock) => (summary.second, summary.ends) = (stock.coupon_amount, stock.end_time),
            Entity::Refund(refund) => {
                summary.second = refund.total;
                summary.label = refund.out_trade_no.clone().or_else(|| refund.transaction_id.clone());
            }
            Entity::Coupon(coupon) => {
                (summary.second, summary.ends) = (coupon.transaction_minimum, coupon.end_time);
                summary.label.clone_from(&coupon.stock_id);
            }
            Entity::Permission(permission) => summary.label.clone_from(&permission.service_id),
            Entity::SignPlan(_) | Entity::ServiceOrder(_) => {}
        }
        summary
    }

    /// What words of a filter are looked for in.
    pub fn words(&self, number: &str) -> String {
        let state = self.state.code.as_str();
        let parts = [&self.title, &self.user, &self.platform_number, &self.label].map(|part| part.as_deref());
        filter::words([Some(number)].into_iter().chain(parts).chain([Some(state)]))
    }
}

impl Kind {
    /// What the code of a state of this kind says (the `code` of [`State`]). Whether a sign plan is final may depend
    /// on more than its code.
    pub fn state(self, code: &str) -> State {
        match self {
            Self::Plan => Plan::state_of(code),
            Self::SignPlan => SignPlan::state_of(code),
            Self::ServiceOrder => ServiceOrder::state_of(code),
            Self::Transaction => Transaction::state_of(code),
            Self::Stock => Stock::state_of(code),
            Self::Refund => Refund::state_of(code),
            Self::Permission => Permission::state_of(code),
            Self::Coupon => Coupon::state_of(code),
        }
    }

    /// Whether a state of this kind is known by this name: its code, or a part of one that has parts. Case does not
    /// matter. WeChat Pay may have others.
    pub fn has_state(self, name: &str) -> bool {
        let known = |name: &str| match self {
            Self::ServiceOrder => name.split('/').all(ServiceOrder::has_part),
            Self::SignPlan => self.state(name).meaning.is_some() || SignPlan::has_part(name),
            _ => self.state(name).meaning.is_some(),
        };
        // Stocks have theirs in small letters.
        known(&name.to_ascii_uppercase()) || known(&name.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Object;
    use serde_json::json;

    #[test]
    fn a_state_is_read_back_from_its_code() {
        let orders = ["CREATED", "DOING", "DONE", "REVOKED", "EXPIRED", "NEW"];
        let steps = ["", "USER_CONFIRM", "MCH_COMPLETE", "NEW_STEP"];
        let collections = ["", "USER_PAYING", "USER_PAID", "NEW_COLLECTION"];
        for n in 0..orders.len() * steps.len() * collections.len() {
            let (state, step, collection) = (orders[n % 6], steps[n / 6 % 4], collections[n / 24]);
            let mut order = json!({"out_order_no": "O-1", "state": state});
            if !step.is_empty() {
                order["state_description"] = step.into();
            }
            if !collection.is_empty() {
                order["collection"] = json!({"state": collection});
            }
            let state = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap().entity.state();
            assert_eq!(Kind::ServiceOrder.state(&state.code), state);
        }
        for by in ["USER", "MERCHANT", "REVOKE_SERVICE", "NOT_CANCEL", "NEW", ""] {
            let sign_plan =
                json!({"merchant_sign_plan_no": "S-1", "sign_state": "SIGN_PLAN_CANCEL", "cancel_sign_type": by});
            let state = Object::parse(Kind::SignPlan, &sign_plan.to_string()).unwrap().entity.state();
            assert_eq!(Kind::SignPlan.state(&state.code), state);
            assert!(state.code.starts_with("SIGN_PLAN_CANCEL"));
        }
    }

    #[test]
    fn a_state_is_known_by_its_code_and_by_a_part_of_it() {
        for (kind, names) in [
            (Kind::ServiceOrder, &["DOING", "user_paid", "DONE/MCH_COMPLETE/USER_PAID"][..]),
            (Kind::SignPlan, &["SIGNED", "SIGN_PLAN_CANCEL/USER", "MERCHANT"]),
            (Kind::Stock, &["paused", "RUNNING"]),
            (Kind::Transaction, &["success"]),
        ] {
            assert!(names.iter().all(|name| kind.has_state(name)), "{kind:?}");
            assert!(!["", "PAYED", "DONE/PAYED"].iter().any(|name| kind.has_state(name)), "{kind:?}");
        }
    }
}
