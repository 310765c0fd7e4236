//! `sandbox ctl`: drives the users, the clock and the platform's behaviour in a running sandbox. The verbs and their
//! arguments come from the sandbox's own table.

use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::Value;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::i18n::Lang;
use crate::sandbox::control::{Remote, Verb, VerbId};
use crate::text::neutralise;

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let Some((name, given)) = matches.subcommand() else { return Ok(()) };
    let lang = output.lang;
    let Some(verb) = Verb::named(name) else { return Err(Failure::Usage(name.to_owned())) };
    let identity = identity(context, given).ok_or_else(|| Failure::Usage(lang.t("cli-why-no-identity")))?;
    let arguments: Vec<(&str, &str)> = verb
        .parameters
        .iter()
        .filter_map(|parameter| Some((parameter.name, given.get_one::<String>(parameter.name)?.as_str())))
        .collect();
    let report = Remote::find(&identity)?.run(verb, &arguments).await?;
    if output.format == Format::JsonLines {
        return output.print(&format!("{report}\n"));
    }
    output.print(&text(lang, verb, &report))
}

/// The folder given, or else that of the configuration in force, if it is a sandbox's.
fn identity(context: &Context, matches: &ArgMatches) -> Option<PathBuf> {
    let beside = || context.config_path()?.parent().map(PathBuf::from).filter(|folder| folder.join("gateway").is_dir());
    matches.get_one::<PathBuf>("identity").cloned().or_else(beside)
}

/// The gateway's report as text.
fn text(lang: Lang, verb: &Verb, report: &Value) -> String {
    let of = |value: &Value, name: &str| neutralise(value[name].as_str().unwrap_or_default()).into_owned();
    match verb.id {
        VerbId::Clock => format!("{}\n", tr!(lang, "cli-ctl-time", time = of(report, "time"))),
        VerbId::Rotate => format!("{}\n", tr!(lang, "cli-ctl-serial", serial = of(report, "serial_no"))),
        VerbId::Behaviour => {
            let line = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::String(text) => text.clone(),
                    Value::Null => "off".to_owned(),
                    other => other.to_string(),
                };
                format!("{:<18} {}\n", neutralise(name), neutralise(&value))
            };
            report.as_object().into_iter().flatten().map(line).collect()
        }
        VerbId::Notifications => match report["notifications"].as_array().filter(|all| !all.is_empty()) {
            None => format!("{}\n", lang.t("cli-ctl-no-notifications")),
            Some(all) => all.iter().map(|one| notification(lang, one)).collect(),
        },
        _ => format!("{}\n", lang.t("cli-ctl-done")),
    }
}

/// One notification and each attempt to send it.
fn notification(lang: Lang, report: &Value) -> String {
    let of = |value: &Value, name: &str| neutralise(value[name].as_str().unwrap_or_default()).into_owned();
    let word = |stem: &str, value: &str| lang.t(&format!("{stem}-{value}"));
    let sent = usize::try_from(report["attempts"].as_u64().unwrap_or_default()).unwrap_or_default();
    let mut head = vec![
        of(report, "create_time"),
        of(report, "event_type"),
        of(report, "number"),
        word("ctl-state", &of(report, "state")),
        tr!(lang, "cli-ctl-sent", count = sent),
    ];
    if report["next"].is_string() {
        head.push(tr!(lang, "cli-ctl-next", time = of(report, "next")));
    }
    let mut text = format!("{}\n  {} → {}\n", head.join(" · "), of(report, "id"), of(report, "notify_url"));
    for sending in report["sendings"].as_array().into_iter().flatten() {
        let status = sending["status"].as_u64().map(|status| format!(" {status}")).unwrap_or_default();
        let answer = of(sending, "answer");
        let mut line = format!("  {} {}{status}", of(sending, "at"), word("ctl-answer", &answer));
        if sending["probe"] == true {
            line.push_str(" (WECHATPAY/SIGNTEST/)");
            if answer == "acknowledged" {
                line.push_str(&format!(" — {}", lang.t("cli-ctl-probe-believed")));
            }
        }
        text.push_str(&line);
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::report::rejection_words;
    use crate::sandbox::Reason;
    use crate::sandbox::control::{CLOCK_TOO_FAR, Rejection, UNKNOWN_NUMBER};

    #[test]
    fn every_rejection_is_worded_in_both_languages() {
        for lang in [Lang::En, Lang::ZhCn] {
            for code in Reason::ALL.iter().map(|reason| reason.code()).chain([UNKNOWN_NUMBER, CLOCK_TOO_FAR]) {
                let id = format!("ctl-refused-{code}");
                assert!(lang.has(&id), "{id}");
            }
        }
        let rejection =
            |code: &str| Rejection { code: code.into(), number: "SO1".into(), message: "in English".into() };
        assert_eq!(rejection_words(Lang::ZhCn, &rejection("unknown-number")), "没有单号为 SO1 的对象");
        assert_eq!(rejection_words(Lang::ZhCn, &rejection("of-a-later-version")), "in English");
    }
}
