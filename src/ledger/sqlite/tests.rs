//! The objects and the tables, against what their contract says.

use std::cmp::Ordering;
use std::collections::HashSet;

use proptest::prelude::*;
use serde_json::json;
use time::OffsetDateTime;

use super::Sqlite;
use crate::ledger::engine::{Claims, Inbox, Objects, Relations, Tables, Watches};
use crate::ledger::{
    Anchor, Answers, Fresh, InboxSearch, LedgerError, Listed, Query, Sort, SortBy, Source, Stop, Version, WatchReason,
};
use crate::model::filter::{Filter, Matcher, StateWords};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Link, Number, Object, ObjectId};

fn ledger() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    (folder, ledger)
}

fn at(seconds: i64) -> Timestamp {
    OffsetDateTime::from_unix_timestamp(1_700_000_000 + seconds).unwrap()
}

fn fresh(kind: Kind, document: serde_json::Value, seconds: i64) -> Fresh {
    let object = Object::parse(kind, &document.to_string()).unwrap();
    Fresh { object, verified_at: at(seconds), source: Source::Query }
}

fn plan(name: &str, seconds: i64) -> Fresh {
    let document = json!({"merchant_plan_no": "P-1", "plan_id": "77", "plan_name": name, "plan_state": "NORMAL"});
    fresh(Kind::Plan, document, seconds)
}

fn id(kind: Kind, number: &str) -> ObjectId {
    ObjectId::new(kind, Number::parse(number).unwrap())
}

#[test]
fn an_older_document_never_replaces_a_newer_one_and_profiles_are_apart() {
    let (_folder, ledger) = ledger();
    let id = plan("x", 1).object.id;
    ledger.note("shop", std::slice::from_ref(&id), Source::Feed).unwrap();
    assert!(ledger.object("shop", &id).unwrap().is_none());
    ledger.put("shop", &[plan("new", 200)]).unwrap();
    ledger.put("shop", &[plan("old", 100)]).unwrap();
    ledger.note("shop", std::slice::from_ref(&id), Source::Import).unwrap();
    let (known, _) = ledger.documents("shop", Kind::Plan, 0, 10).unwrap();
    assert_eq!(known.len(), 1);
    assert_eq!(known[0].fresh.as_ref().unwrap().object.entity.title(), Some("new"));
    assert!(ledger.documents("other", Kind::Plan, 0, 10).unwrap().0.is_empty());
}

#[test]
fn a_version_tells_since_when_it_is_so_and_until_when_it_was_seen_once_another_follows() {
    let (_folder, ledger) = ledger();
    let paid = "2023-11-14T22:15:00+00:00";
    let trade = |state: &str, seconds| {
        let document = json!({"out_trade_no": "T-1", "trade_state": state, "success_time": paid});
        fresh(Kind::Transaction, document, seconds)
    };
    for (state, seconds) in [("NOTPAY", 0), ("NOTPAY", 5), ("SUCCESS", 640), ("SUCCESS", 700)] {
        ledger.put("shop", &[trade(state, seconds)]).unwrap();
    }
    let versions = ledger.versions("shop", &id(Kind::Transaction, "T-1")).unwrap();
    let [seen, unseen] = &versions[..] else { panic!("{versions:?}") };
    assert_eq!((seen.since, seen.last_at), (Some(at(100)), None));
    assert_eq!((unseen.since, unseen.seen_at, unseen.last_at), (None, at(0), Some(at(5))));
}

#[test]
fn a_limit_of_a_filter_means_the_same_in_every_currency_and_sums_stay_apart() {
    let (_folder, ledger) = ledger();
    let order = |number: &str, total: i64, currency: &str| {
        let amount = json!({"total": total, "currency": currency});
        fresh(Kind::Transaction, json!({"out_trade_no": number, "trade_state": "SUCCESS", "amount": amount}), 1)
    };
    let orders = [
        order("T-YEN", 150, "JPY"),
        order("T-HKD", 9_900, "HKD"),
        order("T-CNY", 15_000, "CNY"),
        order("T-KWD", 99_999, "KWD"),
    ];
    ledger.put("shop", &orders).unwrap();
    let found = |filter: &str| -> Vec<String> {
        let conditions = Filter::parse(filter).unwrap().conditions(&[], at(0));
        let sort = Sort { by: SortBy::Number, descending: false };
        let query = Query { kind: Kind::Transaction, conditions, sort };
        let window = ledger.window("shop", &query, &Anchor::Start, (0, 10), None, &Stop::default()).unwrap();
        window.rows.iter().map(|row| row.id.number.to_string()).collect()
    };
    assert_eq!(found("amount>100"), ["T-CNY", "T-YEN"], "150 yen are more than 100, 99 dollars and 99.999 dinars less");
    assert_eq!(found("amount=99.00"), ["T-HKD"]);
    assert_eq!(found("!amount>100"), ["T-HKD", "T-KWD"]);
    assert_eq!(found("amount<=150"), ["T-CNY", "T-HKD", "T-KWD", "T-YEN"]);
    let sums = ledger.totals("shop", Kind::Transaction, &[], &Stop::default()).unwrap();
    let mut sums: Vec<String> = sums.iter().filter_map(crate::ledger::Group::sum).map(|sum| sum.to_string()).collect();
    sums.sort();
    assert_eq!(sums, ["99.999 KWD", "HK$99.00", "JP¥150", "¥150.00"]);
}

#[test]
fn every_version_seen_is_kept_with_its_source_in_the_order_of_its_time() {
    let (_folder, ledger) = ledger();
    let id = plan("x", 1).object.id;
    ledger.put("shop", &[plan("a", 10)]).unwrap();
    ledger.put("shop", &[plan("a", 20), Fresh { source: Source::Action, ..plan("b", 30) }]).unwrap();
    // The same facts in another order and layout are the same version.
    let document = r#"{ "plan_state":"NORMAL", "plan_name":"b", "plan_id":"77", "merchant_plan_no":"P-1" }"#;
    let object = Object::parse(Kind::Plan, document).unwrap();
    ledger.put("shop", &[Fresh { object, verified_at: at(40), source: Source::List }]).unwrap();
    // What comes late takes its place, unless its neighbours say the same.
    ledger.put("shop", &[plan("between", 25), plan("a", 15), plan("b", 29)]).unwrap();
    let versions = ledger.versions("shop", &id).unwrap();
    let told: Vec<(i64, Source)> =
        versions.iter().map(|version| ((version.seen_at - at(0)).whole_seconds(), version.source)).collect();
    assert_eq!(told, [(30, Source::Action), (25, Source::Query), (10, Source::Query)]);
    let name = |version: &Version| {
        let document = ledger.version("shop", &id, version.id).unwrap().unwrap();
        document.entity.title().map(str::to_owned)
    };
    assert_eq!(versions.iter().filter_map(name).collect::<Vec<_>>(), ["b", "between", "a"]);
    // A late document is never taken for the latest, even when the next answer says the same as it.
    ledger.put("shop", &[plan("late", 35), plan("late", 50)]).unwrap();
    assert_eq!(ledger.object("shop", &id).unwrap().unwrap().object.entity.title(), Some("late"));
    ledger.put("shop", &[Fresh { source: Source::List, ..plan("b", 60) }]).unwrap();
    let latest = ledger.object("shop", &id).unwrap().unwrap();
    assert_eq!((latest.verified_at, latest.source), (at(60), Source::List));
    let other = self::id(Kind::Plan, "P-2");
    assert!(ledger.version("shop", &other, versions[0].id).unwrap().is_none(), "a version belongs to its object");
}

#[test]
fn an_object_is_found_by_its_own_number_and_by_wechat_pays() {
    let (_folder, ledger) = ledger();
    let order = json!({"out_order_no": "N-1", "order_id": "15646546545165651651", "state": "DOING"});
    let paid = json!({"out_trade_no": "N-1", "transaction_id": "4200001", "trade_state": "SUCCESS"});
    ledger.put("shop", &[fresh(Kind::ServiceOrder, order, 1), fresh(Kind::Transaction, paid, 1)]).unwrap();
    ledger.note("shop", &[id(Kind::Plan, "N-1")], Source::Opened).unwrap();
    let found = |text: &str| -> Vec<ObjectId> {
        ledger.find("shop", text).unwrap().into_iter().map(|known| known.id).collect()
    };
    let [order, paid] = [id(Kind::ServiceOrder, "N-1"), id(Kind::Transaction, "N-1")];
    assert_eq!(found("N-1"), [id(Kind::Plan, "N-1"), order.clone(), paid.clone()]);
    assert_eq!(found("15646546545165651651"), std::slice::from_ref(&order));
    assert_eq!(found("4200001"), std::slice::from_ref(&paid));
    assert!(found("4200002").is_empty() && ledger.find("other", "N-1").unwrap().is_empty());
    let all = [order.clone(), paid.clone(), id(Kind::Plan, "N-1")];
    assert_eq!(ledger.verified_since("shop", &all, at(1)).unwrap(), HashSet::from([order, paid]));
    assert!(ledger.verified_since("shop", &all, at(2)).unwrap().is_empty());
}

#[test]
fn what_may_change_is_due_soon_after_a_change_and_what_is_final_never() {
    let (_folder, ledger) = ledger();
    let stopped = json!({"merchant_plan_no": "P-2", "plan_state": "STOP"});
    ledger.put("shop", &[plan("a", 0), fresh(Kind::Plan, stopped, 0)]).unwrap();
    let order = id(Kind::ServiceOrder, "O-1");
    ledger.note("shop", std::slice::from_ref(&order), Source::Feed).unwrap();
    let now = Timestamp::now_utc();
    let plan_id = id(Kind::Plan, "P-1");
    assert_eq!(ledger.due("shop", at(59), 10).unwrap(), (vec![order.clone()], Some(at(60))), "the new number is due");
    assert_eq!(ledger.due("shop", now, 10).unwrap(), (vec![order.clone(), plan_id.clone()], None));
    let (first, next) = ledger.due("shop", now, 1).unwrap();
    assert_eq!((first, next.is_some_and(|next| next <= now)), (vec![order.clone()], true), "more is due at once");
    // It said the same 800 seconds later: it is asked about more slowly.
    ledger.put("shop", &[plan("a", 800)]).unwrap();
    assert_eq!(ledger.due("shop", at(800), 10).unwrap().1, Some(at(900)));
    let later = vec![(order.clone(), now + Duration::HOUR)];
    ledger.take_in("shop", &Answers { postponed: later, ..Answers::default() }).unwrap();
    assert_eq!(ledger.due("shop", now, 10).unwrap().0, std::slice::from_ref(&plan_id));
    assert_eq!(ledger.stale("shop", Kind::Plan, at(801)).unwrap(), [plan_id]);
    assert!(ledger.stale("shop", Kind::Plan, at(800)).unwrap().is_empty());
}

#[test]
fn relations_are_known_in_both_directions_and_what_is_named_is_noted_or_to_be_followed() {
    let (_folder, ledger) = ledger();
    let sign_plan = |number: &str, state: &str| {
        json!({"merchant_sign_plan_no": number, "plan_id": "77", "sign_state": state, "total_actual_price": 500,
            "signed_detail_list": [{"plan_detail_state": "USED", "merchant_plan_detail_no": format!("{number}-01")}]})
    };
    ledger
        .put(
            "shop",
            &[
                fresh(Kind::SignPlan, sign_plan("S-1", "SIGNED"), 1),
                fresh(Kind::SignPlan, sign_plan("S-2", "COMPLETE"), 1),
                plan("plan", 1),
            ],
        )
        .unwrap();
    let related = |id: &ObjectId| -> Vec<(bool, String)> {
        let related = ledger.related("shop", id, 10).unwrap();
        related.into_iter().map(|related| (related.named, related.row.id.to_string())).collect()
    };
    let plan_id = id(Kind::Plan, "P-1");
    assert_eq!(related(&plan_id), [(false, "sign-plan S-2".into()), (false, "sign-plan S-1".into())]);
    let signed = id(Kind::SignPlan, "S-1");
    assert_eq!(related(&signed), [(true, "order S-1-01".into()), (true, "plan P-1".into())]);
    let groups = ledger.dependents("shop", &plan_id).unwrap();
    let told: Vec<_> = groups.iter().map(|(kind, group)| (*kind, group.count, group.amount)).collect();
    assert_eq!(told, [(Kind::SignPlan, 1, 500), (Kind::SignPlan, 1, 500)]);
    // The order was noted by being named; what paid for it is named by WeChat Pay's number alone.
    let order = json!({"out_order_no": "S-1-01", "state": "DONE", "collection": {"state": "USER_PAID",
        "details": [{"transaction_id": "4200000000000000000000000001"}]}});
    ledger.put("shop", &[fresh(Kind::ServiceOrder, order, 2)]).unwrap();
    let unfollowed = || ledger.unfollowed("shop", Kind::Transaction, Timestamp::now_utc(), 10).unwrap();
    let number = Number::parse("4200000000000000000000000001").unwrap();
    assert_eq!(unfollowed(), std::slice::from_ref(&number));
    let link = Link::Platform(Kind::Transaction, number.clone());
    ledger.postpone_link("shop", &link, Some(Timestamp::now_utc() + Duration::HOUR)).unwrap();
    assert!(unfollowed().is_empty());
    ledger.postpone_link("shop", &link, Some(at(0))).unwrap();
    let paid = json!({"out_trade_no": "T-1", "transaction_id": number.as_str(), "trade_state": "SUCCESS"});
    ledger.put("shop", &[fresh(Kind::Transaction, paid, 3)]).unwrap();
    assert!(unfollowed().is_empty(), "it is known now");
    let order = id(Kind::ServiceOrder, "S-1-01");
    assert_eq!(related(&order), [(true, "transaction T-1".into()), (false, "sign-plan S-1".into())]);
}

#[test]
fn a_query_that_is_called_off_ends() {
    let (_folder, ledger) = ledger();
    let ids: Vec<ObjectId> = (0..50_000).map(|n| id(Kind::Plan, &format!("P-{n}"))).collect();
    ledger.note("shop", &ids, Source::Feed).unwrap();
    let filter = Filter::parse("nowhere").unwrap();
    let query = Query {
        kind: Kind::Plan,
        conditions: filter.conditions(&[], at(0)),
        sort: Sort { by: SortBy::Number, descending: false },
    };
    let stop = Stop::default();
    let look = |stop: &Stop| ledger.window("shop", &query, &Anchor::Start, (0, 10), None, stop);
    assert!(look(&stop).unwrap().rows.is_empty());
    stop.stop();
    assert!(matches!(look(&stop), Err(LedgerError::Stopped)));
    assert!(look(&Stop::default()).is_ok(), "the next one is not called off");
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_with_all_it_knows() {
    use crate::ledger::engine::Journal;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("001.sql")).unwrap();
    old.execute_batch(
        r#"PRAGMA user_version = 1;
        INSERT INTO object VALUES ('shop', 'plan', 'P-1',
            '{"merchant_plan_no":"P-1","plan_name":"old","plan_state":"NORMAL"}', 'NORMAL', 'query', 5000, '77');
        INSERT INTO object (profile, kind, number) VALUES ('shop', 'order', 'O-1'), ('other', 'plan', 'P-1');"#,
    )
    .unwrap();
    drop(old);
    let ledger = Sqlite::open(&path).unwrap();
    let plan_id = id(Kind::Plan, "P-1");
    let due = ledger.due("shop", Timestamp::now_utc(), 9).unwrap().0;
    assert_eq!(due, [id(Kind::ServiceOrder, "O-1"), plan_id.clone()]);
    assert_eq!(ledger.object("shop", &plan_id).unwrap().unwrap().object.entity.title(), Some("old"));
    ledger.put("shop", &[plan("new", 0)]).unwrap();
    let versions = ledger.versions("shop", &plan_id).unwrap();
    assert_eq!(versions.len(), 2);
    let first = ledger.version("shop", &plan_id, versions[1].id).unwrap().unwrap();
    assert_eq!(first.entity.title(), Some("old"));
    assert_eq!(ledger.documents("other", Kind::Plan, 0, 9).unwrap().0.len(), 1);
    assert_eq!(ledger.verify_journal().unwrap(), Ok(0));
    drop(ledger);
    assert!(Sqlite::open(&path).is_ok(), "it is brought up once");
}

#[test]
fn a_ledger_of_the_second_version_is_brought_up_with_all_that_is_in_it() {
    use crate::ledger::engine::Journal;

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    old.execute_batch(include_str!("001.sql")).unwrap();
    old.execute_batch(include_str!("002.sql")).unwrap();
    old.execute_batch(
        r#"DROP TABLE object_1;
        PRAGMA user_version = 2;
        INSERT INTO list VALUES (1, 'shop', 'transaction'), (2, 'shop', 'order');
        INSERT INTO object (id, list, number, origin, noted_at, words, due_at, version, verified_at, changed_at, source,
                final, state)
            VALUES (1, 1, 'T-1', 'feed', 1000, 't-1', NULL, 2, 9000, 5000, 'query', 0, 'NOTPAY');
        INSERT INTO object (id, list, number, origin, noted_at, words, due_at) VALUES (2, 2, 'O-1', 'feed', 1, 'o-1', 0);
        INSERT INTO version VALUES
            (1, 1, 2000, 'query', 'USERPAYING', zeroblob(16), '{"out_trade_no":"T-1","trade_state":"USERPAYING"}'),
            (2, 1, 5000, 'query', 'NOTPAY', zeroblob(16), '{"out_trade_no":"T-1","trade_state":"NOTPAY"}');
        INSERT INTO link VALUES (2, 1, 'T-1', 0, NULL);"#,
    )
    .unwrap();
    drop(old);
    let ledger = Sqlite::open(&path).unwrap();
    let paid = id(Kind::Transaction, "T-1");
    assert_eq!(ledger.watch("shop", std::slice::from_ref(&paid), WatchReason::Marked, at(0)).unwrap().len(), 1);
    assert_eq!(ledger.watched("shop").unwrap().len(), 1);
    let document = json!({ "out_trade_no": "T-1", "trade_state": "CLOSED" });
    ledger.put("shop", &[fresh(Kind::Transaction, document, 0)]).unwrap();
    let versions = ledger.versions("shop", &paid).unwrap();
    let states: Vec<_> = versions.iter().map(|version| version.state.code.as_str()).collect();
    assert_eq!(states, ["CLOSED", "NOTPAY", "USERPAYING"]);
    assert_eq!(versions[1].last_at, Timestamp::from_unix_timestamp(9).ok(), "it was seen last when it was verified");
    assert!(ledger.watched("shop").unwrap().is_empty());
    assert!(ledger.inbox("shop", &InboxSearch { limit: 9, ..InboxSearch::default() }).unwrap().is_empty());
    assert_eq!(ledger.disagreements("shop", at(0), 9).unwrap(), []);
    assert_eq!(ledger.verify_journal().unwrap(), Ok(0));
    drop(ledger);
    assert!(Sqlite::open(&path).is_ok(), "it is brought up once");
}

/// A random order: few values, so that many are equal or missing.
fn order(n: usize, state: usize, fen: Option<i64>, name: Option<u8>) -> Fresh {
    let state = ["CREATED", "DOING", "DONE", "REVOKED"][state % 4];
    let mut document = json!({"out_order_no": format!("O-{n:03}"), "state": state});
    if let Some(fen) = fen {
        document["total_amount"] = fen.into();
        document["time_range"] = json!({"start_time": format!("202611{:02}120000", fen % 28 + 1)});
    }
    if let Some(name) = name {
        document["service_introduction"] = format!("服务 {}", name % 3).into();
    }
    fresh(Kind::ServiceOrder, document, n as i64 % 5)
}

/// The order of a sort by its description alone.
fn compare(sort: Sort, a: &(usize, Listed), b: &(usize, Listed)) -> Ordering {
    let key = |row: &Listed| {
        let summary = row.seen.as_ref().map(|seen| &seen.summary);
        match sort.by {
            SortBy::Amount => summary.and_then(|s| s.amount).map(|amount| format!("{:020}", amount.minor)),
            SortBy::Time => summary.and_then(|s| s.time).map(|time| format!("{:020}", time.unix_timestamp())),
            SortBy::Title => summary.and_then(|s| s.title.clone()),
            SortBy::State => summary.map(|s| s.state.code.clone()),
            SortBy::Verified => row.seen.as_ref().map(|seen| format!("{:020}", seen.verified_at.unix_timestamp())),
            _ => Some(row.id.number.as_str().to_owned()),
        }
    };
    let (left, right) = (key(&a.1), key(&b.1));
    let by_key = left.is_none().cmp(&right.is_none());
    let turn = |order: Ordering| if sort.descending { order.reverse() } else { order };
    by_key.then_with(|| turn(left.cmp(&right).then(a.0.cmp(&b.0))))
}

fn passes(filter: &Filter, row: &Listed, now: Timestamp) -> bool {
    let states = ["CREATED", "DOING", "DONE", "REVOKED"]
        .map(|code| StateWords { code: code.into(), words: code.to_lowercase() });
    let summary = row.seen.as_ref().map(|seen| &seen.summary);
    let code = summary.map_or("", |summary| summary.state.code.as_str());
    let number = row.id.number.as_str();
    let words = summary.map_or_else(|| number.to_lowercase(), |summary| summary.words(number));
    filter.conditions(&states, now).iter().all(|condition| {
        let holds = match &condition.matcher {
            Matcher::Text { text, states } => words.contains(text) || states.iter().any(|state| state == code),
            Matcher::State(states) => states.iter().any(|state| state == code),
            Matcher::Amount(comparison, limit) => {
                let amount = summary.and_then(|summary| summary.amount);
                amount.is_some_and(|amount| comparison.holds(amount.minor, limit.minor))
            }
            Matcher::Since(at) => summary.and_then(|summary| summary.time).is_some_and(|time| time >= *at),
        };
        holds != condition.negated
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn a_table_is_what_filter_and_order_say_wherever_one_looks(
        rows in prop::collection::vec((0usize..5, prop::option::of(0i64..40), prop::option::of(any::<u8>())), 1..60),
        by in prop::sample::select(vec![SortBy::Number, SortBy::Amount, SortBy::Time, SortBy::Title, SortBy::State, SortBy::Verified]),
        descending in any::<bool>(),
        filter in prop::sample::select(vec!["", "state:doing", "!state:doing", "amount>0.1", "服务 !1", "since:9d", "o-00", "done !amount>=0.2"]),
        (before, after) in (0usize..70, 0usize..70),
        looked_at in any::<prop::sample::Index>(),
    ) {
        let (_folder, ledger) = ledger();
        let sort = Sort { by, descending };
        let filter = Filter::parse(filter).unwrap();
        let now = crate::model::time::parse_rfc3339("2026-11-21T12:00:00+08:00").unwrap();
        let mut all = Vec::new();
        for (n, (state, fen, name)) in rows.iter().enumerate() {
            // Every fifth state stands for a number that was never fetched.
            if *state == 4 {
                let id = id(Kind::ServiceOrder, &format!("O-{n:03}"));
                ledger.note("shop", std::slice::from_ref(&id), Source::Feed).unwrap();
                all.push((n, Listed { id, origin: Source::Feed, seen: None }));
            } else {
                let fresh = order(n, *state, *fen, *name);
                all.push((n, Listed::of(&fresh)));
                ledger.put("shop", &[fresh]).unwrap();
            }
        }
        all.sort_by(|a, b| compare(sort, a, b));
        let expected: Vec<&Listed> = all.iter().map(|(_, row)| row).filter(|row| passes(&filter, row, now)).collect();
        let states: Vec<StateWords> = ledger
            .states("shop", Kind::ServiceOrder)
            .unwrap()
            .into_iter()
            .map(|state| StateWords { words: state.code.to_lowercase(), code: state.code })
            .collect();
        let conditions = filter.conditions(&states, now);
        let query = Query { kind: Kind::ServiceOrder, conditions: conditions.clone(), sort };
        let look = |anchor: &Anchor, kept: Option<&ObjectId>| {
            ledger.window("shop", &query, anchor, (before, after), kept, &Stop::default()).unwrap()
        };

        let start = look(&Anchor::Start, None);
        prop_assert_eq!(start.rows.iter().collect::<Vec<_>>(), expected[..expected.len().min(before + after)].to_vec());
        prop_assert!(start.at_start && start.at_end == (before + after >= expected.len()));
        let end = look(&Anchor::End, None);
        prop_assert_eq!(end.rows.iter().collect::<Vec<_>>(), expected[expected.len().saturating_sub(before + after)..].to_vec());
        prop_assert!(end.at_end && end.at_start == (before + after >= expected.len()));

        // Around any row, whether it passes the filter or not.
        let (_, row) = &all[looked_at.index(all.len())];
        let ahead = all.iter().take_while(|(_, other)| other.id != row.id).filter(|(_, other)| passes(&filter, other, now)).count();
        let window = look(&Anchor::At(row.id.clone()), None);
        let from = ahead.saturating_sub(before);
        let to = (ahead + after).min(expected.len());
        prop_assert_eq!(window.rows.iter().collect::<Vec<_>>(), expected[from..to].to_vec());
        prop_assert_eq!((window.anchor, window.at_start, window.at_end), (ahead - from, from == 0, to == expected.len()));
        if after > 0 {
            let kept = look(&Anchor::At(row.id.clone()), Some(&row.id));
            prop_assert_eq!(&kept.rows[kept.anchor].id, &row.id);
        }

        let count = |groups: Vec<crate::ledger::Group>| (groups.iter().map(|group| group.count).sum::<u64>(), groups.iter().map(|group| group.amount).sum::<i128>());
        let sum = |rows: &[&Listed]| {
            let amount = |row: &&Listed| row.seen.as_ref().and_then(|seen| seen.summary.amount).map_or(0, |amount| amount.minor);
            (rows.len() as u64, rows.iter().map(amount).map(i128::from).sum::<i128>())
        };
        let totals = |conditions: &[_]| ledger.totals("shop", Kind::ServiceOrder, conditions, &Stop::default()).unwrap();
        prop_assert_eq!(count(totals(&conditions)), sum(&expected));
        prop_assert_eq!(count(totals(&[])), sum(&all.iter().map(|(_, row)| row).collect::<Vec<_>>()));
    }
}

/// One transaction of so many fen.
fn paid(number: &str, fen: i64) -> Fresh {
    let document = json!({"out_trade_no": number, "trade_state": "SUCCESS", "amount": {"total": fen}});
    fresh(Kind::Transaction, document, 0)
}

#[test]
fn sums_beyond_64_bits_are_exact_and_right_again_after_the_amounts_are() {
    let (_folder, ledger) = ledger();
    let sums = |conditions: &[_]| -> Vec<i128> {
        let groups = ledger.totals("shop", Kind::Transaction, conditions, &Stop::default()).unwrap();
        groups.iter().map(|group| group.amount).collect()
    };
    let filter = Filter::parse("T-").unwrap().conditions(&[], at(0));
    // As in tests/cases/limits/min-tally.jsonl, and as low as it goes.
    ledger.put("shop", &[paid("T-1", i64::MAX), paid("T-2", 1)]).unwrap();
    assert_eq!(sums(&[]), [i128::from(i64::MAX) + 1]);
    ledger.put("shop", &[paid("T-3", i64::MAX), paid("T-4", i64::MIN), paid("T-5", -1)]).unwrap();
    assert_eq!(sums(&[]), [i128::from(i64::MAX) - 1]);
    assert_eq!(sums(&filter), sums(&[]), "counted row by row");
    let later = |fresh: Fresh| Fresh { verified_at: at(60), ..fresh };
    ledger.put("shop", &["T-1", "T-2", "T-3", "T-4", "T-5"].map(|number| later(paid(number, 100)))).unwrap();
    assert_eq!((sums(&[]), sums(&filter)), (vec![500], vec![500]));
}

#[test]
fn what_was_counted_wrong_is_counted_again() {
    use crate::ledger::engine::Upkeep;
    let (_folder, ledger) = ledger();
    ledger.put("shop", &[paid("T-1", 100), paid("T-2", -1)]).unwrap();
    assert_eq!(ledger.check().unwrap().recounted, 0);
    let spoilt = "UPDATE tally SET high = high + 1, count = 7 WHERE state = 'SUCCESS';
        INSERT INTO tally SELECT list, 'NEVER', 'CNY', 1, 0, 1 FROM tally LIMIT 1;";
    ledger.objects().execute_batch(spoilt).unwrap();
    let checkup = ledger.check().unwrap();
    assert_eq!((checkup.is_sound(), checkup.recounted), (true, 2));
    let groups = ledger.totals("shop", Kind::Transaction, &[], &Stop::default()).unwrap();
    assert_eq!(groups.iter().map(|group| (group.count, group.amount)).collect::<Vec<_>>(), [(2, 99)]);
    assert_eq!(ledger.check().unwrap().recounted, 0);
}

#[test]
fn a_ledger_of_the_third_version_is_counted_again_and_loses_no_entry() {
    use crate::ledger::engine::{Journal, Upkeep};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = rusqlite::Connection::open(&path).unwrap();
    for step in [include_str!("001.sql"), include_str!("002.sql"), include_str!("003.sql")] {
        old.execute_batch(step).unwrap();
    }
    let entry = r#"{"at":"2026-11-01T00:00:00.000+08:00","entry":"intent","profile":"shop","kind":"plan","number":"P-1","id":1,"prev":"0000000000000000000000000000000000000000000000000000000000000000"}"#;
    let hash: String =
        <sha2::Sha256 as sha2::Digest>::digest(entry.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
    old.execute(
        "INSERT INTO journal (id, hash, entry, profile, kind, number) VALUES (1, ?1, ?2, 'shop', 'plan', 'P-1')",
        [hash.as_str(), entry],
    )
    .unwrap();
    // Two amounts whose sum became a float, and a time that never ends.
    old.execute_batch(
        r#"DROP TABLE object_1;
        PRAGMA user_version = 3;
        INSERT INTO list VALUES (1, 'shop', 'transaction');
        INSERT INTO object (id, list, number, origin, noted_at, words, verified_at, changed_at, source, final, state,
                amount, currency, time)
            VALUES (1, 1, 'T-1', 'feed', 1, 't-1', 9, 5, 'query', 0, 'SUCCESS', 9223372036854775807, 'CNY', 253402300799000),
                (2, 1, 'T-2', 'feed', 1, 't-2', 9, 5, 'query', 0, 'SUCCESS', 1, 'CNY', 1000);"#,
    )
    .unwrap();
    let kind: String = old.query_row("SELECT typeof(amount) FROM tally", [], |row| row.get(0)).unwrap();
    assert_eq!(kind, "real", "the fault is there");
    drop(old);
    let ledger = Sqlite::open(&path).unwrap();
    let groups = ledger.totals("shop", Kind::Transaction, &[], &Stop::default()).unwrap();
    assert_eq!((groups[0].count, groups[0].amount), (2, i128::from(i64::MAX) + 1));
    let query =
        Query { kind: Kind::Transaction, conditions: Vec::new(), sort: Sort { by: SortBy::Time, descending: true } };
    let window = ledger.window("shop", &query, &Anchor::Start, (0, 9), None, &Stop::default()).unwrap();
    let times: Vec<_> = window.rows.iter().map(|row| row.seen.as_ref().unwrap().summary.time).collect();
    assert_eq!(times, [Timestamp::from_unix_timestamp(1).ok(), None]);
    assert_eq!(ledger.verify_journal().unwrap(), Ok(1));
    ledger.ensure_sound().unwrap();
    assert_eq!(ledger.check().unwrap().recounted, 0);
}
