//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::frame_layout::{FrameLayout, RULE};
use crate::console::app::state::AppState;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::{Line, Role};
use crate::console::widgets::table::{Note, Table};
use crate::model::Tone;
use crate::model::filter::{Filter, Language};
use crate::model::time::Timestamp;
use crate::services::NEWER;
use crate::text;
use crate::text::age::Clock;

/// Says how many newer rows there are above the screen, and the key that goes there, as a click does: in the header, or
/// on the rule where the header has no room.
pub(crate) fn note<R>(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    table: &Table<'_, R>,
    newer: usize,
    layout: &mut FrameLayout,
) {
    if newer == 0 {
        return;
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    let key = key_of(state, "top");
    let short = format!("▲{count} {key}");
    let text = tr!(state.lang, "newer-rows", n = count, key = key);
    let rule = (!state.is_small()).then_some(RULE);
    table.note(canvas, &Note { text, short, role: Role::Warning, command: "top" }, rule, layout);
}

/// What a log is filtered by; with the key that shows the rest, if only problems are shown.
pub(crate) fn filter_words(state: &AppState, filter: &Filter, language: Language) -> Line {
    let only = filter.asks_problems().then(|| tr!(state.lang, "only-problems", key = key_of(state, "problems")));
    let rest = filter.without_share().written_in(language);
    let rest = (!rest.is_empty()).then(|| format!("/{rest}"));
    only.into_iter().chain(rest).map(|words| (format!("  {words}"), Role::Accent)).collect()
}

/// A time of a narrow column: a time of today, else a day.
pub(crate) fn short_time(clock: &Clock, at: Timestamp, width: usize) -> String {
    let moment = clock.moment(at);
    if text::width(&moment) <= width {
        moment
    } else {
        moment.chars().take(5).collect::<String>().trim_end_matches('-').to_owned()
    }
}

/// The words of a state with its glyph; the glyph alone where the words do not fit.
pub(crate) fn glyph_or(words: String, tone: Tone, width: usize) -> String {
    if text::width(&words) <= width { words } else { tone.glyph().to_owned() }
}

/// The first key of a command.
pub(crate) fn key_of(state: &AppState, command: &str) -> String {
    let command = state.commands.iter().find(|one| one.id == command);
    command.and_then(|command| command.keys.first()).map(ToString::to_string).unwrap_or_default()
}
