//! The dialogs over the tabs: one folder or file for each. [`state::Dialog`] lists them; [`update`] has what all have
//! in common; [`view`] draws the one on top.

pub(crate) mod action;
pub(crate) mod bulk;
pub(crate) mod choices;
pub(crate) mod commands;
pub(crate) mod confirm;
pub(crate) mod coupons;
pub(crate) mod filter;
pub(crate) mod form;
pub(crate) mod handover;
pub(crate) mod input_line;
pub(crate) mod legend;
pub(crate) mod palette;
pub(crate) mod panel;
pub(crate) mod pick;
pub(crate) mod prefilled;
pub(crate) mod prompt;
pub(crate) mod request;
pub(crate) mod scopes;
pub(crate) mod settlements;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;
pub(crate) mod watching;

#[cfg(test)]
mod tests;
