//! Transactions, state by state.

use super::super::tests::*;
use super::*;
use crate::model::EndpointId;

const NUMBER: &str = "PAY000001";

fn body(number: &str) -> Value {
    json!({
        "appid": APPID, "mchid": MCHID, "description": "拿铁 大杯", "out_trade_no": number, "attach": "desk=7",
        "notify_url": "https://merchant.example/notify", "amount": { "total": 2880, "currency": "CNY" },
    })
}

fn place(world: &mut World, endpoint: EndpointId, body: Value, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, endpoint, "", body, at(seconds))
}

fn placed(state: TradeState) -> World {
    let mut world = world();
    place(&mut world, EndpointId::TransactionNative, body(NUMBER), 0).unwrap();
    world.transactions.get_mut(NUMBER).unwrap().state = state;
    world
}

/// Places an order of a certain user.
pub(crate) fn placed_by(world: &mut World, openid: &str, number: &str, total: i64, now: Timestamp) {
    let mut body = body(number);
    (body["payer"], body["amount"]["total"]) = (json!({ "openid": openid }), json!(total));
    call(world, EndpointId::TransactionJsapi, "", body, now).unwrap();
}

#[test]
fn every_product_answers_with_its_own_token() {
    let mut with = body(NUMBER);
    with["payer"] = json!({ "openid": USER });
    with["scene_info"] = json!({ "payer_client_ip": "203.0.113.7", "h5_info": { "type": "Wap" } });
    for (endpoint, member) in [
        (EndpointId::TransactionJsapi, "prepay_id"),
        (EndpointId::TransactionApp, "prepay_id"),
        (EndpointId::TransactionNative, "code_url"),
        (EndpointId::TransactionH5, "h5_url"),
    ] {
        let answer = place(&mut world(), endpoint, with.clone(), 0).unwrap();
        assert!(answer[member].as_str().is_some_and(|token| token.len() <= 512), "{endpoint:?}");
    }
}

#[test]
fn a_number_placed_again_is_answered_by_its_state() {
    let mut other = body(NUMBER);
    other["amount"]["total"] = json!(1);
    let table = [
        (TradeState::NotPay, EndpointId::TransactionNative, body(NUMBER), ""),
        (TradeState::NotPay, EndpointId::TransactionNative, other.clone(), "OUT_TRADE_NO_USED"),
        (TradeState::NotPay, EndpointId::TransactionApp, body(NUMBER), "OUT_TRADE_NO_USED"),
        (TradeState::Success, EndpointId::TransactionNative, body(NUMBER), "INVALID_REQUEST"),
        (TradeState::Success, EndpointId::TransactionNative, other, "OUT_TRADE_NO_USED"),
        (TradeState::Closed, EndpointId::TransactionNative, body(NUMBER), "ORDER_CLOSED"),
    ];
    for (state, endpoint, body, expected) in table {
        let outcome = place(&mut placed(state), endpoint, body, 60);
        assert_eq!(code(&outcome), expected, "{state:?} {endpoint:?}");
    }
}

#[test]
fn closing_is_answered_by_the_state() {
    let table = [
        (TradeState::NotPay, "", TradeState::Closed),
        (TradeState::Closed, "", TradeState::Closed),
        (TradeState::Success, "ORDER_PAID", TradeState::Success),
        (TradeState::Refund, "ORDER_PAID", TradeState::Refund),
    ];
    for (state, expected, after) in table {
        let mut world = placed(state);
        let close =
            |world: &mut World| call(world, EndpointId::TransactionClose, NUMBER, json!({ "mchid": MCHID }), at(60));
        assert_eq!(code(&close(&mut world)), expected, "{state:?}");
        assert_eq!(world.transactions.get(NUMBER).unwrap().state, after);
        assert!(world.transaction_paid(NUMBER, at(61)).is_err(), "{state:?}");
    }
    let unknown = call(&mut world(), EndpointId::TransactionClose, "NOTHING", json!({ "mchid": MCHID }), at(0));
    assert_eq!(unknown, Ok(Value::Null));
    let bare = call(&mut world(), EndpointId::TransactionClose, "NOTHING", json!({}), at(0));
    assert_eq!(code(&bare), "PARAM_ERROR");
}

#[test]
fn a_paid_transaction_is_found_by_both_numbers() {
    let mut world = placed(TradeState::NotPay);
    let query = |world: &mut World, endpoint, number: &str, mchid: &str| {
        call(world, endpoint, &format!("{number}?mchid={mchid}"), Value::Null, at(90))
    };
    let unpaid = query(&mut world, EndpointId::TransactionByNumber, NUMBER, MCHID).unwrap();
    assert_eq!((&unpaid["trade_state"], &unpaid["attach"]), (&json!("NOTPAY"), &Value::Null));
    world.transaction_paid(NUMBER, at(60)).unwrap();
    let paid = query(&mut world, EndpointId::TransactionByNumber, NUMBER, MCHID).unwrap();
    assert_eq!((&paid["trade_state"], &paid["attach"]), (&json!("SUCCESS"), &json!("desk=7")));
    assert_eq!(paid["success_time"], rfc3339(at(60)));
    assert_eq!(paid.get("description"), None);
    assert_eq!(world.transactions.get(NUMBER).unwrap().description, "拿铁 大杯");
    let id = paid["transaction_id"].as_str().unwrap().to_owned();
    assert_eq!(query(&mut world, EndpointId::TransactionById, &id, MCHID), Ok(paid));
    let foreign = query(&mut world, EndpointId::TransactionById, &id, "1900000000");
    assert_eq!(code(&foreign), "INVALID_REQUEST");
    let unknown = query(&mut world, EndpointId::TransactionByNumber, "PAY000002", MCHID);
    assert_eq!(code(&unknown), "ORDER_NOT_EXIST");
}

#[test]
fn what_is_unpaid_is_not_paid_after_its_deadline_and_closes_after_a_week() {
    let mut world = world();
    let mut hasty = body(NUMBER);
    hasty["time_expire"] = json!(rfc3339(at(600)));
    place(&mut world, EndpointId::TransactionNative, hasty, 0).unwrap();
    assert!(world.transaction_paid(NUMBER, at(601)).is_err());
    world.advance(at(7 * 86_400 - 1));
    assert_eq!(world.transactions.get(NUMBER).unwrap().state, TradeState::NotPay);
    world.advance(at(7 * 86_400));
    assert_eq!(world.transactions.get(NUMBER).unwrap().state, TradeState::Closed);
}

#[test]
fn each_wrong_field_has_its_code() {
    let cases = [
        ("/description", json!("字".repeat(128)), "PARAM_ERROR"),
        ("/out_trade_no", json!("12345"), "PARAM_ERROR"),
        ("/amount/total", json!(0), "PARAM_ERROR"),
        ("/amount/currency", json!("USD"), "PARAM_ERROR"),
        ("/notify_url", json!("https://a.example/?x=1"), "PARAM_ERROR"),
        ("/appid", json!("wx0"), "APPID_MCHID_NOT_MATCH"),
    ];
    for (pointer, value, expected) in cases {
        let mut body = body(NUMBER);
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(code(&place(&mut world(), EndpointId::TransactionNative, body, 0)), expected, "{pointer}");
    }
    let jsapi = place(&mut world(), EndpointId::TransactionJsapi, body(NUMBER), 0);
    assert_eq!(code(&jsapi), "INVALID_REQUEST", "JSAPI needs openid");
    let h5 = place(&mut world(), EndpointId::TransactionH5, body(NUMBER), 0);
    assert_eq!(code(&h5), "PARAM_ERROR", "H5 needs scene_info");
}

#[test]
fn only_a_payment_is_notified_and_with_the_answer_of_a_query() {
    let mut world = placed(TradeState::NotPay);
    world.transaction_failed(NUMBER).unwrap();
    assert_eq!(world.take_notices(), []);
    world.transaction_paid(NUMBER, at(30)).unwrap();
    let answer = world.transactions.get(NUMBER).unwrap().document(APPID, MCHID);
    let notices = world.take_notices();
    assert_eq!(notices.len(), 1);
    assert_eq!(notices[0].resource, answer);
    assert_eq!((notices[0].event_type, notices[0].original_type), ("TRANSACTION.SUCCESS", "transaction"));
    assert_eq!((notices[0].url.as_str(), notices[0].at), ("https://merchant.example/notify", at(30)));
    world.deducted_transaction(None, "课程".to_owned(), String::new(), 100, at(31));
    assert_eq!(world.take_notices(), [], "a deduction has no address");
}
