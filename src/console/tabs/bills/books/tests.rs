//! The reconciliation on the screen: what the keys do, and how it looks.

use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::tests::fixture;
use crate::console::tests::fixture::{Console, after, open, press, receive};
use crate::console::tests::screen::screen;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{HeldChanges, HeldDifference};
use crate::model::reconcile::{
    Book, BookDifference, BookRow, BookSide, BookState, DayRole, Movement, Period, RowPlace, Sides, WhyDifferent,
};
use crate::model::time::{Date, beijing_day, parse_bill_time, parse_day};
use crate::model::{Kind, Money};
use crate::services::reconcile::{BillUsed, ReconcileError, Reconciled};
use crate::services::{BillRequest, BooksEvent, Lookup, Request, TabAnswer};

fn day() -> Date {
    parse_day("2026-11-20").unwrap()
}

fn book(side: BookSide, rows: &[(&str, i64, &str)]) -> Book {
    let mut book = Book::new(side);
    for (line, (number, fen, time)) in (2u32..).zip(rows) {
        let at = parse_bill_time(time).unwrap();
        book.push(&BookRow {
            movement: Movement::Payment,
            number,
            order: "",
            platform: "",
            amount: Money::cny(*fen),
            settled: *fen,
            fee: 0,
            fee_off: 0,
            state: BookState::Paid,
            at: Some(at),
            day: beijing_day(at),
            role: if beijing_day(at) == day() { DayRole::Within } else { DayRole::Neighbour },
            place: RowPlace { file: 0, line },
        })
        .unwrap();
    }
    book
}

fn reconciled() -> Reconciled {
    let trade = [
        ("T2026112000001", 14_800, "2026-11-20 10:00:00"),
        ("T2026112000002", 2_880, "2026-11-20 11:00:00"),
        ("T2026112000003", 500, "2026-11-21 00:00:03"),
        ("T2026112000005", 9_900, "2026-11-20 12:00:00"),
    ];
    let orders = [
        ("T2026112000001", 14_800, "2026-11-20 10:00:00"),
        ("T2026112000003", 500, "2026-11-20 23:59:58"),
        ("T2026112000004", 6_600, "2026-11-20 15:00:00"),
        ("T2026112000005", 8_800, "2026-11-20 12:00:00"),
    ];
    let sides = Sides {
        trade: Some(book(BookSide::Trade, &trade)),
        orders: Some(book(BookSide::Orders, &orders)),
        ..Sides::new(Period { from: day(), to: day() })
    };
    let result = sides.reconcile(&mut |keys| vec![None; keys.len()]).unwrap();
    let at = parse_bill_time("2026-11-21 10:00:00").unwrap();
    let held = |(id, difference)| HeldDifference { id, difference, opened_at: at, seen_at: at, ended: None };
    let open = (1..).zip(result.differences()).map(held).collect();
    let held = HeldChanges { opened: 3, ..HeldChanges::default() };
    let (bills, missing) = (Vec::new(), Vec::new());
    Reconciled { result, bills, orders: None, missing, held, open, too_many: false, queried: 0 }
}

/// The day of the latest bill is reconciled with a file.
fn with_books(lang: Lang, size: (u16, u16)) -> Console {
    let mut state = open(lang, size);
    fixture::bills(&mut state, 60);
    let effects = press(&mut state, "7=orders.csv<Enter>");
    let asked = effects.iter().any(|effect| {
        matches!(effect, Effect::Ask(Request::Bill(BillRequest::Reconcile { against: Some(path), resolve: false, .. }))
            if path.ends_with("orders.csv"))
    });
    assert!(asked, "{effects:?}");
    let of = state.view.tabs.bills.books.as_ref().unwrap().day.unwrap();
    receive(
        &mut state,
        TabAnswer::Books(BooksEvent::Reconciled { day: of, result: Ok(Arc::new(reconciled())) }).into(),
    );
    state
}

screen!(bills: reconciled_zh_120x40, with_books(Lang::ZhCn, (120, 40)));
screen!(bills: reconciled_en_80x24, with_books(Lang::En, (80, 24)));
screen!(bills: reconciled_en_200x60, after(with_books(Lang::En, (200, 60)), "j"));
screen!(bills: held_over_zh_80x24, after(with_books(Lang::ZhCn, (80, 24)), "h"));

#[test]
fn a_difference_leads_to_its_object_and_is_closed_with_a_reason() {
    let mut state = with_books(Lang::En, (120, 40));
    let effects = press(&mut state, "<Enter>");
    let followed = |effect: &Effect| matches!(effect, Effect::Ask(Request::Follow(Lookup::Object(id))) if id.kind == Kind::Transaction);
    assert!(effects.iter().any(followed), "{effects:?}");
    press(&mut state, "X");
    assert_eq!(press(&mut state, "<Enter>"), [], "there is no reason yet");
    let effects = press(&mut state, "checked<Enter>");
    assert!(
        matches!(&effects[..], [Effect::Ask(Request::Bill(BillRequest::CloseDifference { id: 1, reason }))] if reason == "checked"),
        "{effects:?}"
    );
    receive(&mut state, TabAnswer::Books(BooksEvent::Closed { id: 1, result: Ok(7) }).into());
    let books = state.view.tabs.bills.books.as_ref().unwrap();
    assert!(books.rows()[0].closed && books.rows()[0].id.is_none());
    let effects = press(&mut state, "u");
    assert!(
        matches!(&effects[..], [Effect::Ask(Request::Bill(BillRequest::Reconcile { resolve: true, .. }))]),
        "{effects:?}"
    );
    // Back to the bills, and to what is held over without a day.
    press(&mut state, "<Esc><Esc><Esc>");
    assert!(state.view.tabs.bills.books.is_none(), "after its messages");
    let effects = press(&mut state, "h");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Bill(BillRequest::Held))]), "{effects:?}");
}

#[test]
fn what_fails_is_said_and_the_screen_stays() {
    let mut state = with_books(Lang::En, (120, 40));
    let of = state.view.tabs.bills.books.as_ref().unwrap().day.unwrap();
    let result = Err(Arc::new(ReconcileError::NothingToCompare));
    receive(&mut state, TabAnswer::Books(BooksEvent::Reconciled { day: of, result }).into());
    assert!(state.view.tabs.bills.books.as_ref().is_some_and(|books| !books.pending));
}

/// The ledger keeps a difference without its rows and documents: what it says must not have gaps.
#[test]
fn what_is_held_over_gives_its_reason_without_the_rows() {
    let reconciled = reconciled();
    let shown = reconciled.result.differences().find(|difference| difference.why == WhyDifferent::Amounts).unwrap();
    let (trade, orders) = (shown.row(BookSide::Trade).unwrap().amount, shown.row(BookSide::Orders).unwrap().amount);
    assert_eq!((trade, orders), (9_900, 8_800));
    for why in [WhyDifferent::Amounts, WhyDifferent::QueryShows] {
        let held = BookDifference { why, trade: None, orders: None, flow: None, known: None, ..shown.clone() };
        for lang in Lang::ALL {
            let reason = explain::difference_reason(*lang, &held);
            assert!(!reason.contains(['–', ',', '，', ':', '：']), "{reason}");
        }
    }
}

#[test]
fn a_difference_leads_to_its_row_in_the_bill_and_back() {
    let mut state = with_books(Lang::En, (120, 40));
    press(&mut state, "v");
    assert!(state.view.tabs.bills.reading.is_none(), "no downloaded bill took part");
    // The message that says so.
    press(&mut state, "<Esc>");
    let mut of_bill = reconciled();
    let record = state.view.tabs.bills.records()[0].clone();
    let file = record.file.clone();
    of_bill.bills = vec![BillUsed { side: BookSide::Trade, file, day: None, rows: 4, bad: 0, first_bad: None }];
    let of = state.view.tabs.bills.books.as_ref().unwrap().day.unwrap();
    receive(&mut state, TabAnswer::Books(BooksEvent::Reconciled { day: of, result: Ok(Arc::new(of_bill)) }).into());
    let line =
        state.view.tabs.bills.books.as_ref().unwrap().selected().unwrap().difference.trade.as_ref().unwrap().place.line;
    press(&mut state, "v");
    let reading = state.view.tabs.bills.reading.as_ref().unwrap();
    // The header is the first line, and the first row is row 0.
    assert_eq!((reading.record.id, reading.cursor()), (record.id, line as usize - 2));
    assert!(state.view.tabs.bills.books.is_none());
    press(&mut state, "<Esc>");
    assert!(state.view.tabs.bills.books.is_some() && state.view.tabs.bills.reading.is_none());
    press(&mut state, "<Esc>");
    assert!(state.view.tabs.bills.books.is_none());
}
