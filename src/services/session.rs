//! A profile at work: its client, its ledger, the tasks that keep rows fresh and bring numbers in. A session takes
//! [`Request`]s and reports [`Event`]s.

use std::collections::{BTreeSet, HashMap};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Notify;
use tokio::sync::mpsc::UnboundedSender;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::api::{Client, CouponFilter};
use crate::ledger::{Ledger, LedgerError, Stop};
use crate::model::action::Confirmed;
use crate::model::bill::{BillId, BillKind, TradeRows};
use crate::model::time::compact_date;
use crate::model::{Kind, Number, ObjectId};
use crate::services::bills::BillService;
use crate::services::hub::Hub;
use crate::services::ingest::coupons;
use crate::services::ingest::global::save_statement;
use crate::services::ingest::link_resolver::follow;
use crate::services::ingest::number_ingest::NumberIngest;
use crate::services::ledger_changes::watch_ledger;
use crate::services::watch::{ConnectionHealth, Refresher, RefresherCommand, ask, on_its_own_thread};
use crate::services::webhook::session_listener::SessionListener;
use crate::services::word_index::index_words;
use crate::services::{
    Actor, BillEvent, BulkCommand, BulkControl, BulkEvent, BulkRun, Event, Fresh, LedgerReader, ListenOptions, Lookup,
    Outcome, ReadRequest, Request, Runner, Search, Searched, Source, Surprise, TabAnswer, Ticket,
};
use crate::sync::lock;

/// What a session is opened with.
#[derive(Debug)]
pub struct SessionOptions {
    pub client: Client,
    pub ledger: Ledger,
    pub actor: Actor,
    /// The folder for the bills of all profiles.
    pub bills: PathBuf,
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
    hub: Hub,
    cancel: CancellationToken,
    actions: TaskTracker,
    /// Notified when an outcome is unknown, so that the resolver starts.
    unknown: Arc<Notify>,
    reader: LedgerReader,
    /// Cancels the reading of a table's rows, and of its sums, when a newer request replaces it.
    table_reads: Mutex<HashMap<Kind, [Stop; 2]>>,
    /// Cancels the search for objects, when a newer one replaces it.
    object_search: Mutex<Stop>,
    /// The same for the rows and the sums of the table over all profiles.
    across_reads: Mutex<[Stop; 2]>,
    /// Of the bulk action that is running, or ran last.
    bulk: Mutex<BulkControl>,
    bills: BillService,
    /// Stops receiving, and the task that does it.
    receiving: (CancellationToken, TaskTracker),
}

/// How often open entries of the journal are queried, while there are any.
const RESOLVE_EVERY: Duration = Duration::from_secs(15);

impl Session {
    /// Opens a session: from now on everything is kept fresh. This call does not use the network.
    pub fn open(options: SessionOptions, events: UnboundedSender<Event>) -> Self {
        let SessionOptions { client, ledger, actor, bills, numbers, merchant_certificate_expires, listen } = options;
        let (hub, commands) = Hub::new(events);
        let (cancel, linked) = (CancellationToken::new(), Arc::new(Notify::new()));
        let reader = LedgerReader::new(ledger.clone(), &actor);
        let runner = Runner::new(client.clone(), ledger, actor, &bills);
        let session = Self {
            bills: BillService::new(runner.clone(), hub.clone()),
            receiving: (cancel.child_token(), TaskTracker::new()),
            runner,
            hub,
            cancel,
            actions: TaskTracker::new(),
            unknown: Arc::default(),
            reader,
            table_reads: Mutex::default(),
            object_search: Mutex::default(),
            across_reads: Mutex::default(),
            bulk: Mutex::default(),
        };
        let (runner, hub) = (&session.runner, &session.hub);
        // It runs on another runtime, and no connection of an action may end with that.
        let asking = Runner { client: runner.client.with_own_connections(), ..runner.clone() };
        let refresher = Refresher::new(
            asking.clone(),
            ask(asking),
            ConnectionHealth::new(merchant_certificate_expires),
            hub.clone(),
            session.cancel.clone(),
            linked.clone(),
        );
        on_its_own_thread(refresher.run(commands));
        session.spawn(NumberIngest::new(runner.clone(), hub.clone()).run(client, numbers));
        session.spawn(resolve(runner.clone(), hub.clone(), session.unknown.clone()));
        session.spawn(report_damage(runner.clone(), hub.clone()));
        session.spawn(index_words(runner.ledger.clone()));
        session.spawn(report_other_writers(runner.clone(), hub.clone()));
        session.spawn(follow(runner.clone(), hub.clone(), linked));
        if let Some(options) = listen {
            let listener = SessionListener { runner: runner.clone(), hub: hub.clone(), options };
            session.receiving.1.spawn(listener.run(session.receiving.0.clone()));
        }
        session
    }

    /// Reports what other processes write for other profiles, by their keys. Only the ledger is read for that.
    pub(crate) fn watch_others(&self, profiles: Vec<String>) {
        let (ledger, hub) = (self.runner.ledger.clone(), self.hub.clone());
        if !profiles.is_empty() {
            self.spawn(watch_ledger(ledger, profiles, move |news| {
                news.kinds.into_iter().for_each(|kind| hub.notify(Event::OtherProfileChanged(kind)));
            }));
        }
    }

    /// Starts what is requested, and returns at once.
    pub fn request(&self, request: Request) {
        let (runner, hub) = (self.runner.clone(), self.hub.clone());
        match request {
            Request::Read(request) => self.read(request),
            Request::Look(visible) => hub.command(RefresherCommand::Look(visible)),
            Request::Refresh(ids) => hub.command(RefresherCommand::RefreshNow(ids)),
            Request::Watch(ids) => hub.command(RefresherCommand::Watch(ids)),
            Request::Unwatch(ids) => hub.command(RefresherCommand::Unwatch(ids)),
            Request::Pause(paused) => hub.command(RefresherCommand::Pause(paused)),
            Request::Find(number) => self.answer(search(runner, hub, Lookup::Number(number, None), false)),
            Request::Follow(wanted) => self.answer(search(runner, hub, wanted, true)),
            Request::ListCoupons(openid) => self.answer(list_coupons(runner, hub, openid)),
            Request::ListUsable(stock, what) => self.answer(async move {
                let listed = coupons::list_usable(&runner.client, &stock.number, what).await;
                Event::UsableListed { stock, what, result: listed.map(Arc::new).map_err(Arc::new) }
            }),
            Request::ListRefunds(order) => self.answer(async move {
                let listed = runner.refunds_of(&order, |_| ()).await;
                if listed.is_ok() {
                    hub.kinds_changed([Kind::Refund]);
                }
                Event::RefundsListed { order, result: listed.map(|refunds| refunds.len()).map_err(Arc::new) }
            }),
            Request::Settlements(ticket, which, offset) => self.answer(async move {
                let result = runner.client.list_settlements(&which, offset).await.map_err(Arc::new);
                Event::Settlements { ticket, result }
            }),
            Request::SaveStatement { day, path } => self.answer(async move {
                let saved = save_statement(&runner.client, &day, path).await;
                if let (Ok((_, statement)), Some(of)) = (&saved, compact_date(&day)) {
                    match runner.take_statement(of, statement, Arc::new(|_| ())).await {
                        Ok(_) => hub.kinds_changed([Kind::Transaction, Kind::Refund]),
                        Err(why) => {
                            let id = BillId { day: of, kind: BillKind::Trade(TradeRows::All) };
                            hub.notify(TabAnswer::Bill(BillEvent::Taken { id, result: Err(Arc::new(why)) }).into());
                        }
                    }
                }
                Event::StatementSaved { day, result: saved.map(|(saved, _)| saved).map_err(Arc::new) }
            }),
            Request::Replay(event, replay) => self.answer(async move {
                let url = replay.url().to_owned();
                TabAnswer::Replayed { event, url, result: replay.send().await.map_err(Arc::new) }.into()
            }),
            Request::Bill(request) => self.spawn(self.bills.clone().serve(request)),
            Request::Earlier(operation) => self.answer(async move {
                match runner.earlier(&operation).await {
                    Ok(earlier) => Event::Earlier { operation, earlier: earlier.map(Box::new) },
                    Err(error) => Event::Unreadable(Arc::new(error)),
                }
            }),
            Request::Replaced(operation) => self.answer(async move {
                let result = runner.client.callback().await.map_err(Arc::new);
                Event::Replaced { operation, result }
            }),
            Request::CountActions(kind, ids) => self.answer(async move {
                match runner.count_actions(kind, ids.clone()).await {
                    Ok(counts) => Event::ActionsCounted { ids: Arc::new(ids), counts },
                    Err(error) => Event::Unreadable(Arc::new(error)),
                }
            }),
            Request::PrepareBulk(ticket, request) => self.answer(async move {
                let report = |done, total| hub.notify(Event::BulkReading { ticket, done, total });
                let result = runner.prepare_bulk(&request, report).await;
                Event::BulkPrepared { ticket, result: result.map(Arc::new).map_err(Arc::new) }
            }),
            Request::CloseEntry(journal, reason) => self.close_entry(journal, reason),
            Request::Perform(ticket, confirmed) => self.perform(ticket, *confirmed),
            Request::RunBulk(run) => self.run_bulk(*run),
            Request::ControlBulk(command) => self.control_bulk(command),
        }
    }

    /// The reader, for what reads much at once.
    pub fn reader(&self) -> LedgerReader {
        self.reader.clone()
    }

    /// Runs a task until the session is dropped.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let cancel = self.cancel.clone();
        tokio::spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = task => {}
            }
        });
    }

    /// The same, and reports the event it ends with.
    fn answer(&self, task: impl Future<Output = Event> + Send + 'static) {
        let hub = self.hub.clone();
        self.spawn(async move { hub.notify(task.await) });
    }

    fn read(&self, request: ReadRequest) {
        let stop = match &request {
            ReadRequest::TablePage(request) => self.replace_read(request.selection.kind, 0),
            ReadRequest::Sums(selection) => self.replace_read(selection.kind, 1),
            ReadRequest::Objects(_) => replaced(&mut lock(&self.object_search)),
            ReadRequest::AcrossPage(_) => replaced(&mut lock(&self.across_reads)[0]),
            ReadRequest::AcrossSums(_) => replaced(&mut lock(&self.across_reads)[1]),
            ReadRequest::Matching(..)
            | ReadRequest::Rows(_)
            | ReadRequest::JournalPage(_)
            | ReadRequest::InboxPage(_)
            | ReadRequest::InboxEvent(_)
            | ReadRequest::Disputes
            | ReadRequest::Reconcile(_)
            | ReadRequest::Story { .. }
            | ReadRequest::Compare { .. }
            | ReadRequest::CompareObjects { .. } => Stop::default(),
        };
        let (reader, hub) = (self.reader.clone(), self.hub.clone());
        tokio::task::spawn_blocking(move || match reader.answer(request, OffsetDateTime::now_utc(), &stop) {
            Ok(event) => hub.notify(event),
            // A newer request has replaced this one.
            Err(LedgerError::Stopped) => {}
            Err(error) => hub.notify(Event::Unreadable(Arc::new(reader.named(error)))),
        });
    }

    /// Cancels what was requested of a table before; returns what cancels the request that replaces it.
    fn replace_read(&self, kind: Kind, part: usize) -> Stop {
        let mut reads = lock(&self.table_reads);
        replaced(&mut reads.entry(kind).or_default()[part])
    }

    fn close_entry(&self, journal: i64, reason: String) {
        let (runner, hub, unknown) = (self.runner.clone(), self.hub.clone(), self.unknown.clone());
        self.actions.spawn(async move {
            let result = runner.close_entry(journal, reason).await.map(drop).map_err(Arc::new);
            hub.notify(TabAnswer::EntryClosed { journal, result }.into());
            // The list of open entries has changed.
            if let Ok(open) = runner.unresolved().await {
                hub.notify(Event::Unresolved(open));
            }
            unknown.notify_one();
        });
    }

    fn perform(&self, ticket: Ticket, confirmed: Confirmed) {
        let (runner, hub, unknown) = (self.runner.clone(), self.hub.clone(), self.unknown.clone());
        let object = confirmed.what().object.clone();
        self.actions.spawn(async move {
            let concluded = |outcome| {
                let is_unknown = matches!(outcome, Outcome::Unknown { .. });
                hub.notify(Event::Concluded { ticket, outcome });
                if is_unknown {
                    unknown.notify_one();
                }
            };
            let outcome = runner.perform(confirmed, &concluded).await;
            let unwritten = runner.unwritten().into_iter().find(|one| Some(one.journal) == outcome.journal());
            let made = outcome.made().map(|made| made.id.clone());
            concluded(outcome);
            // What was made is new to the screen, and watched from now on.
            if let Some(made) = made {
                hub.command(RefresherCommand::WatchesChanged);
                if runner.see(&made).await.is_some() {
                    hub.kinds_changed([made.kind]);
                }
            }
            if let Some(unwritten) = unwritten {
                hub.notify(Event::Unwritten { object, unwritten });
                unknown.notify_one();
            }
        });
    }

    fn run_bulk(&self, run: BulkRun) {
        let control = BulkControl::default();
        *lock(&self.bulk) = control.clone();
        let (runner, hub, unknown) = (self.runner.clone(), self.hub.clone(), self.unknown.clone());
        let touched: Arc<[Vec<ObjectId>]> = run.operations.iter().map(|one| one.what().touched()).collect();
        let kinds: BTreeSet<Kind> = touched.iter().flatten().map(|id| id.kind).collect();
        self.actions.spawn(async move {
            let (reports, written) = (hub.clone(), runner.clone());
            let report = move |event: BulkEvent| {
                if let BulkEvent::Ended(place, outcome) = &event {
                    let touched = touched.get(*place).cloned().unwrap_or_default();
                    let unwritten = written.unwritten().into_iter().find(|one| Some(one.journal) == outcome.journal());
                    if let Some((object, unwritten)) = touched.first().cloned().zip(unwritten) {
                        reports.notify(Event::Unwritten { object, unwritten });
                        unknown.notify_one();
                    }
                    reports.command(RefresherCommand::RefreshNow(touched));
                }
                if matches!(&event, BulkEvent::Paused(Some(Surprise::Unknown(_)))) {
                    unknown.notify_one();
                }
                reports.notify(Event::Bulk(event));
            };
            runner.run_bulk(run, &control, report).await;
            hub.command(RefresherCommand::WatchesChanged);
            hub.kinds_changed(kinds);
        });
    }

    fn control_bulk(&self, command: BulkCommand) {
        lock(&self.bulk).send(command);
    }

    /// Waits for the actions and the notifications in flight, so that leaving never loses an outcome, then stops.
    pub async fn close(self) {
        let (stop, receiving) = &self.receiving;
        stop.cancel();
        receiving.close();
        // The operations of a bulk action that are in flight are finished; the rest is not sent.
        self.control_bulk(BulkCommand::Stop);
        self.actions.close();
        self.actions.wait().await;
        receiving.wait().await;
    }
}

/// Cancels what was requested before; returns what cancels the request that replaces it.
fn replaced(stop: &mut Stop) -> Stop {
    std::mem::take(stop).stop();
    stop.clone()
}

impl Drop for Session {
    fn drop(&mut self) {
        self.cancel.cancel();
    }
}

/// Finds what is wanted. What the ledger has of it is enough if `known_suffices`.
async fn search(runner: Runner, hub: Hub, wanted: Lookup, known_suffices: bool) -> Event {
    let (number, asked_at) = (wanted.number().clone(), OffsetDateTime::now_utc());
    if known_suffices
        && let Lookup::Object(id) = &wanted
        && let Ok(Some(known)) = runner.known(id).await
    {
        return Event::Searched(Searched { number, found: vec![known], tried: Arc::default(), stopped: None });
    }
    let (search, stopped) = match runner.find(&wanted).await {
        Ok(search) => {
            if let Some(error) = &search.store_error {
                hub.notify(Event::NotStored(error.clone()));
            }
            (search, None)
        }
        Err(stopped) => (Search::default(), Some(Arc::new(stopped))),
    };
    let found = search.found.into_iter().map(|object| Fresh::asked(object, Source::Query, asked_at)).collect();
    Event::Searched(Searched { number, found, tried: Arc::new(search.tried), stopped })
}

/// Lists a user's coupons and keeps them.
async fn list_coupons(runner: Runner, hub: Hub, openid: Number) -> Event {
    let asked_at = OffsetDateTime::now_utc();
    let result = match coupons::list_coupons(&runner.client, &openid, &CouponFilter::default()).await {
        Ok(coupons) => {
            let count = coupons.len();
            let fresh = coupons.into_iter().map(|one| Fresh::asked(one, Source::List, asked_at)).collect();
            if let Err(error) = runner.keep(fresh).await {
                hub.notify(Event::NotStored(Arc::new(error)));
            }
            hub.kinds_changed([Kind::Coupon]);
            Ok(count)
        }
        Err(error) => Err(Arc::new(error)),
    };
    Event::CouponsListed { openid, result }
}

/// Reports a damaged ledger, so that the operator knows before preparing anything. The gate refuses in any case.
async fn report_damage(runner: Runner, hub: Hub) {
    if let Err(error) = runner.ledger.run(|ledger| ledger.ensure_sound()).await
        && error.is_unsound()
    {
        hub.notify(Event::Unsound(Arc::new(error)));
    }
}

/// Reports what other processes write to the ledger.
async fn report_other_writers(runner: Runner, hub: Hub) {
    watch_ledger(runner.ledger, vec![runner.actor.key], move |news| {
        let kinds = news.kinds.clone();
        if news.inbox {
            hub.notify(Event::InboxChanged);
        }
        hub.command(RefresherCommand::LedgerChanged(news));
        if !kinds.is_empty() {
            hub.kinds_changed(kinds);
        }
    })
    .await;
}

/// Settles open entries of the journal, those of earlier runs first; then waits until an outcome is unknown again.
async fn resolve(runner: Runner, hub: Hub, unknown: Arc<Notify>) {
    let mut reported = Vec::new();
    loop {
        match runner.resolve().await {
            Ok(resolved) => {
                for resolved in resolved {
                    if let Some(made) = &resolved.made {
                        hub.command(RefresherCommand::WatchesChanged);
                        hub.kinds_changed([made.object.id.kind]);
                    }
                    hub.notify(Event::Resolved(resolved));
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
        if open != reported {
            hub.notify(Event::Unresolved(open.clone()));
            reported = open;
        }
        if reported.is_empty() {
            unknown.notified().await;
        } else {
            tokio::time::sleep(RESOLVE_EVERY).await;
        }
    }
}
