//! The table of commands with the keys that the configuration gives them, and the operator's own commands.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock, Mutex};

use crossterm::event::KeyCode;

use crate::console::app::command::{Command, OwnCommand};
use crate::console::app::commands::COMMANDS;
use crate::console::app::key_tables::KeyTables;
use crate::console::app::keys::{Key, KeyName};
use crate::console::app::scope::Scope;
use crate::console::dialogs::scopes::{CONFIRM, FILTER, FORM, PALETTE, PROMPT};
use crate::console::start::{KeySetting, LiveSettings};
use crate::console::tabs::TABS;
use crate::console::tabs::objects::commands::{OBJECTS, OPENED};
use crate::console::tabs::pane::Tab;
use crate::console::user_commands::update;
use crate::i18n::Lang;
use crate::program::UserCommand;
use crate::sync::lock;
use crate::text::{nearest, repeatable};

/// What is wrong with the keys that the configuration gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyProblem {
    pub line: usize,
    fault: KeyFault,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum KeyFault {
    UnknownCommand(String, Option<String>),
    UnknownKey(String, Option<String>),
    /// The key, the command that has it where both apply, and where that one got it.
    Taken(Key, String, Option<usize>),
    /// The key is typed as text where the command applies.
    Typed(Key),
    /// The command must keep a key.
    Needed,
}

/// The tables without a configuration.
static USUAL: LazyLock<KeyTables> = LazyLock::new(|| KeyTables::new(COMMANDS.clone(), TABS.iter().copied().collect()));

impl Default for KeyTables {
    fn default() -> Self {
        USUAL.clone()
    }
}

impl KeyTables {
    fn new(commands: Vec<Command>, tabs: Arc<[Tab]>) -> Self {
        let scopes = active_scopes(&commands);
        let key = |command: &Command| command.keys.first().map(ToString::to_string);
        let palette = commands.iter().find(|command| command.id == "palette").and_then(key);
        let nothing = "—".to_owned();
        let named = |command: &Command| {
            // A command without a key is in the palette, unless it is one of a dialog.
            let listed = scopes.iter().any(|scope| command.scope.covers(*scope) && Scope::BROWSE.covers(*scope));
            let otherwise = || palette.clone().filter(|_| listed);
            (command.id, key(command).or_else(otherwise).unwrap_or_else(|| nothing.clone()))
        };
        let named = commands.iter().map(named).collect::<BTreeMap<_, _>>().into();
        Self { tabs, commands: commands.into(), usual: COMMANDS.as_slice().into(), named }
    }
}

/// The parts of tables that live as long as the program. There is one of each: a configuration that is read again adds
/// only what it had never had before.
static KEYS: Mutex<Vec<&[Key]>> = Mutex::new(Vec::new());
static IDS: Mutex<Vec<&str>> = Mutex::new(Vec::new());
static OWN: Mutex<Vec<&UserCommand>> = Mutex::new(Vec::new());

fn interned<T: ?Sized + PartialEq>(pool: &Mutex<Vec<&'static T>>, value: Box<T>) -> &'static T {
    let mut pool = lock(pool);
    if let Some(known) = pool.iter().find(|known| ***known == *value) {
        return known;
    }
    let value = Box::leak(value);
    pool.push(value);
    value
}

/// What is wrong with the keys that the configuration gives, if anything is.
pub fn key_problems(settings: &LiveSettings) -> Vec<KeyProblem> {
    tables(&settings.keys, &settings.commands).err().unwrap_or_default()
}

/// A command with its keys, for a list of all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyRow {
    /// What the configuration calls it.
    pub id: String,
    /// Where it applies.
    pub scope: &'static str,
    pub keys: Vec<String>,
    pub label: String,
}

/// All commands with the keys that they have under these settings.
pub fn key_rows(settings: &LiveSettings, lang: Lang) -> Result<Vec<KeyRow>, Vec<KeyProblem>> {
    let tables = tables(&settings.keys, &settings.commands)?;
    let row = |command: &Command| KeyRow {
        id: name(command).to_owned(),
        scope: command.scope.name(),
        keys: command.keys.iter().map(|key| key.name()).collect(),
        label: command.name(lang),
    };
    Ok(tables.commands.iter().map(row).collect())
}

/// Scopes in which characters are typed.
const TYPING: [Scope; 5] = [FILTER, PALETTE, FORM, CONFIRM, PROMPT];

impl KeyProblem {
    /// Its text.
    pub fn text(&self, lang: Lang) -> String {
        let near = |text: String, nearest: &Option<String>| match nearest {
            Some(nearest) => {
                let space = if text.ends_with('。') { "" } else { " " };
                format!("{text}{space}{}", tr!(lang, "keys-nearest", nearest = nearest))
            }
            None => text,
        };
        match &self.fault {
            KeyFault::UnknownCommand(name, nearest) => near(tr!(lang, "keys-unknown-command", name = name), nearest),
            KeyFault::UnknownKey(name, nearest) => near(tr!(lang, "keys-unknown-key", name = name), nearest),
            KeyFault::Taken(key, other, Some(line)) => {
                tr!(lang, "keys-taken-there", key = key.to_string(), other = other, line = line)
            }
            KeyFault::Taken(key, other, None) => tr!(lang, "keys-taken", key = key.to_string(), other = other),
            KeyFault::Typed(key) => tr!(lang, "keys-typed", key = key.to_string()),
            KeyFault::Needed => lang.t("keys-needed"),
        }
    }
}

/// The tables with these keys and commands, or everything that is wrong with them.
pub(crate) fn tables(settings: &[KeySetting], own: &[UserCommand]) -> Result<KeyTables, Vec<KeyProblem>> {
    if settings.is_empty() && own.is_empty() {
        return Ok(KeyTables::default());
    }
    let mut problems = Vec::new();
    let mut commands: Vec<Command> = COMMANDS.clone();
    // Where the keys of a command come from.
    let mut lines: BTreeMap<&'static str, usize> = BTreeMap::new();
    for setting in settings {
        let line = setting.line;
        let Some(command) = commands.iter_mut().find(|command| command.id == setting.command) else {
            let nearest = nearest(&setting.command, COMMANDS.iter().map(|command| command.id));
            let name = repeatable(&setting.command).into_owned();
            problems.push(KeyProblem { line, fault: KeyFault::UnknownCommand(name, nearest) });
            continue;
        };
        if setting.keys.is_empty() && command.scope == Scope::ALWAYS {
            problems.push(KeyProblem { line, fault: KeyFault::Needed });
            continue;
        }
        command.keys = interned(&KEYS, parsed(&setting.keys, line, &mut problems).into());
        lines.insert(command.id, line);
    }
    // They come first in help and palette.
    for (place, user) in own.iter().enumerate() {
        let command = interned(&OWN, Box::new(user.clone()));
        let id = interned(&IDS, format!("user-{}", user.name).into());
        let scope = if command.is_of_object() { OBJECTS } else { Scope::BROWSE };
        let keys = interned(&KEYS, parsed(&user.keys, user.line, &mut problems).into());
        let own = OwnCommand { command, run: update::begin, blocked: update::blocked };
        commands.insert(place, Command::own(id, scope, keys, own));
        lines.insert(id, user.line);
    }
    problems.extend(conflicts(&commands, &lines));
    problems.sort_by_key(|problem| problem.line);
    if !problems.is_empty() {
        return Err(problems);
    }
    let keys = |id: &str| commands.iter().find(|command| command.id == id).map(|command| command.keys);
    let tab = |tab: &Tab| Tab { keys: keys(tab.command).unwrap_or(tab.keys), ..*tab };
    let tabs = TABS.iter().map(tab).collect();
    Ok(KeyTables::new(commands, tabs))
}

fn parsed(names: &[String], line: usize, problems: &mut Vec<KeyProblem>) -> Vec<Key> {
    let mut keys = Vec::new();
    for name in names {
        match Key::parse(name) {
            Ok(key) => keys.push(key),
            Err(KeyName { nearest }) => {
                let name = repeatable(name).into_owned();
                problems.push(KeyProblem { line, fault: KeyFault::UnknownKey(name, nearest) });
            }
        }
    }
    keys
}

/// Every scope that can have the keys: the innermost of those that commands name, and the detail.
pub(crate) fn active_scopes(commands: &[Command]) -> Vec<Scope> {
    let mut scopes: Vec<Scope> = Vec::new();
    for scope in commands.iter().map(|command| command.scope).chain([OPENED]) {
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    scopes
}

/// Keys that two commands have where both apply, and keys that would be typed. Only those of the configuration: the
/// console's own are checked by a test.
fn conflicts(commands: &[Command], lines: &BTreeMap<&'static str, usize>) -> Vec<KeyProblem> {
    let scopes = active_scopes(commands);
    let mut problems = Vec::new();
    let line_of = |command: &Command| lines.get(command.id).copied();
    for (place, one) in commands.iter().enumerate() {
        for key in one.keys {
            let plain = matches!(key.code, KeyCode::Char(_)) && key.modifiers.is_empty();
            if let Some(line) = line_of(one).filter(|_| plain && TYPING.contains(&one.scope)) {
                problems.push(KeyProblem { line, fault: KeyFault::Typed(*key) });
            }
            let meets = |other: &&Command| {
                let both = |scope: &Scope| one.scope.covers(*scope) && other.scope.covers(*scope);
                other.keys.contains(key) && scopes.iter().any(both)
            };
            for other in commands[place + 1..].iter().filter(meets) {
                // It is reported where the configuration gives the key; if it gives it twice, at the later line.
                let (later, earlier) = if line_of(one) > line_of(other) { (one, other) } else { (other, one) };
                if let Some(line) = line_of(later) {
                    let fault = KeyFault::Taken(*key, name(earlier).to_owned(), line_of(earlier));
                    problems.push(KeyProblem { line, fault });
                }
            }
        }
    }
    problems
}

/// What the configuration calls a command.
fn name(command: &Command) -> &str {
    command.id.strip_prefix("user-").filter(|_| command.is_own()).unwrap_or(command.id)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::app::command::{find, within};
    use crate::console::app::keys::{ch, ctrl};
    use crate::console::tabs::objects::commands::TABLE;

    fn setting(command: &str, keys: &[&str], line: usize) -> KeySetting {
        KeySetting { command: command.into(), keys: keys.iter().map(|key| (*key).to_owned()).collect(), line }
    }

    fn words(settings: &[KeySetting]) -> Vec<String> {
        let problems = tables(settings, &[]).unwrap_err();
        problems.iter().map(|problem| format!("{}: {}", problem.line, problem.text(Lang::En))).collect()
    }

    #[test]
    fn a_key_of_the_configuration_replaces_those_of_the_command_and_its_tab() {
        let settings = [setting("find", &["ctrl-o", "F2"], 1), setting("tab-bills", &["0"], 2), setting("act", &[], 3)];
        let tables = tables(&settings, &[]).unwrap();
        let of = |key: Key| find(&tables.commands, TABLE, key).map(|command| command.id);
        assert_eq!(
            (of(ctrl('o')), of(ch('o')), of(ch('0')), of(ch('7'))),
            (Some("find"), None, Some("tab-bills"), None)
        );
        assert_eq!(of(ch('a')), None, "an empty list takes the key away");
        assert!(within(&tables.commands, TABLE).any(|command| command.id == "act"), "the palette still has it");
        let bills = tables.tabs.iter().find(|tab| tab.id == "bills").unwrap();
        assert_eq!(bills.keys, [ch('0')]);
    }

    #[test]
    fn reading_the_same_configuration_again_keeps_nothing_more() {
        let settings = [setting("find", &["ctrl-o", "F2"], 1)];
        let keys = |settings: &[KeySetting]| {
            let tables = tables(settings, &[]).unwrap();
            tables.commands.iter().find(|command| command.id == "find").unwrap().keys
        };
        assert!(std::ptr::eq(keys(&settings), keys(&settings)));
    }

    #[test]
    fn every_mistake_is_named_with_its_line() {
        let settings = [
            setting("fnid", &["x"], 3),
            setting("act", &["enterr"], 4),
            setting("sort", &["c"], 5),
            setting("watch", &["ctrl-t"], 6),
            setting("journal-of", &["ctrl-t"], 7),
            setting("leave-now", &[], 8),
            setting("palette-run", &["x"], 9),
            setting("mark", &["ctrl-i"], 10),
        ];
        let words = words(&settings);
        assert_eq!(words.len(), 7, "{words:#?}");
        for (line, part) in
            [(3, "fnid"), (4, "enter"), (5, "columns"), (7, "watch"), (8, "quit"), (9, "typed"), (10, "ctrl-i")]
        {
            let found = words.iter().any(|words| words.starts_with(&format!("{line}: ")) && words.contains(part));
            assert!(found, "{line} {part}: {words:#?}");
        }
        assert!(words[3].contains("line 6"), "{words:#?}");
    }

    #[test]
    fn two_commands_that_never_apply_together_may_share_a_key() {
        assert!(tables(&[setting("sort", &["ctrl-t"], 1), setting("bulk-stop", &["ctrl-t"], 2)], &[]).is_ok());
        assert!(tables(&[setting("down", &["up"], 1), setting("up", &["down"], 2)], &[]).is_ok(), "a swap");
    }

    #[test]
    fn the_keys_of_every_command_can_be_written_down() {
        for command in COMMANDS.iter() {
            for key in command.keys {
                assert_eq!(Key::parse(&key.name()).ok(), Some(*key), "{}: {}", command.id, key.name());
            }
        }
    }
}
