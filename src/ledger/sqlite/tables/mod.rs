//! The queries of tables: pages of an order, and sums. No document is read here.

mod bounds;
mod walk;

use rusqlite::types::Value;
use rusqlite::{Row, params_from_iter};

use self::walk::Walk;
use super::Sqlite;
use super::conditions::{Searched, sql_of};
use super::convert::{lenient, millis, object_id, timestamp};
use crate::ledger::engine::Tables;
use crate::ledger::query::{Anchor, Group, HourGroup, Query, Stop, TablePage};
use crate::ledger::{LedgerError, Listed, Seen, Source};
use crate::model::filter::{Condition, Matcher};
use crate::model::time::Timestamp;
use crate::model::{Currency, Kind, Money, ObjectId, Progress, State, Summary};

/// The columns that [`listed`] reads.
pub(super) const LISTED: &str = "number, origin, source, verified_at, final, state, platform_number, title, user, \
     amount, currency, second, second_currency, done, total, time, ends, label, quantity, days";

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
        let tallied = conditions.iter().all(|condition| matches!(condition.matcher, Matcher::State(_)));
        let (condition, values) = sql_of(Searched::Objects, conditions);
        let sql = if tallied {
            format!("SELECT state, currency, count, high, low FROM tally WHERE list = ? AND count > 0 {condition}")
        } else {
            format!(
                "SELECT ifnull(state, ''), ifnull(currency, ''), count(*), {HALVES} FROM object
                 WHERE list = ? {condition} GROUP BY 1, 2"
            )
        };
        let mut statement = connection.prepare_cached(&sql)?;
        let values = [Value::from(list)].into_iter().chain(values);
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
        let (condition, values) = sql_of(Searched::Objects, conditions);
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

/// An hour in milliseconds.
const HOUR: i64 = 3_600_000;

/// Reads [`LISTED`] from a column on. `None` for a number that this version cannot parse.
pub(super) fn listed(kind: Kind, row: &Row<'_>, from: usize) -> rusqlite::Result<Option<Listed>> {
    // An unreadable row or column must not hide the others: unreadable values count as missing.
    let text = |at: usize| lenient::<String>(row, from + at);
    let number = |at: usize| lenient::<i64>(row, from + at);
    let Some(id) = text(0).and_then(|number| object_id(kind, &number)) else { return Ok(None) };
    let origin = Source::from_name(&text(1).unwrap_or_default());
    let (verified_at, state) = (number(3), text(5));
    let Some((verified_at, code)) = verified_at.and_then(timestamp).zip(state) else {
        return Ok(Some(Listed { id, origin, seen: None }));
    };
    let money = |at: usize| {
        let currency = text(at + 1).and_then(|code| Currency::parse(&code));
        number(at).zip(currency).map(|(minor, currency)| Money { minor, currency })
    };
    let time = |at: usize| number(at).and_then(timestamp);
    let count = |at: usize| number(at).and_then(|n| u64::try_from(n).ok());
    let progress = count(13).zip(count(14));
    let summary = Summary {
        state: State { is_final: lenient(row, from + 4).unwrap_or(false), ..kind.state(&code) },
        platform_number: text(6),
        title: text(7),
        user: text(8),
        amount: money(9),
        second: money(11),
        progress: progress.map(|(done, total)| Progress { done, total }),
        time: time(15),
        ends: time(16),
        label: text(17),
        quantity: number(18),
        days: number(19),
    };
    let source = Source::from_name(&text(2).unwrap_or_default());
    Ok(Some(Listed { id, origin, seen: Some(Seen { summary, verified_at, source }) }))
}

/// The two halves of a sum of amounts: neither can overflow, however many rows there are and whatever their amounts.
pub(super) const HALVES: &str = "ifnull(sum(amount >> 32), 0), ifnull(sum(amount & 4294967295), 0)";

/// Reads state, currency, count and the two halves of the amount from a column on.
pub(super) fn group(kind: Kind, row: &Row<'_>, from: usize) -> rusqlite::Result<Group> {
    let (state, currency): (String, String) = (row.get(from)?, row.get(from + 1)?);
    let count: i64 = row.get(from + 2)?;
    let (high, low): (i64, i64) = (row.get(from + 3)?, row.get(from + 4)?);
    Ok(Group {
        state: (!state.is_empty()).then(|| kind.state(&state)),
        currency: Currency::parse(&currency),
        count: u64::try_from(count).unwrap_or_default(),
        amount: (i128::from(high) << 32) + i128::from(low),
    })
}
