//! A profile's keys, read and checked against each other before anything is sent with them.

use std::path::{Path, PathBuf};
use std::time::Duration;

use secrecy::ExposeSecret;
use time::OffsetDateTime;

use super::{ConfigError, Profile, SecretSource};
use crate::api::{ClientOptions, Limits, PlatformMode, Signer};
use crate::crypto::{ApiV3Key, Certificate, KeyError, PrivateKey, PublicKey};
use crate::i18n::Lang;

/// What a profile signs and verifies with.
#[derive(Clone, Debug)]
pub struct Credentials {
    pub signer: Signer,
    pub platform: PlatformMode,
    pub comparison: KeyComparison,
}

/// Whether the merchant's key was compared with its certificate, which the platform hands out beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyComparison {
    /// They belong together, and the serial is the one configured. Until when the certificate holds.
    Belongs { until: OffsetDateTime },
    /// No certificate lies where it was looked for.
    Absent { path: PathBuf },
    /// It is there, but cannot be read.
    Unread { path: PathBuf, why: String },
    /// The key comes from a variable or a command, without a certificate.
    Nowhere,
}

impl KeyComparison {
    /// When the merchant's own certificate expires, if it is known.
    pub fn expires(&self) -> Option<OffsetDateTime> {
        match self {
            Self::Belongs { until } => Some(*until),
            _ => None,
        }
    }
}

impl Profile {
    /// Reads all secrets of the profile. Blocking.
    pub fn credentials(&self) -> Result<Credentials, ConfigError> {
        let bytes = self.secret("private_key", &self.private_key)?;
        let private_key = PrivateKey::read(bytes.expose_secret())
            .map_err(|error| self.key_error("private_key", &self.private_key, error))?;
        let comparison = self.compare(&private_key, bytes.expose_secret())?;
        let public_key = self.public_key.as_ref().map(|(source, id)| {
            let wrong = |error| self.key_error("platform.public_key", source, error);
            let key = PublicKey::read(self.secret("platform.public_key", source)?.expose_secret()).map_err(wrong)?;
            // Nothing from WeChat Pay would verify with it, and the holder of the key could sign in its name.
            if key == private_key.public_key() {
                return Err(wrong(KeyError::Own));
            }
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
        Ok(Credentials { signer, platform, comparison })
    }

    /// The files with secrets that others than their owner can read, and their modes: the configuration itself, and
    /// the keys. Blocking.
    pub(crate) fn readable_by_others(&self, config: &Path) -> Vec<(PathBuf, u32)> {
        let file = |source: &SecretSource| match source {
            SecretSource::File(path) => Some(path.clone()),
            _ => None,
        };
        let keys = [Some(&self.private_key), self.apiv3_key.as_ref()].into_iter().flatten().filter_map(file);
        let mut files: Vec<PathBuf> = std::iter::once(config.to_owned()).chain(keys).collect();
        files.dedup();
        files.into_iter().filter_map(|path| Some((open_mode(&path)?, path))).map(|(mode, path)| (path, mode)).collect()
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

    fn secret(&self, key: &str, source: &SecretSource) -> Result<secrecy::SecretSlice<u8>, ConfigError> {
        source.read().map_err(|error| ConfigError::Secret {
            key: format!("profiles.{}.{key}", self.name),
            from: source.describe(),
            source: error,
        })
    }

    fn key_error(&self, key: &str, from: &SecretSource, source: crate::crypto::KeyError) -> ConfigError {
        ConfigError::Key { key: format!("profiles.{}.{key}", self.name), from: from.describe(), source }
    }

    fn apiv3_key(&self) -> Result<ApiV3Key, ConfigError> {
        let missing = || ConfigError::Missing {
            path: std::path::PathBuf::new(),
            key: format!("profiles.{}.apiv3_key", self.name),
        };
        let source = self.apiv3_key.as_ref().ok_or_else(missing)?;
        ApiV3Key::read(self.secret("apiv3_key", source)?.expose_secret())
            .map_err(|error| ConfigError::ApiV3Key { from: source.describe(), source: error })
    }

    /// The platform hands out `apiclient_cert.pem` beside `apiclient_key.pem`; some keep both in one file. Where there
    /// is a certificate, key, certificate and serial must belong together: a wrong pair answers 401 to everything.
    fn compare(&self, key: &PrivateKey, bytes: &[u8]) -> Result<KeyComparison, ConfigError> {
        let bundled = Certificate::among(bytes);
        if !bundled.is_empty() {
            // A chain may come with it: the merchant's own is the one that belongs to the key.
            let own = bundled.iter().find(|certificate| certificate.public_key == key.public_key());
            let from = self.private_key.describe();
            let mismatch = || ConfigError::KeyMismatch { certificate: from.clone(), key: from.clone() };
            return self.judge(own.ok_or_else(mismatch)?, from.clone());
        }
        let SecretSource::File(key_path) = &self.private_key else { return Ok(KeyComparison::Nowhere) };
        let path = key_path.with_file_name("apiclient_cert.pem");
        let bytes = match std::fs::read(&path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(KeyComparison::Absent { path }),
            Err(error) => return Ok(KeyComparison::Unread { path, why: error.to_string() }),
        };
        let from = path.display().to_string();
        let certificate =
            Certificate::read(&bytes).map_err(|source| ConfigError::Certificate { from: from.clone(), source })?;
        if certificate.public_key != key.public_key() {
            return Err(ConfigError::KeyMismatch { certificate: from, key: key_path.display().to_string() });
        }
        self.judge(&certificate, from)
    }

    /// Compares the serial of the key's certificate with the one configured.
    fn judge(&self, certificate: &Certificate, from: String) -> Result<KeyComparison, ConfigError> {
        if certificate.serial != self.merchant_serial {
            let configured = self.merchant_serial.clone();
            return Err(ConfigError::SerialMismatch { configured, found: certificate.serial.clone(), from });
        }
        Ok(KeyComparison::Belongs { until: certificate.not_after })
    }
}

/// The mode of a file that others than its owner can read.
#[cfg(unix)]
fn open_mode(path: &Path) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt;
    let mode = std::fs::metadata(path).ok()?.permissions().mode() & 0o777;
    (mode & 0o077 != 0).then_some(mode)
}

#[cfg(not(unix))]
fn open_mode(_: &Path) -> Option<u32> {
    None
}
