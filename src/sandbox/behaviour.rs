//! How often the platform does what it does occasionally. Spread evenly, not by chance: 20 % is every fifth.

use std::collections::{HashSet, VecDeque};
use std::time::{Duration, Instant};

/// How many recently probed targets are remembered.
const MOST_PROBED: usize = 10_000;

/// A share in per cent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    percent: u8,
    carried: u8,
}

impl Share {
    pub(super) fn of(percent: u8) -> Self {
        Self { percent: percent.min(100), carried: 0 }
    }

    pub(super) fn percent(self) -> u8 {
        self.percent
    }

    /// Whether the share includes this one.
    pub(super) fn advance(&mut self) -> bool {
        self.carried += self.percent;
        let advance = self.carried >= 100;
        if advance {
            self.carried -= 100;
        }
        advance
    }
}

/// Answers that are signature probes. The same request is not probed twice in a row, so a client that repeats it gets
/// the real answer (protocol reference §9.4).
#[derive(Debug, Default)]
pub(super) struct Probes {
    share: Share,
    probed: HashSet<String>,
}

impl Probes {
    pub(super) fn of(share: Share) -> Self {
        Self { share, probed: HashSet::new() }
    }

    pub(super) fn advance(&mut self, target: &str) -> bool {
        if self.probed.remove(target) || !self.share.advance() {
            return false;
        }
        if self.probed.len() == MOST_PROBED {
            self.probed.clear();
        }
        self.probed.insert(target.to_owned());
        true
    }
}

/// A limit of requests within any second.
#[derive(Debug, Default)]
pub(super) struct Limit {
    most: Option<u32>,
    passed: VecDeque<Instant>,
}

impl Limit {
    pub(super) fn of(most: Option<u32>) -> Self {
        Self { most, passed: VecDeque::new() }
    }

    pub(super) fn most(&self) -> Option<u32> {
        self.most
    }

    pub(super) fn refuses(&mut self, now: Instant) -> bool {
        let Some(most) = self.most else { return false };
        while self.passed.front().is_some_and(|at| now.saturating_duration_since(*at) >= Duration::from_secs(1)) {
            self.passed.pop_front();
        }
        let full = self.passed.len() >= most as usize;
        if !full {
            self.passed.push_back(now);
        }
        full
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_kept_exactly() {
        for percent in [0, 1, 20, 33, 50, 100] {
            let mut share = Share::of(percent);
            assert_eq!((0..100).filter(|_| share.advance()).count(), percent as usize);
        }
    }

    #[test]
    fn a_repeated_request_is_not_probed_again() {
        let mut probes = Probes::of(Share::of(100));
        assert!(probes.advance("/a"));
        assert!(probes.advance("/b"));
        assert!(!probes.advance("/a"));
        assert!(probes.advance("/a"));
    }

    #[test]
    fn more_than_the_limit_within_a_second_is_refused() {
        let mut limit = Limit::of(Some(2));
        let start = Instant::now();
        let at = |millis| start + Duration::from_millis(millis);
        let refused: Vec<bool> = [0, 400, 500, 999, 1000, 1100, 1400].map(|m| limit.refuses(at(m))).to_vec();
        assert_eq!(refused, [false, false, true, true, false, true, false]);
        assert!(!Limit::of(None).refuses(start));
    }
}
