//! Why a saved message cannot be verified: most often it is genuine, and the program that saved it has changed its
//! bytes. Each cause is detected in the bytes themselves. If it can be undone, the result is verified again: that
//! proves the cause but not the message, because the saved bytes are not the signed ones.

use std::io::Read;
use std::sync::Arc;

use flate2::read::MultiGzDecoder;
use serde_json::{Map, Value};

use super::message::HttpMessage;
use crate::api::{ApiError, Untrusted};
use crate::crypto::{SignatureHeaders, VerifyError};
use crate::explain::{self, Explanation};
use crate::i18n::Lang;

/// The limit on an unpacked body.
const LONGEST: u64 = 16 * 1024 * 1024;

/// How a message was changed before it was saved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VerifyCause {
    /// The signature has blanks where base64 has `+`: it was decoded as a form.
    LostPlus,
    /// The body is as it went over the wire, in chunks.
    Chunked,
    /// The body is as it went over the wire, compressed.
    Gzipped,
    /// The text was encoded in GBK.
    Gbk,
    /// The text is in no encoding that is known here.
    NotUtf8,
    /// The body is no JSON: the printed form of some object, perhaps.
    NotJson,
    /// Chinese characters were written as `\uXXXX`.
    Escaped,
    /// `/` was written as `\/`.
    EscapedSlash,
    /// `create_time` became `createTime`.
    CamelCase,
    /// The members stand in another order.
    Reordered,
    /// Blanks or line breaks were put between members.
    Spaced,
    /// The body is longer or shorter than the message says.
    Length { declared: usize, kept: usize },
}

/// The members of a notification, as WeChat Pay is known to order them.
const ENVELOPES: [&[&str]; 2] = [
    &["id", "create_time", "resource_type", "event_type", "summary", "resource"],
    &["id", "create_time", "event_type", "resource_type", "summary", "resource"],
];
const RESOURCES: [&[&str]; 3] = [
    &["original_type", "algorithm", "ciphertext", "associated_data", "nonce"],
    &["algorithm", "nonce", "associated_data", "ciphertext", "original_type"],
    &["algorithm", "original_type", "associated_data", "nonce", "ciphertext"],
];

/// The causes found in a message, and the possible originals.
pub(super) struct Findings {
    pub causes: Vec<VerifyCause>,
    /// Headers and bodies that may be those that were signed.
    pub originals: Vec<(SignatureHeaders, Vec<u8>)>,
}

impl Findings {
    pub(super) fn of(message: &HttpMessage) -> Self {
        let mut causes = Vec::new();
        let mut headers = message.headers.clone();
        let mut bodies = vec![message.body.clone()];
        if let Some(signature) = headers.signature.as_mut().filter(|signature| signature.contains(' ')) {
            causes.push(VerifyCause::LostPlus);
            *signature = signature.replace(' ', "+");
        }
        let mut body = message.body.clone();
        if let Some(joined) = unchunked(&body) {
            causes.push(VerifyCause::Chunked);
            body = joined;
            bodies.push(body.clone());
        }
        if body.starts_with(&[0x1F, 0x8B]) {
            causes.push(VerifyCause::Gzipped);
            let mut unpacked = Vec::new();
            if MultiGzDecoder::new(&*body).take(LONGEST).read_to_end(&mut unpacked).is_ok() {
                body = unpacked;
                bodies.push(body.clone());
            }
        }
        if std::str::from_utf8(&body).is_err() {
            match encoding_rs::GB18030.decode_without_bom_handling_and_without_replacement(&body) {
                Some(text) => {
                    causes.push(VerifyCause::Gbk);
                    body = text.into_owned().into_bytes();
                    bodies.push(body.clone());
                }
                // What is still packed is no text anyway.
                None if !causes.contains(&VerifyCause::Gzipped) => causes.push(VerifyCause::NotUtf8),
                None => {}
            }
        }
        if let Ok(text) = std::str::from_utf8(&body) {
            written_again(text, message.is_answer, &mut causes, &mut bodies);
        }
        if let Some((declared, kept)) = message.length_differs {
            causes.push(VerifyCause::Length { declared, kept });
        }
        let originals = bodies.into_iter().map(|body| (headers.clone(), body)).collect();
        Self { causes, originals }
    }
}

/// What of the JSON shows that another writer wrote it, and what it may have been.
fn written_again(text: &str, is_answer: bool, causes: &mut Vec<VerifyCause>, bodies: &mut Vec<Vec<u8>>) {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(_) => {
            if !text.trim().is_empty() {
                causes.push(VerifyCause::NotJson);
            }
            return;
        }
    };
    if has_escaped_letters(text) {
        causes.push(VerifyCause::Escaped);
    }
    if text.contains("\\/") {
        causes.push(VerifyCause::EscapedSlash);
    }
    if has_blanks_between(text) {
        causes.push(VerifyCause::Spaced);
    }
    let camel = |object: &Map<String, Value>| object.keys().any(|name| is_camel_case(name));
    let is_camel = value
        .as_object()
        .is_some_and(|object| camel(object) || object.get("resource").and_then(Value::as_object).is_some_and(camel));
    if is_camel {
        causes.push(VerifyCause::CamelCase);
    }
    let value = snake_case(value);
    let is_notification = !is_answer && value.get("resource").is_some();
    if is_notification && is_reordered(&value) {
        causes.push(VerifyCause::Reordered);
    }
    bodies.push(value.to_string().into_bytes());
    if is_notification {
        for envelope in ENVELOPES {
            let mut reordered = ordered(&value, envelope);
            bodies.push(reordered.to_string().into_bytes());
            for resource in RESOURCES {
                reordered["resource"] = ordered(&value["resource"], resource);
                bodies.push(reordered.to_string().into_bytes());
            }
        }
    }
}

/// Joins the chunks of a body; `None` if it is in none.
fn unchunked(body: &[u8]) -> Option<Vec<u8>> {
    let (mut rest, mut joined) = (body, Vec::new());
    loop {
        let end = rest.iter().position(|byte| *byte == b'\n')?;
        let line = std::str::from_utf8(&rest[..end]).ok()?.trim();
        let size = line.split(';').next().filter(|size| !size.is_empty() && size.len() <= 8)?.trim();
        let size = usize::from_str_radix(size, 16).ok()?;
        rest = &rest[end + 1..];
        if size == 0 {
            return (!joined.is_empty()).then_some(joined);
        }
        let (chunk, after) = rest.split_at_checked(size)?;
        joined.extend_from_slice(chunk);
        rest = after.strip_prefix(b"\r\n").or_else(|| after.strip_prefix(b"\n")).unwrap_or(after);
        // The last chunk may have been cut off with the line breaks at the end.
        if rest.is_empty() || rest == b"0" {
            return Some(joined);
        }
    }
}

fn has_escaped_letters(text: &str) -> bool {
    let escapes = text.match_indices("\\u").filter_map(|(place, _)| text.get(place + 2..place + 6));
    escapes.filter_map(|digits| u32::from_str_radix(digits, 16).ok()).any(|letter| letter >= 0x80)
}

/// Whether there are blanks outside of texts.
fn has_blanks_between(text: &str) -> bool {
    let (mut inside, mut escaped) = (false, false);
    text.trim().chars().any(|c| {
        match c {
            _ if escaped => escaped = false,
            '\\' if inside => escaped = true,
            '"' => inside = !inside,
            _ => {}
        }
        !inside && c.is_whitespace()
    })
}

fn is_camel_case(name: &str) -> bool {
    let begins = name.starts_with(|c: char| c.is_ascii_lowercase());
    begins && name.contains(|c: char| c.is_ascii_uppercase()) && !name.contains('_')
}

fn snake_case(value: Value) -> Value {
    let snake = |name: String| match is_camel_case(&name) {
        false => name,
        true => name.chars().fold(String::new(), |mut snake, c| {
            if c.is_ascii_uppercase() {
                snake.push('_');
            }
            snake.push(c.to_ascii_lowercase());
            snake
        }),
    };
    match value {
        Value::Object(members) => {
            Value::Object(members.into_iter().map(|(name, value)| (snake(name), snake_case(value))).collect())
        }
        Value::Array(values) => Value::Array(values.into_iter().map(snake_case).collect()),
        other => other,
    }
}

/// A notification begins with its id and ends with what it is about, however the rest is ordered.
fn is_reordered(value: &Value) -> bool {
    let names: Vec<&str> = value.as_object().into_iter().flat_map(Map::keys).map(String::as_str).collect();
    names.first() != Some(&"id") || names.last() != Some(&"resource")
}

/// The same members in this order; what is not named in it comes last.
fn ordered(value: &Value, order: &[&str]) -> Value {
    let Some(object) = value.as_object() else { return value.clone() };
    let named = order.iter().filter_map(|name| object.get_key_value(*name));
    let others = object.iter().filter(|(name, _)| !order.contains(&name.as_str()));
    Value::Object(named.chain(others).map(|(name, value)| (name.clone(), value.clone())).collect())
}

/// A saved message that could not be verified.
#[derive(Debug)]
pub struct UnprovenMessage {
    pub(super) error: Arc<ApiError>,
    pub(super) causes: Vec<VerifyCause>,
    /// With the causes undone the signature verifies.
    pub(super) confirmed: bool,
}

impl UnprovenMessage {
    /// What the signature or the content was found to be.
    pub fn error(&self) -> &ApiError {
        &self.error
    }

    /// Nothing here is about a connection: the message is a file.
    pub fn explain(&self, lang: Lang) -> Explanation {
        let t = |id: &str| lang.t(id);
        let mut explanation = explain::api_error(lang, &self.error);
        explanation.what = t("kept-unproven");
        let advice = match &*self.error {
            ApiError::Untrusted { reason: Untrusted::Signature(error), .. } => match error {
                VerifyError::HeaderMissing(_) => "kept-advice-headers",
                VerifyError::Probe => "kept-advice-probe",
                VerifyError::UnknownSerial(serial) if serial.as_str().starts_with("PUB_KEY_ID_") => {
                    "advice-unknown-serial"
                }
                VerifyError::UnknownSerial(_) => "kept-advice-serial",
                _ => "kept-advice-changed",
            },
            ApiError::Untrusted { reason: Untrusted::Another { .. }, .. } => "kept-advice-another",
            _ => return explanation,
        };
        if let ApiError::Untrusted { reason: Untrusted::Another { found }, .. } = &*self.error {
            explanation.why = Some(tr!(lang, "kept-another", found = found));
        }
        let causes = self.causes.iter().map(|cause| cause.words(lang));
        let confirmed = self.confirmed.then(|| t("kept-confirmed"));
        let why = explanation.why.into_iter().chain(causes).chain(confirmed);
        explanation.why = Some(why.collect::<Vec<_>>().join("\n"));
        let again = (!self.causes.is_empty()).then(|| t("kept-advice-bytes"));
        // An unknown key has to be found all the same.
        let unknown_key = matches!(advice, "advice-unknown-serial" | "kept-advice-serial");
        let advice = (self.causes.is_empty() || unknown_key).then(|| t(advice));
        explanation.next = Some([again, advice].into_iter().flatten().collect::<Vec<_>>().join("\n"));
        explanation
    }
}

impl VerifyCause {
    fn words(self, lang: Lang) -> String {
        let id = match self {
            Self::LostPlus => "kept-lost-plus",
            Self::Chunked => "kept-chunked",
            Self::Gzipped => "kept-gzipped",
            Self::Gbk => "kept-gbk",
            Self::NotUtf8 => "kept-not-utf8",
            Self::NotJson => "kept-not-json",
            Self::Escaped => "kept-escaped",
            Self::EscapedSlash => "kept-escaped-slash",
            Self::CamelCase => "kept-camel-case",
            Self::Reordered => "kept-reordered",
            Self::Spaced => "kept-spaced",
            Self::Length { declared, kept } => {
                let (declared, kept) = (declared.to_string(), kept.to_string());
                return tr!(lang, "kept-length", declared = declared, kept = kept);
            }
        };
        lang.t(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    impl UnprovenMessage {
        pub(crate) fn of(error: ApiError) -> Self {
            Self { error: Arc::new(error), causes: Vec::new(), confirmed: false }
        }
    }

    const BODY: &str = concat!(
        r#"{"id":"1","create_time":"2026-11-27T17:00:57+08:00","resource_type":"encrypt-resource","#,
        r#""event_type":"TRANSACTION.SUCCESS","summary":"支付成功","resource":{"algorithm":"AEAD_AES_256_GCM","#,
        r#""nonce":"n","associated_data":"transaction","ciphertext":"a/b+c=","original_type":"transaction"}}"#
    );

    fn findings(body: &[u8]) -> Findings {
        let message = HttpMessage {
            headers: SignatureHeaders::default(),
            body: body.to_vec(),
            is_answer: false,
            length_differs: None,
        };
        Findings::of(&message)
    }

    #[test]
    fn each_rewriting_is_seen_and_undone() {
        let gbk = encoding_rs::GB18030.encode(BODY).0.into_owned();
        let mut gzip = flate2::read::GzEncoder::new(BODY.as_bytes(), flate2::Compression::default());
        let mut gzipped = Vec::new();
        gzip.read_to_end(&mut gzipped).unwrap();
        let chunked = |body: &[u8]| [format!("{:x}\r\n", body.len()).as_bytes(), body, b"\r\n0\r\n\r\n"].concat();
        let value: Value = serde_json::from_str(BODY).unwrap();
        let mut sorted = value.as_object().unwrap().clone();
        sorted.sort_keys();
        let sorted = Value::Object(sorted).to_string();
        let camel = BODY
            .replace("create_time", "createTime")
            .replace("resource_type", "resourceType")
            .replace("associated_data", "associatedData");
        let pretty = serde_json::to_string_pretty(&value).unwrap();
        for (body, causes) in [
            (BODY.as_bytes().to_vec(), vec![]),
            (gbk, vec![VerifyCause::Gbk]),
            (gzipped.clone(), vec![VerifyCause::Gzipped]),
            (chunked(BODY.as_bytes()), vec![VerifyCause::Chunked]),
            (chunked(&gzipped), vec![VerifyCause::Chunked, VerifyCause::Gzipped]),
            (BODY.replace("支付成功", "\\u652f\\u4ed8\\u6210\\u529f").into_bytes(), vec![VerifyCause::Escaped]),
            (BODY.replace("a/b", "a\\/b").into_bytes(), vec![VerifyCause::EscapedSlash]),
            (sorted.into_bytes(), vec![VerifyCause::Reordered]),
            (camel.into_bytes(), vec![VerifyCause::CamelCase]),
            (pretty.into_bytes(), vec![VerifyCause::Spaced]),
        ] {
            let found = findings(&body);
            assert_eq!(found.causes, causes);
            assert!(found.originals.iter().any(|(_, body)| body == BODY.as_bytes()), "{causes:?}");
        }
        assert_eq!(findings(b"{id=1, summary=x}").causes, [VerifyCause::NotJson]);
        assert_eq!(findings(b"\"\xFF\"").causes, [VerifyCause::NotUtf8]);
    }

    const HEADS: &[&[u8]] = &[b"", b"5\r\n", b"ffffffff\r\n", b"\x1F\x8B", b"{\"a\":", b"\"\\u", b"\\u\xE6"];

    proptest::proptest! {
        #[test]
        fn no_body_is_too_odd_to_be_looked_at(
            head in proptest::sample::select(HEADS),
            bytes in proptest::collection::vec(proptest::prelude::any::<u8>(), 0..60),
        ) {
            let found = findings(&[head, &bytes].concat());
            proptest::prop_assert!(!found.originals.is_empty());
        }
    }

    #[test]
    fn a_plus_that_was_lost_is_put_back() {
        let signature = Some("ab cd/==".to_owned());
        let headers = SignatureHeaders { signature, ..SignatureHeaders::default() };
        let message = HttpMessage { headers, body: BODY.into(), is_answer: false, length_differs: Some((1, 2)) };
        let found = Findings::of(&message);
        assert_eq!(found.causes, [VerifyCause::LostPlus, VerifyCause::Length { declared: 1, kept: 2 }]);
        assert_eq!(found.originals[0].0.signature.as_deref(), Some("ab+cd/=="));
    }
}
