//! The columns of each kind's table: header, widths, how a cell is read and what it is sorted by.

use crate::console::widgets::ink::{Align, Cell, Ink};
use std::borrow::Cow;

pub use crate::console::widgets::table::Look;
use crate::console::widgets::table::{self, Need};
use crate::ledger::{Listed, SortBy};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Money, State, Summary};
use crate::text;
use crate::text::age;

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
    pub cell: fn(&Listed, &Look<'_>) -> Cell,
    /// What of the row it shows: a change of it is a change of the cell.
    pub key: fn(&Listed) -> SortKey<'_>,
    /// What the ledger sorts by for it.
    pub sort: SortBy,
    /// The amount it shows, if that is what it shows.
    pub money: Option<fn(&Listed) -> Option<Money>>,
    /// Shows the passing of time: never counts as a change.
    pub passing: bool,
}

impl Column {
    /// It as a column of the table.
    pub(crate) fn shown(&self) -> table::Column<Listed> {
        let need = Need {
            first: self.id == "state",
            spare: self.id == "title",
            ..table::need(self.min, self.ideal, self.priority)
        };
        table::Column { header: self.header, align: self.align, need, cell: self.cell }
    }
}

/// What a cell shows, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey<'a> {
    Number(i64),
    Text(Cow<'a, str>),
    Missing,
}

/// A document as old as this looks stale unless its state is final.
pub const STALE_AFTER: Duration = Duration::minutes(10);

/// True if a document that may have changed is not to be taken for what is: it is old, or nobody can be asked since.
pub fn is_stale(verified_at: Timestamp, now: Timestamp, cut_off: Option<Timestamp>) -> bool {
    now - verified_at >= STALE_AFTER || cut_off.is_some_and(|since| verified_at <= since)
}

/// The columns of a kind, in their order on the screen.
pub fn columns(kind: Kind) -> &'static [Column] {
    match kind {
        Kind::Plan => PLAN,
        Kind::SignPlan => SIGN_PLAN,
        Kind::ServiceOrder => SERVICE_ORDER,
        Kind::Transaction => TRANSACTION,
        Kind::Stock => STOCK,
        Kind::Refund => REFUND,
        Kind::Permission => PERMISSION,
        Kind::Coupon => COUPON,
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
    sort: SortBy::Number,
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
    cell: |row, _| plain(text(row, |s| &s.title)),
    key: |row| words(text(row, |s| &s.title)),
    sort: SortBy::Title,
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
        let user = text::neutralise(text(row, |s| &s.user).unwrap_or_default());
        Cell { text: text::cut_middle(&user, look.width).into_owned(), ink: Ink::Faint }
    },
    key: |row| words(text(row, |s| &s.user)),
    sort: SortBy::User,
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
    cell: |row, look| match state(row) {
        None => faint("…"),
        Some(state) => {
            let meaning = state.meaning.map_or(state.code.as_str().into(), |id| look.lang.t(id));
            Cell { text: format!("{} {meaning}", state.tone.glyph()), ink: Ink::Tone(state.tone) }
        }
    },
    key: |row| words(state(row).map(|state| state.code.as_str())),
    sort: SortBy::State,
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
    cell: |row, _| money(summary(row).and_then(|s| s.amount)),
    key: |row| amount_key(summary(row).and_then(|s| s.amount)),
    sort: SortBy::Amount,
    money: Some(|row| summary(row).and_then(|s| s.amount)),
    passing: false,
};

/// The other sum of an object: the least to spend, what the payer paid.
const SECOND: Column = Column {
    cell: |row, _| money(summary(row).and_then(|s| s.second)),
    key: |row| amount_key(summary(row).and_then(|s| s.second)),
    sort: SortBy::Second,
    money: Some(|row| summary(row).and_then(|s| s.second)),
    priority: 5,
    ..AMOUNT
};

/// The other words of an object: where it belongs, how it was paid.
const LABEL: Column = Column {
    priority: 3,
    cell: |row, _| plain(text(row, |s| &s.label)),
    key: |row| words(text(row, |s| &s.label)),
    sort: SortBy::Label,
    ..TITLE
};

const PROGRESS: Column = Column {
    id: "progress",
    header: "column-progress",
    align: Align::Left,
    min: 10,
    ideal: 16,
    priority: 3,
    cell: |row, _| match summary(row).and_then(|s| s.progress) {
        None => Cell::default(),
        Some(progress) => {
            let text = match row.id.kind {
                Kind::ServiceOrder => format!("{}%", progress.percent()),
                _ => format!("{}/{}", progress.done, progress.total),
            };
            Cell { text, ink: Ink::Gauge(progress) }
        }
    },
    key: |row| number(summary(row).and_then(|s| s.progress).map(|p| i64::from(p.percent()))),
    sort: SortBy::Progress,
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
    cell: |row, look| match summary(row).and_then(|s| s.time) {
        None => Cell::default(),
        Some(at) if look.width >= 16 => plain(Some(&age::absolute(at))),
        Some(at) if look.width >= 11 => plain(Some(&look.clock.moment(at))),
        Some(at) => plain(Some(&look.clock.brief(at))),
    },
    key: |row| number(summary(row).and_then(|s| s.time).map(|at| at.unix_timestamp())),
    sort: SortBy::Time,
    money: None,
    passing: false,
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
    sort: SortBy::Verified,
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
        cell: |row, _| count(summary(row).and_then(|s| s.quantity)),
        key: |row| number(summary(row).and_then(|s| s.quantity)),
        sort: SortBy::Quantity,
        ..PROGRESS
    },
    Column {
        id: "duration",
        header: "column-duration",
        align: Align::Right,
        min: 8,
        ideal: 9,
        cell: |row, look| {
            let days = summary(row).and_then(|s| s.days);
            plain(days.map(|days| look.lang.tr("value-days", &[("n", &days)])).as_deref())
        },
        key: |row| number(summary(row).and_then(|s| s.days)),
        sort: SortBy::Days,
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

const PERMISSION: &[Column] = &[
    Column { header: "column-authorization-code", ..NUMBER },
    USER,
    STATE,
    // A service's id is 32 long, and says nothing if it is cut.
    Column { header: "column-service", min: 32, ideal: 32, priority: 6, ..TITLE },
    Column { header: "column-authorized", ..TIME },
    FRESH,
];

const COUPON: &[Column] = &[
    Column {
        header: "column-coupon",
        cell: |row, look| strong(text::cut_middle(row.id.own_number(), look.width)),
        min: 14,
        ideal: 20,
        ..NUMBER
    },
    TITLE,
    USER,
    STATE,
    Column { header: "column-face-value", ..AMOUNT },
    Column { id: "minimum", header: "detail-minimum", ..SECOND },
    Column { id: "stock", header: "column-stock", min: 8, ideal: 12, ..LABEL },
    TIME,
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
            let id = text::neutralise(text(row, |s| &s.platform_number).unwrap_or_default());
            Cell { text: text::cut_middle(&id, look.width).into_owned(), ink: Ink::Faint }
        },
        key: |row| words(text(row, |s| &s.platform_number)),
        sort: SortBy::Platform,
        ..NUMBER
    },
    Column { header: "column-attach", priority: 6, ..TITLE },
    USER,
    STATE,
    AMOUNT,
    Column { id: "paid", header: "column-payer-paid", ..SECOND },
    Column { id: "type", header: "column-trade-type", min: 6, ideal: 8, ..LABEL },
    Column { header: "column-paid-at", ..TIME },
    FRESH,
];

const STOCK: &[Column] = &[
    NUMBER,
    TITLE,
    STATE,
    Column { header: "column-budget", ..AMOUNT },
    Column { id: "face", header: "column-face-value", min: 10, ideal: 10, priority: 4, ..SECOND },
    Column { header: "column-sent", min: 16, ideal: 20, ..PROGRESS },
    Column {
        id: "ends",
        header: "column-ends",
        cell: |row, _| plain(summary(row).and_then(|s| s.ends).map(age::absolute).as_deref()),
        key: |row| number(summary(row).and_then(|s| s.ends).map(|at| at.unix_timestamp())),
        min: 16,
        sort: SortBy::Ends,
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
            let number = text::neutralise(text(row, |s| &s.label).unwrap_or_default());
            Cell { text: text::cut_middle(&number, look.width).into_owned(), ink: Ink::Plain }
        },
        key: |row| words(text(row, |s| &s.label)),
        sort: SortBy::Label,
        ..NUMBER
    },
    Column { header: "column-refund-to", priority: 4, ..TITLE },
    STATE,
    Column { header: "column-refunded", ..AMOUNT },
    Column { id: "total", header: "column-of-total", ..SECOND },
    Column { priority: 6, ..TIME },
    FRESH,
];

fn summary(row: &Listed) -> Option<&Summary> {
    row.seen.as_ref().map(|seen| &seen.summary)
}

fn state(row: &Listed) -> Option<&State> {
    summary(row).map(|summary| &summary.state)
}

fn text(row: &Listed, which: fn(&Summary) -> &Option<String>) -> Option<&str> {
    which(summary(row)?).as_deref()
}

fn freshness(row: &Listed, look: &Look<'_>) -> Cell {
    let marked = |mark: &str, ink| Cell { text: mark.to_owned(), ink };
    if look.marks.in_flight {
        return marked(&look.lang.t("fresh-sending"), Ink::Warning);
    }
    if look.marks.unresolved {
        return marked(&look.lang.t("fresh-unknown"), Ink::Warning);
    }
    let is_final = state(row).is_some_and(|state| state.is_final);
    // Nothing ages about what is settled: a time of day says it once and for all.
    let told = |at| if is_final { look.clock.brief(at) } else { look.clock.short(look.lang, at) };
    let verified = row.verified_at().map(told);
    if look.marks.asked {
        return marked(&format!("↻ {}", verified.unwrap_or_default()), Ink::Accent);
    }
    if look.marks.failed.is_some() {
        // What counts is how old that is which is shown, not when the query failed.
        let age = verified.unwrap_or_else(|| look.lang.t("fresh-never").into_owned());
        return marked(&format!("! {age}"), Ink::Warning);
    }
    match (row.verified_at(), verified) {
        (Some(at), Some(text)) if !is_final && is_stale(at, look.clock.now, look.cut_off) => {
            marked(&format!("~ {text}"), Ink::Warning)
        }
        (_, Some(text)) => faint(&text),
        (_, None) => faint("…"),
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
    use crate::i18n::Lang;
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
