//! Changes by other processes. For each connection SQLite counts the commits of others; new rows have higher numbers.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::{self, BoxStream};
use rusqlite::{Connection, params};

use super::convert::object_id;
use super::{Sqlite, find_list};
use crate::file_watcher::FileWatcher;
use crate::ledger::engine::Others;
use crate::ledger::{LedgerError, Mark, News};
use crate::model::{Kind, ObjectId};

/// Objects named in one result. Any others are found by the next scheduled queries.
const MOST: i64 = 1000;

/// Delays after which a change of the file is reported again: a commit becomes visible only once it is on the disk,
/// some time after its last byte was written, which is not reported.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

impl Others for Sqlite {
    fn news(&self, profile: &str, mark: &mut Mark) -> Result<News, LedgerError> {
        // Later commits change the count, too, and are reported the next time.
        if self.commits()? == mark.commits {
            return Ok(News::default());
        }
        let before = std::mem::replace(mark, self.mark()?);
        let connection = self.reader()?;
        let (watches, inbox) = (mark.watches != before.watches, mark.delivery != before.delivery);
        let mut news = News { watches, inbox, ..News::default() };
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
        let notified = "SELECT DISTINCT kind, number FROM event
             WHERE profile = ?1 AND id > ?2 AND number IS NOT NULL LIMIT ?3";
        news.named = named(&connection, notified, profile, before.event)?;
        // Named objects are due by now.
        news.kinds.extend(news.changed.iter().chain(&news.named).map(|id| id.kind));
        Ok(news)
    }

    fn mark(&self) -> Result<Mark, LedgerError> {
        // The count is read before the numbers: a commit between the two is reported twice rather than never.
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

    fn changes(&self) -> BoxStream<'static, ()> {
        changes(FileWatcher::new(&self.path))
    }
}

/// Yields after each change of the file, and again after each of [`AGAIN`].
fn changes(watcher: FileWatcher) -> BoxStream<'static, ()> {
    let again = [].iter();
    let next = async |(watcher, mut again): (FileWatcher, std::slice::Iter<'static, Duration>)| {
        let changed = match again.next() {
            Some(pause) => tokio::time::timeout(*pause, watcher.changed()).await.is_ok(),
            None => {
                watcher.changed().await;
                true
            }
        };
        Some(((), (watcher, if changed { AGAIN.iter() } else { again })))
    };
    stream::unfold((watcher, again), next).boxed()
}

impl Sqlite {
    /// Changes whenever another process has committed: the connection that writes objects does not count its own.
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::ledger::engine::Objects;
    use crate::ledger::{Fresh, Source};
    use crate::model::Object;
    use crate::model::time::Timestamp;

    #[tokio::test(start_paused = true)]
    async fn a_commit_that_becomes_visible_only_after_the_file_was_written_is_found() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Sqlite::open(&folder.path().join("ledger.db")).unwrap();
        let (ours, theirs) = (open(), open());
        let mut mark = ours.mark().unwrap();
        // In another folder, so that only this change is reported.
        let quiet = tempfile::tempdir().unwrap();
        let watcher = FileWatcher::new(&quiet.path().join("ledger.db"));
        watcher.change().notify_one();
        let mut changes = changes(watcher);
        changes.next().await.unwrap();
        assert_eq!(ours.news("shop", &mut mark).unwrap(), News::default(), "the commit is not visible yet");
        let document = json!({ "out_trade_no": "TRADE-1", "trade_state": "NOTPAY" }).to_string();
        let object = Object::parse(Kind::Transaction, &document).unwrap();
        let fresh = Fresh { object, verified_at: Timestamp::now_utc(), source: Source::Query };
        theirs.put("shop", &[fresh]).unwrap();
        for pause in AGAIN {
            let start = tokio::time::Instant::now();
            changes.next().await.unwrap();
            assert_eq!(start.elapsed(), pause);
        }
        assert_eq!(ours.news("shop", &mut mark).unwrap().changed.len(), 1);
        let more = tokio::time::timeout(Duration::from_secs(3600), changes.next()).await;
        assert!(more.is_err(), "after that it waits for the next change");
    }
}
