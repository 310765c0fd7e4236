//! How long ago, in words. Under a minute is "now": a screen that counts seconds would be redrawn all the time.

use std::cell::Cell;

use time::macros::format_description;

use crate::i18n::Lang;
use crate::model::time::{Duration, Timestamp, in_beijing};

/// The time of a frame. It records when a shown age will change, so that a screen on which nothing
/// ages is never drawn again.
#[derive(Debug)]
pub struct Clock {
    pub now: Timestamp,
    next: Cell<Option<Timestamp>>,
}

impl Clock {
    pub const fn new(now: Timestamp) -> Self {
        Self { now, next: Cell::new(None) }
    }

    /// How long ago: `now`, `3 min`, `2 h`, `5 d`.
    pub(crate) fn short(&self, lang: Lang, at: Timestamp) -> String {
        self.note(rolls(at, self.now));
        short(lang, self.now - at)
    }

    /// `just now`, `3 min ago`, `in 2 h`.
    pub fn ago(&self, lang: Lang, at: Timestamp) -> String {
        self.note(rolls(at, self.now));
        ago(lang, self.now - at)
    }

    /// A moment that is no age, for narrow columns: `16:53` of today, `11-20` of this year, `2025-11` of another.
    pub(crate) fn brief(&self, at: Timestamp) -> String {
        match self.day(at) {
            Day::Today => clock(at).chars().take(5).collect(),
            Day::ThisYear => absolute(at).chars().skip(5).take(5).collect(),
            Day::Another => absolute(at).chars().take(7).collect(),
        }
    }

    /// A moment that is no age: `16:53:20` of today, `11-20 16:53` of this year, `2025-11-20` of another.
    pub fn moment(&self, at: Timestamp) -> String {
        match self.day(at) {
            Day::Today => clock(at),
            Day::ThisYear => absolute(at).chars().skip(5).collect(),
            Day::Another => absolute(at).chars().take(10).collect(),
        }
    }

    fn day(&self, at: Timestamp) -> Day {
        let (now, at) = (in_beijing(self.now), in_beijing(at));
        let midnight = now.replace_time(time::Time::MIDNIGHT);
        self.note(midnight.saturating_add(Duration::DAY));
        if at.date() == now.date() {
            Day::Today
        } else if at.year() == now.year() {
            Day::ThisYear
        } else {
            Day::Another
        }
    }

    /// Something that is shown will be another at that time.
    pub fn note(&self, at: Timestamp) {
        let next = self.next.get().map_or(at, |next| next.min(at));
        self.next.set(Some(next));
    }

    /// When a shown age will change. Ages roll over together, with the minute.
    pub fn next(&self) -> Option<Timestamp> {
        let next = self.next.get()?.max(self.now + Duration::MILLISECOND);
        let past = next.unix_timestamp_nanos().rem_euclid(Duration::MINUTE.whole_nanoseconds());
        let rest = Duration::MINUTE - Duration::nanoseconds(i64::try_from(past).unwrap_or(0));
        Some(if past == 0 { next } else { next.saturating_add(rest) })
    }
}

/// The day of a moment, seen from now.
enum Day {
    Today,
    ThisYear,
    Another,
}

/// When the text of an age will change.
fn rolls(at: Timestamp, now: Timestamp) -> Timestamp {
    let age = now - at;
    let step = |unit: Duration, n: i64| unit * i32::try_from(n).unwrap_or(i32::MAX);
    let (unit, n) = match parts(age.abs()) {
        ("now", _) => return at.saturating_add(Duration::MINUTE),
        ("minutes", n) => (Duration::MINUTE, n),
        ("hours", n) => (Duration::HOUR, n),
        (_, n) => (Duration::DAY, n),
    };
    if age.is_negative() { at.saturating_sub(step(unit, n)) } else { at.saturating_add(step(unit, n + 1)) }
}

/// `now`, `3 min`, `2 h`, `5 d`: for narrow columns.
pub(crate) fn short(lang: Lang, age: Duration) -> String {
    let (id, n) = parts(age);
    tr!(lang, &format!("age-{id}"), n = n)
}

/// `12 s`, `3 min`, `2 h`: how long something took.
pub(crate) fn span(lang: Lang, span: Duration) -> String {
    if span < Duration::MINUTE {
        return tr!(lang, "age-seconds", n = span.whole_seconds().max(0));
    }
    short(lang, span)
}

/// `just now`, `3 min ago`, `in 2 h`.
pub(crate) fn ago(lang: Lang, age: Duration) -> String {
    let (id, n) = parts(age.abs());
    let side = if age < -Duration::MINUTE { "ahead" } else { "ago" };
    match id {
        "now" => tr!(lang, "age-just-now"),
        _ => tr!(lang, &format!("age-{side}"), age = tr!(lang, &format!("age-{id}"), n = n)),
    }
}

fn parts(age: Duration) -> (&'static str, i64) {
    match age.whole_minutes() {
        ..=0 => ("now", 0),
        minutes @ 1..60 => ("minutes", minutes),
        minutes @ 60..2880 => ("hours", minutes / 60),
        minutes => ("days", minutes / 1440),
    }
}

/// `2026-11-21 16:53`, Beijing time, as the platform's own pages show it.
pub(crate) fn absolute(at: Timestamp) -> String {
    in_beijing(at).format(format_description!("[year]-[month]-[day] [hour]:[minute]")).unwrap_or_default()
}

/// `2026-11-21 16:53:20`.
pub(crate) fn exact(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    in_beijing(at).format(format).unwrap_or_default()
}

/// `16:53:20`.
pub(crate) fn clock(at: Timestamp) -> String {
    in_beijing(at).format(format_description!("[hour]:[minute]:[second]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    const NOW: Timestamp = datetime!(2026-11-21 17:00:20 +8);

    #[test]
    fn a_shown_age_changes_no_sooner_than_the_clock_says() {
        let next = |age: Duration| {
            let clock = Clock::new(NOW);
            clock.ago(Lang::En, NOW - age);
            clock.next().unwrap()
        };
        assert_eq!(next(Duration::seconds(5)), datetime!(2026-11-21 17:02 +8));
        assert_eq!(next(Duration::seconds(200)), datetime!(2026-11-21 17:01 +8));
        assert_eq!(next(Duration::minutes(90)), datetime!(2026-11-21 17:31 +8));
        assert_eq!(next(Duration::hours(50)), datetime!(2026-11-22 15:01 +8));
        assert_eq!(next(Duration::hours(-5)), datetime!(2026-11-21 17:01 +8));
        for seconds in (1..400_000).step_by(977) {
            for age in [Duration::seconds(seconds), Duration::seconds(-seconds)] {
                let (at, until) = (NOW - age, rolls(NOW - age, NOW));
                let text = ago(Lang::En, age);
                assert_eq!(ago(Lang::En, until - Duration::MILLISECOND - at), text, "{age}");
                assert_ne!(ago(Lang::En, until + Duration::MILLISECOND - at), text, "{age}");
            }
        }
    }

    #[test]
    fn a_moment_stays_what_it_is_until_midnight() {
        let clock = Clock::new(NOW);
        assert_eq!(clock.next(), None);
        let cases = [
            (datetime!(2026-11-21 09:05:07 +8), "09:05", "09:05:07"),
            (datetime!(2026-11-20 23:59:59 +8), "11-20", "11-20 23:59"),
            (datetime!(2025-12-31 10:00 +8), "2025-12", "2025-12-31"),
        ];
        for (at, brief, moment) in cases {
            assert_eq!((clock.brief(at), clock.moment(at)), (brief.into(), moment.into()));
        }
        assert_eq!(clock.next(), Some(datetime!(2026-11-22 00:00 +8)));
    }

    #[test]
    fn no_moment_and_no_clock_panics() {
        let ends = [datetime!(9999-12-31 23:59:59 UTC), datetime!(-9999-01-01 00:00 UTC), NOW];
        for (now, at) in ends.into_iter().flat_map(|now| ends.map(|at| (now, at))) {
            let clock = Clock::new(now);
            let texts =
                [clock.brief(at), clock.moment(at), clock.short(Lang::En, at), clock.ago(Lang::En, at), exact(at)];
            assert!(texts.iter().all(|text| !text.is_empty()));
            clock.next();
        }
    }

    #[test]
    fn ages_in_both_languages() {
        let cases = [
            (Duration::seconds(-30), "now", "just now", "刚刚"),
            (Duration::seconds(59), "now", "just now", "刚刚"),
            (Duration::minutes(3), "3 min", "3 min ago", "3 分钟前"),
            (Duration::hours(47), "47 h", "47 h ago", "47 小时前"),
            (Duration::days(5), "5 d", "5 d ago", "5 天前"),
            (Duration::days(-5), "now", "in 5 d", "5 天后"),
        ];
        for (age, en_short, en, zh) in cases {
            let texts = (short(Lang::En, age), ago(Lang::En, age), ago(Lang::ZhCn, age));
            assert_eq!(texts, (en_short.into(), en.into(), zh.into()));
        }
    }
}
