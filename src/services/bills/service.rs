//! Bills for the console: listed, downloaded, read and recorded in the background.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::model::Kind;
use crate::model::bill::{BillError, BillId};
use crate::model::reconcile::Period;
use crate::model::time::Date;
use crate::services::bills::request::{BillEvent, BillRequest, BooksEvent, NotNoted};
use crate::services::bills::{BillFailure, BillIndex, BillPageRequest, Destination};
use crate::services::hub::Hub;
use crate::services::reconcile::ReconcileRequest;
use crate::services::{Runner, TabAnswer};
use crate::sync::lock;

/// How often the progress of a download is reported.
const PROGRESS_EVERY: Duration = Duration::from_millis(150);

/// Serves requests about bills, and reports their results.
#[derive(Clone, Debug)]
pub(crate) struct BillService {
    runner: Runner,
    hub: Hub,
    /// Of the bill that was read last.
    index: Arc<Mutex<Option<Arc<BillIndex>>>>,
}

impl BillService {
    pub(crate) fn new(runner: Runner, hub: Hub) -> Self {
        Self { runner, hub, index: Arc::default() }
    }

    pub(crate) async fn serve(self, request: BillRequest) {
        let event = match request {
            BillRequest::List => self.list().await,
            BillRequest::Fetch(id) => self.fetch(id).await,
            BillRequest::Read(request) => self.read(request).await,
            BillRequest::Note(id, file) => self.note(id, file).await,
            BillRequest::Reconcile { day, against, resolve } => return self.reconcile(day, against, resolve).await,
            BillRequest::Held => return self.held().await,
            BillRequest::CloseDifference { id, reason } => return self.close(id, &reason).await,
        };
        self.hub.notify(TabAnswer::Bill(event).into());
    }

    async fn reconcile(self, day: Date, against: Option<PathBuf>, resolve: bool) {
        let period = Period { from: day, to: day };
        let request = ReconcileRequest { against, resolve, ..ReconcileRequest::new(period) };
        let result = self.runner.reconcile(request, &mut |_| ()).await.map(Arc::new).map_err(Arc::new);
        self.hub.notify(TabAnswer::Books(BooksEvent::Reconciled { day, result }).into());
    }

    async fn held(self) {
        let held = self.runner.held_differences(true).await.map(Arc::new).map_err(Arc::new);
        self.hub.notify(TabAnswer::Books(BooksEvent::Held(held)).into());
    }

    async fn close(self, id: i64, reason: &str) {
        let result = self.runner.close_difference(id, reason).await.map_err(Arc::new);
        self.hub.notify(TabAnswer::Books(BooksEvent::Closed { id, result }).into());
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
        let (hub, mut last) = (self.hub.clone(), None::<Instant>);
        let mut progress = move |bytes| {
            if last.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
                last = Some(Instant::now());
                hub.notify(TabAnswer::Bill(BillEvent::Coming { id, bytes }).into());
            }
        };
        let fetched = self.runner.fetch_bill(id, true, &Destination::Kept, &mut progress).await;
        BillEvent::Fetched { id, result: fetched.map(Arc::new).map_err(Arc::new) }
    }

    async fn read(&self, request: BillPageRequest) -> BillEvent {
        let (index, wanted) = (self.index.clone(), request.clone());
        let read = move || {
            let held = lock(&index).clone();
            let index_of = match held.filter(|index| index.is_of(&wanted.file)) {
                Some(index) => index,
                None => Arc::new(BillIndex::read(&wanted.file)?),
            };
            *lock(&index) = Some(index_of.clone());
            index_of.page(wanted.from, wanted.count)
        };
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.unwrap_or_else(|error| Err(BillError::Read(std::io::Error::other(error))));
        BillEvent::Rows { request: Arc::new(request), result: read.map(Arc::new).map_err(Arc::new) }
    }

    async fn note(&self, id: BillId, file: PathBuf) -> BillEvent {
        let result = self.note_rows(file).await;
        if let Ok((_, kinds)) = &result
            && !kinds.is_empty()
        {
            self.hub.kinds_changed(kinds.iter().copied());
        }
        BillEvent::Noted { id, result }
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
