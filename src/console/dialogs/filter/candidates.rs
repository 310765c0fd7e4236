//! What can be typed at the end of the filter: qualifiers, the states of the kind, days and ages.

use tui_input::Input;

use crate::console::app::state::AppState;
use crate::console::dialogs::filter::state::Candidate;
use crate::i18n::Lang;
use crate::model::filter::{FilterError, Language, LastTerm, Qualifier, StateWords, Vocabulary, fold};
use crate::model::{EVENT_TYPES, Kind, State, Tone};
use crate::services::{event_message, event_vocabulary, journal_vocabulary, state_words};

/// Ages that are offered.
const AGES: [&str; 5] = ["1h", "24h", "7d", "30d", "12w"];

/// The states that the filter of the current table may name: those that occur, and those that the kind can have.
pub(crate) fn states(state: &AppState) -> Vec<State> {
    let Some((kind, occurring)) = filtered(state) else { return Vec::new() };
    let mut states = kind.states();
    for occurs in &occurring {
        // A code that only adds a part to a known one means the same.
        if !states.iter().any(|known| known.code == occurs.code || known.meaning == occurs.meaning) {
            states.push(occurs.clone());
        }
    }
    states
}

/// What the filter of a table of this language may name, with the words by which it is called.
pub(crate) fn vocabulary(state: &AppState, language: Language) -> Vocabulary {
    match language {
        Language::EVENTS => {
            let rows = state.view.tabs.inbox.rows().iter();
            event_vocabulary(rows.filter_map(|row| row.event_type.as_deref()))
        }
        Language::JOURNAL => journal_vocabulary(),
        _ => {
            let occur = filtered(state).map(|(_, states)| states).unwrap_or_default();
            Vocabulary { states: states(state).iter().chain(&occur).map(state_words).collect(), types: Vec::new() }
        }
    }
}

/// The kind of the current table, and the states that occur in it.
fn filtered(state: &AppState) -> Option<(Kind, Vec<State>)> {
    let own = state.list().map(|list| (list.kind, list.states().to_vec()));
    own.or_else(|| state.across().map(|across| (across.kind(), across.states())))
}

/// What can stand in place of the last term. `all`: also if nothing of it was typed yet.
pub(crate) fn candidates(
    state: &AppState,
    language: Language,
    input: &Input,
    error: Option<&FilterError>,
    all: bool,
) -> Vec<Candidate> {
    let text = input.value();
    if let Some(meant) = error.and_then(|error| meant(state.lang, text, error)) {
        return vec![meant];
    }
    // Only the end of the text is completed.
    if input.cursor() < text.chars().count() {
        return Vec::new();
    }
    let last = LastTerm::of(text);
    let typed = text[last.start..].trim_start_matches('!');
    let from = text.len() - typed.len();
    // The qualifier stays as it was typed.
    let before = |value: &str| last.text[..last.text.len() - value.len()].to_owned();
    let offered = match last.qualified(language) {
        Some((Qualifier::State, value)) => of_words(&before(value), value, named_states(state, language)),
        Some((Qualifier::Type, value)) => of_words(&before(value), value, named_types(state, language)),
        Some((Qualifier::On, value)) => of_days(state.lang, &before(value), value),
        Some((Qualifier::Since | Qualifier::Before, value)) => {
            let name = before(value);
            let ages = AGES.iter().filter(|age| age.starts_with(value));
            let age = |age: &&str| offer(format!("{name}{age}"), meaning_of_age(state.lang, age));
            ages.map(age).chain(of_days(state.lang, &name, value)).collect()
        }
        Some((Qualifier::Amount, _)) => Vec::new(),
        None if typed.is_empty() && !all => Vec::new(),
        None => {
            let pattern =
                looks_like_pattern(typed).then(|| offer(format!("/{typed}/"), state.lang.t("filter-means-pattern")));
            of_qualifiers(state.lang, language, &last.text).into_iter().chain(pattern).collect()
        }
    };
    let place = |candidate: Candidate| Candidate { replaces: (from, text.len()), ..candidate };
    let typed = fold(typed).to_lowercase();
    offered.into_iter().map(place).filter(|candidate| candidate.text != typed).collect()
}

fn offer(text: String, meaning: String) -> Candidate {
    Candidate { text, meaning, tone: None, replaces: (0, 0) }
}

/// What was probably meant by the term at fault.
fn meant(lang: Lang, text: &str, error: &FilterError) -> Option<Candidate> {
    let nearest = error.nearest.clone()?;
    let term = error.term.trim_start_matches('!').to_lowercase();
    let lower = fold(text).to_lowercase();
    // Full-width characters are longer, and so are some capitals.
    let start = if lower.len() == text.len() { lower.find(&term)? } else { text.find(&term)? };
    let replaces = (start, start + term.len());
    Some(Candidate { replaces, ..offer(nearest, lang.t("filter-meant")) })
}

/// Whether a word has what only regular expressions have.
fn looks_like_pattern(word: &str) -> bool {
    !word.starts_with('/') && [".*", ".+", "\\d", "[", "^", "$"].iter().any(|sign| word.contains(sign))
}

fn of_qualifiers(lang: Lang, language: Language, typed: &str) -> Vec<Candidate> {
    let begins = |names: &[&str]| names.iter().any(|name| name.starts_with(typed) && *name != typed);
    let mut offered = Vec::new();
    for (qualifier, names) in language.qualifiers {
        // `amount` itself is complete only with one of its operators.
        if !begins(names) && !names.contains(&typed) {
            continue;
        }
        let name = names.iter().find(|name| name.starts_with(typed)).copied().unwrap_or(names[0]);
        let endings: &[(&str, &str)] = match qualifier {
            Qualifier::State if language == Language::EVENTS => &[(":", "filter-means-verdict")],
            Qualifier::State if language == Language::JOURNAL => &[(":", "filter-means-outcome")],
            Qualifier::State => &[(":", "filter-means-state")],
            Qualifier::Type if language == Language::JOURNAL => &[(":", "filter-means-action")],
            Qualifier::Type => &[(":", "filter-means-type")],
            Qualifier::Amount => {
                &[(">", "filter-means-above"), ("<", "filter-means-below"), (":", "filter-means-range")]
            }
            Qualifier::Since => &[(":", "filter-means-since")],
            Qualifier::Before => &[(":", "filter-means-before")],
            Qualifier::On => &[(":", "filter-means-on")],
        };
        // If nothing was typed, the name in the language of the interface is offered.
        let name = if typed.is_empty() { lang.t(&format!("filter-word-{}", names[0])) } else { name.to_owned() };
        offered.extend(endings.iter().map(|(ending, meaning)| offer(format!("{name}{ending}"), lang.t(meaning))));
    }
    if typed.is_empty() {
        offered.push(offer("/".to_owned(), lang.t("filter-means-pattern")));
        offered.push(offer("\"".to_owned(), lang.t("filter-means-phrase")));
    }
    offered
}

/// A code that a filter can name, what it means, and its tone.
type NamedCode = (StateWords, String, Option<Tone>);

fn named_states(state: &AppState, language: Language) -> Vec<NamedCode> {
    let lang = state.lang;
    let message = match language {
        Language::EVENTS => "verdict",
        Language::JOURNAL => "journal",
        _ => {
            let states = states(state).into_iter();
            return states.map(|known| (state_words(&known), lang.state(&known), Some(known.tone))).collect();
        }
    };
    let states = vocabulary(state, language).states.into_iter();
    states.map(|words| (words.clone(), lang.t(&format!("{message}-{}", words.code)), None)).collect()
}

fn named_types(state: &AppState, language: Language) -> Vec<NamedCode> {
    let lang = state.lang;
    let meaning = |code: &str| match language {
        Language::JOURNAL if code == "api" => lang.t("journal-action-api"),
        Language::JOURNAL => lang.t(&format!("action-{code}")),
        _ if EVENT_TYPES.iter().any(|event| event.name == code) => lang.t(&event_message(code)),
        _ => code.to_owned(),
    };
    let types = vocabulary(state, language).types.into_iter();
    types.map(|words| (words.clone(), meaning(&words.code), None)).collect()
}

/// What the typed value may mean. It is called by what was begun: a part of its code, else its meaning.
fn of_words(name: &str, value: &str, known: Vec<NamedCode>) -> Vec<Candidate> {
    let mut offered: Vec<Candidate> = Vec::new();
    // If none is called so, all are offered: those there are explain what is possible.
    let any = known.iter().any(|(words, ..)| words.is_called(value));
    for (words, meaning, tone) in known {
        if any && !words.is_called(value) {
            continue;
        }
        let part = words.code.split('/').rev().map(str::to_lowercase).find(|part| part.starts_with(value));
        let word = fold(&meaning).to_lowercase().replace(' ', "_");
        let called = part.filter(|_| !value.is_empty()).unwrap_or(word);
        let text = format!("{name}{called}");
        // A word that is its own meaning is shown once.
        let meaning = if called == meaning { String::new() } else { meaning };
        let candidate = Candidate { tone, ..offer(text, meaning) };
        if !offered.iter().any(|other| other.text == candidate.text) {
            offered.push(candidate);
        }
    }
    offered
}

fn of_days(lang: Lang, name: &str, value: &str) -> Vec<Candidate> {
    let words = ["filter-word-today", "filter-word-yesterday"].map(|word| lang.t(word));
    let meanings = ["filter-means-today", "filter-means-yesterday"];
    let days = words.into_iter().zip(meanings).filter(|(word, _)| word.starts_with(value));
    days.map(|(word, meaning)| offer(format!("{name}{word}"), lang.t(meaning))).collect()
}

fn meaning_of_age(lang: Lang, age: &str) -> String {
    let (count, unit) = age.split_at(age.len() - 1);
    tr!(lang, &format!("filter-age-{unit}"), n = count)
}
