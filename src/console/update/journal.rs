//! The journal's tab: its entries, one of them, and the ways between an entry and its object.

use super::browse;
use crate::console::effect::Effect;
use crate::console::state::State;
use crate::console::tabs::{Content, place};
use crate::services::JournalFilter;

pub fn open_tab(state: &mut State) -> Vec<Effect> {
    place(Content::Journal).map(|tab| browse::open_tab(state, tab)).unwrap_or_default()
}

/// The detail of the entry under the cursor.
pub fn open(state: &mut State) -> Vec<Effect> {
    state.journal.touch();
    state.journal.reading = state.journal.selected().map(|_| 0);
    Vec::new()
}

/// From an entry to its object.
pub fn show_object(state: &mut State) -> Vec<Effect> {
    let object = state.journal.selected().and_then(|entry| entry.object.clone());
    object.map(|id| browse::show(state, &id)).unwrap_or_default()
}

/// From an object to its entries, and no others.
pub fn of_subject(state: &mut State) -> Vec<Effect> {
    let Some(object) = state.subject_id().cloned() else { return Vec::new() };
    state.journal.search(JournalFilter { object: Some(object), ..JournalFilter::default() });
    open_tab(state)
}

pub fn copy_number(state: &mut State) -> Vec<Effect> {
    let number = state.journal.selected().map(|entry| entry.number.to_string());
    browse::copy(state, number)
}

/// The entry with all that became of it, as `paydeck journal show` prints it.
pub fn copy_json(state: &mut State) -> Vec<Effect> {
    let document = state.journal.selected().map(|entry| entry.source.document().to_string());
    browse::copy(state, document)
}
