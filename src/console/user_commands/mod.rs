//! The operator's own commands and hooks: programs that the configuration names, with the values of an object.

pub(crate) mod hooks;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod values;
pub(crate) mod view;
mod words;

#[cfg(test)]
mod tests;
