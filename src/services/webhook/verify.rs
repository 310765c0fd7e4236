//! Verifies what was received: a notification, or why it is not one. The sender learns only a status.

use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::{Semaphore, watch};

use crate::api::{Client, NotANotification};
use crate::crypto::{BASE64, Engine, SignatureHeaders, VerifyError};
use crate::ledger::{Delivery, NewDelivery, Refused, Verdict};
use crate::services::webhook::refusal::{RefusalCode, reason};

/// The status of an acknowledgement.
pub(crate) const ACKNOWLEDGED: u16 = 204;
/// The signature does not prove that WeChat Pay sent it.
pub(crate) const UNPROVEN: u16 = 401;
const UNUSABLE: u16 = 400;
/// The sender is to repeat it.
pub(crate) const LATER: u16 = 503;

/// How long a request waits for the platform's keys, or for a check for newer ones.
const PATIENCE: Duration = Duration::from_secs(3);
/// How many requests may wait for such a check at once, so that invented serials cannot block the others.
const WAITING: usize = 8;

pub(crate) struct NotificationVerifier {
    client: Client,
    ready: watch::Receiver<bool>,
    waiting: Semaphore,
}

/// Why a request is not accepted.
#[derive(Debug)]
pub(crate) enum Unacknowledged {
    Refused(Box<Refused>),
    /// The platform's keys have not been fetched yet.
    NotYet,
}

impl NotificationVerifier {
    pub(super) fn new(client: Client, ready: watch::Receiver<bool>) -> Self {
        Self { client, ready, waiting: Semaphore::new(WAITING) }
    }

    pub(super) async fn verify(
        &self,
        headers: &SignatureHeaders,
        delivery: Delivery,
    ) -> Result<Box<NewDelivery>, Unacknowledged> {
        if !self.client.has_platform_keys() {
            let mut ready = self.ready.clone();
            // The sending end is dropped only when the receiver closes.
            let _ = tokio::time::timeout(PATIENCE, ready.wait_for(|ready| *ready)).await;
            if !self.client.has_platform_keys() {
                return Err(Unacknowledged::NotYet);
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
                    // The check continues even if this request stops waiting.
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
            Ok(notification) => Ok(Box::new(NewDelivery {
                content: notification.read_fact(),
                delivery,
                signature_hash: signature_hash(headers),
                status: ACKNOWLEDGED,
                notice: notification.id,
                event_type: notification.event_type,
                created: notification.created,
                summary: notification.summary,
                resource: notification.resource,
            })),
            Err(error) => {
                let (verdict, by_verdict, detail) = explain(&error, headers, &delivery.body);
                let status = status.unwrap_or(by_verdict);
                Err(Unacknowledged::Refused(Box::new(Refused { delivery, verdict, status, detail })))
            }
        }
    }
}

/// The hash of the decoded signature: one signature can be encoded in several ways, but a new one cannot be forged.
fn signature_hash(headers: &SignatureHeaders) -> [u8; 32] {
    let signature = headers.signature.as_deref().unwrap_or_default();
    let bytes = BASE64.decode(signature).unwrap_or_else(|_| signature.as_bytes().to_vec());
    Sha256::digest(bytes).into()
}

/// The verdict, the status, and the reason as it is stored.
fn explain(error: &NotANotification, headers: &SignatureHeaders, body: &[u8]) -> (Verdict, u16, String) {
    let verdict = match error {
        NotANotification::Unproven(_) if headers.absent() && body.trim_ascii_start().starts_with(b"<") => {
            return (Verdict::Malformed, UNUSABLE, RefusalCode::Apiv2.word().to_owned());
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
    (verdict, status, reason(error))
}

#[cfg(test)]
mod tests {
    use std::sync::LazyLock;

    use proptest::prelude::*;
    use serde_json::json;
    use time::OffsetDateTime;

    use super::*;
    use crate::api::{ClientOptions, Limits, PlatformMode, Signer};
    use crate::crypto::{ApiV3Key, PrivateKey, response_message, seal};
    use crate::i18n::Lang;
    use crate::model::{MchId, Merchant, Serial};

    const ID: &str = "PUB_KEY_ID_0000000000000024101100397200000006";

    static KEY: LazyLock<PrivateKey> = LazyLock::new(|| PrivateKey::generate().unwrap());

    fn apiv3_key() -> ApiV3Key {
        ApiV3Key::new(&"k".repeat(32)).unwrap()
    }

    fn verify() -> NotificationVerifier {
        let mchid = MchId::new("1900000001");
        let platform =
            PlatformMode::PublicKey { id: Serial::new(ID), key: KEY.public_key(), apiv3_key: Some(apiv3_key()) };
        let client = Client::new(ClientOptions {
            base_url: "http://127.0.0.1:1".into(),
            signer: Signer { mchid: mchid.clone(), serial: Serial::new("1"), key: KEY.clone() },
            platform,
            merchant: Merchant::new(mchid),
            requests_per_second: 1,
            limits: Limits::default(),
            lang: Lang::En,
        });
        NotificationVerifier::new(client.unwrap(), watch::channel(true).1)
    }

    fn delivery(body: &[u8]) -> Delivery {
        let at = OffsetDateTime::now_utc();
        Delivery { at, peer: String::new(), target: String::new(), headers: Vec::new(), body: body.to_vec() }
    }

    fn signed(body: &[u8]) -> SignatureHeaders {
        let timestamp = OffsetDateTime::now_utc().unix_timestamp().to_string();
        SignatureHeaders {
            signature: Some(KEY.sign(&response_message(&timestamp, "nonce", body))),
            timestamp: Some(timestamp),
            nonce: Some("nonce".into()),
            serial: Some(ID.into()),
            signature_type: None,
        }
    }

    fn judged(headers: &SignatureHeaders, body: &[u8]) -> Result<Box<NewDelivery>, Verdict> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(verify().verify(headers, delivery(body))).map_err(|turned| match turned {
            Unacknowledged::Refused(refused) => refused.verdict,
            Unacknowledged::NotYet => panic!("there are keys"),
        })
    }

    #[test]
    fn the_stamp_is_the_signature_however_it_is_written() {
        let headers = |signature: &str| SignatureHeaders { signature: Some(signature.into()), ..Default::default() };
        assert_eq!(signature_hash(&headers("AAAA")), signature_hash(&headers("AAAA")));
        assert_ne!(signature_hash(&headers("AAAA")), signature_hash(&headers("AAAB")));
        let written_otherwise = SignatureHeaders { nonce: Some("x".into()), ..headers("AAAA") };
        assert_eq!(signature_hash(&headers("AAAA")), signature_hash(&written_otherwise));
    }

    proptest! {
        #[test]
        fn any_request_gets_a_verdict_and_nothing_unsigned_is_genuine(
            signature in proptest::option::of(".{0,400}"),
            timestamp in proptest::option::of("(-|\\+)?[0-9]{0,25}|.{0,10}"),
            nonce in proptest::option::of(".{0,40}"),
            serial in proptest::option::of(prop_oneof![Just(ID.to_owned()), "[0-9A-F]{0,64}", ".{0,40}"]),
            signature_type in proptest::option::of(".{0,40}"),
            body in proptest::collection::vec(any::<u8>(), 0..2000),
        ) {
            let headers = SignatureHeaders { timestamp, nonce, signature, serial, signature_type };
            prop_assert!(judged(&headers, &body).is_err());
        }

        #[test]
        fn whatever_is_signed_is_judged(body in proptest::collection::vec(any::<u8>(), 0..2000)) {
            let verdict = judged(&signed(&body), &body).unwrap_err();
            prop_assert_eq!(verdict, Verdict::Malformed);
        }

        #[test]
        fn whatever_is_sealed_and_signed_is_judged(
            id in ".{1,40}", event_type in prop_oneof![Just("TRANSACTION.SUCCESS".to_owned()), ".{1,40}"],
            number in ".{0,40}", resource in ".{0,200}", plain in any::<bool>(), time in ".{0,30}",
        ) {
            let plaintext = match plain {
                true => json!({ "out_trade_no": number, "amount": { "total": resource }, "success_time": time }).to_string(),
                false => resource,
            };
            let ciphertext = seal(&apiv3_key(), b"123456789012", "", plaintext.as_bytes()).unwrap();
            let sealed = json!({ "ciphertext": ciphertext, "nonce": "123456789012" });
            let body = json!({ "id": id, "event_type": event_type, "create_time": time, "resource": sealed }).to_string();
            let arrival = judged(&signed(body.as_bytes()), body.as_bytes()).unwrap();
            prop_assert_eq!((arrival.notice, arrival.resource), (id, plaintext));
        }
    }
}
