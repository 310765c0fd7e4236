//! Settlements of a Global merchant.

pub mod state;
pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
