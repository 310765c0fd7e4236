//! Notices that time has passed unseen: the machine slept, or the process was stopped.

use std::time::Duration;

use tokio::time::Instant;

use crate::model::time::Timestamp;

/// The tolerance for a busy machine or a corrected clock.
const FEW: Duration = Duration::from_secs(5);

/// The two clocks when they were last read, and when the next reading was due.
#[derive(Debug, Default)]
pub(super) struct WatchClock {
    seen: Option<(Instant, Timestamp)>,
    expected: Option<Instant>,
}

impl WatchClock {
    /// Reads the clocks. Returns the time that has passed unseen, if it is more than a few seconds: while the machine
    /// sleeps, the monotonic clock stands still and the wall clock does not; while the process is stopped, both run and
    /// an expected look is late.
    pub(super) fn look(&mut self, now: Instant, wall: Timestamp) -> Option<(Timestamp, Timestamp)> {
        let (before, from) = self.seen.replace((now, wall))?;
        let expected = self.expected.take();
        let passed = Duration::try_from(wall - from).unwrap_or_default();
        let asleep = passed.saturating_sub(now - before) > FEW;
        let stopped = expected.is_some_and(|expected| now.saturating_duration_since(expected) > FEW);
        (asleep || stopped).then_some((from, wall))
    }

    /// Sets when it will be read next, if that is known.
    pub(super) fn expect(&mut self, next: Option<Instant>) {
        self.expected = next;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn second(n: u64) -> Duration {
        Duration::from_secs(n)
    }

    /// Whether a gap is noticed after the clocks have run this far, with the next reading expected after this long.
    fn noticed(monotonic: u64, wall: i64, expected: Option<u64>) -> bool {
        let (mut clock, now, at) = (WatchClock::default(), Instant::now(), Timestamp::UNIX_EPOCH);
        assert_eq!(clock.look(now, at), None, "nothing was before the first look");
        clock.expect(expected.map(|seconds| now + second(seconds)));
        let later = at + time::Duration::seconds(wall);
        let gap = clock.look(now + second(monotonic), later);
        assert!(gap.is_none_or(|gap| gap == (at, later)));
        gap.is_some()
    }

    #[test]
    fn sleep_and_a_stopped_process_are_noticed_and_waiting_is_not() {
        assert!(noticed(1, 3600, None), "the machine slept");
        assert!(noticed(600, 600, Some(15)), "the process was stopped");
        assert!(!noticed(600, 600, Some(600)), "there was nothing to do");
        assert!(!noticed(600, 600, None), "nor any time to do it");
        assert!(!noticed(17, 18, Some(15)), "a busy machine");
        assert!(!noticed(15, -3600, Some(15)), "the wall clock was set back");
    }
}
