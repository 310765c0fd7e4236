//! The state of the journal's tab: its table, and the entry whose detail receives the keys.

use std::ops::{Deref, DerefMut};

use crate::console::tabs::log::Log;
use crate::console::widgets::paged::Keyed;
use crate::ledger::JournalEntry;
use crate::services::{JournalFilter, JournalPage, JournalPageRequest};

impl Keyed for JournalEntry {
    type Key = i64;

    fn key(&self) -> i64 {
        self.id
    }

    fn is(&self, key: &i64) -> bool {
        self.id == *key
    }
}

/// The table of the journal.
#[derive(Clone, Debug, Default)]
pub struct JournalState {
    log: Log<JournalEntry, JournalFilter>,
    /// The scroll position of the detail, while it receives the keys.
    pub reading: Option<usize>,
}

impl JournalState {
    /// The entries near the cursor, newest first.
    pub fn entries(&self) -> &[JournalEntry] {
        self.rows()
    }

    /// Shows the entries that pass a filter, starting with the newest.
    pub fn search(&mut self, filter: JournalFilter) {
        self.reading = None;
        self.log.search(filter);
    }

    /// Stores a page of the journal, unless another was requested since.
    pub fn show(&mut self, request: &JournalPageRequest, window: JournalPage) {
        self.log.show(request, window, |entry| entry);
    }
}

impl Deref for JournalState {
    type Target = Log<JournalEntry, JournalFilter>;

    fn deref(&self) -> &Self::Target {
        &self.log
    }
}

impl DerefMut for JournalState {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.log
    }
}
