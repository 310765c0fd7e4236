//! Bulk actions: marks, preview, progress, outcomes.

use proptest::prelude::*;

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::state::Stage;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::objects::list::ListSort;
use crate::console::tests::fixture;
use crate::console::tests::fixture::{
    COLLECTING, Console, NOW, PAID, RUNNING, after, finished, fresh, id, open, order, orders, press, preview,
    previewed, production, receive, running, surprised,
};
use crate::console::tests::screen::screen;
use crate::i18n::Lang;
use crate::model::action::{Confirmed, Operation, Rules};
use crate::model::{Kind, ObjectId};
use crate::services::{BulkCommand, BulkEvent, BulkRun, Event, Known, Outcome, Request};

screen!(bulk: preview_zh_120x40, previewed(open(Lang::ZhCn, (120, 40)), "*ajj<Enter>客户来电<Enter>"));
screen!(bulk: running_en_120x40, running(open(Lang::En, (120, 40))));
screen!(bulk: running_zh_80x24, running(open(Lang::ZhCn, (80, 24))));
screen!(bulk: finished_en_80x24, finished(open(Lang::En, (80, 24))));
screen!(bulk: finished_zh_120x40, finished(open(Lang::ZhCn, (120, 40))));
screen!(bulk: preview_wrong_count_en_60x16, after(previewed(open(Lang::En, (60, 16)), "*ajj<Enter>late<Enter>"), "7"));
screen!(bulk: menu_en_80x24, after(open(Lang::En, (80, 24)), "*a"));
screen!(bulk: form_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "4*aj<Enter>"));
screen!(bulk: preview_en_80x24, previewed(open(Lang::En, (80, 24)), "*ajj<Enter>late return<Enter>"));
screen!(bulk: preview_en_120x40, previewed(open(Lang::En, (120, 40)), "*ajj<Enter>late return<Enter>"));
screen!(bulk: preview_zh_80x24, previewed(open(Lang::ZhCn, (80, 24)), "*ajj<Enter>客户来电<Enter>"));
screen!(bulk: preview_production_zh_120x40, previewed(production(open(Lang::ZhCn, (120, 40))), "*a<Enter><Enter>"));
screen!(bulk: running_en_80x24, running(open(Lang::En, (80, 24))));
screen!(bulk: running_zh_120x40, running(open(Lang::ZhCn, (120, 40))));
screen!(bulk: in_the_status_line_en_120x40, after(running(open(Lang::En, (120, 40))), "<Esc>"));
screen!(bulk: quit_en_80x24, after(running(open(Lang::En, (80, 24))), "<Esc>q"));
screen!(bulk: paused_zh_80x24, surprised(open(Lang::ZhCn, (80, 24))));
screen!(bulk: finished_en_120x40, finished(open(Lang::En, (120, 40))));
screen!(bulk: finished_zh_80x24, finished(open(Lang::ZhCn, (80, 24))));

fn console() -> Console {
    open(Lang::En, (80, 24))
}

fn marked(console: &Console) -> Vec<ObjectId> {
    console.list().marked().cloned().collect()
}

/// The bulk action that was sent by the last keys.
fn sent(effects: &[Effect]) -> Option<&BulkRun> {
    effects.iter().find_map(|effect| if let Effect::Ask(Request::RunBulk(run)) = effect { Some(&**run) } else { None })
}

fn operations(run: &BulkRun) -> Vec<Operation> {
    run.operations.iter().map(Confirmed::what).cloned().collect()
}

fn allow(console: &mut Console, max_bulk: usize) {
    if let Stage::Open(account) = &mut console.stage {
        account.rules = std::sync::Arc::new(Rules { max_bulk, ..Rules::default() });
    }
}

/// Cancels every order that can be cancelled.
const CANCEL_ALL: &str = "*ajj<Enter>late return<Enter>";

#[test]
fn marks_stay_on_their_objects_whatever_the_table_shows() {
    let mut state = console();
    press(&mut state, " j ");
    let before = marked(&state);
    let numbers: Vec<&str> = before.iter().map(|id| id.number.as_str()).collect();
    assert_eq!(numbers, ["SO20261121000001", "SO20261121000003"]);
    state.list_mut().unwrap().set_sort(ListSort { column: "amount", descending: true });
    press(&mut state, "/state:revoked<Enter>");
    receive(&mut state, Event::KindChanged(Kind::ServiceOrder));
    assert_eq!(marked(&state), before);
    press(&mut state, "<Esc>45363");
    assert_eq!(marked(&state), before);
    assert_eq!(state.list().marked_sums(), [crate::model::Money::cny(1200 + 990)]);
    let paid = fresh(Kind::ServiceOrder, order("SO20261121000001", RUNNING, 1300), 0);
    receive(&mut state, Event::Fetched { id: paid.object.id.clone(), at: NOW, result: Ok(paid) });
    assert_eq!(state.list().marked_sums(), [crate::model::Money::cny(1300 + 990)]);
    press(&mut state, "/000001<Enter> ");
    assert_eq!(marked(&state).len(), 1, "the same key takes a mark away");
    press(&mut state, "u");
    assert!(marked(&state).is_empty());
}

#[test]
fn all_that_match_are_marked_far_beyond_the_window_and_no_more_than_the_cap() {
    let mut state = console();
    let known =
        (0..900).map(|i| Known { id: id(Kind::ServiceOrder, &format!("BIG{i:05}")), fresh: None, billed: None });
    state.learn(known.collect());
    allow(&mut state, 2000);
    press(&mut state, "*");
    assert_eq!(marked(&state).len(), 900 + orders().len());
    press(&mut state, "u/BIG000<Enter>*");
    assert_eq!(marked(&state).len(), 100);
    allow(&mut state, 20);
    press(&mut state, "u*");
    assert_eq!(marked(&state).len(), 20);
    assert!(state.view.toasts.iter().any(|toast| toast.title.contains("At most 20")));
    press(&mut state, "<Esc>/<Enter><Esc>G ");
    assert_eq!(marked(&state).len(), 20, "nor one by one");
}

#[test]
fn keys_typed_after_marking_or_inverting_all_wait_for_the_ledger() {
    for keys in ["*a", "*I", "II", "*Ia"] {
        let mut slow = console();
        press(&mut slow, " ");
        let mut asked: Vec<Effect> = Vec::new();
        for key in keys.chars() {
            let event = crossterm::event::KeyEvent::from(crossterm::event::KeyCode::Char(key));
            asked.extend(slow.step_unanswered(Msg::Key(event)));
        }
        assert!(slow.view.dialogs.is_empty(), "{keys}: nothing opens for the one row that was marked");
        slow.answer_all(asked);
        let mut steady = console();
        press(&mut steady, &format!(" {keys}"));
        assert_eq!(marked(&slow), marked(&steady), "{keys}");
        assert_eq!(slow.view.dialogs.len(), steady.view.dialogs.len(), "{keys}");
    }
}

#[test]
fn the_menu_counts_where_each_action_is_legal_and_the_rest_is_left_out_with_the_reason() {
    let mut state = console();
    press(&mut state, "*a");
    let Some(Dialog::Pick(pick)) = state.view.dialogs.last() else { panic!("no menu") };
    let choices = crate::console::dialogs::choices::choices(&state, &pick.what);
    let notes: Vec<(bool, String)> = choices.iter().map(|c| (c.blocked.is_none(), c.note.clone())).collect();
    assert_eq!(notes[0], (true, "for 1 of 8 · moves money".into()), "{notes:?}");
    let prepared = preview(&mut state, "<Esc>aj<Enter>0.01<Tab>late<Enter>");
    assert_eq!((prepared.bulk.len(), prepared.left_out.len()), (1, 6), "modify, of what was fetched");
}

#[test]
fn what_cannot_be_taken_back_is_sent_after_typing_the_count_and_not_before() {
    let mut state = console();
    let prepared = preview(&mut state, CANCEL_ALL);
    assert_eq!(prepared.bulk.len(), 3);
    for keys in ["<Enter><Enter><Enter>", "2<Enter>", "3<Enter>", "2-0001<Enter>", "<Tab><Tab><Enter>"] {
        assert_eq!(sent(&press(&mut state, keys)), None, "{keys}");
    }
    let mut state = console();
    let prepared = preview(&mut state, CANCEL_ALL);
    let effects = press(&mut state, "3-0001<Enter>");
    let run = sent(&effects).unwrap();
    assert_eq!(operations(run), prepared.bulk.operations());
    assert!(run.operations.iter().all(|one| one.objects() == 3));
    assert!(matches!(state.view.dialogs[..], [Dialog::Bulk { .. }]));
}

#[test]
fn a_reversible_bulk_action_has_its_focus_on_cancel_and_ignores_the_key_that_opened_it() {
    let mut state = console();
    preview(&mut state, "5 a<Enter>");
    for _ in 0..20 {
        assert_eq!(press(&mut state, "<Enter>"), vec![]);
    }
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::BulkConfirm(_))), "still open");
    assert_eq!(press(&mut state, "<Right><Right><Enter>"), vec![]);
    assert!(state.view.dialogs.is_empty(), "cancelled");
    preview(&mut state, "a<Enter>");
    assert!(sent(&press(&mut state, "<Right><Enter>")).is_some());
}

#[test]
fn a_preparation_that_was_called_off_opens_nothing() {
    let mut state = console();
    let effects = press(&mut state, CANCEL_ALL);
    let [Effect::Ask(Request::PrepareBulk(ticket, request))] = &effects[..] else { panic!("{effects:?}") };
    let prepared = fixture::prepared(&state, request);
    press(&mut state, "<Esc><Esc>");
    receive(&mut state, Event::BulkPrepared { ticket: *ticket, result: Ok(std::sync::Arc::new(prepared)) });
    assert!(state.view.dialogs.is_empty());
}

#[test]
fn it_goes_on_behind_a_closed_panel_can_be_paused_and_quitting_asks_about_it() {
    let mut state = console();
    preview(&mut state, CANCEL_ALL);
    press(&mut state, "3-0001<Enter>");
    assert_eq!(press(&mut state, "p"), [Effect::Ask(Request::ControlBulk(BulkCommand::Pause))]);
    receive(&mut state, Event::Bulk(BulkEvent::Paused(None)));
    assert_eq!(press(&mut state, "p"), [Effect::Ask(Request::ControlBulk(BulkCommand::Go))]);
    receive(&mut state, Event::Bulk(BulkEvent::Resumed));
    press(&mut state, "<Esc>");
    assert_eq!(press(&mut state, "q"), vec![], "asked first");
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Quit)));
    press(&mut state, "n");
    assert_eq!(press(&mut state, "a"), vec![], "one at a time");
    assert_eq!(press(&mut state, "bs"), [Effect::Ask(Request::ControlBulk(BulkCommand::Stop))]);
    let done = Outcome::Done { request_id: None, journal: 1, found_by_query: false, made: None };
    receive(&mut state, Event::Bulk(BulkEvent::Started(0)));
    assert!(state.marks(&id(Kind::ServiceOrder, "SO20261121000001")).in_flight);
    let before = marked(&state).len();
    receive(&mut state, Event::Bulk(BulkEvent::Ended(0, done)));
    assert_eq!(marked(&state).len(), before - 1, "what is left to do stays marked");
    receive(&mut state, Event::Bulk(BulkEvent::Finished));
    press(&mut state, "<Esc>");
    assert_eq!(press(&mut state, "q"), [Effect::Quit]);
}

#[test]
fn the_outcomes_are_exported_with_every_object() {
    let mut state = console();
    preview(&mut state, CANCEL_ALL);
    press(&mut state, "3-0001<Enter>");
    let done = Outcome::Done { request_id: Some("08F7-0".into()), journal: 4, found_by_query: false, made: None };
    receive(&mut state, Event::Bulk(BulkEvent::Started(0)));
    receive(&mut state, Event::Bulk(BulkEvent::Ended(0, done)));
    receive(&mut state, Event::Bulk(BulkEvent::Finished));
    let effects = press(&mut state, "e<Enter>");
    let [Effect::ExportOutcomes(outcomes)] = &effects[..] else { panic!("{effects:?}") };
    let reported: Vec<(&str, &str)> = outcomes.rows.iter().map(|row| (row[0].as_str(), row[1].as_str())).collect();
    assert_eq!(reported[..2], [("SO20261121000001", "done"), ("SO20261121000002", "not sent")]);
    assert_eq!((reported.len(), outcomes.rows[0][4].as_str()), (7, "08F7-0"));
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("outcomes.csv").display().to_string();
    let outcomes = crate::console::app::export::Outcomes { path: file.clone(), ..(**outcomes).clone() };
    assert_eq!(outcomes.write().unwrap().rows, 7);
    assert!(outcomes.write().is_err(), "never over a file");
    assert!(std::fs::read_to_string(file).unwrap().contains("08F7-0"));
}

proptest! {
    /// Whatever is fetched, learned and marked between preview and confirmation, what was previewed is what is sent.
    #[test]
    fn refreshes_never_change_what_is_sent(
        news in prop::collection::vec((1usize..9, 0usize..3, 1i64..500_000), 0..12),
        late in any::<bool>(),
    ) {
        let mut state = console();
        let prepared = preview(&mut state, CANCEL_ALL);
        if late {
            press(&mut state, "3-0001");
        }
        for (number, place, fen) in news {
            let number = format!("SO2026112100000{number}");
            let fresh = fresh(Kind::ServiceOrder, order(&number, [RUNNING, COLLECTING, PAID][place], fen), 0);
            receive(&mut state, Event::Fetched { id: fresh.object.id.clone(), at: NOW, result: Ok(fresh) });
            receive(&mut state, Event::KindChanged(Kind::ServiceOrder));
        }
        let effects = press(&mut state, if late { "<Enter>" } else { "3-0001<Enter>" });
        prop_assert_eq!(operations(sent(&effects).unwrap()), prepared.bulk.operations().to_vec());
    }
}
