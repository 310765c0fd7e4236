//! The tab of the events: the table of the inbox.

mod detail;
mod disputes;
pub(crate) mod notification;
mod replay;

use std::net::SocketAddr;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::msg::Target;
use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::tabs::objects::columns::{Align, Cell, Ink};
use crate::console::tabs::objects::view::{GAP, MARGIN, Need, first, widths};
use crate::console::widgets::canvas::{Canvas, Line};
use crate::console::widgets::fading::Fading;
use crate::i18n::{Lang, ToText};
use crate::ledger::{EventRow, InboxPart, Verdict};
use crate::model::{Progress, Tone};
use crate::services::{ANSWER_WITHIN, event_message};
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

pub use crate::console::tabs::inbox::view::detail::draw as detail;
pub use crate::console::tabs::inbox::view::disputes::disputed;
pub use crate::console::tabs::inbox::view::replay::draw as replay;

/// Below this share of the limit, in per cent, an answer is in good time.
const GOOD_TIME: u16 = 60;

/// One column of the table.
struct Column {
    header: &'static str,
    align: Align,
    need: Need,
    cell: fn(&EventRow, &Look<'_>) -> Cell,
}

/// What a cell depends on besides its row.
struct Look<'a> {
    lang: Lang,
    clock: &'a Clock,
    /// Columns the cell has.
    width: usize,
}

const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false }
}

const COLUMNS: &[Column] = &[
    Column {
        header: "events-column-received",
        align: Align::Left,
        need: need(11, 11, 0),
        cell: |row, look| cell(look.clock.moment(row.first_at), Ink::Plain),
    },
    Column {
        header: "events-column-verdict",
        align: Align::Left,
        need: Need { first: true, ..need(10, 13, 0) },
        cell: |row, look| cell(verdict(look.lang, row.verdict), Ink::Tone(tone(row.verdict))),
    },
    Column {
        header: "events-column-type",
        align: Align::Left,
        need: Need { first: true, ..need(17, 24, 0) },
        cell: |row, look| cell(type_words(look.lang, row), Ink::Strong),
    },
    Column {
        header: "events-column-object",
        align: Align::Left,
        need: need(13, 36, 0),
        cell: |row, look| {
            let (lang, width) = (look.lang, look.width);
            let Some(id) = &row.subject else { return Cell::default() };
            let kind = lang.t(&format!("kind-{}", id.kind.noun())).into_owned();
            let whole = format!("{kind} {}", id.number);
            let fits = text::width(&whole) <= width;
            let shown = if fits { whole } else { text::cut_middle(id.number.as_str(), width).into_owned() };
            cell(shown, Ink::Plain)
        },
    },
    Column {
        header: "events-column-fact",
        align: Align::Left,
        need: Need { first: true, ..need(10, 21, 5) },
        cell: |row, look| {
            let words = row.fact.map(|fact| look.lang.t(&format!("fact-{}", fact.word())).into_owned());
            cell(words.unwrap_or_default(), Ink::Plain)
        },
    },
    Column {
        header: "events-column-attempts",
        align: Align::Right,
        need: need(10, 10, 3),
        cell: |row, _| {
            let ink = if row.attempts > 1 { Ink::Plain } else { Ink::Faint };
            cell(format!("×{}", grouped(row.attempts)), ink)
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
        // It repeats what the event says, so it stands only where that is whole.
        need: Need { spare: true, ..need(26, 30, 6) },
        cell: |row, _| cell(row.summary.clone().unwrap_or_default(), Ink::Faint),
    },
];

fn cell(text: String, ink: Ink) -> Cell {
    Cell { text, ink }
}

/// What is thought of it, with its glyph, so that colour alone never tells it.
pub(crate) fn verdict(lang: Lang, verdict: Verdict) -> String {
    format!("{} {}", tone(verdict).glyph(), lang.t(&format!("verdict-{}", verdict.word())))
}

pub(crate) const fn tone(verdict: Verdict) -> Tone {
    match verdict {
        Verdict::Genuine => Tone::Done,
        // WeChat Pay's own probes, and those who only knocked at the wrong door, threaten nobody.
        Verdict::Probe | Verdict::Stray => Tone::Stopped,
        _ => Tone::Failed,
    }
}

/// The type of event in words; one that nobody has documented by its code.
pub(crate) fn type_words(lang: Lang, row: &EventRow) -> String {
    type_words_of(lang, row.event_type.as_deref().unwrap_or_default())
}

pub(crate) fn type_words_of(lang: Lang, code: &str) -> String {
    let message = event_message(code);
    if lang.has(&message) { lang.t(&message).into_owned() } else { code.to_owned() }
}

/// A line of refusals: how many, when the latest came, and from where.
fn refusals(lang: Lang, row: &EventRow) -> String {
    let words: [(&str, &dyn ToText); 3] =
        [("n", &grouped(row.attempts)), ("at", &age::clock(row.last_at)), ("peer", &peer(row))];
    lang.tr("events-refused", &words)
}

/// From where the latest came, without the port, which says nothing.
pub(crate) fn peer(row: &EventRow) -> String {
    let peer = row.peer.as_deref().unwrap_or("?");
    peer.parse::<SocketAddr>().map_or_else(|_| peer.to_owned(), |address| address.ip().to_string())
}

/// How long an answer took, against the time WeChat Pay waits for it.
pub(crate) fn answered(micros: u64, width: usize) -> Cell {
    let limit = u64::try_from(ANSWER_WITHIN.whole_microseconds()).unwrap_or(u64::MAX);
    let progress = Progress { done: micros, total: limit };
    let late = progress.percent() >= GOOD_TIME;
    let text = took(micros);
    match late {
        true => cell(format!("! {text}"), Ink::Warning),
        false if width > 12 => cell(text, Ink::Gauge(progress)),
        false => cell(text, Ink::Plain),
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

/// A number with its thousands apart.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let groups = digits.as_bytes().rchunks(3).rev().map(|group| String::from_utf8_lossy(group).into_owned());
    groups.collect::<Vec<_>>().join(",")
}

pub fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut Placed) {
    if state.events.disputing {
        return disputes::draw(canvas, state, area, placed);
    }
    let events = &state.events;
    let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
    let columns = widths(&needs, area.width.saturating_sub(MARGIN + 1));
    let header = canvas.styles.header();
    let mut x = area.x + MARGIN;
    for (at, width) in &columns {
        let place = Rect { x, y: area.y, width: *width, height: 1 };
        put(
            canvas,
            COLUMNS[*at].align,
            place,
            &cell(state.lang.t(COLUMNS[*at].header).into_owned(), Ink::Plain),
            header,
        );
        x += width + GAP;
    }
    let rows = usize::from(area.height.saturating_sub(1));
    placed.room.rows = rows.max(1);
    if events.rows().is_empty() {
        empty(canvas, state, area);
        return;
    }
    let first = first((events.base(), events.position(), events.rows().len()), placed.offsets[state.tab], rows);
    placed.offsets[state.tab] = events.base() + i64::try_from(first).unwrap_or(0);
    placed.room.first = first;
    for (line, event) in events.rows().iter().skip(first).take(rows).enumerate() {
        let place = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        row(canvas, state, &columns, event, place);
        placed.hit(place, Target::Event(event.id));
    }
}

fn row(canvas: &mut Canvas<'_>, state: &State, columns: &[(usize, u16)], event: &EventRow, place: Rect) {
    let base = canvas.ground(place, state.events.cursor() == Some(event.id));
    let changed = state.events.changed(event.id, state.now);
    let mut x = place.x + MARGIN;
    for (at, width) in columns {
        let column = &COLUMNS[*at];
        // What was refused has nothing to say in the other columns: they tell one thing together.
        if event.verdict != Verdict::Genuine && column.header == "events-column-type" {
            let rest = place.right().saturating_sub(x + 1);
            let style = faded(canvas, base, changed);
            canvas.put(x, place.y, rest, &refusals(state.lang, event), style);
            return;
        }
        let look = Look { lang: state.lang, clock: canvas.clock, width: usize::from(*width) };
        let cell = (column.cell)(event, &look);
        let style = faded(canvas, base.patch(canvas.styles.ink(cell.ink)), changed);
        put(canvas, column.align, Rect { x, width: *width, ..place }, &cell, style);
        x += width + GAP;
    }
}

/// A style on the ground of what has just changed.
fn faded(canvas: &Canvas<'_>, style: Style, changed: Option<Fading>) -> Style {
    changed.map_or(style, |fading| style.patch(canvas.styles.changed(fading)))
}

fn put(canvas: &mut Canvas<'_>, align: Align, place: Rect, cell: &Cell, style: Style) {
    let width = place.width.min(canvas.buffer.area.right().saturating_sub(place.x));
    match (cell.ink, align) {
        (Ink::Gauge(progress), _) => drop(canvas.gauge(place.x, place.y, width, progress, &cell.text, style)),
        (_, Align::Left) => drop(canvas.put(place.x, place.y, width, &cell.text, style)),
        (_, Align::Right) => canvas.put_right(place.x, place.y, width, &cell.text, style),
    }
}

/// What the inbox shows: which lines, and whether more can come.
pub fn line(state: &State) -> Line {
    if state.events.disputing {
        return disputes::line(state);
    }
    let (lang, filter) = (state.lang, state.events.filter());
    let shown = match filter.part {
        None => "journal-newest-first",
        Some(InboxPart::Genuine) => "events-only-genuine",
        Some(InboxPart::Refused) => "events-only-refused",
    };
    let mut line = vec![(lang.t(shown).into_owned(), Ink::Strong)];
    if !filter.text().is_empty() {
        line.push((format!("  /{}", filter.text()), Ink::Accent));
    }
    if state.events.is_filtered() && state.dialogs.is_empty() {
        line.push((format!("  {}", lang.t("journal-esc-clears")), Ink::Faint));
    }
    let (words, ink) = listening(state);
    line.push((format!("  {words}"), ink));
    line
}

/// Whether this console receives notifications, and where.
fn listening(state: &State) -> (String, Ink) {
    let lang = state.lang;
    match &state.events.listening {
        Some(listening) if listening.trouble.is_some() => {
            let trouble = listening.trouble.as_deref().unwrap_or_default();
            (format!("⚠ {}", lang.tr("events-listen-trouble", &[("trouble", &trouble)])), Ink::Warning)
        }
        Some(listening) if listening.url.is_some() => {
            let url = listening.url.as_deref().unwrap_or_default();
            let (received, refused) = (grouped(listening.received), grouped(listening.refused));
            let words = lang.tr("events-listening", &[("url", &url), ("received", &received), ("refused", &refused)]);
            (words, Ink::Faint)
        }
        _ => (lang.t("events-not-listening").into_owned(), Ink::Faint),
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    if !state.events.is_read() {
        return;
    }
    let lang = state.lang;
    let url = state.events.listening.as_ref().and_then(|listening| listening.url.as_deref());
    let (title, hint) = match (state.events.is_filtered(), url) {
        (true, _) => ("events-nothing-found", lang.t("journal-nothing-found-hint").into_owned()),
        (false, Some(url)) => ("events-empty", lang.tr("events-empty-listening", &[("url", &url)])),
        (false, None) => ("events-empty", lang.t("events-empty-hint").into_owned()),
    };
    let mut paragraphs = vec![(hint, Ink::Faint)];
    if let (words, Ink::Warning) = listening(state) {
        paragraphs.insert(0, (words, Ink::Warning));
    }
    let strong = canvas.styles.strong();
    let (mut y, width) = (area.y + area.height / 3, area.width.saturating_sub(6));
    canvas.put(area.x + 4, y, width, &lang.t(title), strong);
    for (text, ink) in paragraphs {
        for line in text::wrap(&text::neutralise(&text), usize::from(width)) {
            y += 1;
            if y < area.bottom() {
                let style = canvas.styles.ink(ink);
                canvas.put(area.x + 4, y, width, &line, style);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{EVENT_TYPES, Fact};

    #[test]
    fn the_verdict_and_the_object_are_seen_at_any_width_and_no_table_is_wider_than_its_place() {
        let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
        for width in 57..220 {
            let fitted = widths(&needs, width);
            let taken: u16 = fitted.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
            assert!(taken <= width, "{width}");
            for wanted in ["events-column-verdict", "events-column-object"] {
                assert!(fitted.iter().any(|(at, _)| COLUMNS[*at].header == wanted), "{width}");
            }
        }
        assert_eq!(widths(&needs, 197).len(), COLUMNS.len());
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
        assert_eq!(answered(48_000, 8).ink, Ink::Plain);
        assert!(matches!(answered(48_000, 16).ink, Ink::Gauge(_)));
        assert_eq!(answered(4_000_000, 16), cell("! 4.0 s".into(), Ink::Warning));
        assert_eq!(answered(9_000_000, 16).ink, Ink::Warning);
    }
}
