//! What a creation has for its front end.

pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
