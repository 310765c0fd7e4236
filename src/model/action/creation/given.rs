//! What was filled in, read by type.

use crate::model::action::Values;
use crate::model::action::field::{flag, money_in, rows};
use crate::model::time::{Timestamp, parse_typed};
use crate::model::{Currency, Money, Object};

/// What was filled in, read by type. What does not read is told by its own rule.
pub(super) struct Given<'a> {
    pub(super) values: &'a Values,
    pub(super) now: Timestamp,
}

impl<'a> Given<'a> {
    pub(super) fn text(&self, name: &str) -> &'a str {
        self.values.get(name).map_or("", |text| text.trim())
    }

    pub(super) fn currency(&self) -> Currency {
        currency(self.values)
    }

    pub(super) fn money(&self, name: &str) -> Option<Money> {
        money_in(self.text(name), self.currency()).ok()
    }

    pub(super) fn whole(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }

    pub(super) fn time(&self, name: &str) -> Option<Timestamp> {
        parse_typed(self.text(name))
    }

    pub(super) fn flag(&self, name: &str) -> Option<bool> {
        flag(self.text(name))
    }

    pub(super) fn rows(&self, name: &str) -> Vec<Vec<&'a str>> {
        self.values.get(name).map(|text| rows(text)).unwrap_or_default()
    }

    /// The amounts of a column.
    pub(super) fn amounts(&self, name: &str, column: usize) -> Vec<Option<Money>> {
        let amount = |cells: &Vec<&str>| money_in(cells.get(column)?, self.currency()).ok();
        self.rows(name).iter().map(amount).collect()
    }
}

/// The currency that amounts are in: what the form says, else yuan.
pub(in crate::model::action) fn currency(values: &Values) -> Currency {
    values.get("currency").and_then(|code| Currency::parse(code)).unwrap_or(Currency::CNY)
}

/// The same on an object: what its own amount is in goes before what a form says.
pub(in crate::model::action) fn currency_of(object: Option<&Object>, values: &Values) -> Currency {
    let own = object.and_then(|object| object.entity.amount()).map(|amount| amount.currency);
    own.unwrap_or_else(|| currency(values))
}

/// What a stock may cost: every coupon used.
pub(super) fn stock_budget(given: &Given<'_>) -> Option<Money> {
    let (face, coupons) = (given.money("face")?, given.whole("coupons")?);
    Some(Money { minor: face.minor.checked_mul(coupons)?, ..face })
}
