//! The fields of forms, and the documented rules for each field alone.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::model::time::{Timestamp, parse_compact, parse_typed, rfc3339};
use crate::model::{Currency, Money, MoneyError, Number, NumberError, Region};

/// Digits of a card number. The reference has no limits; cards have 12 to 19, and some accounts more.
const LEAST_DIGITS: usize = 8;
const MOST_DIGITS: usize = 32;

/// One field of a form.
#[derive(Debug, PartialEq, Eq)]
pub struct Field {
    /// Its flag on the command line.
    pub name: &'static str,
    /// Its message id.
    pub label: &'static str,
    pub kind: FieldKind,
    pub required: bool,
    pub in_bulk: InBulk,
    /// The position of its value in the body, as a JSON pointer; for a column, in its row. Empty if the action sets it
    /// itself.
    pub at: &'static str,
    /// The only region that has the field; `None` if both have it.
    pub only: Option<Region>,
    /// The usual value, with which it starts.
    pub usual: &'static str,
}

/// The source of a field's value in a bulk action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InBulk {
    /// Filled in once, for all objects.
    Shared,
    /// Each object has its own; the message id of the source.
    Own(&'static str),
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldKind {
    /// Text of at most so many characters (a Chinese character counts one).
    Text { max: usize },
    /// Yuan with up to two decimals, at least 0; for a Global merchant, the currency's own decimals.
    Money,
    /// Compact time `20251009165320` or a day `20251009`, Beijing, not in the future.
    CompactTime,
    /// The same, in the future.
    LaterCompactTime,
    /// `OnAccept`, or a compact time in the future (PayScore reference §4.2).
    Start,
    /// An instant, sent as RFC 3339: `2026-12-01 08:00`, Beijing, or with an offset.
    Time,
    /// A refund's number.
    Number,
    /// A number that the merchant assigns, with this many characters.
    Id { min: usize, max: usize },
    /// A whole number within bounds.
    Whole { min: i64, max: i64 },
    /// One of the values; each has a message `choice-…`.
    Choice(&'static [&'static str]),
    /// Yes or no.
    Flag,
    /// Where notifications go: https, without a query, of at most so many characters.
    Url { max: usize },
    /// Texts separated by commas, at most so many of so many characters.
    Words { most: usize, max: usize },
    /// A bank card number, which is encrypted when it is sent.
    CardNumber,
    /// A person's name, which is encrypted when it is sent.
    HolderName { max: usize },
    /// Rows of cells.
    Rows { columns: &'static [Field], most: usize },
}

/// What was filled in, by field name. Rows are lines, their cells separated by tabs.
pub type Values = BTreeMap<&'static str, String>;

/// A field's text, parsed by its type.
#[derive(Clone)]
pub(super) enum Typed {
    Text(String),
    Number(Number),
    Money(Money),
    Whole(i64),
    Flag(bool),
    Time(Timestamp),
    /// A compact time, with the text as it was typed, which is what is sent.
    Compact(String, Timestamp),
    Words(Vec<String>),
    Rows(Vec<Vec<Reading>>),
}

/// Parsed text; `None` if it is empty.
pub(super) type Reading = Result<Option<Typed>, Problem>;

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
    /// An amount may only be reduced (PayScore reference §4.6).
    NotLower {
        current: Money,
    },
    NotATime,
    Future,
    Past,
    Zero,
    /// At most what is left may be refunded.
    NotMore {
        most: Money,
    },
    /// A character that is not allowed in numbers.
    NotInNumbers(char),
    NotWhole,
    NotWithin {
        min: i64,
        max: i64,
    },
    NotAChoice,
    NotYesOrNo,
    /// A notification address that WeChat Pay would refuse (protocol reference §9.5).
    NotHttps,
    HasQuery,
    TooMany {
        most: usize,
    },
    /// A rule between fields: its message id, and the value of the other field.
    Rule {
        id: &'static str,
        value: String,
    },
    /// An error in one row, counted from 1.
    Row {
        row: usize,
        /// The label of the column; `None` if the error concerns the whole row.
        column: Option<&'static str>,
        problem: Box<Self>,
    },
    /// A member of a given document that is unknown, or not of the right type.
    Member(String),
}

impl FieldKind {
    /// How many of its last characters are shown of a secret; `None` for other fields.
    pub(super) const fn shown_of_secret(self) -> Option<usize> {
        match self {
            Self::CardNumber => Some(4),
            Self::HolderName { .. } => Some(1),
            _ => None,
        }
    }

    /// Whether its text is encrypted when it is sent, and masked wherever it is shown.
    pub const fn is_secret(self) -> bool {
        self.shown_of_secret().is_some()
    }
}

impl Field {
    /// A required field, filled in once in a bulk action.
    pub(super) const fn needed(name: &'static str, label: &'static str, kind: FieldKind, at: &'static str) -> Self {
        Self { name, label, kind, required: true, in_bulk: InBulk::Shared, at, only: None, usual: "" }
    }

    /// The same in one region only.
    pub(super) const fn only(self, region: Region) -> Self {
        Self { only: Some(region), ..self }
    }

    /// The same with a start value.
    pub(super) const fn usually(self, usual: &'static str) -> Self {
        Self { usual, ..self }
    }

    /// An optional field.
    pub(super) const fn optional(name: &'static str, label: &'static str, kind: FieldKind, at: &'static str) -> Self {
        Self { required: false, ..Self::needed(name, label, kind, at) }
    }

    /// Checks typed text by itself, with amounts in yuan; the action checks the rules between fields.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<(), Problem> {
        self.judge(&self.read(text, Currency::CNY), now)
    }

    /// Parses typed text, with amounts in a currency.
    pub(super) fn read(&self, text: &str, currency: Currency) -> Reading {
        // Cells are separated by tabs, and an empty first one must not be trimmed.
        let text = if matches!(self.kind, FieldKind::Rows { .. }) { text.trim_matches('\n') } else { text.trim() };
        if text.trim().is_empty() {
            return Ok(None);
        }
        let as_text = |checked: Result<(), Problem>| checked.map(|()| Typed::Text(text.to_owned()));
        let as_number = |min, max| Ok(Typed::Number(number(text, min, max)?));
        let typed = match self.kind {
            FieldKind::Text { max } | FieldKind::HolderName { max } => as_text(check_text(text, max)),
            FieldKind::Money => money(text, currency).map(Typed::Money),
            FieldKind::Start if text == ON_ACCEPT => as_text(Ok(())),
            FieldKind::CompactTime | FieldKind::LaterCompactTime | FieldKind::Start => {
                parse_compact(text).map(|at| Typed::Compact(text.to_owned(), at)).ok_or(Problem::NotATime)
            }
            FieldKind::Time => parse_typed(text).map(Typed::Time).ok_or(Problem::NotATime),
            FieldKind::Number => as_number(1, Number::LONGEST),
            FieldKind::Id { .. } if text.contains('@') => Err(Problem::NotInNumbers('@')),
            FieldKind::Id { min, max } => as_number(min, max),
            FieldKind::Whole { .. } => text.parse().map(Typed::Whole).map_err(|_| Problem::NotWhole),
            FieldKind::Choice(values) => as_text(values.contains(&text).then_some(()).ok_or(Problem::NotAChoice)),
            FieldKind::Flag => flag(text).map(Typed::Flag).ok_or(Problem::NotYesOrNo),
            FieldKind::Url { max } => as_text(check_url(text, max)),
            FieldKind::Words { most, max } => words(text, most, max).map(Typed::Words),
            FieldKind::CardNumber => card_number(text).map(Typed::Text),
            FieldKind::Rows { columns, .. } => {
                let cell =
                    |(place, text): (usize, &str)| columns.get(place).map_or(Ok(None), |c| c.read(text, currency));
                let row = |cells: Vec<&str>| cells.into_iter().enumerate().map(cell).collect();
                Ok(Typed::Rows(rows(text).into_iter().map(row).collect()))
            }
        };
        typed.map(Some)
    }

    /// Checks that a required value is there, and that it is within the field's limits.
    pub(super) fn judge(&self, reading: &Reading, now: Timestamp) -> Result<(), Problem> {
        let Some(typed) = reading.as_ref().map_err(Problem::clone)? else {
            return if self.required { Err(Problem::Required) } else { Ok(()) };
        };
        match (self.kind, typed) {
            (FieldKind::Whole { min, max }, Typed::Whole(whole)) if !(min..=max).contains(whole) => {
                Err(Problem::NotWithin { min, max })
            }
            (FieldKind::CompactTime, Typed::Compact(_, at)) if *at > now => Err(Problem::Future),
            // As a day, today is still in the future.
            (FieldKind::Start | FieldKind::LaterCompactTime, Typed::Compact(text, at))
                if *at <= now && !(text.len() == 8 && is_today(*at, now)) =>
            {
                Err(Problem::Past)
            }
            (FieldKind::Rows { columns, most }, Typed::Rows(rows)) => judge_rows(rows, columns, most, now),
            (FieldKind::Whole { .. } | FieldKind::CompactTime | FieldKind::LaterCompactTime | FieldKind::Start, _) => {
                Ok(())
            }
            // These have no limits except those of parsing.
            (FieldKind::Text { .. } | FieldKind::HolderName { .. } | FieldKind::CardNumber, _)
            | (FieldKind::Money | FieldKind::Time | FieldKind::Number | FieldKind::Id { .. } | FieldKind::Flag, _)
            | (FieldKind::Choice(_) | FieldKind::Url { .. } | FieldKind::Words { .. } | FieldKind::Rows { .. }, _) => {
                Ok(())
            }
        }
    }

    /// The amount in a text; `None` if the text does not parse, or the field is not for money.
    pub(crate) fn money(&self, text: &str, currency: Currency) -> Option<Money> {
        if let Ok(Some(Typed::Money(amount))) = self.read(text, currency) { Some(amount) } else { None }
    }

    /// The body's value for a text; null if the text does not parse.
    pub(crate) fn value(&self, text: &str, currency: Currency) -> Value {
        self.read(text, currency).ok().flatten().map_or(Value::Null, |typed| self.json(&typed))
    }

    /// The body's value for typed text.
    pub(super) fn json(&self, typed: &Typed) -> Value {
        match typed {
            Typed::Text(text) | Typed::Compact(text, _) => text.as_str().into(),
            Typed::Number(number) => number.as_str().into(),
            Typed::Money(amount) => amount.minor.into(),
            Typed::Whole(whole) => (*whole).into(),
            Typed::Flag(flag) => (*flag).into(),
            Typed::Time(at) => rfc3339(*at).into(),
            Typed::Words(words) => words.iter().map(String::as_str).map(Value::from).collect(),
            Typed::Rows(rows) => rows.iter().map(|cells| self.row_json(cells)).collect(),
        }
    }

    fn row_json(&self, cells: &[Reading]) -> Value {
        let FieldKind::Rows { columns, .. } = self.kind else { return Value::Null };
        let cell = |(column, cell): (&Self, &Reading)| {
            Some((column.at.to_owned(), column.json(cell.as_ref().ok()?.as_ref()?)))
        };
        Value::Object(columns.iter().zip(cells).filter_map(cell).collect())
    }

    /// The text for a value in a body; `None` if it has another type.
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
                    // Members of a row that are not columns must not be dropped silently.
                    if item.keys().any(|key| !columns.iter().any(|column| column.at == key)) {
                        return None;
                    }
                    let cell = |column: &Self| match item.get(column.at) {
                        None => Some(String::new()),
                        // A separator in a cell would turn it into other rows, with other amounts.
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

/// True for a character that separates the cells or rows of a field, and so is not allowed in a cell.
pub fn is_parting(c: char) -> bool {
    matches!(c, '\t' | '\n' | '\r')
}

/// The rows of a field, each with its cells. Empty rows are left out.
pub fn rows(text: &str) -> Vec<Vec<&str>> {
    let filled = |line: &&str| !line.trim().is_empty();
    text.lines().filter(filled).map(|line| line.split('\t').map(str::trim).collect()).collect()
}

fn words(text: &str, most: usize, max: usize) -> Result<Vec<String>, Problem> {
    let words = text.split([',', '，']).map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned);
    let words: Vec<String> = words.collect();
    match words.len() {
        0 => Err(Problem::Required),
        count if count > most => Err(Problem::TooMany { most }),
        _ => words.iter().try_for_each(|word| check_text(word, max)).map(|()| words),
    }
}

/// Yes or no, as a person or a document writes it.
fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "是" => Some(true),
        "false" | "no" | "n" | "否" => Some(false),
        _ => None,
    }
}

fn judge_rows(rows: &[Vec<Reading>], columns: &'static [Field], most: usize, now: Timestamp) -> Result<(), Problem> {
    if rows.len() > most {
        return Err(Problem::TooMany { most });
    }
    for (i, cells) in rows.iter().enumerate() {
        let in_row = |column, problem| Problem::Row { row: i + 1, column, problem: Box::new(problem) };
        if cells.len() > columns.len() {
            return Err(in_row(None, Problem::TooMany { most: columns.len() }));
        }
        for (place, column) in columns.iter().enumerate() {
            let cell = cells.get(place).unwrap_or(&Ok(None));
            column.judge(cell, now).map_err(|problem| in_row(Some(column.label), problem))?;
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

fn number(text: &str, min: usize, max: usize) -> Result<Number, Problem> {
    match Number::parse(text) {
        Ok(_) if text.len() > max => Err(Problem::TooLong { max }),
        Ok(_) if text.len() < min => Err(Problem::TooShort { min }),
        Ok(number) => Ok(number),
        Err(NumberError::Empty) => Err(Problem::Required),
        Err(NumberError::TooLong(_)) => Err(Problem::TooLong { max }),
        Err(NumberError::Character(c)) => Err(Problem::NotInNumbers(c)),
    }
}

/// A notification address. A gateway on this machine may have one on this machine.
fn check_url(text: &str, max: usize) -> Result<(), Problem> {
    check_text(text, max)?;
    let local = ["http://127.0.0.1", "http://localhost", "http://[::1]"];
    let is_local = local.iter().any(|host| text.strip_prefix(host).is_some_and(|rest| rest.starts_with([':', '/'])));
    let host = text.strip_prefix("https://").unwrap_or_default();
    if text.contains(['?', '#']) {
        Err(Problem::HasQuery)
    } else if is_local || !(host.is_empty() || host.starts_with('/')) {
        Ok(())
    } else {
        Err(Problem::NotHttps)
    }
}

fn is_today(at: Timestamp, now: Timestamp) -> bool {
    let day = |at: Timestamp| crate::model::time::beijing_day(at);
    day(at) == day(now)
}

/// An amount as typed, not negative.
fn money(text: &str, currency: Currency) -> Result<Money, Problem> {
    let amount = Money::parse(text, currency).map_err(Problem::NotMoney)?;
    if amount.minor < 0 { Err(Problem::Negative) } else { Ok(amount) }
}

pub(super) const fn text(max: usize) -> FieldKind {
    FieldKind::Text { max }
}

/// Fields that several actions have.
pub(super) const APPID: Field = Field::needed("appid", "detail-appid", text(32), "/appid");
pub(super) const SERVICE: Field = Field::needed("service-id", "detail-service-id", text(32), "/service_id");
pub(super) const OPENID: Field = Field::needed("openid", "field-openid", text(128), "/openid");
pub(super) const NOTIFY: Field =
    Field::needed("notify-url", "detail-notify-url", FieldKind::Url { max: 255 }, "/notify_url");
pub(super) const REASON_50: Field = Field::needed("reason", "field-reason", text(50), "");
/// A number that the merchant assigns.
pub(super) const ID: FieldKind = FieldKind::Id { min: 1, max: 32 };

/// The digits of a card number, which people write in groups.
fn card_number(text: &str) -> Result<String, Problem> {
    let wrong = || Problem::Rule { id: "problem-card-number", value: String::new() };
    let digits: String = text.chars().filter(|c| !matches!(c, ' ' | '-' | '\u{3000}')).collect();
    let fits = (LEAST_DIGITS..=MOST_DIGITS).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    if fits { Ok(digits) } else { Err(wrong()) }
}
