//! The journal: what was to be sent, committed before it leaves, and what became of it. Entries are only ever added,
//! and each carries the hash of the one before it, so that a changed, removed or reordered entry shows.
//!
//! An entry is one JSON text. Its hash is SHA-256 over exactly these bytes, in lower-case hexadecimal; its member
//! `prev` is the hash of the entry before it, 64 zeros for the first; its member `id` counts from 1 without gaps.
//! `paydeck journal export` writes one `{"hash":…,"entry":"…"}` a line, where `entry` is that text: whoever wants to
//! verify a journal without Paydeck hashes each `entry` and follows `prev`.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use super::LedgerError;
use crate::model::action::{Action, ActionId, Again, ConfirmedBy, Intention, RawWrite, witness};
use crate::model::time::rfc3339_millis;
use crate::model::{Document, Kind, Method, Number, ObjectId};

/// The hash before the first entry.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Who is about to do what.
#[derive(Clone, Debug)]
pub struct Intent {
    pub at: OffsetDateTime,
    /// The same by the platform's clock, if an answer of its own has told it.
    pub platform_at: Option<OffsetDateTime>,
    pub operator: String,
    pub profile: String,
    pub mchid: String,
    /// The catalogue's name, or `api` for a raw request.
    pub action: String,
    /// The object, by whose number the request is idempotent; none for a raw request that comes to no action.
    pub object: Option<ObjectId>,
    pub method: Method,
    pub target: String,
    /// The exact body.
    pub body: String,
    /// The object's state when it was confirmed, and its document as far as the ledger has it.
    pub state: String,
    pub before: Option<String>,
    /// The latest entry about the object when the preview was made ([`super::engine::Journal::latest_entry`]); `None`
    /// for a raw request, which has no preview.
    pub seen: Option<i64>,
    /// How it was confirmed, and why it is done.
    pub confirmed: ConfirmedBy,
    /// How many objects were confirmed together: 1, or those of a bulk action.
    pub objects: usize,
    pub reason: Option<String>,
    /// Set for what has its effect again each time it is sent: it must not be there already.
    pub once: Option<Once>,
}

/// What bars a second effect of the same intention.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Once {
    /// What was done before this does not bar it; what is still open does, however old it is.
    pub since: OffsetDateTime,
    pub again: Again,
}

/// How an intent ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    Done,
    Refused,
    /// Nobody knows yet: another settlement is to follow.
    Unknown,
    /// Nobody will ever know: the action leaves no trace that a query shows.
    Untold,
    /// Nothing could tell, and a person ended it, with a reason.
    Closed,
}

impl Ending {
    /// Reads what a final settlement's entry says.
    pub(super) fn of_entry(entry: &str) -> Self {
        let value: Value = serde_json::from_str(entry).unwrap_or(Value::Null);
        match value["outcome"].as_str() {
            Some("done") => Self::Done,
            Some("refused") => Self::Refused,
            _ if value["closed"].is_object() => Self::Closed,
            _ => Self::Untold,
        }
    }

    /// The word for it: the contract's three outcomes.
    pub const fn outcome(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Unknown | Self::Untold | Self::Closed => "unknown",
        }
    }

    /// False while another settlement is to follow.
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Unknown)
    }
}

/// What became of an intent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settlement {
    pub ending: Ending,
    pub request_id: Option<String>,
    /// The verified reply.
    pub reply: Option<String>,
    pub error: Option<String>,
    /// Of an entry that a person ended.
    pub closed: Option<Box<Closing>>,
    /// The number of the stock or coupon that it made, as a query showed it: an answer that proves nothing may name
    /// another.
    pub made: Option<String>,
}

impl Settlement {
    /// What is known so far, and nothing more.
    pub fn of(ending: Ending) -> Self {
        Self { ending, request_id: None, reply: None, error: None, closed: None, made: None }
    }
}

/// Who ended an entry that nothing could tell about, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Closing {
    pub operator: String,
    pub reason: String,
}

/// An intent whose end is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    pub id: i64,
    /// When it was sent, the last time.
    pub at: OffsetDateTime,
    /// The same by the platform's clock, if that was known.
    pub platform_at: Option<OffsetDateTime>,
    pub action: String,
    pub object: Option<ObjectId>,
    pub method: Method,
    pub target: String,
    pub body: String,
    /// The process that wrote it, or sent it again.
    pub owner: String,
    /// True if a settlement already says that it is unknown: nobody is sending it any more.
    pub told_unknown: bool,
}

/// An intent with its settlements.
#[derive(Clone, Debug, PartialEq)]
pub struct JournalEntry {
    pub id: i64,
    /// The hash of the intent's text.
    pub hash: String,
    pub intent: Value,
    pub settlements: Vec<Value>,
}

impl JournalEntry {
    /// The intent and what became of it, as one document.
    pub fn document(&self) -> Value {
        json!({"intent": self.intent, "settlements": self.settlements})
    }
}

/// Why an intent was not written.
#[derive(Debug, thiserror::Error)]
pub enum IntendError {
    /// Another intent on the same object has not ended; its number.
    #[error("journal entry {0} on the same object has not ended")]
    Busy(i64),
    /// It would be a second one of the same intention; the entry of the first.
    #[error("journal entry {0} did this already, or may have")]
    Repeated(i64),
    /// The very same raw request has not ended; its entry.
    #[error("journal entry {0} holds the same request and has not ended")]
    SameRequest(i64),
    /// Something was done to the object after the preview was made.
    #[error("journal entry {0} on the same object is later than the preview")]
    Overtaken(i64),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// The first thing that is wrong with a journal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("entry {0} is missing")]
    Missing(i64),
    #[error("entry {0} was changed: its hash does not match its text")]
    Changed(i64),
    #[error("entry {0} does not follow the one before it")]
    Order(i64),
    #[error("the index of entry {0} does not match its text")]
    Index(i64),
    #[error("entry {0}, the latest, is not the one recorded as the latest")]
    Head(i64),
}

impl Intent {
    /// The entry that says it, before it has its place in the chain. `owner` is the process that will send it.
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

impl Settlement {
    /// The entry that says it, before it has its place in the chain.
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

/// The entry that says that an open intent is sent once more under its number, by the process `owner`.
pub(super) fn sent_again(intent: i64, at: OffsetDateTime, platform_at: Option<OffsetDateTime>, owner: &str) -> Value {
    json!({
        "at": rfc3339_millis(at), "entry": "settlement", "of": intent, "outcome": Ending::Unknown.outcome(),
        "final": false, "sent_again": true, "platform_at": platform_at.map(rfc3339_millis), "owner": owner,
    })
}

impl Open {
    /// Reads an intent that has not ended from its entry and what was written of it since.
    pub(super) fn read(id: i64, entry: &str, settlements: &[String]) -> Self {
        let mut open = Self::read_intent(id, entry);
        for settlement in settlements {
            let value: Value = serde_json::from_str(settlement).unwrap_or(Value::Null);
            let doc = Document::new(&value);
            open.told_unknown = doc.flag("sent_again") != Some(true);
            if !open.told_unknown {
                open.at = doc.time("at").unwrap_or(open.at).max(open.at);
                open.platform_at = doc.time("platform_at");
                open.owner = doc.text("owner").unwrap_or_default();
            }
        }
        open
    }

    fn read_intent(id: i64, entry: &str) -> Self {
        let value: Value = serde_json::from_str(entry).unwrap_or(Value::Null);
        let doc = Document::new(&value);
        let part = |name: &str| doc.text(name).unwrap_or_default();
        let object = Kind::from_noun(&part("kind")).zip(Number::parse(&part("number")).ok());
        Self {
            id,
            at: doc.time("at").unwrap_or(OffsetDateTime::UNIX_EPOCH),
            platform_at: doc.time("platform_at"),
            action: part("action"),
            object: object.map(|(kind, number)| ObjectId::new(kind, number)),
            method: Method::parse(&part("method")).unwrap_or(Method::Post),
            target: part("target"),
            body: part("body"),
            owner: part("owner"),
            told_unknown: false,
        }
    }
}

impl Intent {
    /// What it is meant to bring about, if it is an action on, or the making of, an object.
    pub(super) fn intention(&self) -> Option<(Intention, ObjectId)> {
        meant(&self.action, self.object.as_ref()?, self.method, &self.target, &self.body)
    }
}

impl Open {
    /// What it was meant to bring about, and the object that shows it.
    pub fn intention(&self) -> Option<(Intention, ObjectId)> {
        meant(&self.action, self.object.as_ref()?, self.method, &self.target, &self.body)
    }

    /// Whether it may have moved money, as far as its request tells.
    pub fn may_move_money(&self) -> bool {
        let named = Action::named(&self.action);
        let raw = RawWrite::new(self.method, &self.target, &self.body, None);
        let reached = named.or_else(|| Some(raw.as_ref()?.action()?.action()));
        match reached {
            Some(action) => action.moves_money(),
            // An amount that cannot be read may be any.
            None if self.action == "api" => raw.is_none_or(|raw| !matches!(raw.amount(), Ok(None))),
            // An action of a later version.
            None => true,
        }
    }

    /// Whether it bars an intent on the same object. A coupon bars nothing but the same coupon: it changes nothing about
    /// its stock.
    pub(super) fn bars(&self, intent: &Intent) -> bool {
        let (open, new) = (self.intention().map(|(open, _)| open), intent.intention().map(|(new, _)| new));
        let sends = open.as_ref().is_some_and(|open| open.action() == ActionId::StockSend);
        !sends || open == new
    }
}

/// Whether two bodies say the same, however they are spaced and ordered.
pub(super) fn same_body(one: &str, other: &str) -> bool {
    let parse = |text: &str| serde_json::from_str::<Value>(text).ok();
    one == other || parse(one).zip(parse(other)).is_some_and(|(one, other)| one == other)
}

/// What a request is meant to bring about and the object that shows it; a raw one is known by its path.
fn meant(action: &str, object: &ObjectId, method: Method, target: &str, body: &str) -> Option<(Intention, ObjectId)> {
    let named = Action::named(action).map(|action| action.id);
    let action = named.or_else(|| RawWrite::new(method, target, body, None)?.action())?;
    let witness = witness(action, object, body).unwrap_or_else(|| object.clone());
    Some((Intention::of(action, object, target, body), witness))
}

/// An entry with its place in the chain, ready to be stored.
pub(super) struct Chained {
    pub id: i64,
    pub hash: String,
    pub text: String,
    pub index: Index,
}

impl Chained {
    /// Puts an entry behind the last one, given by its number and hash.
    pub fn new(last: Option<(i64, String)>, mut entry: Value) -> Self {
        let (last, prev) = last.unwrap_or((0, GENESIS.to_owned()));
        let id = last + 1;
        entry["id"] = id.into();
        entry["prev"] = prev.into();
        let (index, text) = (Index::of(&entry), entry.to_string());
        Self { id, hash: sha256_hex(&text), text, index }
    }
}

/// The columns beside an entry by which it is found.
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

/// Follows the chain, entry by entry.
pub(super) struct Verifier {
    expected: i64,
    prev: String,
}

impl Verifier {
    pub fn new() -> Self {
        Self { expected: 1, prev: GENESIS.to_owned() }
    }

    /// Checks the next stored entry.
    pub fn check(&mut self, stored: Chained) -> Result<(), Broken> {
        let Chained { id, hash, text, index } = stored;
        let entry: Value = serde_json::from_str(&text).unwrap_or(Value::Null);
        match () {
            () if id != self.expected => return Err(Broken::Missing(self.expected)),
            () if !has_hash(&text, &hash) => return Err(Broken::Changed(id)),
            () if entry["id"] != id || entry["prev"] != self.prev.as_str() => return Err(Broken::Order(id)),
            () if Index::of(&entry) != index => return Err(Broken::Index(id)),
            () => {}
        }
        (self.expected, self.prev) = (self.expected + 1, hash);
        Ok(())
    }

    /// The entry that is to come next.
    pub fn expected(&self) -> i64 {
        self.expected
    }

    /// The end, given the highest number ever given, and the hash of the latest entry, if it was stored: entries removed from the
    /// end leave a gap, too, and the latest cannot be replaced by another that fits its own hash.
    pub fn end(self, last: Option<i64>, head: Option<String>) -> Result<i64, Broken> {
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
