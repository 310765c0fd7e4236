//! What can go wrong with the ledger.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{path} cannot be created")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the ledger {path} was written by a newer Paydeck (version {found}; this one supports {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// Found when it was opened; nothing was written to it.
    #[error("{path} is not a ledger, or it is damaged")]
    NotALedger { path: PathBuf, source: rusqlite::Error },
    /// Found while it was in use.
    #[error("the ledger is damaged")]
    Damaged(#[source] rusqlite::Error),
    /// A copy could not be written.
    #[error("{path} cannot be written")]
    Copy { path: PathBuf, source: std::io::Error },
    /// Found by a check: nothing is sent on the strength of it.
    #[error("the ledger is damaged: {0}")]
    Unsound(super::Flaw),
    /// Somebody else is writing all the time.
    #[error("the ledger is busy")]
    Busy,
    #[error("there is no space left for the ledger")]
    Full(#[source] rusqlite::Error),
    /// The system refused: a quota, a limit on the size of files, a failing disk.
    #[error("the ledger's file cannot be read or written")]
    Disk(#[source] rusqlite::Error),
    #[error("the ledger's database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// A query that nobody waits for any more was called off.
    #[error("the query was cancelled")]
    Stopped,
    /// The thread that wrote was lost; only at shutdown or after a panic.
    #[error("the ledger's thread ended")]
    Thread,
    /// One of the others, with the ledger named.
    #[error("{path}: {source}{}", cause(source))]
    In { path: PathBuf, source: Box<LedgerError> },
}

/// SQLite's own words, for a log.
fn cause(error: &LedgerError) -> String {
    std::error::Error::source(error).map(|source| format!(": {source}")).unwrap_or_default()
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::DiskFull) => Self::Full(error),
            Some(ErrorCode::SystemIoFailure) => Self::Disk(error),
            _ => Self::Sqlite(error),
        }
    }
}

impl LedgerError {
    /// The ledger it is about, as far as that is known here, and what happened to it.
    pub fn parts(&self) -> (Option<&Path>, &Self) {
        match self {
            Self::In { path, source } => (Some(path), source),
            Self::Folder { path, .. }
            | Self::Copy { path, .. }
            | Self::Newer { path, .. }
            | Self::NotALedger { path, .. } => (Some(path), self),
            other => (None, other),
        }
    }

    /// Whether a check found it damaged, so that nothing is sent.
    pub fn is_unsound(&self) -> bool {
        matches!(self.parts().1, Self::Unsound(_))
    }

    /// Whether another process kept the ledger locked.
    pub fn is_busy(&self) -> bool {
        matches!(self, Self::Busy)
            || self
                .sqlite_code()
                .is_some_and(|code| matches!(code, ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
    }

    /// Whether the file or its folder is not ours to write.
    pub fn is_forbidden(&self) -> bool {
        use ErrorCode::{CannotOpen, PermissionDenied, ReadOnly};
        self.sqlite_code().is_some_and(|code| matches!(code, CannotOpen | PermissionDenied | ReadOnly))
    }

    /// Whether it is about the whole ledger: locked, not ours to write, damaged, or its disk. What is left may be about what
    /// was written.
    pub fn is_lasting(&self) -> bool {
        let (_, error) = self.parts();
        !matches!(error, Self::Sqlite(_)) || error.is_busy() || error.is_forbidden()
    }

    fn sqlite_code(&self) -> Option<ErrorCode> {
        match self {
            Self::Sqlite(error) => error.sqlite_error_code(),
            _ => None,
        }
    }

    /// The same, of a ledger that is being opened: there the file can be named.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Damaged(source) => Self::NotALedger { path: path.to_owned(), source },
            other => other.of(path),
        }
    }

    /// The same, with the ledger named.
    pub(super) fn of(self, path: &Path) -> Self {
        match self {
            Self::Damaged(_) | Self::Unsound(_) | Self::Busy | Self::Full(_) | Self::Disk(_) | Self::Sqlite(_) => {
                Self::In { path: path.to_owned(), source: Box::new(self) }
            }
            other => other,
        }
    }
}
