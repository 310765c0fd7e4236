//! The gateway itself: starts, serves, and simulates the users in the background.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::Response;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use super::answer::{Answer, Code, SandboxOutcome, SandboxRefusal};
use super::connection::{CutSwitch, CuttableListener};
use super::control;
use super::faults::{Fault, Faults};
use super::gate::{LONGEST_BODY, RawRequest, Rejected, endpoint_of};
use super::log::{LOGGED_BODY, RequestRecord};
use super::notify::address::is_notify_url;
use super::notify::{NotificationRecord, delivery};
use super::reply::SandboxReply;
use super::shared::Shared;
use super::user::User;
use super::world::{Call, World, expired_link};
use super::{Options, SandboxError};
use crate::crypto::Authorization;
use crate::model::time::Duration as Span;
use crate::model::{Kind, Serial};
use crate::sync::lock;

/// How often users get a chance to act.
const TICK: Duration = Duration::from_millis(400);
/// How long open connections may take to finish when the gateway stops.
const GRACE: Duration = Duration::from_millis(300);

/// A running gateway. Dropping it stops it.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    base_url: String,
    config: PathBuf,
    tasks: Vec<JoinHandle<()>>,
}

/// Opens the identity, creates the merchant, and serves until the gateway is stopped or dropped.
pub async fn start(options: Options) -> Result<Gateway, SandboxError> {
    if let Some(url) = options.notify_url.as_ref().filter(|url| url.len() > 255 || !is_notify_url(url)) {
        return Err(SandboxError::NotifyUrl(url.clone()));
    }
    let bind = |source| SandboxError::Bind { address: options.bind, source };
    let listener = TcpListener::bind(options.bind).await.map_err(bind)?;
    let address: SocketAddr = listener.local_addr().map_err(bind)?;
    // A gateway that listens on every address is reached at loopback.
    let reached = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => SocketAddr::from((Ipv4Addr::LOCALHOST, address.port())),
        IpAddr::V6(ip) if ip.is_unspecified() => SocketAddr::from((Ipv6Addr::LOCALHOST, address.port())),
        _ => address,
    };
    let base_url = format!("http://{reached}");
    let url = base_url.clone();
    let shared = tokio::task::spawn_blocking(move || Shared::open(&options, &url)).await??;
    let shared = Arc::new(shared);
    let config = lock(&shared.identity).config_path();
    let tasks = vec![
        tokio::spawn(serve(Arc::clone(&shared), listener)),
        tokio::spawn(delivery::run(Arc::clone(&shared))),
        tokio::spawn(simulate_users(Arc::clone(&shared))),
    ];
    Ok(Gateway { shared, base_url, config, tasks })
}

impl Gateway {
    /// `http://127.0.0.1:PORT`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// The configuration for Paydeck, in the identity's folder.
    pub fn config(&self) -> PathBuf {
        self.config.clone()
    }

    /// The faults that can be injected.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The last requests that arrived, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.log.records()
    }

    /// The users, to be driven by hand.
    pub fn user(&self) -> User<'_> {
        User(&self.shared)
    }

    /// What was sent to the merchant, oldest event first, with the result of each attempt.
    pub fn notifications(&self) -> Vec<NotificationRecord> {
        self.shared.outbox.list()
    }

    /// Moves the world's clock ahead and does everything due on the way, in the order of its time, each attempt to send
    /// awaited. False if the clock cannot be moved that far.
    pub async fn advance(&self, by: Span) -> bool {
        delivery::advance(&self.shared, by).await.is_ok()
    }

    /// Issues a new platform certificate: it is listed with the old ones, and signs from now on. Blocks while the key is
    /// generated.
    pub fn rotate_certificate(&self) -> Result<Serial, SandboxError> {
        self.shared.rotate_certificate()
    }

    /// Stops the gateway: open connections may finish, held ones are closed.
    pub async fn stop(mut self) {
        self.shared.closing.cancel();
        for task in std::mem::take(&mut self.tasks) {
            let abort = task.abort_handle();
            if tokio::time::timeout(GRACE, task).await.is_err() {
                abort.abort();
            }
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.shared.closing.cancel();
        for task in &self.tasks {
            task.abort();
        }
    }
}

async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    let closing = shared.closing.clone();
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<CutSwitch>();
    let server = axum::serve(CuttableListener(listener), service).with_graceful_shutdown(closing.cancelled_owned());
    if let Err(error) = server.await {
        tracing::error!(%error, "the gateway stopped serving");
    }
}

async fn simulate_users(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.closing.cancelled() => return,
            // Users do nothing while the clock is being moved by hand.
            _ = ticks.tick(), if !shared.clock.is_held() => { shared.with_world(World::tick); }
        }
    }
}

/// One request, from its arrival to its answer.
async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(switch): ConnectInfo<CutSwitch>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    // Read beyond the limit, so that a body that is too long is still verified and refused with a message.
    let body = to_bytes(body, 8 * LONGEST_BODY).await;
    let bytes = body.as_ref().map_or(&[][..], |bytes| bytes);
    let request = RawRequest { method: parts.method.as_str(), target, headers: &parts.headers, body: bytes };
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if target == control::access::PATH {
        return control::answer(&shared, &parts, bytes).await;
    }
    let arrived = shared.log.record(RequestRecord {
        method: request.method.to_owned(),
        target: target.to_owned(),
        endpoint: endpoint_of(request.method, target),
        body: bytes[..bytes.len().min(LOGGED_BODY)].to_vec(),
        status: None,
        timestamp: authorization.and_then(|h| Authorization::parse(h).ok()?.timestamp.parse().ok()),
    });
    let response = respond(&shared, &request).await;
    shared.log.answered(arrived, response.as_ref().map(|response| response.status().as_u16()));
    match response {
        Some(response) => response,
        None => {
            switch.cut();
            Response::new(Body::empty())
        }
    }
}

/// The answer, or `None` if the connection is to be dropped.
async fn respond(shared: &Shared, request: &RawRequest<'_>) -> Option<Response<Body>> {
    let now = shared.wire_now();
    let english = request
        .headers
        .get("accept-language")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|language| language.trim_start().to_ascii_lowercase().starts_with("en"));
    let mut call = match shared.gate.check(request, now.unix_timestamp()) {
        Ok(call) => call,
        Err(Rejected::Unrouted(status)) => return Some(SandboxReply::empty(status).finish(None, None, now)),
        Err(Rejected::Unauthenticated(refusal)) => {
            return Some(SandboxReply::refusal(&refusal, english).finish(None, None, now));
        }
        Err(Rejected::Invalid(refusal)) => {
            let signer = shared.signer(request.headers).ok().or_else(|| shared.default_signer());
            let signer = signer.filter(|_| !shared.faults.errors_unsigned());
            return Some(SandboxReply::refusal(&refusal, english).finish(signer.as_ref(), None, now));
        }
    };
    let fault = shared.faults.take(call.endpoint, request.target);
    let (signer, outcome) = match shared.signer(request.headers) {
        Ok(signer) => {
            let opened = shared.open_fields(&mut call, request.headers);
            let outcome = opened.and_then(|()| effect(shared, &call, fault.as_ref()));
            (Some(signer), shared.remembered(&call, fault.as_ref(), outcome))
        }
        Err(refusal) => (shared.default_signer(), Err(refusal)),
    };
    let signer = if fault == Some(Fault::OtherSigner) { shared.other_signer(request.headers) } else { signer };
    let packs = request.headers.get("accept-encoding").and_then(|value| value.to_str().ok());
    let packs = packs.is_some_and(|encodings| encodings.to_ascii_lowercase().contains("gzip"));
    let reply = SandboxReply::of(&outcome, english).packed(packs);
    let signer = signer.filter(|_| !(reply.is_error() && shared.faults.errors_unsigned()));
    match &fault {
        Some(Fault::DropAfter) => return None,
        Some(Fault::HoldAfter) => {
            shared.closing.cancelled().await;
            return None;
        }
        Some(Fault::Html(status)) => return Some(SandboxReply::html(*status).finish(None, None, now)),
        Some(Fault::ProxyRefusal(status) | Fault::ProxyRefusalBefore(status)) => {
            return Some(SandboxReply::by_a_proxy(*status).finish(None, None, now));
        }
        Some(Fault::Empty | Fault::EmptyBefore) => {
            return Some(SandboxReply::empty(200).finish(signer.as_ref(), None, now));
        }
        Some(Fault::Slow(delay)) => tokio::time::sleep(*delay).await,
        _ => {}
    }
    tracing::debug!(method = request.method, target = request.target, status = reply.status(), "answered");
    Some(reply.finish(signer.as_ref(), fault.as_ref(), shared.wire_now()))
}

/// Applies the call, unless a fault prevents it.
fn effect(shared: &Shared, call: &Call, fault: Option<&Fault>) -> SandboxOutcome {
    let busy = || SandboxRefusal::new(Code::SystemError, "系统错误", "system error");
    match fault {
        Some(Fault::RateLimited) => {
            Err(SandboxRefusal::new(Code::FrequencyLimited, "请求过于频繁，请稍后重试", "too many requests"))
        }
        Some(Fault::Accepted) => shared.answer(call).and(Err(SandboxRefusal::new(
            Code::UserPaying,
            "用户支付中，需要输入密码",
            "the user is entering the password",
        ))),
        Some(Fault::FailBefore | Fault::ReplayedBefore | Fault::ProxyRefusalBefore(_) | Fault::EmptyBefore) => {
            Err(busy())
        }
        Some(Fault::OtherAmount) => shared.answer(call).map(|answer| match answer {
            Answer::Document(document) => Answer::Document(with_other_amounts(document)),
            other => other,
        }),
        Some(Fault::FailAfter) => shared.answer(call).and(Err(busy())),
        Some(Fault::LinkExpired) => Err(expired_link()),
        // A change is applied, and its answer names the other number.
        Some(Fault::AnswerAbout(number)) if call.endpoint.endpoint().is_mutation() => {
            shared.answer(call).map(|answer| match answer {
                Answer::Document(document) => Answer::Document(with_number(document, number)),
                other => other,
            })
        }
        Some(Fault::AnswerAbout(number)) => {
            let mut other = call.clone();
            other.parameters.iter_mut().for_each(|(_, value)| value.clone_from(number));
            shared.answer(&other)
        }
        _ => shared.answer(call),
    }
}

/// The document with each of its amounts one fen higher.
fn with_other_amounts(mut document: Value) -> Value {
    for pointer in ["/total_amount", "/amount/refund", "/total_actual_price", "/risk_fund/amount"] {
        if let Some(amount) = document.pointer_mut(pointer)
            && let Some(fen) = amount.as_i64()
        {
            *amount = (fen + 1).into();
        }
    }
    document
}

/// The same document under another number.
fn with_number(mut document: Value, number: &str) -> Value {
    let fields = Kind::ALL.map(Kind::number_field);
    let inside = ["", "/sign_plan"].into_iter().flat_map(|at| fields.map(|field| format!("{at}/{field}")));
    for pointer in inside {
        if let Some(member) = document.pointer_mut(&pointer) {
            *member = number.into();
        }
    }
    document
}
