//! Texts about the fields of forms: their rules, and what is wrong with a value.

use crate::i18n::Lang;
use crate::model::action::{FieldKind, Problem};
use crate::model::filter::FilterError;
use crate::model::{MoneyError, Number, NumberError, Region};

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

/// Why a filter cannot be right, and what was probably meant.
pub fn filter(lang: Lang, error: &FilterError) -> String {
    let why = tr!(lang, error.message, term = &*error.term);
    match &error.nearest {
        Some(nearest) => tr!(lang, "filter-nearest", why = why, nearest = &**nearest),
        None => why,
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

/// The rule of a field. The merchant is known in a form, where values are chosen; on the command line they are typed.
pub fn field_rule(lang: Lang, kind: FieldKind, region: Option<Region>) -> String {
    match kind {
        FieldKind::Text { max } => tr!(lang, "rule-text", max = max),
        FieldKind::Money if region == Some(Region::Mainland) => lang.t("rule-money"),
        FieldKind::Money => lang.t("rule-money-any-currency"),
        FieldKind::Number => tr!(lang, "rule-number", max = Number::LONGEST),
        FieldKind::CompactTime => lang.t("rule-compact-time"),
        FieldKind::LaterCompactTime => lang.t("rule-later-compact-time"),
        FieldKind::Start => lang.t("rule-start"),
        FieldKind::Time => lang.t("rule-time"),
        FieldKind::Id { min, max } => tr!(lang, "rule-id", min = min, max = max),
        FieldKind::Whole { min, max } => tr!(lang, "rule-whole", min = min, max = max),
        FieldKind::Choice(values) if region.is_some() => {
            let shown = |value: &&str| {
                let words = lang.t(&format!("choice-{value}"));
                lang.code_beside(&words, value).map_or(words.clone(), str::to_owned)
            };
            tr!(lang, "rule-choice", values = values.iter().map(shown).collect::<Vec<_>>().join(" · "))
        }
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
