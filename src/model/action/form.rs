//! The fields of an action's form and the documented rules they are held to.

use std::collections::BTreeMap;

use super::{Action, ActionId, Surroundings};
use crate::model::time::{Timestamp, compact, parse_compact};
use crate::model::{Currency, Entity, Money, MoneyError, Number, NumberError, Object};

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
    /// Yuan with up to two decimals, at least 0.
    Money,
    /// Compact time `20251009165320` or a day `20251009`, Beijing, not in the future.
    CompactTime,
    /// A number of the merchant's making.
    Number,
}

/// What was filled in, by field name.
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
    Zero,
    /// No more may be refunded than is left.
    NotMore {
        most: Money,
    },
    /// A character that no number has.
    NotInNumbers(char),
}

impl Field {
    /// Checks what was typed, alone; rules between fields and the object are checked in `prepare`.
    pub fn check(&self, text: &str, now: Timestamp) -> Result<(), Problem> {
        let text = text.trim();
        if text.is_empty() {
            return if self.required { Err(Problem::Required) } else { Ok(()) };
        }
        match self.kind {
            FieldKind::Text { max } => {
                if let Some(c) = text.chars().find(|c| c.len_utf8() > 3 || c.is_control()) {
                    return Err(Problem::Character(c));
                }
                if text.chars().count() > max { Err(Problem::TooLong { max }) } else { Ok(()) }
            }
            FieldKind::Money => money(text).map(drop),
            FieldKind::CompactTime => match parse_compact(text) {
                None => Err(Problem::NotATime),
                Some(at) if at > now => Err(Problem::Future),
                Some(_) => Ok(()),
            },
            FieldKind::Number => match Number::parse(text) {
                Ok(_) => Ok(()),
                Err(NumberError::Empty) => Err(Problem::Required),
                Err(NumberError::TooLong(_)) => Err(Problem::TooLong { max: Number::LONGEST }),
                Err(NumberError::Character(c)) => Err(Problem::NotInNumbers(c)),
            },
        }
    }
}

/// An amount as typed: yuan, not negative.
pub(super) fn money(text: &str) -> Result<Money, Problem> {
    let amount = Money::parse(text, Currency::CNY).map_err(Problem::NotMoney)?;
    if amount.minor < 0 { Err(Problem::Negative) } else { Ok(amount) }
}

pub(super) fn defaults(action: &Action, object: &Object, around: &Surroundings, now: Timestamp) -> Values {
    let default = |field: &Field| match (action.id, field.kind, &*object.entity) {
        (ActionId::OrderComplete, FieldKind::Money, Entity::ServiceOrder(order)) => {
            order.payable().map(|amount| amount.plain())
        }
        (ActionId::TransactionRefund, FieldKind::Money, Entity::Transaction(transaction)) => {
            transaction.refundable(&around.related).map(|refundable| refundable.remainder.plain())
        }
        (ActionId::TransactionRefund, FieldKind::Number, _) => Some(refund_number(&object.id.number, now)),
        _ => shared_default(field, now),
    };
    action.fields.iter().map(|field| (field.name, default(field).unwrap_or_default())).collect()
}

/// What a field starts with whatever the object.
pub(super) fn shared_default(field: &Field, now: Timestamp) -> Option<String> {
    (field.kind == FieldKind::CompactTime).then(|| compact(now))
}

/// A fresh number for a refund: the order's own and the second. Refunds of one order lie a minute apart, so no two of
/// them get the same.
fn refund_number(order: &Number, now: Timestamp) -> String {
    let suffix = format!("-R{}", compact(now));
    // A number is ASCII; the platform's order numbers are short enough to be kept whole.
    let order: String = order.as_str().chars().take(Number::LONGEST - suffix.len()).collect();
    order + &suffix
}
