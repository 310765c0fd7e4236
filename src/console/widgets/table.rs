//! A table: its columns, the visible rows, their cells. The caller defines the rows; [`columns`] lays the columns out.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::widgets::canvas::{BAR, Canvas};
use crate::console::widgets::columns::{Fit, lay_out};
pub(crate) use crate::console::widgets::columns::{Need, Sideways, need};
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::role::{Align, Cell, Role, RowRole};
use crate::i18n::Lang;
use crate::model::time::Timestamp;
use crate::text;
use crate::text::age::Clock;

/// A note at the right end of a header: what it says, and the command that a click on it runs.
pub(crate) struct Note {
    pub text: String,
    /// In signs alone.
    pub short: String,
    pub role: Role,
    pub command: &'static str,
}

/// The space before the first column: the cursor, and a mark.
pub(crate) const MARGIN: u16 = 2;
/// A column this narrow shows no more than a sign.
const SIGN: u16 = 3;

/// One column of a table of `R`.
pub(crate) struct Column<R> {
    /// The message of its header.
    pub header: &'static str,
    pub align: Align,
    pub need: Need,
    pub cell: fn(&R, &Look<'_>) -> Cell,
}

/// What a cell depends on apart from its row.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub lang: Lang,
    pub clock: &'a Clock,
    /// Since when WeChat Pay cannot be reached, if it cannot.
    pub cut_off: Option<Timestamp>,
    /// What is in progress for the row's object, if the row has one.
    pub marks: &'a Marks,
    /// The width of the cell.
    pub width: usize,
    /// How much attention the row needs.
    pub row: RowRole,
}

impl<'a> Look<'a> {
    /// For a row that is not an object.
    pub fn new(lang: Lang, clock: &'a Clock, cut_off: Option<Timestamp>) -> Self {
        static NOTHING: Marks = Marks::NONE;
        Self { lang, clock, cut_off, marks: &NOTHING, width: 0, row: RowRole::Plain }
    }
}

pub(crate) fn cell(text: impl Into<String>, role: Role) -> Cell {
    Cell { text: text.into(), role }
}

/// The columns that fit, after their header was drawn.
pub(crate) struct Table<'a, R> {
    /// Each with its index among all columns, and the place of its header.
    columns: Vec<Fitted<'a, R>>,
    area: Rect,
}

/// A column that fits.
type Fitted<'a, R> = (usize, &'a Column<R>, Rect);

/// The loaded part of a table's rows: the position of the first, the cursor's line in it, and the number of rows.
#[derive(Clone, Copy)]
pub(crate) struct VisibleRows {
    pub base: i64,
    pub cursor: usize,
    pub count: usize,
}

/// What the places of a table's columns depend on besides the width.
#[derive(Default)]
pub(crate) struct Head<'a> {
    /// The widths of the columns' contents; empty if they were not measured.
    pub contents: &'a [u16],
    /// Which columns are shown, in a table whose columns can be scrolled.
    pub sideways: Option<Sideways>,
}

impl<'a, R> Table<'a, R> {
    /// Draws the header. `mark` is appended to a column's name, by its index in `columns`.
    pub(crate) fn new(
        canvas: &mut Canvas<'_>,
        lang: Lang,
        columns: &'a [Column<R>],
        area: Rect,
        mark: impl Fn(usize) -> &'static str,
    ) -> Self {
        Self::with_head(canvas, lang, columns, area, mark, Head::default(), &mut FrameLayout::default())
    }

    /// The same with columns as wide as what is in them, or scrolled sideways.
    pub(crate) fn with_head(
        canvas: &mut Canvas<'_>,
        lang: Lang,
        columns: &'a [Column<R>],
        area: Rect,
        mark: impl Fn(usize) -> &'static str,
        head: Head<'_>,
        layout: &mut FrameLayout,
    ) -> Self {
        let label = |at: usize| format!("{}{}", lang.t(columns[at].header), mark(at));
        let needs: Vec<Need> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| match head.contents.get(at) {
                // What is empty in every row is not missed where there is no room for all.
                Some(0) if column.need.fit != Fit::Fixed && column.need.priority > 0 => {
                    Need { priority: u8::MAX, ..column.need }.holding(text::width(&label(at)) as u16)
                }
                Some(content) => column.need.holding((*content).max(text::width(&label(at)) as u16)),
                None => column.need,
            })
            .collect();
        let (width, sideways) = (area.width.saturating_sub(MARGIN + 1), head.sideways.unwrap_or_default());
        let mut laid = lay_out(&needs, width, sideways);
        if laid.after && head.sideways.is_some() {
            // The mark of those beyond has a place of its own.
            laid = lay_out(&needs, width.saturating_sub(1), sideways);
        }
        let style = canvas.styles.header();
        let mut x = area.x + MARGIN;
        let mut fitted = Vec::new();
        for (at, width) in laid.columns {
            let place = Rect { x, y: area.y, width: width.min(area.right().saturating_sub(x)), height: 1 };
            // Over a sign alone there is no name rather than one of which only a letter is left.
            if place.width > SIGN || text::width(&label(at)) <= usize::from(place.width) {
                put(canvas, columns[at].align, place, &cell(label(at), Role::Plain), style);
            }
            if fitted.is_empty() && laid.before {
                let accent = canvas.styles.accent();
                canvas.put(place.right() + laid.gap / 2, area.y, 1, "‹", accent);
            }
            x += width + laid.gap;
            fitted.push((at, &columns[at], place));
        }
        if laid.after && head.sideways.is_some() {
            let accent = canvas.styles.accent();
            canvas.put(area.right().saturating_sub(1), area.y, 1, "›", accent);
        }
        layout.room.sideways = head.sideways.map_or(0, |_| laid.most);
        Self { columns: fitted, area }
    }

    /// Writes a note at the right end of the header, over names that are no amounts'. Where there is no such room, it is
    /// on the rule above the table, or, without one, its short form is in the header: it is there only while it matters.
    pub(crate) fn note(&self, canvas: &mut Canvas<'_>, note: &Note, rule: Option<u16>, layout: &mut FrameLayout) {
        let wide = |text: &str| text::width(text) as u16;
        let amounts = self.columns.iter().rev().skip(1).find(|(_, column, _)| column.align == Align::Right);
        let names = amounts.map_or(self.area.x, |(.., place)| place.right());
        let (text, y) = match rule {
            _ if names + wide(&note.text) + 4 <= self.area.right() => (&note.text, self.area.y),
            Some(rule) => (&note.text, rule),
            None => (&note.short, self.area.y),
        };
        let width = wide(text);
        if width + MARGIN + 4 > self.area.width {
            return;
        }
        let x = self.area.right() - 2 - width;
        // A name that would be cut is left out.
        let cut = self.columns.iter().map(|(.., place)| place).find(|place| place.right() + 2 > x);
        let from = match cut.filter(|_| y == self.area.y) {
            Some(place) => place.x.min(x - 2).max(self.area.x + MARGIN),
            None => x - 1,
        };
        let ground = canvas.styles.ground();
        canvas.fill(Rect { x: from, y, width: x + width + 1 - from, height: 1 }, ground);
        let style = canvas.styles.over(Style::new(), RowRole::Plain, note.role);
        let width = canvas.put(x, y, width, text, style);
        layout.hit(Rect { x, y, width, height: 1 }, Target::Command(note.command));
    }

    /// The columns that fit, by their index among all, each with the place of its header.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (usize, Rect)> {
        self.columns.iter().map(|(at, _, place)| (*at, *place))
    }

    /// The same without the columns from this one on.
    pub(crate) fn until(&self, column: usize) -> Self {
        let columns = self.columns.iter().take_while(|(at, ..)| *at != column).copied();
        Self { columns: columns.collect(), area: self.area }
    }

    /// The visible range of the loaded lines. Scrolls no further than necessary to show the cursor.
    pub(crate) fn visible(&self, tab: usize, window: VisibleRows, layout: &mut FrameLayout) -> Range<usize> {
        let rows = usize::from(self.area.height.saturating_sub(1));
        layout.room.rows = rows.max(1);
        if window.count == 0 {
            return 0..0;
        }
        let offset = layout.offset(tab);
        let first = first_line(window, *offset, rows);
        *offset = window.base + i64::try_from(first).unwrap_or(0);
        layout.room.first = first;
        layout.room.from_start = first == 0;
        first..(first + rows).min(window.count)
    }

    /// The place of the nth visible line.
    pub(crate) fn line(&self, nth: usize) -> Rect {
        let y = self.area.y + 1 + u16::try_from(nth).unwrap_or(u16::MAX - self.area.y - 1);
        Rect { y, height: 1, ..self.area }
    }

    /// Draws the cells of a row on its background. `changed` returns how far the highlight of a cell has faded, by the
    /// column's index among all.
    pub(crate) fn cells(
        &self,
        canvas: &mut Canvas<'_>,
        row: &R,
        look: Look<'_>,
        (line, base): (Rect, Style),
        changed: impl Fn(usize) -> Option<Highlight>,
    ) {
        for (at, column, header) in &self.columns {
            let place = Rect { x: header.x, width: header.width, ..line };
            let cell = (column.cell)(row, &Look { width: usize::from(place.width), ..look });
            let style = canvas.styles.over(base, look.row, cell.role);
            let style = changed(*at).map_or(style, |highlight| canvas.styles.over_change(style, highlight));
            put(canvas, column.align, place, &cell, style);
        }
    }
}

/// The widths of the cells of rows, by the column's index among all; 0 where the width does not depend on them.
pub(crate) fn measure<R>(columns: &[Column<R>], rows: &[R], look: Look<'_>) -> Vec<u16> {
    let look = Look { width: usize::MAX, ..look };
    let width = |column: &Column<R>, row: &R| {
        let cell = (column.cell)(row, &look);
        let bar = if matches!(cell.role, Role::Gauge(_)) { usize::from(BAR) + 1 } else { 0 };
        bar + text::width(&text::neutralise(&cell.text))
    };
    let widest = |column: &Column<R>| match column.need.fit {
        Fit::Fixed => 0,
        Fit::Content | Fit::Whole => rows.iter().map(|row| width(column, row)).max().unwrap_or(0),
    };
    columns.iter().map(|column| u16::try_from(widest(column)).unwrap_or(u16::MAX)).collect()
}

fn put(canvas: &mut Canvas<'_>, align: Align, place: Rect, cell: &Cell, style: Style) {
    match (cell.role, align) {
        (Role::Gauge(progress), _) => {
            canvas.gauge_in(place, progress, &cell.text, style);
        }
        (_, Align::Left) => {
            canvas.put(place.x, place.y, place.width, &cell.text, style);
        }
        (_, Align::Right) => canvas.put_right(place.x, place.y, place.width, &cell.text, style),
    }
}

/// The columns of the text of an empty table: longer lines are hard to read.
const EMPTY: u16 = 76;

/// Draws a title and paragraphs in the middle of the place that the rows of an empty table leave. Returns the first free line.
pub(crate) fn empty(canvas: &mut Canvas<'_>, title: &str, paragraphs: &[(String, Role)], area: Rect) -> u16 {
    let width = area.width.saturating_sub(6).min(EMPTY);
    let wrapped = |text: &str| text::wrap(&text::neutralise(text), usize::from(width));
    let strong = canvas.styles.strong();
    let mut lines: Vec<(String, Style)> = wrapped(title).into_iter().map(|line| (line, strong)).collect();
    for (nth, (paragraph, role)) in paragraphs.iter().enumerate() {
        if nth == 0 {
            lines.push((String::new(), strong));
        }
        let style = canvas.styles.role(*role);
        lines.extend(wrapped(paragraph).into_iter().map(|line| (line, style)));
    }
    // Never over the header.
    let mut y = area.y + (area.height.saturating_sub(lines.len() as u16) / 3).max(1);
    for (line, style) in &lines {
        if y < area.bottom() {
            let left = area.width.saturating_sub(text::width(line) as u16) / 2;
            canvas.put(area.x + left, y, width, line, *style);
        }
        y += 1;
    }
    y
}

/// The first line to show, given that `offset` was the first one before.
pub(crate) fn first_line(window: VisibleRows, offset: i64, rows: usize) -> usize {
    let last = window.count.saturating_sub(rows);
    let before = usize::try_from(offset - window.base).unwrap_or(0);
    before.min(window.cursor).max((window.cursor + 1).saturating_sub(rows)).min(last)
}
