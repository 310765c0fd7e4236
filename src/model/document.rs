//! Lenient reading of WeChat Pay's documents: a member of an unexpected type is that member missing, never an error
//! of the whole (PayScore reference §8, coupons reference §0).

use serde_json::Value;

use super::time::{Timestamp, parse_any};
use super::{Currency, Money};

/// Why a document cannot be read as the object that was queried.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("the document is not JSON")]
    Json(#[from] serde_json::Error),
    #[error("the document is not UTF-8")]
    Encoding(#[from] std::str::Utf8Error),
    #[error("the document cannot be unpacked: {0}")]
    Packed(String),
    #[error("the document has no {0}")]
    Missing(&'static str),
    #[error("the document's {field} is not a number: {source}")]
    Number { field: &'static str, source: super::NumberError },
}

/// A JSON object whose members are read by name, leniently. A missing object reads as one without members.
#[derive(Clone, Copy, Debug)]
pub struct Document<'a>(&'a Value);

impl<'a> Document<'a> {
    pub fn new(value: &'a Value) -> Self {
        Self(value)
    }

    /// One text member of a document that has not been parsed yet.
    pub fn member(raw: &str, name: &str) -> Option<String> {
        let value: Value = serde_json::from_str(raw).ok()?;
        Document::new(&value).text(name)
    }

    /// Text; numbers and booleans as they are written. Empty text counts as missing (samples send `""`).
    pub fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::String(text) if text.is_empty() => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(flag) => Some(flag.to_string()),
            _ => None,
        }
    }

    /// An integer, or text holding one.
    pub(crate) fn int(&self, name: &str) -> Option<i64> {
        match self.0.get(name)? {
            Value::Number(number) => number.as_i64(),
            Value::String(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// A boolean, or text containing one (`"ture"` is a misspelling in WeChat Pay's documentation).
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.0.get(name)? {
            Value::Bool(flag) => Some(*flag),
            Value::String(text) => match text.as_str() {
                "true" | "ture" => Some(true),
                "false" => Some(false),
                _ => None,
            },
            _ => None,
        }
    }

    /// An amount in fen.
    pub fn fen(&self, name: &str) -> Option<Money> {
        self.int(name).map(Money::cny)
    }

    /// An amount in the smallest unit of the currency in the member beside it; CNY if there is no such member.
    pub fn money(&self, name: &str, currency_name: &str) -> Option<Money> {
        self.money_in(name, &[currency_name])
    }

    /// The same with the currency in the first of these members that exists. `None` if that is not a currency.
    pub(crate) fn money_in(&self, name: &str, currency_names: &[&str]) -> Option<Money> {
        let code = currency_names.iter().find_map(|name| self.text(name));
        let currency = code.map_or(Some(Currency::CNY), |code| Currency::parse(&code))?;
        self.int(name).map(|minor| Money { minor, currency })
    }

    pub fn time(&self, name: &str) -> Option<Timestamp> {
        parse_any(&self.text(name)?)
    }

    /// A member object.
    pub fn object(&self, name: &str) -> Document<'a> {
        Self(self.0.get(name).unwrap_or(&Value::Null))
    }

    /// A member array; a single object stands for an array of one (an official sample writes it so).
    pub fn list(&self, name: &str) -> Vec<Document<'a>> {
        match self.0.get(name) {
            Some(Value::Array(items)) => items.iter().map(Document).collect(),
            Some(one @ Value::Object(_)) => vec![Document(one)],
            _ => Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn members_of_unexpected_types_are_missing_and_nothing_else_breaks() {
        let value = json!({"a": "12", "b": 12, "c": [], "d": "", "e": "ture", "one": {"x": 1}, "t": "20251009"});
        let doc = Document::new(&value);
        assert_eq!((doc.int("a"), doc.int("b"), doc.int("c")), (Some(12), Some(12), None));
        assert_eq!((doc.text("b"), doc.text("c"), doc.text("d")), (Some("12".into()), None, None));
        assert_eq!(doc.flag("e"), Some(true));
        assert_eq!(doc.list("one").len(), 1);
        assert_eq!(doc.object("missing").object("deeper").int("x"), None);
        assert!(doc.time("t").is_some());
    }
}
