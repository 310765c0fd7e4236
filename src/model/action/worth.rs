//! The amount of money in an unknown JSON document, by the names of its members.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};

use crate::model::{Currency, Money};

/// Parts of the names of money members in WeChat Pay's API (`transfer_amount`, `payer_total`, `refund_fee`, …).
const NAMES: [&str; 13] =
    ["amount", "total", "money", "fee", "price", "cash", "fund", "refund", "balance", "sum", "cost", "payment", "fen"];

/// A JSON value without duplicate names: which of two a reader uses is undefined.
pub(super) enum Json {
    Integer(i64),
    Text(String),
    /// A fraction, or an integer out of the range of amounts.
    OtherNumber,
    /// True, false, null.
    Word,
    List(Vec<Json>),
    Members(Vec<(String, Json)>),
}

/// What a document contains: its money, and the currencies.
#[derive(Default)]
struct Found {
    currencies: Vec<String>,
}

/// The most money that a document can be about: of the members of an object the largest, of a list the sum. `None` if
/// it has none; an error if it is ambiguous.
pub(super) fn worth(body: &str) -> Result<Option<Money>, serde_json::Error> {
    let value: Json = serde_json::from_str(body)?;
    if !matches!(value, Json::Members(_)) {
        return Err(serde_json::Error::custom("the body is no object"));
    }
    let mut found = Found::default();
    let minor = found.of(&value, false)?;
    let mut currency = None;
    for code in &found.currencies {
        let parsed = Currency::parse(code).ok_or_else(|| serde_json::Error::custom("the currency is unknown"))?;
        if currency.is_some_and(|known| known != parsed) {
            return Err(serde_json::Error::custom("there are several currencies"));
        }
        currency = Some(parsed);
    }
    Ok(minor.map(|minor| Money { minor, currency: currency.unwrap_or(Currency::CNY) }))
}

impl Found {
    /// `named`: a name of money is above the value.
    fn of(&mut self, value: &Json, named: bool) -> Result<Option<i64>, serde_json::Error> {
        let unclear = |why: &str| Err(serde_json::Error::custom(why.to_owned()));
        match value {
            Json::Integer(minor) if named && *minor < 0 => unclear("an amount is negative"),
            Json::Integer(minor) => Ok(named.then_some(*minor)),
            Json::OtherNumber if named => unclear("an amount is no whole number"),
            Json::Text(text) if named && text.trim().parse::<f64>().is_ok() => {
                unclear("an amount is written as a text")
            }
            Json::OtherNumber | Json::Text(_) | Json::Word => Ok(None),
            Json::List(items) => {
                let mut sum = None::<i64>;
                for item in items {
                    let Some(worth) = self.of(item, named)? else { continue };
                    let Some(more) = sum.unwrap_or(0).checked_add(worth) else {
                        return unclear("it is beyond all money");
                    };
                    sum = Some(more);
                }
                Ok(sum)
            }
            Json::Members(members) => {
                let mut most = None;
                for (name, value) in members {
                    let name = name.to_ascii_lowercase();
                    match value {
                        Json::Text(code) if name.contains("currency") || name == "fee_type" => {
                            self.currencies.push(code.clone());
                        }
                        // A refund number is not an amount, although its name contains one.
                        Json::Text(_) => {
                            let last = name.rsplit('_').next().unwrap_or_default();
                            most = most.max(self.of(value, named || NAMES.contains(&last))?);
                        }
                        value => {
                            let is_money = named || NAMES.iter().any(|money| name.contains(money));
                            most = most.max(self.of(value, is_money)?);
                        }
                    }
                }
                Ok(most)
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Json, E> {
        Ok(Json::Word)
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Word)
    }

    fn visit_i64<E>(self, number: i64) -> Result<Json, E> {
        Ok(Json::Integer(number))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Json, E> {
        Ok(i64::try_from(number).map_or(Json::OtherNumber, Json::Integer))
    }

    fn visit_f64<E>(self, _: f64) -> Result<Json, E> {
        Ok(Json::OtherNumber)
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let (mut members, mut names) = (Vec::new(), std::collections::BTreeSet::new());
        while let Some((name, value)) = map.next_entry::<String, Json>()? {
            if !names.insert(name.clone()) {
                return Err(A::Error::custom(format!("{name} stands twice")));
            }
            members.push((name, value));
        }
        Ok(Json::Members(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minor(body: &str) -> Option<Option<i64>> {
        worth(body).map(|money| money.map(|money| money.minor)).ok()
    }

    #[test]
    fn money_is_known_by_any_name_wherever_it_stands() {
        for (body, expected) in [
            ("{}", None),
            (r#"{"number": 5, "time": 1700000000, "note": "300"}"#, None),
            (r#"{"transfer_amount": 300}"#, Some(300)),
            (r#"{"receivers": [{"amount": 100}, {"amount": 250}]}"#, Some(350)),
            (r#"{"amount": {"total": 9000, "refund": 5}}"#, Some(9000)),
            (
                r#"{"transfer_detail_list": [{"transfer_amount": 1}, {"transfer_amount": 2}], "total_amount": 3}"#,
                Some(3),
            ),
            (
                r#"{"transfer_detail_list": [{"transfer_amount": 1}, {"transfer_amount": 2}], "total_amount": 1}"#,
                Some(3),
            ),
            (r#"{"Total_Fee": 7}"#, Some(7)),
            (r#"{"refund": {"from": [{"account": "AVAILABLE", "value": 8}]}}"#, Some(8)),
            (r#"{"total\u005famount": 100}"#, Some(100)),
            (r#"{"amount": [[1], [2, 3]]}"#, Some(6)),
            (r#"{"amount": {"total": 4, "currency": "CNY", "note": "none"}}"#, Some(4)),
            (r#"{"out_refund_no": "1217752501", "payment_time": "20250101", "fund_account": "BASIC"}"#, None),
        ] {
            assert_eq!(minor(body), Some(expected), "{body}");
        }
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        for body in [
            "",
            "total_amount=100",
            "[1]",
            "5",
            r#"{"a": {"x": 1, "x": 2}}"#,
            r#"{"amount": 1, "amount": 2}"#,
            r#"{"amount": 1, "\u0061mount": 2}"#,
            r#"{"amount": "100"}"#,
            r#"{"amount": " +1"}"#,
            r#"{"amount": 1e2}"#,
            r#"{"amount": 1.5}"#,
            r#"{"amount": -1}"#,
            r#"{"amount": 99999999999999999999}"#,
            r#"{"amount": [9223372036854775807, 1]}"#,
            r#"{"amount": {"total": 1, "currency": "¥¥"}}"#,
            r#"{"amount": {"total": 1, "currency": "CNY", "payer_currency": "HKD"}}"#,
        ] {
            assert_eq!(minor(body), None, "{body}");
        }
        let dollars = worth(r#"{"amount": {"total": 1, "currency": "USD"}}"#).unwrap().unwrap();
        assert_eq!(dollars.currency, Currency::parse("USD").unwrap());
    }
}
