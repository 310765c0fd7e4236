//! The commands of the journal.

use crate::console::app::command::{Command, ENTER, NotReady, Ready, command, open};
use crate::console::app::keys::ch;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::filter::update as filter;
use crate::console::tabs::journal::update as journal;
use crate::model::action::Action;

/// The journal's table and detail.
pub(crate) const JOURNAL: Scope = Scope::new("journal", &[Scope::BROWSE]);
/// Its table.
pub(crate) const JOURNAL_LIST: Scope = Scope::new("entries", &[JOURNAL, Scope::TABLES, Scope::COLUMNS]);
/// The detail of one entry.
pub(crate) const ENTRY: Scope = Scope::new("entry", &[JOURNAL]);

pub(crate) const COMMANDS: &[Command] = &[
    command("entry-open", JOURNAL_LIST, &[ENTER], 1, entry, journal::open),
    command("entry-search", JOURNAL_LIST, &[ch('/')], 3, open, filter::open),
    command("entry-object", ENTRY, &[ENTER], 1, entry_object, journal::show_object),
    command("entry-repeat", JOURNAL, &[ch('R')], 4, repeatable, journal::repeat),
    command("entry-close", JOURNAL, &[ch('X')], 13, entry_open, journal::close_entry),
    command("entry-copy", JOURNAL, &[ch('y')], 14, entry, journal::copy_number),
    command("entry-copy-json", JOURNAL, &[ch('Y')], 0, entry, journal::copy_json),
    command("entry-copy-curl", JOURNAL, &[ch('c')], 0, entry, journal::copy_curl),
    command("entry-copy-command", JOURNAL, &[ch('x')], 0, entry, journal::copy_command),
];

fn entry(state: &AppState) -> Ready {
    state.view.tabs.journal.selected().map(drop).ok_or(NotReady::Blocked("blocked-nothing-selected"))
}

/// An entry whose action has a form or a preview here.
fn repeatable(state: &AppState) -> Ready {
    let entry = state.view.tabs.journal.selected().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    if let Some(why) = state.forbids_changes() {
        return Err(NotReady::Blocked(why));
    }
    let action = Action::named(&entry.intent.action).filter(|action| action.is_in(state.region()));
    let known = action.filter(|action| action.is_creation() || entry.intent.object.is_some());
    known.map(drop).ok_or(NotReady::Blocked("blocked-not-repeatable"))
}

/// An open entry.
fn entry_open(state: &AppState) -> Ready {
    let entry = state.view.tabs.journal.selected().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    if entry.is_open() { Ok(()) } else { Err(NotReady::Blocked("blocked-entry-ended")) }
}

fn entry_object(state: &AppState) -> Ready {
    let entry = state.view.tabs.journal.selected().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    entry.intent.object.as_ref().map(drop).ok_or(NotReady::Blocked("blocked-no-object"))
}
