//! Fees: yuan with five decimals, kept exact.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::Money;

/// An amount in hundred-thousandths of a yuan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Fine(pub i64);

const DECIMALS: usize = 5;
const YUAN: i64 = 100_000;
/// Hundred-thousandths of a yuan in a fen.
const FEN: i64 = 1000;

impl Fine {
    /// Reads `0.16000`, `-0.05`, `12`. More than five decimals are no fee.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
        let plain = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        if !plain(whole) || !plain(fraction) || fraction.len() > DECIMALS {
            return None;
        }
        let whole: i64 = whole.parse().ok()?;
        let fraction: i64 = format!("{fraction:0<DECIMALS$}").parse().ok()?;
        Some(Self(sign * whole.checked_mul(YUAN)?.checked_add(fraction)?))
    }

    pub fn of_fen(fen: i64) -> Self {
        Self(fen.saturating_mul(FEN))
    }

    /// As a person reads it: `¥1,569.18`, `-¥0.16250`.
    pub fn shown(self) -> String {
        if self.0 % FEN == 0 {
            Money::cny(self.0 / FEN).to_string()
        } else {
            format!("¥{self}").replacen("¥-", "-¥", 1)
        }
    }

    pub fn plus(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }

    pub fn minus(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for Fine {
    /// In yuan with two decimals at least, and as many as it needs: `0.16`, `-0.16250`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, units) = (if self.0 < 0 { "-" } else { "" }, self.0.unsigned_abs());
        let (yuan, rest) = (units / YUAN.unsigned_abs(), units % YUAN.unsigned_abs());
        if rest.is_multiple_of(FEN.unsigned_abs()) {
            f.pad(&format!("{sign}{yuan}.{:02}", rest / FEN.unsigned_abs()))
        } else {
            f.pad(&format!("{sign}{yuan}.{rest:05}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
            assert_eq!(Fine::parse(text), Some(Fine(units)), "{text}");
            assert_eq!(Fine(units).to_string(), shown);
        }
        assert_eq!(Fine(-156_918_000).shown(), "-¥1,569.18");
        assert_eq!(Fine(-16_250).shown(), "-¥0.16250");
        for text in ["", "-", ".5", "1.", "0.000001", "1e3", "+1", "--1", "１", "99999999999999999999"] {
            assert_eq!(Fine::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_shown_is_read_again(units in -100_000_000_000i64..100_000_000_000) {
            prop_assert_eq!(Fine::parse(&Fine(units).to_string()), Some(Fine(units)));
        }
    }
}
