//! One request to the receiver: it is read, verified, committed and answered.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Extension;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use futures_util::StreamExt;
use time::OffsetDateTime;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::crypto::SignatureHeaders;
use crate::ledger::{AttemptEnd, Delivery, ForwardAttempt, Ledger, NewDelivery, Refused, StoreResult, Verdict};
use crate::services::webhook::committer::{Committer, Counters};
use crate::services::webhook::forward::Forwarder;
use crate::services::webhook::refusal::RefusalCode;
use crate::services::webhook::verify::{ACKNOWLEDGED, LATER, NotificationVerifier, UNPROVEN, Unacknowledged};

/// The ciphertext may be a mebibyte (protocol reference §9.1), in base64 and with its envelope.
const LONGEST_BODY: usize = 2 << 20;
/// Bodies up to this many bytes need no permit; of larger ones, which are rare, only a few are read at once.
const SMALL_BODY: usize = 64 << 10;
pub(super) const LARGE_AT_ONCE: usize = 8;
/// The time limit of reading a body.
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// WeChat Pay waits for five seconds (protocol reference §9.2).
const ANSWER_WITHIN: Duration = Duration::from_millis(4500);
const FORWARD_WITHIN: Duration = Duration::from_secs(4);

/// The state that all connections share.
pub(super) struct ListenerShared {
    pub(super) path: String,
    pub(super) verify: NotificationVerifier,
    pub(super) committer: Committer,
    pub(super) counters: Arc<Counters>,
    /// Set if only what the back end has accepted is acknowledged.
    pub(super) forwarder: Option<Forwarder>,
    pub(super) ledger: Ledger,
    pub(super) large: Semaphore,
}

/// The sender of a request, and when its first byte arrived.
#[derive(Clone, Copy)]
pub(super) struct RequestOrigin {
    pub(super) peer: SocketAddr,
    pub(super) began: Instant,
}

pub(super) async fn receive(
    State(shared): State<Arc<ListenerShared>>,
    Extension(RequestOrigin { peer, began }): Extension<RequestOrigin>,
    request: Request,
) -> Response {
    shared.answer(request, peer, began).await
}

/// Why a body is not read.
enum NoBody {
    Oversized,
    /// Too many large ones at once.
    NoRoom,
    Broken(String),
}

impl ListenerShared {
    async fn answer(&self, request: Request, peer: SocketAddr, began: Instant) -> Response {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let delivery = |body| delivery(&peer, target, &head.headers, body);
        if head.uri.path() != self.path {
            let detail = RefusalCode::NotThisPath.with(format_args!("{} {}", head.method, head.uri.path()));
            return self.refuse(delivery(Vec::new()), Verdict::Stray, 404, detail);
        }
        if head.method != Method::POST {
            let detail = RefusalCode::NotPost.with(&head.method);
            let mut response = self.refuse(delivery(Vec::new()), Verdict::Stray, 405, detail);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        // A large body keeps its permit until it is answered: it may have to wait for the platform's keys.
        let (body, _place) = match self.read(&head.headers, body).await {
            Ok(read) => read,
            Err(NoBody::Oversized) => {
                let detail = RefusalCode::TooLong.with(LONGEST_BODY);
                return self.refuse(delivery(Vec::new()), Verdict::Oversized, 413, detail);
            }
            Err(NoBody::NoRoom) => return response(LATER),
            Err(NoBody::Broken(why)) => return self.refuse(delivery(Vec::new()), Verdict::Malformed, 400, why),
        };
        let delivery = delivery(body);
        if let Some(name) = given_twice(&head.headers) {
            return self.refuse(delivery, Verdict::Unsigned, UNPROVEN, RefusalCode::GivenTwice.with(name));
        }
        let signature = SignatureHeaders::collect(|name| head.headers.get(name)?.to_str().ok());
        match self.verify.verify(&signature, delivery).await {
            Ok(arrival) => self.take(*arrival, began).await,
            Err(Unacknowledged::NotYet) => response(LATER),
            Err(Unacknowledged::Refused(refused)) => {
                let status = refused.status;
                self.counters.refuse(*refused);
                response(status)
            }
        }
    }

    /// Reads a body, which may be larger than it declares; returns it with its permit if it is large.
    async fn read(&self, headers: &HeaderMap, body: Body) -> Result<(Vec<u8>, Option<SemaphorePermit<'_>>), NoBody> {
        let length = headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > LONGEST_BODY as u64) {
            return Err(NoBody::Oversized);
        }
        let read = async {
            let mut parts = body.into_data_stream();
            let (mut bytes, mut place) = (Vec::new(), None);
            while let Some(part) = parts.next().await {
                bytes.extend_from_slice(&part.map_err(|error| NoBody::Broken(RefusalCode::Broken.with(error)))?);
                if bytes.len() > LONGEST_BODY {
                    return Err(NoBody::Oversized);
                }
                if bytes.len() > SMALL_BODY && place.is_none() {
                    place = Some(self.large.try_acquire().map_err(|_| NoBody::NoRoom)?);
                }
            }
            Ok((bytes, place))
        };
        let late = |_| NoBody::Broken(RefusalCode::Late.with(BODY_PATIENCE.as_secs()));
        tokio::time::timeout(BODY_PATIENCE, read).await.map_err(late)?
    }

    /// Commits a genuine notification: it is on the disk before it is acknowledged.
    async fn take(&self, arrival: NewDelivery, began: Instant) -> Response {
        let (delivery, status) = (arrival.delivery.clone(), arrival.status);
        let left = ANSWER_WITHIN.saturating_sub(began.elapsed());
        let receipt = tokio::time::timeout(left, self.committer.commit(arrival)).await;
        let (event, number, again) = match receipt {
            // Not committed, or not in time: the sender must repeat it.
            Ok(None) | Err(_) => return response(LATER),
            Ok(Some(StoreResult::Replayed)) => {
                let detail = RefusalCode::SameSignature.word().to_owned();
                return self.refuse(delivery, Verdict::Replayed, UNPROVEN, detail);
            }
            Ok(Some(StoreResult::New { event, delivery })) => (event, delivery, false),
            Ok(Some(StoreResult::Again { event, delivery })) => (event, delivery, true),
        };
        let status = match &self.forwarder {
            None => status,
            Some(forwarder) => self.forward(forwarder, &delivery, (event, number, again), began).await,
        };
        let micros = u64::try_from(began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.counters.answered(number, micros);
        response(status)
    }

    /// Forwards a notification before it is acknowledged; returns the status to answer with.
    async fn forward(
        &self,
        forwarder: &Forwarder,
        delivery: &Delivery,
        (event, number, again): (i64, i64, bool),
        began: Instant,
    ) -> u16 {
        if again {
            match self.ledger.run(move |ledger| ledger.is_accepted(event)).await {
                Ok(true) => return ACKNOWLEDGED,
                Ok(false) => {}
                Err(_) => return LATER,
            }
        }
        let sent = forwarder.send(delivery, FORWARD_WITHIN.saturating_sub(began.elapsed())).await;
        let at = OffsetDateTime::now_utc();
        let (status, end) = match sent {
            Ok(accepted) => (ACKNOWLEDGED, AttemptEnd::Accepted(accepted)),
            // WeChat Pay repeats it, with a fresh signature.
            Err(failure) => (LATER, AttemptEnd::Failed { status: failure.status, error: failure.error, next: None }),
        };
        let attempt = ForwardAttempt { event, delivery: number, at, end, answered: Some(status) };
        if let Err(error) = self.ledger.run(move |ledger| ledger.forwarded(&[attempt])).await {
            tracing::warn!(%error, "the attempt to forward cannot be recorded");
        }
        status
    }

    /// Counts a request whose head could not be read.
    pub(super) fn refuse_unread(&self, peer: SocketAddr, detail: String) {
        self.refuse(delivery(&peer, "", &HeaderMap::new(), Vec::new()), Verdict::Malformed, 400, detail);
    }

    fn refuse(&self, delivery: Delivery, verdict: Verdict, status: u16, detail: String) -> Response {
        self.counters.refuse(Refused { delivery, verdict, status, detail });
        response(status)
    }
}

/// Each is signed once.
fn given_twice(headers: &HeaderMap) -> Option<&'static str> {
    let signed = [
        "wechatpay-signature",
        "wechatpay-timestamp",
        "wechatpay-nonce",
        "wechatpay-serial",
        "wechatpay-signature-type",
    ];
    signed.into_iter().find(|name| headers.get_all(*name).iter().count() > 1)
}

fn delivery(peer: &SocketAddr, target: &str, headers: &HeaderMap, body: Vec<u8>) -> Delivery {
    let mut lines = Vec::new();
    for (name, value) in headers {
        for part in [name.as_str().as_bytes(), b": ", value.as_bytes(), b"\r\n"] {
            lines.extend_from_slice(part);
        }
    }
    let at = OffsetDateTime::now_utc();
    Delivery { at, peer: peer.to_string(), target: target.to_owned(), headers: lines, body }
}

/// An acknowledgement is empty; a refusal contains no details.
fn response(status: u16) -> Response {
    let message = match status {
        ACKNOWLEDGED => "",
        UNPROVEN => r#"{"code":"FAIL","message":"the signature does not hold"}"#,
        404 | 405 => r#"{"code":"FAIL","message":"nothing is received here"}"#,
        413 => r#"{"code":"FAIL","message":"too long"}"#,
        LATER => r#"{"code":"FAIL","message":"not now"}"#,
        _ => r#"{"code":"FAIL","message":"not understood"}"#,
    };
    let mut response = Response::new(Body::from(message));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    if !message.is_empty() {
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    response
}
