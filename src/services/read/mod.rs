//! What the screen and the command line read from the ledger: tables, sums, the history of an object, journal and inbox.

pub(crate) mod across;
pub(crate) mod history;
pub(crate) mod inbox;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod reader;
