//! The preview of an operation and its confirmation.

pub(crate) mod bar;
pub(crate) mod confirm_input;
pub(crate) mod confirming;
pub(crate) mod receipt;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
