//! Whether an object shows that an action took effect: how an unknown outcome is resolved by query.

use super::{ActionId, Operation};
use crate::model::{
    CancelSignType, Document, Entity, OrderState, OrderStep, PlanState, SignState, StockStatus, TradeState,
};

/// What the object tells about an operation whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Evidence {
    /// It is as the operation would have made it.
    Effect,
    /// It is as before: not, or not yet.
    NoEffect,
    /// It has come to another end, which the operation can no longer change: it had no effect.
    Contrary,
    /// This action leaves no trace that a query shows.
    Silent,
}

impl Operation {
    /// Reads the evidence from the object as it is now.
    pub fn evidence(&self, entity: &Entity) -> Evidence {
        evidence(self.action, &self.body, entity)
    }
}

/// Reads the evidence of an action, of which `body` was sent, from the object as it is now.
pub fn evidence(action: ActionId, body: &str, entity: &Entity) -> Evidence {
    let sent: serde_json::Value = serde_json::from_str(body).unwrap_or_default();
    let total = Document::new(&sent).fen("total_amount");
    let effect = match (action, entity) {
        (ActionId::PlanStop, Entity::Plan(plan)) => plan.state == PlanState::Stop,
        (ActionId::SignPlanCancel, Entity::SignPlan(sign_plan)) => {
            sign_plan.state == SignState::Cancelled && sign_plan.cancel_type == CancelSignType::Merchant
        }
        (ActionId::OrderComplete, Entity::ServiceOrder(order)) => {
            let completed = order.state == OrderState::Done || order.step == Some(OrderStep::MerchantComplete);
            completed && order.total == total
        }
        (ActionId::OrderModify, Entity::ServiceOrder(order)) => order.total == total,
        (ActionId::OrderCancel, Entity::ServiceOrder(order)) => order.state == OrderState::Revoked,
        // An order that ended while we synced it may also have been paid by deduction: the detail tells.
        (ActionId::OrderSync, Entity::ServiceOrder(order)) => {
            let through_wechat = order.collection.as_ref().is_some_and(|c| !c.transaction_ids.is_empty());
            order.state == OrderState::Done && !through_wechat
        }
        (ActionId::TransactionClose, Entity::Transaction(transaction)) => transaction.state == TradeState::Closed,
        (ActionId::StockStart | ActionId::StockRestart, Entity::Stock(stock)) => stock.status == StockStatus::Running,
        (ActionId::StockPause, Entity::Stock(stock)) => stock.status == StockStatus::Paused,
        _ => return Evidence::Silent,
    };
    match effect {
        true => Evidence::Effect,
        // Orders that were paid, transactions that somebody else closed, stocks that ended.
        false if entity.state().is_final => Evidence::Contrary,
        false => Evidence::NoEffect,
    }
}
