//! The console as a whole: messages in, effects out.

use std::sync::Arc;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use proptest::prelude::*;

use crate::api::{ApiError, RequestFailure};
use crate::console::Account;
use crate::console::app::effect::Effect;
use crate::console::app::export::ExportedFile;
use crate::console::app::msg::Msg;
use crate::console::app::state::{AppState, Stage};
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::choices::actions;
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture::{
    Console, RUNNING, account, fetched, fresh, id, open, order, press, receive, starting,
};
use crate::console::tests::screen::picture;
use crate::i18n::Lang;
use crate::ledger::{Conclusion, Ending, LedgerError};
use crate::model::Environment;
use crate::model::Kind;
use crate::services::{Event, Health, Outcome, PendingConclusion, ReadRequest, Request, Resolved, Ticket, Unresolved};

fn console() -> Console {
    open(Lang::En, (80, 24))
}

#[test]
fn what_an_account_already_left_still_says_is_dropped() {
    let mut state = console();
    let effects = press(&mut state, "pj<Enter>");
    let branch = Effect::Open { generation: 1, profile: Some("branch".into()) };
    let mut switched = if effects.is_empty() { press(&mut state, "<Enter>") } else { effects };
    switched.retain(|effect| !matches!(effect, Effect::Keep { .. }));
    assert_eq!(switched, vec![branch]);
    state.step(Msg::Session { generation: 0, event: Event::KindChanged(Kind::Plan) });
    assert!(crate::model::Kind::ALL.iter().all(|kind| state.list_of(*kind).is_empty()));
}

/// Whatever one account has put on the screen, and what still arrives for it, the next looks as in a new console.
#[test]
fn nothing_of_one_account_is_drawn_over_the_next() {
    let mut state = open(Lang::En, (120, 40));
    let other = id(Kind::Stock, "18529001");
    let now = state.now;
    state.view.toasts.push(ToastKind::Unknown, "of merchant A", Vec::new(), now);
    state.view.open_entries.insert(other.clone());
    state.view.asked.insert(other.clone());
    state.view.unsound = Some(Arc::new(LedgerError::Full("no rows".into())));
    press(&mut state, "3/M<Enter>");
    press(&mut state, "?");
    press(&mut state, "<Esc>");
    // A filter, an open detail, a form's draft, a bill's form, an event, a list of what is watched.
    press(&mut state, "/SO<Enter><Enter>f<Esc>w4a<Enter>7n<Esc>8<Enter>W");
    let mut fresh = open(Lang::En, (120, 40));
    let mut pictures = [Vec::new(), Vec::new()];
    for (console, pictures) in [&mut state, &mut fresh].into_iter().zip(&mut pictures) {
        crate::console::app::account::switch(console, "branch".into());
        pictures.push(picture(console));
        let file = ExportedFile { path: "of-merchant-A.csv".into(), rows: 1, left_out: 0 };
        console.step(Msg::Exported { generation: 0, result: Ok(file) });
        console.step(Msg::Exported { generation: 0, result: Err("of merchant A".into()) });
        console.step(Msg::Opened { generation: 0, result: Ok((account(Environment::Production), Vec::new())) });
        for event in [
            Event::Unresolved(vec![Unresolved { journal: 1, object: Some(other.clone()) }]),
            Event::Unsound(Arc::new(LedgerError::Full("no rows".into()))),
            Event::Health(Health::default()),
        ] {
            console.step(Msg::Session { generation: 0, event });
        }
        pictures.push(picture(console));
        let branch = Account { name: "branch".into(), ..account(Environment::Production) };
        console.step(Msg::Opened { generation: 1, result: Ok((branch, vec!["shop".into(), "branch".into()])) });
        for keys in ["1", "2", "3", "<Enter>", "<Esc>4", "5", "6", "7", "8", "9", "J", "?"] {
            press(console, keys);
            pictures.push(picture(console));
        }
    }
    for (after, new) in pictures[0].iter().zip(&pictures[1]) {
        assert!(!after.contains("of merchant A") && !after.contains("of-merchant-A"), "{after}");
        assert_eq!(after, new);
    }
}

#[test]
fn an_outcome_frees_the_row_and_asks_how_the_object_is() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    assert!(state.marks(&stock).in_flight);
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: true, made: None };
    let effects = receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome });
    assert_eq!(effects, vec![Effect::Ask(Request::Refresh(vec![stock.clone()]))]);
    assert!(!state.marks(&stock).in_flight);
}

#[test]
fn an_unknown_outcome_marks_its_row_and_blocks_actions_until_it_is_known() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    let error = Arc::new(ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 10 }));
    receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome: Outcome::Unknown { error, journal: 1 } });
    let marks = state.marks(&stock);
    assert!(marks.unresolved && !marks.in_flight);
    assert!(actions(&state, &stock).iter().all(|choice| choice.blocked.is_some()));
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: true, made: None };
    receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome });
    assert!(!state.marks(&stock).unresolved && state.view.unresolved.is_empty());
    assert!(actions(&state, &stock).iter().any(|choice| choice.blocked.is_none()));
    assert_eq!(state.view.toasts.iter().count(), 1, "the outcome takes the place of its absence");
}

#[test]
fn an_outcome_that_is_not_in_the_journal_is_reported_and_blocks_actions_until_it_is() {
    let mut state = console();
    press(&mut state, "5a<Enter><Right><Enter>");
    let stock = id(Kind::Stock, "18529001");
    let outcome = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made: None };
    receive(&mut state, Event::Concluded { ticket: Ticket(1), outcome });
    let conclusion = Conclusion::of(Ending::Done);
    let error = Arc::new(LedgerError::Full("no rows".into()));
    let unwritten = PendingConclusion { journal: 1, at: state.now, conclusion, error };
    receive(&mut state, Event::Unwritten { object: stock.clone(), unwritten });
    let toast = state.view.toasts.iter().last().unwrap();
    assert!(toast.stays() && toast.title.contains("18529001") && toast.title.contains("journal"), "{toast:?}");
    assert!(actions(&state, &stock).iter().all(|choice| choice.blocked.is_some()));
    let unresolved = Unresolved { journal: 1, object: Some(stock.clone()) };
    receive(&mut state, Event::Unresolved(vec![unresolved]));
    assert!(state.view.toasts.iter().all(|toast| toast.kind != ToastKind::Unknown), "its outcome is known");
    receive(
        &mut state,
        Event::Resolved(Resolved { journal: 1, object: Some(stock.clone()), made: None, ending: Ending::Done }),
    );
    assert!(actions(&state, &stock).iter().any(|choice| choice.blocked.is_none()));
}

#[test]
fn a_ledger_that_cannot_be_read_is_a_failed_opening_and_can_be_tried_again() {
    let mut state = console();
    let error = Arc::new(LedgerError::Damaged("no rows".into()));
    receive(&mut state, Event::Unreadable(error));
    assert!(matches!(&state.stage, Stage::Failed(explanation, _) if explanation.next.is_some()));
    let effects = press(&mut state, "r");
    assert!(matches!(&effects[..], [Effect::Open { profile: Some(_), .. }]), "{effects:?}");
}

#[test]
fn an_unreadable_ledger_does_not_cut_off_a_bulk_action() {
    let mut state = crate::console::tests::fixture::running(console());
    receive(&mut state, Event::Unreadable(Arc::new(LedgerError::Damaged("no rows".into()))));
    assert_eq!(press(&mut state, "r"), vec![], "its session stays open");
    assert!(state.view.bulk.is_some() && matches!(state.stage, Stage::Failed(..)));
    receive(&mut state, Event::Bulk(crate::services::BulkEvent::Finished));
    assert!(matches!(&press(&mut state, "r")[..], [Effect::Open { .. }]), "once it has ended");
}

#[test]
fn after_a_failed_opening_another_profile_can_be_chosen_or_the_same_tried_again() {
    let mut state = starting(Lang::En, (80, 24));
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
fn much_text_is_refused_and_some_is_set_at_once() {
    let mut state = console();
    press(&mut state, "/ab");
    state.step(Msg::Paste("x".repeat(1_000_000)));
    let value = |state: &AppState| match state.view.dialogs.last() {
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

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

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
