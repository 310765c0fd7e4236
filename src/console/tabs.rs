//! The tabs, in their order: what stands in each.

use crate::model::Kind;

/// One tab.
#[derive(Debug)]
pub struct Tab {
    /// The message that names it.
    pub label: &'static str,
    pub kind: Kind,
}

pub const TABS: &[Tab] = &[
    Tab { label: "tab-plans", kind: Kind::Plan },
    Tab { label: "tab-sign-plans", kind: Kind::SignPlan },
    Tab { label: "tab-orders", kind: Kind::ServiceOrder },
    Tab { label: "tab-transactions", kind: Kind::Transaction },
    Tab { label: "tab-stocks", kind: Kind::Stock },
    Tab { label: "tab-refunds", kind: Kind::Refund },
];
