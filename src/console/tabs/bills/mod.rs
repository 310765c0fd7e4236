//! The tab of the bills.

pub(crate) mod books;
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
use crate::console::app::state::AppState;
use crate::console::app::trail::TableSpot;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::explain::timeline::bill_name;
use crate::model::time::day;
use crate::services::{BillRequest, Request, TabAnswer};

use state::BillReading;

/// The tab of the bills.
pub(crate) struct BillsTab;

impl Pane for BillsTab {
    fn answer(&self, state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        match answer {
            TabAnswer::Bill(event) => update::event(state, event),
            TabAnswer::Books(event) => books::update::event(state, event),
            other => return Some(other),
        }
        None
    }

    fn scope(&self, state: &AppState) -> Scope {
        match &state.view.tabs.bills {
            bills if bills.books.is_some() => commands::BOOKS,
            bills if bills.reading.is_some() => commands::BILL_ROWS,
            _ => commands::BILLS,
        }
    }

    fn move_by(&self, state: &mut AppState, lines: isize) {
        state.view.tabs.bills.move_by(lines);
    }

    fn pin(&self, state: &mut AppState) {
        state.view.tabs.bills.touch();
    }

    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect> {
        match line {
            LineKey::Bill(id) => state.view.tabs.bills.go_to(id),
            LineKey::Row(place) => state.view.tabs.bills.move_to_row(place),
            LineKey::Object(_) | LineKey::Across(_) | LineKey::Number(_) => return Vec::new(),
        }
        if double { self.open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut AppState) -> Vec<Effect> {
        match &state.view.tabs.bills {
            bills if bills.books.is_some() => books::update::follow(state),
            bills if bills.reading.is_some() => update::follow(state),
            _ => update::open(state),
        }
    }

    /// The summary beside the table has no keys of its own.
    fn close_detail(&self, _: &mut AppState) -> bool {
        false
    }

    fn step_back(&self, state: &mut AppState) {
        state.view.tabs.bills.step_back();
    }

    fn tab_opened(&self, state: &mut AppState) {
        state.view.tabs.bills.look_again();
    }

    fn reload(&self, state: &mut AppState) -> Vec<Effect> {
        state.view.tabs.bills.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, _: &AppState) -> Option<Differs> {
        shown_as("command-reread")
    }

    fn is_loading(&self, state: &AppState) -> bool {
        state.view.tabs.bills.is_on_its_way()
    }

    fn requests(&self, state: &mut AppState) -> Vec<Effect> {
        state.view.tabs.bills.ask().then(|| Request::Bill(BillRequest::List).into()).into_iter().collect()
    }

    fn background_requests(&self, state: &mut AppState) -> Vec<Effect> {
        let rows = state.view.tabs.bills.reading.as_mut().and_then(BillReading::ask);
        rows.map(|rows| Request::Bill(BillRequest::Read(rows)).into()).into_iter().collect()
    }

    fn scroll<'a>(&self, _: &'a AppState) -> Option<&'a usize> {
        None
    }

    fn scroll_mut<'a>(&self, _: &'a mut AppState) -> Option<&'a mut usize> {
        None
    }

    fn spot(&self, state: &AppState) -> TableSpot {
        let (cursor, row) = state.view.tabs.bills.spot();
        TableSpot::Bills { cursor, row }
    }

    fn return_to(&self, state: &mut AppState, spot: TableSpot) -> Vec<Effect> {
        if let TableSpot::Bills { cursor, row } = spot {
            state.view.tabs.bills.return_to(cursor, row);
        }
        Vec::new()
    }

    fn crumb(&self, state: &AppState) -> Option<String> {
        if let Some(books) = &state.view.tabs.bills.books {
            let lang = state.lang;
            return Some(match books.day.filter(|_| !books.shows_held) {
                Some(of) => tr!(lang, "reconcile-title", days = day(of)),
                None => lang.t("reconcile-held-over"),
            });
        }
        let reading = state.view.tabs.bills.reading.as_ref();
        reading.map(|reading| bill_name(state.lang, reading.record.id))
    }

    fn summary(&self, state: &AppState, _: u16) -> Line {
        view::line(state)
    }

    fn is_empty(&self, state: &AppState) -> bool {
        let bills = &state.view.tabs.bills;
        bills.books.is_none() && bills.reading.is_none() && state.view.tabs.bills.records().is_empty()
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::aside(canvas, state, area, layout);
    }
}
