//! The tab of the bills.

pub mod state;
pub mod update;
pub(crate) mod view;
