//! The configuration: one TOML file, read strictly. Unknown keys are errors that name the key and the nearest known
//! one; relative paths are relative to the file. `config.example.toml` documents every key.

mod file;
mod keys;
mod rules;
mod secret;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::crypto::{AeadError, CertificateError, KeyError, decode_text};
use crate::i18n::Lang;
use crate::ledger::Store;
use crate::model::action::Rules;
use crate::model::{Environment, Merchant, Serial};
use crate::services::ListenOptions;
use crate::text::repeatable;

pub use file::parse_store;
pub use keys::{Comparison, Credentials};
pub use secret::SecretSource;

/// The whole file, resolved.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where it was read from.
    pub path: PathBuf,
    pub default_profile: Option<String>,
    pub language: Option<Lang>,
    pub theme: Option<String>,
    /// Ring when a watched object has come to its end.
    pub bell: bool,
    /// Where the ledger is.
    pub store: Store,
    pub profiles: BTreeMap<String, Profile>,
}

/// One merchant as one operator sees it.
#[derive(Clone, Debug)]
pub struct Profile {
    pub name: String,
    pub environment: Environment,
    pub merchant: Merchant,
    pub merchant_serial: Serial,
    pub private_key: SecretSource,
    pub apiv3_key: Option<SecretSource>,
    pub base_url: String,
    /// Requests go to another machine without TLS, as `insecure = true` lets them.
    pub insecure: bool,
    /// `platform.certificates = "auto"`.
    pub certificates: bool,
    /// `platform.public_key` and `platform.id`.
    pub public_key: Option<(SecretSource, Serial)>,
    pub read_only: bool,
    /// What it may not do beside that.
    pub rules: Rules,
    pub requests_per_second: u32,
    pub timeout_seconds: u64,
    /// For so long whoever performs an action waits for what became of it, after no answer came.
    pub resolve_within: std::time::Duration,
    /// The name shown in the journal.
    pub operator: String,
    /// A JSON-lines file of numbers that the merchant's back end appends to.
    pub numbers: Option<PathBuf>,
    /// Where the console receives notifications, if it does.
    pub listen: Option<ListenOptions>,
}

/// What is wrong with the configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}")]
    Read { path: PathBuf, source: std::io::Error },
    /// TOML that does not parse, or a value of a wrong type. `line` counts from 1.
    #[error("{path}:{line}: {message}")]
    Syntax { path: PathBuf, line: usize, message: String },
    #[error("{path}: unknown key {key}")]
    UnknownKey { path: PathBuf, line: usize, key: String, nearest: Option<String> },
    /// A name in the rules that is no action's.
    #[error("{key}: there is no action {name}")]
    UnknownAction { key: String, name: String, nearest: Option<String> },
    #[error("{path}: {key} is missing")]
    Missing { path: PathBuf, key: String },
    /// A PEM block stands in the configuration itself.
    #[error("{path}: {key} contains the key itself; move it to a file, a variable or a command")]
    KeyInFile { path: PathBuf, key: String },
    /// `http://` to another machine without `insecure = true`.
    #[error("{key} is http:// to another machine: everything would travel unencrypted")]
    Insecure { key: String },
    /// A serial or an id that is none. It is not repeated: a secret may stand in its place.
    #[error("{key}: {problem}")]
    Id { key: String, problem: IdProblem },
    /// A value that means nothing: what it may be. It is not repeated whole where it may be a secret.
    #[error("{key} = {value:?}: {expected}")]
    Value { key: String, value: String, expected: String },
    #[error("there is no profile {name}")]
    UnknownProfile { name: String, known: Vec<String> },
    #[error("the secret {key} cannot be read from {from}")]
    Secret { key: String, from: String, source: Box<dyn std::error::Error + Send + Sync> },
    #[error("{key} ({from})")]
    Key { key: String, from: String, source: KeyError },
    #[error("apiv3_key ({from})")]
    ApiV3Key { from: String, source: AeadError },
    /// The serial of the certificate beside the key is not the one configured.
    #[error("merchant_serial is {configured}, but {from} has the serial {found}")]
    SerialMismatch { configured: Serial, found: Serial, from: String },
    /// The certificate beside the key belongs to another key.
    #[error("{certificate} is not the certificate of {key}")]
    KeyMismatch { certificate: String, key: String },
    #[error("the certificate beside the key ({from})")]
    Certificate { from: String, source: CertificateError },
}

/// Why a text is not the serial or the id that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdProblem {
    #[error("a serial has 40 hexadecimal digits; this has {count} characters")]
    NotSerial { count: usize },
    /// A serial as a decimal number; the same as WeChat Pay writes it.
    #[error("this is the serial as a decimal number; in hexadecimal it is {0}")]
    Decimal(Serial),
    #[error("a serial is written without {0}")]
    Prefix(&'static str),
    #[error("this is the id of a WeChat Pay public key, not the serial of a certificate")]
    PublicKeyId,
    #[error("this is the serial of a certificate, not the id of the WeChat Pay public key")]
    CertificateSerial,
    #[error("the id of a WeChat Pay public key is PUB_KEY_ID_ and digits")]
    NotPublicKeyId,
}

impl Config {
    /// Reads and checks the file. Secrets are not read before they are needed.
    pub fn read(path: &Path) -> Result<Self, ConfigError> {
        let unread = |source| ConfigError::Read { path: path.to_owned(), source };
        let bytes = std::fs::read(path).map_err(unread)?;
        let no_text = || std::io::Error::new(std::io::ErrorKind::InvalidData, "neither UTF-8 nor UTF-16");
        let text = decode_text(&bytes).ok_or_else(|| unread(no_text()))?;
        file::parse(path, &text)
    }

    /// Where the file is looked for if nobody says: the platform's configuration directory.
    pub fn default_path() -> Option<PathBuf> {
        Some(directories::ProjectDirs::from("", "", "paydeck")?.config_dir().join("config.toml"))
    }

    /// The folder for the bills of all profiles.
    pub fn bills(&self) -> PathBuf {
        self.store.folder().join("bills")
    }

    /// The profile of that name; without a name the default one, or the only one.
    pub fn profile(&self, name: Option<&str>) -> Result<&Profile, ConfigError> {
        let only = || self.profiles.keys().next().filter(|_| self.profiles.len() == 1).cloned();
        let asked = name.is_some();
        let name = name.map(str::to_owned).or_else(|| self.default_profile.clone()).or_else(only).unwrap_or_default();
        self.profiles.get(&name).ok_or_else(|| {
            let name = if asked { name } else { repeatable(&name).into_owned() };
            ConfigError::UnknownProfile { name, known: self.profiles.keys().cloned().collect() }
        })
    }
}
