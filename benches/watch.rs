//! Ten thousand watched orders on a sandbox in another process, within a budget of two hundred requests a second: whether
//! any of them waits too long, whether the budget holds, and what a query costs beside the signature in it (target 14).

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use paydeck::api::Client;
use paydeck::config::Config;
use paydeck::crypto::PrivateKey;
use paydeck::i18n::Lang;
use paydeck::ledger::{Ledger, Store, WatchReason};
use paydeck::model::{Kind, ObjectId};
use paydeck::sandbox::{self, Options};
use paydeck::services::{Actor, Event, NumberTail, Runner, Session, SessionOptions};
use tokio::sync::mpsc::unbounded_channel;

/// How many orders are watched, unless an argument gives another number.
const WATCHED: usize = 10_000;
const BUDGET: u32 = 200;
/// Objects in the sandbox for each that is watched: most of them are final, or no orders.
const SEEDED: usize = 10;

/// In which all are asked about once at the budget's pace, in seconds.
fn round(watched: usize) -> u64 {
    watched as u64 / u64::from(BUDGET)
}

/// By this argument the bench is the gateway, in the folder behind it.
const AS_GATEWAY: &str = "as-gateway";

/// Which request was signed at which second.
type Requests = BTreeSet<(String, i64)>;

/// The gateway, in another process so that its work is not counted.
struct Gateway {
    process: Child,
    output: BufReader<ChildStdout>,
}

impl Gateway {
    fn start(folder: &Path, watched: usize) -> Self {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command
            .arg(AS_GATEWAY)
            .arg((watched * SEEDED).to_string())
            .arg(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut process = command.spawn().expect("the gateway starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        output.read_line(&mut String::new()).expect("it says that it listens");
        Self { process, output }
    }

    /// Ends it, and returns what arrived.
    fn requests(mut self) -> Requests {
        drop(self.process.stdin.take());
        let output = self.output.lines().map_while(Result::ok).collect::<Vec<String>>();
        let _ = self.process.wait();
        let request =
            |line: &String| line.split_once(' ').map(|(at, target)| (target.to_owned(), at.parse().unwrap_or(0)));
        output.iter().filter_map(request).collect()
    }
}

/// The other process: a sandbox until its input ends, then what arrived.
fn be_gateway(objects: usize, folder: &Path) {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let mut requests = Requests::new();
    runtime.block_on(async {
        let options = Options { objects, users_act: false, ..Options::new(folder) };
        let gateway = sandbox::start(options).await.expect("the gateway starts");
        println!("{}", gateway.base_url());
        let ended = tokio::task::spawn_blocking(|| std::io::stdin().read_to_end(&mut Vec::new()));
        let mut ended = std::pin::pin!(ended);
        loop {
            let over = tokio::time::timeout(Duration::from_secs(2), &mut ended).await.is_ok();
            // No object is queried twice in a second, so second and target identify a request.
            let arrived = gateway.requests().into_iter();
            requests.extend(arrived.filter_map(|request| Some((request.target, request.timestamp?))));
            if over {
                break;
            }
        }
    });
    requests.iter().for_each(|(target, at)| println!("{at} {target}"));
}

fn client(config: &Path, per_second: u32) -> (Client, Actor) {
    let config = Config::read(config).expect("the sandbox's configuration");
    let mut profile = config.profile(None).expect("its profile").clone();
    profile.requests_per_second = per_second;
    let options = profile.client_options(profile.credentials().expect("its keys"), Lang::En);
    let mchid = profile.merchant.mchid.as_str().to_owned();
    let actor = Actor::new(&profile.name, &mchid, "bench", true, profile.rules.clone());
    (Client::new(options).expect("a client"), actor)
}

/// CPU seconds of this process so far; of all its threads.
fn cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

/// Resident memory in MiB.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmRSS:"))?;
    Some(line.split_whitespace().nth(1)?.parse::<u64>().ok()? / 1024)
}

/// CPU seconds of one signature: of one after the other; or of as many as are due in a tenth of a second, and then a
/// pause, as a watch signs. After a pause the caches are cold, and the first of them costs up to twice as much.
fn signature(in_turns: bool) -> f64 {
    let key = PrivateKey::generate().expect("a key can be made");
    let message = vec![b'x'; 200];
    let sign = || drop(std::hint::black_box(key.sign(std::hint::black_box(&message))));
    sign();
    let (before, mut count) = (cpu(), 0u32);
    let start = Instant::now();
    while start.elapsed() < Duration::from_secs(3) {
        sign();
        count += 1;
        if in_turns && count.is_multiple_of(BUDGET / 10) {
            std::thread::sleep(Duration::from_millis(100));
        }
    }
    let spent = before.zip(cpu()).map_or(start.elapsed().as_secs_f64(), |(before, after)| after - before);
    spent / f64::from(count)
}

/// Fetches orders until there are enough that may still change.
async fn open_orders(wanted: usize, folder: &Path, ledger: &Ledger, config: &Path) -> Vec<ObjectId> {
    let (client, actor) = client(config, 100_000);
    let runner = Runner::new(client, ledger.clone(), actor, &folder.join("bills"));
    let kinds = [Kind::ServiceOrder, Kind::Transaction];
    let numbers = NumberTail::new(&folder.join("numbers.jsonl")).read().expect("the sandbox's numbers");
    let mut orders = numbers.into_iter().filter(|id| kinds.contains(&id.kind));
    let (mut open, mut asking) = (Vec::new(), tokio::task::JoinSet::new());
    loop {
        while asking.len() < 16
            && let Some(id) = orders.next()
        {
            let runner = runner.clone();
            asking.spawn(async move { runner.look(&id).await });
        }
        let Some(object) = asking.join_next().await else { break };
        let object = object.expect("the task ends").expect("the sandbox answers");
        open.extend((!object.entity.state().is_final).then_some(object.id));
        if open.len() == wanted {
            break;
        }
    }
    open
}

/// What watching cost.
struct Cost {
    cpu: Option<f64>,
    resident: Option<u64>,
    seconds: (i64, i64),
}

/// Watches for the whole run, once the first queries have made connections and read the ledger.
async fn watch(client: Client, ledger: Ledger, actor: Actor, first: Duration, run: Duration) -> Cost {
    let (sender, mut events) = unbounded_channel();
    let options = SessionOptions {
        client,
        ledger,
        actor,
        bills: std::env::temp_dir(),
        numbers: None,
        listen: None,
        merchant_certificate_expires: None,
    };
    let session = Session::open(options, sender);
    let output = tokio::spawn(async move {
        let mut watched = 0;
        while let Some(event) = events.recv().await {
            if let Event::Watching(watching) = event {
                watched = watching.objects.len();
            }
        }
        watched
    });
    let now = || time::OffsetDateTime::now_utc().unix_timestamp();
    // The first round reads every document.
    tokio::time::sleep(first).await;
    let (before, from) = (cpu(), now());
    tokio::time::sleep(run).await;
    let cost = Cost {
        cpu: before.zip(cpu()).map(|(before, after)| after - before),
        resident: resident(),
        seconds: (from, now()),
    };
    session.close().await;
    println!("watched at the end               {:>9}", output.await.expect("the task ends"));
    cost
}

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    if let Some(at) = arguments.iter().position(|argument| argument == AS_GATEWAY) {
        return be_gateway(arguments[at + 1].parse().expect("a number"), Path::new(&arguments[at + 2]));
    }
    let wished = arguments.iter().skip(1).find_map(|argument| argument.parse().ok()).unwrap_or(WATCHED);
    let folder = tempfile::tempdir().expect("a folder");
    let (gateway, config) = (Gateway::start(folder.path(), wished), folder.path().join("config.toml"));
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let ledger = Ledger::open(&Store::Sqlite(folder.path().join("bench.db"))).expect("a ledger");
    let (client, actor) = client(&config, BUDGET);
    let orders = runtime.block_on(open_orders(wished, folder.path(), &ledger, &config));
    let since = time::OffsetDateTime::now_utc();
    ledger.watch(&actor.key, &orders, WatchReason::Marked, since).expect("they are watched");
    println!("watched                          {:>9}", orders.len());
    assert_eq!(orders.len(), wished, "the sandbox has too few open orders");
    let (signature, in_turns) = (signature(false), signature(true));
    println!("one signature                    {:>9.0} µs of CPU", signature * 1e6);
    println!("one in turns of a tenth second   {:>9.0} µs of CPU", in_turns * 1e6);
    let Cost { cpu, resident, seconds: (from, to) } = {
        let (first, run) = (Duration::from_secs(round(wished) + 5), Duration::from_secs(2 * round(wished) + 20));
        runtime.block_on(watch(client, ledger, actor, first, run))
    };
    let requests = gateway.requests();
    let (mut by_target, mut by_second) = (HashMap::<&str, Vec<i64>>::new(), BTreeMap::<i64, usize>::new());
    for (target, at) in requests.iter().filter(|(_, at)| (from..to).contains(at)) {
        by_target.entry(target).or_default().push(*at);
        *by_second.entry(*at).or_default() += 1;
    }
    let queries: usize = by_second.values().sum();
    // Other objects are queried, too: those that orders name, when nothing else is waiting.
    let watched: HashSet<&str> = orders.iter().map(|id| id.number.as_str()).collect();
    by_target.retain(|target, _| target.split(['/', '?', '&', '=']).any(|part| watched.contains(part)));
    let gap = |times: &Vec<i64>| {
        let ends = [from].into_iter().chain(times.iter().copied()).zip(times.iter().copied().chain([to]));
        ends.map(|(from, to)| to - from).max().unwrap_or_default()
    };
    println!("asked about in {:>3.0} s             {:>9} of {wished}", (to - from) as f64, by_target.len());
    println!("queries                          {queries:>9}");
    println!(
        "longest without a query          {:>9} s (evenly {} s)",
        by_target.values().map(gap).max().unwrap_or_default(),
        round(wished)
    );
    println!(
        "requests in the busiest second   {:>9} (budget {BUDGET})",
        by_second.values().max().copied().unwrap_or_default()
    );
    if let Some(cpu) = cpu {
        let per_query = cpu / queries as f64;
        println!("CPU a query                      {:>9.0} µs", per_query * 1e6);
        let ratio = per_query / signature;
        let met = if ratio <= 1.3 { "met" } else { "not met" };
        println!("ratio                            {ratio:>9.2} (target ≤ 1.3): {met}");
        println!("ratio to one in turns            {:>9.2}", per_query / in_turns);
        println!("CPU                              {:>9.1} % of a core", cpu / (to - from) as f64 * 100.0);
    }
    if let Some(resident) = resident {
        println!("resident memory                  {resident:>9} MiB");
    }
}
