//! Fills the index of words while a session is open: after a bill of a million rows it is minutes behind, and searches read
//! the rows that are not in it yet.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::ledger::Ledger;

/// Objects that are added in one commit: some milliseconds.
const SLICE: usize = 500;

/// Of its time on one core, one part in so many.
const SHARE: u32 = 4;

/// How often new objects are looked for once all are in it; and the time that the first screen has to itself.
const EVERY: Duration = Duration::from_secs(60);
const BEGIN: Duration = Duration::from_secs(2);

pub(super) async fn index_words(ledger: Ledger) {
    sleep(BEGIN).await;
    loop {
        let started = Instant::now();
        let wait = match ledger.run(|ledger| ledger.index_words(SLICE)).await {
            Ok(true) => started.elapsed() * (SHARE - 1),
            Ok(false) => EVERY,
            Err(error) => {
                tracing::debug!(%error, "the index of words is not up to date");
                EVERY
            }
        };
        sleep(wait).await;
    }
}
