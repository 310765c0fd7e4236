//! The pages Timeline and Related: what the keys and clicks do on them, and how they look.

use std::sync::Arc;

use serde_json::json;

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::Target;
use crate::console::app::msg::Msg;
use crate::console::app::state::AppState;
use crate::console::tabs::objects::detail::{ComparisonResult, DetailPage, LineId, OpenedDetail};
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, PAID, PROFILE, RUNNING, after, chain, fresh, id, open, order, press, receive,
};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::ledger::{Ending, Intent};
use crate::model::action::ConfirmedBy;
use crate::model::time::Duration;
use crate::model::{Kind, Method, ObjectId};
use crate::services::{Event, Fresh, Known, Request, Searched, Source};

const ORDER: &str = "EVENTFUL-0001";

fn known(fresh: Fresh) -> Known {
    Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
}

fn intent(action: &str, minutes: i64, reason: Option<&str>) -> Intent {
    Intent {
        at: NOW - Duration::minutes(minutes),
        platform_at: None,
        operator: "wang".into(),
        profile: PROFILE.into(),
        mchid: "1900000001".into(),
        action: action.into(),
        object: Some(id(Kind::ServiceOrder, ORDER)),
        method: Method::Post,
        target: format!("/v3/payscore/serviceorder/{ORDER}/complete"),
        body: r#"{"total_amount":1200,"reason":"\u202e"}"#.into(),
        state: "DOING/USER_CONFIRM".into(),
        before: None,
        seen: None,
        objects: 1,
        confirmed: ConfirmedBy::Typed,
        reason: reason.map(str::to_owned),
        once: None,
    }
}

/// An order with four versions, completed by the operator in between; a second change was refused, a third is in
/// progress.
fn eventful(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.journal(&intent("order-complete", 57, None), Some((Ending::Done, "08F7-1")));
    console.journal(&intent("order-modify", 50, Some("客户\u{1b}[2J来电")), Some((Ending::Refused, "08F7-2")));
    console.journal(&intent("order-pay", 1, None), None);
    let seen =
        |state, fen, minutes, source| Fresh { source, ..fresh(Kind::ServiceOrder, order(ORDER, state, fen), minutes) };
    console.see(vec![
        seen(RUNNING, 900, 300, Source::Import),
        seen(RUNNING, 1200, 60, Source::Query),
        seen(COLLECTING, 1200, 57, Source::Action),
        seen(PAID, 1200, 3, Source::Query),
    ]);
    press(&mut console, &format!("/{ORDER}<Enter>"));
    console
}

fn chained(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.learn(chain());
    console
}

fn subject(state: &AppState) -> (Kind, String) {
    let id = state.subject_id().unwrap();
    (id.kind, id.number.to_string())
}

/// The differences that the opened comparison shows.
fn differences(state: &AppState) -> Vec<String> {
    let opened = state.view.detail.as_ref().and_then(|detail| detail.opened.clone());
    let Some(OpenedDetail::Compared { result: ComparisonResult::Differences(found), .. }) = opened else {
        panic!("{opened:?}")
    };
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
    found.iter().map(|one| format!("{}: {} → {}", one.path, text(&one.before), text(&one.after))).collect()
}

screen!(objects: timeline_en_80x24, after(eventful(Lang::En, (80, 24)), "t"));
screen!(objects: timeline_zh_80x24, after(eventful(Lang::ZhCn, (80, 24)), "tj"));
screen!(objects: timeline_en_120x40, after(eventful(Lang::En, (120, 40)), "tjm"));
screen!(objects: timeline_zh_120x40, after(eventful(Lang::ZhCn, (120, 40)), "t"));
screen!(objects: timeline_en_60x16, after(eventful(Lang::En, (60, 16)), "tjj"));
screen!(objects: compared_en_80x24, after(eventful(Lang::En, (80, 24)), "tj<Enter>"));
screen!(objects: compared_zh_120x40, after(eventful(Lang::ZhCn, (120, 40)), "tjmG<Up><Enter>"));
screen!(objects: compared_objects_en_80x24, after(open(Lang::En, (80, 24)), "  ="));
screen!(objects: compared_objects_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "  ="));
screen!(objects: two_marked_en_120x40, after(open(Lang::En, (120, 40)), "  "));
screen!(objects: timeline_entry_en_80x24, after(eventful(Lang::En, (80, 24)), "tjj<Enter>"));
screen!(objects: timeline_entry_zh_120x40, after(eventful(Lang::ZhCn, (120, 40)), "tjj<Enter>"));
screen!(objects: related_en_80x24, after(chained(Lang::En, (80, 24)), "4/C-<Enter>f"));
screen!(objects: related_zh_80x24, after(chained(Lang::ZhCn, (80, 24)), "2/C-SIGN-1<Enter>fj"));
screen!(objects: related_en_120x40, after(chained(Lang::En, (120, 40)), "1/C-<Enter>f"));
screen!(objects: related_zh_120x40, after(chained(Lang::ZhCn, (120, 40)), "4/C-<Enter>f"));
screen!(objects: related_en_60x16, after(chained(Lang::En, (60, 16)), "4/C-<Enter>f"));
screen!(objects: related_zh_200x60, after(chained(Lang::ZhCn, (200, 60)), "4/C-<Enter>f"));

#[test]
fn two_marked_objects_are_compared_and_escape_leads_back_to_the_table() {
    let mut console = open(Lang::En, (80, 24));
    for (keys, marked) in [("=", 0), (" =", 1), ("  =", 3)] {
        assert_eq!(press(&mut console, keys), vec![]);
        assert!(console.view.detail.is_none(), "{marked} marked");
        assert_eq!(console.list().marked().len(), marked);
        assert!(picture(&console).contains("Exactly two rows must be marked (Space)"), "{}", picture(&console));
    }
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "  =");
    let opened = console.view.detail.as_ref().and_then(|detail| detail.opened.clone());
    let Some(OpenedDetail::Objects { before, after, result: ComparisonResult::Differences(found) }) = opened else {
        panic!("{opened:?}")
    };
    assert_eq!((before.number.as_str(), after.number.as_str()), ("SO20261121000001", "SO20261121000002"));
    let amount = found.iter().find(|one| one.path == "post_payments[0].amount").unwrap();
    assert_eq!((amount.before.as_deref(), amount.after.as_deref()), (Some("1200"), Some("2680")));
    press(&mut console, "<Esc>");
    assert!(console.view.detail.is_none() && console.list().marked().len() == 2);
    // A document that was never fetched cannot be compared.
    console.learn(vec![Known { id: id(Kind::ServiceOrder, "NEVER"), fresh: None, billed: None }]);
    press(&mut console, "u /NEVER<Enter> /<Back><Back><Back><Back><Back><Enter>");
    press(&mut console, "=");
    assert!(picture(&console).contains("no document here yet"), "{}", picture(&console));
}

#[test]
fn a_version_is_compared_with_the_previous_or_the_marked_one_and_escape_undoes_one_step() {
    let mut console = eventful(Lang::En, (80, 24));
    // The latest line is the change in progress.
    press(&mut console, "tj<Enter>");
    let reported = differences(&console);
    assert!(reported.contains(&r#"state: "DOING" → "DONE""#.to_owned()), "{reported:?}");
    assert!(reported.contains(&"collection.paid_amount: 0 → 1200".to_owned()), "{reported:?}");
    press(&mut console, "<Esc>");
    assert!(console.view.detail.as_ref().is_some_and(|detail| detail.opened.is_none()));
    let versions: Vec<i64> = console.subject_story().unwrap().own.versions.iter().map(|version| version.id).collect();
    press(&mut console, "m");
    while console.line_id() != Some(LineId::Version(versions[3])) {
        press(&mut console, "j");
    }
    press(&mut console, "<Enter>");
    let across = differences(&console);
    assert!(across.contains(&"post_payments[0].amount: 900 → 1200".to_owned()), "{across:?}");
    // In the other direction the comparison is the same: the later version is always compared with the earlier.
    press(&mut console, "<Esc><Esc>");
    assert_eq!(console.view.detail.as_ref().unwrap().marked, None);
    press(&mut console, "m");
    while console.line_id() != Some(LineId::Version(versions[0])) {
        press(&mut console, "k");
    }
    press(&mut console, "<Enter>");
    assert_eq!(differences(&console), across);
    press(&mut console, "<Esc><Esc>");
    assert!(console.view.detail.is_some());
    press(&mut console, "<Esc>");
    assert!(console.view.detail.is_none());
}

#[test]
fn the_first_version_shows_all_and_the_selection_stays_when_the_history_grows() {
    let mut console = eventful(Lang::En, (80, 24));
    press(&mut console, "t");
    let first = console.subject_story().unwrap().own.versions.last().unwrap().id;
    while console.line_id() != Some(LineId::Version(first)) {
        press(&mut console, "j");
    }
    let later = fresh(Kind::ServiceOrder, order(ORDER, PAID, 1300), 0);
    receive(&mut console, Event::Fetched { id: later.object.id.clone(), at: NOW, result: Ok(later) });
    assert_eq!(console.subject_story().unwrap().own.versions.len(), 5);
    assert_eq!(console.line_id(), Some(LineId::Version(first)));
    press(&mut console, "<Enter>");
    assert!(differences(&console).iter().all(|reported| reported.contains(": - → ")));
}

#[test]
fn the_chain_is_walked_from_plan_to_refund_and_back() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "1/C-<Enter>f");
    let mut walked = vec![subject(&console)];
    for next in [
        (Kind::SignPlan, "C-SIGN-1"),
        (Kind::ServiceOrder, "C-ORDER"),
        (Kind::Transaction, "C-TRADE"),
        (Kind::Refund, "C-REFUND"),
    ] {
        let wanted = LineId::Object(id(next.0, next.1));
        press(&mut console, "g");
        for _ in 0..20 {
            if console.line_id().as_ref() == Some(&wanted) {
                break;
            }
            press(&mut console, "j");
        }
        press(&mut console, "<Enter>");
        assert_eq!(subject(&console), (next.0, next.1.to_owned()));
        assert_eq!((console.kind(), console.page()), (Some(next.0), DetailPage::Overview));
        press(&mut console, "f");
        walked.push(subject(&console));
    }
    while let Some(left) = walked.pop() {
        assert_eq!(subject(&console), left);
        press(&mut console, "<Back>");
        if let Some(before) = walked.last() {
            assert_eq!(subject(&console), *before);
            assert_eq!(console.line_id(), Some(LineId::Object(id(left.0, &left.1))), "what was left is selected");
        }
    }
    assert_eq!(subject(&console).1, "C-PLAN");
    assert_eq!(console.view.toasts.iter().count(), 1, "nothing led to the first");
}

#[test]
fn related_shows_the_whole_chain_up_and_down_but_no_siblings() {
    let mut console = chained(Lang::En, (80, 24));
    let mut numbers = |keys: &str| {
        press(&mut console, keys);
        let selectable_lines = crate::console::tabs::objects::lines::selectable_lines(
            DetailPage::Related,
            console.subject_story().unwrap(),
            false,
            &Default::default(),
        );
        let number = |line_id: LineId| match line_id {
            LineId::Object(id) => id.number.to_string(),
            other => format!("{other:?}"),
        };
        selectable_lines.into_iter().map(number).collect::<Vec<_>>()
    };
    assert_eq!(numbers("4/C-<Enter>f"), ["C-PLAN", "C-SIGN-1", "C-ORDER", "C-REFUND"]);
    assert_eq!(numbers("6/C-<Enter>"), ["C-PLAN", "C-SIGN-1", "C-ORDER", "C-TRADE"]);
    assert_eq!(numbers("1/C-<Enter>"), ["C-SIGN-2", "C-SIGN-1", "C-ORDER", "C-LATER", "C-TRADE", "C-REFUND"]);
}

#[test]
fn keys_pressed_ahead_of_the_ledger_mean_what_it_will_show() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter>");
    // Keys arrive faster than the ledger answers: nothing is answered in between.
    let state: &mut AppState = &mut console;
    let key = |code| Msg::Key(crossterm::event::KeyEvent::new(code, crossterm::event::KeyModifiers::NONE));
    use crossterm::event::KeyCode::{Char, Enter};
    crate::console::app::update::update(state, key(Char('f')));
    crate::console::app::update::update(state, key(Char('G')));
    crate::console::app::update::update(state, key(Enter));
    let effects = crate::console::app::update::update(state, key(Char('G')));
    assert_eq!(subject(state).1, "C-REFUND");
    assert!(effects.iter().all(|effect| !matches!(effect, Effect::Ask(Request::Perform(..)))));
    assert_eq!(state.view.typed_ahead.len(), 1, "the last waits for the story of the refund");
}

#[test]
fn text_typed_ahead_of_the_ledger_is_not_lost() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter>f");
    let wanted = crate::model::Number::parse("0PX-89").unwrap();
    // Nothing is answered in between: the jump waits for the refund's row, and the keys typed after it wait, too.
    let keys = "Go0PX-89".chars().map(crossterm::event::KeyCode::Char);
    let mut keys: Vec<_> = keys.chain([crossterm::event::KeyCode::Enter]).collect();
    keys.insert(1, crossterm::event::KeyCode::Enter);
    let mut asked = Vec::new();
    for code in keys {
        let event = crossterm::event::KeyEvent::new(code, crossterm::event::KeyModifiers::NONE);
        asked.extend(crate::console::app::update::update(&mut console, Msg::Key(event)));
    }
    assert!(!asked.contains(&Effect::Ask(Request::Find(wanted.clone()))) && console.view.typed_ahead.len() == 8);
    assert_eq!(console.answer_all(asked), vec![Effect::Ask(Request::Find(wanted))]);
}

#[test]
fn what_is_known_by_wechat_pays_number_alone_is_looked_for_and_one_can_go_back() {
    let mut console = open(Lang::En, (80, 24));
    let mut paid = order("C-ORDER", PAID, 100);
    paid["collection"]["details"] = json!([{"transaction_id": "4200000000000000000000000999"}]);
    console.learn(vec![known(fresh(Kind::ServiceOrder, paid, 0))]);
    press(&mut console, "/C-ORDER<Enter>f");
    assert!(picture(&console).contains("only WeChat Pay"));
    let effects = press(&mut console, "<Enter>");
    let number = crate::model::Number::parse("4200000000000000000000000999").unwrap();
    assert_eq!(effects, vec![Effect::Ask(Request::Find(number.clone()))]);
    let trade = json!({"out_trade_no": "C-NEW", "transaction_id": number.as_str(), "trade_state": "SUCCESS"});
    let found = vec![fresh(Kind::Transaction, trade, 0)];
    receive(&mut console, Event::Searched(Searched { number, found, tried: Arc::default(), stopped: None }));
    assert_eq!(subject(&console).1, "C-NEW");
    press(&mut console, "<Back>");
    assert_eq!(subject(&console).1, "C-ORDER");
}

#[test]
fn of_thousands_that_name_it_some_are_shown_and_all_are_counted() {
    let mut console = chained(Lang::En, (120, 40));
    let signed = |n: usize| {
        let state = if n.is_multiple_of(2) { "SIGNED" } else { "COMPLETE" };
        known(fresh(
            Kind::SignPlan,
            json!({"merchant_sign_plan_no": format!("MANY-{n:04}"), "plan_id": "881", "sign_state": state}),
            0,
        ))
    };
    console.learn((0..500).map(signed).collect());
    press(&mut console, "1/C-<Enter>f");
    let story = console.subject_story().unwrap();
    assert_eq!(story.related.len(), 200);
    let picture = picture(&console);
    assert!(picture.contains("showing 200 of 502") && picture.contains("Signed 252"), "{picture}");
}

#[test]
fn a_history_is_read_again_when_a_related_object_changes() {
    let mut console = chained(Lang::En, (120, 40));
    press(&mut console, "4/C-<Enter>f");
    assert!(picture(&console).contains("◐ Refunding"));
    let refund = json!({"out_refund_no": "C-REFUND", "status": "SUCCESS", "out_trade_no": "C-TRADE", "amount": {"total": 5800, "refund": 800}});
    let refund = fresh(Kind::Refund, refund, 0);
    receive(&mut console, Event::Fetched { id: refund.object.id.clone(), at: NOW, result: Ok(refund) });
    assert!(!picture(&console).contains("◐ Refunding"), "{}", picture(&console));
}

#[test]
fn one_click_selects_and_two_do_what_enter_does() {
    let mut console = chained(Lang::En, (80, 24));
    press(&mut console, "4/C-<Enter><Enter>");
    console.step(Msg::Click { target: Target::Page(DetailPage::Related as usize), double: false });
    let order: ObjectId = id(Kind::ServiceOrder, "C-ORDER");
    let target = Target::DetailLine(LineId::Object(order.clone()));
    console.step(Msg::Click { target: target.clone(), double: false });
    assert_eq!((console.line_id(), subject(&console).1.as_str()), (Some(LineId::Object(order)), "C-TRADE"));
    console.step(Msg::Click { target, double: true });
    assert_eq!(subject(&console).1, "C-ORDER");
    console.step(Msg::Click { target: Target::Detail, double: true });
    press(&mut console, "<Back>");
    assert_eq!(subject(&console).1, "C-TRADE", "a click on the ground forgets nothing");
}

#[test]
fn hostile_text_in_documents_is_shown_and_not_obeyed_in_differences() {
    let mut console = open(Lang::En, (80, 24));
    let mut document = order(ORDER, RUNNING, 1200);
    document["service_introduction"] = "\u{1b}[2J\u{202e}evil\u{200b}\u{7}\r\n".into();
    document["\u{202e}path\u{1b}]52;c;eA==\u{7}"] = "o\u{202e}".repeat(80).into();
    console
        .see(vec![fresh(Kind::ServiceOrder, order(ORDER, RUNNING, 1200), 9), fresh(Kind::ServiceOrder, document, 1)]);
    press(&mut console, &format!("/{ORDER}<Enter>t"));
    for keys in ["", "<Enter>", "jjjjjjjj", "<Esc><Right>"] {
        press(&mut console, keys);
        let picture = picture(&console);
        let harmful = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
        assert!(!picture.chars().any(harmful), "{picture}");
    }
}

#[test]
fn esc_is_not_spent_on_a_mark_that_is_not_on_the_screen() {
    let mut console = eventful(Lang::En, (120, 40));
    press(&mut console, "tjm");
    assert!(console.view.detail.as_ref().is_some_and(|detail| detail.marked.is_some()), "a version is marked");
    press(&mut console, "f<Esc>");
    assert!(console.view.detail.is_none(), "the mark is on another page: the detail closes");
    press(&mut console, "tjm<Esc>");
    assert!(console.view.detail.as_ref().is_some_and(|detail| detail.marked.is_none()), "seen, it is undone first");
    press(&mut console, "<Esc>");
    assert!(console.view.detail.is_none());
}
