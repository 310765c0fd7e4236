//! Inputs that come with a value: the first character replaces it, a cursor key keeps it.

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::layout::Rect;
use tui_input::Input;

use crate::console::widgets::canvas::Canvas;
use crate::text;

/// True for a key that replaces the value an input came with.
pub(crate) fn replaces(key: KeyEvent) -> bool {
    match key.code {
        KeyCode::Char(_) => !key.modifiers.contains(KeyModifiers::CONTROL),
        KeyCode::Backspace | KeyCode::Delete => true,
        _ => false,
    }
}

/// Marks the text that the next character replaces.
pub(crate) fn mark(canvas: &mut Canvas<'_>, input: &Input, place: Rect) {
    let shown = text::width(&text::neutralise(input.value())) as u16;
    let selected = canvas.styles.selected();
    canvas.buffer.set_style(Rect { width: shown.min(place.width), height: 1, ..place }, selected);
}
