//! The objects that a command names: by numbers given, in a file or on standard input.

use std::path::PathBuf;

use super::Failure;
use super::output::Output;
use crate::model::{Kind, Number, ObjectId};
use crate::services::{Lookup, NumberFile, Runner, Search};

/// The named objects in their order; `-` among the numbers stands for those on standard input. One that cannot be read
/// is an error. What is named by WeChat Pay's number, or a permission by its user, is queried.
pub(super) async fn objects(
    runner: &Runner,
    kind: Kind,
    given: &[String],
    from: Option<PathBuf>,
    output: &Output,
) -> Result<Vec<ObjectId>, Failure> {
    let mut all = Vec::new();
    for text in given {
        match text.as_str() {
            "-" => all.extend(in_file(PathBuf::from("-"), kind, output).await?),
            number => all.push(Lookup::new(Number::parse(number)?, Some(kind))),
        }
    }
    if let Some(path) = from {
        all.extend(in_file(path, kind, output).await?);
    }
    let mut ids = Vec::new();
    for wanted in all {
        ids.push(match wanted {
            Lookup::Object(id) if id.kind == kind => id,
            Lookup::Number(..) => {
                let Search { found, tried, store_error } = runner.find(&wanted).await?;
                if let Some(error) = store_error {
                    return Err(error.into());
                }
                let found = found.into_iter().map(|object| object.id).find(|id| id.kind == kind);
                found.ok_or_else(|| Failure::NotFound(wanted.number().clone(), tried))?
            }
            Lookup::Object(other) => {
                let (number, kind) = (other.to_string(), kind.noun());
                return Err(Failure::Usage(tr!(output.lang, "cli-bulk-kind", number = number, kind = kind)));
            }
        });
    }
    Ok(ids)
}

async fn in_file(path: PathBuf, kind: Kind, output: &Output) -> Result<Vec<Lookup>, Failure> {
    let NumberFile { wanted, malformed, .. } = super::import::read(path, Some(kind)).await?;
    match malformed.first() {
        Some((line, why)) => {
            let why = super::import::words(output.lang, why);
            Err(Failure::Usage(tr!(output.lang, "cli-import-line", line = line.to_string(), why = why)))
        }
        None => Ok(wanted),
    }
}
