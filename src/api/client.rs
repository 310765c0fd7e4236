//! Sends one call: wait for the budget, sign, send, verify, and return the outcome as a type.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};

use reqwest::Url;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::transport::{Arrived, HttpAnswer, Patience, Transport};
use super::trust::CertificateAnswer;
use super::{
    ApiError, Budget, Limits, Misconfigured, PlatformMode, Proof, Refusal, Reply, RequestFailure, Signer, Trust,
    Unproven, Untrusted, retry,
};
use crate::crypto::{ApiV3Key, PublicKey, SignatureHeaders, VerifyError, nonce};
use crate::i18n::Lang;
use crate::model::outcome::{AnswerMeaning, Answered, Change, Doubt, SignatureVerdict, conclude};
use crate::model::{
    CheckoutPayload, Document, Endpoint, EndpointId, Handover, Kind, MchId, Merchant, Method, Number, Object, ObjectId,
    Region, Serial, query_of,
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
    trust: Trust,
    budget: Arc<Budget>,
    merchant: Merchant,
    latency: Mutex<VecDeque<Duration>>,
    platform_clock: Mutex<Option<PlatformClock>>,
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

/// The status of a request that is accepted and not finished: the user is still paying.
const ACCEPTED: u16 = 202;
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
            trust: Trust::new(platform),
            budget,
            merchant,
            latency: Mutex::default(),
            platform_clock: Mutex::default(),
        })))
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
    pub fn platform_certificate_expires(&self) -> Option<OffsetDateTime> {
        self.0.trust.expires()
    }

    /// Round trips of the latest calls, oldest first.
    pub fn latencies(&self) -> Vec<Duration> {
        lock(&self.0.latency).iter().copied().collect()
    }

    /// The platform's present time, from the latest time in a signed answer. The age of that answer is measured by the
    /// monotonic clock, because the system's clock may be set. `None` before the first answer.
    pub fn platform_now(&self) -> Option<OffsetDateTime> {
        let received = *lock(&self.0.platform_clock);
        received.map(|clock| clock.signed + clock.received.elapsed())
    }

    /// The same for a request that is about to be sent: never too early, although the machine may have slept since that
    /// answer.
    pub fn platform_at_the_latest(&self) -> Option<OffsetDateTime> {
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
    pub fn object_in(&self, id: &ObjectId, reply: &Reply) -> Result<Object, ApiError> {
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
    pub fn handover(&self, endpoint: EndpointId, sent: &str, reply: &str) -> Option<Handover> {
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
        self.ensure_trust().await?;
        self.0.budget.turn().await;
        let serial = self.0.trust.named_serial(OffsetDateTime::now_utc());
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

    /// Verifies the answer to a query.
    pub(super) async fn judge(&self, answer: HttpAnswer) -> Result<Reply, ApiError> {
        let success = (200..300).contains(&answer.status);
        let signed = !answer.signature.absent();
        if signed || success {
            if let Err(reason) = self.verify(&answer, &answer.body).await {
                return Err(ApiError::Untrusted { reason, request_id: answer.request_id });
            }
        } else if (300..400).contains(&answer.status) {
            return Err(led_elsewhere(&answer));
        }
        let HttpAnswer { status, request_id, body, .. } = answer;
        // Accepted is not done (protocol reference §11.1): the caller queries again.
        if success && status != ACCEPTED {
            return match String::from_utf8(body) {
                Ok(body) => Ok(Reply { status, body, request_id, proof: Proof::Itself }),
                Err(error) => Err(ApiError::Unreadable { source: error.utf8_error().into(), request_id }),
            };
        }
        let refusal = Refusal::read(status, &body, request_id, signed);
        Err(match status {
            ACCEPTED | 429 | 500.. => ApiError::Unreachable(RequestFailure::Status(refusal)),
            _ => ApiError::Refused(refusal),
        })
    }

    /// Decides what the answer to a change proves. `left` is the platform's time when the request was sent, if known.
    async fn judge_change(
        &self,
        call: Call<'_>,
        left: Option<OffsetDateTime>,
        answer: HttpAnswer,
    ) -> Result<Reply, ApiError> {
        let (verdict, distrust) = match self.verify(&answer, &answer.body).await {
            Ok(()) if is_stale(left, signed_at(&answer.signature)) => (SignatureVerdict::Stale, None),
            Ok(()) => (SignatureVerdict::Verified, None),
            Err(Untrusted::Unsigned { .. }) => (SignatureVerdict::Unsigned, None),
            Err(reason) => (SignatureVerdict::NotGenuine, Some(reason)),
        };
        let path = call.target.split('?').next().unwrap_or_default();
        let endpoint = Endpoint::find(call.method.as_str(), path).ok().map(|(endpoint, _)| endpoint.id);
        let HttpAnswer { status, request_id, body, html, .. } = answer;
        // Invalid UTF-8 does not change the meaning of the rest.
        let text = String::from_utf8_lossy(&body);
        let change = Change { merchant: self.merchant(), endpoint, target: call.target, body: call.body };
        let proof = match conclude(&change, &Answered { status, verdict, body: &text }) {
            AnswerMeaning::Done => Proof::Itself,
            AnswerMeaning::NeedsQuery => Proof::Query,
            AnswerMeaning::Refused => return Err(ApiError::Refused(Refusal::read(status, &body, request_id, true))),
            AnswerMeaning::Unknown(doubt) => {
                let unproven = |lack| RequestFailure::Unproven(lack);
                let refusal = |signed| Refusal::read(status, if html { b"" } else { &body }, request_id, signed);
                return Err(ApiError::UnknownOutcome(match doubt {
                    // An unsigned answer is at most a hint.
                    Doubt::Unsigned if status < 400 => RequestFailure::Untrusted(Untrusted::Unsigned { html }),
                    Doubt::Unsigned => RequestFailure::Status(refusal(false)),
                    Doubt::NotGenuine => RequestFailure::Untrusted(distrust.unwrap_or(Untrusted::Unsigned { html })),
                    Doubt::Stale => RequestFailure::Untrusted(Untrusted::Stale),
                    Doubt::Status => RequestFailure::Status(refusal(true)),
                    Doubt::Another { found } => RequestFailure::Untrusted(Untrusted::Another { found }),
                    Doubt::Lacks(member) => unproven(Unproven::Lacks(member)),
                    Doubt::NotShown => unproven(Unproven::NotShown),
                }));
            }
        };
        Ok(Reply { status, body: text.into_owned(), request_id, proof })
    }

    /// Verifies what an answer's signature covers, which is its bytes except where a digest stands for them. For an
    /// unknown serial the certificates are fetched once.
    pub(super) async fn verify(&self, answer: &HttpAnswer, signed: &[u8]) -> Result<(), Untrusted> {
        if answer.signature.absent() {
            return Err(Untrusted::Unsigned { html: answer.html });
        }
        self.judge_signature(&answer.signature, signed, OffsetDateTime::now_utc()).await?;
        self.note_clock(&answer.signature);
        Ok(())
    }

    /// Verifies a signature as of `at`.
    pub(super) async fn judge_signature(
        &self,
        signature: &SignatureHeaders,
        signed: &[u8],
        at: OffsetDateTime,
    ) -> Result<(), VerifyError> {
        let trust = &self.0.trust;
        let check = || trust.verify(signature, signed, at);
        match check() {
            // A caller that needs the serial during a refresh waits for it and then looks again.
            Err(VerifyError::UnknownSerial(serial)) if trust.may_be_certificate(&serial) => {
                if let Err(error) = self.refresh_for(&serial).await {
                    tracing::debug!(%error, "certificates could not be refreshed for {serial}");
                }
                check()
            }
            other => other,
        }
    }

    /// Fetches platform certificates if they are missing or old.
    pub(super) async fn ensure_trust(&self) -> Result<(), ApiError> {
        if self.0.trust.is_empty() {
            return self.refresh_certificates(Trust::is_empty).await;
        }
        if self.0.trust.is_due()
            && let Err(error) = self.refresh_certificates(Trust::is_due).await
        {
            // The old set still verifies; the next call after a minute tries again.
            tracing::warn!(%error, "platform certificates could not be refreshed");
        }
        Ok(())
    }

    /// Fetches the platform certificates for this serial if another attempt is due.
    pub(super) async fn refresh_for(&self, serial: &Serial) -> Result<(), ApiError> {
        self.refresh_certificates(|trust| {
            let worth = trust.may_refresh_for(serial);
            if worth {
                trust.looks_for(serial);
            }
            worth
        })
        .await
    }

    /// One refresh at a time; a caller that waited checks `needed` again first.
    pub(super) async fn refresh_certificates(&self, needed: impl Fn(&Trust) -> bool) -> Result<(), ApiError> {
        let trust = &self.0.trust;
        let _one_at_a_time = trust.refreshing.lock().await;
        if !needed(trust) {
            return Ok(());
        }
        self.0.budget.turn().await;
        trust.tried();
        let now = OffsetDateTime::now_utc();
        let target = EndpointId::Certificates.on(self.merchant().region).endpoint().path;
        let serial = trust.named_serial(now);
        let answer = self
            .0
            .transport
            .exchange(Method::Get, target, b"", serial.as_ref(), Patience::Whole)
            .await
            .map_err(unsent_or_unreachable)?;
        match answer.status {
            200..300 => {
                let accepted = trust.accept(&answer.signature, &answer.body, now);
                if accepted.is_ok() {
                    self.note_clock(&answer.signature);
                }
                accepted.map_err(|error| match error {
                    CertificateAnswer::Untrusted(_) if answer.signature.absent() => ApiError::Untrusted {
                        reason: Untrusted::Unsigned { html: answer.html },
                        request_id: answer.request_id.clone(),
                    },
                    CertificateAnswer::Untrusted(reason) => {
                        ApiError::Untrusted { reason, request_id: answer.request_id.clone() }
                    }
                    CertificateAnswer::Misconfigured(misconfigured) => misconfigured.into(),
                })
            }
            300..400 if answer.signature.absent() => Err(led_elsewhere(&answer)),
            status => {
                // Before the first certificate no answer can be verified, so this one counts as unsigned.
                let signed = trust.verify(&answer.signature, &answer.body, now).is_ok();
                let body: &[u8] = if answer.html { b"" } else { &answer.body };
                let refusal = Refusal::read(status, body, answer.request_id, signed);
                let error = match status {
                    // Only WeChat Pay can know this about the merchant, not a proxy in front of it.
                    404 if signed && !refusal.code.is_empty() => Misconfigured::PublicKeyNeeded.into(),
                    429 | 500.. => ApiError::Unreachable(RequestFailure::Status(refusal)),
                    _ => ApiError::Refused(refusal),
                };
                Err(error.to("GET", target))
            }
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

/// An unsigned answer that redirects, for instance to a login page.
fn led_elsewhere(answer: &HttpAnswer) -> ApiError {
    let reason = Untrusted::Unsigned { html: true };
    ApiError::Untrusted { reason, request_id: answer.request_id.clone() }
}

/// The time in a signature.
fn signed_at(signature: &SignatureHeaders) -> Option<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp(signature.timestamp.as_deref()?.parse().ok()?).ok()
}

/// Whether an answer was signed before the request was sent.
fn is_stale(left: Option<OffsetDateTime>, signed: Option<OffsetDateTime>) -> bool {
    left.zip(signed).is_some_and(|(left, signed)| signed + PLATFORM_CLOCKS_APART < left)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PrivateKey;

    fn client() -> Client {
        let key = PrivateKey::generate().unwrap();
        let signer =
            Signer { mchid: MchId::new("1900000001"), serial: Serial::new(&"5A".repeat(20)), key: key.clone() };
        let platform =
            PlatformMode::PublicKey { id: Serial::new("PUB_KEY_ID_1"), key: key.public_key(), apiv3_key: None };
        Client::new(ClientOptions {
            base_url: "http://127.0.0.1:1".into(),
            signer,
            platform,
            merchant: Merchant::new(MchId::new("1900000001")),
            requests_per_second: 1,
            limits: Limits::default(),
            lang: Lang::En,
        })
        .unwrap()
    }

    #[test]
    fn the_same_number_at_another_merchant_is_another_object() {
        let client = client();
        let whose = |kind: Kind, mchid: &str, asked_for: bool| {
            let raw = serde_json::json!({kind.number_field(): "N-1", "mchid": mchid}).to_string();
            let reply = Reply { status: 200, body: raw.clone(), request_id: Some("08-0".into()), proof: Proof::Itself };
            client
                .check_whose(asked_for, &Object::parse(kind, &raw).unwrap(), &reply)
                .map_err(|error| error.to_string())
        };
        assert_eq!(whose(Kind::Transaction, "1900000001", true), Ok(()));
        let foreign_merchant = Err("untrusted: the answer is about 1900000002 transaction N-1".to_owned());
        assert_eq!(whose(Kind::Transaction, "1900000002", true), foreign_merchant);
        assert!(whose(Kind::Transaction, "1900000001", false).is_err());
        // A stock may belong to another merchant.
        assert_eq!(whose(Kind::Stock, "1900000002", true), Ok(()));
    }

    /// The result of an answer to a change.
    async fn judged(status: u16, body: &[u8], headers: SignatureHeaders, html: bool) -> Result<Reply, ApiError> {
        let answer =
            HttpAnswer { status, signature: headers, digest: None, request_id: None, html, body: body.to_vec() };
        let (target, body) = ("/v3/payscore/serviceorder/SO-1/modify", r#"{"total_amount": 5}"#);
        let call = Call { method: Method::Post, target, body, mutation: true, patience: Patience::Whole, key: None };
        client().judge_change(call, None, answer).await
    }

    #[tokio::test]
    async fn an_unsigned_answer_to_a_change_is_only_a_hint() {
        let refusal = br#"{"code": "NOT_ENOUGH", "message": "x"}"#;
        for (status, body) in [(400, &refusal[..]), (401, refusal), (403, refusal), (404, b""), (405, b""), (409, b"x")]
        {
            let error = judged(status, body, SignatureHeaders::default(), false).await.unwrap_err();
            let ApiError::UnknownOutcome(RequestFailure::Status(refusal)) = &error else { panic!("{status}: {error}") };
            assert!(!refusal.signed && refusal.status == status);
            assert!(error.to_string().contains(&format!("not signed: {status}")), "{error}");
        }
        let page = judged(403, b"<html>NOT_ENOUGH</html>", SignatureHeaders::default(), true).await.unwrap_err();
        assert!(page.refusal().is_some_and(|refusal| refusal.message.is_empty()), "a page is not quoted: {page}");
        for status in [200, 204, 302] {
            let error = judged(status, b"{}", SignatureHeaders::default(), false).await.unwrap_err();
            let unsigned = ApiError::UnknownOutcome(RequestFailure::Untrusted(Untrusted::Unsigned { html: false }));
            assert_eq!(error.to_string(), unsigned.to_string(), "{status}");
        }
        let partly = SignatureHeaders { serial: Some("x".into()), ..SignatureHeaders::default() };
        let error = judged(403, refusal, partly, false).await.unwrap_err();
        assert!(
            matches!(error, ApiError::UnknownOutcome(RequestFailure::Untrusted(Untrusted::Signature(_)))),
            "{error}"
        );
    }

    #[test]
    fn an_answer_signed_before_its_request_left_is_stale() {
        let at = |seconds| Some(OffsetDateTime::UNIX_EPOCH + time::Duration::seconds(seconds));
        assert!(is_stale(at(100), at(94)));
        assert!(!is_stale(at(100), at(95)), "the platform's machines differ by a little");
        assert!(!is_stale(at(100), at(101)) && !is_stale(None, at(1)) && !is_stale(at(1), None));
    }

    #[tokio::test(start_paused = true)]
    async fn the_platforms_clock_runs_on_and_is_not_set_back_by_an_older_answer() {
        let client = client();
        let signed = |seconds: i64| SignatureHeaders { timestamp: Some(seconds.to_string()), ..Default::default() };
        assert_eq!(client.platform_now(), None);
        client.note_clock(&signed(1_000));
        tokio::time::advance(Duration::from_secs(30)).await;
        let now = || client.platform_now().unwrap().unix_timestamp();
        assert_eq!(now(), 1_030);
        client.note_clock(&signed(1_010));
        assert_eq!(now(), 1_030, "a replay");
        client.note_clock(&signed(1_040));
        assert_eq!(now(), 1_040);
        assert!(client.platform_at_the_latest() >= client.platform_now());
    }
}
