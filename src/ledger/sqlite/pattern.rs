//! The function by which queries search with a regular expression.

use std::sync::Arc;

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error};

use crate::model::filter::{is_found, regex};

/// What the function is called: `matches_pattern(PATTERN, TEXT)`.
pub(super) const FUNCTION: &str = "matches_pattern";

/// Makes the function known to a connection. A pattern is compiled once for each statement.
pub(super) fn register(connection: &Connection) -> rusqlite::Result<()> {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC | FunctionFlags::SQLITE_DIRECTONLY;
    connection.create_scalar_function(FUNCTION, 2, flags, |context: &Context<'_>| {
        let pattern: Arc<regex::Regex> = context.get_or_create_aux(0, |value| -> Result<_, Error> {
            regex(value.as_str()?).map_err(|error| Error::UserFunctionError(error.into()))
        })?;
        Ok(context.get_raw(1).as_str().is_ok_and(|text| is_found(&pattern, text)))
    })
}
