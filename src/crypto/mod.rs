//! WeChat Pay's cryptography, pure and without I/O: what is signed, how it is verified, how resources are
//! encrypted. The client and the sandbox gateway share it; both are held to `tests/vectors/`.
//!
//! The hot path (one signature per request, one verification per reply) runs on `aws-lc-rs`, which rustls brings
//! anyway and which is three times as fast as `rsa` and constant-time. `rsa` reads keys of every form and does
//! OAEP, which is rare.

mod aead;
mod certificate;
mod key;
mod material;
mod oaep;
mod signature;

pub use aead::{AeadError, ApiV3Key, open, seal};
pub use certificate::{Certificate, CertificateError, serial_of_decimal};
pub use key::{PrivateKey, PublicKey};
pub use material::{ExpectedFile, FileKind, KeyError, decode_text};
pub use oaep::OaepError;
pub use signature::{
    Authorization, AuthorizationError, CLOCK_WINDOW_SECONDS, PROBE_PREFIX, SCHEME, SignatureHeaders, VerifyError,
    nonce, request_message, response_message, verify,
};

pub(crate) use base64::engine::{Engine, general_purpose::STANDARD as BASE64};
