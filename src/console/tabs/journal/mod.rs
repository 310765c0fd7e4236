//! The tab of the journal.

pub(crate) mod closing;
pub(crate) mod commands;
pub(crate) mod entry;
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
use crate::model::ObjectId;
use crate::services::ReadRequest;

/// The tab of the journal.
pub(crate) struct JournalTab;

impl Pane for JournalTab {
    fn scope(&self, state: &State) -> Scope {
        if state.view.journal.reading.is_some() { commands::ENTRY } else { commands::ENTRIES }
    }

    fn move_by(&self, state: &mut State, lines: isize) {
        match lines {
            isize::MIN => state.view.journal.move_to_start(),
            isize::MAX => state.view.journal.move_to_end(),
            lines => state.view.journal.move_by(lines),
        }
    }

    fn pin(&self, state: &mut State) {
        state.view.journal.pin();
    }

    fn click(&self, state: &mut State, line: LineKey, double: bool) -> Vec<Effect> {
        let LineKey::Number(number) = line else { return Vec::new() };
        state.view.journal.reading = None;
        state.view.journal.go_to(&number);
        if double { update::open(state) } else { Vec::new() }
    }

    fn open(&self, state: &mut State) -> Vec<Effect> {
        update::open(state)
    }

    fn close_detail(&self, state: &mut State) -> bool {
        state.view.journal.reading.take().is_some()
    }

    fn step_back(&self, state: &mut State) {
        state.view.journal.set_filter(Default::default());
    }

    /// Other processes that share the ledger may have written to it.
    fn tab_opened(&self, state: &mut State) {
        state.view.journal.look_again();
    }

    fn reload(&self, state: &mut State) -> Vec<Effect> {
        state.view.journal.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, _: &State) -> Option<Differs> {
        shown_as("command-reread")
    }

    fn is_loading(&self, state: &State) -> bool {
        state.view.journal.is_loading()
    }

    fn requests(&self, state: &mut State) -> Vec<Effect> {
        state.view.journal.ask().map(|page| ReadRequest::JournalPage(page).into()).into_iter().collect()
    }

    fn scroll<'a>(&self, state: &'a State) -> Option<&'a usize> {
        state.view.journal.reading.as_ref()
    }

    fn scroll_mut<'a>(&self, state: &'a mut State) -> Option<&'a mut usize> {
        state.view.journal.reading.as_mut()
    }

    fn shown_object<'a>(&self, state: &'a State) -> Option<&'a ObjectId> {
        let shown = state.is_wide() || state.view.journal.reading.is_some();
        state.view.journal.selected().filter(|_| shown)?.intent.object.as_ref()
    }

    fn summary(&self, state: &State, _: u16) -> Line {
        view::searched(state)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::draw(canvas, state, area, placed);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::entry::draw(canvas, state, area, placed);
    }
}
