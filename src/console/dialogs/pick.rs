//! Lists to choose from.

use crate::console::app::account;
use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::AppState;
use crate::console::dialogs::action;
use crate::console::dialogs::bulk::update as bulk;
use crate::console::dialogs::choices::choices;
use crate::console::dialogs::state::MenuAction;
use crate::console::dialogs::state::{Dialog, Picking};
use crate::console::tabs::objects::list::ListSort;

pub(crate) fn sort(state: &mut AppState) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let selected = list.columns().position(|column| column.id == list.sort().column);
    state.pick(Picking::Sort, selected.unwrap_or(0))
}

pub(crate) fn columns(state: &mut AppState) -> Vec<Effect> {
    state.pick(Picking::Columns, 0)
}

/// A field of the subject, to be copied.
pub(crate) fn field(state: &mut AppState) -> Vec<Effect> {
    let Some(id) = state.subject_id().cloned() else { return Vec::new() };
    state.pick(Picking::Field(id), 0)
}

pub(crate) fn profile(state: &mut AppState) -> Vec<Effect> {
    let current = state.account().map(|account| account.name.clone());
    let selected = state.profiles.iter().position(|name| Some(name) == current.as_ref());
    state.pick(Picking::Profile, selected.unwrap_or(0))
}

/// Chooses the selected line if it can be chosen.
pub(crate) fn take(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Pick(pick)) = state.view.dialogs.last() else { return Vec::new() };
    let choice = choices(state, &pick.what).into_iter().nth(pick.selected);
    let stays = pick.what == Picking::Columns;
    match choice {
        Some(choice) if choice.blocked.is_none() => {
            if !stays {
                state.view.dialogs.pop();
            }
            perform(state, choice.take)
        }
        _ => Vec::new(),
    }
}

/// Performs a choice from a list or from the palette.
pub(crate) fn perform(state: &mut AppState, take: MenuAction) -> Vec<Effect> {
    match take {
        MenuAction::Action(action, object) => action::begin(state, action, &object),
        MenuAction::New(action) => action::begin_new(state, action),
        MenuAction::Marked(action, ids) => bulk::begin(state, action, ids),
        MenuAction::Sort(column) => sort_by(state, column),
        MenuAction::Column(column) => {
            let Some(list) = state.list_mut() else { return Vec::new() };
            if !list.hidden.remove(column) {
                list.hidden.insert(column);
            }
            Vec::new()
        }
        MenuAction::Profile(name) => account::switch(state, name),
        MenuAction::Copy(text) => navigate::copy(state, Some(text)),
        MenuAction::Show(id) => navigate::show(state, &id),
    }
}

/// Sorts by a column; if it is the current one, reverses the order.
pub(crate) fn sort_by(state: &mut AppState, column: &'static str) -> Vec<Effect> {
    let Some(list) = state.list_mut() else { return Vec::new() };
    let descending = list.sort().column == column && !list.sort().descending;
    list.set_sort(ListSort { column, descending });
    Vec::new()
}
