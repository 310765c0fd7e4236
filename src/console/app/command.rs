//! Commands: their keys, where they apply, whether they can run now, what they do.

use crate::console::app::toast::ToastKind;
use std::fmt;

use crossterm::event::KeyCode;

use crate::console::app::effect::Effect;
use crate::console::app::keys::{Key, special};
use crate::console::app::navigate;
use crate::console::app::scope::Scope;
use crate::console::app::state::{AppState, Stage};
use crate::i18n::Lang;
use crate::program::UserCommand;
use crate::text::neutralise;

/// One command.
#[derive(Clone, Copy)]
pub struct Command {
    /// The suffix of its message, after `command-`.
    pub id: &'static str,
    pub keys: &'static [Key],
    pub scope: Scope,
    /// Its position in the hint line; 0 keeps it out.
    pub hint: u8,
    pub ready: fn(&AppState) -> Ready,
    /// It makes a form or a preview of the object: its key waits until the ledger has answered about it.
    pub needs_history: bool,
    /// It also works on a screen too small to show anything.
    pub unseen: bool,
    run: CommandRun,
    /// If it does something else in this state: the message for that, and its position in the hint line.
    differs: fn(&AppState) -> Option<Differs>,
}

/// What a command does.
#[derive(Clone, Copy)]
enum CommandRun {
    Do(fn(&mut AppState) -> Vec<Effect>),
    OpenTab(usize),
    Own(OwnCommand),
}

/// A command of the operator's, and what the console does with it.
#[derive(Clone, Copy)]
pub(crate) struct OwnCommand {
    pub(crate) command: &'static UserCommand,
    pub(crate) run: fn(&mut AppState, &'static UserCommand) -> Vec<Effect>,
    pub(crate) blocked: fn(&AppState, &UserCommand) -> Option<String>,
}

/// The message of a command where it differs from the usual one.
#[derive(Clone, Copy)]
pub struct Differs {
    pub message: &'static str,
    pub hint: Option<u8>,
}

/// Whether a command can run now.
pub(crate) type Ready = Result<(), NotReady>;

/// Why a command cannot run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReady {
    /// The ledger is about to answer: the key waits for that.
    Wait,
    /// The message that says why not.
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

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.id)
    }
}

impl Command {
    /// Shown with another message or at another position in the hint line, if `differs` returns one.
    pub(crate) const fn differing(self, differs: fn(&AppState) -> Option<Differs>) -> Self {
        Self { differs, ..self }
    }

    pub(crate) const fn needing_history(self) -> Self {
        Self { needs_history: true, ..self }
    }

    pub(crate) const fn unseen(self) -> Self {
        Self { unseen: true, ..self }
    }

    /// Its place in the hint line where the state is now.
    pub(crate) fn rank(&self, state: &AppState) -> u8 {
        (self.differs)(state).and_then(|differs| differs.hint).unwrap_or(self.hint)
    }

    /// Its text in this state.
    pub fn label(&self, state: &AppState) -> String {
        match (self.differs)(state) {
            Some(differs) => state.lang.t(differs.message),
            None => self.name(state.lang),
        }
    }

    /// Its text, whatever the state; of the operator's own what the configuration calls it.
    pub fn name(&self, lang: Lang) -> String {
        match &self.run {
            CommandRun::Own(own) => neutralise(own.command.label()).into_owned(),
            _ => lang.t(&format!("command-{}", self.id)),
        }
    }

    /// Why it cannot run in this state, if so.
    pub(crate) fn blocked(&self, state: &AppState) -> Option<String> {
        let reason = (self.ready)(state).err().map(|reason| state.lang.t(reason.message()));
        reason.or_else(|| match &self.run {
            CommandRun::Own(own) => (own.blocked)(state, own.command),
            _ => None,
        })
    }

    /// True for a command of the operator's.
    pub(crate) fn is_own(&self) -> bool {
        matches!(self.run, CommandRun::Own(_))
    }

    pub(crate) fn own(id: &'static str, scope: Scope, keys: &'static [Key], own: OwnCommand) -> Self {
        Self { run: CommandRun::Own(own), ..command(id, scope, keys, 0, always, |_| Vec::new()) }
    }

    /// Runs it, or shows why it cannot run.
    pub fn run(&self, state: &mut AppState) -> Vec<Effect> {
        if let Err(reason) = (self.ready)(state) {
            let text = state.lang.t(reason.message());
            state.view.toasts.push(ToastKind::Info, text, Vec::new(), state.now);
            return Vec::new();
        }
        match self.run {
            CommandRun::Do(run) => run(state),
            CommandRun::OpenTab(tab) => navigate::open_tab(state, tab),
            CommandRun::Own(own) => (own.run)(state, own.command),
        }
    }
}

/// Replaces a command's message and keeps its position.
pub(crate) const fn shown_as(message: &'static str) -> Option<Differs> {
    Some(Differs { message, hint: None })
}

/// The command of a key in a scope.
pub(crate) fn find(commands: &[Command], active: Scope, key: Key) -> Option<&Command> {
    within(commands, active).find(|command| command.keys.contains(&key))
}

/// Commands that apply in a scope.
pub(crate) fn within(commands: &[Command], active: Scope) -> impl Iterator<Item = &Command> {
    commands.iter().filter(move |command| command.scope.covers(active))
}

pub(crate) const fn command(
    id: &'static str,
    scope: Scope,
    keys: &'static [Key],
    hint: u8,
    ready: fn(&AppState) -> Ready,
    run: fn(&mut AppState) -> Vec<Effect>,
) -> Command {
    let (needs_history, unseen) = (false, false);
    Command { id, keys, scope, hint, ready, needs_history, unseen, run: CommandRun::Do(run), differs: |_| None }
}

/// The command that opens the tab at this index.
pub(crate) const fn opening(id: &'static str, keys: &'static [Key], tab: usize) -> Command {
    Command { run: CommandRun::OpenTab(tab), ..command(id, Scope::BROWSE, keys, 0, always, |_| Vec::new()) }
}

pub(crate) const ENTER: Key = special(KeyCode::Enter);
pub(crate) const ESC: Key = special(KeyCode::Esc);
pub(crate) const BACKSPACE: Key = special(KeyCode::Backspace);
pub(crate) const UP: Key = special(KeyCode::Up);
pub(crate) const DOWN: Key = special(KeyCode::Down);
pub(crate) const LEFT: Key = special(KeyCode::Left);
pub(crate) const RIGHT: Key = special(KeyCode::Right);
pub(crate) const TAB: Key = special(KeyCode::Tab);
pub(crate) const BACK_TAB: Key = special(KeyCode::BackTab);
pub(crate) const PAGE_UP: Key = special(KeyCode::PageUp);
pub(crate) const PAGE_DOWN: Key = special(KeyCode::PageDown);
pub(crate) const HOME: Key = special(KeyCode::Home);
pub(crate) const END: Key = special(KeyCode::End);

pub(crate) fn always(_: &AppState) -> Ready {
    Ok(())
}

/// The account cannot be changed while an operation is in progress.
pub(crate) fn settled(state: &AppState) -> Ready {
    match state.stage {
        Stage::Opening(_) => Err(NotReady::Blocked("blocked-not-open")),
        _ if state.is_busy() => Err(NotReady::Blocked("blocked-in-flight")),
        _ if state.profiles.is_empty() => Err(NotReady::Blocked("blocked-no-profiles")),
        _ => Ok(()),
    }
}

/// An account is open.
pub(crate) fn open(state: &AppState) -> Ready {
    state.account().map(drop).ok_or(NotReady::Blocked("blocked-not-open"))
}

/// There is an object that commands apply to.
pub(crate) fn selected(state: &AppState) -> Ready {
    state.subject_id().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

/// The table of objects has rows.
pub(crate) fn rows(state: &AppState) -> Ready {
    state.list().filter(|list| !list.rows().is_empty()).map(drop).ok_or(NotReady::Blocked("blocked-no-rows"))
}
