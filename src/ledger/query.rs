//! A table's query: which rows, in which order, which part of that order, and their sums.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Listed;
use crate::model::filter::Condition;
use crate::model::time::Timestamp;
use crate::model::{Currency, Kind, ObjectId, State, Sum};

/// The rows of one kind that meet all conditions, in an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Query {
    pub kind: Kind,
    pub conditions: Vec<Condition>,
    pub sort: Sort,
}

/// Sort column and direction. Missing values come last in either direction; equal rows follow the order in which they
/// became known, in the direction of the sort.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub by: SortBy,
    pub descending: bool,
}

/// What rows can be sorted by: the values of a [`crate::model::Summary`], and the row's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SortBy {
    Number,
    Platform,
    Title,
    User,
    State,
    Amount,
    Second,
    Progress,
    Time,
    Ends,
    Label,
    Quantity,
    Days,
    Verified,
}

/// A place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Anchor {
    Start,
    End,
    /// The position of this object; the start if the object is unknown.
    At(ObjectId),
    /// In an order by time: ahead of all rows of this time, or behind them. Rows without a time come last.
    Beside {
        time: Option<Timestamp>,
        behind: bool,
    },
}

/// A page of the order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TablePage {
    pub rows: Vec<Listed>,
    /// The row at the anchor, or the one in its place.
    pub anchor: usize,
    /// Nothing comes before the first row.
    pub at_start: bool,
    /// Nothing comes after the last row.
    pub at_end: bool,
}

/// Rows of one state and currency.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// `None` for rows that were never fetched.
    pub state: Option<State>,
    pub currency: Option<Currency>,
    pub count: u64,
    /// The sum of their amounts in minor units of the currency.
    pub amount: i128,
}

impl Group {
    pub fn sum(&self) -> Option<Sum> {
        self.currency.map(|currency| Sum { minor: self.amount, currency })
    }
}

/// Rows whose time is in one hour, of one currency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HourGroup {
    /// Hours since the time asked for.
    pub hour: usize,
    pub currency: Option<Currency>,
    pub count: u64,
    /// The sum of their amounts in minor units of the currency.
    pub amount: i128,
}

impl HourGroup {
    pub fn sum(&self) -> Option<Sum> {
        self.currency.map(|currency| Sum { minor: self.amount, currency })
    }
}

/// Cancels a query: it ends with [`super::LedgerError::Stopped`]. Cheap to clone.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<AtomicBool>);

impl Stop {
    pub fn stop(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    pub(crate) fn is_stopped(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
