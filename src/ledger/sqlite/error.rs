//! SQLite's errors as the ledger's.

use rusqlite::ErrorCode;

use crate::ledger::LedgerError;

impl From<rusqlite::Error> for LedgerError {
    fn from(error: rusqlite::Error) -> Self {
        use ErrorCode::{
            CannotOpen, DatabaseBusy, DatabaseCorrupt, DatabaseLocked, DiskFull, NotADatabase, OperationInterrupted,
            PermissionDenied, ReadOnly, SystemIoFailure,
        };
        match error.sqlite_error_code() {
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy,
            Some(CannotOpen | PermissionDenied | ReadOnly) => Self::Forbidden(error.into()),
            Some(DatabaseCorrupt | NotADatabase) => Self::Damaged(error.into()),
            Some(DiskFull) => Self::Full(error.into()),
            Some(SystemIoFailure) => Self::Disk(error.into()),
            // Only the handler of a stoppable query interrupts.
            Some(OperationInterrupted) => Self::Stopped,
            _ => Self::Backend(error.into()),
        }
    }
}

/// Whether a table or column is missing, or has an unexpected type.
pub(super) fn is_of_another_schema(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), None | Some(ErrorCode::Unknown))
}

/// Whether the error is about damaged bytes.
pub(super) fn is_damage(error: &LedgerError) -> bool {
    match error {
        LedgerError::Damaged(_) | LedgerError::NotALedger { .. } | LedgerError::Unsound(_) => true,
        LedgerError::Backend(cause) => cause.downcast_ref().is_some_and(is_of_another_schema),
        LedgerError::Folder { .. }
        | LedgerError::Newer { .. }
        | LedgerError::Copy { .. }
        | LedgerError::Busy
        | LedgerError::Forbidden(_)
        | LedgerError::Full(_)
        | LedgerError::Disk(_)
        | LedgerError::Stopped
        | LedgerError::Thread
        | LedgerError::In { .. } => false,
    }
}

#[cfg(test)]
mod tests {
    use rusqlite::ffi;

    use super::*;

    #[test]
    fn what_sqlite_reports_is_named_by_its_meaning() {
        let error = |code| LedgerError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(matches!(error(ffi::SQLITE_BUSY), LedgerError::Busy));
        assert!(matches!(error(ffi::SQLITE_LOCKED), LedgerError::Busy));
        assert!(matches!(error(ffi::SQLITE_READONLY), LedgerError::Forbidden(_)));
        assert!(matches!(error(ffi::SQLITE_CANTOPEN), LedgerError::Forbidden(_)));
        assert!(matches!(error(ffi::SQLITE_PERM), LedgerError::Forbidden(_)));
        assert!(matches!(error(ffi::SQLITE_CORRUPT), LedgerError::Damaged(_)));
        assert!(matches!(error(ffi::SQLITE_NOTADB), LedgerError::Damaged(_)));
        assert!(matches!(error(ffi::SQLITE_FULL), LedgerError::Full(_)));
        assert!(matches!(error(ffi::SQLITE_IOERR), LedgerError::Disk(_)));
        assert!(matches!(error(ffi::SQLITE_INTERRUPT), LedgerError::Stopped));
        assert!(matches!(error(ffi::SQLITE_CONSTRAINT), LedgerError::Backend(_)));
    }

    #[test]
    fn only_an_error_that_may_be_about_one_row_is_not_lasting() {
        let error = |code| LedgerError::from(rusqlite::Error::SqliteFailure(ffi::Error::new(code), None));
        assert!(!error(ffi::SQLITE_CONSTRAINT).is_lasting() && !error(ffi::SQLITE_TOOBIG).is_lasting());
        let lasting =
            [ffi::SQLITE_BUSY, ffi::SQLITE_READONLY, ffi::SQLITE_CORRUPT, ffi::SQLITE_FULL, ffi::SQLITE_IOERR];
        assert!(lasting.into_iter().all(|code| error(code).is_lasting()));
    }

    #[test]
    fn a_missing_table_is_damage_and_a_broken_constraint_is_not() {
        let connection = rusqlite::Connection::open_in_memory().unwrap();
        let missing = connection.execute("DELETE FROM journal", []).unwrap_err();
        assert!(is_damage(&missing.into()));
        connection.execute_batch("CREATE TABLE one (id INTEGER PRIMARY KEY); INSERT INTO one VALUES (1)").unwrap();
        let broken = connection.execute("INSERT INTO one VALUES (1)", []).unwrap_err();
        assert!(!is_damage(&broken.into()));
    }
}
