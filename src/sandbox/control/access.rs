//! The file through which the owner of the identity's folder may control the running gateway.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use axum::http::HeaderMap;
use rand::RngExt;
use serde::{Deserialize, Serialize};

use crate::sandbox::SandboxError;
use crate::sandbox::identity::{at, write_private};

/// The path of the gateway that takes control requests.
pub(in crate::sandbox) const PATH: &str = "/_sandbox/control";

/// The content of the file.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Access {
    pub(super) url: String,
    pub(super) token: String,
}

/// The file's place.
pub(super) fn file_in(identity: &Path) -> PathBuf {
    identity.join("gateway").join("control.json")
}

/// The file, which exists as long as the gateway runs.
#[derive(Debug)]
pub(in crate::sandbox) struct ControlFile {
    path: PathBuf,
    token: String,
}

impl ControlFile {
    pub(in crate::sandbox) fn write(identity: &Path, base_url: &str) -> Result<Self, SandboxError> {
        let path = file_in(identity);
        let token: String = rand::rng().sample_iter(rand::distr::Alphanumeric).take(43).map(char::from).collect();
        let access = Access { url: format!("{base_url}{PATH}"), token };
        // A leftover file may be readable by others, so it is replaced, not overwritten.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
        let text = serde_json::to_string(&access).unwrap_or_default();
        write_private(&path, &text)?;
        Ok(Self { path, token: access.token })
    }

    /// Whether a request carries the token.
    pub(super) fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization").and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| is_same(given, self.token.as_bytes()))
    }
}

impl Drop for ControlFile {
    /// Removes the file, unless a later gateway of this identity has written its own.
    fn drop(&mut self) {
        if fs::read_to_string(&self.path).is_ok_and(|text| text.contains(&self.token)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Compares in a time that does not depend on where the difference is.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}
