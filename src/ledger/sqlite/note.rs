//! Notes new numbers.

use rusqlite::{Transaction, params};

use crate::ledger::{LedgerError, Source};
use crate::model::{Number, filter};

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
