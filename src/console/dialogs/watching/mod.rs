//! Watched objects, and the list of them.

pub mod state;
pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
