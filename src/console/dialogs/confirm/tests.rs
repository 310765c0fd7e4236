//! The preview of an operation and its confirmation.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::msg::Msg;
use crate::console::app::view::draw;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{
    Console, NOW, PAID, after, fetched, fresh, happen, happenings, open, operation_on_top, order, press, production,
    receive, ruled, with_rules,
};
use crate::console::tests::screen::{assert_screen, picture, screen};
use crate::i18n::Lang;
use crate::model::action::{ActionId, Caps, Confirmation, Operation, Reasons, RuleBroken, Rules};
use crate::model::time::Duration;
use crate::model::{Kind, Money};
use crate::services::{Event, Outcome, Request, Ticket};

fn drawn(console: &Console) -> FrameLayout {
    let mut terminal = Terminal::new(TestBackend::new(console.size.0, console.size.1)).unwrap();
    let mut layout = FrameLayout::default();
    terminal.draw(|frame| layout = draw(console, &FrameLayout::default(), frame)).unwrap();
    layout
}

fn console() -> Console {
    open(Lang::En, (80, 24))
}

screen!(confirm: abnormal_refund_en_100x44, after(
    open(Lang::En, (100, 44)),
    "6/state:abnormal<Enter>a<Enter><Right><Tab><Right><Tab>6225880123456789<Tab>Li Si<Enter>"
));
screen!(confirm: refund_zh_120x40, after(open(Lang::ZhCn, (120, 40)), "4/success<Enter>a<Enter><Enter>"));
screen!(confirm: complete_en_80x24, after(open(Lang::En, (80, 24)), "a<Enter><Enter>"));
screen!(confirm: complete_production_zh_120x40, after(production(open(Lang::ZhCn, (120, 40))), "a<Enter><Enter>"));
screen!(confirm: wrong_text_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "a<Enter><Enter>99"));
screen!(confirm: modify_en_80x24, after(open(Lang::En, (80, 24)), "ja<Enter>20<Tab>late return<Enter>"));
screen!(confirm: pause_reversible_en_120x40, after(open(Lang::En, (120, 40)), "5a<Enter>"));
screen!(confirm: with_reason_en_80x24, after(ruled(open(Lang::En, (80, 24)), false), "a<Enter><Enter>customer called"));
screen!(confirm: with_reason_zh_80x24, after(ruled(open(Lang::ZhCn, (80, 24)), false), "a<Enter><Enter>客户来电"));
screen!(confirm: reason_missing_zh_60x16, after(ruled(open(Lang::ZhCn, (60, 16)), false), "a<Enter><Enter><Tab>0001<Enter>"));
screen!(confirm: above_cap_en_60x16, after(ruled(open(Lang::En, (60, 16)), true), "a<Enter><Enter>"));
screen!(confirm: above_cap_zh_80x24, after(ruled(open(Lang::ZhCn, (80, 24)), true), "a<Enter><Enter>"));

#[test]
fn the_request_that_is_unfolded_is_on_the_screen_whatever_its_size() {
    for size in [(60, 16), (80, 24), (100, 30), (120, 40)] {
        let mut console = after(open(Lang::En, size), "4/success<Enter>a<Enter><Enter>");
        console.room = drawn(&console).room;
        press(&mut console, "r");
        let shown = picture(&console);
        assert!(shown.contains("▾ Request") && shown.contains("POST /v3/refund/domestic/refunds"), "{shown}");
        press(&mut console, "r");
        assert!(picture(&console).contains("of ¥58.00"), "folded, it begins with its beginning");
    }
}

#[test]
fn nothing_of_the_form_beneath_is_seen_beside_the_preview() {
    let console = after(open(Lang::En, (120, 40)), "4/success<Enter>a<Enter><Enter>");
    assert_eq!(console.view.dialogs.len(), 2);
    assert_eq!(picture(&console).matches('╭').count(), 1);
    let setting = after(open(Lang::En, (120, 40)), "5nj<Enter>https://example.com/coupons");
    assert!(drawn(&setting).cursor.is_some(), "in the form");
    let setting = after(setting, "<Enter>");
    assert_eq!(setting.view.dialogs.len(), 2);
    assert_eq!(drawn(&setting).cursor, None, "nothing is typed into this preview");
}

#[test]
fn the_preview_shows_that_the_object_changed() {
    let mut state = after(open(Lang::En, (100, 40)), "a<Enter><Enter>");
    let fresh = fresh(Kind::ServiceOrder, order("SO20261121000001", ["REVOKED", "", ""], 1200), 0);
    receive(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) });
    assert_screen("confirm", "object_changed", &state);
}

#[test]
fn outcome_and_row_in_flight() {
    let mut state = after(open(Lang::En, (100, 24)), "5a<Enter><Tab><Enter>");
    assert!(picture(&state).contains("sending…"));
    let outcome = Outcome::Done { request_id: Some("08F7-0".into()), journal: 12, found_by_query: false, made: None };
    receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome });
    assert_screen("confirm", "outcome_and_row_in_flight", &state);
}

#[test]
fn an_irreversible_action_is_sent_after_typing_the_end_of_the_number_and_not_before() {
    let mut state = console();
    assert_eq!(press(&mut state, "a<Enter><Enter>"), vec![]);
    let operation = operation_on_top(&state).unwrap();
    assert_eq!((operation.action, operation.object.number.tail()), (ActionId::OrderComplete, "0001"));
    assert_eq!(press(&mut state, "<Enter>000<Enter>2<Enter>"), vec![]);
    let confirmed = operation.clone().confirm(Confirmation::Typed("0001".into())).unwrap();
    let (mut right, effects) = (console(), vec![Effect::Ask(Request::Perform(Ticket(1), Box::new(confirmed)))]);
    press(&mut right, "a<Enter><Enter>");
    assert_eq!(press(&mut right, "0001<Enter>"), effects);
    assert!(right.view.dialogs.is_empty() && right.marks(&operation.object).in_flight);
}

#[test]
fn pressing_the_same_key_again_and_again_never_confirms() {
    for tab in ["3", "5"] {
        let mut state = console();
        press(&mut state, tab);
        press(&mut state, "a");
        for _ in 0..20 {
            assert_eq!(press(&mut state, "<Enter>"), vec![]);
        }
        assert!(operation_on_top(&state).is_some(), "the dialog is still open");
    }
}

#[test]
fn a_reversible_action_has_its_focus_on_cancel() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Right>");
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    assert!(state.view.dialogs.is_empty(), "cancelled");
    press(&mut state, "a<Enter><Right>");
    assert!(matches!(press(&mut state, "<Enter>")[..], [Effect::Ask(Request::Perform(Ticket(1), _))]));
}

#[test]
fn an_object_that_changed_disables_the_confirmation() {
    let mut state = console();
    press(&mut state, "a<Enter><Enter>0001");
    let before = operation_on_top(&state);
    receive(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", PAID, 1200), 0)));
    assert_eq!(operation_on_top(&state), before);
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
}

#[test]
fn a_second_enter_after_the_last_confirmation_opens_nothing() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    press(&mut state, "<Enter><Enter>");
    assert!(state.view.detail.is_none());
    state.step(Msg::Now(NOW + Duration::seconds(1)));
    press(&mut state, "<Enter>");
    assert!(state.view.detail.is_some(), "later it means what it always means");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn what_was_previewed_is_what_is_sent(happenings in prop::collection::vec(happenings(), 0..12)) {
        let mut state = console();
        press(&mut state, "a<Enter><Enter>");
        let previewed = operation_on_top(&state).unwrap();
        for happening in happenings {
            happen(&mut state, happening);
            prop_assert_eq!(operation_on_top(&state), Some(previewed.clone()));
        }
        // It is sent as it was previewed, or, where the object has come to forbid it, not at all.
        let forbidden = state.view.dialogs.iter().any(|dialog| {
            matches!(dialog, Dialog::Confirm(confirm) if confirm.changed.as_ref().is_some_and(|c| c.illegal.is_some()))
        });
        let effects = press(&mut state, "0001<Enter>");
        let confirmed = previewed.clone().confirm(Confirmation::Typed("0001".into())).unwrap();
        let sent = Effect::Ask(Request::Perform(Ticket(1), Box::new(confirmed)));
        prop_assert_eq!(effects, if forbidden { vec![] } else { vec![sent] });
    }
}

fn wanting_reasons() -> Console {
    with_rules(Rules { require_reason: Reasons::All, ..Rules::default() })
}

#[test]
fn where_the_profile_wants_a_reason_nothing_is_sent_without_one() {
    let mut state = wanting_reasons();
    press(&mut state, "a<Enter><Enter>");
    let previewed = operation_on_top(&state).unwrap();
    // The focus walks from the reason to the typed end, and both must be there.
    assert_eq!(press(&mut state, "  <Tab>0001<Enter>"), vec![], "blanks are no reason");
    assert_eq!(press(&mut state, "客户来电<Enter><Enter>").len(), 1, "the focus went to what is missing");
    assert!(state.view.dialogs.is_empty());
    let mut state = wanting_reasons();
    press(&mut state, "a<Enter><Enter>客户来电");
    let effects = press(&mut state, "<Tab>0001<Enter>");
    let explained = Operation { reason: Some("客户来电".into()), ..previewed };
    let confirmed = explained.confirm(Confirmation::Typed("0001".into())).unwrap();
    assert_eq!(effects, vec![Effect::Ask(Request::Perform(Ticket(1), Box::new(confirmed)))]);
}

#[test]
fn the_reason_a_form_asked_for_is_not_asked_for_again() {
    let mut state = wanting_reasons();
    press(&mut state, "ja<Enter>20<Tab>late return<Enter>");
    let effects = press(&mut state, "<Right>0002<Enter>");
    assert_eq!(effects, vec![], "the focus was on the typed end and went to cancel");
    let mut state = wanting_reasons();
    press(&mut state, "ja<Enter>20<Tab>late return<Enter>");
    let effects = press(&mut state, "0002<Enter>");
    let [Effect::Ask(Request::Perform(_, confirmed))] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(confirmed.what().reason.as_deref(), Some("late return"));
}

#[test]
fn holding_the_key_that_opened_it_never_confirms_a_dialog_that_wants_a_reason() {
    for tab in ["3", "5"] {
        let mut state = wanting_reasons();
        press(&mut state, tab);
        press(&mut state, "a");
        for _ in 0..20 {
            assert_eq!(press(&mut state, "<Enter>"), vec![]);
        }
        assert!(operation_on_top(&state).is_some());
    }
    // After something was typed, Enter walks on; a reversible action has Cancel next.
    let mut state = wanting_reasons();
    press(&mut state, "5a<Enter>broken");
    assert_eq!(press(&mut state, "<Enter><Enter>"), vec![]);
    assert!(state.view.dialogs.is_empty());
}

#[test]
fn an_amount_above_the_cap_is_reported_and_cannot_be_confirmed() {
    let max_amount = Caps { others: Some(Money::cny(500)), ..Caps::default() };
    let mut state = with_rules(Rules { max_amount, ..Rules::default() });
    press(&mut state, "a<Enter><Enter>0001");
    let Some(Dialog::Confirm(confirm)) = state.view.dialogs.last() else { panic!("no preview") };
    assert!(matches!(confirm.confirm_input.broken, Some(RuleBroken::AmountAbove { .. })) && !confirm.ready());
    assert_eq!(press(&mut state, "<Enter><Tab><Tab><Enter>"), vec![]);
}
