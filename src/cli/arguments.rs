//! The arguments. Nouns come from the kinds, interventions and their flags from the catalogue of actions.

use clap::builder::PossibleValue;
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

use super::args::{address, dry_run, reason};
use super::nouns::noun;
use super::{listen, manual, watch};
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::bill::{BillKind, FundAccount, TradeRows};
use crate::sandbox::MOST_SPEED;
use crate::sandbox::control::{Parameter, Place, Shape, VERBS, Verb, VerbId};

pub(super) fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let mut command = Command::new("paydeck")
        .version(clap::crate_version!())
        .about(t("cli-about"))
        .after_help(t("cli-after-help"))
        // It has one of its own, in its own language.
        .disable_help_subcommand(true)
        .infer_long_args(false)
        .args(global(lang))
        .arg(Arg::new("fresh").long("fresh").action(ArgAction::SetTrue).help(t("cli-fresh")))
        .arg(Arg::new("all-profiles").long("all-profiles").action(ArgAction::SetTrue).help(t("cli-all-profiles")));
    for kind in Kind::ALL {
        command = command.subcommand(noun(lang, kind));
    }
    command
        .subcommand(
            Command::new("open")
                .about(t("cli-open"))
                .arg(Arg::new("number").required(true).value_name("NUMBER").help(t("cli-open-number")))
                .arg(kind(lang, "cli-open-kind")),
        )
        .subcommand(watch::command(lang))
        .subcommand(
            Command::new("import")
                .about(t("cli-import"))
                .long_about(t("cli-import-formats"))
                .arg(
                    Arg::new("file")
                        .required(true)
                        .value_name("FILE")
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t("cli-import-file")),
                )
                .arg(kind(lang, "cli-import-kind"))
                .arg(Arg::new("query").long("query").action(ArgAction::SetTrue).help(t("cli-import-query")))
                .arg(Arg::new("refresh").long("refresh").action(ArgAction::SetTrue).help(t("cli-import-refresh"))),
        )
        .subcommand(
            Command::new("api")
                .about(t("cli-api"))
                .arg(Arg::new("method").required(true).value_name("METHOD").help(t("cli-api-method")))
                .arg(Arg::new("path").required(true).value_name("PATH").help(t("cli-api-path")))
                .arg(Arg::new("body").value_name("BODY").help(t("cli-api-body")))
                .arg(reason(lang))
                .arg(dry_run(lang)),
        )
        .subcommand(
            Command::new("verify").about(t("cli-verify")).arg(
                Arg::new("file")
                    .value_name("FILE")
                    .default_value("-")
                    .value_parser(value_parser!(std::path::PathBuf))
                    .help(t("cli-verify-file")),
            ),
        )
        .subcommand(listen::command(lang))
        .subcommand(bill(lang))
        .subcommand(super::reconcile::command(lang))
        .subcommand(settlement(lang))
        .subcommand(events(lang))
        .subcommand(journal(lang))
        .subcommand(super::ledger::command(lang))
        .subcommand(
            Command::new("profile")
                .about(t("cli-profile"))
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(Command::new("list").about(t("cli-profile-list")))
                .subcommand(
                    Command::new("check")
                        .about(t("cli-profile-check"))
                        .arg(Arg::new("name").value_name("NAME").help(t("cli-profile-name"))),
                ),
        )
        .subcommand(Command::new("keys").about(t("cli-keys")))
        .subcommand(super::bundle::command(lang))
        .subcommand(
            Command::new("sandbox")
                .about(t("cli-sandbox"))
                .subcommand(ctl(lang))
                .arg(
                    Arg::new("bind")
                        .long("bind")
                        .value_name("ADDR")
                        .default_value("127.0.0.1:0")
                        .value_parser(move |text: &str| address(lang, text))
                        .help(t("cli-sandbox-bind")),
                )
                .arg(Arg::new("expose").long("expose").action(ArgAction::SetTrue).help(t("cli-sandbox-expose")))
                .arg(
                    Arg::new("identity")
                        .long("identity")
                        .value_name("DIR")
                        .global(true)
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t("cli-sandbox-identity")),
                )
                .arg(Arg::new("notify-url").long("notify-url").value_name("URL").help(t("cli-sandbox-notify-url")))
                .arg(Arg::new("still").long("still").action(ArgAction::SetTrue).help(t("cli-sandbox-still")))
                .arg(
                    Arg::new("speed")
                        .long("speed")
                        .value_name("N")
                        .default_value("1")
                        .value_parser(value_parser!(u32).range(0..=i64::from(MOST_SPEED)))
                        .help(t("cli-sandbox-speed")),
                )
                .arg(
                    Arg::new("objects")
                        .long("objects")
                        .value_name("N")
                        .default_value("1000")
                        .value_parser(value_parser!(u32).range(0..=1_000_000))
                        .help(t("cli-sandbox-objects")),
                )
                .arg(
                    Arg::new("seed")
                        .long("seed")
                        .value_name("N")
                        .default_value("1")
                        .value_parser(value_parser!(u64))
                        .help(t("cli-sandbox-seed")),
                ),
        )
        .subcommands(manual::commands(lang))
}

fn global(lang: Lang) -> Vec<Arg> {
    let t = |id: &str| lang.t(id);
    let path = |name: &'static str, value: &'static str, help: &str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .global(true)
            .value_parser(value_parser!(std::path::PathBuf))
            .help(t(help))
    };
    let flag = |name: &'static str, help: &str| {
        Arg::new(name).long(name).global(true).action(ArgAction::SetTrue).help(t(help))
    };
    vec![
        path("config", "FILE", "cli-config"),
        Arg::new("profile").long("profile").value_name("NAME").global(true).help(t("cli-flag-profile")),
        Arg::new("store").long("store").value_name("URL").global(true).help(t("cli-store")),
        flag("sandbox", "cli-flag-sandbox").id("embedded"),
        flag("read-only", "cli-read-only"),
        Arg::new("lang")
            .long("lang")
            .value_name("TAG")
            .global(true)
            .value_parser(Lang::ALL.iter().map(language).collect::<Vec<_>>())
            .help(t("cli-lang")),
        Arg::new("theme").long("theme").value_name("NAME").global(true).help(t("cli-theme")),
        Arg::new("colors").long("colors").value_name("DEPTH").global(true).help(t("cli-colors")),
        Arg::new("output")
            .long("output")
            .value_name("FORMAT")
            .global(true)
            .default_value("text")
            .value_parser(["text", "json", "csv"])
            .help(t("cli-output")),
        flag("yes", "cli-yes"),
        path("log-file", "FILE", "cli-log-file"),
        flag("verbose", "cli-verbose"),
    ]
}

/// A value of `--lang`: the tag, or its first part.
fn language(lang: &Lang) -> PossibleValue {
    PossibleValue::new(lang.tag()).aliases(lang.tag().split_once('-').map(|(short, _)| short))
}

fn settlement(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let day = |name: &'static str, help: &str| Arg::new(name).long(name).value_name("DATE").help(t(help));
    let state = Arg::new("state").long("state").required(true).value_name("STATE");
    Command::new("settlement")
        .about(t("cli-settlement"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about(t("cli-settlement-list"))
                .arg(state.value_parser(["settled", "unsettled"]).help(t("cli-settlement-state")))
                .arg(day("from", "cli-settlement-from"))
                .arg(day("to", "cli-settlement-to")),
        )
}

fn events(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let verb = |name: &'static str, help: &str| Command::new(name).about(t(help));
    let event = || {
        let event = Arg::new("event").required(true).value_name("EVENT").value_parser(value_parser!(i64));
        event.help(t("cli-events-event"))
    };
    let limit = Arg::new("limit").long("limit").value_name("N").default_value("50");
    Command::new("events")
        .about(t("cli-events-about"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            verb("list", "cli-events-list")
                .arg(Arg::new("search").long("search").value_name("TEXT").help(t("cli-events-search")))
                .arg(limit.value_parser(value_parser!(u32)).help(t("cli-journal-limit"))),
        )
        .subcommand(verb("show", "cli-events-show").arg(event()))
        .subcommand(
            verb("replay", "cli-events-replay")
                .arg(event())
                .arg(Arg::new("url").required(true).value_name("URL").help(t("cli-events-url"))),
        )
}

fn journal(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let verb = |name: &'static str, help: &str| Command::new(name).about(t(help));
    let entry = || {
        let entry = Arg::new("entry").required(true).value_name("ENTRY").value_parser(value_parser!(i64));
        entry.help(t("cli-journal-entry"))
    };
    let why = Arg::new("reason").long("reason").required(true).value_name("TEXT").help(t("cli-journal-close-reason"));
    let limit = Arg::new("limit").long("limit").value_name("N").default_value("50");
    Command::new("journal")
        .about(t("cli-journal-about"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            verb("list", "cli-journal-list")
                .arg(Arg::new("search").long("search").value_name("TEXT").help(t("cli-journal-search")))
                .arg(Arg::new("object").long("object").value_name("NUMBER").help(t("cli-journal-object")))
                .arg(limit.value_parser(value_parser!(u32)).help(t("cli-journal-limit"))),
        )
        .subcommand(verb("show", "cli-journal-show").arg(entry()))
        .subcommand(verb("resolve", "cli-journal-resolve"))
        .subcommand(verb("close", "cli-journal-close").arg(entry()).arg(why))
        .subcommand(verb("verify", "cli-journal-verify"))
        .subcommand(verb("export", "cli-journal-export"))
}

/// `sandbox ctl`: the verbs of the control, from their own table.
fn ctl(lang: Lang) -> Command {
    let argument = |verb: &'static Verb, (place, parameter): (usize, &'static Parameter)| {
        let Parameter { name, shape, .. } = *parameter;
        let expected = lang.t(&format!("ctl-shape-{}", shape.name()));
        let check = move |text: &str| shape.parse(text).map(|_| text.to_owned()).ok_or_else(|| expected.clone());
        let argument = Arg::new(name)
            .value_name(parameter.value)
            .allow_negative_numbers(true)
            .help(lang.t(&format!("ctl-arg-{}-{name}", verb.name)))
            .required(matches!(parameter.place, Place::Required | Place::RequiredFlag));
        let argument = match shape {
            Shape::Word(words) => argument.value_parser(PossibleValuesParser::new(words)),
            _ => argument.value_parser(check),
        };
        // The clock is moved by something, or only shown.
        let moves = (verb.id, name) == (VerbId::Clock, "move");
        let argument = if moves { argument.requires("by") } else { argument };
        match parameter.place {
            Place::Required | Place::Optional => argument.index(place + 1),
            Place::Flag | Place::RequiredFlag => argument.long(name),
        }
    };
    let verb = |verb: &'static Verb| {
        Command::new(verb.name)
            .about(lang.t(&format!("ctl-{}", verb.name)))
            .args(verb.parameters.iter().enumerate().map(move |parameter| argument(verb, parameter)))
    };
    Command::new("ctl")
        .about(lang.t("cli-ctl"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(VERBS.iter().map(verb))
}

/// `bill`: what is downloaded, and what was.
fn bill(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let path = || value_parser!(std::path::PathBuf);
    let word = |words: Vec<&'static str>| PossibleValuesParser::new(words);
    let fetched = |name: &'static str, help: &str| {
        let date = Arg::new("date").required(true).value_name("DATE[..DATE]").help(t("cli-bill-date"));
        let flag = |name: &'static str, help: &str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(help));
        Command::new(name)
            .about(t(help))
            .long_about(t("cli-bill-unsigned"))
            .arg(date)
            .arg(flag("gzip", "cli-bill-gzip"))
            .arg(Arg::new("to").long("to").value_name("PATH").value_parser(path()).help(t("cli-bill-to")))
            .arg(flag("wait", "cli-bill-wait"))
            .arg(
                Arg::new("every")
                    .long("every")
                    .value_name("SECONDS")
                    .requires("wait")
                    .value_parser(value_parser!(u32).range(1..=86_400))
                    .default_value("1800")
                    .help(t("cli-bill-every")),
            )
            .arg(flag("import", "cli-bill-import"))
    };
    let rows = Arg::new("type").long("type").value_name("TYPE").ignore_case(true).default_value("ALL");
    let account = Arg::new("account").long("account").value_name("ACCOUNT").ignore_case(true).default_value("BASIC");
    let which = Arg::new("type").long("type").value_name("TYPE").ignore_case(true);
    Command::new("bill")
        .about(t("cli-bill"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            fetched("trade", "cli-bill-trade")
                .arg(rows.value_parser(word(TradeRows::ALL.map(TradeRows::word).into())).help(t("cli-bill-type"))),
        )
        .subcommand(fetched("fundflow", "cli-bill-fundflow").arg(
            account.value_parser(word(FundAccount::ALL.map(FundAccount::word).into())).help(t("cli-bill-account")),
        ))
        .subcommand(
            Command::new("statement")
                .about(t("cli-bill-statement"))
                .arg(Arg::new("date").required(true).value_name("DATE").help(t("cli-bill-day")))
                .arg(Arg::new("to").long("to").value_name("PATH").value_parser(path()).help(t("cli-statement-to"))),
        )
        .subcommand(Command::new("list").about(t("cli-bill-list")))
        .subcommand(
            Command::new("show")
                .about(t("cli-bill-show"))
                .arg(Arg::new("bill").required(true).value_name("DATE|FILE").help(t("cli-bill-which")))
                .arg(which.value_parser(word(BillKind::all().map(BillKind::word).collect())).help(t("cli-bill-of")))
                .arg(Arg::new("rows").long("rows").action(ArgAction::SetTrue).help(t("cli-bill-rows")))
                .arg(
                    Arg::new("spreadsheet")
                        .long("spreadsheet")
                        .value_name("FILE")
                        .value_parser(clap::value_parser!(std::path::PathBuf))
                        .help(t("cli-bill-spreadsheet")),
                ),
        )
}

fn kind(lang: Lang, help: &str) -> Arg {
    Arg::new("kind").long("kind").value_name("KIND").value_parser(Kind::ALL.map(Kind::noun)).help(lang.t(help))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::action::ActionId;
    use crate::model::endpoint::ENDPOINTS;

    #[test]
    fn the_arguments_are_well_formed_in_both_languages() {
        for lang in [Lang::En, Lang::ZhCn] {
            command(lang).debug_assert();
        }
    }

    #[test]
    fn a_sign_plan_is_stopped_as_a_plan_is() {
        for verb in ["cancel", "stop"] {
            let line = ["paydeck", "sign-plan", verb, "S-1", "--reason", "x"];
            let matches = command(Lang::En).try_get_matches_from(line).unwrap();
            let (_, noun) = matches.subcommand().unwrap();
            assert_eq!(noun.subcommand_name(), Some(ActionId::SignPlanCancel.action().verb));
        }
    }

    #[test]
    fn every_endpoint_of_the_table_has_a_command() {
        let root = command(Lang::En);
        for endpoint in ENDPOINTS {
            let mut at = &root;
            for word in endpoint.cli.split(' ') {
                // A raw request names its method and path itself.
                if at.get_name() == "api" {
                    break;
                }
                let verb = at.find_subcommand(word);
                at = verb.unwrap_or_else(|| panic!("{:?}: there is no {}", endpoint.id, endpoint.cli));
            }
            assert!(!at.is_subcommand_required_set(), "{:?}: {} is no whole command", endpoint.id, endpoint.cli);
        }
    }
}
