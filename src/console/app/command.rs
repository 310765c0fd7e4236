//! What a command is: its keys, where it applies, whether it can run now, what it does.

use crate::console::app::toast::ToastKind;
use std::fmt;

use crossterm::event::KeyCode;

use crate::console::app::effect::Effect;
use crate::console::app::keys::{Key, special};
use crate::console::app::scope::Scope;
use crate::console::app::state::State;

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
    /// It makes a form or a preview of the object: its key waits until the ledger has answered about it.
    pub needs_history: bool,
    /// It also works on a screen too small to show anything.
    pub unseen: bool,
    run: CommandRun,
    /// Where it does something else than its message says: the message that says what, and its place in the hint line.
    differs: fn(&State) -> Option<Differs>,
}

/// What a command does.
#[derive(Clone, Copy)]
enum CommandRun {
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
pub(crate) type Ready = Result<(), NotReady>;

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

impl fmt::Debug for Command {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Command({})", self.id)
    }
}

impl Command {
    /// Shown with another message, or at another place in the hint line, where `differs` says so.
    pub const fn differing(self, differs: fn(&State) -> Option<Differs>) -> Self {
        Self { differs, ..self }
    }

    pub const fn needing_history(self) -> Self {
        Self { needs_history: true, ..self }
    }

    pub const fn unseen(self) -> Self {
        Self { unseen: true, ..self }
    }

    /// Its place in the hint line where the state is now.
    pub fn rank(&self, state: &State) -> u8 {
        (self.differs)(state).and_then(|differs| differs.hint).unwrap_or(self.hint)
    }

    /// What it does where the state is now, in words.
    pub fn label(&self, state: &State) -> String {
        match (self.differs)(state) {
            Some(differs) => state.lang.t(differs.message),
            None => state.lang.t(&format!("command-{}", self.id)),
        }
    }

    /// Does it, or shows what is in the way.
    pub fn run(&self, state: &mut State) -> Vec<Effect> {
        if let Err(reason) = (self.ready)(state) {
            let text = state.lang.t(reason.message());
            state.view.toasts.push(ToastKind::Info, text, Vec::new(), state.now);
            return Vec::new();
        }
        match self.run {
            CommandRun::Do(run) => run(state),
            CommandRun::OpenTab(tab) => state.open_tab(tab),
        }
    }
}

/// What is shown in place of a command's own message, at its usual place.
pub(crate) const fn shown_as(message: &'static str) -> Option<Differs> {
    Some(Differs { message, hint: None })
}

/// The command a key stands for while a scope has the keys.
pub(crate) fn find(commands: &'static [Command], active: Scope, key: Key) -> Option<&'static Command> {
    within(commands, active).find(|command| command.keys.contains(&key))
}

/// Commands that apply in a scope.
pub(crate) fn within(commands: &'static [Command], active: Scope) -> impl Iterator<Item = &'static Command> {
    commands.iter().filter(move |command| command.scope.covers(active))
}

pub(crate) const fn command(
    id: &'static str,
    scope: Scope,
    keys: &'static [Key],
    hint: u8,
    ready: fn(&State) -> Ready,
    run: fn(&mut State) -> Vec<Effect>,
) -> Command {
    let (needs_history, unseen) = (false, false);
    Command { id, keys, scope, hint, ready, needs_history, unseen, run: CommandRun::Do(run), differs: |_| None }
}

/// The command that opens the tab at this place.
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

pub(crate) fn always(_: &State) -> Ready {
    Ok(())
}

/// An account is open.
pub(crate) fn open(state: &State) -> Ready {
    state.account().map(drop).ok_or(NotReady::Blocked("blocked-not-open"))
}

/// There is an object that a command would be about.
pub(crate) fn selected(state: &State) -> Ready {
    state.subject_id().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

/// The table of objects has rows.
pub(crate) fn rows(state: &State) -> Ready {
    state.list().filter(|list| !list.rows().is_empty()).map(drop).ok_or(NotReady::Blocked("blocked-no-rows"))
}
