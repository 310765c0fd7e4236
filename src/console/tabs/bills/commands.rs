//! The commands of the bills.

use crate::console::app::command::{
    BACK_TAB, Command, DOWN, ENTER, ESC, LEFT, NotReady, RIGHT, Ready, TAB, UP, always, command, open,
};
use crate::console::app::keys::ch;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::scopes::BILL_FORM;
use crate::console::dialogs::update as dialog;
use crate::console::tabs::bills::update as bills;

/// The list of bills, and the rows of one.
pub(crate) const OF_BILLS: Scope = Scope::new("of-bills", &[Scope::TABLES, Scope::BROWSE]);
/// The list of bills.
pub(crate) const BILLS: Scope = Scope::new("bills", &[OF_BILLS]);
/// The rows of a bill.
pub(crate) const BILL_ROWS: Scope = Scope::new("bill-rows", &[OF_BILLS]);

pub(crate) const COMMANDS: &[Command] = &[
    command("bill-open", BILLS, &[ENTER], 1, bill, bills::open),
    command("bill-row", BILL_ROWS, &[ENTER], 1, bill_row, bills::follow),
    command("bill-fetch", OF_BILLS, &[ch('n')], 2, open, bills::form),
    command("bill-note", OF_BILLS, &[ch('i')], 3, bill, bills::note),
    command("bill-copy", BILLS, &[ch('y')], 14, listed, bills::copy_path),
    command("bill-copy-number", BILL_ROWS, &[ch('y')], 14, bill_row, bills::copy_number),
    command("bill-form-fetch", BILL_FORM, &[ENTER], 1, always, bills::fetch),
    command("bill-form-choose", BILL_FORM, &[RIGHT], 2, always, |state| bills::choose(state, true)),
    command("bill-form-choose-back", BILL_FORM, &[LEFT], 0, always, |state| bills::choose(state, false)),
    command("bill-form-next", BILL_FORM, &[TAB, DOWN], 3, always, |state| bills::turn_field(state, true)),
    command("bill-form-previous", BILL_FORM, &[BACK_TAB, UP], 0, always, |state| bills::turn_field(state, false)),
    command("bill-form-close", BILL_FORM, &[ESC], 4, always, dialog::close),
];

fn listed(state: &AppState) -> Ready {
    state.view.tabs.bills.selected().map(drop).ok_or(NotReady::Blocked("blocked-no-bill"))
}

/// A bill whose file exists.
fn bill(state: &AppState) -> Ready {
    let record = state.view.tabs.bills.shown().ok_or(NotReady::Blocked("blocked-no-bill"))?;
    if record.present { Ok(()) } else { Err(NotReady::Blocked("blocked-bill-gone")) }
}

fn bill_row(state: &AppState) -> Ready {
    let reading = state.view.tabs.bills.reading.as_ref().ok_or(NotReady::Blocked("blocked-no-bill"))?;
    let row = reading.selected().ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    bills::wanted(row).map(drop).ok_or(NotReady::Blocked("blocked-row-without-object"))
}
