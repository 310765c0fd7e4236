//! Handles the buttons and inputs below a preview of one or of many objects.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput};
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::{action, update as dialog};
use crate::console::tabs::inbox::update as events;
use crate::console::tabs::journal::update as journal;
use crate::console::user_commands::update as user_commands;

fn on_top(state: &mut AppState) -> Option<&mut ConfirmInput> {
    state.view.dialogs.last_mut().and_then(Dialog::confirm_input_mut)
}

pub(crate) fn turn_focus(state: &mut AppState, forward: bool) -> Vec<Effect> {
    let pressed = state.pressed;
    if let Some(confirm_input) = on_top(state)
        && !confirm_input.is_debounced(pressed)
    {
        confirm_input.turn(forward);
    }
    Vec::new()
}

/// Presses the focused button. In the input that is the confirming one, once the text is right.
pub(crate) fn press(state: &mut AppState) -> Vec<Effect> {
    let pressed = state.pressed;
    let Some(confirm_input) = on_top(state) else { return Vec::new() };
    if confirm_input.is_debounced(pressed) {
        return Vec::new();
    }
    let effects = match (confirm_input.focus, state.view.dialogs.last()) {
        (ConfirmFocus::Cancel, _) => dialog::close(state),
        (ConfirmFocus::Reason, _) => turn_focus(state, true),
        (_, Some(Dialog::Confirm(_))) => action::confirm_now(state),
        (_, Some(Dialog::Replay(_))) => events::send_replay(state),
        (_, Some(Dialog::CloseEntry(_))) => journal::close_now(state),
        (_, Some(Dialog::RunProgram(_))) => user_commands::confirm_now(state),
        (_, Some(Dialog::BulkConfirm(_))) => bulk::confirm_now(state),
        _ => Vec::new(),
    };
    // The same key pressed twice quickly is not meant for the dialog beneath.
    if on_top(state).is_none() {
        state.debounced_key = pressed.map(|key| (key, state.now));
    }
    effects
}

/// A click on an input.
pub(crate) fn click_field(state: &mut AppState, field: usize) -> Vec<Effect> {
    if let Some(confirm_input) = on_top(state) {
        confirm_input.focus = if field == 0 { ConfirmFocus::Reason } else { ConfirmFocus::Typing };
    }
    Vec::new()
}

/// A click on the confirming button only moves the focus if that is elsewhere: it may be the second half of a double
/// click that opened the dialog.
pub(crate) fn click_confirm(state: &mut AppState, double: bool) -> Vec<Effect> {
    let Some(confirm_input) = on_top(state) else { return Vec::new() };
    if confirm_input.focus == ConfirmFocus::Confirm && !double {
        return press(state);
    }
    confirm_input.focus = ConfirmFocus::Confirm;
    Vec::new()
}
