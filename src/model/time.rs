//! The time formats of WeChat Pay, each field in its own (protocol reference §2, PayScore reference §0).

use time::format_description::well_known::Rfc3339;
use time::macros::{datetime, format_description};
use time::{OffsetDateTime, PrimitiveDateTime, UtcOffset};

pub use time::{Date, Duration};

/// An instant.
pub type Timestamp = OffsetDateTime;

/// Beijing time, in which the platform writes all times.
pub const BEIJING: UtcOffset = match UtcOffset::from_hms(8, 0, 0) {
    Ok(offset) => offset,
    Err(_) => unreachable!(),
};

/// The first and the last moment that Beijing time can show with a four-digit year.
const SHOWN: (Timestamp, Timestamp) = (datetime!(0000-01-01 00:00 +8), datetime!(9999-12-31 23:59:59.999_999_999 +8));

/// The moment, if Beijing time can show it: the last hours of the year 9999 elsewhere ("never ends") are the year 10000
/// there. All times from outside are parsed here, so that all times can be shown.
pub fn shown(at: Timestamp) -> Option<Timestamp> {
    (SHOWN.0..=SHOWN.1).contains(&at).then_some(at)
}

/// The moment in Beijing time; at most the last it can show.
pub(crate) fn in_beijing(at: Timestamp) -> Timestamp {
    at.clamp(SHOWN.0, SHOWN.1).to_offset(BEIJING)
}

/// `2025-10-09T16:53:20+08:00`, with or without a fraction, `Z` too.
pub fn parse_rfc3339(text: &str) -> Option<Timestamp> {
    OffsetDateTime::parse(text.trim(), &Rfc3339).ok().and_then(shown)
}

/// `2025-10-09T16:53:20+08:00`.
pub fn rfc3339(at: Timestamp) -> String {
    in_beijing(at)
        .format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second]+08:00"))
        .unwrap_or_default()
}

/// The same with milliseconds, as in the journal.
pub(crate) fn rfc3339_millis(at: Timestamp) -> String {
    in_beijing(at)
        .format(format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]+08:00"))
        .unwrap_or_default()
}

/// PayScore's compact form in Beijing time: `20251009165320`, or a day `20251009` (its midnight).
pub fn parse_compact(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let at = match text.len() {
        14 => PrimitiveDateTime::parse(text, format_description!("[year][month][day][hour][minute][second]")).ok()?,
        8 => Date::parse(text, format_description!("[year][month][day]")).ok()?.midnight(),
        _ => return None,
    };
    Some(at.assume_offset(BEIJING))
}

/// `20251009165320`.
pub fn compact(at: Timestamp) -> String {
    in_beijing(at).format(format_description!("[year][month][day][hour][minute][second]")).unwrap_or_default()
}

/// `20251009`.
pub fn compact_day(at: Timestamp) -> String {
    in_beijing(at).format(format_description!("[year][month][day]")).unwrap_or_default()
}

/// A day as people write it, `2025-10-09` or `20251009`, in WeChat Pay's form: `20251009`.
pub(crate) fn parse_compact_day(text: &str) -> Option<String> {
    let digits: String = text.trim().chars().filter(|c| *c != '-').collect();
    let dashed = text.trim().len() == 10 && text.trim().char_indices().all(|(i, c)| (c == '-') == matches!(i, 4 | 7));
    let plain = text.trim().len() == 8;
    (dashed || plain).then(|| parse_compact(&digits)).flatten().map(compact_day)
}

/// A day in WeChat Pay's form: `20251009`.
pub(crate) fn compact_date(text: &str) -> Option<Date> {
    parse_compact(text).map(beijing_day)
}

/// An instant typed by the user: RFC 3339, or Beijing time as `2026-12-01`, `2026-12-01 08:00` with or without seconds,
/// or compact.
pub(crate) fn parse_typed(text: &str) -> Option<Timestamp> {
    let text = text.trim();
    let (day, clock) = text.split_once([' ', 'T']).unwrap_or((text, "00:00"));
    let seconds = if clock.matches(':').count() == 1 { ":00" } else { "" };
    let typed = || {
        let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
        let at = PrimitiveDateTime::parse(&format!("{day} {clock}{seconds}"), format).ok()?;
        Some(at.assume_offset(BEIJING))
    };
    parse_any(text).or_else(typed)
}

/// A day: `2025-10-09`.
pub(crate) fn parse_day(text: &str) -> Option<Date> {
    Date::parse(text, format_description!("[year]-[month]-[day]")).ok()
}

/// `2025-10-09`.
pub fn day(date: Date) -> String {
    date.format(format_description!("[year]-[month]-[day]")).unwrap_or_default()
}

/// The day in Beijing.
pub fn beijing_day(at: Timestamp) -> Date {
    in_beijing(at).date()
}

/// The midnight in Beijing at which a day begins.
pub(crate) fn midnight(day: Date) -> Timestamp {
    day.midnight().assume_offset(BEIJING)
}

/// The form of bills, in Beijing: `2025-10-09 16:53:20`; and the variants that WeChat Pay and spreadsheets use:
/// slashes, several blanks, full-width digits and colons, `2025/10/9 16:53`. Also RFC 3339 and the compact form.
pub(crate) fn parse_bill_time(text: &str) -> Option<Timestamp> {
    parse_usual_bill_time(text).or_else(|| parse_any_bill_time(text))
}

/// The form in which WeChat Pay writes nearly every row, of which there are millions: `2025-10-09 16:53:20`.
fn parse_usual_bill_time(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 19] = text.as_bytes().try_into().ok()?;
    let signs = [(4, b'-'), (7, b'-'), (10, b' '), (13, b':'), (16, b':')];
    if signs.iter().any(|(at, sign)| bytes[*at] != *sign) {
        return None;
    }
    let two = |at: usize| match (bytes[at], bytes[at + 1]) {
        (tens @ b'0'..=b'9', ones @ b'0'..=b'9') => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    };
    let year = i32::from(two(0)?) * 100 + i32::from(two(2)?);
    let day = Date::from_calendar_date(year, time::Month::try_from(two(5)?).ok()?, two(8)?).ok()?;
    let clock = time::Time::from_hms(two(11)?, two(14)?, two(17)?).ok()?;
    Some(PrimitiveDateTime::new(day, clock).assume_offset(BEIJING))
}

fn parse_any_bill_time(text: &str) -> Option<Timestamp> {
    let plain = |c: char| match c {
        '０'..='９' => char::from_u32(u32::from(c) - u32::from('０') + u32::from('0')).unwrap_or(c),
        '：' => ':',
        '/' | '／' | '－' => '-',
        c if c.is_whitespace() => ' ',
        c => c,
    };
    let text: String = text.trim().chars().map(plain).collect();
    let (day, clock) = text.split_once(' ').unwrap_or((&text, ""));
    let number = |text: &str, lengths: &[usize]| -> Option<u16> {
        let digits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse().ok().filter(|_| digits)
    };
    let spelt = || {
        let mut day = day.split('-');
        let (year, month, date) = (day.next()?, day.next()?, day.next()?);
        let mut clock = clock.trim().split(':').map(str::trim);
        let (hour, minute, second) = (clock.next()?, clock.next()?, clock.next().unwrap_or("00"));
        if day.next().is_some() || clock.next().is_some() {
            return None;
        }
        let part = |text: &str, lengths: &[usize]| number(text, lengths).and_then(|part| u8::try_from(part).ok());
        let month = time::Month::try_from(part(month, &[1, 2])?).ok()?;
        let day = Date::from_calendar_date(number(year, &[4])?.into(), month, part(date, &[1, 2])?).ok()?;
        let clock = time::Time::from_hms(part(hour, &[1, 2])?, part(minute, &[2])?, part(second, &[2])?).ok()?;
        Some(PrimitiveDateTime::new(day, clock).assume_offset(BEIJING))
    };
    // Eight digits alone may be anything: of the compact forms only the one with a clock counts as a time here.
    spelt().or_else(|| parse_rfc3339(&text)).or_else(|| parse_compact(&text).filter(|_| text.len() == 14))
}

/// `2025-10-09 16:53:20`.
pub(crate) fn bill_time(at: Timestamp) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute]:[second]");
    in_beijing(at).format(format).unwrap_or_default()
}

/// Either form.
pub(crate) fn parse_any(text: &str) -> Option<Timestamp> {
    parse_rfc3339(text).or_else(|| parse_compact(text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn fractions_and_zulu_are_read() {
        let at = parse_rfc3339("2025-10-09T16:53:20+08:00").unwrap();
        assert_eq!(at.unix_timestamp(), 1_760_000_000);
        assert_eq!(parse_rfc3339("2025-10-09T08:53:20Z"), Some(at));
        assert_eq!(parse_rfc3339("2025-10-09T16:53:20.120+08:00").map(|t| t.unix_timestamp()), Some(1_760_000_000));
        assert_eq!(parse_compact("20251009165320"), Some(at));
        assert_eq!(parse_compact("20251009").map(compact_day).as_deref(), Some("20251009"));
        // In Beijing it is already the next day.
        let late = parse_rfc3339("2025-10-09T16:00:00Z").unwrap();
        assert_eq!(day(beijing_day(late)), "2025-10-10");
        assert_eq!(parse_day("2025-10-10").map(midnight), Some(late));
        assert!(
            ["2025-10-9", "20251009", "2025-13-01", "2025-10-09x", ""].iter().all(|text| parse_day(text).is_none())
        );
    }

    #[test]
    fn a_time_that_beijing_cannot_show_is_refused_without_a_panic() {
        for text in
            ["9999-12-31T23:59:59Z", "9999-12-31T16:00:00Z", "9999-12-31T00:00:00-23:59", "0000-01-01T00:00:00+23:59"]
        {
            assert_eq!(parse_any(text), None, "{text}");
        }
        for (text, shown) in [
            ("9999-12-31T15:59:59Z", "9999-12-31 23:59:59"),
            ("9999-12-31T23:59:59+08:00", "9999-12-31 23:59:59"),
            ("99991231235959", "9999-12-31 23:59:59"),
            ("0000-01-01T00:00:00+08:00", "0000-01-01 00:00:00"),
        ] {
            assert_eq!(parse_any(text).map(bill_time).as_deref(), Some(shown), "{text}");
        }
        // A certificate may have any end.
        for at in [datetime!(9999-12-31 23:59:59 UTC), datetime!(-9999-01-01 00:00 UTC)] {
            let shown =
                [rfc3339(at), rfc3339_millis(at), compact(at), compact_day(at), day(beijing_day(at)), bill_time(at)];
            assert!(shown.iter().all(|text| text.starts_with("9999") || text.starts_with("0000")), "{shown:?}");
        }
    }

    #[test]
    fn a_day_is_read_with_or_without_dashes_and_must_exist() {
        let read = |text: &str| parse_compact_day(text);
        assert_eq!(read(" 2025-10-09 ").as_deref(), Some("20251009"));
        assert_eq!(read("20251009").as_deref(), Some("20251009"));
        for text in ["2025-1-9", "20251340", "2025/10/09", "202510091", "2025-100-9", ""] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn every_spelling_of_a_bills_time_is_read() {
        let expected = parse_bill_time("2025-10-09 16:53:20");
        assert_eq!(expected.map(|at| at.unix_timestamp()), Some(1_760_000_000));
        for text in [
            "2025-10-09  16:53:20",
            " 2025/10/09 16:53:20 ",
            "2025/10/9 16:53:20",
            "2025-10-09 16：53：20",
            "２０２５－１０－０９\u{3000}１６：５３：２０",
            "2025-10-09\t16:53:20",
            "2025-10-09T16:53:20+08:00",
            "20251009165320",
        ] {
            assert_eq!(parse_bill_time(text), expected, "{text}");
        }
        assert_eq!(parse_bill_time("2025/10/9 6:53"), parse_bill_time("2025-10-09 06:53:00"));
        for text in
            ["", "1", "2025-10-09", "20251009", "2025-13-09 16:53:20", "2025-10-09 24:00:00", "10-09 16:53", "x"]
        {
            assert_eq!(parse_bill_time(text), None, "{text}");
        }
    }

    proptest! {
        /// What the usual form says, the reader of all forms says, too; and it refuses what that refuses.
        #[test]
        fn the_usual_form_of_bills_is_one_of_all(text in "(20[0-9]{2}|[0-9]{4})-[01][0-9]-[0-3][0-9] [0-2][0-9]:[0-6][0-9]:[0-6][0-9]|[0-9 :-]{19}") {
            prop_assert_eq!(parse_usual_bill_time(&text), parse_any_bill_time(&text).filter(|_| text.as_bytes()[4] == b'-' && text.as_bytes()[10] == b' ' && text.matches(' ').count() == 1 && text.matches(':').count() == 2));
        }

        #[test]
        fn both_forms_survive_being_printed_and_read(unix in 0i64..4_000_000_000) {
            let at = OffsetDateTime::from_unix_timestamp(unix).unwrap();
            prop_assert_eq!(parse_rfc3339(&rfc3339(at)), Some(at));
            prop_assert_eq!(parse_compact(&compact(at)), Some(at));
            prop_assert_eq!(parse_bill_time(&bill_time(at)), Some(at));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,30}") {
            let _ = parse_any(&text);
            let _ = parse_bill_time(&text);
        }
    }
}
