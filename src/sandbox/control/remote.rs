//! Asks a running gateway from another process.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};

use super::{Access, Verb, file_in};

/// A running gateway, found by its identity's folder.
#[derive(Debug)]
pub struct Remote {
    access: Access,
    http: reqwest::Client,
}

/// Why a gateway did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum RemoteError {
    /// No gateway of this identity runs, or it ended.
    #[error("no sandbox runs with this identity")]
    NotThere(#[source] Option<Box<dyn std::error::Error + Send + Sync>>),
    /// It did not understand: another version, perhaps.
    #[error("{0}")]
    Usage(String),
    /// The world says no, in the words of the person's language.
    #[error("{0}")]
    Refused(String),
}

impl Remote {
    /// Reads where the gateway is. Nothing is sent yet.
    pub fn find(identity: &Path) -> Result<Self, RemoteError> {
        let text = std::fs::read_to_string(file_in(identity)).map_err(|error| not_there(error.into()))?;
        let access: Access = serde_json::from_str(&text).map_err(|error| not_there(error.into()))?;
        // No limit to the whole: a clock moved ahead waits for every receiver on the way.
        let builder = reqwest::Client::builder().no_proxy().connect_timeout(Duration::from_secs(5));
        let http = builder.build().map_err(|error| not_there(error.into()))?;
        Ok(Self { access, http })
    }

    /// Asks for a verb, with its arguments by name, and returns what the gateway tells. `language` is that of a
    /// refusal: `zh-CN` or `en`.
    pub async fn ask(&self, verb: &Verb, arguments: &[(&str, &str)], language: &str) -> Result<Value, RemoteError> {
        let given: serde_json::Map<_, _> = arguments.iter().map(|(n, v)| ((*n).to_owned(), Value::from(*v))).collect();
        let body = json!({ "verb": verb.name, "arguments": given }).to_string();
        let request = self.http.post(&self.access.url).bearer_auth(&self.access.token);
        let request = request.header("accept-language", language).body(body);
        let response = request.send().await.map_err(|error| not_there(error.into()))?;
        let status = response.status().as_u16();
        let bytes = response.bytes().await.map_err(|error| not_there(error.into()))?;
        let document: Value = serde_json::from_slice(&bytes).unwrap_or_default();
        let message = || document["error"]["message"].as_str().unwrap_or_default().to_owned();
        match status {
            200 => Ok(document),
            400 => Err(RemoteError::Usage(message())),
            409 => Err(RemoteError::Refused(message())),
            // Somebody else listens where the gateway was, or it was started anew.
            _ => Err(RemoteError::NotThere(None)),
        }
    }
}

fn not_there(error: Box<dyn std::error::Error + Send + Sync>) -> RemoteError {
    RemoteError::NotThere(Some(error))
}
