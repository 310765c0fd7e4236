//! Writes notifications as the sandbox's platform does, with the keys of its identity: for what the gateway itself
//! never sends, and as fast as a machine can.
#![allow(dead_code, reason = "each user needs a part of it")]

use std::path::Path;

use paydeck::crypto::{ApiV3Key, Certificate, PrivateKey, nonce, response_message, seal};
use secrecy::SecretString;
use serde_json::{Value, json};
use time::OffsetDateTime;

pub type Headers = Vec<(&'static str, String)>;

#[derive(Clone)]
pub struct Pen {
    key: std::sync::Arc<PrivateKey>,
    pub serial: String,
    apiv3_key: ApiV3Key,
}

impl Pen {
    /// With the newest platform certificate of an identity.
    pub fn of(identity: &Path) -> Self {
        let read = |path: &Path| std::fs::read_to_string(path).expect("a file of the identity");
        let gateway = identity.join("gateway");
        let newest = (1..).take_while(|n| gateway.join(format!("platform_{n}_key.pem")).exists()).last().expect("one");
        let key = read(&gateway.join(format!("platform_{newest}_key.pem")));
        let certificate = read(&gateway.join(format!("platform_{newest}_cert.pem")));
        Self {
            key: PrivateKey::parse(&SecretString::from(key)).expect("a key").into(),
            serial: Certificate::parse(&certificate).expect("a certificate").serial.as_str().to_owned(),
            apiv3_key: ApiV3Key::new(&read(&identity.join("apiv3_key.txt"))).expect("a key"),
        }
    }

    /// An attacker's pen, with everything but the key.
    pub fn forger(&self) -> Self {
        Self { key: PrivateKey::generate().expect("a key").into(), ..self.clone() }
    }

    /// The same, with another APIv3 key.
    pub fn with_apiv3_key(&self, key: &str) -> Self {
        Self { apiv3_key: ApiV3Key::new(key).expect("a key"), ..self.clone() }
    }

    pub fn envelope(&self, id: &str, event_type: &str, resource: &Value) -> Vec<u8> {
        let nonce: [u8; 12] = nonce().as_bytes()[..12].try_into().expect("twelve");
        let ciphertext = seal(&self.apiv3_key, &nonce, "transaction", resource.to_string().as_bytes()).expect("sealed");
        let envelope = json!({
            "id": id, "create_time": "2025-10-09T16:53:20+08:00", "resource_type": "encrypt-resource",
            "event_type": event_type, "summary": "支付成功",
            "resource": { "original_type": "transaction", "algorithm": "AEAD_AES_256_GCM", "ciphertext": ciphertext,
                "associated_data": "transaction", "nonce": String::from_utf8_lossy(&nonce) },
        });
        envelope.to_string().into_bytes()
    }

    /// A payment of ¥28.80.
    pub fn paid(&self, id: &str, number: &str) -> Vec<u8> {
        let amount = json!({ "total": 2880, "currency": "CNY" });
        let resource = json!({ "mchid": "1900012345", "out_trade_no": number, "trade_state": "SUCCESS",
            "success_time": "2025-10-09T16:53:20+08:00", "amount": amount });
        self.envelope(id, "TRANSACTION.SUCCESS", &resource)
    }

    /// Signed now, as each time it is sent.
    pub fn signed(&self, body: &[u8]) -> Headers {
        self.signed_at(body, OffsetDateTime::now_utc().unix_timestamp())
    }

    pub fn signed_at(&self, body: &[u8], unix_seconds: i64) -> Headers {
        let (timestamp, nonce) = (unix_seconds.to_string(), nonce());
        let signature = self.key.sign(&response_message(&timestamp, &nonce, body));
        vec![
            ("content-type", "application/json".to_owned()),
            ("user-agent", "Mozilla/4.0".to_owned()),
            ("wechatpay-timestamp", timestamp),
            ("wechatpay-nonce", nonce),
            ("wechatpay-signature", signature),
            ("wechatpay-serial", self.serial.clone()),
            ("wechatpay-signature-type", "WECHATPAY2-SHA256-RSA2048".to_owned()),
        ]
    }
}
