//! The explanation of each failure.

use super::rejection_words;
use super::{Counts, Failure, Status};
use crate::api::{ApiError, Misconfigured};
use crate::cli::usage_error;
use crate::config::{ConfigError, IdProblem};
use crate::console::{KeyProblem, ThemeError};
use crate::crypto::{AeadError, CertificateError, ExpectedFile, FileKind, KeyError};
use crate::explain::{self, Explanation};
use crate::i18n::Lang;
use crate::model::action::{FieldError, Problem};
use crate::program::TemplateError;
use crate::sandbox::control::RemoteError;
use crate::services::ListenError;
use crate::text;

impl Failure {
    pub fn explain(&self, lang: Lang) -> Explanation {
        let t = |id: &str| Some(lang.t(id));
        let words = |what: &str, why: Option<String>, next: Option<String>| Explanation {
            what: lang.t(what),
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
                what: tr!(lang, "cli-journal-open", count = count),
                next: t("cli-advice-still-unknown"),
                ..Default::default()
            },
            Self::NotOpen(journal, word) => Explanation {
                what: tr!(lang, "cli-journal-not-open", journal = journal, outcome = lang.t(word)),
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
            Self::Theme(error) => theme(lang, error),
            Self::Keys(path, problems) => {
                let line = |problem: &KeyProblem| {
                    let text = problem.text(lang);
                    tr!(lang, "cli-why-config-line", path = path, line = problem.line, error = text)
                };
                let why = problems.iter().map(line).collect::<Vec<_>>().join("\n");
                words("keys-wrong", Some(why), t("keys-advice"))
            }
            Self::NoConfig(path) => words("cli-error-no-config", Some(path.clone()), t("cli-advice-no-config")),
            Self::Ledger(error) | Self::Checked(error) => explain::ledger(lang, error),
            Self::NotStored(error) => {
                Explanation { what: lang.t("cli-error-not-saved"), ..explain::ledger(lang, error) }
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
                what: tr!(lang, "cli-error-not-found", number = number.as_str()),
                why: Some(explain::tried(lang, tried)),
                next: t("cli-advice-not-found"),
                ..Default::default()
            },
            Self::Ambiguous(number, kinds) => {
                let kinds: Vec<&str> = kinds.iter().map(|kind| kind.noun()).collect();
                Explanation {
                    what: tr!(lang, "cli-error-ambiguous", number = number.as_str()),
                    why: Some(kinds.join(", ")),
                    next: t("cli-advice-ambiguous"),
                    ..Default::default()
                }
            }
            Self::Incomplete { missing, malformed } => Explanation {
                what: tr!(lang, "cli-error-incomplete", missing = missing, malformed = malformed),
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
                let counted = parts.map(|(word, n)| format!("{n} {}", lang.t(&format!("bulk-outcome-{word}"))));
                words("cli-error-bulk", Some(counted.collect::<Vec<_>>().join(" · ")), Some(counts.advice(lang)))
            }
            Self::NoBill(which) => Explanation {
                what: tr!(lang, "cli-error-no-bill", which = which),
                next: t("cli-advice-no-bill"),
                ..Default::default()
            },
            Self::DayGoesOn(day) => Explanation {
                what: tr!(lang, "bill-day-goes-on", day = day),
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
                what: tr!(lang, "cli-error-flawed-bill", path = path),
                why: (*lines > 0).then(|| tr!(lang, "bill-without-bad-lines", n = lines)),
                next: t("cli-advice-flawed-bill"),
                ..Default::default()
            },
            Self::Differs(0) => words("cli-error-incomplete-books", None, t("cli-advice-flawed-bill")),
            Self::Differs(open) => Explanation {
                what: tr!(lang, "cli-error-differs", n = open),
                next: t("cli-advice-differs"),
                ..Default::default()
            },
            Self::NotReconciled(error) => explain::not_reconciled(lang, error),
            Self::AlteredBill { path, was, is } => Explanation {
                what: tr!(lang, "cli-error-altered-bill", path = path),
                why: Some(tr!(lang, "cli-why-altered-bill", was = was, is = is)),
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
            Self::Left | Self::Stopped(_) => words("cli-error-halted", None, None),
            Self::Missed { missed, refused, total, state, .. } => {
                let parts = [("cli-why-missed", *missed), ("cli-why-not-followed", *refused)];
                let parts = parts
                    .iter()
                    .filter(|(_, count)| *count > 0)
                    .map(|(id, _)| tr!(lang, id, missed = missed, refused = refused, total = total, state = state));
                words("cli-error-missed", Some(parts.collect::<Vec<_>>().join(" · ")), t("cli-advice-missed"))
            }
            Self::TimedOut { open, total } => Explanation {
                what: tr!(lang, "cli-error-timed-out", open = open, total = total),
                next: t("cli-advice-timed-out"),
                ..Default::default()
            },
            Self::NeedsYes => words("cli-error-needs-yes", None, t("cli-advice-needs-yes")),
            Self::NotConfirmed => words("cli-error-not-confirmed", None, t("cli-advice-not-confirmed")),
            Self::Arguments(error) => usage_error::explain(lang, error),
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
pub(super) fn config(lang: Lang, error: &ConfigError) -> Explanation {
    let t = |id: &str| lang.t(id);
    if let ConfigError::At { path, line, source } = error {
        let inner = config(lang, source);
        let (path, why) = (path.display().to_string(), inner.why.unwrap_or_default());
        return Explanation {
            why: Some(tr!(lang, "cli-why-config-line", path = path, line = line, error = why)),
            ..inner
        };
    }
    let next = match error {
        ConfigError::UnknownKey { nearest: Some(nearest), .. }
        | ConfigError::UnknownAction { nearest: Some(nearest), .. } => {
            tr!(lang, "cli-advice-nearest", nearest = nearest)
        }
        ConfigError::Template { source: TemplateError::UnknownVariable { nearest: Some(nearest), .. }, .. } => {
            tr!(lang, "cli-advice-nearest", nearest = nearest)
        }
        ConfigError::UnknownProfile { known, .. } | ConfigError::NoProfile { known } if known.is_empty() => {
            t("cli-advice-no-profile")
        }
        ConfigError::UnknownProfile { known, .. } => tr!(lang, "cli-advice-profiles", known = known.join(", ")),
        ConfigError::NoProfile { known } => tr!(lang, "cli-advice-which-profile", known = known.join(", ")),
        ConfigError::Value { expected, .. } => tr!(lang, "cli-advice-value", expected = expected),
        ConfigError::Secret { .. } => t("cli-advice-secret"),
        ConfigError::Key { key, .. } if key.ends_with("platform.public_key") => t("cli-advice-public-key"),
        ConfigError::Key { source: KeyError::WrongKind { found: FileKind::Pkcs12, .. }, .. } => t("cli-advice-key-p12"),
        ConfigError::Key { .. } => t("cli-advice-key"),
        ConfigError::ApiV3Key { .. } => t("advice-apiv3-key"),
        ConfigError::Certificate { .. } => t("cli-advice-certificate"),
        ConfigError::SerialMismatch { .. } => t("cli-advice-serial"),
        ConfigError::KeyMismatch { .. } => t("cli-advice-key-pair"),
        ConfigError::KeyInFile { key, .. } => tr!(lang, "cli-advice-key-in-file", key = last_part(key)),
        ConfigError::Insecure { .. } => t("cli-advice-insecure"),
        ConfigError::Id { key, .. } if key.ends_with("platform.id") => t("cli-advice-public-key-id"),
        ConfigError::Id { .. } => t("cli-advice-merchant-serial"),
        _ => t("cli-advice-config"),
    };
    let why = match error {
        ConfigError::UnknownProfile { name, .. } => tr!(lang, "cli-why-unknown-profile", name = name),
        ConfigError::NoProfile { known } if known.is_empty() => t("cli-why-no-profile"),
        ConfigError::NoProfile { .. } => t("cli-why-which-profile"),
        ConfigError::UnknownKey { path, line, key, .. } => {
            tr!(lang, "cli-why-unknown-key", path = path.display().to_string(), line = line, key = key)
        }
        ConfigError::Key { key, from, source } => {
            tr!(lang, "cli-why-key", key = key, from = from, problem = key_problem(lang, source))
        }
        ConfigError::Certificate { from, source } => {
            let problem = match source {
                CertificateError::Key(source) => key_problem(lang, source),
                CertificateError::Malformed(_) | CertificateError::Build(_) => t("key-no-certificate"),
            };
            tr!(lang, "cli-why-certificate", from = from, problem = problem)
        }
        ConfigError::ApiV3Key { from, source } => {
            tr!(lang, "cli-why-apiv3-key", from = from, problem = apiv3_problem(lang, source))
        }
        ConfigError::Id { key, problem } => {
            tr!(lang, "cli-why-id", key = key, problem = id_problem(lang, problem))
        }
        ConfigError::KeyInFile { path, key } => {
            tr!(lang, "cli-why-key-in-file", path = path.display().to_string(), key = key)
        }
        ConfigError::Insecure { key } => tr!(lang, "cli-why-insecure", key = key),
        ConfigError::Value { key, value, .. } => {
            tr!(lang, "cli-why-value", key = key, value = format!("{value:?}"))
        }
        ConfigError::Read { path, source } => {
            tr!(lang, "cli-why-config-read", path = path.display().to_string(), error = source.to_string())
        }
        ConfigError::Syntax { path, line, message } => {
            let path = path.display().to_string();
            tr!(lang, "cli-why-config-line", path = path, line = line, error = message)
        }
        ConfigError::UnknownAction { key, name, .. } => {
            tr!(lang, "cli-why-unknown-action", key = key, name = name)
        }
        ConfigError::Missing { key, .. } => tr!(lang, "cli-why-config-missing", key = key),
        ConfigError::Template { key, source } => match source {
            TemplateError::UnknownVariable { name, .. } => {
                tr!(lang, "cli-why-unknown-variable", key = key, name = name)
            }
            TemplateError::Unpaired => tr!(lang, "cli-why-unpaired-brace", key = key),
            TemplateError::InShell => tr!(lang, "cli-why-value-in-shell", key = key),
        },
        ConfigError::At { source, .. } => source.to_string(),
        ConfigError::Secret { key, from, source } => {
            tr!(lang, "cli-why-secret", key = key, from = from, error = source.to_string())
        }
        ConfigError::SerialMismatch { configured, found, from } => {
            tr!(lang, "cli-why-serial-mismatch", configured = configured.as_str(), found = found.as_str(), from = from)
        }
        ConfigError::KeyMismatch { certificate, key } if certificate == key => {
            tr!(lang, "cli-why-bundle-mismatch", key = key)
        }
        ConfigError::KeyMismatch { certificate, key } => {
            tr!(lang, "cli-why-key-mismatch", certificate = certificate, key = key)
        }
    };
    let what = t("what-configuration");
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

/// Explains what is wrong with a theme file.
fn theme(lang: Lang, error: &ThemeError) -> Explanation {
    let (why, next) = match error {
        ThemeError::Read { path, source } => {
            (tr!(lang, "cli-why-config-read", path = path.display().to_string(), error = source.to_string()), None)
        }
        ThemeError::Syntax { path, line, message } => {
            (tr!(lang, "cli-why-config-line", path = path.display().to_string(), line = line, error = message), None)
        }
        ThemeError::UnknownKey { path, line, key, nearest } => {
            let next = nearest.as_ref().map(|nearest| tr!(lang, "cli-advice-nearest", nearest = nearest));
            (tr!(lang, "cli-why-unknown-key", path = path.display().to_string(), line = line, key = key), next)
        }
        ThemeError::Value { path, line, key, value, expected } => (
            tr!(lang, "cli-why-theme-value", path = path.display().to_string(), line = line, key = key, value = value),
            Some(tr!(lang, "cli-advice-value", expected = expected)),
        ),
    };
    let what = lang.t("cli-error-theme");
    let next = next.unwrap_or_else(|| lang.t("cli-advice-theme"));
    Explanation { what, why: Some(why), next: Some(next), ..Default::default() }
}

fn last_part(key: &str) -> &str {
    key.rsplit('.').next().unwrap_or(key)
}

fn key_problem(lang: Lang, error: &KeyError) -> String {
    let t = |id: &str| lang.t(id);
    match error {
        KeyError::Empty => t("key-empty"),
        KeyError::Encrypted => t("key-encrypted"),
        KeyError::Malformed => t("key-malformed"),
        KeyError::Size(bits) => tr!(lang, "key-size", bits = bits.to_string()),
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
                FileKind::Pem(label) => tr!(lang, "file-pem", label = label),
                FileKind::Binary => t("file-binary"),
            };
            let wanted = match wanted {
                ExpectedFile::PrivateKey => t("wanted-private-key"),
                ExpectedFile::PublicKey => t("wanted-public-key"),
                ExpectedFile::Certificate => t("wanted-certificate"),
            };
            tr!(lang, "key-wrong-kind", found = found, wanted = wanted)
        }
    }
}

fn apiv3_problem(lang: Lang, error: &AeadError) -> String {
    match error {
        AeadError::KeyLength(characters) => tr!(lang, "key-length", characters = characters.to_string()),
        AeadError::KeyCharacter { place, found, characters } => {
            let code = format!("U+{:04X}", u32::from(*found));
            let invisible =
                found.is_control() || found.is_whitespace() || text::width(found.encode_utf8(&mut [0; 4])) == 0;
            let found = if invisible { code } else { format!("{found} ({code})") };
            tr!(lang, "key-character", place = place.to_string(), found = found, characters = characters.to_string())
        }
        AeadError::KeyBinary => lang.t("key-binary"),
        other => other.to_string(),
    }
}

fn id_problem(lang: Lang, problem: &IdProblem) -> String {
    let t = |id: &str| lang.t(id);
    match problem {
        IdProblem::NotSerial { count: 39 } => t("id-one-short"),
        IdProblem::NotSerial { count: 40 } => t("id-not-hexadecimal"),
        IdProblem::NotSerial { count } => tr!(lang, "id-not-serial", count = count.to_string()),
        IdProblem::Decimal(serial) => tr!(lang, "id-decimal", serial = serial.as_str()),
        IdProblem::Prefix(prefix) => tr!(lang, "id-prefix", prefix = prefix),
        IdProblem::PublicKeyId => t("id-is-public-key"),
        IdProblem::CertificateSerial => t("id-is-serial"),
        IdProblem::NotPublicKeyId => t("id-not-public-key"),
    }
}
