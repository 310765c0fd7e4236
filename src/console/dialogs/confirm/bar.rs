//! What bars a previewed change, whatever is typed: such a preview says why, and can only be closed.

use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::state::BulkConfirm;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::confirm::confirming::Confirming;
use crate::console::dialogs::state::{Confirm, Dialog, Replaced};
use crate::console::user_commands::state::RunConfirm;
use crate::explain;
use crate::services::Became;

/// Why the change that a dialog previews cannot be confirmed, if that is so.
pub(crate) fn why(state: &AppState, dialog: &Dialog) -> Option<String> {
    match dialog.confirming()? {
        Confirming::One(confirm) => of_one(state, confirm),
        Confirming::Many(confirm) => of_many(state, confirm),
        Confirming::Closing(_) => forbidden(state),
        Confirming::Program(confirm) => of_program(state, confirm),
        // A replay changes nothing at WeChat Pay.
        Confirming::Replay(_) => None,
    }
}

/// What bars an operation on one object.
pub(crate) fn of_one(state: &AppState, confirm: &Confirm) -> Option<String> {
    rule(state, &confirm.confirm_input).or_else(|| own(state, confirm)).or_else(|| forbidden(state))
}

/// What bars a bulk action.
pub(crate) fn of_many(state: &AppState, confirm: &BulkConfirm) -> Option<String> {
    let nothing = || confirm.prepared.bulk.is_empty().then(|| state.lang.t("bulk-nothing-left"));
    rule(state, &confirm.confirm_input).or_else(nothing).or_else(|| forbidden(state))
}

/// What bars a program: one that may change something is subject to what bars changes.
pub(crate) fn of_program(state: &AppState, confirm: &RunConfirm) -> Option<String> {
    forbidden(state).filter(|_| confirm.dangerous)
}

fn rule(state: &AppState, confirm_input: &ConfirmInput) -> Option<String> {
    let profile = state.account().map_or("", |account| account.name.as_str());
    confirm_input.broken.as_ref().map(|broken| explain::rule(state.lang, broken, profile))
}

/// What bars every change here.
pub(crate) fn forbidden(state: &AppState) -> Option<String> {
    state.forbids_changes().map(|id| state.lang.t(id))
}

fn own(state: &AppState, confirm: &Confirm) -> Option<String> {
    let lang = state.lang;
    let illegal = confirm.changed.as_ref().and_then(|changed| changed.illegal.as_ref());
    let illegal = illegal.map(|illegal| tr!(lang, "confirm-now-illegal", reason = lang.t(illegal.0)));
    let under_way = confirm.earlier.as_ref().is_some_and(|earlier| earlier.became == Became::UnderWay);
    let unread = match &confirm.replaced {
        Some(Replaced::Unread(error)) => {
            let explained = explain::api_error(explain::on_screen(lang), error);
            let why = explained.why.unwrap_or(explained.what);
            Some(tr!(lang, "confirm-replaced-unread", why = why))
        }
        _ => None,
    };
    illegal.or(unread).or_else(|| under_way.then(|| lang.t("advice-repeated-under-way")))
}
