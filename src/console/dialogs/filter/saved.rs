//! Filters and sets of columns with a name: saving the current one, applying one, deleting one.

use crate::console::app::command::{NotReady, Ready, open};
use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::filter::update as filter;
use crate::console::dialogs::state::{Dialog, Palette, PaletteIntent, Picking, Prompt};
use crate::console::saved_filters::{FilterChange, SavedFilter};
use crate::explain;
use crate::model::filter::Filter;

/// The longest name.
const LONGEST: usize = 60;

/// The table is filtered.
pub(crate) fn filtered(state: &AppState) -> Ready {
    open(state)?;
    let filtered = state.list().is_some_and(|list| !list.filter().is_empty());
    if filtered { Ok(()) } else { Err(NotReady::Blocked("blocked-no-filter")) }
}

/// Asks for a name. From the filter line, the filter is kept first.
pub(crate) fn ask(state: &mut AppState) -> Vec<Effect> {
    if matches!(state.view.dialogs.last(), Some(Dialog::Filter(_))) {
        filter::keep(state);
        if !state.view.dialogs.is_empty() || filtered(state).is_err() {
            return Vec::new();
        }
    }
    state.view.dialogs.push(Dialog::SaveFilter(Prompt::default()));
    Vec::new()
}

/// Whether what gets a name is the set of columns: it was asked for in their dialog.
pub(crate) fn names_columns(state: &AppState) -> bool {
    let is_columns = |dialog: &Dialog| matches!(dialog, Dialog::Pick(pick) if pick.what == Picking::Columns);
    state.view.dialogs.iter().any(is_columns)
}

/// Saves the filter or the columns of the table under the name that was typed.
pub(crate) fn save(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::SaveFilter(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let name = prompt.input.value().trim().to_owned();
    if name.is_empty() || name.chars().count() > LONGEST {
        let title = tr!(state.lang, "toast-filter-name", n = LONGEST);
        state.view.toasts.push(ToastKind::Error, title, Vec::new(), state.now);
        return Vec::new();
    }
    let (Some(list), Some(account)) = (state.list(), state.account()) else { return Vec::new() };
    let (filter, columns) = match names_columns(state) {
        true => (String::new(), list.columns().map(|column| column.id.to_owned()).collect()),
        false => (list.filter().to_string(), Vec::new()),
    };
    let kind = list.kind.noun().to_owned();
    let saved = SavedFilter { profile: account.name.clone(), kind, filter, columns, name };
    let path = account.saved_filters.path.clone();
    state.view.dialogs.pop();
    vec![Effect::ChangeFilters(path, Box::new(FilterChange::Save(saved)))]
}

/// The saved filter that is selected in the palette.
fn selected(state: &AppState) -> Option<&SavedFilter> {
    let Some(Dialog::Palette(Palette { entries, found, selected, .. })) = state.view.dialogs.last() else {
        return None;
    };
    match &entries.get(*found.get(*selected)?)?.intent {
        PaletteIntent::SavedFilter(saved) => Some(saved),
        _ => None,
    }
}

pub(crate) fn deletable(state: &AppState) -> Ready {
    selected(state).map(drop).ok_or(NotReady::Blocked("blocked-no-saved-filter"))
}

/// Deletes the one that is selected in the palette.
pub(crate) fn delete(state: &mut AppState) -> Vec<Effect> {
    let Some(saved) = selected(state).cloned() else { return Vec::new() };
    let Some(path) = state.account().map(|account| account.saved_filters.path.clone()) else { return Vec::new() };
    state.view.dialogs.pop();
    vec![Effect::ChangeFilters(path, Box::new(FilterChange::Delete(saved)))]
}

/// Opens the table, and filters it or shows these columns.
pub(crate) fn apply(state: &mut AppState, saved: &SavedFilter) -> Vec<Effect> {
    let Some(place) = saved.kind().and_then(|kind| state.place_of(kind)) else { return Vec::new() };
    let Ok(parsed) = Filter::parse(&saved.filter) else { return Vec::new() };
    let effects = navigate::open_tab(state, place);
    while state.pane().close_detail(state) {}
    if !saved.is_columns() {
        filter::set(state, parsed);
    } else if let Some(list) = state.list_mut() {
        list.show_columns(&saved.columns);
    }
    effects
}

/// Why it cannot be applied: it was written by hand, or by another version.
pub(crate) fn blocked(state: &AppState, saved: &SavedFilter) -> Option<String> {
    if saved.kind().and_then(|kind| state.place_of(kind)).is_none() {
        return Some(tr!(state.lang, "blocked-no-such-table", kind = &*saved.kind));
    }
    Filter::parse(&saved.filter).err().map(|error| explain::filter(state.lang, &error))
}

/// The file was written, or why it was not.
pub(crate) fn changed(
    state: &mut AppState,
    change: &FilterChange,
    result: Result<Vec<SavedFilter>, String>,
) -> Vec<Effect> {
    let lang = state.lang;
    let (kind, title, lines) = match (result, change) {
        (Ok(filters), change) => {
            if let Stage::Open(account) = &mut state.stage {
                account.saved_filters.filters = filters;
            }
            let title = match change {
                FilterChange::Save(saved) if saved.is_columns() => {
                    tr!(lang, "toast-columns-saved", name = &*saved.name)
                }
                FilterChange::Save(saved) => tr!(lang, "toast-filter-saved", name = &*saved.name),
                FilterChange::Delete(saved) => tr!(lang, "toast-filter-deleted", name = &*saved.name),
            };
            (ToastKind::Done, title, Vec::new())
        }
        (Err(error), _) => (ToastKind::Error, lang.t("toast-filters-unsaved"), vec![error]),
    };
    state.view.toasts.push(kind, title, lines, state.now);
    Vec::new()
}

/// The file could not be read when the account was opened.
pub(crate) fn report(state: &mut AppState) {
    let trouble = state.account().and_then(|account| account.saved_filters.trouble.clone());
    if let Some(trouble) = trouble {
        let title = state.lang.t("toast-filters-unread");
        state.view.toasts.push(ToastKind::Error, title, vec![trouble], state.now);
    }
}
