//! Follows a few objects for a command: nothing else is queried, and the ledger does not list them as watched.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};

use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;

use crate::model::ObjectId;
use crate::services::hub::Hub;
use crate::services::ledger_changes::watch_ledger;
use crate::services::watch::{ConnectionHealth, Refresher, RefresherCommand, ask};
use crate::services::{Event, Runner};
use crate::sync::lock;

/// Objects that are followed as long as it lives.
#[derive(Debug)]
pub struct ForegroundWatch {
    hub: Hub,
    cancel: CancellationToken,
    /// Objects that a notification in the ledger has named and [`ForegroundWatch::was_named`] has not returned yet.
    named: Arc<Mutex<HashSet<ObjectId>>>,
}

impl ForegroundWatch {
    /// Follows these. Answers are reported as [`Event::Fetched`] and [`Event::Final`], besides the events about the
    /// connection.
    pub fn open(runner: Runner, ids: &[ObjectId], events: UnboundedSender<Event>) -> Self {
        let (hub, commands) = Hub::new(events);
        let cancel = CancellationToken::new();
        let named: Arc<Mutex<HashSet<ObjectId>>> = Arc::default();
        let (connection, linked) = (ConnectionHealth::new(None), Arc::default());
        let asking = ask(runner.clone());
        let refresher =
            Refresher::new(runner.clone(), asking, connection, hub.clone(), cancel.clone(), linked).only(ids);
        tokio::spawn(refresher.run(commands));
        let (sender, waiting, cancelled) = (hub.clone(), named.clone(), cancel.clone());
        let ours: HashSet<ObjectId> = ids.iter().cloned().collect();
        tokio::spawn(async move {
            let changes = watch_ledger(runner.ledger, vec![runner.actor.key], move |news| {
                let ours = news.named.iter().filter(|id| ours.contains(*id)).cloned();
                lock(&waiting).extend(ours);
                sender.command(RefresherCommand::LedgerChanged(news));
            });
            tokio::select! {
                () = cancelled.cancelled() => {}
                () = changes => {}
            }
        });
        Self { hub, cancel, named }
    }

    /// Whether a notification has named an object since the last call.
    pub(crate) fn was_named(&self, id: &ObjectId) -> bool {
        lock(&self.named).remove(id)
    }

    /// Follows it no longer.
    pub fn leave(&self, id: ObjectId) {
        self.hub.command(RefresherCommand::Unwatch(vec![id]));
    }
}

impl Drop for ForegroundWatch {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
