//! Sends one call: wait for the budget, sign, send, verify, and return the outcome as a type.

mod judge;
#[cfg(test)]
mod tests;

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use reqwest::Url;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::transport::{Arrived, HttpAnswer, Patience, Transport};
use super::{
    ApiError, Budget, Limits, Misconfigured, PlatformMode, Refusal, Reply, RequestFailure, Signer, Trust, Untrusted,
    retry,
};
use crate::crypto::{ApiV3Key, PublicKey, SignatureHeaders, nonce};
use crate::i18n::Lang;
use crate::model::{
    CheckoutPayload, Document, EndpointId, Handover, Kind, MchId, Merchant, Method, Number, Object, ObjectId, Region,
    Serial, query_of,
};
use crate::sync::lock;

/// Everything a client needs of a profile.
#[derive(Clone, Debug)]
pub struct ClientOptions {
    pub base_url: String,
    pub signer: Signer,
    pub platform: PlatformMode,
    pub merchant: Merchant,
    pub requests_per_second: u32,
    pub limits: Limits,
    /// The language of WeChat Pay's messages.
    pub lang: Lang,
}

/// The signed client of one profile. Cheap to clone; all clones share connections, keys and the request budget.
#[derive(Clone, Debug)]
pub struct Client(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    transport: Transport,
    trust: Arc<Trust>,
    budget: Arc<Budget>,
    merchant: Merchant,
    latency: Arc<Mutex<VecDeque<Duration>>>,
    platform_clock: Arc<Mutex<Option<PlatformClock>>>,
}

/// The latest time that the platform signed, and when it was received: by the monotonic clock, which stops while the
/// machine sleeps, and by the system's clock, which may be set.
#[derive(Clone, Copy, Debug)]
struct PlatformClock {
    signed: OffsetDateTime,
    received: Instant,
    received_by_wall: SystemTime,
}

/// One call, however often it is repeated.
#[derive(Clone, Copy)]
struct Call<'a> {
    method: Method,
    target: &'a str,
    body: &'a str,
    /// True if it may change something.
    mutation: bool,
    patience: Patience,
    /// The platform's key that members of the body are encrypted with, which the request must name.
    key: Option<&'a Serial>,
}

/// A turn of the request budget, taken.
#[derive(Debug)]
pub struct Permit(());

/// Round trips kept for display.
const LATENCIES: usize = 40;
/// The clocks of the platform's machines may differ by this much.
const PLATFORM_CLOCKS_APART: Duration = Duration::from_secs(5);
/// An answer to a query may be signed this long before the query was sent. More than the difference of clocks, and less
/// than the time after which a change without a visible effect counts as refused.
const OLDEST_ANSWER: Duration = Duration::from_secs(60);

impl Client {
    /// Creates the client. Does not use the network yet.
    pub fn new(options: ClientOptions) -> Result<Self, Misconfigured> {
        let ClientOptions { base_url, signer, platform, merchant, requests_per_second, limits, lang } = options;
        let budget = Arc::new(Budget::new(requests_per_second));
        Ok(Self(Arc::new(Inner {
            transport: Transport::new(&base_url, signer, limits, lang, budget.clone())?,
            trust: Arc::new(Trust::new(platform)),
            budget,
            merchant,
            latency: Arc::default(),
            platform_clock: Arc::default(),
        })))
    }

    /// The same client with connections of its own: a connection is served by the runtime that opened it, and ends with
    /// that. Keys, clock and the request budget are shared.
    pub(crate) fn with_own_connections(&self) -> Self {
        let Inner { transport, trust, budget, merchant, latency, platform_clock } = &*self.0;
        Self(Arc::new(Inner {
            transport: transport.with_own_connections(),
            trust: trust.clone(),
            budget: budget.clone(),
            merchant: merchant.clone(),
            latency: latency.clone(),
            platform_clock: platform_clock.clone(),
        }))
    }

    pub fn merchant(&self) -> &Merchant {
        &self.0.merchant
    }

    pub fn mchid(&self) -> &MchId {
        &self.0.merchant.mchid
    }

    pub(super) fn apiv3_key(&self) -> Option<&ApiV3Key> {
        self.0.trust.apiv3_key()
    }

    /// Its time limits.
    pub fn limits(&self) -> &Limits {
        self.0.transport.limits()
    }

    pub fn budget(&self) -> &Budget {
        &self.0.budget
    }

    /// When the last usable platform certificate expires; `None` in public-key mode or before the first fetch.
    pub(crate) fn platform_certificate_expires(&self) -> Option<OffsetDateTime> {
        self.0.trust.expires()
    }

    /// Round trips of the latest calls, oldest first.
    pub fn latencies(&self) -> Vec<Duration> {
        lock(&self.0.latency).iter().copied().collect()
    }

    /// The platform's present time, from the latest time in a signed answer. The age of that answer is measured by the
    /// monotonic clock, because the system's clock may be set. `None` before the first answer.
    pub(crate) fn platform_now(&self) -> Option<OffsetDateTime> {
        let received = *lock(&self.0.platform_clock);
        received.map(|clock| clock.signed + clock.received.elapsed())
    }

    /// The same for a request that is about to be sent: never too early, although the machine may have slept since that
    /// answer.
    pub(crate) fn platform_at_the_latest(&self) -> Option<OffsetDateTime> {
        let received = *lock(&self.0.platform_clock);
        received.map(|clock| {
            clock.signed + clock.received.elapsed().max(clock.received_by_wall.elapsed().unwrap_or_default())
        })
    }

    /// Takes the time in a verified answer; an older one, replayed, does not set the clock back.
    fn note_clock(&self, signature: &SignatureHeaders) {
        let Some(signed) = signed_at(signature) else { return };
        if self.platform_now().is_none_or(|now| now < signed) {
            let mut clock = lock(&self.0.platform_clock);
            *clock = Some(PlatformClock { signed, received: Instant::now(), received_by_wall: SystemTime::now() });
        }
    }

    /// Queries an object. A known document may supply parameters of the query.
    pub async fn fetch(&self, id: &ObjectId, known: Option<&Object>) -> Result<(Object, Reply), ApiError> {
        let (endpoint, target) = self.question(id, known)?;
        let reply = self.call(endpoint, &target, "").await?;
        Ok((self.object_in(id, &reply)?, reply))
    }

    /// The request that queries an object.
    pub fn question(&self, id: &ObjectId, known: Option<&Object>) -> Result<(EndpointId, String), ApiError> {
        Ok(query_of(id, self.merchant(), known.map(|known| &*known.entity)).map_err(Misconfigured::from)?)
    }

    /// The object in the verified answer to its query.
    pub(crate) fn object_in(&self, id: &ObjectId, reply: &Reply) -> Result<Object, ApiError> {
        let object = Object::parse_as(id, &reply.body)
            .map_err(|source| ApiError::Unreadable { source, request_id: reply.request_id.clone() })?;
        self.check_whose(object.id == *id, &object, reply)?;
        Ok(object)
    }

    /// Queries a transaction by WeChat Pay's own number. The result has the merchant's number, as all objects do.
    pub async fn fetch_by_transaction_id(&self, transaction_id: &Number) -> Result<(Object, Reply), ApiError> {
        let (endpoint, query) = match self.merchant().region {
            Region::Mainland => (EndpointId::TransactionById, vec![("mchid", self.mchid().as_str())]),
            Region::Global => (EndpointId::GlobalById, self.merchant().global_ids()),
        };
        self.fetch_by(endpoint, Kind::Transaction, transaction_id, &query).await
    }

    /// Queries a refund by WeChat Pay's own number, which only WeChat Pay Global supports.
    pub async fn fetch_by_refund_id(&self, refund_id: &Number) -> Result<(Object, Reply), ApiError> {
        self.fetch_by(EndpointId::GlobalRefundById, Kind::Refund, refund_id, &self.merchant().global_ids()).await
    }

    /// Queries by the only parameter of the endpoint's path.
    async fn fetch_by(
        &self,
        endpoint: EndpointId,
        kind: Kind,
        number: &Number,
        query: &[(&str, &str)],
    ) -> Result<(Object, Reply), ApiError> {
        let parameters = ["transaction_id", "refund_id", "id"].map(|name| (name, number.as_str()));
        let reply = self.call(endpoint, &endpoint.endpoint().target(&parameters, query), "").await?;
        let object = parse(kind, &reply)?;
        let asked_for = object.entity.platform_number() == Some(number.as_str());
        self.check_whose(asked_for, &object, &reply)?;
        Ok((object, reply))
    }

    /// Rejects endpoints that the merchant's region lacks.
    pub(super) fn check_region(&self, endpoint: EndpointId) -> Result<(), ApiError> {
        let here = self.merchant().region;
        if endpoint.endpoint().is_in(here) { Ok(()) } else { Err(Misconfigured::Region(here).into()) }
    }

    /// A signature does not show which request an answer belongs to: a genuine answer about another object (from a
    /// cache, or replayed within the five minutes) must not pass for this one.
    pub(super) fn check_whose(&self, asked_for: bool, object: &Object, reply: &Reply) -> Result<(), ApiError> {
        let foreign_merchant =
            (object.id.kind != Kind::Stock).then(|| self.merchant().foreign_merchant(&object.raw)).flatten();
        if asked_for && foreign_merchant.is_none() {
            return Ok(());
        }
        let found = foreign_merchant.map_or_else(|| object.id.to_string(), |mchid| format!("{mchid} {}", object.id));
        Err(ApiError::Untrusted { reason: Untrusted::Another { found }, request_id: reply.request_id.clone() })
    }

    /// The front end's data in an answer to a creation, with signed parameters. `sent` is the body of the request.
    pub(crate) fn handover(&self, endpoint: EndpointId, sent: &str, reply: &str) -> Option<Handover> {
        let what = CheckoutPayload::read(endpoint, reply)?;
        let appid = ["appid", "sp_appid"].iter().find_map(|name| Document::member(sent, name)).unwrap_or_default();
        let now = OffsetDateTime::now_utc().unix_timestamp();
        let sign = |text: &str| self.0.transport.sign(text);
        let parameters = what.parameters(&appid, self.mchid().as_str(), now, &nonce(), sign);
        Some(Handover { what, parameters })
    }

    /// Sends one call of the table of endpoints, unless the merchant's region lacks it.
    pub async fn call(&self, endpoint: EndpointId, target: &str, body: &str) -> Result<Reply, ApiError> {
        self.check_region(endpoint)?;
        let endpoint = endpoint.endpoint();
        self.send(endpoint.method, target, body, endpoint.is_mutation()).await
    }

    /// Sends one call of the table. Part of its body is encrypted with the key of this serial.
    pub async fn call_encrypted(
        &self,
        endpoint: EndpointId,
        target: &str,
        body: &str,
        key: &Serial,
    ) -> Result<Reply, ApiError> {
        self.check_region(endpoint)?;
        let (method, mutation) = (endpoint.endpoint().method, endpoint.endpoint().is_mutation());
        let patience = Patience::Whole;
        self.repeat(Call { method, target, body, mutation, patience, key: Some(key) }, false).await
    }

    /// The platform's key to encrypt with now, and the serial that names it.
    pub async fn encryption_key(&self) -> Result<(Serial, PublicKey), ApiError> {
        self.ensure_trust().await?;
        Ok(self.0.trust.encryption_key(OffsetDateTime::now_utc()).ok_or(Misconfigured::NoPlatformKey)?)
    }

    /// Takes a turn of the budget for [`Client::query`] if one is available; otherwise returns when one will be.
    pub fn permit(&self) -> Result<Permit, Instant> {
        self.0.budget.try_turn().map(|()| Permit(()))
    }

    /// Sends a query that has its turn, for callers that repeat it anyway: waits no longer than [`Limits::watching`]
    /// for the answer, and does not retry.
    pub async fn query(&self, _turn: Permit, endpoint: EndpointId, target: &str) -> Result<Reply, ApiError> {
        self.check_region(endpoint)?;
        let method = endpoint.endpoint().method;
        self.repeat(Call { method, target, body: "", mutation: false, patience: Patience::Watching, key: None }, true)
            .await
    }

    /// Sends any call, retrying where that is safe. Anything that is not known to be a read counts as a mutation.
    pub async fn send(&self, method: Method, target: &str, body: &str, mutation: bool) -> Result<Reply, ApiError> {
        self.repeat(Call { method, target, body, mutation, patience: Patience::Whole, key: None }, false).await
    }

    /// `permitted`: the first attempt has its turn already.
    async fn repeat(&self, call: Call<'_>, mut permitted: bool) -> Result<Reply, ApiError> {
        let mut count = 1;
        loop {
            let permitted = std::mem::take(&mut permitted);
            let error = match self.attempt(call, permitted).await {
                Ok(reply) => return Ok(reply),
                Err(error) => error.to(call.method.as_str(), call.target),
            };
            let silent = matches!(error, ApiError::Unreachable(RequestFailure::Timeout { .. }));
            if silent && call.patience == Patience::Watching {
                return Err(error);
            }
            self.before_repeating(call.target, error, call.mutation, &mut count).await?;
        }
    }

    async fn attempt(&self, call: Call<'_>, permitted: bool) -> Result<Reply, ApiError> {
        let Call { method, target, body, mutation, patience, key } = call;
        self.ensure_trust().await?;
        if !permitted {
            self.0.budget.turn().await;
        }
        let serial = key.cloned().or_else(|| self.0.trust.named_serial(OffsetDateTime::now_utc()));
        let (started, left) = (Instant::now(), self.platform_now());
        let sent = self.0.transport.exchange(method, target, body.as_bytes(), serial.as_ref(), patience).await;
        let answer = self.received(sent, started, mutation)?;
        if mutation {
            return self.judge_change(call, left, answer).await;
        }
        let old = left.zip(signed_at(&answer.signature)).is_some_and(|(left, signed)| signed + OLDEST_ANSWER < left);
        let request_id = answer.request_id.clone();
        match self.judge(answer).await {
            // From a cache, or a replay. An old state would suggest that a later change had no effect.
            Ok(_) | Err(ApiError::Refused(Refusal { signed: true, .. })) if old => {
                Err(ApiError::Untrusted { reason: Untrusted::Stale, request_id })
            }
            judged => judged,
        }
    }

    /// Waits before a retry; where a retry is not safe or does not help, returns the error.
    pub(super) async fn before_repeating(
        &self,
        target: &str,
        error: ApiError,
        mutation: bool,
        count: &mut u32,
    ) -> Result<(), ApiError> {
        let Some(pause) = retry::pause(&error, mutation, *count, rand::random()) else {
            return Err(error);
        };
        tracing::debug!(%error, count, ?pause, "repeating {target}");
        tokio::time::sleep(pause).await;
        *count += 1;
        Ok(())
    }

    /// Waits until it may send; returns the key to name.
    async fn turn(&self) -> Result<Option<Serial>, ApiError> {
        // Nothing is sent that could not be verified when it is answered.
        self.ensure_trust().await?;
        self.0.budget.turn().await;
        Ok(self.0.trust.named_serial(OffsetDateTime::now_utc()))
    }

    /// Requests a file once. It is not verified yet.
    pub(super) async fn ask_for_file(&self, target: &str) -> Result<HttpAnswer, ApiError> {
        let serial = self.turn().await?;
        let started = Instant::now();
        let sent = self.0.transport.file(target, serial.as_ref()).await;
        self.received(sent, started, false)
    }

    /// The result of sending.
    fn received(
        &self,
        sent: Result<HttpAnswer, RequestFailure>,
        started: Instant,
        mutation: bool,
    ) -> Result<HttpAnswer, ApiError> {
        let answer = match sent {
            Ok(answer) => answer,
            Err(failure @ (RequestFailure::Connect(_) | RequestFailure::Tls(_))) => {
                return Err(unsent_or_unreachable(failure));
            }
            Err(failure) if mutation => return Err(ApiError::UnknownOutcome(failure)),
            Err(failure) => return Err(ApiError::Unreachable(failure)),
        };
        self.remember(started.elapsed());
        self.note_limit(answer.status);
        Ok(answer)
    }

    /// "Too many requests" holds all requests.
    fn note_limit(&self, status: u16) {
        match status {
            429 => self.0.budget.hold(retry::LIMITED),
            _ => self.0.budget.answered(),
        }
    }

    pub(super) fn trust(&self) -> &Trust {
        &self.0.trust
    }

    pub(super) fn transport(&self) -> &Transport {
        &self.0.transport
    }

    /// Requests a file. The request is signed like any other.
    pub(super) async fn open_file(&self, url: &Url) -> Result<Arrived, ApiError> {
        let serial = self.turn().await?;
        self.0.transport.open_file(url, serial.as_ref()).await.map_err(unsent_or_unreachable)
    }

    /// Why there is no file: an error answer is verified like any other.
    pub(super) async fn refused_file(&self, answer: HttpAnswer) -> ApiError {
        self.note_limit(answer.status);
        let request_id = answer.request_id.clone();
        match self.judge(answer).await {
            Err(error) => error,
            Ok(_) => ApiError::Untrusted { reason: Untrusted::Unsigned { html: false }, request_id },
        }
    }

    fn remember(&self, round_trip: Duration) {
        let mut latency = lock(&self.0.latency);
        if latency.len() == LATENCIES {
            latency.pop_front();
        }
        latency.push_back(round_trip);
    }
}

/// The time in a signature.
fn signed_at(signature: &SignatureHeaders) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(signature.timestamp.as_deref()?.parse().ok()?).ok()
}

/// The error for a request that was never sent, or for a read.
fn unsent_or_unreachable(failure: RequestFailure) -> ApiError {
    match failure {
        // The peer could not prove its identity: more than a missing connection.
        RequestFailure::Tls(source) => ApiError::Untrusted { reason: Untrusted::Tls(source), request_id: None },
        failure => ApiError::Unreachable(failure),
    }
}

/// Reads a verified reply as an object of the requested kind.
fn parse(kind: Kind, reply: &Reply) -> Result<Object, ApiError> {
    Object::parse(kind, &reply.body)
        .map_err(|source| ApiError::Unreadable { source, request_id: reply.request_id.clone() })
}
