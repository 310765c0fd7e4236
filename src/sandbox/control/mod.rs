//! The person behind the sandbox: plays the users, moves the clock, spoils the platform's manners, while the gateway
//! runs. It is asked on a path of the same listener, by whoever can read the token in the identity's folder; to
//! everybody else that path does not exist.
//!
//! [`grammar`] is the table of verbs, [`play`] does them, [`Remote`] is the other end.

mod grammar;
mod play;
mod remote;
mod words;

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, Response, StatusCode};
use rand::RngExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::SandboxError;
use super::gateway::Shared;
use super::identity::{at, write_private};
use super::reply::Reply;
pub use grammar::{Arguments, Does, Misfit, Parameter, Place, Shape, VERBS, Verb};
pub use remote::{Remote, RemoteError};

/// Where the gateway is asked.
pub(super) const PATH: &str = "/_sandbox/control";

/// What the file in the identity's folder says.
#[derive(Debug, Serialize, Deserialize)]
struct Access {
    url: String,
    token: String,
}

/// Where the file is.
fn file_in(identity: &Path) -> PathBuf {
    identity.join("gateway").join("control.json")
}

/// The file that lets its owner control the gateway, as long as the gateway runs.
#[derive(Debug)]
pub(super) struct ControlFile {
    path: PathBuf,
    token: String,
}

impl ControlFile {
    pub(super) fn write(identity: &Path, base_url: &str) -> Result<Self, SandboxError> {
        let path = file_in(identity);
        let token: String = rand::rng().sample_iter(rand::distr::Alphanumeric).take(43).map(char::from).collect();
        let access = Access { url: format!("{base_url}{PATH}"), token };
        // A file that is left over may be readable by others; a new one is made.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
        let text = serde_json::to_string(&access).unwrap_or_default();
        write_private(&path, &text)?;
        Ok(Self { path, token: access.token })
    }

    fn admits(&self, headers: &HeaderMap) -> bool {
        let given = headers.get("authorization").and_then(|value| value.as_bytes().strip_prefix(b"Bearer "));
        given.is_some_and(|given| same(given, self.token.as_bytes()))
    }
}

impl Drop for ControlFile {
    /// Takes the file away, unless a later gateway of this identity has written its own.
    fn drop(&mut self) {
        if fs::read_to_string(&self.path).is_ok_and(|text| text.contains(&self.token)) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Compares in a time that does not depend on where the difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

/// What is asked.
#[derive(Debug, Deserialize)]
struct Question {
    verb: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

/// Answers whoever knows the token; to others the path is as unknown as any other.
pub(super) async fn answer(shared: &Arc<Shared>, parts: &Parts, body: &[u8]) -> Response<Body> {
    if !shared.control.admits(&parts.headers) {
        return Reply::empty(404).finish(None, None, shared.wire_now());
    }
    if parts.method != Method::POST {
        return Reply::empty(405).finish(None, None, shared.wire_now());
    }
    let language = parts.headers.get("accept-language").map(|value| value.as_bytes());
    let english = !language.is_some_and(|language| language.to_ascii_lowercase().starts_with(b"zh"));
    let (status, document) = match ask(shared, body, english).await {
        Ok(document) => (StatusCode::OK, document),
        Err(play::Refused::Usage(message)) => (StatusCode::BAD_REQUEST, failure("usage", &message)),
        Err(play::Refused::World(message)) => (StatusCode::CONFLICT, failure("refused", &message)),
    };
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    super::platform::set(response.headers_mut(), "content-type", "application/json; charset=utf-8");
    response
}

fn failure(kind: &str, message: &str) -> Value {
    json!({ "error": { "kind": kind, "message": message } })
}

async fn ask(shared: &Arc<Shared>, body: &[u8], english: bool) -> Result<Value, play::Refused> {
    let usage = |message: String| play::Refused::Usage(message);
    let question: Question = serde_json::from_slice(body).map_err(|error| usage(error.to_string()))?;
    let verb = Verb::named(&question.verb).ok_or_else(|| usage(format!("there is no verb {}", question.verb)))?;
    let mut given = Vec::with_capacity(question.arguments.len());
    for (name, value) in &question.arguments {
        let text = value.as_str().ok_or_else(|| usage(format!("{name} is no text")))?;
        given.push((name.as_str(), text));
    }
    let arguments = Arguments::read(verb, given.into_iter())?;
    play::play(shared, verb, &arguments, english).await
}
