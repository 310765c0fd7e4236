//! `events`: the notifications received and those rejected; and replaying them.

use clap::ArgMatches;
use serde_json::value::RawValue;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::context::Context;
use super::export::{Format, aligned, csv};
use super::output::Output;
use super::{Failure, Status};
use crate::config::Profile;
use crate::explain;
use crate::i18n::Lang;
use crate::ledger::{EventRow, Ledger, StoredDelivery, Verdict, WholeEvent};
use crate::model::time::rfc3339_millis;
use crate::services::{Actor, InboxFilter, LedgerReader, Replay, event_message};

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let world = context.world().await?;
    // The inbox is read without keys, so that it can be read when they are lost.
    let profile = world.config.profile(context.profile.as_deref())?;
    let ledger = Ledger::open(&world.config.store)?;
    let mchid = profile.merchant.mchid.as_str();
    let actor = Actor::new(&profile.name, mchid, &profile.operator, profile.read_only, profile.rules.clone());
    let reader = LedgerReader::new(ledger.clone(), &actor);
    let named = |error| ledger.named(error);
    match matches.subcommand() {
        Some(("list", matches)) => {
            let text = matches.get_one::<String>("search").map(String::as_str).unwrap_or_default();
            let limit = matches.get_one::<u32>("limit").copied().unwrap_or(50);
            let received = reader.event_types().map_err(named)?;
            let filter = InboxFilter::parse(text, received.iter().map(String::as_str));
            let filter = filter.map_err(|error| Failure::Usage(explain::filter(output.lang, &error)))?;
            list(&reader.newest_events(&filter, limit as usize, OffsetDateTime::now_utc()).map_err(named)?, output)
        }
        Some((verb, matches)) => {
            let id = matches.get_one::<i64>("event").copied().unwrap_or_default();
            let missing = || Failure::Usage(tr!(output.lang, "cli-events-missing", event = id));
            let event = reader.event(id).map_err(named)?.ok_or_else(missing)?;
            match verb {
                "replay" => replay(&event, profile, matches, output).await,
                _ => show(&event, output),
            }
        }
        None => Ok(()),
    }
}

fn list(rows: &[EventRow], output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let cells = |row: &EventRow, verdict: String| {
        let object = row.subject.as_ref().map(|id| format!("{} {}", id.kind.noun(), id.number)).unwrap_or_default();
        [
            row.id.to_string(),
            rfc3339_millis(row.first_at),
            verdict,
            row.event_type.clone().unwrap_or_default(),
            object,
            row.attempts.to_string(),
            row.notice.clone().unwrap_or_default(),
        ]
    };
    output.print(&match output.format {
        Format::JsonLines => rows.iter().map(|row| format!("{}\n", document(row))).collect(),
        Format::Csv => {
            let headers = ["id", "received_at", "verdict", "event_type", "object", "attempts", "notice"];
            csv(Some(headers), rows.iter().map(|row| cells(row, row.verdict.word().to_owned())))
        }
        Format::Text => {
            let rows = rows.iter().map(|row| cells(row, in_words(lang, row.verdict)));
            output.outside(&aligned(&rows.collect::<Vec<_>>()))
        }
    })
}

/// A line of the inbox for programs.
fn document(row: &EventRow) -> Value {
    json!({
        "id": row.id,
        "verdict": row.verdict.word(),
        "notice": row.notice,
        "received_at": rfc3339_millis(row.first_at),
        "last_at": rfc3339_millis(row.last_at),
        "attempts": row.attempts,
        "event_type": row.event_type,
        "created_at": row.created.map(rfc3339_millis),
        "summary": row.summary,
        "kind": row.subject.as_ref().map(|id| id.kind.noun()),
        "number": row.subject.as_ref().map(|id| id.number.as_str()),
        "fact": row.fact.map(|fact| fact.word()),
        "slowest_answer_us": row.slowest,
        "peer": row.peer,
    })
}

fn show(event: &WholeEvent, output: &Output) -> Result<(), Failure> {
    let resource = event.resource.as_deref();
    if output.format == Format::JsonLines {
        let mut whole = document(&event.row);
        whole["deliveries"] = event.deliveries.iter().map(delivery).collect();
        // The decrypted resource as WeChat Pay wrote it; as a string if it is not JSON.
        let raw = resource.filter(|resource| serde_json::from_str::<&RawValue>(resource).is_ok());
        if raw.is_none() {
            whole["resource"] = resource.into();
        }
        let raw = raw.map(|raw| format!(",\"resource\":{}", raw.replace(['\n', '\r'], " "))).unwrap_or_default();
        let whole = whole.to_string();
        return output.print(&format!("{}{raw}}}\n", whole.strip_suffix('}').unwrap_or(&whole)));
    }
    let lang = output.lang;
    let about = [title(lang, &event.row), in_words(lang, event.row.verdict)];
    let about: Vec<&str> = about.iter().map(String::as_str).filter(|words| !words.is_empty()).collect();
    let mut text = format!("{}\n", about.join(" · "));
    for (name, value) in document(&event.row).as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
        let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        text.push_str(&format!("  {name}: {value}\n"));
    }
    if event.row.verdict != Verdict::Genuine {
        text.push_str(&format!("  {}\n", lang.t(&format!("verdict-{}-why", event.row.verdict.word()))));
    }
    for kept in &event.deliveries {
        let StoredDelivery { delivery, status, took, detail, forwarded, .. } = kept;
        let took = took.map(|took| format!(" · {took} µs")).unwrap_or_default();
        let detail = detail.as_ref().map(|detail| format!(" · {}", explain::refused(lang, detail))).unwrap_or_default();
        text.push_str(&format!("  {} {} → {status}{took}{detail}\n", rfc3339_millis(delivery.at), delivery.peer));
        if let Some(forwarded) = forwarded {
            let words = explain::forwarded(lang, forwarded, rfc3339_millis);
            text.push_str(&format!("    {}: {words}\n", lang.t("events-forwarded")));
        }
    }
    if let Some(resource) = resource {
        let value: Result<Value, _> = serde_json::from_str(resource);
        let pretty = value.and_then(|value| serde_json::to_string_pretty(&value));
        text.push_str(&format!("{}\n", pretty.as_deref().unwrap_or(resource)));
    }
    output.print(&output.outside(&text))
}

fn in_words(lang: Lang, verdict: Verdict) -> String {
    lang.t(&format!("verdict-{}", verdict.word()))
}

/// The name of the type of event; the code of an undocumented one.
fn title(lang: Lang, row: &EventRow) -> String {
    let code = row.event_type.as_deref().unwrap_or_default();
    let message = event_message(code);
    if lang.has(&message) { format!("{} {code}", lang.t(&message)) } else { code.to_owned() }
}

/// A delivery for programs: a body that is not text in hexadecimal digits.
fn delivery(kept: &StoredDelivery) -> Value {
    let bytes = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) => json!({"text": text}),
        Err(_) => json!({"hex": bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>()}),
    };
    json!({
        "at": rfc3339_millis(kept.delivery.at),
        "peer": kept.delivery.peer,
        "target": kept.delivery.target,
        "status": kept.status,
        "answer_us": kept.took,
        "detail": kept.detail,
        "forwarded": kept.forwarded.as_ref().map(|forwarded| json!({
            "accepted": forwarded.accepted, "attempts": forwarded.attempts,
            "tried_at": forwarded.tried_at.map(rfc3339_millis), "status": forwarded.status, "error": forwarded.error,
            "next": forwarded.next.map(rfc3339_millis),
        })),
        "headers": bytes(&kept.delivery.headers),
        "body": bytes(&kept.delivery.body),
    })
}

/// Sends the latest delivery again. Succeeds if it was accepted.
async fn replay(event: &WholeEvent, profile: &Profile, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let lang = output.lang;
    let url = matches.get_one::<String>("url").map(String::as_str).unwrap_or_default();
    let unfit = |message: &str| Failure::Usage(lang.t(message));
    let kept = event.deliveries.last().ok_or_else(|| unfit("replay-not-kept"))?;
    let replay = Replay::new(event.row.verdict, &kept.delivery, url, &profile.base_url);
    let replay = replay.map_err(|error| unfit(error.message()))?;
    if profile.read_only {
        output.note(&lang.t("replay-read-only"));
    }
    let sent = replay.send().await;
    let answer = sent.map_err(|error| Failure::NotReplayed(Status::Unreachable, explain::failure(lang, &error.0)))?;
    let ms = i64::try_from(answer.took.as_millis()).unwrap_or(i64::MAX);
    let status = tr!(lang, "events-replay-status", status = answer.status, ms = ms);
    output.print(&match output.format {
        Format::JsonLines => {
            format!("{}\n", json!({"status": answer.status, "answer_ms": ms, "says": answer.says}))
        }
        _ => output.outside(&format!("{status}\n{}\n", answer.says.trim())),
    })?;
    match answer.status {
        200..=299 => Ok(()),
        _ => Err(Failure::NotReplayed(Status::Refused, status)),
    }
}
