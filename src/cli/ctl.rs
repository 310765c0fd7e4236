//! `sandbox ctl`: plays the users, the clock and the platform's manners in a running sandbox. The verbs and what they
//! take come from the sandbox's own table.

use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::Value;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::i18n::Lang;
use crate::sandbox::control::{Does, Remote, Verb};
use crate::text::neutralise;

pub async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let Some((name, given)) = matches.subcommand() else { return Ok(()) };
    let lang = output.lang;
    let Some(verb) = Verb::named(name) else { return Err(Failure::Usage(name.to_owned())) };
    let identity =
        identity(context, given).ok_or_else(|| Failure::Usage(lang.t("cli-why-no-identity").into_owned()))?;
    let arguments: Vec<(&str, &str)> = verb
        .parameters
        .iter()
        .filter_map(|parameter| Some((parameter.name, given.get_one::<String>(parameter.name)?.as_str())))
        .collect();
    let told = Remote::find(&identity)?.ask(verb, &arguments, lang.tag()).await?;
    if output.format == Format::JsonLines {
        return output.print(&format!("{told}\n"));
    }
    output.print(&text(lang, verb, &told))
}

/// The folder that was named, or the one in which the configuration in force is, if a sandbox runs there.
fn identity(context: &Context, matches: &ArgMatches) -> Option<PathBuf> {
    let beside = || context.config_path()?.parent().map(PathBuf::from).filter(|folder| folder.join("gateway").is_dir());
    matches.get_one::<PathBuf>("identity").cloned().or_else(beside)
}

/// The gateway's answer, for a person.
fn text(lang: Lang, verb: &Verb, told: &Value) -> String {
    let of = |value: &Value, name: &str| neutralise(value[name].as_str().unwrap_or_default()).into_owned();
    match verb.does {
        Does::Clock => format!("{}\n", lang.tr("cli-ctl-time", &[("time", &of(told, "time"))])),
        Does::Rotate => format!("{}\n", lang.tr("cli-ctl-serial", &[("serial", &of(told, "serial_no"))])),
        Does::Manners => {
            let line = |(name, value): (&String, &Value)| {
                let value = match value {
                    Value::String(text) => text.clone(),
                    Value::Null => "off".to_owned(),
                    other => other.to_string(),
                };
                format!("{:<18} {}\n", neutralise(name), neutralise(&value))
            };
            told.as_object().into_iter().flatten().map(line).collect()
        }
        Does::Notifications => match told["notifications"].as_array().filter(|all| !all.is_empty()) {
            None => format!("{}\n", lang.t("cli-ctl-no-notifications")),
            Some(all) => all.iter().map(|one| notification(lang, one)).collect(),
        },
        _ => format!("{}\n", lang.t("cli-ctl-done")),
    }
}

/// One notification and each of its sendings.
fn notification(lang: Lang, told: &Value) -> String {
    let of = |value: &Value, name: &str| neutralise(value[name].as_str().unwrap_or_default()).into_owned();
    let word = |stem: &str, value: &str| lang.t(&format!("{stem}-{value}")).into_owned();
    let sent = usize::try_from(told["attempts"].as_u64().unwrap_or_default()).unwrap_or_default();
    let mut head = vec![
        of(told, "create_time"),
        of(told, "event_type"),
        of(told, "number"),
        word("ctl-state", &of(told, "state")),
        lang.tr("cli-ctl-sent", &[("count", &sent)]),
    ];
    if told["next"].is_string() {
        head.push(lang.tr("cli-ctl-next", &[("time", &of(told, "next"))]));
    }
    let mut text = format!("{}\n  {} → {}\n", head.join(" · "), of(told, "id"), of(told, "notify_url"));
    for sending in told["sendings"].as_array().into_iter().flatten() {
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
