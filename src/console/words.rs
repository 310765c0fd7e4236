//! Texts that several parts of the console show.

use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::ledger::RecordedIntent;
use crate::model::action::PrepareError;
use crate::services::Gap;
use crate::text::age;

/// The start and the end of a gap, and its reason.
pub(crate) fn gap_words(lang: Lang, gap: &Gap) -> String {
    let why = lang.t(&format!("gap-{}", gap.why.name()));
    let day = |at| age::exact(at).chars().take(10).collect::<String>();
    // Dates are shown only if there are two.
    let time = if day(gap.from) == day(gap.to) { age::clock } else { age::exact };
    tr!(lang, "gap-unobserved", from = time(gap.from), to = time(gap.to), why = why)
}

/// The state of the object when an intent was confirmed. States of an earlier or later version are shown as they are
/// written.
pub(crate) fn state_before(lang: Lang, intent: &RecordedIntent) -> String {
    let mut states = intent.object.iter().flat_map(|id| id.kind.states());
    let known = states.find(|state| state.code == intent.state);
    known.map_or_else(|| intent.state.clone(), |state| lang.with_code(lang.state(&state), &intent.state))
}

/// What an error is, with WeChat Pay's code.
pub(crate) fn error_line(lang: Lang, explained: &Explanation) -> String {
    let code = explained.code.as_ref().map(|code| tr!(lang, "toast-code", code = code));
    [Some(explained.what.clone()), code].into_iter().flatten().collect::<Vec<_>>().join(" · ")
}

/// Why an operation cannot be prepared, apart from its fields.
pub(crate) fn why_not(lang: Lang, error: &PrepareError) -> String {
    match error {
        PrepareError::Illegal(illegal) => lang.t(illegal.0),
        PrepareError::Setting(setting) => tr!(lang, "form-setting", name = setting.0),
        PrepareError::Fields(_) => lang.t("form-fix-fields"),
    }
}
