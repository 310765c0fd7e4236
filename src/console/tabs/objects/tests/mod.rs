//! The tables of objects and the detail of one: what the keys do, and how they look.

mod arrange;
mod billed;
mod chain;
mod coupons;
mod detail;
mod history;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, RUNNING, after, fetched, fresh, happen, happenings, id, open, order, orders, press,
    receive, selected,
};
use crate::console::tests::screen::screen;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::services::{Known, ReadRequest, Request};

fn console() -> Console {
    open(Lang::En, (80, 24))
}

screen!(objects: orders_en_80x24, open(Lang::En, (80, 24)));
screen!(objects: orders_zh_80x24, open(Lang::ZhCn, (80, 24)));
screen!(objects: orders_en_120x40, open(Lang::En, (120, 40)));
screen!(objects: orders_zh_200x60, open(Lang::ZhCn, (200, 60)));
screen!(objects: plans_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "1<Enter>"));
screen!(objects: sign_plan_detail_en_80x24, after(open(Lang::En, (80, 24)), "2<Enter>"));
screen!(objects: transactions_en_120x40, after(open(Lang::En, (120, 40)), "4"));
screen!(objects: stock_detail_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "5<Enter>"));
screen!(objects: refunds_en_120x40, after(open(Lang::En, (120, 40)), "6"));
screen!(objects: refunds_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "6"));
screen!(objects: abnormal_refund_en_80x24, after(open(Lang::En, (80, 24)), "6/state:abnormal<Enter><Enter>"));
screen!(objects: abnormal_refund_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "6/state:abnormal<Enter><Enter>"));
screen!(objects: order_raw_en_80x24, after(open(Lang::En, (80, 24)), "<Enter><Left>"));
screen!(objects: filter_typed_en_80x24, after(open(Lang::En, (80, 24)), "/state:doing"));
screen!(objects: filter_malformed_keeps_the_last_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "/充电 amount>"));
screen!(objects: filter_for_no_such_state_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "/state:nope<Enter>"));
screen!(objects: marked_en_80x24, after(open(Lang::En, (80, 24)), "  j "));
screen!(objects: marked_en_120x40, after(open(Lang::En, (120, 40)), "*"));
screen!(objects: marked_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "  j "));
screen!(objects: marked_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "*"));
screen!(objects: orders_en_60x16, open(Lang::En, (60, 16)));

#[test]
fn a_malformed_filter_keeps_the_last_good_one() {
    let mut state = console();
    press(&mut state, "/state:doing");
    let shown = state.list().rows().to_vec();
    assert_eq!(shown.len(), 2);
    press(&mut state, " amount>");
    assert_eq!(state.list().rows(), shown);
    press(&mut state, "20<Enter>");
    assert_eq!(state.list().rows().len(), 1);
    press(&mut state, "<Esc>");
    assert_eq!(state.list().rows().len(), orders().len());
}

#[test]
fn what_is_visible_is_refreshed_and_nothing_else() {
    let mut state = console();
    state.room = crate::console::app::frame_layout::Room { first: 2, rows: 3, ..state.room };
    let effects = press(&mut state, "R");
    let ids: Vec<_> = (3..6).map(|i| id(Kind::ServiceOrder, &format!("SO2026112100000{i}"))).collect();
    assert_eq!(effects, vec![Effect::Ask(Request::Refresh(ids))]);
    assert_eq!(state.view.toasts.iter().count(), 1);
}

#[test]
fn a_change_of_age_alone_is_no_change() {
    let mut state = console();
    press(&mut state, "k");
    let row = state.list().cursor().unwrap().clone();
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1200), 0)));
    for column in state.list().columns() {
        assert_eq!(state.list().changed(&row, column.id, NOW), None);
    }
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", COLLECTING, 1200), 0)));
    assert!(state.list().changed(&row, "state", NOW).is_some());
    assert!(state.list().changed(&row, "title", NOW).is_none());
}

#[test]
fn until_a_key_is_pressed_the_cursor_waits_on_the_first_line() {
    let mut state = console();
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000000", RUNNING, 1200), 0)));
    assert_eq!(selected(&state), id(Kind::ServiceOrder, "SO20261121000000"));
    press(&mut state, "r");
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO2026", RUNNING, 1200), 0)));
    assert_eq!(selected(&state), id(Kind::ServiceOrder, "SO20261121000000"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_cursor_stays_on_its_object(filter in "(/(state:doing|amount>9|SO)<Enter>)?", down in 0usize..6, happenings in prop::collection::vec(happenings(), 0..12)) {
        let mut state = console();
        press(&mut state, &format!("{filter}{}k", "j".repeat(down + 1)));
        let before = selected(&state);
        for happening in happenings {
            happen(&mut state, happening);
            prop_assert_eq!(&selected(&state), &before);
        }
        press(&mut state, "s<Down><Down><Enter>");
        prop_assert_eq!(&selected(&state), &before);
        prop_assert_eq!(state.list().rows().iter().filter(|row| Some(&row.id) == state.list().cursor()).count(), 1);
    }
}

/// A console with this many more orders, numbered in the order of the table.
fn crowded(count: u32) -> Console {
    let mut state = console();
    let id = |n: u32| id(Kind::ServiceOrder, &format!("Z{n:06}"));
    state.learn((0..count).map(|n| Known { id: id(n), fresh: None, billed: None }).collect());
    state
}

#[test]
fn a_table_that_is_longer_than_what_is_at_hand_is_walked_row_by_row() {
    let mut state = crowded(1500);
    press(&mut state, &"j".repeat(8));
    for n in 0..1499 {
        assert_eq!(selected(&state).number.as_str(), format!("Z{n:06}"));
        press(&mut state, "j");
    }
    press(&mut state, "jj");
    assert_eq!(selected(&state).number.as_str(), "Z001499", "the last row is the last");
    press(&mut state, "g");
    assert_eq!(selected(&state).number.as_str(), "SO20261121000001");
    press(&mut state, "Gk");
    assert_eq!(selected(&state).number.as_str(), "Z001498");
    assert!(state.list().rows().len() < 600, "only what is near the cursor is kept");
    press(&mut state, "/z0007<Enter>");
    assert_eq!(state.list().totals().map(|totals| (totals.shown, totals.known)), Some((100, 1508)));
}

#[test]
fn a_filter_finds_rows_that_were_never_at_hand() {
    let mut state = crowded(1500);
    assert!(state.list().rows().iter().all(|row| row.id.number.as_str() < "Z0014"), "the last are not at hand");
    press(&mut state, "/z00149<Enter>");
    let rows: Vec<String> = state.list().rows().iter().map(|row| row.id.number.to_string()).collect();
    assert_eq!(rows, (1490..1500).map(|n| format!("Z{n:06}")).collect::<Vec<_>>());
    // Marking all of them, and adding them up, is about the store as well.
    press(&mut state, "<Esc>/z0014<Enter>*");
    assert_eq!(state.list().totals().map(|totals| totals.shown), Some(100));
    assert_eq!(state.list().marked().len(), 100);
}

#[test]
fn keys_pressed_before_the_ledger_has_answered_mean_what_it_will_show() {
    let mut state = crowded(1500);
    let event = |c| Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let asked = state.step_unanswered(event('G'));
    assert!(matches!(asked[..], [Effect::Ask(Request::Read(ReadRequest::TablePage(_)))]));
    for c in ['k', 'k', 'y'] {
        assert_eq!(state.step_unanswered(event(c)), vec![]);
    }
    assert_eq!(selected(&state).number.as_str(), "SO20261121000001", "nothing has moved yet");
    let effects = state.answer_all(asked);
    assert_eq!(effects, vec![Effect::Copy("Z001497".into())]);
    // Leaving never waits.
    state.step_unanswered(event('g'));
    let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(state.step_unanswered(Msg::Key(quit)), vec![Effect::Quit]);
}
