//! The console on a Global profile: money in its own currencies, settlements, statements, and what there is not.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::app::state::Stage;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, account, fresh, hear, id, open, press};
use crate::console::tests::screens::picture;
use crate::i18n::Lang;
use crate::model::{Document, Environment, Kind, MchId, Region, Settled, Settlement};
use crate::services::{BillEvent, Event, Known, Request, Saved, Ticket, Unsaved};

fn order(number: &str, state: &str, currency: &str, total: i64, paid: Option<(i64, i64)>) -> Value {
    let mut document = json!({
        "out_trade_no": number, "sp_mchid": "1610000001", "sub_mchid": "1610000088", "trade_type": "NATIVE",
        "trade_state": state, "attach": "till=3", "amount": {"total": total, "currency": currency}});
    if let Some((payer, rate)) = paid {
        document["id"] = format!("4200001122202611210000{number}").into();
        document["success_time"] = "2026-11-21T16:40:00+08:00".into();
        document["payer"] = json!({"sp_openid": "oAbC123example"});
        document["amount"]["payer_total"] = payer.into();
        document["amount"]["payer_currency"] = "CNY".into();
        document["amount"]["exchange_rate"] = json!({"type": "SETTLEMENT_RATE", "rate": rate});
        document["promotion_detail"] = json!([
            {"promotion_id": "109519", "name": "Autumn tour · 九折", "type": "DISCOUNT", "amount": 68, "currency": currency}]);
    }
    document
}

/// A console of an institution with orders in three currencies, on the transactions.
fn abroad(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    if let Stage::Open(account) = &mut console.stage {
        account.merchant.region = Region::Global;
        account.merchant.sub_mchid = Some(MchId::new("1610000088"));
    }
    let orders = [
        order("GTX001", "SUCCESS", "HKD", 6_800, Some((6_194, 92_000_000))),
        order("GTX002", "REFUND", "JPY", 12_800, Some((61_240, 4_810_000))),
        order("GTX003", "NOTPAY", "USD", 2_999, None),
    ];
    let known = orders.into_iter().map(|document| {
        let fresh = fresh(Kind::Transaction, document, 1);
        Known { id: fresh.object.id.clone(), fresh: Some(fresh) }
    });
    console.learn(known.collect());
    press(&mut console, "4/GTX<Enter>");
    console
}

fn settlements(count: usize) -> Vec<Settlement> {
    let row = |i: usize| {
        let (pay, refund) = (1_000_000 + i as i64, 8_000);
        let (wallet, currency) =
            if i.is_multiple_of(2) { ("CHINA_HONGKONG", "HKD") } else { ("CHINA_MAINLAND", "JPY") };
        let row = json!({"batch_id": format!("2026112{i}001"), "settlement_date": "20261121",
            "trade_start_date": "20261119", "trade_end_date": "20261119", "wallet_region": wallet,
            "amount": {"settled": 0, "unsettle": pay - refund - 10_000, "currency": currency, "pay": pay,
                "refund": refund, "net": pay - refund, "fee": 10_000}});
        Settlement::read(Document::new(&row))
    };
    (0..count).map(row).collect()
}

/// Opens the panel by the palette; the ticket of what was asked.
fn panel(console: &mut Console) -> Ticket {
    let effects = press(console, ":settlements<Enter>");
    let [Effect::Ask(Request::Settlements(ticket, Settled::NotYet, 0))] = effects[..] else { panic!("{effects:?}") };
    ticket
}

fn told(console: &mut Console, ticket: Ticket, rows: usize, total: usize) {
    hear(console, Event::Settlements { ticket, result: Ok((settlements(rows), total)) });
}

macro_rules! screen {
    ($name:ident, $console:expr) => {
        #[test]
        fn $name() {
            insta::assert_snapshot!(picture(&$console));
        }
    };
}

fn after(mut console: Console, keys: &str) -> Console {
    press(&mut console, keys);
    console
}

fn without_bills(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = after(abroad(lang, size), "7");
    hear(&mut console, Event::Bill(BillEvent::Listed(Ok(Arc::default()))));
    console
}

#[test]
fn in_the_place_of_a_bill_the_statement_is_asked_for() {
    let console = after(without_bills(Lang::En, (80, 24)), "n");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Statement(_))), "{:?}", console.view.dialogs.last());
}

fn with_settlements(mut console: Console) -> Console {
    let ticket = panel(&mut console);
    told(&mut console, ticket, 10, 24);
    console
}

screen!(global_orders_120x40_en, abroad(Lang::En, (120, 40)));
screen!(global_orders_80x24_zh, abroad(Lang::ZhCn, (80, 24)));
screen!(global_order_100x30_zh, after(abroad(Lang::ZhCn, (100, 30)), "<Enter>"));
screen!(global_has_no_coupons_100x30_en, after(abroad(Lang::En, (100, 30)), ":coupons<Enter>"));
screen!(global_has_no_coupons_80x24_zh, after(abroad(Lang::ZhCn, (80, 24)), ":coupons<Enter>"));
screen!(global_has_no_bills_80x24_en, without_bills(Lang::En, (80, 24)));
screen!(global_has_no_bills_100x30_zh, without_bills(Lang::ZhCn, (100, 30)));
screen!(global_form_100x30_en, after(abroad(Lang::En, (100, 30)), "nj<Enter>"));
screen!(global_form_100x30_zh, after(abroad(Lang::ZhCn, (100, 30)), "nj<Enter>"));
screen!(settlements_80x24_en, with_settlements(abroad(Lang::En, (80, 24))));
screen!(settlements_120x30_zh, with_settlements(abroad(Lang::ZhCn, (120, 30))));
screen!(statement_80x24_zh, after(abroad(Lang::ZhCn, (80, 24)), ":statement<Enter>"));

#[test]
fn settlements_are_paged_and_turned_and_only_the_page_asked_for_last_is_shown() {
    let mut console = abroad(Lang::En, (80, 24));
    let first = panel(&mut console);
    assert!(press(&mut console, "n").is_empty(), "there is no page to turn yet");
    told(&mut console, first, 10, 24);
    let effects = press(&mut console, "n");
    let [Effect::Ask(Request::Settlements(second, Settled::NotYet, 10))] = effects[..] else { panic!("{effects:?}") };
    told(&mut console, first, 1, 1);
    assert!(picture(&console).contains("Querying WeChat Pay"), "an answer that was overtaken is not shown");
    told(&mut console, second, 10, 24);
    assert!(picture(&console).contains("11–20 of 24"));
    let [Effect::Ask(Request::Settlements(third, Settled::NotYet, 20))] = press(&mut console, "n")[..] else {
        panic!()
    };
    told(&mut console, third, 4, 24);
    assert!(press(&mut console, "n").is_empty(), "the last page is the last");
    let back = press(&mut console, "p");
    assert!(matches!(back[..], [Effect::Ask(Request::Settlements(_, Settled::NotYet, 10))]), "{back:?}");
    let paid = press(&mut console, "<Tab>");
    let [Effect::Ask(Request::Settlements(ticket, Settled::Between(from, to), 0))] = &paid[..] else {
        panic!("{paid:?}")
    };
    assert_eq!((from.as_str(), to.as_str()), ("20261022", "20261121"));
    let error = Arc::new(ApiError::Unreachable(crate::api::Failure::Timeout { seconds: 10 }));
    hear(&mut console, Event::Settlements { ticket: *ticket, result: Err(error) });
    assert!(picture(&console).contains("no answer") || picture(&console).contains("10 s"));
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
}

#[test]
fn an_orders_refunds_are_listed_when_its_detail_is_opened_or_refreshed() {
    let mut console = abroad(Lang::En, (80, 24));
    let lists = |effects: &[Effect]| {
        effects.iter().filter(|effect| matches!(effect, Effect::Ask(Request::ListRefunds(_)))).count()
    };
    assert_eq!(lists(&press(&mut console, "r")), 0, "only whoever looks at one order asks for its refunds");
    assert_eq!(lists(&press(&mut console, "<Enter>")), 1);
    assert_eq!(lists(&press(&mut console, "r")), 1);
    press(&mut console, "<Esc>");
    assert_eq!(lists(&press(&mut console, "f")), 1, "what is related are its refunds");
    let failed = crate::services::Stopped::Api(ApiError::Unreachable(crate::api::Failure::Timeout { seconds: 10 }));
    let order = id(Kind::Transaction, "GTX001");
    hear(&mut console, Event::RefundsListed { order, result: Err(Arc::new(failed)) });
    assert!(picture(&console).contains("The refunds of GTX001 could not be listed"));
    let mut mainland = open(Lang::En, (80, 24));
    assert_eq!(lists(&press(&mut mainland, "4<Enter>r")), 0);
}

#[test]
fn the_mainland_has_neither_settlements_nor_statements() {
    let mut mainland = open(Lang::En, (80, 24));
    for words in [":settlements<Enter>", "<Esc>:statement of<Enter>"] {
        assert!(press(&mut mainland, words).is_empty());
        assert!(picture(&mainland).contains("Only for WeChat Pay Global"), "{}", picture(&mainland));
    }
    if let Stage::Open(opened) = &mainland.stage {
        assert_eq!(*opened, account(Environment::Sandbox));
    }
}

#[test]
fn a_statement_is_asked_for_by_its_day_and_told_when_it_is_written() {
    let mut console = abroad(Lang::En, (80, 24));
    press(&mut console, ":statement of<Enter>x");
    assert!(press(&mut console, "<Enter>").is_empty(), "that is no day");
    let effects = press(&mut console, "<Back><Enter>");
    let [Effect::Ask(Request::SaveStatement { day, path })] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((day.as_str(), path.to_str()), ("20261120", Some("paydeck-statement-20261120.csv")));
    let saved = Saved { path: "/tmp/x.csv".into(), rows: 7, digest: "ab12".into() };
    hear(&mut console, Event::StatementSaved { day: day.clone(), result: Ok(saved) });
    assert!(picture(&console).contains("written: 7 rows"), "{}", picture(&console));
    let mut console = abroad(Lang::En, (100, 30));
    let source = std::io::ErrorKind::AlreadyExists.into();
    let unsaved = Arc::new(Unsaved::File { path: "/tmp/x.csv".into(), source });
    hear(&mut console, Event::StatementSaved { day: "20261120".into(), result: Err(unsaved) });
    assert!(picture(&console).contains("No statement of 20261120 was written"));
}

#[test]
fn no_size_panics_on_the_panel() {
    for (width, height) in (1..=130).step_by(7).flat_map(|w| (1..=30).step_by(3).map(move |h| (w, h))) {
        let mut console = with_settlements(abroad(Lang::ZhCn, (100, 30)));
        console.step(crate::console::app::msg::Msg::Resize(width, height));
        picture(&console);
    }
}
