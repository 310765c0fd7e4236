//! The kinds of objects, in the order of the chain from plan to cash, with their table of data.
//!
//! Adding one touches, beside `.ftl` files, documentation and tests:
//!
//! - its own files: its entity beside this file, which implements [`Properties`] (each state says what it waits for); its columns and its overview in
//!   `console/tabs/objects/kinds`; its part of the sandbox's world;
//! - this file: its name under `kinds!` and its [`KindRow`];
//! - `model/mod.rs`, `console/tabs/objects/kinds/mod.rs` and `sandbox/world/mod.rs`, which name those files;
//! - `model/endpoint/table.rs`: its endpoints;
//! - `model/code/table.rs`, if a refusal means something else at them;
//! - `console/tabs/mod.rs`: its tab;
//! - `sandbox/world/seed/mod.rs`: some of it in a new world;
//! - `model/fact.rs`, if WeChat Pay notifies of it.
//!
//! What can be done with it is added as actions are. Missing parts are found by the compiler, or by the tests that walk
//! [`Kind::ALL`]: `console/tests/kinds.rs`, and `tests/intake.rs`, where each kind is in a new world of the sandbox and
//! is found by its number.

use std::ops::{Deref, DerefMut};

use super::query::Asking;
use super::subject::Subject;
use super::time::Timestamp;
use super::{
    Coupon, Document, EndpointId, Fact, MissingSetting, Money, Permission, Plan, Properties, Refund, Region,
    ServiceOrder, SignPlan, State, Stock, Transaction,
};

/// Defines [`Kind`], [`Entity`], and the dispatch to each kind's implementation.
macro_rules! kinds {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// A kind of object.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind { $($(#[$doc])* $name,)* }

        /// What was read from a document.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Entity { $($name($name),)* }

        impl Deref for Entity {
            type Target = dyn Properties;

            fn deref(&self) -> &Self::Target {
                match self { $(Self::$name(entity) => entity,)* }
            }
        }

        impl DerefMut for Entity {
            fn deref_mut(&mut self) -> &mut Self::Target {
                match self { $(Self::$name(entity) => entity,)* }
            }
        }

        impl Kind {
            pub const ALL: [Self; [$(Self::$name),*].len()] = [$(Self::$name),*];

            pub(super) fn read(self, doc: Document<'_>) -> Entity {
                match self { $(Self::$name => Entity::$name($name::read(doc)),)* }
            }

            /// The number by which a document names its object.
            pub(super) fn number_in(self, doc: Document<'_>) -> Option<String> {
                match self { $(Self::$name => $name::number_in(doc, self),)* }
            }

            /// The meaning of a state's code of this kind (the `code` of [`State`]). Whether a sign plan is final may
            /// depend on more than its code.
            pub fn state(self, code: &str) -> State {
                match self { $(Self::$name => $name::state_of(code),)* }
            }

            /// The states that an object of this kind can be in, as far as this version knows them.
            pub fn states(self) -> Vec<State> {
                let codes = match self { $(Self::$name => $name::state_codes(),)* };
                codes.iter().map(|code| self.state(code)).collect()
            }

            fn knows_state(self, name: &str) -> bool {
                match self { $(Self::$name => $name::knows_state(name),)* }
            }

            pub(super) fn query(self, asking: &Asking<'_>) -> Result<(EndpointId, String), MissingSetting> {
                match self { $(Self::$name => $name::query(asking),)* }
            }

            pub(super) fn subject(self, resource: Document<'_>) -> Subject {
                match self { $(Self::$name => $name::subject(resource, self),)* }
            }

            pub(super) fn reported(self, fact: Fact, resource: Document<'_>) -> (Option<Money>, Option<Timestamp>) {
                match self { $(Self::$name => $name::reported(fact, resource),)* }
            }
        }
    };
}

kinds! {
    /// 支付分计划
    Plan,
    /// 用户签约计划
    SignPlan,
    /// 支付分服务订单
    ServiceOrder,
    /// 支付交易
    Transaction,
    /// 代金券批次
    Stock,
    /// 退款
    Refund,
    /// 支付分授权
    Permission,
    /// 代金券
    Coupon,
}

/// The data of a kind.
#[derive(Debug)]
pub struct KindRow {
    /// Its name on the command line, in the journal and in files; prefixed with `kind-` and `short-`, its messages.
    pub noun: &'static str,
    /// The member of its document that holds the number it is queried by.
    pub number_field: &'static str,
    /// The form of its numbers.
    pub numbers: Numbers,
    /// The endpoint that queries it on the mainland. WeChat Pay Global has the kind if it has a counterpart of that
    /// endpoint.
    pub query: EndpointId,
    /// The column by which its table is sorted at first, and whether that is descending.
    pub sort: (&'static str, bool),
    /// The kind it is made from if no action creates one by itself; `new-of-` and its noun is the message.
    pub made_of: Option<Kind>,
    /// What the preview of an action on it shows in addition.
    pub preview: Preview,
}

/// The form of a kind's numbers: which kinds a number may belong to, if none is named with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Numbers {
    /// The merchant chooses them, with this many characters (mostly 1 to 32, PayScore reference §3.6). One number may
    /// be in use for several kinds, so these are queried together.
    Merchants {
        shortest: usize,
        longest: usize,
        /// The position of the kind among those queried together.
        place: u8,
    },
    /// WeChat Pay assigns them: at most this many digits.
    Digits { most: usize },
    /// WeChat Pay assigns them, and they are valid only together with a user's openid: `NUMBER@OPENID`.
    OfUser,
}

/// What the preview of an action shows beside its object.
#[derive(Clone, Copy, Debug)]
pub enum Preview {
    /// How many objects depend on it, by kind and state.
    Dependents,
    /// Its related objects of these kinds: those that it names (true), or that name it (false).
    Related(&'static [(Kind, bool)]),
}

impl Kind {
    /// The data of the kind.
    pub const fn row(self) -> &'static KindRow {
        match self {
            Self::Plan => &KindRow {
                noun: "plan",
                number_field: "merchant_plan_no",
                numbers: Numbers::Merchants { shortest: 1, longest: 32, place: 2 },
                query: EndpointId::PlanQuery,
                sort: ("number", false),
                made_of: None,
                preview: Preview::Dependents,
            },
            Self::SignPlan => &KindRow {
                noun: "sign-plan",
                number_field: "merchant_sign_plan_no",
                numbers: Numbers::Merchants { shortest: 1, longest: 32, place: 3 },
                query: EndpointId::SignPlanQuery,
                sort: ("time", true),
                made_of: Some(Self::Plan),
                preview: Preview::Related(&[(Self::ServiceOrder, true)]),
            },
            Self::ServiceOrder => &KindRow {
                noun: "order",
                number_field: "out_order_no",
                numbers: Numbers::Merchants { shortest: 1, longest: 32, place: 1 },
                query: EndpointId::OrderQuery,
                sort: ("time", true),
                made_of: None,
                preview: Preview::Related(&[(Self::SignPlan, false)]),
            },
            Self::Transaction => &KindRow {
                noun: "transaction",
                number_field: "out_trade_no",
                // Transactions reference §2.1.
                numbers: Numbers::Merchants { shortest: 6, longest: 32, place: 0 },
                query: EndpointId::TransactionByNumber,
                sort: ("time", true),
                made_of: None,
                preview: Preview::Related(&[(Self::Refund, false)]),
            },
            Self::Stock => &KindRow {
                noun: "stock",
                number_field: "stock_id",
                // Shorter than all other numbers of WeChat Pay.
                numbers: Numbers::Digits { most: 20 },
                query: EndpointId::StockQuery,
                sort: ("time", true),
                made_of: None,
                preview: Preview::Related(&[]),
            },
            Self::Refund => &KindRow {
                noun: "refund",
                number_field: "out_refund_no",
                // Transactions reference §6.1.
                numbers: Numbers::Merchants { shortest: 1, longest: 64, place: 4 },
                query: EndpointId::RefundQuery,
                sort: ("time", true),
                made_of: Some(Self::Transaction),
                preview: Preview::Related(&[]),
            },
            Self::Permission => &KindRow {
                noun: "permission",
                number_field: "authorization_code",
                numbers: Numbers::Merchants { shortest: 1, longest: 32, place: 5 },
                query: EndpointId::PermissionByCode,
                sort: ("time", true),
                made_of: None,
                preview: Preview::Related(&[]),
            },
            Self::Coupon => &KindRow {
                noun: "coupon",
                number_field: "coupon_id",
                numbers: Numbers::OfUser,
                query: EndpointId::CouponQuery,
                sort: ("time", true),
                made_of: Some(Self::Stock),
                preview: Preview::Related(&[]),
            },
        }
    }

    /// Whether the region has the kind: WeChat Pay Global has orders and refunds only (Global reference §0).
    pub fn is_in(self, region: Region) -> bool {
        region == Region::Mainland || self.row().query.endpoint().global.is_some()
    }

    pub const fn noun(self) -> &'static str {
        self.row().noun
    }

    pub(crate) fn from_noun(noun: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.noun() == noun)
    }

    pub const fn number_field(self) -> &'static str {
        self.row().number_field
    }

    /// Whether the merchant assigns the number of an object; otherwise WeChat Pay does, in its answer.
    pub(crate) fn is_numbered_by_merchant(self) -> bool {
        matches!(self.row().numbers, Numbers::Merchants { .. })
    }

    /// Whether a state of this kind has this name: its code, or one part of its code. Case does not matter. WeChat Pay
    /// may have others.
    pub(crate) fn has_state(self, name: &str) -> bool {
        // The states of stocks are in lower case.
        self.knows_state(&name.to_ascii_uppercase()) || self.knows_state(&name.to_ascii_lowercase())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Object;
    use serde_json::json;

    #[test]
    fn a_state_is_read_back_from_its_code() {
        let orders = ["CREATED", "DOING", "DONE", "REVOKED", "EXPIRED", "NEW"];
        let steps = ["", "USER_CONFIRM", "MCH_COMPLETE", "NEW_STEP"];
        let collections = ["", "USER_PAYING", "USER_PAID", "NEW_COLLECTION"];
        for n in 0..orders.len() * steps.len() * collections.len() {
            let (state, step, collection) = (orders[n % 6], steps[n / 6 % 4], collections[n / 24]);
            let mut order = json!({"out_order_no": "O-1", "state": state});
            if !step.is_empty() {
                order["state_description"] = step.into();
            }
            if !collection.is_empty() {
                order["collection"] = json!({"state": collection});
            }
            let state = Object::parse(Kind::ServiceOrder, &order.to_string()).unwrap().entity.state();
            assert_eq!(Kind::ServiceOrder.state(&state.code), state);
        }
        for by in ["USER", "MERCHANT", "REVOKE_SERVICE", "NOT_CANCEL", "NEW", ""] {
            let sign_plan =
                json!({"merchant_sign_plan_no": "S-1", "sign_state": "SIGN_PLAN_CANCEL", "cancel_sign_type": by});
            let state = Object::parse(Kind::SignPlan, &sign_plan.to_string()).unwrap().entity.state();
            assert_eq!(Kind::SignPlan.state(&state.code), state);
            assert!(state.code.starts_with("SIGN_PLAN_CANCEL"));
        }
    }

    #[test]
    fn every_state_of_a_kind_has_a_meaning() {
        for kind in Kind::ALL {
            let states = kind.states();
            assert!(states.len() > 1 && states.iter().all(|state| state.meaning.is_some()), "{states:?}");
        }
    }

    #[test]
    fn a_state_is_known_by_its_code_and_by_a_part_of_it() {
        for (kind, names) in [
            (Kind::ServiceOrder, &["DOING", "user_paid", "DONE/MCH_COMPLETE/USER_PAID"][..]),
            (Kind::SignPlan, &["SIGNED", "SIGN_PLAN_CANCEL/USER", "MERCHANT"]),
            (Kind::Stock, &["paused", "RUNNING"]),
            (Kind::Transaction, &["success"]),
        ] {
            assert!(names.iter().all(|name| kind.has_state(name)), "{kind:?}");
            assert!(!["", "PAYED", "DONE/PAYED"].iter().any(|name| kind.has_state(name)), "{kind:?}");
        }
    }
}
