//! The ledger as a file: closed completely on exit, copied at any time, checked before anything is sent; and all files
//! are readable by their owner only.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use paydeck::ledger::{Conclusion, Ending, Intent, Ledger, Store};
use paydeck::model::action::{ActionId, ConfirmedBy};
use paydeck::model::{Kind, Method, Number, ObjectId};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Shop, binary, json_errors, status, stderr, stdout};
use terminal::Terminal;
use time::OffsetDateTime;

/// How many of something random are tried.
fn rounds() -> usize {
    std::env::var("PAYDECK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(20)
}

/// Everything in a folder whose name begins with the ledger's.
fn beside(ledger: &Path) -> Vec<String> {
    let name = ledger.file_name().unwrap().to_str().unwrap().to_owned();
    let entries = std::fs::read_dir(ledger.parent().unwrap()).unwrap();
    let mut names: Vec<String> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|n| n.starts_with(&name))
        .collect();
    names.sort();
    names
}

/// How many documents a copy of the file alone has.
fn documents_in_a_copy(ledger: &Path) -> i64 {
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("copy.db");
    std::fs::copy(ledger, &copy).unwrap();
    Connection::open(copy).unwrap().query_row("SELECT count(*) FROM version", [], |row| row.get(0)).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn leaving_closes_the_ledger_and_its_file_alone_has_everything() {
    let shop = Shop::open(60).await;
    let path = shop.ledger_path();
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let number = plan.id.number.as_str();
    assert_eq!(status(&shop.paydeck(&["plan", "get", number])), 0);
    assert_eq!((beside(&path), documents_in_a_copy(&path)), (vec!["ledger.db".to_owned()], 1));
    assert_eq!(status(&shop.paydeck(&["plan", "stop", number, "--yes"])), 0);
    assert_eq!(status(&shop.paydeck(&["plan", "list"])), 0);
    assert_eq!(beside(&path), ["ledger.db"]);
    let listed = documents_in_a_copy(&path);
    assert!(listed > 1);
    let config = shop.config_path();
    let mut terminal = Terminal::start(140, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait(" in all");
    assert!(beside(&path).contains(&"ledger.db-wal".to_owned()), "it is in use");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
    assert_eq!(beside(&path), ["ledger.db"]);
    assert!(documents_in_a_copy(&path) >= listed);
    // Killed, it leaves its files; the next process removes them, and checks the file before it writes.
    let signed = shop.object_for(&shop.client(), ActionId::SignPlanCancel.action()).await;
    let number = signed.id.number.as_str();
    let store = shop.store("ledger.db");
    let mut killed = shop.start(&["--store", &store, "watch", "sign-plan", number, "--output", "json"]);
    let deadline = Instant::now() + Duration::from_secs(20);
    // The folder of the owners comes first: killed before its own file is there, it has opened nothing.
    while !beside(&path).contains(&"ledger.db-wal".to_owned()) {
        assert!(Instant::now() < deadline, "it does not open the ledger");
        std::thread::sleep(Duration::from_millis(5));
    }
    killed.kill().unwrap();
    assert_eq!(killed.wait().unwrap().code(), None, "it ended before it was killed");
    assert_eq!(status(&shop.paydeck(&["journal", "verify"])), 0);
    assert_eq!(beside(&path), ["ledger.db"]);
    let unclean = |path: &Path| -> i64 {
        let unclean = "SELECT count(*) FROM upkeep WHERE name = 'unclean'";
        Connection::open(path).unwrap().query_row(unclean, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(unclean(&path), 1, "it is known that a process was killed");
    assert_eq!(status(&shop.paydeck(&["sign-plan", "cancel", number, "--reason", "x", "--yes"])), 0);
    assert_eq!(unclean(&path), 0, "the file was looked through");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_is_made_at_any_time_is_verified_and_replaces_nothing() {
    let shop = Shop::open(60).await;
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    assert_eq!(status(&shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--yes"])), 0);
    // While another process has it open and has not folded anything in.
    let open = shop.ledger();
    open.note("other", &[support::id(Kind::Plan, "P-1")], paydeck::ledger::Source::Feed).unwrap();
    let copy = shop.folder.path().join("backup.db");
    let backup = ["--output", "json", "ledger", "backup", copy.to_str().unwrap()];
    let made = shop.paydeck(&backup);
    assert_eq!(status(&made), 0, "{}", stderr(&made));
    let report: Value = serde_json::from_str(&stdout(&made)).unwrap();
    assert_eq!(report["entries"], 2);
    assert_eq!(std::fs::metadata(&copy).unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(beside(&copy), ["backup.db"]);
    let noted: i64 = Connection::open(&copy)
        .unwrap()
        .query_row("SELECT count(*) FROM object WHERE number = 'P-1'", [], |row| row.get(0))
        .unwrap();
    assert_eq!(noted, 1, "what was just written is in it");
    let store = format!("sqlite:{}", copy.display());
    assert_eq!(status(&shop.paydeck(&["--store", &store, "ledger", "check"])), 0);
    let before = std::fs::read(&copy).unwrap();
    let again = shop.paydeck(&backup);
    assert_eq!((status(&again), json_errors(&again)[0]["kind"].as_str()), (1, Some("ledger")), "{}", stderr(&again));
    assert!(std::fs::read(&copy).unwrap() == before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_counts_again_what_was_counted_wrong_and_says_what_is_damaged() {
    let shop = Shop::open(60).await;
    assert_eq!(status(&shop.paydeck(&["transaction", "list"])), 0);
    let path = shop.ledger_path();
    let run = |sql: &str| Connection::open(&path).unwrap().execute_batch(sql).unwrap();
    let check = || {
        let checked = shop.paydeck(&["--output", "json", "ledger", "check"]);
        let report: Value = serde_json::from_str(&stdout(&checked)).unwrap();
        (status(&checked), report["ok"].as_bool().unwrap(), report["recounted"].as_u64().unwrap())
    };
    run("UPDATE tally SET low = low + 1");
    let (ended, ok, recounted) = check();
    assert!(ended == 0 && ok && recounted > 0, "{recounted}");
    assert_eq!(check(), (0, true, 0));
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    assert_eq!(status(&shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--yes"])), 0);
    run("DROP TRIGGER journal_is_not_changed; UPDATE journal SET entry = replace(entry, 'tester', 'nobody')");
    assert_eq!(check(), (1, false, 0));
    let report = shop.paydeck(&["ledger", "check"]);
    assert!(stdout(&report).contains("✗") && stderr(&report).contains("Restore a backup"), "{}", stderr(&report));
}

/// A ledger whose journal has so many entries of an earlier day.
fn filled(path: &Path, shop: &Shop, entries: usize) {
    let ledger = Ledger::open(&Store::Sqlite(path.to_owned())).unwrap();
    let actor = shop.actor();
    for i in 0..entries {
        let intent = Intent {
            at: OffsetDateTime::now_utc() - time::Duration::days(3),
            operator: "tester".into(),
            profile: actor.key.clone(),
            mchid: "1900012345".into(),
            action: "plan-stop".into(),
            object: Some(ObjectId::new(Kind::Plan, Number::parse(&format!("OLD-{i:05}")).unwrap())),
            method: Method::Post,
            target: format!("/v3/{i}/stop"),
            body: json!({"reason": "客户来电"}).to_string(),
            state: "NORMAL".into(),
            before: Some(json!({"merchant_plan_no": format!("OLD-{i:05}"), "plan_name": "陶艺课"}).to_string()),
            seen: None,
            platform_at: None,
            confirmed: ConfirmedBy::Typed,
            objects: 1,
            reason: None,
            once: None,
        };
        let id = ledger.intend(&intent).unwrap();
        let conclusion = Conclusion::of(Ending::Done);
        ledger.conclude(id, OffsetDateTime::now_utc(), &conclusion).unwrap();
    }
}

/// Damages bytes in one of the ways that disks, programs and people do.
fn damage(bytes: &mut Vec<u8>, random: &mut StdRng) -> &'static str {
    let at = random.random_range(0..bytes.len());
    match random.random_range(0..5) {
        0 => {
            bytes[at] ^= 1 << random.random_range(0..8);
            "a bit"
        }
        1 => {
            for _ in 0..random.random_range(2..12) {
                let at = random.random_range(0..bytes.len());
                bytes[at] = random.random();
            }
            "some bytes"
        }
        2 => {
            let end = (at + random.random_range(1..5000)).min(bytes.len());
            bytes[at..end].fill(0);
            "zeros"
        }
        3 => {
            bytes.truncate(at);
            "cut"
        }
        _ => {
            let (one, other) = (at / 4096 * 4096, random.random_range(0..bytes.len()) / 4096 * 4096);
            for i in 0..4096.min(bytes.len() - one).min(bytes.len() - other) {
                bytes.swap(one + i, other + i);
            }
            "pages exchanged"
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_journal_does_not_verify_nothing_is_sent_however_the_file_is_damaged() {
    let shop = Shop::open(200).await;
    let paid = shop.objects_for(&shop.client(), ActionId::TransactionRefund.action(), 10).await;
    let path = shop.folder.path().join("damaged.db");
    filled(&path, &shop, 60);
    let whole = std::fs::read(&path).unwrap();
    let seed = std::env::var("PAYDECK_TEST_SEED").map_or(20_261_127, |seed| seed.parse().unwrap());
    let mut random = StdRng::seed_from_u64(seed);
    let store = shop.store("damaged.db");
    let (mut broken, mut sent, mut refused) = (0, 0, 0);
    for round in 0..rounds() {
        for name in beside(&path) {
            let left = path.with_file_name(name);
            let _ = std::fs::remove_dir_all(&left).or_else(|_| std::fs::remove_file(&left));
        }
        let mut bytes = whole.clone();
        let how = damage(&mut bytes, &mut random);
        std::fs::write(&path, bytes).unwrap();
        let verified = status(&shop.paydeck(&["--store", &store, "journal", "verify"])) == 0;
        let before = shop.mutations();
        let number = paid[round % paid.len()].number.as_str();
        let refund = ["--output", "json", "--store", &store, "transaction", "refund", number];
        let rest = ["--amount", "0.01", "--reason", "x", "--yes"];
        let output = shop.paydeck(&[&refund[..], &rest].concat());
        let was_sent = shop.mutations() > before;
        assert!(verified || !was_sent, "round {round}, {how}: {}", stderr(&output));
        broken += usize::from(!verified);
        sent += usize::from(was_sent);
        if !was_sent {
            refused += 1;
            let errors = json_errors(&output);
            assert!(matches!(status(&output), 1 | 4), "round {round}, {how}: {}", stderr(&output));
            assert!(errors[0]["advice"].as_str().is_some_and(|advice| !advice.is_empty()), "{}", errors[0]);
        }
    }
    println!("{} rounds: the journal did not verify in {broken}, sent in {sent}, refused in {refused}", rounds());
    assert!(broken > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_damaged_ledger_is_read_and_refused_with_its_own_kind_and_status() {
    let shop = Shop::open(60).await;
    let path = shop.folder.path().join("damaged.db");
    filled(&path, &shop, 3);
    let connection = Connection::open(&path).unwrap();
    let tampered = "DROP TRIGGER journal_is_not_changed;
        UPDATE journal SET entry = replace(entry, 'tester', 'nobody') WHERE id = 1;
        CREATE TRIGGER journal_is_not_changed BEFORE UPDATE ON journal BEGIN SELECT RAISE (ABORT, ''); END;";
    connection.execute_batch(tampered).unwrap();
    drop(connection);
    let store = shop.store("damaged.db");
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let number = plan.id.number.as_str();
    let stop = ["--output", "json", "--store", &store, "plan", "stop", number, "--yes"];
    let refused = shop.paydeck(&stop);
    let [error] = &json_errors(&refused)[..] else { panic!("{}", stderr(&refused)) };
    assert_eq!((status(&refused), error["kind"].as_str(), shop.mutations()), (4, Some("damaged"), 0), "{error}");
    assert!(error["advice"].as_str().unwrap().contains("Restore a backup"), "{error}");
    assert_eq!(stdout(&shop.paydeck(&["--store", &store, "journal", "list"])).lines().count(), 3);
    assert_eq!(status(&shop.paydeck(&["--store", &store, "plan", "get", number])), 0);
    // The console reports it before anything is prepared.
    let config = shop.config_path();
    let flags = ["--config", config.to_str().unwrap(), "--store", &store];
    let mut terminal = Terminal::start(160, 40, shop.folder.path(), &flags);
    terminal.wait("The ledger is damaged");
    terminal.wait(" in all");
    terminal.press("n");
    terminal.wait("nothing is sent");
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
    assert_eq!(shop.mutations(), 0);
}

/// The case ledger-locked-get, and its siblings.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_and_cannot_be_kept_is_said_to_be_so() {
    let shop = Shop::open(60).await;
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let number = plan.id.number.as_str();
    let path = shop.ledger_path();
    drop(shop.ledger());
    let store_error = |what: &str, output: Output, why: &str| {
        assert!(stdout(&output).contains(number), "{what}: it is not shown: {}", stderr(&output));
        let [error] = &json_errors(&output)[..] else { panic!("{what}: {}", stderr(&output)) };
        assert_eq!((status(&output), error["kind"].as_str()), (1, Some("ledger")), "{what}: {error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("not saved") && message.contains(why), "{what}: {error}");
    };
    let get = ["--output", "json", "plan", "get", number];
    let open = ["--output", "json", "open", number];
    let lock = Connection::open(&path).unwrap();
    lock.execute_batch("BEGIN IMMEDIATE").unwrap();
    store_error("locked", shop.paydeck(&get), "is locked by another process");
    lock.execute_batch("ROLLBACK").unwrap();
    drop(lock);
    let paydeck = binary();
    let full = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command.env_clear().envs(paydeck.get_envs().filter_map(|(name, value)| Some((name, value?))));
        command.args(["-c", r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#, "72"]);
        command.arg(paydeck.get_program()).arg("--config").arg(shop.config_path()).args(arguments);
        command.output().unwrap()
    };
    store_error("full", full(&get), "ledger.db");
    // A file that may not be written; root is not bound by permissions, so then another user asks.
    std::fs::set_permissions(&path, PermissionsExt::from_mode(0o444)).unwrap();
    let root = std::fs::metadata(&path).unwrap().uid() == 0;
    if root {
        every_entry(shop.folder.path(), &mut |entry| {
            let mode = if entry == path {
                0o444
            } else if entry.is_dir() {
                0o777
            } else {
                0o666
            };
            std::fs::set_permissions(entry, PermissionsExt::from_mode(mode)).unwrap();
        });
        std::fs::set_permissions(shop.folder.path(), PermissionsExt::from_mode(0o777)).unwrap();
    }
    for (what, arguments) in [("read-only get", &get[..]), ("read-only open", &open)] {
        let mut command = binary();
        if root {
            command.uid(65534).gid(65534);
        }
        store_error(
            what,
            command.arg("--config").arg(shop.config_path()).args(arguments).output().unwrap(),
            "ledger.db",
        );
    }
}

/// Everything below a folder.
fn every_entry(folder: &Path, each: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        each(&path);
        if path.is_dir() && !path.is_symlink() {
            every_entry(&path, each);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_is_written_is_its_owners_alone_whatever_the_umask() {
    let place = tempfile::tempdir().unwrap();
    let home = place.path().join("home");
    let temporary = place.path().join("tmp");
    let out = place.path().join("out");
    for folder in [&home, &temporary, &out] {
        std::fs::create_dir(folder).unwrap();
    }
    let unmasked = |arguments: &[&str]| {
        let mut command = Command::new("sh");
        command
            .env_clear()
            .env("HOME", &home)
            .env("TMPDIR", &temporary)
            .env("LANG", "en_US.UTF-8")
            .env("USER", "tester");
        command.current_dir(&out).args(["-c", r#"umask 000; exec "$@""#, "sh", env!("CARGO_BIN_EXE_paydeck")]);
        command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    };
    let identity = place.path().join("identity");
    let arguments = ["--output", "json", "sandbox", "--identity", identity.to_str().unwrap(), "--objects", "60"];
    let mut sandbox = unmasked(&arguments).spawn().unwrap();
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(sandbox.stdout.take().unwrap()), &mut line).unwrap();
    let config = serde_json::from_str::<Value>(&line).unwrap()["config"].as_str().unwrap().to_owned();
    let shop = ["--config", &config, "--log-file", "paydeck.log"];
    // The day before yesterday: yesterday's bill exists only from 10:00 in Beijing.
    let past = {
        let today = paydeck::model::time::beijing_day(OffsetDateTime::now_utc());
        paydeck::model::time::day(today - time::Duration::days(2))
    };
    let commands: [&[&str]; 8] = [
        &["transaction", "list"],
        &["--store", "sqlite:deep/er/own.db", "plan", "list"],
        &["bill", "trade", &past],
        &["bill", "trade", &past, "--to", "bill.csv"],
        &["bill", "fundflow", &past],
        &["ledger", "backup", "backup.db"],
        &["ledger", "check"],
        &["journal", "resolve"],
    ];
    let mut done = 0;
    for command in commands {
        let output = unmasked(&[&shop[..], command].concat()).output().unwrap();
        done += usize::from(status(&output) == 0);
    }
    assert!(done >= 6, "{done}");
    assert_eq!(status(&unmasked(&["--sandbox", "plan", "list"]).output().unwrap()), 0);
    sandbox.kill().unwrap();
    sandbox.wait().unwrap();
    let mut seen: Vec<PathBuf> = Vec::new();
    every_entry(place.path(), &mut |path| {
        let ours = [&home, &temporary, &out].iter().all(|folder| path != folder.as_path());
        if ours {
            let mode = std::fs::symlink_metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode & 0o077, 0, "{} is {mode:o}", path.display());
            seen.push(path.to_owned());
        }
    });
    for name in ["own.db", "ledger.db", "paydeck.log", "backup.db", "config.toml"] {
        assert!(seen.iter().any(|path| path.ends_with(name)), "{name} was not written: {seen:?}");
    }
    assert_eq!(std::fs::read_dir(&temporary).unwrap().count(), 0, "the embedded sandbox leaves nothing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_sandbox_is_cleared_away_by_the_next_start() {
    let temporary = tempfile::tempdir().unwrap();
    let start = |arguments: &[&str]| {
        let mut command = binary();
        command.env("TMPDIR", temporary.path()).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    };
    let left = || std::fs::read_dir(temporary.path()).unwrap().count();
    let mut killed = start(&["sandbox", "--objects", "60"]);
    let mut line = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(killed.stdout.take().unwrap()), &mut line).unwrap();
    assert_eq!(left(), 1);
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert_eq!(left(), 1, "it could not");
    for _ in 0..5 {
        assert!(start(&["--sandbox", "plan", "list"]).wait_with_output().unwrap().status.success());
        assert_eq!(left(), 0);
    }
}

/// The cases min-far-time and min-tally: verified documents, kept long ago.
#[tokio::test(flavor = "multi_thread")]
async fn no_document_blocks_a_list_or_the_console_and_no_sum_is_wrong() {
    use paydeck::ledger::{Fresh, Source};
    use paydeck::model::Object;

    let shop = Shop::open(0).await;
    let ledger = shop.ledger();
    let far = include_str!("cases/limits/min-far-time.json").replace("T-1", "T-0000003");
    let tally = include_str!("cases/limits/min-tally.jsonl").replace("T-", "T-000000");
    let mut documents: Vec<String> = tally.lines().map(str::to_owned).collect();
    documents.push(far.trim().replace('}', r#","trade_state":"SUCCESS","amount":{"total":5}}"#));
    let fresh = |document: &String| {
        let object = Object::parse(Kind::Transaction, document).unwrap();
        Fresh::asked(object, Source::Query, OffsetDateTime::now_utc())
    };
    let rows: Vec<Fresh> = documents.iter().map(fresh).collect();
    ledger.put(&shop.actor().key, &rows).unwrap();
    drop(ledger);
    let listed = shop.paydeck(&["transaction", "list", "--cached"]);
    assert_eq!((status(&listed), stdout(&listed).lines().count()), (0, 3), "{}{}", stdout(&listed), stderr(&listed));
    let config = shop.config_path();
    let mut terminal = Terminal::start(160, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait("4");
    terminal.press("4");
    terminal.wait("3 in all");
    terminal.wait("T-0000003");
    terminal.wait("92,233,720,368,547,758.13");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}
