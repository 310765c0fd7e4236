//! The loop and its parts: messages ([`msg`]), the state ([`state`]), the pure step ([`update`]), the frame ([`view`]),
//! effects ([`effect`]), and the loop that performs them ([`runtime`]).

pub(crate) mod account;
mod bell;
pub(crate) mod browse;
pub(crate) mod chrome;
pub(crate) mod command;
pub(crate) mod commands;
pub(crate) mod compact;
mod crumbs;
pub mod effect;
pub(crate) mod export;
pub mod frame_layout;
mod health;
pub(crate) mod hints;
mod key_names;
pub(crate) mod keymap;
pub(crate) mod keys;
pub(crate) mod leave;
pub(crate) mod mouse;
pub mod msg;
pub(crate) mod navigate;
mod operations;
mod profiles;
pub mod reload;
pub(crate) mod request_text;
pub(crate) mod room;
pub(crate) mod runtime;
pub(crate) mod scope;
pub(crate) mod session;
pub mod state;
pub(crate) mod terminal;
pub(crate) mod throttle;
pub(crate) mod title;
pub(crate) mod toast;
pub mod trail;
pub mod update;
pub mod view;

use crate::console::Start;
use crate::model::time::Timestamp;

/// The initial state of the console, with all tabs and commands. Wrong keys are reported before it starts.
pub fn starting(start: &Start, now: Timestamp, size: (u16, u16)) -> state::AppState {
    let settings = &start.configured.settings;
    let tables = keymap::tables(&settings.keys, &settings.commands).unwrap_or_default();
    state::AppState::new(tables, start, now, size)
}
