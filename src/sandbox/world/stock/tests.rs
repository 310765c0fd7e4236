//! Stocks and coupons, row by row of coupons reference §5.

use super::super::tests::*;
use super::super::transaction::tests::placed_by;
use super::creation::tests::creation;
use super::*;
use crate::model::Kind;
use crate::model::bill::sha1_hex;

fn created(status: StockStatus) -> (World, String) {
    let mut world = world();
    let stock = call(&mut world, EndpointId::StockCreate, "", creation("R-1"), at(0)).unwrap();
    let id = stock["stock_id"].as_str().unwrap().to_owned();
    world.stocks.get_mut(&id).unwrap().status = status;
    (world, id)
}

#[test]
fn every_status_has_its_answer_to_every_action() {
    use EndpointId::{StockPause, StockRestart, StockStart};
    use StockStatus::*;
    let table = [
        (Unactivated, StockStart, Some(Running)),
        (Unactivated, StockPause, None),
        (Unactivated, StockRestart, None),
        (Audit, StockStart, None),
        (Audit, StockPause, None),
        (Audit, StockRestart, None),
        (Running, StockStart, Some(Running)),
        (Running, StockPause, Some(Paused)),
        (Running, StockRestart, Some(Running)),
        (Paused, StockStart, None),
        (Paused, StockPause, Some(Paused)),
        (Paused, StockRestart, Some(Running)),
        (Stoped, StockStart, None),
        (Stoped, StockPause, None),
        (Stoped, StockRestart, None),
    ];
    for (status, action, expected) in table {
        let (mut world, id) = created(status);
        let body = json!({ "stock_creator_mchid": MCHID });
        let outcome = call(&mut world, action, &id, body, at(60));
        match expected {
            None => assert_eq!(code(&outcome), "PARAM_ERROR", "{status:?} {action:?}"),
            Some(_) => assert!(outcome.is_ok(), "{status:?} {action:?}"),
        }
        assert_eq!(world.stocks.get(&id).unwrap().status, expected.unwrap_or(status), "{status:?} {action:?}");
    }
}

#[test]
fn a_stock_is_changed_by_its_creator_only() {
    let (mut world, id) = created(StockStatus::Running);
    let pause = |world: &mut World, id: &str, body| call(world, EndpointId::StockPause, id, body, at(1));
    assert_eq!(code(&pause(&mut world, &id, json!({}))), "PARAM_ERROR");
    assert_eq!(code(&pause(&mut world, &id, json!({ "stock_creator_mchid": "1" }))), "INVALID_REQUEST");
    assert_eq!(code(&pause(&mut world, "1", json!({ "stock_creator_mchid": MCHID }))), "RESOURCE_NOT_EXISTS");
    let query = format!("{id}?stock_creator_mchid={MCHID}");
    let stock = call(&mut world, EndpointId::StockQuery, &query, Value::Null, at(1)).unwrap();
    assert_eq!(stock["stock_use_rule"]["max_coupons"], 200);
}

#[test]
fn pages_are_counted_from_nought_and_filters_filter() {
    let mut world = world();
    for i in 0..23 {
        call(&mut world, EndpointId::StockCreate, "", creation(&format!("R-{i}")), at(i)).unwrap();
    }
    let list = |world: &mut World, query: &str| {
        call(world, EndpointId::StockList, &format!("?stock_creator_mchid={MCHID}&{query}"), Value::Null, at(99))
    };
    let page = list(&mut world, "offset=2&limit=10").unwrap();
    assert_eq!((page["total_count"].as_u64(), page["data"].as_array().map(Vec::len)), (Some(23), Some(3)));
    let newest = list(&mut world, "offset=0&limit=1").unwrap();
    assert_eq!(newest["data"][0]["create_time"], rfc3339(at(22)));
    assert_eq!(list(&mut world, "offset=0&limit=10&status=running").unwrap()["total_count"], 0);
    let time = rfc3339(at(20));
    let late = list(&mut world, &format!("offset=0&limit=10&create_start_time={time}")).unwrap();
    assert_eq!(late["total_count"], 3);
    for wrong in [
        "offset=0&limit=11",
        "offset=0&limit=0",
        "offset=-1&limit=5",
        "limit=5",
        "offset=0&limit=5&status=stopped",
        "offset=0&limit=5&create_end_time=x",
    ] {
        assert_eq!(code(&list(&mut world, wrong)), "PARAM_ERROR", "{wrong}");
    }
}

#[test]
fn only_a_running_stock_gives_and_never_more_than_it_has() {
    let (mut world, id) = created(StockStatus::Paused);
    assert!(!world.distribute(&id, 1, at(9)));
    world.stocks.get_mut(&id).unwrap().status = StockStatus::Running;
    assert!(world.distribute(&id, 1000, at(9)));
    assert_eq!(world.stocks.get(&id).unwrap().distributed, 200);
    assert!(!world.distribute(&id, 1, at(9)));
    world.advance(at(100 * 86_400));
    assert_eq!(world.stocks.get(&id).unwrap().status, StockStatus::Stoped);
}

const DAY: i64 = 86_400;
/// A user whose coupons are looked at; `USER` has none.
const HOLDER: &str = "oFakeUser_0044";

/// A world with a running stock of 200 coupons, ¥5 from ¥30 on, two for each user, good from an hour on for 30 days.
fn running() -> (World, String) {
    created(StockStatus::Running)
}

/// The same of a stock that was started by its creator, as `change` made its creation.
fn started(change: impl FnOnce(&mut Value)) -> (World, String) {
    let mut world = world();
    let mut body = creation("R-1");
    change(&mut body);
    let stock = call(&mut world, EndpointId::StockCreate, "", body, at(0)).unwrap();
    let id = stock["stock_id"].as_str().unwrap().to_owned();
    let body = json!({ "stock_creator_mchid": MCHID });
    call(&mut world, EndpointId::StockStart, &id, body, at(1)).unwrap();
    (world, id)
}

fn sending(stock: &str, request: &str) -> Value {
    json!({ "stock_id": stock, "out_request_no": request, "appid": APPID, "stock_creator_mchid": MCHID })
}

fn send(world: &mut World, stock: &str, request: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::CouponSend, HOLDER, sending(stock, request), at(seconds))
}

fn sent(world: &mut World, stock: &str, request: &str, seconds: i64) -> String {
    send(world, stock, request, seconds).unwrap()["coupon_id"].as_str().unwrap().to_owned()
}

fn look(world: &mut World, coupon: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    let text = format!("{HOLDER}/{coupon}?appid={APPID}");
    call(world, EndpointId::CouponQuery, &text, Value::Null, at(seconds))
}

fn listed(world: &mut World, query: &str, seconds: i64) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::CouponList, &format!("{HOLDER}?appid={APPID}&{query}"), Value::Null, at(seconds))
}

fn ids(page: &Value) -> Vec<&str> {
    page["data"].as_array().into_iter().flatten().filter_map(|row| row["coupon_id"].as_str()).collect()
}

/// The holder pays ¥50 under this number.
fn pay(world: &mut World, number: &str, seconds: i64) -> Value {
    placed_by(world, HOLDER, number, 5000, at(seconds));
    world.transaction_paid(number, at(seconds)).unwrap();
    let text = format!("{number}?mchid={MCHID}");
    call(world, EndpointId::TransactionByNumber, &text, Value::Null, at(seconds)).unwrap()
}

/// Gives back so much; the money arrives within three minutes.
fn refund(world: &mut World, trade: &str, number: &str, fen: i64, seconds: i64) -> Value {
    let body = json!({
        "out_trade_no": trade, "out_refund_no": number, "amount": { "refund": fen, "total": 5000, "currency": "CNY" },
    });
    let made = call(world, EndpointId::RefundCreate, "", body, at(seconds)).unwrap();
    world.transactions.get_mut(trade).unwrap().payment.as_mut().unwrap().bank = "OTHERS";
    made
}

fn callback(world: &mut World, body: Value) -> Result<Value, SandboxRefusal> {
    call(world, EndpointId::CallbackSet, "", body, at(5))
}

#[test]
fn a_stock_is_not_started_while_it_is_synchronised_nor_after_its_end() {
    let (mut world, id) = created(StockStatus::Unactivated);
    let body = json!({ "stock_creator_mchid": MCHID });
    world.delay_stock_start(Duration::seconds(2));
    assert_eq!(code(&call(&mut world, EndpointId::StockStart, &id, body.clone(), at(1))), "SYSTEM_ERROR");
    assert_eq!(world.stocks.get(&id).unwrap().status, StockStatus::Unactivated);
    let late = call(&mut world, EndpointId::StockStart, &id, body.clone(), at(30 * DAY));
    assert_eq!((code(&late), world.stocks.get(&id).unwrap().status), ("REQUEST_BLOCKED", StockStatus::Stoped));
    let (mut world, id) = created(StockStatus::Unactivated);
    world.delay_stock_start(Duration::seconds(2));
    assert!(call(&mut world, EndpointId::StockStart, &id, body, at(2)).is_ok());
}

#[test]
fn a_prefunded_stock_holds_its_budget_and_gives_back_what_was_not_spent() {
    let mut world = world();
    let mut body = creation("R-1");
    body["no_cash"] = json!(false);
    let stock = call(&mut world, EndpointId::StockCreate, "", body, at(0)).unwrap();
    let id = stock["stock_id"].as_str().unwrap().to_owned();
    let body = json!({ "stock_creator_mchid": MCHID });
    world.set_balance(99_999);
    let poor = call(&mut world, EndpointId::StockStart, &id, body.clone(), at(1));
    assert_eq!((code(&poor), world.stocks.get(&id).unwrap().status), ("NOT_ENOUGH", StockStatus::Unactivated));
    world.set_balance(150_000);
    call(&mut world, EndpointId::StockStart, &id, body, at(2)).unwrap();
    assert_eq!(world.balance, 50_000);
    sent(&mut world, &id, "C-1", 10);
    let paid = pay(&mut world, "PAY000001", 2 * DAY);
    assert_eq!(paid["promotion_detail"][0]["type"], "CASH");
    world.advance(at(30 * DAY));
    assert_eq!(world.balance, 149_500, "the coupon was spent");
    refund(&mut world, "PAY000001", "R-1", 5000, 31 * DAY);
    world.advance(at(32 * DAY));
    assert_eq!(world.balance, 150_000);
}

#[test]
fn a_coupon_is_sent_once_under_its_number() {
    let (mut world, stock) = running();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    assert_eq!(sent(&mut world, &stock, "C-1", 20), coupon);
    assert_eq!(world.stocks.get(&stock).unwrap().distributed, 1);
    assert_eq!(world.take_new_numbers().last(), Some(&(Kind::Coupon, format!("{coupon}@{HOLDER}"))));
    let other = call(&mut world, EndpointId::CouponSend, USER, sending(&stock, "C-1"), at(30));
    assert_eq!(code(&other), "INVALID_REQUEST", "the same number for another user");
    world.stocks.get_mut(&stock).unwrap().status = StockStatus::Paused;
    assert_eq!(sent(&mut world, &stock, "C-1", 40), coupon, "answered before the stock is looked at");
    let document = look(&mut world, &coupon, 50).unwrap();
    assert_eq!((&document["status"], &document["out_request_no"]), (&json!("SENDED"), &json!("C-1")));
    assert_eq!(document["normal_coupon_information"], json!({ "coupon_amount": 500, "transaction_minimum": 3000 }));
    assert_eq!((&document["stock_id"], &document["no_cash"]), (&json!(stock), &json!(true)));
}

#[test]
fn sending_is_refused_in_the_documented_order() {
    // Each case breaks one thing more than the next, from the last check to the first.
    let (mut world, stock) = started(|body| body["stock_use_rule"]["max_coupons_per_user"] = json!(1));
    let mut body = sending(&stock, "C-9");
    let mut holder = HOLDER;
    let refused = |world: &mut World, openid: &str, body: &Value| {
        let outcome = call(world, EndpointId::CouponSend, openid, body.clone(), at(100));
        code(&outcome)
    };
    world.make_abnormal(HOLDER);
    assert_eq!(refused(&mut world, holder, &body), "USER_ACCOUNT_ABNORMAL");
    world.stocks.get_mut(&stock).unwrap().distributed = 200;
    assert_eq!(refused(&mut world, holder, &body), "NOT_ENOUGH");
    assert_eq!(world.stocks.get(&stock).unwrap().status, StockStatus::Running);
    world.receive("80001", &stock, HOLDER, None, at(50));
    assert_eq!(refused(&mut world, holder, &body), "RULE_LIMIT");
    for status in [StockStatus::Unactivated, StockStatus::Audit, StockStatus::Paused, StockStatus::Stoped] {
        world.stocks.get_mut(&stock).unwrap().status = status;
        assert_eq!(refused(&mut world, holder, &body), "INVALID_REQUEST", "{status:?}");
    }
    holder = "no openid";
    assert_eq!(refused(&mut world, holder, &body), "INVALID_REQUEST");
    body["appid"] = json!("wx0");
    assert_eq!(refused(&mut world, holder, &body), "APPID_MCHID_NOT_MATCH");
    body["stock_creator_mchid"] = json!("1900000000");
    assert_eq!(refused(&mut world, holder, &body), "REQUEST_BLOCKED");
    body["stock_id"] = json!("1");
    assert_eq!(refused(&mut world, holder, &body), "RESOURCE_NOT_EXISTS");
    for (name, value) in [("out_request_no", json!("a b")), ("coupon_value", json!(500)), ("appid", json!(7))] {
        let mut body = sending(&stock, "C-9");
        body[name] = value;
        assert_eq!(refused(&mut world, HOLDER, &body), "PARAM_ERROR", "{name}");
    }
}

#[test]
fn a_day_has_its_budget_and_the_next_day_another() {
    let (mut world, stock) = started(|body| {
        body["stock_use_rule"]["max_amount_by_day"] = json!(500);
    });
    sent(&mut world, &stock, "C-1", 100);
    assert_eq!(code(&send(&mut world, &stock, "C-2", 200)), "NOT_ENOUGH");
    assert!(!world.distribute(&stock, 1, at(200)));
    assert!(send(&mut world, &stock, "C-2", DAY).is_ok());
}

#[test]
fn a_payment_uses_its_users_coupon_and_the_merchant_is_notified() {
    let (mut world, stock) = running();
    callback(&mut world, json!({ "mchid": MCHID, "notify_url": "https://merchant.example/coupons" })).unwrap();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    assert_eq!(pay(&mut world, "PAY000001", 20)["promotion_detail"], Value::Null, "its time has not come");
    let paid = pay(&mut world, "PAY000002", 4000);
    assert_eq!((&paid["amount"]["total"], &paid["amount"]["payer_total"]), (&json!(5000), &json!(4500)));
    let promotion = &paid["promotion_detail"][0];
    assert_eq!((&promotion["coupon_id"], &promotion["amount"]), (&json!(coupon), &json!(500)));
    assert_eq!((&promotion["type"], &promotion["scope"]), (&json!("NOCASH"), &json!("GLOBAL")));
    let used = look(&mut world, &coupon, 4001).unwrap();
    assert_eq!(
        (&used["status"], &used["consume_information"]["transaction_id"]),
        (&json!("USED"), &paid["transaction_id"])
    );
    let notices: Vec<_> = world.take_notices().into_iter().filter(|n| n.event_type == "COUPON.USE").collect();
    assert_eq!(notices.len(), 1);
    assert_eq!((notices[0].url.as_str(), notices[0].at), ("https://merchant.example/coupons", at(4000)));
    assert_eq!(notices[0].resource["consume_information"], used["consume_information"]);
    assert_eq!(pay(&mut world, "PAY000003", 4100)["promotion_detail"], Value::Null, "only once");
}

#[test]
fn only_what_the_rules_allow_uses_a_coupon() {
    // Below the minimum, elsewhere, by another product, for something else; and paused, which forbids nothing.
    type Change = fn(&mut Value);
    let cases: [(Change, bool); 6] = [
        (|body| body["coupon_use_rule"]["fixed_normal_coupon"]["transaction_minimum"] = json!(5001), false),
        (|body| body["coupon_use_rule"]["available_merchants"] = json!(["1900000000"]), false),
        (|body| body["coupon_use_rule"]["trade_type"] = json!(["CARD", "FACE"]), false),
        (|body| body["coupon_use_rule"]["available_items"] = json!(["SKU001"]), false),
        (|body| body["coupon_use_rule"]["trade_type"] = json!(["MICROAPP"]), true),
        (|_| {}, true),
    ];
    for (i, (change, used)) in cases.into_iter().enumerate() {
        let (mut world, stock) = started(change);
        sent(&mut world, &stock, "C-1", 10);
        world.stocks.get_mut(&stock).unwrap().status = StockStatus::Paused;
        let paid = pay(&mut world, "PAY000001", 4000);
        assert_eq!(paid["promotion_detail"].is_array(), used, "case {i}");
    }
}

#[test]
fn a_coupon_for_an_item_is_used_for_that_item() {
    let (mut world, stock) = started(|body| body["coupon_use_rule"]["available_items"] = json!(["SKU002"]));
    let coupon = sent(&mut world, &stock, "C-1", 10);
    let goods = json!({ "merchant_goods_id": "SKU002", "quantity": 1, "unit_price": 5000 });
    let body = json!({
        "appid": APPID, "mchid": MCHID, "description": "手冲瑰夏", "out_trade_no": "PAY000001",
        "notify_url": "https://merchant.example/notify", "payer": { "openid": HOLDER },
        "amount": { "total": 5000, "currency": "CNY" }, "detail": { "goods_detail": [goods] },
    });
    call(&mut world, EndpointId::TransactionJsapi, "", body, at(4000)).unwrap();
    world.transaction_paid("PAY000001", at(4001)).unwrap();
    let document = look(&mut world, &coupon, 4002).unwrap();
    assert_eq!(document["singleitem"], true);
    assert_eq!(
        document["consume_information"]["goods_detail"],
        json!([{ "goods_id": "SKU002", "quantity": 1, "price": 5000, "discount_amount": 500 }])
    );
}

#[test]
fn what_is_given_back_whole_gives_the_coupon_back_while_it_is_good() {
    let (mut world, stock) = running();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    pay(&mut world, "PAY000001", 4000);
    let part = refund(&mut world, "PAY000001", "R-1", 1000, 5000);
    assert_eq!((&part["amount"]["payer_refund"], &part["amount"]["discount_refund"]), (&json!(900), &json!(100)));
    world.advance(at(6000));
    assert_eq!(look(&mut world, &coupon, 6000).unwrap()["status"], "USED", "after a part");
    refund(&mut world, "PAY000001", "R-2", 4000, 7000);
    let back = look(&mut world, &coupon, 8000).unwrap();
    assert_eq!((&back["status"], &back["consume_information"]), (&json!("SENDED"), &Value::Null));
    assert_eq!(pay(&mut world, "PAY000002", 9000)["promotion_detail"][0]["coupon_id"], json!(coupon), "once more");
    refund(&mut world, "PAY000002", "R-3", 5000, 31 * DAY);
    assert_eq!(look(&mut world, &coupon, 32 * DAY).unwrap()["status"], "EXPIRED", "its time is over");
}

#[test]
fn a_coupon_that_is_not_used_expires() {
    let (mut world, stock) = running();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    assert_eq!(look(&mut world, &coupon, 30 * DAY - 1).unwrap()["status"], "SENDED");
    assert_eq!(look(&mut world, &coupon, 30 * DAY).unwrap()["status"], "EXPIRED");
    assert_eq!(pay(&mut world, "PAY000001", 30 * DAY)["promotion_detail"], Value::Null);
}

#[test]
fn a_coupon_is_shown_to_who_names_its_user_and_appid() {
    let (mut world, stock) = running();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    let cases = [
        (format!("{HOLDER}/{coupon}"), "PARAM_ERROR"),
        (format!("{HOLDER}/{coupon}?appid=wx0"), "INVALID_REQUEST"),
        (format!("{USER}/{coupon}?appid={APPID}"), "RESOURCE_NOT_EXISTS"),
        (format!("{HOLDER}/1?appid={APPID}"), "RESOURCE_NOT_EXISTS"),
    ];
    for (text, expected) in cases {
        assert_eq!(code(&call(&mut world, EndpointId::CouponQuery, &text, Value::Null, at(20))), expected, "{text}");
    }
}

#[test]
fn a_users_coupons_are_listed_by_who_asks() {
    let (mut world, stock) = started(|body| body["stock_use_rule"]["max_coupons_per_user"] = json!(60));
    let first = sent(&mut world, &stock, "C-1", 10);
    pay(&mut world, "PAY000001", 4000);
    let second = sent(&mut world, &stock, "C-2", 4010);
    let creator = format!("creator_mchid={MCHID}");
    let all = listed(&mut world, &creator, 4020).unwrap();
    assert_eq!((ids(&all), &all["total_count"]), (vec![&*second, &*first], &json!(2)), "the newest first");
    assert_eq!((&all["offset"], &all["limit"]), (&json!(0), &json!(20)));
    let used = listed(&mut world, &format!("{creator}&status=USED"), 4020).unwrap();
    assert_eq!(ids(&used), [&*first]);
    let usable = listed(&mut world, &format!("available_mchid={MCHID}&status=USED&limit=1"), 4020).unwrap();
    assert_eq!(ids(&usable), [&*second], "no used ones, whatever the query");
    let both = listed(&mut world, &format!("available_mchid=1&{creator}"), 4020).unwrap();
    assert_eq!(ids(&both).len(), 2, "the creator wins");
    let page = listed(&mut world, &format!("sender_mchid={MCHID}&limit=1&offset=1"), 4020).unwrap();
    assert_eq!((ids(&page), &page["total_count"]), (vec![&*first], &json!(2)), "pages, not rows");
    let none = listed(&mut world, &format!("{creator}&stock_id=1"), 4020).unwrap();
    assert_eq!((none.get("data"), &none["total_count"]), (None, &json!(0)));
    let late = listed(&mut world, &creator, 31 * DAY).unwrap();
    assert_eq!(ids(&late), [&*first], "expired ones are never listed");
    for wrong in ["limit=5", &format!("{creator}&limit=51"), &format!("{creator}&status=EXPIRED")] {
        assert_eq!(code(&listed(&mut world, wrong, 4020)), "PARAM_ERROR", "{wrong}");
    }
    assert_eq!(code(&listed(&mut world, "creator_mchid=1900000000", 4020)), "INVALID_REQUEST");
    let foreign = format!("{HOLDER}?appid=wx0&{creator}");
    assert_eq!(code(&call(&mut world, EndpointId::CouponList, &foreign, Value::Null, at(9))), "INVALID_REQUEST");
}

#[test]
fn merchants_and_items_come_in_pages() {
    let (mut world, stock) = started(|body| {
        body["coupon_use_rule"]["available_merchants"] = json!([MCHID, "1900067890", "1900067891"]);
    });
    let ask = |world: &mut World, endpoint, query: &str| {
        let text = format!("{stock}?stock_creator_mchid={MCHID}&{query}");
        call(world, endpoint, &text, Value::Null, at(9))
    };
    use EndpointId::{StockItems, StockMerchants};
    let page = ask(&mut world, StockMerchants, "offset=1&limit=2").unwrap();
    assert_eq!((&page["data"], &page["total_count"]), (&json!(["1900067891"]), &json!(3)));
    assert_eq!(page["stock_id"], json!(stock));
    let whole = ask(&mut world, StockItems, "offset=0&limit=100").unwrap();
    assert_eq!((whole.get("data"), &whole["total_count"]), (None, &json!(0)), "usable for whole orders");
    for (endpoint, query) in [
        (StockMerchants, "offset=0&limit=51"),
        (StockMerchants, "offset=1001&limit=50"),
        (StockMerchants, "offset=0&limit=0"),
        (StockMerchants, "limit=5"),
        (StockItems, "offset=0&limit=101"),
        (StockItems, "offset=501&limit=10"),
    ] {
        assert_eq!(code(&ask(&mut world, endpoint, query)), "PARAM_ERROR", "{query}");
    }
    let other = format!("{stock}?offset=0&limit=5&stock_creator_mchid=1");
    assert_eq!(code(&call(&mut world, StockItems, &other, Value::Null, at(9))), "INVALID_REQUEST");
    let unknown = format!("1?offset=0&limit=5&stock_creator_mchid={MCHID}");
    assert_eq!(code(&call(&mut world, StockItems, &unknown, Value::Null, at(9))), "RESOURCE_NOT_EXISTS");
}

/// The rows of a flow file, fetched by the link of an answer whose hash is right.
fn file(world: &mut World, answer: &Value, now: Timestamp) -> Vec<String> {
    let url = answer["url"].as_str().unwrap();
    let token = url.split_once("token=").unwrap().1;
    let file = call(world, EndpointId::BillDownload, &format!("?token={token}"), Value::Null, now).unwrap();
    let text = file.as_str().unwrap();
    assert_eq!(
        (answer["hash_value"].as_str(), answer["hash_type"].as_str()),
        (Some(&*sha1_hex(text.as_bytes())), Some("SHA1"))
    );
    text.lines().map(str::to_owned).collect()
}

#[test]
fn what_was_used_and_given_back_is_in_the_files_of_the_ended_stock() {
    use EndpointId::{StockRefundFlow, StockUseFlow};
    let (mut world, stock) = running();
    let coupon = sent(&mut world, &stock, "C-1", 10);
    let paid = pay(&mut world, "PAY000001", 4000);
    let made = refund(&mut world, "PAY000001", "R-1", 5000, 5000);
    pay(&mut world, "PAY000002", 9000);
    let flow = |world: &mut World, endpoint, now| call(world, endpoint, &stock, Value::Null, now);
    // The stock ends at 16:53:20 in Beijing.
    let ready = at(30 * DAY) + Duration::hours(17) + Duration::minutes(6) + Duration::seconds(40);
    for early in [at(9500), at(30 * DAY), ready - Duration::SECOND] {
        assert_eq!(code(&flow(&mut world, StockUseFlow, early)), "RESOURCE_NOT_EXISTS");
    }
    let answer = flow(&mut world, StockUseFlow, ready).unwrap();
    let uses = file(&mut world, &answer, ready);
    assert_eq!(uses.len(), 3, "one line for each use, given back or not");
    let id = paid["transaction_id"].as_str().unwrap();
    assert!(uses[1].starts_with(&format!(
        "`{stock},`{coupon},`全场优惠,`5.00,`50.00,`JSAPI,`{id},`2025-10-09 18:00:00,`{MCHID},,,"
    )));
    let answer = flow(&mut world, StockRefundFlow, ready).unwrap();
    let refunds = file(&mut world, &answer, ready);
    assert_eq!(refunds.len(), 2);
    assert!(refunds[1].contains(made["refund_id"].as_str().unwrap()) && refunds[1].contains("`5.00,`50.00"));
    let answer = flow(&mut world, StockUseFlow, ready).unwrap();
    let token = answer["url"].as_str().unwrap().split_once("token=").unwrap().1.to_owned();
    let late = call(
        &mut world,
        EndpointId::BillDownload,
        &format!("?token={token}"),
        Value::Null,
        ready + Duration::seconds(30),
    );
    assert_eq!(code(&late), "INVALID_REQUEST", "a link is good for thirty seconds");
    assert_eq!(code(&call(&mut world, StockUseFlow, "1", Value::Null, ready)), "RESOURCE_NOT_EXISTS");
    let (mut world, stock) = running();
    assert_eq!(
        code(&call(&mut world, StockUseFlow, &stock, Value::Null, at(40 * DAY))),
        "RESOURCE_NOT_EXISTS",
        "no use"
    );
}

#[test]
fn the_address_for_uses_is_set_shown_and_silenced() {
    let mut world = world();
    let query =
        |world: &mut World| call(world, EndpointId::CallbackQuery, &format!("?mchid={MCHID}"), Value::Null, at(6));
    assert_eq!(code(&query(&mut world)), "RESOURCE_NOT_EXISTS");
    let url = "https://merchant.example/coupons";
    let answer = callback(&mut world, json!({ "mchid": MCHID, "notify_url": url })).unwrap();
    assert_eq!(answer, json!({ "update_time": rfc3339(at(5)), "notify_url": url }));
    assert_eq!(query(&mut world), Ok(json!({ "mchid": MCHID, "notify_url": url })));
    for wrong in [
        json!({ "mchid": MCHID, "notify_url": "http://merchant.example/coupons" }),
        json!({ "mchid": MCHID, "notify_url": "http://127.0.0.1.merchant.example/" }),
        json!({ "mchid": MCHID, "notify_url": "https://merchant.example/coupons?x=1" }),
        json!({ "mchid": MCHID, "notify_url": format!("https://{}", "a".repeat(250)) }),
        json!({ "mchid": MCHID }),
        json!({ "notify_url": url }),
        json!({ "mchid": "1900000000", "notify_url": url }),
        json!({ "mchid": MCHID, "notify_url": url, "switch": "false" }),
    ] {
        assert_eq!(code(&callback(&mut world, wrong.clone())), "PARAM_ERROR", "{wrong}");
    }
    callback(&mut world, json!({ "mchid": MCHID, "notify_url": "http://127.0.0.1:9000/", "switch": false })).unwrap();
    assert_eq!(query(&mut world).unwrap()["notify_url"], "http://127.0.0.1:9000/");
    let bare = call(&mut world, EndpointId::CallbackQuery, "", Value::Null, at(6));
    assert_eq!(code(&bare), "PARAM_ERROR");
    let stock = call(&mut world, EndpointId::StockCreate, "", creation("R-1"), at(6)).unwrap()["stock_id"].clone();
    let stock = stock.as_str().unwrap().to_owned();
    world.stocks.get_mut(&stock).unwrap().status = StockStatus::Running;
    sent(&mut world, &stock, "C-1", 10);
    world.take_notices();
    assert!(pay(&mut world, "PAY000001", 4000)["promotion_detail"].is_array());
    assert!(world.take_notices().iter().all(|notice| notice.event_type != "COUPON.USE"));
}
