//! Limits how often work is done that every event requests.

use crate::model::time::{Duration, Timestamp};

/// A request that is granted at most once in an interval.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Throttle {
    every: Duration,
    wanted: bool,
    not_before: Option<Timestamp>,
}

impl Throttle {
    pub(crate) const fn new(every: Duration, wanted: bool) -> Self {
        Self { every, wanted, not_before: None }
    }

    pub(crate) fn want(&mut self) {
        self.wanted = true;
    }

    /// True if it is to be done now.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let due = self.wanted && self.not_before.is_none_or(|at| now >= at);
        if due {
            (self.wanted, self.not_before) = (false, Some(now + self.every));
        }
        due
    }

    /// When it will be due, if it was requested.
    pub(crate) fn due(&self) -> Option<Timestamp> {
        self.not_before.filter(|_| self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_done_at_once_and_then_no_more_often_than_it_may_be() {
        let start = Timestamp::UNIX_EPOCH;
        let mut throttle = Throttle::new(Duration::SECOND, false);
        assert_eq!((throttle.take(start), throttle.due()), (false, None));
        throttle.want();
        assert!(throttle.take(start));
        throttle.want();
        assert!(!throttle.take(start + Duration::milliseconds(999)));
        assert_eq!(throttle.due(), Some(start + Duration::SECOND));
        assert!(throttle.take(start + Duration::SECOND));
        assert_eq!(throttle.due(), None, "nothing more is wanted");
    }
}
