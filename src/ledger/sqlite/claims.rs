//! What notifications and bills claim about objects, and whether the documents agree.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::path::Path;

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::convert::{millis, timestamp};
use super::note::insert;
use super::tables::{LISTED, listed};
use super::{Sqlite, bill_facts, immediate, list_or_new};
use crate::ledger::engine::Claims;
use crate::ledger::inbox::{Claim, Disagreement, Dispute};
use crate::ledger::{Fresh, LedgerError, Source, owner};
use crate::model::time::Timestamp;
use crate::model::{Currency, Entity, EventType, Fact, Kind, Money, Object, ObjectId, due};

/// Whether the latest document agrees with a claim: yes, no, or there is no document.
const SETTLED: i64 = 0;
const OPEN: i64 = 1;
const UNJUDGED: i64 = 2;

/// The columns that [`read`] reads.
const CLAIM: &str = "claim.source, reference, fact, claim.amount, claim.currency, said_at, heard_at, open";

impl Claims for Sqlite {
    fn claim(&self, profile: &str, claims: &[(ObjectId, Claim)]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let mut lists: HashMap<Kind, i64> = HashMap::new();
        for (id, claim) in claims {
            let list = match lists.get(&id.kind) {
                Some(list) => *list,
                None => list_or_new(&transaction, profile, id.kind)?,
            };
            lists.insert(id.kind, list);
            // Most are known: the numbers of a bill are noted before its claims.
            if let Some((row, document)) = known(&transaction, list, id)? {
                claim_of(&transaction, (row, document.as_deref()), id, claim)?;
                continue;
            }
            insert(&transaction, list, &id.number, claim.source, millis(claim.received_at))?;
            self::claim(&transaction, profile, id, claim)?;
        }
        Ok(transaction.commit()?)
    }

    fn claims(&self, profile: &str, id: &ObjectId) -> Result<Vec<(Claim, bool)>, LedgerError> {
        let connection = self.reader()?;
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(Vec::new()) };
        let sql = format!(
            "SELECT {CLAIM} FROM claim WHERE object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)
             ORDER BY heard_at DESC, claim.id DESC"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params![list, id.number.as_str()], |row| read(row, 0))?;
        let mut claims: Vec<(Claim, bool)> = rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        // The rows of bills become claims only once there is a document to compare them with.
        for claim in bill_facts::unjudged(&connection, list, id)? {
            if !claims.iter().any(|(known, _)| known.source == claim.source && known.reference == claim.reference) {
                claims.push((claim, true));
            }
        }
        claims.sort_by_key(|(claim, _)| Reverse(claim.received_at));
        Ok(claims)
    }

    fn disagreements(&self, profile: &str, overdue: Timestamp, limit: usize) -> Result<Vec<Disagreement>, LedgerError> {
        let connection = self.reader()?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        // There are few open claims and many objects: `CROSS JOIN` makes SQLite start with the claims.
        let sql = format!(
            "SELECT list.kind, {CLAIM}, {} FROM claim CROSS JOIN object ON object.id = claim.object
             CROSS JOIN list ON list.id = object.list
             WHERE open = 1 AND list.profile = ?1 ORDER BY claim.id DESC LIMIT ?2",
            of_object()
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let claimed = |row: &Row<'_>| {
            let Some(kind) = Kind::from_noun(&row.get::<_, String>(0)?) else { return Ok(None) };
            let dispute = read(row, 1)?.map(|(claim, _)| Dispute::Claimed(claim));
            Ok(listed(kind, row, 9)?.zip(dispute).map(|(row, dispute)| Disagreement { row, dispute }))
        };
        let rows = statement.query_map(params![profile, limit], claimed)?;
        let mut found: Vec<Disagreement> = rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
        let sql = format!(
            "SELECT list.kind, event_type, since, {} FROM awaited CROSS JOIN object ON object.id = awaited.object
             CROSS JOIN list ON list.id = object.list
             WHERE list.profile = ?1 AND since <= ?2 ORDER BY since DESC LIMIT ?3",
            of_object()
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let missing = |row: &Row<'_>| {
            let Some(kind) = Kind::from_noun(&row.get::<_, String>(0)?) else { return Ok(None) };
            let since = timestamp(row.get(2)?).unwrap_or(Timestamp::UNIX_EPOCH);
            let dispute = Dispute::Missing { event_type: row.get(1)?, since };
            Ok(listed(kind, row, 3)?.map(|row| Disagreement { row, dispute }))
        };
        let rows = statement.query_map(params![profile, millis(overdue), limit], missing)?;
        found.extend(rows.collect::<Result<Vec<_>, _>>()?.into_iter().flatten());
        Ok(found)
    }

    fn next_awaited(&self, profile: &str, after: Timestamp) -> Result<Option<Timestamp>, LedgerError> {
        let sql = "SELECT min(since) FROM awaited CROSS JOIN object ON object.id = awaited.object
             CROSS JOIN list ON list.id = object.list WHERE list.profile = ?1 AND since > ?2";
        let connection = self.reader()?;
        let since: Option<i64> =
            connection.prepare_cached(sql)?.query_row(params![profile, millis(after)], |row| row.get(0))?;
        Ok(since.and_then(timestamp))
    }

    fn await_no_more(&self, profile: &str, id: &ObjectId) -> Result<(), LedgerError> {
        let connection = self.objects();
        let Some(list) = self.list(&connection, profile, id.kind)? else { return Ok(()) };
        connection
            .prepare_cached(
                "DELETE FROM awaited WHERE object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)",
            )?
            .execute(params![list, id.number.as_str()])?;
        Ok(())
    }
}

/// The columns of [`listed`], some of which have the same names as columns of claims.
pub(super) fn of_object() -> String {
    LISTED.split(", ").map(|column| format!("object.{}", column.trim())).collect::<Vec<_>>().join(", ")
}

/// Stores a claim about an object, and whether its latest document agrees.
pub(super) fn claim(
    transaction: &Transaction<'_>,
    profile: &str,
    id: &ObjectId,
    claim: &Claim,
) -> Result<(), LedgerError> {
    let list = list_or_new(transaction, profile, id.kind)?;
    let known = known(transaction, list, id)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    claim_of(transaction, (known.0, known.1.as_deref()), id, claim)
}

/// The row of an object, and its latest document.
fn known(
    transaction: &Transaction<'_>,
    list: i64,
    id: &ObjectId,
) -> Result<Option<(i64, Option<String>)>, LedgerError> {
    let mut statement = transaction.prepare_cached(
        "SELECT object.id, document FROM object LEFT JOIN version ON version.id = object.version
         WHERE list = ?1 AND number = ?2",
    )?;
    let known = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?));
    Ok(statement.query_row(params![list, id.number.as_str()], known).optional()?)
}

/// The same, given the row of the object and its latest document.
pub(super) fn claim_of(
    transaction: &Transaction<'_>,
    (row, document): (i64, Option<&str>),
    id: &ObjectId,
    claim: &Claim,
) -> Result<(), LedgerError> {
    let open = match document {
        // An object that was never fetched does not contradict a bill, which may have millions of rows; after a
        // notification it is being queried.
        None if claim.source == Source::Bill => UNJUDGED,
        None => OPEN,
        Some(document) => {
            let known = Object::parse_as(id, document).ok();
            let agrees = known.is_some_and(|object| agrees(claim.source, claim.fact, claim.amount, &object.entity));
            if agrees { SETTLED } else { OPEN }
        }
    };
    transaction
        .prepare_cached(
            "INSERT INTO claim (object, source, reference, fact, amount, currency, said_at, heard_at, open)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            row,
            claim.source.name(),
            claim.reference,
            claim.fact.word(),
            claim.amount.map(|amount| amount.minor),
            claim.amount.as_ref().map(|amount| amount.currency.code()),
            millis(claim.said_at),
            millis(claim.received_at),
            open,
        ])?;
    Ok(())
}

fn agrees(source: Source, fact: Fact, amount: Option<Money>, entity: &Entity) -> bool {
    (entity.agrees(fact) && Fact::amounts_agree(entity, amount)) || (source == Source::Bill && is_part(fact, entity))
}

/// A row of a bill is about one payment, and an order may be paid in several. A notification covers all of them.
fn is_part(fact: Fact, entity: &Entity) -> bool {
    let Entity::ServiceOrder(order) = entity else { return false };
    fact == Fact::Collected && order.collection.as_ref().is_some_and(|collection| !collection.parts.is_empty())
}

/// Compares the open claims with a new verified document.
pub(super) fn reconsider(transaction: &Transaction<'_>, row: i64, entity: &Entity) -> Result<(), LedgerError> {
    let mut statement = transaction
        .prepare_cached("SELECT id, fact, amount, currency, source FROM claim WHERE object = ?1 AND open")?;
    let open = |row: &Row<'_>| {
        let fact = Fact::from_word(&row.get::<_, String>(1)?);
        Ok((row.get::<_, i64>(0)?, fact, money(row, 2)?, Source::from_name(&row.get::<_, String>(4)?)))
    };
    let open = statement.query_map([row], open)?.collect::<Result<Vec<_>, _>>()?;
    for (claim, fact, amount, source) in open {
        let open = if fact.is_some_and(|fact| agrees(source, fact, amount, entity)) { SETTLED } else { OPEN };
        transaction
            .prepare_cached("UPDATE claim SET open = ?2 WHERE id = ?1 AND open <> ?2")?
            .execute([claim, open])?;
    }
    Ok(())
}

/// Since when a living process listens for the profile's notifications. One that was killed left its row behind.
pub(super) fn listening_since(
    transaction: &Transaction<'_>,
    profile: &str,
    path: &Path,
) -> Result<Option<i64>, LedgerError> {
    let mut statement = transaction.prepare_cached("SELECT owner, since FROM listening WHERE profile = ?1")?;
    let owners = statement.query_map([profile], |row| Ok((row.get::<_, String>(0)?, row.get::<_, i64>(1)?)))?;
    let owners = owners.collect::<Result<Vec<_>, _>>()?;
    Ok(owners.into_iter().filter(|(name, _)| owner::is_alive(path, name)).map(|(_, since)| since).min())
}

/// Records that a notification of a new version is due: only for what happened while a process listened, and only for
/// event types of which some were received before, because others may not be sent here.
pub(super) fn expect(
    transaction: &Transaction<'_>,
    profile: &str,
    row: i64,
    fresh: &Fresh,
    since: i64,
) -> Result<(), LedgerError> {
    let Some((event, stated_at)) = due(&fresh.object.entity) else { return Ok(()) };
    let before = version_before(transaction, row, &fresh.object.id)?;
    // An unchanged state is not notified again.
    let was_due = |(_, object): &(i64, Object)| due(&object.entity).is_some_and(|(was, _)| was.name == event.name);
    if before.as_ref().is_some_and(was_due) {
        return Ok(());
    }
    // If the document does not state the time of the change, it happened after the object was last seen in another
    // state; if it never was, the time is unknown.
    let earliest = stated_at.map(millis).or(before.map(|(seen_at, _)| seen_at));
    if earliest.is_none_or(|at| at < since) {
        return Ok(());
    }
    let at = millis(stated_at.unwrap_or(fresh.verified_at).min(fresh.verified_at));
    let family: Vec<&EventType> =
        crate::model::EVENT_TYPES.iter().filter(|other| other.family() == event.family()).collect();
    let mut comes = transaction.prepare_cached("SELECT 1 FROM event WHERE profile = ?1 AND event_type = ?2 LIMIT 1")?;
    let mut asked_for = false;
    for other in family {
        asked_for = asked_for || comes.exists([profile, other.name])?;
    }
    if !asked_for {
        return Ok(());
    }
    let id = &fresh.object.id;
    transaction
        .prepare_cached(
            "INSERT INTO awaited SELECT ?1, ?2, ?3 WHERE NOT EXISTS (
                 SELECT 1 FROM event WHERE profile = ?4 AND kind = ?5 AND number = ?6 AND event_type = ?2)
             AND NOT EXISTS (
                 SELECT 1 FROM claim JOIN event ON event.id = CAST(claim.reference AS INTEGER)
                 WHERE claim.object = ?1 AND claim.source = 'notification' AND event.event_type = ?2)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![row, event.name, at, profile, id.kind.noun(), id.number.as_str()])?;
    Ok(())
}

/// The version before the latest, and when it was last seen.
fn version_before(
    transaction: &Transaction<'_>,
    row: i64,
    id: &ObjectId,
) -> Result<Option<(i64, Object)>, LedgerError> {
    let mut statement = transaction.prepare_cached(
        "SELECT ifnull(last_at, seen_at), document FROM version
         WHERE object = ?1 AND id <> (SELECT version FROM object WHERE id = ?1) ORDER BY seen_at DESC, id DESC LIMIT 1",
    )?;
    let before = |row: &Row<'_>| Ok((row.get(0)?, row.get::<_, String>(1)?));
    let before = statement.query_row([row], before).optional()?;
    Ok(before.and_then(|(seen_at, document)| Some((seen_at, Object::parse_as(id, &document).ok()?))))
}

/// Records that a notification arrived that may have been due.
pub(super) fn arrived(
    transaction: &Transaction<'_>,
    profile: &str,
    id: &ObjectId,
    event_type: &str,
) -> Result<(), LedgerError> {
    let list = list_or_new(transaction, profile, id.kind)?;
    transaction
        .prepare_cached(
            "DELETE FROM awaited WHERE event_type = ?3
                 AND object = (SELECT id FROM object WHERE list = ?1 AND number = ?2)",
        )?
        .execute(params![list, id.number.as_str(), event_type])?;
    Ok(())
}

/// Reads [`CLAIM`] from a column on: the claim, and whether no document agrees with it. `None` for a claim of a later
/// version.
fn read(row: &Row<'_>, from: usize) -> rusqlite::Result<Option<(Claim, bool)>> {
    let source = Source::from_name(&row.get::<_, String>(from)?);
    let Some(fact) = Fact::from_word(&row.get::<_, String>(from + 2)?) else { return Ok(None) };
    let time = |at: usize| -> rusqlite::Result<_> { Ok(timestamp(row.get(at)?).unwrap_or(Timestamp::UNIX_EPOCH)) };
    let claim = Claim {
        source,
        reference: row.get(from + 1)?,
        fact,
        amount: money(row, from + 3)?,
        said_at: time(from + 5)?,
        received_at: time(from + 6)?,
    };
    Ok(Some((claim, row.get(from + 7)?)))
}

fn money(row: &Row<'_>, from: usize) -> rusqlite::Result<Option<Money>> {
    let (minor, currency): (Option<i64>, Option<String>) = (row.get(from)?, row.get(from + 1)?);
    let currency = currency.and_then(|code| Currency::parse(&code));
    Ok(minor.zip(currency).map(|(minor, currency)| Money { minor, currency }))
}
