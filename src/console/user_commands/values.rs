//! The values that a program gets, by what they are called.

use crate::console::app::state::AppState;
use crate::ledger::Listed;
use crate::model::time::rfc3339;
use crate::model::{Environment, ObjectId, Summary};
use crate::program::VariableValues;

/// Of the open profile.
pub(crate) fn of_profile(state: &AppState) -> VariableValues {
    let Some(account) = state.account() else { return VariableValues::new() };
    let environment = match account.environment {
        Environment::Production => "production",
        Environment::Sandbox => "sandbox",
    };
    VariableValues::from([
        ("profile", account.name.clone()),
        ("environment", environment.to_owned()),
        ("mchid", account.merchant.mchid.to_string()),
    ])
}

/// Of the open profile and an object of it.
pub(crate) fn of_object(state: &AppState, id: &ObjectId) -> VariableValues {
    let summary = state.fresh(id).map(Listed::of).or_else(|| state.list_of(id.kind).find(id).cloned());
    with_summary(state, id, summary.and_then(|row| row.seen).map(|seen| seen.summary))
}

/// The same with what is known of the object given.
pub(crate) fn with_summary(state: &AppState, id: &ObjectId, summary: Option<Summary>) -> VariableValues {
    let mut values = of_profile(state);
    values.insert("kind", id.kind.noun().to_owned());
    values.insert("number", id.number.to_string());
    let Some(summary) = summary else { return values };
    values.insert("state", summary.state.code);
    let texts = [("title", summary.title), ("user", summary.user), ("platform_number", summary.platform_number)];
    values.extend(texts.into_iter().filter_map(|(name, text)| Some((name, text?))));
    if let Some(amount) = summary.amount {
        values.insert("amount", amount.plain());
        values.insert("currency", amount.currency.code().to_owned());
    }
    if let Some(time) = summary.time {
        values.insert("time", rfc3339(time));
    }
    values
}
