//! An object's history and its related objects: versions with their sources, differences, and the chain from plan to
//! refund, by command line and in the console.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::{BTreeMap, BTreeSet};

use paydeck::console::tabs::objects::detail::{DetailPage, LineId};
use paydeck::console::tabs::objects::lines::selectable_lines;
use paydeck::ledger::Delivery;
use paydeck::ledger::ForwardMode;
use paydeck::ledger::inbox::NewDelivery;
use paydeck::model::action::ActionId;
use paydeck::model::time::{beijing_day, day};
use paydeck::model::{Document, Entity, Kind, ObjectId, read_fact};
use paydeck::services::LedgerReader;
use serde_json::{Value, json};
use support::{Shop, id, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";
const BACKSPACE: &str = "\u{7f}";

fn lines(shop: &Shop, arguments: &[&str]) -> Vec<Value> {
    let output = shop.paydeck(&[&["--output", "json"], arguments].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn reader(shop: &Shop) -> LedgerReader {
    LedgerReader::new(shop.ledger(), &shop.actor())
}

/// A plan, a sign plan of it, an order of that, what paid for the order, and a refund of that: all in the ledger.
async fn chain(shop: &Shop) -> [ObjectId; 5] {
    for kind in Kind::ALL {
        assert_eq!(status(&shop.paydeck(&[kind.noun(), "list"])), 0);
    }
    let (ledger, profile) = (shop.ledger(), shop.actor().key);
    let documents = |kind| ledger.documents(&profile, kind, 0, usize::MAX).unwrap().0;
    for order in documents(Kind::ServiceOrder) {
        let fresh = order.fresh.unwrap();
        let Entity::ServiceOrder(entity) = &*fresh.object.entity else { panic!("{order:?}", order = fresh.object) };
        let paid = entity.collection.as_ref().and_then(|collection| collection.transaction_ids.first());
        let related = ledger.related(&profile, &order.id, 10).unwrap();
        let sign_plan = related.iter().map(|related| &related.row.id).find(|id| id.kind == Kind::SignPlan);
        let Some((paid, sign_plan)) = paid.zip(sign_plan) else { continue };
        let number = lines(shop, &["open", paid])[0]["out_trade_no"].as_str().unwrap().to_owned();
        let refund = lines(shop, &["transaction", "refund", &number, "--amount", "0.01", "--reason", "少了", "--yes"]);
        let refund = refund[0]["out_refund_no"].as_str().unwrap();
        let related = ledger.related(&profile, sign_plan, 10).unwrap();
        let plan = related.iter().map(|related| &related.row.id).find(|id| id.kind == Kind::Plan).unwrap();
        let (transaction, refund) = (id(Kind::Transaction, &number), id(Kind::Refund, refund));
        return [plan.clone(), sign_plan.clone(), order.id, transaction, refund];
    }
    panic!("no order of a sign plan was paid")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_object_changed_twice_at_the_gateway_has_its_versions_with_sources_and_the_right_differences() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let transaction = shop.object_for(&client, ActionId::TransactionClose.action()).await.id;
    let number = transaction.number.as_str();
    lines(&shop, &["transaction", "get", number]);
    shop.gateway.user().pay_transaction(number).unwrap();
    lines(&shop, &["transaction", "get", number]);
    // Nothing changed: it is the same version.
    lines(&shop, &["transaction", "get", number]);
    lines(&shop, &["transaction", "refund", number, "--amount", "0.01", "--reason", "少了", "--yes"]);
    let versions = lines(&shop, &["transaction", "get", number, "--history"]);
    let seen: Vec<&str> = versions.iter().map(|version| version["document"]["trade_state"].as_str().unwrap()).collect();
    assert_eq!(seen, ["REFUND", "SUCCESS", "NOTPAY"]);
    let states: Vec<&str> = versions.iter().map(|version| version["state"].as_str().unwrap()).collect();
    assert_eq!(states, seen);
    assert!(versions[1..].iter().all(|version| version["source"] == "query"), "{versions:?}");
    assert!(versions.windows(2).all(|pair| pair[0]["seen_at"].as_str() > pair[1]["seen_at"].as_str()));
    let text = stdout(&shop.paydeck(&["transaction", "get", number, "--history"]));
    assert!(text.lines().count() == 3 && text.contains("query") && text.contains("NOTPAY"), "{text}");

    let reader = reader(&shop);
    let story = reader.story(&transaction).unwrap();
    assert_eq!((story.own.versions.len(), story.own.journal.len()), (3, 1));
    assert!(story.own.noted.unwrap().at <= story.own.versions[2].seen_at);
    let [_, paid, waiting] = &story.own.versions[..] else { panic!("{story:?}") };
    let differences = reader.compare(&transaction, Some(waiting.id), paid.id).unwrap().unwrap();
    let state = differences.iter().find(|difference| difference.path == "trade_state").unwrap();
    assert_eq!((state.before.as_deref(), state.after.as_deref()), (Some("\"NOTPAY\""), Some("\"SUCCESS\"")));
    let id = differences.iter().find(|difference| difference.path == "transaction_id").unwrap();
    assert!(id.before.is_none() && id.after.is_some());
    assert!(differences.iter().all(|difference| difference.path != "out_trade_no"));
    assert!(reader.compare(&transaction, Some(waiting.id), 9_999_999).unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn from_what_paid_for_an_order_related_leads_to_order_sign_plan_plan_and_refund() {
    let shop = Shop::open(100).await;
    let [plan, sign_plan, order, transaction, refund] = chain(&shop).await;
    let related = lines(&shop, &["transaction", "related", transaction.number.as_str()]);
    let seen: Vec<(&str, &str, &str)> = related
        .iter()
        .map(|one| ["kind", "number", "relation"].map(|name| one[name].as_str().unwrap()).into())
        .collect();
    let expected = [(&plan, "further"), (&sign_plan, "further"), (&order, "names-it"), (&refund, "names-it")];
    assert_eq!(seen, expected.map(|(id, relation)| (id.kind.noun(), id.number.as_str(), relation)));
    let before = shop.gateway.requests().len();
    let text = stdout(&shop.paydeck(&["--lang", "zh-CN", "refund", "related", refund.number.as_str(), "--cached"]));
    assert_eq!(shop.gateway.requests().len(), before);
    assert!([&plan, &sign_plan, &order, &transaction].iter().all(|id| text.contains(id.number.as_str())), "{text}");
    assert!(text.contains("服务订单") && text.contains("已收款"), "{text}");
}

/// Selects a related object and goes there. A detail opens on its overview.
fn follow(terminal: &mut Terminal, reader: &LedgerReader, from: &ObjectId, to: &ObjectId) {
    let wanted = LineId::Object(to.clone());
    let line = selectable_lines(DetailPage::Related, &reader.story(from).unwrap(), false, &Default::default())
        .iter()
        .position(|spot| *spot == wanted);
    terminal.press(&format!("fg{}", "j".repeat(line.unwrap())));
    terminal.wait_until(&format!("{to} to be selected"), |screen| {
        let text = screen.contents();
        text.lines().any(|line| line.contains("│▌  ") && pane(line).contains(end(to)))
    });
    terminal.press(ENTER);
    terminal.wait_until(&format!("{to}"), |screen| is_on(screen, to));
}

/// The detail beside the table is of an object: its number stands in the title.
fn is_on(screen: &vt100::Screen, id: &ObjectId) -> bool {
    let text = screen.contents();
    let title = |line: &str| line.starts_with('▌') && !line.starts_with("▌ ") && line.contains(end(id));
    text.lines().map(pane).any(title) && text.contains("Timeline")
}

/// The end of a number: where it is long, its middle may be left out.
fn end(id: &ObjectId) -> &str {
    let number = id.number.as_str();
    &number[number.len().saturating_sub(8)..]
}

/// What stands right of the table.
fn pane(line: &str) -> &str {
    line.split_once('│').map_or("", |(_, pane)| pane)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_walks_the_chain_from_plan_to_refund_and_back() {
    let shop = Shop::open(100).await;
    let chain = chain(&shop).await;
    let reader = reader(&shop);
    let config = shop.config_path();
    let mut terminal = Terminal::start(200, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait("in all");
    terminal.press(&format!("o{}{ENTER}", chain[0].number));
    terminal.wait_until("the plan", |screen| is_on(screen, &chain[0]));
    for pair in chain.windows(2) {
        follow(&mut terminal, &reader, &pair[0], &pair[1]);
    }
    for id in chain.iter().rev().skip(1) {
        terminal.press(BACKSPACE);
        terminal.wait_until(&format!("{id} again"), |screen| is_on(screen, id));
    }
    // The refund was made by a person: the transaction's timeline shows that.
    terminal.press(&format!("o{}{ENTER}", chain[3].number));
    terminal.wait_until("the transaction", |screen| is_on(screen, &chain[3]));
    terminal.press("t");
    terminal.wait("» Refund · ✓ done");
    // The reason may be folded anywhere: Chinese has no blanks.
    terminal.wait("reason:");
    terminal.wait("Number became known");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

/// Every object of the shop with its document, asked for at the gateway itself.
async fn truth(shop: &Shop) -> BTreeMap<ObjectId, Value> {
    let client = shop.client();
    let mut documents = BTreeMap::new();
    for kind in [Kind::Plan, Kind::SignPlan, Kind::ServiceOrder, Kind::Transaction, Kind::Refund] {
        for id in shop.ids(kind) {
            let (object, _) = client.fetch(&id, None).await.unwrap();
            documents.insert(id, serde_json::from_str(&object.raw).unwrap());
        }
    }
    documents
}

/// What each document names, worked out from the documents alone: from an object down to another.
fn links(documents: &BTreeMap<ObjectId, Value>) -> BTreeSet<(ObjectId, ObjectId)> {
    let by_platform: BTreeMap<String, &ObjectId> = documents
        .iter()
        .flat_map(|(id, document)| {
            let names: &[&str] = match id.kind {
                Kind::Plan => &["plan_id"],
                Kind::Transaction => &["transaction_id"],
                _ => &[],
            };
            names
                .iter()
                .filter_map(|name| document[*name].as_str())
                .map(|number| (number.to_owned(), id))
                .collect::<Vec<_>>()
        })
        .collect();
    let platform = |number: &Value| by_platform.get(number.as_str().unwrap_or_default()).map(|id| (*id).clone());
    let own = |kind, number: &Value| Some(id(kind, number.as_str()?)).filter(|id| documents.contains_key(id));
    let empty = Vec::new();
    let mut links = BTreeSet::new();
    for (of, document) in documents {
        match of.kind {
            Kind::SignPlan => {
                links.extend(platform(&document["plan_id"]).map(|plan| (plan, of.clone())));
                for step in document["signed_detail_list"].as_array().unwrap_or(&empty) {
                    let order = own(Kind::ServiceOrder, &step["merchant_plan_detail_no"]);
                    links.extend(order.filter(|_| step["plan_detail_state"] != "NOT_USED").map(|to| (of.clone(), to)));
                }
            }
            Kind::ServiceOrder => {
                for part in document["collection"]["details"].as_array().unwrap_or(&empty) {
                    links.extend(platform(&part["transaction_id"]).map(|to| (of.clone(), to)));
                }
            }
            Kind::Coupon => {
                let paid = document["consume_information"].as_object().and_then(|used| used.get("transaction_id"));
                links.extend(paid.and_then(platform).map(|up| (up, of.clone())));
                links.extend(own(Kind::Stock, &document["stock_id"]).map(|up| (up, of.clone())));
            }
            Kind::Refund => links.extend(own(Kind::Transaction, &document["out_trade_no"]).map(|up| (up, of.clone()))),
            _ => {}
        }
    }
    links
}

/// All that is reached from an object by going up only, or down only.
fn reached(from: &ObjectId, links: &BTreeSet<(ObjectId, ObjectId)>) -> BTreeSet<ObjectId> {
    let mut reached = BTreeSet::new();
    for up in [true, false] {
        let mut left = vec![from.clone()];
        while let Some(at) = left.pop() {
            for (above, below) in links {
                let (here, there) = if up { (below, above) } else { (above, below) };
                if *here == at && reached.insert(there.clone()) {
                    left.push(there.clone());
                }
            }
        }
    }
    reached
}

#[tokio::test(flavor = "multi_thread")]
async fn from_any_number_of_a_world_of_many_plans_the_chain_is_what_the_documents_say() {
    let shop = Shop::open(400).await;
    // What was deducted is known by WeChat Pay's number first: the orders name it.
    for kind in Kind::ALL {
        assert_eq!(status(&shop.paydeck(&[kind.noun(), "list"])), 0);
    }
    let mut documents = truth(&shop).await;
    let paid: Vec<String> = documents
        .iter()
        .filter(|(id, _)| id.kind == Kind::ServiceOrder)
        .flat_map(|(_, order)| order["collection"]["details"].as_array().cloned().unwrap_or_default())
        .filter_map(|part| part["transaction_id"].as_str().map(str::to_owned))
        .collect();
    let file = shop.folder.path().join("paid.csv");
    std::fs::write(&file, format!("transaction_id\n{}\n", paid.join("\n"))).unwrap();
    assert_eq!(status(&shop.paydeck(&["import", file.to_str().unwrap()])), 0);
    let (ledger, profile) = (shop.ledger(), shop.actor().key);
    for kind in [Kind::Transaction, Kind::Stock, Kind::Coupon] {
        for known in ledger.documents(&profile, kind, 0, usize::MAX).unwrap().0 {
            let document = known.fresh.map(|fresh| serde_json::from_str(&fresh.object.raw).unwrap());
            documents.extend(document.map(|document| (known.id, document)));
        }
    }
    let (links, reader) = (links(&documents), reader(&shop));
    let (mut whole, mut bounded, mut longest) = (0, 0, 0);
    for id in documents.keys() {
        let chain = reader.whole_story(id).unwrap().chain.unwrap();
        let seen: BTreeSet<ObjectId> = chain.others.iter().map(|(id, _)| id.clone()).collect();
        let expected = reached(id, &links);
        longest = longest.max(seen.iter().chain([id]).map(|id| id.kind).collect::<BTreeSet<_>>().len());
        assert!(seen.is_subset(&expected), "{id}: {seen:?} is more than {expected:?}");
        if chain.of_many.is_empty() {
            assert_eq!(seen, expected, "{id}");
            whole += 1;
        } else {
            bounded += 1;
        }
    }
    println!("{whole} chains shown whole, {bounded} of many; at the most {longest} kinds in one");
    assert!(whole > 300 && longest >= 4, "{whole} {longest}");
}

/// Puts a notification into the ledger as the receiver does.
fn receive(shop: &Shop, event_type: &str, resource: &Value) {
    let at = time::OffsetDateTime::now_utc();
    let delivery =
        Delivery { at, peer: "203.0.113.9:1".into(), target: "/".into(), headers: vec![], body: b"{}".to_vec() };
    let arrival = NewDelivery {
        delivery,
        signature_hash: [7; 32],
        status: 204,
        notice: "EV-STORY-1".into(),
        event_type: event_type.into(),
        created: Some(at - time::Duration::seconds(3)),
        summary: None,
        resource: resource.to_string(),
        content: read_fact(event_type, Document::new(resource)),
    };
    shop.ledger().receive(&shop.actor().key, &[arrival], &[], ForwardMode::Nowhere).unwrap();
}

/// An order of a sign plan whose deduction stands in the bill of one of the last days, with that day and what paid.
fn billed(shop: &Shop) -> (String, ObjectId, ObjectId) {
    let today = time::OffsetDateTime::now_utc();
    let ledger = shop.ledger();
    for days in 2..7 {
        let date = day(beijing_day(today - time::Duration::days(days)));
        let bill = shop.paydeck(&["bill", "trade", &date, "--output", "json"]);
        assert_eq!(status(&bill), 0, "{}", stderr(&bill));
        for row in lines(shop, &["bill", "show", &date, "--rows"]) {
            let deducted = row["trade_type"] == "AUTH" && row["trade_state"] == "SUCCESS";
            let order = id(Kind::ServiceOrder, row["out_order_no"].as_str().filter(|_| deducted).unwrap_or("none"));
            let related = ledger.related(&shop.actor().key, &order, 10).unwrap();
            if related.iter().any(|related| related.row.id.kind == Kind::SignPlan) {
                return (date, order, id(Kind::Transaction, row["out_trade_no"].as_str().unwrap()));
            }
        }
    }
    panic!("no order of a sign plan was deducted on one of these days");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_chain_shows_states_notifications_actions_and_bill_rows_from_whichever_number_it_is_read() {
    let shop = Shop::open(600).await;
    for kind in Kind::ALL {
        assert_eq!(status(&shop.paydeck(&[kind.noun(), "list"])), 0);
    }
    let (date, order, transaction) = billed(&shop);
    let import = || lines(&shop, &["bill", "trade", &date, "--import"]);
    import();
    let document = lines(&shop, &["order", "get", order.number.as_str()]).remove(0);
    receive(&shop, "PAYSCORE.USER_PAID", &document);
    let number = transaction.number.as_str();
    let refund = lines(&shop, &["transaction", "refund", number, "--amount", "0.01", "--reason", "少了", "--yes"]);
    let refund = id(Kind::Refund, refund[0]["out_refund_no"].as_str().unwrap());
    let timeline = |of: &ObjectId| {
        let seen = lines(&shop, &[of.kind.noun(), "timeline", of.number.as_str(), "--chain", "--cached"]);
        assert!(seen.windows(2).all(|pair| pair[0]["at"].as_str() >= pair[1]["at"].as_str()), "{seen:?}");
        seen
    };
    let seen = timeline(&order);
    let of = |of: &ObjectId, what: &str| {
        let is =
            |one: &&Value| one["kind"] == of.kind.noun() && one["number"] == of.number.as_str() && one["what"] == what;
        seen.iter().filter(is).cloned().collect::<Vec<_>>()
    };
    assert!(!of(&order, "version").is_empty() && !of(&transaction, "version").is_empty(), "{seen:?}");
    let notification = of(&order, "notification");
    assert_eq!((&notification[0]["type"], &notification[0]["agrees"]), (&json!("PAYSCORE.USER_PAID"), &json!(true)));
    assert_eq!(notification[0]["delay"], 3.0);
    for (id, fact) in [(&order, "collected"), (&transaction, "paid")] {
        let rows = of(id, "bill");
        assert_eq!(rows.len(), 1, "{id}: {seen:?}");
        assert_eq!((&rows[0]["fact"], &rows[0]["agrees"]), (&json!(fact), &json!(true)), "{id}");
        let name = rows[0]["bill_row"].as_str().unwrap();
        let row: usize = name.strip_prefix(&format!("trade-ALL-{date}#")).unwrap().parse().unwrap();
        let shown = &lines(&shop, &["bill", "show", &date, "--rows"])[row - 1];
        assert_eq!(shown["out_order_no"], order.number.as_str(), "{name} is where it says");
    }
    let action = of(&transaction, "action");
    assert_eq!((&action[0]["action"], &action[0]["outcome"]), (&json!("transaction-refund"), &json!("done")));
    assert_eq!(action[0]["reason"], "少了");
    assert!(!of(&refund, "version").is_empty());
    let collected = of(&order, "dated");
    assert!(collected.iter().any(|one| one["fact"] == "collected"), "{collected:?}");
    // From the sign plan, what was paid and what was given back, it is the same story of these.
    let sign_plan = seen.iter().find(|one| one["kind"] == "sign-plan").unwrap();
    let sign_plan = id(Kind::SignPlan, sign_plan["number"].as_str().unwrap());
    for from in [&transaction, &refund, &sign_plan] {
        let other = timeline(from);
        assert!(seen.iter().all(|one| other.contains(one)), "from {from}");
    }
    // Stored again, it is not shown twice.
    import();
    let again = timeline(&order);
    let bills = |seen: &[Value]| seen.iter().filter(|one| one["what"] == "bill").count();
    assert_eq!(bills(&again), bills(&seen));
    let text = stdout(&shop.paydeck(&["--lang", "zh-CN", "refund", "timeline", refund.number.as_str(), "--chain"]));
    assert!(text.contains("通知 用户支付订单") && text.contains("与文档一致"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn versions_are_identified_by_their_numbers() {
    let shop = Shop::open(60).await;
    let client = shop.client();
    let transaction = shop.object_for(&client, ActionId::TransactionClose.action()).await.id;
    let number = transaction.number.as_str();
    let none = shop.paydeck(&["transaction", "diff", number]);
    assert_eq!(status(&none), 2, "{}", stderr(&none));
    lines(&shop, &["transaction", "get", number]);
    shop.gateway.user().pay_transaction(number).unwrap();
    lines(&shop, &["transaction", "get", number]);
    lines(&shop, &["transaction", "refund", number, "--amount", "0.01", "--reason", "少了", "--yes"]);
    let timeline = lines(&shop, &["transaction", "timeline", number]);
    let versions: Vec<(u64, &str)> = timeline
        .iter()
        .filter(|one| one["what"] == "version")
        .map(|one| (one["version"].as_u64().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    assert_eq!(versions, [(3, "REFUND"), (2, "SUCCESS"), (1, "NOTPAY")]);
    let state = |numbers: &[&str]| {
        let differences = lines(&shop, &[&["transaction", "diff", number], numbers].concat());
        let state = differences.iter().find(|one| one["path"] == "trade_state").unwrap();
        (state["before"].clone(), state["after"].clone())
    };
    assert_eq!(state(&[]), (json!("SUCCESS"), json!("REFUND")));
    assert_eq!(state(&["1", "3"]), (json!("NOTPAY"), json!("REFUND")));
    assert_eq!(state(&["3", "1"]), state(&["1", "3"]));
    assert_eq!(state(&["2"]), state(&[]));
    assert_eq!(state(&["3"]), state(&[]));
    let missing = shop.paydeck(&["--lang", "zh-CN", "transaction", "diff", number, "1", "9"]);
    assert_eq!(status(&missing), 2);
    assert!(stderr(&missing).contains("没有第 9 个版本，共见过 3 个"), "{}", stderr(&missing));
    let text = stdout(&shop.paydeck(&["transaction", "diff", number, "1", "2"]));
    assert!(text.starts_with("trade_state: \"NOTPAY\" → \"SUCCESS\"") || text.contains("trade_state:"), "{text}");
    let history = stdout(&shop.paydeck(&["transaction", "get", number, "--history"]));
    assert!(history.starts_with("#3 "), "{history}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bill_is_taken_in_once_and_never_from_a_file_that_was_altered() {
    let shop = Shop::open(200).await;
    let date = day(beijing_day(time::OffsetDateTime::now_utc() - time::Duration::days(2)));
    let bill = lines(&shop, &["bill", "trade", &date]).remove(0);
    let file = bill["path"].as_str().unwrap();
    let rows = lines(&shop, &["bill", "show", &date, "--rows"]);
    let row = rows.iter().find(|row| row["trade_state"] == "SUCCESS").unwrap();
    let paid = id(Kind::Transaction, row["out_trade_no"].as_str().unwrap());
    let said = || shop.ledger().claims(&shop.actor().key, &paid).unwrap().len();
    let text = std::fs::read_to_string(file).unwrap();
    std::fs::write(file, text.replacen("`SUCCESS", "`SUCCES5", 1)).unwrap();
    // The download has taken its rows in; a file that is another now changes nothing.
    let altered = shop.paydeck(&["import", file]);
    assert_eq!((status(&altered), said()), (4, 1), "{}", stderr(&altered));
    // A file that was not downloaded here must add up, and its rows are there already.
    let copy = shop.folder.path().join("copy.csv");
    std::fs::write(&copy, &text).unwrap();
    assert_eq!((status(&shop.paydeck(&["import", copy.to_str().unwrap()])), said()), (0, 1));
    std::fs::write(file, &text).unwrap();
    assert_eq!((status(&shop.paydeck(&["import", file])), said()), (0, 1));
}
