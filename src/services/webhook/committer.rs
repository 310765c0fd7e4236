//! Commits all queued notifications in one transaction and sends each waiting connection its result. While one commit
//! is written to the disk the next batch collects, so that durability costs the same at any rate.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Instant;

use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{Notify, oneshot};

use crate::ledger::{ForwardMode, Ledger, LedgerError, NewDelivery, Refused, StoreResult};
use crate::services::webhook::rejection_counts::{KEEP, RejectionCounts, Written};
use crate::services::webhook::{EventSink, ListenerEvent, NewNotification};
use crate::sync::lock;

/// The most notifications that one transaction takes.
const AT_ONCE: usize = 1000;

/// A notification to be committed, and the channel for its result.
struct Job {
    arrival: NewDelivery,
    reply: oneshot::Sender<StoreResult>,
}

/// What the connections and the committer share.
#[derive(Default)]
pub(crate) struct Counters {
    tally: Mutex<RejectionCounts>,
    /// Notified when the tally gets its first entry.
    waits: Notify,
    pub received: AtomicU64,
    pub refused: AtomicU64,
    /// Notified when the counts have changed.
    pub changed: Notify,
}

impl Counters {
    fn tally(&self) -> MutexGuard<'_, RejectionCounts> {
        lock(&self.tally)
    }

    /// Counts a refused request.
    pub(super) fn refuse(&self, refused: Refused) {
        self.refused.fetch_add(1, Ordering::Relaxed);
        let first = self.tally().refuse(refused, Instant::now());
        self.wake(first);
        self.changed.notify_one();
    }

    /// Records how long the answer to a delivery took.
    pub(super) fn answered(&self, delivery: i64, micros: u64) {
        let first = self.tally().answered(delivery, micros, Instant::now());
        self.wake(first);
    }

    fn wake(&self, first: bool) {
        if first {
            self.waits.notify_one();
        }
    }
}

/// Sends notifications to the committer. When the last clone is dropped, the committer writes what is queued and ends.
#[derive(Clone)]
pub(crate) struct Committer(Sender<Job>);

impl Committer {
    /// Commits a notification. `None` if that failed: nothing of it is kept, and it must not be acknowledged.
    pub(super) async fn commit(&self, arrival: NewDelivery) -> Option<StoreResult> {
        let (reply, receipt) = oneshot::channel();
        self.0.send(Job { arrival, reply }).await.ok()?;
        receipt.await.ok()
    }
}

/// What a committer needs.
pub(crate) struct CommitterOptions {
    pub ledger: Ledger,
    pub profile: String,
    pub forward_mode: ForwardMode,
    pub counters: Arc<Counters>,
    /// Notified when something is to be forwarded.
    pub onward_bell: Arc<Notify>,
    pub notify: EventSink,
}

/// The committer and its task, which ends when the last [`Committer`] is dropped.
pub(crate) fn committer(options: CommitterOptions) -> (Committer, impl Future<Output = ()>) {
    let (sender, jobs) = channel(AT_ONCE);
    (Committer(sender), Task { options, stuck: false }.run(jobs))
}

struct Task {
    options: CommitterOptions,
    /// The ledger cannot be written, and that has been reported.
    stuck: bool,
}

impl Task {
    async fn run(mut self, mut jobs: Receiver<Job>) {
        let counters = self.options.counters.clone();
        let mut flush_at: Option<tokio::time::Instant> = None;
        loop {
            let mut batch = Vec::new();
            tokio::select! {
                count = jobs.recv_many(&mut batch, AT_ONCE) => {
                    if count == 0 {
                        break;
                    }
                    self.commit(batch).await;
                }
                () = counters.waits.notified() => {}
                () = sleep_until(flush_at), if flush_at.is_some() => flush_at = None,
            }
            if counters.tally().is_due(Instant::now()) {
                self.flush().await;
            }
            // The tally is written even if nothing else arrives.
            flush_at = flush_at.or_else(|| counters.tally().waiting().then(|| tokio::time::Instant::now() + KEEP));
        }
        self.flush().await;
    }

    async fn commit(&mut self, batch: Vec<Job>) {
        let (arrivals, replies): (Vec<NewDelivery>, Vec<_>) =
            batch.into_iter().map(|job| (job.arrival, job.reply)).unzip();
        let answered = self.options.counters.tally().take_answered();
        let arrivals = Arc::new(arrivals);
        let receipts = self.receive(arrivals.clone(), answered).await;
        let receipts = match receipts {
            Ok(receipts) => receipts.into_iter().map(Some).collect(),
            // One notification that the ledger rejects must not keep the others out.
            Err(error) if arrivals.len() > 1 && !error.is_lasting() => self.one_by_one(&arrivals).await,
            Err(error) => {
                self.report(Err(error));
                return;
            }
        };
        let mut received = Vec::new();
        let mut taken = 0;
        for ((receipt, reply), arrival) in receipts.into_iter().zip(replies).zip(arrivals.iter()) {
            let Some(receipt) = receipt else { continue };
            if let StoreResult::New { event, .. } = receipt {
                received.push(NewNotification {
                    event,
                    at: arrival.delivery.at,
                    notice: arrival.notice.clone(),
                    event_type: arrival.event_type.clone(),
                    content: arrival.content.clone(),
                });
            }
            taken += u64::from(receipt != StoreResult::Replayed);
            // The connection may have been closed meanwhile.
            let _ = reply.send(receipt);
        }
        let options = &self.options;
        options.counters.received.fetch_add(taken, Ordering::Relaxed);
        options.counters.changed.notify_one();
        if options.forward_mode == ForwardMode::Queued && taken > 0 {
            options.onward_bell.notify_one();
        }
        if !received.is_empty() {
            (options.notify)(ListenerEvent::Received(received));
        }
    }

    async fn one_by_one(&mut self, arrivals: &[NewDelivery]) -> Vec<Option<StoreResult>> {
        let mut receipts = Vec::new();
        for arrival in arrivals {
            let received = self.receive(Arc::new(vec![arrival.clone()]), Vec::new()).await;
            receipts.push(match received {
                Ok(receipts) => receipts.first().copied(),
                Err(error) => {
                    self.report(Err(error));
                    None
                }
            });
        }
        receipts
    }

    async fn receive(
        &mut self,
        arrivals: Arc<Vec<NewDelivery>>,
        answered: Vec<(i64, u64)>,
    ) -> Result<Vec<StoreResult>, LedgerError> {
        let (profile, forward_mode) = (self.options.profile.clone(), self.options.forward_mode);
        let receive = move |ledger: &Ledger| ledger.receive(&profile, &arrivals, &answered, forward_mode);
        let receipts = self.options.ledger.run(receive).await?;
        self.report(Ok(()));
        Ok(receipts)
    }

    /// Writes the tally.
    async fn flush(&mut self) {
        let (answered, refused) = {
            let mut tally = self.options.counters.tally();
            (tally.take_answered(), tally.take_refused())
        };
        if !answered.is_empty() {
            match self.receive(Arc::default(), answered).await {
                Ok(_) => (self.options.notify)(ListenerEvent::Answered),
                // Answer times are not worth a second attempt.
                Err(error) => tracing::debug!(%error, "times to answer could not be kept"),
            }
        }
        if !refused.is_empty() {
            self.tally(refused).await;
        }
    }

    async fn tally(&mut self, refused: Written) {
        let (profile, counts) = (self.options.profile.clone(), refused.counts());
        let refused = Arc::new(refused);
        let written = refused.clone();
        let tally = move |ledger: &Ledger| ledger.tally(&profile, &written.samples, &written.others);
        match self.options.ledger.run(tally).await {
            Ok(()) => (self.options.notify)(ListenerEvent::Refused(counts)),
            Err(error) => {
                if let Ok(refused) = Arc::try_unwrap(refused) {
                    self.options.counters.tally().take_back(refused, Instant::now());
                }
                self.report(Err(error));
            }
        }
    }

    /// Reports that the ledger cannot be written, or can be again; each once.
    fn report(&mut self, result: Result<(), LedgerError>) {
        match result {
            Ok(()) if self.stuck => {
                self.stuck = false;
                (self.options.notify)(ListenerEvent::Unstuck);
            }
            Err(error) if !self.stuck => {
                self.stuck = true;
                tracing::error!(%error, "notifications cannot be kept, and are not acknowledged");
                (self.options.notify)(ListenerEvent::Stuck(Arc::new(error)));
            }
            _ => {}
        }
    }
}

async fn sleep_until(at: Option<tokio::time::Instant>) {
    match at {
        Some(at) => tokio::time::sleep_until(at).await,
        None => std::future::pending().await,
    }
}
