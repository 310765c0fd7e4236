//! Whether an object shows that an action took effect: how an unknown outcome is resolved by query.

use super::ActionId;
use crate::model::{
    AuthorizationState, CancelSignType, Document, Entity, Number, ObjectId, OrderState, OrderStep, PlanState, Refund,
    RefundStatus, SignState, StockStatus, TradeState,
};

/// What the object tells about an operation whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is as the operation would have made it.
    Effect,
    /// It is as before: not, or not yet.
    NoEffect,
    /// It has come to another end, which the operation can no longer change: it had no effect.
    Contrary,
    /// This action leaves no trace that a query shows.
    Silent,
}

/// The object that tells whether an action took effect: the one it was made on, or the one it makes, whose number is
/// in `body`. The journal keeps all three. `None` if the body names none.
pub fn witness(action: ActionId, object: &ObjectId, body: &str) -> Option<ObjectId> {
    let kind = match action.action() {
        made if made.is_creation() => return Some(object.clone()),
        made => match made.makes {
            Some(kind) => kind,
            None => return Some(object.clone()),
        },
    };
    // Its own number is the answer's to tell: until then it has that of the request.
    let field = match action {
        ActionId::StockSend => "out_request_no",
        ActionId::SignPlanOrder => "out_trade_no",
        _ => kind.number_field(),
    };
    let number = Number::parse(&Document::member(body, field)?).ok()?;
    Some(ObjectId::new(kind, number))
}

/// Reads the evidence of an action, of which `body` was sent, from its witness as it is now.
pub fn evidence(action: ActionId, body: &str, entity: &Entity) -> Evidence {
    let sent: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let total = Document::new(&sent).fen("total_amount");
    let effect = match (action, entity) {
        (ActionId::PlanStop, Entity::Plan(plan)) => plan.state == PlanState::Stop,
        (ActionId::SignPlanCancel, Entity::SignPlan(sign_plan)) => {
            sign_plan.state == SignState::Cancelled && sign_plan.cancel_type == CancelSignType::Merchant
        }
        (ActionId::OrderComplete, Entity::ServiceOrder(order)) => {
            let completed = order.state == OrderState::Done || order.step == Some(OrderStep::MerchantComplete);
            completed && order.total == total
        }
        (ActionId::OrderModify, Entity::ServiceOrder(order)) => order.total == total,
        (ActionId::OrderCancel, Entity::ServiceOrder(order)) => order.state == OrderState::Revoked,
        // An order that ended while we synced it may also have been paid by deduction: the detail tells.
        (ActionId::OrderSync, Entity::ServiceOrder(order)) => {
            let through_wechat = order.collection.as_ref().is_some_and(|c| !c.transaction_ids.is_empty());
            order.state == OrderState::Done && !through_wechat
        }
        (ActionId::TransactionClose, Entity::Transaction(transaction)) => transaction.state == TradeState::Closed,
        (ActionId::StockStart | ActionId::StockRestart, Entity::Stock(stock)) => stock.status == StockStatus::Running,
        (ActionId::StockPause, Entity::Stock(stock)) => stock.status == StockStatus::Paused,
        // What is made is there, whatever became of it since, if it is the one that was to be made.
        (ActionId::PlanCreate, Entity::Plan(plan)) => {
            let sent = Document::new(&sent);
            let same_count = is_it(&[(sent.int("deduction_quantity"), plan.deduction_quantity)]);
            let original = (sent.fen("total_original_price"), plan.total_original_price);
            let same = is_it(&[(sent.fen("total_actual_price"), plan.total_actual_price), original]);
            return if same == Evidence::Effect { same_count } else { same };
        }
        (ActionId::PlanSell, Entity::SignPlan(sign_plan)) => {
            let sent = Document::new(&sent);
            let (plan, user) = (sent.text("plan_id"), sent.text("openid"));
            return is_it(&[(plan, sign_plan.plan_id.clone()), (user, sign_plan.openid.clone())]);
        }
        // A number that stood for the order of somebody else, or of something else, was refused to this one.
        (ActionId::SignPlanOrder | ActionId::OrderCreate, Entity::ServiceOrder(order)) => {
            let sent = Document::new(&sent);
            let same_terms = is_it(&[(sent.object("risk_fund").fen("amount"), order.risk_fund)]);
            let (service, user) = (sent.text("service_id"), sent.text("openid"));
            let same = is_it(&[(service, order.service_id.clone()), (user, order.openid.clone())]);
            return if same == Evidence::Effect { same_terms } else { same };
        }
        (
            ActionId::TransactionJsapi
            | ActionId::TransactionNative
            | ActionId::TransactionApp
            | ActionId::TransactionH5,
            Entity::Transaction(transaction),
        ) => {
            let sent = Document::new(&sent);
            let same_user = is_it(&[(sent.object("payer").text("openid"), transaction.openid.clone())]);
            let same = is_it(&[(sent.object("amount").money("total", "currency"), transaction.total)]);
            return if same == Evidence::Effect { same_user } else { same };
        }
        (ActionId::PermissionCreate, Entity::Permission(permission)) => {
            return is_it(&[(Document::new(&sent).text("service_id"), permission.service_id.clone())]);
        }
        (ActionId::PermissionTerminate | ActionId::PermissionTerminateOpenid, Entity::Permission(permission)) => {
            permission.state == AuthorizationState::Unavailable
        }
        (ActionId::StockCreate, Entity::Stock(stock)) => {
            let sent = Document::new(&sent);
            let budget = sent.object("stock_use_rule").fen("max_amount");
            let same_name = is_it(&[(sent.text("stock_name"), stock.name.clone())]);
            return if same_name == Evidence::Effect { is_it(&[(budget, stock.max_amount)]) } else { same_name };
        }
        (ActionId::StockSend, Entity::Coupon(coupon)) => {
            return is_it(&[(Document::new(&sent).text("out_request_no"), coupon.out_request_no.clone())]);
        }
        // Whoever took it up, here or on the merchant platform: it waits for nobody any more.
        (ActionId::RefundApplyAbnormal, Entity::Refund(refund)) => {
            matches!(refund.status, RefundStatus::Processing | RefundStatus::Success)
        }
        // Whatever its status: there it is. A number that stands for another refund was refused to this one.
        (ActionId::TransactionRefund, Entity::Refund(refund)) => {
            return if is_the_refund(Document::new(&sent), refund) { Evidence::Effect } else { Evidence::Contrary };
        }
        _ => return Evidence::Silent,
    };
    match effect {
        true => Evidence::Effect,
        // Orders that were paid, transactions that somebody else closed, stocks that ended.
        false if entity.state().is_final => Evidence::Contrary,
        false => Evidence::NoEffect,
    }
}

/// Whether what was found is what was sent. What either does not say tells nothing.
fn is_it<T: PartialEq>(facts: &[(Option<T>, Option<T>)]) -> Evidence {
    let same = |(sent, found): &(Option<T>, Option<T>)| sent.is_none() || found.is_none() || sent == found;
    if facts.iter().all(same) { Evidence::Effect } else { Evidence::Contrary }
}

/// Whether a refund is the one that was sent. What either does not say tells nothing.
fn is_the_refund(sent: Document<'_>, refund: &Refund) -> bool {
    fn same<T: PartialEq>(sent: Option<T>, found: Option<T>) -> bool {
        sent.zip(found).is_none_or(|(sent, found)| sent == found)
    }
    let amount = sent.object("amount");
    same(amount.money("refund", "currency"), refund.refund)
        && same(amount.money("total", "currency"), refund.total)
        && same(sent.text("transaction_id"), refund.transaction_id.clone())
        && same(sent.text("out_trade_no"), refund.out_trade_no.clone())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Object};
    use serde_json::json;

    #[test]
    fn what_stands_under_the_number_for_somebody_else_is_not_what_was_made() {
        let told = |action: ActionId, kind: Kind, sent: serde_json::Value, found: serde_json::Value| {
            let mut found = found;
            found[kind.number_field()] = "N-000001".into();
            evidence(action, &sent.to_string(), &Object::parse(kind, &found.to_string()).unwrap().entity)
        };
        let order = |user: &str, fen: i64| json!({"service_id": "5", "openid": user, "risk_fund": {"amount": fen}});
        let sign_plan = |user: &str| json!({"plan_id": "7", "openid": user});
        let plan = |count: i64| json!({"deduction_quantity": count, "total_actual_price": 100});
        let paid = |user: &str| json!({"payer": {"openid": user}, "amount": {"total": 100, "currency": "CNY"}});
        let (made, other) = (Evidence::Effect, Evidence::Contrary);
        let of_order = |found| told(ActionId::OrderCreate, Kind::ServiceOrder, order("oA", 100), found);
        assert_eq!([order("oA", 100), json!({}), order("", 100)].map(of_order), [made; 3]);
        assert_eq!([order("oB", 100), order("oA", 101), json!({"service_id": "6"})].map(of_order), [other; 3]);
        let of_step = |found| told(ActionId::SignPlanOrder, Kind::ServiceOrder, order("oA", 100), found);
        assert_eq!([order("oA", 100), order("oB", 100)].map(of_step), [made, other]);
        let of_sale = |found| told(ActionId::PlanSell, Kind::SignPlan, sign_plan("oA"), found);
        assert_eq!([sign_plan("oA"), json!({"plan_id": "7"}), sign_plan("oB")].map(of_sale), [made, made, other]);
        let of_plan = |found| told(ActionId::PlanCreate, Kind::Plan, plan(4), found);
        assert_eq!([plan(4), plan(5)].map(of_plan), [made, other]);
        let of_trade = |found| told(ActionId::TransactionJsapi, Kind::Transaction, paid("oA"), found);
        assert_eq!([paid("oA"), paid("oB")].map(of_trade), [made, other]);
    }

    #[test]
    fn a_refund_is_told_by_itself_whatever_its_status_and_another_under_its_number_is_not_it() {
        let transaction = ObjectId::new(Kind::Transaction, Number::parse("T-000001").unwrap());
        let body = json!({"transaction_id": "4200001", "out_refund_no": "R@1", "amount": {"refund": 100, "total": 900, "currency": "CNY"}});
        let (body, refund) = (body.to_string(), ActionId::TransactionRefund);
        let witness_ = witness(refund, &transaction, &body).unwrap();
        assert_eq!((witness_.kind, witness_.number.as_str()), (Kind::Refund, "R@1"));
        assert_eq!(witness(ActionId::TransactionClose, &transaction, &body), Some(transaction.clone()));
        assert_eq!(witness(refund, &transaction, "{}"), None);
        let found = |status: &str, id: &str, fen: i64| {
            let document = json!({"out_refund_no": "R@1", "transaction_id": id, "status": status, "amount": {"refund": fen, "total": 900}});
            evidence(refund, &body, &Object::parse(Kind::Refund, &document.to_string()).unwrap().entity)
        };
        for status in ["PROCESSING", "SUCCESS", "CLOSED", "ABNORMAL", "NEW"] {
            assert_eq!(found(status, "4200001", 100), Evidence::Effect, "{status}");
        }
        assert_eq!(found("SUCCESS", "4200001", 101), Evidence::Contrary);
        assert_eq!(found("PROCESSING", "4200002", 100), Evidence::Contrary);
    }
}
