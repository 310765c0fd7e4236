//! The console. One task owns the state. Every event is a message; a pure update changes the state and returns effects,
//! which the loop performs; the view draws the state: see [`app`]. Keys, palette, hints and help come from one table
//! ([`app::command`]). What is on the screen is found by feature: [`tabs`], [`dialogs`].

pub mod app;
pub(crate) mod dialogs;
pub(crate) mod kept;
pub(crate) mod saved_filters;
mod start;
pub mod tabs;
mod theme;
pub(crate) mod user_commands;
pub(crate) mod widgets;
pub(crate) mod words;

#[cfg(test)]
mod tests;

pub use crate::console::app::keymap::{KeyProblem, KeyRow, key_problems, key_rows};
pub use crate::console::app::runtime::run;
pub use crate::console::kept::store::KeptStore;
pub use crate::console::saved_filters::{SavedFilter, SavedFilters};
pub use crate::console::start::{
    Account, Configured, ConsoleError, KeySetting, LiveSettings, OpenFuture, Opened, Opener, Peer, Reload, Reloaded,
    Start, ThemeReader, Unopened, Unread,
};
pub use crate::console::theme::{Theme, ThemeError, Themes};
pub use crate::text::terminal::{Borders, ColorDepth, TerminalLook};
