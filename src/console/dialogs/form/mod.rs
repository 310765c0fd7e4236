//! The form in which an operation is filled in.

pub(crate) mod state;
pub(crate) mod view;

#[cfg(test)]
mod tests;
