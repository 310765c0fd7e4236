//! The form of an action.

pub(crate) mod state;
pub(crate) mod view;

#[cfg(test)]
mod tests;
