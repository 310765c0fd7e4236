//! The preview of an operation and its confirmation.

pub mod confirm_input;
pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
