//! The journal's tab: its table, the detail of an entry, and the ways between an entry and its object.

use crate::console::app::navigate;
use crate::console::app::request_text;
use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::action;
use crate::console::dialogs::confirm::confirm_input::ConfirmInput;
use crate::console::dialogs::form::state::FormSubject;
use crate::console::dialogs::state::{CloseConfirm, Dialog};
use crate::explain;
use crate::model::action::Action;
use crate::services::{JournalFilter, Request, Unclosed};

pub(crate) fn open_tab(state: &mut AppState) -> Vec<Effect> {
    navigate::open_named(state, "journal")
}

/// Opens the detail of the entry under the cursor.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.tabs.journal.pin();
    state.view.tabs.journal.reading = state.view.tabs.journal.selected().map(|_| 0);
    Vec::new()
}

/// Leads from an entry to its object.
pub(crate) fn show_object(state: &mut AppState) -> Vec<Effect> {
    let object = state.view.tabs.journal.selected().and_then(|entry| entry.intent.object.clone());
    object.map(|id| navigate::show(state, &id)).unwrap_or_default()
}

/// Opens the form of the entry's action, filled as it was sent: a new intention, with a number, a preview and a
/// confirmation of its own. Nothing is sent by this.
pub(crate) fn repeat(state: &mut AppState) -> Vec<Effect> {
    let Some(entry) = state.view.tabs.journal.selected() else { return Vec::new() };
    let Some(action) = Action::named(&entry.intent.action) else { return Vec::new() };
    let body = serde_json::from_str(&entry.intent.body).unwrap_or_default();
    let (values, object) = (action.repeated(&body, state.region()), entry.intent.object.clone());
    if action.is_creation() {
        return action::begin_filled(state, action, FormSubject::New, &values);
    }
    let Some(id) = object else { return Vec::new() };
    // Its document is read first: a form is filled in, and a preview made, on what the object is now.
    let effects = navigate::show(state, &id);
    state.view.repeating = Some((action.id, id, values));
    effects
}

/// Goes on with [`repeat`] once the ledger has answered about the object, unless another is on the screen by now.
pub(crate) fn repeat_pending(state: &mut AppState) -> Vec<Effect> {
    let Some((id, object, values)) = state.view.repeating.clone() else { return Vec::new() };
    if state.subject_id() != Some(&object) || !state.view.dialogs.is_empty() {
        state.view.repeating = None;
        return Vec::new();
    }
    if state.awaits_surroundings() {
        return Vec::new();
    }
    state.view.repeating = None;
    let action = id.action();
    let why = match state.entity(&object).map(|entity| action.legal(entity, state.now)) {
        Some(Ok(())) if action.fields.is_empty() => return action::begin(state, id, &object),
        Some(Ok(())) => return action::begin_filled(state, action, FormSubject::One(object), &values),
        Some(Err(illegal)) => state.lang.t(illegal.0),
        None => state.lang.t("repeat-no-document"),
    };
    let title = state.lang.t("toast-not-repeated");
    state.view.toasts.push(ToastKind::Error, title, vec![why], state.now);
    Vec::new()
}

/// Leads from an object to its entries, and shows only those.
pub(crate) fn of_subject(state: &mut AppState) -> Vec<Effect> {
    let Some(object) = state.subject_id().cloned() else { return Vec::new() };
    let effects = open_tab(state);
    state.view.tabs.journal.search(JournalFilter::of(object));
    effects
}

/// Opens the dialog that closes an open entry, after a reason and its number were typed.
pub(crate) fn close_entry(state: &mut AppState) -> Vec<Effect> {
    let Some(entry) = state.view.tabs.journal.selected().filter(|entry| entry.is_open()).cloned() else {
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

/// Closes the entry of the dialog, if everything it asks for was given.
pub(crate) fn close_now(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::CloseEntry(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    if !confirm.confirm_input.given() {
        confirm.confirm_input.refuse();
        return Vec::new();
    }
    let (number, reason) = (confirm.entry.id, confirm.confirm_input.reason().unwrap_or_default().to_owned());
    state.view.dialogs.pop();
    vec![Request::CloseEntry(number, reason).into()]
}

/// Reports that the entry was closed, or why not.
pub(crate) fn closed(state: &mut AppState, number: i64, result: &Result<(), Arc<Unclosed>>) {
    let lang = state.lang;
    state.view.tabs.journal.look_again();
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

pub(crate) fn copy_number(state: &mut AppState) -> Vec<Effect> {
    let number = state.view.tabs.journal.selected().map(|entry| entry.id.to_string());
    navigate::copy(state, number)
}

/// The entry with its outcome, as `paydeck journal show` prints it.
pub(crate) fn copy_json(state: &mut AppState) -> Vec<Effect> {
    let document = state.view.tabs.journal.selected().map(|entry| entry.document().to_string());
    navigate::copy(state, document)
}

/// The entry's request with curl.
pub(crate) fn copy_curl(state: &mut AppState) -> Vec<Effect> {
    let entry = state.account().zip(state.view.tabs.journal.selected());
    let text = entry.map(|(account, entry)| {
        let intent = &entry.intent;
        request_text::curl(account, intent.method.map_or("GET", |method| method.as_str()), &intent.target, &intent.body)
    });
    navigate::copy(state, text)
}

/// The command line that sends the entry's request.
pub(crate) fn copy_command(state: &mut AppState) -> Vec<Effect> {
    let entry = state.account().zip(state.view.tabs.journal.selected());
    let text = entry.map(|(account, entry)| request_text::raw_command_line(&account.name, &entry.intent));
    navigate::copy(state, text)
}
