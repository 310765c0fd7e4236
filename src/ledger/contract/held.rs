//! Differences that are held over.

use super::{Place, at};
use crate::ledger::engine::Engine;
use crate::ledger::{DifferenceClosing, Ending, HeldChanges, HoldOver, JournalSearch, NotHeld};
use crate::model::reconcile::{
    BookDifference, BookSide, BookState, Confidence, DifferenceClass, Movement, Period, RowOfSide, RowPlace,
    WhyDifferent,
};
use crate::model::time::{Date, parse_day};
use crate::model::{Currency, Kind};

const PROFILE: &str = "shop/1900000001";

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

fn shortage(number: &str, on: &str) -> BookDifference {
    let place = RowPlace { file: 0, line: 0 };
    let row = RowOfSide { amount: 100, state: BookState::Paid, at: Some(at(0)), day: day(on), place };
    BookDifference {
        class: DifferenceClass::Shortage,
        why: WhyDifferent::NoMoney,
        confidence: Confidence::Certain,
        movement: Movement::Payment,
        number: number.to_owned(),
        order: None,
        day: day(on),
        currency: Currency::CNY,
        amount: -100,
        trade: None,
        orders: Some(row),
        flow: None,
        known: None,
        secondary: false,
    }
}

fn run(on: &str, found: &[BookDifference], settled: &[i64]) -> HoldOver {
    HoldOver {
        period: Period { from: day(on), to: day(on) },
        at: at(1),
        sides: vec![BookSide::Trade, BookSide::Orders],
        found: found.to_vec(),
        settled: settled.to_vec(),
    }
}

fn numbers(ledger: &dyn Engine, open: bool) -> Vec<String> {
    let held = ledger.held(PROFILE, open, 99).unwrap();
    held.into_iter().map(|held| held.difference.number).collect()
}

pub(in crate::ledger) fn a_difference_is_open_until_its_other_side_arrives(place: &Place) {
    let ledger = place.open();
    let found = [shortage("A", "2026-11-20"), shortage("B", "2026-11-20")];
    let changes = ledger.hold_over(PROFILE, &run("2026-11-20", &found, &[])).unwrap();
    assert_eq!(changes, HeldChanges { opened: 2, ..HeldChanges::default() });
    assert_eq!(ledger.hold_over(PROFILE, &run("2026-11-20", &found, &[])).unwrap(), HeldChanges::default());
    let held = ledger.held(PROFILE, true, 99).unwrap();
    assert_eq!(held[0].difference, found[0]);
    assert_eq!(held[0].carried(), Some((BookSide::Orders, 100, BookState::Paid, Some(at(0)))));
    assert_eq!(held[0].age(day("2026-11-23")), 3);
    assert!(ledger.held("other", true, 99).unwrap().is_empty());
    // The next day, A's money has come, and B's has not.
    let changes = ledger.hold_over(PROFILE, &run("2026-11-21", &[], &[held[0].id])).unwrap();
    assert_eq!(changes, HeldChanges { settled: 1, ..HeldChanges::default() });
    assert_eq!((numbers(&*ledger, true), numbers(&*ledger, false)), (vec!["B".into()], vec!["B".into(), "A".into()]));
    // Fewer sides show less: what they do not show may still be so.
    let alone = HoldOver { sides: vec![BookSide::Trade], ..run("2026-11-20", &[], &[]) };
    assert_eq!(ledger.hold_over(PROFILE, &alone).unwrap(), HeldChanges::default());
    assert_eq!(ledger.hold_over(PROFILE, &run("2026-11-20", &[], &[])).unwrap().settled, 1);
    assert!(numbers(&*ledger, true).is_empty());
    assert_eq!(ledger.hold_over(PROFILE, &run("2026-11-20", &found[..1], &[])).unwrap().opened, 1, "open again");
}

pub(in crate::ledger) fn a_person_closes_a_difference_and_the_journal_has_it(place: &Place) {
    let ledger = place.open();
    let found = [shortage("TRADE-A", "2026-11-20")];
    ledger.hold_over(PROFILE, &run("2026-11-20", &found, &[])).unwrap();
    let id = ledger.held(PROFILE, true, 9).unwrap()[0].id;
    let closing =
        DifferenceClosing {
            at: at(5), operator: "李雷".into(), mchid: "1900000001".into(), reason: "测试单".into()
        };
    assert_eq!(ledger.close_difference("other/1", id, &closing).unwrap(), Err(NotHeld::Missing));
    let entry = ledger.close_difference(PROFILE, id, &closing).unwrap().unwrap();
    let again = ledger.close_difference(PROFILE, id, &closing).unwrap().unwrap_err();
    assert!(matches!(again, NotHeld::Ended(ended) if ended.journal == Some(entry)));
    assert_eq!(ledger.verify_journal().unwrap(), Ok(2));
    let object = super::id(Kind::Transaction, "TRADE-A");
    let search = JournalSearch { object: Some(&object), limit: 9, ..JournalSearch::default() };
    let entries = ledger.journal_entries(&search).unwrap();
    assert_eq!((entries[0].id, entries[0].ending()), (entry, Some(Ending::Done)));
    let intent = &entries[0].intent;
    assert_eq!((intent.action.as_str(), intent.reason.as_deref()), ("difference-close", Some("测试单")));
    assert!(intent.method.is_none() && !intent.may_move_money(), "nothing was sent");
    assert!(ledger.open_intents(PROFILE).unwrap().is_empty());
    // Found again, it stays closed.
    let changes = ledger.hold_over(PROFILE, &run("2026-11-20", &found, &[])).unwrap();
    assert_eq!((changes.opened, changes.closed), (0, vec![found[0].key()]));
    assert!(numbers(&*ledger, true).is_empty());
}
