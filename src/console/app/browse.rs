//! Going about the tables: tabs, the cursor, refreshing and copying.

use crate::console::app::effect::Effect;
use crate::console::app::session;
use crate::console::app::state::{Detail, Stage, State};
use crate::console::app::toast::ToastKind;
use crate::console::tabs::inbox::update as events;
use crate::console::tabs::objects::update as detail;
use crate::console::tabs::{Content, TABS, place};
use crate::model::{Kind, ObjectId};

pub fn open_tab(state: &mut State, tab: usize) -> Vec<Effect> {
    if tab < TABS.len() && tab != state.tab {
        state.tab = tab;
        (state.detail, state.journal.reading, state.events.reading) = (None, None, None);
        if state.is_journal() {
            // Whatever else shares the ledger may have written to it.
            state.journal.look_again();
        }
        state.bills.look_again();
        state.events.told();
        state.disputes.doubt();
    }
    Vec::new()
}

/// Opens the tab of a kind.
pub fn open_kind(state: &mut State, kind: Kind) -> Vec<Effect> {
    place(Content::Objects(kind)).map_or_else(Vec::new, |tab| open_tab(state, tab))
}

/// Goes to an object: its tab, its row (out of the filter, if that hides it), its detail. From another detail, one can
/// go back.
pub fn show(state: &mut State, id: &ObjectId) -> Vec<Effect> {
    let Some(tab) = place(Content::Objects(id.kind)) else { return Vec::new() };
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
    open_tab(state, (state.tab + by) % TABS.len())
}

/// Moves the cursor, or what is selected or seen of the detail while that has the keys.
pub fn walk(state: &mut State, by: isize) -> Vec<Effect> {
    if state.selects_spots() {
        detail::select_by(state, by);
        return Vec::new();
    }
    let limit = state.room.scroll;
    let content = state.content();
    match (state.scroll_mut(), content) {
        (Some(scroll), _) => *scroll = (*scroll).min(limit).saturating_add_signed(by).min(limit),
        (None, Content::Objects(kind)) => state.list_of_mut(kind).move_by(by),
        (None, Content::Journal) => state.journal.move_by(by),
        (None, Content::Bills) => state.bills.move_by(by),
        (None, Content::Events) => events::walk(state, by),
    }
    Vec::new()
}

pub fn to_start(state: &mut State) -> Vec<Effect> {
    if state.selects_spots() {
        return walk(state, isize::MIN);
    }
    let content = state.content();
    match (state.scroll_mut(), content) {
        (Some(scroll), _) => *scroll = 0,
        (None, Content::Objects(kind)) => state.list_of_mut(kind).move_to_start(),
        (None, Content::Journal) => state.journal.move_to_newest(),
        (None, Content::Bills) => state.bills.move_to_start(),
        (None, Content::Events) => events::walk(state, isize::MIN),
    }
    Vec::new()
}

pub fn to_end(state: &mut State) -> Vec<Effect> {
    if state.selects_spots() {
        return walk(state, isize::MAX);
    }
    let limit = state.room.scroll;
    let content = state.content();
    match (state.scroll_mut(), content) {
        (Some(scroll), _) => *scroll = limit,
        (None, Content::Objects(kind)) => state.list_of_mut(kind).move_to_end(),
        (None, Content::Journal) => state.journal.move_to_oldest(),
        (None, Content::Bills) => state.bills.move_to_end(),
        (None, Content::Events) => events::walk(state, isize::MAX),
    }
    Vec::new()
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
    let reading = [&mut state.journal.reading, &mut state.events.reading];
    if reading.into_iter().any(|reading| reading.take().is_some()) {
        return Vec::new();
    }
    if detail::step_back(state) || state.detail.take().is_some() {
        return Vec::new();
    }
    if state.first_run {
        state.first_run = false;
        return Vec::new();
    }
    match state.content() {
        Content::Objects(kind) => state.list_of_mut(kind).set_filter(Default::default()),
        Content::Journal => state.journal.set_filter(Default::default()),
        Content::Bills => state.bills.reading = None,
        Content::Events if state.events.disputing => state.events.disputing = false,
        Content::Events => state.events.set_filter(Default::default()),
    }
    Vec::new()
}

/// Queries the selection, or what is in dispute; of the journal, the bills and the inbox, reads them again; without an account, tries again to open it.
pub fn refresh(state: &mut State) -> Vec<Effect> {
    if matches!(state.stage, Stage::Failed(..)) {
        return session::retry(state);
    }
    match state.content() {
        Content::Journal => state.journal.look_again(),
        Content::Bills => state.bills.look_again(),
        Content::Events if state.events.disputing => return events::resolve(state),
        Content::Events => state.events.look_again(),
        Content::Objects(_) => {}
    }
    if state.kind().is_none() {
        return Vec::new();
    }
    let ids = state.subject_id().cloned().into_iter().collect();
    let mut effects = ask(state, ids);
    effects.extend(detail::list_refunds(state));
    effects
}

pub fn refresh_visible(state: &mut State) -> Vec<Effect> {
    let Some(list) = state.list() else { return Vec::new() };
    let seen = list.rows().iter().skip(state.room.first).take(state.room.rows);
    let ids: Vec<ObjectId> = seen.map(|row| row.id.clone()).collect();
    let title = state.lang.tr("toast-refreshing", &[("n", &ids.len())]);
    state.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
    ask(state, ids)
}

fn ask(state: &mut State, ids: Vec<ObjectId>) -> Vec<Effect> {
    state.asked.extend(ids.iter().cloned());
    if ids.is_empty() { Vec::new() } else { vec![Effect::Refresh(ids)] }
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
