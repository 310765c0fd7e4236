//! The profiles beside the one that is open, and the table over all of them.

use crate::console::app::state::AppState;
use crate::console::start::Peer;
use crate::console::tabs::across::state::{Across, TAB};
use crate::model::Environment;

impl AppState {
    /// The table over all profiles, while it is the current tab.
    pub(crate) fn across(&self) -> Option<&Across> {
        (self.tabs[self.tab].id == TAB).then_some(&self.view.tabs.across)
    }

    /// The profile of a row.
    pub(crate) fn peer(&self, key: &str) -> Option<&Peer> {
        self.account()?.peers.iter().find(|peer| &*peer.key == key)
    }

    /// True for the profile whose session is open.
    pub(crate) fn is_open_profile(&self, key: &str) -> bool {
        self.peer(key).is_some_and(|peer| self.account().is_some_and(|account| account.name == peer.name))
    }

    /// Whose money the screen shows: real money if any of it is.
    pub(crate) fn environment(&self) -> Option<Environment> {
        let account = self.account()?;
        let production = |peer: &Peer| peer.environment == Environment::Production;
        match self.across() {
            Some(_) if account.peers.iter().any(production) => Some(Environment::Production),
            _ => Some(account.environment),
        }
    }
}
