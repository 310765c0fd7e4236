//! Fees: amounts with five decimals, kept exact.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::{Currency, Sum};

/// An amount in hundred-thousandths of a currency's major unit. The sum over the largest possible file fits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Decimal(pub i128);

const DECIMALS: usize = 5;
const MAJOR: i128 = 100_000;

/// Hundred-thousandths of a major unit per smallest unit of a currency.
fn smallest(currency: Currency) -> i128 {
    10i128.pow(DECIMALS as u32 - u32::from(currency.decimals()))
}

impl Decimal {
    /// Parses `0.16000`, `-0.05`, `12`. More than five decimals are refused.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || fraction.len() > DECIMALS {
            return None;
        }
        // Within 64 bits each, so that sums of them stay within 128.
        let whole: i64 = whole.parse().ok()?;
        let fraction: i64 = format!("{fraction:0<DECIMALS$}").parse().ok()?;
        Some(Self(sign * (i128::from(whole) * MAJOR + i128::from(fraction))))
    }

    /// Converts an amount in a currency's smallest unit.
    pub fn of(sum: Sum) -> Self {
        Self(sum.minor * smallest(sum.currency))
    }

    /// For people: `¥1,569.18`, `-¥0.16250`, `JP¥96`.
    pub fn shown(self, currency: Currency) -> String {
        let smallest = smallest(currency);
        if self.0 % smallest == 0 {
            return Sum { minor: self.0 / smallest, currency }.to_string();
        }
        let (sign, symbol) = (if self.0 < 0 { "-" } else { "" }, currency.symbol());
        let code = if symbol.is_empty() { format!(" {}", currency.code()) } else { String::new() };
        format!("{sign}{symbol}{}{code}", Self(self.0.abs()))
    }

    /// For programs: in the major unit with the currency's decimals, or with five if needed.
    pub fn plain(self, currency: Currency) -> String {
        let smallest = smallest(currency);
        match self.0 % smallest {
            0 => Sum { minor: self.0 / smallest, currency }.plain(),
            _ => self.to_string(),
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }

    pub(crate) fn minus(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl fmt::Display for Decimal {
    /// With at least two decimals, or five if needed: `0.16`, `-0.16250`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, units) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (whole, rest) = (units / MAJOR.unsigned_abs(), units % MAJOR.unsigned_abs());
        if rest.is_multiple_of(1000) {
            f.pad(&format!("{sign}{whole}.{:02}", rest / 1000))
        } else {
            f.pad(&format!("{sign}{whole}.{rest:05}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Money;
    use proptest::prelude::*;

    #[test]
    fn fees_are_read_and_written_exactly() {
        for (text, units, shown) in [
            ("0.16000", 16_000, "0.16"),
            ("-0.05000", -5000, "-0.05"),
            ("0.00001", 1, "0.00001"),
            ("12", 1_200_000, "12.00"),
            ("-0.00000", 0, "0.00"),
        ] {
            assert_eq!(Decimal::parse(text), Some(Decimal(units)), "{text}");
            assert_eq!(Decimal(units).to_string(), shown);
        }
        let shown = |units, code| Decimal(units).shown(Currency::parse(code).unwrap());
        assert_eq!((&*shown(-156_918_000, "CNY"), &*shown(-16_250, "CNY")), ("-¥1,569.18", "-¥0.16250"));
        assert_eq!((&*shown(9_600_000, "JPY"), &*shown(50_000, "JPY")), ("JP¥96", "JP¥0.50"));
        assert_eq!((&*shown(1_234_500, "KWD"), &*shown(1, "KWD")), ("12.345 KWD", "0.00001 KWD"));
        assert_eq!(Decimal(9_600_000).plain(Currency::parse("JPY").unwrap()), "96");
        for text in ["", "-", ".5", "1.", "0.000001", "1e3", "+1", "--1", "１", "99999999999999999999"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(units in -100_000_000_000i128..100_000_000_000) {
            prop_assert_eq!(Decimal::parse(&Decimal(units).to_string()), Some(Decimal(units)));
        }

        #[test]
        fn a_sum_is_written_as_an_amount_is(minor in any::<i64>(), code in "CNY|HKD|JPY|KWD|THB") {
            let amount = Money { minor, currency: Currency::parse(&code).unwrap() };
            prop_assume!(minor != i64::MIN);
            prop_assert_eq!(Sum::from(amount).to_string(), amount.to_string());
            prop_assert_eq!(Sum::from(amount).plain(), amount.plain());
        }
    }
}
