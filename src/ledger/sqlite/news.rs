//! What others have written. SQLite tells a connection whether another one has committed; what is new has higher
//! numbers than what was there.

use rusqlite::{Connection, params};

use super::convert::object_id;
use super::{Sqlite, find_list};
use crate::ledger::engine::Others;
use crate::ledger::{LedgerError, Mark, News};
use crate::model::{Kind, ObjectId};

/// Objects named at once. Whatever else is new is found when its turn comes.
const MOST: i64 = 1000;

impl Others for Sqlite {
    fn news(&self, profile: &str, mark: &mut Mark) -> Result<News, LedgerError> {
        // What is committed from here on changes the count, too, and is told the next time.
        if self.commits()? == mark.commits {
            return Ok(News::default());
        }
        let before = std::mem::replace(mark, self.mark()?);
        let connection = self.reader()?;
        let (watches, told) = (mark.watches != before.watches, mark.delivery != before.delivery);
        let mut news = News { watches, told, ..News::default() };
        for kind in Kind::ALL {
            let Some(list) = find_list(&connection, profile, kind)? else { continue };
            let new = "SELECT EXISTS (SELECT 1 FROM object WHERE id > ?1 AND +list = ?2)";
            if connection.prepare_cached(new)?.query_row(params![before.object, list], |row| row.get(0))? {
                news.kinds.insert(kind);
            }
        }
        let changed = "SELECT DISTINCT kind, number FROM version JOIN object ON object.id = version.object
             JOIN list ON list.id = object.list WHERE version.id > ?2 AND profile = ?1 LIMIT ?3";
        news.changed = named(&connection, changed, profile, before.version)?;
        let told = "SELECT DISTINCT kind, number FROM event
             WHERE profile = ?1 AND id > ?2 AND number IS NOT NULL LIMIT ?3";
        news.named = named(&connection, told, profile, before.event)?;
        // What is named is due by now.
        news.kinds.extend(news.changed.iter().chain(&news.named).map(|id| id.kind));
        Ok(news)
    }

    fn mark(&self) -> Result<Mark, LedgerError> {
        // Counted before the numbers are read: what is committed between the two is told twice rather than never.
        let commits = self.commits()?;
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            "SELECT (SELECT ifnull(max(id), 0) FROM object), (SELECT ifnull(max(id), 0) FROM version),
                 (SELECT ifnull(max(id), 0) FROM event), (SELECT count(*) FROM watch),
                 (SELECT ifnull(sum(object), 0) FROM watch), (SELECT ifnull(max(id), 0) FROM delivery)",
        )?;
        Ok(statement.query_row([], |row| {
            Ok(Mark {
                commits,
                object: row.get(0)?,
                version: row.get(1)?,
                event: row.get(2)?,
                watches: (row.get(3)?, row.get(4)?),
                delivery: row.get(5)?,
            })
        })?)
    }
}

impl Sqlite {
    /// Another whenever somebody else has committed: the connection that writes objects does not count its own.
    fn commits(&self) -> Result<i64, LedgerError> {
        Ok(self.objects().pragma_query_value(None, "data_version", |row| row.get(0))?)
    }
}

fn named(connection: &Connection, sql: &str, profile: &str, after: i64) -> Result<Vec<ObjectId>, LedgerError> {
    let mut statement = connection.prepare_cached(sql)?;
    let rows = statement.query_map(params![profile, after, MOST], |row| {
        Ok((row.get::<_, Option<String>>(0)?, row.get::<_, String>(1)?))
    })?;
    let rows = rows.collect::<Result<Vec<_>, _>>()?;
    let id = |(kind, number): (Option<String>, String)| object_id(Kind::from_noun(&kind?)?, &number);
    Ok(rows.into_iter().filter_map(id).collect())
}
