//! The profile's request budget: a token bucket that every request of every task passes. A turn is given before a
//! request is signed, and signing takes a varying time, so requests are counted again as they leave.

use std::collections::VecDeque;
use std::sync::Mutex;
use std::time::Duration;

use tokio::time::Instant;

use crate::sync::lock;

/// At most `per_second` requests in any second, evenly after a burst of a quarter second's worth.
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
    /// No request is sent before this: the platform answered "too many requests".
    held_until: Option<Instant>,
    /// The number of such answers in a row.
    limited: u32,
    /// When the turns of the last second were given.
    turns: VecDeque<Instant>,
    /// When the requests of the last second were sent.
    left: VecDeque<Instant>,
}

/// The longest hold, however many "too many requests" came in a row.
const LONGEST_HOLD: Duration = Duration::from_secs(60);
const SECOND: Duration = Duration::from_secs(1);

impl Budget {
    /// `per_second` of 0 counts as 1: a profile may always query.
    pub fn new(per_second: u32) -> Self {
        let per_second = per_second.max(1);
        let interval = Duration::from_secs(1) / per_second;
        Self { per_second, interval, burst: interval * (per_second / 4), state: Mutex::default() }
    }

    /// Waits for a turn. Turns are given in the order of the calls.
    pub async fn turn(&self) {
        let mut at = {
            let mut state = self.lock();
            let now = Instant::now();
            let earliest = state.earliest(now);
            let next = state.next.map_or(earliest, |next| next.max(earliest));
            state.next = Some(next + self.interval);
            // A request may leave ahead of its theoretical time by the burst, but never into a hold.
            self.ahead(next, earliest)
        };
        loop {
            tokio::time::sleep_until(at).await;
            let mut state = self.lock();
            let now = Instant::now();
            forget_old(&mut state.turns, now);
            // A turn that was given late leaves less room for those that follow.
            match self.room(&state.turns) {
                Some(later) => at = later,
                None => return self.give(&mut state, now),
            }
        }
    }

    /// Waits until a signed request that had its turn may be sent: usually not at all. After requests whose signing
    /// took longer, it could be one too many in its second.
    pub async fn leave(&self) {
        loop {
            let later = {
                let mut state = self.lock();
                let now = Instant::now();
                forget_old(&mut state.left, now);
                match self.room(&state.left) {
                    Some(later) => later,
                    None => return state.left.push_back(now),
                }
            };
            tokio::time::sleep_until(later).await;
        }
    }

    /// Takes a turn if one is available; otherwise returns when one will be.
    pub(crate) fn try_turn(&self) -> Result<(), Instant> {
        let mut state = self.lock();
        let now = Instant::now();
        forget_old(&mut state.turns, now);
        let earliest = state.earliest(now);
        let next = state.next.map_or(earliest, |next| next.max(earliest));
        let at = self.ahead(next, earliest).max(self.room(&state.turns).unwrap_or(earliest));
        if at > now {
            return Err(at);
        }
        state.next = Some(next + self.interval);
        self.give(&mut state, now);
        Ok(())
    }

    /// When a full second has room again; `None` if it is not full.
    fn room(&self, second: &VecDeque<Instant>) -> Option<Instant> {
        let first = *second.front()?;
        (second.len() >= self.per_second as usize).then_some(first + SECOND)
    }

    fn give(&self, state: &mut State, now: Instant) {
        state.turns.push_back(now);
        // Requests after a full second are spread evenly.
        if let Some(room) = self.room(&state.turns) {
            state.next = state.next.max(Some(room + self.burst));
        }
    }

    fn ahead(&self, next: Instant, earliest: Instant) -> Instant {
        next.checked_sub(self.burst).map_or(earliest, |at| at.max(earliest))
    }

    /// Holds all requests for this time because the platform answered "too many requests"; twice as long each time it
    /// repeats that after a hold.
    pub fn hold(&self, pause: Duration) {
        let mut state = self.lock();
        let now = Instant::now();
        // Answers to requests sent before the hold are no new information.
        if state.held_until.is_some_and(|held| held > now) {
            return;
        }
        let pause = pause.saturating_mul(1 << state.limited.min(6)).min(LONGEST_HOLD);
        state.limited = state.limited.saturating_add(1);
        // Up to a quarter more, so that many consoles do not resume at the same time.
        state.held_until = Some(now + pause.mul_f64(1.0 + rand::random::<f64>() / 4.0));
    }

    /// The platform answered without "too many requests".
    pub fn answered(&self) {
        let mut state = self.lock();
        if state.held_until.is_none_or(|held| held <= Instant::now()) {
            state.limited = 0;
        }
    }

    pub fn per_second(&self) -> u32 {
        self.per_second
    }

    /// Requests that left within the last second.
    pub(crate) fn last_second(&self) -> u32 {
        let mut state = self.lock();
        forget_old(&mut state.left, Instant::now());
        u32::try_from(state.left.len()).unwrap_or(u32::MAX)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        lock(&self.state)
    }
}

impl State {
    fn earliest(&self, now: Instant) -> Instant {
        self.held_until.map_or(now, |held| held.max(now))
    }
}

fn forget_old(recent: &mut VecDeque<Instant>, now: Instant) {
    while recent.front().is_some_and(|at| now.duration_since(*at) >= SECOND) {
        recent.pop_front();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When each of so many requests left, from the first on.
    async fn leave(budget: &Budget, count: usize) -> Vec<Duration> {
        let start = Instant::now();
        let mut left = Vec::new();
        for _ in 0..count {
            budget.turn().await;
            left.push(start.elapsed());
        }
        left
    }

    fn busiest(left: &[Duration]) -> usize {
        left.iter().map(|at| left.iter().filter(|t| *t >= at && **t < *at + SECOND).count()).max().unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_than_the_budget() {
        for per_second in [1, 3, 20, 200] {
            let budget = Budget::new(per_second);
            let count = per_second as usize * 5;
            let left = leave(&budget, count).await;
            assert_eq!(busiest(&left), per_second as usize);
            let last = left.last().unwrap();
            assert!(*last >= Duration::from_millis(3_900) && *last <= Duration::from_millis(5_100), "{last:?}");
            // Saved up again, but not beyond.
            tokio::time::sleep(Duration::from_secs(10)).await;
            assert_eq!(busiest(&leave(&budget, count).await), per_second as usize);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_caller_that_tries_has_as_many_turns_as_one_that_waits() {
        let budget = Budget::new(200);
        let (start, mut left) = (Instant::now(), Vec::new());
        while start.elapsed() < Duration::from_secs(10) {
            match budget.try_turn() {
                Ok(()) => left.push(start.elapsed()),
                // A clock that wakes late loses nothing.
                Err(at) => tokio::time::sleep_until(at + Duration::from_millis(1)).await,
            }
        }
        assert_eq!(busiest(&left), 200);
        assert!(left.len() >= 1_990, "{}", left.len());
        let evenly = left.windows(2).filter(|pair| pair[0] > SECOND).all(|pair| pair[1] - pair[0] < SECOND / 50);
        assert!(evenly, "after the first second no burst and no stall");
        budget.hold(Duration::from_secs(3));
        assert!(budget.try_turn().unwrap_err() >= Instant::now() + Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_has_more_than_the_budget_however_long_signing_takes() {
        let budget = std::sync::Arc::new(Budget::new(200));
        let (start, mut signing) = (Instant::now(), tokio::task::JoinSet::new());
        for n in 0..1_000u64 {
            budget.turn().await;
            let budget = budget.clone();
            signing.spawn(async move {
                // A busy machine: for a while each waits, then none.
                tokio::time::sleep(Duration::from_millis(n / 100 % 2 * 90)).await;
                budget.leave().await;
                start.elapsed()
            });
        }
        let left = signing.join_all().await;
        assert_eq!(busiest(&left), 200);
        assert!(*left.iter().max().unwrap() < Duration::from_millis(5_500), "and none is held up for long");
    }

    #[tokio::test(start_paused = true)]
    async fn a_hold_stops_all_requests_and_the_next_is_longer_until_one_is_answered() {
        let budget = Budget::new(1000);
        let held = async |budget: &Budget| {
            let start = Instant::now();
            budget.hold(SECOND);
            budget.hold(SECOND);
            budget.turn().await;
            start.elapsed().as_secs()
        };
        budget.turn().await;
        let holds = [held(&budget).await, held(&budget).await, held(&budget).await];
        assert!(holds[0] == 1 && (2..=3).contains(&holds[1]) && (4..=5).contains(&holds[2]), "{holds:?}");
        for _ in 0..9 {
            assert!(held(&budget).await <= LONGEST_HOLD.as_secs() * 5 / 4);
        }
        budget.answered();
        assert_eq!(held(&budget).await, 1);
    }
}
