//! Texts about the rules of a profile.

use crate::i18n::Lang;
use crate::model::action::{RuleBroken, WriteName};

/// Which rule of which profile a write breaks.
pub fn rule(lang: Lang, broken: &RuleBroken, profile: &str) -> String {
    match broken {
        RuleBroken::Denied(write) => tr!(lang, "why-rule-deny", profile = profile, write = write_words(lang, *write)),
        RuleBroken::AmountAbove { write, amount, max } => {
            let (amount, max) = (amount.to_string(), max.to_string());
            tr!(
                lang,
                "why-rule-amount",
                profile = profile,
                write = write_words(lang, *write),
                amount = amount,
                max = max
            )
        }
        RuleBroken::AmountUnknown { write, max } => {
            tr!(
                lang,
                "why-rule-amount-unknown",
                profile = profile,
                write = write_words(lang, *write),
                max = max.to_string()
            )
        }
        RuleBroken::PathUnknown => tr!(lang, "why-rule-path", profile = profile),
        RuleBroken::TooMany { objects, max } => {
            tr!(lang, "why-rule-bulk", profile = profile, objects = objects, max = max)
        }
        RuleBroken::NoReason(write) => {
            tr!(lang, "why-rule-reason", profile = profile, write = write_words(lang, *write))
        }
    }
}

pub(super) fn rule_advice(broken: &RuleBroken) -> &'static str {
    match broken {
        RuleBroken::Denied(_) => "advice-rule-deny",
        RuleBroken::AmountAbove { .. } => "advice-rule-amount",
        RuleBroken::AmountUnknown { .. } => "advice-rule-amount-unknown",
        RuleBroken::PathUnknown => "advice-rule-path",
        RuleBroken::TooMany { .. } => "advice-rule-bulk",
        RuleBroken::NoReason(_) => "advice-rule-reason",
    }
}

/// The name of a write. The command line and the configuration call it by its code, so languages that show codes show
/// that.
fn write_words(lang: Lang, write: WriteName) -> String {
    let name = write.name();
    let words = match write {
        WriteName::Action(id) => lang.action(id.action()),
        WriteName::Api => lang.t("journal-action-api"),
    };
    lang.code_beside(&words, &name).map_or_else(|| words.clone(), str::to_owned)
}
