//! Random keys on production, in the real binary: nothing is sent, and the journal stays empty.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use paydeck::config::Config;
use paydeck::ledger::Ledger;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use support::Shop;
use terminal::Terminal;

const SEEDS: usize = 20;
const KEYS: usize = 300;
/// Consoles at the same time.
const HANDS: usize = 10;
/// How long a hand waits for the screen before it presses on.
const GLANCE: Duration = Duration::from_millis(30);
/// How long it looks at a preview: until the preview takes keys.
const LOOK: Duration = Duration::from_secs(1);

const SIZES: [(u16, u16); 4] = [(80, 24), (120, 40), (60, 16), (40, 10)];

/// Keys that lead to changes, and the ways to previews.
const LEADING: [&str; 18] = [
    "\r", "\r", "\r", "\t", "\t", "a", "a", "n", "R", "O", "\u{1b}[B", "\u{1b}[C", "\u{1b}", " ", "1a\r", "2a\r\r",
    "3a\r\r", "5a\r",
];

/// Its configuration: the merchant's, as production, with a ledger of its own and a dangerous command.
fn configuration(shop: &Shop, seed: usize) -> PathBuf {
    let folder = shop.folder.path().join(format!("seed-{seed}"));
    std::fs::create_dir(&folder).unwrap();
    let text = std::fs::read_to_string(shop.config_path()).unwrap();
    let store = format!("store = \"sqlite:{}\"", folder.join("ledger.db").display());
    let (from, to) = ("environment = \"sandbox\"", "environment = \"production\"");
    assert!(text.contains("store = \"sqlite:ledger.db\"") && text.contains(from), "{text}");
    let command = format!(
        "\n[commands.mark]\nlabel = \"Mark\"\nkey = \"O\"\nrun = [\"touch\", \"{}\"]\ndangerous = true\n",
        folder.join("ran").display()
    );
    let text = text.replace("store = \"sqlite:ledger.db\"", &store).replace(from, to) + &command;
    let path = shop.folder.path().join(format!("seed-{seed}.toml"));
    std::fs::write(&path, text).unwrap();
    path
}

/// What a hand hits next.
fn key(random: &mut StdRng, (columns, rows): (u16, u16)) -> String {
    match random.random_range(0..12) {
        0..3 => char::from(random.random_range(b' '..=b'~')).to_string(),
        // Not Ctrl-Z: no shell is there to continue it.
        3 => char::from(random.random_range(1..=25)).to_string(),
        4 => {
            let (x, y) = (random.random_range(1..=columns), random.random_range(1..=rows));
            match random.random_range(0..4) {
                0 => format!("\u{1b}[<64;{x};{y}M"),
                1 => format!("\u{1b}[<0;{x};{y}M\u{1b}[<0;{x};{y}m").repeat(2),
                _ => format!("\u{1b}[<0;{x};{y}M\u{1b}[<0;{x};{y}m"),
            }
        }
        _ => LEADING[random.random_range(0..LEADING.len())].to_owned(),
    }
}

/// Presses the keys of a seed; returns how many previews took keys meanwhile.
fn press(shop: &Shop, seed: usize) -> usize {
    let config = configuration(shop, seed);
    let home = config.with_extension("");
    let size = SIZES[seed % SIZES.len()];
    let start = || {
        let terminal = Terminal::start(size.0, size.1, &home, &["--config", config.to_str().unwrap()]);
        terminal.wait_until("the console", vt100::Screen::alternate_screen);
        terminal
    };
    // Left with q or Ctrl-C, or by the signal at the end.
    let end = |terminal: Terminal| {
        let status = terminal.end();
        assert!([0, 130, 143].contains(&status), "seed {seed}: it ended with {status}");
    };
    let mut random = StdRng::seed_from_u64(seed as u64);
    let (mut terminal, mut pressed, mut previews) = (start(), 0, 0);
    let mut looked = false;
    while pressed < KEYS {
        let preview = terminal.shows_preview();
        // Each preview is looked at once, or not at all.
        if preview && !looked {
            looked = true;
            previews += usize::from(random.random_bool(0.7) && terminal.lights_preview(LOOK));
        }
        looked &= preview;
        let count = random.random_range(1..=4);
        let keys: String = (0..count)
            .map(|_| key(&mut random, size))
            // The count of a bulk action is a digit or two: typing it is confirming it.
            .filter(|key| !(preview && key.starts_with(|first: char| first.is_ascii_digit())))
            .collect();
        pressed += count;
        if !terminal.press_if_alive(&keys) || !terminal.wait_for_output(GLANCE) {
            // A console that was left is opened again, as it was left.
            end(std::mem::replace(&mut terminal, start()));
        } else if !terminal.on_screen(vt100::Screen::alternate_screen) {
            // The palette can suspend it, too.
            terminal.signal("CONT");
        }
    }
    terminal.signal("TERM");
    terminal.signal("CONT");
    end(terminal);
    let ledger = Ledger::open(&Config::read(&config).unwrap().store).unwrap();
    assert!(ledger.journal_entry(1).unwrap().is_none(), "seed {seed}: something was sent");
    assert!(!home.join("ran").exists(), "seed {seed}: a dangerous command ran");
    previews
}

#[tokio::test(flavor = "multi_thread")]
async fn random_keys_on_production_send_nothing() {
    let shop = Shop::open(40).await;
    let (next, previews) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for _ in 0..HANDS {
            scope.spawn(|| {
                while let Some(seed) = Some(next.fetch_add(1, Ordering::Relaxed)).filter(|seed| *seed < SEEDS) {
                    previews.fetch_add(press(&shop, seed), Ordering::Relaxed);
                }
            });
        }
    });
    assert_eq!(shop.mutations(), 0);
    let previews = previews.into_inner();
    assert!(previews > 5, "they reach where a change would be confirmed: {previews}");
}
