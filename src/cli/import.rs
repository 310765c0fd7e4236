//! `import FILE`: a file of numbers into the ledger, with a report of what was not found.

use std::io::BufReader;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use ::time::OffsetDateTime;
use clap::ArgMatches;
use serde_json::{Value, json};

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::open::given_kind;
use super::output::Output;
use crate::explain;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::bill::{BillError, Encoding};
use crate::model::time;
use crate::services::{
    BillInLedger, BillRecord, Import, Intake, IntakeProgress, Lookup, Malformed, NotTaken, NumberFile, Runner, Source,
    bills, read_numbers,
};
use crate::sync::lock;

/// A document younger than this is not asked for again: an import that goes on after an interruption skips what it
/// has done.
const FRESH_FOR: time::Duration = time::Duration::HOUR;
/// How often the progress is redrawn.
const DRAWN_EVERY: Duration = Duration::from_millis(100);

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let path = matches.get_one::<PathBuf>("file").cloned().unwrap_or_default();
    let runner = account.runner();
    let intake = match is_bill(path.clone()).await {
        true => {
            let record = runner.bill_at(&path).await;
            let taken = rows_in(&runner, path.clone(), record, output).await;
            if let Ok(intake) = &taken
                && let Err(why) = runner.keep_taken_statement(path.clone(), intake).await
            {
                return Err(not_taken(&path, why));
            }
            Some(taken)
        }
        false => None,
    };
    let mut rows = None;
    match intake {
        // Interrupted, the ledger cannot be written, or the file is not what was downloaded.
        Some(Err(why @ (NotTaken::Stopped | NotTaken::Ledger(_) | NotTaken::Altered { .. }))) => {
            return Err(not_taken(&path, why));
        }
        Some(Ok(intake)) if !matches.get_flag("query") => {
            return match output.format {
                Format::JsonLines => output.print(&format!("{}\n", intake_document(&intake))),
                Format::Text | Format::Csv => {
                    print_intake(&intake, output);
                    Ok(())
                }
            };
        }
        Some(Ok(intake)) => {
            print_intake(&intake, output);
            rows = Some(intake);
        }
        // Its numbers are still worth asking about.
        Some(Err(why)) => {
            output.note(&tr!(output.lang, "cli-rows-not-taken", why = explain::not_taken(output.lang, &why)))
        }
        None => {}
    }
    let numbers = read(path, given_kind(matches)).await?;
    let taken = take_in(&runner, numbers, Source::Import, !matches.get_flag("refresh"), output).await;
    match output.format {
        Format::JsonLines => {
            let mut document = taken.document(output.lang);
            if let Some(intake) = &rows {
                document["taken"] = intake_document(intake);
            }
            output.print(&format!("{document}\n"))?;
        }
        _ => taken.print_notes(output),
    }
    taken.into_result()
}

/// Whether a file is one of bills. Standard input is read once, for its numbers.
async fn is_bill(path: PathBuf) -> bool {
    path.as_os_str() != "-" && tokio::task::spawn_blocking(move || bills::is_bill(&path)).await.unwrap_or(false)
}

/// Takes the rows of a bill in, with progress; Ctrl-C calls it off, and nothing is taken in.
pub(super) async fn rows_in(
    runner: &Runner,
    file: PathBuf,
    record: Option<BillRecord>,
    output: &Output,
) -> Result<Intake, NotTaken> {
    let progress: Arc<Mutex<Option<IntakeProgress>>> = Arc::default();
    let latest = progress.clone();
    let taking = runner.take_bill(file, record, Arc::new(move |now| *lock(&latest) = Some(now)));
    tokio::pin!(taking);
    let mut redraw = tokio::time::interval(DRAWN_EVERY);
    let taken = loop {
        tokio::select! {
            taken = &mut taking => break taken,
            _ = tokio::signal::ctrl_c() => break Err(NotTaken::Stopped),
            _ = redraw.tick() => {
                if let Some(now) = lock(&progress).take() {
                    output.progress(&explain::intake_progress(output.lang, &now));
                }
            }
        }
    };
    output.end_progress();
    taken
}

/// The failure that ends a command because rows were not taken in.
pub(super) fn not_taken(path: &Path, why: NotTaken) -> Failure {
    let path = path.display().to_string();
    match why {
        NotTaken::Bill(error) => Failure::NotABill(path, error),
        NotTaken::Ledger(error) => error.into(),
        NotTaken::Altered { was, is } => Failure::AlteredBill { path, was, is },
        NotTaken::Stopped => Failure::Halted,
        NotTaken::Unsound(digest) => Failure::FlawedBill(path, digest.bad.count),
        NotTaken::Merchant(_) | NotTaken::NoDay | NotTaken::Twice(_) => Failure::FlawedBill(path, 0),
    }
}

/// For people, on standard error.
pub(super) fn print_intake(intake: &Intake, output: &Output) {
    let bills: Vec<String> = intake.bills.iter().map(BillInLedger::name).collect();
    let id = if intake.already { "cli-rows-already" } else { "cli-rows-taken" };
    output.note(&tr!(output.lang, id, n = intake.rows, bills = bills.join(", ")));
    explain::intake(output.lang, intake).iter().for_each(|line| output.note(line));
}

/// For a program.
pub(super) fn intake_document(intake: &Intake) -> Value {
    let bills = intake.bills.iter().map(|bill| json!({"kind": bill.kind, "date": time::day(bill.day)}));
    json!({
        "bills": bills.collect::<Vec<_>>(),
        "hash": intake.sha1,
        "verified": intake.proven,
        "rows": intake.rows,
        "new": intake.taken.new,
        "known": intake.taken.known,
        "replaced": intake.taken.replaced,
        "already": intake.already,
        "resaved": intake.resaved,
    })
}

/// The results for a file's numbers.
pub(super) struct Taken {
    import: Import,
    encoding: Option<Encoding>,
    unended: Vec<u64>,
    malformed: Vec<(u64, Malformed)>,
    result: Result<(), Failure>,
}

/// Imports numbers into the ledger, with progress, interruptible. `skip`: whether to skip objects fetched recently.
pub(super) async fn take_in(
    runner: &Runner,
    numbers: NumberFile,
    origin: Source,
    skip: bool,
    output: &Output,
) -> Taken {
    let NumberFile { wanted, malformed, encoding, unended } = numbers;
    let since = skip.then(|| OffsetDateTime::now_utc() - FRESH_FOR);
    let (mut import, mut meter) = (Import::default(), Meter::new(output));
    let result = tokio::select! {
        result = runner.import(wanted, origin, since, &mut import, |import| meter.show(import)) => {
            result.map_err(Failure::from)
        }
        // Everything fetched is in the ledger; only the rest of this run is lost.
        _ = tokio::signal::ctrl_c() => Err(Failure::Halted),
    };
    output.end_progress();
    Taken { import, encoding, unended, malformed, result }
}

/// Reads a file of numbers; `-` is standard input.
pub(super) async fn read(path: PathBuf, kind: Option<Kind>) -> Result<NumberFile, Failure> {
    let shown = path.display().to_string();
    let read = tokio::task::spawn_blocking(move || {
        if path.as_os_str() == "-" {
            read_numbers(std::io::stdin().lock(), kind)
        } else {
            read_numbers(BufReader::new(std::fs::File::open(&path)?), kind)
        }
    });
    let read = read.await.unwrap_or_else(|error| Err(BillError::Read(std::io::Error::other(error))));
    read.map_err(|error| match error {
        BillError::Read(error) if is_argument(&error) => Failure::unread(&shown, error),
        other => Failure::NotLines(shown, other),
    })
}

/// Whether a file was not read because of how it was named.
fn is_argument(error: &std::io::Error) -> bool {
    use std::io::ErrorKind::{IsADirectory, NotFound, PermissionDenied};
    matches!(error.kind(), NotFound | PermissionDenied | IsADirectory)
}

/// Draws the count and the rate.
struct Meter<'a> {
    output: &'a Output,
    started: Instant,
    drawn: Option<Instant>,
}

impl<'a> Meter<'a> {
    fn new(output: &'a Output) -> Self {
        Self { output, started: Instant::now(), drawn: None }
    }

    fn show(&mut self, import: &Import) {
        if self.drawn.is_some_and(|at| at.elapsed() < DRAWN_EVERY) {
            return;
        }
        self.drawn = Some(Instant::now());
        let seconds = self.started.elapsed().as_secs_f64().max(0.001);
        let rate = format!("{:.0}", import.asked() as f64 / seconds);
        self.output.progress(&tr!(
            self.output.lang,
            "cli-import-progress",
            done = import.done(),
            total = import.total,
            rate = rate
        ));
    }
}

impl Taken {
    pub(super) fn into_result(self) -> Result<(), Failure> {
        let (missing, malformed) = (self.import.missing.len(), self.malformed.len());
        match self.result {
            Ok(()) if missing + malformed > 0 => Err(Failure::Incomplete { missing, malformed }),
            result => result,
        }
    }

    /// For a program.
    pub(super) fn document(&self, lang: Lang) -> Value {
        let import = &self.import;
        let missing = import.missing.iter().map(|(wanted, tried)| {
            let kind = wanted.kind().map(Kind::noun);
            json!({"kind": kind, "number": wanted.number().as_str(), "reason": explain::tried(lang, tried)})
        });
        let lines = self.malformed.iter().map(|(line, why)| json!({"line": line, "reason": words(lang, why)}));
        json!({
            "total": import.total,
            "fetched": import.fetched,
            "skipped": import.skipped,
            "remaining": import.total - import.done(),
            "not_found": missing.collect::<Vec<Value>>(),
            "malformed": lines.collect::<Vec<Value>>(),
            "encoding": self.encoding.unwrap_or(Encoding::Utf8).name(),
            "without_summary": self.unended,
        })
    }

    /// For people, on standard error.
    pub(super) fn print_notes(&self, output: &Output) {
        let (lang, import) = (output.lang, &self.import);
        for (wanted, tried) in &import.missing {
            output.note(&format!("{}: {}", name(wanted), explain::tried(lang, tried)));
        }
        if let Some(encoding) = self.encoding {
            output.note(&tr!(lang, "bill-encoding", encoding = encoding.name()));
        }
        for line in &self.unended {
            output.note(&tr!(lang, "cli-import-unended", line = line));
        }
        for (line, why) in &self.malformed {
            output.note(&tr!(lang, "cli-import-line", line = line.to_string(), why = words(lang, why)));
        }
        let (missing, malformed) = (import.missing.len(), self.malformed.len());
        output.note(&tr!(
            lang,
            "cli-import-report",
            fetched = import.fetched,
            skipped = import.skipped,
            missing = missing,
            malformed = malformed
        ));
        if import.done() < import.total {
            output.note(&tr!(lang, "cli-import-remaining", done = import.done(), total = import.total));
        }
    }
}

fn name(wanted: &Lookup) -> String {
    match wanted.kind() {
        Some(kind) => format!("{} {}", kind.noun(), wanted.number()),
        None => wanted.number().to_string(),
    }
}

pub(super) fn words(lang: Lang, why: &Malformed) -> String {
    match why {
        Malformed::NoNumber => lang.t("cli-line-no-number"),
        Malformed::Number(error) => explain::number(lang, error),
        Malformed::Kind(kind) => tr!(lang, "cli-line-kind", kind = kind),
        Malformed::Json => lang.t("cli-line-json"),
        Malformed::NoHeader => lang.t("cli-line-no-header"),
        Malformed::LostDigits(number) => tr!(lang, "cli-line-lost-digits", number = number),
        Malformed::Line(why) => explain::bad_line_why(lang, why),
    }
}
