//! The platform's keys: certificates fetched and decrypted by ourselves, the WeChat Pay public key of the profile, or
//! both during the gray switch (protocol reference §6, §7).

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use serde_json::Value;
use time::OffsetDateTime;
use tokio::time::Instant;

use super::{Misconfigured, Untrusted};
use crate::crypto::{ApiV3Key, Certificate, PublicKey, SignatureHeaders, VerifyError, open, verify};
use crate::model::{Document, Serial};

/// Which platform keys a profile trusts.
#[derive(Clone, Debug)]
pub enum PlatformMode {
    /// Platform certificates, fetched on their own.
    Certificates { apiv3_key: ApiV3Key },
    /// The WeChat Pay public key only: the certificate endpoint is never called.
    PublicKey { id: Serial, key: PublicKey, apiv3_key: Option<ApiV3Key> },
    /// The gray switch: the public key, and certificates when an answer names one.
    Both { id: Serial, key: PublicKey, apiv3_key: ApiV3Key },
}

/// Platform certificates are looked for again after this long.
const REFRESH_AFTER: Duration = Duration::from_secs(12 * 3600);
/// What has been looked for in vain is looked for again after this long, or whoever answers could make us hammer the
/// platform.
const REFRESH_AT_MOST_EVERY: Duration = Duration::from_secs(60);
/// Serials that are looked for in that time, each once: a new certificate is not the second of a minute.
const SERIALS_AT_ONCE: usize = 3;

/// The keys in hand.
#[derive(Debug)]
pub struct Trust {
    mode: PlatformMode,
    certificates: RwLock<Held>,
    /// Serialises refreshes: whoever waited finds the new set and asks no more.
    pub(super) refreshing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    by_serial: Arc<BTreeMap<Serial, Certificate>>,
    /// When they were fetched, or last tried.
    tried: Option<Instant>,
    /// The unknown serials for which that was done lately.
    looked_for: Vec<(Serial, Instant)>,
    fetched: Option<Instant>,
}

impl Trust {
    /// The key that notifications are encrypted with.
    pub(super) fn apiv3_key(&self) -> Option<&ApiV3Key> {
        match &self.mode {
            PlatformMode::Certificates { apiv3_key } | PlatformMode::Both { apiv3_key, .. } => Some(apiv3_key),
            PlatformMode::PublicKey { apiv3_key, .. } => apiv3_key.as_ref(),
        }
    }

    pub fn new(mode: PlatformMode) -> Self {
        Self { mode, certificates: RwLock::default(), refreshing: tokio::sync::Mutex::default() }
    }

    /// What to name in `Wechatpay-Serial`: the public key's id, else the newest certificate that has begun.
    pub fn named_serial(&self, now: OffsetDateTime) -> Option<Serial> {
        match &self.mode {
            PlatformMode::PublicKey { id, .. } | PlatformMode::Both { id, .. } => Some(id.clone()),
            PlatformMode::Certificates { .. } => {
                let held = self.held();
                let valid = held.values().filter(|c| c.not_before <= now && now < c.not_after);
                valid.max_by_key(|c| c.not_before).map(|c| c.serial.clone())
            }
        }
    }

    /// True if nothing can be verified before certificates are fetched.
    pub fn is_empty(&self) -> bool {
        let now = OffsetDateTime::now_utc();
        matches!(self.mode, PlatformMode::Certificates { .. }) && self.held().values().all(|c| c.not_after <= now)
    }

    /// True if the certificates have grown old.
    pub fn is_due(&self) -> bool {
        let held = self.read();
        let old = |at: Option<Instant>, limit| at.is_none_or(|at: Instant| at.elapsed() >= limit);
        // During the gray switch certificates are fetched when an answer names one, and from then on kept fresh.
        let wanted = match self.mode {
            PlatformMode::Certificates { .. } => true,
            PlatformMode::Both { .. } => held.fetched.is_some(),
            PlatformMode::PublicKey { .. } => false,
        };
        wanted && old(held.fetched, REFRESH_AFTER) && old(held.tried, REFRESH_AT_MOST_EVERY)
    }

    /// Whether an unknown serial may be that of a certificate we could fetch.
    pub fn may_be_certificate(&self, serial: &Serial) -> bool {
        // A certificate serial is hexadecimal; anything else can only be a public key of another merchant.
        !matches!(self.mode, PlatformMode::PublicKey { .. }) && serial.as_str().bytes().all(|b| b.is_ascii_hexdigit())
    }

    /// Whether an answer under this unknown serial is worth a refresh, now: once for each, also right after another.
    pub fn may_refresh_for(&self, serial: &Serial) -> bool {
        let held = self.read();
        let mut lately = held.looked_for.iter().filter(|(_, at)| at.elapsed() < REFRESH_AT_MOST_EVERY);
        let worth = lately.clone().count() < SERIALS_AT_ONCE && lately.all(|(known, _)| known != serial);
        drop(held);
        worth && self.may_be_certificate(serial) && self.key(serial, OffsetDateTime::now_utc()).is_none()
    }

    /// Notes that certificates are fetched for the sake of a serial.
    pub(super) fn looks_for(&self, serial: &Serial) {
        let mut held = self.write();
        held.looked_for.retain(|(_, at)| at.elapsed() < REFRESH_AT_MOST_EVERY);
        held.looked_for.push((serial.clone(), Instant::now()));
    }

    /// Whether somebody is looking for certificates at this moment.
    pub(super) fn is_refreshing(&self) -> bool {
        self.refreshing.try_lock().is_err()
    }

    pub fn verify(&self, headers: &SignatureHeaders, body: &[u8], now: OffsetDateTime) -> Result<(), VerifyError> {
        verify(headers, body, now.unix_timestamp(), |serial| self.key(serial, now))
    }

    /// The key of a serial; a certificate that has expired proves nothing any more.
    fn key(&self, serial: &Serial, now: OffsetDateTime) -> Option<PublicKey> {
        match &self.mode {
            PlatformMode::PublicKey { id, key, .. } | PlatformMode::Both { id, key, .. } if id == serial => {
                Some(key.clone())
            }
            _ => self.held().get(serial).filter(|c| now < c.not_after).map(|c| c.public_key.clone()),
        }
    }

    /// Notes that a refresh was tried, whether or not it succeeds.
    pub(super) fn tried(&self) {
        self.write().tried = Some(Instant::now());
    }

    /// Takes over the answer of the certificate endpoint: decrypts each entry, verifies this very answer with the
    /// certificate that it names, and only then stores the set. On failure the old set stays.
    pub(super) fn accept(
        &self,
        headers: &SignatureHeaders,
        body: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), CertificateAnswer> {
        let (PlatformMode::Certificates { apiv3_key } | PlatformMode::Both { apiv3_key, .. }) = &self.mode else {
            return Ok(());
        };
        let fetched = decrypt(apiv3_key, body)?;
        let usable: BTreeMap<Serial, Certificate> =
            fetched.into_iter().filter(|c| now < c.not_after).map(|c| (c.serial.clone(), c)).collect();
        if usable.is_empty() {
            return Err(CertificateAnswer::Misconfigured(Misconfigured::PublicKeyNeeded));
        }
        verify(headers, body, now.unix_timestamp(), |serial| {
            usable.get(serial).map(|c| c.public_key.clone()).or_else(|| self.key(serial, now))
        })
        .map_err(|error| CertificateAnswer::Untrusted(error.into()))?;
        let mut held = self.write();
        held.by_serial = Arc::new(usable);
        held.fetched = Some(Instant::now());
        Ok(())
    }

    /// When the last of the usable platform certificates expires.
    pub fn expires(&self) -> Option<OffsetDateTime> {
        self.held().values().map(|c| c.not_after).max()
    }

    fn held(&self) -> Arc<BTreeMap<Serial, Certificate>> {
        self.read().by_serial.clone()
    }

    fn read(&self) -> std::sync::RwLockReadGuard<'_, Held> {
        self.certificates.read().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn write(&self) -> std::sync::RwLockWriteGuard<'_, Held> {
        self.certificates.write().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

/// Why an answer of the certificate endpoint is of no use.
#[derive(Debug)]
pub(super) enum CertificateAnswer {
    Untrusted(Untrusted),
    Misconfigured(Misconfigured),
}

fn decrypt(apiv3_key: &ApiV3Key, body: &[u8]) -> Result<Vec<Certificate>, CertificateAnswer> {
    let untrusted = |source: super::Source| CertificateAnswer::Untrusted(Untrusted::Certificate(source));
    let value: Value = serde_json::from_slice(body).map_err(|e| untrusted(e.into()))?;
    let value = trimmed_names(value);
    let mut certificates = Vec::new();
    for entry in Document::new(&value).list("data") {
        let sealed = entry.object("encrypt_certificate");
        let text = |name: &str| sealed.text(name).unwrap_or_default();
        let pem = open(apiv3_key, &text("nonce"), &text("associated_data"), &text("ciphertext"))
            .map_err(|error| CertificateAnswer::Untrusted(Untrusted::Certificates(error)))?;
        let certificate = Certificate::parse(&String::from_utf8_lossy(&pem)).map_err(|e| untrusted(e.into()))?;
        let listed = entry.text("serial_no").unwrap_or_default();
        if listed != certificate.serial.as_str() {
            return Err(untrusted(format!("listed as {listed}, but its serial is {}", certificate.serial).into()));
        }
        certificates.push(certificate);
    }
    Ok(certificates)
}

/// Samples of this answer carry stray blanks in member names (`"serial_no "`; protocol reference §6).
fn trimmed_names(value: Value) -> Value {
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(k, v)| (k.trim().to_owned(), trimmed_names(v))).collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(trimmed_names).collect()),
        other => other,
    }
}
