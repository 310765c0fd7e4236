//! What a reconciliation found: a verdict for every row, the differences, and the sums.

use std::collections::HashMap;

use super::balance::{Balance, Unbalanced, balances};
use super::index::Books;
use super::row::BookEntry;
use super::{BookSide, BookState, Confidence, DifferenceClass, Movement, Period, RowPlace, RowVerdict, WhyDifferent};
use crate::model::bill::Volume;
use crate::model::time::{Date, Timestamp};
use crate::model::{Currency, Money};

/// No row of a side.
pub(super) const NONE: u32 = u32::MAX;

/// A difference as it is kept: the rows are read from the books when it is shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Found {
    pub class: DifferenceClass,
    pub why: WhyDifferent,
    pub confidence: Confidence,
    /// The row is counted under another class.
    pub secondary: bool,
    pub amount: i64,
    pub trade: u32,
    pub orders: u32,
    pub flow: u32,
}

/// What is known of a payment or a refund by a query or a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownMovement {
    pub state: BookState,
    pub amount: Option<Money>,
    /// When it was paid or refunded.
    pub at: Option<Timestamp>,
    pub verified_at: Timestamp,
}

/// Asks what is known by query or notification of some numbers, in their order.
pub type AskKnown<'a> = dyn FnMut(&[(Movement, String)]) -> Vec<Option<KnownMovement>> + 'a;

/// A row of one side, in a difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowOfSide {
    pub amount: i64,
    pub state: BookState,
    pub at: Option<Timestamp>,
    pub day: Date,
    pub place: RowPlace,
}

/// A difference with its rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookDifference {
    pub class: DifferenceClass,
    pub why: WhyDifferent,
    pub confidence: Confidence,
    pub movement: Movement,
    /// The merchant's number of the order or the refund.
    pub number: String,
    /// Of a refund: the number of its order.
    pub order: Option<String>,
    /// The day it stands on.
    pub day: Date,
    pub currency: Currency,
    /// Signed: what the bill has more than the other side; of a fee, how much more was taken.
    pub amount: i64,
    pub trade: Option<RowOfSide>,
    pub orders: Option<RowOfSide>,
    pub flow: Option<RowOfSide>,
    pub known: Option<KnownMovement>,
    /// Its row is counted under another class in the sums.
    pub secondary: bool,
}

impl BookDifference {
    /// What distinguishes it from all others of a merchant, also in a later reconciliation.
    pub fn key(&self) -> String {
        format!("{} {} {}", self.class.word(), self.movement.word(), self.number)
    }

    pub fn money(&self) -> Money {
        Money { minor: self.amount, currency: self.currency }
    }

    pub fn row(&self, side: BookSide) -> Option<&RowOfSide> {
        match side {
            BookSide::Trade => self.trade.as_ref(),
            BookSide::Orders => self.orders.as_ref(),
            BookSide::Flow => self.flow.as_ref(),
        }
    }
}

/// A day cut: a payment that is on one day in the bill and on another in the orders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DayCut {
    pub number: String,
    pub currency: Currency,
    pub amount: i64,
    pub trade: Option<Timestamp>,
    pub orders: Option<Timestamp>,
}

/// What was found.
#[derive(Debug)]
pub struct Reconciliation {
    pub period: Period,
    pub(super) books: Books,
    pub(super) verdicts: [Vec<RowVerdict>; 3],
    pub(super) found: Vec<Found>,
    /// Differences held over whose other side has arrived.
    pub(super) settled: Vec<u32>,
    pub(super) known: HashMap<(Movement, String), KnownMovement>,
    pub(super) balances: Vec<Balance>,
    /// In almost every amount that differs, one is a hundred times the other: fen were taken for yuan, or the reverse.
    pub unit_suspected: bool,
}

impl Reconciliation {
    /// Sorts what was found, and adds everything up.
    pub(super) fn finish(&mut self) -> Result<(), Unbalanced> {
        self.found.sort_by_key(|found| (found.class, found.trade, found.orders, found.flow));
        let amounts = || self.found.iter().filter(|found| found.why == WhyDifferent::Amounts);
        let hundredfold = |found: &&Found| {
            let amount =
                |side, place| self.books.row(side, place).map_or(0, |row: BookEntry<'_>| i128::from(row.amount()));
            let (trade, order) = (amount(BookSide::Trade, found.trade), amount(BookSide::Orders, found.orders));
            trade != 0 && (trade * 100 == order || order * 100 == trade)
        };
        let (all, hundredfold) = (amounts().count(), amounts().filter(hundredfold).count());
        self.unit_suspected = all > 0 && hundredfold * 10 >= all * 9;
        self.balances = balances(&self.books, &self.verdicts);
        self.balances.iter().try_for_each(Balance::check)
    }

    pub fn has(&self, side: BookSide) -> bool {
        self.books.get(side).is_some()
    }

    /// The sums of each side, in each currency.
    pub fn balances(&self) -> &[Balance] {
        &self.balances
    }

    /// The differences held over, by their numbers in the ledger, whose other side has arrived.
    pub fn settled(&self) -> &[u32] {
        &self.settled
    }

    /// How many differences there are, those counted under another class included.
    pub fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether all agrees.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// The differences, by class and then as they came. Each is put together when it is asked for: a reconciliation
    /// with the wrong file has millions.
    pub fn differences(&self) -> impl Iterator<Item = BookDifference> + '_ {
        self.found.iter().filter_map(|found| self.difference(found))
    }

    /// The differences of one class.
    pub fn of_class(&self, class: DifferenceClass) -> impl Iterator<Item = BookDifference> + '_ {
        self.found.iter().filter(move |found| found.class == class).filter_map(|found| self.difference(found))
    }

    /// How many differences of a class there are in a currency, and their sum.
    pub fn volume(&self, class: DifferenceClass) -> Vec<(Currency, Volume)> {
        let mut volumes: Vec<(Currency, Volume)> = Vec::new();
        for found in self.found.iter().filter(|found| found.class == class) {
            let Some(row) = self.subject(found) else { continue };
            let place = volumes.iter().position(|(currency, _)| *currency == row.currency());
            let place = place.unwrap_or_else(|| {
                volumes.push((row.currency(), Volume::default()));
                volumes.len() - 1
            });
            volumes[place].1.count += 1;
            volumes[place].1.minor += i128::from(found.amount);
        }
        volumes
    }

    /// What was matched across a midnight, at most so many.
    pub fn day_cuts(&self, limit: usize) -> Vec<DayCut> {
        let Some(orders) = &self.books.orders else { return Vec::new() };
        let index = super::index::NumberIndex::new(&self.books);
        let verdicts = self.verdicts[BookSide::Orders as usize].iter();
        let cut = orders.iter().zip(verdicts).filter(|(_, verdict)| **verdict == RowVerdict::AcrossDays);
        let shown = |(row, _): (BookEntry<'_>, &RowVerdict)| {
            let run = index.find(&self.books, row.movement(), row.number());
            let other = run.trade.first().and_then(|place| self.books.row(BookSide::Trade, *place));
            DayCut {
                number: text(row.number()),
                currency: row.currency(),
                amount: row.amount(),
                trade: other.and_then(|row| row.at()),
                orders: row.at(),
            }
        };
        cut.take(limit).map(shown).collect()
    }

    /// The row that a difference is about.
    pub(super) fn subject(&self, found: &Found) -> Option<BookEntry<'_>> {
        let places = [(BookSide::Trade, found.trade), (BookSide::Orders, found.orders), (BookSide::Flow, found.flow)];
        places.into_iter().filter(|(_, place)| *place != NONE).find_map(|(side, place)| self.books.row(side, place))
    }

    fn difference(&self, found: &Found) -> Option<BookDifference> {
        let subject = self.subject(found)?;
        let row = |side, place: u32| {
            let row = self.books.row(side, place).filter(|_| place != NONE)?;
            let (amount, state, at) = (row.amount(), row.state(), row.at());
            Some(RowOfSide { amount, state, at, day: row.day(), place: row.place_in_file() })
        };
        let (number, order) = (text(subject.number()), text(subject.order()));
        Some(BookDifference {
            class: found.class,
            why: found.why,
            confidence: found.confidence,
            movement: subject.movement(),
            known: self.known.get(&(subject.movement(), number.clone())).cloned(),
            order: Some(order).filter(|order| !order.is_empty()),
            number,
            day: subject.day(),
            currency: subject.currency(),
            amount: found.amount,
            trade: (found.trade != NONE).then(|| row(BookSide::Trade, found.trade)).flatten(),
            orders: (found.orders != NONE).then(|| row(BookSide::Orders, found.orders)).flatten(),
            flow: (found.flow != NONE).then(|| row(BookSide::Flow, found.flow)).flatten(),
            secondary: found.secondary,
        })
    }

    /// What became of every row: its side, what it moves, its number, and the verdict. What was held over is no row.
    pub fn rows(&self) -> impl Iterator<Item = (BookSide, Movement, String, RowVerdict)> + '_ {
        let books = BookSide::ALL.into_iter().filter_map(|side| self.books.get(side));
        books.flat_map(|book| {
            let rows = book.iter().zip(&self.verdicts[book.side() as usize]);
            let rows = rows.filter(|(row, _)| !row.is_carried());
            rows.map(|(row, verdict)| (book.side(), row.movement(), text(row.number()), *verdict))
        })
    }
}

pub(super) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
