//! Bills for the console: listed, fetched, read and noted beside the screen.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::mpsc::UnboundedSender;

use crate::ledger::LedgerError;
use crate::model::Kind;
use crate::model::bill::{BillError, BillId};
use crate::services::bills::{BillFailure, BillGlance, BillIndex, BillRecord, BillWindow, Destination, Unclaimed};
use crate::services::{Event, Runner};

/// What is to be done about bills.
#[derive(Clone, Debug, PartialEq)]
pub enum BillWish {
    /// List those that were downloaded.
    List,
    Fetch(BillId),
    /// Read some rows.
    Read(BillGlance),
    /// Note the numbers it names, and what it says of them.
    Note(BillId, PathBuf),
}

/// What came of it.
#[derive(Clone, Debug)]
pub enum BillEvent {
    Listed(Result<Arc<Vec<BillRecord>>, Arc<BillFailure>>),
    /// So many bytes have come in.
    Coming {
        id: BillId,
        bytes: u64,
    },
    Fetched {
        id: BillId,
        result: Result<Arc<BillRecord>, Arc<BillFailure>>,
    },
    Rows {
        glance: Arc<BillGlance>,
        result: Result<Arc<BillWindow>, Arc<BillError>>,
    },
    /// So many numbers were noted, of these kinds.
    Noted {
        id: BillId,
        result: Result<(usize, Vec<Kind>), NotNoted>,
    },
}

/// Why a bill's numbers were not noted.
#[derive(Clone, Debug)]
pub enum NotNoted {
    Bill(Arc<BillFailure>),
    Ledger(Arc<LedgerError>),
    /// The file is no longer the one that was verified.
    Altered(PathBuf),
}

impl From<Unclaimed> for NotNoted {
    fn from(why: Unclaimed) -> Self {
        match why {
            Unclaimed::Bill(failure) => Self::Bill(Arc::new(failure)),
            Unclaimed::Ledger(error) => Self::Ledger(Arc::new(error)),
            Unclaimed::Altered { path, .. } => Self::Altered(path),
        }
    }
}

/// How often the progress of a download is told.
const TOLD_EVERY: Duration = Duration::from_millis(150);

/// Does what is wished, and tells what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    runner: Runner,
    events: UnboundedSender<Event>,
    /// Of the bill that was read last.
    index: Arc<Mutex<Option<Arc<BillIndex>>>>,
}

impl Desk {
    pub(crate) fn new(runner: Runner, events: UnboundedSender<Event>) -> Self {
        Self { runner, events, index: Arc::default() }
    }

    pub(crate) async fn fulfil(self, wish: BillWish) -> Vec<Kind> {
        let event = match wish {
            BillWish::List => self.list().await,
            BillWish::Fetch(id) => self.fetch(id).await,
            BillWish::Read(glance) => self.read(glance).await,
            BillWish::Note(id, file) => return self.note(id, file).await,
        };
        // Nobody listens any more only while closing.
        let _ = self.events.send(Event::Bill(event));
        Vec::new()
    }

    async fn list(&self) -> BillEvent {
        let bills = self.runner.bills();
        let list = move || bills.list().map(Arc::new).map_err(|error| BillFailure::file(bills.folder(), error));
        let listed = tokio::task::spawn_blocking(list).await;
        BillEvent::Listed(match listed {
            Ok(listed) => listed.map_err(Arc::new),
            Err(_) => Ok(Arc::default()),
        })
    }

    async fn fetch(&self, id: BillId) -> BillEvent {
        let (events, mut last) = (self.events.clone(), None::<Instant>);
        let mut told = move |bytes| {
            if last.is_none_or(|at| at.elapsed() >= TOLD_EVERY) {
                last = Some(Instant::now());
                let _ = events.send(Event::Bill(BillEvent::Coming { id, bytes }));
            }
        };
        let fetched = self.runner.fetch_bill(id, true, &Destination::Kept, &mut told).await;
        BillEvent::Fetched { id, result: fetched.map(Arc::new).map_err(Arc::new) }
    }

    async fn read(&self, glance: BillGlance) -> BillEvent {
        let (index, wanted) = (self.index.clone(), glance.clone());
        let read = move || {
            let held = index.lock().unwrap_or_else(PoisonError::into_inner).clone();
            let index_of = match held.filter(|index| index.is_of(&wanted.file)) {
                Some(index) => index,
                None => Arc::new(BillIndex::read(&wanted.file)?),
            };
            *index.lock().unwrap_or_else(PoisonError::into_inner) = Some(index_of.clone());
            index_of.window(wanted.from, wanted.count)
        };
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.unwrap_or_else(|error| Err(BillError::Read(std::io::Error::other(error))));
        BillEvent::Rows { glance: Arc::new(glance), result: read.map(Arc::new).map_err(Arc::new) }
    }

    /// Returns the kinds of which the ledger has learned something.
    async fn note(&self, id: BillId, file: PathBuf) -> Vec<Kind> {
        let result = self.note_rows(file).await;
        let kinds = result.as_ref().map(|(_, kinds)| kinds.clone()).unwrap_or_default();
        let _ = self.events.send(Event::Bill(BillEvent::Noted { id, result }));
        kinds
    }

    async fn note_rows(&self, file: PathBuf) -> Result<(usize, Vec<Kind>), NotNoted> {
        let record = self.runner.bill_at(&file).await;
        let numbers = self.runner.bill_numbers(file).await.map_err(|error| NotNoted::Bill(Arc::new(error)))?;
        let kinds = self.runner.note_bill(&numbers.wanted).await.map_err(|error| NotNoted::Ledger(Arc::new(error)))?;
        if let Some(record) = record {
            self.runner.claim_record(&record).await?;
        }
        Ok((numbers.wanted.len(), kinds))
    }
}
