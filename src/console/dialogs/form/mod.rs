//! The form of an action.

mod rows;
pub(crate) mod state;
pub(crate) mod view;

#[cfg(test)]
mod tests;
