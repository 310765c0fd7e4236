use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::toast::ToastKind;
use std::sync::Arc;

use proptest::prelude::*;

use crate::api::{ApiError, Failure};
use crate::console::app::state::{Stage, State};
use crate::console::dialogs::choices::actions;
use crate::console::dialogs::state::Dialog;
use crate::console::dialogs::state::Take;
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, PAID, RUNNING, fresh, hear, id, open, order, orders, press,
};
use crate::i18n::Lang;
use crate::ledger::{Conclusion, Ending, LedgerError};
use crate::model::action::{ActionId, Caps, Confirmation, Operation, Reasons, RuleBroken, Rules, WriteName};
use crate::model::time::Duration;
use crate::model::{Kind, Money, Number, ObjectId, Region};
use crate::services::{
    Event, Fresh, Known, Outcome, ReadRequest, Request, Resolved, Searched, Ticket, Unresolved, Unwritten,
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

fn console() -> Console {
    open(Lang::En, (80, 24))
}

fn fetched(fresh: Fresh) -> Event {
    Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) }
}

fn number(text: &str) -> Number {
    Number::parse(text).unwrap()
}

fn selected(state: &Console) -> ObjectId {
    state.list().selected().unwrap().id.clone()
}

fn operation_on_top(state: &State) -> Option<Operation> {
    state.view.dialogs.iter().rev().find_map(|dialog| match dialog {
        Dialog::Confirm(confirm) => Some((*confirm.operation).clone()),
        _ => None,
    })
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
fn where_nothing_can_be_done_that_is_said_in_place_of_an_empty_menu() {
    for (keys, region) in [("6*a", Region::Mainland), ("6a", Region::Global)] {
        let mut state = console();
        if let Stage::Open(account) = &mut state.stage {
            account.merchant.region = region;
        }
        press(&mut state, keys);
        assert!(state.view.dialogs.is_empty(), "{keys}");
        let told = state.lang.t("actions-none");
        assert!(state.view.toasts.iter().any(|toast| toast.title == told), "{keys}");
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
    hear(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", PAID, 1200), 0)));
    assert_eq!(operation_on_top(&state), before);
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
}

#[test]
fn a_read_only_account_prepares_nothing() {
    let mut state = console();
    if let Stage::Open(account) = &mut state.stage {
        account.read_only = true;
    }
    for tab in ["1", "2", "3", "4", "5"] {
        press(&mut state, tab);
        for action in 0..6 {
            press(&mut state, "a");
            press(&mut state, &"j".repeat(action));
            assert_eq!(press(&mut state, "<Enter><Enter><Tab><Enter>"), vec![]);
            assert_eq!(operation_on_top(&state), None);
            press(&mut state, "<Esc>");
        }
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

#[test]
fn a_malformed_filter_keeps_the_last_good_one() {
    let mut state = console();
    press(&mut state, "/state:doing");
    let shown = state.list().rows().to_vec();
    assert_eq!(shown.len(), 2);
    press(&mut state, " amount>");
    assert_eq!(state.list().rows(), shown);
    press(&mut state, "20<Enter>");
    assert_eq!(state.list().rows().len(), 1);
    press(&mut state, "<Esc>");
    assert_eq!(state.list().rows().len(), orders().len());
}

#[test]
fn what_an_account_already_left_still_says_is_dropped() {
    let mut state = console();
    let effects = press(&mut state, "pj<Enter>");
    let branch = Effect::Open { generation: 1, profile: Some("branch".into()) };
    let switched = if effects.is_empty() { press(&mut state, "<Enter>") } else { effects };
    assert_eq!(switched, vec![branch]);
    state.step(Msg::Session { generation: 0, event: Event::KindChanged(Kind::Plan) });
    assert!(state.view.lists.iter().all(crate::console::tabs::objects::list::List::is_empty));
}

#[test]
fn an_outcome_frees_the_row_and_asks_how_the_object_is() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    assert!(state.marks(&stock).in_flight);
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: true, made: None };
    let effects = hear(&mut state, Event::Settled { ticket: Ticket(1), outcome });
    assert_eq!(effects, vec![Effect::Ask(Request::Refresh(vec![stock.clone()]))]);
    assert!(!state.marks(&stock).in_flight);
}

#[test]
fn an_unknown_outcome_marks_its_row_and_blocks_actions_until_it_is_known() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    let error = Arc::new(ApiError::UnknownOutcome(Failure::Timeout { seconds: 10 }));
    hear(&mut state, Event::Settled { ticket: Ticket(1), outcome: Outcome::Unknown { error, journal: 1 } });
    let marks = state.marks(&stock);
    assert!(marks.unresolved && !marks.in_flight);
    assert!(actions(&state, &stock).iter().all(|choice| choice.blocked.is_some()));
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: true, made: None };
    hear(&mut state, Event::Settled { ticket: Ticket(1), outcome });
    assert!(!state.marks(&stock).unresolved && state.view.unresolved.is_empty());
    assert!(actions(&state, &stock).iter().any(|choice| choice.blocked.is_none()));
    assert_eq!(state.view.toasts.iter().count(), 1, "the outcome takes the place of its absence");
}

#[test]
fn an_outcome_that_is_not_in_the_journal_is_told_and_blocks_actions_until_it_is() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made: None };
    hear(&mut state, Event::Settled { ticket: Ticket(1), outcome });
    let conclusion = Conclusion::of(Ending::Done);
    let error = Arc::new(LedgerError::Full("no rows".into()));
    let unwritten = Unwritten { journal: 1, at: state.now, conclusion, error };
    hear(&mut state, Event::Unwritten { object: stock.clone(), unwritten });
    let toast = state.view.toasts.iter().last().unwrap();
    assert!(toast.stays() && toast.title.contains("18529001") && toast.title.contains("journal"), "{toast:?}");
    assert!(actions(&state, &stock).iter().all(|choice| choice.blocked.is_some()));
    let unresolved = Unresolved { journal: 1, object: Some(stock.clone()) };
    hear(&mut state, Event::Unresolved(vec![unresolved]));
    assert!(state.view.toasts.iter().all(|toast| toast.kind != ToastKind::Unknown), "its outcome is known");
    hear(
        &mut state,
        Event::Resolved(Resolved { journal: 1, object: Some(stock.clone()), made: None, outcome: "done" }),
    );
    assert!(actions(&state, &stock).iter().any(|choice| choice.blocked.is_none()));
}

#[test]
fn a_ledger_that_cannot_be_read_is_a_failed_opening_and_can_be_tried_again() {
    let mut state = console();
    let error = Arc::new(LedgerError::Damaged("no rows".into()));
    hear(&mut state, Event::Unreadable(error));
    assert!(matches!(&state.stage, Stage::Failed(explanation, _) if explanation.next.is_some()));
    let effects = press(&mut state, "r");
    assert!(matches!(&effects[..], [Effect::Open { profile: Some(_), .. }]), "{effects:?}");
}

#[test]
fn what_is_visible_is_refreshed_and_nothing_else() {
    let mut state = console();
    state.room = crate::console::app::placed::Room { first: 2, rows: 3, ..state.room };
    let effects = press(&mut state, "R");
    let ids: Vec<_> = (3..6).map(|i| id(Kind::ServiceOrder, &format!("SO2026112100000{i}"))).collect();
    assert_eq!(effects, vec![Effect::Ask(Request::Refresh(ids))]);
    assert_eq!(state.view.toasts.iter().count(), 1);
}

#[test]
fn after_a_failed_opening_another_profile_can_be_chosen_or_the_same_tried_again() {
    let mut state = crate::console::tests::fixture::starting(Lang::En, (80, 24));
    let unopened = crate::console::Unopened { accounts: vec!["shop".into(), "branch".into()], ..Default::default() };
    state.step(Msg::Opened { generation: 0, result: Err(unopened) });
    assert_eq!(press(&mut state, "/x<Esc>s"), vec![], "there is nothing to filter or sort");
    assert!(state.view.dialogs.is_empty());
    assert_eq!(press(&mut state, "r"), vec![Effect::Open { generation: 1, profile: None }]);
    state.step(Msg::Opened { generation: 1, result: Err(Default::default()) });
    let branch = Effect::Open { generation: 2, profile: Some("branch".into()) };
    assert_eq!(press(&mut state, "pj<Enter>"), vec![branch], "the names are still known");
}

#[test]
fn quitting_asks_while_an_action_is_under_way() {
    let mut state = console();
    assert_eq!(press(&mut state, "q"), vec![Effect::Quit]);
    press(&mut state, "5a<Enter><Right><Enter>");
    assert_eq!(press(&mut state, "q"), vec![]);
    assert_eq!(press(&mut state, "n"), vec![]);
    assert_eq!(press(&mut state, "qy"), vec![Effect::Quit]);
}

#[test]
fn pasted_text_goes_to_the_focused_input_only() {
    let mut state = console();
    assert_eq!(state.step(Msg::Paste("q\n".into())), vec![]);
    press(&mut state, "/");
    state.step(Msg::Paste("SO2026\n1121000003\x1b".into()));
    assert_eq!(state.list().rows().len(), 1);
}

#[test]
fn a_change_of_age_alone_is_no_change() {
    let mut state = console();
    press(&mut state, "k");
    let row = state.list().cursor().unwrap().clone();
    hear(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1200), 0)));
    for column in state.list().columns() {
        assert_eq!(state.list().changed(&row, column.id, NOW), None);
    }
    hear(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000001", COLLECTING, 1200), 0)));
    assert!(state.list().changed(&row, "state", NOW).is_some());
    assert!(state.list().changed(&row, "title", NOW).is_none());
}

#[test]
fn nothing_is_done_on_a_screen_too_small_to_be_seen() {
    let mut state = console();
    state.step(Msg::Resize(30, 8));
    press(&mut state, "ar:");
    assert!(state.view.dialogs.is_empty());
    assert_eq!(press(&mut state, "q"), vec![Effect::Quit]);
}

#[test]
fn nothing_is_typed_into_a_dialog_too_small_to_be_seen() {
    let mut state = console();
    press(&mut state, "/");
    state.step(Msg::Resize(30, 8));
    press(&mut state, "abc<Enter><Esc>");
    state.step(Msg::Paste("abc".into()));
    let Some(Dialog::Filter(filter)) = state.view.dialogs.last() else { panic!("the filter is gone") };
    assert_eq!(filter.input.value(), "");
    assert_eq!(press(&mut state, "q"), vec![Effect::Quit]);
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

#[test]
fn much_text_is_refused_and_some_is_set_at_once() {
    let mut state = console();
    press(&mut state, "/ab");
    state.step(Msg::Paste("x".repeat(1_000_000)));
    let value = |state: &State| match state.view.dialogs.last() {
        Some(Dialog::Filter(filter)) => filter.input.value().to_owned(),
        _ => panic!("no filter"),
    };
    assert_eq!(value(&state), "ab");
    assert_eq!(state.view.toasts.iter().count(), 1);
    state.step(Msg::Paste("y".repeat(510)));
    assert_eq!(value(&state).len(), 512);
    press(&mut state, "z");
    assert_eq!(value(&state).len(), 512);
}

#[test]
fn until_somebody_presses_a_key_the_cursor_waits_on_the_first_line() {
    let mut state = console();
    hear(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO20261121000000", RUNNING, 1200), 0)));
    assert_eq!(selected(&state), id(Kind::ServiceOrder, "SO20261121000000"));
    press(&mut state, "r");
    hear(&mut state, fetched(fresh(Kind::ServiceOrder, order("SO2026", RUNNING, 1200), 0)));
    assert_eq!(selected(&state), id(Kind::ServiceOrder, "SO20261121000000"));
}

/// Things that happen beside the operator: an object becomes known to the ledger, or a query is answered.
fn happenings() -> impl Strategy<Value = (Fresh, bool)> {
    let state = prop_oneof![Just(RUNNING), Just(COLLECTING), Just(PAID), Just(["REVOKED", "", ""])];
    (1..30u32, state, 1..5000i64, any::<bool>()).prop_map(|(number, state, fen, learned)| {
        let document = order(&format!("SO202611210000{number:02}"), state, fen);
        (fresh(Kind::ServiceOrder, document, 0), learned)
    })
}

fn happen(state: &mut Console, (fresh, learned): (Fresh, bool)) {
    match learned {
        true => state.learn(vec![Known { id: fresh.object.id.clone(), fresh: Some(fresh) }]),
        false => drop(hear(state, fetched(fresh))),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_cursor_stays_on_its_object(filter in "(/(state:doing|amount>9|SO)<Enter>)?", down in 0usize..6, happenings in prop::collection::vec(happenings(), 0..12)) {
        let mut state = console();
        press(&mut state, &format!("{filter}{}k", "j".repeat(down + 1)));
        let before = selected(&state);
        for happening in happenings {
            happen(&mut state, happening);
            prop_assert_eq!(&selected(&state), &before);
        }
        press(&mut state, "s<Down><Down><Enter>");
        prop_assert_eq!(&selected(&state), &before);
        prop_assert_eq!(state.list().rows().iter().filter(|row| Some(&row.id) == state.list().cursor()).count(), 1);
    }

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

    #[test]
    fn no_keys_panic(keys in "[a-zA-Z0-9:/? ]{0,30}", down in 0usize..4) {
        let mut state = console();
        press(&mut state, &keys);
        press(&mut state, &"<Down><Enter><Tab><Esc>".repeat(down));
    }
}

#[test]
fn a_message_that_had_its_time_is_not_drawn_again() {
    let mut state = console();
    press(&mut state, "y");
    assert_eq!(state.view.toasts.iter().count(), 1);
    let end = state.fade().unwrap();
    state.step(Msg::Now(end));
    assert_eq!(state.view.toasts.iter().count(), 0);
}

#[test]
fn escape_and_a_key_pressed_at_once_are_two_keys() {
    let mut state = console();
    press(&mut state, "?");
    let both = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::ALT | KeyModifiers::CONTROL);
    assert_eq!(state.step(Msg::Key(both)), vec![Effect::Quit]);
}

#[test]
fn what_is_found_is_shown_of_several_it_is_asked_which_and_of_nothing_it_is_told() {
    let mut state = console();
    assert_eq!(
        press(&mut state, "oSO20261121000003<Enter>"),
        vec![Effect::Ask(Request::Find(number("SO20261121000003")))]
    );
    let other =
        fresh(Kind::Plan, serde_json::json!({"merchant_plan_no": "SO20261121000003", "plan_state": "NORMAL"}), 0);
    let searched = |found: Vec<Fresh>| {
        let tried = Arc::new(Vec::new());
        Event::Searched(Searched { number: number("SO20261121000003"), found, tried, stopped: None })
    };
    let order = fresh(Kind::ServiceOrder, order("SO20261121000003", PAID, 990), 0);
    hear(&mut state, searched(vec![order.clone()]));
    assert_eq!((selected(&state), state.view.detail.is_some()), (order.object.id.clone(), true));
    assert_eq!(state.view.toasts.iter().count(), 0, "nothing is being looked for any more");
    hear(&mut state, searched(vec![order, other.clone()]));
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Pick(_))));
    press(&mut state, "j<Enter>");
    assert_eq!(selected(&state), other.object.id);
    hear(&mut state, searched(Vec::new()));
    assert!(state.view.toasts.dismiss(), "an error stays until it is read");
}

/// Rules for the account that is open.
fn with_rules(rules: Rules) -> Console {
    let mut state = console();
    if let Stage::Open(account) = &mut state.stage {
        account.rules = Arc::new(rules);
    }
    state
}

fn wanting_reasons() -> Console {
    with_rules(Rules { require_reason: Reasons::All, ..Rules::default() })
}

#[test]
fn where_the_profile_wants_a_reason_nothing_is_sent_without_one_and_it_goes_with_the_operation() {
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
fn an_action_that_the_rules_deny_is_dimmed_with_the_reason_and_cannot_be_chosen() {
    let deny = WriteName::all().collect();
    let mut state = with_rules(Rules { deny, ..Rules::default() });
    for tab in ["1", "2", "3", "4", "5"] {
        press(&mut state, tab);
        let id = selected(&state);
        let choices = actions(&state, &id);
        let told = |choice: &crate::console::dialogs::choices::Choice| {
            choice.blocked.as_deref() == Some("Denied by the rules of profile shop")
        };
        assert!(!choices.is_empty() && choices.iter().all(told), "{choices:?}");
        assert_eq!(press(&mut state, "a<Enter><Enter><Tab><Enter><Esc>"), vec![]);
        assert_eq!(operation_on_top(&state), None);
    }
}

#[test]
fn what_can_be_done_stands_before_what_the_rules_deny() {
    let deny = [WriteName::Action(ActionId::OrderComplete)].into();
    let state = with_rules(Rules { deny, ..Rules::default() });
    let order = selected(&state);
    let choices = actions(&state, &order);
    assert_eq!(choices[0].take, Take::Action(ActionId::OrderCancel, order));
    assert!(choices[0].blocked.is_none() && choices[1].blocked.is_some());
}

#[test]
fn an_amount_above_the_cap_is_told_and_cannot_be_confirmed() {
    let max_amount = Caps { others: Some(Money::cny(500)), ..Caps::default() };
    let mut state = with_rules(Rules { max_amount, ..Rules::default() });
    press(&mut state, "a<Enter><Enter>0001");
    let Some(Dialog::Confirm(confirm)) = state.view.dialogs.last() else { panic!("no preview") };
    assert!(matches!(confirm.consent.broken, Some(RuleBroken::AmountAbove { .. })) && !confirm.ready());
    assert_eq!(press(&mut state, "<Enter><Tab><Tab><Enter>"), vec![]);
}

/// A console with so many more orders, numbered in the order of the table.
fn crowded(count: u32) -> Console {
    let mut state = console();
    let id = |n: u32| id(Kind::ServiceOrder, &format!("Z{n:06}"));
    state.learn((0..count).map(|n| Known { id: id(n), fresh: None }).collect());
    state
}

#[test]
fn a_table_that_is_longer_than_what_is_at_hand_is_walked_row_by_row() {
    let mut state = crowded(1500);
    press(&mut state, &"j".repeat(8));
    for n in 0..1499 {
        assert_eq!(selected(&state).number.as_str(), format!("Z{n:06}"));
        press(&mut state, "j");
    }
    press(&mut state, "jj");
    assert_eq!(selected(&state).number.as_str(), "Z001499", "the last row is the last");
    press(&mut state, "g");
    assert_eq!(selected(&state).number.as_str(), "SO20261121000001");
    press(&mut state, "Gk");
    assert_eq!(selected(&state).number.as_str(), "Z001498");
    assert!(state.list().rows().len() < 600, "only what is near the cursor is kept");
    press(&mut state, "/z0007<Enter>");
    assert_eq!(state.list().totals().map(|totals| (totals.shown, totals.known)), Some((100, 1508)));
}

#[test]
fn keys_pressed_before_the_ledger_has_answered_mean_what_it_will_show() {
    let mut state = crowded(1500);
    let event = |c| Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE));
    let asked = state.step_unanswered(event('G'));
    assert!(matches!(asked[..], [Effect::Ask(Request::Read(ReadRequest::TablePage(_)))]));
    for c in ['k', 'k', 'y'] {
        assert_eq!(state.step_unanswered(event(c)), vec![]);
    }
    assert_eq!(selected(&state).number.as_str(), "SO20261121000001", "nothing has moved yet");
    let effects = state.answer_all(asked);
    assert_eq!(effects, vec![Effect::Copy("Z001497".into())]);
    // Leaving is never kept waiting.
    state.step_unanswered(event('g'));
    let quit = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    assert_eq!(state.step_unanswered(Msg::Key(quit)), vec![Effect::Quit]);
}

#[test]
fn an_action_waits_for_what_the_ledger_says_around_its_object_now() {
    let mut state = console();
    let later = fresh(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1300), -1);
    let generation = state.generation;
    let asked = state.step_unanswered(Msg::Session { generation, event: fetched(later) });
    assert!(asked.iter().any(|effect| matches!(effect, Effect::Ask(Request::Read(ReadRequest::Story { .. })))));
    let key = |code| Msg::Key(KeyEvent::new(code, KeyModifiers::NONE));
    for code in [KeyCode::Char('a'), KeyCode::Enter] {
        assert_eq!(state.step_unanswered(key(code)), vec![]);
    }
    assert!(state.view.dialogs.is_empty(), "what is known around it may be from before");
    state.answer_all(asked);
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Form(_))), "both keys have done what they mean");
}
