//! The outcome of a change under every fault: it is never reported as done when it had no effect, nor as refused when
//! it had one.

mod support;

use std::collections::{BTreeMap, HashSet};
use std::process::Output;
use std::time::Duration;

use paydeck::api::Client;
use paydeck::ledger::JournalSearch;
use paydeck::model::action::{self, ACTIONS, Action, ActionId, Confirmation, Confirmed, Operation, Repetition};
use paydeck::model::{EndpointId, Kind, Number, ObjectId};
use paydeck::sandbox::{Fault, FaultMatcher};
use paydeck::services::{Outcome, Runner};
use serde_json::{Value, json};
use support::{NOBODY, Shop, json_errors, outcome_of, plausible, status, stderr, stdout};
use time::OffsetDateTime;
use tokio::task::JoinSet;

/// Whether a request takes effect in spite of a fault. A new fault does not compile without a line here.
fn takes_effect(fault: &str) -> bool {
    match fault {
        "rate-limited" | "fail-before" | "replayed-before" | "proxy-refusal-before" | "empty-before" => false,
        "accepted" | "fail-after" | "drop-after" | "hold-after" | "bad-signature" | "unknown-serial"
        | "other-signer" | "answer-about" | "replayed" | "proxy-refusal" | "empty" | "other-amount"
        | "no-signature" | "probe" | "altered" | "truncated" | "huge" | "html" | "drip" | "slow" => true,
        other => panic!("does a request take effect that {other} befalls?"),
    }
}

/// Effects that no query shows: they stay unknown.
fn leaves_no_trace(action: &Action) -> bool {
    action.id == ActionId::OrderPay
}

/// An operation for each action, each on an object of its own.
async fn operations(shop: &Shop, client: &Client, used: &mut HashSet<ObjectId>) -> Vec<Confirmed> {
    let mut operations = Vec::new();
    for action in ACTIONS {
        let now = OffsetDateTime::now_utc();
        let operation = if action.is_creation() {
            let mut values = action.fresh(client.merchant(), now);
            values.extend(plausible(action));
            // Several are made within a millisecond.
            let place = format!("{:03}", used.len());
            values.get_mut("number").into_iter().for_each(|number| *number += &place);
            action::create(action, client.merchant(), &values, now).unwrap()
        } else {
            let mut found = None;
            if action.kind == Kind::Permission {
                // A user without orders: an unfinished one keeps the permission.
                let user = Number::parse(&format!("oEvidence{:08}", used.len())).unwrap();
                shop.gateway.user().authorise(user.as_str()).unwrap();
                found = Some(client.fetch_by_openid(&user).await.unwrap().0);
            }
            for id in shop.ids(action.kind) {
                if found.is_some() {
                    break;
                }
                if !used.contains(&id) {
                    let (object, _) = client.fetch(&id, None).await.unwrap();
                    found = Some(object).filter(|object| action.legal(&object.entity, now).is_ok());
                }
            }
            let object = found.unwrap_or_else(|| panic!("no object for {}", action.name()));
            shop.operation(client, action, &object)
        };
        let operation = match action.id {
            // Setting the same value again would show nothing.
            ActionId::StockCallback => {
                Operation { body: operation.body.replace("/coupons", &format!("/coupons/{}", used.len())), ..operation }
            }
            // A second identical effect is requested: the first must not count as it.
            ActionId::StockCreate => Operation { again: Repetition::Yes, ..operation },
            _ => operation,
        };
        // The same stock, refund or coupon for each fault is meant each time.
        let operation = Operation { again: Repetition::Yes, ..operation };
        used.extend(operation.touched());
        operations.push(operation.confirm(Confirmation::Flag).unwrap());
    }
    operations
}

/// Performs them all at once.
async fn perform(runner: &Runner, operations: Vec<Confirmed>) -> Vec<(&'static Action, Outcome)> {
    let mut running = JoinSet::new();
    for operation in operations {
        let runner = runner.clone();
        running.spawn(async move {
            let action = operation.what().action.action();
            (action, runner.perform(operation, |_| ()).await)
        });
    }
    running.join_all().await
}

/// Injects a fault into every action of the catalogue and counts the outcomes, again after 100 seconds of the
/// platform's clock.
async fn befall(name: &'static str) -> BTreeMap<&'static str, usize> {
    let shop = Shop::open(700).await;
    let client = shop.client();
    let runner = shop.runner(&client);
    let mut used = HashSet::new();
    // Genuine answers of every endpoint, to be replayed.
    let before = operations(&shop, &client, &mut used).await;
    for (action, outcome) in perform(&runner, before).await {
        assert!(matches!(outcome, Outcome::Done { found_by_query: false, .. }), "{}: {outcome:?}", action.name());
    }
    let faulted = operations(&shop, &client, &mut used).await;
    let fault = Fault::named(name, Duration::from_millis(10), Some("OTHER-1")).unwrap();
    for action in ACTIONS {
        shop.gateway.faults().once(FaultMatcher::endpoint(action.endpoint), fault.clone());
    }
    let mut counts = BTreeMap::new();
    let mutations = shop.mutations();
    for (action, outcome) in perform(&runner, faulted).await {
        let what = format!("{name} {}: {outcome:?}", action.name());
        match (&outcome, takes_effect(name)) {
            (Outcome::Done { journal, .. }, true) => {
                assert_eq!(outcome_of(&shop.ledger(), *journal).as_deref(), Some("done"), "{what}");
            }
            (Outcome::Unknown { .. }, false) => {}
            (Outcome::Unknown { .. }, true) => assert!(leaves_no_trace(action), "{what}"),
            _ => panic!("{what}"),
        }
        *counts.entry(outcome.word()).or_default() += 1;
    }
    assert_eq!(shop.mutations(), mutations + ACTIONS.len(), "{name}: each is sent once");
    if !takes_effect(name) {
        assert!(runner.resolve().await.unwrap().is_empty(), "{name}: too early to say");
        shop.gateway.faults().set_clock_offset(time::Duration::seconds(100));
        let resolved = runner.resolve().await.unwrap();
        for one in &resolved {
            let entry = shop.ledger().journal_entry(one.journal).unwrap().unwrap();
            let action = Action::named(&entry.intent.action).unwrap();
            // A user's coupons are listed without the number of one that was never sent, or not at all.
            let silent = leaves_no_trace(action) || action.id == ActionId::StockSend;
            assert_eq!(one.ending.outcome(), if silent { "unknown" } else { "refused" }, "{name} {}", action.name());
        }
        *counts.entry("refused later").or_default() +=
            resolved.iter().filter(|one| one.ending.outcome() == "refused").count();
    }
    counts
}

async fn befall_all(names: Vec<&'static str>) {
    let mut running = JoinSet::new();
    for name in names {
        running.spawn(async move { (name, befall(name).await) });
        // Two at once: a gateway's keys take a core.
        if running.len() == 2 {
            let (name, counts) = running.join_next().await.unwrap().unwrap();
            println!("{name} × {} actions: {counts:?}", ACTIONS.len());
        }
    }
    while let Some(done) = running.join_next().await {
        let (name, counts) = done.unwrap();
        println!("{name} × {} actions: {counts:?}", ACTIONS.len());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_had_its_effect_is_never_called_refused_whatever_befalls_its_answer() {
    let names: Vec<_> = Fault::NAMES.iter().copied().filter(|name| takes_effect(name)).collect();
    befall_all(names).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_had_no_effect_is_never_called_done_whatever_befalls_its_answer() {
    let names: Vec<_> = Fault::NAMES.iter().copied().filter(|name| !takes_effect(name)).collect();
    befall_all(names).await;
}

/// The command that makes an order to be paid by a code, in a language.
fn create(shop: &Shop, lang: &str, more: &[&str]) -> Output {
    let create = ["transaction", "create", "native", "--description", "拿铁", "--amount", "28.80", "--yes"];
    shop.paydeck(&[&["--lang", lang], more, &create].concat())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_against_a_closed_port_says_that_nothing_was_sent() {
    let shop = Shop::open(10).await;
    shop.edit_config(shop.gateway.base_url(), NOBODY);
    for (lang, words) in [
        ("en", ["Nothing was sent: WeChat Pay cannot be reached", "the first attempt changed nothing"]),
        ("zh-CN", ["请求未发出：无法连接微信支付", "此次没有任何变更"]),
    ] {
        // The object of a change is queried first.
        let refund = ["--lang", lang, "transaction", "refund", "T-000001", "--amount", "1", "--yes"];
        let refund = shop.paydeck(&refund);
        assert_eq!(status(&refund), 3);
        assert!(words.iter().all(|word| stderr(&refund).contains(word)), "{}", stderr(&refund));
        let output = create(&shop, lang, &[]);
        assert_eq!(status(&output), 3);
        assert!(words.iter().all(|word| stderr(&output).contains(word)), "{}", stderr(&output));
        let shown = stdout(&shop.paydeck(&["--lang", lang, "journal", "show", "1"]));
        assert!(shown.contains(words[0].split(['：', ':']).next().unwrap()), "{shown}");
    }
    let error = json_errors(&create(&shop, "en", &["--output", "json"])).remove(0);
    assert_eq!((&error["kind"], error["journal"].is_i64()), (&json!("unreachable"), true), "{error}");
    assert!(error["message"].as_str().is_some_and(|text| text.starts_with("Nothing was sent")), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_unsigned_is_shown_as_a_hint_and_queried() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let order = shop.object_for(&client, ActionId::OrderPay.action()).await;
    for (lang, words, never) in [
        ("en", "Unsigned answer 403: 基本账户余额不足", "WeChat Pay answered ("),
        ("zh-CN", "收到状态码为 403 的应答，但没有签名，不能认定来自微信支付：基本账户余额不足", "微信支付应答（"),
    ] {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::OrderPay), Fault::ProxyRefusalBefore(403));
        let store = shop.store(&format!("{lang}.db"));
        let with = |arguments: &[&str]| shop.paydeck(&[&["--store", &store, "--lang", lang], arguments].concat());
        let output = with(&["order", "pay", order.id.number.as_str(), "--yes"]);
        assert_eq!(status(&output), 3, "{}", stderr(&output));
        let shown = stdout(&with(&["journal", "show", "1"]));
        for text in [stderr(&output), shown] {
            assert!(text.contains(words) && !text.contains(never), "{text}");
        }
        let entry: Value = serde_json::from_str(&stdout(&with(&["--output", "json", "journal", "show", "1"]))).unwrap();
        let kept = entry["settlements"][0]["error"].as_str().unwrap();
        assert!(kept.starts_with("the outcome is unknown: not signed: 403"), "{kept}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_redirect_instead_of_certificates_is_untrusted() {
    let shop = Shop::open(10).await;
    let plan = shop.ids(Kind::Plan).remove(0);
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::Certificates), Fault::Html(302));
    let output = shop.paydeck(&["plan", "get", plan.number.as_str()]);
    assert_eq!(status(&output), 4, "{}", stderr(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_change_is_done_by_the_objects_own_query_and_asked_about_like_any_other() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let close = ActionId::TransactionClose.action();
    let ids = shop.objects_for(&client, close, 2).await;
    let body = json!({"mchid": client.mchid().as_str()}).to_string();
    let raw = |at: usize| {
        let target = close.endpoint.endpoint().target(&[("out_trade_no", ids[at].number.as_str())], &[]);
        shop.paydeck(&["api", "POST", &target, &body, "--yes"])
    };
    let output = raw(0);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
    shop.gateway.faults().once(FaultMatcher::endpoint(close.endpoint), Fault::ProxyRefusal(404));
    let output = raw(1);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    let open = shop.ledger().open_intents(&shop.actor().key).unwrap().remove(0);
    let resolved = shop.runner(&client).resolve().await.unwrap();
    assert_eq!(resolved.iter().map(|one| (one.journal, one.ending.outcome())).collect::<Vec<_>>(), [(open.id, "done")]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_genuine_answer_that_names_nothing_is_shown_and_its_outcome_unknown_until_a_query_shows_it() {
    let shop = Shop::open(10).await;
    // Every answer about the order is unsigned.
    shop.gateway.faults().times(FaultMatcher::endpoint(EndpointId::TransactionByNumber), Fault::NoSignature, 100);
    let merchant = shop.client();
    let body = json!({"appid": merchant.merchant().appid.as_ref().unwrap().as_str(), "mchid": merchant.mchid().as_str(),
        "description": "拿铁", "out_trade_no": "RAW-000001", "notify_url": "https://merchant.example/n",
        "amount": {"total": 100, "currency": "CNY"}});
    let output = shop.paydeck(&["api", "POST", "/v3/pay/transactions/native", &body.to_string(), "--yes"]);
    assert_eq!(status(&output), 3, "{}", stderr(&output));
    assert!(stdout(&output).contains("code_url"), "{}", stdout(&output));
    assert!(stderr(&output).contains("does not say which request it belongs to"), "{}", stderr(&output));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("unknown"));
    shop.gateway.faults().clear();
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert_eq!(status(&resolved), 0, "{}", stderr(&resolved));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_the_one_that_the_query_shows_whatever_another_users_answer_names() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let stock = shop.object_for(&client, ActionId::StockSend.action()).await;
    let stock = stock.id.number.as_str();
    let send = |user: &str| {
        let output = shop.paydeck(&["--output", "json", "coupon", "send", stock, "--openid", user, "--yes"]);
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        serde_json::from_str::<Value>(&stdout(&output)).unwrap()["coupon_id"].as_str().unwrap().to_owned()
    };
    let of_another = send("oReplayedFrom_001");
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::CouponSend), Fault::Replayed);
    let own = send("oReplayedTo_0001");
    assert_ne!(own, of_another);
    let listed =
        client.list_coupons(&Number::parse("oReplayedTo_0001").unwrap(), &Default::default(), 0).await.unwrap();
    assert!(listed.rows.iter().any(|coupon| coupon.id.own_number() == own));
    let (ledger, key) = (shop.ledger(), shop.actor().key);
    let search = JournalSearch { limit: 1, ..JournalSearch::default() };
    let entry = ledger.journal_entries(&search).unwrap().pop().unwrap();
    assert_eq!(entry.conclusions[0].made, Some(format!("{own}@oReplayedTo_0001")), "{entry:?}");
    assert!(ledger.find(&key, &format!("{of_another}@oReplayedTo_0001")).unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_signed_word_that_there_is_no_such_object_settles_what_is_open() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let plan = shop.object_for(&client, ActionId::PlanStop.action()).await;
    shop.kill_while_stopping(&plan).await;
    let (ledger, runner) = (shop.ledger(), shop.runner(&client));
    for fault in [Fault::ProxyRefusal(404), Fault::ProxyRefusal(400), Fault::Html(404), Fault::LinkExpired] {
        shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanQuery), fault.clone());
        assert!(runner.resolve().await.unwrap().is_empty(), "{fault:?}");
        assert_eq!(outcome_of(&ledger, 1), None, "{fault:?}");
    }
    assert_eq!(runner.resolve().await.unwrap().remove(0).ending.outcome(), "done");
}
