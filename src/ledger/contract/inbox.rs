//! The inbox, forwarding to a back end, and what notifications and bills claim about objects.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Place;
use crate::ledger::engine::Engine;
use crate::ledger::inbox::{
    Claim, Delivery, Dispute, EventRow, InboxPart, InboxSearch, NewDelivery, Refused, StoreResult, Verdict, WholeEvent,
};
use crate::ledger::{Answers, AttemptEnd, ForwardAttempt, ForwardMode, Fresh, Source};
use crate::model::filter::{Condition, Matcher};
use crate::model::time::{Duration, Timestamp, rfc3339};
use crate::model::{Document, Fact, Kind, Money, Number, Object, ObjectId, read_fact};

const SHOP: &str = "shop/1900000001";

fn at(seconds: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp(1_760_000_000 + seconds).unwrap()
}

fn delivery(seconds: i64, body: &str) -> Delivery {
    Delivery {
        at: at(seconds),
        peer: "127.0.0.1:9".into(),
        target: "/notify".into(),
        headers: b"wechatpay-nonce: n\r\n".to_vec(),
        body: body.as_bytes().to_vec(),
    }
}

/// A delivery: `signature_hash` stands for its signature.
fn arrival(notice: &str, event_type: &str, resource: &Value, signature_hash: u8, seconds: i64) -> NewDelivery {
    NewDelivery {
        delivery: delivery(seconds, notice),
        signature_hash: [signature_hash; 32],
        status: 204,
        notice: notice.into(),
        event_type: event_type.into(),
        created: Some(at(seconds)),
        summary: Some("支付成功".into()),
        resource: resource.to_string(),
        content: read_fact(event_type, Document::new(resource)),
    }
}

pub(super) fn paid(notice: &str, number: &str, signature_hash: u8, seconds: i64) -> NewDelivery {
    let resource = json!({ "out_trade_no": number, "amount": { "total": 2880, "currency": "CNY" } });
    arrival(notice, "TRANSACTION.SUCCESS", &resource, signature_hash, seconds)
}

/// Since when the longest overdue notification is due.
fn awaited(ledger: &dyn Engine) -> Option<Timestamp> {
    ledger.next_awaited(SHOP, Timestamp::UNIX_EPOCH).unwrap()
}

fn transaction(number: &str, state: &str, total: i64, seconds: i64) -> Fresh {
    let paid_at = (state != "NOTPAY").then(|| rfc3339(at(seconds)));
    let document = json!({ "out_trade_no": number, "trade_state": state, "trade_type": "NATIVE",
        "success_time": paid_at, "amount": { "total": total, "currency": "CNY" } });
    let object = Object::parse(Kind::Transaction, &document.to_string()).unwrap();
    Fresh { object, verified_at: at(seconds), source: Source::Query }
}

fn id(kind: Kind, number: &str) -> ObjectId {
    ObjectId::new(kind, Number::parse(number).unwrap())
}

fn all(ledger: &dyn Engine, profile: &str) -> Vec<EventRow> {
    ledger.inbox(profile, &InboxSearch { limit: 100, ..InboxSearch::default() }).unwrap()
}

/// All of these words.
fn words(words: &[&str]) -> Vec<Condition> {
    let text = |word: &&str| Matcher::Text { text: (*word).to_owned(), states: Vec::new() };
    words.iter().map(|word| Condition { negated: false, matcher: text(word) }).collect()
}

fn whole(ledger: &dyn Engine, event: i64) -> WholeEvent {
    ledger.event(SHOP, event).unwrap().unwrap()
}

/// Reads a receipt that is one of a notification.
fn numbers(receipt: StoreResult) -> (i64, i64) {
    match receipt {
        StoreResult::New { event, delivery } | StoreResult::Again { event, delivery } => (event, delivery),
        StoreResult::Replayed => panic!("replayed"),
    }
}

pub(in crate::ledger) fn a_notification_is_there_once_however_often_it_comes_and_its_bytes_are_taken_once(
    place: &Place,
) {
    let ledger = place.open();
    // The second has a new signature; the third repeats the bytes of the first, all in one commit.
    let arrivals = [paid("N-1", "T-1", 1, 0), paid("N-1", "T-1", 2, 15), paid("N-1", "T-1", 1, 16)];
    let receipts = ledger.receive(SHOP, &arrivals, &[], ForwardMode::Nowhere).unwrap();
    let [StoreResult::New { event, delivery }, StoreResult::Again { event: same, .. }, StoreResult::Replayed] =
        receipts[..]
    else {
        panic!("{receipts:?}")
    };
    assert_eq!(event, same);
    drop(ledger);
    // The same after a restart.
    let ledger = place.open();
    let receipts =
        ledger.receive(SHOP, &[paid("N-1", "T-1", 2, 20)], &[(delivery, 1500)], ForwardMode::Nowhere).unwrap();
    assert_eq!(receipts, [StoreResult::Replayed]);
    let [row] = all(&*ledger, SHOP).try_into().unwrap();
    assert_eq!((row.verdict, row.attempts, row.notice.as_deref()), (Verdict::Genuine, 2, Some("N-1")));
    assert_eq!((row.first_at, row.last_at, row.slowest), (at(0), at(15), Some(1500)));
    assert_eq!(row.subject, Some(id(Kind::Transaction, "T-1")));
    let kept = whole(&*ledger, event).deliveries;
    assert_eq!(kept.len(), 2);
    assert_eq!((&kept[0].delivery, kept[0].took, kept[1].took), (&arrivals[0].delivery, Some(1500), None));
}

pub(in crate::ledger) fn what_is_new_is_noted_and_due_at_once_and_two_profiles_are_apart(place: &Place) {
    let ledger = place.open();
    let number = id(Kind::Transaction, "T-1");
    ledger.put(SHOP, &[transaction("T-1", "NOTPAY", 2880, 0)]).unwrap();
    ledger.take_in(SHOP, &Answers { postponed: vec![(number.clone(), at(9_000))], ..Answers::default() }).unwrap();
    // Another profile may receive the same bytes: one receiver may forward to another.
    for profile in [SHOP, "other/1900000002"] {
        let receipts = ledger.receive(profile, &[paid("N-1", "T-1", 1, 5)], &[], ForwardMode::Nowhere).unwrap();
        assert!(matches!(receipts[..], [StoreResult::New { .. }]), "{receipts:?}");
        assert_eq!(ledger.due(profile, at(6), 9).unwrap().0, std::slice::from_ref(&number));
        assert_eq!(all(&*ledger, profile).len(), 1);
        assert_eq!(ledger.events_of(profile, &number, 9).unwrap().len(), 1);
    }
    let noted = ledger.noted("other/1900000002", &number).unwrap().unwrap();
    assert_eq!(noted.origin, Source::Notification);
    let event = all(&*ledger, SHOP)[0].id;
    assert!(ledger.event("other/1900000002", event).unwrap().is_none());
}

pub(in crate::ledger) fn an_event_of_an_unknown_type_and_a_coupon_without_its_user_are_kept(place: &Place) {
    let ledger = place.open();
    let coupon = json!({ "coupon_id": "8000001", "stock_id": "77" });
    let arrivals = [
        arrival("N-1", "SECURITY_ECHO.SUCCESS", &json!({ "x": 1 }), 1, 0),
        arrival("N-2", "COUPON.USE", &coupon, 2, 1),
    ];
    ledger.receive(SHOP, &arrivals, &[], ForwardMode::Nowhere).unwrap();
    let [used, unknown] = all(&*ledger, SHOP).try_into().unwrap();
    assert_eq!((unknown.event_type.as_deref(), unknown.fact), (Some("SECURITY_ECHO.SUCCESS"), None));
    assert_eq!(whole(&*ledger, unknown.id).resource.as_deref(), Some(r#"{"x":1}"#));
    assert_eq!((used.fact, used.subject), (Some(Fact::CouponUsed), None), "nobody can be asked about it");
    // It is still found by its own number.
    let found = InboxSearch { conditions: words(&["8000001"]), limit: 9, ..InboxSearch::default() };
    assert_eq!(ledger.inbox(SHOP, &found).unwrap().len(), 1);
    assert!(ledger.due(SHOP, at(9), 9).unwrap().0.is_empty());
    // Once its user is known, it is known.
    let number = ObjectId::of_coupon("8000002", "oUser").unwrap();
    let document = json!({ "coupon_id": "8000002", "stock_id": "77", "status": "SENDED" });
    let object = Object::parse_as(&number, &document.to_string()).unwrap();
    ledger.put(SHOP, &[Fresh { object, verified_at: at(2), source: Source::Query }]).unwrap();
    let coupon = json!({ "coupon_id": "8000002", "stock_id": "77" });
    ledger.receive(SHOP, &[arrival("N-3", "COUPON.USE", &coupon, 3, 3)], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(all(&*ledger, SHOP)[0].subject, Some(number));
}

fn forged(seconds: i64, body: &str) -> Refused {
    let delivery = delivery(seconds, body);
    Refused { delivery, verdict: Verdict::Forged, status: 401, detail: "not the key's".into() }
}

pub(in crate::ledger) fn refusals_are_one_line_for_an_hour_and_a_reason_and_what_is_kept_of_them_is_bounded(
    place: &Place,
) {
    let ledger = place.open();
    let hour = |seconds: i64| at(seconds).unix_timestamp().div_euclid(3600);
    let long = "x".repeat(10_000);
    let many: Vec<Refused> = (0..50).map(|_| forged(10, &long)).collect();
    ledger.tally(SHOP, &many, &[]).unwrap();
    let probe = Refused { verdict: Verdict::Probe, ..forged(11, "") };
    ledger.tally(SHOP, &[probe], &[(Verdict::Forged, at(12), 9_950)]).unwrap();
    assert_ne!(hour(12), hour(3700));
    ledger.tally(SHOP, &[forged(3700, "later")], &[]).unwrap();
    let rows = all(&*ledger, SHOP);
    let read_fact: Vec<_> = rows.iter().map(|row| (row.verdict, row.attempts)).collect();
    assert_eq!(read_fact, [(Verdict::Forged, 1), (Verdict::Probe, 1), (Verdict::Forged, 10_000)]);
    assert_eq!((rows[2].first_at, rows[2].last_at), (at(10), at(12)));
    assert_eq!(rows[2].notice, None);
    let kept = whole(&*ledger, rows[2].id).deliveries;
    assert_eq!(kept.len(), 5);
    assert!(kept.iter().all(|kept| kept.delivery.body.len() == 4096 && kept.status == 401));
    assert_eq!(kept[0].detail.as_deref(), Some("not the key's"));
    let part = |only| {
        let search = InboxSearch { only: Some(only), limit: 9, ..InboxSearch::default() };
        ledger.inbox(SHOP, &search).unwrap().len()
    };
    assert_eq!((part(InboxPart::Genuine), part(InboxPart::Refused)), (0, 3));
}

pub(in crate::ledger) fn the_inbox_is_read_page_by_page_and_searched(place: &Place) {
    let ledger = place.open();
    let arrivals: Vec<NewDelivery> =
        (1..=9).map(|i| paid(&format!("N-{i}"), &format!("T-{i}"), i, i64::from(i))).collect();
    ledger.receive(SHOP, &arrivals, &[], ForwardMode::Nowhere).unwrap();
    let read = |search: InboxSearch| -> Vec<String> {
        let rows = ledger.inbox(SHOP, &InboxSearch { limit: 3, ..search }).unwrap();
        rows.into_iter().filter_map(|row| row.notice).collect()
    };
    let page = |before, after| read(InboxSearch { before, after, ..InboxSearch::default() });
    let newest = all(&*ledger, SHOP)[0].id;
    assert_eq!(page(None, None), ["N-9", "N-8", "N-7"]);
    assert_eq!(page(Some(newest - 2), None), ["N-6", "N-5", "N-4"]);
    assert_eq!(page(None, Some(newest - 6)), ["N-6", "N-5", "N-4"], "those nearest to it");
    let search = |conditions| read(InboxSearch { conditions, ..InboxSearch::default() });
    assert_eq!(search(words(&["transaction.success", "t-4"])), ["N-4"]);
    assert_eq!(search(words(&["支付成功", "n-4"])), ["N-4"]);
    assert!(search(words(&["refund"])).is_empty());
    let one = |negated, matcher| search(vec![Condition { negated, matcher }]);
    assert_eq!(one(false, Matcher::Since(at(9))), ["N-9"]);
    assert_eq!(one(false, Matcher::Before(at(2))), ["N-1"]);
    assert_eq!(one(false, Matcher::Regex("n-[45]$|t-6".into())), ["N-6", "N-5", "N-4"], "`$` ends a number");
    let refund = || Matcher::Type { text: "refund.".into(), codes: Vec::new() };
    assert!(one(false, refund()).is_empty());
    assert_eq!(one(true, refund()), ["N-9", "N-8", "N-7"]);
    let forged = Matcher::State(vec![Verdict::Forged.word().into()]);
    assert!(one(false, forged).is_empty());
}

pub(in crate::ledger) fn a_claim_is_open_until_a_document_agrees(place: &Place) {
    let ledger = place.open();
    let number = id(Kind::Transaction, "T-1");
    let open = || -> Vec<bool> { ledger.claims(SHOP, &number).unwrap().into_iter().map(|(_, open)| open).collect() };
    ledger.put(SHOP, &[transaction("T-1", "NOTPAY", 2880, 0)]).unwrap();
    ledger.receive(SHOP, &[paid("N-1", "T-1", 1, 5)], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(open(), [true]);
    let disputes = ledger.disagreements(SHOP, at(9), 9).unwrap();
    let [Dispute::Claimed(claim)] = disputes.iter().map(|one| &one.dispute).collect::<Vec<_>>()[..] else {
        panic!("{disputes:?}")
    };
    assert_eq!((claim.fact, claim.amount, claim.source), (Fact::Paid, Some(Money::cny(2880)), Source::Notification));
    // A document requested earlier does not confirm it, nor does one with another amount.
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 2880, -5)]).unwrap();
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 1, 6)]).unwrap();
    assert_eq!(open(), [true]);
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 2880, 7)]).unwrap();
    assert_eq!(open(), [false]);
    assert!(ledger.disagreements(SHOP, at(9), 9).unwrap().is_empty());
    // A claim that the document confirms already is not disputed.
    ledger.put(SHOP, &[transaction("T-2", "SUCCESS", 2880, 7)]).unwrap();
    ledger.receive(SHOP, &[paid("N-2", "T-2", 2, 8)], &[], ForwardMode::Nowhere).unwrap();
    assert!(ledger.disagreements(SHOP, at(9), 9).unwrap().is_empty());
}

pub(in crate::ledger) fn what_a_bill_says_of_objects_that_were_never_fetched_waits_for_their_first_document(
    place: &Place,
) {
    let ledger = place.open();
    let of = |number: &str| id(Kind::Transaction, number);
    let row = |number: &str, row: u64| {
        let (source, reference) = (Source::Bill, format!("trade-ALL-2025-10-09#{row}"));
        let (fact, amount) = (Fact::Paid, Some(Money::cny(2880)));
        (of(number), Claim { source, reference, fact, amount, said_at: at(0), received_at: at(1) })
    };
    ledger.claim(SHOP, &[row("T-1", 1), row("T-2", 2), row("T-3", 3)]).unwrap();
    assert!(ledger.disagreements(SHOP, at(9), 9).unwrap().is_empty());
    assert!(ledger.claims(SHOP, &of("T-1")).unwrap()[0].1, "no document says it");
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 2880, 5), transaction("T-2", "NOTPAY", 2880, 5)]).unwrap();
    let disputes = ledger.disagreements(SHOP, at(9), 9).unwrap();
    assert_eq!(disputes.iter().map(|one| &one.row.id).collect::<Vec<_>>(), [&of("T-2")]);
    ledger.put(SHOP, &[transaction("T-2", "SUCCESS", 2880, 6)]).unwrap();
    assert!(ledger.disagreements(SHOP, at(9), 9).unwrap().is_empty());
    // A notification is disputed before there is a document: its object is being queried.
    ledger.receive(SHOP, &[paid("N-4", "T-4", 4, 7)], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(ledger.disagreements(SHOP, at(9), 9).unwrap().len(), 1);
}

pub(in crate::ledger) fn a_bill_with_one_part_of_an_order_agrees_with_an_order_that_is_paid_in_parts(place: &Place) {
    let ledger = place.open();
    let order = |number: &str, parts: Value, seconds: i64| {
        let collection = json!({ "state": "USER_PAYING", "total_amount": 300, "details": parts });
        let order = json!({ "out_order_no": number, "state": "DONE", "collection": collection });
        let object = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap();
        Fresh { object, verified_at: at(seconds), source: Source::Query }
    };
    let part = json!([{ "amount": 100, "paid_time": "20251009165321", "paid_type": "NEWTON" }]);
    ledger.put(SHOP, &[order("SO-1", part, 1), order("SO-2", json!([]), 1)]).unwrap();
    let row = |number: &str| {
        let (source, reference) = (Source::Bill, "trade-ALL-2025-10-09#1".to_owned());
        let claim =
            Claim { source, reference, fact: Fact::Collected, amount: None, said_at: at(0), received_at: at(2) };
        (id(Kind::ServiceOrder, number), claim)
    };
    ledger.claim(SHOP, &[row("SO-1"), row("SO-2")]).unwrap();
    let disputes = || -> Vec<String> {
        let disputes = ledger.disagreements(SHOP, at(9), 9).unwrap();
        disputes.iter().map(|one| format!("{} {}", one.row.id.number, one.row.id.kind.noun())).collect()
    };
    assert_eq!(disputes(), ["SO-2 order"]);
    // A notification covers all of it.
    let all = json!({ "out_order_no": "SO-1", "total_amount": 300 });
    ledger.receive(SHOP, &[arrival("N-1", "PAYSCORE.USER_PAID", &all, 1, 3)], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(disputes().len(), 2);
}

pub(in crate::ledger) fn of_an_order_paid_before_anybody_received_no_notification_is_awaited(place: &Place) {
    let ledger = place.open();
    let paid_order = |number: &str, paid_time: &str| {
        let part = json!({ "amount": 100, "paid_type": "NEWTON", "paid_time": paid_time });
        let collection = json!({ "state": "USER_PAID", "paid_amount": 100, "details": [part] });
        let order = json!({ "out_order_no": number, "state": "DONE", "collection": collection });
        let object = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap();
        Fresh { object, verified_at: at(30), source: Source::Query }
    };
    ledger.listen(SHOP, at(10)).unwrap();
    let read_fact = json!({ "out_order_no": "O-0", "total_amount": 100 });
    ledger
        .receive(SHOP, &[arrival("N-1", "PAYSCORE.USER_PAID", &read_fact, 1, 20)], &[], ForwardMode::Nowhere)
        .unwrap();
    ledger.put(SHOP, &[paid_order("O-1", "20200101000000")]).unwrap();
    assert_eq!(ledger.next_awaited(SHOP, Timestamp::UNIX_EPOCH).unwrap(), None, "it was paid long ago");
    ledger.put(SHOP, &[paid_order("O-2", "20991231235959")]).unwrap();
    assert!(ledger.next_awaited(SHOP, Timestamp::UNIX_EPOCH).unwrap().is_some());
}

pub(in crate::ledger) fn a_notification_is_awaited_only_by_who_receives_and_only_of_a_family_that_comes(place: &Place) {
    let ledger = place.open();
    let since = || awaited(&*ledger);
    // No process listens.
    ledger.receive(SHOP, &[paid("N-0", "T-0", 1, 0)], &[], ForwardMode::Nowhere).unwrap();
    ledger.put(SHOP, &[transaction("T-0", "SUCCESS", 2880, 1), transaction("T-1", "SUCCESS", 2880, 1)]).unwrap();
    assert_eq!(since(), None);
    ledger.listen(SHOP, at(10)).unwrap();
    // It happened before anything listened; no refund was ever notified here; it was notified before it was queried.
    ledger.put(SHOP, &[transaction("T-2", "SUCCESS", 2880, 9)]).unwrap();
    let refund = json!({ "out_refund_no": "R-1", "status": "SUCCESS", "success_time": "2026-10-09T16:53:20+08:00" });
    let object = Object::parse(Kind::Refund, &refund.to_string()).unwrap();
    ledger.put(SHOP, &[Fresh { object, verified_at: at(12), source: Source::Query }]).unwrap();
    ledger.receive(SHOP, &[paid("N-3", "T-3", 3, 11)], &[], ForwardMode::Nowhere).unwrap();
    ledger.put(SHOP, &[transaction("T-3", "SUCCESS", 2880, 12)]).unwrap();
    assert_eq!(since(), None);
    // Two are due; one arrives, the other is queried and no longer awaited.
    ledger.put(SHOP, &[transaction("T-4", "SUCCESS", 2880, 20), transaction("T-5", "SUCCESS", 2880, 21)]).unwrap();
    assert_eq!(since(), Some(at(20)));
    assert!(ledger.disagreements(SHOP, at(19), 9).unwrap().is_empty(), "they have time to come");
    let missing = ledger.disagreements(SHOP, at(30), 9).unwrap();
    let missing: Vec<_> = missing.iter().map(|one| one.row.id.number.as_str()).collect();
    assert_eq!(missing, ["T-5", "T-4"]);
    ledger.receive(SHOP, &[paid("N-4", "T-4", 4, 31)], &[], ForwardMode::Nowhere).unwrap();
    assert_eq!(since(), Some(at(21)));
    ledger.await_no_more(SHOP, &id(Kind::Transaction, "T-5")).unwrap();
    assert_eq!(since(), None);
    // A killed process no longer listens, and nothing is overdue for it.
    drop(ledger);
    let ledger = place.open();
    ledger.put(SHOP, &[transaction("T-6", "SUCCESS", 2880, 40)]).unwrap();
    assert_eq!(awaited(&*ledger), None);
    ledger.listen(SHOP, at(50)).unwrap();
    ledger.stop_listening(SHOP, at(50)).unwrap();
    ledger.put(SHOP, &[transaction("T-7", "SUCCESS", 2880, 60)]).unwrap();
    assert_eq!(awaited(&*ledger), None);
}

pub(in crate::ledger) fn nothing_is_missed_of_what_may_have_been_so_before_anybody_received(place: &Place) {
    let ledger = place.open();
    let since = || awaited(&*ledger);
    let collected = |number: &str, paid_at: Option<&str>, state: &str, seconds: i64| {
        let part = json!({ "amount": 100, "paid_time": paid_at, "paid_type": "NEWTON" });
        let collection = json!({ "state": state, "details": [part] });
        let order = json!({ "out_order_no": number, "state": "DONE", "collection": collection });
        let object = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap();
        Fresh { object, verified_at: at(seconds), source: Source::Query }
    };
    let refund = |number: &str, status: &str, seconds: i64| {
        let refund = json!({ "out_refund_no": number, "status": status, "create_time": "2025-10-09T16:53:30+08:00" });
        let object = Object::parse(Kind::Refund, &refund.to_string()).unwrap();
        Fresh { object, verified_at: at(seconds), source: Source::Query }
    };
    ledger.listen(SHOP, at(10)).unwrap();
    let order = arrival("N-1", "PAYSCORE.USER_PAID", &json!({ "out_order_no": "SO-0" }), 1, 11);
    let closed = arrival("N-2", "REFUND.CLOSED", &json!({ "out_refund_no": "R-0" }), 2, 11);
    ledger.receive(SHOP, &[order, closed, paid("N-3", "T-0", 3, 11)], &[], ForwardMode::Nowhere).unwrap();
    // When an order that was never seen before was paid is unknown unless its document states it.
    ledger.put(SHOP, &[collected("SO-1", None, "USER_PAID", 20)]).unwrap();
    ledger.put(SHOP, &[collected("SO-2", Some("20251009100000"), "USER_PAID", 20)]).unwrap();
    // When a refund was closed is unknown, too, whenever it was made.
    ledger.put(SHOP, &[refund("R-1", "CLOSED", 20)]).unwrap();
    assert_eq!(since(), None);
    // It was seen in another state after a process listened, so it changed since.
    ledger.put(SHOP, &[collected("SO-3", None, "USER_PAYING", 20)]).unwrap();
    ledger.put(SHOP, &[collected("SO-3", None, "USER_PAID", 9_000)]).unwrap();
    assert_eq!(since(), Some(at(9_000)));
    ledger.await_no_more(SHOP, &id(Kind::ServiceOrder, "SO-3")).unwrap();
    ledger.put(SHOP, &[refund("R-2", "PROCESSING", 40), refund("R-2", "CLOSED", 9_000)]).unwrap();
    assert_eq!(since(), Some(at(9_000)), "since it was closed, not since it was made");
    ledger.await_no_more(SHOP, &id(Kind::Refund, "R-2")).unwrap();
    // What was queried and is no longer awaited is not overdue again when something else happens to it.
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 2880, 50)]).unwrap();
    assert_eq!(since(), Some(at(50)));
    ledger.await_no_more(SHOP, &id(Kind::Transaction, "T-1")).unwrap();
    ledger.put(SHOP, &[transaction("T-1", "REFUND", 2880, 60)]).unwrap();
    assert_eq!(since(), None);
}

pub(in crate::ledger) fn a_receiver_that_stops_does_not_speak_for_the_one_that_follows_it(place: &Place) {
    let ledger = place.open();
    ledger.receive(SHOP, &[paid("N-0", "T-0", 1, 0)], &[], ForwardMode::Nowhere).unwrap();
    ledger.listen(SHOP, at(1)).unwrap();
    // Another session of this process began before the first had finished.
    ledger.listen(SHOP, at(5)).unwrap();
    ledger.stop_listening(SHOP, at(1)).unwrap();
    ledger.put(SHOP, &[transaction("T-1", "SUCCESS", 2880, 9)]).unwrap();
    assert_eq!(awaited(&*ledger), Some(at(9)));
}

pub(in crate::ledger) fn what_is_passed_on_stays_until_it_is_accepted_and_the_freshest_bytes_go(place: &Place) {
    let ledger = place.open();
    let take = |ledger: &dyn Engine, arrival: NewDelivery| {
        numbers(ledger.receive(SHOP, &[arrival], &[], ForwardMode::Queued).unwrap()[0])
    };
    let (event, first) = take(&*ledger, paid("N-1", "T-1", 1, 0));
    let failed = |event, delivery, next: i64| {
        let end = AttemptEnd::Failed { status: Some(500), error: None, next: Some(at(next)) };
        ledger.forwarded(&[ForwardAttempt { event, delivery, at: at(1), end, answered: None }]).unwrap();
    };
    let due = |ledger: &dyn Engine, now: i64| {
        let (due, next) = ledger.to_forward(SHOP, at(now), 9).unwrap();
        (due.iter().map(|one| (one.delivery, one.attempts)).collect::<Vec<_>>(), next)
    };
    assert_eq!(due(&*ledger, 0), (vec![(first, 0)], None));
    assert!(ledger.to_forward("other/1", at(9), 9).unwrap().0.is_empty());
    failed(event, first, 60);
    assert_eq!(due(&*ledger, 5), (vec![], Some(at(60))));
    // Sent again, it is due at once with its new signature, whatever happens to the older bytes.
    let (same, second) = take(&*ledger, paid("N-1", "T-1", 2, 15));
    assert_eq!(same, event);
    failed(event, first, 90);
    assert_eq!(due(&*ledger, 15), (vec![(second, 2)], None));
    let kept = whole(&*ledger, event).deliveries;
    assert_eq!(kept[0].forwarded, None);
    let read_fact = kept[1].forwarded.clone().unwrap();
    assert_eq!(
        (read_fact.accepted, read_fact.attempts, read_fact.status, read_fact.next),
        (false, 2, Some(500), Some(at(15)))
    );
    // Once accepted it stays accepted, also after a restart, and a repeated delivery is not forwarded again.
    let accepted =
        ForwardAttempt { event, delivery: first, at: at(16), end: AttemptEnd::Accepted(200), answered: Some(503) };
    ledger.forwarded(&[accepted]).unwrap();
    assert_eq!(whole(&*ledger, event).deliveries[0].status, 503);
    drop(ledger);
    let ledger = place.open();
    take(&*ledger, paid("N-1", "T-1", 3, 30));
    assert!(ledger.is_accepted(event).unwrap());
    assert_eq!(due(&*ledger, 9_000), (vec![], None));
    // What is forwarded by hand is not due by itself.
    let by_hand = ledger.receive(SHOP, &[paid("N-2", "T-2", 4, 40)], &[], ForwardMode::AtOnce).unwrap();
    assert_eq!(due(&*ledger, 9_000), (vec![], None));
    assert!(!ledger.is_accepted(numbers(by_hand[0]).0).unwrap());
    let order: Vec<i64> = [5u8, 6, 7]
        .map(|i| take(&*ledger, paid(&format!("N-{i}"), "T-1", i, 50 + i64::from(i))).1)
        .into_iter()
        .collect();
    let (due, _) = ledger.to_forward(SHOP, at(99) + Duration::MINUTE, 9).unwrap();
    assert_eq!(due.iter().map(|one| one.delivery).collect::<Vec<_>>(), order);
    assert_eq!(due[0].object.as_deref(), Some("transaction T-1"));
    assert_eq!(due[0].bytes, paid("N-5", "T-1", 5, 55).delivery);
}
