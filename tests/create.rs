//! Creations from the command line: by flags or by a document, rejected here where a rule is broken, once whatever
//! happens to the answer.

mod support;

use std::io::Write as _;
use std::process::{Output, Stdio};

use base64::Engine as _;
use paydeck::crypto::Certificate;
use paydeck::ledger::{Conclusion, Ending, Intent};
use paydeck::model::action::{ActionId, Confirmation, ConfirmedBy, Operation};
use paydeck::model::{CheckoutPayload, EndpointId, Method};
use paydeck::sandbox::{AUTHORISED_USER, Fault, FaultMatcher};
use paydeck::services::{Denial, Outcome};
use serde_json::{Value, json};
use support::{Shop, binary, json_errors, status, stderr, stdout};
use time::OffsetDateTime;

const PLAN: [&str; 9] = [
    "plan",
    "create",
    "--name",
    "陶艺课",
    "--days",
    "90",
    "--details",
    "第一课|99|99",
    "--details=第二课|99|88|立减11元",
];

fn error(output: &Output) -> Value {
    serde_json::from_str::<Value>(&stderr(output)).unwrap()["error"].clone()
}

fn document(output: &Output) -> Value {
    assert_eq!(status(output), 0, "{}", stderr(output));
    serde_json::from_str(&stdout(output)).unwrap()
}

/// Runs with a document on standard input.
fn with_input(shop: &Shop, arguments: &[&str], input: &Value) -> Output {
    let mut command = binary();
    command.arg("--config").arg(shop.config_path()).args(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_request_is_refused_before_it_is_sent_with_every_field_named() {
    let shop = Shop::open(20).await;
    for (arguments, named) in [
        (vec!["plan", "create", "--name", "陶艺课", "--details", "a|99|100"], vec!["--days", "--details"]),
        (
            vec!["plan", "create", "--name", "陶艺课", "--days", "9", "--details", "a|9|9", "--details", "b|9|9.5"],
            vec!["--details"],
        ),
        (vec!["transaction", "create", "native", "--description", "x", "--amount", "0"], vec!["--amount"]),
        (
            vec!["transaction", "create", "jsapi", "--description", "x", "--amount", "1.234"],
            vec!["--amount", "--openid"],
        ),
        (
            vec!["transaction", "create", "h5", "--description", "x", "--amount", "1", "--h5-type", "Fridge"],
            vec!["--client-ip", "--h5-type"],
        ),
        (
            vec![
                "stock",
                "create",
                "--name",
                "满_减",
                "--face",
                "0.05",
                "--minimum",
                "0.01",
                "--coupons",
                "4",
                "--per-user",
                "61",
            ],
            vec!["--name", "--begins", "--ends", "--face", "--minimum", "--coupons", "--per-user"],
        ),
        (
            vec![
                "order",
                "create",
                "--introduction",
                "x",
                "--confirm",
                "no",
                "--risk-fund",
                "DEPOSIT",
                "--risk-amount",
                "1",
            ],
            vec!["--openid", "--risk-fund"],
        ),
    ] {
        let output = shop.paydeck(&[&["--output", "json"][..], &arguments, &["--yes"]].concat());
        let (code, message) = (status(&output), error(&output)["message"].as_str().unwrap().to_owned());
        assert_eq!((code, error(&output)["kind"].as_str()), (2, Some("usage")), "{message}");
        for name in named {
            assert!(message.contains(&format!("{name}:")), "{name} in {message}");
        }
    }
    assert_eq!(shop.mutations(), 0);
    assert_eq!(shop.ledger().verify_journal().unwrap(), Ok(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_made_sold_signed_and_begun_from_the_command_line() {
    let shop = Shop::open(20).await;
    let json = |arguments: &[&str]| document(&shop.paydeck(&[&["--output", "json"], arguments, &["--yes"]].concat()));
    let plan = json(&[&PLAN[..], &["--number", "PLN-NEW"]].concat());
    assert_eq!((&plan["merchant_plan_no"], &plan["total_actual_price"]), (&json!("PLN-NEW"), &json!(18700)));
    let sell = ["sign-plan", "create", "--plan", "PLN-NEW", "--number", "SGN-NEW", "--openid", AUTHORISED_USER];
    let sold = json(&sell);
    assert_eq!(sold["object"]["merchant_sign_plan_no"], "SGN-NEW");
    assert_eq!(sold["parameters"]["businessType"], "wxpayScorePlan");
    // The same request again returns a new link; a different one under the same number is rejected here.
    let again = json(&sell);
    assert_ne!(again["package"], sold["package"]);
    let other = shop.paydeck(&[&["--output", "json"], &sell[..7], &["somebodyelse", "--yes"]].concat());
    assert_eq!((status(&other), error(&other)["kind"].as_str()), (1, Some("precondition")), "{}", stderr(&other));
    assert_eq!(shop.arrived(EndpointId::SignPlanCreate), 2);

    let early = shop.paydeck(&["order", "create", "--from-sign-plan", "SGN-NEW", "--detail", "1", "--yes"]);
    assert_eq!(status(&early), 1, "not signed yet: {}", stderr(&early));
    shop.gateway.user().sign("SGN-NEW").unwrap();
    let skipped = shop.paydeck(&["order", "create", "--from-sign-plan", "SGN-NEW", "--detail", "2", "--yes"]);
    assert_eq!(status(&skipped), 2, "details go in order: {}", stderr(&skipped));
    let order = json(&["order", "create", "--from-sign-plan", "SGN-NEW", "--detail", "1"]);
    assert_eq!((&order["out_order_no"], &order["state"]), (&json!("SGN-NEW-01"), &json!("DOING")));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_front_end_needs_comes_signed_by_the_merchant() {
    let shop = Shop::open(5).await;
    let create = |kind: &str, more: &[&str]| {
        let base = ["--output", "json", "transaction", "create", kind, "--description", "拿铁", "--amount", "28.80"];
        document(&shop.paydeck(&[&base[..], more, &["--yes"]].concat()))
    };
    let made = create("jsapi", &["--openid", AUTHORISED_USER]);
    let (parameters, text) = (&made["parameters"], |name: &str| made["parameters"][name].as_str().unwrap().to_owned());
    assert_eq!(parameters["package"], format!("prepay_id={}", made["prepay_id"].as_str().unwrap()));
    let message = format!("{}\n{}\n{}\n{}\n", text("appId"), text("timeStamp"), text("nonceStr"), text("package"));
    let certificate = std::fs::read_to_string(shop.folder.path().join("apiclient_cert.pem")).unwrap();
    let key = Certificate::parse(&certificate).unwrap().public_key;
    let signature = base64::engine::general_purpose::STANDARD.decode(text("paySign")).unwrap();
    assert!(key.verifies(message.as_bytes(), &signature));
    assert!(create("native", &[])["code_url"].as_str().unwrap().starts_with("weixin://wxpay/"));
    assert_eq!(create("app", &[])["parameters"]["package"], "Sign=WXPay");
    assert!(create("h5", &["--client-ip", "203.0.113.7"])["h5_url"].as_str().unwrap().starts_with("https://"));
    assert_eq!(made["object"]["trade_state"], "NOTPAY");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_document_is_read_into_the_form_and_held_to_its_rules() {
    let shop = Shop::open(5).await;
    let body = json!({
        "merchant_plan_no": "PLN-DOC", "plan_name": "X", "plan_duration": 30, "deduction_quantity": 1,
        "total_original_price": 100, "total_actual_price": 90,
        "plan_detail_list": [{"plan_detail_name": "a", "original_price": 100, "actual_price": 90}],
    });
    let create =
        |body: &Value| with_input(&shop, &["--output", "json", "plan", "create", "--from", "-", "--yes"], body);
    let with = |name: &str, value: Value| {
        let mut body = body.clone();
        body[name] = value;
        create(&body)
    };
    for (name, value, expected) in [
        ("deduction_quantity", json!(2), "deduction_quantity"),
        ("total_actual_price", json!(91), "total_actual_price"),
        ("plan_duration", json!("thirty"), "/plan_duration"),
        ("colour", json!("red"), "/colour"),
        ("plan_detail_list", json!([{"plan_detail_name": "a", "price": 1}]), "/plan_detail_list"),
    ] {
        let output = with(name, value);
        assert_eq!(status(&output), 2, "{name}: {}", stderr(&output));
        assert!(error(&output)["message"].as_str().unwrap().contains(expected), "{}", stderr(&output));
    }
    assert_eq!(shop.mutations(), 0);
    let made = document(&create(&body));
    assert_eq!((&made["merchant_plan_no"], &made["plan_state"]), (&json!("PLN-DOC"), &json!("NORMAL")));
    // A file does as well, and a flag goes before it.
    let file = shop.folder.path().join("plan.json");
    std::fs::write(&file, body.to_string()).unwrap();
    let file = file.to_str().unwrap();
    let made = shop.paydeck(&["--output", "json", "plan", "create", "--from", file, "--number", "PLN-FILE", "--yes"]);
    assert_eq!(document(&made)["merchant_plan_no"], "PLN-FILE");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_only_a_lost_answer_numbered_is_found_and_made_once() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    for (id, endpoint) in [
        (ActionId::StockCreate, EndpointId::StockCreate),
        (ActionId::StockSend, EndpointId::CouponSend),
        (ActionId::PlanCreate, EndpointId::PlanCreate),
        (ActionId::TransactionNative, EndpointId::TransactionNative),
        (ActionId::PermissionCreate, EndpointId::PermissionCreate),
        (ActionId::StockCallback, EndpointId::CallbackSet),
    ] {
        let operation = shop.ready(&client, id.action()).await;
        shop.gateway.faults().once(FaultMatcher::endpoint(endpoint), Fault::DropAfter);
        let command = shop.command(id.action(), &operation);
        let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--yes"]).collect();
        let output = shop.paydeck(&arguments);
        assert_eq!(status(&output), 0, "{}: {}", id.action().name(), stderr(&output));
        assert!(stderr(&output).contains("took effect"), "{}: {}", id.action().name(), stderr(&output));
        assert_eq!(shop.arrived(endpoint), 1, "{}", id.action().name());
    }
    assert!(shop.ledger().open_intents(&shop.actor().key).unwrap().is_empty());
}

/// A request of some minutes ago whose answer was lost, as an earlier run left it in the journal.
fn lost(shop: &Shop, operation: &Operation, minutes: i64) -> i64 {
    let ledger = shop.ledger();
    let intent = Intent {
        at: OffsetDateTime::now_utc() - time::Duration::minutes(minutes),
        platform_at: Some(OffsetDateTime::now_utc() - time::Duration::minutes(minutes)),
        operator: "tester".into(),
        profile: shop.actor().key,
        mchid: shop.client().mchid().as_str().to_owned(),
        action: operation.action.action().name(),
        object: Some(operation.object.clone()),
        method: Method::Post,
        target: operation.target.clone(),
        body: operation.body.clone(),
        state: String::new(),
        before: None,
        seen: None,
        confirmed: ConfirmedBy::Flag,
        objects: 1,
        reason: None,
        once: None,
    };
    let id = ledger.intend(&intent).unwrap();
    let unknown = Conclusion::of(Ending::Unknown);
    ledger.conclude(id, OffsetDateTime::now_utc(), &unknown).unwrap();
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_whose_answer_was_lost_is_not_called_refused_because_another_is_just_like_it() {
    let shop = Shop::open(0).await;
    let client = shop.client();
    let operation = shop.ready(&client, ActionId::StockCreate.action()).await;
    for number in ["TWIN-1", "TWIN-2"] {
        let mut body: Value = serde_json::from_str(&operation.body).unwrap();
        body["out_request_no"] = number.into();
        client.call(EndpointId::StockCreate, &operation.target, &body.to_string()).await.unwrap();
    }
    let journal = lost(&shop, &operation, 2);
    let runner = shop.runner(&client);
    assert!(runner.resolve().await.unwrap().is_empty(), "two are as it would be");
    // A coupon that may have been sent stays open, and blocks a repetition until a person closes it.
    assert_eq!(runner.unresolved().await.unwrap().iter().map(|one| one.journal).collect::<Vec<_>>(), [journal]);
    let again = || shop.ready(&client, ActionId::StockCreate.action());
    let denied = runner.perform(again().await.confirm(Confirmation::Flag).unwrap(), |_| ()).await;
    assert!(matches!(&denied, Outcome::Denied(Denial::Repeated(earlier)) if earlier.journal == Some(journal)));
    assert_eq!(shop.arrived(EndpointId::StockCreate), 2);
    let id = journal.to_string();
    let close = |more: &[&str]| shop.paydeck(&[&["journal", "close", &id][..], more].concat());
    assert_eq!(status(&close(&[])), 2, "a reason is required");
    assert_eq!(status(&close(&["--reason", " - ", "--yes"])), 2, "that is none");
    assert_eq!(status(&close(&["--reason", "x"])), 2, "not confirmed");
    assert_eq!(status(&close(&["--reason", "x", "--yes", "--read-only"])), 1);
    let closed = close(&["--reason", "the platform lists two", "--yes"]);
    assert_eq!(status(&closed), 0, "{}", stderr(&closed));
    let shown: Value =
        serde_json::from_str(&stdout(&shop.paydeck(&["--output", "json", "journal", "show", &id]))).unwrap();
    let last = shown["settlements"].as_array().unwrap().last().unwrap().clone();
    assert_eq!((last["outcome"].as_str(), last["final"].as_bool()), (Some("unknown"), Some(true)));
    assert_eq!(last["closed"]["reason"], "the platform lists two");
    assert!(last["closed"]["operator"].as_str().is_some_and(|operator| !operator.is_empty()));
    assert_eq!(status(&close(&["--reason", "again", "--yes"])), 1, "it is not open any more");
    assert_eq!(status(&shop.paydeck(&["journal", "close", "99", "--reason", "x", "--yes"])), 2);
    shop.ledger().verify_journal().unwrap().unwrap();
    let outcome = runner.perform(again().await.confirm(Confirmation::Flag).unwrap(), |_| ()).await;
    assert!(matches!(outcome, Outcome::Done { .. }), "{outcome:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_whose_answer_was_lost_is_called_refused_only_where_it_would_be_listed() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let send = ActionId::StockSend.action();
    let mut operation = shop.ready(&client, send).await;
    let user = "oNeverSeenUser_0001";
    operation.target = send.endpoint.endpoint().target(&[("openid", user)], &[]);
    let resolve = || async { shop.runner(&client).resolve().await.unwrap().pop().map(|one| one.ending.outcome()) };
    lost(&shop, &operation, 2);
    // Expired coupons are not listed: no list shows that none was sent.
    assert_eq!(resolve().await, None);
    let resolved = shop.paydeck(&["--output", "json", "journal", "resolve"]);
    assert_eq!(status(&resolved), 3, "{}", stderr(&resolved));
    let document: Value = serde_json::from_str(&stdout(&resolved)).unwrap();
    assert_eq!((document["action"].as_str(), document["outcome"].as_str()), (Some("stock-send"), Some("unknown")));
    assert_eq!(json_errors(&resolved).len(), 1);
    assert_eq!(stderr(&resolved).lines().count(), 1, "{}", stderr(&resolved));
    let mut other: Value = serde_json::from_str(&operation.body).unwrap();
    other["out_request_no"] = "ANOTHER-1".into();
    client.call(EndpointId::CouponSend, &operation.target, &other.to_string()).await.unwrap();
    assert_eq!(resolve().await, Some("refused"));
}

#[tokio::test(flavor = "multi_thread")]
async fn that_the_notifications_were_switched_off_is_not_inferred_from_their_address() {
    let shop = Shop::open(0).await;
    let client = shop.client();
    let action = ActionId::StockCallback.action();
    let operation = shop.ready(&client, action).await;
    client.call(EndpointId::CallbackSet, &operation.target, &operation.body).await.unwrap();
    let mut off = operation.clone();
    let mut body: Value = serde_json::from_str(&operation.body).unwrap();
    body["switch"] = false.into();
    off.body = body.to_string();
    for (operation, outcome) in [(&off, "unknown"), (&operation, "done")] {
        lost(&shop, operation, 2);
        let resolved = shop.runner(&client).resolve().await.unwrap();
        assert_eq!(resolved.first().map(|one| one.ending.outcome()), Some(outcome));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_line_break_in_a_document_makes_no_line_of_a_bill() {
    let shop = Shop::open(0).await;
    let order = json!({
        "out_order_no": "SO-BREAK-1", "service_introduction": "骑行", "need_user_confirm": true,
        "time_range": {"start_time": "OnAccept"}, "risk_fund": {"name": "DEPOSIT", "amount": 5000},
        "notify_url": "https://merchant.example/n",
        "post_payments": [{"name": "骑行费", "amount": 150, "description": "夜间\n加价", "count": 3}],
    });
    let file = shop.folder.path().join("order.json");
    for (description, code) in [("夜间\n加价", 2), ("夜间\t加价", 2), ("夜间加价", 0)] {
        let mut order = order.clone();
        order["post_payments"][0]["description"] = description.into();
        std::fs::write(&file, order.to_string()).unwrap();
        let made = shop.paydeck(&["order", "create", "--from", file.to_str().unwrap(), "--dry-run"]);
        assert_eq!(status(&made), code, "{description:?}: {}{}", stdout(&made), stderr(&made));
    }
    let typed = ["order", "create", "--introduction", "x", "--confirm", "true", "--risk-amount", "5", "--dry-run"];
    let row = |row: &'static str| shop.paydeck(&[&typed[..], &["--payments", row]].concat());
    assert_eq!(status(&row("骑行费|1.50|夜间 加价|3")), 0, "{}", stderr(&row("骑行费|1.50|夜间 加价|3")));
    assert_eq!(status(&row("骑行费|1.50|夜间\n加价|3")), 2);
}

#[test]
fn a_handover_is_read_from_every_answer_that_has_one() {
    for (endpoint, reply) in [
        (EndpointId::TransactionJsapi, r#"{"prepay_id":"wx1"}"#),
        (EndpointId::TransactionApp, r#"{"prepay_id":"wx1"}"#),
        (EndpointId::TransactionNative, r#"{"code_url":"weixin://1"}"#),
        (EndpointId::TransactionH5, r#"{"h5_url":"https://1"}"#),
        (EndpointId::GlobalH5, r#"{"mweb_url":"https://1"}"#),
        (EndpointId::OrderCreate, r#"{"package":"AAq"}"#),
        (EndpointId::PermissionCreate, r#"{"apply_permissions_token":"t"}"#),
    ] {
        assert!(CheckoutPayload::read(endpoint, reply).is_some(), "{endpoint:?}");
    }
}
