//! From the start of the process to the first frame, and to the first row, of the bare console on the embedded
//! sandbox, in a pseudo-terminal; beside `paydeck --version`, which is the price of a process. Then the time from a key
//! that moves the cursor to the end of what the terminal gets for it.
//!
//! `PAYDECK_BESIDE=FILE` measures another binary in turns with this one, and prints the ratios.

use std::io::{Read, Write};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, PtySize, native_pty_system};

const RUNS: usize = 9;
/// Keys in a run: down and up again.
const KEYS: usize = 100;
/// What is drawn for a key comes in one piece, or in several with less than this between them.
const SETTLED: Duration = Duration::from_millis(30);
/// A console that shows nothing for so long is broken.
const PATIENCE: Duration = Duration::from_secs(30);

/// A program in a pseudo-terminal of its own.
struct Terminal {
    child: Box<dyn Child + Send + Sync>,
    writer: Box<dyn Write + Send>,
    drawn: Receiver<(Instant, Vec<u8>)>,
    screen: vt100::Parser,
    started: Instant,
    _home: tempfile::TempDir,
}

impl Terminal {
    fn start(binary: &str, arguments: &[&str]) -> Self {
        let home = tempfile::tempdir().expect("a folder");
        let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).expect("a terminal");
        let mut command = CommandBuilder::new(binary);
        command.env_clear();
        for (name, value) in [("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")] {
            command.env(name, value);
        }
        command.env("HOME", home.path());
        command.env("TMPDIR", home.path());
        command.args(arguments);
        let mut reader = pair.master.try_clone_reader().expect("a reader");
        let writer = pair.master.take_writer().expect("a writer");
        let started = Instant::now();
        let child = pair.slave.spawn_command(command).expect("the binary starts");
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
        Self { child, writer, drawn, screen: vt100::Parser::new(40, 120, 0), started, _home: home }
    }

    /// The time since the start when the text is on the screen.
    fn shows(&mut self, text: &str) -> Duration {
        let mut at = Instant::now();
        while !self.screen.screen().contents().contains(text) {
            let (when, bytes) = self.drawn.recv_timeout(PATIENCE).expect("it is drawn");
            self.screen.process(&bytes);
            at = when;
        }
        at - self.started
    }

    /// Waits until nothing more is drawn; returns when the last of it was.
    fn settle(&mut self, within: Duration) -> Option<Instant> {
        let mut last = None;
        loop {
            match self.drawn.recv_timeout(within) {
                Ok((at, bytes)) => {
                    self.screen.process(&bytes);
                    last = Some(at);
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => return last,
            }
        }
    }

    /// The times from a key to the last byte drawn for it.
    fn keys(&mut self) -> Vec<Duration> {
        let mut times = Vec::new();
        for key in ["j", "k"].into_iter().cycle().take(KEYS) {
            self.settle(SETTLED);
            let pressed = Instant::now();
            self.writer.write_all(key.as_bytes()).expect("a key");
            times.extend(self.settle(SETTLED).map(|drawn| drawn - pressed));
        }
        times
    }

    /// A console that is asked to leave cleans up behind itself.
    fn leave(mut self) {
        let _ = self.writer.write_all(b"\x03");
        let _ = self.child.wait();
    }
}

#[derive(Default)]
struct Measured {
    processes: Vec<Duration>,
    frames: Vec<Duration>,
    rows: Vec<Duration>,
    keys: Vec<Duration>,
}

impl Measured {
    fn run(&mut self, binary: &str) {
        let mut version = Terminal::start(binary, &["--version"]);
        self.processes.push(version.shows("paydeck"));
        version.leave();
        let mut console = Terminal::start(binary, &[]);
        self.frames.push(console.shows("Plans"));
        self.rows.push(console.shows("PLN0"));
        console.writer.write_all(b"3").expect("a key");
        console.shows("SO");
        console.settle(Duration::from_millis(500));
        self.keys.extend(console.keys());
        console.leave();
    }

    /// What was measured, by name.
    fn figures(mut self) -> [(&'static str, Duration); 5] {
        for times in [&mut self.processes, &mut self.frames, &mut self.rows, &mut self.keys] {
            times.sort();
        }
        let at = |times: &[Duration], share: f64| times[((times.len() - 1) as f64 * share) as usize];
        [
            ("--version", at(&self.processes, 0.5)),
            ("first frame", at(&self.frames, 0.5)),
            ("first row", at(&self.rows, 0.5)),
            ("key, median", at(&self.keys, 0.5)),
            ("key, p99", at(&self.keys, 0.99)),
        ]
    }
}

fn main() {
    let beside = std::env::var("PAYDECK_BESIDE").ok();
    let (mut this, mut other) = (Measured::default(), Measured::default());
    for _ in 0..RUNS {
        this.run(env!("CARGO_BIN_EXE_paydeck"));
        if let Some(binary) = &beside {
            other.run(binary);
        }
    }
    let this = this.figures();
    let process = this[0].1.as_secs_f64();
    let other = beside.map(|_| other.figures());
    for (i, (name, time)) in this.into_iter().enumerate() {
        let ratio = time.as_secs_f64() / process;
        print!("{name:<12} {time:>8.1?}   {ratio:>6.1} × a bare process");
        if let Some(other) = other {
            let ratio = time.as_secs_f64() / other[i].1.as_secs_f64();
            print!("   {ratio:.2} × the other's {:.1?}", other[i].1);
        }
        println!();
    }
}
