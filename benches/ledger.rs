//! Opening a ledger of a million objects and drawing its first page, beside one of a thousand: it must not be slower.
//! And what else a table asks of a million rows.

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
use support::{Console, fill};

const SMALL: usize = 1_000;
const LARGE: usize = 1_000_000;
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

fn timed<T>(name: &str, work: impl FnOnce() -> T) -> T {
    let start = Instant::now();
    let result = work();
    println!("{name:44} {:?}", start.elapsed());
    result
}

fn main() {
    let now = time::OffsetDateTime::now_utc();
    let folder = tempfile::tempdir().expect("a folder");
    let [small, large] = ["small.db", "large.db"].map(|name| folder.path().join(name));
    fill(&open(&small), SMALL, now);
    timed("putting 1,000,000 documents", || fill(&open(&large), LARGE, now));
    // Alternating, so that other load on the machine affects both.
    let (mut of_small, mut of_large) = (Vec::new(), Vec::new());
    for _ in 0..OPENINGS {
        of_small.push(opening(&small, now));
        of_large.push(opening(&large, now));
    }
    let (of_small, of_large) = (median(of_small), median(of_large));
    println!("opening and first page, {SMALL:>9} objects    median {of_small:?}");
    println!("opening and first page, {LARGE:>9} objects    median {of_large:?}");
    let ratio = of_large.as_secs_f64() / of_small.as_secs_f64();
    println!("ratio {ratio:.2} (target ≤ 1, noise aside)");
    assert!(ratio < 1.5, "a ledger of a million objects opens more slowly than one of a thousand");

    let reader = Console::open(open(&large), now).reader;
    let selection = |filter: &str, by: SortBy| Selection {
        kind: Kind::Transaction,
        filter: Filter::parse(filter).expect("a filter"),
        sort: Sort { by, descending: true },
    };
    let look = |selection: Selection, anchor: Anchor| {
        let request = TablePageRequest { selection, anchor, kept: None, reach: (200, 200), seen: None };
        reader.window(&request, now, &Stop::default()).expect("a window").page.rows.len()
    };
    timed("the last page", || look(selection("", SortBy::Time), Anchor::End));
    timed("first page sorted by amount", || look(selection("", SortBy::Amount), Anchor::Start));
    timed("first page sorted by name (no index)", || look(selection("", SortBy::Title), Anchor::Start));
    timed("first page of a state and a time", || look(selection("state:closed since:9d", SortBy::Time), Anchor::Start));
    timed("first page of a word in every row", || look(selection("咖啡", SortBy::Time), Anchor::Start));
    timed("a word in one row", || look(selection("t00999999", SortBy::Time), Anchor::Start));
    let sum = |filter| reader.sums(&selection(filter, SortBy::Time), now, &Stop::default()).expect("sums").shown;
    timed("sums of all", || sum(""));
    timed("sums of an amount", || sum("amount>500"));
    let id = "T00777777";
    timed("one object by its number", || {
        let number = paydeck::model::Number::parse(id).expect("a number");
        reader.object(&paydeck::model::ObjectId::new(Kind::Transaction, number))
    })
    .expect("the ledger answers")
    .expect("it is there");
}
