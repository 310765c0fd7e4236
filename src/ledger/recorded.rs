//! Entries of the journal as they are read back. Only this file and [`super::journal`] know the names of an entry's
//! members. Reading never fails: a damaged member or one of an unexpected type counts as missing, so that one damaged
//! entry does not hide the others and entries of earlier versions are read as far as possible. An entry keeps the exact
//! texts that were hashed, with all members that a later version adds.

use std::sync::Arc;

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::journal::{CLOSE_DIFFERENCE, Ending, Intent, meant};
use crate::model::action::{Action, Intention, RawWrite};
use crate::model::time::Timestamp;
use crate::model::{Document, Kind, Method, Number, ObjectId, Tone};

/// An [`Intent`] as read from the journal.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedIntent {
    pub at: Option<Timestamp>,
    /// The same by the platform's clock, if that was known.
    pub platform_at: Option<Timestamp>,
    /// The process that wrote it.
    pub owner: String,
    pub operator: String,
    pub profile: String,
    pub mchid: String,
    /// The action's name, or `api` for a raw request. An action of a later version has an unknown name.
    pub action: String,
    /// Kind and number as stored, both empty if it is not about an object.
    pub kind: String,
    pub number: String,
    /// The object with this kind and number, if this version knows the kind.
    pub object: Option<ObjectId>,
    pub method: Option<Method>,
    pub target: String,
    pub body: String,
    /// The object's state when it was confirmed, and its document as far as the ledger had it.
    pub state: String,
    pub before: Option<String>,
    pub confirmed: String,
    pub reason: Option<String>,
}

/// A [`super::Conclusion`] as read from the journal, or the record that an intent was sent again.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordedConclusion {
    pub at: Option<Timestamp>,
    pub ending: Ending,
    /// The outcome as stored: a later version may write an unknown word.
    pub outcome: Option<String>,
    pub request_id: Option<String>,
    pub reply: Option<String>,
    pub error: Option<String>,
    pub made: Option<String>,
    resent: Option<Resent>,
}

/// The process that sent an intent again, and the platform's time.
#[derive(Clone, Debug, PartialEq)]
struct Resent {
    owner: String,
    platform_at: Option<Timestamp>,
}

/// An intent with its conclusions.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    /// Its number: intents count from 1 in the order in which they were made.
    pub id: i64,
    /// The hash of the intent's text.
    pub hash: String,
    pub intent: RecordedIntent,
    /// Oldest first.
    pub conclusions: Vec<RecordedConclusion>,
    /// The stored texts: the intent's, then one for each conclusion.
    texts: Arc<[String]>,
}

/// An intent that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenIntent {
    /// The number of its entry.
    pub id: i64,
    pub intent: RecordedIntent,
    /// When it was last sent.
    pub at: OffsetDateTime,
    /// The same by the platform's clock, if that was known.
    pub platform_at: Option<OffsetDateTime>,
    /// The process that wrote it or sent it again.
    pub owner: String,
    /// True if a conclusion already says that its outcome is unknown: no process is sending it any more.
    pub is_unknown: bool,
}

impl RecordedIntent {
    pub(crate) fn read(entry: &Value) -> Self {
        let doc = Document::new(entry);
        let text = |name: &str| doc.text(name).unwrap_or_default();
        let (kind, number) = (text("kind"), text("number"));
        let object = Kind::from_noun(&kind).zip(Number::parse(&number).ok());
        Self {
            at: doc.time("at"),
            platform_at: doc.time("platform_at"),
            owner: text("owner"),
            operator: text("operator"),
            profile: text("profile"),
            mchid: text("mchid"),
            action: text("action"),
            kind,
            number,
            object: object.map(|(kind, number)| ObjectId::new(kind, number)),
            method: Method::parse(&text("method")),
            target: text("target"),
            body: text("body"),
            state: text("state"),
            before: doc.text("before"),
            confirmed: text("confirmed"),
            reason: doc.text("reason"),
        }
    }

    /// The action of the catalogue; a raw request may be one by its path.
    pub fn action(&self) -> Option<&'static Action> {
        Action::named(&self.action).or_else(|| Some(self.raw()?.action()?.action()))
    }

    /// Its intended effect, and the object that shows it.
    pub fn intention(&self) -> Option<(Intention, ObjectId)> {
        Some(meant(self.action()?.id, self.object.as_ref()?, &self.target, &self.body))
    }

    /// Method and target of the request.
    pub fn request(&self) -> String {
        format!("{} {}", self.method.map_or("", Method::as_str), self.target).trim().to_owned()
    }

    /// Whether it may have moved money, as far as its request shows.
    pub(crate) fn may_move_money(&self) -> bool {
        match self.action() {
            Some(action) => action.moves_money(),
            // An unreadable amount may be any amount.
            None if self.action == CLOSE_DIFFERENCE => false,
            None if self.action == "api" => self.raw().is_none_or(|raw| !matches!(raw.amount(), Ok(None))),
            // An action of a later version.
            None => true,
        }
    }

    /// Whether it blocks another intent on the same object while it is open.
    pub(super) fn bars(&self, intent: &Intent) -> bool {
        let (open, new) = (self.intention().map(|(open, _)| open), intent.intention().map(|(new, _)| new));
        let same_only = open.as_ref().is_some_and(|open| open.action().action().bars_same_only);
        !same_only || open == new
    }

    fn raw(&self) -> Option<RawWrite> {
        RawWrite::new(self.method.unwrap_or(Method::Post), &self.target, &self.body, None)
    }
}

impl RecordedConclusion {
    pub(crate) fn read(entry: &Value) -> Self {
        let doc = Document::new(entry);
        let outcome = doc.text("outcome");
        let resent = || Resent { owner: doc.text("owner").unwrap_or_default(), platform_at: doc.time("platform_at") };
        let closed = entry["closed"].is_object();
        Self {
            at: doc.time("at"),
            ending: Ending::read(outcome.as_deref(), doc.flag("final"), closed),
            outcome,
            request_id: doc.text("request_id"),
            reply: doc.text("reply"),
            error: doc.text("error"),
            made: doc.text("made"),
            resent: (doc.flag("sent_again") == Some(true)).then(resent),
        }
    }

    pub(super) fn parse(text: &str) -> Self {
        Self::read(&value(text))
    }
}

impl Ending {
    /// Reads how an intent ended. The only place that decides whether an action was done or refused: an outcome word
    /// unknown to this version counts as unknown, and as open unless it is marked as final.
    fn read(outcome: Option<&str>, is_final: Option<bool>, closed: bool) -> Self {
        match (outcome, is_final) {
            (_, Some(false)) => Self::Unknown,
            (Some("done"), _) => Self::Done,
            (Some("refused"), _) => Self::Refused,
            _ if closed => Self::Closed,
            (_, Some(true)) => Self::Unknowable,
            (_, None) => Self::Unknown,
        }
    }

    /// Every ending, and that there is none yet.
    pub(crate) const ALL: [Option<Self>; 6] =
        [None, Some(Self::Done), Some(Self::Refused), Some(Self::Unknown), Some(Self::Unknowable), Some(Self::Closed)];

    /// The word by which a filter selects entries that ended so; `None`: under way.
    pub(crate) const fn word(ending: Option<Self>) -> &'static str {
        match ending {
            None => "under-way",
            Some(Self::Done) => "done",
            Some(Self::Refused) => "refused",
            Some(Self::Unknown) => "unknown",
            Some(Self::Unknowable) => "unknowable",
            Some(Self::Closed) => "closed",
        }
    }

    /// The tone of an entry by its ending; `None`: under way.
    pub(crate) const fn tone(ending: Option<Self>) -> Tone {
        match ending {
            None => Tone::Busy,
            Some(Self::Done) => Tone::Done,
            Some(Self::Refused) => Tone::Failed,
            Some(Self::Unknown | Self::Unknowable | Self::Closed) => Tone::Unknown,
        }
    }
}

impl JournalEntry {
    /// Reads the texts of an intent and its conclusions; `None` if the first is not an intent.
    pub(crate) fn read(id: i64, hash: String, texts: Vec<String>) -> Option<Self> {
        let mut values = texts.iter().map(|text| value(text));
        let intent = values.next().filter(|first| first["entry"] == "intent")?;
        let intent = RecordedIntent::read(&intent);
        let conclusions = values.map(|value| RecordedConclusion::read(&value)).collect();
        Some(Self { id, hash, intent, conclusions, texts: texts.into() })
    }

    /// How it ended by the latest conclusion; `None` while it is under way.
    pub fn ending(&self) -> Option<Ending> {
        self.conclusions.last().map(|last| last.ending)
    }

    /// True while a conclusion follows.
    pub(crate) fn is_open(&self) -> bool {
        !self.ending().is_some_and(Ending::is_final)
    }

    /// The latest outcome as stored.
    pub fn outcome(&self) -> Option<&str> {
        self.conclusions.last()?.outcome.as_deref()
    }

    /// A member from the latest conclusion that has it.
    pub fn latest(&self, part: fn(&RecordedConclusion) -> &Option<String>) -> Option<&str> {
        self.conclusions.iter().rev().find_map(|one| part(one).as_deref())
    }

    /// The time of the latest text of the entry.
    pub(crate) fn latest_at(&self) -> Timestamp {
        let at = self.conclusions.last().map_or(self.intent.at, |last| last.at);
        at.unwrap_or(OffsetDateTime::UNIX_EPOCH)
    }

    /// The intent, then each conclusion, with all members that are stored.
    pub fn parts(&self) -> Vec<Value> {
        self.texts.iter().map(|text| value(text)).collect()
    }

    /// The intent and its conclusions as one document. `journal` is the number; the `id` of each part is its place in
    /// the chain.
    pub fn document(&self) -> Value {
        let mut parts = self.parts().into_iter();
        json!({"journal": self.id, "intent": parts.next(), "settlements": parts.collect::<Vec<_>>()})
    }
}

impl OpenIntent {
    /// Reads an open intent from its entry and its conclusions.
    pub(super) fn read(id: i64, entry: &str, conclusions: &[String]) -> Self {
        let intent = RecordedIntent::read(&value(entry));
        let mut open = Self {
            id,
            at: intent.at.unwrap_or(OffsetDateTime::UNIX_EPOCH),
            platform_at: intent.platform_at,
            owner: intent.owner.clone(),
            is_unknown: false,
            intent,
        };
        for RecordedConclusion { at, resent, .. } in conclusions.iter().map(|text| RecordedConclusion::parse(text)) {
            open.is_unknown = resent.is_none();
            if let Some(Resent { owner, platform_at }) = resent {
                open.at = at.unwrap_or(open.at).max(open.at);
                (open.owner, open.platform_at) = (owner, platform_at);
            }
        }
        open
    }
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(entry: &Value) -> Ending {
        RecordedConclusion::read(entry).ending
    }

    #[test]
    fn an_outcome_of_a_later_version_is_unknown_and_neither_done_nor_refused() {
        for (outcome, is_final, expected) in [
            (json!("partly-done"), json!(true), Ending::Unknowable),
            (json!("partly-done"), json!(false), Ending::Unknown),
            (json!("partly-done"), Value::Null, Ending::Unknown),
            (json!({"done": true}), json!(true), Ending::Unknowable),
            (json!("Refused"), json!(true), Ending::Unknowable),
            // An outcome that is not final leaves the intent open.
            (json!("refused"), json!(false), Ending::Unknown),
            (json!("done"), json!(false), Ending::Unknown),
            (Value::Null, Value::Null, Ending::Unknown),
        ] {
            let read = ending(&json!({"outcome": outcome, "final": is_final}));
            assert_eq!(read, expected, "{outcome} {is_final}");
            assert!(!read.permits_repeat() && read.outcome() == "unknown");
        }
        assert_eq!(ending(&Value::Null), Ending::Unknown, "damaged");
        let later = RecordedConclusion::read(&json!({"outcome": "partly-done", "final": true}));
        assert_eq!(later.outcome.as_deref(), Some("partly-done"), "shown as it is written");
    }

    #[test]
    fn what_this_version_writes_is_read_back() {
        for (outcome, is_final, closed, expected) in [
            ("done", true, false, Ending::Done),
            ("refused", true, false, Ending::Refused),
            ("unknown", false, false, Ending::Unknown),
            ("unknown", true, false, Ending::Unknowable),
            ("unknown", true, true, Ending::Closed),
        ] {
            let mut entry = json!({"outcome": outcome, "final": is_final});
            if closed {
                entry["closed"] = json!({"operator": "x", "reason": "y"});
            }
            let read = ending(&entry);
            assert_eq!((read, read.outcome(), read.is_final()), (expected, outcome, is_final));
            assert_eq!(read.permits_repeat(), matches!(read, Ending::Refused | Ending::Closed));
        }
    }

    #[test]
    fn an_entry_of_an_earlier_or_later_version_reads_as_far_as_it_goes_and_keeps_its_text() {
        let intent = r#"{"entry":"intent","kind":"voucher","number":"V-1","action":"voucher-burn","new":[1.50]}"#;
        let texts = vec![intent.to_owned(), "damaged".to_owned()];
        let entry = JournalEntry::read(7, String::new(), texts).unwrap();
        assert_eq!((&entry.intent.object, &*entry.intent.number), (&None, "V-1"));
        assert!(entry.intent.action().is_none() && entry.intent.may_move_money());
        assert_eq!((entry.intent.at, entry.intent.method, &*entry.intent.request()), (None, None, ""));
        assert_eq!((entry.ending(), entry.outcome()), (Some(Ending::Unknown), None));
        assert_eq!(
            entry.document().to_string(),
            format!(r#"{{"journal":7,"intent":{},"settlements":[null]}}"#, entry.parts()[0])
        );
        assert_eq!(entry.parts()[0].to_string(), intent.replace("1.50", "1.5"));
        assert!(JournalEntry::read(8, String::new(), vec![r#"{"entry":"settlement"}"#.into()]).is_none());
    }
}
