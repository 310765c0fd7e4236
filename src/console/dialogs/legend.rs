//! What the signs on the screen mean, and the language of the filter.

use crate::console::app::state::AppState;
use crate::console::tabs::newest::key_of;
use crate::console::widgets::role::Role;
use crate::i18n::Lang;
use crate::model::Tone;

/// A sign, how it is drawn, and the message of its meaning.
const SIGNS: [(&str, Role, &str); 23] = [
    (Tone::Waiting.glyph(), Role::Tone(Tone::Waiting), "sign-waiting"),
    (Tone::Running.glyph(), Role::Tone(Tone::Running), "sign-running"),
    (Tone::Busy.glyph(), Role::Tone(Tone::Busy), "sign-busy"),
    (Tone::Done.glyph(), Role::Tone(Tone::Done), "sign-done"),
    (Tone::Stopped.glyph(), Role::Tone(Tone::Stopped), "sign-stopped"),
    (Tone::Failed.glyph(), Role::Tone(Tone::Failed), "sign-failed"),
    (Tone::Unknown.glyph(), Role::Tone(Tone::Unknown), "sign-unknown"),
    ("◆", Role::Accent, "sign-marked"),
    ("◉", Role::Accent, "sign-watched"),
    ("◈", Role::Accent, "sign-both"),
    ("⚠", Role::Warning, "sign-disputed"),
    ("…", Role::Faint, "sign-not-fetched"),
    ("~", Role::Faint, "sign-stale"),
    ("!", Role::Warning, "sign-query-failed"),
    ("↻", Role::Accent, "sign-queried"),
    ("▌", Role::Accent, "sign-cursor"),
    ("▲ ▼", Role::Accent, "sign-sorted"),
    ("+", Role::Plain, "sign-version"),
    ("»", Role::Plain, "sign-sent"),
    ("«", Role::Plain, "sign-notification"),
    ("=", Role::Plain, "sign-bill-row"),
    ("▸", Role::Accent, "sign-possible"),
    ("━╌", Role::Accent, "sign-progress"),
];

/// What can be written in a filter, or the message that says it, and the message of its meaning.
const FILTER: [(&str, &str); 11] = [
    ("so 12", "help-filter-words"),
    ("help-term-phrase", "help-filter-phrase"),
    ("/so.*7$/", "help-filter-pattern"),
    ("help-term-state", "help-filter-state"),
    ("amount>100", "help-filter-amount"),
    ("amount:10..50", "help-filter-range"),
    ("since:2d", "help-filter-since"),
    ("before:2026-11-20", "help-filter-before"),
    ("on:yesterday", "help-filter-on"),
    ("on:2026-11-01..today", "help-filter-days"),
    ("help-term-not", "help-filter-not"),
];

/// The signs with their meanings.
pub(crate) fn signs(state: &AppState) -> Vec<(String, Role, String)> {
    let tab = state.place("events").and_then(|place| state.tabs[place].keys.first());
    let tab = tab.map(ToString::to_string).unwrap_or_default();
    let row =
        |(sign, role, message): &(&str, Role, &str)| (sign.to_string(), *role, tr!(state.lang, message, tab = &*tab));
    SIGNS.iter().map(row).collect()
}

/// The language of the filter, and the keys in its line.
pub(crate) fn filter(state: &AppState) -> Vec<(String, Role, String)> {
    let lang = state.lang;
    let terms = FILTER.iter().map(|(term, message)| (term_in(lang, term), Role::Accent, lang.t(message)));
    let keys = ["filter-complete", "filter-calendar", "filter-save"].map(|command| key_of(state, command)).join(" ");
    terms.chain([(keys, Role::Accent, lang.t("help-filter-keys"))]).collect()
}

fn term_in(lang: Lang, term: &str) -> String {
    if term.starts_with("help-") { lang.t(term) } else { term.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::filter::Filter;

    #[test]
    fn every_example_of_the_help_is_a_filter() {
        for (term, _) in FILTER {
            for lang in Lang::ALL {
                let term = term_in(*lang, term);
                assert!(Filter::parse(&term).is_ok_and(|filter| !filter.is_empty()), "{term}");
            }
        }
    }
}
