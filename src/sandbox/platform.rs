//! The platform's keys: certificates, which rotate, and the WeChat Pay public key; and the signing of answers with them (protocol reference §5–7).

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, HeaderValue};
use rand::RngExt;
use serde_json::{Value, json};
use time::OffsetDateTime;

use crate::crypto::{self, ApiV3Key, BASE64, Certificate, Engine, PROBE_PREFIX, PrivateKey, SCHEME};
use crate::model::time::rfc3339;

/// A platform certificate and its key.
#[derive(Clone, Debug)]
pub(super) struct Issued {
    pub(super) certificate: Certificate,
    pub(super) key: PrivateKey,
}

/// All keys the platform signs with, the newest certificate last.
#[derive(Debug)]
pub(super) struct Platform {
    pub(super) certificates: Vec<Issued>,
    pub(super) public_key_id: String,
    pub(super) public_key: PrivateKey,
}

/// The key an answer is signed with, and the serial that names it.
#[derive(Clone, Debug)]
pub(super) struct PlatformSigner {
    pub(super) serial: String,
    key: PrivateKey,
}

impl Platform {
    /// The signer for a request with `wanted` in `Wechatpay-Serial`. `None` if there is no such key.
    pub(super) fn signer(&self, wanted: Option<&str>, public_key_only: bool) -> Option<PlatformSigner> {
        let public = || PlatformSigner { serial: self.public_key_id.clone(), key: self.public_key.clone() };
        let known = |serial: &str| self.certificates.iter().any(|c| c.certificate.serial.as_str() == serial);
        match wanted {
            Some(id) if id == self.public_key_id => Some(public()),
            Some(serial) if public_key_only || !known(serial) => None,
            None if public_key_only => Some(public()),
            // The newest certificate signs, whichever the client has: that is how clients notice a rotation.
            _ => self.certificates.last().map(|issued| PlatformSigner {
                serial: issued.certificate.serial.as_str().to_owned(),
                key: issued.key.clone(),
            }),
        }
    }

    /// Decrypts a field that was encrypted with the key of this serial. `None` if it was not.
    pub(super) fn decrypt(&self, serial: &str, sealed: &str) -> Option<String> {
        let issued = self.certificates.iter().find(|issued| issued.certificate.serial.as_str() == serial);
        let key = match issued {
            Some(issued) => &issued.key,
            None if serial == self.public_key_id => &self.public_key,
            None => return None,
        };
        String::from_utf8(key.decrypt_field(sealed).ok()?).ok()
    }

    /// The signer of a callback: the public key, or the newest certificate.
    pub(super) fn callback_signer(&self, public: bool) -> Option<PlatformSigner> {
        if public { self.signer(Some(&self.public_key_id), true) } else { self.signer(None, false) }
    }

    /// The answer to `GET /v3/certificates`.
    pub(super) fn certificates(&self, apiv3_key: &ApiV3Key) -> Value {
        let entries = self.certificates.iter().filter_map(|issued| {
            let nonce: [u8; 12] = std::array::from_fn(|_| rand::rng().sample(rand::distr::Alphanumeric));
            let pem = issued.certificate.to_pem().as_bytes();
            let ciphertext = crypto::seal(apiv3_key, &nonce, "certificate", pem).ok()?;
            Some(json!({
                "serial_no": issued.certificate.serial.as_str(),
                "effective_time": rfc3339(issued.certificate.not_before),
                "expire_time": rfc3339(issued.certificate.not_after),
                "encrypt_certificate": {
                    "algorithm": "AEAD_AES_256_GCM", "nonce": String::from_utf8_lossy(&nonce),
                    "associated_data": "certificate", "ciphertext": ciphertext,
                },
            }))
        });
        json!({ "data": entries.collect::<Vec<_>>() })
    }
}

impl PlatformSigner {
    /// Adds the five signature headers for `body` to an answer. About 0.7 ms of CPU.
    pub(super) fn sign(&self, body: &[u8], now: OffsetDateTime, headers: &mut HeaderMap) {
        let (timestamp, nonce) = (now.unix_timestamp().to_string(), crypto::nonce());
        let signature = self.key.sign(&crypto::response_message(&timestamp, &nonce, body));
        set(headers, "wechatpay-timestamp", &timestamp);
        set(headers, "wechatpay-nonce", &nonce);
        set(headers, "wechatpay-signature", &signature);
        set(headers, "wechatpay-serial", &self.serial);
        set(headers, "wechatpay-signature-type", SCHEME);
    }
}

/// Replaces the signature among these headers with a deliberately wrong one (protocol reference §9.4).
pub(super) fn make_probe(headers: &mut HeaderMap) {
    let noise: [u8; 192] = std::array::from_fn(|_| rand::rng().random());
    set(headers, "wechatpay-signature", &format!("{PROBE_PREFIX}{}", BASE64.encode(noise)));
}

/// Sets a header to a value from the gateway itself, which is printable ASCII.
pub(super) fn set(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(HeaderName::from_static(name), value);
    }
}
