//! The refresher at work, with time and gateway under the test's control.

use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::json;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::api::{ApiError, Client, ClientOptions, Limits, PlatformMode, Refusal, RequestFailure, Signer};
use crate::crypto::PrivateKey;
use crate::i18n::Lang;
use crate::ledger::{DocumentHash, Fresh, Ledger, News, Source, Store};
use crate::model::time::Timestamp;
use crate::model::{Kind, MchId, Merchant, Number, Object, Serial};
use crate::services::hub::Hub;
use crate::services::watch::asker::{Ask, Memory, WatchAnswer, WatchQuery};
use crate::services::watch::*;
use crate::services::{Actor, Event, Runner};

const LATENCY: Duration = Duration::from_millis(40);
const PROFILE: &str = "shop/1900000001";

/// What the gateway does with a query.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Fate {
    State(&'static str),
    Refused,
    Fault,
}

/// A gateway under the test's control.
#[derive(Default)]
struct Gateway {
    fates: HashMap<ObjectId, Fate>,
    down: bool,
    asked: Vec<(ObjectId, Instant)>,
    in_flight: BTreeSet<ObjectId>,
    most_in_flight: usize,
}

/// A refresher, its ledger and its gateway.
struct World {
    gateway: Arc<Mutex<Gateway>>,
    ledger: Ledger,
    hub: Hub,
    events: UnboundedReceiver<Event>,
    start: Instant,
    _running: DropGuard,
    folder: Arc<tempfile::TempDir>,
}

fn id(n: usize) -> ObjectId {
    ObjectId::new(Kind::Transaction, Number::parse(&format!("TRADE-{n:05}")).unwrap())
}

fn object(id: &ObjectId, state: &str) -> Object {
    let document = json!({"out_trade_no": id.number.as_str(), "trade_state": state, "mchid": "1900000001"});
    Object::parse(Kind::Transaction, &document.to_string()).unwrap()
}

/// A refresher without a gateway.
pub(crate) fn client(per_second: u32) -> Client {
    let mchid = MchId::new("1900000001");
    // It signs nothing: every query is answered by the test's gateway.
    static KEY: std::sync::LazyLock<PrivateKey> = std::sync::LazyLock::new(|| PrivateKey::generate().unwrap());
    let serial = || Serial::new("PUB_KEY_ID_0119000000012025");
    let signer = Signer { mchid: mchid.clone(), serial: serial(), key: KEY.clone() };
    Client::new(ClientOptions {
        base_url: "http://127.0.0.1:1".into(),
        signer,
        platform: PlatformMode::PublicKey { id: serial(), key: KEY.public_key(), apiv3_key: None },
        merchant: Merchant::new(mchid),
        requests_per_second: per_second,
        limits: Limits::default(),
        lang: Lang::En,
    })
    .unwrap()
}

fn gateway_of(gateway: Arc<Mutex<Gateway>>, client: Client, ledger: Ledger) -> Ask {
    Arc::new(move |WatchQuery { id, memory, whole, remember }, _| {
        let (gateway, client, ledger) = (gateway.clone(), client.clone(), ledger.clone());
        Box::pin(async move {
            {
                let mut gateway = gateway.lock().unwrap();
                assert!(gateway.in_flight.insert(id.clone()), "{id} is in flight twice");
                gateway.most_in_flight = gateway.most_in_flight.max(gateway.in_flight.len());
                gateway.asked.push((id.clone(), Instant::now()));
            }
            tokio::time::sleep(LATENCY).await;
            let fate = {
                let mut gateway = gateway.lock().unwrap();
                gateway.in_flight.remove(&id);
                let fate = gateway.fates.get(&id).copied().unwrap_or(Fate::State("NOTPAY"));
                if gateway.down { None } else { Some(fate) }
            };
            let state = match fate {
                None => return Err(ApiError::Unreachable(RequestFailure::Timeout { seconds: 1 })),
                Some(Fate::Fault) => {
                    return Err(ApiError::Unreachable(RequestFailure::Status(Refusal::read(500, b"{}", None, true))));
                }
                Some(Fate::Refused) => return Err(ApiError::Refused(Refusal::read(404, b"{}", None, true))),
                Some(Fate::State(state)) => state,
            };
            let object = object(&id, state);
            if memory.is_some_and(|memory| memory.digest == DocumentHash::of(&object.raw)) {
                return Ok(WatchAnswer::Same(whole.then_some(object)));
            }
            let before = ledger.object(PROFILE, &id).unwrap();
            let same = before.as_ref().is_some_and(|before| before.object.raw == object.raw);
            let memory = remember.then(|| Memory::of(&client, &object).map(Arc::new)).flatten();
            Ok(WatchAnswer::Other { object, news: !same, known: before.is_some(), memory })
        })
    })
}

impl World {
    fn new(per_second: u32) -> Self {
        Self::on(Arc::new(tempfile::tempdir().unwrap()), per_second, None, |_| ())
    }

    /// On a ledger that `before` prepares. `only`: a command that follows these.
    fn on(
        folder: Arc<tempfile::TempDir>,
        per_second: u32,
        only: Option<&[ObjectId]>,
        before: impl FnOnce(&Ledger),
    ) -> Self {
        let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).unwrap();
        before(&ledger);
        let (client, gateway) = (client(per_second), Arc::<Mutex<Gateway>>::default());
        let actor = Actor::new("shop", "1900000001", "tester", false, Default::default());
        let runner = Runner::new(client.clone(), ledger.clone(), actor, &folder.path().join("bills"));
        let (sender, events) = unbounded_channel();
        let (hub, commands) = Hub::new(sender);
        let cancel = CancellationToken::new();
        let ask = gateway_of(gateway.clone(), client, ledger.clone());
        let connection = ConnectionHealth::new(None);
        let mut refresher = Refresher::new(runner, ask, connection, hub.clone(), cancel.clone(), Arc::default());
        if let Some(ids) = only {
            refresher = refresher.only(ids);
        }
        tokio::spawn(refresher.run(commands));
        let start = Instant::now();
        Self { gateway, ledger, hub, events, start, _running: cancel.drop_guard(), folder }
    }

    fn send(&self, command: RefresherCommand) {
        self.hub.command(command);
    }

    fn set(&self, n: usize, fate: Fate) {
        self.gateway.lock().unwrap().fates.insert(id(n), fate);
    }

    /// Lets time pass; returns what was reported meanwhile.
    async fn pass(&mut self, seconds: u64) -> Vec<Event> {
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        let mut reported = Vec::new();
        while let Ok(event) = self.events.try_recv() {
            reported.push(event);
        }
        reported
    }

    /// When an object was queried, in seconds since the start.
    fn asked(&self, n: usize) -> Vec<f64> {
        let asked = &self.gateway.lock().unwrap().asked;
        asked.iter().filter(|(of, _)| *of == id(n)).map(|(_, at)| (*at - self.start).as_secs_f64()).collect()
    }
}

fn watching(reported: &[Event]) -> Vec<Arc<Watching>> {
    reported
        .iter()
        .filter_map(|event| if let Event::Watching(watching) = event { Some(watching.clone()) } else { None })
        .collect()
}

/// What was reported, in words: gaps, ends, documents.
fn words(reported: &[Event]) -> Vec<String> {
    let word = |event: &Event| match event {
        Event::Gap(gap) => Some(format!("gap {} {}", gap.why.name(), gap.objects)),
        Event::CaughtUp { gap, changed } => Some(format!("caught up {} {changed}", gap.why.name())),
        Event::Final(fresh) => Some(format!("final {} {}", fresh.object.id.number, fresh.object.entity.state().code)),
        Event::Fetched { id, result: Ok(fresh), .. } => {
            Some(format!("{} {}", id.number, fresh.object.entity.state().code))
        }
        Event::Fetched { id, result: Err(_), .. } => Some(format!("{} failed", id.number)),
        _ => None,
    };
    reported.iter().filter_map(word).collect()
}

fn fresh(n: usize, state: &str, age: time::Duration) -> Fresh {
    Fresh { object: object(&id(n), state), verified_at: Timestamp::now_utc() - age, source: Source::Query }
}

#[tokio::test(start_paused = true)]
async fn a_watched_object_is_followed_to_its_end_which_ends_the_watch() {
    let mut world = World::new(20);
    world.send(RefresherCommand::Watch(vec![id(1)]));
    let reported = world.pass(20).await;
    assert_eq!(words(&reported), ["TRADE-00001 NOTPAY"], "it is reported once, not each time that it is the same");
    let set = watching(&reported).last().unwrap().clone();
    assert!(set.objects[&id(1)].why == WatchReason::Marked && set.next.as_ref().unwrap().0 == id(1));
    let times = world.asked(1);
    assert!(times.len() >= 8 && times.windows(2).all(|pair| pair[1] - pair[0] < 3.0), "quick at first: {times:?}");
    world.set(1, Fate::State("CLOSED"));
    let reported = world.pass(10).await;
    assert_eq!(words(&reported), ["TRADE-00001 CLOSED", "final TRADE-00001 CLOSED"]);
    assert!(watching(&reported).last().unwrap().objects.is_empty());
    assert!(reported.iter().any(|event| matches!(event, Event::KindChanged(Kind::Transaction))));
    assert!(world.ledger.watched(PROFILE).unwrap().is_empty());
    let asked = world.asked(1).len();
    world.pass(3600).await;
    assert_eq!(world.asked(1).len(), asked, "it is not queried any more");
}

#[tokio::test(start_paused = true)]
async fn with_only_settled_rows_nothing_wakes_up() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut world = World::on(folder, 20, None, |ledger| {
        let rows: Vec<Fresh> = (0..1_000).map(|n| fresh(n, "CLOSED", time::Duration::HOUR)).collect();
        ledger.put(PROFILE, &rows).unwrap();
    });
    (0..50).for_each(|n| world.set(n, Fate::State("CLOSED")));
    world.send(RefresherCommand::Look((0..50).map(id).collect()));
    world.pass(60).await;
    assert_eq!(world.gateway.lock().unwrap().asked.len(), 0, "settled, by what the ledger has of an earlier run");
    let parked = || tokio::runtime::Handle::current().metrics().worker_park_count(0);
    let before = parked();
    let reported = world.pass(3600).await;
    let with_it = parked() - before;
    assert!(reported.is_empty(), "{reported:?}");
    world.send(RefresherCommand::Look((0..60).map(id).collect()));
    world.pass(1).await;
    assert_eq!(world.gateway.lock().unwrap().asked.len(), 0, "a page down on settled rows sends nothing");
    drop(world);
    let before = parked();
    tokio::time::sleep(Duration::from_secs(3600)).await;
    assert!(with_it <= parked() - before, "{with_it}: more than the test's own timer");
}

#[tokio::test(start_paused = true)]
async fn paging_asks_only_about_what_may_have_changed_since() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut world = World::on(folder, 20, None, |ledger| {
        let second = time::Duration::SECOND;
        let rows = (0..1_000).map(|n| fresh(n, if n % 10 == 0 { "NOTPAY" } else { "CLOSED" }, second));
        ledger.put(PROFILE, &rows.collect::<Vec<_>>()).unwrap();
    });
    (0..1_000).filter(|n| n % 10 != 0).for_each(|n| world.set(n, Fate::State("CLOSED")));
    let asked = |world: &World| world.gateway.lock().unwrap().asked.len();
    // A held key: a page each 40 ms.
    for page in 0..20 {
        world.send(RefresherCommand::Look((page * 50..page * 50 + 50).map(id).collect()));
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    assert_eq!(asked(&world), 0, "the open ones were queried a second ago");
    world.pass(20).await;
    assert!((950..1_000).all(|n| world.asked(n).is_empty() == (n % 10 != 0)), "the open ones of the page that stays");
    let settled = (0..1_000).filter(|n| n % 10 != 0).map(|n| world.asked(n).len()).sum::<usize>();
    assert_eq!(settled, 0);
}

#[tokio::test(start_paused = true)]
async fn queries_that_are_due_within_a_few_milliseconds_leave_together_and_what_is_urgent_does_not_wait() {
    let mut world = World::new(200);
    world.send(RefresherCommand::Watch((0..400).map(id).collect()));
    world.pass(5).await;
    world.gateway.lock().unwrap().asked.clear();
    world.pass(10).await;
    let mut times: Vec<Instant> = world.gateway.lock().unwrap().asked.iter().map(|(_, at)| *at).collect();
    let queries = times.len();
    times.dedup();
    assert!(queries >= 1_900, "the budget is used: {queries}");
    assert!(times.len() * 8 <= queries, "{queries} queries left at {} times", times.len());
    let (now, wish) = (Instant::now(), id(7_000));
    world.send(RefresherCommand::RefreshNow(vec![wish.clone()]));
    world.pass(1).await;
    let asked = &world.gateway.lock().unwrap().asked;
    let at = asked.iter().find(|(of, _)| *of == wish).unwrap().1;
    assert!(at - now <= Duration::from_millis(10), "with the next turn of the budget: {:?}", at - now);
}

#[tokio::test(start_paused = true)]
async fn what_is_watched_survives_and_is_queried_at_the_next_start() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut world = World::on(folder.clone(), 20, None, |ledger| {
        ledger
            .put(PROFILE, &[fresh(1, "NOTPAY", time::Duration::HOUR), fresh(2, "NOTPAY", time::Duration::HOUR)])
            .unwrap();
        ledger.watch(PROFILE, &[id(1), id(2)], WatchReason::Made, Timestamp::now_utc()).unwrap();
    });
    world.set(2, Fate::State("SUCCESS"));
    let reported = world.pass(5).await;
    let expected = ["gap away 2", "TRADE-00002 SUCCESS", "final TRADE-00002 SUCCESS", "caught up away 1"];
    assert_eq!(words(&reported), expected);
    assert_eq!(watching(&reported)[0].objects[&id(1)].why, WatchReason::Made);
    drop(world);
    let mut world = World::on(folder, 20, None, |_| ());
    let reported = world.pass(5).await;
    assert!(words(&reported).is_empty(), "away for no time: {:?}", words(&reported));
    assert_eq!(watching(&reported).last().unwrap().objects.len(), 1);
    assert_eq!(world.asked(1).len(), 1, "yet it is looked after at once, and then at the pace of its age");
}

#[tokio::test(start_paused = true)]
async fn without_answers_one_query_probes_and_on_return_everything_is_queried() {
    let mut world = World::new(50);
    world.send(RefresherCommand::Watch((0..100).map(id).collect()));
    world.send(RefresherCommand::Look(vec![id(100)]));
    world.pass(60).await;
    world.gateway.lock().unwrap().down = true;
    let before = world.gateway.lock().unwrap().asked.len();
    let reported = world.pass(120).await;
    assert!(reported.iter().any(|event| matches!(event, Event::Health(health) if health.trouble.is_some())));
    let during = world.gateway.lock().unwrap().asked.len() - before;
    assert!((5..=75).contains(&during), "those under way, then ever more rarely: {during}");
    world.gateway.lock().unwrap().down = false;
    (0..3).for_each(|n| world.set(n, Fate::State("CLOSED")));
    let reported = words(&world.pass(40).await);
    assert_eq!(reported.iter().find(|word| word.starts_with("gap")), Some(&"gap offline 101".to_owned()));
    assert!(reported.contains(&"caught up offline 3".to_owned()), "{reported:?}");
    assert_eq!(reported.iter().filter(|word| word.starts_with("final")).count(), 3);
}

#[tokio::test(start_paused = true)]
async fn paused_nothing_is_asked_but_by_hand_and_then_all_of_it() {
    let mut world = World::new(20);
    world.send(RefresherCommand::Watch(vec![id(1), id(2)]));
    world.pass(5).await;
    world.send(RefresherCommand::Pause(true));
    world.send(RefresherCommand::Pause(true));
    let reported = world.pass(1).await;
    assert!(watching(&reported).last().unwrap().paused.is_some());
    let asked = world.asked(1).len();
    world.pass(600).await;
    assert_eq!(world.asked(1).len(), asked);
    world.send(RefresherCommand::RefreshNow(vec![id(1)]));
    world.pass(1).await;
    assert_eq!(world.asked(1).len(), asked + 1);
    world.send(RefresherCommand::Pause(false));
    assert_eq!(words(&world.pass(3).await), ["gap paused 2", "caught up paused 0"]);
}

#[tokio::test(start_paused = true)]
async fn answers_that_arrive_together_share_a_commit_without_a_loss() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let ids: Vec<ObjectId> = (0..400).map(id).collect();
    let mut world = World::on(folder, 200, None, |ledger| {
        ledger.watch(PROFILE, &ids, WatchReason::Marked, Timestamp::now_utc()).unwrap();
    });
    let reported = world.pass(30).await;
    assert_eq!(words(&reported).len(), 400);
    let known = world.ledger.documents(PROFILE, Kind::Transaction, 0, 1_000).unwrap().0;
    assert!(known.len() == 400 && known.iter().all(|known| known.fresh.is_some()));
    let asked = &world.gateway.lock().unwrap().asked;
    assert!(asked.len() > 4_000, "the budget is used: {}", asked.len());
    for (_, from) in asked {
        let second = asked.iter().filter(|(_, at)| at >= from && *at - *from < Duration::from_secs(1)).count();
        assert!(second <= 200, "{second} in a second");
    }
    assert!(
        watching(&reported).len() <= 31,
        "reported once a second, not at each answer: {}",
        watching(&reported).len()
    );
}

#[tokio::test(start_paused = true)]
async fn faults_and_refusals_of_single_objects_do_not_delay_the_others() {
    let mut world = World::new(20);
    world.set(1, Fate::Fault);
    world.set(2, Fate::Refused);
    world.send(RefresherCommand::Watch((0..10).map(id).collect()));
    let reported = world.pass(300).await;
    let failed = |n: usize| words(&reported).iter().filter(|word| **word == format!("{} failed", id(n).number)).count();
    assert!((5..=10).contains(&failed(1)) && (2..=3).contains(&failed(2)), "{} and {}", failed(1), failed(2));
    assert!(!reported.iter().any(|event| matches!(event, Event::Health(health) if health.trouble.is_some())));
    assert!(world.asked(5).len() > 20 && world.gateway.lock().unwrap().most_in_flight <= 10);
}

#[tokio::test(start_paused = true)]
async fn what_others_write_is_taken_up() {
    let mut world = World::new(20);
    world.send(RefresherCommand::Watch(vec![id(1), id(2)]));
    world.pass(600).await;
    // Another process saw the end of one object, marked another, and received a notification of the second.
    let theirs = Ledger::open(&Store::Sqlite(world.folder.path().join("ledger.db"))).unwrap();
    theirs.put(PROFILE, &[fresh(1, "CLOSED", time::Duration::ZERO)]).unwrap();
    theirs.watch(PROFILE, &[id(3)], WatchReason::Marked, Timestamp::now_utc()).unwrap();
    world.set(1, Fate::State("CLOSED"));
    world.set(2, Fate::State("SUCCESS"));
    let news = News { changed: vec![id(1), id(99)], named: vec![id(2)], watches: true, ..News::default() };
    world.send(RefresherCommand::LedgerChanged(news));
    let reported = world.pass(3).await;
    let words: BTreeSet<String> = words(&reported).into_iter().collect();
    assert!(words.contains("final TRADE-00001 CLOSED") && words.contains("final TRADE-00002 SUCCESS"), "{words:?}");
    assert_eq!(watching(&reported).last().unwrap().objects.keys().collect::<Vec<_>>(), [&id(3)]);
    assert!(world.asked(99).is_empty() && !world.asked(3).is_empty(), "the others are not needed");
}

#[tokio::test(start_paused = true)]
async fn a_wish_and_its_contrary_stand_in_their_order() {
    let mut world = World::new(20);
    for _ in 0..5 {
        world.send(RefresherCommand::Watch(vec![id(1), id(2)]));
        world.send(RefresherCommand::Unwatch(vec![id(1)]));
    }
    let reported = world.pass(3).await;
    assert_eq!(watching(&reported).last().unwrap().objects.keys().collect::<Vec<_>>(), [&id(2)]);
    assert_eq!(world.ledger.watched(PROFILE).unwrap().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_command_follows_its_own_objects_and_leaves_the_others_alone() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let mut world = World::on(folder, 20, Some(&[id(1), id(2)]), |ledger| {
        ledger.put(PROFILE, &[fresh(1, "NOTPAY", time::Duration::HOUR)]).unwrap();
        ledger.note(PROFILE, &[id(7)], Source::Feed).unwrap();
        ledger.watch(PROFILE, &[id(8)], WatchReason::Marked, Timestamp::now_utc()).unwrap();
    });
    let reported = world.pass(3).await;
    let expected = BTreeSet::from(["TRADE-00001 NOTPAY".to_owned(), "TRADE-00002 NOTPAY".to_owned()]);
    assert_eq!(
        words(&reported).into_iter().collect::<BTreeSet<_>>(),
        expected,
        "also what the ledger knew is reported"
    );
    assert!(watching(&reported).is_empty() && world.asked(7).is_empty() && world.asked(8).is_empty());
    world.send(RefresherCommand::Unwatch(vec![id(1)]));
    world.pass(1).await;
    let asked = world.asked(1).len();
    world.set(2, Fate::State("CLOSED"));
    let reported = world.pass(60).await;
    assert_eq!(words(&reported), ["TRADE-00002 CLOSED", "final TRADE-00002 CLOSED"]);
    assert_eq!(world.asked(1).len(), asked);
    assert_eq!(world.ledger.watched(PROFILE).unwrap().len(), 1, "what others watch is theirs");
}
