//! `bundle`: what a report of a problem needs, in one file of text, without secrets, numbers and names.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::config::Config;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{Ledger, Stop};
use crate::model::Kind;
use crate::private;
use crate::services::Actor;
use crate::text::ELLIPSIS;

/// Lines of the log.
const LOG_LINES: usize = 200;

/// Keys of the configuration whose values say nothing of anybody.
const SHOWN: [&str; 11] = [
    "region",
    "environment",
    "language",
    "certificates",
    "deny",
    "require_reason",
    "resolve_within",
    "repeat_within",
    "timeout",
    "kinds",
    "key",
];

pub(super) fn command(lang: Lang) -> Command {
    let file = Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf));
    Command::new("bundle").about(lang.t("cli-bundle")).arg(file.help(lang.t("cli-bundle-file")))
}

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let file = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    let path = file.display().to_string();
    let log = context.log_lines(LOG_LINES);
    output.say(&lang.t("cli-bundle-contents"));
    let parts = ["versions", "config", "counts", "checkup"].map(|part| lang.t(&format!("cli-bundle-{part}")));
    let of_log = match log.is_empty() && context.log_file.is_some() {
        true => lang.t("cli-bundle-log-empty"),
        false => tr!(lang, "cli-bundle-log", n = log.len()),
    };
    for part in parts.into_iter().chain([of_log]) {
        output.say(&format!("  · {part}"));
    }
    if !context.yes && !agreed(&tr!(lang, "cli-bundle-ask", path = path))? {
        output.say(&lang.t("cli-bundle-not-written"));
        return Err(Failure::NotConfirmed);
    }
    let mut text = versions();
    text += &configuration(context, lang);
    text += &ledger(context, lang).await;
    text += "\n[log]\n";
    text.extend(log.iter().map(|line| masked_entry(line) + "\n"));
    let write = || private::file().write(true).create_new(true).open(&file)?.write_all(text.as_bytes());
    write().map_err(|error| Failure::io(&path, error))?;
    match output.format {
        Format::JsonLines => output.print(&format!("{}\n", serde_json::json!({"file": path}))),
        _ => output.print(&output.outside(&format!("{}\n", tr!(lang, "cli-bundle-written", path = path)))),
    }
}

/// Asks on the terminal. Without one, `--yes` is needed.
fn agreed(question: &str) -> Result<bool, Failure> {
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::NeedsYes);
    }
    // Standard error may be closed; then nothing is asked, and nothing is written.
    let _ = write!(std::io::stderr(), "{question} [y/N] ");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|error| Failure::io("stdin", error))?;
    Ok(["y", "yes", "是"].contains(&answer.trim().to_lowercase().as_str()))
}

fn versions() -> String {
    let variable = |name: &str| std::env::var(name).unwrap_or_default();
    let facts = [
        ("paydeck", env!("CARGO_PKG_VERSION").to_owned()),
        ("system", format!("{} {}", std::env::consts::OS, std::env::consts::ARCH)),
        ("TERM", masked_line(&variable("TERM"))),
        ("COLORTERM", masked_line(&variable("COLORTERM"))),
        ("TERM_PROGRAM", masked_line(&variable("TERM_PROGRAM"))),
        ("LANG", masked_line(&variable("LANG"))),
        ("NO_COLOR", (!variable("NO_COLOR").is_empty()).to_string()),
    ];
    let lines: String = facts.iter().map(|(name, value)| format!("{name} = {value}\n")).collect();
    format!("[versions]\n{lines}")
}

/// The configuration with its values masked; an error in it in place of what it says, if it has one.
fn configuration(context: &Context, lang: Lang) -> String {
    let Some(path) = context.config_path() else { return "\n[configuration]\nnone\n".to_owned() };
    let mut text = "\n[configuration]\n".to_owned();
    if let Err(error) = Config::read(&path) {
        let explanation = Failure::Config(error).explain(lang);
        let why = explanation.why.unwrap_or_default().replace(&path.display().to_string(), "config.toml");
        text += &format!("# {}: {}\n", explanation.what, masked_line(&why));
    }
    match std::fs::read_to_string(&path).ok().and_then(|text| text.parse::<toml::Table>().ok()) {
        Some(table) => text += &masked_table(&table, "", 0),
        None => text += "# no TOML\n",
    }
    text
}

/// A table as lines of keys with masked values. Names of profiles and commands are numbered.
fn masked_table(table: &toml::Table, prefix: &str, depth: usize) -> String {
    let mut text = String::new();
    let named = depth == 1 && ["profiles.", "commands."].contains(&prefix);
    for (place, (name, value)) in table.iter().enumerate() {
        let name = if named { (place + 1).to_string() } else { masked_line(name) };
        let key = format!("{prefix}{name}");
        match value {
            toml::Value::Table(inner) => text += &masked_table(inner, &format!("{key}."), depth + 1),
            value => text += &format!("{key} = {}\n", masked_value(&key, &name, value)),
        }
    }
    text
}

fn masked_value(key: &str, name: &str, value: &toml::Value) -> String {
    match value {
        toml::Value::Boolean(_) | toml::Value::Float(_) => value.to_string(),
        toml::Value::Integer(number) if number.abs() < 100_000 => value.to_string(),
        // Keys of the console are no secret.
        value if SHOWN.contains(&name) || key.starts_with("keys.") => masked_line(&value.to_string().replace('"', "")),
        toml::Value::String(text) => format!("({} characters)", text.chars().count()),
        toml::Value::Array(values) => format!("({} values)", values.len()),
        _ => ELLIPSIS.to_owned(),
    }
}

/// How much the ledger has, and what its check finds. Profiles are numbered as in the configuration.
async fn ledger(context: &Context, lang: Lang) -> String {
    let title = "\n[ledger]\n".to_owned();
    let config = context.config_path().and_then(|path| Config::read(&path).ok());
    let Some(config) = config.and_then(|config| context.resolve(config).ok()) else {
        return title + "no configuration\n";
    };
    let keys: Vec<String> = config
        .profiles
        .values()
        .map(|profile| {
            let mchid = profile.merchant.mchid.as_str();
            Actor::new(&profile.name, mchid, &profile.operator, profile.read_only, profile.rules.clone()).key
        })
        .collect();
    let counted = async {
        let ledger = Ledger::open(&config.store)?;
        ledger
            .run(move |ledger| {
                let mut lines = String::new();
                for (place, key) in keys.iter().enumerate() {
                    for kind in Kind::ALL {
                        let groups = ledger.totals(key, kind, &[], &Stop::default())?;
                        let count: u64 = groups.iter().map(|group| group.count).sum();
                        lines += &format!("profiles.{}.{} = {count}\n", place + 1, kind.noun());
                    }
                }
                let checkup = ledger.check()?;
                lines += &match &checkup.journal {
                    Ok(entries) => format!("journal = {entries} entries, whole\n"),
                    Err(flaw) => format!("journal = {}\n", masked_line(&explain::flaw(lang, flaw))),
                };
                lines += &format!("file = {} findings\nrecounted = {}\n", checkup.file.len(), checkup.recounted);
                lines.extend(checkup.file.iter().map(|finding| format!("# {}\n", masked_line(finding))));
                Ok(lines)
            })
            .await
    };
    match counted.await {
        Ok(lines) => title + &lines,
        Err(error) => {
            let explanation = explain::ledger(lang, &error);
            let lines = [Some(explanation.what), explanation.why].into_iter().flatten();
            lines.fold(title, |text, line| format!("{text}# {}\n", masked_line(&line)))
        }
    }
}

/// A line of the log without what may be of somebody. The time that it begins with stays. A line without one continues
/// a text that contains line breaks: whether it is within quotes is not known.
fn masked_entry(line: &str) -> String {
    let time =
        line.split(' ').next().filter(|word| word.starts_with("20") && word.contains('T') && word.ends_with('Z'));
    match time {
        Some(time) if time.len() <= 32 => format!("{time}{}", masked(&line[time.len()..], masked_in_log)),
        _ => ELLIPSIS.to_owned(),
    }
}

/// A line without quoted texts, long words, numbers of more than four digits, and text that is not ASCII.
fn masked_line(line: &str) -> String {
    masked(line, is_masked)
}

fn masked(line: &str, is_masked: fn(&str) -> bool) -> String {
    let (mut text, mut word) = (String::new(), String::new());
    let mut quoted = false;
    for c in line.chars().chain(['\n']) {
        if c.is_alphanumeric() || matches!(c, '_' | '-' | '+') {
            word.push(c);
            continue;
        }
        if !quoted {
            text += if is_masked(&word) { ELLIPSIS } else { &word };
        }
        word.clear();
        if c == '"' {
            quoted = !quoted;
            text += if quoted { "\"…" } else { "\"" };
        } else if !quoted && !c.is_control() {
            text.push(c);
        }
    }
    text
}

fn is_masked(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    !word.is_ascii() || digits > 4 || (word.len() >= 24 && digits > 0) || word.len() >= 40
}

/// In the log, numbers of objects, keys and users stand without quotes, too: what has letters and digits may be one of
/// them, and so may what is long. A duration is none.
fn masked_in_log(word: &str) -> bool {
    let any = |of: fn(&char) -> bool| word.chars().any(|c| of(&c));
    let [upper, lower, digit] = [char::is_ascii_uppercase, char::is_ascii_lowercase, char::is_ascii_digit].map(any);
    let duration = ["s", "ms", "us"].contains(&word.trim_start_matches(|c: char| c.is_ascii_digit()));
    let number = (upper || lower) && digit && word.len() > 3 && !duration;
    is_masked(word) || number || word.len() >= 32 || (word.len() >= 20 && upper && lower)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_value_of_the_example_that_names_somebody_is_in_the_bundle() {
        let example = include_str!("../../config.example.toml");
        let whole: Vec<&str> = example.lines().map(|line| line.strip_prefix("#: ").unwrap_or(line)).collect();
        let table: toml::Table = whole.join("\n").parse().unwrap();
        let text = masked_table(&table, "", 0);
        for secret in [
            "1900000001",
            "5157F09",
            "wx0123",
            "0000450",
            "Li Lei",
            "PUB_KEY_ID",
            "pass show",
            "PAYDECK_",
            "shop",
            "abroad",
            "merchant.example",
            "apiclient",
            "127.0.0.1",
        ] {
            assert!(!text.contains(secret), "{secret}:\n{text}");
        }
        for shown in ["region = mainland", "profiles.1.mchid = (10 characters)", "requests_per_second = 20"] {
            assert!(text.contains(shown), "{shown}:\n{text}");
        }
    }

    #[test]
    fn lines_of_the_log_keep_what_happened_and_not_whom() {
        let line = "2026-11-27T19:24:07.123456Z  WARN paydeck::api: order 张三 SO20261121000001 openid=\
            oUpF8uMuAJO_M2pxb1Q9zNjWeS6o title=\"Li Lei's order\" status=404 in 12 ms";
        assert_eq!(
            masked_entry(line),
            "2026-11-27T19:24:07.123456Z  WARN paydeck::api: order … … openid=… title=\"…\" status=404 in 12 ms"
        );
    }

    #[test]
    fn no_line_of_the_log_contains_a_key_a_user_or_a_number_however_it_is_written() {
        let [key, user] = ["abcdefghijklmnopqrstuvwxyzabcdef", "oBiGAbCdEfGhIjKlMnOpQrStUvWx"];
        let line = format!("2026-11-27T19:24:07Z WARN paydeck: {key} {user} GALA-3 SO-77 in 120ms, \"unfinished");
        assert_eq!(masked_entry(&line), "2026-11-27T19:24:07Z WARN paydeck: … … … … in 120ms, \"…");
        assert_eq!(masked_entry("the rest of a name\" and more"), "…");
    }
}
