//! A walk along the order of a table. A page is found by walking from a position (keyset paging), never by counting rows
//! from the start, so that the last page of a million rows costs as much as the first. By number, amount, time and
//! freshness an index is walked. A filter chooses another way where that is shorter: states are walked each in the
//! order of time and merged, and where few rows can meet a condition, these are read and sorted.

use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension, Row, params, params_from_iter};

use super::ranges::{FilterBounds, Range, currencies};
use super::rows::{LISTED, listed};
use crate::ledger::query::{Anchor, Query, Sort, SortBy, TablePage};
use crate::ledger::sqlite::conditions::{SqlTable, sql_of};
use crate::ledger::sqlite::convert::millis;
use crate::ledger::sqlite::words::WordRows;
use crate::ledger::{LedgerError, Listed};
use crate::model::{Kind, ObjectId};

/// So many rows are read and sorted in the time that a walk needs for a page.
#[cfg(not(test))]
const FEW: usize = 4096;
/// Tests have few rows, and take either way.
#[cfg(test)]
const FEW: usize = 8;

/// The sort expression in SQL.
fn column(by: SortBy) -> &'static str {
    match by {
        SortBy::Number => "number",
        SortBy::Platform => "platform_number",
        SortBy::Title => "title",
        SortBy::User => "user",
        SortBy::State => "state",
        SortBy::Amount => "amount",
        SortBy::Second => "second",
        SortBy::Progress => "(done * 100 / max(total, 1))",
        SortBy::Time => "time",
        SortBy::Ends => "ends",
        SortBy::Label => "label",
        SortBy::Quantity => "quantity",
        SortBy::Days => "days",
        SortBy::Verified => "verified_at",
    }
}

/// The direction of a walk from a position in the order.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Direction {
    Forward,
    Backward,
}

/// A position: the row's sort value and id.
struct Place {
    key: Value,
    id: i64,
}

/// A part of the rows.
pub(super) struct Arm {
    /// The table, and the index to use.
    pub from: String,
    /// The rows of this arm, with an AND before each condition.
    pub within: String,
    pub values: Vec<Value>,
}

/// The table in the order in which it is stored.
const BY_ID: &str = "object NOT INDEXED";

impl Arm {
    /// All rows of a list, in no order that an index has: as they are stored, unless most are of other lists.
    pub(super) fn all(connection: &Connection, list: i64) -> Result<Self, LedgerError> {
        let is_large: bool = connection
            .prepare_cached(
                "SELECT ifnull(sum(count) FILTER (WHERE list = ?1), 0) * 4 >= ifnull(sum(count), 0) FROM tally",
            )?
            .query_row([list], |row| row.get(0))?;
        let from = if is_large { BY_ID } else { "object" };
        Ok(Self { from: from.to_owned(), within: String::new(), values: Vec::new() })
    }

    /// All rows, from the index that has what is added up.
    pub(super) fn by_time() -> Self {
        Self { from: "object INDEXED BY object_time".to_owned(), within: String::new(), values: Vec::new() }
    }
}

/// The rows before or after a position that have a sort value, or that have none.
struct Stretch {
    sql: String,
    values: Vec<Value>,
    /// Rows without a sort value.
    is_absent: bool,
}

/// One query's order and conditions.
pub(super) struct Walk<'a> {
    connection: &'a Connection,
    kind: Kind,
    list: i64,
    sort: Sort,
    condition: String,
    values: Vec<Value>,
    arms: Vec<Arm>,
    /// The conditions exclude rows without a sort value.
    is_present: bool,
    /// The row that is included whatever the conditions.
    kept: Option<String>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(
        connection: &'a Connection,
        list: i64,
        query: &Query,
        kept: Option<&ObjectId>,
    ) -> Result<Self, LedgerError> {
        let (condition, values) = sql_of(SqlTable::Objects, &query.conditions);
        let (sort, bounds) = (query.sort, FilterBounds::of(&query.conditions, &currencies(connection, list)?));
        let own = match sort.by {
            SortBy::Time => bounds.time,
            SortBy::Amount => bounds.amount,
            _ => Range::default(),
        };
        let kept = kept.filter(|_| !condition.is_empty()).map(|kept| kept.number.as_str().to_owned());
        let arms = arms(connection, list, sort.by, &bounds)?;
        let is_present = !own.is_whole();
        Ok(Self { connection, kind: query.kind, list, sort, condition, values, arms, is_present, kept })
    }

    pub(super) fn window(&self, anchor: &Anchor, (before, after): (usize, usize)) -> Result<TablePage, LedgerError> {
        let place = match anchor {
            Anchor::At(id) => self.place(id)?,
            // No row has this id, so the position is between rows.
            Anchor::Beside { time, behind } => {
                let key = time.map_or(Value::Null, |at| Value::from(millis(at)));
                Some(Place { key, id: if *behind == self.sort.descending { i64::MIN } else { i64::MAX } })
            }
            Anchor::Start | Anchor::End => None,
        };
        let all = before.saturating_add(after);
        let mut window = TablePage { rows: Vec::new(), anchor: 0, at_start: true, at_end: true };
        match (place, anchor) {
            (Some(place), _) => {
                (window.rows, window.at_start) = self.walk(Direction::Backward, Some(&place), before)?;
                window.rows.reverse();
                window.anchor = window.rows.len();
                let (rows, at_end) = self.walk(Direction::Forward, Some(&place), after)?;
                window.rows.extend(rows);
                window.at_end = at_end;
            }
            (None, Anchor::End) => {
                (window.rows, window.at_start) = self.walk(Direction::Backward, None, all)?;
                window.rows.reverse();
                window.anchor = window.rows.len().saturating_sub(1);
            }
            (None, _) => (window.rows, window.at_end) = self.walk(Direction::Forward, None, all)?,
        }
        Ok(window)
    }

    /// Where an object stands in this order.
    fn place(&self, id: &ObjectId) -> Result<Option<Place>, LedgerError> {
        let sql = format!("SELECT {}, id FROM object WHERE list = ?1 AND number = ?2", column(self.sort.by));
        let mut statement = self.connection.prepare_cached(&sql)?;
        let place = |row: &Row<'_>| Ok(Place { key: row.get(0)?, id: row.get(1)? });
        Ok(statement.query_row(params![self.list, id.number.as_str()], place).optional()?)
    }

    /// At most `limit` rows from a position (forward: including the row there; backward: the rows before it), or from
    /// the start or the end; and whether these are the last rows.
    fn walk(
        &self,
        direction: Direction,
        place: Option<&Place>,
        limit: usize,
    ) -> Result<(Vec<Listed>, bool), LedgerError> {
        let mut rows = Vec::new();
        for stretch in self.stretches(direction, place) {
            // One row more than `limit` shows whether there are more.
            let rest = (limit + 1).saturating_sub(rows.len());
            if rest == 0 {
                break;
            }
            let Some((sql, values)) = self.select(&stretch, direction, rest) else { continue };
            let mut statement = self.connection.prepare_cached(&sql)?;
            let found = statement.query_map(params_from_iter(values), |row| listed(self.kind, row, 0))?;
            rows.extend(found.collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
        }
        let ended = rows.len() <= limit;
        rows.truncate(limit);
        Ok((rows, ended))
    }

    /// Whether the walk is against the order of the index.
    fn is_descending(&self, direction: Direction) -> bool {
        self.sort.descending != (direction == Direction::Backward)
    }

    /// The stretches from a position on, in the order of the walk.
    fn stretches(&self, direction: Direction, place: Option<&Place>) -> Vec<Stretch> {
        let column = column(self.sort.by);
        let (beyond, from) = match (self.is_descending(direction), direction) {
            (false, Direction::Forward) => (">", ">="),
            (false, Direction::Backward) => (">", ">"),
            (true, Direction::Forward) => ("<", "<="),
            (true, Direction::Backward) => ("<", "<"),
        };
        // Missing values come last: they are one range, present values another.
        let all = |is_absent| {
            let is = if is_absent { "IS NULL" } else { "IS NOT NULL" };
            Stretch { sql: format!("{column} {is}"), values: Vec::new(), is_absent }
        };
        let (present, absent) = (all(false), all(true));
        match (place, direction) {
            (None, Direction::Forward) => vec![present, absent],
            (None, Direction::Backward) => vec![absent, present],
            (Some(place), _) if place.key == Value::Null => {
                let sql = format!("{column} IS NULL AND id {from} ?");
                let rest = Stretch { sql, values: vec![Value::from(place.id)], is_absent: true };
                if direction == Direction::Forward { vec![rest] } else { vec![rest, present] }
            }
            (Some(place), _) => {
                let equal = Stretch {
                    sql: format!("{column} = ? AND id {from} ?"),
                    values: vec![place.key.clone(), Value::from(place.id)],
                    is_absent: false,
                };
                let further =
                    Stretch { sql: format!("{column} {beyond} ?"), values: vec![place.key.clone()], is_absent: false };
                let end = (direction == Direction::Forward).then_some(absent);
                [equal, further].into_iter().chain(end).collect()
            }
        }
    }

    /// The rows of a stretch, in the order of the walk. `None` if there are none.
    fn select(&self, stretch: &Stretch, direction: Direction, limit: usize) -> Option<(String, Vec<Value>)> {
        let column = column(self.sort.by);
        let order = if self.is_descending(direction) { "DESC" } else { "ASC" };
        let limit = Value::from(i64::try_from(limit).unwrap_or(i64::MAX));
        let (mut parts, mut values) = (Vec::new(), Vec::new());
        let is_empty = stretch.is_absent && self.is_present;
        for Arm { from, within, values: bounds } in self.arms.iter().filter(|_| !is_empty) {
            parts.push(format!(
                "SELECT {LISTED}, {column} AS place, id FROM {from} WHERE list = ? AND {}{within}{}
                 ORDER BY {column} {order}, id {order} LIMIT ?",
                stretch.sql, self.condition
            ));
            values.push(Value::from(self.list));
            values.extend(stretch.values.iter().chain(bounds).chain(&self.values).cloned());
            values.push(limit.clone());
        }
        if let Some(kept) = &self.kept {
            // Only if it is not among the others.
            parts.push(format!(
                "SELECT {LISTED}, {column} AS place, id FROM object
                 WHERE list = ? AND number = ? AND {} AND (TRUE{}) IS NOT TRUE",
                stretch.sql, self.condition
            ));
            values.extend([Value::from(self.list), Value::from(kept.clone())]);
            values.extend(stretch.values.iter().chain(&self.values).cloned());
        }
        match parts.len() {
            0 => None,
            1 => Some((parts.remove(0), values)),
            _ => {
                values.push(limit);
                let parts: Vec<String> = parts.into_iter().map(|part| format!("SELECT * FROM ({part})")).collect();
                let all = parts.join(" UNION ALL ");
                Some((format!("{all} ORDER BY place {order}, id {order} LIMIT ?"), values))
            }
        }
    }
}

/// How the rows that may meet the conditions are read in this order.
fn arms(connection: &Connection, list: i64, by: SortBy, bounds: &FilterBounds) -> Result<Vec<Arm>, LedgerError> {
    if let Some(arms) = few(connection, list, bounds, Some(by))? {
        return Ok(arms);
    }
    let states = bounds.merged_states();
    let own = match by {
        SortBy::Time => bounds.time.sql("time"),
        SortBy::Amount => bounds.amount.sql("amount"),
        _ => Default::default(),
    };
    let (within, values) = own;
    let arm = |from: &str| Arm { from: from.to_owned(), within: within.clone(), values: values.clone() };
    Ok(match (by, states) {
        (SortBy::Time, Some(states)) => {
            let state = |state: &String| Arm {
                from: "object INDEXED BY object_state".to_owned(),
                within: format!(" AND state = ?{within}"),
                values: [Value::from(state.clone())].into_iter().chain(values.clone()).collect(),
            };
            states.iter().map(state).collect()
        }
        (SortBy::Time, None) => vec![arm("object INDEXED BY object_time")],
        (SortBy::Amount, _) => vec![arm("object INDEXED BY object_amount")],
        (SortBy::Number, _) => vec![arm("object")],
        (SortBy::Verified, _) => vec![arm("object INDEXED BY object_verified")],
        (
            SortBy::Platform
            | SortBy::Title
            | SortBy::User
            | SortBy::State
            | SortBy::Second
            | SortBy::Progress
            | SortBy::Ends
            | SortBy::Label
            | SortBy::Quantity
            | SortBy::Days,
            _,
        ) => vec![Arm::all(connection, list)?],
    })
}

/// How to read the rows that may meet the conditions if they are few. In the order `by`, the walk itself is bounded by
/// that column.
pub(super) fn few(
    connection: &Connection,
    list: i64,
    bounds: &FilterBounds,
    by: Option<SortBy>,
) -> Result<Option<Vec<Arm>>, LedgerError> {
    let mut ways = Vec::new();
    if by != Some(SortBy::Amount) && !bounds.amount.is_whole() {
        ways.push(("object_amount", bounds.amount.sql("amount")));
    }
    if by != Some(SortBy::Time) && !bounds.time.is_whole() {
        ways.push(("object_time", bounds.time.sql("time")));
    }
    // In the order of time, the states are merged, however many rows each of them has.
    if by != Some(SortBy::Time)
        && let Some(states) = bounds.merged_states()
    {
        let marks = vec!["?"; states.len()].join(", ");
        ways.push((
            "object_state",
            (format!(" AND state IN ({marks})"), states.iter().cloned().map(Value::from).collect()),
        ));
    }
    for (index, (within, values)) in ways {
        if is_few(connection, list, index, &within, &values)? {
            return Ok(Some(vec![Arm { from: format!("object INDEXED BY {index}"), within, values }]));
        }
    }
    // By the row's id.
    let arm = |(within, values)| Arm { from: BY_ID.to_owned(), within, values };
    Ok(WordRows::few(connection, &bounds.texts)?.map(|rows| rows.conditions().map(arm).into()))
}

/// Whether at most [`FEW`] rows are in a range of an index.
fn is_few(
    connection: &Connection,
    list: i64,
    index: &str,
    within: &str,
    values: &[Value],
) -> Result<bool, LedgerError> {
    let sql = format!(
        "SELECT count(*) FROM (SELECT 1 FROM object INDEXED BY {index} WHERE list = ?{within} LIMIT {})",
        FEW + 1
    );
    let values = [Value::from(list)].into_iter().chain(values.iter().cloned());
    let count: i64 = connection.prepare_cached(&sql)?.query_row(params_from_iter(values), |row| row.get(0))?;
    Ok(usize::try_from(count).is_ok_and(|count| count <= FEW))
}

#[cfg(test)]
mod tests;
