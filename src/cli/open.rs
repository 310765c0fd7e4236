//! `open NUMBER`: finds out what a number is, and shows it.

use clap::ArgMatches;
use serde_json::json;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::explain;
use crate::model::{Kind, Number, Object};
use crate::services::{Lookup, Search};

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let text = matches.get_one::<String>("number").map(String::as_str).unwrap_or_default();
    let number = Number::parse(text)?;
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    // The kind given by the merchant's back end makes other queries unnecessary.
    let unnoted = account.try_numbers().await?;
    let Search { found, tried, store_error } =
        account.runner().find(&Lookup::Number(number.clone(), given_kind(matches))).await?;
    match found.as_slice() {
        [] => Err(Failure::NotFound(number, tried)),
        [object] => {
            // It may be something else as well, where that could not be found out.
            let unclear: Vec<_> = tried.into_iter().filter(|tried| !tried.is_not_there()).collect();
            if !unclear.is_empty() {
                let why = explain::tried(output.lang, &unclear);
                output.note(&tr!(output.lang, "cli-open-unclear", why = why));
            }
            output.object(object)?;
            store_error.or(unnoted).map_or(Ok(()), |error| Err(Failure::NotStored(error)))
        }
        several => {
            for object in several {
                output.print(&candidate(object, output))?;
            }
            Err(Failure::Ambiguous(number, several.iter().map(|object| object.id.kind).collect()))
        }
    }
}

/// The kind given as a flag.
pub(super) fn given_kind(matches: &ArgMatches) -> Option<Kind> {
    matches.get_one::<String>("kind").and_then(|noun| Kind::from_noun(noun))
}

/// One of several objects under a number, on one line.
fn candidate(object: &Object, output: &Output) -> String {
    let (id, entity) = (&object.id, &object.entity);
    let state = entity.state();
    if output.format == Format::JsonLines {
        let candidate = json!({
            "kind": id.kind.noun(),
            "number": id.number.as_str(),
            "platform_number": entity.platform_number(),
            "state": state.code,
            "title": entity.title(),
        });
        return format!("{candidate}\n");
    }
    let meaning = output.lang.state(&state);
    let title = entity.title().unwrap_or_default();
    output.outside(&format!("{id}  {} {meaning}  {title}\n", state.tone.glyph()))
}
