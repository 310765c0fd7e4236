//! Draws the tab of the inbox: its table.

mod detail;
mod disputes;
pub(crate) mod notification;
mod replay;

use std::net::SocketAddr;

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::State;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Cell, Role};
use crate::console::widgets::table::{self, Column, Need, Table, VisibleRows, cell, need, object_words};
use crate::i18n::Lang;
use crate::ledger::{EventRow, InboxPart, Verdict};
use crate::model::{Progress, Tone};
use crate::services::{ANSWER_WITHIN, event_message};
use crate::text::age;

pub(crate) use crate::console::tabs::inbox::view::detail::draw as detail;
pub(crate) use crate::console::tabs::inbox::view::disputes::disputed;
pub(crate) use crate::console::tabs::inbox::view::replay::draw as replay;

/// Per cent of the limit below which an answer was in good time.
const GOOD_TIME: u16 = 60;

const COLUMNS: &[Column<EventRow>] = &[
    Column {
        header: "events-column-received",
        align: Align::Left,
        need: need(11, 11, 0),
        cell: |row, look| cell(look.clock.moment(row.first_at), Role::Plain),
    },
    Column {
        header: "events-column-verdict",
        align: Align::Left,
        need: Need { first: true, ..need(10, 13, 0) },
        cell: |row, look| cell(verdict(look.lang, row.verdict), Role::Tone(tone(row.verdict))),
    },
    Column {
        header: "events-column-type",
        align: Align::Left,
        need: Need { first: true, ..need(17, 24, 0) },
        cell: |row, look| cell(type_words(look.lang, row), Role::Strong),
    },
    Column {
        header: "events-column-object",
        align: Align::Left,
        need: need(13, 36, 0),
        cell: |row, look| {
            let words = row.subject.as_ref().map(|id| object_words(look.lang, id, look.width));
            cell(words.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "events-column-fact",
        align: Align::Left,
        need: Need { first: true, ..need(10, 21, 5) },
        cell: |row, look| {
            let words = row.fact.map(|fact| look.lang.t(&format!("fact-{}", fact.word())));
            cell(words.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "events-column-attempts",
        align: Align::Right,
        need: need(10, 10, 3),
        cell: |row, _| {
            let role = if row.attempts > 1 { Role::Plain } else { Role::Faint };
            cell(format!("×{}", grouped(row.attempts)), role)
        },
    },
    Column {
        header: "events-column-answer",
        align: Align::Left,
        need: need(8, 16, 2),
        cell: |row, look| row.slowest.map(|took| answered(took, look.width)).unwrap_or_default(),
    },
    Column {
        header: "events-column-summary",
        align: Align::Left,
        // The summary repeats the event's type, so it is shown only where it fits in full.
        need: Need { spare: true, ..need(26, 30, 6) },
        cell: |row, _| cell(row.summary.clone().unwrap_or_default(), Role::Faint),
    },
];

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

/// A line of rejected requests: their number, and the time and the address of the latest.
fn refusals(lang: Lang, row: &EventRow) -> String {
    tr!(lang, "events-refused", n = grouped(row.attempts), at = age::clock(row.last_at), peer = peer(row))
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

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut FrameLayout) {
    if state.view.tabs.inbox.disputing {
        return disputes::draw(canvas, state, area, placed);
    }
    let events = &state.view.tabs.inbox;
    let table = Table::new(canvas, state.lang, COLUMNS, area, |_| "");
    let rows = events.rows();
    let window = VisibleRows { base: events.base(), cursor: events.position(), count: rows.len() };
    let visible = table.visible(state.tab, window, placed);
    if rows.is_empty() {
        return empty(canvas, state, area);
    }
    for (nth, event) in rows[visible].iter().enumerate() {
        let line = table.line(nth);
        let base = canvas.ground(line, events.cursor() == Some(event.id));
        let changed = events.changed(event.id, state.now);
        let look = state.look_of(canvas.clock);
        let header = table.headers().find(|(at, _)| COLUMNS[*at].header == "events-column-type");
        match header.filter(|_| event.verdict != Verdict::Genuine) {
            // Rejected requests have no type and nothing after it: those columns show one text together.
            Some((at, place)) => {
                table.until(at).cells(canvas, event, look, (line, base), |_| changed);
                let style = changed.map_or(base, |highlight| base.patch(canvas.styles.changed(highlight)));
                let width = line.right().saturating_sub(place.x + 1);
                canvas.put(place.x, line.y, width, &refusals(state.lang, event), style);
            }
            None => table.cells(canvas, event, look, (line, base), |_| changed),
        }
        placed.hit(line, Target::Line(LineKey::Number(event.id)));
    }
}

/// The filter of the inbox, and whether more can be received.
pub(crate) fn line(state: &State) -> Line {
    if state.view.tabs.inbox.disputing {
        return disputes::line(state);
    }
    let (lang, filter) = (state.lang, state.view.tabs.inbox.filter());
    let shown = match filter.part {
        None => "journal-newest-first",
        Some(InboxPart::Genuine) => "events-only-genuine",
        Some(InboxPart::Refused) => "events-only-refused",
    };
    let mut line = vec![(lang.t(shown), Role::Strong)];
    if !filter.text().is_empty() {
        line.push((format!("  /{}", filter.text()), Role::Accent));
    }
    if state.view.tabs.inbox.is_filtered() && state.view.dialogs.is_empty() {
        line.push((format!("  {}", lang.t("journal-esc-clears")), Role::Faint));
    }
    let (words, role) = listening(state);
    line.push((format!("  {words}"), role));
    line
}

/// Whether this console receives notifications, and where.
fn listening(state: &State) -> (String, Role) {
    let lang = state.lang;
    match &state.view.tabs.inbox.listening {
        Some(listening) if listening.trouble.is_some() => {
            let trouble = listening.trouble.as_deref().unwrap_or_default();
            (format!("⚠ {}", tr!(lang, "events-listen-trouble", trouble = trouble)), Role::Warning)
        }
        Some(listening) if listening.url.is_some() => {
            let url = listening.url.as_deref().unwrap_or_default();
            let (received, refused) = (grouped(listening.received), grouped(listening.refused));
            let words = tr!(lang, "events-listening", url = url, received = received, refused = refused);
            (words, Role::Faint)
        }
        _ => (lang.t("events-not-listening"), Role::Faint),
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    if !state.view.tabs.inbox.is_read() {
        return;
    }
    let lang = state.lang;
    let url = state.view.tabs.inbox.listening.as_ref().and_then(|listening| listening.url.as_deref());
    let (title, hint) = match (state.view.tabs.inbox.is_filtered(), url) {
        (true, _) => ("events-nothing-found", lang.t("journal-nothing-found-hint")),
        (false, Some(url)) => ("events-empty", tr!(lang, "events-empty-listening", url = url)),
        (false, None) => ("events-empty", lang.t("events-empty-hint")),
    };
    let mut paragraphs = vec![(hint, Role::Faint)];
    if let (words, Role::Warning) = listening(state) {
        paragraphs.insert(0, (words, Role::Warning));
    }
    table::empty(canvas, &lang.t(title), &paragraphs, area);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::widgets::table::tests::assert_fits;
    use crate::model::{EVENT_TYPES, Fact};

    #[test]
    fn the_verdict_and_the_object_are_seen_at_any_width_and_no_table_is_wider_than_its_place() {
        let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
        for kept in ["events-column-verdict", "events-column-object"] {
            assert_fits(&needs, 57, COLUMNS.iter().position(|column| column.header == kept).unwrap());
        }
        assert_eq!(table::widths(&needs, 197).len(), COLUMNS.len());
    }

    #[test]
    fn all_that_is_documented_has_words() {
        let mut messages: Vec<String> = EVENT_TYPES.iter().map(|event| event_message(event.name)).collect();
        messages.extend(Fact::ALL.map(|fact| format!("fact-{}", fact.word())));
        for verdict in Verdict::ALL {
            messages.extend([format!("verdict-{}", verdict.word()), format!("verdict-{}-why", verdict.word())]);
        }
        for message in messages {
            assert!(Lang::En.has(&message) && Lang::ZhCn.has(&message), "{message}");
        }
    }

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
