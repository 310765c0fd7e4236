//! The tabs, in their order, and what each shows.

pub mod bills;
pub mod inbox;
pub mod journal;
pub mod objects;

use std::sync::LazyLock;

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

/// The tabs that are not of a kind. What those of the kinds are stands in the table of the kinds.
const OTHERS: [Tab; 3] = [
    Tab { digit: Some('7'), label: "tab-bills", content: Content::Bills },
    Tab { digit: Some('8'), label: "tab-events", content: Content::Events },
    Tab { digit: Some('9'), label: "tab-journal", content: Content::Journal },
];

/// In the order of their keys; those without a key last.
pub static TABS: LazyLock<Vec<Tab>> = LazyLock::new(|| {
    let of_kind = |kind: Kind| {
        let row = kind.row();
        Tab { digit: row.digit, label: row.tab, content: Content::Objects(kind) }
    };
    let mut tabs: Vec<Tab> = Kind::ALL.into_iter().map(of_kind).chain(OTHERS).collect();
    tabs.sort_by_key(|tab| tab.digit.unwrap_or(char::MAX));
    tabs
});

/// The place of a content among the tabs.
pub fn place(content: Content) -> Option<usize> {
    TABS.iter().position(|tab| tab.content == content)
}
