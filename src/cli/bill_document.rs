//! A bill as a program reads it.

use std::path::Path;

use serde_json::{Value, json};

use crate::explain;
use crate::i18n::Lang;
use crate::model::bill::{Agreement, BadLines, BillDigest, FigureMismatch, Totals, TradeSums, Volume};
use crate::model::time::{day, rfc3339};
use crate::model::{Currency, Sum};
use crate::services::BillRecord;

/// A bill that was downloaded here.
pub(super) fn document(record: &BillRecord, lang: Lang) -> Value {
    let mut document = json!({
        "path": record.file,
        "present": record.present,
        "kind": record.id.kind.noun(),
        "type": record.id.kind.word(),
        "date": day(record.id.day),
        "mchid": record.mchid,
        "bytes": record.bytes,
        "hash_type": "SHA1",
        "hash": record.sha1,
        "verified": true,
        "verified_at": rfc3339(record.verified_at),
    });
    match &record.digest {
        Ok(digest) => add_digest(&mut document, digest, lang),
        Err(why) => document["unreadable"] = why.clone().into(),
    }
    document
}

/// For a file that was not downloaded here, so that there is no hash to compare with.
pub(super) fn document_of(file: &Path, digest: &BillDigest, sha1: &str, lang: Lang) -> Value {
    let mut document = json!({"path": file, "hash_type": "SHA1", "hash": sha1, "verified": false});
    add_digest(&mut document, digest, lang);
    document
}

fn add_digest(document: &mut Value, digest: &BillDigest, lang: Lang) {
    document["rows"] = digest.totals.rows().into();
    document["totals"] = match &digest.totals {
        Totals::Trade(totals) => {
            let mut value = json!({"payments": totals.payments, "refunds": totals.refunds});
            // There is no single sum of several currencies.
            let single = totals.single().as_ref().map(sums);
            for member in ["currency", "paid", "settlement", "requested", "refunded", "coupon_refunded", "fee", "net"] {
                value[member] = single.as_ref().map(|sums| sums[member].clone()).into();
            }
            value["currencies"] = totals.sums.iter().map(sums).collect();
            value
        }
        Totals::Flow(totals) => {
            let yuan = |volume: Volume| volume.sum(Currency::CNY).plain();
            json!({
                "incomes": totals.income.count,
                "income": yuan(totals.income),
                "outgoes": totals.outgo.count,
                "outgo": yuan(totals.outgo),
                "others": totals.other.count,
                "other": yuan(totals.other),
                "net": totals.net().plain(),
            })
        }
    };
    let lines = |lines: &BadLines| -> Value {
        let first = lines.first.iter();
        first.map(|bad| json!({"line": bad.line, "reason": explain::bad_line_why(lang, &bad.why)})).collect()
    };
    document["sound"] = digest.is_sound().into();
    document["bad_lines"] = digest.bad.count.into();
    document["bad"] = lines(&digest.bad);
    document["lost_digits"] = lines(&digest.lost);
    document["encoding"] = digest.encoding.name().into();
    document["resaved"] = digest.resaved.into();
    document["bills"] = digest
        .parts
        .iter()
        .map(|part| json!({"line": part.line, "rows": part.rows, "summary": part.summary.as_ref().map(agreement)}))
        .collect();
    // Each of several bills must have one, and agree.
    let summaries: Option<Vec<&Agreement>> = digest.parts.iter().map(|part| part.summary.as_ref()).collect();
    document["summary"] = match summaries.as_deref() {
        None => Value::Null,
        Some([one]) => agreement(one),
        Some(several) => {
            let list = digest.disagreements().map(|(line, one)| {
                let mut value = disagreement(one);
                value["bill"] = line.into();
                value
            });
            json!({"agrees": several.iter().all(|one| one.holds()), "disagreements": list.collect::<Vec<_>>()})
        }
    };
}

/// The totals of a bill in one currency.
fn sums(of: &TradeSums) -> Value {
    let plain = |minor: i128| Sum { minor, currency: of.currency }.plain();
    json!({
        "currency": of.currency.code(),
        "payments": of.paid.count,
        "paid": plain(of.paid.minor),
        "settlement": plain(of.settlement),
        "refunds": of.requested.count,
        "requested": plain(of.requested.minor),
        "refunded": plain(of.refunded),
        "coupon_refunded": plain(of.coupon_refunded),
        "fee": of.fee.plain(of.currency),
        "net": of.net().plain(of.currency),
    })
}

fn agreement(summary: &Agreement) -> Value {
    json!({
        "agrees": summary.holds(),
        "compared": summary.compared,
        "not_compared": summary.not_compared,
        "disagreements": summary.disagreements.iter().map(disagreement).collect::<Vec<_>>(),
    })
}

fn disagreement(one: &FigureMismatch) -> Value {
    json!({"name": one.name, "says": one.says, "rows": one.found})
}
