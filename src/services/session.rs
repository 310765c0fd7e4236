//! A profile at work: its client, its ledger, the tasks that keep rows fresh and numbers coming in.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::{Client, CouponFilter, Usable};
use crate::ledger::{Ledger, LedgerError, Stop};
use crate::model::action::{Confirmed, Operation};
use crate::model::{Kind, Number, ObjectId, Settled};
use crate::services::bills::Desk;
use crate::services::ingest::global::save_statement;
use crate::services::ingest::intake::Intake;
use crate::services::ingest::link_resolver::follow;
use crate::services::others::hear_others;
use crate::services::watch::{Command, Connection, Refresher, ask};
use crate::services::webhook::session_listener::Inlet;
use crate::services::{
    Actor, BillWish, Browser, BulkEvent, BulkRequest, BulkRun, Event, Fresh, Glance, InboxGlance, JournalGlance,
    ListenOptions, Outcome, Reins, Replay, Runner, Search, Searched, Selection, Source, Surprise, Ticket, Wanted, Wish,
};

/// What a session is opened with.
#[derive(Debug)]
pub struct SessionOptions {
    pub client: Client,
    pub ledger: Ledger,
    pub actor: Actor,
    /// A file of numbers to follow.
    pub numbers: Option<PathBuf>,
    pub merchant_certificate_expires: Option<OffsetDateTime>,
    /// Where to receive notifications, if at all.
    pub listen: Option<ListenOptions>,
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
    browser: Browser,
    /// Calls off the look at a table, and its sums, that the next one overtakes.
    looks: Mutex<HashMap<Kind, [Stop; 2]>>,
    /// Of the bulk action that is under way, or was the last.
    reins: Mutex<Reins>,
    bills: Desk,
    /// Stops receiving, and the task that does it.
    receiving: (CancellationToken, TaskTracker),
}

/// How often open entries of the journal are asked about, while there are any.
const RESOLVE_EVERY: Duration = Duration::from_secs(15);
impl Session {
    /// Opens a session: from now on everything is kept fresh. No network yet.
    pub fn open(options: SessionOptions, events: UnboundedSender<Event>) -> Self {
        let SessionOptions { client, ledger, actor, numbers, merchant_certificate_expires, listen } = options;
        let cancel = CancellationToken::new();
        let (commands, receiver) = unbounded_channel();
        let browser = Browser::new(ledger.clone(), &actor);
        let runner = Runner::new(client.clone(), ledger, actor);
        let linked = Arc::new(Notify::new());
        let refresher = Refresher::new(
            runner.clone(),
            ask(runner.clone()),
            Connection::new(merchant_certificate_expires),
            events.clone(),
            cancel.clone(),
            linked.clone(),
        );
        tokio::spawn(refresher.run(receiver));
        let intake = Intake::new(runner.clone(), commands.clone(), events.clone());
        tokio::spawn(until(cancel.clone(), intake.run(client, numbers)));
        let unknown = Arc::new(Notify::new());
        tokio::spawn(until(cancel.clone(), resolve(runner.clone(), commands.clone(), events.clone(), unknown.clone())));
        // Whoever is to act learns it before anything is prepared; the gate refuses whatever is shown.
        let (vouching, damaged) = (runner.ledger.clone(), events.clone());
        tokio::spawn(until(cancel.clone(), async move {
            if let Err(error) = vouching.run(|ledger| ledger.ensure_sound()).await
                && error.is_unsound()
            {
                let _ = damaged.send(Event::Unsound(Arc::new(error)));
            }
        }));
        let (stirred, told) = (commands.clone(), events.clone());
        let hear = hear_others(runner.clone(), move |news| {
            let kinds = news.kinds.clone();
            if news.told {
                let _ = told.send(Event::Told);
            }
            let _ = stirred.send(Command::Stirred(news));
            if !kinds.is_empty() {
                learned(&stirred, &told, kinds);
            }
        });
        tokio::spawn(until(cancel.clone(), hear));
        let followed = commands.clone();
        tokio::spawn(until(cancel.clone(), follow(runner.clone(), events.clone(), linked, followed)));
        let (actions, looks, reins) = (TaskTracker::new(), Mutex::default(), Mutex::default());
        let bills = Desk::new(runner.clone(), events.clone());
        let receiving = (cancel.child_token(), TaskTracker::new());
        if let Some(options) = listen {
            let inlet = Inlet { runner: runner.clone(), commands: commands.clone(), events: events.clone(), options };
            receiving.1.spawn(inlet.run(receiving.0.clone()));
        }
        Self { runner, commands, events, cancel, actions, unknown, browser, looks, reins, bills, receiving }
    }

    /// Reads a stretch of a table, told as [`Event::Window`]. It overtakes the one asked for before.
    pub fn glance(&self, glance: Glance) {
        let stop = self.overtake(glance.selection.kind, 0);
        self.read(move |browser| {
            let window = browser.window(&glance, OffsetDateTime::now_utc(), &stop)?;
            Ok(Event::Window { glance: Arc::new(glance), window: Arc::new(window) })
        });
    }

    /// Adds a table up, told as [`Event::Sums`]. It overtakes the one asked for before.
    pub fn sum(&self, selection: Selection) {
        let stop = self.overtake(selection.kind, 1);
        self.read(move |browser| {
            let sums = browser.sums(&selection, OffsetDateTime::now_utc(), &stop)?;
            Ok(Event::Sums { selection: Arc::new(selection), sums: Arc::new(sums) })
        });
    }

    /// Reads a stretch of the journal, told as [`Event::Journal`].
    pub fn journal(&self, glance: JournalGlance) {
        self.read(move |browser| {
            let window = browser.journal(&glance)?;
            Ok(Event::Journal { glance: Arc::new(glance), window: Arc::new(window) })
        });
    }

    /// Reads a stretch of the inbox, told as [`Event::Inbox`].
    pub fn inbox(&self, glance: InboxGlance) {
        self.read(move |browser| {
            let window = browser.inbox(&glance)?;
            Ok(Event::Inbox { glance: Arc::new(glance), window: Arc::new(window) })
        });
    }

    /// Reads all that is kept of a line of the inbox, told as [`Event::Opened`].
    pub fn open_event(&self, id: i64) {
        self.read(move |browser| Ok(Event::Opened { id, event: browser.event(id)?.map(Arc::new) }));
    }

    /// Reads where sources contradict each other, told as [`Event::Disputes`].
    pub fn disputes(&self) {
        self.read(|browser| Ok(Event::Disputes(Arc::new(browser.disputes(OffsetDateTime::now_utc())?))));
    }

    /// An object was asked: what does its document still not say? Told as [`Event::Reconciled`].
    pub fn reconcile(&self, id: ObjectId) {
        self.read(move |browser| {
            let standing = Arc::new(browser.reconcile(&id)?);
            Ok(Event::Reconciled { id, standing })
        });
    }

    /// Sends a line of the inbox to somebody's back end once more, told as [`Event::Replayed`].
    pub fn replay(&self, event: i64, replay: Replay) {
        let events = self.events.clone();
        tokio::spawn(until(self.cancel.clone(), async move {
            let url = replay.url().to_owned();
            let result = replay.send().await.map_err(Arc::new);
            let _ = events.send(Event::Replayed { event, url, result });
        }));
    }

    /// Reads all that is known of an object, told as [`Event::Story`].
    pub fn story(&self, id: ObjectId) {
        self.read(move |browser| {
            let story = browser.story(&id)?;
            Ok(Event::Story { id, story: Arc::new(story) })
        });
    }

    /// The same with what is known along its chain.
    pub fn whole_story(&self, id: ObjectId) {
        self.read(move |browser| {
            let story = browser.whole_story(&id)?;
            Ok(Event::Story { id, story: Arc::new(story) })
        });
    }

    /// Compares two versions of an object, told as [`Event::Compared`].
    pub fn compare(&self, id: ObjectId, before: Option<i64>, after: i64) {
        self.read(move |browser| {
            let differences = browser.compare(&id, before, after)?.map(Arc::new);
            Ok(Event::Compared { id, before, after, differences })
        });
    }

    /// For what reads much at once.
    pub fn browser(&self) -> Browser {
        self.browser.clone()
    }

    /// Calls off what was asked of a table before; returns what calls off the next.
    fn overtake(&self, kind: Kind, look: usize) -> Stop {
        let mut looks = self.looks.lock().unwrap_or_else(PoisonError::into_inner);
        let stop = &mut looks.entry(kind).or_default()[look];
        std::mem::take(stop).stop();
        stop.clone()
    }

    fn read(&self, read: impl FnOnce(&Browser) -> Result<Event, LedgerError> + Send + 'static) {
        let (browser, events) = (self.browser.clone(), self.events.clone());
        tokio::task::spawn_blocking(move || {
            let event = match read(&browser) {
                Ok(event) => event,
                // Somebody else has asked for something newer.
                Err(LedgerError::Stopped) => return,
                Err(error) => Event::Unreadable(Arc::new(browser.named(error))),
            };
            let _ = events.send(event);
        });
    }

    /// Reads what the ledger knows of these objects, told as [`Event::Rows`].
    pub fn rows(&self, ids: Vec<ObjectId>) {
        self.read(move |browser| Ok(Event::Rows(Arc::new(browser.rows(&ids)?))));
    }

    /// Says what is on the screen: it is asked about first and most often.
    pub fn look(&self, visible: Vec<ObjectId>) {
        self.tell(Command::Look(visible));
    }

    /// Asks about these objects now.
    pub fn refresh(&self, ids: Vec<ObjectId>) {
        self.tell(Command::Hurry(ids));
    }

    /// Watches objects until they are final; told as [`Event::Watching`].
    pub fn watch(&self, ids: Vec<ObjectId>) {
        self.tell(Command::Watch(ids));
    }

    pub fn unwatch(&self, ids: Vec<ObjectId>) {
        self.tell(Command::Unwatch(ids));
    }

    /// Asks nothing by itself from now on, or goes on.
    pub fn pause(&self, paused: bool) {
        self.tell(Command::Pause(paused));
    }

    /// Learns an order's refunds from WeChat Pay Global, told as [`Event::RefundsListed`].
    pub fn list_refunds(&self, order: ObjectId) {
        let (runner, events, commands) = (self.runner.clone(), self.events.clone(), self.commands.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let result = runner.refunds_of(&order, |_| ()).await.map(|refunds| refunds.len()).map_err(Arc::new);
            if result.is_ok() {
                learned(&commands, &events, [Kind::Refund]);
            }
            let _ = events.send(Event::RefundsListed { order, result });
        }));
    }

    /// Reads a page of settlements, told as [`Event::Settlements`].
    pub fn settlements(&self, ticket: Ticket, which: Settled, offset: usize) {
        let (client, events) = (self.runner.client.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let result = client.list_settlements(&which, offset).await.map_err(Arc::new);
            let _ = events.send(Event::Settlements { ticket, result });
        }));
    }

    /// Writes the statement of a day to a new file, told as [`Event::StatementSaved`].
    pub fn save_statement(&self, day: String, path: PathBuf) {
        let (client, events) = (self.runner.client.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let result = save_statement(&client, &day, path).await.map_err(Arc::new);
            let _ = events.send(Event::StatementSaved { day, result });
        }));
    }

    /// Finds out what a number is; the end is told as [`Event::Searched`].
    pub fn find(&self, number: Number) {
        self.search(Wanted::Number(number, None), false);
    }

    /// Goes to what is meant: to what the ledger knows of it, else to what WeChat Pay says. The end is told as
    /// [`Event::Searched`].
    pub fn follow(&self, wanted: Wanted) {
        self.search(wanted, true);
    }

    fn search(&self, wanted: Wanted, known_suffices: bool) {
        let (runner, events) = (self.runner.clone(), self.events.clone());
        let asked_at = OffsetDateTime::now_utc();
        tokio::spawn(until(self.cancel.clone(), async move {
            let number = wanted.number().clone();
            if known_suffices
                && let Wanted::Object(id) = &wanted
                && let Ok(Some(known)) = runner.known(id).await
            {
                let searched = Searched { number, found: vec![known], tried: Arc::default(), stopped: None };
                let _ = events.send(Event::Searched(searched));
                return;
            }
            let (search, stopped) = match runner.find(&wanted).await {
                Ok(search) => {
                    if let Some(error) = &search.unkept {
                        let _ = events.send(Event::Unkept(error.clone()));
                    }
                    (search, None)
                }
                Err(stopped) => (Search::default(), Some(Arc::new(stopped))),
            };
            let found = search.found.into_iter().map(|object| Fresh::asked(object, Source::Query, asked_at)).collect();
            let searched = Searched { number, found, tried: Arc::new(search.tried), stopped };
            let _ = events.send(Event::Searched(searched));
        }));
    }

    /// Lists a user's coupons and keeps them; the end is told as [`Event::CouponsListed`].
    pub fn list_coupons(&self, openid: Number) {
        let (runner, commands, events) = (self.runner.clone(), self.commands.clone(), self.events.clone());
        let asked_at = OffsetDateTime::now_utc();
        tokio::spawn(until(self.cancel.clone(), async move {
            let listed = crate::services::list_coupons(&runner.client, &openid, &CouponFilter::default()).await;
            let result = match listed {
                Ok(coupons) => {
                    let count = coupons.len();
                    let fresh = coupons.into_iter().map(|one| Fresh::asked(one, Source::List, asked_at)).collect();
                    if let Err(error) = runner.keep(fresh).await {
                        let _ = events.send(Event::Unkept(Arc::new(error)));
                    }
                    learned(&commands, &events, [Kind::Coupon]);
                    Ok(count)
                }
                Err(error) => Err(Arc::new(error)),
            };
            let _ = events.send(Event::CouponsListed { openid, result });
        }));
    }

    /// Lists where a stock's coupons can be used, or for what; told as [`Event::UsableListed`].
    pub fn list_usable(&self, stock: ObjectId, what: Usable) {
        let (client, events) = (self.runner.client.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let listed = crate::services::list_usable(&client, &stock.number, what).await;
            let result = listed.map(Arc::new).map_err(Arc::new);
            let _ = events.send(Event::UsableListed { stock, what, result });
        }));
    }

    /// Does something about bills; what comes of it is told as [`Event::Bill`].
    pub fn bills(&self, wish: BillWish) {
        let (desk, commands, events) = (self.bills.clone(), self.commands.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let kinds = desk.fulfil(wish).await;
            if !kinds.is_empty() {
                learned(&commands, &events, kinds);
            }
        }));
    }

    /// Finds out what an operation would repeat, told as [`Event::Earlier`].
    pub fn earlier(&self, operation: Box<Operation>) {
        let (runner, events) = (self.runner.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let event = match runner.earlier(&operation).await {
                Ok(earlier) => Event::Earlier { operation, earlier: earlier.map(Box::new) },
                Err(error) => Event::Unreadable(Arc::new(error)),
            };
            let _ = events.send(event);
        }));
    }

    /// Closes an open entry of the journal for the operator, told as [`Event::EntryClosed`].
    pub fn close_entry(&self, journal: i64, reason: String) {
        let (runner, events, unknown) = (self.runner.clone(), self.events.clone(), self.unknown.clone());
        self.actions.spawn(async move {
            let result = runner.close_entry(journal, reason).await.map(drop).map_err(Arc::new);
            let _ = events.send(Event::EntryClosed { journal, result });
            // What is open is another now: the screen hears of it.
            if let Ok(open) = runner.unresolved().await {
                let _ = events.send(Event::Unresolved(open));
            }
            unknown.notify_one();
        });
    }

    /// Performs a confirmed operation. How it ended is told as [`Event::Settled`]; an outcome that is unknown at
    /// first is told at once, and again when the object has told it.
    pub fn perform(&self, ticket: Ticket, confirmed: Confirmed) {
        let (runner, events, unknown) = (self.runner.clone(), self.events.clone(), self.unknown.clone());
        let commands = self.commands.clone();
        let object = confirmed.what().object.clone();
        self.actions.spawn(async move {
            let settled = |outcome| {
                let is_unknown = matches!(outcome, Outcome::Unknown { .. });
                // Nobody listens any more only while closing.
                let _ = events.send(Event::Settled { ticket, outcome });
                if is_unknown {
                    unknown.notify_one();
                }
            };
            let outcome = runner.perform(confirmed, &settled).await;
            let unwritten = runner.unwritten().into_iter().find(|one| Some(one.journal) == outcome.journal());
            let made = outcome.made().map(|made| made.id.clone());
            settled(outcome);
            // What was made is new to the screen, and watched from now on.
            if let Some(made) = made {
                let _ = commands.send(Command::Watched);
                if runner.see(&made).await.is_some() {
                    learned(&commands, &events, [made.kind]);
                }
            }
            if let Some(unwritten) = unwritten {
                let _ = events.send(Event::Unwritten { object, unwritten });
                unknown.notify_one();
            }
        });
    }

    /// Reads which objects pass a filter, no more than so many, told as [`Event::Matching`].
    pub fn matching(&self, selection: Selection, limit: usize) {
        self.read(move |browser| {
            let (mut rows, mut more) = (Vec::new(), false);
            browser.each(&selection, OffsetDateTime::now_utc(), |found| {
                let room = limit - rows.len();
                more = found.len() > room;
                rows.extend(found.iter().take(room).map(|row| (row.id.clone(), row.amount())));
                !more
            })?;
            Ok(Event::Matching { selection: Arc::new(selection), rows: Arc::new(rows), more })
        });
    }

    /// Counts on how many of these objects every action of their kind is legal, told as [`Event::Surveyed`].
    pub fn survey(&self, kind: Kind, ids: Vec<ObjectId>) {
        let (runner, events) = (self.runner.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let event = match runner.survey(kind, ids.clone()).await {
                Ok(counts) => Event::Surveyed { ids: Arc::new(ids), counts },
                Err(error) => Event::Unreadable(Arc::new(error)),
            };
            let _ = events.send(event);
        }));
    }

    /// Prepares a bulk action; its progress is told as [`Event::BulkReading`], its end as [`Event::BulkPrepared`].
    pub fn prepare_bulk(&self, ticket: Ticket, request: BulkRequest) {
        let (runner, events) = (self.runner.clone(), self.events.clone());
        tokio::spawn(until(self.cancel.clone(), async move {
            let told = |done, total| drop(events.send(Event::BulkReading { ticket, done, total }));
            let result = runner.prepare_bulk(&request, told).await;
            let _ = events.send(Event::BulkPrepared { ticket, result: result.map(Arc::new).map_err(Arc::new) });
        }));
    }

    /// Performs a confirmed bulk action; every step is told as [`Event::Bulk`].
    pub fn run_bulk(&self, run: BulkRun) {
        let reins = Reins::default();
        *self.reins.lock().unwrap_or_else(PoisonError::into_inner) = reins.clone();
        let (runner, events, unknown) = (self.runner.clone(), self.events.clone(), self.unknown.clone());
        let commands = self.commands.clone();
        let touched: Arc<[Vec<ObjectId>]> = run.operations.iter().map(|one| one.what().touched()).collect();
        let kinds: BTreeSet<Kind> = touched.iter().flatten().map(|id| id.kind).collect();
        self.actions.spawn(async move {
            let (told, hurry, written) = (events.clone(), commands.clone(), runner.clone());
            let tell = move |event: BulkEvent| {
                if let BulkEvent::Ended(place, outcome) = &event {
                    let touched = touched.get(*place).cloned().unwrap_or_default();
                    let unwritten = written.unwritten().into_iter().find(|one| Some(one.journal) == outcome.journal());
                    if let Some((object, unwritten)) = touched.first().cloned().zip(unwritten) {
                        let _ = told.send(Event::Unwritten { object, unwritten });
                        unknown.notify_one();
                    }
                    let _ = hurry.send(Command::Hurry(touched));
                }
                if matches!(&event, BulkEvent::Paused(Some(Surprise::Unknown(_)))) {
                    unknown.notify_one();
                }
                let _ = told.send(Event::Bulk(event));
            };
            runner.run_bulk(run, &reins, tell).await;
            let _ = commands.send(Command::Watched);
            learned(&commands, &events, kinds);
        });
    }

    /// Pauses the bulk action that is under way, lets it go on, or stops it.
    pub fn rein(&self, wish: Wish) {
        self.reins.lock().unwrap_or_else(PoisonError::into_inner).wish(wish);
    }

    /// Waits for the actions and the notifications in flight, so that leaving never loses an outcome, then stops.
    pub async fn close(self) {
        let (stop, receiving) = &self.receiving;
        stop.cancel();
        receiving.close();
        // What of a bulk action is in flight is finished; the rest is not sent.
        self.rein(Wish::Stop);
        self.actions.close();
        self.actions.wait().await;
        receiving.wait().await;
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
                    if let Some(made) = &resolved.made {
                        let _ = commands.send(Command::Watched);
                        learned(&commands, &events, [made.object.id.kind]);
                    }
                    let _ = events.send(Event::Resolved(resolved));
                }
            }
            Err(error) => tracing::warn!(%error, "open entries of the journal could not be resolved"),
        }
        // A ledger that cannot be read for now does not mean that nothing is open.
        let open = match runner.unresolved().await {
            Ok(open) => open,
            Err(error) => {
                tracing::warn!(%error, "the journal cannot be read");
                tokio::time::sleep(RESOLVE_EVERY).await;
                continue;
            }
        };
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

/// Tells whoever keeps objects fresh, and the screen, that the ledger has learned something.
pub(crate) fn learned(
    commands: &UnboundedSender<Command>,
    events: &UnboundedSender<Event>,
    kinds: impl IntoIterator<Item = Kind>,
) {
    let _ = commands.send(Command::Learned);
    kinds.into_iter().for_each(|kind| drop(events.send(Event::Learned(kind))));
}
