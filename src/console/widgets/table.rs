//! A table: the columns that fit, the visible rows, their cells. The caller defines the rows.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::role::{Align, Cell, Role, RowRole};
use crate::i18n::Lang;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::text;
use crate::text::age::Clock;

/// The space between two columns.
const GAP: u16 = 2;
/// The least width of a column on a small screen.
const LEAST: u16 = 5;
/// The space before the first column: the cursor, and a mark.
pub(crate) const MARGIN: u16 = 2;

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
}

/// The width of a column.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub min: u16,
    pub ideal: u16,
    /// On a narrow terminal the columns with the highest numbers are dropped first; 0 is never dropped.
    pub priority: u8,
    /// It gets its full width before others do.
    pub first: bool,
    /// It takes the remaining width.
    pub spare: bool,
}

impl<'a> Look<'a> {
    /// For a row that is not an object.
    pub fn new(lang: Lang, clock: &'a Clock, cut_off: Option<Timestamp>) -> Self {
        static NOTHING: Marks = Marks::NONE;
        Self { lang, clock, cut_off, marks: &NOTHING, width: 0 }
    }
}

pub(crate) const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false }
}

pub(crate) fn cell(text: impl Into<String>, role: Role) -> Cell {
    Cell { text: text.into(), role }
}

/// The kind and the number of an object; the number alone where there is no room for both.
pub(crate) fn object_words(lang: Lang, id: &ObjectId, width: usize) -> String {
    let whole = format!("{} {}", lang.t(&id.label()), id.number);
    if text::width(&whole) <= width { whole } else { text::cut_middle(id.number.as_str(), width).into_owned() }
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

impl<'a, R> Table<'a, R> {
    /// Draws the header. `mark` is appended to a column's name, by its index in `columns`.
    pub(crate) fn new(
        canvas: &mut Canvas<'_>,
        lang: Lang,
        columns: &'a [Column<R>],
        area: Rect,
        mark: impl Fn(usize) -> &'static str,
    ) -> Self {
        let needs: Vec<Need> = columns.iter().map(|column| column.need).collect();
        let style = canvas.styles.header();
        let mut x = area.x + MARGIN;
        let columns = widths(&needs, area.width.saturating_sub(MARGIN + 1)).into_iter().map(|(at, width)| {
            let place = Rect { x, y: area.y, width: width.min(area.right().saturating_sub(x)), height: 1 };
            let label = format!("{}{}", lang.t(columns[at].header), mark(at));
            put(canvas, columns[at].align, place, &cell(label, Role::Plain), style);
            x += width + GAP;
            (at, &columns[at], place)
        });
        Self { columns: columns.collect(), area }
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
    pub(crate) fn visible(&self, tab: usize, window: VisibleRows, placed: &mut FrameLayout) -> Range<usize> {
        let rows = usize::from(self.area.height.saturating_sub(1));
        placed.room.rows = rows.max(1);
        if window.count == 0 {
            return 0..0;
        }
        let offset = placed.offset(tab);
        let first = first_line(window, *offset, rows);
        *offset = window.base + i64::try_from(first).unwrap_or(0);
        placed.room.first = first;
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
            let style = canvas.styles.over(base, RowRole::Plain, cell.role);
            let style = changed(*at).map_or(style, |highlight| style.patch(canvas.styles.changed(highlight)));
            put(canvas, column.align, place, &cell, style);
        }
    }
}

fn put(canvas: &mut Canvas<'_>, align: Align, place: Rect, cell: &Cell, style: Style) {
    match (cell.role, align) {
        (Role::Gauge(progress), _) => {
            canvas.gauge(place.x, place.y, place.width, progress, &cell.text, style);
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
    let mut y = area.y + (area.height.saturating_sub(lines.len() as u16)) / 3;
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

/// Which columns fit, and how wide each is: the least important are dropped first; what is left is given to those that
/// can be wider, and finally to the one that takes the remaining width.
pub(crate) fn widths(needs: &[Need], width: u16) -> Vec<(usize, u16)> {
    let mut left: Vec<usize> = (0..needs.len()).collect();
    let needed = |left: &[usize]| left.iter().map(|at| needs[*at].min + GAP).sum::<u16>().saturating_sub(GAP);
    while needed(&left) > width {
        let priorities = left.iter().map(|at| needs[*at].priority);
        let Some(least) = priorities.filter(|priority| *priority > 0).max() else { break };
        left.retain(|at| needs[*at].priority != least);
    }
    let mut spare = width.saturating_sub(needed(&left));
    let lacking = needed(&left).saturating_sub(width);
    let mut fitted: Vec<(usize, u16)> = left.into_iter().map(|at| (at, needs[at].min)).collect();
    // On a small screen even those that are never dropped give up some of their width, the widest first.
    for _ in 0..lacking {
        let widest = |(at, width): &&mut (usize, u16)| (!needs[*at].first, *width);
        if let Some((_, width)) = fitted.iter_mut().filter(|(_, width)| *width > LEAST).max_by_key(widest) {
            *width -= 1;
        }
    }
    for (at, width) in fitted.iter_mut().filter(|(at, _)| needs[*at].first) {
        let more = (needs[*at].ideal - needs[*at].min).min(spare);
        *width += more;
        spare -= more;
    }
    // The others get one column each in turn.
    while spare > 0 {
        let before = spare;
        for (at, width) in &mut fitted {
            let more = u16::from(spare > 0 && *width < needs[*at].ideal);
            *width += more;
            spare -= more;
        }
        if spare == before {
            break;
        }
    }
    if let Some((_, width)) = fitted.iter_mut().find(|(at, _)| needs[*at].spare) {
        *width += spare.min(30);
    }
    fitted
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A table of these columns is never wider than its place, and at least one is visible at any width from `least`.
    pub(crate) fn assert_fits(needs: &[Need], least: u16, kept: usize) {
        for width in least..220 {
            let fitted = widths(needs, width);
            let taken: u16 = fitted.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
            assert!(taken <= width, "{needs:?} at {width}");
            assert!(fitted.iter().any(|(at, _)| *at == kept), "{needs:?} at {width}");
        }
    }
}
