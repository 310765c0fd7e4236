//! The command palette: every possible action and command, and the objects, searched by a few letters in any language.

use nucleo_matcher::pattern::{CaseMatching, Normalization, Pattern};
use nucleo_matcher::{Config, Matcher, Utf32Str};

use crate::console::app::command::within;
use crate::console::app::state::AppState;
use crate::console::dialogs::choices::actions;
use crate::console::dialogs::filter::saved;
use crate::console::dialogs::state::{Dialog, MenuAction, Palette, PaletteEntry, PaletteIntent, PanelGroup};
use crate::i18n::Lang;
use crate::ledger::Listed;

/// Commands that are of no use in a list: they move in what is beneath it.
const MOVING: [&str; 7] = ["palette", "down", "up", "page-down", "page-up", "top", "bottom"];

/// The shortest text of ASCII by which objects are searched. One Chinese character is a word already.
const SHORTEST: usize = 2;

/// The commands that change something, mark, or take something out of Paydeck.
const ACT: [&str; 34] = [
    "act",
    "new",
    "mark",
    "mark-all",
    "mark-range",
    "mark-invert",
    "unmark-all",
    "mark-version",
    "handover",
    "bulk",
    "refresh",
    "refresh-visible",
    "watch",
    "copy-number",
    "copy-json",
    "copy-field",
    "export",
    "statement",
    "event-replay",
    "event-copy",
    "event-copy-payload",
    "entry-close",
    "entry-repeat",
    "entry-copy",
    "entry-copy-json",
    "entry-copy-curl",
    "entry-copy-command",
    "bill-fetch",
    "bill-note",
    "bill-copy",
    "bill-copy-number",
    "dispute-resolve-all",
    "save-filter",
    "columns-save",
];

/// Those that go to another place.
const GO: [&str; 22] = [
    "open",
    "find",
    "follow",
    "return",
    "back",
    "step-back",
    "step-forward",
    "down",
    "up",
    "page-down",
    "page-up",
    "top",
    "bottom",
    "next-tab",
    "previous-tab",
    "journal-of",
    "user-coupons",
    "look-into",
    "entry-object",
    "event-object",
    "dispute-object",
    "dispute-event",
];

/// Those about the window and the console as a whole.
const WINDOW: [&str; 9] = ["palette", "help", "profile", "bell", "pause", "quit", "suspend", "leave-now", "mouse"];

/// The group of a command.
pub(crate) fn group(id: &str) -> PanelGroup {
    match id {
        id if ACT.contains(&id) => PanelGroup::Act,
        id if GO.contains(&id) || id.starts_with("tab-") => PanelGroup::Go,
        id if WINDOW.contains(&id) => PanelGroup::Window,
        _ => PanelGroup::Look,
    }
}

/// The entries that apply in this state: actions on the selection, commands, saved filters, profiles, languages and
/// themes.
pub(crate) fn entries(state: &AppState) -> Vec<PaletteEntry> {
    let lang = state.lang;
    let mut entries = Vec::new();
    if let Some(subject) = state.subject_id() {
        for choice in actions(state, subject) {
            let MenuAction::Action(id, _) = &choice.take else { continue };
            let message = format!("action-{}", id.action().name());
            let label = format!("{} · {}", choice.label, subject.number);
            let words = |lang: Lang| lang.t(&message);
            entries.push(entry(PanelGroup::Act, label, words, choice.blocked, PaletteIntent::Take(choice.take)));
        }
    }
    let scope = state.scope_beneath();
    for command in within(&state.commands, scope).filter(|command| !MOVING.contains(&command.id)) {
        let blocked = command.blocked(state);
        let words = |lang: Lang| command.name(lang);
        let intent = PaletteIntent::Command(command.id);
        let mut entry = entry(group(command.id), command.label(state), words, blocked, intent);
        entry.keys = command.keys.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
        entries.push(entry);
    }
    for filter in state.account().into_iter().flat_map(|account| &account.saved_filters.filters) {
        let words = |lang: Lang| match filter.is_columns() {
            true => tr!(lang, "palette-columns", name = &*filter.name),
            false => tr!(lang, "palette-filter", name = &*filter.name),
        };
        let table = saved::table_label(state, filter);
        let label = format!("{} · {table} {}", words(lang), filter.filter);
        let label = label.trim_end().to_owned();
        let intent = PaletteIntent::SavedFilter(filter.clone());
        entries.push(entry(PanelGroup::Look, label, words, saved::blocked(state, filter), intent));
    }
    for name in &state.profiles {
        let words = |lang: Lang| tr!(lang, "palette-profile", name = name);
        let blocked = state.is_busy().then(|| lang.t("blocked-in-flight"));
        let intent = PaletteIntent::Take(MenuAction::Profile(name.clone()));
        let current = state.account().is_some_and(|account| account.name == *name);
        entries.push(entry(PanelGroup::Window, words(lang), words, blocked, intent).marked(current));
    }
    for theme in state.themes.iter() {
        let words = |lang: Lang| tr!(lang, "palette-theme", name = theme.label(lang));
        let intent = PaletteIntent::Theme(theme.clone());
        let current = theme.name == state.theme.name;
        entries.push(entry(PanelGroup::Window, words(lang), words, None, intent).marked(current));
    }
    for &other in Lang::ALL {
        let words = |lang: Lang| tr!(lang, "palette-language", name = other.label(lang));
        let intent = PaletteIntent::Lang(other);
        entries.push(entry(PanelGroup::Window, words(lang), words, None, intent).marked(other == lang));
    }
    entries
}

/// It matches by its name in every language.
fn entry(
    group: PanelGroup,
    label: String,
    words: impl Fn(Lang) -> String,
    blocked: Option<String>,
    intent: PaletteIntent,
) -> PaletteEntry {
    let words = Lang::ALL.iter().fold(label.clone(), |all, lang| format!("{all} {}", words(*lang)));
    PaletteEntry { label, keys: String::new(), blocked, intent, current: false, words, group }
}

impl PaletteEntry {
    /// The same, marked if it is in force.
    fn marked(self, current: bool) -> Self {
        Self { current, ..self }
    }
}

/// Searches again: what has changed is the text, or the objects.
pub(crate) fn search(palette: &mut Palette) {
    let query = palette.input.value().trim();
    let objects: Vec<usize> = (palette.own..palette.entries.len()).collect();
    let own = find(&palette.entries[..palette.own], query);
    let (possible, blocked): (Vec<usize>, Vec<usize>) =
        own.into_iter().partition(|i| palette.entries[*i].blocked.is_none());
    // If what was typed is the name of something impossible only, Enter must say why, and not run a distant match.
    let (lower, entries) = (query.to_lowercase(), &palette.entries);
    let named_by = |i: &usize| lower.split_whitespace().all(|word| entries[*i].words.to_lowercase().contains(word));
    let (named, blocked): (Vec<usize>, Vec<usize>) =
        blocked.into_iter().partition(|i| named_by(i) && !possible.iter().any(named_by));
    // A number means an object; a word rather a command, if it is in its name and not only its letters are.
    let number = query.bytes().any(|byte| byte.is_ascii_digit());
    let (first, distant): (Vec<usize>, Vec<usize>) = possible.into_iter().partition(|i| !number && named_by(i));
    palette.found = named.into_iter().chain(first).chain(objects).chain(distant).chain(blocked).collect();
    palette.selected = 0;
}

/// The query has changed: the objects of the one before are dropped, those of this one are wanted.
pub(crate) fn typed(palette: &mut Palette) {
    let text = palette.input.value().trim().to_owned();
    if palette.wanted.as_ref().map_or("", |(wanted, _)| wanted) != text {
        palette.entries.truncate(palette.own);
        palette.wanted = (text.len() >= SHORTEST).then_some((text, false));
    }
    search(palette);
}

/// The ledger has answered. What was selected meanwhile stays selected.
pub(crate) fn objects_found(state: &mut AppState, text: &str, rows: &[Listed]) {
    let lang = state.lang;
    let entry_of = |row: &Listed| {
        let summary = row.seen.as_ref().map(|seen| &seen.summary);
        let title = summary.and_then(|summary| summary.title.as_deref()).unwrap_or_default();
        let status = summary.map(|summary| format!("{} {}", summary.state.tone.glyph(), lang.state(&summary.state)));
        let facts = [Some(title.to_owned()), status, row.amount().map(|amount| amount.to_string())];
        let facts: Vec<String> = facts.into_iter().flatten().filter(|fact| !fact.is_empty()).collect();
        let label = format!("{} {}", lang.kind(row.id.kind), row.id.number);
        let label = std::iter::once(label).chain(facts).collect::<Vec<_>>().join(" · ");
        let blocked = state.place_of(row.id.kind).is_none().then(|| lang.t("blocked-nothing-selected"));
        let intent = PaletteIntent::Take(MenuAction::Show(row.id.clone()));
        let words = String::new();
        PaletteEntry { label, keys: String::new(), blocked, intent, current: false, words, group: PanelGroup::Go }
    };
    let found: Vec<PaletteEntry> = rows.iter().map(entry_of).collect();
    let Some(Dialog::Palette(palette)) = state.view.dialogs.last_mut() else { return };
    if palette.wanted.as_ref().is_none_or(|(wanted, _)| wanted != text) {
        return;
    }
    let chosen = palette.found.get(palette.selected).copied().filter(|_| palette.selected > 0);
    palette.entries.truncate(palette.own);
    palette.entries.extend(found);
    search(palette);
    if let Some(place) = chosen.and_then(|chosen| palette.found.iter().position(|i| *i == chosen)) {
        palette.selected = place;
    }
}

/// The entries that match, best first; all of them by group for an empty query.
pub(crate) fn find(entries: &[PaletteEntry], query: &str) -> Vec<usize> {
    if query.is_empty() {
        let mut all: Vec<usize> = (0..entries.len()).collect();
        all.sort_by_key(|i| entries[*i].group);
        return all;
    }
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
    fn the_groups_name_commands_that_exist() {
        let commands = &*crate::console::app::commands::COMMANDS;
        for id in ACT.into_iter().chain(GO).chain(WINDOW) {
            assert!(commands.iter().any(|command| command.id == id), "{id}");
        }
    }

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

    fn palette_of(state: &fixture::Console) -> &Palette {
        match state.view.dialogs.last() {
            Some(Dialog::Palette(palette)) => palette,
            other => panic!("no palette: {other:?}"),
        }
    }

    fn intents(state: &fixture::Console) -> Vec<String> {
        let palette = palette_of(state);
        palette.found.iter().map(|i| format!("{:?}", palette.entries[*i].intent)).collect()
    }

    #[test]
    fn a_number_finds_its_object_and_enter_opens_it() {
        let mut state = fixture::open(Lang::En, (120, 40));
        fixture::press(&mut state, "1:so20261121000003");
        assert!(intents(&state)[0].contains("SO20261121000003"), "{:?}", intents(&state));
        fixture::press(&mut state, "<Enter>");
        assert_eq!(state.kind(), Some(crate::model::Kind::ServiceOrder));
        assert!(state.view.detail.as_ref().is_some_and(|detail| detail.of.number.as_str() == "SO20261121000003"));
    }

    #[test]
    fn a_name_finds_objects_and_commands_come_before_them() {
        let mut state = fixture::open(Lang::ZhCn, (120, 40));
        fixture::press(&mut state, ":充电宝");
        assert!(intents(&state).iter().any(|intent| intent.contains("Show(")), "{:?}", intents(&state));
        fixture::press(&mut state, "<Back><Back><Back>sort");
        assert!(intents(&state)[0].contains("sort"), "{:?}", intents(&state));
        assert!(
            !intents(&state).iter().any(|intent| intent.contains("Show(")),
            "objects of an earlier text are dropped"
        );
    }

    #[test]
    fn an_object_of_that_name_comes_before_commands_that_only_have_its_letters() {
        let mut state = fixture::open(Lang::En, (120, 40));
        // A part of a user, and scattered in the names of commands.
        fixture::press(&mut state, ":umu");
        assert!(intents(&state)[0].contains("Show("), "{:?}", intents(&state));
        assert!(intents(&state).iter().any(|intent| intent.contains("Command(")), "{:?}", intents(&state));
        // One Chinese character is enough.
        fixture::press(&mut state, "<Back><Back><Back>充");
        assert!(intents(&state)[0].contains("Show("), "{:?}", intents(&state));
        // The words of a command, in any order of them.
        fixture::press(&mut state, "<Back>order complete");
        assert!(intents(&state)[0].contains("OrderComplete"), "{:?}", intents(&state));
    }

    #[test]
    fn what_is_impossible_comes_last_and_moving_is_not_listed() {
        for keys in [":", ":order", ":a"] {
            let state = fixture::after(fixture::open(Lang::En, (80, 24)), keys);
            let palette = palette_of(&state);
            let blocked: Vec<bool> = palette.found.iter().map(|i| palette.entries[*i].blocked.is_some()).collect();
            assert!(blocked.is_sorted(), "{keys}: {blocked:?}");
            assert!(!intents(&state).iter().any(|intent| intent.contains("page-down")));
        }
    }

    #[test]
    fn page_keys_move_by_what_is_shown_and_to_the_ends() {
        use crate::console::app::msg::Msg;
        use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
        let mut state = fixture::after(fixture::open(Lang::En, (80, 24)), ":");
        let mut key = |code| {
            state.room.dialog = 12;
            state.step(Msg::Key(KeyEvent::new(code, KeyModifiers::NONE)));
            (palette_of(&state).selected, palette_of(&state).found.len())
        };
        assert_eq!(key(KeyCode::PageDown).0, 11);
        let (last, count) = key(KeyCode::End);
        assert_eq!(last, count - 1);
        assert_eq!(key(KeyCode::PageUp).0, count - 12);
        assert_eq!(key(KeyCode::Home).0, 0);
    }

    #[test]
    fn the_end_of_the_help_is_its_last_line_and_its_search_is_the_palette() {
        use crate::console::tests::screen::picture;
        for size in [(80, 24), (120, 40), (200, 60)] {
            let mut state = fixture::after(fixture::open(Lang::En, size), "?");
            let last = Lang::En.t("help-ahead").split_whitespace().last().unwrap().to_owned();
            state.room.scroll = usize::MAX;
            fixture::press(&mut state, "G");
            let shown = picture(&state);
            assert!(shown.contains(&last), "{shown}");
            fixture::press(&mut state, ":");
            assert!(matches!(state.view.dialogs.last(), Some(Dialog::Palette(_))));
        }
    }
}
