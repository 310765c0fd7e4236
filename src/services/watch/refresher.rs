//! Keeps the rows fresh: one task that asks about objects in the order of the schedule, within the budget, and tells
//! what it heard. While the gateway is in trouble it tries ever more rarely, one query at a time.

use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender};
use tokio::task::JoinSet;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::schedule::{Answer, Schedule, Turn};
use crate::api::{ApiError, Client};
use crate::model::{Object, ObjectId};
use crate::services::{Event, Fresh, Health, Runner, Source, Trouble};

/// What the refresher is told.
#[derive(Debug)]
pub(in super::super) enum Command {
    /// What is on the screen now.
    Look(Vec<ObjectId>),
    /// Ask about these now.
    Hurry(Vec<ObjectId>),
    /// Numbers became known.
    Learned,
    Watch(Vec<ObjectId>),
    Unwatch(Vec<ObjectId>),
    /// Ask nothing by itself, or go on.
    Pause(bool),
}

/// Queries in flight at once. Enough to use a budget of hundreds a second over a line of 50 ms.
const AT_ONCE: usize = 16;
/// Health is told at most this often.
const HEALTH_EVERY: Duration = Duration::from_millis(500);
/// Bounds of the pause between attempts while nobody answers.
const TROUBLE_PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_secs(30));

pub(in super::super) struct Refresher {
    pub client: Client,
    pub runner: Runner,
    pub events: UnboundedSender<Event>,
    pub cancel: CancellationToken,
    /// Rung when a document came in: it may name what is not known yet.
    pub linked: Arc<Notify>,
    /// When the merchant's own certificate expires.
    pub merchant_certificate_expires: Option<OffsetDateTime>,
    pub schedule: Schedule,
    pub health: Told,
    /// True while what is fetched cannot be kept.
    pub unkept: bool,
}

/// What has been told of the connection.
#[derive(Default)]
pub(in super::super) struct Told {
    last_success: Option<OffsetDateTime>,
    trouble: Option<Trouble>,
    failures: u32,
    /// While in trouble: nothing is asked before this.
    not_before: Option<Instant>,
    told: Option<(Instant, Health)>,
}

/// What a task of the refresher brings back.
enum Heard {
    /// An object as it was known and as it is, or why it could not be told.
    Fetched(ObjectId, Option<Object>, Result<Fresh, ApiError>),
    /// What is due, and when more is.
    Due(Vec<ObjectId>, Option<OffsetDateTime>),
}

/// Objects asked of the ledger at once.
const DUE_AT_ONCE: usize = 64;
/// An object that was refused is not asked about by itself for so long.
const REFUSED: time::Duration = time::Duration::DAY;
/// One that could not be asked about, for so long: others have their turn meanwhile.
const FAILED: time::Duration = time::Duration::minutes(2);

impl Refresher {
    pub async fn run(mut self, mut commands: UnboundedReceiver<Command>) {
        let mut tasks: JoinSet<Heard> = JoinSet::new();
        loop {
            let wake = self.ask(&mut tasks);
            let health_at = self.tell_health(Instant::now());
            let wake = [wake, health_at].into_iter().flatten().min();
            tokio::select! {
                biased;
                () = self.cancel.cancelled() => return,
                command = commands.recv() => match command {
                    Some(command) => self.obey(command),
                    None => return,
                },
                Some(Ok(heard)) = tasks.join_next(), if !tasks.is_empty() => match heard {
                    Heard::Fetched(id, before, result) => self.heard(id, before.as_ref(), result).await,
                    Heard::Due(due, next) => self.refill(due, next),
                },
                () = sleep_until(wake), if wake.is_some() => {}
            }
        }
    }

    fn obey(&mut self, command: Command) {
        let now = Instant::now();
        match command {
            Command::Look(visible) => self.schedule.look(visible, now),
            Command::Hurry(ids) => {
                // Somebody asked: try at once, even in trouble.
                self.health.not_before = None;
                self.schedule.hurry(ids, now);
            }
            Command::Learned => self.schedule.learned(),
            Command::Watch(_) | Command::Unwatch(_) | Command::Pause(_) => {}
        }
    }

    /// Starts the queries that are due; says when to come back.
    fn ask(&mut self, tasks: &mut JoinSet<Heard>) -> Option<Instant> {
        let now = Instant::now();
        if let Some(not_before) = self.health.not_before.filter(|at| *at > now) {
            return Some(not_before);
        }
        // Until somebody has answered, one query finds out as much as sixteen.
        let untried = self.health.last_success.is_none();
        let at_once = if untried || self.health.trouble.is_some() { 1 } else { AT_ONCE };
        while self.schedule.in_flight() < at_once {
            let runner = self.runner.clone();
            match self.schedule.next(now) {
                Turn::Ask(id) => tasks.spawn(async move {
                    let asked_at = OffsetDateTime::now_utc();
                    let (before, result) = runner.query(&id).await;
                    Heard::Fetched(id, before, result.map(|object| Fresh::asked(object, Source::Query, asked_at)))
                }),
                Turn::Refill => tasks.spawn(async move {
                    let profile = runner.actor.key.clone();
                    let now = OffsetDateTime::now_utc();
                    let due = runner.ledger.run(move |ledger| ledger.due(&profile, now, DUE_AT_ONCE)).await;
                    let (due, next) = due.unwrap_or_else(|error| {
                        tracing::warn!(%error, "the ledger cannot tell what is due");
                        Default::default()
                    });
                    Heard::Due(due, next)
                }),
                Turn::Rest(until) => return until,
            };
        }
        None
    }

    fn refill(&mut self, due: Vec<ObjectId>, next: Option<OffsetDateTime>) {
        let now = Instant::now();
        let wait = |at: OffsetDateTime| Duration::try_from(at - OffsetDateTime::now_utc()).unwrap_or_default();
        self.schedule.refill(due, next.map(|at| now + wait(at)), now);
    }

    async fn heard(&mut self, id: ObjectId, before: Option<&Object>, result: Result<Fresh, ApiError>) {
        let now = Instant::now();
        let at = OffsetDateTime::now_utc();
        let same = |fresh: &Fresh| before.is_some_and(|before| before.raw == fresh.object.raw);
        // A document that says the same changes no table.
        let learned = result.as_ref().is_ok_and(|fresh| !same(fresh));
        let answer = match &result {
            Ok(fresh) => Answer::Fetched {
                changed: before.is_some() && !same(fresh),
                is_final: fresh.object.entity.state().is_final,
            },
            Err(error) if error.is_of_the_object() => Answer::Refused,
            Err(_) => Answer::Failed,
        };
        let again = match answer {
            Answer::Fetched { .. } => None,
            Answer::Refused => Some(at + REFUSED),
            // Somebody answered, but not about this one. Where nobody answers, all are in the same case.
            Answer::Failed if !matches!(&result, Err(ApiError::Unreachable(_))) => Some(at + FAILED),
            Answer::Failed => None,
        };
        self.schedule.answered(&id, now, answer, again.is_some());
        if let Some(again) = again {
            let (profile, id) = (self.runner.actor.key.clone(), id.clone());
            let postponed = self.runner.ledger.run(move |ledger| ledger.postpone(&profile, &id, Some(again)));
            if let Err(error) = postponed.await {
                tracing::warn!(%error, "the ledger cannot be written");
            }
        }
        let result = match result {
            Ok(fresh) => {
                let kept = self.runner.keep(vec![fresh.clone()]).await;
                let was_unkept = std::mem::replace(&mut self.unkept, kept.is_err());
                if let Err(error) = kept {
                    tracing::warn!(%error, "an object could not be kept in the ledger");
                    if !was_unkept {
                        let _ = self.events.send(Event::Unkept(Arc::new(error)));
                    }
                }
                if learned {
                    self.linked.notify_one();
                    // It may name numbers that are not known yet.
                    self.schedule.learned();
                }
                Ok(fresh)
            }
            Err(error) => Err(Arc::new(error)),
        };
        match (&result, answer) {
            (Err(error), Answer::Failed) => self.in_trouble(error, now, at),
            _ => {
                let Told { last_success, trouble, failures, not_before, .. } = &mut self.health;
                (*last_success, *trouble, *failures, *not_before) = (Some(at), None, 0, None);
            }
        }
        // Nobody listens any more only while closing.
        let kind = id.kind;
        let _ = self.events.send(Event::Fetched { id, at, result });
        if learned {
            let _ = self.events.send(Event::Learned(kind));
        }
    }

    fn in_trouble(&mut self, error: &Arc<ApiError>, now: Instant, at: OffsetDateTime) {
        let health = &mut self.health;
        let since = health.trouble.as_ref().map_or(at, |trouble| trouble.since);
        let (least, most) = TROUBLE_PAUSE;
        let pause = least.saturating_mul(1 << health.failures.min(5)).min(most);
        health.failures += 1;
        // Up to a quarter more, so that many consoles do not come back as one.
        let pause = pause.mul_f64(1.0 + rand::random::<f64>() / 4.0);
        health.not_before = Some(now + pause);
        health.trouble = Some(Trouble { since, error: error.clone(), again: Some(at + pause) });
    }

    /// Tells the connection's health if it changed; says when to look again.
    fn tell_health(&mut self, now: Instant) -> Option<Instant> {
        let platform = self.client.platform_certificate_expires();
        let health = Health {
            last_success: self.health.last_success,
            trouble: self.health.trouble.clone(),
            latency_ms: self
                .client
                .latencies()
                .iter()
                .map(|l| u64::try_from(l.as_millis()).unwrap_or(u64::MAX))
                .collect(),
            requests_last_second: self.client.budget().last_second(),
            requests_per_second: self.client.budget().per_second(),
            queued: self.schedule.queued(),
            certificate_expires: [platform, self.merchant_certificate_expires].into_iter().flatten().min(),
        };
        if let Some((at, told)) = &self.health.told {
            if *told == health {
                return None;
            }
            // Trouble is told at once, figures in their time.
            if told.trouble == health.trouble && now < *at + HEALTH_EVERY {
                return Some(*at + HEALTH_EVERY);
            }
        }
        let busy = health.requests_last_second > 0;
        self.health.told = Some((now, health.clone()));
        let _ = self.events.send(Event::Health(health));
        // The rate falls to nothing by itself: look once more when the last second is over.
        busy.then(|| now + Duration::from_millis(1100))
    }
}

async fn sleep_until(at: Option<Instant>) {
    if let Some(at) = at {
        tokio::time::sleep_until(at).await;
    }
}
