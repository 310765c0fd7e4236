//! The words of the filter language.

/// A qualifier: what stands behind it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Qualifier {
    State,
    /// What a row is about: the type of a notification, the action of an entry.
    Type,
    Amount,
    Since,
    Before,
    On,
}

/// A qualifier with its names: the first is the one that is written.
pub(super) type Named = (Qualifier, &'static [&'static str]);

/// The language of one sort of table: which qualifiers it has, what they are called there, and the messages about what
/// it does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Language {
    pub(crate) qualifiers: &'static [Named],
    pub(super) unknown: &'static str,
    pub(super) no_state: &'static str,
    pub(super) no_type: &'static str,
}

const SINCE: Named = (Qualifier::Since, &["since", "起始"]);
const BEFORE: Named = (Qualifier::Before, &["before", "早于"]);
const ON: Named = (Qualifier::On, &["on", "日期"]);

impl Language {
    pub const OBJECTS: Self = Self {
        qualifiers: &[
            (Qualifier::State, &["state", "状态"]),
            (Qualifier::Amount, &["amount", "金额"]),
            SINCE,
            BEFORE,
            ON,
        ],
        unknown: "filter-unknown-keyword",
        no_state: "filter-no-state",
        no_type: "filter-no-state",
    };
    pub const EVENTS: Self = Self {
        qualifiers: &[
            (Qualifier::State, &["verdict", "state", "验签", "状态"]),
            (Qualifier::Type, &["type", "类型"]),
            SINCE,
            BEFORE,
            ON,
        ],
        unknown: "filter-unknown-keyword-events",
        no_state: "filter-no-verdict",
        no_type: "filter-no-type",
    };
    pub const JOURNAL: Self = Self {
        qualifiers: &[
            (Qualifier::State, &["outcome", "state", "结果", "状态"]),
            (Qualifier::Type, &["action", "type", "操作"]),
            SINCE,
            BEFORE,
            ON,
        ],
        unknown: "filter-unknown-keyword-journal",
        no_state: "filter-no-outcome",
        no_type: "filter-no-action",
    };
    const ALL: [Self; 3] = [Self::OBJECTS, Self::EVENTS, Self::JOURNAL];

    /// What a qualifier is called when it is written; empty if this language does not have it.
    pub fn name(self, wanted: Qualifier) -> &'static str {
        self.qualifiers.iter().find(|(qualifier, _)| *qualifier == wanted).map_or("", |(_, names)| names[0])
    }

    /// The qualifier that a term begins with, and the rest. A longer word that only begins with one is a word.
    pub(super) fn qualifier(self, text: &str) -> Option<(Qualifier, &str)> {
        self.qualifiers.iter().find_map(|(qualifier, names)| {
            let rest = names.iter().find_map(|name| text.strip_prefix(name).filter(|rest| is_operator(rest)))?;
            Some((*qualifier, rest))
        })
    }
}

/// What people write in place of a qualifier: a help for those who guess, not a part of the language.
pub(super) const GUESSES: [(&str, Qualifier); 24] = [
    ("status", Qualifier::State),
    ("is", Qualifier::State),
    ("result", Qualifier::State),
    ("signature", Qualifier::State),
    ("kind", Qualifier::Type),
    ("event", Qualifier::Type),
    ("what", Qualifier::Type),
    ("operation", Qualifier::Type),
    ("sum", Qualifier::Amount),
    ("price", Qualifier::Amount),
    ("total", Qualifier::Amount),
    ("money", Qualifier::Amount),
    ("yuan", Qualifier::Amount),
    ("from", Qualifier::Since),
    ("after", Qualifier::Since),
    ("age", Qualifier::Since),
    ("until", Qualifier::Before),
    ("till", Qualifier::Before),
    ("to", Qualifier::Before),
    ("older", Qualifier::Before),
    ("day", Qualifier::On),
    ("date", Qualifier::On),
    ("time", Qualifier::On),
    ("at", Qualifier::On),
];

/// Words for days: what they are called, and how many days ago that is. The first two are written.
pub const DAY_WORDS: [(&str, u16); 5] = [("today", 0), ("yesterday", 1), ("今天", 0), ("昨天", 1), ("前天", 2)];

/// The operators between a qualifier and its value.
pub(super) const OPERATORS: [char; 4] = ['>', '<', '=', ':'];

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

/// Whether a word can be written without quotes, in every table.
pub(super) fn is_plain(word: &str) -> bool {
    let marked = word.starts_with(['!', '/', '"', '“', '”']) || word.starts_with(OPERATORS);
    let spaced = word.is_empty() || word.chars().any(char::is_whitespace);
    let qualified = Language::ALL.into_iter().any(|language| language.qualifier(word).is_some());
    !marked && !spaced && !qualified && like_qualifier(word).is_none()
}

impl Qualifier {
    /// The message that says what stands behind it.
    pub(super) const fn needs(self) -> &'static str {
        match self {
            Self::State => "filter-needs-state",
            Self::Type => "filter-needs-type",
            Self::Amount => "filter-needs-amount",
            Self::Since | Self::Before => "filter-needs-moment",
            Self::On => "filter-needs-day",
        }
    }
}
