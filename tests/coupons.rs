//! Coupons and their stocks, as the real binary reads them.

mod support;

use paydeck::model::{EndpointId, Kind, Object, ObjectId};
use serde_json::{Value, json};
use support::{Shop, id, json_errors, status, stderr, stdout};
use time::Duration;

const OPENID: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

fn printed(output: &std::process::Output) -> Value {
    assert_eq!(status(output), 0, "{}", stderr(output));
    serde_json::from_str(&stdout(output)).unwrap()
}

/// One JSON document a line.
fn rows(output: &std::process::Output) -> Vec<Value> {
    assert_eq!(status(output), 0, "{}", stderr(output));
    stdout(output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A stock that runs and gives every user some, for whole orders.
async fn running(shop: &Shop) -> Object {
    let client = shop.client();
    let mut page = 0;
    loop {
        let stocks = client.list_stocks(&Default::default(), page).await.unwrap().rows;
        assert!(!stocks.is_empty(), "no stock runs");
        for stock in stocks {
            let document: Value = serde_json::from_str(&stock.raw).unwrap();
            let many = document["stock_use_rule"]["max_coupons_per_user"].as_i64() >= Some(2);
            if document["status"] == "running" && document["singleitem"] == false && many {
                return stock;
            }
        }
        page += 1;
    }
}

async fn send(shop: &Shop, stock: &Object, request: &str) -> ObjectId {
    let client = shop.client();
    let body = json!({
        "stock_id": stock.id.number.as_str(), "out_request_no": request, "stock_creator_mchid": client.mchid().as_str(),
        "appid": client.merchant().appid.as_ref().unwrap().as_str(),
    });
    let send = EndpointId::CouponSend;
    let target = send.endpoint().target(&[("openid", OPENID)], &[]);
    let reply = client.call(send, &target, &body.to_string()).await.unwrap();
    let coupon: Value = serde_json::from_str(&reply.body).unwrap();
    ObjectId::of_coupon(coupon["coupon_id"].as_str().unwrap(), OPENID).unwrap()
}

/// The user buys something for so many fen and pays.
async fn pay(shop: &Shop, number: &str, fen: i64) {
    let client = shop.client();
    let body = json!({
        "appid": client.merchant().appid.as_ref().unwrap().as_str(), "mchid": client.mchid().as_str(),
        "description": "拿铁 大杯", "out_trade_no": number, "notify_url": "https://merchant.example/notify",
        "payer": { "openid": OPENID }, "amount": { "total": fen, "currency": "CNY" },
    });
    let place = EndpointId::TransactionJsapi;
    client.call(place, place.endpoint().path, &body.to_string()).await.unwrap();
    shop.gateway.user().pay_transaction(number).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_users_coupons_are_listed_used_and_shown_with_what_they_were_used_for() {
    let shop = Shop::open(300).await;
    let stock = running(&shop).await;
    let stock_id = stock.id.number.as_str();
    let first = send(&shop, &stock, "C-1").await;
    let second = send(&shop, &stock, "C-2").await;
    let list = |more: &[&str]| {
        rows(&shop.paydeck(&[&["--output", "json", "coupon", "list", "--openid", OPENID], more].concat()))
    };
    assert_eq!(list(&[]).len(), 2);
    assert_eq!(list(&["--status", "USED"]).len(), 0);
    let minimum = list(&[])[0]["normal_coupon_information"]["transaction_minimum"].as_i64().unwrap();
    // A stock's coupons can be used an hour after it was made, at the latest.
    shop.gateway.user().let_time_pass(Duration::hours(2));
    pay(&shop, "PAY-COUPON-1", minimum).await;
    let used = list(&["--status", "USED", "--stock", stock_id]);
    assert_eq!(used.len(), 1);
    assert_eq!(list(&["--by", "available"]).len(), 1, "what was used can be used no more");
    assert_eq!(list(&["--by", "sender", "--stock", "1"]).len(), 0);

    // Shown by both numbers, in either way, and alone because the ledger knows whose it is.
    let coupon_id = used[0]["coupon_id"].as_str().unwrap();
    let number = format!("{coupon_id}@{OPENID}");
    assert!([first.number.as_str(), second.number.as_str()].contains(&number.as_str()));
    let get =
        |arguments: &[&str]| printed(&shop.paydeck(&[&["--output", "json", "coupon", "get"], arguments].concat()));
    let shown = get(&[&number]);
    assert_eq!((&shown["status"], &shown["stock_id"]), (&json!("USED"), &json!(stock_id)));
    assert_eq!(get(&[coupon_id, "--openid", OPENID]), shown);
    assert_eq!(get(&[coupon_id]), shown);
    assert!(shown["out_request_no"].as_str().unwrap().starts_with("C-"));

    // It is in the ledger, and leads to its stock and to what it paid for.
    let transaction = shop.paydeck(&["transaction", "get", "PAY-COUPON-1"]);
    assert!(stdout(&transaction).contains("promotion_detail"), "{}", stdout(&transaction));
    let related = stdout(&shop.paydeck(&["coupon", "related", &number]));
    assert!(related.contains(stock_id) && related.contains("PAY-COUPON-1"), "{related}");
    let of_stock = stdout(&shop.paydeck(&["stock", "related", stock_id]));
    assert!(of_stock.contains(coupon_id), "{of_stock}");
    let cached = rows(&shop.paydeck(&["--output", "json", "coupon", "list", "--cached"]));
    assert!(cached.iter().any(|row| row["coupon_id"] == coupon_id));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_without_its_user_is_not_asked_for() {
    let shop = Shop::open(0).await;
    let output = shop.paydeck(&["--output", "json", "coupon", "get", "80001234"]);
    assert_eq!(status(&output), 2);
    let error = json_errors(&output).remove(0);
    assert!(error["message"].as_str().unwrap().contains("--openid"), "{error}");
    assert_eq!(shop.arrived(EndpointId::CouponQuery), 0);
    let output = shop.paydeck(&["--output", "json", "coupon", "get", "80001234", "--openid", OPENID]);
    assert_eq!((status(&output), json_errors(&output)[0]["code"].as_str()), (1, Some("RESOURCE_NOT_EXISTS")));
    let narrowed = shop.paydeck(&["coupon", "list", "--status", "USED"]);
    assert_eq!(status(&narrowed), 2, "a state narrows the coupons of a user");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sandboxs_coupons_are_known_by_the_numbers_file_in_every_state() {
    let shop = Shop::open(200).await;
    assert!(shop.ids(Kind::Coupon).len() >= 8);
    let listed = rows(&shop.paydeck(&["--output", "json", "coupon", "list"]));
    assert_eq!(listed.len(), shop.ids(Kind::Coupon).len());
    for status in ["SENDED", "USED", "EXPIRED"] {
        assert!(listed.iter().any(|row| row["status"] == status), "{status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn stocks_are_listed_by_state_and_time_as_the_platform_filters_them() {
    let shop = Shop::open(1000).await;
    let list = |more: &[&str]| rows(&shop.paydeck(&[&["--output", "json", "stock", "list"], more].concat()));
    let all = list(&[]);
    assert!(all.len() > 20, "more than a page");
    let states = all.iter().filter(|row| row["status"] == "stoped").count();
    let stopped = list(&["--status", "stoped"]);
    assert!(states > 0 && stopped.len() == states, "{}", stopped.len());
    assert!(stopped.iter().all(|row| row["status"] == "stoped"));
    let mut times: Vec<&str> = all.iter().map(|row| row["create_time"].as_str().unwrap()).collect();
    times.sort_unstable();
    let middle = times[times.len() / 2];
    let late = list(&["--since", middle]);
    assert!(!late.is_empty() && late.iter().all(|row| row["create_time"].as_str().unwrap() >= middle));
    let before = list(&["--until", middle, "--status", "running"]);
    assert!(before.iter().all(|row| row["create_time"].as_str().unwrap() <= middle && row["status"] == "running"));
    assert!(list(&["--since", &times[times.len() - 1][..10]]).len() < all.len(), "a day will do");
    let wrong = shop.paydeck(&["stock", "list", "--since", "yesterday"]);
    assert_eq!(status(&wrong), 2);
    assert!(stderr(&wrong).contains("yesterday"), "{}", stderr(&wrong));
    assert_eq!(status(&shop.paydeck(&["stock", "list", "--status", "paused", "--cached"])), 2);
    // Listed objects are in the ledger.
    let first = id(Kind::Stock, stopped[0]["stock_id"].as_str().unwrap());
    assert!(shop.ledger().object(&shop.actor().key, &first).unwrap().is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn where_a_stock_can_be_used_is_listed_page_by_page() {
    let shop = Shop::open(0).await;
    let client = shop.client();
    let now = time::OffsetDateTime::now_utc();
    let time = |hours| paydeck::model::time::rfc3339(now + Duration::hours(hours));
    let items: Vec<String> = (0..50).map(|n| format!("SKU{n:03}")).collect();
    let mchid = client.mchid().as_str();
    let body = |request: &str, items: &[String]| {
        let mut usage = json!({
            "fixed_normal_coupon": { "coupon_amount": 500, "transaction_minimum": 3000 },
            "available_merchants": [mchid, "1900067890"],
        });
        if !items.is_empty() {
            usage["available_items"] = json!(items);
        }
        json!({
            "stock_name": "秋季满减", "belong_merchant": mchid, "available_begin_time": time(1),
            "available_end_time": time(30), "stock_type": "NORMAL", "no_cash": true, "out_request_no": request,
            "stock_use_rule": {
                "max_coupons": 200, "max_amount": 100_000, "max_coupons_per_user": 2, "natural_person_limit": false,
                "prevent_api_abuse": true,
            },
            "coupon_use_rule": usage,
        })
    };
    let mut ids = Vec::new();
    for (request, items) in [("R-1", &items[..]), ("R-2", &[])] {
        let create = EndpointId::StockCreate;
        let reply = client.call(create, create.endpoint().path, &body(request, items).to_string()).await.unwrap();
        let document: Value = serde_json::from_str(&reply.body).unwrap();
        ids.push(document["stock_id"].as_str().unwrap().to_owned());
    }
    let merchants = stdout(&shop.paydeck(&["stock", "merchants", &ids[0]]));
    assert_eq!(merchants.lines().collect::<Vec<_>>(), [mchid, "1900067890"]);
    let found = rows(&shop.paydeck(&["--output", "json", "stock", "items", &ids[0]]));
    assert_eq!((found.len(), &found[49]), (50, &json!({ "item": "SKU049" })));
    let whole = shop.paydeck(&["stock", "items", &ids[1]]);
    assert_eq!((stdout(&whole).as_str(), status(&whole)), ("", 0));
    assert!(stderr(&whole).contains("whole orders"));
    let csv = stdout(&shop.paydeck(&["--output", "csv", "stock", "merchants", &ids[0]]));
    assert_eq!(csv.lines().next(), Some("merchant"));
    assert_eq!(status(&shop.paydeck(&["stock", "items", "1"])), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_address_for_uses_is_shown() {
    let shop = Shop::open(0).await;
    let none = shop.paydeck(&["stock", "callback"]);
    assert_eq!((status(&none), stdout(&none).as_str()), (0, ""));
    assert!(stderr(&none).contains("No callback URL"));
    let client = shop.client();
    let mchid = client.mchid().as_str();
    let url = "https://merchant.example/coupons";
    let set = EndpointId::CallbackSet;
    let body = json!({ "mchid": mchid, "notify_url": url }).to_string();
    client.call(set, set.endpoint().path, &body).await.unwrap();
    assert_eq!(stdout(&shop.paydeck(&["stock", "callback"])).trim(), url);
    let shown = printed(&shop.paydeck(&["--output", "json", "stock", "callback"]));
    assert_eq!(shown, json!({ "mchid": mchid, "notify_url": url }));
    // A new address is sent or rejected, never ignored.
    let off = shop.paydeck(&["stock", "callback", "--switch", "no", "--dry-run"]);
    assert!(stdout(&off).contains(r#""switch":false"#), "{}{}", stdout(&off), stderr(&off));
}
