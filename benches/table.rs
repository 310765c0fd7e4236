//! A key press and its frame over a ledger of 100,000 objects, beside a bare ratatui table that makes only the rows it
//! shows: the ratio of target 11, without the network. What the key asks of the ledger counts.

#[path = "support/many.rs"]
mod many;
mod support;

use std::hint::black_box;
use std::time::{Duration, Instant};

use paydeck::console::app::frame_layout::FrameLayout;
use paydeck::console::app::msg::Msg;
use paydeck::console::app::view::draw;
use paydeck::ledger::{Ledger, Store};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::layout::Constraint;
use ratatui::widgets::{Row, Table, TableState};
use support::{Console, key};

const ROWS: u64 = 100_000;
const PRESSES: usize = 300;

fn quantiles(mut times: Vec<Duration>) -> (Duration, Duration) {
    times.sort();
    (times[times.len() / 2], times[times.len() * 99 / 100])
}

fn main() {
    let now = time::OffsetDateTime::now_utc();
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("ledger.db");
    many::write(
        &path,
        &support::profile(),
        ROWS,
        i64::try_from(now.unix_timestamp_nanos() / 1_000_000).expect("a time"),
    );
    let ledger = Ledger::open(&Store::Sqlite(path)).expect("a ledger");
    let mut console = Console::open(ledger, now);
    let mut layout = FrameLayout::default();
    let mut press = |msg: Msg| {
        let start = Instant::now();
        console.step(msg);
        terminal.draw(|frame| layout = draw(&console.state, &layout, frame)).expect("a frame");
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
