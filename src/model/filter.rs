//! The filter language of the tables: words, `state:DOING`, `amount>100`, `amount<=9.9`, `since:2d`; a `!` before a
//! term negates it. Terms are joined by "and". Full-width characters of a Chinese keyboard (＞ ： ＝ ￥ and digits)
//! mean the same, and so do `state=DOING` and `amount > 100元`.

use std::borrow::Cow;
use std::fmt;

use super::time::{Duration, Timestamp};
use super::{Currency, Money};

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
    /// Found in the state's code or its meaning; lower case.
    State(String),
    Amount(Comparator, Money),
    /// Its time is at most this long ago.
    Since(Age),
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

/// A number of minutes, hours, days or weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Age {
    count: u16,
    unit: char,
}

const UNITS: [(char, Duration); 4] =
    [('m', Duration::MINUTE), ('h', Duration::HOUR), ('d', Duration::DAY), ('w', Duration::WEEK)];

/// Why a filter does not parse: the message id, and the term at fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FilterError {
    pub message: &'static str,
    pub term: String,
}

/// A state that occurs in a list, and the names by which a filter can select it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StateWords {
    pub code: String,
    /// Its meaning in every language of the interface, folded and in lower case.
    pub words: String,
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
    /// Its state is one of these.
    State(Vec<String>),
    Amount(Comparator, Money),
    /// Its time is this or later.
    Since(Timestamp),
}

const KEYWORDS: [&str; 3] = ["state", "since", "amount"];

impl Filter {
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        pieces(&fold(text)).iter().map(|piece| Term::parse(piece)).collect::<Result<_, _>>().map(|terms| Self { terms })
    }

    /// Parses a filter while it is typed: an incomplete keyword does not filter yet, else the table would be empty
    /// until it is complete.
    pub(crate) fn parse_typed(text: &str) -> Result<Self, FilterError> {
        let text = &*fold(text);
        let start = text.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let last = text[start..].trim_start_matches('!').to_lowercase();
        let begun = !last.is_empty() && KEYWORDS.iter().any(|keyword| keyword.starts_with(&last));
        Self::parse(if begun { &text[..start] } else { text })
    }

    /// What `state:` calls all states with a problem.
    pub const PROBLEMS: &str = "⚠";

    /// The state that was chosen by its glyph, if one was.
    pub fn share(&self) -> Option<&str> {
        self.terms.iter().find_map(Term::share)
    }

    /// The same without the states that were chosen by their glyph.
    pub fn without_share(&self) -> Self {
        Self { terms: self.terms.iter().filter(|term| term.share().is_none()).cloned().collect() }
    }

    /// The same with the states of this glyph; without them if they were chosen already.
    pub fn toggled_share(&self, glyph: &str) -> Self {
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
        let term = |term: &Term| Condition { negated: term.negated, matcher: term.test.matcher(states, now) };
        self.terms.iter().map(term).collect()
    }
}

impl Term {
    /// The glyph by which it names states, if it does.
    fn share(&self) -> Option<&str> {
        match &self.test {
            Test::State(text)
                if !self.negated && text.chars().count() == 1 && !text.chars().all(char::is_alphanumeric) =>
            {
                Some(text)
            }
            _ => None,
        }
    }

    fn parse(text: &str) -> Result<Self, FilterError> {
        let (negated, rest) = text.strip_prefix('!').map_or((false, text), |rest| (true, rest));
        let fail = |message| Err(FilterError { message, term: text.to_owned() });
        let lower = rest.to_lowercase();
        let test = match keyword(&lower) {
            Some(("state", rest)) => match rest.strip_prefix([':', '=']) {
                Some(state) if !state.is_empty() => Test::State(state.to_owned()),
                _ => return fail("filter-needs-state"),
            },
            Some(("since", rest)) => match rest.strip_prefix([':', '=']).and_then(Age::parse) {
                Some(age) => Test::Since(age),
                None => return fail("filter-needs-age"),
            },
            Some((_, rest)) => match comparison(rest).map(|(c, amount)| (c, yuan(amount))) {
                Some((comparison, Some(amount))) => Test::Amount(comparison, amount),
                _ => return fail("filter-needs-amount"),
            },
            None if lower.is_empty() => return fail("filter-needs-term"),
            None if lower.starts_with(OPERATORS) => return fail("filter-needs-keyword"),
            None => Test::Word(lower),
        };
        Ok(Self { negated, test })
    }
}

/// The operators between a keyword and its value.
const OPERATORS: [char; 4] = ['>', '<', '=', ':'];

/// The keyword a term begins with, and the rest. A longer word that only begins with a keyword is a word.
fn keyword(text: &str) -> Option<(&'static str, &str)> {
    KEYWORDS.iter().find_map(|keyword| {
        let rest = text.strip_prefix(keyword)?;
        (rest.is_empty() || rest.starts_with(OPERATORS)).then_some((*keyword, rest))
    })
}

/// The terms of a text: separated by spaces, except that a keyword, its operator and its value may be separated, too.
fn pieces(text: &str) -> Vec<String> {
    let mut pieces: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        let open = pieces.last_mut().filter(|last| {
            let lower = last.strip_prefix('!').unwrap_or(last).to_lowercase();
            match keyword(&lower) {
                Some((_, "")) => word.starts_with(OPERATORS),
                Some((_, rest)) => rest.chars().all(|c| OPERATORS.contains(&c)),
                None => false,
            }
        });
        match open {
            Some(last) => last.push_str(word),
            None => pieces.push(word.to_owned()),
        }
    }
    pieces
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

fn comparison(text: &str) -> Option<(Comparator, &str)> {
    COMPARISONS.iter().find_map(|(sign, comparison)| Some((*comparison, text.strip_prefix(sign)?)))
}

fn yuan(text: &str) -> Option<Money> {
    Money::parse(text.strip_suffix('元').unwrap_or(text), Currency::CNY).ok()
}

impl Age {
    fn parse(text: &str) -> Option<Self> {
        let unit = text.chars().last().filter(|c| UNITS.iter().any(|(unit, _)| unit == c))?;
        let digits = text.strip_suffix(unit).filter(|d| d.bytes().all(|b| b.is_ascii_digit()))?;
        Some(Self { count: digits.parse().ok()?, unit })
    }

    fn duration(self) -> Duration {
        let unit = UNITS.iter().find(|(unit, _)| *unit == self.unit).map_or(Duration::DAY, |(_, duration)| *duration);
        unit * i32::from(self.count)
    }
}

impl Test {
    fn matcher(&self, states: &[StateWords], now: Timestamp) -> Matcher {
        let called = |found: &dyn Fn(&StateWords) -> bool| {
            states.iter().filter(|state| found(state)).map(|state| state.code.clone()).collect()
        };
        match self {
            Self::Word(word) => {
                Matcher::Text { text: word.clone(), states: called(&|state| state.words.contains(word)) }
            }
            Self::State(text) => Matcher::State(called(&|state| {
                state.code.to_ascii_lowercase().contains(text) || state.words.contains(text)
            })),
            Self::Amount(comparison, limit) => Matcher::Amount(*comparison, *limit),
            Self::Since(age) => Matcher::Since(now - age.duration()),
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

impl fmt::Display for Filter {
    /// The text that parses as this filter.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, term) in self.terms.iter().enumerate() {
            f.write_str(if i > 0 { " " } else { "" })?;
            f.write_str(if term.negated { "!" } else { "" })?;
            match &term.test {
                Test::Word(word) => f.write_str(word)?,
                Test::State(state) => write!(f, "state:{state}")?,
                Test::Amount(comparison, amount) => {
                    let sign = COMPARISONS.iter().find(|(_, c)| c == comparison).map_or("=", |(sign, _)| sign);
                    write!(f, "amount{sign}{}", amount.plain())?;
                }
                Test::Since(age) => write!(f, "since:{}{}", age.count, age.unit)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::time::parse_rfc3339;
    use proptest::prelude::*;

    struct Subject<'a> {
        words: &'a str,
        state: StateWords,
        amount: Option<Money>,
        time: Option<Timestamp>,
    }

    fn holds(filter: &str, subject: &Subject<'_>) -> bool {
        let now = parse_rfc3339("2026-11-21T12:00:00+08:00").unwrap();
        let conditions = Filter::parse(filter).unwrap().conditions(std::slice::from_ref(&subject.state), now);
        let is = |states: &[String]| states.contains(&subject.state.code);
        conditions.iter().all(|condition| {
            let holds = match &condition.matcher {
                Matcher::Text { text, states } => subject.words.contains(text) || is(states),
                Matcher::State(states) => is(states),
                Matcher::Amount(comparison, limit) => {
                    subject.amount.is_some_and(|amount| comparison.holds(amount.minor, limit.minor))
                }
                Matcher::Since(at) => subject.time.is_some_and(|time| time >= *at),
            };
            holds != condition.negated
        })
    }

    #[test]
    fn terms_are_joined_by_and() {
        let state = StateWords { code: "DOING/MCH_COMPLETE/USER_PAYING".into(), words: "collecting 扣款中".into() };
        let subject = Subject {
            words: "so-1001 充电宝租借 oupf8 doing/mch_complete/user_paying",
            state,
            amount: Some(Money::cny(10_050)),
            time: parse_rfc3339("2026-11-20T12:00:00+08:00"),
        };
        for yes in [
            "",
            "SO-10",
            "充电宝 so",
            "state:doing",
            "state:扣款",
            "amount>100",
            "amount<=100.50",
            "since:1d",
            "since:2d amount=100.5",
            "!state:done",
            "!amount>200",
            "collecting",
        ] {
            assert!(holds(yes, &subject), "{yes}");
        }
        for no in ["so-2", "state:done", "amount<100", "since:23h", "!充电宝", "so amount>1000"] {
            assert!(!holds(no, &subject), "{no}");
        }
        let nothing = Subject { amount: None, time: None, ..subject };
        assert!(!holds("amount>0", &nothing) && !holds("since:9w", &nothing));
    }

    #[test]
    fn a_share_is_chosen_by_its_glyph_and_taken_back() {
        let filter = |text: &str| Filter::parse(text).unwrap();
        let failed = filter("wang").toggled_share("✗");
        assert_eq!((failed.to_string().as_str(), failed.share()), ("wang state:✗", Some("✗")));
        assert_eq!(filter(&failed.to_string()), failed);
        assert_eq!(failed.toggled_share("✓").to_string(), "wang state:✓", "one at a time");
        assert_eq!(failed.toggled_share("✗"), filter("wang"));
        assert_eq!(filter("state:doing !state:✗").share(), None, "what was typed stays");
        assert_eq!(filter("state:好").share(), None, "a word, not a glyph");
    }

    #[test]
    fn a_malformed_term_is_named_with_what_it_needs() {
        let cases = [
            ("so amount>", "filter-needs-amount", "amount>"),
            ("amount>1,0", "filter-needs-amount", "amount>1,0"),
            ("since:2y", "filter-needs-age", "since:2y"),
            ("since:", "filter-needs-age", "since:"),
            ("state:", "filter-needs-state", "state:"),
            ("!", "filter-needs-term", "!"),
            ("so amount", "filter-needs-amount", "amount"),
            ("state", "filter-needs-state", "state"),
            ("!since", "filter-needs-age", "!since"),
            (">100", "filter-needs-keyword", ">100"),
            ("＞ so", "filter-needs-keyword", ">"),
        ];
        for (text, message, term) in cases {
            assert_eq!(Filter::parse(text), Err(FilterError { message, term: term.into() }), "{text}");
        }
    }

    #[test]
    fn a_keyword_that_is_only_begun_does_not_filter_yet() {
        for (typed, meant) in [
            ("so amo", "so"),
            ("!st", ""),
            ("so amount", "so"),
            ("so amount ", "so amount"),
            ("x", "x"),
            ("ａｍｏ", ""),
        ] {
            assert_eq!(Filter::parse_typed(typed), Filter::parse(meant), "{typed}");
        }
    }

    #[test]
    fn what_is_written_in_other_ways_means_the_same() {
        for (written, meant) in [
            ("ａｍｏｕｎｔ＞１００", "amount>100"),
            ("amount > 100", "amount>100"),
            ("so !amount >= ￥1,200.50元 x", "so !amount>=1200.5 x"),
            ("amount>100元", "amount>100"),
            ("state：DOING", "state:doing"),
            ("state=DOING since：2d", "state:doing since:2d"),
            ("state : DOING", "state:doing"),
            ("充电宝\u{3000}so", "充电宝 so"),
        ] {
            assert_eq!(Filter::parse(written), Filter::parse(meant), "{written}");
            assert!(Filter::parse(written).is_ok(), "{written}");
        }
    }

    proptest! {
        #[test]
        fn a_filter_survives_being_printed_and_read(
            text in "(!?(state:[a-z_/]{1,8}|amount(>|<|>=|<=|=)[0-9]{1,6}(\\.[0-9]{1,2})?|since:[0-9]{1,3}[mhdw]|[A-Za-z0-9分_-]{1,6}) ){0,4}"
        ) {
            let filter = Filter::parse(&text).unwrap();
            prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = Filter::parse_typed(&text);
            if let Ok(filter) = Filter::parse(&text) {
                prop_assert_eq!(Filter::parse(&filter.to_string()), Ok(filter));
            }
        }
    }
}
