//! What is to be done again whenever something happens, but not too often.

use crate::model::time::{Duration, Timestamp};

/// A wish that is granted at most so often.
#[derive(Clone, Copy, Debug)]
pub struct Calm {
    every: Duration,
    wanted: bool,
    not_before: Option<Timestamp>,
}

impl Calm {
    pub const fn new(every: Duration, wanted: bool) -> Self {
        Self { every, wanted, not_before: None }
    }

    pub fn want(&mut self) {
        self.wanted = true;
    }

    /// True if it is to be done now.
    pub fn take(&mut self, now: Timestamp) -> bool {
        let due = self.wanted && self.not_before.is_none_or(|at| now >= at);
        if due {
            (self.wanted, self.not_before) = (false, Some(now + self.every));
        }
        due
    }

    /// When it will be due, if it is wanted.
    pub fn due(&self) -> Option<Timestamp> {
        self.not_before.filter(|_| self.wanted)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_done_at_once_and_then_no_more_often_than_it_may_be() {
        let start = Timestamp::UNIX_EPOCH;
        let mut calm = Calm::new(Duration::SECOND, false);
        assert_eq!((calm.take(start), calm.due()), (false, None));
        calm.want();
        assert!(calm.take(start));
        calm.want();
        assert!(!calm.take(start + Duration::milliseconds(999)));
        assert_eq!(calm.due(), Some(start + Duration::SECOND));
        assert!(calm.take(start + Duration::SECOND));
        assert_eq!(calm.due(), None, "nothing more is wanted");
    }
}
