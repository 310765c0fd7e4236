//! One notification: its envelope, sealed once, and the result of each attempt to send it (protocol reference §9.1).

use std::sync::Arc;

use rand::RngExt;
use serde_json::{Value, json};

use super::sender::DeliveryResult;
use crate::crypto::{self, AeadError, ApiV3Key};
use crate::model::time::{Timestamp, rfc3339};
use crate::sandbox::notice::Notice;

/// The members that identify an event's object, the most specific first.
const NUMBERS: [&str; 8] = [
    "out_refund_no",
    "merchant_sign_plan_no",
    "out_order_no",
    "coupon_id",
    "out_trade_no",
    "combine_out_trade_no",
    "authorization_code",
    "openid",
];

/// One attempt to send a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeliveryAttempt {
    /// By the world's clock.
    pub at: Timestamp,
    /// Its signature was deliberately wrong; a receiver must not acknowledge it.
    pub probe: bool,
    pub answer: DeliveryResult,
}

/// The state of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeliveryState {
    /// It is sent, or repeated, at this time of the world.
    Due(Timestamp),
    UnderWay,
    Acknowledged,
    /// The schedule has ended without an acknowledgement.
    GivenUp,
    /// Its address is not on this machine, so it was never sent.
    Unreachable,
    /// Too many were waiting.
    Dropped,
}

impl DeliveryState {
    /// Its name in the list of notifications.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Due(_) => "due",
            Self::UnderWay => "under-way",
            Self::Acknowledged => "acknowledged",
            Self::GivenUp => "given-up",
            Self::Unreachable => "unreachable",
            Self::Dropped => "dropped",
        }
    }
}

/// A notification as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationRecord {
    pub id: String,
    pub event_type: &'static str,
    /// The number of the event's object.
    pub number: String,
    pub url: String,
    /// The time of the event, by the world's clock.
    pub created: Timestamp,
    pub state: DeliveryState,
    pub attempts: Vec<DeliveryAttempt>,
}

impl NotificationRecord {
    pub(super) fn new(notice: &Notice) -> Self {
        let number = NUMBERS.iter().find_map(|name| notice.resource.get(name)?.as_str());
        Self {
            id: id(),
            event_type: notice.event_type,
            number: number.unwrap_or_default().to_owned(),
            url: notice.url.clone(),
            created: notice.at,
            state: DeliveryState::Due(notice.at),
            attempts: Vec::new(),
        }
    }

    /// The number of attempts, probes excluded.
    pub fn sent(&self) -> usize {
        self.attempts.iter().filter(|attempt| !attempt.probe).count()
    }

    pub(in crate::sandbox) fn json(&self) -> Value {
        let attempt = |attempt: &DeliveryAttempt| {
            let DeliveryAttempt { at, probe, answer } = *attempt;
            json!({ "at": rfc3339(at), "probe": probe, "answer": answer.word(), "status": answer.status() })
        };
        let next = match self.state {
            DeliveryState::Due(at) => Some(rfc3339(at)),
            _ => None,
        };
        json!({
            "id": self.id, "event_type": self.event_type, "number": self.number, "notify_url": self.url,
            "create_time": rfc3339(self.created), "state": self.state.word(), "next": next, "attempts": self.sent(),
            "sendings": self.attempts.iter().map(attempt).collect::<Vec<_>>(),
        })
    }
}

/// A queued notification, with the bytes that are sent each time.
#[derive(Debug)]
pub(super) struct Message {
    pub(super) record: NotificationRecord,
    pub(super) body: Arc<str>,
    /// Its place in the queue; `None` while it is being sent.
    pub(super) due: Option<(Timestamp, u64)>,
    /// It was acknowledged and is sent again on purpose.
    pub(super) repeated: bool,
}

/// The envelope. The nonce does not come from the world's generator: the same seed would use it twice under one key.
pub(super) fn envelope(key: &ApiV3Key, id: &str, notice: &Notice) -> Result<String, AeadError> {
    let nonce: [u8; 12] = std::array::from_fn(|_| rand::rng().sample(rand::distr::Alphanumeric));
    let plaintext = notice.resource.to_string();
    let ciphertext = crypto::seal(key, &nonce, notice.original_type, plaintext.as_bytes())?;
    let envelope = json!({
        "id": id,
        "create_time": rfc3339(notice.at),
        "resource_type": "encrypt-resource",
        "event_type": notice.event_type,
        "summary": notice.summary,
        "resource": {
            "original_type": notice.original_type, "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext,
            "associated_data": notice.original_type, "nonce": String::from_utf8_lossy(&nonce),
        },
    });
    Ok(envelope.to_string())
}

/// `1d7e0c2a-0000-5000-8000-000000000001`. Not from the world's generator: a sandbox restarted with the same seed would
/// reuse ids that receivers know, and they would ignore its events as duplicates.
fn id() -> String {
    let hex = format!("{:032x}", rand::rng().random::<u128>());
    [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]].join("-")
}
