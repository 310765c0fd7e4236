//! The tabs that list the objects of a kind, and the detail of one.

pub(crate) mod arrange;
pub(crate) mod columns;
pub(crate) mod commands;
pub mod detail;
pub mod find;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod kinds;
pub mod lines;
pub(crate) mod list;
pub(crate) mod overview;
pub(crate) mod search;
pub(crate) mod shares;
pub(crate) mod strip;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::console::app::command::{Differs, Ready, selected};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::LineKey;
use crate::console::app::navigate;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::app::trail::TableSpot;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Sideways;
use crate::console::widgets::role::Line;
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};
use crate::services::{Event, ReadRequest, TabAnswer};

use detail::DetailPage;

/// The tab of a kind.
pub struct ObjectsTab(pub Kind);

impl Pane for ObjectsTab {
    fn kind(&self) -> Option<Kind> {
        Some(self.0)
    }

    /// Each tab takes what is about its kind.
    fn answer(&self, state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        let now = state.now;
        match answer {
            TabAnswer::TablePage { request, page } if request.selection.kind == self.0 => {
                state.list_of_mut(self.0).show(&request, Arc::unwrap_or_clone(page), now);
            }
            TabAnswer::Sums { selection, sums } if selection.kind == self.0 => {
                state.list_of_mut(self.0).add_up(&selection, &sums);
            }
            TabAnswer::Compared { id, before, after, differences } if id.kind == self.0 => {
                update::compared(state, &id, (before, after), differences);
            }
            TabAnswer::ObjectsCompared { before, after, differences } if after.kind == self.0 => {
                update::objects_compared(state, (&before, &after), differences);
            }
            // The inbox takes it.
            TabAnswer::InboxEvent { id, event } if state.kind() == Some(self.0) => {
                update::notified(state, id, event.as_ref());
                return Some(TabAnswer::InboxEvent { id, event });
            }
            other => return Some(other),
        }
        None
    }

    fn notice(&self, state: &mut AppState, event: &Event) -> Vec<Effect> {
        if matches!(event, Event::KindChanged(kind) if *kind == self.0) {
            state.list_of_mut(self.0).learned();
        }
        Vec::new()
    }

    fn scope(&self, state: &AppState) -> Scope {
        match (&state.view.detail, state.page()) {
            (None, _) => commands::TABLE,
            (Some(detail), DetailPage::Timeline) if detail.opened.is_some() => commands::OPENED,
            (Some(_), DetailPage::Timeline) => commands::TIMELINE,
            (Some(_), DetailPage::Related) => commands::RELATED,
            (Some(_), DetailPage::Raw) => commands::RAW,
            (Some(_), DetailPage::Overview) => commands::DETAIL,
        }
    }

    fn move_by(&self, state: &mut AppState, lines: isize) {
        state.list_of_mut(self.0).move_by(lines);
    }

    fn pin(&self, state: &mut AppState) {
        state.list_of_mut(self.0).pin();
    }

    fn see_start(&self, state: &mut AppState) {
        state.list_of_mut(self.0).see_start();
    }

    fn sideways_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut Sideways> {
        Some(&mut state.list_of_mut(self.0).sideways)
    }

    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect> {
        let LineKey::Object(id) = line else { return Vec::new() };
        state.view.detail = None;
        state.list_of_mut(self.0).go_to(id);
        if double { update::open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut AppState) -> Vec<Effect> {
        update::open(state)
    }

    fn close_detail(&self, state: &mut AppState) -> bool {
        state.view.detail.take().is_some()
    }

    fn step_back(&self, state: &mut AppState) {
        state.list_of_mut(self.0).set_filter(Default::default());
    }

    fn can_reload(&self, state: &AppState) -> Ready {
        selected(state)
    }

    fn reload(&self, state: &mut AppState) -> Vec<Effect> {
        let ids = state.subject_id().cloned().into_iter().collect();
        let mut effects = navigate::ask(state, ids);
        effects.extend(navigate::list_refunds(state));
        effects
    }

    fn reload_shown_as(&self, _: &AppState) -> Option<Differs> {
        None
    }

    fn is_loading(&self, state: &AppState) -> bool {
        state.list_of(self.0).is_loading()
    }

    fn requests(&self, state: &mut AppState) -> Vec<Effect> {
        let held = state.is_about_a_row() || state.view.detail.is_some();
        state.list_of_mut(self.0).hold(held);
        state.list_of_mut(self.0).ask().map(|page| ReadRequest::TablePage(page).into()).into_iter().collect()
    }

    /// The tabs show how many objects there are; a filtered table is added up only while it is open.
    fn background_requests(&self, state: &mut AppState) -> Vec<Effect> {
        let (current, now) = (state.kind() == Some(self.0), state.now);
        let list = state.list_of_mut(self.0);
        if current {
            list.hour_turned(now);
        }
        let counted = current || list.filter().is_empty();
        let sums = if counted { list.ask_sums() } else { None };
        sums.map(|selection| ReadRequest::Sums(selection).into()).into_iter().collect()
    }

    fn next_change(&self, state: &mut AppState, current: bool) -> Option<Timestamp> {
        let now = state.now;
        state.list_of_mut(self.0).fade(now).filter(|_| current)
    }

    fn scroll<'a>(&self, state: &'a AppState) -> Option<&'a usize> {
        state.view.detail.as_ref().map(|detail| &detail.scroll)
    }

    fn scroll_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut usize> {
        state.view.detail.as_mut().map(|detail| &mut detail.scroll)
    }

    fn shown_object<'a>(&self, state: &'a AppState) -> Option<&'a ObjectId> {
        state.subject_id()
    }

    fn show_page(&self, state: &mut AppState, page: usize) -> Vec<Effect> {
        DetailPage::ALL.get(page).map(|page| update::open_page(state, *page)).unwrap_or_default()
    }

    fn spot(&self, state: &AppState) -> TableSpot {
        TableSpot::Objects(state.list_of(self.0).spot())
    }

    fn return_to(&self, state: &mut AppState, spot: TableSpot) -> Vec<Effect> {
        if let TableSpot::Objects(spot) = spot {
            state.list_of_mut(self.0).return_to(spot);
        }
        update::ask_again(state)
    }

    fn crumb(&self, state: &AppState) -> Option<String> {
        state.view.detail.as_ref().map(|detail| detail.of.own_number().to_owned())
    }

    fn undo_in_detail(&self, state: &mut AppState) -> bool {
        update::step_back(state)
    }

    fn count(&self, state: &AppState) -> Option<u64> {
        state.list_of(self.0).totals().map(|totals| totals.known)
    }

    fn summary(&self, state: &AppState, width: u16) -> Line {
        view::totals(state, state.list_of(self.0), width)
    }

    fn is_empty(&self, state: &AppState) -> bool {
        state.list().is_none_or(|list| list.rows().is_empty())
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::detail::draw(canvas, state, area, layout);
    }
}
