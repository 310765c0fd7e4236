//! Facts about an object from other sources than a query: a notification, or a row of a bill.

use super::{Entity, Kind, Money, Region};

/// Something that happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A transaction was paid.
    Paid,
    /// A payment was revoked right away.
    Revoked,
    Refunding,
    Refunded,
    RefundClosed,
    RefundAbnormal,
    /// The user confirmed a service order.
    Confirmed,
    /// The user paid for a service order.
    Collected,
    Signed,
    SigningCancelled,
    Authorised,
    Deauthorised,
    CouponUsed,
}

impl Fact {
    pub const ALL: [Self; 13] = [
        Self::Paid,
        Self::Revoked,
        Self::Refunding,
        Self::Refunded,
        Self::RefundClosed,
        Self::RefundAbnormal,
        Self::Confirmed,
        Self::Collected,
        Self::Signed,
        Self::SigningCancelled,
        Self::Authorised,
        Self::Deauthorised,
        Self::CouponUsed,
    ];

    /// The word in the ledger, and the stem of its message (`fact-…`).
    pub const fn word(self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::Revoked => "revoked",
            Self::Refunding => "refunding",
            Self::Refunded => "refunded",
            Self::RefundClosed => "refund-closed",
            Self::RefundAbnormal => "refund-abnormal",
            Self::Confirmed => "confirmed",
            Self::Collected => "collected",
            Self::Signed => "signed",
            Self::SigningCancelled => "signing-cancelled",
            Self::Authorised => "authorised",
            Self::Deauthorised => "deauthorised",
            Self::CouponUsed => "coupon-used",
        }
    }

    /// Reads what [`Fact::word`] wrote.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.word() == word)
    }

    /// The kind of object it happens to.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Paid | Self::Revoked => Kind::Transaction,
            Self::Refunding | Self::Refunded | Self::RefundClosed | Self::RefundAbnormal => Kind::Refund,
            Self::Confirmed | Self::Collected => Kind::ServiceOrder,
            Self::Signed | Self::SigningCancelled => Kind::SignPlan,
            Self::Authorised | Self::Deauthorised => Kind::Permission,
            Self::CouponUsed => Kind::Coupon,
        }
    }

    /// Whether the amount in the source is the document's. An amount that is unknown on either side contradicts
    /// nothing; neither does one in another currency, which cannot be compared.
    pub(crate) fn amounts_agree(entity: &Entity, source: Option<Money>) -> bool {
        match source.zip(entity.amount()) {
            Some((source, known)) if source.currency == known.currency => source.minor == known.minor,
            _ => true,
        }
    }
}

/// A documented event type.
#[derive(Debug)]
pub struct EventType {
    /// As WeChat Pay writes it.
    pub name: &'static str,
    pub fact: Fact,
}

/// All of them. Those of WeChat Pay Global are the first four; the names of its contract events are not documented.
pub static EVENT_TYPES: &[EventType] = &[
    event("TRANSACTION.SUCCESS", Fact::Paid),
    event("REFUND.SUCCESS", Fact::Refunded),
    event("REFUND.CLOSED", Fact::RefundClosed),
    event("REFUND.ABNORMAL", Fact::RefundAbnormal),
    event("PAYSCORE.USER_SIGN_PLAN", Fact::Signed),
    event("PAYSCORE.USER_CANCEL_SIGN_PLAN", Fact::SigningCancelled),
    event("PAYSCORE.USER_CONFIRM", Fact::Confirmed),
    event("PAYSCORE.USER_PAID", Fact::Collected),
    event("PAYSCORE.USER_OPEN_SERVICE", Fact::Authorised),
    event("PAYSCORE.USER_CLOSE_SERVICE", Fact::Deauthorised),
    event("COUPON.USE", Fact::CouponUsed),
];

const fn event(name: &'static str, fact: Fact) -> EventType {
    EventType { name, fact }
}

impl EventType {
    pub fn named(name: &str) -> Option<&'static Self> {
        EVENT_TYPES.iter().find(|event| event.name == name)
    }

    /// Whether merchants of the region are notified of it.
    pub fn is_in(&self, region: Region) -> bool {
        self.fact.kind().is_in(region)
    }

    /// Events that belong together: the receiver of one gets all of its group. Notifications of payments and refunds go
    /// to the address given at creation; each PayScore event has a creation of its own.
    pub(crate) fn family(&self) -> &'static str {
        match self.name.split_once('.') {
            Some((family @ ("TRANSACTION" | "REFUND"), _)) => family,
            _ => self.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::model::Object;

    fn entity(kind: Kind, mut document: Value) -> Entity {
        document[kind.number_field()] = json!("N-1");
        Entity::clone(&Object::parse(kind, &document.to_string()).unwrap().entity)
    }

    #[test]
    fn a_fact_agrees_with_the_same_state_and_with_later_ones() {
        let agrees = |fact: Fact, document: Value| entity(fact.kind(), document).agrees(fact);
        for (state, paid) in [("NOTPAY", false), ("USERPAYING", false), ("SUCCESS", true), ("REFUND", true)] {
            assert_eq!(agrees(Fact::Paid, json!({ "trade_state": state })), paid, "{state}");
        }
        assert!(!agrees(Fact::Paid, json!({ "trade_state": "CLOSED" })));
        assert!(agrees(Fact::Paid, json!({ "trade_state": "LATER" })), "what is not known contradicts nothing");
        assert!(!agrees(Fact::Refunded, json!({ "status": "PROCESSING" })));
        assert!(agrees(Fact::RefundAbnormal, json!({ "status": "SUCCESS" })));
        assert!(agrees(Fact::Confirmed, json!({ "state": "REVOKED" })));
        assert!(!agrees(Fact::Collected, json!({ "state": "DONE" })));
        assert!(agrees(Fact::Collected, json!({ "state": "DONE", "collection": { "state": "USER_PAID" } })));
        assert!(agrees(Fact::Signed, json!({ "sign_state": "SIGN_PLAN_CANCEL" })));
        assert!(!agrees(Fact::SigningCancelled, json!({ "sign_state": "SIGNED" })));
        assert!(!agrees(Fact::Authorised, json!({ "authorization_state": "UNBINDUSER" })));
        assert!(!agrees(Fact::CouponUsed, json!({ "status": "SENDED" })));
        assert!(!entity(Kind::Refund, json!({ "status": "SUCCESS" })).agrees(Fact::Paid));
    }

    #[test]
    fn amounts_are_compared_within_one_currency_only() {
        let amount = json!({ "total": 100, "currency": "CNY" });
        let paid = entity(Kind::Transaction, json!({ "trade_state": "SUCCESS", "amount": amount }));
        assert!(Fact::amounts_agree(&paid, Some(Money::cny(100))));
        assert!(!Fact::amounts_agree(&paid, Some(Money::cny(101))));
        assert!(Fact::amounts_agree(&paid, None));
        let yen = crate::model::Currency::parse("JPY").map(|currency| Money { minor: 7, currency });
        assert!(Fact::amounts_agree(&paid, yen));
    }

    #[test]
    fn a_fact_is_read_back_from_its_word() {
        for fact in Fact::ALL {
            assert_eq!(Fact::from_word(fact.word()), Some(fact));
        }
        assert_eq!(Fact::from_word("forgotten"), None);
    }
}
