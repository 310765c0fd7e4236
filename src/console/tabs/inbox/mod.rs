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
use crate::console::app::state::AppState;
use crate::console::app::trail::TableSpot;
use crate::console::tabs::pane::Pane;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Sideways;
use crate::console::widgets::role::Line;
use crate::model::time::Timestamp;
use crate::services::{Event, ReadRequest, TabAnswer};

use state::EventPage;

/// The tab of the inbox.
pub(crate) struct InboxTab;

impl Pane for InboxTab {
    fn answer(&self, state: &mut AppState, answer: TabAnswer) -> Option<TabAnswer> {
        update::answer(state, answer)
    }

    fn notice(&self, state: &mut AppState, event: &Event) -> Vec<Effect> {
        update::notice(state, event)
    }

    fn scope(&self, state: &AppState) -> Scope {
        match (state.view.tabs.inbox.disputing, state.view.tabs.inbox.reading) {
            (true, _) => commands::DISPUTES,
            (false, Some(_)) => commands::INBOX_EVENT,
            (false, None) => commands::INBOX_LIST,
        }
    }

    fn move_by(&self, state: &mut AppState, lines: isize) {
        update::walk(state, lines);
    }

    fn pin(&self, state: &mut AppState) {
        state.view.tabs.inbox.pin();
    }

    fn see_start(&self, state: &mut AppState) {
        state.view.tabs.inbox.see_start();
    }

    fn sideways_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut Sideways> {
        Some(&mut state.view.tabs.inbox.sideways)
    }

    fn click(&self, state: &mut AppState, line: LineKey, double: bool) -> Vec<Effect> {
        match line {
            LineKey::Number(number) => {
                state.view.tabs.inbox.reading = None;
                state.view.tabs.inbox.go_to(&number);
            }
            LineKey::Row(place) => update::select(state, place),
            LineKey::Object(_) | LineKey::Across(_) | LineKey::Bill(_) => return Vec::new(),
        }
        match (double, state.view.tabs.inbox.disputing) {
            (false, _) => Vec::new(),
            (true, true) => update::dispute_object(state),
            (true, false) => update::open(state),
        }
    }

    fn open(&self, state: &mut AppState) -> Vec<Effect> {
        update::open(state)
    }

    fn close_detail(&self, state: &mut AppState) -> bool {
        let was_open = state.view.tabs.inbox.reading.take().is_some();
        if was_open {
            state.view.tabs.inbox.page = EventPage::Overview;
        }
        was_open
    }

    fn step_back(&self, state: &mut AppState) {
        match state.view.tabs.inbox.disputing {
            true => state.view.tabs.inbox.disputing = false,
            false => state.view.tabs.inbox.set_filter(Default::default()),
        }
    }

    fn tab_opened(&self, state: &mut AppState) {
        state.view.tabs.inbox.mark_stale();
        state.view.tabs.disputes.mark_stale();
    }

    fn can_reload(&self, state: &AppState) -> Ready {
        if state.view.tabs.inbox.disputing { commands::dispute(state) } else { Ok(()) }
    }

    fn reload(&self, state: &mut AppState) -> Vec<Effect> {
        if state.view.tabs.inbox.disputing {
            return update::resolve(state);
        }
        state.view.tabs.inbox.look_again();
        Vec::new()
    }

    fn reload_shown_as(&self, state: &AppState) -> Option<Differs> {
        match state.view.tabs.inbox.disputing {
            // In the list of disagreements this is the main command, so the hint line shows it.
            true => Some(Differs { message: "command-resolve", hint: Some(2) }),
            false => shown_as("command-reread"),
        }
    }

    fn is_loading(&self, state: &AppState) -> bool {
        !state.view.tabs.inbox.disputing && state.view.tabs.inbox.is_loading()
    }

    fn requests(&self, state: &mut AppState) -> Vec<Effect> {
        if state.view.tabs.inbox.disputing {
            return Vec::new();
        }
        let held = state.is_about_a_row() || state.view.tabs.inbox.reading.is_some();
        state.view.tabs.inbox.hold(held);
        let page = state.view.tabs.inbox.ask(state.now).map(ReadRequest::InboxPage);
        // A waiting key may need what otherwise only the detail needs.
        let shown = state.is_wide() || state.view.tabs.inbox.reading.is_some() || !state.view.typed_ahead.is_empty();
        let whole = state.view.tabs.inbox.ask_whole(shown).map(ReadRequest::InboxEvent);
        state.view.tabs.inbox.lay_out(usize::from(state.detail_width().saturating_sub(2)));
        page.into_iter().chain(whole).map(Effect::from).collect()
    }

    /// The number of disagreements is shown on every tab.
    fn background_requests(&self, state: &mut AppState) -> Vec<Effect> {
        state.view.tabs.disputes.ask(state.now).then(|| ReadRequest::Disputes.into()).into_iter().collect()
    }

    fn next_change(&self, state: &mut AppState, current: bool) -> Option<Timestamp> {
        state.account()?;
        let inbox =
            if current && !state.view.tabs.inbox.disputing { state.view.tabs.inbox.fade(state.now) } else { None };
        [inbox, state.view.tabs.disputes.wake(state.now)].into_iter().flatten().min()
    }

    fn scroll<'a>(&self, state: &'a AppState) -> Option<&'a usize> {
        state.view.tabs.inbox.reading.as_ref()
    }

    fn scroll_mut<'a>(&self, state: &'a mut AppState) -> Option<&'a mut usize> {
        state.view.tabs.inbox.reading.as_mut()
    }

    fn show_page(&self, state: &mut AppState, page: usize) -> Vec<Effect> {
        EventPage::ALL.get(page).into_iter().for_each(|page| update::show_page(state, *page));
        Vec::new()
    }

    fn spot(&self, state: &AppState) -> TableSpot {
        let inbox = &state.view.tabs.inbox;
        let (reading, page, disputing) = (inbox.reading, inbox.page, inbox.disputing);
        TableSpot::Inbox { cursor: inbox.pinned_cursor(), filter: inbox.filter().clone(), reading, page, disputing }
    }

    fn return_to(&self, state: &mut AppState, spot: TableSpot) -> Vec<Effect> {
        if let TableSpot::Inbox { cursor, filter, reading, page, disputing } = spot {
            let inbox = &mut state.view.tabs.inbox;
            inbox.return_to(filter, cursor);
            (inbox.reading, inbox.page, inbox.disputing) = (reading, page, disputing);
        }
        Vec::new()
    }

    fn crumb(&self, state: &AppState) -> Option<String> {
        let inbox = &state.view.tabs.inbox;
        if inbox.disputing {
            return Some(state.lang.t("crumb-disputes"));
        }
        inbox.reading.and(inbox.selected()).map(|row| view::title(state.lang, row))
    }

    fn alarms(&self, state: &AppState) -> usize {
        state.disputes().len()
    }

    fn summary(&self, state: &AppState, _: u16) -> Line {
        view::line(state)
    }

    fn is_empty(&self, state: &AppState) -> bool {
        state.view.tabs.inbox.rows().is_empty()
    }

    fn draw(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::draw(canvas, state, area, layout);
    }

    fn draw_detail(&self, canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
        view::detail(canvas, state, area, layout);
    }

    /// A disagreement is shown in full in the table.
    fn stands_alone(&self, state: &AppState) -> bool {
        state.view.tabs.inbox.disputing
    }
}
