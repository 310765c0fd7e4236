//! What is believed of a change: whatever befalls its answer, it is never called done when it had no effect, nor refused
//! when it had one.

mod support;

use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use paydeck::api::Client;
use paydeck::model::action::{ACTIONS, Action, ActionId, Confirmation, Confirmed, Operation, create};
use paydeck::model::{Kind, Number, ObjectId};
use paydeck::sandbox::{Fault, Matcher};
use paydeck::services::{Outcome, Runner};
use support::{Shop, plausible};
use time::OffsetDateTime;
use tokio::task::JoinSet;

/// Whether a request that a fault befalls has its effect. A new fault does not pass without a line here.
fn takes_effect(fault: &str) -> bool {
    match fault {
        "rate-limited" | "fail-before" | "replayed-before" | "proxy-refusal-before" | "empty-before" => false,
        "accepted" | "fail-after" | "drop-after" | "hold-after" | "bad-signature" | "unknown-serial"
        | "other-signer" | "answer-about" | "replayed" | "proxy-refusal" | "empty" | "other-amount"
        | "no-signature" | "probe" | "altered" | "truncated" | "huge" | "html" | "slow" => true,
        other => panic!("does a request take effect that {other} befalls?"),
    }
}

/// What no query shows: it stays unknown.
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
            create(action, client.merchant(), &values, now).unwrap()
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
            // What is set to what it was shows nothing.
            ActionId::StockCallback => {
                Operation { body: operation.body.replace("/coupons", &format!("/coupons/{}", used.len())), ..operation }
            }
            _ => operation,
        };
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

/// Lets a fault befall every action of the catalogue, and counts the outcomes; after 100 seconds of the platform's clock
/// once more.
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
        shop.gateway.faults().once(Matcher::endpoint(action.endpoint), fault.clone());
    }
    let mut counts = BTreeMap::new();
    let mutations = shop.mutations();
    for (action, outcome) in perform(&runner, faulted).await {
        let what = format!("{name} {}: {outcome:?}", action.name());
        match (&outcome, takes_effect(name)) {
            (Outcome::Done { journal, .. }, true) => {
                assert_eq!(shop.ledger().outcome(*journal).unwrap().as_deref(), Some("done"), "{what}");
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
            let action = Action::named(entry.intent["action"].as_str().unwrap()).unwrap();
            // A user's coupons are listed without the number of one that was never sent, or not at all.
            let silent = leaves_no_trace(action) || action.id == ActionId::StockSend;
            assert_eq!(one.outcome, if silent { "unknown" } else { "refused" }, "{name} {}", action.name());
        }
        *counts.entry("refused later").or_default() += resolved.iter().filter(|one| one.outcome == "refused").count();
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
