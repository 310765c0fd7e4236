//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::chrome::RULE;
use crate::console::app::state::AppState;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Role;
use crate::console::widgets::table::{Note, Table};
use crate::services::NEWER;

/// Says how many newer rows there are above the screen, and the key that goes there, as a click does: in the header, or
/// on the rule where the header has no room.
pub(crate) fn note<R>(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    table: &Table<'_, R>,
    newer: usize,
    placed: &mut FrameLayout,
) {
    if newer == 0 {
        return;
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    let key = key_of(state, "top");
    let short = format!("▲{count} {key}");
    let text = tr!(state.lang, "newer-rows", n = count, key = key);
    let rule = (!state.is_small()).then_some(RULE);
    table.note(canvas, &Note { text, short, role: Role::Warning, command: "top" }, rule, placed);
}

/// The first key of a command.
pub(crate) fn key_of(state: &AppState, command: &str) -> String {
    let command = state.commands.iter().find(|one| one.id == command);
    command.and_then(|command| command.keys.first()).map(ToString::to_string).unwrap_or_default()
}
