//! What the ledger has about one object: every version seen, and the related objects.

use serde_json::{Value, json, value::RawValue};

use super::Failure;
use super::context::OpenAccount;
use super::export::{Format, aligned, csv};
use super::output::Output;
use crate::i18n::Lang;
use crate::ledger::{Listed, Version};
use crate::model::time::{rfc3339, rfc3339_millis};
use crate::model::{Link, Object, ObjectId, State};
use crate::services::{LedgerReader, ObjectHistory};
use crate::text::neutralise;

/// Every version with its document, newest first.
pub(super) async fn history(account: &OpenAccount, id: ObjectId, output: &Output) -> Result<(), Failure> {
    let reader = LedgerReader::new(account.ledger.clone(), &account.actor);
    let versions = account.ledger.run(move |_| reader.history(&id)).await?;
    let lang = output.lang;
    // Counted from the oldest, so that a number stays whatever comes.
    let numbered = || (1..=versions.len()).rev().zip(&versions);
    output.print(&match output.format {
        Format::JsonLines => numbered().map(|(number, one)| version(number, one)).collect(),
        Format::Csv => csv(
            Some(["seen_at", "source", "state", "version"]),
            numbered().map(|(number, (version, _))| {
                let (source, state) = (version.source.name().to_owned(), version.state.code.clone());
                [rfc3339_millis(version.seen_at), source, state, number.to_string()]
            }),
        ),
        Format::Text => {
            let row = |(number, (version, _)): (usize, &(Version, Option<Object>))| {
                let source = lang.t(&format!("source-{}", version.source.name()));
                let code = neutralise(&version.state.code).into_owned();
                [format!("#{number}"), rfc3339(version.seen_at), source, state(lang, &version.state), code]
            };
            aligned(&numbered().map(row).collect::<Vec<_>>())
        }
    })
}

/// A version as one line of JSON; the document as it was verified.
fn version(number: usize, (version, object): &(Version, Option<Object>)) -> String {
    let document = object.as_ref().and_then(|object| serde_json::from_str::<&RawValue>(&object.raw).ok());
    let about = json!({
        "version": number, "seen_at": rfc3339_millis(version.seen_at), "source": version.source.name(), "state": version.state.code});
    let about = about.to_string();
    let raw = document.map_or("null", RawValue::get);
    // Blanks between members may be line breaks; those within texts are escaped.
    let raw = raw.replace(['\n', '\r'], " ");
    format!("{},\"document\":{raw}}}\n", about.trim_end_matches('}'))
}

/// What is related, in the order of the chain from plan to refund.
pub(super) async fn related(account: &OpenAccount, id: ObjectId, output: &Output) -> Result<(), Failure> {
    let reader = LedgerReader::new(account.ledger.clone(), &account.actor);
    let story = account.ledger.run(move |_| reader.story(&id)).await?;
    let rows = related_rows(&story);
    if rows.is_empty() {
        output.note(&output.lang.t("related-nothing"));
    }
    output.print(&match output.format {
        Format::JsonLines => rows.iter().map(|row| format!("{}\n", row.json())).collect(),
        Format::Csv => csv(
            Some(["kind", "number", "relation", "state", "amount", "currency", "time", "verified_at"]),
            rows.iter().map(RelatedRow::record),
        ),
        Format::Text => aligned(&rows.iter().map(|row| row.row(output.lang)).collect::<Vec<_>>()),
    })?;
    let all: u64 = story.dependents.iter().map(|(_, group)| group.count).sum();
    let shown = story.related.iter().filter(|related| !related.named).count();
    if all > shown as u64 {
        output.note(&tr!(output.lang, "related-some", shown = shown, n = all));
    }
    Ok(())
}

/// One line of what is related.
enum RelatedRow<'a> {
    Known(&'static str, &'a Listed),
    /// Only WeChat Pay's number is known.
    Unresolved(&'a Link),
}

fn related_rows(story: &ObjectHistory) -> Vec<RelatedRow<'_>> {
    let near = story
        .related
        .iter()
        .map(|related| RelatedRow::Known(if related.named { "named" } else { "names-it" }, &related.row));
    let far = story.further.iter().map(|row| RelatedRow::Known("further", row));
    let mut all: Vec<RelatedRow<'_>> =
        near.chain(far).chain(story.unresolved_links.iter().map(RelatedRow::Unresolved)).collect();
    all.sort_by_key(|row| match row {
        RelatedRow::Known(_, row) => row.id.kind,
        RelatedRow::Unresolved(link) => link.kind(),
    });
    all
}

impl RelatedRow<'_> {
    fn record(&self) -> [String; 8] {
        let empty = String::new;
        match self {
            Self::Unresolved(link) => {
                let (kind, number) = (link.kind().noun().to_owned(), link.number().to_string());
                [kind, number, "platform-number".to_owned(), empty(), empty(), empty(), empty(), empty()]
            }
            Self::Known(relation, row) => {
                let summary = row.seen.as_ref().map(|seen| &seen.summary);
                let amount = summary.and_then(|summary| summary.amount);
                [
                    row.id.kind.noun().to_owned(),
                    row.id.number.to_string(),
                    (*relation).to_owned(),
                    summary.map(|summary| summary.state.code.clone()).unwrap_or_default(),
                    amount.map(|amount| amount.plain()).unwrap_or_default(),
                    amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
                    summary.and_then(|summary| summary.time).map(rfc3339).unwrap_or_default(),
                    row.verified_at().map(rfc3339).unwrap_or_default(),
                ]
            }
        }
    }

    /// Where what is known of it comes from.
    fn source(&self) -> Option<&'static str> {
        match self {
            Self::Known(_, row) => row.seen.as_ref().map(|seen| seen.source.name()),
            Self::Unresolved(_) => None,
        }
    }

    fn json(&self) -> Value {
        let [kind, number, relation, state, .., time, verified_at] = self.record();
        let there = |text: String| (!text.is_empty()).then_some(text);
        let amount = match self {
            Self::Known(_, row) => row.seen.as_ref().and_then(|seen| seen.summary.amount),
            Self::Unresolved(_) => None,
        };
        json!({
            "kind": kind, "number": number, "relation": relation, "state": there(state),
            "amount": amount.map(|amount| amount.minor), "currency": amount.map(|amount| amount.currency.code().to_owned()),
            "time": there(time), "verified_at": there(verified_at), "source": self.source(),
        })
    }

    fn row(&self, lang: Lang) -> [String; 6] {
        let [_, number, _, _, _, _, time, verified_at] = self.record();
        let kind = match self {
            Self::Known(_, row) => row.id.kind,
            Self::Unresolved(link) => link.kind(),
        };
        let (words, amount) = match self {
            Self::Unresolved(_) => (lang.t("related-unmet"), None),
            Self::Known(_, Listed { seen: None, .. }) => (lang.t("related-not-fetched"), None),
            Self::Known(_, Listed { seen: Some(seen), .. }) => (state(lang, &seen.summary.state), seen.summary.amount),
        };
        let kind = lang.kind(kind);
        let amount = amount.map(|amount| amount.to_string()).unwrap_or_default();
        [kind, number, words, amount, time, verified_at].map(|cell| neutralise(&cell).into_owned())
    }
}

fn state(lang: Lang, state: &State) -> String {
    let meaning = lang.state(state);
    neutralise(&format!("{} {meaning}", state.tone.glyph())).into_owned()
}
