//! Tests of SQLite's file and schema, and the contract of every engine.

use std::path::Path;

use rusqlite::Connection;
use serde_json::{Value, json};

use super::Sqlite;
use crate::ledger::contract::{at, fresh, id, paid, plan, suite};
use crate::ledger::engine::{Bills, Claims, Engine, Inbox, Journal, Objects, Others, Tables, Upkeep, Watches};
use crate::ledger::inbox::Claim;
use crate::ledger::{
    Anchor, InboxSearch, JournalSearch, LedgerError, Mark, News, Query, Sort, SortBy, Source, Stop, WatchReason,
};
use crate::model::time::Timestamp;
use crate::model::{Fact, Kind, Money};

fn open(folder: &Path) -> Box<dyn Engine> {
    Box::new(Sqlite::open(&folder.join("deep/er/ledger.db")).unwrap())
}

fn append(folder: &Path, entry: Value) {
    let ledger = Sqlite::open(&folder.join("deep/er/ledger.db")).unwrap();
    let mut connection = ledger.journal();
    let transaction = super::immediate(&mut connection).unwrap();
    super::journal::append(&transaction, entry).unwrap();
    transaction.commit().unwrap();
}

suite!(open, append);

fn ledger() -> (tempfile::TempDir, Sqlite) {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    (folder, ledger)
}

#[test]
fn a_ledger_of_a_newer_version_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
    let error = Sqlite::open(&path).map(drop).unwrap_err();
    assert!(matches!(error, LedgerError::Newer { found: 99, .. }), "{error}");
    let found: i64 = Connection::open(&path).unwrap().query_row("PRAGMA user_version", [], |r| r.get(0)).unwrap();
    assert_eq!(found, 99);
}

#[test]
fn what_is_no_database_is_refused_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let text = "this is not a database, and longer than its header ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    let refused = Sqlite::open(&path).map(drop).unwrap_err();
    assert!(matches!(refused, LedgerError::NotALedger { .. }), "{refused}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_ledger_of_the_first_version_is_brought_up_with_all_it_knows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = Connection::open(&path).unwrap();
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = Connection::open(&path).unwrap();
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

#[test]
fn a_ledger_of_the_fifth_version_gets_room_for_the_rows_of_bills_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = Connection::open(&path).unwrap();
    for step in &super::MIGRATIONS[..5] {
        old.execute_batch(step).unwrap();
    }
    old.execute_batch(
        r#"DROP TABLE object_1;
        PRAGMA user_version = 5;
        INSERT INTO list VALUES (1, 'shop', 'transaction');
        INSERT INTO object (id, list, number, origin, noted_at, words, due_at) VALUES (1, 1, 'T-1', 'bill', 1, 't-1', 0);
        INSERT INTO claim (object, source, reference, fact, said_at, heard_at, open)
            VALUES (1, 'bill', 'trade-ALL-2023-11-15#1', 'paid', 1, 1, 2);"#,
    )
    .unwrap();
    drop(old);
    let ledger = Sqlite::open(&path).unwrap();
    assert!(ledger.taken_bills("shop").unwrap().is_empty());
    let transaction = id(Kind::Transaction, "T-1");
    assert_eq!(ledger.claims("shop", &transaction).unwrap().len(), 1);
    assert_eq!(ledger.due("shop", Timestamp::now_utc(), 9).unwrap().0, std::slice::from_ref(&transaction));
    ledger.put("shop", &[paid("T-1", 100)]).unwrap();
    assert!(ledger.bill_rows("shop", &transaction).unwrap().is_empty());
    assert_eq!(ledger.check().unwrap().recounted, 0);
    drop(ledger);
    assert!(Sqlite::open(&path).is_ok(), "it is brought up once");
}

#[test]
fn many_numbers_noted_at_once_are_counted_like_one() {
    let (_folder, ledger) = ledger();
    let ids: Vec<_> = (0..600).map(|n| id(Kind::Transaction, &format!("T-{}", n % 500))).collect();
    ledger.note("shop", &ids, Source::Feed).unwrap();
    ledger.note("shop", &[id(Kind::Transaction, "T-X")], Source::Feed).unwrap();
    let groups = ledger.totals("shop", Kind::Transaction, &[], &Stop::default()).unwrap();
    assert_eq!(groups.iter().map(|group| group.count).collect::<Vec<_>>(), [501]);
    assert_eq!(ledger.check().unwrap().recounted, 0);
}

#[test]
fn what_was_counted_wrong_is_counted_again() {
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
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let old = Connection::open(&path).unwrap();
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
    // Two amounts whose sum became a float, and a time out of range.
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

#[test]
fn the_entries_of_a_ledger_of_the_fourth_version_are_numbered_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ledger.db");
    let mut old = Connection::open(&path).unwrap();
    for step in [include_str!("001.sql"), include_str!("002.sql"), include_str!("003.sql"), include_str!("004.sql")] {
        old.execute_batch(step).unwrap();
    }
    old.execute_batch("DROP TABLE object_1; PRAGMA user_version = 4").unwrap();
    let intent = |number: &str| json!({"entry": "intent", "profile": "shop", "kind": "plan", "number": number});
    let ended = |of: i64| json!({"entry": "settlement", "of": of, "outcome": "done", "final": true});
    let append = |old: &mut Connection, records: &[Value]| {
        let transaction = super::immediate(old).unwrap();
        for record in records {
            super::journal::append(&transaction, record.clone()).unwrap();
        }
        transaction.commit().unwrap();
    };
    append(&mut old, &[intent("P-1"), intent("P-2"), ended(2), intent("P-3"), ended(1), ended(4)]);
    let ledger = Sqlite::open(&path).unwrap();
    let entries = |ledger: &Sqlite| -> Vec<(i64, String, usize)> {
        let search = JournalSearch { limit: 9, ..JournalSearch::default() };
        let entries = ledger.journal_entries(&search).unwrap().into_iter();
        entries.map(|entry| (entry.id, entry.intent.number, entry.conclusions.len())).collect()
    };
    let expected = |entries: &[(i64, &str, usize)]| -> Vec<(i64, String, usize)> {
        entries.iter().map(|(number, object, ended)| (*number, (*object).to_owned(), *ended)).collect()
    };
    assert_eq!(entries(&ledger), expected(&[(3, "P-3", 1), (2, "P-2", 1), (1, "P-1", 1)]));
    assert_eq!(ledger.verify_journal().unwrap(), Ok(6));
    // A process of the fourth version that still has it open.
    append(&mut old, &[intent("P-4"), ended(7), intent("P-5")]);
    drop(ledger);
    let ledger = Sqlite::open(&path).unwrap();
    assert_eq!(entries(&ledger)[..2], expected(&[(5, "P-5", 0), (4, "P-4", 1)]));
    assert_eq!(ledger.verify_journal().unwrap(), Ok(9));
    ledger.ensure_sound().unwrap();
}

#[test]
fn a_commit_during_a_look_at_the_ledger_is_reported_the_next_time() {
    let (folder, ours) = ledger();
    let theirs = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    let before = ours.mark().unwrap();
    theirs.put("shop", &[paid("TRADE-A", 1)]).unwrap();
    // Committed after the commits were counted and before the numbers were read.
    let mut mark = Mark { commits: ours.mark().unwrap().commits, ..before };
    assert_eq!(ours.news("shop", &mut mark).unwrap(), News::default());
    theirs.put("other", &[paid("TRADE-Z", 1)]).unwrap();
    assert_eq!(ours.news("shop", &mut mark).unwrap().changed, [id(Kind::Transaction, "TRADE-A")]);
}

#[test]
fn an_object_that_a_new_notification_names_is_reported() {
    let (folder, ours) = ledger();
    let theirs = Sqlite::open(&folder.path().join("ledger.db")).unwrap();
    let mut mark = ours.mark().unwrap();
    let came = |notice: &str| {
        let sql = "INSERT INTO event (profile, notice, verdict, first_at, last_at, attempts, words, kind, number)
             VALUES (?1, ?2, 'genuine', 0, 0, 1, '', 'transaction', 'TRADE-A')";
        theirs.objects().execute(sql, ["shop", notice]).unwrap();
    };
    came("EV-1");
    came("EV-2");
    assert_eq!(ours.news("shop", &mut mark).unwrap().named, [id(Kind::Transaction, "TRADE-A")]);
    theirs.objects().execute("UPDATE event SET attempts = 2", []).unwrap();
    assert_eq!(ours.news("shop", &mut mark).unwrap(), News::default(), "the same again is none");
}

#[test]
fn a_list_never_loads_the_documents_of_its_rows() {
    let (_folder, ledger) = ledger();
    ledger.put("shop", &[paid("T-1", 2880), paid("T-2", 100)]).unwrap();
    // All documents are out of reach.
    ledger.objects().execute_batch("ALTER TABLE version RENAME TO put_away").unwrap();
    let (query, stop) = (
        Query { kind: Kind::Transaction, conditions: Vec::new(), sort: Sort { by: SortBy::Amount, descending: true } },
        Stop::default(),
    );
    let page = ledger.window("shop", &query, &Anchor::Start, (0, 10), None, &stop).unwrap();
    let numbers: Vec<&str> = page.rows.iter().map(|row| row.id.number.as_str()).collect();
    assert_eq!(numbers, ["T-1", "T-2"]);
    let totals = ledger.totals("shop", Kind::Transaction, &[], &stop).unwrap();
    assert_eq!(totals.iter().map(|group| group.count).sum::<u64>(), 2);
    ledger.by_hour("shop", Kind::Transaction, &[], (at(0), 24), &stop).unwrap();
    ledger.states("shop", Kind::Transaction).unwrap();
    assert!(ledger.object("shop", &page.rows[0].id).is_err(), "its document is not there");
}

#[test]
fn what_a_bill_says_of_objects_that_were_never_fetched_is_not_looked_through() {
    let (_folder, ledger) = ledger();
    let row = |number: &str, row: u64| {
        let (source, reference) = (Source::Bill, format!("trade-ALL-2025-10-09#{row}"));
        let (fact, amount) = (Fact::Paid, Some(Money::cny(2880)));
        (id(Kind::Transaction, number), Claim { source, reference, fact, amount, said_at: at(0), received_at: at(1) })
    };
    ledger.claim("shop", &[row("T-1", 1), row("T-2", 2), row("T-3", 3)]).unwrap();
    let looked_through = || -> i64 {
        let sql = "SELECT count(*) FROM claim INDEXED BY claim_newest WHERE open = 1";
        ledger.objects().query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(looked_through(), 0, "a bill has millions of rows");
    let unpaid = json!({"out_trade_no": "T-2", "trade_state": "NOTPAY", "amount": {"total": 2880}});
    ledger.put("shop", &[paid("T-1", 2880), fresh(Kind::Transaction, unpaid, 5)]).unwrap();
    assert_eq!(looked_through(), 1);
    let late = crate::ledger::Fresh { verified_at: at(6), ..paid("T-2", 2880) };
    ledger.put("shop", &[late]).unwrap();
    assert_eq!(looked_through(), 0);
}
