//! What an action would repeat: the earlier action of the same intention, and its outcome.

use std::sync::Arc;

use serde_json::Value;
use time::OffsetDateTime;

use crate::api::ApiError;
use crate::ledger::{Ending, Fresh, JournalEntry, JournalSearch, Ledger, LedgerError, Once, RecordedIntent};
use crate::model::action::{
    ActionId, Evidence, Field, Intention, Operation, Repetition, Values, Write, evidence, made, outcome_object,
};
use crate::model::time::Timestamp;
use crate::model::{Currency, Entity, Money, Number, Object, ObjectId};
use crate::services::{Denial, Runner};

/// How many entries of an object are searched for an earlier action.
const ENTRIES: usize = 50;

/// An earlier action that a new one would repeat.
#[derive(Clone, Debug, PartialEq)]
pub struct Earlier {
    /// Its journal entry; `None` if only the object shows it.
    pub journal: Option<i64>,
    pub at: Option<Timestamp>,
    pub action: ActionId,
    /// The object it was done to.
    pub object: ObjectId,
    /// The object that shows its effect: what it made, or the same object.
    pub shows: ObjectId,
    pub amount: Option<Money>,
    pub receiver: Option<String>,
    pub became: Became,
    /// Its intended effect, and the request.
    pub(crate) intention: Intention,
    pub(crate) target: String,
    pub(crate) body: String,
}

/// The outcome of an earlier action.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    Done,
    Unknown,
    /// Another process is sending it now.
    UnderWay,
}

impl Earlier {
    /// Reads it from its entry; `None` for an entry that is not an action on an object.
    pub fn read(entry: &JournalEntry) -> Option<Self> {
        let RecordedIntent { at, object, target, body, .. } = &entry.intent;
        let action = entry.intent.action()?;
        let (intention, outcome_object) = entry.intent.intention()?;
        let last = entry.conclusions.last();
        let reply = last.and_then(|last| last.reply.as_deref()).filter(|_| action.makes.is_some());
        let shows = match last.and_then(|last| Number::parse(last.made.as_deref()?).ok()) {
            // As a query showed it, whatever the answer named.
            Some(number) => ObjectId::new(outcome_object.kind, number),
            None => {
                reply.map_or_else(|| outcome_object.clone(), |reply| made(action.id, &outcome_object, target, reply).0)
            }
        };
        Some(Self {
            journal: Some(entry.id),
            at: *at,
            action: action.id,
            object: object.clone()?,
            shows,
            amount: intention.amount(),
            receiver: intention.receiver().map(str::to_owned),
            became: match entry.ending() {
                Some(Ending::Done) => Became::Done,
                Some(Ending::Refused | Ending::Unknown | Ending::Unknowable | Ending::Closed) | None => Became::Unknown,
            },
            intention,
            target: target.clone(),
            body: body.clone(),
        })
    }

    /// Whether an operation would have the same effect.
    pub(crate) fn is_of(&self, operation: &Operation) -> bool {
        self.intention == operation.intention()
    }

    /// Whether a write is meant to be a second one, under another number.
    pub(crate) fn is_besides(&self, write: Write<'_>) -> bool {
        match write {
            Write::Operation(operation) => operation.again != Repetition::No && operation.outcome_object != self.shows,
            Write::Raw(_) => true,
        }
    }

    /// The same for what only a document shows.
    pub(crate) fn shown(operation: &Operation, known: &Fresh) -> Self {
        let at = match &*known.object.entity {
            Entity::Refund(refund) => refund.create_time,
            _ => None,
        };
        Self {
            journal: None,
            at,
            action: operation.action,
            object: operation.object.clone(),
            shows: operation.outcome_object.clone(),
            amount: operation.intention().amount(),
            receiver: operation.intention().receiver().map(str::to_owned),
            became: Became::Done,
            intention: operation.intention(),
            target: operation.target.clone(),
            body: operation.body.clone(),
        }
    }
}

impl Runner {
    /// What an operation would repeat, if it is one that is done only once.
    pub async fn earlier(&self, operation: &Operation) -> Result<Option<Earlier>, LedgerError> {
        if !operation.action.action().is_once() {
            return Ok(None);
        }
        let once = self.once(operation.again);
        let (mchid, operation) = (self.client.mchid().as_str().to_owned(), operation.clone());
        let found = move |ledger: &Ledger| {
            let meant = (&operation.intention(), &operation.outcome_object);
            let Some(id) = ledger.repeated(&mchid, &operation.object, meant, &once)? else { return Ok(None) };
            ledger.journal_entry(id)
        };
        let Some(entry) = self.ledger.run(found).await? else { return Ok(None) };
        self.read_earlier(&entry).await
    }

    /// Queries what shows an earlier action.
    pub async fn shown(&self, earlier: &Earlier) -> Result<Object, ApiError> {
        let Earlier { action, object, shows, target, body, .. } = earlier;
        // The number of some is only in the answer; without it they are searched for by what was sent.
        let unnumbered = outcome_object(*action, object, body).as_ref() == Some(shows);
        if action.action().is_numbered_by_the_answer() && unnumbered {
            let sent_at = earlier.at.unwrap_or(OffsetDateTime::UNIX_EPOCH);
            if let (_, Some(found)) = self.probe_outcome(*action, shows, target, body, sent_at).await? {
                return Ok(found);
            }
            return self.look(object).await;
        }
        self.look(shows).await
    }

    pub(crate) fn once(&self, again: Repetition) -> Once {
        Once { since: OffsetDateTime::now_utc() - self.actor.rules.repeat_within, again }
    }

    /// Reads an entry, and whether it is still being sent.
    async fn read_earlier(&self, entry: &JournalEntry) -> Result<Option<Earlier>, LedgerError> {
        let Some(mut earlier) = Earlier::read(entry) else { return Ok(None) };
        if earlier.became == Became::Unknown && self.is_under_way(entry.id).await? {
            earlier.became = Became::UnderWay;
        }
        Ok(Some(earlier))
    }

    /// An entry as an earlier action.
    pub(crate) async fn earlier_of(&self, journal: i64) -> Result<Option<Earlier>, LedgerError> {
        match self.ledger.run(move |ledger| ledger.journal_entry(journal)).await? {
            Some(entry) => self.read_earlier(&entry).await,
            None => Ok(None),
        }
    }

    /// Whether the process that wrote an entry may still be sending it.
    async fn is_under_way(&self, journal: i64) -> Result<bool, LedgerError> {
        let (profile, unwritten) = (self.actor.key.clone(), self.unwritten.clone());
        let under_way = move |ledger: &Ledger| {
            let open = ledger.open_intents(&profile)?;
            let open = open.iter().find(|open| open.id == journal && unwritten.get(open.id).is_none());
            Ok(open.is_some_and(|open| ledger.is_under_way(open)))
        };
        self.ledger.run(under_way).await
    }

    /// An action on an object is no longer legal: was this same action done to it before? `given` are the requested
    /// values; a value that is not given matches anything. What is still open is queried.
    pub(crate) async fn done_before(
        &self,
        action: ActionId,
        object: &ObjectId,
        given: &Values,
    ) -> Result<Option<Earlier>, Denial> {
        let unreadable = |error| Denial::Journal(Arc::new(error));
        let (profile, of) = (self.actor.key.clone(), object.clone());
        let entries = move |ledger: &Ledger| {
            let search = JournalSearch {
                profile: Some(&profile),
                object: Some(&of),
                limit: ENTRIES,
                ..JournalSearch::default()
            };
            ledger.journal_entries(&search)
        };
        let since = self.once(Repetition::No).since;
        for entry in self.ledger.run(entries).await.map_err(unreadable)? {
            if entry.ending().is_some_and(Ending::permits_repeat) {
                continue;
            }
            let Some(mut earlier) = self.read_earlier(&entry).await.map_err(unreadable)? else { continue };
            if earlier.action != action || !is_as_given(&earlier, given) {
                continue;
            }
            if earlier.became == Became::Unknown && self.resolve_one(entry.id).await == Some(Ending::Done) {
                earlier = self.earlier_of(entry.id).await.map_err(unreadable)?.unwrap_or(earlier);
            }
            return Ok(match earlier.became {
                Became::Done if entry.latest_at() < since => None,
                Became::Done if !self.still_shows(&earlier).await.map_err(unreadable)? => None,
                Became::Done | Became::Unknown | Became::UnderWay => Some(earlier),
            });
        }
        Ok(None)
    }

    /// Whether the object of an action still shows its effect. What it made is a separate object.
    async fn still_shows(&self, earlier: &Earlier) -> Result<bool, LedgerError> {
        if earlier.action.action().makes.is_some() {
            return Ok(true);
        }
        let Earlier { action, shows, body, .. } = earlier;
        let known = self.known(shows).await?;
        Ok(known.is_some_and(|known| evidence(*action, body, &known.object.entity) == Evidence::Effect))
    }
}

/// Whether an earlier action is the one that is requested now: every given value that decides its effect (which user,
/// detail or card) was sent. What was encrypted cannot be compared, so it is not the same.
fn is_as_given(earlier: &Earlier, given: &Values) -> bool {
    let sent: Value = serde_json::from_str(&earlier.body).unwrap_or_default();
    let text = |name: &str| given.get(name).map(|text| text.trim());
    let filled = |name: &str| text(name).filter(|text| !text.is_empty());
    let currency = earlier.amount.map_or(Currency::CNY, |amount| amount.currency);
    // There is no default for a receiver that is not given.
    let receiver = earlier.receiver.as_deref().is_none_or(|receiver| text("openid") == Some(receiver));
    let same = |field: &Field| match (field.name, filled(field.name)) {
        (_, None) | ("openid" | "reason" | "notify-url", _) => true,
        ("amount", Some(text)) => earlier.amount.is_none_or(|amount| field.money(text, currency) == Some(amount)),
        ("number", Some(number)) if field.at.is_empty() => earlier.shows.number.as_str() == number,
        (_, Some(_)) if field.kind.is_secret() => false,
        (_, Some(_)) if field.at.is_empty() => true,
        (_, Some(text)) => {
            let pointer = format!("/{}", field.at.trim_start_matches('/'));
            sent.pointer(&pointer).is_some_and(|sent| *sent == field.value(text, currency))
        }
    };
    receiver && earlier.action.action().fields.iter().all(same)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;
    use serde_json::json;

    fn entry(action: &str, body: &Value, conclusions: Vec<Value>) -> JournalEntry {
        let intent = json!({
            "entry": "intent", "at": "2026-11-21T10:00:00.000Z", "action": action, "kind": "transaction", "number": "T-000001",
            "method": "POST", "target": "/v3/refund/domestic/refunds", "body": body.to_string(),
        });
        let texts = [intent].iter().chain(&conclusions).map(Value::to_string).collect();
        JournalEntry::read(7, String::new(), texts).unwrap()
    }

    fn refund() -> Value {
        json!({"transaction_id": "4200001", "out_refund_no": "R-1", "amount": {"refund": 500, "total": 900, "currency": "CNY"}})
    }

    #[test]
    fn an_earlier_refund_is_read_with_its_amount_and_the_refund_that_shows_it() {
        for (action, conclusions, became) in [
            ("transaction-refund", vec![], Became::Unknown),
            ("transaction-refund", vec![json!({"outcome": "unknown"})], Became::Unknown),
            ("transaction-refund", vec![json!({"outcome": "done", "reply": refund().to_string()})], Became::Done),
            // A raw request with the same effect.
            ("api", vec![json!({"outcome": "done"})], Became::Done),
        ] {
            let earlier = Earlier::read(&entry(action, &refund(), conclusions)).unwrap();
            assert_eq!((earlier.journal, earlier.became), (Some(7), became));
            assert_eq!((earlier.action, earlier.amount), (ActionId::TransactionRefund, Some(Money::cny(500))));
            assert_eq!((earlier.shows.kind, earlier.shows.number.as_str()), (Kind::Refund, "R-1"));
        }
        let sent = |conclusions: Vec<Value>| {
            let mut sent = entry("stock-send", &json!({"stock_id": "17", "out_request_no": "Q-1"}), conclusions);
            sent.intent.object = Some(ObjectId { kind: Kind::Stock, ..sent.intent.object.unwrap() });
            sent.intent.target = "/v3/marketing/favor/users/oMine/coupons".into();
            Earlier::read(&sent).unwrap()
        };
        assert_eq!(sent(vec![]).shows.label(), "field-request-number");
        let reply = json!({"coupon_id": "99"}).to_string();
        for (made, shows) in [(Value::Null, "99@oMine"), ("98@oMine".into(), "98@oMine")] {
            let shown = sent(vec![json!({"outcome": "done", "reply": reply, "made": made})]).shows;
            assert_eq!((shown.number.as_str(), &*shown.label()), (shows, "kind-coupon"), "what a query showed");
        }
        let mut unknown = entry("of a later version", &Value::Null, vec![]);
        unknown.intent.target = "/v3/later".into();
        assert_eq!(Earlier::read(&unknown), None);
    }

    #[test]
    fn an_earlier_action_matches_an_equal_request() {
        let earlier = Earlier::read(&entry("transaction-refund", &refund(), vec![])).unwrap();
        let given = |values: &[(&'static str, &str)]| {
            is_as_given(&earlier, &values.iter().map(|(name, text)| (*name, (*text).to_owned())).collect())
        };
        assert!(given(&[]) && given(&[("amount", "5")]) && given(&[("amount", "5.00"), ("number", "R-1")]));
        assert!(!given(&[("amount", "5.01")]) && !given(&[("amount", "x")]) && !given(&[("number", "R-2")]));
        // Yen have no decimals.
        let mut yen = refund();
        yen["amount"]["currency"] = "JPY".into();
        let earlier = Earlier::read(&entry("transaction-refund", &yen, vec![])).unwrap();
        let given = |amount: &str| is_as_given(&earlier, &Values::from([("amount", amount.to_owned())]));
        assert!(given("500") && !given("5") && !given("5.00"));
    }

    #[test]
    fn an_earlier_action_for_another_does_not_match() {
        let read = |action: &str, kind: Kind, target: &str, body: Value| {
            let mut entry = entry(action, &body, vec![json!({"outcome": "done"})]);
            entry.intent.object = Some(ObjectId { kind, ..entry.intent.object.unwrap() });
            entry.intent.target = target.into();
            Earlier::read(&entry).unwrap()
        };
        let same = |earlier: &Earlier, values: &[(&'static str, &str)]| {
            is_as_given(earlier, &values.iter().map(|(name, text)| (*name, (*text).to_owned())).collect())
        };
        let target = "/v3/marketing/favor/users/oA/coupons";
        let coupon = read("stock-send", Kind::Stock, target, json!({"stock_id": "17", "out_request_no": "Q-1"}));
        assert!(same(&coupon, &[("openid", "oA")]) && same(&coupon, &[("openid", "oA"), ("number", "Q-1")]));
        for other in [&[("openid", "oB")][..], &[("openid", "")], &[], &[("openid", "oA"), ("number", "Q-2")]] {
            assert!(!same(&coupon, other), "{other:?}");
        }
        let body = json!({"plan_detail_no": 2, "out_trade_no": "S-1-02"});
        let order = read("sign-plan-order", Kind::SignPlan, "/v3/payscore/sign-plan/x", body);
        assert!(same(&order, &[("detail", "2")]) && same(&order, &[]) && !same(&order, &[("detail", "3")]));
        let body =
            json!({"type": "USER_BANK_CARD", "bank_type": "CMB_DEBIT", "bank_account": "eA==", "real_name": "eQ=="});
        let card =
            read("refund-apply-abnormal", Kind::Refund, "/v3/refund/domestic/refunds/5/apply-abnormal-refund", body);
        assert!(same(&card, &[("type", "USER_BANK_CARD")]) && !same(&card, &[("type", "MERCHANT_BANK_CARD")]));
        assert!(!same(&card, &[("type", "USER_BANK_CARD"), ("bank-account", "6225880123456789")]));
    }
}
