//! The journal: intents, committed before they are sent, and their outcomes. Records are only appended, and each
//! carries the hash of the one before it, so that a changed, removed or reordered record is detected.
//!
//! An entry is an intent with its conclusions. People name it by its number, which counts the intents: 1, 2, 3. Numbers
//! are no part of the records; the engine keeps them beside.
//!
//! A record is one JSON text. Its hash is SHA-256 over exactly these bytes, in lower-case hexadecimal; its member
//! `prev` is the hash of the record before it, 64 zeros for the first; its member `id` counts from 1 without gaps.
//! `paydeck journal export` writes one `{"hash":…,"entry":"…"}` a line, where `entry` is that text: to verify
//! a journal without Paydeck, hash each `entry` and follow `prev`. In the texts a [`Conclusion`] is called a settlement.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::{Broken, DifferenceClosing, LedgerError};
use crate::model::action::{Action, ActionId, ConfirmedBy, Intention, RawWrite, Repetition, outcome_object};
use crate::model::reconcile::BookDifference;
use crate::model::time::rfc3339_millis;
use crate::model::{Method, Money, ObjectId};

/// The hash before the first entry.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who is about to do what.
#[derive(Clone, Debug)]
pub struct Intent {
    pub at: OffsetDateTime,
    /// The same time by the platform's clock, if an answer has shown it.
    pub platform_at: Option<OffsetDateTime>,
    pub operator: String,
    pub profile: String,
    pub mchid: String,
    /// The action's name, or `api` for a raw request.
    pub action: String,
    /// The object by whose number the request is idempotent; `None` for a raw request that is not a known action.
    pub object: Option<ObjectId>,
    pub method: Method,
    pub target: String,
    /// The exact body.
    pub body: String,
    /// The object's state when it was confirmed, and its document as far as the ledger has it.
    pub state: String,
    pub before: Option<String>,
    /// The latest record about the object when the preview was made ([`super::engine::Journal::latest_entry`]); `None`
    /// for a raw request, which has no preview.
    pub seen: Option<i64>,
    /// How it was confirmed, and the reason given.
    pub confirmed: ConfirmedBy,
    /// The number of objects confirmed together: 1, or the size of a bulk action.
    pub objects: usize,
    pub reason: Option<String>,
    /// Set for requests that take effect again each time they are sent: there must be no earlier one.
    pub once: Option<Once>,
}

/// What prevents the same effect from happening twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// Entries done before this time do not block it; open ones do, however old they are.
    pub since: OffsetDateTime,
    pub again: Repetition,
}

/// How an intent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Done,
    Refused,
    /// Not yet known: another conclusion follows.
    Unknown,
    /// It stays unknown: no query shows the action's effect.
    Unknowable,
    /// Unknown, and closed by a person with a reason.
    Closed,
}

impl Ending {
    /// Its stored word: one of three outcomes.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown | Self::Unknowable | Self::Closed => "unknown",
        }
    }

    /// False while another conclusion follows.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Unknown)
    }

    /// True if the same may be done again without a question: it had no effect, or a person took responsibility.
    pub(crate) const fn permits_repeat(self) -> bool {
        matches!(self, Self::Refused | Self::Closed)
    }
}

/// The outcome of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conclusion {
    pub ending: Ending,
    pub request_id: Option<String>,
    /// The verified reply.
    pub reply: Option<String>,
    pub error: Option<String>,
    /// Set if a person closed it.
    pub closed: Option<Box<Closing>>,
    /// The number of the created stock or coupon, as shown by a query: an unproven answer may name another one.
    pub made: Option<String>,
}

impl Conclusion {
    /// A conclusion with no further details.
    pub fn of(ending: Ending) -> Self {
        Self { ending, request_id: None, reply: None, error: None, closed: None, made: None }
    }
}

/// The person who closed an entry with an unknown outcome, and their reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub operator: String,
    pub reason: String,
}

/// Why an intent was not written.
#[derive(Debug, thiserror::Error)]
pub enum IntendError {
    /// Another intent on the same object is open; the number of its entry.
    #[error("journal entry {0} on the same object has not ended")]
    Busy(i64),
    /// An earlier entry had the same intended effect; its number.
    #[error("journal entry {0} did this already, or may have")]
    Repeated(i64),
    /// The same raw request is still open; the number of its entry.
    #[error("journal entry {0} holds the same request and has not ended")]
    SameRequest(i64),
    /// Something was done to the object after the preview was made; the record, not the number of an entry.
    #[error("journal record {0} on the same object is later than the preview")]
    Overtaken(i64),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

impl Intent {
    /// The record, not yet in the chain. `owner` is the process that will send it.
    pub(super) fn entry(&self, owner: &str) -> Value {
        let Self { operator, profile, mchid, action, target, body, state, before, reason, .. } = self;
        let (kind, number) = self.object.as_ref().map_or(("", ""), |id| (id.kind.noun(), id.number.as_str()));
        json!({
            "at": rfc3339_millis(self.at), "platform_at": self.platform_at.map(rfc3339_millis),
            "entry": "intent", "owner": owner, "operator": operator,
            "profile": profile, "mchid": mchid, "action": action, "kind": kind, "number": number,
            "method": self.method.as_str(), "target": target, "body": body, "state": state, "before": before,
            "confirmed": self.confirmed.as_str(), "objects": self.objects, "reason": reason,
        })
    }
}

/// The action of a person's decision about a difference between the books.
pub(crate) const CLOSE_DIFFERENCE: &str = "difference-close";

/// The record of a decision about a difference, not yet in the chain: an intent of which nothing is sent, as its member
/// `sent` says. Its body is the difference that was decided on.
pub(super) fn decision(
    profile: &str,
    object: Option<&ObjectId>,
    difference: &BookDifference,
    closing: &DifferenceClosing,
    owner: &str,
) -> Value {
    let (kind, number) = object.map_or(("", ""), |id| (id.kind.noun(), id.number.as_str()));
    let BookDifference { class, why, movement, number: of, order, day, amount, currency, .. } = difference;
    let body = json!({
        "difference": class.word(), "why": why.word(), "movement": movement.word(), "number": of, "order": order,
        "day": crate::model::time::day(*day), "amount": Money { minor: *amount, currency: *currency }.plain(),
        "currency": currency.code(),
    });
    json!({
        "at": rfc3339_millis(closing.at), "entry": "intent", "owner": owner, "operator": closing.operator,
        "profile": profile, "mchid": closing.mchid, "action": CLOSE_DIFFERENCE, "kind": kind, "number": number,
        "method": "", "target": "", "sent": false, "body": body.to_string(), "state": class.word(), "before": null,
        "confirmed": ConfirmedBy::Yes.as_str(), "objects": 1, "reason": closing.reason,
    })
}

impl Conclusion {
    /// The record, not yet in the chain. `intent` is the id of the intent's record.
    pub(super) fn entry(&self, intent: i64, at: OffsetDateTime) -> Value {
        let Self { ending, request_id, reply, error, closed, made } = self;
        let mut entry = json!({
            "at": rfc3339_millis(at), "entry": "settlement", "of": intent, "outcome": ending.outcome(),
            "final": ending.is_final(), "request_id": request_id, "reply": reply, "error": error,
        });
        if let Some(closing) = closed {
            let Closing { operator, reason } = &**closing;
            entry["closed"] = json!({"operator": operator, "reason": reason});
        }
        if let Some(made) = made {
            entry["made"] = made.as_str().into();
        }
        entry
    }
}

/// The record that the process `owner` sends an open intent again; `intent` is the id of the intent's record.
pub(super) fn sent_again(intent: i64, at: OffsetDateTime, platform_at: Option<OffsetDateTime>, owner: &str) -> Value {
    json!({
        "at": rfc3339_millis(at), "entry": "settlement", "of": intent, "outcome": Ending::Unknown.outcome(),
        "final": false, "sent_again": true, "platform_at": platform_at.map(rfc3339_millis), "owner": owner,
    })
}

impl Intent {
    /// Its intended effect, if it acts on or creates an object.
    pub(super) fn intention(&self) -> Option<(Intention, ObjectId)> {
        let action = Action::named(&self.action).map(|action| action.id);
        let raw = || RawWrite::new(self.method, &self.target, &self.body, None)?.action();
        Some(meant(action.or_else(raw)?, self.object.as_ref()?, &self.target, &self.body))
    }
}

/// Whether two bodies are equal, ignoring white space and the order of members.
pub(super) fn same_body(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || parse(one).zip(parse(other)).is_some_and(|(one, other)| one == other)
}

/// The intended effect of an action, and the object that shows it.
pub(super) fn meant(action: ActionId, object: &ObjectId, target: &str, body: &str) -> (Intention, ObjectId) {
    let outcome_object = outcome_object(action, object, body).unwrap_or_else(|| object.clone());
    (Intention::of(action, object, target, body), outcome_object)
}

/// An entry with its place in the chain, ready to be stored.
pub(super) struct Chained {
    pub id: i64,
    pub hash: String,
    pub text: String,
    pub index: Index,
}

impl Chained {
    /// Chains an entry to the last one, given by number and hash.
    pub(super) fn new(last: Option<(i64, String)>, mut entry: Value) -> Self {
        let (last, prev) = last.unwrap_or((0, GENESIS.to_owned()));
        let id = last + 1;
        entry["id"] = id.into();
        entry["prev"] = prev.into();
        let (index, text) = (Index::of(&entry), entry.to_string());
        Self { id, hash: sha256_hex(&text), text, index }
    }
}

/// The index columns of an entry.
#[derive(PartialEq)]
pub(super) struct Index {
    pub profile: Option<String>,
    pub kind: Option<String>,
    pub number: Option<String>,
    pub of: Option<i64>,
    pub is_final: Option<bool>,
}

impl Index {
    fn of(entry: &Value) -> Self {
        let text = |name: &str| entry[name].as_str().map(str::to_owned);
        Self {
            profile: text("profile"),
            kind: text("kind"),
            number: text("number"),
            of: entry["of"].as_i64(),
            is_final: entry["final"].as_bool(),
        }
    }
}

/// Follows the chain, record by record.
pub(super) struct Verifier {
    expected: i64,
    prev: String,
    intents: i64,
}

impl Verifier {
    pub(super) fn new() -> Self {
        Self { expected: 1, prev: GENESIS.to_owned(), intents: 0 }
    }

    /// Checks the next stored record. `number`: as an intent, if it is stored as one.
    pub(super) fn check(&mut self, stored: Chained, number: Option<i64>) -> Result<(), Broken> {
        let Chained { id, hash, text, index } = stored;
        let entry: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        if id != self.expected {
            return Err(Broken::Missing(self.expected));
        }
        if !has_hash(&text, &hash) {
            return Err(Broken::Changed(id));
        }
        if entry["id"] != id || entry["prev"] != self.prev.as_str() {
            return Err(Broken::Order(id));
        }
        if Index::of(&entry) != index {
            return Err(Broken::Index(id));
        }
        let is_intent = index.of.is_none();
        self.intents += i64::from(is_intent);
        if number != is_intent.then_some(self.intents) {
            return Err(Broken::Number(id));
        }
        (self.expected, self.prev) = (self.expected + 1, hash);
        Ok(())
    }

    /// The id of the next record.
    pub(super) fn expected(&self) -> i64 {
        self.expected
    }

    /// Checks the end of the chain against the highest number ever assigned and the stored hash of the latest entry, if
    /// there is one: this detects entries removed from the end, and a latest entry replaced by another with a matching
    /// hash of its own.
    pub(super) fn end(self, last: Option<i64>, head: Option<String>) -> Result<i64, Broken> {
        let count = self.expected - 1;
        match last.unwrap_or(0) {
            last if last > count => Err(Broken::Missing(self.expected)),
            last if last < count || head.is_some_and(|head| head != self.prev) => Err(Broken::Head(count)),
            _ => Ok(count),
        }
    }
}

/// Whether a text has this hash.
pub(super) fn has_hash(text: &str, hash: &str) -> bool {
    sha256_hex(text) == hash
}

fn sha256_hex(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|b| format!("{b:02x}")).collect()
}
