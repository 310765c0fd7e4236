//! Creating on the screen: what can be made, forms with rows and choices, the preview, what the front end is given.

use std::sync::Arc;

use crate::api::{ApiError, Failure};
use crate::console::app::effect::Effect;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, hear, open, press};
use crate::console::tests::screens::picture;
use crate::i18n::Lang;
use crate::model::action::{ActionId, rows};
use crate::model::{Handover, Pass};
use crate::services::{Event, Made, Outcome, Request};

const DETAILS: &str = "<Tab>陶艺课<Tab>90<Tab>第一课<Tab>99<Tab>99<Tab><Tab>第二课<Tab>99<Tab>88<Tab>立减11元";

fn after(lang: Lang, size: (u16, u16), keys: &str) -> Console {
    let mut console = open(lang, size);
    press(&mut console, keys);
    console
}

macro_rules! screen {
    ($name:ident, $console:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(picture(&$console));
        }
    };
}

screen!(new_transaction_en_80x24, after(Lang::En, (80, 24), "4n"));
screen!(new_stock_zh_120x40, after(Lang::ZhCn, (120, 40), "5n"));
screen!(plan_form_zh_80x24, after(Lang::ZhCn, (80, 24), &format!("1n{DETAILS}")));
screen!(plan_form_en_120x40, after(Lang::En, (120, 40), &format!("1n{DETAILS}")));
screen!(plan_price_rises_en_80x24, after(Lang::En, (80, 24), &format!("1n{DETAILS}<Tab>c<Tab>99<Tab>88.01")));
screen!(plan_form_refused_zh_80x24, after(Lang::ZhCn, (80, 24), "1n<Enter>"));
screen!(order_form_en_80x24, after(Lang::En, (80, 24), "3n<Tab>Ride<Tab> "));
screen!(order_form_zh_120x40, after(Lang::ZhCn, (120, 40), "3n<Tab>共享单车"));
screen!(stock_form_scrolled_zh_80x24, after(Lang::ZhCn, (80, 24), &format!("5n<Enter>{}", "<Tab>".repeat(14))));
screen!(plan_preview_zh_120x40, after(Lang::ZhCn, (120, 40), &format!("1n{DETAILS}<Enter>")));
screen!(code_en_80x24, handed(Lang::En, (80, 24), Pass::Code { code_url: CODE.into() }));
screen!(code_zh_120x40, handed(Lang::ZhCn, (120, 40), Pass::Code { code_url: CODE.into() }));
screen!(code_without_room_en_60x16, handed(Lang::En, (60, 16), Pass::Code { code_url: CODE.into() }));
screen!(parameters_zh_80x24, handed(Lang::ZhCn, (80, 24), Pass::Jsapi { prepay_id: "wx21170000".into() }));

const CODE: &str = "weixin://wxpay/bizpayurl/up?pr=V2NGIF3L8g097rUYYTfjaEBx7XmnshrH";

/// A native order was placed, and its answer held this.
fn handed(lang: Lang, size: (u16, u16), what: Pass) -> Console {
    let mut console = open(lang, size);
    press(&mut console, "4nj<Enter><Tab>拿铁<Tab>28.80<Tab><Tab><Tab><Tab><Tab><Tab>https://a.example/n<Enter><Tab>");
    let effects = press(&mut console, "<Enter>");
    let Some(Effect::Ask(Request::Perform(ticket, confirmed))) = effects.into_iter().next() else {
        panic!("nothing is sent")
    };
    let sign = |text: &str| format!("signature of {} bytes", text.len());
    let parameters = what.parameters("wxd678efh567hg6787", "1900000001", 1_760_000_000, "NONCE", sign);
    let id = confirmed.what().object.clone();
    let made = Some(Box::new(Made { id, handover: Some(Handover { what, parameters }) }));
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made };
    hear(&mut console, Event::Settled { ticket, outcome });
    console
}

#[test]
fn a_draft_is_there_again_and_gone_once_it_was_sent() {
    let mut console = after(Lang::En, (80, 24), &format!("1n{DETAILS}<Esc>"));
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
    let mut console = after(Lang::En, (80, 24), &format!("1n{DETAILS}<Enter><Tab>"));
    let effects = press(&mut console, "<Enter>");
    let Some(Effect::Ask(Request::Perform(ticket, confirmed))) = effects.into_iter().next() else {
        panic!("nothing is sent")
    };
    let error = Arc::new(ApiError::Unreachable(Failure::Timeout { seconds: 9 }));
    let settle = |console: &mut Console, outcome| drop(hear(console, Event::Settled { ticket, outcome }));
    // Nobody knows yet: the same is not to be typed again.
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
fn what_the_front_end_needs_is_copied_and_does_not_break_into_what_is_typed() {
    let mut console = handed(Lang::En, (80, 24), Pass::Code { code_url: CODE.into() });
    assert_eq!(press(&mut console, "y"), [Effect::Copy(CODE.to_owned())]);
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
    press(&mut console, "H");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Handover)));
    press(&mut console, "q/");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Filter(_))), "q only closes it");
}

#[test]
fn what_is_made_of_something_else_says_of_what() {
    for (keys, words) in [("2n", "Sign plan"), ("6n", "refund")] {
        let console = after(Lang::En, (80, 24), keys);
        assert!(console.view.dialogs.is_empty());
        assert!(picture(&console).to_lowercase().contains(&format!("a {} is created from", words.to_lowercase())));
    }
}
