//! How a command failed: its exit status and its explanation, for a person and for a program.

use std::process::ExitCode;
use std::sync::Arc;

use super::bulk::Counts;
use super::misuse;
use super::verify::Unproven;
use crate::api::{ApiError, Misconfigured};
use crate::config::{ConfigError, IdProblem};
use crate::crypto::{AeadError, CertificateError, FileKind, KeyError, Wanted};
use crate::explain::{self, Explanation};
use crate::i18n::{Lang, ToText};
use crate::ledger::{Broken, LedgerError};
use crate::model::action::{FieldError, Illegal, Problem};
use crate::model::bill::BillError;
use crate::model::{Kind, MissingSetting, Number, NumberError};
use crate::sandbox::SandboxError;
use crate::sandbox::control::{Rejection, RemoteError};
use crate::services::bills::Unclaimed;
use crate::services::{BillFailure, Denial, ListenError, Outcome, Stopped, Tried, Unwritten};
use crate::text;

/// The exit statuses other than success.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Status {
    /// WeChat Pay, or a precondition checked here, said no.
    Refused = 1,
    /// Usage or configuration.
    Usage = 2,
    /// Unreachable or timed out; of a mutation the outcome is unknown.
    Unreachable = 3,
    /// A signature, certificate or hash did not verify.
    Untrusted = 4,
    /// The operator left what only looks; as a shell tells it.
    Left = 130,
}

impl From<Status> for ExitCode {
    fn from(status: Status) -> Self {
        Self::from(status as u8)
    }
}

/// Why a command failed.
#[derive(Debug)]
pub enum Failure {
    Api(Arc<ApiError>, Option<i64>),
    /// What a change is about could not be looked at first, so that it was not sent.
    Unseen(Arc<ApiError>),
    /// A mutation that nobody knows the outcome of; its journal entry.
    Unknown(Arc<ApiError>, i64),
    /// The same of a raw request that no object can tell about.
    RawUnknown(Arc<ApiError>, i64),
    /// No usable answer came, and the object shows that the mutation had no effect; its journal entry.
    NoEffect(i64),
    /// So many outcomes are unknown after all were asked about.
    StillUnknown(usize),
    /// An entry of the journal that was to be closed has ended, or is being sent; what is known of it.
    NotOpen(i64, &'static str),
    /// The operator interrupted a mutation; its journal entry, if it got so far.
    Interrupted(Option<i64>),
    Denied(Denial),
    Illegal(Illegal, String),
    Fields(Vec<FieldError>),
    Setting(MissingSetting),
    Number(NumberError),
    Config(ConfigError),
    /// There is no configuration where one is needed; where it would be.
    NoConfig(String),
    Ledger(Arc<LedgerError>),
    /// An object was shown, and could not be kept in the ledger.
    Unkept(Arc<LedgerError>),
    /// A check of the ledger found damage; nothing was to be sent.
    Checked(Arc<LedgerError>),
    /// What became of a mutation could not be written to the journal.
    Unwritten(Box<Unwritten>),
    /// The journal's chain does not hold.
    Broken(Broken),
    Sandbox(SandboxError),
    /// Notifications cannot be received.
    Listen(ListenError),
    /// A running sandbox did not do what it was asked.
    Remote(RemoteError),
    /// Nothing was found under a number; what was tried.
    NotFound(Number, Vec<Tried>),
    /// A number stands for several objects, of these kinds.
    Ambiguous(Number, Vec<Kind>),
    /// An import that ran to its end, but not everything in the file was found or could be read.
    Incomplete {
        missing: usize,
        malformed: usize,
    },
    /// A bulk action of which not everything was done; the worst of it, and how many came to what.
    Bulk(Status, Counts),
    /// A bill that was not downloaded, or is no longer there.
    NoBill(String),
    /// The day of a bill goes on.
    DayGoesOn(String),
    /// A file is no bill that can be read.
    NotABill(String, BillError),
    /// A file of numbers is no text that can be read.
    NotLines(String, BillError),
    /// A bill of which lines, rows, its end or its summary are not as they should be: its path, and how many bad lines.
    FlawedBill(String, u64),
    /// A bill is not what it was when it was downloaded: its path, and the hashes of then and now.
    AlteredBill {
        path: String,
        was: String,
        is: String,
    },
    /// What was sent to somebody's back end once more was not accepted, or not answered; why.
    NotReplayed(Status, String),
    /// A message that was kept is not proven to be WeChat Pay's.
    Unproven(Unproven),
    /// A message that was kept is a notification of APIv2, which is not judged here.
    KeptV2,
    /// The operator interrupted what changes nothing.
    Halted,
    /// The operator left what only looks: nothing more is said.
    Left,
    /// Of the objects watched some came to another end than the one waited for, or WeChat Pay said no.
    Missed {
        status: Status,
        missed: usize,
        refused: usize,
        total: usize,
        state: String,
    },
    /// So many of the objects watched were still open when the time was over.
    TimedOut {
        open: usize,
        total: usize,
    },
    /// A mutation off a terminal without `--yes`.
    NeedsYes,
    /// The operator did not confirm.
    NotConfirmed,
    /// The arguments are none of a command's.
    Arguments(clap::Error),
    /// Something else that an argument says is not so.
    Usage(String),
    Io(String, std::io::Error),
}

impl Failure {
    pub fn io(what: &str, error: std::io::Error) -> Self {
        Self::Io(what.to_owned(), error)
    }

    /// A file that was named could not be read: a wrong name is a wrong argument.
    pub fn unread(name: &str, error: std::io::Error) -> Self {
        use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
        match error.kind() {
            NotFound | PermissionDenied | IsADirectory => Self::Usage(format!("{name}: {error}")),
            _ => Self::io(name, error),
        }
    }

    /// The failure in an outcome; `None` if it was done.
    pub fn of(outcome: Outcome) -> Option<Self> {
        match outcome {
            Outcome::Done { .. } => None,
            Outcome::Refused { error, journal } => Some(Self::Api(error, journal)),
            Outcome::NoEffect { journal, .. } => Some(Self::NoEffect(journal)),
            Outcome::Unknown { error, journal } => Some(Self::Unknown(error, journal)),
            Outcome::Denied(denial) => Some(Self::Denied(denial)),
        }
    }

    pub fn status(&self) -> Status {
        match self {
            Self::Api(error, _) | Self::Unseen(error) => match **error {
                ApiError::Refused(_) | ApiError::Unreadable { .. } => Status::Refused,
                ApiError::Unreachable(_) | ApiError::UnknownOutcome(_) => Status::Unreachable,
                ApiError::Untrusted { .. } => Status::Untrusted,
                ApiError::Configuration(_) => Status::Usage,
            },
            Self::Unknown(..)
            | Self::RawUnknown(..)
            | Self::Interrupted(_)
            | Self::Remote(RemoteError::NotThere(_)) => Status::Unreachable,
            Self::Remote(RemoteError::Refused(_)) => Status::Refused,
            Self::Unproven(unproven) => match *unproven.error() {
                ApiError::Configuration(_) => Status::Usage,
                ApiError::Unreadable { .. } => Status::Refused,
                _ => Status::Untrusted,
            },
            Self::AlteredBill { .. } | Self::KeptV2 => Status::Untrusted,
            Self::Bulk(worst, _) | Self::NotReplayed(worst, _) => *worst,
            Self::Missed { status, .. } => *status,
            Self::TimedOut { .. } => Status::Unreachable,
            Self::Left => Status::Left,
            Self::Denied(Denial::Journal(error)) | Self::Ledger(error) if error.is_unsound() => Status::Untrusted,
            // It may have been done, and nobody knows yet.
            Self::Denied(Denial::Repeated(_)) | Self::StillUnknown(_) => Status::Unreachable,
            Self::Denied(_)
            | Self::Illegal(..)
            | Self::NoEffect(_)
            | Self::NotOpen(..)
            | Self::NotConfirmed
            | Self::NotFound(..)
            | Self::Ambiguous(..)
            | Self::Incomplete { .. }
            | Self::NoBill(_)
            | Self::DayGoesOn(_)
            | Self::NotABill(..)
            | Self::NotLines(..)
            | Self::FlawedBill(..)
            | Self::Halted
            | Self::Broken(_)
            | Self::Ledger(_)
            | Self::Unkept(_)
            | Self::Checked(_)
            | Self::Unwritten(_)
            | Self::Io(..) => Status::Refused,
            _ => Status::Usage,
        }
    }

    /// The word for its kind in JSON output.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Api(error, _) | Self::Unseen(error) => error.kind(),
            Self::Unknown(..)
            | Self::RawUnknown(..)
            | Self::Interrupted(_)
            | Self::StillUnknown(_)
            | Self::Denied(Denial::Repeated(_)) => "unknown",
            Self::NoEffect(_) => "refused",
            Self::Denied(Denial::Rule { broken, .. }) => broken.kind(),
            Self::Denied(Denial::Journal(error)) | Self::Ledger(error) if error.is_unsound() => "damaged",
            Self::Checked(_) => "damaged",
            Self::Denied(Denial::Journal(_)) | Self::Unkept(_) => "ledger",
            Self::Denied(_) | Self::Illegal(..) | Self::NotConfirmed | Self::NotOpen(..) => "precondition",
            Self::NotFound(..) | Self::NoBill(_) => "not-found",
            Self::DayGoesOn(_) => "precondition",
            Self::NotABill(..) | Self::NotLines(..) => "unreadable",
            Self::Unproven(unproven) => unproven.error().kind(),
            Self::AlteredBill { .. } | Self::KeptV2 => "untrusted",
            Self::Ambiguous(..) => "ambiguous",
            Self::Incomplete { .. } | Self::FlawedBill(..) | Self::Bulk(..) | Self::Missed { .. } => "incomplete",
            Self::TimedOut { .. } => "timeout",
            Self::Halted | Self::Left => "interrupted",
            Self::NotReplayed(Status::Unreachable, _) => "unreachable",
            Self::NotReplayed(..) => "refused",
            Self::Config(_) | Self::NoConfig(_) | Self::Setting(_) => "configuration",
            Self::Ledger(_) | Self::Unwritten(_) | Self::Broken(_) => "ledger",
            Self::Sandbox(_) => "sandbox",
            Self::Listen(_) => "listen",
            Self::Remote(RemoteError::NotThere(_)) => "unreachable",
            Self::Remote(RemoteError::Refused(_)) => "refused",
            Self::Remote(RemoteError::Usage(_)) => "usage",
            Self::Fields(_) | Self::Number(_) | Self::NeedsYes | Self::Arguments(_) | Self::Usage(_) => "usage",
            Self::Io(..) => "io",
        }
    }

    pub fn journal(&self) -> Option<i64> {
        match self {
            Self::Api(_, journal) => *journal,
            Self::Unknown(_, journal)
            | Self::RawUnknown(_, journal)
            | Self::NoEffect(journal)
            | Self::Denied(Denial::Busy { journal } | Denial::SameRequest { journal }) => Some(*journal),
            Self::Interrupted(journal) => *journal,
            Self::Denied(Denial::Repeated(earlier)) => earlier.journal,
            Self::NotOpen(journal, _) => Some(*journal),
            Self::Unwritten(unwritten) => Some(unwritten.journal),
            _ => None,
        }
    }

    /// What answers said at more than a person's length, whole.
    pub fn whole(&self) -> Vec<&str> {
        let errors: Vec<&ApiError> = match self {
            Self::Api(error, _) | Self::Unseen(error) | Self::Unknown(error, _) | Self::RawUnknown(error, _) => {
                vec![error]
            }
            Self::NotFound(_, tried) => tried.iter().map(|tried| &tried.error).collect(),
            _ => Vec::new(),
        };
        let mut whole: Vec<&str> = Vec::new();
        for message in errors.iter().filter_map(|error| error.refusal()).map(|refusal| refusal.message.as_str()) {
            if text::beginning(message, text::LONGEST).is_some() && !whole.contains(&message) {
                whole.push(message);
            }
        }
        whole
    }

    pub fn explain(&self, lang: Lang) -> Explanation {
        let t = |id: &str| Some(lang.t(id).into_owned());
        let words = |what: &str, why: Option<String>, next: Option<String>| Explanation {
            what: lang.t(what).into_owned(),
            why,
            next,
            ..Default::default()
        };
        match self {
            Self::Api(error, Some(_)) => explain::change_error(lang, error),
            Self::Unseen(error) => explain::unsent(lang, error),
            Self::Api(error, _) | Self::Unknown(error, _) => explain::api_error(lang, error),
            Self::RawUnknown(error, _) => explain::raw_error(lang, error),
            Self::NoEffect(_) => words("what-no-effect", t("why-no-effect"), t("advice-no-effect")),
            Self::Interrupted(_) => {
                words("what-unknown-outcome", t("cli-why-interrupted"), t("cli-advice-interrupted"))
            }
            Self::StillUnknown(count) => Explanation {
                what: lang.tr("cli-journal-open", &[("count", count)]),
                next: t("cli-advice-still-unknown"),
                ..Default::default()
            },
            Self::NotOpen(journal, word) => Explanation {
                what: lang.tr("cli-journal-not-open", &[("journal", journal), ("outcome", &lang.t(word).into_owned())]),
                next: t("cli-advice-not-open"),
                ..Default::default()
            },
            Self::Denied(denial) => explain::denial(lang, denial),
            Self::Illegal(reason, state) => {
                let why = format!("{} ({state})", lang.t(reason.0));
                words("what-denied", Some(why), t("advice-illegal"))
            }
            Self::Fields(errors) => {
                let line = |e: &FieldError| match e.field {
                    // What the form has no field for.
                    "" => explain::problem(lang, &e.problem),
                    // A member of the body that no flag stands for.
                    member if matches!(e.problem, Problem::Rule { id: "problem-derived", .. }) => {
                        format!("{member}: {}", explain::problem(lang, &e.problem))
                    }
                    field => format!("--{field}: {}", explain::problem(lang, &e.problem)),
                };
                let why = errors.iter().map(line).collect::<Vec<_>>().join("; ");
                words("cli-error-fields", Some(why), t("cli-advice-fields"))
            }
            Self::Setting(missing) => {
                explain::api_error(lang, &ApiError::Configuration(Misconfigured::Setting(*missing)))
            }
            Self::Number(error) => {
                words("cli-error-number", Some(explain::number(lang, error)), t("cli-advice-number"))
            }
            Self::Config(error) => config(lang, error),
            Self::NoConfig(path) => words("cli-error-no-config", Some(path.clone()), t("cli-advice-no-config")),
            Self::Ledger(error) | Self::Checked(error) => explain::ledger(lang, error),
            Self::Unkept(error) => {
                Explanation { what: lang.t("cli-error-unkept").into_owned(), ..explain::ledger(lang, error) }
            }
            Self::Unwritten(unwritten) => explain::unwritten(lang, unwritten),
            Self::Broken(broken) => {
                words("cli-error-journal-broken", Some(explain::broken(lang, broken)), t("cli-advice-journal-broken"))
            }
            Self::Sandbox(error) => words("cli-error-sandbox", Some(chain(error)), t("cli-advice-sandbox")),
            Self::Listen(error) => match error {
                ListenError::Bind { .. } => words("listen-error", Some(chain(error)), t("listen-advice-bind")),
                ListenError::Misconfigured(Misconfigured::Setting(missing)) => Self::Setting(*missing).explain(lang),
                ListenError::Misconfigured(_) => {
                    words("what-configuration", Some(chain(error)), t("cli-advice-config"))
                }
            },
            Self::Remote(error) => match error {
                RemoteError::NotThere(source) => {
                    let why = source.as_deref().map(|source| chain(source));
                    words("cli-error-no-gateway", why, t("cli-advice-no-gateway"))
                }
                RemoteError::Refused(why) => {
                    words("cli-error-world", Some(rejection_words(lang, why)), t("cli-advice-world"))
                }
                RemoteError::Usage(why) => words("cli-error-usage", Some(why.clone()), t("cli-advice-usage")),
            },
            Self::NotFound(number, tried) => Explanation {
                what: lang.tr("cli-error-not-found", &[("number", &number.as_str())]),
                why: Some(explain::tried(lang, tried)),
                next: t("cli-advice-not-found"),
                ..Default::default()
            },
            Self::Ambiguous(number, kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.noun()).collect();
                Explanation {
                    what: lang.tr("cli-error-ambiguous", &[("number", &number.as_str())]),
                    why: Some(kinds.join(", ")),
                    next: t("cli-advice-ambiguous"),
                    ..Default::default()
                }
            }
            Self::Incomplete { missing, malformed } => Explanation {
                what: lang.tr("cli-error-incomplete", &[("missing", missing), ("malformed", malformed)]),
                next: t("cli-advice-incomplete"),
                ..Default::default()
            },
            Self::Bulk(_, counts) => {
                let Counts { done, refused, unknown, not_sent, left_out, .. } = counts;
                let parts = [
                    ("done", done),
                    ("refused", refused),
                    ("unknown", unknown),
                    ("not-sent", not_sent),
                    ("left-out", left_out),
                ];
                let parts = parts.iter().filter(|(_, count)| **count > 0);
                let told = parts.map(|(word, n)| format!("{n} {}", lang.t(&format!("bulk-outcome-{word}"))));
                words("cli-error-bulk", Some(told.collect::<Vec<_>>().join(" · ")), Some(counts.advice(lang)))
            }
            Self::NoBill(which) => Explanation {
                what: lang.tr("cli-error-no-bill", &[("which", which)]),
                next: t("cli-advice-no-bill"),
                ..Default::default()
            },
            Self::DayGoesOn(day) => Explanation {
                what: lang.tr("bill-day-goes-on", &[("day", day)]),
                next: t("cli-advice-day-goes-on"),
                ..Default::default()
            },
            Self::NotABill(path, error) | Self::NotLines(path, error) => {
                let what = match self {
                    Self::NotABill(..) => "cli-error-not-a-bill",
                    _ => "cli-error-not-lines",
                };
                let (why, next) = explain::unread_bill(lang, error);
                words(what, Some(format!("{path}: {why}")), Some(next))
            }
            Self::FlawedBill(path, lines) => Explanation {
                what: lang.tr("cli-error-flawed-bill", &[("path", path)]),
                why: (*lines > 0).then(|| lang.tr("bill-without-bad-lines", &[("n", lines)])),
                next: t("cli-advice-flawed-bill"),
                ..Default::default()
            },
            Self::AlteredBill { path, was, is } => Explanation {
                what: lang.tr("cli-error-altered-bill", &[("path", path)]),
                why: Some(lang.tr("cli-why-altered-bill", &[("was", was), ("is", is)])),
                next: t("cli-advice-no-bill"),
                ..Default::default()
            },
            Self::NotReplayed(Status::Unreachable, why) => {
                words("toast-replay-failed", Some(why.clone()), t("cli-advice-replay-unanswered"))
            }
            Self::NotReplayed(_, why) => {
                words("cli-error-replay-refused", Some(why.clone()), t("cli-advice-replay-refused"))
            }
            Self::Unproven(unproven) => unproven.explain(lang),
            Self::KeptV2 => words("kept-v2", t("kept-why-v2"), t("kept-advice-v2")),
            Self::Halted => words("cli-error-halted", None, t("cli-advice-halted")),
            Self::Left => words("cli-error-halted", None, None),
            Self::Missed { missed, refused, total, state, .. } => {
                let counts: [(&str, &dyn ToText); 4] =
                    [("missed", missed), ("refused", refused), ("total", total), ("state", state)];
                let parts = [("cli-why-missed", *missed), ("cli-why-not-followed", *refused)];
                let parts = parts.iter().filter(|(_, count)| *count > 0).map(|(id, _)| lang.tr(id, &counts));
                words("cli-error-missed", Some(parts.collect::<Vec<_>>().join(" · ")), t("cli-advice-missed"))
            }
            Self::TimedOut { open, total } => Explanation {
                what: lang.tr("cli-error-timed-out", &[("open", open), ("total", total)]),
                next: t("cli-advice-timed-out"),
                ..Default::default()
            },
            Self::NeedsYes => words("cli-error-needs-yes", None, t("cli-advice-needs-yes")),
            Self::NotConfirmed => words("cli-error-not-confirmed", None, t("cli-advice-not-confirmed")),
            Self::Arguments(error) => misuse::explain(lang, error),
            Self::Usage(why) => words("cli-error-usage", Some(why.clone()), t("cli-advice-usage")),
            Self::Io(what, error) => {
                words("cli-error-io", Some(format!("{what}: {}", chain(error))), t("cli-advice-io"))
            }
        }
    }
}

/// The error and its causes, each once.
fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let mut parts: Vec<String> = Vec::new();
    for error in std::iter::successors(Some(error), |e| e.source()) {
        let text = error.to_string();
        if !parts.iter().any(|part| part.contains(&text)) {
            parts.push(text);
        }
    }
    parts.join(": ")
}

/// Explains what is wrong with the configuration.
pub fn config(lang: Lang, error: &ConfigError) -> Explanation {
    let t = |id: &str| lang.t(id).into_owned();
    let next = match error {
        ConfigError::UnknownKey { nearest: Some(nearest), .. }
        | ConfigError::UnknownAction { nearest: Some(nearest), .. } => {
            lang.tr("cli-advice-nearest", &[("nearest", nearest)])
        }
        ConfigError::UnknownProfile { known, .. } => lang.tr("cli-advice-profiles", &[("known", &known.join(", "))]),
        ConfigError::Value { expected, .. } => lang.tr("cli-advice-value", &[("expected", expected)]),
        ConfigError::Secret { .. } => t("cli-advice-secret"),
        ConfigError::Key { key, .. } if key.ends_with("platform.public_key") => t("cli-advice-public-key"),
        ConfigError::Key { source: KeyError::WrongKind { found: FileKind::Pkcs12, .. }, .. } => t("cli-advice-key-p12"),
        ConfigError::Key { .. } => t("cli-advice-key"),
        ConfigError::ApiV3Key { .. } => t("advice-apiv3-key"),
        ConfigError::Certificate { .. } => t("cli-advice-certificate"),
        ConfigError::SerialMismatch { .. } => t("cli-advice-serial"),
        ConfigError::KeyMismatch { .. } => t("cli-advice-key-pair"),
        ConfigError::KeyInFile { key, .. } => lang.tr("cli-advice-key-in-file", &[("key", &last_part(key))]),
        ConfigError::Insecure { .. } => t("cli-advice-insecure"),
        ConfigError::Id { key, .. } if key.ends_with("platform.id") => t("cli-advice-public-key-id"),
        ConfigError::Id { .. } => t("cli-advice-merchant-serial"),
        _ => t("cli-advice-config"),
    };
    let why = match error {
        ConfigError::UnknownProfile { name, .. } => lang.tr("cli-why-unknown-profile", &[("name", name)]),
        ConfigError::UnknownKey { path, line, key, .. } => {
            lang.tr("cli-why-unknown-key", &[("path", &path.display().to_string()), ("line", line), ("key", key)])
        }
        ConfigError::Key { key, from, source } => {
            lang.tr("cli-why-key", &[("key", key), ("from", from), ("problem", &key_problem(lang, source))])
        }
        ConfigError::Certificate { from, source } => {
            let problem = match source {
                CertificateError::Key(source) => key_problem(lang, source),
                CertificateError::Malformed(_) | CertificateError::Build(_) => t("key-no-certificate"),
            };
            lang.tr("cli-why-certificate", &[("from", from), ("problem", &problem)])
        }
        ConfigError::ApiV3Key { from, source } => {
            lang.tr("cli-why-apiv3-key", &[("from", from), ("problem", &apiv3_problem(lang, source))])
        }
        ConfigError::Id { key, problem } => {
            lang.tr("cli-why-id", &[("key", key), ("problem", &id_problem(lang, problem))])
        }
        ConfigError::KeyInFile { path, key } => {
            lang.tr("cli-why-key-in-file", &[("path", &path.display().to_string()), ("key", key)])
        }
        ConfigError::Insecure { key } => lang.tr("cli-why-insecure", &[("key", key)]),
        ConfigError::Value { key, value, .. } => {
            lang.tr("cli-why-value", &[("key", key), ("value", &format!("{value:?}"))])
        }
        ConfigError::Read { path, source } => {
            lang.tr("cli-why-config-read", &[("path", &path.display().to_string()), ("error", &source.to_string())])
        }
        ConfigError::Syntax { path, line, message } => {
            let path = path.display().to_string();
            lang.tr("cli-why-config-line", &[("path", &path), ("line", line), ("error", message)])
        }
        ConfigError::UnknownAction { key, name, .. } => {
            lang.tr("cli-why-unknown-action", &[("key", key), ("name", name)])
        }
        ConfigError::Missing { key, .. } => lang.tr("cli-why-config-missing", &[("key", key)]),
        ConfigError::Secret { key, from, source } => {
            lang.tr("cli-why-secret", &[("key", key), ("from", from), ("error", &source.to_string())])
        }
        ConfigError::SerialMismatch { configured, found, from } => {
            let words: [(&str, &dyn ToText); 3] =
                [("configured", &configured.as_str()), ("found", &found.as_str()), ("from", from)];
            lang.tr("cli-why-serial-mismatch", &words)
        }
        ConfigError::KeyMismatch { certificate, key } if certificate == key => {
            lang.tr("cli-why-bundle-mismatch", &[("key", key)])
        }
        ConfigError::KeyMismatch { certificate, key } => {
            lang.tr("cli-why-key-mismatch", &[("certificate", certificate), ("key", key)])
        }
    };
    let what = t("what-configuration");
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn key_problem(lang: Lang, error: &KeyError) -> String {
    let t = |id: &str| lang.t(id).into_owned();
    match error {
        KeyError::Empty => t("key-empty"),
        KeyError::Encrypted => t("key-encrypted"),
        KeyError::Malformed => t("key-malformed"),
        KeyError::Size(bits) => lang.tr("key-size", &[("bits", &bits.to_string())]),
        KeyError::Own => t("key-own"),
        KeyError::WrongKind { found, wanted } => {
            let found = match found {
                FileKind::Certificate => t("file-certificate"),
                FileKind::Pkcs12 => t("file-pkcs12"),
                FileKind::PrivateKey => t("file-private-key"),
                FileKind::PublicKey => t("file-public-key"),
                FileKind::EncryptedKey => t("file-encrypted-key"),
                FileKind::OtherKey => t("file-other-key"),
                FileKind::CertificateRequest => t("file-certificate-request"),
                FileKind::Zip => t("file-zip"),
                FileKind::KeyStore => t("file-key-store"),
                FileKind::Pem(label) => lang.tr("file-pem", &[("label", label)]),
                FileKind::Binary => t("file-binary"),
            };
            let wanted = match wanted {
                Wanted::PrivateKey => t("wanted-private-key"),
                Wanted::PublicKey => t("wanted-public-key"),
                Wanted::Certificate => t("wanted-certificate"),
            };
            lang.tr("key-wrong-kind", &[("found", &found), ("wanted", &wanted)])
        }
    }
}

fn apiv3_problem(lang: Lang, error: &AeadError) -> String {
    match error {
        AeadError::KeyLength(characters) => lang.tr("key-length", &[("characters", &characters.to_string())]),
        AeadError::KeyCharacter { place, found, characters } => {
            let code = format!("U+{:04X}", u32::from(*found));
            let invisible =
                found.is_control() || found.is_whitespace() || text::width(found.encode_utf8(&mut [0; 4])) == 0;
            let found = if invisible { code } else { format!("{found} ({code})") };
            let words: [(&str, &dyn ToText); 3] =
                [("place", &place.to_string()), ("found", &found), ("characters", &characters.to_string())];
            lang.tr("key-character", &words)
        }
        AeadError::KeyBinary => lang.t("key-binary").into_owned(),
        other => other.to_string(),
    }
}

fn id_problem(lang: Lang, problem: &IdProblem) -> String {
    let t = |id: &str| lang.t(id).into_owned();
    match problem {
        IdProblem::NotSerial { count: 39 } => t("id-one-short"),
        IdProblem::NotSerial { count: 40 } => t("id-not-hexadecimal"),
        IdProblem::NotSerial { count } => lang.tr("id-not-serial", &[("count", &count.to_string())]),
        IdProblem::Decimal(serial) => lang.tr("id-decimal", &[("serial", &serial.as_str())]),
        IdProblem::Prefix(prefix) => lang.tr("id-prefix", &[("prefix", prefix)]),
        IdProblem::PublicKeyId => t("id-is-public-key"),
        IdProblem::CertificateSerial => t("id-is-serial"),
        IdProblem::NotPublicKeyId => t("id-not-public-key"),
    }
}

macro_rules! from {
    ($($error:ty => $variant:ident,)*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}
from! {
    ConfigError => Config,
    Arc<LedgerError> => Ledger,
    SandboxError => Sandbox,
    ListenError => Listen,
    RemoteError => Remote,
    NumberError => Number,
}

impl From<LedgerError> for Failure {
    fn from(error: LedgerError) -> Self {
        Self::Ledger(Arc::new(error))
    }
}

impl From<Stopped> for Failure {
    fn from(stopped: Stopped) -> Self {
        match stopped {
            Stopped::Api(error) => error.into(),
            Stopped::Ledger(error) => error.into(),
        }
    }
}

impl From<Unclaimed> for Failure {
    fn from(why: Unclaimed) -> Self {
        match why {
            Unclaimed::Bill(failure) => failure.into(),
            Unclaimed::Ledger(error) => error.into(),
            Unclaimed::Altered { path, was, is } => Self::AlteredBill { path: path.display().to_string(), was, is },
        }
    }
}

impl From<BillFailure> for Failure {
    fn from(failure: BillFailure) -> Self {
        match failure {
            BillFailure::Api(error) => error.into(),
            BillFailure::File { path, source } => Self::io(&path.display().to_string(), source),
        }
    }
}

impl From<ApiError> for Failure {
    fn from(error: ApiError) -> Self {
        Self::Api(Arc::new(error), None)
    }
}

impl From<Misconfigured> for Failure {
    fn from(error: Misconfigured) -> Self {
        ApiError::from(error).into()
    }
}

/// Why the sandbox rejected a verb, in words; in the gateway's own if its code is unknown here.
pub(super) fn rejection_words(lang: Lang, rejection: &Rejection) -> String {
    let id = format!("ctl-refused-{}", rejection.code);
    match lang.has(&id) {
        true => lang.tr(&id, &[("number", &rejection.number)]),
        false => rejection.message.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Conclusion, Ending};
    use crate::model::bill::BillError;

    /// One of each. What is added to the failures is to be added here, too: the compiler asks for it.
    fn every_failure() -> Vec<Failure> {
        let refused = || ApiError::Unreachable(crate::api::Failure::Timeout { seconds: 3 });
        let unwritten = || Unwritten {
            journal: 7,
            at: time::OffsetDateTime::UNIX_EPOCH,
            conclusion: Conclusion::of(Ending::Done),
            error: Arc::new(LedgerError::Thread),
        };
        let bind = "127.0.0.1:1".parse().unwrap();
        let io = || std::io::Error::other("x");
        let number = || Number::parse("N-1").unwrap();
        let misuse = super::super::arguments::command(Lang::En).try_get_matches_from(["paydeck", "nonsense"]);
        let config = ConfigError::Missing { path: "config.toml".into(), key: "mchid".into() };
        let field = FieldError { field: "amount", problem: Problem::Required };
        let all = vec![
            Failure::Api(Arc::new(refused()), None),
            Failure::Unseen(Arc::new(refused())),
            Failure::Unknown(Arc::new(refused()), 7),
            Failure::RawUnknown(Arc::new(refused()), 7),
            Failure::NoEffect(7),
            Failure::StillUnknown(2),
            Failure::NotOpen(7, "bulk-outcome-done"),
            Failure::Interrupted(Some(7)),
            Failure::Denied(Denial::ReadOnly),
            Failure::Illegal(Illegal("illegal-overtaken"), "SUCCESS".into()),
            Failure::Fields(vec![field]),
            Failure::Setting(MissingSetting("appid")),
            Failure::Number(NumberError::Empty),
            Failure::Config(config),
            Failure::NoConfig("config.toml".into()),
            Failure::Ledger(Arc::new(LedgerError::Thread)),
            Failure::Unkept(Arc::new(LedgerError::Thread)),
            Failure::Checked(Arc::new(LedgerError::Thread)),
            Failure::Unwritten(Box::new(unwritten())),
            Failure::Broken(Broken::Missing(7)),
            Failure::Sandbox(SandboxError::Bind { address: bind, source: io() }),
            Failure::Listen(ListenError::Bind { address: "x".into(), source: io() }),
            Failure::Listen(ListenError::Misconfigured(Misconfigured::PublicKeyNeeded)),
            Failure::Remote(RemoteError::NotThere(None)),
            Failure::Remote(RemoteError::Refused(Rejection::default())),
            Failure::Remote(RemoteError::Usage("x".into())),
            Failure::NotFound(number(), Vec::new()),
            Failure::Ambiguous(number(), vec![Kind::Plan, Kind::Refund]),
            Failure::Incomplete { missing: 1, malformed: 1 },
            Failure::Bulk(Status::Refused, Counts { refused: 1, ..Counts::default() }),
            Failure::NoBill("x".into()),
            Failure::DayGoesOn("2026-11-27".into()),
            Failure::NotABill("x".into(), BillError::NoHeader),
            Failure::NotLines("x".into(), BillError::NoHeader),
            Failure::FlawedBill("x".into(), 2),
            Failure::AlteredBill { path: "x".into(), was: "a".into(), is: "b".into() },
            Failure::NotReplayed(Status::Unreachable, "x".into()),
            Failure::NotReplayed(Status::Refused, "x".into()),
            Failure::Unproven(Unproven::of(refused())),
            Failure::KeptV2,
            Failure::Halted,
            Failure::Missed { status: Status::Refused, missed: 1, refused: 1, total: 2, state: "PAID".into() },
            Failure::TimedOut { open: 1, total: 2 },
            Failure::NeedsYes,
            Failure::NotConfirmed,
            Failure::Arguments(misuse.unwrap_err()),
            Failure::Usage("x".into()),
            Failure::io("x", io()),
        ];
        let name = |failure: &Failure| match failure {
            Failure::Api(..) => "Api",
            Failure::Unseen(_) => "Unseen",
            Failure::Unknown(..) => "Unknown",
            Failure::RawUnknown(..) => "RawUnknown",
            Failure::NoEffect(_) => "NoEffect",
            Failure::StillUnknown(_) => "StillUnknown",
            Failure::NotOpen(..) => "NotOpen",
            Failure::Interrupted(_) => "Interrupted",
            Failure::Denied(_) => "Denied",
            Failure::Illegal(..) => "Illegal",
            Failure::Fields(_) => "Fields",
            Failure::Setting(_) => "Setting",
            Failure::Number(_) => "Number",
            Failure::Config(_) => "Config",
            Failure::NoConfig(_) => "NoConfig",
            Failure::Ledger(_) => "Ledger",
            Failure::Unkept(_) => "Unkept",
            Failure::Checked(_) => "Checked",
            Failure::Unwritten(_) => "Unwritten",
            Failure::Broken(_) => "Broken",
            Failure::Sandbox(_) => "Sandbox",
            Failure::Listen(_) => "Listen",
            Failure::Remote(_) => "Remote",
            Failure::NotFound(..) => "NotFound",
            Failure::Ambiguous(..) => "Ambiguous",
            Failure::Incomplete { .. } => "Incomplete",
            Failure::Bulk(..) => "Bulk",
            Failure::NoBill(_) => "NoBill",
            Failure::DayGoesOn(_) => "DayGoesOn",
            Failure::NotABill(..) => "NotABill",
            Failure::NotLines(..) => "NotLines",
            Failure::FlawedBill(..) => "FlawedBill",
            Failure::AlteredBill { .. } => "AlteredBill",
            Failure::NotReplayed(..) => "NotReplayed",
            Failure::Unproven(_) => "Unproven",
            Failure::KeptV2 => "KeptV2",
            Failure::Halted => "Halted",
            // Nothing is said.
            Failure::Left => unreachable!(),
            Failure::Missed { .. } => "Missed",
            Failure::TimedOut { .. } => "TimedOut",
            Failure::NeedsYes => "NeedsYes",
            Failure::NotConfirmed => "NotConfirmed",
            Failure::Arguments(_) => "Arguments",
            Failure::Usage(_) => "Usage",
            Failure::Io(..) => "Io",
        };
        let names: std::collections::BTreeSet<&str> = all.iter().map(name).collect();
        assert_eq!(names.len(), 44, "one of each: {names:?}");
        all
    }

    #[test]
    fn every_failure_of_a_command_says_what_to_do_now_in_both_languages() {
        for lang in [Lang::En, Lang::ZhCn] {
            for failure in every_failure() {
                let told = failure.explain(lang);
                let advice = told.next.unwrap_or_default();
                assert!(!told.what.trim().is_empty() && !advice.trim().is_empty(), "{failure:?} in {}", lang.tag());
                for word in ["(r)", "(p)", " Raw", "“原文”", " tab "] {
                    assert!(!advice.contains(word), "{failure:?}: {advice}");
                }
            }
        }
    }

    #[test]
    fn what_a_rule_forbids_is_never_to_be_run_again() {
        let advice = |counts: Counts| Failure::Bulk(Status::Refused, counts).explain(Lang::En).next.unwrap();
        let counts = Counts::default();
        let again = |text: &str| text.contains("Run the same command again");
        for forbidden in [
            Counts { left_out: 3, forbidden: 3, ..counts },
            Counts { refused: 1, not_sent: 4, forbidden: 1, ..counts },
            Counts { done: 2, refused: 2, left_out: 1, unknown: 1, forbidden: 1, ..counts },
        ] {
            let advice = advice(forbidden);
            assert!(!again(&advice) && advice.contains("--profile"), "{forbidden:?}: {advice}");
        }
        assert!(again(&advice(Counts { not_sent: 4, unknown: 1, ..counts })));
        assert!(advice(Counts { unknown: 1, ..counts }).contains("paydeck journal resolve"));
        assert!(!again(&advice(Counts { refused: 1, ..counts })), "what was refused is refused again");
        for counts in [Counts { left_out: 1, ..counts }, Counts { refused: 1, left_out: 1, ..counts }] {
            assert!(!advice(counts).is_empty(), "{counts:?}");
        }
    }
}
