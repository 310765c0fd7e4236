//! The table of commands. Keys, palette, hint line and help all read it; a test checks it. The commands of a tab or of
//! the dialogs are in its folder (`commands.rs` there); those that apply everywhere are here.

use crate::console::app::navigate;
use std::sync::LazyLock;

use crate::console::app::command::{
    BACK_TAB, BACKSPACE, Command, DOWN, Differs, END, ESC, HOME, NotReady, PAGE_DOWN, PAGE_UP, Ready, TAB, UP, always,
    command, open, opening, rows, settled, shown_as,
};
use crate::console::app::effect::Effect;
use crate::console::app::keys::{ch, ctrl};
use crate::console::app::scope::Scope;
use crate::console::app::state::{AppState, WIDE};
use crate::console::app::{browse, leave, mouse};
use crate::console::dialogs::commands as dialogs;
use crate::console::dialogs::settlements::update as settlements;
use crate::console::dialogs::{coupons, pick, prompt};
use crate::console::tabs::{self, TABS, across, objects};
use crate::model::Region;

/// All commands, in the order of help and palette.
pub(crate) static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(|| {
    let tabs = TABS.iter().enumerate().filter(|(_, tab)| tab.id != across::state::TAB);
    let opening = tabs.map(|(place, tab)| opening(tab.command, tab.keys, place));
    let of_tabs = tabs::COMMANDS.iter().copied().flatten().copied();
    let listed = of_tabs.chain(GENERAL.iter().copied()).chain(opening);
    let listed = listed.chain(WALKING.iter().copied()).chain(objects::commands::DETAIL_COMMANDS.iter().copied());
    listed.chain(dialogs::COMMANDS.iter().copied()).chain(LAST.iter().copied()).collect()
});

const GENERAL: &[Command] = &[
    command("find", Scope::BROWSE, &[ch('o')], 4, open, prompt::open),
    command("export", objects::commands::TABLE, &[ch('e')], 0, rows, prompt::export),
    command("settlements", Scope::BROWSE, &[], 0, global, settlements::open),
    command("statement", Scope::BROWSE, &[], 0, global, prompt::statement),
    command("palette", Scope::BROWSE, &[ch(':')], 7, always, prompt::palette),
    command("profile", Scope::BROWSE, &[ch('p')], 11, settled, pick::profile),
    command("tab-all-profiles", Scope::BROWSE, &[ch('A')], 0, across::update::several, across::update::toggle)
        .differing(across::commands::toggle_shown_as),
    command("mouse", Scope::BROWSE, &[ch('M')], 0, always, mouse::free)
        .differing(|state| if state.mouse_free { shown_as("command-mouse-take") } else { None }),
    command("help", Scope::BROWSE, &[ch('?')], 8, always, prompt::help),
    command("back", Scope::BROWSE, &[ESC], 10, always, browse::back),
    command("return", Scope::BROWSE, &[BACKSPACE], 0, led_here, |state| navigate::step(state, false)),
    command("step-back", Scope::BROWSE, &[ch('[')], 0, been_before, |state| navigate::step(state, false)),
    command("step-forward", Scope::BROWSE, &[ch(']')], 0, been_after, |state| navigate::step(state, true)),
    command("split", Scope::BROWSE, &[ch('z')], 0, wide_enough, browse::turn_split)
        .differing(|state| if state.split { None } else { shown_as("command-split-again") }),
    command("quit", Scope::BROWSE, &[ch('q')], 9, always, leave::quit).unseen(),
];

const WALKING: &[Command] = &[
    command("user-coupons", Scope::BROWSE, &[], 0, open, coupons::ask),
    command(
        "usable-merchants",
        objects::commands::OBJECTS,
        &[],
        0,
        objects::commands::stock,
        coupons::usable_merchants,
    ),
    command("usable-items", objects::commands::OBJECTS, &[], 0, objects::commands::stock, coupons::usable_items),
    command("next-tab", Scope::TABLES, &[TAB], 0, always, |state| navigate::turn_tab(state, 1)),
    command("previous-tab", Scope::TABLES, &[BACK_TAB], 0, always, |state| {
        navigate::turn_tab(state, state.tabs.len() - 1)
    }),
    command("down", Scope::BROWSE, &[ch('j'), DOWN], 0, always, |state| browse::walk(state, 1))
        .differing(|state| walks(state, "command-next-line", "command-help-down")),
    command("up", Scope::BROWSE, &[ch('k'), UP], 0, always, |state| browse::walk(state, -1))
        .differing(|state| walks(state, "command-previous-line", "command-help-up")),
    command("page-down", Scope::BROWSE, &[PAGE_DOWN, ctrl('f')], 0, always, |state| browse::page(state, 1)),
    command("page-up", Scope::BROWSE, &[PAGE_UP, ctrl('b')], 0, always, |state| browse::page(state, -1)),
    command("top", Scope::BROWSE, &[ch('g'), HOME], 0, always, browse::to_start)
        .differing(|state| walks(state, "command-first-line", "command-detail-top")),
    command("bottom", Scope::BROWSE, &[ch('G'), END], 0, always, browse::to_end)
        .differing(|state| walks(state, "command-last-line", "command-detail-bottom")),
];

const LAST: &[Command] = &[
    command("suspend", Scope::ALWAYS, &[ctrl('z')], 0, always, |_| vec![Effect::Suspend]).unseen(),
    command("leave-now", Scope::ALWAYS, &[ctrl('c')], 0, always, leave::now).unseen(),
];

/// The message of the cursor keys in a detail: they select lines if there are any, else they scroll.
fn walks(state: &AppState, line: &'static str, text: &'static str) -> Option<Differs> {
    match (state.selects_spots(), state.scroll()) {
        (true, _) => shown_as(line),
        (false, Some(_)) => shown_as(text),
        (false, None) => None,
    }
}

/// A jump led here.
fn led_here(state: &AppState) -> Ready {
    if state.view.trail.arrival.linked { Ok(()) } else { Err(NotReady::Blocked("blocked-no-way-back")) }
}

fn been_before(state: &AppState) -> Ready {
    state.view.trail.next_tab(false).map(drop).ok_or(NotReady::Blocked("blocked-no-way-back"))
}

fn been_after(state: &AppState) -> Ready {
    state.view.trail.next_tab(true).map(drop).ok_or(NotReady::Blocked("blocked-no-way-forward"))
}

/// There is room for the detail beside the table.
fn wide_enough(state: &AppState) -> Ready {
    if state.size.0 >= WIDE { Ok(()) } else { Err(NotReady::Blocked("blocked-narrow")) }
}

/// Only WeChat Pay Global has settlements and statements.
fn global(state: &AppState) -> Ready {
    open(state)?;
    if state.region() == Region::Global { Ok(()) } else { Err(NotReady::Blocked("blocked-not-global")) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::app::command::{find, within};
    use crate::console::app::keymap::active_scopes;
    use crate::console::app::keys::Key;
    use crate::i18n::Lang;
    use crate::services::NotReplayable;
    use std::collections::HashMap;

    /// Every scope that can have the keys: the innermost of those that commands name.
    fn scopes() -> Vec<Scope> {
        let scopes = active_scopes(&COMMANDS);
        let outer = |one: &Scope| scopes.iter().any(|other| other != one && one.covers(*other));
        let inner: Vec<Scope> = scopes.iter().copied().filter(|scope| !outer(scope)).collect();
        [inner, vec![objects::commands::DETAIL]].concat()
    }

    #[test]
    fn scopes_are_named_apart() {
        assert_eq!(scopes().len(), 30);
        let all = COMMANDS.iter().map(|command| command.scope);
        for (one, other) in all.clone().flat_map(|one| all.clone().map(move |other| (one, other))) {
            if one == other {
                assert_eq!(format!("{one:?}"), format!("{other:?}"));
            }
        }
    }

    #[test]
    fn no_two_commands_share_a_key_where_both_apply() {
        for scope in scopes() {
            let mut keys: HashMap<Key, &str> = HashMap::new();
            for command in within(&COMMANDS, scope) {
                for key in command.keys {
                    let other = keys.insert(*key, command.id);
                    assert_eq!(other, None, "{key} in {scope:?}: {}", command.id);
                }
            }
        }
    }

    #[test]
    fn every_command_has_words_and_an_id_of_its_own() {
        let mut ids: Vec<&str> = COMMANDS.iter().map(|command| command.id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), COMMANDS.len());
        for command in COMMANDS.iter() {
            let message = format!("command-{}", command.id);
            assert!(Lang::En.has(&message) && Lang::ZhCn.has(&message), "{message}");
        }
        for message in [
            NotReplayable::NotKept,
            NotReplayable::Cut,
            NotReplayable::Url,
            NotReplayable::NoScheme,
            NotReplayable::WeChatPay,
        ] {
            assert!(Lang::En.has(message.message()), "{message:?}");
        }
    }

    #[test]
    fn advice_names_the_journal_by_the_key_of_its_tab() {
        let journal = TABS.iter().find(|tab| tab.id == "journal").unwrap();
        let key = journal.keys[0].to_string();
        for id in ["advice-unknown-outcome-raw", "advice-repeated-unknown", "advice-same-request"] {
            for lang in Lang::ALL {
                let words = lang.t(&format!("{id}-console"));
                assert!(["(", "（"].iter().any(|open| words.contains(&format!("{open}{key}"))), "{words}");
            }
        }
    }

    #[test]
    fn every_tab_has_its_number_key_and_words() {
        let mut state = crate::console::tests::fixture::open(Lang::En, (80, 24));
        for (place, tab) in TABS.iter().enumerate() {
            assert!(Lang::En.has(&format!("tab-{}", tab.id)), "{}", tab.id);
            assert_eq!(tab.command, format!("tab-{}", tab.id));
            let Some(key) = tab.keys.first() else { continue };
            for scope in scopes().into_iter().filter(|scope| Scope::BROWSE.covers(*scope)) {
                assert_eq!(find(&COMMANDS, scope, *key).map(|command| command.id), Some(tab.command));
            }
            crate::console::tests::fixture::press(&mut state, &key.to_string());
            assert_eq!(state.tab, place);
        }
    }
}
