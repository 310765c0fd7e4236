//! Errors as a person reads them: what happened, why, and what to do now, in their language. The screens and the
//! command line show the same explanation.

use crate::api::{ApiError, Failure, Misconfigured, Refusal, Untrusted};
use crate::crypto::VerifyError;
use crate::i18n::{Lang, ToText};
use crate::ledger::{Ending, LedgerError};
use crate::model::MoneyError;
use crate::model::action::{PrepareError, Problem, RuleBroken};
use crate::services::{BillFailure, Denial, Outcome, Tried, Unwritten, WhyLeftOut};

/// An error, explained. Text from outside in it is not neutralised: whoever shows it does that.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explanation {
    pub what: String,
    pub why: Option<String>,
    /// The next safe action.
    pub next: Option<String>,
    /// WeChat Pay's error code.
    pub code: Option<String>,
    pub request_id: Option<String>,
}

/// Explains what went wrong between us and WeChat Pay.
pub fn api_error(lang: Lang, error: &ApiError) -> Explanation {
    let t = |id: &str| lang.t(id).into_owned();
    let mut explanation = match error {
        ApiError::Refused(refusal) => refused(lang, refusal),
        ApiError::Unreachable(failure) => {
            let (why, next) = failure_words(lang, failure);
            Explanation { what: t("what-unreachable"), why: Some(why), next: Some(next), ..Default::default() }
        }
        ApiError::UnknownOutcome(failure) => {
            let (why, _) = failure_words(lang, failure);
            let next = Some(t("advice-unknown-outcome"));
            Explanation { what: t("what-unknown-outcome"), why: Some(why), next, ..Default::default() }
        }
        ApiError::Untrusted { reason, .. } => {
            let (why, next) = untrusted_words(lang, reason);
            Explanation { what: t("what-untrusted"), why: Some(why), next: Some(next), ..Default::default() }
        }
        ApiError::Unreadable { source, .. } => Explanation {
            what: t("what-unreadable"),
            why: Some(source.to_string()),
            next: Some(t("advice-unreadable")),
            ..Default::default()
        },
        ApiError::Configuration(misconfigured) => configuration(lang, misconfigured),
    };
    explanation.code = error.refusal().map(|r| r.code.clone()).filter(|code| !code.is_empty());
    explanation.request_id = error.request_id().map(str::to_owned);
    explanation
}

fn refused(lang: Lang, refusal: &Refusal) -> Explanation {
    let message: &str = if refusal.message.is_empty() { &refusal.code } else { &refusal.message };
    let mut why: Vec<String> = Vec::new();
    if let Some(detail) = &refusal.detail {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let (field, issue, value) = (part(&detail.field), part(&detail.issue), part(&detail.value));
        why.push(lang.tr("why-field", &[("field", &field), ("issue", &issue), ("value", &value)]));
    }
    if let Some(cause) = refusal.cause() {
        let id = format!("cause-{cause}");
        why.push(if lang.has(&id) {
            lang.t(&id).into_owned()
        } else {
            lang.tr("why-cause", &[("cause", &cause.to_string())])
        });
    }
    if !refusal.signed {
        why.push(lang.t("why-unsigned-error").into_owned());
    }
    Explanation {
        what: lang.tr("what-refused", &[("status", &refusal.status.to_string()), ("message", &message)]),
        why: (!why.is_empty()).then(|| why.join(" ")),
        next: Some(advice(lang, refusal)),
        ..Default::default()
    }
}

/// The next safe action for an error code. Decided on status and code, never on the message.
fn advice(lang: Lang, refusal: &Refusal) -> String {
    // Older interfaces write the names of API v2, without the underscore (protocol reference §11).
    let code = match refusal.code.as_str() {
        "ORDERNOTEXIST" => "ORDER_NOT_EXIST",
        "ORDERCLOSED" => "ORDER_CLOSED",
        "ORDERPAID" => "ORDER_PAID",
        "NOTENOUGH" => "NOT_ENOUGH",
        "NOAUTH" => "NO_AUTH",
        "USERPAYING" => "USER_PAYING",
        "RULELIMIT" => "RULE_LIMIT",
        "SYSTEMERROR" => "SYSTEM_ERROR",
        other => other,
    };
    let by_code = format!("advice-{code}");
    let id = match refusal.status {
        401 => signature_advice(refusal),
        429 => "advice-FREQUENCY_LIMITED",
        _ if !code.is_empty() && lang.has(&by_code) => &by_code,
        500.. => "advice-SYSTEM_ERROR",
        404 | 405 => "advice-not-found",
        _ if !refusal.signed => "advice-unsigned-refusal",
        _ => "advice-other-refusal",
    };
    lang.t(id).into_owned()
}

/// What about our signature is at fault. Only the message and the detail tell, so this is a hint, no decision.
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

/// Why no usable answer came, and what to do.
fn failure_words(lang: Lang, failure: &Failure) -> (String, String) {
    let t = |id: &str| lang.t(id).into_owned();
    match failure {
        Failure::Connect(source) => {
            (lang.tr("why-connect", &[("source", &root_cause(&**source))]), t("advice-connect"))
        }
        Failure::Tls(source) => (lang.tr("why-tls", &[("source", &root_cause(&**source))]), t("advice-tls")),
        Failure::Timeout { seconds } => (lang.tr("why-timeout", &[("seconds", seconds)]), t("advice-connect")),
        Failure::Broken(source) => (lang.tr("why-broken", &[("source", &root_cause(&**source))]), t("advice-connect")),
        Failure::TooLarge { limit } => {
            (lang.tr("why-too-large", &[("limit", &(limit / 1024 / 1024))]), t("advice-not-wechat"))
        }
        Failure::Status(refusal) => {
            let explanation = refused(lang, refusal);
            (explanation.what, explanation.next.unwrap_or_default())
        }
        Failure::Untrusted(reason) => untrusted_words(lang, reason),
    }
}

/// The innermost error: libraries wrap the words that help ("connection refused") in those that do not.
fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    std::iter::successors(Some(error), |e| e.source()).last().map(ToString::to_string).unwrap_or_default()
}

fn untrusted_words(lang: Lang, reason: &Untrusted) -> (String, String) {
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
        Untrusted::Another { found } => (lang.tr("why-another", &[("found", found)]), t("advice-another")),
        Untrusted::Tls(source) => (lang.tr("why-tls", &[("source", &root_cause(&**source))]), t("advice-tls")),
        Untrusted::Unsigned { html: true } => (t("why-html"), t("advice-not-wechat")),
        Untrusted::Unsigned { html: false } => (t("why-unsigned"), t("advice-not-wechat")),
        Untrusted::Certificates(error) => {
            (lang.tr("why-certificates", &[("source", &error.to_string())]), t("advice-apiv3-key"))
        }
        Untrusted::Certificate(source) => {
            (lang.tr("why-certificate", &[("source", &source.to_string())]), t("advice-bad-signature"))
        }
    }
}

fn configuration(lang: Lang, misconfigured: &Misconfigured) -> Explanation {
    let (why, next) = match misconfigured {
        Misconfigured::Setting(missing) => {
            let setting = missing.0;
            (lang.tr("why-setting", &[("setting", &setting)]), lang.tr("advice-setting", &[("setting", &setting)]))
        }
        Misconfigured::PublicKeyNeeded => {
            (lang.t("why-public-key").into_owned(), lang.t("advice-public-key").into_owned())
        }
        Misconfigured::Region => (lang.t("why-region").into_owned(), lang.t("advice-region").into_owned()),
        Misconfigured::BaseUrl(url) => {
            (lang.tr("why-base-url", &[("url", url)]), lang.t("advice-base-url").into_owned())
        }
        Misconfigured::Client(source) => (root_cause(&**source), lang.t("advice-client").into_owned()),
    };
    let what = lang.t("what-configuration").into_owned();
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

/// Explains why the gate let an action not pass.
pub fn denial(lang: Lang, denial: &Denial) -> Explanation {
    let (why, next) = match denial {
        Denial::ReadOnly => (lang.t("why-read-only").into_owned(), "advice-read-only"),
        Denial::Rule { broken, profile } => (rule(lang, broken, profile), rule_advice(broken)),
        Denial::Illegal(reason) => (lang.t(reason.0).into_owned(), "advice-illegal"),
        Denial::Busy { journal } => (lang.tr("why-busy", &[("journal", journal)]), "advice-busy"),
        Denial::Journal(error) => {
            let Explanation { why, next, .. } = ledger(lang, error);
            let why = why.map(|why| lang.tr("why-journal", &[("source", &why)]));
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

/// Explains an outcome; `None` if it was done.
pub fn outcome(lang: Lang, outcome: &Outcome) -> Option<Explanation> {
    match outcome {
        Outcome::Done { .. } => None,
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

/// The same in a line: why, if that is told, else what.
pub fn outcome_line(lang: Lang, outcome: &Outcome) -> Option<String> {
    let explanation = self::outcome(lang, outcome)?;
    Some(explanation.why.unwrap_or(explanation.what))
}

/// Why an object is left out of a bulk action, in a line.
pub fn left_out(lang: Lang, why: &WhyLeftOut, profile: &str) -> String {
    match why {
        WhyLeftOut::Prepare(PrepareError::Illegal(illegal)) => lang.t(illegal.0).into_owned(),
        WhyLeftOut::Prepare(PrepareError::Fields(errors)) => {
            let words: Vec<String> = errors.iter().map(|error| problem(lang, &error.problem)).collect();
            words.join("; ")
        }
        WhyLeftOut::Prepare(PrepareError::Setting(missing)) => lang.tr("form-setting", &[("name", &missing.0)]),
        WhyLeftOut::Rule(broken) => rule(lang, broken, profile),
        WhyLeftOut::Unread(error) => api_error(lang, error).what,
        WhyLeftOut::Busy(journal) => lang.tr("why-busy", &[("journal", journal)]),
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
        RuleBroken::TooMany { .. } => "advice-rule-bulk",
        RuleBroken::NoReason(_) => "advice-rule-reason",
    }
}

/// Explains why there is no bill.
pub fn bill(lang: Lang, failure: &BillFailure) -> Explanation {
    match failure {
        BillFailure::Api(error) => api_error(lang, error),
        BillFailure::File { path, source } => Explanation {
            what: lang.tr("what-bill-file", &[("path", &path.display().to_string())]),
            why: Some(source.to_string()),
            ..Default::default()
        },
    }
}

/// Explains why the ledger cannot be used.
pub fn ledger(lang: Lang, error: &LedgerError) -> Explanation {
    let (path, error) = error.parts();
    let path = path.map_or_else(|| lang.t("the-ledger").into_owned(), |path| path.display().to_string());
    let because =
        |id: &str, source: &dyn std::error::Error| lang.tr(id, &[("path", &path), ("source", &source.to_string())]);
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
        LedgerError::Full(_) => {
            ("what-ledger-failed", lang.tr("why-ledger-full", &[("path", &path)]), "advice-ledger-space")
        }
        LedgerError::Disk(source) => ("what-ledger-failed", because("why-ledger-disk", source), "advice-ledger-space"),
        LedgerError::Sqlite(_) if error.is_busy() => {
            ("what-ledger-failed", lang.tr("why-ledger-busy", &[("path", &path)]), "advice-ledger-busy")
        }
        LedgerError::Sqlite(source) if error.is_forbidden() => {
            ("what-ledger", because("why-ledger-access", source), "advice-ledger-access")
        }
        LedgerError::Sqlite(source) => {
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

/// Explains that what became of an action is known, but not in the journal.
pub fn unwritten(lang: Lang, unwritten: &Unwritten) -> Explanation {
    let what = match unwritten.settlement.ending {
        Ending::Done => "what-unwritten-done",
        Ending::Refused => "what-unwritten-refused",
        Ending::Unknown | Ending::Untold => "what-unwritten-unknown",
    };
    // What is to be done about the ledger would have the action done again.
    let Explanation { why, .. } = ledger(lang, &unwritten.error);
    let next = Some(lang.tr("advice-unwritten", &[("journal", &unwritten.journal)]));
    Explanation { what: lang.t(what).into_owned(), why, next, ..Default::default() }
}

/// What was asked about a number, and what each answer was.
pub fn tried(lang: Lang, tried: &[Tried]) -> String {
    if tried.is_empty() {
        return lang.t("why-nothing-asked").into_owned();
    }
    let words = |tried: &Tried| {
        let Explanation { what, why, .. } = api_error(lang, &tried.error);
        // A refusal says it all; of other errors it is the cause that tells.
        let why = why.filter(|_| tried.error.refusal().is_none());
        let what = [Some(what), why].into_iter().flatten().collect::<Vec<_>>().join(": ");
        lang.tr("why-tried", &[("field", &tried.question.field()), ("what", &what)])
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
        Problem::NotInNumbers(c) => {
            lang.tr("problem-not-in-numbers", &[("character", &format!("U+{:04X}", u32::from(*c)))])
        }
    }
}
