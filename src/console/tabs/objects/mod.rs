//! The tabs that list the objects of a kind, and the detail of one.

pub mod columns;
pub mod detail;
pub mod lines;
pub mod list;
pub mod marks;
pub mod update;
pub(crate) mod view;
