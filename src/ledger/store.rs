//! Where a ledger is kept, as configured, and the engine that opens it. Adding an engine changes only this file and the
//! engine's own folder.

use std::path::{Path, PathBuf};

use super::LedgerError;
use super::engine::Engine;
use super::sqlite::Sqlite;

/// Where a ledger is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Store {
    Sqlite(PathBuf),
}

impl Store {
    /// The syntax of a store, for messages.
    pub(crate) const EXPECTED: &str = "\"sqlite:ledger.db\"";

    /// Reads `sqlite:PATH`. `resolve` makes a path absolute.
    pub fn parse(text: &str, resolve: impl Fn(&Path) -> PathBuf) -> Option<Self> {
        let path = text.strip_prefix("sqlite:").filter(|path| !path.is_empty())?;
        Some(Self::Sqlite(resolve(Path::new(path))))
    }

    /// Opens the ledger, creating it if there is none.
    pub(super) fn open(&self) -> Result<Box<dyn Engine>, LedgerError> {
        match self {
            Self::Sqlite(path) => Ok(Box::new(Sqlite::open(path)?)),
        }
    }

    /// The ledger's name in messages.
    pub(super) fn name(&self) -> &Path {
        match self {
            Self::Sqlite(path) => path,
        }
    }

    /// The folder for other files of the merchants whose ledger this is.
    pub(crate) fn folder(&self) -> &Path {
        match self {
            Self::Sqlite(path) => {
                path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
            }
        }
    }
}
