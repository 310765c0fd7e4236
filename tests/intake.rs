//! Ingesting numbers: opened one by one and imported from files, without repeated queries or losses.

mod support;

use std::collections::HashMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::{Duration, Instant};

use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use serde_json::{Value, json};
use support::{NOBODY, Shop, binary, id, known, status, stderr, stdout};

fn document(output: &Output) -> Value {
    serde_json::from_str(&stdout(output)).unwrap_or_else(|_| panic!("{output:?}"))
}

fn error(output: &Output) -> Value {
    let text = stderr(output);
    let line = text.lines().find(|line| line.starts_with("{\"error\"")).unwrap_or_else(|| panic!("{text}"));
    serde_json::from_str::<Value>(line).unwrap()["error"].clone()
}

/// A shop whose back end writes no numbers: every kind must be found by queries.
async fn stranger(objects: usize) -> Shop {
    let shop = Shop::open(objects).await;
    let config = std::fs::read_to_string(shop.config_path()).unwrap();
    let without: Vec<&str> = config.lines().filter(|line| !line.starts_with("numbers =")).collect();
    std::fs::write(shop.config_path(), without.join("\n")).unwrap();
    shop
}

fn file(shop: &Shop, name: &str, text: &str) -> PathBuf {
    let path = shop.folder.path().join(name);
    std::fs::write(&path, text).unwrap();
    path
}

fn import(shop: &Shop, name: &str, text: &str, more: &[&str]) -> Output {
    let path = file(shop, name, text);
    shop.paydeck(&[&["--output", "json", "import", path.to_str().unwrap()], more].concat())
}

/// Waits until the gateway has been asked about so many orders.
async fn arrived(shop: &Shop, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while shop.arrived(EndpointId::OrderQuery) < count {
        assert!(Instant::now() < deadline, "the requests do not arrive");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The counts of a report: fetched, skipped, not found, malformed, remaining.
fn counts(output: &Output) -> [u64; 5] {
    let report = document(output);
    let length = |name: &str| report[name].as_array().unwrap().len() as u64;
    let count = |name: &str| report[name].as_u64().unwrap();
    [count("fetched"), count("skipped"), length("not_found"), length("malformed"), count("remaining")]
}

#[tokio::test(flavor = "multi_thread")]
async fn every_number_of_every_kind_is_opened_and_then_known() {
    let shop = stranger(200).await;
    let client = shop.client();
    for kind in Kind::ALL {
        let number = shop.ids(kind).remove(0).number;
        let opened = shop.paydeck(&["--output", "json", "open", number.as_str()]);
        assert_eq!(status(&opened), 0, "{}", stderr(&opened));
        // A coupon's number names its user besides.
        let own = id(kind, number.as_str()).coupon().map_or(number.as_str(), |(coupon, _)| coupon).to_owned();
        assert_eq!(document(&opened)[kind.number_field()], own);
        // Once it is in the ledger, one question is enough; by WeChat Pay's own number, too.
        let before = shop.gateway.requests().len();
        let ledger = shop.ledger();
        let fresh = ledger.object(&shop.actor().key, &id(kind, number.as_str())).unwrap().unwrap();
        for text in [Some(number.as_str()), fresh.object.entity.platform_number()].into_iter().flatten() {
            let again = shop.paydeck(&["--output", "json", "open", text]);
            assert_eq!(document(&again)[kind.number_field()], own);
        }
        let asked = shop.gateway.requests().iter().skip(before).filter(|r| !r.target.ends_with("certificates")).count();
        assert_eq!(asked, 1 + usize::from(fresh.object.entity.platform_number().is_some()));
    }
    for id in shop.ids(Kind::Transaction).into_iter().skip(1) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        let Some(transaction_id) = object.entity.platform_number() else { continue };
        let before = shop.arrived(EndpointId::TransactionByNumber);
        let opened = shop.paydeck(&["--output", "json", "open", transaction_id]);
        assert_eq!(document(&opened)["out_trade_no"], id.number.as_str(), "{}", stderr(&opened));
        assert_eq!(shop.arrived(EndpointId::TransactionByNumber), before, "the shape was enough");
        assert!(shop.ledger().object(&shop.actor().key, &id).unwrap().is_some(), "kept under the merchant's number");
        return;
    }
    panic!("no transaction was paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_nothing_says_what_was_tried() {
    let shop = stranger(5).await;
    let output = shop.paydeck(&["--output", "json", "open", "NO-SUCH-NUMBER"]);
    let error = error(&output);
    assert_eq!((status(&output), error["kind"].as_str()), (1, Some("not-found")));
    for field in ["out_trade_no", "out_order_no", "merchant_plan_no", "merchant_sign_plan_no", "out_refund_no"] {
        assert!(error["message"].as_str().unwrap().contains(field), "{error}");
    }
    let before = shop.gateway.requests().len();
    let narrowed = shop.paydeck(&["open", "NO-SUCH-NUMBER", "--kind", "plan"]);
    assert_eq!(status(&narrowed), 1);
    assert!(!stderr(&narrowed).contains("out_trade_no"), "{}", stderr(&narrowed));
    assert_eq!(shop.gateway.requests().len(), before + 2, "the certificates and the plan");
    // A refusal for another reason is reported, and something untrusted or unreachable ends the search.
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::OrderQuery), Fault::BadSignature, 9);
    assert_eq!(status(&shop.paydeck(&["open", "NO-SUCH-NUMBER"])), 4);
    shop.gateway.faults().clear();
    shop.edit_config("service_id =", "# service_id =");
    let plan = shop.ids(Kind::Plan).remove(0);
    let unclear = shop.paydeck(&["open", plan.number.as_str()]);
    assert_eq!(status(&unclear), 0, "{}", stderr(&unclear));
    assert!(
        stderr(&unclear).contains("out_order_no") && !stderr(&unclear).contains("out_trade_no"),
        "{}",
        stderr(&unclear)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_of_two_kinds_is_disambiguated_by_the_operator() {
    let shop = stranger(5).await;
    let client = shop.client();
    let merchant = client.merchant();
    let (appid, mchid) = (merchant.appid.as_ref().unwrap().as_str(), merchant.mchid.as_str());
    let order = json!({
        "out_order_no": "TWICE-0001", "appid": appid, "service_id": merchant.service_id.as_ref().unwrap().as_str(),
        "service_introduction": "充电宝", "time_range": {"start_time": "OnAccept"},
        "post_payments": [{"name": "租金", "description": "每小时2元"}],
        "risk_fund": {"name": "DEPOSIT", "amount": 9900}, "notify_url": "https://shop.example/notify",
    });
    let transaction = json!({
        "appid": appid, "mchid": mchid, "description": "充电线", "out_trade_no": "TWICE-0001",
        "notify_url": "https://shop.example/notify", "amount": {"total": 990},
    });
    for (endpoint, body) in [(EndpointId::OrderCreate, order), (EndpointId::TransactionNative, transaction)] {
        client.call(endpoint, endpoint.endpoint().path, &body.to_string()).await.unwrap();
    }
    // Whether it has to be found out or is known.
    for _ in 0..2 {
        let output = shop.paydeck(&["--output", "json", "open", "TWICE-0001"]);
        assert_eq!(status(&output), 1, "{}", stderr(&output));
        assert_eq!(error(&output)["kind"], "ambiguous");
        let kinds: Vec<Value> =
            stdout(&output).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()["kind"].clone()).collect();
        assert_eq!(kinds.len(), 2);
        assert!(kinds.contains(&json!("order")) && kinds.contains(&json!("transaction")), "{kinds:?}");
    }
    let narrowed = shop.paydeck(&["--output", "json", "open", "TWICE-0001", "--kind", "transaction"]);
    assert_eq!((status(&narrowed), document(&narrowed)["out_trade_no"].as_str()), (0, Some("TWICE-0001")));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_form_of_file_is_imported() {
    let shop = stranger(200).await;
    let numbers = |kind: Kind, count: usize| -> Vec<String> {
        shop.ids(kind).into_iter().take(count).map(|id| id.number.to_string()).collect()
    };
    let (orders, trades, stocks) =
        (numbers(Kind::ServiceOrder, 4), numbers(Kind::Transaction, 3), numbers(Kind::Stock, 2));
    let csv = format!("\u{feff}title,out_order_no\r\n\"a, b\",{}\r\n\r\nc,`{}\r\nd,\r\n", orders[0], orders[1]);
    let csv = import(&shop, "orders.csv", &csv, &[]);
    assert_eq!((status(&csv), counts(&csv)), (1, [2, 0, 0, 1, 0]), "{}", stderr(&csv));
    assert_eq!(document(&csv)["malformed"][0]["line"], 5);
    let bill = format!("交易时间,商户订单号,金额\n`2026-11-20 10:00:00,`{},`1.00\n总交易单数\n`1\n", trades[0]);
    assert_eq!(counts(&import(&shop, "bill.csv", &bill, &[])), [1, 0, 0, 0, 0]);
    let lines =
        format!("{{\"kind\":\"order\",\"number\":\"{}\"}}\n{{\"out_trade_no\":\"{}\"}}\n", orders[2], trades[1]);
    assert_eq!(counts(&import(&shop, "lines.jsonl", &lines, &[])), [2, 0, 0, 0, 0]);
    let plain = import(&shop, "plain.txt", &stocks.join("\n"), &["--kind", "stock"]);
    assert_eq!((status(&plain), counts(&plain)), (0, [2, 0, 0, 0, 0]), "{}", stderr(&plain));
    // Without a kind it is found out; what was fetched a moment ago is skipped unless it is asked for.
    let mixed = [orders[3].as_str(), trades[2].as_str(), stocks[0].as_str()].join("\n");
    assert_eq!(counts(&import(&shop, "mixed.txt", &mixed, &[])), [2, 1, 0, 0, 0]);
    assert_eq!(counts(&import(&shop, "mixed.txt", &mixed, &["--refresh"])), [3, 0, 0, 0, 0]);
    let known = known(&shop.ledger(), &shop);
    assert!(known.len() == 9 && known.iter().all(|known| known.fresh.is_some()), "{}", known.len());

    let mut piped = binary();
    piped.arg("--config").arg(shop.config_path()).args(["import", "-"]);
    let mut piped = piped.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    piped.stdin.take().unwrap().write_all(mixed.as_bytes()).unwrap();
    let piped = piped.wait_with_output().unwrap();
    assert_eq!((status(&piped), stdout(&piped).as_str()), (0, ""));
    assert_eq!(stderr(&piped).lines().count(), 1, "no progress off a terminal: {}", stderr(&piped));
    assert_eq!(status(&shop.paydeck(&["import", "/no/such/file"])), 2, "a wrong name is a wrong argument");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_found_is_listed_and_the_rest_is_there() {
    let shop = stranger(60).await;
    let order = shop.ids(Kind::ServiceOrder).remove(0);
    let text = format!("out_order_no,merchant_plan_no\nNO-SUCH-1,\n{},NO-SUCH-2\nno number,\n", order.number);
    let output = import(&shop, "some.csv", &text, &[]);
    assert_eq!((status(&output), counts(&output)), (1, [1, 0, 2, 1, 0]));
    assert_eq!(error(&output)["kind"], "incomplete");
    let imported = shop.paydeck(&["import", shop.folder.path().join("some.csv").to_str().unwrap()]);
    for words in ["order NO-SUCH-1", "plan NO-SUCH-2", "Line 4"] {
        assert!(stderr(&imported).contains(words), "{words}: {}", stderr(&imported));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_was_killed_goes_on_where_it_was() {
    let shop = stranger(900).await;
    let orders = shop.ids(Kind::ServiceOrder);
    assert!(orders.len() >= 200, "{}", orders.len());
    let numbers: Vec<String> = orders.iter().map(|id| id.number.to_string()).collect();
    let path = file(&shop, "numbers.csv", &format!("out_order_no\n{}\n", numbers.join("\n")));
    let slow = Fault::Slow(Duration::from_millis(60));
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::OrderQuery), slow, orders.len());
    let mut process = binary()
        .arg("--config")
        .arg(shop.config_path())
        .args(["import", path.to_str().unwrap()])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    arrived(&shop, 100).await;
    process.kill().unwrap();
    process.wait().unwrap();
    let known = known(&shop.ledger(), &shop);
    assert_eq!(known.len(), orders.len(), "all were noted before any was asked about");
    let fetched = known.iter().filter(|known| known.fresh.is_some()).count();
    assert!((1..orders.len()).contains(&fetched), "{fetched}");
    let again = shop.paydeck(&["--output", "json", "import", path.to_str().unwrap()]);
    assert_eq!(status(&again), 0, "{}", stderr(&again));
    assert_eq!(counts(&again), [(orders.len() - fetched) as u64, fetched as u64, 0, 0, 0]);
    let mut asked: HashMap<String, usize> = HashMap::new();
    for request in shop.gateway.requests().into_iter().filter(|r| r.endpoint == Some(EndpointId::OrderQuery)) {
        *asked.entry(request.target).or_default() += 1;
    }
    let twice = asked.values().filter(|times| **times > 1).count();
    assert_eq!((asked.len(), asked.values().max()), (orders.len(), Some(&2)));
    assert!(twice <= 40, "{twice} were asked about twice");
}

#[cfg(unix)]
#[tokio::test(flavor = "multi_thread")]
async fn an_import_that_is_interrupted_says_how_far_it_got() {
    let shop = stranger(300).await;
    let numbers: Vec<String> = shop.ids(Kind::ServiceOrder).into_iter().map(|id| id.number.to_string()).collect();
    let path = file(&shop, "numbers.txt", &numbers.join("\n"));
    let slow = Fault::Slow(Duration::from_millis(500));
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::OrderQuery), slow, numbers.len());
    let process = binary()
        .arg("--config")
        .arg(shop.config_path())
        .args(["--output", "json", "import", "--kind", "order", path.to_str().unwrap()])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    arrived(&shop, 2).await;
    let pid = process.id().to_string();
    assert!(std::process::Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let output = process.wait_with_output().unwrap();
    assert_eq!((status(&output), error(&output)["kind"].as_str()), (1, Some("interrupted")));
    let [fetched, skipped, not_found, malformed, remaining] = counts(&output);
    assert_eq!((skipped, not_found, malformed), (0, 0, 0));
    assert!(fetched >= 1 && fetched + remaining == numbers.len() as u64, "{fetched} {remaining}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_that_is_not_there_stops_it_and_nothing_is_lost() {
    let shop = stranger(5).await;
    let host = shop.gateway.base_url().to_owned();
    shop.edit_config(&host, NOBODY);
    let output = import(&shop, "some.txt", "SO-1\nSO-2\nSO-3\n", &["--kind", "order"]);
    assert_eq!((status(&output), counts(&output)), (3, [0, 0, 0, 0, 3]), "{}", stderr(&output));
    assert_eq!(error(&output)["kind"], "unreachable");
    assert_eq!(known(&shop.ledger(), &shop).len(), 3);
    assert_eq!(status(&shop.paydeck(&["open", "SO-1"])), 3);
    shop.edit_config(NOBODY, &host);
    assert_eq!(counts(&import(&shop, "some.txt", "SO-1\nSO-2\nSO-3\n", &["--kind", "order"])), [0, 0, 3, 0, 0]);
}
