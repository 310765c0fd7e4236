//! The inbox and its disputes: what the keys do, and how they look.

use std::sync::Arc;

use crate::api::{ApiError, RequestFailure};
use crate::console::app::effect::Effect;
use crate::console::tests::fixture::{Console, NOW, arrival, dispute, fresh, id, inbox, open, press, receive, refused};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::ledger::Verdict;
use crate::model::Kind;
use crate::model::time::Duration;
use crate::services::{ConnectionTrouble, Event, Health, Listening, Replayed, Request, TabAnswer};

fn console(lang: Lang, size: (u16, u16), keys: &str) -> Console {
    let mut console = open(lang, size);
    inbox(&mut console);
    press(&mut console, &format!("8{keys}"));
    // The highlight of new lines has faded.
    console.pass(Duration::seconds(30));
    console
}

fn disputed(lang: Lang, size: (u16, u16), keys: &str) -> Console {
    let mut console = open(lang, size);
    inbox(&mut console);
    dispute(&mut console);
    press(&mut console, &format!("8{keys}"));
    console.pass(Duration::seconds(30));
    console
}

fn empty(lang: Lang) -> Console {
    let mut console = open(lang, (80, 24));
    press(&mut console, "8");
    console
}

fn listening(lang: Lang, trouble: Option<&str>) -> Console {
    let mut console = open(lang, (80, 24));
    press(&mut console, "8");
    let url = trouble.is_none().then(|| "http://127.0.0.1:8443/notify".to_owned());
    let reported = Listening { url, since: Some(NOW), received: 12, refused: 3, trouble: trouble.map(str::to_owned) };
    receive(&mut console, Event::Listening(reported));
    console
}

screen!(inbox: list_en_80x24, console(Lang::En, (80, 24), ""));
screen!(inbox: list_zh_80x24, console(Lang::ZhCn, (80, 24), ""));
screen!(inbox: list_en_120x40, console(Lang::En, (120, 40), ""));
screen!(inbox: list_zh_120x40, console(Lang::ZhCn, (120, 40), ""));
screen!(inbox: list_en_200x60, console(Lang::En, (200, 60), "jjj"));
screen!(inbox: list_zh_200x60, console(Lang::ZhCn, (200, 60), "jjj"));
screen!(inbox: forged_zh_200x60, console(Lang::ZhCn, (200, 60), ""));
screen!(inbox: empty_en_80x24, empty(Lang::En));
screen!(inbox: empty_zh_80x24, empty(Lang::ZhCn));
screen!(inbox: listening_en_80x24, listening(Lang::En, None));
screen!(inbox: trouble_zh_80x24, listening(Lang::ZhCn, Some("127.0.0.1:8443: address in use")));
screen!(inbox: refund_en_80x24, console(Lang::En, (80, 24), "jjjj<Enter>"));
screen!(inbox: refund_zh_80x24, console(Lang::ZhCn, (80, 24), "jjjj<Enter>"));
screen!(inbox: coupon_en_80x24, console(Lang::En, (80, 24), "jjj<Enter>"));
screen!(inbox: payload_en_80x24, console(Lang::En, (80, 24), "jjjjjj<Enter><Tab>"));
screen!(inbox: hostile_payload_zh_80x24, console(Lang::ZhCn, (80, 24), "jj<Enter><Tab>"));
screen!(inbox: raw_en_120x40, console(Lang::En, (120, 40), "jjjj<Enter><Tab><Tab>"));
screen!(inbox: forged_raw_en_80x24, console(Lang::En, (80, 24), "<Enter><Tab><Tab>"));
screen!(inbox: deliveries_en_80x24, console(Lang::En, (80, 24), "jjjj<Enter><Left>"));
screen!(inbox: deliveries_zh_80x24, console(Lang::ZhCn, (80, 24), "jjjj<Enter><Left>"));
screen!(inbox: disputes_en_80x24, disputed(Lang::En, (80, 24), "d"));
screen!(inbox: disputes_zh_80x24, disputed(Lang::ZhCn, (80, 24), "d"));
screen!(inbox: disputes_en_120x40, disputed(Lang::En, (120, 40), "d"));
screen!(inbox: disputes_zh_200x60, disputed(Lang::ZhCn, (200, 60), "d"));
screen!(inbox: no_disputes_en_80x24, console(Lang::En, (80, 24), "d"));
screen!(inbox: no_disputes_zh_80x24, console(Lang::ZhCn, (80, 24), "d"));
screen!(inbox: disputed_object_en_80x24, disputed(Lang::En, (80, 24), "dj<Enter>"));
screen!(inbox: disputed_row_en_80x24, disputed(Lang::En, (80, 24), "4"));
screen!(inbox: replay_asks_where_en_80x24, console(Lang::En, (80, 24), "jjjjs"));
screen!(inbox: replay_preview_en_80x24, console(Lang::En, (80, 24), "jjjjs<Enter>"));
screen!(inbox: replay_preview_zh_120x40, leaving(Lang::ZhCn, (120, 40)));
screen!(inbox: replay_preview_en_120x40, leaving(Lang::En, (120, 40)));
screen!(inbox: search_en_80x24, console(Lang::En, (80, 24), "/verdict:nice"));
screen!(inbox: search_zh_80x24, console(Lang::ZhCn, (80, 24), "/type:退款<Enter>"));

/// A line is about to be sent from this machine.
fn leaving(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = console(lang, size, "jjjjs");
    press(&mut console, &"<Back>".repeat(40));
    press(&mut console, "https://back.example/hook<Enter>");
    console
}

#[test]
fn no_size_panics_whatever_is_in_the_inbox() {
    let long = serde_json::json!({"out_trade_no": "T1", "note": "中文😀\u{202e}\u{1b}]0;x\u{7}".repeat(9_000)});
    for keys in ["8", "8<Enter>", "8<Enter><Tab>", "8<Enter><Tab><Tab>", "8<Enter><Left>", "8d", "8s", "8s<Enter>"] {
        let mut console = open(Lang::ZhCn, (120, 40));
        dispute(&mut console);
        console.refuse(&[refused(Verdict::Oversized, "\u{1b}[2J", &vec![0xfe; 1 << 20], 5)]);
        let mut huge = arrival("EV-HUGE", "TRANSACTION.SUCCESS", "😀\u{202e}", &long, 0);
        huge.delivery.body = format!("{{\"a\":\"{}\"}}", "x".repeat(1 << 20)).into_bytes();
        console.deliver(vec![(huge, 5_100_000)]);
        press(&mut console, keys);
        for size in [(3, 3), (1, 1), (60, 16), (61, 17), (80, 24), (159, 20), (160, 50), (300, 90)] {
            console.step(crate::console::app::msg::Msg::Resize(size.0, size.1));
            let shown = picture(&console);
            assert!(!shown.contains('\u{1b}') && !shown.contains('\u{202e}'), "{keys} at {size:?}");
        }
    }
}

#[test]
fn a_line_leads_to_its_object_and_a_coupon_without_a_user_says_why_not() {
    let mut state = console(Lang::En, (80, 24), "jjjj<Enter>");
    press(&mut state, "<Enter>");
    assert_eq!(state.view.detail.as_ref().map(|detail| &detail.of), Some(&id(Kind::Refund, "RF0000000002")));
    let mut state = console(Lang::En, (80, 24), "jjj<Enter>");
    press(&mut state, "<Enter>");
    assert!(
        state.view.detail.is_none()
            && state.view.toasts.iter().any(|toast| toast.title.contains("does not name the coupon’s user"))
    );
    // Esc closes the detail, and the cursor is where it was.
    press(&mut state, "<Esc><Esc>");
    assert!(state.view.tabs.inbox.reading.is_none());
    assert_eq!(state.view.tabs.inbox.selected().and_then(|row| row.event_type.as_deref()), Some("COUPON.USE"));
}

#[test]
fn the_inbox_is_searched_by_words_types_and_verdicts() {
    let count = |keys: &str| console(Lang::En, (80, 24), keys).view.tabs.inbox.rows().len();
    assert_eq!(count(""), 7);
    assert_eq!(count("/T20261121000001<Enter>"), 1);
    assert_eq!(count("/type:REFUND<Enter>"), 1);
    assert_eq!(count("/verdict:forged<Enter>"), 1);
    assert_eq!(count("/98674556<Enter>"), 1, "a coupon by its number");
    assert_eq!(count("v"), 5);
    assert_eq!(count("vv"), 2);
    assert_eq!(count("vvv"), 7);
    assert_eq!(count("v/zzz<Esc>"), 5, "back to what was shown before");
    assert_eq!(count("v<Esc>"), 7);
}

#[test]
fn the_cursor_stays_on_its_line_when_new_ones_come_and_these_are_marked() {
    let mut state = console(Lang::En, (80, 24), "jj");
    let at = state.view.tabs.inbox.cursor();
    let paid = serde_json::json!({"out_trade_no": "T-NEW"});
    state.deliver(vec![(arrival("EV-NEW", "TRANSACTION.SUCCESS", "支付成功", &paid, 0), 1_000)]);
    state.pass(Duration::SECOND);
    assert_eq!((state.view.tabs.inbox.cursor(), state.view.tabs.inbox.position()), (at, 3));
    let new = state.view.tabs.inbox.rows()[0].id;
    assert!(state.view.tabs.inbox.changed(new, state.now).is_some());
    assert!(state.view.tabs.inbox.changed(at.unwrap(), state.now).is_none());
    state.pass(Duration::seconds(5));
    assert!(state.view.tabs.inbox.changed(new, state.now).is_none());
}

#[test]
fn a_disagreement_is_settled_by_one_key_and_one_that_stands_says_so() {
    let mut state = disputed(Lang::En, (80, 24), "d");
    assert!(picture(&state).contains("⚠2"));
    press(&mut state, "j");
    let of = crate::console::tabs::inbox::update::dispute(&state).map(|one| one.row.id.clone()).unwrap();
    assert_eq!(of, id(Kind::Transaction, "T20261121000002"));
    assert_eq!(press(&mut state, "r"), [Effect::Ask(Request::Refresh(vec![of.clone()]))]);
    // The document is the same as before: the disagreement remains.
    let unpaid =
        serde_json::json!({"out_trade_no": "T20261121000002", "trade_state": "NOTPAY", "amount": {"total": 8800}});
    let answer = |state: &Console, document: serde_json::Value| {
        let mut fresh = fresh(Kind::Transaction, document, 0);
        fresh.verified_at = state.now;
        Event::Fetched { id: of.clone(), at: state.now, result: Ok(fresh) }
    };
    let still = answer(&state, unpaid);
    let effects = receive(&mut state, still);
    assert_eq!(effects, []);
    state.pass(Duration::SECOND);
    assert!(picture(&state).contains("unchanged"), "{}", picture(&state));
    press(&mut state, "r");
    let paid =
        serde_json::json!({"out_trade_no": "T20261121000002", "trade_state": "SUCCESS", "amount": {"total": 8800}});
    let agreed = answer(&state, paid);
    receive(&mut state, agreed);
    state.pass(Duration::SECOND);
    assert_eq!(state.disputes().len(), 1);
    assert!(state.view.toasts.iter().any(|toast| toast.title.contains("settled")));
}

#[test]
fn querying_all_reports_the_result_once() {
    let mut state = disputed(Lang::En, (80, 24), "d");
    let effects = press(&mut state, "R");
    let [Effect::Ask(Request::Refresh(ids))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(ids.len(), 2);
    assert_eq!(press(&mut state, "R"), [], "they are being asked");
    let error = Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 10 }));
    for id in ids {
        let at = state.now;
        receive(&mut state, Event::Fetched { id: id.clone(), at, result: Err(error.clone()) });
    }
    let reported: Vec<_> =
        state.view.toasts.iter().filter(|toast| toast.title.contains("2 could not be queried")).collect();
    assert_eq!(reported.len(), 1);
    assert_eq!(state.disputes().len(), 2, "nothing is settled by silence");
}

#[test]
fn a_new_notification_is_no_disagreement_yet_unless_nothing_can_be_queried() {
    let mut state = open(Lang::En, (80, 24));
    let unpaid = serde_json::json!({"out_trade_no": "T20261121000002", "amount": {"total": 8800}});
    let just = arrival("EV-JUST", "TRANSACTION.SUCCESS", "支付成功", &unpaid, 0);
    state.deliver(vec![(just, 1_000)]);
    state.pass(Duration::SECOND);
    assert!(!picture(&state).contains('⚠'));
    assert!(state.fade().is_some_and(|at| at <= NOW + Duration::seconds(3)), "the screen will look different then");
    let error = Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 10 }));
    let trouble = Some(ConnectionTrouble { since: NOW, error, again: None });
    receive(&mut state, Event::Health(Health { trouble, ..Health::default() }));
    assert!(picture(&state).contains("⚠1"));
    receive(&mut state, Event::Health(Health::default()));
    assert!(!picture(&state).contains('⚠'));
    state.pass(Duration::seconds(3));
    assert!(picture(&state).contains("⚠1"));
}

#[test]
fn the_notification_behind_a_disagreement_is_a_key_away() {
    let mut state = disputed(Lang::En, (80, 24), "dje");
    assert!(!state.view.tabs.inbox.disputing);
    assert_eq!(state.view.tabs.inbox.selected().and_then(|row| row.notice.as_deref()), Some("EV-20261121-0006"));
    assert!(state.view.tabs.inbox.reading.is_some());
    press(&mut state, "<Esc>d<Esc>");
    assert!(!state.view.tabs.inbox.disputing, "Esc leads back to the inbox");
}

#[test]
fn a_replay_is_shown_before_it_is_sent_and_its_answer_is_reported() {
    let mut state = console(Lang::En, (120, 40), "jjjjs<Enter>");
    assert!(picture(&state).contains("127.0.0.1:3000"));
    assert_eq!(press(&mut state, "<Tab>"), []);
    let effects = press(&mut state, "<Enter>");
    let [Effect::Ask(Request::Replay(event, replay))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((replay.url(), replay.headers()), ("http://127.0.0.1:3000/notify", 6));
    let took = std::time::Duration::from_millis(12);
    let says = "no\u{1b}[31m route".to_owned();
    let result = Ok(Replayed { status: 404, took, says });
    receive(&mut state, TabAnswer::Replayed { event: *event, url: replay.url().to_owned(), result }.into());
    let shown = picture(&state);
    assert!(shown.contains("Answered 404 in 12 ms") && shown.contains("no␛[31m route"), "{shown}");
    // The URL is proposed again.
    press(&mut state, "<Esc>s<Enter>");
    assert!(picture(&state).contains("127.0.0.1:3000"));
}

#[test]
fn what_leaves_the_machine_is_confirmed_by_typing_its_host() {
    let mut state = leaving(Lang::En, (120, 40));
    assert_eq!(press(&mut state, "<Tab><Tab><Enter>"), []);
    assert!(!state.view.dialogs.is_empty());
    press(&mut state, "<Tab>back.example");
    let effects = press(&mut state, "<Enter>");
    assert!(matches!(&effects[..], [Effect::Ask(Request::Replay(..))]), "{effects:?}");
}

#[test]
fn what_was_cut_or_goes_nowhere_is_not_sent() {
    let mut state = open(Lang::En, (80, 24));
    state.refuse(&[refused(Verdict::Forged, "x", &vec![b'x'; 9_000], 5)]);
    press(&mut state, "8s");
    assert!(state.view.dialogs.is_empty() && state.view.toasts.iter().any(|toast| toast.title.contains("beginning")));
    let mut state = console(Lang::En, (80, 24), "jjjjs");
    press(&mut state, &"<Back>".repeat(40));
    press(&mut state, "ftp://x<Enter>");
    assert!(state.view.toasts.iter().any(|toast| toast.title.contains("Not a valid URL")));
}

#[test]
fn what_is_copied_is_the_id_the_payload_or_the_request() {
    let mut state = console(Lang::En, (80, 24), "jjjj");
    assert_eq!(press(&mut state, "y"), [Effect::Copy("EV-20261121-0003".into())]);
    let effects = press(&mut state, "Y");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert!(text.contains("RF0000000002"));
    let effects = press(&mut state, "<Enter><Tab><Tab>Y");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    assert!(text.starts_with("host: pay.shop.example\r\n") && text.contains("\r\n\r\n{"));
}

#[test]
fn an_idle_inbox_needs_no_frame() {
    let mut state = console(Lang::En, (120, 40), "");
    state.pass(Duration::seconds(30));
    assert_eq!(state.fade(), None, "what is drawn reports when an age changes");
}

#[test]
fn a_long_inbox_is_held_in_part_and_walked_through_whole() {
    let mut state = open(Lang::En, (80, 24));
    let paid = |i: i64| serde_json::json!({"out_trade_no": format!("LONG-{i}")});
    let all =
        (0..900).map(|i| (arrival(&format!("EV-LONG-{i:04}"), "TRANSACTION.SUCCESS", "支付成功", &paid(i), 5), 1));
    state.deliver(all.collect());
    press(&mut state, "8g");
    let (mut seen, mut held) = (std::collections::BTreeSet::new(), 0);
    while seen.insert(state.view.tabs.inbox.cursor().unwrap()) {
        held = held.max(state.view.tabs.inbox.rows().len());
        press(&mut state, "j");
    }
    assert_eq!((seen.len(), state.view.tabs.inbox.position() + 1), (900, state.view.tabs.inbox.rows().len()));
    assert!(held <= 400, "{held}");
}

#[test]
fn newer_events_are_followed_at_the_top_and_counted_elsewhere() {
    let mut state = console(Lang::En, (120, 40), "jk");
    let newest = |state: &Console| state.view.tabs.inbox.rows().first().map(|row| row.id);
    let notify = |state: &mut Console, minutes| {
        state.notify("TRANSACTION.SUCCESS", &serde_json::json!({"out_trade_no": "T-1"}), minutes, 1);
        state.pass(Duration::seconds(1));
    };
    let before = newest(&state);
    notify(&mut state, 1);
    assert!(newest(&state) > before && state.view.tabs.inbox.cursor() == newest(&state));
    press(&mut state, "j");
    let cursor = state.view.tabs.inbox.cursor();
    notify(&mut state, 2);
    notify(&mut state, 3);
    assert_eq!((state.view.tabs.inbox.cursor(), state.view.tabs.inbox.newer_above(9)), (cursor, 2));
}

#[test]
fn one_key_shows_only_what_is_not_genuine_and_not_harmless() {
    let mut state = console(Lang::En, (120, 40), "!");
    let verdicts = |state: &Console| state.view.tabs.inbox.rows().iter().map(|row| row.verdict).collect::<Vec<_>>();
    assert!(!verdicts(&state).is_empty() && verdicts(&state).iter().all(|verdict| *verdict == Verdict::Forged));
    assert!(picture(&state).contains("problems only"));
    press(&mut state, "!");
    assert!(verdicts(&state).contains(&Verdict::Genuine));
}

#[test]
fn a_filter_that_cannot_be_right_says_so_and_the_last_good_one_stays() {
    let mut state = console(Lang::En, (120, 40), "/verdict:forged");
    let rows = |state: &Console| state.view.tabs.inbox.rows().len();
    assert_eq!(rows(&state), 1);
    press(&mut state, " since:yesteday");
    assert_eq!(rows(&state), 1);
    assert!(picture(&state).contains("since:yesterday"), "{}", picture(&state));
    press(&mut state, "<^U>typ:refund");
    assert!(picture(&state).contains("there are verdict type since before on"), "{}", picture(&state));
}
