//! The arguments of the kinds of objects: what can be queried of each, and the actions of the catalogue.

use clap::{Arg, ArgAction, Command, value_parser};

use super::args::{NUMBER, dry_run, reason};
use super::coupons;
use crate::explain;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::action::{Action, ActionId, Field, FieldKind};

/// `plan`, `sign-plan`, …: list, get, and the catalogue's verbs.
pub(super) fn noun(lang: Lang, kind: Kind) -> Command {
    // Its id must not equal a flag's: a refund's number is a flag.
    let number = |of: Kind| {
        let help = tr!(lang, "cli-number", field = of.number_field());
        Arg::new(NUMBER).required(true).value_name("NUMBER").help(help)
    };
    let flag = |name: &'static str, help: &str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(lang.t(help));
    let verb = |name: &'static str, help: &str| Command::new(name).about(lang.t(help));
    // WeChat Pay lists no more than one transaction's refunds, and only in the region Global.
    let of_transaction = (kind == Kind::Refund).then(|| {
        let transaction = Arg::new("transaction").long("transaction").value_name("NUMBER").conflicts_with("cached");
        transaction.help(lang.t("cli-refund-transaction"))
    });
    let mut command = Command::new(kind.noun())
        .about(lang.kind(kind))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            verb("list", "cli-list")
                .arg(flag("cached", "cli-cached"))
                .args(coupons::list_flags(lang, kind))
                .args(of_transaction),
        )
        .subcommand(
            verb("get", "cli-get").arg(number(kind)).arg(flag("history", "cli-history")).args(whose(lang, kind)),
        )
        .subcommand(
            verb("related", "cli-related")
                .arg(number(kind))
                .arg(flag("cached", "cli-related-cached"))
                .args(whose(lang, kind).map(|arg| arg.conflicts_with("cached"))),
        )
        .subcommand(
            verb("timeline", "cli-timeline")
                .arg(number(kind))
                .arg(flag("chain", "cli-timeline-chain"))
                .arg(flag("cached", "cli-related-cached"))
                .args(whose(lang, kind).map(|arg| arg.conflicts_with("cached"))),
        )
        .subcommand(verb("diff", "cli-diff").arg(number(kind)).args(["from", "to"].map(|name| version(lang, name))));
    if kind == Kind::Stock {
        let verbs = coupons::stock_verbs(lang, || number(kind));
        command = command.subcommands(verbs);
    }
    // Without a value it shows the present one.
    for setting in Action::creating(kind).filter(|action| action.is_setting()) {
        command = command.mut_subcommand(setting.verb, |verb| {
            let heading = fields_heading(lang);
            let fields = setting.fields.iter().map(|field| flag_of(lang, heading, field));
            verb.args(fields).arg(dry_run(lang)).arg(reason(lang))
        });
    }
    let making = Action::making(kind);
    let (nested, single): (Vec<_>, Vec<_>) = Action::creating(kind).partition(|action| action.verb.starts_with(NESTED));
    for action in single.into_iter().filter(|action| action.makes_object()) {
        // A creation that also exists as an action on another object shares its verb.
        let other = making.filter(|making| making.made_verb() == action.verb);
        command = command.subcommand(creation(lang, action, action.verb, other));
    }
    if !nested.is_empty() {
        let verbs = nested.into_iter().map(|action| creation(lang, action, &action.verb[NESTED.len()..], None));
        let create = verb("create", "cli-create").subcommand_required(true).arg_required_else_help(true);
        command = command.subcommand(create.subcommands(verbs));
    }
    if let Some(action) = making.filter(|making| command.find_subcommand(making.made_verb()).is_none()) {
        let of = number(action.kind);
        let of = if action.made_verb() == "create" { of.long(action.kind.noun()) } else { of };
        let made = intervention(lang, action, action.made_verb(), of);
        command = command.subcommand(made.arg(document(lang)));
    }
    let numbers = number(kind).required(false).num_args(1..).required_unless_present("from");
    let own = |action: &&Action| action.is_for_many();
    let others = Action::of(kind).filter(|action| !own(action));
    command = command.subcommands(Action::of(kind).filter(own).map(|action| {
        let verb = intervention(lang, action, action.verb, numbers.clone()).args(bulk(lang));
        // The name that plans use.
        if action.id == ActionId::SignPlanCancel { verb.visible_alias("stop") } else { verb }
    }));
    command.subcommands(others.map(|action| intervention(lang, action, action.verb, number(kind)).arg(document(lang))))
}

/// A version by its number.
fn version(lang: Lang, name: &'static str) -> Arg {
    let help = lang.t(&format!("cli-diff-{name}"));
    Arg::new(name).value_name("VERSION").value_parser(clap::value_parser!(u32).range(1..)).help(help)
}

/// The verbs that begin so are subcommands of one verb: `create native`.
const NESTED: &str = "create-";

/// The verb of a creation: its fields as flags, or a document.
fn creation(lang: Lang, action: &'static Action, verb: &'static str, other: Option<&'static Action>) -> Command {
    let mut command = described(lang, action, verb).arg(dry_run(lang)).arg(reason(lang)).arg(document(lang));
    command = command.args(again(lang, action));
    if let Some(other) = other {
        let help = tr!(lang, "cli-number", field = other.kind.number_field());
        let flag = Box::leak(format!("from-{}", other.kind.noun()).into_boxed_str());
        command = command.arg(Arg::new(NUMBER).long(&*flag).value_name("NUMBER").help(help));
    }
    let heading = fields_heading(lang);
    let fields = action.fields.iter().chain(other.into_iter().flat_map(|other| other.fields));
    let mut known = std::collections::BTreeSet::new();
    command.args(fields.filter(|field| known.insert(field.name)).map(|field| flag_of(lang, heading, field)))
}

/// The document that is read into the form.
fn document(lang: Lang) -> Arg {
    let file = Arg::new("document").long("from").value_name("FILE");
    file.value_parser(value_parser!(std::path::PathBuf)).help(lang.t("cli-document"))
}

/// Clap wants a heading of static lifetime.
fn fields_heading(lang: Lang) -> &'static str {
    Box::leak(lang.t("cli-heading-fields").into_boxed_str())
}

/// A field as a flag; rows are one flag each.
fn flag_of(lang: Lang, heading: &'static str, field: &'static Field) -> Arg {
    let help = format!("{}: {}", lang.t(field.label), explain::field_rule(lang, field.kind, None));
    let flag = Arg::new(field.name).long(field.name).value_name("VALUE").help(help).help_heading(heading);
    // A negative number is rejected by its rule, not as an unknown flag.
    let flag = flag.allow_negative_numbers(true);
    match field.kind {
        FieldKind::Rows { .. } => flag.action(ArgAction::Append).value_name("A|B|C"),
        _ => flag,
    }
}

fn described(lang: Lang, action: &'static Action, verb: &'static str) -> Command {
    Command::new(verb).about(lang.action(action)).long_about(lang.t(&format!("effect-{}", action.name())))
}

/// A coupon's user, if the number alone does not identify the coupon.
fn whose(lang: Lang, kind: Kind) -> Option<Arg> {
    (kind == Kind::Coupon).then(|| coupons::openid(lang))
}

/// The arguments of bulk actions.
fn bulk(lang: Lang) -> [Arg; 2] {
    let from = Arg::new("from").long("from").value_name("FILE").value_parser(value_parser!(std::path::PathBuf));
    let rate = Arg::new("rate").long("rate").value_name("N").value_parser(value_parser!(u32).range(1..));
    [from.help(lang.t("cli-bulk-from")), rate.help(lang.t("cli-bulk-rate"))]
}

/// An action's verb: on which object, and its fields as flags.
fn intervention(lang: Lang, action: &'static Action, verb: &'static str, number: Arg) -> Command {
    let heading = fields_heading(lang);
    described(lang, action, verb)
        .arg(number)
        .arg(dry_run(lang))
        // Every user of the machine can read arguments: secrets come from a file or standard input.
        .args(action.fields.iter().filter(|field| !field.kind.is_secret()).map(|field| flag_of(lang, heading, field)))
        .args((!action.asks_reason()).then(|| reason(lang)))
        .args(again(lang, action))
}

/// The flag that requests a second effect of an action that is done once.
fn again(lang: Lang, action: &Action) -> Option<Arg> {
    let flag = Arg::new("again").long("again").action(ArgAction::SetTrue).help(lang.t("cli-again"));
    action.is_once().then_some(flag)
}
