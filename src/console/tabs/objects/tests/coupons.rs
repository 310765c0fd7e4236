//! Coupons and permissions: their tables and details, and what is queried about them.

use std::sync::Arc;

use serde_json::{Value, json};

use crate::api::{ApiError, RequestFailure, Usable};
use crate::console::app::command::NotReady;
use crate::console::app::commands::COMMANDS;
use crate::console::app::effect::Effect;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{Console, NOW, fresh, id, open, press, receive};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::time::Duration;
use crate::model::{Kind, Number, Object, ObjectId};
use crate::services::{Event, Fresh, Known, Request, Source};

const USER: &str = "oUpF8uMuAJO_M2pxb1Q9zNjWeS6o";

const STOCK: &str = "18529001";

/// A coupon of the shop's stock in a state; a used one paid for the shop's paid transaction.
fn coupon(coupon_id: &str, status: &str, minutes: i64) -> Known {
    let mut document = json!({
        "stock_creator_mchid": "1900000001", "stock_id": STOCK, "coupon_id": coupon_id, "coupon_name": "双十一满减券",
        "status": status, "description": "满50减5", "create_time": "2026-11-11T09:00:00+08:00", "coupon_type": "NORMAL",
        "no_cash": "true", "available_begin_time": "2026-11-10T00:00:00.120+08:00",
        "available_end_time": "2026-12-31T23:59:59+08:00", "singleitem": false, "out_request_no": "1900000001202611110007",
        "normal_coupon_information": {"coupon_amount": "500", "transaction_minimum": 5000}});
    if status == "USED" {
        document["consume_information"] = json!({"consume_time": "2026-11-21T16:40:00+08:00",
            "consume_mchid": "1900000001", "transaction_id": "4200001234202611210000000001"});
    }
    let id = ObjectId::of_coupon(coupon_id, USER).unwrap();
    let object = Object::parse_as(&id, &document.to_string()).unwrap();
    let fresh = Fresh { object, verified_at: NOW - Duration::minutes(minutes), source: Source::List };
    Known { id, fresh: Some(fresh), billed: None }
}

fn permission(code: &str, state: &str, minutes: i64) -> Known {
    let mut document = json!({
        "service_id": "00004000000000176823", "appid": "wxd678efh567hg6787", "mchid": "1900000001",
        "authorization_code": code, "authorization_state": state, "notify_url": "https://shop.example/permission"});
    if state != "UNBINDUSER" {
        document["openid"] = USER.into();
        document["authorization_success_time"] = "2026-11-01T09:30:00+08:00".into();
    }
    if state == "UNAVAILABLE" {
        document["cancel_authorization_time"] = "2026-11-20T10:00:00+08:00".into();
    }
    let fresh = fresh(Kind::Permission, document, minutes);
    Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
}

fn shop(lang: Lang, size: (u16, u16)) -> Console {
    let mut console = open(lang, size);
    console.learn(vec![
        coupon("80001000000001", "SENDED", 1),
        coupon("80001000000002", "USED", 3),
        coupon("80001000000003", "EXPIRED", 40),
        coupon("80001000000004", "RECOVER", 5),
        coupon("80001000000005", "FROZEN", 2),
        permission("AUTH-0001", "AVAILABLE", 2),
        permission("AUTH-0002", "UNBINDUSER", 1),
        permission("AUTH-0003", "UNAVAILABLE", 30),
    ]);
    console
}

/// Runs a command that has no key, as the palette does.
fn run(console: &mut Console, id: &str) -> Vec<Effect> {
    let command = COMMANDS.iter().find(|command| command.id == id).unwrap();
    assert!(command.scope.covers(console.scope()), "{id}");
    assert_eq!((command.ready)(console), Ok(()), "{id}");
    let effects = command.run(console);
    let seen = console.look();
    console.answer_all(effects.into_iter().chain(seen).collect())
}

fn ran(mut console: Console, command: &str, keys: &str) -> Console {
    run(&mut console, command);
    press(&mut console, keys);
    console
}

/// The panel of the goods that a stock's coupons can be used for, with this many items.
fn items(lang: Lang, size: (u16, u16), count: usize) -> Console {
    let mut console = shop(lang, size);
    press(&mut console, "5");
    assert_eq!(
        run(&mut console, "usable-items"),
        [Effect::Ask(Request::ListUsable(id(Kind::Stock, STOCK), Usable::Items))]
    );
    let found: Vec<String> = (1..=count).map(|n| format!("SKU-{n:03} 燕麦拿铁\u{1b}[2J")).collect();
    answer(&mut console, Ok(Arc::new(found)));
    console
}

fn answer(console: &mut Console, result: Result<Arc<Vec<String>>, Arc<ApiError>>) {
    let stock = id(Kind::Stock, STOCK);
    receive(console, Event::UsableListed { stock, what: Usable::Items, result });
}

screen!(coupons: coupons_en_80x24, ran(shop(Lang::En, (80, 24)), "tab-coupons", ""));
screen!(coupons: coupons_zh_80x24, ran(shop(Lang::ZhCn, (80, 24)), "tab-coupons", ""));
screen!(coupons: coupons_en_120x40, ran(shop(Lang::En, (120, 40)), "tab-coupons", "/state:used<Enter>"));
screen!(coupons: coupons_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "tab-coupons", ""));
screen!(coupons: coupon_detail_en_80x24, ran(shop(Lang::En, (80, 24)), "tab-coupons", "/state:used<Enter><Enter>"));
screen!(coupons: coupon_detail_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "tab-coupons", "/state:used<Enter><Enter>"));
screen!(coupons: coupon_related_en_80x24, ran(shop(Lang::En, (80, 24)), "tab-coupons", "/state:used<Enter><Enter>f"));
screen!(coupons: coupon_related_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "tab-coupons", "/state:used<Enter><Enter>f"));
screen!(coupons: permissions_en_80x24, ran(shop(Lang::En, (80, 24)), "tab-permissions", ""));
screen!(coupons: permissions_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "tab-permissions", "<Enter>"));
screen!(coupons: stock_limits_en_80x24, ran(shop(Lang::En, (80, 24)), "tab-stocks", "<Enter>"));
screen!(coupons: stock_limits_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "tab-stocks", "<Enter>"));
screen!(coupons: stock_related_en_120x40, ran(shop(Lang::En, (120, 40)), "tab-stocks", "<Enter>f"));
screen!(coupons: stock_related_zh_80x24, ran(shop(Lang::ZhCn, (80, 24)), "tab-stocks", "<Enter>f"));
screen!(coupons: user_coupons_en_80x24, ran(shop(Lang::En, (80, 24)), "user-coupons", ""));
screen!(coupons: user_coupons_zh_120x40, ran(shop(Lang::ZhCn, (120, 40)), "user-coupons", ""));
screen!(coupons: usable_items_en_80x24, items(Lang::En, (80, 24), 60));
screen!(coupons: usable_items_zh_120x40, items(Lang::ZhCn, (120, 40), 60));
screen!(coupons: usable_for_whole_orders_zh_80x24, items(Lang::ZhCn, (80, 24), 0));

#[test]
fn a_users_coupons_are_asked_for_and_shown_when_they_are_there() {
    let mut console = shop(Lang::En, (80, 24));
    run(&mut console, "user-coupons");
    // The user of the selected order is proposed.
    let effects = press(&mut console, "<Enter>");
    let openid = Number::parse(USER).unwrap();
    assert_eq!(effects, [Effect::Ask(Request::ListCoupons(openid.clone()))]);
    console.learn(vec![coupon("80001000000009", "SENDED", 0)]);
    receive(&mut console, Event::CouponsListed { openid: openid.clone(), result: Ok(6) });
    assert_eq!(console.kind(), Some(Kind::Coupon));
    assert_eq!(console.list().rows().len(), 6);
    assert_eq!(console.list().filter().to_string(), USER.to_lowercase());
    // An empty answer leaves the screen as it is, and so does a refusal.
    press(&mut console, "3");
    receive(&mut console, Event::CouponsListed { openid: openid.clone(), result: Ok(0) });
    assert!(picture(&console).contains("has no coupons"));
    let error = Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 10 }));
    receive(&mut console, Event::CouponsListed { openid, result: Err(error) });
    assert!(picture(&console).contains("could not be listed"));
    assert_eq!(console.kind(), Some(Kind::ServiceOrder));
}

#[test]
fn what_cannot_be_an_openid_stays_to_be_corrected() {
    let mut console = shop(Lang::En, (80, 24));
    press(&mut console, "1");
    run(&mut console, "user-coupons");
    assert!(press(&mut console, "no openid<Enter>").is_empty());
    assert!(
        matches!(console.view.dialogs.last(), Some(Dialog::UserCoupons(prompt)) if prompt.input.value() == "no openid")
    );
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
}

#[test]
fn the_panel_of_a_stock_scrolls_and_closes_and_hostile_items_are_not_obeyed() {
    let mut console = items(Lang::En, (80, 24), 60);
    let seen = picture(&console);
    assert!(seen.contains("SKU-001") && !seen.contains("SKU-060") && !seen.contains('\u{1b}'), "{seen}");
    // The size of the dialog is known once it was drawn.
    console.room.scroll = 40;
    press(&mut console, "<Down>");
    press(&mut console, &"j".repeat(60));
    assert!(picture(&console).contains("SKU-060"));
    press(&mut console, "<Esc>");
    assert!(console.view.dialogs.is_empty());
    // A late answer is dropped.
    answer(&mut console, Ok(Arc::new(vec!["SKU-999".into()])));
    assert!(console.view.dialogs.is_empty());
}

#[test]
fn a_refused_question_about_a_stock_is_explained_in_its_panel() {
    let mut console = items(Lang::En, (80, 24), 1);
    answer(&mut console, Err(Arc::new(ApiError::Unreachable(RequestFailure::Timeout { seconds: 10 }))));
    assert!(picture(&console).contains("10"), "{}", picture(&console));
}

#[test]
fn only_a_stock_says_where_it_can_be_used() {
    let console = shop(Lang::En, (80, 24));
    for id in ["usable-merchants", "usable-items"] {
        let command = COMMANDS.iter().find(|command| command.id == id).unwrap();
        assert_eq!((command.ready)(&console), Err(NotReady::Blocked("blocked-no-stock")));
    }
}

#[test]
fn a_coupon_that_becomes_known_shows_on_its_stocks_page_of_relations() {
    let mut console = shop(Lang::En, (120, 40));
    press(&mut console, "5<Enter>f");
    assert!(!picture(&console).contains("80001000000077"));
    console.learn(vec![coupon("80001000000077", "SENDED", 0)]);
    assert!(picture(&console).contains("80001000000077"));
    let value: Value =
        serde_json::from_str(&console.reader.object(&id(Kind::Stock, STOCK)).unwrap().unwrap().object.raw).unwrap();
    assert_eq!(value["stock_id"], STOCK);
}
