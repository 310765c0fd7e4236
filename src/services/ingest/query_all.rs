//! Asks about many objects: within the budget, a bounded number at once, and everything that comes in is kept.

use std::iter::from_fn;
use std::sync::Arc;

use time::OffsetDateTime;
use tokio::task::JoinSet;

use crate::api::ApiError;
use crate::ledger::LedgerError;
use crate::services::{Fresh, Runner, Search, Source, Wanted};

/// Why asking came to an early end: it would have gone wrong for everything else, too.
#[derive(Debug, thiserror::Error)]
pub enum Stopped {
    #[error(transparent)]
    Api(#[from] ApiError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// Searches in flight at once. Enough to use a budget of hundreds a second over a line of 50 ms.
const AT_ONCE: usize = 32;

impl Runner {
    /// Finds out what is meant and keeps what it finds, or says in the search why not.
    pub async fn find(&self, wanted: &Wanted) -> Result<Search, Stopped> {
        let asked_at = OffsetDateTime::now_utc();
        let mut search = self.search(wanted).await?;
        // What was found is shown all the same.
        search.unkept = self.keep(fresh(&search, asked_at)).await.err().map(Arc::new);
        Ok(search)
    }

    /// Asks about all of them. `told` hears of each, once what was found is in the ledger; what goes wrong with one
    /// is in its search. What would go wrong for all ends the sweep.
    pub async fn sweep(&self, wanted: Vec<Wanted>, mut told: impl FnMut(Wanted, Search)) -> Result<(), Stopped> {
        let mut waiting = wanted.into_iter();
        let mut searches = JoinSet::new();
        // One finds out alone whether anybody answers at all.
        let mut at_once = 1;
        loop {
            for wanted in waiting.by_ref().take(at_once - searches.len()) {
                let runner = self.clone();
                searches.spawn(async move {
                    let asked_at = OffsetDateTime::now_utc();
                    let search = runner.search(&wanted).await;
                    (wanted, asked_at, search)
                });
            }
            let Some(first) = searches.join_next().await else { return Ok(()) };
            at_once = AT_ONCE;
            // Whatever else has come in since the last commit shares this one: nothing waits for a batch to fill, so
            // a kill loses no more than what is in flight.
            let joined: Vec<_> = [first].into_iter().chain(from_fn(|| searches.try_join_next())).collect();
            let (mut rows, mut heard, mut stopped) = (Vec::new(), Vec::new(), None);
            for joined in joined {
                match joined {
                    Ok((wanted, asked_at, Ok(search))) => {
                        rows.extend(fresh(&search, asked_at));
                        heard.push((wanted, search));
                    }
                    Ok((_, _, Err(error))) => stopped = stopped.or(Some(error)),
                    Err(error) => {
                        // Nobody cancels a search before the set is dropped, so it panicked: that is not hidden.
                        if let Ok(panic) = error.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            }
            self.keep(rows).await?;
            heard.into_iter().for_each(|(wanted, search)| told(wanted, search));
            if let Some(stopped) = stopped {
                return Err(stopped);
            }
        }
    }
}

/// What a search found, as it was when it was asked for.
fn fresh(search: &Search, asked_at: OffsetDateTime) -> Vec<Fresh> {
    search.found.iter().cloned().map(|object| Fresh::asked(object, Source::Query, asked_at)).collect()
}
