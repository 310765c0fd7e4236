//! Events that become notifications (protocol reference §9). The world only collects them; the gateway signs, encrypts
//! and delivers.

use super::World;
use crate::sandbox::notice::Notice;

/// The most events that wait to be taken; the oldest are dropped first.
const MOST_WAITING: usize = 10_000;

impl World {
    /// Collects an event for the merchant.
    pub(super) fn announce(&mut self, notice: Notice) {
        if !self.is_announced(&notice.url) {
            return;
        }
        if self.notices.len() == MOST_WAITING {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    /// Whether an event for this address becomes a notification: not without an address, and not before the start.
    pub(super) fn is_announced(&self, url: &str) -> bool {
        !self.silent && !url.is_empty()
    }

    /// The events since the last call, oldest first.
    pub(in crate::sandbox) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{at, world};
    use super::*;
    use serde_json::Value;

    #[test]
    fn events_that_are_not_taken_are_bounded_and_need_an_address() {
        let mut world = world();
        let notice = |seconds: i64, url: &str| Notice {
            url: url.to_owned(),
            at: at(seconds),
            event_type: "TRANSACTION.SUCCESS",
            original_type: "transaction",
            summary: "",
            resource: Value::Null,
        };
        world.announce(notice(0, ""));
        assert_eq!(world.take_notices(), []);
        for i in 0..MOST_WAITING as i64 + 5 {
            world.announce(notice(i, "http://127.0.0.1:9/"));
        }
        let taken = world.take_notices();
        assert_eq!((taken.len(), taken[0].at), (MOST_WAITING, at(5)));
    }
}
