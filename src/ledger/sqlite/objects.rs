//! The objects: one row for each number, and every version of its document.

use std::cell::OnceCell;
use std::collections::HashSet;

use rusqlite::{Connection, OptionalExtension, Row, Transaction, named_params, params};

use super::convert::{lenient, millis, object_id, timestamp};
use super::note::{insert, insert_all};
use super::tables::listed;
use super::{Sqlite, bills, claims, immediate, list_or_new, watches};
use crate::ledger::engine::Objects;
use crate::ledger::known::refresh_due;
use crate::ledger::{Answers, DocumentHash, Fresh, Known, LedgerError, Noted, Source, Version};
use crate::model::time::Timestamp;
use crate::model::{Kind, Link, Object, ObjectId, Summary};

impl Objects for Sqlite {
    fn note(&self, profile: &str, ids: &[ObjectId], origin: Source) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        insert_all(&transaction, profile, ids, origin)?;
        Ok(transaction.commit()?)
    }

    fn put(&self, profile: &str, objects: &[Fresh]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let listening = claims::listening_since(&transaction, profile, &self.path)?;
        for fresh in objects {
            put(&transaction, profile, fresh, listening)?;
        }
        Ok(transaction.commit()?)
    }

    fn take_in(&self, profile: &str, answers: &Answers) -> Result<Vec<ObjectId>, LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let listening = claims::listening_since(&transaction, profile, &self.path)?;
        for fresh in &answers.fresh {
            put(&transaction, profile, fresh, listening)?;
        }
        let mut strays = Vec::new();
        for again in &answers.again {
            let list = list_or_new(&transaction, profile, again.id.kind)?;
            if !watches::see_again(&transaction, list, again)? {
                strays.push(again.id.clone());
            }
        }
        for (id, until) in &answers.postponed {
            let list = list_or_new(&transaction, profile, id.kind)?;
            postpone(&transaction, list, id, *until)?;
        }
        transaction.commit()?;
        Ok(strays)
    }

    fn object(&self, profile: &str, id: &ObjectId) -> Result<Option<Fresh>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(None) };
        let known =
            known_where(&connection, "object.list = ?1 AND object.number = ?2", params![list, id.number.as_str()])?;
        Ok(known.into_iter().next().and_then(|known| known.fresh))
    }

    fn find(&self, profile: &str, text: &str) -> Result<Vec<Known>, LedgerError> {
        let connection = self.reader()?;
        let mut found = Vec::new();
        for kind in Kind::ALL {
            let Some(list) = self.list(&connection, profile, kind)? else { continue };
            // Each half uses an index.
            let either = "object.id IN (SELECT id FROM object WHERE list = ?1 AND number = ?2
                UNION SELECT id FROM object WHERE list = ?1 AND platform_number = ?2)";
            found.extend(known_where(&connection, either, params![list, text])?);
        }
        Ok(found)
    }

    fn verified_since(
        &self,
        profile: &str,
        ids: &[ObjectId],
        since: Timestamp,
    ) -> Result<HashSet<ObjectId>, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            "SELECT 1 FROM object WHERE list = ?1 AND number = ?2 AND verified_at >= ?3 AND version IS NOT NULL",
        )?;
        let mut verified = HashSet::new();
        for id in ids {
            let Some(list) = self.list(&connection, profile, id.kind)? else { continue };
            if statement.exists(params![list, id.number.as_str(), millis(since)])? {
                verified.insert(id.clone());
            }
        }
        Ok(verified)
    }

    fn stale(&self, profile: &str, kind: Kind, since: Timestamp) -> Result<Vec<ObjectId>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok(Vec::new()) };
        let mut statement = connection.prepare_cached(
            "SELECT number FROM object WHERE list = ?1 AND (verified_at IS NULL OR (NOT final AND verified_at < ?2))
             ORDER BY id",
        )?;
        let numbers = statement.query_map(params![list, millis(since)], |row| row.get::<_, String>(0))?;
        Ok(numbers.collect::<Result<Vec<_>, _>>()?.iter().filter_map(|number| object_id(kind, number)).collect())
    }

    fn documents(&self, profile: &str, kind: Kind, after: i64, limit: usize) -> Result<(Vec<Known>, i64), LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, kind)? else { return Ok((Vec::new(), after)) };
        // In the order of the table itself: an index of the list would have to be sorted for each page.
        let mut statement =
            connection.prepare_cached("SELECT id FROM object WHERE +list = ?1 AND id > ?2 ORDER BY id LIMIT ?3")?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let rows: Vec<i64> =
            statement.query_map(params![list, after, limit], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let last = rows.last().copied().unwrap_or(after);
        let between = "+object.list = ?1 AND object.id > ?2 AND object.id <= ?3";
        Ok((known_where(&connection, between, params![list, after, last])?, last))
    }

    fn due(
        &self,
        profile: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<ObjectId>, Option<Timestamp>), LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            // Watched objects have their own schedule.
            "SELECT number, due_at FROM object WHERE list = ?1 AND due_at IS NOT NULL
                 AND NOT EXISTS (SELECT 1 FROM watch WHERE watch.object = object.id)
             ORDER BY due_at, id LIMIT ?2",
        )?;
        let mut found: Vec<(i64, ObjectId)> = Vec::new();
        for kind in Kind::ALL {
            let Some(list) = self.list(&connection, profile, kind)? else { continue };
            // One more than `limit`: the first extra row is the next one due.
            let rows = statement.query_map(params![list, i64::try_from(limit).unwrap_or(i64::MAX - 1) + 1], |row| {
                Ok((row.get::<_, String>(0)?, row.get(1)?))
            })?;
            for row in rows {
                let (number, due_at) = row?;
                found.extend(object_id(kind, &number).map(|id| (due_at, id)));
            }
        }
        found.sort_by_key(|(due_at, _)| *due_at);
        let now = millis(now);
        let due = found.iter().take(limit).take_while(|(due_at, _)| *due_at <= now).count();
        let next = found.get(due).and_then(|(due_at, _)| timestamp(*due_at));
        found.truncate(due);
        Ok((found.into_iter().map(|(_, id)| id).collect(), next))
    }

    fn noted(&self, profile: &str, id: &ObjectId) -> Result<Option<Noted>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(None) };
        let mut statement =
            connection.prepare_cached("SELECT origin, noted_at FROM object WHERE list = ?1 AND number = ?2")?;
        let noted = |row: &Row<'_>| {
            let origin = Source::from_name(&row.get::<_, String>(0)?);
            Ok(Noted { origin, at: timestamp(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH) })
        };
        Ok(statement.query_row(params![list, id.number.as_str()], noted).optional()?)
    }

    fn versions(&self, profile: &str, id: &ObjectId) -> Result<Vec<Version>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(Vec::new()) };
        let mut statement = connection.prepare_cached(
            "SELECT id, seen_at, source, state, last_at, document FROM version
             WHERE object = (SELECT id FROM object WHERE list = ?1 AND number = ?2) ORDER BY seen_at DESC, id DESC",
        )?;
        let version = |row: &Row<'_>| {
            Ok(Version {
                id: row.get(0)?,
                seen_at: timestamp(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH),
                source: Source::from_name(&row.get::<_, String>(2)?),
                state: id.kind.state(&lenient::<String>(row, 3).unwrap_or_default()),
                since: lenient::<String>(row, 5)
                    .and_then(|document| Object::parse_as(id, &document).ok())
                    .and_then(|object| object.entity.since()),
                last_at: row.get::<_, Option<i64>>(4)?.and_then(timestamp),
            })
        };
        Ok(statement.query_map(params![list, id.number.as_str()], version)?.collect::<Result<_, _>>()?)
    }

    fn version(&self, profile: &str, id: &ObjectId, version: i64) -> Result<Option<Object>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(None) };
        let mut statement = connection.prepare_cached(
            "SELECT document FROM version
             WHERE id = ?3 AND object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)",
        )?;
        let parameters = params![list, id.number.as_str(), version];
        let document = statement.query_row(parameters, |row| row.get::<_, String>(0)).optional()?;
        Ok(document.and_then(|document| Object::parse_as(id, &document).ok()))
    }
}

/// Stores one document, and its links if it is the latest. `listening`: since when notifications are received.
fn put(transaction: &Transaction<'_>, profile: &str, fresh: &Fresh, listening: Option<i64>) -> Result<(), LedgerError> {
    let list = list_or_new(transaction, profile, fresh.object.id.kind)?;
    let put = Put::new(transaction, list, fresh)?;
    if put.store()? {
        relink(transaction, profile, put.row, &fresh.object)?;
        if let Some(since) = listening {
            claims::expect(transaction, profile, put.row, fresh, since)?;
        }
    }
    if put.latest.is_none() {
        bills::compare(transaction, put.row, (&fresh.object.id, &fresh.object.raw), None)?;
    }
    if put.is_newest() {
        claims::reconsider(transaction, put.row, &fresh.object.entity)?;
    }
    Ok(())
}

fn postpone(connection: &Connection, list: i64, id: &ObjectId, until: Timestamp) -> Result<(), LedgerError> {
    // What only bills know of is never due by itself.
    let sql = "UPDATE object SET due_at = ?3 WHERE list = ?1 AND number = ?2 AND ifnull(version, due_at) IS NOT NULL";
    connection.prepare_cached(sql)?.execute(params![list, id.number.as_str(), millis(until)])?;
    Ok(())
}

/// Migrates a ledger of the first version: its numbers, and its documents as their first versions.
pub(super) fn take_over_the_first(transaction: &Transaction<'_>) -> Result<(), LedgerError> {
    let mut statement = transaction
        .prepare("SELECT profile, kind, number, document, source, verified_at FROM object_1 ORDER BY rowid")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (profile, kind, number): (String, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let Some(id) = Kind::from_noun(&kind).and_then(|kind| object_id(kind, &number)) else { continue };
        let (document, source): (Option<String>, Option<String>) = (row.get(3)?, row.get(4)?);
        let object = document.and_then(|document| Object::parse_as(&id, &document).ok());
        let source = Source::from_name(source.as_deref().unwrap_or_default());
        match object.zip(row.get::<_, Option<i64>>(5)?.and_then(timestamp)) {
            Some((object, verified_at)) => put(transaction, &profile, &Fresh { object, verified_at, source }, None)?,
            None => {
                insert(transaction, list_or_new(transaction, &profile, id.kind)?, &id.number, source, 0)?;
            }
        }
    }
    Ok(())
}

/// Stores the links of the latest document. Objects that are named by their own number are noted, so that they are
/// queried in their turn.
fn relink(transaction: &Transaction<'_>, profile: &str, row: i64, object: &Object) -> Result<(), LedgerError> {
    transaction.prepare_cached("DELETE FROM link WHERE object = ?1")?.execute([row])?;
    let now = millis(Timestamp::now_utc());
    for link in object.entity.links() {
        let list = list_or_new(transaction, profile, link.kind())?;
        let platform = match &link {
            Link::Own(id) => {
                insert(transaction, list, &id.number, Source::Followed, now)?;
                false
            }
            Link::Platform(..) => true,
        };
        // Links to known objects need not be followed.
        let due_at = link.is_followed_by_query().then_some(now);
        transaction
            .prepare_cached(
                "INSERT INTO link (object, list, number, platform, due_at) SELECT ?1, ?2, ?3, ?4, iif(EXISTS (
                     SELECT 1 FROM object WHERE list = ?2 AND platform_number = ?3), NULL, ?5)
                 ON CONFLICT DO NOTHING",
            )?
            .execute(params![row, list, link.number().as_str(), platform, due_at])?;
    }
    bills::relink(transaction, row)?;
    // Links to this object need not be followed any more.
    transaction
        .prepare_cached(
            "UPDATE link SET due_at = NULL WHERE due_at IS NOT NULL
                 AND (list, number) = (SELECT list, platform_number FROM object WHERE id = ?1)",
        )?
        .execute([row])?;
    Ok(())
}

/// One document on its way into the ledger.
struct Put<'a> {
    transaction: &'a Transaction<'a>,
    fresh: &'a Fresh,
    row: i64,
    /// When the latest document was verified, and when it last changed.
    latest: Option<(i64, i64)>,
    /// In milliseconds.
    at: i64,
    digest: OnceCell<DocumentHash>,
}

impl<'a> Put<'a> {
    fn new(transaction: &'a Transaction<'a>, list: i64, fresh: &'a Fresh) -> Result<Self, LedgerError> {
        let number = &fresh.object.id.number;
        let at = millis(fresh.verified_at);
        insert(transaction, list, number, fresh.source, at)?;
        let (row, verified_at, changed_at) = transaction
            .prepare_cached("SELECT id, verified_at, changed_at FROM object WHERE list = ?1 AND number = ?2")?
            .query_row(params![list, number.as_str()], |row| {
                Ok((row.get(0)?, row.get::<_, Option<i64>>(1)?, row.get::<_, Option<i64>>(2)?))
            })?;
        Ok(Self { transaction, fresh, row, latest: verified_at.zip(changed_at), at, digest: OnceCell::new() })
    }

    /// True if no document was requested later.
    fn is_newest(&self) -> bool {
        self.latest.is_none_or(|(verified_at, _)| verified_at <= self.at)
    }

    /// Stores it. True if it is a new latest version.
    fn store(&self) -> Result<bool, LedgerError> {
        if !self.is_newest() {
            self.store_older()?;
            return Ok(false);
        }
        if let Some((_, changed_at)) = self.latest
            && self.is_latest()?
        {
            self.seen_again(changed_at)?;
            return Ok(false);
        }
        if let Some((verified_at, _)) = self.latest {
            // From here on the stored time is that of the new version.
            self.transaction
                .prepare_cached(
                    "UPDATE version SET last_at = ?2 WHERE id = (SELECT version FROM object WHERE id = ?1)",
                )?
                .execute(params![self.row, verified_at])?;
        }
        let version = self.insert_version()?;
        self.replace(version)?;
        Ok(true)
    }

    fn digest(&self) -> [u8; 16] {
        self.digest.get_or_init(|| DocumentHash::of(&self.fresh.object.raw)).0
    }

    /// Whether the latest version is equal. Mostly even its bytes are.
    fn is_latest(&self) -> Result<bool, LedgerError> {
        let sql = "SELECT document = ?2, digest FROM version WHERE id = (SELECT version FROM object WHERE id = ?1)";
        let latest = self
            .transaction
            .prepare_cached(sql)?
            .query_row(params![self.row, &*self.fresh.object.raw], |row| Ok((row.get(0)?, row.get(1)?)))
            .optional()?;
        Ok(latest.is_some_and(|(same, digest): (bool, [u8; 16])| same || digest == self.digest()))
    }

    /// Inserts a late document among the versions if it differs from its neighbours.
    fn store_older(&self) -> Result<(), LedgerError> {
        if !self.is_like("seen_at <= ?2", "DESC")? && !self.is_like("seen_at > ?2", "ASC")? {
            self.insert_version()?;
        }
        Ok(())
    }

    /// Whether the nearest version on one side is equal.
    fn is_like(&self, side: &str, order: &str) -> Result<bool, LedgerError> {
        let sql = format!(
            "SELECT digest = ?3 FROM version WHERE object = ?1 AND {side} ORDER BY seen_at {order}, id {order} LIMIT 1"
        );
        let parameters = params![self.row, self.at, self.digest()];
        let like = self.transaction.prepare_cached(&sql)?.query_row(parameters, |row| row.get(0)).optional()?;
        Ok(like.unwrap_or(false))
    }

    fn insert_version(&self) -> Result<i64, LedgerError> {
        let Fresh { object, source, .. } = self.fresh;
        self.transaction
            .prepare_cached(
                "INSERT INTO version (object, seen_at, source, state, digest, document) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.row,
                self.at,
                source.name(),
                object.entity.state().code,
                self.digest(),
                &*object.raw
            ])?;
        Ok(self.transaction.last_insert_rowid())
    }

    /// When a new version changed. A document that is seen for the first time has not just changed: it says since when
    /// it is as it is, or its age is unknown.
    fn changed_at(&self) -> i64 {
        let since = self.fresh.object.entity.since().filter(|_| self.latest.is_none());
        since.map_or(self.at, |since| millis(since).min(self.at))
    }

    /// When it is due again, given when it last changed.
    fn due(&self, changed_at: i64) -> Option<i64> {
        let is_final = self.fresh.object.entity.state().is_final;
        let changed_at = timestamp(changed_at).unwrap_or(self.fresh.verified_at);
        refresh_due(self.fresh.verified_at, changed_at, is_final).map(millis)
    }

    fn seen_again(&self, changed_at: i64) -> Result<(), LedgerError> {
        self.transaction
            .prepare_cached("UPDATE object SET verified_at = ?2, source = ?3, due_at = ?4 WHERE id = ?1")?
            .execute(params![self.row, self.at, self.fresh.source.name(), self.due(changed_at)])?;
        Ok(())
    }

    fn replace(&self, version: i64) -> Result<(), LedgerError> {
        let Fresh { object, source, .. } = self.fresh;
        let summary = Summary::of(&object.entity);
        let count = |n: u64| i64::try_from(n).unwrap_or(i64::MAX);
        self.transaction
            .prepare_cached(
                "UPDATE object SET version = :version, verified_at = :at, changed_at = :changed_at, source = :source,
                     words = :words, due_at = :due_at, final = :final, state = :state,
                     platform_number = :platform_number, title = :title, user = :user, amount = :amount,
                     currency = :currency, second = :second, second_currency = :second_currency, done = :done,
                     total = :total, time = :time, ends = :ends, label = :label, quantity = :quantity, days = :days
                 WHERE id = :row",
            )?
            .execute(named_params! {
                ":row": self.row,
                ":version": version,
                ":at": self.at,
                ":changed_at": self.changed_at(),
                ":source": source.name(),
                ":words": summary.words(object.id.number.as_str()),
                ":due_at": self.due(self.changed_at()),
                ":final": summary.state.is_final,
                ":state": summary.state.code,
                ":platform_number": summary.platform_number,
                ":title": summary.title,
                ":user": summary.user,
                ":amount": summary.amount.map(|amount| amount.minor),
                ":currency": summary.amount.as_ref().map(|amount| amount.currency.code()),
                ":second": summary.second.map(|amount| amount.minor),
                ":second_currency": summary.second.as_ref().map(|amount| amount.currency.code()),
                ":done": summary.progress.map(|progress| count(progress.done)),
                ":total": summary.progress.map(|progress| count(progress.total)),
                ":time": summary.time.map(millis),
                ":ends": summary.ends.map(millis),
                ":label": summary.label,
                ":quantity": summary.quantity,
                ":days": summary.days,
            })?;
        if summary.state.is_final {
            self.transaction.prepare_cached("DELETE FROM watch WHERE object = ?1")?.execute([self.row])?;
        }
        Ok(())
    }
}

/// Rows of `object` with their latest documents, in the order they became known.
fn known_where(
    connection: &Connection,
    condition: &str,
    parameters: impl rusqlite::Params,
) -> Result<Vec<Known>, LedgerError> {
    let mut statement = connection.prepare_cached(&format!(
        "SELECT list.kind, object.number, version.document, object.source, object.verified_at, {}
         FROM object JOIN list ON list.id = object.list LEFT JOIN version ON version.id = object.version
         WHERE {condition} ORDER BY object.id",
        claims::of_object()
    ))?;
    let known = |row: &Row<'_>| {
        let text = |at: usize| lenient::<String>(row, at);
        let id = text(0).and_then(|kind| Kind::from_noun(&kind)).zip(text(1));
        let Some(id) = id.and_then(|(kind, number)| object_id(kind, &number)) else { return Ok(None) };
        let (document, source) = (text(2), text(3));
        let fresh = document.zip(lenient(row, 4)).and_then(|(document, at)| {
            Some(Fresh {
                object: Object::parse_as(&id, &document).ok()?,
                verified_at: timestamp(at)?,
                source: Source::from_name(source.as_deref().unwrap_or_default()),
            })
        });
        let row = if fresh.is_none() { listed(id.kind, row, 5)? } else { None };
        Ok(Some(Known { id, fresh, billed: row.and_then(|row| row.seen) }))
    };
    let rows = statement.query_map(parameters, known)?.collect::<Result<Vec<_>, _>>()?;
    // A row that this version cannot read (a kind of a later version, a damaged row) is skipped, not deleted.
    Ok(rows.into_iter().flatten().collect())
}
