//! `verify [FILE]`: reports whether WeChat Pay signed a saved notification or answer, and what a notification means.

pub(super) mod cause;
mod message;

use std::io::Read;
use std::path::Path;
use std::sync::Arc;

use clap::ArgMatches;
use serde_json::{Value, json};
use time::OffsetDateTime;

use super::Failure;
use super::context::Context;
use super::export::Format;
use super::output::Output;
use crate::api::{ApiError, Client, Notification, Untrusted};
use crate::crypto::{CLOCK_WINDOW_SECONDS, VerifyError};
use crate::model::time::rfc3339;
use cause::Findings;
use cause::UnprovenMessage;
use message::HttpMessage;

/// Larger than any notification or answer.
const LONGEST: u64 = 16 * 1024 * 1024;

pub(super) async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let path = matches.get_one::<std::path::PathBuf>("file").map_or(Path::new("-"), |path| path);
    let bytes = read(path).map_err(|error| Failure::unread(&path.display().to_string(), error))?;
    let message = HttpMessage::parse(&bytes).ok_or_else(|| Failure::Usage(output.lang.t("cli-verify-message")))?;
    // Its signature is of another kind, which cannot be verified here.
    if message.is_v2() {
        return Err(Failure::KeptV2);
    }
    let now = OffsetDateTime::now_utc();
    let signed = message.headers.timestamp.as_deref().and_then(|text| text.parse().ok());
    // A stored message is old by now: the signature is checked as of its own time, and the time is shown.
    let at = signed.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()).unwrap_or(now);
    let world = context.world().await?;
    let client = context.account(&world.config, context.profile.as_deref()).await?.client;
    // Errors up to here concern the connection; from here on they concern the file.
    client.fetch_platform_keys().await.map_err(|error| Failure::Api(Arc::new(error), None))?;
    let opened = if message.is_answer {
        client.verify_pasted(&message.headers, &message.body, at).await.map(|()| None)
    } else {
        client.open_notification(&message.headers, &message.body, at).await.map(Some)
    };
    let opened = opened.map_err(|error| Failure::Unproven(unproven(&client, &message, at, error)))?;
    let age = (now - at).whole_seconds();
    if age.unsigned_abs() >= CLOCK_WINDOW_SECONDS {
        output.note(&tr!(output.lang, "cli-verify-old", seconds = age));
    }
    show(&message, at, opened.as_ref(), output)
}

/// Why the message is not proven, with the changes detected in it.
fn unproven(client: &Client, message: &HttpMessage, at: OffsetDateTime, error: ApiError) -> UnprovenMessage {
    let ApiError::Untrusted { reason: Untrusted::Signature(reason), .. } = &error else {
        return UnprovenMessage { error: Arc::new(error), causes: Vec::new(), confirmed: false };
    };
    // A probe is deliberately wrong.
    let Findings { causes, originals } = match reason {
        VerifyError::Probe => Findings { causes: Vec::new(), originals: Vec::new() },
        _ => Findings::of(message),
    };
    let confirmed = originals.iter().any(|(headers, body)| client.proves(headers, body, at));
    UnprovenMessage { error: Arc::new(error), causes, confirmed }
}

fn show(
    message: &HttpMessage,
    at: OffsetDateTime,
    notification: Option<&Notification>,
    output: &Output,
) -> Result<(), Failure> {
    let serial = message.headers.serial.as_deref().unwrap_or_default();
    let content =
        notification.map_or_else(|| String::from_utf8_lossy(&message.body), |one| one.resource.as_str().into());
    let content: Value = serde_json::from_str(&content).unwrap_or_else(|_| content.into());
    let subject = notification.and_then(Notification::subject);
    if output.format == Format::JsonLines {
        let notification = notification.map(|one| {
            json!({ "id": one.id, "event_type": one.event_type, "create_time": one.created.map(rfc3339),
                "summary": one.summary })
        });
        let subject = subject.map(|id| json!({ "kind": id.kind.noun(), "number": id.number.as_str() }));
        let verdict = json!({ "genuine": true, "serial": serial, "signed_at": rfc3339(at),
            "notification": notification, "subject": subject, "content": content });
        return output.print(&format!("{verdict}\n"));
    }
    let mut text = format!("✓ {}\n", tr!(output.lang, "cli-verify-genuine", serial = serial, at = rfc3339(at)));
    if let Some(notification) = notification {
        let created = notification.created.map(rfc3339).unwrap_or_default();
        let summary = notification.summary.as_deref().unwrap_or_default();
        text += &format!("{} · {created} · {summary} · {}\n", notification.event_type, notification.id);
    }
    if let Some(id) = subject {
        text += &format!("{} {}\n", output.lang.kind(id.kind), id.number);
    }
    text += &format!("{content:#}\n");
    output.print(&output.outside(&text))
}

fn read(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    match path == Path::new("-") {
        true => std::io::stdin().lock().take(LONGEST).read_to_end(&mut bytes)?,
        false => std::fs::File::open(path)?.take(LONGEST).read_to_end(&mut bytes)?,
    };
    Ok(bytes)
}
