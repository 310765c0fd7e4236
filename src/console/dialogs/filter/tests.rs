//! The filter line: what cannot be right is explained, words are offered, days come from the calendar, filters are
//! saved.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use crate::console::app::effect::Effect;
use crate::console::app::msg::Msg;
use crate::console::app::state::Stage;
use crate::console::dialogs::filter::candidates::{states, vocabulary};
use crate::console::dialogs::state::{Dialog, FilterInput};
use crate::console::saved_filters::{FilterChange, SavedFilter};
use crate::console::tests::fixture::{Console, after, open, press};
use crate::console::tests::screen::{picture, screen};
use crate::explain;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::filter::{DAY_WORDS, Filter, Language};

fn console() -> Console {
    open(Lang::En, (120, 40))
}

fn control(console: &mut Console, c: char) -> Vec<Effect> {
    console.step(Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::CONTROL)))
}

fn line(console: &Console) -> &FilterInput {
    match console.view.dialogs.last() {
        Some(Dialog::Filter(filter)) => filter,
        other => panic!("no filter is typed: {other:?}"),
    }
}

fn offered(console: &Console) -> Vec<&str> {
    line(console).candidates.iter().map(|candidate| &*candidate.text).collect()
}

#[test]
fn a_filter_that_cannot_be_right_is_explained_and_the_last_good_one_stays() {
    let mut state = console();
    press(&mut state, "/state:doing");
    let (good, rows) = (state.list().filter().clone(), state.list().rows().len());
    assert!(rows > 0 && !good.is_empty());
    for (typed, message) in [
        (" nope:5", "filter-unknown-keyword"),
        (" state:refund", "filter-no-state"),
        (" before:soon", "filter-needs-moment"),
        (" amount>>5", "filter-needs-amount"),
        (" /so(", "filter-bad-pattern"),
    ] {
        press(&mut state, typed);
        let error = line(&state).error.clone().unwrap_or_else(|| panic!("{typed} is not explained"));
        assert_eq!(error.message, message, "{typed}");
        assert!(picture(&state).contains(&explain::filter(Lang::En, &error)), "{typed}");
        assert_eq!((state.list().filter(), state.list().rows().len()), (&good, rows), "{typed}");
        press(&mut state, "<Enter>");
        assert!(matches!(state.view.dialogs.last(), Some(Dialog::Filter(_))), "it stays open for correction");
        press(&mut state, &"<Back>".repeat(typed.len()));
        assert_eq!(line(&state).error, None);
    }
}

#[test]
fn a_state_of_another_kind_is_known_there() {
    let mut state = console();
    press(&mut state, "4/state:refund<Enter>");
    assert!(state.view.dialogs.is_empty() && state.list().filter().to_string() == "state:refund");
}

#[test]
fn tab_takes_what_was_probably_meant() {
    let mut state = console();
    press(&mut state, "/stat:doing");
    assert_eq!(offered(&state), ["state:"]);
    press(&mut state, "<Tab>");
    assert_eq!(line(&state).input.value(), "state:doing");
    assert_eq!(line(&state).error, None);
    press(&mut state, " on:yesteday<Tab>");
    assert_eq!(line(&state).input.value(), "state:doing on:yesterday");
}

#[test]
fn tab_completes_qualifiers_and_the_states_of_the_kind() {
    let mut state = console();
    press(&mut state, "/st");
    assert_eq!(offered(&state), ["state:"]);
    press(&mut state, "<Tab>");
    let all: Vec<String> = Kind::ServiceOrder.states().iter().map(|known| Lang::En.state(known)).collect();
    let meanings: Vec<&str> = line(&state).candidates.iter().map(|candidate| &*candidate.meaning).collect();
    assert!(all.iter().all(|meaning| meanings.contains(&&**meaning)), "{meanings:?}");
    press(&mut state, "pai");
    assert_eq!(offered(&state), ["state:paid"]);
    press(&mut state, "<Tab><Enter>");
    assert_eq!(state.list().filter().to_string(), "state:paid");
    assert!(!state.list().rows().is_empty());
}

#[test]
fn tab_on_an_empty_line_offers_all_words_and_the_arrows_choose() {
    let mut state = console();
    press(&mut state, "/");
    assert!(offered(&state).is_empty(), "nothing covers the table before it is asked for");
    press(&mut state, "<Tab>");
    for (_, names) in Language::OBJECTS.qualifiers {
        assert!(offered(&state).iter().any(|text| text.starts_with(names[0])), "{names:?}");
    }
    press(&mut state, "<Down><Down><Up><Tab>");
    assert_eq!(line(&state).input.value(), "amount>");
}

/// Every word that is offered, in any language and for any kind, can be taken and is understood.
#[test]
fn whatever_is_offered_is_understood() {
    for lang in Lang::ALL {
        for tab in ["1", "2", "3", "4", "5", "6"] {
            for begun in ["", "state:", "on:", "since:", "before:", "状态:"] {
                let mut state = open(*lang, (120, 40));
                press(&mut state, &format!("{tab}/{begun}"));
                if begun.is_empty() {
                    press(&mut state, "<Tab>");
                }
                let count = line(&state).candidates.len();
                assert!(count > 0, "{lang:?} {tab} {begun}");
                if begun.is_empty() {
                    continue;
                }
                for candidate in &line(&state).candidates {
                    let understood = Filter::parse(&candidate.text)
                        .and_then(|filter| filter.check_in(Language::OBJECTS, &vocabulary(&state, Language::OBJECTS)));
                    assert_eq!(understood, Ok(()), "{lang:?} {tab} {}", candidate.text);
                }
            }
        }
        for word in ["filter-word-today", "filter-word-yesterday"].map(|word| lang.t(word)) {
            assert!(DAY_WORDS.iter().any(|(known, _)| *known == word), "{word}");
        }
        for (_, names) in Language::OBJECTS.qualifiers {
            assert!(names.contains(&&*lang.t(&format!("filter-word-{}", names[0]))), "{names:?}");
        }
    }
}

#[test]
fn states_that_occur_and_states_that_can_be_are_offered_once() {
    let state = console();
    let mut meanings: Vec<_> = states(&state).iter().map(|known| known.meaning).collect();
    let all = meanings.len();
    meanings.sort_unstable();
    meanings.dedup();
    assert_eq!(meanings.len(), all);
}

#[test]
fn a_regular_expression_filters_what_the_ledger_has() {
    let mut state = console();
    press(&mut state, "//SO.*000[13]$/<Enter>");
    let numbers: Vec<String> = state.list().rows().iter().map(|row| row.id.number.to_string()).collect();
    assert_eq!(numbers, ["SO20261121000001", "SO20261121000003"], "a number ends where other words go on");
}

#[test]
fn a_paste_that_is_too_long_is_explained_in_the_line() {
    let mut state = console();
    press(&mut state, "/");
    state.step(Msg::Paste("x".repeat(5000)));
    assert_eq!(line(&state).error.as_ref().map(|error| error.message), Some("filter-too-long"));
    press(&mut state, "S");
    assert_eq!(line(&state).error, None);
}

#[test]
fn a_day_is_taken_from_the_calendar() {
    let mut state = console();
    press(&mut state, "/so");
    control(&mut state, 't');
    press(&mut state, "<Left><Enter>");
    assert_eq!(line(&state).input.value(), "so on:2026-11-20");
    assert_eq!(state.list().filter().to_string(), "so on:2026-11-20");
    // Opened again, it stands on that day and replaces it.
    control(&mut state, 't');
    press(&mut state, "<Tab><Down><Enter>");
    assert_eq!(line(&state).input.value(), "so since:2026-11-27");
    control(&mut state, 't');
    press(&mut state, "<Tab>>><Enter>");
    assert_eq!(line(&state).input.value(), "so before:2027-01-27");
    control(&mut state, 't');
    press(&mut state, "t<Esc><Enter>");
    assert_eq!(state.list().filter().to_string(), "so before:2027-01-27");
}

#[test]
fn the_chosen_day_is_on_the_smallest_screen_and_the_hints_are_the_calendars() {
    for (lang, size) in [(Lang::En, (40, 10)), (Lang::ZhCn, (40, 10)), (Lang::En, (80, 24)), (Lang::ZhCn, (120, 40))] {
        let mut state = calendar(open(lang, size), "/so on:2026-11-01");
        for date in 1..=30 {
            let shown = picture(&state);
            let drawn = shown.lines().any(|line| line.contains(&format!(" {date:>2} ")) && line.contains('│'));
            assert!(drawn && shown.contains(&format!("on:2026-11-{date:02}")), "{size:?} {date}: {shown}");
            let last = shown.lines().last().unwrap();
            assert!(last.contains(&lang.t("command-calendar-take")) && !last.contains("^T"), "{size:?}: {last}");
            press(&mut state, "<Right>");
        }
    }
}

#[test]
fn a_shorter_month_has_its_own_last_day() {
    let mut state = console();
    press(&mut state, "/on:2027-01-31");
    control(&mut state, 't');
    press(&mut state, "><Enter>");
    assert_eq!(line(&state).input.value(), "on:2027-02-28");
}

fn saved(name: &str, kind: &str, filter: &str) -> SavedFilter {
    let (profile, name, kind, filter) = ("shop".into(), name.into(), kind.into(), filter.into());
    SavedFilter { profile, name, kind, filter, columns: Vec::new() }
}

fn with_saved(mut state: Console, filters: Vec<SavedFilter>) -> Console {
    if let Stage::Open(account) = &mut state.stage {
        account.saved_filters.filters = filters;
    }
    state
}

#[test]
fn a_filter_is_saved_under_a_name_and_applied_and_deleted_in_the_palette() {
    let mut state = console();
    press(&mut state, "/state:paid amount>5");
    control(&mut state, 's');
    let effects = press(&mut state, "paid ones<Enter>");
    let new = saved("paid ones", "order", "state:paid amount>5.00");
    let [Effect::ChangeFilters(path, change)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(**change, FilterChange::Save(new.clone()));
    assert_eq!(*path, state.account().unwrap().saved_filters.path);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("filters.toml");
    let result = change.write(&file);
    let generation = state.generation;
    state.step(Msg::FiltersChanged { generation, change: change.clone(), result });

    press(&mut state, "1:paid ones<Enter>");
    assert_eq!((state.kind(), state.list().filter().to_string()), (Some(Kind::ServiceOrder), new.filter));

    press(&mut state, "[");
    assert_eq!(state.tab, 0, "the way back is kept");
    press(&mut state, "]");
    assert_eq!(state.kind(), Some(Kind::ServiceOrder));

    press(&mut state, ":paid ones");
    let effects = control(&mut state, 'd');
    let [Effect::ChangeFilters(_, change)] = &effects[..] else { panic!("{effects:?}") };
    let result = change.write(&file);
    assert_eq!(result, Ok(Vec::new()));
    state.step(Msg::FiltersChanged { generation, change: change.clone(), result });
    press(&mut state, ":paid ones");
    assert!(!picture(&state).contains("Filter: paid ones"));
}

#[test]
fn filters_of_the_journal_and_of_the_events_are_saved_and_applied_too() {
    for (keys, kind, filter) in
        [("9", "journal", "outcome:refused action:refund"), ("8", "events", "verdict:forged since:2d")]
    {
        let mut state = console();
        press(&mut state, &format!("{keys}/{filter}"));
        control(&mut state, 's');
        let effects = press(&mut state, "mine<Enter>");
        let [Effect::ChangeFilters(_, change)] = &effects[..] else { panic!("{effects:?} {}", picture(&state)) };
        let FilterChange::Save(new) = &**change else { panic!("{change:?}") };
        assert_eq!(*new, saved("mine", kind, filter));
        // Without the line, the filter in force is saved.
        control(&mut state, 's');
        assert!(matches!(state.view.dialogs.last(), Some(Dialog::SaveFilter(_))), "{}", picture(&state));

        let mut state = with_saved(console(), vec![new.clone()]);
        press(&mut state, "1:mine");
        assert!(
            picture(&state).contains(&format!("Filter: mine · {}", if keys == "9" { "Journal" } else { "Events" }))
        );
        press(&mut state, "<Enter>");
        let (tab, filtered) = match keys {
            "9" => ("journal", state.view.tabs.journal.filter().filter()),
            _ => ("events", state.view.tabs.inbox.filter().filter()),
        };
        assert_eq!((state.tabs[state.tab].id, !filtered.is_empty()), (tab, true));
        assert!(picture(&state).contains(filter), "{}", picture(&state));
    }
}

#[test]
fn a_set_of_columns_is_saved_under_a_name_and_shown_again() {
    let ids = |state: &Console| state.list().columns().map(|column| column.id).collect::<Vec<_>>();
    let mut state = console();
    let usual = ids(&state);
    // The second column is hidden, the third one moved up, the number stays.
    press(&mut state, "cj<Enter>jK");
    let wanted = ids(&state);
    assert!(wanted != usual && wanted.len() == usual.len() - 1, "{wanted:?}");
    control(&mut state, 's');
    assert!(picture(&state).contains("Save these columns as"));
    let effects = press(&mut state, "mine<Enter>");
    let [Effect::ChangeFilters(_, change)] = &effects[..] else { panic!("{effects:?}") };
    let FilterChange::Save(new) = &**change else { panic!("{change:?}") };
    assert_eq!((new.kind.as_str(), &*new.filter, new.columns.len()), ("order", "", wanted.len()));

    let mut state = with_saved(console(), vec![new.clone()]);
    press(&mut state, "/state:paid<Enter>:mine");
    assert!(picture(&state).contains("Columns: mine"), "{}", picture(&state));
    press(&mut state, "<Enter>");
    assert_eq!(ids(&state), wanted);
    assert_eq!(state.list().filter().to_string(), "state:paid", "the filter is another matter");
    press(&mut state, ":mine");
    let effects = control(&mut state, 'd');
    let [Effect::ChangeFilters(_, change)] = &effects[..] else { panic!("{effects:?}") };
    assert_eq!(**change, FilterChange::Delete(new.clone()));
}

#[test]
fn what_looks_like_a_regular_expression_or_a_state_of_another_kind_is_answered_with_what_is_possible() {
    let mut state = console();
    press(&mut state, "/SO.*7");
    assert_eq!(offered(&state), ["/SO.*7/"]);
    press(&mut state, "<Tab>");
    assert_eq!(line(&state).input.value(), "/SO.*7/");
    let mut state = console();
    press(&mut state, "/state:refund");
    assert_eq!(line(&state).error.as_ref().map(|error| error.message), Some("filter-no-state"));
    let known = offered(&state);
    assert!(known.contains(&"state:collecting") && known.contains(&"state:paid"), "{known:?}");
}

#[test]
fn a_saved_filter_that_cannot_be_right_any_more_is_listed_with_the_reason() {
    let filters = vec![saved("odd", "order", "nope:5"), saved("gone", "voucher", "x")];
    let mut state = after(with_saved(console(), filters), ":odd nope");
    assert!(picture(&state).contains("nope: is unknown"));
    assert_eq!(press(&mut state, "<Enter>"), vec![]);
    assert!(matches!(state.view.dialogs.last(), Some(Dialog::Palette(_))));
}

screen!(filter: unknown_word_en_80x24, after(open(Lang::En, (80, 24)), "/stat:doing"));
screen!(filter: unknown_word_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "/nope:5"));
screen!(filter: states_en_120x40, after(open(Lang::En, (120, 40)), "/state:"));
screen!(filter: states_zh_80x24, after(open(Lang::ZhCn, (80, 24)), "/<Tab><Tab>"));
screen!(filter: words_en_80x24, after(open(Lang::En, (80, 24)), "/<Tab>"));
/// With the calendar open.
fn calendar(console: Console, keys: &str) -> Console {
    let mut state = after(console, keys);
    control(&mut state, 't');
    state
}

screen!(filter: calendar_en_80x24, calendar(open(Lang::En, (80, 24)), "/so"));
screen!(filter: calendar_zh_120x40, calendar(open(Lang::ZhCn, (120, 40)), "/"));

#[test]
fn what_is_wrong_and_what_was_meant_can_be_read_at_any_width() {
    let wrong = [
        ("/stat:doing", "stat:", "state:"),
        ("/state:dooing", "dooing", "doing"),
        ("/since:yesterdy", "yesterdy", "day"),
        ("/amuont>100000000000000000000000000000000000000", "amuont", "amount"),
    ];
    for lang in Lang::ALL {
        for size in [(40, 12), (60, 16), (80, 24), (120, 40)] {
            for (keys, term, _) in wrong {
                let state = after(open(*lang, size), keys);
                let Some(Dialog::Filter(filter)) = state.view.dialogs.last() else { panic!("{keys}") };
                let Some(error) = filter.error.clone() else { continue };
                let shown: String = picture(&state).chars().filter(|c| !c.is_whitespace()).collect();
                let word = error.nearest.clone().unwrap_or_default();
                let why = state.lang.tr(error.message, &[("term", &"")]);
                let end = why.split_whitespace().last().unwrap_or_default();
                for part in [term, &*word, end] {
                    let part: String = part.chars().filter(|c| !c.is_whitespace()).collect();
                    assert!(shown.contains(&part), "{keys} {size:?} {part}:\n{}", picture(&state));
                }
            }
        }
    }
}
