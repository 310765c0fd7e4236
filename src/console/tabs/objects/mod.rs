//! The tabs that list the objects of a kind, and the detail of one.

pub mod columns;
pub mod detail;
pub mod kinds;
pub mod lines;
pub mod list;
pub mod marks;
pub(crate) mod overview;
pub mod update;
pub(crate) mod view;
