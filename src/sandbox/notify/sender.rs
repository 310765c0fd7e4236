//! Sends one notification to its receiver and classifies the answer (protocol reference §9.2).

use std::sync::OnceLock;
use std::time::Duration;

use axum::http::HeaderMap;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderValue, PRAGMA, USER_AGENT};
use reqwest::redirect;
use serde_json::Value;

use super::address::{LOCALHOST_IS, on_this_machine};

/// How many bytes of an answer are read.
const LOOKED_AT: usize = 4096;

/// The result of one attempt to send a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryResult {
    /// 200 or 204 with a body that does not contradict it.
    Acknowledged(u16),
    /// Another status, redirects included.
    Refused(u16),
    /// 200 or 204, but with an HTML page or a failure `code` in the body.
    NotAcknowledged(u16),
    /// No complete answer in time.
    Late,
    /// Nothing listens there, or the connection broke.
    NoConnection,
}

impl DeliveryResult {
    /// Its name in the list of notifications.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Acknowledged(_) => "acknowledged",
            Self::Refused(_) => "refused",
            Self::NotAcknowledged(_) => "not-meant",
            Self::Late => "late",
            Self::NoConnection => "no-connection",
        }
    }

    pub const fn status(self) -> Option<u16> {
        match self {
            Self::Acknowledged(status) | Self::Refused(status) | Self::NotAcknowledged(status) => Some(status),
            Self::Late | Self::NoConnection => None,
        }
    }
}

#[derive(Debug)]
pub(super) struct Sender {
    /// Created on first use: most sandboxes send nothing.
    http: OnceLock<Option<reqwest::Client>>,
    patience: Duration,
}

impl Sender {
    pub(super) fn new(patience: Duration) -> Self {
        Self { http: OnceLock::new(), patience }
    }

    fn http(&self) -> Option<&reqwest::Client> {
        let made = self.http.get_or_init(|| {
            let builder = reqwest::Client::builder()
                .no_proxy()
                .redirect(redirect::Policy::none())
                .resolve_to_addrs("localhost", &LOCALHOST_IS)
                // A kept connection may be closed just as it is used again, which would look like a failure.
                .pool_max_idle_per_host(0)
                .tcp_nodelay(true);
            builder.build().inspect_err(|error| tracing::error!(%error, "no notification can be sent")).ok()
        });
        made.as_ref()
    }

    /// Sends the body and waits for the answer as long as the platform does.
    pub(super) async fn send(&self, url: &str, signature: HeaderMap, body: &str) -> DeliveryResult {
        let (Some(http), Some(url)) = (self.http(), on_this_machine(url)) else { return DeliveryResult::NoConnection };
        let request = http
            .post(url)
            .header(USER_AGENT, "Mozilla/4.0")
            .header(ACCEPT, "*/*")
            .header(PRAGMA, "no-cache")
            .header(CONTENT_TYPE, HeaderValue::from_static("application/json"))
            .headers(signature)
            .body(body.to_owned());
        match tokio::time::timeout(self.patience, classify(request)).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(error)) => {
                tracing::debug!(%error, "a notification could not be delivered");
                DeliveryResult::NoConnection
            }
            Err(_) => DeliveryResult::Late,
        }
    }
}

async fn classify(request: reqwest::RequestBuilder) -> Result<DeliveryResult, reqwest::Error> {
    let mut response = request.send().await?;
    let status = response.status().as_u16();
    if !matches!(status, 200 | 204) {
        return Ok(DeliveryResult::Refused(status));
    }
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        body.extend_from_slice(&part);
        if body.len() > LOOKED_AT {
            break;
        }
    }
    Ok(if is_acknowledgement(&body) {
        DeliveryResult::Acknowledged(status)
    } else {
        DeliveryResult::NotAcknowledged(status)
    })
}

/// Login pages answer 200, too, and some receivers report a failure in the body.
fn is_acknowledgement(body: &[u8]) -> bool {
    let text = body.trim_ascii();
    let said = serde_json::from_slice::<Value>(text).ok();
    let code = said.as_ref().and_then(|said| said.get("code"));
    !text.starts_with(b"<") && code.is_none_or(|code| code == "SUCCESS")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_body_or_success_is_meant_and_a_page_or_a_failure_is_not() {
        let meant: [&[u8]; 4] = [b"", b" \n", br#"{"code":"SUCCESS","message":"OK"}"#, b"success"];
        assert!(meant.iter().all(|body| is_acknowledgement(body)));
        let not: [&[u8]; 4] = [
            b"<!DOCTYPE html><title>Log in</title>",
            b"\n <xml><return_code>SUCCESS</return_code></xml>",
            br#"{"code":"FAIL","message":"later"}"#,
            br#"{"code":500}"#,
        ];
        assert!(!not.iter().any(|body| is_acknowledgement(body)));
    }
}
