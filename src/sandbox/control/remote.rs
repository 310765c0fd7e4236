//! The client of a running gateway's control, in another process.

use std::path::Path;
use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Access, file_in};
use super::grammar::Verb;

/// A running gateway, found by its identity's folder.
#[derive(Debug)]
pub struct Remote {
    access: Access,
    http: reqwest::Client,
}

/// Why a gateway did not run a verb.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No gateway of this identity runs, or it ended.
    #[error("no sandbox runs with this identity")]
    NotThere(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// It did not understand the request; it may be another version.
    #[error("{0}")]
    Usage(String),
    #[error("{}", .0.message)]
    Refused(Rejection),
}

/// Why the sandbox rejected a verb.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Rejection {
    /// The reason's code; empty for a failure of the gateway itself.
    pub code: String,
    /// The number that is unknown.
    pub number: String,
    /// English, for a code that the reader does not know.
    pub message: String,
}

impl Remote {
    /// Reads where the gateway is. Nothing is sent yet.
    pub fn find(identity: &Path) -> Result<Self, RemoteError> {
        let text = std::fs::read_to_string(file_in(identity)).map_err(|error| not_there(error.into()))?;
        let access: Access = serde_json::from_str(&text).map_err(|error| not_there(error.into()))?;
        // No overall timeout: moving the clock ahead waits for every receiver on the way.
        let builder = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(5));
        let http = builder.build().map_err(|error| not_there(error.into()))?;
        Ok(Self { access, http })
    }

    /// Runs a verb with its arguments by name and returns the gateway's report.
    pub async fn run(&self, verb: &Verb, arguments: &[(&str, &str)]) -> Result<Value, RemoteError> {
        let given: serde_json::Map<_, _> = arguments.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect();
        let body = json!({ "verb": verb.name, "arguments": given }).to_string();
        let request = self.http.post(&self.access.url).bearer_auth(&self.access.token);
        let response = request.body(body).send().await.map_err(|error| not_there(error.into()))?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(|error| not_there(error.into()))?;
        let mut document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let mut rejection = || serde_json::from_value::<Rejection>(document["error"].take()).unwrap_or_default();
        match status {
            200 => Ok(document),
            400 => Err(RemoteError::Usage(rejection().message)),
            409 => Err(RemoteError::Refused(rejection())),
            // Another program listens at the address, or the gateway was restarted.
            _ => Err(RemoteError::NotThere(None)),
        }
    }
}

fn not_there(error: Box<dyn std::error::Error + Send + Sync>) -> RemoteError {
    RemoteError::NotThere(Some(error))
}
