//! Reports what other processes write to the same ledger: a command in another window, another console, a listener for
//! notifications.

use std::time::Duration;

use futures_util::StreamExt;

use crate::ledger::{Ledger, News};

/// The ledger is read at most this often: commits in quick succession are reported together.
const APART: Duration = Duration::from_millis(200);

/// Reports what others write from now on for these profiles, by their keys.
pub(crate) async fn watch_ledger(ledger: Ledger, profiles: Vec<String>, mut report: impl FnMut(News)) {
    // Changes are watched before the mark is read, so that nothing falls between the two.
    let opened = ledger.run(|ledger| Ok((ledger.changes(), ledger.mark()?))).await;
    let (mut changes, mark) = match opened {
        Ok(opened) => opened,
        Err(error) => return tracing::warn!(%error, "what others write to the ledger is not reported"),
    };
    // Each profile has a mark of its own: a commit between two reads is missed by neither.
    let mut marks: Vec<_> = profiles.into_iter().map(|profile| (profile, mark)).collect();
    while changes.next().await.is_some() {
        for (profile, mark) in &mut marks {
            let (profile, mut since) = (profile.clone(), *mark);
            match ledger.run(move |ledger| Ok((ledger.news(&profile, &mut since)?, since))).await {
                Ok((news, since)) => {
                    *mark = since;
                    if news != News::default() {
                        report(news);
                    }
                }
                Err(error) => tracing::warn!(%error, "what others wrote to the ledger cannot be read"),
            }
        }
        tokio::time::sleep(APART).await;
    }
}
