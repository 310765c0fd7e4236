//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::state::AppState;
use crate::console::widgets::role::{Line, Role};
use crate::services::NEWER;

/// Says how many newer rows there are above the screen, and the key that goes there: in words, and in signs alone.
pub(crate) fn notes(state: &AppState, newer: usize) -> [Line; 2] {
    if newer == 0 {
        return [Line::new(), Line::new()];
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    let key = key_of(state, "top");
    let signs = format!("▲{count} {key}");
    let words = tr!(state.lang, "newer-rows", n = count, key = key);
    [words, signs].map(|note| vec![(note, Role::Warning)])
}

/// The first key of a command.
pub(crate) fn key_of(state: &AppState, command: &str) -> String {
    let command = state.commands.iter().find(|one| one.id == command);
    command.and_then(|command| command.keys.first()).map(ToString::to_string).unwrap_or_default()
}
