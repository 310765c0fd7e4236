//! Texts about the rules of a profile.

use crate::i18n::{Lang, ToText};
use crate::model::action::RuleBroken;

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
        RuleBroken::PathUnknown => lang.tr("why-rule-path", &[("profile", &profile)]),
        RuleBroken::TooMany { objects, max } => {
            lang.tr("why-rule-bulk", &[("profile", &profile), ("objects", objects), ("max", max)])
        }
        RuleBroken::NoReason(write) => lang.tr("why-rule-reason", &[("profile", &profile), ("write", &write.name())]),
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
