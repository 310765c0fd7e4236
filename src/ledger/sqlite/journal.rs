//! The journal's rows.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, params};
use serde_json::Value;

use super::{Sqlite, immediate};
use crate::ledger::engine::{Journal, JournalSearch};
use crate::ledger::journal::{
    Broken, Chained, Ending, Index, IntendError, Intent, JournalEntry, Open, Settlement, Verifier,
};
use crate::ledger::{LedgerError, owner};
use crate::model::ObjectId;
use crate::model::time::Timestamp;

impl Journal for Sqlite {
    fn intend(&self, intent: &Intent) -> Result<i64, IntendError> {
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        if let Some(object) = &intent.object {
            if let Some(busy) = open_on(&transaction, &intent.mchid, object)? {
                return Err(IntendError::Busy(busy));
            }
            let latest = latest_on(&transaction, &intent.mchid, object)?;
            if intent.seen.is_some_and(|seen| latest > seen) {
                return Err(IntendError::Overtaken(latest));
            }
        }
        let id = append(&transaction, intent.entry(self.owner.name()))?;
        transaction.commit().map_err(LedgerError::from)?;
        Ok(id)
    }

    fn settle(&self, intent: i64, at: Timestamp, settlement: &Settlement) -> Result<Ending, LedgerError> {
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let ended = "SELECT entry FROM journal WHERE of = ?1 AND final";
        let ended = transaction.prepare_cached(ended)?.query_row([intent], |row| row.get::<_, String>(0)).optional()?;
        if let Some(entry) = ended {
            // Another process asked at the same time and wrote it down.
            return Ok(Ending::of_entry(&entry));
        }
        append(&transaction, settlement.entry(intent, at))?;
        transaction.commit()?;
        Ok(settlement.ending)
    }

    fn latest_entry(&self, profile: &str, object: &ObjectId) -> Result<i64, LedgerError> {
        let connection = self.reader()?;
        latest_on(&connection, mchid_of(profile), object)
    }

    fn is_under_way(&self, open: &Open) -> bool {
        !open.told_unknown && owner::is_alive(&self.path, &open.owner)
    }

    fn outcome(&self, intent: i64) -> Result<Option<String>, LedgerError> {
        let connection = self.journal();
        let mut statement = connection
            .prepare_cached("SELECT entry ->> 'outcome' FROM journal WHERE of = ?1 ORDER BY id DESC LIMIT 1")?;
        Ok(statement.query_row([intent], |row| row.get(0)).optional()?)
    }

    fn open_intents(&self, profile: &str) -> Result<Vec<Open>, LedgerError> {
        let connection = self.journal();
        let mut statement = connection.prepare_cached(
            "SELECT id, entry, EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id) FROM journal
             WHERE of IS NULL AND (profile = ?1 OR entry ->> 'mchid' = ?2)
               AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
             ORDER BY id",
        )?;
        let open = |row: &Row<'_>| Ok(Open::read(row.get(0)?, &row.get::<_, String>(1)?, row.get(2)?));
        Ok(statement.query_map([profile, mchid_of(profile)], open)?.collect::<Result<Vec<_>, _>>()?)
    }

    fn journal_entries(&self, search: &JournalSearch<'_>) -> Result<Vec<JournalEntry>, LedgerError> {
        let JournalSearch { profile, object, text, before, after, limit } = search;
        let connection = self.reader()?;
        // The text may stand in the intent or in what became of it. Entries are ASCII-folded for the search only.
        const FOUND: &str = "SELECT id FROM journal WHERE of IS NULL AND (?1 IS NULL OR profile = ?1)
               AND (?2 IS NULL OR (kind = ?2 AND number = ?3)) AND (?4 IS NULL OR id < ?4)
               AND (?5 IS NULL OR instr(lower(entry), ?5) OR EXISTS (
                   SELECT 1 FROM journal s WHERE s.of = journal.id AND instr(lower(s.entry), ?5)))
               AND (?6 IS NULL OR id > ?6)";
        let order = if after.is_some() { "ASC" } else { "DESC" };
        let mut statement = connection.prepare_cached(&format!("{FOUND} ORDER BY id {order} LIMIT ?7"))?;
        let kind = object.map(|id| id.kind.noun());
        let number = object.map(|id| id.number.as_str());
        let text = text.map(str::to_ascii_lowercase);
        let limit = i64::try_from(*limit).unwrap_or(i64::MAX);
        let ids = statement.query_map(params![profile, kind, number, before, text, after, limit], |row| row.get(0))?;
        let mut ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
        ids.sort_unstable_by_key(|id| std::cmp::Reverse(*id));
        drop(statement);
        ids.into_iter().filter_map(|id| entry(&connection, id).transpose()).collect()
    }

    fn journal_entry(&self, id: i64) -> Result<Option<JournalEntry>, LedgerError> {
        let connection = self.reader()?;
        entry(&connection, id)
    }

    fn export_journal(&self, each: &mut dyn FnMut(&str, &str) -> bool) -> Result<(), LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare("SELECT hash, entry FROM journal ORDER BY id")?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            if !each(row.get_ref(0)?.as_str().unwrap_or_default(), row.get_ref(1)?.as_str().unwrap_or_default()) {
                break;
            }
        }
        Ok(())
    }

    fn verify_journal(&self) -> Result<Result<i64, Broken>, LedgerError> {
        let connection = self.reader()?;
        // One moment of the journal, whoever appends to it meanwhile.
        let snapshot = connection.unchecked_transaction()?;
        let mut statement =
            snapshot.prepare("SELECT id, hash, entry, profile, kind, number, of, final FROM journal ORDER BY id")?;
        let mut rows = statement.query([])?;
        let mut verifier = Verifier::new();
        while let Some(row) = rows.next()? {
            let index = Index {
                profile: row.get("profile")?,
                kind: row.get("kind")?,
                number: row.get("number")?,
                of: row.get("of")?,
                is_final: row.get("final")?,
            };
            let stored = Chained { id: row.get("id")?, hash: row.get("hash")?, text: row.get("entry")?, index };
            if let Err(broken) = verifier.check(stored) {
                return Ok(Err(broken));
            }
        }
        let last = snapshot
            .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'journal'", [], |row| row.get(0))
            .optional()?;
        Ok(verifier.end(last.unwrap_or(0)))
    }
}

/// Adds an entry to the chain and gives its number.
fn append(transaction: &Transaction<'_>, entry: Value) -> Result<i64, LedgerError> {
    let last = transaction
        .prepare_cached("SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let Chained { id, hash, text, index } = Chained::new(last, entry);
    transaction
        .prepare_cached(
            "INSERT INTO journal (id, hash, entry, profile, kind, number, of, final)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![id, hash, text, index.profile, index.kind, index.number, index.of, index.is_final])?;
    Ok(id)
}

/// The merchant's number in the key of a profile.
fn mchid_of(profile: &str) -> &str {
    profile.rsplit('/').next().unwrap_or(profile)
}

/// The open intent on a merchant's object, if there is one.
fn open_on(connection: &Connection, mchid: &str, object: &ObjectId) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT id FROM journal
         WHERE kind = ?1 AND number = ?2 AND of IS NULL AND entry ->> 'mchid' = ?3
           AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
         LIMIT 1",
    )?;
    let open = statement.query_row([object.kind.noun(), object.number.as_str(), mchid], |row| row.get(0));
    Ok(open.optional()?)
}

/// The latest entry about a merchant's object, 0 if there is none.
fn latest_on(connection: &Connection, mchid: &str, object: &ObjectId) -> Result<i64, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT ifnull(max(max(intent.id, ifnull((SELECT max(s.id) FROM journal s WHERE s.of = intent.id), 0))), 0)
         FROM journal intent
         WHERE kind = ?1 AND number = ?2 AND of IS NULL AND entry ->> 'mchid' = ?3",
    )?;
    Ok(statement.query_row([object.kind.noun(), object.number.as_str(), mchid], |row| row.get(0))?)
}

fn entry(connection: &rusqlite::Connection, id: i64) -> Result<Option<JournalEntry>, LedgerError> {
    let mut statement =
        connection.prepare_cached("SELECT hash, entry FROM journal WHERE id = ?1 OR of = ?1 ORDER BY id")?;
    let rows = statement.query_map([id], |row| Ok((row.get(0)?, row.get::<_, String>(1)?)))?;
    let rows: Vec<(String, String)> = rows.collect::<Result<_, _>>()?;
    let mut entries = rows.into_iter().map(|(hash, text)| (hash, serde_json::from_str(&text).unwrap_or(Value::Null)));
    // A settlement's own number names no intent.
    let intent = entries.next().filter(|(_, entry)| entry["entry"] == "intent");
    let settlements = entries.map(|(_, entry)| entry).collect();
    Ok(intent.map(|(hash, intent)| JournalEntry { id, hash, intent, settlements }))
}

#[cfg(test)]
mod tests {
    use time::OffsetDateTime;

    use crate::ledger::engine::{Journal, JournalSearch};
    use crate::ledger::sqlite::Sqlite;
    use crate::ledger::{Broken, Ending, IntendError, Intent, Settlement};
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
        }
    }

    fn settlement(ending: Ending) -> Settlement {
        Settlement { ending, request_id: None, reply: None, error: None }
    }

    fn filled(folder: &tempfile::TempDir) -> Sqlite {
        let ledger = ledger(folder);
        for number in ["P-1", "P-2", "P-3"] {
            let id = ledger.intend(&intent(number)).unwrap();
            ledger.settle(id, OffsetDateTime::now_utc(), &settlement(Ending::Done)).unwrap();
        }
        assert_eq!(ledger.verify_journal().unwrap(), Ok(6));
        ledger
    }

    #[test]
    fn an_object_has_one_open_intent_at_a_time_across_connections() {
        let folder = tempfile::tempdir().unwrap();
        let (one, two) = (ledger(&folder), ledger(&folder));
        let id = one.intend(&intent("P-1")).unwrap();
        assert!(matches!(two.intend(&intent("P-1")), Err(IntendError::Busy(busy)) if busy == id));
        two.intend(&intent("P-2")).unwrap();
        one.settle(id, OffsetDateTime::now_utc(), &settlement(Ending::Unknown)).unwrap();
        assert!(matches!(two.intend(&intent("P-1")), Err(IntendError::Busy(_))), "unknown is not ended");
        assert!(two.open_intents("shop").unwrap()[0].told_unknown);
        one.settle(id, OffsetDateTime::now_utc(), &settlement(Ending::Done)).unwrap();
        two.intend(&intent("P-1")).unwrap();
        assert_eq!(one.outcome(id).unwrap().as_deref(), Some("done"));
        assert_eq!(one.open_intents("shop").unwrap().len(), 2);
    }

    #[test]
    fn what_was_done_since_the_preview_and_what_is_open_under_another_profile_bars_an_intent() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = ledger(&folder);
        let object = intent("P-1").object.unwrap();
        let seen = |seen| Intent { seen: Some(seen), ..intent("P-1") };
        assert_eq!(ledger.latest_entry("shop/1900000001", &object).unwrap(), 0);
        let id = ledger.intend(&seen(0)).unwrap();
        let night = Intent { profile: "night/1900000001".into(), ..seen(1) };
        assert!(matches!(ledger.intend(&night), Err(IntendError::Busy(busy)) if busy == id));
        assert_eq!(ledger.open_intents("night/1900000001").unwrap().len(), 1);
        let elsewhere = Intent { mchid: "1900000002".into(), ..seen(0) };
        ledger.intend(&elsewhere).unwrap();
        let now = OffsetDateTime::now_utc();
        assert_eq!(ledger.settle(id, now, &settlement(Ending::Done)).unwrap(), Ending::Done);
        assert_eq!(ledger.settle(id, now, &settlement(Ending::Refused)).unwrap(), Ending::Done, "it ends once");
        let latest = ledger.latest_entry("night/1900000001", &object).unwrap();
        assert!(matches!(ledger.intend(&seen(id)), Err(IntendError::Overtaken(by)) if by == latest));
        ledger.intend(&Intent { seen: Some(latest), ..night }).unwrap();
    }

    #[test]
    fn whatever_is_done_to_an_entry_shows() {
        let tamperings = [
            ("UPDATE journal SET entry = replace(entry, '李雷', '韩梅') WHERE id = 3", Broken::Changed(3)),
            ("DELETE FROM journal WHERE id = 3", Broken::Missing(3)),
            ("DELETE FROM journal WHERE id = 1", Broken::Missing(1)),
            ("DELETE FROM journal WHERE id >= 5", Broken::Missing(5)),
            ("UPDATE journal SET number = 'P-9' WHERE id = 3", Broken::Index(3)),
            (
                "UPDATE journal SET id = 100 WHERE id = 3; UPDATE journal SET id = 3 WHERE id = 5;
              UPDATE journal SET id = 5 WHERE id = 100",
                Broken::Order(3),
            ),
        ];
        for (tampering, expected) in tamperings {
            let folder = tempfile::tempdir().unwrap();
            let ledger = filled(&folder);
            let triggers = "PRAGMA foreign_keys = OFF;
                DROP TRIGGER journal_is_not_changed; DROP TRIGGER journal_is_not_cut;";
            ledger.journal().execute_batch(&format!("{triggers}{tampering}")).unwrap();
            assert_eq!(ledger.verify_journal().unwrap(), Err(expected), "{tampering}");
        }
    }

    #[test]
    fn entries_are_paged_in_both_directions_from_any_of_them() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = filled(&folder);
        let found = |before, after, limit| -> Vec<i64> {
            let search = JournalSearch { before, after, limit, ..JournalSearch::default() };
            ledger.journal_entries(&search).unwrap().iter().map(|entry| entry.id).collect()
        };
        assert_eq!(found(None, None, 2), [5, 3]);
        assert_eq!(found(Some(5), None, 1), [3]);
        assert_eq!(found(None, Some(0), 2), [3, 1], "the oldest, and still the newest of them first");
        assert_eq!(found(None, Some(1), 1), [3]);
        assert_eq!(found(Some(5), Some(1), 9), [3]);
    }

    #[test]
    fn a_chain_that_grows_while_it_is_verified_holds() {
        let folder = tempfile::tempdir().unwrap();
        let (writer, reader) = (filled(&folder), ledger(&folder));
        let written = std::sync::atomic::AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for i in 0..200 {
                    writer.intend(&intent(&format!("Q-{i}"))).unwrap();
                }
                written.store(true, std::sync::atomic::Ordering::Relaxed);
            });
            while !written.load(std::sync::atomic::Ordering::Relaxed) {
                reader.verify_journal().unwrap().unwrap();
            }
        });
        assert_eq!(reader.verify_journal().unwrap(), Ok(206));
    }

    #[test]
    fn threads_append_to_one_chain() {
        let folder = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let ledger = ledger(&folder);
                scope.spawn(move || {
                    for i in 0..10 {
                        ledger.intend(&intent(&format!("P-{thread}-{i}"))).unwrap();
                    }
                });
            }
        });
        assert_eq!(ledger(&folder).verify_journal().unwrap(), Ok(40));
    }
}
