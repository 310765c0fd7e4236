//! Converts forms to bodies and back: each field defines the position of its value.

use serde_json::{Map, Value};

use super::{Action, Field, FieldError, FieldKind, Problem, Values};
use crate::model::{Currency, Region};

/// Sets a value at a JSON pointer, creating the objects on the way.
pub(super) fn place(body: &mut Map<String, Value>, pointer: &str, value: Value) {
    let Some((object, name)) = pointer.trim_start_matches('/').split_once('/') else {
        body.insert(pointer.trim_start_matches('/').to_owned(), value);
        return;
    };
    let object = body.entry(object).or_insert_with(|| Value::Object(Map::new()));
    if let Value::Object(object) = object {
        place(object, name, value);
    }
}

impl Action {
    /// Reads a body, as in WeChat Pay's own pages, into the form's values. `derived` members are those that the action
    /// computes itself: they are allowed, and compared afterwards. Every other member must belong to a field.
    pub(crate) fn read_body(&self, body: &Value, region: Region) -> Result<Values, Vec<FieldError>> {
        let mut body = body.clone();
        if region == Region::Global {
            as_of_a_merchant(&mut body);
        }
        let body = &body;
        let named = body.pointer("/amount/currency").and_then(Value::as_str).and_then(Currency::parse);
        let currency = named.unwrap_or(Currency::CNY);
        let mut values = Values::new();
        let mut errors = Vec::new();
        let mut read = Vec::new();
        for field in self.fields_in(region).filter(|field| !field.at.is_empty()) {
            let pointer = format!("/{}", field.at.trim_start_matches('/'));
            let Some(value) = body.pointer(&pointer) else { continue };
            read.push(pointer.clone());
            match field.text(value, currency) {
                Some(text) => {
                    values.insert(field.name, text);
                }
                None => errors.push(FieldError { field: field.name, problem: Problem::Member(pointer) }),
            }
        }
        let known = |pointer: &str| read.iter().any(|read| read == pointer) || self.derived.contains(&&pointer[1..]);
        let mut unknown = Vec::new();
        leaves(body, String::new(), &known, &mut unknown);
        errors.extend(unknown.into_iter().map(|pointer| FieldError { field: "", problem: Problem::Member(pointer) }));
        if errors.is_empty() { Ok(values) } else { Err(errors) }
    }
}

/// Where a body has the values of fields that the action places itself.
const PLACED: &[(&str, &[&str])] = &[
    ("amount", &["amount/refund", "total_amount"]),
    ("reason", &["reason", "stop_reason"]),
    ("notify-url", &["notify_url"]),
];

impl Action {
    /// The values that a body was made of, for the form of a new intention. What each intention has for itself is left
    /// out: its number, and the time at which something happened; and so is what was sent encrypted.
    pub fn repeated(&self, body: &Value, region: Region) -> Values {
        let mut body = body.clone();
        if region == Region::Global {
            as_of_a_merchant(&mut body);
        }
        let named = body.pointer("/amount/currency").and_then(Value::as_str).and_then(Currency::parse);
        let currency = named.unwrap_or(Currency::CNY);
        let own = |field: &Field| {
            let kind = matches!(
                field.kind,
                FieldKind::CompactTime | FieldKind::CardNumber | FieldKind::HolderName { .. } | FieldKind::Number
            );
            kind || field.name == "number"
        };
        let places = |field: &Field| match PLACED.iter().find(|(name, _)| *name == field.name) {
            Some((_, places)) if field.at.is_empty() => places.to_vec(),
            _ if field.at.is_empty() => Vec::new(),
            _ => vec![field.at.trim_start_matches('/')],
        };
        let value = |field: &'static Field| {
            let text = |place: &str| field.text(body.pointer(&format!("/{place}"))?, currency);
            Some((field.name, places(field).into_iter().find_map(text)?))
        };
        self.fields_in(region).filter(|field| !own(field)).filter_map(value).collect()
    }
}

/// The names of an institution's members, with the merchant's names for the same: the form has one field of each.
fn as_of_a_merchant(body: &mut Value) {
    let rename = |members: Option<&mut Map<String, Value>>, from: &str, to: &str| {
        if let Some(members) = members
            && !members.contains_key(to)
            && let Some(value) = members.remove(from)
        {
            members.insert(to.to_owned(), value);
        }
    };
    rename(body.as_object_mut(), "sp_appid", "appid");
    rename(body.get_mut("payer").and_then(Value::as_object_mut), "sp_openid", "openid");
}

/// The derived members of a given body that differ from the computed ones.
pub fn derived_differ(given: &Value, built: &str, derived: &[&'static str]) -> Vec<FieldError> {
    let built: Value = serde_json::from_str(built).unwrap_or_default();
    let differs = |pointer: &&'static str| {
        let at = format!("/{pointer}");
        given.pointer(&at).is_some_and(|given| built.pointer(&at) != Some(given))
    };
    let differing = |field: &'static str| {
        let value = built.pointer(&format!("/{field}")).map(Value::to_string).unwrap_or_default();
        FieldError { field, problem: Problem::Rule { id: "problem-derived", value } }
    };
    derived.iter().copied().filter(|pointer| differs(pointer)).map(differing).collect()
}

/// The unknown members, by pointer.
fn leaves(value: &Value, pointer: String, known: &dyn Fn(&str) -> bool, unknown: &mut Vec<String>) {
    match value {
        _ if !pointer.is_empty() && known(&pointer) => {}
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, format!("{pointer}/{name}"), known, unknown));
        }
        _ => unknown.push(if pointer.is_empty() { "/".to_owned() } else { pointer }),
    }
}
