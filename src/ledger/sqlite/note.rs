//! Notes new numbers.

use rusqlite::{Transaction, params};

use super::convert::millis;
use super::list_or_new;
use super::tally::TallyChanges;
use crate::ledger::{LedgerError, Source};
use crate::model::time::Timestamp;
use crate::model::{Number, ObjectId, filter};

/// More new rows than these are counted together.
const COUNTED_ALONE: usize = 256;

/// Adds a row for a number unless there is one; true if it was added.
pub(super) fn insert(
    transaction: &Transaction<'_>,
    list: i64,
    number: &Number,
    origin: Source,
    now: i64,
) -> Result<bool, LedgerError> {
    let added = transaction
        .prepare_cached(
            // Due before everything that was already fetched.
            "INSERT INTO object (list, number, origin, noted_at, words, due_at) VALUES (?1, ?2, ?3, ?4, ?5, 0)
             ON CONFLICT DO NOTHING",
        )?
        .execute(params![list, number.as_str(), origin.name(), now, filter::words([Some(number.as_str())])])?;
    Ok(added > 0)
}

/// Adds rows for many numbers.
pub(super) fn insert_all(
    transaction: &Transaction<'_>,
    profile: &str,
    ids: &[ObjectId],
    origin: Source,
) -> Result<(), LedgerError> {
    let now = millis(Timestamp::now_utc());
    let mut tally = if ids.len() > COUNTED_ALONE { Some(TallyChanges::begin(transaction)?) } else { None };
    for id in ids {
        let list = list_or_new(transaction, profile, id.kind)?;
        let added = insert(transaction, list, &id.number, origin, now)?;
        if let Some(tally) = tally.as_mut().filter(|_| added) {
            tally.count(list, None, None, 1);
        }
    }
    if let Some(tally) = tally {
        tally.write(transaction)?;
    }
    Ok(())
}
