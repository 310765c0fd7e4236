//! The table of one kind: a window on the ledger's rows around the cursor. Filtering, sorting and counting happen in
//! the ledger, over all rows; here is what of them is near the screen.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::console::tabs::objects::columns::Column;
use crate::console::tabs::objects::kinds::{column, columns};
use crate::console::widgets::fading::Fading;
use crate::ledger::{Anchor, Group, Listed, SortBy, Window};
use crate::model::filter::Filter;
use crate::model::time::Timestamp;
use crate::model::{Kind, Money, ObjectId, State, Sum, Tone};
use crate::services::{Fresh, Glance, Selection, Sums};

/// Rows asked for on either side of the cursor, and how near to the end of them the next are asked for.
const REACH: usize = 200;
const MARGIN: usize = 80;

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
    rows: Vec<Listed>,
    at_start: bool,
    at_end: bool,
    /// Where the first row of the window stands. Counted so that the cursor's row keeps its place when the window
    /// moves, so that the rows on the screen do, too.
    base: i64,
    /// Where the cursor stands: on an object, not on a line.
    cursor: Option<ObjectId>,
    /// The operator has been here. Until then the cursor waits on the first line, whatever that is.
    touched: bool,
    filter: Filter,
    sort: Sort,
    pub hidden: BTreeSet<&'static str>,
    changes: HashMap<(ObjectId, &'static str), Timestamp>,
    totals: Option<Totals>,
    states: Vec<State>,
    /// What is to be asked of the ledger next.
    wanted: Option<Wanted>,
    sums_wanted: bool,
    /// What was asked and is not answered yet.
    asked: Option<Glance>,
    on_its_way: bool,
    sums_asked: Option<Filter>,
    /// The row that is in the window whether it passes the filter or not.
    kept: Option<ObjectId>,
    /// The objects that are marked, each with its amount as it was last seen. They stay so whatever the table shows.
    marked: BTreeMap<ObjectId, Option<Money>>,
}

/// A look at the ledger that is still to be taken.
#[derive(Clone, Debug)]
struct Wanted {
    anchor: Anchor,
    /// The cursor's row is wanted even if it does not pass the filter.
    keep: bool,
    /// It does not wait for the answer to the look before.
    urgent: bool,
}

/// The line under the table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    pub shown: u64,
    pub known: u64,
    /// The sum per currency.
    pub sums: Vec<Sum>,
    /// How much of it is in rows that ended without, or are held.
    pub ended: Vec<Sum>,
    pub tones: BTreeMap<Tone, u64>,
}

impl List {
    pub fn new(kind: Kind) -> Self {
        let (column, descending) = kind.row().sort;
        Self {
            kind,
            rows: Vec::new(),
            at_start: true,
            at_end: true,
            base: 0,
            cursor: None,
            touched: false,
            filter: Filter::default(),
            sort: Sort { column, descending },
            hidden: BTreeSet::new(),
            changes: HashMap::new(),
            totals: None,
            states: Vec::new(),
            // Whatever is pressed on a table that was never read waits for it.
            wanted: Some(Wanted { anchor: Anchor::Start, keep: false, urgent: true }),
            sums_wanted: true,
            asked: None,
            on_its_way: false,
            sums_asked: None,
            kept: None,
            marked: BTreeMap::new(),
        }
    }

    /// The rows near the cursor, in their order.
    pub fn rows(&self) -> &[Listed] {
        &self.rows
    }

    /// Where the first of the rows stands; lines are counted from the same point.
    pub fn base(&self) -> i64 {
        self.base
    }

    pub fn find(&self, id: &ObjectId) -> Option<&Listed> {
        self.rows.iter().find(|row| row.id == *id)
    }

    /// True if nothing of the kind is known at all.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty() && self.totals.as_ref().is_none_or(|totals| totals.known == 0)
    }

    pub fn filter(&self) -> &Filter {
        &self.filter
    }

    pub fn sort(&self) -> Sort {
        self.sort
    }

    pub fn selection(&self) -> Selection {
        let by = column(self.kind, self.sort.column).map_or(SortBy::Number, |column| column.sort);
        let sort = crate::ledger::Sort { by, descending: self.sort.descending };
        Selection { kind: self.kind, filter: self.filter.clone(), sort }
    }

    /// The columns that the operator has not hidden.
    pub fn columns(&self) -> impl Iterator<Item = &'static Column> + '_ {
        columns(self.kind).iter().filter(|column| !self.hidden.contains(column.id))
    }

    pub fn cursor(&self) -> Option<&ObjectId> {
        self.cursor.as_ref()
    }

    pub fn selected(&self) -> Option<&Listed> {
        self.find(self.cursor.as_ref()?)
    }

    /// From now on the cursor stays on its object.
    pub fn touch(&mut self) {
        self.touched = true;
    }

    /// The cursor's line among the rows.
    pub fn position(&self) -> usize {
        let at = |cursor: &ObjectId| self.rows.iter().position(|row| row.id == *cursor);
        self.cursor.as_ref().and_then(at).unwrap_or(0)
    }

    pub fn is_marked(&self, id: &ObjectId) -> bool {
        self.marked.contains_key(id)
    }

    /// The marked objects, by number.
    pub fn marked(&self) -> impl ExactSizeIterator<Item = &ObjectId> {
        self.marked.keys()
    }

    /// What the marked objects add up to.
    pub fn marked_sums(&self) -> Vec<Sum> {
        Money::sums(self.marked.values().flatten().copied())
    }

    pub fn mark(&mut self, id: ObjectId, amount: Option<Money>) {
        self.marked.insert(id, amount);
    }

    pub fn unmark(&mut self, id: &ObjectId) {
        self.marked.remove(id);
    }

    pub fn unmark_all(&mut self) {
        self.marked.clear();
    }

    /// Moves the cursor by lines, as far as there are rows.
    pub fn move_by(&mut self, lines: isize) {
        let (from, last) = (self.position(), self.rows.len().saturating_sub(1));
        let beyond = from.checked_add_signed(lines).is_none_or(|to| to > last);
        self.move_to(from.saturating_add_signed(lines));
        // What lies beyond is not at hand yet: whatever is pressed next waits for it.
        if beyond && !(if lines < 0 { self.at_start } else { self.at_end }) {
            self.wanted = Some(Wanted { anchor: self.here(), keep: true, urgent: true });
        }
    }

    fn move_to(&mut self, line: usize) {
        let line = line.min(self.rows.len().saturating_sub(1));
        let next = self.rows.get(line).map(|row| row.id.clone());
        let left = std::mem::replace(&mut self.cursor, next);
        let near_start = line < MARGIN && !self.at_start;
        let near_end = line + MARGIN >= self.rows.len() && !self.at_end;
        // A row that left the filter while the cursor stood on it stays until the cursor leaves.
        let let_go = left != self.cursor && left == self.kept && !self.filter.is_empty();
        if near_start || near_end || let_go {
            self.look_again();
        }
    }

    /// Goes to the first row of all.
    pub fn move_to_start(&mut self) {
        match self.at_start {
            true => self.move_to(0),
            false => self.wanted = Some(Wanted { anchor: Anchor::Start, keep: false, urgent: true }),
        }
    }

    /// Goes to the last row of all.
    pub fn move_to_end(&mut self) {
        match self.at_end {
            true => self.move_to(usize::MAX),
            false => self.wanted = Some(Wanted { anchor: Anchor::End, keep: false, urgent: true }),
        }
    }

    /// Goes to a row: out of the filter, if that may hide it.
    pub fn go_to(&mut self, id: ObjectId) {
        self.touched = true;
        if self.find(&id).is_some() {
            self.cursor = Some(id);
            return self.move_by(0);
        }
        self.set_filter(Filter::default());
        self.wanted = Some(Wanted { anchor: Anchor::At(id.clone()), keep: true, urgent: true });
        self.cursor = Some(id);
    }

    pub fn set_filter(&mut self, filter: Filter) {
        if filter == self.filter {
            return;
        }
        self.filter = filter;
        (self.totals, self.sums_wanted) = (None, true);
        let anchor = self.here();
        self.wanted = Some(Wanted { anchor, keep: false, urgent: true });
    }

    pub fn set_sort(&mut self, sort: Sort) {
        self.sort = sort;
        let anchor = self.here();
        self.wanted = Some(Wanted { anchor, keep: true, urgent: true });
    }

    /// The ledger has learned something: rows, order and totals may be others.
    pub fn learned(&mut self) {
        self.look_again();
        self.sums_wanted = true;
    }

    fn look_again(&mut self) {
        // Whoever is on the way elsewhere gets there first.
        if self.wanted.is_none() {
            let anchor = self.here();
            self.wanted = Some(Wanted { anchor, keep: true, urgent: false });
        }
    }

    fn here(&self) -> Anchor {
        match &self.cursor {
            Some(cursor) if self.touched => Anchor::At(cursor.clone()),
            _ => Anchor::Start,
        }
    }

    /// True until the ledger has answered to what the operator asked for: another filter or order, another place.
    pub fn is_on_its_way(&self) -> bool {
        self.on_its_way || self.wanted.as_ref().is_some_and(|wanted| wanted.urgent)
    }

    /// What is to be asked of the ledger now.
    pub fn ask(&mut self) -> Option<Glance> {
        let wanted = self.wanted.take_if(|wanted| wanted.urgent || self.asked.is_none())?;
        let kept = self.cursor.clone().filter(|_| wanted.keep && self.touched);
        let glance = Glance { selection: self.selection(), anchor: wanted.anchor, kept, reach: (REACH, REACH) };
        self.asked = Some(glance.clone());
        self.on_its_way = wanted.urgent;
        Some(glance)
    }

    /// The sums that are to be asked of the ledger now.
    pub fn ask_sums(&mut self) -> Option<Selection> {
        if !self.sums_wanted || self.sums_asked.as_ref() == Some(&self.filter) {
            return None;
        }
        self.sums_wanted = false;
        self.sums_asked = Some(self.filter.clone());
        Some(self.selection())
    }

    /// Takes in a stretch of the table, unless another was asked for since.
    pub fn show(&mut self, glance: &Glance, window: Window, now: Timestamp) {
        if self.asked.as_ref() != Some(glance) {
            return;
        }
        (self.asked, self.on_its_way) = (None, false);
        let before = std::mem::replace(&mut self.rows, window.rows);
        (self.at_start, self.at_end) = (window.at_start, window.at_end);
        self.kept.clone_from(&glance.kept);
        let place = |cursor: &ObjectId, rows: &[Listed]| rows.iter().position(|row| row.id == *cursor);
        let line = self.cursor.as_ref().and_then(|cursor| place(cursor, &before)).unwrap_or(0);
        let stays = self.cursor.as_ref().and_then(|cursor| place(cursor, &self.rows));
        let last = self.rows.len().saturating_sub(1);
        let next = match (&glance.anchor, stays) {
            (Anchor::Start, _) => 0,
            (Anchor::End, _) => last,
            (Anchor::At(_), Some(line)) => line,
            // It is gone: what stands in its place.
            (Anchor::At(_), None) => window.anchor.min(last),
        };
        self.cursor = self.rows.get(next).map(|row| row.id.clone());
        let signed = |line: usize| i64::try_from(line).unwrap_or(0);
        self.base += signed(line) - signed(next);
        for row in self.rows.iter().filter(|row| row.seen.is_some()) {
            if let Some(amount) = self.marked.get_mut(&row.id) {
                *amount = row.amount();
            }
        }
        let old: HashMap<&ObjectId, &Listed> = before.iter().map(|row| (&row.id, row)).collect();
        let rows: Vec<(Listed, Listed)> =
            self.rows.iter().filter_map(|row| Some(((*old.get(&row.id)?).clone(), row.clone()))).collect();
        rows.iter().for_each(|(before, after)| self.compare(before, after, now));
    }

    /// Takes in what a table adds up to, unless it is another's by now.
    pub fn add_up(&mut self, selection: &Selection, sums: &Sums) {
        if self.sums_asked.as_ref() == Some(&selection.filter) {
            self.sums_asked = None;
        }
        if selection.filter != self.filter {
            return;
        }
        self.states.clone_from(&sums.states);
        self.totals = Some(Totals::of(&sums.shown, sums.known));
    }

    /// Takes in the answer of a query: its row changes at once, its place once the ledger is said to have learned
    /// something.
    pub fn fetched(&mut self, fresh: &Fresh, now: Timestamp) {
        if column(self.kind, self.sort.column).is_some_and(|column| column.sort == SortBy::Verified) {
            self.look_again();
        }
        let Some(row) = self.rows.iter_mut().find(|row| row.id == fresh.object.id) else { return };
        // An answer that was overtaken by a newer one tells nothing new.
        if row.seen.as_ref().is_some_and(|seen| seen.verified_at > fresh.verified_at) {
            return;
        }
        let after = Listed { origin: row.origin, ..Listed::of(fresh) };
        let before = std::mem::replace(row, after.clone());
        let summary = |row: &Listed| row.seen.as_ref().map(|seen| seen.summary.clone());
        if summary(&before) != summary(&after) {
            // Another process may have put it into the ledger before: nobody else tells.
            self.learned();
        }
        self.compare(&before, &after, now);
    }

    /// Marks the cells that changed. What is seen for the first time is no change.
    fn compare(&mut self, before: &Listed, after: &Listed, now: Timestamp) {
        if before.seen.is_none() || before.seen == after.seen {
            return;
        }
        for column in columns(self.kind).iter().filter(|column| !column.passing) {
            if (column.key)(before) != (column.key)(after) {
                self.changes.insert((after.id.clone(), column.id), Fading::born(now));
            }
        }
    }

    /// The states that occur, in the order of their codes.
    pub fn states(&self) -> &[State] {
        &self.states
    }

    /// How far the change of a cell has faded, if that is still to be seen.
    pub fn changed(&self, id: &ObjectId, column: &'static str, now: Timestamp) -> Option<Fading> {
        if self.changes.is_empty() {
            return None;
        }
        Fading::of(*self.changes.get(&(id.clone(), column))?, now)
    }

    /// Forgets changes that have faded; says when the next step of fading is due.
    pub fn fade(&mut self, now: Timestamp) -> Option<Timestamp> {
        self.changes.retain(|_, born| Fading::of(*born, now).is_some());
        self.changes.values().filter_map(|born| Fading::next(*born, now)).min()
    }

    pub fn totals(&self) -> Option<&Totals> {
        self.totals.as_ref()
    }
}

impl Totals {
    fn of(groups: &[Group], known: u64) -> Self {
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
