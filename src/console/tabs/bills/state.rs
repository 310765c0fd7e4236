//! The state of the tab of the bills: the downloaded ones, the downloads in progress, and the bill that is being read.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use crossterm::event::KeyEvent;
use tui_input::{Input, InputRequest};

use crate::console::dialogs::prefilled::replaces;
use crate::console::tabs::bills::books::state::BooksState;
use crate::console::widgets::paged::{MARGIN, REACH};
use crate::model::bill::{BillFileRow, BillId, BillKind, BillRow, FundAccount, TradeRows};
use crate::model::time::{Date, Duration, Timestamp, beijing_day, day, parse_day};
use crate::services::IntakeProgress;
use crate::services::bills::BillItem;
use crate::services::{BillPage, BillPageRequest, BillRecord};

/// The list of bills, its cursor, and the bill that is being read.
#[derive(Clone, Debug)]
pub struct BillsState {
    records: Vec<BillRecord>,
    cursor: Option<BillId>,
    /// The operator has moved the cursor. Until then it stays on the latest bill.
    touched: bool,
    /// Downloads in progress, with the bytes received so far.
    pub fetching: BTreeMap<BillId, u64>,
    /// Bills whose rows are on their way into the ledger.
    pub taking: BTreeMap<BillId, IntakeProgress>,
    /// The bill whose rows are shown and receive the keys.
    pub reading: Option<BillReading>,
    /// The reconciliation that is shown in place of bills.
    pub books: Option<BooksState>,
    /// The reconciliation from which the bill that is being read was opened.
    behind: Option<BooksState>,
    /// The day for which a file of orders is asked, and the latest such file.
    pub asked_day: Option<Date>,
    pub against: Option<PathBuf>,
    /// A row to move to, once the list of bills has been read.
    heading_for: Option<BillRow>,
    wanted: bool,
    read: bool,
}

/// A bill that is being read.
#[derive(Clone, Debug)]
pub struct BillReading {
    pub record: BillRecord,
    rows: Vec<BillItem>,
    /// The position of the first loaded row in the bill.
    from: usize,
    total: usize,
    cursor: usize,
    /// The line of the file whose row the cursor moves to, once it is known which row that is.
    line: Option<u64>,
    wanted: bool,
    asked: Option<BillPageRequest>,
    /// The hash of the file at the latest reading.
    pub sha1: Option<Arc<str>>,
    /// Why the file cannot be read.
    pub unread: Option<String>,
}

impl Default for BillsState {
    fn default() -> Self {
        Self {
            records: Vec::new(),
            cursor: None,
            touched: false,
            fetching: BTreeMap::new(),
            taking: BTreeMap::new(),
            reading: None,
            books: None,
            behind: None,
            asked_day: None,
            against: None,
            heading_for: None,
            wanted: true,
            read: false,
        }
    }
}

impl BillsState {
    /// The downloaded bills, latest day first.
    pub fn records(&self) -> &[BillRecord] {
        &self.records
    }

    /// False until the list has been read.
    pub(crate) fn is_read(&self) -> bool {
        self.read
    }

    /// The cursor's line.
    pub fn position(&self) -> usize {
        let line = |id: BillId| self.records.iter().position(|record| record.id == id);
        self.cursor.and_then(line).unwrap_or(0)
    }

    pub fn selected(&self) -> Option<&BillRecord> {
        self.records.get(self.position())
    }

    /// The bill whose summary is shown: the one that is being read, else the one under the cursor.
    pub fn shown(&self) -> Option<&BillRecord> {
        self.reading.as_ref().map(|reading| &reading.record).or_else(|| self.selected())
    }

    pub(crate) fn touch(&mut self) {
        self.touched = true;
    }

    pub(crate) fn go_to(&mut self, id: BillId) {
        (self.cursor, self.touched) = (Some(id), true);
    }

    /// Adds a bill that was just downloaded, so that it is listed before all bills are read again.
    pub fn add(&mut self, record: &BillRecord) {
        self.records.retain(|other| other.id != record.id);
        let line = self.records.partition_point(|other| other.id.latest_first() < record.id.latest_first());
        self.records.insert(line, record.clone());
    }

    /// Moves to a row of what is shown.
    pub(crate) fn move_to_row(&mut self, place: usize) {
        match (&mut self.books, &mut self.reading) {
            (Some(books), _) => books.move_to(place),
            (None, Some(reading)) => reading.move_to(place),
            (None, None) => {}
        }
    }

    pub(crate) fn move_by(&mut self, by: isize) {
        if let Some(books) = &mut self.books {
            return books.move_by(by);
        }
        match &mut self.reading {
            Some(reading) => reading.move_to(reading.cursor.saturating_add_signed(by)),
            None => self.move_to(self.position().saturating_add_signed(by)),
        }
    }

    fn move_to(&mut self, line: usize) {
        let line = line.min(self.records.len().saturating_sub(1));
        self.cursor = self.records.get(line).map(|record| record.id);
    }

    /// Opens the rows of the bill under the cursor.
    pub fn open(&mut self) {
        self.behind = None;
        self.reading = self.selected().filter(|record| record.present).cloned().map(BillReading::new);
    }

    /// Opens a bill at a line of its file from the reconciliation that is shown, which stays behind it.
    pub(crate) fn open_from_books(&mut self, record: BillRecord, line: u64) {
        self.behind = self.books.take();
        self.go_to(record.id);
        self.reading = Some(BillReading { line: Some(line), ..BillReading::new(record) });
    }

    /// One step back: from a reconciliation to what was shown before it, from a bill to what it was opened from.
    pub(crate) fn step_back(&mut self) {
        if self.books.take().is_none() {
            self.reading = None;
            self.books = self.behind.take();
        }
    }

    /// Opens a bill at a row, once the list of bills has been read.
    pub(crate) fn head_for(&mut self, row: BillRow) {
        (self.heading_for, self.wanted) = (Some(row), true);
    }

    /// Opens the row that [`Self::head_for`] asked for, now that the list has been read. Returns the bill if it is not
    /// here.
    pub fn arrive(&mut self) -> Option<BillId> {
        let BillRow { bill, row } = self.heading_for.take()?;
        (self.books, self.behind) = (None, None);
        let is_here = |record: &&BillRecord| record.id == bill && record.present;
        let Some(record) = self.records.iter().find(is_here).cloned() else { return Some(bill) };
        self.go_to(bill);
        let mut reading = BillReading::new(record);
        reading.move_to(usize::try_from(row).unwrap_or(usize::MAX).saturating_sub(1));
        self.reading = Some(reading);
        None
    }

    /// The bill under the cursor, and the row of the bill that is being read.
    pub fn spot(&self) -> (Option<BillId>, Option<(BillId, usize)>) {
        let cursor = self.cursor.filter(|_| self.touched);
        (cursor, self.reading.as_ref().map(|reading| (reading.record.id, reading.cursor)))
    }

    /// Restores the bill under the cursor, and the row of the bill that was read.
    pub(crate) fn return_to(&mut self, cursor: Option<BillId>, row: Option<(BillId, usize)>) {
        if let Some(bill) = cursor {
            self.go_to(bill);
        }
        match (row, &mut self.reading) {
            (None, _) => self.reading = None,
            (Some((bill, line)), Some(reading)) if reading.record.id == bill => reading.move_to(line),
            (Some((bill, line)), _) => self.head_for(BillRow { bill, row: line as u64 + 1 }),
        }
    }

    /// Has the list read again.
    pub(crate) fn look_again(&mut self) {
        self.wanted = true;
    }

    /// True if the list is to be read now; resets the request.
    pub fn ask(&mut self) -> bool {
        std::mem::take(&mut self.wanted)
    }

    /// Stores the list of bills.
    pub fn list(&mut self, records: Vec<BillRecord>) {
        let line = self.position();
        (self.records, self.read) = (records, true);
        let there = |id: BillId| self.records.iter().any(|record| record.id == id);
        if !self.touched || !self.cursor.is_some_and(there) {
            let line = if self.touched { line } else { 0 };
            self.move_to(line);
        }
    }

    /// True while the result of the latest key is still being read.
    pub(crate) fn is_on_its_way(&self) -> bool {
        !self.read || self.heading_for.is_some() || self.reading.as_ref().is_some_and(BillReading::is_on_its_way)
    }
}

impl BillReading {
    fn new(record: BillRecord) -> Self {
        let total = record.digest.as_ref().map_or(0, |digest| usize::try_from(digest.entries()).unwrap_or(0));
        Self {
            record,
            rows: Vec::new(),
            from: 0,
            total,
            cursor: 0,
            line: None,
            wanted: true,
            asked: None,
            sha1: None,
            unread: None,
        }
    }

    /// The loaded rows, unreadable lines included, and the position of the first of them.
    pub fn rows(&self) -> (&[BillItem], usize) {
        (&self.rows, self.from)
    }

    pub fn total(&self) -> usize {
        self.total
    }

    pub fn cursor(&self) -> usize {
        self.cursor
    }

    pub fn selected(&self) -> Option<&BillFileRow> {
        self.at_cursor()?.as_ref().ok()
    }

    fn at_cursor(&self) -> Option<&BillItem> {
        self.rows.get(self.cursor.checked_sub(self.from)?)
    }

    pub(crate) fn move_to(&mut self, place: usize) {
        self.line = None;
        self.cursor = place.min(self.total.saturating_sub(1));
        let end = self.from + self.rows.len();
        let near_start = self.from > 0 && self.cursor < self.from + MARGIN;
        let near_end = end < self.total && self.cursor + MARGIN >= end;
        self.wanted |= near_start || near_end;
    }

    fn is_on_its_way(&self) -> bool {
        self.unread.is_none() && self.total > 0 && (self.line.is_some() || self.at_cursor().is_none())
    }

    /// The page to read now, if any.
    pub fn ask(&mut self) -> Option<BillPageRequest> {
        // One page at a time; the cursor may have moved when it arrives.
        if self.asked.is_some() || !std::mem::take(&mut self.wanted) {
            return None;
        }
        let from = self.cursor.saturating_sub(REACH);
        let (of, file) = (self.record.id, self.record.file.clone());
        let request = BillPageRequest { of, file, from, count: 2 * REACH, line: self.line };
        self.asked = Some(request.clone());
        Some(request)
    }

    /// Stores a page, unless another was requested since.
    pub fn show(&mut self, request: &BillPageRequest, result: Result<BillPage, String>) {
        if self.asked.as_ref() != Some(request) {
            return;
        }
        self.asked = None;
        match result {
            Ok(BillPage { from, rows, total, wanted, sha1 }) => {
                (self.from, self.rows, self.total) = (from, rows, total);
                self.sha1 = Some(sha1);
                let of_line = wanted.filter(|_| self.line.is_some());
                self.move_to(of_line.unwrap_or(self.cursor));
            }
            Err(why) => self.unread = Some(why),
        }
    }

    /// Whether the file is still the one that was verified; `None` until it has been read.
    pub(crate) fn is_unchanged(&self) -> Option<bool> {
        self.sha1.as_deref().map(|sha1| sha1 == self.record.sha1)
    }
}

/// The form to download a bill.
#[derive(Clone, Debug)]
pub struct BillForm {
    pub kind: BillKind,
    pub day: Input,
    pub focus: BillField,
    /// The error of the latest attempt to submit.
    pub refused: bool,
    /// Something was typed. Until then, the first character replaces the day that is proposed.
    pub touched: bool,
}

/// A field of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BillField {
    Kind,
    Which,
    Day,
}

impl BillField {
    pub const ALL: [Self; 3] = [Self::Kind, Self::Which, Self::Day];
}

/// Why a text is not the day of a bill.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DayProblem {
    NotADay,
    GoesOn,
}

impl BillForm {
    /// Proposes the newest bill: yesterday's, once it is ready.
    pub fn new(kind: BillKind, now: Timestamp) -> Self {
        let newest = newest_day(now).map(day).unwrap_or_default();
        Self { kind, day: Input::new(newest), focus: BillField::Kind, refused: false, touched: false }
    }

    /// Chooses another value of the focused field.
    pub fn choose(&mut self, forward: bool) {
        self.kind = match (self.focus, self.kind) {
            (BillField::Day, kind) => kind,
            (BillField::Kind, BillKind::Trade(_)) => BillKind::FundFlow(FundAccount::Basic),
            (BillField::Kind, BillKind::FundFlow(_)) => BillKind::Trade(TradeRows::All),
            (BillField::Which, BillKind::Trade(rows)) => BillKind::Trade(turned(&TradeRows::ALL, rows, forward)),
            (BillField::Which, BillKind::FundFlow(of)) => BillKind::FundFlow(turned(&FundAccount::ALL, of, forward)),
        };
    }

    /// A key is about to be typed: a character replaces the proposed day, a cursor key keeps it. True if it was removed.
    pub(crate) fn type_over(&mut self, key: KeyEvent) -> bool {
        let removed = replaces(key) && !self.touched;
        if removed {
            self.day.reset();
        }
        self.touched = true;
        removed
    }

    /// Moves the cursor in the day, which is kept.
    pub(crate) fn move_cursor(&mut self, forward: bool) {
        self.touched = true;
        self.day.handle(if forward { InputRequest::GoToNextChar } else { InputRequest::GoToPrevChar });
    }

    /// What is wrong with the day, once it was left or submitted.
    pub(crate) fn shown_problem(&self, now: Timestamp) -> Option<DayProblem> {
        let typed_in = self.touched && self.focus == BillField::Day;
        let left = !typed_in && !self.day.value().trim().is_empty();
        self.checked_day(now).err().filter(|_| left || self.refused)
    }

    pub(crate) fn turn_focus(&mut self, forward: bool) {
        self.focus = turned(&BillField::ALL, self.focus, forward);
    }

    /// The day, if it can have a bill.
    pub(crate) fn checked_day(&self, now: Timestamp) -> Result<Date, DayProblem> {
        let day = parse_day(self.day.value().trim()).ok_or(DayProblem::NotADay)?;
        if day < beijing_day(now) { Ok(day) } else { Err(DayProblem::GoesOn) }
    }
}

/// The last day whose bills and statements are ready: from 10:00 of the next day, Beijing time (transactions reference
/// §9).
pub(crate) fn newest_day(now: Timestamp) -> Option<Date> {
    beijing_day(now - Duration::hours(10)).previous_day()
}

fn turned<T: Copy + PartialEq, const N: usize>(all: &[T; N], one: T, forward: bool) -> T {
    let at = all.iter().position(|other| *other == one).unwrap_or(0);
    all[(at + if forward { 1 } else { N - 1 }) % N]
}
