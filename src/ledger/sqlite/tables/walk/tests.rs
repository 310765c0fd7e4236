//! Which index a table is read by. A plan that sorts all rows, or reads them all, takes seconds at ten million.

use serde_json::json;

use super::*;
use crate::ledger::contract::fresh;
use crate::ledger::engine::Objects;
use crate::ledger::sqlite::Sqlite;
use crate::model::filter::{Filter, StateWords};
use crate::model::time::parse_rfc3339;

/// Orders in a random order of time; one in a hundred is revoked, one of all is dear.
fn ledger(folder: &std::path::Path) -> Sqlite {
    let ledger = Sqlite::open(&folder.join("ledger.db")).unwrap();
    let rows = (0..1000).map(|i: i64| {
        let (day, hour) = ((i * 7919) % 28 + 1, (i * 31) % 24);
        let state = if i % 100 == 0 { "REVOKED" } else { ["CREATED", "DOING", "DONE"][i as usize % 3] };
        let fen = if i == 500 { 900_000 } else { 100 + i % 7 };
        let time = format!("202611{day:02}{hour:02}0000");
        let document = json!({
            "out_order_no": format!("O-{i:04}"), "state": state, "total_amount": fen,
            "time_range": { "start_time": time },
        });
        fresh(Kind::ServiceOrder, document, i)
    });
    ledger.put("shop", &rows.collect::<Vec<_>>()).unwrap();
    ledger
}

/// The plans of a table's statements, as SQLite explains them.
fn plans(ledger: &Sqlite, filter: &str, by: SortBy, kept: bool) -> Vec<String> {
    let connection = ledger.reader().unwrap();
    let list = ledger.list(&connection, "shop", Kind::ServiceOrder).unwrap().unwrap();
    let states = ["CREATED", "DOING", "DONE", "REVOKED"]
        .map(|code| StateWords { code: code.into(), words: code.to_lowercase() });
    let now = parse_rfc3339("2026-11-21T12:00:00+08:00").unwrap();
    let conditions = Filter::parse(filter).unwrap().conditions(&states, now);
    let query = Query { kind: Kind::ServiceOrder, conditions, sort: Sort { by, descending: true } };
    let kept = kept.then(|| crate::ledger::contract::id(Kind::ServiceOrder, "O-0007"));
    let walk = Walk::new(&connection, list, &query, kept.as_ref()).unwrap();
    let place = walk.place(&crate::ledger::contract::id(Kind::ServiceOrder, "O-0400")).unwrap();
    let mut plans = Vec::new();
    for (direction, place) in
        [(Direction::Forward, None), (Direction::Forward, place.as_ref()), (Direction::Backward, place.as_ref())]
    {
        for stretch in walk.stretches(direction, place) {
            let Some((sql, values)) = walk.select(&stretch, direction, 50) else { continue };
            let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
            let steps = statement.query_map(params_from_iter(values), |row| row.get::<_, String>(3)).unwrap();
            plans.push(steps.map(Result::unwrap).collect::<Vec<_>>().join("; "));
        }
    }
    plans
}

#[test]
fn a_page_is_read_along_an_index_whatever_the_filter() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    let cases = [
        ("", SortBy::Time, "object_time (list=?"),
        ("", SortBy::Amount, "object_amount (list=?"),
        ("", SortBy::Verified, "object_verified (list=?"),
        ("", SortBy::Number, "sqlite_autoindex_object_1 (list=?"),
        ("state:doing", SortBy::Time, "object_state (list=? AND state=? AND time"),
        ("state:revoked", SortBy::Time, "object_state (list=? AND state=? AND time"),
        ("state:doing since:9d", SortBy::Time, "object_state (list=? AND state=? AND time>? AND time<?)"),
        ("since:9d", SortBy::Time, "object_time (list=? AND time>? AND time<?)"),
        ("before:9d", SortBy::Time, "object_time (list=? AND time"),
        ("on:2026-11-12", SortBy::Time, "object_time (list=? AND time>? AND time<?)"),
        ("amount>=1", SortBy::Amount, "object_amount (list=? AND amount>? AND amount<?)"),
        ("amount>=1", SortBy::Time, "object_time (list=?"),
        ("state:doing", SortBy::Amount, "object_amount (list=?"),
        ("o-0", SortBy::Time, "object_time (list=?"),
        ("!state:doing", SortBy::Time, "object_time (list=?"),
    ];
    for (filter, by, index) in cases {
        for kept in [false, true] {
            let plans = plans(&ledger, filter, by, kept);
            assert!(plans.iter().any(|plan| plan.contains(index)), "{filter} by {by:?}: {plans:#?}");
            for plan in &plans {
                assert!(!plan.contains("SCAN object"), "{filter} by {by:?}: {plan}");
                // A page of each arm is merged with the others.
                let sorts = plan.contains("TEMP B-TREE") && !plan.contains("MERGE") && !plan.contains("COMPOUND");
                assert!(!sorts, "{filter} by {by:?}: {plan}");
            }
        }
    }
}

#[test]
fn where_few_rows_can_meet_a_condition_only_these_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = ledger(folder.path());
    while ledger.index(300).unwrap() {}
    let word = "SEARCH object USING INTEGER PRIMARY KEY (rowid=?); LIST SUBQUERY 1; SCAN word VIRTUAL TABLE INDEX";
    let cases = [
        ("o-0500", SortBy::Time, word),
        ("o-0500", SortBy::Title, word),
        ("o-05 state:doing 000", SortBy::Amount, word),
        ("zz", SortBy::Time, word),
        ("o-", SortBy::Time, "object_time (list=?"),
        ("o-0", SortBy::Time, "object_time (list=?"),
        ("amount>5000", SortBy::Time, "object_amount (list=? AND amount>?"),
        ("amount>5000", SortBy::Title, "object_amount (list=? AND amount>?"),
        ("on:2026-11-29..2026-11-30", SortBy::Amount, "object_time (list=? AND time>? AND time<?)"),
    ];
    for (filter, by, index) in cases {
        for plan in plans(&ledger, filter, by, false) {
            assert!(plan.contains(index), "{filter} by {by:?}: {plan}");
        }
    }
}
