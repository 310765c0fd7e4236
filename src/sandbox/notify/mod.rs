//! Tells the merchant what happened: signed, encrypted notifications, sent until they are acknowledged, on the
//! schedule of their kind (protocol reference §9).
//!
//! The [`queue`] knows what is due and when; [`letter`] is one notification, the [`courier`] carries it, to this
//! machine only ([`address`]). The [`rounds`] bring queue and clock together: as time passes, or played by hand.

mod address;
mod courier;
mod letter;
mod queue;
mod rounds;
mod schedule;

use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use tokio::sync::Notify;

use super::world::Notice;
use crate::crypto::ApiV3Key;
use crate::sync::lock;
use courier::Courier;
use queue::Queue;

pub(super) use address::{is_notify_url, on_this_machine};
pub use courier::Answer;
pub use letter::{Notification, Sending, Standing};
pub(super) use queue::Treatment;
pub(super) use rounds::{advance, run};

/// Where notifications are made and sent.
#[derive(Debug)]
pub(super) struct Office {
    queue: Mutex<Queue>,
    courier: Courier,
    /// Rung when something may have become due sooner.
    bell: Notify,
    /// Rung when a sending has ended.
    settled: Notify,
    /// Held by whoever plays the clock.
    turn: tokio::sync::Mutex<()>,
}

impl Office {
    pub(super) fn new(key: ApiV3Key, patience: Duration) -> Self {
        Self {
            queue: Mutex::new(Queue::new(key)),
            courier: Courier::new(patience),
            bell: Notify::new(),
            settled: Notify::new(),
            turn: tokio::sync::Mutex::new(()),
        }
    }

    fn queue(&self) -> MutexGuard<'_, Queue> {
        lock(&self.queue)
    }

    /// Takes events in, in their order.
    pub(super) fn take_in(&self, notices: &[Notice], treatment: Treatment) {
        let mut queue = self.queue();
        notices.iter().for_each(|notice| queue.add(notice, treatment));
    }

    /// Has the rounds look again at what is due.
    pub(super) fn ring(&self) {
        self.bell.notify_one();
    }

    pub(super) fn list(&self) -> Vec<Notification> {
        self.queue().list()
    }
}
