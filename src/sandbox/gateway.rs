//! The gateway itself: starts, serves, and lets users live in the background.

use std::fs::File;
use std::io::Write;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, Response};
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::answer::{Answer, Code, Outcome, Refusal};
use super::clock::Clock;
use super::control::{self, ControlFile};
use super::faults::{Fault, Faults};
use super::fields::Fields;
use super::gate::{Arrival, Gate, LONGEST_BODY, Turned, endpoint_of};
use super::identity::Identity;
use super::log::{LOGGED_BODY, Log, RequestRecord};
use super::notify::{self, Notification, Office};
use super::platform::Signer;
use super::reply::Reply;
use super::user::User;
use super::wire::{Socket, Wire};
use super::world::{Call, Party, World, expired_link};
use super::{Options, SandboxError};
use crate::crypto::{Authorization, PrivateKey};
use crate::model::time::{Duration as Span, Timestamp};
use crate::model::{EndpointId, Kind, Serial};
use crate::sync::lock;

/// How often users have a chance to act.
const TICK: Duration = Duration::from_millis(400);
/// How long connections may take to end.
const GRACE: Duration = Duration::from_millis(300);

/// A running gateway. Dropping it ends it.
#[derive(Debug)]
pub struct Gateway {
    shared: Arc<Shared>,
    base_url: String,
    config: PathBuf,
    tasks: Vec<JoinHandle<()>>,
}

/// What the tasks share.
#[derive(Debug)]
pub(super) struct Shared {
    world: Mutex<World>,
    pub(super) identity: Mutex<Identity>,
    gate: Gate,
    pub(super) faults: Faults,
    log: Log,
    numbers: Mutex<File>,
    /// Those of the merchants abroad, in the order of [`Party::ALL`].
    numbers_abroad: [Mutex<File>; 2],
    pub(super) clock: Clock,
    pub(super) office: Office,
    pub(super) control: ControlFile,
    pub(super) closing: CancellationToken,
    /// The latest answers to requests that changed something, one an endpoint, for [`Fault::Replayed`].
    changes: Mutex<Vec<(EndpointId, Answer)>>,
}

/// Opens the identity, makes the merchant, and serves until the gateway is stopped or dropped.
pub async fn start(options: Options) -> Result<Gateway, SandboxError> {
    if let Some(url) = options.notify_url.as_ref().filter(|url| url.len() > 255 || !notify::is_notify_url(url)) {
        return Err(SandboxError::NotifyUrl(url.clone()));
    }
    let bind = |source| SandboxError::Bind { address: options.bind, source };
    let listener = TcpListener::bind(options.bind).await.map_err(bind)?;
    let address: SocketAddr = listener.local_addr().map_err(bind)?;
    // Whoever listens everywhere is reached here, too.
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
        tokio::spawn(notify::run(Arc::clone(&shared))),
        tokio::spawn(live(Arc::clone(&shared))),
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

    /// The switches for bad days.
    pub fn faults(&self) -> &Faults {
        &self.shared.faults
    }

    /// The last requests that arrived, oldest first.
    pub fn requests(&self) -> Vec<RequestRecord> {
        self.shared.log.records()
    }

    /// The users, to play by hand.
    pub fn user(&self) -> User<'_> {
        User(&self.shared)
    }

    /// What was told to the merchant, oldest event first, and what became of it.
    pub fn notifications(&self) -> Vec<Notification> {
        self.shared.office.list()
    }

    /// Moves the world's clock ahead and plays everything due on the way, in the order of its time, each sending
    /// awaited. False if the clock does not go so far.
    pub async fn advance(&self, by: Span) -> bool {
        notify::advance(&self.shared, by).await.is_ok()
    }

    /// Issues a new platform certificate: it appears in the list beside the old ones, and signs from now on.
    /// Blocking for the moment it takes to make a key.
    pub fn rotate_certificate(&self) -> Result<Serial, SandboxError> {
        self.shared.rotate_certificate()
    }

    /// Ends the gateway: open connections may finish, held ones are let go.
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

impl Shared {
    fn open(options: &Options, base_url: &str) -> Result<Self, SandboxError> {
        let mut identity = Identity::open(&options.identity)?;
        if let Some(url) = &options.notify_url {
            identity.merchant.notify_url.clone_from(url);
            if options.tells_abroad {
                identity.merchant.notify_url_abroad.clone_from(url);
            }
        }
        identity.write_config(base_url)?;
        let create = |path: PathBuf| File::create(&path).map_err(|source| SandboxError::File { path, source });
        let numbers = create(identity.numbers_path())?;
        let [institution, direct] = Party::ALL.map(|party| create(identity.numbers_path_abroad(party)));
        let merchant = identity.merchant.clone();
        let gate = Gate::new(&merchant.mchid, identity.merchant_certificate.clone());
        let start = options.start.unwrap_or_else(OffsetDateTime::now_utc);
        let office = Office::new(identity.apiv3_key.clone(), options.patience);
        let control = ControlFile::write(&options.identity, base_url)?;
        let mut world = World::seeded(merchant, options.seed, options.objects, options.users_act, start);
        world.serve_files_from(base_url);
        let shared = Self {
            world: Mutex::new(world),
            identity: Mutex::new(identity),
            gate,
            faults: Faults::default(),
            log: Log::default(),
            numbers: Mutex::new(numbers),
            numbers_abroad: [Mutex::new(institution?), Mutex::new(direct?)],
            clock: Clock::new(start, options.speed),
            office,
            control,
            closing: CancellationToken::new(),
            changes: Mutex::default(),
        };
        // The seeded objects are the first numbers of the file.
        shared.with_world(|_, _| ());
        Ok(shared)
    }

    /// Does something in the world, then tells the numbers it created.
    pub(super) fn with_world<T>(&self, action: impl FnOnce(&mut World, Timestamp) -> T) -> T {
        let mut world = lock(&self.world);
        let due = world.next_due();
        let result = action(&mut world, self.clock.now());
        let (born, notices) = (world.take_born(), world.take_notices());
        let abroad = Party::ALL.map(|party| world.take_born_abroad(party));
        // Taken in under the world's lock, in the order of the events.
        self.office.take_in(&notices, self.faults.treatment());
        if !notices.is_empty() || world.next_due() != due {
            self.office.ring();
        }
        drop(world);
        tell(&self.numbers, &born);
        self.numbers_abroad.iter().zip(&abroad).for_each(|(file, born)| tell(file, born));
        result
    }

    pub(super) fn let_time_pass(&self, time: Span) {
        self.clock.skip(time);
        self.with_world(World::advance);
        self.office.ring();
    }

    /// When something is due next in the world.
    pub(super) fn next_in_world(&self) -> Option<Timestamp> {
        lock(&self.world).next_due()
    }

    pub(super) fn wire_now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + self.faults.clock_offset()
    }

    pub(super) fn rotate_certificate(&self) -> Result<Serial, SandboxError> {
        let key = PrivateKey::generate()?;
        let mut identity = lock(&self.identity);
        identity.issue(key)?;
        let newest = identity.platform.certificates.last().map(|issued| issued.certificate.serial.clone());
        Ok(newest.unwrap_or_else(|| Serial::new("")))
    }

    /// Opens the members of a body that were encrypted for the platform, with the key that the request names (protocol
    /// reference §7, §8.2).
    fn open_fields(&self, call: &mut Call, headers: &HeaderMap) -> Result<(), Refusal> {
        if call.endpoint != EndpointId::RefundApplyAbnormal {
            return Ok(());
        }
        let serial = headers.get("wechatpay-serial").and_then(|value| value.to_str().ok());
        for name in ["bank_account", "real_name"] {
            // What is no text is refused with the other rules.
            let Some(sealed) = call.body.get(name).and_then(Value::as_str) else { continue };
            let serial = serial.ok_or_else(|| {
                let chinese = "HTTP header缺少微信支付平台证书序列号(Wechatpay-Serial)";
                Refusal::new(Code::ParamError, chinese, "the header Wechatpay-Serial is missing")
            })?;
            let opened = lock(&self.identity).platform.decrypt(serial, sealed);
            let opened = opened.ok_or_else(|| {
                let issue = "does not open with the key that Wechatpay-Serial names";
                Fields::of(&call.body).hidden(name, "敏感信息解密失败", issue)
            })?;
            call.body.insert(name.to_owned(), opened.into());
        }
        Ok(())
    }

    fn answer(&self, call: &Call) -> Outcome {
        if !matches!(call.endpoint, EndpointId::Certificates | EndpointId::GlobalCertificates) {
            return self.with_world(|world, now| world.handle(call, now));
        }
        if self.faults.public_key_only() {
            return Err(Refusal::new(Code::ResourceNotExists, "证书不存在", "there is no certificate"));
        }
        let identity = lock(&self.identity);
        Ok(Answer::Document(identity.platform.certificates(&identity.apiv3_key)))
    }

    /// The answer as it goes out: that of an earlier change, if the fault says so; to the same endpoint if there was
    /// one. A change's own is kept for that.
    fn remembered(&self, call: &Call, fault: Option<&Fault>, outcome: Outcome) -> Outcome {
        let mut changes = lock(&self.changes);
        if matches!(fault, Some(Fault::Replayed | Fault::ReplayedBefore)) {
            let same = changes.iter().rfind(|(endpoint, _)| *endpoint == call.endpoint);
            let earlier = same.or(changes.last()).map(|(_, answer)| answer.clone());
            return earlier.ok_or_else(|| Refusal::new(Code::SystemError, "系统错误", "system error"));
        }
        if let Ok(answer) = &outcome
            && call.endpoint.endpoint().is_mutation()
        {
            changes.retain(|(endpoint, _)| *endpoint != call.endpoint);
            changes.push((call.endpoint, answer.clone()));
        }
        outcome
    }

    /// The signer that the request's `Wechatpay-Serial` asks for.
    fn signer(&self, headers: &HeaderMap) -> Result<Signer, Refusal> {
        let wanted = headers.get("wechatpay-serial").map(|value| value.to_str().unwrap_or(""));
        let identity = lock(&self.identity);
        identity.platform.signer(wanted, self.faults.public_key_only()).ok_or_else(|| {
            Refusal::new(
                Code::ParamError,
                "平台证书序列号Wechatpay-Serial错误",
                "Wechatpay-Serial names no key of WeChat Pay's",
            )
        })
    }

    /// The key of the other mode than the request asks for.
    fn other_signer(&self, headers: &HeaderMap) -> Option<Signer> {
        let identity = lock(&self.identity);
        let public_key = identity.platform.public_key_id.as_str();
        let asked = headers.get("wechatpay-serial").is_some_and(|value| value.as_bytes() == public_key.as_bytes());
        identity.platform.signer((!asked).then_some(public_key), false)
    }

    /// The signer where none was asked for in a way that could be understood.
    fn default_signer(&self) -> Option<Signer> {
        lock(&self.identity).platform.signer(None, self.faults.public_key_only())
    }
}

/// Appends to a numbers file, as a merchant's back end would. The file is small and local.
fn tell(file: &Mutex<File>, born: &[(Kind, String)]) {
    if born.is_empty() {
        return;
    }
    let lines: String =
        born.iter().map(|(kind, number)| format!("{}\n", json!({ "kind": kind.noun(), "number": number }))).collect();
    if let Err(error) = lock(file).write_all(lines.as_bytes()) {
        tracing::warn!(%error, "the numbers file could not be written");
    }
}

async fn serve(shared: Arc<Shared>, listener: TcpListener) {
    let closing = shared.closing.clone();
    let router = Router::new().fallback(handle).with_state(shared);
    let service = router.into_make_service_with_connect_info::<Wire>();
    let server = axum::serve(Socket(listener), service).with_graceful_shutdown(closing.cancelled_owned());
    if let Err(error) = server.await {
        tracing::error!(%error, "the gateway stopped serving");
    }
}

async fn live(shared: Arc<Shared>) {
    let mut ticks = tokio::time::interval(TICK);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = shared.closing.cancelled() => return,
            // Nobody comes in between while the clock is played by hand.
            _ = ticks.tick(), if !shared.clock.is_held() => { shared.with_world(World::live); }
        }
    }
}

/// One request, from its arrival to its answer.
async fn handle(
    State(shared): State<Arc<Shared>>,
    ConnectInfo(wire): ConnectInfo<Wire>,
    request: Request,
) -> Response<Body> {
    let (parts, body) = request.into_parts();
    let target = parts.uri.path_and_query().map_or("/", |target| target.as_str());
    // Read somewhat beyond the limit, so that a body that is too long is still verified and refused in words.
    let body = to_bytes(body, 8 * LONGEST_BODY).await;
    let bytes = body.as_ref().map_or(&[][..], |bytes| bytes);
    let arrival = Arrival { method: parts.method.as_str(), target, headers: &parts.headers, body: bytes };
    let authorization = parts.headers.get("authorization").and_then(|value| value.to_str().ok());
    if target == control::PATH {
        return control::answer(&shared, &parts, bytes).await;
    }
    let arrived = shared.log.record(RequestRecord {
        method: arrival.method.to_owned(),
        target: target.to_owned(),
        endpoint: endpoint_of(arrival.method, target),
        body: bytes[..bytes.len().min(LOGGED_BODY)].to_vec(),
        status: None,
        timestamp: authorization.and_then(|h| Authorization::parse(h).ok()?.timestamp.parse().ok()),
    });
    let response = respond(&shared, &arrival).await;
    shared.log.answered(arrived, response.as_ref().map(|response| response.status().as_u16()));
    match response {
        Some(response) => response,
        None => {
            wire.cut();
            Response::new(Body::empty())
        }
    }
}

/// The answer, or none if the connection is to be dropped.
async fn respond(shared: &Shared, arrival: &Arrival<'_>) -> Option<Response<Body>> {
    let now = shared.wire_now();
    let english = arrival
        .headers
        .get("accept-language")
        .and_then(|value| value.to_str().ok())
        .is_some_and(|language| language.trim_start().to_ascii_lowercase().starts_with("en"));
    let mut call = match shared.gate.check(arrival, now.unix_timestamp()) {
        Ok(call) => call,
        Err(Turned::Away(status)) => return Some(Reply::empty(status).finish(None, None, now)),
        Err(Turned::Stranger(refusal)) => return Some(Reply::refusal(&refusal, english).finish(None, None, now)),
        Err(Turned::Known(refusal)) => {
            let signer = shared.signer(arrival.headers).ok().or_else(|| shared.default_signer());
            let signer = signer.filter(|_| !shared.faults.errors_unsigned());
            return Some(Reply::refusal(&refusal, english).finish(signer.as_ref(), None, now));
        }
    };
    let fault = shared.faults.take(call.endpoint, arrival.target);
    let (signer, outcome) = match shared.signer(arrival.headers) {
        Ok(signer) => {
            let opened = shared.open_fields(&mut call, arrival.headers);
            let outcome = opened.and_then(|()| effect(shared, &call, fault.as_ref()));
            (Some(signer), shared.remembered(&call, fault.as_ref(), outcome))
        }
        Err(refusal) => (shared.default_signer(), Err(refusal)),
    };
    let signer = if fault == Some(Fault::OtherSigner) { shared.other_signer(arrival.headers) } else { signer };
    let packs = arrival.headers.get("accept-encoding").and_then(|value| value.to_str().ok());
    let packs = packs.is_some_and(|encodings| encodings.to_ascii_lowercase().contains("gzip"));
    let reply = Reply::of(&outcome, english).packed(packs);
    let signer = signer.filter(|_| !(reply.is_error() && shared.faults.errors_unsigned()));
    match &fault {
        Some(Fault::DropAfter) => return None,
        Some(Fault::HoldAfter) => {
            shared.closing.cancelled().await;
            return None;
        }
        Some(Fault::Html(status)) => return Some(Reply::html(*status).finish(None, None, now)),
        Some(Fault::ProxyRefusal(status) | Fault::ProxyRefusalBefore(status)) => {
            return Some(Reply::by_a_proxy(*status).finish(None, None, now));
        }
        Some(Fault::Empty | Fault::EmptyBefore) => {
            return Some(Reply::empty(200).finish(signer.as_ref(), None, now));
        }
        Some(Fault::Slow(delay)) => tokio::time::sleep(*delay).await,
        _ => {}
    }
    tracing::debug!(method = arrival.method, target = arrival.target, status = reply.status(), "answered");
    Some(reply.finish(signer.as_ref(), fault.as_ref(), shared.wire_now()))
}

/// Lets the call have its effect, unless a fault forbids it.
fn effect(shared: &Shared, call: &Call, fault: Option<&Fault>) -> Outcome {
    let busy = || Refusal::new(Code::SystemError, "系统错误", "system error");
    match fault {
        Some(Fault::RateLimited) => {
            Err(Refusal::new(Code::FrequencyLimited, "请求过于频繁，请稍后重试", "too many requests"))
        }
        Some(Fault::Accepted) => shared.answer(call).and(Err(Refusal::new(
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
        // A change has its effect, and its answer names the other.
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

/// The amounts of a document, each a fen more.
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
