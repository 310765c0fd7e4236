//! `api METHOD PATH [BODY]`: one signed, verified request, raw. Anything but a GET counts as a write.

use std::io::{IsTerminal, Read};

use clap::ArgMatches;
use serde::de::IgnoredAny;

use super::Failure;
use super::act::dry_run;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::api::{self, ApiError, Reply, Unproven, is_exact_target};
use crate::model::Method;
use crate::model::action::{Confirmation, RawWrite};
use crate::services::Outcome;

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let text = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let method = Method::parse(&text("method"))
        .ok_or_else(|| Failure::Usage(tr!(output.lang, "cli-api-bad-method", method = text("method"))))?;
    let target = text("path");
    if !target.starts_with("/v3/") || !is_exact_target(&target) {
        return Err(Failure::Usage(tr!(output.lang, "cli-api-bad-path", path = target)));
    }
    let body = match text("body").as_str() {
        "-" => {
            let mut body = String::new();
            std::io::stdin().read_to_string(&mut body).map_err(|e| Failure::io("stdin", e))?;
            body
        }
        body => body.to_owned(),
    };
    // WeChat Pay reads only JSON, and the gate cannot check anything else.
    if !body.trim().is_empty()
        && let Err(error) = serde_json::from_str::<IgnoredAny>(&body)
    {
        return Err(Failure::Usage(tr!(output.lang, "cli-api-bad-body", why = error.to_string())));
    }
    if matches.get_flag("dry-run") {
        return dry_run(method.as_str(), &target, &body, output);
    }
    let write = RawWrite::new(method, &target, &body, matches.get_one::<String>("reason").map(String::as_str));
    if write.is_some() && !context.yes {
        // A raw request has no preview to confirm: it always needs the flag.
        return Err(Failure::NeedsYes);
    }
    let untold = write.as_ref().is_some_and(|write| write.object().is_none() && write.named().is_none());
    let world = context.world().await?;
    let account = context.account(&world.config, context.profile.as_deref()).await?;
    let runner = account.runner();
    let reply = match write.map(|write| write.confirm(Confirmation::Flag)) {
        None => runner.read(&target, &body).await,
        Some(Ok(confirmed)) => runner.raw(confirmed).await,
        Some(Err(_)) => return Err(Failure::NotConfirmed),
    };
    output.unwritten(runner.unwritten());
    let reply = match reply {
        Ok(reply) => reply,
        Err(outcome) => {
            // A genuine answer is shown although it does not prove the outcome of the request.
            if let Some(reply) = unproven(&outcome) {
                show(reply, output)?;
            }
            return Err(match Failure::of(outcome) {
                Some(Failure::Unknown(error, journal)) if untold => Failure::RawUnknown(error, journal),
                Some(failure) => failure,
                None => return Ok(()),
            });
        }
    };
    show(&reply, output)
}

/// A genuine answer that does not name its request.
fn unproven(outcome: &Outcome) -> Option<&Reply> {
    match outcome {
        Outcome::Unknown { error, .. } => match &**error {
            ApiError::UnknownOutcome(api::RequestFailure::Unproven(Unproven::Unnamed(reply))) => Some(reply),
            _ => None,
        },
        _ => None,
    }
}

fn show(reply: &Reply, output: &Output) -> Result<(), Failure> {
    if std::io::stderr().is_terminal() {
        output.note(&format!("{} {}", reply.status, reply.request_id.as_deref().unwrap_or_default()));
    }
    match (reply.body.is_empty(), output.format) {
        // Exactly one document, also if the answer is empty.
        (true, Format::JsonLines) => output.print("null\n"),
        (true, _) => Ok(()),
        (false, Format::JsonLines) => output.print(&format!("{}\n", reply.body.trim_end())),
        (false, _) => output.print(&output.outside(&format!("{}\n", reply.body.trim_end()))),
    }
}
