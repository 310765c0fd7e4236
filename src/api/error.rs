//! What can go wrong between us and WeChat Pay, by what the operator can do about it.

use serde_json::Value;

use crate::crypto::{AeadError, VerifyError};
use crate::model::{Document, DocumentError, MissingSetting};

/// Boxed so that libraries' errors keep their source without naming the library in our interface.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// The outcome of a call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// WeChat Pay said no. Nothing was changed.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// No usable answer came, and nothing can have changed: the request was a read, or never left.
    #[error("unreachable: {0}")]
    Unreachable(Failure),
    /// A mutation left, and no usable answer tells whether it took effect. Ask; never send another.
    #[error("the outcome is unknown: {0}")]
    UnknownOutcome(Failure),
    /// A read was answered, but the answer is not proven to be WeChat Pay's. Nothing of it was used.
    #[error("untrusted: {reason}")]
    Untrusted { reason: Untrusted, request_id: Option<String> },
    /// The answer is genuine but not what it should be.
    #[error("unreadable answer: {source}")]
    Unreadable { source: DocumentError, request_id: Option<String> },
    /// The set-up is at fault.
    #[error("configuration: {0}")]
    Configuration(#[from] Misconfigured),
}

/// Why no usable answer came.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The name does not resolve, nobody listens, TLS fails.
    #[error("cannot connect")]
    Connect(#[source] Source),
    /// The host's certificate does not prove it to be the host.
    #[error("the host does not prove who it is")]
    Tls(#[source] Source),
    #[error("no answer within {seconds} s")]
    Timeout { seconds: u64 },
    /// The connection broke, or the body ended early.
    #[error("the connection broke")]
    Broken(#[source] Source),
    /// More bytes than any answer of this endpoint has.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// 5xx, or 429 after all patience.
    #[error("{0}")]
    Status(Refusal),
    /// The answer to a mutation did not verify.
    #[error("{0}")]
    Untrusted(Untrusted),
}

/// Why an answer is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    #[error(transparent)]
    Signature(#[from] VerifyError),
    /// No signature at all on an answer that must have one. `html` if it looks like a page (a proxy, a login).
    #[error("the answer is not signed")]
    Unsigned { html: bool },
    /// The platform's certificates do not open with the APIv3 key.
    #[error("the platform certificates do not open: {0}")]
    Certificates(#[source] AeadError),
    /// A genuine answer, about another object or another merchant.
    #[error("the answer is about {found}")]
    Another { found: String },
    /// A file is not the one that was promised: another hash.
    #[error("the file's SHA-1 is {found}, not {expected}")]
    Hash { expected: String, found: String },
    /// A file came whole, but does not unpack.
    #[error("the file does not unpack")]
    Packed(#[source] Source),
    /// The link to a file leads elsewhere than to WeChat Pay's files, or its hash cannot be checked.
    #[error("the link to the file cannot be followed: {found}")]
    Link { found: String },
    /// The TLS certificate of the host does not hold.
    #[error("the host does not prove who it is")]
    Tls(#[source] Source),
    /// A platform certificate does not carry the serial it is listed under, or is no certificate.
    #[error("a platform certificate is not what it says it is")]
    Certificate(#[source] Source),
}

/// Settings at fault, found before or by asking.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    #[error(transparent)]
    Setting(#[from] MissingSetting),
    /// The certificate endpoint answers 404: the merchant has only the public-key mode.
    #[error("this merchant has no platform certificate; configure its WeChat Pay public key")]
    PublicKeyNeeded,
    /// Global merchants have other paths, which are not served yet.
    #[error("region = \"global\" is not served yet")]
    Region,
    #[error("the base URL is not usable: {0}")]
    BaseUrl(String),
    #[error("the HTTP client could not be made")]
    Client(#[source] Source),
}

/// An error answer (protocol reference §10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// Empty where the answer has none (a proxy's page, an empty 404).
    pub code: String,
    /// Text from outside.
    pub message: String,
    pub detail: Option<Box<Detail>>,
    pub request_id: Option<String>,
    /// False: unauthenticated text, to be shown, not believed.
    pub signed: bool,
}

/// Which field is at fault, if the answer says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Detail {
    pub field: Option<String>,
    pub value: Option<String>,
    pub issue: Option<String>,
    pub location: Option<String>,
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} {}", self.status, self.code, self.message)
    }
}

impl Refusal {
    /// Reads an error answer; a body that is not JSON is kept as text, its first 300 characters.
    pub fn read(status: u16, body: &[u8], request_id: Option<String>, signed: bool) -> Self {
        let value: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
        let doc = Document::new(&value);
        let first = || String::from_utf8_lossy(body).trim().chars().take(300).collect();
        let detail = value.get("detail").filter(|d| d.is_object()).map(|detail| {
            let doc = Document::new(detail);
            Box::new(Detail {
                field: doc.text("field"),
                value: doc.text("value"),
                issue: doc.text("issue"),
                location: doc.text("location"),
            })
        });
        Self {
            status,
            code: doc.text("code").unwrap_or_default(),
            message: doc.text("message").unwrap_or_else(first),
            detail,
            request_id,
            signed,
        }
    }

    /// 429, whatever the code says.
    pub fn is_rate_limit(&self) -> bool {
        self.status == 429
    }

    /// The cause behind the last `-` of the Request-ID; 0 means none (protocol reference §11.3).
    pub fn cause(&self) -> Option<u64> {
        self.request_id.as_deref()?.rsplit_once('-')?.1.parse().ok().filter(|n| *n != 0)
    }
}

impl ApiError {
    /// The word for its kind in JSON output and logs.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Refused(_) => "refused",
            Self::Unreachable(_) => "unreachable",
            Self::UnknownOutcome(_) => "unknown",
            Self::Untrusted { .. } => "untrusted",
            Self::Unreadable { .. } => "unreadable",
            Self::Configuration(_) => "configuration",
        }
    }

    /// True if it concerns the object that was asked about, and others may fare better: a refusal (but not of our
    /// signature), a document that cannot be read, a setting that this kind needs.
    pub fn is_of_the_object(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.status != 401,
            Self::Configuration(misconfigured) => matches!(misconfigured, Misconfigured::Setting(_)),
            Self::Unreadable { .. } | Self::Untrusted { reason: Untrusted::Another { .. }, .. } => true,
            _ => false,
        }
    }

    /// The error answer within, if there was one.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::Unreachable(Failure::Status(refusal))
            | Self::UnknownOutcome(Failure::Status(refusal)) => Some(refusal),
            _ => None,
        }
    }

    pub fn request_id(&self) -> Option<&str> {
        match self {
            Self::Untrusted { request_id, .. } | Self::Unreadable { request_id, .. } => request_id.as_deref(),
            _ => self.refusal()?.request_id.as_deref(),
        }
    }
}
