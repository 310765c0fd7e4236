//! Times of a filter: ages, days, moments. A day is one of Beijing.

use std::fmt;

use super::language::DAY_WORDS;
use crate::model::time::{
    Date, Duration, Timestamp, beijing_day, day, in_beijing, midnight, parse_compact, parse_day, parse_typed, rfc3339,
};

/// A number of minutes, hours, days or weeks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Age {
    count: u16,
    unit: char,
}

const UNITS: [(char, Duration); 4] =
    [('m', Duration::MINUTE), ('h', Duration::HOUR), ('d', Duration::DAY), ('w', Duration::WEEK)];

/// A day: a date, or so many days ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Day {
    Date(Date),
    Ago(u16),
}

/// From one day to another, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Days(Day, Day);

/// A moment: so long ago, the beginning of a day, or a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    Age(Age),
    Day(Day),
    At(Timestamp),
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

impl Day {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let named = DAY_WORDS.iter().find(|(word, _)| *word == text).map(|(_, ago)| Self::Ago(*ago));
        let compact = || parse_compact(text).filter(|_| text.len() == 8).map(beijing_day);
        named.or_else(|| parse_day(text).or_else(compact).map(Self::Date))
    }

    fn on(self, now: Timestamp) -> Date {
        match self {
            Self::Date(date) => date,
            Self::Ago(days) => beijing_day(now - Duration::DAY * i32::from(days)),
        }
    }
}

impl Days {
    pub(super) fn parse(text: &str) -> Option<Self> {
        match text.split_once("..") {
            Some((from, to)) => Some(Self(Day::parse(from)?, Day::parse(to)?)),
            None => Day::parse(text).map(|day| Self(day, day)),
        }
    }

    /// The first and the last day.
    pub(super) fn on(self, now: Timestamp) -> (Date, Date) {
        let (one, other) = (self.0.on(now), self.1.on(now));
        (one.min(other), one.max(other))
    }
}

impl Moment {
    pub(super) fn parse(text: &str) -> Option<Self> {
        // A filter is in lower case; RFC 3339 is not.
        let at = || parse_typed(&text.to_uppercase()).and_then(|at| in_beijing(at).replace_nanosecond(0).ok());
        let age = Age::parse(text).map(Self::Age);
        age.or_else(|| Day::parse(text).map(Self::Day)).or_else(|| at().map(Self::At))
    }

    pub(super) fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Age(age) => now - age.duration(),
            Self::Day(day) => midnight(day.on(now)),
            Self::At(at) => at,
        }
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Date(date) => f.write_str(&day(*date)),
            Self::Ago(days) => {
                let word = DAY_WORDS.iter().find(|(_, ago)| ago == days).map_or("today", |(word, _)| word);
                f.write_str(word)
            }
        }
    }
}

impl fmt::Display for Days {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0 == self.1 { self.0.fmt(f) } else { write!(f, "{}..{}", self.0, self.1) }
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Age(age) => write!(f, "{}{}", age.count, age.unit),
            Self::Day(day) => day.fmt(f),
            Self::At(at) => f.write_str(rfc3339(*at).trim_end_matches("+08:00")),
        }
    }
}
