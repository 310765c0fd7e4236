//! `ledger`: checks the ledger, and copies it.

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command, value_parser};
use serde_json::json;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{Ledger, LedgerError};

pub(super) fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let file = Arg::new("file").required(true).value_name("FILE").value_parser(value_parser!(PathBuf));
    Command::new("ledger")
        .about(t("cli-ledger-about"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("check").about(t("cli-ledger-check")))
        .subcommand(Command::new("backup").about(t("cli-ledger-backup")).arg(file.help(t("cli-ledger-backup-file"))))
}

/// Neither needs keys, so that both work when the keys are lost.
pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    let ledger = Ledger::open(&world.config.store)?;
    match matches.subcommand() {
        Some(("backup", matches)) => {
            let file = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
            let to = file.clone();
            let entries = ledger.run(move |ledger| ledger.backup(&to)).await?;
            let path = file.display().to_string();
            output.print(&match output.format {
                Format::JsonLines => format!("{}\n", json!({"file": path, "entries": entries})),
                _ => {
                    let message = tr!(output.lang, "cli-ledger-backed-up", path = path, count = entries);
                    output.outside(&format!("{message}\n"))
                }
            })
        }
        _ => check(&ledger, output).await,
    }
}

async fn check(ledger: &Ledger, output: &Output) -> Result<(), Failure> {
    let checkup = ledger.run(|ledger| ledger.check()).await?;
    let (lang, flaw) = (output.lang, checkup.flaw());
    output.print(&match output.format {
        Format::JsonLines => {
            let journal = match &checkup.journal {
                Ok(entries) => json!({"ok": true, "entries": entries}),
                Err(flaw) => json!({"ok": false, "why": explain::flaw(lang, flaw)}),
            };
            let checkup = json!({
                "ok": checkup.is_sound(), "file": checkup.file, "journal": journal, "recounted": checkup.recounted,
            });
            format!("{checkup}\n")
        }
        _ => {
            let mut lines: Vec<String> = match checkup.file.is_empty() {
                true => vec![format!("✓ {}", lang.t("cli-ledger-file-whole"))],
                false => checkup.file.iter().map(|line| format!("✗ {line}")).collect(),
            };
            lines.push(match &checkup.journal {
                Ok(count) => format!("✓ {}", tr!(lang, "cli-journal-whole", count = count)),
                Err(flaw) => format!("✗ {}: {}", lang.t("cli-error-journal-broken"), explain::flaw(lang, flaw)),
            });
            lines.push(match checkup.recounted {
                _ if !checkup.file.is_empty() => format!("– {}", lang.t("cli-ledger-not-counted")),
                0 => format!("✓ {}", lang.t("cli-ledger-counted")),
                wrong => format!("✓ {}", tr!(lang, "cli-ledger-recounted", count = wrong)),
            });
            output.outside(&(lines.join("\n") + "\n"))
        }
    })?;
    match flaw {
        Some(flaw) => Err(Failure::Checked(ledger.named(LedgerError::Unsound(flaw)).into())),
        None => Ok(()),
    }
}
