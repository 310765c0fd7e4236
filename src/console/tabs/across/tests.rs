use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{FrameLayout, LineKey, Target};
use crate::console::app::msg::Msg;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::view::draw;
use crate::console::dialogs::state::Dialog;
use crate::console::start::Peer;
use crate::console::tests::fixture::{
    Console, NOW, PAID, RUNNING, account, after, fetched, fresh, id, open, operation_on_top, order, press, receive,
};
use crate::console::tests::screen::{picture, screen, terminal};
use crate::console::{Account, Unopened};
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::ledger::LedgerError;
use crate::model::time::Duration;
use crate::model::{Environment, Kind, MchId, Merchant};
use crate::services::{
    AcrossKey, AcrossPage, Actor, Event, Fresh, LedgerReader, Outcome, ReadRequest, Request, TabAnswer, Ticket,
};

/// The profiles: two play ones and a live one.
fn peers() -> Arc<[Peer]> {
    let peer = |name: &str, mchid: &str, environment, color: Option<&str>| Peer {
        key: format!("{name}/{mchid}").into(),
        name: name.into(),
        mchid: mchid.into(),
        environment,
        color: color.map(|color| color.parse().unwrap()),
    };
    [
        peer("branch", "1900000002", Environment::Production, Some("#c678dd")),
        peer("kiosk", "1900000003", Environment::Sandbox, None),
        peer("shop", "1900000001", Environment::Sandbox, Some("#98c379")),
    ]
    .into()
}

const BRANCH: &str = "branch/1900000002";

const KIOSK: &str = "kiosk/1900000003";

/// An order of a profile that began at an hour of today.
fn order_at(number: &str, state: [&str; 3], fen: i64, hour: u8) -> Fresh {
    let mut document = order(number, state, fen);
    document["time_range"]["start_time"] = format!("20261121{hour:02}0000").into();
    document["service_introduction"] = format!("{number} 服务").into();
    fresh(Kind::ServiceOrder, document, 5)
}

fn with_peers(mut console: Console) -> Console {
    let put = |profile: &str, rows: &[Fresh]| console.ledger().put(profile, rows).unwrap();
    put(BRANCH, &[order_at("BR0001", RUNNING, 700, 16), order_at("BR0002", PAID, 3300, 9)]);
    // The same number as one of the shop's.
    put(KIOSK, &[order_at("KI0001", PAID, 450, 12), order_at("SO20261121000001", PAID, 90, 16)]);
    if let Stage::Open(account) = &mut console.stage {
        account.peers = peers();
    }
    console
}

fn everywhere(lang: Lang, size: (u16, u16)) -> Console {
    after(with_peers(open(lang, size)), "A")
}

/// The rows as profile and number.
fn rows(state: &AppState) -> Vec<(String, String)> {
    let row = |row: &crate::services::AcrossRow| (row.profile.to_string(), row.row.id.number.to_string());
    state.view.tabs.across.rows().iter().map(row).collect()
}

/// The branch's account, as opening it would return it.
fn branch() -> Account {
    let merchant = Merchant::new(MchId::new("1900000002"));
    Account { name: "branch".into(), merchant, peers: peers(), embedded: false, ..account(Environment::Production) }
}

/// The session of the branch is open from now on.
fn arrive(console: &mut Console) -> Vec<Effect> {
    let actor = Actor::new("branch", "1900000002", "test", false, Default::default());
    console.reader = LedgerReader::new(console.ledger().clone(), &actor);
    let generation = console.generation;
    console.step(Msg::Opened { generation, result: Ok((branch(), vec!["branch".into(), "shop".into()])) })
}

/// Opens the branch's first row in the session of the branch.
fn at_branch(keys: &str) -> Console {
    let mut console = everywhere(Lang::En, (120, 40));
    press(&mut console, "/br0001<Enter>");
    let effects = press(&mut console, keys);
    let profile = Some("branch".to_owned());
    let opened = effects.iter().any(|effect| matches!(effect, Effect::Open { profile: p, .. } if *p == profile));
    assert!(opened, "{effects:?}");
    assert!(matches!(&console.stage, Stage::Opening(Some(name)) if name == "branch"));
    arrive(&mut console);
    console
}

screen!(profiles: orders_en_80x24, everywhere(Lang::En, (80, 24)));
screen!(profiles: orders_zh_120x40, everywhere(Lang::ZhCn, (120, 40)));
screen!(profiles: orders_en_200x60, everywhere(Lang::En, (200, 60)));
screen!(profiles: orders_zh_40x12, everywhere(Lang::ZhCn, (40, 12)));
screen!(profiles: refunds_zh_80x24, after(everywhere(Lang::ZhCn, (80, 24)), "6"));
screen!(profiles: unread_en_80x24, unread(everywhere(Lang::En, (80, 24))));
screen!(profiles: arrived_en_120x40, at_branch("<Enter>"));

#[test]
fn all_profiles_are_one_list_newest_first_and_each_row_is_under_its_own_name() {
    let console = everywhere(Lang::En, (120, 40));
    let rows = rows(&console);
    assert_eq!(rows.len(), console.list_of(Kind::ServiceOrder).totals().unwrap().known as usize + 4);
    let place = |number: &str| rows.iter().position(|(_, known)| known == number).unwrap();
    assert!(place("BR0001") < place("KI0001") && place("KI0001") < place("BR0002"));
    let shown = picture(&console);
    for line in shown.lines().filter(|line| line.contains("BR000")) {
        assert!(line.contains("branch") && line.contains("PRODUCTION"), "{line}");
        assert!(!line.contains("shop") && !line.contains("kiosk"), "{line}");
    }
    // One number of two merchants is two rows, each with its own amount.
    let same: Vec<&str> = shown.lines().filter(|line| line.contains("SO20261121000001")).collect();
    assert_eq!(same.len(), 2, "{shown}");
    assert!(same.iter().any(|line| line.contains("kiosk") && line.contains("¥0.90")), "{shown}");
    assert!(same.iter().any(|line| line.contains("shop") && line.contains("¥12.00")), "{shown}");
    // No single merchant is named above them.
    assert!(shown.lines().next().unwrap().starts_with(" ALL PROFILES  3 profiles"), "{shown}");
    assert!(!shown.contains("1900000001"), "{shown}");
}

#[test]
fn real_and_play_money_are_never_added() {
    let console = everywhere(Lang::En, (200, 60));
    let shown = picture(&console);
    let totals = shown.lines().rev().nth(1).unwrap();
    assert!(totals.contains("PRODUCTION sum ¥40.00") && totals.contains("SANDBOX sum ¥"), "{totals}");
}

#[test]
fn profiles_of_one_merchant_are_not_added() {
    let mut console = with_peers(open(Lang::En, (120, 40)));
    if let Stage::Open(account) = &mut console.stage {
        let mut peers = peers().to_vec();
        peers[1].mchid = "1900000001".into();
        account.peers = peers.into();
    }
    press(&mut console, "A");
    let shown = picture(&console);
    assert!(shown.contains("no sum: two profiles belong to one merchant"), "{shown}");
    assert!(!shown.contains("sum ¥"), "{shown}");
}

#[test]
fn the_filter_finds_in_all_profiles_and_the_number_keys_change_the_kind() {
    let mut console = everywhere(Lang::En, (120, 40));
    press(&mut console, "/0001 state:paid<Enter>");
    let found = [(KIOSK, "SO20261121000001"), (KIOSK, "KI0001")].map(|(key, number)| (key.into(), number.into()));
    assert_eq!(rows(&console), found);
    assert!(picture(&console).contains("2 of "));
    press(&mut console, "<Esc>!");
    assert!(console.across().is_some_and(|across| across.filter().asks_problems()));
    press(&mut console, "!6");
    assert_eq!(console.across().map(|across| across.kind()), Some(Kind::Refund));
    assert!(rows(&console).iter().all(|(profile, _)| profile == "shop/1900000001"));
    press(&mut console, "<Tab><Tab><Tab><Tab>");
    assert!(console.across().is_none(), "bills, events, journal, permissions");
    press(&mut console, "A");
    press(&mut console, "A");
    assert_eq!(console.kind(), Some(Kind::Permission));
}

#[test]
fn keys_typed_while_the_rows_merchant_is_opened_apply_after_the_action_that_was_asked_for() {
    let chosen = |console: &Console| match console.view.dialogs.last() {
        Some(Dialog::Pick(pick)) => Some(pick.selected),
        _ => None,
    };
    assert_eq!(chosen(&at_branch("a")), Some(0));
    assert_eq!(chosen(&at_branch("ajj")), Some(2));
}

#[test]
fn a_row_of_the_open_profile_opens_at_once_and_esc_leads_back() {
    let mut console = everywhere(Lang::En, (120, 40));
    press(&mut console, "/so20261121000002<Enter>");
    assert_eq!(press(&mut console, "<Enter>"), []);
    let order = id(Kind::ServiceOrder, "SO20261121000002");
    assert_eq!(console.view.detail.as_ref().map(|detail| detail.of.clone()), Some(order));
    assert!(picture(&console).contains("All profiles ▸ SO20261121000002"));
    press(&mut console, "<Esc>");
    assert!(console.across().is_some_and(|across| !across.filter().is_empty()));
}

#[test]
fn a_row_of_another_profile_opens_in_its_own_session_and_esc_leads_back() {
    let mut console = at_branch("<Enter>");
    let order = id(Kind::ServiceOrder, "BR0001");
    assert_eq!(console.view.detail.as_ref().map(|detail| detail.of.clone()), Some(order));
    let shown = picture(&console);
    assert!(shown.lines().next().unwrap().contains("branch 1900000002"), "{shown}");
    assert!(shown.contains("All profiles ▸ BR0001") && !shown.contains("SO2026"), "{shown}");
    press(&mut console, "<Esc>");
    assert_eq!(console.across().map(|across| across.filter().to_string()), Some("br0001".into()));
    assert_eq!(rows(&console), [(BRANCH.to_owned(), "BR0001".to_owned())]);
}

#[test]
fn an_action_from_the_table_is_previewed_for_its_own_merchant_and_typed_in_production() {
    let mut console = at_branch("a");
    assert!(matches!(console.view.dialogs.last(), Some(Dialog::Pick(_))), "the menu of its actions");
    press(&mut console, "<Enter><Enter>");
    let operation = operation_on_top(&console).expect("a preview");
    assert_eq!(operation.object, id(Kind::ServiceOrder, "BR0001"));
    let shown = picture(&console);
    assert!(shown.contains("1900000002 · branch · PRODUCTION"), "{shown}");
    assert!(!shown.contains("1900000001"), "{shown}");
    let Some(Dialog::Confirm(confirm)) = console.view.dialogs.last() else { panic!("{shown}") };
    assert!(confirm.confirm_input.word.is_some(), "real money asks for the end of the number");
    // Enter alone sends nothing.
    assert_eq!(press(&mut console, "<Enter><Enter>"), []);
}

#[test]
fn the_outcome_says_whose_it_is() {
    let mut console = with_peers(open(Lang::En, (120, 40)));
    press(&mut console, "5a<Enter><Right><Enter>");
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made: None };
    receive(&mut console, Event::Concluded { ticket: Ticket(1), outcome });
    assert!(picture(&console).contains("at shop · 1900000001"), "{}", picture(&console));
}

#[test]
fn what_belongs_to_one_merchant_is_refused_with_the_reason() {
    let mut console = everywhere(Lang::En, (120, 40));
    let before = rows(&console);
    for key in [" ", "*", "V", "I", "n"] {
        assert_eq!(press(&mut console, key), [], "{key}");
        assert!(picture(&console).contains("One operation belongs to one merchant"), "{key}");
    }
    // Commands about an object do not reach the row under the cursor of the table beneath.
    for key in ["r", "w", "t", "f", "J", "Y", "x", "e", "R"] {
        let effects = press(&mut console, key);
        assert!(effects.is_empty(), "{key} {effects:?}");
        assert!(console.view.detail.is_none() && console.view.dialogs.is_empty(), "{key}");
    }
    assert_eq!(rows(&console), before);
    assert!(console.across().is_some());
}

#[test]
fn only_the_open_profiles_objects_are_queried() {
    let console = everywhere(Lang::En, (120, 40));
    let (mut terminal, mut visible) = (terminal(&console), Vec::new());
    terminal.draw(|frame| visible = draw(&console, &FrameLayout::default(), frame).visible).unwrap();
    assert!(!visible.is_empty());
    assert!(visible.iter().all(|id| id.number.as_str().starts_with("SO")), "{visible:?}");
    assert_eq!(visible.iter().filter(|id| id.number.as_str() == "SO20261121000001").count(), 1);
}

#[test]
fn a_change_in_any_ledger_is_shown() {
    let mut console = everywhere(Lang::En, (120, 40));
    console.ledger().put(BRANCH, &[order_at("BR0003", RUNNING, 100, 17)]).unwrap();
    receive(&mut console, Event::OtherProfileChanged(Kind::Refund));
    assert!(!picture(&console).contains("BR0003"), "nothing is read for another kind");
    receive(&mut console, Event::OtherProfileChanged(Kind::ServiceOrder));
    assert!(picture(&console).contains("BR0003"));
    // A query of the open profile's object, and not of the other one with its number.
    let mut paid = order_at("SO20261121000001", PAID, 777, 15);
    paid.verified_at = NOW + Duration::seconds(1);
    receive(&mut console, fetched(paid));
    let shown = picture(&console);
    let same: Vec<&str> = shown.lines().filter(|line| line.contains("SO20261121000001")).collect();
    assert!(same.iter().any(|line| line.contains("shop") && line.contains("¥7.77")), "{shown}");
    assert!(same.iter().any(|line| line.contains("kiosk") && line.contains("¥0.90")), "{shown}");
}

/// The kiosk's rows cannot be read.
fn unread(mut console: Console) -> Console {
    console.view.tabs.across.learned();
    let effects = console.step_unanswered(Msg::Now(NOW));
    let request = effects.iter().find_map(|effect| match effect {
        Effect::Ask(Request::Read(ReadRequest::AcrossPage(request))) => Some(request.clone()),
        _ => None,
    });
    let request = Arc::new(request.unwrap());
    let rows = console.view.tabs.across.rows().iter().filter(|row| &*row.profile != KIOSK).cloned().collect();
    let error = Arc::new(LedgerError::Full("disk".into()));
    let failed = vec![(KIOSK.into(), error)];
    let page = Arc::new(AcrossPage { rows, at_start: true, at_end: true, failed, ..AcrossPage::default() });
    receive(&mut console, TabAnswer::AcrossPage { request, page }.into());
    console
}

#[test]
fn a_profile_that_cannot_be_read_is_named_and_hides_no_other() {
    let shown = picture(&unread(everywhere(Lang::En, (120, 40))));
    assert!(shown.contains("kiosk cannot be read"), "{shown}");
    assert!(shown.contains("BR0001") && shown.contains("SO2026") && !shown.contains("KI0001"), "{shown}");
}

#[test]
fn a_merchant_that_cannot_be_opened_is_left_again_by_esc() {
    let mut console = everywhere(Lang::En, (120, 40));
    press(&mut console, "/br0001<Enter><Enter>");
    let (generation, what) = (console.generation, "the key cannot be read".to_owned());
    let explanation = Explanation { what, ..Explanation::default() };
    let unopened = Unopened { explanation, accounts: vec!["branch".into(), "shop".into()] };
    console.step(Msg::Opened { generation, result: Err(unopened) });
    assert!(picture(&console).contains("the key cannot be read"));
    let effects = press(&mut console, "<Esc>");
    let shop = Some("shop".to_owned());
    assert!(effects.iter().any(|effect| matches!(effect, Effect::Open { profile, .. } if *profile == shop)));
    let generation = console.generation;
    let shop = Account { peers: peers(), ..account(Environment::Sandbox) };
    console.step(Msg::Opened { generation, result: Ok((shop, vec!["branch".into(), "shop".into()])) });
    assert_eq!(console.across().map(|across| across.filter().to_string()), Some("br0001".into()));
    assert!(console.view.detail.is_none());
}

#[test]
fn another_merchant_is_not_opened_while_an_operation_is_in_flight() {
    let mut console = with_peers(open(Lang::En, (120, 40)));
    press(&mut console, "5a<Enter><Right><Enter>");
    assert!(console.is_busy());
    press(&mut console, "3A/br0001<Enter>");
    assert_eq!(press(&mut console, "<Enter>"), []);
    assert_eq!(press(&mut console, "a"), []);
    assert_eq!(console.account().map(|account| account.name.as_str()), Some("shop"));
    let key = AcrossKey { profile: BRANCH.into(), id: id(Kind::ServiceOrder, "BR0001") };
    let effects = console.step(Msg::Click { target: Target::Line(LineKey::Across(key)), double: true });
    assert_eq!(effects, []);
}

#[test]
fn one_profile_has_no_table_over_all() {
    let mut console = open(Lang::En, (80, 24));
    press(&mut console, "A");
    assert!(console.across().is_none());
    assert!(picture(&console).contains("Only one profile is configured"));
}

#[test]
fn the_console_can_begin_with_all_profiles() {
    let mut console = crate::console::tests::fixture::starting(Lang::En, (120, 40));
    console.arrival = Some(super::state::AcrossArrival::START);
    let account = Account { peers: peers(), ..account(Environment::Sandbox) };
    console.step(Msg::Opened { generation: 0, result: Ok((account, vec!["branch".into(), "shop".into()])) });
    assert!(console.across().is_some());
    assert!(picture(&console).starts_with(" ALL PROFILES"));
}
