//! The commands of the inbox and of the disagreements.

use crate::console::app::command::{
    BACK_TAB, Command, ENTER, LEFT, NotReady, RIGHT, Ready, TAB, always, command, open, shown_as,
};
use crate::console::app::keys::ch;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::filter::update as filter;
use crate::console::tabs::inbox::payload::latest;
use crate::console::tabs::inbox::state::EventPage;
use crate::console::tabs::inbox::update as events;
use crate::services::{NotReplayable, is_whole};

/// The inbox's table, one of its lines, and the disagreements.
pub(crate) const INBOX: Scope = Scope::new("of-events", &[Scope::BROWSE]);
/// The inbox's table and detail.
pub(crate) const EVENTS: Scope = Scope::new("events", &[INBOX]);
/// The inbox's table.
pub(crate) const INBOX_LIST: Scope = Scope::new("notices", &[EVENTS, Scope::TABLES, Scope::COLUMNS]);
/// The detail of one line.
pub(crate) const INBOX_EVENT: Scope = Scope::new("notice", &[EVENTS]);
/// The queue of disagreements.
pub(crate) const DISPUTES: Scope = Scope::new("disputes", &[INBOX, Scope::TABLES]);

pub(crate) const COMMANDS: &[Command] = &[
    command("event-open", INBOX_LIST, &[ENTER], 1, event, events::open),
    command("event-search", INBOX_LIST, &[ch('/')], 3, open, filter::open),
    command("event-part", INBOX_LIST, &[ch('v')], 5, open, events::turn_part),
    command("event-object", INBOX_EVENT, &[ENTER], 1, event_object, events::show_object),
    command("event-page", INBOX_EVENT, &[RIGHT, ch('l'), TAB], 2, always, |state| events::turn(state, 1)),
    command("event-page-back", INBOX_EVENT, &[LEFT, ch('h'), BACK_TAB], 0, always, |state| {
        events::turn(state, EventPage::ALL.len() - 1)
    }),
    command("event-replay", EVENTS, &[ch('s')], 6, replayable, events::replay),
    command("event-copy", EVENTS, &[ch('y')], 14, event, events::copy_id),
    command("event-copy-payload", EVENTS, &[ch('Y')], 0, event_kept, events::copy_payload),
    command("dispute-object", DISPUTES, &[ENTER], 1, dispute, events::dispute_object),
    command("dispute-event", DISPUTES, &[ch('e')], 4, dispute_event, events::dispute_event),
    command("dispute-resolve-all", DISPUTES, &[ch('R')], 3, dispute, events::resolve_all),
    command("disputes", INBOX, &[ch('d')], 4, open, events::turn_view)
        .differing(|state| if state.view.tabs.inbox.disputing { shown_as("command-inbox") } else { None }),
];

fn event(state: &AppState) -> Ready {
    state.view.tabs.inbox.selected().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

fn event_object(state: &AppState) -> Ready {
    let row = state.view.tabs.inbox.selected().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    if row.subject.is_none() && state.view.tabs.inbox.awaits_whole() {
        Err(NotReady::Wait)
    } else {
        events::object(state).map(drop).map_err(NotReady::Blocked)
    }
}

/// A line that was read in full.
fn event_kept(state: &AppState) -> Ready {
    event(state)?;
    match state.view.tabs.inbox.whole() {
        Some(_) => Ok(()),
        None if state.view.tabs.inbox.awaits_whole() => Err(NotReady::Wait),
        None => Err(NotReady::Blocked(NotReplayable::NotKept.message())),
    }
}

/// A line of which a delivery is stored in full.
fn replayable(state: &AppState) -> Ready {
    event_kept(state)?;
    let event = state.view.tabs.inbox.whole().and_then(|event| Some((event.row.verdict, latest(event)?)));
    let (verdict, kept) = event.ok_or(NotReady::Blocked(NotReplayable::NotKept.message()))?;
    if is_whole(verdict, &kept.delivery) { Ok(()) } else { Err(NotReady::Blocked(NotReplayable::Cut.message())) }
}

pub(crate) fn dispute(state: &AppState) -> Ready {
    events::dispute(state).map(drop).ok_or(NotReady::Blocked("blocked-no-dispute"))
}

fn dispute_event(state: &AppState) -> Ready {
    dispute(state)?;
    events::source(state).map(drop).map_err(NotReady::Blocked)
}
