//! Stretches of a bill's rows, wherever in the file they are: an index of some rows' places is made once, and nothing
//! else is held.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use sha1::{Digest as _, Sha1};

use crate::model::bill::{BillError, BillId, Header, Row, is_summary};

/// One row in so many has its place in the index.
const STEP: usize = 256;
/// Bytes of a line: longer than any row.
const LONGEST: u64 = 1 << 20;

/// Which rows are to be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillGlance {
    pub of: BillId,
    pub file: PathBuf,
    /// The first of them, counted from 0, and how many at the most.
    pub from: usize,
    pub count: usize,
}

/// Rows of a bill.
#[derive(Clone, Debug, PartialEq)]
pub struct BillWindow {
    pub from: usize,
    pub rows: Vec<Row>,
    /// How many rows the bill has.
    pub total: usize,
    /// The hash of the file as it is now.
    pub sha1: Arc<str>,
}

/// Where the rows of a file are.
#[derive(Clone, Debug)]
pub struct BillIndex {
    file: PathBuf,
    /// When it was read; a file that was changed since has another length or time.
    stamp: (u64, Option<std::time::SystemTime>),
    header: Header,
    /// Of each [`STEP`]th row: its place and its line.
    places: Vec<(u64, u64)>,
    total: usize,
    sha1: Arc<str>,
}

impl BillIndex {
    /// Reads a file, which is not packed, once.
    pub fn read(path: &Path) -> Result<Self, BillError> {
        let file = File::open(path)?;
        let stamp = stamp(&file)?;
        let mut input = BufReader::with_capacity(1 << 16, file);
        let mut hash = Sha1::new();
        let (mut header, mut summary, mut places, mut total) = (None, false, Vec::new(), 0);
        let (mut at, mut line, mut bytes) = (0, 0, Vec::new());
        loop {
            bytes.clear();
            input.by_ref().take(LONGEST).read_until(b'\n', &mut bytes)?;
            if bytes.is_empty() {
                break;
            }
            line += 1;
            if bytes.len() as u64 == LONGEST && !bytes.ends_with(b"\n") {
                return Err(BillError::TooLong { line });
            }
            hash.update(&bytes);
            if header.is_none() {
                let text = std::str::from_utf8(&bytes).map_err(|_| BillError::Encoding { line })?;
                let text = text.trim_start_matches('\u{feff}').trim_end_matches(['\r', '\n']);
                header = if text.is_empty() { None } else { Some(Header::parse(text).ok_or(BillError::NoHeader)?) };
            } else if bytes.starts_with(b"`") && !summary {
                if total % STEP == 0 {
                    places.push((at, line));
                }
                total += 1;
            } else if std::str::from_utf8(&bytes).is_ok_and(is_summary) {
                summary = true;
            }
            at += bytes.len() as u64;
        }
        let sha1: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
        let header = header.ok_or(BillError::NoHeader)?;
        Ok(Self { file: path.to_owned(), stamp, header, places, total, sha1: sha1.into() })
    }

    /// Whether it still tells where the rows of this file are.
    pub fn is_of(&self, path: &Path) -> bool {
        self.file == path && File::open(path).and_then(|file| stamp(&file)).is_ok_and(|stamp| stamp == self.stamp)
    }

    /// Reads some rows.
    pub fn window(&self, from: usize, count: usize) -> Result<BillWindow, BillError> {
        let from = from.min(self.total);
        let count = count.min(self.total - from);
        let mut rows = Vec::with_capacity(count);
        if let Some(&(at, mut line)) = self.places.get(from / STEP).filter(|_| count > 0) {
            let mut input = BufReader::new(File::open(&self.file)?);
            input.seek(SeekFrom::Start(at))?;
            let mut passed = from % STEP;
            let mut text = String::new();
            while rows.len() < count {
                text.clear();
                let read = input.by_ref().take(LONGEST).read_line(&mut text);
                if read.map_err(|error| unreadable(error, line))? == 0 {
                    break;
                }
                if text.starts_with('`') {
                    match passed {
                        0 => rows.push(self.header.row(text.trim_end_matches(['\r', '\n']), line)?),
                        _ => passed -= 1,
                    }
                }
                line += 1;
            }
        }
        Ok(BillWindow { from, rows, total: self.total, sha1: self.sha1.clone() })
    }
}

fn unreadable(error: io::Error, line: u64) -> BillError {
    match error.kind() {
        io::ErrorKind::InvalidData => BillError::Encoding { line },
        _ => BillError::Read(error),
    }
}

fn stamp(file: &File) -> io::Result<(u64, Option<std::time::SystemTime>)> {
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

    fn numbers(window: &BillWindow) -> Vec<String> {
        window.rows.iter().flat_map(|row| row.numbers()).map(|(_, number)| number.to_owned()).collect()
    }

    #[test]
    fn a_file_that_changed_is_read_anew() {
        let mut file = file(3);
        let index = BillIndex::read(file.path()).unwrap();
        assert!(index.is_of(file.path()) && !index.is_of(Path::new("/nowhere")));
        assert_eq!(*index.sha1, crate::model::bill::sha1_hex(&std::fs::read(file.path()).unwrap()));
        file.write_all(b"x").unwrap();
        file.flush().unwrap();
        assert!(!index.is_of(file.path()));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(40))]
        #[test]
        fn any_stretch_is_the_same_as_reading_all(rows in 0usize..1200, from in 0usize..1300, count in 0usize..400) {
            let file = file(rows);
            let window = BillIndex::read(file.path()).unwrap().window(from, count).unwrap();
            let expected: Vec<String> = (0..rows).skip(from).take(count).map(|i| format!("T-{i}")).collect();
            prop_assert_eq!(numbers(&window), expected);
            prop_assert_eq!(window.total, rows);
        }
    }
}
