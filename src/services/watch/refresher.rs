//! Keeps the rows fresh and follows what is watched: one task that asks about objects in the order of the schedule,
//! within the budget, and tells what it heard. With nothing to ask it sleeps.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::{ApiError, Client, Permit};
use crate::ledger::{Again, LedgerError, News, WatchReason, Watched, to_the_millisecond};
use crate::model::time::Timestamp;
use crate::model::{Kind, ObjectId};
use crate::services::watch::asker::{Ask, Asked, Asking, Memory};
use crate::services::watch::catch_up::CatchUp;
use crate::services::watch::clock::Clock;
use crate::services::watch::connection::{Connection, judge};
use crate::services::watch::schedule::{Answer, Peek, Schedule, Turn};
use crate::services::watch::watches::{Watches, Wish};
use crate::services::watch::write_batcher::{Keeper, Tidings};
use crate::services::watch::{Gap, GapReason, Watch};
use crate::services::{Event, Fresh, Runner, Source};

/// What the refresher is told.
#[derive(Debug)]
pub(crate) enum Command {
    /// What is on the screen now.
    Look(Vec<ObjectId>),
    /// Ask about these now.
    Hurry(Vec<ObjectId>),
    /// Notifications name these: they come first, but WeChat Pay is not tried sooner for them while it is in trouble.
    Named(Vec<ObjectId>),
    /// Numbers became known.
    Learned,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
    /// The ledger watches something else now.
    Watched,
    /// Others have written to the ledger.
    Stirred(News),
    /// Ask nothing by itself, or go on.
    Pause(bool),
}

/// What a task of the refresher brings back.
enum Heard {
    /// What came of asking about an object, and when it was asked.
    Answer(ObjectId, (Timestamp, Instant), Result<Asked, ApiError>),
    /// What is due, and when more is.
    Due(Vec<ObjectId>, Option<Timestamp>),
    /// Answers are in the ledger; which of them have to be asked for once more.
    Kept(Vec<Tidings>, Result<Vec<ObjectId>, LedgerError>),
    /// What is watched; `true` for the first time.
    Watched(Result<Vec<Watched>, LedgerError>, bool),
}

/// Objects asked of the ledger at once.
const DUE_AT_ONCE: usize = 64;
/// An object that was refused is not asked about by itself for so long, unless somebody waits for it.
const REFUSED: time::Duration = time::Duration::DAY;
/// One that could not be asked about, for so long: others have their turn meanwhile.
const FAILED: time::Duration = time::Duration::minutes(2);
/// A ledger that cannot be read is asked again after so long.
const UNREADABLE: time::Duration = time::Duration::MINUTE;
/// While something is watched the clocks are looked at so often: a machine that slept is noticed.
const HEARTBEAT: Duration = Duration::from_secs(15);
/// Shorter troubles are no gap: nothing is asked about more often.
const SHORT: Duration = Duration::from_secs(2);
/// Nor is a shorter time between two runs.
const AWAY: time::Duration = time::Duration::MINUTE;
/// Memories kept of objects that are neither watched nor on the screen any more.
const FORGOTTEN: usize = 256;

pub(crate) struct Refresher {
    client: Client,
    runner: Runner,
    events: UnboundedSender<Event>,
    cancel: CancellationToken,
    ask: Ask,
    schedule: Schedule,
    connection: Connection,
    watches: Watches,
    /// Whether what is watched is in the ledger; else it is watched by this run alone.
    lasting: bool,
    memories: HashMap<ObjectId, Arc<Memory>>,
    keeper: Keeper,
    clock: Clock,
    catch_up: Option<CatchUp>,
    /// Rung when a document came in: it may name what is not known yet.
    linked: Arc<Notify>,
    /// True while what is fetched cannot be kept.
    unkept: bool,
}

impl Refresher {
    /// One that keeps everything fresh that the ledger knows.
    pub fn new(
        runner: Runner,
        ask: Ask,
        connection: Connection,
        events: UnboundedSender<Event>,
        cancel: CancellationToken,
        linked: Arc<Notify>,
    ) -> Self {
        let mut watches = Watches::default();
        watches.wish(Wish::Read);
        Self {
            client: runner.client.clone(),
            runner,
            events,
            cancel,
            ask,
            schedule: Schedule::default(),
            connection,
            watches,
            lasting: true,
            memories: HashMap::new(),
            keeper: Keeper::default(),
            clock: Clock::default(),
            catch_up: None,
            linked,
            unkept: false,
        }
    }

    /// The same, but it asks about nothing but these, and watches them for itself alone.
    pub fn only(mut self, ids: &[ObjectId]) -> Self {
        let (now, wall) = (Instant::now(), Timestamp::now_utc());
        self.schedule = Schedule::without_ledger();
        (self.watches, self.lasting) = (Watches::default(), false);
        for id in ids {
            self.schedule.watch(id, Duration::ZERO, now);
            let watch = Watch { why: WatchReason::Marked, since: wall, changed_at: None, due: wall };
            self.watches.objects.insert(id.clone(), watch);
        }
        self
    }

    pub async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        let mut tasks: JoinSet<Heard> = JoinSet::new();
        let mut first = true;
        loop {
            let now = Instant::now();
            if let Some((from, to)) = self.clock.look(now, Timestamp::now_utc()) {
                self.connection.hurry();
                self.miss(GapReason::Asleep, from, to, None);
            }
            if let Some(wish) = self.watches.next_wish() {
                tasks.spawn(grant(self.runner.clone(), wish, std::mem::take(&mut first)));
            }
            let wakes = [
                self.ask(&mut tasks, now),
                self.keep(&mut tasks, now),
                self.tell_health(now),
                self.tell_watching(now),
                (self.schedule.watches() > 0).then(|| now + HEARTBEAT),
            ];
            self.tell_caught_up();
            let wake = wakes.into_iter().flatten().min();
            self.clock.expect(wake);
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return,
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(Ok(heard)) = tasks.join_next(), if !tasks.is_empty() => self.hear(heard),
                () = sleep_until(wake), if wake.is_some() => {}
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Look(visible) => {
                self.schedule.look(visible, now);
                self.forget();
            }
            Command::Hurry(ids) => {
                self.connection.hurry();
                self.schedule.hurry(ids, now);
            }
            Command::Named(ids) => self.schedule.hurry(ids, now),
            Command::Learned => self.schedule.learned(),
            Command::Watch(ids) => self.watches.wish(Wish::Watch(ids)),
            Command::Unwatch(ids) if self.lasting => self.watches.wish(Wish::Unwatch(ids)),
            Command::Unwatch(ids) => {
                for id in &ids {
                    self.watches.end(id, &mut self.schedule);
                }
                self.forget();
            }
            Command::Watched => self.watches.wish(Wish::Read),
            Command::Stirred(news) => {
                let waited_for = news.changed.into_iter().chain(news.named).filter(|id| self.schedule.is_open(id));
                let waited_for: BTreeSet<ObjectId> = waited_for.collect();
                self.schedule.hurry(waited_for, now);
                if news.watches && self.lasting {
                    self.watches.wish(Wish::Read);
                }
            }
            Command::Pause(paused) => self.pause(paused),
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

    /// Starts the queries whose turn it is; says when to come back.
    fn ask(&mut self, tasks: &mut JoinSet<Heard>, now: Instant) -> Option<Instant> {
        if let Some(not_before) = self.connection.not_before().filter(|at| *at > now) {
            return Some(not_before);
        }
        while self.schedule.in_flight() < self.connection.at_once() {
            let permit = match self.schedule.peek(now) {
                Peek::Rest(until) => return until,
                Peek::Refill => None,
                // The turn comes first, then it is chosen who has it: whatever comes up meanwhile may be more urgent.
                Peek::Ask => match self.client.permit() {
                    Ok(permit) => Some(permit),
                    Err(at) => return Some(at),
                },
            };
            match (self.schedule.next(now), permit) {
                (Turn::Ask(id), Some(permit)) => self.query(id, permit, tasks),
                (Turn::Rest(until), _) => return until,
                _ => drop(tasks.spawn(look_for_due(self.runner.clone(), DUE_AT_ONCE + self.schedule.waited_for()))),
            }
        }
        None
    }

    fn query(&mut self, id: ObjectId, permit: Permit, tasks: &mut JoinSet<Heard>) {
        self.connection.asked();
        let (whole, remember) = (self.schedule.is_told(&id), self.schedule.is_waited_for(&id));
        let asking = Asking { id: id.clone(), memory: self.memories.get(&id).cloned(), whole, remember };
        let (asked, answer) = ((Timestamp::now_utc(), Instant::now()), (self.ask)(asking, permit));
        tasks.spawn(async move { Heard::Answer(id, asked, answer.await) });
    }

    fn hear(&mut self, heard: Heard) {
        let now = Instant::now();
        match heard {
            Heard::Answer(id, (asked_at, _), Ok(answer)) => self.answered(id, asked_at, answer, now),
            Heard::Answer(id, asked, Err(error)) => self.failed(id, asked, Arc::new(error), now),
            Heard::Due(due, next) => {
                let wait = |at: Timestamp| Duration::try_from(at - Timestamp::now_utc()).unwrap_or_default();
                self.schedule.refill(due, next.map(|at| now + wait(at)), now);
            }
            Heard::Kept(tidings, result) => self.kept(tidings, result, now),
            Heard::Watched(watched, first) => {
                self.watches.granted();
                match watched {
                    Ok(watched) => self.take_in_watches(watched, first, now),
                    Err(error) => tracing::warn!(%error, "what is watched cannot be read or changed"),
                }
            }
        }
    }

    /// A document came in.
    fn answered(&mut self, id: ObjectId, asked_at: Timestamp, answer: Asked, now: Instant) {
        let at = Timestamp::now_utc();
        self.reached(at, &id, now);
        // Whoever follows a few compares for himself.
        let told = self.schedule.is_told(&id) || !self.lasting;
        let (object, news, changed, is_final) = match answer {
            Asked::Same(object) => {
                let Some(memory) = self.memories.get(&id) else { return self.ask_anew(&id, now) };
                let (digest, verified_at) = (memory.digest, to_the_millisecond(asked_at));
                let is_final = memory.is_final;
                self.keeper.again(Again { id: id.clone(), digest, verified_at, source: Source::Query }, now);
                (object, false, false, is_final)
            }
            Asked::Other { object, news, known, memory } => {
                let is_final = object.entity.state().is_final;
                if let Some(memory) = memory {
                    self.memories.insert(id.clone(), memory);
                }
                (Some(object), news, news && known, is_final)
            }
        };
        self.schedule.answered(&id, now, Answer::Fetched { changed, is_final }, false);
        let ends = is_final && self.watches.end(&id, &mut self.schedule);
        self.watches.heard(&id, changed.then_some(at), &mut self.schedule);
        self.catch_up.iter_mut().for_each(|catch_up| catch_up.heard(&id, changed));
        let Some(object) = object else { return };
        let fresh = Fresh::asked(object, Source::Query, asked_at);
        if news || ends {
            self.keeper.news(Tidings { fresh, at, ends, news }, now);
            return;
        }
        if told {
            let _ = self.events.send(Event::Fetched { id, at, result: Ok(fresh.clone()) });
        }
        self.keeper.fresh(fresh, now);
    }

    /// What it was the same as is not remembered any more.
    fn ask_anew(&mut self, id: &ObjectId, now: Instant) {
        self.schedule.answered(id, now, Answer::Unanswered, false);
        self.schedule.hurry([id.clone()], now);
    }

    /// Somebody answered: if nobody had for a while, that is over.
    fn reached(&mut self, at: Timestamp, id: &ObjectId, now: Instant) {
        let silent = self.connection.succeeded(at, now);
        if let Some((since, _)) = silent.filter(|(_, lasted)| *lasted >= SHORT) {
            self.miss(GapReason::Offline, since, at, Some(id));
        }
    }

    fn failed(&mut self, id: ObjectId, asked: (Timestamp, Instant), error: Arc<ApiError>, now: Instant) {
        let (answer, at) = (judge(&error), Timestamp::now_utc());
        let again = match answer {
            Answer::Refused => Some(at + REFUSED),
            Answer::Stumbled => Some(at + FAILED),
            // Where nobody answers, all are in the same case.
            Answer::Fetched { .. } | Answer::Unanswered => None,
        };
        if answer == Answer::Refused {
            self.reached(at, &id, now);
        } else {
            self.connection.failed(&error, asked, now);
        }
        self.schedule.answered(&id, now, answer, again.is_some());
        self.watches.heard(&id, None, &mut self.schedule);
        if answer != Answer::Unanswered {
            self.catch_up.iter_mut().for_each(|catch_up| catch_up.heard(&id, false));
        }
        if let Some(again) = again {
            self.keeper.postpone(id.clone(), again, now);
        }
        let _ = self.events.send(Event::Fetched { id, at, result: Err(error) });
    }

    /// Commits what has come; says when to come back.
    fn keep(&mut self, tasks: &mut JoinSet<Heard>, now: Instant) -> Option<Instant> {
        let (answers, tidings) = match self.keeper.take(now) {
            Ok(taken) => taken,
            Err(wake) => return wake,
        };
        let (ledger, profile) = (self.runner.ledger.clone(), self.runner.actor.key.clone());
        tasks.spawn(async move {
            let kept = ledger.run(move |ledger| ledger.take_in(&profile, &answers)).await;
            Heard::Kept(tidings, kept)
        });
        None
    }

    /// Tells what is in the ledger now.
    fn kept(&mut self, tidings: Vec<Tidings>, result: Result<Vec<ObjectId>, LedgerError>, now: Instant) {
        self.keeper.writing = false;
        let was_unkept = std::mem::replace(&mut self.unkept, result.is_err());
        match result {
            Ok(strays) => {
                strays.iter().for_each(|id| drop(self.memories.remove(id)));
                self.schedule.hurry(strays, now);
            }
            Err(error) => {
                tracing::warn!(%error, "objects could not be kept in the ledger");
                if !was_unkept {
                    let _ = self.events.send(Event::Unkept(Arc::new(error)));
                }
            }
        }
        let mut kinds: BTreeSet<Kind> = BTreeSet::new();
        for Tidings { fresh, at, ends, news } in tidings {
            let id = fresh.object.id.clone();
            kinds.extend(news.then_some(id.kind));
            // Nobody listens any more only while closing.
            let _ = self.events.send(Event::Fetched { id, at, result: Ok(fresh.clone()) });
            if ends {
                let _ = self.events.send(Event::Final(fresh));
            }
        }
        if !kinds.is_empty() {
            // They may name numbers that are not known yet.
            self.linked.notify_one();
            self.schedule.learned();
        }
        kinds.into_iter().for_each(|kind| drop(self.events.send(Event::Learned(kind))));
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

    /// For a while nothing could be seen: asks about everything that somebody waits for, but for what was just heard.
    fn miss(&mut self, why: GapReason, from: Timestamp, to: Timestamp, but: Option<&ObjectId>) {
        let missed = self.schedule.recheck(Instant::now(), but);
        if missed.is_empty() {
            return;
        }
        let gap = Gap { from, to, why, objects: missed.len() };
        let _ = self.events.send(Event::Gap(gap));
        self.catch_up = Some(CatchUp::new(gap, missed));
    }

    fn tell_caught_up(&mut self) {
        let done = self.catch_up.as_ref().and_then(CatchUp::done);
        // What changed is told first.
        if let Some((gap, changed)) = done.filter(|_| !self.keeper.has_news()) {
            self.catch_up = None;
            let _ = self.events.send(Event::CaughtUp { gap, changed });
        }
    }

    /// Lets go of what nobody waits for any more.
    fn forget(&mut self) {
        let schedule = &self.schedule;
        if self.memories.len() > schedule.waited_for() + FORGOTTEN {
            self.memories.retain(|id, _| schedule.is_waited_for(id) || schedule.is_being_asked(id));
        }
        self.catch_up.iter_mut().for_each(|catch_up| catch_up.retain(|id| schedule.is_open(id)));
    }

    fn tell_health(&mut self, now: Instant) -> Option<Instant> {
        let schedule = &self.schedule;
        let (health, wake) = self.connection.tell(&self.client, || schedule.queued(now), now);
        health.into_iter().for_each(|health| drop(self.events.send(Event::Health(health))));
        wake
    }

    fn tell_watching(&mut self, now: Instant) -> Option<Instant> {
        if !self.lasting {
            return None;
        }
        let (watching, wake) = self.watches.tell(&self.schedule, now);
        watching.into_iter().for_each(|watching| drop(self.events.send(Event::Watching(Arc::new(watching)))));
        wake
    }
}

/// Asks the ledger what is due.
async fn look_for_due(runner: Runner, limit: usize) -> Heard {
    let profile = runner.actor.key.clone();
    let due = runner.ledger.run(move |ledger| ledger.due(&profile, Timestamp::now_utc(), limit)).await;
    let (due, next) = due.unwrap_or_else(|error| {
        tracing::warn!(%error, "the ledger cannot tell what is due");
        (Vec::new(), Some(Timestamp::now_utc() + UNREADABLE))
    });
    Heard::Due(due, next)
}

/// Does what is wished with the ledger's watches, and reads them.
async fn grant(runner: Runner, wish: Wish, first: bool) -> Heard {
    let profile = runner.actor.key.clone();
    let watched = runner.ledger.run(move |ledger| {
        match &wish {
            Wish::Read => {}
            Wish::Watch(ids) => {
                ledger.watch(&profile, ids, WatchReason::Marked, Timestamp::now_utc())?;
            }
            Wish::Unwatch(ids) => ledger.unwatch(&profile, ids)?,
        }
        ledger.watched(&profile)
    });
    Heard::Watched(watched.await, first)
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
