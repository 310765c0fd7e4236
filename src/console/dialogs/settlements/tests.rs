//! The panel of a Global merchant's settlements.

use std::sync::Arc;

use serde_json::json;

use crate::api::ApiError;
use crate::console::app::effect::Effect;
use crate::console::tests::fixture::{Console, global, press, receive};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::{Document, Settled, Settlement};
use crate::services::{Event, Request, Ticket};

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

fn answer(console: &mut Console, ticket: Ticket, rows: usize, total: usize) {
    receive(console, Event::Settlements { ticket, result: Ok((settlements(rows), total)) });
}

fn with_settlements(mut console: Console) -> Console {
    let ticket = panel(&mut console);
    answer(&mut console, ticket, 10, 24);
    console
}

screen!(settlements: not_yet_en_80x24, with_settlements(global(Lang::En, (80, 24))));
screen!(settlements: not_yet_zh_120x30, with_settlements(global(Lang::ZhCn, (120, 30))));

#[test]
fn settlements_are_paged_and_turned_and_only_the_page_asked_for_last_is_shown() {
    let mut console = global(Lang::En, (80, 24));
    let first = panel(&mut console);
    assert!(press(&mut console, "n").is_empty(), "there is no page to turn yet");
    answer(&mut console, first, 10, 24);
    let effects = press(&mut console, "n");
    let [Effect::Ask(Request::Settlements(second, Settled::NotYet, 10))] = effects[..] else { panic!("{effects:?}") };
    answer(&mut console, first, 1, 1);
    assert!(picture(&console).contains("Querying WeChat Pay"), "an answer that was overtaken is not shown");
    answer(&mut console, second, 10, 24);
    assert!(picture(&console).contains("11–20 of 24"));
    let [Effect::Ask(Request::Settlements(third, Settled::NotYet, 20))] = press(&mut console, "n")[..] else {
        panic!()
    };
    answer(&mut console, third, 4, 24);
    assert!(press(&mut console, "n").is_empty(), "the last page is the last");
    let back = press(&mut console, "p");
    assert!(matches!(back[..], [Effect::Ask(Request::Settlements(_, Settled::NotYet, 10))]), "{back:?}");
    let paid = press(&mut console, "<Tab>");
    let [Effect::Ask(Request::Settlements(ticket, Settled::Between(from, to), 0))] = &paid[..] else {
        panic!("{paid:?}")
    };
    assert_eq!((from.as_str(), to.as_str()), ("20261022", "20261121"));
    let error = Arc::new(ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 10 }));
    receive(&mut console, Event::Settlements { ticket: *ticket, result: Err(error) });
    assert!(picture(&console).contains("no answer") || picture(&console).contains("10 s"));
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
}

#[test]
fn no_size_panics_on_the_panel() {
    for (width, height) in (1..=130).step_by(7).flat_map(|w| (1..=30).step_by(3).map(move |h| (w, h))) {
        let mut console = with_settlements(global(Lang::ZhCn, (100, 30)));
        console.step(crate::console::app::msg::Msg::Resize(width, height));
        picture(&console);
    }
}
