//! The Global merchants, row by row of the reference's table (Global reference §14).

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::tests::{at, call, call_as, code, merchant};
use super::super::{Caller, World};
use super::market;
use super::*;
use crate::model::Statement;
use crate::model::time::{Duration, compact_day, rfc3339};
use crate::model::{Currency, EndpointId, Money};
use crate::sandbox::answer::SandboxRefusal;
use crate::sandbox::world::transaction::TradeState;

const NUMBER: &str = "GTX-1";
const IDS: &str = "?sp_mchid=1610000001&sub_mchid=1610000088";

fn world() -> World {
    World::empty(merchant(), 1, false)
}

fn owner() -> Value {
    json!({ "sp_mchid": "1610000001", "sub_mchid": "1610000088" })
}

fn body(number: &str) -> Value {
    json!({
        "sp_mchid": "1610000001", "sub_mchid": "1610000088", "sp_appid": Party::Institution.appid(),
        "out_trade_no": number, "description": "Harbour Cafe - breakfast set", "attach": "till=1",
        "notify_url": "https://shop.example.com/wx/notify", "trade_type": "NATIVE", "merchant_category_code": "5812",
        "amount": { "total": 6800, "currency": "HKD" },
    })
}

fn place(world: &mut World, body: Value, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::GlobalNative, "", body, at(seconds))
}

fn state(world: &mut World, state: TradeState) {
    let books = world.global.books_mut(Party::Institution);
    books.orders.get_mut(NUMBER).unwrap().state = state;
}

fn query(world: &mut World, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::GlobalByNumber, &format!("{NUMBER}{IDS}"), Value::Null, at(seconds))
}

/// A world with one order, paid a minute after the vectors' clock.
fn paid() -> World {
    let mut world = world();
    place(&mut world, body(NUMBER), 0).unwrap();
    world.with_global(|global| global.pay(NUMBER, at(60))).unwrap();
    world
}

fn refund(number: &str, part: i64) -> Value {
    json!({
        "sp_mchid": "1610000001", "sub_mchid": "1610000088", "sp_appid": Party::Institution.appid(),
        "out_trade_no": NUMBER, "out_refund_no": number,
        "amount": { "refund": part, "total": 6800, "currency": "HKD" },
    })
}

fn give_back(world: &mut World, body: Value, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::GlobalRefundCreate, "", body, at(seconds))
}

fn events(world: &mut World) -> Vec<&'static str> {
    world.take_notices().into_iter().map(|notice| notice.event_type).collect()
}

#[test]
fn every_product_answers_with_its_own_token() {
    let payer = json!({ "sp_openid": "oAbC123example" });
    let scene = json!({ "payer_client_ip": "203.0.113.7", "store_info": { "id": "HC01" } });
    for (endpoint, word, member) in [
        (EndpointId::GlobalApp, "APP", "prepay_id"),
        (EndpointId::GlobalJsapi, "JSAPI", "prepay_id"),
        (EndpointId::GlobalNative, "NATIVE", "code_url"),
        (EndpointId::GlobalH5, "MWEB", "mweb_url"),
    ] {
        let mut body = body(NUMBER);
        body["trade_type"] = word.into();
        body["payer"] = payer.clone();
        body["scene_info"] = scene.clone();
        let answer = call(&mut world(), endpoint, "", body.clone(), at(0)).unwrap();
        assert!(answer[member].as_str().is_some_and(|token| !token.is_empty()), "{endpoint:?}");
        body["trade_type"] = "MICROPAY".into();
        let refused = call(&mut world(), endpoint, "", body, at(0));
        assert_eq!(code(&refused), "PARAM_ERROR", "the type must be the path's");
    }
}

#[test]
fn a_number_placed_again_is_answered_by_its_state() {
    let mut other = body(NUMBER);
    other["amount"]["total"] = 1.into();
    for (was, body, expected) in [
        (TradeState::NotPay, body(NUMBER), ""),
        (TradeState::NotPay, other, "OUT_TRADE_NO_USED"),
        (TradeState::Success, body(NUMBER), "ORDERPAID"),
        (TradeState::Refund, body(NUMBER), "ORDERPAID"),
        (TradeState::Closed, body(NUMBER), "ORDERCLOSED"),
        (TradeState::Revoked, body(NUMBER), "ORDERREVERSED"),
    ] {
        let mut world = world();
        place(&mut world, self::body(NUMBER), 0).unwrap();
        state(&mut world, was);
        assert_eq!(code(&place(&mut world, body, 60)), expected, "{was:?}");
    }
}

#[test]
fn closing_waits_five_minutes_and_goes_by_the_state() {
    let close = |world: &mut World, seconds| call(world, EndpointId::GlobalClose, NUMBER, owner(), at(seconds));
    for (was, seconds, expected) in [
        (TradeState::NotPay, 299, "INVALID_REQUEST"),
        (TradeState::NotPay, 300, ""),
        (TradeState::Success, 400, "ORDERPAID"),
        (TradeState::Refund, 400, "ORDERPAID"),
        (TradeState::Closed, 400, "ORDERCLOSED"),
    ] {
        let mut world = world();
        place(&mut world, body(NUMBER), 0).unwrap();
        state(&mut world, was);
        let outcome = close(&mut world, seconds);
        assert_eq!(code(&outcome), expected, "{was:?} {seconds}");
        if expected.is_empty() {
            assert_eq!(query(&mut world, seconds).unwrap()["trade_state"], "CLOSED");
            assert!(
                world.with_global(|global| global.pay(NUMBER, at(seconds))).is_err(),
                "a closed order cannot be paid"
            );
        }
    }
    assert_eq!(code(&close(&mut world(), 0)), "ORDER_NOT_EXIST");
    let by_id = call(&mut world(), EndpointId::GlobalCloseById, "42000", owner(), at(0));
    assert_eq!(code(&by_id), "ORDER_NOT_EXIST");
    let mut unpaid = world();
    place(&mut unpaid, body(NUMBER), 0).unwrap();
    let id = query(&mut unpaid, 0).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(call(&mut unpaid, EndpointId::GlobalCloseById, &id, owner(), at(300)), Ok(Value::Null));
    let mut paid = paid();
    let id = query(&mut paid, 70).unwrap()["id"].as_str().unwrap().to_owned();
    assert_eq!(code(&call(&mut paid, EndpointId::GlobalCloseById, &id, owner(), at(400))), "ORDERPAID");
}

#[test]
fn what_nobody_pays_closes_after_two_hours_or_when_the_order_says() {
    let mut world = world();
    place(&mut world, body(NUMBER), 0).unwrap();
    assert_eq!(query(&mut world, 7_199).unwrap()["trade_state"], "NOTPAY");
    assert_eq!(query(&mut world, 7_200).unwrap()["trade_state"], "CLOSED");
    let mut hasty = body("GTX-2");
    hasty["time_expire"] = rfc3339(at(600)).into();
    place(&mut world, hasty, 0).unwrap();
    let hasty = call(&mut world, EndpointId::GlobalByNumber, &format!("GTX-2{IDS}"), Value::Null, at(600));
    assert_eq!(hasty.unwrap()["trade_state"], "CLOSED");
}

#[test]
fn a_payment_is_notified_with_rate_and_payers_currency_and_found_by_both_numbers() {
    let mut world = world();
    place(&mut world, body(NUMBER), 0).unwrap();
    let unpaid = query(&mut world, 30).unwrap();
    assert_eq!((unpaid.get("payer"), &unpaid["amount"]), (None, &json!({ "total": 6800, "currency": "HKD" })));
    world.with_global(|global| global.pay(NUMBER, at(60))).unwrap();
    let paid = query(&mut world, 70).unwrap();
    assert_eq!((&paid["trade_state"], &paid["success_time"]), (&json!("SUCCESS"), &json!(rfc3339(at(60)))));
    assert_eq!(paid["amount"]["exchange_rate"]["type"], "SETTLEMENT_RATE");
    assert_eq!((&paid["sub_mchid"], paid.get("mchid")), (&json!("1610000088"), None));
    let notice = world.take_notices().pop().unwrap();
    assert_eq!((notice.event_type, notice.original_type), ("TRANSACTION.SUCCESS", "transaction"));
    assert_eq!((notice.url.as_str(), &notice.resource), ("https://shop.example.com/wx/notify", &paid));
    let id = paid["id"].as_str().unwrap();
    let by_id = call(&mut world, EndpointId::GlobalById, &format!("{id}{IDS}"), Value::Null, at(80)).unwrap();
    assert_eq!(by_id, paid);
    let unknown = call(&mut world, EndpointId::GlobalById, &format!("4200{IDS}"), Value::Null, at(80));
    assert_eq!(code(&unknown), "ORDER_NOT_EXIST");
}

#[test]
fn yen_are_paid_in_yuan_at_the_days_rate() {
    for seed in 0..20 {
        let mut world = World::empty(merchant(), seed, false);
        let mut yen = body(NUMBER);
        yen["amount"] = json!({ "total": 900, "currency": "JPY" });
        place(&mut world, yen, 0).unwrap();
        world.with_global(|global| global.pay(NUMBER, at(60))).unwrap();
        let amount = query(&mut world, 60).unwrap()["amount"].clone();
        let total = Money { minor: 900, currency: Currency::parse("JPY").unwrap() };
        let rate = market::rate(total.currency, at(60));
        assert_eq!(amount["payer_total"], market::in_yuan(total, rate).minor);
        assert_eq!((&amount["payer_currency"], &amount["exchange_rate"]["rate"]), (&json!("CNY"), &json!(rate)));
    }
}

#[test]
fn a_payment_at_the_till_is_reversed_by_the_clock_and_never_closed() {
    let mut world = world();
    let total = Money { minor: 3400, currency: Currency::parse("HKD").unwrap() };
    world.global.place_at_till(Party::Institution, NUMBER.to_owned(), total, at(0));
    assert_eq!(query(&mut world, 44).unwrap()["trade_state"], "USERPAYING");
    let closed = call(&mut world, EndpointId::GlobalClose, NUMBER, owner(), at(44));
    assert_eq!(code(&closed), "INVALID_REQUEST");
    assert_eq!(query(&mut world, 45).unwrap()["trade_state"], "REVOKED");
    assert_eq!(code(&give_back(&mut world, refund("R-1", 1), 50)), "INVALID_REQUEST");
}

#[test]
fn a_refund_is_accepted_without_a_state_and_then_arrives() {
    let mut world = paid();
    events(&mut world);
    let accepted = give_back(&mut world, refund("R-1", 1700), 100).unwrap();
    assert_eq!((accepted.get("status"), &accepted["amount"]["currency"]), (None, &json!("HKD")));
    let by_number = |world: &mut World, seconds| {
        call(world, EndpointId::GlobalRefundByNumber, &format!("R-1{IDS}"), Value::Null, at(seconds))
    };
    assert_eq!(by_number(&mut world, 101).unwrap()["status"], "PROCESSING");
    assert_eq!(query(&mut world, 101).unwrap()["trade_state"], "REFUND");
    let again = give_back(&mut world, refund("R-1", 1700), 102).unwrap();
    assert_eq!(again["id"], accepted["id"]);
    assert_eq!(code(&give_back(&mut world, refund("R-1", 1), 103)), "INVALID_REQUEST");
    world.with_global(|global| global.end_refund("R-1", End::Success, at(104))).unwrap();
    let done = by_number(&mut world, 105).unwrap();
    assert_eq!((&done["status"], &done["success_time"]), (&json!("SUCCESS"), &json!(rfc3339(at(104)))));
    let id = done["id"].as_str().unwrap();
    let by_id = call(&mut world, EndpointId::GlobalRefundById, &format!("{id}{IDS}"), Value::Null, at(105));
    assert_eq!(by_id.unwrap(), done);
    let notice = world.take_notices().pop().unwrap();
    assert_eq!((notice.event_type, &notice.resource["refund_id"]), ("REFUND.SUCCESS", &done["id"]));
    assert_eq!(notice.resource["amount"]["total"], 6800);
    for unknown in [EndpointId::GlobalRefundById, EndpointId::GlobalRefundByNumber] {
        let unknown = call(&mut world, unknown, &format!("R-9{IDS}"), Value::Null, at(105));
        assert_eq!(code(&unknown), "RESOURCE_NOT_EXISTS");
    }
}

#[test]
fn a_refund_may_end_badly_and_a_closed_one_leaves_its_money_to_refund() {
    for (end, status, event) in
        [(End::Abnormal, "ABNORMAL", "REFUND.ABNORMAL"), (End::Closed, "REFUNDCLOSE", "REFUND.CLOSED")]
    {
        let mut world = paid();
        give_back(&mut world, refund("R-1", 6800), 100).unwrap();
        events(&mut world);
        world.with_global(|global| global.end_refund("R-1", end, at(101))).unwrap();
        assert_eq!(events(&mut world), [event]);
        let now = call(&mut world, EndpointId::GlobalRefundByNumber, &format!("R-1{IDS}"), Value::Null, at(102));
        assert_eq!(now.unwrap()["status"], status);
        assert!(world.with_global(|global| global.end_refund("R-1", end, at(103))).is_err(), "it has ended");
        let rest = give_back(&mut world, refund("R-2", 6800), 400);
        assert_eq!(rest.is_ok(), end == End::Closed, "{status}");
    }
}

#[test]
fn a_refund_is_refused_by_every_rule() {
    let mut of_other_total = refund("R-1", 1);
    of_other_total["amount"]["total"] = 6801.into();
    let mut of_other_currency = refund("R-1", 1);
    of_other_currency["amount"]["currency"] = "USD".into();
    let mut nothing = refund("R-1", 1);
    nothing["out_trade_no"] = "GTX-9".into();
    let mut unnamed = refund("R-1", 1);
    unnamed.as_object_mut().unwrap().remove("out_trade_no");
    let year = 366 * 86_400;
    for (body, seconds, expected) in [
        (refund("R-1", 6801), 100, "INVALID_REQUEST"),
        (of_other_total, 100, "INVALID_REQUEST"),
        (of_other_currency, 100, "INVALID_REQUEST"),
        (nothing, 100, "RESOURCE_NOT_EXISTS"),
        (unnamed, 100, "PARAM_ERROR"),
        (refund("R 1", 1), 100, "PARAM_ERROR"),
        (refund("R-1", 1), year, "TRADE_OVERDUE"),
    ] {
        assert_eq!(code(&give_back(&mut paid(), body.clone(), seconds)), expected, "{body}");
    }
    let mut world = world();
    place(&mut world, body(NUMBER), 0).unwrap();
    assert_eq!(code(&give_back(&mut world, refund("R-1", 1), 10)), "INVALID_REQUEST", "not paid");
    let mut world = paid();
    world.with_global(|global| global.set_short_of_money(true));
    assert_eq!(code(&give_back(&mut world, refund("R-1", 1), 100)), "NOTENOUGH");
    world.with_global(|global| global.set_short_of_money(false));
    assert_eq!(code(&give_back(&mut world, refund("R-1", 1), 100)), "");
    assert_eq!(code(&give_back(&mut world, refund("R-2", 1), 159)), "INVALID_REQUEST", "within a minute");
    assert_eq!(code(&give_back(&mut world, refund("R-2", 6800), 160)), "INVALID_REQUEST", "more than is left");
}

#[test]
fn fifty_refunds_are_the_most_and_are_listed_by_twenty() {
    let mut world = paid();
    for i in 0..50 {
        give_back(&mut world, refund(&format!("R-{i:02}"), 1), 100 + i * 60).unwrap();
    }
    assert_eq!(code(&give_back(&mut world, refund("R-50", 1), 5_000)), "INVALID_REQUEST");
    let page = |world: &mut World, more: &str| {
        call(world, EndpointId::GlobalRefundList, &format!("{IDS}&{more}"), Value::Null, at(5_000))
    };
    let mut numbers = BTreeSet::new();
    for offset in [0, 20, 40] {
        let page = page(&mut world, &format!("out_trade_no={NUMBER}&offset={offset}&count=20")).unwrap();
        let rows = page["data"].as_array().unwrap();
        assert_eq!(
            (page["total_num"].as_u64(), page["current_total_num"].as_u64()),
            (Some(50), Some(rows.len() as u64))
        );
        numbers.extend(rows.iter().map(|row| row["out_refund_no"].as_str().unwrap().to_owned()));
    }
    assert_eq!(numbers.len(), 50);
    for wrong in ["offset=0&count=21", "offset=0&count=0", "offset=0", "count=20"] {
        let refused = page(&mut world, &format!("out_trade_no={NUMBER}&{wrong}"));
        assert_eq!(code(&refused), "PARAM_ERROR", "{wrong}");
    }
    let unknown = page(&mut world, "out_trade_no=GTX-9&offset=0&count=20");
    assert_eq!(code(&unknown), "RESOURCE_NOT_EXISTS");
    let mut fresh = paid();
    let none = page(&mut fresh, &format!("out_trade_no={NUMBER}&offset=0&count=20")).unwrap();
    assert_eq!((&none["total_num"], &none["data"]), (&json!(0), &json!([])));
}

#[test]
fn the_parts_a_user_gets_back_add_up_to_what_they_paid() {
    let mut world = paid();
    let paid = query(&mut world, 90).unwrap()["amount"]["payer_total"].as_i64().unwrap();
    let mut sum = 0;
    for (i, part) in [1, 3333, 1700, 1766].into_iter().enumerate() {
        let i = i64::try_from(i).unwrap();
        let answer = give_back(&mut world, refund(&format!("R-{i}"), part), 100 + i * 60).unwrap();
        sum += answer["amount"]["payer_refund"].as_i64().unwrap();
    }
    assert_eq!(sum, paid);
}

#[test]
fn a_statement_has_a_line_of_38_columns_for_each_payment_and_refund() {
    let mut world = paid();
    give_back(&mut world, refund("R-1", 1700), 100).unwrap();
    let day = compact_day(at(0));
    let ask = |world: &mut World, date: &str, ids: &str, seconds: i64| {
        call(world, EndpointId::GlobalStatement, &format!("{ids}&date={date}"), Value::Null, at(seconds))
    };
    let tomorrow = 86_400;
    assert_eq!(code(&ask(&mut world, &day, IDS, 200)), "STATEMENT_CREATING");
    for date in ["2025-10-09", "20251340", "", &compact_day(at(-181 * 86_400)), &compact_day(at(5 * 86_400))] {
        assert_eq!(code(&ask(&mut world, date, IDS, tomorrow)), "PARAM_ERROR", "{date}");
    }
    assert_eq!(code(&ask(&mut world, &compact_day(at(-86_400)), IDS, tomorrow)), "NO_STATEMENT_EXIST");
    let text = ask(&mut world, &day, "?sp_mchid=1610000001", tomorrow).unwrap();
    let bill = Statement::parse(text.as_str().unwrap().as_bytes()).unwrap();
    assert_eq!(text.as_str().unwrap().lines().next().unwrap().split(',').count(), 38);
    let rows: Vec<_> = bill.rows().collect();
    assert_eq!(rows.len(), 2);
    assert_eq!((rows[0].get("订单金额（标价币种）"), rows[0].get("标价币种")), (Some("68.00"), Some("HKD")));
    assert_eq!((rows[0].get("商户退款单号"), rows[1].get("商户退款单号")), (Some("0"), Some("R-1")));
    assert_eq!((rows[1].get("申请退款金额"), rows[1].get("退款状态")), (Some("17.00"), Some("SUCCESS")));
}

#[test]
fn settlements_are_listed_by_state_and_date_and_paged() {
    let mut world = paid();
    give_back(&mut world, refund("R-1", 800), 100).unwrap();
    let ask = |world: &mut World, more: &str, days: i64| {
        call(world, EndpointId::GlobalSettlements, &format!("?{more}"), Value::Null, at(days * 86_400 + 200))
    };
    let open = ask(&mut world, "settle_state=UNSETTLE&limit=10&offset=0", 1).unwrap();
    let amount = &open["data"][0]["amount"];
    let part = |name: &str| amount[name].as_i64().unwrap();
    assert_eq!((part("pay"), part("refund"), part("net")), (6800, 800, 6000));
    assert_eq!((part("settled"), part("unsettle")), (0, part("net") - part("fee")));
    let dates = |from: i64, to: i64| {
        let day = |days: i64| compact_day(at(days * 86_400));
        format!("settle_state=SETTLED&settle_start_date={}&settle_end_date={}&limit=10&offset=0", day(from), day(to))
    };
    let paid_out = ask(&mut world, &dates(2, 2), 3).unwrap();
    assert_eq!((&paid_out["total_count"], &paid_out["data"][0]["amount"]["unsettle"]), (&json!(1), &json!(0)));
    assert_eq!(ask(&mut world, &dates(3, 3), 3).unwrap()["data"], json!([]));
    assert_eq!(ask(&mut world, "settle_state=UNSETTLE&limit=10&offset=0", 3).unwrap()["total_count"], 0);
    for wrong in [
        "settle_state=SETTLED&limit=10&offset=0".to_owned(),
        dates(3, 2),
        dates(2, 3).replace("limit=10", "limit=31"),
        dates(2, 3).replace("limit=10&", ""),
        dates(2, 3).replace("SETTLED", "DONE"),
        "settle_state=UNSETTLE&limit=10&offset=0&sub_mchid=1".to_owned(),
    ] {
        assert_eq!(code(&ask(&mut world, &wrong, 3)), "PARAM_ERROR", "{wrong}");
    }
}

#[test]
fn each_wrong_member_of_a_creation_is_refused() {
    let cases = [
        ("/description", json!("x".repeat(128)), "PARAM_ERROR"),
        ("/out_trade_no", json!("x".repeat(33)), "PARAM_ERROR"),
        ("/out_trade_no", json!("a b"), "PARAM_ERROR"),
        ("/notify_url", json!("http://shop.example.com/"), "PARAM_ERROR"),
        ("/notify_url", json!("https://shop.example.com/?x=1"), "PARAM_ERROR"),
        ("/trade_type", json!("APP"), "PARAM_ERROR"),
        ("/merchant_category_code", json!("0001"), "PARAM_ERROR"),
        ("/amount/total", json!(0), "PARAM_ERROR"),
        ("/amount/currency", json!("XXX"), "PARAM_ERROR"),
        ("/sub_mchid", json!("1610000089"), "PARAM_ERROR"),
        ("/sp_appid", json!("wx0"), "APPID_MCHID_NOT_MATCH"),
    ];
    for (pointer, value, expected) in cases {
        let mut body = body(NUMBER);
        *body.pointer_mut(pointer).unwrap() = value;
        assert_eq!(code(&place(&mut world(), body, 0)), expected, "{pointer}");
    }
    let mut own = body(NUMBER);
    own["notify_url"] = json!("http://127.0.0.1:8080/wx");
    assert!(place(&mut world(), own, 0).is_ok(), "a developer's own listener");
    for (name, value) in [
        ("mchid", json!("1610000001")),
        ("appid", json!("wx0")),
        ("colour", json!("red")),
        ("limit_pay", json!("none")),
        ("time_expire", json!(rfc3339(at(-1)))),
        ("payer", json!({ "openid": "o1" })),
        ("payer", json!({ "sub_openid": "o1" })),
    ] {
        let mut body = body(NUMBER);
        body[name] = value;
        assert_eq!(code(&place(&mut world(), body, 0)), "PARAM_ERROR", "{name}");
    }
    let mut mweb = body(NUMBER);
    mweb["trade_type"] = "MWEB".into();
    assert_eq!(code(&call(&mut world(), EndpointId::GlobalH5, "", mweb, at(0))), "PARAM_ERROR", "no scene");
    let mut jsapi = body(NUMBER);
    jsapi["trade_type"] = "JSAPI".into();
    assert_eq!(code(&call(&mut world(), EndpointId::GlobalJsapi, "", jsapi, at(0))), "PARAM_ERROR", "no payer");
}

#[test]
fn the_two_modes_have_books_and_members_of_their_own() {
    let mut world = world();
    let direct = Caller::Global(Party::Direct);
    let mut of_direct = json!({ "mchid": "1610000002", "appid": Party::Direct.appid() });
    let body = body(NUMBER);
    let rest = body.as_object().unwrap().iter().filter(|(name, _)| !name.starts_with('s'));
    of_direct.as_object_mut().unwrap().extend(rest.map(|(name, value)| (name.clone(), value.clone())));
    let native = EndpointId::GlobalNative;
    call_as(&mut world, direct, native, "", of_direct.clone(), at(0)).unwrap();
    place(&mut world, body.clone(), 0).expect("the same number is another merchant's");
    assert_eq!(code(&call_as(&mut world, direct, native, "", body, at(0))), "PARAM_ERROR");
    let by_number = EndpointId::GlobalByNumber;
    let found = call_as(&mut world, direct, by_number, &format!("{NUMBER}?mchid=1610000002"), Value::Null, at(0));
    assert_eq!(found.unwrap()["mchid"], "1610000002");
    for ids in [IDS, "?mchid=1610000001", "?sp_mchid=1610000001", "?mchid=1610000002&sub_mchid=1610000088", "?x=1"] {
        let refused = call_as(&mut world, direct, by_number, &format!("{NUMBER}{ids}"), Value::Null, at(0));
        assert_eq!(code(&refused), "PARAM_ERROR", "{ids}");
    }
}

#[test]
fn the_seeded_merchants_are_the_same_every_time_and_have_every_state() {
    let documents = |seed: u64| {
        let world = World::seeded(merchant(), seed, 50, false, at(0));
        let books = Party::ALL.map(|party| (party, world.global.books(party)));
        let orders = books.iter().flat_map(|(party, books)| books.orders.iter().map(|order| order.document(*party)));
        let refunds = books.iter().flat_map(|(_, books)| {
            books.refunds.iter().map(|refund| refund.document(books.orders.get(&refund.order).unwrap()))
        });
        orders.chain(refunds).collect::<Vec<Value>>()
    };
    let all = documents(1);
    assert_eq!(all, documents(1));
    assert_ne!(all, documents(2));
    let values = |name: &str| -> BTreeSet<&str> { all.iter().filter_map(|doc| doc[name].as_str()).collect() };
    assert_eq!(
        values("trade_state").into_iter().collect::<Vec<_>>(),
        ["CLOSED", "NOTPAY", "REFUND", "REVOKED", "SUCCESS"]
    );
    assert!(["SUCCESS", "ABNORMAL", "REFUNDCLOSE"].iter().all(|status| values("status").contains(status)));
    let currencies: BTreeSet<&str> = all.iter().filter_map(|doc| doc["amount"]["currency"].as_str()).collect();
    assert_eq!(currencies.into_iter().collect::<Vec<_>>(), ["HKD", "JPY", "USD"]);
    let days: BTreeSet<&str> = values("success_time").into_iter().map(|time| &time[..10]).collect();
    assert!(days.len() > 6, "{days:?}");
}

#[test]
fn users_abroad_live_too_and_all_amounts_stay_sound() {
    let mut world = World::seeded(merchant(), 3, 50, true, at(0));
    let before = world.global.len();
    for i in 0..9000 {
        world.tick(at(i * 2 / 5));
    }
    assert!(world.global.len() > before && world.global.len() <= world.global.bound);
    assert!(!events(&mut world).is_empty());
    for party in Party::ALL {
        for order in world.global.books(party).orders.iter() {
            let left = world.global.remainder(party, &order.number);
            assert!((0..=order.total.minor).contains(&left), "{}", order.number);
            assert_eq!(order.payment.is_some(), matches!(order.state, TradeState::Success | TradeState::Refund));
        }
    }
    assert!(world.global.agenda.iter().all(|(due, ..)| *due > at(3590) - Duration::MINUTE));
}
