//! A filled-in form, parsed once: the rules between fields and the request use the same values.

use serde_json::{Map, Value};

use super::body::place;
use super::field::{Reading, Typed, rows};
use super::{Action, Field, FieldError, PrepareError, Problem, Values};
use crate::model::time::Timestamp;
use crate::model::{Currency, Kind, Money, Object, ObjectId, Region};

/// The currency of the amounts in a form: that of the object's own amount, else the one that was typed, else yuan.
pub(crate) fn form_currency(object: Option<&Object>, values: &Values) -> Currency {
    let own = object.and_then(|object| object.entity.amount()).map(|amount| amount.currency);
    let typed = || values.get("currency").and_then(|code| Currency::parse(code));
    own.or_else(typed).unwrap_or(Currency::CNY)
}

/// What was filled in, by field name. The typed readers skip a value that could not be parsed; [`FormValues::check`] reports
/// the error of its field.
pub(super) struct FormValues<'a> {
    values: &'a Values,
    /// In the order of the form.
    read: Vec<(&'static Field, Reading)>,
    /// The currency of its amounts.
    pub(super) currency: Currency,
    pub(super) now: Timestamp,
}

impl<'a> FormValues<'a> {
    /// Parses the fields of an action in a region, with the amounts in [`form_currency`].
    pub(super) fn read(
        action: &Action,
        object: Option<&Object>,
        values: &'a Values,
        region: Region,
        now: Timestamp,
    ) -> Self {
        let currency = form_currency(object, values);
        let read = |field: &'static Field| Some((field, field.read(values.get(field.name)?, currency)));
        Self { values, read: action.fields_in(region).filter_map(read).collect(), currency, now }
    }

    /// Checks one field by itself.
    pub(super) fn check(&self, field: &Field) -> Result<(), Problem> {
        field.judge(self.reading(field.name).unwrap_or(&Ok(None)), self.now)
    }

    /// The names of everything that has a value.
    pub(super) fn filled(&self) -> impl Iterator<Item = &'static str> {
        self.values.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, _)| *name)
    }

    pub(super) fn is_filled(&self, name: &str) -> bool {
        !self.text(name).is_empty()
    }

    /// The text as it was typed, valid or not.
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.values.get(name).map_or("", |text| text.trim())
    }

    /// The text as it was typed, if there is any.
    pub(super) fn filled_text(&self, name: &str) -> Option<&'a str> {
        Some(self.text(name)).filter(|text| !text.is_empty())
    }

    fn reading(&self, name: &str) -> Option<&Reading> {
        self.read.iter().find(|(field, _)| field.name == name).map(|(_, reading)| reading)
    }

    pub(super) fn typed(&self, name: &str) -> Option<&Typed> {
        self.reading(name)?.as_ref().ok()?.as_ref()
    }

    pub(super) fn money(&self, name: &str) -> Option<Money> {
        if let Typed::Money(amount) = self.typed(name)? { Some(*amount) } else { None }
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        if let Typed::Whole(whole) = self.typed(name)? { Some(*whole) } else { None }
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        if let Typed::Time(at) | Typed::Compact(_, at) = self.typed(name)? { Some(*at) } else { None }
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        if let Typed::Flag(flag) = self.typed(name)? { Some(*flag) } else { None }
    }

    pub(super) fn words(&self, name: &str) -> &[String] {
        if let Some(Typed::Words(words)) = self.typed(name) { words } else { &[] }
    }

    /// The cells of each row as they were typed.
    pub(super) fn rows(&self, name: &str) -> Vec<Vec<&'a str>> {
        self.values.get(name).map(|text| rows(text)).unwrap_or_default()
    }

    /// The amounts in a column, of each row.
    pub(super) fn amounts(&self, name: &str, column: usize) -> Vec<Option<Money>> {
        self.column(name, column, |cell| if let Typed::Money(amount) = cell { Some(*amount) } else { None })
    }

    /// The counts in a column, of each row.
    pub(super) fn wholes(&self, name: &str, column: usize) -> Vec<Option<i64>> {
        self.column(name, column, |cell| if let Typed::Whole(whole) = cell { Some(*whole) } else { None })
    }

    fn column<T>(&self, name: &str, column: usize, of: impl Fn(&Typed) -> Option<T>) -> Vec<Option<T>> {
        let Some(Typed::Rows(rows)) = self.typed(name) else { return Vec::new() };
        rows.iter().map(|cells| of(cells.get(column)?.as_ref().ok()?.as_ref()?)).collect()
    }

    /// The id of what is made under the number of the form.
    pub(super) fn id(&self, kind: Kind) -> Result<ObjectId, PrepareError> {
        match self.typed("number") {
            Some(Typed::Number(number)) => Ok(ObjectId::new(kind, number.clone())),
            _ => Err(PrepareError::field("number", Problem::Required)),
        }
    }

    /// The body that the fields declare: what was filled in, each at its place.
    pub(super) fn body(&self) -> Map<String, Value> {
        let mut body = Map::new();
        for (field, reading) in self.read.iter().filter(|(field, _)| !field.at.is_empty()) {
            if let Ok(Some(typed)) = reading {
                place(&mut body, field.at, field.json(typed));
            }
        }
        body
    }
}

impl PrepareError {
    pub(super) fn field(field: &'static str, problem: Problem) -> Self {
        Self::Fields(vec![FieldError { field, problem }])
    }
}
