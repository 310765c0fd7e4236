//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::state::AppState;
use crate::console::widgets::role::{Line, Role};
use crate::console::widgets::table::Note;
use crate::i18n::Lang;
use crate::model::Tone;
use crate::model::filter::{Filter, Language};
use crate::model::time::Timestamp;
use crate::services::NEWER;
use crate::text;
use crate::text::age::Clock;

/// Says how many newer rows there are above the screen, and the key that goes there, as a click does.
fn note(state: &AppState, newer: usize) -> Option<Note> {
    if newer == 0 {
        return None;
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    let text = tr!(state.lang, "newer-rows", n = count, key = key_of(state, "top"));
    Some(Note { text, role: Role::Warning, command: "top" })
}

/// The notes of a table's header: what it is narrowed to, and what is newer than the screen.
pub(crate) fn notes(state: &AppState, filter: &Filter, newer: usize) -> Vec<Note> {
    only_problems(state, filter).into_iter().chain(note(state, newer)).collect()
}

/// Says that only problem rows are shown, and the key that shows the others.
fn only_problems(state: &AppState, filter: &Filter) -> Option<Note> {
    let key = key_of(state, "problems");
    let text = format!("{}  ", tr!(state.lang, "only-problems", key = key));
    filter.asks_problems().then(|| Note { text, role: Role::Tone(Tone::Failed), command: "problems" })
}

/// What a log is filtered by, apart from its problems, which the header names.
pub(crate) fn filter_words(lang: Lang, filter: &Filter, language: Language) -> Line {
    let only = filter.asks_problems().then(|| lang.t("totals-problems"));
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
