//! The timeline of an object with its notifications and rows of bills, and the timeline of its chain from plan to cash.

use serde_json::{Value, json};

use crate::console::app::effect::Effect;
use crate::console::tabs::TABS;
use crate::console::tabs::objects::detail::{ComparisonResult, LineId, OpenedDetail, Payload};
use crate::console::tests::fixture::{
    Console, NOW, PAID, RUNNING, after, bills, fresh, id, open, order, press, receive,
};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::ledger::Ending;
use crate::model::time::Duration;
use crate::model::{Fact, Kind};
use crate::services::{Event, Fresh, Known, Request, Source};

const DEDUCTION: &str = "4200000000000000000000000991";

fn at(minutes: i64) -> String {
    crate::model::time::rfc3339(NOW - Duration::minutes(minutes))
}

fn compact(minutes: i64) -> String {
    crate::model::time::compact(NOW - Duration::minutes(minutes))
}

fn seen(kind: Kind, document: Value, minutes: i64, source: Source) -> Fresh {
    Fresh { source, ..fresh(kind, document, minutes) }
}

/// A month of a plan: signed, and its first step deducted, which the query saw ten minutes later; a part of it
/// refunded. Notifications and yesterday's bill claim the same, but one row of the bill has another amount.
fn month(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    let plan = json!({"merchant_plan_no": "M-PLAN", "plan_id": "991", "plan_name": "晨跑月卡", "plan_state": "NORMAL",
        "total_actual_price": 5800});
    let signed = |step: Value| {
        json!({"merchant_sign_plan_no": "M-SIGN-20261101-000000000001", "plan_id": "991", "plan_name": "晨跑月卡",
            "sign_state": "SIGNED", "total_actual_price": 5800, "deduction_quantity": 1, "sign_time": at(2000),
            "signed_detail_list": [step]})
    };
    let step = |state: &str| {
        json!({"plan_detail_no": 1, "plan_detail_name": "第一周\u{202e}", "plan_detail_state": state,
            "actual_price": 5800, "merchant_plan_detail_no": "M-ORDER"})
    };
    let mut using = step("USING");
    using["use_time"] = at(90).into();
    let mut used = using.clone();
    (used["plan_detail_state"], used["complete_time"]) = ("USED".into(), at(40).into());
    let mut paid = order("M-ORDER", PAID, 5800);
    paid["collection"]["details"] = json!([
        {"seq": 1, "amount": 5800, "paid_type": "NEWTON", "paid_time": compact(40), "transaction_id": DEDUCTION}]);
    let trade = |state: &str| {
        json!({"out_trade_no": "91001202611210000000000000000001", "transaction_id": DEDUCTION, "trade_state": state,
            "trade_type": "AUTH", "success_time": at(40), "amount": {"total": 5800}})
    };
    let refund = |status: &str| {
        json!({"out_refund_no": "M-REFUND", "refund_id": "50300991", "status": status, "out_trade_no":
            "91001202611210000000000000000001", "create_time": at(20), "amount": {"total": 5800, "refund": 800}})
    };
    // Objects named by another are stored first: their time of being noted is that of this machine's clock.
    console.see(vec![
        seen(Kind::Plan, plan, 3000, Source::Action),
        seen(Kind::ServiceOrder, order("M-ORDER", RUNNING, 5800), 89, Source::Action),
        seen(Kind::ServiceOrder, order("M-ORDER", RUNNING, 5800), 50, Source::Query),
        seen(Kind::ServiceOrder, paid.clone(), 30, Source::Query),
        seen(Kind::Transaction, trade("SUCCESS"), 29, Source::Query),
        seen(Kind::Transaction, trade("REFUND"), 19, Source::Query),
        seen(Kind::SignPlan, signed(step("NOT_USED")), 1999, Source::Query),
        seen(Kind::SignPlan, signed(using), 89, Source::Query),
        seen(Kind::SignPlan, signed(used), 30, Source::Query),
        seen(Kind::Refund, refund("PROCESSING"), 20, Source::Action),
    ]);
    let transaction = id(Kind::Transaction, "91001202611210000000000000000001");
    let body = json!({"out_refund_no": "M-REFUND", "reason": "少了\u{1b}[2J一节"});
    let mut intent = console.intent("transaction-refund", Some(transaction.clone()), &body, 20);
    intent.reason = Some("少了\u{1b}[2J一节".into());
    console.journal(&intent, Some((Ending::Done, "08F7-20")));
    console.notify("PAYSCORE.USER_PAID", &json!({"out_order_no": "M-ORDER", "total_amount": 5800}), 39, 3);
    let reported = json!({"out_refund_no": "M-REFUND", "success_time": at(6), "amount": {"refund": 800}});
    console.notify("REFUND.SUCCESS", &reported, 5, 1);
    console.claim(transaction, Fact::Paid, Some(5801), "trade-ALL-2026-11-20#4", 2);
    console.claim(id(Kind::ServiceOrder, "M-ORDER"), Fact::Collected, None, "trade-ALL-2026-11-20#4", 2);
    console
}

screen!(objects: order_timeline_en_80x24, after(month(Lang::En, (80, 24)), "3/M-ORDER<Enter>t"));
screen!(objects: order_timeline_zh_120x40, after(month(Lang::ZhCn, (120, 40)), "3/M-ORDER<Enter>t"));
screen!(objects: chain_en_80x24, after(month(Lang::En, (80, 24)), "3/M-ORDER<Enter>tc"));
screen!(objects: chain_zh_80x24, after(month(Lang::ZhCn, (80, 24)), "3/M-ORDER<Enter>tcG"));
screen!(objects: chain_en_120x40, after(month(Lang::En, (120, 40)), "3/M-ORDER<Enter>tc"));
screen!(objects: chain_zh_120x40, after(month(Lang::ZhCn, (120, 40)), "6/M-<Enter>tcj"));
screen!(objects: chain_en_200x60, after(month(Lang::En, (200, 60)), "1/M-<Enter>tc"));
screen!(objects: chain_zh_200x60, after(month(Lang::ZhCn, (200, 60)), "4/91001<Enter>tc"));
screen!(objects: chain_en_60x16, after(month(Lang::En, (60, 16)), "3/M-ORDER<Enter>tc"));
screen!(objects: sign_plan_timeline_en_80x24, after(month(Lang::En, (80, 24)), "2/M-SIGN<Enter>t"));
screen!(objects: timeline_notification_en_80x24, after(month(Lang::En, (80, 24)), "6/M-<Enter>t<Enter>"));
screen!(objects: timeline_notification_zh_120x40, after(month(Lang::ZhCn, (120, 40)), "3/M-ORDER<Enter>tj<Enter>"));

/// The ids of the timeline's lines.
fn selectable_lines(console: &Console) -> Vec<LineId> {
    crate::console::tabs::objects::lines::selectable_lines(
        console.page(),
        console.subject_story().unwrap(),
        console.along_chain,
        &Default::default(),
    )
}

/// Moves to the first line that matches.
fn walk_to(console: &mut Console, wanted: impl Fn(&LineId) -> bool) {
    press(console, "g");
    for _ in 0..selectable_lines(console).len() {
        if console.line_id().is_some_and(|line_id| wanted(&line_id)) {
            return;
        }
        press(console, "j");
    }
    panic!("{:?}", selectable_lines(console));
}

#[test]
fn two_keys_show_the_history_of_a_chain_from_any_of_its_objects() {
    let mut reported = Vec::new();
    for keys in ["1/M-<Enter>", "2/M-SIGN<Enter>", "3/M-ORDER<Enter>", "4/91001<Enter>", "6/M-<Enter>"] {
        let mut console = month(Lang::En, (120, 40));
        press(&mut console, keys);
        press(&mut console, "tc");
        reported.push(selectable_lines(&console));
    }
    assert!(reported[0].len() > 15, "{:?}", reported[0]);
    assert!(reported.windows(2).all(|pair| pair[0] == pair[1]), "it is the same story from wherever it is read");
}

#[test]
fn the_chain_stays_shown_for_other_objects_until_the_same_key_is_pressed() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "3/M-ORDER<Enter>t");
    let own = selectable_lines(&console).len();
    press(&mut console, "c");
    assert!(selectable_lines(&console).len() > own);
    press(&mut console, "<Esc>4/91001<Enter>t");
    assert!(console.along_chain && picture(&console).contains("M-ORDER"), "{}", picture(&console));
    press(&mut console, "c");
    assert!(!picture(&console).contains("M-ORDER"), "{}", picture(&console));
}

#[test]
fn what_is_selected_stays_so_when_the_chain_is_shown_around_it() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "3/M-ORDER<Enter>tjj");
    let selected = console.line_id();
    press(&mut console, "c");
    assert_eq!((console.line_id(), selected.is_some()), (selected, true));
}

#[test]
fn versions_are_compared_within_one_object_wherever_the_history_is_read() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "6/M-<Enter>tc");
    let refund = console.subject_story().unwrap().own.versions[0].id;
    let order = id(Kind::ServiceOrder, "M-ORDER");
    let versions = |console: &Console| {
        let story = console.subject_story().unwrap();
        let found = story.records(true).find(|(of, _)| **of == order).unwrap().1;
        found.versions.iter().map(|version| version.id).collect::<Vec<_>>()
    };
    let [paid, running] = versions(&console)[..] else { panic!() };
    // A marked version of the refund does not affect the comparison of the order's.
    walk_to(&mut console, |line_id| *line_id == LineId::Version(refund));
    press(&mut console, "m");
    walk_to(&mut console, |line_id| *line_id == LineId::Version(paid));
    press(&mut console, "<Enter>");
    let Some(OpenedDetail::Compared { of, before, after, result: ComparisonResult::Differences(_) }) =
        console.view.detail.as_ref().unwrap().opened.clone()
    else {
        panic!("{:?}", console.view.detail);
    };
    assert_eq!((of, before, after), (order, Some(running), paid));
    let shown = picture(&console);
    assert!(shown.contains("Order M-ORDER") && shown.contains("#2") && shown.contains("5800 (¥58.00)"), "{shown}");
}

#[test]
fn a_notification_opens_to_what_it_said() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "3/M-ORDER<Enter>t");
    walk_to(&mut console, |line_id| matches!(line_id, LineId::Event(_)));
    press(&mut console, "<Enter>");
    let opened = console.view.detail.as_ref().unwrap().opened.clone();
    let Some(OpenedDetail::Notification(_, Payload::There(whole))) = opened else { panic!("{opened:?}") };
    assert_eq!((whole.row.attempts, whole.deliveries.len()), (3, 3));
    let shown = picture(&console);
    assert!(shown.contains("PAYSCORE.USER_PAID") && shown.contains("\"M-ORDER\""), "{shown}");
    press(&mut console, "<Esc>");
    assert!(console.view.detail.as_ref().unwrap().opened.is_none());
}

#[test]
fn a_row_of_a_bill_opens_the_bill_there_and_a_missing_bill_is_reported() {
    let mut console = month(Lang::En, (120, 40));
    bills(&mut console, 9);
    press(&mut console, "3/M-ORDER<Enter>t");
    walk_to(&mut console, |line_id| matches!(line_id, LineId::Row(..)));
    press(&mut console, "<Enter>");
    let reading = console.view.tabs.bills.reading.as_ref().unwrap();
    assert_eq!((TABS[console.tab].id, reading.cursor()), ("bills", 3));
    assert_eq!(reading.record.id.name(), "trade-ALL-2026-11-20");
    console.claim(id(Kind::ServiceOrder, "M-ORDER"), Fact::Collected, None, "trade-ALL-2026-11-02#9", 1);
    press(&mut console, "3");
    press(&mut console, "<Enter>t<Enter>");
    let reported = console.view.toasts.iter().last().unwrap().title.clone();
    assert!(reported.contains("2026-11-02 is not here"), "{reported}");
}

#[test]
fn a_step_of_a_sign_plan_leads_to_its_order() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "2/M-SIGN<Enter>t");
    walk_to(&mut console, |line_id| matches!(line_id, LineId::Dated(..)));
    press(&mut console, "<Enter>");
    assert_eq!(console.subject_id(), Some(&id(Kind::ServiceOrder, "M-ORDER")));
    press(&mut console, "<Back>");
    assert_eq!(console.kind(), Some(Kind::SignPlan));
}

#[test]
fn of_thousands_of_sign_plans_the_latest_are_followed_and_the_page_says_so() {
    let mut console = month(Lang::En, (120, 40));
    let signed = |n: usize| {
        let number = format!("MANY-{n:04}");
        let document = json!({"merchant_sign_plan_no": number, "plan_id": "991", "sign_state": "SIGNED",
            "sign_time": at(100)});
        let fresh = fresh(Kind::SignPlan, document, 1);
        Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
    };
    console.learn((0..2400).map(signed).collect());
    press(&mut console, "1/M-<Enter>tc");
    let shown = picture(&console);
    assert!(shown.contains("Sign plan: showing the latest 8 of 2401"), "{shown}");
    assert!(shown.contains("Sign MANY-2399") && !shown.contains("MANY-0001"), "{shown}");
}

#[test]
fn the_history_is_read_again_when_the_chain_changes_or_a_notification_comes() {
    let mut console = month(Lang::En, (120, 40));
    press(&mut console, "1/M-<Enter>tcz");
    let before = selectable_lines(&console).len();
    let refund = json!({"out_refund_no": "M-REFUND", "refund_id": "50300991", "status": "SUCCESS", "out_trade_no":
        "91001202611210000000000000000001", "success_time": at(6), "amount": {"total": 5800, "refund": 800}});
    let refund = fresh(Kind::Refund, refund, 0);
    receive(&mut console, Event::Fetched { id: refund.object.id.clone(), at: NOW, result: Ok(refund) });
    assert_eq!(selectable_lines(&console).len(), before + 1);
    console.notify("REFUND.ABNORMAL", &json!({"out_refund_no": "M-REFUND"}), 1, 1);
    assert_eq!(selectable_lines(&console).len(), before + 2);
    assert!(picture(&console).contains("✗ disputed"), "{}", picture(&console));
}

#[test]
fn hostile_text_is_shown_and_not_obeyed_along_the_chain() {
    let mut console = month(Lang::En, (80, 24));
    let later = json!({"out_order_no": "M-ORDER"});
    console.notify("EVIL\u{1b}[2J\u{202e}.LATER", &later, 1, 1);
    console.claim(id(Kind::ServiceOrder, "M-ORDER"), Fact::Collected, None, "\u{1b}]0;evil\u{7}", 1);
    for keys in ["3/M-ORDER<Enter>tc", "j", "jjjjj", "jjjjj", "jjjjj<Enter>", "<Esc>gjjj<Enter>"] {
        let asked = press(&mut console, keys);
        assert!(asked.iter().all(|effect| !matches!(effect, Effect::Ask(Request::Perform(..)))));
        let picture = picture(&console);
        let harmful = |c: char| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'));
        assert!(!picture.chars().any(harmful), "{picture}");
    }
}
