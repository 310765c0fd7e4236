//! Tests of the console as a whole, and what the tests of its tabs and dialogs share: the fixture and the snapshots.

pub(crate) mod clicks;
mod errors;
pub(crate) mod fixture;
mod global;
mod kinds;
mod look;
mod navigation;
mod rebound;
pub(crate) mod screen;
mod screens;
mod unforgiven;
mod unseen;
mod update;
