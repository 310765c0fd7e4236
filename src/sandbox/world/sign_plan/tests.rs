//! Sign plans and details, row by row of their state tables (PayScore reference §9.2, §9.3).

use super::super::plan::tests::creation as plan_creation;
use super::super::tests::*;
use super::*;
use crate::model::EndpointId;

pub(crate) fn creation(plan_id: &Value, number: &str, details: usize) -> Value {
    let detail = |n| json!({ "plan_detail_no": n, "merchant_plan_detail_no": format!("{number}-{n}") });
    json!({
        "service_id": SERVICE, "plan_id": plan_id, "appid": APPID, "openid": USER, "merchant_sign_plan_no": number,
        "notify_url": "https://merchant.example/notify",
        "sign_plan_detail": (1..=details).map(detail).collect::<Vec<_>>(),
    })
}

/// A world with the plan PLN-1 of three details, and its id.
fn with_plan() -> (World, Value) {
    let mut world = world();
    let plan = call(&mut world, EndpointId::PlanCreate, "", plan_creation("PLN-1", &[9900, 8800, 0]), at(0));
    let id = plan.unwrap()["plan_id"].clone();
    (world, id)
}

/// A world with the sign plan SGN-1, unsigned.
pub(crate) fn offered() -> World {
    let (mut world, plan_id) = with_plan();
    call(&mut world, EndpointId::SignPlanCreate, "", creation(&plan_id, "SGN-1", 3), at(0)).unwrap();
    world
}

/// The same, signed.
pub(crate) fn signed() -> World {
    let mut world = offered();
    world.sign("SGN-1", at(60)).unwrap();
    world
}

/// Creates the order of a detail.
pub(crate) fn begin(world: &mut World, n: usize, now: i64) -> Result<Value, SandboxRefusal> {
    let id = world.sign_plans.get("SGN-1").unwrap().sign_plan_id.clone();
    let body = json!({
        "service_id": SERVICE, "sign_plan_id": id, "plan_detail_no": n, "appid": APPID, "openid": USER,
        "notify_url": "https://merchant.example/notify", "time_range": { "start_time": "OnAccept" },
        "out_trade_no": format!("SGN-1-{n}"),
    });
    call(world, EndpointId::SignPlanOrderCreate, "", body, at(now))
}

fn cancel(world: &mut World, reason: &str, now: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::SignPlanCancel, "SGN-1", json!({ "stop_reason": reason }), at(now))
}

fn query(world: &mut World, now: i64) -> Value {
    call(world, EndpointId::SignPlanQuery, "SGN-1", Value::Null, at(now)).unwrap()
}

#[test]
fn creation_wraps_the_sign_plan_and_a_replay_renews_its_link() {
    let (mut world, plan_id) = with_plan();
    let body = creation(&plan_id, "SGN-1", 3);
    let first = call(&mut world, EndpointId::SignPlanCreate, "", body.clone(), at(0)).unwrap();
    assert_eq!(first["sign_plan"]["sign_state"], "UNSIGNED");
    assert_eq!(first["sign_plan"]["total_origin_price"], 29700);
    let again = call(&mut world, EndpointId::SignPlanCreate, "", body, at(7200)).unwrap();
    assert_eq!(again["sign_plan"], first["sign_plan"]);
    assert_ne!(again["package"], first["package"]);
    assert_eq!(world.sign("SGN-1", at(7201)), Ok(()), "the renewed link works");
}

#[test]
fn wrong_creations_have_their_codes() {
    let (mut world, plan_id) = with_plan();
    call(&mut world, EndpointId::SignPlanCreate, "", creation(&plan_id, "SGN-1", 3), at(0)).unwrap();
    let mut twice = creation(&plan_id, "SGN-2", 3);
    twice["sign_plan_detail"][1]["merchant_plan_detail_no"] = json!("SGN-2-1");
    let mut taken = creation(&plan_id, "SGN-2", 3);
    taken["sign_plan_detail"][1]["merchant_plan_detail_no"] = json!("SGN-1-2");
    let cases = [
        (creation(&plan_id, "SGN-2", 2), "PARAM_ERROR"),
        (creation(&plan_id, "SGN-2", 4), "PARAM_ERROR"),
        (twice, "PARAM_ERROR"),
        (taken, "PARAM_ERROR"),
        (creation(&json!("0"), "SGN-2", 3), "RESOURCE_NOT_EXISTS"),
        (creation(&plan_id, "SGN-1", 2), "PARAM_ERROR"),
    ];
    for (body, expected) in cases {
        assert_eq!(code(&call(&mut world, EndpointId::SignPlanCreate, "", body, at(1))), expected);
    }
    let mut other = creation(&plan_id, "SGN-1", 3);
    other["openid"] = json!("somebody else");
    assert_eq!(code(&call(&mut world, EndpointId::SignPlanCreate, "", other, at(1))), "INVALID_REQUEST");
    call(&mut world, EndpointId::PlanStop, "PLN-1", Value::Null, at(2)).unwrap();
    let late = call(&mut world, EndpointId::SignPlanCreate, "", creation(&plan_id, "SGN-3", 3), at(3));
    assert_eq!(code(&late), "INVALID_REQUEST");
    assert!(world.sign("SGN-1", at(4)).is_err(), "a stopped plan signs no one");
}

#[test]
fn a_link_lives_two_hours() {
    assert_eq!(offered().sign("SGN-1", at(7199)), Ok(()));
    assert!(offered().sign("SGN-1", at(7200)).is_err());
}

#[test]
fn each_state_has_its_answer_to_cancellation_and_orders() {
    let by_user = || {
        let mut world = signed();
        world.cancel_sign("SGN-1", at(100)).unwrap();
        world
    };
    let by_merchant = || {
        let mut world = signed();
        cancel(&mut world, "停课", 100).unwrap();
        world
    };
    let expired = || {
        let mut world = signed();
        world.advance(at(130 * 86_400));
        world
    };
    let long = 130 * 86_400 + 1;
    let table: [(World, &str, &str, i64); 5] = [
        (offered(), "", "INVALID_REQUEST", 200),
        (signed(), "", "", 200),
        (by_user(), "INVALID_REQUEST", "INVALID_REQUEST", 200),
        (by_merchant(), "", "INVALID_REQUEST", 200),
        (expired(), "INVALID_REQUEST", "INVALID_REQUEST", long),
    ];
    for (mut world, to_cancel, to_order, now) in table {
        let state = query(&mut world, now)["sign_state"].clone();
        assert_eq!(code(&begin(&mut world, 1, now)), to_order, "{state}");
        assert_eq!(code(&cancel(&mut world, "停课", now)), to_cancel, "{state}");
    }
    assert_eq!(code(&cancel(&mut by_merchant(), "搬迁", 200)), "INVALID_REQUEST", "not a replay");
    assert_eq!(query(&mut by_merchant(), 200)["cancel_sign_type"], "MERCHANT");
    assert_eq!(query(&mut expired(), long)["sign_state"], "EXPIRE");
    assert_eq!(code(&cancel(&mut signed(), "", 200)), "PARAM_ERROR");
}

#[test]
fn details_are_used_in_order_and_only_after_payment() {
    let mut world = signed();
    assert_eq!(code(&begin(&mut world, 2, 100)), "INVALID_REQUEST", "no skipping");
    let order = begin(&mut world, 1, 100).unwrap();
    assert_eq!((&order["state"], &order["state_description"]), (&json!("DOING"), &json!("USER_CONFIRM")));
    assert_eq!(order["post_payments"][0]["amount"], 9900);
    assert_eq!(begin(&mut world, 1, 100).unwrap(), order, "a replay is the same order");
    assert_eq!(code(&begin(&mut world, 2, 100)), "INVALID_REQUEST", "one order at a time");
    world.charge("SGN-1-1", at(200)).unwrap();
    assert_eq!(code(&begin(&mut world, 2, 300)), "INVALID_REQUEST", "completed is not paid");
    assert_eq!(query(&mut world, 300)["signed_detail_list"][0]["plan_detail_state"], "USING");
    world.order_paid("SGN-1-1", at(301)).unwrap();
    let detail = query(&mut world, 302)["signed_detail_list"][0].clone();
    assert_eq!((&detail["plan_detail_state"], &detail["actual_pay_price"]), (&json!("USED"), &json!(9900)));

    begin(&mut world, 2, 400).unwrap();
    world.cancel_by_shop("SGN-1-2", "请假", at(410)).unwrap();
    let second = query(&mut world, 411);
    assert_eq!(second["signed_detail_list"][1]["plan_detail_state"], "SIGN_PLAN_DETAIL_CANCEL");
    assert_eq!(second["going_detail_no"], 2);
    // The last one is free: completed with nothing to pay.
    begin(&mut world, 3, 500).unwrap();
    world.charge("SGN-1-3", at(600)).unwrap();
    assert_eq!(query(&mut world, 601)["sign_state"], "COMPLETE");
    assert_eq!(code(&cancel(&mut world, "停课", 602)), "INVALID_REQUEST");
}

#[test]
fn a_running_order_outlives_its_sign_plan() {
    let mut world = signed();
    begin(&mut world, 1, 100).unwrap();
    cancel(&mut world, "停课", 110).unwrap();
    world.charge("SGN-1-1", at(200)).unwrap();
    world.order_paid("SGN-1-1", at(201)).unwrap();
    let after = query(&mut world, 202);
    assert_eq!(
        (&after["sign_state"], &after["signed_detail_list"][0]["plan_detail_state"]),
        (&json!("SIGN_PLAN_CANCEL"), &json!("USED"))
    );
    assert_eq!(after["signed_detail_list"][1]["plan_detail_state"], "NOT_USED");
}

#[test]
fn numbers_must_match_the_detail() {
    let mut world = signed();
    let id = world.sign_plans.get("SGN-1").unwrap().sign_plan_id.clone();
    let body = |n: i64, number: &str, name: &str, openid: &str| {
        json!({
            "service_id": SERVICE, "sign_plan_id": id, "plan_detail_no": n, "appid": APPID, "openid": openid,
            "notify_url": "https://merchant.example/notify", "time_range": { "start_time": "OnAccept" }, name: number,
        })
    };
    let cases = [
        (body(1, "SGN-1-2", "out_trade_no", USER), "PARAM_ERROR"),
        (body(4, "SGN-1-4", "out_trade_no", USER), "PARAM_ERROR"),
        (body(1, "SGN-1-1", "number", USER), "PARAM_ERROR"),
        (body(1, "SGN-1-1", "out_trade_no", "another"), "INVALID_REQUEST"),
        (body(1, "SGN-1-1", "out_order_no", USER), ""),
    ];
    for (body, expected) in cases {
        let outcome = call(&mut world, EndpointId::SignPlanOrderCreate, "", body.clone(), at(100));
        assert_eq!(code(&outcome), expected, "{body}");
    }
}

#[test]
fn revoking_the_service_cancels_all_but_waits_for_orders() {
    let mut world = signed();
    begin(&mut world, 1, 100).unwrap();
    assert!(world.revoke_service("SGN-1", at(101)).is_err(), "an order is running");
    world.charge("SGN-1-1", at(200)).unwrap();
    world.order_paid("SGN-1-1", at(201)).unwrap();
    assert_eq!(world.revoke_service("SGN-1", at(202)), Ok(()));
    assert_eq!(query(&mut world, 203)["cancel_sign_type"], "REVOKE_SERVICE");
    assert!(!world.may_charge(USER, SERVICE));
}

#[test]
fn what_the_user_does_is_notified_and_what_the_merchant_or_time_does_is_not() {
    let events = |world: &mut World| -> Vec<(&'static str, Value, Value)> {
        let event = |n: super::super::Notice| {
            (n.event_type, n.resource["sign_state"].clone(), n.resource["cancel_sign_type"].clone())
        };
        world.take_notices().into_iter().map(event).collect()
    };
    let signing = ("PAYSCORE.USER_SIGN_PLAN", json!("SIGNED"), json!("NOT_CANCEL"));
    let mut world = signed();
    assert_eq!(events(&mut world), [signing]);
    world.cancel_sign("SGN-1", at(99)).unwrap();
    let event = "PAYSCORE.USER_CANCEL_SIGN_PLAN";
    assert_eq!(events(&mut world), [(event, json!("SIGN_PLAN_CANCEL"), json!("USER"))]);

    let mut world = signed();
    world.take_notices();
    world.revoke_service("SGN-1", at(99)).unwrap();
    // The end of the service is announced as well.
    assert!(events(&mut world).contains(&(event, json!("SIGN_PLAN_CANCEL"), json!("REVOKE_SERVICE"))));

    let mut world = signed();
    world.take_notices();
    cancel(&mut world, "停课", 99).unwrap();
    let mut expired = signed();
    expired.take_notices();
    expired.advance(at(400 * 86_400));
    assert_eq!((events(&mut world), events(&mut expired)), (vec![], vec![]));
}
