//! The line that adds up: the total of a side in a currency is the sum of what became of its rows, to the last fen. Both
//! are added up separately, the total as the rows come in and the parts by verdict, and compared: nothing can hide.

use std::collections::BTreeMap;

use super::index::Books;
use super::{BookSide, RowVerdict};
use crate::model::bill::Volume;
use crate::model::{Currency, Sum};

/// The total of a side in one currency, and its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    pub side: BookSide,
    pub currency: Currency,
    /// Refunds are negative.
    pub total: Volume,
    /// Of every verdict that some row has.
    pub parts: BTreeMap<RowVerdict, Volume>,
}

/// A sum that is not what its rows make: an error of this program, which nothing may hide.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the sums do not add up: {} of {} instead of {} of {}", .found.count, .found.minor, .expected.count, .expected.minor)]
pub struct Unbalanced {
    pub side: BookSide,
    pub currency: Currency,
    pub expected: Volume,
    pub found: Volume,
}

impl Balance {
    /// What became of some rows of it.
    pub fn part(&self, verdict: RowVerdict) -> Volume {
        self.parts.get(&verdict).copied().unwrap_or_default()
    }

    /// The sum of all differences.
    pub fn differences(&self) -> Volume {
        self.of(|verdict| matches!(verdict, RowVerdict::Differs(_)))
    }

    /// The sum of what agrees, on one day or across a midnight, or with what was held over.
    pub fn agreed(&self) -> Volume {
        self.of(|verdict| matches!(verdict, RowVerdict::Matched | RowVerdict::AcrossDays | RowVerdict::HeldOver))
    }

    fn of(&self, which: impl Fn(RowVerdict) -> bool) -> Volume {
        added(self.parts.iter().filter(|(verdict, _)| which(**verdict)).map(|(_, volume)| *volume))
    }

    /// An amount of it, for people.
    pub fn sum(&self, volume: Volume) -> Sum {
        volume.sum(self.currency)
    }

    /// Whether the parts make the total.
    pub fn check(&self) -> Result<(), Unbalanced> {
        let found = added(self.parts.values().copied());
        if found == self.total {
            return Ok(());
        }
        Err(Unbalanced { side: self.side, currency: self.currency, expected: self.total, found })
    }
}

fn added(volumes: impl Iterator<Item = Volume>) -> Volume {
    volumes.fold(Volume::default(), |sum, one| Volume { count: sum.count + one.count, minor: sum.minor + one.minor })
}

/// The balances of all sides: rows of neighbouring days and those held over are part of no total.
pub(super) fn balances(books: &Books, verdicts: &[Vec<RowVerdict>; 3]) -> Vec<Balance> {
    let mut balances: Vec<Balance> = Vec::new();
    for book in BookSide::ALL.into_iter().filter_map(|side| books.get(side)) {
        let side = book.side();
        let from = balances.len();
        let empty = |(currency, total): &(Currency, Volume)| Balance {
            side,
            currency: *currency,
            total: *total,
            parts: BTreeMap::new(),
        };
        balances.extend(book.totals().iter().map(empty));
        for (row, verdict) in book.iter().zip(&verdicts[side as usize]).filter(|(row, _)| row.counts()) {
            let balance = balances[from..].iter_mut().find(|balance| balance.currency == row.currency());
            let Some(balance) = balance else { continue };
            let part = balance.parts.entry(*verdict).or_default();
            part.count += 1;
            part.minor += i128::from(row.amount());
        }
        // A currency of neighbouring days only.
        balances.retain(|balance| balance.side != side || balance.total.count > 0);
    }
    balances
}
