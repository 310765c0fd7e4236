//! The profile's request budget: a token bucket that every request of every task passes.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

/// At most `per_second` requests in a second, evenly after a burst of a quarter second's worth.
#[derive(Debug)]
pub struct Budget {
    per_second: u32,
    interval: Duration,
    burst: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The theoretical time of the next request (GCRA).
    next: Option<Instant>,
    /// Nobody sends before this: the platform said "too many".
    held_until: Option<Instant>,
    /// When the latest requests left, for display.
    recent: VecDeque<Instant>,
}

impl Budget {
    /// `per_second` of 0 counts as 1: a profile always may ask.
    pub fn new(per_second: u32) -> Self {
        let per_second = per_second.max(1);
        let interval = Duration::from_secs(1) / per_second;
        Self { per_second, interval, burst: interval * (per_second / 4), state: Mutex::default() }
    }

    /// Waits for a turn. Turns are given in the order of the calls.
    pub async fn turn(&self) {
        let at = {
            let mut state = self.lock();
            let now = Instant::now();
            let earliest = state.held_until.map_or(now, |held| held.max(now));
            let next = state.next.map_or(earliest, |next| next.max(earliest));
            state.next = Some(next + self.interval);
            // A request may leave ahead of its theoretical time by the burst, but never into a hold.
            next.checked_sub(self.burst).map_or(earliest, |at| at.max(earliest))
        };
        tokio::time::sleep_until(at).await;
        let mut state = self.lock();
        let now = Instant::now();
        state.recent.push_back(now);
        forget_old(&mut state.recent, now);
    }

    /// Holds everybody back: the platform answered 429.
    pub fn hold(&self, pause: Duration) {
        let mut state = self.lock();
        let until = Instant::now() + pause;
        state.held_until = Some(state.held_until.map_or(until, |held| held.max(until)));
    }

    pub fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Requests that left within the last second.
    pub fn last_second(&self) -> u32 {
        let mut state = self.lock();
        forget_old(&mut state.recent, Instant::now());
        u32::try_from(state.recent.len()).unwrap_or(u32::MAX)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn forget_old(recent: &mut VecDeque<Instant>, now: Instant) {
    while recent.front().is_some_and(|at| now.duration_since(*at) > Duration::from_secs(1)) {
        recent.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_than_the_budget_and_its_burst() {
        let budget = Budget::new(20);
        let start = Instant::now();
        let mut left = Vec::new();
        for _ in 0..100 {
            budget.turn().await;
            left.push(start.elapsed());
        }
        for at in &left {
            let window = left.iter().filter(|t| *t >= at && **t < *at + Duration::from_secs(1)).count();
            assert!(window <= 25, "{window} requests in a second");
        }
        assert!(start.elapsed() >= Duration::from_millis(4_600), "{:?}", start.elapsed());
        assert!(start.elapsed() <= Duration::from_secs(5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_stops_everybody() {
        let budget = Budget::new(1000);
        budget.turn().await;
        budget.hold(Duration::from_secs(3));
        let start = Instant::now();
        budget.turn().await;
        assert!(start.elapsed() >= Duration::from_secs(3));
    }
}
