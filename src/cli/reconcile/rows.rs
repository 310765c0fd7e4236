//! A difference as a row: for a table, a sheet, CSV and JSON.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::explain;
use crate::i18n::Lang;
use crate::ledger::HeldDifference;
use crate::model::Money;
use crate::model::reconcile::{Balance, BookDifference, BookSide, RowVerdict};
use crate::model::time::{bill_time, day, rfc3339};
use crate::services::reconcile::Reconciled;

/// The columns of a row: the stems of their names.
pub(super) const COLUMNS: [&str; 15] = [
    "id",
    "class",
    "movement",
    "number",
    "order",
    "day",
    "currency",
    "amount",
    "trade",
    "trade-time",
    "orders",
    "orders-time",
    "flow",
    "confidence",
    "why",
];

/// A cell: text, or an amount in the major unit of its currency.
#[derive(Clone, Debug)]
pub(super) enum ReportCell {
    Text(String),
    Amount(Money),
}

impl ReportCell {
    /// For a person or a program that reads text.
    pub(super) fn plain(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Amount(amount) => amount.plain(),
        }
    }
}

/// The names of the columns, and of what to do.
pub(super) fn header(lang: Lang) -> Vec<String> {
    let names = COLUMNS.iter().chain(&["remedy"]);
    names.map(|column| lang.t(&format!("reconcile-cell-{column}"))).collect()
}

/// The numbers under which differences are held over, by their keys.
pub(super) fn ids(reconciled: &Reconciled) -> HashMap<String, i64> {
    reconciled.open.iter().map(|held| (held.difference.key(), held.id)).collect()
}

/// The cells of a difference, in the order of [`header`]. `id`: as it is held over.
pub(super) fn cells(lang: Lang, difference: &BookDifference, id: Option<i64>) -> Vec<ReportCell> {
    let text = |text: &str| ReportCell::Text(text.to_owned());
    let money = |minor| ReportCell::Amount(Money { minor, currency: difference.currency });
    let amount = |side| difference.row(side).map_or_else(|| text(""), |row| money(row.amount));
    let time = |side| text(&difference.row(side).and_then(|row| row.at).map(bill_time).unwrap_or_default());
    vec![
        text(&id.map(|id| id.to_string()).unwrap_or_default()),
        text(&explain::difference_class(lang, difference.class)),
        text(&lang.t(&format!("movement-{}", difference.movement.word()))),
        text(&difference.number),
        text(difference.order.as_deref().unwrap_or_default()),
        text(&day(difference.day)),
        text(difference.currency.code()),
        money(difference.amount),
        amount(BookSide::Trade),
        time(BookSide::Trade),
        amount(BookSide::Orders),
        time(BookSide::Orders),
        amount(BookSide::Flow),
        text(&lang.t(&format!("confidence-{}", difference.confidence.word()))),
        text(&explain::difference_reason(lang, difference)),
        text(&explain::difference_remedy(lang, difference)),
    ]
}

/// A difference as JSON: codes for programs, words for people.
pub(super) fn document(lang: Lang, difference: &BookDifference, id: Option<i64>) -> Value {
    let plain = |minor| Money { minor, currency: difference.currency }.plain();
    let row = |side| {
        difference.row(side).map(|row| {
            json!({
                "amount": plain(row.amount), "state": row.state.word(), "time": row.at.map(rfc3339),
                "day": day(row.day), "file": row.place.file, "line": row.place.line,
            })
        })
    };
    let known = difference.known.as_ref().map(|known| {
        json!({
            "state": known.state.word(), "amount": known.amount.map(|amount| amount.plain()),
            "time": known.at.map(rfc3339), "verified_at": rfc3339(known.verified_at),
        })
    });
    json!({
        "what": "difference", "id": id, "class": difference.class.word(), "movement": difference.movement.word(),
        "number": difference.number, "order": difference.order, "day": day(difference.day),
        "currency": difference.currency.code(), "amount": plain(difference.amount),
        "trade": row(BookSide::Trade), "orders": row(BookSide::Orders), "flow": row(BookSide::Flow), "known": known,
        "confidence": difference.confidence.word(), "reason": difference.why.word(),
        "remedy": difference.why.remedy().word(), "secondary": difference.secondary,
        "why": explain::difference_reason(lang, difference), "advice": explain::difference_remedy(lang, difference),
    })
}

/// A difference that is held over.
pub(super) fn held_document(lang: Lang, held: &HeldDifference, age: i64) -> Value {
    let mut document = document(lang, &held.difference, Some(held.id));
    document["what"] = "held".into();
    document["opened_at"] = rfc3339(held.opened_at).into();
    document["seen_at"] = rfc3339(held.seen_at).into();
    document["age_days"] = age.into();
    document["ended_at"] = held.ended.as_ref().map(|ended| rfc3339(ended.at)).into();
    document["journal"] = held.ended.as_ref().and_then(|ended| ended.journal).into();
    document
}

/// The line of a side that adds up.
pub(super) fn balance_document(balance: &Balance) -> Value {
    let part = |verdict: RowVerdict| {
        let volume = balance.parts.get(&verdict)?;
        let part = json!({"count": volume.count, "amount": balance.sum(*volume).plain()});
        Some((verdict.word().to_owned(), part))
    };
    let parts: serde_json::Map<String, Value> = RowVerdict::all().filter_map(part).collect();
    json!({
        "what": "balance", "side": balance.side.word(), "currency": balance.currency.code(),
        "count": balance.total.count, "total": balance.sum(balance.total).plain(), "parts": parts,
    })
}
