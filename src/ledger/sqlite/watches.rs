//! Watched objects. A watch ends in the commit that makes its object final: see [`super::objects`].

use rusqlite::{Row, params};

use super::convert::{millis, timestamp};
use super::note::insert;
use super::tables::{LISTED, listed};
use super::{Sqlite, immediate, list_or_new};
use crate::ledger::engine::Watches;
use crate::ledger::{LedgerError, Source, WatchReason, Watched};
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};

impl Watches for Sqlite {
    fn watch(
        &self,
        profile: &str,
        ids: &[ObjectId],
        why: WatchReason,
        since: Timestamp,
    ) -> Result<Vec<ObjectId>, LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let mut begun = Vec::new();
        for id in ids {
            let list = list_or_new(&transaction, profile, id.kind)?;
            insert(&transaction, list, &id.number, Source::Opened, millis(since))?;
            let new = transaction
                .prepare_cached(
                    "INSERT INTO watch (object, why, since)
                     SELECT id, ?3, ?4 FROM object WHERE list = ?1 AND number = ?2 AND final IS NOT 1
                     ON CONFLICT DO NOTHING",
                )?
                .execute(params![list, id.number.as_str(), why.name(), millis(since)])?;
            if new > 0 {
                begun.push(id.clone());
            }
        }
        transaction.commit()?;
        Ok(begun)
    }

    fn unwatch(&self, profile: &str, ids: &[ObjectId]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        for id in ids {
            let list = list_or_new(&transaction, profile, id.kind)?;
            transaction
                .prepare_cached(
                    "DELETE FROM watch WHERE object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)",
                )?
                .execute(params![list, id.number.as_str()])?;
        }
        Ok(transaction.commit()?)
    }

    fn watched(&self, profile: &str) -> Result<Vec<Watched>, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(&format!(
            "SELECT kind, why, since, changed_at, {LISTED} FROM watch JOIN object ON object.id = watch.object
             JOIN list ON list.id = object.list WHERE list.profile = ?1 ORDER BY since, object.id"
        ))?;
        let watched = |row: &Row<'_>| {
            let Some(kind) = Kind::from_noun(&row.get::<_, String>(0)?) else { return Ok(None) };
            let why = WatchReason::from_name(&row.get::<_, String>(1)?);
            let since = timestamp(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH);
            let changed_at = row.get::<_, Option<i64>>(3)?.and_then(timestamp);
            Ok(listed(kind, row, 4)?.map(|row| Watched { row, why, since, changed_at }))
        };
        let rows = statement.query_map([profile], watched)?.collect::<Result<Vec<_>, _>>()?;
        Ok(rows.into_iter().flatten().collect())
    }
}
