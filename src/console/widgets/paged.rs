//! A window of the rows of a long table around the cursor. It is read from the ledger as the cursor moves, by one query
//! at a time; outdated answers are dropped.

/// Rows read on either side of the cursor.
pub(crate) const REACH: usize = 200;
/// How near to the edge of the loaded rows the next are read.
pub(crate) const MARGIN: usize = 80;

use std::sync::OnceLock;

use crate::console::widgets::columns::Sideways;
use crate::i18n::Lang;
use crate::services::Newer;

/// A row with an identity.
pub trait Keyed {
    type Key: Clone + PartialEq;

    fn key(&self) -> Self::Key;

    fn is(&self, key: &Self::Key) -> bool;
}

/// One query to the ledger at a time: `W` is the next one wanted, `Q` the one that was sent.
#[derive(Clone, Debug)]
pub(crate) struct Pending<W, Q> {
    wanted: Option<NextQuery<W>>,
    /// The query that was not answered yet.
    asked: Option<Q>,
    /// The operator waits for the answer.
    urgent: bool,
}

#[derive(Clone, Debug)]
struct NextQuery<W> {
    what: W,
    /// Do not wait for the answer to the query before.
    urgent: bool,
}

impl<W, Q: PartialEq> Pending<W, Q> {
    /// Wanted as soon as the ledger can be queried. Keys pressed meanwhile wait for the answer.
    pub(crate) fn new(what: W) -> Self {
        Self { wanted: Some(NextQuery { what, urgent: true }), asked: None, urgent: false }
    }

    /// The operator wants this: it is sent without waiting for the query before.
    pub(crate) fn want(&mut self, what: W) {
        self.wanted = Some(NextQuery { what, urgent: true });
    }

    /// Wanted once the query before is answered, unless something else is wanted already.
    pub(crate) fn want_later(&mut self, what: impl FnOnce() -> W) {
        if self.wanted.is_none() {
            self.wanted = Some(NextQuery { what: what(), urgent: false });
        }
    }

    /// What to query now.
    pub(crate) fn take(&mut self) -> Option<W> {
        let wanted = self.wanted.take_if(|wanted| wanted.urgent || self.asked.is_none())?;
        self.urgent = wanted.urgent;
        Some(wanted.what)
    }

    /// A query was sent.
    pub(crate) fn asked(&mut self, question: Q) {
        self.asked = Some(question);
    }

    /// True if this answers the latest query.
    pub(crate) fn answers(&mut self, question: &Q) -> bool {
        let latest = self.asked.as_ref() == Some(question);
        if latest {
            (self.asked, self.urgent) = (None, false);
        }
        latest
    }

    /// True until the ledger has answered what the operator wanted.
    pub(crate) fn is_urgent(&self) -> bool {
        self.urgent || self.wanted.as_ref().is_some_and(|wanted| wanted.urgent)
    }
}

/// Which rows are wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PageAnchor<K> {
    Start,
    End,
    At(K),
}

/// The loaded rows of a table of `R`, read by queries `Q`.
#[derive(Clone, Debug)]
pub struct Paged<R: Keyed, Q> {
    rows: Vec<R>,
    at_start: bool,
    at_end: bool,
    /// The position of the first loaded row, counted so that the cursor's row, and with it the rows on the screen, keep
    /// their positions when the window moves.
    base: i64,
    /// The row of the cursor. It follows the row, not the position.
    cursor: Option<R::Key>,
    /// The operator has moved the cursor. Until then it stays on the first line.
    pinned: bool,
    /// The order is newest first: a cursor on the first row stays on the first row when newer ones come in.
    newest_first: bool,
    /// A dialog, a detail or a waiting key is about the cursor's row: the cursor must not leave it.
    held: bool,
    /// The query that was sent follows the newest rows.
    following: bool,
    /// The first row that was on the screen when the table was last seen from its start.
    seen: Option<R::Key>,
    /// How many rows come before it now.
    newer: usize,
    /// The widths of the columns' contents in the loaded rows, in each language.
    widths: [OnceLock<Vec<u16>>; Lang::ALL.len()],
    /// Which of its columns are shown.
    pub sideways: Sideways,
    /// `None` wants the rows around the cursor, wherever it is by then.
    asking: Pending<Option<PageAnchor<R::Key>>, Q>,
    /// The ledger has answered at least once.
    read: bool,
}

impl<R: Keyed, Q: PartialEq> Default for Paged<R, Q> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            at_start: true,
            at_end: true,
            base: 0,
            cursor: None,
            pinned: false,
            newest_first: false,
            held: false,
            following: false,
            seen: None,
            newer: 0,
            widths: Default::default(),
            sideways: Sideways::default(),
            asking: Pending::new(Some(PageAnchor::Start)),
            read: false,
        }
    }
}

impl<R: Keyed, Q: PartialEq> Paged<R, Q> {
    /// The loaded rows, in their order.
    pub fn rows(&self) -> &[R] {
        &self.rows
    }

    pub(crate) fn rows_mut(&mut self) -> &mut [R] {
        self.widths = Default::default();
        &mut self.rows
    }

    /// The widths of the columns' contents in the loaded rows; `measure` is called once for each page.
    pub(crate) fn widths(&self, lang: Lang, measure: impl FnOnce(&[R]) -> Vec<u16>) -> &[u16] {
        self.widths[lang as usize].get_or_init(|| measure(&self.rows))
    }

    /// The position of the first loaded row; lines on the screen are counted from the same origin.
    pub fn base(&self) -> i64 {
        self.base
    }

    /// False until the ledger has answered.
    pub(crate) fn is_read(&self) -> bool {
        self.read
    }

    pub fn cursor(&self) -> Option<&R::Key> {
        self.cursor.as_ref()
    }

    pub fn find(&self, key: &R::Key) -> Option<&R> {
        self.rows.iter().find(|row| row.is(key))
    }

    pub fn selected(&self) -> Option<&R> {
        self.find(self.cursor.as_ref()?)
    }

    /// The cursor's line among the loaded rows.
    pub fn position(&self) -> usize {
        let line = |cursor: &R::Key| self.rows.iter().position(|row| row.is(cursor));
        self.cursor.as_ref().and_then(line).unwrap_or(0)
    }

    /// From now on the cursor stays on its row.
    pub fn pin(&mut self) {
        self.pinned = true;
    }

    /// The operator has pressed a key since the table shows these rows.
    pub(crate) fn is_pinned(&self) -> bool {
        self.pinned
    }

    /// True if the latest query follows the newest rows.
    pub(crate) fn is_following(&self) -> bool {
        self.following
    }

    /// The order of the rows is newest first, or is not.
    pub(crate) fn set_newest_first(&mut self, newest_first: bool) {
        self.newest_first = newest_first;
    }

    /// Something is about the cursor's row, or nothing is.
    pub fn hold(&mut self, held: bool) {
        self.held = held;
    }

    fn follows(&self) -> bool {
        let on_first =
            || self.cursor.as_ref().is_some_and(|cursor| self.rows.first().is_some_and(|row| row.is(cursor)));
        !self.pinned || (self.newest_first && self.at_start && !self.held && on_first())
    }

    /// The first rows are on the screen: none is newer than what the operator sees.
    pub(crate) fn see_start(&mut self) {
        if self.at_start {
            (self.seen, self.newer) = (self.rows.first().map(Keyed::key), 0);
        }
    }

    /// The first row that the operator has seen.
    pub fn seen(&self) -> Option<&R::Key> {
        self.seen.as_ref()
    }

    /// How many newer rows are above the screen, whose first line shows this loaded row. None where the order is not
    /// newest first.
    pub(crate) fn newer_above(&self, first: usize) -> usize {
        match (self.newest_first, self.at_start) {
            (false, _) => 0,
            (true, true) => self.newer.min(first),
            (true, false) => self.newer,
        }
    }

    /// Moves the cursor by lines, as far as there are rows; by `isize::MIN` and `isize::MAX` to the ends of the table.
    pub(crate) fn move_by(&mut self, lines: isize) {
        match lines {
            isize::MIN => return self.move_to_start(),
            isize::MAX => return self.move_to_end(),
            _ => {}
        }
        let (from, last) = (self.position(), self.rows.len().saturating_sub(1));
        let beyond = from.checked_add_signed(lines).is_none_or(|to| to > last);
        self.move_to(from.saturating_add_signed(lines));
        // Rows beyond are not loaded yet: the next keys wait for them.
        if beyond && !(if lines < 0 { self.at_start } else { self.at_end }) {
            self.asking.want(None);
        }
    }

    fn move_to(&mut self, line: usize) {
        let line = line.min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(line).map(Keyed::key);
        let near_start = line < MARGIN && !self.at_start;
        let near_end = line + MARGIN >= self.rows.len() && !self.at_end;
        if near_start || near_end {
            self.look_again();
        }
    }

    /// Moves to the first row of the table.
    fn move_to_start(&mut self) {
        match self.at_start {
            true => self.move_to(0),
            false => self.asking.want(Some(PageAnchor::Start)),
        }
    }

    /// Moves to the last row of the table.
    fn move_to_end(&mut self) {
        match self.at_end {
            true => self.move_to(usize::MAX),
            false => self.asking.want(Some(PageAnchor::End)),
        }
    }

    /// Moves to a loaded row. False if it is not loaded.
    pub(crate) fn go_to(&mut self, key: &R::Key) -> bool {
        self.pinned = true;
        let at_hand = self.find(key).is_some();
        if at_hand {
            self.cursor = Some(key.clone());
            self.move_by(0);
        }
        at_hand
    }

    /// Moves to a row anywhere in the table.
    pub(crate) fn seek(&mut self, key: R::Key) {
        self.pinned = true;
        self.asking.want(Some(PageAnchor::At(key.clone())));
        self.cursor = Some(key);
    }

    /// The rows or their order have changed: the cursor stays on its row if possible.
    pub fn turn(&mut self) {
        (self.seen, self.newer) = (None, 0);
        let pinned = self.cursor.clone().filter(|_| self.pinned);
        self.asking.want(Some(pinned.map_or(PageAnchor::Start, PageAnchor::At)));
    }

    /// The table shows other rows: the cursor moves to the first.
    pub fn restart(&mut self) {
        (self.cursor, self.pinned) = (None, false);
        (self.seen, self.newer) = (None, 0);
        self.asking.want(Some(PageAnchor::Start));
    }

    /// There may be new rows, or the loaded ones may have changed.
    pub(crate) fn look_again(&mut self) {
        self.asking.want_later(|| None);
    }

    fn here(&self) -> PageAnchor<R::Key> {
        let pinned = self.cursor.as_ref().filter(|_| !self.follows());
        pinned.map_or(PageAnchor::Start, |cursor| PageAnchor::At(cursor.clone()))
    }

    /// True until the ledger has answered what the operator asked for.
    pub(crate) fn is_loading(&self) -> bool {
        self.asking.is_urgent()
    }

    /// Which rows to query now, if any. [`Paged::asked`] records the query.
    pub fn ask(&mut self) -> Option<PageAnchor<R::Key>> {
        let wanted = self.asking.take()?;
        let anchor = wanted.clone().unwrap_or_else(|| self.here());
        self.following = wanted.is_none() && anchor == PageAnchor::Start;
        Some(anchor)
    }

    pub fn asked(&mut self, question: Q) {
        self.asking.asked(question);
    }

    /// Stores rows, unless others were requested since. `at` returns the position of the cursor in them. `newer` is what
    /// comes before rows that are not the first. Returns the former rows.
    pub fn show(
        &mut self,
        question: &Q,
        rows: Vec<R>,
        (at_start, at_end): (bool, bool),
        newer: Newer<R::Key>,
        at: impl FnOnce(&[R], Option<&R::Key>) -> usize,
    ) -> Option<Vec<R>> {
        if !self.asking.answers(question) {
            return None;
        }
        self.read = true;
        self.widths = Default::default();
        let line = self.position();
        // A key pressed since the query was sent may be about the cursor's row.
        let stays = self.following && !self.follows();
        let before = std::mem::replace(&mut self.rows, rows);
        (self.at_start, self.at_end) = (at_start, at_end);
        let own =
            self.cursor.as_ref().filter(|_| stays).and_then(|cursor| self.rows.iter().position(|row| row.is(cursor)));
        let next = own.unwrap_or_else(|| at(&self.rows, self.cursor.as_ref())).min(self.rows.len().saturating_sub(1));
        self.cursor = self.rows.get(next).map(Keyed::key);
        let signed = |line: usize| i64::try_from(line).unwrap_or(0);
        self.base += signed(line) - signed(next);
        self.count_newer(&before, newer);
        Some(before)
    }

    /// Counts the rows that come before the first one that the operator has seen.
    fn count_newer(&mut self, before: &[R], newer: Newer<R::Key>) {
        let Some(seen) = &self.seen else {
            return match self.at_start {
                true => self.see_start(),
                false => self.seen = newer.first,
            };
        };
        self.newer = match self.at_start {
            true => {
                let place = |key: &R::Key| self.rows.iter().position(|row| row.is(key));
                // If it is gone, the next one that was there.
                let known = || self.rows.iter().position(|row| before.iter().any(|old| old.is(&row.key())));
                place(seen).or_else(known).unwrap_or(0)
            }
            false => newer.count,
        };
        if self.follows() {
            self.see_start();
        }
    }
}
