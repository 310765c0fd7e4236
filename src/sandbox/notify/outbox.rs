//! Where notifications are queued and sent from.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;

use super::message::NotificationRecord;
use super::queue::{Queue, Treatment};
use super::sender::Sender;
use crate::crypto::ApiV3Key;
use crate::sandbox::notice::Notice;
use crate::sync::lock;

#[derive(Debug)]
pub(in crate::sandbox) struct Outbox {
    queue: Mutex<Queue>,
    pub(super) sender: Sender,
    /// Notified when something may have become due sooner.
    pub(super) woken: Notify,
    /// Notified when an attempt has ended.
    pub(super) settled: Notify,
    /// Held while the clock is moved by hand.
    pub(super) clock_turn: tokio::sync::Mutex<()>,
}

impl Outbox {
    pub(in crate::sandbox) fn new(key: ApiV3Key, patience: Duration) -> Self {
        Self {
            queue: Mutex::new(Queue::new(key)),
            sender: Sender::new(patience),
            woken: Notify::new(),
            settled: Notify::new(),
            clock_turn: tokio::sync::Mutex::new(()),
        }
    }

    pub(super) fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }

    /// Queues events in their order.
    pub(in crate::sandbox) fn enqueue(&self, notices: &[Notice], treatment: Treatment) {
        let mut queue = self.queue();
        notices.iter().for_each(|notice| queue.add(notice, treatment));
    }

    /// Makes the delivery task look again at what is due.
    pub(in crate::sandbox) fn wake(&self) {
        self.woken.notify_one();
    }

    pub(in crate::sandbox) fn list(&self) -> Vec<NotificationRecord> {
        self.queue().list()
    }

    /// Waits until no message is being sent.
    pub(super) async fn wait_until_idle(&self) {
        loop {
            let settled = self.settled.notified();
            tokio::pin!(settled);
            // Listening begins before the check, so that no end is missed.
            settled.as_mut().enable();
            if self.queue().under_way() == 0 {
                return;
            }
            settled.await;
        }
    }
}
