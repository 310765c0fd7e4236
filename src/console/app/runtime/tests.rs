//! The loop under a clock that advances only while everything waits: what it costs while nothing happens.

use std::cell::Cell;
use std::io;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};
use tokio::time::timeout_at;

use crate::api::{Client, ClientOptions, PlatformMode, Signer};
use crate::console::app::runtime::*;
use crate::console::tests::fixture::{COLLECTING, Console, NOW, PAID, account, fresh, order, press, starting};
use crate::crypto::{PrivateKey, PublicKey};
use crate::i18n::Lang;
use crate::model::{Environment, Kind, Merchant, ObjectId, Region, Serial};
use crate::services::{Event, Fresh, Known, Watch, Watching};

/// A screen that counts its draws.
struct Counting {
    terminal: Terminal<TestBackend>,
    draws: usize,
    rung: Vec<String>,
    titles: Vec<String>,
}

impl TerminalSurface for Counting {
    fn draw(&mut self, draw: &mut dyn FnMut(&mut Frame<'_>)) -> io::Result<()> {
        self.draws += 1;
        let Ok(_) = self.terminal.draw(|frame| draw(frame));
        Ok(())
    }

    fn size(&self) -> (u16, u16) {
        let area = self.terminal.backend().buffer().area;
        (area.width, area.height)
    }

    fn copy(&mut self, _: &str) -> io::Result<()> {
        Ok(())
    }

    fn ring(&mut self, text: &str) -> io::Result<()> {
        self.rung.push(text.to_owned());
        Ok(())
    }

    fn take_mouse(&mut self, _: bool) -> io::Result<()> {
        Ok(())
    }

    fn title(&mut self, text: &str) -> io::Result<()> {
        if self.titles.last().is_none_or(|last| last != text) {
            self.titles.push(text.to_owned());
        }
        Ok(())
    }

    fn forget(&mut self) {}

    fn retake(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The time of day, following the runtime's own clock.
fn now() -> Timestamp {
    thread_local!(static START: Cell<Option<Instant>> = const { Cell::new(None) });
    let start = START.get().unwrap_or_else(Instant::now);
    START.set(Some(start));
    NOW + time::Duration::try_from(start.elapsed()).unwrap()
}

/// A running loop, and the sender of its inputs.
struct Loop {
    runtime: Runtime<Counting>,
    sender: UnboundedSender<Input>,
    inputs: UnboundedReceiver<Input>,
}

/// How often the loop woke, and how often it drew.
#[derive(Debug, PartialEq, Eq)]
struct Spent {
    turns: usize,
    draws: usize,
}

const NOTHING: Spent = Spent { turns: 0, draws: 0 };

impl Loop {
    fn new(console: &Console) -> Self {
        let size = console.size;
        let terminal = Terminal::new(TestBackend::new(size.0, size.1)).unwrap();
        let screen = Counting { terminal, draws: 0, rung: Vec::new(), titles: Vec::new() };
        let opener: Opener = std::sync::Arc::new(|_| Box::pin(std::future::pending()));
        let (sender, inputs) = unbounded_channel();
        let mut runtime = Runtime::new((**console).clone(), screen, now, opener, sender.clone());
        runtime.draw().unwrap();
        runtime.step(Msg::Drawn { room: runtime.layout.room, at: now() }).unwrap();
        Self { runtime, sender, inputs }
    }

    /// The same after the work of its start has ended.
    async fn at_rest(console: &Console) -> Self {
        let mut rested = Self::new(console);
        rested.spend(Duration::from_secs(2)).await;
        rested
    }

    fn receive(&self, event: Event) {
        self.sender.send(Input::Msg(Box::new(Msg::Session { generation: 0, event }))).unwrap();
    }

    fn press(&self, key: char) {
        let key = KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE);
        self.sender.send(Input::Terminal(crossterm::event::Event::Key(key))).unwrap();
    }

    /// Lets this much time pass.
    async fn spend(&mut self, time: Duration) -> Spent {
        let (until, before) = (Instant::now() + time, self.runtime.screen.draws);
        let mut turns = 0;
        while let Ok(turn) = timeout_at(until, self.runtime.turn(&mut self.inputs)).await {
            assert!(turn.unwrap(), "it was left");
            turns += 1;
        }
        Spent { turns, draws: self.runtime.screen.draws - before }
    }
}

const TEN_SECONDS: Duration = Duration::from_secs(10);
const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

fn number(i: i64) -> String {
    format!("SO2026112100{i:04}")
}

fn seen(i: i64, state: [&str; 3], minutes: i64) -> Fresh {
    fresh(Kind::ServiceOrder, order(&number(i), state, 1000 + i), minutes)
}

/// A console with a thousand paid orders, verified at various times of the last day.
fn settled(size: (u16, u16)) -> Console {
    let mut console = starting(Lang::En, size);
    let known = |i| {
        let fresh = seen(i, PAID, i * 3 / 2);
        Known { id: fresh.object.id.clone(), fresh: Some(fresh), billed: None }
    };
    console.learn((0..1000).map(known).collect());
    let profiles = vec!["shop".to_owned()];
    console.step(Msg::Opened { generation: 0, result: Ok((account(Environment::Sandbox), profiles)) });
    press(&mut console, "3");
    assert_eq!(console.list().totals().unwrap().known, 1000);
    console
}

#[tokio::test(start_paused = true)]
async fn an_idle_console_over_a_thousand_settled_rows_neither_draws_nor_wakes_up() {
    for size in [(80, 24), (120, 40), (200, 60)] {
        let mut idle = Loop::at_rest(&settled(size)).await;
        for time in [TEN_SECONDS, MINUTE, HOUR] {
            assert_eq!(idle.spend(time).await, NOTHING, "{time:?} at {size:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn an_offline_console_draws_once_and_rests() {
    let console = settled((120, 40));
    let mut idle = Loop::at_rest(&console).await;
    let error = Arc::new(crate::api::ApiError::Unreachable(crate::api::RequestFailure::Timeout { seconds: 10 }));
    let offline = |again| {
        let trouble = crate::services::ConnectionTrouble { since: NOW, error: error.clone(), again: Some(again) };
        crate::services::Health { trouble: Some(trouble), ..console.view.health.clone() }
    };
    idle.receive(Event::Health(offline(NOW + time::Duration::seconds(9))));
    assert_eq!(idle.spend(TEN_SECONDS).await, Spent { turns: 1, draws: 1 });
    assert_eq!(idle.spend(HOUR).await, NOTHING);
    // What says the same again wakes it and is not drawn.
    idle.receive(Event::Health(offline(NOW + time::Duration::seconds(9))));
    assert_eq!(idle.spend(HOUR).await, Spent { turns: 1, draws: 0 });
}

#[tokio::test(start_paused = true)]
async fn a_key_costs_one_frame_and_a_message_one_more_when_it_goes() {
    let mut idle = Loop::at_rest(&settled((120, 40))).await;
    idle.press('j');
    assert_eq!(idle.spend(TEN_SECONDS).await, Spent { turns: 1, draws: 1 });
    idle.press('y');
    assert_eq!(idle.spend(TEN_SECONDS).await, Spent { turns: 2, draws: 2 });
    assert_eq!(idle.spend(HOUR).await, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn a_change_costs_a_frame_and_one_for_each_step_of_its_fading() {
    let mut console = settled((120, 40));
    let ids: Vec<ObjectId> = console.list().rows().iter().take(3).map(|row| row.id.clone()).collect();
    press(&mut console, "j");
    let mut idle = Loop::at_rest(&console).await;
    for id in &ids {
        let document = order(id.number.as_str(), ["REVOKED", "", ""], 1);
        let fresh = fresh(Kind::ServiceOrder, document, 0);
        idle.receive(Event::Fetched { id: id.clone(), at: NOW, result: Ok(fresh) });
    }
    assert_eq!(idle.spend(TEN_SECONDS).await, Spent { turns: 4, draws: 4 });
    assert_eq!(idle.spend(HOUR).await, NOTHING);
}

#[tokio::test(start_paused = true)]
async fn an_age_is_drawn_again_when_it_reads_differently_and_not_before() {
    let cases = [
        // Verified five minutes ago: the age changes every minute.
        (5, MINUTE, 1),
        // Three hours ago: the age changes once within the hour.
        (180 + 30, MINUTE, 0),
        (180 + 30, HOUR, 1),
    ];
    for (minutes, time, draws) in cases {
        let mut console = settled((120, 40));
        let fresh = Fresh { verified_at: NOW - time::Duration::minutes(minutes), ..seen(2000, COLLECTING, 0) };
        console.see(vec![fresh]);
        press(&mut console, "/doing");
        press(&mut console, "<Enter>");
        assert_eq!(console.list().rows().len(), 1);
        let mut idle = Loop::at_rest(&console).await;
        let spent = idle.spend(time + Duration::from_secs(1)).await;
        assert_eq!(spent, Spent { turns: draws, draws }, "{minutes} min, {time:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_ends_is_rung_once_and_what_is_due_needs_no_frame() {
    let mut idle = Loop::at_rest(&settled((120, 40))).await;
    let id = seen(3000, COLLECTING, 0).object.id;
    let watch = Watch {
        why: crate::ledger::WatchReason::Marked,
        since: NOW,
        changed_at: None,
        due: NOW + time::Duration::seconds(5),
    };
    let next = Some((id.clone(), watch.due));
    let watching = Watching { objects: [(id, watch)].into(), next, paused: None };
    idle.receive(Event::Watching(std::sync::Arc::new(watching)));
    assert_eq!(idle.spend(MINUTE).await, Spent { turns: 1, draws: 1 }, "a time of day does not tick");
    idle.receive(Event::Final(seen(3000, PAID, 0)));
    idle.receive(Event::Final(seen(3001, PAID, 0)));
    // Received, shown, and the toast expired.
    assert_eq!(idle.spend(MINUTE).await, Spent { turns: 3, draws: 3 });
    assert_eq!(idle.runtime.screen.rung, ["2 watched objects are final"]);
    // The title follows what goes on.
    let watching = "paydeck · shop 1900000001 · 1 waiting";
    assert!(idle.runtime.screen.titles.iter().any(|title| title == watching), "{:?}", idle.runtime.screen.titles);
}

/// A client whose gateway accepts connections and never answers. For a Global merchant nothing is listed without a
/// request.
fn unanswered(gateway: &std::net::TcpListener) -> Client {
    let key = include_str!("../../../../tests/vectors/keys/merchant_key_pkcs8.TESTONLY.pem");
    let platform = include_str!("../../../../tests/vectors/keys/wechatpay_pub_key.TESTONLY.pem");
    let merchant = Merchant { region: Region::Global, ..account(Environment::Sandbox).merchant };
    let signer = Signer {
        mchid: merchant.mchid.clone(),
        serial: Serial::new("5157F09EFDC096DE15EBE81A47057A7232F1B8E1"),
        key: PrivateKey::parse(&key.to_owned().into()).unwrap(),
    };
    let id = Serial::new("PUB_KEY_ID_0119000000012025010100000000000001");
    let platform = PlatformMode::PublicKey { id, key: PublicKey::parse(platform).unwrap(), apiv3_key: None };
    Client::new(ClientOptions {
        base_url: format!("http://{}", gateway.local_addr().unwrap()),
        signer,
        platform,
        merchant,
        requests_per_second: 20,
        limits: Default::default(),
        lang: Lang::En,
    })
    .unwrap()
}

/// A loop with a session of its own.
fn with_session(console: &Console, gateway: &std::net::TcpListener) -> Loop {
    let (events_sender, mut events) = unbounded_channel();
    let mut idle = Loop::new(console);
    idle.runtime.session = Some(console.session(unanswered(gateway), events_sender));
    let sender = idle.sender.clone();
    tokio::spawn(async move {
        while let Some(event) = events.recv().await {
            let _ = sender.send(Input::Msg(Box::new(Msg::Session { generation: 0, event })));
        }
    });
    idle
}

/// How often the whole process went to sleep so far, and so was woken.
fn rests() -> u64 {
    tokio::runtime::Handle::current().metrics().worker_park_count(0)
}

#[tokio::test(start_paused = true)]
async fn a_session_over_settled_rows_lets_the_console_rest_and_rests_itself() {
    // The runtime's own timer wheel needs less than half of this to get over a minute.
    const WHEEL: u64 = 40;
    let gateway = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    gateway.set_nonblocking(true).unwrap();
    // It owns the folder of the ledger.
    let console = settled((120, 40));
    let mut idle = with_session(&console, &gateway);
    idle.press('j');
    let begun = idle.spend(TEN_SECONDS).await;
    assert!(begun.turns > 1, "the session answers what the key asks of the ledger");
    assert_eq!(idle.spend(TEN_SECONDS).await, NOTHING);
    let before = rests();
    assert_eq!(idle.spend(MINUTE).await, NOTHING);
    let woken = rests() - before;
    assert!(woken < WHEEL, "{woken}");
    assert_eq!(gateway.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock, "nobody was asked");
    // Anything that wakes once a second is detected.
    tokio::spawn(async {
        loop {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
    let before = rests();
    assert_eq!(idle.spend(MINUTE).await, NOTHING);
    assert!(rests() - before > WHEEL);
}

#[cfg(unix)]
#[tokio::test]
async fn hooks_that_run_or_wait_come_to_their_end_before_the_console_does() {
    let folder = tempfile::tempdir().unwrap();
    let mut idle = Loop::new(&settled((80, 24)));
    let files: Vec<_> = (0..3 * HOOKS_AT_ONCE).map(|i| folder.path().join(i.to_string())).collect();
    for file in &files {
        let run = ["touch", file.to_str().unwrap()].map(|text| crate::program::Template::parse(text).unwrap()).into();
        let timeout = Duration::from_secs(20);
        let program = crate::program::Program { run, shell: false, timeout, withheld: Default::default() };
        let invocation = program.with(&crate::program::VariableValues::new()).unwrap();
        let run = ProgramRun { label: "on_final".into(), invocation, hook: true };
        assert!(idle.runtime.perform(Effect::Run(Box::new(run))).unwrap());
    }
    end(idle.runtime.programs).await;
    assert!(files.iter().all(|file| file.exists()));
}
