//! An action: query the object, build the request, show it, ask for confirmation, send it through the runner.

use std::io::{BufRead, IsTerminal, Write as _};
use std::sync::Arc;
use std::time::Duration;

use clap::ArgMatches;
use serde_json::json;
use time::OffsetDateTime;
use tokio::sync::oneshot;

use super::context::{Context, OpenAccount};
use super::export::Format;
use super::form::GivenFields;
use super::output::Output;
use super::{Failure, coupons};
use crate::api::ApiError;
use crate::explain::{self, Explanation};
use crate::model::action::{
    Action, Confirmation, Operation, PrepareError, RelatedState, Repetition, Write, create, prepare,
};
use crate::model::time::rfc3339;
use crate::model::{Environment, Kind, Object, ObjectId, Region};
use crate::services::{Became, Denial, Earlier, LedgerReader, Outcome, Runner};

/// The number of related objects that are queried before an action.
const MOST_LOOKED_AT: usize = 20;

/// Performs an action on an object; without one, a creation.
pub(super) async fn run(
    context: &Context,
    account: &OpenAccount,
    action: &'static Action,
    id: Option<ObjectId>,
    matches: &ArgMatches,
    output: &Output,
) -> Result<(), Failure> {
    let region = account.profile.merchant.region;
    let given = GivenFields::read(action, region, matches)?;
    let (dry, again) = (matches.get_flag("dry-run"), is_again(matches));
    let mut operation = match &id {
        Some(id) => {
            let object = account.runner().look(id).await.map_err(|error| match (dry, error) {
                // A missing or unreadable object is explained by its own error.
                (true, error) | (_, error @ (ApiError::Refused(_) | ApiError::Unreadable { .. })) => error.into(),
                (false, error) => Failure::Unseen(Arc::new(error)),
            })?;
            let related_state = related_state(account, id).await?;
            match build(account, action, &object, &related_state, &given) {
                Ok(operation) => operation,
                // It may be illegal now because an earlier run of this command did it.
                Err(failure @ (Failure::Illegal(..) | Failure::Fields(_))) if !dry && !again => {
                    let before = account.runner().done_before(action.id, id, given.values()).await;
                    return match before.map_err(Failure::Denied)? {
                        Some(earlier) => repeated(account, Box::new(earlier), output).await,
                        None => Err(failure),
                    };
                }
                Err(failure) => return Err(failure),
            }
        }
        None => {
            let (merchant, now) = (&account.profile.merchant, OffsetDateTime::now_utc());
            let values = given.over(action.fresh(merchant, now));
            let operation = create(action, merchant, &values, now).map_err(|error| unprepared(error, String::new()))?;
            if action.is_setting() && !dry { replacing(context, account, operation).await? } else { operation }
        }
    };
    given.agrees(action, &operation.body)?;
    // A number given by the user names a refund of its own.
    if action.is_once() && (again || given.values().contains_key("number")) {
        operation.again = Repetition::Yes;
    }
    if !action.asks_reason() {
        operation.reason = reason(matches);
    }
    if dry {
        would_not_be_sent(account, &operation, output).await?;
        let method = operation.endpoint.endpoint().method.as_str();
        return dry_run(method, &operation.target, &operation.body, output);
    }
    // What the gate rejects in any case is reported before the confirmation.
    account.actor.permits(Write::Operation(&operation), 1).map_err(Failure::Denied)?;
    let earlier = account.runner().earlier(&operation).await?;
    if let Some(earlier) = earlier.as_ref().filter(|earlier| earlier.became != Became::Unknown) {
        return repeated(account, Box::new(earlier.clone()), output).await;
    }
    let confirmation = ask(context, account, &operation, earlier.as_ref(), output)?;
    let confirmed = operation.confirm(confirmation).map_err(|_| Failure::NotConfirmed)?;
    let about = confirmed.what().object.clone();
    let runner = account.runner();
    let (unknown, unknown_since) = oneshot::channel();
    let perform = runner.perform(confirmed, |_| {
        let _ = unknown.send(());
    });
    let outcome = tokio::select! {
        outcome = perform => outcome,
        // It never finishes by itself.
        () = show_asking(unknown_since, runner.asks_for(), output) => return Err(Failure::Interrupted(None)),
        // On an interrupt, report the journal's entry of the action under way.
        _ = tokio::signal::ctrl_c() => {
            // The interruption must be reported even if the ledger cannot be read now.
            output.end_progress();
            let open = runner.intents_on(&about).await.unwrap_or_default();
            return Err(Failure::Interrupted(open.first().copied()));
        }
    };
    output.end_progress();
    let mut entry = None;
    if let Outcome::Done { request_id, journal, found_by_query, .. } = &outcome {
        entry = Some(*journal);
        let lang = output.lang;
        let how = if *found_by_query { "cli-done-by-query" } else { "cli-done" };
        let request_id = request_id.as_deref().unwrap_or("-");
        output.note(&tr!(lang, how, journal = journal, request = request_id));
    }
    output.unwritten(runner.unwritten());
    let made = outcome.made().cloned();
    if let Outcome::Denied(Denial::Repeated(earlier)) = outcome {
        return repeated(account, earlier, output).await;
    }
    if let Some(failure) = Failure::of(outcome) {
        return Err(failure);
    }
    // The action is done even if the following query fails: a script that retries on failure must not repeat it. Of
    // what was made, that is the new object: it comes last.
    let mut shown = None;
    for id in id.iter().chain(made.as_ref().map(|made| &made.id)) {
        shown = match (runner.look(id).await, entry) {
            (Ok(object), _) => Some(object),
            (Err(error), Some(journal)) => unseen(&runner, id, journal, &error, output).await,
            (Err(_), None) => None,
        };
    }
    if action.is_setting() {
        return coupons::callback(account, output).await;
    }
    match made.and_then(|made| made.handover) {
        Some(handover) => output.handover(&handover, shown.as_ref()),
        None => shown.map_or(Ok(()), |object| output.object(&object)),
    }
}

/// Reports an action that is done although its object cannot be queried now, with what is known of the object.
async fn unseen(runner: &Runner, id: &ObjectId, journal: i64, error: &ApiError, output: &Output) -> Option<Object> {
    let lang = output.lang;
    let error = explain::api_error(lang, error).line();
    let known = runner.known_after(id, journal).await;
    let what = match &known {
        Some((_, None)) => tr!(lang, "cli-done-answered", error = error),
        Some((_, Some(at))) => tr!(lang, "cli-done-latest", at = rfc3339(*at), error = error),
        None => tr!(lang, "cli-done-unseen", error = error),
    };
    output.notice("unseen", Some(journal), &Explanation { what, ..Explanation::default() });
    known.map(|(object, _)| object)
}

/// The operation with the setting that it replaces, which is shown and kept in the journal. A person must see it;
/// a script that confirms by a flag goes on without.
async fn replacing(context: &Context, account: &OpenAccount, operation: Operation) -> Result<Operation, Failure> {
    match account.client.callback().await {
        Ok(url) => Ok(operation.replacing(url.as_deref())),
        Err(_) if context.yes => Ok(operation),
        Err(error) => Err(error.into()),
    }
}

/// Whether a second effect is requested explicitly.
pub(super) fn is_again(matches: &ArgMatches) -> bool {
    matches.try_get_one::<bool>("again").ok().flatten().copied().unwrap_or_default()
}

/// Shows on a terminal for how long the outcome of an action has been queried, once it is unknown.
async fn show_asking(unknown: oneshot::Receiver<()>, within: Duration, output: &Output) {
    if unknown.await.is_err() {
        // The outcome was known at once.
        return std::future::pending().await;
    }
    let (lang, within) = (output.lang, within.as_secs());
    if !std::io::stderr().is_terminal() {
        output.note(&tr!(lang, "cli-resolving", within = within));
        return std::future::pending().await;
    }
    let mut second = tokio::time::interval(Duration::from_secs(1));
    let mut seconds = 0;
    loop {
        second.tick().await;
        output.progress(&tr!(lang, "cli-asking", seconds = seconds, within = within));
        seconds = (seconds + 1).min(within);
    }
}

/// Reports that the action was or may have been done before, and that nothing was sent. Succeeds if it was done;
/// otherwise the outcome is still pending.
async fn repeated(account: &OpenAccount, earlier: Box<Earlier>, output: &Output) -> Result<(), Failure> {
    if earlier.became != Became::Done {
        return Err(Failure::Denied(Denial::Repeated(earlier)));
    }
    output.notice("repeated", earlier.journal, &explain::repeated(output.lang, &earlier));
    match account.runner().shown(&earlier).await {
        Ok(object) => output.object(&object),
        Err(error) => {
            output.note(&tr!(output.lang, "cli-done-unseen", error = explain::api_error(output.lang, &error).line()));
            Ok(())
        }
    }
}

/// The related objects; those that may have changed are queried first.
async fn related_state(account: &OpenAccount, id: &ObjectId) -> Result<RelatedState, Failure> {
    let reader = LedgerReader::new(account.ledger.clone(), &account.actor);
    let read = |reader: LedgerReader, id: ObjectId| account.ledger.run(move |_| reader.related_state(&id));
    // WeChat Pay Global reports every refund of an order, including those made elsewhere.
    if id.kind == Kind::Transaction
        && account.runner().region() == Region::Global
        && let Err(error) = account.runner().refunds_of(id, |_| ()).await
    {
        tracing::warn!(%error, %id, "the order's refunds could not be listed");
    }
    let unsettled = read(reader.clone(), id.clone()).await?.unsettled();
    for id in unsettled.iter().take(MOST_LOOKED_AT) {
        // This only helps the operator; the action does not depend on it.
        if let Err(error) = account.runner().look(id).await {
            tracing::warn!(%error, %id, "related objects could not be queried");
        }
    }
    Ok(read(reader, id.clone()).await?)
}

/// The request for the given values; the others have the form's defaults.
fn build(
    account: &OpenAccount,
    action: &'static Action,
    object: &Object,
    related_state: &RelatedState,
    given: &GivenFields,
) -> Result<Operation, Failure> {
    let (merchant, now) = (&account.profile.merchant, OffsetDateTime::now_utc());
    let values = given.over(action.defaults(object, related_state, merchant, now));
    let prepared = prepare(action, object, related_state, merchant, &values, now);
    prepared.map_err(|error| unprepared(error, object.entity.state().code))
}

fn unprepared(error: PrepareError, state: String) -> Failure {
    match error {
        PrepareError::Illegal(reason) => Failure::Illegal(reason, state),
        PrepareError::Fields(errors) => Failure::Fields(errors),
        PrepareError::Setting(missing) => Failure::Setting(missing),
    }
}

/// The reason, where the form does not ask for it.
pub(super) fn reason(matches: &ArgMatches) -> Option<String> {
    let reason = matches.get_one::<String>("reason").map(|text| text.trim().to_owned());
    reason.filter(|text| !text.is_empty())
}

/// Reports why a request that is only printed would be rejected, if it would be.
async fn would_not_be_sent(account: &OpenAccount, operation: &Operation, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let why = match account.actor.permits(Write::Operation(operation), 1) {
        Err(denial) => explain::denial(lang, &denial).why,
        Ok(()) => account.runner().earlier(operation).await?.map(|earlier| explain::earlier(lang, &earlier)),
    };
    if let Some(why) = why {
        output.note(&tr!(lang, "cli-dry-unsent", why = why));
    }
    Ok(())
}

/// Prints the exact request; nothing is sent.
pub(super) fn dry_run(method: &str, target: &str, body: &str, output: &Output) -> Result<(), Failure> {
    if output.format == Format::JsonLines {
        output.print(&format!("{}\n", json!({"method": method, "path": target, "body": body})))
    } else {
        output.print(&output.outside(&format!("{method} {target}\n{body}\n")))
    }
}

/// Shows the merchant and the environment.
pub(super) fn print_merchant(account: &OpenAccount, output: &Output) {
    let (lang, profile) = (output.lang, &account.profile);
    let environment = match profile.environment {
        Environment::Production => "cli-production",
        Environment::Sandbox => "cli-sandbox-environment",
    };
    let merchant = profile.merchant.mchid.as_str();
    output.say(&format!("  {} {merchant} ({}, {})", lang.t("cli-merchant"), profile.name, lang.t(environment)));
}

/// Shows what will be sent and to which merchant, and asks for confirmation; without a terminal `--yes` is required.
fn ask(
    context: &Context,
    account: &OpenAccount,
    operation: &Operation,
    earlier: Option<&Earlier>,
    output: &Output,
) -> Result<Confirmation, Failure> {
    if context.yes {
        return Ok(Confirmation::Flag);
    }
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Err(Failure::NeedsYes);
    }
    let (lang, action) = (output.lang, operation.action.action());
    output.say(&format!("{} · {}", lang.action(action), operation.object));
    print_merchant(account, output);
    let known =
        [("cli-title", &operation.title), ("cli-user", &operation.user), ("cli-reason-line", &operation.reason)];
    for (label, text) in known {
        if let Some(text) = text {
            output.say(&format!("  {} {text}", lang.t(label)));
        }
    }
    if operation.outcome_object != operation.object {
        let made = &operation.outcome_object;
        output.say(&format!("  {} {}", lang.t(&made.label()), made.number));
    }
    if let Some(amount) = operation.amount {
        output.say(&format!("  {} {amount}", lang.t("cli-amount")));
    }
    for fact in &operation.preview {
        output.say(&format!("  {}: {}", lang.t(fact.label), fact.value));
    }
    output.say(&format!("  {} {} {}", operation.endpoint.endpoint().method.as_str(), operation.target, operation.body));
    output.say(&format!("  {}", lang.t(&format!("effect-{}", action.name()))));
    if operation.replaces.is_some() {
        let (url, undo) = match operation.replaced_url() {
            Some(url) => (url, "confirm-undone-by-former"),
            None => (lang.t("confirm-replaces-none"), "confirm-no-former"),
        };
        output.say(&format!("  {}: {url}", lang.t("confirm-replaces")));
        output.say(&format!("  {}", lang.t(undo)));
    }
    if let Some(earlier) = earlier {
        output.say(&format!("  {} {}", lang.t("cli-earlier"), explain::earlier(lang, earlier)));
    }
    let typed = operation.typed_confirmation(account.profile.environment);
    let question = typed.as_deref().map(|tail| tr!(lang, "cli-confirm-tail", tail = tail));
    read_confirmation(output, question, Confirmation::Typed)
}

/// Asks on the terminal for what is to be typed, or for a yes, and reads the answer.
pub(super) fn read_confirmation(
    output: &Output,
    question: Option<String>,
    typed: fn(String) -> Confirmation,
) -> Result<Confirmation, Failure> {
    let is_typed = question.is_some();
    let question = question.unwrap_or_else(|| output.lang.t("cli-confirm-yes"));
    let _ = write!(std::io::stderr().lock(), "{question} ");
    let mut answer = String::new();
    std::io::stdin().lock().read_line(&mut answer).map_err(|e| Failure::io("stdin", e))?;
    match answer.trim() {
        answer if is_typed => Ok(typed(answer.to_owned())),
        "y" => Ok(Confirmation::Yes),
        _ => Err(Failure::NotConfirmed),
    }
}
