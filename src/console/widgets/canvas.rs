//! The only way text reaches the screen: neutralised, cut to its place, measured in columns.

use std::num::NonZeroU16;

use ratatui::buffer::{Buffer, CellDiffOption};
use ratatui::layout::Rect;
use ratatui::style::Style;
use unicode_segmentation::UnicodeSegmentation;

use crate::console::widgets::role::{Role, RowRole};
use crate::console::widgets::styles::Styles;
use crate::model::Progress;
use crate::text;
use crate::text::age::Clock;
use crate::text::ambiguous;

/// The length of a bar, and of one that has a line for itself.
pub(crate) const BAR: u16 = 8;
const LONG_BAR: u16 = 24;

/// The screen, the styles to draw with, and the current time.
pub struct Canvas<'a> {
    pub buffer: &'a mut Buffer,
    pub styles: Styles,
    pub clock: &'a Clock,
}

impl Canvas<'_> {
    /// Writes a text from `x` on within `width` columns. Returns the columns it took.
    pub fn put(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) -> u16 {
        let area = self.buffer.area;
        if y >= area.bottom() || x >= area.right() || width == 0 {
            return 0;
        }
        let width = width.min(area.right() - x);
        if text::is_plain(text) && !(text.len() > usize::from(width) && ambiguous::is_wide()) {
            return self.put_plain((x, y), width, text, style);
        }
        let safe = self.styles.borders.of(text::neutralise(text));
        if width == 1 && ambiguous::is_wide() && ambiguous::is_ambiguous(&safe) {
            return self.put_wide((x, y), width, &safe, style);
        }
        let shown = text::cut(&safe, usize::from(width));
        if ambiguous::is_wide() {
            return self.put_wide((x, y), width, &shown, style);
        }
        let (end, _) = self.buffer.set_stringn(x, y, &shown, usize::from(width), style);
        end - x
    }

    /// The same for printable ASCII: a byte is a cell.
    fn put_plain(&mut self, (x, y): (u16, u16), width: u16, text: &str, style: Style) -> u16 {
        let fits = text.len() <= usize::from(width);
        let shown = if fits { text } else { &text[..usize::from(width) - 1] };
        let cells = x..x + shown.len() as u16;
        for (at, byte) in cells.zip(shown.bytes()) {
            self.buffer[(at, y)].set_char(char::from(byte)).set_style(style);
        }
        let end = x + shown.len() as u16;
        if !fits {
            self.buffer[(end, y)].set_symbol(text::ellipsis()).set_style(style);
        }
        end + u16::from(!fits) - x
    }

    /// The same where ambiguous characters take two columns: the painter believes in one, so each gets the next column,
    /// too.
    fn put_wide(&mut self, (x, y): (u16, u16), width: u16, text: &str, style: Style) -> u16 {
        let mut at = x;
        for grapheme in text.graphemes(true) {
            let taken = text::width(grapheme) as u16;
            let left = (x + width).saturating_sub(at);
            let is_ambiguous = ambiguous::is_ambiguous(grapheme);
            let (grapheme, taken) = match (is_ambiguous, taken > left) {
                (_, false) => (grapheme, taken),
                (true, true) if left > 0 => (ambiguous::narrow(grapheme), 1),
                (_, true) => break,
            };
            for covered in at..at + taken {
                self.buffer[(covered, y)].set_diff_option(CellDiffOption::None);
            }
            self.buffer.set_stringn(at, y, grapheme, usize::from(taken), style);
            if let Some(two) = NonZeroU16::new(taken).filter(|_| is_ambiguous && taken == 2) {
                self.buffer.set_stringn(at + 1, y, " ", 1, style);
                self.buffer[(at, y)].set_diff_option(CellDiffOption::ForcedWidth(two));
            }
            at += taken;
        }
        at - x
    }

    /// The same, right-aligned.
    pub fn put_right(&mut self, x: u16, y: u16, width: u16, text: &str, style: Style) {
        let taken = text::width(&text::neutralise(text)).min(usize::from(width)) as u16;
        self.put(x + width - taken, y, taken, text, style);
    }

    /// Writes a line of pieces. Returns the columns it took.
    pub fn line(&mut self, x: u16, y: u16, width: u16, line: &[(String, Role)], base: Style) -> u16 {
        let mut used = 0;
        for (piece, role) in line {
            let style = self.styles.over(base, RowRole::Plain, *role);
            used += match role {
                Role::Gauge(progress) => self.gauge(x + used, y, width.saturating_sub(used), *progress, piece, style),
                _ => self.put(x + used, y, width.saturating_sub(used), piece, style),
            };
        }
        used
    }

    /// Fills the background of a row, marked if it is selected, and returns its style.
    pub fn ground(&mut self, row: Rect, selected: bool) -> Style {
        if !selected {
            return Style::new();
        }
        let base = self.styles.selected();
        self.buffer.set_style(row, base);
        self.put(row.x, row.y, 1, "▌", base.patch(self.styles.accent()));
        base
    }

    /// Draws a bar followed by its figure. All bars of a place have the same length, whatever their figures.
    pub(crate) fn gauge(&mut self, x: u16, y: u16, width: u16, progress: Progress, figure: &str, style: Style) -> u16 {
        let figure_width = text::width(&text::neutralise(figure)) as u16;
        let bar = if width >= LONG_BAR + 16 { LONG_BAR } else { BAR };
        if width < bar + 1 + figure_width {
            return self.put(x, y, width, figure, style);
        }
        self.bar(x, y, bar, progress, style);
        self.put(x + bar + 1, y, width - bar - 1, figure, style);
        bar + 1 + figure_width
    }

    /// The same in the cell of a table: the figures of a column end at the same place.
    pub(crate) fn gauge_in(&mut self, place: Rect, progress: Progress, figure: &str, style: Style) {
        let figure_width = text::width(&text::neutralise(figure)) as u16;
        if place.width >= BAR + 1 + figure_width {
            self.bar(place.x, place.y, BAR, progress, style);
        }
        self.put_right(place.x, place.y, place.width, figure, style);
    }

    pub(crate) fn bar(&mut self, x: u16, y: u16, bar: u16, progress: Progress, style: Style) {
        let mut full = u32::from(bar) * u32::from(progress.percent()) / 100;
        if progress.done > 0 {
            full = full.max(1);
        }
        let full = (full as u16).min(bar);
        let rest = self.styles.faint();
        self.put(x, y, full, &"━".repeat(usize::from(full)), style);
        self.put(x + full, y, bar - full, &"╌".repeat(usize::from(bar - full)), style.patch(rest));
    }

    /// Dims everything that is drawn so far: what is drawn next stands before it.
    pub(crate) fn dim_backdrop(&mut self, area: Rect) {
        let style = self.styles.backdrop();
        self.buffer.set_style(area, style);
    }

    pub fn fill(&mut self, area: Rect, style: Style) {
        let area = area.intersection(self.buffer.area);
        for y in area.top()..area.bottom() {
            // A wide character that begins left of the place would hide the first column.
            if let Some(left) = area.left().checked_sub(1).filter(|x| text::width(self.buffer[(*x, y)].symbol()) > 1) {
                self.buffer[(left, y)].set_symbol(" ");
            }
            for x in area.left()..area.right() {
                self.buffer[(x, y)].reset();
            }
        }
        self.buffer.set_style(area, style);
    }

    /// A horizontal line.
    pub fn rule(&mut self, x: u16, y: u16, width: u16, symbol: &str, style: Style) {
        self.put(x, y, width, &symbol.repeat(usize::from(width)), style);
    }
}
