//! An input in the place of the hints.

use ratatui::layout::Rect;
use tui_input::Input;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame;
use crate::text;

/// Draws an input in the place of the hints, with its error or its suggestions.
pub(crate) fn filter_line(
    canvas: &mut Canvas<'_>,
    input: &Input,
    error: Option<String>,
    hint: &str,
    area: Rect,
    placed: &mut FrameLayout,
) {
    let y = area.height - 1;
    let (accent, warning, faint) = (canvas.styles.accent(), canvas.styles.warning(), canvas.styles.faint());
    let bar = canvas.styles.bar();
    canvas.fill(Rect { y, height: 1, ..area }, bar);
    canvas.put(1, y, 1, "/", accent);
    let (text, style) = match error {
        Some(error) => (error, warning),
        None => (hint.to_owned(), faint),
    };
    // The explanation is shown in full; the input takes the rest, and at least a third.
    let wanted = text::width(&text::neutralise(&text)) as u16 + 6;
    let width = area.width.saturating_sub(wanted).clamp(area.width / 3, area.width / 2);
    frame::input(canvas, 2, y, width, input, true, placed);
    let x = width + 4;
    canvas.put(x, y, area.width - x, &text, style);
}
