//! The receiver's server: limited connections, request sizes and times, and a graceful end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use time::OffsetDateTime;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, Semaphore, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower_service::Service;

use crate::api::{Client, Misconfigured};
use crate::ledger::{ForwardMode, Ledger};
use crate::model::time::Timestamp;
use crate::services::webhook::committer::{CommitterOptions, Counters, committer};
use crate::services::webhook::delivery::{LARGE_AT_ONCE, ListenerShared, RequestOrigin, receive};
use crate::services::webhook::forward::{ForwardQueue, Forwarder};
use crate::services::webhook::line::{FirstByte, ListenerLine};
use crate::services::webhook::refusal::RefusalCode;
use crate::services::webhook::verify::NotificationVerifier;
use crate::services::webhook::{Bind, EventSink, ListenOptions, ListenerEvent, Listening, keys};

/// The limit of a request's head.
const LONGEST_HEAD: usize = 64 << 10;
const MOST_HEADERS: usize = 100;
/// The time limit of reading a head.
const HEAD_PATIENCE: Duration = Duration::from_secs(10);
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
        let forward_mode = match (&forwarder, options.answer_after_forward) {
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
            forward_mode,
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
        let queue = |forwarder| ForwardQueue {
            forwarder,
            ledger: ledger.clone(),
            profile: profile.to_owned(),
            bell,
            notify: notify.clone(),
            cancel: closing.clone(),
        };
        let forwarding = forwarder.clone().map(|forwarder| tokio::spawn(queue(forwarder).run()));
        let shared = Arc::new(ListenerShared {
            path: options.path.clone(),
            verify: NotificationVerifier::new(client, is_ready),
            committer,
            counters,
            forwarder: forwarder.filter(|_| forward_mode == ForwardMode::AtOnce),
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

async fn accept(listener: TcpListener, shared: Arc<ListenerShared>, connections: TaskTracker, ends: Ends) {
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

async fn serve(stream: TcpStream, peer: SocketAddr, shared: Arc<ListenerShared>, closing: CancellationToken) {
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
            request.extensions_mut().insert(RequestOrigin { peer, began: first_byte.get() });
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
            shared.refuse_unread(peer, RefusalCode::Unreadable.with(error));
        }
    }
}
