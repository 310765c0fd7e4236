//! What somebody waits for at the screen, beside a bare ratatui table whose rows are made as they are drawn: from the
//! start of the process to the first rows, and from a key to the end of the first frame that it changes. The release
//! binary at 120×40 over a ledger of many transactions, of which some on the screen are being asked of a gateway in
//! another process. Both programs run in pseudo-terminals, in turns.
//!
//! `cargo bench --bench screen -- 10000000` makes a ledger of so many rows; without a number a million.
//! `PAYDECK_LEDGERS=FOLDER` keeps it there for the next run.

#[path = "support/many.rs"]
mod many;

use std::io::{BufRead, BufReader, Read, Write, stdout};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use crossterm::event::{Event, KeyCode, read};
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate, EnterAlternateScreen, enable_raw_mode};
use crossterm::{execute, queue};
use paydeck::config::Config;
use paydeck::services::Actor;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Constraint;
use ratatui::widgets::{Row, Table, TableState};
use rusqlite::Connection;

const ROWS: u64 = 1_000_000;
/// The merchant for whom the gateway lists nothing unasked.
const PROFILE: &str = "global";
/// Set for the process that is the bare table, to its number of rows.
const BARE: &str = "PAYDECK_BARE_TABLE";
const STARTS: usize = 25;
const ROUNDS: usize = 5;
/// Keys of each kind in a round.
const KEYS: usize = 60;
/// A console that shows nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(60);
/// After this without a byte, nothing more comes of a key.
const SETTLED: Duration = Duration::from_millis(120);
/// Both programs end a frame with it.
const FRAME_END: &[u8] = b"\x1b[?2026l";

/// The gateway, stopped when this is dropped.
struct Gateway(Child);

impl Gateway {
    fn start(identity: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_paydeck"))
            .args(["sandbox", "--still", "--speed", "0", "--objects", "100", "--identity"])
            .arg(identity)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the gateway starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("its output")).read_line(&mut line).expect("it listens");
        Self(child)
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The configuration of a console on the ledger, which follows no file of numbers.
fn configure(identity: &Path, ledger: &Path, rows: u64) -> PathBuf {
    let config = Config::read(&identity.join("config.toml")).expect("a configuration");
    let profile = config.profile(Some(PROFILE)).expect("a profile");
    let key = Actor::new(&profile.name, profile.merchant.mchid.as_str(), "bench", false, Default::default()).key;
    if !ledger.exists() {
        let begun = Instant::now();
        let now = time::OffsetDateTime::now_utc().unix_timestamp() * 1000;
        many::write(ledger, &key, rows, now);
        println!("{rows} rows written in {:.0?}", begun.elapsed());
    }
    let connection = Connection::open(ledger).expect("the ledger opens");
    connection.execute("UPDATE list SET profile = ?1 WHERE id = 1", [key]).expect("it is the profile's");
    // Two of these on a screen, which are asked as long as they are on it.
    let open = "UPDATE object SET state = 'NOTPAY', final = 0 WHERE id % 20 = 0 AND final = 1 AND id <= 100000";
    connection.execute(open, []).expect("some are not final");
    let text = std::fs::read_to_string(identity.join("config.toml")).expect("a configuration");
    let lines = text.lines().filter(|line| !line.starts_with("numbers"));
    let named = |line: &str| match line.starts_with("store") {
        true => format!("store = \"sqlite:{}\"", ledger.display()),
        false => line.to_owned(),
    };
    let path = identity.join("screen.toml");
    std::fs::write(&path, lines.map(named).collect::<Vec<_>>().join("\n")).expect("a configuration");
    path
}

/// A program in a pseudo-terminal of its own.
struct Terminal {
    child: Box<dyn portable_pty::Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    drawn: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    started: Instant,
}

impl Terminal {
    fn start(mut command: CommandBuilder, home: &Path) -> Self {
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8"), ("COLORTERM", "truecolor")] {
            command.env(name, value);
        }
        command.env("HOME", home);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the program starts");
        let (sender, drawn) = channel();
        std::thread::spawn(move || {
            // The terminal lives as long as it is read.
            let _pair = pair.master;
            let mut bytes = [0; 65536];
            while let Ok(count) = reader.read(&mut bytes)
                && count > 0
                && sender.send((Instant::now(), bytes[..count].to_vec())).is_ok()
            {}
        });
        Self { child, writer, drawn, screen: vt100::Parser::new(40, 120, 0), started }
    }

    fn ours(config: &Path, home: &Path) -> Self {
        let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_paydeck"));
        command.env_clear();
        command.args(["--profile".as_ref(), PROFILE.as_ref(), "--config".as_ref(), config.as_os_str()]);
        Self::start(command, home)
    }

    fn bare(rows: u64, home: &Path) -> Self {
        let mut command = CommandBuilder::new(std::env::current_exe().expect("this program"));
        command.env_clear();
        command.env(BARE, rows.to_string());
        Self::start(command, home)
    }

    fn text(&self) -> String {
        self.screen.screen().contents()
    }

    /// The time since the start when the first rows come.
    fn rows(&mut self) -> Duration {
        let mut shown = Instant::now();
        while !self.shows_rows() {
            let (at, bytes) =
                self.drawn.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no rows on\n{}", self.text()));
            self.screen.process(&bytes);
            shown = at;
        }
        shown - self.started
    }

    fn shows_rows(&self) -> bool {
        let is_number = |word: &&str| {
            let digits = word.strip_prefix('T').and_then(|rest| rest.as_bytes().get(..8));
            digits.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit))
        };
        self.text().split_whitespace().filter(is_number).count() >= 10
    }

    /// The times from a key to the end of the first frame that comes of it, and of the last one.
    fn press(&mut self, key: &str) -> Option<(Duration, Duration)> {
        self.settle(SETTLED);
        let pressed = Instant::now();
        self.writer.write_all(key.as_bytes()).expect("a key");
        let (mut first, mut last) = (None, None);
        while let Ok((at, bytes)) = self.drawn.recv_timeout(SETTLED) {
            self.screen.process(&bytes);
            if bytes.ends_with(FRAME_END) || bytes.windows(FRAME_END.len()).any(|part| part == FRAME_END) {
                first = first.or(Some(at - pressed));
                last = Some(at - pressed);
            }
        }
        Some((first?, last?))
    }

    fn settle(&mut self, within: Duration) {
        while let Ok((_, bytes)) = self.drawn.recv_timeout(within) {
            self.screen.process(&bytes);
        }
    }

    fn leave(mut self) {
        let _ = self.writer.write_all(b"\x03");
        let _ = self.child.wait();
    }
}

/// The bare table, until Ctrl-C.
fn bare_table(rows: usize) -> std::io::Result<()> {
    enable_raw_mode()?;
    execute!(stdout(), EnterAlternateScreen)?;
    let out = std::io::BufWriter::with_capacity(1 << 16, stdout());
    let mut terminal = ratatui::Terminal::new(CrosstermBackend::new(out))?;
    let (mut top, mut at) = (0usize, 0usize);
    loop {
        queue!(terminal.backend_mut(), BeginSynchronizedUpdate)?;
        terminal.draw(|frame| {
            let shown = usize::from(frame.area().height);
            top = top.min(at).max((at + 1).saturating_sub(shown));
            let rows = (top..rows.min(top + shown)).map(|i| {
                Row::new([
                    format!("T{i:09}"),
                    format!("咖啡 {i}"),
                    format!("oUser{i}"),
                    "已支付".into(),
                    format!("¥{i}.00"),
                ])
            });
            let style = ratatui::style::Style::new().reversed();
            let table = Table::new(rows, [Constraint::Fill(1); 5]).row_highlight_style(style);
            let mut selected = TableState::default().with_selected(at - top);
            frame.render_stateful_widget(table, frame.area(), &mut selected);
        })?;
        queue!(terminal.backend_mut(), EndSynchronizedUpdate)?;
        terminal.backend_mut().flush()?;
        let Event::Key(key) = read()? else { continue };
        at = match key.code {
            KeyCode::Char('j') => (at + 1).min(rows - 1),
            KeyCode::Char('g') => 0,
            KeyCode::Char('G') => rows - 1,
            KeyCode::PageDown => (at + 38).min(rows - 1),
            KeyCode::Char('c') => return Ok(()),
            _ => at,
        };
    }
}

fn at(times: &mut [Duration], share: f64) -> f64 {
    times.sort();
    times.get(((times.len().max(1) - 1) as f64 * share) as usize).map_or(f64::NAN, |time| time.as_secs_f64() * 1000.0)
}

/// Prints what was measured of both.
fn report(what: &str, [ours, peer]: &mut [Vec<Duration>; 2], share: f64, target: Option<f64>) {
    let (ours, peer) = (at(ours, share), at(peer, share));
    let ratio = ours / peer;
    let verdict = target
        .map_or(String::new(), |most| format!("   target ≤ {most}: {}", if ratio <= most { "met" } else { "not met" }));
    println!("{what:<34} {ours:>8.2} ms   bare table {peer:>6.2} ms   ratio {ratio:>5.2}{verdict}");
}

fn main() {
    if let Some(rows) = std::env::var(BARE).ok().and_then(|rows| rows.parse().ok()) {
        return bare_table(rows).expect("a terminal");
    }
    let rows = std::env::args().find_map(|argument| argument.parse().ok()).unwrap_or(ROWS);
    let folder = tempfile::tempdir().expect("a folder");
    let identity = folder.path().join("gateway");
    let kept = std::env::var_os("PAYDECK_LEDGERS").map_or(folder.path().to_owned(), PathBuf::from);
    let _gateway = Gateway::start(&identity);
    let config = configure(&identity, &kept.join(format!("screen-{rows}.db")), rows);
    let home = folder.path();

    // Left on the table of the transactions, it opens there.
    let mut console = Terminal::ours(&config, home);
    console.settle(Duration::from_secs(2));
    console.writer.write_all(b"4g").expect("keys");
    console.settle(Duration::from_secs(2));
    console.rows();
    console.leave();

    let mut starts = [Vec::new(), Vec::new()];
    for _ in 0..STARTS {
        for (which, times) in starts.iter_mut().enumerate() {
            let mut program = if which == 0 { Terminal::ours(&config, home) } else { Terminal::bare(rows, home) };
            times.push(program.rows());
            program.settle(Duration::from_millis(300));
            program.leave();
        }
    }
    println!("{rows} rows, 120×40, {STARTS} starts and {} keys of a kind in turns", ROUNDS * KEYS);
    report("start to first rows", &mut starts, 0.5, Some(2.0));

    let mut programs = [Terminal::ours(&config, home), Terminal::bare(rows, home)];
    for program in &mut programs {
        program.rows();
    }
    let kinds = [("j", "j", KEYS), ("page down", "\x1b[6~", KEYS), ("G", "G", KEYS / 6), ("g", "g", KEYS / 6)];
    let mut first = kinds.map(|_| [Vec::new(), Vec::new()]);
    let mut last = kinds.map(|_| [Vec::new(), Vec::new()]);
    for _ in 0..ROUNDS {
        for (kind, (_, key, count)) in kinds.into_iter().enumerate() {
            for _ in 0..count {
                for (which, program) in programs.iter_mut().enumerate() {
                    // From the other end.
                    match key {
                        "G" => program.press("g"),
                        "g" => program.press("G"),
                        _ => None,
                    };
                    if let Some((shown, settled)) = program.press(key) {
                        first[kind][which].push(shown);
                        last[kind][which].push(settled);
                    }
                }
            }
        }
    }
    for (kind, (name, _, _)) in kinds.into_iter().enumerate() {
        report(&format!("{name}, median"), &mut first[kind], 0.5, None);
        report(&format!("{name}, p99"), &mut first[kind], 0.99, Some(1.5));
        report(&format!("{name} to the last frame, median"), &mut last[kind], 0.5, None);
    }
    let all = |which: usize| first.iter().flat_map(|kind| kind[which].clone()).collect::<Vec<_>>();
    report("any key, p99", &mut [all(0), all(1)], 0.99, Some(1.5));
    programs.into_iter().for_each(Terminal::leave);
}
