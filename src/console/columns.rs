//! The columns of each kind's table: header, widths, how a cell is read and what it is sorted by.

use std::borrow::Cow;

use super::age;
use super::row::Row;
use crate::i18n::Lang;
use crate::model::time::{Duration, Timestamp};
use crate::model::{Entity, Kind, Money, Progress, Tone};
use crate::text;

/// One column. Widths are in terminal columns.
#[derive(Debug)]
pub struct Column {
    pub id: &'static str,
    /// The message that heads it.
    pub header: &'static str,
    pub align: Align,
    pub min: u16,
    pub ideal: u16,
    /// Narrow terminals drop the highest first; 0 always stays.
    pub priority: u8,
    pub cell: fn(&Row, &Look) -> Cell,
    pub key: fn(&Row) -> SortKey<'_>,
    /// The amount it shows, if that is what it shows.
    pub money: Option<fn(&Row) -> Option<Money>>,
    /// Shows the passing of time: never counts as a change.
    pub passing: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Align {
    Left,
    Right,
}

/// What a cell depends on besides its row.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    pub lang: Lang,
    pub now: Timestamp,
    /// Columns the cell has.
    pub width: usize,
}

/// A cell ready to be drawn. Its text may come from outside; the painter neutralises it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Cell {
    pub text: String,
    pub ink: Ink,
}

/// How a text is to be felt; the theme knows what that looks like.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Ink {
    #[default]
    Plain,
    Faint,
    Strong,
    Heading,
    Accent,
    Tone(Tone),
    Gauge(Progress),
    /// Something to worry about: failed, or old.
    Warning,
}

/// What rows are ordered by. What is missing comes last, in either direction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SortKey<'a> {
    Number(i64),
    Text(Cow<'a, str>),
    Missing,
}

/// A document older than this looks stale unless its state is final.
pub const STALE_AFTER: Duration = Duration::minutes(10);

/// The columns of a kind, in their order on the screen.
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Plan => PLAN,
        Kind::SignPlan => SIGN_PLAN,
        Kind::ServiceOrder => SERVICE_ORDER,
        Kind::Transaction => TRANSACTION,
        Kind::Stock => STOCK,
        Kind::Refund => REFUND,
    }
}

/// The column of that id.
pub fn column(kind: Kind, id: &str) -> Option<&'static Column> {
    columns(kind).iter().find(|column| column.id == id)
}

const NUMBER: Column = Column {
    id: "number",
    header: "column-number",
    align: Align::Left,
    min: 12,
    ideal: 28,
    priority: 0,
    cell: |row, look| strong(text::cut_middle(row.id.number.as_str(), look.width)),
    key: |row| SortKey::Text(row.id.number.as_str().into()),
    money: None,
    passing: false,
};

const TITLE: Column = Column {
    id: "title",
    header: "column-name",
    align: Align::Left,
    min: 12,
    ideal: 24,
    priority: 2,
    cell: |row, _| plain(row.entity().and_then(Entity::title)),
    key: |row| words(row.entity().and_then(Entity::title)),
    money: None,
    passing: false,
};

const USER: Column = Column {
    id: "user",
    header: "column-user",
    align: Align::Left,
    min: 9,
    ideal: 14,
    priority: 4,
    cell: |row, look| {
        let user = text::neutralise(row.entity().and_then(Entity::user).unwrap_or_default());
        Cell { text: text::cut_middle(&user, look.width).into_owned(), ink: Ink::Faint }
    },
    key: |row| words(row.entity().and_then(Entity::user)),
    money: None,
    passing: false,
};

const STATE: Column = Column {
    id: "state",
    header: "column-state",
    align: Align::Left,
    min: 14,
    // The longest meaning and its glyph.
    ideal: 17,
    priority: 0,
    cell: |row, look| match &row.state {
        None => faint("…"),
        Some(state) => {
            let meaning = state.meaning.map_or(state.code.as_str().into(), |id| look.lang.t(id));
            Cell { text: format!("{} {meaning}", state.tone.glyph()), ink: Ink::Tone(state.tone) }
        }
    },
    key: |row| words(row.state.as_ref().map(|state| state.code.as_str())),
    money: None,
    passing: false,
};

const AMOUNT: Column = Column {
    id: "amount",
    header: "column-amount",
    align: Align::Right,
    // A million yuan with its fen is thirteen wide. Money is not to be cut.
    min: 13,
    ideal: 15,
    priority: 1,
    cell: |row, _| money(row.entity().and_then(Entity::amount)),
    key: |row| amount_key(row.entity().and_then(Entity::amount)),
    money: Some(|row| row.entity().and_then(Entity::amount)),
    passing: false,
};

const PROGRESS: Column = Column {
    id: "progress",
    header: "column-progress",
    align: Align::Left,
    min: 10,
    ideal: 16,
    priority: 3,
    cell: |row, _| match row.entity().and_then(Entity::progress) {
        None => Cell::default(),
        Some(progress) => {
            let text = match row.id.kind {
                Kind::ServiceOrder => format!("{}%", progress.percent()),
                _ => format!("{}/{}", progress.done, progress.total),
            };
            Cell { text, ink: Ink::Gauge(progress) }
        }
    },
    key: |row| number(row.entity().and_then(Entity::progress).map(|p| i64::from(p.percent()))),
    money: None,
    passing: false,
};

const TIME: Column = Column {
    id: "time",
    header: "column-time",
    align: Align::Left,
    min: 10,
    ideal: 16,
    priority: 5,
    cell: |row, look| match row.entity().and_then(Entity::time) {
        None => Cell::default(),
        Some(at) if look.width >= 16 => plain(Some(&age::absolute(at))),
        Some(at) => plain(Some(&age::ago(look.lang, look.now - at))),
    },
    key: |row| number(row.entity().and_then(Entity::time).map(|at| at.unix_timestamp())),
    money: None,
    passing: true,
};

const FRESH: Column = Column {
    id: "fresh",
    header: "column-fresh",
    align: Align::Right,
    min: 9,
    ideal: 10,
    priority: 1,
    cell: freshness,
    key: |row| number(row.verified_at().map(|at| at.unix_timestamp())),
    money: None,
    passing: true,
};

const PLAN: &[Column] = &[
    NUMBER,
    Column { header: "column-plan-name", ..TITLE },
    STATE,
    Column { id: "amount", header: "column-price", ..AMOUNT },
    Column {
        id: "deductions",
        header: "column-deductions",
        align: Align::Right,
        min: 8,
        ideal: 10,
        cell: |row, _| count(plan(row).and_then(|plan| plan.deduction_quantity)),
        key: |row| number(plan(row).and_then(|plan| plan.deduction_quantity)),
        ..PROGRESS
    },
    Column {
        id: "duration",
        header: "column-duration",
        align: Align::Right,
        min: 8,
        ideal: 9,
        cell: |row, look| {
            let days = plan(row).and_then(|plan| plan.duration);
            plain(days.map(|days| look.lang.tr("value-days", &[("n", &days)])).as_deref())
        },
        key: |row| number(plan(row).and_then(|plan| plan.duration)),
        ..USER
    },
    Column { header: "column-stopped", priority: 6, ..TIME },
    FRESH,
];

const SIGN_PLAN: &[Column] = &[
    NUMBER,
    Column { header: "column-plan-name", ..TITLE },
    USER,
    STATE,
    Column { header: "column-price", ..AMOUNT },
    Column { header: "column-steps", ..PROGRESS },
    Column { header: "column-signed", ..TIME },
    FRESH,
];

const SERVICE_ORDER: &[Column] = &[
    NUMBER,
    Column { header: "column-service", ..TITLE },
    USER,
    STATE,
    AMOUNT,
    Column { header: "column-collected", ..PROGRESS },
    Column { header: "column-started", ..TIME },
    FRESH,
];

const TRANSACTION: &[Column] = &[
    NUMBER,
    Column {
        id: "platform",
        header: "column-transaction-id",
        min: 14,
        ideal: 28,
        priority: 7,
        cell: |row, look| {
            let id = text::neutralise(row.entity().and_then(Entity::platform_number).unwrap_or_default());
            Cell { text: text::cut_middle(&id, look.width).into_owned(), ink: Ink::Faint }
        },
        key: |row| words(row.entity().and_then(Entity::platform_number)),
        ..NUMBER
    },
    Column { header: "column-attach", priority: 6, ..TITLE },
    USER,
    STATE,
    AMOUNT,
    Column {
        id: "paid",
        header: "column-payer-paid",
        priority: 5,
        money: Some(|row| transaction(row).and_then(|t| t.payer_total)),
        cell: |row, _| money(transaction(row).and_then(|t| t.payer_total)),
        key: |row| amount_key(transaction(row).and_then(|t| t.payer_total)),
        ..AMOUNT
    },
    Column {
        id: "type",
        header: "column-trade-type",
        min: 6,
        ideal: 8,
        priority: 3,
        cell: |row, _| plain(transaction(row).and_then(|t| t.trade_type.as_deref())),
        key: |row| words(transaction(row).and_then(|t| t.trade_type.as_deref())),
        ..TITLE
    },
    Column { header: "column-paid-at", ..TIME },
    FRESH,
];

const STOCK: &[Column] = &[
    NUMBER,
    TITLE,
    STATE,
    Column { header: "column-budget", ..AMOUNT },
    Column {
        id: "face",
        header: "column-face-value",
        min: 10,
        ideal: 10,
        priority: 4,
        money: Some(|row| stock(row).and_then(|stock| stock.coupon_amount)),
        cell: |row, _| money(stock(row).and_then(|stock| stock.coupon_amount)),
        key: |row| amount_key(stock(row).and_then(|stock| stock.coupon_amount)),
        ..AMOUNT
    },
    Column { header: "column-sent", min: 16, ideal: 20, ..PROGRESS },
    Column {
        id: "ends",
        header: "column-ends",
        cell: |row, _| plain(stock(row).and_then(|stock| stock.end_time).map(age::absolute).as_deref()),
        key: |row| number(stock(row).and_then(|stock| stock.end_time).map(|at| at.unix_timestamp())),
        min: 16,
        passing: false,
        ..TIME
    },
    Column { header: "column-created", priority: 6, ..TIME },
    FRESH,
];

const REFUND: &[Column] = &[
    NUMBER,
    Column {
        id: "trade",
        header: "column-trade-number",
        priority: 3,
        cell: |row, look| {
            let number = text::neutralise(refund(row).and_then(trade_number).unwrap_or_default());
            Cell { text: text::cut_middle(&number, look.width).into_owned(), ink: Ink::Plain }
        },
        key: |row| words(refund(row).and_then(trade_number)),
        ..NUMBER
    },
    Column { header: "column-refund-to", priority: 4, ..TITLE },
    STATE,
    Column { header: "column-refunded", ..AMOUNT },
    Column {
        id: "total",
        header: "column-of-total",
        priority: 5,
        money: Some(|row| refund(row).and_then(|refund| refund.total)),
        cell: |row, _| money(refund(row).and_then(|refund| refund.total)),
        key: |row| amount_key(refund(row).and_then(|refund| refund.total)),
        ..AMOUNT
    },
    Column { priority: 6, ..TIME },
    FRESH,
];

fn refund(row: &Row) -> Option<&crate::model::Refund> {
    match row.entity()? {
        Entity::Refund(refund) => Some(refund),
        _ => None,
    }
}

fn trade_number(refund: &crate::model::Refund) -> Option<&str> {
    refund.out_trade_no.as_deref().or(refund.transaction_id.as_deref())
}

fn plan(row: &Row) -> Option<&crate::model::Plan> {
    match row.entity()? {
        Entity::Plan(plan) => Some(plan),
        _ => None,
    }
}

fn transaction(row: &Row) -> Option<&crate::model::Transaction> {
    match row.entity()? {
        Entity::Transaction(transaction) => Some(transaction),
        _ => None,
    }
}

fn stock(row: &Row) -> Option<&crate::model::Stock> {
    match row.entity()? {
        Entity::Stock(stock) => Some(stock),
        _ => None,
    }
}

fn freshness(row: &Row, look: &Look) -> Cell {
    let marked = |mark: &str, ink| Cell { text: mark.to_owned(), ink };
    if row.in_flight {
        return marked(&look.lang.t("fresh-sending"), Ink::Warning);
    }
    if row.unresolved {
        return marked(&look.lang.t("fresh-unknown"), Ink::Warning);
    }
    let verified = row.verified_at().map(|at| age::short(look.lang, look.now - at));
    if row.asked {
        return marked(&format!("↻ {}", verified.unwrap_or_default()), Ink::Accent);
    }
    if row.failed.is_some() {
        // What counts is how old that is which is shown, not when the query failed.
        let age = verified.unwrap_or_else(|| look.lang.t("fresh-never").into_owned());
        return marked(&format!("! {age}"), Ink::Warning);
    }
    match row.verified_at() {
        None => faint("…"),
        Some(at) => {
            let old = look.now - at;
            let is_final = row.state.as_ref().is_some_and(|state| state.is_final);
            let text = age::short(look.lang, old);
            if old > STALE_AFTER && !is_final { marked(&format!("~ {text}"), Ink::Warning) } else { faint(&text) }
        }
    }
}

fn plain(text: Option<&str>) -> Cell {
    Cell { text: text.unwrap_or_default().to_owned(), ink: Ink::Plain }
}

fn faint(text: &str) -> Cell {
    Cell { text: text.to_owned(), ink: Ink::Faint }
}

fn strong(text: Cow<'_, str>) -> Cell {
    Cell { text: text.into_owned(), ink: Ink::Strong }
}

fn money(amount: Option<Money>) -> Cell {
    plain(amount.map(|amount| amount.to_string()).as_deref())
}

fn count(count: Option<i64>) -> Cell {
    plain(count.map(|n| n.to_string()).as_deref())
}

fn number(value: Option<i64>) -> SortKey<'static> {
    value.map_or(SortKey::Missing, SortKey::Number)
}

fn amount_key(amount: Option<Money>) -> SortKey<'static> {
    number(amount.map(|amount| amount.minor))
}

fn words(text: Option<&str>) -> SortKey<'_> {
    text.map_or(SortKey::Missing, |text| SortKey::Text(text.into()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn columns_of_a_kind_have_ids_of_their_own_and_words() {
        for kind in Kind::ALL {
            let ids: BTreeSet<_> = columns(kind).iter().map(|column| column.id).collect();
            assert_eq!(ids.len(), columns(kind).len(), "{kind:?}");
            for column in columns(kind) {
                assert!(Lang::En.has(column.header) && Lang::ZhCn.has(column.header), "{}", column.header);
                assert!(column.min <= column.ideal);
            }
            assert!(columns(kind).iter().filter(|c| c.priority == 0).map(|c| c.min + 1).sum::<u16>() < 58);
        }
    }
}
