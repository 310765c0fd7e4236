//! The preview of an operation and its confirmation.

pub mod consent;
pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
