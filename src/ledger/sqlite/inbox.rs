//! The inbox. An acknowledged notification is on the disk, committed in one transaction with its effects: the object is
//! known and due at once, and the claim about it is stored.

use rusqlite::types::Value;
use rusqlite::{OptionalExtension, Row, Transaction, params, params_from_iter};

use super::conditions::{SqlTable, sql_of};
use super::convert::{millis, object_id, timestamp};
use super::note::insert;
use super::{Sqlite, immediate, list_or_new};
use super::{claims, forward};
use crate::ledger::engine::Inbox;
use crate::ledger::inbox::{
    Claim, Delivery, EventRow, InboxPart, InboxSearch, KEPT_OF_REFUSED, NewDelivery, Refused, StoreResult,
    StoredDelivery, Verdict,
};
use crate::ledger::{ForwardMode, LedgerError, Source, WholeEvent, owner};
use crate::model::time::Timestamp;
use crate::model::{Fact, Kind, NotificationFact, ObjectId, Part, Subject, filter};

/// Rejections for one reason are one line per hour; of each line this many requests are kept.
const LINE: i64 = 3_600_000;
const KEPT_OF_LINE: i64 = 5;

/// The columns that [`event_row`] reads.
const ROW: &str = "id, verdict, notice, first_at, last_at, attempts, event_type, created_at, summary, kind, number,
    fact, (SELECT max(took) FROM delivery WHERE delivery.event = event.id),
    (SELECT peer FROM delivery WHERE delivery.event = event.id ORDER BY delivery.id DESC LIMIT 1)";

impl Inbox for Sqlite {
    fn receive(
        &self,
        profile: &str,
        arrivals: &[NewDelivery],
        answered: &[(i64, u64)],
        onward: ForwardMode,
    ) -> Result<Vec<StoreResult>, LedgerError> {
        // Through the connection whose commits are on the disk before they return.
        let mut connection = self.journal();
        let transaction = immediate(&mut connection)?;
        for (delivery, took) in answered {
            transaction
                .prepare_cached("UPDATE delivery SET took = ?2 WHERE id = ?1")?
                .execute(params![delivery, i64::try_from(*took).unwrap_or(i64::MAX)])?;
        }
        let mut receipts = Vec::with_capacity(arrivals.len());
        for arrival in arrivals {
            let receipt = receive(&transaction, profile, arrival)?;
            if let StoreResult::New { event, delivery } | StoreResult::Again { event, delivery } = receipt {
                forward::pass_on(&transaction, profile, event, (delivery, arrival.delivery.at), onward)?;
            }
            receipts.push(receipt);
        }
        transaction.commit()?;
        Ok(receipts)
    }

    fn tally(
        &self,
        profile: &str,
        refused: &[Refused],
        others: &[(Verdict, Timestamp, u64)],
    ) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        refused.iter().try_for_each(|one| refuse(&transaction, profile, one))?;
        for (verdict, last, count) in others {
            count_refused(&transaction, profile, *verdict, millis(*last), i64::try_from(*count).unwrap_or(i64::MAX))?;
        }
        Ok(transaction.commit()?)
    }

    fn inbox(&self, profile: &str, search: &InboxSearch) -> Result<Vec<EventRow>, LedgerError> {
        let connection = self.reader()?;
        let mut sql = format!("SELECT {ROW} FROM event WHERE profile = ?");
        let mut values = vec![Value::from(profile.to_owned())];
        let (conditions, searched) = sql_of(SqlTable::Events, &search.conditions);
        sql.push_str(&conditions);
        values.extend(searched);
        match search.only {
            Some(InboxPart::Genuine) => sql.push_str(" AND verdict = 'genuine'"),
            Some(InboxPart::Refused) => sql.push_str(" AND verdict <> 'genuine'"),
            None => {}
        }
        for (bound, sign) in [(search.before, "<"), (search.after, ">")] {
            if let Some(bound) = bound {
                sql.push_str(&format!(" AND id {sign} ?"));
                values.push(Value::from(bound));
            }
        }
        let upwards = search.after.is_some() && search.before.is_none();
        sql.push_str(if upwards { " ORDER BY id LIMIT ?" } else { " ORDER BY id DESC LIMIT ?" });
        values.push(Value::from(i64::try_from(search.limit).unwrap_or(i64::MAX)));
        let mut statement = connection.prepare_cached(&sql)?;
        let rows = statement.query_map(params_from_iter(values), event_row)?;
        let mut rows = rows.collect::<Result<Vec<_>, _>>()?;
        if upwards {
            rows.reverse();
        }
        Ok(rows)
    }

    fn event_types(&self, profile: &str) -> Result<Vec<String>, LedgerError> {
        let connection = self.reader()?;
        let sql = "SELECT DISTINCT event_type FROM event WHERE profile = ?1 AND event_type IS NOT NULL";
        let mut statement = connection.prepare_cached(sql)?;
        Ok(statement.query_map([profile], |row| row.get(0))?.collect::<Result<_, _>>()?)
    }

    fn event(&self, profile: &str, id: i64) -> Result<Option<WholeEvent>, LedgerError> {
        let connection = self.reader()?;
        let sql = format!("SELECT {ROW}, resource FROM event WHERE profile = ?1 AND id = ?2");
        let whole = |row: &Row<'_>| Ok((event_row(row)?, row.get(14)?));
        let found = connection.prepare_cached(&sql)?.query_row(params![profile, id], whole).optional()?;
        let Some((row, resource)) = found else { return Ok(None) };
        let mut statement = connection.prepare_cached(
            "SELECT delivery.id, at, peer, target, headers, body, delivery.status, took, detail, attempts, accepted,
                 tried_at, forward.status, error, due_at
             FROM delivery LEFT JOIN forward ON forward.delivery = delivery.id
             WHERE delivery.event = ?1 ORDER BY delivery.id",
        )?;
        let kept = |row: &Row<'_>| {
            let at = timestamp(row.get(1)?).unwrap_or(Timestamp::UNIX_EPOCH);
            let (peer, target, headers, body) = (row.get(2)?, row.get(3)?, row.get(4)?, row.get(5)?);
            let delivery = Delivery { at, peer, target, headers, body };
            let took = row.get::<_, Option<i64>>(7)?.and_then(|took| u64::try_from(took).ok());
            let forwarded = forward::forwarded(row, 9)?;
            Ok(StoredDelivery { id: row.get(0)?, delivery, status: row.get(6)?, took, detail: row.get(8)?, forwarded })
        };
        let deliveries = statement.query_map([id], kept)?.collect::<Result<_, _>>()?;
        Ok(Some(WholeEvent { row, resource, deliveries }))
    }

    fn events_of(&self, profile: &str, object: &ObjectId, limit: usize) -> Result<Vec<EventRow>, LedgerError> {
        let connection = self.reader()?;
        // A combined order has one line for several objects, with a claim about each.
        let sql = format!(
            "SELECT {ROW} FROM event WHERE profile = ?1 AND kind = ?2 AND number = ?3
             UNION
             SELECT {ROW} FROM event WHERE profile = ?1 AND id IN (
                 SELECT CAST(reference AS INTEGER) FROM claim WHERE claim.source = 'notification' AND object = (
                     SELECT object.id FROM object JOIN list ON list.id = object.list
                     WHERE list.profile = ?1 AND list.kind = ?2 AND object.number = ?3))
             ORDER BY 1 DESC LIMIT ?4"
        );
        let mut statement = connection.prepare_cached(&sql)?;
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let parameters = params![profile, object.kind.noun(), object.number.as_str(), limit];
        Ok(statement.query_map(parameters, event_row)?.collect::<Result<_, _>>()?)
    }

    fn listen(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        let owners: Vec<String> = transaction
            .prepare_cached("SELECT owner FROM listening WHERE profile = ?1")?
            .query_map([profile], |row| row.get(0))?
            .collect::<Result<_, _>>()?;
        // A killed process leaves its row behind.
        for dead in owners.iter().filter(|owner| !owner::is_alive(&self.path, owner)) {
            transaction.execute("DELETE FROM listening WHERE profile = ?1 AND owner = ?2", [profile, dead])?;
        }
        transaction.execute(
            "INSERT INTO listening VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET since = excluded.since",
            params![profile, self.owner.name(), millis(since)],
        )?;
        Ok(transaction.commit()?)
    }

    fn stop_listening(&self, profile: &str, since: Timestamp) -> Result<(), LedgerError> {
        let own = params![profile, self.owner.name(), millis(since)];
        self.objects().execute("DELETE FROM listening WHERE profile = ?1 AND owner = ?2 AND since <= ?3", own)?;
        Ok(())
    }
}

fn receive(transaction: &Transaction<'_>, profile: &str, arrival: &NewDelivery) -> Result<StoreResult, LedgerError> {
    let mut replayed = transaction.prepare_cached(
        "SELECT 1 FROM delivery JOIN event ON event.id = delivery.event WHERE stamp = ?1 AND profile = ?2",
    )?;
    if replayed.exists(params![arrival.signature_hash.as_slice(), profile])? {
        return Ok(StoreResult::Replayed);
    }
    let at = millis(arrival.delivery.at);
    let known: Option<i64> = transaction
        .prepare_cached("SELECT id FROM event WHERE profile = ?1 AND notice = ?2")?
        .query_row([profile, &arrival.notice], |row| row.get(0))
        .optional()?;
    let event = match known {
        Some(event) => {
            transaction
                .prepare_cached("UPDATE event SET attempts = attempts + 1, last_at = max(last_at, ?2) WHERE id = ?1")?
                .execute(params![event, at])?;
            event
        }
        None => take_in(transaction, profile, arrival)?,
    };
    let delivery = keep(transaction, event, &arrival.delivery, arrival.status, Some(&arrival.signature_hash), None)?;
    Ok(match known {
        Some(_) => StoreResult::Again { event, delivery },
        None => StoreResult::New { event, delivery },
    })
}

/// Stores the first delivery of a notification: the line of the inbox, and the effect on its object.
fn take_in(transaction: &Transaction<'_>, profile: &str, arrival: &NewDelivery) -> Result<i64, LedgerError> {
    let at = millis(arrival.delivery.at);
    let subject = subject(transaction, profile, &arrival.content.of)?;
    let number = subject.as_ref().map(|id| id.number.as_str());
    // A coupon is found by its own number although its user is unknown.
    let named = match &arrival.content.of {
        Subject::Coupon(coupon) => Some(coupon.as_str()),
        Subject::Object(_) | Subject::Unknown => None,
    };
    let words = [
        Some(arrival.event_type.as_str()),
        number,
        named,
        Some(arrival.notice.as_str()),
        arrival.summary.as_deref(),
        Some(Verdict::Genuine.word()),
    ];
    // A search for any object of a combined order finds its line.
    let words = words.into_iter().chain(arrival.content.others.iter().map(|part| Some(part.of.number.as_str())));
    transaction
        .prepare_cached(
            "INSERT INTO event (profile, notice, verdict, first_at, last_at, attempts, words, event_type, created_at,
                 summary, kind, number, fact, resource)
             VALUES (?1, ?2, ?3, ?4, ?4, 1, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
        )?
        .execute(params![
            profile,
            arrival.notice,
            Verdict::Genuine.word(),
            at,
            filter::words(words),
            arrival.event_type,
            arrival.created.map(millis),
            arrival.summary,
            subject.as_ref().map(|id| id.kind.noun()),
            number,
            arrival.content.fact.map(Fact::word),
            arrival.resource,
        ])?;
    let event = transaction.last_insert_rowid();
    let NotificationFact { fact, amount, at, others, .. } = &arrival.content;
    if let Some(of) = subject {
        learn(transaction, profile, event, arrival, &Part { of, fact: *fact, amount: *amount, at: *at })?;
    }
    others.iter().try_for_each(|part| learn(transaction, profile, event, arrival, part))?;
    Ok(event)
}

/// Applies a notification to an object: notes it, makes it due at once, and stores the claim.
fn learn(
    transaction: &Transaction<'_>,
    profile: &str,
    event: i64,
    arrival: &NewDelivery,
    part: &Part,
) -> Result<(), LedgerError> {
    let id = &part.of;
    let list = list_or_new(transaction, profile, id.kind)?;
    insert(transaction, list, &id.number, Source::Notification, millis(arrival.delivery.at))?;
    // It is queried at once.
    transaction
        .prepare_cached("UPDATE object SET due_at = 0 WHERE list = ?1 AND number = ?2")?
        .execute(params![list, id.number.as_str()])?;
    claims::arrived(transaction, profile, id, &arrival.event_type)?;
    let Some(fact) = part.fact else { return Ok(()) };
    let claim = Claim {
        source: Source::Notification,
        reference: event.to_string(),
        fact,
        amount: part.amount,
        said_at: part.at.or(arrival.created).unwrap_or(arrival.delivery.at),
        received_at: arrival.delivery.at,
    };
    claims::claim(transaction, profile, id, &claim)
}

/// The object of a notification. A coupon can be noted only if its user is known.
fn subject(transaction: &Transaction<'_>, profile: &str, of: &Subject) -> Result<Option<ObjectId>, LedgerError> {
    let coupon = match of {
        Subject::Object(id) => return Ok(Some(id.clone())),
        Subject::Unknown => return Ok(None),
        Subject::Coupon(coupon) => coupon,
    };
    let list = list_or_new(transaction, profile, Kind::Coupon)?;
    let number: Option<String> = transaction
        .prepare_cached("SELECT number FROM object WHERE list = ?1 AND platform_number = ?2")?
        .query_row(params![list, coupon.as_str()], |row| row.get(0))
        .optional()?;
    Ok(number.and_then(|number| object_id(Kind::Coupon, &number)))
}

/// Counts a rejected request. For each hour and reason only the first few are kept, shortened.
fn refuse(transaction: &Transaction<'_>, profile: &str, refused: &Refused) -> Result<(), LedgerError> {
    let at = millis(refused.delivery.at);
    let (event, attempts) = count_refused(transaction, profile, refused.verdict, at, 1)?;
    if attempts <= KEPT_OF_LINE {
        let cut = |bytes: &[u8]| bytes[..bytes.len().min(KEPT_OF_REFUSED)].to_vec();
        let Delivery { at, peer, target, headers, body } = &refused.delivery;
        let target = target.chars().take(KEPT_OF_REFUSED).collect();
        let delivery = Delivery { at: *at, peer: peer.clone(), target, headers: cut(headers), body: cut(body) };
        keep(transaction, event, &delivery, refused.status, None, Some(&refused.detail))?;
    }
    Ok(())
}

/// The line of an hour and reason, and its new count.
fn count_refused(
    transaction: &Transaction<'_>,
    profile: &str,
    verdict: Verdict,
    at: i64,
    count: i64,
) -> Result<(i64, i64), LedgerError> {
    let verdict = verdict.word();
    let line = format!("{verdict} {}", at.div_euclid(LINE));
    let mut statement = transaction.prepare_cached(
        "INSERT INTO event (profile, notice, verdict, first_at, last_at, attempts, words)
         VALUES (?1, ?2, ?3, ?4, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET attempts = attempts + excluded.attempts, last_at = max(last_at, excluded.last_at)
         RETURNING id, attempts",
    )?;
    let words = filter::words([Some(verdict)]);
    Ok(statement.query_row(params![profile, line, verdict, at, count, words], |row| Ok((row.get(0)?, row.get(1)?)))?)
}

fn keep(
    transaction: &Transaction<'_>,
    event: i64,
    delivery: &Delivery,
    status: u16,
    signature_hash: Option<&[u8]>,
    detail: Option<&str>,
) -> Result<i64, LedgerError> {
    let Delivery { at, peer, target, headers, body } = delivery;
    transaction
        .prepare_cached(
            "INSERT INTO delivery (event, at, status, stamp, detail, peer, target, headers, body)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
        )?
        .execute(params![event, millis(*at), status, signature_hash, detail, peer, target, headers, body])?;
    Ok(transaction.last_insert_rowid())
}

fn event_row(row: &Row<'_>) -> rusqlite::Result<EventRow> {
    let time =
        |at: usize| -> rusqlite::Result<Option<Timestamp>> { Ok(row.get::<_, Option<i64>>(at)?.and_then(timestamp)) };
    let verdict = Verdict::from_word(&row.get::<_, String>(1)?);
    let notice: String = row.get(2)?;
    let (kind, number): (Option<String>, Option<String>) = (row.get(9)?, row.get(10)?);
    let kind = kind.and_then(|noun| Kind::from_noun(&noun));
    let count = |n: i64| u64::try_from(n).unwrap_or_default();
    Ok(EventRow {
        id: row.get(0)?,
        verdict,
        notice: (verdict == Verdict::Genuine).then_some(notice),
        first_at: time(3)?.unwrap_or(Timestamp::UNIX_EPOCH),
        last_at: time(4)?.unwrap_or(Timestamp::UNIX_EPOCH),
        attempts: count(row.get(5)?),
        event_type: row.get(6)?,
        created: time(7)?,
        summary: row.get(8)?,
        subject: kind.zip(number).and_then(|(kind, number)| object_id(kind, &number)),
        fact: row.get::<_, Option<String>>(11)?.and_then(|word| Fact::from_word(&word)),
        slowest: row.get::<_, Option<i64>>(12)?.map(count),
        peer: row.get(13)?,
    })
}
