//! What all dialogs have in common: closing, moving, typing.

use crossterm::event::{Event, KeyCode, KeyEvent};
use tui_input::Input;
use tui_input::backend::crossterm::EventHandler;

use crate::console::app::effect::Effect;
use crate::console::app::keys::Key;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::choices::choices;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::filter::update as filter;
use crate::console::dialogs::prompt;
use crate::console::dialogs::settlements::state::Settlements;
use crate::console::dialogs::state::{Dialog, UsablePanel};
use crate::console::tabs::bills::state::BillField;
use crate::console::tabs::objects::search;

/// The maximum length of an input in characters. No valid value is longer; a pasted text may be a whole file.
pub(crate) const INPUT_LIMIT: usize = 512;

pub(crate) fn close(state: &mut AppState) -> Vec<Effect> {
    state.view.dialogs.pop();
    Vec::new()
}

/// Moves the selection of the dialog on top, or scrolls its text.
pub(crate) fn walk(state: &mut AppState, by: isize) -> Vec<Effect> {
    let limit = state.room.scroll;
    let lines = match state.view.dialogs.last() {
        Some(Dialog::Pick(pick)) => choices(state, &pick.what).len(),
        Some(Dialog::Palette(palette)) => palette.found.len(),
        Some(Dialog::Watching(list)) => list.order().len(),
        _ => 0,
    };
    let step = |at: usize| at.saturating_add_signed(by).min(lines.saturating_sub(1));
    match state.view.dialogs.last_mut() {
        Some(Dialog::Pick(pick)) => pick.selected = step(pick.selected),
        Some(Dialog::Palette(palette)) => palette.selected = step(palette.selected),
        Some(Dialog::Watching(list)) => list.move_to(step(list.position())),
        Some(
            Dialog::Help { scroll }
            | Dialog::Usable(UsablePanel { scroll, .. })
            | Dialog::Settlements(Settlements { scroll, .. }),
        ) => *scroll = scroll.saturating_add_signed(by).min(limit),
        Some(Dialog::Output(panel)) => panel.scroll = panel.scroll.saturating_add_signed(by).min(limit),
        Some(Dialog::Bulk { scroll }) => {
            // Once scrolled, it stays where it is.
            let at = scroll.unwrap_or(state.room.first_of_dialog);
            *scroll = Some(at.saturating_add_signed(by).min(limit));
        }
        Some(dialog) => dialog.confirm_input_mut().into_iter().for_each(|confirm_input| confirm_input.walk(by, limit)),
        None => {}
    }
    Vec::new()
}

/// Moves by as many lines as the dialog shows.
pub(crate) fn page(state: &mut AppState, pages: isize) -> Vec<Effect> {
    let lines = match state.view.dialogs.last() {
        Some(Dialog::Palette(_) | Dialog::Help { .. }) => isize::try_from(state.room.dialog).unwrap_or(1) - 1,
        _ => 10,
    };
    walk(state, pages * lines.max(1))
}

/// The focused input.
fn focused(state: &mut AppState) -> Option<&mut Input> {
    let dialog = state.view.dialogs.last_mut()?;
    match dialog {
        Dialog::Filter(filter) => Some(&mut filter.input),
        Dialog::Find(find) => Some(&mut find.input),
        Dialog::Palette(palette) => Some(&mut palette.input),
        Dialog::Form(form) => form.focused(),
        // Only the day is typed; the other fields are chosen.
        Dialog::Bill(form) => {
            form.focus = BillField::Day;
            Some(&mut form.day)
        }
        Dialog::Confirm(_)
        | Dialog::BulkConfirm(_)
        | Dialog::Replay(_)
        | Dialog::CloseEntry(_)
        | Dialog::RunProgram(_) => dialog.confirm_input_mut()?.input_mut(),
        Dialog::Export(prompt)
        | Dialog::ExportBulk(prompt)
        | Dialog::Statement(prompt)
        | Dialog::OrdersFile(prompt)
        | Dialog::CloseDifference(prompt)
        | Dialog::Open(prompt)
        | Dialog::SaveFilter(prompt)
        | Dialog::ReplayTo(prompt)
        | Dialog::UserCoupons(prompt) => Some(&mut prompt.input),
        Dialog::Settlements(_)
        | Dialog::Calendar(_)
        | Dialog::Watching(_)
        | Dialog::Pick(_)
        | Dialog::Help { .. }
        | Dialog::Usable(_)
        | Dialog::Output(_)
        | Dialog::Quit
        | Dialog::Preparing(_)
        | Dialog::Bulk { .. }
        | Dialog::Handover => None,
    }
}

/// Types a key that is not a command.
pub(crate) fn type_key(state: &mut AppState, key: Key, event: KeyEvent) -> Vec<Effect> {
    let confirm_input = state.view.dialogs.last_mut().and_then(Dialog::confirm_input_mut);
    if confirm_input.is_some_and(|confirm_input| confirm_input.is_debounced(Some(key))) {
        return Vec::new();
    }
    if let Some(Dialog::Form(form)) = state.view.dialogs.last_mut()
        && form.choose(event)
    {
        return Vec::new();
    }
    // The first character replaces a value that the form came with.
    let removed = match state.view.dialogs.last_mut() {
        Some(Dialog::Form(form)) => form.type_over(event),
        Some(Dialog::Bill(form)) => form.type_over(event),
        Some(dialog) => dialog.prompt_mut().is_some_and(|prompt| prompt.type_over(event)),
        None => false,
    };
    if let Some(input) = focused(state) {
        let before = input.clone();
        if feed(input, event) || removed {
            if input.value().chars().count() > INPUT_LIMIT {
                *input = before;
            } else {
                typed(state);
            }
        }
    }
    Vec::new()
}

/// Pasted text goes into the focused input only, without line ends and other control characters.
pub(crate) fn paste(state: &mut AppState, text: &str) -> Vec<Effect> {
    let start = KeyEvent::from(KeyCode::Char(' '));
    // As with a typed character, the text replaces a value that the form came with.
    let _ = match state.view.dialogs.last_mut() {
        Some(Dialog::Form(form)) if !text.is_empty() => form.type_over(start),
        Some(Dialog::Bill(form)) if !text.is_empty() => form.type_over(start),
        Some(dialog) if !text.is_empty() => dialog.prompt_mut().is_some_and(|prompt| prompt.type_over(start)),
        _ => false,
    };
    let Some(input) = focused(state) else { return Vec::new() };
    let pasted: Vec<char> = text.chars().filter(|c| !c.is_control()).take(INPUT_LIMIT + 1).collect();
    if input.value().chars().count() + pasted.len() > INPUT_LIMIT {
        filter::too_long(state, INPUT_LIMIT);
        let title = tr!(state.lang, "toast-paste-too-long", n = INPUT_LIMIT);
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return Vec::new();
    }
    let cursor = input.cursor();
    let before = input.value().chars().take(cursor);
    let value = before.chain(pasted.iter().copied()).chain(input.value().chars().skip(cursor)).collect::<String>();
    *input = Input::new(value).with_cursor(cursor + pasted.len());
    typed(state);
    Vec::new()
}

/// The text in the dialog on top has changed.
fn typed(state: &mut AppState) {
    match state.view.dialogs.last_mut() {
        Some(Dialog::Filter(_)) => filter::typed(state),
        Some(Dialog::Find(_)) => search::typed(state),
        Some(Dialog::Palette(_)) => prompt::query_typed(state),
        Some(Dialog::Form(form)) => form.edited(),
        Some(Dialog::Bill(form)) => form.refused = false,
        Some(dialog) => dialog.confirm_input_mut().into_iter().for_each(ConfirmInput::edited),
        None => {}
    }
}

/// Passes a key to an input. True if the text changed.
fn feed(input: &mut tui_input::Input, event: KeyEvent) -> bool {
    input.handle_event(&Event::Key(event)).is_some_and(|change| change.value)
}
