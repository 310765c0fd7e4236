//! The loop and its parts: messages ([`msg`]), the state ([`state`]), the pure step ([`update`]), the frame ([`view`]),
//! effects ([`effect`]), and the loop that performs them ([`runtime`]).

mod bell;
pub mod browse;
pub mod calm;
pub(crate) mod chrome;
pub mod command;
pub mod effect;
pub mod export;
pub mod keys;
pub mod leave;
pub(crate) mod mouse;
pub mod msg;
pub(crate) mod runtime;
pub(crate) mod session;
pub mod state;
pub(crate) mod terminal;
pub mod toast;
pub mod update;
pub mod view;
