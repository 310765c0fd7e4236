//! Draws the messages in the lower right corner, newest at the bottom.

use ratatui::layout::Rect;

use crate::console::app::state::AppState;
use crate::console::app::toast::ToastKind;
use crate::console::widgets::canvas::Canvas;
use crate::text;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, main: Rect) {
    let width = main.width.saturating_sub(4).min(64);
    let mut bottom = main.bottom();
    for toast in state.view.toasts.iter().rev() {
        let (glyph, style) = match toast.kind {
            ToastKind::Done => ("✓", canvas.styles.good()),
            ToastKind::Info => ("·", canvas.styles.accent()),
            ToastKind::Unknown => ("?", canvas.styles.warning()),
            ToastKind::Error => ("✗", canvas.styles.danger()),
        };
        let inner = usize::from(width.saturating_sub(4));
        let mut parts: Vec<Vec<String>> =
            toast.lines.iter().map(|line| text::wrap(&text::neutralise(line), inner)).collect();
        if toast.stays() {
            parts.push(vec![state.lang.t("toast-dismiss")]);
        }
        let title = text::wrap(&text::neutralise(&toast.title), inner.saturating_sub(2));
        if bottom == main.bottom() {
            shorten(&mut parts, usize::from(main.height).saturating_sub(title.len()));
        }
        let lines: Vec<String> = parts.concat();
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

/// Shortens the longest parts until all fit into this many lines, so that the newest message is visible on any screen.
fn shorten(parts: &mut [Vec<String>], room: usize) {
    while parts.iter().map(Vec::len).sum::<usize>() > room {
        let Some(longest) = parts.iter_mut().max_by_key(|part| part.len()).filter(|part| part.len() > 1) else {
            return;
        };
        longest.pop();
        if let Some(last) = longest.last_mut().filter(|last| !last.ends_with('…')) {
            last.push('…');
        }
    }
}
