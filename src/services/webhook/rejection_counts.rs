//! Collects in memory what is written to the ledger later: refused requests and answer times. A flood of requests costs
//! a few commits and little memory, at any rate.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use crate::ledger::{Refused, Verdict};
use crate::model::time::Timestamp;

/// The longest time anything is kept here.
pub(crate) const KEEP: Duration = Duration::from_millis(300);
/// For each reason, so many requests are kept with their bytes until they are written; the ledger keeps no more per
/// hour.
const SAMPLES: usize = 5;
/// How many bytes of a refused request are kept, as in the ledger.
const SAMPLE_BYTES: usize = 4096;
/// In characters: the detail may repeat what was sent.
const LONGEST_DETAIL: usize = 200;
/// Answer times kept at most; further ones are dropped.
const ANSWERS: usize = 10_000;
/// Minimum time between two log lines for one reason.
const LOG_EVERY: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
pub(crate) struct RejectionCounts {
    samples: Vec<Refused>,
    others: HashMap<Verdict, (Timestamp, u64)>,
    answered: Vec<(i64, u64)>,
    /// When the oldest entry was added.
    since: Option<Instant>,
    logged: HashMap<Verdict, (Instant, u64)>,
}

/// What is to be written to the ledger.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub samples: Vec<Refused>,
    pub others: Vec<(Verdict, Timestamp, u64)>,
}

impl RejectionCounts {
    /// Counts a refused request. True if the tally was empty.
    pub(super) fn refuse(&mut self, mut refused: Refused, now: Instant) -> bool {
        self.log(refused.verdict, now);
        let alike = self.samples.iter().filter(|sample| sample.verdict == refused.verdict).count();
        if alike < SAMPLES {
            refused.delivery.body.truncate(SAMPLE_BYTES);
            refused.delivery.body.shrink_to_fit();
            refused.delivery.headers.truncate(SAMPLE_BYTES);
            refused.delivery.headers.shrink_to_fit();
            refused.detail = refused.detail.chars().take(LONGEST_DETAIL).collect();
            self.samples.push(refused);
        } else {
            let (last, count) = self.others.entry(refused.verdict).or_insert((refused.delivery.at, 0));
            (*last, *count) = ((*last).max(refused.delivery.at), *count + 1);
        }
        self.wait(now)
    }

    /// Records how long an answer took. True if the tally was empty.
    pub(super) fn answered(&mut self, delivery: i64, micros: u64, now: Instant) -> bool {
        if self.answered.len() < ANSWERS {
            self.answered.push((delivery, micros));
        }
        self.wait(now)
    }

    fn wait(&mut self, now: Instant) -> bool {
        let first = self.since.is_none();
        self.since.get_or_insert(now);
        first
    }

    /// Whether there is anything to write.
    pub(super) fn waiting(&self) -> bool {
        self.since.is_some()
    }

    pub(super) fn is_due(&self, now: Instant) -> bool {
        self.since.is_some_and(|since| now.duration_since(since) >= KEEP)
    }

    pub(super) fn take_answered(&mut self) -> Vec<(i64, u64)> {
        if self.samples.is_empty() && self.others.is_empty() {
            self.since = None;
        }
        std::mem::take(&mut self.answered)
    }

    pub(super) fn take_refused(&mut self) -> Written {
        if self.answered.is_empty() {
            self.since = None;
        }
        let others = self.others.drain().map(|(verdict, (last, count))| (verdict, last, count)).collect();
        Written { samples: std::mem::take(&mut self.samples), others }
    }

    /// Takes back what could not be written, for the next attempt.
    pub(super) fn take_back(&mut self, written: Written, now: Instant) {
        for refused in written.samples {
            let (last, count) = self.others.entry(refused.verdict).or_insert((refused.delivery.at, 0));
            (*last, *count) = ((*last).max(refused.delivery.at), *count + 1);
        }
        for (verdict, at, count) in written.others {
            let (last, sum) = self.others.entry(verdict).or_insert((at, 0));
            (*last, *sum) = ((*last).max(at), *sum + count);
        }
        self.wait(now);
    }

    fn log(&mut self, verdict: Verdict, now: Instant) {
        let fresh = !self.logged.contains_key(&verdict);
        let (last, count) = self.logged.entry(verdict).or_insert((now, 0));
        *count += 1;
        if fresh || now.duration_since(*last) >= LOG_EVERY {
            let count = std::mem::take(count);
            *last = now;
            match verdict {
                // A probe is WeChat Pay's own test, so it is no reason for a warning.
                Verdict::Probe => tracing::info!(count, "signature probes were refused"),
                _ => tracing::warn!(count, reason = verdict.word(), "requests to the receiver were refused"),
            }
        }
    }
}

impl Written {
    pub(super) fn is_empty(&self) -> bool {
        self.samples.is_empty() && self.others.is_empty()
    }

    /// The count of each reason.
    pub(super) fn counts(&self) -> Vec<(Verdict, u64)> {
        let mut counts: Vec<(Verdict, u64)> = Vec::new();
        let ones = self.samples.iter().map(|refused| (refused.verdict, 1));
        for (verdict, count) in ones.chain(self.others.iter().map(|(verdict, _, count)| (*verdict, *count))) {
            match counts.iter_mut().find(|(known, _)| *known == verdict) {
                Some((_, sum)) => *sum += count,
                None => counts.push((verdict, count)),
            }
        }
        counts.sort();
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Delivery;

    fn refused(verdict: Verdict, body: usize) -> Refused {
        let delivery = Delivery {
            at: Timestamp::UNIX_EPOCH,
            peer: "127.0.0.1".into(),
            target: "/notify".into(),
            headers: Vec::new(),
            body: vec![b'x'; body],
        };
        Refused { delivery, verdict, status: 401, detail: String::new() }
    }

    #[test]
    fn a_flood_takes_little_memory_and_is_counted_completely() {
        let (mut tally, now) = (RejectionCounts::default(), Instant::now());
        assert!(tally.refuse(refused(Verdict::Forged, 1 << 20), now), "the first is reported");
        for _ in 1..10_000 {
            assert!(!tally.refuse(refused(Verdict::Forged, 8192), now));
        }
        tally.refuse(refused(Verdict::Probe, 1), now);
        assert!(!tally.is_due(now) && tally.is_due(now + KEEP));
        let written = tally.take_refused();
        assert_eq!(written.samples.len(), SAMPLES + 1);
        assert!(written.samples.iter().all(|sample| sample.delivery.body.capacity() <= SAMPLE_BYTES));
        let counts = written.counts();
        assert_eq!(counts, [(Verdict::Probe, 1), (Verdict::Forged, 10_000)]);
        assert!(!tally.is_due(now + KEEP), "nothing waits");
        // What could not be written is counted later.
        tally.take_back(written, now);
        tally.refuse(refused(Verdict::Forged, 1), now);
        assert_eq!(tally.take_refused().counts(), [(Verdict::Probe, 1), (Verdict::Forged, 10_001)]);
    }

    #[test]
    fn times_to_answer_are_bounded_and_wait_like_the_rest() {
        let (mut tally, now) = (RejectionCounts::default(), Instant::now());
        for delivery in 0..20_000 {
            tally.answered(delivery, 1, now);
        }
        assert!(tally.is_due(now + KEEP));
        assert_eq!(tally.take_answered().len(), ANSWERS);
        assert!(!tally.is_due(now + KEEP));
    }
}
