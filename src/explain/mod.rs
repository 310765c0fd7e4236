//! Explanations of errors in the user's language: what happened, why, and what to do now. Screens and command line show
//! the same explanation.

mod answer;
mod bill;
mod conclusion;
pub(crate) mod timeline;
mod voice;

use answer::{WriteEnd, advice, as_it_came, because, diagnosis, sentences};
pub use bill::{Finding, findings};
pub use conclusion::conclusion;
pub use voice::{Surface, Voice, on_screen};

use crate::api::{ApiError, Misconfigured, Refusal, RequestFailure, Unproven, Untrusted};
use crate::crypto::VerifyError;
use crate::i18n::Lang;
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
        Misconfigured::BaseUrl(url) => (tr!(lang, "why-base-url", url = url), lang.t("advice-base-url")),
        Misconfigured::Client(source) => (root_cause(&**source), lang.t("advice-client")),
    };
    let what = lang.t("what-configuration");
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

/// Explains why the gate rejected an action.
pub fn denial(voice: impl Into<Voice>, denial: &Denial) -> Explanation {
    let lang = voice.into();
    let (why, next) = match denial {
        Denial::ReadOnly => (lang.t("why-read-only"), "advice-read-only"),
        Denial::Rule { broken, profile } => (rule(lang.lang, broken, profile), rule_advice(broken)),
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
pub fn what_was(lang: Lang, earlier: &Earlier) -> String {
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
pub fn outcome_line(voice: impl Into<Voice>, outcome: &Outcome) -> Option<String> {
    let lang = voice.into();
    let Explanation { what, why, next, .. } = self::outcome(lang, outcome)?;
    Some([Some(why.unwrap_or(what)), next].into_iter().flatten().collect::<Vec<_>>().join(" · "))
}

/// Why an object is left out of a bulk action, in a line.
pub fn left_out(voice: impl Into<Voice>, why: &WhyLeftOut, profile: &str) -> String {
    let lang = voice.into();
    match why {
        WhyLeftOut::Prepare(PrepareError::Illegal(illegal)) => lang.t(illegal.0),
        WhyLeftOut::Prepare(PrepareError::Fields(errors)) => {
            let words: Vec<String> = errors.iter().map(|error| problem(lang.lang, &error.problem)).collect();
            words.join("; ")
        }
        WhyLeftOut::Prepare(PrepareError::Setting(missing)) => tr!(lang, "form-setting", name = missing.0),
        WhyLeftOut::Rule(broken) => rule(lang.lang, broken, profile),
        WhyLeftOut::Unread(error) => api_error(lang, error).line(),
        WhyLeftOut::Busy(journal) => tr!(lang, "why-busy", journal = journal),
        WhyLeftOut::Repeated(earlier) => repeated(lang, earlier).line(),
        WhyLeftOut::SameNumber => lang.t("bulk-same-number"),
    }
}

/// Which rule of which profile a write breaks.
pub fn rule(lang: Lang, broken: &RuleBroken, profile: &str) -> String {
    match broken {
        RuleBroken::Denied(write) => tr!(lang, "why-rule-deny", profile = profile, write = write.name()),
        RuleBroken::AmountAbove { write, amount, max } => {
            let (amount, max) = (amount.to_string(), max.to_string());
            tr!(lang, "why-rule-amount", profile = profile, write = write.name(), amount = amount, max = max)
        }
        RuleBroken::AmountUnknown { write, max } => {
            tr!(lang, "why-rule-amount-unknown", profile = profile, write = write.name(), max = max.to_string())
        }
        RuleBroken::PathUnknown => tr!(lang, "why-rule-path", profile = profile),
        RuleBroken::TooMany { objects, max } => {
            tr!(lang, "why-rule-bulk", profile = profile, objects = objects, max = max)
        }
        RuleBroken::NoReason(write) => tr!(lang, "why-rule-reason", profile = profile, write = write.name()),
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
            what: tr!(lang, "what-bill-file", path = path.display().to_string()),
            why: Some(source.to_string()),
            next: Some(lang.t("advice-bill-file")),
            ..Default::default()
        },
    }
}

/// Why a file is not read as bills or as numbers, and what to do about it.
pub fn unread_bill(lang: Lang, error: &BillError) -> (String, String) {
    let t = |id: &str| lang.t(id);
    match error {
        BillError::Read(source) => (tr!(lang, "bill-why-read", source = source.to_string()), t("bill-advice-read")),
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
        BillError::Mixed { line } => (tr!(lang, "bill-why-mixed", line = line), t("bill-advice-split")),
        BillError::TooMany(most) => (tr!(lang, "bill-why-too-many", n = most), t("bill-advice-split")),
    }
}

/// A line of a bill that is not read, with why.
pub fn bad_line(lang: Lang, bad: &BadLine) -> String {
    tr!(lang, "cli-import-line", line = bad.line.to_string(), why = bad_line_why(lang, &bad.why))
}

/// Why a line of a bill is not read.
pub fn bad_line_why(lang: Lang, why: &Why) -> String {
    match why {
        Why::Encoding => lang.t("bill-line-encoding"),
        Why::Fields { found, expected } => tr!(lang, "bill-line-fields", found = found, expected = expected),
        Why::Value { column } => tr!(lang, "bill-line-value", column = column.as_ref()),
        Why::TooLong => lang.t("cli-line-too-long"),
        Why::Stray => lang.t("bill-line-stray"),
        Why::NoValues => lang.t("bill-line-no-values"),
        Why::LostDigits { column } => tr!(lang, "bill-line-lost-digits", column = column.as_ref()),
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
    tr!(voice.into(), id, id = entry.to_string())
}

/// Explains why the ledger cannot be used.
pub fn ledger(voice: impl Into<Voice>, error: &LedgerError) -> Explanation {
    let lang = voice.into();
    let (path, error) = error.parts();
    let path = path.map_or_else(|| lang.t("the-ledger"), |path| path.display().to_string());
    let because = |id: &str, source: &dyn std::fmt::Display| tr!(lang, id, path = path, source = source.to_string());
    let (what, why, next) = match error {
        LedgerError::Folder { source, .. } if source.kind() == std::io::ErrorKind::IsADirectory => {
            ("what-ledger", tr!(lang, "why-ledger-is-folder", path = path), "advice-ledger-is-folder")
        }
        LedgerError::Folder { source, .. } => {
            ("what-ledger", because("why-ledger-access", source), "advice-ledger-access")
        }
        LedgerError::Newer { found, known, .. } => {
            let why = tr!(lang, "why-ledger-newer", path = path, found = found, known = known);
            ("what-ledger", why, "advice-ledger-newer")
        }
        LedgerError::NotALedger { source, .. } => {
            ("what-ledger", because("why-ledger-not", source), "advice-ledger-damaged")
        }
        LedgerError::Damaged(source) => ("what-ledger", because("why-ledger-damaged", source), "advice-ledger-damaged"),
        LedgerError::Copy { source, .. } if source.kind() == std::io::ErrorKind::AlreadyExists => {
            ("what-backup", tr!(lang, "why-backup-exists", path = path), "advice-backup-exists")
        }
        LedgerError::Copy { source, .. } => ("what-backup", because("why-ledger-access", source), "advice-backup"),
        LedgerError::Unsound(flaw) => {
            let why = tr!(lang, "why-ledger-damaged", path = path, source = self::flaw(lang, flaw));
            ("what-ledger-unsound", why, "advice-ledger-unsound")
        }
        LedgerError::Busy => ("what-ledger-failed", tr!(lang, "why-ledger-busy", path = path), "advice-ledger-busy"),
        LedgerError::Full(_) => {
            ("what-ledger-failed", tr!(lang, "why-ledger-full", path = path), "advice-ledger-space")
        }
        LedgerError::Disk(source) => ("what-ledger-failed", because("why-ledger-disk", source), "advice-ledger-space"),
        LedgerError::Forbidden(source) => ("what-ledger", because("why-ledger-access", source), "advice-ledger-access"),
        LedgerError::Backend(source) => {
            ("what-ledger-failed", because("why-ledger-database", source), "advice-ledger-database")
        }
        LedgerError::Thread | LedgerError::Stopped | LedgerError::In { .. } => {
            ("what-ledger-failed", lang.t("why-ledger-thread"), "advice-ledger-thread")
        }
    };
    Explanation { what: lang.t(what), why: Some(why), next: Some(tr!(lang, next, path = path)), ..Default::default() }
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
    let next = Some(tr!(lang, "advice-unwritten", journal = unwritten.journal));
    Explanation { what: lang.t(what), why, next, ..Default::default() }
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
        tr!(lang.lang, "why-tried", field = tried.question.field(), what = what)
    };
    tried.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// The rule that a field breaks.
pub fn problem(lang: Lang, problem: &Problem) -> String {
    match problem {
        Problem::Required => lang.t("problem-required"),
        Problem::TooLong { max } => tr!(lang, "problem-too-long", max = max),
        Problem::Character(c) => tr!(lang, "problem-character", character = format!("U+{:04X}", u32::from(*c))),
        Problem::NotMoney(MoneyError::Malformed) => lang.t("problem-money"),
        Problem::NotMoney(MoneyError::Decimals(decimals)) => tr!(lang, "problem-decimals", decimals = decimals),
        Problem::NotMoney(MoneyError::Range) => lang.t("problem-range"),
        Problem::Negative => lang.t("problem-negative"),
        Problem::NotLower { current } => tr!(lang, "problem-not-lower", current = current.to_string()),
        Problem::NotATime => lang.t("problem-time"),
        Problem::Future => lang.t("problem-future"),
        Problem::Zero => lang.t("problem-zero"),
        Problem::NotMore { most } => tr!(lang, "problem-not-more", most = most.to_string()),
        Problem::TooShort { min } => tr!(lang, "problem-too-short", min = min),
        Problem::Past => lang.t("problem-past"),
        Problem::NotWhole => lang.t("problem-not-whole"),
        Problem::NotWithin { min, max } => tr!(lang, "problem-not-within", min = min, max = max),
        Problem::NotAChoice => lang.t("problem-not-a-choice"),
        Problem::NotYesOrNo => lang.t("problem-not-yes-or-no"),
        Problem::NotHttps => lang.t("problem-not-https"),
        Problem::HasQuery => lang.t("problem-has-query"),
        Problem::TooMany { most } => tr!(lang, "problem-too-many", most = most),
        Problem::Rule { id, value } => tr!(lang, id, value = value),
        Problem::Row { row, column, problem: inner } => {
            let inner = match (column, &**inner) {
                (None, Problem::TooMany { most }) => tr!(lang, "problem-too-many-cells", most = most),
                (_, inner) => self::problem(lang, inner),
            };
            match column {
                Some(label) => {
                    let column = lang.t(label);
                    tr!(lang, "problem-row", row = row, column = column, problem = inner)
                }
                None => tr!(lang, "problem-whole-row", row = row, problem = inner),
            }
        }
        Problem::Member(pointer) => tr!(lang, "problem-member", member = pointer),
        Problem::NotInNumbers(c) => {
            let code = format!("U+{:04X}", u32::from(*c));
            // An invisible character is shown by its code alone.
            let shown = if c.is_alphanumeric() || c.is_ascii_graphic() { format!("{c} ({code})") } else { code };
            tr!(lang, "problem-not-in-numbers", character = shown)
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
        FieldKind::Text { max } => tr!(lang, "rule-text", max = max),
        FieldKind::Money if region == Some(Region::Mainland) => lang.t("rule-money"),
        FieldKind::Money => lang.t("rule-money-abroad"),
        FieldKind::Number => tr!(lang, "rule-number", max = Number::LONGEST),
        FieldKind::CompactTime => lang.t("rule-compact-time"),
        FieldKind::LaterCompactTime => lang.t("rule-later-compact-time"),
        FieldKind::Start => lang.t("rule-start"),
        FieldKind::Time => lang.t("rule-time"),
        FieldKind::Id { min, max } => tr!(lang, "rule-id", min = min, max = max),
        FieldKind::Whole { min, max } => tr!(lang, "rule-whole", min = min, max = max),
        FieldKind::Choice(values) => tr!(lang, "rule-choice", values = values.join(" · ")),
        FieldKind::Flag => lang.t("rule-flag"),
        FieldKind::Url { max } => tr!(lang, "rule-url", max = max),
        FieldKind::Words { most, max } => tr!(lang, "rule-words", most = most, max = max),
        FieldKind::CardNumber => lang.t("rule-card-number"),
        FieldKind::HolderName { max } => tr!(lang, "rule-holder-name", max = max),
        FieldKind::Rows { columns, most } => {
            let labels: Vec<_> = columns.iter().map(|column| lang.t(column.label)).collect();
            tr!(lang, "rule-rows", columns = labels.join(" | "), most = most)
        }
    }
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
