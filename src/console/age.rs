//! How long ago, in words. Under a minute is "now": a screen that counts seconds would never come to rest.

use time::macros::format_description;

use crate::i18n::Lang;
use crate::model::time::{BEIJING, Duration, Timestamp};

/// `now`, `3 min`, `2 h`, `5 d`: for narrow columns.
pub fn short(lang: Lang, age: Duration) -> String {
    let (id, n) = parts(age);
    lang.tr(&format!("age-{id}"), &[("n", &n)])
}

/// `12 s`, `3 min`, `2 h`: how long something took.
pub fn span(lang: Lang, span: Duration) -> String {
    if span < Duration::MINUTE {
        return lang.tr("age-seconds", &[("n", &span.whole_seconds().max(0))]);
    }
    short(lang, span)
}

/// `just now`, `3 min ago`, `in 2 h`.
pub fn ago(lang: Lang, age: Duration) -> String {
    let (id, n) = parts(age.abs());
    let side = if age < -Duration::MINUTE { "ahead" } else { "ago" };
    match id {
        "now" => lang.tr("age-just-now", &[]),
        _ => lang.tr(&format!("age-{side}"), &[("age", &lang.tr(&format!("age-{id}"), &[("n", &n)]))]),
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
pub fn absolute(at: Timestamp) -> String {
    at.to_offset(BEIJING).format(format_description!("[year]-[month]-[day] [hour]:[minute]")).unwrap_or_default()
}

/// `2026-11-21 16:53:20`.
pub fn exact(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    at.to_offset(BEIJING).format(format).unwrap_or_default()
}

/// `16:53:20`.
pub fn clock(at: Timestamp) -> String {
    at.to_offset(BEIJING).format(format_description!("[hour]:[minute]:[second]")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

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
