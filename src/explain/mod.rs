//! Explanations of errors in the user's language: what happened, why, and what to do now. Screens and command line show
//! the same explanation.

mod answer;
mod bill;
mod conclusion;
mod field;
mod ledger;
mod refused;
mod rule;
pub(crate) mod timeline;
mod voice;

use answer::{WriteEnd, advice, as_it_came, because, diagnosis, sentences};
pub use bill::{Finding, bad_line, bad_line_why, bill, findings, intake, intake_progress, not_taken, unread_bill};
pub use conclusion::conclusion;
pub use field::{field_rule, filter, number, problem};
pub use ledger::{broken, flaw, ledger, unwritten};
pub(crate) use refused::refused;
pub use rule::rule;
use rule::rule_advice;
pub use voice::{Surface, Voice, on_screen};

use crate::api::{ApiError, Misconfigured, Refusal, RequestFailure, Unproven, Untrusted};
use crate::crypto::VerifyError;
use crate::i18n::Lang;
use crate::ledger::Forwarded;
use crate::model::action::PrepareError;
use crate::model::code::ErrorCode;
use crate::model::time::{Timestamp, bill_time};
use crate::model::{Kind, ObjectId, Region};
use crate::services::{Became, Denial, Earlier, LookupAttempt, LookupQuery, Outcome, WhyLeftOut};

/// Characters shown of each of several answers.
const OF_MANY: usize = 100;

/// An error, explained. Text from outside in it is not neutralised: that is done where it is shown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    pub what: String,
    pub why: Option<String>,
    /// The next safe action.
    pub next: Option<String>,
    /// WeChat Pay's error code.
    pub code: Option<String>,
    pub request_id: Option<String>,
    /// What a developer compares: the text that the platform verified the signature over.
    pub diagnosis: Option<String>,
}

impl Explanation {
    /// The whole explanation in one line: what, why, what to do.
    pub fn line(&self) -> String {
        let parts = [Some(&self.what), self.why.as_ref(), self.next.as_ref()];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" · ")
    }
}

/// Explains what went wrong between us and WeChat Pay.
pub fn api_error(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
    let lang = voice.into();
    let t = |id: &str| lang.t(id);
    let mut explanation = match error {
        // For our own wrong signature (401) the answer is more specific.
        ApiError::Refused(refusal) if refusal.is_about_certificates() && refusal.status != 401 => Explanation {
            what: as_it_came(lang, "what-no-certificates", refusal),
            why: because(lang, refusal),
            next: Some(certificates_advice(lang, refusal)),
            ..Default::default()
        },
        ApiError::Refused(refusal) => {
            let changes = refusal.endpoint.is_none_or(|endpoint| endpoint.endpoint().is_mutation());
            let next = advice(lang, refusal, changes.then_some(WriteEnd::Refused));
            Explanation {
                what: as_it_came(lang, "what-refused", refusal),
                why: because(lang, refusal),
                next,
                ..Default::default()
            }
        }
        ApiError::Unreachable(failure) => {
            let (why, next) = failure_words(lang, failure);
            Explanation { what: t("what-unreachable"), why: Some(why), next, ..Default::default() }
        }
        ApiError::UnknownOutcome(failure) => {
            let (why, _) = failure_words(lang, failure);
            let next = match failure {
                RequestFailure::Status(refusal) => advice(lang, refusal, Some(WriteEnd::Unknown)),
                _ => Some(t("advice-unknown-outcome")),
            };
            Explanation { what: t("what-unknown-outcome"), why: Some(why), next, ..Default::default() }
        }
        ApiError::Untrusted { reason, .. } => {
            let (why, next) = untrusted_words(lang, reason);
            Explanation { what: t("what-untrusted"), why: Some(why), next: Some(next), ..Default::default() }
        }
        ApiError::Unreadable { source, .. } => Explanation {
            what: t("what-unreadable"),
            why: Some(lang.shorten(&source.to_string())),
            next: Some(t("advice-unreadable")),
            ..Default::default()
        },
        ApiError::Configuration(misconfigured) => configuration(lang, misconfigured),
    };
    explanation.code = error.refusal().map(|r| lang.shorten(&r.code)).filter(|code| !code.is_empty());
    explanation.request_id = error.request_id().map(|id| lang.shorten(id));
    explanation.diagnosis = error.refusal().and_then(|refusal| diagnosis(lang, refusal));
    explanation
}

/// The same for a raw request, whose outcome no object may show.
pub(crate) fn raw_error(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
    api_error(voice.into().of_raw(), error)
}

/// The same for a change that was not done: an error that is neither a refusal nor an unknown outcome prevented
/// sending.
pub(crate) fn change_error(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
    let voice = voice.into();
    let refused = |refusal: &Refusal| refusal.endpoint.is_none_or(|endpoint| endpoint.endpoint().is_mutation());
    match error {
        ApiError::UnknownOutcome(_) => api_error(voice, error),
        ApiError::Refused(refusal) if refused(refusal) => api_error(voice, error),
        _ => unsent(voice, error),
    }
}

/// Explains what prevented a change from being sent.
pub fn unsent(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
    let voice = voice.into();
    let mut explanation = api_error(voice, error);
    if matches!(error, ApiError::Unreachable(_)) {
        explanation.next = Some(voice.t("advice-unsent"));
    }
    explanation.what = tr!(voice.lang, "what-unsent", what = explanation.what);
    explanation
}

/// What to do without certificates; a code that is known has its own advice besides.
fn certificates_advice(lang: Voice, refusal: &Refusal) -> String {
    let known = ErrorCode::find(&refusal.code).filter(|_| !refusal.is_unverified());
    let known = known.and_then(|_| advice(lang, refusal, None));
    let parts = [Some(lang.t("advice-no-certificates")), known];
    sentences(parts.into_iter().flatten())
}

/// Why there was no usable answer.
pub fn failure(voice: impl Into<Voice>, failure: &RequestFailure) -> String {
    let lang = voice.into();
    failure_words(lang, failure).0
}

/// Why there was no usable answer, and what to do.
fn failure_words(lang: Voice, failure: &RequestFailure) -> (String, Option<String>) {
    let t = |id: &str| lang.t(id);
    let (why, next) = match failure {
        RequestFailure::Connect(source) => {
            (tr!(lang, "why-connect", source = root_cause(&**source)), t("advice-connect"))
        }
        RequestFailure::Tls(source) => (tr!(lang, "why-tls", source = root_cause(&**source)), t("advice-tls")),
        RequestFailure::Timeout { seconds } => (tr!(lang, "why-timeout", seconds = seconds), t("advice-connect")),
        RequestFailure::Slow { bytes, seconds } => {
            (tr!(lang, "why-slow", bytes = bytes, seconds = seconds), t("advice-slow"))
        }
        RequestFailure::Broken(source) => {
            (tr!(lang, "why-broken", source = root_cause(&**source)), t("advice-connect"))
        }
        RequestFailure::TooLarge { limit } => {
            (tr!(lang, "why-too-large", limit = (limit / 1024 / 1024)), t("advice-not-wechat"))
        }
        RequestFailure::Status(refusal) => {
            let why = [Some(as_it_came(lang, "what-answered", refusal)), because(lang, refusal)].into_iter().flatten();
            return (why.collect::<Vec<_>>().join(" · "), advice(lang, refusal, None));
        }
        RequestFailure::Untrusted(reason) => untrusted_words(lang, reason),
        RequestFailure::Unproven(Unproven::Lacks(member)) => {
            (tr!(lang, "why-unproven-lacks", member = member), t("advice-unknown-outcome"))
        }
        RequestFailure::Unproven(Unproven::NotShown) => (t("why-unproven-not-shown"), t("advice-unknown-outcome")),
        RequestFailure::Unproven(Unproven::Unnamed(_)) => (t("why-unproven-unnamed"), t("advice-unknown-outcome")),
    };
    (why, Some(next))
}

/// The innermost error: libraries wrap the words that help ("connection refused") in those that do not.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |e| e.source()).last().map(ToString::to_string).unwrap_or_default()
}

fn untrusted_words(lang: Voice, reason: &Untrusted) -> (String, String) {
    let t = |id: &str| lang.t(id);
    match reason {
        Untrusted::Signature(error) => match error {
            VerifyError::HeaderMissing(name) => (tr!(lang, "why-header-missing", name = name), t("advice-not-wechat")),
            VerifyError::Probe => (t("why-probe"), t("advice-probe")),
            VerifyError::SignatureType(found) => {
                (tr!(lang, "why-signature-type", found = found), t("advice-bad-signature"))
            }
            VerifyError::Timestamp | VerifyError::Encoding => (t("why-signature-malformed"), t("advice-bad-signature")),
            VerifyError::Clock(ahead) => (tr!(lang, "why-clock", seconds = ahead), t("advice-clock")),
            VerifyError::UnknownSerial(serial) => {
                (tr!(lang, "why-unknown-serial", serial = serial.as_str()), t("advice-unknown-serial"))
            }
            VerifyError::Signature(serial) => {
                (tr!(lang, "why-bad-signature", serial = serial.as_str()), t("advice-bad-signature"))
            }
        },
        Untrusted::Hash { expected, found } => {
            (tr!(lang, "why-hash", expected = expected, found = found), t("advice-hash"))
        }
        Untrusted::Packed(source) => (tr!(lang, "why-packed", source = source.to_string()), t("advice-hash")),
        Untrusted::Link { found } => (tr!(lang, "why-link", found = found), t("advice-link")),
        Untrusted::Stale => (t("why-stale"), t("advice-another")),
        Untrusted::Another { found } => (tr!(lang, "why-another", found = found), t("advice-another")),
        Untrusted::Tls(source) => (tr!(lang, "why-tls", source = root_cause(&**source)), t("advice-tls")),
        Untrusted::Unsigned { html: true } => (t("why-html"), t("advice-not-wechat")),
        Untrusted::Unsigned { html: false } => (t("why-unsigned"), t("advice-not-wechat")),
        Untrusted::Certificates(error) => {
            (tr!(lang, "why-certificates", source = error.to_string()), t("advice-apiv3-key"))
        }
        Untrusted::Sealed(error) => (tr!(lang, "why-sealed", source = error.to_string()), t("advice-apiv3-key")),
        Untrusted::Digest => (t("why-digest"), t("advice-digest")),
        Untrusted::Certificate(source) => {
            (tr!(lang, "why-certificate", source = source.to_string()), t("advice-bad-signature"))
        }
    }
}

fn configuration(lang: Voice, misconfigured: &Misconfigured) -> Explanation {
    let (why, next) = match misconfigured {
        Misconfigured::Setting(missing) => {
            let setting = missing.0;
            (tr!(lang, "why-setting", setting = setting), tr!(lang, "advice-setting", setting = setting))
        }
        Misconfigured::PublicKeyNeeded => (lang.t("why-public-key"), lang.t("advice-public-key")),
        Misconfigured::Region(Region::Global) => (lang.t("why-not-in-global"), lang.t("advice-not-in-global")),
        Misconfigured::Region(Region::Mainland) => (lang.t("why-not-in-mainland"), lang.t("advice-not-in-mainland")),
        Misconfigured::NoPlatformKey => (lang.t("why-no-platform-key"), lang.t("advice-no-platform-key")),
        Misconfigured::TooLongToEncrypt => (lang.t("why-too-long-to-encrypt"), lang.t("advice-too-long-to-encrypt")),
        Misconfigured::BaseUrl(url) => (tr!(lang, "why-base-url", url = url), lang.t("advice-base-url")),
        Misconfigured::Client(source) => (root_cause(&**source), lang.t("advice-client")),
    };
    let what = lang.t("what-configuration");
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

/// Explains why the gate rejected an action.
pub(crate) fn denial(voice: impl Into<Voice>, denial: &Denial) -> Explanation {
    let lang = voice.into();
    let (why, next) = match denial {
        Denial::ReadOnly => (lang.t("why-read-only"), "advice-read-only"),
        Denial::Rule { broken, profile } => (rule(lang.lang, broken, profile), rule_advice(broken)),
        Denial::NotTyped => (lang.t("why-not-typed"), "advice-not-typed"),
        Denial::Illegal(reason) => (lang.t(reason.0), "advice-illegal"),
        Denial::Busy { journal } => (tr!(lang, "why-busy", journal = journal), "advice-busy"),
        Denial::SameRequest { journal } => {
            return Explanation {
                what: lang.t("what-denied"),
                why: Some(tr!(lang, "why-same-request", journal = journal)),
                next: Some(tr!(lang, "advice-same-request", journal = journal)),
                ..Default::default()
            };
        }
        Denial::Repeated(earlier) => return repeated(lang, earlier),
        Denial::NumberTaken { is, amount, of } => {
            let (number, amount) = (is.number.as_str(), amount.map(|amount| amount.to_string()).unwrap_or_default());
            let why = match of {
                Some(of) if is.kind == Kind::Refund => {
                    tr!(lang, "why-number-refund", number = number, amount = amount, of = of)
                }
                _ => {
                    let kind = lang.lang.kind(is.kind);
                    tr!(lang, "why-number-taken", number = number, amount = amount, kind = kind)
                }
            };
            let next = Some(tr!(lang, "advice-number-taken", number = number));
            return Explanation { what: lang.t("what-denied"), why: Some(why), next, ..Default::default() };
        }
        Denial::Journal(error) => {
            let Explanation { why, next, .. } = ledger(lang, error);
            let why = why.map(|why| tr!(lang.lang, "why-journal", source = why));
            return Explanation { what: lang.t("what-denied"), why, next, ..Default::default() };
        }
    };
    Explanation { what: lang.t("what-denied"), why: Some(why), next: Some(lang.t(next)), ..Default::default() }
}

/// The earlier action that this one would repeat, and how to request a second one.
pub fn repeated(voice: impl Into<Voice>, earlier: &Earlier) -> Explanation {
    let lang = voice.into();
    let became = became(earlier.became);
    let journal = earlier.journal.map(|journal| journal.to_string()).unwrap_or_default();
    let next = match earlier.became {
        // An action that takes effect once, however often it is sent, needs no second one.
        Became::Done if !earlier.action.action().is_once() => "advice-repeated-so".to_owned(),
        _ => format!("advice-repeated-{became}"),
    };
    Explanation {
        what: lang.t(&format!("what-repeated-{became}")),
        why: Some(self::earlier(lang.lang, earlier)),
        next: Some(tr!(lang, &next, journal = journal)),
        ..Default::default()
    }
}

/// What an earlier action was, for how much, and what shows it.
pub(crate) fn what_was(lang: Lang, earlier: &Earlier) -> String {
    let kind = |id: &ObjectId| format!("{} {}", lang.t(&id.label()), id.number);
    let parts = [
        Some(lang.action(earlier.action.action())),
        Some(kind(&earlier.object)),
        earlier.amount.map(|amount| amount.to_string()),
        earlier.receiver.clone(),
        (earlier.shows != earlier.object).then(|| kind(&earlier.shows)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// An earlier action in a line: its entry and time, the action, and its outcome.
pub fn earlier(lang: Lang, earlier: &Earlier) -> String {
    let became = lang.t(&format!("earlier-{}", became(earlier.became)));
    let what = format!("{} · {became}", what_was(lang, earlier));
    match earlier.journal {
        Some(journal) => {
            let at = earlier.at.map(bill_time).unwrap_or_default();
            tr!(lang, "earlier-entry", journal = journal, at = at, what = what)
        }
        None => tr!(lang, "earlier-unjournaled", what = what),
    }
}

const fn became(became: Became) -> &'static str {
    match became {
        Became::Done => "done",
        Became::Unknown => "unknown",
        Became::UnderWay => "under-way",
    }
}

/// Explains an outcome; `None` if it was done.
pub fn outcome(voice: impl Into<Voice>, outcome: &Outcome) -> Option<Explanation> {
    let lang = voice.into();
    match outcome {
        Outcome::Done { .. } => None,
        Outcome::Refused { error, journal: Some(_) } => Some(change_error(lang, error)),
        Outcome::Refused { error, .. } | Outcome::Unknown { error, .. } => Some(api_error(lang, error)),
        Outcome::NoEffect { .. } => Some(Explanation {
            what: lang.t("what-no-effect"),
            why: Some(lang.t("why-no-effect")),
            next: Some(lang.t("advice-no-effect")),
            ..Default::default()
        }),
        Outcome::Denied(denial) => Some(self::denial(lang, denial)),
    }
}

/// The same in a line: why if known, else what; then what to do.
pub(crate) fn outcome_line(voice: impl Into<Voice>, outcome: &Outcome) -> Option<String> {
    let lang = voice.into();
    let Explanation { what, why, next, .. } = self::outcome(lang, outcome)?;
    Some([Some(why.unwrap_or(what)), next].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Why an object is left out of a bulk action, in a line.
pub(crate) fn left_out(voice: impl Into<Voice>, why: &WhyLeftOut, profile: &str) -> String {
    let lang = voice.into();
    match why {
        WhyLeftOut::Prepare(PrepareError::Illegal(illegal)) => lang.t(illegal.0),
        WhyLeftOut::Prepare(PrepareError::Fields(errors)) => {
            let words: Vec<String> = errors.iter().map(|error| problem(lang.lang, &error.problem)).collect();
            words.join(&lang.lang.t("between-clauses"))
        }
        WhyLeftOut::Prepare(PrepareError::Setting(missing)) => tr!(lang, "form-setting", name = missing.0),
        WhyLeftOut::Rule(broken) => rule(lang.lang, broken, profile),
        WhyLeftOut::Unread(error) => api_error(lang, error).line(),
        WhyLeftOut::Busy(journal) => tr!(lang, "why-busy", journal = journal),
        WhyLeftOut::Repeated(earlier) => repeated(lang, earlier).line(),
        WhyLeftOut::SameNumber => lang.t("bulk-same-number"),
    }
}

/// The queries for a number, and the answer to each.
pub fn tried(voice: impl Into<Voice>, tried: &[LookupAttempt]) -> String {
    let lang = voice.into();
    if tried.is_empty() {
        return lang.t("why-nothing-asked");
    }
    let words = |tried: &LookupAttempt| {
        let Explanation { what, why, .. } = api_error(lang.within(OF_MANY), &tried.error);
        // "Not found" is complete; of other errors the cause is the useful part.
        let why = why.filter(|_| tried.error.refusal().is_none_or(|refusal| refusal.status != 404));
        let what = [Some(what), why].into_iter().flatten().collect::<Vec<_>>().join(": ");
        let field = tried.question.field();
        let words = match &tried.question {
            LookupQuery::Object(id) => lang.lang.kind(id.kind),
            LookupQuery::TransactionId(_) => lang.t("column-transaction-id"),
            LookupQuery::User(_) => lang.t("field-openid"),
            LookupQuery::RefundId(_) => lang.t("detail-refund-id"),
        };
        let field = lang.lang.code_beside(&words, field).unwrap_or(&words);
        tr!(lang.lang, "why-tried", field = field, what = what)
    };
    tried.iter().map(words).collect::<Vec<_>>().join(&lang.lang.t("between-clauses"))
}

/// The result of forwarding a notification to the back end; `at` formats times.
pub fn forwarded(lang: Lang, forwarded: &Forwarded, at: fn(Timestamp) -> String) -> String {
    let Forwarded { accepted, attempts, tried_at, status, error, next } = forwarded;
    let mut words = vec![match (accepted, attempts) {
        (true, _) => lang.t("events-forward-accepted"),
        (false, 0) => lang.t("events-forward-waiting"),
        (false, _) => tr!(lang, "events-forward-failed", n = attempts),
    }];
    words.extend(status.map(|status| status.to_string()));
    words.extend(error.clone());
    words.extend(tried_at.map(at));
    words.extend(next.map(|next| tr!(lang, "events-forward-next", at = at(next))));
    words.join(" · ")
}

#[cfg(test)]
mod tests;
