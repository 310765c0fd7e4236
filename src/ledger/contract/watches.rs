//! Watches, the results of queries, and what other processes write.

use futures_util::StreamExt;
use serde_json::json;

use super::{Place, at};
use crate::ledger::engine::Engine;
use crate::ledger::{Answers, DocumentHash, ForwardMode, Fresh, LastSeen, News, Source, Unchanged, WatchReason};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Number, Object, ObjectId};

const PROFILE: &str = "shop";

fn id(number: &str) -> ObjectId {
    ObjectId::new(Kind::Transaction, Number::parse(number).unwrap())
}

fn transaction(number: &str, state: &str, seconds: i64) -> Fresh {
    let document = json!({"out_trade_no": number, "trade_state": state}).to_string();
    let object = Object::parse(Kind::Transaction, &document).unwrap();
    Fresh { object, verified_at: at(seconds), source: Source::Query }
}

fn watched(ledger: &dyn Engine) -> Vec<(String, WatchReason, Option<Timestamp>)> {
    let watched = ledger.watched(PROFILE).unwrap();
    watched.into_iter().map(|one| (one.row.id.number.to_string(), one.why, one.changed_at)).collect()
}

pub(in crate::ledger) fn a_watch_is_kept_by_profile_until_the_commit_that_makes_its_object_final(place: &Place) {
    let ledger = place.open();
    ledger.put(PROFILE, &[transaction("TRADE-A", "NOTPAY", 1), transaction("TRADE-B", "CLOSED", 1)]).unwrap();
    let wanted = ["TRADE-A", "TRADE-B", "TRADE-C"].map(id);
    let begun = ledger.watch(PROFILE, &wanted, WatchReason::Marked, at(5)).unwrap();
    assert_eq!(begun, [id("TRADE-A"), id("TRADE-C")], "what is final is not watched, what is unknown is noted");
    assert_eq!(ledger.watch(PROFILE, &[id("TRADE-A")], WatchReason::Made, at(9)).unwrap(), []);
    let marked = WatchReason::Marked;
    let expected = [("TRADE-A".to_owned(), marked, Some(at(1))), ("TRADE-C".to_owned(), marked, None)];
    assert_eq!(watched(&*ledger), expected, "the first to watch gave the reason");
    assert!(ledger.watched("other").unwrap().is_empty());
    drop(ledger);
    let ledger = place.open();
    assert_eq!(watched(&*ledger), expected, "another run goes on");
    ledger.put(PROFILE, &[transaction("TRADE-A", "CLOSED", 20)]).unwrap();
    assert_eq!(watched(&*ledger), expected[1..]);
    ledger.unwatch(PROFILE, &[id("TRADE-C"), id("TRADE-X")]).unwrap();
    assert!(watched(&*ledger).is_empty());
}

pub(in crate::ledger) fn a_final_document_that_comes_late_ends_no_watch(place: &Place) {
    let ledger = place.open();
    ledger.put(PROFILE, &[transaction("TRADE-A", "NOTPAY", 30)]).unwrap();
    ledger.watch(PROFILE, &[id("TRADE-A")], WatchReason::Marked, at(31)).unwrap();
    ledger.put(PROFILE, &[transaction("TRADE-A", "CLOSED", 20)]).unwrap();
    assert_eq!(watched(&*ledger).len(), 1);
}

pub(in crate::ledger) fn what_is_watched_is_not_named_as_due_as_it_has_a_pace_of_its_own(place: &Place) {
    let ledger = place.open();
    ledger.note(PROFILE, &["TRADE-A", "TRADE-B"].map(id), Source::Feed).unwrap();
    ledger.watch(PROFILE, &[id("TRADE-A")], WatchReason::Marked, at(0)).unwrap();
    assert_eq!(ledger.due(PROFILE, at(0), 9).unwrap(), (vec![id("TRADE-B")], None));
}

pub(in crate::ledger) fn the_same_answer_again_only_says_so_and_one_of_another_version_is_named(place: &Place) {
    let ledger = place.open();
    let first = transaction("TRADE-A", "NOTPAY", 0);
    ledger.put(PROFILE, std::slice::from_ref(&first)).unwrap();
    let again = |seconds| Answers {
        again: vec![Unchanged {
            id: id("TRADE-A"),
            digest: DocumentHash::of(&first.object.raw),
            verified_at: at(seconds),
            source: Source::Query,
        }],
        ..Answers::default()
    };
    assert!(ledger.take_in(PROFILE, &again(800)).unwrap().is_empty());
    let known = ledger.object(PROFILE, &id("TRADE-A")).unwrap().unwrap();
    assert_eq!((known.verified_at, &*known.object.raw), (at(800), &*first.object.raw));
    assert_eq!(ledger.versions(PROFILE, &id("TRADE-A")).unwrap().len(), 1);
    assert_eq!(ledger.due(PROFILE, at(800), 9).unwrap().1, Some(at(900)), "quiet for 800 s, so 100 s more");
    // An answer overtaken by a newer one makes nothing older.
    assert!(ledger.take_in(PROFILE, &again(700)).unwrap().is_empty());
    assert_eq!(ledger.object(PROFILE, &id("TRADE-A")).unwrap().unwrap().verified_at, at(800));
    ledger.put(PROFILE, &[transaction("TRADE-A", "SUCCESS", 810)]).unwrap();
    assert_eq!(ledger.take_in(PROFILE, &again(820)).unwrap(), [id("TRADE-A")]);
    let known = ledger.object(PROFILE, &id("TRADE-A")).unwrap().unwrap();
    assert_eq!((known.verified_at, known.object.entity.state().code.as_str()), (at(810), "SUCCESS"));
}

pub(in crate::ledger) fn a_failed_query_is_due_later_in_the_same_commit(place: &Place) {
    let ledger = place.open();
    ledger.note(PROFILE, &[id("TRADE-A")], Source::Feed).unwrap();
    let answers = Answers {
        fresh: vec![transaction("TRADE-B", "NOTPAY", 0)],
        postponed: vec![(id("TRADE-A"), at(3600))],
        ..Answers::default()
    };
    ledger.take_in(PROFILE, &answers).unwrap();
    assert_eq!(ledger.due(PROFILE, at(100), 9).unwrap(), (vec![id("TRADE-B")], Some(at(3600))));
}

pub(in crate::ledger) fn documents_that_say_the_same_have_one_digest(place: &Place) {
    let [one, same, other] = [r#"{"a":1,"b":[1,2]}"#, "{ \"b\":[1,2], \"a\":1 }", r#"{"a":1,"b":[2,1]}"#];
    assert_eq!(DocumentHash::of(one), DocumentHash::of(same));
    assert_ne!(DocumentHash::of(one), DocumentHash::of(other));
    let ledger = place.open();
    let put = |raw: &str, seconds| {
        let raw = raw.replacen('{', r#"{"out_trade_no":"TRADE-A","trade_state":"NOTPAY","#, 1);
        let object = Object::parse(Kind::Transaction, &raw).unwrap();
        ledger.put(PROFILE, &[Fresh { object, verified_at: at(seconds), source: Source::Query }]).unwrap();
        ledger.versions(PROFILE, &id("TRADE-A")).unwrap().len()
    };
    assert_eq!([put(one, 1), put(one, 2), put(same, 3), put(other, 4), put(one, 2)], [1, 1, 1, 2, 2]);
}

pub(in crate::ledger) fn only_what_others_write_is_news(place: &Place) {
    let ours = place.open();
    let theirs = place.open();
    let mut mark = ours.mark().unwrap();
    ours.put(PROFILE, &[transaction("TRADE-A", "NOTPAY", 1)]).unwrap();
    assert_eq!(ours.news(PROFILE, &mut mark).unwrap(), News::default(), "we know what we wrote");
    theirs.put(PROFILE, &[transaction("TRADE-A", "SUCCESS", 9)]).unwrap();
    let news = ours.news(PROFILE, &mut mark).unwrap();
    assert_eq!((news.changed, news.watches), (vec![id("TRADE-A")], false));
    assert!(news.kinds.iter().eq(&[Kind::Transaction]));
    assert_eq!(ours.news(PROFILE, &mut mark).unwrap(), News::default(), "nothing is reported twice");
    // Verified again without a change: rows in another process become fresher, nothing else.
    theirs.put(PROFILE, &[transaction("TRADE-A", "SUCCESS", 10)]).unwrap();
    assert_eq!(ours.news(PROFILE, &mut mark).unwrap(), News::default());
    theirs.watch(PROFILE, &[id("TRADE-B")], WatchReason::Made, at(0)).unwrap();
    let news = ours.news(PROFILE, &mut mark).unwrap();
    assert!(news.watches && news.kinds.contains(&Kind::Transaction) && news.changed.is_empty());
    theirs.put("other", &[transaction("TRADE-Z", "NOTPAY", 1)]).unwrap();
    let news = ours.news(PROFILE, &mut mark).unwrap();
    assert_eq!((news.kinds.len(), news.changed.len()), (0, 0), "another profile's is nobody's here");
}

pub(in crate::ledger) fn a_thousand_watches_are_read_at_once_and_the_longest_first(place: &Place) {
    let ledger = place.open();
    let ids: Vec<ObjectId> = (0..1000).map(|i| id(&format!("TRADE-{i:04}"))).collect();
    for (i, chunk) in ids.chunks(250).enumerate().rev() {
        let since = at(0) + Duration::seconds(i as i64);
        ledger.watch(PROFILE, chunk, WatchReason::Marked, since).unwrap();
    }
    let watched = ledger.watched(PROFILE).unwrap();
    assert!(watched.iter().map(|one| &one.row.id).eq(&ids));
}

pub(in crate::ledger) fn an_object_that_a_new_notification_of_others_names_is_news(place: &Place) {
    let (ours, theirs) = (place.open(), place.open());
    let mut mark = ours.mark().unwrap();
    let mut news_of = |signature_hash, seconds| {
        theirs
            .receive(
                PROFILE,
                &[super::inbox::paid("N-1", "TRADE-A", signature_hash, seconds)],
                &[],
                ForwardMode::Nowhere,
            )
            .unwrap();
        ours.news(PROFILE, &mut mark).unwrap()
    };
    let news = news_of(1, 0);
    assert_eq!((news.named, news.inbox), (vec![id("TRADE-A")], true));
    let news = news_of(2, 15);
    assert_eq!((news.named, news.inbox), (vec![], true), "the notification is known, but it came again");
}

pub(in crate::ledger) fn what_others_write_is_reported(place: &Place) {
    let (ours, theirs) = (place.open(), place.open());
    let mut changes = ours.changes();
    theirs.put(PROFILE, &[transaction("TRADE-A", "NOTPAY", 1)]).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let reported =
        runtime.block_on(async { tokio::time::timeout(std::time::Duration::from_secs(20), changes.next()).await });
    assert!(reported.is_ok_and(|change| change.is_some()));
}

pub(in crate::ledger) fn what_is_seen_first_has_not_just_changed(place: &Place) {
    let ledger = place.open();
    let refund = |status: &str, created: Timestamp, seconds| {
        let created = created.format(&time::format_description::well_known::Rfc3339).unwrap();
        let document = json!({"out_refund_no": "RFD-A", "status": status, "create_time": created}).to_string();
        let object = Object::parse(Kind::Refund, &document).unwrap();
        Fresh { object, verified_at: at(seconds), source: Source::Query }
    };
    let refunded = ObjectId::new(Kind::Refund, Number::parse("RFD-A").unwrap());
    let ids = [refunded.clone(), id("TRADE-A"), id("TRADE-B"), id("TRADE-C")];
    ledger.note(PROFILE, &[id("TRADE-C")], Source::Feed).unwrap();
    let old = at(0) - Duration::HOUR;
    ledger.put(PROFILE, &[refund("PROCESSING", old, 1), transaction("TRADE-A", "NOTPAY", 2)]).unwrap();
    ledger.put(PROFILE, &[transaction("TRADE-B", "NOTPAY", 3), transaction("TRADE-B", "CLOSED", 4)]).unwrap();
    let seen = |seconds, changed_at, is_final| LastSeen { verified_at: at(seconds), changed_at, is_final };
    let expected = [
        (refunded.clone(), seen(1, Some(old), false)),
        (id("TRADE-A"), seen(2, None, false)),
        (id("TRADE-B"), seen(4, Some(at(4)), true)),
    ];
    assert_eq!(ledger.last_seen(PROFILE, &ids).unwrap(), expected, "the number alone has no document");
    assert!(ledger.last_seen("other", &ids).unwrap().is_empty());
    let due = ledger.due(PROFILE, at(3_600), 9).unwrap().0;
    assert_eq!(due, [id("TRADE-C"), id("TRADE-A"), refunded.clone()], "an hour old, it is due after 7.5 minutes");
    ledger.put(PROFILE, &[refund("ABNORMAL", old, 500)]).unwrap();
    assert_eq!(ledger.last_seen(PROFILE, &ids[..1]).unwrap(), [(refunded, seen(500, Some(at(500)), false))]);
}
