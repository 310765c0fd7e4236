//! Error answers of WeChat Pay: the meaning of code and cause on the endpoint, the wrong field, and the safe next
//! action.

use super::Voice;
use crate::api::Refusal;
use crate::model::code::{Cause, ErrorCode, Meaning};

/// How much is shown of the text that the platform verified a signature over, in characters.
const SIGN_MESSAGE: usize = 4096;

/// Status and message as received. An unsigned text is never attributed to WeChat Pay.
pub(super) fn as_it_came(lang: Voice, words: &str, refusal: &Refusal) -> String {
    let message: &str = if refusal.message.is_empty() { &refusal.code } else { &refusal.message };
    let quotes = matches!(words, "what-refused" | "what-answered");
    let words = match (refusal.signed || !quotes, message) {
        (true, _) => words,
        (false, "") => "what-answered-unsigned-empty",
        (false, _) => "what-answered-unsigned",
    };
    tr!(lang, words, status = refusal.status.to_string(), message = message)
}

/// The meaning of the code, the wrong field, and the cause in the Request-ID. An undocumented cause is shown as
/// received.
pub(super) fn because(lang: Voice, refusal: &Refusal) -> Option<String> {
    let mut why: Vec<String> = Vec::new();
    if let Some(code) = ErrorCode::find(&refusal.code).filter(|_| !refusal.is_unverified()) {
        why.push(lang.t(code.at(refusal.endpoint).means));
    }
    if let Some(detail) = &refusal.detail {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let field = detail.field.clone().or_else(|| detail.location.clone()).unwrap_or_default();
        let (issue, value) = (part(&detail.issue), part(&detail.value));
        let id = match (issue.is_empty(), value.is_empty()) {
            (false, false) => "why-field",
            (false, true) => "why-field-issue",
            (true, false) => "why-field-value",
            (true, true) => "why-field-alone",
        };
        if !field.is_empty() || !issue.is_empty() || !value.is_empty() {
            why.push(tr!(lang, id, field = field, issue = issue, value = value));
        }
    }
    if let Some(number) = refusal.cause() {
        why.push(match Cause::find(number) {
            Some(cause) => lang.t(cause.means),
            None => tr!(lang, "why-cause", cause = number.to_string()),
        });
    }
    if !refusal.signed {
        why.push(lang.t("why-unsigned-error"));
    }
    (!why.is_empty()).then(|| sentences(why))
}

/// Sentences one after the other; Chinese ones need no space between them.
pub(super) fn sentences(parts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    parts.into_iter().fold(String::new(), |mut all, part| {
        if !all.is_empty() && !all.ends_with(['。', '！', '？']) {
            all.push(' ');
        }
        all + part.as_ref()
    })
}

/// The outcome of a change that was answered with an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum WriteEnd {
    Refused,
    Unknown,
}

/// The next safe action. Decided on status, code and endpoint, then on the cause, never on the message. `sent` is
/// `None` for a read, which may always be sent again.
pub(super) fn advice(lang: Voice, refusal: &Refusal, sent: Option<WriteEnd>) -> Option<String> {
    let meaning = meaning(refusal);
    let advice = match (refusal.status, &meaning) {
        // The cause may show what is wrong with a signature; without one the message is used.
        (401, Some(meaning)) if meaning.advice != "advice-SIGN_ERROR" => meaning.advice,
        (401, _) => signature_advice(refusal),
        (_, Some(meaning)) => meaning.advice,
        (404 | 405, None) => "advice-not-found",
        _ if !refusal.signed => "advice-unsigned-refusal",
        _ => "advice-other-refusal",
    };
    // A proxy's answer to a change gives no advice, except about the configuration that may have led to the proxy.
    if sent == Some(WriteEnd::Unknown) && !refusal.signed && refusal.status != 401 {
        return Some(sentences(["advice-not-wechat", "advice-unknown-outcome"].map(|id| lang.t(id))));
    }
    let next = match (sent, meaning) {
        (None, _) => None,
        (Some(WriteEnd::Unknown), _) => Some("advice-unknown-outcome"),
        // The answer is not authenticated.
        (Some(WriteEnd::Refused), Some(_)) if !refusal.signed => Some("next-unsigned"),
        (Some(WriteEnd::Refused), Some(meaning)) => Some(meaning.next.message()),
        // These texts already include the advice.
        (Some(WriteEnd::Refused), None) => None,
    };
    let words = [Some(advice), next].into_iter().flatten().map(|id| lang.t(id));
    Some(sentences(words))
}

/// What is known of an error answer: a limit and trouble on the other side by their status, whatever the code; else
/// the cause where it is finer than the code, and the code.
fn meaning(refusal: &Refusal) -> Option<Meaning> {
    let by_status = match refusal.status {
        202 => Some("USER_PAYING"),
        401 => Some("SIGN_ERROR"),
        429 => Some("FREQUENCY_LIMITED"),
        500.. => Some("SYSTEM_ERROR"),
        _ => None,
    };
    let code = match refusal.status {
        429 => None,
        _ => ErrorCode::find(&refusal.code),
    };
    let cause = refusal.cause().and_then(Cause::find).filter(|_| refusal.status < 429);
    let endpoint = refusal.endpoint;
    let finer = cause.filter(|cause| cause.is_finer() || code.is_none_or(|code| code.vague));
    finer
        .and_then(|cause| cause.at(endpoint))
        .or_else(|| Some(code.or_else(|| by_status.and_then(ErrorCode::find))?.at(endpoint)))
}

/// The text that the platform verified a signature over, if the answer contains it. An unsigned text is not quoted.
pub(super) fn diagnosis(lang: Voice, refusal: &Refusal) -> Option<String> {
    let verified_text = refusal.detail.as_ref()?.sign_message.as_ref()?;
    // Line breaks are the most frequent error in it: they are shown escaped.
    let text = verified_text.truncated.replace('\r', "\\r").replace('\n', "\\n");
    let length = verified_text.length.map_or_else(|| "?".to_owned(), |length| length.to_string());
    // It is compared byte by byte, and the platform has already shortened it.
    let lang = lang.within(SIGN_MESSAGE);
    let words = if refusal.signed { "why-sign-message" } else { "why-sign-message-unsigned" };
    Some(tr!(lang, words, length = length, text = text))
}

/// What is wrong with our signature. Only the message and the detail show it, so this is only a hint.
fn signature_advice(refusal: &Refusal) -> &'static str {
    let says = |word: &str| refusal.message.to_ascii_lowercase().contains(word);
    let mismatch = refusal.detail.as_ref().is_some_and(|d| d.field.as_deref() == Some("signature"));
    if says("timestamp") || says("clock") {
        "advice-clock"
    } else if says("序列号") || says("serial") || says("证书") || says("certificate") {
        "advice-merchant-serial"
    } else if mismatch || says("签名错误") || says("signature") {
        "advice-merchant-key"
    } else {
        "advice-SIGN_ERROR"
    }
}
