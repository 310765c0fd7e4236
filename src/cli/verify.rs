//! `verify [FILE]`: says of a notification or an answer that somebody kept whether WeChat Pay signed it, and what a
//! notification tells.

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
use crate::api::{ApiError, Notification};
use crate::crypto::{CLOCK_WINDOW_SECONDS, SignatureHeaders};
use crate::model::time::rfc3339;

/// Larger than any notification or answer.
const LONGEST: u64 = 16 * 1024 * 1024;
const MOST_HEADERS: usize = 128;

/// A message as it was kept.
struct Message {
    headers: SignatureHeaders,
    body: Vec<u8>,
    is_answer: bool,
}

pub async fn run(context: &Context, matches: &ArgMatches, output: &Output) -> Result<(), Failure> {
    let path = matches.get_one::<std::path::PathBuf>("file").map_or(Path::new("-"), |path| path);
    let bytes = read(path).map_err(|error| Failure::unread(&path.display().to_string(), error))?;
    let message = parse(&bytes).ok_or_else(|| Failure::Usage(output.lang.t("cli-verify-message").into_owned()))?;
    let now = OffsetDateTime::now_utc();
    let signed = message.headers.timestamp.as_deref().and_then(|text| text.parse().ok());
    // What was kept has grown old since: the signature is judged as of its own time, and the time told besides.
    let at = signed.and_then(|at| OffsetDateTime::from_unix_timestamp(at).ok()).unwrap_or(now);
    let world = context.world().await?;
    let client = context.account(&world.config, context.profile.as_deref()).await?.client;
    let failed = |error: ApiError| Failure::Api(Arc::new(error), None);
    let told = if message.is_answer {
        client.verify_pasted(&message.headers, &message.body, at).await.map_err(failed)?;
        None
    } else {
        Some(client.open_notification(&message.headers, &message.body, at).await.map_err(failed)?)
    };
    let age = (now - at).whole_seconds();
    if age.unsigned_abs() >= CLOCK_WINDOW_SECONDS {
        output.note(&output.lang.tr("cli-verify-old", &[("seconds", &age)]));
    }
    show(&message, at, told.as_ref(), output)
}

fn show(message: &Message, at: OffsetDateTime, told: Option<&Notification>, output: &Output) -> Result<(), Failure> {
    let serial = message.headers.serial.as_deref().unwrap_or_default();
    let content = told.map_or_else(|| String::from_utf8_lossy(&message.body), |told| told.resource.as_str().into());
    let content: Value = serde_json::from_str(&content).unwrap_or_else(|_| content.into());
    let subject = told.and_then(Notification::subject);
    if output.format == Format::JsonLines {
        let notification = told.map(|told| {
            json!({ "id": told.id, "event_type": told.event_type, "create_time": told.created.map(rfc3339),
                "summary": told.summary })
        });
        let subject = subject.map(|id| json!({ "kind": id.kind.noun(), "number": id.number.as_str() }));
        let verdict = json!({ "genuine": true, "serial": serial, "signed_at": rfc3339(at),
            "notification": notification, "subject": subject, "content": content });
        return output.print(&format!("{verdict}\n"));
    }
    let words = [("serial", &serial as &dyn crate::i18n::ToText), ("at", &rfc3339(at))];
    let mut text = format!("✓ {}\n", output.lang.tr("cli-verify-genuine", &words));
    if let Some(told) = told {
        let created = told.created.map(rfc3339).unwrap_or_default();
        let summary = told.summary.as_deref().unwrap_or_default();
        text += &format!("{} · {created} · {summary} · {}\n", told.event_type, told.id);
    }
    if let Some(id) = subject {
        text += &format!("{} {}\n", output.lang.t(&format!("kind-{}", id.kind.noun())), id.number);
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

/// Reads a message: a first line, which may be missing, the headers, an empty line, and the body.
fn parse(bytes: &[u8]) -> Option<Message> {
    let end = bytes.iter().position(|byte| *byte == b'\n')? + 1;
    let first = String::from_utf8_lossy(&bytes[..end]);
    let is_answer = first.starts_with("HTTP/");
    let rest = if is_answer || first.contains(" HTTP/") { &bytes[end..] } else { bytes };
    let mut slots = [httparse::EMPTY_HEADER; MOST_HEADERS];
    let httparse::Status::Complete((head, found)) = httparse::parse_headers(rest, &mut slots).ok()? else {
        return None;
    };
    let header = |name: &str| {
        let header = found.iter().find(|header| header.name.eq_ignore_ascii_case(name))?;
        std::str::from_utf8(header.value).ok()
    };
    let mut body = &rest[head..];
    let length = header("Content-Length").and_then(|length| length.parse().ok());
    match length.and_then(|length: usize| body.split_at_checked(length)) {
        Some((whole, after)) if after.trim_ascii().is_empty() => body = whole,
        // Editors and shells end a file with a line break, which JSON as WeChat Pay writes it never does.
        _ => body = body.trim_ascii_end(),
    }
    Some(Message { headers: SignatureHeaders::collect(header), body: body.to_vec(), is_answer })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_body_is_what_was_signed_with_or_without_a_first_line_or_a_line_break_at_its_end() {
        let head = "Content-Type: application/json\r\nwechatpay-timestamp: 7\r\n";
        for first in ["", "POST /notify HTTP/1.1\r\n", "HTTP/1.1 200 OK\r\n"] {
            for (length, end) in
                [("", ""), ("", "\n"), ("Content-Length: 2\r\n", ""), ("Content-Length: 2\r\n", "\r\n\n")]
            {
                let text = format!("{first}{head}{length}\r\n{{}}{end}");
                for text in [text.clone(), text.replace("\r\n", "\n")] {
                    let message = parse(text.as_bytes()).unwrap();
                    assert_eq!((message.body.as_slice(), message.is_answer), (&b"{}"[..], first.starts_with("HTTP/")));
                    assert_eq!(message.headers.timestamp.as_deref(), Some("7"));
                }
            }
        }
        assert!(parse(b"{}").is_none());
        assert!(parse(b"no message\n\n{}").is_none());
    }
}
