//! What the form of an action starts with.

use super::{Action, ActionId, Field, FieldKind, Surroundings, Values, creation};
use crate::model::time::{Timestamp, compact};
use crate::model::{Entity, Merchant, Number, Object};

pub(super) fn defaults(
    action: &Action,
    object: &Object,
    around: &Surroundings,
    merchant: &Merchant,
    now: Timestamp,
) -> Values {
    let default = |field: &Field| match (action.id, field.kind, &*object.entity) {
        (ActionId::OrderComplete, FieldKind::Money, Entity::ServiceOrder(order)) => {
            order.payable().map(|amount| amount.plain())
        }
        (ActionId::TransactionRefund, FieldKind::Money, Entity::Transaction(transaction)) => {
            transaction.refundable(&around.related).map(|refundable| refundable.remainder.plain())
        }
        (ActionId::TransactionRefund, FieldKind::Number, _) => Some(refund_number(&object.id.number, now)),
        _ => shared_default(field, now),
    };
    let mut values = creation::defaults(action.id, merchant, now);
    creation::defaults_of(action.id, object, &mut values);
    for field in action.fields_in(merchant.region) {
        let value = default(field);
        let entry = values.entry(field.name).or_default();
        if let Some(value) = value {
            *entry = value;
        }
    }
    values
}

/// What a field starts with whatever the object.
pub(super) fn shared_default(field: &Field, now: Timestamp) -> Option<String> {
    (field.kind == FieldKind::CompactTime).then(|| compact(now))
}

/// A fresh number for a refund: the order's own and the second. Refunds of one order lie a minute apart, so no two of
/// them get the same.
fn refund_number(order: &Number, now: Timestamp) -> String {
    let suffix = format!("-R{}", compact(now));
    // A number is ASCII; the platform's order numbers are short enough to be kept whole.
    let order: String = order.as_str().chars().take(Number::LONGEST - suffix.len()).collect();
    order + &suffix
}
