//! The request of an action: built once, shown in the preview, and then sent as it was shown.

use serde_json::{Value, json};

use super::{Action, ActionId, FieldError, FormValues, Illegal, Intention, RelatedState, Repetition, Secret, Values};
use crate::model::time::Timestamp;
use crate::model::{Document, EndpointId, Entity, Environment, Merchant, MissingSetting, Money, Object, ObjectId};

/// An action on one object, ready to be sent. What is confirmed is this value, and this value is what is sent.
#[derive(Clone, Debug, PartialEq)]
pub struct Operation {
    pub action: ActionId,
    /// Where it is sent: the action's endpoint in the merchant's region.
    pub endpoint: EndpointId,
    /// The object that is changed; for a creation, the object that is made.
    pub object: ObjectId,
    /// The object that is queried if the outcome is unknown: `object`, or the one that is made.
    pub outcome_object: ObjectId,
    /// The object's name, for the preview. Text from outside.
    pub title: Option<String>,
    pub user: Option<String>,
    /// The state's code when the operation was prepared.
    pub before: String,
    /// The request target, as it is signed and sent.
    pub target: String,
    /// The exact body; empty where the endpoint takes none.
    pub body: String,
    /// The latest entry of the journal about the object when it was prepared: later ones were not shown to the person
    /// who confirms. `None` for a creation.
    pub seen: Option<i64>,
    /// The money that moves or is given up.
    pub amount: Option<Money>,
    /// Other effects, for the preview.
    pub preview: Vec<PreviewLine>,
    /// The reason for the journal: from its form, else from its confirmation.
    pub reason: Option<String>,
    /// Members of the body that are encrypted when it is sent. Until then the body shows their masks.
    pub secrets: Vec<Secret>,
    /// The setting that it replaces, as a document: the journal keeps it, so that it can be set again.
    pub replaces: Option<String>,
    /// Whether it may repeat an earlier one of the same intention.
    pub again: Repetition,
}

/// A line of the preview: a message id and its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviewLine {
    pub label: &'static str,
    pub value: String,
}

impl PreviewLine {
    pub(super) fn new(label: &'static str, value: impl ToString) -> Self {
        Self { label, value: value.to_string() }
    }
}

/// Why an action cannot be prepared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PrepareError {
    Illegal(Illegal),
    Fields(Vec<FieldError>),
    Setting(MissingSetting),
}

impl Operation {
    /// Whether a member of its body is still to be encrypted.
    pub(crate) fn has_secrets(&self) -> bool {
        !self.secrets.is_empty()
    }

    /// What must be typed to confirm it: by itself for an irreversible operation or a repetition on purpose; where
    /// money is real, for every operation.
    pub(crate) fn typed_confirmation(&self, environment: Environment) -> Option<String> {
        let typed = self.is_typed() || environment == Environment::Production;
        typed.then(|| self.word())
    }

    /// True if a plain yes is never enough.
    pub(super) fn is_typed(&self) -> bool {
        matches!(self.again, Repetition::AfterEntry(_)) || self.action.action().risk.is_typed()
    }

    /// The text by which it can be confirmed: the end of the number; for a repetition on purpose followed by the number
    /// of the entry that is repeated. That number alone may be a single digit, which is soon typed by mistake.
    pub(super) fn word(&self) -> String {
        let tail = self.object.number.tail();
        match self.again {
            Repetition::AfterEntry(journal) => format!("{tail}-{journal}"),
            Repetition::No | Repetition::Yes => tail.to_owned(),
        }
    }

    /// The same with the address that it replaces; `None` if none was ever set.
    pub(crate) fn replacing(mut self, url: Option<&str>) -> Self {
        let document = url.map_or_else(|| json!({}), |url| json!({ "notify_url": url }));
        self.replaces = Some(document.to_string());
        self
    }

    /// The address that it replaces.
    pub(crate) fn replaced_url(&self) -> Option<String> {
        Document::member(self.replaces.as_deref()?, "notify_url")
    }

    /// Its intended effect.
    pub fn intention(&self) -> Intention {
        Intention::of(self.action, &self.object, &self.target, &self.body)
    }

    /// Everything it changes or makes: the object first.
    pub fn touched(&self) -> Vec<ObjectId> {
        let made = Some(&self.outcome_object).filter(|outcome_object| **outcome_object != self.object);
        std::iter::once(&self.object).chain(made).cloned().collect()
    }
}

/// The input of a form and of a request.
pub(super) struct ActionContext<'a> {
    /// `None` for a creation.
    pub object: Option<&'a Object>,
    pub related_state: &'a RelatedState,
    pub merchant: &'a Merchant,
    pub now: Timestamp,
}

impl<'a> ActionContext<'a> {
    pub(super) fn entity(&self) -> Option<&'a Entity> {
        self.object.map(|object| &*object.entity)
    }
}

/// The request of an action.
#[derive(Default)]
pub(super) struct RequestParts {
    /// The parameter of the endpoint's path, if it is not the object's own number.
    pub path: Option<(&'static str, String)>,
    /// Null if the endpoint takes none.
    pub body: Value,
    /// The object that is made: `None` if it only changes the object.
    pub makes: Option<ObjectId>,
    /// The money that moves or is given up.
    pub amount: Option<Money>,
    pub preview: Vec<PreviewLine>,
    pub secrets: Vec<Secret>,
}

/// Checks the form and builds the request. `related_state`: what is known of the objects that belong to this one or depend on
/// it.
pub fn prepare(
    action: &'static Action,
    object: &Object,
    related_state: &RelatedState,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
) -> Result<Operation, PrepareError> {
    exists(action, merchant)?;
    action.legal(&object.entity, now).map_err(PrepareError::Illegal)?;
    build(action, &ActionContext { object: Some(object), related_state, merchant, now }, values)
}

/// Checks the form of a creation and builds the request.
pub fn create(
    action: &'static Action,
    merchant: &Merchant,
    values: &Values,
    now: Timestamp,
) -> Result<Operation, PrepareError> {
    exists(action, merchant)?;
    build(action, &ActionContext { object: None, related_state: RelatedState::NONE, merchant, now }, values)
}

/// Refuses what the merchant's region does not have.
fn exists(action: &Action, merchant: &Merchant) -> Result<(), PrepareError> {
    if action.is_in(merchant.region) { Ok(()) } else { Err(PrepareError::Illegal(Illegal("illegal-region"))) }
}

fn build(action: &'static Action, context: &ActionContext<'_>, values: &Values) -> Result<Operation, PrepareError> {
    let (object, region) = (context.object, context.merchant.region);
    let given = FormValues::read(action, object, values, region, context.now);
    let errors = action.errors(&given, object, region, true);
    if !errors.is_empty() {
        return Err(PrepareError::Fields(errors));
    }
    let request = (action.behaviour.request)(context, &given)?;
    let id = object.map(|object| object.id.clone()).or_else(|| request.makes.clone());
    let id = id.ok_or(PrepareError::Illegal(Illegal::KIND))?;
    let own = |name| given.filled_text(name).map(str::to_owned);
    let endpoint = action.endpoint.on(region);
    let (parameter, value) = request.path.unwrap_or_else(|| (id.kind.number_field(), id.number.to_string()));
    Ok(Operation {
        action: action.id,
        endpoint,
        outcome_object: request.makes.unwrap_or_else(|| id.clone()),
        title: match object {
            Some(object) => object.entity.title().map(str::to_owned),
            None => own("name").or_else(|| own("description")).or_else(|| own("introduction")),
        },
        user: match object {
            Some(object) => object.entity.user().map(str::to_owned),
            None => own("openid"),
        },
        before: object.map(|object| object.entity.state().code).unwrap_or_default(),
        target: endpoint.endpoint().target(&[(parameter, &value)], &[]),
        body: if request.body.is_null() { String::new() } else { request.body.to_string() },
        seen: object.map(|_| context.related_state.journal),
        amount: request.amount,
        preview: request.preview,
        reason: action.asks_reason().then(|| given.text("reason").to_owned()),
        secrets: request.secrets,
        replaces: None,
        again: Repetition::No,
        object: id,
    })
}
