//! What the tabs show of an account. Apart from the table of tabs, which names everything a tab does.

use crate::console::tabs::across::state::Across;
use crate::console::tabs::bills::state::BillsState;
use crate::console::tabs::inbox::disputes::DisputesState;
use crate::console::tabs::inbox::state::InboxState;
use crate::console::tabs::journal::state::JournalState;
use crate::console::tabs::objects::list::Lists;

/// What the tabs show of the current account.
#[derive(Clone, Debug, Default)]
pub struct TabStates {
    pub lists: Lists,
    /// The table over all profiles.
    pub across: Across,
    pub bills: BillsState,
    pub inbox: InboxState,
    pub disputes: DisputesState,
    pub journal: JournalState,
}
