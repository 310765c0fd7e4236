//! `bill`: downloads bills, lists downloaded ones, and shows their contents.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::bill_document::{document, document_of};
use super::context::{Context, OpenAccount};
use super::export::{self, Format, aligned, defused};
use super::import::{intake_document, not_taken, print_intake, rows_in, take_in};
use super::output::Output;
use super::{Failure, statement};
use crate::api::ApiError;
use crate::explain;
use crate::explain::Finding;
use crate::i18n::Lang;
use crate::model::bill::{
    BillDigest, BillFileRow, BillGroup, BillId, BillKind, FundAccount, Totals, TradeRows, Volume,
};
use crate::model::time::{Date, beijing_day, bill_time, day, midnight, parse_day};
use crate::services::bills::Unexported;
use crate::services::{BillFailure, BillRecord, Destination, Source, bills};
use crate::text::neutralise;

/// Days of a range: bills are kept for three months.
const MOST_DAYS: i64 = 93;
/// When a bill is ready on the day after its own.
const READY_AFTER: time::Duration = time::Duration::hours(10);
/// WeChat Pay's codes: the bill is being made; nothing happened on that day.
const BEING_MADE: &str = "STATEMENT_CREATING";
const NO_RECORD: &str = "NO_STATEMENT_EXIST";

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let text = |matches: &ArgMatches, name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    match matches.subcommand() {
        Some(("trade", matches)) => {
            let rows = TradeRows::parse(&text(matches, "type")).unwrap_or(TradeRows::All);
            fetch(&account, BillKind::Trade(rows), matches, output).await
        }
        Some(("fundflow", matches)) => {
            let of = FundAccount::parse(&text(matches, "account")).unwrap_or(FundAccount::Basic);
            fetch(&account, BillKind::FundFlow(of), matches, output).await
        }
        Some(("statement", matches)) => statement::run(&account, matches, output).await,
        Some(("show", matches)) => show(&account, matches, output),
        _ => list(&account, output),
    }
}

/// `yesterday`, in Beijing, or a day.
fn date(text: &str, lang: Lang) -> Result<Date, Failure> {
    let yesterday = || beijing_day(OffsetDateTime::now_utc()).previous_day();
    let date = if text == "yesterday" { yesterday() } else { parse_day(text) };
    date.ok_or_else(|| Failure::Usage(tr!(lang, "cli-bad-date", date = text)))
}

/// The days from one to another, both included; a day alone is itself.
fn dates(text: &str, lang: Lang) -> Result<Vec<Date>, Failure> {
    let bad = || Failure::Usage(tr!(lang, "cli-bad-dates", date = text));
    let Some((first, last)) = text.split_once("..") else { return Ok(vec![date(text, lang)?]) };
    let (first, last) = (date(first, lang)?, date(last, lang)?);
    let days = (last - first).whole_days();
    if !(0..MOST_DAYS).contains(&days) {
        return Err(bad());
    }
    Ok(std::iter::successors(Some(first), |day| day.next_day()).take_while(|day| *day <= last).collect())
}

async fn fetch(account: &OpenAccount, kind: BillKind, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let given = matches.get_one::<String>("date").map(String::as_str).unwrap_or_default();
    let dates = dates(given, lang)?;
    let wait = matches.get_flag("wait");
    let now = OffsetDateTime::now_utc();
    // With --wait, the days that go on are waited for, too.
    if let Some(day_on) = dates.iter().find(|day| !wait && !BillId { day: **day, kind }.has_ended(now)) {
        return Err(Failure::DayGoesOn(day(*day_on)));
    }
    let to = matches.get_one::<PathBuf>("to");
    if to.is_some_and(|to| to.as_os_str() == "-") && output.format == Format::JsonLines {
        return Err(Failure::Usage(lang.t("cli-bill-stdout-json")));
    }
    // Several bills are no file, only a folder.
    if dates.len() > 1 && to.is_some_and(|to| to.as_os_str() == "-" || to.is_file()) {
        return Err(Failure::Usage(lang.t("cli-bill-folder")));
    }
    let several = dates.len() > 1;
    let mut failed = None;
    for day in dates {
        let fetched = fetch_day(account, BillId { day, kind }, matches, output).await;
        match fetched {
            // A day without a record is no fault of a range.
            Err(Failure::Api(error, _)) if several && refused_with(&error, NO_RECORD) => {
                output.note(&tr!(lang, "cli-bill-none", date = crate::model::time::day(day)));
            }
            // The other days are fetched all the same.
            Err(failure @ Failure::FlawedBill(..)) if several => failed = failed.or(Some(failure)),
            fetched => fetched?,
        }
    }
    failed.map_or(Ok(()), Err)
}

fn refused_with(error: &ApiError, code: &str) -> bool {
    error.refusal().is_some_and(|refusal| refusal.code == code)
}

/// The time until a bill is worth asking for: it is made from 09:00 of the next day on, and ready at 10:00 in Beijing.
fn until_ready(id: BillId, now: OffsetDateTime) -> Option<time::Duration> {
    let ready = midnight(id.day.next_day()?) + READY_AFTER;
    (ready > now).then(|| ready - now)
}

/// Waits until a bill is likely to be ready.
async fn wait_for(id: BillId, left: time::Duration, output: &Output) -> Result<(), Failure> {
    let at = OffsetDateTime::now_utc() + left;
    output.say(&tr!(output.lang, "cli-bill-waits", date = day(id.day), at = crate::text::age::absolute(at)));
    let left = std::time::Duration::try_from(left).unwrap_or_default();
    interruptible(async {
        tokio::time::sleep(left).await;
        Ok::<(), Failure>(())
    })
    .await
}

async fn fetch_day(account: &OpenAccount, id: BillId, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let wait = matches.get_flag("wait");
    if let Some(left) = until_ready(id, OffsetDateTime::now_utc()).filter(|_| wait) {
        wait_for(id, left, output).await?;
    }
    loop {
        match fetch_now(account, id, matches, output).await {
            Err(Failure::Api(error, _)) if wait && refused_with(&error, BEING_MADE) => {
                let every = matches.get_one::<u32>("every").copied().unwrap_or_default();
                wait_for(id, time::Duration::seconds(every.into()), output).await?;
            }
            fetched => return fetched,
        }
    }
}

async fn fetch_now(account: &OpenAccount, id: BillId, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let to = matches.get_one::<PathBuf>("to");
    let (runner, packed) = (account.runner(), matches.get_flag("gzip"));
    let mut report = |bytes: u64| output.progress(&progress(lang, bytes));
    // Until it is renamed, the partial file is removed when this process drops it.
    let (record, once) = if to.is_some_and(|to| to.as_os_str() == "-") {
        let fetched = interruptible(runner.fetch_bill_once(id, packed, &mut report)).await;
        output.end_progress();
        let (file, record) = fetched?;
        (record, Some(file))
    } else {
        let to = to.map_or(Destination::Kept, |to| Destination::Path(to.clone()));
        let fetched = interruptible(runner.fetch_bill(id, packed, &to, &mut report)).await;
        output.end_progress();
        (fetched?, None)
    };
    let intake = rows_in(&runner, record.file.clone(), Some(record.clone()), output).await;
    let numbers = match matches.get_flag("import") {
        true => {
            let numbers = runner.bill_numbers(record.file.clone()).await?;
            Some(take_in(&runner, numbers, Source::Bill, true, output).await)
        }
        false => None,
    };
    if once.is_some() {
        copy(&record.file)?;
        summary(&record, lang).lines().for_each(|line| output.note(line));
    } else if output.format == Format::JsonLines {
        let mut document = document(&record, lang);
        document["taken"] = intake.as_ref().map_or(Value::Null, intake_document);
        if let Some(numbers) = &numbers {
            document["import"] = numbers.document(lang);
        }
        output.print(&format!("{document}\n"))?;
    } else {
        let path = format!("{}\n", record.file.display());
        output.print(&output.outside(&(path + &summary(&record, lang))))?;
    }
    match &intake {
        Ok(intake) if output.format != Format::JsonLines => print_intake(intake, output),
        Ok(_) => {}
        Err(why) => output.note(&tr!(lang, "cli-rows-not-taken", why = explain::not_taken(lang, why))),
    }
    if let Some(numbers) = numbers {
        if output.format != Format::JsonLines {
            numbers.print_notes(output);
        }
        numbers.into_result()?;
    }
    match &record.digest {
        Ok(digest) => sound(&record.file.display().to_string(), digest)?,
        Err(_) => return Err(Failure::FlawedBill(record.file.display().to_string(), 0)),
    }
    intake.map(|_| ()).map_err(|why| not_taken(&record.file, why))
}

/// Waits for a download that Ctrl-C cancels, together with its partial file.
async fn interruptible<T, E: Into<Failure>>(fetching: impl Future<Output = Result<T, E>>) -> Result<T, Failure> {
    tokio::select! {
        fetched = fetching => fetched.map_err(Into::into),
        _ = tokio::signal::ctrl_c() => Err(Failure::Halted),
    }
}

/// The number of bytes received.
fn progress(lang: Lang, bytes: u64) -> String {
    tr!(lang, "bill-progress", size = bills::size(bytes))
}

/// Prints a file unchanged. A closed pipe ends it without an error.
pub(super) fn copy(path: &Path) -> Result<(), Failure> {
    let mut file = std::fs::File::open(path).map_err(|error| Failure::io(&path.display().to_string(), error))?;
    let mut out = io::stdout().lock();
    match io::copy(&mut file, &mut out).and_then(|_| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(Failure::io("stdout", error)),
        _ => Ok(()),
    }
}

fn list(account: &OpenAccount, output: &Output) -> Result<(), Failure> {
    let bills = account.runner().bills();
    let listed = bills.list().map_err(|error| Failure::io(&bills.folder().display().to_string(), error))?;
    if output.format == Format::JsonLines {
        return listed.iter().try_for_each(|record| output.print(&format!("{}\n", document(record, output.lang))));
    }
    let lang = output.lang;
    let cells = |record: &BillRecord| {
        let (rows, net) = match &record.digest {
            Ok(digest) => (digest.totals.rows().to_string(), nets(digest)),
            Err(_) => ("?".to_owned(), "?".to_owned()),
        };
        let file = match record.present {
            true => record.file.display().to_string(),
            false => tr!(lang, "bill-gone", path = record.file.display().to_string()),
        };
        [
            day(record.id.day),
            record.id.kind.noun().to_owned(),
            record.id.kind.word().to_owned(),
            rows,
            net,
            record.sha1.clone(),
            file,
        ]
    };
    let rows: Vec<_> = listed.iter().map(cells).collect();
    if output.format == Format::Csv {
        let header = ["date", "kind", "type", "rows", "net", "sha1", "file"];
        return output.print(&export::csv(Some(header), rows.into_iter()));
    }
    let rows: Vec<_> = rows.into_iter().map(|cells| cells.map(|cell| neutralise(&cell).into_owned())).collect();
    output.print(&aligned(&rows))
}

/// The net amount in each currency; a plain number for yuan alone.
fn nets(digest: &BillDigest) -> String {
    match &digest.totals {
        Totals::Trade(totals) => match &totals.each()[..] {
            [one] => one.net().plain(one.currency),
            several => several.iter().map(|sums| sums.net().shown(sums.currency)).collect::<Vec<_>>().join(" · "),
        },
        Totals::Flow(totals) => totals.net().plain(),
    }
}

/// Shows the requested part of a file.
fn show(account: &OpenAccount, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let given = matches.get_one::<String>("bill").map(String::as_str).unwrap_or_default();
    let word = matches.get_one::<String>("type").map(String::as_str);
    let bills = account.runner().bills();
    let listed = bills.list().map_err(|error| Failure::io(&bills.folder().display().to_string(), error))?;
    let path = Path::new(given);
    let wanted = if path.is_file() { None } else { Some(date(given, lang)?) };
    let of_kind = |record: &&BillRecord| word.is_none_or(|word| record.id.kind.word().eq_ignore_ascii_case(word));
    let record = match wanted {
        Some(day) => listed.iter().filter(of_kind).find(|record| record.id.day == day),
        None => {
            let path = std::path::absolute(path).map_err(|error| Failure::io(given, error))?;
            listed.iter().find(|record| record.file == path)
        }
    };
    let file = match (record, wanted) {
        (Some(record), _) if !record.present && !record.file.is_file() => {
            return Err(Failure::NoBill(record.file.display().to_string()));
        }
        (Some(record), _) => record.file.clone(),
        (None, None) => path.to_owned(),
        (None, Some(wanted)) => return Err(Failure::NoBill(day(wanted))),
    };
    let shown = file.display().to_string();
    let unreadable = |error| Failure::NotABill(shown.clone(), error);
    let (digest, sha1) = bills::examine(&file).map_err(unreadable)?;
    if let Some(record) = record.filter(|record| record.sha1 != sha1) {
        return Err(Failure::AlteredBill { path: shown, was: record.sha1.clone(), is: sha1 });
    }
    // The exit status reports missing data, whatever is printed.
    let verdict = || sound(&shown, &digest);
    if let Some(to) = matches.get_one::<PathBuf>("spreadsheet") {
        return export_spreadsheet(&file, to, &digest, output).and_then(|()| verdict());
    }
    if matches.get_flag("rows") || output.format == Format::Csv {
        return rows(&file, output).and_then(|()| verdict());
    }
    if output.format == Format::JsonLines {
        let document = record.map_or_else(|| document_of(&file, &digest, &sha1, lang), |record| document(record, lang));
        return output.print(&format!("{document}\n")).and_then(|()| verdict());
    }
    let text = match record {
        Some(record) => summary(record, lang),
        None => figures(&digest, lang) + &tr!(lang, "bill-hash-uncompared", hash = sha1) + "\n",
    };
    output.print(&output.outside(&format!("{shown}\n{text}{}", volumes(&digest))))?;
    verdict()
}

/// Fails unless the bill is complete and consistent.
fn sound(path: &str, digest: &BillDigest) -> Result<(), Failure> {
    if digest.is_sound() { Ok(()) } else { Err(Failure::FlawedBill(path.to_owned(), digest.bad.count)) }
}

/// Writes the rows for a spreadsheet; `-` prints them.
fn export_spreadsheet(file: &Path, to: &Path, digest: &BillDigest, output: &Output) -> Result<(), Failure> {
    let failed = |error| match error {
        Unexported::Bill(error) => Failure::NotABill(file.display().to_string(), error),
        Unexported::File(failure) => failure.into(),
    };
    if to.as_os_str() == "-" {
        if output.format == Format::JsonLines {
            return Err(Failure::Usage(output.lang.t("cli-bill-stdout-json")));
        }
        let mut out = io::stdout().lock();
        return match bills::write_spreadsheet(file, &mut out) {
            Err(Unexported::File(BillFailure::File { source, .. })) if source.kind() == io::ErrorKind::BrokenPipe => {
                Ok(())
            }
            written => written.map(|_| ()).map_err(failed),
        };
    }
    let rows = bills::save_spreadsheet(file, to).map_err(failed)?;
    let path = to.display().to_string();
    if output.format == Format::JsonLines {
        return output.print(&format!("{}\n", json!({ "path": path, "rows": rows })));
    }
    explain::findings(digest, output.lang).iter().for_each(|finding| match finding {
        Finding::Fails(text) => output.note(text),
        Finding::Holds(_) | Finding::Note(_) => {}
    });
    output.note(&tr!(output.lang, "cli-bill-spreadsheet-written", path = path, n = rows));
    Ok(())
}

/// Prints the rows in batches; a malformed line is printed as such.
fn rows(file: &Path, output: &Output) -> Result<(), Failure> {
    const AT_ONCE: usize = 1000;
    let unreadable = |error| Failure::NotABill(file.display().to_string(), error);
    let mut bill = bills::open(file).map_err(unreadable)?;
    let (mut text, mut held, mut first) = (String::new(), 0, true);
    while let Some(read) = bill.next_row().map_err(unreadable)? {
        let row = match read {
            Ok(entry) => entry.row,
            Err(bad) => {
                let words = explain::bad_line(output.lang, &bad);
                match output.format {
                    Format::JsonLines => {
                        text.push_str(&format!("{}\n", json!({ "line": bad.line, "unreadable": words })));
                    }
                    Format::Csv => output.note(&words),
                    Format::Text => text.push_str(&format!("✗ {}\n", neutralise(&words))),
                }
                continue;
            }
        };
        match output.format {
            Format::JsonLines => {
                let members: serde_json::Map<String, Value> =
                    row.fields().into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
                text.push_str(&format!("{}\n", Value::Object(members)));
            }
            Format::Csv => {
                let fields = row.fields();
                if first {
                    text.push_str(&csv_line(fields.iter().map(|(name, _)| *name)));
                }
                text.push_str(&csv_line(fields.into_iter().map(|(_, value)| defused(value))));
            }
            Format::Text => text.push_str(&row_line(&row)),
        }
        (first, held) = (false, held + 1);
        if held == AT_ONCE {
            output.print(&text)?;
            (text, held) = (String::new(), 0);
        }
    }
    output.print(&text)
}

fn csv_line<T: AsRef<[u8]>>(cells: impl IntoIterator<Item = T>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory does not fail.
    let _ = writer.write_record(cells);
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A row as text.
fn row_line(row: &BillFileRow) -> String {
    let at = row.at().map(bill_time).unwrap_or_default();
    let amount = row.amount().to_string();
    let number = row.numbers().first().map(|(_, number)| (*number).to_owned()).unwrap_or_default();
    let (words, fee, what) = match row {
        BillFileRow::Trade(row) => {
            let state = row.refund.as_ref().map_or(&row.state, |refund| &refund.state);
            (format!("{} {state}", row.trade_type), row.fee.plain(row.settled_in), row.description.clone())
        }
        BillFileRow::Flow(row) => {
            (format!("{} {}", row.direction.word(), row.kind), row.balance.plain(), row.note.clone())
        }
    };
    let line = format!("{at}  {amount:>12}  {fee:>9}  {words}  {number}  {what}");
    format!("{}\n", neutralise(line.trim_end()))
}

/// As text: the totals, and that the bytes are those that WeChat Pay sent.
fn summary(record: &BillRecord, lang: Lang) -> String {
    let mut text = match &record.digest {
        Ok(digest) => figures(digest, lang),
        Err(why) => tr!(lang, "bill-unread", why = why) + "\n",
    };
    text.push_str(
        &(tr!(lang, "bill-hash-verified", hash = record.sha1, at = crate::text::age::absolute(record.verified_at))
            + "\n"),
    );
    text
}

fn figures(digest: &BillDigest, lang: Lang) -> String {
    let mut text = tr!(lang, "bill-row-count", n = digest.totals.rows()) + "\n";
    for (id, value) in digest.totals.figures() {
        text.push_str(&format!("{}  {value}\n", lang.t(id)));
    }
    for finding in explain::findings(digest, lang) {
        let mark = match finding {
            Finding::Holds(_) => "✓",
            Finding::Note(_) => "–",
            Finding::Fails(_) => "✗",
        };
        text.push_str(&format!("{mark} {}\n", finding.text()));
    }
    text
}

/// The volume by hour, state and type.
fn volumes(digest: &BillDigest) -> String {
    let mut text = String::from("\n");
    for clock in &digest.hours {
        let filled = clock.hours.iter().enumerate().filter(|(_, [came, went])| came.count + went.count > 0);
        for (hour, [came, went]) in filled {
            let side = |mark: &str, volume: Volume| match volume.count {
                0 => String::new(),
                count => format!("  {mark}{} ×{count}", volume.sum(clock.currency)),
            };
            text.push_str(&format!("{hour:02}:00{}{}\n", side("+", *came), side("−", *went)));
        }
    }
    text.push('\n');
    for BillGroup { state, kind, currency, volume } in &digest.groups {
        text.push_str(&format!("{state} {kind}  {} ×{}\n", volume.sum(*currency), volume.count));
    }
    text
}
