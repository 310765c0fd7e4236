//! Navigation to tabs and objects, and the requests that are possible everywhere.

use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::tabs::objects::detail::Detail;
use crate::model::{Kind, ObjectId, Region};
use crate::services::Request;

/// Opens a tab by its id.
pub(crate) fn open_named(state: &mut AppState, id: &str) -> Vec<Effect> {
    state.place(id).map_or_else(Vec::new, |tab| state.open_tab(tab))
}

/// Shows an object: its tab, its row (without the filter if that hides it), its detail. From a detail, the operator can
/// go back.
pub(crate) fn show(state: &mut AppState, id: &ObjectId) -> Vec<Effect> {
    let Some(tab) = state.place_of(id.kind) else { return Vec::new() };
    let before = state.view.detail.take();
    state.open_tab(tab);
    state.list_of_mut(id.kind).go_to(id.clone());
    let came_from = match before {
        Some(before) if before.of == *id => before.came_from,
        Some(before) => before.trail(),
        None => Vec::new(),
    };
    state.view.detail = Some(Detail { came_from, ..Detail::new(id.clone()) });
    list_refunds(state)
}

pub(crate) fn turn_tab(state: &mut AppState, by: usize) -> Vec<Effect> {
    state.open_tab((state.tab + by) % state.tabs.len())
}

/// If WeChat Pay lists an order's refunds, opening the order queries all of them.
pub(crate) fn list_refunds(state: &AppState) -> Vec<Effect> {
    let abroad = state.account().is_some_and(|account| account.merchant.region == Region::Global);
    let order = state.view.detail.as_ref().map(|detail| &detail.of).filter(|id| id.kind == Kind::Transaction);
    order.filter(|_| abroad).cloned().map(|order| Request::ListRefunds(order).into()).into_iter().collect()
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
