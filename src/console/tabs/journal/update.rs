//! The journal's tab: its entries, one of them, and the ways between an entry and its object.

use crate::console::app::navigate;
use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::state::State;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::state::{CloseConfirm, Dialog};
use crate::explain;
use crate::services::{JournalFilter, Request, Unclosed};

pub(crate) fn open_tab(state: &mut State) -> Vec<Effect> {
    navigate::open_named(state, "journal")
}

/// The detail of the entry under the cursor.
pub(crate) fn open(state: &mut State) -> Vec<Effect> {
    state.view.journal.pin();
    state.view.journal.reading = state.view.journal.selected().map(|_| 0);
    Vec::new()
}

/// From an entry to its object.
pub(crate) fn show_object(state: &mut State) -> Vec<Effect> {
    let object = state.view.journal.selected().and_then(|entry| entry.intent.object.clone());
    object.map(|id| navigate::show(state, &id)).unwrap_or_default()
}

/// From an object to its entries, and no others.
pub(crate) fn of_subject(state: &mut State) -> Vec<Effect> {
    let Some(object) = state.subject_id().cloned() else { return Vec::new() };
    state.view.journal.search(JournalFilter { object: Some(object), ..JournalFilter::default() });
    open_tab(state)
}

/// Shows an open entry, and asks for the reason and for its number before it is closed.
pub(crate) fn close_entry(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.view.journal.selected().filter(|entry| entry.is_open()).cloned() else {
        return Vec::new();
    };
    if state.account().is_some_and(|account| account.read_only) {
        let title = state.lang.t("why-read-only");
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return Vec::new();
    }
    let confirm_input = ConfirmInput::with_reason(entry.id.to_string(), state.pressed);
    state.view.dialogs.push(Dialog::CloseEntry(Box::new(CloseConfirm { entry: Box::new(entry), confirm_input })));
    Vec::new()
}

/// Closes the entry that the dialog shows, if all that is asked for was given.
pub(crate) fn close_now(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::CloseEntry(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    if !confirm.confirm_input.given() {
        confirm.confirm_input.refuse();
        return Vec::new();
    }
    let (number, reason) = (confirm.entry.id, confirm.confirm_input.reason().unwrap_or_default().to_owned());
    state.view.dialogs.pop();
    vec![Request::CloseEntry(number, reason).into()]
}

/// The entry was closed, or why it was not.
pub(crate) fn closed(state: &mut State, number: i64, result: &Result<(), Arc<Unclosed>>) {
    let lang = state.lang;
    state.view.journal.look_again();
    let (kind, id, why) = match result.as_ref().map_err(|error| &**error) {
        Ok(()) => (ToastKind::Done, "toast-entry-closed", None),
        Err(Unclosed::Ended(ending)) => {
            (ToastKind::Info, "toast-entry-ended", Some(lang.t(&format!("journal-{}", ending.outcome()))))
        }
        Err(Unclosed::UnderWay) => (ToastKind::Info, "toast-entry-under-way", None),
        Err(Unclosed::ReadOnly) => (ToastKind::Error, "toast-entry-not-closed", Some(lang.t("why-read-only"))),
        Err(Unclosed::NoReason | Unclosed::Missing) => (ToastKind::Error, "toast-entry-not-closed", None),
        Err(Unclosed::Ledger(error)) => {
            (ToastKind::Error, "toast-entry-not-closed", Some(explain::ledger(explain::on_screen(lang), error).line()))
        }
    };
    let title = tr!(lang, id, journal = number);
    state.view.toasts.push(kind, title, why.into_iter().collect(), state.now);
}

pub(crate) fn copy_number(state: &mut State) -> Vec<Effect> {
    let number = state.view.journal.selected().map(|entry| entry.id.to_string());
    navigate::copy(state, number)
}

/// The entry with all that became of it, as `paydeck journal show` prints it.
pub(crate) fn copy_json(state: &mut State) -> Vec<Effect> {
    let document = state.view.journal.selected().map(|entry| entry.document().to_string());
    navigate::copy(state, document)
}
