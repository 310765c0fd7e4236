//! Filters and sets of columns with a name: saving the current one, applying one, deleting one.

use crate::console::app::command::{NotReady, Ready, open};
use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::filter::update as filter;
use crate::console::dialogs::state::{Dialog, Palette, PaletteIntent, Picking, Prompt};
use crate::console::saved_filters::{FilterChange, SavedFilter};
use crate::console::tabs::objects::list::List;
use crate::explain;
use crate::model::filter::{Filter, Language};
use crate::services::{InboxFilter, JournalFilter};

/// The longest name.
const LONGEST: usize = 60;

/// The table on the screen by the name under which a filter of it is saved, and its language. The table over all profiles
/// has none: filters belong to one profile.
fn table(state: &AppState) -> Option<(&'static str, Language)> {
    match filter::language(state)? {
        Language::OBJECTS => Some((state.list()?.kind.noun(), Language::OBJECTS)),
        language => Some((state.tabs.get(state.tab)?.id, language)),
    }
}

/// The place of the table that a saved filter is for, and its language.
fn place(state: &AppState, saved: &SavedFilter) -> Option<(usize, Language)> {
    let language = [("events", Language::EVENTS), ("journal", Language::JOURNAL)];
    if let Some((id, language)) = language.into_iter().find(|(id, _)| *id == saved.kind) {
        return Some((state.tabs.iter().position(|tab| tab.id == id)?, language));
    }
    Some((state.place_of(saved.kind()?)?, Language::OBJECTS))
}

/// The table has filters that can be saved.
pub(crate) fn savable(state: &AppState) -> Ready {
    open(state)?;
    table(state).map(drop).ok_or(NotReady::Blocked("blocked-many-merchants"))
}

/// The table is filtered.
pub(crate) fn filtered(state: &AppState) -> Ready {
    savable(state)?;
    let filtered = table(state).is_some_and(|(_, language)| !filter::current(state, language).is_empty());
    if filtered { Ok(()) } else { Err(NotReady::Blocked("blocked-no-filter")) }
}

/// The name of the table of a saved filter or set of columns.
pub(crate) fn table_label(state: &AppState, saved: &SavedFilter) -> String {
    match (saved.kind(), place(state, saved)) {
        (Some(kind), _) => state.lang.kind(kind),
        (None, Some((place, _))) => state.lang.t(state.tabs[place].command),
        (None, None) => String::new(),
    }
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
    let (Some((kind, language)), Some(account)) = (table(state), state.account()) else { return Vec::new() };
    let columns = state.list().filter(|_| names_columns(state)).map(List::columns);
    let columns: Vec<_> = columns.into_iter().flatten().map(|column| column.id.to_owned()).collect();
    let filter = match columns.is_empty() {
        true => filter::current(state, language).written_in(language).to_string(),
        false => String::new(),
    };
    let kind = kind.to_owned();
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
    let Some((place, language)) = place(state, saved) else { return Vec::new() };
    let Ok(parsed) = Filter::parse_in(language, &saved.filter) else { return Vec::new() };
    let effects = navigate::open_tab(state, place);
    while state.pane().close_detail(state) {}
    if !saved.is_columns() {
        // Of all entries and all notifications: what else narrowed the table is not a part of a saved filter.
        match language {
            Language::JOURNAL => state.view.tabs.journal.set_filter(JournalFilter::default().with_filter(parsed)),
            Language::EVENTS => state.view.tabs.inbox.set_filter(InboxFilter::default().with_filter(parsed)),
            _ => filter::set(state, parsed),
        }
    } else if let Some(list) = state.list_mut() {
        list.show_columns(&saved.columns);
    }
    effects
}

/// Why it cannot be applied: it was written by hand, or by another version.
pub(crate) fn blocked(state: &AppState, saved: &SavedFilter) -> Option<String> {
    let Some((_, language)) = place(state, saved) else {
        return Some(tr!(state.lang, "blocked-no-such-table", kind = &*saved.kind));
    };
    Filter::parse_in(language, &saved.filter).err().map(|error| explain::filter(state.lang, &error))
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
