//! The panel of a Global merchant's settlements: what is paid out, and what is not yet.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::state::State;
use crate::console::app::view::Placed;
use crate::console::dialogs::settlements::state::{Page, Settlements};
use crate::console::dialogs::view::{boxed, scrolled};
use crate::console::tabs::objects::columns::Ink;
use crate::console::widgets::canvas::{Canvas, Line};
use crate::model::{Money, Settled, Settlement};
use crate::text;

/// A column: its header, how wide it is, and what it shows.
struct Column {
    header: &'static str,
    width: usize,
    cell: fn(&Settlement) -> Cell,
}

enum Cell {
    Day(Option<String>),
    Text(Option<String>),
    Money(Option<Money>),
}

const DAYS: [Column; 2] = [
    Column { header: "settlement-date", width: 10, cell: |row| Cell::Day(row.settlement_date.clone()) },
    Column { header: "settlement-traded", width: 10, cell: |row| Cell::Day(row.trade_start_date.clone()) },
];
const WALLET: Column =
    Column { header: "settlement-wallet", width: 9, cell: |row| Cell::Text(row.wallet_region.clone()) };
const TRADED: [Column; 2] = [
    Column { header: "settlement-pay", width: 14, cell: |row| Cell::Money(row.pay) },
    Column { header: "settlement-refund", width: 14, cell: |row| Cell::Money(row.refund) },
];
const DUE: [Column; 2] = [
    Column { header: "settlement-net", width: 14, cell: |row| Cell::Money(row.net) },
    Column { header: "settlement-fee", width: 12, cell: |row| Cell::Money(row.fee) },
];
const PAID_OUT: Column = Column { header: "settlement-settled", width: 14, cell: |row| Cell::Money(row.settled) };
const OPEN: Column = Column { header: "settlement-unsettled", width: 14, cell: |row| Cell::Money(row.unsettled) };

/// Columns within a wide box, and in a narrow one.
const WIDE: u16 = 108;
const NARROW: u16 = 78;

pub fn draw(canvas: &mut Canvas<'_>, state: &State, settlements: &Settlements, area: Rect, placed: &mut Placed) {
    let lang = state.lang;
    let width = if area.width >= WIDE + 6 { WIDE } else { NARROW.min(area.width.saturating_sub(6)) };
    let (title, told) = match &settlements.which {
        Settled::NotYet => (lang.t("settlements-open-title"), lang.t("settlements-open").into_owned()),
        Settled::Between(from, to) => {
            let words = [("from", &day(from) as &dyn crate::i18n::ToText), ("to", &day(to))];
            (lang.t("settlements-paid-title"), lang.tr("settlements-paid", &words))
        }
    };
    let columns = columns(settlements, width);
    let mut lines: Vec<Line> = Vec::new();
    match &settlements.page {
        Page::NotYet => lines.push(vec![(lang.t("settlements-asking").into_owned(), Ink::Faint)]),
        Page::Failed(explanation) => {
            let parts = [Some(&explanation.what), explanation.why.as_ref(), explanation.next.as_ref()];
            for part in parts.into_iter().flatten() {
                let wrapped = text::wrap(&text::neutralise(part), usize::from(width));
                lines.extend(wrapped.into_iter().map(|line| vec![(line, Ink::Warning)]));
            }
        }
        Page::Rows { rows, .. } if rows.is_empty() => {
            lines.push(vec![(lang.t("settlements-nothing").into_owned(), Ink::Faint)]);
        }
        Page::Rows { rows, .. } => lines.extend(rows.iter().map(|row| line(state, &columns, row))),
    }
    let inner = boxed(canvas, state, &title, area, (width, lines.len().max(10) as u16 + 4), placed);
    let faint = canvas.styles.faint();
    canvas.put(inner.x, inner.y, inner.width, &told, faint);
    if let Page::Rows { rows, total } = &settlements.page
        && !rows.is_empty()
    {
        let (first, last) = (settlements.offset + 1, settlements.offset + rows.len());
        let words = [("first", &first as &dyn crate::i18n::ToText), ("last", &last), ("total", total)];
        canvas.put_right(inner.x, inner.y, inner.width, &lang.tr("settlements-page", &words), faint);
        let heading: Line =
            columns.iter().map(|column| (padded(column, &lang.t(column.header)), Ink::Heading)).collect();
        canvas.line(inner.x, inner.y + 2, inner.width, &heading, Style::new());
    }
    let top = inner.y + 3;
    let list = Rect { y: top, height: inner.bottom().saturating_sub(top), ..inner };
    scrolled(canvas, state, &lines, list, inner, settlements.scroll, placed);
}

/// The columns that fit: days and amounts due first.
fn columns(settlements: &Settlements, width: u16) -> Vec<&'static Column> {
    let amount = if settlements.which == Settled::NotYet { &OPEN } else { &PAID_OUT };
    let [settled_on, traded_on] = &DAYS;
    let mut columns = vec![settled_on];
    if width >= NARROW - 10 {
        columns.push(traded_on);
    }
    if width >= NARROW {
        columns.push(&WALLET);
    }
    if width >= WIDE {
        columns.extend(&TRADED);
    }
    columns.extend(&DUE);
    columns.push(amount);
    columns
}

fn line(state: &State, columns: &[&Column], row: &Settlement) -> Line {
    let cell = |column: &&Column| match (column.cell)(row) {
        Cell::Day(text) => (padded(column, &text.map(|text| day(&text)).unwrap_or_default()), Ink::Plain),
        Cell::Text(code) => (padded(column, &wallet(state, code.as_deref())), Ink::Plain),
        Cell::Money(amount) => {
            (padded(column, &amount.map(|amount| amount.to_string()).unwrap_or_default()), Ink::Strong)
        }
    };
    columns.iter().map(cell).collect()
}

/// Amounts end where their column does; everything else begins there.
fn padded(column: &Column, text: &str) -> String {
    let text = text::cut(&text::neutralise(text), column.width).into_owned();
    let space = " ".repeat(column.width.saturating_sub(text::width(&text)));
    match column.width >= 12 {
        true => format!("{space}{text} "),
        false => format!("{text}{space} "),
    }
}

fn wallet(state: &State, code: Option<&str>) -> String {
    match code {
        Some("CHINA_MAINLAND") => state.lang.t("wallet-mainland").into_owned(),
        Some("CHINA_HONGKONG") => state.lang.t("wallet-hong-kong").into_owned(),
        other => other.unwrap_or_default().to_owned(),
    }
}

/// `2026-11-21` for `20261121`; anything else as it came.
fn day(text: &str) -> String {
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 => format!("{year}-{month}-{day}"),
        _ => text.to_owned(),
    }
}
