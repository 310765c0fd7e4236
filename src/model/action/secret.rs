//! What is encrypted before it is sent.

use secrecy::{ExposeSecret, SecretString};

/// A member of a body that is encrypted when it is sent. Until then the body contains its mask, and only the request
/// holds the text.
#[derive(Clone, Debug)]
pub struct Secret {
    pub(super) member: &'static str,
    pub(super) text: SecretString,
}

impl PartialEq for Secret {
    fn eq(&self, other: &Self) -> bool {
        self.member == other.member && self.text.expose_secret() == other.text.expose_secret()
    }
}
