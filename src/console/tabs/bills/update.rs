//! The tab of the bills: fetching one, reading its rows, and the way from a row to its object.

use crate::console::app::effect::Effect;
use crate::console::app::navigate;
use crate::console::app::state::State;
use crate::console::app::toast::{ToastKind, lines};
use crate::console::dialogs::prompt;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::bills::state::BillForm;
use crate::explain;
use crate::explain::findings;
use crate::explain::timeline::bill_name;
use crate::i18n::ToText;
use crate::model::bill::{BillId, BillKind, BillRow, Named, Row, TradeRows};
use crate::model::{Kind, Number, ObjectId, Region};
use crate::services::{BillEvent, BillFailure, BillRecord, BillRequest, NotNoted, Request, Wanted};

pub fn open_tab(state: &mut State) -> Vec<Effect> {
    navigate::open_named(state, "bills")
}

/// Shows a row of a bill, if that is here.
pub fn go_to_row(state: &mut State, row: BillRow) -> Vec<Effect> {
    let effects = open_tab(state);
    state.view.bills.head_for(row);
    effects
}

/// Where a row was to be shown and its bill is not here, says so.
fn arrive(state: &mut State) {
    if let Some(bill) = state.view.bills.arrive() {
        let title = state.lang.tr("toast-bill-not-here", &[("bill", &bill_name(state.lang, bill))]);
        let text = vec![state.lang.t("toast-bill-fetch-it").into_owned()];
        state.view.toasts.push(ToastKind::Info, title, text, state.now);
    }
}

/// The rows of the bill under the cursor.
pub fn open(state: &mut State) -> Vec<Effect> {
    state.view.bills.touch();
    state.view.bills.open();
    Vec::new()
}

/// The form for another. A Global merchant has statements in place of bills.
pub fn form(state: &mut State) -> Vec<Effect> {
    if state.account().is_some_and(|account| account.merchant.region == Region::Global) {
        return prompt::statement(state);
    }
    let kind = state.view.bills.shown().map_or(BillKind::Trade(TradeRows::All), |record| record.id.kind);
    state.view.dialogs.push(Dialog::Bill(BillForm::new(kind, state.now)));
    Vec::new()
}

fn filled(state: &mut State) -> Option<&mut BillForm> {
    match state.view.dialogs.last_mut() {
        Some(Dialog::Bill(form)) => Some(form),
        _ => None,
    }
}

pub fn turn_field(state: &mut State, forward: bool) -> Vec<Effect> {
    filled(state).into_iter().for_each(|form| form.turn_focus(forward));
    Vec::new()
}

pub fn choose(state: &mut State, forward: bool) -> Vec<Effect> {
    filled(state).into_iter().for_each(|form| form.choose(forward));
    Vec::new()
}

/// Has the bill fetched that the form asks for. A day that can have none stays to be mended.
pub fn fetch(state: &mut State) -> Vec<Effect> {
    let now = state.now;
    let Some(form) = filled(state) else { return Vec::new() };
    let Ok(day) = form.checked_day(now) else {
        form.refused = true;
        return Vec::new();
    };
    let id = BillId { day, kind: form.kind };
    state.view.dialogs.pop();
    if state.view.bills.fetching.insert(id, 0).is_some() {
        return Vec::new();
    }
    vec![Request::Bill(BillRequest::Fetch(id)).into()]
}

/// Has the numbers noted that a bill names.
pub fn note(state: &mut State) -> Vec<Effect> {
    let Some(record) = state.view.bills.shown() else { return Vec::new() };
    vec![Request::Bill(BillRequest::Note(record.id, record.file.clone())).into()]
}

/// From a row to its object: a refund's, a transaction's.
pub fn follow(state: &mut State) -> Vec<Effect> {
    let wanted = state.view.bills.reading.as_ref().and_then(|reading| wanted(reading.selected()?));
    let Some(wanted) = wanted else { return Vec::new() };
    state.view.toasts.searching(state.lang, wanted.number(), state.now);
    vec![Request::Follow(wanted).into()]
}

/// What a row is about.
pub fn wanted(row: &Row) -> Option<Wanted> {
    let (named, number) = row.numbers().into_iter().next()?;
    let number = Number::parse(number).ok()?;
    Some(match named {
        Named::Object(kind) => Wanted::Object(ObjectId::new(kind, number)),
        Named::TransactionId => Wanted::Number(number, Some(Kind::Transaction)),
    })
}

pub fn copy_path(state: &mut State) -> Vec<Effect> {
    let path = state.view.bills.selected().map(|record| record.file.display().to_string());
    navigate::copy(state, path)
}

pub fn copy_number(state: &mut State) -> Vec<Effect> {
    let row = state.view.bills.reading.as_ref().and_then(|reading| reading.selected());
    let number = row.and_then(|row| row.numbers().first().map(|(_, number)| (*number).to_owned()));
    navigate::copy(state, number)
}

/// The session tells of bills.
pub fn event(state: &mut State, event: BillEvent) -> Vec<Effect> {
    match event {
        BillEvent::Listed(Ok(records)) => {
            state.view.bills.list(records.to_vec());
            arrive(state);
        }
        BillEvent::Listed(Err(failure)) => {
            state.view.bills.list(Vec::new());
            arrive(state);
            let title = state.lang.t("toast-bills-unread").into_owned();
            failed(state, title, &failure);
        }
        BillEvent::Coming { id, bytes } => {
            if let Some(so_far) = state.view.bills.fetching.get_mut(&id) {
                *so_far = bytes;
            }
        }
        BillEvent::Fetched { id, result } => {
            state.view.bills.fetching.remove(&id);
            state.view.bills.look_again();
            match result {
                Ok(record) => fetched(state, &record),
                Err(failure) => {
                    let title = state.lang.tr("toast-bill-failed", &[("bill", &bill_name(state.lang, id))]);
                    failed(state, title, &failure);
                }
            }
        }
        BillEvent::Rows { request, result } => {
            if let Some(reading) = &mut state.view.bills.reading {
                let result = result.map(|window| (*window).clone()).map_err(|error| error.to_string());
                reading.show(&request, result);
            }
        }
        BillEvent::Noted { id, result } => noted(state, id, result),
    }
    Vec::new()
}

/// Tells what a bill comes to, and goes to it unless the operator is somewhere else.
fn fetched(state: &mut State, record: &BillRecord) {
    let lang = state.lang;
    let title = lang.tr("toast-bill", &[("bill", &bill_name(lang, record.id))]);
    let text = match &record.digest {
        Ok(digest) => {
            let figures = digest.totals.figures().into_iter().map(|(id, value)| format!("{} {value}", lang.t(id)));
            let rows = lang.tr("bill-row-count", &[("n", &digest.totals.rows())]);
            let mut text = vec![rows, figures.collect::<Vec<_>>().join(" · ")];
            text.extend(findings(digest, lang).iter().map(|finding| finding.text().to_owned()));
            text
        }
        Err(why) => vec![lang.tr("bill-unread", &[("why", why)])],
    };
    let hash = lang.tr("toast-bill-hash", &[("hash", &record.sha1)]);
    state.view.toasts.push(ToastKind::Done, title, text.into_iter().chain([hash]).collect(), state.now);
    state.view.bills.add(record);
    if state.view.bills.reading.is_none() {
        state.view.bills.go_to(record.id);
    }
}

fn failed(state: &mut State, title: String, failure: &BillFailure) {
    let text = lines(state.lang, &explain::bill(explain::on_screen(state.lang), failure));
    state.view.toasts.push(ToastKind::Error, title, text, state.now);
}

fn noted(state: &mut State, id: BillId, result: Result<(usize, Vec<Kind>), NotNoted>) {
    let lang = state.lang;
    let bill = bill_name(lang, id);
    match result {
        Ok((count, _)) => {
            let words: [(&str, &dyn ToText); 2] = [("n", &count), ("bill", &bill)];
            state.view.toasts.push(ToastKind::Done, lang.tr("toast-bill-noted", &words), Vec::new(), state.now);
        }
        Err(NotNoted::Bill(failure)) => {
            let title = lang.tr("toast-bill-not-noted", &[("bill", &bill)]);
            failed(state, title, &failure);
        }
        Err(NotNoted::Altered(path)) => {
            let title = lang.tr("toast-bill-not-noted", &[("bill", &bill)]);
            let why = lang.tr("cli-error-altered-bill", &[("path", &path.display().to_string())]);
            state.view.toasts.push(ToastKind::Error, title, vec![why], state.now);
        }
        Err(NotNoted::Ledger(error)) => {
            let title = lang.tr("toast-bill-not-noted", &[("bill", &bill)]);
            state.view.toasts.push(
                ToastKind::Error,
                title,
                lines(lang, &explain::ledger(explain::on_screen(lang), &error)),
                state.now,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use time::macros::{date, datetime};

    use super::*;
    use crate::api::ApiError;
    use crate::api::Failure;
    use crate::console::app::effect::Effect;
    use crate::console::app::msg::Msg;
    use crate::console::app::placed::{LineKey, Target};
    use crate::console::tabs::bills::state::newest_day;
    use crate::console::tests::fixture;
    use crate::console::tests::fixture::{Console, hear, open, press};
    use crate::i18n::Lang;
    use crate::model::bill::FundAccount;
    use crate::services::Event;

    fn console(rows: i64) -> Console {
        let mut console = open(Lang::En, (120, 40));
        fixture::bills(&mut console, rows);
        press(&mut console, "7");
        console
    }

    fn trade(day: time::Date) -> BillId {
        BillId { day, kind: BillKind::Trade(TradeRows::All) }
    }

    fn follow(console: &mut Console, keys: &str) -> Option<Wanted> {
        match press(console, keys).as_slice() {
            [Effect::Ask(Request::Follow(wanted))] => Some(wanted.clone()),
            [] => None,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_form_proposes_yesterday_and_asks_for_no_day_that_goes_on() {
        let mut state = console(3);
        let fetch = |id| [Effect::Ask(Request::Bill(BillRequest::Fetch(id)))];
        assert_eq!(press(&mut state, "n<Enter>"), fetch(trade(date!(2026 - 11 - 20))));
        assert_eq!(press(&mut state, "n<Enter>"), [], "it is on its way already");
        // The kind, then which of its bills, then the day.
        press(&mut state, "n<Right><Tab><Left>");
        let fees = BillId { day: date!(2026 - 11 - 20), kind: BillKind::FundFlow(FundAccount::Fees) };
        assert_eq!(press(&mut state, "<Enter>"), fetch(fees));
        press(&mut state, "n<Tab><Tab><Back><Back>21");
        assert_eq!(press(&mut state, "<Enter>"), []);
        assert!(matches!(state.view.dialogs.last(), Some(Dialog::Bill(form)) if form.refused));
        press(&mut state, "<Back><Back>18");
        assert_eq!(press(&mut state, "<Enter>"), fetch(trade(date!(2026 - 11 - 18))));
        assert!(state.view.dialogs.is_empty());
        // What is typed is the day, whichever field had the keys.
        press(&mut state, "n<Back>9");
        assert_eq!(press(&mut state, "<Enter>"), []);
    }

    #[test]
    fn the_form_proposes_no_bill_that_is_not_yet_made() {
        for (now, proposed) in [
            (datetime!(2026-11-21 09:59:59 +8), date!(2026 - 11 - 19)),
            (datetime!(2026-11-21 10:00:00 +8), date!(2026 - 11 - 20)),
            (datetime!(2026-11-20 23:00:00 UTC), date!(2026 - 11 - 19)),
        ] {
            assert_eq!(newest_day(now), Some(proposed), "{now}");
        }
    }

    #[test]
    fn progress_is_shown_until_the_bill_has_come_or_has_not() {
        let mut state = console(3);
        let id = trade(date!(2026 - 11 - 18));
        press(&mut state, "n<Tab><Tab><Back><Back>18<Enter>");
        hear(&mut state, Event::Bill(BillEvent::Coming { id, bytes: 77 }));
        assert_eq!(state.view.bills.fetching.get(&id), Some(&77));
        let error = ApiError::Unreachable(Failure::Timeout { seconds: 9 });
        let result = Err(Arc::new(BillFailure::Api(error)));
        hear(&mut state, Event::Bill(BillEvent::Fetched { id, result }));
        assert!(state.view.bills.fetching.is_empty());
        let last = state.view.toasts.iter().last().unwrap();
        assert_eq!((last.kind, last.title.contains("was not downloaded")), (ToastKind::Error, true));
        let record = Arc::new(state.view.bills.records()[1].clone());
        let id = record.id;
        hear(&mut state, Event::Bill(BillEvent::Fetched { id, result: Ok(record) }));
        assert_eq!(state.view.bills.selected().map(|record| record.id), Some(id), "the cursor goes to it");
        assert!(state.view.toasts.iter().last().unwrap().title.contains("downloaded"));
    }

    #[test]
    fn a_bill_that_is_told_of_can_be_opened_at_once() {
        let mut state = console(3);
        let mut record = state.view.bills.records()[0].clone();
        record.id = trade(date!(2026 - 11 - 19));
        let come = BillEvent::Fetched { id: record.id, result: Ok(Arc::new(record.clone())) };
        // Which there are now has been asked, and not been answered yet.
        let generation = state.generation;
        state.step_unanswered(Msg::Session { generation, event: Event::Bill(come) });
        let enter = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Enter);
        state.step_unanswered(Msg::Key(enter));
        assert_eq!(state.view.bills.reading.as_ref().map(|reading| reading.record.id), Some(record.id));
        let days: Vec<_> = state.view.bills.records().iter().map(|record| record.id.day).collect();
        assert!(days.is_sorted_by(|a, b| a >= b), "{days:?}");
    }

    #[test]
    fn enter_on_a_row_goes_to_its_refund_or_transaction_and_says_where_there_is_none() {
        let mut state = console(60);
        press(&mut state, "<Enter>");
        let object = |kind, number| Some(Wanted::Object(fixture::id(kind, number)));
        assert_eq!(follow(&mut state, "<Enter>"), object(Kind::Transaction, "T2026112000000"));
        assert_eq!(follow(&mut state, "jjjj<Enter>"), object(Kind::Refund, "RF0004"));
        assert_eq!(press(&mut state, "y"), [Effect::Copy("RF0004".into())]);
        // In the account's bill a withdrawal is no object's.
        press(&mut state, "<Esc><Esc><Esc><Esc>j<Enter>G");
        assert_eq!(follow(&mut state, "<Enter>"), None);
        assert_eq!(state.view.toasts.iter().last().map(|toast| toast.title.as_str()), Some("The row names no object"));
    }

    #[test]
    fn a_row_of_what_the_ledger_knows_leads_to_its_detail() {
        let mut state = console(3);
        let id = fixture::id(Kind::Transaction, "T20261121000001");
        let found = vec![state.browser.object(&id).unwrap().unwrap()];
        let searched =
            crate::services::Searched { number: id.number.clone(), found, tried: Arc::default(), stopped: None };
        hear(&mut state, Event::Searched(searched));
        assert_eq!((state.kind(), state.view.detail.is_some()), (Some(Kind::Transaction), true));
        // The bill stays open behind it.
        press(&mut state, "7");
        assert_eq!(crate::console::tabs::TABS[state.tab].id, "bills");
    }

    #[test]
    fn only_a_stretch_of_a_long_bill_is_held_and_the_cursor_walks_through_all_of_it() {
        let mut state = console(3000);
        press(&mut state, "<Enter>");
        let mut held = 0;
        for place in 0..3000 {
            let reading = state.view.bills.reading.as_ref().unwrap();
            assert_eq!(reading.cursor(), place);
            let number = reading.selected().unwrap().numbers()[0].1.to_owned();
            assert!(number.ends_with(&format!("{place:04}")), "{number}");
            held = held.max(reading.rows().0.len());
            press(&mut state, "j");
        }
        assert!(held <= 400, "{held}");
        let place = |state: &Console| state.view.bills.reading.as_ref().map(|reading| reading.cursor());
        press(&mut state, "g");
        assert_eq!(place(&state), Some(0));
        press(&mut state, "G");
        assert_eq!(place(&state), Some(2999));
        assert!(state.view.bills.reading.as_ref().unwrap().selected().is_some());
    }

    #[test]
    fn keys_wait_for_the_rows_that_they_mean() {
        let mut state = console(3000);
        press(&mut state, "<Enter>");
        let key = |code| Msg::Key(crossterm::event::KeyEvent::new(code, crossterm::event::KeyModifiers::NONE));
        let asked = state.step_unanswered(key(crossterm::event::KeyCode::Char('G')));
        let early = state.step_unanswered(key(crossterm::event::KeyCode::Enter));
        assert!(
            !early.iter().any(|effect| matches!(effect, Effect::Ask(Request::Follow(_)))),
            "the row is not there yet"
        );
        let effects = state.answer_all(asked);
        let last = fixture::id(Kind::Refund, "RF2999");
        assert_eq!(effects, [Effect::Ask(Request::Follow(Wanted::Object(last)))]);
    }

    #[test]
    fn a_file_that_was_changed_since_is_told_and_one_that_is_gone_is_not_opened() {
        let mut state = console(30);
        let file = state.view.bills.records()[0].file.clone();
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replacen("`JSAPI", "`JSAPX", 1)).unwrap();
        press(&mut state, "<Enter>");
        assert_eq!(state.view.bills.reading.as_ref().and_then(|reading| reading.is_unchanged()), Some(false));
        press(&mut state, "<Esc>G<Enter>");
        assert!(state.view.bills.reading.is_none());
        assert!(state.view.toasts.iter().last().unwrap().title.contains("missing or changed"));
    }

    #[test]
    fn what_is_about_objects_does_nothing_here_and_the_mouse_selects() {
        let mut state = console(30);
        for key in ["a", "s", "c", "e", "R", "J", "/", " ", "*"] {
            assert_eq!(press(&mut state, key), [], "{key}");
            assert!(state.view.dialogs.is_empty() && crate::console::tabs::TABS[state.tab].id == "bills", "{key}");
        }
        let id = state.view.bills.records()[1].id;
        state.step(Msg::Click { target: Target::Line(LineKey::Bill(id)), double: false });
        assert_eq!((state.view.bills.position(), state.view.bills.reading.is_some()), (1, false));
        state.step(Msg::Click { target: Target::Line(LineKey::Bill(id)), double: true });
        state.step(Msg::Click { target: Target::Line(LineKey::Row(1)), double: false });
        assert_eq!(state.view.bills.reading.as_ref().map(|reading| reading.cursor()), Some(1));
        let effects = press(&mut state, "i");
        assert!(
            matches!(&effects[..], [Effect::Ask(Request::Bill(BillRequest::Note(noted, _)))] if *noted == id),
            "{effects:?}"
        );
    }
}
