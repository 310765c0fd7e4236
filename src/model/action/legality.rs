//! In which states an action is legal: the tables of PayScore reference §9 and §10, transactions reference §4.1 and
//! coupons reference §3. A state this version does not know permits nothing.

use super::ActionId;
use super::creation::next_detail;
use crate::model::time::Timestamp;
use crate::model::{
    AuthorizationState, CollectionState, Entity, OrderState, OrderStep, PlanState, REFUND_WITHIN, RefundStatus,
    ServiceOrder, SignState, StockStatus, TradeState,
};

/// Why an action is not legal: the id of the message that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illegal(pub &'static str);

pub(super) fn legal(action: ActionId, entity: &Entity, now: Timestamp) -> Result<(), Illegal> {
    let reason = match (action, entity) {
        (ActionId::PlanStop, Entity::Plan(plan)) => match plan.state {
            PlanState::Normal => return Ok(()),
            PlanState::Stop => "illegal-plan-stopped",
            PlanState::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::PlanSell, Entity::Plan(plan)) => match plan.state {
            PlanState::Normal if plan.plan_id.is_none() => "illegal-plan-no-id",
            PlanState::Normal => return Ok(()),
            PlanState::Stop => "illegal-plan-stopped",
            PlanState::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::SignPlanOrder, Entity::SignPlan(sign_plan)) => match sign_plan.state {
            SignState::Signed if next_detail(sign_plan).is_some() => return Ok(()),
            SignState::Signed => "illegal-detail-blocked",
            SignState::Unsigned => "illegal-sign-unsigned",
            SignState::Cancelled => "illegal-sign-cancelled",
            SignState::Complete => "illegal-sign-complete",
            SignState::Expired => "illegal-sign-expired",
            SignState::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::PermissionTerminate, Entity::Permission(permission)) if permission.authorization_code.is_none() => {
            "illegal-permission-no-code"
        }
        (ActionId::PermissionTerminateOpenid, Entity::Permission(permission)) if permission.openid.is_none() => {
            "illegal-permission-no-openid"
        }
        (ActionId::PermissionTerminate | ActionId::PermissionTerminateOpenid, Entity::Permission(permission)) => {
            match permission.state {
                AuthorizationState::Available => return Ok(()),
                AuthorizationState::Unavailable => "illegal-permission-over",
                AuthorizationState::UnboundUser => "illegal-permission-unbound",
                AuthorizationState::Unknown(_) => "illegal-state-unknown",
            }
        }
        (ActionId::StockSend, Entity::Stock(stock)) => match stock.status {
            StockStatus::Running => return Ok(()),
            StockStatus::Unactivated => "illegal-stock-unactivated",
            StockStatus::Audit => "illegal-stock-audit",
            StockStatus::Paused => "illegal-stock-paused",
            StockStatus::Stopped => "illegal-stock-stopped",
            StockStatus::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::SignPlanCancel, Entity::SignPlan(sign_plan)) => match sign_plan.state {
            SignState::Unsigned | SignState::Signed => return Ok(()),
            SignState::Cancelled => "illegal-sign-cancelled",
            SignState::Complete => "illegal-sign-complete",
            SignState::Expired => "illegal-sign-expired",
            SignState::Unknown(_) => "illegal-state-unknown",
        },
        (
            ActionId::OrderComplete
            | ActionId::OrderModify
            | ActionId::OrderCancel
            | ActionId::OrderSync
            | ActionId::OrderPay,
            Entity::ServiceOrder(order),
        ) => match order_reason(action, order) {
            None => return Ok(()),
            Some(reason) => reason,
        },
        (ActionId::TransactionClose, Entity::Transaction(transaction)) => match transaction.state {
            TradeState::NotPaid => return Ok(()),
            TradeState::Success | TradeState::Refund => "illegal-trade-paid",
            TradeState::Closed => "illegal-trade-closed",
            TradeState::UserPaying | TradeState::Accepted => "illegal-trade-paying",
            TradeState::Revoked | TradeState::PayError => "illegal-trade-over",
            TradeState::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::TransactionRefund, Entity::Transaction(transaction)) => match transaction.state {
            TradeState::Success | TradeState::Refund => {
                // Where the time of payment is not known, the platform decides.
                if transaction.success_time.is_none_or(|paid| now - paid <= REFUND_WITHIN) {
                    return Ok(());
                }
                "illegal-refund-too-old"
            }
            TradeState::NotPaid | TradeState::Closed | TradeState::PayError => "illegal-refund-unpaid",
            TradeState::UserPaying | TradeState::Accepted => "illegal-trade-paying",
            TradeState::Revoked => "illegal-trade-over",
            TradeState::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::RefundApplyAbnormal, Entity::Refund(refund)) => match refund.status {
            RefundStatus::Abnormal if refund.refund_id.is_none() => "illegal-refund-no-id",
            RefundStatus::Abnormal => return Ok(()),
            RefundStatus::Processing => "illegal-refund-processing",
            RefundStatus::Success => "illegal-refund-arrived",
            RefundStatus::Closed => "illegal-refund-closed",
            RefundStatus::Unknown(_) => "illegal-state-unknown",
        },
        (ActionId::StockStart | ActionId::StockPause | ActionId::StockRestart, Entity::Stock(stock)) => {
            match (action, &stock.status) {
                (ActionId::StockStart, StockStatus::Unactivated)
                | (ActionId::StockPause, StockStatus::Running)
                | (ActionId::StockRestart, StockStatus::Paused) => return Ok(()),
                (_, StockStatus::Unactivated) => "illegal-stock-unactivated",
                (_, StockStatus::Audit) => "illegal-stock-audit",
                (_, StockStatus::Running) => "illegal-stock-running",
                (_, StockStatus::Paused) => "illegal-stock-paused",
                (_, StockStatus::Stopped) => "illegal-stock-stopped",
                (_, StockStatus::Unknown(_)) => "illegal-state-unknown",
            }
        }
        _ => "illegal-kind",
    };
    Err(Illegal(reason))
}

/// `None` if legal. Judged by the triple (state, state_description, collection.state).
fn order_reason(action: ActionId, order: &ServiceOrder) -> Option<&'static str> {
    let collection = order.collection.as_ref().map(|c| &c.state);
    match (&order.state, &order.step, collection) {
        (OrderState::Done, ..) => Some("illegal-order-done"),
        (OrderState::Revoked, ..) => Some("illegal-order-revoked"),
        (OrderState::Expired, ..) => Some("illegal-order-expired"),
        (OrderState::Created, ..) => (action != ActionId::OrderCancel).then_some("illegal-order-unconfirmed"),
        (OrderState::Doing, Some(OrderStep::MerchantComplete), Some(CollectionState::UserPaying)) => {
            (action == ActionId::OrderComplete).then_some("illegal-order-completed")
        }
        (OrderState::Doing, Some(OrderStep::UserConfirm), _) => {
            let legal = matches!(action, ActionId::OrderComplete | ActionId::OrderCancel);
            (!legal).then_some("illegal-order-not-completed")
        }
        _ => Some("illegal-state-unknown"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::Action;
    use crate::model::time::{Duration, parse_compact};
    use crate::model::{Kind, Object};

    fn now() -> Timestamp {
        parse_compact("20251009165320").unwrap()
    }

    fn object(kind: Kind, document: serde_json::Value) -> Object {
        let mut document = document;
        document[kind.number_field()] = "N-1".into();
        Object::parse(kind, &document.to_string()).unwrap()
    }

    #[test]
    fn the_legal_verbs_of_every_state() {
        let order = |state: &str, step: &str, collection: &str| serde_json::json!({"state": state, "state_description": step, "collection": {"state": collection}});
        let cases = [
            (Kind::Plan, serde_json::json!({"plan_state": "NORMAL"}), vec!["stop"]),
            (Kind::Plan, serde_json::json!({"plan_state": "STOP"}), vec![]),
            (Kind::SignPlan, serde_json::json!({"sign_state": "UNSIGNED"}), vec!["cancel"]),
            (Kind::SignPlan, serde_json::json!({"sign_state": "SIGNED"}), vec!["cancel"]),
            (
                Kind::SignPlan,
                serde_json::json!({"sign_state": "SIGNED", "signed_detail_list": [
                    {"plan_detail_state": "USED"}, {"plan_detail_state": "NOT_USED"}]}),
                vec!["cancel", "order"],
            ),
            (
                Kind::SignPlan,
                serde_json::json!({"sign_state": "SIGNED", "signed_detail_list": [
                    {"plan_detail_state": "USING"}, {"plan_detail_state": "NOT_USED"}]}),
                vec!["cancel"],
            ),
            (Kind::SignPlan, serde_json::json!({"sign_state": "SIGN_PLAN_CANCEL"}), vec![]),
            (Kind::SignPlan, serde_json::json!({"sign_state": "COMPLETE"}), vec![]),
            (Kind::SignPlan, serde_json::json!({"sign_state": "EXPIRE"}), vec![]),
            (Kind::ServiceOrder, order("CREATED", "", ""), vec!["cancel"]),
            (Kind::ServiceOrder, order("DOING", "USER_CONFIRM", ""), vec!["complete", "cancel"]),
            (
                Kind::ServiceOrder,
                order("DOING", "MCH_COMPLETE", "USER_PAYING"),
                vec!["modify", "cancel", "sync", "pay"],
            ),
            (Kind::ServiceOrder, order("DOING", "MCH_COMPLETE", "MCH_LOADING"), vec![]),
            (Kind::ServiceOrder, order("DONE", "", "USER_PAID"), vec![]),
            (Kind::ServiceOrder, order("REVOKED", "", ""), vec![]),
            (Kind::ServiceOrder, order("EXPIRED", "", ""), vec![]),
            (Kind::Transaction, serde_json::json!({"trade_state": "NOTPAY"}), vec!["close"]),
            (Kind::Transaction, serde_json::json!({"trade_state": "USERPAYING"}), vec![]),
            (Kind::Transaction, serde_json::json!({"trade_state": "SUCCESS"}), vec!["refund"]),
            (Kind::Transaction, serde_json::json!({"trade_state": "REFUND"}), vec!["refund"]),
            (Kind::Transaction, serde_json::json!({"trade_state": "REVOKED"}), vec![]),
            (Kind::Transaction, serde_json::json!({"trade_state": "PAYERROR"}), vec![]),
            (Kind::Transaction, serde_json::json!({"trade_state": "ACCEPT"}), vec![]),
            (Kind::Transaction, serde_json::json!({"trade_state": "CLOSED"}), vec![]),
            (Kind::Refund, serde_json::json!({"status": "ABNORMAL", "refund_id": "5030"}), vec!["apply-abnormal"]),
            (Kind::Refund, serde_json::json!({"status": "PROCESSING", "refund_id": "5030"}), vec![]),
            (Kind::Refund, serde_json::json!({"status": "SUCCESS", "refund_id": "5030"}), vec![]),
            (Kind::Refund, serde_json::json!({"status": "CLOSED", "refund_id": "5030"}), vec![]),
            (Kind::Stock, serde_json::json!({"status": "unactivated"}), vec!["start"]),
            (Kind::Stock, serde_json::json!({"status": "audit"}), vec![]),
            (Kind::Stock, serde_json::json!({"status": "running"}), vec!["pause", "send"]),
            (Kind::Permission, serde_json::json!({"authorization_state": "UNBINDUSER"}), vec![]),
            (Kind::Permission, serde_json::json!({"authorization_state": "AVAILABLE"}), vec!["terminate"]),
            (
                Kind::Permission,
                serde_json::json!({"authorization_state": "AVAILABLE", "openid": "o1"}),
                vec!["terminate", "terminate-openid"],
            ),
            (Kind::Permission, serde_json::json!({"authorization_state": "UNAVAILABLE", "openid": "o1"}), vec![]),
            (Kind::Stock, serde_json::json!({"status": "paused"}), vec!["restart"]),
            (Kind::Stock, serde_json::json!({"status": "stopped"}), vec![]),
        ];
        for (kind, document, verbs) in cases {
            let object = object(kind, document.clone());
            let legal: Vec<&str> =
                Action::of(kind).filter(|a| a.legal(&object.entity, now()).is_ok()).map(|a| a.verb).collect();
            assert_eq!(legal, verbs, "{document}");
        }
    }

    #[test]
    fn a_state_we_do_not_know_permits_nothing() {
        for kind in Kind::ALL {
            let document = serde_json::json!({
                "plan_state": "NEW", "sign_state": "NEW", "state": "NEW", "trade_state": "NEW", "status": "new",
                "authorization_state": "NEW", "openid": "o1"});
            let object = object(kind, document);
            for action in Action::of(kind) {
                assert_eq!(
                    action.legal(&object.entity, now()),
                    Err(Illegal("illegal-state-unknown")),
                    "{}",
                    action.name()
                );
            }
        }
    }

    #[test]
    fn a_payment_is_refunded_for_a_year_and_no_longer() {
        let refund = ActionId::TransactionRefund.action();
        let paid = |state: &str, at: Timestamp| {
            let document = serde_json::json!({"trade_state": state, "success_time": crate::model::time::rfc3339(at)});
            refund.legal(&object(Kind::Transaction, document).entity, now())
        };
        for state in ["SUCCESS", "REFUND"] {
            assert_eq!(paid(state, now() - Duration::days(365)), Ok(()));
            let late = paid(state, now() - Duration::days(365) - Duration::SECOND);
            assert_eq!(late, Err(Illegal("illegal-refund-too-old")));
        }
        assert_eq!(paid("CLOSED", now()), Err(Illegal("illegal-refund-unpaid")));
    }
}
