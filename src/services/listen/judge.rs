//! Says what came: a notification, or why it is none. Whoever sends learns nothing from it but a status.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, watch};

use crate::api::{Client, NotANotification};
use crate::crypto::{BASE64, Engine, SignatureHeaders, VerifyError};
use crate::ledger::{Arrival, Delivery, Refused, Verdict};

/// What is answered to what is acknowledged.
pub(super) const ACKNOWLEDGED: u16 = 204;
/// Not proven, or no notification.
pub(super) const UNPROVEN: u16 = 401;
const UNUSABLE: u16 = 400;
/// It is to be sent again.
pub(super) const LATER: u16 = 503;

/// How long a request waits for the platform's keys, or for a look whether there are newer ones.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many wait for such a look at once. Whoever invents serials holds up nobody else.
const WAITING: usize = 8;

pub(super) struct Judge {
    client: Client,
    ready: watch::Receiver<bool>,
    waiting: Semaphore,
}

/// Why something is not taken in.
#[derive(Debug)]
pub(super) enum Turned {
    Refused(Box<Refused>),
    /// There is nothing to judge it by yet.
    NotYet,
}

impl Judge {
    pub fn new(client: Client, ready: watch::Receiver<bool>) -> Self {
        Self { client, ready, waiting: Semaphore::new(WAITING) }
    }

    pub async fn judge(&self, headers: &SignatureHeaders, delivery: Delivery) -> Result<Box<Arrival>, Turned> {
        if !self.client.has_platform_keys() {
            let mut ready = self.ready.clone();
            // Whoever keeps them is gone only while closing.
            let _ = tokio::time::timeout(PATIENCE, ready.wait_for(|ready| *ready)).await;
            if !self.client.has_platform_keys() {
                return Err(Turned::NotYet);
            }
        }
        let mut judged = self.client.judge_notification(headers, &delivery.body, delivery.at);
        let mut status = None;
        if let Err(NotANotification::Unproven(VerifyError::UnknownSerial(serial))) = &judged
            && self.client.may_look_for(serial)
        {
            let serial = serial.clone();
            match self.waiting.try_acquire() {
                Ok(_permit) => {
                    let client = self.client.clone();
                    // It goes on although nobody waits for it any more.
                    let look = tokio::spawn(async move {
                        if let Err(error) = client.look_for(&serial).await {
                            tracing::debug!(%error, "platform certificates could not be refreshed for {serial}");
                        }
                    });
                    let _ = tokio::time::timeout(PATIENCE, look).await;
                    judged = self.client.judge_notification(headers, &delivery.body, delivery.at);
                }
                Err(_) => status = Some(LATER),
            }
        }
        match judged {
            Ok(notification) => {
                let told = notification.told();
                Ok(Box::new(Arrival {
                    delivery,
                    stamp: stamp(headers),
                    status: ACKNOWLEDGED,
                    notice: notification.id,
                    event_type: notification.event_type,
                    created: notification.created,
                    summary: notification.summary,
                    resource: notification.resource,
                    told,
                }))
            }
            Err(error) => {
                let (verdict, by_verdict, detail) = explain(&error, headers, &delivery.body);
                let status = status.unwrap_or(by_verdict);
                Err(Turned::Refused(Box::new(Refused { delivery, verdict, status, detail })))
            }
        }
    }
}

/// The hash of the signature itself: there are several ways to write one, and one way only to make it.
fn stamp(headers: &SignatureHeaders) -> [u8; 32] {
    let signature = headers.signature.as_deref().unwrap_or_default();
    let bytes = BASE64.decode(signature).unwrap_or_else(|_| signature.as_bytes().to_vec());
    Sha256::digest(bytes).into()
}

/// The verdict, the status, and what was wrong.
fn explain(error: &NotANotification, headers: &SignatureHeaders, body: &[u8]) -> (Verdict, u16, String) {
    let verdict = match error {
        NotANotification::Unproven(_) if headers.absent() && body.trim_ascii_start().starts_with(b"<") => {
            let detail = "an APIv2 notice in XML: its notify_url belongs to an APIv2 call".to_owned();
            return (Verdict::Malformed, UNUSABLE, detail);
        }
        NotANotification::Unproven(error) => match error {
            VerifyError::Probe => Verdict::Probe,
            VerifyError::HeaderMissing(_) | VerifyError::Timestamp => Verdict::Unsigned,
            VerifyError::UnknownSerial(_) | VerifyError::SignatureType(_) => Verdict::UnknownKey,
            VerifyError::Clock(_) => Verdict::Stale,
            VerifyError::Encoding | VerifyError::Signature(_) => Verdict::Forged,
        },
        NotANotification::Sealed(_) | NotANotification::Setting(_) => Verdict::Sealed,
        NotANotification::Malformed(_) | NotANotification::Another(_) => Verdict::Malformed,
    };
    let status = if matches!(error, NotANotification::Unproven(_)) { UNPROVEN } else { UNUSABLE };
    (verdict, status, with_cause(error))
}

fn with_cause(error: &NotANotification) -> String {
    match std::error::Error::source(error) {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
