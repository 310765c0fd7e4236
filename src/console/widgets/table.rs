//! A table: columns that fit, the rows that are visible, their cells. What the rows are is the caller's.

use std::ops::Range;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::marks::Marks;
use crate::console::widgets::role::{Align, Cell, Role};
use crate::i18n::Lang;
use crate::model::ObjectId;
use crate::model::time::Timestamp;
use crate::text;
use crate::text::age::Clock;

/// Between two columns.
const GAP: u16 = 2;
/// Before the first: the cursor, and a mark.
pub(crate) const MARGIN: u16 = 2;

/// One column of a table of `R`.
pub(crate) struct Column<R> {
    /// The message that heads it.
    pub header: &'static str,
    pub align: Align,
    pub need: Need,
    pub cell: fn(&R, &Look<'_>) -> Cell,
}

/// What a cell depends on besides its row.
#[derive(Clone, Copy, Debug)]
pub struct Look<'a> {
    pub lang: Lang,
    pub clock: &'a Clock,
    /// Since when WeChat Pay cannot be reached, while that is so.
    pub cut_off: Option<Timestamp>,
    /// What is under way with the row's object, where a row is one.
    pub marks: &'a Marks,
    /// Columns the cell has.
    pub width: usize,
}

/// How much of the table's width a column needs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Need {
    pub min: u16,
    pub ideal: u16,
    /// Narrow terminals drop the highest first; 0 always stays.
    pub priority: u8,
    /// It is to be read whole before others are.
    pub first: bool,
    /// It takes what no other column needs.
    pub spare: bool,
}

impl<'a> Look<'a> {
    /// Of a row that is no object.
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

/// The columns that fit, in a place where their header has been drawn.
pub(crate) struct Table<'a, R> {
    /// Each with its place among all columns, and where its header is.
    columns: Vec<Fitted<'a, R>>,
    area: Rect,
}

/// A column that fits.
type Fitted<'a, R> = (usize, &'a Column<R>, Rect);

/// A part of the rows of a table is at hand: where it begins in the whole, the cursor's line in it, and how many there are.
#[derive(Clone, Copy)]
pub(crate) struct VisibleRows {
    pub base: i64,
    pub cursor: usize,
    pub count: usize,
}

impl<'a, R> Table<'a, R> {
    /// Draws the header. `mark` is put behind a column's name, by its place among `columns`.
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

    /// The columns that fit, by their place among all, each with where its header is.
    pub(crate) fn headers(&self) -> impl Iterator<Item = (usize, Rect)> {
        self.columns.iter().map(|(at, _, place)| (*at, *place))
    }

    /// The same without the columns from this one on.
    pub(crate) fn until(&self, column: usize) -> Self {
        let columns = self.columns.iter().take_while(|(at, ..)| *at != column).copied();
        Self { columns: columns.collect(), area: self.area }
    }

    /// The lines to draw of those at hand. Scrolls no further than it must to show the cursor.
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

    /// Draws the cells of a row on its ground. `changed` says how far a change of a column's cell has faded, by its
    /// place among all.
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
            let style = base.patch(canvas.styles.role(cell.role));
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

/// What stands in place of the rows of an empty table: a title and paragraphs. Returns the first free line.
pub(crate) fn empty(canvas: &mut Canvas<'_>, title: &str, paragraphs: &[(String, Role)], area: Rect) -> u16 {
    let (mut y, width) = (area.y + area.height / 3, area.width.saturating_sub(6));
    let strong = canvas.styles.strong();
    canvas.put(area.x + 4, y, width, title, strong);
    for (paragraph, role) in paragraphs {
        let style = canvas.styles.role(*role);
        for line in text::wrap(&text::neutralise(paragraph), usize::from(width)) {
            y += 1;
            if y < area.bottom() {
                canvas.put(area.x + 4, y, width, &line, style);
            }
        }
    }
    y + 1
}

/// The first line to show, if `offset` was the first one before.
pub(crate) fn first_line(window: VisibleRows, offset: i64, rows: usize) -> usize {
    let last = window.count.saturating_sub(rows);
    let before = usize::try_from(offset - window.base).unwrap_or(0);
    before.min(window.cursor).max((window.cursor + 1).saturating_sub(rows)).min(last)
}

/// Which columns fit, and how wide each is: the least important go first; what is left over goes to those that would
/// be wider, at last to the one that takes what is spare.
pub(crate) fn widths(needs: &[Need], width: u16) -> Vec<(usize, u16)> {
    let mut left: Vec<usize> = (0..needs.len()).collect();
    let needed = |left: &[usize]| left.iter().map(|at| needs[*at].min + GAP).sum::<u16>().saturating_sub(GAP);
    while needed(&left) > width {
        let priorities = left.iter().map(|at| needs[*at].priority);
        let Some(least) = priorities.filter(|priority| *priority > 0).max() else { break };
        left.retain(|at| needs[*at].priority != least);
    }
    let mut spare = width.saturating_sub(needed(&left));
    let mut fitted: Vec<(usize, u16)> = left.into_iter().map(|at| (at, needs[at].min)).collect();
    for (at, width) in fitted.iter_mut().filter(|(at, _)| needs[*at].first) {
        let more = (needs[*at].ideal - needs[*at].min).min(spare);
        *width += more;
        spare -= more;
    }
    // The others one by one in turn, so that none starves.
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

    /// A table of these columns is never wider than its place, and one of them is seen at any width from `least` on.
    pub(crate) fn assert_fits(needs: &[Need], least: u16, kept: usize) {
        for width in least..220 {
            let fitted = widths(needs, width);
            let taken: u16 = fitted.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
            assert!(taken <= width, "{needs:?} at {width}");
            assert!(fitted.iter().any(|(at, _)| *at == kept), "{needs:?} at {width}");
        }
    }
}
