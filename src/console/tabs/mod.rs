//! The tabs, in their order, and what each shows.

pub mod bills;
pub mod inbox;
pub mod journal;
pub mod objects;

use crate::model::Kind;

/// One tab.
#[derive(Debug)]
pub struct Tab {
    /// The key that opens it. Those without are reached by the palette and by Tab.
    pub digit: Option<char>,
    /// The message that names it.
    pub label: &'static str,
    pub content: Content,
}

/// What stands in a tab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Content {
    /// The objects of a kind.
    Objects(Kind),
    /// The bills that were downloaded.
    Bills,
    /// What WeChat Pay told by itself, and where the sources contradict each other.
    Events,
    /// What was sent, and what became of it.
    Journal,
}

pub const TABS: &[Tab] = &[
    Tab { digit: Some('1'), label: "tab-plans", content: Content::Objects(Kind::Plan) },
    Tab { digit: Some('2'), label: "tab-sign-plans", content: Content::Objects(Kind::SignPlan) },
    Tab { digit: Some('3'), label: "tab-orders", content: Content::Objects(Kind::ServiceOrder) },
    Tab { digit: Some('4'), label: "tab-transactions", content: Content::Objects(Kind::Transaction) },
    Tab { digit: Some('5'), label: "tab-stocks", content: Content::Objects(Kind::Stock) },
    Tab { digit: Some('6'), label: "tab-refunds", content: Content::Objects(Kind::Refund) },
    Tab { digit: Some('7'), label: "tab-bills", content: Content::Bills },
    Tab { digit: Some('8'), label: "tab-events", content: Content::Events },
    Tab { digit: Some('9'), label: "tab-journal", content: Content::Journal },
    Tab { digit: None, label: "tab-permissions", content: Content::Objects(Kind::Permission) },
    Tab { digit: None, label: "tab-coupons", content: Content::Objects(Kind::Coupon) },
];

/// The place of a content among the tabs.
pub fn place(content: Content) -> Option<usize> {
    TABS.iter().position(|tab| tab.content == content)
}
