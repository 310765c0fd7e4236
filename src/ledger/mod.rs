//! The ledger: a local store of every object Paydeck has seen, because WeChat Pay has no list of most of them, and
//! the journal of every action it sent, because a timeout does not say whether money moved.
//!
//! [`engine`] says what a store must do; [`sqlite`] is the embedded one.

pub mod engine;
mod error;
mod forward;
pub mod inbox;
mod journal;
mod known;
mod news;
mod owner;
mod query;
mod recorded;
mod sqlite;
mod upkeep;
mod watch;

use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::sync::lock;

pub use engine::{Engine, JournalSearch};
pub use error::LedgerError;
pub use forward::{Attempt, AttemptEnd, Forward, Forwarded, Onward};
pub use inbox::{
    Arrival, Claim, Delivery, Disagreement, Dispute, EventRow, InboxPart, InboxSearch, KEPT_OF_REFUSED, Kept, Receipt,
    Refused, Verdict, WholeEvent,
};
pub use journal::{Broken, Closing, Conclusion, Ending, IntendError, Intent, Once};
pub use known::{
    Again, Answers, Digest, Fresh, Known, Listed, Noted, Related, Seen, Source, Version, to_the_millisecond,
};
pub use news::{Mark, News};
pub use query::{Anchor, Group, Query, Sort, SortBy, Stop, Window};
pub use recorded::{JournalEntry, Open, RecordedConclusion, RecordedIntent};
pub use upkeep::{Checkup, Flaw};
pub use watch::{WatchReason, Watched};

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

/// The ledger. Cheap to clone. Its calls are the [`Engine`]'s and block; from asynchronous code go through
/// [`Ledger::run`].
#[derive(Clone)]
pub struct Ledger {
    kept: Arc<OpenStore>,
    /// Where it is kept, for whoever reads of a failure.
    place: Arc<Path>,
}

/// An open store. Dropped with the last [`Ledger`] that holds it: what was written is folded into its file.
struct OpenStore {
    engine: Box<dyn Engine>,
    /// Dropped after it.
    _opened: Opened,
}

/// How many ledgers are open in this process.
static OPEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Counts as an open ledger until it is dropped.
struct Opened;

impl Opened {
    fn count() -> Self {
        *lock(&OPEN.0) += 1;
        Self
    }
}

impl Drop for Opened {
    fn drop(&mut self) {
        let mut open = lock(&OPEN.0);
        *open = open.saturating_sub(1);
        OPEN.1.notify_all();
    }
}

/// Waits until every ledger of this process is closed, for whoever ends the process: tasks that are ending let go of theirs
/// on threads of their own. False if some are open after that time.
pub fn wait_until_closed(patience: Duration) -> bool {
    let open = lock(&OPEN.0);
    let waited = OPEN.1.wait_timeout_while(open, patience, |open| *open > 0).unwrap_or_else(PoisonError::into_inner);
    !waited.1.timed_out()
}

impl Deref for Ledger {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        &*self.kept.engine
    }
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
        let engine = Box::new(sqlite::Sqlite::open(path)?);
        Ok(Self { kept: Arc::new(OpenStore { engine, _opened: Opened::count() }), place: path.as_path().into() })
    }

    /// The file it is kept in. What is being committed goes into one beside it, of the same name and `-wal`.
    pub fn file(&self) -> &Path {
        &self.place
    }

    /// The folder it is kept in: what else Paydeck keeps of its merchants lies beside it.
    pub fn folder(&self) -> &Path {
        self.place.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
        error.of(&self.place)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::Connection;

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
