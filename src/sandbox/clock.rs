//! The world's clock. It runs with the real one, or faster, stands still at speed 0, and can be moved ahead. Signatures
//! use the real clock, because verifiers know no other.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration as RealDuration;

use time::OffsetDateTime;
use time::macros::datetime;

use crate::model::time::{Duration, Timestamp};
use crate::sync::lock;

/// The highest speed: a day of the world per second.
pub const MOST_SPEED: u32 = 86_400;
/// The clock stops here, so that what is due later can still be represented.
const LAST: Timestamp = datetime!(2999-12-31 00:00 UTC);

#[derive(Debug)]
pub(super) struct SandboxClock(Mutex<ClockState>);

#[derive(Debug)]
struct ClockState {
    /// What the clock showed at the real time `since`.
    shown: Timestamp,
    since: Timestamp,
    /// Seconds of the world in a second.
    speed: u32,
    /// While it is moved by hand, it does not run by itself.
    held: bool,
}

impl ClockState {
    fn now(&self) -> Timestamp {
        if self.held {
            return self.shown;
        }
        // The system clock may be set back; the world's must not be.
        let passed = (OffsetDateTime::now_utc() - self.since).max(Duration::ZERO);
        let passed = passed.checked_mul(self.speed.cast_signed()).unwrap_or(Duration::MAX);
        self.shown.saturating_add(passed).min(LAST)
    }

    fn set(&mut self, shown: Timestamp) {
        self.shown = shown.min(LAST);
        self.since = OffsetDateTime::now_utc();
    }
}

impl SandboxClock {
    pub(super) fn new(start: Timestamp, speed: u32) -> Self {
        let speed = speed.min(MOST_SPEED);
        Self(Mutex::new(ClockState { shown: start, since: OffsetDateTime::now_utc(), speed, held: false }))
    }

    fn state(&self) -> MutexGuard<'_, ClockState> {
        lock(&self.0)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.state().now()
    }

    pub(super) fn speed(&self) -> u32 {
        self.state().speed
    }

    /// Jumps ahead.
    pub(super) fn skip(&self, time: Duration) {
        let mut state = self.state();
        let shown = state.now().saturating_add(time);
        state.set(shown);
    }

    /// The time after `time` has passed; `None` if that is beyond the clock's end.
    pub(super) fn after(&self, time: Duration) -> Option<Timestamp> {
        self.now().checked_add(time).filter(|at| *at <= LAST)
    }

    /// Stops the clock until the returned value is dropped.
    pub(super) fn hold(&self) -> ClockHold<'_> {
        let mut state = self.state();
        let now = state.now();
        state.set(now);
        state.held = true;
        ClockHold(self)
    }

    pub(super) fn is_held(&self) -> bool {
        self.state().held
    }

    /// How long until the clock shows `at`; `None` if it does not get there by itself.
    pub(super) fn until(&self, at: Timestamp) -> Option<RealDuration> {
        let state = self.state();
        let left = at - state.now();
        if left <= Duration::ZERO {
            return Some(RealDuration::ZERO);
        }
        let runs = state.speed > 0 && !state.held;
        runs.then(|| left.unsigned_abs() / state.speed)
    }
}

/// A clock that is stopped, to be moved by hand.
#[derive(Debug)]
pub(super) struct ClockHold<'a>(&'a SandboxClock);

impl ClockHold<'_> {
    /// Moves the clock to `at`, never back.
    pub(super) fn move_to(&self, at: Timestamp) {
        let mut state = self.0.state();
        let shown = state.shown.max(at);
        state.set(shown);
    }
}

impl Drop for ClockHold<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.held = false;
        state.since = OffsetDateTime::now_utc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = datetime!(2025-10-09 08:53:20 UTC);

    #[test]
    fn a_clock_of_speed_nought_stands_still_until_it_is_moved() {
        let clock = SandboxClock::new(START, 0);
        assert_eq!(clock.now(), START);
        assert_eq!(clock.until(START + Duration::SECOND), None);
        assert_eq!(clock.until(START), Some(RealDuration::ZERO));
        clock.skip(Duration::HOUR);
        let held = clock.hold();
        held.move_to(START);
        assert_eq!(clock.now(), START + Duration::HOUR, "never back");
        held.move_to(START + Duration::DAY);
        drop(held);
        assert_eq!(clock.now(), START + Duration::DAY);
    }

    #[test]
    fn a_held_clock_of_any_speed_stands_and_runs_on_afterwards() {
        let clock = SandboxClock::new(START, MOST_SPEED);
        let held = clock.hold();
        let now = clock.now();
        assert_eq!((clock.now(), clock.is_held(), clock.until(now + Duration::DAY)), (now, true, None));
        drop(held);
        assert!(clock.until(now + Duration::DAY).unwrap() <= RealDuration::from_secs(1));
    }

    #[test]
    fn no_advance_leaves_the_calendar() {
        let clock = SandboxClock::new(START, 1);
        assert_eq!(clock.after(Duration::days(400_000)), None);
        clock.skip(Duration::MAX);
        assert_eq!(clock.now(), LAST);
    }
}
