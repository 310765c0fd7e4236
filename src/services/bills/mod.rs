//! Downloaded bills: each is a file, and beside it a record of what it is and of its sums. A record is written before
//! its file gets its name, and each is written completely or not at all: after a kill at any time, every listed bill is
//! there.

mod fetch;
mod flow;
mod intake;
mod page;
mod request;
mod service;
mod spreadsheet;
mod statement;

use std::fs;
use std::io::{self, BufReader, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use sha1::{Digest as _, Sha1};
use tempfile::NamedTempFile;

use crate::model::bill::{BadLine, Bill, BillDigest, BillEntry, BillError, BillId, BillKind, unpacked};
use crate::model::time::{Timestamp, parse_day, parse_rfc3339, rfc3339};
use crate::services::Actor;

pub use crate::services::bills::fetch::{BillFailure, Destination};
pub use crate::services::bills::flow::BillFlow;
pub(crate) use crate::services::bills::intake::is_bill;
pub use crate::services::bills::intake::{BillInLedger, FileIntake, Intake, IntakeProgress, NotTaken, OnIntake};
pub(crate) use crate::services::bills::page::{BillIndex, BillItem};
pub use crate::services::bills::page::{BillPage, BillPageRequest};
pub use crate::services::bills::request::{BillEvent, BillRequest, BooksEvent};
pub(crate) use crate::services::bills::service::BillService;
pub(crate) use crate::services::bills::spreadsheet::{Unexported, save_spreadsheet, write_spreadsheet};

/// A downloaded bill whose hash was verified.
#[derive(Clone, Debug, PartialEq)]
pub struct BillRecord {
    pub id: BillId,
    pub mchid: String,
    /// Where it is. It may have been removed since.
    pub file: PathBuf,
    pub present: bool,
    pub bytes: u64,
    /// SHA-1 as WeChat Pay named it, and as it was when the file was written.
    pub sha1: String,
    pub verified_at: Timestamp,
    /// Its sums, or why it cannot be read although its hash was verified.
    pub digest: Result<BillDigest, String>,
}

/// The record as it is stored.
#[derive(Serialize, Deserialize)]
struct BillFile {
    kind: String,
    word: String,
    day: String,
    mchid: String,
    file: PathBuf,
    bytes: u64,
    sha1: String,
    verified_at: String,
    /// As it was when this was written: another version of Paydeck may have written it otherwise.
    digest: Option<Box<RawValue>>,
    unread: Option<String>,
}

/// How files that are not finished begin.
const UNFINISHED: &str = ".paydeck-bill-";
/// An unfinished file that is older than this is abandoned.
const ABANDONED: Duration = Duration::from_secs(24 * 3600);

/// Where the bills of a profile are kept.
#[derive(Clone, Debug)]
pub struct BillStore {
    folder: PathBuf,
}

impl BillStore {
    /// Beside the ledger, each profile by itself.
    pub(crate) fn new(folder: &Path, actor: &Actor) -> Self {
        let plain = |c: char| if c.is_alphanumeric() || "-_.".contains(c) { c } else { '-' };
        let name: String = actor.key.chars().map(plain).collect();
        Self { folder: folder.join(name.trim_start_matches('.')) }
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All of them, the latest day first.
    pub fn list(&self) -> io::Result<Vec<BillRecord>> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let mut records = Vec::new();
        for entry in entries {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "json") {
                match read(&path) {
                    Ok(record) => records.push(record),
                    Err(error) => tracing::warn!(%error, path = %path.display(), "a record of a bill cannot be read"),
                }
            }
        }
        records.sort_by_key(|record| record.id.latest_first());
        Ok(records)
    }

    /// The record of one bill.
    pub fn get(&self, id: BillId) -> io::Result<Option<BillRecord>> {
        Ok(self.list()?.into_iter().find(|record| record.id == id))
    }

    /// An unfinished file in a folder, made if it is missing.
    fn begin(folder: &Path) -> io::Result<NamedTempFile> {
        fs::create_dir_all(folder)?;
        clear(folder);
        tempfile::Builder::new().prefix(UNFINISHED).tempfile_in(folder)
    }

    /// Gives a finished file its name, after its record.
    fn finish(&self, file: NamedTempFile, record: &BillRecord) -> io::Result<()> {
        let mut written = Self::begin(&self.folder)?;
        written.write_all(&serde_json::to_vec(&BillFile::of(record)?)?)?;
        written.as_file().sync_all()?;
        // Killed between the two, the record speaks of a file that is not there, and is not listed as one that is.
        written.persist(self.folder.join(format!("{}.json", record.id.name())))?;
        file.persist(&record.file)?;
        Ok(())
    }
}

/// Removes unfinished files of earlier runs.
fn clear(folder: &Path) {
    let old = |path: &Path| -> Option<bool> {
        let name = path.file_name()?.to_str()?;
        let age = SystemTime::now().duration_since(path.metadata().ok()?.modified().ok()?).ok()?;
        Some(name.starts_with(UNFINISHED) && age > ABANDONED)
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if old(&entry.path()) == Some(true)
            && let Err(error) = fs::remove_file(entry.path())
        {
            tracing::debug!(%error, "an unfinished file could not be removed");
        }
    }
}

fn read(path: &Path) -> io::Result<BillRecord> {
    let written: BillFile = serde_json::from_slice(&fs::read(path)?)?;
    let day = parse_day(&written.day);
    let id = BillKind::parse(&written.kind, &written.word).zip(day).map(|(kind, day)| BillId { day, kind });
    let at = parse_rfc3339(&written.verified_at);
    let (id, verified_at) = id.zip(at).ok_or(io::ErrorKind::InvalidData)?;
    let BillFile { mchid, file, bytes, sha1, digest, unread, .. } = written;
    let present = file.metadata().is_ok_and(|found| found.is_file() && found.len() == bytes);
    let digest = match digest {
        None => Err(unread.unwrap_or_default()),
        // What another version wrote down is added up again, if the file is still the one that was verified.
        Some(written) => serde_json::from_str(written.get()).or_else(|error| match examine(&file) {
            Ok((digest, is)) if is == sha1 => Ok(digest),
            _ => Err(error.to_string()),
        }),
    };
    Ok(BillRecord { id, mchid, present, file, bytes, sha1, verified_at, digest })
}

impl BillFile {
    fn of(record: &BillRecord) -> serde_json::Result<Self> {
        let digest = record.digest.as_ref().ok().map(serde_json::value::to_raw_value).transpose()?;
        Ok(Self {
            kind: record.id.kind.noun().to_owned(),
            word: record.id.kind.word().to_owned(),
            day: crate::model::time::day(record.id.day),
            mchid: record.mchid.clone(),
            file: record.file.clone(),
            bytes: record.bytes,
            sha1: record.sha1.clone(),
            verified_at: rfc3339(record.verified_at),
            digest,
            unread: record.digest.as_ref().err().cloned(),
        })
    }
}

/// Reads a bill's file to its end, packed or not: its sums, and the SHA-1 of its unpacked bytes.
pub(crate) fn examine(path: &Path) -> Result<(BillDigest, String), BillError> {
    let mut hash = Sha1::new();
    let hashed = Hashed { input: unpacked(BufReader::new(fs::File::open(path)?))?, hash: &mut hash };
    let digest = BillDigest::of(&mut Bill::open(BufReader::new(hashed))?)?;
    Ok((digest, hex(hash)))
}

/// The SHA-1 of a file's bytes, unpacked.
fn hash(path: &Path) -> io::Result<String> {
    let mut hash = Sha1::new();
    let input = unpacked(BufReader::new(fs::File::open(path)?)).map_err(io::Error::other)?;
    io::copy(&mut Hashed { input, hash: &mut hash }, &mut io::sink())?;
    Ok(hex(hash))
}

fn hex(hash: Sha1) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Opens a bill's file, packed or not, at its first row.
pub(crate) fn open(path: &Path) -> Result<Bill<Box<dyn io::BufRead>>, BillError> {
    Bill::open(unpacked(BufReader::new(fs::File::open(path)?))?)
}

/// Reads every row of a bill's file, packed or not, and returns the SHA-1 of its unpacked bytes.
pub(crate) fn each_row<E: From<BillError>>(
    path: &Path,
    mut each: impl FnMut(Result<Box<BillEntry>, BadLine>) -> Result<(), E>,
) -> Result<String, E> {
    let mut hash = Sha1::new();
    let file = fs::File::open(path).map_err(BillError::from)?;
    let hashed = Hashed { input: unpacked(BufReader::with_capacity(1 << 16, file))?, hash: &mut hash };
    let mut bill = Bill::open(BufReader::with_capacity(1 << 16, hashed))?;
    while let Some(row) = bill.next_row()? {
        each(row)?;
    }
    drop(bill);
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

/// A size as a person reads it: `12 KB`, `3.4 MB`.
pub(crate) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} KB", bytes.div_ceil(1000)),
        _ => format!("{}.{} MB", bytes / 1_000_000, bytes / 100_000 % 10),
    }
}

/// What is read, hashed.
struct Hashed<'a, R> {
    input: R,
    hash: &'a mut Sha1,
}

impl<R: io::Read> io::Read for Hashed<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.hash.update(&buffer[..read]);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::bill::TradeRows;
    use time::macros::{date, datetime};

    fn record(bills: &BillStore, name: &str, bytes: u64) -> BillRecord {
        let id = BillId { day: date!(2025 - 10 - 09), kind: BillKind::Trade(TradeRows::All) };
        let file = bills.folder.join(name);
        let (sha1, verified_at) = ("ab".repeat(20), datetime!(2025-10-10 10:00:00 +8));
        BillRecord {
            id,
            mchid: "1900009999".into(),
            file,
            present: true,
            bytes,
            sha1,
            verified_at,
            digest: Err("x".into()),
        }
    }

    fn bills(folder: &Path) -> BillStore {
        BillStore::new(&folder.join("bills"), &Actor::new("../shop", "1900009999", "test", false, Default::default()))
    }

    #[test]
    fn what_is_listed_is_there_and_what_was_left_unfinished_is_not_listed() {
        let folder = tempfile::tempdir().unwrap();
        let bills = bills(folder.path());
        assert!(bills.folder.starts_with(folder.path().join("bills")));
        assert_eq!(bills.list().unwrap(), []);
        let mut file = BillStore::begin(&bills.folder).unwrap();
        file.write_all(b"12345").unwrap();
        let record = record(&bills, "a.csv", 5);
        bills.finish(file, &record).unwrap();
        assert_eq!(bills.list().unwrap(), std::slice::from_ref(&record));
        // Killed before the record, and after it.
        fs::write(bills.folder.join(".paydeck-bill-x"), "123").unwrap();
        fs::write(bills.folder.join("broken.json"), "{\"kind\":").unwrap();
        fs::remove_file(&record.file).unwrap();
        let listed = bills.list().unwrap();
        assert_eq!(listed, [BillRecord { present: false, ..record.clone() }]);
        // A file that was cut short is not the one that was verified.
        fs::write(&record.file, "1234").unwrap();
        assert!(!bills.get(record.id).unwrap().unwrap().present);
    }

    #[test]
    fn what_was_abandoned_is_taken_away_when_the_next_begins() {
        let folder = tempfile::tempdir().unwrap();
        let left = |name: &str, age: Duration| {
            let path = folder.path().join(name);
            fs::write(&path, "x").unwrap();
            fs::File::options().write(true).open(&path).unwrap().set_modified(SystemTime::now() - age).unwrap();
            path
        };
        let (old, young) = (left(".paydeck-bill-old", ABANDONED * 2), left(".paydeck-bill-new", ABANDONED / 2));
        let other = left("mine.csv", ABANDONED * 2);
        drop(BillStore::begin(folder.path()).unwrap());
        assert_eq!((old.exists(), young.exists(), other.exists()), (false, true, true));
    }
}
