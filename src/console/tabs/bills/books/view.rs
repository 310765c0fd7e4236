//! Draws a reconciliation: the totals that add up, the differences, and the one under the cursor.

use ratatui::layout::Rect;

use crate::console::app::frame_layout::{FrameLayout, LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::tabs::bills::books::state::{BooksRow, BooksState};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::{Align, Line, Role};
use crate::console::widgets::table::{self, Column, Head, Need, Table, VisibleRows, cell, need};
use crate::explain;
use crate::model::Tone;
use crate::model::reconcile::{BookSide, DifferenceClass};
use crate::model::time::{bill_time, day};
use crate::text;

/// Rows whose contents the columns are as wide as.
const MEASURED: usize = 500;

const ROWS: &[Column<BooksRow>] = &[
    Column {
        header: "books-column-class",
        align: Align::Left,
        need: Need { fit: Fit::Whole, ..need(12, 26, 0) },
        cell: |row, look| {
            let glyph = if row.closed { "–" } else { tone(row.difference.class).glyph() };
            let words = explain::difference_class(look.lang, row.difference.class);
            let role = if row.closed { Role::Faint } else { Role::Tone(tone(row.difference.class)) };
            cell(format!("{glyph} {words}"), role)
        },
    },
    Column {
        header: "bill-column-day",
        align: Align::Left,
        need: need(10, 10, 2),
        cell: |row, _| cell(day(row.difference.day), Role::Plain),
    },
    Column {
        header: "books-column-age",
        align: Align::Right,
        need: Need { fit: Fit::Content, ..need(6, 8, 3) },
        cell: |row, look| {
            let age = row.today.map(|today| (today - row.difference.day).whole_days().max(0));
            cell(age.map(|age| tr!(look.lang, "reconcile-age", n = age)).unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "books-column-off",
        align: Align::Right,
        need: Need { fit: Fit::Whole, ..need(11, 14, 0) },
        cell: |row, _| cell(row.difference.money().to_string(), Role::Strong),
    },
    Column {
        header: "column-number",
        align: Align::Left,
        need: Need { fit: Fit::Whole, ..need(16, 32, 0) },
        cell: |row, _| cell(row.difference.number.clone(), Role::Strong),
    },
    Column {
        header: "books-column-why",
        align: Align::Left,
        need: Need { spare: true, ..need(30, 60, 1) },
        cell: |row, look| cell(explain::difference_reason(look.lang, &row.difference), Role::Plain),
    },
];

fn tone(class: DifferenceClass) -> Tone {
    match class {
        DifferenceClass::Surplus
        | DifferenceClass::Shortage
        | DifferenceClass::RefundWithoutPayment
        | DifferenceClass::RefundTooLarge => Tone::Failed,
        DifferenceClass::Amount
        | DifferenceClass::State
        | DifferenceClass::Duplicate
        | DifferenceClass::Fee
        | DifferenceClass::TradeAndFlow => Tone::Unknown,
    }
}

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    books: &BooksState,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let above = if books.shows_held { 0 } else { sums(canvas, state, books, area) };
    let used = above + below(canvas, state, books, area);
    let area = Rect { y: area.y + above, height: area.height.saturating_sub(used), ..area };
    let rows = books.rows();
    let measured = &rows[..rows.len().min(MEASURED)];
    let contents = table::measure(ROWS, measured, state.look_of(canvas.clock));
    let head = Head { contents: &contents, sideways: None };
    let table = Table::with_head(canvas, state.lang, ROWS, area, |_| "", head, layout);
    let window = VisibleRows { base: 0, cursor: books.position(), count: rows.len() };
    let visible = table.visible(state.tab, window, layout);
    if rows.is_empty() && !books.pending {
        let agrees = match (&books.result, books.shows_held) {
            (_, true) => "reconcile-open-none",
            (Some(Ok(_)), false) => "reconcile-agrees",
            (Some(Err(_)) | None, false) => "cli-error-not-reconciled",
        };
        table::empty(canvas, &state.lang.t(agrees), &[], area);
        return;
    }
    for (nth, at) in visible.enumerate() {
        let line = table.line(nth);
        let base = canvas.ground(line, at == window.cursor);
        table.cells(canvas, &rows[at], state.look_of(canvas.clock), (line, base), |_| None);
        layout.hit(line, Target::Line(LineKey::Row(at)));
    }
}

/// The line of each side that adds up, and what an operator must know. Returns the lines it took.
fn sums(canvas: &mut Canvas<'_>, state: &AppState, books: &BooksState, area: Rect) -> u16 {
    let lang = state.lang;
    let width = area.width.saturating_sub(4);
    let mut lines: Vec<(String, Role)> = Vec::new();
    if books.pending {
        lines.push((format!("⋯ {}", lang.t("books-pending")), Role::Tone(Tone::Busy)));
    }
    if let Some(Ok(reconciled)) = &books.result {
        lines.extend(explain::balance_lines(lang, &reconciled.result).into_iter().map(|line| (line, Role::Strong)));
        let notes = explain::reconcile_notes(lang, reconciled).into_iter();
        lines.extend(notes.map(|note| (format!("! {note}"), Role::Warning)));
    }
    // The list keeps half of the screen.
    let most = usize::from(area.height / 2);
    let wrapped = lines.iter().flat_map(|(line, role)| {
        text::wrap(line, usize::from(width)).into_iter().map(|line| (line, *role)).collect::<Vec<_>>()
    });
    let mut y = area.y;
    for (line, role) in wrapped.take(most) {
        let style = canvas.styles.role(role);
        canvas.put(area.x + 2, y, width, &text::neutralise(&line), style);
        y += 1;
    }
    if y > area.y { y + 1 - area.y } else { 0 }
}

/// Why the difference under the cursor is one, and what to do, below the list: where nothing is beside it. Returns the
/// lines it took.
fn below(canvas: &mut Canvas<'_>, state: &AppState, books: &BooksState, area: Rect) -> u16 {
    const HEIGHT: u16 = 4;
    let shown = books.selected().filter(|_| !state.is_wide() && area.height >= 3 * HEIGHT);
    let Some(BooksRow { difference, .. }) = shown else { return 0 };
    let (lang, width) = (state.lang, area.width.saturating_sub(4));
    let words = [
        (explain::difference_reason(lang, difference), Role::Plain),
        (explain::difference_remedy(lang, difference), Role::Accent),
    ];
    let wrapped = words.iter().flat_map(|(words, role)| {
        text::wrap(words, usize::from(width)).into_iter().map(|line| (line, *role)).collect::<Vec<_>>()
    });
    for (y, (line, role)) in (area.bottom() - HEIGHT + 1..area.bottom()).zip(wrapped) {
        let style = canvas.styles.role(role);
        canvas.put(area.x + 2, y, width, &text::neutralise(&line), style);
    }
    HEIGHT
}

/// The difference under the cursor beside the list: the rows of each side, why, and what to do.
pub(crate) fn aside(canvas: &mut Canvas<'_>, state: &AppState, books: &BooksState, area: Rect) {
    let Some(row) = books.selected() else { return };
    let (lang, difference) = (state.lang, &row.difference);
    let mut lines: Vec<(String, Role)> = vec![
        (explain::difference_class(lang, difference.class), Role::Heading),
        (
            format!("{} {}", lang.t(&format!("movement-{}", difference.movement.word())), difference.number),
            Role::Strong,
        ),
        (
            format!("{} · {}", difference.money(), lang.t(&format!("confidence-{}", difference.confidence.word()))),
            Role::Plain,
        ),
        (String::new(), Role::Plain),
        (explain::difference_reason(lang, difference), Role::Plain),
        (explain::difference_remedy(lang, difference), Role::Accent),
        (String::new(), Role::Plain),
    ];
    for side in BookSide::ALL {
        let Some(of) = difference.row(side) else { continue };
        let amount = crate::model::Money { minor: of.amount, currency: difference.currency };
        let at = of.at.map(bill_time).unwrap_or_else(|| day(of.day));
        let state = explain::book_state(lang, of.state);
        lines.push((explain::book_side(lang, side), Role::Faint));
        lines.push((format!("  {amount}  {at}  {state}"), Role::Plain));
        if of.place.line > 0 {
            let file = books.file_of(side, of.place.file).and_then(|file| file.file_name());
            let file = file.map(|name| name.to_string_lossy().into_owned()).unwrap_or_else(|| lang.t("books-its-file"));
            let words = tr!(lang, "books-line", line = of.place.line.to_string(), file = file);
            lines.push((format!("  {words}"), Role::Faint));
        }
    }
    let width = usize::from(area.width);
    let wrapped = lines
        .iter()
        .flat_map(|(line, role)| text::wrap(line, width).into_iter().map(|line| (line, *role)).collect::<Vec<_>>());
    for (nth, (line, role)) in wrapped.take(usize::from(area.height)).enumerate() {
        let style = canvas.styles.role(role);
        canvas.put(area.x, area.y + nth as u16, area.width, &text::neutralise(&line), style);
    }
}

/// The line below: how many differences there are.
pub(crate) fn line(state: &AppState, books: &BooksState) -> Line {
    let lang = state.lang;
    let count = match books.shows_held {
        true => match books.rows().iter().map(|row| row.difference.day).min() {
            None => lang.t("reconcile-open-none"),
            Some(oldest) => tr!(lang, "reconcile-open-count", n = books.rows().len(), day = day(oldest)),
        },
        false => match &books.result {
            Some(Ok(reconciled)) if reconciled.result.is_empty() => lang.t("reconcile-agrees"),
            Some(Ok(reconciled)) => tr!(lang, "reconcile-differences", n = reconciled.result.len()),
            Some(Err(_)) | None => String::new(),
        },
    };
    let pending = if books.pending { format!("⋯ {}  ", lang.t("books-pending")) } else { String::new() };
    vec![(pending, Role::Tone(Tone::Busy)), (count, Role::Strong)]
}
