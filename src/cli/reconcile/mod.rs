//! `reconcile`: compares bills with the merchant's orders and the account, lists what is held over, and closes it.

mod html;
mod rows;
mod text;
mod workbook;

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use serde_json::json;
use tempfile::NamedTempFile;
use time::OffsetDateTime;

use super::Failure;
use super::context::{Context, OpenAccount};
use super::export::{Format, defused};
use super::output::Output;
use crate::explain;
use crate::i18n::Lang;
use crate::model::reconcile::{BookSide, ColumnMap, Period};
use crate::model::time::{Date, beijing_day, day, parse_day};
use crate::services::bills;
use crate::services::reconcile::{ReconcileRequest, Reconciled};

pub(super) fn command(lang: Lang) -> Command {
    let t = |id: &str| lang.t(id);
    let path = |name: &'static str, value: &'static str, help: &str| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf)).help(t(help))
    };
    let flag = |name: &'static str, help: &str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(t(help));
    let text =
        |name: &'static str, value: &'static str, help: &str| Arg::new(name).long(name).value_name(value).help(t(help));
    let id = Arg::new("id").required(true).value_name("ID").value_parser(value_parser!(i64));
    Command::new("reconcile")
        .about(t("cli-reconcile"))
        .long_about(t("cli-reconcile-long"))
        .args_conflicts_with_subcommands(true)
        .subcommand_negates_reqs(true)
        .arg(Arg::new("date").required(true).value_name("DATE[..DATE]").help(t("cli-reconcile-date")))
        .arg(path("against", "FILE", "cli-reconcile-against"))
        .arg(text("map", "COLUMNS", "cli-reconcile-map"))
        .arg(text("rate", "RATE", "cli-reconcile-rate"))
        .arg(path("bill", "FILE", "cli-reconcile-bill").action(ArgAction::Append))
        .arg(flag("offline", "cli-reconcile-offline"))
        .arg(flag("resolve", "cli-reconcile-resolve"))
        .arg(flag("quiet", "cli-reconcile-quiet"))
        .arg(path("html", "FILE", "cli-reconcile-html"))
        .arg(path("xlsx", "FILE", "cli-reconcile-xlsx"))
        .arg(path("csv", "FILE", "cli-reconcile-csv"))
        .arg(flag("json", "cli-reconcile-json"))
        .subcommand(Command::new("open").about(t("cli-reconcile-open")).arg(flag("all", "cli-reconcile-all")))
        .subcommand(
            Command::new("close")
                .about(t("cli-reconcile-close"))
                .arg(id.help(t("cli-reconcile-id")))
                .arg(text("reason", "TEXT", "cli-reconcile-reason").required(true)),
        )
}

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    match matches.subcommand() {
        Some(("open", matches)) => open(&account, matches.get_flag("all"), output).await,
        Some(("close", matches)) => close(&account, matches, output).await,
        _ if matches.get_flag("json") => {
            let output = output.as_json();
            reconcile(&account, matches, &output).await
        }
        _ => reconcile(&account, matches, output).await,
    }
}

/// `yesterday`, a day, or two days with `..` between them.
fn period(text: &str, lang: Lang) -> Result<Period, Failure> {
    let bad = || Failure::Usage(tr!(lang, "cli-bad-date", date = text));
    let today = beijing_day(OffsetDateTime::now_utc());
    let one = |text: &str| match text {
        "yesterday" | "昨天" => today.previous_day(),
        text => parse_day(text),
    };
    let (from, to) = text.split_once("..").unwrap_or((text, text));
    let period = one(from).zip(one(to)).map(|(from, to)| Period { from, to }).ok_or_else(bad)?;
    if period.to < period.from {
        return Err(bad());
    }
    if period.to >= today {
        return Err(Failure::DayGoesOn(day(period.to)));
    }
    Ok(period)
}

async fn reconcile(account: &OpenAccount, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let path = |name: &str| matches.get_one::<PathBuf>(name).cloned();
    let map = text("map").map(ColumnMap::parse).transpose();
    let map = map.map_err(|error| Failure::Usage(explain::column_map(lang, &error)))?;
    // Checked before anything is downloaded.
    for to in ["html", "xlsx", "csv"].into_iter().filter_map(path) {
        if to.exists() {
            return Err(Failure::io(&to.display().to_string(), io::ErrorKind::AlreadyExists.into()));
        }
    }
    let request = ReconcileRequest {
        against: path("against"),
        map,
        rate: text("rate").map(str::to_owned),
        bills: matches.get_many::<PathBuf>("bill").into_iter().flatten().cloned().collect(),
        offline: matches.get_flag("offline"),
        resolve: matches.get_flag("resolve"),
        ..ReconcileRequest::new(period(text("date").unwrap_or_default(), lang)?)
    };
    let mut report = |bytes: u64| output.progress(&tr!(lang, "bill-progress", size = bills::size(bytes)));
    let runner = account.runner();
    let reconciled = tokio::select! {
        reconciled = runner.reconcile(request, &mut report) => reconciled,
        _ = tokio::signal::ctrl_c() => return Err(Failure::Halted),
    };
    output.end_progress();
    let reconciled = reconciled.map_err(Failure::NotReconciled)?;
    // Nothing at all is said of what agrees: a schedule would mail it.
    let quiet = matches.get_flag("quiet") && reconciled.agrees();
    let written = |to: &Path| {
        if !quiet {
            output.note(&tr!(lang, "reconcile-written", path = to.display().to_string()));
        }
    };
    let mchid = account.profile.merchant.mchid.as_str();
    if let Some(to) = path("html") {
        save(&to, |file| file.write_all(html::page(lang, &reconciled, mchid).as_bytes()))?;
        written(&to);
    }
    if let Some(to) = path("xlsx") {
        let bytes = workbook::bytes(lang, &reconciled);
        let bytes = bytes.map_err(|error| Failure::io(&to.display().to_string(), io::Error::other(error)))?;
        save(&to, |file| file.write_all(&bytes))?;
        written(&to);
    }
    if let Some(to) = path("csv") {
        save(&to, |file| {
            // Spreadsheets recognise UTF-8 by this mark.
            file.write_all("\u{feff}".as_bytes())?;
            csv(lang, &reconciled, file)
        })?;
        written(&to);
    }
    if !quiet {
        print(&reconciled, output)?;
    }
    verdict(&reconciled)
}

fn print(reconciled: &Reconciled, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    match output.format {
        Format::Text => output.print(&output.outside(&text::text(lang, reconciled))),
        Format::Csv => {
            let mut bytes = Vec::new();
            csv(lang, reconciled, &mut bytes).map_err(|error| Failure::io("stdout", error))?;
            output.print(&String::from_utf8_lossy(&bytes))
        }
        Format::JsonLines => {
            let ids = rows::ids(reconciled);
            let result = &reconciled.result;
            let sides = BookSide::ALL.into_iter().filter(|side| result.has(*side)).map(BookSide::word);
            let summary = json!({
                "what": "reconciliation", "from": day(result.period.from), "to": day(result.period.to),
                "time_zone": "+08:00", "sides": sides.collect::<Vec<_>>(), "agrees": reconciled.agrees(),
                "differences": result.len(), "open": reconciled.open.len(), "opened": reconciled.held.opened,
                "settled": reconciled.held.settled, "notes": explain::reconcile_notes(lang, reconciled),
            });
            output.print(&format!("{summary}\n"))?;
            for balance in result.balances() {
                output.print(&format!("{}\n", rows::balance_document(balance)))?;
            }
            for difference in result.differences() {
                let id = ids.get(&difference.key()).copied();
                if !output.line(&format!("{}\n", rows::document(lang, &difference, id)))? {
                    break;
                }
            }
            Ok(())
        }
    }
}

/// Differences for a spreadsheet: numbers of objects keep their digits, and no text becomes a formula.
fn csv(lang: Lang, reconciled: &Reconciled, out: &mut dyn Write) -> io::Result<()> {
    let ids = rows::ids(reconciled);
    let mut writer = csv::WriterBuilder::new().terminator(csv::Terminator::CRLF).from_writer(out);
    writer.write_record(rows::header(lang))?;
    for difference in reconciled.result.differences() {
        let cells = rows::cells(lang, &difference, ids.get(&difference.key()).copied());
        let cell = |(at, cell): (usize, &rows::ReportCell)| {
            let text = cell.plain();
            let is_number = matches!(rows::COLUMNS.get(at), Some(&"number" | &"order"));
            let harmless = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-|*@.+#:".contains(&byte));
            // A formula of nothing but a text: no spreadsheet makes a number of it.
            if is_number && harmless && !text.is_empty() { format!("=\"{text}\"") } else { defused(text) }
        };
        writer.write_record(cells.iter().enumerate().map(cell))?;
    }
    writer.flush()
}

/// Writes a new file, whole or not at all.
fn save(to: &Path, write: impl FnOnce(&mut NamedTempFile) -> io::Result<()>) -> Result<(), Failure> {
    let name = to.display().to_string();
    let failed = |error| Failure::io(&name, error);
    let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mut file = NamedTempFile::new_in(folder).map_err(failed)?;
    write(&mut file).map_err(failed)?;
    file.as_file().sync_all().map_err(failed)?;
    file.persist_noclobber(to).map_err(|error| failed(error.error))?;
    Ok(())
}

/// Fails while something is open.
fn verdict(reconciled: &Reconciled) -> Result<(), Failure> {
    if reconciled.agrees() {
        return Ok(());
    }
    let open = reconciled.open.len().max(reconciled.found_open());
    Err(Failure::Differs(open))
}

async fn open(account: &OpenAccount, all: bool, output: &Output) -> Result<(), Failure> {
    let held = account.runner().held_differences(!all).await?;
    let (lang, today): (Lang, Date) = (output.lang, beijing_day(OffsetDateTime::now_utc()));
    match output.format {
        Format::JsonLines => {
            for one in &held {
                output.print(&format!("{}\n", rows::held_document(lang, one, one.age(today))))?;
            }
            Ok(())
        }
        Format::Text | Format::Csv => output.print(&output.outside(&text::held(lang, &held, today))),
    }?;
    match held.iter().filter(|held| held.ended.is_none()).count() {
        0 => Ok(()),
        open => Err(Failure::Differs(open)),
    }
}

async fn close(account: &OpenAccount, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let id = matches.get_one::<i64>("id").copied().unwrap_or_default();
    let reason = matches.get_one::<String>("reason").map(String::as_str).unwrap_or_default();
    let closed = account.runner().close_difference(id, reason).await;
    let journal = closed.map_err(|error| match error {
        crate::services::reconcile::DifferenceNotClosed::Ledger(error) => error.into(),
        other => Failure::Usage(explain::not_closed(output.lang, id, &other)),
    })?;
    output.print(&match output.format {
        Format::JsonLines => format!("{}\n", json!({"closed": id, "journal": journal})),
        Format::Text | Format::Csv => {
            format!("{}\n", tr!(output.lang, "reconcile-closed", id = id.to_string(), journal = journal.to_string()))
        }
    })
}
