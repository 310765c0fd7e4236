//! The intended effect of a request, whatever number it is sent under. Two requests with the same intention would have
//! the effect twice: so a repetition is recognised.

use serde_json::Value;

use super::ActionId;
use crate::model::{Document, Money, ObjectId};

/// The intended effect of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Intention {
    action: ActionId,
    /// The object that is changed; `None` for a creation.
    object: Option<ObjectId>,
    essence: Essence,
}

/// What identifies the intention among the requests of an action on the same object. A reason never counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum SameBy {
    /// The amount alone.
    Amount,
    /// The user in the path.
    Receiver,
    /// The body.
    Terms,
    /// The body without its number, which identifies the request only.
    TermsUnderAnyNumber,
}

/// The member of a body that holds the amount of money that moves.
#[derive(Clone, Copy, Debug)]
pub(super) enum AmountIn {
    /// `total_amount`, in fen.
    TotalAmount,
    /// `amount.total`, in the currency beside it.
    AmountTotal,
    /// `amount.refund`, in the currency beside it; the order's total is there, too.
    AmountRefund,
}

impl AmountIn {
    pub(super) fn read(self, sent: Document<'_>) -> Option<Money> {
        match self {
            Self::TotalAmount => sent.fen("total_amount"),
            Self::AmountTotal => sent.object("amount").money("total", "currency"),
            Self::AmountRefund => sent.object("amount").money("refund", "currency"),
        }
    }
}

/// What must be equal for two requests to be the same.
#[derive(Clone, Debug, PartialEq)]
enum Essence {
    Amount(Option<Money>),
    Receiver(Option<String>),
    /// The body without its reason and without the number made for it.
    Terms(Value),
}

/// Whether an operation may repeat an earlier one of the same intention.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Repetition {
    /// No: an action that was done already, or may have been, is not done again.
    #[default]
    No,
    /// Yes, although this journal entry was shown; a later one still blocks it.
    AfterEntry(i64),
    /// Yes, whatever was done before.
    Yes,
}

impl Intention {
    /// Reads it from a request.
    pub fn of(action: ActionId, object: &ObjectId, target: &str, body: &str) -> Self {
        let sent: Value = serde_json::from_str(body).unwrap_or_default();
        let row = action.action();
        let essence = match row.behaviour.same_by {
            SameBy::Amount => Essence::Amount(row.amount_in.and_then(|amount| amount.read(Document::new(&sent)))),
            SameBy::Receiver => Essence::Receiver(row.path_parameter(target)),
            SameBy::Terms => Essence::Terms(without(sent, None)),
            SameBy::TermsUnderAnyNumber => Essence::Terms(without(sent, row.number_in)),
        };
        let object = (!row.is_creation()).then(|| object.clone());
        Self { action, object, essence }
    }

    pub fn action(&self) -> ActionId {
        self.action
    }

    /// The amount that is compared.
    pub fn amount(&self) -> Option<Money> {
        match &self.essence {
            Essence::Amount(amount) => *amount,
            Essence::Receiver(_) | Essence::Terms(_) => None,
        }
    }

    /// The user who receives it.
    pub fn receiver(&self) -> Option<&str> {
        match &self.essence {
            Essence::Receiver(receiver) => receiver.as_deref(),
            Essence::Amount(_) | Essence::Terms(_) => None,
        }
    }
}

/// A body without its reason and without the member of a number.
fn without(mut sent: Value, number: Option<&str>) -> Value {
    if let Some(members) = sent.as_object_mut() {
        members.retain(|name, _| name != "reason" && name != "stop_reason" && Some(name.as_str()) != number);
    }
    sent
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Number};
    use serde_json::json;

    fn id(kind: Kind, number: &str) -> ObjectId {
        ObjectId::new(kind, Number::parse(number).unwrap())
    }

    #[test]
    fn a_refund_is_the_same_by_its_transaction_and_its_amount_alone() {
        let refund = |of: &str, number: &str, fen: i64, reason: &str, currency: &str| {
            let body = json!({"out_refund_no": number, "reason": reason, "amount": {"refund": fen, "total": 900, "currency": currency}});
            Intention::of(ActionId::TransactionRefund, &id(Kind::Transaction, of), "/v3/refund", &body.to_string())
        };
        let one = refund("T-000001", "R-1", 500, "", "CNY");
        assert_eq!(one, refund("T-000001", "R-2", 500, "做错口味", "CNY"));
        assert_ne!(one, refund("T-000002", "R-1", 500, "", "CNY"));
        assert_ne!(one, refund("T-000001", "R-1", 501, "", "CNY"));
        assert_ne!(one, refund("T-000001", "R-1", 500, "", "HKD"));
        assert_eq!(
            (one.amount(), one.receiver(), one.action()),
            (Some(Money::cny(500)), None, ActionId::TransactionRefund)
        );
    }

    #[test]
    fn a_coupon_is_the_same_by_its_stock_and_its_receiver() {
        let send = |stock: &str, openid: &str, number: &str| {
            let endpoint = ActionId::StockSend.action().endpoint.endpoint();
            let target = endpoint.target(&[("openid", openid)], &[]);
            let body = json!({"stock_id": stock, "out_request_no": number}).to_string();
            Intention::of(ActionId::StockSend, &id(Kind::Stock, stock), &target, &body)
        };
        assert_eq!(send("17", "oA", "1"), send("17", "oA", "2"));
        assert_ne!(send("17", "oA", "1"), send("17", "oB", "1"));
        assert_ne!(send("17", "oA", "1"), send("18", "oA", "1"));
        assert_eq!(send("17", "oA", "1").receiver(), Some("oA"));
    }

    #[test]
    fn a_stock_is_the_same_under_any_request_number_and_other_creations_are_not() {
        let stock = |number: &str, name: &str| {
            let body = json!({"out_request_no": number, "stock_name": name}).to_string();
            Intention::of(ActionId::StockCreate, &id(Kind::Stock, number), "/v3/x", &body)
        };
        assert_eq!(stock("A-1", "秋季"), stock("A-2", "秋季"));
        assert_ne!(stock("A-1", "秋季"), stock("A-1", "冬季"));
        let order = |number: &str| {
            let body = json!({"out_order_no": number, "risk_fund": {"amount": 5}}).to_string();
            Intention::of(ActionId::OrderCreate, &id(Kind::ServiceOrder, number), "/v3/x", &body)
        };
        assert_ne!(order("O-000001"), order("O-000002"), "two customers may buy the same");
    }

    #[test]
    fn an_intervention_is_the_same_whatever_reason_is_given() {
        let cancel = |reason: &str| {
            let body = json!({"appid": "wx1", "reason": reason}).to_string();
            Intention::of(ActionId::OrderCancel, &id(Kind::ServiceOrder, "O-000001"), "/v3/x", &body)
        };
        assert_eq!(cancel("x"), cancel("y"));
        let stop = |number: &str| Intention::of(ActionId::PlanStop, &id(Kind::Plan, number), "/v3/x", "");
        assert_eq!(stop("P-000001"), stop("P-000001"));
        assert_ne!(stop("P-000001"), stop("P-000002"));
        let complete = |fen: i64| {
            let body = json!({"total_amount": fen, "time": fen}).to_string();
            Intention::of(ActionId::OrderComplete, &id(Kind::ServiceOrder, "O-000001"), "/v3/x", &body)
        };
        assert_ne!(complete(1), complete(2));
    }
}
