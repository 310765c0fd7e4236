//! Forwarding to an existing back end: committed with the notification, kept until the back end accepts it.

use rusqlite::{OptionalExtension, Row, Transaction, params};

use super::convert::{millis, timestamp};
use super::{Sqlite, immediate};
use crate::ledger::engine::Forwards;
use crate::ledger::{AttemptEnd, Delivery, Forward, ForwardAttempt, ForwardMode, Forwarded, LedgerError};
use crate::model::time::Timestamp;

impl Forwards for Sqlite {
    fn to_forward(
        &self,
        profile: &str,
        now: Timestamp,
        limit: usize,
    ) -> Result<(Vec<Forward>, Option<Timestamp>), LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached(
            "SELECT forward.event, delivery.id, at, peer, target, headers, body, since, forward.attempts,
                 kind || ' ' || number
             FROM forward JOIN delivery ON delivery.id = forward.delivery JOIN event ON event.id = forward.event
             WHERE forward.profile = ?1 AND due_at <= ?2 ORDER BY due_at, forward.event LIMIT ?3",
        )?;
        let time = |row: &Row<'_>, at: usize| -> rusqlite::Result<Timestamp> {
            Ok(timestamp(row.get(at)?).unwrap_or(Timestamp::UNIX_EPOCH))
        };
        let due = |row: &Row<'_>| {
            let (peer, target, headers, body) = (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?);
            Ok(Forward {
                event: row.get(0)?,
                delivery: row.get(1)?,
                bytes: Delivery { at: time(row, 2)?, peer, target, headers, body },
                since: time(row, 7)?,
                attempts: row.get(8)?,
                object: row.get(9)?,
            })
        };
        let limit = i64::try_from(limit).unwrap_or(i64::MAX);
        let found = statement.query_map(params![profile, millis(now), limit], due)?.collect::<Result<Vec<_>, _>>()?;
        let next: Option<i64> = connection
            .prepare_cached("SELECT min(due_at) FROM forward WHERE profile = ?1 AND due_at > ?2")?
            .query_row(params![profile, millis(now)], |row| row.get(0))?;
        Ok((found, next.and_then(timestamp)))
    }

    fn forwarded(&self, attempts: &[ForwardAttempt]) -> Result<(), LedgerError> {
        let mut connection = self.objects();
        let transaction = immediate(&mut connection)?;
        attempts.iter().try_for_each(|attempt| note(&transaction, attempt))?;
        Ok(transaction.commit()?)
    }

    fn is_accepted(&self, event: i64) -> Result<bool, LedgerError> {
        let connection = self.reader()?;
        let mut statement = connection.prepare_cached("SELECT accepted FROM forward WHERE event = ?1")?;
        Ok(statement.query_row([event], |row| row.get(0)).optional()?.unwrap_or(false))
    }
}

/// Queues a delivery of a notification, the first or another. Until one is accepted, the latest bytes are forwarded:
/// they have the newest signature.
pub(super) fn pass_on(
    transaction: &Transaction<'_>,
    profile: &str,
    event: i64,
    (delivery, at): (i64, Timestamp),
    onward: ForwardMode,
) -> Result<(), LedgerError> {
    let due = match onward {
        ForwardMode::Nowhere => return Ok(()),
        ForwardMode::Queued => Some(millis(at)),
        ForwardMode::AtOnce => None,
    };
    transaction
        .prepare_cached(
            "INSERT INTO forward (event, profile, delivery, since, due_at, attempts, accepted)
             VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)
             ON CONFLICT (event) DO UPDATE SET delivery = excluded.delivery, due_at = excluded.due_at
                 WHERE NOT accepted",
        )?
        .execute(params![event, profile, delivery, millis(at), due])?;
    Ok(())
}

fn note(transaction: &Transaction<'_>, attempt: &ForwardAttempt) -> Result<(), LedgerError> {
    let (accepted, status, error, next) = match &attempt.end {
        AttemptEnd::Accepted(status) => (true, Some(*status), None, None),
        AttemptEnd::Failed { status, error, next } => (false, *status, error.as_deref(), next.map(millis)),
    };
    // Bytes that arrived in the meantime are newer, and due themselves.
    transaction
        .prepare_cached(
            "UPDATE forward SET attempts = attempts + 1, tried_at = ?3, status = ?4, error = ?5,
                 accepted = max(accepted, ?6),
                 due_at = CASE WHEN ?6 THEN NULL WHEN delivery = ?2 THEN ?7 ELSE due_at END
             WHERE event = ?1",
        )?
        .execute(params![attempt.event, attempt.delivery, millis(attempt.at), status, error, accepted, next])?;
    if let Some(answered) = attempt.answered {
        transaction
            .prepare_cached("UPDATE delivery SET status = ?2 WHERE id = ?1")?
            .execute(params![attempt.delivery, answered])?;
    }
    Ok(())
}

/// Reads the state of forwarding from a column on; `None` if these bytes are not forwarded.
pub(super) fn forwarded(row: &Row<'_>, from: usize) -> rusqlite::Result<Option<Forwarded>> {
    let Some(attempts) = row.get::<_, Option<u32>>(from)? else { return Ok(None) };
    let time = |at: usize| -> rusqlite::Result<_> { Ok(row.get::<_, Option<i64>>(at)?.and_then(timestamp)) };
    Ok(Some(Forwarded {
        attempts,
        accepted: row.get(from + 1)?,
        tried_at: time(from + 2)?,
        status: row.get(from + 3)?,
        error: row.get(from + 4)?,
        next: time(from + 5)?,
    }))
}
