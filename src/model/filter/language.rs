//! The words of the filter language.

/// A qualifier: what it is called, and what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    State,
    Amount,
    Since,
    Before,
    On,
}

/// All qualifiers, with their names: the first is the one that is written.
pub const QUALIFIERS: [(Qualifier, &[&str]); 5] = [
    (Qualifier::State, &["state", "状态"]),
    (Qualifier::Amount, &["amount", "金额"]),
    (Qualifier::Since, &["since", "起始"]),
    (Qualifier::Before, &["before", "早于"]),
    (Qualifier::On, &["on", "日期"]),
];

/// What people write in their place: a help for those who guess, not a part of the language.
pub(super) const GUESSES: [(&str, &str); 18] = [
    ("status", "state"),
    ("is", "state"),
    ("sum", "amount"),
    ("price", "amount"),
    ("total", "amount"),
    ("money", "amount"),
    ("yuan", "amount"),
    ("from", "since"),
    ("after", "since"),
    ("age", "since"),
    ("until", "before"),
    ("till", "before"),
    ("to", "before"),
    ("older", "before"),
    ("day", "on"),
    ("date", "on"),
    ("time", "on"),
    ("at", "on"),
];

/// Words for days: what they are called, and how many days ago that is. The first two are written.
pub const DAY_WORDS: [(&str, u16); 5] = [("today", 0), ("yesterday", 1), ("今天", 0), ("昨天", 1), ("前天", 2)];

/// The operators between a qualifier and its value.
pub(super) const OPERATORS: [char; 4] = ['>', '<', '=', ':'];

/// The qualifier that a term begins with, and the rest. A longer word that only begins with one is a word.
pub(super) fn qualifier(text: &str) -> Option<(Qualifier, &str)> {
    QUALIFIERS.iter().find_map(|(qualifier, names)| {
        let rest = names.iter().find_map(|name| text.strip_prefix(name).filter(|rest| is_operator(rest)))?;
        Some((*qualifier, rest))
    })
}

fn is_operator(rest: &str) -> bool {
    rest.is_empty() || rest.starts_with(OPERATORS)
}

/// The letters before an operator, in a text that looks like a qualifier with a value. `12:30` and `SO-1:2` do not: a
/// qualifier has letters only. Neither does an address (`https://…`).
pub(super) fn like_qualifier(text: &str) -> Option<&str> {
    let (name, value) = text.split_at(text.find(OPERATORS)?);
    let letters = !name.is_empty() && name.chars().all(|c| c.is_alphabetic() || c == '_' || c == '-');
    (letters && !value.starts_with("://")).then_some(name)
}

/// Whether a word can be written without quotes.
pub(super) fn is_plain(word: &str) -> bool {
    let marked = word.starts_with(['!', '/', '"', '“', '”']) || word.starts_with(OPERATORS);
    let spaced = word.is_empty() || word.chars().any(char::is_whitespace);
    !marked && !spaced && qualifier(word).is_none() && like_qualifier(word).is_none()
}

impl Qualifier {
    /// Its name as it is written.
    pub fn name(self) -> &'static str {
        QUALIFIERS.iter().find(|(qualifier, _)| *qualifier == self).map_or("", |(_, names)| names[0])
    }

    /// The message that says what stands behind it.
    pub(super) const fn needs(self) -> &'static str {
        match self {
            Self::State => "filter-needs-state",
            Self::Amount => "filter-needs-amount",
            Self::Since | Self::Before => "filter-needs-moment",
            Self::On => "filter-needs-day",
        }
    }
}
