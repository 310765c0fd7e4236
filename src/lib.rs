//! Paydeck, the terminal console of a WeChat Pay merchant.

pub mod api;
pub mod cli;
pub mod config;
pub mod console;
pub mod crypto;
pub mod explain;
pub mod i18n;
pub mod ledger;
pub mod model;
pub mod sandbox;
pub mod services;
pub mod text;
