//! One intended effect happens once: a command that is killed at any moment, and then run until it succeeds, has had
//! its effect once; two at once, too; and the wait for an answer that never comes is bounded.
#![cfg(unix)]

mod support;

use std::collections::HashMap;
use std::process::Output;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, ObjectId};
use paydeck::sandbox::{AUTHORISED_USER, Fault, FaultMatcher, RequestRecord};
use serde_json::Value;
use support::{Moments, Shop, json_errors, outcome_of, status, stderr, stdout};

/// Processes at once: also the others' kills fall into the life of each.
const AT_ONCE: usize = 2;
/// So often a command is run until it succeeds, before that counts as never.
const TRIES: usize = 40;

/// How often each command is killed: `PAYDECK_ROUNDS`, by default a few times.
fn rounds() -> usize {
    std::env::var("PAYDECK_ROUNDS").ok().and_then(|text| text.parse().ok()).unwrap_or(12)
}

/// A command that is to have one effect on each object, and what counts as one.
struct Case {
    action: ActionId,
    endpoint: EndpointId,
    command: fn(&str) -> Vec<String>,
    /// What distinguishes the effects of requests: the same one sent twice has one effect.
    effect: fn(&RequestRecord) -> String,
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// The number in a request's body that it is idempotent by.
fn by(request: &RequestRecord, name: &str) -> String {
    let body: Value = serde_json::from_slice(&request.body).unwrap();
    body[name].as_str().unwrap().to_owned()
}

const CASES: [Case; 6] = [
    Case {
        action: ActionId::TransactionRefund,
        endpoint: EndpointId::RefundCreate,
        command: |number| words(&["transaction", "refund", number, "--amount", "0.01"]),
        effect: |request| by(request, "out_refund_no"),
    },
    Case {
        action: ActionId::StockSend,
        endpoint: EndpointId::CouponSend,
        command: |number| {
            let (stock, user) = number.split_once('@').unwrap();
            words(&["coupon", "send", stock, "--openid", user])
        },
        effect: |request| by(request, "out_request_no"),
    },
    Case {
        action: ActionId::OrderComplete,
        endpoint: EndpointId::OrderComplete,
        command: |number| words(&["order", "complete", number, "--amount", "0.01"]),
        effect: |request| request.target.clone(),
    },
    Case {
        action: ActionId::PlanStop,
        endpoint: EndpointId::PlanStop,
        command: |number| words(&["plan", "stop", number]),
        effect: |request| request.target.clone(),
    },
    Case {
        action: ActionId::SignPlanCancel,
        endpoint: EndpointId::SignPlanCancel,
        command: |number| words(&["sign-plan", "cancel", number, "--reason", "x"]),
        effect: |request| request.target.clone(),
    },
    Case {
        action: ActionId::StockPause,
        endpoint: EndpointId::StockPause,
        command: |number| words(&["stock", "pause", number]),
        effect: |request| request.target.clone(),
    },
];

/// So many objects, or pairs of a stock and a user, for a command: one for each round.
async fn subjects(shop: &Shop, case: &Case, count: usize) -> Vec<String> {
    let client = shop.client();
    if case.action == ActionId::StockSend {
        // A stock for each: one has only so many coupons.
        let stocks = running_stocks(shop, count).await;
        return stocks.into_iter().enumerate().map(|(i, stock)| format!("{stock}@oRepeatedUser_{i:06}")).collect();
    }
    if case.action == ActionId::StockPause {
        return running_stocks(shop, count).await;
    }
    let found = shop.objects_for(&client, case.action.action(), count).await;
    found.into_iter().map(|id: ObjectId| id.number.to_string()).collect()
}

/// Stocks of one's own that run and have coupons for many: the sandbox has few.
async fn running_stocks(shop: &Shop, count: usize) -> Vec<String> {
    let client = shop.client();
    let create = shop.ready(&client, ActionId::StockCreate.action()).await;
    let mut stocks = Vec::new();
    for i in 0..count {
        let mut body: Value = serde_json::from_str(&create.body).unwrap();
        body["out_request_no"] = format!("REPEAT-{i}").into();
        let face = body["coupon_use_rule"]["fixed_normal_coupon"]["coupon_amount"].as_i64().unwrap();
        body["stock_use_rule"]["max_coupons"] = 10_000.into();
        body["stock_use_rule"]["max_amount"] = (10_000 * face).into();
        let reply = client.call(EndpointId::StockCreate, &create.target, &body.to_string()).await.unwrap();
        let stock: Value = serde_json::from_str(&reply.body).unwrap();
        stocks.push(stock["stock_id"].as_str().unwrap().to_owned());
    }
    // A stock cannot be started at once.
    shop.gateway.user().let_time_pass(time::Duration::minutes(1));
    let body = serde_json::json!({ "stock_creator_mchid": client.mchid().as_str() }).to_string();
    for stock in &stocks {
        let start = EndpointId::StockStart;
        client.call(start, &start.endpoint().target(&[("stock_id", stock)], &[]), &body).await.unwrap();
    }
    stocks
}

/// Which subject a request is about: the one of which its command made it.
fn subject(case: &Case, request: &RequestRecord, of_trade: &HashMap<String, String>) -> String {
    match case.action {
        ActionId::TransactionRefund => of_trade[&by(request, "transaction_id")].clone(),
        ActionId::StockSend => {
            let user = request.target.split('/').nth(5).unwrap().to_owned();
            format!("{}@{user}", by(request, "stock_id"))
        }
        _ => {
            let parameters = case.endpoint.endpoint().parameters_leniently(&request.target).unwrap();
            parameters.into_iter().next().unwrap()
        }
    }
}

/// Kills a command at some moment and then runs it until it succeeds: `until paydeck …; do :; done`.
fn killed_and_repeated(shop: &Shop, case: &Case, subject: &str, after: Duration) -> bool {
    let command = (case.command)(subject);
    let arguments: Vec<&str> = command.iter().map(String::as_str).chain(["--yes"]).collect();
    let mut process = shop.start(&arguments);
    std::thread::sleep(after);
    process.kill().unwrap();
    let killed = process.wait().unwrap().code().is_none();
    let mut last = String::new();
    for _ in 0..TRIES {
        let output = shop.paydeck(&arguments);
        if status(&output) == 0 {
            return killed;
        }
        assert!(matches!(status(&output), 1 | 3), "{subject}: {}", stderr(&output));
        last = stderr(&output);
        // What was not sent, and cannot be sent again, is known not to come some time after by the platform's clock.
        shop.gateway.user().let_time_pass(time::Duration::seconds(20));
    }
    let journal = stdout(&shop.paydeck(&["journal", "list", "--object", object_of(subject)]));
    panic!("{subject}: {arguments:?} never succeeds: {last}\n{journal}");
}

/// The object of a subject: without the user of a coupon.
fn object_of(subject: &str) -> &str {
    subject.split('@').next().unwrap_or(subject)
}

async fn one_effect(case: &Case) {
    let rounds = rounds();
    // Enough of every kind for so many rounds.
    let shop = Shop::open((rounds + 1) * 60).await;
    let subjects = subjects(&shop, case, rounds + 1).await;
    let mut of_trade = HashMap::new();
    if case.action == ActionId::TransactionRefund {
        let client = shop.client();
        for number in &subjects {
            let (object, _) = client.fetch(&support::id(Kind::Transaction, number), None).await.unwrap();
            of_trade.insert(object.entity.platform_number().unwrap().to_owned(), number.clone());
        }
    }
    let start = Instant::now();
    killed_and_repeated(&shop, case, &subjects[rounds], Duration::ZERO);
    // The first run is often the slowest. A command that ended before its kill says how long one takes.
    let longest = Mutex::new(start.elapsed().mul_f64(1.2));
    let (moments, killed) = (Moments::new(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for worker in 0..AT_ONCE {
            let (shop, subjects, moments, killed, longest) = (&shop, &subjects, &moments, &killed, &longest);
            scope.spawn(move || {
                for i in (worker..rounds).step_by(AT_ONCE) {
                    let after = moments.within(Duration::ZERO..*longest.lock().unwrap());
                    if killed_and_repeated(shop, case, &subjects[i], after) {
                        killed.fetch_add(1, Ordering::Relaxed);
                    } else {
                        let mut longest = longest.lock().unwrap();
                        *longest = after.min(*longest);
                    }
                }
            });
        }
    });
    let requests = shop.gateway.requests().into_iter().filter(|request| request.endpoint == Some(case.endpoint));
    // For each subject, what was sent, and how each such request was answered.
    let mut effects: HashMap<String, HashMap<String, Vec<Option<u16>>>> = HashMap::new();
    for request in requests {
        let of = effects.entry(subject(case, &request, &of_trade)).or_default();
        of.entry((case.effect)(&request)).or_default().push(request.status);
    }
    let name = case.action.action().name();
    println!("{name}: {rounds} rounds, {} killed in time", killed.load(Ordering::Relaxed));
    assert!(killed.load(Ordering::Relaxed) > rounds / 4, "too few were killed in time");
    for subject in &subjects {
        let sent = effects.get(subject);
        if sent.map_or(0, HashMap::len) != 1 {
            let journal =
                stdout(&shop.paydeck(&["--output", "json", "journal", "list", "--object", object_of(subject)]));
            panic!("{name} {subject}: {sent:?}\n{journal}");
        }
    }
    if case.action == ActionId::StockSend {
        let client = shop.client();
        let listed = |user: &str| {
            let user = paydeck::model::Number::parse(user).unwrap();
            let client = client.clone();
            async move { client.list_coupons(&user, &Default::default(), 0).await.unwrap().rows.len() }
        };
        for subject in &subjects {
            assert_eq!(listed(subject.split_once('@').unwrap().1).await, 1, "{subject}");
        }
    }
    shop.ledger().verify_journal().unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refund_killed_and_repeated_until_it_succeeds_pays_once() {
    one_effect(&CASES[0]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_killed_and_repeated_until_it_succeeds_is_sent_once() {
    one_effect(&CASES[1]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_order_killed_and_repeated_until_it_succeeds_is_completed_once() {
    one_effect(&CASES[2]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_killed_and_repeated_until_it_succeeds_is_stopped_once() {
    one_effect(&CASES[3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_plan_killed_and_repeated_until_it_succeeds_is_cancelled_once() {
    one_effect(&CASES[4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stock_killed_and_repeated_until_it_succeeds_is_paused_once() {
    one_effect(&CASES[5]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_once_make_one_of_what_is_done_once() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let paid = shop.object_for(&client, ActionId::TransactionRefund.action()).await;
    let stock = shop.object_for(&client, ActionId::StockSend.action()).await;
    let (paid, stock) = (paid.id.number.as_str(), stock.id.number.as_str());
    let faults = shop.gateway.faults();
    for (endpoint, command) in [
        (EndpointId::RefundCreate, ["transaction", "refund", paid, "--amount", "0.01", "--yes"]),
        (EndpointId::CouponSend, ["coupon", "send", stock, "--openid", "oTwiceAtOnce_0001", "--yes"]),
    ] {
        faults.once(FaultMatcher::endpoint(endpoint), Fault::Slow(Duration::from_millis(700)));
        let processes: Vec<_> = (0..4).map(|_| shop.start(&command)).collect();
        let ended: Vec<_> = processes.into_iter().map(|process| process.wait_with_output().unwrap()).collect();
        // Those that came while it was under way say that it is not known yet; those that came late show it.
        assert!(ended.iter().any(|one| status(one) == 0), "{command:?}");
        assert!(ended.iter().all(|one| matches!(status(one), 0 | 3 | 1)), "{command:?}");
        assert_eq!(shop.arrived(endpoint), 1, "{command:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_is_for_one_user_at_a_time_and_bars_nothing_else() {
    let shop = Shop::open(200).await;
    let stock = shop.object_for(&shop.client(), ActionId::StockSend.action()).await;
    let stock = stock.id.number.as_str();
    let send = |user: &str, more: &[&str]| {
        shop.paydeck(&[&["--output", "json", "coupon", "send", stock, "--openid", user, "--yes"], more].concat())
    };
    assert_eq!(status(&send("oFirst_000001", &[])), 0);
    assert_eq!(status(&send("oSecond_00001", &[])), 0, "another user is another intention");
    assert_eq!(shop.arrived(EndpointId::CouponSend), 2);
    let again = send("oFirst_000001", &[]);
    let coupon: Value = serde_json::from_str(&stdout(&again)).unwrap();
    assert!(coupon["coupon_id"].as_str().is_some(), "what was sent is shown: {coupon}");
    assert_eq!((status(&again), shop.arrived(EndpointId::CouponSend)), (0, 2));
    // Lost on the way there: open, and without evidence.
    shop.edit_config("timeout_seconds = 2", "timeout_seconds = 2\nresolve_within = \"1s\"");
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::CouponSend), Fault::FailBefore);
    let lost = send(AUTHORISED_USER, &[]);
    assert_eq!(status(&lost), 3, "{}", stderr(&lost));
    assert_eq!(json_errors(&lost).len(), 1);
    assert_eq!(stderr(&lost).lines().count(), 1, "one document: {}", stderr(&lost));
    // It bars a second one under another number, and neither another user's nor the pause of the stock.
    assert_ne!(status(&send(AUTHORISED_USER, &["--again"])), 0);
    assert_eq!(status(&send("oThird_000001", &[])), 0);
    let sent = |shop: &Shop| {
        let requests = shop.gateway.requests();
        let of = requests.into_iter().filter(|r| r.endpoint == Some(EndpointId::CouponSend));
        of.filter(|request| request.target.contains(AUTHORISED_USER)).map(|r| by(&r, "out_request_no")).collect()
    };
    let before: Vec<String> = sent(&shop);
    assert_eq!(before.len(), 1);
    let settled = send(AUTHORISED_USER, &[]);
    assert_eq!(status(&settled), 0, "{}", stderr(&settled));
    let after: Vec<String> = sent(&shop);
    assert_eq!(after, [before[0].clone(), before[0].clone()], "under the same number");
    assert_eq!(status(&shop.paydeck(&["stock", "pause", stock, "--yes"])), 0);
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert!(
        status(&resolved) == 0 && stderr(&resolved).contains("There are no unknown outcomes"),
        "{}",
        stderr(&resolved)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_intervention_that_did_not_arrive_is_sent_again_as_it_was_when_repeated() {
    let shop = Shop::open(200).await;
    shop.edit_config("timeout_seconds = 2", "timeout_seconds = 2\nresolve_within = \"1s\"");
    let client = shop.client();
    // A plan is stopped by its number; to ask for the payment of an order twice is another matter.
    for (action, sent) in [(ActionId::PlanStop, 2), (ActionId::StockPause, 2), (ActionId::OrderPay, 1)] {
        let endpoint = action.action().endpoint;
        let object = shop.object_for(&client, action.action()).await;
        let command = [action.action().kind.noun(), action.action().verb, object.id.number.as_str(), "--yes"];
        shop.gateway.faults().once(FaultMatcher::endpoint(endpoint), Fault::FailBefore);
        let lost = shop.paydeck(&command);
        assert_eq!((status(&lost), shop.arrived(endpoint)), (3, 1), "{}", stderr(&lost));
        let again = shop.paydeck(&command);
        let expected = if sent == 2 { 0 } else { 3 };
        assert_eq!((status(&again), shop.arrived(endpoint)), (expected, sent), "{}", stderr(&again));
        let requests = shop.gateway.requests().into_iter().filter(|r| r.endpoint == Some(endpoint));
        let bodies: Vec<Vec<u8>> = requests.map(|request| request.body).collect();
        assert!(bodies.iter().all(|body| *body == bodies[0]), "the very same request");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_never_comes_is_asked_about_for_a_bounded_time() {
    let shop = Shop::open(100).await;
    shop.edit_config("timeout_seconds = 2", "timeout_seconds = 1\nresolve_within = \"4s\"");
    let paid = shop.object_for(&shop.client(), ActionId::TransactionRefund.action()).await;
    let number = paid.id.number.as_str();
    let faults = shop.gateway.faults();
    faults.once(FaultMatcher::endpoint(EndpointId::RefundCreate), Fault::HoldAfter);
    // Every query about it is held, too.
    faults.times(FaultMatcher::endpoint(EndpointId::RefundQuery), Fault::HoldAfter, 1000);
    let began = Instant::now();
    let refund = shop.paydeck(&["transaction", "refund", number, "--amount", "0.01", "--yes"]);
    let took = began.elapsed();
    assert_eq!(status(&refund), 3, "{}", stderr(&refund));
    assert!(took < Duration::from_secs(1 + 4 + 3), "{took:?}");
    assert!(took > Duration::from_secs(4), "{took:?}");
    assert!(stderr(&refund).contains("for up to 4 s"), "{}", stderr(&refund));
    assert!(shop.arrived(EndpointId::RefundQuery) >= 2, "one query does not take all the time");
    assert_eq!(shop.arrived(EndpointId::RefundCreate), 1);
    faults.clear();
    let resolved = shop.paydeck(&["journal", "resolve"]);
    assert_eq!(status(&resolved), 0, "{}", stderr(&resolved));
    let printed = stdout(&resolved);
    for words in ["Entry 1", "Refund", number, "¥0.01", "done"] {
        assert!(printed.contains(words), "{words}: {printed}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_long_enough_ago_may_be_done_again() {
    let shop = Shop::open(100).await;
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    let rules = |within: &str| {
        let rules = format!("{text}\n[profiles.sandbox.rules]\nrepeat_within = \"{within}\"\n");
        std::fs::write(shop.config_path(), rules).unwrap();
    };
    let paid = shop.object_for(&shop.client(), ActionId::TransactionRefund.action()).await;
    let refund = || {
        shop.gateway.user().let_time_pass(time::Duration::minutes(2));
        status(&shop.paydeck(&["transaction", "refund", paid.id.number.as_str(), "--amount", "0.01", "--yes"]))
    };
    rules("1h");
    assert_eq!((refund(), refund(), shop.arrived(EndpointId::RefundCreate)), (0, 0, 1));
    rules("0s");
    // A number made for it has the second in it.
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!((refund(), shop.arrived(EndpointId::RefundCreate)), (0, 2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_for_another_is_not_shown_as_what_is_asked_for_now() {
    let shop = Shop::open(200).await;
    let client = shop.client();
    let stock = shop.object_for(&client, ActionId::StockSend.action()).await;
    let stock = stock.id.number.as_str();
    let send = |user: &str| shop.paydeck(&["coupon", "send", stock, "--openid", user, "--yes"]);
    assert_eq!(status(&send("oFirst_000001")), 0);
    assert_eq!(status(&shop.paydeck(&["stock", "pause", stock, "--yes"])), 0);
    assert_eq!(status(&send("oFirst_000001")), 0, "it was sent to this user");
    for other in ["oSecond_00001", ""] {
        let refused = send(other);
        assert_eq!((status(&refused), stdout(&refused).as_str()), (1, ""), "{other}: {}", stderr(&refused));
    }
    let sign_plan = shop.object_for(&client, ActionId::SignPlanOrder.action()).await;
    let begin = |detail: &str| {
        let of = sign_plan.id.number.as_str();
        shop.paydeck(&["order", "create", "--from-sign-plan", of, "--detail", detail, "--yes"])
    };
    let next = (1..20).find(|detail| status(&begin(&detail.to_string())) == 0).unwrap();
    let after = begin(&(next + 1).to_string());
    assert_eq!((status(&after), stdout(&after).as_str()), (1, ""), "{}", stderr(&after));
    assert_eq!(status(&begin(&next.to_string())), 0, "this one was begun");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_is_not_closed_while_its_object_can_show_its_outcome() {
    let shop = Shop::open(100).await;
    shop.edit_config("timeout_seconds = 2", "timeout_seconds = 1\nresolve_within = \"1s\"");
    let paid = shop.object_for(&shop.client(), ActionId::TransactionRefund.action()).await;
    let refund = || shop.paydeck(&["transaction", "refund", paid.id.number.as_str(), "--amount", "0.01", "--yes"]);
    let faults = shop.gateway.faults();
    faults.once(FaultMatcher::endpoint(EndpointId::RefundCreate), Fault::DropAfter);
    faults.times(FaultMatcher::endpoint(EndpointId::RefundQuery), Fault::HoldAfter, 1000);
    assert_eq!(status(&refund()), 3);
    faults.clear();
    let closed = shop.paydeck(&["journal", "close", "1", "--reason", "x", "--yes"]);
    assert_eq!(status(&closed), 1, "{}", stderr(&closed));
    assert_eq!(outcome_of(&shop.ledger(), 1).as_deref(), Some("done"));
    shop.gateway.user().let_time_pass(time::Duration::minutes(2));
    tokio::time::sleep(Duration::from_millis(1100)).await;
    assert_eq!((status(&refund()), shop.arrived(EndpointId::RefundCreate)), (0, 1), "it is not paid a second time");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_raw_request_of_an_unknown_outcome_is_not_sent_again_until_its_entry_is_closed() {
    let shop = Shop::open(20).await;
    let raw = |body: &str| shop.paydeck(&["--output", "json", "api", "POST", "/v3/nosuch", body, "--yes"]);
    let error = |output: &Output| serde_json::from_str::<Value>(&stderr(output)).unwrap()["error"].clone();
    let first = raw(r#"{"a":1}"#);
    assert_eq!((status(&first), shop.mutations()), (3, 1), "{}", stderr(&first));
    assert!(error(&first)["advice"].as_str().unwrap().contains("journal close"), "{}", stderr(&first));
    let again = raw(r#"{ "a": 1 }"#);
    assert_eq!((status(&again), shop.mutations()), (1, 1), "{}", stderr(&again));
    assert_eq!((&error(&again)["journal"], &error(&again)["kind"]), (&1.into(), &"precondition".into()));
    assert!(error(&again)["advice"].as_str().unwrap().contains("journal close 1"), "{}", stderr(&again));
    raw(r#"{"a":2}"#);
    assert_eq!(shop.mutations(), 2, "another request");
    assert_eq!(status(&shop.paydeck(&["journal", "close", "1", "--reason", "looked it up", "--yes"])), 0);
    raw(r#"{"a":1}"#);
    assert_eq!(shop.mutations(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coupon_sent_by_a_raw_request_is_not_sent_again_although_its_stock_was_never_seen() {
    let shop = Shop::open(200).await;
    let stock = shop.object_for(&shop.client(), ActionId::StockSend.action()).await;
    let (stock, user) = (stock.id.number.as_str(), "oRawReceiver_0001");
    let send = ["coupon", "send", stock, "--openid", user, "--yes"];
    let dry = shop.paydeck(&[&["--output", "json"], &send[..], &["--dry-run"]].concat());
    let request: Value = serde_json::from_str(&stdout(&dry)).unwrap();
    let text = |name: &str| request[name].as_str().unwrap().to_owned();
    // Another journal, in which nothing is known.
    let empty = shop.config_path().with_file_name("empty.db");
    let store = format!("sqlite:{}", empty.display());
    let raw = shop.paydeck(&["--store", &store, "api", "POST", &text("path"), &text("body"), "--yes"]);
    assert_eq!(status(&raw), 0, "{}", stderr(&raw));
    let again = shop.paydeck(&[&["--store", &store], &send[..]].concat());
    assert_eq!((status(&again), shop.arrived(EndpointId::CouponSend)), (0, 1), "{}", stderr(&again));
    // An action that is only shown is reported as such.
    let dry = shop.paydeck(&[&["--lang", "en", "--store", &store], &send[..], &["--dry-run"]].concat());
    assert!(stderr(&dry).contains("would not be sent now: Journal entry 1"), "{}", stderr(&dry));
}
