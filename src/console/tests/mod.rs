//! Tests of the console as a whole: messages in, effects and screens out.

mod bulk;
mod chains;
mod coupons;
mod creations;
mod errors;
pub(crate) mod fixture;
mod global;
mod inbox;
pub(crate) mod inbox_fixture;
mod kinds;
pub(crate) mod screens;
mod stories;
mod update;
mod watches;
