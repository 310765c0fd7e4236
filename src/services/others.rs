//! Hears of what other processes write to the same ledger: a command in another window, another console, a receiver of
//! notifications.

use std::sync::Arc;
use std::time::Duration;

use crate::ledger::{Mark, News};
use crate::services::Runner;
use crate::services::tidings::Tidings;

/// The ledger is looked at no more often: commits that follow each other are one.
const APART: Duration = Duration::from_millis(200);

/// And again so long after its file has changed: a commit shows only once it is on the disk, which takes a while after
/// the last byte was written. Nothing tells when.
const AGAIN: [Duration; 2] = [Duration::from_millis(100), Duration::from_secs(2)];

/// Tells what others write, from now on.
pub(crate) async fn hear_others(runner: Runner, tell: impl FnMut(News)) {
    // What is new is known before it is waited for.
    let opened = runner.ledger.run(|ledger| Ok((Tidings::of(ledger.file()), ledger.mark()?))).await;
    let (tidings, mark) = match opened {
        Ok(opened) => opened,
        Err(error) => return tracing::warn!(%error, "what others write to the ledger is not heard of"),
    };
    let tidings = Arc::new(tidings);
    let changed = || {
        let tidings = tidings.clone();
        async move { tidings.changed().await }
    };
    hear(runner, changed, mark, tell).await;
}

/// Looks at the ledger whenever its file has changed, and soon after.
async fn hear<C: Future<Output = ()>>(
    runner: Runner,
    changed: impl Fn() -> C,
    mut mark: Mark,
    mut tell: impl FnMut(News),
) {
    let mut again = AGAIN.iter();
    changed().await;
    loop {
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
        match again.next() {
            None => changed().await,
            Some(pause) => tokio::select! {
                () = changed() => {}
                () = tokio::time::sleep(*pause) => continue,
            },
        }
        again = AGAIN.iter();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use serde_json::json;
    use time::OffsetDateTime;
    use tokio::sync::mpsc::unbounded_channel;

    use super::*;
    use crate::ledger::{Fresh, Ledger, Source, Store};
    use crate::model::{Kind, Object};
    use crate::services::{Actor, Runner};

    #[tokio::test(start_paused = true)]
    async fn a_commit_that_shows_only_after_the_file_was_written_is_heard_of() {
        let folder = tempfile::tempdir().unwrap();
        let open = || Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        let (ours, theirs) = (open(), open());
        let mark = ours.mark().unwrap();
        let actor = Actor::new("shop", "1900000001", "tester", false, Default::default());
        let (profile, runner) = (actor.key.clone(), Runner::new(crate::services::watch::client(1), ours, actor));
        let changes = AtomicU32::new(0);
        // The file has changed once, before the commit shows; by the time that more is waited for, it does.
        let changed = || async {
            if changes.fetch_add(1, Ordering::Relaxed) == 0 {
                return;
            }
            let document = json!({ "out_trade_no": "TRADE-1", "trade_state": "NOTPAY" }).to_string();
            let object = Object::parse(Kind::Transaction, &document).unwrap();
            let fresh = Fresh { object, verified_at: OffsetDateTime::now_utc(), source: Source::Query };
            theirs.put(&profile, &[fresh]).unwrap();
            std::future::pending().await
        };
        let (sender, mut told) = unbounded_channel();
        let hearing = hear(runner, changed, mark, |news| sender.send(news).unwrap());
        let heard = tokio::select! {
            () = hearing => None,
            heard = tokio::time::timeout(Duration::from_secs(60), told.recv()) => heard.ok().flatten(),
        };
        assert_eq!(heard.expect("it is heard of").changed.len(), 1);
    }
}
