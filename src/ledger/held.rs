//! Differences that are held over (挂账) until their other side arrives or a person closes them.

use crate::model::reconcile::{BookDifference, BookSide, BookState, Period};
use crate::model::time::{Date, Timestamp};

/// A difference in the ledger. Its [`BookDifference`] has the row of the side that has one alone, without its place.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldDifference {
    pub id: i64,
    pub difference: BookDifference,
    pub opened_at: Timestamp,
    /// When it was found last.
    pub seen_at: Timestamp,
    pub ended: Option<HeldEnd>,
}

/// How a difference ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldEnd {
    pub at: Timestamp,
    /// The number of the journal entry of the person who closed it; `None` if its other side arrived.
    pub journal: Option<i64>,
    /// The days whose reconciliation had its other side: done again, it takes part in them again.
    pub arrived: Option<Period>,
}

impl HeldDifference {
    /// The one side that has a row, with what it needs to take part in the next reconciliation.
    pub fn carried(&self) -> Option<(BookSide, i64, BookState, Option<Timestamp>)> {
        let rows = BookSide::ALL.map(|side| self.difference.row(side).map(|row| (side, row)));
        let mut rows = rows.into_iter().flatten();
        let (side, row) = rows.next()?;
        rows.next().is_none().then_some((side, row.amount, row.state, row.at))
    }

    /// Whether it takes part in a reconciliation of some days: it is open, or its other side is of these.
    pub fn takes_part(&self, period: Period) -> bool {
        let arrived = |ended: &HeldEnd| ended.arrived.is_some_and(|of| of.from <= period.to && period.from <= of.to);
        self.difference.day < period.from && self.ended.as_ref().is_none_or(arrived)
    }

    /// For how many days it has been open.
    pub fn age(&self, today: Date) -> i64 {
        (today - self.difference.day).whole_days().max(0)
    }
}

/// The result of a reconciliation, for the ledger.
#[derive(Clone, Debug)]
pub struct HoldOver {
    pub period: Period,
    pub at: Timestamp,
    /// The sides that were compared.
    pub sides: Vec<BookSide>,
    pub found: Vec<BookDifference>,
    /// The held differences whose other side has arrived.
    pub settled: Vec<i64>,
}

/// What changed in the ledger.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldChanges {
    pub opened: usize,
    /// Open ones whose other side has arrived, and those of these days that are not found any more.
    pub settled: usize,
    /// The keys of those found that a person has closed.
    pub closed: Vec<String>,
}

/// A person's decision that a difference is closed.
#[derive(Clone, Debug)]
pub struct DifferenceClosing {
    pub at: Timestamp,
    pub operator: String,
    pub mchid: String,
    pub reason: String,
}

/// Why a difference was not closed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotHeld {
    /// This profile has none with that number.
    Missing,
    /// It has ended already.
    Ended(HeldEnd),
}
