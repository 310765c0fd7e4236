//! A key press and its frame over 100,000 rows, beside a bare ratatui table that makes only the rows it shows: the
//! ratio of target 11, without the network.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use paydeck::console::msg::Msg;
use paydeck::console::state::State;
use paydeck::console::update::update;
use paydeck::console::view::{Placed, draw};
use paydeck::console::{Account, Start, Theme};
use paydeck::i18n::Lang;
use paydeck::model::{Environment, Kind, MchId, Merchant, Object};
use paydeck::services::{Event, Fresh, Known, Source};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Constraint;
use ratatui::widgets::{Row, Table, TableState};

const ROWS: usize = 100_000;
const PRESSES: usize = 300;

fn transaction(i: usize, now: time::OffsetDateTime) -> Known {
    let state = ["SUCCESS", "NOTPAY", "CLOSED", "REFUND"][i % 4];
    let document = format!(
        r#"{{"out_trade_no":"T{i:08}","trade_state":"{state}","attach":"咖啡 {i}","payer":{{"openid":"oUser{i}"}},
            "amount":{{"total":{},"currency":"CNY"}},"success_time":"2026-11-20T12:00:00+08:00"}}"#,
        i * 7 % 90_000 + 1
    );
    let object = Object::parse(Kind::Transaction, &document).expect("a transaction");
    Known { id: object.id.clone(), fresh: Some(Fresh { object, verified_at: now, source: Source::Query }) }
}

fn console(now: time::OffsetDateTime) -> State {
    let start = Start {
        lang: Lang::ZhCn,
        theme: Theme::default(),
        opener: Arc::new(|_| Box::pin(std::future::pending())),
        profile: None,
        no_color: false,
        first_run: false,
    };
    let mut state = State::new(&start, now, (120, 40));
    let generation = state.generation;
    let account = Account {
        name: "shop".into(),
        environment: Environment::Production,
        merchant: Merchant { mchid: MchId::new("1900000001"), appid: None, service_id: None },
        read_only: false,
        rules: Default::default(),
        embedded: false,
        host: "https://api.mch.weixin.qq.com".into(),
    };
    update(&mut state, Msg::Opened { generation, result: Ok((account, vec!["shop".into()])) });
    let known = (0..ROWS).map(|i| transaction(i, now)).collect();
    update(&mut state, Msg::Session { generation, event: Event::Known(known) });
    update(&mut state, key('4'));
    state
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
    let mut state = console(now);
    let mut placed = Placed::default();
    let mut press = |msg: Msg| {
        let start = Instant::now();
        black_box(update(&mut state, msg));
        terminal.draw(|frame| placed = draw(&state, &placed, frame)).expect("a frame");
        start.elapsed()
    };
    press(key('g'));
    let (ours, ours_p99) = quantiles((0..PRESSES).map(|_| press(key('j'))).collect());
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
    println!("first letter of a filter {filter:?}, each further letter at most {narrowed:?}");
}
