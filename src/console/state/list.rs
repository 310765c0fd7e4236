//! The rows of one kind, and the order in which they are shown. The order is kept as rows change, never made anew
//! for a frame.

use std::cmp::Ordering;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::api::ApiError;
use crate::console::columns::{Column, SortKey, column, columns};
use crate::console::filter::{Filter, Subject, fold};
use crate::console::row::{Row, RowKey};
use crate::i18n::Lang;
use crate::model::time::{Duration, Timestamp};
use crate::model::{Kind, Money, Number, State, Tone};
use crate::services::{Fresh, Known};

/// How long a changed cell stands out.
pub const CHANGE_SHOWN: Duration = Duration::seconds(4);

/// By which column, and which way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sort {
    pub column: &'static str,
    pub descending: bool,
}

/// The table of one kind.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: Kind,
    rows: Vec<Row>,
    keys: HashMap<Number, RowKey>,
    /// The rows that pass the filter, in the order of the sort.
    order: Vec<RowKey>,
    /// Where the cursor stands: on an object, not on a line.
    cursor: Option<RowKey>,
    /// The operator has been here. Until then the cursor waits on the first line, whatever that is.
    touched: bool,
    filter: Filter,
    pub sort: Sort,
    pub hidden: BTreeSet<&'static str>,
    changes: HashMap<(RowKey, &'static str), Timestamp>,
    /// What each state that occurs means, in every language: words that a filter may use.
    meanings: BTreeMap<&'static str, String>,
    /// The states that occurred, by code.
    states: BTreeMap<String, State>,
    /// From when the filter's ages are measured.
    filtered_at: Timestamp,
    totals: Option<Totals>,
}

/// The line under the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub shown: usize,
    pub known: usize,
    /// The sum per currency, in the order of appearance.
    pub sums: Vec<Money>,
    /// How much of it is in rows that ended without, or are held.
    pub ended: Vec<Money>,
    pub tones: BTreeMap<Tone, usize>,
}

impl List {
    pub fn new(kind: Kind) -> Self {
        let sort = Sort { column: if kind == Kind::Plan { "number" } else { "time" }, descending: kind != Kind::Plan };
        Self {
            kind,
            rows: Vec::new(),
            keys: HashMap::new(),
            order: Vec::new(),
            cursor: None,
            touched: false,
            filter: Filter::default(),
            sort,
            hidden: BTreeSet::new(),
            changes: HashMap::new(),
            meanings: BTreeMap::new(),
            states: BTreeMap::new(),
            filtered_at: Timestamp::UNIX_EPOCH,
            totals: None,
        }
    }

    pub fn row(&self, key: RowKey) -> Option<&Row> {
        self.rows.get(key.0 as usize)
    }

    pub fn row_mut(&mut self, key: RowKey) -> Option<&mut Row> {
        self.rows.get_mut(key.0 as usize)
    }

    pub fn find(&self, number: &Number) -> Option<RowKey> {
        self.keys.get(number).copied()
    }

    pub fn order(&self) -> &[RowKey] {
        &self.order
    }

    pub fn len(&self) -> usize {
        self.rows.len()
    }

    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    /// The columns that the operator has not hidden.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + '_ {
        columns(self.kind).iter().filter(|column| !self.hidden.contains(column.id))
    }

    pub fn cursor(&self) -> Option<RowKey> {
        self.cursor
    }

    pub fn selected(&self) -> Option<&Row> {
        self.row(self.cursor?)
    }

    /// From now on the cursor stays on its object.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// The cursor's line within the order.
    pub fn position(&self) -> usize {
        self.cursor.and_then(|cursor| self.order.iter().position(|key| *key == cursor)).unwrap_or(0)
    }

    /// Puts the cursor on a line; beyond the ends is the first or last.
    pub fn move_to(&mut self, line: usize) {
        let left = self.cursor;
        self.cursor = self.order.get(line.min(self.order.len().saturating_sub(1))).copied();
        self.drop_if_filtered(left);
    }

    pub fn move_by(&mut self, lines: isize) {
        self.move_to(self.position().saturating_add_signed(lines));
    }

    pub fn select(&mut self, key: RowKey) {
        self.touched = true;
        if self.order.contains(&key) {
            let left = self.cursor.replace(key);
            self.drop_if_filtered(left);
        }
    }

    /// A row that left the filter while the cursor stood on it stays until the cursor leaves.
    fn drop_if_filtered(&mut self, left: Option<RowKey>) {
        let Some(key) = left.filter(|key| Some(*key) != self.cursor) else { return };
        if !self.passes(key, self.filtered_at) {
            self.order.retain(|other| *other != key);
            self.totals = None;
        }
    }

    /// Takes in many numbers at once.
    pub fn extend(&mut self, known: Vec<Known>, now: Timestamp) {
        for Known { id, fresh } in known {
            match self.find(&id.number) {
                Some(key) => {
                    if let Some(fresh) = fresh {
                        self.replace(key, fresh, now);
                    }
                }
                None => {
                    self.learn(fresh.as_ref());
                    let Ok(index) = u32::try_from(self.rows.len()) else { return };
                    self.keys.insert(id.number.clone(), RowKey(index));
                    self.rows.push(Row::new(id, fresh));
                }
            }
        }
        self.rebuild(now);
    }

    /// Takes in the answer of a query.
    pub fn fetched(&mut self, number: &Number, result: Result<Fresh, Arc<ApiError>>, at: Timestamp, now: Timestamp) {
        let Some(key) = self.find(number) else {
            if let Ok(fresh) = result {
                self.extend(vec![Known { id: fresh.object.id.clone(), fresh: Some(fresh) }], now);
            }
            return;
        };
        match result {
            Ok(fresh) => self.replace(key, fresh, now),
            Err(error) => {
                if let Some(row) = self.row_mut(key) {
                    row.failed = Some((at, error));
                    row.asked = false;
                }
            }
        }
        self.reposition(key, now);
    }

    fn replace(&mut self, key: RowKey, fresh: Fresh, now: Timestamp) {
        self.learn(Some(&fresh));
        let kind = self.kind;
        let Some(row) = self.rows.get_mut(key.0 as usize) else { return };
        // An answer that was overtaken by a newer one tells nothing new.
        if row.verified_at().is_some_and(|at| at > fresh.verified_at) {
            row.asked = false;
            return;
        }
        if row.fresh.is_none() {
            row.take(fresh);
            return;
        }
        let before = row.clone();
        row.take(fresh);
        for column in columns(kind).iter().filter(|column| !column.passing) {
            if (column.key)(&before) != (column.key)(row) {
                self.changes.insert((key, column.id), now);
            }
        }
    }

    fn learn(&mut self, fresh: Option<&Fresh>) {
        let Some(state) = fresh.map(|fresh| fresh.object.entity.state()) else { return };
        if let Some(meaning) = state.meaning {
            self.meanings
                .entry(meaning)
                .or_insert_with(|| fold(&format!("{} {}", Lang::En.t(meaning), Lang::ZhCn.t(meaning))).to_lowercase());
        }
        if !self.states.contains_key(&state.code) {
            self.states.insert(state.code.clone(), state);
        }
    }

    /// The states that occurred, in the order of their codes.
    pub fn states(&self) -> impl Iterator<Item = &State> {
        self.states.values()
    }

    pub fn set_filter(&mut self, filter: Filter, now: Timestamp) {
        let line = self.position();
        self.filter = filter;
        if self.cursor.is_some_and(|cursor| !self.passes(cursor, now)) {
            self.cursor = None;
        }
        self.rebuild(now);
        if self.cursor.is_none() {
            self.move_to(line);
        }
    }

    pub fn set_sort(&mut self, sort: Sort, now: Timestamp) {
        self.sort = sort;
        self.rebuild(now);
    }

    fn passes(&self, key: RowKey, now: Timestamp) -> bool {
        if self.filter.is_empty() {
            return true;
        }
        let Some(row) = self.row(key) else { return false };
        let state = row.state.as_ref();
        let subject = Subject {
            words: &row.words,
            state_code: state.map_or("", |state| &state.code),
            state_words: state.and_then(|state| self.meanings.get(state.meaning?)).map_or("", String::as_str),
            amount: row.entity().and_then(|entity| entity.amount()),
            time: row.entity().and_then(|entity| entity.time()),
        };
        self.filter.matches(&subject, now)
    }

    fn compare(&self, a: RowKey, b: RowKey) -> Ordering {
        let key = |key: RowKey| match (self.row(key), column(self.kind, self.sort.column)) {
            (Some(row), Some(column)) => (column.key)(row),
            _ => SortKey::Missing,
        };
        let (left, right) = (key(a), key(b));
        let missing = (left == SortKey::Missing).cmp(&(right == SortKey::Missing));
        let by_key = if self.sort.descending { right.cmp(&left) } else { left.cmp(&right) };
        // Rows that are equal keep the order in which they became known.
        missing.then(by_key).then(a.cmp(&b))
    }

    fn rebuild(&mut self, now: Timestamp) {
        let count = u32::try_from(self.rows.len()).unwrap_or(u32::MAX);
        let kept = |key: &RowKey| Some(*key) == self.cursor || self.passes(*key, now);
        let mut order: Vec<RowKey> = (0..count).map(RowKey).filter(kept).collect();
        order.sort_unstable_by(|a, b| self.compare(*a, *b));
        self.order = order;
        self.filtered_at = now;
        self.totals = None;
        if self.cursor.is_none() || !self.touched {
            self.cursor = self.order.first().copied();
        }
    }

    /// Moves one row to where it belongs now.
    fn reposition(&mut self, key: RowKey, now: Timestamp) {
        self.totals = None;
        if let Some(at) = self.order.iter().position(|other| *other == key) {
            self.order.remove(at);
        }
        if Some(key) == self.cursor || self.passes(key, now) {
            let at = self.order.partition_point(|other| self.compare(*other, key) == Ordering::Less);
            self.order.insert(at, key);
        }
        if self.cursor.is_none() || !self.touched {
            self.cursor = self.order.first().copied();
        }
    }

    /// How long ago a cell changed, if that is still to be seen.
    pub fn changed(&self, key: RowKey, column: &'static str, now: Timestamp) -> Option<Duration> {
        let age = now - *self.changes.get(&(key, column))?;
        (age < CHANGE_SHOWN).then_some(age)
    }

    /// Forgets changes that have faded; says when the next step of fading is due.
    pub fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.changes.retain(|_, at| now - *at < CHANGE_SHOWN);
        let next =
            |at: &Timestamp| if now - *at < CHANGE_SHOWN / 2 { *at + CHANGE_SHOWN / 2 } else { *at + CHANGE_SHOWN };
        self.changes.values().map(next).min()
    }

    /// Adds up the rows that pass the filter, if that is not known since they last changed.
    pub fn settle(&mut self) {
        if self.totals.is_none() {
            self.totals = Some(self.sum_up());
        }
    }

    pub fn totals(&self) -> Option<&Totals> {
        self.totals.as_ref()
    }

    fn sum_up(&self) -> Totals {
        let mut totals = Totals { shown: self.order.len(), known: self.rows.len(), ..Totals::default() };
        for row in self.order.iter().filter_map(|key| self.row(*key)) {
            if let Some(state) = &row.state {
                *totals.tones.entry(state.tone).or_default() += 1;
            }
            if let Some(amount) = row.entity().and_then(|entity| entity.amount()) {
                add(&mut totals.sums, amount);
                if row.state.as_ref().is_some_and(|state| matches!(state.tone, Tone::Stopped | Tone::Failed)) {
                    add(&mut totals.ended, amount);
                }
            }
        }
        totals
    }
}

/// Adds an amount to the sum of its currency.
fn add(sums: &mut Vec<Money>, amount: Money) {
    match sums.iter_mut().find(|sum| sum.currency == amount.currency) {
        Some(sum) => sum.minor = sum.minor.saturating_add(amount.minor),
        None => sums.push(amount),
    }
}
