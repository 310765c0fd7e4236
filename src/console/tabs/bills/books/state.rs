//! The state of a reconciliation.

use std::path::PathBuf;
use std::sync::Arc;

use crate::ledger::HeldDifference;
use crate::model::reconcile::{BookDifference, BookSide};
use crate::model::time::Date;
use crate::services::reconcile::{ReconcileError, Reconciled};

/// How many differences are listed. The sums are of all.
const LISTED: usize = 5_000;

/// A line of the list: a difference, and its number if it is held over.
#[derive(Clone, Debug)]
pub struct BooksRow {
    pub id: Option<i64>,
    pub difference: BookDifference,
    /// A person has closed it.
    pub closed: bool,
    /// The day for which ages are counted, in the list of what is held over.
    pub today: Option<Date>,
}

/// A reconciliation, or the list of what is held over.
#[derive(Clone, Debug, Default)]
pub struct BooksState {
    /// The day, once one was chosen.
    pub day: Option<Date>,
    /// The file of orders; `None`: without.
    pub against: Option<PathBuf>,
    /// It is being compared.
    pub pending: bool,
    pub result: Option<Result<Arc<Reconciled>, Arc<ReconcileError>>>,
    /// What is held over is listed, not the result.
    pub shows_held: bool,
    /// The difference whose reason is being typed.
    pub closing: Option<i64>,
    found: Vec<BooksRow>,
    held: Vec<BooksRow>,
    cursor: usize,
}

impl BooksState {
    /// A day that is being compared.
    pub fn of_day(day: Date, against: Option<PathBuf>) -> Self {
        Self { day: Some(day), against, pending: true, ..Self::default() }
    }

    /// The list of what is held over.
    pub fn of_held() -> Self {
        Self { shows_held: true, ..Self::default() }
    }

    /// The lines of the list.
    pub fn rows(&self) -> &[BooksRow] {
        if self.shows_held { &self.held } else { &self.found }
    }

    pub fn position(&self) -> usize {
        self.cursor.min(self.rows().len().saturating_sub(1))
    }

    pub fn selected(&self) -> Option<&BooksRow> {
        self.rows().get(self.position())
    }

    pub(crate) fn move_to(&mut self, line: usize) {
        self.cursor = line.min(self.rows().len().saturating_sub(1));
    }

    pub(crate) fn move_by(&mut self, by: isize) {
        self.move_to(self.position().saturating_add_signed(by));
    }

    /// Turns between the result and what is held over.
    pub(crate) fn turn(&mut self) {
        (self.shows_held, self.cursor) = (!self.shows_held, 0);
    }

    /// Stores the result.
    pub fn show(&mut self, result: Result<Arc<Reconciled>, Arc<ReconcileError>>, today: Date) {
        self.pending = false;
        if let Ok(reconciled) = &result {
            let ids: std::collections::HashMap<String, i64> =
                reconciled.open.iter().map(|held| (held.difference.key(), held.id)).collect();
            let row = |difference: BookDifference| {
                let key = difference.key();
                let closed = reconciled.held.closed.contains(&key);
                BooksRow { id: ids.get(&key).copied(), difference, closed, today: None }
            };
            self.found = reconciled.result.differences().take(LISTED).map(row).collect();
            self.hold(&reconciled.open, today);
        }
        self.result = Some(result);
        self.move_to(self.cursor);
    }

    /// Stores what is held over.
    pub fn hold(&mut self, held: &[HeldDifference], today: Date) {
        let row = |held: &HeldDifference| BooksRow {
            id: Some(held.id),
            difference: held.difference.clone(),
            closed: false,
            today: Some(today),
        };
        self.held = held.iter().take(LISTED).map(row).collect();
        self.move_to(self.cursor);
    }

    /// The file of a row: the bill, or the merchant's orders.
    pub(crate) fn file_of(&self, side: BookSide, file: u16) -> Option<&PathBuf> {
        let Some(Ok(reconciled)) = &self.result else { return None };
        match side {
            BookSide::Orders => reconciled.orders.as_ref().map(|orders| &orders.file),
            BookSide::Trade | BookSide::Flow => {
                let mut used = reconciled.bills.iter().filter(|bill| bill.side == side);
                used.nth(usize::from(file)).map(|bill| &bill.file)
            }
        }
    }

    /// A person has closed a difference.
    pub(crate) fn closed(&mut self, id: i64) {
        self.held.retain(|row| row.id != Some(id));
        for row in self.found.iter_mut().filter(|row| row.id == Some(id)) {
            (row.id, row.closed) = (None, true);
        }
        self.move_to(self.cursor);
    }
}
