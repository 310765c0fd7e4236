//! The result of checking the ledger.

use super::Broken;

/// Something in the ledger is not what was written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Flaw {
    #[error(transparent)]
    Journal(#[from] Broken),
    /// In SQLite's words.
    #[error("{0}")]
    File(String),
}

/// What a check of everything came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// What SQLite finds wrong with the file.
    pub file: Vec<String>,
    /// How many entries the journal has, or what is wrong with it.
    pub journal: Result<i64, Flaw>,
    /// How many sums were wrong, and were counted again.
    pub recounted: usize,
}

impl Checkup {
    /// Whether everything is as it was written.
    pub fn is_sound(&self) -> bool {
        self.file.is_empty() && self.journal.is_ok()
    }

    /// The first thing that is wrong.
    pub fn flaw(&self) -> Option<Flaw> {
        let file = self.file.first().cloned().map(Flaw::File);
        file.or_else(|| self.journal.as_ref().err().cloned())
    }
}
