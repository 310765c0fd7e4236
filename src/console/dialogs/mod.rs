//! What lies over the tabs: one folder or file per dialog. [`state::Dialog`] lists them; [`update`] is what all have
//! in common; [`view`] draws the one on top.

pub mod action;
pub mod bulk;
pub mod choices;
pub mod commands;
pub mod confirm;
pub mod coupons;
pub mod form;
pub mod handover;
pub mod palette;
pub mod pick;
pub mod prompt;
pub mod scopes;
pub mod settlements;
pub mod state;
pub mod update;
pub(crate) mod view;
pub mod watching;

#[cfg(test)]
mod tests;
