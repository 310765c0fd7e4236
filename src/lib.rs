//! Paydeck, the terminal console of a WeChat Pay merchant.
//!
//! Dependencies point one way; `tests/architecture.rs` reads the paths in the sources and fails on one that does not, and
//! on circles of files. Each line may use those above it, as far as the list in that test says:
//!
//! ```text
//! model                       uses nothing of the crate
//! crypto · i18n               use model
//! text                        uses model, i18n
//! program                     uses model, text
//! api · ledger · sandbox      use model and crypto; api also i18n and text
//! services                    uses api, ledger, crypto, model, i18n, text
//! explain · config            use services and what is above it, not each other; config also program
//! console                     uses explain, services, program, api, ledger, model, i18n, text
//! cli                         uses all of them; console only to start it, sandbox only here
//! ```
//!
//! Small helpers use nothing of the crate: `net`, `private`, `sync`, `file_watcher`, `qr`.
//!
//! - [`model`]: numbers, money, the kinds of objects with their states, the catalogue of actions, the table of
//!   endpoints. No I/O.
//! - [`crypto`]: signatures, verification and encryption; held to the vectors in `tests/vectors/`.
//! - [`api`]: the signed client. The type of a result says what became of a call.
//! - [`ledger`]: every object ever seen, and the journal of every action. An interface, and SQLite behind it.
//! - [`services`]: what runs beside the screen: `read`, `write` (the one way of every change), `ingest`, `webhook`,
//!   `watch`, `bills`.
//! - `program`: programs of the operator's own, which the configuration names, with a row's values as arguments.
//! - [`explain`]: errors, evidence and timelines in words.
//! - [`console`]: model, update, view. The update is pure and returns effects as data; the views know no network. Sorted
//!   by feature: `tabs`, `dialogs`, `widgets`, and `app`, which runs them.
//! - [`cli`]: the command line, over the same services. It uses the console only to start it.
//! - [`sandbox`]: a gateway that behaves as WeChat Pay does; it shares only the model and the cryptography.
//! - [`config`] makes clients and ledgers from the file; [`i18n`] is the languages, and `text` what a terminal shows.
//!
//! Where adding something begins: a kind of object in [`model::Kind`], an action in [`model::action`], an endpoint in
//! [`model::endpoint`], a tab in `console::tabs`, a command in `console::app::commands`, a language in [`i18n`], a theme
//! in `assets/themes/`, a ledger engine in [`ledger::Engine`].

#![warn(unreachable_pub)]

// First, for its macro `tr!`.
#[macro_use]
pub mod i18n;

pub mod api;
pub mod cli;
pub mod config;
pub mod console;
pub mod crypto;
pub mod explain;
mod file_watcher;
pub mod ledger;
pub mod model;
mod net;
mod private;
pub mod program;
pub(crate) mod qr;
pub mod sandbox;
pub mod services;
mod sync;
pub(crate) mod text;
