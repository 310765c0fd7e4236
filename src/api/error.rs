//! Errors between us and WeChat Pay, grouped by what the operator can do about them.

use serde_json::Value;

use crate::crypto::{AeadError, VerifyError};
use crate::model::{Document, DocumentError, Endpoint, EndpointId, MissingSetting, Region, Unaskable};
use crate::text::brief;

/// Boxed so that libraries' errors keep their source without naming the library in our interface.
pub type BoxedError = Box<dyn std::error::Error + Send + Sync>;

/// The outcome of a call that did not succeed.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// WeChat Pay refused. Nothing was changed.
    #[error("refused: {0}")]
    Refused(Refusal),
    /// There was no usable answer, and nothing can have changed: the request was a read, or was never sent.
    #[error("unreachable: {0}")]
    Unreachable(RequestFailure),
    /// A mutation was sent, and no usable answer shows whether it took effect. Query it; never send another.
    #[error("the outcome is unknown: {0}")]
    UnknownOutcome(RequestFailure),
    /// A read was answered, but the answer is not proven to be WeChat Pay's. Nothing of it was used.
    #[error("untrusted: {reason}")]
    Untrusted { reason: Untrusted, request_id: Option<String> },
    /// The answer is genuine but not what it should be.
    #[error("unreadable answer: {source}")]
    Unreadable { source: DocumentError, request_id: Option<String> },
    /// The configuration is wrong.
    #[error("configuration: {0}")]
    Configuration(#[from] Misconfigured),
}

/// Why there was no usable answer.
#[derive(Debug, thiserror::Error)]
pub enum RequestFailure {
    /// The name does not resolve, the connection is refused, or TLS fails.
    #[error("cannot connect")]
    Connect(#[source] BoxedError),
    /// The host's certificate does not prove it to be the host.
    #[error("the host could not prove its identity")]
    Tls(#[source] BoxedError),
    #[error("no answer within {seconds} s")]
    Timeout { seconds: u64 },
    /// The answer arrives too slowly.
    #[error("only {bytes} bytes arrived in {seconds} s")]
    Slow { bytes: u64, seconds: u64 },
    /// The connection broke, or the body ended early.
    #[error("the connection broke")]
    Broken(#[source] BoxedError),
    /// The answer is larger than any answer of this endpoint.
    #[error("the answer is larger than {limit} bytes")]
    TooLarge { limit: usize },
    /// 5xx, or 429 after all retries.
    #[error("{0}")]
    Status(Refusal),
    /// The answer to a mutation did not verify.
    #[error("{0}")]
    Untrusted(Untrusted),
    /// The answer to a mutation is genuine but does not show that it took effect.
    #[error("the answer does not show the effect: {0}")]
    Unproven(Unproven),
}

/// What a genuine answer lacks.
#[derive(Debug, thiserror::Error)]
pub enum Unproven {
    /// A member that the endpoint documents.
    #[error("it has no {0}")]
    Lacks(&'static str),
    /// It is about the object, whose state does not show the change.
    #[error("it is about the object, but does not show the change")]
    NotShown,
    /// It does not name the request, and no query has shown the effect. Contains the answer, for display.
    #[error("it does not say which request it belongs to")]
    Unnamed(Box<super::Reply>),
}

/// Why an answer is not trusted.
#[derive(Debug, thiserror::Error)]
pub enum Untrusted {
    #[error(transparent)]
    Signature(#[from] VerifyError),
    /// No signature at all on an answer that must have one. `html` if it looks like a page (a proxy, a login).
    #[error("the answer is not signed")]
    Unsigned { html: bool },
    /// The platform's certificates cannot be decrypted with the APIv3 key.
    #[error("the platform certificates cannot be decrypted: {0}")]
    Certificates(#[source] AeadError),
    /// The content of a notification cannot be decrypted with the APIv3 key.
    #[error("the notification cannot be decrypted: {0}")]
    Sealed(#[source] AeadError),
    /// A genuine answer, about another object or another merchant.
    #[error("the answer is about {found}")]
    Another { found: String },
    /// A genuine answer that was signed before the request was sent: it answers another one.
    #[error("the answer was signed before the request was sent")]
    Stale,
    /// A file does not have the signed hash.
    #[error("the file's SHA-1 is {found}, not {expected}")]
    Hash { expected: String, found: String },
    /// A file is complete but cannot be unpacked.
    #[error("the file cannot be unpacked")]
    Packed(#[source] BoxedError),
    /// The link to a file does not lead to WeChat Pay's files, or its hash cannot be checked.
    #[error("the link to the file cannot be followed: {found}")]
    Link { found: String },
    /// The host's TLS certificate is not valid.
    #[error("the host could not prove its identity")]
    Tls(#[source] BoxedError),
    /// The bytes of a statement do not match the signed digest.
    #[error("the statement is not the one whose digest is signed")]
    Digest,
    /// A platform certificate does not carry the serial it is listed under, or is no certificate.
    #[error("a platform certificate does not match its description")]
    Certificate(#[source] BoxedError),
}

/// Wrong settings, found before or by a request.
#[derive(Debug, thiserror::Error)]
pub enum Misconfigured {
    #[error(transparent)]
    Setting(#[from] MissingSetting),
    /// The certificate endpoint answers 404: the merchant has only the public-key mode.
    #[error("this merchant has no platform certificate; configure its WeChat Pay public key")]
    PublicKeyNeeded,
    /// The endpoint or object exists only in the region that is not the profile's.
    #[error("not available in the region {}", .0.name())]
    Region(Region),
    /// There is no platform key to encrypt with.
    #[error("nothing can be encrypted for WeChat Pay")]
    NoPlatformKey,
    /// A text is longer than the platform's key can encrypt.
    #[error("a text is too long to be encrypted for WeChat Pay")]
    TooLongToEncrypt,
    #[error("the base URL is invalid: {0}")]
    BaseUrl(String),
    #[error("the HTTP client could not be created")]
    Client(#[source] BoxedError),
}

impl From<Unaskable> for Misconfigured {
    fn from(unaskable: Unaskable) -> Self {
        match unaskable {
            Unaskable::Setting(missing) => missing.into(),
            Unaskable::Region(region) => Self::Region(region),
        }
    }
}

/// An error answer (protocol reference §10).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub status: u16,
    /// Empty where the answer has none (a proxy's page, an empty 404).
    pub code: String,
    /// Text from outside.
    pub message: String,
    pub detail: Option<Box<ErrorDetail>>,
    pub request_id: Option<String>,
    /// False: the text is not authenticated; it may be shown but must not be relied on.
    pub signed: bool,
    /// The endpoint that answered, which decides the meaning of the code; `None` if the request is not in the table.
    pub endpoint: Option<EndpointId>,
}

/// The wrong field, if the answer names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorDetail {
    pub field: Option<String>,
    pub value: Option<String>,
    pub issue: Option<String>,
    pub location: Option<String>,
    /// For a wrong signature: the text that the platform verified, for a developer to compare.
    pub sign_message: Option<SignMessage>,
}

/// The text that the platform verified a signature over (protocol reference §4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignMessage {
    /// Its beginning.
    pub truncated: String,
    /// Its length in bytes.
    pub length: Option<i64>,
}

/// Precedes an unsigned error answer in the journal and in logs.
const UNSIGNED: &str = "not signed: ";

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if !self.signed {
            f.write_str(UNSIGNED)?;
        }
        // This text goes to journal and logs, so it is shortened.
        write!(f, "{} {} {}", self.status, brief(&self.code), brief(&self.message))
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
            Box::new(ErrorDetail {
                field: doc.text("field"),
                value: doc.text("value"),
                issue: doc.text("issue"),
                location: doc.text("location"),
                sign_message: SignMessage::read(&doc),
            })
        });
        Self {
            status,
            code: doc.text("code").unwrap_or_default(),
            message: doc.text("message").unwrap_or_else(first),
            detail,
            request_id,
            signed,
            endpoint: None,
        }
    }

    /// Reads what [`Display`](std::fmt::Display) wrote, as far as possible.
    fn reread(text: &str) -> Option<Self> {
        let unsigned = text.strip_prefix(UNSIGNED);
        let (status, rest) = unsigned.unwrap_or(text).split_once(' ')?;
        let (code, message) = rest.split_once(' ')?;
        let status = status.parse().ok().filter(|status| (100..600).contains(status))?;
        let (code, message, signed) = (code.to_owned(), message.to_owned(), unsigned.is_none());
        Some(Self { status, code, message, detail: None, request_id: None, signed, endpoint: None })
    }

    /// 429, whatever the code is.
    pub(crate) fn is_rate_limit(&self) -> bool {
        self.status == 429
    }

    /// Whether the request for the platform's certificates was refused.
    pub(crate) fn is_about_certificates(&self) -> bool {
        let regions = [Region::Mainland, Region::Global];
        self.endpoint
            .is_some_and(|endpoint| regions.iter().any(|region| endpoint == EndpointId::Certificates.on(*region)))
    }

    /// Whether it states without a signature that the merchant has no certificates.
    pub(crate) fn is_unverified(&self) -> bool {
        !self.signed && self.status == 404 && self.is_about_certificates()
    }

    /// The cause behind the last `-` of the Request-ID; 0 means none (protocol reference §11.3).
    pub fn cause(&self) -> Option<u64> {
        self.request_id.as_deref()?.rsplit_once('-')?.1.parse().ok().filter(|n| *n != 0)
    }
}

impl SignMessage {
    /// Older errors have it in a member of the detail.
    fn read(detail: &Document<'_>) -> Option<Self> {
        let information = detail.object("sign_information");
        let truncated = information.text("truncated_sign_message").or_else(|| detail.text("truncated_sign_message"))?;
        let length = information.int("sign_message_length").or_else(|| detail.int("sign_message_length"));
        Some(Self { truncated, length })
    }
}

impl ApiError {
    /// Reads the outcome of a change from the error text kept in the journal. `None` if the text contains no error
    /// answer.
    pub(crate) fn reread(text: &str) -> Option<Self> {
        if let Some(message) = text.strip_prefix("refused: ") {
            return Refusal::reread(message).map(Self::Refused);
        }
        let message = text.strip_prefix("the outcome is unknown: ")?;
        Refusal::reread(message).map(|refusal| Self::UnknownOutcome(RequestFailure::Status(refusal)))
    }

    /// Sets which request an error answer belongs to, unless it is known.
    pub fn to(mut self, method: &str, target: &str) -> Self {
        let path = target.split('?').next().unwrap_or_default();
        if let Some(refusal) = self.refusal_mut().filter(|refusal| refusal.endpoint.is_none()) {
            refusal.endpoint = Endpoint::find(method, path).ok().map(|(endpoint, _)| endpoint.id);
        }
        self
    }

    /// The name of its kind in JSON output and logs.
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

    /// True if it concerns only the queried object, so that other queries may succeed: a refusal (but not of our
    /// signature, and not of the certificates), a document that cannot be read, a setting that this kind needs.
    pub(crate) fn is_of_the_object(&self) -> bool {
        match self {
            Self::Refused(refusal) => refusal.status != 401 && !refusal.is_about_certificates(),
            Self::Configuration(misconfigured) => {
                matches!(misconfigured, Misconfigured::Setting(_) | Misconfigured::Region(_))
            }
            Self::Unreadable { .. } | Self::Untrusted { reason: Untrusted::Another { .. }, .. } => true,
            _ => false,
        }
    }

    /// The error answer it contains, if any.
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::Unreachable(RequestFailure::Status(refusal))
            | Self::UnknownOutcome(RequestFailure::Status(refusal)) => Some(refusal),
            _ => None,
        }
    }

    pub(crate) fn refusal_mut(&mut self) -> Option<&mut Refusal> {
        match self {
            Self::Refused(refusal)
            | Self::Unreachable(RequestFailure::Status(refusal))
            | Self::UnknownOutcome(RequestFailure::Status(refusal)) => Some(refusal),
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

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn an_old_signature_error_keeps_what_the_platform_signed() {
        let body = r#"{"code":"SIGN_ERROR","message":"签名错误","detail":{"field":"signature","location":"authorization",
            "detail":{"issue":"sign not match"},"sign_information":{"method":"GET","url":"/v3/certificates",
            "truncated_sign_message":"GET\n/v3/certificates\n","sign_message_length":81}}}"#;
        let refusal = Refusal::read(401, body.as_bytes(), None, false);
        let sent = refusal.detail.unwrap().sign_message.unwrap();
        assert_eq!((sent.truncated.as_str(), sent.length), ("GET\n/v3/certificates\n", Some(81)));
    }

    #[test]
    fn the_journal_keeps_of_an_error_answer_what_a_person_reads() {
        let body = serde_json::json!({"code": "C".repeat(1 << 20), "message": "错".repeat(1 << 20)}).to_string();
        let error = ApiError::Refused(Refusal::read(403, body.as_bytes(), None, true));
        let kept = error.to_string();
        assert!(kept.chars().count() < 700 && kept.contains("bytes"), "{kept}");
        assert_eq!(ApiError::reread(&kept).unwrap().to_string(), kept, "and keeps it so");
    }

    #[test]
    fn an_error_answer_knows_its_endpoint_once_it_is_set() {
        let refused = || ApiError::Refused(Refusal::read(403, br#"{"code":"NOT_ENOUGH"}"#, None, true));
        let endpoint = |error: ApiError| error.refusal().unwrap().endpoint;
        let refund = refused().to("POST", "/v3/refund/domestic/refunds");
        assert_eq!(endpoint(refund), Some(EndpointId::RefundCreate));
        assert_eq!(endpoint(refused().to("GET", "/v3/marketing/favor/stocks?offset=0")), Some(EndpointId::StockList));
        assert_eq!(endpoint(refused().to("POST", "/v3/something/else")), None);
        let first = refused().to("GET", "/v3/certificates").to("POST", "/v3/refund/domestic/refunds");
        assert_eq!(endpoint(first), Some(EndpointId::Certificates));
    }

    proptest! {
        #[test]
        fn what_the_journal_keeps_of_an_error_answer_is_read_again(
            status in 400u16..600, code in "[A-Z_]{0,20}", message in "\\PC{0,40}", signed: bool,
        ) {
            let body = serde_json::json!({ "code": code, "message": message }).to_string();
            let refusal = Refusal::read(status, body.as_bytes(), None, signed);
            for error in [ApiError::Refused(refusal.clone()), ApiError::UnknownOutcome(RequestFailure::Status(refusal.clone()))] {
                let again = ApiError::reread(&error.to_string()).unwrap();
                prop_assert_eq!(again.kind(), error.kind());
                prop_assert_eq!(again.refusal(), Some(&refusal));
            }
        }

        #[test]
        fn no_other_text_is_taken_for_an_error_answer(text in "\\PC{0,60}") {
            prop_assert!(ApiError::reread(&text).is_none() || text.starts_with("refused: ") || text.starts_with("the outcome"));
        }
    }

    #[test]
    fn other_errors_of_a_change_are_no_error_answers() {
        let timeout = ApiError::UnknownOutcome(RequestFailure::Timeout { seconds: 2 });
        let unsigned = ApiError::UnknownOutcome(RequestFailure::Untrusted(Untrusted::Unsigned { html: true }));
        for error in [timeout, unsigned] {
            assert!(ApiError::reread(&error.to_string()).is_none(), "{error}");
        }
    }
}
