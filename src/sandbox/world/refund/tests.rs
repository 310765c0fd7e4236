//! Refunds, rule by rule.

use super::super::tests::*;
use super::*;
use crate::model::EndpointId;

const TRADE: &str = "PAY000001";
const YEAR: i64 = 365 * 86_400;

/// A world with one transaction of 28.80 yuan, paid at 0.
fn paid() -> World {
    let mut world = world();
    let body = json!({
        "appid": APPID, "mchid": MCHID, "description": "拿铁 大杯", "out_trade_no": TRADE,
        "notify_url": "https://merchant.example/notify", "amount": { "total": 2880, "currency": "CNY" },
    });
    call(&mut world, EndpointId::TransactionNative, "", body, at(0)).unwrap();
    world.transaction_paid(TRADE, at(0)).unwrap();
    world.transactions.get_mut(TRADE).unwrap().payment.as_mut().unwrap().bank = "OTHERS";
    world
}

fn body(number: &str, fen: i64) -> Value {
    json!({
        "out_trade_no": TRADE, "out_refund_no": number, "reason": "做错口味",
        "amount": { "refund": fen, "total": 2880, "currency": "CNY" },
    })
}

fn refund(world: &mut World, body: Value, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::RefundCreate, "", body, at(seconds))
}

fn query(world: &mut World, number: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::RefundQuery, number, Value::Null, at(seconds))
}

fn state(world: &World) -> TradeState {
    world.transactions.get(TRADE).unwrap().state
}

#[test]
fn a_refund_is_accepted_first_and_arrives_later() {
    let mut world = paid();
    let accepted = refund(&mut world, body("R@1", 880), 100).unwrap();
    assert_eq!((&accepted["status"], &accepted["success_time"]), (&json!("PROCESSING"), &Value::Null));
    assert_eq!((&accepted["out_trade_no"], &accepted["amount"]["refund"]), (&json!(TRADE), &json!(880)));
    assert_eq!(accepted["user_received_account"], "支付用户零钱");
    assert_eq!(state(&world), TradeState::Refund, "after a part, too");
    assert_eq!(query(&mut world, "R@1", 101), Ok(accepted.clone()));
    let arrived = query(&mut world, "R@1", 160).unwrap();
    assert_eq!((&arrived["status"], &arrived["refund_id"]), (&json!("SUCCESS"), &accepted["refund_id"]));
    assert!(arrived["success_time"].is_string());
    assert_eq!(code(&query(&mut world, "R@2", 160)), "RESOURCE_NOT_EXISTS");
    assert_eq!(world.take_new_numbers().last(), Some(&(Kind::Refund, "R@1".to_owned())));
}

#[test]
fn either_number_of_the_transaction_names_it_and_both_must_agree() {
    let mut world = paid();
    let id = world.transactions.get(TRADE).unwrap().payment.as_ref().unwrap().transaction_id.clone();
    let by = |id: Value, trade: Value| {
        let mut body = body("R-1", 100);
        (body["transaction_id"], body["out_trade_no"]) = (id, trade);
        drop_nulls(&mut body);
        body
    };
    assert_eq!(code(&refund(&mut world, by(json!(id), json!("PAY000002")), 100)), "INVALID_REQUEST");
    assert_eq!(code(&refund(&mut world, by(Value::Null, Value::Null), 100)), "PARAM_ERROR");
    assert_eq!(code(&refund(&mut world, by(json!("4200"), Value::Null), 100)), "RESOURCE_NOT_EXISTS");
    let made = refund(&mut world, by(json!(id), Value::Null), 100).unwrap();
    assert_eq!((&made["out_trade_no"], &made["transaction_id"]), (&json!(TRADE), &json!(id)));
}

#[test]
fn the_same_number_gives_the_same_refund_or_none() {
    let mut world = paid();
    let first = refund(&mut world, body("R-1", 880), 100).unwrap();
    assert_eq!(refund(&mut world, body("R-1", 880), 101), Ok(first), "not a second one, and no minute apart");
    assert_eq!(world.refundable(TRADE), 2000);
    assert_eq!(code(&refund(&mut world, body("R-1", 881), 200)), "INVALID_REQUEST");
    let mut other = body("R-1", 880);
    other["out_trade_no"] = json!("PAY000002");
    assert_eq!(code(&refund(&mut world, other, 200)), "INVALID_REQUEST");
    assert_eq!(world.refunds.len(), 1);
}

#[test]
fn only_what_is_left_is_refunded_a_minute_apart_and_within_a_year() {
    let mut world = paid();
    assert_eq!(code(&refund(&mut world, body("R-1", 2881), 100)), "INVALID_REQUEST");
    refund(&mut world, body("R-1", 2000), 100).unwrap();
    assert_eq!(code(&refund(&mut world, body("R-2", 100), 159)), "INVALID_REQUEST");
    refund(&mut world, body("R-2", 800), 160).unwrap();
    assert_eq!(code(&refund(&mut world, body("R-3", 81), 300)), "INVALID_REQUEST");
    assert_eq!(code(&refund(&mut world, body("R-3", 80), YEAR + 1)), "INVALID_REQUEST");
    refund(&mut world, body("R-3", 80), YEAR).unwrap();
    assert_eq!(world.refundable(TRADE), 0);
    assert_eq!(code(&refund(&mut world, body("R-4", 1), YEAR)), "INVALID_REQUEST");
    let mut wrong = body("R-4", 1);
    wrong["amount"]["total"] = json!(9999);
    assert_eq!(code(&refund(&mut paid(), wrong, 100)), "INVALID_REQUEST", "the total is the order's");
}

#[test]
fn an_order_is_refunded_fifty_times_at_most() {
    let mut world = paid();
    for i in 0..50 {
        refund(&mut world, body(&format!("R-{i}"), 1), 60 * (i + 1)).unwrap();
    }
    assert_eq!(code(&refund(&mut world, body("R-50", 1), 60 * 60)), "INVALID_REQUEST");
}

#[test]
fn what_is_unknown_or_unpaid_is_not_refunded() {
    for state in [TradeState::NotPay, TradeState::Closed, TradeState::UserPaying, TradeState::PayError] {
        let mut world = paid();
        let transaction = world.transactions.get_mut(TRADE).unwrap();
        (transaction.state, transaction.payment) = (state, None);
        assert_eq!(code(&refund(&mut world, body("R-1", 100), 100)), "RESOURCE_NOT_EXISTS", "{state:?}");
    }
    assert_eq!(code(&refund(&mut world(), body("R-1", 100), 100)), "RESOURCE_NOT_EXISTS");
}

#[test]
fn each_wrong_field_is_named() {
    let cases = [
        ("/out_refund_no", json!("R 1")),
        ("/out_refund_no", json!("R".repeat(65))),
        ("/out_trade_no", json!("12345")),
        ("/reason", json!("字".repeat(81))),
        ("/amount/refund", json!(0)),
        ("/amount/refund", json!("100")),
        ("/amount/total", json!(0)),
        ("/amount/currency", json!("USD")),
        ("/funds_account", json!("AVAILABLE")),
        ("/sub_mchid", json!(MCHID)),
    ];
    for (pointer, value) in cases {
        let mut body = body("R-1", 100);
        match pointer.strip_prefix("/amount/") {
            Some(name) => body["amount"][name] = value,
            None => body[&pointer[1..]] = value,
        }
        let refusal = refund(&mut paid(), body, 100).unwrap_err();
        assert_eq!(refusal.code, Code::ParamError, "{pointer}");
        assert_eq!(refusal.body(true)["detail"]["field"], pointer);
    }
    let mut bare = body("R-1", 100);
    bare["amount"].as_object_mut().unwrap().remove("currency");
    assert_eq!(code(&refund(&mut paid(), bare, 100)), "PARAM_ERROR");
}

#[test]
fn coupons_are_taken_back_in_proportion_and_the_parts_add_up() {
    let mut world = paid();
    let coupon = json!({ "coupon_id": "8000", "scope": "GLOBAL", "type": "NOCASH", "amount": 200 });
    world.transactions.get_mut(TRADE).unwrap().payment.as_mut().unwrap().promotions = vec![coupon];
    let first = refund(&mut world, body("R-0", 880), 60).unwrap()["amount"].clone();
    // The example of the reference.
    assert_eq!([&first["payer_refund"], &first["discount_refund"]], [&json!(819), &json!(61)]);
    let mut sums = [819, 61, 819];
    for (i, fen) in [1, 999, 7, 993].into_iter().enumerate() {
        let minutes = i as i64 + 2;
        let amount = refund(&mut world, body(&format!("R-{minutes}"), fen), 60 * minutes).unwrap()["amount"].clone();
        for (sum, name) in sums.iter_mut().zip(["payer_refund", "discount_refund", "settlement_refund"]) {
            let part = amount[name].as_i64().unwrap();
            assert!((0..=fen).contains(&part), "{amount}");
            *sum += part;
        }
    }
    assert_eq!((world.refundable(TRADE), sums), (0, [2680, 200, 2680]));
}

#[test]
fn what_cannot_arrive_waits_and_what_is_closed_can_be_refunded_again() {
    let mut world = paid();
    refund(&mut world, body("R-1", 1880), 100).unwrap();
    world.fail_refund("R-1", at(130));
    assert_eq!(query(&mut world, "R-1", 90 * 86_400).unwrap()["status"], "ABNORMAL");
    refund(&mut world, body("R-2", 1000), 91 * 86_400).unwrap();
    world.leave_refund_unfunded("R-2");
    assert_eq!(query(&mut world, "R-2", 97 * 86_400).unwrap()["status"], "PROCESSING");
    assert_eq!(world.refundable(TRADE), 0);
    assert_eq!(query(&mut world, "R-2", 98 * 86_400).unwrap()["status"], "CLOSED");
    assert_eq!((world.refundable(TRADE), state(&world)), (1000, TradeState::Refund));
    refund(&mut world, body("R-3", 1000), 98 * 86_400).unwrap();
}

#[test]
fn each_end_is_notified_to_the_refunds_own_address_and_none_without_one() {
    let mut world = paid();
    world.take_notices();
    refund(&mut world, body("R1", 100), 100).unwrap();
    world.advance(at(1000));
    assert_eq!(world.take_notices(), [], "no address, neither here nor on the platform");
    let with_url = |number: &str| {
        let mut body = body(number, 100);
        body["notify_url"] = "http://127.0.0.1:9/refund".into();
        body
    };
    let cases = [
        (RefundStatus::Success, "REFUND.SUCCESS", "SUCCESS"),
        (RefundStatus::Abnormal, "REFUND.ABNORMAL", "ABNORMAL"),
        (RefundStatus::Closed, "REFUND.CLOSED", "CLOSED"),
    ];
    for (i, (status, event, word)) in cases.into_iter().enumerate() {
        let (number, now) = (format!("R-{word}"), 2000 + i as i64 * 100);
        let accepted = refund(&mut world, with_url(&number), now).unwrap();
        assert_eq!(world.take_notices(), [], "accepted is not done");
        world.end_refund(&number, status, at(now + 1)).unwrap();
        let notices = world.take_notices();
        assert_eq!((notices.len(), notices[0].event_type), (1, event));
        assert_eq!(notices[0].url, "http://127.0.0.1:9/refund");
        let resource = &notices[0].resource;
        assert_eq!((&resource["refund_status"], &resource["refund_id"]), (&json!(word), &accepted["refund_id"]));
        assert_eq!(resource.get("success_time").is_some(), status == RefundStatus::Success);
        assert!(["status", "channel", "funds_account", "create_time"].iter().all(|name| resource.get(name).is_none()));
        assert_eq!(
            resource["amount"],
            json!({ "total": 2880, "refund": 100, "payer_total": 2880, "payer_refund": 100 })
        );
        let again = world.end_refund(&number, status, at(now + 2));
        assert_eq!(again, Err(UserError::NotNow(Reason::RefundNotProcessing)));
    }
    world.advance(at(10_000));
    assert_eq!(world.take_notices(), [], "an end is announced once");
}
