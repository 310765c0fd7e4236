//! Highlights what has just changed. The highlight fades in few steps, because each step is a frame; changes at about
//! the same time fade together.

use crate::model::time::{Duration, Timestamp};

/// How long a step lasts.
const STEP: Duration = Duration::seconds(2);
/// Changes within this time fade together.
const TOGETHER: Duration = Duration::milliseconds(500);

/// The strength of a highlight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Highlight {
    New,
    Known,
    Old,
}

impl Highlight {
    const STEPS: [Self; 3] = [Self::New, Self::Known, Self::Old];

    /// The time from which a change that happens now fades.
    pub(crate) fn born(now: Timestamp) -> Timestamp {
        let past = now.unix_timestamp_nanos().rem_euclid(TOGETHER.whole_nanoseconds());
        now - Duration::nanoseconds(i64::try_from(past).unwrap_or(0))
    }

    /// How far a change has faded; `None` if completely.
    pub fn of(born: Timestamp, now: Timestamp) -> Option<Self> {
        let steps = usize::try_from((now - born).whole_milliseconds().max(0) / STEP.whole_milliseconds());
        steps.ok().and_then(|steps| Self::STEPS.get(steps).copied())
    }

    /// When the next step is due; `None` if it has faded completely.
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
