//! The list of what is watched: the next due first, and under it during which times nothing could be seen.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::msg::Target;
use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::dialogs::view::boxed;
use crate::console::dialogs::watching::state::{Missed, WatchList};
use crate::console::dialogs::watching::update::gap_words;
use crate::console::tabs::objects::columns::{Ink, is_stale};
use crate::console::tabs::objects::view::{GAP, Need, first, widths};
use crate::console::widgets::canvas::{Canvas, Line};
use crate::ledger::Listed;
use crate::model::ObjectId;
use crate::services::Watch;
use crate::text;

/// Columns of the text within.
const WIDTH: u16 = 112;
/// Gaps that are told at the foot.
const GAPS: usize = 3;

/// A column: its header, and how much of the width it needs. The priorities are those of tables.
const COLUMNS: [(&str, Need); 7] = [
    ("column-number", need(14, 28, 0)),
    ("watching-column-kind", need(9, 16, 4)),
    ("column-state", need(13, 17, 0)),
    ("watching-column-next", need(11, 11, 0)),
    ("watching-column-changed", need(11, 11, 2)),
    ("watching-column-since", need(11, 11, 3)),
    ("watching-column-why", need(9, 9, 5)),
];

const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false }
}

pub fn draw(canvas: &mut Canvas<'_>, state: &State, list: &WatchList, area: Rect, placed: &mut Placed) {
    let lang = state.lang;
    let width = WIDTH.min(area.width.saturating_sub(6));
    let foot = foot(state, usize::from(width));
    let wanted = list.order().len().max(1) + 1 + foot.len();
    let title = lang.tr("watching-title", &[("n", &list.order().len())]);
    let height = u16::try_from(wanted).unwrap_or(u16::MAX).min(area.height.saturating_sub(4));
    let inner = boxed(canvas, state, &title, area, (width, height), placed);
    // The list goes before what is told at its foot.
    let foot = &foot[..foot.len().min(usize::from(inner.height.saturating_sub(4)))];
    let rows = usize::from(inner.height).saturating_sub(1 + foot.len());
    if list.order().is_empty() {
        let faint = canvas.styles.faint();
        canvas.put(inner.x, inner.y, inner.width, &lang.t("watching-nothing"), faint);
    } else {
        self::rows(canvas, state, list, Rect { height: rows as u16 + 1, ..inner }, placed);
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

fn rows(canvas: &mut Canvas<'_>, state: &State, list: &WatchList, area: Rect, placed: &mut Placed) {
    // Two columns before the first: the cursor, and whether what is shown is stale.
    let fitted = widths(&COLUMNS.map(|(_, need)| need), area.width.saturating_sub(3));
    let header = canvas.styles.header();
    let mut x = area.x + 2;
    for (at, width) in &fitted {
        canvas.put(x, area.y, *width, &state.lang.t(COLUMNS[*at].0), header);
        x += width + GAP;
    }
    let rows = usize::from(area.height.saturating_sub(1));
    let (selected, count) = (list.position(), list.order().len());
    let offset = i64::try_from(state.room.first_of_dialog).unwrap_or(0);
    let first = first((0, selected, count), offset, rows);
    placed.room.first_of_dialog = first;
    for (line, id) in list.order().iter().skip(first).take(rows).enumerate() {
        let place = Rect { y: area.y + 1 + line as u16, height: 1, ..area };
        placed.hit(place, Target::Choice(first + line));
        let base = canvas.ground(place, first + line == selected);
        let Some(watch) = state.watched.of(id) else { continue };
        let row = list.row(id);
        if is_old(state, row) {
            let warning = base.patch(canvas.styles.warning());
            canvas.put(place.x + 1, place.y, 1, "~", warning);
        }
        let mut x = place.x + 2;
        for (at, width) in &fitted {
            let (text, ink) = cell(canvas, state, (id, watch, row), *at, usize::from(*width));
            let style = base.patch(canvas.styles.ink(ink));
            canvas.put(x, place.y, *width, &text, style);
            x += width + GAP;
        }
    }
    let accent = canvas.styles.accent();
    if first > 0 {
        canvas.put(area.right() - 1, area.y + 1, 1, "↑", accent);
    }
    if first + rows < count {
        canvas.put(area.right() - 1, area.bottom() - 1, 1, "↓", accent);
    }
}

fn is_old(state: &State, row: Option<&Listed>) -> bool {
    let seen = row.and_then(|row| row.seen.as_ref()).filter(|seen| !seen.summary.state.is_final);
    seen.is_some_and(|seen| is_stale(seen.verified_at, state.now, state.cut_off()))
}

/// The cell of a column, in the order of [`COLUMNS`].
fn cell(
    canvas: &Canvas<'_>,
    state: &State,
    (id, watch, row): (&ObjectId, &Watch, Option<&Listed>),
    column: usize,
    width: usize,
) -> (String, Ink) {
    let (lang, clock) = (state.lang, canvas.clock);
    match column {
        0 => (text::cut_middle(id.number.as_str(), width).into_owned(), Ink::Strong),
        1 => (lang.t(&format!("kind-{}", id.kind.noun())).into_owned(), Ink::Faint),
        2 => match row.and_then(|row| row.seen.as_ref()).map(|seen| &seen.summary.state) {
            None => ("…".into(), Ink::Faint),
            Some(state) => {
                let meaning = state.meaning.map_or(state.code.as_str().into(), |id| lang.t(id));
                (format!("{} {meaning}", state.tone.glyph()), Ink::Tone(state.tone))
            }
        },
        3 if state.watched.told().paused.is_some() => ("–".into(), Ink::Faint),
        3 if watch.due <= state.now => (lang.t("watching-now").into_owned(), Ink::Accent),
        3 => (clock.moment(watch.due), Ink::Plain),
        4 => (watch.changed_at.map_or_else(|| "–".into(), |at| clock.moment(at)), Ink::Plain),
        5 => (clock.moment(watch.since), Ink::Faint),
        _ => (lang.t(&format!("watch-{}", watch.why.name())).into_owned(), Ink::Faint),
    }
}

/// What is told under the list: that nothing is asked by itself, and the latest gaps.
fn foot(state: &State, width: usize) -> Vec<Line> {
    let lang = state.lang;
    let mut lines = Vec::new();
    if let Some(since) = state.watched.told().paused {
        let text = lang.tr("banner-paused", &[("since", &crate::text::age::clock(since))]);
        lines.extend(text::wrap(&text, width).into_iter().map(|line| vec![(line, Ink::Accent)]));
    }
    let told = |missed: &Missed| {
        let after = match missed.changed {
            Some(changed) => lang.tr("gap-changed", &[("n", &changed)]),
            None => lang.tr("gap-asking", &[("n", &missed.gap.objects)]),
        };
        let text = format!("{} · {after}", gap_words(lang, &missed.gap));
        text::wrap(&text, width).into_iter().map(|line| vec![(line, Ink::Faint)]).collect::<Vec<Line>>()
    };
    lines.extend(state.watched.gaps().take(GAPS).flat_map(told));
    if !lines.is_empty() {
        lines.insert(0, Line::new());
    }
    lines
}
