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
mod order_column;
mod orders;
mod outcome;
mod refunds;
mod row;
mod sides;
mod terms;
#[cfg(test)]
mod tests;

pub use balance::{Balance, Unbalanced};
pub use class::{BookSide, Confidence, DifferenceClass, Movement, Remedy, RowVerdict, WhyDifferent};
pub use order_column::{AmountUnit, OrderColumn};
pub use orders::{ColumnMap, ColumnMapError, OrderCells, OrderRow, OrderWords};
pub use outcome::{AskKnown, BookDifference, DayCut, KnownMovement, Reconciliation, RowOfSide};
pub use row::{Book, BookRow, BookState, DayRole, RowPlace, TooManyRows};
pub use sides::Sides;
pub use terms::{Missing, OrderRefunds, Period};
