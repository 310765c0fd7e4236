//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::state::AppState;
use crate::console::widgets::role::Role;
use crate::console::widgets::table::Note;
use crate::services::NEWER;

/// Says how many newer rows there are above the screen, and the key that goes there, as a click does.
pub(crate) fn note(state: &AppState, newer: usize) -> Option<Note> {
    if newer == 0 {
        return None;
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    let text = tr!(state.lang, "newer-rows", n = count, key = key_of(state, "top"));
    Some(Note { text, role: Role::Warning, command: "top" })
}

/// The first key of a command.
pub(crate) fn key_of(state: &AppState, command: &str) -> String {
    let command = state.commands.iter().find(|one| one.id == command);
    command.and_then(|command| command.keys.first()).map(ToString::to_string).unwrap_or_default()
}
