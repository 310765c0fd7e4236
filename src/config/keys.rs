//! A profile's keys, read and checked against each other before anything is sent with them.

use std::time::Duration;

use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::{ConfigError, Profile, SecretSource};
use crate::api::{ClientOptions, Limits, PlatformMode, Signer};
use crate::crypto::{ApiV3Key, Certificate, PrivateKey, PublicKey};
use crate::i18n::Lang;

/// What a profile signs and verifies with.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub signer: Signer,
    pub platform: PlatformMode,
    /// When the merchant's own certificate expires, if it lies beside the key.
    pub merchant_certificate_expires: Option<OffsetDateTime>,
}

impl Profile {
    /// Reads all secrets of the profile. Blocking.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        let private_key = self.private_key()?;
        let expires = self.check_certificate_beside(&private_key)?;
        let public_key = self.public_key.as_ref().map(|(source, id)| {
            let text = self.secret("platform.public_key", source)?;
            let key =
                PublicKey::parse(text.expose_secret()).map_err(|e| self.key_error("platform.public_key", source, e))?;
            Ok((id.clone(), key))
        });
        let platform = match (public_key.transpose()?, self.certificates) {
            (Some((id, key)), false) => {
                let apiv3_key = self.apiv3_key.as_ref().map(|_| self.apiv3_key()).transpose()?;
                PlatformMode::PublicKey { id, key, apiv3_key }
            }
            (Some((id, key)), true) => PlatformMode::Both { id, key, apiv3_key: self.apiv3_key()? },
            (None, _) => PlatformMode::Certificates { apiv3_key: self.apiv3_key()? },
        };
        let signer =
            Signer { mchid: self.merchant.mchid.clone(), serial: self.merchant_serial.clone(), key: private_key };
        Ok(Credentials { signer, platform, merchant_certificate_expires: expires })
    }

    /// The options of this profile's client.
    pub fn client_options(&self, credentials: Credentials, lang: Lang) -> ClientOptions {
        ClientOptions {
            base_url: self.base_url.clone(),
            signer: credentials.signer,
            platform: credentials.platform,
            merchant: self.merchant.clone(),
            requests_per_second: self.requests_per_second,
            limits: Limits {
                total: Duration::from_secs(self.timeout_seconds),
                asking: self.resolve_within,
                ..Limits::default()
            },
            lang,
        }
    }

    fn secret(&self, key: &str, source: &SecretSource) -> Result<secrecy::SecretString, ConfigError> {
        source.read().map_err(|error| ConfigError::Secret {
            key: format!("profiles.{}.{key}", self.name),
            from: source.describe(),
            source: error,
        })
    }

    fn key_error(&self, key: &str, from: &SecretSource, source: crate::crypto::KeyError) -> ConfigError {
        ConfigError::Key { key: format!("profiles.{}.{key}", self.name), from: from.describe(), source }
    }

    fn private_key(&self) -> Result<PrivateKey, ConfigError> {
        let text = self.secret("private_key", &self.private_key)?;
        PrivateKey::parse(&text).map_err(|e| self.key_error("private_key", &self.private_key, e))
    }

    fn apiv3_key(&self) -> Result<ApiV3Key, ConfigError> {
        let missing = || ConfigError::Missing {
            path: std::path::PathBuf::new(),
            key: format!("profiles.{}.apiv3_key", self.name),
        };
        let source = self.apiv3_key.as_ref().ok_or_else(missing)?;
        let text = self.secret("apiv3_key", source)?;
        ApiV3Key::new(text.expose_secret())
            .map_err(|error| ConfigError::ApiV3Key { from: source.describe(), source: error })
    }

    /// The platform hands out `apiclient_cert.pem` beside `apiclient_key.pem`. If it is there, key, certificate and
    /// serial must belong together: a wrong pair answers 401 to everything.
    fn check_certificate_beside(&self, key: &PrivateKey) -> Result<Option<OffsetDateTime>, ConfigError> {
        let SecretSource::File(key_path) = &self.private_key else { return Ok(None) };
        let path = key_path.with_file_name("apiclient_cert.pem");
        let Ok(text) = std::fs::read_to_string(&path) else { return Ok(None) };
        let from = path.display().to_string();
        let certificate =
            Certificate::parse(&text).map_err(|source| ConfigError::Certificate { from: from.clone(), source })?;
        if certificate.public_key != key.public_key() {
            return Err(ConfigError::KeyMismatch { certificate: from, key: key_path.display().to_string() });
        }
        if certificate.serial != self.merchant_serial {
            let configured = self.merchant_serial.clone();
            return Err(ConfigError::SerialMismatch { configured, found: certificate.serial, from });
        }
        Ok(Some(certificate.not_after))
    }
}
