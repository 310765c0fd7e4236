//! A bulk action: prepared, confirmed, and while it runs.

pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
