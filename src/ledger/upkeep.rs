//! The result of checking the ledger.

use super::Flaw;

/// The result of checking everything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// SQLite's findings about the file.
    pub file: Vec<String>,
    /// The number of entries in the journal, or its first error.
    pub journal: Result<i64, Flaw>,
    /// The number of wrong sums, which were recounted.
    pub recounted: usize,
}

impl Checkup {
    /// Whether everything is sound.
    pub(crate) fn is_sound(&self) -> bool {
        self.file.is_empty() && self.journal.is_ok()
    }

    /// The first error.
    pub fn flaw(&self) -> Option<Flaw> {
        let file = self.file.first().cloned().map(Flaw::File);
        file.or_else(|| self.journal.as_ref().err().cloned())
    }
}
