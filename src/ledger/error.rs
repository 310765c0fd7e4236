//! What can go wrong with the ledger.

use std::path::{Path, PathBuf};

use rusqlite::ErrorCode;

use super::sqlite::VERSION;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{path} cannot be made")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the ledger {path} was written by a newer Paydeck (version {found}, this one knows {VERSION})")]
    Newer { path: PathBuf, found: i64 },
    /// Found when it was opened; nothing was written to it.
    #[error("{path} is no ledger, or it is damaged")]
    NotALedger { path: PathBuf, source: rusqlite::Error },
    /// Found while it was in use.
    #[error("the ledger is damaged")]
    Damaged(#[source] rusqlite::Error),
    #[error("there is no space left for the ledger")]
    Full(#[source] rusqlite::Error),
    #[error("the ledger's database failed")]
    Sqlite(#[source] rusqlite::Error),
    /// A query that nobody waits for any more was called off.
    #[error("the query was called off")]
    Stopped,
    /// The thread that wrote was lost; only at shutdown or after a panic.
    #[error("the ledger's thread ended")]
    Thread,
}

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Damaged(error),
            Some(ErrorCode::DiskFull) => Self::Full(error),
            _ => Self::Sqlite(error),
        }
    }
}

impl LedgerError {
    /// The same, of a ledger that is being opened: there the file can be named.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Damaged(source) => Self::NotALedger { path: path.to_owned(), source },
            other => other,
        }
    }
}
