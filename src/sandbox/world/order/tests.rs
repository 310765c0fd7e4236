//! Service orders, row by row of their state table (PayScore reference §9.4).

use super::super::tests::*;
use super::*;
use crate::model::EndpointId;
use crate::sandbox::world::agenda::Due;

const NUMBER: &str = "SO-1";

fn creation(number: &str, confirm: bool) -> Value {
    let mut body = json!({
        "out_order_no": number, "appid": APPID, "service_id": SERVICE, "service_introduction": "共享单车骑行",
        "time_range": { "start_time": "OnAccept" }, "need_user_confirm": confirm,
        "post_payments": [{ "name": "骑行费", "description": "1.5元/30分钟" }],
        "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": 6000 },
        "notify_url": "https://merchant.example/notify",
    });
    if !confirm {
        body["openid"] = json!(USER);
    }
    body
}

/// The body of an action on the order.
fn action(endpoint: EndpointId) -> Value {
    let mut body = json!({ "appid": APPID, "service_id": SERVICE });
    let lines = |amount: i64| json!([{ "name": "骑行费", "amount": amount }]);
    match endpoint {
        EndpointId::OrderComplete => {
            body["post_payments"] = lines(600);
            body["total_amount"] = json!(600);
            body["time_range"] = json!({ "end_time": "20251009165350" });
        }
        EndpointId::OrderModify => {
            body["post_payments"] = lines(300);
            body["total_amount"] = json!(300);
            body["reason"] = json!("少骑了一程");
        }
        EndpointId::OrderCancel => body["reason"] = json!("车辆故障"),
        EndpointId::OrderSync => {
            body["type"] = json!("Order_Paid");
            body["detail"] = json!({ "paid_time": "20251009165400" });
        }
        _ => {}
    }
    body
}

fn act(world: &mut World, endpoint: EndpointId, now: i64) -> Result<Value, SandboxRefusal> {
    call(world, endpoint, NUMBER, action(endpoint), at(now))
}

/// A world whose order SO-1 reached this step by the rules.
fn order_in(step: Step) -> World {
    let mut world = world();
    let confirm = matches!(step, Step::Created | Step::Expired);
    call(&mut world, EndpointId::OrderCreate, "", creation(NUMBER, confirm), at(0)).unwrap();
    match step {
        Step::Created | Step::Running => {}
        Step::Charging => drop(act(&mut world, EndpointId::OrderComplete, 40).unwrap()),
        Step::Done => {
            act(&mut world, EndpointId::OrderComplete, 40).unwrap();
            world.order_paid(NUMBER, at(50)).unwrap();
        }
        Step::Revoked => drop(act(&mut world, EndpointId::OrderCancel, 40).unwrap()),
        Step::Expired => world.advance(at(31 * 86_400)),
    }
    assert_eq!(world.orders.get(NUMBER).unwrap().step, step);
    world
}

#[test]
fn every_state_has_its_answer_to_every_action() {
    use EndpointId::{OrderCancel, OrderComplete, OrderModify, OrderPay, OrderSync};
    use Step::*;
    const STATE: &str = "INVALID_ORDER_STATE";
    /// An action, its error code (none if it is legal), the state after it.
    type Row = (EndpointId, &'static str, Step);
    let table: [(Step, [Row; 5]); 6] = [
        (
            Created,
            [
                (OrderComplete, STATE, Created),
                (OrderModify, STATE, Created),
                (OrderCancel, "", Revoked),
                (OrderSync, STATE, Created),
                (OrderPay, STATE, Created),
            ],
        ),
        (
            Running,
            [
                (OrderComplete, "", Charging),
                (OrderModify, STATE, Running),
                (OrderCancel, "", Revoked),
                (OrderSync, STATE, Running),
                (OrderPay, STATE, Running),
            ],
        ),
        (
            Charging,
            [
                (OrderComplete, "", Charging),
                (OrderModify, "", Charging),
                (OrderCancel, "", Revoked),
                (OrderSync, "", Done),
                (OrderPay, "", Charging),
            ],
        ),
        (
            Done,
            [
                (OrderComplete, "", Done),
                (OrderModify, "ORDER_DONE", Done),
                (OrderCancel, "ORDER_DONE", Done),
                (OrderSync, "ORDER_DONE", Done),
                (OrderPay, "ORDER_DONE", Done),
            ],
        ),
        (
            Revoked,
            [
                (OrderComplete, "ORDER_CANCELED", Revoked),
                (OrderModify, "ORDER_CANCELED", Revoked),
                (OrderCancel, "", Revoked),
                (OrderSync, "ORDER_CANCELED", Revoked),
                (OrderPay, "ORDER_CANCELED", Revoked),
            ],
        ),
        (
            Expired,
            [
                (OrderComplete, STATE, Expired),
                (OrderModify, STATE, Expired),
                (OrderCancel, STATE, Expired),
                (OrderSync, STATE, Expired),
                (OrderPay, STATE, Expired),
            ],
        ),
    ];
    for (step, row) in table {
        for (endpoint, expected, after) in row {
            let mut world = order_in(step);
            assert_eq!(code(&act(&mut world, endpoint, 60)), expected, "{step:?} {endpoint:?}");
            assert_eq!(world.orders.get(NUMBER).unwrap().step, after, "{step:?} {endpoint:?}");
        }
    }
}

#[test]
fn what_is_no_replay_is_judged_by_the_state() {
    let table = [
        (Step::Charging, EndpointId::OrderComplete, "/total_amount", "PARAM_ERROR"),
        (Step::Charging, EndpointId::OrderComplete, "/time_range/end_time", "INVALID_ORDER_STATE"),
        (Step::Done, EndpointId::OrderComplete, "/time_range/end_time", "ORDER_DONE"),
        (Step::Revoked, EndpointId::OrderCancel, "/reason", "ORDER_CANCELED"),
        (Step::Running, EndpointId::OrderComplete, "/service_id", "NO_AUTH"),
        (Step::Running, EndpointId::OrderCancel, "/appid", "NO_AUTH"),
    ];
    for (step, endpoint, pointer, expected) in table {
        let mut world = order_in(step);
        let mut body = action(endpoint);
        let member = body.pointer_mut(pointer).unwrap();
        *member = if member.is_string() { json!("20251009165349") } else { json!(1) };
        assert_eq!(code(&call(&mut world, endpoint, NUMBER, body, at(60))), expected, "{step:?} {pointer}");
    }
    for endpoint in [EndpointId::OrderComplete, EndpointId::OrderCancel, EndpointId::OrderPay] {
        let outcome = call(&mut world(), endpoint, "SO-2", action(endpoint), at(60));
        assert_eq!(code(&outcome), "ORDER_NOT_EXIST");
    }
}

#[test]
fn creation_is_answered_by_mode_user_and_replay() {
    let mut world = world();
    let with = |pointer: &str, value: Value| {
        let mut body = creation("SO-2", false);
        *body.pointer_mut(pointer).unwrap() = value;
        body
    };
    let no_confirm_only = format!("{}9", &SERVICE[..SERVICE.len() - 1]);
    let mut wrong_mode = creation("SO-2", true);
    wrong_mode["service_id"] = json!(no_confirm_only);
    world.permit("risky", at(0));
    world.refuse_risk("risky");
    let cases = [
        (with("/openid", json!("stranger")), "NO_AUTH"),
        (with("/openid", json!("risky")), "INVALID_REQUEST"),
        (with("/service_id", json!("0")), "NO_AUTH"),
        (with("/appid", json!("wx0")), "INVALID_REQUEST"),
        (with("/risk_fund/name", json!("DEPOSIT")), "PARAM_ERROR"),
        (with("/risk_fund/amount", json!(500_001)), "INVALID_REQUEST"),
        (with("/need_user_confirm", json!(true)), "PARAM_ERROR"),
        (with("/notify_url", json!("ftp://a")), "PARAM_ERROR"),
        (wrong_mode, "NO_AUTH"),
    ];
    for (body, expected) in cases {
        let outcome = call(&mut world, EndpointId::OrderCreate, "", body.clone(), at(0));
        assert_eq!(code(&outcome), expected, "{body}");
    }
    let first = call(&mut world, EndpointId::OrderCreate, "", creation("SO-2", false), at(0)).unwrap();
    assert_eq!(
        (&first["state_description"], &first["time_range"]["start_time"]),
        (&json!("USER_CONFIRM"), &json!("20251009165320"))
    );
    assert_eq!(call(&mut world, EndpointId::OrderCreate, "", creation("SO-2", false), at(99)).unwrap(), first);
    let other = call(&mut world, EndpointId::OrderCreate, "", creation("SO-2", true), at(99));
    assert_eq!(code(&other), "INVALID_REQUEST");
    let confirm = call(&mut world, EndpointId::OrderCreate, "", creation("SO-3", true), at(0)).unwrap();
    assert_eq!(confirm["state"], "CREATED");
    assert!(confirm["package"].is_string());
    assert!(world.confirm("SO-3", USER, at(3600)).is_err(), "the link lives an hour");
    assert_eq!(world.confirm("SO-3", USER, at(3599)), Ok(()));
}

#[test]
fn the_amount_goes_down_only_and_to_nothing_at_last() {
    let mut world = order_in(Step::Charging);
    let modify = |world: &mut World, total: i64| {
        let mut body = action(EndpointId::OrderModify);
        body["post_payments"][0]["amount"] = json!(total);
        body["total_amount"] = json!(total);
        call(world, EndpointId::OrderModify, NUMBER, body, at(60))
    };
    assert_eq!(code(&modify(&mut world, 600)), "PARAM_ERROR");
    let lower = modify(&mut world, 500).unwrap();
    assert_eq!(lower["collection"]["paying_amount"], 500);
    assert_eq!(modify(&mut world, 500).unwrap(), lower, "a replay");
    assert_eq!(code(&modify(&mut world, 550)), "PARAM_ERROR");
    let nothing = modify(&mut world, 0).unwrap();
    assert_eq!((&nothing["state"], &nothing["need_collection"]), (&json!("DONE"), &json!(false)));
    assert_eq!(nothing.get("collection"), None);
}

#[test]
fn a_deduction_in_flight_forbids_changes_until_it_ends() {
    for endpoint in [EndpointId::OrderModify, EndpointId::OrderCancel, EndpointId::OrderSync] {
        let mut world = order_in(Step::Charging);
        world.begin_deduction(NUMBER, at(120)).unwrap();
        assert_eq!(code(&act(&mut world, endpoint, 119)), "INVALID_REQUEST", "{endpoint:?}");
        assert_eq!(code(&act(&mut world, endpoint, 120)), "", "{endpoint:?}");
    }
}

#[test]
fn collection_is_asked_for_once_a_minute() {
    let mut world = order_in(Step::Charging);
    assert_eq!(code(&act(&mut world, EndpointId::OrderPay, 60)), "");
    assert_eq!(code(&act(&mut world, EndpointId::OrderPay, 119)), "FREQUENCY_LIMITED");
    assert_eq!(code(&act(&mut world, EndpointId::OrderPay, 120)), "");
    assert!(!world.agenda.iter().any(|(_, due)| matches!(due, Due::Deduction(_))), "no users, no deduction");
    world.users_act = true;
    act(&mut world, EndpointId::OrderPay, 180).unwrap();
    assert!(world.agenda.iter().any(|(_, due)| matches!(due, Due::Deduction(_))));
}

#[test]
fn a_deposit_bounds_the_total_and_elsewhere_is_elsewhere() {
    let mut world = world();
    let mut camping = creation(NUMBER, true);
    camping["risk_fund"] = json!({ "name": "DEPOSIT", "amount": 599 });
    call(&mut world, EndpointId::OrderCreate, "", camping, at(0)).unwrap();
    world.confirm(NUMBER, USER, at(1)).unwrap();
    assert_eq!(code(&act(&mut world, EndpointId::OrderComplete, 60)), "INVALID_REQUEST");

    let mut world = order_in(Step::Charging);
    let synced = act(&mut world, EndpointId::OrderSync, 60).unwrap();
    assert_eq!(synced["collection"]["details"][0]["paid_type"], "MCH");
    assert_eq!(act(&mut world, EndpointId::OrderSync, 99).unwrap(), synced, "a replay");
}

#[test]
fn a_query_needs_the_service_and_one_number() {
    let mut world = order_in(Step::Done);
    let id = world.orders.get(NUMBER).unwrap().order_id.clone();
    let cases = [
        (format!("?service_id={SERVICE}&appid={APPID}&out_order_no={NUMBER}"), ""),
        (format!("?service_id={SERVICE}&appid={APPID}&query_id={id}"), ""),
        (format!("?service_id={SERVICE}&appid={APPID}&query_id={id}&out_order_no={NUMBER}"), "PARAM_ERROR"),
        (format!("?service_id={SERVICE}&appid={APPID}"), "PARAM_ERROR"),
        (format!("?appid={APPID}&out_order_no={NUMBER}"), "PARAM_ERROR"),
        (format!("?service_id=0&appid={APPID}&out_order_no={NUMBER}"), "NO_AUTH"),
        (format!("?service_id={SERVICE}&appid={APPID}&out_order_no=SO-9"), "ORDER_NOT_EXIST"),
    ];
    for (query, expected) in cases {
        let outcome = call(&mut world, EndpointId::OrderQuery, &query, Value::Null, at(99));
        assert_eq!(code(&outcome), expected, "{query}");
    }
}

#[test]
fn a_confirmation_and_a_payment_are_notified_and_nothing_else_is() {
    let mut world = order_in(Step::Created);
    world.confirm(NUMBER, USER, at(10)).unwrap();
    let notices = world.take_notices();
    assert_eq!((notices.len(), notices[0].event_type), (1, "PAYSCORE.USER_CONFIRM"));
    let resource = &notices[0].resource;
    assert_eq!((&resource["state"], &resource["state_description"]), (&json!("DOING"), &json!("USER_CONFIRM")));
    assert_eq!(
        (&resource["openid"], resource.get("collection"), resource.get("notify_url")),
        (&json!(USER), None, None)
    );
    assert_eq!(notices[0].url, "https://merchant.example/notify");

    let mut world = order_in(Step::Charging);
    assert_eq!(world.take_notices(), [], "made and completed");
    world.deduction_failed(NUMBER).unwrap();
    world.order_paid(NUMBER, at(100)).unwrap();
    let notices = world.take_notices();
    assert_eq!((notices.len(), notices[0].event_type), (1, "PAYSCORE.USER_PAID"));
    let resource = &notices[0].resource;
    assert_eq!((&resource["state"], &resource["need_collection"]), (&json!("DONE"), &json!(true)));
    assert_eq!(resource["collection"]["state"], "USER_PAID");
    assert!(resource["collection"]["details"][0]["transaction_id"].is_string());

    let mut world = order_in(Step::Charging);
    act(&mut world, EndpointId::OrderSync, 200).unwrap();
    assert_eq!(world.take_notices(), [], "the merchant knows what it said itself");
}
