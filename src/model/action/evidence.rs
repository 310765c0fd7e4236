//! Whether an object shows that an action took effect: this resolves an unknown outcome by query.

use serde_json::Value;

use super::{Action, ActionId};
use crate::model::{Document, Entity, Kind, Number, Object, ObjectId};

/// What an object shows about an operation whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is as the operation would have made it.
    Effect,
    /// It is as before: no effect, or not yet.
    NoEffect,
    /// It ended otherwise, so that the operation can no longer change it: it had no effect.
    Contrary,
    /// This action has no effect that a query shows.
    Silent,
}

/// The object that shows whether an action took effect: the changed one, or the one it makes, whose number is in
/// `body`. The journal keeps all three. `None` if the body names none.
pub fn outcome_object(action: ActionId, object: &ObjectId, body: &str) -> Option<ObjectId> {
    let action = action.action();
    let Some(kind) = action.makes.filter(|_| !action.is_creation()) else { return Some(object.clone()) };
    let field = action.number_in.unwrap_or_else(|| kind.number_field());
    let number = Number::parse(&Document::member(body, field)?).ok()?;
    Some(ObjectId::new(kind, number))
}

/// Reads the evidence of an action with this `body` from the object that shows it, in its present state.
pub fn evidence(action: ActionId, body: &str, entity: &Entity) -> Evidence {
    let sent: Value = serde_json::from_str(body).unwrap_or_default();
    (action.action().behaviour.evidence)(Document::new(&sent), entity)
}

/// The evidence in an object that either has the effect of an action or has not.
pub(super) fn shows(effect: bool, entity: &Entity) -> Evidence {
    match effect {
        true => Evidence::Effect,
        // Orders that were paid, transactions that another party closed, stocks that ended.
        false if entity.state().is_final => Evidence::Contrary,
        false => Evidence::NoEffect,
    }
}

/// The evidence in an object under the number of what was to be made: if it is the same object, it was made, whatever
/// its state.
pub(super) fn is_made(same: bool) -> Evidence {
    if same { Evidence::Effect } else { Evidence::Contrary }
}

/// Whether the object found is the one that was sent. A value that is missing on either side contradicts nothing.
pub(super) fn same<T: PartialEq>(sent: Option<T>, found: Option<T>) -> bool {
    sent.zip(found).is_none_or(|(sent, found)| sent == found)
}

/// A reply to an action that made something.
pub(super) struct MadeBy<'a> {
    action: &'static Action,
    /// The id that the operation expected.
    expected: &'a ObjectId,
    target: &'a str,
    reply: &'a str,
}

impl MadeBy<'_> {
    /// The made object, if the reply holds its document.
    pub(super) fn document(&self, document: &str) -> (ObjectId, Option<Object>) {
        // A Global refund is accepted without its state: the reply is not a document of it yet (Global reference §6).
        let is_whole = |object: &Object| object.id.kind != Kind::Refund || !object.entity.state().code.is_empty();
        let object = Object::parse(self.expected.kind, document).ok();
        (self.expected.clone(), object.filter(|object| object.id == *self.expected && is_whole(object)))
    }

    /// The made object, if the reply holds its document as a member.
    pub(super) fn member(&self, name: &str) -> (ObjectId, Option<Object>) {
        let reply: Value = serde_json::from_str(self.reply).unwrap_or_default();
        self.document(&reply.get(name).map(Value::to_string).unwrap_or_default())
    }

    /// The made object, if the reply holds only its number.
    pub(super) fn numbered(&self, name: &str, id: impl Fn(&str) -> Option<ObjectId>) -> (ObjectId, Option<Object>) {
        let id = Document::member(self.reply, name).and_then(|number| id(&number));
        (id.unwrap_or_else(|| self.expected.clone()), None)
    }

    /// The parameter of the path to which the request was sent.
    pub(super) fn path_parameter(&self) -> Option<String> {
        self.action.path_parameter(self.target)
    }
}

impl Action {
    /// The first parameter of its path in a request target.
    pub(super) fn path_parameter(&self, target: &str) -> Option<String> {
        self.endpoint.endpoint().parameters_leniently(target)?.into_iter().next()
    }
}

/// The made object, by the reply to the request: its id, and its document if the reply holds one.
pub fn made(action: ActionId, operation: &ObjectId, target: &str, reply: &str) -> (ObjectId, Option<Object>) {
    let action = action.action();
    (action.made)(&MadeBy { action, expected: operation, target, reply })
}

/// The usual reply is the document of the made object.
pub(super) fn document_of_reply(made: &MadeBy<'_>) -> (ObjectId, Option<Object>) {
    made.document(made.reply)
}
