//! How a table of objects is arranged: the set and the order of its columns, ranges of marks.

use crate::console::app::command::{Differs, NotReady, Ready, open, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::state::{Dialog, Picking};

/// Switches between the columns that fit and all of them at their full width.
pub(crate) fn turn_wide(state: &mut AppState) -> Vec<Effect> {
    if let Some(sideways) = state.pane().sideways_mut(state) {
        (sideways.wide, sideways.by) = (!sideways.wide, 0);
    }
    Vec::new()
}

/// How [`turn_wide`] is shown.
pub(crate) fn wide_shown_as(state: &AppState) -> Option<Differs> {
    if state.list().is_some_and(|list| list.sideways.wide) { shown_as("command-columns-narrow") } else { None }
}

/// Scrolls the columns sideways behind the first.
pub(crate) fn scroll(state: &mut AppState, by: isize) -> Vec<Effect> {
    let most = state.room.sideways;
    if let Some(sideways) = state.pane().sideways_mut(state) {
        sideways.by = sideways.by.min(most).saturating_add_signed(by).min(most);
    }
    Vec::new()
}

/// Moves the chosen column of the dialog by one place.
pub(crate) fn move_column(state: &mut AppState, by: isize) -> Vec<Effect> {
    let Some(from) = chosen_column(state) else { return Vec::new() };
    let moved = state.list_mut().is_some_and(|list| list.move_column(from, by));
    if let (true, Some(Dialog::Pick(pick))) = (moved, state.view.dialogs.last_mut()) {
        pick.selected = from.saturating_add_signed(by);
    }
    Vec::new()
}

/// Whether a column can be moved: the dialog of columns is open, and the number stays first.
pub(crate) fn column_moves(state: &AppState) -> Ready {
    match chosen_column(state) {
        None => Err(NotReady::Blocked("blocked-not-columns")),
        Some(0) => Err(NotReady::Blocked("blocked-column-first")),
        Some(_) => Ok(()),
    }
}

/// The dialog of columns is open.
pub(crate) fn has_columns(state: &AppState) -> Ready {
    chosen_column(state).map(drop).ok_or(NotReady::Blocked("blocked-not-columns"))
}

/// Shows the moving of columns among the hints of the dialog of columns only.
pub(crate) fn column_hint(state: &AppState, message: &'static str) -> Option<Differs> {
    chosen_column(state).map(|_| Differs { message, hint: Some(2) })
}

fn chosen_column(state: &AppState) -> Option<usize> {
    match state.view.dialogs.last()? {
        Dialog::Pick(pick) if pick.what == Picking::Columns => Some(pick.selected),
        _ => None,
    }
}

/// There is a mark from which a range can begin.
pub(crate) fn range(state: &AppState) -> Ready {
    open(state)?;
    match state.list().and_then(|list| list.range()) {
        Some(_) => Ok(()),
        None => Err(NotReady::Blocked("blocked-no-last-mark")),
    }
}
