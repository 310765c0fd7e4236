//! The catalogue of actions: what an operator may do to an object, when, at what risk, with which form, through
//! which endpoint. Menus, forms, previews, CLI verbs and the journal all read this one table; what an action sends
//! is built in [`operation`].

mod abnormal;
#[cfg(test)]
mod abroad;
mod body;
mod bulk;
mod confirmation;
mod creation;
mod effect;
mod field;
mod form;
mod intention;
mod legality;
mod operation;
mod raw;
mod raw_path;
mod refund;
mod rules;
mod surroundings;
mod worth;

pub(crate) use abnormal::BANKS;
pub use abnormal::{Secret, masked};
pub use bulk::{Bulk, NoPlace};
pub use confirmation::{Confirmation, Confirmed, ConfirmedBy, NotConfirmed};
pub use creation::{derived_differ, made};
pub use effect::{Evidence, evidence, witness};
pub use field::{Field, FieldError, FieldKind, InBulk, Problem, Values, is_parting, rows};
pub use intention::{Again, Intention};
pub use legality::Illegal;
pub use operation::{Fact, Operation, PrepareError, create, prepare};
pub use raw::RawWrite;
pub use raw_path::RawPath;
pub use rules::{Caps, Reasons, RuleBroken, Rules, Write, WriteName, is_reason};
pub use surroundings::{Dependents, Surroundings};

use super::endpoint::Repeat;
use super::time::Timestamp;
use super::{EndpointId, Entity, Kind, Merchant, Object, Region};

/// What is at stake. It decides how an action is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Another action takes it back.
    Reversible,
    /// Something is made that charges nobody by itself and can be ended by another action.
    Makes,
    /// Nothing takes it back: confirmed by typing the end of the number.
    Irreversible,
    /// Somebody is charged, or money is given up: likewise.
    MovesMoney,
}

impl Risk {
    /// True if it is confirmed by typing the end of the number.
    pub const fn is_typed(self) -> bool {
        matches!(self, Self::Irreversible | Self::MovesMoney)
    }
}

/// Names of the actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActionId {
    PlanStop,
    PlanSell,
    PlanCreate,
    SignPlanCancel,
    SignPlanOrder,
    OrderComplete,
    OrderModify,
    OrderCancel,
    OrderSync,
    OrderPay,
    OrderCreate,
    PermissionTerminate,
    PermissionTerminateOpenid,
    PermissionCreate,
    TransactionClose,
    TransactionRefund,
    TransactionJsapi,
    TransactionNative,
    TransactionApp,
    TransactionH5,
    RefundApplyAbnormal,
    StockStart,
    StockPause,
    StockRestart,
    StockSend,
    StockCreate,
    StockCallback,
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
    /// What it makes: an object of its own, of which the action is the creation. If that is of its own kind, the action
    /// is on nothing that there is.
    pub makes: Option<Kind>,
    /// Members of the body that it works out from the fields, by JSON pointer.
    pub derived: &'static [&'static str],
}

macro_rules! catalogue {
    ($($id:ident: $kind:ident $verb:literal $endpoint:ident $risk:ident $fields:expr
        $(; reverse $reverse:ident)? $(; makes $makes:ident $([$($derived:literal),*])?)?,)*) => {
        /// All actions, in the order of [`ActionId`] and of the menus.
        pub const ACTIONS: &[Action] = &[$(Action {
            id: ActionId::$id,
            kind: Kind::$kind,
            verb: $verb,
            endpoint: EndpointId::$endpoint,
            risk: Risk::$risk,
            fields: $fields,
            reverse: catalogue!(@reverse $($reverse)?),
            makes: catalogue!(@makes $($makes)?),
            derived: &[$($($($derived),*)?)?],
        }),*];
    };
    (@reverse $reverse:ident) => { Some(ActionId::$reverse) };
    (@reverse) => { None };
    (@makes $makes:ident) => { Some(Kind::$makes) };
    (@makes) => { None };
}

const TOTAL: Field =
    Field { in_bulk: InBulk::Own("bulk-own-total"), ..Field::needed("amount", "field-amount", FieldKind::Money, "") };
const LOWER_TOTAL: Field = Field { in_bulk: InBulk::Shared, ..TOTAL };
const REASON_50: Field = Field::needed("reason", "field-reason", FieldKind::Text { max: 50 }, "");
const REASON_128: Field = Field { kind: FieldKind::Text { max: 128 }, ..REASON_50 };
const PAID_TIME: Field = Field::needed("paid-time", "field-paid-time", FieldKind::CompactTime, "");
const REFUND: Field = Field { label: "field-refund-amount", in_bulk: InBulk::Own("bulk-own-refund"), ..TOTAL };
const REFUND_REASON: Field = Field { kind: FieldKind::Text { max: 80 }, required: false, ..REASON_50 };
const REFUND_NUMBER: Field = Field {
    in_bulk: InBulk::Own("bulk-own-number"),
    ..Field::needed("number", "field-refund-number", FieldKind::Number, "")
};
/// Without one, no notification of the refund is sent (transactions reference §6.3).
const REFUND_NOTIFY: Field = Field::optional("notify-url", "detail-notify-url", FieldKind::Url { max: 256 }, "");

catalogue! {
    PlanStop: Plan "stop" PlanStop Irreversible &[],
    PlanSell: Plan "sell" SignPlanCreate Makes creation::SIGN_PLAN; makes SignPlan ["service_id", "plan_id"],
    PlanCreate: Plan "create" PlanCreate Makes creation::PLAN;
        makes Plan ["deduction_quantity", "total_original_price", "total_actual_price"],
    SignPlanCancel: SignPlan "cancel" SignPlanCancel Irreversible &[REASON_128],
    SignPlanOrder: SignPlan "order" SignPlanOrderCreate Makes creation::DETAIL_ORDER;
        makes ServiceOrder ["service_id", "sign_plan_id", "openid", "out_trade_no"],
    OrderComplete: ServiceOrder "complete" OrderComplete MovesMoney &[TOTAL],
    OrderModify: ServiceOrder "modify" OrderModify MovesMoney &[LOWER_TOTAL, REASON_50],
    OrderCancel: ServiceOrder "cancel" OrderCancel Irreversible &[REASON_50],
    OrderSync: ServiceOrder "sync" OrderSync MovesMoney &[PAID_TIME],
    OrderPay: ServiceOrder "pay" OrderPay MovesMoney &[],
    OrderCreate: ServiceOrder "create" OrderCreate Makes creation::ORDER; makes ServiceOrder,
    PermissionTerminate: Permission "terminate" PermissionTerminateByCode Irreversible &[REASON_50],
    PermissionTerminateOpenid: Permission "terminate-openid" PermissionTerminateByOpenid Irreversible &[REASON_50],
    PermissionCreate: Permission "create" PermissionCreate Makes creation::PERMISSION; makes Permission,
    TransactionClose: Transaction "close" TransactionClose Irreversible &[],
    TransactionRefund: Transaction "refund" RefundCreate MovesMoney
        &[REFUND, REFUND_REASON, REFUND_NUMBER, REFUND_NOTIFY]; makes Refund,
    TransactionJsapi: Transaction "create-jsapi" TransactionJsapi Makes creation::JSAPI;
        makes Transaction ["mchid", "sp_mchid", "sub_mchid", "trade_type", "amount/currency"],
    TransactionNative: Transaction "create-native" TransactionNative Makes creation::NATIVE;
        makes Transaction ["mchid", "sp_mchid", "sub_mchid", "trade_type", "amount/currency"],
    TransactionApp: Transaction "create-app" TransactionApp Makes creation::APP;
        makes Transaction ["mchid", "sp_mchid", "sub_mchid", "trade_type", "amount/currency"],
    TransactionH5: Transaction "create-h5" TransactionH5 Makes creation::H5;
        makes Transaction ["mchid", "sp_mchid", "sub_mchid", "trade_type", "amount/currency"],
    RefundApplyAbnormal: Refund "apply-abnormal" RefundApplyAbnormal MovesMoney abnormal::FIELDS,
    StockStart: Stock "start" StockStart MovesMoney &[],
    StockPause: Stock "pause" StockPause Reversible &[]; reverse StockRestart,
    StockRestart: Stock "restart" StockRestart Reversible &[]; reverse StockPause,
    StockSend: Stock "send" CouponSend MovesMoney creation::COUPON;
        makes Coupon ["stock_id", "stock_creator_mchid"],
    StockCreate: Stock "create" StockCreate Irreversible creation::STOCK;
        makes Stock ["belong_merchant", "stock_type", "stock_use_rule/max_amount"],
    StockCallback: Stock "callback" CallbackSet Reversible creation::CALLBACK; makes Stock ["mchid"],
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

    /// All actions on objects of a kind.
    pub fn of(kind: Kind) -> impl Iterator<Item = &'static Self> {
        ACTIONS.iter().filter(move |action| action.kind == kind && !action.is_creation())
    }

    /// The actions that make something of a kind out of nothing.
    pub fn creating(kind: Kind) -> impl Iterator<Item = &'static Self> {
        ACTIONS.iter().filter(move |action| action.kind == kind && action.is_creation())
    }

    /// True if it may be done to many objects at once: what makes something is told apart for each, a refund apart. The
    /// money of a refund that failed goes to a card of its own.
    pub fn is_for_many(&self) -> bool {
        match self.id {
            ActionId::TransactionRefund => true,
            ActionId::RefundApplyAbnormal => false,
            _ => self.makes.is_none(),
        }
    }

    /// Whether merchants of a region have it: its endpoint, or what stands for that there.
    pub fn is_in(&self, region: Region) -> bool {
        self.kind.is_in(region) && self.endpoint.on(region).endpoint().is_in(region)
    }

    /// True if it is on nothing that there is.
    pub fn is_creation(&self) -> bool {
        self.makes == Some(self.kind)
    }

    /// True if it has its effect again each time it is sent, because each time it is made under a number of its own. What
    /// moves nothing by itself (an order that a user has yet to pay, a plan, a permission) may be made as often as wanted.
    pub fn is_once(&self) -> bool {
        self.makes.is_some() && self.risk != Risk::Makes && self.id != ActionId::StockCallback
    }

    /// True if somebody may be charged, paid or given something by it.
    pub fn moves_money(&self) -> bool {
        self.is_once() || self.risk == Risk::MovesMoney
    }

    /// True if the very same request has one effect however often it is sent: by its number (protocol reference §13),
    /// or because entering the state once more changes nothing (coupons reference §2). Of the creation of a stock the
    /// reference is not sure.
    pub fn may_be_sent_again(&self) -> bool {
        match self.id {
            ActionId::StockStart | ActionId::StockPause | ActionId::StockRestart => true,
            ActionId::StockCreate => false,
            _ => self.endpoint.endpoint().repeat == Repeat::SameNumber,
        }
    }

    /// True if the number of what it makes is WeChat Pay's, so that only the answer tells it: until then it is known by
    /// the number of the request.
    pub fn is_numbered_by_the_answer(&self) -> bool {
        matches!(self.id, ActionId::StockCreate | ActionId::StockSend | ActionId::StockCallback)
    }

    /// What the command line calls the making of something out of another object.
    pub fn made_verb(&self) -> &'static str {
        if self.id == ActionId::StockSend { "send" } else { "create" }
    }

    /// The action the command line calls `noun verb`.
    pub fn find(kind: Kind, verb: &str) -> Option<&'static Self> {
        Self::of(kind).find(|action| action.verb == verb)
    }

    /// The action that makes objects of a kind out of another: what the command line calls `noun create`, too.
    pub fn making(kind: Kind) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.makes == Some(kind) && !action.is_creation())
    }

    /// `order-complete`: the stem of its messages (`action-…`, `effect-…`) and its name in the journal.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.noun(), self.verb)
    }

    /// The fields of its form for a merchant of a region.
    pub fn fields_in(&self, region: Region) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().filter(move |field| field.only.is_none_or(|only| only == region))
    }

    /// The fields that are filled in once for all objects of a bulk action.
    pub fn shared_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.in_bulk == InBulk::Shared)
    }

    /// What the form of a bulk action starts with.
    pub fn shared_defaults(&self, merchant: &Merchant, now: Timestamp) -> Values {
        let settings = creation::defaults(self.id, merchant, now);
        let default = |field: &Field| form::shared_default(field, now).or_else(|| settings.get(field.name).cloned());
        self.shared_fields().map(|field| (field.name, default(field).unwrap_or_default())).collect()
    }

    /// What an object of a bulk action is done with: the values that are shared, and its own of the others.
    pub fn bulk_values(
        &self,
        shared: &Values,
        object: &Object,
        around: &Surroundings,
        merchant: &Merchant,
        now: Timestamp,
    ) -> Values {
        let mut values = self.defaults(object, around, merchant, now);
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

    /// What the form of a creation starts with.
    pub fn fresh(&self, merchant: &Merchant, now: Timestamp) -> Values {
        creation::defaults(self.id, merchant, now)
    }

    /// Everything that is wrong with the values: each field by itself, and the rules between those that are filled in.
    /// While they are typed, an empty field is no mistake yet: `whole` is false.
    pub fn problems(
        &self,
        object: Option<&Object>,
        values: &Values,
        region: Region,
        whole: bool,
        now: Timestamp,
    ) -> Vec<FieldError> {
        let currency = creation::currency_of(object, values);
        let text = |field: &Field| values.get(field.name).map_or("", String::as_str);
        let checked = self.fields_in(region).filter(|field| whole || !text(field).trim().is_empty());
        let problem = |field: &Field| {
            Some(FieldError { field: field.name, problem: field.check_in(text(field), now, currency).err()? })
        };
        let mut errors: Vec<FieldError> = checked.filter_map(problem).collect();
        // What is no field in this region would be left out without a word.
        let known = |name: &str| self.fields.iter().any(|field| field.name == name);
        let foreign = |name: &&str| known(name) && !self.fields_in(region).any(|field| field.name == *name);
        let given = values.iter().filter(|(_, text)| !text.trim().is_empty()).map(|(name, _)| *name);
        let elsewhere = given.filter(foreign).map(|field| FieldError {
            field,
            problem: Problem::Rule { id: "problem-other-region", value: region.name().to_owned() },
        });
        errors.extend(elsewhere);
        for error in creation::rules(self.id, object, values, region, now) {
            if !errors.iter().any(|known| known.field == error.field) {
                errors.push(error);
            }
        }
        errors
    }

    /// What the values come to so far.
    pub fn sums(&self, values: &Values) -> Vec<Fact> {
        creation::sums(self.id, values)
    }

    /// What the form starts with. `around` is what is known of the objects that belong to this one.
    pub fn defaults(&self, object: &Object, around: &Surroundings, merchant: &Merchant, now: Timestamp) -> Values {
        form::defaults(self, object, around, merchant, now)
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
        let merchant = Merchant::new(crate::model::MchId::new("1900000001"));
        assert_eq!(
            complete.bulk_values(&shared, &order, Surroundings::NONE, &merchant, now)["amount"],
            "8.80",
            "an order's own"
        );
        assert_eq!(
            ActionId::OrderModify.action().bulk_values(&shared, &order, Surroundings::NONE, &merchant, now)["amount"],
            "0.01"
        );
    }

    #[test]
    fn the_catalogue_is_in_the_order_of_its_names_and_every_row_is_a_mutation_of_its_kind() {
        for (i, action) in ACTIONS.iter().enumerate() {
            assert_eq!(action.id as usize, i);
            assert!(action.endpoint.endpoint().is_mutation());
            let same = ACTIONS.iter().filter(|other| other.name() == action.name()).count();
            assert_eq!(same, 1, "verbs are unique");
            if let Some(reverse) = action.reverse {
                assert_eq!(reverse.action().kind, action.kind);
                assert_eq!(action.risk, Risk::Reversible);
            }
        }
    }
}
