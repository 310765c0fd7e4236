//! The conditions of a filter in SQL, and the ranges of the indexes that they imply.

use rusqlite::types::Value;

use crate::ledger::sqlite::convert::millis;
use crate::ledger::sqlite::pattern;
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

/// What every row that meets the conditions is within.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Bounds {
    /// `None`: any state.
    pub states: Option<Vec<String>>,
    pub time: Range,
    pub amount: Range,
}

impl Bounds {
    pub(super) fn of(conditions: &[Condition]) -> Self {
        let mut bounds = Self::default();
        conditions.iter().filter(|condition| !condition.negated).for_each(|one| bounds.narrow(&one.matcher));
        bounds
    }

    fn narrow(&mut self, matcher: &Matcher) {
        match matcher {
            Matcher::State(states) => {
                let both = |known: &Vec<String>| known.iter().filter(|one| states.contains(one)).cloned().collect();
                self.states = Some(self.states.as_ref().map_or_else(|| states.clone(), both));
            }
            Matcher::Since(at) => self.time.from(millis(*at)),
            Matcher::Before(at) => self.time.to(millis(*at).saturating_sub(1)),
            Matcher::Amount(comparison, limit) => {
                let (low, high) = least_and_most(*limit);
                if matches!(comparison, Comparator::Above | Comparator::AtLeast | Comparator::Equal) {
                    self.amount.from(low);
                }
                if matches!(comparison, Comparator::Below | Comparator::AtMost | Comparator::Equal) {
                    self.amount.to(high);
                }
            }
            Matcher::All(all) => all.iter().for_each(|one| self.narrow(one)),
            Matcher::Text { .. } | Matcher::Regex(_) | Matcher::Problem { .. } => {}
        }
    }
}

/// A limit is in hundredths of a major unit: the least and the most that it can be in the smallest units of a currency.
fn least_and_most(limit: Money) -> (i64, i64) {
    let (whole, thousandths) = (limit.minor / 100, limit.minor.saturating_mul(10));
    (whole.min(thousandths), whole.max(thousandths))
}

/// Conditions in SQL, each with an AND before it, and their values in order.
pub(super) fn sql_of(conditions: &[Condition]) -> (String, Vec<Value>) {
    let (mut sql, mut values) = (String::new(), Vec::new());
    for Condition { negated, matcher } in conditions {
        let text = test(matcher, &mut values);
        // A missing value meets no condition, and so every negated one. `IS TRUE` would hide the others from the indexes.
        let test = if *negated { " IS NOT TRUE" } else { "" };
        sql.push_str(&format!(" AND ({text}){test}"));
    }
    (sql, values)
}

/// One condition in SQL; appends its values.
fn test(matcher: &Matcher, values: &mut Vec<Value>) -> String {
    let marks = |states: &[String]| vec!["?"; states.len()].join(", ");
    match matcher {
        Matcher::Text { text, states } => {
            values.push(Value::from(text.clone()));
            values.extend(states.iter().cloned().map(Value::from));
            format!("(instr(words, ?) OR state IN ({}))", marks(states))
        }
        Matcher::Regex(pattern) => {
            values.push(Value::from(pattern.clone()));
            format!("{}(?, words)", pattern::FUNCTION)
        }
        Matcher::State(states) => {
            values.extend(states.iter().cloned().map(Value::from));
            format!("state IN ({})", marks(states))
        }
        Matcher::Amount(comparison, limit) => {
            values.push(Value::from(limit.minor));
            let sign = match comparison {
                Comparator::Above => ">",
                Comparator::AtLeast => ">=",
                Comparator::Below => "<",
                Comparator::AtMost => "<=",
                Comparator::Equal => "=",
            };
            // A limit is in hundredths of a major unit; currencies have different smallest units.
            let codes = |codes: &[&str]| codes.iter().map(|code| format!("'{code}'")).collect::<Vec<_>>().join(", ");
            let (whole, three) = (codes(&Currency::WITHOUT_DECIMALS), codes(&Currency::WITH_THREE));
            format!(
                "amount * CASE WHEN currency IN ({whole}) THEN 1000 WHEN currency IN ({three}) THEN 1 ELSE 10 END
                 {sign} 10 * ?"
            )
        }
        Matcher::Since(at) => {
            values.push(Value::from(millis(*at)));
            "time >= ?".to_owned()
        }
        Matcher::Before(at) => {
            values.push(Value::from(millis(*at)));
            "time < ?".to_owned()
        }
        Matcher::Problem { states, claimed, due } => {
            values.extend(states.iter().cloned().map(Value::from));
            values.extend([claimed, due].map(|at| Value::from(millis(*at))));
            // There are few open claims: they are looked up first, each once.
            format!(
                "(state IN ({}) OR object.id IN (SELECT claim.object FROM claim WHERE open = 1 AND heard_at <= ?)
                 OR object.id IN (SELECT awaited.object FROM awaited WHERE since <= ?))",
                marks(states)
            )
        }
        Matcher::All(all) => {
            let tests: Vec<String> = all.iter().map(|one| format!("({})", test(one, values))).collect();
            if tests.is_empty() { "TRUE".to_owned() } else { tests.join(" AND ") }
        }
    }
}
