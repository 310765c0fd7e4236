//! The ledger: a local store of every object Paydeck has seen, because WeChat Pay has no list of most of them, and
//! the journal of every action it sent, because a timeout does not say whether money moved.

mod error;
mod journal;
mod known;
mod objects;
mod owner;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, ErrorCode};

pub use error::LedgerError;
pub use journal::{Broken, Ending, IntendError, Intent, JournalEntry, Open, Settlement};
pub use known::{Fresh, Known, Source};

/// Where a ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite(PathBuf),
}

impl Store {
    /// Reads `sqlite:PATH`; a relative path is relative to `folder`.
    pub fn parse(text: &str, folder: &Path) -> Option<Self> {
        let path = text.strip_prefix("sqlite:").filter(|path| !path.is_empty())?;
        Some(Self::Sqlite(folder.join(path)))
    }
}

/// How long another process's commit is waited for. A console and a command may share the file; a commit takes
/// milliseconds.
const BUSY: Duration = Duration::from_secs(5);

/// The version of the schema, kept in SQLite's `user_version`.
const VERSION: i64 = 1;

/// Append one step for every later version; a step is never edited once released.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE object (
        profile     TEXT NOT NULL,
        kind        TEXT NOT NULL,
        number      TEXT NOT NULL,
        document    TEXT,             -- as verified; NULL until it is first fetched
        state       TEXT,
        source      TEXT,
        verified_at INTEGER,          -- Unix milliseconds
        platform_number TEXT,         -- WeChat Pay's own number, as the document has it
        PRIMARY KEY (profile, kind, number)
    );
    CREATE INDEX object_platform_number ON object (profile, platform_number) WHERE platform_number IS NOT NULL;
    -- Entries of the journal are only ever inserted; see `ledger/journal.rs` for the chain. The columns behind the
    -- entry repeat what it says, to find it by. AUTOINCREMENT: the highest number ever given is remembered.
    CREATE TABLE journal (
        id      INTEGER PRIMARY KEY AUTOINCREMENT,
        hash    TEXT NOT NULL,
        entry   TEXT NOT NULL,
        profile TEXT,
        kind    TEXT,
        number  TEXT,
        of      INTEGER REFERENCES journal (id),
        final   INTEGER
    );
    CREATE INDEX journal_of ON journal (of);
    CREATE INDEX journal_object ON journal (profile, kind, number) WHERE of IS NULL;
    CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
    CREATE TRIGGER journal_is_not_cut BEFORE DELETE ON journal BEGIN SELECT RAISE (ABORT, 'the journal is append-only'); END;
"];

/// The ledger. Cheap to clone. Its calls block; from asynchronous code go through [`Ledger::run`].
#[derive(Clone)]
pub struct Ledger {
    /// Commits without waiting for the disk: what is lost can be fetched again.
    objects: Arc<Mutex<Connection>>,
    /// Every commit is on the disk before it returns: an intent must survive whatever follows.
    journal: Arc<Mutex<Connection>>,
    /// This process, for as long as it has the ledger open.
    owner: Arc<owner::Owner>,
    path: Arc<Path>,
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger(…)")
    }
}

impl Ledger {
    /// Opens the ledger, making it if there is none.
    pub fn open(store: &Store) -> Result<Self, LedgerError> {
        let Store::Sqlite(path) = store;
        if let Some(folder) = path.parent() {
            make_private_folder(folder).map_err(|source| LedgerError::Folder { path: folder.to_owned(), source })?;
        }
        make_private_file(path).map_err(|source| LedgerError::Folder { path: path.clone(), source })?;
        let objects = connect(path, "NORMAL")?;
        let journal = connect(path, "FULL")?;
        let owner =
            owner::Owner::register(path).map_err(|source| LedgerError::Folder { path: path.clone(), source })?;
        Ok(Self {
            objects: Arc::new(Mutex::new(objects)),
            journal: Arc::new(Mutex::new(journal)),
            owner: Arc::new(owner),
            path: path.as_path().into(),
        })
    }

    /// Whether whoever wrote an intent may still be sending it: another process that lives, or another part of this
    /// one.
    pub fn is_under_way(&self, open: &Open) -> bool {
        !open.told_unknown && owner::is_alive(&self.path, &open.owner)
    }

    /// Runs a call on a thread where blocking is allowed.
    pub async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Self) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let ledger = self.clone();
        let result = tokio::task::spawn_blocking(move || call(&ledger)).await.map_err(|_| LedgerError::Thread)?;
        result.map_err(|error| self.named(error))
    }

    /// An error of a call made without [`Ledger::run`], with the ledger named.
    pub fn named(&self, error: LedgerError) -> LedgerError {
        error.of(&self.path)
    }

    fn objects(&self) -> MutexGuard<'_, Connection> {
        self.objects.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn journal(&self) -> MutexGuard<'_, Connection> {
        self.journal.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The ledger names customers and amounts: its folder is the operator's alone.
fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// In a folder that others may read, too.
fn make_private_file(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Connects, waiting for whoever is opening the same file at this moment: SQLite does not wait by itself while the
/// journal mode of a new file changes.
fn connect(path: &Path, synchronous: &str) -> Result<Connection, LedgerError> {
    let patience = Instant::now() + BUSY;
    loop {
        match try_connect(path, synchronous) {
            Err(error) if error.is_busy() && Instant::now() < patience => {
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
    // WAL: readers never wait for the writer, and a kill at any instant leaves whole commits.
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", synchronous)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    // A ledger as it should be is opened without writing: it is readable while the disk is full.
    if found < VERSION {
        migrate(&mut connection, path)?;
    }
    Ok(connection)
}

/// Tells the version of a file before anything is written to it, and refuses what is somebody else's database.
fn inspect(connection: &Connection, path: &Path) -> Result<i64, LedgerError> {
    let found: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    let is_empty: bool =
        connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM sqlite_schema)", [], |row| row.get(0))?;
    if found > 0 || !is_empty {
        let journal = connection.prepare("SELECT id, hash, entry FROM journal");
        journal.map_err(|source| match source.sqlite_error_code() {
            // No such table, no such column.
            None | Some(ErrorCode::Unknown) => LedgerError::NotALedger { path: path.to_owned(), source },
            _ => source.into(),
        })?;
    }
    Ok(found)
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), LedgerError> {
    // Immediate: of two processes that find an old ledger, one migrates and the other finds it done.
    let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let found: i64 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if found > VERSION {
        return Err(LedgerError::Newer { path: path.to_owned(), found, known: VERSION });
    }
    for step in &MIGRATIONS[usize::try_from(found).unwrap_or_default()..] {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ledger_of_a_newer_version_is_refused_and_left_alone() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ledger.db");
        Connection::open(&path).unwrap().pragma_update(None, "user_version", 99).unwrap();
        let error = Ledger::open(&Store::Sqlite(path.clone())).unwrap_err();
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
        let refused = Ledger::open(&Store::Sqlite(path.clone())).unwrap_err();
        assert!(matches!(refused, LedgerError::NotALedger { .. }), "{refused}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }

    #[test]
    fn many_may_open_a_new_ledger_at_once() {
        for _ in 0..20 {
            let folder = tempfile::tempdir().unwrap();
            let store = Store::Sqlite(folder.path().join("deep/er/ledger.db"));
            let start = std::sync::Barrier::new(8);
            std::thread::scope(|scope| {
                for _ in 0..8 {
                    scope.spawn(|| {
                        start.wait();
                        Ledger::open(&store).unwrap();
                    });
                }
            });
        }
    }
}
