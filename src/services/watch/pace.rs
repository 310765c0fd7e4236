//! How long to wait before an object is queried again.

use std::time::Duration;

/// The shortest pause between two queries of one object: right after a change.
pub(super) const LEAST: Duration = Duration::from_secs(2);
/// The longest while it is on the screen.
pub(super) const VISIBLE: Duration = Duration::from_secs(15);
/// The longest while it is watched and not on the screen.
pub(super) const WATCHED: Duration = Duration::from_secs(300);
/// What was refused (an unknown number, a missing permission) is not queried again sooner.
pub(super) const REFUSED: Duration = Duration::from_secs(120);
/// An object whose age is unknown, because it is seen for the first time, counts as unchanged for this long: it has not
/// just changed.
pub(super) const FIRST_SEEN: Duration = Duration::from_secs(60);
/// Bounds of the pause after an object could not be queried although others could.
const STUMBLED: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(120));

/// The pause after an answer that leaves the object open: an eighth of the time since its document last changed. So a
/// change is seen within an eighth of its age, and an object that is queried for a day costs some sixty queries before
/// the bound is reached (PayScore reference §10.1, transactions reference §3.4).
pub(super) fn pause(quiet: Duration, visible: bool) -> Duration {
    (quiet / 8).clamp(LEAST, if visible { VISIBLE } else { WATCHED })
}

/// The pause after so many consecutive failures of this object alone.
pub(super) fn after_stumbling(times: u32) -> Duration {
    let (least, most) = STUMBLED;
    least.saturating_mul(1 << times.saturating_sub(1).min(6)).min(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_is_quick_after_a_change_and_slower_with_age_within_bounds() {
        let seconds = |quiet: u64, visible| pause(Duration::from_secs(quiet), visible).as_secs();
        assert_eq!([0, 16, 80, 600, 2400, 86_400].map(|quiet| seconds(quiet, false)), [2, 2, 10, 75, 300, 300]);
        assert_eq!([0, 80, 600, 86_400].map(|quiet| seconds(quiet, true)), [2, 10, 15, 15]);
    }

    #[test]
    fn what_fails_alone_is_queried_more_rarely() {
        let pauses: Vec<u64> = (1..10).map(|times| after_stumbling(times).as_secs()).collect();
        assert_eq!(pauses, [2, 4, 8, 16, 32, 64, 120, 120, 120]);
    }
}
