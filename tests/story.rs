//! What became of an object and what belongs to it: versions with their sources, differences, and the chain from plan
//! to refund, by command line and in the console.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use paydeck::console::pages::{Spot, spots};
use paydeck::console::state::DetailPage;
use paydeck::model::action::ActionId;
use paydeck::model::{Entity, Kind, ObjectId};
use paydeck::services::Browser;
use serde_json::Value;
use support::{Shop, id, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";
const BACKSPACE: &str = "\u{7f}";

fn lines(shop: &Shop, arguments: &[&str]) -> Vec<Value> {
    let output = shop.paydeck(&[&["--output", "json"], arguments].concat());
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    stdout(&output).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn browser(shop: &Shop) -> Browser {
    Browser::new(shop.ledger(), &shop.actor())
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
    let told: Vec<&str> = versions.iter().map(|version| version["document"]["trade_state"].as_str().unwrap()).collect();
    assert_eq!(told, ["REFUND", "SUCCESS", "NOTPAY"]);
    let states: Vec<&str> = versions.iter().map(|version| version["state"].as_str().unwrap()).collect();
    assert_eq!(states, told);
    assert!(versions[1..].iter().all(|version| version["source"] == "query"), "{versions:?}");
    assert!(versions.windows(2).all(|pair| pair[0]["seen_at"].as_str() > pair[1]["seen_at"].as_str()));
    let text = stdout(&shop.paydeck(&["transaction", "get", number, "--history"]));
    assert!(text.lines().count() == 3 && text.contains("query") && text.contains("NOTPAY"), "{text}");

    let browser = browser(&shop);
    let story = browser.story(&transaction).unwrap();
    assert_eq!((story.own.versions.len(), story.own.journal.len()), (3, 1));
    assert!(story.own.noted.unwrap().at <= story.own.versions[2].seen_at);
    let [_, paid, waiting] = &story.own.versions[..] else { panic!("{story:?}") };
    let differences = browser.compare(&transaction, Some(waiting.id), paid.id).unwrap().unwrap();
    let state = differences.iter().find(|difference| difference.path == "trade_state").unwrap();
    assert_eq!((state.before.as_deref(), state.after.as_deref()), (Some("\"NOTPAY\""), Some("\"SUCCESS\"")));
    let id = differences.iter().find(|difference| difference.path == "transaction_id").unwrap();
    assert!(id.before.is_none() && id.after.is_some());
    assert!(differences.iter().all(|difference| difference.path != "out_trade_no"));
    assert!(browser.compare(&transaction, Some(waiting.id), 9_999_999).unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn from_what_paid_for_an_order_related_leads_to_order_sign_plan_plan_and_refund() {
    let shop = Shop::open(100).await;
    let [plan, sign_plan, order, transaction, refund] = chain(&shop).await;
    let related = lines(&shop, &["transaction", "related", transaction.number.as_str()]);
    let told: Vec<(&str, &str, &str)> = related
        .iter()
        .map(|one| ["kind", "number", "relation"].map(|name| one[name].as_str().unwrap()).into())
        .collect();
    let expected = [(&plan, "further"), (&sign_plan, "further"), (&order, "names-it"), (&refund, "names-it")];
    assert_eq!(told, expected.map(|(id, relation)| (id.kind.noun(), id.number.as_str(), relation)));
    let before = shop.gateway.requests().len();
    let text = stdout(&shop.paydeck(&["--lang", "zh-CN", "refund", "related", refund.number.as_str(), "--cached"]));
    assert_eq!(shop.gateway.requests().len(), before);
    assert!([&plan, &sign_plan, &order, &transaction].iter().all(|id| text.contains(id.number.as_str())), "{text}");
    assert!(text.contains("服务订单") && text.contains("已收款"), "{text}");
}

/// Selects a related object and goes there.
fn follow(terminal: &mut Terminal, browser: &Browser, from: &ObjectId, to: &ObjectId) {
    let wanted = Spot::Object(to.clone());
    let line = spots(DetailPage::Related, &browser.story(from).unwrap(), false).iter().position(|spot| *spot == wanted);
    terminal.press(&format!("g{}", "j".repeat(line.unwrap())));
    terminal.wait_until(&format!("{to} to be selected"), |screen| {
        screen.contents().lines().any(|line| line.starts_with("▌  ") && line.contains(to.number.as_str()))
    });
    terminal.press(ENTER);
    terminal.wait_until(&format!("{to}"), |screen| is_on(screen, to));
}

/// The detail is of an object: its number stands in the title.
fn is_on(screen: &vt100::Screen, id: &ObjectId) -> bool {
    let text = screen.contents();
    text.lines().any(|line| line.starts_with('▌') && line.contains(id.number.as_str()) && line.contains("Timeline"))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_walks_the_chain_from_plan_to_refund_and_back() {
    let shop = Shop::open(100).await;
    let chain = chain(&shop).await;
    let browser = browser(&shop);
    let config = shop.config_path();
    let mut terminal = Terminal::start(120, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait("in all");
    terminal.press(&format!("o{}{ENTER}", chain[0].number));
    terminal.wait_until("the plan", |screen| is_on(screen, &chain[0]));
    terminal.press("f");
    for pair in chain.windows(2) {
        follow(&mut terminal, &browser, &pair[0], &pair[1]);
    }
    for id in chain.iter().rev().skip(1) {
        terminal.press(BACKSPACE);
        terminal.wait_until(&format!("{id} again"), |screen| is_on(screen, id));
    }
    // The refund was made by a person: the transaction's timeline says so.
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
