//! What can go wrong with the ledger.

use std::error::Error;
use std::path::{Path, PathBuf};

/// What the engine reports, in its own words.
pub type Cause = Box<dyn Error + Send + Sync>;

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("{path} cannot be created")]
    Folder { path: PathBuf, source: std::io::Error },
    #[error("the ledger {path} was written by a newer Paydeck (version {found}; this one supports {known})")]
    Newer { path: PathBuf, found: i64, known: i64 },
    /// Found when it was opened; nothing was written to it.
    #[error("{path} is not a ledger, or it is damaged")]
    NotALedger { path: PathBuf, source: Cause },
    /// Found while it was in use.
    #[error("the ledger is damaged")]
    Damaged(#[source] Cause),
    /// A copy could not be written.
    #[error("{path} cannot be written")]
    Copy { path: PathBuf, source: std::io::Error },
    /// Found by a check: nothing is sent on the strength of it.
    #[error("the ledger is damaged: {0}")]
    Unsound(super::Flaw),
    /// Another process keeps the ledger locked.
    #[error("the ledger is busy")]
    Busy,
    /// The file, its folder or the account does not permit it.
    #[error("access to the ledger is denied")]
    Forbidden(#[source] Cause),
    #[error("there is no space left for the ledger")]
    Full(#[source] Cause),
    /// The system refused: a quota, a limit on the size of files, a failing disk.
    #[error("the ledger's file cannot be read or written")]
    Disk(#[source] Cause),
    /// Anything else that the engine reports. It may be about what was written, and not about the whole ledger.
    #[error("the ledger's database failed")]
    Backend(#[source] Cause),
    /// The query was cancelled by its [`super::Stop`].
    #[error("the query was cancelled")]
    Stopped,
    /// The thread that wrote was lost; only at shutdown or after a panic.
    #[error("the ledger's thread ended")]
    Thread,
    /// One of the others, with the ledger named.
    #[error("{path}: {source}{}", cause(source))]
    In { path: PathBuf, source: Box<LedgerError> },
}

/// The engine's own words, for a log.
fn cause(error: &LedgerError) -> String {
    error.source().map(|source| format!(": {source}")).unwrap_or_default()
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

    /// Whether it is about the whole ledger: locked, not ours to write, damaged, or its disk.
    pub fn is_lasting(&self) -> bool {
        !matches!(self.parts().1, Self::Backend(_))
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
