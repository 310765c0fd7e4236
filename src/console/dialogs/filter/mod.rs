//! The filter line: what is typed, what can be typed, the calendar, and the filters that were saved.

pub(crate) mod calendar;
pub(crate) mod candidates;
pub(crate) mod saved;
pub(crate) mod state;
pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
