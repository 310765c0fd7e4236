//! Brings numbers in: from the numbers file, and from the one list call that WeChat Pay has.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use time::OffsetDateTime;

use crate::api::{Client, StockFilter};
use crate::file_watcher::FileWatcher;
use crate::model::Kind;
use crate::services::hub::Hub;
use crate::services::{Fresh, NumberTail, Runner, Source};

/// The numbers file is read no more often, however quickly it grows.
const FEED_APART: Duration = Duration::from_millis(200);
/// How often the stocks are listed: while one of them may still change, and else for the sake of new ones.
const STOCKS_EVERY: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));

pub(crate) struct NumberIngest {
    runner: Runner,
    hub: Hub,
}

impl NumberIngest {
    pub(crate) fn new(runner: Runner, hub: Hub) -> Self {
        Self { runner, hub }
    }

    pub(crate) async fn run(self, client: Client, numbers: Option<PathBuf>) {
        let tail = async {
            if let Some(path) = numbers {
                self.follow(path).await;
            }
        };
        // What the region lacks is never asked about.
        let stocks = async {
            if Kind::Stock.is_in(client.merchant().region) {
                self.sync_stocks(client).await;
            }
        };
        tokio::join!(tail, stocks);
    }

    async fn follow(&self, path: PathBuf) {
        let opened = tokio::task::spawn_blocking(move || (FileWatcher::new(&path), NumberTail::new(&path)));
        let Ok((watcher, mut tail)) = opened.await else { return };
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let ids = tail.read();
                (tail, ids)
            });
            let Ok((back, ids)) = read.await else { return };
            tail = back;
            match ids {
                Ok(ids) if !ids.is_empty() => {
                    let kinds: BTreeSet<Kind> = ids.iter().map(|id| id.kind).collect();
                    if let Err(error) = self.runner.note(ids, Source::Feed).await {
                        tracing::warn!(%error, "numbers could not be kept in the ledger");
                    }
                    self.hub.kinds_changed(kinds);
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the numbers file cannot be read"),
            }
            tokio::time::sleep(FEED_APART).await;
            watcher.changed().await;
        }
    }

    /// Stocks are the one kind the platform lists.
    async fn sync_stocks(&self, client: Client) {
        loop {
            let asked_at = OffsetDateTime::now_utc();
            let pause = match crate::services::list_stocks(&client, &StockFilter::default()).await {
                Ok(stocks) => {
                    let settled = stocks.iter().all(|stock| stock.entity.state().is_final);
                    let fresh = stocks.into_iter().map(|stock| Fresh::asked(stock, Source::List, asked_at)).collect();
                    self.take_in(fresh).await;
                    if settled { STOCKS_EVERY.1 } else { STOCKS_EVERY.0 }
                }
                Err(error) => {
                    tracing::debug!(%error, "the stocks could not be listed");
                    // The refresher reports trouble; a merchant without coupons is not trouble.
                    if error.is_of_the_object() { STOCKS_EVERY.1 } else { STOCKS_EVERY.0 }
                }
            };
            tokio::time::sleep(pause).await;
        }
    }

    async fn take_in(&self, fresh: Vec<Fresh>) {
        if let Err(error) = self.runner.keep(fresh).await {
            tracing::warn!(%error, "stocks could not be kept in the ledger");
        }
        self.hub.kinds_changed([Kind::Stock]);
    }
}
