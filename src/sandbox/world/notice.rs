//! What the platform has to tell the merchant: events that become notifications (protocol reference §9). The world
//! only says what happened; the gateway signs, encrypts and delivers.

use serde_json::Value;

use super::World;
use crate::model::time::Timestamp;

/// How many events wait to be taken at most; the oldest give way.
const MOST_WAITING: usize = 10_000;

/// One event for the merchant.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Notice {
    /// Where it is to be sent: what the object's creation said.
    pub(crate) url: String,
    pub(crate) at: Timestamp,
    /// `TRANSACTION.SUCCESS`, …
    pub(crate) event_type: &'static str,
    /// `transaction`, `refund`, `payscore`, …: also the associated data of the encryption.
    pub(crate) original_type: &'static str,
    pub(crate) summary: &'static str,
    /// What is encrypted.
    pub(crate) resource: Value,
}

impl World {
    /// Notes an event for the merchant.
    pub(super) fn announce(&mut self, notice: Notice) {
        if !self.tells(&notice.url) {
            return;
        }
        if self.notices.len() == MOST_WAITING {
            self.notices.pop_front();
        }
        self.notices.push_back(notice);
    }

    /// Whether an event for this address is told at all. Nobody listens to an address that was never given, and what
    /// happened before the start is past.
    pub(super) fn tells(&self, url: &str) -> bool {
        !self.silent && !url.is_empty()
    }

    /// What happened since the last call, oldest first.
    pub(in crate::sandbox) fn take_notices(&mut self) -> Vec<Notice> {
        std::mem::take(&mut self.notices).into()
    }
}

#[cfg(test)]
mod tests {
    use super::super::testing::{at, world};
    use super::*;

    #[test]
    fn what_nobody_takes_is_bounded_and_no_address_is_nobody() {
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
