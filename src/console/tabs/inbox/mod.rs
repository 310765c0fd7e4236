//! The tab of the inbox: notifications, rejected requests, and disagreements between sources.

pub(crate) mod commands;
pub(crate) mod disputes;
pub(crate) mod payload;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;

use ratatui::layout::Rect;

use crate::console::app::command::{Differs, Ready, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::LineKey;
use crate::console::app::scope::Scope;
use crate::console::app::state::State;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::model::time::Timestamp;
use crate::services::ReadRequest;

use state::EventPage;

/// The tab of the inbox.
pub(crate) struct InboxTab;

impl Pane for InboxTab {
    fn scope(&self, state: &State) -> Scope {
        match (state.view.events.disputing, state.view.events.reading) {
            (true, _) => commands::DISPUTES,
            (false, Some(_)) => commands::NOTICE,
            (false, None) => commands::NOTICES,
        }
    }

    fn move_by(&self, state: &mut State, lines: isize) {
        update::walk(state, lines);
    }

    fn pin(&self, state: &mut State) {
        state.view.events.pin();
    }

    fn click(&self, state: &mut State, line: LineKey, double: bool) -> Vec<Effect> {
        match line {
            LineKey::Number(number) => {
                state.view.events.reading = None;
                state.view.events.go_to(&number);
            }
            LineKey::Row(place) => update::select(state, place),
            LineKey::Object(_) | LineKey::Bill(_) => return Vec::new(),
        }
        match (double, state.view.events.disputing) {
            (false, _) => Vec::new(),
            (true, true) => update::dispute_object(state),
            (true, false) => update::open(state),
        }
    }

    fn open(&self, state: &mut State) -> Vec<Effect> {
        update::open(state)
    }

    fn close_detail(&self, state: &mut State) -> bool {
        state.view.events.reading.take().is_some()
    }

    fn step_back(&self, state: &mut State) {
        match state.view.events.disputing {
            true => state.view.events.disputing = false,
            false => state.view.events.set_filter(Default::default()),
        }
    }

    fn tab_opened(&self, state: &mut State) {
        state.view.events.told();
        state.view.disputes.doubt();
    }

    fn can_reload(&self, state: &State) -> Ready {
        if state.view.events.disputing { commands::dispute(state) } else { Ok(()) }
    }

    fn reload(&self, state: &mut State) -> Vec<Effect> {
        if state.view.events.disputing {
            return update::resolve(state);
        }
        state.view.events.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, state: &State) -> Option<Differs> {
        match state.view.events.disputing {
            // There it is what the list is for.
            true => Some(Differs { message: "command-resolve", hint: Some(2) }),
            false => shown_as("command-reread"),
        }
    }

    fn is_loading(&self, state: &State) -> bool {
        !state.view.events.disputing && state.view.events.is_loading()
    }

    fn requests(&self, state: &mut State) -> Vec<Effect> {
        if state.view.events.disputing {
            return Vec::new();
        }
        let page = state.view.events.ask(state.now).map(ReadRequest::InboxPage);
        // A key may wait for what only the detail needs otherwise.
        let shown = state.is_wide() || state.view.events.reading.is_some() || !state.view.typed_ahead.is_empty();
        let whole = state.view.events.ask_whole(shown).map(ReadRequest::InboxEvent);
        state.view.events.lay_out(usize::from(state.detail_width().saturating_sub(2)));
        page.into_iter().chain(whole).map(Effect::from).collect()
    }

    /// Every tab counts the disagreements.
    fn background_requests(&self, state: &mut State) -> Vec<Effect> {
        state.view.disputes.ask(state.now).then(|| ReadRequest::Disputes.into()).into_iter().collect()
    }

    fn next_change(&self, state: &mut State, current: bool) -> Option<Timestamp> {
        state.account()?;
        let inbox = if current && !state.view.events.disputing { state.view.events.fade(state.now) } else { None };
        [inbox, state.view.disputes.wake(state.now)].into_iter().flatten().min()
    }

    fn scroll<'a>(&self, state: &'a State) -> Option<&'a usize> {
        state.view.events.reading.as_ref()
    }

    fn scroll_mut<'a>(&self, state: &'a mut State) -> Option<&'a mut usize> {
        state.view.events.reading.as_mut()
    }

    fn show_page(&self, state: &mut State, page: usize) {
        EventPage::ALL.get(page).into_iter().for_each(|page| update::show_page(state, *page));
    }

    fn alarms(&self, state: &State) -> usize {
        state.disputes().len()
    }

    fn summary(&self, state: &State, _: u16) -> Line {
        view::line(state)
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::draw(canvas, state, area, placed);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
        view::detail(canvas, state, area, placed);
    }

    /// A disagreement is shown whole in its place.
    fn stands_alone(&self, state: &State) -> bool {
        state.view.events.disputing
    }
}
