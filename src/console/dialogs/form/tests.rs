//! Forms: creations, with rows and choices, drafts, and amounts.

use std::sync::Arc;

use crate::api::{ApiError, RequestFailure};
use crate::console::app::effect::Effect;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, after, open, operation_on_top, press, receive, ruled};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::action::{ActionId, rows};
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
    press(&mut state, "a<Enter>5<Esc>");
    press(&mut state, "a<Enter>");
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { panic!("no form") };
    assert_eq!(form.cells[0].input.value(), "12.005");
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    assert!(operation_on_top(&state).is_none(), "three decimals are refused");
}
