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

/// Whether a table or column that SQLite looks for is missing, or holds something else than it should.
pub(super) fn is_of_another_schema(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), None | Some(ErrorCode::Unknown))
}

/// Whether it is about bytes that are not what was written.
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
