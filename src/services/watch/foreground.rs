//! Follows a few objects for a command: nothing else is asked about, and nobody else learns that they are watched.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;

use crate::model::ObjectId;
use crate::services::others::hear_others;
use crate::services::watch::{Command, Connection, Refresher, ask};
use crate::services::{Event, Runner};

/// Objects that are followed as long as it lives.
#[derive(Debug)]
pub struct Vigil {
    commands: UnboundedSender<Command>,
    cancel: CancellationToken,
    /// What a notification in the ledger named and nobody has asked here yet.
    named: Arc<Mutex<HashSet<ObjectId>>>,
}

impl Vigil {
    /// Follows these; what is heard of them is told as [`Event::Fetched`] and [`Event::Final`], besides the events about
    /// the connection.
    pub fn open(runner: Runner, ids: &[ObjectId], events: UnboundedSender<Event>) -> Self {
        let (commands, receiver) = unbounded_channel();
        let cancel = CancellationToken::new();
        let named: Arc<Mutex<HashSet<ObjectId>>> = Arc::default();
        let (connection, linked) = (Connection::new(None), Arc::default());
        let asking = ask(runner.clone());
        let refresher = Refresher::new(runner.clone(), asking, connection, events, cancel.clone(), linked).only(ids);
        tokio::spawn(refresher.run(receiver));
        let (told, waiting, heard) = (commands.clone(), named.clone(), cancel.clone());
        let ours: HashSet<ObjectId> = ids.iter().cloned().collect();
        tokio::spawn(async move {
            let hear = hear_others(runner, move |news| {
                let ours = news.named.iter().filter(|id| ours.contains(*id)).cloned();
                waiting.lock().unwrap_or_else(PoisonError::into_inner).extend(ours);
                let _ = told.send(Command::Stirred(news));
            });
            tokio::select! {
                () = heard.cancelled() => {}
                () = hear => {}
            }
        });
        Self { commands, cancel, named }
    }

    /// Whether a notification had named an object since this was asked last.
    pub fn was_named(&self, id: &ObjectId) -> bool {
        self.named.lock().unwrap_or_else(PoisonError::into_inner).remove(id)
    }

    /// Follows it no longer.
    pub fn leave(&self, id: ObjectId) {
        // The refresher is gone only while closing.
        let _ = self.commands.send(Command::Unwatch(vec![id]));
    }
}

impl Drop for Vigil {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}
