//! Draws the tab of the inbox: its table.

mod detail;
mod disputes;
pub(crate) mod notification;
mod replay;
pub(crate) mod words;

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::tabs::inbox::view::words::{answered, grouped, peer, tone, type_words, verdict};
use crate::console::tabs::newest;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Role};
use crate::console::widgets::table::{self, Column, Head, Need, Table, VisibleRows, cell, need};
use crate::i18n::Lang;
use crate::ledger::{EventRow, InboxPart, Verdict};
use crate::model::filter::Language;
use crate::text;
use crate::text::age;

pub(crate) use crate::console::tabs::inbox::view::detail::{draw as detail, title};
pub(crate) use crate::console::tabs::inbox::view::disputes::disputed;
pub(crate) use crate::console::tabs::inbox::view::replay::draw as replay;

/// The place of the verdict among the columns, and the width below which only its glyph is shown.
const VERDICT: usize = 1;
const SMALL: u16 = 57;

const COLUMNS: &[Column<EventRow>] = &[
    Column {
        header: "column-time",
        align: Align::Left,
        need: need(5, 11, 1),
        cell: |row, look| cell(newest::short_time(look.clock, row.first_at, look.width), Role::Plain),
    },
    Column {
        header: "events-column-verdict",
        align: Align::Left,
        need: Need { first: true, fit: Fit::Whole, ..need(9, 13, 0) },
        cell: |row, look| {
            let (words, tone) = (verdict(look.lang, row.verdict), tone(row.verdict));
            cell(newest::glyph_or(words, tone, look.width), Role::Tone(tone))
        },
    },
    Column {
        header: "events-column-type",
        align: Align::Left,
        need: Need { first: true, fit: Fit::Content, ..need(18, 30, 0) },
        cell: |row, look| cell(type_words(look.lang, row), Role::Strong),
    },
    Column {
        header: "events-column-object",
        align: Align::Left,
        // The event says of what kind it is; the number is shown in full.
        need: Need { fit: Fit::Content, ..need(32, 44, 0) },
        cell: |row, look| {
            let number = row.subject.as_ref().map(|id| text::cut_middle(id.own_number(), look.width));
            cell(number.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "events-column-fact",
        align: Align::Left,
        need: Need { first: true, fit: Fit::Content, ..need(10, 24, 5) },
        cell: |row, look| {
            let words = row.fact.map(|fact| look.lang.t(&format!("fact-{}", fact.word())));
            cell(words.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "events-column-attempts",
        align: Align::Right,
        need: Need { fit: Fit::Whole, ..need(10, 10, 3) },
        cell: |row, _| {
            let role = if row.attempts > 1 { Role::Plain } else { Role::Faint };
            cell(format!("×{}", grouped(row.attempts)), role)
        },
    },
    Column {
        header: "events-column-answer",
        align: Align::Left,
        need: Need { fit: Fit::Content, ..need(8, 17, 2) },
        cell: |row, look| row.slowest.map(|took| answered(took, look.width)).unwrap_or_default(),
    },
    Column {
        header: "events-column-summary",
        align: Align::Left,
        // The summary repeats the event's type, so it is shown only where it fits in full.
        need: Need { spare: true, fit: Fit::Content, ..need(26, 30, 6) },
        cell: |row, _| cell(row.summary.clone().unwrap_or_default(), Role::Faint),
    },
];

/// A line of rejected requests: their number, and the time and the address of the latest.
fn refusals(lang: Lang, row: &EventRow) -> String {
    tr!(lang, "events-refused", n = grouped(row.attempts), at = age::clock(row.last_at), peer = peer(row))
}

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    if state.view.tabs.inbox.disputing {
        return disputes::draw(canvas, state, area, layout);
    }
    let events = &state.view.tabs.inbox;
    let contents = events.widths(state.lang, |rows| table::measure(COLUMNS, rows, state.look_of(canvas.clock)));
    let mut contents = contents.to_vec();
    // On a small screen the glyph of the verdict leaves room for the number.
    contents.iter_mut().skip(VERDICT).take(1).filter(|_| area.width < SMALL).for_each(|width| *width = 1);
    let head = Head { contents: &contents, sideways: Some(events.sideways) };
    let table = Table::with_head(canvas, state.lang, COLUMNS, area, |_| "", head, layout);
    let rows = events.rows();
    let window = VisibleRows { base: events.base(), cursor: events.position(), count: rows.len() };
    let visible = table.visible(state.tab, window, layout);
    newest::note(canvas, state, &table, events.newer_above(visible.start), layout);
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
        layout.hit(line, Target::Line(LineKey::Number(event.id)));
    }
}

/// The filter of the inbox, and whether more can be received.
pub(crate) fn line(state: &AppState) -> Line {
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
    line.extend(newest::filter_words(state, filter.filter(), Language::EVENTS));
    if state.view.tabs.inbox.is_filtered() && state.view.dialogs.is_empty() {
        line.push((format!("  {}", lang.t("journal-esc-clears")), Role::Faint));
    }
    let (words, role) = listening(state);
    line.push((format!("  {words}"), role));
    line
}

/// Whether this console receives notifications, and where.
fn listening(state: &AppState) -> (String, Role) {
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

fn empty(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    if !state.view.tabs.inbox.is_read() {
        return;
    }
    let lang = state.lang;
    let url = state.view.tabs.inbox.listening.as_ref().and_then(|listening| listening.url.as_deref());
    let (title, hint) = match (state.view.tabs.inbox.is_filtered(), url) {
        (true, _) if state.view.tabs.inbox.filter().filter().asks_problems() => {
            ("empty-problems-title", lang.t("empty-problems-hint"))
        }
        (true, _) => {
            let key = newest::key_of(state, "event-search");
            ("events-nothing-found", tr!(lang, "journal-nothing-found-hint", key = key))
        }
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
    use crate::console::widgets::columns::{self, tests::assert_fits};
    use crate::model::{EVENT_TYPES, Fact};
    use crate::services::event_message;

    #[test]
    fn the_verdict_and_the_object_are_seen_at_any_width_and_no_table_is_wider_than_its_place() {
        let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
        for kept in ["events-column-verdict", "events-column-object"] {
            assert_fits(&needs, 57, COLUMNS.iter().position(|column| column.header == kept).unwrap());
        }
        assert_eq!(columns::widths(&needs, 197).len(), COLUMNS.len());
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
}
