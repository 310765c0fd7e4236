//! An entry of the journal as the screen shows it, read from its JSON. What a damaged entry lacks is missing here.

use serde_json::Value;

use crate::i18n::Lang;
use crate::ledger::JournalEntry;
use crate::model::action::Action;
use crate::model::time::Timestamp;
use crate::model::{Document, Kind, Money, Number, ObjectId, Tone};

/// One intent and what became of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub number: i64,
    pub at: Option<Timestamp>,
    pub operator: String,
    /// The catalogue's name of it, or `api`.
    pub action: String,
    pub object: Option<ObjectId>,
    /// The amount that the body names.
    pub amount: Option<Money>,
    pub outcome: EntryOutcome,
    /// The latest that is known.
    pub request_id: Option<String>,
    pub reason: Option<String>,
    /// The entry as the ledger has it.
    pub source: JournalEntry,
}

/// What became of an intent, as far as the journal knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EntryOutcome {
    /// No settlement yet.
    UnderWay,
    Done,
    Refused,
    /// Nobody knows yet.
    Unknown,
    /// Nobody will ever know.
    Untold,
    /// Nothing could tell, and a person ended it.
    Closed,
}

impl EntryOutcome {
    /// What a settlement says; one that says anything else says nothing.
    pub fn read(settlement: &Value) -> Self {
        match settlement["outcome"].as_str() {
            Some("done") => Self::Done,
            Some("refused") => Self::Refused,
            _ if settlement["closed"].is_object() => Self::Closed,
            _ if settlement["final"] == true => Self::Untold,
            _ => Self::Unknown,
        }
    }

    /// True while something may still tell what became of it.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::UnderWay | Self::Unknown)
    }

    pub const fn tone(self) -> Tone {
        match self {
            Self::UnderWay => Tone::Busy,
            Self::Done => Tone::Done,
            Self::Refused => Tone::Failed,
            Self::Unknown | Self::Untold | Self::Closed => Tone::Unknown,
        }
    }

    /// The message that says it.
    pub const fn message(self) -> &'static str {
        match self {
            Self::UnderWay => "journal-under-way",
            Self::Done => "journal-done",
            Self::Refused => "journal-refused",
            Self::Unknown => "journal-unknown",
            Self::Untold => "journal-untold",
            Self::Closed => "journal-closed",
        }
    }

    /// With its glyph, so that colour alone never tells it.
    pub fn words(self, lang: Lang) -> String {
        format!("{} {}", self.tone().glyph(), lang.t(self.message()))
    }
}

impl Entry {
    pub fn read(source: JournalEntry) -> Self {
        let intent = Document::new(&source.intent);
        let part = |name: &str| intent.text(name).unwrap_or_default();
        let object = Kind::from_noun(&part("kind")).zip(Number::parse(&part("number")).ok());
        let request_id = source.settlements.iter().rev().find_map(|one| Document::new(one).text("request_id"));
        Self {
            number: source.id,
            at: intent.time("at"),
            operator: part("operator"),
            action: part("action"),
            object: object.map(|(kind, number)| ObjectId::new(kind, number)),
            amount: amount(&part("body")),
            outcome: source.settlements.last().map_or(EntryOutcome::UnderWay, EntryOutcome::read),
            request_id,
            reason: intent.text("reason"),
            source,
        }
    }

    /// The action in words. One of a later version is shown as it is written.
    pub fn action_words(&self, lang: Lang) -> String {
        match self.action.as_str() {
            "api" => lang.t("journal-action-api").into_owned(),
            name if Action::named(name).is_some() => lang.t(&format!("action-{name}")).into_owned(),
            other => other.to_owned(),
        }
    }

    /// The document before, as far as the ledger had it.
    pub fn before(&self) -> Option<&str> {
        self.source.intent["before"].as_str()
    }

    /// The latest verified reply.
    pub fn reply(&self) -> Option<&str> {
        self.source.settlements.iter().rev().find_map(|one| one["reply"].as_str().filter(|reply| !reply.is_empty()))
    }
}

/// The amount that a request's body names: a refund's, or the total of an order's bill.
fn amount(body: &str) -> Option<Money> {
    let value: Value = serde_json::from_str(body).ok()?;
    let body = Document::new(&value);
    body.object("amount").money("refund", "currency").or_else(|| body.fen("total_amount"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn entry(intent: Value, settlements: Vec<Value>) -> Entry {
        Entry::read(JournalEntry { id: 7, hash: String::new(), intent, settlements })
    }

    #[test]
    fn the_latest_settlement_tells_the_outcome_and_none_means_under_way() {
        let unknown = json!({"outcome": "unknown", "final": false, "request_id": "R-1"});
        let cases = [
            (vec![], EntryOutcome::UnderWay),
            (vec![unknown.clone()], EntryOutcome::Unknown),
            (vec![unknown.clone(), json!({"outcome": "done", "final": true})], EntryOutcome::Done),
            (vec![unknown.clone(), json!({"outcome": "refused", "final": true})], EntryOutcome::Refused),
            (vec![unknown.clone(), json!({"outcome": "unknown", "final": true})], EntryOutcome::Untold),
            (
                vec![unknown, json!({"outcome": "unknown", "final": true, "closed": {"operator": "x"}})],
                EntryOutcome::Closed,
            ),
        ];
        for (settlements, outcome) in cases {
            let asked = !settlements.is_empty();
            let entry = entry(json!({}), settlements);
            assert_eq!((entry.outcome, entry.request_id.is_some()), (outcome, asked));
        }
    }

    #[test]
    fn amounts_are_read_from_the_body_and_a_damaged_entry_is_read_as_far_as_it_goes() {
        let of = |body: Value| entry(json!({"body": body.to_string()}), vec![]).amount;
        assert_eq!(of(json!({"total_amount": 1200})), Some(Money::cny(1200)));
        assert_eq!(of(json!({"amount": {"refund": 5, "total": 9, "currency": "CNY"}})), Some(Money::cny(5)));
        assert_eq!(of(json!({"reason": "x"})), None);
        let damaged = entry(Value::Null, vec![Value::Null]);
        assert_eq!((damaged.object, damaged.at, damaged.outcome), (None, None, EntryOutcome::Unknown));
    }
}
