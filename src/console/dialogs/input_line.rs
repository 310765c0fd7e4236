//! An input in the place of the hints.

use ratatui::layout::Rect;
use tui_input::Input;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame;
use crate::text;

/// Between the parts of a hint, each of which is shown whole or not at all.
const SEPARATOR: &str = " · ";

/// Draws an input in the place of the hints, with its error or its suggestions. An error that has no room beside the
/// input stands above it, so that all of it can be read. Returns the rows that it takes there.
pub(crate) fn filter_line(
    canvas: &mut Canvas<'_>,
    input: &Input,
    error: Option<String>,
    hint: &str,
    area: Rect,
    layout: &mut FrameLayout,
) -> u16 {
    let y = area.height - 1;
    let (accent, warning, faint) = (canvas.styles.accent(), canvas.styles.warning(), canvas.styles.faint());
    let bar = canvas.styles.bar();
    canvas.fill(Rect { y, height: 1, ..area }, bar);
    canvas.put(1, y, 1, "/", accent);
    let least = area.width / 3;
    let fits = |error: &String| text::width(&text::neutralise(error)) as u16 + least + 4 <= area.width;
    let above = match error.as_ref().filter(|error| !fits(error)) {
        Some(error) => error_above(canvas, error, area),
        None => 0,
    };
    let (text, style) = match error {
        Some(_) if above > 0 => (String::new(), warning),
        Some(error) => (error, warning),
        None => (hint.to_owned(), faint),
    };
    // The explanation is shown in full; the input takes the rest, and at least a third.
    let wanted = text::width(&text::neutralise(&text)) as u16 + 6;
    let width = area.width.saturating_sub(wanted).clamp(least, (area.width / 2).max(least));
    frame::input(canvas, 2, y, width, input, true, layout);
    let x = width + 4;
    let room = usize::from(area.width - x);
    let text = if style == faint { text::fitting(text.split(SEPARATOR), SEPARATOR, room) } else { text };
    canvas.put(x, y, area.width - x, &text, style);
    above
}

/// Writes an error in the rows above the line. Returns how many it takes.
fn error_above(canvas: &mut Canvas<'_>, error: &str, area: Rect) -> u16 {
    let lines = text::wrap(&text::neutralise(error), usize::from(area.width.saturating_sub(2)));
    let rows = (lines.len() as u16).min(area.height.saturating_sub(2));
    let place = Rect { x: 0, y: area.height - 1 - rows, width: area.width, height: rows };
    let (raised, warning) = (canvas.styles.raised(), canvas.styles.warning());
    canvas.fill(place, raised);
    for (y, line) in (place.y..).zip(&lines[..usize::from(rows)]) {
        canvas.put(1, y, area.width.saturating_sub(2), line, warning);
    }
    rows
}
