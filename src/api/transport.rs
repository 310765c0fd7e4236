//! One HTTP exchange: sign, send, receive a bounded body. Nothing here judges the answer.

use std::net::IpAddr;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, USER_AGENT};
use reqwest::redirect;
use time::OffsetDateTime;

use super::{Failure, Misconfigured};
use crate::crypto::{Authorization, PrivateKey, SignatureHeaders};
use crate::i18n::Lang;
use crate::model::{MchId, Method, Serial};

/// How long to wait, and for how much.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    pub connect: Duration,
    /// From the first byte sent to the last byte received.
    pub total: Duration,
    /// Bytes of an answer's body.
    pub body: usize,
    /// Bytes of a file's.
    pub file: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // A list of ten stocks with long descriptions is some 50 KB; 4 MB is no answer of these endpoints.
        Self { connect: Duration::from_secs(5), total: Duration::from_secs(30), body: 4 << 20, file: 64 << 20 }
    }
}

/// Who signs.
#[derive(Clone, Debug)]
pub struct Signer {
    pub mchid: MchId,
    pub serial: Serial,
    pub key: PrivateKey,
}

/// An answer, not yet believed.
#[derive(Debug)]
pub(super) struct Answer {
    pub status: u16,
    pub signature: SignatureHeaders,
    /// `Wechatpay-Statement-Sha1`: what is signed in place of a statement's bytes.
    pub digest: Option<String>,
    pub request_id: Option<String>,
    pub html: bool,
    pub body: Vec<u8>,
}

#[derive(Debug)]
pub(super) struct Transport {
    http: reqwest::Client,
    base: Url,
    limits: Limits,
    signer: Signer,
    language: HeaderValue,
}

impl Transport {
    pub fn new(base_url: &str, signer: Signer, limits: Limits, lang: Lang) -> Result<Self, Misconfigured> {
        // What stands before an @ may be a password, and is not repeated.
        let shown = base_url.rsplit_once('@').map_or(base_url, |(_, host)| host);
        let unusable = || Misconfigured::BaseUrl(shown.to_owned());
        let base = Url::parse(base_url).map_err(|_| unusable())?;
        let plain = base.path() == "/" && base.query().is_none() && base.fragment().is_none();
        // Credentials in a URL would end up in logs; a path would not be the one that is signed.
        let bare = base.username().is_empty() && base.password().is_none();
        if !matches!(base.scheme(), "http" | "https") || base.host().is_none() || !plain || !bare {
            return Err(unusable());
        }
        let loopback = base.host_str().is_some_and(|host| {
            host == "localhost" || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
        });
        let builder = reqwest::Client::builder();
        // A proxy does not reach this machine's own sandbox.
        let builder = if loopback { builder.no_proxy() } else { builder };
        let http = builder
            .connect_timeout(limits.connect)
            // Following a redirect would carry the Authorization header to whoever sent it.
            .redirect(redirect::Policy::none())
            .tcp_nodelay(true)
            .pool_idle_timeout(Duration::from_secs(50))
            .build()
            .map_err(|e| Misconfigured::Client(e.into()))?;
        let language = HeaderValue::from_static(match lang {
            Lang::ZhCn => "zh-CN",
            Lang::En => "en",
        });
        Ok(Self { http, base, limits, signer, language })
    }

    /// Signs a text with the merchant's key: what a front end needs to invoke a payment.
    pub fn sign(&self, text: &str) -> String {
        self.signer.key.sign(text.as_bytes())
    }

    /// Sends one request. The target is signed as it will stand on the wire.
    pub async fn exchange(
        &self,
        method: Method,
        target: &str,
        body: &[u8],
        platform: Option<&Serial>,
    ) -> Result<Answer, Failure> {
        let request = self.signed(method, self.url(target)?, body.to_vec(), platform).await?;
        let timed_out = || Failure::Timeout { seconds: self.limits.total.as_secs() };
        tokio::time::timeout(self.limits.total, self.send(request, self.limits.body)).await.map_err(|_| timed_out())?
    }

    /// Asks for a file. It may be large, so that only its silence has a limit.
    pub async fn file(&self, target: &str, platform: Option<&Serial>) -> Result<Answer, Failure> {
        let request = self.signed(Method::Get, self.url(target)?, Vec::new(), platform).await?;
        self.send(request, self.limits.file).await
    }

    fn url(&self, target: &str) -> Result<Url, Failure> {
        self.base.join(target).map_err(|e| Failure::Connect(e.into()))
    }

    async fn signed(
        &self,
        method: Method,
        url: Url,
        body: Vec<u8>,
        platform: Option<&Serial>,
    ) -> Result<reqwest::RequestBuilder, Failure> {
        let target = on_the_wire(&url);
        let signer = self.signer.clone();
        let sign = move || {
            let now = OffsetDateTime::now_utc().unix_timestamp();
            let Signer { mchid, serial, key } = &signer;
            let header =
                Authorization::sign(key, mchid.as_str(), serial.as_str(), method.as_str(), &target, &body, now);
            (header.to_string(), body)
        };
        // A signature costs most of a millisecond; the runtime's threads have better to do.
        let (authorization, body) =
            tokio::task::spawn_blocking(sign).await.map_err(|e| Failure::Connect(Box::new(e)))?;
        let verb = reqwest::Method::from_bytes(method.as_str().as_bytes()).map_err(|e| Failure::Connect(e.into()))?;
        let mut request = self
            .http
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
            // An empty body is said to be empty: some gateways answer 411 otherwise.
            request = request.body(body);
        }
        Ok(request)
    }

    async fn send(&self, request: reqwest::RequestBuilder, limit: usize) -> Result<Answer, Failure> {
        let timed_out = || Failure::Timeout { seconds: self.limits.total.as_secs() };
        let patience = self.limits.total;
        let sent = tokio::time::timeout(patience, request.send()).await.map_err(|_| timed_out())?;
        let mut response = sent.map_err(|e| failure(e, patience))?;
        let header =
            |headers: &HeaderMap, name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
        let headers = response.headers().clone();
        let mut bytes = Vec::new();
        loop {
            let chunk = tokio::time::timeout(patience, response.chunk()).await.map_err(|_| timed_out())?;
            let Some(chunk) = chunk.map_err(|e| failure(e, patience))? else { break };
            if bytes.len() + chunk.len() > limit {
                return Err(Failure::TooLarge { limit });
            }
            bytes.extend_from_slice(&chunk);
        }
        let html = header(&headers, "content-type").is_some_and(|t| t.starts_with("text/html"))
            || bytes.trim_ascii_start().starts_with(b"<");
        Ok(Answer {
            status: response.status().as_u16(),
            signature: SignatureHeaders::collect(|name| headers.get(name).and_then(|v| v.to_str().ok())),
            digest: header(&headers, "wechatpay-statement-sha1"),
            request_id: header(&headers, "request-id"),
            html,
            body: bytes,
        })
    }
}

/// True if a target stands on the wire exactly as it is given, so that what is shown and journaled is what is sent:
/// no dot segments, no fragment, nothing that would be encoded on the way.
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

/// Whether a cause of the error says so. The TLS library's own type is out of reach behind the HTTP client.
fn tells(error: &reqwest::Error, word: &str) -> bool {
    std::iter::successors(std::error::Error::source(error), |e| e.source())
        .any(|cause| cause.to_string().contains(word))
}

fn failure(error: reqwest::Error, total: Duration) -> Failure {
    if error.is_connect() && tells(&error, "certificate") {
        Failure::Tls(error.without_url().into())
    } else if error.is_connect() || error.is_builder() {
        Failure::Connect(error.without_url().into())
    } else if error.is_timeout() {
        Failure::Timeout { seconds: total.as_secs() }
    } else {
        Failure::Broken(error.without_url().into())
    }
}
