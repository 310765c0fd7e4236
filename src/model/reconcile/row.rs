//! The rows of one side, in as little memory as they take: a million in a hundred megabytes. Numbers are compared by hash
//! first and by their bytes then, so that no two numbers are ever taken for one.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use super::super::time::{Date, Timestamp};
use super::super::{Currency, Money};
use super::{BookSide, Movement};
use crate::model::bill::Volume;

/// The state of a movement, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BookState {
    Paid,
    Unpaid,
    Closed,
    /// Paid, and refunded in part or in whole.
    Refunded,
    RefundPending,
    RefundFailed,
    Reversed,
    /// The side has no state, or a word for it that is not known.
    Unsaid,
}

impl BookState {
    pub const ALL: [Self; 8] = [
        Self::Paid,
        Self::Unpaid,
        Self::Closed,
        Self::Refunded,
        Self::RefundPending,
        Self::RefundFailed,
        Self::Reversed,
        Self::Unsaid,
    ];

    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Unpaid => "unpaid",
            Self::Closed => "closed",
            Self::Refunded => "refunded",
            Self::RefundPending => "refund-pending",
            Self::RefundFailed => "refund-failed",
            Self::Reversed => "reversed",
            Self::Unsaid => "unsaid",
        }
    }

    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

/// Which day a row counts for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DayRole {
    /// A day that is being reconciled.
    Within,
    /// A day before or after: the row is there only to be matched.
    Neighbour,
    /// Held over from an earlier reconciliation: the number of the difference in the ledger.
    Carried(u32),
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RowPlace {
    /// The place of the file among those of the side.
    pub file: u16,
    /// Counted from 1.
    pub line: u32,
}

/// A row as it is added.
#[derive(Clone, Copy, Debug)]
pub struct BookRow<'a> {
    pub movement: Movement,
    /// The merchant's number: of the order, or of the refund.
    pub number: &'a str,
    /// Of a refund: the number of its order.
    pub order: &'a str,
    /// WeChat Pay's number, to distinguish two payments under one of the merchant's.
    pub platform: &'a str,
    /// Signed as it changes the merchant's money: refunds are negative.
    pub amount: Money,
    /// The amount that reaches the account, before the fee; of a trade bill.
    pub settled: i64,
    /// The fee in the smallest unit; negative where it is returned.
    pub fee: i64,
    /// The difference between the fee and what the agreed rate makes; 0 if it agrees.
    pub fee_off: i64,
    pub state: BookState,
    pub at: Option<Timestamp>,
    /// The day of its bill, or of its time.
    pub day: Date,
    pub role: DayRole,
    pub place: RowPlace,
}

/// A row as it is kept: 72 bytes and its numbers.
#[derive(Clone, Copy, Debug)]
struct KeptRow {
    hash: u64,
    /// The hash of WeChat Pay's number; 0 if there is none.
    platform: u64,
    amount: i64,
    settled: i64,
    /// Seconds since 1970; `i64::MIN` if there is no time.
    at: i64,
    start: u32,
    fee: i32,
    fee_off: i32,
    day: i32,
    line: u32,
    carried: u32,
    file: u16,
    length: u8,
    order_length: u8,
    currency: u8,
    movement: Movement,
    state: BookState,
    role: KeptRole,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KeptRole {
    Within,
    Neighbour,
    Carried,
}

/// A side has more text than can be held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("too many rows, or a number that is too long")]
pub struct TooManyRows;

/// The rows of one side.
#[derive(Debug)]
pub struct Book {
    side: BookSide,
    rows: Vec<KeptRow>,
    text: Vec<u8>,
    /// Every currency with the sum of the rows that count.
    currencies: Vec<(Currency, Volume)>,
}

/// The key of a number: a payment and a refund may have the same.
pub(super) fn key_hash(movement: Movement, number: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    // A reversal has the number of its payment.
    hasher.write_u8(u8::from(movement == Movement::Refund));
    hasher.write(number);
    hasher.finish()
}

impl Book {
    pub fn new(side: BookSide) -> Self {
        Self { side, rows: Vec::new(), text: Vec::new(), currencies: Vec::new() }
    }

    pub fn side(&self) -> BookSide {
        self.side
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Makes room for about so many more rows.
    pub fn reserve(&mut self, rows: usize) {
        self.rows.reserve(rows);
        self.text.reserve(rows.saturating_mul(28));
    }

    pub fn push(&mut self, row: &BookRow<'_>) -> Result<(), TooManyRows> {
        // One bit of the place is for each side, in the index of the matching.
        if self.rows.len() >= 1 << 30 {
            return Err(TooManyRows);
        }
        let start = u32::try_from(self.text.len()).map_err(|_| TooManyRows)?;
        let length = u8::try_from(row.number.len()).map_err(|_| TooManyRows)?;
        let order_length = u8::try_from(row.order.len()).map_err(|_| TooManyRows)?;
        let place = self.currencies.iter().position(|(currency, _)| *currency == row.amount.currency);
        let currency = place.unwrap_or_else(|| {
            self.currencies.push((row.amount.currency, Volume::default()));
            self.currencies.len() - 1
        });
        if counts(self.side, row.role) {
            let total = &mut self.currencies[currency].1;
            total.count += 1;
            total.minor += i128::from(row.amount.minor);
        }
        self.text.extend_from_slice(row.number.as_bytes());
        self.text.extend_from_slice(row.order.as_bytes());
        let (role, carried) = match row.role {
            DayRole::Within => (KeptRole::Within, 0),
            DayRole::Neighbour => (KeptRole::Neighbour, 0),
            DayRole::Carried(id) => (KeptRole::Carried, id),
        };
        // A fee is a small part of an amount; one that does not fit is as wrong as any.
        let small = |minor: i64| i32::try_from(minor).unwrap_or(if minor < 0 { i32::MIN } else { i32::MAX });
        self.rows.push(KeptRow {
            hash: key_hash(row.movement, row.number.as_bytes()),
            platform: if row.platform.is_empty() { 0 } else { platform_hash(row.platform) },
            amount: row.amount.minor,
            settled: row.settled,
            at: row.at.map_or(i64::MIN, Timestamp::unix_timestamp),
            start,
            fee: small(row.fee),
            fee_off: small(row.fee_off),
            day: row.day.to_julian_day(),
            line: row.place.line,
            carried,
            file: row.place.file,
            length,
            order_length,
            currency: u8::try_from(currency).map_err(|_| TooManyRows)?,
            movement: row.movement,
            state: row.state,
            role,
        });
        Ok(())
    }

    /// The sums of the rows that count, as they came in.
    pub fn totals(&self) -> &[(Currency, Volume)] {
        &self.currencies
    }

    /// The numbers of all its rows of a movement.
    pub(crate) fn numbers(&self, movement: Movement) -> HashSet<Vec<u8>> {
        self.iter().filter(|row| row.movement() == movement).map(|row| row.number().to_vec()).collect()
    }

    /// A row by its place.
    pub(super) fn row(&self, place: u32) -> BookEntry<'_> {
        BookEntry { book: self, kept: &self.rows[place as usize], place }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = BookEntry<'_>> {
        (0u32..).zip(&self.rows).map(|(place, kept)| BookEntry { book: self, kept, place })
    }
}

/// Whether a row is part of its side's total: a bill is of one day; the orders of other days are in the same file.
fn counts(side: BookSide, role: DayRole) -> bool {
    match role {
        DayRole::Within => true,
        DayRole::Neighbour => side == BookSide::Orders,
        DayRole::Carried(_) => false,
    }
}

/// Never 0, which is for rows without a number.
fn platform_hash(number: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    hasher.write(number.as_bytes());
    hasher.finish().max(1)
}

/// A row of a side.
#[derive(Clone, Copy)]
pub(super) struct BookEntry<'a> {
    book: &'a Book,
    kept: &'a KeptRow,
    pub(super) place: u32,
}

impl<'a> BookEntry<'a> {
    pub(super) fn hash(&self) -> u64 {
        self.kept.hash
    }

    pub(super) fn number(&self) -> &'a [u8] {
        let start = self.kept.start as usize;
        &self.book.text[start..start + usize::from(self.kept.length)]
    }

    /// Of a refund: the number of its order.
    pub(super) fn order(&self) -> &'a [u8] {
        let start = self.kept.start as usize + usize::from(self.kept.length);
        &self.book.text[start..start + usize::from(self.kept.order_length)]
    }

    pub(super) fn movement(&self) -> Movement {
        self.kept.movement
    }

    pub(super) fn amount(&self) -> i64 {
        self.kept.amount
    }

    pub(super) fn currency(&self) -> Currency {
        self.book.currencies[usize::from(self.kept.currency)].0
    }

    pub(super) fn settled(&self) -> i64 {
        self.kept.settled
    }

    pub(super) fn fee(&self) -> i64 {
        self.kept.fee.into()
    }

    pub(super) fn fee_off(&self) -> i64 {
        self.kept.fee_off.into()
    }

    pub(super) fn state(&self) -> BookState {
        self.kept.state
    }

    pub(super) fn at(&self) -> Option<Timestamp> {
        Timestamp::from_unix_timestamp(self.kept.at).ok().filter(|_| self.kept.at != i64::MIN)
    }

    pub(super) fn day(&self) -> Date {
        Date::from_julian_day(self.kept.day).unwrap_or(Date::MIN)
    }

    pub(super) fn role(&self) -> DayRole {
        match self.kept.role {
            KeptRole::Within => DayRole::Within,
            KeptRole::Neighbour => DayRole::Neighbour,
            KeptRole::Carried => DayRole::Carried(self.kept.carried),
        }
    }

    pub(super) fn is_within(&self) -> bool {
        self.kept.role == KeptRole::Within
    }

    /// Whether it is part of its side's total.
    pub(super) fn counts(&self) -> bool {
        counts(self.book.side, self.role())
    }

    pub(super) fn is_carried(&self) -> bool {
        self.kept.role == KeptRole::Carried
    }

    /// Whether money is due for it, as a row of the merchant's.
    pub(super) fn is_due(&self) -> bool {
        match self.state() {
            BookState::Paid | BookState::Refunded | BookState::Unsaid => true,
            BookState::RefundPending => self.movement() != Movement::Refund,
            BookState::Unpaid | BookState::Closed | BookState::RefundFailed | BookState::Reversed => false,
        }
    }

    pub(super) fn is_reversal(&self) -> bool {
        self.kept.movement == Movement::Reversal
    }

    /// Whether both are the same payment by WeChat Pay's number, as far as both have one.
    pub(super) fn is_same_payment(&self, other: &Self) -> bool {
        self.kept.platform == other.kept.platform || self.kept.platform == 0 || other.kept.platform == 0
    }

    pub(super) fn place_in_file(&self) -> RowPlace {
        RowPlace { file: self.kept.file, line: self.kept.line }
    }

    /// As it was added, without WeChat Pay's number.
    #[cfg(test)]
    pub(super) fn as_added(&self) -> BookRow<'a> {
        let text = |bytes| std::str::from_utf8(bytes).unwrap_or_default();
        BookRow {
            movement: self.movement(),
            number: text(self.number()),
            order: text(self.order()),
            platform: "",
            amount: Money { minor: self.amount(), currency: self.currency() },
            settled: self.settled(),
            fee: self.fee(),
            fee_off: self.fee_off(),
            state: self.state(),
            at: self.at(),
            day: self.day(),
            role: self.role(),
            place: self.place_in_file(),
        }
    }
}
