//! Commands of the tables: tabs, the cursor, refreshing and copying.

use crate::console::app::account;
use crate::console::app::command::{Differs, Ready, open, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::ToastKind;
use crate::console::tabs::across::update as across;
use crate::console::tabs::objects::update as detail;
use crate::model::ObjectId;

/// Moves the cursor; in a detail, selects a line or scrolls.
pub(crate) fn walk(state: &mut AppState, by: isize) -> Vec<Effect> {
    let limit = state.room.scroll;
    if state.selects_spots() {
        detail::select_by(state, by);
    } else if let Some(scroll) = state.scroll_mut() {
        *scroll = (*scroll).min(limit).saturating_add_signed(by).min(limit);
    } else {
        state.pane().move_by(state, by);
    }
    Vec::new()
}

pub(crate) fn to_start(state: &mut AppState) -> Vec<Effect> {
    walk(state, isize::MIN)
}

pub(crate) fn to_end(state: &mut AppState) -> Vec<Effect> {
    walk(state, isize::MAX)
}

pub(crate) fn page(state: &mut AppState, pages: isize) -> Vec<Effect> {
    let lines = if state.scroll().is_some() { state.room.detail } else { state.room.rows };
    walk(state, pages * isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1))
}

/// Undoes one thing: a toast that stays, what was opened or marked in the detail, the detail, the jump that led here,
/// the filter.
pub(crate) fn back(state: &mut AppState) -> Vec<Effect> {
    if state.view.toasts.dismiss() {
        return Vec::new();
    }
    if matches!(state.stage, Stage::Failed(..))
        && let Some(effects) = across::turn_back(state)
    {
        return effects;
    }
    if state.pane().undo_in_detail(state) {
        return Vec::new();
    }
    let arrival = state.view.trail.arrival;
    // A detail that was opened after the jump is closed first.
    if !(arrival.linked && arrival.opened) && state.pane().close_detail(state) {
        return Vec::new();
    }
    if arrival.linked {
        return navigate::step(state, false);
    }
    if state.first_run {
        state.first_run = false;
        return Vec::new();
    }
    state.pane().step_back(state);
    Vec::new()
}

/// Shows the detail beside the table, or in its place.
pub(crate) fn turn_split(state: &mut AppState) -> Vec<Effect> {
    state.split = !state.split;
    Vec::new()
}

/// Whether [`refresh`] can run.
pub(crate) fn refreshable(state: &AppState) -> Ready {
    if matches!(state.stage, Stage::Failed(..)) {
        return Ok(());
    }
    open(state)?;
    state.pane().can_reload(state)
}

/// The message of [`refresh`] in this state.
pub(crate) fn refreshes(state: &AppState) -> Option<Differs> {
    match state.stage {
        Stage::Failed(..) => shown_as("command-retry"),
        Stage::Opening(_) | Stage::Open(_) => state.pane().reload_shown_as(state),
    }
}

/// Queries the selection, or reads the table again; without an account, tries again to open it.
pub(crate) fn refresh(state: &mut AppState) -> Vec<Effect> {
    if matches!(state.stage, Stage::Failed(..)) {
        return account::retry(state);
    }
    state.pane().reload(state)
}

pub(crate) fn refresh_visible(state: &mut AppState) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let seen = list.rows().iter().skip(state.room.first).take(state.room.rows);
    let ids: Vec<ObjectId> = seen.map(|row| row.id.clone()).collect();
    let title = tr!(state.lang, "toast-refreshing", n = ids.len());
    state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    navigate::ask(state, ids)
}

pub(crate) fn copy_number(state: &mut AppState) -> Vec<Effect> {
    let number = state.subject_id().map(|id| id.number.as_str().to_owned());
    navigate::copy(state, number)
}

/// The document exactly as WeChat Pay returned it.
pub(crate) fn copy_json(state: &mut AppState) -> Vec<Effect> {
    let raw = state.subject_id().and_then(|id| state.fresh(id)).map(|fresh| fresh.object.raw.to_string());
    navigate::copy(state, raw)
}
