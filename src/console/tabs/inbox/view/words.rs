//! The words and figures of a notification, as the table and the details show them.

use std::net::SocketAddr;

use crate::console::widgets::role::{Cell, Role};
use crate::console::widgets::table::cell;
use crate::i18n::Lang;
use crate::ledger::{EventRow, Verdict};
use crate::model::{Progress, Tone};
use crate::services::{ANSWER_WITHIN, event_message};

/// Per cent of the limit below which an answer was in good time.
const GOOD_TIME: u16 = 60;

/// The verdict with its glyph, so that it is never shown by colour alone.
pub(crate) fn verdict(lang: Lang, verdict: Verdict) -> String {
    format!("{} {}", tone(verdict).glyph(), lang.t(&format!("verdict-{}", verdict.word())))
}

pub(crate) const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Genuine => Tone::Done,
        // WeChat Pay's own probes and stray requests are harmless.
        Verdict::Probe | Verdict::Stray => Tone::Stopped,
        _ => Tone::Failed,
    }
}

/// The name of an event type; an undocumented one is shown by its code.
pub(crate) fn type_words(lang: Lang, row: &EventRow) -> String {
    type_words_of(lang, row.event_type.as_deref().unwrap_or_default())
}

pub(crate) fn type_words_of(lang: Lang, code: &str) -> String {
    let message = event_message(code);
    if lang.has(&message) { lang.t(&message) } else { code.to_owned() }
}

/// The address of the latest, without its port, which is of no use.
pub(crate) fn peer(row: &EventRow) -> String {
    let peer = row.peer.as_deref().unwrap_or("?");
    peer.parse::<SocketAddr>().map_or_else(|_| peer.to_owned(), |address| address.ip().to_string())
}

/// How long an answer took, compared with the time WeChat Pay waits for it.
pub(crate) fn answered(micros: u64, width: usize) -> Cell {
    let limit = u64::try_from(ANSWER_WITHIN.whole_microseconds()).unwrap_or(u64::MAX);
    let progress = Progress { done: micros, total: limit };
    let late = progress.percent() >= GOOD_TIME;
    let text = took(micros);
    match late {
        true => cell(format!("! {text}"), Role::Warning),
        false if width > 12 => cell(text, Role::Gauge(progress)),
        false => cell(text, Role::Plain),
    }
}

/// `0.4 ms`, `48 ms`, `1.2 s`.
pub(crate) fn took(micros: u64) -> String {
    match micros {
        0..1_000 => format!("0.{} ms", micros / 100),
        1_000..1_000_000 => format!("{} ms", micros / 1_000),
        _ => format!("{}.{} s", micros / 1_000_000, micros / 100_000 % 10),
    }
}

/// A number with separated thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_read_at_a_glance() {
        assert_eq!([0, 1_234, 5_213, 1_000_000].map(grouped), ["0", "1,234", "5,213", "1,000,000"]);
        assert_eq!([420, 48_300, 1_250_000, 61_000_000].map(took), ["0.4 ms", "48 ms", "1.2 s", "61.0 s"]);
        assert_eq!(answered(48_000, 8).role, Role::Plain);
        assert!(matches!(answered(48_000, 16).role, Role::Gauge(_)));
        assert_eq!(answered(4_000_000, 16), cell("! 4.0 s", Role::Warning));
        assert_eq!(answered(9_000_000, 16).role, Role::Warning);
    }
}
