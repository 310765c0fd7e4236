//! What the ledger knows of payments and refunds by query and by notification. What it has from bills is not used: a bill
//! is not compared with itself.

use crate::ledger::{Fresh, Ledger, LedgerError, Source};
use crate::model::reconcile::{BookState, KnownMovement, Movement};
use crate::model::{Entity, Fact, Kind, Number, ObjectId, RefundStatus, TradeState};

/// What is known of some numbers, in their order.
pub(super) fn known(
    ledger: &Ledger,
    profile: &str,
    keys: &[(Movement, String)],
) -> Result<Vec<Option<KnownMovement>>, LedgerError> {
    keys.iter().map(|(movement, number)| of_one(ledger, profile, *movement, number)).collect()
}

/// The object of a number.
pub(super) fn object_of(movement: Movement, number: &str) -> Option<ObjectId> {
    let kind = match movement {
        Movement::Payment | Movement::Reversal => Kind::Transaction,
        Movement::Refund => Kind::Refund,
        Movement::Other => return None,
    };
    Number::parse(number).ok().map(|number| ObjectId::new(kind, number))
}

fn of_one(
    ledger: &Ledger,
    profile: &str,
    movement: Movement,
    number: &str,
) -> Result<Option<KnownMovement>, LedgerError> {
    let Some(id) = object_of(movement, number) else { return Ok(None) };
    if let Some(fresh) = ledger.object(profile, &id)?.filter(|fresh| fresh.source != Source::Bill) {
        return Ok(of_document(&fresh));
    }
    let claims = ledger.claims(profile, &id)?;
    let claim = claims.into_iter().map(|(claim, _)| claim).find(|claim| claim.source == Source::Notification);
    Ok(claim.and_then(|claim| {
        let state = match claim.fact {
            Fact::Paid => BookState::Paid,
            Fact::Revoked => BookState::Reversed,
            Fact::Refunded => BookState::Refunded,
            Fact::Refunding => BookState::RefundPending,
            Fact::RefundClosed | Fact::RefundAbnormal => BookState::RefundFailed,
            _ => return None,
        };
        Some(KnownMovement { state, amount: claim.amount, at: Some(claim.said_at), verified_at: claim.received_at })
    }))
}

fn of_document(fresh: &Fresh) -> Option<KnownMovement> {
    let entity = &fresh.object.entity;
    let state = match &**entity {
        Entity::Transaction(transaction) => match &transaction.state {
            TradeState::Success => BookState::Paid,
            TradeState::Refund => BookState::Refunded,
            TradeState::NotPaid | TradeState::UserPaying | TradeState::Accepted => BookState::Unpaid,
            TradeState::Closed | TradeState::PayError => BookState::Closed,
            TradeState::Revoked => BookState::Reversed,
            TradeState::Unknown(_) => BookState::Unsaid,
        },
        Entity::Refund(refund) => match &refund.status {
            RefundStatus::Processing => BookState::RefundPending,
            RefundStatus::Success => BookState::Refunded,
            RefundStatus::Closed | RefundStatus::Abnormal => BookState::RefundFailed,
            RefundStatus::Unknown(_) => BookState::Unsaid,
        },
        _ => return None,
    };
    Some(KnownMovement { state, amount: entity.amount(), at: entity.time(), verified_at: fresh.verified_at })
}
