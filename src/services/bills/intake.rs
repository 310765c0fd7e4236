//! Takes the rows of a bill into the ledger. One pass over the file hashes it, so that a bill that is there already costs
//! no more; a second one reads it, on a thread of its own beside the one that writes, and nothing counts unless the hash
//! is still the same and every summary is the sum of its rows. Neither holds more than a few thousand rows.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::time::{Duration, Instant};

use sha1::{Digest as _, Sha1};

use crate::ledger::{BillStep, BillsTaken, Ledger, LedgerError, NewBill, NewBillRow};
use crate::model::bill::{
    Bill, BillDigest, BillEntry, BillError, BillFileRow, BillKind, Header, Layout, Totals, unpacked,
};
use crate::model::time::{Date, beijing_day, day};
use crate::services::bills::{BillRecord, Hashed};
use crate::services::{Actor, Runner};

/// The kind of a statement of WeChat Pay Global.
pub(super) const STATEMENT: &str = "statement";

/// Rows that are handed on together, and how many such batches wait to be written.
const BATCH: usize = 1000;
const WAITING: usize = 4;

/// A bill whose rows are in the ledger.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillInLedger {
    /// `trade-ALL`, `fundflow-BASIC`, `statement`.
    pub kind: String,
    pub day: Date,
}

/// What came of taking a file in.
#[derive(Clone, Debug)]
pub struct Intake {
    pub bills: Vec<BillInLedger>,
    pub sha1: String,
    /// Whether WeChat Pay named that hash. If not, only the summary says that the rows are whole.
    pub proven: bool,
    /// The rows of the file.
    pub rows: u64,
    /// They were there before.
    pub already: bool,
    pub taken: BillsTaken,
    /// Whether a summary was compared with its rows: a statement of WeChat Pay Global has none.
    pub summed: bool,
    /// Another program has written the file.
    pub resaved: bool,
    pub took: Duration,
}

/// Why the rows of a file were not taken in. Nothing of it is in the ledger.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    #[error(transparent)]
    Bill(#[from] BillError),
    #[error(transparent)]
    Ledger(#[from] LedgerError),
    /// Its rows and its summary do not agree, or there is none.
    #[error("its summary does not vouch for its rows")]
    Unsound(Box<BillDigest>),
    /// A row is of this merchant.
    #[error("it is a bill of merchant {0}")]
    Merchant(String),
    /// No row says of which day it is.
    #[error("its rows have no time")]
    NoDay,
    /// It has two bills of this kind and day.
    #[error("it has two bills of one day")]
    Twice(BillInLedger),
    /// It is no longer what was downloaded: its hashes of then and now.
    #[error("it was changed")]
    Altered { was: String, is: String },
    #[error("it was called off")]
    Stopped,
}

/// How far the taking in has come.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct IntakeProgress {
    pub rows: u64,
    /// How much of the file is read, from 0 to 1.
    pub part: f64,
    pub since: Duration,
}

impl IntakeProgress {
    /// Rows in a second.
    pub fn rate(&self) -> f64 {
        self.rows as f64 / self.since.as_secs_f64().max(0.001)
    }

    /// The time that is left if it goes on like this; unknown at the beginning.
    pub fn left(&self) -> Option<Duration> {
        let left = self.since.as_secs_f64() * (1.0 - self.part) / self.part;
        (self.part > 0.0 && left.is_finite()).then(|| Duration::from_secs_f64(left.max(0.0)))
    }
}

/// Called with the progress, on another thread.
pub type OnIntake = Arc<dyn Fn(IntakeProgress) + Send + Sync>;

impl Runner {
    /// Takes the rows of a file of bills in. `record`: it is this bill, which was downloaded here. When the returned
    /// future is dropped, the taking in is called off, and nothing is taken in.
    pub async fn take_bill(
        &self,
        file: PathBuf,
        record: Option<BillRecord>,
        progress: OnIntake,
    ) -> Result<Intake, NotTaken> {
        let mut reading = FileIntake::new(self.ledger.clone(), &self.actor, self.client.mchid().as_str(), file);
        (reading.record, reading.progress) = (record, progress);
        let _stop = StopOnDrop(reading.stop.clone());
        let taken = tokio::task::spawn_blocking(move || reading.take()).await;
        taken.unwrap_or_else(|error| Err(BillError::Read(io::Error::other(error)).into()))
    }
}

/// Calls the reading off when it is dropped.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One file on its way into the ledger.
pub struct FileIntake {
    ledger: Ledger,
    profile: String,
    mchid: String,
    file: PathBuf,
    record: Option<BillRecord>,
    stop: Arc<AtomicBool>,
    progress: OnIntake,
}

/// The end of a reading.
struct ReadToEnd {
    bills: Vec<BillInLedger>,
    digest: BillDigest,
}

/// Why a reading ended.
enum ReadFailure {
    Not(NotTaken),
    /// The bills are of other days than their first rows: these.
    OtherDays(Vec<Date>),
}

impl<T: Into<NotTaken>> From<T> for ReadFailure {
    fn from(why: T) -> Self {
        Self::Not(why.into())
    }
}

impl FileIntake {
    /// A file of which only its summary says that it is whole.
    pub fn new(ledger: Ledger, actor: &Actor, mchid: &str, file: PathBuf) -> Self {
        Self {
            ledger,
            profile: actor.key.clone(),
            mchid: mchid.to_owned(),
            file,
            record: None,
            stop: Arc::default(),
            progress: Arc::new(|_| ()),
        }
    }

    /// Takes it in. Blocks.
    pub fn take(&self) -> Result<Intake, NotTaken> {
        let started = Instant::now();
        // What is no bill is not read to its end.
        Bill::open(unpacked(BufReader::new(File::open(&self.file).map_err(BillError::from)?))?)?;
        let sha1 = super::hash(&self.file).map_err(BillError::from)?;
        if let Some(record) = self.record.as_ref().filter(|record| record.sha1 != sha1) {
            return Err(NotTaken::Altered { was: record.sha1.clone(), is: sha1 });
        }
        let proven = self.record.is_some();
        let here = self.ledger.taken_bills(&self.profile).map_err(|error| self.ledger.named(error))?;
        let here: Vec<_> = here.into_iter().filter(|bill| bill.hash == sha1 && bill.proven >= proven).collect();
        if !here.is_empty() {
            let rows = here.iter().map(|bill| bill.rows).sum();
            let proven = here.iter().all(|bill| bill.proven);
            let summed = here.iter().all(|bill| bill.kind != STATEMENT);
            let bills = here.into_iter().map(|bill| BillInLedger { kind: bill.kind, day: bill.day }).collect();
            let taken = BillsTaken::default();
            return Ok(Intake {
                bills,
                sha1,
                proven,
                rows,
                already: true,
                taken,
                summed,
                resaved: false,
                took: started.elapsed(),
            });
        }
        let days = self.record.as_ref().map(|record| vec![record.id.day]);
        let (read, taken) = match self.read(&sha1, days.as_deref(), started) {
            Err(ReadFailure::OtherDays(days)) => self.read(&sha1, Some(&days), started),
            read => read,
        }
        .map_err(|failure| match failure {
            ReadFailure::Not(why) => why,
            // It was altered between the two readings.
            ReadFailure::OtherDays(_) => NotTaken::NoDay,
        })?;
        Ok(Intake {
            rows: read.digest.totals.rows(),
            summed: !read.digest.statement,
            resaved: read.digest.resaved > 0,
            bills: read.bills,
            sha1,
            proven,
            already: false,
            taken,
            took: started.elapsed(),
        })
    }

    /// Reads the file on one thread and writes its rows on this one.
    fn read(
        &self,
        sha1: &str,
        days: Option<&[Date]>,
        started: Instant,
    ) -> Result<(ReadToEnd, BillsTaken), ReadFailure> {
        std::thread::scope(|scope| {
            let (send, receive) = sync_channel(WAITING);
            let reader = scope.spawn(move || -> Result<ReadToEnd, ReadFailure> {
                let mut rows = Rows::new(self, sha1, days, &send, started);
                let read = rows.read()?;
                // Nothing counts before this.
                let _ = send.send(BillStep::Verified);
                Ok(read)
            });
            let taken = self.ledger.take_bills(&self.profile, &mut || receive.recv().ok());
            // So that the reader ends if the writer has.
            drop(receive);
            let read = match reader.join() {
                Ok(read) => read,
                Err(panic) => std::panic::resume_unwind(panic),
            };
            let taken = taken.map_err(|error| self.ledger.named(error))?;
            let read = read?;
            Ok((read, taken.ok_or(NotTaken::Stopped)?))
        })
    }
}

/// The rows of a file on their way to the writer.
struct Rows<'a> {
    of: &'a FileIntake,
    sha1: &'a str,
    /// The days of its bills, if they are known.
    days: Option<&'a [Date]>,
    send: &'a SyncSender<BillStep>,
    started: Instant,
    bills: Vec<BillInLedger>,
    /// The latest day of the rows of each.
    latest: Vec<Option<Date>>,
    totals: Option<Totals>,
    batch: Vec<NewBillRow>,
    rows: u64,
    /// Why it ended, if that is no error of the file.
    why: Option<NotTaken>,
}

impl<'a> Rows<'a> {
    fn new(
        of: &'a FileIntake,
        sha1: &'a str,
        days: Option<&'a [Date]>,
        send: &'a SyncSender<BillStep>,
        started: Instant,
    ) -> Self {
        let batch = Vec::with_capacity(BATCH);
        Self {
            of,
            sha1,
            days,
            send,
            started,
            bills: Vec::new(),
            latest: Vec::new(),
            totals: None,
            batch,
            rows: 0,
            why: None,
        }
    }

    fn read(&mut self) -> Result<ReadToEnd, ReadFailure> {
        let file = File::open(&self.of.file).map_err(BillError::from)?;
        let length = file.metadata().map_err(BillError::from)?.len();
        let read = AtomicU64::new(0);
        let mut hash = Sha1::new();
        let counted = BufReader::with_capacity(1 << 18, Counted { input: file, read: &read });
        let hashed = Hashed { input: unpacked(counted)?, hash: &mut hash };
        let mut bill = Bill::open(BufReader::with_capacity(1 << 18, hashed))?;
        let digest = BillDigest::of_each(&mut bill, &mut |part, entry, header| {
            self.row(part, entry, header).map_err(|why| {
                self.why = Some(why);
                BillError::Read(io::ErrorKind::Interrupted.into())
            })?;
            if self.rows.is_multiple_of(BATCH as u64) {
                let part = read.load(Ordering::Relaxed) as f64 / length.max(1) as f64;
                (self.of.progress)(IntakeProgress { rows: self.rows, part, since: self.started.elapsed() });
            }
            Ok(())
        });
        let digest = match (self.why.take(), digest) {
            (Some(why), _) => return Err(why.into()),
            (None, digest) => digest?,
        };
        drop(bill);
        self.finish_bill()?;
        if !digest.is_sound() {
            return Err(NotTaken::Unsound(Box::new(digest)).into());
        }
        let is = super::hex(hash);
        if is != self.sha1 {
            return Err(NotTaken::Altered { was: self.sha1.to_owned(), is }.into());
        }
        let latest: Option<Vec<Date>> = self.latest.iter().copied().collect();
        let latest = latest.ok_or(NotTaken::NoDay)?;
        // A downloaded bill was compared with its day then: the time of a refund may be its payment's.
        if self.of.record.is_none() && self.bills.iter().map(|bill| bill.day).ne(latest.iter().copied()) {
            return Err(ReadFailure::OtherDays(latest));
        }
        Ok(ReadToEnd { bills: std::mem::take(&mut self.bills), digest })
    }

    fn row(&mut self, part: usize, entry: BillEntry, header: &Header) -> Result<(), NotTaken> {
        if let BillFileRow::Trade(row) = &entry.row {
            let ours = [row.mchid.as_str(), row.sub_mchid.as_str()].contains(&self.of.mchid.as_str());
            if !ours && !row.mchid.is_empty() {
                return Err(NotTaken::Merchant(row.mchid.clone()));
            }
        }
        let moved = entry.row.at().map(beijing_day);
        if part == self.bills.len() {
            self.finish_bill()?;
            self.begin(part, header, moved)?;
        }
        if let Some(latest) = self.latest.last_mut() {
            *latest = (*latest).max(moved);
        }
        if let Some(totals) = &mut self.totals {
            totals.add(&entry.row);
        }
        self.rows += 1;
        self.batch.push(NewBillRow::of(entry));
        if self.batch.len() >= BATCH { self.flush() } else { Ok(()) }
    }

    fn begin(&mut self, part: usize, header: &Header, moved: Option<Date>) -> Result<(), NotTaken> {
        let assumed = self.days.and_then(|days| days.get(part)).copied();
        let day = assumed.or(moved).ok_or(NotTaken::NoDay)?;
        let kind = match (&self.of.record, header.layout()) {
            (_, Layout::Trade) if header.is_statement() => STATEMENT.to_owned(),
            (Some(record), _) => format!("{}-{}", record.id.kind.noun(), record.id.kind.word()),
            (None, Layout::Trade) => {
                let kind = BillKind::Trade(header.trade_rows());
                format!("{}-{}", kind.noun(), kind.word())
            }
            // Which account it is of is nowhere in it.
            (None, Layout::FundFlow) => "fundflow".to_owned(),
        };
        let bill = BillInLedger { kind: kind.clone(), day };
        if self.bills.contains(&bill) {
            return Err(NotTaken::Twice(bill));
        }
        self.bills.push(bill);
        self.latest.push(None);
        self.totals = Some(Totals::new(header.layout()));
        let (hash, proven) = (self.sha1.to_owned(), self.of.record.is_some());
        self.send(BillStep::Begins(NewBill { kind, day, hash, proven, header: header.line() }))
    }

    fn finish_bill(&mut self) -> Result<(), NotTaken> {
        self.flush()?;
        match self.totals.take() {
            Some(totals) => self.send(BillStep::Ends(serde_json::to_string(&totals).unwrap_or_default())),
            None => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), NotTaken> {
        if self.batch.is_empty() {
            return Ok(());
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(BATCH));
        self.send(BillStep::Rows(batch))
    }

    fn send(&self, step: BillStep) -> Result<(), NotTaken> {
        if self.of.stop.load(Ordering::Relaxed) {
            return Err(NotTaken::Stopped);
        }
        // The writer has ended: its error is the one that is reported.
        self.send.send(step).map_err(|_| NotTaken::Stopped)
    }
}

/// A file of which it is known how much was read.
struct Counted<'a> {
    input: File,
    read: &'a AtomicU64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.input.read(buffer)?;
        self.read.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

impl BillInLedger {
    /// `trade-ALL-2026-11-26`.
    pub fn name(&self) -> String {
        format!("{}-{}", self.kind, day(self.day))
    }
}

/// Whether a path leads to a file of bills, by its first lines.
pub(crate) fn is_bill(path: &Path) -> bool {
    super::open(path).is_ok()
}
