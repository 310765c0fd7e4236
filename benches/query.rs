//! Signed and verified queries beside the peers, in one run against the same sandbox in another process: the CPU of one
//! query (target 2), queries per CPU second (target 3), and one query as a command.
//!
//! The peer is the npm package `wechatpay-axios-plugin`, whose command is `wxpay`. It is optional:
//! `npm install wechatpay-axios-plugin yargs` in any folder, and PAYDECK_BENCH_NPM=FOLDER names it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use paydeck::api::Client;
use paydeck::config::Config;
use paydeck::i18n::Lang;
use paydeck::model::{Kind, ObjectId};
use paydeck::services::NumberTail;

/// The profile with the platform's public key, so that no certificate is fetched; the peer has the same key.
const PROFILE: &str = "sandbox-public-key";
/// The folder in which npm has installed the peer.
const NPM: &str = "PAYDECK_BENCH_NPM";
const RUN: Duration = Duration::from_secs(5);
/// Queries in flight.
const AT_ONCE: usize = 32;
/// Transactions that are queried in turn.
const NUMBERS: usize = 64;
/// One-shot commands of each program.
const SHOTS: usize = 21;

/// The peer's loop: as many queries in flight and as long as ours.
const PEER: &str = r#"
const {readFileSync} = require("fs"), {Wechatpay} = require("wechatpay-axios-plugin");
const {BASE, MCHID, SERIAL, PLATFORM, IDS, MS, AT_ONCE} = process.env, numbers = IDS.split(",");
const client = new Wechatpay({baseURL: BASE, mchid: MCHID, serial: SERIAL, privateKey: readFileSync("apiclient_key.pem"),
    certs: {[PLATFORM]: readFileSync("pub_key.pem")}, httpAgent: new (require("http").Agent)({keepAlive: true})});
const options = {params: {mchid: MCHID}, headers: {"Wechatpay-Serial": PLATFORM}};
const query = number => client.chain(`v3/pay/transactions/out-trade-no/${number}`).get(options);
let queries = 0, end = 0;
const loop = async at => { for (; Date.now() < end; at++, queries++) await query(numbers[at % numbers.length]); };
query(numbers[0]).then(async () => {
    const before = process.cpuUsage();
    end = Date.now() + Number(MS);
    await Promise.all(Array.from({length: Number(AT_ONCE)}, (_, at) => loop(at)));
    const {user, system} = process.cpuUsage(before);
    console.log(queries, (user + system) / 1e6);
}).catch(error => { console.error(error.message); process.exit(1); });
"#;

/// The sandbox in a process of its own.
struct Gateway {
    process: Child,
    folder: PathBuf,
}

impl Gateway {
    fn start(folder: &Path) -> Self {
        let mut command = paydeck();
        command.arg("sandbox").arg("--identity").arg(folder).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().expect("the gateway starts");
        let mut output = BufReader::new(process.stdout.take().expect("its output"));
        output.read_line(&mut String::new()).expect("it says that it listens");
        Self { process, folder: folder.to_owned() }
    }

    fn config(&self) -> PathBuf {
        self.folder.join("config.toml")
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn paydeck() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_paydeck"));
    command.args(["--lang", "en"]);
    command
}

/// What both programs need to query, and the transactions.
struct Shop {
    client: Client,
    base: String,
    mchid: String,
    serial: String,
    platform: String,
    ids: Vec<ObjectId>,
}

impl Shop {
    fn open(gateway: &Gateway) -> Self {
        let config = Config::read(&gateway.config()).expect("the sandbox's configuration");
        let mut profile = config.profile(Some(PROFILE)).expect("its profile").clone();
        // The budget is not what is measured.
        profile.requests_per_second = 100_000;
        let options = profile.client_options(profile.credentials().expect("its keys"), Lang::En);
        let serial = options.signer.serial.as_str().to_owned();
        let platform = std::fs::read_to_string(gateway.folder.join("pub_key_id.txt")).expect("the key's name");
        let numbers = NumberTail::new(&gateway.folder.join("numbers.jsonl")).read().expect("the sandbox's numbers");
        let ids = numbers.into_iter().filter(|id| id.kind == Kind::Transaction).take(NUMBERS).collect();
        Self {
            base: options.base_url.clone(),
            mchid: profile.merchant.mchid.as_str().to_owned(),
            serial,
            platform: platform.trim().to_owned(),
            ids,
            client: Client::new(options).expect("a client"),
        }
    }
}

/// CPU seconds of this process so far; of all its threads.
fn cpu() -> Option<f64> {
    let stat = std::fs::read_to_string("/proc/self/stat").ok()?;
    let fields: Vec<&str> = stat.rsplit_once(')')?.1.split_whitespace().collect();
    let ticks: u64 = fields.get(11)?.parse::<u64>().ok()? + fields.get(12)?.parse::<u64>().ok()?;
    Some(ticks as f64 / 100.0)
}

/// CPU seconds of one signature and one verification by OpenSSL's command.
fn openssl() -> Option<f64> {
    let output = Command::new("openssl").args(["speed", "-seconds", "3", "rsa2048"]).output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().find(|line| line.starts_with("rsa 2048"))?;
    // The times of one signature and one verification, in seconds; later versions add columns behind them.
    let times: Vec<f64> = line.split_whitespace().filter_map(|word| word.strip_suffix('s')?.parse().ok()).collect();
    Some(times.first()? + times.get(1)?)
}

/// Queries for a while; how many, and the CPU seconds.
async fn query(shop: &Shop) -> (u32, Option<f64>) {
    shop.client.fetch(&shop.ids[0], None).await.expect("the sandbox answers");
    let (before, end) = (cpu(), Instant::now() + RUN);
    let mut asking = tokio::task::JoinSet::new();
    for first in 0..AT_ONCE {
        let (client, ids) = (shop.client.clone(), shop.ids.clone());
        asking.spawn(async move {
            let mut count = 0;
            for id in ids.iter().cycle().skip(first).take_while(|_| Instant::now() < end) {
                client.fetch(id, None).await.expect("the sandbox answers");
                count += 1;
            }
            count
        });
    }
    let count = asking.join_all().await.into_iter().sum();
    (count, before.zip(cpu()).map(|(before, after)| after - before))
}

/// The same by the peer; `None` if it is not here.
fn query_by_peer(shop: &Shop, gateway: &Gateway, modules: &Path) -> Option<f64> {
    let ids: Vec<&str> = shop.ids.iter().map(|id| id.number.as_str()).collect();
    let mut command = Command::new("node");
    command.args(["-e", PEER]).current_dir(&gateway.folder).env("NODE_PATH", modules).stderr(Stdio::inherit());
    command.envs([
        ("BASE", &shop.base),
        ("MCHID", &shop.mchid),
        ("SERIAL", &shop.serial),
        ("PLATFORM", &shop.platform),
    ]);
    command.env("IDS", ids.join(",")).env("MS", RUN.as_millis().to_string()).env("AT_ONCE", AT_ONCE.to_string());
    let output = command.output().ok().filter(|output| output.status.success())?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let (queries, cpu) = text.trim().split_once(' ')?;
    Some(queries.parse::<f64>().ok()? / cpu.parse::<f64>().ok()?)
}

/// Our command and the peer's, for the same transaction.
fn commands(shop: &Shop, gateway: &Gateway, modules: Option<&Path>) -> (Command, Option<Command>) {
    let number = shop.ids[0].number.as_str();
    let mut ours = paydeck();
    ours.arg("--config").arg(gateway.config()).args(["--profile", PROFILE, "transaction", "get", number]);
    let peer = modules.map(|modules| {
        let mut peer = Command::new("node");
        peer.arg(modules.join(".bin/wxpay")).arg(format!("v3/pay/transactions/out-trade-no/{number}"));
        peer.args(["-m", "get", "-u", &shop.base, "-p.mchid", &shop.mchid, "-c.mchid", &shop.mchid]);
        peer.args(["-c.serial", &shop.serial, "-c.privateKey", "apiclient_key.pem"]);
        peer.arg(format!("-c.certs.{}", shop.platform)).arg("pub_key.pem");
        peer.args(["-h.Wechatpay-Serial", &shop.platform]);
        peer.current_dir(&gateway.folder);
        peer
    });
    (ours, peer)
}

/// Seconds from start to end. Its output must contain the transaction's number.
fn shot(command: &mut Command, number: &str) -> f64 {
    let start = Instant::now();
    let output = command.output().expect("it starts");
    let seconds = start.elapsed().as_secs_f64();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && text.contains(number), "{text}{}", String::from_utf8_lossy(&output.stderr));
    seconds
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn met(met: bool) -> &'static str {
    if met { "met" } else { "not met" }
}

fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    let gateway = Gateway::start(&folder.path().join("shop"));
    let shop = Shop::open(&gateway);
    let modules = std::env::var_os(NPM).map(|folder| PathBuf::from(folder).join("node_modules"));
    let no_peer = || println!("  no peer: npm install wechatpay-axios-plugin yargs, and set {NPM} to that folder");
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (queries, cpu) = runtime.block_on(query(&shop));
    let Some(cpu) = cpu else { return println!("the CPU time of this process is unknown here") };
    let (each, per_second) = (cpu / f64::from(queries), f64::from(queries) / cpu);

    println!("CPU of one signed, verified query {:>8.0} µs ({queries} queries)", each * 1e6);
    match openssl() {
        Some(signature) => {
            let ratio = each / signature;
            println!("  OpenSSL, sign + verify          {:>8.0} µs", signature * 1e6);
            println!("  ratio                           {ratio:>8.2} (target ≤ 1.2): {}", met(ratio <= 1.2));
        }
        None => println!("  openssl is not here to compare with"),
    }
    println!("queries per CPU second            {per_second:>8.0}");
    match modules.as_deref().and_then(|modules| query_by_peer(&shop, &gateway, modules)) {
        Some(theirs) => {
            let ratio = per_second / theirs;
            println!("  wechatpay-axios-plugin          {theirs:>8.0}");
            println!("  ratio                           {ratio:>8.2} (target ≥ 2.2): {}", met(ratio >= 2.2));
        }
        None => no_peer(),
    }
    let (mut ours, peer) = commands(&shop, &gateway, modules.as_deref());
    let (number, mut times) = (shop.ids[0].number.as_str(), [Vec::new(), Vec::new()]);
    let mut peer = peer.filter(|_| modules.as_deref().is_some_and(|modules| modules.join(".bin/wxpay").exists()));
    for _ in 0..SHOTS {
        times[0].push(shot(&mut ours, number));
        if let Some(peer) = &mut peer {
            times[1].push(shot(peer, number));
        }
    }
    let [ours, theirs] = times;
    let ours = median(ours);
    println!("one query as a command            {:>8.1} ms (median of {SHOTS})", ours * 1e3);
    if theirs.is_empty() {
        return no_peer();
    }
    let (theirs, target) = (median(theirs), 0.12);
    println!("  wxpay                           {:>8.1} ms", theirs * 1e3);
    println!(
        "  ratio                           {:>8.2} (target ≤ {target}): {}",
        ours / theirs,
        met(ours / theirs <= target)
    );
}
