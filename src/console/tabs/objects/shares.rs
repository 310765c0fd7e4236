//! What the strip above a table shows: the share of each state, the last 24 hours, the sum.

use std::collections::BTreeMap;

use crate::model::time::Timestamp;
use crate::model::{Sum, Tone};
use crate::services::{DaySums, Sums};

/// The order of the shares: what went well, what goes on, what ended otherwise.
pub(super) const ORDER: [Tone; 7] =
    [Tone::Done, Tone::Running, Tone::Busy, Tone::Waiting, Tone::Stopped, Tone::Failed, Tone::Unknown];
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// What the strip shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strip {
    /// Rows by tone, those that the filter would show if no share was chosen.
    shares: BTreeMap<Tone, u64>,
    /// The beginning of the first hour.
    pub since: Timestamp,
    /// Rows by the hour of their time.
    hours: [u64; DaySums::HOURS],
    /// The sum of the last 24 hours.
    day: Vec<Sum>,
}

impl Strip {
    pub fn of(sums: &Sums) -> Self {
        let mut shares = BTreeMap::new();
        for group in &sums.shares {
            if let Some(state) = &group.state {
                *shares.entry(state.tone).or_default() += group.count;
            }
        }
        let mut hours = [0; DaySums::HOURS];
        for hour in &sums.day.hours {
            if let Some(count) = hours.get_mut(hour.hour) {
                *count += hour.count;
            }
        }
        let day = Sum::of(sums.day.hours.iter().filter_map(crate::ledger::HourGroup::sum));
        Self { shares, since: sums.day.since, hours, day }
    }

    /// True if there is no state to choose.
    pub(super) fn is_empty(&self) -> bool {
        self.shares.is_empty()
    }

    /// The sum of the last 24 hours.
    pub(super) fn day(&self) -> &[Sum] {
        &self.day
    }

    /// Nothing happened in the last 24 hours.
    pub(super) fn is_quiet(&self) -> bool {
        self.hours.iter().all(|count| *count == 0)
    }

    /// The tones there are, in the order of the bar.
    pub(super) fn tones(&self) -> impl Iterator<Item = (Tone, u64)> {
        ORDER.into_iter().filter_map(|tone| Some((tone, *self.shares.get(&tone)?))).filter(|(_, count)| *count > 0)
    }

    /// The hours as bars, this many hours in each.
    pub(super) fn sparkline(&self, together: usize) -> String {
        let bars: Vec<u64> = self.hours.chunks(together.max(1)).map(|hours| hours.iter().sum()).collect();
        let highest = bars.iter().copied().max().unwrap_or(0).max(1);
        let height = |count: u64| match count {
            // An hour with one row must not look like one with none.
            0 => HEIGHTS[0],
            count => HEIGHTS[usize::try_from(1 + count.saturating_mul(6) / highest).unwrap_or(7).min(7)],
        };
        bars.into_iter().map(height).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_hour_with_one_row_differs_from_one_with_none() {
        let mut hours = [0; DaySums::HOURS];
        (hours[0], hours[1], hours[23]) = (1, 1_000, 500);
        let strip = Strip { shares: BTreeMap::new(), since: Timestamp::UNIX_EPOCH, hours, day: Vec::new() };
        let bars = strip.sparkline(1);
        assert_eq!(bars.chars().count(), 24);
        assert!(bars.starts_with("▂█▁") && bars.ends_with("▁▅"), "{bars}");
        assert_eq!(strip.sparkline(2).chars().count(), 12);
        assert!(!strip.is_quiet() && Strip { hours: [0; DaySums::HOURS], ..strip }.is_quiet());
    }
}
