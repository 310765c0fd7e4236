use serde_json::{Value, json};

use crate::model::action::{ACTIONS, ActionId, Evidence, evidence, outcome_object};
use crate::model::{Kind, Number, Object, ObjectId};

/// The evidence in an object for an action with this body.
fn shown(action: ActionId, kind: Kind, sent: &Value, found: &Value) -> Evidence {
    let mut found = found.clone();
    found[kind.number_field()] = "N-000001".into();
    evidence(action, &sent.to_string(), &Object::parse(kind, &found.to_string()).unwrap().entity)
}

#[test]
fn each_action_shows_by_each_of_its_facts() {
    use ActionId as A;
    use Evidence::{Contrary, Effect, NoEffect, Silent};
    let order =
        |state: &str, step: &str, total: i64| json!({"state": state, "state_description": step, "total_amount": total});
    let synced =
        |state: &str, details: Value| json!({"state": state, "collection": {"state": "USER_PAID", "details": details}});
    let total = json!({"total_amount": 100});
    let none = json!({});
    let sold = json!({"plan_id": "7", "openid": "oA"});
    let plan = |count: i64, actual: i64, original: i64| json!({"deduction_quantity": count, "total_actual_price": actual, "total_original_price": original});
    let made = |service: &str, user: &str, fund: i64| json!({"service_id": service, "openid": user, "risk_fund": {"amount": fund}});
    let paid = |total: i64, currency: &str, user: &str| json!({"amount": {"total": total, "currency": currency}, "payer": {"openid": user}, "trade_state": "NOTPAY"});
    let stock = |name: &str, budget: i64| json!({"stock_name": name, "stock_use_rule": {"max_amount": budget}});
    let refund = |transaction: &str, trade: &str, fen: i64, total: i64, currency: &str| {
        json!({"transaction_id": transaction, "out_trade_no": trade,
            "amount": {"refund": fen, "total": total, "currency": currency}})
    };
    let state = |name: &str, value: &str| json!({name: value});
    let signed = |state: &str, by: &str| json!({"sign_state": state, "cancel_sign_type": by});
    let mut rows: Vec<(A, Kind, Value, Value, Evidence)> = vec![
        (A::PlanStop, Kind::Plan, none.clone(), state("plan_state", "STOP"), Effect),
        (A::PlanStop, Kind::Plan, none.clone(), state("plan_state", "NORMAL"), NoEffect),
        (A::SignPlanCancel, Kind::SignPlan, none.clone(), signed("SIGN_PLAN_CANCEL", "MERCHANT"), Effect),
        (A::SignPlanCancel, Kind::SignPlan, none.clone(), signed("SIGN_PLAN_CANCEL", "USER"), Contrary),
        (A::SignPlanCancel, Kind::SignPlan, none.clone(), signed("COMPLETE", "MERCHANT"), Contrary),
        (A::SignPlanCancel, Kind::SignPlan, none.clone(), signed("SIGNED", "NOT_CANCEL"), NoEffect),
        (A::SignPlanCancel, Kind::SignPlan, none.clone(), signed("SIGNED", "MERCHANT"), NoEffect),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 100), Effect),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DONE", "", 100), Effect),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 101), Contrary),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DONE", "", 101), Contrary),
        // It may have been reduced since.
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 99), Silent),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("DOING", "USER_CONFIRM", 100), NoEffect),
        (A::OrderComplete, Kind::ServiceOrder, total.clone(), order("REVOKED", "", 100), Contrary),
        (A::OrderComplete, Kind::ServiceOrder, none.clone(), state("state", "DONE"), Silent),
        (A::OrderModify, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 100), Effect),
        (A::OrderModify, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 101), NoEffect),
        (A::OrderModify, Kind::ServiceOrder, total.clone(), order("DONE", "", 101), Contrary),
        (A::OrderModify, Kind::ServiceOrder, total.clone(), order("DOING", "MCH_COMPLETE", 99), Silent),
        (A::OrderModify, Kind::ServiceOrder, none.clone(), order("DOING", "MCH_COMPLETE", 99), Silent),
        (A::OrderCancel, Kind::ServiceOrder, none.clone(), state("state", "REVOKED"), Effect),
        (A::OrderCancel, Kind::ServiceOrder, none.clone(), state("state", "DONE"), Contrary),
        (A::OrderCancel, Kind::ServiceOrder, none.clone(), order("DOING", "USER_CONFIRM", 1), NoEffect),
        (A::OrderSync, Kind::ServiceOrder, none.clone(), synced("DONE", json!([{"amount": 1}])), Effect),
        (A::OrderSync, Kind::ServiceOrder, none.clone(), state("state", "DONE"), Effect),
        (A::OrderSync, Kind::ServiceOrder, none.clone(), synced("DONE", json!([{"transaction_id": "4"}])), Contrary),
        (A::OrderSync, Kind::ServiceOrder, none.clone(), synced("DOING", json!([])), NoEffect),
        (A::OrderPay, Kind::ServiceOrder, none.clone(), state("state", "DONE"), Silent),
        (A::PermissionTerminate, Kind::Permission, none.clone(), state("authorization_state", "UNAVAILABLE"), Effect),
        (A::PermissionTerminate, Kind::Permission, none.clone(), state("authorization_state", "AVAILABLE"), NoEffect),
        (A::PermissionCreate, Kind::Permission, state("service_id", "5"), state("service_id", "5"), Effect),
        (A::PermissionCreate, Kind::Permission, state("service_id", "5"), state("service_id", "6"), Contrary),
        (A::TransactionClose, Kind::Transaction, none.clone(), state("trade_state", "CLOSED"), Effect),
        (A::TransactionClose, Kind::Transaction, none.clone(), state("trade_state", "NOTPAY"), NoEffect),
        (A::TransactionClose, Kind::Transaction, none.clone(), state("trade_state", "SUCCESS"), Contrary),
        (A::StockStart, Kind::Stock, none.clone(), state("status", "running"), Effect),
        (A::StockStart, Kind::Stock, none.clone(), state("status", "paused"), Effect),
        (A::StockStart, Kind::Stock, none.clone(), state("status", "unactivated"), NoEffect),
        (A::StockStart, Kind::Stock, none.clone(), state("status", "stoped"), Contrary),
        (A::StockRestart, Kind::Stock, none.clone(), state("status", "running"), Effect),
        (A::StockRestart, Kind::Stock, none.clone(), state("status", "paused"), NoEffect),
        (A::StockPause, Kind::Stock, none.clone(), state("status", "paused"), Effect),
        (A::StockPause, Kind::Stock, none.clone(), state("status", "running"), NoEffect),
        (A::StockPause, Kind::Stock, none.clone(), state("status", "stoped"), Contrary),
        (A::StockCallback, Kind::Stock, none.clone(), state("status", "running"), Silent),
        (A::RefundApplyAbnormal, Kind::Refund, none.clone(), state("status", "PROCESSING"), Effect),
        (A::RefundApplyAbnormal, Kind::Refund, none.clone(), state("status", "SUCCESS"), Effect),
        (A::RefundApplyAbnormal, Kind::Refund, none.clone(), state("status", "ABNORMAL"), NoEffect),
        (A::RefundApplyAbnormal, Kind::Refund, none.clone(), state("status", "CLOSED"), Contrary),
        (A::PlanCreate, Kind::Plan, plan(4, 100, 120), plan(4, 100, 120), Effect),
        (A::PlanCreate, Kind::Plan, plan(4, 100, 120), none.clone(), Effect),
        (A::PlanCreate, Kind::Plan, plan(4, 100, 120), plan(5, 100, 120), Contrary),
        (A::PlanCreate, Kind::Plan, plan(4, 100, 120), plan(4, 101, 120), Contrary),
        (A::PlanCreate, Kind::Plan, plan(4, 100, 120), plan(4, 100, 121), Contrary),
        (A::PlanSell, Kind::SignPlan, sold.clone(), sold.clone(), Effect),
        (A::PlanSell, Kind::SignPlan, sold.clone(), json!({"plan_id": "8", "openid": "oA"}), Contrary),
        (A::PlanSell, Kind::SignPlan, sold.clone(), json!({"plan_id": "7", "openid": "oB"}), Contrary),
        (A::StockCreate, Kind::Stock, stock("a", 5), stock("a", 5), Effect),
        (A::StockCreate, Kind::Stock, stock("a", 5), stock("b", 5), Contrary),
        (A::StockCreate, Kind::Stock, stock("a", 5), stock("a", 6), Contrary),
        (A::StockSend, Kind::Coupon, state("out_request_no", "Q"), state("out_request_no", "Q"), Effect),
        (A::StockSend, Kind::Coupon, state("out_request_no", "Q"), state("out_request_no", "R"), Contrary),
    ];
    for action in [A::OrderCreate, A::SignPlanOrder] {
        let mut row = |found, evidence| {
            rows.push((action, Kind::ServiceOrder, made("5", "oA", 100), found, evidence));
        };
        row(made("5", "oA", 100), Effect);
        row(made("6", "oA", 100), Contrary);
        row(made("5", "oB", 100), Contrary);
        row(made("5", "oA", 101), Contrary);
    }
    for action in [A::TransactionJsapi, A::TransactionNative, A::TransactionApp, A::TransactionH5] {
        let mut row = |found, evidence| {
            rows.push((action, Kind::Transaction, paid(100, "CNY", "oA"), found, evidence));
        };
        row(paid(100, "CNY", "oA"), Effect);
        row(paid(101, "CNY", "oA"), Contrary);
        row(paid(100, "HKD", "oA"), Contrary);
        row(paid(100, "CNY", "oB"), Contrary);
    }
    let gives_back = refund("42", "T-1", 100, 900, "CNY");
    for (found, evidence) in [
        (gives_back.clone(), Effect),
        (refund("43", "T-1", 100, 900, "CNY"), Contrary),
        (refund("42", "T-2", 100, 900, "CNY"), Contrary),
        (refund("42", "T-1", 101, 900, "CNY"), Contrary),
        (refund("42", "T-1", 100, 901, "CNY"), Contrary),
        (refund("42", "T-1", 100, 900, "HKD"), Contrary),
    ] {
        rows.push((A::TransactionRefund, Kind::Refund, gives_back.clone(), found, evidence));
    }
    let by_user = rows.iter().filter(|row| row.0 == A::PermissionTerminate).cloned();
    let by_user: Vec<_> = by_user.map(|row| (A::PermissionTerminateOpenid, row.1, row.2, row.3, row.4)).collect();
    rows.extend(by_user);
    for (action, kind, sent, found, expected) in &rows {
        assert_eq!(shown(*action, *kind, sent, found), *expected, "{action:?} {sent} {found}");
    }
    for action in ACTIONS {
        let of = rows.iter().filter(|row| row.0 == action.id);
        let shows = of.clone().any(|row| row.4 == Effect);
        let silent = matches!(action.id, A::OrderPay | A::StockCallback);
        assert!(of.count() > 0 && shows != silent, "{}", action.name());
        // Another kind of object shows nothing.
        let other = if action.kind == Kind::Coupon { Kind::Plan } else { Kind::Coupon };
        if action.id != A::StockSend {
            assert_eq!(shown(action.id, other, &none, &state("status", "SENDED")), Silent, "{}", action.name());
        }
    }
}

#[test]
fn an_effect_shows_on_what_was_acted_on_or_what_was_made() {
    let number = |text: &str| Number::parse(text).unwrap();
    let body = json!({"out_request_no": "Q-1", "out_trade_no": "SO-1", "out_refund_no": "R-1",
        "merchant_sign_plan_no": "S-1"})
    .to_string();
    for action in ACTIONS {
        let object = ObjectId::new(action.kind, number("OBJECT-1"));
        let made = match action.id {
            ActionId::PlanSell => Some((Kind::SignPlan, "S-1")),
            ActionId::SignPlanOrder => Some((Kind::ServiceOrder, "SO-1")),
            ActionId::TransactionRefund => Some((Kind::Refund, "R-1")),
            ActionId::StockSend => Some((Kind::Coupon, "Q-1")),
            _ => None,
        };
        let expected = made.map_or_else(|| object.clone(), |(kind, text)| ObjectId::new(kind, number(text)));
        assert_eq!(outcome_object(action.id, &object, &body), Some(expected), "{}", action.name());
        assert_eq!(outcome_object(action.id, &object, "{}").is_none(), made.is_some(), "{}", action.name());
    }
}

#[test]
fn another_object_under_the_number_is_not_what_was_made() {
    let shown = |action: ActionId, kind: Kind, sent: serde_json::Value, found: serde_json::Value| {
        let mut found = found;
        found[kind.number_field()] = "N-000001".into();
        evidence(action, &sent.to_string(), &Object::parse(kind, &found.to_string()).unwrap().entity)
    };
    let order = |user: &str, fen: i64| json!({"service_id": "5", "openid": user, "risk_fund": {"amount": fen}});
    let sign_plan = |user: &str| json!({"plan_id": "7", "openid": user});
    let plan = |count: i64| json!({"deduction_quantity": count, "total_actual_price": 100});
    let paid = |user: &str| json!({"payer": {"openid": user}, "amount": {"total": 100, "currency": "CNY"}});
    let (made, other) = (Evidence::Effect, Evidence::Contrary);
    let of_order = |found| shown(ActionId::OrderCreate, Kind::ServiceOrder, order("oA", 100), found);
    assert_eq!([order("oA", 100), json!({}), order("", 100)].map(of_order), [made; 3]);
    assert_eq!([order("oB", 100), order("oA", 101), json!({"service_id": "6"})].map(of_order), [other; 3]);
    let of_step = |found| shown(ActionId::SignPlanOrder, Kind::ServiceOrder, order("oA", 100), found);
    assert_eq!([order("oA", 100), order("oB", 100)].map(of_step), [made, other]);
    let of_sale = |found| shown(ActionId::PlanSell, Kind::SignPlan, sign_plan("oA"), found);
    assert_eq!([sign_plan("oA"), json!({"plan_id": "7"}), sign_plan("oB")].map(of_sale), [made, made, other]);
    let of_plan = |found| shown(ActionId::PlanCreate, Kind::Plan, plan(4), found);
    assert_eq!([plan(4), plan(5)].map(of_plan), [made, other]);
    let of_trade = |found| shown(ActionId::TransactionJsapi, Kind::Transaction, paid("oA"), found);
    assert_eq!([paid("oA"), paid("oB")].map(of_trade), [made, other]);
}

#[test]
fn a_refund_is_shown_by_itself_whatever_its_status_and_another_under_its_number_is_not_it() {
    let transaction = ObjectId::new(Kind::Transaction, Number::parse("T-000001").unwrap());
    let body = json!({"transaction_id": "4200001", "out_refund_no": "R@1", "amount": {"refund": 100, "total": 900, "currency": "CNY"}});
    let (body, refund) = (body.to_string(), ActionId::TransactionRefund);
    let shows = outcome_object(refund, &transaction, &body).unwrap();
    assert_eq!((shows.kind, shows.number.as_str()), (Kind::Refund, "R@1"));
    assert_eq!(outcome_object(ActionId::TransactionClose, &transaction, &body), Some(transaction.clone()));
    assert_eq!(outcome_object(refund, &transaction, "{}"), None);
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
