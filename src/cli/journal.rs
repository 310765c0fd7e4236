//! `journal`: shows what was sent and the outcomes, and verifies that the record is unchanged.

use std::io::{BufRead, IsTerminal, Write as _};

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Failure;
use super::context::{Context, OpenAccount};
use super::export::Format;
use super::output::Output;
use crate::config::Config;
use crate::explain::{self, Explanation};
use crate::ledger::{Ending, JournalEntry, JournalSearch, Ledger, RecordedIntent};
use crate::model::action::{FieldError, Problem};
use crate::model::time::rfc3339_millis;
use crate::model::{Kind, Number, ObjectId};
use crate::services::{Actor, Denial, Earlier, JournalFilter, Unclosed, close_entry};
use crate::text::neutralise;

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    match matches.subcommand() {
        Some(("resolve", _)) => {
            let account = context.account(&world.config, context.profile.as_deref()).await?;
            resolve(&account, output).await
        }
        Some(("close", matches)) => close(context, &world.config, matches, output).await,
        Some((verb, matches)) => {
            // The journal is read without keys, so that it can be read when they are lost.
            let ledger = Ledger::open(&world.config.store)?;
            let named = |error| ledger.named(error);
            match verb {
                "show" => {
                    let id = matches.get_one::<i64>("entry").copied().unwrap_or_default();
                    let missing = || Failure::Usage(tr!(output.lang, "cli-journal-missing", journal = id));
                    show(&ledger.journal_entry(id).map_err(named)?.ok_or_else(missing)?, output)
                }
                "verify" => match ledger.verify_journal().map_err(named)? {
                    Ok(count) => output.print(&match output.format {
                        Format::JsonLines => format!("{}\n", json!({"ok": true, "entries": count})),
                        _ => format!("{}\n", tr!(output.lang, "cli-journal-whole", count = count)),
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
    let text = matches.get_one::<String>("search").map(String::as_str).unwrap_or_default();
    let filter = JournalFilter::parse(text).map_err(|error| Failure::Usage(explain::filter(output.lang, &error)))?;
    let conditions = &filter.conditions(OffsetDateTime::now_utc())[..];
    let mut entries = Vec::new();
    for object in &objects {
        let (object, limit) = (object.as_ref(), limit as usize);
        let search = JournalSearch { object, conditions, limit, ..JournalSearch::default() };
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

/// Queries the outcome of every open entry, and prints each entry with its outcome.
async fn resolve(account: &OpenAccount, output: &Output) -> Result<(), Failure> {
    let runner = account.runner();
    let open = runner.unresolved().await?;
    runner.resolve().await?;
    let ledger = &account.ledger;
    for one in &open {
        let entry = ledger.journal_entry(one.journal).map_err(|error| ledger.named(error))?;
        if let Some(entry) = entry {
            output.print(&resolved(&entry, output))?;
        }
    }
    let unknown = runner.unresolved().await?.len();
    if unknown > 0 {
        return Err(Failure::StillUnknown(unknown));
    }
    output.note(&tr!(output.lang, "cli-journal-open", count = unknown));
    Ok(())
}

/// An entry and its outcome: a document, or two lines.
fn resolved(entry: &JournalEntry, output: &Output) -> String {
    let earlier = Earlier::read(entry);
    let why = entry.conclusions.last().and_then(|last| last.error.as_deref());
    if output.format == Format::JsonLines {
        let amount = earlier.as_ref().and_then(|earlier| earlier.amount);
        let made = earlier.as_ref().filter(|earlier| earlier.shows != earlier.object);
        let made = made.map(|one| json!({"kind": one.shows.kind.noun(), "number": one.shows.number.as_str()}));
        let RecordedIntent { action, kind, number, .. } = &entry.intent;
        let mut document = json!({
            "journal": entry.id, "action": action, "kind": kind, "number": number, "made": made,
            "amount": amount.map(|amount| amount.plain()),
            "currency": amount.map(|amount| amount.currency.code().to_owned()),
            "outcome": entry.outcome().unwrap_or(Ending::Unknown.outcome()), "why": why,
        });
        if let (Value::Object(document), Value::Object(stored)) = (&mut document, entry.document()) {
            document.extend(stored);
        }
        return format!("{document}\n");
    }
    let lang = output.lang;
    let what = earlier.map_or_else(|| request(entry), |earlier| explain::what_was(lang, &earlier));
    let outcome = entry.ending().unwrap_or(Ending::Unknown).outcome();
    let outcome = lang.t(&format!("journal-{outcome}"));
    let line = tr!(lang, "cli-journal-resolved", journal = entry.id, what = what, outcome = outcome);
    let why = why.map(|why| format!("  {} {why}\n", lang.t("cli-why"))).unwrap_or_default();
    output.outside(&format!("{line}\n{why}"))
}

/// The request of an entry that is not an action on an object.
fn request(entry: &JournalEntry) -> String {
    format!("{} {}", entry.intent.action, entry.intent.request())
}

/// Closes an entry whose outcome cannot be found out. WeChat Pay is queried first, if there are keys.
async fn close(context: &Context, config: &Config, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let profile = config.profile(context.profile.as_deref())?;
    let journal = matches.get_one::<i64>("entry").copied().unwrap_or_default();
    let reason = matches.get_one::<String>("reason").map(String::as_str).unwrap_or_default();
    let ledger = Ledger::open(&config.store)?;
    let mchid = profile.merchant.mchid.as_str();
    let actor = Actor::new(&profile.name, mchid, &profile.operator, profile.read_only, profile.rules.clone());
    let entry = ledger.journal_entry(journal).map_err(|error| ledger.named(error))?;
    let missing = || Failure::Usage(tr!(output.lang, "cli-journal-missing", journal = journal));
    let entry = entry.ok_or_else(missing)?;
    if entry.is_open() && !context.yes {
        confirm(&entry, output)?;
    }
    let closed = match context.account(config, context.profile.as_deref()).await {
        Ok(account) => account.runner().close_entry(journal, reason.to_owned()).await,
        Err(_) => close_entry(&ledger, &actor, journal, reason),
    };
    let closed = closed.map_err(|error| match error {
        Unclosed::ReadOnly => Failure::Denied(Denial::ReadOnly),
        Unclosed::NoReason => Failure::Fields(vec![FieldError { field: "reason", problem: Problem::Required }]),
        Unclosed::Missing => missing(),
        Unclosed::Ended(ending) => Failure::NotOpen(
            journal,
            match ending {
                Ending::Done => "journal-done",
                Ending::Refused => "journal-refused",
                Ending::Unknown | Ending::Unknowable | Ending::Closed => "journal-closed",
            },
        ),
        Unclosed::UnderWay => Failure::NotOpen(journal, "journal-under-way"),
        Unclosed::Ledger(error) => ledger.named(error).into(),
    })?;
    output.print(&resolved(&closed, output))?;
    output.note(&tr!(output.lang, "cli-journal-closed", journal = journal));
    Ok(())
}

/// Asks for confirmation at a terminal; without one `--yes` is required.
fn confirm(entry: &JournalEntry, output: &Output) -> Result<(), Failure> {
    let input = std::io::stdin();
    if !input.is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::NeedsYes);
    }
    output.say(line(entry).trim_end());
    let question = tr!(output.lang, "cli-journal-confirm", journal = entry.id);
    let _ = write!(std::io::stderr().lock(), "{question} ");
    let mut answer = String::new();
    input.lock().read_line(&mut answer).map_err(|error| Failure::io("stdin", error))?;
    if answer.trim() == entry.id.to_string() { Ok(()) } else { Err(Failure::NotConfirmed) }
}

fn show(entry: &JournalEntry, output: &Output) -> Result<(), Failure> {
    if output.format == Format::JsonLines {
        return output.print(&format!("{}\n", entry.document()));
    }
    let mut text = line(entry);
    let conclusions = [None].into_iter().chain(entry.conclusions.iter().map(Some));
    for (place, (part, conclusion)) in entry.parts().iter().zip(conclusions).enumerate() {
        for (name, value) in part.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
            let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            text.push_str(&format!("  {name}: {value}\n"));
        }
        let is_last = place == entry.conclusions.len();
        let explained = conclusion.and_then(|one| explain::conclusion(output.lang, &entry.intent, one, is_last));
        if let Some(Explanation { why, next, .. }) = explained {
            for (label, words) in [("cli-why", why), ("cli-next", next)] {
                words.iter().for_each(|words| text.push_str(&format!("  {} {words}\n", output.lang.t(label))));
            }
        }
        text.push('\n');
    }
    output.print(&output.outside(&text))
}

fn line(entry: &JournalEntry) -> String {
    let RecordedIntent { at, action, number, operator, confirmed, reason, .. } = &entry.intent;
    let at = at.map(rfc3339_millis).unwrap_or_default();
    // What a person has closed is stored as unknown, and shown as in the console.
    let closed = entry.ending() == Some(Ending::Closed);
    let outcome = if closed { Ending::word(entry.ending()) } else { entry.outcome().unwrap_or("…") };
    // A reason may have several lines; an entry has one.
    let reason = neutralise(reason.as_deref().unwrap_or_default());
    let line =
        format!("{:>6}  {at}  {outcome:<8} {action:<20} {number:<32} {operator:<12} {confirmed:<6} {reason}", entry.id);
    format!("{}\n", line.trim_end())
}
