//! Watched objects, and those that were verified again. A watch ends in the commit that makes its object final: see
//! [`super::objects`].

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::convert::{millis, timestamp};
use super::note::insert;
use super::tables::{LISTED, listed};
use super::{Sqlite, immediate, list_or_new};
use crate::ledger::engine::Watches;
use crate::ledger::known::refresh_due;
use crate::ledger::{LastSeen, LedgerError, Source, Unchanged, WatchReason, Watched};
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

    fn last_seen(&self, profile: &str, ids: &[ObjectId]) -> Result<Vec<(ObjectId, LastSeen)>, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            "SELECT verified_at, changed_at, final, (SELECT min(seen_at) FROM version WHERE version.object = object.id)
             FROM object WHERE list = ?1 AND number = ?2 AND version IS NOT NULL",
        )?;
        let mut seen = Vec::new();
        for id in ids {
            let Some(list) = self.list(&connection, profile, id.kind)? else { continue };
            let one = |row: &Row<'_>| {
                let time = |at: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(at)?.and_then(timestamp));
                let (changed_at, first) = (time(1)?, time(3)?);
                let changed_at = changed_at.filter(|at| Some(*at) != first);
                Ok((time(0)?, changed_at, row.get::<_, bool>(2)?))
            };
            let found = statement.query_row(params![list, id.number.as_str()], one).optional()?;
            if let Some((Some(verified_at), changed_at, is_final)) = found {
                seen.push((id.clone(), LastSeen { verified_at, changed_at, is_final }));
            }
        }
        Ok(seen)
    }
}

/// Records that an object was verified again; false if that document is no longer the latest.
pub(super) fn see_again(transaction: &Transaction<'_>, list: i64, again: &Unchanged) -> Result<bool, LedgerError> {
    let found = transaction
        .prepare_cached(
            "SELECT object.id, changed_at, final FROM object JOIN version ON version.id = object.version
             WHERE object.list = ?1 AND number = ?2 AND digest = ?3",
        )?
        .query_row(params![list, again.id.number.as_str(), again.digest.0], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, i64>(1)?, row.get::<_, bool>(2)?))
        })
        .optional()?;
    let Some((row, changed_at, is_final)) = found else { return Ok(false) };
    let due = timestamp(changed_at).and_then(|changed_at| refresh_due(again.verified_at, changed_at, is_final));
    transaction
        .prepare_cached(
            "UPDATE object SET verified_at = ?2, source = ?3, due_at = ?4 WHERE id = ?1 AND verified_at <= ?2",
        )?
        .execute(params![row, millis(again.verified_at), again.source.name(), due.map(millis)])?;
    Ok(true)
}
