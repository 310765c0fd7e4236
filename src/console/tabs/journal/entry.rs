//! The texts for an entry of the journal.

use serde_json::Value;

use crate::i18n::Lang;
use crate::ledger::{CLOSE_DIFFERENCE, Ending, JournalEntry};
use crate::model::action::Action;
use crate::model::{Document, Money, Tone};

/// The action in words. One of a later version is shown as it is written.
pub(crate) fn action_words(lang: Lang, entry: &JournalEntry) -> String {
    match entry.intent.action.as_str() {
        "api" => lang.t("journal-action-api"),
        CLOSE_DIFFERENCE => lang.t("journal-action-difference-close"),
        name if Action::named(name).is_some() => lang.t(&format!("action-{name}")),
        other => other.to_owned(),
    }
}

/// How an entry ended, with its glyph, so that colour alone never shows it; `None` for one that is under way.
pub(crate) fn words(lang: Lang, ending: Option<Ending>) -> (String, Tone) {
    let message = match ending {
        None => "journal-under-way",
        Some(Ending::Done) => "journal-done",
        Some(Ending::Refused) => "journal-refused",
        Some(Ending::Unknown) => "journal-unknown",
        Some(Ending::Unknowable) => "journal-unknowable",
        Some(Ending::Closed) => "journal-closed",
    };
    let tone = Ending::tone(ending);
    (format!("{} {}", tone.glyph(), lang.t(message)), tone)
}

/// The amount that the request's body names: a refund's, or the total of an order's bill.
pub(crate) fn amount(entry: &JournalEntry) -> Option<Money> {
    let value: Value = serde_json::from_str(&entry.intent.body).ok()?;
    let body = Document::new(&value);
    body.object("amount").money("refund", "currency").or_else(|| body.fen("total_amount"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(mut intent: Value, conclusions: &[Value]) -> JournalEntry {
        intent["entry"] = "intent".into();
        let texts = [&intent].into_iter().chain(conclusions).map(Value::to_string).collect();
        JournalEntry::read(7, String::new(), texts).unwrap()
    }

    #[test]
    fn the_latest_settlement_is_the_outcome_and_none_means_under_way() {
        let unknown = || json!({"outcome": "unknown", "final": false, "request_id": "R-1"});
        let cases = [
            (vec![], "journal-under-way"),
            (vec![unknown()], "journal-unknown"),
            (vec![unknown(), json!({"outcome": "done", "final": true})], "journal-done"),
            (vec![unknown(), json!({"outcome": "refused", "final": true})], "journal-refused"),
            (vec![unknown(), json!({"outcome": "unknown", "final": true})], "journal-unknowable"),
            (
                vec![unknown(), json!({"outcome": "unknown", "final": true, "closed": {"operator": "x"}})],
                "journal-closed",
            ),
        ];
        for (conclusions, outcome) in cases {
            let entry = entry(json!({}), &conclusions);
            let words = words(Lang::En, entry.ending()).0;
            assert_eq!(words.split_once(' ').unwrap().1, Lang::En.t(outcome));
            assert_eq!(entry.latest(|one| &one.request_id).is_some(), !conclusions.is_empty());
        }
    }

    #[test]
    fn amounts_are_read_from_the_body_and_a_damaged_entry_is_read_as_far_as_it_goes() {
        let of = |body: Value| amount(&entry(json!({"body": body.to_string()}), &[]));
        assert_eq!(of(json!({"total_amount": 1200})), Some(Money::cny(1200)));
        assert_eq!(of(json!({"amount": {"refund": 5, "total": 9, "currency": "CNY"}})), Some(Money::cny(5)));
        assert_eq!(of(json!({"reason": "x"})), None);
        let damaged = entry(json!({}), &[Value::Null]);
        assert_eq!((&damaged.intent.object, damaged.intent.at, damaged.ending()), (&None, None, Some(Ending::Unknown)));
    }
}
