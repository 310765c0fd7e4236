//! What a reconciliation is about: its days, and what the sides lack.

use super::super::time::Date;
use super::DayRole;

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
