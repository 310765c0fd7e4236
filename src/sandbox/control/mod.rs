//! Remote control of a running sandbox: drives the users, the clock and the platform's behaviour. Requests arrive at a
//! path of the gateway's own listener and must carry the token from the identity's folder; without it the path is
//! answered as any unknown path is.
//!
//! [`grammar`] is the table of verbs, [`execute`] runs them, [`Remote`] is the client.

pub(super) mod access;
mod execute;
mod grammar;
mod remote;

use std::sync::Arc;

use axum::body::Body;
use axum::http::request::Parts;
use axum::http::{Method, Response, StatusCode};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::reply::SandboxReply;
use super::shared::Shared;
use execute::ControlError;
use grammar::Arguments;

pub use execute::{CLOCK_TOO_FAR, UNKNOWN_NUMBER};
pub use grammar::{Parameter, Place, Shape, VERBS, Verb, VerbId};
pub use remote::{Rejection, Remote, RemoteError};

/// The body of a control request.
#[derive(Debug, Deserialize)]
struct ControlRequest {
    verb: String,
    #[serde(default)]
    arguments: Map<String, Value>,
}

/// Answers a control request, or denies that the path exists.
pub(super) async fn answer(shared: &Arc<Shared>, parts: &Parts, body: &[u8]) -> Response<Body> {
    if !shared.control.admits(&parts.headers) {
        return SandboxReply::empty(404).finish(None, None, shared.wire_now());
    }
    if parts.method != Method::POST {
        return SandboxReply::empty(405).finish(None, None, shared.wire_now());
    }
    let (status, document) = match run(shared, body).await {
        Ok(document) => (StatusCode::OK, document),
        Err(error) => (error.status(), json!({ "error": error.json() })),
    };
    let mut response = Response::new(Body::from(document.to_string()));
    *response.status_mut() = status;
    super::platform::set(response.headers_mut(), "content-type", "application/json; charset=utf-8");
    response
}

async fn run(shared: &Arc<Shared>, body: &[u8]) -> Result<Value, ControlError> {
    let usage = |message: String| ControlError::Usage(message);
    let request: ControlRequest = serde_json::from_slice(body).map_err(|error| usage(error.to_string()))?;
    let verb = Verb::named(&request.verb).ok_or_else(|| usage(format!("there is no verb {}", request.verb)))?;
    let mut given = Vec::with_capacity(request.arguments.len());
    for (name, value) in &request.arguments {
        let text = value.as_str().ok_or_else(|| usage(format!("{name} is not a string")))?;
        given.push((name.as_str(), text));
    }
    let arguments = Arguments::read(verb, given.into_iter())?;
    execute::execute(shared, verb, &arguments).await
}
