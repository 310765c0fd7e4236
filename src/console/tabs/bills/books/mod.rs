//! The reconciliation of a day, within the tab of the bills: the totals that add up, the differences, and what is held
//! over.

pub(crate) mod state;
#[cfg(test)]
mod tests;
pub(crate) mod update;
pub(crate) mod view;
