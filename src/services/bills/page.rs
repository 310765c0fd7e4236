//! Pages of a bill's rows, anywhere in the file: an index of some rows' places is made once, and nothing else is held
//! in memory. Lines that should be rows and cannot be read are among them.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use crate::model::bill::{BadLine, Bill, BillError, BillFileRow, BillId, Bookmark, GZIP, unpacked};
use crate::services::bills::Hashed;

/// The index has the position of every row whose number is a multiple of this.
const STEP: usize = 256;

/// A row, or a line that should be one.
pub(crate) type BillItem = Result<BillFileRow, BadLine>;

/// A request for rows of a bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillPageRequest {
    pub of: BillId,
    pub file: PathBuf,
    /// The first of them, counted from 0, and how many at the most.
    pub from: usize,
    pub count: usize,
    /// The page is around the row of this line of the file, instead.
    pub line: Option<u64>,
}

/// A page of a bill's rows.
#[derive(Clone, Debug, PartialEq)]
pub struct BillPage {
    pub from: usize,
    pub rows: Vec<BillItem>,
    /// How many the bill has.
    pub total: usize,
    /// The row of the line that was requested.
    pub wanted: Option<usize>,
    /// The hash of the file as it is now.
    pub sha1: Arc<str>,
}

/// Where the rows of a file are.
#[derive(Clone, Debug)]
pub(crate) struct BillIndex {
    file: PathBuf,
    /// When it was read; a file that was changed since has another length or time.
    signature_hash: (u64, Option<std::time::SystemTime>),
    packed: bool,
    /// Where each [`STEP`]th row is.
    places: Vec<Bookmark>,
    total: usize,
    sha1: Arc<str>,
}

impl BillIndex {
    /// Reads a file once, packed or not.
    pub(crate) fn read(path: &Path) -> Result<Self, BillError> {
        let file = File::open(path)?;
        let signature_hash = signature_hash(&file)?;
        let mut input = BufReader::with_capacity(1 << 16, file);
        let packed = is_packed(&mut input)?;
        let mut hash = Sha1::new();
        let mut bill = Bill::open(BufReader::new(Hashed { input: unpacked(input)?, hash: &mut hash }))?;
        let (mut places, mut total) = (Vec::new(), 0);
        loop {
            let place = (total % STEP == 0).then(|| bill.bookmark());
            if bill.next_row()?.is_none() {
                break;
            }
            places.extend(place);
            total += 1;
        }
        drop(bill);
        let sha1: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        Ok(Self { file: path.to_owned(), signature_hash, packed, places, total, sha1: sha1.into() })
    }

    /// Whether it is still the index of this file.
    pub(crate) fn is_of(&self, path: &Path) -> bool {
        self.file == path
            && File::open(path)
                .and_then(|file| signature_hash(&file))
                .is_ok_and(|signature_hash| signature_hash == self.signature_hash)
    }

    /// Reads some rows.
    pub(crate) fn page(&self, from: usize, count: usize) -> Result<BillPage, BillError> {
        let from = from.min(self.total);
        let count = count.min(self.total - from);
        let mut rows = Vec::with_capacity(count);
        if let Some(place) = self.places.get(from / STEP).filter(|_| count > 0) {
            let mut bill = Bill::go_on(self.input_at(place.reached.at)?, place);
            let mut passed = 0;
            while rows.len() < count {
                let Some(read) = bill.next_row()? else { break };
                if passed == from % STEP {
                    rows.push(read.map(|entry| entry.row));
                } else {
                    passed += 1;
                }
            }
        }
        Ok(BillPage { from, rows, total: self.total, wanted: None, sha1: self.sha1.clone() })
    }

    /// Reads the page of a request.
    pub(crate) fn answer(&self, request: &BillPageRequest) -> Result<BillPage, BillError> {
        let Some(line) = request.line else { return self.page(request.from, request.count) };
        let row = self.row_of(line)?;
        let page = self.page(row.saturating_sub(request.count / 2), request.count)?;
        Ok(BillPage { wanted: Some(row), ..page })
    }

    /// The row that a line of the file is, else the first one after it.
    fn row_of(&self, line: u64) -> Result<usize, BillError> {
        let before = self.places.partition_point(|place| place.reached.line < line).saturating_sub(1);
        let Some(place) = self.places.get(before) else { return Ok(0) };
        let mut bill = Bill::go_on(self.input_at(place.reached.at)?, place);
        let mut row = before * STEP;
        while let Some(read) = bill.next_row()? {
            if read.map_or_else(|bad| bad.line, |entry| entry.line) >= line {
                return Ok(row);
            }
            row += 1;
        }
        Ok(self.total.saturating_sub(1))
    }

    /// The file's bytes, unpacked, from one of them on.
    fn input_at(&self, at: u64) -> Result<Box<dyn BufRead>, BillError> {
        let mut input = BufReader::new(File::open(&self.file)?);
        if !self.packed {
            input.seek(SeekFrom::Start(at))?;
            return Ok(Box::new(input));
        }
        let mut input = unpacked(input)?;
        io::copy(&mut input.by_ref().take(at), &mut io::sink())?;
        Ok(input)
    }
}

fn is_packed(input: &mut impl BufRead) -> io::Result<bool> {
    Ok(input.fill_buf()?.starts_with(&GZIP))
}

fn signature_hash(file: &File) -> io::Result<(u64, Option<std::time::SystemTime>)> {
    let found = file.metadata()?;
    Ok((found.len(), found.modified().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::Write;

    fn file(rows: usize) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        write!(file, "\u{feff}交易时间,商户订单号,订单金额\r\n").unwrap();
        for i in 0..rows {
            write!(file, "`2025-10-09 10:00:00,`T-{i},`{i}.00\r\n").unwrap();
        }
        write!(file, "总交易单数\r\n`{rows}\r\n").unwrap();
        file.flush().unwrap();
        file
    }

    fn numbers(page: &BillPage) -> Vec<String> {
        page.rows.iter().flatten().flat_map(|row| row.numbers()).map(|(_, number)| number.to_owned()).collect()
    }

    #[test]
    fn a_file_that_changed_is_read_again() {
        let mut file = file(3);
        let index = BillIndex::read(file.path()).unwrap();
        assert!(index.is_of(file.path()) && !index.is_of(Path::new("/nowhere")));
        assert_eq!(*index.sha1, crate::model::bill::sha1_hex(&std::fs::read(file.path()).unwrap()));
        file.write_all(b"x").unwrap();
        file.flush().unwrap();
        assert!(!index.is_of(file.path()));
    }

    #[test]
    fn the_console_reads_the_lines_that_the_command_line_reads() {
        let mut read = 0;
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
        let folders = std::fs::read_dir(folder).unwrap().map(|folder| folder.unwrap().path());
        for file in folders.flat_map(|folder| std::fs::read_dir(folder).unwrap()).map(|file| file.unwrap().path()) {
            let Ok(mut bill) = crate::services::bills::open(&file) else { continue };
            let Ok(index) = BillIndex::read(&file) else { continue };
            let mut expected = Vec::new();
            while let Some(row) = bill.next_row().unwrap() {
                expected.push(row.map(|entry| entry.row));
            }
            let page = index.page(0, usize::MAX).unwrap();
            assert_eq!((page.rows, page.total), (expected.clone(), expected.len()), "{}", file.display());
            let last = expected.len().saturating_sub(1);
            assert_eq!(index.page(last, 9).unwrap().rows, expected[last..], "{}", file.display());
            assert_eq!(*index.sha1, crate::services::bills::examine(&file).unwrap().1, "{}", file.display());
            read += 1;
        }
        assert!(read > 30, "{read}");
    }

    #[test]
    fn a_line_leads_to_its_row_in_any_part_of_a_file() {
        let mut text = String::new();
        for day in ["2025-10-08", "2025-10-09", "2025-10-10"] {
            text += "\u{feff}交易时间,商户订单号,订单金额\r\n";
            (0..300).for_each(|i| text += &format!("`{day} 10:00:00,`T-{day}-{i},`1.00\r\n"));
            text += "总交易单数,订单总金额\r\n`300,`300.00\r\n";
        }
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file.flush().unwrap();
        let index = BillIndex::read(file.path()).unwrap();
        let of = BillId {
            day: crate::model::time::parse_day("2025-10-08").unwrap(),
            kind: crate::model::bill::BillKind::Trade(crate::model::bill::TradeRows::All),
        };
        let mut bill = crate::services::bills::open(file.path()).unwrap();
        let mut row = 0;
        while let Some(read) = bill.next_row().unwrap() {
            let entry = read.unwrap();
            let request =
                BillPageRequest { of, file: file.path().to_owned(), from: 0, count: 4, line: Some(entry.line) };
            let page = index.answer(&request).unwrap();
            assert_eq!(page.wanted, Some(row), "line {}", entry.line);
            assert_eq!(page.rows[row - page.from], Ok(entry.row));
            row += 1;
        }
        assert_eq!(row, 900);
        assert_eq!(index.row_of(u64::MAX).unwrap(), 899);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_stretch_is_the_same_as_reading_all(rows in 0usize..1200, from in 0usize..1300, count in 0usize..400) {
            let file = file(rows);
            let page = BillIndex::read(file.path()).unwrap().page(from, count).unwrap();
            let expected: Vec<String> = (0..rows).skip(from).take(count).map(|i| format!("T-{i}")).collect();
            prop_assert_eq!(numbers(&page), expected);
            prop_assert_eq!(page.total, rows);
        }
    }
}
