//! Exact amounts: integer minor units and a currency, never a float.

use std::fmt;

/// A currency and how many decimals its major unit has (ISO 4217).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Currency {
    code: [u8; 3],
    decimals: u8,
}

impl Currency {
    /// 人民币: 100 fen (分) to the yuan.
    pub const CNY: Self = Self { code: *b"CNY", decimals: 2 };

    /// Currencies without decimals.
    pub const WITHOUT_DECIMALS: [&str; 5] = ["JPY", "KRW", "VND", "CLP", "ISK"];
    /// Currencies with three decimals. All others have two.
    pub const WITH_THREE: [&str; 5] = ["KWD", "BHD", "OMR", "JOD", "TND"];

    /// Parses an ISO 4217 code. Anything but three letters is refused.
    pub fn parse(code: &str) -> Option<Self> {
        let bytes: [u8; 3] = code.trim().as_bytes().try_into().ok()?;
        if !bytes.iter().all(u8::is_ascii_alphabetic) {
            return None;
        }
        let code = bytes.map(|b| b.to_ascii_uppercase());
        let among = |codes: &[&str]| codes.iter().any(|known| known.as_bytes() == code);
        let decimals = if among(&Self::WITHOUT_DECIMALS) {
            0
        } else if among(&Self::WITH_THREE) {
            3
        } else {
            2
        };
        Some(Self { code, decimals })
    }

    /// The decimals of its major unit.
    pub const fn decimals(&self) -> u8 {
        self.decimals
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.code).unwrap_or("???")
    }

    /// The sign before an amount, where one is customary. The yen's differs from the yuan's, and one dollar's from another's.
    pub(crate) fn symbol(&self) -> &'static str {
        match &self.code {
            b"CNY" => "¥",
            b"JPY" => "JP¥",
            b"HKD" => "HK$",
            b"USD" => "US$",
            b"EUR" => "€",
            b"GBP" => "£",
            _ => "",
        }
    }
}

/// An amount in the smallest unit of its currency (fen for CNY).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum MoneyError {
    #[error("not an amount")]
    Malformed,
    #[error("too many decimals: {0} are allowed")]
    Decimals(u8),
    #[error("the amount is out of range")]
    Range,
}

impl Money {
    pub const fn cny(fen: i64) -> Self {
        Self { minor: fen, currency: Currency::CNY }
    }

    /// Parses user input: `12`, `12.5`, `12.50`, `1,234.50`, with or without the currency's sign.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, MoneyError> {
        let text = text.trim();
        let (negative, text) = text.strip_prefix('-').map_or((false, text), |rest| (true, rest));
        let signs = [currency.symbol(), "¥", "￥", "$"];
        let text = signs.iter().find_map(|sign| text.strip_prefix(sign)).unwrap_or(text);
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        let digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
        // Commas only where they group thousands, so that "1,5" is never read as 15.
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or_default();
        let grouped = groups.clone().next().is_some();
        if !digits(first) || (grouped && first.len() > 3) || !groups.all(|g| g.len() == 3 && digits(g)) {
            return Err(MoneyError::Malformed);
        }
        if text.contains('.') && !digits(fraction) {
            return Err(MoneyError::Malformed);
        }
        if fraction.len() > usize::from(currency.decimals) {
            return Err(MoneyError::Decimals(currency.decimals));
        }
        let padded = format!("{}{fraction:0<width$}", whole.replace(',', ""), width = usize::from(currency.decimals));
        let minor: i64 = padded.parse().map_err(|_| MoneyError::Range)?;
        Ok(Self { minor: if negative { -minor } else { minor }, currency })
    }

    /// The sum of amounts of one currency. `None` if there are several currencies, or the sum is out of range: for what
    /// is sent or compared, where a [`Sum`] is of no use.
    pub fn total(amounts: impl IntoIterator<Item = Self>, currency: Currency) -> Option<Self> {
        amounts.into_iter().try_fold(Self { minor: 0, currency }, |sum, amount| {
            let minor = sum.minor.checked_add(amount.minor).filter(|_| amount.currency == currency)?;
            Some(Self { minor, currency })
        })
    }

    /// The sum per currency, in the order of their first amounts.
    pub fn sums(amounts: impl IntoIterator<Item = Self>) -> Vec<Sum> {
        Sum::of(amounts.into_iter().map(Sum::from))
    }

    /// Without sign or grouping, for forms and machines: `1234.50`.
    pub fn plain(&self) -> String {
        Sum::from(*self).plain()
    }
}

impl fmt::Display for Money {
    /// `¥1,234.50`, `-¥0.01`, `JP¥500` for yen; followed by the code if no sign is customary.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Sum::from(*self).fmt(f)
    }
}

/// A sum of amounts of one currency, exact for any amounts: no list that fits in memory can overflow it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Sum {
    pub minor: i128,
    pub currency: Currency,
}

impl From<Money> for Sum {
    fn from(money: Money) -> Self {
        Self { minor: money.minor.into(), currency: money.currency }
    }
}

impl PartialEq<Money> for Sum {
    fn eq(&self, money: &Money) -> bool {
        *self == Self::from(*money)
    }
}

impl Sum {
    /// Sums of sums, per currency, in the order of their first.
    pub fn of(parts: impl IntoIterator<Item = Self>) -> Vec<Self> {
        let mut sums: Vec<Self> = Vec::new();
        for part in parts {
            match sums.iter_mut().find(|sum| sum.currency == part.currency) {
                Some(sum) => sum.minor = sum.minor.saturating_add(part.minor),
                None => sums.push(part),
            }
        }
        sums
    }

    /// Without sign or grouping, for machines: `1234.50`.
    pub fn plain(&self) -> String {
        let decimals = usize::from(self.currency.decimals);
        let digits = format!("{:0>width$}", self.minor.unsigned_abs(), width = decimals + 1);
        let (whole, fraction) = digits.split_at(digits.len() - decimals);
        let sign = if self.minor < 0 { "-" } else { "" };
        if decimals == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") }
    }
}

impl fmt::Display for Sum {
    /// As an amount.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let plain = self.plain();
        let unsigned = plain.trim_start_matches('-');
        let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, d)| (w, Some(d)));
        let mut text = String::from(if self.minor < 0 { "-" } else { "" });
        text.push_str(self.currency.symbol());
        for (i, digit) in whole.chars().enumerate() {
            if i > 0 && (whole.len() - i).is_multiple_of(3) {
                text.push(',');
            }
            text.push(digit);
        }
        if let Some(fraction) = fraction {
            text.push('.');
            text.push_str(fraction);
        }
        if self.currency.symbol().is_empty() {
            text.push(' ');
            text.push_str(self.currency.code());
        }
        f.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn yen_has_no_decimals_and_hong_kong_dollars_two() {
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money { minor: 500, currency: yen }.to_string(), "JP¥500");
        assert_eq!(Money::parse("¥500", yen), Ok(Money { minor: 500, currency: yen }));
        assert_eq!(Money::parse("5.00", yen), Err(MoneyError::Decimals(0)));
        let hkd = Currency::parse("hkd").unwrap();
        assert_eq!(Money { minor: 1234, currency: hkd }.to_string(), "HK$12.34");
    }

    #[test]
    fn sums_are_exact_beyond_what_an_amount_can_be_and_totals_are_none() {
        let huge = [Money::cny(i64::MAX), Money::cny(i64::MAX), Money::cny(2)];
        let sums: Vec<String> = Money::sums(huge).iter().map(ToString::to_string).collect();
        assert_eq!(sums, ["¥184,467,440,737,095,516.16"]);
        assert_eq!(Money::total(huge, Currency::CNY), None);
        assert_eq!(Money::total([Money::cny(3), Money::cny(-1)], Currency::CNY), Some(Money::cny(2)));
        let yen = Currency::parse("JPY").unwrap();
        assert_eq!(Money::total([Money::cny(3), Money { minor: 1, currency: yen }], Currency::CNY), None);
        assert_eq!(Money::cny(i64::MIN).to_string(), "-¥92,233,720,368,547,758.08");
    }

    #[test]
    fn what_is_not_an_amount_is_refused() {
        for text in ["", ".", "1.", ".5", "1,5", "12,34.00", "1e3", "0x10", "１２", "1 000", "--1", "1.2.3", ","] {
            assert_eq!(Money::parse(text, Currency::CNY), Err(MoneyError::Malformed), "{text:?}");
        }
        assert_eq!(Money::parse("1.234", Currency::CNY), Err(MoneyError::Decimals(2)));
        assert_eq!(Money::parse("99999999999999999999", Currency::CNY), Err(MoneyError::Range));
    }

    proptest! {
        #[test]
        fn an_amount_survives_being_printed_and_read(fen in -10_000_000_000_000i64..10_000_000_000_000) {
            let amount = Money::cny(fen);
            prop_assert_eq!(Money::parse(&amount.to_string(), Currency::CNY), Ok(amount));
            prop_assert_eq!(Money::parse(&amount.plain(), Currency::CNY), Ok(amount));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,24}") {
            let _ = Money::parse(&text, Currency::CNY);
        }
    }
}
