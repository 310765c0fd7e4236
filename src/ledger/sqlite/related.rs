//! Links between objects.

use rusqlite::{Row, params};

use super::Sqlite;
use super::convert::millis;
use super::tables::{HALVES, LISTED, group, listed};
use crate::ledger::engine::Relations;
use crate::ledger::{Group, LedgerError, Related};
use crate::model::time::Timestamp;
use crate::model::{Kind, Link, Number, ObjectId};

/// The links that name an object (`?1` its list, `?2` its number), by either of its numbers.
const NAMES: &str = "link.list = ?1 AND link.number IN (?2,
    (SELECT platform_number FROM object WHERE list = ?1 AND number = ?2))";

impl Relations for Sqlite {
    fn related(&self, profile: &str, id: &ObjectId, limit: usize) -> Result<Vec<Related>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(Vec::new()) };
        let named = format!(
            "SELECT kind, {LISTED} FROM object JOIN list ON list.id = object.list WHERE object.id IN (
                 SELECT named.id FROM link JOIN object named
                     ON named.list = link.list AND named.number = link.number AND NOT link.platform
                 WHERE link.object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)
                 UNION SELECT named.id FROM link JOIN object named
                     ON named.list = link.list AND named.platform_number = link.number AND link.platform
                 WHERE link.object = (SELECT id FROM object WHERE list = ?1 AND number = ?2))
             ORDER BY object.id LIMIT ?3"
        );
        let naming = format!(
            "SELECT kind, {LISTED} FROM object JOIN list ON list.id = object.list
             WHERE object.id IN (SELECT link.object FROM link WHERE {NAMES}) ORDER BY object.id DESC LIMIT ?3"
        );
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let mut found = Vec::new();
        for (sql, named) in [(named, true), (naming, false)] {
            let mut statement = connection.prepare_cached(&sql)?;
            let related = |row: &Row<'_>| {
                let kind = Kind::from_noun(&row.get::<_, String>(0)?);
                let listed = kind.map(|kind| listed(kind, row, 1)).transpose()?.flatten();
                Ok(listed.map(|row| Related { named, row }))
            };
            let rows = statement.query_map(params![list, id.number.as_str(), limit], related)?;
            found.extend(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
        }
        Ok(found)
    }

    fn dependents(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Kind, Group)>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(Vec::new()) };
        let mut statement = connection.prepare_cached(&format!(
            "SELECT list.kind, ifnull(state, ''), ifnull(currency, ''), count(*), {HALVES}
             FROM object JOIN list ON list.id = object.list
             WHERE object.id IN (SELECT link.object FROM link WHERE {NAMES}) GROUP BY 1, 2, 3"
        ))?;
        let rows = statement.query_map(params![list, id.number.as_str()], |row| {
            let kind = Kind::from_noun(&row.get::<_, String>(0)?);
            kind.map(|kind| Ok((kind, group(kind, row, 1)?))).transpose()
        })?;
        Ok(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect())
    }

    fn unfollowed(&self, profile: &str, kind: Kind, now: Timestamp, limit: usize) -> Result<Vec<Number>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok(Vec::new()) };
        let mut statement = connection.prepare_cached(
            "SELECT number FROM link WHERE list = ?1 AND due_at <= ?2 GROUP BY number ORDER BY min(due_at) LIMIT ?3",
        )?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let numbers = statement.query_map(params![list, millis(now), limit], |row| row.get::<_, String>(0))?;
        let numbers = numbers.collect::<Result<Vec<_>, _>>()?;
        Ok(numbers.iter().filter_map(|number| Number::parse(number).ok()).collect())
    }

    fn postpone_link(&self, profile: &str, link: &Link, until: Option<Timestamp>) -> Result<(), LedgerError> {
        let connection = self.objects();
        let Some(list) = self.list(&connection, profile, link.kind())? else { return Ok(()) };
        connection
            .prepare_cached("UPDATE link SET due_at = ?3 WHERE list = ?1 AND number = ?2 AND due_at IS NOT NULL")?
            .execute(params![list, link.number().as_str(), until.map(millis)])?;
        Ok(())
    }
}
