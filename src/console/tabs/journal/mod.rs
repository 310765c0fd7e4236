//! The tab of the journal.

pub(crate) mod closing;
pub mod entry;
pub mod state;
pub mod update;
pub(crate) mod view;
