//! The inbox and the queue of disagreements, in the real console and on the command line: what is in the ledger is
//! seen, opened, followed, sent once more; what contradicts it is found, and settled by asking.
#![cfg(unix)]

#[path = "support/receiver.rs"]
mod receiver;
mod support;
#[path = "support/terminal.rs"]
mod terminal;

use paydeck::ledger::{
    Claim, Delivery, Dispute, ForwardMode, Fresh, Ledger, NewDelivery, Refused, Source, Store, Verdict,
};
use paydeck::model::time::{Duration, Timestamp};
use paydeck::model::{Document, Entity, Fact, Kind, Money, Object, ObjectId, TradeState, read_fact};
use paydeck::services::{Actor, LedgerReader, OVERDUE_AFTER};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use receiver::{Answer, Receiver};
use serde_json::{Value, json};
use support::{Shop, id, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";
const TAB: &str = "\t";

fn console(shop: &Shop, columns: u16, rows: u16) -> Terminal {
    let config = shop.config_path();
    Terminal::start(columns, rows, shop.folder.path(), &["--config", config.to_str().unwrap()])
}

/// A body that is not entirely text: it must be forwarded unchanged.
fn body(notice: &str) -> Vec<u8> {
    [format!("{{\"id\":\"{notice}\",  \"summary\":\"支付成功\"}}").as_bytes(), b" \r\n\xff\x00"].concat()
}

fn arrival(notice: &str, event_type: &str, resource: &Value, at: Timestamp) -> NewDelivery {
    let headers = format!(
        "host: pay.example\r\nconnection: keep-alive\r\ncontent-type: application/json\r\n\
         wechatpay-nonce: {notice}\r\nwechatpay-signature: c2lnbmVk+/==\r\ncontent-length: {}\r\n",
        body(notice).len()
    );
    let mut signature_hash = [0; 32];
    signature_hash.iter_mut().zip(notice.bytes().rev()).for_each(|(place, byte)| *place = byte);
    NewDelivery {
        delivery: Delivery {
            at,
            peer: "101.226.103.9:443".into(),
            target: "/notify".into(),
            headers: headers.into_bytes(),
            body: body(notice),
        },
        signature_hash,
        status: 204,
        notice: notice.into(),
        event_type: event_type.into(),
        created: Some(at),
        summary: Some("支付成功".into()),
        resource: resource.to_string(),
        content: read_fact(event_type, Document::new(resource)),
    }
}

fn paid(number: &ObjectId, fen: i64) -> Value {
    json!({"out_trade_no": number.number.as_str(), "trade_state": "SUCCESS", "amount": {"total": fen, "currency": "CNY"}})
}

/// A transaction that waits for its payer.
async fn unpaid(shop: &Shop) -> Object {
    let client = shop.client();
    for id in shop.ids(Kind::Transaction) {
        let (object, _) = client.fetch(&id, None).await.unwrap();
        if matches!(&*object.entity, Entity::Transaction(transaction) if transaction.state == TradeState::NotPaid) {
            return object;
        }
    }
    panic!("every transaction is paid");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_inbox_is_opened_searched_followed_and_sent_once_more() {
    let shop = Shop::open(60).await;
    let object = unpaid(&shop).await;
    let back_end = Receiver::start(|_, _| Answer::saying(202, "thank you")).await;
    let (ledger, key, now) = (shop.ledger(), shop.actor().key, Timestamp::now_utc());
    let notice = arrival("EV-1", "TRANSACTION.SUCCESS", &paid(&object.id, 100), now);
    let other = arrival("EV-2", "SECURITY_ECHO.SUCCESS", &json!({"evil": "\u{1b}[2J"}), now);
    ledger.receive(&key, &[notice.clone(), other], &[], ForwardMode::Nowhere).unwrap();
    let delivery = Delivery { body: vec![b'x'; 9_000], ..notice.delivery.clone() };
    let refused = Refused { delivery, verdict: Verdict::Forged, status: 401, detail: "no".into() };
    ledger.tally(&key, &vec![refused; 1_200], &[]).unwrap();

    let mut terminal = console(&shop, 120, 36);
    terminal.wait("in all");
    terminal.press("8");
    terminal.wait("Payment succeeded");
    terminal.wait("SECURITY_ECHO");
    terminal.wait("refused ×1,200");
    // What was cut cannot be sent.
    terminal.press("s");
    terminal.wait("only its beginning is kept");
    terminal.press("/type:transaction");
    terminal.wait_gone("SECURITY_ECHO");
    terminal.press(ENTER);
    terminal.press(ENTER);
    terminal.wait("TRANSACTION.SUCCESS");
    terminal.wait("EV-1");
    terminal.press(TAB);
    terminal.wait("\"trade_state\": \"SUCCESS\"");
    terminal.press(TAB);
    terminal.wait("\\xff␀");
    terminal.press("s");
    terminal.wait("Send to a URL");
    terminal.press(&"\u{7f}".repeat(60));
    terminal.press(&back_end.url());
    terminal.press(ENTER);
    terminal.wait("3 headers");
    terminal.wait_for_preview();
    assert!(back_end.arrivals().is_empty(), "nothing is sent before it is confirmed");
    terminal.press(TAB);
    terminal.wait("[ Confirm ]");
    terminal.press(ENTER);
    terminal.wait("Accepted: 202");
    terminal.wait("thank you");
    let arrived = &back_end.wait_for(1).await[0];
    assert_eq!(arrived.body, notice.delivery.body, "byte for byte");
    assert_eq!(arrived.header("wechatpay-signature"), Some("c2lnbmVk+/=="));
    assert_eq!(arrived.header("wechatpay-nonce"), Some("EV-1"));
    assert_ne!(arrived.header("host"), Some("pay.example"));
    // From the notification to its object. The key that confirmed is ignored until another was pressed.
    terminal.press("h");
    terminal.press(ENTER);
    terminal.wait(&format!("Events ▸ Payment succeeded ▸ {}", object.id.number));
    terminal.wait("Not paid  NOTPAY");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_paid_there_and_pending_here_is_reported_and_settled_by_query() {
    let shop = Shop::open(60).await;
    let object = unpaid(&shop).await;
    let number = object.id.number.as_str();
    let (ledger, key, now) = (shop.ledger(), shop.actor().key, Timestamp::now_utc());
    let fen = object.entity.amount().unwrap().minor;
    let notified = arrival("EV-1", "TRANSACTION.SUCCESS", &paid(&object.id, fen), now - Duration::minutes(1));
    ledger.receive(&key, &[notified], &[], ForwardMode::Nowhere).unwrap();

    let mut terminal = console(&shop, 120, 36);
    terminal.wait("⚠1");
    terminal.press("8d");
    terminal.wait("a notification says  paid");
    terminal.wait(number);
    terminal.wait("Not paid");
    // WeChat Pay's answer is unchanged: the contradiction remains.
    terminal.press("r");
    terminal.wait("unchanged");
    shop.gateway.user().pay_transaction(number).unwrap();
    terminal.press("r");
    terminal.wait("No disagreements");
    terminal.wait_gone("⚠1");
    assert!(ledger.claims(&key, &object.id).unwrap().iter().all(|(_, open)| !open));
    terminal.press(ESCAPE);
    terminal.press(ESCAPE);
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_queried_stays_in_dispute_and_says_so() {
    let shop = Shop::open(60).await;
    let object = unpaid(&shop).await;
    let (ledger, key, now) = (shop.ledger(), shop.actor().key, Timestamp::now_utc());
    ledger
        .receive(&key, &[arrival("EV-1", "TRANSACTION.SUCCESS", &paid(&object.id, 1), now)], &[], ForwardMode::Nowhere)
        .unwrap();
    shop.edit_config(shop.gateway.base_url(), support::NOBODY);
    let mut terminal = console(&shop, 120, 36);
    terminal.wait("⚠1");
    terminal.press("8d");
    terminal.wait("not queried yet");
    terminal.press("r");
    terminal.wait("could not be queried");
    terminal.press(ESCAPE);
    terminal.wait("⚠1");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_lists_shows_and_sends_what_is_in_the_inbox() {
    let shop = Shop::open(60).await;
    let (ledger, key, now) = (shop.ledger(), shop.actor().key, Timestamp::now_utc());
    let notice = arrival("EV-1", "TRANSACTION.SUCCESS", &paid(&id(Kind::Transaction, "T-1"), 100), now);
    ledger.receive(&key, std::slice::from_ref(&notice), &[], ForwardMode::Nowhere).unwrap();
    let refused =
        Refused { delivery: notice.delivery.clone(), verdict: Verdict::Stale, status: 401, detail: "old".into() };
    ledger.tally(&key, &[refused], &[]).unwrap();
    let json = |arguments: &[&str]| {
        let output = shop.paydeck(&[&["--output", "json"], arguments].concat());
        assert_eq!(status(&output), 0, "{}", stderr(&output));
        stdout(&output).lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect::<Vec<_>>()
    };
    let all = json(&["events", "list"]);
    assert_eq!(all.iter().map(|line| line["verdict"].as_str().unwrap()).collect::<Vec<_>>(), ["stale", "genuine"]);
    let found = json(&["events", "list", "--search", "type:transaction"]);
    assert_eq!((found.len(), found[0]["number"].as_str()), (1, Some("T-1")));
    let event = found[0]["id"].to_string();
    let whole = &json(&["events", "show", &event])[0];
    assert_eq!(whole["resource"]["trade_state"], "SUCCESS");
    assert!(whole["deliveries"][0]["body"]["hex"].as_str().unwrap().ends_with("ff00"));
    let text = shop.paydeck(&["events", "show", &event]);
    assert!(stdout(&text).contains("Payment succeeded TRANSACTION.SUCCESS · genuine"), "{}", stdout(&text));

    // Programs read fixed words; people read their language.
    let listed = stdout(&shop.paydeck(&["--lang", "zh-CN", "events", "list"]));
    assert!(listed.contains("验签通过") && listed.contains("过期") && !listed.contains("stale"), "{listed}");
    let stale = all[0]["id"].to_string();
    let text = stdout(&shop.paydeck(&["events", "show", &stale]));
    assert!(text.starts_with("stale\n"), "{text}");

    let back_end = Receiver::start(|count, _| Answer::of(if count == 0 { 204 } else { 500 })).await;
    let sent = json(&["events", "replay", &event, &back_end.url()]);
    assert_eq!(sent[0]["status"], 204);
    assert_eq!(back_end.arrivals()[0].body, notice.delivery.body);
    let refused = shop.paydeck(&["events", "replay", &event, &back_end.url()]);
    assert_eq!(status(&refused), 1, "{}", stderr(&refused));
    let nobody = shop.paydeck(&["events", "replay", &event, support::NOBODY]);
    assert_eq!(status(&nobody), 3, "{}", stderr(&nobody));
    for wrong in [
        &["events", "show", "999"][..],
        &["events", "replay", &event, "ftp://x"],
        &["events", "list", "--search", "verdict:nice"],
        &["events", "list", "--search", "tpye:refund"],
        &["events", "list", "--search", "since:2mo"],
        &["journal", "list", "--search", "outcome:refusd"],
        &["journal", "list", "--search", "nope:5"],
    ] {
        assert_eq!(status(&shop.paydeck(wrong)), 2, "{wrong:?}");
    }
}

/// A ledger of its own, and its reader.
struct Desk {
    ledger: Ledger,
    reader: LedgerReader,
    key: String,
    _folder: tempfile::TempDir,
}

impl Desk {
    fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let actor = Actor::new("shop", "1900000001", "tester", false, Default::default());
        let reader = LedgerReader::new(ledger.clone(), &actor);
        Self { ledger, reader, key: actor.key, _folder: folder }
    }

    /// A query returns the state of a transaction.
    fn see(&self, number: &ObjectId, state: &str, at: Timestamp) {
        let mut document = json!({"out_trade_no": number.number.as_str(), "trade_state": state, "trade_type": "JSAPI",
            "amount": {"total": 100, "currency": "CNY"}});
        if state == "SUCCESS" {
            document["success_time"] = paydeck::model::time::rfc3339(at).into();
        }
        let object = Object::parse(Kind::Transaction, &document.to_string()).unwrap();
        self.ledger.put(&self.key, &[Fresh { object, verified_at: at, source: Source::Query }]).unwrap();
    }

    fn disputed(&self, now: Timestamp) -> Vec<ObjectId> {
        let mut ids: Vec<ObjectId> =
            self.reader.disputes(now).unwrap().list.into_iter().map(|one| one.row.id).collect();
        ids.sort();
        ids
    }
}

/// How many of 200 payments' notifications are lost: 30 %.
const LOST: usize = 60;

#[test]
fn every_notification_that_was_lost_is_found_and_no_other_is_missed() {
    let desk = Desk::open();
    let start = Timestamp::from_unix_timestamp(Timestamp::now_utc().unix_timestamp()).unwrap();
    let number = |i: usize| id(Kind::Transaction, &format!("T-{i:04}"));
    desk.ledger.listen(&desk.key, start).unwrap();
    // These notifications were requested to be sent here: one has arrived.
    let first = arrival("EV-FIRST", "TRANSACTION.SUCCESS", &paid(&id(Kind::Transaction, "T-FIRST"), 100), start);
    desk.ledger.receive(&desk.key, &[first], &[], ForwardMode::Nowhere).unwrap();
    desk.see(&id(Kind::Transaction, "T-FIRST"), "SUCCESS", start);

    let mut random = StdRng::seed_from_u64(7);
    let mut order: Vec<usize> = (0..200).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, random.random_range(0..=i));
    }
    let (lost, notified) = order.split_at(LOST);
    let paid_at = |i: usize| start + Duration::seconds(i64::try_from(i).unwrap());
    (0..200).for_each(|i| desk.see(&number(i), "NOTPAY", start));
    // Notifications arrive before the query that shows the same, or after it.
    for i in notified {
        let notice = arrival(&format!("EV-{i:04}"), "TRANSACTION.SUCCESS", &paid(&number(*i), 100), paid_at(*i));
        if i % 2 == 0 {
            desk.see(&number(*i), "SUCCESS", paid_at(*i));
        }
        desk.ledger.receive(&desk.key, &[notice], &[], ForwardMode::Nowhere).unwrap();
    }
    // A notified and not yet queried payment disagrees with the document; after the query nothing does.
    assert_eq!(desk.disputed(start).len(), notified.iter().filter(|i| *i % 2 == 1).count());
    for i in notified.iter().filter(|i| *i % 2 == 1) {
        desk.see(&number(*i), "SUCCESS", paid_at(*i));
    }
    assert_eq!(desk.disputed(start + Duration::seconds(200)), []);
    // The next full query shows that the others are paid, too. Their notifications may still arrive.
    lost.iter().for_each(|i| desk.see(&number(*i), "SUCCESS", paid_at(*i)));
    let early = desk.reader.disputes(start + Duration::minutes(4)).unwrap();
    assert_eq!(early.list, [], "no false alarm");
    let soonest = lost.iter().map(|i| paid_at(*i)).min().unwrap();
    assert_eq!(early.next_overdue, Some(soonest + OVERDUE_AFTER), "and it is known when to look again");
    let late = start + Duration::minutes(9);
    let mut expected: Vec<ObjectId> = lost.iter().map(|i| number(*i)).collect();
    expected.sort();
    assert_eq!(desk.disputed(late), expected, "all that were lost, and no other");
    let disputes = desk.reader.disputes(late).unwrap();
    assert!(disputes.list.iter().all(|one| matches!(&one.dispute, Dispute::Missing { .. })));
    assert_eq!(disputes.next_overdue, None, "nothing more is waited for");
    // One arrives after all, the others are queried.
    let belated = arrival("EV-BELATED", "TRANSACTION.SUCCESS", &paid(&expected[0], 100), late);
    desk.ledger.receive(&desk.key, &[belated], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(desk.disputed(late).len(), LOST - 1);
    for id in &expected {
        assert_eq!(desk.reader.reconcile(id).unwrap(), []);
    }
    assert_eq!(desk.disputed(late), []);
}

#[test]
fn a_bill_that_contradicts_a_document_stands_until_the_document_agrees() {
    let desk = Desk::open();
    let now = Timestamp::now_utc();
    let of = id(Kind::Transaction, "T-1");
    let claim = |minor: i64| Claim {
        source: Source::Bill,
        reference: format!("trade 2026-11-20 row {minor}"),
        fact: Fact::Paid,
        amount: Some(Money::cny(minor)),
        said_at: now,
        received_at: now,
    };
    desk.see(&of, "NOTPAY", now - Duration::minutes(9));
    desk.ledger.claim(&desk.key, &[(of.clone(), claim(100))]).unwrap();
    assert_eq!(desk.disputed(now), std::slice::from_ref(&of));
    desk.see(&of, "SUCCESS", now);
    assert_eq!(desk.disputed(now), []);
    // Another amount is a contradiction.
    desk.ledger.claim(&desk.key, &[(of.clone(), claim(101))]).unwrap();
    assert_eq!(desk.reader.reconcile(&of).unwrap().len(), 1);
    assert_eq!(desk.disputed(now), [of]);
}

#[test]
fn a_hundred_thousand_lines_are_read_as_quickly_as_ten() {
    use paydeck::services::{InboxFilter, InboxPageRequest, LogAnchor};
    let desk = Desk::open();
    let now = Timestamp::now_utc();
    let all: Vec<NewDelivery> = (0..100_000)
        .map(|i| {
            let of = id(Kind::Transaction, &format!("T-{}", i % 50));
            let mut one = arrival(&format!("EV-{i:06}"), "TRANSACTION.SUCCESS", &paid(&of, 100), now);
            one.delivery.body = Vec::new();
            one
        })
        .collect();
    all.chunks(5_000).for_each(|chunk| drop(desk.ledger.receive(&desk.key, chunk, &[], ForwardMode::Nowhere).unwrap()));
    let start = std::time::Instant::now();
    for anchor in [LogAnchor::Newest, LogAnchor::At(50_000), LogAnchor::At(7), LogAnchor::Oldest] {
        let request = InboxPageRequest { filter: InboxFilter::default(), anchor, reach: 200, seen: None };
        let window = desk.reader.inbox(&request, time::OffsetDateTime::now_utc()).unwrap();
        assert!(window.rows.len() >= 200 && window.rows.is_sorted_by_key(|row| std::cmp::Reverse(row.id)));
    }
    // Repeated claims about fifty objects make only fifty disagreements.
    assert!(desk.reader.disputes(now).unwrap().list.len() <= 50);
    // Not a benchmark, a guard against work that grows with the inbox.
    assert!(start.elapsed() < std::time::Duration::from_secs(1), "{:?}", start.elapsed());
}
