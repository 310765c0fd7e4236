use crate::model::action::{Action, ActionId, Illegal};
use crate::model::time::{Duration, Timestamp, parse_compact};
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
        (Kind::ServiceOrder, order("DOING", "MCH_COMPLETE", "USER_PAYING"), vec!["modify", "cancel", "sync", "pay"]),
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
            assert_eq!(action.legal(&object.entity, now()), Err(Illegal("illegal-state-unknown")), "{}", action.name());
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
