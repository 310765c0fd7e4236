//! Keeps rows fresh and follows watched objects: one task that queries objects in the order of the schedule, within the
//! budget, and reports the answers. With nothing to query it sleeps.

mod reports;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, Client, Permit};
use crate::ledger::{LastSeen, LedgerError, Unchanged, WatchReason, Watched, to_the_millisecond};
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};
use crate::services::hub::Hub;
use crate::services::watch::asker::{Ask, Memory, WatchAnswer, WatchQuery};
use crate::services::watch::catch_up::CatchUp;
use crate::services::watch::clock::WatchClock;
use crate::services::watch::command::RefresherCommand;
use crate::services::watch::connection::{ConnectionHealth, judge};
use crate::services::watch::schedule::{NextDue, QueryResult, Schedule, Slot};
use crate::services::watch::screen::{ScreenRows, known_before, read_last_seen};
use crate::services::watch::watches::{WatchSet, WatchUpdate};
use crate::services::watch::write_batcher::{Stored, WriteBatch};
use crate::services::watch::{GapReason, Watch};
use crate::services::{Event, Fresh, Runner, Source};

/// The result of a task of the refresher.
enum TaskResult {
    /// The answer about an object, and when it was queried.
    Answer(ObjectId, (Timestamp, Instant), Result<WatchAnswer, ApiError>),
    /// What is due, and when more is.
    Due(Vec<ObjectId>, Option<Timestamp>),
    /// Answers are in the ledger; which of them must be queried again.
    Kept(Vec<Stored>, Result<Vec<ObjectId>, LedgerError>),
    /// These are on the screen, and this is what the ledger knows of those that were not queried in this run.
    Looked(Vec<ObjectId>, Result<Vec<(ObjectId, LastSeen)>, LedgerError>),
    /// What is watched; `true` for the first time.
    Watched(Result<Vec<Watched>, LedgerError>, bool),
}

/// Objects read from the ledger at once.
const DUE_AT_ONCE: usize = 64;
/// An object that was refused is not queried again for this time, unless it is watched or on the screen.
const REFUSED: time::Duration = time::Duration::DAY;
/// An object whose query failed is not queried again for this time: others have their turn meanwhile.
const FAILED: time::Duration = time::Duration::minutes(2);
/// A ledger that cannot be read is tried again after this time.
const UNREADABLE: time::Duration = time::Duration::MINUTE;
/// How often the clocks are read while something is watched, to notice that the machine slept.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Shorter trouble is no gap: nothing is queried more often than this.
const SHORT: Duration = Duration::from_secs(2);
/// Nor is a shorter time between two runs.
const AWAY: time::Duration = time::Duration::MINUTE;
/// After queries were sent, others wait this long: those that become due meanwhile leave on one wake-up, and so do their
/// answers arrive. What is urgent does not wait.
const TOGETHER: Duration = Duration::from_millis(100);
/// Memories kept of objects that are neither watched nor on the screen any more.
const FORGOTTEN: usize = 256;

pub(crate) struct Refresher {
    client: Client,
    runner: Runner,
    hub: Hub,
    cancel: CancellationToken,
    ask: Ask,
    schedule: Schedule,
    connection: ConnectionHealth,
    watches: WatchSet,
    screen: ScreenRows,
    /// When queries that are not urgent may leave again.
    together: Option<Instant>,
    /// Whether what is watched is in the ledger; else it is watched by this run alone.
    lasting: bool,
    memories: HashMap<ObjectId, Arc<Memory>>,
    batch: WriteBatch,
    clock: WatchClock,
    catch_up: Option<CatchUp>,
    /// Notified when a document arrives: it may link to unknown objects.
    linked: Arc<Notify>,
    /// True while what is fetched cannot be kept.
    store_failed: bool,
}

impl Refresher {
    /// A refresher that keeps everything fresh that the ledger knows.
    pub(crate) fn new(
        runner: Runner,
        ask: Ask,
        connection: ConnectionHealth,
        hub: Hub,
        cancel: CancellationToken,
        linked: Arc<Notify>,
    ) -> Self {
        let mut watches = WatchSet::default();
        watches.queue(WatchUpdate::Read);
        Self {
            client: runner.client.clone(),
            runner,
            hub,
            cancel,
            ask,
            schedule: Schedule::default(),
            connection,
            watches,
            screen: ScreenRows::default(),
            together: None,
            lasting: true,
            memories: HashMap::new(),
            batch: WriteBatch::default(),
            clock: WatchClock::default(),
            catch_up: None,
            linked,
            store_failed: false,
        }
    }

    /// The same, but it queries only these objects, and watches them without the ledger.
    pub(crate) fn only(mut self, ids: &[ObjectId]) -> Self {
        let (now, wall) = (Instant::now(), Timestamp::now_utc());
        self.schedule = Schedule::without_ledger();
        (self.watches, self.lasting) = (WatchSet::default(), false);
        for id in ids {
            self.schedule.watch(id, Duration::ZERO, now);
            let watch = Watch { why: WatchReason::Marked, since: wall, changed_at: None, due: wall };
            self.watches.objects.insert(id.clone(), watch);
        }
        self
    }

    pub(crate) async fn run(mut self, mut commands: UnboundedReceiver<RefresherCommand>) {
        let mut tasks: JoinSet<TaskResult> = JoinSet::new();
        let mut first = true;
        loop {
            let now = Instant::now();
            if let Some((from, to)) = self.clock.look(now, Timestamp::now_utc()) {
                self.connection.retry_now();
                self.miss(GapReason::Asleep, from, to, None);
            }
            if let Some(update) = self.watches.next_update() {
                tasks.spawn(update_watches(self.runner.clone(), update, std::mem::take(&mut first)));
            }
            if let Some(visible) = self.screen.next() {
                let reading = read_last_seen(self.runner.clone(), visible);
                tasks.spawn(async move {
                    let (visible, seen) = reading.await;
                    TaskResult::Looked(visible, seen)
                });
            }
            let wakes = [
                self.ask(&mut tasks, now),
                self.keep(&mut tasks, now),
                self.report_health(now),
                self.report_watching(now),
                (self.schedule.watches() > 0).then(|| now + HEARTBEAT),
            ];
            self.report_caught_up();
            let wake = wakes.into_iter().flatten().min();
            self.clock.expect(wake);
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return,
                command = commands.recv() => match command {
                    Some(command) => self.execute(command),
                    None => return,
                },
                Some(Ok(result)) = tasks.join_next(), if !tasks.is_empty() => {
                    self.finish(result);
                    // Others that have arrived meanwhile.
                    while let Some(Ok(result)) = tasks.try_join_next() {
                        self.finish(result);
                    }
                }
                () = sleep_until(wake), if wake.is_some() => {}
            }
        }
    }

    fn execute(&mut self, command: RefresherCommand) {
        let now = Instant::now();
        match command {
            RefresherCommand::Look(visible) => {
                if let Some(visible) = self.screen.turn_to(visible, &self.schedule) {
                    self.look(visible, now);
                }
            }
            RefresherCommand::RefreshNow(ids) => {
                self.connection.retry_now();
                self.schedule.prioritise(ids, now);
            }
            RefresherCommand::Notified(ids) => self.schedule.prioritise(ids, now),
            RefresherCommand::NumbersAdded => self.schedule.learned(),
            RefresherCommand::Watch(ids) => self.watches.queue(WatchUpdate::Watch(ids)),
            RefresherCommand::Unwatch(ids) if self.lasting => self.watches.queue(WatchUpdate::Unwatch(ids)),
            RefresherCommand::Unwatch(ids) => {
                for id in &ids {
                    self.watches.end(id, &mut self.schedule);
                }
                self.forget();
            }
            RefresherCommand::WatchesChanged => self.watches.queue(WatchUpdate::Read),
            RefresherCommand::LedgerChanged(news) => {
                let waited_for = news.changed.into_iter().chain(news.named).filter(|id| self.schedule.is_open(id));
                let waited_for: BTreeSet<ObjectId> = waited_for.collect();
                self.schedule.prioritise(waited_for, now);
                if news.watches && self.lasting {
                    self.watches.queue(WatchUpdate::Read);
                }
            }
            RefresherCommand::Pause(paused) => self.pause(paused),
        }
    }

    fn pause(&mut self, paused: bool) {
        let now = Timestamp::now_utc();
        let since = self.watches.paused;
        if paused == since.is_some() {
            return;
        }
        self.schedule.pause(paused);
        self.watches.paused = paused.then_some(now);
        self.watches.change();
        if let Some(since) = since {
            self.miss(GapReason::Paused, since, now, None);
        }
    }

    fn look(&mut self, visible: Vec<ObjectId>, now: Instant) {
        self.schedule.look(visible, now);
        self.forget();
    }

    /// Takes what the ledger knows of a screen's objects, and shows them unless the screen shows others by now.
    fn looked(&mut self, visible: Vec<ObjectId>, seen: Result<Vec<(ObjectId, LastSeen)>, LedgerError>, now: Instant) {
        let seen = seen.unwrap_or_else(|error| {
            tracing::warn!(%error, "the ledger cannot report when objects were queried");
            Vec::new()
        });
        let wall = Timestamp::now_utc();
        for (id, seen) in seen {
            self.schedule.know(&id, known_before(&seen, wall), now);
        }
        if self.screen.has_read() {
            self.look(visible, now);
        }
    }

    /// Starts the queries that are due; returns when to call again.
    fn ask(&mut self, tasks: &mut JoinSet<TaskResult>, now: Instant) -> Option<Instant> {
        if let Some(not_before) = self.connection.not_before().filter(|at| *at > now) {
            return Some(not_before);
        }
        let waits = self.together.filter(|at| *at > now);
        while self.schedule.in_flight() < self.connection.at_once() {
            let permit = match self.schedule.peek(now) {
                NextDue::Rest(until) => return until,
                NextDue::Refill => None,
                NextDue::Ask if waits.is_some() && !self.schedule.is_urgent() => return waits,
                // The permit comes first, then the object is chosen: a more urgent one may have come up meanwhile.
                NextDue::Ask => match self.client.permit() {
                    Ok(permit) => Some(permit),
                    Err(at) => return Some(at),
                },
            };
            match (self.schedule.next(now), permit) {
                (Slot::Ask(id), Some(permit)) => self.query(id, permit, tasks, now),
                (Slot::Rest(until), _) => return until,
                (Slot::Refill, _) | (Slot::Ask(_), None) => {
                    tasks.spawn(look_for_due(self.runner.clone(), DUE_AT_ONCE + self.schedule.waited_for()));
                }
            }
        }
        None
    }

    fn query(&mut self, id: ObjectId, permit: Permit, tasks: &mut JoinSet<TaskResult>, now: Instant) {
        self.connection.asked();
        self.together = self.together.filter(|at| *at > now).or(Some(now + TOGETHER));
        let (whole, remember) = (self.schedule.is_reported(&id), self.schedule.is_waited_for(&id));
        let asking = WatchQuery { id: id.clone(), memory: self.memories.get(&id).cloned(), whole, remember };
        let (asked, answer) = ((Timestamp::now_utc(), Instant::now()), (self.ask)(asking, permit));
        tasks.spawn(async move { TaskResult::Answer(id, asked, answer.await) });
    }

    fn finish(&mut self, result: TaskResult) {
        let now = Instant::now();
        match result {
            TaskResult::Answer(id, (asked_at, _), Ok(answer)) => self.answered(id, asked_at, answer, now),
            TaskResult::Answer(id, asked, Err(error)) => self.failed(id, asked, Arc::new(error), now),
            TaskResult::Due(due, next) => {
                let wait = |at: Timestamp| Duration::try_from(at - Timestamp::now_utc()).unwrap_or_default();
                self.schedule.refill(due, next.map(|at| now + wait(at)), now);
            }
            TaskResult::Kept(stored, result) => self.kept(stored, result, now),
            TaskResult::Looked(visible, seen) => self.looked(visible, seen, now),
            TaskResult::Watched(watched, first) => {
                self.watches.updated();
                match watched {
                    Ok(watched) => self.take_in_watches(watched, first, now),
                    Err(error) => tracing::warn!(%error, "what is watched cannot be read or changed"),
                }
            }
        }
    }

    /// A document arrived.
    fn answered(&mut self, id: ObjectId, asked_at: Timestamp, answer: WatchAnswer, now: Instant) {
        let at = Timestamp::now_utc();
        self.reached(at, &id, now);
        // A command that follows a few objects compares the answers itself.
        let reported = self.schedule.is_reported(&id) || !self.lasting;
        let (object, news, changed, is_final) = match answer {
            WatchAnswer::Same(object) => {
                let Some(memory) = self.memories.get(&id) else { return self.ask_again(&id, now) };
                let (digest, verified_at) = (memory.digest, to_the_millisecond(asked_at));
                let is_final = memory.is_final;
                self.batch.again(Unchanged { id: id.clone(), digest, verified_at, source: Source::Query }, now);
                (object, false, false, is_final)
            }
            WatchAnswer::Other { object, news, known, memory } => {
                let is_final = object.entity.state().is_final;
                if let Some(since) = object.entity.since().filter(|_| !known) {
                    self.schedule.first_seen(&id, Duration::try_from(at - since).unwrap_or_default(), now);
                }
                if let Some(memory) = memory {
                    self.memories.insert(id.clone(), memory);
                }
                (Some(object), news, news && known, is_final)
            }
        };
        self.schedule.answered(&id, now, QueryResult::Fetched { changed, is_final }, false);
        let ends = is_final && self.watches.end(&id, &mut self.schedule);
        self.watches.answered(&id, changed.then_some(at), &mut self.schedule);
        self.catch_up.iter_mut().for_each(|catch_up| catch_up.answered(&id, changed));
        let Some(object) = object else { return };
        let fresh = Fresh::asked(object, Source::Query, asked_at);
        if news || ends {
            self.batch.news(Stored { fresh, at, ends, news }, now);
            return;
        }
        if reported {
            self.hub.notify(Event::Fetched { id, at, result: Ok(fresh.clone()) });
        }
        self.batch.fresh(fresh, now);
    }

    /// The document that it equals is no longer remembered.
    fn ask_again(&mut self, id: &ObjectId, now: Instant) {
        self.schedule.answered(id, now, QueryResult::Unanswered, false);
        self.schedule.prioritise([id.clone()], now);
    }

    /// WeChat Pay answered: a time without answers is over.
    fn reached(&mut self, at: Timestamp, id: &ObjectId, now: Instant) {
        let silent = self.connection.succeeded(at, now);
        if let Some((since, _)) = silent.filter(|(_, lasted)| *lasted >= SHORT) {
            self.miss(GapReason::Offline, since, at, Some(id));
        }
    }

    fn failed(&mut self, id: ObjectId, asked: (Timestamp, Instant), error: Arc<ApiError>, now: Instant) {
        let (answer, at) = (judge(&error), Timestamp::now_utc());
        let again = match answer {
            QueryResult::Refused => Some(at + REFUSED),
            QueryResult::Stumbled => Some(at + FAILED),
            // Without any answer, all objects are in the same situation.
            QueryResult::Fetched { .. } | QueryResult::Unanswered => None,
        };
        if answer == QueryResult::Refused {
            self.reached(at, &id, now);
        } else {
            self.connection.failed(&error, asked, now);
        }
        self.schedule.answered(&id, now, answer, again.is_some());
        self.watches.answered(&id, None, &mut self.schedule);
        if answer != QueryResult::Unanswered {
            self.catch_up.iter_mut().for_each(|catch_up| catch_up.answered(&id, false));
        }
        if let Some(again) = again {
            self.batch.postpone(id.clone(), again, now);
        }
        self.hub.notify(Event::Fetched { id, at, result: Err(error) });
    }

    /// Commits the answers; returns when to call again.
    fn keep(&mut self, tasks: &mut JoinSet<TaskResult>, now: Instant) -> Option<Instant> {
        let (answers, stored) = match self.batch.take(now) {
            Ok(taken) => taken,
            Err(wake) => return wake,
        };
        let (ledger, profile) = (self.runner.ledger.clone(), self.runner.actor.key.clone());
        tasks.spawn(async move {
            let kept = ledger.run(move |ledger| ledger.take_in(&profile, &answers)).await;
            TaskResult::Kept(stored, kept)
        });
        None
    }

    /// Reports what is in the ledger now.
    fn kept(&mut self, stored: Vec<Stored>, result: Result<Vec<ObjectId>, LedgerError>, now: Instant) {
        self.batch.writing = false;
        let had_failed = std::mem::replace(&mut self.store_failed, result.is_err());
        match result {
            Ok(strays) => {
                for id in &strays {
                    self.memories.remove(id);
                }
                self.schedule.prioritise(strays, now);
            }
            Err(error) => {
                tracing::warn!(%error, "objects could not be kept in the ledger");
                if !had_failed {
                    self.hub.notify(Event::NotStored(Arc::new(error)));
                }
            }
        }
        let mut kinds: BTreeSet<Kind> = BTreeSet::new();
        for Stored { fresh, at, ends, news } in stored {
            let id = fresh.object.id.clone();
            kinds.extend(news.then_some(id.kind));
            self.hub.notify(Event::Fetched { id, at, result: Ok(fresh.clone()) });
            if ends {
                self.hub.notify(Event::Final(fresh));
            }
        }
        if !kinds.is_empty() {
            // They may name unknown numbers.
            self.linked.notify_one();
            self.schedule.learned();
        }
        self.hub.show_changed(kinds);
    }

    fn take_in_watches(&mut self, watched: Vec<Watched>, first: bool, now: Instant) {
        let wall = Timestamp::now_utc();
        let seen = watched.iter().filter_map(|one| one.row.verified_at()).max();
        self.watches.take_in(watched, &mut self.schedule, now, wall);
        self.forget();
        if first {
            self.watches.change();
            if let Some(from) = seen.filter(|seen| wall - *seen > AWAY) {
                self.miss(GapReason::Away, from, wall, None);
            }
        }
    }

    /// Drops what is no longer watched or on the screen.
    fn forget(&mut self) {
        let schedule = &self.schedule;
        if self.memories.len() > schedule.waited_for() + FORGOTTEN {
            self.memories.retain(|id, _| schedule.is_waited_for(id) || schedule.is_being_asked(id));
        }
        self.catch_up.iter_mut().for_each(|catch_up| catch_up.retain(|id| schedule.is_open(id)));
    }
}

/// Reads from the ledger what is due.
async fn look_for_due(runner: Runner, limit: usize) -> TaskResult {
    let profile = runner.actor.key.clone();
    let due = runner.ledger.run(move |ledger| ledger.due(&profile, Timestamp::now_utc(), limit)).await;
    let (due, next) = due.unwrap_or_else(|error| {
        tracing::warn!(%error, "the ledger cannot report what is due");
        (Vec::new(), Some(Timestamp::now_utc() + UNREADABLE))
    });
    TaskResult::Due(due, next)
}

/// Updates the ledger's watches, and reads them.
async fn update_watches(runner: Runner, update: WatchUpdate, first: bool) -> TaskResult {
    let profile = runner.actor.key.clone();
    let watched = runner.ledger.run(move |ledger| {
        match &update {
            WatchUpdate::Read => {}
            WatchUpdate::Watch(ids) => {
                ledger.watch(&profile, ids, WatchReason::Marked, Timestamp::now_utc())?;
            }
            WatchUpdate::Unwatch(ids) => ledger.unwatch(&profile, ids)?,
        }
        ledger.watched(&profile)
    });
    TaskResult::Watched(watched.await, first)
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
