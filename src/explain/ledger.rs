//! Texts about the ledger and the journal: what is wrong with them, and what could not be written.

use super::{Explanation, Voice};
use crate::ledger::{Broken, Ending, Flaw, LedgerError};
use crate::services::PendingConclusion;

/// What a check of the ledger found; SQLite's own text is not translated.
pub fn flaw(voice: impl Into<Voice>, flaw: &Flaw) -> String {
    match flaw {
        Flaw::Journal(found) => broken(voice, found),
        Flaw::File(finding) => finding.clone(),
    }
}

/// What is wrong with the journal.
pub fn broken(voice: impl Into<Voice>, found: &Broken) -> String {
    let (id, record) = match found {
        Broken::Missing(record) => ("why-record-missing", record),
        Broken::Changed(record) => ("why-record-changed", record),
        Broken::Order(record) => ("why-record-order", record),
        Broken::Index(record) => ("why-record-index", record),
        Broken::Head(record) => ("why-record-head", record),
        Broken::Number(record) => ("why-record-number", record),
    };
    tr!(voice.into(), id, id = record.to_string())
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
pub fn unwritten(voice: impl Into<Voice>, unwritten: &PendingConclusion) -> Explanation {
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
