//! What a command prints: results on standard output, everything else on standard error.

use std::io::{IsTerminal, Write};
use std::process::ExitCode;
use std::sync::{Arc, Mutex};

use clap::ArgMatches;
use serde_json::{Map, Value, json};
use time::OffsetDateTime;

use super::export::{ExportRow, write_each};
use super::{Failure, Format, Status, write_rows};
use crate::explain::Explanation;
use crate::i18n::Lang;
use crate::model::{CheckoutPayload, Handover, Object};
use crate::qr;
use crate::services::{Fresh, Known, PendingConclusion};
use crate::sync::lock;
use crate::text::{harmless_json, neutralise};

/// Where and how results are printed.
#[derive(Clone)]
pub(super) struct Output {
    pub lang: Lang,
    pub format: Format,
    terminal: bool,
    /// Long texts are also printed in full.
    verbose: bool,
    /// Outcomes that could not be written to the journal: part of the one document on standard error.
    unwritten: Arc<Mutex<Vec<PendingConclusion>>>,
}

impl Output {
    pub(super) fn new(lang: Lang, matches: &ArgMatches) -> Self {
        let format = match matches.get_one::<String>("output").map(String::as_str) {
            Some("json") => Format::JsonLines,
            Some("csv") => Format::Csv,
            _ => Format::Text,
        };
        let (terminal, verbose) = (std::io::stdout().is_terminal(), matches.get_flag("verbose"));
        Self { lang, format, terminal, verbose, unwritten: Arc::default() }
    }

    /// For failures in the arguments themselves.
    pub(super) fn early(lang: Lang, json: bool) -> Self {
        let format = if json { Format::JsonLines } else { Format::Text };
        Self { lang, format, terminal: std::io::stdout().is_terminal(), verbose: false, unwritten: Arc::default() }
    }

    /// Prints to standard output. A closed pipe is not a failure.
    pub(super) fn print(&self, text: &str) -> Result<(), Failure> {
        self.line(text).map(|_| ())
    }

    /// Prints a part of the output. False if the reader has closed the pipe.
    pub(super) fn line(&self, text: &str) -> Result<bool, Failure> {
        let mut out = std::io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Ok(()) => Ok(true),
            Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(false),
            Err(error) => Err(Failure::io("stdout", error)),
        }
    }

    /// A line for a person, never part of the result. Not printed with JSON output, where the documents contain
    /// everything.
    pub(super) fn note(&self, line: &str) {
        if self.format != Format::JsonLines {
            self.say(line);
        }
    }

    /// A line for a person in every format: questions at a terminal, and the status of a long-running command.
    pub(super) fn say(&self, line: &str) {
        // Standard error may be closed; then there is no reader.
        let _ = writeln!(std::io::stderr().lock(), "{}", neutralise(line));
    }

    /// A line that the next one replaces. Printed only at a terminal.
    pub(super) fn progress(&self, line: &str) {
        let mut error = std::io::stderr().lock();
        if error.is_terminal() && self.format != Format::JsonLines {
            let _ = write!(error, "\r{}\x1b[K", neutralise(line));
        }
    }

    /// Removes the progress line.
    pub(super) fn end_progress(&self) {
        self.progress("");
    }

    /// One object: as it was returned, or as a person reads it.
    pub(super) fn object(&self, object: &Object) -> Result<(), Failure> {
        match self.format {
            Format::JsonLines => self.print(&format!("{}\n", object.raw)),
            Format::Text => {
                let value: Value = serde_json::from_str(&object.raw).unwrap_or(Value::Null);
                let state = object.entity.state();
                let meaning = state.meaning.map(|id| self.lang.t(id)).unwrap_or_default();
                let mut text = format!(
                    "{} {} · {} {meaning}\n",
                    self.lang.kind(object.id.kind),
                    object.id.number,
                    state.tone.glyph(),
                );
                flatten("", &value, &mut text);
                self.print(&text)
            }
            // It was queried just now.
            Format::Csv => {
                let row = (object, Some(OffsetDateTime::now_utc()));
                self.print(&write_rows(Format::Csv, self.lang, true, std::iter::once(row)))
            }
        }
    }

    /// The front end's data of a creation, with the created object. For programs it is one document: what was returned,
    /// the parameters signed, and the object.
    pub(super) fn handover(&self, handover: &Handover, made: Option<&Object>) -> Result<(), Failure> {
        if self.format == Format::JsonLines {
            let parameters: Map<String, Value> =
                handover.parameters.iter().map(|(name, value)| ((*name).to_owned(), value.as_str().into())).collect();
            let object = made.and_then(|made| serde_json::from_str::<Value>(&made.raw).ok());
            let mut document = json!({"parameters": parameters, "object": object});
            document[handover.what.name()] = handover.what.text().into();
            return self.print(&format!("{document}\n"));
        }
        if let Some(made) = made {
            self.object(made)?;
        }
        if self.format == Format::Csv {
            return Ok(());
        }
        let mut text =
            format!("{}\n  {}\n", self.lang.t(handover.what.label()), self.outside(handover.what.text()).trim_end());
        for (name, value) in &handover.parameters {
            text += &format!("  {name}: {}\n", self.outside(value).trim_end());
        }
        if let (CheckoutPayload::Code { code_url }, true) = (&handover.what, self.terminal) {
            text += &qr::draw(code_url, qr::QUIET[0]).unwrap_or_default();
        }
        self.print(&text)
    }

    /// Many objects; `first` is false for those that follow others.
    pub(super) fn objects(&self, rows: &[Fresh], first: bool) -> Result<(), Failure> {
        let rows = rows.iter().map(|fresh| (&fresh.object, Some(fresh.verified_at)));
        self.print(&write_rows(self.format, self.lang, first, rows))
    }

    /// Many numbers, as far as something is known of them: documents, and what bills say.
    pub(super) fn known(&self, rows: &[Known], first: bool) -> Result<(), Failure> {
        fn row(known: &Known) -> Option<ExportRow<'_>> {
            match (&known.fresh, &known.billed) {
                (Some(fresh), _) => Some(ExportRow::Document(&fresh.object, Some(fresh.verified_at))),
                (None, Some(seen)) => Some(ExportRow::Billed(&known.id, seen)),
                (None, None) => None,
            }
        }
        self.print(&write_each(self.format, self.lang, first, rows.iter().filter_map(row)))
    }

    /// Text from outside for standard output: neutralised for a terminal, as it is for a program.
    pub(super) fn outside(&self, text: &str) -> String {
        if self.terminal {
            text.lines().map(|line| neutralise(line).into_owned() + "\n").collect()
        } else {
            text.to_owned()
        }
    }

    /// Reports a failure and returns its exit status.
    pub(super) fn fail(&self, failure: &Failure) -> ExitCode {
        if !matches!(failure, Failure::Left | Failure::Stopped(_)) {
            self.print_failure(failure);
        }
        Status::into(failure.status())
    }

    /// Reports outcomes that could not be written to the journal. The exit status does not change. A program finds them
    /// in the one document that [`Output::fail`] or [`Output::end`] writes.
    pub(super) fn unwritten(&self, unwritten: Vec<PendingConclusion>) {
        if self.format == Format::JsonLines {
            lock(&self.unwritten).extend(unwritten);
        } else {
            unwritten.into_iter().for_each(|one| self.print_failure(&Failure::Unwritten(Box::new(one))));
        }
    }

    /// The command succeeded: reports what is still pending.
    pub(super) fn end(&self) {
        let first = lock(&self.unwritten).pop();
        if let Some(unwritten) = first {
            self.print_failure(&Failure::Unwritten(Box::new(unwritten)));
        }
    }

    /// Reports something important that is not a failure: that nothing was sent, and why.
    pub(super) fn notice(&self, kind: &str, journal: Option<i64>, explanation: &Explanation) {
        let Explanation { what, why, next, .. } = explanation;
        if self.format == Format::JsonLines {
            let message = [Some(what), why.as_ref()].into_iter().flatten().map(String::as_str).collect::<Vec<_>>();
            let message = message.join(": ");
            let notice = json!({"notice": {"kind": kind, "message": message, "advice": next, "journal": journal}});
            let _ = writeln!(std::io::stderr().lock(), "{notice}");
            return;
        }
        self.note(&format!("paydeck: {what}"));
        for (label, text) in [("cli-why", why), ("cli-next", next)] {
            if let Some(text) = text {
                self.note(&format!("  {} {text}", self.lang.t(label)));
            }
        }
    }

    fn print_failure(&self, failure: &Failure) {
        let explanation = failure.explain(self.lang);
        if self.format == Format::JsonLines {
            let message =
                [Some(explanation.what), explanation.why].into_iter().flatten().collect::<Vec<_>>().join(": ");
            let mut error = json!({"error": {
                "kind": failure.kind(),
                "code": explanation.code,
                "message": message,
                "advice": explanation.next,
                "request_id": explanation.request_id,
                "journal": failure.journal(),
            }});
            if let Some(diagnosis) = explanation.diagnosis {
                error["error"]["diagnosis"] = diagnosis.into();
            }
            // The message has the beginning of a long answer: print its length and, on request, all of it.
            let whole = failure.whole();
            if let Some(longest) = whole.iter().map(|text| text.len()).max() {
                error["error"]["message_bytes"] = longest.into();
                if self.verbose {
                    error["error"]["whole"] = whole.join("\n").into();
                }
            }
            // One document: it contains everything else to report.
            let others = std::mem::take(&mut *lock(&self.unwritten));
            if !others.is_empty() {
                let entries: Vec<i64> = others.iter().map(|one| one.journal).collect();
                error["error"]["unwritten"] = entries.into();
            }
            let _ = writeln!(std::io::stderr().lock(), "{}", harmless_json(&error.to_string()));
        } else {
            self.note(&format!("paydeck: {}", explanation.what));
            let labelled = [
                ("cli-why", explanation.why),
                ("cli-next", explanation.next),
                ("cli-code", explanation.code),
                ("cli-request-id", explanation.request_id),
                ("cli-diagnosis", explanation.diagnosis),
                ("cli-journal", failure.journal().map(|id| id.to_string())),
            ];
            for (label, text) in labelled {
                for line in text.iter().flat_map(|text| text.lines()).filter(|line| !line.trim().is_empty()) {
                    self.note(&format!("  {} {line}", self.lang.t(label)));
                }
            }
            for line in failure.whole().into_iter().filter(|_| self.verbose).flat_map(str::lines) {
                self.note(&format!("  {} {line}", self.lang.t("cli-whole")));
            }
        }
    }
}

/// `path.to.member: value`, one a line, text neutralised.
fn flatten(path: &str, value: &Value, into: &mut String) {
    let join = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| flatten(&join(name), value, into)),
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(i, value)| flatten(&join(&(i + 1).to_string()), value, into));
        }
        Value::String(text) => into.push_str(&format!("  {}: {}\n", neutralise(path), neutralise(text))),
        other => into.push_str(&format!("  {}: {other}\n", neutralise(path))),
    }
}
