//! `bill statement DATE`: a day of a Global merchant as WeChat Pay accounts for it. Bytes are written only after their
//! signed SHA-1 was checked.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::Failure;
use super::context::OpenAccount;
use super::export::Format;
use super::import::{intake_document, not_taken, print_intake};
use super::output::Output;
use crate::api::StatementFile;
use crate::explain;
use crate::model;
use crate::model::time::{beijing_day, compact_date, parse_compact_day};
use crate::services::{Intake, NotTaken, Saved, Unsaved, save_statement, statement_rows};

pub(super) async fn run(account: &OpenAccount, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let text = matches.get_one::<String>("date").map(String::as_str).unwrap_or_default();
    let yesterday = || beijing_day(OffsetDateTime::now_utc()).previous_day().map(model::time::day);
    let day = day(&yesterday().filter(|_| text == "yesterday").unwrap_or_else(|| text.to_owned()), output)?;
    match matches.get_one::<PathBuf>("to").filter(|to| to.as_os_str() != "-") {
        Some(path) => save(account, &day, path.clone(), output).await,
        None => {
            let statement = account.client.statement(&day).await?;
            print(&statement, output)?;
            take(account, &day, &statement, output).await.map(drop)
        }
    }
}

/// Takes the rows of a statement into the ledger, like those of a bill. One that cannot be read is printed all the same.
async fn take(
    account: &OpenAccount,
    day: &str,
    statement: &StatementFile,
    output: &Output,
) -> Result<Option<Intake>, Failure> {
    let Some(day) = compact_date(day) else { return Ok(None) };
    let taken = account.runner().take_statement(day, statement, Arc::new(|_| ())).await;
    match taken {
        Ok(intake) => {
            if output.format != Format::JsonLines {
                print_intake(&intake, output);
            }
            Ok(Some(intake))
        }
        Err(why @ (NotTaken::Ledger(_) | NotTaken::Stopped)) => Err(not_taken(Path::new(""), why)),
        Err(why) => {
            output.note(&tr!(output.lang, "cli-rows-not-taken", why = explain::not_taken(output.lang, &why)));
            Ok(None)
        }
    }
}

/// A day as WeChat Pay writes it.
pub(super) fn day(text: &str, output: &Output) -> Result<String, Failure> {
    parse_compact_day(text).ok_or_else(|| Failure::Usage(tr!(output.lang, "cli-error-day", day = text)))
}

async fn save(account: &OpenAccount, day: &str, path: PathBuf, output: &Output) -> Result<(), Failure> {
    let saved = save_statement(&account.client, day, path).await;
    let (Saved { path, rows, digest }, statement) = saved.map_err(|unsaved| match unsaved {
        Unsaved::Api(error) => error.into(),
        Unsaved::File { path, source } => Failure::io(&path.display().to_string(), source),
    })?;
    let taken = take(account, day, &statement, output).await?;
    let path = path.display().to_string();
    if output.format == Format::JsonLines {
        return output.print(&format!(
            "{}\n",
            json!({
                "path": path, "rows": rows, "sha1": digest, "taken": taken.as_ref().map(intake_document),
            })
        ));
    }
    output.note(&tr!(output.lang, "cli-bill-written", path = path, n = rows, digest = digest));
    Ok(())
}

/// The text as it came; for programs, an object a row by the names of the header.
fn print(statement: &StatementFile, output: &Output) -> Result<(), Failure> {
    let (rows, digest) = (statement_rows(statement), &statement.digest);
    output.note(&tr!(output.lang, "cli-bill-verified", n = rows, digest = digest));
    if output.format != Format::JsonLines {
        return output.print(&output.outside(&statement.text));
    }
    let bill = model::Statement::parse(statement.text.as_bytes());
    let bill = bill.map_err(|error| Failure::io("statement", std::io::Error::other(error)))?;
    let object = |row: model::StatementRow<'_>| {
        let members: Map<String, Value> = row.members().map(|(name, value)| (name.to_owned(), value.into())).collect();
        format!("{}\n", Value::Object(members))
    };
    output.print(&bill.rows().map(object).collect::<String>())
}
