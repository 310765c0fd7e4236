//! The table of the journal's entries.

pub(crate) mod entry;

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::tabs::journal::entry::{action_words, amount, words};
use crate::console::tabs::newest;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Role};
use crate::console::widgets::table::{self, Column, Head, Need, Table, VisibleRows, cell, need};
use crate::ledger::JournalEntry;
use crate::model::ObjectId;
use crate::model::filter::Language;
use crate::text;
use crate::text::age;

const COLUMNS: &[Column<JournalEntry>] = &[
    Column {
        header: "journal-column-entry",
        align: Align::Right,
        need: need(5, 6, 4),
        cell: |entry, _| cell(entry.id.to_string(), Role::Strong),
    },
    Column {
        header: "column-time",
        align: Align::Left,
        need: need(5, 19, 2),
        cell: |entry, look| {
            let shown = entry.intent.at.map(|at| match look.width {
                19.. => age::exact(at),
                // If the year and the seconds do not fit: month to minute.
                11..19 => age::exact(at).get(5..16).unwrap_or_default().to_owned(),
                width => newest::short_time(look.clock, at, width),
            });
            cell(shown.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "journal-column-operator",
        align: Align::Left,
        need: Need { fit: Fit::Content, ..need(8, 14, 6) },
        cell: |entry, _| cell(entry.intent.operator.as_str(), Role::Plain),
    },
    Column {
        header: "journal-column-action",
        align: Align::Left,
        // Cut only where nothing else is left to be dropped.
        need: Need { first: true, fit: Fit::Content, ..need(24, 40, 0) },
        cell: |entry, look| cell(action_words(look.lang, entry), Role::Plain),
    },
    Column {
        header: "journal-column-object",
        align: Align::Left,
        // The action says of what kind it is; the number is shown in full.
        need: Need { fit: Fit::Content, ..need(32, 44, 0) },
        cell: |entry, look| {
            let number = entry.intent.object.as_ref().map(ObjectId::own_number).unwrap_or_default();
            cell(text::cut_middle(number, look.width), Role::Plain)
        },
    },
    Column {
        header: "column-amount",
        align: Align::Right,
        need: Need { fit: Fit::Whole, ..need(9, 12, 3) },
        cell: |entry, _| cell(amount(entry).map(|amount| amount.to_string()).unwrap_or_default(), Role::Amount),
    },
    Column {
        header: "journal-column-outcome",
        align: Align::Left,
        need: Need { first: true, fit: Fit::Content, ..need(1, 16, 0) },
        cell: |entry, look| {
            let (words, tone) = words(look.lang, entry.ending());
            cell(newest::glyph_or(words, tone, look.width), Role::Tone(tone))
        },
    },
    Column {
        header: "journal-column-request-id",
        align: Align::Left,
        need: Need { fit: Fit::Content, ..need(14, 36, 7) },
        cell: |entry, look| {
            let id = text::neutralise(entry.latest(|one| &one.request_id).unwrap_or_default());
            cell(text::cut_middle(&id, look.width), Role::Faint)
        },
    },
    Column {
        header: "field-reason",
        align: Align::Left,
        need: Need { spare: true, fit: Fit::Content, ..need(10, 24, 5) },
        cell: |entry, _| cell(entry.intent.reason.clone().unwrap_or_default(), Role::Plain),
    },
];

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let journal = &state.view.tabs.journal;
    let contents = journal.widths(state.lang, |rows| table::measure(COLUMNS, rows, state.look_of(canvas.clock)));
    let head = Head { contents, sideways: Some(journal.sideways) };
    let table = Table::with_head(canvas, state.lang, COLUMNS, area, |_| "", head, layout);
    let entries = journal.entries();
    let window = VisibleRows { base: journal.base(), cursor: journal.position(), count: entries.len() };
    let visible = table.visible(state.tab, window, layout);
    newest::note(canvas, state, &table, journal.newer_above(visible.start), layout);
    if entries.is_empty() {
        return empty(canvas, state, area);
    }
    for (nth, entry) in entries[visible].iter().enumerate() {
        let line = table.line(nth);
        let base = canvas.ground(line, journal.cursor() == Some(entry.id));
        table.cells(canvas, entry, state.look_of(canvas.clock), (line, base), |_| None);
        layout.hit(line, Target::Line(LineKey::Number(entry.id)));
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    if !state.view.tabs.journal.is_read() {
        return;
    }
    let (lang, key) = (state.lang, newest::key_of(state, "entry-search"));
    let (title, hint) = match state.view.tabs.journal.is_filtered() {
        true if state.view.tabs.journal.filter().filter().asks_problems() => {
            ("empty-problems-title", lang.t("empty-problems-hint"))
        }
        true => ("journal-nothing-found", tr!(lang, "journal-nothing-found-hint", key = key)),
        false => ("journal-empty", lang.t("journal-empty-hint")),
    };
    table::empty(canvas, &lang.t(title), &[(hint, Role::Faint)], area);
}

/// Which entries of the journal are shown.
pub(crate) fn searched(state: &AppState) -> Line {
    let (lang, filter) = (state.lang, state.view.tabs.journal.filter());
    let mut line = vec![(lang.t("journal-newest-first"), Role::Strong)];
    if let Some(id) = &filter.object {
        let kind = lang.kind(id.kind);
        let only = tr!(lang, "journal-only", kind = kind, number = id.number.as_str());
        line.push((format!("  {only}"), Role::Accent));
    }
    line.extend(newest::filter_words(state, filter.filter(), Language::JOURNAL));
    if state.view.tabs.journal.is_filtered() && state.view.dialogs.is_empty() {
        line.push((format!("  {}", lang.t("journal-esc-clears")), Role::Faint));
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::widgets::columns::{self, tests::assert_fits};

    #[test]
    fn the_outcome_is_seen_at_any_width_and_no_table_is_wider_than_its_place() {
        let needs: Vec<Need> = COLUMNS.iter().map(|column| column.need).collect();
        let outcome = COLUMNS.iter().position(|column| column.header == "journal-column-outcome").unwrap();
        assert_fits(&needs, 40, outcome);
        assert_eq!(columns::widths(&needs, 197).len(), COLUMNS.len());
    }
}
