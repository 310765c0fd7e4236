//! What the refresher reports about itself: gaps and their end, the connection, what is watched.

use std::sync::Arc;

use tokio::time::Instant;

use super::Refresher;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::services::Event;
use crate::services::watch::catch_up::CatchUp;
use crate::services::watch::{Gap, GapReason};

impl Refresher {
    /// After a gap: queries everything watched or on the screen, except the object that has just been answered.
    pub(super) fn miss(&mut self, why: GapReason, from: Timestamp, to: Timestamp, but: Option<&ObjectId>) {
        let missed = self.schedule.recheck(Instant::now(), but);
        if missed.is_empty() {
            return;
        }
        let gap = Gap { from, to, why, objects: missed.len() };
        self.hub.notify(Event::Gap(gap));
        self.catch_up = Some(CatchUp::new(gap, missed));
    }

    pub(super) fn report_caught_up(&mut self) {
        let done = self.catch_up.as_ref().and_then(CatchUp::done);
        // Changes are reported first.
        if let Some((gap, changed)) = done.filter(|_| !self.batch.has_news()) {
            self.catch_up = None;
            self.hub.notify(Event::CaughtUp { gap, changed });
        }
    }

    pub(super) fn report_health(&mut self, now: Instant) -> Option<Instant> {
        let schedule = &self.schedule;
        let (health, wake) = self.connection.report(&self.client, || schedule.queued(now), now);
        health.into_iter().for_each(|health| self.hub.notify(Event::Health(health)));
        wake
    }

    pub(super) fn report_watching(&mut self, now: Instant) -> Option<Instant> {
        if !self.lasting {
            return None;
        }
        let (watching, wake) = self.watches.report(&self.schedule, now);
        watching.into_iter().for_each(|watching| self.hub.notify(Event::Watching(Arc::new(watching))));
        wake
    }
}
