//! The command line: nouns and verbs over the same session, catalogue and gate as the console. One file for each
//! group of subcommands; [`arguments`] declares them, [`context`] resolves what they need.

mod act;
mod api;
mod args;
mod arguments;
mod bill;
mod bill_document;
mod bulk;
mod bundle;
mod check;
mod console;
mod context;
mod coupons;
mod ctl;
mod events;
mod export;
mod form;
mod import;
mod interrupt;
mod journal;
mod ledger;
mod listen;
mod log;
mod manual;
mod named;
mod nouns;
mod objects;
mod open;
mod output;
mod reconcile;
mod reload;
mod report;
mod sandbox;
mod settings;
mod settlement;
mod statement;
mod story;
mod timeline;
mod usage_error;
mod verify;
mod watch;

use std::process::ExitCode;
use std::time::Duration;

use clap::ArgMatches;
use clap::error::ErrorKind;

use crate::i18n::Lang;
use crate::ledger::wait_until_closed;
use context::Context;
pub use export::{Format, write_rows};
pub use report::{Failure, Status};

/// How long to wait for the ledgers to close at exit.
const CLOSES_WITHIN: Duration = Duration::from_secs(10);

/// Runs the program with the process's arguments.
pub fn main() -> ExitCode {
    crate::private::from_here_on();
    leave_no_core();
    let arguments: Vec<std::ffi::OsString> = std::env::args_os().collect();
    let lang = early_lang(&arguments);
    let wants_json = arguments.windows(2).any(|pair| pair[0] == "--output" && pair[1] == "json")
        || arguments.iter().any(|argument| argument == "--output=json");
    let matches = match arguments::command(lang).try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => {
            if !error.use_stderr() {
                // Help and version are not errors; neither is a closed pipe while printing them.
                let _ = error.print();
                return ExitCode::SUCCESS;
            }
            // An incomplete command prints its help.
            if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand && !wants_json {
                let _ = error.print();
                return Status::Usage.into();
            }
            return output::Output::early(lang, wants_json).fail(&Failure::Arguments(error));
        }
    };
    let lang = Context::new(lang, &matches).configured_lang();
    let output = output::Output::new(lang, &matches);
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return output.fail(&Failure::io("tokio", error)),
    };
    let manual =
        matches.subcommand().and_then(|(verb, matches)| manual::run(arguments::command, verb, matches, &output));
    let result = manual.unwrap_or_else(|| runtime.block_on(run(lang, &matches, &output)));
    // Tasks that still wait for the network must not delay the exit. They drop the ledger, which is closed before the
    // process ends, so that its file has everything written.
    runtime.shutdown_background();
    if !wait_until_closed(CLOSES_WITHIN) {
        tracing::warn!("the ledger could not be closed; the next start checks it");
    }
    match result {
        Ok(()) => {
            output.end();
            ExitCode::SUCCESS
        }
        Err(failure) => output.fail(&failure),
    }
}

/// A core dump would contain the keys. Child processes inherit this limit.
fn leave_no_core() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Lowering a limit of one's own is always allowed.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
}

async fn run(lang: Lang, matches: &ArgMatches, output: &output::Output) -> Result<(), Failure> {
    let context = Context::new(lang, matches);
    // With JSON output, standard error is one JSON document or empty.
    context.start_log(matches.subcommand().is_none() || output.format == Format::JsonLines)?;
    match matches.subcommand() {
        None => console::run(context).await,
        Some(("keys", _)) => console::keys(&context, output),
        Some(("bundle", matches)) => bundle::run(&context, matches, output).await,
        Some(("sandbox", matches)) => sandbox::run(&context, matches, output).await,
        Some(("profile", matches)) => check::run(&context, matches, output).await,
        Some(("journal", matches)) => journal::run(&context, matches, output).await,
        Some(("ledger", matches)) => ledger::run(&context, matches, output).await,
        Some(("events", matches)) => events::run(&context, matches, output).await,
        Some(("api", matches)) => api::run(&context, matches, output).await,
        Some(("verify", matches)) => verify::run(&context, matches, output).await,
        Some(("watch", matches)) => watch::run(&context, matches, output).await,
        Some(("open", matches)) => open::run(&context, matches, output).await,
        Some(("bill", matches)) => bill::run(&context, matches, output).await,
        Some(("reconcile", matches)) => reconcile::run(&context, matches, output).await,
        Some(("settlement", matches)) => settlement::run(&context, matches, output).await,
        Some(("listen", matches)) => listen::run(&context, matches, output).await,
        Some(("import", matches)) => import::run(&context, matches, output).await,
        Some((noun, matches)) => objects::run(&context, noun, matches, output).await,
    }
}

/// The language of help and of errors in the arguments themselves: `--lang` if it can be seen, else the locale.
fn early_lang(arguments: &[std::ffi::OsString]) -> Lang {
    let text: Vec<&str> = arguments.iter().filter_map(|a| a.to_str()).collect();
    let after = text.windows(2).find(|pair| pair[0] == "--lang").map(|pair| pair[1]);
    let joined = text.iter().find_map(|a| a.strip_prefix("--lang="));
    let locale = || Lang::from_locale(|name| std::env::var(name).ok());
    after.or(joined).and_then(Lang::parse).unwrap_or_else(locale)
}
