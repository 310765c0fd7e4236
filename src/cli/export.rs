//! Rows of objects as text, CSV or JSON lines.

use time::OffsetDateTime;

use crate::i18n::Lang;
use crate::ledger::Seen;
use crate::model::time::{day, rfc3339};
use crate::model::{Object, ObjectId};
use crate::text::age;
use crate::text::{neutralise, width};

/// How rows are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Aligned columns for a person.
    Text,
    /// The documents as WeChat Pay returned them, one a line.
    JsonLines,
    /// RFC 4180, with a header.
    Csv,
}

const HEADER: [&str; 8] = ["number", "title", "user", "state", "amount", "currency", "time", "verified_at"];

/// A row to write.
pub(super) enum ExportRow<'a> {
    /// A document, with the time it was verified.
    Document(&'a Object, Option<OffsetDateTime>),
    /// What bills say of an object that was never queried.
    Billed(&'a ObjectId, &'a Seen),
}

/// Writes rows with the time each was verified: a person reads how long ago. `first` is false for what goes on where
/// other rows ended: a CSV has one header.
pub fn write_rows<'a>(
    format: Format,
    lang: Lang,
    first: bool,
    rows: impl Iterator<Item = (&'a Object, Option<OffsetDateTime>)>,
) -> String {
    write_each(format, lang, first, rows.map(|(object, at)| ExportRow::Document(object, at)))
}

/// The same, with rows that only bills know.
pub(super) fn write_each<'a>(
    format: Format,
    lang: Lang,
    first: bool,
    rows: impl Iterator<Item = ExportRow<'a>>,
) -> String {
    match format {
        Format::JsonLines => rows.map(|row| row.json() + "\n").collect(),
        Format::Csv => csv(first.then_some(HEADER), rows.map(|row| row.record())),
        Format::Text => {
            let now = OffsetDateTime::now_utc();
            let cell = |row: ExportRow<'_>| {
                let [number, title, user, _, _, _, time, billed] = row.record();
                let (amount, state, at) = match row {
                    ExportRow::Document(object, at) => (object.entity.amount(), object.entity.state(), at),
                    ExportRow::Billed(_, seen) => (seen.summary.amount, seen.summary.state.clone(), None),
                };
                // For a person the currency is shown by its sign; yen have no decimals.
                let amount = amount.map(|amount| amount.to_string()).unwrap_or_default();
                let verified = match at {
                    Some(at) => age::ago(lang, now - at),
                    None => billed,
                };
                let meaning = lang.state(&state);
                let state = format!("{} {meaning}", state.tone.glyph());
                [number, title, user, state, amount, time, verified].map(|text| neutralise(&text).into_owned())
            };
            aligned(&rows.map(cell).collect::<Vec<_>>())
        }
    }
}

impl ExportRow<'_> {
    fn record(&self) -> [String; 8] {
        let (id, seen) = match self {
            Self::Document(object, at) => return record(object, *at),
            Self::Billed(id, seen) => (id, seen),
        };
        let summary = &seen.summary;
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            id.number.as_str().to_owned(),
            text(&summary.title),
            text(&summary.user),
            summary.state.code.clone(),
            summary.amount.map(|amount| amount.plain()).unwrap_or_default(),
            summary.amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default(),
            summary.time.map(rfc3339).unwrap_or_default(),
            // It was verified never.
            seen.billed_on().map(|date| format!("bill {}", day(date))).unwrap_or_default(),
        ]
    }

    fn json(&self) -> String {
        let (id, seen) = match self {
            Self::Document(object, _) => return one_line(&object.raw),
            Self::Billed(id, seen) => (id, seen),
        };
        let summary = &seen.summary;
        let document = serde_json::json!({
            "source": seen.source.name(),
            "bill_date": seen.billed_on().map(day),
            "kind": id.kind.noun(),
            "number": id.number.as_str(),
            "platform_number": summary.platform_number,
            "state": summary.state.code,
            "amount": summary.amount.map(|amount| amount.minor),
            "currency": summary.amount.as_ref().map(|amount| amount.currency.code()),
            "time": summary.time.map(rfc3339),
            "title": summary.title,
            "user": summary.user,
        });
        document.to_string()
    }
}

/// Rows of cells that were neutralised, in columns.
pub(super) fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let widest = |i: usize| rows.iter().map(|row| width(&row[i])).max().unwrap_or(0).min(40);
    let widths: Vec<usize> = (0..N).map(widest).collect();
    let line = |row: &[String; N]| {
        // Padded by columns, not characters: a Chinese character takes two.
        let cell = |(cell, to): (&String, &usize)| cell.clone() + &" ".repeat(to.saturating_sub(width(cell)));
        let cells: Vec<String> = row.iter().zip(&widths).map(cell).collect();
        format!("{}\n", cells.join("  ").trim_end())
    };
    rows.iter().map(line).collect()
}

/// Records as CSV with a header. Text from outside becomes no formula.
pub(super) fn csv<const N: usize>(header: Option<[&str; N]>, records: impl Iterator<Item = [String; N]>) -> String {
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Writing to memory cannot fail, and every record has the header's length.
    if let Some(header) = header {
        let _ = writer.write_record(header);
    }
    for record in records {
        let _ = writer.write_record(record.map(defused));
    }
    writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default()
}

/// A document may be written over several lines; here it takes one, its members untouched.
fn one_line(raw: &str) -> String {
    if !raw.contains('\n') {
        return raw.to_owned();
    }
    serde_json::from_str::<serde_json::Value>(raw).map_or_else(|_| raw.replace('\n', " "), |value| value.to_string())
}

fn record(object: &Object, verified_at: Option<OffsetDateTime>) -> [String; 8] {
    let entity = &object.entity;
    let amount = entity.amount();
    [
        object.id.number.as_str().to_owned(),
        entity.title().unwrap_or_default().to_owned(),
        entity.user().unwrap_or_default().to_owned(),
        entity.state().code,
        amount.map(|m| m.plain()).unwrap_or_default(),
        amount.map(|m| m.currency.code().to_owned()).unwrap_or_default(),
        entity.time().map(rfc3339).unwrap_or_default(),
        verified_at.map(rfc3339).unwrap_or_default(),
    ]
}

/// Text from outside must not become a spreadsheet's formula.
pub(super) fn defused(cell: String) -> String {
    let amount = || cell.parse::<f64>().is_ok();
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) && !amount() { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn a_name_with_quotes_commas_and_a_formula_stays_one_harmless_cell() {
        let raw = r#"{"stock_id":"1","stock_name":"=HYPERLINK(\"x\"),\n1","status":"running"}"#;
        let stock = Object::parse(Kind::Stock, raw).unwrap();
        let text = write_rows(Format::Csv, Lang::En, true, [(&stock, None)].into_iter());
        let mut reader = csv::Reader::from_reader(text.as_bytes());
        let record = reader.records().next().unwrap().unwrap();
        assert_eq!(&record[1], "'=HYPERLINK(\"x\"),\n1");
        let further = write_rows(Format::Csv, Lang::En, false, [(&stock, None)].into_iter());
        assert_eq!(format!("{}\n{further}", HEADER.join(",")), text, "a CSV has one header");
    }
}
