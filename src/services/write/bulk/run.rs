//! Performs a bulk action: the rate, the control, and what pauses it.

use std::sync::{Arc, Mutex};

use futures_util::future::BoxFuture;
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::model::action::Confirmed;
use crate::services::write::bulk::{BulkCommand, BulkControl, BulkEvent, BulkRun, Surprise};
use crate::services::{Outcome, Runner};
use crate::sync::lock;

/// Performs one operation, and reports at once if its outcome is unknown. The rate control knows nothing else of it.
pub(crate) type Perform = Arc<dyn Fn(Confirmed, OnUnknown) -> BoxFuture<'static, Outcome> + Send + Sync>;
pub(crate) type OnUnknown = Box<dyn FnOnce(Outcome) + Send>;

impl Runner {
    /// Performs a bulk action, however long that takes. `report` is called for every step.
    pub(crate) async fn run_bulk(
        &self,
        run: BulkRun,
        control: &BulkControl,
        report: impl Fn(BulkEvent) + Clone + Send + Sync + 'static,
    ) {
        let runner = self.clone();
        let perform: Perform = Arc::new(move |operation, unknown| {
            let runner = runner.clone();
            Box::pin(async move { runner.perform_one(operation, unknown).await })
        });
        pace(perform, run, control, report).await;
    }

    /// Sends one operation through the gate, which reports whether its object has changed since it was prepared.
    async fn perform_one(&self, operation: Confirmed, unknown: OnUnknown) -> Outcome {
        let touched = operation.what().touched();
        let outcome = self.perform(operation, unknown).await;
        if matches!(outcome, Outcome::Done { .. }) {
            // A later run of the same set must see what was done.
            for id in &touched {
                self.see(id).await;
            }
        }
        outcome
    }
}

/// The results of the tasks in flight.
type Found = Arc<Mutex<Option<Surprise>>>;

/// Starts operations at the rate until all are done, the operator stops it, or a surprise pauses it.
pub(crate) async fn pace(
    perform: Perform,
    run: BulkRun,
    control: &BulkControl,
    report: impl Fn(BulkEvent) + Clone + Send + Sync + 'static,
) {
    let BulkRun { operations, rate, .. } = run;
    let mut waiting = operations.into_iter().enumerate();
    let mut next = waiting.next();
    let mut in_flight: JoinSet<Outcome> = JoinSet::new();
    let mut commands = control.0.subscribe();
    let found = Found::default();
    let mut due = Instant::now();
    let (mut paused, mut at_once) = (false, 1);
    loop {
        // A task stores its result before it notifies, so that no notification from here on is missed.
        commands.mark_unchanged();
        let surprise = lock(&found).take();
        if let Some(surprise) = surprise.filter(|_| control.command() != BulkCommand::Stop) {
            control.send(BulkCommand::Pause);
            (paused, at_once) = (true, 1);
            report(BulkEvent::Paused(Some(surprise)));
        }
        let command = control.command();
        match (command, paused) {
            (BulkCommand::Stop, _) => next = None,
            (BulkCommand::Pause, false) => {
                paused = true;
                report(BulkEvent::Paused(None));
            }
            (BulkCommand::Go, true) => {
                paused = false;
                report(BulkEvent::Resumed);
            }
            _ => {}
        }
        if next.is_none() && in_flight.is_empty() {
            return report(BulkEvent::Finished);
        }
        let may_start = next.is_some() && command == BulkCommand::Go && in_flight.len() < at_once;
        tokio::select! {
            biased;
            _ = commands.changed() => {}
            Some(ended) = in_flight.join_next(), if !in_flight.is_empty() => match ended {
                // There is an answer: now the rate limits how many may be in flight.
                Ok(outcome) if Surprise::of(&outcome).is_none() => at_once = rate.at_once(),
                Ok(_) => {}
                // An operation is never cancelled, so it panicked: that is not hidden.
                Err(error) => if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                },
            },
            () = tokio::time::sleep_until(due), if may_start => {
                let Some((place, operation)) = next.take() else { continue };
                next = waiting.next();
                due = Instant::now() + rate.interval();
                report(BulkEvent::Started(place));
                let (report, found, ring) = (report.clone(), found.clone(), control.0.clone());
                let ended = move |outcome: &Outcome| {
                    if let Some(surprise) = Surprise::of(outcome) {
                        lock(&found).get_or_insert(surprise);
                        ring.send_modify(|_| ());
                    }
                    report(BulkEvent::Ended(place, outcome.clone()));
                };
                let unknown = ended.clone();
                let ending = perform(operation, Box::new(move |outcome| unknown(&outcome)));
                in_flight.spawn(async move {
                    let outcome = ending.await;
                    // An unknown outcome has already been reported.
                    if !matches!(outcome, Outcome::Unknown { .. }) {
                        ended(&outcome);
                    }
                    outcome
                });
            }
        }
    }
}
