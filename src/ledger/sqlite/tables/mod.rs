//! The queries of tables: pages of an order, and sums. No document is read here.

mod ranges;
mod rows;
mod walk;

pub(super) use self::rows::{HALVES, LISTED, group, listed};

use rusqlite::params_from_iter;
use rusqlite::types::Value;

use self::ranges::{FilterBounds, currencies};
use self::walk::{Arm, Walk};
use super::Sqlite;
use super::conditions::{SqlTable, sql_of};
use super::convert::millis;
use crate::ledger::LedgerError;
use crate::ledger::engine::Tables;
use crate::ledger::query::{Anchor, Group, HourGroup, Query, Stop, TablePage};
use crate::model::filter::{Condition, Matcher};
use crate::model::time::Timestamp;
use crate::model::{Currency, Kind, ObjectId, State};

impl Tables for Sqlite {
    fn window(
        &self,
        profile: &str,
        query: &Query,
        anchor: &Anchor,
        reach: (usize, usize),
        kept: Option<&ObjectId>,
        stop: &Stop,
    ) -> Result<TablePage, LedgerError> {
        let connection = self.stoppable_reader(stop)?;
        let Some(list) = self.list(&connection, profile, query.kind)? else {
            return Ok(TablePage { rows: Vec::new(), anchor: 0, at_start: true, at_end: true });
        };
        // All rows of the page are from one snapshot.
        let snapshot = connection.unchecked_transaction()?;
        let walk = Walk::new(&snapshot, list, query, kept)?;
        walk.window(anchor, reach)
    }

    fn totals(
        &self,
        profile: &str,
        kind: Kind,
        conditions: &[Condition],
        stop: &Stop,
    ) -> Result<Vec<Group>, LedgerError> {
        let connection = self.stoppable_reader(stop)?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok(Vec::new()) };
        // How the rows are read is chosen on the same snapshot.
        let snapshot = connection.unchecked_transaction()?;
        let tallied = conditions.iter().all(|condition| matches!(condition.matcher, Matcher::State(_)));
        let (condition, values) = sql_of(SqlTable::Objects, conditions);
        let (sql, values) = if tallied {
            let sql = "SELECT state, currency, count, high, low FROM tally WHERE list = ? AND count > 0";
            (format!("{sql} {condition}"), [Value::from(list)].into_iter().chain(values).collect())
        } else {
            let bounds = FilterBounds::of(conditions, &currencies(&snapshot, list)?);
            let arms = match walk::few(&snapshot, list, &bounds, None)? {
                Some(arms) => arms,
                None if bounds.time_is_bound() || !reads_words(conditions) => vec![Arm::by_time()],
                None => vec![Arm::all(&snapshot, list)?],
            };
            sums(list, &arms, (&condition, &values))
        };
        let mut statement = snapshot.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), |row| group(kind, row, 0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn by_hour(
        &self,
        profile: &str,
        kind: Kind,
        conditions: &[Condition],
        (since, hours): (Timestamp, usize),
        stop: &Stop,
    ) -> Result<Vec<HourGroup>, LedgerError> {
        let connection = self.stoppable_reader(stop)?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok(Vec::new()) };
        let (condition, values) = sql_of(SqlTable::Objects, conditions);
        // The range of times is what bounds the work; a condition must not lead to another index.
        let sql = format!(
            "SELECT (time - ?1) / {HOUR}, ifnull(currency, ''), count(*), {HALVES}
             FROM object INDEXED BY object_time WHERE list = ? AND time >= ?1 AND time < ? {condition} GROUP BY 1, 2"
        );
        let from = millis(since);
        let until = from.saturating_add(HOUR.saturating_mul(i64::try_from(hours).unwrap_or(i64::MAX)));
        let mut statement = connection.prepare_cached(&sql)?;
        let values = [from, list, until].map(Value::from).into_iter().chain(values);
        let rows = statement.query_map(params_from_iter(values), |row| {
            let (hour, currency, count): (i64, String, i64) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let (high, low): (i64, i64) = (row.get(3)?, row.get(4)?);
            Ok(HourGroup {
                hour: usize::try_from(hour).unwrap_or_default(),
                currency: Currency::parse(&currency),
                count: u64::try_from(count).unwrap_or_default(),
                amount: (i128::from(high) << 32) + i128::from(low),
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn states(&self, profile: &str, kind: Kind) -> Result<Vec<State>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok(Vec::new()) };
        let sql = "SELECT DISTINCT state FROM tally WHERE list = ?1 AND count > 0 AND state <> '' ORDER BY state";
        let mut statement = connection.prepare_cached(sql)?;
        let codes = statement.query_map([list], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
        Ok(codes.iter().map(|code| kind.state(code)).collect())
    }
}

/// Whether conditions look at the words of a row.
fn reads_words(conditions: &[Condition]) -> bool {
    fn reads(matcher: &Matcher) -> bool {
        match matcher {
            Matcher::Text { .. } | Matcher::Regex(_) => true,
            Matcher::All(all) | Matcher::Any(all) => all.iter().any(reads),
            Matcher::State(_)
            | Matcher::Type { .. }
            | Matcher::Amount(..)
            | Matcher::Since(_)
            | Matcher::Before(_)
            | Matcher::Problem { .. } => false,
        }
    }
    conditions.iter().any(|condition| reads(&condition.matcher))
}

/// The sums of these rows.
fn sums(list: i64, arms: &[Arm], (condition, conditions): (&str, &[Value])) -> (String, Vec<Value>) {
    let (mut parts, mut values) = (Vec::new(), Vec::new());
    for Arm { from, within, values: bounds } in arms {
        parts.push(format!("SELECT state, currency, amount FROM {from} WHERE list = ? {within} {condition}"));
        values.push(Value::from(list));
        values.extend(bounds.iter().chain(conditions).cloned());
    }
    let rows = parts.join(" UNION ALL ");
    let sql = "SELECT ifnull(state, ''), ifnull(currency, ''), count(*)";
    (format!("{sql}, {HALVES} FROM ({rows}) GROUP BY 1, 2"), values)
}

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;
