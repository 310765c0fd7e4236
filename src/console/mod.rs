//! The console. One state on one task; everything that happens is a message; the pure step answers with effects as
//! data, which the loop performs; the view reads the state and draws it: [`app`]. Keys, palette, hints and help come from
//! one table ([`app::command`]). What can be seen is found by feature: [`tabs`], [`dialogs`].

pub mod app;
pub(crate) mod dialogs;
mod start;
pub mod tabs;
mod theme;
pub(crate) mod widgets;
pub(crate) mod words;

#[cfg(test)]
mod tests;

pub use crate::console::app::runtime::run;
pub use crate::console::start::{Account, ConsoleError, OpenFuture, Opened, Opener, Start, Unopened};
pub use crate::console::theme::{Theme, ThemeError, Themes};
