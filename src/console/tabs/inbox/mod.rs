//! The tab of the inbox: notifications, rejected requests, and disagreements between sources.

pub mod disputes;
pub(crate) mod payload;
pub mod state;
pub mod update;
pub(crate) mod view;
