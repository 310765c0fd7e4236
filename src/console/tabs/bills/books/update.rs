//! Reconciles a day, lists what is held over, and leads from a difference to its object.

use std::path::PathBuf;

use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::AppState;
use crate::console::app::toast::{ToastKind, lines};
use crate::console::dialogs::state::{Dialog, Prompt};
use crate::console::tabs::bills::books::state::{BooksRow, BooksState};
use crate::console::tabs::bills::state::BillsState;
use crate::explain;
use crate::model::action::is_reason;
use crate::model::reconcile::{BookSide, Movement};
use crate::model::time::beijing_day;
use crate::model::{Kind, Number, ObjectId};
use crate::services::{BillRecord, BillRequest, BooksEvent, Lookup, Request};

/// Asks for the file of orders; without one, the bill is compared with the account and with what is known.
pub(crate) fn ask(state: &mut AppState) -> Vec<Effect> {
    let bills = &state.view.tabs.bills;
    let day = bills.books.as_ref().and_then(|books| books.day).or_else(|| Some(bills.shown()?.id.day));
    let Some(day) = day else { return Vec::new() };
    let against = bills.books.as_ref().and_then(|books| books.against.clone()).or_else(|| bills.against.clone());
    let path = against.map(|path| path.display().to_string()).unwrap_or_default();
    state.view.tabs.bills.asked_day = Some(day);
    state.view.dialogs.push(Dialog::OrdersFile(Prompt::proposing(path)));
    Vec::new()
}

/// Reconciles the day with the file that was typed.
pub(crate) fn start(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::OrdersFile(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let path = prompt.input.value().trim().to_owned();
    state.view.dialogs.pop();
    let against = Some(path).filter(|path| !path.is_empty()).map(PathBuf::from);
    let bills = &mut state.view.tabs.bills;
    let Some(day) = bills.asked_day.take() else { return Vec::new() };
    bills.against = against.clone();
    bills.books = Some(BooksState::of_day(day, against.clone()));
    vec![Request::Bill(BillRequest::Reconcile { day, against, resolve: false }).into()]
}

/// Queries what differs, within the request budget, and compares again.
pub(crate) fn resolve(state: &mut AppState) -> Vec<Effect> {
    let Some(books) = &mut state.view.tabs.bills.books else { return Vec::new() };
    let Some(day) = books.day.filter(|_| !books.pending) else { return Vec::new() };
    books.pending = true;
    vec![Request::Bill(BillRequest::Reconcile { day, against: books.against.clone(), resolve: true }).into()]
}

/// Lists what is held over, or returns to the result.
pub(crate) fn held(state: &mut AppState) -> Vec<Effect> {
    match &mut state.view.tabs.bills.books {
        Some(books) if books.day.is_some() => books.turn(),
        _ => state.view.tabs.bills.books = Some(BooksState::of_held()),
    }
    vec![Request::Bill(BillRequest::Held).into()]
}

/// The object of a difference.
pub(crate) fn wanted(row: &BooksRow) -> Option<Lookup> {
    let kind = match row.difference.movement {
        Movement::Payment | Movement::Reversal => Kind::Transaction,
        Movement::Refund => Kind::Refund,
        Movement::Other => return None,
    };
    let number = Number::parse(&row.difference.number).ok()?;
    Some(Lookup::Object(ObjectId::new(kind, number)))
}

/// Leads to the object of a difference, with its timeline and what can be done with it.
pub(crate) fn follow(state: &mut AppState) -> Vec<Effect> {
    let wanted = state.view.tabs.bills.books.as_ref().and_then(|books| wanted(books.selected()?));
    let Some(wanted) = wanted else { return Vec::new() };
    state.view.toasts.searching(state.lang, wanted.number(), state.now);
    vec![Request::Follow(wanted).into()]
}

/// The bill and the line of its file that the difference under the cursor is about: of the trade bill, else of the account.
pub(crate) fn bill_row(bills: &BillsState) -> Option<(BillRecord, u64)> {
    let books = bills.books.as_ref().filter(|books| !books.pending)?;
    let difference = &books.selected()?.difference;
    let (side, place) = [BookSide::Trade, BookSide::Flow]
        .into_iter()
        .find_map(|side| Some((side, difference.row(side)?.place)))
        .filter(|(_, place)| place.line > 0)?;
    let used = books.file_of(side, place.file)?;
    let record = bills.records().iter().find(|record| record.file == *used && record.present)?;
    Some((record.clone(), u64::from(place.line)))
}

/// Opens that bill at the row. Esc leads back.
pub(crate) fn open_bill(state: &mut AppState) -> Vec<Effect> {
    let bills = &mut state.view.tabs.bills;
    if let Some((record, line)) = bill_row(bills) {
        bills.open_from_books(record, line);
    }
    Vec::new()
}

pub(crate) fn copy_number(state: &mut AppState) -> Vec<Effect> {
    let row = state.view.tabs.bills.books.as_ref().and_then(|books| books.selected());
    let number = row.map(|row| row.difference.number.clone());
    navigate::copy(state, number)
}

/// Asks for the reason for closing the difference under the cursor.
pub(crate) fn ask_reason(state: &mut AppState) -> Vec<Effect> {
    let Some(books) = &mut state.view.tabs.bills.books else { return Vec::new() };
    books.closing = books.selected().and_then(|row| row.id);
    if books.closing.is_some() {
        state.view.dialogs.push(Dialog::CloseDifference(Prompt::default()));
    }
    Vec::new()
}

/// Closes it. Without a reason, the prompt stays.
pub(crate) fn close(state: &mut AppState) -> Vec<Effect> {
    let Some(Dialog::CloseDifference(prompt)) = state.view.dialogs.last() else { return Vec::new() };
    let reason = prompt.input.value().trim().to_owned();
    if !is_reason(&reason) {
        return Vec::new();
    }
    state.view.dialogs.pop();
    let id = state.view.tabs.bills.books.as_mut().and_then(|books| books.closing.take());
    id.map(|id| Request::Bill(BillRequest::CloseDifference { id, reason }).into()).into_iter().collect()
}

/// An answer about a reconciliation.
pub(crate) fn event(state: &mut AppState, event: BooksEvent) {
    let (lang, today) = (state.lang, beijing_day(state.now));
    match event {
        BooksEvent::Reconciled { day, result } => {
            state.view.tabs.bills.look_again();
            if let Err(error) = &result {
                let text = lines(lang, &explain::not_reconciled(lang, error));
                let title = lang.t("cli-error-not-reconciled");
                state.view.toasts.push(ToastKind::Error, title, text, state.now);
            }
            if let Some(books) = state.view.tabs.bills.books.as_mut().filter(|books| books.day == Some(day)) {
                books.show(result, today);
            }
        }
        BooksEvent::Held(Ok(held)) => {
            if let Some(books) = &mut state.view.tabs.bills.books {
                books.hold(&held, today);
            }
        }
        BooksEvent::Held(Err(error)) => {
            let text = lines(lang, &explain::ledger(explain::on_screen(lang), &error));
            let title = lang.t("cli-error-not-reconciled");
            state.view.toasts.push(ToastKind::Error, title, text, state.now);
        }
        BooksEvent::Closed { id, result } => match result {
            Ok(journal) => {
                if let Some(books) = &mut state.view.tabs.bills.books {
                    books.closed(id);
                }
                let title = tr!(lang, "reconcile-closed", id = id.to_string(), journal = journal.to_string());
                state.view.toasts.push(ToastKind::Done, title, Vec::new(), state.now);
            }
            Err(error) => {
                let title = explain::not_closed(lang, id, &error);
                state.view.toasts.push(ToastKind::Error, title, Vec::new(), state.now);
            }
        },
    }
}
