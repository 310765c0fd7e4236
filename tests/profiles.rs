//! The table over all profiles in a pseudo-terminal: two merchants whose objects have the same numbers, each with a gateway
//! of its own, two profiles, one ledger.
#![cfg(unix)]

mod support;
#[path = "support/terminal.rs"]
mod terminal;

use paydeck::ledger::{Fresh, JournalSearch, Ledger, Source};
use paydeck::model::action::ActionId;
use paydeck::model::{EndpointId, Kind, Number, Object, ObjectId};
use support::Shop;
use terminal::Terminal;

const ENTER: &str = "\r";
const ESCAPE: &str = "\u{1b}";

/// Adds the merchant of another gateway to a shop's configuration, as a live one.
fn add_branch(shop: &Shop, branch: &Shop) {
    let text = std::fs::read_to_string(branch.config_path()).unwrap();
    let config: toml::Table = text.parse().unwrap();
    let mut profile = config["profiles"]["sandbox"].as_table().unwrap().clone();
    profile.insert("environment".into(), "production".into());
    profile.remove("numbers");
    let folder = branch.folder.path();
    for (_, value) in profile.iter_mut() {
        if let Some(file) = value.as_table_mut().and_then(|table| table.get_mut("file")) {
            *file = folder.join(file.as_str().unwrap()).display().to_string().into();
        }
    }
    let mut profiles = toml::Table::new();
    profiles.insert("branch".into(), profile.into());
    let mut added = toml::Table::new();
    added.insert("profiles".into(), profiles.into());
    let own = std::fs::read_to_string(shop.config_path()).unwrap();
    std::fs::write(shop.config_path(), format!("{own}\n{added}")).unwrap();
}

/// Puts an object into the ledger of the branch, as another process that queried it would.
fn store(ledger: &Ledger, profile: &str, object: &Object) {
    let fresh = Fresh { object: object.clone(), verified_at: time::OffsetDateTime::now_utc(), source: Source::Query };
    ledger.put(profile, &[fresh]).unwrap();
}

/// The line of the cursor.
fn cursor(screen: &vt100::Screen) -> String {
    screen.contents().lines().find(|line| line.starts_with('▌')).unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_from_the_table_over_all_profiles_is_sent_to_the_rows_own_merchant_only() {
    let (shop, branch) = (Shop::open(30).await, Shop::of_merchant("1900067890", 30).await);
    let action = ActionId::PlanStop.action();
    let client = branch.client();
    let (plan, mchid) = (branch.object_for(&client, action).await, client.merchant().mchid.to_string());
    let own = shop.client().merchant().mchid.to_string();
    assert_ne!(own, mchid, "two merchants");
    let (own, other) = (format!("sandbox/{own}"), format!("branch/{mchid}"));
    assert!(shop.ids(Kind::Plan).contains(&plan.id), "both merchants have the number");
    add_branch(&shop, &branch);
    let ledger = shop.ledger();
    store(&ledger, &other, &plan);

    let config = shop.config_path();
    let arguments = ["--config", config.to_str().unwrap(), "--all-profiles"];
    let mut terminal = Terminal::start(120, 40, shop.folder.path(), &arguments);
    terminal.wait("ALL PROFILES");
    let (number, tail) = (plan.id.number.as_str(), plan.id.number.tail());
    terminal.press(&format!("/{number}{ENTER}"));
    terminal.wait_until("the number at both merchants", |screen| {
        let text = screen.contents();
        let rows = |name: &str| text.lines().filter(|line| line.contains(name) && line.contains(number)).count();
        (rows("branch"), rows("sandbox")) == (1, 1) && text.contains("2 of ")
    });
    // What another process writes for the other profile is shown; nothing was sent there for that.
    branch.create_plan(&client, &format!("{number}-N"), "新课程").await;
    let new = ObjectId::new(Kind::Plan, Number::parse(&format!("{number}-N")).unwrap());
    let (created, _) = client.fetch(&new, None).await.unwrap();
    let requests = branch.gateway.requests().len();
    store(&ledger, &other, &created);
    terminal.wait(&format!("{number}-N"));
    assert_eq!(branch.gateway.requests().len(), requests);

    terminal.press(&format!("{ESCAPE}/{number} !\"{number}-N\"{ENTER}"));
    terminal.wait_until("the two rows", |screen| !screen.contents().contains(&format!("{number}-N  ")));
    terminal.press("g");
    if !terminal.on_screen(cursor).contains("branch") {
        terminal.press("j");
    }
    terminal.wait_until("the branch's row", |screen| {
        let line = cursor(screen);
        line.contains("branch") && line.contains(number)
    });
    terminal.press("a");
    terminal.wait("Actions");
    terminal.wait("PRODUCTION");
    terminal.press(ENTER);
    terminal.wait("Type ");
    terminal.wait_for_preview();
    terminal.wait(&format!("{mchid} · branch · PRODUCTION"));
    // The key that opened it confirms nothing: the money is real.
    terminal.press(&ENTER.repeat(3));
    assert_eq!((shop.mutations(), branch.arrived(EndpointId::PlanStop)), (0, 0));
    terminal.press(&format!("{tail}{ENTER}"));
    terminal.wait("Request-ID");
    terminal.wait(&format!("at branch · {mchid}"));
    assert_eq!((shop.mutations(), branch.arrived(EndpointId::PlanStop)), (0, 1));
    let entries = |profile: &str| {
        let search = JournalSearch { profile: Some(profile), limit: 9, ..JournalSearch::default() };
        ledger.journal_entries(&search).unwrap()
    };
    assert_eq!(entries(&own).len(), 0);
    let [entry] = &entries(&other)[..] else { panic!("one entry") };
    assert_eq!((entry.intent.object.as_ref(), &*entry.intent.profile), (Some(&plan.id), &*other));
    // The first dismisses the receipt; then back in the table, in the session of the branch.
    terminal.press(ESCAPE);
    terminal.wait_gone("Request-ID");
    terminal.press(ESCAPE);
    terminal.wait("ALL PROFILES");
    terminal.press("q");
    assert_eq!(terminal.end(), 0);
}
