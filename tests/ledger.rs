//! A full disk, and a ledger that is not a ledger, damaged, newer or inaccessible: nothing is sent that cannot be
//! recorded, an unusable file is left unchanged, and each error shows what happened, why and what to do.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use paydeck::ledger::{JournalSearch, Source};
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind};
use paydeck::sandbox::{Fault, FaultMatcher};
use rusqlite::Connection;
use serde_json::Value;
use support::{Shop, binary, json_errors, known, outcome_of, status, stderr, stdout};
use terminal::Terminal;

const ENTER: &str = "\r";

/// Runs `paydeck` where no file may grow beyond so many blocks of 512 bytes: writing further fails, as on a full disk.
fn with_little_room(shop: &Shop, blocks: usize, arguments: &[&str]) -> Output {
    let paydeck = binary();
    let mut command = Command::new("sh");
    command.env_clear().envs(paydeck.get_envs().filter_map(|(name, value)| Some((name, value?))));
    // Without the trap the signal would end the process.
    command.args(["-c", r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#, &blocks.to_string()]);
    command.arg(paydeck.get_program()).arg("--config").arg(shop.config_path()).args(arguments);
    command.output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_unrecorded_is_sent_and_what_was_done_is_reported_and_resolved_later() {
    let shop = Shop::open(1300).await;
    let mut plans = shop.objects_for(&shop.client(), ActionId::PlanStop.action(), 30).await;
    drop(shop.ledger());
    let (mut unsent, mut unwritten, mut whole) = (0, 0, 0);
    // From where not even the ledger can be opened to where everything finds its room, in steps of a page.
    for blocks in (40..).step_by(8) {
        let plan = plans.pop().unwrap();
        let before = shop.mutations();
        let stop = ["--output", "json", "plan", "stop", plan.number.as_str(), "--yes"];
        let output = with_little_room(&shop, blocks, &stop);
        let errors = json_errors(&output);
        // The last to close it folds what was written into the file: each begins at the same length.
        let ledger = shop.ledger();
        assert!(ledger.verify_journal().unwrap().is_ok());
        let entry = ledger.journal_entries(&JournalSearch { limit: 1, ..JournalSearch::default() }).unwrap().pop();
        let entry = entry.filter(|entry| entry.intent.number == plan.number.as_str());
        if shop.mutations() == before {
            unsent += 1;
            assert_eq!((status(&output), errors.len()), (1, 1), "{}", stderr(&output));
            assert_eq!(errors[0]["kind"], "ledger");
            assert!(errors[0]["message"].as_str().unwrap().contains("ledger.db"), "{}", errors[0]);
            assert!(errors[0]["advice"].as_str().unwrap().contains("Free some space"), "{}", errors[0]);
            assert!(entry.is_none(), "what was not sent is in the journal");
            continue;
        }
        assert_eq!(shop.mutations(), before + 1);
        assert_eq!(status(&output), 0, "it is done: {}", stderr(&output));
        assert!(stdout(&output).contains(plan.number.as_str()));
        let id = entry.expect("what was sent is in the journal").id;
        if let Some(error) = errors.first() {
            unwritten += 1;
            assert_eq!((error["kind"].as_str(), error["journal"].as_i64()), (Some("ledger"), Some(id)));
            assert!(error["message"].as_str().unwrap().contains("Done at WeChat Pay"), "{error}");
            assert!(error["advice"].as_str().unwrap().contains("journal resolve"), "{error}");
            assert_eq!(outcome_of(&ledger, id), None);
            let resolved = shop.paydeck(&["journal", "resolve"]);
            assert_eq!(status(&resolved), 0, "{}", stderr(&resolved));
        } else {
            whole += 1;
        }
        assert_eq!(outcome_of(&ledger, id).as_deref(), Some("done"));
        assert_eq!(shop.mutations(), before + 1);
        if whole == 3 {
            break;
        }
    }
    assert!(unsent > 0 && unwritten > 0, "{unsent} {unwritten}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_import_on_a_full_disk_stops_with_a_clear_word_and_goes_on_later() {
    let shop = Shop::open(600).await;
    let orders = shop.ids(Kind::ServiceOrder);
    let file = shop.folder.path().join("numbers.txt");
    std::fs::write(&file, orders.iter().map(|id| format!("{}\n", id.number)).collect::<String>()).unwrap();
    let import = ["--output", "json", "import", "--kind", "order", file.to_str().unwrap()];
    let report = |output: &Output| serde_json::from_str::<Value>(&stdout(output)).unwrap();
    let mut stopped_midway = 0;
    for blocks in [80, 150, 300, 450] {
        drop(shop.ledger());
        let output = with_little_room(&shop, blocks, &import);
        let [error] = &json_errors(&output)[..] else { panic!("{}", stderr(&output)) };
        assert_eq!((status(&output), error["kind"].as_str()), (1, Some("ledger")), "{error}");
        let [fetched, remaining] =
            ["fetched", "remaining"].map(|name| report(&output)[name].as_u64().unwrap() as usize);
        assert!(remaining > 0 && fetched + remaining <= orders.len(), "{fetched} {remaining}");
        let known = known(&shop.ledger(), &shop);
        let there = known.iter().filter(|known| known.fresh.is_some()).count();
        assert!(there >= fetched, "{fetched} were reported, {there} are there");
        stopped_midway += usize::from(fetched > 0);
    }
    assert!(stopped_midway > 0);
    let known = known(&shop.ledger(), &shop);
    let there = known.iter().filter(|known| known.fresh.is_some()).count();
    let output = shop.paydeck(&import);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(report(&output)["skipped"], there);
    assert_eq!(report(&output)["fetched"], orders.len() - there);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_is_reported_in_both_languages() {
    let shop = Shop::open(60).await;
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let path = shop.ledger_path().display().to_string();
    // More is waiting to be folded into the file than there is room for: nothing more can be written behind it.
    let ledger = shop.ledger();
    let noted: Vec<_> = (0..2000).map(|i| support::id(Kind::Plan, &format!("NOTED-{i}"))).collect();
    ledger.note("other", &noted, Source::Feed).unwrap();
    for (lang, words) in [
        ("en", ["paydeck: Not sent", "The journal cannot be written", "Free some space"]),
        ("zh-CN", ["paydeck: 未发送", "无法写入操作日志", "请腾出空间"]),
    ] {
        let output = with_little_room(&shop, 256, &["--lang", lang, "plan", "stop", plan.id.number.as_str(), "--yes"]);
        assert_eq!(status(&output), 1, "{}", stderr(&output));
        for word in words.into_iter().chain([path.as_str()]) {
            assert!(stderr(&output).contains(word), "{word}: {}", stderr(&output));
        }
    }
    assert_eq!(shop.mutations(), 0);
    // The record is readable where nothing can be written.
    assert_eq!(status(&with_little_room(&shop, 64, &["journal", "verify"])), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_reports_that_an_outcome_could_not_be_written_and_writes_it_when_that_is_possible() {
    let shop = Shop::open(60).await;
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let config = shop.config_path();
    let mut terminal = Terminal::start(140, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
    terminal.wait(" in all");
    terminal.press(&format!("/{}{ENTER}", plan.id.number));
    terminal.wait("Open to sign");
    terminal.press("a");
    terminal.wait("Actions");
    terminal.press(ENTER);
    terminal.wait("Type ");
    terminal.wait_for_preview();
    shop.gateway.faults().once(FaultMatcher::endpoint(EndpointId::PlanStop), Fault::Slow(Duration::from_millis(500)));
    terminal.press(&format!("{}{ENTER}", plan.id.number.tail()));
    shop.wait_for(EndpointId::PlanStop, 1).await;
    // Another process keeps the ledger locked for longer than the timeout.
    let mut other = Connection::open(shop.ledger_path()).unwrap();
    let lock = other.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate).unwrap();
    terminal.wait("Done at WeChat Pay, but the journal could not");
    terminal.wait("locked");
    terminal.wait("Fetched data is not saved");
    terminal.wait("Journal entry 1 stays open");
    assert_eq!(outcome_of(&shop.ledger(), 1), None);
    drop(lock);
    // The gateway's answer is recorded, not the result of a query.
    terminal.wait("it took effect");
    let entry = shop.ledger().journal_entry(1).unwrap().unwrap();
    assert_eq!(entry.conclusions.len(), 1);
    assert!(entry.conclusions[0].request_id.is_some(), "{:?}", entry.conclusions[0]);
    assert_eq!(shop.arrived(EndpointId::PlanStop), 1);
    terminal.press("\u{3}");
    assert_eq!(terminal.end(), 0);
}

/// A ledger with an action in its journal and objects, closed.
async fn used(shop: &Shop) {
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let output = shop.paydeck(&["plan", "stop", plan.id.number.as_str(), "--yes"]);
    assert_eq!(status(&output), 0, "{}", stderr(&output));
    assert_eq!(status(&shop.paydeck(&["order", "list"])), 0);
    assert!(!shop.ledger_path().with_extension("db-wal").exists());
}

/// Inverts the first byte, the type, of every page but the first.
fn flip_pages(bytes: &mut [u8]) {
    bytes.chunks_mut(4096).skip(1).for_each(|page| page[0] ^= 0xff);
}

/// Ways to damage a ledger, with the message in both languages.
type Spoil = (&'static str, fn(&Path), [&'static str; 2]);

const DAMAGED: [&str; 2] = ["Restore a backup", "请恢复"];

const SPOILS: [Spoil; 6] = [
    ("no database", |path| std::fs::write(path, "number,kind\n".repeat(1000)).unwrap(), DAMAGED),
    (
        "cut in the middle",
        |path| {
            let file = std::fs::OpenOptions::new().write(true).open(path).unwrap();
            file.set_len(file.metadata().unwrap().len() / 2).unwrap();
        },
        DAMAGED,
    ),
    (
        "flipped bytes",
        |path| {
            let mut bytes = std::fs::read(path).unwrap();
            flip_pages(&mut bytes);
            std::fs::write(path, bytes).unwrap();
        },
        DAMAGED,
    ),
    (
        "newer",
        |path| Connection::open(path).unwrap().pragma_update(None, "user_version", 99).unwrap(),
        ["Update Paydeck", "请更新 Paydeck"],
    ),
    (
        "somebody else's database",
        |path| {
            std::fs::remove_file(path).unwrap();
            Connection::open(path).unwrap().execute_batch("CREATE TABLE cookies (name)").unwrap();
        },
        DAMAGED,
    ),
    (
        "a folder",
        |path| {
            std::fs::remove_file(path).unwrap();
            std::fs::create_dir(path).unwrap();
        },
        ["Use a file", "请指定一个文件"],
    ),
];

/// What is in a file; of a folder, nothing.
fn bytes(path: &Path) -> Vec<u8> {
    std::fs::read(path).unwrap_or_default()
}

/// Checks that a command refused, named the ledger and showed what to do, as text and as JSON.
fn check_refusal(what: &str, path: &Path, next: [&str; 2], run: impl Fn(&[&str]) -> Output) {
    for (lang, next) in ["en", "zh-CN"].into_iter().zip(next) {
        let text = run(&["--lang", lang]);
        let said = stderr(&text);
        assert_eq!((status(&text), stdout(&text).as_str()), (1, ""), "{what}: {said}");
        assert!(said.contains(next) && said.contains(path.to_str().unwrap()), "{what}: {said}");
        assert_eq!(said.contains("Next:"), lang == "en", "{what}: {said}");
        let json = run(&["--lang", lang, "--output", "json"]);
        let [error] = &json_errors(&json)[..] else { panic!("{what}: {}", stderr(&json)) };
        assert_eq!((status(&json), error["kind"].as_str()), (1, Some("ledger")), "{what}: {error}");
        assert!(error["advice"].as_str().unwrap().contains(next), "{what}: {error}");
        assert!(error["message"].as_str().unwrap().contains(path.to_str().unwrap()), "{what}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_cannot_be_used_is_refused_with_a_way_out_and_never_overwritten() {
    let shop = Shop::open(60).await;
    used(&shop).await;
    let (path, whole) = (shop.ledger_path(), std::fs::read(shop.ledger_path()).unwrap());
    let plan = shop.object_for(&shop.client(), ActionId::PlanStop.action()).await;
    let sent = shop.mutations();
    for (what, spoil, next) in SPOILS {
        let _ = std::fs::remove_dir(&path);
        std::fs::write(&path, &whole).unwrap();
        spoil(&path);
        let spoiled = bytes(&path);
        let stop = ["plan", "stop", plan.id.number.as_str(), "--yes"];
        for command in [&["plan", "list", "--cached"][..], &["journal", "verify"], &["journal", "export"], &stop] {
            check_refusal(what, &path, next, |flags| shop.paydeck(&[flags, command].concat()));
        }
        assert!(bytes(&path) == spoiled, "{what}: it was written to");
        assert_eq!(shop.mutations(), sent, "{what}");
    }
    // Moved away, a new one is made, and what the old one holds can still be read where it is sound.
    std::fs::remove_dir(&path).unwrap();
    let old = path.with_file_name("old.db");
    std::fs::write(&old, &whole).unwrap();
    assert_eq!(status(&shop.paydeck(&["order", "list"])), 0);
    let store = format!("sqlite:{}", old.display());
    assert_eq!(stdout(&shop.paydeck(&["--store", &store, "journal", "list"])).lines().count(), 1);
    assert_eq!(stdout(&shop.paydeck(&["journal", "list"])).lines().count(), 0);
}

/// Makes everything below readable for all users, and the folder itself writable for none.
fn lock(folder: &Path, files: u32) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        std::fs::set_permissions(path, PermissionsExt::from_mode(files)).unwrap();
    }
    std::fs::set_permissions(folder, PermissionsExt::from_mode(0o555)).unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_out_of_reach_is_reported_and_left_unchanged() {
    let shop = Shop::open(60).await;
    used(&shop).await;
    let place = |name: &str| -> PathBuf {
        let folder = shop.folder.path().join(name);
        std::fs::create_dir(&folder).unwrap();
        std::fs::copy(shop.ledger_path(), folder.join("ledger.db")).unwrap();
        folder
    };
    let (sealed, read_only) = (place("sealed"), place("read-only"));
    lock(&sealed, 0o666);
    lock(&read_only, 0o444);
    lock(shop.folder.path(), 0o755);
    lock(&sealed, 0o666);
    lock(&read_only, 0o444);
    // Root is not bound by permissions: then another user tries.
    let root = std::fs::metadata(shop.folder.path()).unwrap().uid() == 0;
    for path in
        [sealed.join("ledger.db"), sealed.join("new.db"), sealed.join("new/ledger.db"), read_only.join("ledger.db")]
    {
        let before = bytes(&path);
        check_refusal(path.to_str().unwrap(), path.parent().unwrap(), ["writable", "写权限"], |flags| {
            let mut command = binary();
            if root {
                command.uid(65534).gid(65534);
            }
            let store = format!("sqlite:{}", path.display());
            command.arg("--config").arg(shop.config_path()).args(flags).args(["--store", &store, "journal", "list"]);
            command.output().unwrap()
        });
        assert!(bytes(&path) == before);
    }
    // So that it can be taken away.
    for folder in [shop.folder.path(), &sealed, &read_only] {
        std::fs::set_permissions(folder, PermissionsExt::from_mode(0o755)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_console_with_a_damaged_ledger_says_so_offers_other_profiles_and_tries_again() {
    let shop = Shop::open(60).await;
    used(&shop).await;
    let (path, config) = (shop.ledger_path(), shop.config_path());
    let whole = std::fs::read(&path).unwrap();
    for (what, spoil, _) in SPOILS {
        std::fs::write(&path, &whole).unwrap();
        spoil(&path);
        let spoiled = bytes(&path);
        let mut terminal = Terminal::start(200, 40, shop.folder.path(), &["--config", config.to_str().unwrap()]);
        terminal.wait("The ledger cannot be used; it was not changed");
        terminal.wait("ledger.db");
        terminal.press("p");
        terminal.wait("sandbox-public-key");
        terminal.press("\u{1b}");
        terminal.wait_gone("sandbox-public-key");
        assert!(bytes(&path) == spoiled, "{what}: it was written to");
        std::fs::rename(&path, path.with_file_name(what)).unwrap();
        terminal.press("r");
        terminal.wait(" in all");
        terminal.press("\u{3}");
        assert_eq!(terminal.end(), 0);
        assert!(bytes(&path.with_file_name(what)) == spoiled, "{what}");
        // Each begins with the one file.
        for ending in ["db", "db-wal", "db-shm"] {
            let _ = std::fs::remove_file(path.with_extension(ending));
        }
    }
}
