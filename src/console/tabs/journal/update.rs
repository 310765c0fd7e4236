//! The journal's tab: its entries, one of them, and the ways between an entry and its object.

use crate::console::app::navigate;
use std::sync::Arc;

use crate::console::app::effect::Effect;
use crate::console::app::state::State;
use crate::console::app::toast::ToastKind;
use crate::console::dialogs::confirm::consent::Consent;
use crate::console::dialogs::state::{CloseConfirm, Dialog};
use crate::explain;
use crate::services::{JournalFilter, Request, Unclosed};

pub fn open_tab(state: &mut State) -> Vec<Effect> {
    navigate::open_named(state, "journal")
}

/// The detail of the entry under the cursor.
pub fn open(state: &mut State) -> Vec<Effect> {
    state.view.journal.pin();
    state.view.journal.reading = state.view.journal.selected().map(|_| 0);
    Vec::new()
}

/// From an entry to its object.
pub fn show_object(state: &mut State) -> Vec<Effect> {
    let object = state.view.journal.selected().and_then(|entry| entry.intent.object.clone());
    object.map(|id| navigate::show(state, &id)).unwrap_or_default()
}

/// From an object to its entries, and no others.
pub fn of_subject(state: &mut State) -> Vec<Effect> {
    let Some(object) = state.subject_id().cloned() else { return Vec::new() };
    state.view.journal.search(JournalFilter { object: Some(object), ..JournalFilter::default() });
    open_tab(state)
}

/// Shows an open entry, and asks for the reason and for its number before it is closed.
pub fn close_entry(state: &mut State) -> Vec<Effect> {
    let Some(entry) = state.view.journal.selected().filter(|entry| entry.is_open()).cloned() else {
        return Vec::new();
    };
    if state.account().is_some_and(|account| account.read_only) {
        let title = state.lang.t("why-read-only").into_owned();
        state.view.toasts.push(ToastKind::Info, title, Vec::new(), state.now);
        return Vec::new();
    }
    let consent = Consent::with_reason(entry.id.to_string(), state.pressed);
    state.view.dialogs.push(Dialog::CloseEntry(Box::new(CloseConfirm { entry: Box::new(entry), consent })));
    Vec::new()
}

/// Closes the entry that the dialog shows, if all that is asked for was given.
pub fn close_now(state: &mut State) -> Vec<Effect> {
    let Some(Dialog::CloseEntry(confirm)) = state.view.dialogs.last_mut() else { return Vec::new() };
    if !confirm.consent.given() {
        confirm.consent.refuse();
        return Vec::new();
    }
    let (number, reason) = (confirm.entry.id, confirm.consent.reason().unwrap_or_default().to_owned());
    state.view.dialogs.pop();
    vec![Request::CloseEntry(number, reason).into()]
}

/// The entry was closed, or why it was not.
pub fn closed(state: &mut State, number: i64, result: &Result<(), Arc<Unclosed>>) {
    let lang = state.lang;
    state.view.journal.look_again();
    let (kind, id, why) = match result.as_ref().map_err(|error| &**error) {
        Ok(()) => (ToastKind::Done, "toast-entry-closed", None),
        Err(Unclosed::Ended(ending)) => {
            (ToastKind::Info, "toast-entry-ended", Some(lang.t(&format!("journal-{}", ending.outcome())).into_owned()))
        }
        Err(Unclosed::UnderWay) => (ToastKind::Info, "toast-entry-under-way", None),
        Err(Unclosed::ReadOnly) => (ToastKind::Error, "toast-entry-not-closed", Some(lang.t("why-read-only").into())),
        Err(Unclosed::NoReason | Unclosed::Missing) => (ToastKind::Error, "toast-entry-not-closed", None),
        Err(Unclosed::Ledger(error)) => {
            (ToastKind::Error, "toast-entry-not-closed", Some(explain::ledger(explain::on_screen(lang), error).line()))
        }
    };
    let title = lang.tr(id, &[("journal", &number)]);
    state.view.toasts.push(kind, title, why.into_iter().collect(), state.now);
}

pub fn copy_number(state: &mut State) -> Vec<Effect> {
    let number = state.view.journal.selected().map(|entry| entry.id.to_string());
    navigate::copy(state, number)
}

/// The entry with all that became of it, as `paydeck journal show` prints it.
pub fn copy_json(state: &mut State) -> Vec<Effect> {
    let document = state.view.journal.selected().map(|entry| entry.document().to_string());
    navigate::copy(state, document)
}

#[cfg(test)]
mod tests {
    use crate::console::app::effect::Effect;
    use crate::console::app::msg::Msg;
    use crate::console::app::placed::{LineKey, Target};
    use crate::console::tests::fixture;
    use crate::console::tests::fixture::{Console, hear, id, open, press, settled};
    use crate::i18n::Lang;
    use crate::ledger::{Ending, Intent, JournalEntry};
    use crate::model::{Kind, ObjectId};
    use crate::services::{Event, Resolved};

    fn console() -> Console {
        let mut console = open(Lang::En, (120, 40));
        fixture::journal(&mut console);
        press(&mut console, "9");
        console
    }

    fn numbers(console: &Console) -> Vec<i64> {
        console.journal.entries().iter().map(|entry| entry.id).collect()
    }

    fn order() -> ObjectId {
        id(Kind::ServiceOrder, "SO20261121000002")
    }

    /// Another intent, on a plan of its own.
    fn intent(console: &Console, number: &str) -> Intent {
        console.intent("plan-stop", Some(id(Kind::Plan, number)), &serde_json::Value::Null, 0)
    }

    #[test]
    fn entries_are_newest_first_and_the_cursor_stays_on_its_entry_when_new_ones_come() {
        let mut state = console();
        // Numbers of settlements lie between those of intents.
        assert_eq!(numbers(&state), [9, 7, 5, 3, 1]);
        press(&mut state, "j");
        assert_eq!(state.journal.cursor(), Some(7));
        let new = intent(&state, "NEW");
        state.commit(&new, &[]);
        assert_eq!((numbers(&state)[0], state.journal.cursor()), (10, Some(7)));
        press(&mut state, "g");
        assert_eq!(state.journal.cursor(), Some(10));
        press(&mut state, "G");
        assert_eq!(state.journal.cursor(), Some(1));
    }

    #[test]
    fn an_outcome_that_is_resolved_shows_by_itself() {
        let mut state = console();
        press(&mut state, "jj");
        let outcome = |state: &Console, number| {
            state.journal.entries().iter().find(|entry| entry.id == number).and_then(JournalEntry::ending)
        };
        assert_eq!(outcome(&state, 7), Some(Ending::Unknown));
        assert_eq!(outcome(&state, 9), None);
        state.settle(7, &settled(Ending::Done, None, None));
        assert_eq!(outcome(&state, 7), Some(Ending::Unknown), "nothing has been said yet");
        let object = Some(id(Kind::Transaction, "T20261121000001"));
        hear(&mut state, Event::Resolved(Resolved { journal: 7, object, made: None, outcome: "done" }));
        assert_eq!(outcome(&state, 7), Some(Ending::Done));
        assert_eq!(state.journal.cursor(), Some(5));
    }

    #[test]
    fn from_an_entry_to_its_object_and_back_to_its_entries_alone() {
        let mut state = console();
        press(&mut state, "jj<Enter>");
        assert_eq!((state.journal.cursor(), state.journal.reading), (Some(5), Some(0)));
        press(&mut state, "<Enter>");
        assert_eq!(state.kind(), Some(Kind::ServiceOrder));
        assert_eq!((state.list().cursor(), state.view.detail.is_some()), (Some(&order()), true));
        press(&mut state, "J");
        assert!(crate::console::tabs::TABS[state.tab].id == "journal" && state.journal.reading.is_none());
        assert_eq!((numbers(&state), state.journal.cursor()), (vec![5], Some(5)));
        assert_eq!(state.journal.filter().object, Some(order()));
        press(&mut state, "<Esc>");
        assert_eq!((numbers(&state).len(), state.journal.cursor()), (5, Some(5)));
    }

    #[test]
    fn a_search_is_over_the_whole_journal_and_escape_takes_it_back() {
        let mut state = console();
        press(&mut state, "/客户来电");
        assert_eq!(numbers(&state), [3]);
        press(&mut state, "<Enter>");
        assert!(state.view.dialogs.is_empty());
        press(&mut state, "/x<Esc>");
        assert_eq!(numbers(&state), [3], "back to the search before");
        press(&mut state, "<Esc>");
        assert_eq!(numbers(&state).len(), 5);
        // What became of it is searched, too.
        press(&mut state, "/invalid_order_state<Enter>");
        assert_eq!(numbers(&state), [3]);
    }

    #[test]
    fn an_entry_without_an_object_leads_nowhere_and_says_so() {
        let mut state = console();
        press(&mut state, "<Enter><Enter>");
        assert!(crate::console::tabs::TABS[state.tab].id == "journal");
        assert_eq!(
            state.view.toasts.iter().last().map(|toast| toast.title.as_str()),
            Some("The entry names no object")
        );
    }

    #[test]
    fn an_entry_is_copied_by_its_number_and_whole() {
        let mut state = console();
        press(&mut state, "jj");
        assert_eq!(press(&mut state, "y"), [Effect::Copy("5".into())]);
        let effects = press(&mut state, "Y");
        let [Effect::Copy(text)] = &effects[..] else { panic!("{effects:?}") };
        let document: serde_json::Value = serde_json::from_str(text).unwrap();
        assert_eq!(document["intent"]["number"], order().number.as_str());
        assert_eq!(document["settlements"][0]["outcome"], "done");
    }

    #[test]
    fn what_is_about_objects_does_nothing_in_the_journal() {
        let mut state = console();
        let before = numbers(&state);
        for key in ["a", "s", "c", "e", "R", "J", "r"] {
            assert_eq!(press(&mut state, key), [], "{key}");
            assert!(state.view.dialogs.is_empty() && crate::console::tabs::TABS[state.tab].id == "journal", "{key}");
        }
        assert_eq!(numbers(&state), before);
    }

    #[test]
    fn only_a_stretch_of_a_long_journal_is_held_and_the_cursor_walks_through_all_of_it() {
        let mut state = console();
        for i in 0..900 {
            let new = intent(&state, &format!("LONG-{i}"));
            state.write(&new);
        }
        press(&mut state, "r");
        let (mut seen, mut held) = (std::collections::BTreeSet::new(), 0);
        press(&mut state, "g");
        while seen.insert(state.journal.cursor().unwrap()) {
            held = held.max(state.journal.entries().len());
            press(&mut state, "j");
        }
        assert_eq!((seen.len(), seen.first()), (905, Some(&1)));
        assert!(held <= 400, "{held}");
        press(&mut state, "g");
        assert_eq!(state.journal.cursor(), Some(909));
        press(&mut state, "G");
        assert_eq!(state.journal.cursor(), Some(1));
    }

    #[test]
    fn a_click_selects_an_entry_and_a_second_opens_it() {
        let mut state = console();
        state.step(Msg::Click { target: Target::Line(LineKey::Number(3)), double: false });
        assert_eq!((state.journal.cursor(), state.journal.reading), (Some(3), None));
        state.step(Msg::Click { target: Target::Line(LineKey::Number(3)), double: true });
        assert_eq!(state.journal.reading, Some(0));
    }
}
