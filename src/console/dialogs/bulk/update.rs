//! Marks, and the steps of a bulk action: menu, form, preparation, preview, confirmation, panel.

use std::sync::Arc;

use crate::console::app::command::{Differs, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::export::{Outcomes, default_path};
use crate::console::app::state::AppState;
use crate::console::app::toast::{ToastKind, stopped_lines};
use crate::console::dialogs::bulk::state::{BulkConfirm, BulkPhase, OperationProgress, Preparing, Running};
use crate::console::dialogs::form::state::{Form, FormSubject};
use crate::console::dialogs::state::{Dialog, Picking, Prompt};
use crate::console::tabs::objects::list::{List, MarkAll};
use crate::explain;
use crate::model::action::{ActionId, FieldError, PrepareError, Values};
use crate::model::{Money, ObjectId};
use crate::services::{
    BulkCommand, BulkEvent, BulkRequest, Prepared, Rate, ReadRequest, Request, Selection, Stopped, Ticket,
};

/// Marks or unmarks the row under the cursor, and moves the cursor down.
pub(crate) fn mark(state: &mut AppState) -> Vec<Effect> {
    let most = most(state);
    let Some(list) = state.list_mut() else { return Vec::new() };
    let Some((id, amount)) = list.selected().map(|row| (row.id.clone(), row.amount())) else { return Vec::new() };
    if list.is_marked(&id) {
        list.unmark(&id);
    } else if list.marked().len() >= most {
        return too_many(state, most);
    } else {
        list.mark(id, amount);
    }
    list.move_by(1);
    Vec::new()
}

/// Marks all rows that pass the filter, including those not on the screen.
pub(crate) fn mark_all(state: &mut AppState) -> Vec<Effect> {
    let most = most(state);
    let asked = state.list_mut().and_then(|list| list.ask_matching(MarkAll::Mark));
    asked.map(|selection| ReadRequest::Matching(selection, most).into()).into_iter().collect()
}

/// Marks the rows from the one that was marked last to the cursor.
pub(crate) fn mark_range(state: &mut AppState) -> Vec<Effect> {
    let most = most(state);
    let Some(list) = state.list_mut() else { return Vec::new() };
    let Some(end) = list.selected().map(|row| (row.id.clone(), row.amount())) else { return Vec::new() };
    let rows: Vec<_> = list.range().into_iter().flatten().map(|row| (row.id.clone(), row.amount())).collect();
    let new = rows.iter().filter(|(id, _)| !list.is_marked(id)).count();
    // Either the whole range or nothing: a part of it would look like all of it.
    if list.marked().len() + new > most {
        return too_many(state, most);
    }
    // The next range begins where this one ends.
    rows.into_iter().chain([end]).for_each(|(id, amount)| list.mark(id, amount));
    Vec::new()
}

/// Marks the rows that pass the filter and are not marked, and takes the marks of the others away.
pub(crate) fn invert(state: &mut AppState) -> Vec<Effect> {
    let most = most(state);
    let Some(list) = state.list_mut() else { return Vec::new() };
    let limit = most.saturating_add(list.marked().len());
    let asked = list.ask_matching(MarkAll::Invert);
    asked.map(|selection| ReadRequest::Matching(selection, limit).into()).into_iter().collect()
}

pub(crate) fn unmark_all(state: &mut AppState) -> Vec<Effect> {
    state.list_mut().into_iter().for_each(List::unmark_all);
    Vec::new()
}

/// The maximum number of objects of a bulk action.
fn most(state: &AppState) -> usize {
    state.account().map_or(0, |account| account.rules.max_bulk)
}

fn too_many(state: &mut AppState, most: usize) -> Vec<Effect> {
    let title = tr!(state.lang, "toast-marks-full", max = most);
    let text = vec![state.lang.t("toast-marks-full-next")];
    state.view.toasts.push(ToastKind::Error, title, text, state.now);
    Vec::new()
}

/// The ledger has found the rows that pass a filter. They are dropped if the table shows another by now.
pub(crate) fn matching(
    state: &mut AppState,
    selection: &Selection,
    rows: &[(ObjectId, Option<Money>)],
    more: bool,
) -> Vec<Effect> {
    let most = most(state);
    let list = state.list_of_mut(selection.kind);
    let Some(how) = list.take_marking(selection) else { return Vec::new() };
    if how == MarkAll::Invert {
        let (marked, unmarked): (Vec<_>, Vec<_>) = rows.iter().partition(|(id, _)| list.is_marked(id));
        if more || list.marked().len() - marked.len() + unmarked.len() > most {
            return too_many(state, most);
        }
        marked.iter().for_each(|(id, _)| list.unmark(id));
        unmarked.iter().for_each(|(id, amount)| list.mark(id.clone(), *amount));
        return Vec::new();
    }
    let mut full = more;
    for (id, amount) in rows {
        if !list.is_marked(id) && list.marked().len() >= most {
            full = true;
            break;
        }
        list.mark(id.clone(), *amount);
    }
    if full { too_many(state, most) } else { Vec::new() }
}

/// Lists the actions on the marked objects. The ledger counts for how many each is legal.
pub(crate) fn menu(state: &mut AppState) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let (kind, ids) = (list.kind, list.marked().cloned().collect::<Vec<ObjectId>>());
    state.view.survey = None;
    let mut effects = vec![Request::CountActions(kind, ids.clone()).into()];
    effects.extend(state.pick(Picking::Marked(ids), 0));
    effects
}

/// Starts a chosen action: opens its form, or prepares it at once if it has no fields.
pub(crate) fn begin(state: &mut AppState, id: ActionId, ids: Vec<ObjectId>) -> Vec<Effect> {
    let action = id.action();
    let Some(account) = state.account() else { return Vec::new() };
    let (values, region) = (action.shared_defaults(&account.merchant, state.now), account.merchant.region);
    if action.fields.is_empty() {
        return prepare(state, id, ids, values);
    }
    state.view.dialogs.push(Dialog::Form(Form::new(action, FormSubject::Marked(ids), region, &values)));
    Vec::new()
}

/// Checks the shared values, and requests the preparation.
pub(crate) fn submit(state: &mut AppState) -> Vec<Effect> {
    let now = state.now;
    let Some(Dialog::Form(form)) = state.view.dialogs.last_mut() else { return Vec::new() };
    let FormSubject::Marked(ids) = form.subject.clone() else { return Vec::new() };
    let values = form.values();
    let problem = |field: &crate::model::action::Field| {
        let problem = field.check(values.get(field.name).map_or("", String::as_str), now).err()?;
        Some(FieldError { field: field.name, problem })
    };
    let errors: Vec<FieldError> = form.fields().filter_map(problem).collect();
    if !errors.is_empty() {
        form.refuse(PrepareError::Fields(errors));
        return Vec::new();
    }
    let id = form.action.id;
    prepare(state, id, ids, values)
}

fn prepare(state: &mut AppState, action: ActionId, ids: Vec<ObjectId>, values: Values) -> Vec<Effect> {
    if state.account().is_none() || state.forbids_changes().is_some() {
        return Vec::new();
    }
    let ticket = state.next_ticket();
    let preparing = Preparing { ticket, values: values.clone(), done: 0, total: 0, asked_by: state.pressed };
    state.view.dialogs.push(Dialog::Preparing(preparing));
    vec![Request::PrepareBulk(ticket, Box::new(BulkRequest { action, ids, values, reason: None, again: false })).into()]
}

pub(crate) fn reading(state: &mut AppState, ticket: Ticket, done: usize, total: usize) {
    if let Some(Dialog::Preparing(preparing)) = state.view.dialogs.last_mut()
        && preparing.ticket == ticket
    {
        (preparing.done, preparing.total) = (done, total);
    }
}

/// Replaces the preparation by the preview, unless it was closed.
pub(crate) fn prepared(
    state: &mut AppState,
    ticket: Ticket,
    result: Result<Arc<Prepared>, Arc<Stopped>>,
) -> Vec<Effect> {
    let awaited = matches!(state.view.dialogs.last(), Some(Dialog::Preparing(preparing)) if preparing.ticket == ticket);
    let Some(Dialog::Preparing(preparing)) = state.view.dialogs.pop_if(|_| awaited) else { return Vec::new() };
    let lang = state.lang;
    let prepared = match result {
        Ok(prepared) => prepared,
        Err(stopped) => {
            let text = stopped_lines(state.lang, &stopped);
            let title = lang.t("toast-not-prepared");
            state.view.toasts.push(ToastKind::Error, title, text, state.now);
            return Vec::new();
        }
    };
    let Some(account) = state.account() else { return Vec::new() };
    let rate = Rate::within(state.view.health.requests_per_second);
    let confirm = BulkConfirm::new(prepared, preparing.values, rate, account, preparing.asked_by);
    state.view.dialogs.push(Dialog::BulkConfirm(Box::new(confirm)));
    Vec::new()
}

/// Sends exactly the operations that the dialog shows, if everything it asks for was given.
pub(crate) fn confirm_now(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::BulkConfirm(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    let Some(run) = confirm.confirmed().ok().filter(|_| confirm.ready()) else {
        confirm.confirm_input.refuse();
        return Vec::new();
    };
    let running = Running::new(&run, &confirm.prepared);
    state.view.dialogs.clear();
    state.view.bulk = Some(running);
    state.view.dialogs.push(Dialog::Bulk { scroll: None });
    vec![Request::RunBulk(Box::new(run)).into()]
}

/// Handles an event of the bulk action. Succeeded objects are unmarked, so that the marks show what is left to do.
pub(crate) fn event(state: &mut AppState, event: BulkEvent) -> Vec<Effect> {
    let Some(bulk) = &mut state.view.bulk else { return Vec::new() };
    let paused = matches!(event, BulkEvent::Paused(Some(_)));
    let done = bulk.apply(event);
    if let Some(operation) = done {
        state.list_of_mut(operation.object.kind).unmark(&operation.object);
    }
    let seen = state.view.dialogs.iter().any(|dialog| matches!(dialog, Dialog::Bulk { .. }));
    let ended = state.view.bulk.as_ref().is_some_and(|bulk| !bulk.is_under_way());
    if (paused || ended) && !seen {
        let title = state.lang.t(if paused { "toast-bulk-paused" } else { "toast-bulk-finished" });
        let text = vec![state.lang.t("toast-bulk-next")];
        let kind = if paused { ToastKind::Error } else { ToastKind::Done };
        state.view.toasts.push(kind, title, text, state.now);
    }
    Vec::new()
}

/// Shows the bulk action in progress, or the latest one.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.dialogs.push(Dialog::Bulk { scroll: None });
    Vec::new()
}

/// The message of the command while the bulk action is paused.
pub(crate) fn resumes(state: &AppState) -> Option<Differs> {
    let paused = state.view.bulk.as_ref().is_some_and(|bulk| matches!(bulk.phase, BulkPhase::Paused(_)));
    if paused { shown_as("command-bulk-go-on") } else { None }
}

/// Pauses or resumes it.
pub(crate) fn pause(state: &mut AppState) -> Vec<Effect> {
    match state.view.bulk.as_ref().map(|bulk| &bulk.phase) {
        Some(BulkPhase::Running) => vec![Request::ControlBulk(BulkCommand::Pause).into()],
        Some(BulkPhase::Paused(_)) => vec![Request::ControlBulk(BulkCommand::Go).into()],
        _ => Vec::new(),
    }
}

/// Stops it: operations in flight are finished, the rest is not sent.
pub(crate) fn stop(state: &mut AppState) -> Vec<Effect> {
    match &mut state.view.bulk {
        Some(bulk) if bulk.is_under_way() => {
            bulk.phase = BulkPhase::Stopping;
            vec![Request::ControlBulk(BulkCommand::Stop).into()]
        }
        _ => Vec::new(),
    }
}

/// Asks for the file to write its outcomes to.
pub(crate) fn export(state: &mut AppState) -> Vec<Effect> {
    let Some(bulk) = &state.view.bulk else { return Vec::new() };
    let path = default_path(bulk.action.action().kind, state.now).replacen("paydeck-", "paydeck-bulk-", 1);
    state.view.dialogs.push(Dialog::ExportBulk(Prompt::proposing(path)));
    Vec::new()
}

/// Writes the outcome of every object.
pub(crate) fn write_export(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::ExportBulk(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let path = prompt.input.value().trim().to_owned();
    let Some(bulk) = state.view.bulk.as_ref().filter(|_| !path.is_empty()) else { return Vec::new() };
    let (lang, profile) = (state.lang, state.account().map_or("", |account| account.name.as_str()));
    let columns = ["column-number", "bulk-column-outcome", "column-amount", "export-currency"];
    let more = ["bulk-column-request", "bulk-column-journal", "bulk-column-reason"];
    let header = columns.into_iter().chain(more).map(|id| lang.t(id)).collect();
    let word = |word: &str| lang.t(&format!("bulk-outcome-{word}"));
    let sent = bulk.rows.iter().map(|(operation, progress)| {
        let outcome = if let OperationProgress::Ended(outcome) = progress { Some(outcome) } else { None };
        vec![
            operation.object.number.to_string(),
            bulk.word(progress).map(word).unwrap_or_default(),
            operation.amount.map(|amount| amount.plain()).unwrap_or_default(),
            operation.amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
            outcome.and_then(|outcome| outcome.request_id()).unwrap_or_default().to_owned(),
            outcome.and_then(|outcome| outcome.journal()).map(|journal| journal.to_string()).unwrap_or_default(),
            outcome.and_then(|outcome| explain::outcome_line(explain::on_screen(lang), outcome)).unwrap_or_default(),
        ]
    });
    let left_out = bulk.left_out.iter().map(|left_out| {
        let mut row = vec![left_out.object.number.to_string(), word("left-out")];
        row.extend(vec![String::new(); 4]);
        row.push(explain::left_out(explain::on_screen(lang), &left_out.why, profile));
        row
    });
    let outcomes = Outcomes { path, header, rows: sent.chain(left_out).collect() };
    state.view.dialogs.pop();
    vec![Effect::ExportOutcomes(Box::new(outcomes))]
}
