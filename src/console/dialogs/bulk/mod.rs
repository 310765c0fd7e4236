//! Bulk actions: prepared, confirmed, in progress.

pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
