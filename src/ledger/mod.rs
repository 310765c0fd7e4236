//! The ledger: a local store of every object Paydeck has seen, and the journal of every action it sent.

/// Why the ledger could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    #[error("the ledger's database failed")]
    Sqlite(#[from] rusqlite::Error),
}
