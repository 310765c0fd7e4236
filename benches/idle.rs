//! What the console costs while nothing happens: the bytes it draws, its CPU time, how often it wakes up, its memory. The
//! real binary at 120×40 on a tab of 1,000 settled rows, in a pseudo-terminal; its gateway in another process.

#[path = "support/owed.rs"]
mod owed;

use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use owed::report;
use paydeck::api::Client;
use paydeck::config::Config;
use paydeck::i18n::Lang;
use paydeck::ledger::{Fresh, Ledger, Source, Store};
use paydeck::model::{Kind, Number, Object, ObjectId};
use paydeck::services::Actor;
use portable_pty::{CommandBuilder, PtySize, native_pty_system};
use time::OffsetDateTime;

const ROWS: usize = 1000;
const PROFILE: &str = "global";
/// By then the console has finished its start.
const SETTLING: Duration = Duration::from_secs(30);
const MEASURED: Duration = Duration::from_secs(60);

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

/// Puts so many settled transactions into a ledger of their own: first those that the gateway has of a merchant for whom
/// nothing is listed unasked, then others that stand too far below to be looked at. Writes a configuration that follows
/// no file of numbers; returns its path.
async fn settle(identity: &Path) -> std::path::PathBuf {
    let config = Config::read(&identity.join("config.toml")).expect("a configuration");
    let profile = config.profile(Some(PROFILE)).expect("a profile");
    let client = Client::new(profile.client_options(profile.credentials().expect("keys"), Lang::En)).expect("a client");
    let numbers = std::fs::read_to_string(identity.join("numbers-global.jsonl")).expect("numbers");
    let mut settled = Vec::new();
    for line in numbers.lines() {
        let row: serde_json::Value = serde_json::from_str(line).expect("a row");
        let Some(number) = row["number"].as_str().filter(|_| row["kind"] == "transaction") else { continue };
        let id = ObjectId::new(Kind::Transaction, Number::parse(number).expect("a number"));
        let (object, _) = client.fetch(&id, None).await.expect("the gateway knows it");
        if object.entity.state().is_final {
            settled.push(Fresh::asked(object, Source::Query, OffsetDateTime::now_utc()));
        }
    }
    assert!(settled.len() >= 40, "the gateway has a screen of them");
    let example: serde_json::Value = serde_json::from_str(&settled[0].object.raw).expect("a document");
    for i in settled.len()..ROWS {
        let mut document = example.clone();
        // Lower-case letters sort after upper-case ones.
        document["out_trade_no"] = format!("z{i:08}").into();
        let object = Object::parse(Kind::Transaction, &document.to_string()).expect("a transaction");
        settled.push(Fresh::asked(object, Source::Query, OffsetDateTime::now_utc()));
    }
    let ledger = Ledger::open(&Store::Sqlite(identity.join("idle.db"))).expect("a ledger");
    let actor = Actor::new(&profile.name, profile.merchant.mchid.as_str(), "bench", false, Default::default());
    ledger.put(&actor.key, &settled).expect("they are put");
    let text = std::fs::read_to_string(identity.join("config.toml")).expect("a configuration");
    let text: Vec<&str> = text.lines().filter(|line| !line.starts_with("numbers")).collect();
    let path = identity.join("idle.toml");
    std::fs::write(&path, text.join("\n").replace("ledger.db", "idle.db")).expect("a configuration");
    path
}

/// What a process has used so far.
#[derive(Clone, Copy)]
struct Used {
    cpu: Duration,
    /// The number of voluntary context switches of its threads.
    rests: u64,
}

impl Used {
    fn by(pid: u32) -> Self {
        let mut used = Self { cpu: Duration::ZERO, rests: 0 };
        for thread in std::fs::read_dir(format!("/proc/{pid}/task")).expect("its threads").flatten() {
            let read = |name: &str| std::fs::read_to_string(thread.path().join(name)).unwrap_or_default();
            // Nanoseconds on a processor.
            let on: u64 = read("schedstat").split(' ').next().and_then(|n| n.parse().ok()).unwrap_or(0);
            used.cpu += Duration::from_nanos(on);
            used.rests += figure(&read("status"), "voluntary_ctxt_switches:");
        }
        used
    }
}

/// A number in a file of `/proc`.
fn figure(text: &str, name: &str) -> u64 {
    let line = text.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_default();
    line.split_whitespace().next().and_then(|n| n.parse().ok()).unwrap_or(0)
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let identity = folder.path().join("gateway");
    let _gateway = Gateway::start(&identity);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let config = runtime.block_on(settle(&identity));
    runtime.shutdown_background();

    let size = PtySize { rows: 40, cols: 120, pixel_width: 0, pixel_height: 0 };
    let pair = native_pty_system().openpty(size).expect("a terminal");
    let mut command = CommandBuilder::new(env!("CARGO_BIN_EXE_paydeck"));
    command.env_clear();
    for (name, value) in [("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")] {
        command.env(name, value);
    }
    command.env("HOME", folder.path());
    command.args(["--profile".as_ref(), PROFILE.as_ref(), "--config".as_ref(), config.as_os_str()]);
    let mut reader = pair.master.try_clone_reader().expect("a reader");
    let mut writer = pair.master.take_writer().expect("a writer");
    let mut child = pair.slave.spawn_command(command).expect("the binary starts");
    drop(pair.slave);
    let screen = Arc::new(Mutex::new(vt100::Parser::new(40, 120, 0)));
    let drawn = Arc::new(AtomicU64::new(0));
    let (shown, counted) = (screen.clone(), drawn.clone());
    std::thread::spawn(move || {
        let mut bytes = [0; 65536];
        while let Some(count) = reader.read(&mut bytes).ok().filter(|count| *count > 0) {
            counted.fetch_add(count as u64, Ordering::SeqCst);
            shown.lock().expect("the screen").process(&bytes[..count]);
        }
    });
    let text = || screen.lock().expect("the screen").screen().contents();
    let wait_for = |wanted: &str| {
        let begun = Instant::now();
        while !text().contains(wanted) {
            assert!(begun.elapsed() < Duration::from_secs(60), "no {wanted} on\n{}", text());
            std::thread::sleep(Duration::from_millis(20));
        }
    };
    wait_for("Transactions");
    writer.write_all(b"4").expect("a key");
    wait_for(&format!("{ROWS} in all"));
    // By number, and to the top.
    writer.write_all(b"sg\rg").expect("keys");
    wait_for("Number ▲");
    std::thread::sleep(SETTLING);

    let pid = child.process_id().expect("a process");
    let (before, bytes) = (Used::by(pid), drawn.load(Ordering::SeqCst));
    std::thread::sleep(MEASURED);
    let (after, bytes) = (Used::by(pid), drawn.load(Ordering::SeqCst) - bytes);
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("its status");
    let cpu = after.cpu - before.cpu;
    println!("{}", text());
    let within = format!("in {MEASURED:?}");
    report("drawn", &format!("{bytes} bytes {within}"), "", bytes as f64, ..=0.0);
    let share = cpu.as_secs_f64() / MEASURED.as_secs_f64() * 100.0;
    report("CPU in percent", &format!("{cpu:.1?} {within}"), "", share, ..=0.1);
    println!("wake-ups: {}", after.rests - before.rests);
    let resident = figure(&status, "VmRSS:") / 1024;
    report("resident memory", &format!("{resident} MB"), "", resident as f64, ..=60.0);
    let _ = writer.write_all(b"\x03");
    let _ = child.wait();
}
