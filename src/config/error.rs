//! What is wrong with the configuration.

use std::path::{Path, PathBuf};

use super::lines::line_of;
use crate::crypto::{AeadError, CertificateError, KeyError};
use crate::model::Serial;
use crate::program::TemplateError;
use crate::text::{ELLIPSIS, nearest, repeatable};

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
    /// A name in the rules that is not an action.
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
    /// An invalid serial or id. It is not repeated: it may be a misplaced secret.
    #[error("{key}: {problem}")]
    Id { key: String, problem: IdProblem },
    /// An invalid value, and what is expected. A value that may be a secret is not repeated in full.
    #[error("{key} = {value:?}: {expected}")]
    Value { key: String, value: String, expected: String },
    /// An argument of a command or a hook that is not written as one.
    #[error("{key}: {source}")]
    Template { key: String, source: TemplateError },
    /// What is wrong, and where in the file.
    #[error("{path}:{line}: {source}")]
    At { path: PathBuf, line: usize, source: Box<ConfigError> },
    #[error("there is no profile {name}")]
    UnknownProfile { name: String, known: Vec<String> },
    /// No profile was named, neither by the caller nor by `default_profile`, and there is not exactly one.
    #[error("no profile is named")]
    NoProfile { known: Vec<String> },
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

impl ConfigError {
    /// The same with its line, where the error is that of a key of the file.
    pub(super) fn on_its_line(self, path: &Path, text: &str) -> Self {
        let key = match &self {
            Self::UnknownAction { key, .. }
            | Self::Missing { key, .. }
            | Self::KeyInFile { key, .. }
            | Self::Insecure { key }
            | Self::Id { key, .. }
            | Self::Value { key, .. }
            | Self::Template { key, .. } => key,
            _ => return self,
        };
        match line_of(text, key) {
            Some(line) => Self::At { path: path.to_owned(), line, source: Box::new(self) },
            None => self,
        }
    }

    pub(super) fn value(key: &str, value: &str, expected: &str) -> Self {
        Self::Value { key: key.to_owned(), value: repeatable(value).into_owned(), expected: expected.to_owned() }
    }
}

/// The position of a key's PEM in the file, if there is one: no value may be PEM.
pub(super) fn key_material(value: &toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => text.contains("-----BEGIN").then(String::new),
        toml::Value::Array(values) => values.iter().find_map(key_material),
        toml::Value::Table(table) => table.iter().find_map(|(key, value)| {
            let inner = key_material(value)?;
            Some(if inner.is_empty() { repeatable(key).into_owned() } else { format!("{}.{inner}", repeatable(key)) })
        }),
        _ => None,
    }
}

/// Converts the parser's error into ours; for an unknown key it suggests the nearest known one.
pub(super) fn explain(path: &Path, text: &str, error: &toml::de::Error) -> ConfigError {
    let path = path.to_owned();
    let line = error.span().map_or(1, |span| text[..span.start.min(text.len())].matches('\n').count() + 1);
    let message = error.message();
    // serde writes: unknown field `X`, expected one of `A`, `B`
    let mut quoted = message.split('`').skip(1).step_by(2);
    if message.starts_with("unknown field")
        && let Some(key) = quoted.next()
    {
        let nearest = nearest(key, quoted);
        return ConfigError::UnknownKey { path, line, key: repeatable(key).into_owned(), nearest };
    }
    ConfigError::Syntax { path, line, message: redacted(message) }
}

/// The parser's message without the values it quotes, any of which may be a misplaced secret.
pub(super) fn redacted(message: &str) -> String {
    let (mut text, mut rest) = (String::new(), message);
    while let Some(start) = rest.find(['"', '`']) {
        let (before, quoted) = rest.split_at(start);
        let (mark, inside) = quoted.split_at(1);
        // Values are quoted with their quotation marks escaped; names of keys as they are.
        let unescaped = |(place, _): &(usize, &str)| !inside[..*place].ends_with('\\');
        let Some((close, _)) = inside.match_indices(mark).find(unescaped) else { break };
        let quote = &inside[..close];
        let sample = quote.len() <= 8 && quote.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
        let name = mark == "`" && quote.len() <= 24 && quote.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
        let shown = if sample || name || quote.len() <= 2 { quote } else { ELLIPSIS };
        text.push_str(&format!("{before}{mark}{shown}{mark}"));
        rest = &inside[close + 1..];
    }
    text.push_str(if rest.contains(['"', '`']) { ELLIPSIS } else { rest });
    text
}
