//! Exports the view to a file: CSV for spreadsheets, or JSON lines as WeChat Pay returned them.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::PathBuf;

use crate::console::tabs::objects::columns::{Look, ObjectColumn, SortKey};
use crate::console::widgets::marks::Marks;
use crate::i18n::Lang;
use crate::ledger::{Listed, SortBy};
use crate::model::Kind;
use crate::model::time::{Timestamp, compact};
use crate::services::{LedgerReader, Selection};
use crate::text;
use crate::text::age;
use crate::text::age::Clock;

/// Without a byte order mark spreadsheets assume the system's old encoding.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// The rows to export, and the file.
#[derive(Clone, Debug)]
pub struct Export {
    pub path: String,
    pub columns: Vec<&'static ObjectColumn>,
    pub selection: Selection,
    pub lang: Lang,
    pub now: Timestamp,
}

impl PartialEq for Export {
    fn eq(&self, other: &Self) -> bool {
        self.path == other.path && self.selection == other.selection
    }
}

/// The proposed file name.
pub(crate) fn default_path(kind: Kind, now: Timestamp) -> String {
    format!("paydeck-{}-{}.csv", kind.noun(), compact(now))
}

/// The result of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExportedFile {
    /// The absolute path.
    pub path: String,
    pub rows: usize,
    /// Rows that have no document and were left out.
    pub left_out: usize,
}

impl Export {
    /// Writes the file, which must not exist yet: all rows of the view, read from the ledger in parts.
    pub fn write(&self, reader: &LedgerReader) -> io::Result<ExportedFile> {
        let path = absolute(&self.path)?;
        let mut file = BufWriter::new(File::create_new(&path)?);
        let name = self.path.to_ascii_lowercase();
        let (rows, left_out) = match name.ends_with(".json") || name.ends_with(".jsonl") {
            true => self.json_lines(reader, &mut file)?,
            false => (self.csv(reader, &mut file)?, 0),
        };
        file.flush()?;
        Ok(ExportedFile { path: path.display().to_string(), rows, left_out })
    }

    /// Passes every row of the view to a writer.
    fn each(&self, reader: &LedgerReader, mut write: impl FnMut(&Listed) -> io::Result<()>) -> io::Result<()> {
        let mut written = Ok(());
        let read = reader.each(&self.selection, self.now, |rows| {
            written = rows.iter().try_for_each(&mut write);
            written.is_ok()
        });
        written.and(read.map_err(io::Error::other))
    }

    /// Returns how many were written, and how many were left out because they were never queried and have no document.
    fn json_lines(&self, reader: &LedgerReader, out: &mut impl Write) -> io::Result<(usize, usize)> {
        let (mut count, mut left_out) = (0, 0);
        self.each(reader, |row| {
            let Some(fresh) = reader.object(&row.id).map_err(io::Error::other)? else {
                left_out += 1;
                return Ok(());
            };
            count += 1;
            // A document may be formatted over many lines; parsed and printed again it takes one.
            let value: serde_json::Value = serde_json::from_str(&fresh.object.raw)?;
            writeln!(out, "{value}")
        })?;
        Ok((count, left_out))
    }

    fn csv(&self, reader: &LedgerReader, out: &mut impl Write) -> io::Result<usize> {
        out.write_all(BYTE_ORDER_MARK.as_bytes())?;
        let mut out = csv::Writer::from_writer(out);
        let mut header = Vec::new();
        for column in &self.columns {
            header.push(self.lang.t(column.header));
            header.extend(beside(column).map(|id| self.lang.t(id)));
        }
        out.write_record(&header)?;
        let marks = Marks::default();
        let clock = Clock::new(self.now);
        let look = Look { marks: &marks, width: usize::MAX, ..Look::new(self.lang, &clock, None) };
        let mut count = 0;
        self.each(reader, |row| {
            count += 1;
            let cells = self.columns.iter().flat_map(|column| cells(column, row, &look));
            Ok(out.write_record(cells.map(defused))?)
        })?;
        out.flush()?;
        Ok(count)
    }
}

/// The outcomes of a bulk action, to be written as CSV.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcomes {
    pub path: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<String>>,
}

impl Outcomes {
    /// Writes the file, which must not exist yet.
    pub fn write(&self) -> io::Result<ExportedFile> {
        let path = absolute(&self.path)?;
        let mut file = BufWriter::new(File::create_new(&path)?);
        file.write_all(BYTE_ORDER_MARK.as_bytes())?;
        let mut out = csv::Writer::from_writer(file);
        out.write_record(&self.header)?;
        for row in &self.rows {
            out.write_record(row.iter().cloned().map(defused))?;
        }
        out.flush()?;
        Ok(ExportedFile { path: path.display().to_string(), rows: self.rows.len(), left_out: 0 })
    }
}

/// The absolute path, with the home folder for a leading `~`.
fn absolute(path: &str) -> io::Result<PathBuf> {
    let home = std::env::home_dir().filter(|_| path == "~" || path.starts_with("~/") || path.starts_with("~\\"));
    let path = match home {
        Some(home) => home.join(path[1..].trim_start_matches(['/', '\\'])),
        None => PathBuf::from(path),
    };
    std::path::absolute(path)
}

/// The header of an additional column in a file: an amount's currency, a state's code.
fn beside(column: &ObjectColumn) -> Option<&'static str> {
    if column.money.is_some() { Some("export-currency") } else { (column.id == "state").then_some("export-state-code") }
}

/// The cells of a column in a file: exact times, amounts as numbers, names of states, codes of trade types; the rest as
/// on the screen.
fn cells(column: &ObjectColumn, row: &Listed, look: &Look<'_>) -> Vec<String> {
    if let Some(money) = column.money {
        let amount = money(row);
        let plain = amount.map(|amount| amount.plain()).unwrap_or_default();
        return vec![plain, amount.map(|amount| amount.currency.code().to_owned()).unwrap_or_default()];
    }
    if column.id == "state" {
        let Some(state) = row.seen.as_ref().map(|seen| &seen.summary.state) else { return vec![String::new(); 2] };
        let meaning = look.lang.state(state);
        return vec![meaning, state.code.clone()];
    }
    let is_time = matches!(column.sort, SortBy::Time | SortBy::Ends | SortBy::Verified);
    vec![match (is_time, (column.key)(row)) {
        (true, SortKey::Number(unix)) => Timestamp::from_unix_timestamp(unix).map(age::exact).unwrap_or_default(),
        (true, _) => String::new(),
        (false, SortKey::Text(code)) if column.id == "type" => code.into_owned(),
        (false, _) => (column.cell)(row, look).text,
    }]
}

/// More digits than a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// A text that stays a text. A spreadsheet interprets a leading sign as a formula, and rounds long numbers; an
/// apostrophe in front prevents both.
fn defused(cell: String) -> String {
    let cell = text::neutralise(&cell).into_owned();
    let formula = cell.starts_with(['=', '+', '-', '@']) && cell.parse::<f64>().is_err();
    let digits = !cell.is_empty() && cell.bytes().all(|b| b.is_ascii_digit());
    let rounded = digits && (cell.len() > DIGITS || (cell.len() > 1 && cell.starts_with('0')));
    if formula || rounded { format!("'{cell}") } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::console::tabs::objects::kinds::columns;
    use crate::console::tests::fixture;

    #[test]
    fn a_view_is_written_as_csv_and_as_json_lines_and_never_over_a_file() {
        let folder = tempfile::tempdir().unwrap();
        let console = fixture::open(Lang::En, (80, 24));
        let (orders, reader) = (fixture::orders(), &console.reader);
        let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
        let mut export = Export {
            path: path("view.csv"),
            columns: columns(Kind::ServiceOrder).iter().collect(),
            selection: console.list().selection(),
            lang: Lang::En,
            now: fixture::NOW,
        };
        let written = ExportedFile { path: path("view.csv"), rows: orders.len(), left_out: 0 };
        assert_eq!(export.write(reader).unwrap(), written);
        let text = std::fs::read_to_string(&export.path).unwrap();
        let header = "\u{feff}Number,Service,User,State,State code,Amount,Currency,Collected,";
        assert!(text.starts_with(header), "{text}");
        let first = "SO20261121000001,充电宝租借,oUpF8uMuAJO_M2pxb1Q9zNjWeS6o,In service,DOING/USER_CONFIRM,12.00,CNY,";
        assert_eq!(text.lines().nth(1).unwrap().get(..first.len()), Some(first));
        assert!(text.contains(",1234567.00,CNY,"), "{text}");
        assert!(export.write(reader).is_err());
        export.path = path("view.jsonl");
        let fetched = orders.iter().filter(|known| known.fresh.is_some()).count();
        let written = export.write(reader).unwrap();
        assert_eq!((written.rows, written.left_out), (fetched, orders.len() - fetched));
        assert_eq!(std::fs::read_to_string(&export.path).unwrap().lines().count(), fetched);
    }

    #[test]
    fn formulas_and_long_numbers_stay_text() {
        for (cell, safe) in [
            ("=cmd()", "'=cmd()"),
            ("-0.01", "-0.01"),
            ("-1+2", "'-1+2"),
            ("line\nbreak", "line␊break"),
            ("4200001234202611210000000001", "'4200001234202611210000000001"),
            ("007", "'007"),
            ("12", "12"),
        ] {
            assert_eq!(defused(cell.to_owned()), safe);
        }
    }

    #[test]
    fn a_tilde_is_the_home_folder() {
        let home = std::env::home_dir().unwrap();
        assert_eq!(absolute("~/a/b.csv").unwrap(), home.join("a/b.csv"));
        assert_eq!(absolute("a~.csv").unwrap(), std::env::current_dir().unwrap().join("a~.csv"));
    }
}
