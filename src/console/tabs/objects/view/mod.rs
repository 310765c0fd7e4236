//! The table. Only the rows that are visible are made.

pub(crate) mod detail;
pub(crate) mod pages;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::msg::Target;
use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::tabs::objects::columns::{Align, Column, Ink, Look};
use crate::console::tabs::objects::list::List;
use crate::console::widgets::canvas::Canvas;
use crate::ledger::Listed;
use crate::model::Region;

/// Between two columns.
pub(crate) const GAP: u16 = 2;
/// Before the first: the cursor, and whether the row is marked or watched.
pub(crate) const MARGIN: u16 = 2;

pub fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut Placed) {
    let Some(list) = state.list() else { return };
    let columns = fit(list.columns().collect(), area.width.saturating_sub(MARGIN + 1));
    header(canvas, state, list, &columns, area, placed);
    let rows = usize::from(area.height.saturating_sub(1));
    placed.room.rows = rows.max(1);
    if list.rows().is_empty() {
        empty(canvas, state, list, area);
        return;
    }
    let first = first((list.base(), list.position(), list.rows().len()), placed.offsets[state.tab], rows);
    placed.offsets[state.tab] = list.base() + i64::try_from(first).unwrap_or(0);
    placed.room.first = first;
    for (line, listed) in list.rows().iter().skip(first).take(rows).enumerate() {
        let y = area.y + 1 + line as u16;
        let place = Rect { y, height: 1, ..area };
        row(canvas, state, list, &columns, listed, place);
        placed.hit(place, Target::Row(listed.id.clone()));
        placed.visible.push(listed.id.clone());
    }
}

/// Scrolls no further than it must to show the cursor. `offset` is the line that was the first before; of the window
/// are given the base, the cursor's line and the number of lines.
pub(crate) fn first((base, cursor, count): (i64, usize, usize), offset: i64, rows: usize) -> usize {
    let last = count.saturating_sub(rows);
    let before = usize::try_from(offset - base).unwrap_or(0);
    before.min(cursor).max((cursor + 1).saturating_sub(rows)).min(last)
}

/// The columns that fit, each with its width.
fn fit(columns: Vec<&'static Column>, width: u16) -> Vec<(&'static Column, u16)> {
    let need = |column: &&Column| {
        let Column { min, ideal, priority, .. } = **column;
        Need { min, ideal, priority, first: column.id == "state", spare: column.id == "title" }
    };
    let needs: Vec<Need> = columns.iter().map(need).collect();
    widths(&needs, width).into_iter().map(|(at, width)| (columns[at], width)).collect()
}

/// How much of the table's width a column needs.
#[derive(Clone, Copy)]
pub(crate) struct Need {
    pub min: u16,
    pub ideal: u16,
    /// Narrow terminals drop the highest first; 0 always stays.
    pub priority: u8,
    /// It is to be read whole before others are.
    pub first: bool,
    /// It takes what nobody else needs.
    pub spare: bool,
}

/// Which columns fit, and how wide each is: the least important go first; what is left over goes to those that would
/// be wider, at last to the one that takes what is spare.
pub(crate) fn widths(needs: &[Need], width: u16) -> Vec<(usize, u16)> {
    let mut left: Vec<usize> = (0..needs.len()).collect();
    let needed = |left: &[usize]| left.iter().map(|at| needs[*at].min + GAP).sum::<u16>().saturating_sub(GAP);
    while needed(&left) > width {
        let priorities = left.iter().map(|at| needs[*at].priority);
        let Some(least) = priorities.filter(|priority| *priority > 0).max() else { break };
        left.retain(|at| needs[*at].priority != least);
    }
    let mut spare = width.saturating_sub(needed(&left));
    let mut fitted: Vec<(usize, u16)> = left.into_iter().map(|at| (at, needs[at].min)).collect();
    for (at, width) in fitted.iter_mut().filter(|(at, _)| needs[*at].first) {
        let more = (needs[*at].ideal - needs[*at].min).min(spare);
        *width += more;
        spare -= more;
    }
    // The others one by one in turn, so that none starves.
    while spare > 0 {
        let before = spare;
        for (at, width) in &mut fitted {
            let more = u16::from(spare > 0 && *width < needs[*at].ideal);
            *width += more;
            spare -= more;
        }
        if spare == before {
            break;
        }
    }
    if let Some((_, width)) = fitted.iter_mut().find(|(at, _)| needs[*at].spare) {
        *width += spare.min(30);
    }
    fitted
}

fn header(
    canvas: &mut Canvas<'_>,
    state: &State,
    list: &List,
    columns: &[(&'static Column, u16)],
    area: Rect,
    placed: &mut Placed,
) {
    let style = canvas.styles.header();
    let sort = list.sort();
    let mut x = area.x + MARGIN;
    for (column, width) in columns {
        let width = (*width).min(area.right().saturating_sub(x));
        let label = state.lang.t(column.header);
        let label = match (sort.column == column.id, sort.descending) {
            (false, _) => label.into_owned(),
            (true, true) => format!("{label} ▼"),
            (true, false) => format!("{label} ▲"),
        };
        match column.align {
            Align::Left => drop(canvas.put(x, area.y, width, &label, style)),
            Align::Right => canvas.put_right(x, area.y, width, &label, style),
        }
        placed.hit(Rect { x, y: area.y, width, height: 1 }, Target::Header(column.id));
        x += width + GAP;
    }
}

fn row(
    canvas: &mut Canvas<'_>,
    state: &State,
    list: &List,
    columns: &[(&'static Column, u16)],
    row: &Listed,
    place: Rect,
) {
    let selected = list.cursor() == Some(&row.id);
    let marks = state.marks(&row.id);
    let base = canvas.ground(place, selected);
    let disputed = state.disputes.about(&row.id).next().is_some();
    let mark = match (list.is_marked(&row.id), state.watched.of(&row.id).is_some()) {
        (true, true) => "◈",
        (true, false) => "◆",
        (false, _) if disputed => "⚠",
        (false, true) => "◉",
        (false, false) => "",
    };
    let style = if mark == "⚠" { canvas.styles.warning() } else { canvas.styles.accent() };
    canvas.put(place.x + 1, place.y, 1, mark, base.patch(style));
    let mut x = place.x + MARGIN;
    for (column, width) in columns {
        let width = (*width).min(place.right().saturating_sub(x));
        let look = Look {
            lang: state.lang,
            clock: canvas.clock,
            cut_off: state.cut_off(),
            marks: &marks,
            width: usize::from(width),
        };
        let cell = (column.cell)(row, &look);
        let mut style = base.patch(canvas.styles.ink(cell.ink));
        if let Some(fading) = list.changed(&row.id, column.id, state.now) {
            style = style.patch(canvas.styles.changed(fading));
        }
        match (cell.ink, column.align) {
            (Ink::Gauge(progress), _) => drop(canvas.gauge(x, place.y, width, progress, &cell.text, style)),
            (_, Align::Left) => drop(canvas.put(x, place.y, width, &cell.text, style)),
            (_, Align::Right) => canvas.put_right(x, place.y, width, &cell.text, style),
        }
        x += width + GAP;
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &State, list: &List, area: Rect) {
    let region = state.account().map_or(Region::Mainland, |account| account.merchant.region);
    let (title, hint) = if !list.kind.is_in(region) {
        (state.lang.t("empty-elsewhere-title"), state.lang.t("empty-elsewhere-hint"))
    } else if list.is_empty() {
        (state.lang.t("empty-title"), state.lang.t("empty-hint"))
    } else {
        (state.lang.t("empty-filter-title"), state.lang.t("empty-filter-hint"))
    };
    let (strong, faint) = (canvas.styles.strong(), canvas.styles.faint());
    let y = area.y + area.height / 3;
    canvas.put(area.x + 4, y, area.width.saturating_sub(6), &title, strong);
    canvas.put(area.x + 4, y + 1, area.width.saturating_sub(6), &hint, faint);
    if list.is_empty() || !list.filter().asks_state() {
        return;
    }
    canvas.put(area.x + 4, y + 3, area.width.saturating_sub(6), &state.lang.t("empty-filter-states"), faint);
    let room = usize::from(area.bottom().saturating_sub(y + 4));
    for (i, known) in list.states().iter().take(room).enumerate() {
        let meaning = known.meaning.map_or_else(|| known.code.clone(), |id| state.lang.t(id).into_owned());
        let line = vec![
            (format!("{} {meaning}", known.tone.glyph()), Ink::Tone(known.tone)),
            (format!("  {}", known.code), Ink::Faint),
        ];
        canvas.line(area.x + 4, y + 4 + i as u16, area.width.saturating_sub(6), &line, Style::new());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tabs::objects::kinds::columns;
    use crate::model::Kind;

    #[test]
    fn a_narrow_table_keeps_what_matters_and_no_table_is_wider_than_its_place() {
        for kind in Kind::ALL {
            for width in 40..220 {
                let fitted = fit(columns(kind).iter().collect(), width);
                let taken: u16 = fitted.iter().map(|(_, width)| width + GAP).sum::<u16>() - GAP;
                assert!(taken <= width, "{kind:?} at {width}");
                assert!(fitted.iter().any(|(column, _)| column.id == "state"));
            }
            assert!(fit(columns(kind).iter().collect(), 77).len() >= 4, "{kind:?}");
        }
    }
}
