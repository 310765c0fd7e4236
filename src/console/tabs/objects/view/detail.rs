//! Draws the detail of one object: its title, its pages, and the lines of the present one.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState;
use crate::console::tabs::objects::detail::DetailPage;
use crate::console::tabs::objects::detail::LineId;
use crate::console::tabs::objects::find;
use crate::console::tabs::objects::view::content::content;
use crate::console::tabs::objects::view::pages::SelectableLine;
use crate::console::widgets::canvas::Canvas;
use crate::model::ObjectId;
use crate::text;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    layout.hit(area, Target::Detail);
    let Some(id) = state.subject_id() else { return };
    let taken = head(canvas, state, id, area, layout);
    let body = Rect {
        x: area.x + 1,
        y: area.y + taken,
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(taken),
    };
    let lines = content(state, canvas.clock, id, usize::from(body.width));
    let needle = state.view.detail.as_ref().and_then(|detail| detail.needle.as_ref());
    if let Some(needle) = needle {
        let found = found(&lines, &needle.text);
        let nth = needle.at.and_then(|at| found.iter().position(|line| *line == at)).map_or(0, |nth| nth + 1);
        let accent = canvas.styles.accent();
        let words = format!(" /{}  {nth}/{} ", needle.text, found.len());
        canvas.put_right(area.x + 1, body.y.saturating_sub(1), body.width, &words, accent);
    }
    let rows = usize::from(body.height);
    let limit = lines.len().saturating_sub(rows);
    layout.room.detail = rows;
    layout.room.scroll = limit;
    let selected = state.line_id().filter(|_| state.selects_spots());
    let scroll = match &selected {
        Some(line_id) => middle(&lines, line_id, rows).min(limit),
        None => state.view.detail.as_ref().map_or(0, |detail| detail.scroll).min(limit),
    };
    for (i, (line_id, line)) in lines.iter().skip(scroll).take(rows).enumerate() {
        let place = Rect { y: body.y + i as u16, height: 1, ..body };
        let is_selected = line_id.is_some() && *line_id == selected;
        // Where no line can be selected, the latest match is.
        let is_match = selected.is_none() && needle.is_some_and(|needle| needle.at == Some(scroll + i));
        let base = canvas.ground(Rect { x: area.x, width: area.width, ..place }, is_selected || is_match);
        match needle {
            Some(needle) => canvas.line(place.x, place.y, place.width, &find::marked(line, &needle.text), base),
            None => canvas.line(place.x, place.y, place.width, line, base),
        };
        if let Some(line_id) = line_id {
            layout.hit(place, Target::DetailLine(line_id.clone()));
        }
    }
    if limit > scroll {
        let more = canvas.styles.accent();
        canvas.put(area.right().saturating_sub(1), area.bottom().saturating_sub(1), 1, "↓", more);
    }
}

/// The first visible line, so that the selected ones are in the middle.
fn middle(lines: &[SelectableLine], selected: &LineId, rows: usize) -> usize {
    let is_selected = |(line_id, _): &SelectableLine| line_id.as_ref() == Some(selected);
    let first = lines.iter().position(is_selected).unwrap_or(0);
    let count = lines.iter().filter(|line| is_selected(line)).count();
    (first + count / 2).saturating_sub(rows / 2)
}

/// Draws the title and the names of the pages, on one line if they fit, and returns the lines it took.
fn head(canvas: &mut Canvas<'_>, state: &AppState, id: &ObjectId, area: Rect, layout: &mut FrameLayout) -> u16 {
    let (strong, accent) = (canvas.styles.strong(), canvas.styles.accent());
    let mark = if state.view.detail.is_some() { "▌" } else { " " };
    canvas.put(area.x, area.y, 1, mark, accent);
    let labels = DetailPage::ALL.map(|page| match page {
        DetailPage::Overview => state.lang.t("page-overview"),
        DetailPage::Timeline => state.lang.t("page-timeline"),
        DetailPage::Related => state.lang.t("page-related"),
        DetailPage::Raw => state.lang.t("page-raw"),
    });
    let pages: usize = labels.iter().map(|label| text::width(label) + 2).sum();
    let kind = state.lang.kind(id.kind);
    let columns = usize::from(area.width).saturating_sub(2);
    let beside = columns.saturating_sub(pages);
    // The number identifies the object, so it is shown in full: with its kind if there is room, above the pages if need
    // be. The tab shows the kind.
    let titles = [format!("{kind} {}", id.number), id.number.as_str().to_owned(), id.own_number().to_owned()];
    let fitting = |room: usize| titles.iter().find(|title| text::width(title) <= room).cloned();
    let (title, is_beside) = match fitting(beside) {
        Some(title) => (title, true),
        None => (fitting(columns).unwrap_or_else(|| text::cut_middle(id.own_number(), columns).into_owned()), false),
    };
    let used = canvas.put(area.x + 1, area.y, columns as u16, &title, strong);
    let (mut x, y) = match is_beside {
        true => (area.x + used + 2 + beside.saturating_sub(usize::from(used)).min(2) as u16, area.y),
        false => (area.x + 1, area.y + 1),
    };
    for (page, label) in DetailPage::ALL.into_iter().zip(labels) {
        let style = canvas.styles.tab(page == state.page());
        let width = canvas.put(x, y, area.right().saturating_sub(x), &label, style);
        layout.hit(Rect { x, y, width, height: 1 }, Target::Page(page as usize));
        x += width + 2;
    }
    if is_beside { 2 } else { 3 }
}

/// The lines that match what is searched for.
pub(crate) fn found(lines: &[SelectableLine], needle: &str) -> Vec<usize> {
    let path = |line_id: &Option<LineId>| match line_id {
        Some(LineId::Json(path)) => Some(path.clone()),
        _ => None,
    };
    let paths: Vec<Option<String>> = lines.iter().map(|(line_id, _)| path(line_id)).collect();
    let paths = if paths.iter().any(Option::is_some) { paths } else { Vec::new() };
    let selectable: Vec<bool> = lines.iter().map(|(line_id, _)| line_id.is_some()).collect();
    let lines: Vec<_> = lines.iter().map(|(_, line)| line.clone()).collect();
    let mut found = find::matches(needle, &lines, &paths);
    // Where lines can be selected, only those are gone to.
    if selectable.contains(&true) {
        found.retain(|line| selectable[*line]);
    }
    found
}
