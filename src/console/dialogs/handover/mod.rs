//! What a creation returned for the merchant's front end.

pub(crate) mod update;
pub(crate) mod view;

#[cfg(test)]
mod tests;
