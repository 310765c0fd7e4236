//! The messages in the lower right corner, newest lowest.

use ratatui::layout::Rect;

use super::canvas::Canvas;
use crate::console::state::State;
use crate::console::state::toast::ToastKind;
use crate::text;

pub fn draw(canvas: &mut Canvas<'_>, state: &State, main: Rect) {
    let width = main.width.saturating_sub(4).min(64);
    let mut bottom = main.bottom();
    for toast in state.toasts.iter().rev() {
        let (glyph, style) = match toast.kind {
            ToastKind::Done => ("✓", canvas.styles.good()),
            ToastKind::Info => ("·", canvas.styles.accent()),
            ToastKind::Unknown => ("?", canvas.styles.warning()),
            ToastKind::Error => ("✗", canvas.styles.danger()),
        };
        let inner = usize::from(width.saturating_sub(4));
        let mut lines: Vec<String> = Vec::new();
        for line in &toast.lines {
            lines.extend(text::wrap(&text::neutralise(line), inner));
        }
        if toast.stays() {
            lines.push(state.lang.t("toast-dismiss").into_owned());
        }
        let title = text::wrap(&text::neutralise(&toast.title), inner.saturating_sub(2));
        let height = (lines.len() + title.len()) as u16;
        if bottom < main.y + height {
            return;
        }
        let place = Rect { x: main.right() - width - 1, y: bottom - height, width, height };
        let raised = canvas.styles.raised();
        canvas.fill(place, raised);
        for y in place.top()..place.bottom() {
            canvas.put(place.x, y, 1, "▌", style);
        }
        canvas.put(place.x + 2, place.y, 1, glyph, style);
        for (i, line) in title.iter().enumerate() {
            canvas.put(place.x + 4, place.y + i as u16, width - 5, line, style);
        }
        for (i, line) in lines.iter().enumerate() {
            canvas.put(place.x + 2, place.y + (title.len() + i) as u16, width - 3, line, canvas.styles.faint());
        }
        bottom = place.y.saturating_sub(1);
    }
}
