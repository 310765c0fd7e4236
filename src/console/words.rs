//! Texts that several parts of the console show.

use crate::i18n::Lang;
use crate::model::action::PrepareError;
use crate::services::Gap;
use crate::text::age;

/// The start and the end of a gap, and its reason.
pub(crate) fn gap_words(lang: Lang, gap: &Gap) -> String {
    let why = lang.t(&format!("gap-{}", gap.why.name()));
    let day = |at| age::exact(at).chars().take(10).collect::<String>();
    // Dates are shown only if there are two.
    let time = if day(gap.from) == day(gap.to) { age::clock } else { age::exact };
    tr!(lang, "gap-told", from = time(gap.from), to = time(gap.to), why = why)
}

/// Why an operation cannot be prepared, apart from its fields.
pub(crate) fn why_not(lang: Lang, error: &PrepareError) -> String {
    match error {
        PrepareError::Illegal(illegal) => lang.t(illegal.0),
        PrepareError::Setting(setting) => tr!(lang, "form-setting", name = setting.0),
        PrepareError::Fields(_) => lang.t("form-mend-fields"),
    }
}
