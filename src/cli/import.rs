//! `import FILE`: a file of numbers into the ledger, with a report of what was not found.

use std::io::BufReader;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::open::given_kind;
use super::output::Output;
use crate::explain;
use crate::i18n::Lang;
use crate::model::Kind;
use crate::model::bill::{BillError, Encoding};
use crate::services::{Import, Lookup, Malformed, NumberFile, Runner, Source, read_numbers};

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
    let numbers = read(path.clone(), given_kind(matches)).await?;
    // A bill that was downloaded here is known to be WeChat Pay's.
    if let Some(record) = runner.bill_at(&path).await {
        runner.claim_record(&record).await?;
    }
    let taken = take_in(&runner, numbers, Source::Import, !matches.get_flag("refresh"), output).await;
    match output.format {
        Format::JsonLines => output.print(&format!("{}\n", taken.document(output.lang)))?,
        _ => taken.print_notes(output),
    }
    taken.into_result()
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
