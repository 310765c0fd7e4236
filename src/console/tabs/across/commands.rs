//! The commands of the table over all profiles.

use crate::console::app::command::{Command, Differs, ENTER, command, open};
use crate::console::app::keys::ch;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::filter::update as filter;
use crate::console::tabs::across::update as across;

pub(crate) const ACROSS: Scope = Scope::new("all-profiles", &[Scope::TABLES, Scope::COLUMNS, Scope::BROWSE]);

pub(crate) const COMMANDS: &[Command] = &[
    command("across-act", ACROSS, &[ch('a')], 2, across::openable, across::act),
    command("across-open", ACROSS, &[ENTER], 1, across::openable, across::open),
    command("across-filter", ACROSS, &[ch('/')], 3, open, filter::open),
    command("across-copy", ACROSS, &[ch('y')], 14, across::selected, across::copy_number),
    command("across-mark", ACROSS, &[ch(' '), ch('*'), ch('V'), ch('I')], 0, across::needs_one, |_| Vec::new()),
    command("across-new", ACROSS, &[ch('n')], 0, across::needs_one, |_| Vec::new()),
];

/// How the command that opens this table is shown.
pub(crate) fn toggle_shown_as(state: &AppState) -> Option<Differs> {
    state.across()?;
    Some(Differs { message: "command-one-profile", hint: Some(3) })
}
