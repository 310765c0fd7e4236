//! The arguments. Nouns come from the kinds, interventions and their flags from the catalogue of actions.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, Command, value_parser};

use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::action::{Action, Field};
use crate::model::bill::{BillKind, FundAccount, TradeRows};

/// The id of the argument that says which object.
pub const NUMBER: &str = "of";

pub fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id).into_owned();
    let mut command = Command::new("paydeck")
        .version(clap::crate_version!())
        .about(t("cli-about"))
        .after_help(t("cli-after-help"))
        .disable_help_subcommand(true)
        .infer_long_args(false)
        .args(global(lang));
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
        .subcommand(bill(lang))
        .subcommand(journal(lang))
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
        .subcommand(
            Command::new("sandbox")
                .about(t("cli-sandbox"))
                .arg(
                    Arg::new("bind")
                        .long("bind")
                        .value_name("ADDR")
                        .default_value("127.0.0.1:0")
                        .value_parser(value_parser!(std::net::SocketAddr))
                        .help(t("cli-sandbox-bind")),
                )
                .arg(
                    Arg::new("identity")
                        .long("identity")
                        .value_name("DIR")
                        .value_parser(value_parser!(std::path::PathBuf))
                        .help(t("cli-sandbox-identity")),
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
}

fn global(lang: Lang) -> Vec<Arg> {
    let t = |id: &str| lang.t(id).into_owned();
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
        Arg::new("lang").long("lang").value_name("TAG").global(true).value_parser(["zh-CN", "en"]).help(t("cli-lang")),
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

fn journal(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id).into_owned();
    let verb = |name: &'static str, help: &str| Command::new(name).about(t(help));
    let entry = Arg::new("entry").required(true).value_name("ENTRY").value_parser(value_parser!(i64));
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
        .subcommand(verb("show", "cli-journal-show").arg(entry.help(t("cli-journal-entry"))))
        .subcommand(verb("resolve", "cli-journal-resolve"))
        .subcommand(verb("verify", "cli-journal-verify"))
        .subcommand(verb("export", "cli-journal-export"))
}

/// `bill`: what is downloaded, and what was.
fn bill(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id).into_owned();
    let path = || value_parser!(std::path::PathBuf);
    let word = |words: Vec<&'static str>| PossibleValuesParser::new(words);
    let fetched = |name: &'static str, help: &str| {
        let date = Arg::new("date").required(true).value_name("DATE").help(t("cli-bill-date"));
        let flag = |name: &'static str, help: &str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(help));
        Command::new(name)
            .about(t(help))
            .long_about(t("cli-bill-unsigned"))
            .arg(date)
            .arg(flag("gzip", "cli-bill-gzip"))
            .arg(Arg::new("to").long("to").value_name("PATH").value_parser(path()).help(t("cli-bill-to")))
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
        .subcommand(Command::new("list").about(t("cli-bill-list")))
        .subcommand(
            Command::new("show")
                .about(t("cli-bill-show"))
                .arg(Arg::new("bill").required(true).value_name("DATE|FILE").help(t("cli-bill-which")))
                .arg(which.value_parser(word(BillKind::all().map(BillKind::word).collect())).help(t("cli-bill-of")))
                .arg(Arg::new("rows").long("rows").action(ArgAction::SetTrue).help(t("cli-bill-rows"))),
        )
}

fn kind(lang: Lang, help: &str) -> Arg {
    Arg::new("kind")
        .long("kind")
        .value_name("KIND")
        .value_parser(Kind::ALL.map(Kind::noun))
        .help(lang.t(help).into_owned())
}

fn dry_run(lang: Lang) -> Arg {
    Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help(lang.t("cli-dry-run").into_owned())
}

fn reason(lang: Lang) -> Arg {
    Arg::new("reason").long("reason").value_name("TEXT").help(lang.t("cli-reason").into_owned())
}

/// `plan`, `sign-plan`, …: list, get, and the catalogue's verbs.
fn noun(lang: Lang, kind: Kind) -> Command {
    // Its id is no flag's: a refund's number is one.
    let number = |of: Kind| {
        let help = lang.tr("cli-number", &[("field", &of.number_field())]);
        Arg::new(NUMBER).required(true).value_name("NUMBER").help(help)
    };
    let flag = |name: &'static str, help: &str| {
        Arg::new(name).long(name).action(ArgAction::SetTrue).help(lang.t(help).into_owned())
    };
    let verb = |name: &'static str, help: &str| Command::new(name).about(lang.t(help).into_owned());
    let mut command = Command::new(kind.noun())
        .about(lang.t(&format!("kind-{}", kind.noun())).into_owned())
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(verb("list", "cli-list").arg(flag("cached", "cli-cached")))
        .subcommand(verb("get", "cli-get").arg(number(kind)).arg(flag("history", "cli-history")))
        .subcommand(verb("related", "cli-related").arg(number(kind)).arg(flag("cached", "cli-related-cached")));
    if let Some(action) = Action::making(kind) {
        let of = action.kind;
        command = command.subcommand(intervention(lang, action, "create", number(of).long(of.noun())));
    }
    let numbers = number(kind).required(false).num_args(1..).required_unless_present("from");
    command.subcommands(Action::of(kind).map(|action| {
        let verb = intervention(lang, action, action.verb, numbers.clone());
        verb.args(bulk(lang))
    }))
}

/// What says more of many objects.
fn bulk(lang: Lang) -> [Arg; 2] {
    let from = Arg::new("from").long("from").value_name("FILE").value_parser(value_parser!(std::path::PathBuf));
    let rate = Arg::new("rate").long("rate").value_name("N").value_parser(value_parser!(u32).range(1..));
    [from.help(lang.t("cli-bulk-from").into_owned()), rate.help(lang.t("cli-bulk-rate").into_owned())]
}

/// An action's verb: on which object, and its fields as flags.
fn intervention(lang: Lang, action: &'static Action, verb: &'static str, number: Arg) -> Command {
    let field = |field: &'static Field| {
        Arg::new(field.name).long(field.name).value_name("VALUE").help(lang.t(field.label).into_owned())
    };
    Command::new(verb)
        .about(lang.t(&format!("action-{}", action.name())).into_owned())
        .long_about(lang.t(&format!("effect-{}", action.name())).into_owned())
        .arg(number)
        .arg(dry_run(lang))
        .args(action.fields.iter().map(field))
        .args((!action.asks_reason()).then(|| reason(lang)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_are_well_formed_in_both_languages() {
        for lang in [Lang::En, Lang::ZhCn] {
            command(lang).debug_assert();
        }
    }
}
