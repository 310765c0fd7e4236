//! Hears of what other processes write to the same ledger: a command in another window, another console, a receiver of
//! notifications.

use std::time::Duration;

use super::Runner;
use super::tidings::Tidings;
use crate::ledger::News;

/// The ledger is looked at no more often: commits that follow each other are one.
const APART: Duration = Duration::from_millis(200);

/// Tells what others write, from now on.
pub(super) async fn hear_others(runner: Runner, mut tell: impl FnMut(News)) {
    // What is new is known before it is waited for.
    let opened = runner.ledger.run(|ledger| Ok((Tidings::of(ledger.file()), ledger.mark()?))).await;
    let (tidings, mut mark) = match opened {
        Ok(opened) => opened,
        Err(error) => return tracing::warn!(%error, "what others write to the ledger is not heard of"),
    };
    loop {
        tidings.changed().await;
        let (profile, mut since) = (runner.actor.key.clone(), mark);
        match runner.ledger.run(move |ledger| Ok((ledger.news(&profile, &mut since)?, since))).await {
            Ok((news, since)) => {
                mark = since;
                if news != News::default() {
                    tell(news);
                }
            }
            Err(error) => tracing::warn!(%error, "what others wrote to the ledger cannot be read"),
        }
        tokio::time::sleep(APART).await;
    }
}
