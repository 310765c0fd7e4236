//! Currencies, their rates, and the articles sold in them.

use crate::model::time::{BEIJING, Timestamp};
use crate::model::{Currency, Money};

/// The currencies that orders may have (Global reference §0).
const LISTED: [&str; 30] = [
    "CNY", "HKD", "GBP", "USD", "JPY", "CAD", "AUD", "EUR", "NZD", "KRW", "THB", "SGD", "RUB", "CHF", "SEK", "DKK",
    "NOK", "AED", "TRY", "MOP", "TWD", "CZK", "MYR", "PHP", "IDR", "MNT", "QAR", "HUF", "KHR", "ISK",
];

/// Merchant categories from the published list: travel, shops, food, services.
pub(super) const CATEGORIES: [&str; 36] = [
    "1011", "4111", "4112", "4121", "4131", "4411", "4511", "4722", "4789", "4814", "4899", "5094", "5251", "5309",
    "5311", "5331", "5411", "5462", "5499", "5651", "5732", "5812", "5813", "5814", "5912", "5942", "5945", "5977",
    "5999", "7011", "7230", "7512", "7832", "7991", "8062", "8220",
];

/// The value of one unit of a currency in yuan, ×10⁸.
const WORTH: [(&str, i64); 8] = [
    ("CNY", 100_000_000),
    ("HKD", 92_000_000),
    ("JPY", 4_810_000),
    ("USD", 712_600_000),
    ("EUR", 826_400_000),
    ("GBP", 947_300_000),
    ("SGD", 548_100_000),
    ("KRW", 520_000),
];

/// The articles of the Global shops: description, category, currency and price in the smallest unit.
pub(super) const GOODS: [(&str, &str, &str, i64); 12] = [
    ("Harbour Cafe - breakfast set", "5812", "HKD", 6_800),
    ("Kyoto Crafts - 抹茶碗", "5999", "JPY", 4_800),
    ("Star Ferry - day pass", "4111", "HKD", 4_500),
    ("Bay Books - atlas, 2nd ed.", "5942", "USD", 2_999),
    ("Shinjuku Ramen - 特製ラーメン", "5814", "JPY", 1_280),
    ("Peak Hotel - one night", "7011", "HKD", 128_000),
    ("Airport Shuttle - two seats", "4131", "USD", 3_600),
    ("Nara Pharmacy - 胃腸薬", "5912", "JPY", 2_178),
    ("Mong Kok Sports - running shoes", "5651", "HKD", 59_900),
    ("Gallery Shop - print", "5999", "USD", 12_500),
    ("Osaka Aquarium - ticket", "7991", "JPY", 2_700),
    ("Central Market - fruit basket", "5411", "HKD", 18_850),
];

/// A currency that orders may have.
pub(super) fn listed(code: &str) -> Option<Currency> {
    LISTED.contains(&code).then(|| Currency::parse(code)).flatten()
}

/// The value of a currency in yuan, ×10⁸. It changes slightly every day at ten.
pub(super) fn rate(currency: Currency, at: Timestamp) -> i64 {
    let base = WORTH.iter().find(|(code, _)| *code == currency.code()).map_or(50_000_000, |(_, worth)| *worth);
    if currency == Currency::CNY {
        return base;
    }
    let day = (at.to_offset(BEIJING) - crate::model::time::Duration::hours(10)).date().to_julian_day();
    base + base / 10_000 * i64::from((day * 37).rem_euclid(41) - 20)
}

/// An amount in yuan at a rate, rounded half up.
pub(super) fn in_yuan(amount: Money, rate: i64) -> Money {
    let scale = |currency: Currency| 10i128.pow(u32::from(currency.decimals()));
    let worth = i128::from(amount.minor) * i128::from(rate) * scale(Currency::CNY);
    let unit = 100_000_000 * scale(amount.currency);
    Money::cny(i64::try_from((2 * worth + unit) / (2 * unit)).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::{Duration, parse_rfc3339};

    #[test]
    fn yen_and_dollars_are_worth_what_their_units_say() {
        let money = |minor, code: &str| Money { minor, currency: Currency::parse(code).unwrap() };
        assert_eq!(in_yuan(money(6_800, "HKD"), 92_000_000), Money::cny(6_256));
        assert_eq!(in_yuan(money(1_280, "JPY"), 4_810_000), Money::cny(6_157), "61.568 yuan");
        assert_eq!(in_yuan(money(100, "CNY"), 100_000_000), Money::cny(100));
        assert!(listed("HKD").is_some() && listed("hkd").is_none() && listed("XXX").is_none());
    }

    #[test]
    fn a_rate_changes_at_ten_in_the_morning() {
        let hkd = Currency::parse("HKD").unwrap();
        let ten = parse_rfc3339("2025-10-09T10:00:00+08:00").unwrap();
        let rates = [ten - Duration::SECOND, ten, ten + Duration::hours(23)].map(|at| rate(hkd, at));
        assert!(rates[0] != rates[1] && rates[1] == rates[2]);
    }

    #[test]
    fn whatever_is_sold_can_be_ordered() {
        for (description, category, currency, price) in GOODS {
            assert!(CATEGORIES.contains(&category) && listed(currency).is_some() && price > 0, "{description}");
        }
    }
}
