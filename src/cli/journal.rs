//! `journal`: what was sent and what became of it; and whether anybody has tampered with the record.

use clap::ArgMatches;
use serde_json::json;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::explain::{self, Explanation};
use crate::ledger::{JournalEntry, JournalSearch, Ledger};
use crate::model::{Document, Kind, Number, ObjectId};
use crate::text::neutralise;

pub async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    match matches.subcommand() {
        Some(("resolve", _)) => {
            let account = context.account(&world.config, context.profile.as_deref()).await?;
            let runner = account.runner();
            for resolved in runner.resolve().await? {
                output.note(
                    &output
                        .lang
                        .tr("cli-journal-resolved", &[("journal", &resolved.journal), ("outcome", &resolved.outcome)]),
                );
            }
            let open = runner.unresolved().await?;
            output.note(&output.lang.tr("cli-journal-open", &[("count", &open.len())]));
            show_all(&account.ledger, open.iter().map(|open| open.journal), output)
        }
        Some((verb, matches)) => {
            // The record is read without keys, so that it can be read when they are gone.
            let ledger = Ledger::open(&world.config.store)?;
            let named = |error| ledger.named(error);
            match verb {
                "show" => {
                    let id = matches.get_one::<i64>("entry").copied().unwrap_or_default();
                    let missing = || Failure::Usage(output.lang.tr("cli-journal-missing", &[("journal", &id)]));
                    show(&ledger.journal_entry(id).map_err(named)?.ok_or_else(missing)?, output)
                }
                "verify" => match ledger.verify_journal().map_err(named)? {
                    Ok(count) => output.print(&match output.format {
                        Format::JsonLines => format!("{}\n", json!({"ok": true, "entries": count})),
                        _ => format!("{}\n", output.lang.tr("cli-journal-whole", &[("count", &count)])),
                    }),
                    Err(broken) => Err(Failure::Broken(broken)),
                },
                "export" => export(&ledger, output),
                _ => list(&ledger, matches, output),
            }
        }
        None => Ok(()),
    }
}

fn export(ledger: &Ledger, output: &Output) -> Result<(), Failure> {
    let mut printed = Ok(());
    ledger.export_journal(&mut |hash, entry| {
        printed = output.print(&format!("{}\n", json!({"hash": hash, "entry": entry})));
        printed.is_ok()
    })?;
    printed
}

fn list(ledger: &Ledger, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let limit = matches.get_one::<u32>("limit").copied().unwrap_or(50);
    let number = matches.get_one::<String>("object").map(|text| Number::parse(text)).transpose();
    let number = number.map_err(|error| Failure::Usage(error.to_string()))?;
    // A number may stand for several objects: the entries of all of them.
    let objects: Vec<Option<ObjectId>> = match number {
        Some(number) => Kind::ALL.map(|kind| Some(ObjectId::new(kind, number.clone()))).into(),
        None => vec![None],
    };
    let text = matches.get_one::<String>("search").map(String::as_str);
    let mut entries = Vec::new();
    for object in &objects {
        let search = JournalSearch { object: object.as_ref(), text, limit: limit as usize, ..JournalSearch::default() };
        entries.extend(ledger.journal_entries(&search).map_err(|error| ledger.named(error))?);
    }
    entries.sort_unstable_by_key(|entry| std::cmp::Reverse(entry.id));
    entries.truncate(limit as usize);
    for entry in entries {
        output.print(&match output.format {
            Format::JsonLines => format!("{}\n", entry.document()),
            _ => output.outside(&line(&entry)),
        })?;
    }
    Ok(())
}

fn show_all(ledger: &Ledger, ids: impl Iterator<Item = i64>, output: &Output) -> Result<(), Failure> {
    for id in ids {
        if let Some(entry) = ledger.journal_entry(id).map_err(|error| ledger.named(error))? {
            show(&entry, output)?;
        }
    }
    Ok(())
}

fn show(entry: &JournalEntry, output: &Output) -> Result<(), Failure> {
    if output.format == Format::JsonLines {
        return output.print(&format!("{}\n", entry.document()));
    }
    let mut text = line(entry);
    let intent = Document::new(&entry.intent);
    let parts = [&entry.intent].into_iter().chain(&entry.settlements);
    for (place, part) in parts.enumerate() {
        for (name, value) in part.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("  {name}: {value}\n"));
        }
        let explained =
            explain::settlement(output.lang, &intent, &Document::new(part), place == entry.settlements.len());
        if let Some(Explanation { why, next, .. }) = explained.filter(|_| place > 0) {
            for (label, words) in [("cli-why", why), ("cli-next", next)] {
                words.iter().for_each(|words| text.push_str(&format!("  {} {words}\n", output.lang.t(label))));
            }
        }
        text.push('\n');
    }
    output.print(&output.outside(&text))
}

fn line(entry: &JournalEntry) -> String {
    let text = |name: &str| entry.intent[name].as_str().unwrap_or_default().to_owned();
    let outcome = entry.settlements.last().and_then(|last| last["outcome"].as_str()).unwrap_or("…");
    // A reason may have several lines; an entry has one.
    let reason = text("reason");
    let line = format!(
        "{:>6}  {}  {outcome:<8} {:<20} {:<32} {:<12} {:<6} {}",
        entry.id,
        text("at"),
        text("action"),
        text("number"),
        text("operator"),
        text("confirmed"),
        neutralise(&reason)
    );
    format!("{}\n", line.trim_end())
}
