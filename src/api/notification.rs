//! Notifications: verified over the bytes received, then opened with the APIv3 key (protocol reference §9).

use serde_json::Value;
use time::OffsetDateTime;

use super::{ApiError, Client, Misconfigured, Untrusted};
use crate::crypto::{SignatureHeaders, open};
use crate::model::time::Timestamp;
use crate::model::{self, Document, DocumentError, MissingSetting, ObjectId, Told};

/// A genuine notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notification {
    /// The same each time it is sent again.
    pub id: String,
    /// Like `TRANSACTION.SUCCESS`. Types nobody has documented come as well.
    pub event_type: String,
    /// When it happened.
    pub created: Option<Timestamp>,
    pub summary: Option<String>,
    /// What was encrypted, as WeChat Pay wrote it.
    pub resource: String,
}

impl Notification {
    /// What it tells, where the type of event is a documented one.
    pub fn told(&self) -> Told {
        let resource = serde_json::from_str::<Value>(&self.resource).unwrap_or_default();
        model::told(&self.event_type, Document::new(&resource))
    }

    /// The object it tells of.
    pub fn subject(&self) -> Option<ObjectId> {
        self.told().of.object().cloned()
    }
}

impl Client {
    /// Verifies and opens a notification that arrived at `at`. `body`: the exact bytes.
    ///
    /// # Errors
    /// [`ApiError::Untrusted`] if it is not proven to be WeChat Pay's, or does not open; then nothing of it may be used.
    pub async fn open_notification(
        &self,
        headers: &SignatureHeaders,
        body: &[u8],
        at: OffsetDateTime,
    ) -> Result<Notification, ApiError> {
        self.verify_pasted(headers, body, at).await?;
        let key = self.apiv3_key().ok_or(Misconfigured::Setting(MissingSetting("apiv3_key")))?;
        let unreadable = |source: DocumentError| ApiError::Unreadable { source, request_id: None };
        let envelope: Value = serde_json::from_slice(body).map_err(|error| unreadable(error.into()))?;
        let envelope = Document::new(&envelope);
        let sealed = envelope.object("resource");
        let need = |text: Option<String>, name| text.ok_or_else(|| unreadable(DocumentError::Missing(name)));
        let ciphertext = need(sealed.text("ciphertext"), "resource.ciphertext")?;
        let nonce = need(sealed.text("nonce"), "resource.nonce")?;
        let associated = sealed.text("associated_data").unwrap_or_default();
        let opened = open(key, &nonce, &associated, &ciphertext)
            .map_err(|error| ApiError::Untrusted { reason: Untrusted::Sealed(error), request_id: None })?;
        let resource = std::str::from_utf8(&opened).map_err(|error| unreadable(error.into()))?.to_owned();
        Ok(Notification {
            id: need(envelope.text("id"), "id")?,
            event_type: need(envelope.text("event_type"), "event_type")?,
            created: envelope.time("create_time"),
            summary: envelope.text("summary"),
            resource,
        })
    }

    /// Judges the signature of a notification, or of a reply that somebody kept, as of `at`.
    pub async fn verify_pasted(
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
}
