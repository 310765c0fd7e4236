//! The catalogue of actions: what an operator may do to an object, when, at what risk, with which form, through
//! which endpoint. Menus, forms, previews, CLI verbs and the journal all read this one table; what an action sends
//! is built in [`operation`].

mod bulk;
mod confirmation;
mod effect;
mod form;
mod legality;
mod operation;
mod raw;
mod refund;
mod rules;
mod surroundings;

pub use bulk::{Bulk, NoPlace};
pub use confirmation::{Confirmation, Confirmed, ConfirmedBy, NotConfirmed};
pub use effect::{Evidence, evidence, witness};
pub use form::{Field, FieldError, FieldKind, InBulk, Problem, Values};
pub use legality::Illegal;
pub use operation::{Fact, Operation, PrepareError, prepare};
pub use raw::RawWrite;
pub use rules::{Caps, Reasons, RuleBroken, Rules, Write, WriteName, is_reason};
pub use surroundings::{Dependents, Surroundings};

use super::time::Timestamp;
use super::{EndpointId, Entity, Kind, Object};

/// What is at stake. It decides how an action is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Another action takes it back.
    Reversible,
    /// Nothing takes it back: confirmed by typing the end of the number.
    Irreversible,
    /// Somebody is charged, or money is given up: likewise.
    MovesMoney,
}

/// Names of the actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActionId {
    PlanStop,
    SignPlanCancel,
    OrderComplete,
    OrderModify,
    OrderCancel,
    OrderSync,
    OrderPay,
    TransactionClose,
    TransactionRefund,
    StockStart,
    StockPause,
    StockRestart,
}

/// One action of the catalogue.
#[derive(Debug)]
pub struct Action {
    pub id: ActionId,
    pub kind: Kind,
    /// The command line's verb; with the kind's noun, the stem of its message ids.
    pub verb: &'static str,
    pub endpoint: EndpointId,
    pub risk: Risk,
    pub fields: &'static [Field],
    /// The action that takes this one back.
    pub reverse: Option<ActionId>,
    /// What it makes: an object of its own, of which the action is the creation.
    pub makes: Option<Kind>,
}

macro_rules! catalogue {
    ($($id:ident: $kind:ident $verb:literal $endpoint:ident $risk:ident [$($field:expr),*]
        $(reverse $reverse:ident)? $(makes $makes:ident)?,)*) => {
        /// All actions, in the order of [`ActionId`] and of the menus.
        pub const ACTIONS: &[Action] = &[$(Action {
            id: ActionId::$id,
            kind: Kind::$kind,
            verb: $verb,
            endpoint: EndpointId::$endpoint,
            risk: Risk::$risk,
            fields: &[$($field),*],
            reverse: catalogue!(@reverse $($reverse)?),
            makes: catalogue!(@makes $($makes)?),
        }),*];
    };
    (@reverse $reverse:ident) => { Some(ActionId::$reverse) };
    (@reverse) => { None };
    (@makes $makes:ident) => { Some(Kind::$makes) };
    (@makes) => { None };
}

const TOTAL: Field = Field {
    name: "amount",
    label: "field-amount",
    kind: FieldKind::Money,
    required: true,
    in_bulk: InBulk::Own("bulk-own-total"),
};
const LOWER_TOTAL: Field = Field { in_bulk: InBulk::Shared, ..TOTAL };
const REASON_50: Field = Field {
    name: "reason",
    label: "field-reason",
    kind: FieldKind::Text { max: 50 },
    required: true,
    in_bulk: InBulk::Shared,
};
const REASON_128: Field = Field { kind: FieldKind::Text { max: 128 }, ..REASON_50 };
const PAID_TIME: Field = Field {
    name: "paid-time",
    label: "field-paid-time",
    kind: FieldKind::CompactTime,
    required: true,
    in_bulk: InBulk::Shared,
};
const REFUND: Field = Field { label: "field-refund-amount", in_bulk: InBulk::Own("bulk-own-refund"), ..TOTAL };
const REFUND_REASON: Field = Field { kind: FieldKind::Text { max: 80 }, required: false, ..REASON_50 };
const REFUND_NUMBER: Field = Field {
    name: "number",
    label: "field-refund-number",
    kind: FieldKind::Number,
    required: true,
    in_bulk: InBulk::Own("bulk-own-number"),
};

catalogue! {
    PlanStop: Plan "stop" PlanStop Irreversible [],
    SignPlanCancel: SignPlan "cancel" SignPlanCancel Irreversible [REASON_128],
    OrderComplete: ServiceOrder "complete" OrderComplete MovesMoney [TOTAL],
    OrderModify: ServiceOrder "modify" OrderModify MovesMoney [LOWER_TOTAL, REASON_50],
    OrderCancel: ServiceOrder "cancel" OrderCancel Irreversible [REASON_50],
    OrderSync: ServiceOrder "sync" OrderSync MovesMoney [PAID_TIME],
    OrderPay: ServiceOrder "pay" OrderPay MovesMoney [],
    TransactionClose: Transaction "close" TransactionClose Irreversible [],
    TransactionRefund: Transaction "refund" RefundCreate MovesMoney [REFUND, REFUND_REASON, REFUND_NUMBER]
        makes Refund,
    StockStart: Stock "start" StockStart MovesMoney [],
    StockPause: Stock "pause" StockPause Reversible [] reverse StockRestart,
    StockRestart: Stock "restart" StockRestart Reversible [] reverse StockPause,
}

impl ActionId {
    pub fn action(self) -> &'static Action {
        &ACTIONS[self as usize]
    }
}

impl Action {
    /// The action of that [`Action::name`].
    pub fn named(name: &str) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.name() == name)
    }

    /// All actions on a kind.
    pub fn of(kind: Kind) -> impl Iterator<Item = &'static Self> {
        ACTIONS.iter().filter(move |action| action.kind == kind)
    }

    /// The action the command line calls `noun verb`.
    pub fn find(kind: Kind, verb: &str) -> Option<&'static Self> {
        Self::of(kind).find(|action| action.verb == verb)
    }

    /// The action that makes objects of a kind: what the command line calls `noun create`.
    pub fn making(kind: Kind) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.makes == Some(kind))
    }

    /// `order-complete`: the stem of its messages (`action-…`, `effect-…`) and its name in the journal.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.noun(), self.verb)
    }

    /// The fields that are filled in once for all objects of a bulk action.
    pub fn shared_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.in_bulk == InBulk::Shared)
    }

    /// What the form of a bulk action starts with.
    pub fn shared_defaults(&self, now: Timestamp) -> Values {
        self.shared_fields().map(|field| (field.name, form::shared_default(field, now).unwrap_or_default())).collect()
    }

    /// What an object of a bulk action is done with: the values that are shared, and its own of the others.
    pub fn bulk_values(&self, shared: &Values, object: &Object, around: &Surroundings, now: Timestamp) -> Values {
        let mut values = self.defaults(object, around, now);
        for field in self.shared_fields() {
            values.insert(field.name, shared.get(field.name).cloned().unwrap_or_default());
        }
        values
    }

    /// True if its form asks for the reason.
    pub fn asks_reason(&self) -> bool {
        self.fields.iter().any(|field| field.name == "reason")
    }

    /// Whether it is legal in the object's state at this time, as far as is known here; the platform has the last
    /// word.
    pub fn legal(&self, entity: &Entity, now: Timestamp) -> Result<(), Illegal> {
        legality::legal(self.id, entity, now)
    }

    /// What the form starts with. `around` is what is known of the objects that belong to this one.
    pub fn defaults(&self, object: &Object, around: &Surroundings, now: Timestamp) -> Values {
        form::defaults(self, object, around, now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::i18n::Lang;
    use crate::model::time::parse_compact;
    use serde_json::json;

    #[test]
    fn every_field_says_what_becomes_of_it_in_a_bulk_action() {
        for field in ACTIONS.iter().flat_map(|action| action.fields) {
            if let InBulk::Own(words) = field.in_bulk {
                assert!(Lang::En.has(words) && Lang::ZhCn.has(words), "{words}");
            }
        }
        let complete = ActionId::OrderComplete.action();
        let order = json!({"out_order_no": "O-1", "state": "DOING", "state_description": "USER_CONFIRM", "post_payments": [{"name": "a", "amount": 880}]});
        let order = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap();
        let shared = Values::from([("amount", "0.01".to_owned())]);
        let now = parse_compact("20251009165320").unwrap();
        assert_eq!(complete.bulk_values(&shared, &order, Surroundings::NONE, now)["amount"], "8.80", "an order's own");
        assert_eq!(
            ActionId::OrderModify.action().bulk_values(&shared, &order, Surroundings::NONE, now)["amount"],
            "0.01"
        );
    }

    #[test]
    fn the_catalogue_is_in_the_order_of_its_names_and_every_row_is_a_mutation_of_its_kind() {
        for (i, action) in ACTIONS.iter().enumerate() {
            assert_eq!(action.id as usize, i);
            assert!(action.endpoint.endpoint().is_mutation());
            assert!(action.makes.is_none_or(|made| made != action.kind), "what is made is another object");
            assert_eq!(Action::find(action.kind, action.verb).map(|a| a.id), Some(action.id), "verbs are unique");
            if let Some(reverse) = action.reverse {
                assert_eq!(reverse.action().kind, action.kind);
                assert_eq!(action.risk, Risk::Reversible);
            }
        }
    }
}
