//! The ledger: a local store of every object Paydeck has seen, because WeChat Pay has no list of most of them, and the
//! journal of every action it sent, because a timeout does not say whether money moved. [`engine`] defines what a store
//! must do, and `contract` tests it; [`sqlite`] is the embedded store; `store` chooses between stores.

mod bill;
#[cfg(test)]
mod contract;
pub(crate) mod engine;
mod error;
mod forward;
mod held;
pub mod inbox;
mod journal;
mod known;
mod news;
mod owner;
mod query;
mod recorded;
mod sqlite;
mod store;
mod upkeep;
mod watch;

use std::ops::Deref;
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::Duration;

use crate::sync::lock;

pub use bill::{BillStep, BillsTaken, KeptBillRow, NewBill, NewBillRow, TakenBill};
pub use engine::{Engine, JournalSearch};
pub use error::{Broken, Flaw, LedgerError};
pub use forward::{AttemptEnd, Forward, ForwardAttempt, ForwardMode};
pub use held::{DifferenceClosing, HeldChanges, HeldDifference, HeldEnd, HoldOver, NotHeld};
pub use inbox::{
    Claim, Delivery, Disagreement, Dispute, EventRow, Forwarded, InboxPart, InboxSearch, KEPT_OF_REFUSED, NewDelivery,
    Refused, StoreResult, StoredDelivery, Verdict, WholeEvent,
};
pub(crate) use journal::CLOSE_DIFFERENCE;
pub use journal::{Closing, Conclusion, Ending, IntendError, Intent, Once};
pub use known::{
    Answers, DocumentHash, Fresh, Known, Listed, Noted, Related, Seen, Source, Unchanged, Version, to_the_millisecond,
};
pub use news::{Mark, News};
pub use query::{Anchor, Group, HourGroup, Query, Sort, SortBy, Stop, TablePage};
pub use recorded::{JournalEntry, OpenIntent, RecordedConclusion, RecordedIntent};
pub use store::Store;
pub use upkeep::Checkup;
pub use watch::{LastSeen, WatchReason, Watched};

/// The ledger. Cheap to clone. Its calls are the [`Engine`]'s and block; from asynchronous code go through
/// [`Ledger::run`].
#[derive(Clone)]
pub struct Ledger {
    kept: Arc<OpenStore>,
    /// Its name in messages.
    name: Arc<Path>,
}

/// An open store. Dropped with the last [`Ledger`] that holds it, which merges its log into the file.
struct OpenStore {
    engine: Box<dyn Engine>,
    /// Dropped after it.
    _opened: OpenCount,
}

/// The number of ledgers open in this process.
static OPEN: (Mutex<usize>, Condvar) = (Mutex::new(0), Condvar::new());

/// Counts as an open ledger until it is dropped.
struct OpenCount;

impl OpenCount {
    fn count() -> Self {
        *lock(&OPEN.0) += 1;
        Self
    }
}

impl Drop for OpenCount {
    fn drop(&mut self) {
        let mut open = lock(&OPEN.0);
        *open = open.saturating_sub(1);
        OPEN.1.notify_all();
    }
}

/// Waits until every ledger of this process is closed, before the process exits: ending tasks close theirs on other
/// threads. False if some are still open after that time.
pub(crate) fn wait_until_closed(patience: Duration) -> bool {
    let open = lock(&OPEN.0);
    let waited = OPEN.1.wait_timeout_while(open, patience, |open| *open > 0).unwrap_or_else(PoisonError::into_inner);
    !waited.1.timed_out()
}

impl Deref for Ledger {
    type Target = dyn Engine;

    fn deref(&self) -> &Self::Target {
        &*self.kept.engine
    }
}

impl std::fmt::Debug for Ledger {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Ledger(…)")
    }
}

impl Ledger {
    /// Opens the ledger, creating it if there is none.
    pub fn open(store: &Store) -> Result<Self, LedgerError> {
        let engine = store.open()?;
        Ok(Self { kept: Arc::new(OpenStore { engine, _opened: OpenCount::count() }), name: store.name().into() })
    }

    /// Runs a call on a thread where blocking is allowed.
    pub async fn run<T: Send + 'static>(
        &self,
        call: impl FnOnce(&Self) -> Result<T, LedgerError> + Send + 'static,
    ) -> Result<T, LedgerError> {
        let ledger = self.clone();
        let result = tokio::task::spawn_blocking(move || call(&ledger)).await.map_err(|_| LedgerError::Thread)?;
        result.map_err(|error| self.named(error))
    }

    /// Adds the ledger's name to an error of a call made without [`Ledger::run`].
    pub fn named(&self, error: LedgerError) -> LedgerError {
        error.of(&self.name)
    }
}
