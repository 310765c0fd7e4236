//! Paydeck, the terminal console of a WeChat Pay merchant.

pub mod crypto;
pub mod model;
pub mod sandbox;
