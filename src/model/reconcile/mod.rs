//! Reconciliation (对账): the trade bill, the merchant's own orders and the fund-flow bill, matched row by row by number,
//! with what the ledger knows beside them. Any two of the three sides may be missing. Every row gets exactly one verdict,
//! so that the total of each side is the sum of what agrees and of each class of difference, to the last fen.
//!
//! Days are days in Beijing, as in bills. A payment near a midnight may be on one day in the bill and on the next in the
//! orders: the rows of the neighbouring days are there to be matched, and count for nothing else. Refunds stand on their
//! own day. What is held over from an earlier day takes part like a row of a neighbouring day.

mod balance;
mod class;
mod index;
mod known;
mod matching;
mod orders;
mod outcome;
mod refunds;
mod row;
#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use balance::{Balance, Unbalanced};
pub use class::{BookSide, Confidence, DifferenceClass, Movement, Remedy, RowVerdict, WhyDifferent};
pub use orders::{AmountUnit, ColumnMap, ColumnMapError, OrderCells, OrderColumn, OrderRow, StateWords};
pub use outcome::{DayCut, Difference, KnownMovement, Reconciliation, RowOfSide};
pub use row::{Book, BookRow, BookState, DayRole, RowPlace, TooManyRows};

use super::time::Date;
use index::{Books, Index};
use matching::Matcher;
use refunds::standings;

/// The days that are reconciled, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Period {
    pub from: Date,
    pub to: Date,
}

impl Period {
    pub fn contains(&self, day: Date) -> bool {
        (self.from..=self.to).contains(&day)
    }

    /// The day before the first and the day after the last.
    pub fn neighbours(&self) -> [Option<Date>; 2] {
        [self.from.previous_day(), self.to.next_day()]
    }

    /// Its days.
    pub fn days(&self) -> impl Iterator<Item = Date> + use<> {
        let to = self.to;
        std::iter::successors(Some(self.from), |day| day.next_day()).take_while(move |day| *day <= to)
    }

    /// What a row of a day counts for.
    pub fn role(&self, day: Date) -> DayRole {
        if self.contains(day) { DayRole::Within } else { DayRole::Neighbour }
    }
}

/// How the merchant's side knows refunds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum OrderRefunds {
    /// It does not.
    #[default]
    None,
    /// By the sum for each order.
    Sums,
    /// Each by its own number.
    Numbers,
}

/// What the neighbouring days lack: near these midnights the other side may be there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missing {
    pub trade_of_neighbours: bool,
    pub flow_of_neighbours: bool,
    pub orders_of_neighbours: bool,
}

/// The sides of a reconciliation.
#[derive(Debug)]
pub struct Sides {
    pub period: Period,
    pub trade: Option<Book>,
    pub orders: Option<Book>,
    /// The sums of refunds by the number of their order, where the merchant's side has these.
    pub refund_sums: Option<Book>,
    pub refunds: OrderRefunds,
    pub flow: Option<Book>,
    pub missing: Missing,
}

impl Sides {
    pub fn new(period: Period) -> Self {
        let refunds = OrderRefunds::None;
        let missing = Missing::default();
        Self { period, trade: None, orders: None, refund_sums: None, refunds, flow: None, missing }
    }

    /// Compares them. `ask` returns what is known of numbers by query or notification, in their order.
    pub fn reconcile(
        self,
        ask: &mut dyn FnMut(&[(Movement, String)]) -> Vec<Option<KnownMovement>>,
    ) -> Result<Reconciliation, Unbalanced> {
        let books = Books { trade: self.trade, orders: self.orders, flow: self.flow };
        let index = Index::new(&books);
        let mut standings = standings(&books, &index, (self.refunds, self.refund_sums.as_ref()), ask);
        let verdicts = |side| {
            let initial = |row: row::Row<'_>| match row.movement() {
                _ if !row.is_within() => RowVerdict::OtherDay,
                Movement::Other => RowVerdict::OtherBusiness,
                Movement::Payment | Movement::Refund | Movement::Reversal => RowVerdict::NotCompared,
            };
            books.get(side).map(|book| book.iter().map(initial).collect()).unwrap_or_default()
        };
        let known: HashMap<_, _> = std::mem::take(&mut standings.known);
        let mut matcher = Matcher {
            books: &books,
            refunds: self.refunds,
            missing: self.missing,
            standings: &standings,
            verdicts: BookSide::ALL.map(verdicts),
            found: Vec::new(),
            settled: Vec::new(),
        };
        index.each_run(&books, |run| matcher.decide(run));
        drop(index);
        let Matcher { verdicts, found, settled, .. } = matcher;
        let mut reconciliation = Reconciliation {
            period: self.period,
            unit_suspected: false,
            books,
            verdicts,
            found,
            settled,
            known,
            balances: Vec::new(),
        };
        reconciliation.weigh(ask);
        reconciliation.finish()?;
        Ok(reconciliation)
    }
}
