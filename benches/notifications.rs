//! Notifications at full speed against the release binary's `listen`: how many a second beside the same work without
//! HTTP, how long an answer takes at a steady rate, and whether anything is lost when it is killed ten times.
//!
//! `cargo bench --bench notifications [COUNT]`; 100,000 by default, of which a fifth come again and a twentieth are
//! forged. Senders and receiver share the machine.

#[path = "../tests/support/listener.rs"]
mod listener;
#[path = "../tests/support/pen.rs"]
mod pen;

#[path = "support/owed.rs"]
mod owed;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::{Duration, Instant};

use listener::Listener;
use owed::report;
use paydeck::api::Client;
use paydeck::config::Config;
use paydeck::crypto::SignatureHeaders;
use paydeck::i18n::Lang;
use paydeck::ledger::inbox::InboxSearch;
use paydeck::ledger::{Delivery, ForwardMode, Ledger, NewDelivery, Store};
use paydeck::sandbox::{self, Options};
use pen::{Headers, Pen};
use sha2::{Digest, Sha256};
use time::OffsetDateTime;

const CONNECTIONS: usize = 32;
const KILLS: usize = 10;
/// Of the throughputs that are compared.
const COMPARED: usize = 20_000;
/// A signature older than that is renewed: it is refused after five minutes.
const FRESH: Duration = Duration::from_secs(240);
const STEADY: u32 = 500;
const STEADY_FOR: Duration = Duration::from_secs(20);

/// A delivery to be sent.
struct Letter {
    notice: String,
    body: Vec<u8>,
    headers: Headers,
    signed: Instant,
    forged: bool,
}

/// A fifth repeats one that came shortly before, a twentieth is forged; all signed now.
fn letters(pen: &Pen, forger: &Pen, prefix: &str, count: usize) -> Vec<Letter> {
    let letter = |i: usize| {
        let forged = i % 20 == 7;
        let name = if i % 5 == 4 { i - 4 } else { i };
        let notice = format!("{}{prefix}-{name}", if forged { "F" } else { "N" });
        let body = pen.paid(&notice, &format!("{prefix}{name}"));
        let headers = if forged { forger.signed(&body) } else { pen.signed(&body) };
        Letter { notice, body, headers, signed: Instant::now(), forged }
    };
    let cores = std::thread::available_parallelism().map_or(2, usize::from);
    let mut parts: Vec<Vec<(usize, Letter)>> = std::thread::scope(|scope| {
        let letter = &letter;
        let workers: Vec<_> = (0..cores)
            .map(|core| scope.spawn(move || (core..count).step_by(cores).map(|i| (i, letter(i))).collect()))
            .collect();
        workers.into_iter().map(|worker| worker.join().expect("letters")).collect()
    });
    let mut all: Vec<(usize, Letter)> = parts.iter_mut().flat_map(std::mem::take).collect();
    all.sort_by_key(|(i, _)| *i);
    all.into_iter().map(|(_, letter)| letter).collect()
}

/// A connection that is kept.
struct Line {
    stream: TcpStream,
    read: Vec<u8>,
}

impl Line {
    fn open(address: &str) -> std::io::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        Ok(Self { stream, read: vec![0; 4096] })
    }

    fn post(&mut self, headers: &Headers, body: &[u8]) -> std::io::Result<u16> {
        let mut request = format!("POST /notify HTTP/1.1\r\nhost: localhost\r\ncontent-length: {}\r\n", body.len());
        headers.iter().for_each(|(name, value)| request += &format!("{name}: {value}\r\n"));
        request += "\r\n";
        let mut bytes = request.into_bytes();
        bytes.extend_from_slice(body);
        self.stream.write_all(&bytes)?;
        let mut filled = 0;
        loop {
            let count = self.stream.read(&mut self.read[filled..])?;
            if count == 0 {
                return Err(std::io::ErrorKind::UnexpectedEof.into());
            }
            filled += count;
            if let Some(status) = complete_status(&self.read[..filled]) {
                return Ok(status);
            }
        }
    }
}

/// The status of a complete answer.
fn complete_status(bytes: &[u8]) -> Option<u16> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).ok()?.to_ascii_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
    (bytes.len() >= end + length).then(|| head.get(9..12)?.parse().ok())?
}

/// Sends all of them over several connections, each until it is answered for good; returns what was acknowledged and how
/// long each last answer took.
fn send_all(
    letters: &[Letter],
    pens: (&Pen, &Pen),
    address: &Mutex<String>,
    next: &AtomicUsize,
) -> (HashSet<String>, Vec<Duration>) {
    let (acknowledged, took) = (Mutex::new(HashSet::new()), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let (mut mine, mut times) = (Vec::new(), Vec::new());
                let mut line: Option<Line> = None;
                while let Some(letter) = letters.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let pen = if letter.forged { pens.1 } else { pens.0 };
                    let stale = letter.signed.elapsed() >= FRESH;
                    let mut headers = if stale { pen.signed(&letter.body) } else { letter.headers.clone() };
                    loop {
                        let began = Instant::now();
                        let to = address.lock().expect("a lock").clone();
                        line = line.take().or_else(|| Line::open(&to).ok());
                        match line.as_mut().map(|line| line.post(&headers, &letter.body)) {
                            Some(Ok(204)) => {
                                assert!(!letter.forged, "a forged one was acknowledged");
                                mine.push(letter.notice.clone());
                                times.push(began.elapsed());
                                break;
                            }
                            Some(Ok(401)) => {
                                assert!(letter.forged, "{} was refused", letter.notice);
                                times.push(began.elapsed());
                                break;
                            }
                            Some(Ok(_)) => {}
                            Some(Err(_)) | None => line = None,
                        }
                        // Sent again with a fresh signature, as WeChat Pay does.
                        std::thread::sleep(Duration::from_millis(5));
                        headers = pen.signed(&letter.body);
                    }
                }
                acknowledged.lock().expect("a lock").extend(mine);
                took.lock().expect("a lock").extend(times);
            });
        }
    });
    (acknowledged.into_inner().expect("a lock"), took.into_inner().expect("a lock"))
}

/// The same work without HTTP: every core verifies and decrypts, one thread commits all that waits.
fn without_http(client: &Client, ledger: &Ledger, letters: &[Letter]) -> Duration {
    let began = Instant::now();
    let next = AtomicUsize::new(0);
    let (sender, arrivals) = mpsc::sync_channel::<NewDelivery>(CONNECTIONS);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, usize::from) {
            let (sender, next) = (sender.clone(), &next);
            scope.spawn(move || {
                while let Some(letter) = letters.get(next.fetch_add(1, Ordering::Relaxed)) {
                    if let Some(arrival) = judge(client, letter) {
                        sender.send(arrival).expect("the committer lives");
                    }
                }
            });
        }
        drop(sender);
        while let Ok(first) = arrivals.recv() {
            let batch: Vec<NewDelivery> = std::iter::once(first).chain(arrivals.try_iter()).collect();
            ledger.receive("bench/1", &batch, &[], ForwardMode::Nowhere).expect("a commit");
        }
    });
    began.elapsed()
}

fn judge(client: &Client, letter: &Letter) -> Option<NewDelivery> {
    let header = |name: &str| {
        let found = letter.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    };
    let headers = SignatureHeaders::collect(header);
    let at = OffsetDateTime::now_utc();
    let opened = client.judge_notification(&headers, &letter.body, at).ok()?;
    let lines: String = letter.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    let delivery = Delivery {
        at,
        peer: "127.0.0.1:1".into(),
        target: "/notify".into(),
        headers: lines.into_bytes(),
        body: letter.body.clone(),
    };
    let signature_hash = Sha256::digest(headers.signature.as_deref().unwrap_or_default()).into();
    let content = opened.read_fact();
    Some(NewDelivery {
        delivery,
        signature_hash,
        status: 204,
        notice: opened.id,
        event_type: opened.event_type,
        created: opened.created,
        summary: opened.summary,
        resource: opened.resource,
        content,
    })
}

/// Sends notifications at a steady rate, however long the answers take; returns how long each took from when it was
/// due.
fn steady(letters: &[Letter], address: &str) -> Vec<Duration> {
    let (began, next) = (Instant::now(), AtomicUsize::new(0));
    let took = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..CONNECTIONS {
            scope.spawn(|| {
                let mut line = Line::open(address).expect("a connection");
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(letter) = letters.get(i) else { return };
                    let due = began + Duration::from_secs(1) * u32::try_from(i).expect("few") / STEADY;
                    std::thread::sleep(due.saturating_duration_since(Instant::now()));
                    line.post(&letter.headers, &letter.body).expect("an answer");
                    took.lock().expect("a lock").push(due.elapsed());
                }
            });
        }
    });
    took.into_inner().expect("a lock")
}

fn percentile(times: &mut [Duration], share: f64) -> Duration {
    times.sort_unstable();
    times[((times.len() - 1) as f64 * share) as usize]
}

/// Seconds of processor time that a process has used, where the system reports it.
fn processor(pid: u32) -> Option<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: f64 = fields.get(11)?.parse::<f64>().ok()? + fields.get(12)?.parse::<f64>().ok()?;
    Some(ticks / 100.0)
}

fn own_processor() -> Option<f64> {
    processor(std::process::id())
}

fn main() {
    let count = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(100_000);
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let folder = tempfile::tempdir().expect("a folder");
    let options = Options { objects: 0, users_act: false, ..Options::new(folder.path()) };
    let gateway = runtime.block_on(sandbox::start(options)).expect("a gateway");
    let config = gateway.config();
    let pen = Pen::of(folder.path());
    let forger = pen.forger();
    compare(&runtime, &config, (&pen, &forger));
    at_a_steady_rate(&config, (&pen, &forger));
    killed(&config, (&pen, &forger), count);
}

fn compare(runtime: &tokio::runtime::Runtime, config: &Path, (pen, forger): (&Pen, &Pen)) {
    let read = Config::read(config).expect("a configuration");
    let profile = read.profile(None).expect("a profile");
    let credentials = profile.credentials().expect("credentials");
    let client = Client::new(profile.client_options(credentials, Lang::En)).expect("a client");
    runtime.block_on(client.fetch_platform_keys()).expect("keys");
    let folder = tempfile::tempdir().expect("a folder");
    let ledger = Ledger::open(&Store::Sqlite(folder.path().join("ledger.db"))).expect("a ledger");
    let letters_without = letters(pen, forger, "A", COMPARED);
    let before = own_processor();
    let without = without_http(&client, &ledger, &letters_without);
    let own = own_processor().zip(before).map(|(after, before)| after - before);
    let letters = letters(pen, forger, "B", COMPARED);
    let listener = Listener::start(config, &["--output", "json"]);
    let address = Mutex::new(listener.address().to_owned());
    let used = processor(listener.child.id());
    let began = Instant::now();
    let (_, mut took) = send_all(&letters, (pen, forger), &address, &AtomicUsize::new(0));
    let with = began.elapsed();
    let theirs = processor(listener.child.id()).zip(used).map(|(after, before)| after - before);
    let rate = |time: Duration| COMPARED as f64 / time.as_secs_f64();
    println!(
        "over {CONNECTIONS} connections, senders on the same machine: p50 {:.1?}, p99 {:.1?}",
        percentile(&mut took, 0.5),
        percentile(&mut took, 0.99),
    );
    let (own_in_words, peer) = (format!("{:.0}/s", rate(with)), format!("{:.0}/s without HTTP", rate(without)));
    report("notifications", &own_in_words, &peer, rate(with) / rate(without), 0.5..);
    if let Some((own, theirs)) = own.zip(theirs) {
        let each = |seconds: f64| seconds * 1e6 / COMPARED as f64;
        println!("processor     {:>8.0} µs each without HTTP, {:.0} µs with", each(own), each(theirs));
    }
    listener.end();
}

fn at_a_steady_rate(config: &Path, (pen, forger): (&Pen, &Pen)) {
    let listener = Listener::start(config, &["--output", "json"]);
    let letters = letters(pen, forger, "C", STEADY as usize * STEADY_FOR.as_secs() as usize);
    let mut took = steady(&letters, listener.address());
    let [middle, p99, longest] = [0.5, 0.99, 1.0].map(|part| percentile(&mut took, part));
    let all = format!("p50 {middle:.1?}, p99 {p99:.1?}, longest {longest:.1?}");
    report(&format!("answer at {STEADY}/s, p99 in ms"), &all, "", p99.as_secs_f64() * 1e3, ..=50.0);
    listener.end();
}

fn killed(config: &Path, (pen, forger): (&Pen, &Pen), count: usize) {
    let letters = letters(pen, forger, "D", count);
    let mut listener = Listener::start(config, &["--output", "json"]);
    let address = Arc::new(Mutex::new(listener.address().to_owned()));
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let (acknowledged, mut took) = std::thread::scope(|scope| {
        let sending = scope.spawn(|| send_all(&letters, (pen, forger), &address, &next));
        for kill in 1..=KILLS {
            while next.load(Ordering::Relaxed) < count * kill / (KILLS + 1) {
                std::thread::sleep(Duration::from_millis(1));
            }
            // SIGKILL, and a restart.
            listener.child.kill().expect("it is killed");
            listener.child.wait().expect("it ends");
            listener = Listener::start(config, &["--output", "json"]);
            *address.lock().expect("a lock") = listener.address().to_owned();
        }
        sending.join().expect("they are sent")
    });
    let elapsed = began.elapsed();
    let (status, _) = listener.end();
    assert_eq!(status, 0);
    let read = Config::read(config).expect("a configuration");
    let ledger = Ledger::open(&read.store).expect("the ledger opens");
    let search = InboxSearch { limit: usize::MAX >> 1, ..InboxSearch::default() };
    let rows = ledger.inbox("sandbox/1900012345", &search).expect("the inbox reads");
    let kept: Vec<String> = rows.into_iter().filter_map(|row| row.notice).collect();
    let of_this: Vec<&String> = kept.iter().filter(|notice| notice.starts_with("ND-")).collect();
    let distinct: HashSet<&String> = of_this.iter().copied().collect();
    let lost = acknowledged.iter().filter(|notice| !distinct.contains(notice)).count();
    let forged = kept.iter().filter(|notice| notice.starts_with('F')).count();
    println!(
        "killed {KILLS}×    {:>8.0}/s  {count} sent, p50 {:.1?}, p99 {:.1?}",
        count as f64 / elapsed.as_secs_f64(),
        percentile(&mut took, 0.5),
        percentile(&mut took, 0.99),
    );
    println!(
        "              {} acknowledged, {lost} of them lost, {} kept twice, {forged} forged kept",
        acknowledged.len(),
        of_this.len() - distinct.len(),
    );
    assert_eq!((lost, of_this.len() - distinct.len(), forged), (0, 0, 0));
    assert_eq!(acknowledged.len(), distinct.len());
}
