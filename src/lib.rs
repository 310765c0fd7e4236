//! Paydeck, the terminal console of a WeChat Pay merchant.
//!
//! Dependencies point one way:
//!
//! ```text
//! model  ←  api  ←  ledger  ←  services  ←  console, cli
//! model, crypto  ←  sandbox
//! ```
//!
//! - [`model`]: numbers, money, the kinds of objects with their states, the catalogue of actions, the table of
//!   endpoints. No I/O.
//! - [`crypto`]: what is signed, verified and encrypted; held to the vectors in `tests/vectors/`.
//! - [`api`]: the signed client. It returns the outcome of a call as a type.
//! - [`ledger`]: every object ever seen, and the journal of every action.
//! - [`services`]: background work: refreshing rows, ingesting numbers, and the only path of every write.
//! - [`console`]: model, update, view. The update is pure and returns effects as data; the views know no network.
//! - [`cli`]: the command line, over the same services.
//! - [`sandbox`]: a gateway that behaves as WeChat Pay does; it shares only the model and the cryptography.
//! - [`config`] makes clients and ledgers from the file; [`explain`] puts errors in words; [`i18n`] and [`text`] are
//!   leaves: languages, text on a terminal.
//!
//! Adding a kind of object begins in [`model::Kind`], an action in [`model::action`], an endpoint in
//! [`model::endpoint`], a command of the console in [`console::app::command`].

pub mod api;
pub mod cli;
pub mod config;
pub mod console;
pub mod crypto;
pub mod explain;
mod file_watcher;
pub mod i18n;
pub mod ledger;
pub mod model;
mod net;
mod private;
pub mod qr;
pub mod sandbox;
pub mod services;
mod sync;
pub mod text;
