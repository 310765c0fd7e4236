//! What a creation has for its front end.

pub mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
