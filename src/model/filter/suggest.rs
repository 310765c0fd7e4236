//! Why a filter cannot be right, and what was meant, as far as it is near a known word.

use super::language::{DAY_WORDS, GUESSES, Language, OPERATORS, Qualifier};
use super::when::{Days, Moment};
use super::{Filter, StateWords, Test, Vocabulary, amount, is_glyph};

/// Why a filter does not parse: the message id, the term at fault, and what was probably meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    pub message: &'static str,
    pub term: String,
    pub nearest: Option<String>,
}

/// How alike two words must be, from 0 to 1.
const ALIKE: f64 = 0.55;

impl FilterError {
    pub(super) fn new(message: &'static str, mark: &str, term: &str) -> Self {
        Self { message, term: format!("{mark}{term}"), nearest: None }
    }

    /// No qualifier is called so.
    pub(super) fn unknown(language: Language, name: &str, rest: &str, mark: &str) -> Self {
        let names = language.qualifiers.iter().flat_map(|(_, names)| names.iter().copied());
        let guess = GUESSES.iter().find(|(guess, _)| *guess == name).map(|(_, meant)| language.name(*meant));
        let guess = guess.filter(|meant| !meant.is_empty()).map(str::to_owned);
        // Only amounts can be more or less.
        let more = rest.chars().next().filter(|operator| matches!(operator, '>' | '<'));
        let operator = more.unwrap_or(':');
        let fits = |meant: &String| more.is_none() || *meant == language.name(Qualifier::Amount);
        let nearest = guess.or_else(|| nearest(name, names)).filter(fits).map(|name| format!("{name}{operator}"));
        let typed: String = rest.chars().take(1).collect();
        Self { nearest, ..Self::new(language.unknown, mark, &format!("{name}{typed}")) }
    }

    /// What follows the qualifier is not what it needs.
    pub(super) fn malformed(language: Language, qualifier: Qualifier, text: &str, rest: &str, mark: &str) -> Self {
        let value = rest.trim_start_matches(OPERATORS);
        let nearest = match qualifier {
            _ if value.is_empty() => None,
            Qualifier::State | Qualifier::Type => None,
            Qualifier::Amount => repaired_amount(rest, value),
            Qualifier::Since | Qualifier::Before => repaired(value, |value| Moment::parse(value).is_some()),
            Qualifier::On => repaired(value, |value| Days::parse(value).is_some()),
        };
        let name = language.name(qualifier);
        let separator = if qualifier == Qualifier::Amount { "" } else { ":" };
        let nearest = nearest.map(|value| format!("{name}{separator}{value}"));
        Self { nearest, ..Self::new(qualifier.needs(), mark, text) }
    }
}

impl Filter {
    /// Whether each state that it names is one of these.
    pub fn check(&self, known: &[StateWords]) -> Result<(), FilterError> {
        self.check_in(Language::OBJECTS, &Vocabulary { states: known.to_vec(), types: Vec::new() })
    }

    /// Whether each state and each type that it names is known.
    pub(crate) fn check_in(&self, language: Language, known: &Vocabulary) -> Result<(), FilterError> {
        for term in &self.terms {
            let (text, qualifier, message, words) = match &term.test {
                Test::State(text) if text == Self::PROBLEMS => continue,
                Test::State(text) if is_glyph(text) && language == Language::OBJECTS => continue,
                Test::State(text) => (text, Qualifier::State, language.no_state, &known.states),
                Test::Type(text) => (text, Qualifier::Type, language.no_type, &known.types),
                Test::Word(_)
                | Test::Regex(_)
                | Test::Amount(..)
                | Test::Between(..)
                | Test::Since(_)
                | Test::Before(_)
                | Test::On(_) => continue,
            };
            if words.iter().any(|one| one.is_called(text)) {
                continue;
            }
            let parts = words.iter().flat_map(|one| one.code.split(['/', '.', '-']).map(str::to_lowercase));
            let meanings = words.iter().flat_map(|one| one.words.split_whitespace().map(str::to_owned));
            let names: Vec<String> = parts.chain(meanings).collect();
            let name = language.name(qualifier);
            let nearest = nearest(text, names.iter().map(String::as_str)).map(|word| format!("{name}:{word}"));
            let mark = if term.negated { "!" } else { "" };
            return Err(FilterError { nearest, ..FilterError::new(message, mark, &format!("{name}:{text}")) });
        }
        Ok(())
    }
}

/// The most similar of some words, if one is similar enough.
fn nearest<'a>(text: &str, known: impl Iterator<Item = &'a str>) -> Option<String> {
    let likeness = |known: &&str| strsim::normalized_damerau_levenshtein(text, known).max(begins(text, known));
    let best = known.max_by(|one, other| likeness(one).total_cmp(&likeness(other)))?;
    (likeness(&best) >= ALIKE).then(|| best.to_owned())
}

/// A word that is only begun is alike.
fn begins(text: &str, known: &str) -> f64 {
    if text.chars().count() >= 2 && known.starts_with(text) { ALIKE } else { 0.0 }
}

/// A time with a unit as people write it, a day in another form, or a day's word with a mistake in it.
fn repaired(value: &str, is_one: impl Fn(&str) -> bool) -> Option<String> {
    let digits: String = value.chars().take_while(char::is_ascii_digit).collect();
    let unit = &value[digits.len()..];
    const UNITS: [(&[&str], &str); 4] = [
        (&["min", "mins", "minute", "minutes", "分钟", "分"], "m"),
        (&["hour", "hours", "hr", "hrs", "小时", "时"], "h"),
        (&["", "day", "days", "天", "日"], "d"),
        (&["week", "weeks", "周"], "w"),
    ];
    let aged = UNITS.iter().find(|(names, _)| names.contains(&unit) && !digits.is_empty());
    let aged = aged.map(|(_, unit)| format!("{digits}{unit}"));
    let dated = || {
        let parts: Vec<&str> = value.split(['-', '/', '.', '年', '月', '日']).filter(|part| !part.is_empty()).collect();
        let [year, month, day] = parts[..] else { return None };
        Some(format!("{year}-{month:0>2}-{day:0>2}"))
    };
    let worded = || nearest(value, DAY_WORDS.iter().map(|(word, _)| *word));
    let tries = [aged, dated(), worded()];
    tries.into_iter().flatten().find(|candidate| is_one(candidate))
}

/// An amount with too many operators, or with a currency's name.
fn repaired_amount(rest: &str, value: &str) -> Option<String> {
    let number: String = value.chars().filter(|c| c.is_ascii_digit() || matches!(c, '.' | ',')).collect();
    let operator: String = rest.chars().take_while(|c| OPERATORS.contains(c)).collect();
    let first = operator.chars().next().filter(|c| *c != ':').map_or_else(|| ":".to_owned(), |c| c.to_string());
    let second = if operator.ends_with('=') && matches!(&*first, ">" | "<") { "=" } else { "" };
    let candidate = format!("{first}{second}{number}");
    amount(&candidate).map(|_| candidate)
}
