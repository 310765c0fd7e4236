//! The tab of the bills: the list of those that were downloaded, what one comes to, its rows, and the form for another.

mod form;
mod summary;

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::msg::Target;
use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::tabs::bills::state::Reading;
use crate::console::tabs::objects::columns::{Align, Cell, Ink};
use crate::console::tabs::objects::view::{GAP, MARGIN, Need, first, widths};
use crate::console::widgets::canvas::{Canvas, Line};
use crate::explain;
use crate::explain::timeline::bill_name;
use crate::i18n::{Lang, ToText};
use crate::model::bill::{BadLine, Direction, Layout, Row, Totals};
use crate::model::time::{BEIJING, bill_time, day};
use crate::model::{Money, Region, Tone};
use crate::services::BillRecord;
use crate::services::bills::{BillItem, size};
use crate::text;
use crate::text::age;

pub use crate::console::tabs::bills::view::form::draw as form;

/// One column of a table of these.
struct Column<T> {
    header: &'static str,
    align: Align,
    need: Need,
    cell: fn(&T, Lang) -> Cell,
}

const fn need(min: u16, ideal: u16, priority: u8) -> Need {
    Need { min, ideal, priority, first: false, spare: false }
}

fn cell(text: String, ink: Ink) -> Cell {
    Cell { text, ink }
}

/// What came in, what went out, the fees, and what remains; nothing of a bill that cannot be read. Of several currencies
/// there is room for the first.
fn figures(record: &BillRecord) -> [String; 4] {
    let Ok(digest) = &record.digest else { return Default::default() };
    digest.totals.columns().map(|sums| match &sums[..] {
        [] => String::new(),
        [one] => one.clone(),
        [first, ..] => format!("{first} …"),
    })
}

/// Whether the file is there, and can be read.
fn verdict(record: &BillRecord, lang: Lang) -> Cell {
    let (tone, id) = match &record.digest {
        _ if !record.present => (Tone::Failed, "bill-verdict-gone"),
        Err(_) => (Tone::Unknown, "bill-verdict-unread"),
        Ok(digest) if digest.disagreements().next().is_some() => (Tone::Unknown, "bill-verdict-disagrees"),
        Ok(digest) if !digest.is_sound() => (Tone::Unknown, "bill-verdict-flawed"),
        Ok(_) => (Tone::Done, "bill-verdict-verified"),
    };
    cell(format!("{} {}", tone.glyph(), lang.t(id)), Ink::Tone(tone))
}

const BILLS: &[Column<BillRecord>] = &[
    Column {
        header: "bill-column-day",
        align: Align::Left,
        need: need(10, 10, 0),
        cell: |record, _| cell(day(record.id.day), Ink::Strong),
    },
    Column {
        header: "bill-column-bill",
        align: Align::Left,
        need: need(22, 34, 0),
        cell: |record, lang| {
            let words = |word: &str| lang.t(&format!("bill-{word}")).into_owned();
            cell(format!("{} · {}", words(record.id.kind.noun()), words(record.id.kind.word())), Ink::Plain)
        },
    },
    Column {
        header: "bill-column-rows",
        align: Align::Right,
        need: need(6, 9, 2),
        cell: |record, _| {
            let rows = record.digest.as_ref().map(|digest| digest.totals.rows().to_string());
            cell(rows.unwrap_or_default(), Ink::Plain)
        },
    },
    Column {
        header: "bill-column-in",
        align: Align::Right,
        need: need(11, 15, 3),
        cell: |record, _| cell(figures(record)[0].clone(), Ink::Plain),
    },
    Column {
        header: "bill-column-out",
        align: Align::Right,
        need: need(11, 15, 3),
        cell: |record, _| cell(figures(record)[1].clone(), Ink::Plain),
    },
    Column {
        header: "bill-fee",
        align: Align::Right,
        need: need(8, 10, 4),
        cell: |record, _| cell(figures(record)[2].clone(), Ink::Plain),
    },
    Column {
        header: "bill-net",
        align: Align::Right,
        need: need(11, 15, 1),
        cell: |record, _| cell(figures(record)[3].clone(), Ink::Strong),
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
        cell: |record, _| cell(age::absolute(record.verified_at), Ink::Faint),
    },
];

/// The clock, for a row of the bill's day.
fn clock(row: &Row) -> Cell {
    let time = row.at().map(|at| bill_time(at.to_offset(BEIJING)));
    cell(time.and_then(|time| time.get(11..).map(str::to_owned)).unwrap_or_default(), Ink::Plain)
}

/// What a row moved, negative where it went out.
fn moved(row: &Row) -> Cell {
    let out = match row {
        Row::Trade(row) => row.refund.is_some(),
        Row::Flow(row) => row.direction == Direction::Out,
    };
    let amount = row.amount();
    let signed = if out { Money { minor: amount.minor.saturating_neg(), ..amount } } else { amount };
    cell(signed.to_string(), if out { Ink::Tone(Tone::Busy) } else { Ink::Plain })
}

fn number(row: &Row) -> Cell {
    let number = row.numbers().first().map(|(_, number)| (*number).to_owned());
    let other = match row {
        Row::Trade(row) => &row.transaction_id,
        Row::Flow(row) => &row.business_number,
    };
    cell(number.unwrap_or_else(|| other.clone()), Ink::Strong)
}

const TRADE: &[Column<Row>] = &[
    Column { header: "column-time", align: Align::Left, need: need(8, 8, 0), cell: |row, _| clock(row) },
    Column {
        header: "bill-column-type",
        align: Align::Left,
        need: need(8, 10, 1),
        cell: |row, _| match row {
            Row::Trade(row) => cell(row.trade_type.clone(), Ink::Plain),
            Row::Flow(_) => cell(String::new(), Ink::Plain),
        },
    },
    Column {
        header: "column-state",
        align: Align::Left,
        need: need(9, 20, 2),
        cell: |row, _| match row {
            Row::Trade(row) => {
                let refund = row.refund.as_ref().map(|refund| format!(" {}", refund.state)).unwrap_or_default();
                cell(format!("{}{refund}", row.state), Ink::Plain)
            }
            Row::Flow(_) => cell(String::new(), Ink::Plain),
        },
    },
    Column { header: "column-amount", align: Align::Right, need: need(11, 14, 0), cell: |row, _| moved(row) },
    Column {
        header: "bill-fee",
        align: Align::Right,
        need: need(8, 10, 3),
        cell: |row, _| match row {
            Row::Trade(row) => cell(row.fee.shown(row.settled_in), Ink::Faint),
            Row::Flow(_) => cell(String::new(), Ink::Plain),
        },
    },
    Column { header: "column-number", align: Align::Left, need: need(16, 32, 0), cell: |row, _| number(row) },
    Column {
        header: "bill-column-description",
        align: Align::Left,
        need: Need { spare: true, ..need(10, 24, 4) },
        cell: |row, _| match row {
            Row::Trade(row) => cell(row.description.clone(), Ink::Plain),
            Row::Flow(_) => cell(String::new(), Ink::Plain),
        },
    },
];

const FLOW: &[Column<Row>] = &[
    Column { header: "column-time", align: Align::Left, need: need(8, 8, 0), cell: |row, _| clock(row) },
    Column {
        header: "bill-column-business",
        align: Align::Left,
        need: need(12, 24, 0),
        cell: |row, _| match row {
            Row::Flow(row) => cell(row.kind.clone(), Ink::Plain),
            Row::Trade(_) => cell(String::new(), Ink::Plain),
        },
    },
    Column { header: "column-amount", align: Align::Right, need: need(11, 14, 0), cell: |row, _| moved(row) },
    Column {
        header: "bill-column-balance",
        align: Align::Right,
        need: need(11, 15, 2),
        cell: |row, _| match row {
            Row::Flow(row) => cell(row.balance.to_string(), Ink::Faint),
            Row::Trade(_) => cell(String::new(), Ink::Plain),
        },
    },
    Column { header: "column-number", align: Align::Left, need: need(16, 32, 1), cell: |row, _| number(row) },
    Column {
        header: "bill-column-note",
        align: Align::Left,
        need: Need { spare: true, ..need(10, 40, 3) },
        cell: |row, _| match row {
            Row::Flow(row) => cell(row.note.clone(), Ink::Faint),
            Row::Trade(_) => cell(String::new(), Ink::Plain),
        },
    },
];

pub fn draw(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut Placed) {
    match &state.bills.reading {
        Some(reading) => read(canvas, state, reading, area, placed),
        None => list(canvas, state, area, placed),
    }
}

/// Beside the table: what the bill that is shown comes to.
pub fn aside(canvas: &mut Canvas<'_>, state: &State, area: Rect, _: &mut Placed) {
    if let Some(record) = state.bills.shown() {
        let place = Rect { x: area.x + 1, width: area.width.saturating_sub(2), ..area };
        summary::whole(canvas, state, record, place);
    }
}

fn list(canvas: &mut Canvas<'_>, state: &State, area: Rect, placed: &mut Placed) {
    let records = state.bills.records();
    if records.is_empty() {
        header(canvas, state, BILLS, area);
        placed.room.rows = 1;
        if state.bills.is_read() {
            empty(canvas, state, area);
        }
        return;
    }
    let items = Items { at_hand: records, shown: |record| Ok(record), from: 0, cursor: state.bills.position() };
    table(canvas, state, BILLS, &items, area, placed, |_, record| Target::Bill(record.id));
}

fn read(canvas: &mut Canvas<'_>, state: &State, reading: &Reading, area: Rect, placed: &mut Placed) {
    // Beside the rows there is more room for what they come to.
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
        let words = state.lang.tr("bill-unread", &[("why", why)]);
        for (i, line) in text::wrap(&words, usize::from(area.width.saturating_sub(4))).iter().enumerate() {
            canvas.put(area.x + 2, area.y + 1 + i as u16, area.width.saturating_sub(4), line, warning);
        }
        return;
    }
    let items = Items { at_hand: rows, shown: BillItem::as_ref, from, cursor: reading.cursor() };
    table(canvas, state, columns, &items, area, placed, |place, _| Target::BillRow(place));
}

/// What a table shows a part of: items that are what its columns are of, or lines that cannot be read.
struct Items<'a, I, T> {
    at_hand: &'a [I],
    /// What an item is.
    shown: fn(&I) -> Result<&T, &BadLine>,
    /// The place of the first of them.
    from: usize,
    cursor: usize,
}

fn table<I, T>(
    canvas: &mut Canvas<'_>,
    state: &State,
    columns: &[Column<T>],
    items: &Items<'_, I, T>,
    area: Rect,
    placed: &mut Placed,
    target: fn(usize, &I) -> Target,
) {
    let fitted = header(canvas, state, columns, area);
    let rows = usize::from(area.height.saturating_sub(1));
    placed.room.rows = rows.max(1);
    let base = i64::try_from(items.from).unwrap_or(0);
    let line = items.cursor.saturating_sub(items.from).min(items.at_hand.len().saturating_sub(1));
    let first = first((base, line, items.at_hand.len()), placed.offsets[state.tab], rows);
    placed.offsets[state.tab] = base + i64::try_from(first).unwrap_or(0);
    placed.room.first = first;
    for (i, item) in items.at_hand.iter().enumerate().skip(first).take(rows) {
        let place = Rect { y: area.y + 1 + (i - first) as u16, height: 1, ..area };
        let at = items.from + i;
        let selected = at == items.cursor;
        let base = canvas.ground(place, selected);
        placed.hit(place, target(at, item));
        let mut x = place.x + MARGIN;
        let item = match (items.shown)(item) {
            Ok(item) => item,
            Err(bad) => {
                let words = format!("✗ {}", explain::bad_line(state.lang, bad));
                let style = base.patch(canvas.styles.ink(Ink::Warning));
                canvas.put(x, place.y, place.width.saturating_sub(MARGIN + 1), &words, style);
                continue;
            }
        };
        for (column, width) in &fitted {
            let column = &columns[*column];
            let cell = (column.cell)(item, state.lang);
            let style = base.patch(canvas.styles.ink(cell.ink));
            put(canvas, column.align, Rect { x, width: *width, ..place }, &cell.text, style);
            x += width + GAP;
        }
    }
}

/// The header, and the columns that fit.
fn header<T>(canvas: &mut Canvas<'_>, state: &State, columns: &[Column<T>], area: Rect) -> Vec<(usize, u16)> {
    let needs: Vec<Need> = columns.iter().map(|column| column.need).collect();
    let fitted = widths(&needs, area.width.saturating_sub(MARGIN + 1));
    let style = canvas.styles.header();
    let mut x = area.x + MARGIN;
    for (at, width) in &fitted {
        let place = Rect { x, y: area.y, width: *width, height: 1 };
        put(canvas, columns[*at].align, place, &state.lang.t(columns[*at].header), style);
        x += width + GAP;
    }
    fitted
}

fn put(canvas: &mut Canvas<'_>, align: Align, place: Rect, text: &str, style: Style) {
    match align {
        Align::Left => drop(canvas.put(place.x, place.y, place.width, text, style)),
        Align::Right => canvas.put_right(place.x, place.y, place.width, text, style),
    }
}

fn empty(canvas: &mut Canvas<'_>, state: &State, area: Rect) {
    let (strong, faint) = (canvas.styles.strong(), canvas.styles.faint());
    let (y, width) = (area.y + area.height / 3, area.width.saturating_sub(6));
    let abroad = state.account().is_some_and(|account| account.merchant.region == Region::Global);
    let [title, hint] =
        if abroad { ["bill-elsewhere", "bill-elsewhere-hint"] } else { ["bill-empty", "bill-empty-hint"] };
    canvas.put(area.x + 4, y, width, &state.lang.t(title), strong);
    for (i, line) in text::wrap(&state.lang.t(hint), usize::from(width)).iter().enumerate() {
        canvas.put(area.x + 4, y + 1 + i as u16, width, line, faint);
    }
}

/// The line below: how many there are, or where in one the cursor is, and what is on its way.
pub fn line(state: &State) -> Line {
    let lang = state.lang;
    let mut line = match &state.bills.reading {
        Some(reading) => {
            let place = if reading.total() == 0 { 0 } else { reading.cursor() + 1 };
            let words: [(&str, &dyn ToText); 2] = [("at", &place), ("n", &reading.total())];
            let file = reading.record.file.file_name().unwrap_or_default().display().to_string();
            vec![(lang.tr("bill-row-of", &words), Ink::Strong), (format!("  {file}"), Ink::Faint)]
        }
        None => vec![(lang.tr("bill-count", &[("n", &state.bills.records().len())]), Ink::Strong)],
    };
    // What is under way comes first, so that it is seen on a small screen.
    let coming = state.bills.fetching.iter().map(|(id, bytes)| {
        let words: [(&str, &dyn ToText); 2] = [("bill", &bill_name(lang, *id)), ("size", &size(*bytes))];
        (format!("⋯ {}  ", lang.tr("bill-coming", &words)), Ink::Tone(Tone::Busy))
    });
    line.splice(0..0, coming);
    line
}

/// Which layout a bill has, where that is known.
fn layout(record: &BillRecord) -> Option<Layout> {
    match record.digest.as_ref().ok()?.totals {
        Totals::Trade(_) => Some(Layout::Trade),
        Totals::Flow(_) => Some(Layout::FundFlow),
    }
}
