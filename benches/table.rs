//! A key press and its frame over a ledger of 100,000 objects, beside a bare ratatui table that makes only the rows it
//! shows: the ratio of target 11, without the network. What the key asks of the ledger counts.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use paydeck::console::effect::Effect;
use paydeck::console::msg::Msg;
use paydeck::console::state::State;
use paydeck::console::update::update;
use paydeck::console::view::{Placed, draw};
use paydeck::console::{Account, Start, Theme};
use paydeck::i18n::Lang;
use paydeck::ledger::{Ledger, Stop, Store};
use paydeck::model::{Environment, Kind, MchId, Merchant, Object};
use paydeck::services::{Actor, Browser, Event, Fresh, Source};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Constraint;
use ratatui::widgets::{Row, Table, TableState};

const ROWS: usize = 100_000;
const PRESSES: usize = 300;

fn transaction(i: usize, now: time::OffsetDateTime) -> Fresh {
    let state = ["SUCCESS", "NOTPAY", "CLOSED", "REFUND"][i % 4];
    let document = format!(
        r#"{{"out_trade_no":"T{i:08}","trade_state":"{state}","attach":"咖啡 {i}","payer":{{"openid":"oUser{i}"}},
            "amount":{{"total":{},"currency":"CNY"}},"success_time":"2026-11-20T12:00:00+08:00"}}"#,
        i * 7 % 90_000 + 1
    );
    let object = Object::parse(Kind::Transaction, &document).expect("a transaction");
    Fresh { object, verified_at: now, source: Source::Query }
}

/// The console's state, and the ledger that answers what it asks.
struct Console {
    state: State,
    browser: Browser,
    now: time::OffsetDateTime,
}

impl Console {
    fn open(ledger: Ledger, now: time::OffsetDateTime) -> Self {
        let start = Start {
            lang: Lang::ZhCn,
            theme: Theme::default(),
            opener: Arc::new(|_| Box::pin(std::future::pending())),
            profile: None,
            no_color: false,
            first_run: false,
        };
        let actor = Actor::new("shop", "1900000001", "bench", false, Default::default());
        let rows: Vec<Fresh> = (0..ROWS).map(|i| transaction(i, now)).collect();
        ledger.put(&actor.key, &rows).expect("they are put");
        let browser = Browser::new(ledger, &actor);
        let mut console = Self { state: State::new(&start, now, (120, 40)), browser, now };
        let account = Account {
            name: "shop".into(),
            environment: Environment::Production,
            merchant: Merchant { mchid: MchId::new("1900000001"), appid: None, service_id: None },
            read_only: false,
            rules: Default::default(),
            embedded: false,
            host: "https://api.mch.weixin.qq.com".into(),
        };
        let generation = console.state.generation;
        console.step(Msg::Opened { generation, result: Ok((account, vec!["shop".into()])) });
        console.step(key('4'));
        console
    }

    /// One message, and whatever the ledger has to say to it.
    fn step(&mut self, msg: Msg) {
        let mut effects = update(&mut self.state, msg);
        while let Some(effect) = effects.pop() {
            let stop = Stop::default();
            let event = match effect {
                Effect::Glance(glance) => {
                    let window = self.browser.window(&glance, self.now, &stop).expect("a window");
                    Event::Window { glance: Arc::new(glance), window: Arc::new(window) }
                }
                Effect::Sum(selection) => {
                    let sums = self.browser.sums(&selection, self.now, &stop).expect("sums");
                    Event::Sums { selection: Arc::new(selection), sums: Arc::new(sums) }
                }
                Effect::Story(id) => {
                    let story = Arc::new(self.browser.story(&id).expect("a story"));
                    Event::Story { id, story }
                }
                _ => continue,
            };
            let generation = self.state.generation;
            effects.extend(update(&mut self.state, Msg::Session { generation, event }));
        }
    }
}

fn key(c: char) -> Msg {
    Msg::Key(KeyEvent::new(KeyCode::Char(c), KeyModifiers::NONE))
}

fn quantiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn main() {
    let now = time::OffsetDateTime::now_utc();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).expect("a ledger");
    let mut console = Console::open(ledger, now);
    let mut placed = Placed::default();
    let mut press = |msg: Msg| {
        let start = Instant::now();
        console.step(msg);
        terminal.draw(|frame| placed = draw(&console.state, &placed, frame)).expect("a frame");
        black_box(start.elapsed())
    };
    press(key('g'));
    let (ours, ours_p99) = quantiles((0..PRESSES).map(|_| press(key('j'))).collect());
    let end = press(key('G'));
    let filter = press(key('/')) + press(key('咖'));
    let narrowed = "啡 99".chars().map(|c| press(key(c))).max().unwrap_or_default();

    let mut bare = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let (theirs, theirs_p99) = quantiles(
        (0..PRESSES)
            .map(|at| {
                let start = Instant::now();
                let rows = (at..at + 38).map(|i| {
                    Row::new([
                        format!("T{i:08}"),
                        format!("咖啡 {i}"),
                        format!("oUser{i}"),
                        "已支付".into(),
                        format!("¥{i}.00"),
                    ])
                });
                let table = Table::new(rows, [Constraint::Fill(1); 5]);
                let mut selected = TableState::default().with_selected(at % 38);
                bare.draw(|frame| frame.render_stateful_widget(table, frame.area(), &mut selected)).expect("a frame");
                start.elapsed()
            })
            .collect(),
    );
    println!("key and frame over {ROWS} rows   median {ours:?}, p99 {ours_p99:?}");
    println!("bare ratatui table              median {theirs:?}, p99 {theirs_p99:?}");
    println!(
        "ratio of medians {:.2}, of p99 {:.2} (target ≤ 1.5)",
        ours.as_secs_f64() / theirs.as_secs_f64(),
        ours_p99.as_secs_f64() / theirs_p99.as_secs_f64()
    );
    println!("to the last row {end:?}, first letter of a filter {filter:?}, each further one at most {narrowed:?}");
}
