//! The table of commands. Keys, palette, hint line and help all read it; a test walks it. What belongs to a tab or to the
//! dialogs stands in its folder (`commands.rs` there); here are the rows that apply everywhere.

use std::sync::LazyLock;

use crossterm::event::KeyCode;

use crate::console::app::effect::Effect;
use crate::console::app::keys::{Key, ch, ctrl, special};
use crate::console::app::state::{Stage, State};
use crate::console::app::{browse, leave};
use crate::console::dialogs::commands as dialogs;
use crate::console::dialogs::settlements::update as settlements;
use crate::console::dialogs::{coupons, pick, prompt};
use crate::console::tabs::{self, TABS, objects};
use crate::model::Region;

/// One command.
#[derive(Clone, Copy)]
pub struct Command {
    /// With `command-` before it, its message.
    pub id: &'static str,
    pub keys: &'static [Key],
    pub scope: Scope,
    /// Its place in the hint line; 0 keeps it out.
    pub hint: u8,
    pub ready: fn(&State) -> Ready,
    run: Run,
    /// Where it does something else than its message says: the message that says what, and its place in the hint line.
    differs: fn(&State) -> Option<Differs>,
}

/// What a command does.
#[derive(Clone, Copy)]
enum Run {
    Do(fn(&mut State) -> Vec<Effect>),
    OpenTab(usize),
}

/// How a command is shown where it means something else than usual.
#[derive(Clone, Copy)]
pub struct Differs {
    pub message: &'static str,
    pub hint: Option<u8>,
}

/// Whether a command can run now.
pub type Ready = Result<(), NotReady>;

/// Why a command cannot run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The ledger is about to answer: the key waits for it.
    Wait,
    /// The message that says what is in the way.
    Blocked(&'static str),
}

impl NotReady {
    /// The message that says why.
    pub const fn message(self) -> &'static str {
        match self {
            Self::Wait => "blocked-waiting",
            Self::Blocked(message) => message,
        }
    }
}

/// Where a command applies: exactly one scope has the keys at a time, and commands of the scopes it lies within apply, too.
#[derive(Clone, Copy, Debug)]
pub struct Scope {
    name: &'static str,
    within: &'static [Scope],
}

impl PartialEq for Scope {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Scope {
    pub const ALWAYS: Self = Self::new("always", &[]);
    /// No dialog is open: the table or the detail of the tab has the keys.
    pub const BROWSE: Self = Self::new("browse", &[]);
    /// Any tab's table.
    pub const TABLES: Self = Self::new("tables", &[]);

    pub const fn new(name: &'static str, within: &'static [Self]) -> Self {
        Self { name, within }
    }

    /// The scope that has the keys.
    pub fn of(state: &State) -> Self {
        state.dialogs.last().map_or_else(|| Self::beneath(state), dialogs::scope)
    }

    /// The scope that has the keys once all dialogs are closed.
    pub fn beneath(state: &State) -> Self {
        state.pane().scope(state)
    }

    /// True if commands of this scope apply while `active` has the keys.
    pub fn covers(self, active: Self) -> bool {
        self == Self::ALWAYS || self == active || active.within.iter().any(|outer| self.covers(*outer))
    }
}

impl Command {
    /// Shown with another message, or at another place in the hint line, where `differs` says so.
    pub const fn differing(self, differs: fn(&State) -> Option<Differs>) -> Self {
        Self { differs, ..self }
    }

    /// Its place in the hint line where the state is now.
    pub fn rank(&self, state: &State) -> u8 {
        (self.differs)(state).and_then(|differs| differs.hint).unwrap_or(self.hint)
    }

    /// What it does where the state is now, in words.
    pub fn label(&self, state: &State) -> String {
        match (self.differs)(state) {
            Some(differs) => state.lang.t(differs.message).into_owned(),
            None => state.lang.t(&format!("command-{}", self.id)).into_owned(),
        }
    }

    pub fn run(&self, state: &mut State) -> Vec<Effect> {
        match self.run {
            Run::Do(run) => run(state),
            Run::OpenTab(tab) => browse::open_tab(state, tab),
        }
    }
}

/// What is shown in place of a command's own message, at its usual place.
pub const fn shown_as(message: &'static str) -> Option<Differs> {
    Some(Differs { message, hint: None })
}

/// The command a key stands for while a scope has the keys.
pub fn find(active: Scope, key: Key) -> Option<&'static Command> {
    COMMANDS.iter().find(|command| command.scope.covers(active) && command.keys.contains(&key))
}

/// Commands that apply in a scope.
pub fn within(active: Scope) -> impl Iterator<Item = &'static Command> {
    COMMANDS.iter().filter(move |command| command.scope.covers(active))
}

pub const fn command(
    id: &'static str,
    scope: Scope,
    keys: &'static [Key],
    hint: u8,
    ready: fn(&State) -> Ready,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    Command { id, keys, scope, hint, ready, run: Run::Do(run), differs: |_| None }
}

pub const ENTER: Key = special(KeyCode::Enter);
pub const ESC: Key = special(KeyCode::Esc);
pub const BACKSPACE: Key = special(KeyCode::Backspace);
pub const UP: Key = special(KeyCode::Up);
pub const DOWN: Key = special(KeyCode::Down);
pub const LEFT: Key = special(KeyCode::Left);
pub const RIGHT: Key = special(KeyCode::Right);
pub const TAB: Key = special(KeyCode::Tab);
pub const BACK_TAB: Key = special(KeyCode::BackTab);
pub const PAGE_UP: Key = special(KeyCode::PageUp);
pub const PAGE_DOWN: Key = special(KeyCode::PageDown);
pub const HOME: Key = special(KeyCode::Home);
pub const END: Key = special(KeyCode::End);

/// All commands, in the order of help and palette.
pub static COMMANDS: LazyLock<Vec<Command>> = LazyLock::new(|| {
    let opening = TABS.iter().enumerate().map(|(place, tab)| Command {
        run: Run::OpenTab(place),
        ..command(tab.command, Scope::BROWSE, tab.keys, 0, always, |_| Vec::new())
    });
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
    command("help", Scope::BROWSE, &[ch('?')], 8, always, prompt::help),
    command("back", Scope::BROWSE, &[ESC], 10, always, browse::back),
    command("quit", Scope::BROWSE, &[ch('q')], 9, always, leave::quit),
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
    command("next-tab", Scope::TABLES, &[TAB], 0, always, |state| browse::turn_tab(state, 1)),
    command("previous-tab", Scope::TABLES, &[BACK_TAB], 0, always, |state| browse::turn_tab(state, TABS.len() - 1)),
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
    command("suspend", Scope::ALWAYS, &[ctrl('z')], 0, always, |_| vec![Effect::Suspend]),
    command("leave-now", Scope::ALWAYS, &[ctrl('c')], 0, always, leave::now),
];

/// What walking means in a detail: from line to line where lines are selected, else up and down the text.
fn walks(state: &State, line: &'static str, text: &'static str) -> Option<Differs> {
    match (state.selects_spots(), state.scroll()) {
        (true, _) => shown_as(line),
        (false, Some(_)) => shown_as(text),
        (false, None) => None,
    }
}

pub fn always(_: &State) -> Ready {
    Ok(())
}

/// An account is open.
pub fn open(state: &State) -> Ready {
    state.account().map(drop).ok_or(NotReady::Blocked("blocked-not-open"))
}

/// There is an object that a command would be about.
pub fn selected(state: &State) -> Ready {
    state.subject_id().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

/// The table of objects has rows.
pub fn rows(state: &State) -> Ready {
    state.list().filter(|list| !list.rows().is_empty()).map(drop).ok_or(NotReady::Blocked("blocked-no-rows"))
}

/// Only WeChat Pay Global has settlements and statements to ask for.
fn global(state: &State) -> Ready {
    open(state)?;
    if state.region() == Region::Global { Ok(()) } else { Err(NotReady::Blocked("blocked-not-global")) }
}

/// Accounts are not changed under an operation that is under way.
fn settled(state: &State) -> Ready {
    match state.stage {
        Stage::Opening(_) => Err(NotReady::Blocked("blocked-not-open")),
        _ if state.is_busy() => Err(NotReady::Blocked("blocked-in-flight")),
        _ if state.profiles.is_empty() => Err(NotReady::Blocked("blocked-no-profiles")),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::services::NotReplayable;
    use std::collections::HashMap;

    /// Every scope that can have the keys: the innermost of those that commands name.
    fn scopes() -> Vec<Scope> {
        let mut scopes: Vec<Scope> = Vec::new();
        for scope in COMMANDS.iter().map(|command| command.scope).chain([objects::commands::OPENED]) {
            if !scopes.contains(&scope) {
                scopes.push(scope);
            }
        }
        let outer = |one: &Scope| scopes.iter().any(|other| other != one && one.covers(*other));
        let inner: Vec<Scope> = scopes.iter().copied().filter(|scope| !outer(scope)).collect();
        [inner, vec![objects::commands::DETAIL]].concat()
    }

    #[test]
    fn scopes_are_named_apart() {
        assert_eq!(scopes().len(), 26);
        let all = COMMANDS.iter().map(|command| command.scope);
        for (one, other) in all.clone().flat_map(|one| all.clone().map(move |other| (one, other))) {
            if one == other {
                assert!(std::ptr::eq(one.within, other.within) || one.within.len() == other.within.len(), "{one:?}");
            }
        }
    }

    #[test]
    fn no_two_commands_share_a_key_where_both_apply() {
        for scope in scopes() {
            let mut keys: HashMap<Key, &str> = HashMap::new();
            for command in within(scope) {
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
        for message in
            ["final", "nothing-watched", "nothing-inside", "no-version", "nothing-related", "came-from-nowhere"]
        {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in ["coupon-of-nobody", "event-of-nothing", "nothing-came", "a-bill-said-it", "no-dispute"] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
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
        for message in ["no-bill", "bill-gone", "row-of-nothing"] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in
            ["no-marks", "no-bulk", "bulk", "bulk-over", "none-of-marked", "not-global", "first-page", "last-page"]
        {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
        for message in [
            "not-open",
            "nothing-selected",
            "no-rows",
            "not-fetched",
            "no-object",
            "no-stock",
            "in-flight",
            "no-profiles",
            "waiting",
        ] {
            assert!(Lang::En.has(&format!("blocked-{message}")), "{message}");
        }
    }

    #[test]
    fn every_tab_has_its_number_key_and_words() {
        let mut state = crate::console::tests::fixture::open(Lang::En, (80, 24));
        for (place, tab) in TABS.iter().enumerate() {
            assert!(Lang::En.has(&format!("tab-{}", tab.id)), "{}", tab.id);
            let Some(key) = tab.keys.first() else { continue };
            for scope in scopes().into_iter().filter(|scope| Scope::BROWSE.covers(*scope)) {
                assert_eq!(find(scope, *key).map(|command| command.id), Some(tab.command));
            }
            crate::console::tests::fixture::press(&mut state, &key.to_string());
            assert_eq!(state.tab, place);
        }
    }
}
