//! Reads the filter language.

use super::language::{Language, OPERATORS, Qualifier, like_qualifier};
use super::suggest::FilterError;
use super::when::{Days, Moment};
use super::{Filter, Term, Test, amount, fold, regex};

/// A term as it is written, without the `!`.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    negated: bool,
    body: Body,
}

#[derive(Debug, PartialEq, Eq)]
enum Body {
    Bare(String),
    Phrase(String),
    Regex(String),
}

/// The term that is being typed: where it begins, and its text without the `!`, in lower case.
#[derive(Debug, PartialEq, Eq)]
pub struct LastTerm {
    /// In bytes of the text.
    pub start: usize,
    pub text: String,
}

impl Filter {
    /// Parses the filter of a table of objects.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        Self::parse_in(Language::OBJECTS, text)
    }

    pub(crate) fn parse_in(language: Language, text: &str) -> Result<Self, FilterError> {
        let terms = pieces(language, &fold(text)).into_iter().map(|piece| Term::parse(language, piece));
        terms.collect::<Result<_, _>>().map(|terms| Self { terms })
    }

    /// Parses a filter while it is typed: a term that is only begun does not filter yet, else the table would be empty
    /// until it is complete.
    pub(crate) fn parse_typed(language: Language, text: &str) -> Result<Self, FilterError> {
        let LastTerm { start, text: last } = LastTerm::of(text);
        let names = || language.qualifiers.iter().flat_map(|(_, names)| names.iter());
        let begun = names().any(|name| name.starts_with(&last)) && !last.is_empty();
        let mark = matches!(&*last, "/" | "\"" | "“");
        Self::parse_in(language, if begun || mark { &text[..start] } else { text })
    }
}

impl LastTerm {
    pub fn of(text: &str) -> Self {
        let start = text.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
        let last = fold(&text[start..]).trim_start_matches('!').to_lowercase();
        Self { start, text: last }
    }

    /// Its qualifier and the value so far.
    pub(crate) fn qualified(&self, language: Language) -> Option<(Qualifier, &str)> {
        let (qualifier, rest) = language.qualifier(&self.text)?;
        Some((qualifier, rest.strip_prefix([':', '='])?))
    }
}

/// The terms of a text: separated by spaces, except within quotes and regular expressions, and except that a qualifier,
/// its operator and its value may be separated, too.
fn pieces(language: Language, text: &str) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let (negated, body) = rest.strip_prefix('!').map_or((false, rest), |body| (true, body));
        let (piece, after) = match body.chars().next() {
            // The marks of a Chinese keyboard, too.
            Some(opening @ ('"' | '“' | '”')) => {
                let (phrase, after) = until(&body[opening.len_utf8()..], |c| matches!(c, '"' | '”'));
                (Body::Phrase(phrase.to_lowercase()), after)
            }
            Some('/') => {
                let mut escaped = false;
                let (pattern, after) = until(&body[1..], |c| {
                    let ends = c == '/' && !escaped;
                    escaped = c == '\\' && !escaped;
                    ends
                });
                (Body::Regex(pattern.to_owned()), after)
            }
            _ => {
                let end = body.find(char::is_whitespace).unwrap_or(body.len());
                (Body::Bare(body[..end].to_owned()), &body[end..])
            }
        };
        rest = after.trim_start();
        match (pieces.last_mut(), piece) {
            (Some(Piece { body: Body::Bare(last), .. }), Body::Bare(word))
                if !negated && continues(language, last, &word) =>
            {
                last.push_str(&word);
            }
            (_, body) => pieces.push(Piece { negated, body }),
        }
    }
    pieces
}

/// The text up to a character, and what is after it; all of the text if there is none.
fn until(text: &str, mut ends: impl FnMut(char) -> bool) -> (&str, &str) {
    match text.char_indices().find(|(_, c)| ends(*c)) {
        Some((at, c)) => (&text[..at], &text[at + c.len_utf8()..]),
        None => (text, ""),
    }
}

/// Whether a word belongs to the qualifier before it.
fn continues(language: Language, last: &str, word: &str) -> bool {
    match language.qualifier(&last.to_lowercase()) {
        Some((_, "")) => word.starts_with(OPERATORS),
        Some((_, rest)) => rest.chars().all(|c| OPERATORS.contains(&c)),
        None => false,
    }
}

impl Term {
    fn parse(language: Language, Piece { negated, body }: Piece) -> Result<Self, FilterError> {
        let mark = if negated { "!" } else { "" };
        let test = match body {
            Body::Phrase(phrase) if phrase.trim().is_empty() => {
                Err(FilterError::new("filter-needs-phrase", mark, "\""))
            }
            Body::Phrase(phrase) => Ok(Test::Word(phrase)),
            Body::Regex(pattern) if pattern.is_empty() => Err(FilterError::new("filter-needs-pattern", mark, "/")),
            Body::Regex(pattern) => match regex(&pattern) {
                Ok(_) => Ok(Test::Regex(pattern)),
                Err(_) => Err(FilterError::new("filter-bad-pattern", mark, &format!("/{pattern}/"))),
            },
            Body::Bare(text) => bare(language, &text, mark),
        };
        test.map(|test| Self { negated, test })
    }
}

fn bare(language: Language, text: &str, mark: &str) -> Result<Test, FilterError> {
    let lower = text.to_lowercase();
    let Some((qualifier, rest)) = language.qualifier(&lower) else {
        if lower.is_empty() {
            return Err(FilterError::new("filter-needs-term", mark, text));
        }
        if lower.starts_with(OPERATORS) {
            return Err(FilterError::new("filter-needs-keyword", mark, text));
        }
        return match like_qualifier(&lower) {
            Some(name) => Err(FilterError::unknown(language, name, &lower[name.len()..], mark)),
            None => Ok(Test::Word(lower)),
        };
    };
    let value = rest.strip_prefix([':', '=']);
    let test = match qualifier {
        Qualifier::State => value.filter(|state| !state.is_empty()).map(|state| Test::State(state.to_owned())),
        Qualifier::Type => value.filter(|about| !about.is_empty()).map(|about| Test::Type(about.to_owned())),
        Qualifier::Since => value.and_then(Moment::parse).map(Test::Since),
        Qualifier::Before => value.and_then(Moment::parse).map(Test::Before),
        Qualifier::On => value.and_then(Days::parse).map(Test::On),
        Qualifier::Amount => amount(rest),
    };
    test.ok_or_else(|| FilterError::malformed(language, qualifier, text, rest, mark))
}
