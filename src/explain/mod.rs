//! Explanations of errors in the user's language: what happened, why, and what to do now. Screens and command line show
//! the same explanation.

mod answer;
mod bill;
pub(crate) mod timeline;
mod voice;

pub use answer::conclusion;
use answer::{WriteEnd, advice, as_it_came, because, diagnosis, sentences};
pub use bill::{Finding, findings};
pub use voice::{Surface, Voice, on_screen};

use crate::api::{ApiError, Misconfigured, Refusal, RequestFailure, Unproven, Untrusted};
use crate::crypto::VerifyError;
use crate::i18n::{Lang, ToText};
use crate::ledger::{Broken, Ending, Flaw, Forwarded, LedgerError};
use crate::model::action::{FieldKind, PrepareError, Problem, RuleBroken};
use crate::model::bill::{BadLine, BillError, Foreign, Why};
use crate::model::code::ErrorCode;
use crate::model::time::{Timestamp, bill_time};
use crate::model::{Kind, MoneyError, Number, NumberError, ObjectId, Region};
use crate::services::{Became, BillFailure, Denial, Earlier, LookupAttempt, Outcome, PendingSettlement, WhyLeftOut};

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
    let t = |id: &str| lang.t(id).into_owned();
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
pub fn raw_error(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
    api_error(voice.into().of_raw(), error)
}

/// The same for a change that was not done: an error that is neither a refusal nor an unknown outcome prevented
/// sending.
pub fn change_error(voice: impl Into<Voice>, error: &ApiError) -> Explanation {
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
        explanation.next = Some(voice.t("advice-unsent").into_owned());
    }
    explanation.what = voice.lang.tr("what-unsent", &[("what", &explanation.what)]);
    explanation
}

/// What to do without certificates; a code that is known has its own advice besides.
fn certificates_advice(lang: Voice, refusal: &Refusal) -> String {
    let known = ErrorCode::find(&refusal.code).filter(|_| !refusal.is_unverified());
    let known = known.and_then(|_| advice(lang, refusal, None));
    let parts = [Some(lang.t("advice-no-certificates").into_owned()), known];
    sentences(parts.into_iter().flatten())
}

/// Why there was no usable answer.
pub fn failure(voice: impl Into<Voice>, failure: &RequestFailure) -> String {
    let lang = voice.into();
    failure_words(lang, failure).0
}

/// Why there was no usable answer, and what to do.
fn failure_words(lang: Voice, failure: &RequestFailure) -> (String, Option<String>) {
    let t = |id: &str| lang.t(id).into_owned();
    let (why, next) = match failure {
        RequestFailure::Connect(source) => {
            (lang.tr("why-connect", &[("source", &root_cause(&**source))]), t("advice-connect"))
        }
        RequestFailure::Tls(source) => (lang.tr("why-tls", &[("source", &root_cause(&**source))]), t("advice-tls")),
        RequestFailure::Timeout { seconds } => (lang.tr("why-timeout", &[("seconds", seconds)]), t("advice-connect")),
        RequestFailure::Slow { bytes, seconds } => {
            (lang.tr("why-slow", &[("bytes", bytes), ("seconds", seconds)]), t("advice-slow"))
        }
        RequestFailure::Broken(source) => {
            (lang.tr("why-broken", &[("source", &root_cause(&**source))]), t("advice-connect"))
        }
        RequestFailure::TooLarge { limit } => {
            (lang.tr("why-too-large", &[("limit", &(limit / 1024 / 1024))]), t("advice-not-wechat"))
        }
        RequestFailure::Status(refusal) => {
            let why = [Some(as_it_came(lang, "what-answered", refusal)), because(lang, refusal)].into_iter().flatten();
            return (why.collect::<Vec<_>>().join(" · "), advice(lang, refusal, None));
        }
        RequestFailure::Untrusted(reason) => untrusted_words(lang, reason),
        RequestFailure::Unproven(Unproven::Lacks(member)) => {
            (lang.tr("why-unproven-lacks", &[("member", member)]), t("advice-unknown-outcome"))
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
    let t = |id: &str| lang.t(id).into_owned();
    match reason {
        Untrusted::Signature(error) => match error {
            VerifyError::HeaderMissing(name) => {
                (lang.tr("why-header-missing", &[("name", name)]), t("advice-not-wechat"))
            }
            VerifyError::Probe => (t("why-probe"), t("advice-probe")),
            VerifyError::SignatureType(found) => {
                (lang.tr("why-signature-type", &[("found", found)]), t("advice-bad-signature"))
            }
            VerifyError::Timestamp | VerifyError::Encoding => (t("why-signature-malformed"), t("advice-bad-signature")),
            VerifyError::Clock(ahead) => (lang.tr("why-clock", &[("seconds", ahead)]), t("advice-clock")),
            VerifyError::UnknownSerial(serial) => {
                (lang.tr("why-unknown-serial", &[("serial", &serial.as_str())]), t("advice-unknown-serial"))
            }
            VerifyError::Signature(serial) => {
                (lang.tr("why-bad-signature", &[("serial", &serial.as_str())]), t("advice-bad-signature"))
            }
        },
        Untrusted::Hash { expected, found } => {
            (lang.tr("why-hash", &[("expected", expected), ("found", found)]), t("advice-hash"))
        }
        Untrusted::Packed(source) => (lang.tr("why-packed", &[("source", &source.to_string())]), t("advice-hash")),
        Untrusted::Link { found } => (lang.tr("why-link", &[("found", found)]), t("advice-link")),
        Untrusted::Stale => (t("why-stale"), t("advice-another")),
        Untrusted::Another { found } => (lang.tr("why-another", &[("found", found)]), t("advice-another")),
        Untrusted::Tls(source) => (lang.tr("why-tls", &[("source", &root_cause(&**source))]), t("advice-tls")),
        Untrusted::Unsigned { html: true } => (t("why-html"), t("advice-not-wechat")),
        Untrusted::Unsigned { html: false } => (t("why-unsigned"), t("advice-not-wechat")),
        Untrusted::Certificates(error) => {
            (lang.tr("why-certificates", &[("source", &error.to_string())]), t("advice-apiv3-key"))
        }
        Untrusted::Sealed(error) => (lang.tr("why-sealed", &[("source", &error.to_string())]), t("advice-apiv3-key")),
        Untrusted::Digest => (t("why-digest"), t("advice-digest")),
        Untrusted::Certificate(source) => {
            (lang.tr("why-certificate", &[("source", &source.to_string())]), t("advice-bad-signature"))
        }
    }
}

fn configuration(lang: Voice, misconfigured: &Misconfigured) -> Explanation {
    let (why, next) = match misconfigured {
        Misconfigured::Setting(missing) => {
            let setting = missing.0;
            (lang.tr("why-setting", &[("setting", &setting)]), lang.tr("advice-setting", &[("setting", &setting)]))
        }
        Misconfigured::PublicKeyNeeded => {
            (lang.t("why-public-key").into_owned(), lang.t("advice-public-key").into_owned())
        }
        Misconfigured::Region(Region::Global) => {
            (lang.t("why-not-in-global").into_owned(), lang.t("advice-not-in-global").into_owned())
        }
        Misconfigured::Region(Region::Mainland) => {
            (lang.t("why-not-in-mainland").into_owned(), lang.t("advice-not-in-mainland").into_owned())
        }
        Misconfigured::NoPlatformKey => {
            (lang.t("why-no-platform-key").into_owned(), lang.t("advice-no-platform-key").into_owned())
        }
        Misconfigured::BaseUrl(url) => {
            (lang.tr("why-base-url", &[("url", url)]), lang.t("advice-base-url").into_owned())
        }
        Misconfigured::Client(source) => (root_cause(&**source), lang.t("advice-client").into_owned()),
    };
    let what = lang.t("what-configuration").into_owned();
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

/// Explains why the gate rejected an action.
pub fn denial(voice: impl Into<Voice>, denial: &Denial) -> Explanation {
    let lang = voice.into();
    let (why, next) = match denial {
        Denial::ReadOnly => (lang.t("why-read-only").into_owned(), "advice-read-only"),
        Denial::Rule { broken, profile } => (rule(lang.lang, broken, profile), rule_advice(broken)),
        Denial::Illegal(reason) => (lang.t(reason.0).into_owned(), "advice-illegal"),
        Denial::Busy { journal } => (lang.tr("why-busy", &[("journal", journal)]), "advice-busy"),
        Denial::SameRequest { journal } => {
            return Explanation {
                what: lang.t("what-denied").into_owned(),
                why: Some(lang.tr("why-same-request", &[("journal", journal)])),
                next: Some(lang.tr("advice-same-request", &[("journal", journal)])),
                ..Default::default()
            };
        }
        Denial::Repeated(earlier) => return repeated(lang, earlier),
        Denial::NumberTaken { is, amount, of } => {
            let (number, amount) = (is.number.as_str(), amount.map(|amount| amount.to_string()).unwrap_or_default());
            let why = match of {
                Some(of) if is.kind == Kind::Refund => {
                    lang.tr("why-number-refund", &[("number", &number), ("amount", &amount), ("of", of)])
                }
                _ => {
                    let kind = lang.t(&format!("kind-{}", is.kind.noun())).into_owned();
                    lang.tr("why-number-taken", &[("number", &number), ("amount", &amount), ("kind", &kind)])
                }
            };
            let next = Some(lang.tr("advice-number-taken", &[("number", &number)]));
            return Explanation {
                what: lang.t("what-denied").into_owned(),
                why: Some(why),
                next,
                ..Default::default()
            };
        }
        Denial::Journal(error) => {
            let Explanation { why, next, .. } = ledger(lang, error);
            let why = why.map(|why| lang.lang.tr("why-journal", &[("source", &why)]));
            return Explanation { what: lang.t("what-denied").into_owned(), why, next, ..Default::default() };
        }
    };
    Explanation {
        what: lang.t("what-denied").into_owned(),
        why: Some(why),
        next: Some(lang.t(next).into_owned()),
        ..Default::default()
    }
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
        what: lang.t(&format!("what-repeated-{became}")).into_owned(),
        why: Some(self::earlier(lang.lang, earlier)),
        next: Some(lang.tr(&next, &[("journal", &journal)])),
        ..Default::default()
    }
}

/// What an earlier action was, for how much, and what shows it.
pub fn what_was(lang: Lang, earlier: &Earlier) -> String {
    let kind = |id: &ObjectId| format!("{} {}", lang.t(&id.label()), id.number);
    let parts = [
        Some(lang.t(&format!("action-{}", earlier.action.action().name())).into_owned()),
        Some(kind(&earlier.object)),
        earlier.amount.map(|amount| amount.to_string()),
        earlier.receiver.clone(),
        (earlier.shows != earlier.object).then(|| kind(&earlier.shows)),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// An earlier action in a line: its entry and time, the action, and its outcome.
pub fn earlier(lang: Lang, earlier: &Earlier) -> String {
    let became = lang.t(&format!("earlier-{}", became(earlier.became))).into_owned();
    let what = format!("{} · {became}", what_was(lang, earlier));
    match earlier.journal {
        Some(journal) => {
            let at = earlier.at.map(bill_time).unwrap_or_default();
            lang.tr("earlier-entry", &[("journal", &journal), ("at", &at), ("what", &what)])
        }
        None => lang.tr("earlier-unjournaled", &[("what", &what)]),
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
            what: lang.t("what-no-effect").into_owned(),
            why: Some(lang.t("why-no-effect").into_owned()),
            next: Some(lang.t("advice-no-effect").into_owned()),
            ..Default::default()
        }),
        Outcome::Denied(denial) => Some(self::denial(lang, denial)),
    }
}

/// The same in a line: why if known, else what; then what to do.
pub fn outcome_line(voice: impl Into<Voice>, outcome: &Outcome) -> Option<String> {
    let lang = voice.into();
    let Explanation { what, why, next, .. } = self::outcome(lang, outcome)?;
    Some([Some(why.unwrap_or(what)), next].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Why an object is left out of a bulk action, in a line.
pub fn left_out(voice: impl Into<Voice>, why: &WhyLeftOut, profile: &str) -> String {
    let lang = voice.into();
    match why {
        WhyLeftOut::Prepare(PrepareError::Illegal(illegal)) => lang.t(illegal.0).into_owned(),
        WhyLeftOut::Prepare(PrepareError::Fields(errors)) => {
            let words: Vec<String> = errors.iter().map(|error| problem(lang.lang, &error.problem)).collect();
            words.join("; ")
        }
        WhyLeftOut::Prepare(PrepareError::Setting(missing)) => lang.tr("form-setting", &[("name", &missing.0)]),
        WhyLeftOut::Rule(broken) => rule(lang.lang, broken, profile),
        WhyLeftOut::Unread(error) => api_error(lang, error).line(),
        WhyLeftOut::Busy(journal) => lang.tr("why-busy", &[("journal", journal)]),
        WhyLeftOut::Repeated(earlier) => repeated(lang, earlier).line(),
        WhyLeftOut::SameNumber => lang.t("bulk-same-number").into_owned(),
    }
}

/// Which rule of which profile a write breaks.
pub fn rule(lang: Lang, broken: &RuleBroken, profile: &str) -> String {
    match broken {
        RuleBroken::Denied(write) => lang.tr("why-rule-deny", &[("profile", &profile), ("write", &write.name())]),
        RuleBroken::AmountAbove { write, amount, max } => {
            let (amount, max) = (amount.to_string(), max.to_string());
            let args: [(&str, &dyn ToText); 4] =
                [("profile", &profile), ("write", &write.name()), ("amount", &amount), ("max", &max)];
            lang.tr("why-rule-amount", &args)
        }
        RuleBroken::AmountUnknown { write, max } => {
            let args: [(&str, &dyn ToText); 3] =
                [("profile", &profile), ("write", &write.name()), ("max", &max.to_string())];
            lang.tr("why-rule-amount-unknown", &args)
        }
        RuleBroken::PathUnknown => lang.tr("why-rule-path", &[("profile", &profile)]),
        RuleBroken::TooMany { objects, max } => {
            lang.tr("why-rule-bulk", &[("profile", &profile), ("objects", objects), ("max", max)])
        }
        RuleBroken::NoReason(write) => lang.tr("why-rule-reason", &[("profile", &profile), ("write", &write.name())]),
    }
}

fn rule_advice(broken: &RuleBroken) -> &'static str {
    match broken {
        RuleBroken::Denied(_) => "advice-rule-deny",
        RuleBroken::AmountAbove { .. } => "advice-rule-amount",
        RuleBroken::AmountUnknown { .. } => "advice-rule-amount-unknown",
        RuleBroken::PathUnknown => "advice-rule-path",
        RuleBroken::TooMany { .. } => "advice-rule-bulk",
        RuleBroken::NoReason(_) => "advice-rule-reason",
    }
}

/// Explains why there is no bill.
pub fn bill(voice: impl Into<Voice>, failure: &BillFailure) -> Explanation {
    let lang = voice.into();
    match failure {
        BillFailure::Api(error) => api_error(lang, error),
        BillFailure::File { path, source } => Explanation {
            what: lang.tr("what-bill-file", &[("path", &path.display().to_string())]),
            why: Some(source.to_string()),
            next: Some(lang.t("advice-bill-file").into_owned()),
            ..Default::default()
        },
    }
}

/// Why a file is not read as bills or as numbers, and what to do about it.
pub fn unread_bill(lang: Lang, error: &BillError) -> (String, String) {
    let t = |id: &str| lang.t(id).into_owned();
    match error {
        BillError::Read(source) => {
            (lang.tr("bill-why-read", &[("source", &source.to_string())]), t("bill-advice-read"))
        }
        BillError::Foreign(kind) => {
            let word = kind.word();
            let advice = match kind {
                Foreign::Zip | Foreign::Packed => "bill-advice-unpack",
                Foreign::Xlsx | Foreign::Xls => "bill-advice-save-as-csv",
                Foreign::Pdf | Foreign::Binary => "bill-advice-original",
            };
            (t(&format!("bill-why-{word}")), t(advice))
        }
        BillError::Empty => (t("bill-why-empty"), t("bill-advice-original")),
        BillError::NoHeader => (t("bill-why-no-header"), t("bill-advice-original")),
        BillError::Consumers => (t("bill-why-consumers"), t("bill-advice-original")),
        BillError::Encoding => (t("bill-why-encoding"), t("bill-advice-save-as-csv")),
        BillError::Mixed { line } => (lang.tr("bill-why-mixed", &[("line", line)]), t("bill-advice-split")),
        BillError::TooMany(most) => (lang.tr("bill-why-too-many", &[("n", most)]), t("bill-advice-split")),
    }
}

/// A line of a bill that is not read, with why.
pub fn bad_line(lang: Lang, bad: &BadLine) -> String {
    lang.tr("cli-import-line", &[("line", &bad.line.to_string()), ("why", &bad_line_why(lang, &bad.why))])
}

/// Why a line of a bill is not read.
pub fn bad_line_why(lang: Lang, why: &Why) -> String {
    match why {
        Why::Encoding => lang.t("bill-line-encoding").into_owned(),
        Why::Fields { found, expected } => lang.tr("bill-line-fields", &[("found", found), ("expected", expected)]),
        Why::Value { column } => lang.tr("bill-line-value", &[("column", &column.as_ref())]),
        Why::TooLong => lang.t("cli-line-too-long").into_owned(),
        Why::Stray => lang.t("bill-line-stray").into_owned(),
        Why::NoValues => lang.t("bill-line-no-values").into_owned(),
        Why::LostDigits { column } => lang.tr("bill-line-lost-digits", &[("column", &column.as_ref())]),
    }
}

/// What a check of the ledger found; SQLite's own text is not translated.
pub fn flaw(voice: impl Into<Voice>, flaw: &Flaw) -> String {
    match flaw {
        Flaw::Journal(found) => broken(voice, found),
        Flaw::File(finding) => finding.clone(),
    }
}

/// What is wrong with the journal.
pub fn broken(voice: impl Into<Voice>, found: &Broken) -> String {
    let (id, entry) = match found {
        Broken::Missing(entry) => ("why-entry-missing", entry),
        Broken::Changed(entry) => ("why-entry-changed", entry),
        Broken::Order(entry) => ("why-entry-order", entry),
        Broken::Index(entry) => ("why-entry-index", entry),
        Broken::Head(entry) => ("why-entry-head", entry),
    };
    voice.into().tr(id, &[("id", &entry.to_string())])
}

/// Explains why the ledger cannot be used.
pub fn ledger(voice: impl Into<Voice>, error: &LedgerError) -> Explanation {
    let lang = voice.into();
    let (path, error) = error.parts();
    let path = path.map_or_else(|| lang.t("the-ledger").into_owned(), |path| path.display().to_string());
    let because =
        |id: &str, source: &dyn std::fmt::Display| lang.tr(id, &[("path", &path), ("source", &source.to_string())]);
    let (what, why, next) = match error {
        LedgerError::Folder { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory => {
            ("what-ledger", lang.tr("why-ledger-is-folder", &[("path", &path)]), "advice-ledger-is-folder")
        }
        LedgerError::Folder { source, .. } => {
            ("what-ledger", because("why-ledger-access", source), "advice-ledger-access")
        }
        LedgerError::Newer { found, known, .. } => {
            let why = lang.tr("why-ledger-newer", &[("path", &path), ("found", found), ("known", known)]);
            ("what-ledger", why, "advice-ledger-newer")
        }
        LedgerError::NotALedger { source, .. } => {
            ("what-ledger", because("why-ledger-not", source), "advice-ledger-damaged")
        }
        LedgerError::Damaged(source) => ("what-ledger", because("why-ledger-damaged", source), "advice-ledger-damaged"),
        LedgerError::Copy { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            ("what-backup", lang.tr("why-backup-exists", &[("path", &path)]), "advice-backup-exists")
        }
        LedgerError::Copy { source, .. } => ("what-backup", because("why-ledger-access", source), "advice-backup"),
        LedgerError::Unsound(flaw) => {
            let why = lang.tr("why-ledger-damaged", &[("path", &path), ("source", &self::flaw(lang, flaw))]);
            ("what-ledger-unsound", why, "advice-ledger-unsound")
        }
        LedgerError::Busy => {
            ("what-ledger-failed", lang.tr("why-ledger-busy", &[("path", &path)]), "advice-ledger-busy")
        }
        LedgerError::Full(_) => {
            ("what-ledger-failed", lang.tr("why-ledger-full", &[("path", &path)]), "advice-ledger-space")
        }
        LedgerError::Disk(source) => ("what-ledger-failed", because("why-ledger-disk", source), "advice-ledger-space"),
        LedgerError::Forbidden(source) => ("what-ledger", because("why-ledger-access", source), "advice-ledger-access"),
        LedgerError::Backend(source) => {
            ("what-ledger-failed", because("why-ledger-database", source), "advice-ledger-database")
        }
        LedgerError::Thread | LedgerError::Stopped | LedgerError::In { .. } => {
            ("what-ledger-failed", lang.t("why-ledger-thread").into_owned(), "advice-ledger-thread")
        }
    };
    Explanation {
        what: lang.t(what).into_owned(),
        why: Some(why),
        next: Some(lang.tr(next, &[("path", &path)])),
        ..Default::default()
    }
}

/// Explains that the outcome of an action is known but could not be written to the journal.
pub fn unwritten(voice: impl Into<Voice>, unwritten: &PendingSettlement) -> Explanation {
    let lang = voice.into();
    let what = match unwritten.conclusion.ending {
        Ending::Done => "what-unwritten-done",
        Ending::Refused => "what-unwritten-refused",
        Ending::Unknown | Ending::Unknowable | Ending::Closed => "what-unwritten-unknown",
    };
    // The usual advice about the ledger would repeat the action.
    let Explanation { why, .. } = ledger(lang, &unwritten.error);
    let next = Some(lang.tr("advice-unwritten", &[("journal", &unwritten.journal)]));
    Explanation { what: lang.t(what).into_owned(), why, next, ..Default::default() }
}

/// The queries for a number, and the answer to each.
pub fn tried(voice: impl Into<Voice>, tried: &[LookupAttempt]) -> String {
    let lang = voice.into();
    if tried.is_empty() {
        return lang.t("why-nothing-asked").into_owned();
    }
    let words = |tried: &LookupAttempt| {
        let Explanation { what, why, .. } = api_error(lang.within(OF_MANY), &tried.error);
        // "Not found" is complete; of other errors the cause is the useful part.
        let why = why.filter(|_| tried.error.refusal().is_none_or(|refusal| refusal.status != 404));
        let what = [Some(what), why].into_iter().flatten().collect::<Vec<_>>().join(": ");
        lang.lang.tr("why-tried", &[("field", &tried.question.field()), ("what", &what)])
    };
    tried.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// The rule that a field breaks.
pub fn problem(lang: Lang, problem: &Problem) -> String {
    match problem {
        Problem::Required => lang.t("problem-required").into_owned(),
        Problem::TooLong { max } => lang.tr("problem-too-long", &[("max", max)]),
        Problem::Character(c) => lang.tr("problem-character", &[("character", &format!("U+{:04X}", u32::from(*c)))]),
        Problem::NotMoney(MoneyError::Malformed) => lang.t("problem-money").into_owned(),
        Problem::NotMoney(MoneyError::Decimals(decimals)) => lang.tr("problem-decimals", &[("decimals", decimals)]),
        Problem::NotMoney(MoneyError::Range) => lang.t("problem-range").into_owned(),
        Problem::Negative => lang.t("problem-negative").into_owned(),
        Problem::NotLower { current } => lang.tr("problem-not-lower", &[("current", &current.to_string())]),
        Problem::NotATime => lang.t("problem-time").into_owned(),
        Problem::Future => lang.t("problem-future").into_owned(),
        Problem::Zero => lang.t("problem-zero").into_owned(),
        Problem::NotMore { most } => lang.tr("problem-not-more", &[("most", &most.to_string())]),
        Problem::TooShort { min } => lang.tr("problem-too-short", &[("min", min)]),
        Problem::Past => lang.t("problem-past").into_owned(),
        Problem::NotWhole => lang.t("problem-not-whole").into_owned(),
        Problem::NotWithin { min, max } => lang.tr("problem-not-within", &[("min", min), ("max", max)]),
        Problem::NotAChoice => lang.t("problem-not-a-choice").into_owned(),
        Problem::NotYesOrNo => lang.t("problem-not-yes-or-no").into_owned(),
        Problem::NotHttps => lang.t("problem-not-https").into_owned(),
        Problem::HasQuery => lang.t("problem-has-query").into_owned(),
        Problem::TooMany { most } => lang.tr("problem-too-many", &[("most", most)]),
        Problem::Rule { id, value } => lang.tr(id, &[("value", value)]),
        Problem::Row { row, column, problem: inner } => {
            let inner = match (column, &**inner) {
                (None, Problem::TooMany { most }) => lang.tr("problem-too-many-cells", &[("most", most)]),
                (_, inner) => self::problem(lang, inner),
            };
            match column {
                Some(label) => {
                    let column = lang.t(label).into_owned();
                    lang.tr("problem-row", &[("row", row), ("column", &column), ("problem", &inner)])
                }
                None => lang.tr("problem-whole-row", &[("row", row), ("problem", &inner)]),
            }
        }
        Problem::Member(pointer) => lang.tr("problem-member", &[("member", pointer)]),
        Problem::NotInNumbers(c) => {
            let code = format!("U+{:04X}", u32::from(*c));
            // An invisible character is shown by its code alone.
            let shown = if c.is_alphanumeric() || c.is_ascii_graphic() { format!("{c} ({code})") } else { code };
            lang.tr("problem-not-in-numbers", &[("character", &shown)])
        }
    }
}

/// Why a text is not a valid number of an object.
pub fn number(lang: Lang, error: &NumberError) -> String {
    problem(
        lang,
        &match error {
            NumberError::Empty => Problem::Required,
            NumberError::TooLong(_) => Problem::TooLong { max: Number::LONGEST },
            NumberError::Character(c) => Problem::NotInNumbers(*c),
        },
    )
}

/// The rule of a field, if the merchant is known.
pub fn field_rule(lang: Lang, kind: FieldKind, region: Option<Region>) -> String {
    match kind {
        FieldKind::Text { max } => lang.tr("rule-text", &[("max", &max)]),
        FieldKind::Money if region == Some(Region::Mainland) => lang.t("rule-money").into_owned(),
        FieldKind::Money => lang.t("rule-money-abroad").into_owned(),
        FieldKind::Number => lang.tr("rule-number", &[("max", &Number::LONGEST)]),
        FieldKind::CompactTime => lang.t("rule-compact-time").into_owned(),
        FieldKind::LaterCompactTime => lang.t("rule-later-compact-time").into_owned(),
        FieldKind::Start => lang.t("rule-start").into_owned(),
        FieldKind::Time => lang.t("rule-time").into_owned(),
        FieldKind::Id { min, max } => lang.tr("rule-id", &[("min", &min), ("max", &max)]),
        FieldKind::Whole { min, max } => lang.tr("rule-whole", &[("min", &min), ("max", &max)]),
        FieldKind::Choice(values) => lang.tr("rule-choice", &[("values", &values.join(" · "))]),
        FieldKind::Flag => lang.t("rule-flag").into_owned(),
        FieldKind::Url { max } => lang.tr("rule-url", &[("max", &max)]),
        FieldKind::Words { most, max } => lang.tr("rule-words", &[("most", &most), ("max", &max)]),
        FieldKind::CardNumber => lang.t("rule-card-number").into_owned(),
        FieldKind::HolderName { max } => lang.tr("rule-holder-name", &[("max", &max)]),
        FieldKind::Rows { columns, most } => {
            let labels: Vec<_> = columns.iter().map(|column| lang.t(column.label)).collect();
            lang.tr("rule-rows", &[("columns", &labels.join(" | ")), ("most", &most)])
        }
    }
}

/// The result of forwarding a notification to the back end; `at` formats times.
pub fn forwarded(lang: Lang, forwarded: &Forwarded, at: fn(Timestamp) -> String) -> String {
    let Forwarded { accepted, attempts, tried_at, status, error, next } = forwarded;
    let mut words = vec![match (accepted, attempts) {
        (true, _) => lang.t("events-forward-accepted").into_owned(),
        (false, 0) => lang.t("events-forward-waiting").into_owned(),
        (false, _) => lang.tr("events-forward-failed", &[("n", attempts)]),
    }];
    words.extend(status.map(|status| status.to_string()));
    words.extend(error.clone());
    words.extend(tried_at.map(at));
    words.extend(next.map(|next| lang.tr("events-forward-next", &[("at", &at(next))])));
    words.join(" · ")
}

#[cfg(test)]
mod tests;
