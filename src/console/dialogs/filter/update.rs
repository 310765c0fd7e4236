//! The filter while it is typed.

use tui_input::Input;

use crate::console::app::command::{Differs, shown_as};
use crate::console::app::effect::Effect;
use crate::console::app::state::AppState;
use crate::console::dialogs::filter::candidates::{candidates, vocabulary};
use crate::console::dialogs::filter::state::Candidate;
use crate::console::dialogs::state::{Dialog, FilterInput};
use crate::console::tabs::across::state::Across;
use crate::console::tabs::objects::list::List;
use crate::model::filter::{Filter, FilterError, Language, LastTerm};

/// The language of the table on the screen, if it can be filtered.
pub(crate) fn language(state: &AppState) -> Option<Language> {
    if state.list().is_some() || state.across().is_some() {
        return Some(Language::OBJECTS);
    }
    match state.tabs.get(state.tab)?.id {
        "events" => Some(Language::EVENTS),
        "journal" => Some(Language::JOURNAL),
        _ => None,
    }
}

/// The filter of the table of this language.
pub(crate) fn current(state: &AppState, language: Language) -> Filter {
    match language {
        Language::EVENTS => state.view.tabs.inbox.filter().filter().clone(),
        Language::JOURNAL => state.view.tabs.journal.filter().filter().clone(),
        _ => {
            let filter = state.list().map(List::filter).or_else(|| state.across().map(Across::filter));
            filter.cloned().unwrap_or_default()
        }
    }
}

pub(crate) fn set_in(state: &mut AppState, language: Language, filter: Filter) {
    match language {
        Language::EVENTS => {
            let filter = state.view.tabs.inbox.filter().with_filter(filter);
            state.view.tabs.inbox.set_filter(filter);
        }
        Language::JOURNAL => {
            let filter = state.view.tabs.journal.filter().with_filter(filter);
            state.view.tabs.journal.set_filter(filter);
        }
        _ => set(state, filter),
    }
}

/// Opens the filter line of the table on the screen.
pub(crate) fn open(state: &mut AppState) -> Vec<Effect> {
    let Some(language) = language(state) else { return Vec::new() };
    let before = current(state, language);
    let text = if before.is_empty() { String::new() } else { format!("{} ", before.written_in(language)) };
    let input = Input::new(text);
    let filter = FilterInput { input, language, before, error: None, candidates: Vec::new(), chosen: 0 };
    state.view.dialogs.push(Dialog::Filter(filter));
    Vec::new()
}

fn on_top(state: &mut AppState) -> Option<&mut FilterInput> {
    match state.view.dialogs.last_mut() {
        Some(Dialog::Filter(filter)) => Some(filter),
        _ => None,
    }
}

/// Filters as the text is typed. While the text is invalid, the latest valid filter stays in force.
pub(crate) fn typed(state: &mut AppState) {
    let Some(filter) = on_top(state) else { return };
    let (text, language) = (filter.input.value().to_owned(), filter.language);
    let error = apply(state, language, Filter::parse_typed(language, &text)).err();
    if error.is_some() {
        // The terms before the one that is being typed stay in force. Its beginning, taken for a word, does not.
        let before = LastTerm::of(&text).start;
        let _ = apply(state, language, Filter::parse_in(language, &text[..before]));
    }
    offer(state, error, false);
}

/// Sets the filter if it can be right.
fn apply(state: &mut AppState, language: Language, parsed: Result<Filter, FilterError>) -> Result<(), FilterError> {
    let parsed = parsed?;
    parsed.check_in(language, &vocabulary(state, language))?;
    set_in(state, language, parsed);
    Ok(())
}

/// Shows what can be typed now.
fn offer(state: &mut AppState, error: Option<FilterError>, all: bool) {
    let Some(filter) = on_top(state) else { return };
    let (input, language) = (filter.input.clone(), filter.language);
    let offered = candidates(state, language, &input, error.as_ref(), all);
    if let Some(filter) = on_top(state) {
        (filter.candidates, filter.chosen, filter.error) = (offered, 0, error);
    }
}

pub(crate) fn set(state: &mut AppState, filter: Filter) {
    if state.across().is_some() {
        state.view.tabs.across.set_filter(filter);
    } else if let Some(list) = state.list_mut() {
        list.set_filter(filter);
    }
}

/// Takes the chosen word; if none is offered yet, offers all.
pub(crate) fn complete(state: &mut AppState) -> Vec<Effect> {
    let Some(filter) = on_top(state) else { return Vec::new() };
    match filter.candidates.get(filter.chosen).cloned() {
        Some(candidate) => take(state, &candidate),
        None => {
            let error = filter.error.clone();
            offer(state, error, true);
        }
    }
    Vec::new()
}

fn take(state: &mut AppState, candidate: &Candidate) {
    let Some(filter) = on_top(state) else { return };
    let (from, to) = candidate.replaces;
    let text = filter.input.value();
    let (Some(before), Some(after)) = (text.get(..from), text.get(to..)) else { return };
    let text = format!("{before}{}{after}", candidate.text);
    let cursor = text.chars().count() - after.chars().count();
    // A term that stands in the middle is corrected; the cursor goes on at the end.
    let cursor = if after.is_empty() { cursor } else { text.chars().count() };
    filter.input = Input::new(text).with_cursor(cursor);
    typed(state);
    // Nothing of the rest of the term is known: the next word is typed.
    if let Some(filter) = on_top(state)
        && filter.candidates.len() == 1
        && filter.candidates[0].replaces == candidate.replaces
        && filter.error.is_none()
    {
        filter.candidates.clear();
    }
}

/// Chooses another of the words that are offered.
pub(crate) fn choose(state: &mut AppState, by: isize) -> Vec<Effect> {
    if let Some(filter) = on_top(state) {
        let last = filter.candidates.len().saturating_sub(1);
        filter.chosen = filter.chosen.saturating_add_signed(by).min(last);
    }
    Vec::new()
}

/// Clicks on a word that is offered.
pub(crate) fn click(state: &mut AppState, line: usize) -> Vec<Effect> {
    if let Some(filter) = on_top(state) {
        filter.chosen = line;
    }
    complete(state)
}

/// A pasted text was too long, and nothing of it was inserted.
pub(crate) fn too_long(state: &mut AppState, limit: usize) {
    let error = FilterError { message: "filter-too-long", term: limit.to_string(), nearest: None };
    if let Some(filter) = on_top(state) {
        filter.error = Some(error);
    }
}

/// Closes the filter's input and keeps the filter. A text that cannot be right stays open for correction.
pub(crate) fn keep(state: &mut AppState) -> Vec<Effect> {
    match state.view.dialogs.last_mut() {
        Some(Dialog::Filter(filter)) => {
            let (text, language) = (filter.input.value().to_owned(), filter.language);
            match apply(state, language, Filter::parse_in(language, &text)) {
                Ok(()) => {
                    state.view.dialogs.pop();
                }
                Err(error) => offer(state, Some(error), false),
            }
        }
        Some(Dialog::Find(_)) => {
            state.view.dialogs.pop();
        }
        _ => {}
    }
    Vec::new()
}

/// Shows only what has a problem; all again if it did.
pub(crate) fn problems(state: &mut AppState) -> Vec<Effect> {
    if let Some(language) = language(state) {
        let filter = current(state, language).toggled_share(Filter::PROBLEMS);
        set_in(state, language, filter);
    }
    Vec::new()
}

/// How [`problems`] is shown.
pub(crate) fn problems_shown_as(state: &AppState) -> Option<Differs> {
    let only = language(state).is_some_and(|language| current(state, language).asks_problems());
    if only { shown_as("command-problems-not") } else { None }
}
