//! Whole screens as text: both languages, all sizes, frozen in time. Read each changed picture before accepting it.

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::Color;

use crate::api::{ApiError, Failure, Untrusted};
use crate::console::app::msg::Msg;
use crate::console::app::placed::Placed;
use crate::console::app::state::State;
use crate::console::app::view::draw;
use crate::console::tests::fixture::{Console, NOW, account, fresh, hear, open, order, press, preview, starting};
use crate::i18n::Lang;
use crate::ledger::Ending;
use crate::model::action::{ActionId, Caps, Reasons, Rules, WriteName};
use crate::model::time::Duration;
use crate::model::{Environment, Kind, Money};
use crate::services::{BillEvent, BillFailure, BulkEvent, Event, Health, Outcome, Surprise, Ticket, Trouble};

pub(crate) fn terminal(state: &State) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(state.size.0, state.size.1)).unwrap();
    terminal.draw(|frame| drop(draw(state, &Placed::default(), frame))).unwrap();
    terminal
}

/// The screen as text; a wide character takes the place of two.
pub(crate) fn picture(state: &State) -> String {
    let terminal = terminal(state);
    let buffer = terminal.backend().buffer();
    let mut lines = Vec::new();
    for y in 0..buffer.area.height {
        let (mut line, mut x) = (String::new(), 0);
        while x < buffer.area.width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += crate::text::width(symbol).max(1) as u16;
        }
        lines.push(line.trim_end().to_owned());
    }
    lines.join("\n")
}

macro_rules! screen {
    ($name:ident, $state:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(picture(&$state));
        }
    };
}

fn after(mut state: Console, keys: &str) -> Console {
    press(&mut state, keys);
    state
}

fn production(mut state: Console) -> Console {
    state.stage = crate::console::app::state::Stage::Open(account(Environment::Production));
    state
}

/// A bulk action shown, as the keys ask for it.
fn previewed(mut state: Console, keys: &str) -> Console {
    preview(&mut state, keys);
    state
}

/// All orders that can be are being cancelled: one is done, one refused, one on its way.
fn running(state: Console) -> Console {
    let mut state = previewed(state, "*ajj<Enter>客户来电<Enter>");
    press(&mut state, "3<Enter>");
    let done = Outcome::Done { request_id: Some("08F7-0".into()), journal: 12, found_by_query: false, made: None };
    for event in [BulkEvent::Started(0), BulkEvent::Ended(0, done), BulkEvent::Started(1)] {
        hear(&mut state, Event::Bulk(event));
    }
    state
}

/// The second of them ended in nobody knows what.
fn surprised(state: Console) -> Console {
    let mut state = running(state);
    let error = std::sync::Arc::new(ApiError::UnknownOutcome(Failure::Timeout { seconds: 10 }));
    let unknown = Outcome::Unknown { error: error.clone(), journal: 13 };
    hear(&mut state, Event::Bulk(BulkEvent::Ended(1, unknown)));
    hear(&mut state, Event::Bulk(BulkEvent::Paused(Some(Surprise::Unknown(error)))));
    state
}

/// And was stopped then.
fn finished(state: Console) -> Console {
    let mut state = surprised(state);
    press(&mut state, "s");
    hear(&mut state, Event::Bulk(BulkEvent::Finished));
    state
}

/// The profile wants a reason for everything, and has a cap of ¥10.00.
fn ruled(mut state: Console, capped: bool) -> Console {
    if let crate::console::app::state::Stage::Open(account) = &mut state.stage {
        let caps = Caps { others: capped.then_some(Money::cny(1000)), ..Caps::default() };
        let deny = [WriteName::Action(ActionId::OrderCancel)].into();
        let rules = Rules { deny, require_reason: Reasons::All, max_amount: caps, ..Rules::default() };
        account.rules = std::sync::Arc::new(rules);
    }
    state
}

fn first_run(mut state: Console) -> Console {
    state.first_run = true;
    state
}

/// The gateway is gone, and a query failed.
fn troubled(mut state: Console) -> Console {
    let error = std::sync::Arc::new(ApiError::Unreachable(Failure::Timeout { seconds: 10 }));
    let trouble = Some(Trouble {
        since: NOW - Duration::minutes(2),
        error: error.clone(),
        again: Some(NOW + Duration::seconds(9)),
    });
    let health = Health { trouble, ..state.view.health.clone() };
    hear(&mut state, Event::Health(health));
    for number in ["SO20261121000004", "SO20261121000008"] {
        let id = crate::console::tests::fixture::id(Kind::ServiceOrder, number);
        hear(&mut state, Event::Fetched { id, at: NOW, result: Err(error.clone()) });
    }
    state
}

fn with_bills(lang: Lang, width: u16, height: u16) -> Console {
    let mut state = at(lang, width, height);
    crate::console::tests::fixture::bills(&mut state, 60);
    state
}

fn with_odd_bills(lang: Lang, width: u16, height: u16) -> Console {
    let mut state = at(lang, width, height);
    crate::console::tests::fixture::odd_bills(&mut state);
    state
}

/// A bill is on its way, and another could not be had.
fn coming(state: Console) -> Console {
    let mut state = after(state, "7n<Enter>");
    let id = crate::model::bill::BillId {
        day: time::macros::date!(2026 - 11 - 20),
        kind: crate::model::bill::BillKind::Trade(crate::model::bill::TradeRows::All),
    };
    hear(&mut state, Event::Bill(BillEvent::Coming { id, bytes: 3_456_789 }));
    let other = crate::model::bill::BillId { day: time::macros::date!(2026 - 11 - 18), ..id };
    let reason = Untrusted::Hash { expected: "ab".repeat(20), found: "cd".repeat(20) };
    let failure = std::sync::Arc::new(BillFailure::Api(ApiError::Untrusted { reason, request_id: None }));
    hear(&mut state, Event::Bill(BillEvent::Fetched { id: other, result: Err(failure) }));
    state
}

fn at(lang: Lang, width: u16, height: u16) -> Console {
    open(lang, (width, height))
}

screen!(first_frame, starting(Lang::En, (80, 24)));
screen!(orders_en_80x24, at(Lang::En, 80, 24));
screen!(orders_zh_80x24, at(Lang::ZhCn, 80, 24));
screen!(orders_en_120x40, at(Lang::En, 120, 40));
screen!(orders_zh_200x60, at(Lang::ZhCn, 200, 60));
screen!(plans_zh_120x40, after(at(Lang::ZhCn, 120, 40), "1<Enter>"));
screen!(sign_plan_detail_en_80x24, after(at(Lang::En, 80, 24), "2<Enter>"));
screen!(transactions_en_120x40, after(at(Lang::En, 120, 40), "4"));
screen!(stock_detail_zh_80x24, after(at(Lang::ZhCn, 80, 24), "5<Enter>"));
screen!(refunds_en_120x40, after(at(Lang::En, 120, 40), "6"));
screen!(refunds_zh_80x24, after(at(Lang::ZhCn, 80, 24), "6"));
screen!(bills_en_80x24, after(with_bills(Lang::En, 80, 24), "7"));
screen!(bills_zh_120x40, after(with_bills(Lang::ZhCn, 120, 40), "7"));
screen!(bills_zh_80x24, after(with_bills(Lang::ZhCn, 80, 24), "7"));
screen!(bills_en_120x40, after(with_bills(Lang::En, 120, 40), "7j"));
screen!(bills_en_200x60, after(with_bills(Lang::En, 200, 60), "7<Enter>"));
screen!(bills_empty_zh_80x24, after(at(Lang::ZhCn, 80, 24), "7"));
screen!(bill_rows_en_80x24, after(with_bills(Lang::En, 80, 24), "7<Enter>jj"));
screen!(bill_rows_zh_80x24, after(with_bills(Lang::ZhCn, 80, 24), "7<Enter>G"));
screen!(bill_rows_zh_120x40, after(with_bills(Lang::ZhCn, 120, 40), "7<Enter>"));
screen!(bill_rows_en_120x40, after(with_bills(Lang::En, 120, 40), "7<Enter>j"));
screen!(bill_rows_en_60x16, after(with_bills(Lang::En, 60, 16), "7<Enter>"));
screen!(bill_flow_zh_120x40, after(with_bills(Lang::ZhCn, 120, 40), "7j<Enter>jj"));
screen!(bill_form_en_80x24, after(with_bills(Lang::En, 80, 24), "7n"));
screen!(bill_form_zh_120x40, after(with_bills(Lang::ZhCn, 120, 40), "7n<Right><Tab><Right><Tab><Back>"));
screen!(bill_currencies_en_80x24, after(with_odd_bills(Lang::En, 80, 24), "7<Enter>"));
screen!(bill_currencies_zh_200x60, after(with_odd_bills(Lang::ZhCn, 200, 60), "7<Enter>"));
screen!(bill_of_two_days_zh_120x40, after(with_odd_bills(Lang::ZhCn, 120, 40), "7j<Enter>"));
screen!(bill_bad_lines_en_80x24, after(with_odd_bills(Lang::En, 80, 24), "7G<Enter>"));
screen!(bill_coming_zh_80x24, coming(with_bills(Lang::ZhCn, 80, 24)));
screen!(abnormal_refund_en_80x24, after(at(Lang::En, 80, 24), "6/state:abnormal<Enter><Enter>"));
screen!(abnormal_refund_zh_120x40, after(at(Lang::ZhCn, 120, 40), "6/state:abnormal<Enter><Enter>"));
screen!(form_abnormal_refund_zh, after(at(Lang::ZhCn, 100, 34), "6/state:abnormal<Enter>a<Enter>"));
screen!(
    confirm_abnormal_refund_en,
    after(
        at(Lang::En, 100, 44),
        "6/state:abnormal<Enter>a<Enter><Right><Tab><Right><Tab>6225880123456789<Tab>Li Si<Enter>"
    )
);
screen!(form_refund_en, after(at(Lang::En, 80, 24), "4/success<Enter>a<Enter>"));
screen!(confirm_refund_zh_120x40, after(at(Lang::ZhCn, 120, 40), "4/success<Enter>a<Enter><Enter>"));
screen!(order_raw_en_80x24, after(at(Lang::En, 80, 24), "<Enter><Left>"));
screen!(filter_typed_en, after(at(Lang::En, 80, 24), "/state:doing"));
screen!(filter_malformed_keeps_the_last_zh, after(at(Lang::ZhCn, 80, 24), "/充电 amount>"));
screen!(filter_for_no_such_state_zh, after(at(Lang::ZhCn, 80, 24), "/state:nope<Enter>"));
screen!(menu_en, after(at(Lang::En, 80, 24), "a"));
screen!(sort_zh, after(at(Lang::ZhCn, 80, 24), "s"));
screen!(palette_zh, after(at(Lang::ZhCn, 80, 24), ":complete"));
screen!(help_en, after(at(Lang::En, 80, 24), "?"));
screen!(form_zh, after(at(Lang::ZhCn, 80, 24), "a<Enter>x"));
screen!(confirm_complete_en_80x24, after(at(Lang::En, 80, 24), "a<Enter><Enter>"));
screen!(confirm_complete_production_zh_120x40, after(production(at(Lang::ZhCn, 120, 40)), "a<Enter><Enter>"));
screen!(confirm_wrong_text_zh, after(at(Lang::ZhCn, 80, 24), "a<Enter><Enter>99"));
screen!(confirm_modify_en_80x24, after(at(Lang::En, 80, 24), "ja<Enter>20<Tab>late return<Enter>"));
screen!(confirm_pause_reversible_en, after(at(Lang::En, 120, 40), "5a<Enter>"));
screen!(confirm_with_reason_en_80x24, after(ruled(at(Lang::En, 80, 24), false), "a<Enter><Enter>customer called"));
screen!(confirm_with_reason_zh_80x24, after(ruled(at(Lang::ZhCn, 80, 24), false), "a<Enter><Enter>客户来电"));
screen!(
    confirm_reason_missing_zh_60x16,
    after(ruled(at(Lang::ZhCn, 60, 16), false), "a<Enter><Enter><Tab>0001<Enter>")
);
screen!(confirm_above_cap_en_60x16, after(ruled(at(Lang::En, 60, 16), true), "a<Enter><Enter>"));
screen!(confirm_above_cap_zh_80x24, after(ruled(at(Lang::ZhCn, 80, 24), true), "a<Enter><Enter>"));
screen!(form_above_cap_en, after(ruled(at(Lang::En, 80, 24), true), "a<Enter>"));
screen!(menu_denied_zh, after(ruled(at(Lang::ZhCn, 80, 24), false), "a"));
screen!(marked_en_80x24, after(at(Lang::En, 80, 24), "  j "));
screen!(marked_en_120x40, after(at(Lang::En, 120, 40), "*"));
screen!(marked_zh_80x24, after(at(Lang::ZhCn, 80, 24), "  j "));
screen!(bulk_preview_zh_120x40, previewed(at(Lang::ZhCn, 120, 40), "*ajj<Enter>客户来电<Enter>"));
screen!(bulk_running_en_120x40, running(at(Lang::En, 120, 40)));
screen!(bulk_running_zh_80x24, running(at(Lang::ZhCn, 80, 24)));
screen!(bulk_finished_en_80x24, finished(at(Lang::En, 80, 24)));
screen!(bulk_finished_zh_120x40, finished(at(Lang::ZhCn, 120, 40)));
screen!(bulk_preview_wrong_count_en_60x16, after(previewed(at(Lang::En, 60, 16), "*ajj<Enter>late<Enter>"), "7"));
screen!(marked_zh_120x40, after(at(Lang::ZhCn, 120, 40), "*"));
screen!(bulk_menu_en_80x24, after(at(Lang::En, 80, 24), "*a"));
screen!(bulk_form_zh_80x24, after(at(Lang::ZhCn, 80, 24), "4*aj<Enter>"));
screen!(bulk_preview_en_80x24, previewed(at(Lang::En, 80, 24), "*ajj<Enter>late return<Enter>"));
screen!(bulk_preview_en_120x40, previewed(at(Lang::En, 120, 40), "*ajj<Enter>late return<Enter>"));
screen!(bulk_preview_zh_80x24, previewed(at(Lang::ZhCn, 80, 24), "*ajj<Enter>客户来电<Enter>"));
screen!(bulk_preview_production_zh_120x40, previewed(production(at(Lang::ZhCn, 120, 40)), "*a<Enter><Enter>"));
screen!(bulk_running_en_80x24, running(at(Lang::En, 80, 24)));
screen!(bulk_running_zh_120x40, running(at(Lang::ZhCn, 120, 40)));
screen!(bulk_in_the_status_line_en_120x40, after(running(at(Lang::En, 120, 40)), "<Esc>"));
screen!(bulk_quit_en_80x24, after(running(at(Lang::En, 80, 24)), "<Esc>q"));
screen!(bulk_paused_zh_80x24, surprised(at(Lang::ZhCn, 80, 24)));
screen!(bulk_finished_en_120x40, finished(at(Lang::En, 120, 40)));
screen!(bulk_finished_zh_80x24, finished(at(Lang::ZhCn, 80, 24)));
screen!(export_en, after(at(Lang::En, 80, 24), "e"));
screen!(orders_en_60x16, at(Lang::En, 60, 16));
screen!(help_of_the_detail_zh, after(at(Lang::ZhCn, 120, 50), "<Enter>?"));
screen!(trouble_en_80x24, troubled(at(Lang::En, 80, 24)));
screen!(first_run_zh_80x24, first_run(at(Lang::ZhCn, 80, 24)));
screen!(too_small_en, at(Lang::En, 40, 10));

/// On the journal's tab, after these keys.
fn journal(lang: Lang, width: u16, height: u16, keys: &str) -> Console {
    let mut state = open(lang, (width, height));
    crate::console::tests::fixture::journal(&mut state);
    after(state, &format!("9{keys}"))
}

screen!(journal_en_80x24, journal(Lang::En, 80, 24, ""));
screen!(journal_zh_80x24, journal(Lang::ZhCn, 80, 24, ""));
screen!(journal_en_120x40, journal(Lang::En, 120, 40, "j"));
screen!(journal_zh_120x40, journal(Lang::ZhCn, 120, 40, "j"));
screen!(journal_en_60x16, journal(Lang::En, 60, 16, ""));
screen!(journal_entry_en_80x24, journal(Lang::En, 80, 24, "jj<Enter>"));
screen!(journal_entry_zh_80x24, journal(Lang::ZhCn, 80, 24, "jj<Enter>"));
screen!(journal_entry_zh_60x16, journal(Lang::ZhCn, 60, 16, "jj<Enter>"));
screen!(journal_entry_refused_en_80x24, journal(Lang::En, 80, 24, "jjj<Enter>"));
screen!(journal_of_an_order_zh_80x24, journal(Lang::ZhCn, 80, 24, "3jJ"));
screen!(journal_searched_en_80x24, journal(Lang::En, 80, 24, "/客户"));
screen!(journal_nothing_found_en_80x24, journal(Lang::En, 80, 24, "/no such text<Enter>"));
screen!(journal_nothing_found_zh_120x40, journal(Lang::ZhCn, 120, 40, "/no such text<Enter>"));
screen!(journal_empty_en_120x40, after(at(Lang::En, 120, 40), "9"));
screen!(journal_empty_zh_80x24, after(at(Lang::ZhCn, 80, 24), "9"));

/// The end of an entry shows its hash, which is another in every run: the process that wrote it is part of the entry.
#[test]
fn an_entry_is_told_to_its_end() {
    for (lang, size) in [(Lang::En, (120, 40)), (Lang::ZhCn, (120, 40)), (Lang::ZhCn, (200, 60))] {
        let state = journal(lang, size.0, size.1, "jj<Enter>G");
        let hash = state.journal.selected().unwrap().hash.clone();
        let picture = picture(&state);
        let (first, second) = hash.split_at(if size.0 == 200 { 55 } else { 64 });
        assert!(picture.contains(first) && picture.contains(second), "{hash} is not on\n{picture}");
        let blind = picture.replace(first, &"0".repeat(first.len()));
        let blind = if second.is_empty() { blind } else { blind.replace(second, &"0".repeat(second.len())) };
        insta::assert_snapshot!(format!("journal_entry_{}_{}x{}", lang.tag(), size.0, size.1), blind);
    }
}

#[test]
fn a_hostile_reason_or_reply_is_shown_in_the_journal_and_not_obeyed() {
    let mut state = at(Lang::En, 120, 40);
    let evil = "evil\u{1b}[2J\u{202e}\u{200b}\u{7}\r\n\u{1b}]52;c;eA==\u{7}";
    let id = crate::console::tests::fixture::id(Kind::ServiceOrder, "SO20261121000002");
    let mut intent = state.intent("order-cancel", Some(id), &serde_json::json!({"reason": evil}), 9);
    (intent.reason, intent.operator, intent.before) = (Some(evil.into()), evil.into(), Some(evil.into()));
    state.commit(&intent, &[crate::console::tests::fixture::settled(Ending::Done, Some(evil), Some(evil))]);
    for keys in ["9", "<Enter>", "G", "<Esc>/evil<Enter>"] {
        press(&mut state, keys);
        let picture = picture(&state);
        assert!(picture.contains("evil"), "{picture}");
        assert!(!picture.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
    }
}

#[test]
fn confirm_learns_that_the_object_changed() {
    let mut state = after(at(Lang::En, 100, 40), "a<Enter><Enter>");
    let fresh = fresh(Kind::ServiceOrder, order("SO20261121000001", ["REVOKED", "", ""], 1200), 0);
    hear(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) });
    insta::assert_snapshot!(picture(&state));
}

#[test]
fn outcome_and_row_in_flight() {
    let mut state = after(at(Lang::En, 100, 24), "5a<Enter><Tab><Enter>");
    assert!(picture(&state).contains("sending…"));
    let outcome = Outcome::Done { request_id: Some("08F7-0".into()), journal: 12, found_by_query: false, made: None };
    hear(&mut state, Event::Settled { ticket: Ticket(1), outcome });
    insta::assert_snapshot!(picture(&state));
}

#[test]
fn hostile_text_is_shown_and_not_obeyed() {
    let mut state = at(Lang::En, 120, 40);
    let mut document = order("SO20261121000001", ["DOING", "USER_CONFIRM", ""], 1200);
    document["service_introduction"] = "\u{1b}[2J\u{202e}evil\u{200b}\u{7}\r\n".into();
    document["openid"] = "o\u{1b}]52;c;eA==\u{7}".into();
    let fresh = fresh(Kind::ServiceOrder, document, 0);
    hear(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) });
    for keys in ["", "<Enter>", "<Right>", "<Right>", "<Right>", "<Right>a", "<Enter>", "<Enter>"] {
        press(&mut state, keys);
        let picture = picture(&state);
        assert!(!picture.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
    }
    insta::assert_snapshot!(picture(&state));
}

#[test]
fn no_size_panics_on_any_screen() {
    let screens = [
        "",
        "<Enter>",
        "<Enter><Left>",
        "t",
        "t<Enter>",
        "f",
        "a",
        "a<Enter>",
        "a<Enter><Enter>",
        ":",
        "/x amount>",
        "s",
        "c",
        "?",
        "e",
        "p",
        "*",
        "*a",
        "*ajj<Enter>",
        "9",
        "9jj<Enter>",
        "9/x",
        "7",
        "7<Enter>",
        "7j<Enter>",
        "7n",
    ];
    let bulk = || {
        let mut state = with_bills(Lang::ZhCn, 80, 24);
        crate::console::tests::fixture::journal(&mut state);
        state
    };
    let states =
        [previewed(bulk(), "*ajj<Enter>客户来电<Enter>"), running(bulk()), surprised(bulk()), finished(bulk())];
    for mut state in screens.iter().map(|keys| after(bulk(), keys)).chain(states) {
        for (width, height) in (1..=44).step_by(3).flat_map(|w| (1..=13).step_by(2).map(move |h| (w, h))) {
            state.step(Msg::Resize(width, height));
            terminal(&state);
        }
        for (width, height) in [(60, 16), (61, 17), (159, 16), (160, 16), (300, 80)] {
            state.lang = Lang::En;
            state.step(Msg::Resize(width, height));
            terminal(&state);
        }
    }
}

#[test]
fn without_colours_nothing_is_coloured_and_the_cursor_is_seen() {
    let mut state = at(Lang::En, 120, 40);
    state.no_color = true;
    for keys in ["", "a", "<Enter>", "<Enter>"] {
        press(&mut state, keys);
        let terminal = terminal(&state);
        let cells = &terminal.backend().buffer().content;
        assert!(cells.iter().all(|cell| cell.fg == Color::Reset && cell.bg == Color::Reset), "{keys}");
        assert!(cells.iter().any(|cell| cell.modifier.contains(ratatui::style::Modifier::REVERSED)), "{keys}");
    }
}

#[test]
fn a_change_wakes_the_screen_until_it_has_faded() {
    let mut state = at(Lang::En, 80, 24);
    assert_eq!(state.fade(), None);
    let fresh = fresh(Kind::ServiceOrder, order("SO20261121000001", ["DOING", "MCH_COMPLETE", "USER_PAYING"], 1200), 0);
    let then = NOW + Duration::seconds(2);
    state.step(Msg::Now(then));
    hear(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: then, result: Ok(fresh) });
    assert_eq!(state.fade(), Some(then + Duration::seconds(2)));
    state.step(Msg::Now(then + Duration::seconds(5)));
    assert_eq!(state.fade(), Some(then + Duration::seconds(6)));
    state.step(Msg::Now(then + Duration::seconds(6)));
    assert_eq!(state.fade(), None);
}

/// Not a benchmark, a guard against work that grows with the table at every frame or key.
#[test]
fn a_hundred_thousand_rows_are_drawn_as_quickly_as_eight() {
    let mut state = at(Lang::En, 120, 40);
    let number = |i: u32| crate::console::tests::fixture::id(Kind::ServiceOrder, &format!("BIG{i:08}"));
    let known = (0..100_000).map(|i| crate::services::Known { id: number(i), fresh: None }).collect();
    state.learn(known);
    press(&mut state, "G");
    let start = std::time::Instant::now();
    for _ in 0..50 {
        press(&mut state, "k");
        terminal(&state);
    }
    assert!(start.elapsed() < std::time::Duration::from_secs(2), "{:?}", start.elapsed());
}
