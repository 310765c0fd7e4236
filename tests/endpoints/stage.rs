//! The sandbox of the recipes: a merchant without other objects, and its clients.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use paydeck::api::{ApiError, Client, ClientOptions, DownloadError};
use paydeck::config::Config;
use paydeck::crypto::PrivateKey;
use paydeck::i18n::Lang;
use paydeck::model::EndpointId;
use paydeck::model::endpoint::Guide;
use paydeck::model::time::rfc3339;
use serde_json::Value;
use time::{Duration, OffsetDateTime};

use crate::call::Call;
use crate::support::Shop;

pub struct Stage {
    pub shop: Shop,
    mainland: Client,
    numbers: AtomicU32,
    passed: Mutex<Duration>,
}

/// The numbers by which a merchant names itself.
pub struct Merchant {
    pub mchid: String,
    pub appid: String,
    pub service_id: String,
}

impl Stage {
    pub async fn set() -> Self {
        let shop = Shop::open(0).await;
        let mainland = shop.client();
        Self { shop, mainland, numbers: AtomicU32::new(0), passed: Mutex::new(Duration::ZERO) }
    }

    fn profile(id: EndpointId, public_key: bool) -> &'static str {
        match (id.endpoint().guide, public_key) {
            (Guide::Global, _) => "global-direct",
            (_, false) => "sandbox",
            (_, true) => "sandbox-public-key",
        }
    }

    /// The client of the merchant whose endpoint it is.
    pub fn client(&self, id: EndpointId) -> Client {
        match id.endpoint().guide {
            Guide::Global if id == EndpointId::GlobalCertificates => self.global_by_public_key(),
            Guide::Global => self.shop.client_of("global-direct"),
            // Without certificates this mode could not even begin.
            Guide::Protocol => self.shop.client_of("sandbox-public-key"),
            _ => self.mainland.clone(),
        }
    }

    /// The Global merchant in public-key mode, in which nothing begins with certificates.
    fn global_by_public_key(&self) -> Client {
        let config = Config::read(&self.shop.config_path()).unwrap();
        let options = |name: &str| {
            let profile = config.profile(Some(name)).unwrap();
            profile.client_options(profile.credentials().unwrap(), Lang::En)
        };
        let platform = options("sandbox-public-key").platform;
        Client::new(ClientOptions { platform, ..options("global-direct") }).unwrap()
    }

    /// Another client, whose budget is not held.
    pub fn fresh_client(&self, id: EndpointId) -> Client {
        self.shop.client_of(Self::profile(id, true))
    }

    /// A client that signs with an unknown key.
    pub fn stranger(&self, id: EndpointId) -> Client {
        let config = Config::read(&self.shop.config_path()).unwrap();
        let profile = config.profile(Some(Self::profile(id, true))).unwrap();
        let mut options = profile.client_options(profile.credentials().unwrap(), Lang::En);
        options.signer.key = unrelated_key();
        Client::new(options).unwrap()
    }

    /// The mainland merchant of these endpoints.
    pub fn merchant(&self) -> Merchant {
        let merchant = self.mainland.merchant();
        Merchant {
            mchid: merchant.mchid.as_str().to_owned(),
            appid: merchant.appid.as_ref().unwrap().as_str().to_owned(),
            service_id: merchant.service_id.as_ref().unwrap().as_str().to_owned(),
        }
    }

    /// A user lets the merchant's service charge them.
    pub fn authorise(&self, openid: &str) {
        self.shop.gateway.user().authorise(openid).unwrap();
    }

    /// A number that nothing has yet.
    pub fn number(&self, prefix: &str) -> String {
        format!("{prefix}{:08}", self.numbers.fetch_add(1, Ordering::Relaxed))
    }

    /// The world's clock.
    pub fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc() + *self.passed.lock().unwrap()
    }

    /// The same, so much later, as requests write it.
    pub fn later(&self, span: Duration) -> String {
        rfc3339(self.now() + span)
    }

    pub fn let_time_pass(&self, span: Duration) {
        *self.passed.lock().unwrap() += span;
        self.shop.gateway.user().let_time_pass(span);
    }

    /// Sends a call that a recipe needs to succeed.
    pub async fn done(&self, call: Call) -> Value {
        self.answer(&call).await.unwrap_or_else(|error| panic!("{:?} {} fails: {error}", call.endpoint, call.body()))
    }

    /// Sends a call through the client's function for it and reads the answer, which is verified by then.
    pub async fn answer(&self, call: &Call) -> Result<Value, ApiError> {
        if call.endpoint == EndpointId::GlobalStatement {
            let statement = self.client(call.endpoint).statement(call.query("date")).await?;
            return Ok(serde_json::json!({"sha1": statement.digest, "text": statement.text}));
        }
        if let Some(link) = call.link() {
            let client = self.client(call.endpoint);
            let link = client.bill_link(link.endpoint, &link.target()).await?;
            let file = tempfile::tempfile().unwrap();
            return match client.download(&link, &file, &mut |_| ()).await {
                Ok(fetched) => Ok(serde_json::json!({"bytes": fetched.bytes, "sha1": fetched.sha1})),
                Err(DownloadError::Api(error)) => Err(error),
                Err(DownloadError::File(error)) => panic!("{error}"),
            };
        }
        let reply = self.client(call.endpoint).call(call.endpoint, &call.target(), &call.body()).await?;
        Ok(serde_json::from_str(&reply.body).unwrap_or(Value::Null))
    }

    /// Resets every switch that a recipe may have set.
    pub fn put_right(&self) {
        self.shop.gateway.faults().clear();
        self.shop.gateway.user().set_short_of_money(false);
        self.shop.gateway.user().set_balance(100_000_000);
        self.shop.gateway.user().set_short_of_money_global(false);
    }
}

/// A key that belongs to no merchant.
fn unrelated_key() -> PrivateKey {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/keys/unrelated_key.TESTONLY.pem");
    PrivateKey::parse(&std::fs::read_to_string(path).unwrap().into()).unwrap()
}
