//! The columns of the tables of objects: header, widths, how a cell is read and sorted. Columns that several kinds
//! share are here; the columns of a kind are in its file under [`super::kinds`].

use crate::console::widgets::columns::Fit;
use crate::console::widgets::role::{Align, Cell, Role};
use std::borrow::Cow;

pub(crate) use crate::console::widgets::table::Look;
use crate::console::widgets::table::{self, Need};
use crate::ledger::{Listed, SortBy};
use crate::model::time::{Duration, Timestamp};
use crate::model::{Money, Progress, State, Summary};
use crate::text;
use crate::text::age;

/// One column. Widths are in terminal columns.
#[derive(Debug)]
pub struct ObjectColumn {
    pub id: &'static str,
    /// The message of its header.
    pub header: &'static str,
    pub align: Align,
    pub min: u16,
    pub ideal: u16,
    /// How its width depends on what is in it.
    pub fit: Fit,
    /// On a narrow terminal the columns with the highest numbers are dropped first; 0 is never dropped.
    pub priority: u8,
    pub cell: fn(&Listed, &Look<'_>) -> Cell,
    /// The value it shows. If the value changes, the cell is highlighted.
    pub key: fn(&Listed) -> SortKey<'_>,
    /// The ledger's sort key for it.
    pub sort: SortBy,
    /// The amount, for a column that shows one.
    pub money: Option<fn(&Listed) -> Option<Money>>,
    /// Shows an age, which changes with time: never highlighted.
    pub passing: bool,
}

impl ObjectColumn {
    /// Converts it to a column of the table.
    pub(crate) fn shown(&self) -> table::Column<Listed> {
        let need = Need {
            first: self.id == "state",
            spare: self.id == "title",
            fit: self.fit,
            ..table::need(self.min, self.ideal, self.priority)
        };
        table::Column { header: self.header, align: self.align, need, cell: self.cell }
    }
}

/// The value of a cell, in a form that can be compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SortKey<'a> {
    Number(i64),
    Text(Cow<'a, str>),
    Missing,
}

/// A document older than this is stale, unless its state is final.
pub(crate) const STALE_AFTER: Duration = Duration::minutes(10);

/// True if a document that may have changed is out of date: it is old, or was verified before WeChat
/// Pay became unreachable.
pub(crate) fn is_stale(verified_at: Timestamp, now: Timestamp, cut_off: Option<Timestamp>) -> bool {
    now - verified_at >= STALE_AFTER || cut_off.is_some_and(|since| verified_at <= since)
}

pub(super) const NUMBER: ObjectColumn = ObjectColumn {
    id: "number",
    header: "column-number",
    align: Align::Left,
    min: 12,
    ideal: 28,
    fit: Fit::Whole,
    priority: 0,
    cell: |row, look| strong(text::cut_middle(row.id.number.as_str(), look.width)),
    key: |row| SortKey::Text(row.id.number.as_str().into()),
    sort: SortBy::Number,
    money: None,
    passing: false,
};

pub(super) const TITLE: ObjectColumn = ObjectColumn {
    id: "title",
    header: "column-name",
    align: Align::Left,
    // Seven Chinese characters.
    min: 14,
    ideal: 24,
    fit: Fit::Content,
    priority: 2,
    cell: |row, _| plain(text(row, |s| &s.title)),
    key: |row| words(text(row, |s| &s.title)),
    sort: SortBy::Title,
    money: None,
    passing: false,
};

pub(super) const USER: ObjectColumn = ObjectColumn {
    id: "user",
    header: "column-user",
    align: Align::Left,
    min: 9,
    ideal: 14,
    fit: Fit::Content,
    priority: 4,
    cell: |row, look| {
        let user = text::neutralise(text(row, |s| &s.user).unwrap_or_default());
        Cell { text: text::cut_middle(&user, look.width).into_owned(), role: Role::Faint }
    },
    key: |row| words(text(row, |s| &s.user)),
    sort: SortBy::User,
    money: None,
    passing: false,
};

pub(super) const STATE: ObjectColumn = ObjectColumn {
    id: "state",
    header: "column-state",
    align: Align::Left,
    min: 14,
    // The widest meaning with its glyph.
    ideal: 17,
    fit: Fit::Whole,
    priority: 0,
    cell: |row, look| match state(row) {
        None => faint("…"),
        Some(state) => {
            let meaning = look.lang.state(state);
            Cell { text: format!("{} {meaning}", state.tone.glyph()), role: Role::Tone(state.tone) }
        }
    },
    key: |row| words(state(row).map(|state| state.code.as_str())),
    sort: SortBy::State,
    money: None,
    passing: false,
};

pub(super) const AMOUNT: ObjectColumn = ObjectColumn {
    id: "amount",
    header: "column-amount",
    align: Align::Right,
    // A million yuan with its fen is thirteen columns wide. Amounts must not be cut.
    min: 13,
    ideal: 15,
    fit: Fit::Whole,
    priority: 1,
    cell: |row, _| money(summary(row).and_then(|s| s.amount)),
    key: |row| amount_key(summary(row).and_then(|s| s.amount)),
    sort: SortBy::Amount,
    money: Some(|row| summary(row).and_then(|s| s.amount)),
    passing: false,
};

/// The second amount of an object: the least to spend, what the payer paid.
pub(super) const SECOND: ObjectColumn = ObjectColumn {
    // One amount leads the eye.
    cell: |row, _| Cell { role: Role::Plain, ..money(summary(row).and_then(|s| s.second)) },
    key: |row| amount_key(summary(row).and_then(|s| s.second)),
    sort: SortBy::Second,
    money: Some(|row| summary(row).and_then(|s| s.second)),
    priority: 5,
    ..AMOUNT
};

/// The second text of an object: where it belongs, how it was paid.
pub(super) const LABEL: ObjectColumn = ObjectColumn {
    priority: 3,
    cell: |row, _| plain(text(row, |s| &s.label)),
    key: |row| words(text(row, |s| &s.label)),
    sort: SortBy::Label,
    ..TITLE
};

pub(super) const PROGRESS: ObjectColumn = ObjectColumn {
    id: "progress",
    header: "column-progress",
    align: Align::Left,
    min: 10,
    ideal: 16,
    fit: Fit::Whole,
    priority: 3,
    cell: |row, _| progress(row, |all| format!("{}/{}", all.done, all.total)),
    key: |row| number(summary(row).and_then(|s| s.progress).map(|p| i64::from(p.percent()))),
    sort: SortBy::Progress,
    money: None,
    passing: false,
};

pub(super) const TIME: ObjectColumn = ObjectColumn {
    id: "time",
    header: "column-time",
    align: Align::Left,
    min: 10,
    ideal: 16,
    fit: Fit::Fixed,
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

pub(super) const FRESH: ObjectColumn = ObjectColumn {
    id: "fresh",
    header: "column-fresh",
    align: Align::Right,
    min: 9,
    ideal: 10,
    fit: Fit::Fixed,
    priority: 1,
    cell: freshness,
    key: |row| number(row.verified_at().map(|at| at.unix_timestamp())),
    sort: SortBy::Verified,
    money: None,
    passing: true,
};

pub(super) fn summary(row: &Listed) -> Option<&Summary> {
    row.seen.as_ref().map(|seen| &seen.summary)
}

fn state(row: &Listed) -> Option<&State> {
    summary(row).map(|summary| &summary.state)
}

pub(super) fn text(row: &Listed, which: fn(&Summary) -> &Option<String>) -> Option<&str> {
    which(summary(row)?).as_deref()
}

/// A gauge with a text of its progress.
pub(super) fn progress(row: &Listed, words: fn(&Progress) -> String) -> Cell {
    let progress = summary(row).and_then(|summary| summary.progress);
    progress.map(|all| Cell { text: words(&all), role: Role::Gauge(all) }).unwrap_or_default()
}

fn freshness(row: &Listed, look: &Look<'_>) -> Cell {
    let marked = |mark: &str, role| Cell { text: mark.to_owned(), role };
    if look.marks.in_flight {
        return marked(&look.lang.t("fresh-sending"), Role::Warning);
    }
    if look.marks.unresolved {
        return marked(&look.lang.t("fresh-unknown"), Role::Warning);
    }
    let is_final = state(row).is_some_and(|state| state.is_final);
    // A final document does not age: only the time is shown.
    let at_text = |at| if is_final { look.clock.brief(at) } else { look.clock.short(look.lang, at) };
    let verified = row.verified_at().map(at_text);
    if look.marks.asked {
        return marked(&format!("↻ {}", verified.unwrap_or_default()), Role::Accent);
    }
    if let Some(day) = row.billed_on().filter(|_| look.marks.failed.is_none()) {
        let day = crate::model::time::day(day);
        let words = tr!(look.lang, "fresh-bill", date = day.as_str());
        // Where it is narrow, without the year.
        let shown = if crate::text::width(&words) > look.width { &day[5..] } else { &day };
        return faint(&tr!(look.lang, "fresh-bill", date = shown));
    }
    if look.marks.failed.is_some() {
        // The age of the shown document matters, not when the query failed.
        let age = verified.unwrap_or_else(|| look.lang.t("fresh-never"));
        return marked(&format!("! {age}"), Role::Warning);
    }
    match (row.verified_at(), verified) {
        (Some(at), Some(text)) if !is_final && is_stale(at, look.clock.now, look.cut_off) => {
            marked(&format!("~ {text}"), Role::Warning)
        }
        (_, Some(text)) => faint(&text),
        (_, None) => faint("…"),
    }
}

pub(super) fn plain(text: Option<&str>) -> Cell {
    Cell { text: text.unwrap_or_default().to_owned(), role: Role::Plain }
}

fn faint(text: &str) -> Cell {
    Cell { text: text.to_owned(), role: Role::Faint }
}

pub(super) fn strong(text: Cow<'_, str>) -> Cell {
    Cell { text: text.into_owned(), role: Role::Strong }
}

fn money(amount: Option<Money>) -> Cell {
    Cell { text: amount.map(|amount| amount.to_string()).unwrap_or_default(), role: Role::Amount }
}

pub(super) fn count(count: Option<i64>) -> Cell {
    plain(count.map(|n| n.to_string()).as_deref())
}

pub(super) fn number(value: Option<i64>) -> SortKey<'static> {
    value.map_or(SortKey::Missing, SortKey::Number)
}

fn amount_key(amount: Option<Money>) -> SortKey<'static> {
    number(amount.map(|amount| amount.minor))
}

pub(super) fn words(text: Option<&str>) -> SortKey<'_> {
    text.map_or(SortKey::Missing, |text| SortKey::Text(text.into()))
}
