//! Queries many objects: within the budget, a bounded number at once, and keeps all answers.

use std::iter::from_fn;
use std::sync::Arc;

use time::OffsetDateTime;
use tokio::task::JoinSet;

use crate::services::{Fresh, Lookup, Runner, Search, Source, Stopped};

/// Searches in flight at once. Enough to use a budget of hundreds a second over a line of 50 ms.
const AT_ONCE: usize = 32;

impl Runner {
    /// Looks up what is wanted and keeps what it finds; an error of keeping is in the search.
    pub async fn find(&self, wanted: &Lookup) -> Result<Search, Stopped> {
        let asked_at = OffsetDateTime::now_utc();
        let mut search = self.search(wanted).await?;
        // What was found is shown in any case.
        search.store_error = self.keep(fresh(&search, asked_at)).await.err().map(Arc::new);
        Ok(search)
    }

    /// Queries all of them. `report` is called for each once what was found is in the ledger; an error of one is in its
    /// search. An error that would affect all of them ends it.
    pub(crate) async fn query_all(
        &self,
        wanted: Vec<Lookup>,
        mut report: impl FnMut(Lookup, Search),
    ) -> Result<(), Stopped> {
        let mut waiting = wanted.into_iter();
        let mut searches = JoinSet::new();
        // The first one goes alone, to find out whether WeChat Pay answers at all.
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
            // Everything that has arrived since the last commit shares this one: nothing waits for a batch to fill, so
            // a kill loses only what is in flight.
            let joined: Vec<_> = [first].into_iter().chain(from_fn(|| searches.try_join_next())).collect();
            let (mut rows, mut answered, mut stopped) = (Vec::new(), Vec::new(), None);
            for joined in joined {
                match joined {
                    Ok((wanted, asked_at, Ok(search))) => {
                        rows.extend(fresh(&search, asked_at));
                        answered.push((wanted, search));
                    }
                    Ok((_, _, Err(error))) => stopped = stopped.or(Some(error)),
                    Err(error) => {
                        // Searches are not cancelled before the set is dropped, so it panicked: the panic is passed on.
                        if let Ok(panic) = error.try_into_panic() {
                            std::panic::resume_unwind(panic);
                        }
                    }
                }
            }
            self.keep(rows).await?;
            answered.into_iter().for_each(|(wanted, search)| report(wanted, search));
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
