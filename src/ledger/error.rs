//! What can go wrong with the ledger.

use std::error::Error;
use std::path::{Path, PathBuf};

/// The engine's own error.
pub(super) type BoxedError = Box<dyn Error + Send + Sync>;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{path} cannot be created")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the ledger {path} was written by a newer Paydeck (version {found}; this one supports {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// Found when it was opened; nothing was written to it.
    #[error("{path} is not a ledger, or it is damaged")]
    NotALedger { path: PathBuf, source: BoxedError },
    /// Found while it was in use.
    #[error("the ledger is damaged")]
    Damaged(#[source] BoxedError),
    /// A copy could not be written.
    #[error("{path} cannot be written")]
    Copy { path: PathBuf, source: std::io::Error },
    /// Found by a check: nothing is sent while this holds.
    #[error("the ledger is damaged: {0}")]
    Unsound(Flaw),
    /// Another process keeps the ledger locked.
    #[error("the ledger is busy")]
    Busy,
    /// The file, its folder or the account does not permit it.
    #[error("access to the ledger is denied")]
    Forbidden(#[source] BoxedError),
    #[error("there is no space left for the ledger")]
    Full(#[source] BoxedError),
    /// The system refused: a quota, a limit on the size of files, a failing disk.
    #[error("the ledger's file cannot be read or written")]
    Disk(#[source] BoxedError),
    /// Any other error of the engine. It may be about the written data and not about the ledger as a whole.
    #[error("the ledger's database failed")]
    Backend(#[source] BoxedError),
    /// The query was cancelled by its [`super::Stop`].
    #[error("the query was cancelled")]
    Stopped,
    /// The writing thread ended; only at shutdown or after a panic.
    #[error("the ledger's thread ended")]
    Thread,
    /// Another of these errors, with the ledger's name.
    #[error("{path}: {source}{}", cause(source))]
    In { path: PathBuf, source: Box<LedgerError> },
}

/// The engine's own message, for a log.
fn cause(error: &LedgerError) -> String {
    error.source().map(|source| format!(": {source}")).unwrap_or_default()
}

impl LedgerError {
    /// The ledger's name, as far as it is known here, and the error itself.
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

    /// Whether a check found damage, so that nothing is sent.
    pub(crate) fn is_unsound(&self) -> bool {
        matches!(self.parts().1, Self::Unsound(_))
    }

    /// Whether it concerns the whole ledger: locked, not writable, damaged, or a disk error.
    pub(crate) fn is_lasting(&self) -> bool {
        !matches!(self.parts().1, Self::Backend(_))
    }

    /// The same error for a ledger that is being opened, where the file can be named.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Damaged(source) => Self::NotALedger { path: path.to_owned(), source },
            other => other.of(path),
        }
    }

    /// The same error with the ledger's name.
    pub(super) fn of(self, path: &Path) -> Self {
        match self {
            Self::Damaged(_)
            | Self::Unsound(_)
            | Self::Busy
            | Self::Forbidden(_)
            | Self::Full(_)
            | Self::Disk(_)
            | Self::Backend(_) => Self::In { path: path.to_owned(), source: Box::new(self) },
            Self::Folder { .. }
            | Self::Newer { .. }
            | Self::NotALedger { .. }
            | Self::Copy { .. }
            | Self::Stopped
            | Self::Thread
            | Self::In { .. } => self,
        }
    }
}

/// The ledger is damaged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error(transparent)]
    Journal(#[from] Broken),
    /// A finding of SQLite.
    #[error("{0}")]
    File(String),
}

/// The first error found in a journal, with the id of the record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("record {0} is missing")]
    Missing(i64),
    #[error("record {0} was changed: its hash does not match its text")]
    Changed(i64),
    #[error("record {0} does not follow the one before it")]
    Order(i64),
    #[error("the index of record {0} does not match its text")]
    Index(i64),
    #[error("record {0}, the latest, is not the one recorded as the latest")]
    Head(i64),
    #[error("the entry number of record {0} is missing or wrong")]
    Number(i64),
}
