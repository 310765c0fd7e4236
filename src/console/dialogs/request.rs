//! The request of a preview as text for a shell. Copying confirms nothing.

use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::request_text;
use crate::console::app::state::AppState;
use crate::console::dialogs::state::{Confirm, Dialog};

fn preview(state: &AppState) -> Option<&Confirm> {
    match state.view.dialogs.last() {
        Some(Dialog::Confirm(confirm)) => Some(confirm),
        _ => None,
    }
}

/// The request with curl.
pub(crate) fn copy_curl(state: &mut AppState) -> Vec<Effect> {
    let text = state.account().zip(preview(state)).map(|(account, confirm)| {
        let operation = &confirm.operation;
        let method = operation.endpoint.endpoint().method.as_str();
        request_text::curl(account, method, &operation.target, &operation.body)
    });
    navigate::copy(state, text)
}

/// The command line that prepares the same operation.
pub(crate) fn copy_command(state: &mut AppState) -> Vec<Effect> {
    let text = state
        .account()
        .zip(preview(state))
        .map(|(account, confirm)| request_text::command_line(&account.name, &confirm.operation, &confirm.values));
    navigate::copy(state, text)
}
