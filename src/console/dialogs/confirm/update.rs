//! Handles the buttons and inputs below a preview of one or of many objects.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::console::app::command::{Command, find};
use crate::console::app::effect::Effect;
use crate::console::app::keys::Key;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::confirm::bar;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput};
use crate::console::dialogs::confirm::confirming::Confirming;
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::{action, update as dialog};
use crate::console::tabs::inbox::update as events;
use crate::console::tabs::journal::update as journal;
use crate::console::user_commands::update as user_commands;
use crate::model::time::Timestamp;

/// The command that closes a preview.
const CLOSE: &str = "confirm-close";

/// A frame was drawn: the preview on top, if there is one, is on the screen since then.
pub(crate) fn drawn(state: &mut AppState, at: Timestamp) {
    // A smaller terminal does not show it.
    if !state.is_small() {
        on_top(state).into_iter().for_each(|confirm_input| confirm_input.drawn(at));
    }
}

/// What was drawn is no longer what the screen shows.
pub(crate) fn hide(state: &mut AppState) {
    state.view.dialogs.iter_mut().filter_map(Dialog::confirm_input_mut).for_each(ConfirmInput::hide);
}

/// True while a preview is on top that the operator cannot have seen yet.
pub(crate) fn is_unseen(state: &AppState) -> bool {
    state.view.dialogs.last().and_then(Dialog::confirm_input).is_some_and(|input| !input.is_armed(state.now))
}

/// A preview takes no key until it has been seen: what was typed before is dropped. It can be closed at any time, and
/// the commands that work everywhere still do.
pub(crate) fn drops(state: &mut AppState, scope: Scope, key: Key) -> bool {
    let works = |command: &Command| command.id == CLOSE || command.scope == Scope::ALWAYS;
    !find(&state.commands, scope, key).is_some_and(works) && drops_input(state)
}

/// The same for anything else that is typed. Who is still typing has not looked yet, so the time to look begins again.
pub(crate) fn drops_input(state: &mut AppState) -> bool {
    let (unseen, now) = (is_unseen(state), state.now);
    if unseen {
        on_top(state).into_iter().for_each(|confirm_input| confirm_input.wait(now));
    }
    unseen
}

/// Notes for each preview whether something bars what it shows.
pub(crate) fn settle(state: &mut AppState) {
    let barred: Vec<bool> = state.view.dialogs.iter().map(|dialog| bar::why(state, dialog).is_some()).collect();
    for (dialog, barred) in state.view.dialogs.iter_mut().zip(barred) {
        dialog.confirm_input_mut().into_iter().for_each(|confirm_input| confirm_input.bar(barred));
    }
}

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

/// Unfolds the request, or folds it again; a character that belongs into the focused input is typed there.
pub(crate) fn fold(state: &mut AppState) -> Vec<Effect> {
    let pressed = state.pressed;
    let last = state.room.scroll.saturating_add(state.room.sheet.saturating_sub(1));
    let Some(confirm_input) = on_top(state) else { return Vec::new() };
    if confirm_input.is_debounced(pressed) {
        return Vec::new();
    }
    match pressed {
        Some(key @ Key { code: KeyCode::Char(c), modifiers: KeyModifiers::NONE }) if confirm_input.takes(c) => {
            dialog::type_key(state, key, KeyEvent::new(key.code, key.modifiers))
        }
        _ => {
            confirm_input.fold(last);
            Vec::new()
        }
    }
}

/// Presses the focused button. In the input that is the confirming one, once the text is right.
pub(crate) fn press(state: &mut AppState) -> Vec<Effect> {
    let pressed = state.pressed;
    let Some(confirm_input) = on_top(state) else { return Vec::new() };
    if confirm_input.is_debounced(pressed) {
        return Vec::new();
    }
    let effects = match confirm_input.focus {
        ConfirmFocus::Cancel => dialog::close(state),
        ConfirmFocus::Reason => turn_focus(state, true),
        ConfirmFocus::Typing | ConfirmFocus::Confirm => confirm_now(state),
    };
    // The same key pressed twice quickly is not meant for the dialog beneath.
    if on_top(state).is_none() {
        state.debounced_key = pressed.map(|key| (key, state.now));
    }
    effects
}

fn confirm_now(state: &mut AppState) -> Vec<Effect> {
    match state.view.dialogs.last().and_then(Dialog::confirming) {
        Some(Confirming::One(_)) => action::confirm_now(state),
        Some(Confirming::Many(_)) => bulk::confirm_now(state),
        Some(Confirming::Replay(_)) => events::send_replay(state),
        Some(Confirming::Closing(_)) => journal::close_now(state),
        Some(Confirming::Program(_)) => user_commands::confirm_now(state),
        None => Vec::new(),
    }
}

/// A click on an input.
pub(crate) fn click_field(state: &mut AppState, field: usize) -> Vec<Effect> {
    if let Some(confirm_input) = on_top(state) {
        confirm_input.focus_on(if field == 0 { ConfirmFocus::Reason } else { ConfirmFocus::Typing });
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
    confirm_input.focus_on(ConfirmFocus::Confirm);
    Vec::new()
}
