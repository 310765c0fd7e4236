//! From the start of the process to the first frame, and to the first row, of the bare console on the embedded
//! sandbox, in a pseudo-terminal; beside `paydeck --version`, which is the price of a process.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use portable_pty::{CommandBuilder, PtySize, native_pty_system};

const RUNS: usize = 7;

/// The time until each of `marks` was on the screen.
fn run(arguments: &[&str], marks: &[&str]) -> Vec<Duration> {
    let home = tempfile::tempdir().expect("a folder");
    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_paydeck"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")] {
        command.env(name, value);
    }
    command.env("HOME", home.path());
    command.env("TMPDIR", home.path());
    command.args(arguments);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    let start = Instant::now();
    let mut child = pair.slave.spawn_command(command).expect("the binary starts");
    drop(pair.slave);
    let mut screen = vt100::Parser::new(40, 120, 0);
    let mut times = Vec::new();
    let mut bytes = [0; 65536];
    while times.len() < marks.len() {
        let count = reader.read(&mut bytes).unwrap_or(0);
        if count == 0 {
            break;
        }
        screen.process(&bytes[..count]);
        let text = screen.screen().contents();
        while times.len() < marks.len() && text.contains(marks[times.len()]) {
            times.push(start.elapsed());
        }
    }
    // A console that is asked to leave cleans up behind itself.
    let _ = writer.write_all(b"\x03");
    let _ = child.wait();
    times
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn main() {
    let mut frames = Vec::new();
    let mut rows = Vec::new();
    let mut processes = Vec::new();
    for _ in 0..RUNS {
        processes.extend(run(&["--version"], &["paydeck"]));
        let times = run(&[], &["Plans", "PLN0"]);
        frames.push(times[0]);
        rows.push(times[1]);
    }
    let (process, frame, row) = (median(processes), median(frames), median(rows));
    println!("--version      {process:>8.1?}");
    println!("first frame    {frame:>8.1?}   {:.1} × a bare process", frame.as_secs_f64() / process.as_secs_f64());
    println!("first row      {row:>8.1?}   with three keys made, a world seeded, a ledger opened");
}
