//! Everything that happened to one object or along its chain from plan to refund; and the differences between two
//! versions.

use serde_json::{Value, json};

use super::Failure;
use super::context::OpenAccount;
use super::export::{Format, aligned, csv};
use super::output::Output;
use crate::explain::timeline::{changed_first, describe, worded};
use crate::i18n::Lang;
use crate::ledger::{RecordedIntent, Version};
use crate::model::diff::Difference;
use crate::model::time::{rfc3339, rfc3339_millis};
use crate::model::{Kind, ObjectId};
use crate::services::{EntryKind, LedgerReader, ObjectHistory, SourceAgreement, TimelineEntry, timeline_entries};
use crate::text::age;
use crate::text::neutralise;

/// Every entry, newest first.
pub(super) async fn run(account: &OpenAccount, id: ObjectId, whole: bool, output: &Output) -> Result<(), Failure> {
    let reader = LedgerReader::new(account.ledger.clone(), &account.actor);
    let read = move |_: &_| if whole { reader.whole_story(&id) } else { reader.story(&id) };
    let story = account.ledger.run(read).await?;
    let (lang, entries) = (output.lang, timeline_entries(story.records(whole)));
    if entries.is_empty() {
        output.note(&lang.t("cli-timeline-nothing"));
    }
    output.print(&match output.format {
        Format::JsonLines => entries.iter().map(|entry| format!("{}\n", document(entry))).collect(),
        Format::Csv => csv(Some(HEADER), entries.iter().map(record)),
        Format::Text => aligned(&entries.iter().map(|entry| row(lang, entry, whole)).collect::<Vec<_>>()),
    })?;
    bounds(&story, output);
    Ok(())
}

/// Reports kinds of which there are more objects than are shown.
fn bounds(story: &ObjectHistory, output: &Output) {
    let Some(chain) = &story.chain else { return };
    for (kind, count) in &chain.of_many {
        let kind_word = output.lang.kind(*kind);
        output.note(&tr!(
            output.lang,
            "timeline-chain-some",
            kind = kind_word,
            shown = chain.count_read(*kind),
            n = count
        ));
    }
}

/// As text: time, object, event, and details.
fn row(lang: Lang, entry: &TimelineEntry<'_>, whole: bool) -> [String; 4] {
    let described = describe(lang, entry);
    let head: String = described.head.iter().map(|(piece, _)| piece.as_str()).collect();
    let number = match &entry.what {
        EntryKind::Version { number, .. } => Some(format!("#{number}")),
        _ => None,
    };
    let facts = number.into_iter().chain(described.facts).collect::<Vec<_>>().join(" · ");
    let short = || format!("{} {}", lang.t(&format!("short-{}", entry.of.kind.noun())), entry.of.number);
    let owner = if whole { short() } else { String::new() };
    [age::exact(entry.at), owner, head, facts].map(|cell| neutralise(&cell).into_owned())
}

const HEADER: [&str; 9] = ["at", "kind", "number", "what", "says", "amount", "reference", "seen_at", "agrees"];

fn word(what: &EntryKind<'_>) -> &'static str {
    match what {
        EntryKind::Noted(_) => "noted",
        EntryKind::Version { .. } => "version",
        EntryKind::Entry(_) => "action",
        EntryKind::Event(..) => "notification",
        EntryKind::Row(..) => "bill",
        EntryKind::Dated(_) => "dated",
    }
}

fn agrees(agreement: SourceAgreement) -> Option<bool> {
    match agreement {
        SourceAgreement::Agrees => Some(true),
        SourceAgreement::Contradicts => Some(false),
        SourceAgreement::Unknown => None,
    }
}

fn record(entry: &TimelineEntry<'_>) -> [String; 9] {
    let cells = document(entry);
    let text = |name: &str| match &cells[name] {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let either = |names: &[&str]| names.iter().map(|name| text(name)).find(|text| !text.is_empty()).unwrap_or_default();
    let says = either(&["state", "action", "fact", "type", "source"]);
    let reference = either(&["version", "journal", "event", "bill_row", "order", "transaction_id"]);
    [
        text("at"),
        text("kind"),
        text("number"),
        text("what"),
        says,
        text("amount"),
        reference,
        text("seen_at"),
        text("agrees"),
    ]
}

/// For a program. Amounts in the smallest unit of their currency, spans of time in seconds.
fn document(entry: &TimelineEntry<'_>) -> Value {
    let mut document = json!({
        "at": rfc3339_millis(entry.at), "kind": entry.of.kind.noun(), "number": entry.of.number.as_str(),
        "what": word(&entry.what)});
    let more = match &entry.what {
        EntryKind::Noted(noted) => json!({ "source": noted.origin.name() }),
        EntryKind::Version { version, number, delay, poll_gap, .. } => json!({
            "version": number, "state": version.state.code, "source": version.source.name(),
            "seen_at": rfc3339_millis(version.seen_at), "since": version.since.map(rfc3339),
            "delay": delay.map(|delay| delay.as_seconds_f64()),
            "nobody_asked": poll_gap.map(|poll_gap| json!([rfc3339_millis(poll_gap.from), rfc3339_millis(poll_gap.to)]))}),
        EntryKind::Entry(entry) => {
            let RecordedIntent { action, operator, reason, .. } = &entry.intent;
            json!({
                "journal": entry.id, "action": action, "operator": operator, "reason": reason,
                "outcome": entry.outcome(), "request_id": entry.latest(|one| &one.request_id),
                "error": entry.latest(|one| &one.error)})
        }
        EntryKind::Event(event, agreement) => json!({
            "event": event.id, "notice": event.notice, "type": event.event_type, "fact": event.fact.map(|fact| fact.word()),
            "happened_at": event.created.map(rfc3339), "attempts": event.attempts,
            "delay": event.created.map(|created| (event.first_at - created).as_seconds_f64()),
            "answered_us": event.slowest, "agrees": agrees(*agreement)}),
        EntryKind::Row(claim, agreement) => json!({
            "bill_row": claim.reference, "fact": claim.fact.word(), "amount": claim.amount.map(|amount| amount.minor),
            "currency": claim.amount.map(|amount| amount.currency.code().to_owned()),
            "since": rfc3339(claim.said_at), "agrees": agrees(*agreement)}),
        EntryKind::Dated(dated) => dated_document(dated),
    };
    if let (Value::Object(document), Value::Object(more)) = (&mut document, more) {
        document.extend(more);
    }
    document
}

fn dated_document(dated: &crate::model::DatedEvent) -> Value {
    use crate::model::DatedFact;
    let fact = dated.what.word();
    match &dated.what {
        DatedFact::Step { number, name, order, price, .. } => json!({
            "fact": fact, "step": number, "name": name, "order": order, "amount": price.map(|price| price.minor)}),
        DatedFact::Collected { amount, transaction_id, by } => json!({
            "fact": fact, "amount": amount.map(|amount| amount.minor), "transaction_id": transaction_id, "by": by}),
        _ => json!({ "fact": fact }),
    }
}

/// The differences between two versions given by number. The earlier one defaults to the version before, the later one
/// to the latest. The first version is compared with nothing.
pub(super) async fn diff(
    account: &OpenAccount,
    id: ObjectId,
    (from, to): (Option<u32>, Option<u32>),
    output: &Output,
) -> Result<(), Failure> {
    let reader = LedgerReader::new(account.ledger.clone(), &account.actor);
    let (own, of) = (reader.clone(), id.clone());
    let versions = account.ledger.run(move |_| own.story(&of)).await?.own.versions;
    let (before, after) = pair(&versions, (from, to), output.lang)?;
    let (of, ids) = (id.clone(), (before.map(|version| version.id), after.id));
    let differences = account.ledger.run(move |_| reader.compare(&of, ids.0, ids.1)).await?;
    let Some(differences) = differences else {
        return Err(Failure::Usage(output.lang.t("compare-unreadable")));
    };
    if differences.is_empty() {
        output.note(&output.lang.t("compare-same"));
    }
    let sorted = changed_first(&differences);
    output.print(&match output.format {
        Format::JsonLines => sorted.iter().map(|one| format!("{}\n", difference(one))).collect(),
        Format::Csv => {
            let cells = |one: &&Difference| {
                let value = |value: &Option<String>| value.clone().unwrap_or_default();
                [one.path.clone(), value(&one.before), value(&one.after)]
            };
            csv(Some(["path", "before", "after"]), sorted.iter().map(cells))
        }
        Format::Text => sorted.iter().map(|one| line(output.lang, id.kind, one)).collect(),
    })
}

fn pair(
    versions: &[Version],
    (from, to): (Option<u32>, Option<u32>),
    lang: Lang,
) -> Result<(Option<&Version>, &Version), Failure> {
    let count = versions.len();
    // Newest first, counted from the oldest.
    let numbered = |number: u32| {
        let place = count.checked_sub(usize::try_from(number).unwrap_or(usize::MAX));
        let missing = || Failure::Usage(tr!(lang, "cli-no-version", number = number, n = count));
        place.and_then(|place| Some((place, versions.get(place)?))).ok_or_else(missing)
    };
    let none = || Failure::Usage(lang.t("cli-no-versions"));
    let one = from.map(numbered).transpose()?;
    let other = to.map(numbered).transpose()?;
    Ok(match (one, other) {
        // Two numbers are compared the later with the earlier, in whichever order they are given.
        (Some(one), Some(other)) => {
            let (later, earlier) = if one.0 <= other.0 { (one, other) } else { (other, one) };
            (Some(earlier.1), later.1)
        }
        (Some((place, one)), None) if place > 0 => (Some(one), versions.first().ok_or_else(none)?),
        (Some((place, one)), None) | (None, Some((place, one))) => (versions.get(place + 1), one),
        (None, None) => (versions.get(1), versions.first().ok_or_else(none)?),
    })
}

/// Values as in the documents.
fn difference(one: &Difference) -> Value {
    let value = |value: &Option<String>| value.as_deref().and_then(|value| serde_json::from_str::<Value>(value).ok());
    json!({ "path": one.path, "before": value(&one.before), "after": value(&one.after) })
}

fn line(lang: Lang, kind: Kind, one: &Difference) -> String {
    let value = |value: &Option<String>| match value {
        Some(value) => worded(kind, &one.path, value),
        None => lang.t("compare-absent"),
    };
    let line = format!("{}: {} → {}", one.path, value(&one.before), value(&one.after));
    format!("{}\n", neutralise(&line))
}
