//! The tab of the journal.

pub(crate) mod closing;
pub(crate) mod commands;
pub(crate) mod entry;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use std::sync::Arc;

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
use crate::console::widgets::columns::Sideways;
use crate::console::widgets::role::Line;
use crate::model::ObjectId;
use crate::services::{Event, ReadRequest, TabAnswer};

/// The tab of the journal.
pub(crate) struct JournalTab;

impl Pane for JournalTab {
    fn answer(&self, state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        match answer {
            TabAnswer::JournalPage { request, page } => {
                state.view.tabs.journal.show(&request, Arc::unwrap_or_clone(page));
            }
            TabAnswer::EntryClosed { journal, result } => update::closed(state, journal, &result),
            other => return Some(other),
        }
        None
    }

    fn notice(&self, state: &mut AppState, event: &Event) -> Vec<Effect> {
        if let Event::Concluded { .. } | Event::Resolved(_) | Event::Unresolved(_) = event {
            state.view.tabs.journal.look_again();
        }
        Vec::new()
    }

    fn scope(&self, state: &AppState) -> Scope {
        if state.view.tabs.journal.reading.is_some() { commands::ENTRY } else { commands::JOURNAL_LIST }
    }

    fn move_by(&self, state: &mut AppState, lines: isize) {
        state.view.tabs.journal.move_by(lines);
    }

    fn pin(&self, state: &mut AppState) {
        state.view.tabs.journal.pin();
    }

    fn see_start(&self, state: &mut AppState) {
        state.view.tabs.journal.see_start();
    }

    fn sideways_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut Sideways> {
        Some(&mut state.view.tabs.journal.sideways)
    }

    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect> {
        let LineKey::Number(number) = line else { return Vec::new() };
        state.view.tabs.journal.reading = None;
        state.view.tabs.journal.go_to(&number);
        if double { update::open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut AppState) -> Vec<Effect> {
        update::open(state)
    }

    fn close_detail(&self, state: &mut AppState) -> bool {
        state.view.tabs.journal.reading.take().is_some()
    }

    fn step_back(&self, state: &mut AppState) {
        state.view.tabs.journal.set_filter(Default::default());
    }

    /// Other processes that share the ledger may have written to it.
    fn tab_opened(&self, state: &mut AppState) {
        state.view.tabs.journal.look_again();
    }

    fn reload(&self, state: &mut AppState) -> Vec<Effect> {
        state.view.tabs.journal.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, _: &AppState) -> Option<Differs> {
        shown_as("command-reread")
    }

    fn is_loading(&self, state: &AppState) -> bool {
        state.view.tabs.journal.is_loading()
    }

    fn requests(&self, state: &mut AppState) -> Vec<Effect> {
        let held = state.is_about_a_row() || state.view.tabs.journal.reading.is_some();
        state.view.tabs.journal.hold(held);
        state.view.tabs.journal.ask().map(|page| ReadRequest::JournalPage(page).into()).into_iter().collect()
    }

    fn scroll<'a>(&self, state: &'a AppState) -> Option<&'a usize> {
        state.view.tabs.journal.reading.as_ref()
    }

    fn scroll_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut usize> {
        state.view.tabs.journal.reading.as_mut()
    }

    fn spot(&self, state: &AppState) -> TableSpot {
        let journal = &state.view.tabs.journal;
        let (filter, reading) = (journal.filter().clone(), journal.reading);
        TableSpot::Journal { cursor: journal.pinned_cursor(), filter, reading }
    }

    fn return_to(&self, state: &mut AppState, spot: TableSpot) -> Vec<Effect> {
        if let TableSpot::Journal { cursor, filter, reading } = spot {
            state.view.tabs.journal.return_to(filter, cursor);
            state.view.tabs.journal.reading = reading;
        }
        Vec::new()
    }

    fn crumb(&self, state: &AppState) -> Option<String> {
        let entry = state.view.tabs.journal.reading.and(state.view.tabs.journal.selected());
        entry.map(|entry| format!("{} {}", entry.id, entry::action_words(state.lang, entry)))
    }

    fn shown_object<'a>(&self, state: &'a AppState) -> Option<&'a ObjectId> {
        let shown = state.is_wide() || state.view.tabs.journal.reading.is_some();
        state.view.tabs.journal.selected().filter(|_| shown)?.intent.object.as_ref()
    }

    fn summary(&self, state: &AppState, _: u16) -> Line {
        view::searched(state)
    }

    fn is_empty(&self, state: &AppState) -> bool {
        state.view.tabs.journal.entries().is_empty()
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::entry::draw(canvas, state, area, layout);
    }
}
