//! The commands of the bills.

use crate::console::app::command::{
    BACK_TAB, Command, DOWN, ENTER, ESC, LEFT, NotReady, RIGHT, Ready, TAB, UP, always, command, open,
};
use crate::console::app::keys::ch;
use crate::console::app::scope::Scope;
use crate::console::app::state::AppState;
use crate::console::dialogs::scopes::BILL_FORM;
use crate::console::dialogs::update as dialog;
use crate::console::tabs::bills::books::update as books;
use crate::console::tabs::bills::update as bills;

/// The list of bills, and the rows of one.
pub(crate) const OF_BILLS: Scope = Scope::new("of-bills", &[Scope::TABLES, Scope::BROWSE]);
/// The list of bills.
pub(crate) const BILLS: Scope = Scope::new("bills", &[OF_BILLS]);
/// A reconciliation, or what is held over.
pub(crate) const BOOKS: Scope = Scope::new("books", &[Scope::TABLES, Scope::BROWSE]);
/// The rows of a bill.
pub(crate) const BILL_ROWS: Scope = Scope::new("bill-rows", &[OF_BILLS]);

pub(crate) const COMMANDS: &[Command] = &[
    command("bill-open", BILLS, &[ENTER], 1, bill, bills::open),
    command("bill-row", BILL_ROWS, &[ENTER], 1, bill_row, bills::follow),
    command("bill-fetch", OF_BILLS, &[ch('n')], 2, open, bills::form),
    command("bill-note", OF_BILLS, &[ch('i')], 4, bill, bills::note),
    command("bill-reconcile", OF_BILLS, &[ch('=')], 3, trade_bill, books::ask),
    command("bill-held", OF_BILLS, &[ch('h')], 0, always, books::held),
    command("books-row", BOOKS, &[ENTER], 1, difference, books::follow),
    command("books-bill", BOOKS, &[ch('v')], 2, of_bill, books::open_bill),
    command("books-close", BOOKS, &[ch('X')], 3, held, books::ask_reason),
    command("books-resolve", BOOKS, &[ch('u')], 5, reconciled, books::resolve),
    command("books-held", BOOKS, &[ch('h')], 5, always, books::held),
    command("books-again", BOOKS, &[ch('=')], 4, reconciled, books::ask),
    command("books-copy-number", BOOKS, &[ch('y')], 14, difference, books::copy_number),
    command("bill-copy", BILLS, &[ch('y')], 14, listed, bills::copy_path),
    command("bill-copy-number", BILL_ROWS, &[ch('y')], 14, bill_row, bills::copy_number),
    command("bill-form-fetch", BILL_FORM, &[ENTER], 1, always, bills::fetch),
    command("bill-form-choose", BILL_FORM, &[RIGHT], 2, always, |state| bills::choose(state, true)),
    command("bill-form-choose-back", BILL_FORM, &[LEFT], 0, always, |state| bills::choose(state, false)),
    command("bill-form-next", BILL_FORM, &[TAB, DOWN], 3, always, |state| bills::turn_field(state, true)),
    command("bill-form-previous", BILL_FORM, &[BACK_TAB, UP], 0, always, |state| bills::turn_field(state, false)),
    command("bill-form-close", BILL_FORM, &[ESC], 4, always, dialog::close),
];

/// A bill of a day that can be reconciled.
fn trade_bill(state: &AppState) -> Ready {
    open(state)?;
    state.view.tabs.bills.shown().map(drop).ok_or(NotReady::Blocked("blocked-no-bill"))
}

fn reconciled(state: &AppState) -> Ready {
    let books = state.view.tabs.bills.books.as_ref().filter(|books| books.day.is_some() && !books.pending);
    books.map(drop).ok_or(NotReady::Blocked("blocked-not-reconciled"))
}

fn difference(state: &AppState) -> Ready {
    let books = state.view.tabs.bills.books.as_ref();
    let row = books.and_then(|books| books.selected()).ok_or(NotReady::Blocked("blocked-nothing-selected"))?;
    books::wanted(row).map(drop).ok_or(NotReady::Blocked("blocked-row-without-object"))
}

/// A difference with a row of a downloaded bill.
fn of_bill(state: &AppState) -> Ready {
    books::bill_row(&state.view.tabs.bills).map(drop).ok_or(NotReady::Blocked("blocked-no-bill-row"))
}

/// A difference that is open.
fn held(state: &AppState) -> Ready {
    let row = state.view.tabs.bills.books.as_ref().and_then(|books| books.selected());
    row.and_then(|row| row.id).map(drop).ok_or(NotReady::Blocked("blocked-not-held"))
}

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
