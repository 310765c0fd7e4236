//! A bulk action: prepared, confirmed, and while it runs.

pub mod state;
pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
