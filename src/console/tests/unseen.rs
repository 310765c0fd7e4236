//! Nothing is changed unseen: previews and keys typed ahead, and what random keys do where money is real.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::api::{ApiError, RequestFailure};
use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::Target;
use crate::console::app::msg::Msg;
use crate::console::app::state::AppState;
use crate::console::dialogs::confirm::confirm_input::{ConfirmFocus, ConfirmInput, SEEN_FOR};
use crate::console::dialogs::confirm::update::is_unseen;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, PAID, RUNNING, after, burst, fetched, fresh, look, open, operation_on_top, order,
    prepared, press, production, receive, ruled,
};
use crate::console::tests::screen::{picture, screen};
use crate::i18n::Lang;
use crate::model::action::{ActionId, ConfirmedBy};
use crate::model::time::Duration;
use crate::model::{Environment, Kind};
use crate::services::{Event, Request};

/// The address that is in force.
const FORMER: &str = "https://shop.example/coupons/former";
/// Keys that preview the replacement of the address for coupon events.
const SET: &str = "5n<Down><Enter>https://shop.example/coupons/new<Enter>";

fn console() -> Console {
    open(Lang::En, (120, 40))
}

fn real() -> Console {
    production(console())
}

fn input_on_top(state: &AppState) -> &ConfirmInput {
    state.view.dialogs.last().and_then(Dialog::confirm_input).expect("a preview is on top")
}

/// What a request changes, if it changes anything.
fn change(effect: &Effect) -> Option<&Request> {
    let Effect::Ask(request) = effect else { return None };
    let changes =
        matches!(request, Request::Perform(..) | Request::RunBulk(_) | Request::CloseEntry(..) | Request::Replay(..));
    changes.then_some(request)
}

fn pass(state: &mut Console, time: Duration) {
    let now = state.now + time;
    state.step(Msg::Now(now));
}

fn draw(state: &mut Console) {
    let (room, at) = (state.room, state.now);
    state.step(Msg::Drawn { room, at });
}

#[test]
fn keys_typed_ahead_of_a_preview_are_dropped_whatever_they_are() {
    for keys in ["a<Enter><Tab><Enter>", "a<Enter><Right><Enter><Enter>", "a<Enter>y<Tab> <Enter>"] {
        let mut state = console();
        press(&mut state, "5");
        let effects = burst(&mut state, keys);
        assert!(effects.iter().all(|effect| change(effect).is_none()), "{keys}: {effects:?}");
        assert_eq!(operation_on_top(&state).map(|one| one.action), Some(ActionId::StockPause), "{keys}");
        assert_eq!(input_on_top(&state).focus, ConfirmFocus::Cancel, "{keys}");
    }
}

#[test]
fn a_preview_takes_keys_once_its_frame_was_on_the_screen_for_a_moment() {
    let mut state = console();
    press(&mut state, "5");
    burst(&mut state, "a<Enter>");
    // However much time passes, nothing was drawn.
    pass(&mut state, Duration::seconds(10));
    burst(&mut state, "<Tab><Enter>");
    assert_eq!(input_on_top(&state).focus, ConfirmFocus::Cancel);
    draw(&mut state);
    assert_eq!(state.fade(), Some(state.now + SEEN_FOR), "the screen is drawn again when the buttons work");
    pass(&mut state, SEEN_FOR - Duration::MILLISECOND);
    assert!(is_unseen(&state));
    pass(&mut state, Duration::MILLISECOND);
    assert!(!is_unseen(&state));
    assert_eq!(burst(&mut state, "<Tab><Enter>").iter().filter_map(change).count(), 1);
}

#[test]
fn who_is_still_typing_has_not_looked_yet() {
    let mut state = console();
    press(&mut state, "5");
    burst(&mut state, "a<Enter>");
    draw(&mut state);
    for _ in 0..50 {
        pass(&mut state, SEEN_FOR / 3);
        assert_eq!(burst(&mut state, "<Enter>"), vec![]);
    }
    assert!(is_unseen(&state), "a key that is held never arms it");
    pass(&mut state, SEEN_FOR);
    assert!(!is_unseen(&state));
}

#[test]
fn pasted_text_and_clicks_wait_for_the_same_moment_and_escape_never_does() {
    let mut state = console();
    burst(&mut state, "a<Enter><Enter>");
    draw(&mut state);
    state.step(Msg::Paste("0001".into()));
    state.step(Msg::Click { target: Target::Confirm, double: false });
    let typed = |state: &Console| input_on_top(state).typed.value().to_owned();
    assert_eq!((typed(&state), input_on_top(&state).focus), (String::new(), ConfirmFocus::Typing));
    look(&mut state);
    pass(&mut state, SEEN_FOR);
    state.step(Msg::Paste("0001".into()));
    assert_eq!(typed(&state), "0001");
    let mut state = console();
    burst(&mut state, "a<Enter><Enter><Esc>");
    assert!(operation_on_top(&state).is_none(), "it can be closed at once");
    burst(&mut state, "<Enter>");
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert!(is_unseen(&state));
    assert_eq!(state.step(Msg::Key(ctrl_c)), vec![Effect::Quit]);
}

#[test]
fn what_changes_in_a_preview_must_be_seen_first() {
    let armed = || {
        let mut state = console();
        press(&mut state, "a<Enter><Enter>0001");
        assert!(!is_unseen(&state));
        state
    };
    let mut state = armed();
    state.step(Msg::Resize(100, 30));
    assert!(is_unseen(&state), "another size is another frame");
    let mut state = armed();
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1200), 0)));
    assert!(!is_unseen(&state), "nothing has changed");
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", COLLECTING, 1200), 0)));
    assert!(is_unseen(&state), "its object has changed");
    assert_eq!(burst(&mut state, "<Enter>"), vec![]);
    // A screen too small shows nothing, whatever is drawn.
    let mut state = armed();
    state.step(Msg::Resize(30, 8));
    look(&mut state);
    state.step(Msg::Resize(120, 40));
    assert!(is_unseen(&state));
}

#[test]
fn keys_typed_ahead_wait_until_it_is_known_what_can_be_done_to_marked_objects() {
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    let mut state = console();
    press(&mut state, "4*");
    let asked = state.step_unanswered(key(KeyCode::Char('a')));
    for code in [KeyCode::Char('j'), KeyCode::Enter] {
        assert_eq!(state.step_unanswered(key(code)), vec![]);
    }
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Pick(_))));
    state.answer_all(asked);
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { panic!("{:?}", state.view.dialogs) };
    let second = {
        let mut seen = console();
        press(&mut seen, "4*aj<Enter>");
        let Some(Dialog::Form(form)) = seen.view.dialogs.last() else { panic!("no form") };
        form.action.id
    };
    assert_eq!(form.action.id, second, "both keys have done what they mean");
    // It can be closed while the ledger counts.
    let mut state = console();
    press(&mut state, "4*");
    let _ = state.step_unanswered(key(KeyCode::Char('a')));
    state.step_unanswered(key(KeyCode::Esc));
    assert!(state.view.dialogs.is_empty());
}

#[test]
fn where_money_is_real_every_change_is_confirmed_by_typing() {
    let mut state = real();
    press(&mut state, "5a<Enter>");
    assert_eq!(press(&mut state, "<Tab><Tab><Enter>"), vec![]);
    assert!(operation_on_top(&state).is_some(), "a plain key is not enough");
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    let number = operation_on_top(&state).unwrap().object.number;
    let effects = press(&mut state, &format!("<Tab>{}<Enter>", number.tail()));
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((confirmed.what().action, confirmed.by()), (ActionId::StockPause, ConfirmedBy::Typed));
    // The same on a sandbox needs no typing.
    let mut state = console();
    let effects = press(&mut state, "5a<Enter><Tab><Enter>");
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(confirmed.by(), ConfirmedBy::Yes);
}

/// The preview of a new address, with the one that it replaces.
fn setting(mut state: Console, former: Result<Option<String>, Arc<ApiError>>) -> Console {
    let effects = press(&mut state, SET);
    let [Effect::Ask(Request::Replaced(operation))] = &effects[..] else { panic!("{effects:?}") };
    receive(&mut state, Event::Replaced { operation: operation.clone(), result: former });
    state
}

screen!(confirm: setting_en_80x24, setting(open(Lang::En, (80, 24)), Ok(Some(FORMER.into()))));
screen!(confirm: setting_zh_120x40, setting(production(open(Lang::ZhCn, (120, 40))), Ok(Some(FORMER.into()))));
screen!(confirm: setting_for_the_first_time_zh_80x24, setting(open(Lang::ZhCn, (80, 24)), Ok(None)));
screen!(confirm: setting_unread_en_80x24, setting(open(Lang::En, (80, 24)), Err(Arc::new(timeout()))));
screen!(confirm: unfolded_en_120x40, after(open(Lang::En, (120, 40)), "a<Enter><Enter>r"));
screen!(confirm: refund_part_en_120x40, after(production(open(Lang::En, (120, 40))), "4/success<Enter>a<Enter><Back><Back><Back><Back><Back>8<Enter>"));

fn timeout() -> ApiError {
    ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 10 })
}

#[test]
fn the_address_that_is_replaced_is_shown_before_it_can_be_replaced_and_kept() {
    let mut state = console();
    press(&mut state, SET);
    look(&mut state);
    assert!(is_unseen(&state), "it is not known yet what is replaced");
    assert_eq!(press(&mut state, "<Tab><Enter>"), vec![]);
    let mut state = setting(console(), Ok(Some(FORMER.into())));
    let shown = picture(&state);
    assert!(shown.contains(FORMER) && shown.contains("Undone by setting the former address again"), "{shown}");
    assert!(!shown.contains("cannot be undone"), "{shown}");
    let effects = press(&mut state, "<Tab><Enter>");
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(confirmed.what().replaced_url().as_deref(), Some(FORMER), "the journal keeps it");
    let mut state = setting(real(), Ok(None));
    let shown = picture(&state);
    assert!(shown.contains("no former address") && !shown.contains("Undone by"), "{shown}");
    let effects = press(&mut state, "0001<Enter>");
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!((confirmed.what().replaces.as_deref(), confirmed.by()), (Some("{}"), ConfirmedBy::Typed));
}

#[test]
fn an_address_that_cannot_be_read_is_not_replaced() {
    let mut state = setting(console(), Err(Arc::new(timeout())));
    assert!(input_on_top(&state).is_barred());
    assert_eq!(press(&mut state, "<Tab><Right>"), vec![]);
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    assert!(operation_on_top(&state).is_none(), "its only button closes it");
}

#[test]
fn a_barred_preview_says_why_takes_no_text_and_has_one_button() {
    let mut barred = ruled(console(), true);
    press(&mut barred, "a<Enter><Enter>");
    let mut illegal = console();
    press(&mut illegal, "a<Enter><Enter>");
    receive(&mut illegal, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", PAID, 1200), 0)));
    let mut read_only = console();
    press(&mut read_only, "a<Enter><Enter>");
    if let crate::console::app::state::Stage::Open(account) = &mut read_only.stage {
        account.read_only = true;
    }
    read_only.step(Msg::Now(NOW));
    for (mut state, why) in [(barred, "max_amount"), (illegal, "No longer possible"), (read_only, "read-only")] {
        let shown = picture(&state);
        assert!(shown.contains("not possible") && shown.contains(why), "{shown}");
        assert!(shown.contains("[ Close ]") && !shown.contains("Cancel ]") && !shown.contains("Type 0001"), "{shown}");
        assert!(shown.lines().last().unwrap().contains("⏎ close"), "{shown}");
        press(&mut state, "0001<Tab><Tab>");
        state.step(Msg::Click { target: Target::Confirm, double: false });
        assert_eq!(input_on_top(&state).typed.value(), "");
        assert_eq!(press(&mut state, "<Enter>"), vec![]);
        assert!(operation_on_top(&state).is_none(), "closed");
    }
}

#[test]
fn the_request_is_folded_until_it_is_asked_for_and_its_key_is_no_text() {
    let mut state = console();
    press(&mut state, "a<Enter><Enter>");
    let body = "\"out_order_no\"";
    let shows = |state: &Console| picture(state).contains("total_amount") || picture(state).contains(body);
    assert!(!shows(&state) && picture(&state).contains("▸ Request POST /v3/payscore/serviceorder/"));
    press(&mut state, "0r");
    assert!(shows(&state) && input_on_top(&state).typed.value() == "0");
    press(&mut state, "r");
    assert!(!shows(&state));
    // Where it can be a part of the text, it is typed.
    let mut state = ruled(console(), false);
    press(&mut state, "a<Enter><Enter>customer");
    assert_eq!(input_on_top(&state).reason(), Some("customer"));
    state.step(Msg::Key(KeyEvent::new(KeyCode::Char('r'), KeyModifiers::CONTROL)));
    assert!(shows(&state));
}

#[test]
fn a_refresh_between_opening_and_confirming_never_changes_the_target() {
    let mut state = console();
    press(&mut state, "ja<Enter>20<Tab>late return<Enter>");
    let target = operation_on_top(&state).unwrap();
    // New rows come in above and below, the row itself changes, another is queried.
    let learned = ["SO20261121000000", "SO20261121000099"].map(|number| {
        let fresh = fresh(Kind::ServiceOrder, order(number, RUNNING, 77), 0);
        crate::services::Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
    });
    state.learn(learned.into());
    receive(&mut state, Event::KindChanged(Kind::ServiceOrder));
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", PAID, 1), 0)));
    assert_eq!(operation_on_top(&state), Some(target.clone()));
    let effects = press(&mut state, &format!("{}<Enter>", target.object.number.tail()));
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(*confirmed.what(), target);
}

/// Numbers that look random and are the same in every run (xorshift).
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % limit
    }
}

/// Keys that a hand on the keyboard would hit, those that lead to changes often.
const KEYS: [&str; 12] =
    ["<Enter>", "<Enter>", "<Enter>", "<Tab>", "<Tab>", "a", "a", "n", "<Down>", "<Right>", "<Esc>", " "];

#[test]
fn random_keys_change_nothing_where_money_is_real() {
    let mut previews = 0;
    for seed in 1..=220 {
        let mut random = Random(0x9e37_79b9_7f4a_7c15_u64.wrapping_mul(seed));
        let mut state = real();
        for _ in 0..60 {
            let keys: String = (0..=random.below(4))
                .map(|_| match random.below(3) {
                    0 => char::from(b' ' + random.below(95) as u8).to_string().replace('<', ","),
                    _ => KEYS[random.below(KEYS.len())].to_owned(),
                })
                .collect();
            // Some hands look before they press, others do not.
            let effects = if random.below(4) == 0 { burst(&mut state, &keys) } else { press(&mut state, &keys) };
            for effect in &effects {
                assert!(change(effect).is_none(), "seed {seed}, {keys}: {effect:?}");
            }
            for effect in effects {
                previews += usize::from(answered(&mut state, effect));
            }
            let later = state.now + Duration::milliseconds(random.below(900) as i64);
            state.step(Msg::Now(later));
        }
        previews += usize::from(operation_on_top(&state).is_some());
    }
    assert!(previews > 50, "they come to where they could: {previews}");
}

/// Answers as a session would what previews ask for. True if it was for one.
fn answered(state: &mut Console, effect: Effect) -> bool {
    match effect {
        Effect::Ask(Request::Replaced(operation)) => {
            receive(state, Event::Replaced { operation, result: Ok(Some(FORMER.into())) });
            true
        }
        Effect::Ask(Request::PrepareBulk(ticket, request)) => {
            let result = Ok(Arc::new(prepared(state, &request)));
            receive(state, Event::BulkPrepared { ticket, result });
            true
        }
        Effect::Open { generation, .. } => {
            let account = crate::console::tests::fixture::account(Environment::Production);
            state.step(Msg::Opened { generation, result: Ok((account, vec!["shop".into()])) });
            false
        }
        _ => false,
    }
}
