//! The view: pure functions from the state to a frame. What is only known after drawing (where things are, how far the
//! table is scrolled) is returned, and kept beside the state.

use crate::console::app::chrome;
use crate::console::app::compact;
use crate::console::app::frame_layout::{FrameLayout, Target, is_small, is_too_small};
use crate::console::dialogs::view as dialogs;
use crate::console::widgets::toasts;
use ratatui::Frame;
use ratatui::layout::Rect;

use crate::console::app::state::{AppState, Stage};
use crate::console::dialogs::state::Dialog;
use crate::i18n::name_keys;
use crate::text::age::Clock;
use crate::text::ambiguous;

use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::styles::Styles;

/// Draws a frame. `before` is the layout of the last one.
pub fn draw(state: &AppState, before: &FrameLayout, frame: &mut Frame<'_>) -> FrameLayout {
    let area = frame.area();
    let mut layout = FrameLayout { offsets: before.offsets.clone(), ..FrameLayout::default() };
    ambiguous::set_wide(state.surface.wide_ambiguous);
    name_keys(&state.named_keys);
    let styles = Styles::new(&state.shown_theme(), state.surface);
    let clock = Clock::new(state.now);
    let mut canvas = Canvas { buffer: frame.buffer_mut(), styles, clock: &clock };
    canvas.fill(area, styles.ground());
    if is_too_small((area.width, area.height)) {
        chrome::too_small(&mut canvas, state, area);
        return layout;
    }
    if is_small((area.width, area.height)) {
        compact::draw(&mut canvas, state, area, &mut layout);
        return finished(frame, &clock, layout);
    }
    let top = chrome::top(&mut canvas, state, area, &mut layout);
    chrome::bottom(&mut canvas, state, area, &mut layout);
    let main = Rect { x: 0, y: top, width: area.width, height: area.height.saturating_sub(top + 2) };
    match &state.stage {
        Stage::Opening(profile) => chrome::opening(&mut canvas, state, profile.as_deref(), main),
        Stage::Failed(explanation, _) => chrome::failed(&mut canvas, state, explanation, main),
        Stage::Open(_) => panes(&mut canvas, state, main, &mut layout),
    }
    toasts::draw(&mut canvas, state, main);
    // Only the one on top: the frames of others behind it would look broken.
    if let Some(dialog) = state.view.dialogs.last() {
        // A click must not reach what is under a dialog.
        if !matches!(dialog, Dialog::Filter(_) | Dialog::Find(_)) {
            // Whose money it is about stays as it is, and the line of hints is the dialog's.
            canvas.dim_backdrop(Rect { y: 1, height: area.height.saturating_sub(2), ..area });
            // The hints below are those of the dialog.
            layout.hits.retain(|(_, target)| matches!(target, Target::Key(_)));
        }
        dialogs::draw(&mut canvas, state, dialog, area, &mut layout);
    }
    finished(frame, &clock, layout)
}

/// Sets the cursor, and notes when an age on the screen changes next.
fn finished(frame: &mut Frame<'_>, clock: &Clock, mut layout: FrameLayout) -> FrameLayout {
    layout.rolls = clock.next();
    if let Some((x, y)) = layout.cursor {
        frame.set_cursor_position((x.min(frame.area().right().saturating_sub(1)), y));
    }
    layout
}

/// Draws the table, the detail, or both side by side.
fn panes(canvas: &mut Canvas<'_>, state: &AppState, main: Rect, layout: &mut FrameLayout) {
    let pane = state.pane();
    // Beside an empty table there is nothing to show.
    let alone = pane.stands_alone(state) || (pane.is_empty(state) && state.scroll().is_none());
    if state.is_wide() && !alone {
        let left = Rect { width: main.width - state.detail_width() - 1, ..main };
        let right = Rect { x: left.right() + 1, width: main.width - left.width - 1, ..main };
        pane.draw(canvas, state, left, layout);
        for y in main.top()..main.bottom() {
            let style = canvas.styles.faint();
            canvas.put(left.right(), y, 1, "│", style);
        }
        pane.draw_detail(canvas, state, right, layout);
    } else if state.scroll().is_some() {
        layout.visible = pane.shown_object(state).cloned().into_iter().collect();
        pane.draw_detail(canvas, state, main, layout);
    } else {
        pane.draw(canvas, state, main, layout);
    }
}
