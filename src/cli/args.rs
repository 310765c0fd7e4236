//! Arguments that several commands share, and how they are read.

use clap::{Arg, ArgAction, ArgMatches};

use super::Failure;
use crate::i18n::Lang;
use crate::model::{Kind, Number, ObjectId};

/// The id of the argument that names the object.
pub(super) const NUMBER: &str = "of";

pub(super) fn dry_run(lang: Lang) -> Arg {
    Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help(lang.t("cli-dry-run"))
}

pub(super) fn reason(lang: Lang) -> Arg {
    Arg::new("reason").long("reason").value_name("TEXT").help(lang.t("cli-reason"))
}

/// The object that the number names.
pub(super) fn number(kind: Kind, matches: &ArgMatches) -> Result<ObjectId, Failure> {
    let text = matches.get_one::<String>(NUMBER).map(String::as_str).unwrap_or_default();
    Ok(ObjectId::new(kind, Number::parse(text)?))
}

/// Reads where to listen.
pub(super) fn address(lang: Lang, text: &str) -> Result<std::net::SocketAddr, String> {
    crate::services::Bind::address(text).ok_or_else(|| lang.t("cli-bad-address"))
}
