//! Shows the settlements of a Global merchant page by page, paid or pending.

use std::sync::Arc;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::settlements::state::{Settlements, SettlementsPage};
use crate::console::dialogs::state::Dialog;
use crate::explain;
use crate::model::time::{Duration, Timestamp, compact_day};
use crate::model::{Settled, Settlement};
use crate::services::{Request, Ticket};

/// How many days back paid settlements are listed.
const SHOWN: Duration = Duration::days(30);

/// Shows the pending settlements.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    let ticket = state.next_ticket();
    state.view.dialogs.push(Dialog::Settlements(Settlements::new(ticket, Settled::NotYet)));
    ask(state, 0)
}

/// Switches between paid and pending settlements.
pub(crate) fn turn(state: &mut AppState) -> Vec<Effect> {
    let now = state.now;
    let Some(Dialog::Settlements(settlements)) = state.view.dialogs.last_mut() else { return Vec::new() };
    settlements.which = match settlements.which {
        Settled::NotYet => lately(now),
        Settled::Between(..) => Settled::NotYet,
    };
    ask(state, 0)
}

fn lately(now: Timestamp) -> Settled {
    Settled::Between(compact_day(now - SHOWN), compact_day(now))
}

/// Requests the next or the previous page.
pub(crate) fn page(state: &mut AppState, forward: bool) -> Vec<Effect> {
    let Some(Dialog::Settlements(settlements)) = state.view.dialogs.last() else { return Vec::new() };
    match if forward { settlements.after() } else { settlements.before() } {
        Some(offset) => ask(state, offset),
        None => Vec::new(),
    }
}

/// Requests the shown page again.
pub(crate) fn again(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::Settlements(settlements)) = state.view.dialogs.last() else { return Vec::new() };
    let offset = settlements.offset;
    ask(state, offset)
}

fn ask(state: &mut AppState, offset: usize) -> Vec<Effect> {
    let ticket = state.next_ticket();
    let Some(Dialog::Settlements(settlements)) = state.view.dialogs.last_mut() else { return Vec::new() };
    (settlements.ticket, settlements.offset, settlements.scroll) = (ticket, offset, 0);
    settlements.page = SettlementsPage::NotYet;
    vec![Request::Settlements(ticket, settlements.which.clone(), offset).into()]
}

/// Shows a page, unless another was requested since.
pub(crate) fn shown(
    state: &mut AppState,
    ticket: Ticket,
    result: Result<(Vec<Settlement>, usize), Arc<ApiError>>,
) -> Vec<Effect> {
    let lang = state.lang;
    let awaited = state.view.dialogs.iter_mut().find_map(|dialog| match dialog {
        Dialog::Settlements(settlements) if settlements.ticket == ticket => Some(settlements),
        _ => None,
    });
    if let Some(settlements) = awaited {
        settlements.page = match result {
            Ok((rows, total)) => SettlementsPage::Rows { rows, total },
            Err(error) => SettlementsPage::Failed(explain::api_error(explain::on_screen(lang), &error)),
        };
    }
    Vec::new()
}
