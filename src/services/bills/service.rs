//! Bills for the console: listed, downloaded, read and recorded in the background.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use crate::model::Kind;
use crate::model::bill::{BillError, BillId};
use crate::model::reconcile::Period;
use crate::model::time::Date;
use crate::services::bills::request::{BillEvent, BillRequest, BooksEvent};
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
            BillRequest::Take(id, file) => self.take(id, file).await,
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
        let result = fetched.map(Arc::new).map_err(Arc::new);
        let file = result.as_ref().ok().filter(|record| record.digest.is_ok()).map(|record| record.file.clone());
        let fetched = BillEvent::Fetched { id, result };
        let Some(file) = file else { return fetched };
        self.hub.notify(TabAnswer::Bill(fetched).into());
        self.take(id, file).await
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
            index_of.answer(&wanted)
        };
        let read = tokio::task::spawn_blocking(read).await;
        let read = read.unwrap_or_else(|error| Err(BillError::Read(std::io::Error::other(error))));
        BillEvent::Rows { request: Arc::new(request), result: read.map(Arc::new).map_err(Arc::new) }
    }

    /// Takes the rows of a bill in, with progress.
    async fn take(&self, id: BillId, file: PathBuf) -> BillEvent {
        let record = self.runner.bill_at(&file).await;
        let (hub, last) = (self.hub.clone(), Mutex::new(None::<Instant>));
        let progress = move |progress| {
            let mut last = lock(&last);
            if last.is_none_or(|at| at.elapsed() >= PROGRESS_EVERY) {
                *last = Some(Instant::now());
                hub.notify(TabAnswer::Bill(BillEvent::Taking { id, progress }).into());
            }
        };
        let result = self.runner.take_bill(file, record, Arc::new(progress)).await;
        if result.as_ref().is_ok_and(|intake| !intake.already) {
            self.hub.kinds_changed([Kind::Transaction, Kind::Refund, Kind::ServiceOrder]);
        }
        BillEvent::Taken { id, result: result.map(Arc::new).map_err(Arc::new) }
    }
}
