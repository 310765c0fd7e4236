//! The tab of the bills.

pub(crate) mod commands;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use crate::console::app::command::{Differs, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::LineKey;
use crate::console::app::scope::Scope;
use crate::console::app::state::State;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::services::{BillRequest, Request};

use state::BillReading;

/// The tab of the bills.
pub(crate) struct BillsTab;

impl Pane for BillsTab {
    fn scope(&self, state: &State) -> Scope {
        if state.view.bills.reading.is_some() { commands::BILL_ROWS } else { commands::BILLS }
    }

    fn move_by(&self, state: &mut State, lines: isize) {
        match lines {
            isize::MIN => state.view.bills.move_to_start(),
            isize::MAX => state.view.bills.move_to_end(),
            lines => state.view.bills.move_by(lines),
        }
    }

    fn pin(&self, state: &mut State) {
        state.view.bills.touch();
    }

    fn click(&self, state: &mut State, line: LineKey, double: bool) -> Vec<Effect> {
        match line {
            LineKey::Bill(id) => state.view.bills.go_to(id),
            LineKey::Row(place) => state.view.bills.reading.iter_mut().for_each(|reading| reading.move_to(place)),
            LineKey::Object(_) | LineKey::Number(_) => return Vec::new(),
        }
        if double { self.open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut State) -> Vec<Effect> {
        if state.view.bills.reading.is_some() { update::follow(state) } else { update::open(state) }
    }

    /// What is beside the table has no keys of its own.
    fn close_detail(&self, _: &mut State) -> bool {
        false
    }

    fn step_back(&self, state: &mut State) {
        state.view.bills.reading = None;
    }

    fn tab_opened(&self, state: &mut State) {
        state.view.bills.look_again();
    }

    fn reload(&self, state: &mut State) -> Vec<Effect> {
        state.view.bills.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, _: &State) -> Option<Differs> {
        shown_as("command-reread")
    }

    fn is_loading(&self, state: &State) -> bool {
        state.view.bills.is_on_its_way()
    }

    fn requests(&self, state: &mut State) -> Vec<Effect> {
        state.view.bills.ask().then(|| Request::Bill(BillRequest::List).into()).into_iter().collect()
    }

    fn background_requests(&self, state: &mut State) -> Vec<Effect> {
        let rows = state.view.bills.reading.as_mut().and_then(BillReading::ask);
        rows.map(|rows| Request::Bill(BillRequest::Read(rows)).into()).into_iter().collect()
    }

    fn scroll<'a>(&self, _: &'a State) -> Option<&'a usize> {
        None
    }

    fn scroll_mut<'a>(&self, _: &'a mut State) -> Option<&'a mut usize> {
        None
    }

    fn summary(&self, state: &State, _: u16) -> Line {
        view::line(state)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::draw(canvas, state, area, placed);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::aside(canvas, state, area, placed);
    }
}
