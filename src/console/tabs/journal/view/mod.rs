//! The table of the journal's entries.

pub(crate) mod entry;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::msg::Target;
use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::tabs::journal::entry::Entry;
use crate::console::tabs::objects::columns::{Align, Cell, Ink};
use crate::console::tabs::objects::view::{GAP, MARGIN, Need, first, widths};
use crate::console::widgets::canvas::Canvas;
use crate::i18n::Lang;
use crate::model::ObjectId;
use crate::text;
use crate::text::age;

/// One column of the table.
struct Column {
    header: &'static str,
    align: Align,
    need: Need,
    cell: fn(&Entry, Lang, usize) -> Cell,
}

const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false }
}

const COLUMNS: &[Column] = &[
    Column {
        header: "journal-column-entry",
        align: Align::Right,
        need: need(5, 6, 0),
        cell: |entry, _, _| cell(entry.number.to_string(), Ink::Strong),
    },
    Column {
        header: "column-time",
        align: Align::Left,
        need: need(11, 19, 1),
        cell: |entry, _, width| {
            let exact = entry.at.map(age::exact).unwrap_or_default();
            // Without room for the year and the seconds, month to minute.
            let shown = if width < 19 { exact.get(5..16).unwrap_or_default() } else { &exact };
            cell(shown.to_owned(), Ink::Plain)
        },
    },
    Column {
        header: "journal-column-operator",
        align: Align::Left,
        need: need(8, 14, 5),
        cell: |entry, _, _| cell(entry.operator.clone(), Ink::Plain),
    },
    Column {
        header: "journal-column-action",
        align: Align::Left,
        need: Need { first: true, ..need(10, 16, 2) },
        cell: |entry, lang, _| cell(entry.action_words(lang), Ink::Plain),
    },
    Column {
        header: "journal-column-object",
        align: Align::Left,
        need: need(14, 32, 0),
        cell: |entry, lang, width| {
            let words = |id: &ObjectId| object_words(lang, id, width);
            cell(entry.object.as_ref().map(words).unwrap_or_default(), Ink::Plain)
        },
    },
    Column {
        header: "column-amount",
        align: Align::Right,
        need: need(9, 12, 3),
        cell: |entry, _, _| cell(entry.amount.map(|amount| amount.to_string()).unwrap_or_default(), Ink::Plain),
    },
    Column {
        header: "journal-column-outcome",
        align: Align::Left,
        need: Need { first: true, ..need(9, 11, 0) },
        cell: |entry, lang, _| cell(entry.outcome.words(lang), Ink::Tone(entry.outcome.tone())),
    },
    Column {
        header: "journal-column-request-id",
        align: Align::Left,
        need: need(14, 36, 6),
        cell: |entry, _, width| {
            let id = text::neutralise(entry.request_id.as_deref().unwrap_or_default());
            cell(text::cut_middle(&id, width).into_owned(), Ink::Faint)
        },
    },
    Column {
        header: "field-reason",
        align: Align::Left,
        need: Need { spare: true, ..need(10, 24, 4) },
        cell: |entry, _, _| cell(entry.reason.clone().unwrap_or_default(), Ink::Plain),
    },
];

fn cell(text: String, ink: Ink) -> Cell {
    Cell { text, ink }
}

/// The kind and the number, of which the number is read first.
fn object_words(lang: Lang, id: &ObjectId, width: usize) -> String {
    let kind = lang.t(&id.label()).into_owned();
    let whole = format!("{kind} {}", id.number);
    if text::width(&whole) <= width { whole } else { text::cut_middle(id.number.as_str(), width).into_owned() }
}

pub fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut Placed) {
    let journal = &state.journal;
    let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
    let columns = widths(&needs, area.width.saturating_sub(MARGIN + 1));
    let header = canvas.styles.header();
    let mut x = area.x + MARGIN;
    for (at, width) in &columns {
        put(
            canvas,
            COLUMNS[*at].align,
            Rect { x, y: area.y, width: *width, height: 1 },
            &state.lang.t(COLUMNS[*at].header),
            header,
        );
        x += width + GAP;
    }
    let rows = usize::from(area.height.saturating_sub(1));
    placed.room.rows = rows.max(1);
    if journal.entries().is_empty() {
        empty(canvas, state, area);
        return;
    }
    let first = first((journal.base(), journal.position(), journal.entries().len()), placed.offsets[state.tab], rows);
    placed.offsets[state.tab] = journal.base() + i64::try_from(first).unwrap_or(0);
    placed.room.first = first;
    for (line, entry) in journal.entries().iter().skip(first).take(rows).enumerate() {
        let place = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        row(canvas, state, &columns, entry, place);
        placed.hit(place, Target::Entry(entry.number));
    }
}

fn row(canvas: &mut Canvas<'_>, state: &State, columns: &[(usize, u16)], entry: &Entry, place: Rect) {
    let selected = state.journal.cursor() == Some(entry.number);
    let base = canvas.ground(place, selected);
    let mut x = place.x + MARGIN;
    for (at, width) in columns {
        let column = &COLUMNS[*at];
        let cell = (column.cell)(entry, state.lang, usize::from(*width));
        let style = base.patch(canvas.styles.ink(cell.ink));
        put(canvas, column.align, Rect { x, width: *width, ..place }, &cell.text, style);
        x += width + GAP;
    }
}

fn put(canvas: &mut Canvas<'_>, align: Align, place: Rect, text: &str, style: Style) {
    match align {
        Align::Left => drop(canvas.put(place.x, place.y, place.width, text, style)),
        Align::Right => canvas.put_right(place.x, place.y, place.width, text, style),
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    if !state.journal.is_read() {
        return;
    }
    let [title, hint] = match state.journal.is_filtered() {
        true => ["journal-nothing-found", "journal-nothing-found-hint"],
        false => ["journal-empty", "journal-empty-hint"],
    };
    let (strong, faint) = (canvas.styles.strong(), canvas.styles.faint());
    let (y, width) = (area.y + area.height / 3, area.width.saturating_sub(6));
    canvas.put(area.x + 4, y, width, &state.lang.t(title), strong);
    for (i, line) in text::wrap(&state.lang.t(hint), usize::from(width)).iter().enumerate() {
        canvas.put(area.x + 4, y + 1 + i as u16, width, line, faint);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_outcome_is_seen_at_any_width_and_no_table_is_wider_than_its_place() {
        let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
        let outcome = COLUMNS.iter().position(|column| column.header == "journal-column-outcome").unwrap();
        for width in 40..220 {
            let fitted = widths(&needs, width);
            let taken: u16 = fitted.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
            assert!(taken <= width, "{width}");
            assert!(fitted.iter().any(|(at, _)| *at == outcome), "{width}");
        }
        assert_eq!(widths(&needs, 197).len(), COLUMNS.len());
    }
}
