//! The update: applies a message to the state and returns effects. No clock, no I/O. This file only dispatches.

use crate::console::app::{mouse, reload, session};
use crate::console::dialogs::confirm::update as confirm;
use crate::console::dialogs::update as dialog;
use crate::console::dialogs::watching::update as watch;
use crossterm::event::{KeyCode, KeyEvent, KeyEventKind, KeyModifiers};

use crate::console::app::command::{Command, ESC, NotReady, find};
use crate::console::app::effect::Effect;
use crate::console::app::export::ExportedFile;
use crate::console::app::frame_layout::{Target, is_too_small};
use crate::console::app::keys::Key;
use crate::console::app::msg::Msg;
use crate::console::app::room::hides_dialog;
use crate::console::app::scope::Scope;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::filter::saved;
use crate::console::dialogs::scopes::QUIT;
use crate::console::tabs::journal::update as journal;
use crate::console::tabs::objects::commands::TABLE;
use crate::console::user_commands::update as user_commands;
use crate::i18n::name_keys;
use crate::model::time::Duration;

/// How long the key that closed a confirmation is ignored.
const DEBOUNCE: Duration = Duration::milliseconds(300);

/// Handles one message.
pub fn update(state: &mut AppState, msg: Msg) -> Vec<Effect> {
    name_keys(&state.named_keys);
    let mut effects = match msg {
        Msg::Now(now) => {
            state.now = now.max(state.now);
            // Expired toasts and highlights are dropped before the next frame is drawn.
            state.fade();
            watch::report_ended(state)
        }
        Msg::Key(event) if event.kind != KeyEventKind::Release => key(state, event),
        Msg::Key(_) => Vec::new(),
        // On a screen too small to draw, input must have no effect.
        Msg::Paste(_) | Msg::Click { .. } | Msg::Wheel { .. } if is_too_small(state.size) => Vec::new(),
        Msg::Click { target: Target::Key(pressed), .. } => key(state, KeyEvent::new(pressed.code, pressed.modifiers)),
        // Nor may it have one on a dialog that has no room to be drawn.
        Msg::Paste(_) | Msg::Click { .. } | Msg::Wheel { .. } if hides_dialog(state) => Vec::new(),
        Msg::Paste(_) if confirm::drops_input(state) => Vec::new(),
        // Text pasted while keys wait is typed after them.
        Msg::Paste(text) if !state.view.typed_ahead.is_empty() => {
            let typed = |c| KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE);
            state
                .view
                .typed_ahead
                .extend(text.chars().filter(|c| !c.is_control()).take(dialog::INPUT_LIMIT).map(typed));
            Vec::new()
        }
        Msg::Paste(text) => dialog::paste(state, &text),
        Msg::Click { target, double } => mouse::click(state, target, double),
        Msg::Wheel { target, down } => mouse::wheel(state, target, down),
        Msg::Resize(width, height) => {
            state.size = (width, height);
            // What a preview shows must be drawn again.
            confirm::hide(state);
            Vec::new()
        }
        Msg::Drawn { room, at } => {
            state.room = room;
            confirm::drawn(state, at);
            if room.from_start {
                state.pane().see_start(state);
            }
            Vec::new()
        }
        Msg::Opened { generation, .. }
        | Msg::Kept { generation, .. }
        | Msg::Session { generation, .. }
        | Msg::Ran { generation, .. }
        | Msg::FiltersChanged { generation, .. }
        | Msg::Exported { generation, .. }
            if generation != state.generation =>
        {
            Vec::new()
        }
        Msg::Kept { kept, .. } => {
            kept.restore(state);
            Vec::new()
        }
        Msg::Opened { result, .. } => session::opened(state, result),
        Msg::Ran { outcome, .. } => {
            user_commands::ended(state, *outcome);
            Vec::new()
        }
        Msg::Themes(themes) => {
            state.themes = themes;
            Vec::new()
        }
        Msg::Reload(reload) => {
            reload::reload(state, *reload);
            Vec::new()
        }
        Msg::Session { event, .. } => session::event(state, event),
        Msg::Exported { result, .. } => exported(state, result),
        Msg::FiltersChanged { change, result, .. } => saved::changed(state, &change, result),
    };
    let opening = matches!(state.stage, Stage::Opening(_));
    let awaits = opening || state.awaits_table() || state.awaits_surroundings() || state.awaits_survey();
    if !state.view.typed_ahead.is_empty() && !awaits {
        effects.extend(type_ahead(state));
    }
    effects.extend(journal::repeat_pending(state));
    confirm::settle(state);
    effects.extend(state.look());
    effects
}

/// Keys that waited apply to what is on the screen now. If one waits again, those after it wait, too.
fn type_ahead(state: &mut AppState) -> Vec<Effect> {
    let mut effects = Vec::new();
    let mut keys = std::mem::take(&mut state.view.typed_ahead).into_iter();
    for event in keys.by_ref() {
        effects.extend(key(state, event));
        if !state.view.typed_ahead.is_empty() {
            break;
        }
    }
    state.view.typed_ahead.extend(keys);
    effects
}

/// A key runs the command that has it in the scope on top, or is typed into the input there.
fn key(state: &mut AppState, event: KeyEvent) -> Vec<Effect> {
    if event.modifiers.contains(KeyModifiers::ALT) {
        // No command uses Alt. Esc and a key pressed quickly after it arrive like that; Ctrl-C always quits.
        let mut effects = key(state, KeyEvent::new(KeyCode::Esc, KeyModifiers::NONE));
        let rest = KeyEvent { modifiers: event.modifiers - KeyModifiers::ALT, ..event };
        effects.extend(key(state, rest));
        return effects;
    }
    let key = Key::from(event);
    if is_debounced(state, key) {
        return Vec::new();
    }
    let scope = state.scope();
    if is_too_small(state.size) {
        return leave_unseen(state, scope, key);
    }
    if hides_dialog(state) && !(state.bound(ESC) == Some(key) || leaves(state, scope, key)) {
        return Vec::new();
    }
    if confirm::drops(state, scope, key) {
        return Vec::new();
    }
    if let Some(command) = find(&state.commands, scope, key).copied() {
        if command.scope != Scope::ALWAYS && waits(state, &command) {
            state.view.typed_ahead.push(event);
            return Vec::new();
        }
        state.pane().pin(state);
        state.pressed = Some(key);
        let effects = command.run(state);
        state.pressed = None;
        return effects;
    }
    if !state.view.typed_ahead.is_empty() {
        // It may be text for the input that an earlier key, which waits, is about to open.
        state.view.typed_ahead.push(event);
        return Vec::new();
    }
    dialog::type_key(state, key, event)
}

/// True for the keys that work everywhere.
fn leaves(state: &AppState, scope: Scope, key: Key) -> bool {
    find(&state.commands, scope, key).is_some_and(|command| command.scope == Scope::ALWAYS)
}

/// Whether a key must wait for the ledger's answer, because it applies to what the screen will show then.
fn waits(state: &AppState, command: &Command) -> bool {
    let awaits_lines = state.selects_spots() && state.awaits_story();
    let awaits = match (&state.stage, state.view.dialogs.is_empty()) {
        // The screen is to be as it was left; only leaving is about no account.
        (Stage::Opening(_), _) => !command.unseen,
        (Stage::Failed(..), _) => false,
        (Stage::Open(_), true) => state.awaits_table() || awaits_lines || (command.ready)(state) == Err(NotReady::Wait),
        // The key may open a form or a preview.
        // Until it is counted what can be done to the marked objects, there is nothing to choose from.
        (Stage::Open(_), false) => {
            state.awaits_survey() && command.id != "pick-close" || command.needs_history && state.awaits_surroundings()
        }
    };
    awaits || !state.view.typed_ahead.is_empty()
}

/// The key that closed a confirmation is ignored while it is held, or pressed twice by mistake.
fn is_debounced(state: &mut AppState, key: Key) -> bool {
    match state.debounced_key {
        Some((debounced_key, at)) if debounced_key == key && state.now - at < DEBOUNCE => {
            state.debounced_key = Some((debounced_key, state.now));
            true
        }
        _ => {
            state.debounced_key = None;
            false
        }
    }
}

/// The commands that work on a screen too small to draw, even under a hidden dialog: quitting.
fn leave_unseen(state: &mut AppState, scope: Scope, key: Key) -> Vec<Effect> {
    let scope = if scope == QUIT { scope } else { TABLE };
    let command = find(&state.commands, scope, key).copied().filter(|command| command.unseen);
    command.map_or_else(Vec::new, |command| command.run(state))
}

fn exported(state: &mut AppState, result: Result<ExportedFile, String>) -> Vec<Effect> {
    let lang = state.lang;
    let (kind, title, lines) = match result {
        Ok(ExportedFile { path, rows, left_out }) => {
            let left_out = (left_out > 0).then(|| tr!(lang, "toast-left-out", n = left_out));
            let lines = std::iter::once(path).chain(left_out).collect();
            (ToastKind::Done, tr!(lang, "toast-exported", n = rows), lines)
        }
        Err(error) => (ToastKind::Error, lang.t("toast-export-failed"), vec![error]),
    };
    state.view.toasts.push(kind, title, lines, state.now);
    Vec::new()
}
