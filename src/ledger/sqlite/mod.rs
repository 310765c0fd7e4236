//! The embedded ledger: one SQLite file. Objects and the journal are written through one connection each; tables are
//! read through other connections, so that reading never waits for writing.

mod bill_facts;
mod bills;
mod claims;
mod conditions;
mod convert;
mod error;
mod forward;
mod held;
mod inbox;
mod indexes;
mod journal;
mod news;
mod note;
mod objects;
mod pattern;
mod related;
mod tables;
mod tally;
#[cfg(test)]
mod tests;
mod upkeep;
mod watches;
mod words;

use std::collections::HashMap;
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicBool;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior};

use super::{LedgerError, Stop, owner};
use crate::model::Kind;
use crate::model::time::Timestamp;
use crate::private;
use crate::sync::lock;

/// How long to wait for another process's commit. A console and a command may share the file; a commit takes
/// milliseconds.
const BUSY: Duration = Duration::from_secs(5);

/// The version of the schema, kept in SQLite's `user_version`.
const VERSION: i64 = 8;

/// Migrations, one for each version. Never edit a released one; append.
const MIGRATIONS: [&str; 8] = [
    include_str!("001.sql"),
    include_str!("002.sql"),
    include_str!("003.sql"),
    include_str!("004.sql"),
    include_str!("005.sql"),
    include_str!("006.sql"),
    include_str!("007.sql"),
    include_str!("008.sql"),
];

/// SQLite's steps between two checks for cancellation: some tenths of a millisecond.
const STEPS: i32 = 10_000;

/// Statements that a writing connection keeps prepared.
const STATEMENTS: usize = 64;

/// Connections kept for reading. More are opened when needed.
const READERS: usize = 4;

impl super::Engine for Sqlite {}

/// A ledger in a SQLite file.
pub(super) struct Sqlite {
    /// Commits without waiting for the disk: lost objects can be fetched again.
    objects: Mutex<Connection>,
    /// Every commit is on the disk before it returns: an intent must survive a crash at any time.
    journal: Mutex<Connection>,
    readers: Mutex<Vec<Connection>>,
    /// Cached row ids of the table `list`, which never change.
    lists: Mutex<HashMap<(String, Kind), i64>>,
    /// The latest check in this process.
    checked: Mutex<Option<upkeep::Checked>>,
    /// A process ended without closing the ledger, and the file was not checked since.
    unclean: AtomicBool,
    /// This process's lock. Declared after the connections, so that it is dropped after them.
    owner: owner::Owner,
    path: PathBuf,
}

impl Sqlite {
    /// Opens the file, creating it if there is none.
    pub(super) fn open(path: &Path) -> Result<Self, LedgerError> {
        let folder_error = |path: &Path, source| LedgerError::Folder { path: path.to_owned(), source };
        if let Some(folder) = path.parent() {
            private::folder(folder).map_err(|source| folder_error(folder, source))?;
        }
        match private::file().append(true).create_new(true).open(path) {
            // An existing file may be readable without being writable.
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                if path.is_dir() {
                    return Err(folder_error(path, std::io::ErrorKind::IsADirectory.into()));
                }
            }
            Ok(_) => {}
            Err(source) => return Err(folder_error(path, source)),
        }
        // Before opening: a log beside a file that no process has open was left by a process that was killed.
        let owner = owner::Owner::register(path).map_err(|source| folder_error(path, source))?;
        let owner::OtherOwners { alive, dead } = owner::others(path, &owner);
        let unclean = !dead.is_empty() || (!alive && has_log(path));
        let objects = connect(path, "NORMAL")?;
        let journal = connect(path, "FULL")?;
        let ledger = Self {
            objects: Mutex::new(objects),
            journal: Mutex::new(journal),
            readers: Mutex::default(),
            lists: Mutex::default(),
            checked: Mutex::default(),
            unclean: AtomicBool::new(false),
            owner,
            path: path.to_owned(),
        };
        // Their files are removed once this is recorded.
        if unclean && ledger.note_unclean() {
            dead.into_iter().for_each(owner::Dead::remove);
        }
        Ok(ledger)
    }

    fn objects(&self) -> MutexGuard<'_, Connection> {
        lock(&self.objects)
    }

    fn journal(&self) -> MutexGuard<'_, Connection> {
        lock(&self.journal)
    }

    /// A connection for reading. In WAL mode it sees the latest commit and never waits.
    fn reader(&self) -> Result<Reader<'_>, LedgerError> {
        let kept = lock(&self.readers).pop();
        let connection = match kept {
            Some(connection) => connection,
            None => {
                let connection = Connection::open(&self.path)?;
                connection.busy_timeout(BUSY)?;
                // KiB: the inner pages of a million rows' indexes stay cached. No memory mapping: a disk error under a
                // mapping kills the process.
                connection.pragma_update(None, "cache_size", -8192)?;
                connection.pragma_update(None, "query_only", true)?;
                pattern::register(&connection)?;
                conditions::register(&connection)?;
                connection
            }
        };
        Ok(Reader { connection: Some(connection), readers: &self.readers })
    }

    /// A connection whose queries can be cancelled.
    fn stoppable_reader(&self, stop: &Stop) -> Result<Reader<'_>, LedgerError> {
        let mut reader = self.reader()?;
        if let Some(connection) = &mut reader.connection {
            let stop = stop.clone();
            connection.progress_handler(STEPS, Some(move || stop.is_stopped()))?;
        }
        Ok(reader)
    }

    /// The id of a profile's list of a kind, if there is one. Only committed ids are cached: within a transaction use
    /// [`list_or_new`].
    fn list(&self, connection: &Connection, profile: &str, kind: Kind) -> Result<Option<i64>, LedgerError> {
        let mut lists = lock(&self.lists);
        let key = (profile.to_owned(), kind);
        if let Some(list) = lists.get(&key) {
            return Ok(Some(*list));
        }
        let list = find_list(connection, profile, kind)?;
        lists.extend(list.map(|list| (key, list)));
        Ok(list)
    }
}

fn find_list(connection: &Connection, profile: &str, kind: Kind) -> Result<Option<i64>, LedgerError> {
    let mut statement = connection.prepare_cached("SELECT id FROM list WHERE profile = ?1 AND kind = ?2")?;
    Ok(statement.query_row((profile, kind.noun()), |row| row.get(0)).optional()?)
}

/// The id of a profile's list of a kind, created if there is none.
fn list_or_new(transaction: &Transaction<'_>, profile: &str, kind: Kind) -> Result<i64, LedgerError> {
    if let Some(list) = find_list(transaction, profile, kind)? {
        return Ok(list);
    }
    transaction.execute("INSERT INTO list (profile, kind) VALUES (?1, ?2)", (profile, kind.noun()))?;
    Ok(transaction.last_insert_rowid())
}

/// A connection that returns to the pool when dropped.
struct Reader<'a> {
    connection: Option<Connection>,
    readers: &'a Mutex<Vec<Connection>>,
}

impl Deref for Reader<'_> {
    type Target = Connection;

    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("it is there until it is dropped")
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        let Some(mut connection) = self.connection.take() else { return };
        let mut readers = lock(self.readers);
        if readers.len() < READERS && connection.progress_handler(0, None::<fn() -> bool>).is_ok() {
            readers.push(connection);
        }
    }
}

/// A write transaction: what it reads does not change before it commits.
fn immediate(connection: &mut Connection) -> Result<Transaction<'_>, LedgerError> {
    Ok(connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
}

/// Whether the write-ahead log has data that is not yet in the file.
fn has_log(path: &Path) -> bool {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    std::fs::metadata(log).is_ok_and(|log| log.len() > 0)
}

/// Connects, waiting for other processes that are opening the same file: SQLite itself does not wait while the journal
/// mode of a new file changes.
fn connect(path: &Path, synchronous: &str) -> Result<Connection, LedgerError> {
    let patience = Instant::now() + BUSY;
    loop {
        match try_connect(path, synchronous) {
            Err(LedgerError::Busy) if Instant::now() < patience => {
                std::thread::sleep(Duration::from_millis(5));
            }
            connected => return connected.map_err(|error| error.at(path)),
        }
    }
}

fn try_connect(path: &Path, synchronous: &str) -> Result<Connection, LedgerError> {
    let mut connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    let found = inspect(&connection, path)?;
    // WAL: readers never wait for the writer, and a kill at any time leaves only complete commits.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A statement that changes several tables, as the triggers of the sums do, keeps a journal of itself: not in a file.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    // An up-to-date ledger is opened without writing, so that it is readable while the disk is full.
    if found < VERSION {
        migrate(&mut connection, path)?;
    }
    Ok(connection)
}

/// Reads the version of a file before anything is written to it, and rejects another program's database.
fn inspect(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    let is_empty: bool =
        connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if found > 0 || !is_empty {
        let journal = connection.prepare("SELECT id, hash, entry FROM journal");
        journal.map_err(|source| match error::is_of_another_schema(&source) {
            true => LedgerError::NotALedger { path: path.to_owned(), source: source.into() },
            false => source.into(),
        })?;
    }
    Ok(found)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    // Immediate: of two processes that open an old ledger, one migrates it and the other finds it migrated.
    let transaction = immediate(connection)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    for step in &MIGRATIONS[usize::try_from(found).unwrap_or_default()..] {
        transaction.execute_batch(step)?;
    }
    if found == 1 {
        objects::take_over_the_first(&transaction)?;
    }
    transaction.execute_batch("DROP TABLE IF EXISTS object_1")?;
    if found == 0 {
        let now = convert::millis(Timestamp::now_utc());
        transaction.execute("INSERT INTO upkeep VALUES ('checked_at', ?1)", [now])?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    Ok(transaction.commit()?)
}
