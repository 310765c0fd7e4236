//! Permissions, row by row of PayScore reference §9.5.

use super::super::sign_plan::tests as sign_plans;
use super::super::tests::*;
use super::*;
use crate::model::EndpointId;

const OTHER: &str = "oFakeUser_0043";
const HOUR: i64 = 3600;

fn creation(code: &str) -> Value {
    json!({
        "service_id": SERVICE, "appid": APPID, "authorization_code": code,
        "notify_url": "https://merchant.example/permission",
    })
}

fn create(world: &mut World, code: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::PermissionCreate, "", creation(code), at(seconds))
}

fn by_code(world: &mut World, code: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::PermissionByCode, &format!("{code}?service_id={SERVICE}"), Value::Null, at(seconds))
}

fn by_user(world: &mut World, openid: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    let text = format!("{openid}?service_id={SERVICE}&appid={APPID}");
    call(world, EndpointId::PermissionByOpenid, &text, Value::Null, at(seconds))
}

fn end(world: &mut World, code: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    let body = json!({ "service_id": SERVICE, "reason": "会员到期" });
    call(world, EndpointId::PermissionTerminateByCode, code, body, at(seconds))
}

fn end_by_user(world: &mut World, openid: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    let body = json!({ "service_id": SERVICE, "appid": APPID, "reason": "会员到期" });
    call(world, EndpointId::PermissionTerminateByOpenid, openid, body, at(seconds))
}

fn order(openid: &str) -> Value {
    json!({
        "out_order_no": "SO-1", "appid": APPID, "service_id": SERVICE, "service_introduction": "共享单车骑行",
        "time_range": { "start_time": "OnAccept" }, "need_user_confirm": false, "openid": openid,
        "risk_fund": { "name": "ESTIMATE_ORDER_COST", "amount": 5000 },
        "notify_url": "https://merchant.example/notify",
    })
}

/// A world in which `OTHER` has authorised under `A-1`.
fn authorised() -> World {
    let mut world = world();
    create(&mut world, "A-1", 0).unwrap();
    world.authorise_as("A-1", OTHER, at(60)).unwrap();
    world
}

#[test]
fn a_permission_waits_for_its_user_under_its_code() {
    let mut world = world();
    let first = create(&mut world, "A-1", 0).unwrap();
    let token = |answer: &Value| answer["apply_permissions_token"].as_str().unwrap().to_owned();
    let again = create(&mut world, "A-1", 5).unwrap();
    assert!(token(&first).len() <= 300 && token(&first) != token(&again), "a fresh token");
    let waiting = by_code(&mut world, "A-1", 5).unwrap();
    assert_eq!((&waiting["authorization_state"], &waiting["openid"]), (&json!("UNBINDUSER"), &Value::Null));
    assert_eq!(waiting["notify_url"], "https://merchant.example/permission");
    let unavailable = by_user(&mut world, OTHER, 5).unwrap();
    assert_eq!((&unavailable["authorization_state"], &unavailable["openid"]), (&json!("UNAVAILABLE"), &json!(OTHER)));
    assert_eq!(world.take_new_numbers(), [(Kind::Permission, "A-1".to_owned())]);
}

#[test]
fn the_user_authorises_while_the_token_lives_and_the_merchant_is_notified() {
    let mut world = world();
    create(&mut world, "A-1", 0).unwrap();
    assert!(world.authorise_as("A-1", OTHER, at(HOUR)).is_err(), "the token has run out");
    create(&mut world, "A-1", HOUR).unwrap();
    world.authorise_as("A-1", OTHER, at(HOUR + 1)).unwrap();
    let permission = by_code(&mut world, "A-1", HOUR + 2).unwrap();
    assert_eq!((&permission["authorization_state"], &permission["openid"]), (&json!("AVAILABLE"), &json!(OTHER)));
    assert_eq!(permission["authorization_success_time"], rfc3339(at(HOUR + 1)));
    let mut same = by_user(&mut world, OTHER, HOUR + 2).unwrap();
    assert_eq!(same["notify_url"], Value::Null);
    same["notify_url"] = permission["notify_url"].clone();
    assert_eq!(same, permission);
    let notices = world.take_notices();
    assert_eq!(notices.len(), 1);
    let Notice { url, event_type, original_type, resource, .. } = &notices[0];
    assert_eq!((url.as_str(), *original_type), ("https://merchant.example/permission", "payscore"));
    assert_eq!(*event_type, "PAYSCORE.USER_OPEN_SERVICE");
    assert_eq!(resource["openorclose_time"], compact(at(HOUR + 1)));
    assert_eq!((&resource["openid"], &resource["authorization_code"]), (&json!(OTHER), &json!("A-1")));
    assert!(world.authorise_as("A-1", USER, at(HOUR + 3)).is_err(), "only once");
}

#[test]
fn a_code_is_never_used_for_another_user_nor_with_other_parameters() {
    let mut world = authorised();
    assert_eq!(code(&create(&mut world, "A-1", 70)), "INVALID_REQUEST");
    let mut other = creation("A-2");
    call(&mut world, EndpointId::PermissionCreate, "", other.clone(), at(80)).unwrap();
    other["notify_url"] = json!("https://merchant.example/elsewhere");
    assert_eq!(code(&call(&mut world, EndpointId::PermissionCreate, "", other, at(81))), "INVALID_REQUEST");
    world.revoke(OTHER, at(90)).unwrap();
    create(&mut world, "A-1", 100).unwrap();
    assert_eq!(by_code(&mut world, "A-1", 101).unwrap()["authorization_state"], "UNBINDUSER");
    assert_eq!(by_user(&mut world, OTHER, 101).unwrap()["authorization_state"], "UNAVAILABLE");
    assert!(world.authorise_as("A-1", USER, at(102)).is_err(), "it stays the first user's");
    world.authorise("A-1", at(103)).unwrap();
    assert_eq!(by_user(&mut world, OTHER, 104).unwrap()["authorization_state"], "AVAILABLE");
}

#[test]
fn by_either_sides_end_no_order_is_created_any_more_and_the_merchant_is_notified() {
    type End = fn(&mut World) -> bool;
    let ends: [End; 3] = [
        |world| end(world, "A-1", 100) == Ok(Value::Null),
        |world| end_by_user(world, OTHER, 100) == Ok(Value::Null),
        |world| world.revoke(OTHER, at(100)).is_ok(),
    ];
    for ended in ends {
        let mut world = authorised();
        world.take_notices();
        assert!(ended(&mut world));
        let permission = by_code(&mut world, "A-1", 101).unwrap();
        assert_eq!(permission["authorization_state"], "UNAVAILABLE");
        assert_eq!(permission["cancel_authorization_time"], rfc3339(at(100)));
        let events: Vec<_> = world.take_notices().iter().map(|notice| notice.event_type).collect();
        assert_eq!(events, ["PAYSCORE.USER_CLOSE_SERVICE"]);
        let refused = call(&mut world, EndpointId::OrderCreate, "", order(OTHER), at(102));
        assert_eq!(code(&refused), "NO_AUTH");
        // Ended once more by the merchant, nothing happens.
        assert_eq!(end(&mut world, "A-1", 103), Ok(Value::Null));
        assert_eq!(end_by_user(&mut world, OTHER, 103), Ok(Value::Null));
        assert!(world.revoke(OTHER, at(103)).is_err());
        assert!(world.take_notices().is_empty());
    }
}

#[test]
fn an_unfinished_order_keeps_the_permission() {
    let mut world = authorised();
    call(&mut world, EndpointId::OrderCreate, "", order(OTHER), at(70)).unwrap();
    assert_eq!(code(&end(&mut world, "A-1", 80)), "INVALID_REQUEST");
    assert_eq!(code(&end_by_user(&mut world, OTHER, 80)), "INVALID_REQUEST");
    assert!(world.revoke(OTHER, at(80)).is_err());
    let cancel = json!({ "appid": APPID, "service_id": SERVICE, "reason": "设备故障" });
    call(&mut world, EndpointId::OrderCancel, "SO-1", cancel, at(90)).unwrap();
    assert_eq!(end(&mut world, "A-1", 100), Ok(Value::Null));
}

#[test]
fn the_sign_plans_of_the_service_end_with_the_permission() {
    let mut world = sign_plans::signed();
    let number = world.sign_plans.at(0).number.clone();
    assert_eq!(end_by_user(&mut world, USER, 200), Ok(Value::Null));
    let sign_plan = call(&mut world, EndpointId::SignPlanQuery, &number, Value::Null, at(201)).unwrap();
    assert_eq!(
        (&sign_plan["sign_state"], &sign_plan["cancel_sign_type"]),
        (&json!("SIGN_PLAN_CANCEL"), &json!("REVOKE_SERVICE"))
    );
}

#[test]
fn only_the_code_a_user_authorised_under_last_ends_it() {
    let mut world = authorised();
    create(&mut world, "A-2", 70).unwrap();
    assert_eq!(code(&end(&mut world, "A-2", 71)), "INVALID_REQUEST", "no user has authorised under it");
    world.authorise_as("A-2", OTHER, at(80)).unwrap();
    assert_eq!(by_code(&mut world, "A-1", 81).unwrap()["authorization_state"], "UNAVAILABLE");
    assert_eq!(code(&end(&mut world, "A-1", 82)), "INVALID_REQUEST", "a stale code");
    assert_eq!(by_user(&mut world, OTHER, 83).unwrap()["authorization_code"], "A-2");
    assert_eq!(end(&mut world, "A-2", 84), Ok(Value::Null));
}

#[test]
fn every_refusal_has_its_code() {
    let mut world = authorised();
    assert_eq!(code(&by_code(&mut world, "A-9", 70)), "RESOURCE_NOT_EXISTS");
    assert_eq!(code(&end(&mut world, "A-9", 70)), "RESOURCE_NOT_EXISTS");
    assert_eq!(end_by_user(&mut world, "oNobody", 70), Ok(Value::Null), "nothing to end");
    let queries = [
        (EndpointId::PermissionByCode, "A-1".to_owned(), "PARAM_ERROR"),
        (EndpointId::PermissionByCode, "A-1?service_id=0".to_owned(), "NO_AUTH"),
        (EndpointId::PermissionByCode, format!("A-1?service_id={}9", &SERVICE[..SERVICE.len() - 1]), "NO_AUTH"),
        (EndpointId::PermissionByOpenid, format!("{OTHER}?service_id={SERVICE}"), "PARAM_ERROR"),
        (EndpointId::PermissionByOpenid, format!("{OTHER}?service_id=0&appid={APPID}"), "NO_AUTH"),
        (EndpointId::PermissionByOpenid, format!("{OTHER}?service_id={SERVICE}&appid=wx0"), "NO_AUTH"),
    ];
    for (endpoint, text, expected) in queries {
        assert_eq!(code(&call(&mut world, endpoint, &text, Value::Null, at(70))), expected, "{text}");
    }
    let bodies = [
        (EndpointId::PermissionCreate, "/authorization_code", json!("a b"), "PARAM_ERROR"),
        (EndpointId::PermissionCreate, "/authorization_code", json!("x".repeat(33)), "PARAM_ERROR"),
        (EndpointId::PermissionCreate, "/notify_url", json!("https://a.example/?x"), "PARAM_ERROR"),
        (EndpointId::PermissionCreate, "/service_id", json!("0"), "NO_AUTH"),
        (EndpointId::PermissionCreate, "/appid", json!("wx0"), "INVALID_REQUEST"),
        (EndpointId::PermissionTerminateByCode, "/reason", json!("长".repeat(51)), "PARAM_ERROR"),
        (EndpointId::PermissionTerminateByCode, "/service_id", json!("0"), "NO_AUTH"),
        (EndpointId::PermissionTerminateByOpenid, "/reason", json!(""), "PARAM_ERROR"),
        (EndpointId::PermissionTerminateByOpenid, "/appid", json!("wx0"), "NO_AUTH"),
    ];
    for (endpoint, pointer, value, expected) in bodies {
        let (text, mut body) = match endpoint {
            EndpointId::PermissionCreate => ("", creation("A-7")),
            EndpointId::PermissionTerminateByCode => ("A-1", json!({ "service_id": SERVICE, "reason": "到期" })),
            _ => (OTHER, json!({ "service_id": SERVICE, "appid": APPID, "reason": "到期" })),
        };
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(code(&call(&mut world, endpoint, text, body, at(70))), expected, "{endpoint:?} {pointer}");
    }
}
