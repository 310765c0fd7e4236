//! The ranges of indexed columns, and the texts, that the conditions of a filter imply.

use rusqlite::Connection;
use rusqlite::types::Value;

use crate::ledger::LedgerError;
use crate::ledger::sqlite::convert::millis;
use crate::model::filter::{Comparator, Condition, Matcher};
use crate::model::{Currency, Money};

/// A range of an indexed column, both ends included.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Range {
    low: Option<i64>,
    high: Option<i64>,
}

impl Range {
    fn from(&mut self, low: i64) {
        self.low = Some(self.low.map_or(low, |known| known.max(low)));
    }

    fn to(&mut self, high: i64) {
        self.high = Some(self.high.map_or(high, |known| known.min(high)));
    }

    pub(super) fn is_whole(self) -> bool {
        self == Self::default()
    }

    /// In SQL, each end with an AND before it, and the values.
    pub(super) fn sql(self, column: &str) -> (String, Vec<Value>) {
        let ends = [(">=", self.low), ("<=", self.high)].into_iter().filter_map(|(sign, end)| Some((sign, end?)));
        let ends: Vec<_> = ends.collect();
        let sql = ends.iter().map(|(sign, _)| format!(" AND {column} {sign} ?")).collect();
        (sql, ends.into_iter().map(|(_, end)| Value::from(end)).collect())
    }
}

/// More states than this are not merged.
const MERGED: usize = 16;

/// What every row that meets the conditions is within.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FilterBounds {
    /// `None`: any state.
    pub states: Option<Vec<String>>,
    pub time: Range,
    pub amount: Range,
    /// All of these are among its words.
    pub texts: Vec<String>,
}

impl FilterBounds {
    /// `currencies`: all that rows have.
    pub(super) fn of(conditions: &[Condition], currencies: &[Currency]) -> Self {
        let mut bounds = Self::default();
        let conditions = conditions.iter().filter(|condition| !condition.negated);
        conditions.for_each(|condition| bounds.narrow(&condition.matcher, currencies));
        bounds
    }

    pub(super) fn time_is_bound(&self) -> bool {
        !self.time.is_whole()
    }

    /// The states, if they are few enough for each to be read on its own.
    pub(super) fn merged_states(&self) -> Option<&[String]> {
        self.states.as_deref().filter(|states| (1..=MERGED).contains(&states.len()))
    }

    fn narrow(&mut self, matcher: &Matcher, currencies: &[Currency]) {
        match matcher {
            Matcher::State(states) => {
                let both = |known: &Vec<String>| known.iter().filter(|one| states.contains(one)).cloned().collect();
                self.states = Some(self.states.as_ref().map_or_else(|| states.clone(), both));
            }
            Matcher::Since(at) => self.time.from(millis(*at)),
            Matcher::Before(at) => self.time.to(millis(*at).saturating_sub(1)),
            Matcher::Amount(comparison, limit) => {
                let (low, high) = least_and_most(*limit, currencies);
                if matches!(comparison, Comparator::Above | Comparator::AtLeast | Comparator::Equal) {
                    self.amount.from(low);
                }
                if matches!(comparison, Comparator::Below | Comparator::AtMost | Comparator::Equal) {
                    self.amount.to(high);
                }
            }
            Matcher::All(all) => all.iter().for_each(|one| self.narrow(one, currencies)),
            // Where states have that name, a row need not have it among its words.
            Matcher::Text { text, states } if states.is_empty() => self.texts.push(text.clone()),
            Matcher::Text { .. }
            | Matcher::Regex(_)
            | Matcher::Type { .. }
            | Matcher::Problem { .. }
            | Matcher::Any(_) => {}
        }
    }
}

/// A limit is in hundredths of a major unit: the least and the most that it is in the smallest units of these currencies.
fn least_and_most(limit: Money, currencies: &[Currency]) -> (i64, i64) {
    let own = |currency: &Currency| match currency.decimals() {
        0 => limit.minor.div_euclid(100),
        3 => limit.minor.saturating_mul(10),
        _ => limit.minor,
    };
    let own = currencies.iter().map(own);
    (own.clone().min().unwrap_or(i64::MIN), own.max().unwrap_or(i64::MAX))
}

/// The currencies of a list's rows. What has none counts in hundredths.
pub(super) fn currencies(connection: &Connection, list: i64) -> Result<Vec<Currency>, LedgerError> {
    let mut statement =
        connection.prepare_cached("SELECT DISTINCT currency FROM tally WHERE list = ?1 AND count > 0")?;
    let codes = statement.query_map([list], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    Ok(codes.iter().map(|code| Currency::parse(code).unwrap_or(Currency::CNY)).collect())
}
