//! The filter language of the tables: words, `"a phrase"`, `/a regular expression/`, `state:DOING`, `amount>100`,
//! `amount:10..50`, `since:2d`, `before:2026-11-20`, `on:yesterday`; a `!` before a term negates it. Terms are joined by
//! "and". Full-width characters of a Chinese keyboard (＞ ： ＝ ￥ and digits) mean the same, and so do `state=DOING`,
//! `amount > 100元` and the qualifiers' Chinese names.

mod language;
mod parse;
mod suggest;
#[cfg(test)]
mod tests;
mod when;

use std::borrow::Cow;
use std::fmt;

use super::time::{Duration, Timestamp, midnight};
use super::{Currency, Money};

use language::is_plain;
pub use language::{DAY_WORDS, Language, Qualifier};
pub use parse::LastTerm;
pub use suggest::FilterError;
use when::{Days, Moment};

/// A filter: every term must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    terms: Vec<Term>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Term {
    negated: bool,
    test: Test,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// Found anywhere in number, title, user, state or platform number; lower case.
    Word(String),
    /// A regular expression that is found there. It was compiled once, so it is valid.
    Regex(String),
    /// Found in the state's code or its meaning; lower case.
    State(String),
    /// Found in the type's code or its name; lower case.
    Type(String),
    Amount(Comparator, Money),
    /// From the first amount to the second, both included.
    Between(Option<Money>, Option<Money>),
    /// Its time is this or later.
    Since(Moment),
    /// Its time is earlier.
    Before(Moment),
    /// Its time is within these days.
    On(Days),
}

/// How an amount is compared with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparator {
    Above,
    AtLeast,
    Below,
    AtMost,
    Equal,
}

const COMPARISONS: [(&str, Comparator); 5] = [
    (">=", Comparator::AtLeast),
    ("<=", Comparator::AtMost),
    (">", Comparator::Above),
    ("<", Comparator::Below),
    ("=", Comparator::Equal),
];

/// A state that occurs in a list or can occur, and the names by which a filter can select it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWords {
    pub code: String,
    /// Its meaning in every language of the interface, folded and in lower case: a line each.
    pub words: String,
}

/// What a filter of a table can name: its states and the types of its rows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Vocabulary {
    pub states: Vec<StateWords>,
    pub types: Vec<StateWords>,
}

/// A term resolved for the store: ages are times, states are codes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub negated: bool,
    pub matcher: Matcher,
}

/// The condition on a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Matcher {
    /// This text occurs in its words (see [`words`]), or its state is one of these.
    Text {
        text: String,
        states: Vec<String>,
    },
    /// This regular expression is found in its words; see [`regex`].
    Regex(String),
    /// Its state is one of these.
    State(Vec<String>),
    /// Its type contains this text, or is one of these.
    Type {
        text: String,
        codes: Vec<String>,
    },
    Amount(Comparator, Money),
    /// Its time is this or later.
    Since(Timestamp),
    /// Its time is earlier than this.
    Before(Timestamp),
    /// All of these hold.
    All(Vec<Matcher>),
    /// One of these holds.
    Any(Vec<Matcher>),
    /// Its state is one of these, what was claimed about it before the first time is still contradicted, or a
    /// notification about it has been due since before the second.
    Problem {
        states: Vec<String>,
        claimed: Timestamp,
        due: Timestamp,
    },
}

/// A claim that is newer than this is no disagreement yet: its object is still being queried.
pub const PATIENCE: Duration = Duration::seconds(3);

/// How long a notification that is due may take before it counts as missed. It is sent again after 15 s, 15 s, 30 s and
/// 3 min (protocol reference §9.3): by then, five attempts have failed.
pub const OVERDUE_AFTER: Duration = Duration::minutes(5);

impl Filter {
    /// What `state:` calls all states with a problem.
    pub const PROBLEMS: &str = "⚠";

    /// The state that was chosen by its glyph, if one was.
    pub fn share(&self) -> Option<&str> {
        self.terms.iter().find_map(Term::share)
    }

    /// True if only problems pass.
    pub(crate) fn asks_problems(&self) -> bool {
        self.share() == Some(Self::PROBLEMS)
    }

    /// The same without the states that were chosen by their glyph.
    pub(crate) fn without_share(&self) -> Self {
        Self { terms: self.terms.iter().filter(|term| term.share().is_none()).cloned().collect() }
    }

    /// The same with the states of this glyph; without them if they were chosen already.
    pub(crate) fn toggled_share(&self, glyph: &str) -> Self {
        let mut toggled = self.without_share();
        if self.share() != Some(glyph) {
            toggled.terms.push(Term { negated: false, test: Test::State(glyph.to_owned()) });
        }
        toggled
    }

    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// True if it names a state.
    pub(crate) fn asks_state(&self) -> bool {
        self.terms.iter().any(|term| matches!(term.test, Test::State(_)))
    }

    /// The conditions it means now, in a list with these states. All must hold.
    pub(crate) fn conditions(&self, states: &[StateWords], now: Timestamp) -> Vec<Condition> {
        self.conditions_in(states, &[], now)
    }

    /// The same in a table whose rows have types, too.
    pub(crate) fn conditions_in(&self, states: &[StateWords], types: &[StateWords], now: Timestamp) -> Vec<Condition> {
        let term = |term: &Term| Condition { negated: term.negated, matcher: term.test.matcher(states, types, now) };
        self.terms.iter().map(term).collect()
    }
}

impl Term {
    /// The glyph by which it names states, if it does.
    fn share(&self) -> Option<&str> {
        match &self.test {
            Test::State(text) if !self.negated && is_glyph(text) => Some(text),
            _ => None,
        }
    }
}

/// Whether a state is named by its glyph: whatever the kind, there may be such states.
fn is_glyph(text: &str) -> bool {
    text.chars().count() == 1 && !text.chars().all(char::is_alphanumeric)
}

impl StateWords {
    /// Whether a text that was typed names it: its code, or its meaning with `_` in place of blanks.
    pub(crate) fn is_called(&self, text: &str) -> bool {
        let code = self.code.to_ascii_lowercase();
        code.contains(text) || self.words.contains(text) || self.words.contains(&text.replace('_', " "))
    }

    /// Whether the text is its whole name: a part of its code, or its meaning in one language.
    fn is_exactly(&self, text: &str) -> bool {
        let plain = text.replace('_', " ");
        self.code.split('/').chain([&*self.code]).any(|part| part.eq_ignore_ascii_case(text))
            || self.words.lines().any(|name| name == text || name == plain)
    }
}

/// The codes of the states that a text selects: those that are called exactly this, else those whose name contains it.
/// "Paid" is a part of "not paid" too: asking for what was paid must not select both, nor add them up.
fn selected(states: &[StateWords], text: &str) -> Vec<String> {
    let exactly = states.iter().any(|state| state.is_exactly(text));
    let called = |state: &&StateWords| if exactly { state.is_exactly(text) } else { state.is_called(text) };
    states.iter().filter(called).map(|state| state.code.clone()).collect()
}

/// The regular expression of a filter: it ignores case, and its size is limited, because it is typed.
pub(crate) fn regex(pattern: &str) -> Result<regex::Regex, regex::Error> {
    regex::RegexBuilder::new(pattern).case_insensitive(true).size_limit(1 << 20).dfa_size_limit(1 << 20).build()
}

/// Whether a regular expression is found in an object's [`words`]: its `^` and `$` are the ends of the whole, or of a word.
pub(crate) fn is_found(pattern: &regex::Regex, words: &str) -> bool {
    pattern.is_match(words) || words.split(' ').any(|word| pattern.is_match(word))
}

/// The text in which words of a filter are searched: an object's numbers, name, user and state, folded, in lower case.
pub fn words<'a>(parts: impl IntoIterator<Item = Option<&'a str>>) -> String {
    let parts: Vec<String> = parts.into_iter().flatten().map(|part| fold(part).to_lowercase()).collect();
    parts.join(" ")
}

/// Replaces full-width letters, digits and signs by their ASCII forms. The searched text is folded likewise.
pub fn fold(text: &str) -> Cow<'_, str> {
    let plain = |c: char| match c {
        '\u{3000}' => ' ',
        '￥' => '¥',
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        _ => c,
    };
    if text.chars().all(|c| plain(c) == c) { text.into() } else { text.chars().map(plain).collect::<String>().into() }
}

fn yuan(text: &str) -> Option<Money> {
    Money::parse(text.strip_suffix('元').unwrap_or(text), Currency::CNY).ok()
}

/// What follows `amount`: a comparison, an amount, a range of amounts.
fn amount(rest: &str) -> Option<Test> {
    let range = rest.strip_prefix([':', '=']).and_then(|value| value.split_once(".."));
    if let Some((from, to)) = range {
        let bound = |text: &str| if text.is_empty() { Some(None) } else { yuan(text).map(Some) };
        let (mut from, mut to) = (bound(from)?, bound(to)?);
        if from.zip(to).is_some_and(|(from, to)| from.minor > to.minor) {
            std::mem::swap(&mut from, &mut to);
        }
        return (from.is_some() || to.is_some()).then_some(Test::Between(from, to));
    }
    if let Some(value) = rest.strip_prefix(':') {
        return yuan(value).map(|amount| Test::Amount(Comparator::Equal, amount));
    }
    let (sign, comparison) = COMPARISONS.iter().find(|(sign, _)| rest.starts_with(sign))?;
    yuan(&rest[sign.len()..]).map(|amount| Test::Amount(*comparison, amount))
}

impl Test {
    fn matcher(&self, states: &[StateWords], types: &[StateWords], now: Timestamp) -> Matcher {
        let codes = |words: &[StateWords], found: &dyn Fn(&StateWords) -> bool| {
            words.iter().filter(|one| found(one)).map(|one| one.code.clone()).collect::<Vec<_>>()
        };
        let called = |found: &dyn Fn(&StateWords) -> bool| codes(states, found);
        match self {
            Self::Word(word) => {
                let named = |one: &StateWords| one.words.contains(word);
                let text = Matcher::Text { text: word.clone(), states: called(&named) };
                match codes(types, &named) {
                    none if none.is_empty() => text,
                    codes => Matcher::Any(vec![text, Matcher::Type { text: word.clone(), codes }]),
                }
            }
            Self::Regex(pattern) => Matcher::Regex(pattern.clone()),
            // Not a state alone: sources may contradict each other about any object.
            Self::State(text) if text == Filter::PROBLEMS => Matcher::Problem {
                states: called(&|state| state.words.contains(text.as_str())),
                claimed: now - PATIENCE,
                due: now - OVERDUE_AFTER,
            },
            Self::State(text) => Matcher::State(selected(states, text)),
            Self::Type(text) => {
                Matcher::Type { text: text.clone(), codes: codes(types, &|one| one.words.contains(text.as_str())) }
            }
            Self::Amount(comparison, limit) => Matcher::Amount(*comparison, *limit),
            Self::Between(from, to) => {
                let from = from.map(|from| Matcher::Amount(Comparator::AtLeast, from));
                let to = to.map(|to| Matcher::Amount(Comparator::AtMost, to));
                Matcher::All(from.into_iter().chain(to).collect())
            }
            Self::Since(moment) => Matcher::Since(moment.at(now)),
            Self::Before(moment) => Matcher::Before(moment.at(now)),
            Self::On(days) => {
                let (first, last) = days.on(now);
                // The last day there is has no end.
                let end = last.next_day().map(|next| Matcher::Before(midnight(next)));
                Matcher::All([Matcher::Since(midnight(first))].into_iter().chain(end).collect())
            }
        }
    }
}

impl Comparator {
    pub fn holds(self, amount: i64, limit: i64) -> bool {
        match self {
            Self::Above => amount > limit,
            Self::AtLeast => amount >= limit,
            Self::Below => amount < limit,
            Self::AtMost => amount <= limit,
            Self::Equal => amount == limit,
        }
    }
}

impl Filter {
    /// The text that parses as this filter in a table of this language.
    pub(crate) fn written_in(&self, language: Language) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = self.write(&mut text, language);
        text
    }

    fn write(&self, f: &mut impl fmt::Write, language: Language) -> fmt::Result {
        let name = |qualifier| language.name(qualifier);
        for (i, term) in self.terms.iter().enumerate() {
            f.write_str(if i > 0 { " " } else { "" })?;
            f.write_str(if term.negated { "!" } else { "" })?;
            match &term.test {
                Test::Word(word) if is_plain(word) => f.write_str(word)?,
                Test::Word(word) => write!(f, "\"{word}\"")?,
                Test::Regex(pattern) => write!(f, "/{pattern}/")?,
                Test::State(state) => write!(f, "{}:{state}", name(Qualifier::State))?,
                Test::Type(about) => write!(f, "{}:{about}", name(Qualifier::Type))?,
                Test::Amount(comparison, amount) => {
                    let sign = COMPARISONS.iter().find(|(_, c)| c == comparison).map_or("=", |(sign, _)| sign);
                    write!(f, "amount{sign}{}", amount.plain())?;
                }
                Test::Between(from, to) => {
                    let plain = |amount: &Option<Money>| amount.map(|amount| amount.plain()).unwrap_or_default();
                    write!(f, "amount:{}..{}", plain(from), plain(to))?;
                }
                Test::Since(moment) => write!(f, "since:{moment}")?,
                Test::Before(moment) => write!(f, "before:{moment}")?,
                Test::On(days) => write!(f, "on:{days}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Display for Filter {
    /// The text that parses as this filter in a table of objects.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, Language::OBJECTS)
    }
}
