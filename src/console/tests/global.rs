//! The console on a Global profile: money in its own currencies, statements, and what is not available.

use std::sync::Arc;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::state::Stage;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, account, after, global, id, open, press, receive};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::{Environment, Kind};
use crate::services::{BillEvent, Event, Request, Saved, TabAnswer, Unsaved};

fn without_bills(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = after(global(lang, size), "7");
    receive(&mut console, TabAnswer::Bill(BillEvent::Listed(Ok(Arc::default()))).into());
    console
}

#[test]
fn in_the_place_of_a_bill_the_statement_is_asked_for() {
    let console = after(without_bills(Lang::En, (80, 24)), "n");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Statement(_))), "{:?}", console.view.dialogs.last());
}

screen!(global: orders_en_120x40, global(Lang::En, (120, 40)));
screen!(global: orders_zh_80x24, global(Lang::ZhCn, (80, 24)));
screen!(global: order_zh_100x30, after(global(Lang::ZhCn, (100, 30)), "<Enter>"));
screen!(global: has_no_coupons_en_100x30, after(global(Lang::En, (100, 30)), ":coupons<Enter>"));
screen!(global: has_no_coupons_zh_80x24, after(global(Lang::ZhCn, (80, 24)), ":coupons<Enter>"));
screen!(global: has_no_bills_en_80x24, without_bills(Lang::En, (80, 24)));
screen!(global: has_no_bills_zh_100x30, without_bills(Lang::ZhCn, (100, 30)));
screen!(global: form_en_100x30, after(global(Lang::En, (100, 30)), "nj<Enter>"));
screen!(global: form_zh_100x30, after(global(Lang::ZhCn, (100, 30)), "nj<Enter>"));
screen!(global: statement_zh_80x24, after(global(Lang::ZhCn, (80, 24)), ":statement<Enter>"));

#[test]
fn an_orders_refunds_are_listed_when_its_detail_is_opened_or_refreshed() {
    let mut console = global(Lang::En, (80, 24));
    let lists = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::Ask(Request::ListRefunds(_)))).count()
    };
    assert_eq!(lists(&press(&mut console, "r")), 0, "refunds are listed only for an order whose detail is open");
    assert_eq!(lists(&press(&mut console, "<Enter>")), 1);
    assert_eq!(lists(&press(&mut console, "r")), 1);
    press(&mut console, "<Esc>");
    assert_eq!(lists(&press(&mut console, "f")), 1, "what is related are its refunds");
    let failed =
        crate::services::Stopped::Api(ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 10 }));
    let order = id(Kind::Transaction, "GTX001");
    receive(&mut console, Event::RefundsListed { order, result: Err(Arc::new(failed)) });
    assert!(picture(&console).contains("The refunds of GTX001 could not be listed"));
    let mut mainland = open(Lang::En, (80, 24));
    assert_eq!(lists(&press(&mut mainland, "4<Enter>r")), 0);
}

#[test]
fn the_mainland_has_neither_settlements_nor_statements() {
    let mut mainland = open(Lang::En, (80, 24));
    for words in [":settlements<Enter>", "<Esc>:statement of<Enter>"] {
        let effects = press(&mut mainland, words);
        assert!(effects.is_empty(), "{effects:?}");
        assert!(picture(&mainland).contains("Only for WeChat Pay Global"), "{}", picture(&mainland));
    }
    if let Stage::Open(opened) = &mainland.stage {
        assert_eq!(*opened, account(Environment::Sandbox));
    }
}

#[test]
fn a_statement_is_requested_by_its_day_and_reported_when_it_is_written() {
    let mut console = global(Lang::En, (80, 24));
    press(&mut console, ":statement of<Enter><Right>x");
    assert!(press(&mut console, "<Enter>").is_empty(), "that is no day");
    let effects = press(&mut console, "<Back><Enter>");
    let [Effect::Ask(Request::SaveStatement { day, path })] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((day.as_str(), path.to_str()), ("20261120", Some("paydeck-statement-20261120.csv")));
    let saved = Saved { path: "/tmp/x.csv".into(), rows: 7, digest: "ab12".into() };
    receive(&mut console, Event::StatementSaved { day: day.clone(), result: Ok(saved) });
    assert!(picture(&console).contains("written: 7 rows"), "{}", picture(&console));
    let mut console = global(Lang::En, (100, 30));
    let source = std::io::ErrorKind::AlreadyExists.into();
    let unsaved = Arc::new(Unsaved::File { path: "/tmp/x.csv".into(), source });
    receive(&mut console, Event::StatementSaved { day: "20261120".into(), result: Err(unsaved) });
    assert!(picture(&console).contains("No statement of 20261120 was written"));
}
