//! Draws the list of watched objects, the next due first, and below it the gaps in which nothing was observed.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::Target;
use crate::console::app::state::AppState as Console;
use crate::console::dialogs::watching::state::{Missed, WatchList};
use crate::console::tabs::objects::columns::is_stale;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::boxed;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Role};
use crate::console::widgets::table::{Column, Table, VisibleRows, cell, first_line, need};
use crate::console::words::gap_words;
use crate::ledger::Listed;
use crate::model::time::Timestamp;
use crate::model::{ObjectId, State};
use crate::services::Watch;
use crate::text;

/// Columns of the text inside the frame.
const WIDTH: u16 = 112;
/// The same while nothing is watched.
const EMPTY: usize = 60;
/// Gaps that are listed at the foot.
const GAPS: usize = 3;

/// A line of the list.
struct Watched {
    id: ObjectId,
    watch: Watch,
    state: Option<State>,
    /// When it is queried next; `None` while watching is paused.
    due: Option<Timestamp>,
}

const COLUMNS: &[Column<Watched>] = &[
    Column {
        header: "column-number",
        align: Align::Left,
        need: need(14, 28, 0),
        cell: |row, look| cell(text::cut_middle(row.id.number.as_str(), look.width), Role::Strong),
    },
    Column {
        header: "watching-column-kind",
        align: Align::Left,
        need: need(9, 16, 4),
        cell: |row, look| cell(look.lang.t(&row.id.label()), Role::Faint),
    },
    Column {
        header: "column-state",
        align: Align::Left,
        need: need(13, 17, 0),
        cell: |row, look| match &row.state {
            None => cell("…", Role::Faint),
            Some(state) => {
                let meaning = look.lang.state(state);
                cell(format!("{} {meaning}", state.tone.glyph()), Role::Tone(state.tone))
            }
        },
    },
    Column {
        header: "watching-column-next",
        align: Align::Left,
        need: need(11, 11, 0),
        cell: |row, look| match row.due {
            None => cell("–", Role::Faint),
            Some(due) if due <= look.clock.now => cell(look.lang.t("watching-now"), Role::Accent),
            Some(due) => cell(look.clock.moment(due), Role::Plain),
        },
    },
    Column {
        header: "watching-column-changed",
        align: Align::Left,
        need: need(11, 11, 2),
        cell: |row, look| {
            cell(row.watch.changed_at.map_or_else(|| "–".into(), |at| look.clock.moment(at)), Role::Plain)
        },
    },
    Column {
        header: "watching-column-since",
        align: Align::Left,
        need: need(11, 11, 3),
        cell: |row, look| cell(look.clock.moment(row.watch.since), Role::Faint),
    },
    Column {
        header: "watching-column-why",
        align: Align::Left,
        need: need(9, 9, 5),
        cell: |row, look| cell(look.lang.t(&format!("watch-{}", row.watch.why.name())), Role::Faint),
    },
];

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &Console, list: &WatchList, area: Rect, layout: &mut FrameLayout) {
    let lang = state.lang;
    let nothing = list.order().is_empty().then(|| lang.t("watching-nothing"));
    let width = match &nothing {
        Some(nothing) => text::width(nothing).max(EMPTY) as u16,
        None => WIDTH,
    };
    let width = width.min(area.width.saturating_sub(6));
    let foot = foot(state, usize::from(width));
    let wanted = list.order().len().max(1) + 1 + foot.len();
    let title = tr!(lang, "watching-title", n = list.order().len());
    let height = u16::try_from(wanted).unwrap_or(u16::MAX).min(area.height.saturating_sub(4));
    let inner = boxed(canvas, state, &title, area, (width, height), layout);
    // If there is little room, the list keeps its lines and the foot is cut.
    let foot = &foot[..foot.len().min(usize::from(inner.height.saturating_sub(4)))];
    let rows = usize::from(inner.height).saturating_sub(1 + foot.len());
    if let Some(nothing) = &nothing {
        let faint = canvas.styles.faint();
        canvas.put(inner.x, inner.y, inner.width, nothing, faint);
    } else {
        self::rows(canvas, state, list, Rect { height: rows as u16 + 1, ..inner }, layout);
        if list.order().len() > rows {
            let accent = canvas.styles.accent();
            let place = format!(" {} / {} ", list.position() + 1, list.order().len());
            canvas.put_right(inner.x, inner.bottom(), inner.width, &place, accent);
        }
    }
    for (i, line) in foot.iter().enumerate() {
        let y = inner.bottom() - (foot.len() - i) as u16;
        canvas.line(inner.x, y, inner.width, line, Style::new());
    }
}

fn rows(canvas: &mut Canvas<'_>, state: &Console, list: &WatchList, area: Rect, layout: &mut FrameLayout) {
    let table = Table::new(canvas, state.lang, COLUMNS, area, |_| "");
    let rows = usize::from(area.height.saturating_sub(1));
    let (selected, count) = (list.position(), list.order().len());
    let offset = i64::try_from(state.room.first_of_dialog).unwrap_or(0);
    let first = first_line(VisibleRows { base: 0, cursor: selected, count }, offset, rows);
    layout.room.first_of_dialog = first;
    let paused = state.view.watched.latest().paused.is_some();
    for (nth, id) in list.order().iter().skip(first).take(rows).enumerate() {
        let line = table.line(nth);
        layout.hit(line, Target::Choice(first + nth));
        let base = canvas.ground(line, first + nth == selected);
        let Some(watch) = state.view.watched.of(id).cloned() else { continue };
        let row = list.row(id);
        // The mark before the first column says whether the row is stale.
        if is_old(state, row) {
            let warning = base.patch(canvas.styles.warning());
            canvas.put(line.x + 1, line.y, 1, "~", warning);
        }
        let seen = row.and_then(|row| row.seen.as_ref()).map(|seen| seen.summary.state.clone());
        let due = (!paused).then_some(watch.due);
        let row = Watched { id: id.clone(), watch, state: seen, due };
        table.cells(canvas, &row, state.look_of(canvas.clock), (line, base), |_| None);
    }
    let accent = canvas.styles.accent();
    if first > 0 {
        canvas.put(area.right() - 1, area.y + 1, 1, "↑", accent);
    }
    if first + rows < count {
        canvas.put(area.right() - 1, area.bottom() - 1, 1, "↓", accent);
    }
}

fn is_old(state: &Console, row: Option<&Listed>) -> bool {
    let seen = row.and_then(|row| row.seen.as_ref()).filter(|seen| !seen.summary.state.is_final);
    seen.is_some_and(|seen| is_stale(seen.verified_at, state.now, state.cut_off()))
}

/// The lines under the list: that watching is paused, and the latest gaps.
fn foot(state: &Console, width: usize) -> Vec<Line> {
    let lang = state.lang;
    let mut lines = Vec::new();
    if let Some(since) = state.view.watched.latest().paused {
        let text = tr!(lang, "banner-paused", since = crate::text::age::clock(since));
        lines.extend(text::wrap(&text, width).into_iter().map(|line| vec![(line, Role::Accent)]));
    }
    let gap_lines = |missed: &Missed| {
        let after = match missed.changed {
            Some(changed) => tr!(lang, "gap-changed", n = changed),
            None => tr!(lang, "gap-asking", n = missed.gap.objects),
        };
        let text = format!("{} · {after}", gap_words(lang, &missed.gap));
        text::wrap(&text, width).into_iter().map(|line| vec![(line, Role::Faint)]).collect::<Vec<Line>>()
    };
    lines.extend(state.view.watched.gaps().take(GAPS).flat_map(gap_lines));
    if !lines.is_empty() {
        lines.insert(0, Line::new());
    }
    lines
}
