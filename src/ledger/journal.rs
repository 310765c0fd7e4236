//! The journal: what was to be sent, committed before it leaves, and what became of it. Entries are only ever added,
//! and each carries the hash of the one before it, so that a changed, removed or reordered entry shows.
//!
//! An entry is one JSON text. Its hash is SHA-256 over exactly these bytes, in lower-case hexadecimal; its member
//! `prev` is the hash of the entry before it, 64 zeros for the first; its member `id` counts from 1 without gaps.
//! `paydeck journal export` writes one `{"hash":…,"entry":"…"}` a line, where `entry` is that text: whoever wants to
//! verify a journal without Paydeck hashes each `entry` and follows `prev`.

use rusqlite::{Connection, OptionalExtension, Row, Transaction, TransactionBehavior, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{Ledger, LedgerError};
use crate::model::time::rfc3339_millis;
use crate::model::{Document, Kind, Method, Number, ObjectId};

/// The hash before the first entry.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who is about to do what.
#[derive(Clone, Debug)]
pub struct Intent {
    pub at: OffsetDateTime,
    pub operator: String,
    pub profile: String,
    pub mchid: String,
    /// The catalogue's name, or `api` for a raw request.
    pub action: String,
    /// The object, by whose number the request is idempotent; none for a raw request.
    pub object: Option<ObjectId>,
    pub method: Method,
    pub target: String,
    /// The exact body.
    pub body: String,
    /// The object's state when it was confirmed, and its document as far as the ledger has it.
    pub state: String,
    pub before: Option<String>,
}

/// How an intent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Done,
    Refused,
    /// Nobody knows yet: another settlement is to follow.
    Unknown,
    /// Nobody will ever know: the action leaves no trace that a query shows.
    Untold,
}

impl Ending {
    /// The word for it: the contract's three outcomes.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown | Self::Untold => "unknown",
        }
    }

    /// False while another settlement is to follow.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub ending: Ending,
    pub request_id: Option<String>,
    /// The verified reply.
    pub reply: Option<String>,
    pub error: Option<String>,
}

/// An intent whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub id: i64,
    pub at: OffsetDateTime,
    pub action: String,
    pub object: Option<ObjectId>,
    pub body: String,
    /// The process that wrote it.
    pub owner: String,
    /// True if a settlement already says that it is unknown: nobody is sending it any more.
    pub told_unknown: bool,
}

/// An intent with the latest of its settlements.
#[derive(Clone, Debug)]
pub struct JournalEntry {
    pub id: i64,
    pub intent: Value,
    pub settlements: Vec<Value>,
}

/// Why an intent was not written.
#[derive(Debug, thiserror::Error)]
pub enum IntendError {
    /// Another intent on the same object has not ended; its number.
    #[error("journal entry {0} on the same object has not ended")]
    Busy(i64),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The first thing that is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("entry {0} is missing")]
    Missing(i64),
    #[error("entry {0} was changed: its hash does not fit its text")]
    Changed(i64),
    #[error("entry {0} does not follow the one before it")]
    Order(i64),
    #[error("the index of entry {0} does not fit its text")]
    Index(i64),
}

impl Ledger {
    /// Commits an intent to the disk and gives its number. Nothing may be sent before this returns. Of one object
    /// only one intent may be open, across all processes on this ledger.
    pub fn intend(&self, intent: &Intent) -> Result<i64, IntendError> {
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let Intent { operator, profile, mchid, action, target, body, state, before, .. } = intent;
        let (kind, number) = match &intent.object {
            Some(object) => (object.kind.noun(), object.number.as_str()),
            None => ("", ""),
        };
        if let Some(busy) = open_on(&transaction, profile, kind, number)? {
            return Err(IntendError::Busy(busy));
        }
        let entry = json!({
            "at": rfc3339_millis(intent.at), "entry": "intent", "owner": self.owner.name(), "operator": operator,
            "profile": profile, "mchid": mchid, "action": action, "kind": kind, "number": number,
            "method": intent.method.as_str(), "target": target, "body": body, "state": state, "before": before,
        });
        let id = append(&transaction, entry)?;
        transaction.commit().map_err(LedgerError::from)?;
        Ok(id)
    }

    /// Adds what became of an intent.
    pub fn settle(&self, intent: i64, at: OffsetDateTime, settlement: &Settlement) -> Result<(), LedgerError> {
        let Settlement { ending, request_id, reply, error } = settlement;
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        let ended = "SELECT EXISTS (SELECT 1 FROM journal WHERE of = ?1 AND final)";
        if transaction.prepare_cached(ended)?.query_row([intent], |row| row.get(0))? {
            // Another process asked at the same time and wrote it down: an intent ends once.
            return Ok(());
        }
        append(
            &transaction,
            json!({
                "at": rfc3339_millis(at), "entry": "settlement", "of": intent, "outcome": ending.outcome(),
                "final": ending.is_final(), "request_id": request_id, "reply": reply, "error": error,
            }),
        )?;
        Ok(transaction.commit()?)
    }

    /// The latest outcome of an intent; `None` while it is under way.
    pub fn outcome(&self, intent: i64) -> Result<Option<String>, LedgerError> {
        let connection = self.journal();
        let mut statement = connection
            .prepare_cached("SELECT entry ->> 'outcome' FROM journal WHERE of = ?1 ORDER BY id DESC LIMIT 1")?;
        Ok(statement.query_row([intent], |row| row.get(0)).optional()?)
    }

    /// The intents of a profile that have not ended, oldest first.
    pub fn open_intents(&self, profile: &str) -> Result<Vec<Open>, LedgerError> {
        let connection = self.journal();
        let mut statement = connection.prepare_cached(
            "SELECT id, entry, EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id) FROM journal
             WHERE profile = ?1 AND of IS NULL AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
             ORDER BY id",
        )?;
        let rows = statement.query_map([profile], open)?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?)
    }

    /// The latest intents with their settlements, newest first; of one profile, or of all.
    pub fn journal_entries(&self, profile: Option<&str>, limit: usize) -> Result<Vec<JournalEntry>, LedgerError> {
        let connection = self.journal();
        let mut statement = connection.prepare_cached(
            "SELECT id FROM journal WHERE of IS NULL AND (?1 IS NULL OR profile = ?1) ORDER BY id DESC LIMIT ?2",
        )?;
        let ids = statement.query_map(params![profile, i64::try_from(limit).unwrap_or(i64::MAX)], |row| row.get(0))?;
        let ids: Vec<i64> = ids.collect::<Result<_, _>>()?;
        ids.into_iter().filter_map(|id| journal_entry(&connection, id).transpose()).collect()
    }

    /// One intent with its settlements.
    pub fn journal_entry(&self, id: i64) -> Result<Option<JournalEntry>, LedgerError> {
        journal_entry(&self.journal(), id)
    }

    /// Hands every entry, oldest first, with its hash. Stops at the first error of the receiver.
    pub fn export_journal<E: From<LedgerError>>(
        &self,
        mut each: impl FnMut(&str, &str) -> Result<(), E>,
    ) -> Result<(), E> {
        let connection = self.journal();
        let sqlite = |error| E::from(self.named(LedgerError::from(error)));
        let mut statement = connection.prepare("SELECT hash, entry FROM journal ORDER BY id").map_err(sqlite)?;
        let mut rows = statement.query([]).map_err(sqlite)?;
        while let Some(row) = rows.next().map_err(sqlite)? {
            let (hash, entry): (String, String) = (row.get(0).map_err(sqlite)?, row.get(1).map_err(sqlite)?);
            each(&hash, &entry)?;
        }
        Ok(())
    }

    /// Checks the whole chain. Returns how many entries there are, or the first thing that is wrong.
    pub fn verify_journal(&self) -> Result<Result<i64, Broken>, LedgerError> {
        let mut connection = self.journal();
        // One transaction: what another process appends meanwhile would look as if it were missing.
        let snapshot = connection.transaction()?;
        let mut statement =
            snapshot.prepare("SELECT id, hash, entry, profile, kind, number, of, final FROM journal ORDER BY id")?;
        let mut rows = statement.query([])?;
        let (mut expected, mut prev) = (1, GENESIS.to_owned());
        while let Some(row) = rows.next()? {
            let (id, hash, text): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let entry: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
            let broken = match () {
                () if id != expected => Some(Broken::Missing(expected)),
                () if sha256_hex(&text) != hash => Some(Broken::Changed(id)),
                () if entry["id"] != id || entry["prev"] != prev.as_str() => Some(Broken::Order(id)),
                () if Index::of(&entry) != Index::read(row)? => Some(Broken::Index(id)),
                () => None,
            };
            if let Some(broken) = broken {
                return Ok(Err(broken));
            }
            (expected, prev) = (expected + 1, hash);
        }
        // SQLite remembers the highest number ever given: entries removed from the end leave a gap, too.
        let last: Option<i64> = snapshot
            .query_row("SELECT seq FROM sqlite_sequence WHERE name = 'journal'", [], |row| row.get(0))
            .optional()?;
        Ok(if last.unwrap_or(0) >= expected { Err(Broken::Missing(expected)) } else { Ok(expected - 1) })
    }
}

fn immediate(connection: &mut Connection) -> Result<Transaction<'_>, LedgerError> {
    // Immediate: the last hash is read and the next entry written with nobody in between.
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// The columns beside an entry by which it is found.
#[derive(PartialEq)]
struct Index {
    profile: Option<String>,
    kind: Option<String>,
    number: Option<String>,
    of: Option<i64>,
    is_final: Option<bool>,
}

impl Index {
    fn of(entry: &Value) -> Self {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        Self {
            profile: text("profile"),
            kind: text("kind"),
            number: text("number"),
            of: entry["of"].as_i64(),
            is_final: entry["final"].as_bool(),
        }
    }

    fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            profile: row.get("profile")?,
            kind: row.get("kind")?,
            number: row.get("number")?,
            of: row.get("of")?,
            is_final: row.get("final")?,
        })
    }
}

/// Adds an entry to the chain and gives its number.
fn append(transaction: &Transaction<'_>, mut entry: Value) -> Result<i64, LedgerError> {
    let last = transaction
        .prepare_cached("SELECT id, hash FROM journal ORDER BY id DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    let (last, prev) = last.unwrap_or((0, GENESIS.to_owned()));
    let id = last + 1;
    entry["id"] = id.into();
    entry["prev"] = prev.into();
    let index = Index::of(&entry);
    let text = entry.to_string();
    transaction
        .prepare_cached(
            "INSERT INTO journal (id, hash, entry, profile, kind, number, of, final)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        )?
        .execute(params![
            id,
            sha256_hex(&text),
            text,
            index.profile,
            index.kind,
            index.number,
            index.of,
            index.is_final
        ])?;
    Ok(id)
}

/// The open intent on an object, if there is one. Raw requests name no object and block none.
fn open_on(transaction: &Transaction<'_>, profile: &str, kind: &str, number: &str) -> Result<Option<i64>, LedgerError> {
    if number.is_empty() {
        return Ok(None);
    }
    let mut statement = transaction.prepare_cached(
        "SELECT id FROM journal
         WHERE profile = ?1 AND kind = ?2 AND number = ?3 AND of IS NULL
           AND NOT EXISTS (SELECT 1 FROM journal s WHERE s.of = journal.id AND s.final)
         LIMIT 1",
    )?;
    Ok(statement.query_row([profile, kind, number], |row| row.get(0)).optional()?)
}

fn open(row: &Row<'_>) -> rusqlite::Result<Open> {
    let text: String = row.get(1)?;
    let value: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
    let doc = Document::new(&value);
    let part = |name: &str| doc.text(name).unwrap_or_default();
    let object = Kind::from_noun(&part("kind")).zip(Number::parse(&part("number")).ok());
    Ok(Open {
        id: row.get(0)?,
        at: doc.time("at").unwrap_or(OffsetDateTime::UNIX_EPOCH),
        action: part("action"),
        object: object.map(|(kind, number)| ObjectId::new(kind, number)),
        body: part("body"),
        owner: part("owner"),
        told_unknown: row.get(2)?,
    })
}

fn journal_entry(connection: &Connection, id: i64) -> Result<Option<JournalEntry>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT entry FROM journal WHERE id = ?1 OR of = ?1 ORDER BY id")?;
    let texts = statement.query_map([id], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    let mut entries = texts.iter().map(|text| serde_json::from_str(text).unwrap_or(Value::Null));
    // A settlement's own number names no intent.
    let intent = entries.next().filter(|entry| entry["entry"] == "intent");
    Ok(intent.map(|intent| JournalEntry { id, intent, settlements: entries.collect() }))
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Store;

    fn ledger(folder: &tempfile::TempDir) -> Ledger {
        Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap()
    }

    fn intent(number: &str) -> Intent {
        Intent {
            at: OffsetDateTime::now_utc(),
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
        }
    }

    fn settlement(ending: Ending) -> Settlement {
        Settlement { ending, request_id: None, reply: None, error: None }
    }

    fn filled(folder: &tempfile::TempDir) -> Ledger {
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
