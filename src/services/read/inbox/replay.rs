//! Sends a kept delivery again, byte for byte, to the merchant's back end.

use std::time::{Duration, Instant};

use reqwest::header::HeaderMap;
use reqwest::{Url, redirect};

use crate::api::{RequestFailure, failure};
use crate::ledger::{Delivery, KEPT_OF_REFUSED, Verdict};
use crate::net::is_loopback;
use crate::services::webhook::forward_headers;

/// As long as WeChat Pay would wait (protocol reference §9.2).
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of the answer is read: enough for a text on an error page.
const ANSWER: usize = 1024;

/// A kept delivery that is ready to be sent to a URL.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    url: Url,
    headers: HeaderMap,
    body: Vec<u8>,
}

/// Why a delivery cannot be replayed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotReplayable {
    /// Nothing of it is kept.
    NotKept,
    /// It was refused, and only its beginning is kept.
    Cut,
    /// The URL is not HTTP, names no host, or carries credentials, which would be shown.
    Url,
    /// It would be one with `http://` before it.
    NoScheme,
    /// It leads to WeChat Pay, to which nothing goes but what passed the gate.
    WeChatPay,
}

impl From<forward_headers::Unfit> for NotReplayable {
    fn from(unfit: forward_headers::Unfit) -> Self {
        match unfit {
            forward_headers::Unfit::Url => Self::Url,
            forward_headers::Unfit::NoScheme => Self::NoScheme,
            forward_headers::Unfit::WeChatPay => Self::WeChatPay,
        }
    }
}

impl NotReplayable {
    /// The message that explains it.
    pub const fn message(self) -> &'static str {
        match self {
            Self::NotKept => "replay-not-kept",
            Self::Cut => "replay-cut",
            Self::Url => "replay-no-url",
            Self::NoScheme => "replay-no-scheme",
            Self::WeChatPay => "replay-wechat-pay",
        }
    }
}

/// The answer of the receiver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    pub status: u16,
    /// Until the head of the answer was there.
    pub took: Duration,
    /// How the answer begins. From outside: to be neutralised.
    pub says: String,
}

/// Why no answer came.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct ReplayError(pub RequestFailure);

/// True if all of a delivery is kept.
pub fn is_whole(verdict: Verdict, delivery: &Delivery) -> bool {
    let cut = |bytes: &[u8]| bytes.len() >= KEPT_OF_REFUSED;
    let declared = forward_headers::lines(&delivery.headers)
        .find(|(name, _)| name == "content-length")
        .and_then(|(_, value)| value.to_str().ok()?.parse::<usize>().ok());
    let short = declared.is_some_and(|declared| declared > delivery.body.len());
    verdict == Verdict::Genuine || !(cut(&delivery.headers) || cut(&delivery.body) || short)
}

impl Replay {
    /// Makes ready what is to be sent. `base_url`: where the profile reaches WeChat Pay.
    ///
    /// # Errors
    /// [`NotReplayable`] if not all of it is kept, or it cannot be sent there.
    pub fn new(verdict: Verdict, delivery: &Delivery, url: &str, base_url: &str) -> Result<Self, NotReplayable> {
        if !is_whole(verdict, delivery) {
            return Err(NotReplayable::Cut);
        }
        let url = forward_headers::parse(url.trim(), Some(base_url))?;
        let headers = forward_headers::headers(&delivery.headers);
        Ok(Self { url, headers, body: delivery.body.clone() })
    }

    pub fn url(&self) -> &str {
        self.url.as_str()
    }

    /// The host, and the port if it is not the scheme's default.
    pub fn host(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        self.url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
    }

    /// True if it does not leave this machine.
    pub(crate) fn is_local(&self) -> bool {
        is_loopback(&self.url)
    }

    /// Headers that are sent as they came.
    pub fn headers(&self) -> usize {
        self.headers.len()
    }

    /// Bytes of the body.
    pub fn bytes(&self) -> usize {
        self.body.len()
    }

    /// Sends it once. Redirects are not followed.
    ///
    /// # Errors
    /// [`ReplayError`] if no answer came in time.
    pub async fn send(self) -> Result<Replayed, ReplayError> {
        let builder = reqwest::Client::builder().redirect(redirect::Policy::none()).timeout(PATIENCE);
        // A proxy does not reach this machine.
        let builder = if self.is_local() { builder.no_proxy() } else { builder };
        let failed = |error| ReplayError(failure(error, PATIENCE));
        let client = builder.build().map_err(failed)?;
        let sent = Instant::now();
        let mut response = client.post(self.url).headers(self.headers).body(self.body).send().await.map_err(failed)?;
        let (status, took) = (response.status().as_u16(), sent.elapsed());
        let mut says = Vec::new();
        // What it says is only for the eye: a body that breaks off changes nothing.
        while says.len() < ANSWER
            && let Ok(Some(part)) = response.chunk().await
        {
            says.extend_from_slice(&part);
        }
        says.truncate(ANSWER);
        Ok(Replayed { status, took, says: String::from_utf8_lossy(&says).into_owned() })
    }
}

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderName;

    use super::*;
    use crate::model::time::Timestamp;

    const BASE: &str = "https://gateway.example";

    fn delivery(headers: &str, body: &[u8]) -> Delivery {
        Delivery {
            at: Timestamp::UNIX_EPOCH,
            peer: "127.0.0.1:5".into(),
            target: "/notify".into(),
            headers: headers.as_bytes().to_vec(),
            body: body.to_vec(),
        }
    }

    fn names(replay: &Replay) -> Vec<&str> {
        replay.headers.keys().map(HeaderName::as_str).collect()
    }

    #[test]
    fn what_belongs_to_the_old_connection_stays_behind() {
        let headers = "Host: pay.example\r\nConnection: keep-alive, X-Hop\r\nX-Hop: 1\r\nWechatpay-Nonce: a:b\r\n\
                       Proxy-Authorization: Basic c2VjcmV0\r\nExpect: 100-continue\r\n\
                       Content-Type: application/json\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n";
        let replay =
            Replay::new(Verdict::Genuine, &delivery(headers, b"{}"), "http://127.0.0.1:9/n?x=1", BASE).unwrap();
        assert_eq!(names(&replay), ["wechatpay-nonce", "content-type"]);
        assert_eq!(replay.headers["wechatpay-nonce"], "a:b");
        assert_eq!((replay.host().as_str(), replay.is_local(), replay.bytes()), ("127.0.0.1:9", true, 2));
    }

    #[test]
    fn what_is_no_place_to_send_to_is_refused() {
        for url in ["", "notify", "ftp://a.example/", "http://", "https://user:secret@a.example/"] {
            let refused = Replay::new(Verdict::Genuine, &delivery("", b""), url, BASE);
            assert_eq!(refused.err(), Some(NotReplayable::Url), "{url}");
        }
        let refused = |url| Replay::new(Verdict::Genuine, &delivery("", b""), url, BASE).err();
        assert_eq!(refused("localhost:9000/x"), Some(NotReplayable::NoScheme));
        assert_eq!(refused("https://api.mch.weixin.qq.com/v3/x"), Some(NotReplayable::WeChatPay));
        assert_eq!(refused(&format!("{BASE}/v3/x")), Some(NotReplayable::WeChatPay));
        let replay = Replay::new(Verdict::Genuine, &delivery("", b""), "https://back.example/notify", BASE).unwrap();
        assert!(!replay.is_local());
        assert_eq!(replay.host(), "back.example");
    }

    #[test]
    fn what_was_cut_cannot_be_replayed() {
        let long = vec![b'x'; KEPT_OF_REFUSED];
        let cut = |headers: &str, body: &[u8]| {
            Replay::new(Verdict::Forged, &delivery(headers, body), "http://[::1]/", BASE).err()
        };
        assert_eq!(cut("", &long), Some(NotReplayable::Cut));
        assert_eq!(cut("content-length: 9\r\n", b"{}"), Some(NotReplayable::Cut));
        assert_eq!(cut("content-length: 2\r\n", b"{}"), None);
        assert!(Replay::new(Verdict::Genuine, &delivery("", &long), "http://[::1]/", BASE).is_ok());
    }
}
