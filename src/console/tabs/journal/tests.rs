//! The journal: what the keys do, and how it looks.

use crate::console::app::effect::Effect;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::msg::Msg;
use crate::console::app::state::Stage;
use crate::console::dialogs::form::state::{Form, FormSubject};
use crate::console::dialogs::state::Dialog;
use crate::console::tests::fixture;
use crate::console::tests::fixture::{Console, NOW, after, concluded, id, open, press, receive};
use crate::console::tests::screen::{assert_picture, picture, screen};
use crate::i18n::Lang;
use crate::ledger::{Ending, Intent, JournalEntry};
use crate::model::action::ActionId;
use crate::model::time::Duration;
use crate::model::{Kind, ObjectId};
use crate::services::{Became, Earlier, Event, Resolved};

/// The journal's tab after these keys.
fn shown(lang: Lang, size: (u16, u16), keys: &str) -> Console {
    let mut state = open(lang, size);
    fixture::journal(&mut state);
    after(state, &format!("9{keys}"))
}

screen!(journal: list_en_80x24, shown(Lang::En, (80, 24), ""));
screen!(journal: list_zh_80x24, shown(Lang::ZhCn, (80, 24), ""));
screen!(journal: list_en_120x40, shown(Lang::En, (120, 40), "j"));
screen!(journal: list_zh_120x40, shown(Lang::ZhCn, (120, 40), "j"));
screen!(journal: list_en_60x16, shown(Lang::En, (60, 16), ""));
screen!(journal: entry_en_80x24, shown(Lang::En, (80, 24), "jj<Enter>"));
screen!(journal: entry_zh_80x24, shown(Lang::ZhCn, (80, 24), "jj<Enter>"));
screen!(journal: entry_zh_60x16, shown(Lang::ZhCn, (60, 16), "jj<Enter>"));
screen!(journal: entry_refused_en_80x24, shown(Lang::En, (80, 24), "jjj<Enter>"));
screen!(journal: of_an_order_zh_80x24, shown(Lang::ZhCn, (80, 24), "3jJ"));
screen!(journal: searched_en_80x24, shown(Lang::En, (80, 24), "/客户"));
screen!(journal: nothing_found_en_80x24, shown(Lang::En, (80, 24), "/no such text<Enter>"));
screen!(journal: nothing_found_zh_120x40, shown(Lang::ZhCn, (120, 40), "/no such text<Enter>"));
screen!(journal: empty_en_120x40, after(open(Lang::En, (120, 40)), "9"));
screen!(journal: empty_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "9"));

/// The end of an entry shows its hash, which differs in every run: the entry includes the process that wrote it.
#[test]
fn an_entry_is_shown_to_its_end() {
    for (lang, size) in [(Lang::En, (120, 40)), (Lang::ZhCn, (120, 40)), (Lang::ZhCn, (200, 60))] {
        let state = shown(lang, size, if size.0 == 200 { "jj<Enter>G" } else { "jj<Enter>zG" });
        let hash = state.view.tabs.journal.selected().unwrap().hash.clone();
        let picture = picture(&state);
        let (first, second) = hash.split_at(if size.0 == 200 { 55 } else { 64 });
        assert!(picture.contains(first) && picture.contains(second), "{hash} is not on\n{picture}");
        let blind = picture.replace(first, &"0".repeat(first.len()));
        let blind = if second.is_empty() { blind } else { blind.replace(second, &"0".repeat(second.len())) };
        assert_picture("journal", "entry_end", &state, &blind);
    }
}

#[test]
fn a_hostile_reason_or_reply_is_shown_in_the_journal_and_not_obeyed() {
    let mut state = open(Lang::En, (120, 40));
    let evil = "evil\u{1b}[2J\u{202e}\u{200b}\u{7}\r\n\u{1b}]52;c;eA==\u{7}";
    let order = id(Kind::ServiceOrder, "SO20261121000002");
    let mut intent = state.intent("order-cancel", Some(order), &serde_json::json!({"reason": evil}), 9);
    (intent.reason, intent.operator, intent.before) = (Some(evil.into()), evil.into(), Some(evil.into()));
    state.commit(&intent, &[concluded(Ending::Done, Some(evil), Some(evil))]);
    for keys in ["9", "<Enter>", "G", "<Esc>/evil<Enter>"] {
        press(&mut state, keys);
        let picture = picture(&state);
        assert!(picture.contains("evil"), "{picture}");
        assert!(!picture.chars().any(|c| c != '\n' && (c.is_control() || matches!(c, '\u{202e}' | '\u{200b}'))));
    }
}

fn console() -> Console {
    let mut console = open(Lang::En, (120, 40));
    fixture::journal(&mut console);
    press(&mut console, "9");
    console
}

fn numbers(console: &Console) -> Vec<i64> {
    console.view.tabs.journal.entries().iter().map(|entry| entry.id).collect()
}

fn order() -> ObjectId {
    id(Kind::ServiceOrder, "SO20261121000002")
}

/// An intent on another plan.
fn intent(console: &Console, number: &str) -> Intent {
    console.intent("plan-stop", Some(id(Kind::Plan, number)), &serde_json::Value::Null, 0)
}

#[test]
fn entries_are_newest_first_and_the_cursor_stays_on_its_entry_when_new_ones_come() {
    let mut state = console();
    // Conclusions that are recorded between intents have no numbers.
    assert_eq!(numbers(&state), [5, 4, 3, 2, 1]);
    press(&mut state, "j");
    assert_eq!(state.view.tabs.journal.cursor(), Some(4));
    let new = intent(&state, "NEW");
    state.commit(&new, &[]);
    assert_eq!((numbers(&state)[0], state.view.tabs.journal.cursor()), (6, Some(4)));
    press(&mut state, "g");
    assert_eq!(state.view.tabs.journal.cursor(), Some(6));
    press(&mut state, "G");
    assert_eq!(state.view.tabs.journal.cursor(), Some(1));
}

#[test]
fn an_outcome_that_is_resolved_shows_by_itself() {
    let mut state = console();
    press(&mut state, "jj");
    let outcome = |state: &Console, number| {
        state.view.tabs.journal.entries().iter().find(|entry| entry.id == number).and_then(JournalEntry::ending)
    };
    assert_eq!(outcome(&state, 4), Some(Ending::Unknown));
    assert_eq!(outcome(&state, 5), None);
    state.conclude(4, &concluded(Ending::Done, None, None));
    assert_eq!(outcome(&state, 4), Some(Ending::Unknown), "nothing has been said yet");
    let object = Some(id(Kind::Transaction, "T20261121000001"));
    receive(&mut state, Event::Resolved(Resolved { journal: 4, object, made: None, ending: Ending::Done }));
    assert_eq!(outcome(&state, 4), Some(Ending::Done));
    assert_eq!(state.view.tabs.journal.cursor(), Some(3));
}

#[test]
fn from_an_entry_to_its_object_and_back_to_its_entries_alone() {
    let mut state = console();
    press(&mut state, "jj<Enter>");
    assert_eq!((state.view.tabs.journal.cursor(), state.view.tabs.journal.reading), (Some(3), Some(0)));
    press(&mut state, "<Enter>");
    assert_eq!(state.kind(), Some(Kind::ServiceOrder));
    assert_eq!((state.list().cursor(), state.view.detail.is_some()), (Some(&order()), true));
    press(&mut state, "J");
    assert!(crate::console::tabs::TABS[state.tab].id == "journal" && state.view.tabs.journal.reading.is_none());
    assert_eq!((numbers(&state), state.view.tabs.journal.cursor()), (vec![3], Some(3)));
    assert_eq!(state.view.tabs.journal.filter().object, Some(order()));
    press(&mut state, "<Esc>");
    assert_eq!(state.view.detail.as_ref().map(|detail| &detail.of), Some(&order()));
    press(&mut state, "<Esc>");
    assert_eq!((numbers(&state).len(), state.view.tabs.journal.cursor()), (5, Some(3)));
    assert_eq!(state.view.tabs.journal.reading, Some(0), "the entry is open as it was left");
}

#[test]
fn a_search_is_over_the_whole_journal_and_escape_takes_it_back() {
    let mut state = console();
    press(&mut state, "/客户来电");
    assert_eq!(numbers(&state), [2]);
    press(&mut state, "<Enter>");
    assert!(state.view.dialogs.is_empty());
    press(&mut state, "/x<Esc>");
    assert_eq!(numbers(&state), [2], "back to the search before");
    press(&mut state, "<Esc>");
    assert_eq!(numbers(&state).len(), 5);
    // Outcomes are searched, too.
    press(&mut state, "/invalid_order_state<Enter>");
    assert_eq!(numbers(&state), [2]);
}

#[test]
fn an_entry_without_an_object_leads_nowhere_and_says_so() {
    let mut state = console();
    press(&mut state, "<Enter><Enter>");
    assert!(crate::console::tabs::TABS[state.tab].id == "journal");
    assert_eq!(state.view.toasts.iter().last().map(|toast| toast.title.as_str()), Some("The entry names no object"));
}

#[test]
fn an_entry_is_copied_by_its_number_and_whole() {
    let mut state = console();
    press(&mut state, "jj");
    assert_eq!(press(&mut state, "y"), [Effect::Copy("3".into())]);
    let effects = press(&mut state, "Y");
    let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
    let document: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!((&document["journal"], &document["intent"]["id"]), (&3.into(), &5.into()));
    assert_eq!(document["intent"]["number"], order().number.as_str());
    assert_eq!(document["settlements"][0]["outcome"], "done");
}

#[test]
fn what_is_about_objects_does_nothing_in_the_journal() {
    let mut state = console();
    let before = numbers(&state);
    for key in ["a", "s", "e", "R", "J", "r"] {
        assert_eq!(press(&mut state, key), [], "{key}");
        assert!(state.view.dialogs.is_empty() && crate::console::tabs::TABS[state.tab].id == "journal", "{key}");
    }
    assert_eq!(numbers(&state), before);
}

#[test]
fn only_a_part_of_a_long_journal_is_held_and_the_cursor_walks_through_all_of_it() {
    let mut state = console();
    for i in 0..900 {
        let new = intent(&state, &format!("LONG-{i}"));
        state.write(&new);
    }
    press(&mut state, "r");
    let (mut seen, mut held) = (std::collections::BTreeSet::new(), 0);
    press(&mut state, "g");
    while seen.insert(state.view.tabs.journal.cursor().unwrap()) {
        held = held.max(state.view.tabs.journal.entries().len());
        press(&mut state, "j");
    }
    assert_eq!((seen.len(), seen.first()), (905, Some(&1)));
    assert!(held <= 400, "{held}");
    press(&mut state, "g");
    assert_eq!(state.view.tabs.journal.cursor(), Some(905));
    press(&mut state, "G");
    assert_eq!(state.view.tabs.journal.cursor(), Some(1));
}

#[test]
fn a_click_selects_an_entry_and_a_second_opens_it() {
    let mut state = console();
    state.step(Msg::Click { target: Target::Line(LineKey::Number(3)), double: false });
    assert_eq!((state.view.tabs.journal.cursor(), state.view.tabs.journal.reading), (Some(3), None));
    state.step(Msg::Click { target: Target::Line(LineKey::Number(3)), double: true });
    assert_eq!(state.view.tabs.journal.reading, Some(0));
}

#[test]
fn newer_entries_are_followed_at_the_top_and_counted_elsewhere() {
    let mut state = console();
    press(&mut state, "jk");
    let (first, count) = (intent(&state, "PLAN-A"), numbers(&state).len());
    let first = state.commit(&first, &[]);
    assert_eq!((state.view.tabs.journal.cursor(), numbers(&state).len()), (Some(first), count + 1));
    press(&mut state, "j");
    let cursor = state.view.tabs.journal.cursor();
    for number in ["PLAN-B", "PLAN-C"] {
        let next = intent(&state, number);
        state.commit(&next, &[]);
    }
    assert_eq!(state.view.tabs.journal.cursor(), cursor);
    assert_eq!(state.view.tabs.journal.newer_above(9), 2);
}

fn form_on_top(state: &Console) -> &Form {
    let Some(Dialog::Form(form)) = state.view.dialogs.last() else { panic!("no form: {}", picture(state)) };
    form
}

#[test]
fn an_entry_is_repeated_in_the_same_form_with_a_number_of_its_own() {
    let mut state = shown(Lang::En, (100, 34), "j");
    assert_eq!(press(&mut state, "R"), [], "nothing is sent");
    let form = form_on_top(&state);
    assert_eq!(form.action.id, ActionId::TransactionRefund);
    assert_eq!(form.subject, FormSubject::One(id(Kind::Transaction, "T20261121000001")));
    assert_eq!(form.values()["amount"], "10.00", "as it was sent, not everything that is left");
    assert_ne!(form.values()["number"], "R-1", "a new intention");
    // The preview and its confirmation follow as for any other.
    press(&mut state, "<Enter>");
    let Some(Dialog::Confirm(confirm)) = state.view.dialogs.last() else { panic!("{}", picture(&state)) };
    assert!(!confirm.ready() && confirm.operation.body.contains("1000"));
}

#[test]
fn a_repetition_on_purpose_is_confirmed_by_the_end_of_the_number_and_the_entry() {
    let mut state = shown(Lang::En, (100, 34), "j");
    let entry = state.view.tabs.journal.entries()[1].clone();
    press(&mut state, "R<Enter>");
    let operation = Box::new(fixture::operation_on_top(&state).unwrap());
    let mut earlier = Earlier::read(&entry).unwrap();
    (earlier.became, earlier.journal) = (Became::Done, Some(3));
    receive(&mut state, Event::Earlier { operation, earlier: Some(Box::new(earlier)) });
    fixture::look(&mut state);
    assert!(picture(&state).contains("Type 0001-3 to confirm"), "{}", picture(&state));
    // Neither the entry's number, which may be a digit, nor what confirms the first one is enough.
    for typed in ["3", "0001"] {
        assert_eq!(press(&mut state, &format!("{typed}<Enter>")), [], "{typed}");
        press(&mut state, &"<Back>".repeat(typed.len()));
    }
    assert_eq!(press(&mut state, "0001-3<Enter>").len(), 1, "{}", picture(&state));
}

#[test]
fn a_creation_is_repeated_with_all_its_rows() {
    const DETAILS: &str =
        "<Tab>陶艺课<Tab>90<Tab>第一课<Tab>99.00<Tab>99.00<Tab><Tab>第二课<Tab>99.00<Tab>88.00<Tab>立减11元";
    let mut state = after(open(Lang::En, (100, 34)), &format!("1n{DETAILS}"));
    let typed = form_on_top(&state).values();
    press(&mut state, "<Enter>");
    let operation = fixture::operation_on_top(&state).unwrap();
    press(&mut state, "<Esc><^R><Esc>");
    let body = serde_json::from_str(&operation.body).unwrap();
    let intent = state.intent("plan-create", Some(operation.object.clone()), &body, 1);
    state.commit(&intent, &[concluded(Ending::Done, None, None)]);
    state.step(Msg::Now(NOW + Duration::minutes(3)));
    press(&mut state, "9R");
    let mut again = form_on_top(&state).values();
    assert_ne!(again.insert("number", typed["number"].clone()), Some(typed["number"].clone()));
    assert_eq!(again, typed);
}

#[test]
fn what_has_no_form_is_repeated_from_its_preview_and_what_is_no_action_says_so() {
    let mut state = shown(Lang::En, (100, 34), "GR");
    assert_eq!(fixture::operation_on_top(&state).map(|operation| operation.action), Some(ActionId::PlanStop));
    press(&mut state, "<Esc>9gR");
    assert!(state.view.dialogs.is_empty());
    assert!(picture(&state).contains(&Lang::En.t("blocked-not-repeatable")), "{}", picture(&state));
    if let Stage::Open(account) = &mut state.stage {
        account.read_only = true;
    }
    press(&mut state, "jR");
    assert!(state.view.dialogs.is_empty(), "nothing on a read-only profile");
}

#[test]
fn one_key_shows_only_what_was_refused_or_is_unknown() {
    let mut state = shown(Lang::En, (120, 40), "!");
    let shown = |state: &Console| state.view.tabs.journal.entries().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(shown(&state), [4, 2]);
    assert!(picture(&state).contains("problems only"));
    press(&mut state, "!");
    assert_eq!(shown(&state), [5, 4, 3, 2, 1]);
}

#[test]
fn a_search_that_cannot_be_right_says_so_and_the_last_good_one_stays() {
    let mut state = shown(Lang::En, (120, 40), "/outcome:refused action:cancle");
    let shown = |state: &Console| state.view.tabs.journal.entries().iter().map(|entry| entry.id).collect::<Vec<_>>();
    assert_eq!(shown(&state), [2], "the term before stays in force");
    assert!(picture(&state).contains("there is no such action · action:cancel"), "{}", picture(&state));
    press(&mut state, "<Enter>");
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Filter(_))), "it stays open for correction");
    press(&mut state, "<Tab><Enter>");
    assert!(state.view.dialogs.is_empty());
    assert_eq!(shown(&state), [2]);
    press(&mut state, "/<^U>nope:5");
    assert!(picture(&state).contains("there are outcome action since before on"), "{}", picture(&state));
}

#[test]
fn an_entry_on_a_chinese_screen_has_no_codes_and_no_english() {
    for keys in ["jj<Enter>", "j<Enter>", "jjj<Enter>", "jjjj<Enter>"] {
        let state = shown(Lang::ZhCn, (200, 60), keys);
        let picture = picture(&state);
        // The request and the documents are as they were sent.
        let own: String = picture.lines().filter(|line| !line.contains('"')).collect::<Vec<_>>().join("\n");
        let codes =
            ["order-", "plan-stop", "transaction-", "USER_CONFIRM", "DOING", "SUCCESS", "NORMAL", "outcome", "refused"];
        for code in codes {
            assert!(!own.contains(code), "{code} is on\n{own}");
        }
    }
}

#[test]
fn neither_the_action_nor_the_number_is_cut_at_the_common_sizes() {
    for (lang, size) in [(Lang::En, (120, 40)), (Lang::ZhCn, (120, 40)), (Lang::En, (80, 24)), (Lang::ZhCn, (80, 24))] {
        let picture = picture(&shown(lang, size, ""));
        for words in
            [&*lang.t("action-order-complete"), &*lang.t("action-plan-stop"), "SO20261121000002", "PLAN-YOGA-2026"]
        {
            assert!(picture.contains(words), "{words} is not on\n{picture}");
        }
    }
    let small = picture(&shown(Lang::En, (40, 12), ""));
    assert!(small.contains("SO20261121000002") && small.contains("T20261121000001"), "{small}");
}
