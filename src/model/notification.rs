//! What notifications contain (PayScore reference §6, transactions §5 and §8, coupons §4, Global §13).

use super::time::Timestamp;
use super::{
    Document, EVENT_TYPES, Entity, EventType, Fact, Kind, MchId, Money, Number, ObjectId, Subject, TradeState,
};

/// The content of a notification.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NotificationFact {
    pub of: Subject,
    /// `None` for an undocumented event type.
    pub fact: Option<Fact>,
    pub amount: Option<Money>,
    /// Since when the fact holds, if the notification has that time.
    pub at: Option<Timestamp>,
    /// Further objects in it: other orders of this merchant that were paid in the same combined order.
    pub others: Vec<Part>,
}

/// A further object in a notification.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub of: ObjectId,
    pub fact: Option<Fact>,
    pub amount: Option<Money>,
    pub at: Option<Timestamp>,
}

impl NotificationFact {
    /// All its objects that can be queried.
    pub fn objects(&self) -> impl Iterator<Item = &ObjectId> {
        self.of.object().into_iter().chain(self.others.iter().map(|part| &part.of))
    }
}

/// Reads the decrypted resource of a notification to a merchant. Of a combined order, only this merchant's parts count.
pub fn read_fact_for(mchid: &MchId, event_type: &str, resource: Document<'_>) -> NotificationFact {
    let parts = resource.list("sub_orders");
    match EventType::named(event_type) {
        Some(event) if event.fact == Fact::Paid && !parts.is_empty() => combined(event.fact, &parts, mchid),
        _ => read_fact(event_type, resource),
    }
}

/// The same for any merchant. An unknown event type has no content.
pub fn read_fact(event_type: &str, resource: Document<'_>) -> NotificationFact {
    let Some(event) = EventType::named(event_type) else { return NotificationFact::default() };
    let kind = event.fact.kind();
    let (of, (amount, at)) = (kind.subject(resource), kind.reported(event.fact, resource));
    NotificationFact { of, fact: Some(event.fact), amount, at, others: Vec::new() }
}

/// Several orders were paid together. Those of other merchants are left out: this merchant could not even query them.
fn combined(fact: Fact, parts: &[Document<'_>], mchid: &MchId) -> NotificationFact {
    let ours =
        parts.iter().filter(|part| part.text("mchid").is_some_and(|mchid_of_part| mchid_of_part == mchid.as_str()));
    let mut ours = ours.filter_map(|part| {
        let number = Number::parse(&part.text("out_trade_no")?).ok()?;
        // A part that was not paid is queried, but states no fact.
        let is_paid = part.text("trade_state").is_none_or(|state| TradeState::parse(&state) == TradeState::Success);
        Some(Part {
            of: ObjectId::new(Kind::Transaction, number),
            fact: is_paid.then_some(fact),
            amount: part.object("amount").money("total_amount", "currency").filter(|_| is_paid),
            at: part.time("success_time").filter(|_| is_paid),
        })
    });
    match ours.next() {
        None => NotificationFact { fact: Some(fact), ..NotificationFact::default() },
        Some(Part { of, fact, amount, at }) => {
            NotificationFact { of: Subject::Object(of), fact, amount, at, others: ours.collect() }
        }
    }
}

/// The event that a merchant is notified of when an object has reached its state, and since when, if the document has
/// that time.
pub fn due(entity: &Entity) -> Option<(&'static EventType, Option<Timestamp>)> {
    let (fact, at) = entity.due().filter(|_| entity.state().meaning.is_some())?;
    Some((EVENT_TYPES.iter().find(|event| event.fact == fact)?, at))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Object;

    #[test]
    fn an_event_names_its_object_and_an_unknown_one_has_no_content() {
        let resource = json!({ "out_trade_no": "T1", "out_refund_no": "R1", "out_order_no": "O1",
            "merchant_sign_plan_no": "S1", "coupon_id": "8000", "openid": "oUser" });
        let read = |event| read_fact(event, Document::new(&resource));
        let of = |event| read(event).of.object().map(|id| (id.kind, id.number.to_string()));
        assert_eq!(of("TRANSACTION.SUCCESS"), Some((Kind::Transaction, "T1".into())));
        assert_eq!(of("REFUND.ABNORMAL"), Some((Kind::Refund, "R1".into())));
        assert_eq!(of("PAYSCORE.USER_PAID"), Some((Kind::ServiceOrder, "O1".into())));
        assert_eq!(of("PAYSCORE.USER_CANCEL_SIGN_PLAN"), Some((Kind::SignPlan, "S1".into())));
        assert_eq!(of("PAYSCORE.USER_OPEN_SERVICE"), Some((Kind::Permission, "oUser".into())), "by its user");
        assert_eq!(read("COUPON.USE").of, Subject::Coupon(Number::parse("8000").unwrap()));
        assert_eq!(read("SECURITY_ECHO.SUCCESS"), NotificationFact::default());
        assert_eq!(read("REFUND.LATER"), NotificationFact::default());
    }

    #[test]
    fn an_event_contains_the_amount_and_the_time() {
        let resource = json!({ "out_trade_no": "T1", "success_time": "2025-10-09T16:53:20+08:00",
            "amount": { "total": 2880, "currency": "CNY" } });
        let content = read_fact("TRANSACTION.SUCCESS", Document::new(&resource));
        assert_eq!((content.fact, content.amount), (Some(Fact::Paid), Some(Money::cny(2880))));
        assert_eq!(content.at.map(|at| at.unix_timestamp()), Some(1_760_000_000));
    }

    #[test]
    fn a_combined_order_names_only_the_orders_of_this_merchant() {
        let part = |mchid: &str, number: &str, state: &str, fen: i64| {
            json!({ "mchid": mchid, "out_trade_no": number, "trade_state": state,
                "success_time": "2025-10-09T16:53:20+08:00", "amount": { "total_amount": fen, "currency": "CNY" } })
        };
        let resource = json!({ "combine_mchid": "1900000009", "combine_out_trade_no": "CMB1", "sub_orders": [
            part("1900000002", "THEIRS", "SUCCESS", 1), part("1900000001", "T1", "SUCCESS", 100),
            part("1900000001", "T2", "SUCCESS", 20), part("1900000001", "T3", "NOTPAY", 3)] });
        let read = |mchid| read_fact_for(&MchId::new(mchid), "TRANSACTION.SUCCESS", Document::new(&resource));
        let ours = read("1900000001");
        assert_eq!((ours.fact, ours.amount), (Some(Fact::Paid), Some(Money::cny(100))));
        assert_eq!(ours.at.map(|at| at.unix_timestamp()), Some(1_760_000_000));
        let numbers: Vec<&str> = ours.objects().map(|id| id.number.as_str()).collect();
        assert_eq!(numbers, ["T1", "T2", "T3"]);
        assert_eq!((ours.others[0].fact, ours.others[0].amount), (Some(Fact::Paid), Some(Money::cny(20))));
        assert_eq!((ours.others[1].fact, ours.others[1].amount), (None, None), "it was not paid");
        let nothing = read("1900000009");
        assert_eq!((nothing.fact, nothing.of, nothing.others), (Some(Fact::Paid), Subject::Unknown, Vec::new()));
    }

    #[test]
    fn only_notified_events_are_due() {
        let due = |kind: Kind, mut document: Value| {
            document[kind.number_field()] = json!("N-1");
            due(&Object::parse(kind, &document.to_string()).unwrap().entity).map(|(event, _)| event.name)
        };
        let trade = |state: &str, by: &str| due(Kind::Transaction, json!({ "trade_state": state, "trade_type": by }));
        assert_eq!(trade("SUCCESS", "JSAPI"), Some("TRANSACTION.SUCCESS"));
        assert_eq!(trade("REFUND", "NATIVE"), Some("TRANSACTION.SUCCESS"));
        assert_eq!(trade("SUCCESS", "AUTH"), None, "the event is its service order's");
        assert_eq!(trade("NOTPAY", "JSAPI"), None);
        assert_eq!(trade("LATER", "JSAPI"), None);
        assert_eq!(due(Kind::Refund, json!({ "status": "PROCESSING" })), None);
        assert_eq!(due(Kind::Refund, json!({ "status": "SUCCESS" })), Some("REFUND.SUCCESS"));
        assert_eq!(due(Kind::Refund, json!({ "status": "ABNORMAL" })), Some("REFUND.ABNORMAL"));
        let paid = json!({ "state": "DONE", "collection": { "state": "USER_PAID" } });
        assert_eq!(due(Kind::ServiceOrder, paid), Some("PAYSCORE.USER_PAID"));
        assert_eq!(due(Kind::ServiceOrder, json!({ "state": "DOING", "state_description": "USER_CONFIRM" })), None);
        assert_eq!(due(Kind::SignPlan, json!({ "sign_state": "SIGNED" })), Some("PAYSCORE.USER_SIGN_PLAN"));
        let cancelled = |by: &str| json!({ "sign_state": "SIGN_PLAN_CANCEL", "cancel_sign_type": by });
        assert_eq!(due(Kind::SignPlan, cancelled("USER")), Some("PAYSCORE.USER_CANCEL_SIGN_PLAN"));
        assert_eq!(due(Kind::SignPlan, cancelled("MERCHANT")), None);
    }
}
