//! Conversions between values of the model and columns.

use rusqlite::Row;
use rusqlite::types::FromSql;

use crate::model::time::{Timestamp, shown};
use crate::model::{Kind, Number, ObjectId};

pub(super) fn object_id(kind: Kind, number: &str) -> Option<ObjectId> {
    Number::parse(number).ok().map(|number| ObjectId::new(kind, number))
}

/// Unix milliseconds, the ledger's unit of time.
pub(super) fn millis(at: Timestamp) -> i64 {
    i64::try_from(at.unix_timestamp_nanos() / 1_000_000).unwrap_or(i64::MAX)
}

pub(super) fn timestamp(millis: i64) -> Option<Timestamp> {
    Timestamp::from_unix_timestamp_nanos(i128::from(millis) * 1_000_000).ok().and_then(shown)
}

/// The value of a column, if it has the expected type.
pub(super) fn lenient<T: FromSql>(row: &Row<'_>, at: usize) -> Option<T> {
    row.get::<_, Option<T>>(at).unwrap_or_default()
}
