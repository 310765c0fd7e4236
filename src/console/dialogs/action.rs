//! The steps of an action: menu, form, preview, confirmation. Nothing is sent before the last.

use crate::api::ApiError;
use crate::console::words::why_not;
use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::form::state::{Form, FormSubject};
use crate::console::dialogs::state::{Confirm, Dialog, Picking};
use crate::model::action::{Action, ActionId, Operation, PrepareError, Values, create, prepare};
use crate::model::{Object, ObjectId};
use crate::services::{Earlier, Request};

/// Lists the actions on the selection, or on all marked rows.
pub(crate) fn menu(state: &mut AppState) -> Vec<Effect> {
    let marked = state.list().filter(|_| state.acts_on_marks()).map(|list| list.kind);
    let kind = marked.or_else(|| state.subject_id().map(|id| id.kind));
    let (many, region) = (state.acts_on_marks(), state.region());
    let is_offered = |action: &&Action| action.is_in(region) && (!many || action.is_for_many());
    if kind.is_some_and(|kind| !Action::of(kind).any(|action| is_offered(&action))) {
        let title = state.lang.t("actions-none");
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return Vec::new();
    }
    if state.acts_on_marks() {
        return bulk::menu(state);
    }
    match state.subject_id().cloned() {
        Some(id) => state.pick(Picking::Action(id), 0),
        None => Vec::new(),
    }
}

/// Creates an object of the kind on the screen: opens its form, or a list if there are several ways to create one.
pub(crate) fn create_new(state: &mut AppState) -> Vec<Effect> {
    let Some(kind) = state.kind() else { return Vec::new() };
    if state.account().is_some_and(|account| !kind.is_in(account.merchant.region)) {
        let title = state.lang.t("empty-elsewhere-title");
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return Vec::new();
    }
    let mut ways = Action::creating(kind);
    match (ways.next(), ways.next()) {
        (Some(only), None) => begin_new(state, only.id),
        (Some(_), Some(_)) => state.pick(Picking::New(kind), 0),
        (None, _) => {
            let made_of = kind.row().made_of.map(|of| format!("new-of-{}", of.noun()));
            let title = state.lang.t(made_of.as_deref().unwrap_or("new-nothing"));
            state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
            Vec::new()
        }
    }
}

/// Opens the form of a creation, with its draft if there is one.
pub(crate) fn begin_new(state: &mut AppState, id: ActionId) -> Vec<Effect> {
    let Some(account) = state.account() else { return Vec::new() };
    let draft = state.view.drafts.get(&(None, id)).cloned();
    let values = draft.unwrap_or_else(|| id.action().fresh(&account.merchant, state.now));
    let form = Form::new(id.action(), FormSubject::New, account.merchant.region, &values);
    state.view.dialogs.push(Dialog::Form(form));
    Vec::new()
}

/// Starts a chosen action: opens its form, or the preview at once if it has no fields.
pub(crate) fn begin(state: &mut AppState, id: ActionId, object: &ObjectId) -> Vec<Effect> {
    let action = id.action();
    let Some(fresh) = state.fresh(object) else { return Vec::new() };
    // The preview must show the present state of what the action affects.
    let unsettled = state.related_state(object).unsettled();
    let look: Vec<Effect> = (!unsettled.is_empty()).then_some(Request::Refresh(unsettled).into()).into_iter().collect();
    if action.fields.is_empty() {
        match try_prepare(state, id, Some(object), &Values::new()) {
            Some(Ok(confirm)) => return look.into_iter().chain(open_confirm(state, confirm)).collect(),
            Some(Err(error)) => refuse(state, &error),
            None => {}
        }
        return look;
    }
    let Some(merchant) = state.account().map(|account| &account.merchant) else { return look };
    let draft = state.view.drafts.get(&(Some(object.clone()), id)).cloned();
    let values =
        draft.unwrap_or_else(|| action.defaults(&fresh.object, state.related_state(object), merchant, state.now));
    let form = Form::new(action, FormSubject::One(object.clone()), merchant.region, &values);
    state.view.dialogs.push(Dialog::Form(form));
    look
}

fn try_prepare(
    state: &AppState,
    id: ActionId,
    object: Option<&ObjectId>,
    values: &Values,
) -> Option<Result<Confirm, PrepareError>> {
    let account = state.account().filter(|_| state.forbids_changes().is_none())?;
    let confirm = |operation, before| Confirm::new(operation, before, values, account, state.pressed);
    let Some(id_of) = object else {
        let created = create(id.action(), &account.merchant, values, state.now);
        return Some(created.map(|operation| confirm(operation, None)));
    };
    let object: &Object = &state.fresh(id_of)?.object;
    let prepared = prepare(id.action(), object, state.related_state(id_of), &account.merchant, values, state.now);
    Some(prepared.map(|operation| confirm(operation, Some(object.entity.state()))))
}

fn open_confirm(state: &mut AppState, confirm: Confirm) -> Vec<Effect> {
    let operation = (*confirm.operation).clone();
    state.view.dialogs.push(Dialog::Confirm(Box::new(confirm)));
    let action = operation.action.action();
    if action.is_setting() {
        return vec![Request::Replaced(Box::new(operation)).into()];
    }
    match action.is_once() {
        true => vec![Request::Earlier(Box::new(operation)).into()],
        false => Vec::new(),
    }
}

/// Shows in the preview which earlier operation this one would repeat. If the operator confirms before that is known,
/// the gate rejects the repetition.
pub(crate) fn would_repeat(state: &mut AppState, operation: &Operation, earlier: Arc<Earlier>) {
    for dialog in &mut state.view.dialogs {
        if let Dialog::Confirm(confirm) = dialog
            && *confirm.operation == *operation
        {
            confirm.repeats(earlier.clone());
        }
    }
}

/// Shows in the preview which setting would be replaced.
pub(crate) fn would_replace(
    state: &mut AppState,
    operation: &Operation,
    result: Result<Option<String>, Arc<ApiError>>,
) {
    let awaiting = state.view.dialogs.iter_mut().find_map(|dialog| match dialog {
        Dialog::Confirm(confirm) if *confirm.operation == *operation => Some(confirm),
        _ => None,
    });
    if let Some(confirm) = awaiting {
        confirm.replaces(result);
    }
}

/// Explains why an action without a form cannot be prepared.
fn refuse(state: &mut AppState, error: &PrepareError) {
    let title = state.lang.t("toast-not-prepared");
    let lines = vec![why_not(state.lang, error)];
    state.view.toasts.push(ToastKind::Error, title, lines, state.now);
}

/// Does something in the form on top.
pub(crate) fn in_form(state: &mut AppState, edit: impl FnOnce(&mut Form)) -> Vec<Effect> {
    if let Some(Dialog::Form(form)) = state.view.dialogs.last_mut() {
        edit(form);
    }
    Vec::new()
}

/// What a form is offered with.
fn offered(state: &AppState, action: &Action, subject: &FormSubject) -> Option<Values> {
    let merchant = &state.account()?.merchant;
    Some(match subject {
        FormSubject::New => action.fresh(merchant, state.now),
        FormSubject::One(id) => {
            let object = &state.fresh(id)?.object;
            action.defaults(object, state.related_state(id), merchant, state.now)
        }
        FormSubject::Marked(_) => Values::new(),
    })
}

/// Opens a form that is filled with these values beside those it is offered with.
pub(crate) fn begin_filled(
    state: &mut AppState,
    action: &'static Action,
    subject: FormSubject,
    values: &Values,
) -> Vec<Effect> {
    let Some(mut filled) = offered(state, action, &subject) else { return Vec::new() };
    filled.extend(values.iter().map(|(name, text)| (*name, text.clone())));
    let form = Form::new(action, subject, state.region(), &filled);
    state.view.dialogs.push(Dialog::Form(form));
    Vec::new()
}

/// Begins the form on top again with what it is offered with; what was typed is dropped, as is its draft.
pub(crate) fn reset_form(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { return Vec::new() };
    let (action, subject) = (form.action, form.subject.clone());
    let Some(values) = offered(state, action, &subject) else { return Vec::new() };
    let fresh = Form::new(action, subject.clone(), state.region(), &values);
    match subject {
        FormSubject::New => {
            state.view.drafts.remove(&(None, action.id));
        }
        FormSubject::One(id) => {
            state.view.drafts.remove(&(Some(id), action.id));
        }
        FormSubject::Marked(_) => {}
    }
    in_form(state, |form| *form = fresh)
}

/// Checks the form and shows the preview.
pub(crate) fn submit(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { return Vec::new() };
    let object = match form.subject.clone() {
        FormSubject::One(object) => Some(object),
        FormSubject::New => None,
        FormSubject::Marked(_) => return bulk::submit(state),
    };
    let (id, values) = (form.action.id, form.values());
    match try_prepare(state, id, object.as_ref(), &values) {
        Some(Ok(confirm)) => {
            keep_draft(state);
            open_confirm(state, confirm)
        }
        Some(Err(error)) => {
            if let Some(Dialog::Form(form)) = state.view.dialogs.last_mut() {
                form.refuse(error);
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Closes the form and keeps its values as a draft.
pub(crate) fn leave_form(state: &mut AppState) -> Vec<Effect> {
    keep_draft(state);
    state.view.dialogs.pop();
    Vec::new()
}

fn keep_draft(state: &mut AppState) {
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { return };
    let object = match &form.subject {
        FormSubject::One(object) => Some(object.clone()),
        FormSubject::New => None,
        FormSubject::Marked(_) => return,
    };
    let (key, values) = ((object, form.action.id), form.values());
    state.view.drafts.insert(key, values);
}

/// Sends exactly the operation that the dialog shows, if everything it asks for was given.
pub(crate) fn confirm_now(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Confirm(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    let Some(confirmed) = confirm.confirmed().ok().filter(|_| confirm.ready()) else {
        confirm.confirm_input.refuse();
        return Vec::new();
    };
    let operation = confirmed.what().clone();
    // The form beneath is closed, too; its draft is no longer needed.
    state.view.dialogs.clear();
    let on = Some(operation.object.clone()).filter(|_| !operation.action.action().is_creation());
    let key = (on, operation.action);
    let typed = state.view.drafts.remove(&key);
    let lang = state.lang;
    let name = lang.action(operation.action.action());
    let number = operation.object.number.as_str().to_owned();
    let title = tr!(lang, "toast-sending", action = name, number = number);
    let ticket = state.start_write(operation);
    state.view.sent.extend(typed.map(|typed| (ticket.0, (key, typed))));
    state.view.toasts.push_about(ticket, ToastKind::Info, title, Vec::new(), state.now);
    vec![Request::Perform(ticket, Box::new(confirmed)).into()]
}
