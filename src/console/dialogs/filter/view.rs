//! Draws the filter line and the words that can be typed.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::{FrameLayout, Target};
use crate::console::app::state::AppState;
use crate::console::dialogs::input_line::filter_line;
use crate::console::dialogs::state::FilterInput;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Role;
use crate::explain;
use crate::model::filter::{FilterError, Language};
use crate::text;

/// The most words that are shown at once.
const MOST: usize = 9;
/// The most columns of a wrong term in its explanation: it is typed just before.
const TERM: usize = 24;

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    filter: &FilterInput,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let short =
        |error: &FilterError| FilterError { term: text::cut_middle(&error.term, TERM).into_owned(), ..error.clone() };
    let error = filter.error.as_ref().map(|error| explain::filter(state.lang, &short(error)));
    let hint = match filter.language {
        _ if !filter.candidates.is_empty() => "filter-hint-offered",
        Language::EVENTS => "filter-hint-events",
        Language::JOURNAL => "filter-hint-journal",
        _ => "filter-hint",
    };
    let above = filter_line(canvas, &filter.input, error, &state.lang.t(hint), area, layout);
    if !filter.candidates.is_empty() {
        offered(canvas, filter, Rect { height: area.height - above, ..area }, layout);
    }
}

/// The words that can be typed, over the line, from where the term begins.
fn offered(canvas: &mut Canvas<'_>, filter: &FilterInput, area: Rect, layout: &mut FrameLayout) {
    let rows = filter.candidates.len().min(MOST).min(usize::from(area.height / 2));
    let first = (filter.chosen + 1).saturating_sub(rows);
    let words = filter.candidates.iter().map(|candidate| text::width(&candidate.text)).max().unwrap_or(0);
    let meanings = filter.candidates.iter().map(|candidate| text::width(&candidate.meaning)).max().unwrap_or(0);
    let wanted = u16::try_from(words + meanings + 8).unwrap_or(u16::MAX);
    let width = wanted.min(area.width.saturating_sub(2));
    let start = filter.candidates[0].replaces.0;
    let typed = filter.input.value().get(..start).map_or(0, text::width);
    let x = u16::try_from(typed).unwrap_or(u16::MAX).saturating_add(1).min(area.width.saturating_sub(width));
    let top = area.height.saturating_sub(1 + rows as u16);
    let place = Rect { x, y: top, width, height: rows as u16 };
    let (raised, border) = (canvas.styles.raised(), canvas.styles.faint());
    // Without a frame it would not be seen where the words end and the table behind them begins.
    let framed = Rect { y: top - 1, height: place.height + 1, ..place };
    canvas.fill(framed, raised);
    let bar = "─".repeat(usize::from(width.saturating_sub(2)));
    canvas.put(framed.x, framed.y, width, &format!("╭{bar}╮"), border);
    for y in place.top()..place.bottom() {
        canvas.put(place.x, y, 1, "│", border);
        canvas.put(place.right() - 1, y, 1, "│", border);
    }
    let place = Rect { x: x + 1, width: width.saturating_sub(2), ..place };
    for (line, (i, candidate)) in filter.candidates.iter().enumerate().skip(first).take(rows).enumerate() {
        let row = Rect { y: top + line as u16, height: 1, ..place };
        let base = canvas.ground(row, i == filter.chosen);
        if let Some(tone) = candidate.tone {
            let style = base.patch(canvas.styles.tone(tone));
            canvas.put(row.x + 1, row.y, 1, tone.glyph(), style);
        }
        let space = " ".repeat(words + 2 - text::width(&candidate.text));
        let role = if i == filter.chosen { Role::Strong } else { Role::Plain };
        let line = vec![(candidate.text.clone(), role), (space, Role::Plain), (candidate.meaning.clone(), Role::Faint)];
        canvas.line(row.x + 3, row.y, row.width.saturating_sub(4), &line, base.patch(Style::new()));
        layout.hit(row, Target::Choice(i));
    }
    let accent = canvas.styles.accent();
    if first > 0 {
        canvas.put(place.right() - 1, top, 1, "↑", accent);
    }
    if first + rows < filter.candidates.len() {
        canvas.put(place.right() - 1, place.bottom() - 1, 1, "↓", accent);
    }
}
