//! The fields of forms and the documented rules each is held to by itself.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::abnormal::card_number;
use crate::model::time::{Timestamp, parse_compact, parse_typed, rfc3339};
use crate::model::{Currency, Money, MoneyError, Number, NumberError, Region};

/// One field of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its flag on the command line.
    pub name: &'static str,
    /// The message that names it.
    pub label: &'static str,
    pub kind: FieldKind,
    pub required: bool,
    pub in_bulk: InBulk,
    /// Where its value stands in the body, as a JSON pointer; of a column, in its row. Empty for what the action
    /// places itself.
    pub at: &'static str,
    /// The one region in which there is such a field; `None` if there is in both.
    pub only: Option<Region>,
}

/// Where the value of a field comes from in a bulk action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBulk {
    /// It is filled in once and holds for all objects.
    Shared,
    /// Each object takes its own; the message that says which.
    Own(&'static str),
}

/// What a field holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of at most so many characters (a Chinese character counts one).
    Text { max: usize },
    /// Yuan with up to two decimals, at least 0; of a Global merchant, the currency's own decimals.
    Money,
    /// Compact time `20251009165320` or a day `20251009`, Beijing, not in the future.
    CompactTime,
    /// The same, of what is still to come.
    LaterCompactTime,
    /// `OnAccept`, or a compact time to come (PayScore reference §4.2).
    Start,
    /// An instant, sent as RFC 3339: `2026-12-01 08:00`, Beijing, or with an offset.
    Time,
    /// A refund's number.
    Number,
    /// A number of the merchant's making of so many characters.
    Id { min: usize, max: usize },
    /// A whole number within bounds.
    Whole { min: i64, max: i64 },
    /// One of the values; each has a message `choice-…`.
    Choice(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// Where notifications go: https, without a query, of at most so many characters.
    Url { max: usize },
    /// Texts parted by commas, at most so many of so many characters.
    Words { most: usize, max: usize },
    /// The number of a bank card, which is encrypted when it is sent.
    CardNumber,
    /// The name of a person, which is encrypted when it is sent.
    HolderName { max: usize },
    /// Rows of cells.
    Rows { columns: &'static [Field], most: usize },
}

/// What was filled in, by field name. Rows are lines, their cells parted by tabs.
pub type Values = BTreeMap<&'static str, String>;

/// A field that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    pub field: &'static str,
    pub problem: Problem,
}

/// The rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    Required,
    TooLong {
        max: usize,
    },
    TooShort {
        min: usize,
    },
    /// Outside the three-byte UTF-8 that WeChat Pay accepts: emoji and the like (protocol reference §2).
    Character(char),
    NotMoney(MoneyError),
    Negative,
    /// An amount may only be lowered (PayScore reference §4.6).
    NotLower {
        current: Money,
    },
    NotATime,
    Future,
    Past,
    Zero,
    /// No more may be refunded than is left.
    NotMore {
        most: Money,
    },
    /// A character that no number has.
    NotInNumbers(char),
    NotWhole,
    NotWithin {
        min: i64,
        max: i64,
    },
    NotAChoice,
    NotYesOrNo,
    /// An address for notifications that WeChat Pay would refuse (protocol reference §9.5).
    NotHttps,
    HasQuery,
    TooMany {
        most: usize,
    },
    /// A rule between fields: the message that quotes it, with the value that it was compared to.
    Rule {
        id: &'static str,
        value: String,
    },
    /// Something about one row, counted from 1.
    Row {
        row: usize,
        /// The label of the column; `None` if the rule is the row's.
        column: Option<&'static str>,
        problem: Box<Self>,
    },
    /// A member of a given document that is not known, or not of the right type.
    Member(String),
}

impl FieldKind {
    /// Whether its text is encrypted when it is sent, and masked wherever it is shown.
    pub const fn is_secret(self) -> bool {
        matches!(self, Self::CardNumber | Self::HolderName { .. })
    }
}

impl Field {
    /// A field that must be filled in; of many objects each has its own.
    pub(super) const fn needed(name: &'static str, label: &'static str, kind: FieldKind, at: &'static str) -> Self {
        Self { name, label, kind, required: true, in_bulk: InBulk::Shared, at, only: None }
    }

    /// The same in one region only.
    pub(super) const fn only(self, region: Region) -> Self {
        Self { only: Some(region), ..self }
    }

    /// A field that may be left empty.
    pub(super) const fn optional(name: &'static str, label: &'static str, kind: FieldKind, at: &'static str) -> Self {
        Self { required: false, ..Self::needed(name, label, kind, at) }
    }

    /// Checks what was typed, alone; rules between fields and the object are checked in `prepare`.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<(), Problem> {
        self.check_in(text, now, Currency::CNY)
    }

    /// The same, of amounts in a currency.
    pub fn check_in(&self, text: &str, now: Timestamp, currency: Currency) -> Result<(), Problem> {
        // Cells are parted by tabs, and an empty first one is no space to be trimmed.
        let text = if matches!(self.kind, FieldKind::Rows { .. }) { text.trim_matches('\n') } else { text.trim() };
        if text.is_empty() {
            return if self.required { Err(Problem::Required) } else { Ok(()) };
        }
        match self.kind {
            FieldKind::Text { max } => check_text(text, max),
            FieldKind::Money => money_in(text, currency).map(drop),
            FieldKind::CompactTime => match parse_compact(text) {
                None => Err(Problem::NotATime),
                Some(at) if at > now => Err(Problem::Future),
                Some(_) => Ok(()),
            },
            FieldKind::Start if text == ON_ACCEPT => Ok(()),
            FieldKind::Start | FieldKind::LaterCompactTime => match parse_compact(text) {
                None => Err(Problem::NotATime),
                // A day that has begun is still to come, as a day.
                Some(at) if at <= now && !(text.len() == 8 && is_today(at, now)) => Err(Problem::Past),
                Some(_) => Ok(()),
            },
            FieldKind::Time => parse_typed(text).map(drop).ok_or(Problem::NotATime),
            FieldKind::Number => check_number(text, 1, Number::LONGEST),
            FieldKind::Id { min, max } => match text.find('@') {
                Some(_) => Err(Problem::NotInNumbers('@')),
                None => check_number(text, min, max),
            },
            FieldKind::Whole { min, max } => match text.parse::<i64>() {
                Err(_) => Err(Problem::NotWhole),
                Ok(whole) if !(min..=max).contains(&whole) => Err(Problem::NotWithin { min, max }),
                Ok(_) => Ok(()),
            },
            FieldKind::Choice(values) => values.contains(&text).then_some(()).ok_or(Problem::NotAChoice),
            FieldKind::Flag => flag(text).map(drop).ok_or(Problem::NotYesOrNo),
            FieldKind::Url { max } => check_url(text, max),
            FieldKind::Words { most, max } => match words(text) {
                words if words.is_empty() => Err(Problem::Required),
                words if words.len() > most => Err(Problem::TooMany { most }),
                words => words.into_iter().try_for_each(|word| check_text(word, max)),
            },
            FieldKind::CardNumber => card_number(text).map(drop),
            FieldKind::HolderName { max } => check_text(text, max),
            FieldKind::Rows { columns, most } => check_rows(text, columns, most, now, currency),
        }
    }

    /// The value that stands for a text in the body. The text was checked.
    pub(crate) fn value(&self, text: &str, currency: Currency) -> Value {
        let text = if matches!(self.kind, FieldKind::Rows { .. }) { text } else { text.trim() };
        match self.kind {
            FieldKind::Money => money_in(text, currency).map_or(Value::Null, |amount| amount.minor.into()),
            FieldKind::Whole { .. } => text.parse::<i64>().map_or(Value::Null, Value::from),
            FieldKind::Flag => flag(text).map_or(Value::Null, Value::from),
            FieldKind::Time => parse_typed(text).map_or(Value::Null, |at| rfc3339(at).into()),
            FieldKind::Words { .. } => words(text).into_iter().map(Value::from).collect(),
            FieldKind::Rows { columns, .. } => {
                let row = |cells: Vec<&str>| {
                    let mut row = Map::new();
                    for (column, cell) in columns.iter().zip(cells).filter(|(_, cell)| !cell.is_empty()) {
                        row.insert(column.at.to_owned(), column.value(cell, currency));
                    }
                    Value::Object(row)
                };
                rows(text).into_iter().map(row).collect()
            }
            _ => text.into(),
        }
    }

    /// The text that stands for a value of a body; `None` if it is of another type.
    pub(super) fn text(&self, value: &Value, currency: Currency) -> Option<String> {
        match (self.kind, value) {
            (FieldKind::Money, value) => Some(Money { minor: value.as_i64()?, currency }.plain()),
            (FieldKind::Whole { .. }, value) => Some(value.as_i64()?.to_string()),
            (FieldKind::Flag, value) => Some(value.as_bool()?.to_string()),
            (FieldKind::Words { .. }, Value::Array(items)) => {
                Some(items.iter().map(Value::as_str).collect::<Option<Vec<_>>>()?.join(","))
            }
            (FieldKind::Rows { columns, .. }, Value::Array(items)) => {
                let row = |item: &Value| {
                    let item = item.as_object()?;
                    // What a row has beside its columns must not vanish silently.
                    if item.keys().any(|key| !columns.iter().any(|column| column.at == key)) {
                        return None;
                    }
                    let cell = |column: &Self| match item.get(column.at) {
                        None => Some(String::new()),
                        // What parts cells and rows here would make another row of it, with other amounts.
                        Some(value) => column.text(value, currency).filter(|text| !text.contains(is_parting)),
                    };
                    Some(columns.iter().map(cell).collect::<Option<Vec<_>>>()?.join("\t"))
                };
                Some(items.iter().map(row).collect::<Option<Vec<_>>>()?.join("\n"))
            }
            (FieldKind::Rows { .. } | FieldKind::Words { .. }, _) => None,
            (_, Value::String(text)) => Some(text.clone()),
            _ => None,
        }
    }
}

/// The start of a service that begins when the user accepts it.
pub(super) const ON_ACCEPT: &str = "OnAccept";

/// True for what parts the cells and rows of a field, and so is part of none.
pub fn is_parting(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

/// The rows of a field, each with its cells. Empty rows are none.
pub fn rows(text: &str) -> Vec<Vec<&str>> {
    let filled = |line: &&str| !line.trim().is_empty();
    text.lines().filter(filled).map(|line| line.split('\t').map(str::trim).collect()).collect()
}

fn words(text: &str) -> Vec<&str> {
    text.split([',', '，']).map(str::trim).filter(|word| !word.is_empty()).collect()
}

/// Yes or no, as a person or a document writes it.
pub(super) fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "是" => Some(true),
        "false" | "no" | "n" | "否" => Some(false),
        _ => None,
    }
}

fn check_rows(
    text: &str,
    columns: &'static [Field],
    most: usize,
    now: Timestamp,
    currency: Currency,
) -> Result<(), Problem> {
    let rows = rows(text);
    if rows.len() > most {
        return Err(Problem::TooMany { most });
    }
    for (i, cells) in rows.iter().enumerate() {
        let told = |column, problem| Problem::Row { row: i + 1, column, problem: Box::new(problem) };
        if cells.len() > columns.len() {
            return Err(told(None, Problem::TooMany { most: columns.len() }));
        }
        for (place, column) in columns.iter().enumerate() {
            let cell = cells.get(place).copied().unwrap_or_default();
            column.check_in(cell, now, currency).map_err(|problem| told(Some(column.label), problem))?;
        }
    }
    Ok(())
}

fn check_text(text: &str, max: usize) -> Result<(), Problem> {
    if let Some(c) = text.chars().find(|c| c.len_utf8() > 3 || c.is_control()) {
        return Err(Problem::Character(c));
    }
    if text.chars().count() > max { Err(Problem::TooLong { max }) } else { Ok(()) }
}

fn check_number(text: &str, min: usize, max: usize) -> Result<(), Problem> {
    match Number::parse(text) {
        Ok(_) if text.len() > max => Err(Problem::TooLong { max }),
        Ok(_) if text.len() < min => Err(Problem::TooShort { min }),
        Ok(_) => Ok(()),
        Err(NumberError::Empty) => Err(Problem::Required),
        Err(NumberError::TooLong(_)) => Err(Problem::TooLong { max }),
        Err(NumberError::Character(c)) => Err(Problem::NotInNumbers(c)),
    }
}

/// A notification address. A gateway on this machine may be told of one on this machine.
fn check_url(text: &str, max: usize) -> Result<(), Problem> {
    check_text(text, max)?;
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|host| text.strip_prefix(host).is_some_and(|rest| rest.starts_with([':', '/'])));
    let host = text.strip_prefix("https://").unwrap_or_default();
    match () {
        () if text.contains(['?', '#']) => Err(Problem::HasQuery),
        () if is_local || !(host.is_empty() || host.starts_with('/')) => Ok(()),
        () => Err(Problem::NotHttps),
    }
}

fn is_today(at: Timestamp, now: Timestamp) -> bool {
    let day = |at: Timestamp| crate::model::time::beijing_day(at);
    day(at) == day(now)
}

/// An amount as typed: yuan, not negative.
pub(super) fn money(text: &str) -> Result<Money, Problem> {
    money_in(text, Currency::CNY)
}

/// The same in a currency.
pub(super) fn money_in(text: &str, currency: Currency) -> Result<Money, Problem> {
    let amount = Money::parse(text, currency).map_err(Problem::NotMoney)?;
    if amount.minor < 0 { Err(Problem::Negative) } else { Ok(amount) }
}
