//! An object: the verified document as it was received, and what Paydeck read from it.

use std::sync::Arc;

use serde_json::Value;

use super::query::Asking;
use super::subject::Subject;
use super::time::Timestamp;
use super::{
    DatedEvent, Document, DocumentError, EndpointId, Entity, Fact, Kind, Link, MissingSetting, Money, Number, ObjectId,
    State,
};

/// Progress: how much of how much is done. Units depend on the kind: details, fen, coupons.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    pub done: u64,
    pub total: u64,
}

impl Progress {
    /// 0–100. If there is nothing to do, the progress is 0.
    pub(crate) fn percent(&self) -> u16 {
        let share = u128::from(self.done) * 100 / u128::from(self.total.max(1));
        u16::try_from(share.min(100)).unwrap_or(100)
    }
}

/// An object as WeChat Pay returned it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Object {
    pub id: ObjectId,
    pub entity: Arc<Entity>,
    /// The exact text received and verified.
    pub raw: Arc<str>,
}

impl Object {
    /// Reads a document of a kind. Unknown members stay in `raw`.
    pub fn parse(kind: Kind, raw: &str) -> Result<Self, DocumentError> {
        let value: Value = serde_json::from_str(raw)?;
        Self::from_value(kind, &value, raw.into())
    }

    /// The same for a document inside another (a row of a list).
    pub(crate) fn from_value(kind: Kind, value: &Value, raw: Arc<str>) -> Result<Self, DocumentError> {
        let doc = Document::new(value);
        let field = kind.number_field();
        let number = kind.number_in(doc).ok_or(DocumentError::Missing(field))?;
        let number = Number::parse(&number).map_err(|source| DocumentError::Number { field, source })?;
        let entity = kind.read(doc);
        Ok(Self { id: ObjectId::new(kind, number), entity: Arc::new(entity), raw })
    }

    /// Reads a document as the object that was queried, under the number that was queried. A document about another
    /// object keeps the number it names itself.
    pub(crate) fn parse_as(id: &ObjectId, raw: &str) -> Result<Self, DocumentError> {
        let mut object = Self::parse(id.kind, raw)?;
        if Arc::make_mut(&mut object.entity).takes_number(&object.id, id) {
            object.id = id.clone();
        }
        Ok(object)
    }
}

/// What every kind reads from its documents. The file of each kind implements it, and an [`Entity`] dereferences to it.
pub trait Properties {
    fn read(doc: Document<'_>) -> Self
    where
        Self: Sized;

    /// The number that a document names its object by.
    fn number_in(doc: Document<'_>, kind: Kind) -> Option<String>
    where
        Self: Sized,
    {
        doc.text(kind.number_field())
    }

    /// Takes the number that was queried, if the object may be known by it in place of its own.
    fn takes_number(&mut self, _own: &ObjectId, _asked: &ObjectId) -> bool {
        false
    }

    fn state(&self) -> State;

    /// The meaning of a code of [`Properties::state`].
    fn state_of(code: &str) -> State
    where
        Self: Sized;

    /// Whether this is a known code of a state, or a part of one.
    fn knows_state(name: &str) -> bool
    where
        Self: Sized,
    {
        Self::state_of(name).meaning.is_some()
    }

    /// Since when it is in its state, if the document has that time.
    fn since(&self) -> Option<Timestamp>;

    /// Its name, or its purpose. Text from outside.
    fn title(&self) -> Option<&str>;

    /// The time it is sorted by: when it was stopped, signed, begun, paid, created, refunded.
    fn time(&self) -> Option<Timestamp>;

    /// The user's openid. Text from outside.
    fn user(&self) -> Option<&str> {
        None
    }

    /// WeChat Pay's own number, if that is not the number it is queried by.
    fn platform_number(&self) -> Option<&str> {
        None
    }

    /// Its amount: a plan's price, an order's total, a stock's budget, the refunded amount.
    fn amount(&self) -> Option<Money> {
        None
    }

    /// A second amount: what the payer paid of a transaction, a stock's face value, the order's amount of a refund.
    fn second(&self) -> Option<Money> {
        None
    }

    fn progress(&self) -> Option<Progress> {
        None
    }

    /// When a stock's coupons end.
    fn ends(&self) -> Option<Timestamp> {
        None
    }

    /// A transaction's trade type, the transaction of a refund. Text from outside.
    fn label(&self) -> Option<&str> {
        None
    }

    /// A plan's deductions.
    fn quantity(&self) -> Option<i64> {
        None
    }

    /// A plan's duration.
    fn days(&self) -> Option<i64> {
        None
    }

    /// The dated events in the document, in no order.
    fn dated(&self) -> Vec<DatedEvent>;

    /// The objects it names. Incoming links are found in the ledger. Malformed numbers are skipped.
    fn links(&self) -> Vec<Link> {
        Vec::new()
    }

    /// Whether the object may have been in the state that this fact describes: its document shows the same, or a later
    /// state. A state this version does not know contradicts nothing.
    fn agrees(&self, fact: Fact) -> bool;

    /// The event that the merchant is notified of when the object is in its present state, and since when it is, if the
    /// document has that time.
    fn due(&self) -> Option<(Fact, Option<Timestamp>)> {
        None
    }

    /// The endpoint and request target that query it.
    fn query(asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting>
    where
        Self: Sized,
    {
        Ok(asking.by_number(&[]))
    }

    /// The object that a notification is about, from its decrypted resource.
    fn subject(resource: Document<'_>, kind: Kind) -> Subject
    where
        Self: Sized,
    {
        Subject::of(kind, resource, kind.number_field())
    }

    /// The amount and the time in a notification of a fact.
    fn reported(_fact: Fact, _resource: Document<'_>) -> (Option<Money>, Option<Timestamp>)
    where
        Self: Sized,
    {
        (None, None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_field_of_an_unexpected_type_breaks_that_field_only() {
        let raw = r#"{"merchant_plan_no":"P-1","plan_name":["x"],"plan_state":"NEW_STATE","total_actual_price":"26400",
            "plan_detail_list":{"plan_detail_no":1},"extra":{"kept":true}}"#;
        let plan = Object::parse(Kind::Plan, raw).unwrap();
        assert_eq!(plan.entity.title(), None);
        assert_eq!(plan.entity.amount(), Some(Money::cny(26400)));
        let state = plan.entity.state();
        assert_eq!((state.code.as_str(), state.meaning, state.is_final), ("NEW_STATE", None, false));
        assert!(plan.raw.contains("kept"));
    }

    #[test]
    fn an_order_is_judged_by_its_triple() {
        let order = |state: &str, step: &str, collection: &str| {
            let raw = format!(
                r#"{{"out_order_no":"O-1","state":"{state}","state_description":"{step}","collection":{{"state":"{collection}"}}}}"#
            );
            Object::parse(Kind::ServiceOrder, &raw).unwrap().entity.state()
        };
        assert_eq!(order("DOING", "MCH_COMPLETE", "USER_PAYING").meaning, Some("state-order-collecting"));
        assert_eq!(order("DOING", "USER_CONFIRM", "").meaning, Some("state-order-running"));
        assert_eq!(order("DONE", "", "USER_PAID").meaning, Some("state-order-paid"));
        assert_eq!(order("DOING", "MCH_COMPLETE", "USER_PAYING").code, "DOING/MCH_COMPLETE/USER_PAYING");
        assert!(!order("CLOSED", "", "").is_final);
    }

    #[test]
    fn an_object_without_its_number_is_refused() {
        assert!(matches!(Object::parse(Kind::Stock, "{}"), Err(DocumentError::Missing("stock_id"))));
        assert!(matches!(Object::parse(Kind::Stock, "<html>"), Err(DocumentError::Json(_))));
        let hostile = r#"{"stock_id":"1\u001b[2J"}"#;
        assert!(matches!(Object::parse(Kind::Stock, hostile), Err(DocumentError::Number { .. })));
    }

    proptest! {
        #[test]
        fn no_document_panics(text in "\\PC{0,60}", name in "[a-z_]{1,20}") {
            for kind in Kind::ALL {
                let value = serde_json::json!({kind.number_field(): "N-1", name.as_str(): text.as_str()});
                let object = Object::parse(kind, &value.to_string()).unwrap();
                let _ = (object.entity.state(), object.entity.progress(), object.entity.amount());
                let _ = Object::parse(kind, &text);
            }
        }
    }
}
