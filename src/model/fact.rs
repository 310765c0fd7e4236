//! What somebody other than a query says of an object: a notification, or a row of a bill.

use super::{
    AuthorizationState, CollectionState, CouponStatus, Entity, Kind, Money, OrderState, RefundStatus, SignState,
    TradeState,
};

/// Something that happened to an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Fact {
    /// A transaction was paid.
    Paid,
    /// A payment was taken back at once.
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
    const ALL: [Self; 13] = [
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
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|fact| fact.word() == word)
    }

    /// What it happens to.
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

    /// Whether an object whose document says this may have been through it: the document tells the same, or something
    /// that only follows it. A state this version does not know contradicts nothing.
    pub fn agrees(self, entity: &Entity) -> bool {
        match entity {
            Entity::Transaction(transaction) => match (self, &transaction.state) {
                (_, TradeState::Unknown(_)) => true,
                (Self::Paid, state) => matches!(state, TradeState::Success | TradeState::Refund | TradeState::Revoked),
                (Self::Revoked, state) => *state == TradeState::Revoked,
                _ => false,
            },
            Entity::Refund(refund) => match (self, &refund.status) {
                (_, RefundStatus::Unknown(_)) | (Self::Refunding, _) => true,
                (Self::Refunded, status) => *status == RefundStatus::Success,
                (Self::RefundClosed, status) => *status == RefundStatus::Closed,
                // What could not be credited is handled by hand, and may arrive or be given up then.
                (Self::RefundAbnormal, status) => *status != RefundStatus::Processing,
                _ => false,
            },
            Entity::ServiceOrder(order) => match (self, &order.state) {
                (_, OrderState::Unknown(_)) => true,
                (Self::Confirmed, state) => *state != OrderState::Created,
                (Self::Collected, OrderState::Done) => {
                    let state = order.collection.as_ref().map(|collection| &collection.state);
                    matches!(state, Some(CollectionState::UserPaid | CollectionState::Unknown(_)))
                }
                _ => false,
            },
            Entity::SignPlan(sign_plan) => match (self, &sign_plan.state) {
                (_, SignState::Unknown(_)) => true,
                (Self::Signed, state) => *state != SignState::Unsigned,
                // Some samples say UNSIGNED of a plan whose signing was cancelled (PayScore reference §6).
                (Self::SigningCancelled, state) => matches!(state, SignState::Cancelled | SignState::Unsigned),
                _ => false,
            },
            Entity::Permission(permission) => match (self, &permission.state) {
                (_, AuthorizationState::Unknown(_)) => true,
                (Self::Authorised, state) => *state != AuthorizationState::UnboundUser,
                (Self::Deauthorised, state) => *state != AuthorizationState::Available,
                _ => false,
            },
            Entity::Coupon(coupon) => match &coupon.status {
                CouponStatus::Unknown(_) => true,
                status => self == Self::CouponUsed && *status == CouponStatus::Used,
            },
            Entity::Plan(_) | Entity::Stock(_) => false,
        }
    }

    /// Whether an amount that is told with it is the document's. One that is not known on either side contradicts
    /// nothing; neither does one in another currency, which cannot be compared.
    pub fn amounts_agree(entity: &Entity, told: Option<Money>) -> bool {
        match told.zip(entity.amount()) {
            Some((told, known)) if told.currency == known.currency => told.minor == known.minor,
            _ => true,
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
    fn a_fact_agrees_with_what_says_the_same_and_with_what_only_follows_it() {
        let agrees = |fact: Fact, document: Value| fact.agrees(&entity(fact.kind(), document));
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
        assert!(!Fact::Paid.agrees(&entity(Kind::Refund, json!({ "status": "SUCCESS" }))));
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
