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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::{Source, Store};
    use crate::model::{Kind, Number, ObjectId};

    #[tokio::test(start_paused = true)]
    async fn new_objects_come_into_the_index_a_slice_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let note = |numbers: std::ops::Range<usize>| {
            let id = |n| ObjectId::new(Kind::Plan, Number::parse(&format!("P-{n}")).unwrap());
            ledger.note("shop", &numbers.map(id).collect::<Vec<_>>(), Source::Feed).unwrap();
        };
        note(0..SLICE * 3);
        let filling = tokio::spawn(index_words(ledger.clone()));
        sleep(BEGIN + EVERY / 2).await;
        assert!(!ledger.index_words(1).unwrap(), "all are in it");
        note(SLICE * 3..SLICE * 3 + 2);
        sleep(EVERY).await;
        assert!(!ledger.index_words(1).unwrap(), "the new ones, too");
        filling.abort();
    }
}
