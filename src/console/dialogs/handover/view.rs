//! Draws what a creation returned for the merchant's front end: the QR code, the parameters, how long they are valid.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::boxed;
use crate::model::CheckoutPayload;
use crate::{qr, text};

/// Columns inside the frame.
const WIDTH: u16 = 72;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let Some((id, handover)) = &state.view.handover else { return };
    let lang = state.lang;
    let room = usize::from(WIDTH.min(area.width.saturating_sub(6)));
    // Title and frame take the rest. A QR code that is cut cannot be scanned, so it is drawn in full or not at all.
    let height = usize::from(area.height.saturating_sub(5));
    let code = match &handover.what {
        CheckoutPayload::Code { code_url } => {
            let drawn = qr::QUIET.iter().filter_map(|quiet| qr::draw(code_url, *quiet));
            drawn.into_iter().find(|code| code.lines().count() <= height)
        }
        _ => None,
    };
    let mut lines = text::wrap(&text::neutralise(handover.what.text()), room);
    for (name, value) in &handover.parameters {
        lines.extend(text::wrap(&text::neutralise(&format!("{name}: {value}")), room));
    }
    let drawn: Vec<&str> = code.iter().flat_map(|code| code.lines()).collect();
    // Without room for both only the QR code is shown: the parameters can be copied.
    let lines = if drawn.is_empty() || drawn.len() + 1 + lines.len() <= height { lines } else { Vec::new() };
    let height = (1 + lines.len() + drawn.len()) as u16;
    let title = format!("{} {}", lang.t(&id.label()), id.number);
    let inner = boxed(canvas, state, &title, area, (WIDTH, height), layout);
    canvas.put(inner.x, inner.y, inner.width, &lang.t(handover.what.label()), canvas.styles.accent());
    let mut y = inner.y + 1;
    let scanned = canvas.styles.scanned();
    for line in drawn {
        let indent = inner.width.saturating_sub(text::width(line) as u16) / 2;
        if y < inner.bottom() {
            canvas.put(inner.x + indent, y, inner.width, line, scanned);
        }
        y += 1;
    }
    for line in lines {
        if y < inner.bottom() {
            canvas.put(inner.x, y, inner.width, &line, Style::new());
        }
        y += 1;
    }
}
