//! The table of one kind: a window of the ledger's rows around the cursor. The ledger filters, sorts and counts over
//! all rows; only those near the screen are here.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::{Deref, DerefMut};

use crate::console::tabs::objects::columns::ObjectColumn;
use crate::console::tabs::objects::kinds::{column, columns};
use crate::console::tabs::objects::shares::Strip;
use crate::console::widgets::highlight::Highlight;
use crate::console::widgets::paged::{self, Keyed, Paged, Pending, REACH};
use crate::ledger::{Anchor, Group, Listed, SortBy};
use crate::model::filter::Filter;
use crate::model::time::Timestamp;
use crate::model::{Kind, Money, ObjectId, State, Sum, Tone};
use crate::services::{DaySums, Fresh, Selection, Sums, TablePageRequest, TableWindow};

/// The column and the direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ListSort {
    pub column: &'static str,
    pub descending: bool,
}

/// What is kept of a table to come back to it.
#[derive(Clone, Debug, PartialEq)]
pub struct ListSpot {
    /// The cursor's row, if the operator has moved the cursor.
    cursor: Option<ObjectId>,
    filter: Filter,
    sort: ListSort,
}

/// The table of one kind.
#[derive(Clone, Debug)]
pub struct List {
    pub kind: Kind,
    page: Paged<Listed, TablePageRequest>,
    filter: Filter,
    sort: ListSort,
    pub hidden: BTreeSet<&'static str>,
    /// The columns as the operator has put them in order; empty: the usual order.
    order: Vec<&'static str>,
    changes: HashMap<(ObjectId, &'static str), Timestamp>,
    totals: Option<ListTotals>,
    /// What the strip above it shows.
    pub strip: Option<Strip>,
    states: Vec<State>,
    /// The filter was changed: the cursor's row is kept only if it passes.
    filtered: bool,
    sums: Pending<(), Filter>,
    /// The row that is in the window even if it does not pass the filter.
    kept: Option<ObjectId>,
    /// The marked objects, each with its latest known amount. They stay marked whatever the table shows.
    marked: BTreeMap<ObjectId, Option<Money>>,
    /// The row that was marked last: where a range begins.
    last_mark: Option<ObjectId>,
    /// What is marked once the ledger has found the rows that pass the filter. Keys wait for it.
    marking: Option<(Selection, MarkAll)>,
}

impl Keyed for Listed {
    type Key = ObjectId;

    fn key(&self) -> ObjectId {
        self.id.clone()
    }

    fn is(&self, key: &ObjectId) -> bool {
        self.id == *key
    }
}

/// What becomes of the marks of all rows that pass a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MarkAll {
    Mark,
    Invert,
}

/// The tables of all kinds.
#[derive(Clone, Debug)]
pub struct Lists(Vec<List>);

impl Default for Lists {
    fn default() -> Self {
        Self(Kind::ALL.map(List::new).into())
    }
}

impl Lists {
    pub fn of(&self, kind: Kind) -> &List {
        // One for each of `Kind::ALL`, in the same order.
        &self.0[kind as usize]
    }

    pub(crate) fn of_mut(&mut self, kind: Kind) -> &mut List {
        &mut self.0[kind as usize]
    }
}

/// The line under the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListTotals {
    pub shown: u64,
    pub known: u64,
    /// The sum per currency.
    pub sums: Vec<Sum>,
    /// The part of it in rows that ended without success, or are held.
    pub ended: Vec<Sum>,
    pub tones: BTreeMap<Tone, u64>,
}

impl List {
    pub fn new(kind: Kind) -> Self {
        let (column, descending) = kind.row().sort;
        let sort = ListSort { column, descending };
        let mut page = Paged::default();
        page.set_newest_first(is_newest_first(kind, sort));
        Self {
            kind,
            page,
            filter: Filter::default(),
            sort,
            hidden: BTreeSet::new(),
            order: Vec::new(),
            changes: HashMap::new(),
            totals: None,
            strip: None,
            states: Vec::new(),
            filtered: false,
            sums: Pending::new(()),
            kept: None,
            marked: BTreeMap::new(),
            last_mark: None,
            marking: None,
        }
    }

    /// True if no object of the kind is known.
    pub fn is_empty(&self) -> bool {
        self.page.rows().is_empty() && self.totals.as_ref().is_none_or(|totals| totals.known == 0)
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn sort(&self) -> ListSort {
        self.sort
    }

    pub fn selection(&self) -> Selection {
        let by = column(self.kind, self.sort.column).map_or(SortBy::Number, |column| column.sort);
        let sort = crate::ledger::Sort { by, descending: self.sort.descending };
        Selection { kind: self.kind, filter: self.filter.clone(), sort }
    }

    /// The columns that the operator has not hidden, in the operator's order.
    pub fn columns(&self) -> impl Iterator<Item = &'static ObjectColumn> + '_ {
        self.all_columns().into_iter().filter(|column| !self.hidden.contains(column.id))
    }

    /// All columns in the operator's order. The number comes first.
    pub(crate) fn all_columns(&self) -> Vec<&'static ObjectColumn> {
        let mut all: Vec<&ObjectColumn> = columns(self.kind).iter().collect();
        // A column that the order does not name stays behind those that it does.
        let place = |id: &str| self.order.iter().position(|other| *other == id).unwrap_or(usize::MAX);
        all.sort_by_key(|column| if column.id == FIRST { (0, 0) } else { (1, place(column.id)) });
        all
    }

    /// The ids of the columns in the operator's order; empty for the usual one.
    pub fn order(&self) -> &[&'static str] {
        &self.order
    }

    /// Puts the columns in this order.
    pub(crate) fn set_order(&mut self, order: Vec<&'static str>) {
        self.order = order;
    }

    /// Shows these columns in this order and hides the others, as far as they can be hidden.
    pub(crate) fn show_columns(&mut self, shown: &[String]) {
        self.order = shown.iter().filter_map(|id| column(self.kind, id)).map(|column| column.id).collect();
        let hidden = columns(self.kind).iter().filter(|column| column.priority > 0 && !self.order.contains(&column.id));
        self.hidden = hidden.map(|column| column.id).collect();
    }

    /// Moves a column by one place among all. Returns false if it cannot be moved there.
    pub(crate) fn move_column(&mut self, from: usize, by: isize) -> bool {
        let mut order: Vec<&'static str> = self.all_columns().iter().map(|column| column.id).collect();
        let Some(to) = from.checked_add_signed(by).filter(|to| *to < order.len()) else { return false };
        // The number stays first: it is the one column that is always there.
        if from == 0 || to == 0 || from >= order.len() {
            return false;
        }
        order.swap(from, to);
        self.order = order;
        true
    }

    pub(crate) fn is_marked(&self, id: &ObjectId) -> bool {
        self.marked.contains_key(id)
    }

    /// The marked objects, by number.
    pub fn marked(&self) -> impl ExactSizeIterator<Item = &ObjectId> {
        self.marked.keys()
    }

    /// The total of the marked objects.
    pub(crate) fn marked_sums(&self) -> Vec<Sum> {
        Money::sums(self.marked.values().flatten().copied())
    }

    pub fn mark(&mut self, id: ObjectId, amount: Option<Money>) {
        self.last_mark = Some(id.clone());
        self.marked.insert(id, amount);
    }

    /// The loaded rows from the one that was marked last to the cursor, both included. `None` if no mark is among them.
    pub(crate) fn range(&self) -> Option<&[Listed]> {
        let from = self.last_mark.as_ref().filter(|id| self.is_marked(id))?;
        let from = self.page.rows().iter().position(|row| row.id == *from)?;
        let to = self.page.position();
        self.page.rows().get(from.min(to)..=from.max(to))
    }

    pub(crate) fn unmark(&mut self, id: &ObjectId) {
        self.marked.remove(id);
    }

    pub(crate) fn unmark_all(&mut self) {
        self.marked.clear();
    }

    /// All rows that pass the filter are to be marked, or their marks inverted. Returns what to ask the ledger for,
    /// unless an answer is awaited already.
    pub(crate) fn ask_matching(&mut self, how: MarkAll) -> Option<Selection> {
        if self.marking.is_some() {
            return None;
        }
        self.marking = Some((self.selection(), how));
        Some(self.selection())
    }

    /// The ledger has found the rows: what becomes of their marks. `None` if the table shows others by now.
    pub(crate) fn take_marking(&mut self, found: &Selection) -> Option<MarkAll> {
        let (_, how) = self.marking.take_if(|(asked, _)| asked == found)?;
        Some(how).filter(|_| found.filter == self.filter)
    }

    /// True until the ledger has answered what the operator asked for.
    pub(crate) fn is_loading(&self) -> bool {
        self.page.is_loading() || self.marking.is_some()
    }

    /// Moves the cursor by lines, as far as there are rows.
    pub(crate) fn move_by(&mut self, lines: isize) {
        let left = self.page.cursor().cloned();
        self.page.move_by(lines);
        // A row that no longer passes the filter stays until the cursor leaves it.
        if left.as_ref() != self.page.cursor() && left == self.kept && !self.filter.is_empty() {
            self.page.look_again();
        }
    }

    /// Moves to a row; clears the filter if that may hide it.
    pub(crate) fn go_to(&mut self, id: ObjectId) {
        if !self.page.go_to(&id) {
            self.set_filter(Filter::default());
            self.filtered = false;
            self.page.seek(id);
        }
    }

    pub fn spot(&self) -> ListSpot {
        let cursor = self.page.cursor().filter(|_| self.page.is_pinned()).cloned();
        ListSpot { cursor, filter: self.filter.clone(), sort: self.sort }
    }

    /// Restores filter, sort and cursor.
    pub(crate) fn return_to(&mut self, spot: ListSpot) {
        if self.spot() == spot {
            return;
        }
        let same = (&self.filter, self.sort) == (&spot.filter, spot.sort);
        self.set_filter(spot.filter);
        if self.sort != spot.sort {
            self.set_sort(spot.sort);
        }
        // The row under the cursor was there before, so it stays even if it no longer passes the filter.
        self.filtered = false;
        match spot.cursor {
            Some(id) if same && self.page.go_to(&id) => {}
            Some(id) => self.page.seek(id),
            None => self.page.restart(),
        }
    }

    pub(crate) fn set_filter(&mut self, filter: Filter) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        (self.totals, self.filtered) = (None, true);
        self.sums.want(());
        self.page.turn();
    }

    /// Moves to the row of an object that was just made. It is shown even if it does not pass the filter.
    pub(crate) fn go_to_made(&mut self, id: ObjectId) {
        self.filtered = false;
        self.page.seek(id);
    }

    pub(crate) fn set_sort(&mut self, sort: ListSort) {
        self.sort = sort;
        self.page.set_newest_first(is_newest_first(self.kind, sort));
        self.page.turn();
    }

    /// The ledger has changed: rows, order and totals are read again.
    pub fn learned(&mut self) {
        self.page.look_again();
        self.sums.want_later(|| ());
    }

    /// The page to query now, if any.
    pub fn ask(&mut self) -> Option<TablePageRequest> {
        let anchor = match self.page.ask()? {
            paged::PageAnchor::Start => Anchor::Start,
            paged::PageAnchor::End => Anchor::End,
            paged::PageAnchor::At(id) => Anchor::At(id),
        };
        // The cursor's row is wanted even if it does not pass the filter.
        let filtered = std::mem::take(&mut self.filtered);
        let stays = self.page.is_pinned() && (matches!(anchor, Anchor::At(_)) || self.page.is_following());
        let kept = self.page.cursor().filter(|_| stays && !filtered).cloned();
        let seen = self.page.seen().cloned();
        let request = TablePageRequest { selection: self.selection(), anchor, kept, reach: (REACH, REACH), seen };
        self.page.asked(request.clone());
        Some(request)
    }

    /// The sums to query now, if any.
    pub(crate) fn ask_sums(&mut self) -> Option<Selection> {
        self.sums.take()?;
        self.sums.asked(self.filter.clone());
        Some(self.selection())
    }

    /// The last 24 hours begin an hour later than those that were added up: they are added up again.
    pub(crate) fn hour_turned(&mut self, now: Timestamp) {
        if self.strip.as_ref().is_some_and(|strip| strip.since < DaySums::since(now)) {
            self.sums.want_later(|| ());
        }
    }

    /// Stores a page of the table, unless another was requested since.
    pub fn show(&mut self, request: &TablePageRequest, window: TableWindow, now: Timestamp) {
        let TableWindow { page: window, newer } = window;
        let ends = (window.at_start, window.at_end);
        let before = self.page.show(request, window.rows, ends, newer, |rows, cursor| match &request.anchor {
            Anchor::Start | Anchor::Beside { .. } => 0,
            Anchor::End => usize::MAX,
            // If the cursor's row is gone, the row in its place.
            Anchor::At(_) => {
                let stays = cursor.and_then(|cursor| rows.iter().position(|row| row.id == *cursor));
                stays.unwrap_or(window.anchor)
            }
        });
        let Some(before) = before else { return };
        self.kept.clone_from(&request.kept);
        for row in self.page.rows().iter().filter(|row| row.seen.is_some()) {
            if let Some(amount) = self.marked.get_mut(&row.id) {
                *amount = row.amount();
            }
        }
        let old: HashMap<&ObjectId, &Listed> = before.iter().map(|row| (&row.id, row)).collect();
        let (columns, changes) = (columns(self.kind), &mut self.changes);
        for row in self.page.rows() {
            if let Some(before) = old.get(&row.id) {
                note_changes(changes, columns, before, row, now);
            }
        }
    }

    /// Stores the sums, unless the filter has changed since.
    pub(crate) fn add_up(&mut self, selection: &Selection, sums: &Sums) {
        if !self.sums.answers(&selection.filter) || selection.filter != self.filter {
            return;
        }
        self.states.clone_from(&sums.states);
        self.totals = Some(ListTotals::of(&sums.shown, sums.known));
        self.strip = Some(Strip::of(sums));
    }

    /// Handles the answer to a query: its row is replaced at once, and moves to its place when the page is read again.
    pub fn fetched(&mut self, fresh: &Fresh, now: Timestamp) {
        if column(self.kind, self.sort.column).is_some_and(|column| column.sort == SortBy::Verified) {
            self.page.look_again();
        }
        let Some(row) = self.page.rows_mut().iter_mut().find(|row| row.id == fresh.object.id) else { return };
        // A newer answer has arrived before.
        if row.seen.as_ref().is_some_and(|seen| seen.billed_on().is_none() && seen.verified_at > fresh.verified_at) {
            return;
        }
        let after = Listed { origin: row.origin, ..Listed::of(fresh) };
        let before = std::mem::replace(row, after.clone());
        let summary = |row: &Listed| row.seen.as_ref().map(|seen| seen.summary.clone());
        if summary(&before) != summary(&after) {
            // Read again also without a report of the ledger: another process may have stored the document before.
            self.learned();
        }
        note_changes(&mut self.changes, columns(self.kind), &before, &after, now);
    }

    /// The states that occur, in the order of their codes.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// How far the highlight of a changed cell has faded, while it is visible.
    pub fn changed(&self, id: &ObjectId, column: &'static str, now: Timestamp) -> Option<Highlight> {
        if self.changes.is_empty() {
            return None;
        }
        Highlight::of(*self.changes.get(&(id.clone(), column))?, now)
    }

    /// Drops changes whose highlight has faded; returns when the next step of fading is due.
    pub(crate) fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.changes.retain(|_, born| Highlight::of(*born, now).is_some());
        self.changes.values().filter_map(|born| Highlight::next(*born, now)).min()
    }

    pub fn totals(&self) -> Option<&ListTotals> {
        self.totals.as_ref()
    }
}

/// The column that is always the first.
const FIRST: &str = "number";

/// True if the rows that come in are shown first.
fn is_newest_first(kind: Kind, sort: ListSort) -> bool {
    sort.descending && column(kind, sort.column).is_some_and(|column| column.sort == SortBy::Time)
}

/// Notes the cells that changed. A row that is seen for the first time has not changed.
fn note_changes(
    changes: &mut HashMap<(ObjectId, &'static str), Timestamp>,
    columns: &[ObjectColumn],
    before: &Listed,
    after: &Listed,
    now: Timestamp,
) {
    if before.seen.is_none() || before.seen == after.seen {
        return;
    }
    for column in columns.iter().filter(|column| !column.passing) {
        if (column.key)(before) != (column.key)(after) {
            changes.insert((after.id.clone(), column.id), Highlight::born(now));
        }
    }
}

impl Deref for List {
    type Target = Paged<Listed, TablePageRequest>;

    fn deref(&self) -> &Self::Target {
        &self.page
    }
}

impl DerefMut for List {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.page
    }
}

impl ListTotals {
    pub(crate) fn of(groups: &[Group], known: u64) -> Self {
        let ended = |group: &&Group| {
            group.state.as_ref().is_some_and(|state| matches!(state.tone, Tone::Stopped | Tone::Failed))
        };
        let mut totals = Self {
            known,
            sums: Sum::of(groups.iter().filter_map(Group::sum)),
            ended: Sum::of(groups.iter().filter(ended).filter_map(Group::sum)),
            ..Self::default()
        };
        for group in groups {
            totals.shown += group.count;
            if let Some(state) = &group.state {
                *totals.tones.entry(state.tone).or_default() += group.count;
            }
        }
        totals
    }
}
