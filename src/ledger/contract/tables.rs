//! Tables: pages of sorted rows, and sums.

use std::cmp::Ordering;

use proptest::prelude::*;
use serde_json::json;

use super::{Place, at, fresh, id, paid};
use crate::ledger::{Anchor, Fresh, LedgerError, Listed, Query, Sort, SortBy, Source, Stop};
use crate::model::filter::{Filter, Matcher, StateWords, is_found, regex};
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};

pub(in crate::ledger) fn a_limit_of_a_filter_means_the_same_in_every_currency_and_sums_stay_apart(place: &Place) {
    let ledger = place.open();
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

pub(in crate::ledger) fn a_day_is_added_up_by_hour_and_currency(place: &Place) {
    let ledger = place.open();
    let order = |number: &str, total: i64, currency: &str, time: &str| {
        let amount = json!({"total": total, "currency": currency});
        let order = json!({"out_trade_no": number, "trade_state": "SUCCESS", "amount": amount, "success_time": time});
        fresh(Kind::Transaction, order, 1)
    };
    let orders = [
        order("T-1", 100, "CNY", "2026-11-20T10:59:59+08:00"),
        order("T-2", 200, "CNY", "2026-11-20T11:00:00+08:00"),
        order("T-3", 300, "CNY", "2026-11-20T11:59:59+08:00"),
        order("T-4", 400, "HKD", "2026-11-20T11:30:00+08:00"),
        order("T-5", 500, "CNY", "2026-11-20T13:00:00+08:00"),
        order("T-6", 600, "CNY", "2026-11-20T14:00:00+08:00"),
    ];
    ledger.put("shop", &orders).unwrap();
    let since = crate::model::time::parse_rfc3339("2026-11-20T11:00:00+08:00").unwrap();
    let by_hour = |filter: &str| {
        let conditions = Filter::parse(filter).unwrap().conditions(&[], at(0));
        let stop = Stop::default();
        let hours = ledger.by_hour("shop", Kind::Transaction, &conditions, (since, 3), &stop).unwrap();
        let mut hours: Vec<_> = hours
            .into_iter()
            .map(|hour| (hour.hour, hour.count, hour.sum().map(|sum| sum.to_string()).unwrap_or_default()))
            .collect();
        hours.sort();
        hours
    };
    let expected = |hour, count, sum: &str| (hour, count, sum.to_owned());
    assert_eq!(by_hour(""), [expected(0, 1, "HK$4.00"), expected(0, 2, "¥5.00"), expected(2, 1, "¥5.00")]);
    assert_eq!(by_hour("amount>2.5"), [expected(0, 1, "HK$4.00"), expected(0, 1, "¥3.00"), expected(2, 1, "¥5.00")]);
    assert_eq!(by_hour("nowhere"), []);
}

pub(in crate::ledger) fn a_query_that_is_called_off_ends(place: &Place) {
    let ledger = place.open();
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

pub(in crate::ledger) fn sums_beyond_64_bits_are_exact_and_right_again_after_the_amounts_are(place: &Place) {
    let ledger = place.open();
    let sums = |conditions: &[_]| -> Vec<i128> {
        let groups = ledger.totals("shop", Kind::Transaction, conditions, &Stop::default()).unwrap();
        groups.iter().map(|group| group.amount).collect()
    };
    let filter = Filter::parse("T-").unwrap().conditions(&[], at(0));
    // As in tests/cases/limits/min-tally.jsonl, and the lowest value.
    ledger.put("shop", &[paid("T-1", i64::MAX), paid("T-2", 1)]).unwrap();
    assert_eq!(sums(&[]), [i128::from(i64::MAX) + 1]);
    ledger.put("shop", &[paid("T-3", i64::MAX), paid("T-4", i64::MIN), paid("T-5", -1)]).unwrap();
    assert_eq!(sums(&[]), [i128::from(i64::MAX) - 1]);
    assert_eq!(sums(&filter), sums(&[]), "counted row by row");
    let later = |fresh: Fresh| Fresh { verified_at: at(60), ..fresh };
    ledger.put("shop", &["T-1", "T-2", "T-3", "T-4", "T-5"].map(|number| later(paid(number, 100)))).unwrap();
    assert_eq!((sums(&[]), sums(&filter)), (vec![500], vec![500]));
}

/// A random order with few values, so that many are equal or missing.
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

/// A sort implemented from its description alone.
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

/// What a state is called; one of them is a problem.
fn called(code: &str) -> String {
    let mark = if code == "REVOKED" { Filter::PROBLEMS } else { "" };
    format!("{mark}{}", code.to_lowercase())
}

fn passes(filter: &Filter, row: &Listed, now: Timestamp) -> bool {
    let states =
        ["CREATED", "DOING", "DONE", "REVOKED"].map(|code| StateWords { code: code.into(), words: called(code) });
    let summary = row.seen.as_ref().map(|seen| &seen.summary);
    let code = summary.map_or("", |summary| summary.state.code.as_str());
    let number = row.id.number.as_str();
    let words = summary.map_or_else(|| number.to_lowercase(), |summary| summary.words(number));
    fn holds(matcher: &Matcher, row: &Listed, (words, code): (&str, &str)) -> bool {
        let summary = row.seen.as_ref().map(|seen| &seen.summary);
        let time = || summary.and_then(|summary| summary.time);
        match matcher {
            Matcher::Text { text, states } => words.contains(text) || states.iter().any(|state| state == code),
            Matcher::Regex(pattern) => is_found(&regex(pattern).unwrap(), words),
            Matcher::State(states) => states.iter().any(|state| state == code),
            Matcher::Amount(comparison, limit) => {
                let amount = summary.and_then(|summary| summary.amount);
                amount.is_some_and(|amount| comparison.holds(amount.minor, limit.minor))
            }
            Matcher::Since(at) => time().is_some_and(|time| time >= *at),
            Matcher::Before(at) => time().is_some_and(|time| time < *at),
            Matcher::All(all) => all.iter().all(|one| holds(one, row, (words, code))),
            Matcher::Any(any) => any.iter().any(|one| holds(one, row, (words, code))),
            Matcher::Type { .. } => false,
            Matcher::Problem { states, .. } => states.iter().any(|state| state == code),
        }
    }
    let conditions = filter.conditions(&states, now);
    conditions.iter().all(|condition| holds(&condition.matcher, row, (&words, code)) != condition.negated)
}

pub(in crate::ledger) fn a_table_is_what_filter_and_order_say_wherever_one_looks(place: &Place) {
    let config = ProptestConfig { cases: 48, source_file: Some(file!()), ..ProptestConfig::default() };
    proptest!(config, |(
            rows in prop::collection::vec((0usize..5, prop::option::of(0i64..40), prop::option::of(any::<u8>())), 1..60),
            by in prop::sample::select(vec![SortBy::Number, SortBy::Amount, SortBy::Time, SortBy::Title, SortBy::State, SortBy::Verified]),
            descending in any::<bool>(),
            filter in prop::sample::select(vec!["", "state:doing", "!state:doing", "state:do since:9d", "state:done amount:0.05..0.3", "state:⚠", "amount>0.1", "服务 !1", "since:9d", "o-00", "服务 1", "o-00 服务", "务 2", "g", "ng", "r !务", "done !amount>=0.2", "/o-0[0-4]1?$|服务 0/", "!/^O.*3/", "amount:0.05..0.2", "!amount:..0.1", "before:9d", "!before:2026-11-14", "on:2026-11-10..2026-11-17", "!on:2026-11-12"]),
            (before, after) in (0usize..70, 0usize..70),
            looked_at in any::<prop::sample::Index>(),
            indexed in 0usize..60,
    )| {
            let place = place.another();
            let ledger = place.open();
            let sort = Sort { by, descending };
            let filter = Filter::parse(filter).unwrap();
            let now = crate::model::time::parse_rfc3339("2026-11-21T12:00:00+08:00").unwrap();
            let mut all = Vec::new();
            for (n, (state, fen, name)) in rows.iter().enumerate() {
                // Every fifth is a number that was never fetched.
                if *state == 4 {
                    let id = id(Kind::ServiceOrder, &format!("O-{n:03}"));
                    ledger.note("shop", std::slice::from_ref(&id), Source::Feed).unwrap();
                    all.push((n, Listed { id, origin: Source::Feed, seen: None }));
                } else {
                    let fresh = order(n, *state, *fen, *name);
                    // Some are in the index of words under another name.
                    if n % 3 == 0 {
                        let name = name.map(|name| name.wrapping_add(1));
                        let before = Fresh { verified_at: at(-1), ..order(n, state + 1, *fen, name) };
                        ledger.put("shop", &[before]).unwrap();
                    }
                    if n < indexed {
                        while ledger.index_words(3).unwrap() {}
                    }
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
                .map(|state| StateWords { words: called(&state.code), code: state.code })
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
            let passing = expected.clone();
            let from = ahead.saturating_sub(before);
            let to = (ahead + after).min(expected.len());
            prop_assert_eq!(window.rows.iter().collect::<Vec<_>>(), expected[from..to].to_vec());
            prop_assert_eq!((window.anchor, window.at_start, window.at_end), (ahead - from, from == 0, to == expected.len()));
            // The row that is kept has its place among the others.
            let expected: Vec<&Listed> = all.iter().map(|(_, other)| other).filter(|other| other.id == row.id || passes(&filter, other, now)).collect();
            let (from, to) = (ahead.saturating_sub(before), (ahead + after).min(expected.len()));
            let kept = look(&Anchor::At(row.id.clone()), Some(&row.id));
            prop_assert_eq!(kept.rows.iter().collect::<Vec<_>>(), expected[from..to].to_vec());
            prop_assert_eq!((kept.anchor, kept.at_start, kept.at_end), (ahead - from, from == 0, to == expected.len()));
            let kept = look(&Anchor::Start, Some(&row.id));
            prop_assert_eq!(kept.rows.iter().collect::<Vec<_>>(), expected[..expected.len().min(before + after)].to_vec());

            // Beside all rows of a time, in an order by time.
            if sort.by == SortBy::Time {
                let time = |row: &Listed| row.seen.as_ref().and_then(|seen| seen.summary.time);
                for behind in [false, true] {
                    let alike = |other: &Listed| time(other) == time(row);
                    let first = all.iter().position(|(_, other)| alike(other)).unwrap();
                    let alike = if behind { all.iter().filter(|(_, other)| alike(other)).count() } else { 0 };
                    let ahead = all[..first + alike].iter().filter(|(_, other)| passes(&filter, other, now)).count();
                    let window = look(&Anchor::Beside { time: time(row), behind }, None);
                    let (from, to) = (ahead.saturating_sub(before), (ahead + after).min(passing.len()));
                    prop_assert_eq!(window.rows.iter().collect::<Vec<_>>(), passing[from..to].to_vec());
                    prop_assert_eq!((window.anchor, window.at_start, window.at_end), (ahead - from, from == 0, to == passing.len()));
                }
            }

            let count = |groups: Vec<crate::ledger::Group>| (groups.iter().map(|group| group.count).sum::<u64>(), groups.iter().map(|group| group.amount).sum::<i128>());
            let sum = |rows: &[&Listed]| {
                let amount = |row: &&Listed| row.seen.as_ref().and_then(|seen| seen.summary.amount).map_or(0, |amount| amount.minor);
                (rows.len() as u64, rows.iter().map(amount).map(i128::from).sum::<i128>())
            };
            let totals = |conditions: &[_]| ledger.totals("shop", Kind::ServiceOrder, conditions, &Stop::default()).unwrap();
            prop_assert_eq!(count(totals(&conditions)), sum(&passing));
            prop_assert_eq!(count(totals(&[])), sum(&all.iter().map(|(_, row)| row).collect::<Vec<_>>()));
    });
}
