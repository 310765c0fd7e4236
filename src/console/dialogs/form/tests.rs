//! Forms: creations, with rows and choices, drafts, and amounts.

use std::sync::Arc;

use crate::api::{ApiError, RequestFailure};
use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::dialogs::form::state::Form;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, after, global, open, operation_on_top, press, receive, ruled};
use crate::console::tests::screen::{picture, screen};
use crate::explain;
use crate::i18n::Lang;
use crate::model::Region;
use crate::model::action::{ActionId, Field, rows};
use crate::services::{Event, Outcome, Request};

fn console() -> Console {
    open(Lang::En, (80, 24))
}

screen!(form: abnormal_refund_zh_100x34, after(open(Lang::ZhCn, (100, 34)), "6/state:abnormal<Enter>a<Enter>"));
screen!(form: refund_en_80x24, after(open(Lang::En, (80, 24)), "4/success<Enter>a<Enter>"));
screen!(form: not_an_amount_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "a<Enter>x"));
screen!(form: above_cap_en_80x24, after(ruled(open(Lang::En, (80, 24)), true), "a<Enter>"));

const DETAILS: &str = "<Tab>陶艺课<Tab>90<Tab>第一课<Tab>99<Tab>99<Tab><Tab>第二课<Tab>99<Tab>88<Tab>立减11元";

screen!(form: new_transaction_en_80x24, after(open(Lang::En, (80, 24)), "4n"));
screen!(form: new_stock_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "5n"));
screen!(form: plan_form_zh_80x24, after(open(Lang::ZhCn, (80, 24)), &format!("1n{DETAILS}")));
screen!(form: plan_form_en_120x40, after(open(Lang::En, (120, 40)), &format!("1n{DETAILS}")));
screen!(form: plan_price_rises_en_80x24, after(open(Lang::En, (80, 24)), &format!("1n{DETAILS}<Tab>c<Tab>99<Tab>88.01")));
screen!(form: plan_form_refused_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "1n<Enter>"));
screen!(form: order_form_en_80x24, after(open(Lang::En, (80, 24)), "3n<Tab>Ride<Tab> "));
screen!(form: order_form_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "3n<Tab>共享单车"));
screen!(form: stock_form_scrolled_zh_80x24, after(open(Lang::ZhCn, (80, 24)), &format!("5n<Enter>{}", "<Tab>".repeat(14))));
screen!(form: plan_preview_zh_120x40, after(open(Lang::ZhCn, (120, 40)), &format!("1n{DETAILS}<Enter>")));

#[test]
fn an_amount_in_another_currency_than_the_cap_is_refused_while_it_is_typed() {
    // GTX001 is in Hong Kong dollars, GTX002 in yen; the cap is 10 yuan.
    for order in ["", "j"] {
        let console = after(ruled(global(Lang::En, (100, 34)), true), &format!("{order}a<Enter>"));
        let picture = picture(&console);
        assert!(picture.contains("in another currency"), "{picture}");
    }
    let console = after(ruled(global(Lang::En, (100, 34)), false), "a<Enter>");
    assert!(!picture(&console).contains("in another currency"), "without a cap");
}

#[test]
fn a_draft_is_there_again_and_gone_once_it_was_sent() {
    let mut console = after(open(Lang::En, (80, 24)), &format!("1n{DETAILS}<Esc>"));
    press(&mut console, "n");
    let Some(Dialog::Form(form)) = console.view.dialogs.last() else { panic!("no form") };
    assert_eq!(rows(&form.values()["details"]).len(), 2);
    press(&mut console, "<Enter><Tab>");
    let effects = press(&mut console, "<Enter>");
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(confirmed.what().action, ActionId::PlanCreate);
    assert!(confirmed.what().body.contains(r#""total_actual_price":18700"#));
    press(&mut console, "n");
    let Some(Dialog::Form(form)) = console.view.dialogs.last() else { panic!("no form") };
    assert_eq!(form.values()["details"], "");
}

#[test]
fn what_was_typed_is_there_again_where_nothing_came_of_it() {
    let mut console = after(open(Lang::En, (80, 24)), &format!("1n{DETAILS}<Enter><Tab>"));
    let effects = press(&mut console, "<Enter>");
    let Some(Effect::Ask(Request::Perform(ticket, confirmed))) = effects.into_iter().next() else {
        panic!("nothing is sent")
    };
    let error = Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 9 }));
    let settle = |console: &mut Console, outcome| drop(receive(console, Event::Concluded { ticket, outcome }));
    // The outcome is unknown: the same is not to be typed again.
    settle(&mut console, Outcome::Unknown { error: error.clone(), journal: 1 });
    assert!(console.view.drafts.is_empty());
    settle(&mut console, Outcome::Refused { error, journal: Some(1) });
    press(&mut console, "n");
    let Some(Dialog::Form(form)) = console.view.dialogs.last() else { panic!("no form") };
    let values = form.values();
    assert_eq!(rows(&values["details"]).len(), 2);
    assert!(confirmed.what().body.contains(&values["number"]), "one intent has one number");
}

#[test]
fn what_is_made_of_something_else_says_of_what() {
    for (keys, words) in [("2n", "Sign plan"), ("6n", "refund")] {
        let console = after(open(Lang::En, (80, 24)), keys);
        assert!(console.view.dialogs.is_empty());
        assert!(picture(&console).to_lowercase().contains(&format!("a {} is created from", words.to_lowercase())));
    }
}

#[test]
fn a_form_left_with_escape_is_as_it_was_next_time() {
    let mut state = console();
    press(&mut state, "a<Enter><Right>5<Esc>");
    press(&mut state, "a<Enter>");
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { panic!("no form") };
    assert_eq!(form.cells[0].input.value(), "12.005");
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    assert!(operation_on_top(&state).is_none(), "three decimals are refused");
}

/// The form on top.
fn form(console: &Console) -> &Form {
    let Some(Dialog::Form(form)) = console.view.dialogs.last() else { panic!("no form") };
    form
}

fn names(console: &Console) -> Vec<String> {
    let values = form(console).values();
    rows(&values["details"]).iter().map(|row| row[0].to_owned()).collect()
}

#[test]
fn the_first_character_replaces_a_prefilled_value_and_a_cursor_key_keeps_it() {
    let value = |keys: &str| {
        let console = after(console(), &format!("a<Enter>{keys}"));
        form(&console).cells[0].input.value().to_owned()
    };
    assert_eq!(value(""), "12.00");
    assert_eq!(value("5"), "5");
    assert_eq!(value("5.5"), "5.5");
    assert_eq!(value("<Right>5"), "12.005");
    assert_eq!(value("<Left><Left><Left>5"), "125.00");
    assert_eq!(value("<Back>"), "");
    assert_eq!(value("<Left><Back>"), "12.0");
    let mut pasted = after(console(), "a<Enter>");
    pasted.step(Msg::Paste("8.00".into()));
    assert_eq!(form(&pasted).cells[0].input.value(), "8.00");
    pasted.step(Msg::Paste("1".into()));
    assert_eq!(form(&pasted).cells[0].input.value(), "8.001", "what was typed is not replaced");
}

#[test]
fn a_draft_is_replaced_by_the_first_character_too_and_begins_again_with_ctrl_r() {
    let mut console = after(console(), "a<Enter>5<Esc>a<Enter>");
    assert_eq!(form(&console).cells[0].input.value(), "5");
    press(&mut console, "<^R>");
    assert_eq!(form(&console).cells[0].input.value(), "12.00");
    assert!(console.view.drafts.is_empty(), "the draft is gone");
    let mut console = after(open(Lang::En, (80, 24)), &format!("1n{DETAILS}"));
    let number = form(&console).values()["number"].clone();
    press(&mut console, "<^R>");
    assert_eq!(names(&console), Vec::<String>::new());
    assert!(!number.is_empty() && form(&console).values()["number"] == number, "the time stands still here");
    assert!(picture(&console).lines().last().unwrap().contains("^R reset"));
}

#[test]
fn rows_are_added_removed_and_walked_through() {
    let mut console = after(open(Lang::En, (100, 34)), "1n<Tab>Pottery<Tab>90<Tab>");
    let hints = picture(&console).lines().last().unwrap().to_owned();
    assert!(hints.contains("^N add row") && hints.contains("^D remove row"), "{hints}");
    press(&mut console, "one<Down>three<Up>");
    assert_eq!(names(&console), ["one", "three"]);
    press(&mut console, "<^N>two");
    assert_eq!(names(&console), ["one", "two", "three"]);
    press(&mut console, "<Up><^D>");
    assert_eq!(names(&console), ["two", "three"]);
    press(&mut console, "<Down><Down><Down>");
    assert!(!form(&console).is_in_row(), "below the rows is the next field");
    press(&mut console, "<Up><Up>x");
    assert_eq!(names(&console), ["two", "threex"]);
    press(&mut console, "<^D><^D>");
    assert_eq!(names(&console), ["two"], "the empty row stays");
    press(&mut console, "<^D><^D>");
    assert_eq!(names(&console), Vec::<String>::new());
    assert!(form(&console).is_in_row());
}

#[test]
fn an_empty_row_between_others_is_gone_once_it_is_left() {
    let mut console = after(open(Lang::En, (100, 34)), "1n<Tab><Tab><Tab>one<Down>two<Up><^N>");
    let count = |console: &Console| form(console).cells.iter().filter(|cell| cell.at.is_some()).count() / 4;
    assert_eq!(count(&console), 4);
    press(&mut console, "<Down>s");
    assert_eq!((count(&console), names(&console)), (3, vec!["one".to_owned(), "twos".to_owned()]));
}

#[test]
fn an_error_is_shown_once_its_field_or_row_was_left() {
    let mut console = after(open(Lang::En, (100, 34)), "1n<Tab>Pottery<Tab>");
    let wrong = |console: &Console| picture(console).contains('✗');
    press(&mut console, "x");
    assert!(!wrong(&console), "it is being typed");
    press(&mut console, "<Tab>");
    assert!(wrong(&console), "it was left");
    press(&mut console, "<Up><Back>90");
    assert!(!wrong(&console));
    press(&mut console, "0000");
    assert!(wrong(&console), "from then on it is checked while it is typed");
    press(&mut console, "<Back><Back><Back><Back><Tab>");
    press(&mut console, "Lesson<Tab>");
    assert!(!wrong(&console), "the row is being filled in: {}", picture(&console));
    press(&mut console, "<Down>");
    assert!(wrong(&console), "the row was left");
}

#[test]
fn submitting_shows_every_error_at_once() {
    let console = after(open(Lang::En, (100, 40)), "1n<Tab><Tab>x<Enter>");
    let errors = picture(&console).matches('✗').count();
    assert!(errors >= 2, "{}", picture(&console));
}

#[test]
fn only_the_field_in_focus_shows_its_rule() {
    for lang in [Lang::En, Lang::ZhCn] {
        let mut console = after(open(lang, (120, 40)), "1n");
        let rules = |console: &Console| {
            let fields = form(console).fields();
            let rule = |field: &Field| explain::field_rule(lang, field.kind, Some(Region::Mainland));
            let start = |rule: String| rule.chars().take(12).collect::<String>();
            let mut rules: Vec<String> = fields.map(|field| start(rule(field))).collect();
            rules.dedup();
            let picture = picture(console);
            rules.iter().map(|rule| picture.matches(rule.as_str()).count()).sum::<usize>()
        };
        for _ in 0..3 {
            assert_eq!(rules(&console), 1, "{}", picture(&console));
            press(&mut console, "<Tab>");
        }
    }
}

#[test]
fn a_form_leaves_the_status_and_the_hints_on_the_screen_and_scrolls() {
    for (lang, size) in [(Lang::En, (80, 24)), (Lang::ZhCn, (60, 16)), (Lang::En, (200, 60))] {
        let before = open(lang, size);
        let status = picture(&before).lines().next().unwrap().to_owned();
        let mut console = after(before, "5n<Enter>");
        for _ in 0..form(&console).cells.len() {
            let drawn = picture(&console);
            assert_eq!(drawn.lines().next(), Some(status.as_str()));
            assert!(drawn.lines().last().unwrap().trim_start().starts_with('⏎'), "{drawn}");
            let label = lang.t(form(&console).cells[form(&console).focus].field.label);
            assert!(drawn.contains(&label), "the field in focus is seen: {label} in {drawn}");
            press(&mut console, "<Tab>");
        }
    }
}
