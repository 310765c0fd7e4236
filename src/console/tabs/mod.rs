//! The tabs: their order, what each is, and what each shows of an account.
//!
//! A new tab is its own folder with a [`pane::Pane`] in it, and here a row of [`TABS`] and its commands; what it shows is
//! a field of [`states::TabStates`]. If it asks the ledger something new, that is a `ReadRequest` and a `TabAnswer` in
//! `services/request.rs`, where the one leads to the other. If it asks WeChat Pay, a `Request` in place of the
//! `ReadRequest`, served in `services/session.rs`.

pub(crate) mod across;
pub(crate) mod bills;
pub(crate) mod inbox;
pub(crate) mod journal;
pub(crate) mod log;
pub(crate) mod newest;
pub mod objects;
pub(crate) mod pane;
pub(crate) mod states;

use crate::console::app::command::Command;
use crate::console::app::keys::ch;
use crate::model::Kind;

use across::AcrossTab;
use bills::BillsTab;
use inbox::InboxTab;
use journal::JournalTab;
use objects::ObjectsTab;
use pane::Tab;

pub static TABS: &[Tab] = &[
    Tab { id: "plans", command: "tab-plans", keys: &[ch('1')], pane: &ObjectsTab(Kind::Plan) },
    Tab { id: "sign-plans", command: "tab-sign-plans", keys: &[ch('2')], pane: &ObjectsTab(Kind::SignPlan) },
    Tab { id: "orders", command: "tab-orders", keys: &[ch('3')], pane: &ObjectsTab(Kind::ServiceOrder) },
    Tab { id: "transactions", command: "tab-transactions", keys: &[ch('4')], pane: &ObjectsTab(Kind::Transaction) },
    Tab { id: "stocks", command: "tab-stocks", keys: &[ch('5')], pane: &ObjectsTab(Kind::Stock) },
    Tab { id: "refunds", command: "tab-refunds", keys: &[ch('6')], pane: &ObjectsTab(Kind::Refund) },
    Tab { id: "bills", command: "tab-bills", keys: &[ch('7')], pane: &BillsTab },
    Tab { id: "events", command: "tab-events", keys: &[ch('8')], pane: &InboxTab },
    Tab { id: "journal", command: "tab-journal", keys: &[ch('9')], pane: &JournalTab },
    Tab { id: "permissions", command: "tab-permissions", keys: &[], pane: &ObjectsTab(Kind::Permission) },
    Tab { id: "coupons", command: "tab-coupons", keys: &[], pane: &ObjectsTab(Kind::Coupon) },
    Tab { id: across::state::TAB, command: "tab-all-profiles", keys: &[], pane: &AcrossTab },
];

/// The commands of the tabs, in the order of help and palette.
pub const COMMANDS: &[&[Command]] = &[
    objects::commands::COMMANDS,
    across::commands::COMMANDS,
    journal::commands::COMMANDS,
    inbox::commands::COMMANDS,
    bills::commands::COMMANDS,
];
