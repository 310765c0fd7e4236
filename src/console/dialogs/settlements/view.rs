//! Draws the panel of a Global merchant's settlements, paid and pending.

use ratatui::layout::Rect;
use ratatui::style::Style;

use crate::console::app::frame_layout::FrameLayout;
use crate::console::app::state::AppState;
use crate::console::dialogs::settlements::state::{Settlements, SettlementsPage};
use crate::console::widgets::canvas::Canvas;
use crate::console::widgets::frame::{boxed, scrolled};
use crate::console::widgets::role::Line;
use crate::console::widgets::role::{Align, Cell, Role};
use crate::console::widgets::table::{Column, Look, cell, need};
use crate::model::{Money, Settled, Settlement};
use crate::text;

const fn day_column(header: &'static str, cell: Shown) -> Column<Settlement> {
    Column { header, align: Align::Left, need: need(10, 10, 0), cell }
}

const fn amount_column(header: &'static str, width: u16, cell: Shown) -> Column<Settlement> {
    Column { header, align: Align::Right, need: need(width, width, 0), cell }
}

type Shown = fn(&Settlement, &Look<'_>) -> Cell;

const DAYS: [Column<Settlement>; 2] = [
    day_column("settlement-date", |row, _| date(row.settlement_date.as_deref())),
    day_column("settlement-traded", |row, _| date(row.trade_start_date.as_deref())),
];
const WALLET: Column<Settlement> = Column {
    header: "settlement-wallet",
    align: Align::Left,
    need: need(9, 9, 0),
    cell: |row, look| match row.wallet_region.as_deref() {
        Some("CHINA_MAINLAND") => cell(look.lang.t("wallet-mainland"), Role::Plain),
        Some("CHINA_HONGKONG") => cell(look.lang.t("wallet-hong-kong"), Role::Plain),
        other => cell(other.unwrap_or_default(), Role::Plain),
    },
};
const TRADED: [Column<Settlement>; 2] = [
    amount_column("settlement-pay", 14, |row, _| amount(row.pay)),
    amount_column("settlement-refund", 14, |row, _| amount(row.refund)),
];
const DUE: [Column<Settlement>; 2] = [
    amount_column("settlement-net", 14, |row, _| amount(row.net)),
    amount_column("settlement-fee", 12, |row, _| amount(row.fee)),
];
const PAID_OUT: Column<Settlement> = amount_column("settlement-settled", 14, |row, _| amount(row.settled));
const OPEN: Column<Settlement> = amount_column("settlement-unsettled", 14, |row, _| amount(row.unsettled));

fn date(text: Option<&str>) -> Cell {
    cell(text.map(day).unwrap_or_default(), Role::Plain)
}

fn amount(amount: Option<Money>) -> Cell {
    cell(amount.map(|amount| amount.to_string()).unwrap_or_default(), Role::Strong)
}

/// Columns inside a wide box and inside a narrow one.
const WIDE: u16 = 108;
const NARROW: u16 = 78;

pub(crate) fn draw(
    canvas: &mut Canvas<'_>,
    state: &AppState,
    settlements: &Settlements,
    area: Rect,
    layout: &mut FrameLayout,
) {
    let lang = state.lang;
    let width = if area.width >= WIDE + 6 { WIDE } else { NARROW.min(area.width.saturating_sub(6)) };
    let (title, subtitle) = match &settlements.which {
        Settled::NotYet => (lang.t("settlements-open-title"), lang.t("settlements-open")),
        Settled::Between(from, to) => {
            (lang.t("settlements-paid-title"), tr!(lang, "settlements-paid", from = day(from), to = day(to)))
        }
    };
    let (columns, clock) = (columns(settlements, width), canvas.clock);
    let mut lines: Vec<Line> = Vec::new();
    match &settlements.page {
        SettlementsPage::NotYet => lines.push(vec![(lang.t("settlements-asking"), Role::Faint)]),
        SettlementsPage::Failed(explanation) => {
            let parts = [Some(&explanation.what), explanation.why.as_ref(), explanation.next.as_ref()];
            for part in parts.into_iter().flatten() {
                let wrapped = text::wrap(&text::neutralise(part), usize::from(width));
                lines.extend(wrapped.into_iter().map(|line| vec![(line, Role::Warning)]));
            }
        }
        SettlementsPage::Rows { rows, .. } if rows.is_empty() => {
            lines.push(vec![(lang.t("settlements-nothing"), Role::Faint)]);
        }
        SettlementsPage::Rows { rows, .. } => {
            lines.extend(rows.iter().map(|row| line(state.look_of(clock), &columns, row)))
        }
    }
    let inner = boxed(canvas, state, &title, area, (width, lines.len().max(10) as u16 + 4), layout);
    let faint = canvas.styles.faint();
    canvas.put(inner.x, inner.y, inner.width, &subtitle, faint);
    if let SettlementsPage::Rows { rows, total } = &settlements.page
        && !rows.is_empty()
    {
        let (first, last) = (settlements.offset + 1, settlements.offset + rows.len());
        canvas.put_right(
            inner.x,
            inner.y,
            inner.width,
            &tr!(lang, "settlements-page", first = first, last = last, total = total),
            faint,
        );
        let heading: Line =
            columns.iter().map(|column| (padded(column, &lang.t(column.header)), Role::Heading)).collect();
        canvas.line(inner.x, inner.y + 2, inner.width, &heading, Style::new());
    }
    let top = inner.y + 3;
    let list = Rect { y: top, height: inner.bottom().saturating_sub(top), ..inner };
    scrolled(canvas, state, &lines, list, inner, settlements.scroll, layout);
}

/// The columns that fit: days and amounts due first.
fn columns(settlements: &Settlements, width: u16) -> Vec<&'static Column<Settlement>> {
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

fn line(look: Look<'_>, columns: &[&Column<Settlement>], row: &Settlement) -> Line {
    let shown = |column: &&Column<Settlement>| {
        let Cell { text, role } = (column.cell)(row, &look);
        (padded(column, &text), role)
    };
    columns.iter().map(shown).collect()
}

/// A cell of a line, as wide as its column.
fn padded(column: &Column<Settlement>, text: &str) -> String {
    let width = usize::from(column.need.min);
    let text = text::cut(&text::neutralise(text), width).into_owned();
    let space = " ".repeat(width.saturating_sub(text::width(&text)));
    match column.align {
        Align::Right => format!("{space}{text} "),
        Align::Left => format!("{text}{space} "),
    }
}

/// `2026-11-21` for `20261121`; anything else unchanged.
fn day(text: &str) -> String {
    match (text.get(..4), text.get(4..6), text.get(6..8)) {
        (Some(year), Some(month), Some(day)) if text.len() == 8 => format!("{year}-{month}-{day}"),
        _ => text.to_owned(),
    }
}
