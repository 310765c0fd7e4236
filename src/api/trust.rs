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
    /// Platform certificates, fetched automatically.
    Certificates { apiv3_key: ApiV3Key },
    /// The WeChat Pay public key only: the certificate endpoint is never called.
    PublicKey { id: Serial, key: PublicKey, apiv3_key: Option<ApiV3Key> },
    /// The gray switch: the public key, and certificates when an answer names one.
    Both { id: Serial, key: PublicKey, apiv3_key: ApiV3Key },
}

/// Platform certificates are fetched again after this time.
const REFRESH_AFTER: Duration = Duration::from_secs(12 * 3600);
/// A failed search is repeated only after this time; otherwise the peer could make us flood the platform.
const REFRESH_AT_MOST_EVERY: Duration = Duration::from_secs(60);
/// The number of serials searched for in that time, each once.
const SERIALS_AT_ONCE: usize = 3;

/// The stored keys.
#[derive(Debug)]
pub struct Trust {
    mode: PlatformMode,
    certificates: RwLock<Held>,
    /// Serialises refreshes: a caller that waited finds the new set and sends no request.
    pub(super) refreshing: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    by_serial: Arc<BTreeMap<Serial, Certificate>>,
    /// When they were fetched, or last tried.
    tried: Option<Instant>,
    /// The unknown serials for which that was done recently.
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

    /// The serial for `Wechatpay-Serial`: the public key's id, else the newest certificate that has begun.
    pub(crate) fn named_serial(&self, now: OffsetDateTime) -> Option<Serial> {
        match &self.mode {
            PlatformMode::PublicKey { id, .. } | PlatformMode::Both { id, .. } => Some(id.clone()),
            PlatformMode::Certificates { .. } => {
                let held = self.held();
                let valid = held.values().filter(|c| c.not_before <= now && now < c.not_after);
                valid.max_by_key(|c| c.not_before).map(|c| c.serial.clone())
            }
        }
    }

    /// The key to encrypt with (protocol reference §6, §8.2): the one that is named.
    pub fn encryption_key(&self, now: OffsetDateTime) -> Option<(Serial, PublicKey)> {
        let serial = self.named_serial(now)?;
        let key = self.key(&serial, now)?;
        Some((serial, key))
    }

    /// True if nothing can be verified before certificates are fetched.
    pub fn is_empty(&self) -> bool {
        let now = OffsetDateTime::now_utc();
        matches!(self.mode, PlatformMode::Certificates { .. }) && self.held().values().all(|c| c.not_after <= now)
    }

    /// True if the certificates must be refreshed.
    pub(crate) fn is_due(&self) -> bool {
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
    pub(crate) fn may_be_certificate(&self, serial: &Serial) -> bool {
        // A certificate serial is hexadecimal; anything else can only be a public key of another merchant.
        !matches!(self.mode, PlatformMode::PublicKey { .. }) && serial.as_str().bytes().all(|b| b.is_ascii_hexdigit())
    }

    /// Whether to refresh now because of an answer with this unknown serial: once for each, also directly after
    /// another.
    pub(crate) fn may_refresh_for(&self, serial: &Serial) -> bool {
        let held = self.read();
        let mut lately = held.looked_for.iter().filter(|(_, at)| at.elapsed() < REFRESH_AT_MOST_EVERY);
        let worth = lately.clone().count() < SERIALS_AT_ONCE && lately.all(|(known, _)| known != serial);
        drop(held);
        worth && self.may_be_certificate(serial) && self.key(serial, OffsetDateTime::now_utc()).is_none()
    }

    /// Records that certificates are fetched because of a serial.
    pub(super) fn looks_for(&self, serial: &Serial) {
        let mut held = self.write();
        held.looked_for.retain(|(_, at)| at.elapsed() < REFRESH_AT_MOST_EVERY);
        held.looked_for.push((serial.clone(), Instant::now()));
    }

    /// Whether a refresh of the certificates is running.
    pub(super) fn is_refreshing(&self) -> bool {
        self.refreshing.try_lock().is_err()
    }

    pub fn verify(&self, headers: &SignatureHeaders, body: &[u8], now: OffsetDateTime) -> Result<(), VerifyError> {
        verify(headers, body, now.unix_timestamp(), |serial| self.key(serial, now))
    }

    /// The key of a serial; an expired certificate does not count.
    fn key(&self, serial: &Serial, now: OffsetDateTime) -> Option<PublicKey> {
        match &self.mode {
            PlatformMode::PublicKey { id, key, .. } | PlatformMode::Both { id, key, .. } if id == serial => {
                Some(key.clone())
            }
            _ => self.held().get(serial).filter(|c| now < c.not_after).map(|c| c.public_key.clone()),
        }
    }

    /// Records an attempt at a refresh, whether or not it succeeds.
    pub(super) fn tried(&self) {
        self.write().tried = Some(Instant::now());
    }

    /// Processes the answer of the certificate endpoint: decrypts each entry, verifies this very answer with the
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
        verify(headers, body, now.unix_timestamp(), |serial| {
            usable.get(serial).map(|c| c.public_key.clone()).or_else(|| self.key(serial, now))
        })
        .map_err(|error| CertificateAnswer::Untrusted(error.into()))?;
        if usable.is_empty() {
            return Err(CertificateAnswer::Misconfigured(Misconfigured::PublicKeyNeeded));
        }
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

/// Why an answer of the certificate endpoint cannot be used.
#[derive(Debug)]
pub(super) enum CertificateAnswer {
    Untrusted(Untrusted),
    Misconfigured(Misconfigured),
}

fn decrypt(apiv3_key: &ApiV3Key, body: &[u8]) -> Result<Vec<Certificate>, CertificateAnswer> {
    let untrusted = |source: super::BoxedError| CertificateAnswer::Untrusted(Untrusted::Certificate(source));
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

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use super::*;
    use crate::crypto::PrivateKey;
    use crate::model::time::Duration as Span;

    /// One key is enough: what is tried here is which certificate counts.
    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

    fn certificates() -> PlatformMode {
        PlatformMode::Certificates { apiv3_key: ApiV3Key::new("0123456789abcdef0123456789abcdef").unwrap() }
    }

    fn public_key() -> PlatformMode {
        PlatformMode::PublicKey { id: Serial::new("PUB_KEY_ID_1"), key: KEY.public_key(), apiv3_key: None }
    }

    /// A certificate, valid between the given days from now.
    fn certificate(first: u8, from: i64, to: i64) -> Certificate {
        let now = OffsetDateTime::now_utc();
        Certificate::self_signed(&KEY, [first; 20], "platform", now + Span::days(from), now + Span::days(to)).unwrap()
    }

    fn holding(mode: PlatformMode, certificates: impl IntoIterator<Item = Certificate>) -> Trust {
        let trust = Trust::new(mode);
        let by_serial = certificates.into_iter().map(|one| (one.serial.clone(), one)).collect();
        *trust.write() = Held { by_serial: Arc::new(by_serial), ..Held::default() };
        trust
    }

    #[test]
    fn the_newest_certificate_that_is_in_force_is_named_to_the_second() {
        let [old, new] = [certificate(0x41, -9, 9), certificate(0x42, -5, 20)];
        let [future, past] = [certificate(0x43, 2, 30), certificate(0x44, -3, -1)];
        let trust = holding(certificates(), [old.clone(), new.clone(), future.clone(), past.clone()]);
        let now = OffsetDateTime::now_utc();
        assert_eq!(trust.named_serial(now), Some(new.serial.clone()));
        assert_eq!(trust.named_serial(future.not_before), Some(future.serial.clone()), "it begins with its second");
        assert_eq!(trust.named_serial(future.not_before - Span::SECOND), Some(new.serial.clone()));
        let alone = holding(certificates(), [past.clone()]);
        assert_eq!(alone.named_serial(past.not_after), None, "it has ended with its second");
        assert_eq!(alone.named_serial(past.not_after - Span::SECOND), Some(past.serial.clone()));
        assert_eq!(alone.named_serial(past.not_before - Span::SECOND), None);
        assert_eq!(trust.expires(), Some(future.not_after));
        assert_eq!(Trust::new(certificates()).expires(), None);
        // An expired certificate does not count.
        assert!(alone.key(&past.serial, past.not_after - Span::SECOND).is_some());
        assert!(alone.key(&past.serial, past.not_after).is_none());
        assert!(alone.is_empty() && !trust.is_empty());
        assert_eq!(holding(public_key(), []).named_serial(now), Some(Serial::new("PUB_KEY_ID_1")));
    }

    #[test]
    fn only_a_hexadecimal_serial_may_be_that_of_a_certificate_and_only_where_there_are_some() {
        let (hex, other) = (Serial::new(&"7F".repeat(20)), Serial::new("PUB_KEY_ID_2"));
        let trust = holding(certificates(), []);
        assert!(trust.may_be_certificate(&hex) && !trust.may_be_certificate(&other));
        let trust = holding(public_key(), []);
        assert!(!trust.may_be_certificate(&hex) && !trust.may_be_certificate(&other));
        assert!(!trust.may_refresh_for(&hex));
    }

    #[tokio::test(start_paused = true)]
    async fn each_unknown_serial_is_looked_for_once_a_minute_and_not_too_many_of_them() {
        let known = certificate(0x41, -9, 9);
        let trust = holding(certificates(), [known.clone()]);
        let serials = [0x51u8, 0x52, 0x53, 0x54].map(|first| Serial::new(&format!("{first:02X}").repeat(20)));
        assert!(!trust.may_refresh_for(&known.serial), "it is known");
        trust.tried();
        for serial in &serials[..3] {
            assert!(trust.may_refresh_for(serial), "also right after another look");
            trust.looks_for(serial);
            assert!(!trust.may_refresh_for(serial), "once");
        }
        assert!(!trust.may_refresh_for(&serials[3]), "no server can make us hammer the platform");
        tokio::time::advance(REFRESH_AT_MOST_EVERY - Duration::from_secs(1)).await;
        assert!(!trust.may_refresh_for(&serials[0]));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(trust.may_refresh_for(&serials[0]) && trust.may_refresh_for(&serials[3]));
        trust.looks_for(&serials[0]);
        assert_eq!(trust.read().looked_for.len(), 1, "what is long ago is forgotten");
    }

    #[tokio::test(start_paused = true)]
    async fn certificates_are_due_after_twelve_hours_and_no_more_than_once_a_minute() {
        let trust = holding(certificates(), [certificate(0x41, -9, 9)]);
        assert!(trust.is_due(), "they were never fetched");
        trust.write().fetched = Some(Instant::now());
        assert!(!trust.is_due());
        tokio::time::advance(Duration::from_secs(12 * 3600 - 1)).await;
        assert!(!trust.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(trust.is_due());
        trust.tried();
        assert!(!trust.is_due());
        tokio::time::advance(Duration::from_secs(59)).await;
        assert!(!trust.is_due());
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(trust.is_due());
        assert!(!holding(public_key(), []).is_due());
    }

    #[tokio::test]
    async fn whether_a_refresh_of_certificates_is_running_is_known() {
        let trust = holding(certificates(), []);
        assert!(!trust.is_refreshing());
        let guard = trust.refreshing.lock().await;
        assert!(trust.is_refreshing());
        drop(guard);
        assert!(!trust.is_refreshing());
    }
}
