//! The rows of trade bills and fund-flow bills for a reconciliation.

use std::path::Path;

use crate::model::bill::{BillError, BillFileRow, Decimal, Direction, FlowRow, TradeRow};
use crate::model::reconcile::{Book, BookRow, BookState, DayRole, Movement, Period, RowPlace, TooManyRows};
use crate::model::time::{Date, beijing_day};
use crate::model::{Money, Sum};

/// Why a bill cannot be used.
#[derive(Debug, thiserror::Error)]
pub(super) enum UnreadableBill {
    #[error(transparent)]
    Bill(#[from] BillError),
    #[error(transparent)]
    TooMany(#[from] TooManyRows),
}

/// An agreed rate, in hundred-thousandths of a percent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FeeRate(i128);

impl FeeRate {
    /// Parses `0.60%`, `0.6`.
    pub fn parse(text: &str) -> Option<Self> {
        let percent = text.trim().trim_end_matches(['%', '％']).trim();
        Decimal::parse(percent).map(|Decimal(units)| Self(units)).filter(|rate| (0..=10_000_000).contains(&rate.0))
    }

    /// How much a fee is off in the smallest unit of its currency; 0 if it is what the rate makes, rounded either way.
    fn off(self, settled: Money, fee: Decimal, is_refund: bool) -> i64 {
        let Decimal(smallest) = Decimal::of(Sum { minor: 1, currency: settled.currency });
        // In units of a fee, and ten million for each: 100,000 of the rate, and a hundred for its percent.
        let exact = i128::from(settled.minor) * smallest * self.0;
        let off = fee.0 * 10_000_000 - exact;
        // Half of the smallest unit is rounded up or down; of a part that is refunded it is what is left of the whole.
        let tolerance = smallest * 10_000_000 / if is_refund { 1 } else { 2 };
        if off.abs() <= tolerance {
            return 0;
        }
        let unit = smallest * 10_000_000;
        let rounded = (off.abs() + unit / 2) / unit;
        i64::try_from(rounded.max(1)).unwrap_or(i64::MAX) * if off < 0 { -1 } else { 1 }
    }
}

/// Whose rows they are: those of a day, or each of its own.
#[derive(Clone, Copy, Debug)]
pub(super) enum RowDays {
    Of(Date),
    EachItsOwn,
}

/// How the rows of a bill are taken in.
#[derive(Clone, Copy, Debug)]
pub(super) struct TakeIn {
    pub period: Period,
    pub days: RowDays,
    /// The place of the file among those of its side.
    pub file: u16,
    /// Instead of the rate of each row.
    pub rate: Option<FeeRate>,
    /// Rows are matched by WeChat Pay's number.
    pub by_platform: bool,
}

/// What a bill had.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct TakenIn {
    pub rows: u64,
    /// Lines that could not be read, and the first of them.
    pub bad: u64,
    pub first_bad: Option<u64>,
    pub sha1: String,
}

/// Reads a file of bills into the books of their sides.
pub(super) fn take_in(path: &Path, how: TakeIn, trade: &mut Book, flow: &mut Book) -> Result<TakenIn, UnreadableBill> {
    let mut taken = TakenIn::default();
    let sha1 = crate::services::bills::each_row(path, |row| {
        match row {
            // A number that a spreadsheet has cut is no number.
            Ok(entry) if entry.lost.is_none() => {
                taken.rows += 1;
                match &entry.row {
                    BillFileRow::Trade(row) => how.trade(trade, row, entry.line)?,
                    BillFileRow::Flow(row) => how.flow(flow, row, entry.line)?,
                }
            }
            Ok(entry) => taken.note_bad(entry.line),
            Err(bad) => taken.note_bad(bad.line),
        }
        Ok::<(), UnreadableBill>(())
    })?;
    taken.sha1 = sha1;
    Ok(taken)
}

impl TakenIn {
    fn note_bad(&mut self, line: u64) {
        self.bad += 1;
        self.first_bad.get_or_insert(line);
    }
}

impl TakeIn {
    fn day(&self, at: Option<crate::model::time::Timestamp>) -> (Date, DayRole) {
        let day = match self.days {
            RowDays::Of(day) => day,
            RowDays::EachItsOwn => at.map_or(self.period.from, beijing_day),
        };
        (day, self.period.role(day))
    }

    fn trade(&self, book: &mut Book, row: &TradeRow, line: u64) -> Result<(), TooManyRows> {
        let at = row.moved_at();
        let (day, role) = self.day(at);
        let place = RowPlace { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX) };
        let placeholder = format!("#{}:{line}", self.file);
        let fee = minor(row.fee, row.settlement);
        let refund = row.refund.as_deref();
        let own = |merchants: &'_ str, platform: &'_ str| {
            let first = if self.by_platform { platform } else { merchants };
            let other = if self.by_platform { merchants } else { platform };
            // A row without any number is a row of its own.
            [first, other, &placeholder].into_iter().find(|number| !number.is_empty()).unwrap_or_default().to_owned()
        };
        let order = own(&row.number, &row.transaction_id);
        let is_reversal = row.state == "REVOKED";
        let (movement, number, of, amount, settled, state) = match refund {
            Some(refund) if !is_reversal => {
                let state = match refund.state.as_str() {
                    "FAIL" | "CHANGE" => BookState::RefundFailed,
                    "PROCESSING" => BookState::RefundPending,
                    _ => BookState::Refunded,
                };
                let (amount, settled) = (refund.requested, refund.refunded);
                (Movement::Refund, own(&refund.number, &refund.id), order, negative(amount), -settled.minor, state)
            }
            Some(refund) => {
                let settled = -refund.refunded.minor;
                (Movement::Reversal, order, String::new(), negative(refund.requested), settled, BookState::Reversed)
            }
            None => {
                let movement = if is_reversal { Movement::Reversal } else { Movement::Payment };
                let state = if is_reversal { BookState::Reversed } else { BookState::Paid };
                (movement, order, String::new(), row.total, row.settlement.minor, state)
            }
        };
        let rate = self.rate.or_else(|| FeeRate::parse(&row.rate)).filter(|rate| rate.0 > 0);
        let is_refund = movement == Movement::Refund;
        // A fee that is not returned is none that is off.
        let charged = !(is_refund && row.fee == Decimal::default()) && movement != Movement::Reversal;
        let base = Money { minor: settled, currency: row.settled_in };
        let fee_off = rate.filter(|_| charged).map_or(0, |rate| rate.off(base, row.fee, is_refund));
        let platform = refund.map_or(&row.transaction_id, |refund| &refund.id);
        book.push(&BookRow {
            movement,
            number: &number,
            order: &of,
            platform,
            amount,
            settled,
            fee,
            fee_off,
            state,
            at,
            day,
            role,
            place,
        })
    }

    fn flow(&self, book: &mut Book, row: &FlowRow, line: u64) -> Result<(), TooManyRows> {
        let (day, role) = self.day(row.at);
        let minor = match row.direction {
            Direction::In => row.amount.minor,
            Direction::Out => row.amount.minor.saturating_neg(),
            // Money that is frozen or released does not move.
            Direction::Other(_) => 0,
        };
        let movement = match (row.business.as_str(), &row.direction) {
            ("交易", Direction::In | Direction::Out) => Movement::Payment,
            ("退款", Direction::In | Direction::Out) => Movement::Refund,
            _ => Movement::Other,
        };
        let is_fee = row.kind.contains("手续费");
        let numbers = match self.by_platform {
            true => [&row.business_number, &row.voucher],
            false => [&row.voucher, &row.business_number],
        };
        let number = numbers.into_iter().find(|number| !number.is_empty()).unwrap_or(&row.flow_number);
        book.push(&BookRow {
            movement,
            number,
            order: "",
            platform: &row.business_number,
            amount: Money { minor, currency: row.amount.currency },
            settled: if is_fee { 0 } else { minor },
            fee: if is_fee { minor } else { 0 },
            fee_off: 0,
            state: BookState::Unsaid,
            at: row.at,
            day,
            role,
            place: RowPlace { file: self.file, line: u32::try_from(line).unwrap_or(u32::MAX) },
        })
    }
}

fn negative(amount: Money) -> Money {
    Money { minor: amount.minor.saturating_neg(), ..amount }
}

/// A fee in the smallest unit of a currency, rounded half up, as it is taken from the account.
fn minor(fee: Decimal, of: Money) -> i64 {
    let Decimal(unit) = Decimal::of(Sum { minor: 1, currency: of.currency });
    let rounded = (fee.0.abs() + unit / 2) / unit;
    i64::try_from(rounded).unwrap_or(i64::MAX) * if fee.0 < 0 { -1 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fee_is_what_its_rate_makes_rounded_either_way() {
        let rate = FeeRate::parse("0.60%").unwrap();
        let off =
            |settled, fee: &str, is_refund| rate.off(Money::cny(settled), Decimal::parse(fee).unwrap(), is_refund);
        for (settled, fee, expected) in [
            (2680, "0.16000", 0),
            (2680, "0.16080", 0),
            (2680, "0.17000", 1),
            (2680, "0.15000", -1),
            (2680, "0.20000", 4),
            (250, "0.01000", 0),
            (250, "0.02000", 0),
            (80, "0.00000", 0),
            (100_000, "0.00000", -600),
        ] {
            assert_eq!(off(settled, fee, false), expected, "{settled} {fee}");
        }
        assert_eq!((off(-500, "-0.03000", true), off(-500, "-0.02000", true), off(-500, "-0.10000", true)), (0, 0, -7));
        for wrong in ["", "x", "-1%", "101%"] {
            assert_eq!(FeeRate::parse(wrong), None, "{wrong}");
        }
    }
}
