//! The command palette: every possible action and command, searched by a few letters in any language.

use crate::console::dialogs::state::{PaletteEntry, PaletteIntent};
use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::app::command::within;
use crate::console::app::state::AppState;
use crate::console::dialogs::choices::actions;
use crate::console::dialogs::state::MenuAction;
use crate::i18n::Lang;

/// The entries that apply in this state: actions on the selection, commands, profiles, languages and themes.
pub(crate) fn entries(state: &AppState) -> Vec<PaletteEntry> {
    let lang = state.lang;
    let mut entries = Vec::new();
    if let Some(subject) = state.subject_id() {
        for choice in actions(state, subject) {
            let MenuAction::Action(id, _) = &choice.take else { continue };
            let message = format!("action-{}", id.action().name());
            let label = format!("{} · {}", choice.label, subject.number);
            entries.push(entry(label, |lang| lang.t(&message), choice.blocked, PaletteIntent::Take(choice.take)));
        }
    }
    let scope = state.scope_beneath();
    for command in within(state.commands, scope).filter(|command| command.id != "palette") {
        let blocked = command.blocked(state);
        let words = |lang: Lang| command.name(lang);
        let mut entry = entry(command.label(state), words, blocked, PaletteIntent::Command(command.id));
        entry.keys = command.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        entries.push(entry);
    }
    for name in &state.profiles {
        let words = |lang: Lang| tr!(lang, "palette-profile", name = name);
        let blocked = state.is_busy().then(|| lang.t("blocked-in-flight"));
        entries.push(entry(words(lang), words, blocked, PaletteIntent::Take(MenuAction::Profile(name.clone()))));
    }
    for theme in state.themes.iter() {
        let words = |lang: Lang| tr!(lang, "palette-theme", name = theme.label(lang));
        entries.push(entry(words(lang), words, None, PaletteIntent::Theme(theme.clone())));
    }
    for &other in Lang::ALL {
        let words = |lang: Lang| tr!(lang, "palette-language", name = other.label(lang));
        entries.push(entry(words(lang), words, None, PaletteIntent::Lang(other)));
    }
    entries
}

/// It matches by its name in every language.
fn entry(
    label: String,
    words: impl Fn(Lang) -> String,
    blocked: Option<String>,
    intent: PaletteIntent,
) -> PaletteEntry {
    let words = Lang::ALL.iter().fold(label.clone(), |all, lang| format!("{all} {}", words(*lang)));
    PaletteEntry { label, keys: String::new(), blocked, intent, words }
}

/// The entries that match, best first; all of them for an empty query.
pub(crate) fn find(entries: &[PaletteEntry], query: &str) -> Vec<usize> {
    let mut matcher = Matcher::new(Config::DEFAULT);
    let pattern = Pattern::parse(query, CaseMatching::Ignore, Normalization::Smart);
    let mut buffer = Vec::new();
    let mut scored: Vec<(u32, usize)> = entries
        .iter()
        .enumerate()
        .filter_map(|(i, entry)| Some((pattern.score(Utf32Str::new(&entry.words, &mut buffer), &mut matcher)?, i)))
        .collect();
    scored.sort_by_key(|(score, i)| (std::cmp::Reverse(*score), *i));
    scored.into_iter().map(|(_, i)| i).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tests::fixture;

    #[test]
    fn everything_is_found_in_either_language() {
        for lang in [Lang::En, Lang::ZhCn] {
            let entries = entries(&fixture::open(lang, (80, 24)));
            for (query, wanted) in [
                ("theme light", "name: \"light\""),
                ("主题浅色", "name: \"light\""),
                ("language chinese", "ZhCn"),
                ("语言 english", "En"),
                ("profile branch", "Profile(\"branch\")"),
                ("商户配置 branch", "Profile(\"branch\")"),
                ("complete order", "Action(OrderComplete"),
                ("完结服务订单", "Action(OrderComplete"),
                ("refresh", "Command(\"refresh\")"),
                ("刷新", "Command(\"refresh\")"),
            ] {
                let best = find(&entries, query).first().map(|i| format!("{:?}", entries[*i].intent));
                assert!(best.as_ref().is_some_and(|best| best.contains(wanted)), "{lang:?} {query}: {best:?}");
            }
        }
    }
}
