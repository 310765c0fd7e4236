//! Draws the table of objects. Only visible rows are built.

mod chain;
mod compact;
pub(crate) mod content;
pub(crate) mod detail;
mod overview;
pub(crate) mod pages;
mod why;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::dialogs::state::Dialog;
use crate::console::tabs::newest;
use crate::console::tabs::objects::columns::{Look, ObjectColumn};
use crate::console::tabs::objects::kinds::{column, columns};
use crate::console::tabs::objects::list::List;
use crate::console::tabs::objects::strip;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Role, RowRole};
use crate::console::widgets::table::{self, Head, Table, VisibleRows};
use crate::ledger::Listed;
use crate::model::{Sum, Tone};
use crate::text;

pub(crate) use compact::shown_with as small_columns;

/// The column of the order is not dropped before those of this priority.
const SORTED: u8 = 3;

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let Some(list) = state.list() else { return };
    let area = strip::draw(canvas, state, list, area, layout);
    let small = state.is_small();
    let columns: Vec<(&ObjectColumn, table::Column<Listed>)> = match small {
        true => compact::shown_with(list, list.rows().iter()),
        false => list.columns().map(|column| (column, column.shown())).collect(),
    };
    let (columns, mut shown): (Vec<&ObjectColumn>, Vec<table::Column<Listed>>) = columns.into_iter().unzip();
    let sort = list.sort();
    // By what the rows are in their order is to be seen.
    let sorted = columns.iter().zip(&mut shown).filter(|(column, _)| column.id == sort.column);
    sorted.for_each(|(_, shown)| shown.need.priority = shown.need.priority.min(SORTED));
    let mark = |at: usize| match (columns[at].id == sort.column, sort.descending) {
        (false, _) => "",
        (true, true) => " ▼",
        (true, false) => " ▲",
    };
    let contents = contents(canvas, state, list, &columns);
    let head = Head { contents: &contents, sideways: Some(list.sideways) };
    let table = Table::with_head(canvas, state.lang, &shown, area, mark, head, layout);
    table.headers().for_each(|(at, place)| layout.hit(place, Target::Header(columns[at].id)));
    let rows = list.rows();
    let window = VisibleRows { base: list.base(), cursor: list.position(), count: rows.len() };
    let visible = table.visible(state.tab, window, layout);
    newest::note(canvas, state, &table, list.newer_above(visible.start), layout);
    if rows.is_empty() {
        return empty(canvas, state, list, area);
    }
    for (nth, row) in rows[visible].iter().enumerate() {
        let line = table.line(nth);
        let disputed = state.view.tabs.disputes.about(&row.id).next().is_some();
        let under_cursor = list.cursor() == Some(&row.id);
        let role = role_of(row, disputed, under_cursor);
        let own = canvas.styles.row(role);
        canvas.buffer.set_style(line, own);
        let base = own.patch(canvas.ground(line, under_cursor));
        let (mark, style) = match (list.is_marked(&row.id), state.view.watched.of(&row.id).is_some()) {
            (true, true) => ("◈", canvas.styles.accent()),
            (true, false) => ("◆", canvas.styles.accent()),
            (false, _) if disputed => ("⚠", canvas.styles.warning()),
            (false, true) => ("◉", canvas.styles.accent()),
            (false, false) => ("", canvas.styles.accent()),
        };
        canvas.put(line.x + 1, line.y, 1, mark, base.patch(style));
        let look = Look { marks: &state.marks(&row.id), row: role, ..state.look_of(canvas.clock) };
        table.cells(canvas, row, look, (line, base), |at| list.changed(&row.id, columns[at].id, state.now));
        layout.hit(line, Target::Line(LineKey::Object(row.id.clone())));
        // What is known from a bill is queried once somebody looks at it, not because it is scrolled past.
        if row.billed_on().is_none() || (under_cursor && state.view.detail.is_some()) {
            layout.visible.push(row.id.clone());
        }
    }
}

/// The widths of what is in these columns.
fn contents(canvas: &Canvas<'_>, state: &AppState, list: &List, shown: &[&ObjectColumn]) -> Vec<u16> {
    let all = columns(list.kind);
    let measure = |rows: &[Listed]| {
        let all: Vec<table::Column<Listed>> = all.iter().map(ObjectColumn::shown).collect();
        table::measure(&all, rows, state.look_of(canvas.clock))
    };
    let widths = list.widths(state.lang, measure);
    let of = |column: &&ObjectColumn| all.iter().position(|one| one.id == column.id).and_then(|at| widths.get(at));
    shown.iter().map(|column| of(column).copied().unwrap_or(0)).collect()
}

/// How much attention a row needs. The row under the cursor does not step back.
pub(crate) fn role_of(row: &Listed, disputed: bool, under_cursor: bool) -> RowRole {
    let state = row.seen.as_ref().map(|seen| &seen.summary.state);
    match state {
        Some(state) if state.tone.is_problem() => RowRole::Problem,
        _ if disputed => RowRole::Problem,
        Some(state) if state.is_final && !under_cursor && state.tone == Tone::Done => RowRole::Settled,
        Some(state) if state.is_final && !under_cursor => RowRole::Final,
        _ => RowRole::Plain,
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &AppState, list: &List, area: Rect) {
    let (title, hint) = if !list.kind.is_in(state.region()) {
        (state.lang.t("empty-elsewhere-title"), state.lang.t("empty-elsewhere-hint"))
    } else if list.filter().asks_problems() && !list.is_empty() {
        (state.lang.t("empty-problems-title"), state.lang.t("empty-problems-hint"))
    } else if list.is_empty() {
        (state.lang.t("empty-title"), state.lang.t("empty-hint"))
    } else {
        (state.lang.t("empty-filter-title"), state.lang.t("empty-filter-hint"))
    };
    let y = table::empty(canvas, &title, &[(hint, Role::Faint)], area);
    if list.is_empty() || !list.filter().asks_state() {
        return;
    }
    let faint = canvas.styles.faint();
    let head = state.lang.t("empty-filter-states");
    let states = list.states().iter().map(|known| -> Line {
        let meaning = state.lang.state(known);
        let code = state.lang.code_beside(&meaning, &known.code).map(|code| (format!("  {code}"), Role::Faint));
        let words = (format!("{} {meaning}", known.tone.glyph()), Role::Tone(known.tone));
        [words].into_iter().chain(code).collect()
    });
    let room = usize::from(area.bottom().saturating_sub(y + 2));
    let states: Vec<Line> = states.take(room).collect();
    // In the middle, but all from one column on.
    let width = |line: &Line| line.iter().map(|(text, _)| text::width(text)).sum::<usize>();
    let widest = states.iter().map(width).chain([text::width(&head)]).max().unwrap_or(0) as u16;
    let x = area.x + area.width.saturating_sub(widest) / 2;
    let width = area.right().saturating_sub(x + 1);
    canvas.put(x, y + 1, width, &head, faint);
    for (i, line) in states.iter().enumerate() {
        canvas.line(x, y + 2 + i as u16, width, line, Style::new());
    }
}

/// The line under the table: its totals.
pub(crate) fn totals(state: &AppState, list: &List, width: u16) -> Line {
    let lang = state.lang;
    let Some(totals) = list.totals() else { return Line::new() };
    // What belongs together is shown in full or not at all: half an amount is a wrong amount.
    let mut groups: Vec<Line> = Vec::new();
    let count = match totals.shown == totals.known {
        true => tr!(lang, "totals-all", n = totals.known),
        false => tr!(lang, "totals-some", shown = totals.shown, n = totals.known),
    };
    groups.push(vec![(count, Role::Strong)]);
    let marked = list.marked().len();
    if marked > 0 {
        let sums = list.marked_sums().iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
        let count = tr!(lang, "totals-marked", n = marked);
        let sums = if sums.is_empty() { sums } else { format!(" {sums}") };
        groups.push(vec![(format!("  ◆ {count}{sums}"), Role::Accent)]);
    }
    if !list.filter().is_empty() && !matches!(state.view.dialogs.last(), Some(Dialog::Filter(_))) {
        let only = list.filter().asks_problems();
        let filter = if only { list.filter().without_share() } else { list.filter().clone() };
        let only = only.then(|| state.lang.t("totals-problems"));
        let rest = (!filter.is_empty()).then(|| format!("/{filter}"));
        let filter = only.into_iter().chain(rest).collect::<Vec<_>>().join(" ");
        groups.push(vec![(format!("  {}", text::cut(&filter, usize::from(width / 3))), Role::Accent)]);
    }
    let tone = |(tone, n): (&Tone, &u64)| (format!(" {}{n}", tone.glyph()), Role::Tone(*tone));
    // The strip shows the shares and the sum.
    let in_strip = strip::is_shown(state, list);
    if !totals.tones.is_empty() && !in_strip {
        groups.push(std::iter::once((" ".into(), Role::Plain)).chain(totals.tones.iter().map(tone)).collect());
    }
    if !totals.sums.is_empty() {
        let amounts = |sums: &[Sum]| sums.iter().map(ToString::to_string).collect::<Vec<_>>().join(" + ");
        let mut sum = vec![(format!("  {}", tr!(lang, "totals-sum", sum = amounts(&totals.sums))), Role::Plain)];
        // Cancelled amounts must not be mistaken for earned ones.
        if totals.ended.iter().any(|sum| sum.minor != 0) {
            let marks = format!("{}{}", Tone::Stopped.glyph(), Tone::Failed.glyph());
            let ended = tr!(lang, "totals-ended", marks = marks, sum = amounts(&totals.ended));
            sum.push((ended, Role::Faint));
        }
        groups.push(sum);
    }
    if let Some(column) = column(list.kind, list.sort().column) {
        let mark = if list.sort().descending { "▼" } else { "▲" };
        groups.push(vec![(format!("  {mark} {}", lang.t(column.header)), Role::Faint)]);
    }
    let mut room = usize::from(width);
    groups.retain(|group| {
        let taken: usize = group.iter().map(|(piece, _)| text::width(piece)).sum();
        let fits = taken <= room;
        room -= if fits { taken } else { 0 };
        fits
    });
    groups.concat()
}

#[cfg(test)]
mod tests {
    use crate::console::tabs::objects::kinds::columns;
    use crate::console::widgets::columns::{self, tests::assert_fits};
    use crate::model::Kind;

    #[test]
    fn a_narrow_table_keeps_what_matters_and_no_table_is_wider_than_its_place() {
        for kind in Kind::ALL {
            let needs: Vec<_> = columns(kind).iter().map(|column| column.shown().need).collect();
            let state = columns(kind).iter().position(|column| column.id == "state").unwrap();
            assert_fits(&needs, 40, state);
            assert!(columns::widths(&needs, 77).len() >= 4, "{kind:?}");
        }
    }
}
