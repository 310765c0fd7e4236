//! The catalogue of actions: what an operator may do to an object, when, at what risk, with which form, through
//! which endpoint. Menus, forms, previews, CLI verbs and the journal all read this one table.
//!
//! An action is one [`Action`] row in the file of its kind (`plan`, `order`, `stock`, …), next to the functions that
//! the row names, and one line in the list below. [`operation`] turns a filled-in form into a request.

mod abnormal;
mod body;
mod bulk;
mod confirmation;
mod evidence;
mod field;
mod form;
mod given;
mod intention;
mod operation;
mod order;
mod permission;
mod plan;
mod raw;
mod raw_path;
mod refund;
mod related_state;
mod rules;
mod secret;
mod sign_plan;
mod stock;
#[cfg(test)]
mod tests;
mod transaction;
mod worth;

pub(crate) use abnormal::BANKS;
pub use abnormal::masked;
pub use body::derived_differ;
pub use bulk::{Bulk, NoPlace};
pub use confirmation::{Confirmation, Confirmed, ConfirmedBy, NotConfirmed};
pub use evidence::{Evidence, evidence, made, outcome_object};
pub use field::{Field, FieldError, FieldKind, InBulk, Problem, Values, is_parting, rows};
pub(crate) use given::form_currency;
pub use intention::{Intention, Repetition};
pub use operation::{Operation, PrepareError, PreviewLine, create, prepare};
pub use raw::RawWrite;
pub use raw_path::RawPath;
pub use related_state::{Dependents, RelatedState};
pub use rules::{Caps, Reasons, RuleBroken, Rules, Write, WriteName, is_reason};
pub use secret::Secret;

use super::endpoint::Repeat;
use super::time::Timestamp;
use super::{Document, EndpointId, Entity, Kind, Merchant, Object, ObjectId, Region};
use evidence::MadeBy;
use given::FormValues;
use intention::{AmountIn, SameBy};
use operation::{ActionContext, RequestParts};

/// What an action puts at risk. It decides how the action is confirmed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Risk {
    /// Another action reverses it.
    Reversible,
    /// Something is made that charges no one by itself and can be ended by another action.
    Makes,
    /// Irreversible: confirmed by typing the end of the number.
    Irreversible,
    /// Someone is charged, or money is given up: confirmed likewise.
    MovesMoney,
}

impl Risk {
    /// True if it is confirmed by typing the end of the number.
    pub(crate) const fn is_typed(self) -> bool {
        matches!(self, Self::Irreversible | Self::MovesMoney)
    }
}

/// One action of the catalogue. Its row is next to its functions in the file of its kind.
#[derive(Debug)]
pub struct Action {
    pub id: ActionId,
    pub kind: Kind,
    /// The command line's verb; with the kind's noun, the stem of its message ids.
    pub verb: &'static str,
    pub endpoint: EndpointId,
    pub risk: Risk,
    pub fields: &'static [Field],
    /// The action that reverses this one.
    pub reverse: Option<ActionId>,
    /// The kind of object that it makes. If that is its own kind, it is a creation: it needs no existing object.
    pub makes: Option<Kind>,
    /// Members of the body that it computes from the fields, by JSON pointer.
    pub derived: &'static [&'static str],
    behaviour: Behaviour,
    /// The member of its body with the number of the made object, if it is not the usual one of the kind.
    number_in: Option<&'static str>,
    /// What shows its effect if the answer is lost.
    pub shown_by: ShownBy,
    /// Which object a raw request for it is about.
    pub(crate) raw_object: RawObject,
    /// Whether it blocks only the same intention while it is open, and nothing else on its object.
    pub(crate) bars_same_only: bool,
    /// Members of its body that name its object, if no path does.
    names_object: &'static [&'static str],
    /// The endpoint whose path has WeChat Pay's own number for the object.
    by_platform_number: Option<EndpointId>,
    /// The member of its body with the money that it moves; `None` if no single member has it.
    amount_in: Option<AmountIn>,
    /// Whether the identical request may be sent again, if the endpoint does not determine it by its number.
    sent_again: Option<bool>,
    /// Whether it may be done to many objects at once; by default if it makes nothing.
    for_many: Option<bool>,
    /// The command line's verb for making something out of another object.
    made_verb: &'static str,
    /// The start values of its form, beside the merchant's settings.
    defaults: fn(&ActionContext<'_>) -> Values,
    /// The documented rules between the fields, for those filled in so far.
    rules: fn(&FormValues<'_>, Option<&Object>, Region) -> Vec<FieldError>,
    /// The sums of the values, shown while they are typed and in the preview.
    sums: fn(&FormValues<'_>) -> Vec<PreviewLine>,
    /// Reads the made object from the reply.
    made: fn(&MadeBy<'_>) -> (ObjectId, Option<Object>),
}

/// What a query finds the effect of an action by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShownBy {
    /// The object itself, under the number of the request. In the other cases only the answer has the number.
    Object,
    /// The list of stocks: one that is as requested, and new.
    NewStock,
    /// The list of the user's coupons: the one that was sent under the number of the request.
    SentCoupon,
    /// The setting itself, which is no object.
    Setting,
}

/// Which object a raw request for an action is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RawObject {
    /// The one that it names, if the ledger has it.
    IfKnown,
    /// The one that it names. The request is refused unless the ledger has it.
    Known,
    /// The one that it names, whether the ledger has it or not.
    AsNamed,
}

/// The functions that each action must define.
#[derive(Clone, Copy, Debug)]
struct Behaviour {
    /// Whether it is legal in the object's state.
    legal: fn(&Entity, Timestamp) -> Result<(), Illegal>,
    /// Builds the request from the checked form.
    request: fn(&ActionContext<'_>, &FormValues<'_>) -> Result<RequestParts, PrepareError>,
    /// The evidence in an object for the request that was sent.
    evidence: fn(Document<'_>, &Entity) -> Evidence,
    /// What makes two requests the same intention.
    same_by: SameBy,
}

/// Why an action is not legal: a message id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Illegal(pub &'static str);

impl Illegal {
    /// The action is not for objects of this kind.
    const KIND: Self = Self("illegal-kind");
    /// The state is unknown to this version: it permits nothing.
    const UNKNOWN_STATE: Self = Self("illegal-state-unknown");
}

/// Generates [`ActionId`] and [`ACTIONS`] from one list. A row that is not listed is dead code, which the compiler
/// reports; a name without its row does not compile.
macro_rules! actions {
    ($($id:ident $row:path,)*) => {
        /// Names of the actions.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum ActionId { $($id),* }

        /// All actions, in the order of [`ActionId`] and of the menus.
        pub const ACTIONS: &[Action] = &[$($row),*];
    };
}

actions! {
    PlanStop plan::STOP,
    PlanSell plan::SELL,
    PlanCreate plan::CREATE,
    SignPlanCancel sign_plan::CANCEL,
    SignPlanOrder sign_plan::ORDER,
    OrderComplete order::COMPLETE,
    OrderModify order::MODIFY,
    OrderCancel order::CANCEL,
    OrderSync order::SYNC,
    OrderPay order::PAY,
    OrderCreate order::CREATE,
    PermissionTerminate permission::TERMINATE,
    PermissionTerminateOpenid permission::TERMINATE_OPENID,
    PermissionCreate permission::CREATE,
    TransactionClose transaction::CLOSE,
    TransactionRefund refund::REFUND,
    TransactionJsapi transaction::JSAPI,
    TransactionNative transaction::NATIVE,
    TransactionApp transaction::APP,
    TransactionH5 transaction::H5,
    RefundApplyAbnormal abnormal::APPLY,
    StockStart stock::START,
    StockPause stock::PAUSE,
    StockRestart stock::RESTART,
    StockSend stock::SEND,
    StockCreate stock::CREATE,
    StockCallback stock::CALLBACK,
}

/// The beginning of a row: id, kind, verb, endpoint and risk.
struct ActionRow(ActionId, Kind, &'static str, EndpointId, Risk);

impl ActionRow {
    /// A row with the fields that every action needs. The rest is overridden where it differs.
    const fn does(self, behaviour: Behaviour) -> Action {
        let Self(id, kind, verb, endpoint, risk) = self;
        Action {
            id,
            kind,
            verb,
            endpoint,
            risk,
            fields: &[],
            reverse: None,
            makes: None,
            derived: &[],
            behaviour,
            number_in: None,
            shown_by: ShownBy::Object,
            raw_object: RawObject::IfKnown,
            bars_same_only: false,
            names_object: &[],
            by_platform_number: None,
            amount_in: None,
            sent_again: None,
            for_many: None,
            made_verb: "create",
            defaults: |_| Values::new(),
            rules: |_, _, _| Vec::new(),
            sums: |_| Vec::new(),
            made: evidence::document_of_reply,
        }
    }
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

    /// The actions that make an object of a kind without another object.
    pub(crate) fn creating(kind: Kind) -> impl Iterator<Item = &'static Self> {
        ACTIONS.iter().filter(move |action| action.kind == kind && action.is_creation())
    }

    /// True if it may be done to many objects at once.
    pub(crate) fn is_for_many(&self) -> bool {
        self.for_many.unwrap_or(self.makes.is_none())
    }

    /// Whether merchants of a region have it: its endpoint, or the counterpart of that there.
    pub fn is_in(&self, region: Region) -> bool {
        self.kind.is_in(region) && self.endpoint.on(region).endpoint().is_in(region)
    }

    /// True if it needs no existing object.
    pub fn is_creation(&self) -> bool {
        self.makes == Some(self.kind)
    }

    /// True if it has its effect again each time it is sent, because each request gets a number of its own. What moves
    /// nothing by itself (an order that a user has yet to pay, a plan, a permission), or is reversible, may be made as
    /// often as wanted.
    pub(crate) fn is_once(&self) -> bool {
        self.makes.is_some() && !matches!(self.risk, Risk::Makes | Risk::Reversible)
    }

    /// True if someone may be charged, paid or given something by it.
    pub(crate) fn moves_money(&self) -> bool {
        self.is_once() || self.risk == Risk::MovesMoney
    }

    /// True if the identical request has one effect however often it is sent: by its number (protocol reference §13),
    /// or because entering a state a second time changes nothing (coupons reference §2).
    pub(crate) fn may_be_sent_again(&self) -> bool {
        self.sent_again.unwrap_or_else(|| self.endpoint.endpoint().repeat == Repeat::SameNumber)
    }

    /// True if WeChat Pay assigns the number of the made object, so that only the answer has it: until then it is known
    /// by the number of the request.
    pub(crate) fn is_numbered_by_the_answer(&self) -> bool {
        self.shown_by != ShownBy::Object
    }

    /// True if it sets something of the merchant that is not an object, although it is listed as a creation.
    pub(crate) fn is_setting(&self) -> bool {
        self.shown_by == ShownBy::Setting
    }

    /// True if an object of the ledger comes into being by it.
    pub(crate) fn makes_object(&self) -> bool {
        self.makes.is_some() && !self.is_setting()
    }

    /// The command line's verb for making something out of another object.
    pub(crate) fn made_verb(&self) -> &'static str {
        self.made_verb
    }

    /// The action that the command line names `noun verb`.
    pub fn find(kind: Kind, verb: &str) -> Option<&'static Self> {
        Self::of(kind).find(|action| action.verb == verb)
    }

    /// The action that makes objects of a kind out of another: `noun create` on the command line, too.
    pub(crate) fn making(kind: Kind) -> Option<&'static Self> {
        ACTIONS.iter().find(|action| action.makes == Some(kind) && !action.is_creation())
    }

    /// `order-complete`: the stem of its messages (`action-…`, `effect-…`) and its name in the journal.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind.noun(), self.verb)
    }

    /// The fields of its form for a merchant of a region.
    pub(crate) fn fields_in(&self, region: Region) -> impl Iterator<Item = &'static Field> + use<> {
        self.fields.iter().filter(move |field| field.only.is_none_or(|only| only == region))
    }

    /// The fields that are filled in once for all objects of a bulk action.
    pub(crate) fn shared_fields(&self) -> impl Iterator<Item = &'static Field> {
        self.fields.iter().filter(|field| field.in_bulk == InBulk::Shared)
    }

    /// The start values of a bulk action's form.
    pub(crate) fn shared_defaults(&self, merchant: &Merchant, now: Timestamp) -> Values {
        let settings = form::settings(self, merchant);
        let default = |field: &Field| form::shared_default(field, now).or_else(|| settings.get(field.name).cloned());
        self.shared_fields().map(|field| (field.name, default(field).unwrap_or_default())).collect()
    }

    /// The values for one object of a bulk action: the shared ones, and the object's own for the others.
    pub(crate) fn bulk_values(
        &self,
        shared: &Values,
        object: &Object,
        related_state: &RelatedState,
        merchant: &Merchant,
        now: Timestamp,
    ) -> Values {
        let mut values = self.defaults(object, related_state, merchant, now);
        for field in self.shared_fields() {
            values.insert(field.name, shared.get(field.name).cloned().unwrap_or_default());
        }
        values
    }

    /// True if its form asks for the reason.
    pub(crate) fn asks_reason(&self) -> bool {
        self.fields.iter().any(|field| field.name == "reason")
    }

    /// Whether it is legal in the object's state at this time, as far as is known here; the platform makes the final
    /// decision.
    pub fn legal(&self, entity: &Entity, now: Timestamp) -> Result<(), Illegal> {
        (self.behaviour.legal)(entity, now)
    }

    /// The start values of a creation's form.
    pub fn fresh(&self, merchant: &Merchant, now: Timestamp) -> Values {
        form::fresh(self, &ActionContext { object: None, related_state: RelatedState::NONE, merchant, now })
    }

    /// The start values of the form. `related_state`: what is known of the objects that belong to this one.
    pub fn defaults(
        &self,
        object: &Object,
        related_state: &RelatedState,
        merchant: &Merchant,
        now: Timestamp,
    ) -> Values {
        form::defaults(self, &ActionContext { object: Some(object), related_state, merchant, now })
    }

    /// All errors in the values: of each field by itself, and of the rules between those that are filled in. While they
    /// are typed (`whole` is false), an empty field is not an error yet.
    pub(crate) fn problems(
        &self,
        object: Option<&Object>,
        values: &Values,
        region: Region,
        whole: bool,
        now: Timestamp,
    ) -> Vec<FieldError> {
        self.errors(&FormValues::read(self, object, values, region, now), object, region, whole)
    }

    /// The same for parsed values.
    fn errors(&self, given: &FormValues<'_>, object: Option<&Object>, region: Region, whole: bool) -> Vec<FieldError> {
        let checked = self.fields_in(region).filter(|field| whole || given.is_filled(field.name));
        let problem = |field: &Field| Some(FieldError { field: field.name, problem: given.check(field).err()? });
        let mut errors: Vec<FieldError> = checked.filter_map(problem).collect();
        // Values of fields that this region does not have would be dropped silently.
        let known = |name: &str| self.fields.iter().any(|field| field.name == name);
        let foreign = |name: &&str| known(name) && !self.fields_in(region).any(|field| field.name == *name);
        let elsewhere = given.filled().filter(foreign).map(|field| FieldError {
            field,
            problem: Problem::Rule { id: "problem-other-region", value: region.name().to_owned() },
        });
        errors.extend(elsewhere);
        for error in (self.rules)(given, object, region) {
            if !errors.iter().any(|known| known.field == error.field) {
                errors.push(error);
            }
        }
        errors
    }

    /// The sums of the values so far.
    pub fn sums(&self, values: &Values) -> Vec<PreviewLine> {
        (self.sums)(&FormValues::read(self, None, values, Region::Mainland, Timestamp::UNIX_EPOCH))
    }
}
