//! The table of a log, newest first, as in the journal and the inbox. Log entries are only read.

use std::ops::{Deref, DerefMut};

use crate::console::widgets::paged::{Keyed, PageAnchor, Paged, REACH};
use crate::services::{LogAnchor, LogPage, LogPageRequest};

/// The table of a log: its rows are identified by the ledger's number.
#[derive(Clone, Debug)]
pub struct Log<R: Keyed<Key = i64>, F: PartialEq> {
    page: Paged<R, LogPageRequest<F>>,
    filter: F,
}

impl<R: Keyed<Key = i64>, F: Default + PartialEq> Default for Log<R, F> {
    fn default() -> Self {
        let mut page = Paged::default();
        page.set_newest_first(true);
        Self { page, filter: F::default() }
    }
}

impl<R: Keyed<Key = i64>, F: Clone + Default + PartialEq> Log<R, F> {
    pub fn filter(&self) -> &F {
        &self.filter
    }

    /// The number of the line on which the cursor stands.
    pub fn cursor(&self) -> Option<i64> {
        self.page.cursor().copied()
    }

    pub(crate) fn is_filtered(&self) -> bool {
        self.filter != F::default()
    }

    /// Moves to a line anywhere, and clears the filter.
    pub(crate) fn seek(&mut self, number: i64) {
        self.set_filter(F::default());
        self.page.seek(number);
    }

    /// Restores a filter and the line on which the cursor stood; without one, starts with the newest.
    pub(crate) fn return_to(&mut self, filter: F, cursor: Option<i64>) {
        let same = filter == self.filter;
        self.filter = filter;
        match cursor {
            Some(number) if same && self.page.go_to(&number) => {}
            Some(number) => self.page.seek(number),
            None if same && !self.page.is_pinned() => {}
            None => self.page.restart(),
        }
    }

    /// The line on which the operator has set the cursor.
    pub(crate) fn pinned_cursor(&self) -> Option<i64> {
        self.cursor().filter(|_| self.page.is_pinned())
    }

    /// Shows other lines; the cursor stays on its line if possible.
    pub(crate) fn set_filter(&mut self, filter: F) {
        if filter != self.filter {
            self.filter = filter;
            self.page.turn();
        }
    }

    /// Shows the lines that pass a filter, starting with the newest.
    pub fn search(&mut self, filter: F) {
        self.filter = filter;
        self.page.restart();
    }

    /// The page to query now, if any.
    pub fn ask(&mut self) -> Option<LogPageRequest<F>> {
        let anchor = match self.page.ask()? {
            PageAnchor::Start => LogAnchor::Newest,
            PageAnchor::End => LogAnchor::Oldest,
            PageAnchor::At(number) => LogAnchor::At(number),
        };
        let request =
            LogPageRequest { filter: self.filter.clone(), anchor, reach: REACH, seen: self.page.seen().copied() };
        self.page.asked(request.clone());
        Some(request)
    }

    /// Stores a page of the log, unless another was requested since. Returns the former lines, or `None` for the first
    /// page.
    pub fn show<S>(&mut self, request: &LogPageRequest<F>, window: LogPage<S>, row: impl Fn(S) -> R) -> Option<Vec<R>> {
        let first = !self.page.is_read();
        let rows = window.rows.into_iter().map(row).collect();
        let ends = (window.at_newest, window.at_oldest);
        let before = self.page.show(request, rows, ends, window.newer, |rows, cursor| {
            match request.anchor {
                LogAnchor::Newest => 0,
                LogAnchor::Oldest => usize::MAX,
                // The cursor may have moved meanwhile. If its line is not in the page, the next older one.
                LogAnchor::At(number) => {
                    let number = cursor.copied().unwrap_or(number);
                    rows.iter().position(|row| row.key() <= number).unwrap_or(usize::MAX)
                }
            }
        })?;
        (!first).then_some(before)
    }
}

impl<R: Keyed<Key = i64>, F: PartialEq> Deref for Log<R, F> {
    type Target = Paged<R, LogPageRequest<F>>;

    fn deref(&self) -> &Self::Target {
        &self.page
    }
}

impl<R: Keyed<Key = i64>, F: PartialEq> DerefMut for Log<R, F> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.page
    }
}
