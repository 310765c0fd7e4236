//! The world's clock. It runs with the real one, faster if it is told to, stands still at speed 0, and can be moved
//! ahead. What is signed on the wire goes by the real clock, for whoever verifies it has no other.

use std::sync::{Mutex, MutexGuard};
use std::time::Duration as RealDuration;

use time::OffsetDateTime;
use time::macros::datetime;

use crate::model::time::{Duration, Timestamp};
use crate::sync::lock;

/// The fastest a clock may run: a day of the world in a second.
pub const MOST_SPEED: u32 = 86_400;
/// The clock goes no further: what comes due later than this can still be written as a time.
const LAST: Timestamp = datetime!(2999-12-31 00:00 UTC);

#[derive(Debug)]
pub(super) struct Clock(Mutex<Course>);

#[derive(Debug)]
struct Course {
    /// What the clock showed at the real time `since`.
    shown: Timestamp,
    since: Timestamp,
    /// Seconds of the world in a second.
    speed: u32,
    /// While somebody moves it ahead, it does not run by itself.
    held: bool,
}

impl Course {
    fn now(&self) -> Timestamp {
        if self.held {
            return self.shown;
        }
        // The machine's clock may be set back; the world's never is.
        let passed = (OffsetDateTime::now_utc() - self.since).max(Duration::ZERO);
        let passed = passed.checked_mul(self.speed.cast_signed()).unwrap_or(Duration::MAX);
        self.shown.saturating_add(passed).min(LAST)
    }

    fn set(&mut self, shown: Timestamp) {
        self.shown = shown.min(LAST);
        self.since = OffsetDateTime::now_utc();
    }
}

impl Clock {
    pub(super) fn new(start: Timestamp, speed: u32) -> Self {
        let speed = speed.min(MOST_SPEED);
        Self(Mutex::new(Course { shown: start, since: OffsetDateTime::now_utc(), speed, held: false }))
    }

    fn course(&self) -> MutexGuard<'_, Course> {
        lock(&self.0)
    }

    pub(super) fn now(&self) -> Timestamp {
        self.course().now()
    }

    pub(super) fn speed(&self) -> u32 {
        self.course().speed
    }

    /// Jumps ahead.
    pub(super) fn skip(&self, time: Duration) {
        let mut course = self.course();
        let shown = course.now().saturating_add(time);
        course.set(shown);
    }

    /// Where the clock would be after `time`; `None` if that is further than it goes.
    pub(super) fn after(&self, time: Duration) -> Option<Timestamp> {
        self.now().checked_add(time).filter(|at| *at <= LAST)
    }

    /// Stops the clock until what is returned is dropped.
    pub(super) fn hold(&self) -> Held<'_> {
        let mut course = self.course();
        let now = course.now();
        course.set(now);
        course.held = true;
        Held(self)
    }

    pub(super) fn is_held(&self) -> bool {
        self.course().held
    }

    /// How long until the clock shows `at`; `None` if it does not get there by itself.
    pub(super) fn until(&self, at: Timestamp) -> Option<RealDuration> {
        let course = self.course();
        let left = at - course.now();
        if left <= Duration::ZERO {
            return Some(RealDuration::ZERO);
        }
        let runs = course.speed > 0 && !course.held;
        runs.then(|| left.unsigned_abs() / course.speed)
    }
}

/// A clock that stands still for whoever moves it by hand.
#[derive(Debug)]
pub(super) struct Held<'a>(&'a Clock);

impl Held<'_> {
    /// Moves the clock to `at`, never back.
    pub(super) fn move_to(&self, at: Timestamp) {
        let mut course = self.0.course();
        let shown = course.shown.max(at);
        course.set(shown);
    }
}

impl Drop for Held<'_> {
    fn drop(&mut self) {
        let mut course = self.0.course();
        course.held = false;
        course.since = OffsetDateTime::now_utc();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: Timestamp = datetime!(2025-10-09 08:53:20 UTC);

    #[test]
    fn a_clock_of_speed_nought_stands_still_until_it_is_moved() {
        let clock = Clock::new(START, 0);
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
        let clock = Clock::new(START, MOST_SPEED);
        let held = clock.hold();
        let now = clock.now();
        assert_eq!((clock.now(), clock.is_held(), clock.until(now + Duration::DAY)), (now, true, None));
        drop(held);
        assert!(clock.until(now + Duration::DAY).unwrap() <= RealDuration::from_secs(1));
    }

    #[test]
    fn no_advance_leaves_the_calendar() {
        let clock = Clock::new(START, 1);
        assert_eq!(clock.after(Duration::days(400_000)), None);
        clock.skip(Duration::MAX);
        assert_eq!(clock.now(), LAST);
    }
}
