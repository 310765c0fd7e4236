//! An action on many objects: one preview, one confirmation, and a line for each object as it ends. The exit status is
//! that of the worst outcome.

use std::io::IsTerminal;
use std::path::PathBuf;

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;
use tokio::sync::mpsc::unbounded_channel;

use super::args::NUMBER;
use super::context::{Context, OpenAccount};
use super::export::Format;
use super::output::Output;
use super::report::Counts;
use super::{Failure, Status, act, named};
use crate::explain::{self, Explanation};
use crate::model::ObjectId;
use crate::model::action::{Action, Bulk, Confirmation, Confirmed, FieldError, InBulk, Values, Write};
use crate::services::{
    BulkCommand, BulkControl, BulkEvent, BulkRequest, BulkRun, Denial, LeftOut, Outcome, Prepared, Rate, Runner,
    Surprise, WhyLeftOut,
};

/// Where the numbers of a bulk action come from.
pub(super) struct Numerous {
    given: Vec<String>,
    from: Option<PathBuf>,
}

/// The options of a bulk action; `None` if one number was given, which is not a bulk action.
pub(super) fn numerous(matches: &ArgMatches) -> Option<Numerous> {
    let given: Vec<String> = matches.get_many::<String>(NUMBER).into_iter().flatten().cloned().collect();
    let from = matches.try_get_one::<PathBuf>("from").ok().flatten().cloned();
    let one = given.len() == 1 && given[0] != "-" && from.is_none();
    (!one).then_some(Numerous { given, from })
}

/// Whether a rule of the profile forbids it.
fn is_forbidden(outcome: &Outcome) -> bool {
    matches!(outcome, Outcome::Denied(Denial::Rule { .. } | Denial::ReadOnly))
}

pub(super) async fn run(
    context: &Context,
    account: &OpenAccount,
    action: &'static Action,
    numerous: Numerous,
    matches: &ArgMatches,
    output: &Output,
) -> Result<(), Failure> {
    let runner = account.runner();
    let (values, reason) = shared(account, action, matches, output)?;
    let ids = named::objects(&runner, action.kind, &numerous.given, numerous.from, output).await?;
    let request = BulkRequest { action: action.id, ids, values, reason, again: act::is_again(matches) };
    let prepared = runner.prepare_bulk(&request, |done, total| {
        output.progress(&tr!(output.lang, "cli-bulk-reading", done = done, total = total));
    });
    let prepared = prepared.await;
    output.end_progress();
    let Prepared { bulk, left_out, .. } = prepared?;
    if matches.get_flag("dry-run") {
        return dry_run(account, &bulk, &left_out, output);
    }
    for left_out in &left_out {
        print_left_out(account, left_out, output)?;
    }
    let forbidden = left_out.iter().filter(|left_out| matches!(left_out.why, WhyLeftOut::Rule(_))).count();
    let counts = Counts { left_out: left_out.len(), forbidden, ..Counts::default() };
    if bulk.is_empty() {
        return if left_out.is_empty() { Ok(()) } else { Err(Failure::Bulk(Status::Refused, counts)) };
    }
    // What the gate rejects in any case is reported before the confirmation.
    for operation in bulk.operations() {
        account.actor.permits(Write::Operation(operation), bulk.len()).map_err(Failure::Denied)?;
    }
    let budget = account.profile.requests_per_second;
    let rate = match matches.get_one::<u32>("rate") {
        Some(per_second) => Rate::new(*per_second, budget),
        None => Rate::within(budget),
    };
    let confirmation = ask(context, account, &bulk, rate, output)?;
    let operations = bulk.confirm(confirmation).map_err(|_| Failure::NotConfirmed)?;
    let run = BulkRun { operations, rate };
    perform(&runner, run, counts, output).await
}

/// The values that all objects share, and the reason if the form does not ask for one.
fn shared(
    account: &OpenAccount,
    action: &Action,
    matches: &ArgMatches,
    output: &Output,
) -> Result<(Values, Option<String>), Failure> {
    let now = OffsetDateTime::now_utc();
    let mut values = action.shared_defaults(&account.profile.merchant, now);
    let mut errors = Vec::new();
    for field in action.fields {
        let given = matches.get_one::<String>(field.name);
        match (field.in_bulk, given) {
            (InBulk::Own(own), Some(_)) => {
                let own = output.lang.t(own);
                return Err(Failure::Usage(tr!(output.lang, "cli-bulk-own", field = field.name, own = own)));
            }
            (InBulk::Own(_), None) => {}
            (InBulk::Shared, given) => {
                values.extend(given.map(|text| (field.name, text.clone())));
                let text = values.get(field.name).map_or("", String::as_str);
                errors.extend(field.check(text, now).err().map(|problem| FieldError { field: field.name, problem }));
            }
        }
    }
    if !errors.is_empty() {
        return Err(Failure::Fields(errors));
    }
    let reason = (!action.asks_reason()).then(|| act::reason(matches)).flatten();
    Ok((values, reason))
}

/// Prints every request; nothing is sent.
fn dry_run(account: &OpenAccount, bulk: &Bulk, left_out: &[LeftOut], output: &Output) -> Result<(), Failure> {
    let method = bulk.action().action().endpoint.endpoint().method.as_str();
    for operation in bulk.operations() {
        act::dry_run(method, &operation.target, &operation.body, output)?;
    }
    left_out.iter().try_for_each(|left_out| print_left_out(account, left_out, output))
}

fn print_left_out(account: &OpenAccount, left_out: &LeftOut, output: &Output) -> Result<(), Failure> {
    let reason = explain::left_out(output.lang, &left_out.why, &account.profile.name);
    let explanation = Explanation { why: Some(reason), ..Explanation::default() };
    line(&left_out.object, "left-out", None, None, Some(explanation), output)
}

/// Shows what will be sent, to which merchant, and asks; off a terminal `--yes` must have been given.
fn ask(
    context: &Context,
    account: &OpenAccount,
    bulk: &Bulk,
    rate: Rate,
    output: &Output,
) -> Result<Confirmation, Failure> {
    if context.yes {
        return Ok(Confirmation::Flag);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::NeedsYes);
    }
    let (lang, action) = (output.lang, bulk.action().action());
    output.say(&format!("{} · {}", lang.action(action), bulk.len()));
    act::print_merchant(account, output);
    for operation in bulk.operations() {
        let parts = [operation.title.clone(), operation.amount.map(|amount| amount.to_string())];
        let parts: Vec<String> = parts.into_iter().flatten().chain([operation.before.clone()]).collect();
        output.say(&format!("  {} · {}", operation.object.number, parts.join(" · ")));
    }
    let totals: Vec<String> = bulk.totals().iter().map(ToString::to_string).collect();
    if !totals.is_empty() {
        output.say(&format!("  {} {}", lang.t("bulk-total"), totals.join(" + ")));
    }
    let max = account.actor.rules.max_bulk;
    output.say(&format!("  {}", tr!(lang, "bulk-count", n = bulk.len(), max = max)));
    output.say(&format!("  {}", tr!(lang, "bulk-rate", n = rate.per_second())));
    output.say(&format!("  {}", lang.t(&format!("effect-{}", action.name()))));
    let typed = bulk.typed_confirmation(account.profile.environment);
    let question = typed.as_deref().map(|count| tr!(lang, "cli-bulk-confirm-count", count = count));
    act::read_confirmation(output, question, Confirmation::Count)
}

async fn perform(runner: &Runner, run: BulkRun, mut counts: Counts, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let operations: Vec<Confirmed> = run.operations.clone();
    let object = |place: usize| operations.get(place).map(|operation| &operation.what().object);
    let (sender, mut events) = unbounded_channel();
    let control = BulkControl::default();
    let report = move |event| {
        let _ = sender.send(event);
    };
    let running = runner.run_bulk(run, &control, report);
    tokio::pin!(running);
    let mut outcomes: Vec<Option<Outcome>> = vec![None; operations.len()];
    let mut ended = false;
    loop {
        let event = tokio::select! {
            biased;
            Some(event) = events.recv() => event,
            () = &mut running, if !ended => {
                ended = true;
                continue;
            }
            _ = tokio::signal::ctrl_c() => {
                // Interrupted twice: requests in flight are left to the journal.
                if control.command() == BulkCommand::Stop {
                    return Err(Failure::Interrupted(None));
                }
                control.send(BulkCommand::Stop);
                output.note(&lang.t("cli-bulk-stopping"));
                continue;
            }
        };
        match event {
            BulkEvent::Ended(place, outcome) => {
                // The line of an unknown outcome is printed when it is known, or at the end.
                if let Some(id) = object(place).filter(|_| !matches!(outcome, Outcome::Unknown { .. })) {
                    print_outcome(id, &outcome, output)?;
                }
                outcomes[place] = Some(outcome);
            }
            BulkEvent::Paused(Some(surprise)) => {
                // No operator could resume it.
                control.send(BulkCommand::Stop);
                let explanation = match &surprise {
                    Surprise::Unknown(error) | Surprise::Error(error) => explain::api_error(lang, error),
                    Surprise::Denied(denial) => explain::denial(lang, denial),
                };
                output.note(&tr!(lang, "cli-bulk-surprise", what = explanation.line()));
            }
            BulkEvent::Started(_) | BulkEvent::Paused(None) | BulkEvent::Resumed => {}
            BulkEvent::Finished => break,
        }
    }
    output.unwritten(runner.unwritten());
    let mut worst = (counts.left_out > 0).then_some(Status::Refused);
    for (place, outcome) in outcomes.into_iter().enumerate() {
        let Some(id) = object(place) else { continue };
        match &outcome {
            None => {
                counts.not_sent += 1;
                worst = worst.max(Some(Status::Refused));
                line(id, "not-sent", None, None, None, output)?;
            }
            Some(Outcome::Done { .. }) => counts.done += 1,
            Some(unknown @ Outcome::Unknown { .. }) => {
                counts.unknown += 1;
                print_outcome(id, unknown, output)?;
            }
            Some(refused) => {
                counts.refused += 1;
                counts.forbidden += usize::from(is_forbidden(refused));
            }
        }
        worst = worst.max(outcome.and_then(Failure::of).map(|failure| failure.status()));
    }
    match worst {
        None => {
            output.note(&tr!(lang, "cli-bulk-done", n = counts.done));
            Ok(())
        }
        Some(worst) => Err(Failure::Bulk(worst, counts)),
    }
}

/// Prints the outcome of one object.
fn print_outcome(id: &ObjectId, outcome: &Outcome, output: &Output) -> Result<(), Failure> {
    let explanation = explain::outcome(output.lang, outcome);
    line(id, outcome.word(), outcome.request_id(), outcome.journal(), explanation, output)
}

/// A line of the result.
fn line(
    id: &ObjectId,
    word: &str,
    request_id: Option<&str>,
    journal: Option<i64>,
    explanation: Option<Explanation>,
    output: &Output,
) -> Result<(), Failure> {
    let (kind, number) = (id.kind.noun(), id.number.as_str());
    let Explanation { what, why, next, code, .. } = explanation.unwrap_or_default();
    let reason = why.unwrap_or(what);
    match output.format {
        Format::JsonLines => {
            let row: Value = json!({
                "kind": kind, "number": number, "outcome": word, "request_id": request_id, "journal": journal,
                "code": code, "reason": Some(reason).filter(|reason| !reason.is_empty()), "advice": next,
            });
            output.print(&format!("{row}\n"))
        }
        _ => {
            let word = output.lang.t(&format!("bulk-outcome-{word}"));
            let parts = [Some(number), Some(&word), request_id, Some(&reason), next.as_deref()];
            let parts: Vec<&str> = parts.into_iter().flatten().filter(|part| !part.is_empty()).collect();
            output.print(&output.outside(&format!("{}\n", parts.join(" · "))))
        }
    }
}
