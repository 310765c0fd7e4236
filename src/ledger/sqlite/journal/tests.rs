use time::OffsetDateTime;

use crate::ledger::engine::{Journal, JournalSearch, Upkeep};
use crate::ledger::sqlite::Sqlite;
use crate::ledger::{Broken, Conclusion, Ending, Flaw, IntendError, Intent, LedgerError};
use crate::model::action::ConfirmedBy;
use crate::model::{Kind, Method, Number, ObjectId};

fn ledger(folder: &tempfile::TempDir) -> Sqlite {
    Sqlite::open(&folder.path().join("ledger.db")).unwrap()
}

fn intent(number: &str) -> Intent {
    Intent {
        at: OffsetDateTime::now_utc(),
        platform_at: None,
        operator: "李雷".into(),
        profile: "shop".into(),
        mchid: "1900000001".into(),
        action: "plan-stop".into(),
        object: Some(ObjectId::new(Kind::Plan, Number::parse(number).unwrap())),
        method: Method::Post,
        target: format!("/v3/{number}/stop"),
        body: String::new(),
        state: "NORMAL".into(),
        before: None,
        seen: None,
        confirmed: ConfirmedBy::Typed,
        objects: 1,
        reason: None,
        once: None,
    }
}

fn conclusion(ending: Ending) -> Conclusion {
    Conclusion::of(ending)
}

fn filled(folder: &tempfile::TempDir) -> Sqlite {
    let ledger = ledger(folder);
    for number in ["P-1", "P-2", "P-3"] {
        let id = ledger.intend(&intent(number)).unwrap();
        ledger.conclude(id, OffsetDateTime::now_utc(), &conclusion(Ending::Done)).unwrap();
    }
    assert_eq!(ledger.verify_journal().unwrap(), Ok(6));
    ledger
}

#[test]
fn whatever_is_done_to_an_entry_shows() {
    let tamperings = [
        ("UPDATE journal SET entry = replace(entry, '李雷', '韩梅') WHERE id = 3", Broken::Changed(3)),
        ("DELETE FROM journal WHERE id = 3", Broken::Missing(3)),
        ("DELETE FROM journal WHERE id = 1", Broken::Missing(1)),
        ("DELETE FROM journal WHERE id >= 5", Broken::Missing(5)),
        ("DELETE FROM journal WHERE id >= 5; DELETE FROM sqlite_sequence", Broken::Head(4)),
        ("UPDATE sqlite_sequence SET seq = 4", Broken::Head(6)),
        ("UPDATE journal SET entry = x'ff00' WHERE id = 3", Broken::Changed(3)),
        ("UPDATE journal SET number = 'P-9' WHERE id = 3", Broken::Index(3)),
        (
            "UPDATE journal SET id = 100 WHERE id = 3; UPDATE journal SET id = 3 WHERE id = 5;
          UPDATE journal SET id = 5 WHERE id = 100",
            Broken::Order(3),
        ),
        ("DELETE FROM intent", Broken::Number(1)),
        ("DELETE FROM intent WHERE number = 2", Broken::Number(3)),
        ("DELETE FROM intent WHERE number = 3", Broken::Number(5)),
        ("UPDATE intent SET number = 4 WHERE number = 3", Broken::Number(5)),
        ("UPDATE intent SET record = 2 WHERE number = 1", Broken::Number(1)),
        (
            "UPDATE intent SET record = 99 WHERE number = 1; UPDATE intent SET record = 1 WHERE number = 2;
          UPDATE intent SET record = 3 WHERE number = 1",
            Broken::Number(1),
        ),
        ("INSERT INTO intent (record) VALUES (6)", Broken::Number(6)),
        ("INSERT INTO intent (record) VALUES (7)", Broken::Number(7)),
    ];
    for (tampering, expected) in tamperings {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(&folder);
        let triggers = "PRAGMA foreign_keys = OFF;
            DROP TRIGGER journal_is_not_changed; DROP TRIGGER journal_is_not_cut;
            DROP TRIGGER intent_is_not_changed; DROP TRIGGER intent_is_not_cut;";
        ledger.journal().execute_batch(&format!("{triggers}{tampering}")).unwrap();
        assert_eq!(ledger.verify_journal().unwrap(), Err(expected), "{tampering}");
    }
}

#[test]
fn an_entry_rewritten_with_a_fresh_hash_breaks_the_chain_behind_it() {
    use sha2::{Digest, Sha256};
    for (id, expected) in [(1, Broken::Order(2)), (3, Broken::Order(4)), (6, Broken::Head(6))] {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(&folder);
        let connection = ledger.journal();
        let text: String =
            connection.query_row("SELECT entry FROM journal WHERE id = ?1", [id], |row| row.get(0)).unwrap();
        let text = text.replace("1900000001", "1900000009").replace("\"done\"", "\"refused\"");
        let hash: String = Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        connection.execute_batch("DROP TRIGGER journal_is_not_changed").unwrap();
        let rewritten = "UPDATE journal SET entry = ?2, hash = ?3 WHERE id = ?1";
        connection.execute(rewritten, rusqlite::params![id, text, hash]).unwrap();
        drop(connection);
        assert_eq!(ledger.verify_journal().unwrap(), Err(expected), "{id}");
    }
}

#[test]
fn a_backup_of_a_damaged_ledger_names_the_ledger_and_leaves_no_copy() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = filled(&folder);
    ledger.journal().execute_batch("DROP TRIGGER journal_is_not_cut; DELETE FROM journal WHERE id = 4").unwrap();
    let copy = folder.path().join("copy.db");
    let error = ledger.backup(&copy).unwrap_err();
    let (path, cause) = error.parts();
    assert!(matches!(cause, LedgerError::Unsound(Flaw::Journal(Broken::Missing(4)))), "{error}");
    assert_eq!(path, Some(ledger.path.as_path()));
    assert!(!copy.exists());
}

#[test]
fn nothing_is_intended_in_a_damaged_journal_and_again_once_it_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    drop(filled(&folder));
    let damage = |sql: &str| {
        let connection = rusqlite::Connection::open(folder.path().join("ledger.db")).unwrap();
        connection.execute_batch(sql).unwrap();
    };
    let trigger = "CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal BEGIN
        SELECT RAISE (ABORT, 'the journal is append-only'); END;";
    let change = |from: &str, to: &str| {
        damage(&format!(
            "DROP TRIGGER journal_is_not_changed;
             UPDATE journal SET entry = replace(entry, '{from}', '{to}') WHERE id = 3; {trigger}"
        ));
    };
    change("李雷", "韩梅");
    let unsound = |result: Result<i64, IntendError>| {
        matches!(result, Err(IntendError::Ledger(LedgerError::Unsound(Flaw::Journal(Broken::Changed(3))))))
    };
    let damaged = ledger(&folder);
    assert!(unsound(damaged.intend(&intent("P-9"))));
    let settled = damaged.conclude(1, OffsetDateTime::now_utc(), &conclusion(Ending::Done));
    assert!(matches!(settled, Err(LedgerError::Unsound(_))), "nor settled");
    assert_eq!(damaged.journal_entries(&JournalSearch { limit: 9, ..JournalSearch::default() }).unwrap().len(), 3);
    drop(damaged);
    change("韩梅", "李雷");
    let whole = ledger(&folder);
    whole.intend(&intent("P-9")).unwrap();
    // Damaged after this process has checked it: the end of the chain is verified each time.
    damage("DROP TRIGGER journal_is_not_changed; UPDATE journal SET entry = replace(entry, 'P-9', 'P-8') WHERE id = 7");
    let late = whole.intend(&intent("P-10"));
    assert!(matches!(late, Err(IntendError::Ledger(LedgerError::Unsound(_)))), "{late:?}");
}

#[test]
fn the_numbers_are_as_append_only_as_the_records() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = filled(&folder);
    for refused in ["DELETE FROM intent", "UPDATE intent SET number = 9", "UPDATE intent SET record = 2"] {
        assert!(ledger.journal().execute_batch(refused).is_err(), "{refused}");
    }
    assert_eq!(ledger.verify_journal().unwrap(), Ok(6));
}

/// Damage after this process has checked the file.
#[test]
fn nothing_is_decided_by_an_entry_that_has_lost_its_number() {
    let now = OffsetDateTime::now_utc();
    let damaged = |sql: &str| {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(&folder);
        let open = ledger.intend(&intent("P-4")).unwrap();
        ledger.journal().execute_batch(&format!("DROP TRIGGER intent_is_not_cut; {sql}")).unwrap();
        (folder, ledger, open)
    };
    let (_folder, ledger, open) = damaged("DELETE FROM intent WHERE number = 4");
    for other in ["P-4", "P-5"] {
        assert!(matches!(ledger.intend(&intent(other)), Err(IntendError::Ledger(_))), "{other}");
    }
    assert!(ledger.open_intents("shop").is_err(), "not hidden");
    assert!(ledger.conclude(open, now, &conclusion(Ending::Done)).is_err());
    assert!(ledger.send_again(open, now, None).is_err());
    let late = |ledger: &Sqlite| ledger.intend(&intent("P-5"));
    let number = |found, id| matches!(found, Err(IntendError::Ledger(LedgerError::Unsound(Flaw::Journal(Broken::Number(at))))) if at == id);
    assert!(number(late(&ledger), 8), "it would be another entry's number");
    assert_eq!(ledger.verify_journal().unwrap(), Err(Broken::Number(7)), "and nothing was appended");
    let (_folder, ledger, _) = damaged("DROP TRIGGER intent_is_numbered");
    assert!(number(late(&ledger), 8), "it would have none");
    assert_eq!(ledger.verify_journal().unwrap(), Ok(7));
}
