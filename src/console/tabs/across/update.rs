//! Opening the table over all profiles, and going from one of its rows to the row's own merchant. The table itself
//! changes nothing: whatever is done is done in the session of that merchant.

use crossterm::event::KeyEvent;

use crate::console::app::account;
use crate::console::app::command::{NotReady, Ready, open as is_account_open, settled};
use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::tabs::across::state::{Across, AcrossArrival, TAB};
use crate::model::ObjectId;

/// Whose an outcome is, where there is more than one merchant.
pub(crate) fn whose(state: &AppState) -> Option<String> {
    let account = state.account().filter(|account| account.peers.len() > 1)?;
    Some(tr!(state.lang, "toast-merchant", name = account.name, number = account.merchant.mchid.as_str()))
}

/// There is more than one profile.
pub(crate) fn several(state: &AppState) -> Ready {
    is_account_open(state)?;
    let several = state.account().is_some_and(|account| account.peers.len() > 1);
    if several { Ok(()) } else { Err(NotReady::Blocked("blocked-one-profile")) }
}

/// Turns the current table into the one over all profiles, or back into that of the open profile.
pub(crate) fn toggle(state: &mut AppState) -> Vec<Effect> {
    if let Some(kind) = state.across().map(Across::kind) {
        let tab = state.place_of(kind).unwrap_or(0);
        return navigate::begin_at(state, tab);
    }
    let Some(tab) = state.place(TAB) else { return Vec::new() };
    if let Some(kind) = state.kind() {
        state.view.tabs.across.turn_to(kind);
    }
    navigate::begin_at(state, tab)
}

/// There is a row, and its merchant can be opened now.
pub(crate) fn openable(state: &AppState) -> Ready {
    let (profile, _) = state.view.tabs.across.chosen().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    if state.is_open_profile(profile) { Ok(()) } else { settled(state) }
}

pub(crate) fn selected(state: &AppState) -> Ready {
    state.view.tabs.across.chosen().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

/// What needs one merchant is done in that merchant's own table.
pub(crate) fn needs_one(_: &AppState) -> Ready {
    Err(NotReady::Blocked("blocked-many-merchants"))
}

/// Opens the row's object in the session of its own merchant.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    go(state, false)
}

/// The same, and chooses an action there.
pub(crate) fn act(state: &mut AppState) -> Vec<Effect> {
    go(state, true)
}

fn go(state: &mut AppState, act: bool) -> Vec<Effect> {
    let Some((profile, id)) = state.view.tabs.across.chosen() else { return Vec::new() };
    let (profile, id) = (profile.clone(), id.clone());
    if state.is_open_profile(&profile) {
        return show(state, &id, act);
    }
    let Some(name) = state.peer(&profile).map(|peer| peer.name.clone()) else { return Vec::new() };
    let arrival = AcrossArrival {
        table: Some(state.view.tabs.across.spot()),
        object: Some((id, act)),
        from: state.account().map(|account| account.name.clone()),
    };
    let effects = account::switch(state, name);
    state.arrival = Some(arrival);
    effects
}

fn show(state: &mut AppState, id: &ObjectId, act: bool) -> Vec<Effect> {
    let effects = navigate::show(state, id);
    let key = state.commands.iter().find(|command| command.id == "act").and_then(|command| command.keys.first());
    if let Some(key) = key.filter(|_| act) {
        // It waits until the ledger has answered about the object, before what was typed after it.
        state.view.typed_ahead.insert(0, KeyEvent::new(key.code, key.modifiers));
    }
    effects
}

/// An account was opened: the table is as it was left, and the object that was chosen in it is open.
pub(crate) fn arrive(state: &mut AppState) -> Vec<Effect> {
    let Some(arrival) = state.arrival.take() else { return Vec::new() };
    if let Err(NotReady::Blocked(why)) = several(state) {
        let text = state.lang.t(why);
        state.view.toasts.push(ToastKind::Info, text, Vec::new(), state.now);
        return Vec::new();
    }
    let Some(tab) = state.place(TAB) else { return Vec::new() };
    match arrival.table {
        Some(spot) => state.view.tabs.across.return_to(spot),
        None => {
            let kind = state.kind();
            kind.into_iter().for_each(|kind| state.view.tabs.across.turn_to(kind));
        }
    }
    let mut effects = state.open_tab(tab);
    if let Some((id, act)) = arrival.object {
        effects.extend(show(state, &id, act));
    }
    effects
}

/// The profile of the row could not be opened: goes back to the table, in the session that was open before.
pub(crate) fn turn_back(state: &mut AppState) -> Option<Vec<Effect>> {
    let AcrossArrival { table, from, .. } = state.arrival.clone()?;
    let effects = account::switch(state, from?);
    state.arrival = Some(AcrossArrival { table, object: None, from: None });
    Some(effects)
}

pub(crate) fn copy_number(state: &mut AppState) -> Vec<Effect> {
    let number = state.view.tabs.across.chosen().map(|(_, id)| id.number.as_str().to_owned());
    navigate::copy(state, number)
}
