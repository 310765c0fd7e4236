//! What tables ask of a ledger of a million transactions, or of as many as the first argument says: opening it beside one of
//! a thousand, numbers, filters, pages, sums, words. `cargo bench --bench ledger -- [ROWS]`. `PAYDECK_BENCH_FOLDER` keeps
//! the ledger in a folder for the next run: ten million rows take 15 GB and minutes.

#[path = "support/many.rs"]
mod many;
mod support;

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use paydeck::console::app::frame_layout::FrameLayout;
use paydeck::console::app::view::draw;
use paydeck::ledger::{Anchor, Ledger, Sort, SortBy, Stop, Store};
use paydeck::model::Kind;
use paydeck::model::filter::Filter;
use paydeck::services::{Selection, TablePageRequest};
use ratatui::Terminal;
use ratatui::backend::TestBackend;
use support::Console;

const SMALL: u64 = 1_000;
const LARGE: u64 = 1_000_000;
const OPENINGS: usize = 41;

fn open(path: &Path) -> Ledger {
    Ledger::open(&Store::Sqlite(path.to_owned())).expect("a ledger")
}

/// From the path to the first frame: the cost of a start beyond the process and the terminal.
fn opening(path: &Path, now: time::OffsetDateTime) -> Duration {
    let mut terminal = Terminal::new(TestBackend::new(120, 40)).expect("a terminal");
    let start = Instant::now();
    let console = Console::open(open(path), now);
    terminal.draw(|frame| drop(black_box(draw(&console.state, &FrameLayout::default(), frame)))).expect("a frame");
    let elapsed = start.elapsed();
    assert!(console.state.list().is_some_and(|list| list.rows().len() > 40), "the first page is there");
    elapsed
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// The best of three: what it costs while nothing else is going on.
fn best<T>(mut work: impl FnMut() -> T) -> (Duration, T) {
    let mut once = || {
        let start = Instant::now();
        let result = work();
        (start.elapsed(), result)
    };
    let tries = [once(), once(), once()];
    tries.into_iter().min_by_key(|(took, _)| *took).expect("three")
}

/// A line of the table: what it took, in milliseconds, and whether that is what we owe.
fn report(name: &str, took: Duration, target: Option<f64>) {
    let took = took.as_secs_f64() * 1e3;
    let owed = target.map_or(String::new(), |target| {
        format!("target {target} ms: {}", if took <= target { "met" } else { "not met" })
    });
    println!("{name:58} {took:9.2} ms  {owed}");
}

/// Forgets what the system keeps of a file in memory. False if that is not possible.
fn forget(path: &Path) -> bool {
    let command = "dd if=\"$1\" iflag=nocache count=0 2>/dev/null";
    let status = std::process::Command::new("sh").args(["-c", command, "sh"]).arg(path).status();
    status.is_ok_and(|status| status.success())
}

fn main() {
    let now = time::OffsetDateTime::now_utc();
    let rows = std::env::args().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(LARGE);
    let temporary = tempfile::tempdir().expect("a folder");
    let kept = std::env::var_os("PAYDECK_BENCH_FOLDER").map(std::path::PathBuf::from);
    let folder = kept.as_deref().unwrap_or(temporary.path());
    let (small, large) = (folder.join(format!("{SMALL}.db")), folder.join(format!("{rows}.db")));
    let millis = i64::try_from(now.unix_timestamp_nanos() / 1_000_000).expect("a time");
    for (path, rows) in [(&small, SMALL), (&large, rows)] {
        if !path.exists() {
            many::write(path, &support::profile(), rows, millis);
        }
    }
    println!("{rows} transactions, {} MB", std::fs::metadata(&large).map_or(0, |file| file.len() / 1_000_000));
    let before = std::fs::metadata(&large).map_or(0, |file| file.len());
    let start = Instant::now();
    let ledger = open(&large);
    while ledger.index_words(10_000).expect("words") {}
    let indexed = start.elapsed();
    drop(ledger);
    let added = std::fs::metadata(&large).map_or(0, |file| file.len()).saturating_sub(before);
    println!("the index of words: {indexed:.1?}, {} MB", added / 1_000_000);

    // Alternating, so that other load on the machine affects both.
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    for _ in 0..OPENINGS {
        of_small.push(opening(&small, now));
        of_large.push(opening(&large, now));
    }
    let (of_small, of_large) = (median(of_small), median(of_large));
    let ratio = of_large.as_secs_f64() / of_small.as_secs_f64();
    report(&format!("opening and first page, {SMALL} rows, median"), of_small, None);
    report(&format!("opening and first page, {rows} rows, median"), of_large, None);
    println!("ratio {ratio:.2} (target 1, noise aside)");

    let reader = Console::open(open(&large), now).reader;
    let selection = |filter: &str, by: SortBy| Selection {
        kind: Kind::Transaction,
        filter: Filter::parse(filter).expect("a filter"),
        sort: Sort { by, descending: true },
    };
    let look = |filter: &str, by: SortBy, anchor: Anchor| {
        let request =
            TablePageRequest { selection: selection(filter, by), anchor, kept: None, reach: (50, 50), seen: None };
        best(|| reader.window(&request, now, &Stop::default()).expect("a window").page.rows.len()).0
    };
    let object = |n: u64| {
        let number = paydeck::model::Number::parse(&many::number(n)).expect("a number");
        let start = Instant::now();
        let found = reader.object(&paydeck::model::ObjectId::new(Kind::Transaction, number));
        found.expect("the ledger answers").expect("it is there");
        start.elapsed()
    };
    let mut random = many::Random::new(7);
    let wanted: Vec<u64> = (0..200).map(|_| random.below(rows)).collect();
    if forget(&large) {
        report("a number, cold, median of 200", median(wanted.iter().map(|n| object(*n)).collect()), Some(30.0));
    }
    report("a number, warm, median of 200", median(wanted.iter().map(|n| object(*n)).collect()), Some(2.0));

    let page = Some(30.0);
    for (filter, what) in [
        ("state:success since:9d", "a common state and a time"),
        ("state:payerror since:60d", "a rare state and a time"),
        ("since:9d", "a time"),
        ("amount>500", "half of the amounts"),
        ("amount>999.9", "rare amounts"),
    ] {
        report(&format!("first page of {what}"), look(filter, SortBy::Time, Anchor::Start), page);
        report(&format!("last page of {what}"), look(filter, SortBy::Time, Anchor::End), page);
    }
    report("the last page", look("", SortBy::Time, Anchor::End), page);
    report("first page by amount", look("", SortBy::Amount, Anchor::Start), page);
    report("first page by title (no index)", look("", SortBy::Title, Anchor::Start), None);

    let (one, words) = (many::number(rows * 617 / 1000 + 25), Some(100.0));
    for (text, what) in [
        ("咖啡", "a word in every fourth row"),
        (&*one, "a whole number"),
        (&one[12..], "the last six digits of a number"),
        ("zzzz", "a word in no row"),
        ("铁中", "two letters in no row"),
    ] {
        report(&format!("first page of {what}"), look(text, SortBy::Time, Anchor::Start), words);
    }

    let sums = |filter: &str| {
        best(|| reader.sums(&selection(filter, SortBy::Time), now, &Stop::default()).expect("sums").shown.len()).0
    };
    for (filter, what) in [
        ("", "all"),
        ("state:success", "a state"),
        ("state:success since:9d", "a common state and a time"),
        ("state:payerror since:60d", "a rare state and a time"),
        ("since:9d", "a time"),
        ("amount>500", "half of the amounts"),
        ("amount>999.9", "rare amounts"),
        (&one[12..], "the last six digits of a number"),
        ("咖啡", "a word in every fourth row"),
    ] {
        report(&format!("sums of {what}"), sums(filter), Some(500.0));
    }
}
