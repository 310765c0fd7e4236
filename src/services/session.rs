//! A profile at work: its client, its ledger, the tasks that keep rows fresh and numbers coming in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::refresher::{Command, Refresher};
use super::{Actor, Event, Feed, Fresh, Known, Outcome, Runner, Schedule, Search, Searched, Source, Ticket, Wanted};
use crate::api::Client;
use crate::ledger::Ledger;
use crate::model::action::Operation;
use crate::model::{Number, ObjectId};

/// What a session is opened with.
#[derive(Debug)]
pub struct SessionOptions {
    pub client: Client,
    pub ledger: Ledger,
    pub actor: Actor,
    /// A file of numbers to follow.
    pub numbers: Option<PathBuf>,
    pub merchant_certificate_expires: Option<OffsetDateTime>,
}

/// The console's hold on a profile. Dropping it stops its tasks; [`Session::close`] waits for actions in flight.
#[derive(Debug)]
pub struct Session {
    runner: Runner,
    commands: UnboundedSender<Command>,
    events: UnboundedSender<Event>,
    cancel: CancellationToken,
    actions: TaskTracker,
    /// Rung when an outcome is unknown, so that the resolver goes to work.
    unknown: Arc<Notify>,
}

/// How often open entries of the journal are asked about, while there are any.
const RESOLVE_EVERY: Duration = Duration::from_secs(15);
/// How often the numbers file and the list of stocks are looked at.
const FEED_EVERY: Duration = Duration::from_secs(1);
const STOCKS_EVERY: Duration = Duration::from_secs(60);

impl Session {
    /// Opens a session: what the ledger knows is told first, then everything is kept fresh. No network yet.
    pub fn open(options: SessionOptions, events: UnboundedSender<Event>) -> Self {
        let SessionOptions { client, ledger, actor, numbers, merchant_certificate_expires } = options;
        let cancel = CancellationToken::new();
        let (commands, receiver) = unbounded_channel();
        let runner = Runner::new(client.clone(), ledger, actor);
        let refresher = Refresher {
            client: client.clone(),
            runner: runner.clone(),
            events: events.clone(),
            cancel: cancel.clone(),
            merchant_certificate_expires,
            schedule: Schedule::default(),
            health: Default::default(),
        };
        tokio::spawn(refresher.run(receiver));
        let intake = Intake { runner: runner.clone(), commands: commands.clone(), events: events.clone() };
        tokio::spawn(until(cancel.clone(), intake.run(client, numbers)));
        let unknown = Arc::new(Notify::new());
        tokio::spawn(until(cancel.clone(), resolve(runner.clone(), commands.clone(), events.clone(), unknown.clone())));
        Self { runner, commands, events, cancel, actions: TaskTracker::new(), unknown }
    }

    /// Says what is on the screen: it is asked about first and most often.
    pub fn look(&self, visible: Vec<ObjectId>) {
        self.tell(Command::Look(visible));
    }

    /// Asks about these objects now.
    pub fn refresh(&self, ids: Vec<ObjectId>) {
        self.tell(Command::Hurry(ids));
    }

    /// Finds out what a number is; the end is told as [`Event::Searched`].
    pub fn find(&self, number: Number) {
        let (runner, events) = (self.runner.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let (search, stopped) = match runner.find(&Wanted::Number(number.clone(), None)).await {
                Ok(search) => (search, None),
                Err(stopped) => (Search::default(), Some(Arc::new(stopped))),
            };
            let found = search.found.into_iter().map(|object| Fresh::now(object, Source::Query)).collect();
            let searched = Searched { number, found, tried: Arc::new(search.tried), stopped };
            let _ = events.send(Event::Searched(searched));
        }));
    }

    /// Performs a confirmed operation. How it ended is told as [`Event::Settled`]; an outcome that is unknown at
    /// first is told at once, and again when the object has told it.
    pub fn perform(&self, ticket: Ticket, operation: Operation) {
        let (runner, events, unknown) = (self.runner.clone(), self.events.clone(), self.unknown.clone());
        let (commands, made) = (self.commands.clone(), Some(operation.witness.clone()));
        let made = made.filter(|made| *made != operation.object);
        self.actions.spawn(async move {
            let settled = |outcome| {
                let is_unknown = matches!(outcome, Outcome::Unknown { .. });
                // Nobody listens any more only while closing.
                let _ = events.send(Event::Settled { ticket, outcome });
                if is_unknown {
                    unknown.notify_one();
                }
            };
            let outcome = runner.perform(operation, &settled).await;
            let made = made.filter(|_| matches!(outcome, Outcome::Done { .. }));
            settled(outcome);
            // What was made is new to the screen, and kept fresh from now on.
            if let Some(made) = made
                && let Some(object) = runner.see(&made).await
            {
                tell(&commands, &events, vec![known(Fresh::now(object, Source::Query))]);
            }
        });
    }

    /// Waits for the actions in flight, so that leaving never loses an outcome, then stops.
    pub async fn close(self) {
        self.actions.close();
        self.actions.wait().await;
    }

    fn tell(&self, command: Command) {
        // The refresher is gone only while closing.
        let _ = self.commands.send(command);
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Settles what is open in the journal, from earlier runs first; then waits until something is unknown again.
async fn resolve(
    runner: Runner,
    commands: UnboundedSender<Command>,
    events: UnboundedSender<Event>,
    unknown: Arc<Notify>,
) {
    let mut told = Vec::new();
    loop {
        match runner.resolve().await {
            Ok(resolved) => {
                for resolved in resolved {
                    tell(&commands, &events, resolved.made.clone().map(known).into_iter().collect());
                    let _ = events.send(Event::Resolved(resolved));
                }
            }
            Err(error) => tracing::warn!(%error, "open entries of the journal could not be resolved"),
        }
        let open = runner.unresolved().await.unwrap_or_default();
        if open != told {
            let _ = events.send(Event::Unresolved(open.clone()));
            told = open;
        }
        if told.is_empty() {
            unknown.notified().await;
        } else {
            tokio::time::sleep(RESOLVE_EVERY).await;
        }
    }
}

async fn until(cancel: CancellationToken, task: impl Future<Output = ()>) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = task => {}
    }
}

fn known(fresh: Fresh) -> Known {
    Known { id: fresh.object.id.clone(), fresh: Some(fresh) }
}

/// Tells what became known to the screen, and to whoever keeps it fresh.
fn tell(commands: &UnboundedSender<Command>, events: &UnboundedSender<Event>, known: Vec<Known>) {
    if known.is_empty() {
        return;
    }
    let added = known.iter().map(|k| (k.id.clone(), k.fresh.as_ref().map(|f| f.object.clone()))).collect();
    let _ = commands.send(Command::Add(added));
    let _ = events.send(Event::Known(known));
}

/// Brings numbers in: from the ledger, the feed, and the one list call there is.
struct Intake {
    runner: Runner,
    commands: UnboundedSender<Command>,
    events: UnboundedSender<Event>,
}

impl Intake {
    async fn run(self, client: Client, numbers: Option<PathBuf>) {
        let profile = self.runner.actor.key.clone();
        match self.runner.ledger.run(move |ledger| ledger.known(&profile)).await {
            Ok(known) => self.tell(known),
            Err(error) => tracing::error!(%error, "the ledger cannot be read"),
        }
        let feed = async {
            if let Some(path) = numbers {
                self.follow(Feed::new(&path)).await;
            }
        };
        tokio::join!(feed, self.sync_stocks(client));
    }

    fn tell(&self, known: Vec<Known>) {
        tell(&self.commands, &self.events, known);
    }

    async fn follow(&self, mut feed: Feed) {
        loop {
            let read = tokio::task::spawn_blocking(move || {
                let ids = feed.read();
                (feed, ids)
            });
            let Ok((back, ids)) = read.await else { return };
            feed = back;
            match ids {
                Ok(ids) if !ids.is_empty() => {
                    if let Err(error) = self.runner.note(ids.clone()).await {
                        tracing::warn!(%error, "numbers could not be kept in the ledger");
                    }
                    self.tell(ids.into_iter().map(|id| Known { id, fresh: None }).collect());
                }
                Ok(_) => {}
                Err(error) => tracing::warn!(%error, "the numbers file cannot be read"),
            }
            tokio::time::sleep(FEED_EVERY).await;
        }
    }

    /// Stocks are the one kind the platform lists.
    async fn sync_stocks(&self, client: Client) {
        loop {
            match super::list_stocks(&client).await {
                Ok(stocks) => {
                    let fresh = stocks.into_iter().map(|stock| Fresh::now(stock, Source::List)).collect();
                    self.take_in(fresh).await;
                }
                // The refresher tells of trouble; a merchant without coupons is none.
                Err(error) => tracing::debug!(%error, "the stocks could not be listed"),
            }
            tokio::time::sleep(STOCKS_EVERY).await;
        }
    }

    async fn take_in(&self, fresh: Vec<Fresh>) {
        if let Err(error) = self.runner.keep(fresh.clone()).await {
            tracing::warn!(%error, "stocks could not be kept in the ledger");
        }
        self.tell(fresh.into_iter().map(known).collect());
    }
}
