//! Texts about the fields of forms: their rules, and what is wrong with a value.

use crate::i18n::Lang;
use crate::model::action::{FieldKind, Problem};
use crate::model::{MoneyError, Number, NumberError, Region};

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
