//! The real binary in a pseudo-terminal: press keys, wait for text, inspect the screen and the terminal's state
//! afterwards.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{Read, Write};
use std::path::Path;
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

/// What the reader has seen so far.
#[derive(Default)]
struct Seen {
    screen: Option<vt100::Parser>,
    /// How often something was read.
    reads: u64,
    ended: bool,
}

impl Seen {
    fn feed(&mut self, bytes: &[u8]) {
        self.reads += 1;
        let Some(mut screen) = self.screen.take() else { return };
        let (rows, columns) = screen.screen().size();
        // What was drawn for a larger screen may still be on its way when it becomes a tiny one: there the emulator loses
        // its way, and starts again. The console draws a whole frame for every size.
        let fed = std::panic::catch_unwind(std::panic::AssertUnwindSafe(move || {
            screen.process(bytes);
            screen
        }));
        self.screen = Some(fed.unwrap_or_else(|_| vt100::Parser::new(rows, columns, 0)));
    }
}

pub struct Terminal {
    seen: Arc<(Mutex<Seen>, Condvar)>,
    master: Box<dyn MasterPty + Send>,
    writer: Box<dyn Write + Send>,
    child: Box<dyn Child + Send + Sync>,
    /// The modes of the terminal before the process began.
    modes: String,
}

/// The buttons that close a preview.
const BUTTONS: [&str; 2] = ["[ Cancel ]", "[ Close ]"];

/// Long enough for a debug build on a busy machine to make its keys.
const PATIENCE: Duration = Duration::from_secs(60);

impl Terminal {
    /// Starts `paydeck` with these arguments in a terminal of `columns` × `rows`.
    pub fn start(columns: u16, rows: u16, home: &Path, arguments: &[&str]) -> Self {
        Self::start_as("xterm-256color", columns, rows, home, arguments)
    }

    /// The same in a terminal of this kind.
    pub fn start_as(term: &str, columns: u16, rows: u16, home: &Path, arguments: &[&str]) -> Self {
        let paydeck = Path::new(env!("CARGO_BIN_EXE_paydeck"));
        Self::start_program(paydeck, &[("TERM", term)], columns, rows, home, arguments)
    }

    /// Starts any program in a terminal of `columns` × `rows`, with this environment.
    pub fn start_program(
        program: &Path,
        environment: &[(&str, &str)],
        columns: u16,
        rows: u16,
        home: &Path,
        arguments: &[&str],
    ) -> Self {
        let size = PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 };
        let pair = native_pty_system().openpty(size).unwrap();
        let mut command = CommandBuilder::new(program);
        command.env_clear();
        for (name, value) in [("LANG", "en_US.UTF-8"), ("USER", "tester")].iter().chain(environment) {
            command.env(name, value);
        }
        command.env("HOME", home);
        command.env("TMPDIR", home);
        command.args(arguments);
        let modes = modes(&*pair.master);
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let writer = pair.master.take_writer().unwrap();
        let screen = Some(vt100::Parser::new(rows, columns, 0));
        let seen = Arc::new((Mutex::new(Seen { screen, reads: 0, ended: false }), Condvar::new()));
        let shared = seen.clone();
        std::thread::spawn(move || {
            let mut bytes = [0; 8192];
            loop {
                let count = reader.read(&mut bytes).unwrap_or(0);
                let (seen, changed) = &*shared;
                let mut seen = seen.lock().unwrap();
                match count {
                    0 => seen.ended = true,
                    _ => seen.feed(&bytes[..count]),
                }
                changed.notify_all();
                if count == 0 {
                    return;
                }
            }
        });
        Self { seen, master: pair.master, writer, child, modes }
    }

    pub fn press(&mut self, keys: &str) {
        self.writer.write_all(keys.as_bytes()).unwrap();
        self.writer.flush().unwrap();
    }

    pub fn resize(&mut self, columns: u16, rows: u16) {
        {
            // The emulator's own resizing loses its way at a few columns: a new one, with the modes of the old.
            let mut seen = self.seen.0.lock().unwrap();
            let old = seen.screen.as_ref().unwrap().screen();
            let mut modes = if old.alternate_screen() { b"\x1b[?1049h".to_vec() } else { Vec::new() };
            modes.extend(old.input_mode_formatted());
            if old.hide_cursor() {
                modes.extend(b"\x1b[?25l");
            }
            let mut new = vt100::Parser::new(rows, columns, 0);
            new.process(&modes);
            seen.screen = Some(new);
        }
        self.master.resize(PtySize { rows, cols: columns, pixel_width: 0, pixel_height: 0 }).unwrap();
    }

    /// The text on the screen.
    pub fn text(&self) -> String {
        self.on_screen(|screen| screen.contents())
    }

    pub fn on_screen<T>(&self, look: impl FnOnce(&vt100::Screen) -> T) -> T {
        look(self.seen.0.lock().unwrap().screen.as_ref().unwrap().screen())
    }

    /// Waits until the screen is as wanted.
    pub fn wait_until(&self, what: &str, mut wanted: impl FnMut(&vt100::Screen) -> bool) {
        let (seen, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = seen.lock().unwrap();
        while !wanted(seen.screen.as_ref().unwrap().screen()) {
            let left = deadline.saturating_duration_since(Instant::now());
            let screen = || seen.screen.as_ref().unwrap().screen().contents();
            assert!(!left.is_zero() && !seen.ended, "waited for {what}; the screen is\n{}", screen());
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
    }

    pub fn wait(&self, text: &str) {
        self.wait_until(text, |screen| screen.contents().contains(text));
    }

    pub fn wait_gone(&self, text: &str) {
        self.wait_until(&format!("{text} to go"), |screen| !screen.contents().contains(text));
    }

    /// Waits until the preview on the screen takes keys.
    pub fn wait_for_preview(&self) {
        self.wait_until("the buttons of the preview to light up", preview_is_lit);
    }

    /// The same. False if the process ends before.
    pub fn reaches_preview(&self) -> bool {
        self.comes_to("the preview", preview_is_lit)
    }

    /// Waits until the text is on the screen. False if the process ends before.
    pub fn reaches(&self, text: &str) -> bool {
        self.comes_to(text, |screen| screen.contents().contains(text))
    }

    fn comes_to(&self, what: &str, mut wanted: impl FnMut(&vt100::Screen) -> bool) -> bool {
        let (seen, changed) = &*self.seen;
        let deadline = Instant::now() + PATIENCE;
        let mut seen = seen.lock().unwrap();
        while !wanted(seen.screen.as_ref().unwrap().screen()) {
            if seen.ended {
                return false;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited for {what}");
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        true
    }

    /// Waits until something is drawn, or so long. False if the process has ended.
    pub fn wait_for_output(&self, limit: Duration) -> bool {
        let (seen, changed) = &*self.seen;
        let deadline = Instant::now() + limit;
        let mut seen = seen.lock().unwrap();
        let before = seen.reads;
        while seen.reads == before && !seen.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        !seen.ended
    }

    /// True if a preview is on the screen.
    pub fn shows_preview(&self) -> bool {
        self.on_screen(|screen| BUTTONS.iter().any(|button| screen.contents().contains(button)))
    }

    /// True once the preview on the screen takes keys, false if it does not within so long.
    pub fn lights_preview(&self, limit: Duration) -> bool {
        let (seen, changed) = &*self.seen;
        let lit = |seen: &mut Seen| preview_is_lit(seen.screen.as_ref().unwrap().screen());
        let (mut seen, _) =
            changed.wait_timeout_while(seen.lock().unwrap(), limit, |seen| !seen.ended && !lit(seen)).unwrap();
        lit(&mut seen)
    }

    /// Presses keys in a terminal whose process may be gone.
    pub fn press_if_alive(&mut self, keys: &str) -> bool {
        self.writer.write_all(keys.as_bytes()).and_then(|()| self.writer.flush()).is_ok()
    }

    /// Kills the process (SIGKILL) after so long, whatever it is doing by then.
    pub fn kill_after(&self, delay: Duration) -> std::thread::JoinHandle<()> {
        let pid = self.child.process_id().unwrap().to_string();
        std::thread::spawn(move || {
            std::thread::sleep(delay);
            let status = std::process::Command::new("kill").args(["-s", "KILL", &pid]).status().unwrap();
            assert!(status.success());
        })
    }

    /// Waits for the end of a process that is killed. True if it was, with the last screen.
    pub fn killed(mut self, killer: std::thread::JoinHandle<()>) -> (bool, String) {
        // Its process id is not reused before it is waited for.
        killer.join().unwrap();
        let killed = self.child.wait().unwrap().signal().is_some();
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        while !seen.ended {
            seen = changed.wait(seen).unwrap();
        }
        (killed, seen.screen.as_ref().unwrap().screen().contents())
    }

    pub fn signal(&self, name: &str) {
        let pid = self.child.process_id().unwrap().to_string();
        let status = std::process::Command::new("kill").args(["-s", name, &pid]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until the process is stopped, its terminal given back.
    pub fn wait_stopped(&self) {
        let pid = self.child.process_id().unwrap().to_string();
        let deadline = Instant::now() + PATIENCE;
        loop {
            let ps = std::process::Command::new("ps").args(["-o", "state=", "-p", &pid]).output().unwrap();
            if String::from_utf8_lossy(&ps.stdout).trim().starts_with('T') {
                break;
            }
            assert!(Instant::now() < deadline, "it does not stop");
            std::thread::sleep(Duration::from_millis(20));
        }
        self.wait_until("the terminal back", |screen| !screen.alternate_screen() && !screen.hide_cursor());
    }

    /// Waits for the end; returns the exit status. The terminal must be as it was.
    pub fn end(mut self) -> u32 {
        let deadline = Instant::now() + PATIENCE;
        let (seen, changed) = &*self.seen;
        let mut seen = seen.lock().unwrap();
        while !seen.ended {
            let left = deadline.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero(),
                "it does not end; the screen is\n{}",
                seen.screen.as_ref().unwrap().screen().contents()
            );
            seen = changed.wait_timeout(seen, left).unwrap().0;
        }
        let screen = seen.screen.as_ref().unwrap().screen();
        assert!(!screen.alternate_screen(), "the alternate screen was left on");
        assert!(!screen.hide_cursor(), "the cursor was left hidden");
        assert!(!screen.bracketed_paste(), "bracketed paste was left on");
        assert_eq!(screen.mouse_protocol_mode(), vt100::MouseProtocolMode::None, "the mouse was left captured");
        assert_eq!(modes(&*self.master), self.modes, "the modes of the terminal were left changed");
        self.child.wait().unwrap().exit_code()
    }
}

/// True if the button that closes a preview is lit: from then on the preview takes keys.
fn preview_is_lit(screen: &vt100::Screen) -> bool {
    let (rows, columns) = screen.size();
    (0..rows).any(|row| {
        let cell = |column| screen.cell(row, column);
        (0..columns).any(|column| {
            let text: String = (column..columns).take(10).filter_map(cell).map(vt100::Cell::contents).collect();
            // A dark button has the weight and the ground of the frame around it.
            let lit = |label: &vt100::Cell, around: &vt100::Cell| {
                label.bold() || label.inverse() || label.bgcolor() != around.bgcolor()
            };
            BUTTONS.iter().any(|button| text.starts_with(button))
                && cell(column + 2)
                    .zip(cell(column.saturating_sub(1)))
                    .is_some_and(|(label, around)| lit(label, around))
        })
    })
}

/// What `stty -a` shows of a terminal.
fn modes(master: &(dyn MasterPty + Send)) -> String {
    format!("{:?}", master.get_termios().expect("a terminal has modes"))
}

impl Drop for Terminal {
    fn drop(&mut self) {
        // A failed test leaves no console behind; one that ended is gone already.
        let _ = self.child.kill();
    }
}
