//! The table of one kind over all profiles, newest first. It reads the ledger; to act on a row is to go to the row's own
//! merchant.

pub(crate) mod commands;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

use ratatui::layout::Rect;

use crate::console::app::command::{Differs, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{FrameLayout, LineKey};
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Sideways;
use crate::console::widgets::role::Line;
use crate::model::filter::Filter;
use crate::services::{Event, ReadRequest, TabAnswer};

/// The tab of all profiles.
pub(crate) struct AcrossTab;

impl Pane for AcrossTab {
    fn answer(&self, state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        match answer {
            TabAnswer::AcrossPage { request, page } => {
                state.view.tabs.across.show(&request, Arc::unwrap_or_clone(page));
            }
            TabAnswer::AcrossSums { selection, sums } => state.view.tabs.across.add_up(&selection, sums),
            other => return Some(other),
        }
        None
    }

    fn notice(&self, state: &mut AppState, event: &Event) -> Vec<Effect> {
        let kind = state.view.tabs.across.kind();
        match event {
            Event::KindChanged(changed) | Event::OtherProfileChanged(changed) if *changed == kind => {
                state.view.tabs.across.learned();
            }
            Event::Fetched { id, result: Ok(fresh), .. } if id.kind == kind => {
                let own = state.account().and_then(|account| account.own_key()).cloned();
                own.into_iter().for_each(|own| state.view.tabs.across.fetched(&own, fresh));
            }
            _ => {}
        }
        Vec::new()
    }

    fn scope(&self, _: &AppState) -> Scope {
        commands::ACROSS
    }

    fn move_by(&self, state: &mut AppState, lines: isize) {
        state.view.tabs.across.move_by(lines);
    }

    fn pin(&self, state: &mut AppState) {
        state.view.tabs.across.pin();
    }

    fn see_start(&self, state: &mut AppState) {
        state.view.tabs.across.see_start();
    }

    fn sideways_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut Sideways> {
        Some(&mut state.view.tabs.across.sideways)
    }

    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect> {
        let LineKey::Across(key) = line else { return Vec::new() };
        state.view.tabs.across.go_to(&key);
        if double && update::openable(state).is_ok() { update::open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut AppState) -> Vec<Effect> {
        if update::openable(state).is_ok() { update::open(state) } else { Vec::new() }
    }

    fn close_detail(&self, _: &mut AppState) -> bool {
        false
    }

    fn step_back(&self, state: &mut AppState) {
        state.view.tabs.across.set_filter(Filter::default());
    }

    /// While it is not open nothing is read for it.
    fn tab_opened(&self, state: &mut AppState) {
        state.view.tabs.across.learned();
    }

    fn reload(&self, state: &mut AppState) -> Vec<Effect> {
        state.view.tabs.across.learned();
        Vec::new()
    }

    fn reload_shown_as(&self, _: &AppState) -> Option<Differs> {
        shown_as("command-reread")
    }

    fn is_loading(&self, state: &AppState) -> bool {
        state.view.tabs.across.is_loading()
    }

    fn requests(&self, state: &mut AppState) -> Vec<Effect> {
        let held = state.is_about_a_row();
        let peers = state.account().map(|account| account.peers.clone()).unwrap_or_default();
        let across = &mut state.view.tabs.across;
        across.hold(held);
        let page = across.ask(&peers).map(|page| ReadRequest::AcrossPage(page).into());
        let sums = across.ask_sums(&peers).map(|selection| ReadRequest::AcrossSums(selection).into());
        page.into_iter().chain(sums).collect()
    }

    fn scroll<'a>(&self, _: &'a AppState) -> Option<&'a usize> {
        None
    }

    fn scroll_mut<'a>(&self, _: &'a mut AppState) -> Option<&'a mut usize> {
        None
    }

    fn count(&self, state: &AppState) -> Option<u64> {
        state.view.tabs.across.known()
    }

    fn summary(&self, state: &AppState, width: u16) -> Line {
        view::totals(state, width)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn is_empty(&self, state: &AppState) -> bool {
        state.view.tabs.across.rows().is_empty()
    }

    /// Nothing of an object is read before its own merchant is open.
    fn stands_alone(&self, _: &AppState) -> bool {
        true
    }
}
