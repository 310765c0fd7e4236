//! Answers as they are sent: signed, or altered by a fault.

use std::io::Write;

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_LENGTH, CONTENT_TYPE, DATE};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode};
use futures_util::stream;
use rand::RngExt;
use serde_json::json;
use time::OffsetDateTime;
use time::macros::format_description;

use super::answer::{Answer, SandboxOutcome, SandboxRefusal};
use super::faults::Fault;
use super::platform::{PlatformSigner, make_probe, set};
use crate::model::bill::sha1_hex;

/// Status, headers and body before they are assembled.
pub(super) struct SandboxReply {
    status: u16,
    tail: u32,
    body: Bytes,
    content_type: &'static str,
    /// Files are never signed.
    file: bool,
    /// The digest that is signed instead of the body.
    digest: Option<String>,
    packed: bool,
}

impl SandboxReply {
    /// 404 and 405 without a body.
    pub(super) fn empty(status: u16) -> Self {
        Self::new(status, 0, Bytes::new(), "")
    }

    pub(super) fn of(outcome: &SandboxOutcome, english: bool) -> Self {
        match outcome {
            Ok(Answer::Nothing) => Self::empty(204),
            Ok(Answer::Document(value)) => Self::json(200, 0, value.to_string()),
            Ok(Answer::File { bytes, content_type }) => {
                Self { file: true, ..Self::new(200, 0, bytes.clone(), content_type) }
            }
            Ok(Answer::Statement(text)) => {
                let digest = sha1_hex(text.as_bytes());
                let reply = Self::new(200, 0, text.clone().into(), "text/plain; charset=utf-8");
                Self { digest: Some(digest), ..reply }
            }
            Err(refusal) => Self::refusal(refusal, english),
        }
    }

    pub(super) fn refusal(refusal: &SandboxRefusal, english: bool) -> Self {
        Self::json(refusal.code.status(), refusal.request_id_tail(), refusal.body(english).to_string())
    }

    fn json(status: u16, tail: u32, body: String) -> Self {
        Self::new(status, tail, body.into(), "application/json; charset=utf-8")
    }

    fn new(status: u16, tail: u32, body: Bytes, content_type: &'static str) -> Self {
        Self { status, tail, body, content_type, file: false, digest: None, packed: false }
    }

    /// Compresses a statement for clients that accept gzip. Its digest stays that of the text.
    pub(super) fn packed(mut self, wanted: bool) -> Self {
        if wanted && self.digest.is_some() {
            let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            // Writing to memory cannot fail.
            if packer.write_all(&self.body).is_ok()
                && let Ok(packed) = packer.finish()
            {
                (self.body, self.packed) = (packed.into(), true);
            }
        }
        self
    }

    /// A proxy's HTML page.
    pub(super) fn html(status: u16) -> Self {
        let body = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>";
        Self::new(status, 0, Bytes::from_static(body), "text/html")
    }

    /// The answer of a proxy that imitates WeChat Pay's format.
    pub(super) fn by_a_proxy(status: u16) -> Self {
        let body = json!({ "code": "NOT_ENOUGH", "message": "基本账户余额不足，请充值后重新发起" });
        Self::json(status, 0, body.to_string())
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }

    pub(super) fn is_error(&self) -> bool {
        self.status >= 400
    }

    /// Assembles the answer; `signer` signs it, `fault` alters it.
    pub(super) fn finish(
        self,
        signer: Option<&PlatformSigner>,
        fault: Option<&Fault>,
        now: OffsetDateTime,
    ) -> Response<Body> {
        let mut headers = HeaderMap::new();
        if let Some(signer) = signer.filter(|_| fault != Some(&Fault::NoSignature) && !self.file) {
            let digest = self.digest.as_ref().map(|digest| format!("{{\"sha1\":\"{digest}\"}}"));
            let signed = digest.as_ref().map_or(&*self.body, |digest| digest.as_bytes());
            let signed = if fault == Some(&Fault::BadSignature) { b"another answer" } else { signed };
            signer.sign(signed, now, &mut headers);
        }
        match fault {
            Some(Fault::UnknownSerial) => set(&mut headers, "wechatpay-serial", &"7F".repeat(20)),
            Some(Fault::Probe) => make_probe(&mut headers),
            _ => {}
        }
        if let Some(digest) = &self.digest {
            set(&mut headers, "wechatpay-statement-sha1", digest);
        }
        if self.packed {
            set(&mut headers, "content-encoding", "gzip");
        }
        set(&mut headers, "request-id", &request_id(self.tail));
        if let Ok(date) = HeaderValue::from_str(&http_date(now)) {
            headers.insert(DATE, date);
        }
        if !self.content_type.is_empty() {
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(self.content_type));
        }
        let body = match fault {
            Some(Fault::Altered) => Body::from(altered(&self.body)),
            Some(Fault::Truncated) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len() + 64));
                truncated(self.body)
            }
            Some(Fault::Huge(length)) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(*length));
                huge(*length)
            }
            Some(Fault::Drip) => {
                headers.insert(CONTENT_LENGTH, HeaderValue::from(self.body.len()));
                dripping(self.body)
            }
            _ => Body::from(self.body),
        };
        let mut response = Response::new(body);
        *response.status_mut() = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        *response.headers_mut() = headers;
        response
    }
}

/// `<id>-<internal number>`.
pub(super) fn request_id(tail: u32) -> String {
    let id: [u8; 16] = std::array::from_fn(|_| rand::rng().random());
    let hex: String = id.iter().map(|b| format!("{b:02X}")).collect();
    format!("08{hex}-{tail}")
}

/// `Thu, 09 Oct 2025 08:53:20 GMT`.
fn http_date(now: OffsetDateTime) -> String {
    let format =
        format_description!("[weekday repr:short], [day] [month repr:short] [year] [hour]:[minute]:[second] GMT");
    now.to_offset(time::UtcOffset::UTC).format(format).unwrap_or_default()
}

/// Changes one digit in the middle, or one bit if there is no digit.
fn altered(body: &[u8]) -> Vec<u8> {
    let mut body = body.to_vec();
    let middle = body.len() / 2;
    if let Some(at) =
        (middle..body.len()).find(|at| body[*at].is_ascii_digit()).or((middle < body.len()).then_some(middle))
    {
        body[at] ^= 1;
    }
    body
}

/// Sends the body, then breaks the connection.
fn truncated(body: Bytes) -> Body {
    let parts = stream::unfold(Some(body), |part| async move {
        match part {
            Some(part) if !part.is_empty() => Some((Ok(part), None)),
            _ => {
                // What was sent must be flushed before the connection breaks.
                tokio::time::sleep(std::time::Duration::from_millis(20)).await;
                Some((Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)), None))
            }
        }
    });
    Body::from_stream(parts)
}

/// Sends a few bytes every second.
fn dripping(body: Bytes) -> Body {
    const DROP: usize = 20;
    let drops = stream::unfold(body, |mut rest| async move {
        if rest.is_empty() {
            return None;
        }
        let drop = rest.split_to(rest.len().min(DROP));
        tokio::time::sleep(std::time::Duration::from_secs(1)).await;
        Some((Ok::<_, std::io::Error>(drop), rest))
    });
    Body::from_stream(drops)
}

/// `length` bytes of white space, which JSON allows.
fn huge(length: u64) -> Body {
    const PART: u64 = 64 * 1024;
    let part = Bytes::from(vec![b' '; PART as usize]);
    let parts = stream::unfold(length, move |left| {
        let part = part.slice(..left.min(PART) as usize);
        async move { (left > 0).then(|| (Ok::<_, std::io::Error>(part), left - left.min(PART))) }
    });
    Body::from_stream(parts)
}
