//! What the tables that are shown newest first have in common: how many newer rows there are, in the header.

use crate::console::app::state::AppState;
use crate::console::widgets::role::{Line, Role};
use crate::i18n::Lang;
use crate::model::Tone;
use crate::model::filter::{Filter, Language};
use crate::model::time::Timestamp;
use crate::services::NEWER;
use crate::text;
use crate::text::age::Clock;

/// Says how many newer rows there are above the screen, and the key that goes there.
pub(crate) fn note(state: &AppState, newer: usize) -> Line {
    if newer == 0 {
        return Line::new();
    }
    let count = if newer >= NEWER { format!("{NEWER}+") } else { newer.to_string() };
    vec![(tr!(state.lang, "newer-rows", n = count, key = key_of(state, "top")), Role::Warning)]
}

/// Says that only problem rows are shown, and the key that shows the others.
pub(crate) fn only_problems(state: &AppState, filter: &Filter) -> Line {
    if !filter.asks_problems() {
        return Line::new();
    }
    let key = key_of(state, "problems");
    vec![(format!("{}  ", tr!(state.lang, "only-problems", key = key)), Role::Tone(Tone::Failed))]
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
