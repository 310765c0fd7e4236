//! Dated events in a document, by WeChat Pay's own clock: since when its state holds, and how its parts ended.

use super::Money;
use super::time::Timestamp;

/// An event in a document, with its time.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DatedEvent {
    pub at: Timestamp,
    pub what: DatedFact,
}

impl DatedEvent {
    /// One for each known time.
    pub(super) fn all<const N: usize>(known: [(Option<Timestamp>, DatedFact); N]) -> Vec<Self> {
        known.into_iter().filter_map(|(at, what)| Some(Self { at: at?, what })).collect()
    }
}

/// The event. Texts are from outside.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DatedFact {
    /// A transaction was paid.
    Paid,
    /// WeChat Pay accepted a refund.
    RefundCreated,
    /// A user signed a plan.
    Signed,
    SigningCancelled,
    PlanStopped,
    Authorised,
    Deauthorised,
    /// A user received a coupon.
    CouponSent,
    CouponUsed,
    /// A step of a sign plan began, was paid, or was cancelled.
    Step {
        number: Option<i64>,
        name: Option<String>,
        change: StepChange,
        order: Option<String>,
        price: Option<Money>,
    },
    /// A part of a service order's collection was paid.
    Collected {
        amount: Option<Money>,
        transaction_id: Option<String>,
        by: Option<String>,
    },
}

/// The end of a step of a sign plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StepChange {
    Begun,
    Paid,
    Cancelled,
}

impl DatedFact {
    /// The stem of its message (`dated-…`), and its machine-readable name.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::Paid => "paid",
            Self::RefundCreated => "refund-created",
            Self::Signed => "signed",
            Self::SigningCancelled => "signing-cancelled",
            Self::PlanStopped => "plan-stopped",
            Self::Authorised => "authorised",
            Self::Deauthorised => "deauthorised",
            Self::CouponSent => "coupon-sent",
            Self::CouponUsed => "coupon-used",
            Self::Step { change: StepChange::Begun, .. } => "step-begun",
            Self::Step { change: StepChange::Paid, .. } => "step-paid",
            Self::Step { change: StepChange::Cancelled, .. } => "step-cancelled",
            Self::Collected { .. } => "collected",
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::time::parse_any;
    use super::super::{Entity, Kind, Object};
    use super::*;

    fn entity(kind: Kind, mut document: Value) -> Entity {
        document[kind.number_field()] = json!("N-1");
        Entity::clone(&Object::parse(kind, &document.to_string()).unwrap().entity)
    }

    const PAID: &str = "2026-11-21T15:40:00+08:00";

    #[test]
    fn a_time_is_of_the_state_it_dates_and_of_no_later_one() {
        let since =
            |state: &str| entity(Kind::Transaction, json!({ "trade_state": state, "success_time": PAID })).since();
        assert_eq!(since("SUCCESS"), parse_any(PAID));
        assert_eq!(since("REFUND"), None, "it was paid then, and refunded later");
        let refund = |status: &str| {
            let document = json!({ "status": status, "create_time": PAID, "success_time": "2026-11-22T00:00:00Z" });
            entity(Kind::Refund, document).since()
        };
        assert_eq!((refund("PROCESSING"), refund("SUCCESS")), (parse_any(PAID), parse_any("2026-11-22T00:00:00Z")));
        assert_eq!(refund("ABNORMAL"), None);
    }

    #[test]
    fn an_order_is_paid_since_its_last_part_was() {
        let part = |at: &str, fen: i64| json!({ "amount": fen, "paid_time": at, "paid_type": "NEWTON" });
        let parts = json!([part("20261121154000", 100), part("20261121154105", 200)]);
        let collection = json!({ "state": "USER_PAID", "details": parts });
        let order = entity(Kind::ServiceOrder, json!({ "state": "DONE", "collection": collection }));
        assert_eq!(order.since(), parse_any("20261121154105"));
        let amounts = order.dated().into_iter().map(|dated| match dated.what {
            DatedFact::Collected { amount, .. } => amount.unwrap().minor,
            other => panic!("{other:?}"),
        });
        assert_eq!(amounts.collect::<Vec<_>>(), [100, 200]);
    }

    #[test]
    fn the_steps_of_a_sign_plan_are_dated_and_one_that_has_not_begun_is_not() {
        let step = |number: i64, state: &str| {
            json!({ "plan_detail_no": number, "plan_detail_state": state, "use_time": PAID,
                "merchant_plan_detail_no": format!("D-{number}") })
        };
        let document = json!({ "sign_state": "SIGNED", "sign_time": "2026-11-01T09:30:00+08:00",
            "signed_detail_list": [step(1, "USING"), step(2, "NOT_USED")] });
        let sign_plan = entity(Kind::SignPlan, document);
        let words: Vec<&str> = sign_plan.dated().iter().map(|dated| dated.what.word()).collect();
        assert_eq!(words, ["signed", "step-begun"]);
        assert_eq!(sign_plan.since(), parse_any(PAID));
    }
}
