//! What is wrong with the arguments, in the operator's language: clap has only English texts.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::explain::Explanation;
use crate::i18n::Lang;

/// Explains what is wrong, and how to correct it.
pub(super) fn explain(lang: Lang, error: &Error) -> Explanation {
    let about = |kind| error.get(kind).map(words).unwrap_or_default();
    let (argument, value) = (about(ContextKind::InvalidArg), about(ContextKind::InvalidValue));
    let said = || first_line(error);
    let why = match error.kind() {
        ErrorKind::InvalidSubcommand => {
            tr!(lang, "usage-command", command = about(ContextKind::InvalidSubcommand))
        }
        ErrorKind::UnknownArgument => tr!(lang, "usage-unknown", argument = argument),
        ErrorKind::MissingRequiredArgument => tr!(lang, "usage-missing", argument = argument),
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            lang.t("usage-no-command")
        }
        ErrorKind::InvalidValue if value.is_empty() => tr!(lang, "usage-no-value", argument = argument),
        ErrorKind::InvalidValue => tr!(lang, "usage-value", argument = argument, value = value),
        ErrorKind::ValueValidation => {
            let why = std::error::Error::source(error).map(ToString::to_string).unwrap_or_default();
            let value = tr!(lang, "usage-value", argument = argument, value = value);
            if why.is_empty() { value } else { format!("{value}: {why}") }
        }
        ErrorKind::ArgumentConflict => {
            // An argument given twice is in conflict with itself.
            let other = about(ContextKind::PriorArg);
            tr!(lang, "usage-conflict", argument = argument, other = other)
        }
        _ => said(),
    };
    let suggested = [ContextKind::SuggestedSubcommand, ContextKind::SuggestedArg, ContextKind::SuggestedValue]
        .into_iter()
        .map(about)
        .find(|text| !text.is_empty())
        .map(|nearest| tr!(lang, "cli-advice-nearest", nearest = nearest));
    let allowed = Some(about(ContextKind::ValidValue)).filter(|text| !text.is_empty());
    let allowed = allowed.map(|values| tr!(lang, "usage-allowed", values = values));
    let usage = about(ContextKind::Usage);
    let usage = Some(usage.trim().trim_start_matches("Usage:").trim().replace('\n', " ")).filter(|u| !u.is_empty());
    let usage = usage.map(|usage| tr!(lang, "usage-usage", usage = usage));
    let help = Some(lang.t("usage-help"));
    let next = [suggested, allowed, usage, help].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Explanation { what: lang.t("cli-error-usage"), why: Some(why), next: Some(next), ..Explanation::default() }
}

fn words(value: &ContextValue) -> String {
    match value {
        ContextValue::Strings(texts) => texts.join(", "),
        ContextValue::None => String::new(),
        other => other.to_string(),
    }
}

/// Clap's own message, for errors without a translation here.
fn first_line(error: &Error) -> String {
    let text = error.to_string();
    text.lines().next().unwrap_or_default().trim_start_matches("error: ").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::arguments;

    #[test]
    fn wrong_arguments_are_explained_in_both_languages_with_what_would_be_right() {
        let rendered = |lang, line: &str| {
            let error = arguments::command(lang).try_get_matches_from(line.split(' ')).unwrap_err();
            let Explanation { why, next, .. } = explain(lang, &error);
            (why.unwrap(), next.unwrap())
        };
        for (line, why, next) in [
            ("paydeck plan lst", "没有 lst 这个命令", "list"),
            ("paydeck plan create --frm x", "没有 --frm 这个参数", "--from"),
            ("paydeck stock get", "缺少 <NUMBER>", "paydeck stock get"),
            ("paydeck --output xml plan list", "--output <FORMAT> 不能是 xml", "可取：text, json, csv。"),
            ("paydeck plan", "缺少命令", "--help"),
            ("paydeck journal show x", "<ENTRY> 不能是 x", "--help"),
            ("paydeck refund list --cached --transaction T", "--cached", "--help"),
            ("paydeck plan list --cached --cached", "--cached", "--help"),
        ] {
            let (chinese, advice) = rendered(Lang::ZhCn, line);
            assert!(chinese.contains(why) && advice.contains(next), "{line}: {chinese} · {advice}");
            assert!(!chinese.contains("argument") && !chinese.contains("required"), "{line}: {chinese}");
            let (english, advice) = rendered(Lang::En, line);
            assert!(!english.starts_with("error") && english.lines().count() == 1, "{line}: {english}");
            assert!(advice.contains("--help"), "{line}: {advice}");
        }
    }
}
