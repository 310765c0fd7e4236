//! The journal's rows. Callers name an entry by the number of its intent; the id of the intent's record, which is part of
//! the chain, stays in here. A transaction that decides reads the one by the other itself, and fails if an intent that
//! it depends on has no number.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, Transaction, params, params_from_iter};

use super::conditions::{SqlTable, sql_of};
use super::{Sqlite, immediate};
use crate::ledger::engine::{Journal, JournalSearch, Upkeep};
use crate::ledger::journal::{
    Chained, Conclusion, Ending, Index, IntendError, Intent, Once, Verifier, has_hash, same_body, sent_again,
};
use crate::ledger::recorded::{JournalEntry, OpenIntent, RecordedConclusion};
use crate::ledger::{Broken, Flaw, LedgerError, owner};
use crate::model::ObjectId;
use crate::model::action::{Intention, Repetition};
use crate::model::time::Timestamp;

impl Journal for Sqlite {
    fn intend(&self, intent: &Intent) -> Result<i64, IntendError> {
        // In a damaged journal the open and the completed intents are unknown.
        self.ensure_sound()?;
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        if let Some(object) = &intent.object {
            let open = open_on(&transaction, &intent.mchid, object)?;
            // A repetition is the most useful reason to report, so it is checked first.
            if let Some(once) = &intent.once
                && let Some((intention, outcome_object)) = intent.intention()
                && let Some(repeated) =
                    repeated(&transaction, &intent.mchid, object, (&intention, &outcome_object), once)?
            {
                return Err(IntendError::Repeated(repeated));
            }
            if let Some(busy) = open.into_iter().find(|open| open.intent.bars(intent)) {
                return Err(IntendError::Busy(busy.id));
            }
            let latest = latest_on(&transaction, &intent.mchid, object)?;
            if intent.seen.is_some_and(|seen| latest > seen) {
                return Err(IntendError::Overtaken(latest));
            }
        }
        // There may be no object that shows the outcome of a raw request: the same request waits until that one has
        // ended.
        if intent.action == "api"
            && let Some(same) = open_request(&transaction, intent)?
        {
            return Err(IntendError::SameRequest(same));
        }
        let record = append(&transaction, intent.entry(self.owner.name()))?;
        let number = new_number(&transaction, record)?;
        transaction.commit().map_err(LedgerError::from)?;
        Ok(number)
    }

    fn conclude(&self, intent: i64, at: Timestamp, conclusion: &Conclusion) -> Result<Ending, LedgerError> {
        self.ensure_sound()?;
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let record = record_of(&transaction, intent)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let ended = "SELECT entry FROM journal WHERE of = ?1 AND final";
        let ended = transaction.prepare_cached(ended)?.query_row([record], |row| row.get::<_, String>(0)).optional()?;
        if let Some(entry) = ended {
            // Another process has concluded it meanwhile.
            return Ok(RecordedConclusion::parse(&entry).ending);
        }
        append(&transaction, conclusion.entry(record, at))?;
        transaction.commit()?;
        Ok(conclusion.ending)
    }

    fn repeated(
        &self,
        mchid: &str,
        object: &ObjectId,
        meant: (&Intention, &ObjectId),
        once: &Once,
    ) -> Result<Option<i64>, LedgerError> {
        let connection = self.reader()?;
        repeated(&connection, mchid, object, meant, once)
    }

    fn send_again(&self, intent: i64, at: Timestamp, platform_at: Option<Timestamp>) -> Result<bool, LedgerError> {
        self.ensure_sound()?;
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let record = record_of(&transaction, intent)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
        let ended = "SELECT EXISTS (SELECT 1 FROM journal WHERE of = ?1 AND final)";
        if transaction.prepare_cached(ended)?.query_row([record], |row| row.get(0))? {
            return Ok(false);
        }
        append(&transaction, sent_again(record, at, platform_at, self.owner.name()))?;
        transaction.commit()?;
        Ok(true)
    }

    fn latest_entry(&self, profile: &str, object: &ObjectId) -> Result<i64, LedgerError> {
        let connection = self.reader()?;
        latest_on(&connection, mchid_of(profile), object)
    }

    fn is_under_way(&self, open: &OpenIntent) -> bool {
        !open.is_unknown && owner::is_alive(&self.path, &open.owner)
    }

    fn open_intents(&self, profile: &str) -> Result<Vec<OpenIntent>, LedgerError> {
        let connection = self.journal();
        let mut concluded = connection.prepare_cached("SELECT entry FROM journal WHERE of = ?1 ORDER BY id")?;
        let mut statement = connection.prepare_cached(
            "SELECT intent.number, journal.id, entry FROM journal LEFT JOIN intent ON intent.record = journal.id
             WHERE of IS NULL AND (profile = ?1 OR entry ->> 'mchid' = ?2)
               AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
             ORDER BY journal.id",
        )?;
        let mut open = |row: &Row<'_>| {
            let record: i64 = row.get(1)?;
            let conclusions = concluded.query_map([record], |row| row.get(0))?.collect::<Result<Vec<String>, _>>()?;
            Ok(OpenIntent::read(row.get(0)?, &row.get::<_, String>(2)?, &conclusions))
        };
        Ok(statement.query_map([profile, mchid_of(profile)], &mut open)?.collect::<Result<Vec<_>, _>>()?)
    }

    fn journal_entries(&self, search: &JournalSearch<'_>) -> Result<Vec<JournalEntry>, LedgerError> {
        let JournalSearch { profile, object, conditions, before, after, limit } = search;
        let connection = self.reader()?;
        // CROSS: in the order of the numbers, so that only as many as are wanted are read.
        const FOUND: &str = "SELECT intent.number, journal.id FROM intent CROSS JOIN journal ON journal.id = record
             WHERE of IS NULL AND (?1 IS NULL OR profile = ?1)
               AND (?2 IS NULL OR (kind = ?2 AND journal.number = ?3)) AND (?4 IS NULL OR intent.number < ?4)
               AND (?5 IS NULL OR intent.number > ?5)";
        let order = if after.is_some() { "ASC" } else { "DESC" };
        let (searched, values) = sql_of(SqlTable::Journal, conditions);
        let mut statement =
            connection.prepare_cached(&format!("{FOUND}{searched} ORDER BY intent.number {order} LIMIT ?"))?;
        let text = |text: Option<&str>| text.map_or(Value::Null, |text| Value::from(text.to_owned()));
        let number = |number: Option<i64>| number.map_or(Value::Null, Value::from);
        let bounds = [
            text(*profile),
            text(object.map(|id| id.kind.noun())),
            text(object.map(|id| id.number.as_str())),
            number(*before),
            number(*after),
        ];
        let limit = Value::from(i64::try_from(*limit).unwrap_or(i64::MAX));
        let values = bounds.into_iter().chain(values).chain([limit]);
        let found = statement.query_map(params_from_iter(values), |row| Ok((row.get(0)?, row.get(1)?)))?;
        let mut found: Vec<(i64, i64)> = found.collect::<Result<_, _>>()?;
        found.sort_unstable_by_key(|(number, _)| std::cmp::Reverse(*number));
        drop(statement);
        found.into_iter().filter_map(|(number, record)| entry(&connection, number, record).transpose()).collect()
    }

    fn journal_entry(&self, number: i64) -> Result<Option<JournalEntry>, LedgerError> {
        let connection = self.reader()?;
        let record = record_of(&connection, number)?;
        Ok(record.map(|record| entry(&connection, number, record)).transpose()?.flatten())
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
        verify(&*self.reader()?)
    }
}

/// Checks the whole chain, and the numbers of its intents.
pub(super) fn verify(connection: &Connection) -> Result<Result<i64, Broken>, LedgerError> {
    // A snapshot: other processes may append meanwhile.
    let snapshot = connection.unchecked_transaction()?;
    let mut statement = snapshot.prepare(
        "SELECT journal.id, hash, entry, profile, kind, journal.number, of, final, intent.number
         FROM journal LEFT JOIN intent ON intent.record = journal.id ORDER BY journal.id",
    )?;
    let mut rows = statement.query([])?;
    let mut verifier = Verifier::new();
    let stored = |row: &Row<'_>| -> rusqlite::Result<(Chained, Option<i64>)> {
        let index = Index {
            profile: row.get(3)?,
            kind: row.get(4)?,
            number: row.get(5)?,
            of: row.get(6)?,
            is_final: row.get(7)?,
        };
        Ok((Chained { id: row.get(0)?, hash: row.get(1)?, text: row.get(2)?, index }, row.get(8)?))
    };
    while let Some(row) = rows.next()? {
        let checked = match stored(row) {
            Ok((stored, number)) => verifier.check(stored, number),
            // A column has a value of an unexpected type.
            Err(error) if error.sqlite_error_code().is_none() => Err(Broken::Changed(verifier.expected())),
            Err(error) => return Err(error.into()),
        };
        if let Err(broken) = checked {
            return Ok(Err(broken));
        }
    }
    let last = "SELECT seq FROM sqlite_sequence WHERE name = 'journal'";
    let last = snapshot.query_row(last, [], |row| row.get(0)).optional()?;
    let count = match verifier.end(last, head(&snapshot)?) {
        Ok(count) => count,
        broken => return Ok(broken),
    };
    let unused = "SELECT record FROM intent WHERE NOT EXISTS (SELECT 1 FROM journal WHERE id = record) LIMIT 1";
    let unused = snapshot.query_row(unused, [], |row| row.get(0)).optional()?;
    Ok(unused.map_or(Ok(count), |record| Err(Broken::Number(record))))
}

/// The stored hash of the latest entry.
fn head(connection: &Connection) -> Result<Option<String>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT value FROM upkeep WHERE name = 'journal_head'")?;
    Ok(statement.query_row([], |row| row.get(0)).optional()?)
}

/// Appends a record to the chain and returns its id. An intent is numbered by a trigger.
pub(super) fn append(transaction: &Transaction<'_>, entry: serde_json::Value) -> Result<i64, LedgerError> {
    let last = transaction
        .prepare_cached("SELECT id, hash, entry FROM journal ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?)))
        .optional()?;
    // The file may have been damaged since it was checked: the chain continues only from its stored head.
    let stored = head(transaction)?;
    let unsound = |broken| Err(LedgerError::Unsound(Flaw::Journal(broken)));
    let last = match last {
        None if stored.is_some() => return unsound(Broken::Missing(1)),
        None => None,
        Some((id, hash, text)) if !has_hash(&text, &hash) => return unsound(Broken::Changed(id)),
        Some((id, hash, _)) if stored.is_some_and(|stored| stored != hash) => return unsound(Broken::Head(id)),
        Some((id, hash, _)) => Some((id, hash)),
    };
    let Chained { id, hash, text, index } = Chained::new(last, entry);
    transaction
        .prepare_cached(
            "INSERT INTO journal (id, hash, entry, profile, kind, number, of, final)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![id, hash, text, index.profile, index.kind, index.number, index.of, index.is_final])?;
    transaction.prepare_cached("INSERT OR REPLACE INTO upkeep VALUES ('journal_head', ?1)")?.execute([&hash])?;
    Ok(id)
}

/// The number of an intent that was just recorded. The file may have been damaged since it was checked: the number must
/// follow that of the intent before it.
fn new_number(transaction: &Transaction<'_>, record: i64) -> Result<i64, LedgerError> {
    let mut statement = transaction.prepare_cached(
        "SELECT number FROM intent WHERE record = ?1
           AND (SELECT last.record FROM intent last WHERE last.number = intent.number - 1)
               IS (SELECT id FROM journal WHERE of IS NULL AND id < ?1 ORDER BY id DESC LIMIT 1)",
    )?;
    let number = statement.query_row([record], |row| row.get(0)).optional()?;
    number.ok_or(LedgerError::Unsound(Flaw::Journal(Broken::Number(record))))
}

/// The record of the intent with a number.
fn record_of(connection: &Connection, number: i64) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT record FROM intent WHERE number = ?1")?;
    Ok(statement.query_row([number], |row| row.get(0)).optional()?)
}

/// The merchant's number in the key of a profile.
fn mchid_of(profile: &str) -> &str {
    profile.rsplit('/').next().unwrap_or(profile)
}

/// The open intents on a merchant's object.
fn open_on(connection: &Connection, mchid: &str, object: &ObjectId) -> Result<Vec<OpenIntent>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT intent.number, entry FROM journal LEFT JOIN intent ON intent.record = journal.id
         WHERE kind = ?1 AND journal.number = ?2 AND of IS NULL AND entry ->> 'mchid' = ?3
           AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
         ORDER BY journal.id",
    )?;
    let open = |row: &Row<'_>| Ok(OpenIntent::read(row.get(0)?, &row.get::<_, String>(1)?, &[]));
    let found = statement.query_map([object.kind.noun(), object.number.as_str(), mchid], open)?;
    Ok(found.collect::<Result<_, _>>()?)
}

/// The open entry of a merchant that holds the request of an intent.
fn open_request(connection: &Connection, intent: &Intent) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT intent.number, entry ->> 'body' FROM journal LEFT JOIN intent ON intent.record = journal.id
         WHERE of IS NULL AND entry ->> 'mchid' = ?1 AND entry ->> 'method' = ?2 AND entry ->> 'target' = ?3
           AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
         ORDER BY journal.id",
    )?;
    let mut rows = statement.query(params![intent.mchid, intent.method.as_str(), intent.target])?;
    while let Some(row) = rows.next()? {
        let body: Option<String> = row.get(1)?;
        if same_body(&body.unwrap_or_default(), &intent.body) {
            return Ok(Some(row.get(0)?));
        }
    }
    Ok(None)
}

/// The latest intent with the same intended effect that had it or may have had it: under the same number, or one that
/// `once` forbids to repeat.
fn repeated(
    connection: &Connection,
    mchid: &str,
    object: &ObjectId,
    (intention, outcome_object): (&Intention, &ObjectId),
    once: &Once,
) -> Result<Option<i64>, LedgerError> {
    // A creation has another number each time.
    let number = (!intention.action().action().is_creation()).then(|| object.number.as_str());
    let mut statement = connection.prepare_cached(
        "SELECT intent.number, entry,
             (SELECT s.entry FROM journal s WHERE s.of = journal.id ORDER BY s.id DESC LIMIT 1)
         FROM journal LEFT JOIN intent ON intent.record = journal.id
         WHERE kind = ?1 AND (?2 IS NULL OR journal.number = ?2) AND of IS NULL AND entry ->> 'mchid' = ?3
         ORDER BY journal.id DESC",
    )?;
    let mut rows = statement.query(params![object.kind.noun(), number, mchid])?;
    while let Some(row) = rows.next()? {
        let open = OpenIntent::read(row.get(0)?, &row.get::<_, String>(1)?, &[]);
        let last: Option<String> = row.get(2)?;
        let last = last.map(|text| RecordedConclusion::parse(&text));
        let ending = last.as_ref().map(|last| last.ending);
        let may_be_done = !ending.is_some_and(Ending::permits_repeat);
        let same = open.intent.intention().filter(|(earlier, _)| earlier == intention && may_be_done);
        let Some((_, under)) = same else { continue };
        let when = last.and_then(|last| last.at).unwrap_or(open.at).max(open.at);
        let bars = match once.again {
            // Under the same number it is the same request, whatever `once` permits.
            _ if under == *outcome_object => true,
            _ if ending.is_some_and(Ending::is_final) && when < once.since => false,
            Repetition::No => true,
            Repetition::AfterEntry(shown) => open.id > shown,
            Repetition::Yes => false,
        };
        if bars {
            return Ok(Some(open.id));
        }
    }
    Ok(None)
}

/// The latest record about a merchant's object, 0 if there is none.
fn latest_on(connection: &Connection, mchid: &str, object: &ObjectId) -> Result<i64, LedgerError> {
    let mut statement = connection.prepare_cached(
        "SELECT ifnull(max(max(journal.id, ifnull((SELECT max(s.id) FROM journal s WHERE s.of = journal.id), 0))), 0)
         FROM journal
         WHERE kind = ?1 AND number = ?2 AND of IS NULL AND entry ->> 'mchid' = ?3",
    )?;
    Ok(statement.query_row([object.kind.noun(), object.number.as_str(), mchid], |row| row.get(0))?)
}

fn entry(connection: &Connection, number: i64, record: i64) -> Result<Option<JournalEntry>, LedgerError> {
    let mut statement =
        connection.prepare_cached("SELECT hash, entry FROM journal WHERE id = ?1 OR of = ?1 ORDER BY id")?;
    // A damaged entry is read as far as possible: it does not hide the others.
    let text = |row: &Row<'_>, at: usize| -> rusqlite::Result<String> {
        Ok(String::from_utf8_lossy(row.get_ref(at)?.as_bytes().unwrap_or_default()).into_owned())
    };
    let rows = statement.query_map([record], |row| Ok((text(row, 0)?, text(row, 1)?)))?;
    let (hashes, texts): (Vec<String>, Vec<String>) = rows.collect::<Result<Vec<_>, _>>()?.into_iter().unzip();
    Ok(hashes.into_iter().next().and_then(|hash| JournalEntry::read(number, hash, texts)))
}

#[cfg(test)]
mod tests;
