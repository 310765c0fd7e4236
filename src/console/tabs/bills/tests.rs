//! The bills: what the keys do, and how they look.

use std::sync::Arc;

use time::macros::{date, datetime};

use crate::api::{ApiError, RequestFailure, Untrusted};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::msg::Msg;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::bills::state::newest_day;
use crate::console::tests::fixture;
use crate::console::tests::fixture::{Console, after, bills, odd_bills, open, press, receive};
use crate::console::tests::screen::picture;
use crate::console::tests::screen::screen;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::bill::{BillId, BillKind, FundAccount, TradeRows};
use crate::services::{BillEvent, BillFailure, BillRequest, Event, Lookup, Request, TabAnswer};

fn with_bills(lang: Lang, size: (u16, u16)) -> Console {
    let mut state = open(lang, size);
    bills(&mut state, 60);
    state
}

fn with_odd_bills(lang: Lang, size: (u16, u16)) -> Console {
    let mut state = open(lang, size);
    odd_bills(&mut state);
    state
}

/// A bill is on its way, and another could not be had.
fn coming(state: Console) -> Console {
    let mut state = after(state, "7n<Enter>");
    let id = crate::model::bill::BillId {
        day: time::macros::date!(2026 - 11 - 20),
        kind: crate::model::bill::BillKind::Trade(crate::model::bill::TradeRows::All),
    };
    receive(&mut state, TabAnswer::Bill(BillEvent::Coming { id, bytes: 3_456_789 }).into());
    let other = crate::model::bill::BillId { day: time::macros::date!(2026 - 11 - 18), ..id };
    let reason = Untrusted::Hash { expected: "ab".repeat(20), found: "cd".repeat(20) };
    let failure = std::sync::Arc::new(BillFailure::Api(ApiError::Untrusted { reason, request_id: None }));
    receive(&mut state, TabAnswer::Bill(BillEvent::Fetched { id: other, result: Err(failure) }).into());
    state
}

screen!(bills: list_en_80x24, after(with_bills(Lang::En, (80, 24)), "7"));
screen!(bills: list_zh_120x40, after(with_bills(Lang::ZhCn, (120, 40)), "7"));
screen!(bills: list_zh_80x24, after(with_bills(Lang::ZhCn, (80, 24)), "7"));
screen!(bills: list_en_120x40, after(with_bills(Lang::En, (120, 40)), "7j"));
screen!(bills: list_en_200x60, after(with_bills(Lang::En, (200, 60)), "7<Enter>"));
screen!(bills: empty_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "7"));
screen!(bills: rows_en_80x24, after(with_bills(Lang::En, (80, 24)), "7<Enter>jj"));
screen!(bills: rows_zh_80x24, after(with_bills(Lang::ZhCn, (80, 24)), "7<Enter>G"));
screen!(bills: rows_zh_120x40, after(with_bills(Lang::ZhCn, (120, 40)), "7<Enter>"));
screen!(bills: rows_en_120x40, after(with_bills(Lang::En, (120, 40)), "7<Enter>j"));
screen!(bills: rows_en_60x16, after(with_bills(Lang::En, (60, 16)), "7<Enter>"));
screen!(bills: flow_zh_120x40, after(with_bills(Lang::ZhCn, (120, 40)), "7j<Enter>jj"));
screen!(bills: form_en_80x24, after(with_bills(Lang::En, (80, 24)), "7n"));
screen!(bills: form_zh_120x40, after(with_bills(Lang::ZhCn, (120, 40)), "7n<Right><Tab><Right><Tab><Back>"));
screen!(bills: currencies_en_80x24, after(with_odd_bills(Lang::En, (80, 24)), "7<Enter>"));
screen!(bills: currencies_zh_200x60, after(with_odd_bills(Lang::ZhCn, (200, 60)), "7<Enter>"));
screen!(bills: of_two_days_zh_120x40, after(with_odd_bills(Lang::ZhCn, (120, 40)), "7j<Enter>"));
screen!(bills: bad_lines_en_80x24, after(with_odd_bills(Lang::En, (80, 24)), "7G<Enter>"));
screen!(bills: coming_zh_80x24, coming(with_bills(Lang::ZhCn, (80, 24))));

fn console(rows: i64) -> Console {
    let mut console = open(Lang::En, (120, 40));
    fixture::bills(&mut console, rows);
    press(&mut console, "7");
    console
}

fn trade(day: time::Date) -> BillId {
    BillId { day, kind: BillKind::Trade(TradeRows::All) }
}

fn follow(console: &mut Console, keys: &str) -> Option<Lookup> {
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
    press(&mut state, "n<Tab><Tab><Right><Back><Back>21");
    assert_eq!(press(&mut state, "<Enter>"), []);
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Bill(form)) if form.refused));
    press(&mut state, "<Back><Back>18");
    assert_eq!(press(&mut state, "<Enter>"), fetch(trade(date!(2026 - 11 - 18))));
    assert!(state.view.dialogs.is_empty());
    // What is typed is the day, whichever field had the keys; the first character replaces the proposed one.
    press(&mut state, "n2026-11-17");
    assert_eq!(press(&mut state, "<Enter>"), fetch(trade(date!(2026 - 11 - 17))));
    press(&mut state, "n<Tab><Tab>9");
    let wrong = format!("✗ {}", Lang::En.t("bill-day-not"));
    assert!(!picture(&state).contains(&wrong), "it is being typed");
    press(&mut state, "<Tab>");
    assert!(picture(&state).contains(&wrong), "it was left: {}", picture(&state));
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
    press(&mut state, "n<Tab><Tab><Left><Right><Back><Back>18<Enter>");
    receive(&mut state, TabAnswer::Bill(BillEvent::Coming { id, bytes: 77 }).into());
    assert_eq!(state.view.tabs.bills.fetching.get(&id), Some(&77));
    let error = ApiError::Unreachable(RequestFailure::Timeout { seconds: 9 });
    let result = Err(Arc::new(BillFailure::Api(error)));
    receive(&mut state, TabAnswer::Bill(BillEvent::Fetched { id, result }).into());
    assert!(state.view.tabs.bills.fetching.is_empty());
    let last = state.view.toasts.iter().last().unwrap();
    assert_eq!((last.kind, last.title.contains("was not downloaded")), (ToastKind::Error, true));
    let record = Arc::new(state.view.tabs.bills.records()[1].clone());
    let id = record.id;
    receive(&mut state, TabAnswer::Bill(BillEvent::Fetched { id, result: Ok(record) }).into());
    assert_eq!(state.view.tabs.bills.selected().map(|record| record.id), Some(id), "the cursor goes to it");
    assert!(state.view.toasts.iter().last().unwrap().title.contains("downloaded"));
}

#[test]
fn a_bill_that_is_reported_can_be_opened_at_once() {
    let mut state = console(3);
    let mut record = state.view.tabs.bills.records()[0].clone();
    record.id = trade(date!(2026 - 11 - 19));
    let come = BillEvent::Fetched { id: record.id, result: Ok(Arc::new(record.clone())) };
    // Which there are now has been asked, and not been answered yet.
    let generation = state.generation;
    state.step_unanswered(Msg::Session { generation, event: TabAnswer::Bill(come).into() });
    let enter = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Enter);
    state.step_unanswered(Msg::Key(enter));
    assert_eq!(state.view.tabs.bills.reading.as_ref().map(|reading| reading.record.id), Some(record.id));
    let days: Vec<_> = state.view.tabs.bills.records().iter().map(|record| record.id.day).collect();
    assert!(days.is_sorted_by(|a, b| a >= b), "{days:?}");
}

#[test]
fn enter_on_a_row_goes_to_its_refund_or_transaction_and_says_where_there_is_none() {
    let mut state = console(60);
    press(&mut state, "<Enter>");
    let object = |kind, number| Some(Lookup::Object(fixture::id(kind, number)));
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
    let found = vec![state.reader.object(&id).unwrap().unwrap()];
    let searched = crate::services::Searched { number: id.number.clone(), found, tried: Arc::default(), stopped: None };
    receive(&mut state, Event::Searched(searched));
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
        let reading = state.view.tabs.bills.reading.as_ref().unwrap();
        assert_eq!(reading.cursor(), place);
        let number = reading.selected().unwrap().numbers()[0].1.to_owned();
        assert!(number.ends_with(&format!("{place:04}")), "{number}");
        held = held.max(reading.rows().0.len());
        press(&mut state, "j");
    }
    assert!(held <= 400, "{held}");
    let place = |state: &Console| state.view.tabs.bills.reading.as_ref().map(|reading| reading.cursor());
    press(&mut state, "g");
    assert_eq!(place(&state), Some(0));
    press(&mut state, "G");
    assert_eq!(place(&state), Some(2999));
    assert!(state.view.tabs.bills.reading.as_ref().unwrap().selected().is_some());
}

#[test]
fn keys_wait_for_the_rows_that_they_mean() {
    let mut state = console(3000);
    press(&mut state, "<Enter>");
    let key = |code| Msg::Key(crossterm::event::KeyEvent::new(code, crossterm::event::KeyModifiers::NONE));
    let asked = state.step_unanswered(key(crossterm::event::KeyCode::Char('G')));
    let early = state.step_unanswered(key(crossterm::event::KeyCode::Enter));
    assert!(!early.iter().any(|effect| matches!(effect, Effect::Ask(Request::Follow(_)))), "the row is not there yet");
    let effects = state.answer_all(asked);
    let last = fixture::id(Kind::Refund, "RF2999");
    assert_eq!(effects, [Effect::Ask(Request::Follow(Lookup::Object(last)))]);
}

#[test]
fn a_file_that_was_changed_since_is_reported_and_a_missing_one_is_not_opened() {
    let mut state = console(30);
    let file = state.view.tabs.bills.records()[0].file.clone();
    let text = std::fs::read_to_string(&file).unwrap();
    std::fs::write(&file, text.replacen("`JSAPI", "`JSAPX", 1)).unwrap();
    press(&mut state, "<Enter>");
    assert_eq!(state.view.tabs.bills.reading.as_ref().and_then(|reading| reading.is_unchanged()), Some(false));
    press(&mut state, "<Esc>G<Enter>");
    assert!(state.view.tabs.bills.reading.is_none());
    assert!(state.view.toasts.iter().last().unwrap().title.contains("missing or changed"));
}

#[test]
fn what_is_about_objects_does_nothing_here_and_the_mouse_selects() {
    let mut state = console(30);
    for key in ["a", "s", "c", "e", "R", "J", "/", " ", "*"] {
        assert_eq!(press(&mut state, key), [], "{key}");
        assert!(state.view.dialogs.is_empty() && crate::console::tabs::TABS[state.tab].id == "bills", "{key}");
    }
    let id = state.view.tabs.bills.records()[1].id;
    state.step(Msg::Click { target: Target::Line(LineKey::Bill(id)), double: false });
    assert_eq!((state.view.tabs.bills.position(), state.view.tabs.bills.reading.is_some()), (1, false));
    state.step(Msg::Click { target: Target::Line(LineKey::Bill(id)), double: true });
    state.step(Msg::Click { target: Target::Line(LineKey::Row(1)), double: false });
    assert_eq!(state.view.tabs.bills.reading.as_ref().map(|reading| reading.cursor()), Some(1));
    let effects = press(&mut state, "i");
    assert!(
        matches!(&effects[..], [Effect::Ask(Request::Bill(BillRequest::Take(noted, _)))] if *noted == id),
        "{effects:?}"
    );
}
