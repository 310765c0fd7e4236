//! What the tables of objects show first and how they are arranged: newer rows, only problems, columns, ranges of marks.

use serde_json::json;

use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::msg::Msg;
use crate::console::app::view::draw;
use crate::console::tests::clicks::click;
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, PAID, RUNNING, after, fetched, fresh, id, open, order, press, receive, selected,
};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::time::Duration;
use crate::model::{Fact, Kind, ObjectId};
use crate::services::{Event, Known, Made, Outcome, Ticket};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

screen!(objects: newer_above_en_80x24, newer(Lang::En, (80, 24)));
screen!(objects: newer_above_zh_120x40, newer(Lang::ZhCn, (120, 40)));
screen!(objects: only_problems_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "!"));
screen!(objects: no_problems_en_80x24, after(open(Lang::En, (80, 24)), "1!"));
screen!(objects: columns_sideways_en_80x24, drawn_after(open(Lang::En, (80, 24)), &["4", "<Right><Right><Right>"]));
screen!(objects: columns_moved_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "cjjjKK"));

/// An order that began so many minutes before now.
fn began(number: &str, minutes: i64) -> Known {
    let at = NOW - Duration::minutes(minutes);
    let mut document = order(number, RUNNING, 500);
    let (date, time) = (at.date(), at.time());
    let day = format!("{}{:02}{:02}", date.year(), u8::from(date.month()), date.day());
    document["time_range"] = json!({"start_time": format!("{day}{:02}{:02}00", time.hour(), time.minute())});
    let fresh = fresh(Kind::ServiceOrder, document, 0);
    Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
}

/// Draws a frame and takes in what is known after that, as the program does.
fn frame(console: &mut Console, layout: &mut FrameLayout) {
    let mut terminal = Terminal::new(TestBackend::new(console.size.0, console.size.1)).unwrap();
    let mut next = None;
    terminal.draw(|frame| next = Some(draw(console, layout, frame))).unwrap();
    *layout = next.unwrap();
    console.step(Msg::Drawn { room: layout.room, at: NOW });
}

fn drawn_after(mut console: Console, keys: &[&str]) -> Console {
    let mut layout = FrameLayout::default();
    for keys in keys {
        press(&mut console, keys);
        frame(&mut console, &mut layout);
    }
    console
}

/// Forty orders of which the newest come first; the cursor is on the thirtieth.
fn shop(lang: Lang, size: (u16, u16)) -> (Console, FrameLayout) {
    let mut console = open(lang, size);
    let orders = (0..40).map(|n| began(&format!("OLD{n:02}"), 10 + n)).collect();
    console.learn(orders);
    // By time, as the table is before anybody sorts it.
    let sort = crate::console::tabs::objects::list::ListSort { column: "time", descending: true };
    console.list_of_mut(Kind::ServiceOrder).set_sort(sort);
    console.step(Msg::Now(NOW));
    let mut layout = FrameLayout::default();
    press(&mut console, "g");
    frame(&mut console, &mut layout);
    (console, layout)
}

fn newer(lang: Lang, size: (u16, u16)) -> Console {
    let (mut console, mut layout) = shop(lang, size);
    press(&mut console, "G");
    frame(&mut console, &mut layout);
    console.learn((0..3).map(|n| began(&format!("NEW{n}"), n)).collect());
    console
}

fn number(id: &ObjectId) -> &str {
    id.number.as_str()
}

#[test]
fn a_cursor_on_the_newest_row_follows_and_one_elsewhere_stays_with_the_number_of_newer_rows() {
    let (mut console, mut layout) = shop(Lang::En, (120, 40));
    press(&mut console, "jk");
    console.learn(vec![began("NEW0", 5)]);
    assert_eq!(number(&selected(&console)), "NEW0", "the cursor is on the first row again after it was elsewhere");
    assert!(!picture(&console).contains("newer"));
    press(&mut console, "jj");
    frame(&mut console, &mut layout);
    let before = selected(&console);
    console.learn(vec![began("NEW1", 4), began("NEW2", 3)]);
    frame(&mut console, &mut layout);
    assert_eq!(selected(&console), before);
    assert_eq!(console.list().newer_above(layout.room.first), 2);
    console.learn(vec![began("NEW3", 2)]);
    frame(&mut console, &mut layout);
    assert_eq!(console.list().newer_above(layout.room.first), 3);
    press(&mut console, "g");
    assert_eq!(number(&selected(&console)), "NEW3");
    frame(&mut console, &mut layout);
    assert_eq!(console.list().newer_above(layout.room.first), 0);
    press(&mut console, "j");
    frame(&mut console, &mut layout);
    assert_eq!(console.list().newer_above(99), 0, "what was seen is not newer any more");
}

#[test]
fn the_number_of_newer_rows_leaves_the_name_of_the_amount() {
    let (mut console, mut layout) = shop(Lang::En, (120, 40));
    press(&mut console, "G");
    frame(&mut console, &mut layout);
    console.learn((0..3).map(|n| began(&format!("NEW{n}"), n)).collect());
    frame(&mut console, &mut layout);
    let shown = picture(&console);
    let head = shown.lines().find(|line| line.contains("Number")).unwrap();
    assert!(head.contains("Amount") && shown.contains("▲ 3 newer · g"), "{shown}");
}

#[test]
fn newer_rows_are_counted_far_below_the_first_loaded_row() {
    let (mut console, _) = shop(Lang::En, (80, 24));
    console.learn((0..900).map(|n| began(&format!("DEEP{n:03}"), 100 + n)).collect());
    press(&mut console, "G");
    assert!(console.list().rows().iter().all(|row| number(&row.id) != "OLD00"), "the first rows are not loaded");
    let before = selected(&console);
    console.learn((0..5).map(|n| began(&format!("NEW{n}"), n)).collect());
    assert_eq!((selected(&console), console.list().newer_above(0)), (before, 5));
    assert!(picture(&console).contains("▲ 5 newer · g"));
}

#[test]
fn a_menu_a_detail_or_another_order_keeps_the_cursor_on_its_row() {
    for keys in ["a", "<Enter>", "c"] {
        let (mut console, _) = shop(Lang::En, (80, 24));
        let before = selected(&console);
        press(&mut console, keys);
        console.learn(vec![began("NEW0", 5)]);
        assert_eq!(selected(&console), before, "{keys}");
        press(&mut console, "<Esc>");
        console.learn(vec![began("NEW1", 4)]);
        assert_eq!(selected(&console), before, "{keys}: it is not on the first row any more");
    }
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "jk");
    let first = selected(&console);
    console.learn(vec![began("A-NUMBER-BEFORE", 5)]);
    assert_eq!(selected(&console), first, "sorted by number, ascending, no row is newer than another");
    assert_eq!(console.list().newer_above(99), 0);
}

/// The query for the newest rows was sent, and then a key was pressed about the row that was the newest.
#[test]
fn a_key_pressed_while_newer_rows_are_read_is_about_the_row_it_was_pressed_on() {
    let (mut console, _) = shop(Lang::En, (80, 24));
    let before = selected(&console);
    let generation = console.generation;
    console.ledger().put(crate::console::tests::fixture::PROFILE, &[began("NEW0", 5).fresh.unwrap()]).unwrap();
    let event = Event::KindChanged(Kind::ServiceOrder);
    let asked = console.step_unanswered(Msg::Session { generation, event });
    let key =
        crossterm::event::KeyEvent::new(crossterm::event::KeyCode::Char('c'), crossterm::event::KeyModifiers::NONE);
    let asked = [asked, console.step_unanswered(Msg::Key(key))].concat();
    assert!(!console.view.dialogs.is_empty());
    console.answer_all(asked);
    assert_eq!(selected(&console), before);
}

#[test]
fn what_was_just_made_is_under_the_cursor_when_its_tab_is_opened() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "6G/state:abnormal<Enter>5a<Enter><Right><Enter>");
    let refund = json!({"out_refund_no": "RF-JUST-MADE", "status": "PROCESSING", "create_time": "2026-11-21T16:59:00+08:00",
        "amount": {"total": 100, "refund": 100, "currency": "CNY"}});
    let fresh = fresh(Kind::Refund, refund, 0);
    let made = Some(Box::new(Made { id: fresh.object.id.clone(), handover: None }));
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made };
    receive(&mut console, fetched(fresh));
    receive(&mut console, Event::Concluded { ticket: Ticket(1), outcome });
    press(&mut console, "6");
    assert_eq!(number(&selected(&console)), "RF-JUST-MADE");
    assert_eq!(console.list().filter().to_string(), "state:abnormal", "the filter stays");
    assert_eq!(console.list().rows().len(), 2, "it is shown although it does not pass");
}

#[test]
fn one_key_shows_only_what_failed_or_is_disputed_and_all_again() {
    let mut console = open(Lang::En, (120, 40));
    let shown = |console: &Console| -> Vec<String> {
        console.list().rows().iter().map(|row| row.id.number.tail().to_owned()).collect()
    };
    let all = console.list().rows().len();
    press(&mut console, "!");
    // One has expired, and the state of another is not known to this version.
    assert_eq!(shown(&console), ["0005", "0007"]);
    assert!(picture(&console).contains("✗ problems only · !"));
    let disputed = id(Kind::ServiceOrder, "SO20261121000001");
    console.claim(disputed, Fact::Collected, Some(900), "2026-11-20 1", 9);
    assert_eq!(shown(&console), ["0001", "0005", "0007"]);
    assert_eq!(console.list().totals().map(|totals| (totals.shown, totals.known)), Some((3, all as u64)));
    press(&mut console, "*");
    assert_eq!(console.list().marked().len(), 3, "all that match are marked");
    press(&mut console, "u!");
    assert_eq!(shown(&console).len(), all);
    press(&mut console, "/charge<Enter>!!");
    assert_eq!(console.list().filter().to_string(), "charge", "the rest of the filter stays");
}

#[test]
fn numbers_are_whole_and_the_attachment_is_last() {
    let number = "91175281820831043831921484801234";
    let mut console = open(Lang::En, (119, 40));
    let paid = json!({
        "out_trade_no": number, "transaction_id": "4200001234202611210000000009", "trade_state": "SUCCESS", "trade_type": "MICROPAY",
        "attach": "wxzff|10001|a long text that nobody needs", "success_time": "2026-11-21T16:40:00+08:00",
        "payer": {"openid": "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o"}, "amount": {"total": 123_456_700, "payer_total": 4800, "currency": "CNY"}});
    receive(&mut console, fetched(fresh(Kind::Transaction, paid, 0)));
    let mut layout = FrameLayout::default();
    for size in [(119, 40), (80, 24)] {
        console.step(Msg::Resize(size.0, size.1));
        press(&mut console, "4");
        frame(&mut console, &mut layout);
        assert!(picture(&console).contains(number) && picture(&console).contains("¥1,234,567.00"));
        // Each column is reached, and the number stays.
        let mut seen = picture(&console);
        for _ in 0..console.room.sideways {
            press(&mut console, "<Right>");
            frame(&mut console, &mut layout);
            assert!(picture(&console).contains(number));
            seen.push_str(&picture(&console));
        }
        for column in
            ["Transaction ID", "User", "State", "Amount", "User paid", "Type", "Paid at", "Verified", "Attachment"]
        {
            assert!(seen.contains(column), "{column} at {size:?}\n{seen}");
        }
        assert!(seen.contains("4200001234202611210000000009"), "{size:?}");
        press(&mut console, "hhhhhhhhhh");
    }
    let columns: Vec<&str> = console.list().all_columns().iter().map(|column| column.id).collect();
    assert_eq!(columns.last(), Some(&"title"));
}

#[test]
fn one_key_turns_between_the_columns_that_fit_and_all_of_them() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "4");
    let narrow = picture(&console);
    press(&mut console, "C");
    let wide = picture(&console);
    assert!(!narrow.contains("Transaction ID"), "{narrow}");
    assert!(wide.contains("Transaction ID"), "{wide}");
    press(&mut console, "C");
    assert_eq!(picture(&console), narrow);
}

#[test]
fn a_column_is_moved_in_its_dialog_and_the_number_stays_first() {
    let mut console = open(Lang::En, (80, 24));
    let order = |console: &Console| console.list().columns().map(|column| column.id).collect::<Vec<_>>();
    let usual = order(&console);
    assert_eq!(usual[..4], ["number", "title", "user", "state"]);
    press(&mut console, "cjjjKK");
    assert_eq!(order(&console)[..4], ["number", "state", "title", "user"]);
    press(&mut console, "KK");
    assert_eq!(order(&console)[0], "number");
    press(&mut console, "J<Enter>");
    assert_eq!(order(&console)[1], "title", "the line moves with its column, but this one cannot be hidden");
    press(&mut console, "<Esc>");
    let header = picture(&console).lines().find(|line| line.contains("Number")).unwrap().to_owned();
    let place = |word: &str| header.find(word).unwrap();
    assert!(place("Service") < place("State"), "{header}");
}

#[test]
fn a_range_is_marked_from_the_last_mark_and_marks_are_inverted_over_all_that_match() {
    let mut console = open(Lang::En, (80, 24));
    let marked =
        |console: &Console| -> Vec<String> { console.list().marked().map(|id| id.number.tail().to_owned()).collect() };
    press(&mut console, "V");
    assert!(marked(&console).is_empty(), "there is no mark to begin at");
    press(&mut console, "j jjV");
    assert_eq!(marked(&console), ["0002", "0003", "0004", "0005"]);
    press(&mut console, "I");
    assert_eq!(marked(&console), ["0001", "0006", "0007", "0008"]);
    press(&mut console, "/state:doing<Enter>I<Esc>");
    assert_eq!(marked(&console), ["0002", "0006", "0007", "0008"], "rows that do not match stay as they are");
    // A range goes upwards, too.
    press(&mut console, "<Esc>uG kkkV");
    assert_eq!(marked(&console), ["0005", "0006", "0007", "0008"]);
}

#[test]
fn a_range_beyond_the_cap_marks_nothing() {
    let mut console = open(Lang::En, (80, 24));
    if let crate::console::app::state::Stage::Open(account) = &mut console.stage {
        account.rules = std::sync::Arc::new(crate::model::action::Rules { max_bulk: 3, ..Default::default() });
    }
    press(&mut console, " jjV");
    assert_eq!(console.list().marked().len(), 1);
    assert!(console.view.toasts.iter().any(|toast| toast.title.contains("At most 3")));
    press(&mut console, "I");
    assert_eq!(console.list().marked().len(), 1);
}

#[test]
fn bars_have_one_length_and_their_figures_end_at_one_place() {
    let mut console = open(Lang::En, (119, 40));
    for (number, state) in [("SO20261121000011", PAID), ("SO20261121000012", COLLECTING)] {
        receive(&mut console, fetched(fresh(Kind::ServiceOrder, order(number, state, 100), 0)));
    }
    let picture = picture(&console);
    let line = |number: &str| picture.lines().find(|line| line.contains(number)).unwrap().to_owned();
    let (paid, unpaid) = (line("SO20261121000011"), line("SO20261121000012"));
    assert!(paid.contains("━━━━━━━━ 100%") && unpaid.contains("╌╌╌╌╌╌╌╌   0%"), "{picture}");
}

#[test]
fn a_click_on_the_note_of_newer_rows_goes_to_the_first_also_from_the_detail() {
    for detail in ["", "<Enter>"] {
        let mut console = newer(Lang::En, (140, 40));
        press(&mut console, detail);
        assert_ne!(selected(&console).number.as_str(), "NEW0");
        click(&mut console, "newer");
        assert_eq!(selected(&console).number.as_str(), "NEW0");
        assert!(console.view.detail.is_none());
        assert!(!picture(&console).contains("newer ·"), "{}", picture(&console));
    }
}

#[test]
fn a_click_beside_a_dialog_reaches_nothing_beneath_it() {
    let mut console = newer(Lang::En, (140, 40));
    press(&mut console, "c");
    let before = selected(&console);
    for target in [Target::Command("top"), Target::Tab(0)] {
        console.step(Msg::Click { target, double: false });
    }
    assert_eq!((selected(&console), console.kind()), (before, Some(Kind::ServiceOrder)));
}
