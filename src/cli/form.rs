//! The form of an action, filled in from the command line: flags, a document, or what the form starts with.

use std::io::Read as _;
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::Value;

use super::Failure;
use crate::model::Region;
use crate::model::action::{Action, Field, FieldError, FieldKind, Problem, Values, derived_differ, is_parting};

/// The longest document that is read.
const LONGEST: u64 = 4 << 20;

/// What was given beside the form's defaults.
pub(super) struct GivenFields {
    values: Values,
    /// The document, where one was given.
    document: Option<Value>,
}

impl GivenFields {
    /// Reads flags and the document. Flags override the document.
    pub(super) fn read(action: &'static Action, region: Region, matches: &ArgMatches) -> Result<Self, Failure> {
        // On actions for many objects `--from` names a file of numbers.
        let from = matches.try_get_one::<PathBuf>("document").ok().flatten();
        let document = from.map(read_document).transpose()?;
        let mut values = match &document {
            Some(document) => action.read_body(document, region).map_err(Failure::Fields)?,
            None => Values::new(),
        };
        for field in action.fields {
            if let Some(text) = flag(field, matches).map_err(|error| Failure::Fields(vec![error]))? {
                values.insert(field.name, text);
            }
        }
        Ok(Self { values, document })
    }

    /// The given values alone.
    pub(super) fn values(&self) -> &Values {
        &self.values
    }

    /// The form: its defaults, overridden by the given values.
    pub(super) fn over(&self, mut defaults: Values) -> Values {
        defaults.extend(self.values.iter().map(|(name, text)| (*name, text.clone())));
        defaults
    }

    /// Rejects a document with members that contradict the values derived from the others.
    pub(super) fn agrees(&self, action: &'static Action, body: &str) -> Result<(), Failure> {
        let errors: Vec<FieldError> =
            self.document.iter().flat_map(|document| derived_differ(document, body, action.derived)).collect();
        if errors.is_empty() { Ok(()) } else { Err(Failure::Fields(errors)) }
    }
}

fn flag(field: &Field, matches: &ArgMatches) -> Result<Option<String>, FieldError> {
    let FieldKind::Rows { .. } = field.kind else {
        return Ok(matches.try_get_one::<String>(field.name).ok().flatten().cloned());
    };
    let Some(rows) = matches.try_get_many::<String>(field.name).ok().flatten() else { return Ok(None) };
    // One flag for each row, its cells parted by bars, and by nothing else.
    let row = |(i, text): (usize, &String)| match text.chars().find(|c| is_parting(*c)) {
        None => Ok(text.split('|').map(str::trim).collect::<Vec<_>>().join("\t")),
        Some(c) => {
            let problem = Box::new(Problem::Character(c));
            Err(FieldError { field: field.name, problem: Problem::Row { row: i + 1, column: None, problem } })
        }
    };
    Ok(Some(rows.enumerate().map(row).collect::<Result<Vec<_>, _>>()?.join("\n")))
}

fn read_document(path: &PathBuf) -> Result<Value, Failure> {
    let name = path.display().to_string();
    let mut text = String::new();
    let read = if name == "-" {
        std::io::stdin().lock().take(LONGEST).read_to_string(&mut text)
    } else {
        std::fs::File::open(path).and_then(|file| file.take(LONGEST).read_to_string(&mut text))
    };
    read.map_err(|error| Failure::unread(&name, error))?;
    serde_json::from_str(&text).map_err(|error| Failure::Usage(format!("{name}: {error}")))
}
