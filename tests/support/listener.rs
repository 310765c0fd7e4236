//! The real `paydeck listen` as a process, and its output.
#![allow(dead_code, reason = "each test file uses a part of it")]

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

/// Long enough for a debug build on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lines of a stream so far.
type Lines = Arc<(Mutex<Vec<String>>, Condvar)>;

pub struct Listener {
    pub child: Child,
    pub url: String,
    stdout: Lines,
    stderr: Lines,
}

impl Listener {
    /// Starts it on a free port, and waits until it reports the address.
    pub fn start(config: &Path, arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_paydeck"));
        command.env_clear().env("LANG", "en_US.UTF-8").env("USER", "tester").env("HOME", "/nonexistent");
        command.arg("--config").arg(config).args(["listen", "--bind", "127.0.0.1:0"]).args(arguments);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary starts");
        let stdout = follow(child.stdout.take().expect("a pipe"));
        let stderr = follow(child.stderr.take().expect("a pipe"));
        let line = wait(&stderr, |lines| lines.iter().find(|line| line.contains("http://")).cloned());
        let from = line.find("http://").expect("a URL");
        let url = line[from..].split(['"', ' ']).next().unwrap_or_default().trim_end_matches('.').to_owned();
        Self { child, url, stdout, stderr }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        self.url.trim_start_matches("http://").split('/').next().unwrap_or_default()
    }

    /// Waits for a line on standard error.
    pub fn says(&self, text: &str) -> String {
        wait(&self.stderr, |lines| lines.iter().find(|line| line.contains(text)).cloned())
    }

    /// Waits for so many lines on standard output.
    pub fn printed(&self, count: usize) -> Vec<String> {
        wait(&self.stdout, |lines| (lines.len() >= count).then(|| lines.to_vec()))
    }

    /// Its standard error so far.
    pub fn said(&self) -> Vec<String> {
        self.stderr.0.lock().expect("a lock").clone()
    }

    /// SIGKILL.
    pub fn kill(mut self) {
        self.child.kill().expect("it is killed");
        self.child.wait().expect("it ends");
    }

    /// SIGTERM; the exit status and the whole output.
    pub fn end(mut self) -> (i32, Vec<String>) {
        self.terminate();
        let status = self.child.wait().expect("it ends").code().expect("it was not killed");
        (status, self.said())
    }

    pub fn terminate(&self) {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().expect("kill runs").success());
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn follow(stream: impl Read + Send + 'static) -> Lines {
    let lines = Lines::default();
    let (shared, stream) = (Arc::clone(&lines), BufReader::new(stream));
    std::thread::spawn(move || {
        for line in stream.lines().map_while(Result::ok) {
            shared.0.lock().expect("a lock").push(line);
            shared.1.notify_all();
        }
    });
    lines
}

fn wait<T>(lines: &Lines, mut found: impl FnMut(&[String]) -> Option<T>) -> T {
    let deadline = Instant::now() + PATIENCE;
    let mut seen = lines.0.lock().expect("a lock");
    loop {
        if let Some(found) = found(&seen) {
            return found;
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "not said: {seen:#?}");
        seen = lines.1.wait_timeout(seen, left).expect("a lock").0;
    }
}
