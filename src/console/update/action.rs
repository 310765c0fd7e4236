//! The way of an action: menu, form, preview, confirmation. Nothing is sent before the last.

use super::{bulk, pick};
use crate::console::effect::Effect;
use crate::console::state::State;
use crate::console::state::dialog::{Confirm, Dialog, Form, Picking, Subject};
use crate::console::state::toast::ToastKind;
use crate::model::action::{ActionId, PrepareError, Values, prepare};
use crate::model::{Object, ObjectId};

/// The actions on the selection, or on all marked rows.
pub fn menu(state: &mut State) -> Vec<Effect> {
    if state.acts_on_marks() {
        return bulk::menu(state);
    }
    match state.subject_id().cloned() {
        Some(id) => pick::open(state, Picking::Action(id), 0),
        None => Vec::new(),
    }
}

/// An action was chosen: its form, or at once the preview if it has no fields.
pub fn begin(state: &mut State, id: ActionId, object: &ObjectId) -> Vec<Effect> {
    let action = id.action();
    let Some(fresh) = state.fresh(object) else { return Vec::new() };
    // The preview is to tell how what the action touches is now.
    let unsettled = state.around(object).unsettled();
    let look = (!unsettled.is_empty()).then_some(Effect::Refresh(unsettled)).into_iter().collect();
    if action.fields.is_empty() {
        match try_prepare(state, id, object, &Values::new()) {
            Some(Ok(confirm)) => drop(open_confirm(state, confirm)),
            Some(Err(error)) => drop(refuse(state, &error)),
            None => {}
        }
        return look;
    }
    let Some(merchant) = state.account().map(|account| &account.merchant) else { return look };
    let draft = state.drafts.get(&(object.clone(), id)).cloned();
    let values = draft.unwrap_or_else(|| action.defaults(&fresh.object, state.around(object), merchant, state.now));
    state.dialogs.push(Dialog::Form(Form::new(action, Subject::One(object.clone()), &values)));
    look
}

fn try_prepare(
    state: &State,
    id: ActionId,
    object: &ObjectId,
    values: &Values,
) -> Option<Result<Confirm, PrepareError>> {
    let account = state.account().filter(|account| !account.read_only)?;
    let around = state.around(object);
    let object: &Object = &state.fresh(object)?.object;
    let prepared = prepare(id.action(), object, around, &account.merchant, values, state.now);
    Some(
        prepared.map(|operation| Confirm::new(operation, object.entity.state(), values, &account.rules, state.pressed)),
    )
}

fn open_confirm(state: &mut State, confirm: Confirm) -> Vec<Effect> {
    state.dialogs.push(Dialog::Confirm(Box::new(confirm)));
    Vec::new()
}

/// An action without a form cannot be prepared: say why.
fn refuse(state: &mut State, error: &PrepareError) -> Vec<Effect> {
    let title = state.lang.t("toast-not-prepared").into_owned();
    let lines = vec![why_not(state, error)];
    state.toasts.push(ToastKind::Error, title, lines, state.now);
    Vec::new()
}

/// Why an operation cannot be prepared, beyond the fields.
pub fn why_not(state: &State, error: &PrepareError) -> String {
    let lang = state.lang;
    match error {
        PrepareError::Illegal(illegal) => lang.t(illegal.0).into_owned(),
        PrepareError::Setting(setting) => lang.tr("form-setting", &[("name", &setting.0)]),
        PrepareError::Fields(_) => lang.t("form-mend-fields").into_owned(),
    }
}

pub fn turn_field(state: &mut State, forward: bool) -> Vec<Effect> {
    if let Some(Dialog::Form(form)) = state.dialogs.last_mut() {
        let count = form.inputs.len().max(1);
        form.focus = (form.focus + if forward { 1 } else { count - 1 }) % count;
    }
    Vec::new()
}

/// Checks the form and shows the preview.
pub fn submit(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Form(form)) = state.dialogs.last() else { return Vec::new() };
    let Subject::One(object) = form.subject.clone() else { return bulk::submit(state) };
    let (id, values) = (form.action.id, form.values());
    match try_prepare(state, id, &object, &values) {
        Some(Ok(confirm)) => {
            keep_draft(state);
            open_confirm(state, confirm)
        }
        Some(Err(error)) => {
            if let Some(Dialog::Form(form)) = state.dialogs.last_mut() {
                let faulty = |name| matches!(&error, PrepareError::Fields(e) if e.iter().any(|e| e.field == name));
                form.focus = form.action.fields.iter().position(|f| faulty(f.name)).unwrap_or(form.focus);
                form.refused = Some(error);
            }
            Vec::new()
        }
        None => Vec::new(),
    }
}

/// Closes the form; what was typed is there again next time.
pub fn leave_form(state: &mut State) -> Vec<Effect> {
    keep_draft(state);
    state.dialogs.pop();
    Vec::new()
}

fn keep_draft(state: &mut State) {
    if let Some(Dialog::Form(form)) = state.dialogs.last()
        && let Subject::One(object) = &form.subject
    {
        let key = (object.clone(), form.action.id);
        let values = form.values();
        state.drafts.insert(key, values);
    }
}

/// Sends the very operation the dialog holds, if nothing is in the way.
pub fn confirm_now(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::Confirm(confirm)) = state.dialogs.last_mut() else { return Vec::new() };
    let Some(confirmed) = confirm.confirmed().ok().filter(|_| confirm.ready()) else {
        confirm.consent.refuse();
        return Vec::new();
    };
    let operation = confirmed.what().clone();
    // The form beneath, if there was one, goes with it; its draft served.
    state.dialogs.clear();
    state.drafts.remove(&(operation.object.clone(), operation.action));
    let lang = state.lang;
    let name = lang.t(&format!("action-{}", operation.action.action().name())).into_owned();
    let number = operation.object.number.as_str().to_owned();
    let title = lang.tr("toast-sending", &[("action", &name), ("number", &number)]);
    let ticket = state.take_off(operation);
    state.toasts.push_about(ticket, ToastKind::Info, title, Vec::new(), state.now);
    vec![Effect::Perform(ticket, Box::new(confirmed))]
}
