//! The merchant's own orders from a file: CSV, JSON lines or a workbook, in UTF-8, UTF-16 or GBK, packed or not.

use std::collections::{BTreeMap, HashSet};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use serde_json::Value;

use super::workbook;
use crate::model::Money;
use crate::model::bill::{BillError, BillLine, BillLines, DELIMITERS, Encoding, Foreign, unpacked};
use crate::model::reconcile::{
    AmountUnit, Book, BookRow, BookSide, BookState, ColumnMap, ColumnMapError, DayRole, Movement, OrderCells,
    OrderColumn, OrderRefunds, OrderRow, Period, RowPlace, TooManyRows,
};
use crate::model::time::beijing_day;

/// How many lines may be above the header: titles, and what an export says about itself.
const ABOVE_THE_HEADER: usize = 20;

/// The longest record of a table: a quote that is never closed would take in the rest of the file.
const LONGEST_RECORD: usize = 256 << 10;

/// How many lines that cannot be read are listed.
const LISTED: usize = 20;

/// Why a file of orders cannot be used at all.
#[derive(Debug, thiserror::Error)]
pub enum OrdersError {
    #[error("it cannot be read")]
    Read(#[from] io::Error),
    #[error(transparent)]
    Text(BillError),
    #[error(transparent)]
    Columns(#[from] ColumnMapError),
    #[error("it has no rows")]
    Empty,
    /// The line of a record that never ends.
    #[error("the record of line {0} is too long: a quote is not closed")]
    OpenQuote(u64),
    #[error(transparent)]
    TooMany(#[from] TooManyRows),
}

/// The merchant's side, as it was read.
#[derive(Debug)]
pub(super) struct Orders {
    pub book: Book,
    pub refund_sums: Option<Book>,
    pub refunds: OrderRefunds,
    /// They are matched by WeChat Pay's number: the file has no other.
    pub by_platform: bool,
    pub summary: OrdersSummary,
    /// Some rows are of days before or after.
    pub has_neighbours: bool,
}

/// How a file of orders was read: what an operator must be able to check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrdersSummary {
    pub file: PathBuf,
    pub rows: u64,
    /// The columns that were read, by what they hold.
    pub columns: Vec<(OrderColumn, String)>,
    pub unit: AmountUnit,
    /// The offset of its times from UTC, in minutes.
    pub offset_minutes: i16,
    pub encoding: Encoding,
    /// How many rows could not be read, and the first of them: the line, and its column if it is one cell.
    pub bad: u64,
    pub bad_lines: Vec<(u64, Option<OrderColumn>)>,
    /// Words for states that are not known, and how often each is there.
    pub unknown_states: BTreeMap<String, u64>,
    /// How many rows have no time: they are taken to be of these days.
    pub timeless: u64,
}

/// Reads a file of orders.
pub(super) fn read(path: &Path, map: &ColumnMap, period: Period) -> Result<Orders, OrdersError> {
    let mut reader = OrderReader::new(path, map, period);
    let opened = BillLines::open(unpacked(BufReader::new(File::open(path)?)).map_err(OrdersError::Text)?);
    let encoding = match opened {
        Err(BillError::Foreign(Foreign::Xlsx)) => {
            workbook::each_row(path, |line, cells| reader.record(line, cells))?;
            Encoding::Utf8
        }
        Err(BillError::Read(error)) => return Err(error.into()),
        Err(error) => return Err(OrdersError::Text(error)),
        Ok(lines) => text(lines, &mut reader)?,
    };
    reader.finish(encoding)
}

fn text<R: BufRead>(lines: BillLines<R>, reader: &mut OrderReader<'_>) -> Result<Encoding, OrdersError> {
    let mut decoded = DecodedLines { lines, rest: Vec::new(), at: 0, bad: Vec::new(), first: None };
    let first = decoded.first()?;
    if first.trim_start().starts_with('{') {
        json_lines(&mut decoded, reader)?;
    } else {
        // The commonest separator of the first line.
        let count = |delimiter: &u8| first.bytes().filter(|byte| byte == delimiter).count();
        let delimiter = DELIMITERS.into_iter().rev().max_by_key(count).unwrap_or(b',');
        let mut table =
            csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(&mut decoded);
        let mut record = csv::StringRecord::new();
        while table.read_record(&mut record).map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))? {
            let line = record.position().map_or(1, csv::Position::line);
            if record.as_slice().len() > LONGEST_RECORD {
                return Err(OrdersError::OpenQuote(line));
            }
            reader.record(line, &record.iter().collect::<Vec<_>>())?;
        }
    }
    let bad = std::mem::take(&mut decoded.bad);
    bad.into_iter().for_each(|line| reader.bad(line, None));
    Ok(decoded.lines.encoding().unwrap_or(Encoding::Utf8))
}

fn json_lines<R: BufRead>(lines: &mut DecodedLines<R>, reader: &mut OrderReader<'_>) -> Result<(), OrdersError> {
    /// A document may lack a member that the next one has: names are taken from so many.
    const FIRST: usize = 100;
    let mut held: Vec<(u64, Vec<(String, String)>)> = Vec::new();
    let mut names: Option<Vec<String>> = None;
    loop {
        let next = lines.next_line()?;
        let ended = next.is_none();
        if let Some((line, text)) = next.filter(|(_, text)| !text.trim().is_empty()) {
            match serde_json::from_str::<Value>(&text) {
                Ok(value @ Value::Object(_)) => {
                    let mut members = Vec::new();
                    flatten("", &value, &mut members);
                    held.push((line, members));
                }
                _ => reader.bad(line, None),
            }
        }
        if held.len() < FIRST && names.is_none() && !ended {
            continue;
        }
        if names.is_none() {
            let mut all: Vec<String> = Vec::new();
            for name in held.iter().flat_map(|(_, members)| members.iter().map(|(name, _)| name)) {
                if !all.contains(name) {
                    all.push(name.clone());
                }
            }
            if all.is_empty() {
                return Err(OrdersError::Empty);
            }
            reader.record(0, &all)?;
            names = Some(all);
        }
        for (line, members) in held.drain(..) {
            let cell = |name: &String| {
                members.iter().find(|(own, _)| own == name).map(|(_, value)| value.as_str()).unwrap_or_default()
            };
            reader.record(line, &names.iter().flatten().map(cell).collect::<Vec<_>>())?;
        }
        if ended {
            return Ok(());
        }
    }
}

/// The members of a document with their paths: `amount.total`.
fn flatten(path: &str, value: &Value, into: &mut Vec<(String, String)>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                flatten(&path, value, into);
            }
        }
        Value::String(text) => into.push((path.to_owned(), text.clone())),
        Value::Null => into.push((path.to_owned(), String::new())),
        other => into.push((path.to_owned(), other.to_string())),
    }
}

/// The lines of a file as one text in UTF-8. A line that cannot be decoded is empty in it.
struct DecodedLines<R> {
    lines: BillLines<R>,
    rest: Vec<u8>,
    at: usize,
    bad: Vec<u64>,
    first: Option<String>,
}

impl<R: BufRead> DecodedLines<R> {
    /// The first line, which is read again as part of the text.
    fn first(&mut self) -> io::Result<String> {
        let first = self.lines.next_line()?;
        let text = first.and_then(|line| line.text.ok()).unwrap_or_default();
        self.first = Some(text.clone());
        Ok(text)
    }

    fn next_line(&mut self) -> io::Result<Option<(u64, String)>> {
        if let Some(first) = self.first.take() {
            return Ok(Some((1, first)));
        }
        let Some(BillLine { number, text }) = self.lines.next_line()? else { return Ok(None) };
        let text = text.unwrap_or_else(|_| {
            self.bad.push(number);
            String::new()
        });
        Ok(Some((number, text)))
    }
}

impl<R: BufRead> Read for DecodedLines<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.at == self.rest.len() {
            let Some((_, text)) = self.next_line()? else { return Ok(0) };
            self.rest = text.into_bytes();
            self.rest.push(b'\n');
            self.at = 0;
        }
        let read = buffer.len().min(self.rest.len() - self.at);
        buffer[..read].copy_from_slice(&self.rest[self.at..self.at + read]);
        self.at += read;
        Ok(read)
    }
}

/// Takes the rows in.
struct OrderReader<'a> {
    map: &'a ColumnMap,
    period: Period,
    cells: Option<OrderCells>,
    /// Why the first line with several cells is no header.
    no_header: Option<ColumnMapError>,
    above: usize,
    book: Book,
    sums: Book,
    /// Orders that stand only beside a refund of them.
    beside_refunds: Vec<(u64, OrderRow)>,
    has_neighbours: bool,
    summary: OrdersSummary,
}

impl<'a> OrderReader<'a> {
    fn new(path: &Path, map: &'a ColumnMap, period: Period) -> Self {
        let summary = OrdersSummary {
            file: path.to_owned(),
            rows: 0,
            columns: Vec::new(),
            unit: AmountUnit::Yuan,
            offset_minutes: 0,
            encoding: Encoding::Utf8,
            bad: 0,
            bad_lines: Vec::new(),
            unknown_states: BTreeMap::new(),
            timeless: 0,
        };
        Self {
            map,
            period,
            cells: None,
            no_header: None,
            above: 0,
            book: Book::new(BookSide::Orders),
            sums: Book::new(BookSide::Orders),
            beside_refunds: Vec::new(),
            has_neighbours: false,
            summary,
        }
    }

    fn bad(&mut self, line: u64, column: Option<OrderColumn>) {
        self.summary.bad += 1;
        if self.summary.bad_lines.len() < LISTED {
            self.summary.bad_lines.push((line, column));
        }
    }

    fn record<T: AsRef<str>>(&mut self, line: u64, cells: &[T]) -> Result<(), OrdersError> {
        let Some(reader) = &self.cells else { return self.header(cells) };
        match reader.read(cells) {
            Ok(Some(row)) => self.row(line, row),
            Ok(None) => Ok(()),
            Err(column) => {
                self.bad(line, Some(column));
                Ok(())
            }
        }
    }

    fn header<T: AsRef<str>>(&mut self, cells: &[T]) -> Result<(), OrdersError> {
        let names: Vec<String> = cells.iter().map(|cell| cell.as_ref().trim().to_owned()).collect();
        match self.map.fit(&names) {
            Ok(cells) => {
                self.summary.columns = cells.columns().map(|(column, name)| (column, name.to_owned())).collect();
                self.summary.unit = cells.unit();
                self.summary.offset_minutes = cells.offset().whole_minutes();
                self.cells = Some(cells);
                return Ok(());
            }
            Err(error) if names.iter().filter(|name| !name.is_empty()).count() > 1 => {
                self.no_header.get_or_insert(error);
            }
            Err(_) => {}
        }
        self.above += 1;
        match self.no_header.take() {
            Some(error) if self.above > ABOVE_THE_HEADER => Err(error.into()),
            error => {
                self.no_header = error;
                Ok(())
            }
        }
    }

    fn row(&mut self, line: u64, row: OrderRow) -> Result<(), OrdersError> {
        self.summary.rows += 1;
        if let Some(word) = &row.unknown_state {
            *self.summary.unknown_states.entry(word.clone()).or_default() += 1;
        }
        let has = |column| self.cells.as_ref().is_some_and(|cells| cells.has(column));
        let (own_refund, own_time) = (has(OrderColumn::Refund), has(OrderColumn::RefundTime));
        if !row.refund_number.is_empty() {
            let Some(amount) = row.refund.or(row.amount) else {
                self.bad(line, Some(OrderColumn::Refund));
                return Ok(());
            };
            let state = match row.state {
                BookState::RefundFailed => BookState::RefundFailed,
                BookState::RefundPending => BookState::RefundPending,
                BookState::Paid
                | BookState::Unpaid
                | BookState::Closed
                | BookState::Refunded
                | BookState::Reversed
                | BookState::Unsaid => BookState::Refunded,
            };
            let at = if own_time { row.refund_at } else { row.at };
            let amount = Money { minor: amount.minor.saturating_abs().saturating_neg(), ..amount };
            let number = row.refund_number.clone();
            let order = key(&row).to_owned();
            self.push(line, Movement::Refund, (&number, &order), amount, (state, at))?;
            // With an amount of its own, the order is a row, too, unless it has one.
            if own_refund && row.amount.is_some_and(|amount| amount.minor > 0) {
                self.beside_refunds.push((line, row));
            }
            return Ok(());
        }
        if let Some(refund) = row.refund.filter(|refund| refund.minor > 0) {
            self.sum(line, &row, refund.minor.saturating_neg(), refund)?;
        }
        self.order(line, &row)
    }

    fn order(&mut self, line: u64, row: &OrderRow) -> Result<(), OrdersError> {
        let Some(amount) = row.amount else {
            if row.refund.is_none() {
                self.bad(line, Some(OrderColumn::Amount));
            }
            return Ok(());
        };
        if amount.minor < 0 {
            return self.sum(line, row, amount.minor, amount);
        }
        let number = key(row).to_owned();
        self.push(line, Movement::Payment, (&number, ""), amount, (row.state, row.at))
    }

    fn sum(&mut self, line: u64, row: &OrderRow, minor: i64, of: Money) -> Result<(), OrdersError> {
        let amount = Money { minor, ..of };
        let place = RowPlace { file: 0, line: u32::try_from(line).unwrap_or(u32::MAX) };
        let day = self.period.from;
        let (settled, fee, fee_off, platform, order) = (minor, 0, 0, "", "");
        let (movement, state, at, role) = (Movement::Payment, BookState::Refunded, None, DayRole::Within);
        let number = key(row);
        self.sums.push(&BookRow {
            movement,
            number,
            order,
            platform,
            amount,
            settled,
            fee,
            fee_off,
            state,
            at,
            day,
            role,
            place,
        })?;
        Ok(())
    }

    fn push(
        &mut self,
        line: u64,
        movement: Movement,
        (number, order): (&str, &str),
        amount: Money,
        (state, at): (BookState, Option<crate::model::time::Timestamp>),
    ) -> Result<(), OrdersError> {
        let day = at.map_or(self.period.from, beijing_day);
        let role = self.period.role(day);
        self.has_neighbours |= role == DayRole::Neighbour;
        self.summary.timeless += u64::from(at.is_none());
        let place = RowPlace { file: 0, line: u32::try_from(line).unwrap_or(u32::MAX) };
        self.book.push(&BookRow {
            movement,
            number,
            order,
            platform: "",
            amount,
            settled: amount.minor,
            fee: 0,
            fee_off: 0,
            state,
            at,
            day,
            role,
            place,
        })?;
        Ok(())
    }

    fn finish(mut self, encoding: Encoding) -> Result<Orders, OrdersError> {
        let Some(cells) = self.cells.clone() else {
            return Err(self.no_header.map_or(OrdersError::Empty, OrdersError::Columns));
        };
        if !self.beside_refunds.is_empty() {
            let mut seen: HashSet<Vec<u8>> = self.book.numbers(Movement::Payment);
            for (line, row) in std::mem::take(&mut self.beside_refunds) {
                if seen.insert(key(&row).as_bytes().to_vec()) {
                    let paid = OrderRow { state: BookState::Paid, ..row };
                    self.order(line, &paid)?;
                }
            }
        }
        self.summary.encoding = encoding;
        let has = |column| cells.has(column);
        let refunds = match (has(OrderColumn::RefundNumber), !self.sums.is_empty() || has(OrderColumn::Refund)) {
            (true, _) => OrderRefunds::Numbers,
            (false, true) => OrderRefunds::Sums,
            (false, false) => OrderRefunds::None,
        };
        Ok(Orders {
            by_platform: !has(OrderColumn::Number) && has(OrderColumn::TransactionId),
            book: self.book,
            refund_sums: (refunds == OrderRefunds::Sums).then_some(self.sums),
            refunds,
            summary: self.summary,
            has_neighbours: self.has_neighbours,
        })
    }
}

/// The number that an order is matched by: the merchant's, else WeChat Pay's.
fn key(row: &OrderRow) -> &str {
    if row.number.is_empty() { &row.transaction_id } else { &row.number }
}
