//! Draws the tab of the bills: the list of downloaded ones, the summary of one, its rows, and the form to download one.

mod chart;
mod form;
mod summary;

use ratatui::layout::Rect;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::frame_layout::{LineKey, Target};
use crate::console::app::state::AppState;
use crate::console::tabs::bills::books::view as books;
use crate::console::tabs::bills::state::BillReading;
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Cell, Role};
use crate::console::widgets::table::{self, Column, Head, Look, MARGIN, Need, Table, VisibleRows, cell, need};
use crate::explain;
use crate::explain::timeline::bill_name;
use crate::i18n::Lang;
use crate::model::bill::{BillFileRow, Direction, FlowRow, Totals, TradeRow};
use crate::model::time::{self, BEIJING, bill_time};
use crate::model::{Money, Region, Tone};
use crate::services::BillRecord;
use crate::services::bills::size;
use crate::text;
use crate::text::age;

pub(crate) use crate::console::tabs::bills::view::form::draw as form;

/// Payments, refunds, fees, and what remains, in the first currency; nothing if the bill cannot be read.
fn figures(record: &BillRecord) -> [String; 4] {
    let Ok(digest) = &record.digest else { return Default::default() };
    digest.totals.columns().map(|sums| match &sums[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first, ..] => format!("{first} …"),
    })
}

/// Whether the file exists, and can be read.
fn verdict(record: &BillRecord, look: &Look<'_>) -> Cell {
    let (tone, id) = match &record.digest {
        _ if !record.present => (Tone::Failed, "bill-verdict-gone"),
        Err(_) => (Tone::Unknown, "bill-verdict-unread"),
        Ok(digest) if digest.disagreements().next().is_some() => (Tone::Unknown, "bill-verdict-disagrees"),
        Ok(digest) if !digest.is_sound() => (Tone::Unknown, "bill-verdict-flawed"),
        Ok(_) => (Tone::Done, "bill-verdict-verified"),
    };
    cell(format!("{} {}", tone.glyph(), look.lang.t(id)), Role::Tone(tone))
}

const BILLS: &[Column<BillRecord>] = &[
    Column {
        header: "bill-column-day",
        align: Align::Left,
        need: need(10, 10, 0),
        cell: |record, _| cell(time::day(record.id.day), Role::Strong),
    },
    Column {
        header: "bill-column-bill",
        align: Align::Left,
        need: need(22, 34, 0),
        cell: |record, look| {
            let words = |word: &str| look.lang.t(&format!("bill-{word}"));
            cell(format!("{} · {}", words(record.id.kind.noun()), words(record.id.kind.word())), Role::Plain)
        },
    },
    Column {
        header: "bill-column-rows",
        align: Align::Right,
        need: need(6, 9, 2),
        cell: |record, _| {
            let rows = record.digest.as_ref().map(|digest| digest.totals.rows().to_string());
            cell(rows.unwrap_or_default(), Role::Plain)
        },
    },
    Column {
        header: "bill-column-in",
        align: Align::Right,
        need: need(11, 15, 3),
        cell: |record, _| cell(figures(record)[0].clone(), Role::Plain),
    },
    Column {
        header: "bill-column-out",
        align: Align::Right,
        need: need(11, 15, 3),
        cell: |record, _| cell(figures(record)[1].clone(), Role::Plain),
    },
    Column {
        header: "bill-fee",
        align: Align::Right,
        need: need(8, 10, 4),
        cell: |record, _| cell(figures(record)[2].clone(), Role::Plain),
    },
    Column {
        header: "bill-net",
        align: Align::Right,
        need: need(11, 15, 1),
        cell: |record, _| cell(figures(record)[3].clone(), Role::Strong),
    },
    Column {
        header: "bill-column-hash",
        align: Align::Left,
        need: Need { first: true, ..need(12, 20, 0) },
        cell: verdict,
    },
    Column {
        header: "bill-column-fetched",
        align: Align::Left,
        need: need(16, 16, 5),
        cell: |record, _| cell(age::absolute(record.verified_at), Role::Faint),
    },
];

/// The time of day of a row.
fn clock(row: &BillFileRow) -> Cell {
    let time = row.at().map(|at| bill_time(at.to_offset(BEIJING)));
    cell(time.and_then(|time| time.get(11..).map(str::to_owned)).unwrap_or_default(), Role::Plain)
}

/// The amount of a row, negative for money that went out.
fn moved(row: &BillFileRow) -> Cell {
    let out = match row {
        BillFileRow::Trade(row) => row.refund.is_some(),
        BillFileRow::Flow(row) => row.direction == Direction::Out,
    };
    let amount = row.amount();
    let signed = if out { Money { minor: amount.minor.saturating_neg(), ..amount } } else { amount };
    cell(signed.to_string(), if out { Role::Tone(Tone::Busy) } else { Role::Plain })
}

fn number(row: &BillFileRow) -> Cell {
    let number = row.numbers().first().map(|(_, number)| (*number).to_owned());
    let other = match row {
        BillFileRow::Trade(row) => &row.transaction_id,
        BillFileRow::Flow(row) => &row.business_number,
    };
    cell(number.unwrap_or_else(|| other.clone()), Role::Strong)
}

/// The state of a row in words. For a refund, the state of the refund is enough.
fn trade_state(lang: Lang, row: &TradeRow) -> String {
    let state = lang.code("bill-state", &row.state);
    let Some(refund) = row.refund.as_ref().filter(|refund| !refund.state.is_empty()) else { return state };
    let words = lang.code("bill-refund", &refund.state);
    if row.state == "REFUND" && words != refund.state { words } else { format!("{state} · {words}") }
}

/// The cell of a row of a trade bill. All rows of a bill are of one kind.
fn of_trade(row: &BillFileRow, of: impl Fn(&TradeRow) -> Cell) -> Cell {
    if let BillFileRow::Trade(row) = row { of(row) } else { Cell::default() }
}

/// The same for a fund-flow bill.
fn of_flow(row: &BillFileRow, of: impl Fn(&FlowRow) -> Cell) -> Cell {
    if let BillFileRow::Flow(row) = row { of(row) } else { Cell::default() }
}

const TRADE: &[Column<BillFileRow>] = &[
    Column { header: "column-time", align: Align::Left, need: need(8, 8, 0), cell: |row, _| clock(row) },
    Column {
        header: "bill-column-type",
        align: Align::Left,
        need: need(8, 10, 1),
        cell: |row, look| of_trade(row, |row| cell(look.lang.code("trade-type", &row.trade_type), Role::Plain)),
    },
    Column {
        header: "column-state",
        align: Align::Left,
        need: need(9, 20, 2),
        cell: |row, look| of_trade(row, |row| cell(trade_state(look.lang, row), Role::Plain)),
    },
    Column { header: "column-amount", align: Align::Right, need: need(11, 14, 0), cell: |row, _| moved(row) },
    Column {
        header: "bill-fee",
        align: Align::Right,
        need: need(8, 10, 3),
        cell: |row, _| of_trade(row, |row| cell(row.fee.shown(row.settled_in), Role::Faint)),
    },
    Column {
        header: "column-number",
        align: Align::Left,
        need: Need { fit: Fit::Whole, ..need(16, 32, 0) },
        cell: |row, _| number(row),
    },
    Column {
        header: "bill-column-description",
        align: Align::Left,
        need: Need { spare: true, ..need(10, 24, 4) },
        cell: |row, _| of_trade(row, |row| cell(row.description.clone(), Role::Plain)),
    },
];

const FLOW: &[Column<BillFileRow>] = &[
    Column { header: "column-time", align: Align::Left, need: need(8, 8, 0), cell: |row, _| clock(row) },
    Column {
        header: "bill-column-business",
        align: Align::Left,
        need: need(12, 24, 0),
        cell: |row, _| of_flow(row, |row| cell(row.kind.clone(), Role::Plain)),
    },
    Column { header: "column-amount", align: Align::Right, need: need(11, 14, 0), cell: |row, _| moved(row) },
    Column {
        header: "bill-column-balance",
        align: Align::Right,
        need: need(11, 15, 2),
        cell: |row, _| of_flow(row, |row| cell(row.balance.to_string(), Role::Faint)),
    },
    Column {
        header: "column-number",
        align: Align::Left,
        need: Need { fit: Fit::Whole, ..need(16, 32, 1) },
        cell: |row, _| number(row),
    },
    Column {
        header: "bill-column-note",
        align: Align::Left,
        need: Need { spare: true, ..need(10, 40, 3) },
        cell: |row, _| of_flow(row, |row| cell(row.note.clone(), Role::Faint)),
    },
];

pub(crate) fn draw(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    if let Some(books) = &state.view.tabs.bills.books {
        return books::draw(canvas, state, books, area, layout);
    }
    match &state.view.tabs.bills.reading {
        Some(reading) => read(canvas, state, reading, area, layout),
        None => list(canvas, state, area, layout),
    }
}

/// Draws the summary of the shown bill beside the table.
pub(crate) fn aside(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, _: &mut FrameLayout) {
    if let Some(books) = &state.view.tabs.bills.books {
        let place = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        return books::aside(canvas, state, books, place);
    }
    if let Some(record) = state.view.tabs.bills.shown() {
        let place = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        summary::whole(canvas, state, record, place);
    }
}

fn list(canvas: &mut Canvas<'_>, state: &AppState, area: Rect, layout: &mut FrameLayout) {
    let records = state.view.tabs.bills.records();
    let area = Rect { height: area.height - day(canvas, state, area), ..area };
    let table = Table::new(canvas, state.lang, BILLS, area, |_| "");
    let window = VisibleRows { base: 0, cursor: state.view.tabs.bills.position(), count: records.len() };
    let visible = table.visible(state.tab, window, layout);
    if records.is_empty() && state.view.tabs.bills.is_read() {
        return empty(canvas, state, area);
    }
    for (nth, at) in visible.enumerate() {
        let (line, record) = (table.line(nth), &records[at]);
        let base = canvas.ground(line, at == window.cursor);
        table.cells(canvas, record, state.look_of(canvas.clock), (line, base), |_| None);
        layout.hit(line, Target::Line(LineKey::Bill(record.id)));
    }
}

/// Draws the day of the bill under the cursor below the list, if there is room. Returns the lines it took. On a wide
/// screen it is beside the list.
fn day(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) -> u16 {
    const HEIGHT: u16 = 10;
    let shown = state.view.tabs.bills.shown().filter(|_| !state.is_wide() && area.height >= HEIGHT + 8);
    let Some((record, Ok(digest))) = shown.map(|record| (record, &record.digest)) else { return 0 };
    let (x, y, width) = (area.x + MARGIN, area.bottom() - HEIGHT + 1, area.width.saturating_sub(MARGIN + 1));
    let title = format!("{} · {}", state.lang.t("bill-by-hour"), bill_name(state.lang, record.id));
    let heading = canvas.styles.role(Role::Heading);
    canvas.put(x, y, width, &title, heading);
    chart::draw(canvas, state, digest, Rect { x, y: y + 1, width, height: HEIGHT - 2 });
    HEIGHT
}

fn read(canvas: &mut Canvas<'_>, state: &AppState, reading: &BillReading, area: Rect, layout: &mut FrameLayout) {
    // On a wide screen the full summary is beside the rows.
    let used = if state.is_wide() { 0 } else { summary::brief(canvas, state, reading, area) };
    let area = Rect { y: area.y + used, height: area.height.saturating_sub(used), ..area };
    let columns = match reading.record.digest.as_ref().map(|digest| &digest.totals) {
        Ok(Totals::Flow(_)) => FLOW,
        _ => TRADE,
    };
    let (rows, from) = reading.rows();
    let why = reading.unread.as_ref().or(reading.record.digest.as_ref().err());
    if let Some(why) = why.filter(|_| rows.is_empty()) {
        let warning = canvas.styles.warning();
        let words = tr!(state.lang, "bill-unread", why = why);
        for (i, line) in text::wrap(&words, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
            canvas.put(area.x + 2, area.y + 1 + i as u16, area.width.saturating_sub(4), line, warning);
        }
        return;
    }
    let look = state.look_of(canvas.clock);
    let widest = |column: &Column<BillFileRow>| match column.need.fit {
        Fit::Fixed => 0,
        Fit::Content | Fit::Whole => {
            let widths = rows.iter().flatten().map(|row| text::width(&(column.cell)(row, &look).text));
            widths.max().and_then(|width| u16::try_from(width).ok()).unwrap_or_default()
        }
    };
    let contents: Vec<u16> = columns.iter().map(widest).collect();
    let head = Head { contents: &contents, sideways: None };
    let table = Table::with_head(canvas, state.lang, columns, area, |_| "", head, layout);
    let cursor = reading.cursor().saturating_sub(from).min(rows.len().saturating_sub(1));
    let window = VisibleRows { base: i64::try_from(from).unwrap_or(0), cursor, count: rows.len() };
    for (nth, at) in table.visible(state.tab, window, layout).enumerate() {
        let line = table.line(nth);
        let base = canvas.ground(line, from + at == reading.cursor());
        match &rows[at] {
            Ok(row) => table.cells(canvas, row, state.look_of(canvas.clock), (line, base), |_| None),
            Err(bad) => {
                let words = format!("✗ {}", explain::bad_line(state.lang, bad));
                let style = base.patch(canvas.styles.role(Role::Warning));
                canvas.put(line.x + MARGIN, line.y, line.width.saturating_sub(MARGIN + 1), &words, style);
            }
        }
        layout.hit(line, Target::Line(LineKey::Row(from + at)));
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &AppState, area: Rect) {
    let [title, hint] = match state.region() {
        Region::Global => ["bill-elsewhere", "bill-elsewhere-hint"],
        Region::Mainland => ["bill-empty", "bill-empty-hint"],
    };
    table::empty(canvas, &state.lang.t(title), &[(state.lang.t(hint), Role::Faint)], area);
}

/// The line below: the number of bills or the position in one, and downloads in progress.
pub(crate) fn line(state: &AppState) -> Line {
    let lang = state.lang;
    if let Some(books) = &state.view.tabs.bills.books {
        return books::line(state, books);
    }
    let mut line = match &state.view.tabs.bills.reading {
        Some(reading) => {
            let place = if reading.total() == 0 { 0 } else { reading.cursor() + 1 };
            let file = reading.record.file.file_name().unwrap_or_default().display().to_string();
            vec![
                (tr!(lang, "bill-row-of", at = place, n = reading.total()), Role::Strong),
                (format!("  {file}"), Role::Faint),
            ]
        }
        None => vec![(tr!(lang, "bill-count", n = state.view.tabs.bills.records().len()), Role::Strong)],
    };
    // Downloads come first, so that they are visible on a small screen.
    let coming = state.view.tabs.bills.fetching.iter().map(|(id, bytes)| {
        (
            format!("⋯ {}  ", tr!(lang, "bill-coming", bill = bill_name(lang, *id), size = size(*bytes))),
            Role::Tone(Tone::Busy),
        )
    });
    let taking = state.view.tabs.bills.taking.iter().map(|(id, progress)| {
        let words = explain::intake_progress(lang, progress);
        (format!("⋯ {}: {words}  ", bill_name(lang, *id)), Role::Tone(Tone::Busy))
    });
    line.splice(0..0, coming.chain(taking));
    line
}
