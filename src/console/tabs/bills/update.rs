//! The tab of the bills: downloads them, reads their rows, and leads from a row to its object.

use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::AppState;
use crate::console::app::toast::{ToastKind, lines};
use crate::console::dialogs::prompt;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::bills::state::{BillField, BillForm};
use crate::explain;
use crate::explain::findings;
use crate::explain::timeline::bill_name;
use crate::model::bill::{BillFileRow, BillId, BillKind, BillRow, NumberMeaning, TradeRows};
use crate::model::{Kind, Number, ObjectId, Region};
use crate::services::{BillEvent, BillFailure, BillRecord, BillRequest, Intake, Lookup, NotTaken, Request};

pub(crate) fn open_tab(state: &mut AppState) -> Vec<Effect> {
    navigate::open_named(state, "bills")
}

/// Opens a row of a bill, if the bill is here.
pub(crate) fn go_to_row(state: &mut AppState, row: BillRow) -> Vec<Effect> {
    let effects = open_tab(state);
    state.view.tabs.bills.head_for(row);
    effects
}

/// Reports if the bill of a row that was to be opened is not here.
fn arrive(state: &mut AppState) {
    if let Some(bill) = state.view.tabs.bills.arrive() {
        let title = tr!(state.lang, "toast-bill-not-here", bill = bill_name(state.lang, bill));
        let text = vec![state.lang.t("toast-bill-fetch-it")];
        state.view.toasts.push(ToastKind::Info, title, text, state.now);
    }
}

/// Opens the rows of the bill under the cursor.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    state.view.tabs.bills.touch();
    state.view.tabs.bills.open();
    Vec::new()
}

/// Opens the form to download a bill. A Global merchant has statements instead of bills.
pub(crate) fn form(state: &mut AppState) -> Vec<Effect> {
    if state.account().is_some_and(|account| account.merchant.region == Region::Global) {
        return prompt::statement(state);
    }
    let kind = state.view.tabs.bills.shown().map_or(BillKind::Trade(TradeRows::All), |record| record.id.kind);
    state.view.dialogs.push(Dialog::Bill(BillForm::new(kind, state.now)));
    Vec::new()
}

fn filled(state: &mut AppState) -> Option<&mut BillForm> {
    match state.view.dialogs.last_mut() {
        Some(Dialog::Bill(form)) => Some(form),
        _ => None,
    }
}

pub(crate) fn turn_field(state: &mut AppState, forward: bool) -> Vec<Effect> {
    filled(state).into_iter().for_each(|form| form.turn_focus(forward));
    Vec::new()
}

pub(crate) fn choose(state: &mut AppState, forward: bool) -> Vec<Effect> {
    filled(state).into_iter().for_each(|form| match form.focus {
        BillField::Day => form.move_cursor(forward),
        BillField::Kind | BillField::Which => form.choose(forward),
    });
    Vec::new()
}

/// Requests the bill of the form. A day that cannot have one stays open for correction.
pub(crate) fn fetch(state: &mut AppState) -> Vec<Effect> {
    let now = state.now;
    let Some(form) = filled(state) else { return Vec::new() };
    let Ok(day) = form.checked_day(now) else {
        form.refused = true;
        return Vec::new();
    };
    let id = BillId { day, kind: form.kind };
    state.view.dialogs.pop();
    if state.view.tabs.bills.fetching.insert(id, 0).is_some() {
        return Vec::new();
    }
    vec![Request::Bill(BillRequest::Fetch(id)).into()]
}

/// Has the rows of a bill taken into the ledger.
pub(crate) fn note(state: &mut AppState) -> Vec<Effect> {
    let Some(record) = state.view.tabs.bills.shown() else { return Vec::new() };
    vec![Request::Bill(BillRequest::Take(record.id, record.file.clone())).into()]
}

/// Leads from a row to its object: a refund or a transaction.
pub(crate) fn follow(state: &mut AppState) -> Vec<Effect> {
    let wanted = state.view.tabs.bills.reading.as_ref().and_then(|reading| wanted(reading.selected()?));
    let Some(wanted) = wanted else { return Vec::new() };
    state.view.toasts.searching(state.lang, wanted.number(), state.now);
    vec![Request::Follow(wanted).into()]
}

/// The object of a row.
pub(crate) fn wanted(row: &BillFileRow) -> Option<Lookup> {
    let (named, number) = row.numbers().into_iter().next()?;
    let number = Number::parse(number).ok()?;
    Some(match named {
        NumberMeaning::Object(kind) => Lookup::Object(ObjectId::new(kind, number)),
        NumberMeaning::TransactionId => Lookup::Number(number, Some(Kind::Transaction)),
    })
}

pub(crate) fn copy_path(state: &mut AppState) -> Vec<Effect> {
    let path = state.view.tabs.bills.selected().map(|record| record.file.display().to_string());
    navigate::copy(state, path)
}

pub(crate) fn copy_number(state: &mut AppState) -> Vec<Effect> {
    let row = state.view.tabs.bills.reading.as_ref().and_then(|reading| reading.selected());
    let number = row.and_then(|row| row.numbers().first().map(|(_, number)| (*number).to_owned()));
    navigate::copy(state, number)
}

/// An answer about bills.
pub(crate) fn event(state: &mut AppState, event: BillEvent) {
    match event {
        BillEvent::Listed(Ok(records)) => {
            state.view.tabs.bills.list(records.to_vec());
            arrive(state);
        }
        BillEvent::Listed(Err(failure)) => {
            state.view.tabs.bills.list(Vec::new());
            arrive(state);
            let title = state.lang.t("toast-bills-unread");
            failed(state, title, &failure);
        }
        BillEvent::Coming { id, bytes } => {
            if let Some(so_far) = state.view.tabs.bills.fetching.get_mut(&id) {
                *so_far = bytes;
            }
        }
        BillEvent::Fetched { id, result } => {
            state.view.tabs.bills.fetching.remove(&id);
            state.view.tabs.bills.look_again();
            match result {
                Ok(record) => fetched(state, &record),
                Err(failure) => {
                    let title = tr!(state.lang, "toast-bill-failed", bill = bill_name(state.lang, id));
                    failed(state, title, &failure);
                }
            }
        }
        BillEvent::Rows { request, result } => {
            if let Some(reading) = &mut state.view.tabs.bills.reading {
                let result = result.map(|window| (*window).clone()).map_err(|error| error.to_string());
                reading.show(&request, result);
            }
        }
        BillEvent::Taking { id, progress } => {
            state.view.tabs.bills.taking.insert(id, progress);
        }
        BillEvent::Taken { id, result } => {
            state.view.tabs.bills.taking.remove(&id);
            taken(state, id, result);
        }
    }
}

/// Reports a downloaded bill in short, and moves the cursor to it, which shows all of it, unless the operator reads
/// another.
fn fetched(state: &mut AppState, record: &BillRecord) {
    let lang = state.lang;
    let title = tr!(lang, "toast-bill", bill = bill_name(lang, record.id));
    let text = match &record.digest {
        Ok(digest) => {
            let net = digest.totals.figures().pop().map(|(id, value)| format!("{} {value}", lang.t(id)));
            let rows = tr!(lang, "bill-row-count", n = digest.totals.rows());
            let hash = lang.t("toast-bill-hash");
            let mut text = vec![[Some(rows), net, Some(hash)].into_iter().flatten().collect::<Vec<_>>().join(" · ")];
            text.extend(findings(digest, lang).iter().map(|finding| finding.text().to_owned()));
            text
        }
        Err(why) => vec![tr!(lang, "bill-unread", why = why), lang.t("toast-bill-hash")],
    };
    state.view.toasts.push(ToastKind::Done, title, text, state.now);
    state.view.tabs.bills.add(record);
    if state.view.tabs.bills.reading.is_none() {
        state.view.tabs.bills.go_to(record.id);
    }
}

fn failed(state: &mut AppState, title: String, failure: &BillFailure) {
    let text = lines(state.lang, &explain::bill(explain::on_screen(state.lang), failure));
    state.view.toasts.push(ToastKind::Error, title, text, state.now);
}

fn taken(state: &mut AppState, id: BillId, result: Result<Arc<Intake>, Arc<NotTaken>>) {
    let lang = state.lang;
    let bill = bill_name(lang, id);
    match result {
        Ok(intake) => {
            let title = match intake.already {
                true => tr!(lang, "toast-bill-already", bill = bill),
                false => tr!(lang, "toast-bill-taken", n = intake.rows, bill = bill),
            };
            state.view.toasts.push(ToastKind::Done, title, explain::intake(lang, &intake), state.now);
        }
        Err(why) => {
            let title = tr!(lang, "toast-bill-not-taken", bill = bill);
            state.view.toasts.push(ToastKind::Error, title, vec![explain::not_taken(lang, &why)], state.now);
        }
    }
}
