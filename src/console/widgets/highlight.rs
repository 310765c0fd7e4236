//! What has just changed stands out, and fades in steps: each is one frame, so there are few. Changes that come together
//! fade together.

use crate::model::time::{Duration, Timestamp};

/// How long a step lasts.
const STEP: Duration = Duration::seconds(2);
/// Changes within this are one change to the eye.
const TOGETHER: Duration = Duration::milliseconds(500);

/// How much of a change is still to be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Highlight {
    New,
    Known,
    Old,
}

impl Highlight {
    const STEPS: [Self; 3] = [Self::New, Self::Known, Self::Old];

    /// When a change that happens now counts as having happened.
    pub fn born(now: Timestamp) -> Timestamp {
        let past = now.unix_timestamp_nanos().rem_euclid(TOGETHER.whole_nanoseconds());
        now - Duration::nanoseconds(i64::try_from(past).unwrap_or(0))
    }

    /// How far a change has faded; `None` once it has.
    pub fn of(born: Timestamp, now: Timestamp) -> Option<Self> {
        let steps = usize::try_from((now - born).whole_milliseconds().max(0) / STEP.whole_milliseconds());
        steps.ok().and_then(|steps| Self::STEPS.get(steps).copied())
    }

    /// When its next step is due; `None` once it has faded.
    pub fn next(born: Timestamp, now: Timestamp) -> Option<Timestamp> {
        Self::of(born, now).map(|highlight| born + STEP * (highlight as i32 + 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_fades_in_as_many_frames_as_it_has_steps() {
        let now = Timestamp::UNIX_EPOCH + Duration::milliseconds(1_700_000_000_300);
        let born = Highlight::born(now);
        assert_eq!(born, Highlight::born(now + Duration::milliseconds(199)), "what comes together fades together");
        let (mut at, mut seen) = (now, Vec::new());
        while let Some(highlight) = Highlight::of(born, at) {
            seen.push(highlight);
            at = Highlight::next(born, at).unwrap();
        }
        assert_eq!(seen, Highlight::STEPS);
        assert_eq!((Highlight::next(born, at), at - born), (None, STEP * 3));
    }
}
