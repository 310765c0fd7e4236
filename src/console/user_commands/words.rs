//! How a program ended, in words.

use crate::i18n::Lang;
use crate::program::ProgramEnd;

/// How a program ended.
pub(crate) fn words(lang: Lang, end: &ProgramEnd) -> String {
    match end {
        ProgramEnd::Done => lang.t("user-done"),
        ProgramEnd::Failed(Some(status)) => tr!(lang, "user-failed", status = status.to_string()),
        ProgramEnd::Failed(None) => lang.t("user-killed"),
        ProgramEnd::TimedOut(seconds) => tr!(lang, "user-timed-out", n = *seconds),
        ProgramEnd::NotStarted(error) => tr!(lang, "user-not-started", error = error),
    }
}
