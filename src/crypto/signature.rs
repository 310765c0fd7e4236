//! The signed texts, in both directions, and the verification of signatures (protocol reference §3–5, §9.4).

use std::fmt;

use super::{BASE64, Engine, PrivateKey, PublicKey};
use crate::model::Serial;

/// The only scheme we speak; SM2 and brand schemes are out of scope.
pub const SCHEME: &str = "WECHATPAY2-SHA256-RSA2048";
/// How far a timestamp may be from our clock, exclusive.
pub const CLOCK_WINDOW_SECONDS: u64 = 300;
/// A signature with this prefix is a probe: it is deliberately wrong and must be rejected.
pub const PROBE_PREFIX: &str = "WECHATPAY/SIGNTEST/";

/// A fresh nonce: 32 letters and digits.
pub fn nonce() -> String {
    use rand::RngExt;
    rand::rng().sample_iter(rand::distr::Alphanumeric).take(32).map(char::from).collect()
}

/// The text a request's signature covers: five lines, each ended by LF. `target` is the path and query exactly as
/// they stand on the wire, `body` the bytes sent.
pub fn request_message(method: &str, target: &str, timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{method}\n{target}\n{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// The text a reply's or notification's signature covers: three lines over the bytes received.
pub fn response_message(timestamp: &str, nonce: &str, body: &[u8]) -> Vec<u8> {
    let mut message = format!("{timestamp}\n{nonce}\n").into_bytes();
    message.extend_from_slice(body);
    message.push(b'\n');
    message
}

/// The five values of an `Authorization` header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Authorization {
    pub mchid: String,
    pub serial_no: String,
    pub nonce_str: String,
    /// Unix seconds, as text: it is signed as it is written.
    pub timestamp: String,
    /// Base64.
    pub signature: String,
}

/// Why an `Authorization` header could not be read.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum AuthorizationError {
    #[error("the scheme is not {SCHEME}")]
    Scheme,
    #[error("not five key=\"value\" pairs")]
    Grammar,
    #[error("{0} is missing, empty or given twice")]
    Value(&'static str),
}

impl Authorization {
    /// Signs a request with a fresh nonce. CPU-bound: keep it off the threads that draw or poll.
    pub fn sign(
        key: &PrivateKey,
        mchid: &str,
        serial_no: &str,
        method: &str,
        target: &str,
        body: &[u8],
        unix_seconds: i64,
    ) -> Self {
        let (timestamp, nonce_str) = (unix_seconds.to_string(), nonce());
        let signature = key.sign(&request_message(method, target, &timestamp, &nonce_str, body));
        Self { mchid: mchid.to_owned(), serial_no: serial_no.to_owned(), nonce_str, timestamp, signature }
    }

    /// Reads a header value. The order of the pairs is free; one space after the scheme, no spaces elsewhere.
    pub fn parse(header: &str) -> Result<Self, AuthorizationError> {
        let (scheme, pairs) = header.split_once(' ').ok_or(AuthorizationError::Scheme)?;
        if scheme != SCHEME {
            return Err(AuthorizationError::Scheme);
        }
        let mut found: [(&'static str, Option<&str>); 5] =
            [("mchid", None), ("serial_no", None), ("nonce_str", None), ("timestamp", None), ("signature", None)];
        for pair in pairs.split(',') {
            let (name, value) = pair.split_once('=').ok_or(AuthorizationError::Grammar)?;
            let value = value
                .strip_prefix('"')
                .and_then(|v| v.strip_suffix('"'))
                .filter(|v| !v.contains('"'))
                .ok_or(AuthorizationError::Grammar)?;
            let slot = found.iter_mut().find(|(known, _)| *known == name).ok_or(AuthorizationError::Grammar)?;
            if value.is_empty() || slot.1.replace(value).is_some() {
                return Err(AuthorizationError::Value(slot.0));
            }
        }
        let mut values =
            found.into_iter().map(|(name, value)| value.map(str::to_owned).ok_or(AuthorizationError::Value(name)));
        let mut next = || values.next().unwrap_or(Err(AuthorizationError::Grammar));
        Ok(Self { mchid: next()?, serial_no: next()?, nonce_str: next()?, timestamp: next()?, signature: next()? })
    }

    /// True if the signature is `key`'s over this request.
    pub fn is_signed_by(&self, key: &PublicKey, method: &str, target: &str, body: &[u8]) -> bool {
        let message = request_message(method, target, &self.timestamp, &self.nonce_str, body);
        BASE64.decode(&self.signature).is_ok_and(|signature| key.verifies(&message, &signature))
    }
}

impl fmt::Display for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mchid, nonce_str, signature, timestamp, serial_no } = self;
        write!(
            f,
            "{SCHEME} mchid=\"{mchid}\",nonce_str=\"{nonce_str}\",signature=\"{signature}\",timestamp=\"{timestamp}\",serial_no=\"{serial_no}\""
        )
    }
}

/// The `Wechatpay-*` headers of a reply or notification, as received; `None` where the header was absent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SignatureHeaders {
    pub timestamp: Option<String>,
    pub nonce: Option<String>,
    pub signature: Option<String>,
    pub serial: Option<String>,
    pub signature_type: Option<String>,
}

impl SignatureHeaders {
    /// Collects them by a look-up that ignores case.
    pub fn collect<'a>(header: impl Fn(&str) -> Option<&'a str>) -> Self {
        let get = |name: &str| header(name).map(str::to_owned);
        Self {
            timestamp: get("Wechatpay-Timestamp"),
            nonce: get("Wechatpay-Nonce"),
            signature: get("Wechatpay-Signature"),
            serial: get("Wechatpay-Serial"),
            signature_type: get("Wechatpay-Signature-Type"),
        }
    }

    /// True if no signature header was sent at all (unsigned errors, downloads, a proxy's page).
    pub fn absent(&self) -> bool {
        self.signature.is_none() && self.serial.is_none() && self.timestamp.is_none() && self.nonce.is_none()
    }
}

/// Why a reply or notification is not trusted. Nothing of it may be used.
#[derive(Debug, Clone, thiserror::Error, PartialEq, Eq)]
pub enum VerifyError {
    #[error("the header {0} is missing")]
    HeaderMissing(&'static str),
    /// Deliberately wrong, to see whether merchants verify.
    #[error("a signature probe")]
    Probe,
    #[error("signed with {0}, which is not {SCHEME}")]
    SignatureType(String),
    #[error("the timestamp is not a number")]
    Timestamp,
    /// Positive: the reply's clock is ahead of ours.
    #[error("the clocks differ by {0} s")]
    Clock(i64),
    #[error("no key is known under the serial {0}")]
    UnknownSerial(Serial),
    #[error("the signature is not base64")]
    Encoding,
    #[error("the signature by {0} does not match these bytes")]
    Signature(Serial),
}

/// Verifies `body`, the exact bytes received. `key` looks a platform key up by its serial.
pub fn verify(
    headers: &SignatureHeaders,
    body: &[u8],
    now_unix: i64,
    key: impl FnOnce(&Serial) -> Option<PublicKey>,
) -> Result<(), VerifyError> {
    let need =
        |value: &Option<String>, name| value.clone().filter(|v| !v.is_empty()).ok_or(VerifyError::HeaderMissing(name));
    let signature = need(&headers.signature, "Wechatpay-Signature")?;
    if signature.starts_with(PROBE_PREFIX) {
        return Err(VerifyError::Probe);
    }
    let timestamp = need(&headers.timestamp, "Wechatpay-Timestamp")?;
    let nonce = need(&headers.nonce, "Wechatpay-Nonce")?;
    let serial = Serial::new(&need(&headers.serial, "Wechatpay-Serial")?);
    if let Some(other) = headers.signature_type.as_deref().filter(|t| *t != SCHEME) {
        return Err(VerifyError::SignatureType(other.to_owned()));
    }
    let at: i64 = timestamp.parse().map_err(|_| VerifyError::Timestamp)?;
    if at.abs_diff(now_unix) >= CLOCK_WINDOW_SECONDS {
        return Err(VerifyError::Clock(at.saturating_sub(now_unix)));
    }
    let key = key(&serial).ok_or_else(|| VerifyError::UnknownSerial(serial.clone()))?;
    let signature = BASE64.decode(&signature).map_err(|_| VerifyError::Encoding)?;
    if key.verifies(&response_message(&timestamp, &nonce, body), &signature) {
        Ok(())
    } else {
        Err(VerifyError::Signature(serial))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_of_the_four_headers_is_a_signature_to_be_judged() {
        let some = || Some("x".to_owned());
        let with = |place: usize| {
            let header = |i| if i == place { some() } else { None };
            let [timestamp, nonce, signature, serial] = [0, 1, 2, 3].map(header);
            SignatureHeaders { timestamp, nonce, signature, serial, signature_type: None }
        };
        for place in 0..4 {
            assert!(!with(place).absent(), "{:?}", with(place));
        }
        // The name of the scheme alone signs nothing.
        assert!(SignatureHeaders { signature_type: some(), ..SignatureHeaders::default() }.absent());
        assert!(SignatureHeaders::default().absent());
    }
}
