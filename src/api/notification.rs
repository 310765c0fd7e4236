//! Notifications: verified over the bytes received, then opened with the APIv3 key (protocol reference §9).

use serde_json::Value;
use time::OffsetDateTime;

use super::{ApiError, Client, Misconfigured, Untrusted};
use crate::crypto::{AeadError, SignatureHeaders, VerifyError, open};
use crate::model::time::Timestamp;
use crate::model::{self, Document, DocumentError, MchId, MissingSetting, NotificationFact, ObjectId, Serial};

/// A genuine notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The same each time it is sent again.
    pub id: String,
    /// Like `TRANSACTION.SUCCESS`. Undocumented types occur, too.
    pub event_type: String,
    /// When it happened.
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    /// The decrypted resource, as WeChat Pay wrote it.
    pub resource: String,
    /// The merchant it was opened for.
    mchid: MchId,
}

impl Notification {
    /// Its meaning, if the type of event is documented.
    pub fn read_fact(&self) -> NotificationFact {
        let resource = serde_json::from_str::<Value>(&self.resource).unwrap_or_default();
        model::read_fact_for(&self.mchid, &self.event_type, Document::new(&resource))
    }

    /// The object it is about.
    pub fn subject(&self) -> Option<ObjectId> {
        self.read_fact().of.object().cloned()
    }
}

/// Why a request is not a usable notification.
#[derive(Debug, thiserror::Error)]
pub enum NotANotification {
    /// It is not proven to be WeChat Pay's.
    #[error(transparent)]
    Unproven(#[from] VerifyError),
    /// It cannot be decrypted with the APIv3 key.
    #[error(transparent)]
    Sealed(#[from] AeadError),
    /// It is from WeChat Pay, but it is not a notification.
    #[error(transparent)]
    Malformed(#[from] DocumentError),
    /// It is addressed to another merchant.
    #[error("it is addressed to the merchant {0}")]
    Another(String),
    /// There is no key to decrypt it with.
    #[error(transparent)]
    Setting(#[from] MissingSetting),
}

impl From<NotANotification> for ApiError {
    fn from(error: NotANotification) -> Self {
        let untrusted = |reason| Self::Untrusted { reason, request_id: None };
        match error {
            NotANotification::Unproven(error) => untrusted(error.into()),
            NotANotification::Sealed(error) => untrusted(Untrusted::Sealed(error)),
            NotANotification::Malformed(source) => Self::Unreadable { source, request_id: None },
            NotANotification::Another(found) => untrusted(Untrusted::Another { found }),
            NotANotification::Setting(missing) => Misconfigured::Setting(missing).into(),
        }
    }
}

impl Client {
    /// Verifies and decrypts a notification that arrived at `at`. `body`: the exact bytes.
    ///
    /// # Errors
    /// [`ApiError::Untrusted`] if it is not proven to be WeChat Pay's or cannot be decrypted; then nothing of it may be
    /// used.
    pub(crate) async fn open_notification(
        &self,
        headers: &SignatureHeaders,
        body: &[u8],
        at: OffsetDateTime,
    ) -> Result<Notification, ApiError> {
        self.verify_pasted(headers, body, at).await?;
        Ok(self.unseal(body)?)
    }

    /// The same with the stored platform keys, without a request.
    pub fn judge_notification(
        &self,
        headers: &SignatureHeaders,
        body: &[u8],
        at: OffsetDateTime,
    ) -> Result<Notification, NotANotification> {
        self.trust().verify(headers, body, at)?;
        self.unseal(body)
    }

    /// Decrypts a verified notification.
    fn unseal(&self, body: &[u8]) -> Result<Notification, NotANotification> {
        let key = self.apiv3_key().ok_or(APIV3_KEY)?;
        let envelope: Value = serde_json::from_slice(body).map_err(DocumentError::from)?;
        let envelope = Document::new(&envelope);
        let sealed = envelope.object("resource");
        let need = |text: Option<String>, name| text.ok_or(DocumentError::Missing(name));
        let ciphertext = need(sealed.text("ciphertext"), "resource.ciphertext")?;
        let nonce = need(sealed.text("nonce"), "resource.nonce")?;
        let associated = sealed.text("associated_data").unwrap_or_default();
        let opened = open(key, &nonce, &associated, &ciphertext)?;
        let resource = std::str::from_utf8(&opened).map_err(DocumentError::from)?.to_owned();
        if let Some(other) = self.merchant().foreign_merchant(&resource) {
            return Err(NotANotification::Another(other));
        }
        Ok(Notification {
            id: need(envelope.text("id"), "id")?,
            event_type: need(envelope.text("event_type"), "event_type")?,
            created: envelope.time("create_time"),
            summary: envelope.text("summary"),
            resource,
            mchid: self.mchid().clone(),
        })
    }

    /// Verifies the signature of a notification or of a saved reply, as of `at`.
    pub(crate) async fn verify_pasted(
        &self,
        headers: &SignatureHeaders,
        body: &[u8],
        at: OffsetDateTime,
    ) -> Result<(), ApiError> {
        self.ensure_trust().await?;
        self.judge_signature(headers, body, at)
            .await
            .map_err(|error| ApiError::Untrusted { reason: error.into(), request_id: None })
    }

    /// Whether a signature over this body was made with one of the stored platform keys, as of `at`.
    pub fn proves(&self, headers: &SignatureHeaders, body: &[u8], at: OffsetDateTime) -> bool {
        self.trust().verify(headers, body, at).is_ok()
    }

    /// Checks that there is a key to decrypt notifications with.
    pub(crate) fn opens_notifications(&self) -> Result<(), Misconfigured> {
        self.apiv3_key().map(|_| ()).ok_or(Misconfigured::Setting(APIV3_KEY))
    }

    /// Whether there is a platform key to verify with.
    pub(crate) fn has_platform_keys(&self) -> bool {
        !self.trust().is_empty()
    }

    /// Whether the platform keys must be fetched or refreshed.
    pub(crate) fn wants_platform_keys(&self) -> bool {
        self.trust().is_empty() || self.trust().is_due()
    }

    /// Fetches the platform keys if they are missing or old.
    pub async fn fetch_platform_keys(&self) -> Result<(), ApiError> {
        self.ensure_trust().await
    }

    /// Whether an unknown serial may be that of a new platform certificate, and a fetch is due: once for each serial.
    pub(crate) fn may_look_for(&self, serial: &Serial) -> bool {
        self.trust().may_refresh_for(serial)
            || (self.trust().may_be_certificate(serial) && self.trust().is_refreshing())
    }

    /// Fetches the platform certificates because of an unknown serial.
    pub(crate) async fn look_for(&self, serial: &Serial) -> Result<(), ApiError> {
        self.refresh_for(serial).await
    }
}

const APIV3_KEY: MissingSetting = MissingSetting("apiv3_key");
