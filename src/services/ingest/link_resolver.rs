//! Follows links by WeChat Pay's number: a service order says which transactions paid for it. Links by a merchant's
//! number are recorded by the ledger itself.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;

use crate::ledger::LedgerError;
use crate::model::{Kind, Link, Number};
use crate::services::hub::Hub;
use crate::services::{Lookup, Runner, Search, Stopped};

/// Links read from the ledger at once.
const AT_ONCE: usize = 32;
/// A link that could not be followed because WeChat Pay did not answer is retried after this time, and the next link
/// after less.
const AGAIN: Duration = Duration::from_secs(300);
const NEXT: Duration = Duration::from_secs(15);

/// Follows links one by one, after everything that is on the screen; then waits for new documents.
pub(crate) async fn follow(runner: Runner, hub: Hub, linked: Arc<Notify>) {
    loop {
        match follow_some(&runner).await {
            Ok(0) => linked.notified().await,
            Ok(_) => hub.kinds_changed([Kind::Transaction]),
            Err(error) => {
                tracing::debug!(%error, "links could not be followed");
                tokio::time::sleep(NEXT).await;
            }
        }
    }
}

/// Follows a few links. Returns how many there were.
async fn follow_some(runner: &Runner) -> Result<usize, Stopped> {
    let profile = runner.actor.key.clone();
    let now = OffsetDateTime::now_utc();
    let numbers = runner.ledger.run(move |ledger| ledger.unfollowed(&profile, Kind::Transaction, now, AT_ONCE)).await?;
    for number in &numbers {
        // Found, it is linked; known not to be there, it is not asked about again.
        match runner.find(&Lookup::Number(number.clone(), Some(Kind::Transaction))).await {
            Ok(Search { store_error: None, .. }) => postpone(runner, number.clone(), None).await?,
            Ok(Search { store_error: Some(_), .. }) => {
                postpone(runner, number.clone(), Some(OffsetDateTime::now_utc() + AGAIN)).await?;
            }
            Err(error) => {
                // The others are not to wait for this one.
                postpone(runner, number.clone(), Some(OffsetDateTime::now_utc() + AGAIN)).await?;
                return Err(error);
            }
        }
    }
    Ok(numbers.len())
}

async fn postpone(runner: &Runner, number: Number, until: Option<OffsetDateTime>) -> Result<(), LedgerError> {
    let (profile, link) = (runner.actor.key.clone(), Link::Platform(Kind::Transaction, number));
    runner.ledger.run(move |ledger| ledger.postpone_link(&profile, &link, until)).await
}
