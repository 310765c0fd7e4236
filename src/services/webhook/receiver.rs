//! The receiver's server: limited connections, request sizes and times, and a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::{ALLOW, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::response::Response;
use axum::{Extension, Router};
use futures_util::StreamExt;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, SemaphorePermit, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::api::{Client, Misconfigured};
use crate::crypto::SignatureHeaders;
use crate::ledger::{
    AttemptEnd, Delivery, ForwardAttempt, ForwardMode, Ledger, NewDelivery, Refused, StoreResult, Verdict,
};
use crate::model::time::Timestamp;
use crate::services::webhook::committer::{Committer, CommitterOptions, Counters, committer};
use crate::services::webhook::forward::{Forwarder, Queue};
use crate::services::webhook::line::{FirstByte, ListenerLine};
use crate::services::webhook::verify::{ACKNOWLEDGED, LATER, NotificationVerifier, UNPROVEN, Unacknowledged};
use crate::services::webhook::{Bind, EventSink, ListenOptions, ListenerEvent, Listening, keys};

/// The ciphertext may be a mebibyte (protocol reference §9.1), in base64 and with its envelope.
const LONGEST_BODY: usize = 2 << 20;
/// Bodies up to this many bytes need no permit; of larger ones, which are rare, only a few are read at once.
const SMALL_BODY: usize = 64 << 10;
const LARGE_AT_ONCE: usize = 8;
/// The limit of a request's head.
const LONGEST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 100;
/// The time limit of reading a head, and then of reading a body.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
const BODY_PATIENCE: Duration = Duration::from_secs(10);
/// WeChat Pay waits for five seconds (protocol reference §9.2).
const ANSWER_WITHIN: Duration = Duration::from_millis(4500);
const FORWARD_WITHIN: Duration = Duration::from_secs(4);
const CONNECTIONS: usize = 1024;
/// The time limit for requests in flight when the receiver stops.
const GRACE: Duration = Duration::from_secs(6);
const FORWARD_GRACE: Duration = Duration::from_secs(2);
/// The state of the receiver is reported at most this often.
const STATUS_EVERY: Duration = Duration::from_millis(500);

/// Why the receiver cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot listen on {address}")]
    Bind {
        address: String,
        #[source]
        source: std::io::Error,
    },
    #[error(transparent)]
    Misconfigured(#[from] Misconfigured),
}

/// Receives for a profile. Dropping it ends it at once; [`Receiver::stop`] finishes the requests in flight.
pub struct Receiver {
    url: String,
    /// Accepts no further connections, and closes existing ones after the current request.
    closing: CancellationToken,
    /// Aborts everything in flight.
    dead: CancellationToken,
    accepting: JoinHandle<()>,
    connections: TaskTracker,
    committing: JoinHandle<()>,
    forwarding: Option<JoinHandle<()>>,
    background: Vec<JoinHandle<()>>,
    ledger: Ledger,
    profile: String,
    since: Timestamp,
}

/// The state that all connections share.
struct Shared {
    path: String,
    verify: NotificationVerifier,
    committer: Committer,
    counters: Arc<Counters>,
    /// Set if only what the back end has accepted is acknowledged.
    forwarder: Option<Forwarder>,
    ledger: Ledger,
    large: Semaphore,
}

impl Receiver {
    /// Starts to receive for `profile`, the key of its objects in the ledger.
    pub async fn start(
        client: Client,
        ledger: Ledger,
        profile: &str,
        options: &ListenOptions,
        notify: EventSink,
    ) -> Result<Self, ListenError> {
        client.opens_notifications()?;
        let listener = bind(&options.bind).await?;
        let address = listener.local_addr().map_err(|source| unbound(&options.bind, source))?;
        let forwarder = options.forward.clone().map(Forwarder::new).transpose();
        let forwarder = forwarder.map_err(|error| Misconfigured::Client(error.into()))?;
        let onward = match (&forwarder, options.answer_after_forward) {
            (None, _) => ForwardMode::Nowhere,
            (Some(_), false) => ForwardMode::Queued,
            (Some(_), true) => ForwardMode::AtOnce,
        };
        let url = format!("http://{address}{}", options.path);
        let (counters, bell, closing) =
            (Arc::new(Counters::default()), Arc::new(Notify::new()), CancellationToken::new());
        let (committer, committing) = committer(CommitterOptions {
            ledger: ledger.clone(),
            profile: profile.to_owned(),
            onward,
            counters: counters.clone(),
            onward_bell: bell.clone(),
            notify: notify.clone(),
        });
        let (ready, is_ready) = watch::channel(client.has_platform_keys());
        let since = OffsetDateTime::now_utc();
        let mut background = vec![
            tokio::spawn(keys::keep(client.clone(), ready, notify.clone())),
            tokio::spawn(status(counters.clone(), url.clone(), since, notify.clone())),
        ];
        background.push(tokio::spawn(listening(ledger.clone(), profile.to_owned(), since)));
        let queue = |forwarder| Queue {
            forwarder,
            ledger: ledger.clone(),
            profile: profile.to_owned(),
            bell,
            notify: notify.clone(),
            cancel: closing.clone(),
        };
        let forwarding = forwarder.clone().map(|forwarder| tokio::spawn(queue(forwarder).run()));
        let shared = Arc::new(Shared {
            path: options.path.clone(),
            verify: NotificationVerifier::new(client, is_ready),
            committer,
            counters,
            forwarder: forwarder.filter(|_| onward == ForwardMode::AtOnce),
            ledger: ledger.clone(),
            large: Semaphore::new(LARGE_AT_ONCE),
        });
        let (connections, dead) = (TaskTracker::new(), CancellationToken::new());
        let ends = Ends { closing: closing.clone(), dead: dead.clone() };
        let accepting = tokio::spawn(accept(listener, shared, connections.clone(), ends));
        let committing = tokio::spawn(committing);
        let profile = profile.to_owned();
        Ok(Self {
            url,
            closing,
            dead,
            accepting,
            connections,
            committing,
            forwarding,
            background,
            ledger,
            profile,
            since,
        })
    }

    /// `http://127.0.0.1:8080/notify`.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Stops accepting, finishes the requests in flight, writes the last counts.
    pub async fn stop(mut self) {
        self.closing.cancel();
        let _ = (&mut self.accepting).await;
        self.connections.close();
        if tokio::time::timeout(GRACE, self.connections.wait()).await.is_err() {
            tracing::warn!("some notifications were not finished; they are sent again");
            // A slow sender must not delay the user who quits.
            self.dead.cancel();
        }
        // The committer ends when the last connection has dropped it.
        let _ = tokio::time::timeout(GRACE, &mut self.committing).await;
        if let Some(forwarding) = &mut self.forwarding {
            let _ = tokio::time::timeout(FORWARD_GRACE, forwarding).await;
        }
        let (profile, since) = (self.profile.clone(), self.since);
        if let Err(error) = self.ledger.run(move |ledger| ledger.stop_listening(&profile, since)).await {
            tracing::debug!(%error, "the end of receiving could not be recorded in the ledger");
        }
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.closing.cancel();
        self.dead.cancel();
        let tasks = [&self.accepting, &self.committing].into_iter().chain(&self.forwarding).chain(&self.background);
        tasks.for_each(JoinHandle::abort);
    }
}

async fn bind(bind: &Bind) -> Result<TcpListener, ListenError> {
    let listener = match bind {
        Bind::Address(address) => TcpListener::bind(address).await,
        Bind::Bound(listener) => listener.try_clone().and_then(|listener| {
            listener.set_nonblocking(true)?;
            TcpListener::from_std(listener)
        }),
    };
    listener.map_err(|source| unbound(bind, source))
}

fn unbound(bind: &Bind, source: std::io::Error) -> ListenError {
    let address = match bind {
        Bind::Address(address) => address.to_string(),
        Bind::Bound(listener) => listener.local_addr().map(|address| address.to_string()).unwrap_or_default(),
    };
    ListenError::Bind { address, source }
}

/// Records in the ledger that this process receives from now on.
async fn listening(ledger: Ledger, profile: String, since: Timestamp) {
    if let Err(error) = ledger.run(move |ledger| ledger.listen(&profile, since)).await {
        tracing::warn!(%error, "the start of receiving could not be recorded in the ledger");
    }
}

/// Reports the state of the receiver whenever it changes.
async fn status(counters: Arc<Counters>, url: String, since: Timestamp, notify: EventSink) {
    loop {
        let (received, refused) = (counters.received.load(Ordering::Relaxed), counters.refused.load(Ordering::Relaxed));
        let (url, since) = (Some(url.clone()), Some(since));
        notify(ListenerEvent::Status(Listening { url, since, received, refused, trouble: None }));
        tokio::time::sleep(STATUS_EVERY).await;
        counters.changed.notified().await;
    }
}

/// How connections end: after the current request, or at once.
#[derive(Clone)]
struct Ends {
    closing: CancellationToken,
    dead: CancellationToken,
}

async fn accept(listener: TcpListener, shared: Arc<Shared>, connections: TaskTracker, ends: Ends) {
    let slots = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let accepted = tokio::select! {
            () = ends.closing.cancelled() => return,
            accepted = async {
                // If all permits are taken, new connections wait in the system's queue.
                let slot = slots.clone().acquire_owned().await;
                (listener.accept().await, slot)
            } => accepted,
        };
        match accepted {
            (Ok((stream, peer)), slot) => {
                let (shared, Ends { closing, dead }) = (shared.clone(), ends.clone());
                connections.spawn(async move {
                    let _slot = slot;
                    tokio::select! {
                        () = dead.cancelled() => {}
                        () = serve(stream, peer, shared, closing) => {}
                    }
                });
            }
            (Err(error), _) => {
                tracing::debug!(%error, "a connection could not be accepted");
                // Most likely out of file descriptors: other connections must end first.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, peer: SocketAddr, shared: Arc<Shared>, closing: CancellationToken) {
    if let Err(error) = stream.set_nodelay(true) {
        tracing::debug!(%error, "TCP_NODELAY could not be set");
    }
    let first_byte = FirstByte::default();
    let line = ListenerLine { stream, first_byte: first_byte.clone() };
    let router = Router::new().fallback(receive).with_state(shared.clone());
    let service = service_fn(move |request: axum::http::Request<Incoming>| {
        let (mut router, first_byte) = (router.clone(), first_byte.clone());
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(Caller { peer, began: first_byte.get() });
            let response = router.call(request).await;
            first_byte.clear();
            response
        }
    });
    // Not `axum::serve`: it has no time limit for a head that arrives byte by byte.
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_PATIENCE)
        .max_buf_size(LONGEST_HEAD)
        .max_headers(MOST_HEADERS)
        .serve_connection(TokioIo::new(line), service);
    tokio::pin!(connection);
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = closing.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection of the receiver broke");
        // Malformed requests have already been answered with 400 or 431.
        if error.is_parse() {
            let delivery = delivery(&peer, "", &HeaderMap::new(), Vec::new());
            shared.refuse(delivery, Verdict::Malformed, 400, error.to_string());
        }
    }
}

/// The sender of a request, and when its first byte arrived.
#[derive(Clone, Copy)]
struct Caller {
    peer: SocketAddr,
    began: Instant,
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    Extension(Caller { peer, began }): Extension<Caller>,
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

impl Shared {
    async fn answer(&self, request: Request, peer: SocketAddr, began: Instant) -> Response {
        let (head, body) = request.into_parts();
        let target = head.uri.path_and_query().map_or("/", |target| target.as_str());
        let delivery = |body| delivery(&peer, target, &head.headers, body);
        if head.uri.path() != self.path {
            let detail = format!("{} {}: not this path", head.method, head.uri.path());
            return self.refuse(delivery(Vec::new()), Verdict::Stray, 404, detail);
        }
        if head.method != Method::POST {
            let detail = format!("the method is {}", head.method);
            let mut response = self.refuse(delivery(Vec::new()), Verdict::Stray, 405, detail);
            response.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        // A large body keeps its permit until it is answered: it may have to wait for the platform's keys.
        let (body, _place) = match self.read(&head.headers, body).await {
            Ok(read) => read,
            Err(NoBody::Oversized) => {
                let detail = format!("longer than {LONGEST_BODY} bytes");
                return self.refuse(delivery(Vec::new()), Verdict::Oversized, 413, detail);
            }
            Err(NoBody::NoRoom) => return response(LATER),
            Err(NoBody::Broken(why)) => return self.refuse(delivery(Vec::new()), Verdict::Malformed, 400, why),
        };
        let delivery = delivery(body);
        if let Some(name) = given_twice(&head.headers) {
            return self.refuse(delivery, Verdict::Unsigned, UNPROVEN, format!("{name} is given twice"));
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
                bytes.extend_from_slice(&part.map_err(|error| NoBody::Broken(error.to_string()))?);
                if bytes.len() > LONGEST_BODY {
                    return Err(NoBody::Oversized);
                }
                if bytes.len() > SMALL_BODY && place.is_none() {
                    place = Some(self.large.try_acquire().map_err(|_| NoBody::NoRoom)?);
                }
            }
            Ok((bytes, place))
        };
        let late = |_| NoBody::Broken(format!("the body has not come within {} s", BODY_PATIENCE.as_secs()));
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
                let detail = "the very signature came before".to_owned();
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
