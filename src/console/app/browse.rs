//! Going about the tables: tabs, the cursor, refreshing and copying.

use crate::console::app::command::{Differs, Ready, open, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::session;
use crate::console::app::state::{Stage, State};
use crate::console::app::toast::ToastKind;
use crate::console::tabs::objects::detail::Detail;
use crate::console::tabs::objects::update as detail;
use crate::model::ObjectId;
use crate::services::Request;

pub fn open_tab(state: &mut State, tab: usize) -> Vec<Effect> {
    state.open_tab(tab)
}

/// Opens a tab by its id.
pub fn open_named(state: &mut State, id: &str) -> Vec<Effect> {
    state.place(id).map_or_else(Vec::new, |tab| open_tab(state, tab))
}

/// Goes to an object: its tab, its row (out of the filter, if that hides it), its detail. From another detail, one can
/// go back.
pub fn show(state: &mut State, id: &ObjectId) -> Vec<Effect> {
    let Some(tab) = state.place_of(id.kind) else { return Vec::new() };
    let before = state.detail.take();
    open_tab(state, tab);
    state.list_of_mut(id.kind).go_to(id.clone());
    let came_from = match before {
        Some(before) if before.of == *id => before.came_from,
        Some(before) => before.trail(),
        None => Vec::new(),
    };
    state.detail = Some(Detail { came_from, ..Detail::new(id.clone()) });
    detail::list_refunds(state)
}

pub fn turn_tab(state: &mut State, by: usize) -> Vec<Effect> {
    open_tab(state, (state.tab + by) % state.tabs.len())
}

/// Moves the cursor, or what is selected or seen of the detail while that has the keys.
pub fn walk(state: &mut State, by: isize) -> Vec<Effect> {
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

pub fn to_start(state: &mut State) -> Vec<Effect> {
    walk(state, isize::MIN)
}

pub fn to_end(state: &mut State) -> Vec<Effect> {
    walk(state, isize::MAX)
}

pub fn page(state: &mut State, pages: isize) -> Vec<Effect> {
    let lines = if state.scroll().is_some() { state.room.detail } else { state.room.rows };
    walk(state, pages * isize::try_from(lines.saturating_sub(1).max(1)).unwrap_or(1))
}

/// Takes back one thing: a message that stays, what was opened or marked in the detail, the detail, the filter.
pub fn back(state: &mut State) -> Vec<Effect> {
    if state.toasts.dismiss() {
        return Vec::new();
    }
    if state.pane().close_detail(state) {
        return Vec::new();
    }
    if state.first_run {
        state.first_run = false;
        return Vec::new();
    }
    state.pane().step_back(state);
    Vec::new()
}

/// Whether [`refresh`] can run.
pub fn refreshable(state: &State) -> Ready {
    if matches!(state.stage, Stage::Failed(..)) {
        return Ok(());
    }
    open(state)?;
    state.pane().can_reload(state)
}

/// What [`refresh`] does where the state is now.
pub fn refreshes(state: &State) -> Option<Differs> {
    match state.stage {
        Stage::Failed(..) => shown_as("command-retry"),
        Stage::Opening(_) | Stage::Open(_) => state.pane().reload_shown_as(state),
    }
}

/// Queries the selection, or reads the table again; without an account, tries again to open it.
pub fn refresh(state: &mut State) -> Vec<Effect> {
    if matches!(state.stage, Stage::Failed(..)) {
        return session::retry(state);
    }
    state.pane().reload(state)
}

pub fn refresh_visible(state: &mut State) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let seen = list.rows().iter().skip(state.room.first).take(state.room.rows);
    let ids: Vec<ObjectId> = seen.map(|row| row.id.clone()).collect();
    let title = state.lang.tr("toast-refreshing", &[("n", &ids.len())]);
    state.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    ask(state, ids)
}

/// Queries objects now.
pub fn ask(state: &mut State, ids: Vec<ObjectId>) -> Vec<Effect> {
    state.asked.extend(ids.iter().cloned());
    if ids.is_empty() { Vec::new() } else { vec![Request::Refresh(ids).into()] }
}

pub fn copy_number(state: &mut State) -> Vec<Effect> {
    let number = state.subject_id().map(|id| id.number.as_str().to_owned());
    copy(state, number)
}

/// The document exactly as WeChat Pay returned it.
pub fn copy_json(state: &mut State) -> Vec<Effect> {
    let raw = state.subject_id().and_then(|id| state.fresh(id)).map(|fresh| fresh.object.raw.to_string());
    copy(state, raw)
}

pub(crate) fn copy(state: &mut State, text: Option<String>) -> Vec<Effect> {
    let Some(text) = text else { return Vec::new() };
    let title = state.lang.t("toast-copied").into_owned();
    state.toasts.push(ToastKind::Done, title, Vec::new(), state.now);
    vec![Effect::Copy(text)]
}
