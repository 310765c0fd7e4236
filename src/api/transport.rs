//! One HTTP exchange: sign, send, receive a bounded body. The answer is not verified here.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Budget, Misconfigured, RequestFailure};
use crate::crypto::{Authorization, PrivateKey, SignatureHeaders};
use crate::i18n::Lang;
use crate::model::{MchId, Method, Serial};
use crate::net::is_loopback;
use crate::text::repeatable;

/// WeChat Pay's own hosts (protocol reference §1).
const HOSTS: [&str; 5] = [
    "api.mch.weixin.qq.com",
    "api2.mch.weixin.qq.com",
    "api.wechatpay.cn",
    "api2.wechatpay.cn",
    "apihk.mch.weixin.qq.com",
];

/// Limits of time and size.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connect: Duration,
    /// From the first byte sent to the last byte received.
    pub total: Duration,
    /// The same for repeated queries: a missing answer is reported to the operator within half a minute, and a
    /// connection that died while the machine slept is closed.
    pub watching: Duration,
    /// How long the outcome of a change is queried while the user waits, pauses included.
    pub asking: Duration,
    /// A whole file, however large.
    pub transfer: Duration,
    /// Bytes of an answer's body.
    pub body: usize,
    /// Bytes of a file's.
    pub file: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // A list of ten stocks with long descriptions is some 50 KB; 4 MB is no answer of these endpoints.
        let [connect, total, watching, asking] = [5, 30, 8, 30].map(Duration::from_secs);
        let transfer = Duration::from_secs(60 * 60);
        Self { connect, total, watching, asking, transfer, body: 4 << 20, file: 64 << 20 }
    }
}

/// How long to wait for an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Patience {
    Whole,
    /// A watch queries again anyway.
    Watching,
}

/// The signer of requests.
#[derive(Clone, Debug)]
pub struct Signer {
    pub mchid: MchId,
    pub serial: Serial,
    pub key: PrivateKey,
}

/// An answer, not yet verified.
#[derive(Debug)]
pub(super) struct HttpAnswer {
    pub status: u16,
    pub signature: SignatureHeaders,
    /// `Wechatpay-Statement-Sha1`: what is signed in place of a statement's bytes.
    pub digest: Option<String>,
    pub request_id: Option<String>,
    pub html: bool,
    pub body: Vec<u8>,
}

/// The result of requesting a file.
#[derive(Debug)]
pub(super) enum Arrived {
    /// The file begins; the Request-ID.
    File(FileBody, Option<String>),
    /// An error, or something else that is no file.
    Answer(HttpAnswer),
}

/// A file as it arrives, not yet verified.
#[derive(Debug)]
pub(super) struct FileBody {
    response: reqwest::Response,
    /// How long the next part may take.
    patience: Duration,
    pace: RateCheck,
}

/// The minimum rate in bytes per second, over every period of [`Limits::total`]: a slow drip never times out otherwise.
const LEAST_RATE: u64 = 1024;

/// The rate of a transfer.
#[derive(Debug)]
struct RateCheck {
    /// The limit on the whole transfer.
    whole: Duration,
    /// The period over which the rate is measured.
    stretch: Duration,
    began: Instant,
    bytes: u64,
    stretch_began: Instant,
    stretch_bytes: u64,
}

impl RateCheck {
    fn new(limits: &Limits, now: Instant) -> Self {
        let (whole, stretch) = (limits.transfer, limits.total);
        Self { whole, stretch, began: now, bytes: 0, stretch_began: now, stretch_bytes: 0 }
    }

    /// Counts received bytes.
    fn took(&mut self, bytes: usize, now: Instant) -> Result<(), RequestFailure> {
        let bytes = bytes as u64;
        (self.bytes, self.stretch_bytes) = (self.bytes + bytes, self.stretch_bytes + bytes);
        let (taken, stretch) = (now - self.began, now - self.stretch_began);
        if taken > self.whole {
            return Err(RequestFailure::Slow { bytes: self.bytes, seconds: taken.as_secs() });
        }
        if stretch < self.stretch {
            return Ok(());
        }
        if (self.stretch_bytes as f64) < LEAST_RATE as f64 * stretch.as_secs_f64() {
            return Err(RequestFailure::Slow { bytes: self.stretch_bytes, seconds: stretch.as_secs() });
        }
        (self.stretch_began, self.stretch_bytes) = (now, 0);
        Ok(())
    }
}

impl FileBody {
    pub(super) async fn part(&mut self) -> Result<Option<Vec<u8>>, RequestFailure> {
        let timed_out = RequestFailure::Timeout { seconds: self.patience.as_secs() };
        let part = tokio::time::timeout(self.patience, self.response.chunk()).await.map_err(|_| timed_out)?;
        let part = part.map_err(|error| failure(error, self.patience))?.map(Vec::from);
        if let Some(part) = &part {
            self.pace.took(part.len(), Instant::now())?;
        }
        Ok(part)
    }
}

/// The HTTP client. It is made for the first request: reading the root certificates takes longer than showing the first
/// rows of a ledger, which need no client.
#[derive(Debug)]
struct LazyHttp {
    client: OnceLock<reqwest::Client>,
    connect: Duration,
    /// A proxy does not reach this machine's own sandbox.
    loopback: bool,
}

impl LazyHttp {
    async fn get(self: &Arc<Self>) -> Result<&reqwest::Client, RequestFailure> {
        if let Some(client) = self.client.get() {
            return Ok(client);
        }
        let this = self.clone();
        let made = tokio::task::spawn_blocking(move || this.make());
        let made = made.await.map_err(|e| RequestFailure::Connect(Box::new(e)))?;
        let made = made.map_err(|e| RequestFailure::Connect(e.into()))?;
        Ok(self.client.get_or_init(|| made))
    }

    fn make(&self) -> Result<reqwest::Client, reqwest::Error> {
        let builder = reqwest::Client::builder();
        let builder = if self.loopback { builder.no_proxy() } else { builder };
        builder
            .connect_timeout(self.connect)
            // Following a redirect would carry the Authorization header to the target it names.
            .redirect(redirect::Policy::none())
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
    }
}

#[derive(Debug)]
pub(super) struct Transport {
    http: Arc<LazyHttp>,
    base: Url,
    limits: Limits,
    signer: Signer,
    language: HeaderValue,
    budget: Arc<Budget>,
}

impl Transport {
    pub(super) fn new(
        base_url: &str,
        signer: Signer,
        limits: Limits,
        lang: Lang,
        budget: Arc<Budget>,
    ) -> Result<Self, Misconfigured> {
        // The part before an @ may contain a password, and is not repeated.
        let shown = base_url.rsplit_once('@').map_or(base_url, |(_, host)| host);
        // A text that is not a URL may be a secret in the wrong place.
        let shown = if base_url.contains("://") { shown.into() } else { repeatable(shown) };
        let unusable = || Misconfigured::BaseUrl(shown.to_string());
        let base = Url::parse(base_url).map_err(|_| unusable())?;
        let plain = base.path() == "/" && base.query().is_none() && base.fragment().is_none();
        // Credentials in a URL would end up in logs; a path would not be the one that is signed.
        let bare = base.username().is_empty() && base.password().is_none();
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() || !plain || !bare {
            return Err(unusable());
        }
        let http = LazyHttp { client: OnceLock::new(), connect: limits.connect, loopback: is_loopback(&base) };
        let http = Arc::new(http);
        let language = HeaderValue::from_static(lang.tag());
        Ok(Self { http, base, limits, signer, language, budget })
    }

    /// The same with connections of its own.
    pub(super) fn with_own_connections(&self) -> Self {
        let LazyHttp { client: _, connect, loopback } = *self.http;
        Self {
            http: Arc::new(LazyHttp { client: OnceLock::new(), connect, loopback }),
            base: self.base.clone(),
            limits: self.limits,
            signer: self.signer.clone(),
            language: self.language.clone(),
            budget: self.budget.clone(),
        }
    }

    pub(super) fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Signs a text with the merchant's key: what a front end needs to invoke a payment.
    pub(super) fn sign(&self, text: &str) -> String {
        self.signer.key.sign(text.as_bytes())
    }

    /// Sends one request. The target is signed as it will stand on the wire.
    pub(super) async fn exchange(
        &self,
        method: Method,
        target: &str,
        body: &[u8],
        platform: Option<&Serial>,
        patience: Patience,
    ) -> Result<HttpAnswer, RequestFailure> {
        let request = self.signed(method, self.url(target)?, body.to_vec(), platform).await?;
        let within = match patience {
            Patience::Whole => self.limits.total,
            Patience::Watching => self.limits.watching.min(self.limits.total),
        };
        let timed_out = || RequestFailure::Timeout { seconds: within.as_secs() };
        tokio::time::timeout(within, self.send(request, self.limits.body)).await.map_err(|_| timed_out())?
    }

    /// Requests a file. It may be large, so the limits are on pauses and on the rate.
    pub(super) async fn file(&self, target: &str, platform: Option<&Serial>) -> Result<HttpAnswer, RequestFailure> {
        let request = self.signed(Method::Get, self.url(target)?, Vec::new(), platform).await?;
        self.send(request, self.limits.file).await
    }

    fn url(&self, target: &str) -> Result<Url, RequestFailure> {
        self.base.join(target).map_err(|e| RequestFailure::Connect(e.into()))
    }

    /// Where a link to a file is followed to: as it stands, if it leads to this profile's host or, from one of WeChat
    /// Pay's hosts, to another of them. Behind a host of another's (a proxy) WeChat Pay's links lead there, too, as
    /// every request does. Any other link is rejected: the signed request would go there.
    pub(super) fn file_url(&self, link: Url) -> Option<Url> {
        if !link.username().is_empty() || link.password().is_some() {
            return None;
        }
        let official = |url: &Url| {
            url.scheme() == "https" && url.port().is_none() && url.host_str().is_some_and(|host| HOSTS.contains(&host))
        };
        if link.origin() == self.base.origin() || (official(&link) && official(&self.base)) {
            return Some(link);
        }
        official(&link).then(|| self.base.join(&on_the_wire(&link)).ok()).flatten()
    }

    /// Requests a file: the time limit applies to the first byte and to each part.
    pub(super) async fn open_file(&self, url: &Url, platform: Option<&Serial>) -> Result<Arrived, RequestFailure> {
        let request = self.signed(Method::Get, url.clone(), Vec::new(), platform).await?;
        let timed_out = || RequestFailure::Timeout { seconds: self.limits.total.as_secs() };
        let limit = self.limits.total;
        let response = tokio::time::timeout(limit, request.send()).await.map_err(|_| timed_out())?;
        let response = response.map_err(|error| failure(error, limit))?;
        if response.status().is_success() {
            let request_id = header(response.headers(), "request-id");
            let pace = RateCheck::new(&self.limits, Instant::now());
            return Ok(Arrived::File(FileBody { response, patience: limit, pace }, request_id));
        }
        let answer =
            tokio::time::timeout(limit, self.receive(response, self.limits.body)).await.map_err(|_| timed_out())?;
        answer.map(Arrived::Answer)
    }

    /// A request that may be sent now.
    async fn signed(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        platform: Option<&Serial>,
    ) -> Result<reqwest::RequestBuilder, RequestFailure> {
        let target = on_the_wire(&url);
        let http = self.http.get().await?;
        // A signature takes less time than handing it to another thread and back would add to it, and no task that
        // draws runs on the threads that sign.
        let authorization = {
            let Signer { mchid, serial, key } = &self.signer;
            let now = OffsetDateTime::now_utc().unix_timestamp();
            Authorization::sign(key, mchid.as_str(), serial.as_str(), method.as_str(), &target, &body, now).to_string()
        };
        self.budget.leave().await;
        let verb =
            reqwest::Method::from_bytes(method.as_str().as_bytes()).map_err(|e| RequestFailure::Connect(e.into()))?;
        let mut request = http
            .request(verb, url)
            .header(AUTHORIZATION, authorization)
            .header(ACCEPT, "application/json")
            .header(ACCEPT_LANGUAGE, self.language.clone())
            .header(USER_AGENT, concat!("paydeck/", env!("CARGO_PKG_VERSION"), " (rust)"));
        if let Some(serial) = platform {
            request = request.header("Wechatpay-Serial", serial.as_str());
        }
        if !body.is_empty() {
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        } else if method != Method::Get {
            // Send the length of an empty body: some gateways answer 411 otherwise.
            request = request.body(body);
        }
        Ok(request)
    }

    async fn send(&self, request: reqwest::RequestBuilder, limit: usize) -> Result<HttpAnswer, RequestFailure> {
        let timed_out = || RequestFailure::Timeout { seconds: self.limits.total.as_secs() };
        let patience = self.limits.total;
        let sent = tokio::time::timeout(patience, request.send()).await.map_err(|_| timed_out())?;
        self.receive(sent.map_err(|e| failure(e, patience))?, limit).await
    }

    /// Reads an answer of so many bytes at the most: silence has a limit.
    async fn receive(&self, mut response: reqwest::Response, limit: usize) -> Result<HttpAnswer, RequestFailure> {
        let timed_out = || RequestFailure::Timeout { seconds: self.limits.total.as_secs() };
        let patience = self.limits.total;
        let headers = response.headers().clone();
        let (mut bytes, mut pace) = (Vec::new(), RateCheck::new(&self.limits, Instant::now()));
        loop {
            let chunk = tokio::time::timeout(patience, response.chunk()).await.map_err(|_| timed_out())?;
            let Some(chunk) = chunk.map_err(|e| failure(e, patience))? else { break };
            if bytes.len() + chunk.len() > limit {
                return Err(RequestFailure::TooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
            pace.took(chunk.len(), Instant::now())?;
        }
        let html = header(&headers, "content-type").is_some_and(|t| t.starts_with("text/html"))
            || bytes.trim_ascii_start().starts_with(b"<");
        Ok(HttpAnswer {
            status: response.status().as_u16(),
            signature: SignatureHeaders::collect(|name| headers.get(name).and_then(|v| v.to_str().ok())),
            digest: header(&headers, "wechatpay-statement-sha1"),
            request_id: header(&headers, "request-id"),
            html,
            body: bytes,
        })
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

/// True if a target is sent exactly as given, so that the preview and the journal match the request: no dot segments,
/// no fragment, nothing that would be encoded on the way.
pub fn is_exact_target(target: &str) -> bool {
    let base = Url::parse("https://host.invalid");
    base.and_then(|base| base.join(target)).is_ok_and(|url| {
        url.host_str() == Some("host.invalid") && url.fragment().is_none() && on_the_wire(&url) == target
    })
}

fn on_the_wire(url: &Url) -> String {
    match url.query() {
        Some(query) => format!("{}?{query}", url.path()),
        None => url.path().to_owned(),
    }
}

/// Whether a cause of the error contains this word. The HTTP client does not expose the TLS library's error type.
fn mentions(error: &reqwest::Error, word: &str) -> bool {
    std::iter::successors(std::error::Error::source(error), |e| e.source())
        .any(|cause| cause.to_string().contains(word))
}

/// Classifies a transport error, without the URL, which may contain secrets.
pub(crate) fn failure(error: reqwest::Error, total: Duration) -> RequestFailure {
    if error.is_connect() && mentions(&error, "certificate") {
        RequestFailure::Tls(error.without_url().into())
    } else if error.is_connect() || error.is_builder() {
        RequestFailure::Connect(error.without_url().into())
    } else if error.is_timeout() {
        RequestFailure::Timeout { seconds: total.as_secs() }
    } else {
        RequestFailure::Broken(error.without_url().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::PrivateKey;

    fn transport(base: &str) -> Transport {
        let signer = Signer {
            mchid: MchId::new("1900009999"),
            serial: Serial::new("3C4D5E6F708192A3B4C5D6E7F8091A2B3C4D5E6F"),
            key: PrivateKey::generate().unwrap(),
        };
        Transport::new(base, signer, Limits::default(), Lang::En, Arc::new(Budget::new(1))).unwrap()
    }

    #[test]
    fn what_drips_or_takes_for_ever_is_given_up_and_what_is_merely_large_is_not() {
        let begin = Instant::now();
        let at = |seconds: u64| begin + Duration::from_secs(seconds);
        let limits = Limits { total: Duration::from_secs(10), transfer: Duration::from_secs(60), ..Limits::default() };
        // Twenty bytes a second.
        let mut pace = RateCheck::new(&limits, begin);
        assert!((1..10).all(|second| pace.took(20, at(second)).is_ok()), "a small file may take its time");
        assert!(matches!(pace.took(20, at(10)), Err(RequestFailure::Slow { bytes: 200, seconds: 10 })));
        // Fast at first.
        let mut pace = RateCheck::new(&limits, begin);
        assert!(pace.took(1 << 30, at(10)).is_ok());
        assert!((11..20).all(|second| pace.took(20, at(second)).is_ok()));
        assert!(matches!(pace.took(20, at(20)), Err(RequestFailure::Slow { bytes: 200, seconds: 10 })));
        // Just fast enough, up to the limit.
        let mut pace = RateCheck::new(&limits, begin);
        assert!((1..=60).all(|second| pace.took(1024, at(second)).is_ok()));
        assert!(matches!(pace.took(1024, at(61)), Err(RequestFailure::Slow { bytes: 62464, seconds: 61 })));
    }

    #[test]
    fn a_link_is_followed_to_wechat_pay_or_to_the_profiles_own_host_and_nowhere_else() {
        const FILE: &str = "/v3/billdownload/file?token=a%2Bb";
        let main = transport("https://api.mch.weixin.qq.com");
        let proxy = transport("http://127.0.0.1:8080");
        let follow = |transport: &Transport, link: String| {
            transport.file_url(Url::parse(&link).unwrap()).map(|url| url.to_string())
        };
        for host in HOSTS {
            let link = format!("https://{host}{FILE}");
            assert_eq!(follow(&main, link.clone()), Some(link.clone()));
            assert_eq!(follow(&proxy, link), Some(format!("http://127.0.0.1:8080{FILE}")));
        }
        let own = format!("http://127.0.0.1:8080{FILE}");
        assert_eq!(follow(&proxy, own.clone()), Some(own));
        for elsewhere in [
            "http://api.mch.weixin.qq.com",
            "https://api.mch.weixin.qq.com:8443",
            "https://api.mch.weixin.qq.com.example.org",
            "https://user@api.mch.weixin.qq.com",
            "http://127.0.0.1:8081",
            "https://127.0.0.1:8080",
            "https://example.org",
        ] {
            let link = format!("{elsewhere}{FILE}");
            let followed = (follow(&main, link.clone()), follow(&proxy, link));
            assert_eq!(followed, (None, None), "{elsewhere}");
        }
    }
}
