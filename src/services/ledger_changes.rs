//! Reports what other processes write to the same ledger: a command in another window, another console, a listener for
//! notifications.

use std::time::Duration;

use futures_util::StreamExt;

use crate::ledger::News;
use crate::services::Runner;

/// The ledger is read at most this often: commits in quick succession are reported together.
const APART: Duration = Duration::from_millis(200);

/// Reports what others write from now on.
pub(crate) async fn watch_ledger(runner: Runner, mut report: impl FnMut(News)) {
    // Changes are watched before the mark is read, so that nothing falls between the two.
    let opened = runner.ledger.run(|ledger| Ok((ledger.changes(), ledger.mark()?))).await;
    let (mut changes, mut mark) = match opened {
        Ok(opened) => opened,
        Err(error) => return tracing::warn!(%error, "what others write to the ledger is not reported"),
    };
    while changes.next().await.is_some() {
        let (profile, mut since) = (runner.actor.key.clone(), mark);
        match runner.ledger.run(move |ledger| Ok((ledger.news(&profile, &mut since)?, since))).await {
            Ok((news, since)) => {
                mark = since;
                if news != News::default() {
                    report(news);
                }
            }
            Err(error) => tracing::warn!(%error, "what others wrote to the ledger cannot be read"),
        }
        tokio::time::sleep(APART).await;
    }
}
