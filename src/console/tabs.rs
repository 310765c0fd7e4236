//! The tabs, in their order: what stands in each.

use crate::model::Kind;

/// One tab.
#[derive(Debug)]
pub struct Tab {
    pub id: &'static str,
    /// The message that names it.
    pub label: &'static str,
    pub kind: Kind,
}

pub const TABS: &[Tab] = &[
    Tab { id: "plans", label: "tab-plans", kind: Kind::Plan },
    Tab { id: "sign-plans", label: "tab-sign-plans", kind: Kind::SignPlan },
    Tab { id: "orders", label: "tab-orders", kind: Kind::ServiceOrder },
    Tab { id: "transactions", label: "tab-transactions", kind: Kind::Transaction },
    Tab { id: "stocks", label: "tab-stocks", kind: Kind::Stock },
];
