//! Navigation to tabs and objects and back, and the requests that are possible everywhere.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::app::trail::{Arrival, Spot};
use crate::console::tabs::across::state::TAB;
use crate::console::tabs::objects::detail::Detail;
use crate::model::{Kind, ObjectId, Region};
use crate::services::Request;

/// Opens a tab by its key: a new walk begins there. The table over all profiles lists another kind instead.
pub(crate) fn open_tab(state: &mut AppState, tab: usize) -> Vec<Effect> {
    let kind = state.tabs.get(tab).and_then(|tab| tab.pane.kind());
    match kind.filter(|_| state.across().is_some()) {
        Some(kind) => {
            state.view.tab_chosen = true;
            state.view.tabs.across.turn_to(kind);
            Vec::new()
        }
        None => begin_at(state, tab),
    }
}

/// Opens a tab, whatever is open: a new walk begins there.
pub(crate) fn begin_at(state: &mut AppState, tab: usize) -> Vec<Effect> {
    if tab >= state.tabs.len() || tab == state.tab {
        return Vec::new();
    }
    let spot = spot(state, tab);
    state.view.trail.leave(spot, Arrival::default());
    state.open_tab(tab)
}

/// Jumps to a tab by its id: Esc leads back.
pub(crate) fn open_named(state: &mut AppState, id: &str) -> Vec<Effect> {
    state.place(id).map_or_else(Vec::new, |tab| jump(state, tab, false))
}

/// Leaves the present place for a tab, with something opened there or not.
pub(crate) fn jump(state: &mut AppState, tab: usize, opened: bool) -> Vec<Effect> {
    let spot = spot(state, tab);
    state.view.trail.leave(spot, Arrival { linked: true, opened });
    state.view.detail = None;
    state.open_tab(tab)
}

/// Shows an object: its tab, its row (without the filter if that hides it), its detail. The operator can go back.
pub(crate) fn show(state: &mut AppState, id: &ObjectId) -> Vec<Effect> {
    let Some(tab) = state.place_of(id.kind) else { return Vec::new() };
    let is_shown = state.tab == tab && state.view.detail.as_ref().is_some_and(|detail| detail.of == *id);
    if !is_shown {
        jump(state, tab, true);
    }
    state.list_of_mut(id.kind).go_to(id.clone());
    state.view.detail = Some(Detail::new(id.clone()));
    list_refunds(state)
}

/// The present place, to be left for a tab.
fn spot(state: &AppState, to: usize) -> Spot {
    Spot {
        tab: state.tab,
        arrival: state.view.trail.arrival,
        crumb: state.pane().crumb(state),
        detail: state.view.detail.clone(),
        table: state.pane().spot(state),
        displaced: (to, state.tabs[to].pane.spot(state)),
    }
}

/// Goes to the place before, or to the one after: tab, detail, filter, sort and cursor are as they were.
pub(crate) fn step(state: &mut AppState, forward: bool) -> Vec<Effect> {
    let Some(to) = state.view.trail.next_tab(forward) else { return Vec::new() };
    let present = spot(state, to);
    let Some(Spot { tab, detail, table, displaced, .. }) = state.view.trail.step(present, forward) else {
        return Vec::new();
    };
    state.view.detail = None;
    let mut effects = state.open_tab(tab);
    let (other, other_table) = displaced;
    state.tabs[other].pane.return_to(state, other_table);
    state.view.detail = detail;
    effects.extend(state.pane().return_to(state, table));
    effects
}

/// Goes so many places back.
pub(crate) fn step_back_by(state: &mut AppState, steps: usize) -> Vec<Effect> {
    (0..steps).flat_map(|_| step(state, false)).collect()
}

/// The way here in words, the tab first. Each part with how many steps it is back.
pub(crate) fn crumbs(state: &AppState) -> Vec<(usize, String)> {
    let walked = state.view.trail.walked();
    let tab = |tab: usize| state.lang.t(&format!("tab-{}", state.tabs[tab].id));
    let present = (state.tab, state.pane().crumb(state));
    let places = walked.iter().map(|spot| (spot.tab, spot.crumb.clone())).chain([present]);
    let mut crumbs = Vec::new();
    for (nth, (place, crumb)) in places.enumerate() {
        let steps = walked.len() - nth;
        if nth == 0 || crumb.is_none() {
            crumbs.push((steps, tab(place)));
        }
        crumbs.extend(crumb.map(|crumb| (steps, crumb)));
    }
    crumbs
}

pub(crate) fn turn_tab(state: &mut AppState, by: usize) -> Vec<Effect> {
    let mut next = (state.shown_tab() + by) % state.tabs.len();
    if state.tabs[next].id == TAB {
        next = (next + by) % state.tabs.len();
    }
    open_tab(state, next)
}

/// If WeChat Pay lists an order's refunds, opening the order queries all of them.
pub(crate) fn list_refunds(state: &AppState) -> Vec<Effect> {
    let global = state.account().is_some_and(|account| account.merchant.region == Region::Global);
    let order = state.view.detail.as_ref().map(|detail| &detail.of).filter(|id| id.kind == Kind::Transaction);
    order.filter(|_| global).cloned().map(|order| Request::ListRefunds(order).into()).into_iter().collect()
}

/// Queries objects now.
pub(crate) fn ask(state: &mut AppState, ids: Vec<ObjectId>) -> Vec<Effect> {
    state.view.asked.extend(ids.iter().cloned());
    if ids.is_empty() { Vec::new() } else { vec![Request::Refresh(ids).into()] }
}

/// Puts a text on the clipboard.
pub(crate) fn copy(state: &mut AppState, text: Option<String>) -> Vec<Effect> {
    let Some(text) = text else { return Vec::new() };
    let title = state.lang.t("toast-copied");
    state.view.toasts.push(ToastKind::Done, title, Vec::new(), state.now);
    vec![Effect::Copy(text)]
}
