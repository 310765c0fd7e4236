//! What a list shows of an object: everything except its document.

use super::time::Timestamp;
use super::{Entity, Money, Progress, State, filter};

/// The properties of an object that its kind's table shows, sorts and filters by.
#[derive(Clone, Debug, PartialEq)]
pub struct Summary {
    pub state: State,
    pub platform_number: Option<String>,
    pub title: Option<String>,
    pub user: Option<String>,
    pub amount: Option<Money>,
    /// A second amount: what the payer paid of a transaction, a stock's face value, the order's amount of a refund.
    pub second: Option<Money>,
    pub progress: Option<Progress>,
    pub time: Option<Timestamp>,
    /// When a stock's coupons end.
    pub ends: Option<Timestamp>,
    /// A transaction's trade type, the transaction of a refund.
    pub label: Option<String>,
    /// A plan's deductions.
    pub quantity: Option<i64>,
    /// A plan's duration.
    pub days: Option<i64>,
}

impl Summary {
    pub fn of(entity: &Entity) -> Self {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Self {
            state: entity.state(),
            platform_number: owned(entity.platform_number()),
            title: owned(entity.title()),
            user: owned(entity.user()),
            amount: entity.amount(),
            second: entity.second(),
            progress: entity.progress(),
            time: entity.time(),
            ends: entity.ends(),
            label: owned(entity.label()),
            quantity: entity.quantity(),
            days: entity.days(),
        }
    }

    /// The text in which words of a filter are searched.
    pub fn words(&self, number: &str) -> String {
        let state = self.state.code.as_str();
        let parts = [&self.title, &self.user, &self.platform_number, &self.label].map(|part| part.as_deref());
        filter::words([Some(number)].into_iter().chain(parts).chain([Some(state)]))
    }
}
