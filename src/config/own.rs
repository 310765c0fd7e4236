//! `[keys]`, `[commands.NAME]` and `[hooks]`: what the operator adds to the console.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;
use super::lines::line_of;
use super::rules::{DURATION, duration};
use crate::model::Kind;
use crate::program::{Hooks, Program, Template, TemplateError, UserCommand};

/// How long a command of the operator's may take, unless it says otherwise; and a hook.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(30);
const HOOK_TIMEOUT: Duration = Duration::from_secs(10);

/// The keys of one command of the console, as they are written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyBinding {
    pub command: String,
    pub keys: Vec<String>,
    /// Counted from 1.
    pub line: usize,
}

/// One text, or several.
#[derive(Deserialize)]
#[serde(untagged, expecting = "a key in quotes, or a list of them")]
pub(super) enum Texts {
    One(String),
    Many(Vec<String>),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct CommandTable {
    label: Option<String>,
    key: Option<Texts>,
    kinds: Option<Vec<String>>,
    run: Option<Vec<String>>,
    shell: Option<bool>,
    confirm: Option<bool>,
    dangerous: Option<bool>,
    timeout: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct HooksTable {
    on_final: Option<HookTable>,
    on_change: Option<HookTable>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct HookTable {
    run: Option<Vec<String>>,
    shell: Option<bool>,
    timeout: Option<String>,
}

/// What reads the tables.
pub(super) struct OwnReader<'a> {
    pub path: &'a std::path::Path,
    pub text: &'a str,
    pub withheld: Arc<[String]>,
}

impl From<Texts> for Vec<String> {
    fn from(texts: Texts) -> Self {
        match texts {
            Texts::One(text) => vec![text],
            Texts::Many(texts) => texts,
        }
    }
}

impl OwnReader<'_> {
    pub(super) fn keys(&self, table: BTreeMap<String, Texts>) -> Vec<KeyBinding> {
        let binding = |(command, keys): (String, Texts)| {
            let line = line_of(self.text, &format!("keys.{command}")).unwrap_or(1);
            KeyBinding { command, keys: keys.into(), line }
        };
        let mut bindings: Vec<KeyBinding> = table.into_iter().map(binding).collect();
        bindings.sort_by_key(|binding| binding.line);
        bindings
    }

    pub(super) fn commands(&self, table: BTreeMap<String, CommandTable>) -> Result<Vec<UserCommand>, ConfigError> {
        table.into_iter().map(|(name, table)| self.command(name, table)).collect()
    }

    fn command(&self, name: String, table: CommandTable) -> Result<UserCommand, ConfigError> {
        let key = format!("commands.{name}");
        let kind = |noun: String| {
            let known = || Kind::ALL.map(|kind| format!("{:?}", kind.noun())).join(", ");
            let found = Kind::ALL.into_iter().find(|kind| kind.noun() == noun);
            found.ok_or_else(|| ConfigError::value(&format!("{key}.kinds"), &noun, &known()))
        };
        let kinds = table.kinds.unwrap_or_default().into_iter().map(kind).collect::<Result<_, _>>()?;
        let shell = table.shell.unwrap_or(false);
        Ok(UserCommand {
            program: self.program(&key, table.run, shell, table.timeout.as_deref(), COMMAND_TIMEOUT)?,
            label: table.label,
            keys: table.key.map(Vec::from).unwrap_or_default(),
            kinds,
            confirm: table.confirm.unwrap_or(false),
            dangerous: table.dangerous.unwrap_or(false),
            line: line_of(self.text, &key).unwrap_or(1),
            name,
        })
    }

    pub(super) fn hooks(&self, table: HooksTable) -> Result<Hooks, ConfigError> {
        let hook = |name: &str, table: Option<HookTable>| {
            let key = format!("hooks.{name}");
            let read = |HookTable { run, shell, timeout }: HookTable| {
                self.program(&key, run, shell.unwrap_or(false), timeout.as_deref(), HOOK_TIMEOUT)
            };
            table.map(read).transpose()
        };
        Ok(Hooks { on_final: hook("on_final", table.on_final)?, on_change: hook("on_change", table.on_change)? })
    }

    fn program(
        &self,
        key: &str,
        run: Option<Vec<String>>,
        shell: bool,
        timeout: Option<&str>,
        usual: Duration,
    ) -> Result<Program, ConfigError> {
        let at = |name: &str| format!("{key}.{name}");
        let run = run.ok_or_else(|| ConfigError::Missing { path: self.path.to_owned(), key: at("run") })?;
        let expected = if shell { "[\"one line for the shell\"]" } else { "[\"program\", \"argument\", …]" };
        // For the shell the program itself may not be a value either.
        if run.is_empty()
            || run.iter().any(String::is_empty)
            || shell && run.len() != 1
            || run[0].contains('{') && !shell
        {
            return Err(ConfigError::value(&at("run"), "…", expected));
        }
        let template = |text: &String| match shell {
            true => Template::for_shell(text),
            false => Template::parse(text),
        };
        let wrong = |source: TemplateError| ConfigError::Template { key: at("run"), source };
        let run = run.iter().map(template).collect::<Result<_, _>>().map_err(wrong)?;
        let timeout = match timeout {
            None => usual,
            Some(text) => {
                let asked = duration(&at("timeout"), text)?;
                Duration::try_from(asked).map_err(|_| ConfigError::value(&at("timeout"), text, DURATION))?
            }
        };
        Ok(Program { run, shell, timeout, withheld: self.withheld.clone() })
    }
}
